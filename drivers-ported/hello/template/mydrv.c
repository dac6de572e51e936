// SPDX-License-Identifier: GPL-2.0-only
/*
 * Start of a character driver: one number that can be written and read
 *
 * The number is the whole state.  It is saved before a write is answered, so that a
 * client never loses what it was told is done; and a write that comes again after a
 * crash stores the same number again, so it may be replayed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rsdrv.h>

#define MYDRV_STATE	1	/* version of the layout below */

struct mydrv {
	int64_t number;
};

static int mydrv_read(struct rsdrv_req *req)
{
	struct mydrv *m = rsdrv_priv(req->d);
	char text[32];
	int size = snprintf(text, sizeof(text), "%lld\n", (long long)m->number);

	if (req->sqe.offset >= (uint64_t)size)
		return 0;
	size -= (int)req->sqe.offset;
	if ((uint32_t)size > req->sqe.len)
		size = (int)req->sqe.len;
	memcpy(req->buf, text + req->sqe.offset, (size_t)size);
	return size;
}

static int mydrv_write(struct rsdrv_req *req)
{
	struct mydrv *m = rsdrv_priv(req->d);
	char text[32];
	int err;

	if (req->sqe.len >= sizeof(text))
		return -EINVAL;
	memcpy(text, req->buf, req->sqe.len);
	text[req->sqe.len] = '\0';
	m->number = strtoll(text, NULL, 0);
	err = rsdrv_state_put(req->d, m, sizeof(*m), MYDRV_STATE);
	return err ? err : (int)req->sqe.len;
}

static const struct rsdrv_chr_ops mydrv_chr_ops = {
	.read = mydrv_read,
	.write = mydrv_write,
};

/* Every kind of start: take what was saved, if anything was, and announce the device. */
static int mydrv_init(struct rsdrv *d, const struct rsdrv_init_info *info)
{
	static const struct rs_announce_chr chr = {
		.nr_minors = 1,
		.flags = RS_CHR_SEEKABLE,
		.replay_write = RS_REPLAY_AGAIN,
	};
	struct mydrv *m = rsdrv_priv(d);
	uint32_t version;
	long len = 0;

	m->number = 0;
	if (info->type != RS_INIT_FRESH)
		len = rsdrv_state_get(d, m, sizeof(*m), &version);
	if (len < 0)
		return (int)len;
	if (len > 0 && (len != sizeof(*m) || version != MYDRV_STATE))
		return -EPROTO;
	return rsdrv_announce_chr(d, &chr);
}

static const struct rsdrv_sef_ops mydrv_sef_ops = {
	.init_fresh = mydrv_init,
	.init_restart = mydrv_init,
	.init_lu = mydrv_init,
};

int main(void)
{
	struct mydrv m = { 0 };
	const struct rsdrv_params params = {
		.class = RS_CLASS_CHR,
		.effects = RS_EFFECTS_SLOT,
		.ops = &mydrv_sef_ops,
		.priv = &m,
	};
	struct rsdrv *d;
	int err;

	err = rsdrv_start(&params, &d);
	if (err) {
		fprintf(stderr, "mydrv: cannot start: %s\n", strerror(-err));
		return 1;
	}
	err = rsdrv_chr_register(d, &mydrv_chr_ops);
	if (!err)
		err = rsdrv_run(d);
	rsdrv_end(d);
	return err ? 1 : 0;
}
