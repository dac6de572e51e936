// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's generic netlink family, as far as a test needs it
 *
 * Two sockets: commands and their answers on one, events on the other, so that an
 * event never stands in the way of an answer.  Attributes are printed from tables
 * of names; what is not in a table is not printed.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rsnl.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

struct rsnl {
	struct nl_sock *cmd;
	struct nl_sock *event;
	int family;
};

enum attr_kind {
	ATTR_NONE,
	ATTR_U32,
	ATTR_S32,
	ATTR_U64,
	ATTR_STR,
	ATTR_STEPS,
	ATTR_ENUM,
};

/* How an attribute is printed; @names[0..@nr_names) of an ATTR_ENUM. */
struct attr {
	enum attr_kind kind;
	const char *name;
	const char *const *names;
	unsigned int nr_names;
};

#define ENUM(n, t)	{ ATTR_ENUM, n, t, ARRAY_SIZE(t) }

static const char *const class_names[] = { "none", "chr", "net", "blk" };
static const char *const effects_names[] = { "slot", "backend", "device" };
static const char *const init_names[] = { "fresh", "lu", "restart", "rollback" };
static const char *const slot_state_names[] = {
	"empty", "down", "fencing", "init", "replay", "live", "dead",
};
static const char *const inst_state_names[] = {
	"armed", "attached", "standby", "bound", "dying", "corpse",
};
static const char *const cause_names[] = {
	"none", "report", "signal", "exit", "deadline", "heartbeat", "violation", "init",
	"kill", "swap", "unplug",
};
static const char *const violation_names[] = {
	"tag", "gen", "state", "result", "cursor", "reserved", "unbound", "owner", "access",
};
static const char *const event_names[] = {
	"attached", "bound", "up", "died", "recovered", "swapped", "poisoned", "violation",
	"expired", "exhausted", "removed", "unplugged", "prepared", "inited", "committed",
	"rolled-back",
};
static const char *const step_names[] = {
	"detected", "unbound", "zapped", "silenced", "bound", "init", "replayed", "served",
};

