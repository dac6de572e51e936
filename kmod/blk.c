// SPDX-License-Identifier: GPL-2.0
/*
 * blk.c - the block front-end: the disks of a slot, which outlive its drivers
 *
 * Drivers come and go; the block layer is not told.  Requests that were started stay started, in
 * the ledger, and are published to the next driver from their own pages.  What the block layer sees
 * of a failover is a slow disk.
 *
 * Announcing makes a disk, but adding it reads its partitions, which only a driver that is up can
 * serve.  So that is done by a work item of its own once the gate opens, never by the slot's
 * worker, which would wait for itself.
 */
#include <linux/err.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "blk.h"
#include "failover.h"
#include "frontend.h"

#define RS_BLK_DEPTH		128
#define RS_BLK_POOL_SIZE	(16ULL << 20)

static void rs_blk_add_work(struct work_struct *work)
{
	struct rs_blk *blk = container_of(work, struct rs_blk, add_work);
	struct rs_disk *disk;
	u32 i;

	for (i = 0; i < RS_BLK_DISKS_MAX && !READ_ONCE(blk->dead); i++) {
		/* Once there it stays until rs_blk_remove(), which waits for us. */
		disk = smp_load_acquire(&blk->disk[i]);
		if (disk && !READ_ONCE(disk->added))
			rs_disk_add(disk);
	}
}

static int rs_blk_make(struct rs_slot *slot, const struct rs_announce_blk *say)
{
	struct rs_blk *blk;
	int err;

	blk = kzalloc(sizeof(*blk), GFP_KERNEL);
	if (!blk)
		return -ENOMEM;
	blk->slot = slot;
	blk->nr_queues = say->nr_queues ?: rs_slot_data_queues(slot);
	spin_lock_init(&blk->replay_lock);
	init_waitqueue_head(&blk->idle);
	INIT_WORK(&blk->add_work, rs_blk_add_work);
	blk->set = (struct blk_mq_tag_set) {
		.ops = &rs_blk_mq_ops,
		.nr_hw_queues = blk->nr_queues,
		.queue_depth = slot->depth,
		.numa_node = NUMA_NO_NODE,
		.cmd_size = sizeof(struct rs_blk_pdu),
		.flags = BLK_MQ_F_SHOULD_MERGE,
		.driver_data = blk,
	};
	err = blk_mq_alloc_tag_set(&blk->set);
	if (err) {
		kfree(blk);
		return err;
	}
	slot->fe_priv = blk;
	return 0;
}

static int rs_blk_announce_disk(struct rs_slot *slot, const struct rs_announce_blk *say)
{
	struct rs_blk *blk = slot->fe_priv;
	struct rs_disk *disk;
	int err;

	if (say->nr_queues > rs_slot_data_queues(slot))
		return -EINVAL;
	if (!blk) {
		err = rs_blk_make(slot, say);
		if (err)
			return err;
		blk = slot->fe_priv;
	}
	if ((say->nr_queues ?: rs_slot_data_queues(slot)) != blk->nr_queues)
		return -EINVAL;
	disk = blk->disk[say->minor];
	if (disk) {
		err = rs_disk_again(disk, say);
		if (err)
			return err;
	}
	/*
	 * No other one later: the block layer would wait for the requests of the others to be over,
	 * and they wait for this driver.
	 */
	if (!disk && slot->ever_up)
		return -EINVAL;
	if (!disk) {
		disk = rs_disk_new(blk, say);
		if (IS_ERR(disk))
			return PTR_ERR(disk);
		/* It is complete; pairs with rs_blk_add_work(). */
		smp_store_release(&blk->disk[say->minor], disk);
	}
	disk->epoch = slot->epoch;
	return 0;
}

static int rs_blk_announce(struct rs_slot *slot, const struct rs_announce *announce)
{
	unsigned int noio;
	int err;

	err = rs_disk_check(&announce->blk);
	if (err)
		return err;
	if (memchr_inv(announce->reserved + sizeof(announce->blk), 0,
		       sizeof(announce->reserved) - sizeof(announce->blk)))
		return -EINVAL;
	/* Requests of the slot's other disks wait for this: reclaim must not wait for them. */
	noio = memalloc_noio_save();
	err = rs_blk_announce_disk(slot, &announce->blk);
	memalloc_noio_restore(noio);
	return err;
}

static void rs_blk_replay(struct rs_slot *slot)
{
	struct rs_blk *blk = slot->fe_priv;
	u32 i;

	for (i = 0; i < RS_BLK_DISKS_MAX; i++)
		if (blk->disk[i] && blk->disk[i]->epoch != slot->epoch) {
			/* Its clients wait for a driver that does not know it. */
			rs_failover_replayed(slot, slot->epoch, -EINVAL);
			return;
		}
	rs_blk_log_replay(blk);
}

static void rs_blk_gate(struct rs_slot *slot, bool open)
{
	struct rs_blk *blk = slot->fe_priv;

	/* Nothing else: what waits for a driver waits in the ledger. */
	if (open)
		queue_work(system_unbound_wq, &blk->add_work);
}

int rs_blk_resize(struct rs_slot *slot, const struct rs_blk_resize *resize)
{
	struct rs_blk *blk = slot->fe_priv;
	unsigned int noio;
	int err;

	lockdep_assert_held(&slot->lock);
	if (resize->flags)
		return -EINVAL;
	if (!blk || resize->minor >= RS_BLK_DISKS_MAX || !blk->disk[resize->minor])
		return -ENODEV;
	noio = memalloc_noio_save();
	err = rs_disk_resize(blk->disk[resize->minor], resize->size);
	memalloc_noio_restore(noio);
	return err;
}

/*
 * Stages, and who may still be running after each:
 *
 *  1. dead: the ledger answers at once, and so do we.  A disk may be on its way to be added.
 *  2. nothing is added any more.
 *  3. disks are removed: no client's request is under way.
 *  4. our own requests have come home.  Completions may run in threads of the last instance until
 *     then.
 */
static void rs_blk_remove(struct rs_slot *slot)
{
	struct rs_blk *blk = slot->fe_priv;
	u32 i;

	if (!blk)
		return;
	WRITE_ONCE(blk->dead, true);
	cancel_work_sync(&blk->add_work);
	for (i = 0; i < RS_BLK_DISKS_MAX; i++)
		if (blk->disk[i])
			rs_disk_shut(blk->disk[i]);
	wait_event(blk->idle, !atomic_read(&blk->busy));
	for (i = 0; i < RS_BLK_DISKS_MAX; i++)
		if (blk->disk[i]) {
			rs_disk_put(blk->disk[i]);
			blk->disk[i] = NULL;
		}
	blk_mq_free_tag_set(&blk->set);
}

static void rs_blk_free(struct rs_slot *slot)
{
	kfree(slot->fe_priv);
}

const struct rs_frontend_ops rs_blk_frontend = {
	.name		= "blk",
	.class		= RS_CLASS_BLK,
	.nr_queues	= 1,
	.max_queues	= RS_QUEUES_MAX - 1,
	.depth		= RS_BLK_DEPTH,
	.pool_size	= RS_BLK_POOL_SIZE,
	.announce	= rs_blk_announce,
	.replay		= rs_blk_replay,
	.gate		= rs_blk_gate,
	.remove		= rs_blk_remove,
	.free		= rs_blk_free,
};
