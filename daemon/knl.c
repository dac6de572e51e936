// SPDX-License-Identifier: GPL-2.0-only
/*
 * knl.c - commands, dumps and events of the family, over libnl
 */
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <systemd/sd-event.h>

#include <linux/genetlink.h>

#include "knl-attr.h"
#include "secureboot.h"

#define EVENT_BUFFER	(1U << 20)
#define EVENTS_AT_ONCE	256
#define CTRL_GROUP	0x10		/* "notify" of nlctrl: fixed by the kernel */

struct knl {
	struct nl_sock *cmd;
	struct nl_sock *events;
	sd_event_source *source;
	const struct knl_ops *ops;
	void *owner;
	int family;		/* -1: the module is not loaded */
	uint32_t group;
	uint64_t last_seq;	/* of an event; 0 = none yet */
	bool draining;
};

static void knl_forget(struct knl *knl)
{
	knl->family = -1;
	knl->group = 0;
	knl->last_seq = 0;
}

/*
 * One exchange: what to do with each message of the answer, and what came of it.
 */
struct exchange {
	void (*message)(struct exchange *x, struct nlattr *head, int len);
	void *result;
	size_t nr;
	size_t size;
	int error;
	bool done;
	struct reason *why;
	const char *what;
};

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *g = nlmsg_data(nlmsg_hdr(msg));
	struct exchange *x = arg;

	if (x->message)
		x->message(x, genlmsg_attrdata(g, 0), genlmsg_attrlen(g, 0));
	return NL_OK;
}

static int on_done(struct nl_msg *msg, void *arg)
{
	struct exchange *x = arg;

	(void)msg;
	x->done = true;
	return NL_STOP;
}

/* The module's own sentence travels in the error message as NLMSGERR_ATTR_MSG. */
static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	struct nlmsghdr *h = (struct nlmsghdr *)((char *)e - NLMSG_HDRLEN);
	struct exchange *x = arg;
	struct nlattr *a;
	int skip, len;

	(void)from;
	x->error = e->error;
	x->done = true;
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return NL_STOP;
	skip = NLMSG_HDRLEN + (int)sizeof(*e);
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		skip += (int)NLMSG_ALIGN(e->msg.nlmsg_len - NLMSG_HDRLEN);
	len = (int)h->nlmsg_len - skip;
	if (len <= 0)
		return NL_STOP;
	a = nla_find((struct nlattr *)((char *)h + skip), len, NLMSGERR_ATTR_MSG);
	if (a && x->why)
		refuse(x->why, 0, "%s: %.*s", x->what, nla_len(a), (char *)nla_data(a));
	return NL_STOP;
}

static int exchange(struct knl *knl, struct nl_msg *msg, struct exchange *x)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_CUSTOM);
	int r;

	if (!cb)
		return -ENOMEM;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, x);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_done, x);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_done, x);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, x);

	r = nl_send_auto(knl->cmd, msg);
	while (r >= 0 && !x->done) {
		r = nl_recvmsgs(knl->cmd, cb);
		/* the kernel's errors arrive through on_error() */
		if (r < 0 && !x->done && r != -NLE_INTR)
			break;
	}
	nl_cb_put(cb);
	if (!x->done)
		return refuse(x->why, -EIO, "%s: netlink: %s", x->what, nl_geterror(r));
	if (x->error < 0)
		return refuse_default(x->why, x->error, "%s: the module says: %s", x->what,
				      strerror(-x->error));
	return 0;
}

static struct nl_msg *command(struct knl *knl, uint8_t cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg)
		return NULL;
	if (!genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, knl->family, 0, flags, cmd,
			 RSMOD_FAMILY_VERSION)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static int run(struct knl *knl, struct nl_msg *msg, struct exchange *x)
{
	int r = exchange(knl, msg, x);

	nlmsg_free(msg);
	return r;
}

/*
 * Events
 */
