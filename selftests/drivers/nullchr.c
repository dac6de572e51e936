// SPDX-License-Identifier: GPL-2.0-only
/*
 * A character driver that does as little as there can be done, for benchmarks
 *
 * Every read gets as many bytes as it asks for, whatever they are; every write is
 * swallowed.
 *
 *	--credit N	take so many requests at once (default: as deep as the queue is)
 *	--poll		wait in poll(), as a driver with an event loop of its own does
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rsdrv.h>

static int null_io(struct rsdrv_req *req)
{
	return (int)req->sqe.len;
}

static int null_ioctl(struct rsdrv_req *req)
{
	(void)req;
	return 0;
}

static const struct rsdrv_chr_ops chr_ops = {
	.read = null_io,
	.write = null_io,
	.ioctl = null_ioctl,
};

static int null_init(struct rsdrv *d, const struct rsdrv_init_info *info)
{
	const struct rs_announce_chr chr = {
		.nr_minors = 1,
		.replay_write = RS_REPLAY_AGAIN,
		.replay_ioctl = RS_REPLAY_AGAIN,
	};

	(void)info;
	return rsdrv_announce_chr(d, &chr);
}

static const struct rsdrv_sef_ops sef_ops = {
	.init_fresh = null_init,
	.init_restart = null_init,
	.init_lu = null_init,
};

static int poll_loop(struct rsdrv *d)
{
	struct pollfd p = { .fd = rsdrv_fd(d), .events = POLLIN };
	int r;

	do {
		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			return -errno;
		r = rsdrv_dispatch(d, 0);
		/* What that completed leaves before we sleep. */
		if (r > 0)
			rsdrv_flush(d);
	} while (r >= 0);
	return r == -ESHUTDOWN ? 0 : r;
}

int main(int argc, char **argv)
{
	const struct option options[] = {
		{ "credit", required_argument, NULL, 'c' },
		{ "poll", no_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	const struct rsdrv_params params = {
		.class = RS_CLASS_CHR,
		.effects = RS_EFFECTS_SLOT,
		.ops = &sef_ops,
	};
	unsigned long credit = 0;
	bool poll_first = false;
	struct rsdrv *d;
	int opt;
	int r;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			credit = strtoul(optarg, NULL, 0);
			break;
		case 'p':
			poll_first = true;
			break;
		default:
			return 2;
		}
	}
	r = rsdrv_start(&params, &d);
	if (r) {
		fprintf(stderr, "nullchr: cannot start: %s\n", strerror(-r));
		return 1;
	}
	r = rsdrv_chr_register(d, &chr_ops);
	if (!r)
		r = rsdrv_set_credit(d, RSDRV_CHR_QUEUE, (unsigned int)credit);
	if (!r)
		r = poll_first ? poll_loop(d) : rsdrv_run(d);
	rsdrv_end(d);
	return r ? 1 : 0;
}
