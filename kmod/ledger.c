// SPDX-License-Identifier: GPL-2.0
/*
 * ledger.c - queues and requests: tags, order, publication, binding, replay
 *
 * One spinlock per queue covers the requests and the private cursors of the bound instance's
 * rings.  Binding and unbinding take it too: after rs_queue_unbind() has dropped it no completion
 * of the old instance can be accepted, and publication to the next one needs no grace period.
 */
#include <linux/list_sort.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "detect.h"
#include "endpoint.h"
#include "event.h"
#include "instance.h"
#include "ledger_priv.h"
#include "names.h"
#include "trace.h"

/* Deaths from which on a request is published alone, so that the culprit is found. */
#define RS_SUSPECT_DEATHS	2

static_assert(sizeof(struct rs_sqe) == 64);
static_assert(sizeof(struct rs_sq) == RS_RING_ENTRIES);

struct rs_queue *rs_queue_new(struct rs_slot *slot, u16 index, u16 depth, u16 reserved)
{
	u32 nr = depth + reserved, i;
	struct rs_queue *queue;

	queue = kzalloc(sizeof(*queue), GFP_KERNEL_ACCOUNT);
	if (!queue)
		return NULL;
	queue->req = kvcalloc(nr, sizeof(*queue->req), GFP_KERNEL_ACCOUNT);
	if (!queue->req) {
		kfree(queue);
		return NULL;
	}
	spin_lock_init(&queue->lock);
	queue->slot = slot;
	queue->index = index;
	queue->depth = depth;
	queue->reserved = reserved;
	queue->gate = RS_GATE_CLOSED;
	INIT_LIST_HEAD(&queue->free);
	INIT_LIST_HEAD(&queue->pending);
	INIT_LIST_HEAD(&queue->published);
	init_waitqueue_head(&queue->tag_wait);
	for (i = 0; i < nr; i++) {
		queue->req[i].queue = queue;
		queue->req[i].tag = i;
		list_add_tail(&queue->req[i].link, &queue->free);
	}
	queue->nr_free = nr;
	return queue;
}

void rs_queue_free(struct rs_queue *queue)
{
	if (!queue)
		return;
	kvfree(queue->req);
	kfree(queue);
}

struct rs_req *rs_req_get(struct rs_queue *queue, enum rs_rank rank)
{
	u32 leave = rank == RS_RANK_CLIENT ? queue->reserved : queue->reserved && rank == RS_RANK_RELEASE;
	struct rs_req *req = NULL;

	spin_lock_bh(&queue->lock);
	if (queue->nr_free > leave) {
		req = list_first_entry(&queue->free, struct rs_req, link);
		list_del_init(&req->link);
		queue->nr_free--;
		req->state = RS_REQ_FILLING;
	}
	spin_unlock_bh(&queue->lock);
	return req;
}

struct rs_req *rs_req_get_wait(struct rs_queue *queue, bool wait)
{
	struct rs_req *req = rs_req_get(queue, RS_RANK_CLIENT);
	int err;

	if (req)
		return req;
	if (!wait)
		return ERR_PTR(-EAGAIN);
	err = wait_event_state(queue->tag_wait, (req = rs_req_get(queue, RS_RANK_CLIENT)),
			       RS_WAIT_STATE);
	return err ? ERR_PTR(-EINTR) : req;
}

bool rs_req_drop_buf(struct rs_req *req)
{
	bool starved;

	if (!req->inst)
		return false;
	starved = rs_pool_free(&req->inst->pool, req->buf, req->buf_len);
	rs_instance_put(req->inst);
	req->inst = NULL;
	req->flags &= ~RS_REQ_STAGED;
	return starved;
}

/* All queues of an instance share its pool. */
void rs_queue_fed(struct rs_slot *slot)
{
	u32 i;

	for (i = 0; i <= slot->nr_queues; i++)
		if (slot->queue[i])
			rs_queue_kick(slot->queue[i]);
}

void rs_req_free(struct rs_req *req)
{
	struct rs_queue *queue = req->queue;
	bool fed;

	spin_lock_bh(&queue->lock);
	fed = rs_req_drop_buf(req);
	/* All but what identifies the tag; gen goes on counting. */
	req->state = RS_REQ_FREE;
	req->flags = 0;
	req->deaths = 0;
	req->attempt = 0;
	req->replay = RS_REPLAY_DEFAULT;
	req->op = 0;
	req->sqe_flags = 0;
	req->minor = 0;
	req->file = 0;
	req->arg = 0;
	req->data = 0;
	req->offset = 0;
	req->len = 0;
	req->buf_want = 0;
	req->order = NULL;
	req->ops = NULL;
	req->owner = NULL;
	list_add(&req->link, &queue->free);
	queue->nr_free++;
	spin_unlock_bh(&queue->lock);
	if (wq_has_sleeper(&queue->tag_wait))
		wake_up(&queue->tag_wait);
	if (unlikely(fed))
		rs_queue_fed(queue->slot);
}

