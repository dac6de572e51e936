// SPDX-License-Identifier: GPL-2.0-only
/*
 * knl-attr.c - one table per attribute set: {attribute, kind, where it goes}
 *
 * Attributes that are missing leave zero; those that are unknown are skipped, so that an
 * older rsd works with a newer module.
 */
#include "knl-attr.h"

enum kind { KIND_U32, KIND_U64, KIND_S32, KIND_PID, KIND_BOOL, KIND_TEXT, KIND_U64S };

struct field {
	int attr;
	enum kind kind;
	size_t offset;
	size_t size;
};

#define FIELD(type, attr, kind, member) \
	{ attr, kind, offsetof(struct type, member), sizeof(((struct type *)0)->member) }
#define SLOT(attr, kind, member) FIELD(knl_slot, RSMOD_A_SLOT_##attr, KIND_##kind, member)
#define INST(attr, kind, member) FIELD(knl_instance, RSMOD_A_INST_##attr, KIND_##kind, member)
#define EVENT(attr, kind, member) FIELD(knl_event, RSMOD_A_EVENT_##attr, KIND_##kind, member)

static const struct field slot_fields[] = {
	SLOT(ENDPOINT, S32, endpoint),
	SLOT(LABEL, TEXT, label),
	SLOT(CLASS, U32, class),
	SLOT(STATE, U32, state),
	SLOT(EPOCH, U32, epoch),
	SLOT(EFFECTS, U32, effects),
	SLOT(DEPTH, U32, depth),
	SLOT(IFNAME, TEXT, ifname),
	SLOT(IFINDEX, U32, ifindex),
	SLOT(DEADLINE_MS, U32, deadline_ms),
	SLOT(GATE_TIMEOUT_MS, U32, gate_timeout_ms),
	SLOT(INIT_TIMEOUT_MS, U32, init_timeout_ms),
	SLOT(POISON_LIMIT, U32, poison),
	SLOT(VIOLATION_LIMIT, U32, violation_limit),
	SLOT(BUDGET, U32, budget),
	SLOT(BUDGET_WINDOW_MS, U32, budget_window_ms),
	SLOT(INSTANCE, U32, instance),
	SLOT(STANDBYS, U32, standbys),
	SLOT(RESTARTS, U32, restarts),
	SLOT(SWAPS, U32, swaps),
	SLOT(DEATHS, U32, deaths),
	SLOT(VIOLATIONS, U32, violations),
	SLOT(REQUESTS, U64, requests),
	SLOT(COMPLETED, U64, completed),
	SLOT(REPLAYED, U64, replayed),
	SLOT(DROPPED, U64, dropped),
	SLOT(POISONED, U64, poisoned),
	SLOT(DEVICE, TEXT, device),
	SLOT(STOPPING, BOOL, stopping),
	SLOT(UPDATE, U32, update),
	SLOT(COMMITS, U32, commits),
	SLOT(ROLLBACKS, U32, rollbacks),
};

static const struct field inst_fields[] = {
	INST(ENDPOINT, S32, endpoint),
	INST(INSTANCE, U32, instance),
	INST(PID, PID, pid),
	INST(STATE, U32, state),
	INST(CAUSE, U32, cause),
	INST(EPOCH, U32, epoch),
	INST(HOLD, BOOL, hold),
	INST(POOL_SIZE, U64, pool_size),
	INST(POOL_IOVA, U64, pool_iova),
	INST(IDLE_MS, U32, idle_ms),
	INST(VIOLATIONS, U32, violations),
};

static const struct field event_fields[] = {
	EVENT(SEQ, U64, seq),
	EVENT(TIME, U64, time_ns),
	EVENT(TYPE, U32, type),
	EVENT(ENDPOINT, S32, endpoint),
	EVENT(LABEL, TEXT, label),
	EVENT(INSTANCE, U32, instance),
	EVENT(PID, PID, pid),
	EVENT(EPOCH, U32, epoch),
	EVENT(CAUSE, U32, cause),
	EVENT(SIGNO, U32, signo),
	EVENT(VIOLATION, U32, violation),
	EVENT(REQUEST, U64, request),
	EVENT(OP, U32, op),
	EVENT(INIT, U32, init),
	EVENT(TEXT, TEXT, text),
	EVENT(NUMBER, U32, number),
	EVENT(HOT, BOOL, hot),
	EVENT(SUCCESSOR, U32, successor),
	EVENT(REPLAYED, U32, replayed),
	EVENT(DROPPED, U32, dropped),
	EVENT(STEPS, U64S, step_ns),
	EVENT(RESULT, S32, result),
};

