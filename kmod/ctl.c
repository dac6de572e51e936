// SPDX-License-Identifier: GPL-2.0
/*
 * ctl.c - the generic-netlink family "rsmod", and its commands for slots
 *
 * Documentation/netlink/specs/rsmod.yaml is the contract; the attribute policies are generated
 * from it (ctl_policy.h).  pre_doit finds the slot that a command names and checks who asks, so
 * handlers work on objects; post_doit drops the reference.  Whatever is refused, is refused with
 * a sentence.
 *
 * GENL_ADMIN_PERM asks for CAP_NET_ADMIN alone, which a container that only configures its own
 * network may have.  These commands decide which process drives a device, so they need
 * CAP_SYS_ADMIN too, of the sender and of whoever opened the socket.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/etherdevice.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "allow.h"
#include "ctl.h"
#include "ctl_priv.h"
#include "endpoint.h"
#include "failover.h"
#include "stat.h"
#include "update.h"

#include "ctl_policy.h"

/* genl_ops.internal_flags */
#define RS_CTL_ADMIN	BIT(0)	/* CAP_SYS_ADMIN */
#define RS_CTL_SLOT	BIT(1)	/* the endpoint attribute names the slot */
#define RS_CTL_LABEL	BIT(2)	/* so may the label */

/* What RS_CTL_SLOT resolves has the same number in both sets. */
static_assert((int)RSMOD_A_SLOT_ENDPOINT == (int)RSMOD_A_INST_ENDPOINT);

/* The words of a slot's policy, as SLOT_NEW and SLOT_SET take and SLOT_GET gives them. */
static const struct {
	u16 attr;
	u16 offset;
	const char *if_zero;
} rs_ctl_policy[] = {
	{ RSMOD_A_SLOT_DEADLINE_MS, offsetof(struct rs_policy, deadline_ms) },
	{ RSMOD_A_SLOT_GATE_TIMEOUT_MS, offsetof(struct rs_policy, gate_timeout_ms) },
	{ RSMOD_A_SLOT_INIT_TIMEOUT_MS, offsetof(struct rs_policy, init_timeout_ms),
	  "init-timeout-ms must not be 0: a driver that never answers INIT would hold its slot" },
	{ RSMOD_A_SLOT_POISON_LIMIT, offsetof(struct rs_policy, poison_limit),
	  "poison-limit must not be 0: every request would be failed at the first death" },
	{ RSMOD_A_SLOT_VIOLATION_LIMIT, offsetof(struct rs_policy, violation_limit) },
	{ RSMOD_A_SLOT_BUDGET, offsetof(struct rs_policy, budget) },
	{ RSMOD_A_SLOT_BUDGET_WINDOW_MS, offsetof(struct rs_policy, budget_window_ms) },
	{ RSMOD_A_SLOT_MSG_POLICY, offsetof(struct rs_policy, msg_policy) },
};

static u32 *rs_ctl_policy_word(struct rs_policy *policy, u32 i)
{
	return (void *)policy + rs_ctl_policy[i].offset;
}

static int rs_ctl_policy_check(struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	struct nlattr *attr;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rs_ctl_policy); i++) {
		attr = attrs[rs_ctl_policy[i].attr];
		if (attr && rs_ctl_policy[i].if_zero && !nla_get_u32(attr)) {
			NL_SET_BAD_ATTR(extack, attr);
			extack->_msg = rs_ctl_policy[i].if_zero;
			return -EINVAL;
		}
	}
	return 0;
}

/* Single words: who reads the policy needs no lock. */
static void rs_ctl_policy_set(struct nlattr **attrs, struct rs_policy *policy)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rs_ctl_policy); i++)
		if (attrs[rs_ctl_policy[i].attr])
			WRITE_ONCE(*rs_ctl_policy_word(policy, i),
				   nla_get_u32(attrs[rs_ctl_policy[i].attr]));
}

static int rs_ctl_policy_fill(struct sk_buff *skb, struct rs_policy *policy)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rs_ctl_policy); i++)
		if (nla_put_u32(skb, rs_ctl_policy[i].attr,
				READ_ONCE(*rs_ctl_policy_word(policy, i))))
			return -EMSGSIZE;
	return 0;
}

