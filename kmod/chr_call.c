// SPDX-License-Identifier: GPL-2.0
/*
 * chr_call.c - a client's call: one request, and the client that waits for it
 *
 * The client waits in its own context, killably.  There the bytes are copied, too: into the pool
 * before publication (again if the driver died with them), out of the pool after completion.  So
 * no driver waits for a client's page fault, and the source of a write stays where no driver can
 * reach it.
 */
#include <linux/sched/signal.h>
#include <linux/uio.h>

#include "chr.h"

/**
 * struct rs_chr_call - a client waiting for its request
 * @wait: the client
 * @done: the request is completed; under @wait.lock
 */
struct rs_chr_call {
	wait_queue_head_t wait;
	bool done;
};

/*
 * A request whose client died is completed.  It counted as its file's until now: a file whose
 * clients come and die could otherwise take all tags.  What an OPEN opened is closed.
 */
static void rs_chr_orphan_done(struct rs_req *req)
{
	struct rs_chr_file *file = req->owner;

	atomic_dec(&file->inflight);
	if (req->op == RS_OP_CHR_OPEN && !req->res)
		rs_chr_submit_close(req, file->minor, file->number, req->epoch);
	else
		rs_req_free(req);
	rs_chr_file_put(file);
}

static void rs_chr_done(struct rs_req *req)
{
	struct rs_chr_call *call = req->owner;
	unsigned long flags;

	if (req->flags & RS_REQ_ORPHAN) {
		rs_chr_orphan_done(req);
		return;
	}
	/* The call is on the client's stack: with the lock held it cannot leave. */
	spin_lock_irqsave(&call->wait.lock, flags);
	/* The result before the word that says so. */
	smp_store_release(&call->done, true);
	/* The driver's thread that reaps goes to sleep after that: no need to push it aside. */
	__wake_up_locked_sync_key(&call->wait, TASK_NORMAL, NULL);
	spin_unlock_irqrestore(&call->wait.lock, flags);
}

static void rs_chr_want_data(struct rs_req *req)
{
	struct rs_chr_call *call = req->owner;

	wake_up(&call->wait);
}

static const struct rs_req_ops rs_chr_ops = {
	.done		= rs_chr_done,
	.want_data	= rs_chr_want_data,
};

/* One file must not take all tags. */
static bool rs_chr_file_enter(struct rs_chr_file *file)
{
	int limit = file->slot->depth - file->slot->depth / 4, n = atomic_read(&file->inflight);

	do {
		if (n >= limit)
			return false;
	} while (!atomic_try_cmpxchg(&file->inflight, &n, n + 1));
	return true;
}

static void rs_chr_file_leave(struct rs_chr_file *file)
{
	wait_queue_head_t *wait = &file->slot->queue[RS_CHR_QUEUE]->tag_wait;

	atomic_dec(&file->inflight);
	/* Pairs with the barrier of prepare_to_wait(). */
	if (wq_has_sleeper(wait))
		wake_up(wait);
}

struct rs_req *rs_chr_req(struct rs_chr_file *file, u16 op, bool nonblock)
{
	struct rs_slot *slot = file->slot;
	struct rs_queue *queue = slot->queue[RS_CHR_QUEUE];
	struct rs_req *req;

	if (READ_ONCE(file->invalid))
		return ERR_PTR(-EIO);
	if (nonblock && !rs_slot_live(slot))
		return ERR_PTR(READ_ONCE(slot->expired) ? -EIO : -EAGAIN);
	if (!rs_chr_file_enter(file)) {
		if (nonblock)
			return ERR_PTR(-EAGAIN);
		if (wait_event_state(queue->tag_wait, rs_chr_file_enter(file), RS_WAIT_STATE))
			return ERR_PTR(-EINTR);
	}
	req = rs_req_get_wait(queue, !nonblock);
	if (IS_ERR(req)) {
		rs_chr_file_leave(file);
		return req;
	}
	req->op = op;
	req->sqe_flags = nonblock ? RS_SQE_NONBLOCK : 0;
	req->minor = file->minor;
	req->file = file->number;
	req->order = &file->order;
	req->ops = &rs_chr_ops;
	return req;
}