static const struct attr slot_attrs[RSMOD_A_SLOT_MAX + 1] = {
	[RSMOD_A_SLOT_LABEL]		= { .kind = ATTR_STR, .name = "label" },
	[RSMOD_A_SLOT_ENDPOINT]		= { .kind = ATTR_S32, .name = "endpoint" },
	[RSMOD_A_SLOT_CLASS]		= ENUM("class", class_names),
	[RSMOD_A_SLOT_STATE]		= ENUM("state", slot_state_names),
	[RSMOD_A_SLOT_EPOCH]		= { .kind = ATTR_U32, .name = "epoch" },
	[RSMOD_A_SLOT_EFFECTS]		= ENUM("effects", effects_names),
	[RSMOD_A_SLOT_DEPTH]		= { .kind = ATTR_U32, .name = "depth" },
	[RSMOD_A_SLOT_QUEUES]		= { .kind = ATTR_U32, .name = "queues" },
	[RSMOD_A_SLOT_IFNAME]		= { .kind = ATTR_STR, .name = "ifname" },
	[RSMOD_A_SLOT_DEADLINE_MS]	= { .kind = ATTR_U32, .name = "deadline_ms" },
	[RSMOD_A_SLOT_GATE_TIMEOUT_MS]	= { .kind = ATTR_U32, .name = "gate_timeout_ms" },
	[RSMOD_A_SLOT_INIT_TIMEOUT_MS]	= { .kind = ATTR_U32, .name = "init_timeout_ms" },
	[RSMOD_A_SLOT_POISON_LIMIT]	= { .kind = ATTR_U32, .name = "poison_limit" },
	[RSMOD_A_SLOT_VIOLATION_LIMIT]	= { .kind = ATTR_U32, .name = "violation_limit" },
	[RSMOD_A_SLOT_BUDGET]		= { .kind = ATTR_U32, .name = "budget" },
	[RSMOD_A_SLOT_BUDGET_WINDOW_MS]	= { .kind = ATTR_U32, .name = "budget_window_ms" },
	[RSMOD_A_SLOT_INSTANCE]		= { .kind = ATTR_U32, .name = "instance" },
	[RSMOD_A_SLOT_STANDBYS]		= { .kind = ATTR_U32, .name = "standbys" },
	[RSMOD_A_SLOT_RESTARTS]		= { .kind = ATTR_U32, .name = "restarts" },
	[RSMOD_A_SLOT_SWAPS]		= { .kind = ATTR_U32, .name = "swaps" },
	[RSMOD_A_SLOT_DEATHS]		= { .kind = ATTR_U32, .name = "deaths" },
	[RSMOD_A_SLOT_VIOLATIONS]	= { .kind = ATTR_U32, .name = "violations" },
	[RSMOD_A_SLOT_REQUESTS]		= { .kind = ATTR_U64, .name = "requests" },
	[RSMOD_A_SLOT_COMPLETED]	= { .kind = ATTR_U64, .name = "completed" },
	[RSMOD_A_SLOT_REPLAYED]		= { .kind = ATTR_U64, .name = "replayed" },
	[RSMOD_A_SLOT_DROPPED]		= { .kind = ATTR_U64, .name = "dropped" },
	[RSMOD_A_SLOT_POISONED]		= { .kind = ATTR_U64, .name = "poisoned" },
	[RSMOD_A_SLOT_DEVICE]		= { .kind = ATTR_STR, .name = "device" },
	[RSMOD_A_SLOT_STOPPING]		= { .kind = ATTR_U32, .name = "stopping" },
	[RSMOD_A_SLOT_MSG_POLICY]	= { .kind = ATTR_U32, .name = "msg_policy" },
	[RSMOD_A_SLOT_UPDATE]		= { .kind = ATTR_U32, .name = "update" },
	[RSMOD_A_SLOT_COMMITS]		= { .kind = ATTR_U32, .name = "commits" },
	[RSMOD_A_SLOT_ROLLBACKS]	= { .kind = ATTR_U32, .name = "rollbacks" },
};

static const struct attr inst_attrs[RSMOD_A_INST_MAX + 1] = {
	[RSMOD_A_INST_ENDPOINT]		= { .kind = ATTR_S32, .name = "endpoint" },
	[RSMOD_A_INST_INSTANCE]		= { .kind = ATTR_U32, .name = "instance" },
	[RSMOD_A_INST_PID]		= { .kind = ATTR_U32, .name = "pid" },
	[RSMOD_A_INST_STATE]		= ENUM("state", inst_state_names),
	[RSMOD_A_INST_CAUSE]		= ENUM("cause", cause_names),
	[RSMOD_A_INST_EPOCH]		= { .kind = ATTR_U32, .name = "epoch" },
	[RSMOD_A_INST_HOLD]		= { .kind = ATTR_U32, .name = "hold" },
	[RSMOD_A_INST_POOL_SIZE]	= { .kind = ATTR_U64, .name = "pool_size" },
	[RSMOD_A_INST_IDLE_MS]		= { .kind = ATTR_U32, .name = "idle_ms" },
	[RSMOD_A_INST_VIOLATIONS]	= { .kind = ATTR_U32, .name = "violations" },
};

