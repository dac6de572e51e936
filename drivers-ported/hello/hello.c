// SPDX-License-Identifier: GPL-2.0-only
/*
 * The smallest driver there is, after MINIX's drivers/hello
 *
 * /dev/rs/<label> reads "Hello, World!\n", from any position; /dev/rs/<label>.1 reads
 * how often the first one was opened.  The count is kept in the slot's state, where
 * the next instance finds it: after a crash or an update it goes on.  Nothing else
 * needs to be kept, the kernel remembers open files, positions and unanswered requests.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <rsdrv.h>

static const char greeting[] = "Hello, World!\n";

/* Minor devices. */
enum {
	HELLO_GREETING,
	HELLO_OPENS,
	HELLO_MINORS,
};

/* Layout of the saved state; a change of it is a new number. */
#define HELLO_STATE	1

/**
 * struct hello - the state, as it is saved
 * @opens: how often the greeting was opened
 * @last: number of the open that was counted last, or ~0
 */
struct hello {
	uint64_t opens;
	uint64_t last;
};

static struct hello *to_hello(struct rsdrv *d)
{
	return rsdrv_priv(d);
}

static int hello_save(struct rsdrv *d)
{
	return rsdrv_state_put(d, to_hello(d), sizeof(struct hello), HELLO_STATE);
}

static int hello_open(struct rsdrv_req *req)
{
	struct hello *hello = to_hello(req->d);

	/*
	 * A reopen was counted when it was an open.  An open that comes again, because
	 * an instance died over it, was counted if it was saved.
	 */
	if (req->sqe.minor != HELLO_GREETING || req->sqe.flags & RS_SQE_REOPEN ||
	    req->sqe.seq == hello->last)
		return 0;
	hello->opens++;
	hello->last = req->sqe.seq;
	return hello_save(req->d);
}

/* Answer a read with what there is of @text at its position. */
static int read_text(struct rsdrv_req *req, const char *text, size_t size)
{
	size_t len = req->sqe.len;

	if (req->sqe.offset >= size)
		return 0;
	if (len > size - req->sqe.offset)
		len = size - req->sqe.offset;
	memcpy(req->buf, text + req->sqe.offset, len);
	return (int)len;
}

static int hello_read(struct rsdrv_req *req)
{
	char text[24];
	int size;

	if (req->sqe.minor == HELLO_GREETING)
		return read_text(req, greeting, sizeof(greeting) - 1);
	size = snprintf(text, sizeof(text), "%" PRIu64 "\n", to_hello(req->d)->opens);
	return read_text(req, text, (size_t)size);
}

static const struct rsdrv_chr_ops hello_chr_ops = {
	.open = hello_open,
	.read = hello_read,
};

static int hello_announce(struct rsdrv *d)
{
	const struct rs_announce_chr chr = {
		.nr_minors = HELLO_MINORS,
		.flags = RS_CHR_SEEKABLE,
	};

	return rsdrv_announce_chr(d, &chr);
}

static int hello_init_fresh(struct rsdrv *d, const struct rsdrv_init_info *info)
{
	int r;

	(void)info;
	*to_hello(d) = (struct hello){ .last = ~(uint64_t)0 };
	r = hello_save(d);
	if (r)
		return r;
	return hello_announce(d);
}

/* After a crash, an update, or an update that was taken back: the count goes on. */
static int hello_init_again(struct rsdrv *d, const struct rsdrv_init_info *info)
{
	struct hello saved;
	uint32_t version;
	long len;

	len = rsdrv_state_get(d, &saved, sizeof(saved), &version);
	if (len < 0)
		return (int)len;
	/* The predecessor died before it saved anything: it never came up. */
	if (len == 0)
		return hello_init_fresh(d, info);
	if (len != sizeof(saved) || version != HELLO_STATE)
		return -EPROTO;
	*to_hello(d) = saved;
	return hello_announce(d);
}

/* Between two requests nothing is half done, and what is saved is always the truth. */
static const struct rsdrv_lu_ops hello_lu_ops = {
	.isvalid = rsdrv_lu_isvalid_standard,
	.prepare = rsdrv_lu_always_ready,
};

static const struct rsdrv_sef_ops hello_sef_ops = {
	.init_fresh = hello_init_fresh,
	.init_restart = hello_init_again,
	.init_lu = hello_init_again,
	.lu = &hello_lu_ops,
};

int main(void)
{
	struct hello hello = { .opens = 0 };
	const struct rsdrv_params params = {
		.class = RS_CLASS_CHR,
		.effects = RS_EFFECTS_SLOT,
		.ops = &hello_sef_ops,
		.priv = &hello,
	};
	struct rsdrv *d;
	int r;

	r = rsdrv_start(&params, &d);
	if (r) {
		fprintf(stderr, "hello: cannot start: %s\n", strerror(-r));
		return 1;
	}
	r = rsdrv_chr_register(d, &hello_chr_ops);
	if (!r)
		r = rsdrv_run(d);
	rsdrv_end(d);
	return r ? 1 : 0;
}
