// SPDX-License-Identifier: GPL-2.0
/*
 * blk_disk.c - one disk: its gendisk, limits and names
 *
 * Made when a driver first announces it, shown when that driver is up, because showing it reads
 * its partitions; and then there until the slot goes.  What clients see of its drivers is a disk
 * that sometimes takes a little longer.
 *
 *	/dev/rsb<N>	N counts over all slots
 *	/sys/block/rsb<N>/rsmod/	what the driver says of it, and whose it is
 *
 * from which the udev rules make /dev/disk/by-id.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/idr.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "blk.h"

static DEFINE_IDA(rs_disk_numbers);

/* A name is printable, and ends in nothing but NULs. */
static bool rs_disk_name_valid(const char *name, size_t size)
{
	size_t i, len = strnlen(name, size);

	for (i = 0; i < len; i++)
		if (!isascii(name[i]) || !isprint(name[i]))
			return false;
	return !memchr_inv(name + len, 0, size - len);
}

static bool rs_disk_multiple(u64 value, u32 block_size)
{
	return IS_ALIGNED(value, block_size);
}

static bool rs_disk_limits_valid(const struct rs_announce_blk *say)
{
	u32 block = say->block_size;

	if (!is_power_of_2(block) || block < RS_BLK_BLOCK_MIN || block > RS_BLK_BLOCK_MAX)
		return false;
	if (say->physical_block_size &&
	    (!is_power_of_2(say->physical_block_size) || say->physical_block_size < block ||
	     say->physical_block_size > RS_BUF_MAX))
		return false;
	if (say->max_io && (say->max_io > RS_BUF_MAX || !PAGE_ALIGNED(say->max_io)))
		return false;
	/* The block layer counts sectors in 32 bits. */
	if (say->max_discard >> SECTOR_SHIFT > U32_MAX ||
	    say->max_write_zeroes >> SECTOR_SHIFT > U32_MAX)
		return false;
	return rs_disk_multiple(say->size, block) && say->size <= S64_MAX &&
	       rs_disk_multiple(say->io_min, block) && rs_disk_multiple(say->io_opt, block) &&
	       rs_disk_multiple(say->max_discard, block) &&
	       rs_disk_multiple(say->max_write_zeroes, block) &&
	       rs_disk_multiple(say->discard_granularity, block);
}

int rs_disk_check(const struct rs_announce_blk *say)
{
	u32 bound = say->max_unflushed;

	if (say->minor >= RS_BLK_DISKS_MAX || say->flags & ~RS_BLK_F_ALL || say->reserved0 ||
	    memchr_inv(say->reserved, 0, sizeof(say->reserved)))
		return -EINVAL;
	if (!rs_disk_limits_valid(say) || say->cache >= __RS_BLK_CACHE_LAST)
		return -EINVAL;
	if (bound && (say->cache != RS_BLK_CACHE_PROCESS || bound < RS_BLK_UNFLUSHED_MIN ||
		      bound > RS_BLK_UNFLUSHED_MAX))
		return -EINVAL;
	if (!rs_disk_name_valid(say->serial, sizeof(say->serial)) ||
	    !rs_disk_name_valid(say->model, sizeof(say->model)))
		return -EINVAL;
	return 0;
}

static struct rs_disk *rs_disk_of(struct device *dev)
{
	return dev_to_disk(dev)->private_data;
}

/* Without the spaces that some devices fill their names up with. */
static int rs_disk_name_len(const char *name, size_t size)
{
	int len = strnlen(name, size);

	while (len && name[len - 1] == ' ')
		len--;
	return len;
}

static ssize_t serial_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct rs_announce_blk *say = &rs_disk_of(dev)->announce;

	return sysfs_emit(buf, "%.*s\n", rs_disk_name_len(say->serial, sizeof(say->serial)),
			  say->serial);
}
static DEVICE_ATTR_RO(serial);

static ssize_t model_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct rs_announce_blk *say = &rs_disk_of(dev)->announce;

	return sysfs_emit(buf, "%.*s\n", rs_disk_name_len(say->model, sizeof(say->model)),
			  say->model);
}
static DEVICE_ATTR_RO(model);

static ssize_t label_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", rs_disk_of(dev)->label);
}
static DEVICE_ATTR_RO(label);

static ssize_t minor_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", rs_disk_of(dev)->announce.minor);
}
static DEVICE_ATTR_RO(minor);

static ssize_t cache_contract_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	static const char * const names[] = {
		[RS_BLK_CACHE_NONE]	= "none",
		[RS_BLK_CACHE_DEVICE]	= "device",
		[RS_BLK_CACHE_PROCESS]	= "process",
	};

	return sysfs_emit(buf, "%s\n", names[rs_disk_of(dev)->announce.cache]);
}
static DEVICE_ATTR_RO(cache_contract);

static struct attribute *rs_disk_attrs[] = {
	&dev_attr_serial.attr,
	&dev_attr_model.attr,
	&dev_attr_label.attr,
	&dev_attr_minor.attr,
	&dev_attr_cache_contract.attr,
	NULL
};

static const struct attribute_group rs_disk_group = {
	.name = "rsmod",
	.attrs = rs_disk_attrs,
};

static const struct attribute_group *rs_disk_groups[] = {
	&rs_disk_group,
	NULL
};

static void rs_disk_free(struct rs_disk *disk)
{
	ida_free(&rs_disk_numbers, disk->number);
	kfree(disk);
}

/* The last one who had it open is gone. */
static void rs_disk_closed(struct gendisk *gd)
{
	rs_disk_free(gd->private_data);
}