static int on_ctrl(struct knl *knl, struct genlmsghdr *g)
{
	struct nlattr *head = genlmsg_attrdata(g, 0);
	int len = genlmsg_attrlen(g, 0);
	struct nlattr *name = nla_find(head, len, CTRL_ATTR_FAMILY_NAME);

	if (!name || !streq(nla_get_string(name), RSMOD_FAMILY_NAME))
		return NL_OK;
	if (g->cmd == CTRL_CMD_NEWFAMILY && knl->family < 0) {
		if (knl_connect(knl, NULL) == 0)
			knl->ops->resync(knl->owner);
	} else if (g->cmd == CTRL_CMD_DELFAMILY) {
		knl_forget(knl);
		knl->ops->gone(knl->owner);
	}
	return NL_OK;
}

static int on_event(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	struct genlmsghdr *g = nlmsg_data(h);
	struct knl *knl = arg;
	struct knl_event e;
	bool gap;

	if (h->nlmsg_type == GENL_ID_CTRL)
		return on_ctrl(knl, g);
	if (h->nlmsg_type != knl->family || g->cmd != RSMOD_CMD_EVENT)
		return NL_OK;
	knl_parse_event(genlmsg_attrdata(g, 0), genlmsg_attrlen(g, 0), &e);
	gap = knl->last_seq && e.seq > knl->last_seq + 1;
	knl->last_seq = e.seq;
	knl->ops->event(knl->owner, &e);
	if (gap)
		knl->ops->resync(knl->owner);
	return NL_OK;
}

void knl_drain(struct knl *knl)
{
	unsigned int n;
	int r;

	/* a handler that kills an instance may be called from here */
	if (knl->draining)
		return;
	knl->draining = true;
	/* the rest of a flood waits for the loop's next round */
	for (n = 0; n < EVENTS_AT_ONCE; n++) {
		r = nl_recvmsgs_default(knl->events);
		if (r == -NLE_AGAIN || r == -NLE_INTR)
			break;
		if (r == -NLE_NOMEM) {
			/* ENOBUFS: the socket overflowed, events are lost */
			knl->last_seq = 0;
			knl->ops->resync(knl->owner);
			continue;
		}
		if (r < 0)
			break;
	}
	knl->draining = false;
}

static int on_readable(sd_event_source *s, int fd, uint32_t revents, void *arg)
{
	(void)s;
	(void)fd;
	(void)revents;
	knl_drain(arg);
	return 0;
}

static struct nl_sock *socket_new(void)
{
	struct nl_sock *sk = nl_socket_alloc();
	int on = 1;

