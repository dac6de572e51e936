// SPDX-License-Identifier: GPL-2.0
/*
 * failover.c - the slot's worker: bind, unbind, fence, replay, swap
 *
 *	EMPTY ──────────────────────┐                     DOWN: nobody serves, requests wait
 *	                            ▼
 *	          a standby is there: bind
 *	  DOWN ──────────────────► INIT ──INIT ok──► REPLAY ──replayed──► LIVE
 *	    ▲                       │                  │                   │
 *	    └──────── FENCING ◄─────┴── the bound instance dies ───────────┘
 *
 * A live update goes the same way, with a live instance in the place of the dead: update.c.
 *
 * FENCING is passed through at once, unless the service's effects reach a backend: then it lasts
 * until the dead process is gone.  Everything here runs with slot->lock held: in the slot's one
 * work item, for which detectors and completions only set todo bits; or in the caller's context,
 * when rsd asks for a swap or takes the slot down.  No step waits for rsd, for a grace period or
 * for the dead.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "capsule.h"
#include "endpoint.h"
#include "event.h"
#include "failover.h"
#include "failover_priv.h"
#include "frontend.h"
#include "instance.h"
#include "lease.h"
#include "ledger.h"
#include "map.h"
#include "message.h"
#include "notify.h"
#include "recovery.h"
#include "state.h"
#include "trace.h"
#include "update.h"

/* A process that reported its own death and is still there after this is killed. */
#define RS_REAP_MS	5000

void rs_set_state(struct rs_slot *slot, u32 state)
{
	lockdep_assert_held(&slot->lock);
	WRITE_ONCE(slot->state, state);
}

/* End the process, unless it ends by itself: a SIGKILL would cut its core dump short. */
static void rs_kill(struct rs_instance *inst)
{
	switch (inst->cause) {
	case RS_CAUSE_SIGNAL:
	case RS_CAUSE_EXIT:
		return;
	case RS_CAUSE_REPORT:
		queue_delayed_work(rs_wq, &inst->slot->reaper, msecs_to_jiffies(RS_REAP_MS));
		return;
	}
	kill_pid(inst->pid, SIGKILL, 1);
}

void rs_failover_reap(struct work_struct *work)
{
	struct rs_slot *slot = container_of(to_delayed_work(work), struct rs_slot, reaper);
	struct rs_instance *inst;

	mutex_lock(&slot->lock);
	list_for_each_entry(inst, &slot->instances, link)
		if (inst->buried && inst->cause == RS_CAUSE_REPORT && !READ_ONCE(inst->signaled))
			kill_pid(inst->pid, SIGKILL, 1);
	mutex_unlock(&slot->lock);
}

/*
 * Nobody serves from here on.  In this order: no interrupt is handed out, no completion is
 * accepted, no state is written, no register is reached, no DMA is made.
 */
void rs_unbind(struct rs_slot *slot, bool guilty)
{
	struct rs_instance *inst = slot->bound;
	struct rs_unbind did = {};
	u32 i;

	rs_set_state(slot, RS_SLOT_FENCING);
	WRITE_ONCE(slot->epoch, slot->epoch + 1);
	/* What it is just doing to others it does now; see rs_instance_act(). */
	spin_lock_bh(&slot->act_lock);
	spin_unlock_bh(&slot->act_lock);
	RCU_INIT_POINTER(slot->irq_target, NULL);
	rs_message_unbind(slot);
	/* Also of one that is swapped: it may have left its ENTER with them just now. */
	rs_notify_return(slot);
	if (guilty)
		rs_capsule_take(slot, inst);
	for (i = 0; i <= slot->nr_queues; i++)
		rs_queue_unbind(slot->queue[i], guilty, &did);
	/* Not before: a queue that is still bound would publish its suspect to the dead. */
	WRITE_ONCE(slot->accused, NULL);
	slot->bound = NULL;
	if (slot->fe_priv && slot->fe->gate)
		slot->fe->gate(slot, false);
	rs_update_unbound(slot, guilty);
	rs_recovery_step(slot, RSMOD_REC_STEP_UNBOUND);
	slot->rec.replayed += did.replayed;
	slot->rec.dropped += did.dropped;
	rs_map_zap_state(inst);

	if (slot->lease) {
		rs_lease_zap(slot, inst);
		rs_recovery_step(slot, RSMOD_REC_STEP_ZAPPED);
		rs_lease_silence(slot);
		rs_recovery_step(slot, RSMOD_REC_STEP_SILENCED);
	}
}

