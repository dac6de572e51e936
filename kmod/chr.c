// SPDX-License-Identifier: GPL-2.0
/*
 * chr.c - character devices: /dev/rs/<label>
 *
 * A client's call becomes one request, and the client waits for it in its own context.  There the
 * bytes are copied, too: into the pool before publication (again if the driver died with them),
 * out of the pool after completion.  So no driver waits for a client's page fault, and the source
 * of a write stays where no driver can reach it.
 *
 * The front-end knows every open file.  After a restart the driver is sent an OPEN of each, with
 * RS_SQE_REOPEN, before anything else; the file's number, flags and position are the kernel's, so
 * clients notice nothing (MINIX: VFS's restart_reopen()).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "endpoint.h"
#include "failover.h"
#include "frontend.h"
#include "ledger.h"

#define RS_CHR_QUEUE	1

static dev_t rs_chr_devt;
static struct cdev *rs_chr_cdev;
static struct class *rs_chr_class;

/**
 * struct rs_chr - the character device of a slot
 * @announce: what the driver said when the device was made
 * @max_io: bytes that one request carries
 * @removed: no new files
 * @files_lock: protects @files and the files' @listed state
 * @files: open files, OPEN was answered
 * @next_file: number of the last file
 * @reopens: REOPEN requests under way
 */
struct rs_chr {
	struct rs_announce_chr announce;
	u32 max_io;
	bool removed;
	struct mutex files_lock;
	struct list_head files;
	atomic_t next_file;
	atomic_t reopens;
};

/**
 * struct rs_chr_file - one open file
 * @ref: the struct file, and a REOPEN under way
 * @link: in chr->files (files_lock)
 * @slot: holds a reference
 * @number: rs_sqe.file
 * @minor: minor device
 * @flags: open flags as the driver sees them
 * @epoch: binding whose instance knows this file
 * @invalid: the reopen failed, or the driver wants none: EIO until closed
 * @order: keeps its requests in order
 * @inflight: its requests
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

/**
 * struct rs_chr_call - a client waiting for its request
 * @wait: the client
 * @done: the request is completed; under @wait.lock
 * @copy: fills the buffer of a request that carries bytes to the driver
 * @from: source for @copy
 */
struct rs_chr_call {
	wait_queue_head_t wait;
	bool done;
	int (*copy)(void *va, u32 len, void *arg);
	void *from;
};

static void rs_chr_file_free(struct kref *ref)
{
	struct rs_chr_file *file = container_of(ref, struct rs_chr_file, ref);

	rs_slot_put(file->slot);
	kfree(file);
}

static void rs_chr_file_put(struct rs_chr_file *file)
{
	kref_put(&file->ref, rs_chr_file_free);
}