void rs_chr_req_free(struct rs_chr_file *file, struct rs_req *req)
{
	atomic_dec(&file->inflight);
	rs_req_free(req);
}

static bool rs_chr_called(const struct rs_chr_call *call)
{
	/* Pairs with the release in rs_chr_done(): the result is there when this says so. */
	return smp_load_acquire(&call->done);
}

int rs_chr_call(struct rs_chr_file *file, struct rs_req *req,
		int (*copy)(void *va, u32 len, void *arg), void *from)
{
	struct rs_chr_call call = { .done = false };
	enum rs_abandon how;
	int err;

	init_waitqueue_head(&call.wait);
	req->owner = &call;
	if (copy)
		req->flags |= RS_REQ_USER_DATA;
	rs_req_submit(req, true);
	for (;;) {
		err = wait_event_state(call.wait, rs_chr_called(&call) ||
				       rs_req_wants_data(req), RS_WAIT_STATE);
		if (err)
			err = -EINTR;
		else if (!rs_chr_called(&call))
			err = rs_req_stage(req, copy, from);
		if (rs_chr_called(&call))
			break;
		if (!err || err == -EAGAIN)
			continue;
		kref_get(&file->ref);
		how = rs_req_abandon(req, file);
		if (how == RS_ABANDON_ORPHAN)
			return err;
		rs_chr_file_put(file);
		if (how == RS_ABANDON_LATE) {
			wait_event(call.wait, rs_chr_called(&call));
			break;
		}
		rs_chr_req_free(file, req);
		return err;
	}
	/* Let rs_chr_done() leave our stack. */
	spin_lock_irq(&call.wait.lock);
	spin_unlock_irq(&call.wait.lock);
	return 0;
}

static u8 rs_chr_replay_class(u8 said, u8 by_default)
{
	return said == RS_REPLAY_DEFAULT ? by_default : said;
}

static bool rs_chr_nonblock(const struct kiocb *iocb)
{
	return iocb->ki_filp->f_flags & O_NONBLOCK || iocb->ki_flags & IOCB_NOWAIT;
}

/* A read or write of @len bytes at the file's position; as rs_chr_req(). */
static struct rs_req *rs_chr_transfer(struct kiocb *iocb, u16 op, u32 len, u8 replay)
{
	struct rs_req *req = rs_chr_req(iocb->ki_filp->private_data, op, rs_chr_nonblock(iocb));

	if (IS_ERR(req))
		return req;
	req->offset = iocb->ki_pos;
	req->len = len;
	req->buf_want = len;
	req->flags = RS_REQ_BUF;
	req->replay = replay;
	return req;
}

ssize_t rs_chr_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct rs_chr_file *file = iocb->ki_filp->private_data;
	struct rs_chr *chr = file->slot->fe_priv;
	size_t len = min_t(size_t, iov_iter_count(to), chr->max_io);
	struct rs_req *req;
	ssize_t ret;

	if (!len)
		return 0;
	req = rs_chr_transfer(iocb, RS_OP_CHR_READ, len,
			      rs_chr_replay_class(chr->announce.replay_read, RS_REPLAY_AGAIN));
	if (IS_ERR(req))
		return PTR_ERR(req);
	ret = rs_chr_call(file, req, NULL, NULL);
	if (ret)
		return ret;
	ret = req->res;
	if (ret > 0) {
		/* What fits is read; a fault in the middle shortens it. */
		ret = copy_to_iter(rs_req_va(req), ret, to) ?: -EFAULT;
		if (ret > 0)
			iocb->ki_pos += ret;
	}
	rs_chr_req_free(file, req);
	return ret;
}

