/* SPDX-License-Identifier: GPL-2.0 */
/*
 * notify.h - what a service has been notified of: one bit for each sender, and the alarm's
 *
 * The bits belong to the slot: they are set whether or not somebody serves, and stay until the
 * bound instance takes them.  So nothing can fill up, and no outage loses one.
 */
#ifndef _RS_NOTIFY_H
#define _RS_NOTIFY_H

#include <linux/types.h>

#include <linux/rs_types.h>

struct rs_notify;
struct rs_slot;

struct rs_notify *rs_notify_new(void);
void rs_notify_free(struct rs_notify *notify);

/* The service at @index notifies @slot.  Any context but hard interrupt. */
void rs_notify_set(struct rs_slot *slot, u32 index);

/* The alarm of @slot went off.  Any context but hard interrupt. */
void rs_notify_alarm(struct rs_slot *slot);

/* Is there something for the bound instance?  Any context, no lock. */
bool rs_notify_waits(struct rs_slot *slot);

/* What RS_IOC_ENTER tells the bound instance: RS_EVENT_*.  The alarm is taken by that. */
u32 rs_notify_events(struct rs_slot *slot);

/* The bound instance takes the bits of up to @max senders: their endpoints.  Returns how many. */
u32 rs_notify_take(struct rs_slot *slot, s32 *endpoint, u32 max);

/* Has somebody taken what he may not have dealt with yet?  No lock. */
bool rs_notify_taken(struct rs_slot *slot);

/* The bound instance is back for more: it has dealt with what it took. */
void rs_notify_settle(struct rs_slot *slot);

/* It was unbound before: its successor gets what it took. */
void rs_notify_return(struct rs_slot *slot);

/* A successor is live: wake it if there is something. */
void rs_notify_open(struct rs_slot *slot);

/* Nobody is to hear of notifications by the service at @index any more.  Process context. */
void rs_notify_forget(u32 index);

#endif /* _RS_NOTIFY_H */
