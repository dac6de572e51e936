// SPDX-License-Identifier: GPL-2.0
/*
 * blk_replay.c - the log's own requests: the flush that makes room, and the replay
 *
 * A new instance is first sent what its predecessor had completed and not made durable, disk by
 * disk, oldest first.  Several requests may be under way, but never two that overlap.  The slot's
 * worker sends as many as may go and returns; each completion asks for it again.  A replay
 * request is for one binding: if that ends, the ledger fails it and the next binding begins anew,
 * because nothing is dropped from the log before a flush succeeds.
 */
#include "blk.h"
#include "failover.h"

static void rs_blk_submit(struct rs_blk *blk, struct rs_req *req)
{
	atomic_inc(&blk->busy);
	rs_req_submit(req, true);
}

static void rs_blk_put_busy(struct rs_blk *blk)
{
	if (atomic_dec_and_test(&blk->busy))
		wake_up_all(&blk->idle);
}

/* The queue's lock is held: no instance can be bound between the completion and this. */
static void rs_blk_flush_accept(struct rs_req *req)
{
	struct rs_disk *disk = req->owner;

	/* What was in the log when it was submitted. */
	if (req->res >= 0)
		rs_blk_log_flushed(&disk->log, disk->log.mark);
}

static void rs_blk_flush_done(struct rs_req *req)
{
	struct rs_disk *disk = req->owner;
	struct rs_blk *blk = disk->blk;

	spin_lock_bh(&disk->log.lock);
	disk->log.flushing = false;
	disk->log.failed = req->res < 0;
	spin_unlock_bh(&disk->log.lock);
	rs_req_free(req);
	/* Writes may be waiting for room. */
	blk_mq_run_hw_queues(disk->disk->queue, true);
	rs_blk_put_busy(blk);
}

static const struct rs_req_ops rs_blk_flush_ops = {
	.accept	= rs_blk_flush_accept,
	.done	= rs_blk_flush_done,
};

void rs_blk_log_flush(struct rs_disk *disk)
{
	struct rs_blk_log *log = &disk->log;
	struct rs_req *req;
	bool first;

	spin_lock_bh(&log->lock);
	first = !log->flushing;
	log->flushing = true;
	log->mark = first ? log->head : log->mark;
	spin_unlock_bh(&log->lock);
	if (!first)
		return;
	req = rs_req_get(disk->blk->slot->queue[1], RS_RANK_RELEASE);
	if (!req) {
		/* All are in use by other disks of the slot: whoever finds no room asks again. */
		spin_lock_bh(&log->lock);
		log->flushing = false;
		spin_unlock_bh(&log->lock);
		return;
	}
	req->ops = &rs_blk_flush_ops;
	req->owner = disk;
	req->op = RS_OP_BLK_FLUSH;
	req->minor = disk->announce.minor;
	req->replay = RS_REPLAY_AGAIN;
	rs_blk_submit(disk->blk, req);
}

static void rs_blk_replay_stage(struct rs_req *req, void *va)
{
	const struct rs_blk_replaying *one = req->owner;

	if (req->op == RS_OP_BLK_WRITE)
		rs_blk_log_read(&one->disk->log, one->entry.data, req->len, va);
}

static void rs_blk_replay_done(struct rs_req *req)
{
	struct rs_blk_replaying *one = req->owner;
	struct rs_blk *blk = one->disk->blk;

	spin_lock_bh(&blk->replay_lock);
	/* An answer of the binding that this replay is for; the ledger's own has epoch 0. */
	if (req->epoch == blk->replay_epoch && (u32)req->res != req->len && !blk->replay_res)
		blk->replay_res = req->res < 0 ? req->res : -EIO;
	one->disk = NULL;
	spin_unlock_bh(&blk->replay_lock);
	rs_req_free(req);
	rs_slot_kick(blk->slot, RS_TODO_REPLAY_STEP);
	rs_blk_put_busy(blk);
}

static const struct rs_req_ops rs_blk_replay_ops = {
	.stage	= rs_blk_replay_stage,
	.done	= rs_blk_replay_done,
};

/*
 * A place in the window for this entry, or NULL if it must wait: for a place, or for one that it
 * overlaps.
 */