	if (!sk)
		return NULL;
	if (genl_connect(sk) < 0) {
		nl_socket_free(sk);
		return NULL;
	}
	setsockopt(nl_socket_get_fd(sk), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	return sk;
}

int knl_open(struct sd_event *loop, const struct knl_ops *ops, void *owner, struct knl **ret)
{
	struct knl *knl = calloc(1, sizeof(*knl));
	int r = -ENOMEM;

	if (!knl)
		return -ENOMEM;
	knl->ops = ops;
	knl->owner = owner;
	knl_forget(knl);
	knl->cmd = socket_new();
	knl->events = socket_new();
	if (!knl->cmd || !knl->events)
		goto err_close;
	/* large dumps come in messages of up to 32 KiB */
	nl_socket_set_msg_buf_size(knl->cmd, 65536);
	nl_socket_set_buffer_size(knl->events, EVENT_BUFFER, 0);
	nl_socket_set_nonblocking(knl->events);
	nl_socket_disable_seq_check(knl->events);
	nl_socket_modify_cb(knl->events, NL_CB_VALID, NL_CB_CUSTOM, on_event, knl);
	if (nl_socket_add_membership(knl->events, CTRL_GROUP) < 0) {
		r = -EIO;
		goto err_close;
	}
	r = sd_event_add_io(loop, &knl->source, nl_socket_get_fd(knl->events), EPOLLIN, on_readable,
			    knl);
	if (r < 0)
		goto err_close;
	/* before the pidfds: an exit is understood better once its "died" event is known */
	sd_event_source_set_priority(knl->source, SD_EVENT_PRIORITY_IMPORTANT);
	*ret = knl;
	return 0;

err_close:
	knl_close(knl);
	return r;
}

void knl_close(struct knl *knl)
{
	if (!knl)
		return;
	sd_event_source_unref(knl->source);
	nl_socket_free(knl->cmd);
	nl_socket_free(knl->events);
	free(knl);
}

int knl_connect(struct knl *knl, struct reason *why)
{
	int family, group;

	family = genl_ctrl_resolve(knl->cmd, RSMOD_FAMILY_NAME);
	if (family < 0) {
		knl_forget(knl);
		return secureboot_explain(why, -ENOTCONN);
	}
	if (family == knl->family)
		return 0;
	group = genl_ctrl_resolve_grp(knl->cmd, RSMOD_FAMILY_NAME, RSMOD_MCGRP_EVENTS);
	if (group < 0 || nl_socket_add_membership(knl->events, group) < 0)
		return refuse(why, -EPROTO,
			      "the rsmod module has no event group; is it of the same version as rsd?");
	knl->family = family;
	knl->group = (uint32_t)group;
	knl->last_seq = 0;
	return 0;
}

/*
 * Commands
 */
#define NEED_MODULE(knl, why)					\
	do {							\
		int __r = (knl)->family < 0 ?			\
			knl_connect(knl, why) : 0;		\
		if (__r < 0)					\
			return __r;				\
	} while (0)

static void put_policy(struct nl_msg *msg, const struct knl_policy *p)
{
	if (p->set & KNL_SET_DEADLINE)
		nla_put_u32(msg, RSMOD_A_SLOT_DEADLINE_MS, p->deadline_ms);
	if (p->set & KNL_SET_GATE_TIMEOUT)
		nla_put_u32(msg, RSMOD_A_SLOT_GATE_TIMEOUT_MS, p->gate_timeout_ms);
	if (p->set & KNL_SET_INIT_TIMEOUT)
		nla_put_u32(msg, RSMOD_A_SLOT_INIT_TIMEOUT_MS, p->init_timeout_ms);
	if (p->set & KNL_SET_POISON)
		nla_put_u32(msg, RSMOD_A_SLOT_POISON_LIMIT, p->poison);
	if (p->set & KNL_SET_VIOLATIONS)
		nla_put_u32(msg, RSMOD_A_SLOT_VIOLATION_LIMIT, p->violations);
	if (p->set & KNL_SET_BUDGET) {
		nla_put_u32(msg, RSMOD_A_SLOT_BUDGET, p->budget);
		nla_put_u32(msg, RSMOD_A_SLOT_BUDGET_WINDOW_MS, p->budget_window_ms);
	}
}

static void got_slot(struct exchange *x, struct nlattr *head, int len)
{
	knl_parse_slot(head, len, x->result);
	x->nr = 1;
}

int knl_slot_new(struct knl *knl, const char *label, uint32_t class, uint32_t effects,
		 const char *ifname, const struct knl_policy *policy, int32_t *ret_endpoint,
		 struct reason *why)
{
	struct knl_slot slot = { 0 };
	struct exchange x = { .message = got_slot, .result = &slot, .why = why,
			      .what = "making the slot" };
	struct nl_msg *msg;
	int r;

	NEED_MODULE(knl, why);
	msg = command(knl, RSMOD_CMD_SLOT_NEW, NLM_F_ACK);
	if (!msg)
		return -ENOMEM;
	nla_put_string(msg, RSMOD_A_SLOT_LABEL, label);
	nla_put_u32(msg, RSMOD_A_SLOT_CLASS, class);
	nla_put_u32(msg, RSMOD_A_SLOT_EFFECTS, effects);
	if (ifname && ifname[0])
		nla_put_string(msg, RSMOD_A_SLOT_IFNAME, ifname);
	if (policy->set & KNL_SET_MAC)
		nla_put(msg, RSMOD_A_SLOT_MAC, sizeof(policy->mac), policy->mac);
	if (policy->set & KNL_SET_DEPTH)
		nla_put_u32(msg, RSMOD_A_SLOT_DEPTH, policy->depth);
	if (policy->set & KNL_SET_QUEUES)
		nla_put_u32(msg, RSMOD_A_SLOT_QUEUES, policy->queues);
	put_policy(msg, policy);
	r = run(knl, msg, &x);
	if (r < 0)
		return r;
	if (!x.nr)
		return refuse(why, -EPROTO, "the module made a slot and did not say which");
	*ret_endpoint = slot.endpoint;
	return 0;
}

/* A command whose only argument is the endpoint. */
static int slot_command(struct knl *knl, uint8_t cmd, int32_t endpoint, const char *what,
			struct reason *why)
{
	struct exchange x = { .why = why, .what = what };
	struct nl_msg *msg;

