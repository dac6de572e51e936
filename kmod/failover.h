/* SPDX-License-Identifier: GPL-2.0 */
/*
 * failover.h - the slot's worker: bind, unbind, fence, replay, swap
 */
#ifndef _RS_FAILOVER_H
#define _RS_FAILOVER_H

#include <linux/types.h>

struct rs_slot;
struct work_struct;

void rs_failover_work(struct work_struct *work);
void rs_failover_init_timeout(struct work_struct *work);
void rs_failover_gate_timeout(struct work_struct *work);
void rs_failover_reap(struct work_struct *work);

/* The front-end's replay is over: 0, or a negative errno that ends the instance.  Any context. */
void rs_failover_replayed(struct rs_slot *slot, u32 epoch, int res);

/* RSMOD_CMD_SLOT_STOP: no failover any more; ask all instances to exit. */
void rs_failover_stop(struct rs_slot *slot);

/* Unbind, kill and fail everything; part of rs_slot_del().  slot->lock held. */
void rs_failover_shutdown(struct rs_slot *slot);

#endif /* _RS_FAILOVER_H */
