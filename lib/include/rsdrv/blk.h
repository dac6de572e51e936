/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * blk.h - disks
 *
 * The kernel's front-end, /dev/rsb<N>, is a disk that never disappears while its service
 * is up.  It keeps every request until it is completed, with its bytes, and sends it
 * again to the next instance.  A driver needs to remember nothing.
 *
 * A service has one or more disks, told apart by sqe.minor, and as many data queues as
 * it was configured with; all disks share them.  req->queue says from which one a request
 * came, from 1 on: a device with several hardware queues maps one to one.
 *
 * The credit of each queue is the driver's to set (rsdrv_set_credit()): what its rings
 * hold, or 1 if it works on one request at a time.
 */
#ifndef RSDRV_BLK_H
#define RSDRV_BLK_H

#include <stddef.h>
#include <stdint.h>

#include <linux/rs_channel.h>
#include <rsdrv/channel.h>

struct rsdrv;

/* The first data queue of class blk; rsdrv_nr_queues() is the last. */
#define RSDRV_BLK_QUEUE		1

/**
 * struct rsdrv_blk_ops - a block driver's operations
 *
 * Of a request's @sqe, all operations may use
 *	minor	the disk, one that was announced
 *	offset	bytes from the start of the disk, a multiple of the block size
 *	seq	number of the request in its queue; the same if it comes again after a restart
 *	flags	RS_SQE_REPLAYED (an earlier instance may have executed it)
 *
 * An operation returns 0 when all of it is done, a negative errno, or RSDRV_LATER if
 * rsdrv_blk_done() will follow.
 *
 * Guarantees, for all: what is asked for lies within the disk's announced size (but the
 * disk may have shrunk while the request was on its way), and operations that were not
 * announced do not come.
 */
struct rsdrv_blk_ops {
	/**
	 * @read: fill @req->buf (rsdrv_req_iova()) with sqe.len bytes.  Required.
	 *
	 * Guarantees: sqe.len is not 0, a multiple of the block size, at most the announced
	 * max_io and sqe.buf_len; the buffer is contiguous also for the device, and aligned
	 * to sqe.buf_len, a power of two.
	 */
	int (*read)(struct rsdrv_req *req);

	/**
	 * @write: take sqe.len bytes from @req->buf.  Required, but of a read-only disk.
	 *
	 * sqe.arg = RS_BLK_FUA: complete it when it is durable.  Otherwise it may be completed
	 * as early as the announced cache contract (enum rs_blk_cache) allows.
	 *
	 * Guarantees: as of @read; the bytes do not change under the driver.
	 */
	int (*write)(struct rsdrv_req *req);

	/**
	 * @flush: make durable all writes of the disk that were completed before.
	 *
	 * Comes only with RS_BLK_CACHE_DEVICE and RS_BLK_CACHE_PROCESS.  NULL: succeeds.
	 */
	int (*flush)(struct rsdrv_req *req);

	/**
	 * @discard: sqe.data bytes are not needed any more.  Only if max_discard was announced.
	 */
	int (*discard)(struct rsdrv_req *req);

	/**
	 * @write_zeroes: sqe.data bytes shall read as zero.  sqe.arg = RS_BLK_NO_UNMAP: and stay
	 * allocated.  Only if max_write_zeroes was announced.
	 */
	int (*write_zeroes)(struct rsdrv_req *req);

	/**
	 * @commit: all requests of one batch of @queue were delivered.
	 *
	 * The place to ring the doorbell of the device's queue, once.  Called by the thread that
	 * serves the queue.  May be NULL.
	 */
	void (*commit)(struct rsdrv *d, unsigned int queue);
};

/**
 * rsdrv_blk_register() - serve disks
 * @d: the instance, of class blk
 * @ops: must outlive it
 *
 * Between rsdrv_start() and rsdrv_run().
 *
 * Return: 0, or -EINVAL of another class.
 */
int rsdrv_blk_register(struct rsdrv *d, const struct rsdrv_blk_ops *ops);

/**
 * rsdrv_announce_blk() - tell the module of a disk (MINIX: driver_announce)
 * @d: the instance
 * @blk: size, limits, features, cache contract, name
 *
 * Called by every init callback before it returns 0, once for each disk.  What is
 * announced after a restart must be what was announced before; only the size may differ.
 *
 * Return: 0 or a negative errno of RS_IOC_ANNOUNCE.
 */
int rsdrv_announce_blk(struct rsdrv *d, const struct rs_announce_blk *blk);

/**
 * rsdrv_blk_resize() - a disk has grown or shrunk
 * @d: the instance, bound
 * @minor: which disk
 * @size: bytes
 *
 * Return: 0 or a negative errno of RS_IOC_BLK_RESIZE.
 */
int rsdrv_blk_resize(struct rsdrv *d, unsigned int minor, uint64_t size);

/**
 * rsdrv_blk_done() - a request is done
 * @req: from any operation; no longer the caller's
 * @err: 0: all of it; or a negative errno
 *
 * To be called by the thread that serves the request's queue.
 */
static inline void rsdrv_blk_done(struct rsdrv_req *req, int err)
{
	int whole = req->sqe.op == RS_OP_BLK_READ || req->sqe.op == RS_OP_BLK_WRITE;

	rsdrv_complete(req, err < 0 ? err : whole ? (int)req->sqe.len : 0);
}

#endif /* RSDRV_BLK_H */
