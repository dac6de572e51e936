// SPDX-License-Identifier: GPL-2.0
/*
 * update.c - a live update: prepare, swap, commit, roll back
 *
 *	NONE ──prepare──► PREPARING ──hold──► HELD ──answer 0──► READY ──swap──► SWAPPED
 *	  ▲                   │                │                  │                │ INIT ok
 *	  │◄── answer, time, ─┴────────────────┴──────────────────┘                │
 *	  │    taken back, death                                                   │
 *	  │◄── commit ───── INITED ◄───────────────────────────────────── manual ──┤
 *	  │◄── commit ───── PROBATION ◄────────────────────── probation ── up ◄────┤
 *	  │◄──────────────────────────────────────────────────────────── up ◄──────┘
 *	  └◄── rollback: from SWAPPED, INITED and PROBATION, by command, by death, INITED also by time
 *
 * From HELD on the gates are closed, and the service finishes what it has.  The old instance is
 * kept (slot->rollback) from the swap until the commit, so whatever goes wrong before leaves it
 * serving.  All patience is the kernel's: rsd may die at any of these stages.
 */
#include <linux/jiffies.h>
#include <linux/netlink.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include <linux/rs_channel.h>

#include "endpoint.h"
#include "event.h"
#include "failover.h"
#include "failover_priv.h"
#include "instance.h"
#include "ledger.h"
#include "recovery.h"
#include "update.h"

static void rs_update_phase(struct rs_slot *slot, u32 phase)
{
	lockdep_assert_held(&slot->lock);
	WRITE_ONCE(slot->update.phase, phase);
}

static void rs_update_patience(struct rs_slot *slot, u32 timeout_ms)
{
	unsigned long timeout = msecs_to_jiffies(timeout_ms);

	slot->update.deadline = jiffies + timeout;
	mod_delayed_work(rs_wq, &slot->update.timer, timeout);
}

static void rs_update_gates(struct rs_slot *slot, enum rs_gate gate)
{
	u32 i;

	for (i = 1; i <= slot->nr_queues; i++)
		rs_queue_gate(slot->queue[i], gate);
}

static int rs_update_epoch(struct rs_slot *slot, u32 epoch, struct netlink_ext_ack *extack)
{
	if (!epoch || epoch == slot->epoch)
		return 0;
	NL_SET_ERR_MSG(extack, "the epoch is over");
	return -ESTALE;
}

/* Prepare */

static void rs_wish_stage(struct rs_req *req, void *va)
{
	if (va)
		memcpy(va, req->queue->slot->update.expr, req->len);
}

static void rs_wish_done(struct rs_req *req)
{
	struct rs_slot *slot = req->queue->slot;

	/* Not the unbinding's own, nor the answer to a wish that was taken back. */
	if (req->epoch && req->owner) {
		rs_answer(&slot->update.answer, (u32)(uintptr_t)req->owner, req->res);
		rs_slot_kick(slot, RS_TODO_PREPARED);
	}
	rs_req_free(req);
}

static const struct rs_req_ops rs_wish_ops = {
	.stage	= rs_wish_stage,
	.done	= rs_wish_done,
};

/* @serial: of the wish whose answer counts; 0 = none does. */
static int rs_wish_send(struct rs_slot *slot, u32 state, u32 timeout_ms, u32 serial)
{
	struct rs_req *req = rs_req_get(slot->queue[0], RS_RANK_CLIENT);
	u32 len = state == RS_LU_EVAL ? strlen(slot->update.expr) + 1 : 0;

	if (!req)
		return -EBUSY;
	req->op = RS_OP_PREPARE;
	req->arg = state;
	req->data = timeout_ms;
	req->len = len;
	req->buf_want = len;
	req->flags = RS_REQ_NO_DEADLINE | RS_REQ_INNOCENT | RS_REQ_VOLATILE | (len ? RS_REQ_BUF : 0);
	req->replay = RS_REPLAY_ONCE;
	req->epoch = slot->epoch;
	req->ops = &rs_wish_ops;
	req->owner = (void *)(uintptr_t)serial;
	rs_req_submit(req, true);
	return 0;
}

static void rs_update_tell(struct rs_slot *slot, int result)
{
	rs_event_send(slot, &(struct rs_event) {
		.type = RSMOD_EVENT_TYPE_PREPARED, .inst = slot->bound, .result = result });
}

