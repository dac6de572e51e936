// SPDX-License-Identifier: GPL-2.0
/*
 * chr_file.c - open files, and how a new driver learns of them
 *
 * The front-end knows every open file.  After a restart the driver is sent an OPEN of each, with
 * RS_SQE_REOPEN, before anything else; the file's number, flags and position are the kernel's, so
 * clients notice nothing (MINIX: VFS's restart_reopen()).
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "chr.h"
#include "failover.h"

static void rs_chr_file_free(struct kref *ref)
{
	struct rs_chr_file *file = container_of(ref, struct rs_chr_file, ref);

	rs_slot_put(file->slot);
	kfree(file);
}

void rs_chr_file_put(struct rs_chr_file *file)
{
	kref_put(&file->ref, rs_chr_file_free);
}

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

/*
 * CLOSE.  It needs a tag, and who closes waits for nothing: not for a driver that answers late, and
 * not in exit(), where no signal would end it.  A file that finds no tag is put on a list; since
 * clients leave the reserved tags alone, releases and the replay hold all of them then, and each
 * that is completed looks at the list.
 */
static struct rs_chr_file *rs_chr_closing_next(struct rs_slot *slot, struct rs_req **ret_req)
{
	struct rs_chr *chr = slot->fe_priv;
	struct rs_chr_file *file;

	*ret_req = NULL;
	spin_lock_bh(&chr->closing_lock);
	file = list_first_entry_or_null(&chr->closing, struct rs_chr_file, link);
	/* A driver that has died meanwhile has forgotten it: no tag is wanted. */
	if (file && READ_ONCE(file->epoch) == READ_ONCE(slot->epoch)) {
		*ret_req = rs_req_get(slot->queue[RS_CHR_QUEUE], RS_RANK_RELEASE);
		if (!*ret_req)
			file = NULL;
	}
	if (file)
		list_del_init(&file->link);
	spin_unlock_bh(&chr->closing_lock);
	return file;
}

static void rs_chr_closing_run(struct rs_slot *slot)
{
	struct rs_chr_file *file;
	struct rs_req *req;

	while ((file = rs_chr_closing_next(slot, &req))) {
		if (req)
			rs_chr_submit_close(req, file->minor, file->number,
					    READ_ONCE(file->epoch));
		rs_chr_file_put(file);
	}
}

static void rs_chr_close_done(struct rs_req *req)
{
	struct rs_slot *slot = req->queue->slot;

	/* The tag first: who then puts a file on the list finds it, or we find the file. */
	rs_req_free(req);
	rs_chr_closing_run(slot);
}

static const struct rs_req_ops rs_chr_close_ops = {
	.done	= rs_chr_close_done,
};

void rs_chr_submit_close(struct rs_req *req, u16 minor, u32 number, u32 epoch)
{
	req->op = RS_OP_CHR_CLOSE;
	req->sqe_flags = 0;
	req->minor = minor;
	req->file = number;
	req->arg = 0;
	req->order = NULL;
	req->flags = RS_REQ_VOLATILE;
	req->replay = RS_REPLAY_ONCE;
	req->epoch = epoch;
	req->owner = NULL;
	req->ops = &rs_chr_close_ops;
	rs_req_submit(req, true);
}

/* The file is unlisted; its reference is ours to give. */
static void rs_chr_send_close(struct rs_chr_file *file)
{
	struct rs_slot *slot = rs_slot_hold(file->slot);
	struct rs_chr *chr = slot->fe_priv;

	spin_lock_bh(&chr->closing_lock);
	list_add_tail(&file->link, &chr->closing);
	spin_unlock_bh(&chr->closing_lock);
	rs_chr_closing_run(slot);
	rs_slot_put(slot);
}

static void rs_chr_reopen_done(struct rs_req *req)
{
	struct rs_chr_file *file = req->owner;
	struct rs_slot *slot = file->slot;
	struct rs_chr *chr = slot->fe_priv;

	/* If the driver died over it its successor is asked again. */
	if (req->res < 0 && req->epoch == READ_ONCE(slot->epoch))
		WRITE_ONCE(file->invalid, true);
	rs_req_free(req);
	rs_chr_closing_run(slot);
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
	struct rs_req *req = rs_req_get(slot->queue[RS_CHR_QUEUE], RS_RANK_REPLAY);

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
	req->epoch = slot->epoch;
	req->owner = file;
	req->ops = &rs_chr_reopen_ops;
	rs_req_submit(req, true);
	return true;
}

void rs_chr_replay(struct rs_slot *slot)
{
	struct rs_chr *chr = slot->fe_priv;
	bool invalidate = chr->announce.flags & RS_CHR_INVALIDATE;
	struct rs_chr_file *file;
	bool all = true;

	mutex_lock(&chr->files_lock);
	list_for_each_entry(file, &chr->files, link) {
		if (file->epoch == slot->epoch || file->invalid)
			continue;
		if (invalidate)
			WRITE_ONCE(file->invalid, true);
		else
			all = rs_chr_reopen(slot, file);
		if (!all)
			break;
	}
	mutex_unlock(&chr->files_lock);
	/* Each answer calls us again. */
	if (all && !atomic_read(&chr->reopens))
		rs_failover_replayed(slot, slot->epoch, 0);
}

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
static int rs_chr_file_list(struct rs_chr_file *file)
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

int rs_chr_file_open(struct rs_slot *slot, u16 minor, struct file *filp)
{
	struct rs_chr_file *file;
	int err;

	file = rs_chr_file_new(slot, minor, filp->f_flags);
	if (!file)
		return -ENOMEM;
	err = rs_chr_file_list(file);
	if (err) {
		rs_chr_file_unlist(file);
		rs_chr_send_close(file);
		return err;
	}
	filp->private_data = file;
	return 0;
}

int rs_chr_release(struct inode *inode, struct file *filp)
{
	struct rs_chr_file *file = filp->private_data;

	rs_chr_file_unlist(file);
	rs_chr_send_close(file);
	return 0;
}
