/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A disk is made with its limits and features since 6.11; before, they are set one by one when it
 * is there, and the features were flags of the queue.  Since 6.14 all disks merge.
 */
#ifndef _RS_COMPAT_LINUX_BLK_MQ_H
#define _RS_COMPAT_LINUX_BLK_MQ_H

#include_next <linux/blk-mq.h>

#include <linux/blkdev.h>
#include <linux/version.h>

#define RS_FEAT_WRITE_CACHE	BIT(0)
#define RS_FEAT_FUA		BIT(1)
#define RS_FEAT_ROTATIONAL	BIT(2)
#define RS_FEAT_STABLE_WRITES	BIT(3)

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
#define BLK_MQ_F_SHOULD_MERGE	0
#endif

#ifdef BLK_FEAT_WRITE_CACHE

static inline struct gendisk *rs_blk_mq_alloc_disk(struct blk_mq_tag_set *set,
						   struct queue_limits *lim,
						   unsigned int features, void *data)
{
	if (features & RS_FEAT_WRITE_CACHE)
		lim->features |= BLK_FEAT_WRITE_CACHE;
	if (features & RS_FEAT_FUA)
		lim->features |= BLK_FEAT_FUA;
	if (features & RS_FEAT_ROTATIONAL)
		lim->features |= BLK_FEAT_ROTATIONAL;
	if (features & RS_FEAT_STABLE_WRITES)
		lim->features |= BLK_FEAT_STABLE_WRITES;
	return blk_mq_alloc_disk(set, lim, data);
}

#else

static inline struct gendisk *rs_blk_mq_alloc_disk(struct blk_mq_tag_set *set,
						   struct queue_limits *lim,
						   unsigned int features, void *data)
{
	struct gendisk *disk = blk_mq_alloc_disk(set, data);
	struct request_queue *q;

	if (IS_ERR(disk))
		return disk;
	q = disk->queue;
	blk_queue_logical_block_size(q, lim->logical_block_size);
	blk_queue_physical_block_size(q, lim->physical_block_size);
	if (lim->io_min)
		blk_queue_io_min(q, lim->io_min);
	blk_queue_io_opt(q, lim->io_opt);
	blk_queue_max_hw_sectors(q, lim->max_hw_sectors);
	blk_queue_max_segments(q, lim->max_segments);
	blk_queue_max_discard_sectors(q, lim->max_hw_discard_sectors);
	q->limits.discard_granularity = lim->discard_granularity;
	blk_queue_max_write_zeroes_sectors(q, lim->max_write_zeroes_sectors);
	blk_queue_write_cache(q, features & RS_FEAT_WRITE_CACHE, features & RS_FEAT_FUA);
	if (!(features & RS_FEAT_ROTATIONAL))
		blk_queue_flag_set(QUEUE_FLAG_NONROT, q);
	if (features & RS_FEAT_STABLE_WRITES)
		blk_queue_flag_set(QUEUE_FLAG_STABLE_WRITES, q);
	return disk;
}

#endif

#endif /* _RS_COMPAT_LINUX_BLK_MQ_H */