static void put(const struct field *f, struct nlattr *a, char *base)
{
	size_t len = (size_t)nla_len(a);
	void *dst = base + f->offset;
	uint32_t v32;

	switch (f->kind) {
	case KIND_U32:
	case KIND_S32:
	case KIND_PID:
	case KIND_BOOL:
		if (len < sizeof(uint32_t))
			return;
		v32 = nla_get_u32(a);
		if (f->kind == KIND_BOOL)
			*(bool *)dst = v32 != 0;
		else
			memcpy(dst, &v32, sizeof(v32));
		return;
	case KIND_U64:
		if (len >= sizeof(uint64_t))
			memcpy(dst, nla_data(a), sizeof(uint64_t));
		return;
	case KIND_U64S:
		memcpy(dst, nla_data(a), len < f->size ? len : f->size);
		return;
	case KIND_TEXT:
		len = len < f->size - 1 ? len : f->size - 1;
		memcpy(dst, nla_data(a), len);
		((char *)dst)[len] = '\0';
		return;
	}
}

static int parse(struct nlattr *head, int len, const struct field *fields, size_t nr, void *base)
{
	struct nlattr *a;
	int rest;
	size_t i;

	nla_for_each_attr(a, head, len, rest)
		for (i = 0; i < nr; i++)
			if (nla_type(a) == fields[i].attr)
				put(&fields[i], a, base);
	return 0;
}

int knl_parse_slot(struct nlattr *head, int len, struct knl_slot *ret)
{
	memset(ret, 0, sizeof(*ret));
	return parse(head, len, slot_fields, ARRAY_SIZE(slot_fields), ret);
}

int knl_parse_instance(struct nlattr *head, int len, struct knl_instance *ret)
{
	memset(ret, 0, sizeof(*ret));
	return parse(head, len, inst_fields, ARRAY_SIZE(inst_fields), ret);
}

int knl_parse_event(struct nlattr *head, int len, struct knl_event *ret)
{
	memset(ret, 0, sizeof(*ret));
	return parse(head, len, event_fields, ARRAY_SIZE(event_fields), ret);
}

static const char *name_of(const char *const names[], size_t nr, uint32_t i)
{
	return i < nr && names[i] ? names[i] : "unknown";
}

const char *knl_event_name(uint32_t type)
{
	static const char *const names[] = {
		"attached", "bound", "up", "died", "recovered", "swapped", "poisoned", "violation",
		"expired", "exhausted", "removed", "unplugged", "prepared", "inited", "committed",
		"rolled-back",
	};

	return name_of(names, ARRAY_SIZE(names), type);
}

const char *knl_cause_name(uint32_t cause)
{
	static const char *const names[] = {
		"none", "report", "signal", "exit", "deadline", "heartbeat", "violation", "init",
		"kill", "swap", "unplug",
	};

	return name_of(names, ARRAY_SIZE(names), cause);
}

const char *knl_slot_state_name(uint32_t state)
{
	static const char *const names[] = {
		"empty", "down", "fencing", "init", "replay", "live", "dead",
	};

	return name_of(names, ARRAY_SIZE(names), state);
}

const char *knl_inst_state_name(uint32_t state)
{
	static const char *const names[] = {
		"armed", "attached", "standby", "bound", "dying", "corpse",
	};

	return name_of(names, ARRAY_SIZE(names), state);
}

const char *knl_violation_name(uint32_t violation)
{
	static const char *const names[] = {
		"tag", "generation", "state", "result", "cursor", "reserved", "unbound", "owner",
		"access",
	};

	return name_of(names, ARRAY_SIZE(names), violation);
}

const char *knl_step_name(unsigned int step)
{
	static const char *const names[KNL_STEPS] = {
		"detected", "unbound", "zapped", "silenced", "bound", "init", "replayed", "served",
	};

	return name_of(names, ARRAY_SIZE(names), step);
}

const char *knl_init_name(uint32_t init)
{
	static const char *const names[] = { "fresh", "lu", "restart", "rollback" };

	return name_of(names, ARRAY_SIZE(names), init);
}

const char *knl_update_name(uint32_t update)
{
	static const char *const names[] = {
		"none", "preparing", "held", "ready", "swapped", "inited", "probation",
	};

	return name_of(names, ARRAY_SIZE(names), update);
}
