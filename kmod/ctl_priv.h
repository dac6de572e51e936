/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rooms of the netlink family, and what they share
 *
 *	ctl.c		the family; commands for slots
 *	ctl_inst.c	commands for instances
 */
#ifndef _RS_CTL_PRIV_H
#define _RS_CTL_PRIV_H

#include <linux/types.h>

struct genl_info;
struct netlink_callback;
struct netlink_ext_ack;
struct nlattr;
struct rs_slot;
struct sk_buff;

/*
 * A dump goes on after the last slot index, and within a slot after the last number, that it has
 * given.  Slots and instances may come and go between the parts.
 */
struct rs_ctl_cursor {
	u32 index;
	u32 number;
};

/* ctl.c */

/* -EINVAL, and a sentence about the attribute that is missing. */
int rs_ctl_missing(struct genl_info *info, u32 attr, const char *sentence);
/* The slot of an endpoint, with a reference, or ERR_PTR and a sentence. */
struct rs_slot *rs_ctl_slot(struct nlattr *attr, struct netlink_ext_ack *extack);
struct rs_ctl_cursor *rs_ctl_cursor(struct netlink_callback *cb);
void *rs_ctl_dump_head(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd);

/* ctl_inst.c: info->user_ptr[0] is the slot */

int rs_ctl_inst_kill(struct sk_buff *skb, struct genl_info *info);
int rs_ctl_inst_signal(struct sk_buff *skb, struct genl_info *info);
int rs_ctl_inst_ping(struct sk_buff *skb, struct genl_info *info);
int rs_ctl_swap(struct sk_buff *skb, struct genl_info *info);
int rs_ctl_prepare(struct sk_buff *skb, struct genl_info *info);
int rs_ctl_commit(struct sk_buff *skb, struct genl_info *info);
int rs_ctl_rollback(struct sk_buff *skb, struct genl_info *info);
int rs_ctl_inst_dump(struct sk_buff *skb, struct netlink_callback *cb);
int rs_ctl_recovery_dump(struct sk_buff *skb, struct netlink_callback *cb);

#endif /* _RS_CTL_PRIV_H */