void rs_req_finish(struct list_head *done)
{
	struct rs_req *req, *next;

	list_for_each_entry_safe(req, next, done, link) {
		list_del_init(&req->link);
		trace_rs_req_complete(req);
		req->ops->done(req);
	}
}

/* FILLING, QUEUED or PUBLISHED -> DONE with an error of ours.  Queue lock held. */
static void rs_req_fail(struct rs_req *req, int error, struct list_head *done)
{
	if (req->state == RS_REQ_PUBLISHED)
		req->queue->nr_published--;
	req->state = RS_REQ_DONE;
	req->epoch = 0;
	req->res = error;
	req->cqe_flags = 0;
	req->aux = 0;
	list_move_tail(&req->link, done);
}

/* A buffer in the bound instance's pool.  Queue lock held. */
static bool rs_req_take_buf(struct rs_req *req, struct rs_instance *inst)
{
	u32 len;
	u64 buf;

	/* One that was submitted again may still have the buffer of another instance. */
	if (req->inst == inst && req->buf_len >= req->buf_want &&
	    req->buf_len / 2 < max_t(u32, req->buf_want, RS_BUF_MIN))
		return true;
	if (rs_req_drop_buf(req))
		atomic_set(&inst->pool.starved, 1);
	buf = rs_pool_alloc(&inst->pool, req->buf_want, &len);
	if (buf == RS_BUF_NONE)
		return false;
	req->inst = rs_instance_get(inst);
	req->buf = buf;
	req->buf_len = len;
	return true;
}

static bool rs_req_publish(struct rs_req *req)
{
	struct rs_queue *queue = req->queue;
	struct rs_instance *inst = queue->inst;
	struct rs_ring *ring = &inst->ring[queue->index];
	struct rs_sqe *sqe = (void *)ring->sq + RS_RING_ENTRIES;
	u32 deadline = READ_ONCE(queue->slot->policy.deadline_ms);

	if (req->flags & RS_REQ_BUF && !rs_req_take_buf(req, inst))
		return false;
	if (req->ops->stage && !(req->flags & RS_REQ_USER_DATA))
		req->ops->stage(req, rs_req_va(req));

	req->gen++;
	sqe[ring->sq_tail & (ring->sq_nr - 1)] = (struct rs_sqe) {
		.id = RS_ID(req->tag, queue->index, req->gen),
		.op = req->op,
		.flags = req->sqe_flags | (req->flags & RS_REQ_REPLAYED ? RS_SQE_REPLAYED : 0),
		.attempt = req->attempt,
		.minor = req->minor,
		.seq = req->seq,
		.offset = req->offset,
		.buf = req->inst ? req->buf : RS_BUF_NONE,
		.len = req->len,
		.buf_len = req->inst ? req->buf_len : 0,
		.file = req->file,
		.arg = req->arg,
		.data = req->data,
	};
	WRITE_ONCE(ring->sq_tail, ring->sq_tail + 1);
	/* The entry before the tail; the driver loads the tail with acquire. */
	smp_store_release(&ring->sq->tail, ring->sq_tail);

	if (req->flags & RS_REQ_REPLAYED)
		queue->replayed++;
	req->attempt++;
	req->state = RS_REQ_PUBLISHED;
	req->deadline = jiffies + msecs_to_jiffies(deadline) + 1;
	list_move_tail(&req->link, &queue->published);
	queue->nr_published++;
	trace_rs_req_publish(req);
	if (deadline && !(req->flags & RS_REQ_NO_DEADLINE))
		rs_detect_arm(queue->slot);
	return true;
}

/* An instance that takes none of what waits serves nobody, as one that answers none. */
static void rs_queue_set_shut(struct rs_queue *queue, bool shut)
{
	if (shut && !queue->is_shut) {
		queue->shut = jiffies;
		rs_detect_arm(queue->slot);
	}
	queue->is_shut = shut;
}

/*
 * May this queue publish a suspect?  Only one of the slot's is under way: else the next death would
 * be blamed on those of other queues, too.
 */