static struct rs_instance *rs_find_standby(struct rs_slot *slot)
{
	struct rs_instance *inst;

	list_for_each_entry(inst, &slot->instances, link)
		if (rs_instance_state(inst) == RS_INST_STANDBY && !inst->hold)
			return inst;
	return NULL;
}

/*
 * An answer says whose it is, in one word with what it says: it may come in while the instance that
 * gave it dies, and must not be taken for its successor's, nor hide that.
 */
void rs_answer(atomic64_t *answer, u32 epoch, int res)
{
	s64 old = atomic64_read(answer);

	do {
		if ((s32)(epoch - (u32)(old >> 32)) < 0)
			return;
	} while (!atomic64_try_cmpxchg(answer, &old, (s64)((u64)epoch << 32 | (u32)res)));
}

bool rs_answered(const atomic64_t *answer, u32 epoch, int *ret_res)
{
	s64 is = atomic64_read(answer);

	*ret_res = (int)is;
	return (u32)(is >> 32) == epoch;
}

static void rs_init_done(struct rs_req *req)
{
	struct rs_slot *slot = req->queue->slot;

	/* Not the unbinding's own, which answers nothing. */
	if (req->epoch) {
		rs_answer(&slot->init_answer, req->epoch, req->res);
		rs_slot_kick(slot, RS_TODO_INIT);
	}
	rs_req_free(req);
}

static const struct rs_req_ops rs_init_ops = {
	.done	= rs_init_done,
};

static void rs_send_init(struct rs_slot *slot, u32 type)
{
	struct rs_req *req = rs_req_get(slot->queue[0], RS_RANK_CLIENT);

	if (WARN_ON_ONCE(!req)) {
		rs_instance_die(slot->bound, RS_CAUSE_INIT, 0, "no control tag for INIT");
		return;
	}
	req->op = RS_OP_INIT;
	req->arg = type;
	req->data = slot->restarts;
	req->len = rs_state_len(slot);
	req->flags = RS_REQ_FIRST | RS_REQ_NO_DEADLINE | RS_REQ_VOLATILE;
	req->replay = RS_REPLAY_ONCE;
	req->epoch = slot->epoch;
	req->ops = &rs_init_ops;
	rs_req_submit(req, true);
}

/* Make @inst the one that serves.  False if it died in between. */
bool rs_bind(struct rs_slot *slot, struct rs_instance *inst, u32 type)
{
	unsigned long timeout = msecs_to_jiffies(READ_ONCE(slot->policy.init_timeout_ms));
	u32 i;

	if (atomic_cmpxchg(&inst->state, RS_INST_STANDBY, RS_INST_BOUND) != RS_INST_STANDBY)
		return false;
	inst->hold = false;
	WRITE_ONCE(slot->epoch, slot->epoch + 1);
	inst->epoch = slot->epoch;
	slot->bound = inst;
	slot->init_type = type;
	rs_set_state(slot, RS_SLOT_INIT);
	for (i = 0; i <= slot->nr_queues; i++)
		rs_queue_bind(slot->queue[i], inst);
	rs_map_grant_state(inst);
	rs_lease_grant(slot, inst);
	rcu_assign_pointer(slot->irq_target, inst);
	slot->init_deadline = jiffies + timeout;
	mod_delayed_work(rs_wq, &slot->init_timer, timeout);
	rs_send_init(slot, type);
	rs_recovery_step(slot, RSMOD_REC_STEP_BOUND);
	slot->rec.to = inst->number;
	trace_rs_swap(slot, slot->rec.from, inst->number);
	rs_event_send(slot, &(struct rs_event) {
		.type = RSMOD_EVENT_TYPE_BOUND, .inst = inst, .init = type });
	return true;
}

/* May the kernel make one more failover by itself? */
static bool rs_budget(struct rs_slot *slot)
{
	u32 budget = READ_ONCE(slot->policy.budget);
	unsigned long window = msecs_to_jiffies(READ_ONCE(slot->policy.budget_window_ms));

	if (!budget)
		return true;
	if (time_after(jiffies, slot->budget_start + window)) {
		slot->budget_start = jiffies;
		slot->budget_used = 0;
	}
	if (slot->budget_used < budget) {
		slot->budget_used++;
		return true;
	}
	slot->exhausted = true;
	rs_event_send(slot, &(struct rs_event) { .type = RSMOD_EVENT_TYPE_EXHAUSTED });
	return false;
}