static const struct attr event_attrs[RSMOD_A_EVENT_MAX + 1] = {
	[RSMOD_A_EVENT_LABEL]		= { .kind = ATTR_STR, .name = "label" },
	[RSMOD_A_EVENT_ENDPOINT]	= { .kind = ATTR_S32, .name = "endpoint" },
	[RSMOD_A_EVENT_INSTANCE]	= { .kind = ATTR_U32, .name = "instance" },
	[RSMOD_A_EVENT_PID]		= { .kind = ATTR_U32, .name = "pid" },
	[RSMOD_A_EVENT_EPOCH]		= { .kind = ATTR_U32, .name = "epoch" },
	[RSMOD_A_EVENT_CAUSE]		= ENUM("cause", cause_names),
	[RSMOD_A_EVENT_SIGNO]		= { .kind = ATTR_U32, .name = "signo" },
	[RSMOD_A_EVENT_VIOLATION]	= ENUM("violation", violation_names),
	[RSMOD_A_EVENT_REQUEST]		= { .kind = ATTR_U64, .name = "request" },
	[RSMOD_A_EVENT_OP]		= { .kind = ATTR_U32, .name = "op" },
	[RSMOD_A_EVENT_INIT]		= ENUM("init", init_names),
	[RSMOD_A_EVENT_TEXT]		= { .kind = ATTR_STR, .name = "text" },
	[RSMOD_A_EVENT_NUMBER]		= { .kind = ATTR_U32, .name = "number" },
	[RSMOD_A_EVENT_HOT]		= { .kind = ATTR_U32, .name = "hot" },
	[RSMOD_A_EVENT_SUCCESSOR]	= { .kind = ATTR_U32, .name = "successor" },
	[RSMOD_A_EVENT_REPLAYED]	= { .kind = ATTR_U32, .name = "replayed" },
	[RSMOD_A_EVENT_DROPPED]		= { .kind = ATTR_U32, .name = "dropped" },
	[RSMOD_A_EVENT_RESULT]		= { .kind = ATTR_S32, .name = "result" },
	[RSMOD_A_EVENT_STEPS]		= { .kind = ATTR_STEPS, .name = "steps" },
};

static const char *enum_name(const char *const *names, unsigned int nr, uint32_t v)
{
	return v < nr ? names[v] : "?";
}

/* Steps in microseconds since the first one. */
static void print_steps(FILE *to, const struct nlattr *a)
{
	const char *p = nla_data(a);
	size_t nr = (size_t)nla_len(a) / sizeof(uint64_t);
	uint64_t first = 0;
	uint64_t t;
	size_t i;

	for (i = 0; i < nr && i < ARRAY_SIZE(step_names); i++) {
		memcpy(&t, p + i * sizeof(t), sizeof(t));
		if (!t)
			continue;
		if (!first)
			first = t;
		fprintf(to, " %s_us=%.1f", step_names[i], (double)(t - first) / 1000);
	}
}

static void print_attrs(FILE *to, const struct attr *attrs, struct nlattr **tb, int max)
{
	int i;

	for (i = 1; i <= max; i++) {
		const struct attr *a = &attrs[i];

		if (!tb[i])
			continue;
		switch (a->kind) {
		case ATTR_NONE:
			break;
		case ATTR_U32:
			fprintf(to, " %s=%" PRIu32, a->name, nla_get_u32(tb[i]));
			break;
		case ATTR_S32:
			fprintf(to, " %s=%" PRId32, a->name, nla_get_s32(tb[i]));
			break;
		case ATTR_U64:
			fprintf(to, " %s=%" PRIu64, a->name, nla_get_u64(tb[i]));
			break;
		case ATTR_STR:
			fprintf(to, strchr(nla_get_string(tb[i]), ' ') ? " %s=\"%s\"" : " %s=%s",
				a->name, nla_get_string(tb[i]));
			break;
		case ATTR_STEPS:
			print_steps(to, tb[i]);
			break;
		case ATTR_ENUM:
			fprintf(to, " %s=%s", a->name,
				enum_name(a->names, a->nr_names, nla_get_u32(tb[i])));
			break;
		}
	}
	fputc('\n', to);
}

/* The state of one command. */
struct answer {
	int result;
	int done;
	int32_t *endpoint;
	uint64_t *completed;
	FILE *to;
	const struct attr *attrs;
	int max;
};

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[RSMOD_A_SLOT_MAX + RSMOD_A_INST_MAX + 1] = { NULL };
	struct answer *a = arg;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, a->max, NULL))
		return NL_SKIP;
	if (a->endpoint && tb[RSMOD_A_SLOT_ENDPOINT])
		*a->endpoint = nla_get_s32(tb[RSMOD_A_SLOT_ENDPOINT]);
	if (a->completed && tb[RSMOD_A_SLOT_COMPLETED])
		*a->completed = nla_get_u64(tb[RSMOD_A_SLOT_COMPLETED]);
	if (a->to)
		print_attrs(a->to, a->attrs, tb, a->max);
	return NL_OK;
}

