// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The character driver's loop (MINIX: lib/libdriver, driver_task)
 *
 * The queue's handler is a switch from operation to member of rsdrv_chr_ops; what a
 * driver leaves out gets the answer that a Linux driver without it would give.
 */
#include <errno.h>
#include <string.h>

#include <rsdrv/chr.h>

#include "instance.h"

static int chr_serve(struct rsdrv_req *req, void *data)
{
	const struct rsdrv_chr_ops *ops = data;

	switch (req->sqe.op) {
	case RS_OP_CHR_OPEN:
		return ops->open ? ops->open(req) : 0;
	case RS_OP_CHR_CLOSE:
		return ops->close ? ops->close(req) : 0;
	case RS_OP_CHR_READ:
		return ops->read ? ops->read(req) : -EINVAL;
	case RS_OP_CHR_WRITE:
		return ops->write ? ops->write(req) : -EINVAL;
	case RS_OP_CHR_IOCTL:
		return ops->ioctl ? ops->ioctl(req) : -ENOTTY;
	case RS_OP_CHR_FSYNC:
		return ops->fsync ? ops->fsync(req) : 0;
	}
	return -EOPNOTSUPP;
}

int rsdrv_chr_register(struct rsdrv *d, const struct rsdrv_chr_ops *ops)
{
	if (d->params.class != RS_CLASS_CHR)
		return -EINVAL;
	/* The queue's data is not const; chr_serve() gives it back its const. */
	return rsdrv_set_handler(d, RSDRV_CHR_QUEUE, chr_serve, (void *)(uintptr_t)ops);
}

int rsdrv_announce_chr(struct rsdrv *d, const struct rs_announce_chr *chr)
{
	struct rs_announce announce;

	/* All of it: an initialiser need not clear what a smaller member of a union leaves. */
	memset(&announce, 0, sizeof(announce));
	announce.class = RS_CLASS_CHR;
	announce.chr = *chr;
	return rsdrv_announce(d, &announce);
}