int rs_ctl_missing(struct genl_info *info, u32 attr, const char *sentence)
{
	NL_SET_ERR_ATTR_MISS(info->extack, NULL, attr);
	info->extack->_msg = sentence;
	return -EINVAL;
}

struct rs_slot *rs_ctl_slot(struct nlattr *attr, struct netlink_ext_ack *extack)
{
	struct rs_slot *slot = rs_slot_get(nla_get_s32(attr));

	if (slot == ERR_PTR(-EINVAL))
		NL_SET_ERR_MSG_ATTR(extack, attr, "this is no endpoint");
	else if (IS_ERR(slot))
		NL_SET_ERR_MSG_ATTR(extack, attr, "the endpoint's generation is over");
	return slot;
}

static int rs_ctl_find(u8 flags, struct genl_info *info, struct rs_slot **ret_slot)
{
	struct nlattr *endpoint = info->attrs[RSMOD_A_SLOT_ENDPOINT], *label;

	if (endpoint) {
		*ret_slot = rs_ctl_slot(endpoint, info->extack);
		return PTR_ERR_OR_ZERO(*ret_slot);
	}
	if (!(flags & RS_CTL_LABEL))
		return rs_ctl_missing(info, RSMOD_A_SLOT_ENDPOINT, "which endpoint?");
	label = info->attrs[RSMOD_A_SLOT_LABEL];
	if (!label)
		return rs_ctl_missing(info, RSMOD_A_SLOT_LABEL, "which endpoint, or which label?");
	*ret_slot = rs_slot_get_label(nla_data(label));
	if (!*ret_slot) {
		NL_SET_ERR_MSG_ATTR(info->extack, label, "no service has this label");
		return -ENOENT;
	}
	return 0;
}

static int rs_ctl_pre_doit(const struct genl_split_ops *ops, struct sk_buff *skb,
			   struct genl_info *info)
{
	struct rs_slot *slot;
	int err;

	if (ops->internal_flags & RS_CTL_ADMIN && !netlink_capable(skb, CAP_SYS_ADMIN)) {
		NL_SET_ERR_MSG(info->extack, "this takes CAP_SYS_ADMIN");
		return -EPERM;
	}
	if (!(ops->internal_flags & RS_CTL_SLOT))
		return 0;
	err = rs_ctl_find(ops->internal_flags, info, &slot);
	if (err)
		return err;
	info->user_ptr[0] = slot;
	return 0;
}

static void rs_ctl_post_doit(const struct genl_split_ops *ops, struct sk_buff *skb,
			     struct genl_info *info)
{
	if (info->user_ptr[0])
		rs_slot_put(info->user_ptr[0]);
}

static int rs_ctl_allow_fill(struct sk_buff *skb, struct rs_slot *slot)
{
	char *text = kmalloc(RS_ALLOW_TEXT + 1, GFP_KERNEL);
	int err;

	if (!text)
		return -ENOMEM;
	mutex_lock(&slot->lock);
	rs_allow_text(slot, text);
	mutex_unlock(&slot->lock);
	err = nla_put_string(skb, RSMOD_A_SLOT_ALLOW, text);
	kfree(text);
	return err;
}

