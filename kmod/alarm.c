// SPDX-License-Identifier: GPL-2.0
/*
 * alarm.c - the alarm of a service
 *
 * A timer of the slot, not of an instance: set before a crash, it goes off after it.  That it
 * did is kept with the notifications until somebody serves.
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>

#include <linux/rs_msg.h>

#include "alarm.h"
#include "endpoint.h"
#include "instance.h"
#include "notify.h"

static enum hrtimer_restart rs_alarm_ring(struct hrtimer *timer)
{
	rs_notify_alarm(container_of(timer, struct rs_slot, alarm));
	return HRTIMER_NORESTART;
}

int rs_alarm_set(struct rs_instance *inst, struct rs_alarm *arg)
{
	struct rs_slot *slot = inst->slot;
	bool serves = rs_instance_act(inst);
	ktime_t left = 0;

	if (serves && hrtimer_active(&slot->alarm))
		left = hrtimer_get_remaining(&slot->alarm);
	if (serves && arg->ns)
		hrtimer_start(&slot->alarm, ns_to_ktime(min_t(u64, arg->ns, KTIME_MAX)),
			      HRTIMER_MODE_REL_SOFT);
	else if (serves)
		/* If it is just going off it goes off: the caller was too late. */
		hrtimer_try_to_cancel(&slot->alarm);
	rs_instance_acted(inst);
	arg->left = left > 0 ? ktime_to_ns(left) : 0;
	return serves ? 0 : -EOWNERDEAD;
}

void rs_alarm_init(struct rs_slot *slot)
{
	hrtimer_init(&slot->alarm, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	slot->alarm.function = rs_alarm_ring;
}

void rs_alarm_exit(struct rs_slot *slot)
{
	hrtimer_cancel(&slot->alarm);
}