static int on_done(struct nl_msg *msg, void *arg)
{
	struct answer *a = arg;

	(void)msg;
	a->done = 1;
	return NL_STOP;
}

/* A refusal comes with a sentence (extack); say it. */
static int on_error(struct sockaddr_nl *from, struct nlmsgerr *err, void *arg)
{
	struct nlmsghdr *h = (struct nlmsghdr *)((char *)err - NLMSG_HDRLEN);
	struct answer *a = arg;
	size_t skip = sizeof(*err);

	(void)from;
	a->result = err->error;
	a->done = 1;
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return NL_STOP;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		skip += err->msg.nlmsg_len - NLMSG_HDRLEN;
	skip = NLMSG_ALIGN(skip);
	if (h->nlmsg_len > NLMSG_HDRLEN + skip) {
		struct nlattr *t = nla_find((struct nlattr *)((char *)err + skip),
					    (int)(h->nlmsg_len - NLMSG_HDRLEN - skip),
					    NLMSGERR_ATTR_MSG);

		if (t)
			fprintf(stderr, "rsmod: %s\n", nla_get_string(t));
	}
	return NL_STOP;
}

/* Send @msg, which is consumed, and wait for the answer. */
static int ask(struct rsnl *nl, struct nl_msg *msg, struct answer *a)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int r;

	if (!cb) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, a);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_done, a);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_done, a);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, a);
	r = nl_send_auto(nl->cmd, msg);
	nlmsg_free(msg);
	while (r >= 0 && !a->done)
		r = nl_recvmsgs(nl->cmd, cb);
	nl_cb_put(cb);
	if (a->result)
		return a->result;
	return r < 0 && !a->done ? -EIO : 0;
}

static struct nl_msg *request(struct rsnl *nl, int flags, uint8_t cmd)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (msg)
		genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, nl->family, 0, flags, cmd,
			    RSMOD_FAMILY_VERSION);
	return msg;
}

static void put_u32(struct nl_msg *msg, int attr, uint32_t v)
{
	if (v != RSNL_UNSET)
		nla_put_u32(msg, attr, v);
}

int rsnl_slot_new(struct rsnl *nl, const struct rsnl_slot *slot, int32_t *endpoint)
{
	struct answer a = { .endpoint = endpoint, .max = RSMOD_A_SLOT_MAX };
	struct nl_msg *msg = request(nl, NLM_F_ACK, RSMOD_CMD_SLOT_NEW);

	if (!msg)
		return -ENOMEM;
	nla_put_string(msg, RSMOD_A_SLOT_LABEL, slot->label);
	if (slot->ifname)
		nla_put_string(msg, RSMOD_A_SLOT_IFNAME, slot->ifname);
	put_u32(msg, RSMOD_A_SLOT_CLASS, slot->class);
	put_u32(msg, RSMOD_A_SLOT_EFFECTS, slot->effects);
	put_u32(msg, RSMOD_A_SLOT_DEPTH, slot->depth);
	if (slot->queues)
		put_u32(msg, RSMOD_A_SLOT_QUEUES, slot->queues);
	put_u32(msg, RSMOD_A_SLOT_DEADLINE_MS, slot->deadline_ms);
	put_u32(msg, RSMOD_A_SLOT_GATE_TIMEOUT_MS, slot->gate_timeout_ms);
	put_u32(msg, RSMOD_A_SLOT_INIT_TIMEOUT_MS, slot->init_timeout_ms);
	put_u32(msg, RSMOD_A_SLOT_POISON_LIMIT, slot->poison_limit);
	put_u32(msg, RSMOD_A_SLOT_VIOLATION_LIMIT, slot->violation_limit);
	put_u32(msg, RSMOD_A_SLOT_BUDGET, slot->budget);
	put_u32(msg, RSMOD_A_SLOT_BUDGET_WINDOW_MS, slot->budget_window_ms);
	return ask(nl, msg, &a);
}

