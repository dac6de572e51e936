// SPDX-License-Identifier: GPL-2.0
/*
 * ledger_stage.c - the client brings the bytes of its request into the pool
 *
 * Bytes that only the client's own context can read are copied before publication, by the client,
 * with no lock held: its page fault may take as long as it likes, nobody waits for it but the
 * requests of the same file (rs_req.order).  The buffer is one of the instance that was bound
 * when the copy began; if it is not bound any more at the end, the client is asked again.
 */
#include <linux/sched/signal.h>

#include "instance.h"
#include "ledger_priv.h"

bool rs_queue_unstage(struct rs_queue *queue, const struct rs_req *older)
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

bool rs_req_wants_data_locked(struct rs_req *req)
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

/*
 * A buffer, and be it one that a younger request has: else those that wait behind this one could
 * hold all.  Queue lock not held; RS_BUF_NONE: wait in the pool.
 */
static u64 rs_req_stage_buf(struct rs_req *req, struct rs_instance *inst, u32 *ret_len)
{
	struct rs_queue *queue = req->queue;
	bool taken = true;
	u64 buf;

	while ((buf = rs_pool_alloc(&inst->pool, req->buf_want, ret_len)) == RS_BUF_NONE && taken) {
		spin_lock_bh(&queue->lock);
		taken = queue->inst == inst && rs_req_wants_data_locked(req) &&
			rs_queue_unstage(queue, req);
		spin_unlock_bh(&queue->lock);
	}
	return buf;
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
			       (buf = rs_req_stage_buf(req, inst, &buf_len)) != RS_BUF_NONE ||
			       !rs_req_wants_data_of(req, inst), RS_WAIT_STATE);
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
		/* An older one that found none, not even this one, may have it now. */
		if (atomic_read(&inst->pool.starved))
			wake_up_all(&inst->pool.wait);
		rs_queue_run_unlock(queue);
		return 0;
	}
	spin_unlock_bh(&queue->lock);
	if (rs_pool_free(&inst->pool, buf, buf_len))
		rs_queue_fed(queue->slot);
	rs_instance_put(inst);
	return err < 0 ? err : -EAGAIN;
}
