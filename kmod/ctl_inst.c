// SPDX-License-Identifier: GPL-2.0
/*
 * ctl_inst.c - netlink commands for instances: end, ask, swap and update them; read what they did
 */
#include <linux/math64.h>
#include <net/genetlink.h>

#include "ctl.h"
#include "ctl_priv.h"
#include "detect.h"
#include "endpoint.h"
#include "event.h"
#include "instance.h"
#include "update.h"

/* A command that carries an epoch means the instances of that epoch.  slot->lock held. */
static int rs_ctl_epoch(struct rs_slot *slot, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[RSMOD_A_INST_EPOCH];

	if (slot->state == RS_SLOT_DEAD) {
		NL_SET_ERR_MSG(info->extack, "the slot is being removed");
		return -EOWNERDEAD;
	}
	if (attr && nla_get_u32(attr) != slot->epoch) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "the epoch is over");
		return -ESTALE;
	}
	return 0;
}

/* The instance that a command names, or ERR_PTR and a sentence.  slot->lock held. */
static struct rs_instance *rs_ctl_inst(struct rs_slot *slot, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[RSMOD_A_INST_INSTANCE];
	int err = rs_ctl_epoch(slot, info);
	struct rs_instance *inst;

	if (err)
		return ERR_PTR(err);
	list_for_each_entry(inst, &slot->instances, link)
		if (inst->number == nla_get_u32(attr))
			return inst;
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "the slot has no such instance");
	return ERR_PTR(-ESRCH);
}

int rs_ctl_inst_kill(struct sk_buff *skb, struct genl_info *info)
{
	struct rs_slot *slot = info->user_ptr[0];
	struct rs_instance *inst;

	if (!info->attrs[RSMOD_A_INST_INSTANCE])
		return rs_ctl_missing(info, RSMOD_A_INST_INSTANCE, "which instance?");
	mutex_lock(&slot->lock);
	inst = rs_ctl_inst(slot, info);
	if (!IS_ERR(inst))
		rs_instance_die(inst, RS_CAUSE_KILL, 0, NULL);
	mutex_unlock(&slot->lock);
	return PTR_ERR_OR_ZERO(inst);
}

int rs_ctl_inst_signal(struct sk_buff *skb, struct genl_info *info)
{
	struct rs_slot *slot = info->user_ptr[0];
	struct rs_instance *inst;

	if (!info->attrs[RSMOD_A_INST_INSTANCE])
		return rs_ctl_missing(info, RSMOD_A_INST_INSTANCE, "which instance?");
	if (!info->attrs[RSMOD_A_INST_SIGNO])
		return rs_ctl_missing(info, RSMOD_A_INST_SIGNO, "which signal?");
	mutex_lock(&slot->lock);
	inst = rs_ctl_inst(slot, info);
	if (!IS_ERR(inst))
		rs_instance_signal(inst, nla_get_u32(info->attrs[RSMOD_A_INST_SIGNO]));
	mutex_unlock(&slot->lock);
	return PTR_ERR_OR_ZERO(inst);
}

int rs_ctl_inst_ping(struct sk_buff *skb, struct genl_info *info)
{
	struct rs_slot *slot = info->user_ptr[0];
	int err = 0;

	mutex_lock(&slot->lock);
	if (slot->bound) {
		rs_instance_event(slot->bound, RS_EVENT_PING);
		rs_detect_arm(slot);
	} else {
		NL_SET_ERR_MSG(info->extack, "no instance is bound");
		err = -ESRCH;
	}
	mutex_unlock(&slot->lock);
	return err;
}

static u32 rs_ctl_u32(const struct genl_info *info, u32 attr, u32 otherwise)
{
	return info->attrs[attr] ? nla_get_u32(info->attrs[attr]) : otherwise;
}

