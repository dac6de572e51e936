/* SPDX-License-Identifier: GPL-2.0 */
/*
 * event.h - multicast of what happens to instances (group "events" of the rsmod family)
 */
#ifndef _RS_EVENT_H
#define _RS_EVENT_H

#include <linux/types.h>

struct rs_instance;
struct rs_recovery;
struct rs_slot;
struct sk_buff;

/**
 * struct rs_event - one event; fields that a type does not use stay zero
 * @type: enum rsmod_event_type
 * @inst: instance, or NULL
 * @cause: enum rs_cause
 * @signo: signal
 * @violation: enum rs_violation
 * @request: sequence number
 * @op: enum rs_op
 * @init: enum rs_init
 * @successor: number of the instance that took over
 * @result: 0 or a negative errno
 * @text: or NULL
 * @rec: or NULL
 */
struct rs_event {
	u32 type;
	const struct rs_instance *inst;
	u32 cause;
	u32 signo;
	u32 violation;
	u64 request;
	u32 op;
	u32 init;
	u32 successor;
	int result;
	const char *text;
	const struct rs_recovery *rec;
};

/* Send, and record as a tracepoint.  Process context; slot->lock may be held. */
void rs_event_send(struct rs_slot *slot, const struct rs_event *event);

/* Put an event's attributes into a message (also used by RSMOD_CMD_RECOVERY_GET). */
int rs_event_fill(struct sk_buff *skb, struct rs_slot *slot, const struct rs_event *event,
		  u64 seq, u64 time);

#endif /* _RS_EVENT_H */
