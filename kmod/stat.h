/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stat.h - one look at a slot: what it is at, and figures of its queues, its instances, its lease
 */
#ifndef _RS_STAT_H
#define _RS_STAT_H

#include <linux/types.h>

struct rs_slot;

/**
 * struct rs_stat - one look at a slot
 *
 * All but the queues' figures is of one moment: who is bound, and how far an update has come, are
 * told together or not at all.
 *
 * @state: enum rs_slot_state
 * @epoch: of the binding
 * @requests: accepted, of all queues
 * @completed: by an instance
 * @replayed: published again
 * @dropped: published, and not sent again by policy
 * @poisoned: killed too many instances
 * @instance: number of the bound one, 0 = none
 * @pid: its thread group in the caller's pid namespace
 * @standbys: instances that wait and may be bound without a command
 * @ifindex: class net, 0 = no interface yet
 * @restarts: bindings after a death
 * @swaps: replacements by a standby
 * @deaths: of bound instances
 * @update: enum rs_update_phase
 * @commits: updates that are final
 * @rollbacks: updates that were undone
 * @stopping: after slot-stop
 * @device: leased device, "" = none
 */
struct rs_stat {
	u64 requests;
	u64 completed;
	u64 replayed;
	u64 dropped;
	u64 poisoned;
	u32 state;
	u32 epoch;
	u32 instance;
	u32 pid;
	u32 standbys;
	u32 ifindex;
	u32 restarts;
	u32 swaps;
	u32 deaths;
	u32 update;
	u32 commits;
	u32 rollbacks;
	bool stopping;
	char device[16];
};

/* Takes slot->lock. */
void rs_stat_get(struct rs_slot *slot, struct rs_stat *ret);

#endif /* _RS_STAT_H */