static int rs_ctl_slot_fill(struct sk_buff *skb, struct rs_slot *slot, const struct rs_stat *stat)
{
	if (nla_put_s32(skb, RSMOD_A_SLOT_ENDPOINT, slot->endpoint) ||
	    nla_put_string(skb, RSMOD_A_SLOT_LABEL, slot->label) ||
	    nla_put_u32(skb, RSMOD_A_SLOT_CLASS, slot->class) ||
	    nla_put_u32(skb, RSMOD_A_SLOT_STATE, stat->state) ||
	    nla_put_u32(skb, RSMOD_A_SLOT_EPOCH, stat->epoch) ||
	    nla_put_u32(skb, RSMOD_A_SLOT_EFFECTS, slot->effects) ||
	    nla_put_u32(skb, RSMOD_A_SLOT_DEPTH, slot->depth) ||
	    nla_put_u32(skb, RSMOD_A_SLOT_QUEUES, rs_slot_data_queues(slot)) ||
	    rs_ctl_policy_fill(skb, &slot->policy) ||
	    nla_put_u32(skb, RSMOD_A_SLOT_INSTANCE, stat->instance) ||
	    nla_put_u32(skb, RSMOD_A_SLOT_STANDBYS, stat->standbys) ||
	    nla_put_u32(skb, RSMOD_A_SLOT_RESTARTS, stat->restarts) ||
	    nla_put_u32(skb, RSMOD_A_SLOT_SWAPS, stat->swaps) ||
	    nla_put_u32(skb, RSMOD_A_SLOT_DEATHS, stat->deaths) ||
	    nla_put_u32(skb, RSMOD_A_SLOT_VIOLATIONS, atomic_read(&slot->violations)) ||
	    nla_put_u64_64bit(skb, RSMOD_A_SLOT_REQUESTS, stat->requests, RSMOD_A_SLOT_PAD) ||
	    nla_put_u64_64bit(skb, RSMOD_A_SLOT_COMPLETED, stat->completed, RSMOD_A_SLOT_PAD) ||
	    nla_put_u64_64bit(skb, RSMOD_A_SLOT_REPLAYED, stat->replayed, RSMOD_A_SLOT_PAD) ||
	    nla_put_u64_64bit(skb, RSMOD_A_SLOT_DROPPED, stat->dropped, RSMOD_A_SLOT_PAD) ||
	    nla_put_u64_64bit(skb, RSMOD_A_SLOT_POISONED, stat->poisoned, RSMOD_A_SLOT_PAD) ||
	    nla_put_u32(skb, RSMOD_A_SLOT_STOPPING, stat->stopping) ||
	    nla_put_u32(skb, RSMOD_A_SLOT_UPDATE, stat->update) ||
	    nla_put_u32(skb, RSMOD_A_SLOT_COMMITS, stat->commits) ||
	    nla_put_u32(skb, RSMOD_A_SLOT_ROLLBACKS, stat->rollbacks))
		return -EMSGSIZE;
	if (stat->device[0] && nla_put_string(skb, RSMOD_A_SLOT_DEVICE, stat->device))
		return -EMSGSIZE;
	if (slot->fe_ifname[0] && nla_put_string(skb, RSMOD_A_SLOT_IFNAME, slot->fe_ifname))
		return -EMSGSIZE;
	if (!is_zero_ether_addr(slot->fe_mac) &&
	    nla_put(skb, RSMOD_A_SLOT_MAC, ETH_ALEN, slot->fe_mac))
		return -EMSGSIZE;
	if (stat->ifindex && nla_put_u32(skb, RSMOD_A_SLOT_IFINDEX, stat->ifindex))
		return -EMSGSIZE;
	return rs_ctl_allow_fill(skb, slot);
}

static int rs_ctl_slot_put(struct sk_buff *skb, struct rs_slot *slot, u32 portid, u32 seq,
			   int flags, u8 cmd)
{
	struct rs_stat stat;
	void *head;

	rs_stat_get(slot, &stat);
	head = genlmsg_put(skb, portid, seq, &rs_ctl_family, flags, cmd);
	if (!head)
		return -EMSGSIZE;
	if (rs_ctl_slot_fill(skb, slot, &stat)) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}

static int rs_ctl_net_config(struct genl_info *info, struct rs_slot_config *config)
{
	struct nlattr *ifname = info->attrs[RSMOD_A_SLOT_IFNAME];
	struct nlattr *mac = info->attrs[RSMOD_A_SLOT_MAC];

	if ((ifname || mac) && config->class != RS_CLASS_NET) {
		NL_SET_ERR_MSG_ATTR(info->extack, ifname ?: mac,
				    "only a slot of class net has an interface");
		return -EINVAL;
	}
	if (ifname)
		config->ifname = nla_data(ifname);
	if (!mac)
		return 0;
	if (!is_valid_ether_addr(nla_data(mac))) {
		NL_SET_ERR_MSG_ATTR(info->extack, mac,
				    "an interface cannot have this address: it is zero or multicast");
		return -EINVAL;
	}
	ether_addr_copy(config->mac, nla_data(mac));
	return 0;
}