static const struct block_device_operations rs_disk_ops = {
	.owner		= THIS_MODULE,
	.free_disk	= rs_disk_closed,
};

static unsigned int rs_disk_features(const struct rs_announce_blk *say)
{
	unsigned int features = 0;

	if (say->cache != RS_BLK_CACHE_NONE)
		features |= RS_FEAT_WRITE_CACHE;
	if (say->cache != RS_BLK_CACHE_NONE && say->flags & RS_BLK_HAS_FUA)
		features |= RS_FEAT_FUA;
	if (say->flags & RS_BLK_ROTATIONAL)
		features |= RS_FEAT_ROTATIONAL;
	/* What the log keeps must be what the driver was given. */
	if (say->flags & RS_BLK_STABLE_WRITES || say->cache == RS_BLK_CACHE_PROCESS)
		features |= RS_FEAT_STABLE_WRITES;
	return features;
}

static struct gendisk *rs_disk_gendisk(struct rs_blk *blk, struct rs_disk *disk)
{
	const struct rs_announce_blk *say = &disk->announce;
	struct queue_limits lim = {
		.logical_block_size = say->block_size,
		.physical_block_size = say->physical_block_size ?: say->block_size,
		.io_min = say->io_min,
		.io_opt = say->io_opt,
		.max_hw_sectors = (say->max_io ?: RS_BUF_MAX) >> SECTOR_SHIFT,
		/* Bytes are copied: how many pieces they are in is all the same. */
		.max_segments = RS_BUF_MAX >> SECTOR_SHIFT,
		.max_hw_discard_sectors = say->max_discard >> SECTOR_SHIFT,
		.max_write_zeroes_sectors = say->max_write_zeroes >> SECTOR_SHIFT,
		.discard_granularity = say->max_discard ? say->discard_granularity ?:
				       say->block_size : 0,
	};

	return rs_blk_mq_alloc_disk(&blk->set, &lim, rs_disk_features(say), disk);
}

struct rs_disk *rs_disk_new(struct rs_blk *blk, const struct rs_announce_blk *say)
{
	struct rs_disk *disk;
	struct gendisk *gd;
	int err = -ENOMEM;

	disk = kzalloc(sizeof(*disk), GFP_KERNEL);
	if (!disk)
		return ERR_PTR(-ENOMEM);
	disk->blk = blk;
	disk->announce = *say;
	strscpy(disk->label, blk->slot->label, sizeof(disk->label));
	spin_lock_init(&disk->log.lock);
	if (say->cache == RS_BLK_CACHE_PROCESS &&
	    rs_blk_log_init(&disk->log, say->max_unflushed ?: RS_BLK_UNFLUSHED_DEFAULT))
		goto err_free_disk;
	disk->number = ida_alloc(&rs_disk_numbers, GFP_KERNEL);
	if (disk->number < 0) {
		err = disk->number;
		goto err_exit_log;
	}
	gd = rs_disk_gendisk(blk, disk);
	if (IS_ERR(gd)) {
		err = PTR_ERR(gd);
		goto err_free_number;
	}
	disk->disk = gd;
	gd->private_data = disk;
	gd->fops = &rs_disk_ops;
	snprintf(gd->disk_name, sizeof(gd->disk_name), "rsb%d", disk->number);
	set_disk_ro(gd, say->flags & RS_BLK_READ_ONLY);
	set_capacity(gd, say->size >> SECTOR_SHIFT);
	return disk;

err_free_number:
	ida_free(&rs_disk_numbers, disk->number);
err_exit_log:
	rs_blk_log_exit(&disk->log);
err_free_disk:
	kfree(disk);
	return ERR_PTR(err);
}

int rs_disk_resize(struct rs_disk *disk, u64 size)
{
	if (!rs_disk_multiple(size, disk->announce.block_size) || size > S64_MAX)
		return -EINVAL;
	disk->announce.size = size;
	if (READ_ONCE(disk->added))
		set_capacity_and_notify(disk->disk, size >> SECTOR_SHIFT);
	else
		set_capacity(disk->disk, size >> SECTOR_SHIFT);
	return 0;
}

int rs_disk_again(struct rs_disk *disk, const struct rs_announce_blk *say)
{
	struct rs_announce_blk same = *say;

	same.size = disk->announce.size;
	if (memcmp(&same, &disk->announce, sizeof(same)))
		return -EINVAL;
	return say->size == same.size ? 0 : rs_disk_resize(disk, say->size);
}

void rs_disk_add(struct rs_disk *disk)
{
	int err = device_add_disk(disk->blk->slot->sys, disk->disk, rs_disk_groups);

	if (err)
		pr_warn("%s: %s cannot be added: %d\n", disk->label, disk->disk->disk_name, err);
	else
		WRITE_ONCE(disk->added, true);
}

/*
 * Stages, and who may still be running after each:
 *
 *  1. dead: whoever submits is answered at once.  Those who have it open may still try.
 *  2. deleted: no request is under way, the queue takes none.
 *  3. put: the gendisk, and the disk with it, live until the last one has closed it.
 */
void rs_disk_shut(struct rs_disk *disk)
{
	if (!disk->added)
		return;
	blk_mark_disk_dead(disk->disk);
	del_gendisk(disk->disk);
}

void rs_disk_put(struct rs_disk *disk)
{
	bool added = disk->added;

	rs_blk_log_exit(&disk->log);
	put_disk(disk->disk);
	/* Of a disk that nobody could open we are not told. */
	if (!added)
		rs_disk_free(disk);
}
