// SPDX-License-Identifier: GPL-2.0
/*
 * notify.c - what a service has been notified of
 *
 * A bit is in one of three places:
 *
 *	nowhere ──set──► pending ──take──► taken ──the instance is back in ENTER──► nowhere
 *	                    ▲                │
 *	                    └─ it is unbound ┘
 *
 * Taking is an instance's say, hence checked: rs_instance_act().  Delivery begins when the
 * slot is live: an instance that is still in INIT is not told.
 */
#include <linux/bitmap.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "endpoint.h"
#include "instance.h"
#include "notify.h"

/**
 * struct rs_notify - see above
 * @lock: protects the rest; leaf
 * @nr: bits in @pending, and one for @alarm; read anywhere
 * @nr_taken: the same of @taken and @alarm_taken
 * @alarm: it went off
 * @alarm_taken: the bound instance was told
 * @pending: indices of senders
 * @taken: those that the bound instance was told of since it was last in ENTER
 */
struct rs_notify {
	spinlock_t lock;
	u32 nr;
	u32 nr_taken;
	bool alarm;
	bool alarm_taken;
	DECLARE_BITMAP(pending, RS_SLOTS_MAX);
	DECLARE_BITMAP(taken, RS_SLOTS_MAX);
};

struct rs_notify *rs_notify_new(void)
{
	struct rs_notify *notify = kzalloc(sizeof(*notify), GFP_KERNEL_ACCOUNT);

	if (notify)
		spin_lock_init(&notify->lock);
	return notify;
}

void rs_notify_free(struct rs_notify *notify)
{
	kfree(notify);
}

static void rs_notify_wake(struct rs_slot *slot)
{
	struct rs_instance *inst;

	rcu_read_lock();
	inst = rcu_dereference(slot->irq_target);
	if (inst)
		rs_instance_kick(inst, false);
	rcu_read_unlock();
}

void rs_notify_set(struct rs_slot *slot, u32 index)
{
	struct rs_notify *notify = slot->notify;

	spin_lock_bh(&notify->lock);
	if (!__test_and_set_bit(index, notify->pending))
		WRITE_ONCE(notify->nr, notify->nr + 1);
	spin_unlock_bh(&notify->lock);
	rs_notify_wake(slot);
}

void rs_notify_alarm(struct rs_slot *slot)
{
	struct rs_notify *notify = slot->notify;

	spin_lock_bh(&notify->lock);
	if (!notify->alarm)
		WRITE_ONCE(notify->nr, notify->nr + 1);
	notify->alarm = true;
	spin_unlock_bh(&notify->lock);
	rs_notify_wake(slot);
}

bool rs_notify_waits(struct rs_slot *slot)
{
	return READ_ONCE(slot->notify->nr) && rs_slot_live(slot);
}

u32 rs_notify_events(struct rs_slot *slot)
{
	struct rs_notify *notify = slot->notify;
	u32 events = 0;

	if (!rs_notify_waits(slot))
		return 0;
	spin_lock_bh(&notify->lock);
	if (notify->alarm) {
		notify->alarm = false;
		notify->alarm_taken = true;
		WRITE_ONCE(notify->nr_taken, notify->nr_taken + 1);
		WRITE_ONCE(notify->nr, notify->nr - 1);
		events |= RS_EVENT_ALARM;
	}
	if (notify->nr)
		events |= RS_EVENT_NOTIFY;
	spin_unlock_bh(&notify->lock);
	return events;
}

u32 rs_notify_take(struct rs_slot *slot, s32 *endpoint, u32 max)
{
	struct rs_notify *notify = slot->notify;
	u32 nr = 0, i;

	spin_lock_bh(&notify->lock);
	for_each_set_bit(i, notify->pending, RS_SLOTS_MAX) {
		if (nr == max)
			break;
		/* One that goes takes its bit along before its place is another's. */
		endpoint[nr++] = rs_slot_endpoint(i);
		__clear_bit(i, notify->pending);
		WRITE_ONCE(notify->nr, notify->nr - 1);
		/* It may notify again before we are back. */
		if (!__test_and_set_bit(i, notify->taken))
			WRITE_ONCE(notify->nr_taken, notify->nr_taken + 1);
	}
	spin_unlock_bh(&notify->lock);
	return nr;
}

bool rs_notify_taken(struct rs_slot *slot)
{
	return READ_ONCE(slot->notify->nr_taken);
}

void rs_notify_settle(struct rs_slot *slot)
{
	struct rs_notify *notify = slot->notify;

	spin_lock_bh(&notify->lock);
	bitmap_zero(notify->taken, RS_SLOTS_MAX);
	notify->alarm_taken = false;
	WRITE_ONCE(notify->nr_taken, 0);
	spin_unlock_bh(&notify->lock);
}

void rs_notify_return(struct rs_slot *slot)
{
	struct rs_notify *notify = slot->notify;

	spin_lock_bh(&notify->lock);
	bitmap_or(notify->pending, notify->pending, notify->taken, RS_SLOTS_MAX);
	bitmap_zero(notify->taken, RS_SLOTS_MAX);
	notify->alarm |= notify->alarm_taken;
	notify->alarm_taken = false;
	WRITE_ONCE(notify->nr_taken, 0);
	WRITE_ONCE(notify->nr, bitmap_weight(notify->pending, RS_SLOTS_MAX) + notify->alarm);
	spin_unlock_bh(&notify->lock);
}

void rs_notify_open(struct rs_slot *slot)
{
	if (rs_notify_waits(slot))
		rs_notify_wake(slot);
}

void rs_notify_forget(u32 index)
{
	struct rs_notify *notify;
	struct rs_slot *slot;
	u32 i = 0;

	for (; (slot = rs_slot_next(&i)); i++) {
		notify = slot->notify;
		spin_lock_bh(&notify->lock);
		if (__test_and_clear_bit(index, notify->pending))
			WRITE_ONCE(notify->nr, notify->nr - 1);
		if (__test_and_clear_bit(index, notify->taken))
			WRITE_ONCE(notify->nr_taken, notify->nr_taken - 1);
		spin_unlock_bh(&notify->lock);
		rs_slot_put(slot);
	}
}