/* The iterator must stand at the start each time: a replay copies the same bytes again. */
static int rs_chr_copy_from_iter(void *va, u32 len, void *arg)
{
	struct iov_iter iter = *(struct iov_iter *)arg;

	return copy_from_iter_full(va, len, &iter) ? 0 : -EFAULT;
}

ssize_t rs_chr_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct rs_chr_file *file = iocb->ki_filp->private_data;
	struct rs_chr *chr = file->slot->fe_priv;
	size_t len = min_t(size_t, iov_iter_count(from), chr->max_io);
	struct rs_req *req;
	ssize_t ret;

	if (!len)
		return 0;
	req = rs_chr_transfer(iocb, RS_OP_CHR_WRITE, len,
			      rs_chr_replay_class(chr->announce.replay_write, RS_REPLAY_ONCE));
	if (IS_ERR(req))
		return PTR_ERR(req);
	ret = rs_chr_call(file, req, rs_chr_copy_from_iter, from);
	if (ret)
		return ret;
	ret = req->res;
	rs_chr_req_free(file, req);
	if (ret > 0) {
		iov_iter_advance(from, ret);
		iocb->ki_pos += ret;
	}
	return ret;
}

static int rs_chr_copy_from_user(void *va, u32 len, void *arg)
{
	return copy_from_user(va, (void __user *)arg, len) ? -EFAULT : 0;
}

/* What the driver does not fill in must not be what another client left in the buffer. */
static void rs_chr_stage_zero(struct rs_req *req, void *va)
{
	memset(va, 0, req->len);
}

static const struct rs_req_ops rs_chr_ioctl_read_ops = {
	.done		= rs_chr_done,
	.want_data	= rs_chr_want_data,
	.stage		= rs_chr_stage_zero,
};

long rs_chr_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct rs_chr_file *file = filp->private_data;
	struct rs_chr *chr = file->slot->fe_priv;
	u32 size = _IOC_DIR(cmd) == _IOC_NONE ? 0 : _IOC_SIZE(cmd);
	bool in = _IOC_DIR(cmd) & _IOC_WRITE && size;
	bool out = _IOC_DIR(cmd) & _IOC_READ && size;
	struct rs_req *req;
	long ret;

	req = rs_chr_req(file, RS_OP_CHR_IOCTL, filp->f_flags & O_NONBLOCK);
	if (IS_ERR(req))
		return PTR_ERR(req);
	req->arg = cmd;
	req->data = size ? 0 : arg;
	req->len = size;
	req->buf_want = size;
	req->flags = RS_REQ_ANY_RES | (size ? RS_REQ_BUF : 0);
	if (out && !in)
		req->ops = &rs_chr_ioctl_read_ops;
	/* A command that only reads changes nothing and can be asked twice. */
	req->replay = out && !in ? RS_REPLAY_AGAIN :
		      rs_chr_replay_class(chr->announce.replay_ioctl, RS_REPLAY_ONCE);
	ret = rs_chr_call(file, req, in ? rs_chr_copy_from_user : NULL, (void *)arg);
	if (ret)
		return ret;
	ret = req->res;
	if (ret >= 0 && out && copy_to_user((void __user *)arg, rs_req_va(req), size))
		ret = -EFAULT;
	rs_chr_req_free(file, req);
	return ret;
}

int rs_chr_fsync(struct file *filp, loff_t start, loff_t end, int datasync)
{
	struct rs_chr_file *file = filp->private_data;
	struct rs_req *req;
	int ret;

	req = rs_chr_req(file, RS_OP_CHR_FSYNC, false);
	if (IS_ERR(req))
		return PTR_ERR(req);
	req->replay = RS_REPLAY_AGAIN;
	ret = rs_chr_call(file, req, NULL, NULL);
	if (ret)
		return ret;
	ret = req->res;
	rs_chr_req_free(file, req);
	return ret;
}
