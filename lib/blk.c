// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Requests of class blk, turned into a driver's operations
 *
 * What the kernel asks is checked once against what its buffer holds, so that drivers need
 * not; what lies on the disk is theirs to know.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include <rsdrv/blk.h>
#include <rsdrv/sef.h>

#include "instance.h"

static int blk_transfer(struct rsdrv_req *req, int (*op)(struct rsdrv_req *req))
{
	if (!op)
		return -EOPNOTSUPP;
	if (!req->buf || !req->sqe.len || req->sqe.len > req->sqe.buf_len)
		return -EINVAL;
	return op(req);
}

static int blk_call(const struct rsdrv_blk_ops *ops, struct rsdrv_req *req)
{
	switch (req->sqe.op) {
	case RS_OP_BLK_READ:
		return blk_transfer(req, ops->read);
	case RS_OP_BLK_WRITE:
		return blk_transfer(req, ops->write);
	case RS_OP_BLK_FLUSH:
		return ops->flush ? ops->flush(req) : 0;
	case RS_OP_BLK_DISCARD:
		return ops->discard ? ops->discard(req) : -EOPNOTSUPP;
	case RS_OP_BLK_WRITE_ZEROES:
		return ops->write_zeroes ? ops->write_zeroes(req) : -EOPNOTSUPP;
	}
	return -EOPNOTSUPP;
}

static int blk_serve(struct rsdrv_req *req, void *data)
{
	int r = blk_call(data, req);

	if (r != RSDRV_LATER)
		rsdrv_blk_done(req, r);
	return RSDRV_LATER;
}

static void blk_batch(struct rsdrv *d, unsigned int queue, void *data)
{
	const struct rsdrv_blk_ops *ops = data;

	if (ops->commit)
		ops->commit(d, queue);
}

int rsdrv_blk_register(struct rsdrv *d, const struct rsdrv_blk_ops *ops)
{
	unsigned int i;

	if (d->params.class != RS_CLASS_BLK)
		return -EINVAL;
	/* The queue's data is not const; blk_serve() gives it back its const. */
	for (i = RSDRV_BLK_QUEUE; i < d->nr; i++) {
		rsdrv_set_handler(d, i, blk_serve, (void *)(uintptr_t)ops);
		d->queue[i].batch = blk_batch;
	}
	return 0;
}

int rsdrv_announce_blk(struct rsdrv *d, const struct rs_announce_blk *blk)
{
	struct rs_announce announce;

	/* All of it: an initialiser need not clear what a smaller member of a union leaves. */
	memset(&announce, 0, sizeof(announce));
	announce.class = RS_CLASS_BLK;
	announce.blk = *blk;
	return rsdrv_announce(d, &announce);
}

int rsdrv_blk_resize(struct rsdrv *d, unsigned int minor, uint64_t size)
{
	struct rs_blk_resize resize = { .minor = minor, .size = size };

	return ioctl(rsdrv_fd(d), RS_IOC_BLK_RESIZE, &resize) ? -errno : 0;
}
