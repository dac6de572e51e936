// SPDX-License-Identifier: GPL-2.0
/*
 * event.c - multicast of what happens to instances
 *
 * Events are numbered across all slots, whether or not anybody listens or memory is left: a
 * listener that misses a number knows that it must read the tables again.  No event is kept for
 * later, and nothing waits for a listener.
 */
#include <linux/atomic.h>
#include <linux/ktime.h>
#include <linux/pid.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "ctl.h"
#include "endpoint.h"
#include "event.h"
#include "instance.h"
#include "trace.h"

static atomic64_t rs_event_seq;

/* What a recovery says of itself, instead of what the instance that is bound by now would. */
static int rs_event_fill_rec(struct sk_buff *skb, const struct rs_recovery *rec)
{
	if (nla_put_u32(skb, RSMOD_A_EVENT_INSTANCE, rec->from) ||
	    nla_put_u32(skb, RSMOD_A_EVENT_PID, rec->pid) ||
	    nla_put_u32(skb, RSMOD_A_EVENT_EPOCH, rec->epoch) ||
	    nla_put_u32(skb, RSMOD_A_EVENT_CAUSE, rec->cause) ||
	    nla_put_u32(skb, RSMOD_A_EVENT_SIGNO, rec->signo) ||
	    nla_put_u32(skb, RSMOD_A_EVENT_NUMBER, rec->number) ||
	    nla_put_u32(skb, RSMOD_A_EVENT_HOT, rec->hot) ||
	    nla_put_u32(skb, RSMOD_A_EVENT_SUCCESSOR, rec->to) ||
	    nla_put_u32(skb, RSMOD_A_EVENT_REPLAYED, rec->replayed) ||
	    nla_put_u32(skb, RSMOD_A_EVENT_DROPPED, rec->dropped) ||
	    nla_put(skb, RSMOD_A_EVENT_STEPS, sizeof(rec->step), rec->step))
		return -EMSGSIZE;
	if (rec->text[0] && nla_put_string(skb, RSMOD_A_EVENT_TEXT, rec->text))
		return -EMSGSIZE;
	return 0;
}

static int rs_event_fill_inst(struct sk_buff *skb, struct rs_slot *slot,
			      const struct rs_event *event)
{
	const struct rs_instance *inst = event->inst;

	if (nla_put_u32(skb, RSMOD_A_EVENT_EPOCH,
			inst && inst->epoch ? inst->epoch : READ_ONCE(slot->epoch)))
		return -EMSGSIZE;
	if (inst && (nla_put_u32(skb, RSMOD_A_EVENT_INSTANCE, inst->number) ||
		     nla_put_u32(skb, RSMOD_A_EVENT_PID, pid_nr(inst->pid))))
		return -EMSGSIZE;
	if (event->text && event->text[0] &&
	    nla_put_string(skb, RSMOD_A_EVENT_TEXT, event->text))
		return -EMSGSIZE;
	return 0;
}

static int rs_event_fill_type(struct sk_buff *skb, const struct rs_event *event)
{
	switch (event->type) {
	case RSMOD_EVENT_TYPE_DIED:
		if (nla_put_u32(skb, RSMOD_A_EVENT_CAUSE, event->cause) ||
		    nla_put_u32(skb, RSMOD_A_EVENT_SIGNO, event->signo))
			return -EMSGSIZE;
		return 0;
	case RSMOD_EVENT_TYPE_VIOLATION:
		return nla_put_u32(skb, RSMOD_A_EVENT_VIOLATION, event->violation);
	case RSMOD_EVENT_TYPE_POISONED:
		if (nla_put_u64_64bit(skb, RSMOD_A_EVENT_REQUEST, event->request,
				      RSMOD_A_EVENT_PAD) ||
		    nla_put_u32(skb, RSMOD_A_EVENT_OP, event->op))
			return -EMSGSIZE;
		return 0;
	case RSMOD_EVENT_TYPE_BOUND:
	case RSMOD_EVENT_TYPE_UP:
		return nla_put_u32(skb, RSMOD_A_EVENT_INIT, event->init);
	case RSMOD_EVENT_TYPE_PREPARED:
		return nla_put_s32(skb, RSMOD_A_EVENT_RESULT, event->result);
	case RSMOD_EVENT_TYPE_SWAPPED:
		return nla_put_u32(skb, RSMOD_A_EVENT_SUCCESSOR, event->successor);
	}
	return 0;
}

int rs_event_fill(struct sk_buff *skb, struct rs_slot *slot, const struct rs_event *event,
		  u64 seq, u64 time)
{
	int err;

	if (nla_put_u64_64bit(skb, RSMOD_A_EVENT_SEQ, seq, RSMOD_A_EVENT_PAD) ||
	    nla_put_u64_64bit(skb, RSMOD_A_EVENT_TIME, time, RSMOD_A_EVENT_PAD) ||
	    nla_put_u32(skb, RSMOD_A_EVENT_TYPE, event->type) ||
	    nla_put_s32(skb, RSMOD_A_EVENT_ENDPOINT, slot->endpoint) ||
	    nla_put_string(skb, RSMOD_A_EVENT_LABEL, slot->label))
		return -EMSGSIZE;
	if (event->rec)
		return rs_event_fill_rec(skb, event->rec);
	err = rs_event_fill_inst(skb, slot, event);
	return err ?: rs_event_fill_type(skb, event);
}

static u64 rs_event_time(const struct rs_event *event)
{
	if (event->type == RSMOD_EVENT_TYPE_DIED && event->inst)
		return event->inst->died_at;
	return ktime_get_ns();
}

void rs_event_send(struct rs_slot *slot, const struct rs_event *event)
{
	u64 seq = atomic64_inc_return(&rs_event_seq);
	struct sk_buff *skb;
	void *head;

	trace_rs_event(slot, event, seq);
	if (!genl_has_listeners(&rs_ctl_family, &init_net, RS_CTL_EVENTS))
		return;
	/*
	 * Recovery must not wait for memory: what reclaim writes may be going through the very
	 * driver that died.  The gap in the numbers tells the listeners if this fails.
	 */
	skb = genlmsg_new(NLMSG_GOODSIZE, GFP_ATOMIC);
	if (!skb)
		return;
	head = genlmsg_put(skb, 0, 0, &rs_ctl_family, 0, RSMOD_CMD_EVENT);
	if (!head || rs_event_fill(skb, slot, event, seq, rs_event_time(event))) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, head);
	genlmsg_multicast(&rs_ctl_family, skb, 0, RS_CTL_EVENTS, GFP_ATOMIC);
}