/* If the slot waits for an instance and there is one, bind it. */
static void rs_try_bind(struct rs_slot *slot, bool hot)
{
	struct rs_instance *inst;

	if (slot->state != RS_SLOT_EMPTY && slot->state != RS_SLOT_DOWN)
		return;
	if (slot->stopping || slot->exhausted)
		return;
	if (hot && rs_find_standby(slot) && !rs_budget(slot))
		return;
	while ((inst = rs_find_standby(slot))) {
		if (!rs_bind(slot, inst, slot->ever_up ? RS_INIT_RESTART : RS_INIT_FRESH))
			continue;
		if (rs_recovering(slot)) {
			slot->restarts++;
			slot->rec.hot = hot;
			slot->swaps += hot;
		}
		return;
	}
}

static void rs_gate_start(struct rs_slot *slot)
{
	u32 timeout = READ_ONCE(slot->policy.gate_timeout_ms);
	unsigned long deadline = jiffies + msecs_to_jiffies(timeout);

	/* Before there is a front-end nobody waits. */
	if (!timeout || !slot->fe_priv || slot->expired)
		return;
	if (queue_delayed_work(rs_wq, &slot->gate_timer, msecs_to_jiffies(timeout)))
		slot->gate_deadline = deadline;
}

/* After the fence: the slot waits, or goes on at once. */
void rs_down(struct rs_slot *slot, bool hot)
{
	struct rs_instance *back = slot->rollback;

	rs_set_state(slot, RS_SLOT_DOWN);
	rs_gate_start(slot);
	if (back) {
		/* A swap failed: the old one serves again. */
		slot->rollback = NULL;
		if (!slot->stopping && rs_bind(slot, back, RS_INIT_ROLLBACK)) {
			slot->rollbacks++;
			rs_event_send(slot, &(struct rs_event) {
				.type = RSMOD_EVENT_TYPE_ROLLED_BACK, .inst = back });
			rs_instance_put(back);
			return;
		}
		rs_instance_put(back);
	}
	rs_try_bind(slot, hot);
}

void rs_gone(struct rs_slot *slot, struct rs_instance *inst, bool hot)
{
	if (slot->effects == RS_EFFECTS_BACKEND && !inst->released) {
		/* What it does to its backend ends only with it. */
		kill_pid(inst->pid, SIGKILL, 1);
		slot->fencing = inst;
		rs_gate_start(slot);
	} else {
		rs_down(slot, hot);
	}
}

static void rs_told(struct rs_slot *slot, struct rs_instance *inst)
{
	rs_event_send(slot, &(struct rs_event) {
		.type = RSMOD_EVENT_TYPE_DIED, .inst = inst, .cause = inst->cause,
		.signo = inst->signo, .text = inst->text[0] ? inst->text : NULL });
}

/* The bound instance has died. */
static void rs_lost(struct rs_slot *slot, struct rs_instance *inst)
{
	bool hot = rs_find_standby(slot);

	/* One that was tried only is sent back: there will be no restart for it. */
	if (!slot->rollback)
		slot->deaths++;
	rs_recovery_open(slot, inst);
	rs_unbind(slot, true);
	rs_kill(inst);
	rs_gone(slot, inst, hot);
	rs_told(slot, inst);
}

static void rs_bury(struct rs_slot *slot, struct rs_instance *inst)
{
	inst->buried = true;
	if (inst == slot->bound) {
		rs_lost(slot, inst);
	} else {
		if (inst == slot->rollback) {
			slot->rollback = NULL;
			rs_instance_put(inst);
		}
		rs_kill(inst);
		rs_told(slot, inst);
	}
	atomic_set(&inst->state, RS_INST_CORPSE);
}

static void rs_todo_death(struct rs_slot *slot)
{
	struct rs_instance *inst, *next;

	/* The one that clients wait for comes first. */
	if (slot->bound && rs_instance_told(slot->bound))
		rs_bury(slot, slot->bound);
	list_for_each_entry_safe(inst, next, &slot->instances, link) {
		if (rs_instance_told(inst) && !inst->buried)
			rs_bury(slot, inst);
		if (!inst->released || !inst->buried)
			continue;
		if (slot->fencing == inst) {
			slot->fencing = NULL;
			rs_down(slot, rs_find_standby(slot));
		}
		list_del_init(&inst->link);
		rs_instance_put(inst);
	}
}

