// SPDX-License-Identifier: GPL-2.0
/*
 * stat.c - one look at a slot
 *
 * netlink and sysfs show the same numbers; they are counted where they arise, per queue, under
 * locks that are held anyway, and added up only when someone looks.
 */
#include <linux/string.h>

#include "endpoint.h"
#include "frontend.h"
#include "instance.h"
#include "lease.h"
#include "ledger.h"
#include "stat.h"

static void rs_stat_queue(struct rs_queue *queue, struct rs_stat *stat)
{
	spin_lock_bh(&queue->lock);
	/* The control queue's are ours: what a driver dies over in INIT was nobody's. */
	if (queue->index) {
		stat->requests += queue->requests;
		stat->completed += queue->completed;
	}
	stat->replayed += queue->replayed;
	stat->dropped += queue->dropped;
	stat->poisoned += queue->poisoned;
	spin_unlock_bh(&queue->lock);
}

void rs_stat_get(struct rs_slot *slot, struct rs_stat *ret)
{
	struct rs_instance *inst;
	u32 i;

	*ret = (struct rs_stat) {};
	for (i = 0; i <= slot->nr_queues; i++)
		rs_stat_queue(slot->queue[i], ret);

	mutex_lock(&slot->lock);
	ret->state = slot->state;
	ret->epoch = slot->epoch;
	ret->restarts = slot->restarts;
	ret->swaps = slot->swaps;
	ret->deaths = slot->deaths;
	ret->update = slot->update.phase;
	ret->commits = slot->commits;
	ret->rollbacks = slot->rollbacks;
	if (slot->bound) {
		ret->instance = slot->bound->number;
		ret->pid = pid_vnr(slot->bound->pid);
	}
	list_for_each_entry(inst, &slot->instances, link)
		if (rs_instance_state(inst) == RS_INST_STANDBY && !inst->hold)
			ret->standbys++;
	ret->stopping = slot->stopping;
	if (slot->lease)
		strscpy(ret->device, slot->lease->info.name, sizeof(ret->device));
	if (slot->class == RS_CLASS_NET)
		ret->ifindex = rs_net_ifindex(slot);
	mutex_unlock(&slot->lock);
}
