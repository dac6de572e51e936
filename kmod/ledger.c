// SPDX-License-Identifier: GPL-2.0
/*
 * ledger.c - the kernel-private record of every accepted request
 *
 * One spinlock per queue covers the requests and the private cursors of the bound instance's
 * rings.  Binding and unbinding take it too: after rs_queue_unbind() has dropped it no completion
 * of the old instance can be accepted, and publication to the next one needs no grace period.
 */
#include <linux/list_sort.h>
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "detect.h"
#include "endpoint.h"
#include "event.h"
#include "failover.h"
#include "instance.h"
#include "ledger.h"
#include "trace.h"

/* Deaths from which on a request is published alone, so that the culprit is found. */
#define RS_SUSPECT_DEATHS	2
/* Completions taken under the lock at once. */
#define RS_REAP_BATCH		64

static_assert(sizeof(struct rs_sqe) == 64);
static_assert(sizeof(struct rs_cqe) == 32);
static_assert(sizeof(struct rs_sq) == RS_RING_ENTRIES);
static_assert(sizeof(struct rs_cq) == RS_RING_ENTRIES);

/* rs_sqe.id */
#define RS_ID(tag, index, gen)	((u64)(gen) << 32 | (u64)(index) << 16 | (tag))
#define RS_ID_TAG(id)		((u16)(id))
#define RS_ID_INDEX(id)		((u16)((id) >> 16))
#define RS_ID_GEN(id)		((u32)((id) >> 32))

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

struct rs_req *rs_req_get(struct rs_queue *queue, bool reserve)
{
	struct rs_req *req = NULL;

	spin_lock_bh(&queue->lock);
	if (queue->nr_free > (reserve ? 0 : queue->reserved)) {
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
	struct rs_req *req = rs_req_get(queue, false);
	int err;

	if (req)
		return req;
	if (!wait)
		return ERR_PTR(-EAGAIN);
	err = wait_event_state(queue->tag_wait, (req = rs_req_get(queue, false)), RS_WAIT_STATE);
	return err ? ERR_PTR(-EINTR) : req;
}

/* True: a request that found no buffer may find one now (rs_queue_fed()). */
static bool rs_req_drop_buf(struct rs_req *req)
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
static void rs_queue_fed(struct rs_slot *slot)
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

static void rs_req_finish(struct list_head *done)
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
	req->epoch = READ_ONCE(req->queue->slot->epoch);
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

/*
 * There is no buffer for @older: take one from a client that brought its bytes early.  It is
 * asked for them again.  Without this, requests that wait their turn could hold all buffers.
 */
static bool rs_queue_unstage(struct rs_queue *queue, const struct rs_req *older)
{
	struct rs_req *req;

	list_for_each_entry_reverse(req, &queue->pending, link) {
		if (req == older)
			break;
		if (!(req->flags & RS_REQ_STAGED))
			continue;
		/* We look again at once; whoever else found none is told another time. */
		if (rs_req_drop_buf(req))
			atomic_set(&queue->inst->pool.starved, 1);
		if (req->ops->want_data)
			req->ops->want_data(req);
		return true;
	}
	return false;
}

/* Publish what the gate, the window and the order allow.  True if the doorbell must be rung. */
static bool rs_queue_run(struct rs_queue *queue)
{
	struct rs_req *req, *next;
	bool rung = false;

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
		if (queue->nr_published >= queue->credit && !reopen)
			break;
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
		if (req->deaths >= RS_SUSPECT_DEATHS && queue->nr_published)
			break;
		while (!rs_req_publish(req))
			if (!rs_queue_unstage(queue, req))
				return rung;
		if (req->deaths >= RS_SUSPECT_DEATHS)
			queue->solo = req;
		rung = true;
	}
	return rung;
}

