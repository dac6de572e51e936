// SPDX-License-Identifier: GPL-2.0-only
/*
 * The peer: a character device by CUSE (libfuse), that answers reads with zeros
 *
 *	cusenull CPU NAME	makes /dev/NAME
 */
#define FUSE_USE_VERSION 31

#include <cuse_lowlevel.h>
#include <fuse_opt.h>
#include <string.h>

#include "pin.h"

static void null_open(fuse_req_t req, struct fuse_file_info *fi)
{
	fuse_reply_open(req, fi);
}

static void null_read(fuse_req_t req, size_t size, off_t off, struct fuse_file_info *fi)
{
	static const char zero[65536];

	(void)off;
	(void)fi;
	fuse_reply_buf(req, zero, size < sizeof(zero) ? size : sizeof(zero));
}

static const struct cuse_lowlevel_ops ops = {
	.open	= null_open,
	.read	= null_read,
};

int main(int argc, char **argv)
{
	/* Single-threaded, in the foreground: the fastest way it has for one client. */
	char *fuse_argv[] = { argv[0], "-f", "-s", NULL };
	char name[64];
	const char *info_argv[] = { name };
	struct cuse_info info = { .dev_info_argc = 1, .dev_info_argv = info_argv };

	if (argc != 3) {
		fprintf(stderr, "usage: cusenull CPU NAME\n");
		return 2;
	}
	pin(atoi(argv[1]));
	snprintf(name, sizeof(name), "DEVNAME=%s", argv[2]);
	return cuse_lowlevel_main(3, fuse_argv, &info, &ops, NULL);
}