static int rs_ctl_config(struct genl_info *info, struct rs_slot_config *config)
{
	struct nlattr **attrs = info->attrs;
	int err;

	if (!attrs[RSMOD_A_SLOT_LABEL])
		return rs_ctl_missing(info, RSMOD_A_SLOT_LABEL, "a slot needs a label");
	if (!attrs[RSMOD_A_SLOT_CLASS])
		return rs_ctl_missing(info, RSMOD_A_SLOT_CLASS, "a slot needs a class");
	err = rs_ctl_policy_check(attrs, info->extack);
	if (err)
		return err;
	*config = (struct rs_slot_config) {
		.label = nla_data(attrs[RSMOD_A_SLOT_LABEL]),
		.class = nla_get_u32(attrs[RSMOD_A_SLOT_CLASS]),
		.ifname = "",
	};
	if (attrs[RSMOD_A_SLOT_EFFECTS])
		config->effects = nla_get_u32(attrs[RSMOD_A_SLOT_EFFECTS]);
	if (attrs[RSMOD_A_SLOT_DEPTH])
		config->depth = nla_get_u32(attrs[RSMOD_A_SLOT_DEPTH]);
	if (attrs[RSMOD_A_SLOT_QUEUES])
		config->queues = nla_get_u32(attrs[RSMOD_A_SLOT_QUEUES]);
	if (attrs[RSMOD_A_SLOT_ALLOW])
		config->allow = nla_data(attrs[RSMOD_A_SLOT_ALLOW]);
	rs_policy_default(&config->policy, config->class);
	rs_ctl_policy_set(attrs, &config->policy);
	return rs_ctl_net_config(info, config);
}

static int rs_ctl_slot_new(struct sk_buff *skb, struct genl_info *info)
{
	struct rs_slot_config config;
	struct rs_slot *slot;
	struct sk_buff *reply;
	int err;

	err = rs_ctl_config(info, &config);
	if (err)
		return err;
	reply = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	err = rs_slot_new(&config, &slot, info->extack);
	if (err)
		goto err_free_reply;
	err = rs_ctl_slot_put(reply, slot, info->snd_portid, info->snd_seq, 0,
			      RSMOD_CMD_SLOT_NEW);
	if (err)
		goto err_del_slot;
	rs_slot_put(slot);
	return genlmsg_reply(reply, info);

err_del_slot:
	rs_slot_del(slot);
	rs_slot_put(slot);
err_free_reply:
	nlmsg_free(reply);
	return err;
}

static int rs_ctl_slot_del(struct sk_buff *skb, struct genl_info *info)
{
	rs_slot_del(info->user_ptr[0]);
	return 0;
}

static int rs_ctl_slot_get(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *reply;
	int err;

	reply = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	err = rs_ctl_slot_put(reply, info->user_ptr[0], info->snd_portid, info->snd_seq, 0,
			      RSMOD_CMD_SLOT_GET);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return genlmsg_reply(reply, info);
}

static int rs_ctl_slot_set(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *allow = info->attrs[RSMOD_A_SLOT_ALLOW];
	struct rs_slot *slot = info->user_ptr[0];
	int err;

	err = rs_ctl_policy_check(info->attrs, info->extack);
	if (err)
		return err;
	mutex_lock(&slot->lock);
	if (allow)
		err = rs_allow_set(slot, nla_data(allow), info->extack);
	if (!err) {
		rs_ctl_policy_set(info->attrs, &slot->policy);
		slot->exhausted = false;
		slot->budget_used = 0;
	}
	mutex_unlock(&slot->lock);
	if (err)
		return err;
	/* A standby may have been waiting for the budget. */
	rs_slot_kick(slot, RS_TODO_STANDBY);
	return 0;
}

static int rs_ctl_slot_stop(struct sk_buff *skb, struct genl_info *info)
{
	rs_failover_stop(info->user_ptr[0]);
	return 0;
}

struct rs_ctl_cursor *rs_ctl_cursor(struct netlink_callback *cb)
{
	static_assert(sizeof(struct rs_ctl_cursor) <= sizeof(cb->ctx));
	return (void *)cb->ctx;
}

void *rs_ctl_dump_head(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &rs_ctl_family,
			   NLM_F_MULTI, cmd);
}