static void rs_todo_init(struct rs_slot *slot)
{
	char text[RS_DYING_TEXT];
	int res;

	if (slot->state != RS_SLOT_INIT || slot->update.phase == RS_UPDATE_INITED || !rs_answered(&slot->init_answer, slot->epoch, &res))
		return;
	if (res < 0) {
		snprintf(text, sizeof(text), "INIT answered with error %d", -res);
		rs_instance_die(slot->bound, RS_CAUSE_INIT, 0, text);
		return;
	}
	if (!slot->fe_priv && slot->class != RS_CLASS_NONE) {
		rs_instance_die(slot->bound, RS_CAUSE_INIT, 0, "INIT answered without announce");
		return;
	}
	rs_recovery_step(slot, RSMOD_REC_STEP_INIT);
	if (!rs_update_inited(slot))
		rs_replay(slot);
}

void rs_replay(struct rs_slot *slot)
{
	u32 i;

	rs_set_state(slot, RS_SLOT_REPLAY);
	for (i = 0; i <= slot->nr_queues; i++)
		rs_queue_gate(slot->queue[i], RS_GATE_REPLAY);
	slot->fe->replay(slot);
}

static void rs_todo_replayed(struct rs_slot *slot)
{
	struct rs_instance *inst = slot->bound;
	int res;
	u32 i;

	if (slot->state != RS_SLOT_REPLAY || !rs_answered(&slot->replay_answer, slot->epoch, &res))
		return;
	if (res < 0) {
		rs_instance_die(inst, RS_CAUSE_INIT, 0, "the replay of opens and settings failed");
		return;
	}
	cancel_delayed_work(&slot->init_timer);
	cancel_delayed_work(&slot->gate_timer);
	slot->ever_up = true;
	slot->expired = false;
	rs_lease_irq_restart(slot);
	smp_wmb(); /* who sees LIVE sees the new stamp; pairs with rs_detect_watch() */
	rs_set_state(slot, RS_SLOT_LIVE);
	rs_recovery_step(slot, RSMOD_REC_STEP_REPLAYED);
	rs_recovery_await(slot);
	for (i = 0; i <= slot->nr_queues; i++)
		rs_queue_gate(slot->queue[i], RS_GATE_OPEN);
	rs_notify_open(slot);
	if (slot->fe->gate)
		slot->fe->gate(slot, true);
	trace_rs_up(slot, slot->rec.from, inst->number);
	rs_event_send(slot, &(struct rs_event) {
		.type = RSMOD_EVENT_TYPE_UP, .inst = inst, .init = slot->init_type });
	if ((slot->rec.from && slot->rec.hot) || slot->rollback)
		rs_event_send(slot, &(struct rs_event) {
			.type = RSMOD_EVENT_TYPE_SWAPPED, .inst = slot->rollback,
			.successor = inst->number, .rec = slot->rollback ? NULL : &slot->rec });
	rs_update_up(slot);
}

static void rs_todo_timeout(struct rs_slot *slot)
{
	if (slot->state != RS_SLOT_INIT && slot->state != RS_SLOT_REPLAY)
		return;
	if (slot->update.phase == RS_UPDATE_INITED)
		return;
	if (time_before(jiffies, slot->init_deadline))
		return;
	rs_instance_die(slot->bound, RS_CAUSE_INIT, 0,
			slot->state == RS_SLOT_INIT ? "INIT was not answered in time" :
			"opens and settings were not replayed in time");
}

static void rs_expire(struct rs_slot *slot)
{
	u32 i;

	if (slot->state == RS_SLOT_LIVE || slot->expired)
		return;
	WRITE_ONCE(slot->expired, true);
	for (i = 1; i <= slot->nr_queues; i++)
		rs_queue_fail(slot->queue[i], -EIO);
	if (slot->fe_priv && slot->fe->expired)
		slot->fe->expired(slot);
	rs_event_send(slot, &(struct rs_event) { .type = RSMOD_EVENT_TYPE_EXPIRED });
}

/* Clients have waited long enough for a driver. */
static void rs_todo_gate(struct rs_slot *slot)
{
	/* The timer may have been an earlier outage's. */
	if (!time_before(jiffies, slot->gate_deadline))
		rs_expire(slot);
}