static bool rs_update_wished(const struct rs_slot *slot)
{
	return slot->update.phase >= RS_UPDATE_PREPARING && slot->update.phase <= RS_UPDATE_READY;
}

/* The wish is over, and the bound instance goes on. */
static void rs_update_resume(struct rs_slot *slot, int result)
{
	bool held = slot->update.phase != RS_UPDATE_PREPARING;

	cancel_delayed_work(&slot->update.timer);
	rs_update_phase(slot, RS_UPDATE_NONE);
	if (held)
		rs_update_gates(slot, RS_GATE_OPEN);
	rs_update_tell(slot, result);
}

/* It is told so; if it has no ear for that it finds its gates open. */
static void rs_update_cancel(struct rs_slot *slot)
{
	rs_wish_send(slot, RS_LU_NULL, 0, 0);
	rs_update_resume(slot, -EINTR);
}

static int rs_update_wish(struct rs_slot *slot, u32 state, const char *expr, u32 timeout_ms,
			  struct netlink_ext_ack *extack)
{
	int err;

	if (state == RS_LU_NULL) {
		if (!rs_update_wished(slot)) {
			NL_SET_ERR_MSG(extack, "no update is being prepared");
			return -ESRCH;
		}
		rs_update_cancel(slot);
		return 0;
	}
	if (slot->state != RS_SLOT_LIVE || slot->update.phase != RS_UPDATE_NONE) {
		NL_SET_ERR_MSG(extack, "the service is not up, or an update is under way");
		return -EBUSY;
	}
	strscpy(slot->update.expr, expr, sizeof(slot->update.expr));
	/* 0 is nobody's. */
	slot->update.serial = slot->update.serial + 1 ?: 1;
	err = rs_wish_send(slot, state, timeout_ms, slot->update.serial);
	if (err) {
		NL_SET_ERR_MSG(extack, "the control queue is full");
		return err;
	}
	rs_update_phase(slot, RS_UPDATE_PREPARING);
	rs_update_patience(slot, timeout_ms);
	return 0;
}

int rs_update_prepare(struct rs_slot *slot, u32 epoch, u32 state, const char *expr,
		      u32 timeout_ms, struct netlink_ext_ack *extack)
{
	int err;

	mutex_lock(&slot->lock);
	err = rs_update_epoch(slot, epoch, extack);
	if (!err)
		err = rs_update_wish(slot, state, expr, timeout_ms, extack);
	mutex_unlock(&slot->lock);
	return err;
}

int rs_update_hold(struct rs_instance *inst)
{
	struct rs_slot *slot = inst->slot;
	int err = 0;

	mutex_lock(&slot->lock);
	if (slot->bound != inst || !rs_instance_is_bound(inst)) {
		err = -EOWNERDEAD;
	} else if (slot->update.phase == RS_UPDATE_PREPARING) {
		rs_update_gates(slot, RS_GATE_CLOSED);
		rs_update_phase(slot, RS_UPDATE_HELD);
	} else if (slot->update.phase != RS_UPDATE_HELD) {
		err = -EINVAL;
	}
	mutex_unlock(&slot->lock);
	return err;
}

void rs_update_prepared(struct rs_slot *slot)
{
	int res;

	if (!rs_answered(&slot->update.answer, slot->update.serial, &res))
		return;
	/* Or it was taken back before. */
	if (slot->update.phase != RS_UPDATE_PREPARING && slot->update.phase != RS_UPDATE_HELD)
		return;
	if (res) {
		rs_update_resume(slot, res < 0 ? res : -EPROTO);
		return;
	}
	/* One that holds nothing back may leave the hold to us. */
	rs_update_gates(slot, RS_GATE_CLOSED);
	rs_update_phase(slot, RS_UPDATE_READY);
	rs_update_tell(slot, 0);
}

/* Swap */

/*
 * Every thread that serves a queue sleeps in ENTER, and no request is in its hands.  One that
 * said it is ready may hold such as can be sent again: they are its successor's.
 */
static bool rs_updatable(struct rs_slot *slot)
{
	bool ready = slot->update.phase == RS_UPDATE_READY;
	struct rs_instance *inst = slot->bound;
	u32 i;

	for (i = 0; i < inst->nr_rings; i++)
		if ((READ_ONCE(inst->ring[i].entered) && !READ_ONCE(inst->ring[i].waiting)) ||
		    !rs_queue_idle(slot->queue[i], ready))
			return false;
	return true;
}

