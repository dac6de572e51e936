// SPDX-License-Identifier: GPL-2.0
/*
 * recovery.c - the record of a recovery: from a death to the first request served after it
 *
 * The worker stamps its steps into slot->rec.  The last step is not the worker's: it is the first
 * completion that a client sees, noticed by whoever reaps it, without slot->lock.  So that word
 * says under which binding it is awaited, and the slot's rec_lock decides who takes it.  A record
 * that is closed goes into the log, and to whoever listens.
 */
#include <linux/ktime.h>
#include <linux/pid.h>
#include <linux/string.h>

#include "endpoint.h"
#include "event.h"
#include "instance.h"
#include "recovery.h"
#include "trace.h"

void rs_recovery_step(struct rs_slot *slot, enum rsmod_rec_step step)
{
	lockdep_assert_held(&slot->lock);
	slot->rec.step[step] = ktime_get_ns();
	trace_rs_fence(slot, step);
}

bool rs_recovering(const struct rs_slot *slot)
{
	return slot->rec.from && !slot->rec.step[RSMOD_REC_STEP_SERVED];
}

void rs_recovery_close(struct rs_slot *slot)
{
	lockdep_assert_held(&slot->lock);
	if (!slot->rec.from)
		return;
	/* From here on no completion ends it. */
	spin_lock_bh(&slot->rec_lock);
	WRITE_ONCE(slot->rec_active, 0);
	spin_unlock_bh(&slot->rec_lock);

	slot->rec_log[slot->rec.number % RS_REC_LOG] = slot->rec;
	rs_event_send(slot, &(struct rs_event) {
		.type = RSMOD_EVENT_TYPE_RECOVERED, .inst = slot->bound, .cause = slot->rec.cause,
		.signo = slot->rec.signo, .text = slot->rec.text, .rec = &slot->rec });
	slot->rec.from = 0;
}

void rs_recovery_open(struct rs_slot *slot, struct rs_instance *inst)
{
	u32 number = slot->rec.number;

	rs_recovery_close(slot);
	slot->rec = (struct rs_recovery) {
		.number = number + 1,
		.cause = inst->cause,
		.signo = inst->signo,
		.from = inst->number,
		.pid = pid_nr(inst->pid),
		.epoch = inst->epoch,
	};
	strscpy(slot->rec.text, inst->text, sizeof(slot->rec.text));
	slot->rec.step[RSMOD_REC_STEP_DETECTED] = inst->died_at;
}

void rs_recovery_await(struct rs_slot *slot)
{
	lockdep_assert_held(&slot->lock);
	if (slot->rec.from)
		WRITE_ONCE(slot->rec_active, slot->epoch);
}

void rs_recovery_served(struct rs_slot *slot, u32 epoch)
{
	u64 now = ktime_get_ns();
	bool first;

	spin_lock_bh(&slot->rec_lock);
	first = slot->rec_active == epoch;
	if (first) {
		WRITE_ONCE(slot->rec_active, 0);
		slot->rec.step[RSMOD_REC_STEP_SERVED] = now;
	}
	spin_unlock_bh(&slot->rec_lock);
	if (first)
		rs_slot_kick(slot, RS_TODO_SERVED);
}

void rs_recovery_settled(struct rs_slot *slot)
{
	/* Or is it the next one already that is under way? */
	if (slot->rec.step[RSMOD_REC_STEP_SERVED])
		rs_recovery_close(slot);
}