static void rs_todo_replay_step(struct rs_slot *slot)
{
	if (slot->state == RS_SLOT_REPLAY)
		slot->fe->replay(slot);
}

static void rs_todo_standby(struct rs_slot *slot)
{
	rs_try_bind(slot, false);
}

static void rs_todo_unplug(struct rs_slot *slot)
{
	if (!slot->lease || !READ_ONCE(slot->lease->gone))
		return;
	rs_event_send(slot, &(struct rs_event) { .type = RSMOD_EVENT_TYPE_UNPLUGGED });
	slot->stopping = true;
	if (slot->bound) {
		rs_instance_die(slot->bound, RS_CAUSE_UNPLUG, 0, "the device is gone");
		rs_bury(slot, slot->bound);
	}
	/* Whoever removes the device waits for this. */
	rs_lease_drop(slot);
	rs_expire(slot);
}

/* In the order of the bits: deaths first. */
static void (* const rs_todo_actions[])(struct rs_slot *slot) = {
	[RS_TODO_DEATH]		= rs_todo_death,
	[RS_TODO_STANDBY]	= rs_todo_standby,
	[RS_TODO_INIT]		= rs_todo_init,
	[RS_TODO_REPLAYED]	= rs_todo_replayed,
	[RS_TODO_TIMEOUT]	= rs_todo_timeout,
	[RS_TODO_GATE]		= rs_todo_gate,
	[RS_TODO_REPLAY_STEP]	= rs_todo_replay_step,
	[RS_TODO_SERVED]	= rs_recovery_settled,
	[RS_TODO_UNPLUG]	= rs_todo_unplug,
	[RS_TODO_PREPARED]	= rs_update_prepared,
	[RS_TODO_UPDATE]	= rs_update_expired,
};

void rs_failover_work(struct work_struct *work)
{
	struct rs_slot *slot = container_of(work, struct rs_slot, work);
	/* What reclaim writes may be waiting for this very failover. */
	unsigned int noio = memalloc_noio_save();
	unsigned long todo;
	int what;

	mutex_lock(&slot->lock);
	while (slot->state != RS_SLOT_DEAD && (todo = xchg(&slot->todo, 0)))
		for_each_set_bit(what, &todo, ARRAY_SIZE(rs_todo_actions))
			rs_todo_actions[what](slot);
	mutex_unlock(&slot->lock);
	memalloc_noio_restore(noio);
	/* Of rs_slot_kick(). */
	rs_slot_put(slot);
}

void rs_failover_init_timeout(struct work_struct *work)
{
	rs_slot_kick(container_of(to_delayed_work(work), struct rs_slot, init_timer),
		     RS_TODO_TIMEOUT);
}

void rs_failover_gate_timeout(struct work_struct *work)
{
	rs_slot_kick(container_of(to_delayed_work(work), struct rs_slot, gate_timer),
		     RS_TODO_GATE);
}

void rs_failover_replayed(struct rs_slot *slot, u32 epoch, int res)
{
	rs_answer(&slot->replay_answer, epoch, res);
	rs_slot_kick(slot, RS_TODO_REPLAYED);
}

void rs_failover_stop(struct rs_slot *slot)
{
	struct rs_instance *inst;

	mutex_lock(&slot->lock);
	slot->stopping = true;
	list_for_each_entry(inst, &slot->instances, link)
		rs_instance_event(inst, RS_EVENT_STOP);
	mutex_unlock(&slot->lock);
}

void rs_failover_shutdown(struct rs_slot *slot)
{
	struct rs_instance *inst, *next;
	u32 i;

	lockdep_assert_held(&slot->lock);
	slot->stopping = true;
	if (slot->bound)
		rs_unbind(slot, false);
	if (slot->rollback) {
		rs_instance_put(slot->rollback);
		slot->rollback = NULL;
	}
	rs_set_state(slot, RS_SLOT_DEAD);
	for (i = 0; i <= slot->nr_queues; i++)
		rs_queue_fail(slot->queue[i], -ENODEV);
	list_for_each_entry_safe(inst, next, &slot->instances, link) {
		rs_instance_die(inst, RS_CAUSE_KILL, 0, NULL);
		kill_pid(inst->pid, SIGKILL, 1);
		inst->buried = true;
		atomic_set(&inst->state, RS_INST_CORPSE);
		if (inst->released) {
			list_del_init(&inst->link);
			rs_instance_put(inst);
		}
	}
}