static bool rs_queue_accuse(struct rs_queue *queue)
{
	struct rs_queue *other;

	if (queue->nr_published)
		return false;
	other = cmpxchg(&queue->slot->accused, NULL, queue);
	return !other || other == queue;
}

bool rs_queue_acquit(struct rs_queue *queue)
{
	lockdep_assert_held(&queue->lock);
	return unlikely(READ_ONCE(queue->slot->accused) == queue) &&
	       cmpxchg(&queue->slot->accused, queue, NULL) == queue;
}

/* Publish what the gate, the window and the order allow.  True if the doorbell must be rung. */
static bool rs_queue_run(struct rs_queue *queue)
{
	struct rs_req *req, *next;
	bool rung = false, shut = false;

	lockdep_assert_held(&queue->lock);
	if (!queue->inst)
		return false;
	queue->stamp++;
	list_for_each_entry_safe(req, next, &queue->pending, link) {
		bool reopen = req->flags & RS_REQ_REOPEN;

		/* A suspect runs alone. */
		if (queue->solo)
			break;
		/* Reopens are few (reserved tags) and precede what the window is for. */
		if (queue->nr_published >= queue->credit && !reopen) {
			shut = !queue->nr_published && queue->gate == RS_GATE_OPEN &&
			       !(req->flags & RS_REQ_NO_DEADLINE);
			break;
		}
		if (!(req->flags & RS_REQ_FIRST) &&
		    (queue->gate == RS_GATE_CLOSED || (queue->gate == RS_GATE_REPLAY && !reopen)))
			continue;
		if (req->order && *req->order == queue->stamp)
			continue;
		if (req->flags & RS_REQ_USER_DATA && !(req->flags & RS_REQ_STAGED)) {
			if (req->order)
				*req->order = queue->stamp;
			continue;
		}
		if (req->deaths >= RS_SUSPECT_DEATHS && !rs_queue_accuse(queue))
			break;
		while (!rs_req_publish(req))
			if (!rs_queue_unstage(queue, req))
				goto out;
		if (req->deaths >= RS_SUSPECT_DEATHS)
			queue->solo = req;
		rung = true;
	}
out:
	/* There was no buffer for it: whoever gets one first. */
	if (!queue->solo)
		rs_queue_acquit(queue);
	rs_queue_set_shut(queue, shut);
	return rung;
}

void rs_queue_run_unlock(struct rs_queue *queue)
	__releases(&queue->lock)
{
	struct rs_instance *inst;

	/* The instance may be unbound and put as soon as the lock is dropped; RCU keeps it. */
	rcu_read_lock();
	inst = rs_queue_run(queue) ? queue->inst : NULL;
	spin_unlock_bh(&queue->lock);
	if (inst)
		rs_instance_kick(inst, queue->handover);
	rcu_read_unlock();
}

void rs_queue_kick(struct rs_queue *queue)
{
	spin_lock_bh(&queue->lock);
	rs_queue_run_unlock(queue);
}

void rs_req_submit(struct rs_req *req, bool kick)
{
	struct rs_queue *queue = req->queue;
	int error = 0;
	LIST_HEAD(done);

	spin_lock_bh(&queue->lock);
	req->seq = ++queue->seq;
	req->deaths = 0;
	req->attempt = 0;
	req->flags &= ~(RS_REQ_REPLAYED | RS_REQ_ORPHAN);
	queue->requests++;
	trace_rs_req_submit(req);
	if (req->flags & RS_REQ_VOLATILE)
		error = !queue->inst || queue->inst->epoch != req->epoch ? -EIO : 0;
	else if (!(req->flags & RS_REQ_REOPEN))
		error = queue->error;
	if (error) {
		rs_req_fail(req, error, &done);
		spin_unlock_bh(&queue->lock);
		rs_req_finish(&done);
		return;
	}
	req->state = RS_REQ_QUEUED;
	list_add_tail(&req->link, &queue->pending);
	if (kick)
		rs_queue_run_unlock(queue);
	else
		spin_unlock_bh(&queue->lock);
}

enum rs_abandon rs_req_abandon(struct rs_req *req, void *heir)
{
	struct rs_queue *queue = req->queue;
	enum rs_abandon how = RS_ABANDON_LATE;