static struct rs_instance *rs_find_number(struct rs_slot *slot, u32 number)
{
	struct rs_instance *inst;

	list_for_each_entry(inst, &slot->instances, link)
		if (inst->number == number)
			return inst;
	return NULL;
}

static int rs_swap_check(struct rs_slot *slot, const struct rs_swap *swap,
			 const struct rs_instance *inst, struct netlink_ext_ack *extack)
{
	int err = rs_update_epoch(slot, swap->epoch, extack);

	if (err)
		return err;
	if (!inst || rs_instance_state(inst) != RS_INST_STANDBY) {
		NL_SET_ERR_MSG(extack, "no such standby");
		return -ESRCH;
	}
	if (slot->state != RS_SLOT_LIVE || slot->rollback) {
		NL_SET_ERR_MSG(extack, "the service is not up, or another swap is under way");
		return -EBUSY;
	}
	if (slot->update.phase != RS_UPDATE_NONE && slot->update.phase != RS_UPDATE_READY) {
		NL_SET_ERR_MSG(extack, "the service was asked to get ready, and is not yet");
		return -EBUSY;
	}
	return 0;
}

static int rs_swap_locked(struct rs_slot *slot, const struct rs_swap *swap,
			  struct netlink_ext_ack *extack)
{
	struct rs_instance *old = slot->bound, *inst = rs_find_number(slot, swap->instance);
	int err = rs_swap_check(slot, swap, inst, extack);

	if (err)
		return err;
	/* With the gate closed what is idle stays idle. */
	rs_update_gates(slot, RS_GATE_CLOSED);
	if (!rs_updatable(slot)) {
		if (slot->update.phase == RS_UPDATE_NONE)
			rs_update_gates(slot, RS_GATE_OPEN);
		NL_SET_ERR_MSG(extack, "the bound instance is not updatable: it is at work");
		return -EBUSY;
	}
	rs_recovery_close(slot);
	rs_unbind(slot, false);
	rs_set_state(slot, RS_SLOT_DOWN);
	old->hold = true;
	if (atomic_cmpxchg(&old->state, RS_INST_BOUND, RS_INST_STANDBY) == RS_INST_BOUND)
		slot->rollback = rs_instance_get(old);
	if (!rs_bind(slot, inst, swap->init)) {
		rs_down(slot, false);
		NL_SET_ERR_MSG(extack, "the standby died");
		return -ESRCH;
	}
	slot->update.commit = swap->commit;
	slot->update.timeout_ms = swap->timeout_ms;
	rs_update_phase(slot, RS_UPDATE_SWAPPED);
	slot->swaps++;
	return 0;
}

int rs_update_swap(struct rs_slot *slot, const struct rs_swap *swap,
		   struct netlink_ext_ack *extack)
{
	int err;

	mutex_lock(&slot->lock);
	err = rs_swap_locked(slot, swap, extack);
	mutex_unlock(&slot->lock);
	return err;
}

/* Commit and roll back */

bool rs_update_inited(struct rs_slot *slot)
{
	if (slot->update.phase != RS_UPDATE_SWAPPED || slot->update.commit != RS_COMMIT_MANUAL)
		return false;
	cancel_delayed_work(&slot->init_timer);
	rs_update_phase(slot, RS_UPDATE_INITED);
	rs_update_patience(slot, slot->update.timeout_ms);
	rs_event_send(slot, &(struct rs_event) {
		.type = RSMOD_EVENT_TYPE_INITED, .inst = slot->bound });
	return true;
}

/* The swap is final: the predecessor goes. */
static void rs_update_final(struct rs_slot *slot)
{
	struct rs_instance *old = slot->rollback;

	cancel_delayed_work(&slot->update.timer);
	rs_update_phase(slot, RS_UPDATE_NONE);
	slot->commits++;
	rs_event_send(slot, &(struct rs_event) {
		.type = RSMOD_EVENT_TYPE_COMMITTED, .inst = slot->bound });
	/* It may have died, parked as it was. */
	if (!old)
		return;
	slot->rollback = NULL;
	rs_instance_event(old, RS_EVENT_STOP);
	rs_instance_die(old, RS_CAUSE_SWAP, 0, NULL);
	rs_instance_put(old);
}

void rs_update_up(struct rs_slot *slot)
{
	if (slot->update.phase != RS_UPDATE_SWAPPED)
		return;
	if (slot->update.commit == RS_COMMIT_PROBATION) {
		rs_update_phase(slot, RS_UPDATE_PROBATION);
		rs_update_patience(slot, slot->update.timeout_ms);
	} else {
		rs_update_final(slot);
	}
}