static int slot_cmd(struct rsnl *nl, uint8_t cmd, int32_t endpoint)
{
	struct answer a = { .max = RSMOD_A_SLOT_MAX };
	struct nl_msg *msg = request(nl, NLM_F_ACK, cmd);

	if (!msg)
		return -ENOMEM;
	nla_put_s32(msg, RSMOD_A_SLOT_ENDPOINT, endpoint);
	return ask(nl, msg, &a);
}

int rsnl_slot_del(struct rsnl *nl, int32_t endpoint)
{
	return slot_cmd(nl, RSMOD_CMD_SLOT_DEL, endpoint);
}

int rsnl_slot_stop(struct rsnl *nl, int32_t endpoint)
{
	return slot_cmd(nl, RSMOD_CMD_SLOT_STOP, endpoint);
}

static int inst_cmd(struct rsnl *nl, uint8_t cmd, int32_t endpoint, uint32_t instance,
		    uint32_t init)
{
	struct answer a = { .max = RSMOD_A_INST_MAX };
	struct nl_msg *msg = request(nl, NLM_F_ACK, cmd);

	if (!msg)
		return -ENOMEM;
	nla_put_s32(msg, RSMOD_A_INST_ENDPOINT, endpoint);
	put_u32(msg, RSMOD_A_INST_INSTANCE, instance);
	put_u32(msg, RSMOD_A_INST_INIT, init);
	return ask(nl, msg, &a);
}

int rsnl_inst_kill(struct rsnl *nl, int32_t endpoint, uint32_t instance)
{
	return inst_cmd(nl, RSMOD_CMD_INST_KILL, endpoint, instance, RSNL_UNSET);
}

int rsnl_inst_ping(struct rsnl *nl, int32_t endpoint)
{
	return inst_cmd(nl, RSMOD_CMD_INST_PING, endpoint, RSNL_UNSET, RSNL_UNSET);
}

int rsnl_swap(struct rsnl *nl, int32_t endpoint, uint32_t instance, uint32_t init)
{
	return inst_cmd(nl, RSMOD_CMD_SWAP, endpoint, instance, init);
}

int rsnl_slot_talk(struct rsnl *nl, int32_t endpoint, const char *allow, uint32_t policy)
{
	struct answer a = { .max = RSMOD_A_SLOT_MAX };
	struct nl_msg *msg = request(nl, NLM_F_ACK, RSMOD_CMD_SLOT_SET);

	if (!msg)
		return -ENOMEM;
	nla_put_s32(msg, RSMOD_A_SLOT_ENDPOINT, endpoint);
	nla_put_string(msg, RSMOD_A_SLOT_ALLOW, allow);
	put_u32(msg, RSMOD_A_SLOT_MSG_POLICY, policy);
	return ask(nl, msg, &a);
}

int rsnl_prepare(struct rsnl *nl, int32_t endpoint, uint32_t state, const char *expr,
		 uint32_t timeout_ms)
{
	struct answer a = { .max = RSMOD_A_INST_MAX };
	struct nl_msg *msg = request(nl, NLM_F_ACK, RSMOD_CMD_PREPARE);

	if (!msg)
		return -ENOMEM;
	nla_put_s32(msg, RSMOD_A_INST_ENDPOINT, endpoint);
	put_u32(msg, RSMOD_A_INST_LU_STATE, state);
	put_u32(msg, RSMOD_A_INST_TIMEOUT_MS, timeout_ms);
	if (expr)
		nla_put_string(msg, RSMOD_A_INST_LU_EXPR, expr);
	return ask(nl, msg, &a);
}

int rsnl_update(struct rsnl *nl, int32_t endpoint, uint32_t instance, uint32_t commit,
		uint32_t timeout_ms)
{
	struct answer a = { .max = RSMOD_A_INST_MAX };
	struct nl_msg *msg = request(nl, NLM_F_ACK, RSMOD_CMD_SWAP);

	if (!msg)
		return -ENOMEM;
	nla_put_s32(msg, RSMOD_A_INST_ENDPOINT, endpoint);
	put_u32(msg, RSMOD_A_INST_INSTANCE, instance);
	put_u32(msg, RSMOD_A_INST_COMMIT, commit);
	put_u32(msg, RSMOD_A_INST_TIMEOUT_MS, timeout_ms);
	return ask(nl, msg, &a);
}