static struct rs_blk_replaying *rs_blk_replay_place(struct rs_blk *blk, struct rs_disk *disk,
						    const struct rs_blk_entry *entry)
{
	struct rs_blk_replaying *one, *place = NULL;

	spin_lock_bh(&blk->replay_lock);
	for (one = blk->replaying; one < blk->replaying + RS_BLK_REPLAY_WINDOW; one++) {
		if (!one->disk) {
			place = place ?: one;
		} else if (one->disk == disk &&
			   rs_blk_overlap(one->entry.offset, one->entry.bytes,
					  entry->offset, entry->bytes)) {
			place = NULL;
			break;
		}
	}
	if (place) {
		place->disk = disk;
		place->entry = *entry;
	}
	spin_unlock_bh(&blk->replay_lock);
	return place;
}

static bool rs_blk_replay_idle(struct rs_blk *blk)
{
	bool idle = true;
	u32 i;

	spin_lock_bh(&blk->replay_lock);
	for (i = 0; i < RS_BLK_REPLAY_WINDOW; i++)
		if (blk->replaying[i].disk)
			idle = false;
	spin_unlock_bh(&blk->replay_lock);
	return idle;
}

/* Send one entry.  False: it must wait until one that is under way is completed. */
static bool rs_blk_replay_send(struct rs_blk *blk, struct rs_disk *disk,
			       const struct rs_blk_entry *entry)
{
	struct rs_blk_replaying *place = rs_blk_replay_place(blk, disk, entry);
	struct rs_req *req;

	if (!place)
		return false;
	/* If there is none the ledger has one of ours under way: nobody else takes the last. */
	req = rs_req_get(blk->slot->queue[1], RS_RANK_REPLAY);
	if (!req) {
		spin_lock_bh(&blk->replay_lock);
		place->disk = NULL;
		spin_unlock_bh(&blk->replay_lock);
		return false;
	}
	req->ops = &rs_blk_replay_ops;
	req->owner = place;
	req->op = entry->op;
	req->flags = RS_REQ_REOPEN | RS_REQ_VOLATILE;
	req->replay = RS_REPLAY_ONCE;
	req->epoch = blk->replay_epoch;
	req->minor = disk->announce.minor;
	req->offset = entry->offset;
	req->arg = entry->arg;
	if (entry->op == RS_OP_BLK_WRITE) {
		req->flags |= RS_REQ_BUF;
		req->len = entry->bytes;
		req->buf_want = entry->bytes;
	} else {
		req->data = entry->bytes;
	}
	rs_blk_submit(blk, req);
	return true;
}

/* Send what may go.  True: all of it was sent. */
static bool rs_blk_replay_more(struct rs_blk *blk)
{
	struct rs_blk_entry entry;
	struct rs_disk *disk;

	for (; blk->replay_minor < RS_BLK_DISKS_MAX; blk->replay_minor++, blk->replay_next = 0) {
		disk = blk->disk[blk->replay_minor];
		if (!disk || !disk->log.size)
			continue;
		for (; rs_blk_log_get(&disk->log, &blk->replay_next, &entry); blk->replay_next++) {
			/* What the disk lost when it shrank no driver can write. */
			if (entry.offset + entry.bytes > disk->announce.size)
				continue;
			if (READ_ONCE(blk->replay_res) || !rs_blk_replay_send(blk, disk, &entry))
				return false;
		}
	}
	return true;
}

void rs_blk_log_replay(struct rs_blk *blk)
{
	struct rs_slot *slot = blk->slot;

	lockdep_assert_held(&slot->lock);
	if (blk->replay_epoch != slot->epoch) {
		spin_lock_bh(&blk->replay_lock);
		blk->replay_epoch = slot->epoch;
		blk->replay_res = 0;
		spin_unlock_bh(&blk->replay_lock);
		blk->replay_minor = 0;
		blk->replay_next = 0;
	}
	if (!rs_blk_replay_more(blk) && !READ_ONCE(blk->replay_res))
		return;
	/* The last one to be completed asks again. */
	if (rs_blk_replay_idle(blk))
		rs_failover_replayed(slot, slot->epoch, READ_ONCE(blk->replay_res));
}
