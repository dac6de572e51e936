// SPDX-License-Identifier: GPL-2.0
/*
 * ledger_reap.c - completions: what an instance wrote, checked and claimed
 *
 * The completion ring is the driver's memory: it may write there at any time, anything.  Each
 * word is read once; the cursor is bounded by the ring, the entry is checked against the record
 * in the ledger, and only what fits is claimed, under the queue's lock, for its front-end.  All
 * else is a violation, which names the instance and touches nobody else.
 */
#include <linux/nospec.h>

#include "endpoint.h"
#include "instance.h"
#include "ledger_priv.h"
#include "recovery.h"

/* Completions taken under the lock at once. */
#define RS_REAP_BATCH		64

static_assert(sizeof(struct rs_cqe) == 32);
static_assert(sizeof(struct rs_cq) == RS_RING_ENTRIES);

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
	u32 limit;

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
	limit = req->flags & RS_REQ_ANSWER ? req->buf_want : req->len;
	if (cqe->res > 0 && !(req->flags & RS_REQ_ANY_RES) && cqe->res > limit)
		return RS_VIOL_RESULT;
	*ret_req = req;
	return -1;
}

/*
 * One batch under the lock; the claimed requests go to @done.  Returns how many were looked at.
 * *@acquitted: a suspect was among them, and other queues may go on with theirs.
 */
static u32 rs_queue_claim(struct rs_queue *queue, struct rs_ring *ring, struct list_head *done,
			  unsigned long *violations, bool *acquitted)
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
		if (queue->solo == req) {
			queue->solo = NULL;
			*acquitted |= rs_queue_acquit(queue);
		}
		queue->nr_published--;
		queue->completed++;
		if (req->ops->accept)
			req->ops->accept(req);
		list_move_tail(&req->link, done);
	}
	return looked;
}

int rs_queue_with(struct rs_queue *queue, struct rs_instance *inst, u64 id,
		  int (*fn)(struct rs_req *req, void *data), void *data)
{
	u32 nr = queue->depth + queue->reserved;
	u16 tag = RS_ID_TAG(id);
	struct rs_req *req;
	int err = -ENOENT;

	spin_lock_bh(&queue->lock);
	if (queue->inst != inst) {
		err = -EOWNERDEAD;
	} else if (tag < nr && RS_ID_INDEX(id) == queue->index) {
		req = &queue->req[array_index_nospec(tag, nr)];
		if (req->state == RS_REQ_PUBLISHED && req->gen == RS_ID_GEN(id))
			err = fn(req, data);
	}
	spin_unlock_bh(&queue->lock);
	return err;
}

int rs_queue_reap(struct rs_queue *queue, struct rs_instance *inst)
{
	struct rs_ring *ring = &inst->ring[queue->index];
	unsigned long violations;
	int total = 0, violation;
	u32 looked;

	do {
		LIST_HEAD(done);
		bool acquitted = false, served;
		u32 epoch;

		violations = 0;
		looked = 0;
		spin_lock_bh(&queue->lock);
		if (queue->inst != inst) {
			u32 tail = READ_ONCE(ring->cq->tail);
			bool wrote = tail != ring->cq_head;

			/* Refused once, and forgotten. */
			ring->cq_head = tail;
			spin_unlock_bh(&queue->lock);
			if (wrote)
				rs_instance_violation(inst, RS_VIOL_UNBOUND);
			return -EOWNERDEAD;
		}
		looked = rs_queue_claim(queue, ring, &done, &violations, &acquitted);
		/* Those of the replay serve nobody yet. */
		served = !list_empty(&done) && queue->gate == RS_GATE_OPEN;
		epoch = inst->epoch;
		spin_unlock_bh(&queue->lock);

		for_each_set_bit(violation, &violations, __RS_VIOL_LAST)
			rs_instance_violation(inst, violation);
		/* What done() leaves to softirqs runs once for the batch. */
		local_bh_disable();
		rs_req_finish(&done);
		local_bh_enable();
		if (unlikely(acquitted))
			rs_queue_fed(queue->slot);
		if (served && queue->index && unlikely(READ_ONCE(queue->slot->rec_active)))
			rs_recovery_served(queue->slot, epoch);
		total += looked;
		/* Bounded: no more than the ring holds, however fast the driver writes. */
	} while (looked == RS_REAP_BATCH && total < ring->cq_nr);
	return total;
}