static void rs_chr_done(struct rs_req *req)
{
	struct rs_chr_call *call = req->owner;
	unsigned long flags;

	if (req->flags & RS_REQ_ORPHAN) {
		rs_req_free(req);
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

/* A request of this file, FILLING; ERR_PTR: -EAGAIN, -EINTR, -EIO. */
static struct rs_req *rs_chr_req(struct rs_chr_file *file, u16 op, bool nonblock)
{
	struct rs_slot *slot = file->slot;
	struct rs_queue *queue = slot->queue[RS_CHR_QUEUE];
	int limit = slot->depth - slot->depth / 4;
	struct rs_req *req;

	if (READ_ONCE(file->invalid))
		return ERR_PTR(-EIO);
	if (nonblock && !rs_slot_live(slot))
		return ERR_PTR(READ_ONCE(slot->expired) ? -EIO : -EAGAIN);
	/* One file must not take all tags. */
	if (atomic_read(&file->inflight) >= limit) {
		if (nonblock)
			return ERR_PTR(-EAGAIN);
		if (wait_event_state(queue->tag_wait, atomic_read(&file->inflight) < limit,
				     RS_WAIT_STATE))
			return ERR_PTR(-EINTR);
	}
	req = rs_req_get_wait(queue, !nonblock);
	if (IS_ERR(req))
		return req;
	atomic_inc(&file->inflight);
	req->op = op;
	req->sqe_flags = nonblock ? RS_SQE_NONBLOCK : 0;
	req->minor = file->minor;
	req->file = file->number;
	req->order = &file->order;
	req->ops = &rs_chr_ops;
	return req;
}

static void rs_chr_req_free(struct rs_chr_file *file, struct rs_req *req)
{
	atomic_dec(&file->inflight);
	rs_req_free(req);
}

static bool rs_chr_called(const struct rs_chr_call *call)
{
	/* Pairs with the release in rs_chr_done(): the result is there when this says so. */
	return smp_load_acquire(&call->done);
}

/*
 * Submit and wait.  Returns 0 when the request is completed: it is the caller's, result and
 * buffer in it.  -EINTR, -EFAULT: it is not the caller's any more.
 */
static int rs_chr_call(struct rs_chr_file *file, struct rs_req *req,
		       int (*copy)(void *va, u32 len, void *arg), void *from)
{
	struct rs_chr_call call = { .copy = copy, .from = from };
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
		how = rs_req_abandon(req);
		if (how == RS_ABANDON_LATE) {
			wait_event(call.wait, rs_chr_called(&call));
			break;
		}
		atomic_dec(&file->inflight);
		if (how == RS_ABANDON_TAKEN)
			rs_req_free(req);
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

/* Open files and replay */

static int rs_chr_send_open(struct rs_chr_file *file, bool nonblock, u32 *ret_epoch)
{
	struct rs_req *req;
	int err;

	req = rs_chr_req(file, RS_OP_CHR_OPEN, nonblock);
	if (IS_ERR(req))
		return PTR_ERR(req);
	req->arg = file->flags;
	req->replay = RS_REPLAY_AGAIN;
	err = rs_chr_call(file, req, NULL, NULL);
	if (err)
		return err;
	err = req->res;
	*ret_epoch = req->epoch;
	rs_chr_req_free(file, req);
	return err;
}

/* The driver forgets the file.  Nobody waits for that, and a dead driver has forgotten already. */
static void rs_chr_close_done(struct rs_req *req)
{
	rs_req_free(req);
}

static const struct rs_req_ops rs_chr_close_ops = {
	.done	= rs_chr_close_done,
};

static void rs_chr_send_close(struct rs_chr_file *file)
{
	struct rs_queue *queue = file->slot->queue[RS_CHR_QUEUE];
	struct rs_req *req = NULL;

	if (READ_ONCE(file->epoch) != READ_ONCE(file->slot->epoch))
		return;
	/* A tag comes free when the driver answers, or when it dies, and then nobody cares. */
	wait_event(queue->tag_wait, (req = rs_req_get(queue, true)) ||
		   READ_ONCE(file->epoch) != READ_ONCE(file->slot->epoch));
	if (!req)
		return;
	req->op = RS_OP_CHR_CLOSE;
	req->minor = file->minor;
	req->file = file->number;
	req->flags = RS_REQ_VOLATILE;
	req->replay = RS_REPLAY_ONCE;
	req->ops = &rs_chr_close_ops;
	rs_req_submit(req, true);
}

static void rs_chr_reopen_done(struct rs_req *req)
{
	struct rs_chr_file *file = req->owner;
	struct rs_slot *slot = file->slot;
	struct rs_chr *chr = slot->fe_priv;

	if (req->epoch == READ_ONCE(slot->epoch)) {
		if (req->res < 0)
			WRITE_ONCE(file->invalid, true);
	} else {
		/* The driver died over it: its successor is asked again. */
		WRITE_ONCE(file->epoch, 0);
	}
	rs_req_free(req);
	atomic_dec(&chr->reopens);
	rs_slot_kick(slot, RS_TODO_REPLAY_STEP);
	rs_chr_file_put(file);
}

static const struct rs_req_ops rs_chr_reopen_ops = {
	.done	= rs_chr_reopen_done,
};

/* Send the REOPEN of one file.  False if there is no tag: one of those under way frees one. */
static bool rs_chr_reopen(struct rs_slot *slot, struct rs_chr_file *file)
{
	struct rs_chr *chr = slot->fe_priv;
	struct rs_req *req = rs_req_get(slot->queue[RS_CHR_QUEUE], true);

	if (!req)
		return false;
	WRITE_ONCE(file->epoch, slot->epoch);
	kref_get(&file->ref);
	atomic_inc(&chr->reopens);
	req->op = RS_OP_CHR_OPEN;
	req->sqe_flags = RS_SQE_REOPEN;
	req->arg = file->flags;
	req->minor = file->minor;
	req->file = file->number;
	req->flags = RS_REQ_REOPEN | RS_REQ_VOLATILE;
	req->replay = RS_REPLAY_ONCE;
	req->owner = file;
	req->ops = &rs_chr_reopen_ops;
	rs_req_submit(req, true);
	return true;
}

static void rs_chr_replay(struct rs_slot *slot)
{
	struct rs_chr *chr = slot->fe_priv;
	bool invalidate = chr->announce.flags & RS_CHR_INVALIDATE;
	struct rs_chr_file *file;

	mutex_lock(&chr->files_lock);
	list_for_each_entry(file, &chr->files, link) {
		if (file->epoch == slot->epoch || file->invalid)
			continue;
		if (invalidate)
			WRITE_ONCE(file->invalid, true);
		else if (!rs_chr_reopen(slot, file))
			break;
	}
	mutex_unlock(&chr->files_lock);
	/* The last answer calls us again. */
	if (!atomic_read(&chr->reopens))
		rs_failover_replayed(slot, 0);
}

/* File operations */

static struct rs_chr_file *rs_chr_file_new(struct rs_slot *slot, u16 minor, u32 flags)
{
	struct rs_chr *chr = slot->fe_priv;
	struct rs_chr_file *file;

	file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	if (!file)
		return NULL;
	kref_init(&file->ref);
	INIT_LIST_HEAD(&file->link);
	file->slot = rs_slot_hold(slot);
	file->number = atomic_inc_return(&chr->next_file);
	file->minor = minor;
	file->flags = flags & ~(O_CREAT | O_EXCL | O_TRUNC | O_NOCTTY | O_CLOEXEC);
	return file;
}

/* Tell the driver, then list the file; if the driver changed in between, tell the new one too. */
static int rs_chr_file_open(struct rs_chr_file *file)
{
	struct rs_chr *chr = file->slot->fe_priv;
	bool nonblock = file->flags & O_NONBLOCK;
	bool listed = false;
	u32 epoch = 0;
	int err;

	do {
		err = rs_chr_send_open(file, nonblock && !listed, &epoch);
		if (err) {
			/* Listed: the replay speaks for it from now on. */
			return listed && err != -EINTR ? -EIO : err;
		}
		mutex_lock(&chr->files_lock);
		if (chr->removed) {
			mutex_unlock(&chr->files_lock);
			return -ENODEV;
		}
		if (!listed)
			list_add_tail(&file->link, &chr->files);
		listed = true;
		if (file->epoch != READ_ONCE(file->slot->epoch))
			WRITE_ONCE(file->epoch, epoch);
		mutex_unlock(&chr->files_lock);
	} while (file->epoch != READ_ONCE(file->slot->epoch) && rs_slot_live(file->slot));
	return 0;
}

static void rs_chr_file_unlist(struct rs_chr_file *file)
{
	struct rs_chr *chr = file->slot->fe_priv;

	mutex_lock(&chr->files_lock);
	list_del_init(&file->link);
	mutex_unlock(&chr->files_lock);
}

static int rs_chr_open(struct inode *inode, struct file *filp)
{
	u32 index = MINOR(inode->i_rdev) / RS_CHR_MINORS_MAX;
	u16 minor = MINOR(inode->i_rdev) % RS_CHR_MINORS_MAX;
	struct rs_chr_file *file;
	struct rs_slot *slot;
	struct rs_chr *chr;
	int err = -ENXIO;

	slot = rs_slot_get_index(index);
	if (!slot)
		return -ENXIO;
	/* Pairs with the release in rs_chr_make(). */
	chr = slot->class == RS_CLASS_CHR ? smp_load_acquire(&slot->fe_priv) : NULL;
	if (!chr || READ_ONCE(slot->state) == RS_SLOT_DEAD || minor >= chr->announce.nr_minors)
		goto out_put_slot;
	err = -ENOMEM;
	file = rs_chr_file_new(slot, minor, filp->f_flags);
	if (!file)
		goto out_put_slot;
	err = rs_chr_file_open(file);
	if (err) {
		rs_chr_file_unlist(file);
		rs_chr_file_put(file);
		goto out_put_slot;
	}
	filp->private_data = file;
	if (!(chr->announce.flags & RS_CHR_SEEKABLE))
		stream_open(inode, filp);
out_put_slot:
	rs_slot_put(slot);
	return err;
}

static int rs_chr_release(struct inode *inode, struct file *filp)
{
	struct rs_chr_file *file = filp->private_data;

	rs_chr_file_unlist(file);
	rs_chr_send_close(file);
	rs_chr_file_put(file);
	return 0;
}

static bool rs_chr_nonblock(const struct kiocb *iocb)
{
	return iocb->ki_filp->f_flags & O_NONBLOCK || iocb->ki_flags & IOCB_NOWAIT;
}

static ssize_t rs_chr_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct rs_chr_file *file = iocb->ki_filp->private_data;
	struct rs_chr *chr = file->slot->fe_priv;
	size_t len = min_t(size_t, iov_iter_count(to), chr->max_io);
	struct rs_req *req;
	ssize_t ret;

	if (!len)
		return 0;
	req = rs_chr_req(file, RS_OP_CHR_READ, rs_chr_nonblock(iocb));
	if (IS_ERR(req))
		return PTR_ERR(req);
	req->offset = iocb->ki_pos;
	req->len = len;
	req->buf_want = len;
	req->flags = RS_REQ_BUF;
	req->replay = rs_chr_replay_class(chr->announce.replay_read, RS_REPLAY_AGAIN);
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

static ssize_t rs_chr_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct rs_chr_file *file = iocb->ki_filp->private_data;
	struct rs_chr *chr = file->slot->fe_priv;
	size_t len = min_t(size_t, iov_iter_count(from), chr->max_io);
	struct rs_req *req;
	ssize_t ret;

	if (!len)
		return 0;
	req = rs_chr_req(file, RS_OP_CHR_WRITE, rs_chr_nonblock(iocb));
	if (IS_ERR(req))
		return PTR_ERR(req);
	req->offset = iocb->ki_pos;
	req->len = len;
	req->buf_want = len;
	req->flags = RS_REQ_BUF;
	req->replay = rs_chr_replay_class(chr->announce.replay_write, RS_REPLAY_ONCE);
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

static long rs_chr_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
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

static int rs_chr_fsync(struct file *filp, loff_t start, loff_t end, int datasync)
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

static loff_t rs_chr_llseek(struct file *filp, loff_t offset, int whence)
{
	struct rs_chr_file *file = filp->private_data;
	struct rs_chr *chr = file->slot->fe_priv;

	if (!(chr->announce.flags & RS_CHR_SEEKABLE))
		return -ESPIPE;
	return no_seek_end_llseek(filp, offset, whence);
}

static const struct file_operations rs_chr_fops = {
	.owner		= THIS_MODULE,
	.open		= rs_chr_open,
	.release	= rs_chr_release,
	.read_iter	= rs_chr_read_iter,
	.write_iter	= rs_chr_write_iter,
	.unlocked_ioctl	= rs_chr_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.fsync		= rs_chr_fsync,
	.llseek		= rs_chr_llseek,
};

/* The class's side of the core */

static dev_t rs_chr_minor(struct rs_slot *slot, u32 minor)
{
	return MKDEV(MAJOR(rs_chr_devt), rs_slot_index(slot) * RS_CHR_MINORS_MAX + minor);
}

static int rs_chr_check(const struct rs_announce_chr *say)
{
	if (!say->nr_minors || say->nr_minors > RS_CHR_MINORS_MAX || say->max_io > RS_BUF_MAX)
		return -EINVAL;
	if (say->flags & ~RS_CHR_F_ALL || say->replay_read >= __RS_REPLAY_LAST ||
	    say->replay_write >= __RS_REPLAY_LAST || say->replay_ioctl >= __RS_REPLAY_LAST ||
	    memchr_inv(say->reserved, 0, sizeof(say->reserved)))
		return -EINVAL;
	return 0;
}

static int rs_chr_make(struct rs_slot *slot, const struct rs_announce_chr *say)
{
	struct rs_chr *chr;
	struct device *dev;
	u32 i;

	chr = kzalloc(sizeof(*chr), GFP_KERNEL);
	if (!chr)
		return -ENOMEM;
	chr->announce = *say;
	chr->max_io = say->max_io ?: RS_BUF_MAX;
	mutex_init(&chr->files_lock);
	INIT_LIST_HEAD(&chr->files);
	slot->queue[RS_CHR_QUEUE]->handover = true;
	/* From here on an open finds it; it will wait for INIT to be answered. */
	smp_store_release(&slot->fe_priv, chr);
	for (i = 0; i < say->nr_minors; i++) {
		if (i)
			dev = device_create(rs_chr_class, NULL, rs_chr_minor(slot, i), NULL,
					    "%s.%u", slot->label, i);
		else
			dev = device_create(rs_chr_class, NULL, rs_chr_minor(slot, 0), NULL,
					    "%s", slot->label);
		if (IS_ERR(dev)) {
			/* chr itself stays until the slot goes: somebody may have opened it. */
			while (i--)
				device_destroy(rs_chr_class, rs_chr_minor(slot, i));
			chr->announce.nr_minors = 0;
			return PTR_ERR(dev);
		}
	}
	return 0;
}

static int rs_chr_announce(struct rs_slot *slot, const struct rs_announce *announce)
{
	const struct rs_announce_chr *say = &announce->chr;
	struct rs_chr *chr = slot->fe_priv;
	int err;

	err = rs_chr_check(say);
	if (err)
		return err;
	if (memchr_inv(announce->reserved + sizeof(*say), 0,
		       sizeof(announce->reserved) - sizeof(*say)))
		return -EINVAL;
	if (!chr)
		return rs_chr_make(slot, say);
	/* A successor must be the same device; how it replays is its own affair. */
	if (say->nr_minors != chr->announce.nr_minors || say->max_io != chr->announce.max_io ||
	    (say->flags ^ chr->announce.flags) & RS_CHR_SEEKABLE)
		return -EINVAL;
	chr->announce = *say;
	return 0;
}

/* All requests have been failed; waiters have been woken by that. */
static void rs_chr_remove(struct rs_slot *slot)
{
	struct rs_chr *chr = slot->fe_priv;
	u32 i;

	if (!chr)
		return;
	mutex_lock(&chr->files_lock);
	chr->removed = true;
	mutex_unlock(&chr->files_lock);
	for (i = 0; i < chr->announce.nr_minors; i++)
		device_destroy(rs_chr_class, rs_chr_minor(slot, i));
}

static void rs_chr_free(struct rs_slot *slot)
{
	kfree(slot->fe_priv);
}

const struct rs_frontend_ops rs_chr_frontend = {
	.name		= "chr",
	.class		= RS_CLASS_CHR,
	.nr_queues	= 1,
	.depth		= 64,
	.pool_size	= 8 << 20,
	.announce	= rs_chr_announce,
	.replay		= rs_chr_replay,
	.remove		= rs_chr_remove,
	.free		= rs_chr_free,
};

static char *rs_chr_devnode(devnode_device *dev, umode_t *mode)
{
	return kasprintf(GFP_KERNEL, "rs/%s", dev_name(dev));
}

int rs_chr_init(void)
{
	int err;

	err = alloc_chrdev_region(&rs_chr_devt, 0, RS_SLOTS_MAX * RS_CHR_MINORS_MAX, "rs");
	if (err)
		return err;
	rs_chr_class = class_create("rs");
	if (IS_ERR(rs_chr_class)) {
		err = PTR_ERR(rs_chr_class);
		goto err_unregister_region;
	}
	rs_chr_class->devnode = rs_chr_devnode;
	err = -ENOMEM;
	rs_chr_cdev = cdev_alloc();
	if (!rs_chr_cdev)
		goto err_destroy_class;
	rs_chr_cdev->owner = THIS_MODULE;
	rs_chr_cdev->ops = &rs_chr_fops;
	err = cdev_add(rs_chr_cdev, rs_chr_devt, RS_SLOTS_MAX * RS_CHR_MINORS_MAX);
	if (err)
		goto err_del_cdev;
	return 0;

err_del_cdev:
	cdev_del(rs_chr_cdev);
err_destroy_class:
	class_destroy(rs_chr_class);
err_unregister_region:
	unregister_chrdev_region(rs_chr_devt, RS_SLOTS_MAX * RS_CHR_MINORS_MAX);
	return err;
}

void rs_chr_exit(void)
{
	cdev_del(rs_chr_cdev);
	class_destroy(rs_chr_class);
	unregister_chrdev_region(rs_chr_devt, RS_SLOTS_MAX * RS_CHR_MINORS_MAX);
}