int rs_ctl_swap(struct sk_buff *skb, struct genl_info *info)
{
	const struct rs_swap swap = {
		.instance = rs_ctl_u32(info, RSMOD_A_INST_INSTANCE, 0),
		.epoch = rs_ctl_u32(info, RSMOD_A_INST_EPOCH, 0),
		.init = rs_ctl_u32(info, RSMOD_A_INST_INIT, RS_INIT_LU),
		.commit = rs_ctl_u32(info, RSMOD_A_INST_COMMIT, RS_COMMIT_UP),
		.timeout_ms = rs_ctl_u32(info, RSMOD_A_INST_TIMEOUT_MS, 0),
	};

	if (!info->attrs[RSMOD_A_INST_INSTANCE])
		return rs_ctl_missing(info, RSMOD_A_INST_INSTANCE, "which instance?");
	if (swap.init > RS_INIT_ROLLBACK) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[RSMOD_A_INST_INIT],
				    "unknown kind of INIT");
		return -EINVAL;
	}
	if (swap.commit != RS_COMMIT_UP && !swap.timeout_ms)
		return rs_ctl_missing(info, RSMOD_A_INST_TIMEOUT_MS,
				      "how long may the swap stay undecided?");
	return rs_update_swap(info->user_ptr[0], &swap, info->extack);
}

int rs_ctl_prepare(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *expr = info->attrs[RSMOD_A_INST_LU_EXPR];
	u32 state = rs_ctl_u32(info, RSMOD_A_INST_LU_STATE, RS_LU_NULL);

	if (!info->attrs[RSMOD_A_INST_LU_STATE])
		return rs_ctl_missing(info, RSMOD_A_INST_LU_STATE, "ready for what?");
	if (state != RS_LU_NULL && !info->attrs[RSMOD_A_INST_TIMEOUT_MS])
		return rs_ctl_missing(info, RSMOD_A_INST_TIMEOUT_MS, "how long may it take?");
	if (state == RS_LU_EVAL && !expr)
		return rs_ctl_missing(info, RSMOD_A_INST_LU_EXPR, "which expression?");
	return rs_update_prepare(info->user_ptr[0], rs_ctl_u32(info, RSMOD_A_INST_EPOCH, 0), state,
				 expr ? nla_data(expr) : "",
				 rs_ctl_u32(info, RSMOD_A_INST_TIMEOUT_MS, 0), info->extack);
}

int rs_ctl_commit(struct sk_buff *skb, struct genl_info *info)
{
	return rs_update_commit(info->user_ptr[0], rs_ctl_u32(info, RSMOD_A_INST_EPOCH, 0),
				info->extack);
}

int rs_ctl_rollback(struct sk_buff *skb, struct genl_info *info)
{
	return rs_update_rollback(info->user_ptr[0], rs_ctl_u32(info, RSMOD_A_INST_EPOCH, 0),
				  info->extack);
}

static int rs_ctl_inst_fill(struct sk_buff *skb, struct rs_slot *slot,
			    const struct rs_instance *inst)
{
	unsigned long last = READ_ONCE(inst->last_enter);

	if (nla_put_s32(skb, RSMOD_A_INST_ENDPOINT, slot->endpoint) ||
	    nla_put_u32(skb, RSMOD_A_INST_INSTANCE, inst->number) ||
	    nla_put_u32(skb, RSMOD_A_INST_PID, pid_vnr(inst->pid)) ||
	    nla_put_u32(skb, RSMOD_A_INST_STATE, rs_instance_state(inst)) ||
	    nla_put_u32(skb, RSMOD_A_INST_CAUSE, inst->cause) ||
	    nla_put_u32(skb, RSMOD_A_INST_EPOCH, inst->epoch) ||
	    nla_put_u32(skb, RSMOD_A_INST_HOLD, inst->hold) ||
	    nla_put_u64_64bit(skb, RSMOD_A_INST_POOL_SIZE, inst->pool.size,
			      RSMOD_A_INST_PAD) ||
	    nla_put_u64_64bit(skb, RSMOD_A_INST_POOL_IOVA, inst->pool.iova,
			      RSMOD_A_INST_PAD) ||
	    nla_put_u32(skb, RSMOD_A_INST_VIOLATIONS, atomic_read(&inst->violations)))
		return -EMSGSIZE;
	if (last && nla_put_u32(skb, RSMOD_A_INST_IDLE_MS,
				jiffies_to_msecs(jiffies - last)))
		return -EMSGSIZE;
	return 0;
}