	NEED_MODULE(knl, why);
	msg = command(knl, cmd, NLM_F_ACK);
	if (!msg)
		return -ENOMEM;
	nla_put_s32(msg, RSMOD_A_SLOT_ENDPOINT, endpoint);
	return run(knl, msg, &x);
}

/* Likewise, of those that mean an instance. */
static int inst_command(struct knl *knl, uint8_t cmd, int32_t endpoint, const char *what,
			struct reason *why)
{
	struct exchange x = { .why = why, .what = what };
	struct nl_msg *msg;

	NEED_MODULE(knl, why);
	msg = command(knl, cmd, NLM_F_ACK);
	if (!msg)
		return -ENOMEM;
	nla_put_s32(msg, RSMOD_A_INST_ENDPOINT, endpoint);
	return run(knl, msg, &x);
}

int knl_slot_del(struct knl *knl, int32_t endpoint, struct reason *why)
{
	return slot_command(knl, RSMOD_CMD_SLOT_DEL, endpoint, "removing the slot", why);
}

int knl_slot_stop(struct knl *knl, int32_t endpoint, struct reason *why)
{
	return slot_command(knl, RSMOD_CMD_SLOT_STOP, endpoint, "stopping the slot", why);
}

int knl_inst_ping(struct knl *knl, int32_t endpoint, struct reason *why)
{
	return inst_command(knl, RSMOD_CMD_INST_PING, endpoint, "pinging the instance", why);
}

int knl_slot_set(struct knl *knl, int32_t endpoint, const struct knl_policy *policy,
		 struct reason *why)
{
	struct exchange x = { .why = why, .what = "changing the slot" };
	struct nl_msg *msg;

	NEED_MODULE(knl, why);
	msg = command(knl, RSMOD_CMD_SLOT_SET, NLM_F_ACK);
	if (!msg)
		return -ENOMEM;
	nla_put_s32(msg, RSMOD_A_SLOT_ENDPOINT, endpoint);
	put_policy(msg, policy);
	return run(knl, msg, &x);
}

int knl_slot_get(struct knl *knl, int32_t endpoint, struct knl_slot *ret, struct reason *why)
{
	struct exchange x = { .message = got_slot, .result = ret, .why = why,
			      .what = "reading the slot" };
	struct nl_msg *msg;
	int r;

	NEED_MODULE(knl, why);
	msg = command(knl, RSMOD_CMD_SLOT_GET, NLM_F_ACK);
	if (!msg)
		return -ENOMEM;
	nla_put_s32(msg, RSMOD_A_SLOT_ENDPOINT, endpoint);
	r = run(knl, msg, &x);
	return r < 0 ? r : x.nr ? 0 : -ENOENT;
}

int knl_inst_kill(struct knl *knl, int32_t endpoint, uint32_t instance, uint32_t epoch,
		  struct reason *why)
{
	struct exchange x = { .why = why, .what = "ending the instance" };
	struct nl_msg *msg;