static int rs_ctl_slot_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct rs_ctl_cursor *cursor = rs_ctl_cursor(cb);
	struct nlattr **attrs = genl_dump_attrs(cb);
	struct rs_slot *slot;
	int err;

	if (attrs[RSMOD_A_SLOT_ENDPOINT] || attrs[RSMOD_A_SLOT_LABEL]) {
		NL_SET_ERR_MSG(cb->extack, "a dump is of all slots; to read one, ask without dump");
		return -EINVAL;
	}
	for (; (slot = rs_slot_next(&cursor->index)); cursor->index++) {
		err = rs_ctl_slot_put(skb, slot, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				      NLM_F_MULTI, RSMOD_CMD_SLOT_GET);
		rs_slot_put(slot);
		if (err)
			return skb->len ?: err;
	}
	return skb->len;
}

#define RS_CTL_OP(id, name)						\
	.cmd = RSMOD_CMD_##id,						\
	.policy = rsmod_##name##_nl_policy,				\
	.maxattr = ARRAY_SIZE(rsmod_##name##_nl_policy) - 1

#define RS_CTL_ADMIN_OP(id, name, internal)				\
	RS_CTL_OP(id, name),						\
	.doit = rs_ctl_##name,						\
	.flags = GENL_ADMIN_PERM,					\
	.internal_flags = RS_CTL_ADMIN | (internal)

static const struct genl_ops rs_ctl_ops[] = {
	{ RS_CTL_ADMIN_OP(SLOT_NEW, slot_new, 0) },
	{ RS_CTL_ADMIN_OP(SLOT_DEL, slot_del, RS_CTL_SLOT) },
	{
		RS_CTL_OP(SLOT_GET, slot_get),
		.doit = rs_ctl_slot_get,
		.dumpit = rs_ctl_slot_dump,
		.internal_flags = RS_CTL_SLOT | RS_CTL_LABEL,
	},
	{ RS_CTL_ADMIN_OP(SLOT_SET, slot_set, RS_CTL_SLOT) },
	{ RS_CTL_ADMIN_OP(SLOT_STOP, slot_stop, RS_CTL_SLOT) },
	{ RS_CTL_OP(INST_GET, inst_get), .dumpit = rs_ctl_inst_dump },
	{ RS_CTL_ADMIN_OP(INST_KILL, inst_kill, RS_CTL_SLOT) },
	{ RS_CTL_ADMIN_OP(INST_PING, inst_ping, RS_CTL_SLOT) },
	{ RS_CTL_ADMIN_OP(SWAP, swap, RS_CTL_SLOT) },
	{ RS_CTL_ADMIN_OP(INST_SIGNAL, inst_signal, RS_CTL_SLOT) },
	{ RS_CTL_ADMIN_OP(PREPARE, prepare, RS_CTL_SLOT) },
	{ RS_CTL_ADMIN_OP(COMMIT, commit, RS_CTL_SLOT) },
	{ RS_CTL_ADMIN_OP(ROLLBACK, rollback, RS_CTL_SLOT) },
	{ RS_CTL_OP(RECOVERY_GET, recovery_get), .dumpit = rs_ctl_recovery_dump },
};

static const struct genl_multicast_group rs_ctl_groups[] = {
	[RS_CTL_EVENTS] = { .name = RSMOD_MCGRP_EVENTS },
};

struct genl_family rs_ctl_family __ro_after_init = {
	.name		= RSMOD_FAMILY_NAME,
	.version	= RSMOD_FAMILY_VERSION,
	.netnsok	= false,	/* devices are the machine's, not a container's */
	.parallel_ops	= true,		/* slot-del may take long; others go on meanwhile */
	.module		= THIS_MODULE,
	.ops		= rs_ctl_ops,
	.n_ops		= ARRAY_SIZE(rs_ctl_ops),
	.resv_start_op	= RSMOD_CMD_SLOT_NEW,	/* all attributes are checked strictly */
	.mcgrps		= rs_ctl_groups,
	.n_mcgrps	= ARRAY_SIZE(rs_ctl_groups),
	.pre_doit	= rs_ctl_pre_doit,
	.post_doit	= rs_ctl_post_doit,
};

int __init rs_ctl_init(void)
{
	return genl_register_family(&rs_ctl_family);
}

void rs_ctl_exit(void)
{
	genl_unregister_family(&rs_ctl_family);
}