static int rs_ctl_inst_put(struct sk_buff *skb, struct netlink_callback *cb,
			   struct rs_slot *slot, const struct rs_instance *inst)
{
	void *head = rs_ctl_dump_head(skb, cb, RSMOD_CMD_INST_GET);

	if (!head)
		return -EMSGSIZE;
	if (rs_ctl_inst_fill(skb, slot, inst)) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}

/* Instances are listed in the order of their numbers. */
static int rs_ctl_inst_dump_slot(struct sk_buff *skb, struct netlink_callback *cb,
				 struct rs_slot *slot)
{
	struct rs_ctl_cursor *cursor = rs_ctl_cursor(cb);
	struct rs_instance *inst;
	int err = 0;

	mutex_lock(&slot->lock);
	list_for_each_entry(inst, &slot->instances, link) {
		if (inst->number <= cursor->number)
			continue;
		err = rs_ctl_inst_put(skb, cb, slot, inst);
		if (err)
			break;
		cursor->number = inst->number;
	}
	mutex_unlock(&slot->lock);
	return err;
}

int rs_ctl_inst_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr *attr = genl_dump_attrs(cb)[RSMOD_A_INST_ENDPOINT];
	struct rs_ctl_cursor *cursor = rs_ctl_cursor(cb);
	struct rs_slot *slot;
	int err;

	if (attr) {
		slot = rs_ctl_slot(attr, cb->extack);
		if (IS_ERR(slot))
			return PTR_ERR(slot);
		err = rs_ctl_inst_dump_slot(skb, cb, slot);
		rs_slot_put(slot);
		return skb->len ?: err;
	}
	for (; (slot = rs_slot_next(&cursor->index)); cursor->index++, cursor->number = 0) {
		err = rs_ctl_inst_dump_slot(skb, cb, slot);
		rs_slot_put(slot);
		if (err)
			return skb->len ?: err;
	}
	return skb->len;
}

static int rs_ctl_recovery_put(struct sk_buff *skb, struct netlink_callback *cb,
			       struct rs_slot *slot, const struct rs_recovery *rec)
{
	struct rs_event event = { .type = RSMOD_EVENT_TYPE_RECOVERED, .rec = rec };
	void *head = rs_ctl_dump_head(skb, cb, RSMOD_CMD_RECOVERY_GET);
	u64 time = 0;
	u32 i;

	if (!head)
		return -EMSGSIZE;
	/* It was told when its last step was reached; its number as an event is forgotten. */
	for (i = 0; i < RS_REC_STEPS; i++)
		time = max(time, rec->step[i]);
	if (rs_event_fill(skb, slot, &event, 0, time)) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}

/* The log is a ring: entries are found by number, and those overwritten meanwhile are skipped. */
static int rs_ctl_recovery_dump_slot(struct sk_buff *skb, struct netlink_callback *cb,
				     struct rs_slot *slot)
{
	struct rs_ctl_cursor *cursor = rs_ctl_cursor(cb);
	const struct rs_recovery *rec;
	u32 last = slot->rec.number, first = last > RS_REC_LOG ? last - RS_REC_LOG : 1;
	u32 number;
	int err;

	lockdep_assert_held(&slot->lock);
	for (number = max(cursor->number + 1, first); number <= last; number++) {
		rec = &slot->rec_log[number % RS_REC_LOG];
		if (rec->number != number)
			continue;
		err = rs_ctl_recovery_put(skb, cb, slot, rec);
		if (err)
			return err;
		cursor->number = number;
	}
	return 0;
}

int rs_ctl_recovery_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr *attr = genl_dump_attrs(cb)[RSMOD_A_EVENT_ENDPOINT];
	struct rs_slot *slot;
	int err;

	if (!attr) {
		NL_SET_ERR_ATTR_MISS(cb->extack, NULL, RSMOD_A_EVENT_ENDPOINT);
		NL_SET_ERR_MSG(cb->extack, "which endpoint?");
		return -EINVAL;
	}
	slot = rs_ctl_slot(attr, cb->extack);
	if (IS_ERR(slot))
		return PTR_ERR(slot);
	mutex_lock(&slot->lock);
	err = rs_ctl_recovery_dump_slot(skb, cb, slot);
	mutex_unlock(&slot->lock);
	rs_slot_put(slot);
	return skb->len ?: err;
}