	NEED_MODULE(knl, why);
	msg = command(knl, RSMOD_CMD_INST_KILL, NLM_F_ACK);
	if (!msg)
		return -ENOMEM;
	nla_put_s32(msg, RSMOD_A_INST_ENDPOINT, endpoint);
	nla_put_u32(msg, RSMOD_A_INST_INSTANCE, instance);
	nla_put_u32(msg, RSMOD_A_INST_EPOCH, epoch);
	return run(knl, msg, &x);
}

int knl_swap(struct knl *knl, int32_t endpoint, const struct knl_swap *how, struct reason *why)
{
	struct exchange x = { .why = why, .what = "swapping" };
	struct nl_msg *msg;

	NEED_MODULE(knl, why);
	msg = command(knl, RSMOD_CMD_SWAP, NLM_F_ACK);
	if (!msg)
		return -ENOMEM;
	nla_put_s32(msg, RSMOD_A_INST_ENDPOINT, endpoint);
	nla_put_u32(msg, RSMOD_A_INST_INSTANCE, how->instance);
	nla_put_u32(msg, RSMOD_A_INST_INIT, how->init);
	nla_put_u32(msg, RSMOD_A_INST_COMMIT, how->commit);
	if (how->timeout_ms)
		nla_put_u32(msg, RSMOD_A_INST_TIMEOUT_MS, how->timeout_ms);
	return run(knl, msg, &x);
}

int knl_prepare(struct knl *knl, int32_t endpoint, uint32_t state, const char *expr,
		uint32_t timeout_ms, struct reason *why)
{
	struct exchange x = { .why = why, .what = "asking it to get ready" };
	struct nl_msg *msg;

	NEED_MODULE(knl, why);
	msg = command(knl, RSMOD_CMD_PREPARE, NLM_F_ACK);
	if (!msg)
		return -ENOMEM;
	nla_put_s32(msg, RSMOD_A_INST_ENDPOINT, endpoint);
	nla_put_u32(msg, RSMOD_A_INST_LU_STATE, state);
	if (expr && expr[0])
		nla_put_string(msg, RSMOD_A_INST_LU_EXPR, expr);
	if (timeout_ms)
		nla_put_u32(msg, RSMOD_A_INST_TIMEOUT_MS, timeout_ms);
	return run(knl, msg, &x);
}

int knl_commit(struct knl *knl, int32_t endpoint, struct reason *why)
{
	return inst_command(knl, RSMOD_CMD_COMMIT, endpoint, "making the swap final", why);
}

int knl_rollback(struct knl *knl, int32_t endpoint, struct reason *why)
{
	return inst_command(knl, RSMOD_CMD_ROLLBACK, endpoint, "undoing the swap", why);
}

/*
 * Dumps
 */
static void *grow(struct exchange *x)
{
	char *more = realloc(x->result, (x->nr + 1) * x->size);

	if (!more) {
		x->error = -ENOMEM;
		return NULL;
	}
	x->result = more;
	return more + x->nr++ * x->size;
}

static void add_slot(struct exchange *x, struct nlattr *head, int len)
{
	void *p = grow(x);

	if (p)
		knl_parse_slot(head, len, p);
}

static void add_instance(struct exchange *x, struct nlattr *head, int len)
{
	void *p = grow(x);

	if (p)
		knl_parse_instance(head, len, p);
}

static void add_event(struct exchange *x, struct nlattr *head, int len)
{
	void *p = grow(x);

	if (p)
		knl_parse_event(head, len, p);
}

static int dump(struct knl *knl, uint8_t cmd, int attr, int32_t endpoint, struct exchange *x,
		void **ret, size_t *ret_nr)
{
	struct nl_msg *msg;
	int r;

	NEED_MODULE(knl, x->why);
	msg = command(knl, cmd, NLM_F_DUMP);
	if (!msg)
		return -ENOMEM;
	if (endpoint)
		nla_put_s32(msg, attr, endpoint);
	r = run(knl, msg, x);
	if (r < 0) {
		free(x->result);
		return r;
	}
	*ret = x->result;
	*ret_nr = x->nr;
	return 0;
}

int knl_slots(struct knl *knl, struct knl_slot **ret, size_t *ret_nr, struct reason *why)
{
	struct exchange x = { .message = add_slot, .size = sizeof(**ret), .why = why,
			      .what = "listing the slots" };

	return dump(knl, RSMOD_CMD_SLOT_GET, 0, 0, &x, (void **)ret, ret_nr);
}

int knl_instances(struct knl *knl, int32_t endpoint, struct knl_instance **ret, size_t *ret_nr,
		  struct reason *why)
{
	struct exchange x = { .message = add_instance, .size = sizeof(**ret), .why = why,
			      .what = "listing the instances" };

	return dump(knl, RSMOD_CMD_INST_GET, RSMOD_A_INST_ENDPOINT, endpoint, &x, (void **)ret,
		    ret_nr);
}

int knl_recoveries(struct knl *knl, int32_t endpoint, struct knl_event **ret, size_t *ret_nr,
		   struct reason *why)
{
	struct exchange x = { .message = add_event, .size = sizeof(**ret), .why = why,
			      .what = "reading the recoveries" };

	return dump(knl, RSMOD_CMD_RECOVERY_GET, RSMOD_A_EVENT_ENDPOINT, endpoint, &x,
		    (void **)ret, ret_nr);
}
