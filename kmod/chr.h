/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rooms of the character front-end, and what they share
 *
 *	chr.c		the device: made once, the same for every successor
 *	chr_file.c	open files, and how a new driver learns of them
 *	chr_call.c	a client's call: one request, and the client that waits for it
 */
#ifndef _RS_CHR_H
#define _RS_CHR_H

#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include <linux/rs_channel.h>

#include "endpoint.h"
#include "ledger.h"

#define RS_CHR_QUEUE	1

/**
 * struct rs_chr - the character device of a slot
 * @announce: what the driver said when the device was made
 * @max_io: bytes that one request carries
 * @removed: no new files
 * @files_lock: protects @files and the files' @listed state
 * @files: open files, OPEN was answered
 * @next_file: number of the last file
 * @reopens: REOPEN requests under way
 * @closing_lock: protects @closing; leaf
 * @closing: files whose CLOSE waits for a tag; each with a reference
 */
struct rs_chr {
	struct rs_announce_chr announce;
	u32 max_io;
	bool removed;
	struct mutex files_lock;
	struct list_head files;
	atomic_t next_file;
	atomic_t reopens;
	spinlock_t closing_lock;
	struct list_head closing;
};

/**
 * struct rs_chr_file - one open file
 * @ref: the struct file, a REOPEN under way, each orphan, a CLOSE that waits for a tag
 * @link: in chr->files (files_lock), then in chr->closing (closing_lock)
 * @slot: holds a reference
 * @number: rs_sqe.file
 * @minor: minor device
 * @flags: open flags as the driver sees them
 * @epoch: binding whose instance knows this file
 * @invalid: the reopen failed, or the driver wants none: EIO until closed
 * @order: keeps its requests in order
 * @inflight: its requests, those that its clients left to the driver included
 */
struct rs_chr_file {
	struct kref ref;
	struct list_head link;
	struct rs_slot *slot;
	u32 number;
	u16 minor;
	u32 flags;
	u32 epoch;
	bool invalid;
	u64 order;
	atomic_t inflight;
};

/* chr_file.c */

/* file_operations */
int rs_chr_release(struct inode *inode, struct file *filp);
/* Open minor @minor of @slot, whose front-end is there, for @filp. */
int rs_chr_file_open(struct rs_slot *slot, u16 minor, struct file *filp);
/* Tell a new driver of every open file: struct rs_frontend_ops. */
void rs_chr_replay(struct rs_slot *slot);
void rs_chr_file_put(struct rs_chr_file *file);
/*
 * Send CLOSE of file @number by @req, to the instance of @epoch; it frees itself.  Nobody waits for
 * it, and a driver that has died meanwhile has forgotten the file.
 */
void rs_chr_submit_close(struct rs_req *req, u16 minor, u32 number, u32 epoch);

/* chr_call.c */

/* A request of this file, FILLING; ERR_PTR: -EAGAIN, -EINTR, -EIO. */
struct rs_req *rs_chr_req(struct rs_chr_file *file, u16 op, bool nonblock);
/* Give it back, after rs_chr_call() returned 0. */
void rs_chr_req_free(struct rs_chr_file *file, struct rs_req *req);
/*
 * Submit and wait.  Returns 0 when the request is completed: it is the caller's, result and
 * buffer in it.  -EINTR, -EFAULT: it is not the caller's any more.
 */
int rs_chr_call(struct rs_chr_file *file, struct rs_req *req,
		int (*copy)(void *va, u32 len, void *arg), void *from);

/* file_operations */
ssize_t rs_chr_read_iter(struct kiocb *iocb, struct iov_iter *to);
ssize_t rs_chr_write_iter(struct kiocb *iocb, struct iov_iter *from);
long rs_chr_ioctl(struct file *filp, unsigned int cmd, unsigned long arg);
int rs_chr_fsync(struct file *filp, loff_t start, loff_t end, int datasync);

#endif /* _RS_CHR_H */