	spin_lock_bh(&queue->lock);
	if (req->state == RS_REQ_QUEUED) {
		list_del_init(&req->link);
		req->state = RS_REQ_DONE;
		how = RS_ABANDON_TAKEN;
	} else if (req->state == RS_REQ_PUBLISHED) {
		req->flags |= RS_REQ_ORPHAN;
		req->owner = heir;
		how = RS_ABANDON_ORPHAN;
	}
	/* It may have held back others of the same file. */
	rs_queue_run_unlock(queue);
	return how;
}

void *rs_req_va(struct rs_req *req)
{
	return req->inst ? rs_pool_va(&req->inst->pool, req->buf) : NULL;
}

void rs_queue_credit(struct rs_queue *queue, struct rs_instance *inst, u32 credit)
{
	spin_lock_bh(&queue->lock);
	inst->ring[queue->index].credit = min_t(u32, credit, queue->depth);
	if (queue->inst != inst) {
		spin_unlock_bh(&queue->lock);
		return;
	}
	/* The control queue always flows: INIT does not wait for a window. */
	queue->credit = queue->index ? inst->ring[queue->index].credit : queue->depth;
	rs_queue_run_unlock(queue);
}

void rs_queue_bind(struct rs_queue *queue, struct rs_instance *inst)
{
	struct rs_ring *ring = &inst->ring[queue->index];

	spin_lock_bh(&queue->lock);
	/* What it wrote while it was not bound never happened. */
	ring->cq_head = READ_ONCE(ring->cq->tail);
	WRITE_ONCE(ring->sq->epoch, inst->epoch);
	queue->inst = inst;
	queue->credit = queue->index ? ring->credit : queue->depth;
	queue->solo = NULL;
	spin_unlock_bh(&queue->lock);
}

static int rs_req_cmp(void *priv, const struct list_head *a, const struct list_head *b)
{
	const struct rs_req *ra = list_entry(a, struct rs_req, link);
	const struct rs_req *rb = list_entry(b, struct rs_req, link);

	return ra->seq > rb->seq;
}

/* A request loses its instance.  Queue lock held; it is on the pending or on the published list. */
static void rs_req_unbind(struct rs_req *req, bool guilty, struct list_head *done,
			  struct rs_unbind *did)
{
	struct rs_queue *queue = req->queue;
	bool published = req->state == RS_REQ_PUBLISHED;

	rs_req_drop_buf(req);
	if (req->flags & RS_REQ_VOLATILE) {
		rs_req_fail(req, -EIO, done);
		return;
	}
	if (!published)
		return;
	if (req->flags & RS_REQ_ORPHAN) {
		rs_req_fail(req, -EINTR, done);
		return;
	}
	if (!(req->flags & RS_REQ_INNOCENT)) {
		if (guilty)
			req->deaths++;
		if (req->deaths >= READ_ONCE(queue->slot->policy.poison_limit)) {
			queue->poisoned++;
			did->poisoned++;
			rs_req_fail(req, -EIO, done);
			return;
		}
		if (req->replay == RS_REPLAY_ONCE) {
			queue->dropped++;
			did->dropped++;
			rs_req_fail(req, -EIO, done);
			return;
		}
		req->flags |= RS_REQ_REPLAYED;
		did->replayed++;
	}
	req->state = RS_REQ_QUEUED;
	queue->nr_published--;
	list_move_tail(&req->link, &queue->pending);
}

/* What it was that killed so many, in words. */
static void rs_queue_tell_poisoned(struct rs_queue *queue, const struct rs_req *req)
{
	char text[RS_DYING_TEXT];

	snprintf(text, sizeof(text), "%s, %llu bytes at %llu, minor %u", rs_op_name(req->op),
		 req->len ?: req->data, req->offset, req->minor);
	rs_event_send(queue->slot, &(struct rs_event) {
		.type = RSMOD_EVENT_TYPE_POISONED, .request = req->seq, .op = req->op,
		.text = text });
}

void rs_queue_unbind(struct rs_queue *queue, bool guilty, struct rs_unbind *did)
{
	struct rs_req *req, *next;
	u32 poisoned = did->poisoned;
	LIST_HEAD(done);

	spin_lock_bh(&queue->lock);
	queue->gate = RS_GATE_CLOSED;
	/* Who waits for one of its buffers need not. */
	if (queue->inst)
		wake_up_all(&queue->inst->pool.wait);
	queue->inst = NULL;
	queue->solo = NULL;
	queue->is_shut = false;
	list_for_each_entry_safe(req, next, &queue->pending, link)
		rs_req_unbind(req, guilty, &done, did);
	list_for_each_entry_safe(req, next, &queue->published, link)
		rs_req_unbind(req, guilty, &done, did);
	list_sort(NULL, &queue->pending, rs_req_cmp);
	spin_unlock_bh(&queue->lock);

	if (did->poisoned != poisoned)
		list_for_each_entry(req, &done, link)
			if (req->deaths >= READ_ONCE(queue->slot->policy.poison_limit))
				rs_queue_tell_poisoned(queue, req);
	rs_req_finish(&done);
}