int rsnl_commit(struct rsnl *nl, int32_t endpoint)
{
	return inst_cmd(nl, RSMOD_CMD_COMMIT, endpoint, RSNL_UNSET, RSNL_UNSET);
}

int rsnl_rollback(struct rsnl *nl, int32_t endpoint)
{
	return inst_cmd(nl, RSMOD_CMD_ROLLBACK, endpoint, RSNL_UNSET, RSNL_UNSET);
}

int rsnl_inst_signal(struct rsnl *nl, int32_t endpoint, uint32_t instance, uint32_t signo)
{
	struct answer a = { .max = RSMOD_A_INST_MAX };
	struct nl_msg *msg = request(nl, NLM_F_ACK, RSMOD_CMD_INST_SIGNAL);

	if (!msg)
		return -ENOMEM;
	nla_put_s32(msg, RSMOD_A_INST_ENDPOINT, endpoint);
	put_u32(msg, RSMOD_A_INST_INSTANCE, instance);
	put_u32(msg, RSMOD_A_INST_SIGNO, signo);
	return ask(nl, msg, &a);
}

static int dump(struct rsnl *nl, uint8_t cmd, struct answer *a)
{
	struct nl_msg *msg = request(nl, NLM_F_DUMP, cmd);

	return msg ? ask(nl, msg, a) : -ENOMEM;
}

int rsnl_slot_dump(struct rsnl *nl, FILE *to)
{
	struct answer a = { .to = to, .attrs = slot_attrs, .max = RSMOD_A_SLOT_MAX };

	return dump(nl, RSMOD_CMD_SLOT_GET, &a);
}

static int slot_get(struct rsnl *nl, int32_t endpoint, struct answer *a)
{
	struct nl_msg *msg = request(nl, NLM_F_ACK, RSMOD_CMD_SLOT_GET);

	if (!msg)
		return -ENOMEM;
	nla_put_s32(msg, RSMOD_A_SLOT_ENDPOINT, endpoint);
	return ask(nl, msg, a);
}

int rsnl_slot_get(struct rsnl *nl, int32_t endpoint, FILE *to)
{
	struct answer a = { .to = to, .attrs = slot_attrs, .max = RSMOD_A_SLOT_MAX };

	return slot_get(nl, endpoint, &a);
}

int rsnl_slot_completed(struct rsnl *nl, int32_t endpoint, uint64_t *ret)
{
	struct answer a = { .completed = ret, .max = RSMOD_A_SLOT_MAX };

	return slot_get(nl, endpoint, &a);
}

int rsnl_inst_dump(struct rsnl *nl, FILE *to)
{
	struct answer a = { .to = to, .attrs = inst_attrs, .max = RSMOD_A_INST_MAX };

	return dump(nl, RSMOD_CMD_INST_GET, &a);
}

int rsnl_event_fd(const struct rsnl *nl)
{
	return nl_socket_get_fd(nl->event);
}

struct watch {
	int32_t endpoint;
	FILE *to;
	void (*on_event)(const struct rsnl_event *e, void *data);
	void *data;
};

static uint32_t get_u32(struct nlattr *const *tb, int attr)
{
	return tb[attr] ? nla_get_u32(tb[attr]) : 0;
}

