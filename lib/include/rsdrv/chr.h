/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * chr.h - character devices
 *
 * The kernel's front-end, /dev/rs/<label>, knows every open file.  It keeps the
 * order of one file's requests, remembers positions, and opens the files again in
 * a new instance.  The driver sees requests, one after the other unless it raises
 * its credit (rsdrv_set_credit(), queue RSDRV_CHR_QUEUE).
 */
#ifndef RSDRV_CHR_H
#define RSDRV_CHR_H

#include <stddef.h>
#include <stdint.h>

#include <linux/rs_channel.h>
#include <rsdrv/channel.h>

struct rsdrv;

/* The data queue of class chr. */
#define RSDRV_CHR_QUEUE		1

/**
 * struct rsdrv_chr_ops - a character driver's operations
 *
 * Of a request's @sqe, all operations may use
 *	minor	minor device, below the announced number
 *	file	number of the open file; the same after a restart
 *	seq	number of the request; the same if it comes again after a restart
 *	flags	RS_SQE_REPLAYED (an earlier instance may have executed it),
 *		RS_SQE_NONBLOCK (the file is O_NONBLOCK: answer -EAGAIN rather than wait)
 *	attempt	how many instances had it before
 *
 * An operation returns its result (>= 0), a negative errno, or RSDRV_LATER if
 * rsdrv_complete() will follow.  After RSDRV_LATER other requests are delivered only
 * within the credit.
 */
struct rsdrv_chr_ops {
	/**
	 * @open: sqe.arg = open flags.  NULL: every open succeeds.
	 *
	 * Guarantees:
	 *  - no other operation on sqe.file comes before its open succeeded;
	 *  - after init_restart, every file that is open is opened again (RS_SQE_REOPEN),
	 *    before anything else; what open counted, it counts anew, or it restores
	 *    the count from the saved state and skips reopens, but not both.
	 * A reopen that fails makes the file give EIO.
	 */
	int (*open)(struct rsdrv_req *req);

	/**
	 * @close: the last descriptor of the file is gone.  The result is ignored.
	 *
	 * Guarantees: comes once for each successful open of this instance, after all
	 * other operations on the file were completed.  Does not come if the client closed
	 * while no instance was bound.
	 */
	int (*close)(struct rsdrv_req *req);

	/**
	 * @read: put at most sqe.len bytes into @req->buf; return how many, 0 = end.
	 *
	 * sqe.offset = position, of a device that is announced RS_CHR_SEEKABLE.
	 *
	 * Guarantees: sqe.len is at most the announced max_io, and sqe.buf_len.  What is
	 * in the buffer before is of no meaning.  NULL: EINVAL.
	 */
	int (*read)(struct rsdrv_req *req);

	/**
	 * @write: take at most sqe.len bytes from @req->buf; return how many.
	 *
	 * Guarantees: the client's data does not change under the driver: the buffer is
	 * a copy.  Comes again after a crash only if replay_write was announced
	 * RS_REPLAY_AGAIN.  NULL: EINVAL.
	 */
	int (*write)(struct rsdrv_req *req);

	/**
	 * @ioctl: sqe.arg = command.
	 *
	 * @req->buf holds what the client's pointer points to, _IOC_SIZE(command) bytes,
	 * and goes back to it if the command has _IOC_READ and the result is not negative.
	 * A command without direction has its argument in sqe.data.
	 *
	 * Guarantees: the buffer has at least _IOC_SIZE(command) bytes.  NULL: ENOTTY.
	 */
	int (*ioctl)(struct rsdrv_req *req);

	/**
	 * @fsync: make durable what was written.  NULL: succeeds.
	 *
	 * Guarantees: all writes that were completed before are in the driver's hands.
	 */
	int (*fsync)(struct rsdrv_req *req);
};

/**
 * rsdrv_chr_register() - serve a character device
 * @d: the instance, of class chr
 * @ops: must outlive it
 *
 * Between rsdrv_start() and rsdrv_run().
 *
 * Return: 0, or -EINVAL of another class.
 */
int rsdrv_chr_register(struct rsdrv *d, const struct rsdrv_chr_ops *ops);

/**
 * rsdrv_announce_chr() - tell the module what the device is (MINIX: driver_announce)
 * @d: the instance
 * @chr: minors, positions, replay policy
 *
 * Called by every init callback before it returns 0.  What is announced after a
 * restart must be what was announced before.
 *
 * Return: 0 or a negative errno of RS_IOC_ANNOUNCE.
 */
int rsdrv_announce_chr(struct rsdrv *d, const struct rs_announce_chr *chr);

#endif /* RSDRV_CHR_H */