void rs_queue_gate(struct rs_queue *queue, enum rs_gate gate)
{
	struct rs_req *req;

	spin_lock_bh(&queue->lock);
	queue->gate = gate;
	if (gate == RS_GATE_OPEN) {
		queue->error = 0;
		list_for_each_entry(req, &queue->pending, link)
			if (rs_req_wants_data_locked(req) && req->ops->want_data)
				req->ops->want_data(req);
	}
	rs_queue_run_unlock(queue);
}

static void rs_queue_fail_pending(struct rs_queue *queue, int error, struct list_head *done)
{
	struct rs_req *req, *next;

	lockdep_assert_held(&queue->lock);
	list_for_each_entry_safe(req, next, &queue->pending, link)
		rs_req_fail(req, error, done);
	queue->is_shut = false;
}

void rs_queue_fail(struct rs_queue *queue, int error)
{
	LIST_HEAD(done);

	spin_lock_bh(&queue->lock);
	queue->error = error;
	rs_queue_fail_pending(queue, error, &done);
	spin_unlock_bh(&queue->lock);
	rs_req_finish(&done);
}

void rs_queue_cancel(struct rs_queue *queue, int error)
{
	LIST_HEAD(done);

	spin_lock_bh(&queue->lock);
	rs_queue_fail_pending(queue, error, &done);
	spin_unlock_bh(&queue->lock);
	rs_req_finish(&done);
}

/* All that waits for the bound instance has its whole time again, from now on.  Under queue->lock. */
static void rs_queue_allow(struct rs_queue *queue)
{
	u32 deadline = READ_ONCE(queue->slot->policy.deadline_ms);
	struct rs_req *req;

	list_for_each_entry(req, &queue->published, link)
		req->deadline = jiffies + msecs_to_jiffies(deadline) + 1;
	queue->shut = jiffies;
}

void rs_queue_restart(struct rs_queue *queue)
{
	spin_lock_bh(&queue->lock);
	rs_queue_allow(queue);
	spin_unlock_bh(&queue->lock);
}

void rs_queue_watched(struct rs_queue *queue, bool watched)
{
	spin_lock_bh(&queue->lock);
	if (watched && queue->no_deadline) {
		rs_queue_allow(queue);
		if (queue->nr_published || queue->is_shut)
			rs_detect_arm(queue->slot);
	}
	queue->no_deadline = !watched;
	spin_unlock_bh(&queue->lock);
}

bool rs_queue_idle(struct rs_queue *queue, bool handover)
{
	struct rs_req *req;
	bool idle = true;

	spin_lock_bh(&queue->lock);
	list_for_each_entry(req, &queue->published, link)
		if (!(req->flags & RS_REQ_INNOCENT) &&
		    !(handover && req->replay == RS_REPLAY_AGAIN)) {
			idle = false;
			break;
		}
	spin_unlock_bh(&queue->lock);
	return idle;
}

void rs_queue_watch(struct rs_queue *queue, unsigned long now, unsigned long *next)
{
	unsigned long limit = msecs_to_jiffies(READ_ONCE(queue->slot->policy.deadline_ms)) + 1;
	struct rs_req *req;

	spin_lock_bh(&queue->lock);
	if (!queue->inst || queue->no_deadline)
		goto out_unlock;
	if (queue->is_shut) {
		if (time_after_eq(now, queue->shut + limit))
			rs_instance_die(queue->inst, RS_CAUSE_DEADLINE, 0,
					"requests wait, and it takes none");
		else if (time_before(queue->shut + limit, *next))
			*next = queue->shut + limit;
	}
	/* In the order of publication, hence of deadlines: the first watched one decides. */
	list_for_each_entry(req, &queue->published, link) {
		if (req->flags & RS_REQ_NO_DEADLINE)
			continue;
		if (time_after_eq(now, req->deadline))
			rs_instance_die(queue->inst, RS_CAUSE_DEADLINE, 0,
					"a request was not completed in time");
		else if (time_before(req->deadline, *next))
			*next = req->deadline;
		break;
	}
out_unlock:
	spin_unlock_bh(&queue->lock);
}