static int on_event_msg(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[RSMOD_A_EVENT_MAX + 1];
	struct watch *w = arg;
	struct rsnl_event e;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, RSMOD_A_EVENT_MAX, NULL) ||
	    !tb[RSMOD_A_EVENT_TYPE] || !tb[RSMOD_A_EVENT_ENDPOINT])
		return NL_SKIP;
	e.type = nla_get_u32(tb[RSMOD_A_EVENT_TYPE]);
	e.endpoint = nla_get_s32(tb[RSMOD_A_EVENT_ENDPOINT]);
	e.instance = get_u32(tb, RSMOD_A_EVENT_INSTANCE);
	e.cause = get_u32(tb, RSMOD_A_EVENT_CAUSE);
	e.signo = get_u32(tb, RSMOD_A_EVENT_SIGNO);
	e.violation = get_u32(tb, RSMOD_A_EVENT_VIOLATION);
	e.init = get_u32(tb, RSMOD_A_EVENT_INIT);
	e.pid = get_u32(tb, RSMOD_A_EVENT_PID);
	e.result = tb[RSMOD_A_EVENT_RESULT] ? nla_get_s32(tb[RSMOD_A_EVENT_RESULT]) : 0;
	if (w->endpoint && e.endpoint != w->endpoint)
		return NL_SKIP;
	if (w->to) {
		uint64_t t = tb[RSMOD_A_EVENT_TIME] ? nla_get_u64(tb[RSMOD_A_EVENT_TIME]) : 0;

		fprintf(w->to, "%" PRIu64 ".%06" PRIu64 " %s", t / 1000000000,
			t % 1000000000 / 1000,
			enum_name(event_names, ARRAY_SIZE(event_names), e.type));
		print_attrs(w->to, event_attrs, tb, RSMOD_A_EVENT_MAX);
	}
	if (w->on_event)
		w->on_event(&e, w->data);
	return NL_OK;
}

int rsnl_events(struct rsnl *nl, int32_t endpoint, FILE *to,
		void (*on_event)(const struct rsnl_event *e, void *data), void *data)
{
	struct watch w = { endpoint, to, on_event, data };
	int r;

	nl_socket_modify_cb(nl->event, NL_CB_VALID, NL_CB_CUSTOM, on_event_msg, &w);
	r = nl_recvmsgs_default(nl->event);
	if (r >= 0 || r == -NLE_AGAIN)
		return 0;
	return r == -NLE_NOMEM ? -ENOBUFS : -EIO;
}

static struct nl_sock *connect_genl(void)
{
	struct nl_sock *s = nl_socket_alloc();

	if (s && genl_connect(s)) {
		nl_socket_free(s);
		return NULL;
	}
	return s;
}

bool rsnl_module(const char *name)
{
	char text[80];

	/* To ask modprobe takes seconds on a slow kernel, and every test asks. */
	snprintf(text, sizeof(text), "/sys/module/%s", name);
	if (!access(text, F_OK))
		return true;
	snprintf(text, sizeof(text), "modprobe -q %s", name);
	return !system(text);
}

int rsnl_open(struct rsnl **ret)
{
	struct rsnl *nl = calloc(1, sizeof(*nl));
	const int one = 1;
	int group;
	int r = -ENOMEM;

	if (!nl)
		return r;
	nl->cmd = connect_genl();
	nl->event = connect_genl();
	if (!nl->cmd || !nl->event)
		goto err_close;
	nl->family = genl_ctrl_resolve(nl->cmd, RSMOD_FAMILY_NAME);
	group = genl_ctrl_resolve_grp(nl->cmd, RSMOD_FAMILY_NAME, RSMOD_MCGRP_EVENTS);
	if (nl->family < 0 || group < 0) {
		fprintf(stderr, "no such netlink family: is the rsmod module loaded?\n");
		r = -ENOENT;
		goto err_close;
	}
	setsockopt(nl_socket_get_fd(nl->cmd), SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	nl_socket_disable_seq_check(nl->event);
	nl_socket_set_buffer_size(nl->event, 1 << 20, 0);
	r = -EIO;
	if (nl_socket_add_membership(nl->event, group) || nl_socket_set_nonblocking(nl->event))
		goto err_close;
	*ret = nl;
	return 0;

err_close:
	rsnl_close(nl);
	return r;
}

void rsnl_close(struct rsnl *nl)
{
	if (nl->cmd)
		nl_socket_free(nl->cmd);
	if (nl->event)
		nl_socket_free(nl->event);
	free(nl);
}
