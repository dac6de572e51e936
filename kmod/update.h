/* SPDX-License-Identifier: GPL-2.0 */
/*
 * update.h - live update: the bound instance gets ready, is swapped, and is kept until the new one
 * has proved itself
 */
#ifndef _RS_UPDATE_H
#define _RS_UPDATE_H

#include <linux/atomic.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include <linux/rs_types.h>

struct netlink_ext_ack;
struct rs_instance;
struct rs_slot;

/**
 * struct rs_update - a slot's update (slot->lock)
 * @phase: enum rs_update_phase; read anywhere
 * @commit: enum rs_commit of the swap
 * @timeout_ms: how long the swap may stay undecided
 * @timer: see @deadline
 * @deadline: when patience is over, jiffies
 * @serial: counts wishes, so that a late answer is not taken for the next one's
 * @answer: that of the last wish, with its @serial
 * @expr: expression of RS_LU_EVAL
 */
struct rs_update {
	u32 phase;
	u32 commit;
	u32 timeout_ms;
	struct delayed_work timer;
	unsigned long deadline;
	u32 serial;
	atomic64_t answer;
	char expr[RS_LU_EXPR_MAX];
};

/**
 * struct rs_swap - what RSMOD_CMD_SWAP asks for
 * @instance: the standby
 * @epoch: 0 = any
 * @init: enum rs_init
 * @commit: enum rs_commit
 * @timeout_ms: how long a commit that is not RS_COMMIT_UP may take
 */
struct rs_swap {
	u32 instance;
	u32 epoch;
	u32 init;
	u32 commit;
	u32 timeout_ms;
};

/* Commands of rsd; errors as in the netlink specification.  @epoch 0 = any. */
int rs_update_prepare(struct rs_slot *slot, u32 epoch, u32 state, const char *expr,
		      u32 timeout_ms, struct netlink_ext_ack *extack);
int rs_update_swap(struct rs_slot *slot, const struct rs_swap *swap,
		   struct netlink_ext_ack *extack);
int rs_update_commit(struct rs_slot *slot, u32 epoch, struct netlink_ext_ack *extack);
int rs_update_rollback(struct rs_slot *slot, u32 epoch, struct netlink_ext_ack *extack);

/* RS_IOC_HOLD; owner already checked. */
int rs_update_hold(struct rs_instance *inst);

/* Of the slot's worker, slot->lock held. */

/* The bound instance answered the wish; patience is over. */
void rs_update_prepared(struct rs_slot *slot);
void rs_update_expired(struct rs_slot *slot);
/* The bound instance was unbound. */
void rs_update_unbound(struct rs_slot *slot, bool guilty);
/* INIT was answered with 0.  True: go on only when told. */
bool rs_update_inited(struct rs_slot *slot);
/* The slot is live. */
void rs_update_up(struct rs_slot *slot);

void rs_update_init(struct rs_slot *slot);
/* The slot goes. */
void rs_update_exit(struct rs_slot *slot);

#endif /* _RS_UPDATE_H */