/* From INITED: what is left is the replay.  If that fails the old one serves after all. */
static void rs_update_go(struct rs_slot *slot)
{
	unsigned long timeout = msecs_to_jiffies(READ_ONCE(slot->policy.init_timeout_ms));

	cancel_delayed_work(&slot->update.timer);
	rs_update_phase(slot, RS_UPDATE_SWAPPED);
	slot->update.commit = RS_COMMIT_UP;
	slot->init_deadline = jiffies + timeout;
	mod_delayed_work(rs_wq, &slot->init_timer, timeout);
	rs_replay(slot);
}

int rs_update_commit(struct rs_slot *slot, u32 epoch, struct netlink_ext_ack *extack)
{
	int err;

	mutex_lock(&slot->lock);
	err = rs_update_epoch(slot, epoch, extack);
	if (err)
		goto out_unlock;
	switch (slot->update.phase) {
	case RS_UPDATE_INITED:
		rs_update_go(slot);
		break;
	case RS_UPDATE_PROBATION:
		rs_update_final(slot);
		break;
	default:
		NL_SET_ERR_MSG(extack, "no swap waits for a commit");
		err = -ESRCH;
	}
out_unlock:
	mutex_unlock(&slot->lock);
	return err;
}

/* The new instance goes, the old one serves again. */
static void rs_update_undo(struct rs_slot *slot, const char *why)
{
	struct rs_instance *inst = slot->bound;

	rs_unbind(slot, false);
	rs_instance_die(inst, RS_CAUSE_SWAP, 0, why);
	rs_gone(slot, inst, false);
}

static int rs_rollback_locked(struct rs_slot *slot, u32 epoch, struct netlink_ext_ack *extack)
{
	int err = rs_update_epoch(slot, epoch, extack);

	if (err)
		return err;
	if (slot->update.phase < RS_UPDATE_SWAPPED || !slot->rollback || !slot->bound) {
		NL_SET_ERR_MSG(extack, "there is no swap that could be undone");
		return -ESRCH;
	}
	if (slot->update.phase == RS_UPDATE_PROBATION) {
		/* It serves: what it has in its hands must not be lost. */
		rs_update_gates(slot, RS_GATE_CLOSED);
		if (!rs_updatable(slot)) {
			rs_update_gates(slot, RS_GATE_OPEN);
			NL_SET_ERR_MSG(extack, "the new instance is at work");
			return -EBUSY;
		}
	}
	rs_update_undo(slot, "rolled back");
	return 0;
}

int rs_update_rollback(struct rs_slot *slot, u32 epoch, struct netlink_ext_ack *extack)
{
	int err;

	mutex_lock(&slot->lock);
	err = rs_rollback_locked(slot, epoch, extack);
	mutex_unlock(&slot->lock);
	return err;
}

void rs_update_unbound(struct rs_slot *slot, bool guilty)
{
	bool wished = rs_update_wished(slot);

	cancel_delayed_work(&slot->update.timer);
	rs_update_phase(slot, RS_UPDATE_NONE);
	if (wished && guilty)
		rs_update_tell(slot, -RS_ERESTART);
}

void rs_update_expired(struct rs_slot *slot)
{
	/* The timer may have been an earlier stage's. */
	if (time_before(jiffies, slot->update.deadline))
		return;
	switch (slot->update.phase) {
	case RS_UPDATE_PREPARING:
	case RS_UPDATE_HELD:
	case RS_UPDATE_READY:
		rs_update_cancel(slot);
		break;
	case RS_UPDATE_INITED:
		if (slot->rollback)
			rs_update_undo(slot, "nobody committed the update");
		else
			/* The old one has died meanwhile: there is no way back. */
			rs_update_go(slot);
		break;
	case RS_UPDATE_PROBATION:
		rs_update_final(slot);
		break;
	}
}

static void rs_update_timeout(struct work_struct *work)
{
	rs_slot_kick(container_of(to_delayed_work(work), struct rs_slot, update.timer),
		     RS_TODO_UPDATE);
}

void rs_update_init(struct rs_slot *slot)
{
	INIT_DELAYED_WORK(&slot->update.timer, rs_update_timeout);
}

void rs_update_exit(struct rs_slot *slot)
{
	cancel_delayed_work_sync(&slot->update.timer);
}
