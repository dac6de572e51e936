/* SPDX-License-Identifier: GPL-2.0 */
/*
 * trace.h - tracepoints, /sys/kernel/tracing/events/rsmod/
 *
 * A request is followed by endpoint, queue and seq: seq is kept through replays, tag and gen say
 * which publication it was.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rsmod

#if !defined(_RS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _RS_TRACE_H

#include <linux/string.h>
#include <linux/tracepoint.h>

#include <linux/rs_ctl.h>

#include "endpoint.h"
#include "event.h"
#include "instance.h"
#include "ledger.h"

DECLARE_EVENT_CLASS(rs_req,
	TP_PROTO(const struct rs_req *req),
	TP_ARGS(req),
	TP_STRUCT__entry(
		__field(s32, endpoint)
		__field(u16, queue)
		__field(u16, tag)
		__field(u32, gen)
		__field(u64, seq)
		__field(u32, op)
		__field(u32, len)
		__field(u32, attempt)
		__field(s32, res)
	),
	TP_fast_assign(
		__entry->endpoint = req->queue->slot->endpoint;
		__entry->queue = req->queue->index;
		__entry->tag = req->tag;
		__entry->gen = req->gen;
		__entry->seq = req->seq;
		__entry->op = req->op;
		__entry->len = req->len;
		__entry->attempt = req->attempt;
		__entry->res = req->res;
	),
	TP_printk("endpoint=%d queue=%u tag=%u gen=%u seq=%llu op=%u len=%u attempt=%u res=%d",
		  __entry->endpoint, __entry->queue, __entry->tag, __entry->gen, __entry->seq,
		  __entry->op, __entry->len, __entry->attempt, __entry->res)
);

/* Accepted: from here on it is completed exactly once. */
DEFINE_EVENT(rs_req, rs_req_submit,
	TP_PROTO(const struct rs_req *req),
	TP_ARGS(req)
);

/* In the bound instance's ring: it may be executed. */
DEFINE_EVENT(rs_req, rs_req_publish,
	TP_PROTO(const struct rs_req *req),
	TP_ARGS(req)
);

/* Given back to its front-end, by an instance or by us; res says how. */
DEFINE_EVENT(rs_req, rs_req_complete,
	TP_PROTO(const struct rs_req *req),
	TP_ARGS(req)
);

/* A detector named an instance. */
TRACE_EVENT(rs_die,
	TP_PROTO(const struct rs_instance *inst, u32 cause, u32 signo),
	TP_ARGS(inst, cause, signo),
	TP_STRUCT__entry(
		__field(s32, endpoint)
		__field(u32, instance)
		__field(u32, cause)
		__field(u32, signo)
	),
	TP_fast_assign(
		__entry->endpoint = inst->slot ? inst->slot->endpoint : RS_EP_NONE;
		__entry->instance = inst->number;
		__entry->cause = cause;
		__entry->signo = signo;
	),
	TP_printk("endpoint=%d instance=%u cause=%u signo=%u",
		  __entry->endpoint, __entry->instance, __entry->cause, __entry->signo)
);

/* A step of a recovery was reached (enum rsmod_rec_step); unbound, zapped and silenced fence. */
TRACE_EVENT(rs_fence,
	TP_PROTO(const struct rs_slot *slot, u32 step),
	TP_ARGS(slot, step),
	TP_STRUCT__entry(
		__field(s32, endpoint)
		__field(u32, epoch)
		__field(u32, step)
	),
	TP_fast_assign(
		__entry->endpoint = slot->endpoint;
		__entry->epoch = slot->epoch;
		__entry->step = step;
	),
	TP_printk("endpoint=%d epoch=%u step=%u",
		  __entry->endpoint, __entry->epoch, __entry->step)
);

DECLARE_EVENT_CLASS(rs_binding,
	TP_PROTO(const struct rs_slot *slot, u32 from, u32 to),
	TP_ARGS(slot, from, to),
	TP_STRUCT__entry(
		__field(s32, endpoint)
		__field(u32, epoch)
		__field(u32, from)
		__field(u32, to)
	),
	TP_fast_assign(
		__entry->endpoint = slot->endpoint;
		__entry->epoch = slot->epoch;
		__entry->from = from;
		__entry->to = to;
	),
	TP_printk("endpoint=%d epoch=%u from=%u to=%u",
		  __entry->endpoint, __entry->epoch, __entry->from, __entry->to)
);

/* An instance was bound in place of another (0 = of none). */
DEFINE_EVENT(rs_binding, rs_swap,
	TP_PROTO(const struct rs_slot *slot, u32 from, u32 to),
	TP_ARGS(slot, from, to)
);

/* Its INIT and the replay succeeded: the gate is open. */
DEFINE_EVENT(rs_binding, rs_up,
	TP_PROTO(const struct rs_slot *slot, u32 from, u32 to),
	TP_ARGS(slot, from, to)
);

TRACE_EVENT(rs_violation,
	TP_PROTO(const struct rs_instance *inst, u32 violation, u32 count),
	TP_ARGS(inst, violation, count),
	TP_STRUCT__entry(
		__field(s32, endpoint)
		__field(u32, instance)
		__field(u32, violation)
		__field(u32, count)
	),
	TP_fast_assign(
		__entry->endpoint = inst->slot->endpoint;
		__entry->instance = inst->number;
		__entry->violation = violation;
		__entry->count = count;
	),
	TP_printk("endpoint=%d instance=%u violation=%u count=%u",
		  __entry->endpoint, __entry->instance, __entry->violation, __entry->count)
);

/* What is multicast, with the number that it carries. */
TRACE_EVENT(rs_event,
	TP_PROTO(const struct rs_slot *slot, const struct rs_event *event, u64 seq),
	TP_ARGS(slot, event, seq),
	TP_STRUCT__entry(
		__field(u64, seq)
		__field(s32, endpoint)
		__array(char, label, RS_LABEL_MAX)
		__field(u32, epoch)
		__field(u32, type)
		__field(u32, instance)
		__field(u32, cause)
	),
	TP_fast_assign(
		__entry->seq = seq;
		__entry->endpoint = slot->endpoint;
		memcpy(__entry->label, slot->label, RS_LABEL_MAX);
		__entry->epoch = slot->epoch;
		__entry->type = event->type;
		__entry->instance = event->inst ? event->inst->number : 0;
		__entry->cause = event->cause;
	),
	TP_printk("seq=%llu endpoint=%d label=%s epoch=%u type=%u instance=%u cause=%u",
		  __entry->seq, __entry->endpoint, __entry->label, __entry->epoch, __entry->type,
		  __entry->instance, __entry->cause)
);

#endif /* _RS_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