/* Run, drop the lock, ring. */
static void rs_queue_run_unlock(struct rs_queue *queue)
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
	LIST_HEAD(done);

	spin_lock_bh(&queue->lock);
	req->seq = ++queue->seq;
	req->deaths = 0;
	req->attempt = 0;
	req->flags &= ~(RS_REQ_REPLAYED | RS_REQ_ORPHAN);
	queue->requests++;
	trace_rs_req_submit(req);
	if (queue->error && !(req->flags & RS_REQ_REOPEN)) {
		rs_req_fail(req, queue->error, &done);
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

/* Queue lock held, or a racy look. */
static bool rs_req_wants_data_locked(struct rs_req *req)
{
	return req->state == RS_REQ_QUEUED && req->flags & RS_REQ_USER_DATA &&
	       !(req->flags & RS_REQ_STAGED) && req->queue->inst &&
	       req->queue->gate == RS_GATE_OPEN;
}

bool rs_req_wants_data(struct rs_req *req)
{
	bool wants;

	if (!(req->flags & RS_REQ_USER_DATA))
		return false;
	spin_lock_bh(&req->queue->lock);
	wants = rs_req_wants_data_locked(req);
	spin_unlock_bh(&req->queue->lock);
	return wants;
}

static bool rs_req_wants_data_of(struct rs_req *req, const struct rs_instance *inst)
{
	bool wants;

	spin_lock_bh(&req->queue->lock);
	wants = req->queue->inst == inst && rs_req_wants_data_locked(req);
	spin_unlock_bh(&req->queue->lock);
	return wants;
}

int rs_req_stage(struct rs_req *req, int (*copy)(void *va, u32 len, void *arg), void *arg)
{
	struct rs_queue *queue = req->queue;
	struct rs_instance *inst;
	u32 buf_len;
	u64 buf;
	int err;

	spin_lock_bh(&queue->lock);
	if (!rs_req_wants_data_locked(req)) {
		spin_unlock_bh(&queue->lock);
		return -EAGAIN;
	}
	inst = rs_instance_get(queue->inst);
	spin_unlock_bh(&queue->lock);

	/* The pool may be exhausted for as long as other requests hold buffers: wait for one. */
	err = wait_event_state(inst->pool.wait,
			       (buf = rs_pool_alloc(&inst->pool, req->buf_want, &buf_len)) !=
			       RS_BUF_NONE || !rs_req_wants_data_of(req, inst), RS_WAIT_STATE);
	if (err || buf == RS_BUF_NONE) {
		rs_instance_put(inst);
		return err ? -EINTR : -EAGAIN;
	}
	/* Nothing is held here: a fault may take as long as it likes, others go on. */
	err = copy(rs_pool_va(&inst->pool, buf), req->len, arg);

	spin_lock_bh(&queue->lock);
	if (err >= 0 && rs_req_wants_data_locked(req) && queue->inst == inst) {
		req->inst = inst;
		req->buf = buf;
		req->buf_len = buf_len;
		req->flags |= RS_REQ_STAGED;
		rs_queue_run_unlock(queue);
		return 0;
	}
	spin_unlock_bh(&queue->lock);
	if (rs_pool_free(&inst->pool, buf, buf_len))
		rs_queue_fed(queue->slot);
	rs_instance_put(inst);
	return err < 0 ? err : -EAGAIN;
}

enum rs_abandon rs_req_abandon(struct rs_req *req)
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
		req->owner = NULL;
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

/* Read an entry once, word by word: the driver may still be writing it. */
static struct rs_cqe rs_cqe_read(const struct rs_cqe *entry)
{
	struct rs_cqe cqe;

	cqe.id = READ_ONCE(entry->id);
	cqe.res = READ_ONCE(entry->res);
	cqe.flags = READ_ONCE(entry->flags);
	cqe.aux = READ_ONCE(entry->aux);
	cqe.reserved = READ_ONCE(entry->reserved);
	return cqe;
}

/* What is wrong with this completion?  -1 if nothing; then *ret_req is the request. */
static int rs_cqe_check(struct rs_queue *queue, const struct rs_cqe *cqe, struct rs_req **ret_req)
{
	u32 nr = queue->depth + queue->reserved;
	u16 tag = RS_ID_TAG(cqe->id);
	struct rs_req *req;

	if (cqe->reserved || cqe->flags & ~RS_CQE_F_ALL)
		return RS_VIOL_RESERVED;
	if (tag >= nr || RS_ID_INDEX(cqe->id) != queue->index)
		return RS_VIOL_TAG;
	req = &queue->req[array_index_nospec(tag, nr)];
	if (req->gen != RS_ID_GEN(cqe->id))
		return RS_VIOL_GEN;
	if (req->state != RS_REQ_PUBLISHED)
		return RS_VIOL_STATE;
	/* The kernel's own errnos (ERESTARTSYS, ...) are not a driver's to give. */
	if (cqe->res < -511)
		return RS_VIOL_RESULT;
	if (cqe->res > 0 && !(req->flags & RS_REQ_ANY_RES) && cqe->res > req->len)
		return RS_VIOL_RESULT;
	*ret_req = req;
	return -1;
}

/* One batch under the lock; the claimed requests go to @done.  Returns how many were looked at. */
static u32 rs_queue_claim(struct rs_queue *queue, struct rs_ring *ring, struct list_head *done,
			  unsigned long *violations)
{
	struct rs_cqe *entry = (void *)ring->cq + RS_RING_ENTRIES;
	u32 looked, tail;

	/* The tail before the entries; the driver stores it with release. */
	tail = smp_load_acquire(&ring->cq->tail);
	if (tail - ring->cq_head > ring->cq_nr) {
		/* A cursor beyond the ring: nothing in between can be believed. */
		ring->cq_head = tail;
		__set_bit(RS_VIOL_CURSOR, violations);
		return 0;
	}
	for (looked = 0; ring->cq_head != tail && looked < RS_REAP_BATCH; looked++) {
		struct rs_cqe cqe = rs_cqe_read(&entry[ring->cq_head & (ring->cq_nr - 1)]);
		struct rs_req *req;
		int violation;

		ring->cq_head++;
		violation = rs_cqe_check(queue, &cqe, &req);
		if (violation >= 0) {
			__set_bit(violation, violations);
			continue;
		}
		req->state = RS_REQ_DONE;
		req->epoch = queue->inst->epoch;
		req->res = cqe.res;
		req->cqe_flags = cqe.flags;
		req->aux = cqe.aux;
		if (queue->solo == req)
			queue->solo = NULL;
		queue->nr_published--;
		queue->completed++;
		list_move_tail(&req->link, done);
	}
	return looked;
}

int rs_queue_reap(struct rs_queue *queue, struct rs_instance *inst)
{
	struct rs_ring *ring = &inst->ring[queue->index];
	unsigned long violations;
	int total = 0, violation;
	u32 looked;

	do {
		LIST_HEAD(done);
		bool served;

		violations = 0;
		looked = 0;
		spin_lock_bh(&queue->lock);
		if (queue->inst != inst) {
			bool wrote = READ_ONCE(ring->cq->tail) != ring->cq_head;

			spin_unlock_bh(&queue->lock);
			if (wrote)
				rs_instance_violation(inst, RS_VIOL_UNBOUND);
			return -EOWNERDEAD;
		}
		looked = rs_queue_claim(queue, ring, &done, &violations);
		spin_unlock_bh(&queue->lock);

		for_each_set_bit(violation, &violations, __RS_VIOL_LAST)
			rs_instance_violation(inst, violation);
		served = !list_empty(&done);
		/* What done() leaves to softirqs runs once for the batch. */
		local_bh_disable();
		rs_req_finish(&done);
		local_bh_enable();
		if (served && queue->index && unlikely(READ_ONCE(queue->slot->rec_active)))
			rs_failover_served(queue->slot);
		total += looked;
		/* Bounded: no more than the ring holds, however fast the driver writes. */
	} while (looked == RS_REAP_BATCH && total < ring->cq_nr);
	return total;
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
	list_for_each_entry_safe(req, next, &queue->pending, link)
		rs_req_unbind(req, guilty, &done, did);
	list_for_each_entry_safe(req, next, &queue->published, link)
		rs_req_unbind(req, guilty, &done, did);
	list_sort(NULL, &queue->pending, rs_req_cmp);
	spin_unlock_bh(&queue->lock);

	if (did->poisoned != poisoned)
		list_for_each_entry(req, &done, link)
			if (req->deaths >= READ_ONCE(queue->slot->policy.poison_limit))
				rs_event_send(queue->slot, &(struct rs_event) {
					.type = RSMOD_EVENT_TYPE_POISONED,
					.request = req->seq, .op = req->op });
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

void rs_queue_watched(struct rs_queue *queue, bool watched)
{
	u32 deadline = READ_ONCE(queue->slot->policy.deadline_ms);
	struct rs_req *req;

	spin_lock_bh(&queue->lock);
	if (watched && queue->no_deadline && deadline) {
		/* The time in which nothing could happen does not count. */
		list_for_each_entry(req, &queue->published, link)
			req->deadline = jiffies + msecs_to_jiffies(deadline) + 1;
		if (queue->nr_published)
			rs_detect_arm(queue->slot);
	}
	queue->no_deadline = !watched;
	spin_unlock_bh(&queue->lock);
}

bool rs_queue_idle(struct rs_queue *queue)
{
	struct rs_req *req;
	bool idle = true;

	spin_lock_bh(&queue->lock);
	list_for_each_entry(req, &queue->published, link)
		if (!(req->flags & RS_REQ_INNOCENT)) {
			idle = false;
			break;
		}
	spin_unlock_bh(&queue->lock);
	return idle;
}

void rs_queue_watch(struct rs_queue *queue, unsigned long now, unsigned long *next)
{
	struct rs_req *req;

	spin_lock_bh(&queue->lock);
	if (!queue->inst || queue->no_deadline)
		goto out_unlock;
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
