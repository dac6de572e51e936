// SPDX-License-Identifier: GPL-2.0
/*
 * capsule.c - what the last instance that died had in its hands
 *
 * The suspects: requests that were published to it and not completed.  Taken before they are
 * replayed, since afterwards they look like any others; so few of them that it costs nothing.
 */
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/spinlock.h>

#include "capsule.h"
#include "endpoint.h"
#include "instance.h"
#include "ledger.h"

static void rs_capsule_queue(struct rs_capsule *capsule, struct rs_queue *queue)
{
	struct rs_req *req;

	spin_lock_bh(&queue->lock);
	list_for_each_entry(req, &queue->published, link) {
		if (req->flags & RS_REQ_INNOCENT) {
			capsule->posted++;
			continue;
		}
		capsule->total++;
		if (capsule->nr == RS_CAPSULE_REQS)
			continue;
		capsule->req[capsule->nr++] = (struct rs_capsule_req) {
			.queue = queue->index,
			.tag = req->tag,
			.gen = req->gen,
			.op = req->op,
			.attempt = req->attempt,
			.deaths = req->deaths,
			.len = req->len,
			.seq = req->seq,
			.offset = req->offset,
		};
	}
	spin_unlock_bh(&queue->lock);
}

void rs_capsule_take(struct rs_slot *slot, const struct rs_instance *inst)
{
	struct rs_capsule *capsule = &slot->capsule;
	u32 i;

	lockdep_assert_held(&slot->lock);
	capsule->instance = inst->number;
	capsule->total = 0;
	capsule->posted = 0;
	capsule->nr = 0;
	for (i = 0; i <= slot->nr_queues; i++)
		rs_capsule_queue(capsule, slot->queue[i]);
}
