// SPDX-License-Identifier: GPL-2.0
/*
 * enter.c - RS_IOC_ENTER: reap completions and wait for requests, in one call
 *
 * Sleep and wake-up.  The kernel's side stores the ring's private tail, then looks for sleepers
 * (wq_has_sleeper() is a full barrier); the driver's thread puts itself on the wait queue (a full
 * barrier, in prepare_to_wait()), then looks at the tail.  One of the two sees the other:
 *
 *	publish			ENTER
 *	-------			-----
 *	sq_tail = n + 1		on the wait queue
 *	full barrier		full barrier
 *	anyone waiting? wake	sq_tail != sq_head? do not sleep
 *
 * Documentation/model/enter.pml is the same as a model for spin.
 */
#include <linux/hrtimer.h>
#include <linux/processor.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "endpoint.h"
#include "enter.h"
#include "instance.h"
#include "lease.h"
#include "ledger.h"
#include "notify.h"

/* Is there a reason not to sleep? */
static bool rs_enter_work(struct rs_instance *inst, const struct rs_enter *arg)
{
	int state = atomic_read(&inst->state);
	u32 i;

	if (state == RS_INST_DYING || state == RS_INST_CORPSE)
		return true;
	for (i = 0; i < arg->nr; i++)
		if (READ_ONCE(inst->ring[arg->first + i].sq_tail) != arg->queue[i].sq_head)
			return true;
	if (arg->first)
		return atomic_read(&inst->events) & RS_EVENT_STOP;
	return atomic_read(&inst->events) ||
	       (state == RS_INST_BOUND &&
		(atomic64_read(&inst->slot->irqs) || rs_notify_waits(inst->slot)));
}

static int rs_enter_wait(struct rs_instance *inst, const struct rs_enter *arg)
{
	ktime_t timeout = KTIME_MAX;

	if (arg->spin_ns) {
		u64 end = ktime_get_ns() + arg->spin_ns;

		while (!rs_enter_work(inst, arg)) {
			if (need_resched() || signal_pending(current) || ktime_get_ns() >= end)
				break;
			cpu_relax();
		}
	}
	if (arg->timeout_ns < KTIME_MAX)
		timeout = ns_to_ktime(arg->timeout_ns);
	return wait_event_interruptible_hrtimeout(inst->wait, rs_enter_work(inst, arg), timeout);
}

static void rs_enter_waiting(struct rs_instance *inst, const struct rs_enter *arg, bool waiting)
{
	u32 i;

	for (i = 0; i < arg->nr; i++) {
		WRITE_ONCE(inst->ring[arg->first + i].entered, true);
		WRITE_ONCE(inst->ring[arg->first + i].waiting, waiting);
	}
}

/* What happened besides requests; but for STOP the thread of the control queue alone is told. */
static void rs_enter_events(struct rs_instance *inst, struct rs_enter *arg)
{
	arg->events = 0;
	arg->irqs = 0;
	arg->signals = 0;
	if (arg->first) {
		arg->events = atomic_read(&inst->events) & RS_EVENT_STOP;
		return;
	}
	/* STOP stays, for the other threads. */
	arg->events = atomic_fetch_and(RS_EVENT_STOP, &inst->events) & ~RS_EVENT_IRQ;
	WRITE_ONCE(inst->event_since, 0);
	if (arg->events & RS_EVENT_SIGNAL)
		arg->signals = atomic_xchg(&inst->signals, 0);
	if (!rs_instance_is_bound(inst))
		return;
	arg->irqs = rs_lease_take_irqs(inst);
	if (arg->irqs)
		arg->events |= RS_EVENT_IRQ;
	if (unlikely(rs_notify_waits(inst->slot))) {
		if (rs_instance_act(inst))
			arg->events |= rs_notify_events(inst->slot);
		rs_instance_acted(inst);
	}
}

/* It is back: what it was notified of it has dealt with. */
static void rs_enter_settle(struct rs_instance *inst, const struct rs_enter *arg)
{
	if (arg->first || likely(!rs_notify_taken(inst->slot)))
		return;
	if (rs_instance_act(inst))
		rs_notify_settle(inst->slot);
	rs_instance_acted(inst);
}

static int rs_enter_check(const struct rs_instance *inst, const struct rs_enter *arg)
{
	if (arg->flags & ~RS_ENTER_F_ALL || arg->spin_ns > RS_SPIN_MAX_NS)
		return -EINVAL;
	/* Both are 16 bits wide: the sum does not wrap. */
	if (arg->nr > RS_ENTER_QUEUES || arg->first + arg->nr > inst->nr_rings)
		return -EINVAL;
	return 0;
}

int rs_enter(struct rs_instance *inst, struct rs_enter *arg)
{
	struct rs_slot *slot = inst->slot;
	int err, reaped;
	u32 i;

	err = rs_enter_check(inst, arg);
	if (err)
		return err;
	WRITE_ONCE(inst->last_enter, jiffies);

	rs_enter_settle(inst, arg);
	arg->reaped = 0;
	for (i = 0; i < arg->nr; i++) {
		struct rs_queue *queue = slot->queue[arg->first + i];

		reaped = rs_queue_reap(queue, inst);
		if (reaped > 0)
			arg->reaped += reaped;
		WRITE_ONCE(inst->ring[arg->first + i].sq_head, arg->queue[i].sq_head);
		rs_queue_credit(queue, inst, arg->queue[i].credit);
	}

	if (!arg->first && atomic_read(&inst->state) == RS_INST_ATTACHED)
		rs_instance_ready(inst);
	if (!(arg->flags & RS_ENTER_NOWAIT) && !rs_enter_work(inst, arg)) {
		rs_enter_waiting(inst, arg, true);
		err = rs_enter_wait(inst, arg);
		rs_enter_waiting(inst, arg, false);
		WRITE_ONCE(inst->last_enter, jiffies);
	}
	switch (atomic_read(&inst->state)) {
	case RS_INST_DYING:
	case RS_INST_CORPSE:
		return -EOWNERDEAD;
	}
	if (err)
		return err;
	rs_enter_events(inst, arg);
	return 0;
}
