// SPDX-License-Identifier: GPL-2.0
/*
 * chr.c - character devices: /dev/rs/<label>
 *
 * Made when the first driver announces itself, the same for all its successors; it stays until
 * the slot goes.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "chr.h"
#include "frontend.h"

static dev_t rs_chr_devt;
static struct cdev *rs_chr_cdev;
static struct class *rs_chr_class;

static int rs_chr_open(struct inode *inode, struct file *filp)
{
	u32 index = MINOR(inode->i_rdev) / RS_CHR_MINORS_MAX;
	u16 minor = MINOR(inode->i_rdev) % RS_CHR_MINORS_MAX;
	struct rs_slot *slot;
	struct rs_chr *chr;
	int err = -ENXIO;

	slot = rs_slot_get_index(index);
	if (!slot)
		return -ENXIO;
	/* Pairs with the release in rs_chr_make(). */
	chr = slot->class == RS_CLASS_CHR ? smp_load_acquire(&slot->fe_priv) : NULL;
	if (!chr || READ_ONCE(slot->state) == RS_SLOT_DEAD || minor >= chr->announce.nr_minors)
		goto out_put_slot;
	err = rs_chr_file_open(slot, minor, filp);
	if (!err && !(chr->announce.flags & RS_CHR_SEEKABLE))
		stream_open(inode, filp);
out_put_slot:
	rs_slot_put(slot);
	return err;
}

static loff_t rs_chr_llseek(struct file *filp, loff_t offset, int whence)
{
	struct rs_chr_file *file = filp->private_data;
	struct rs_chr *chr = file->slot->fe_priv;

	if (!(chr->announce.flags & RS_CHR_SEEKABLE))
		return -ESPIPE;
	return no_seek_end_llseek(filp, offset, whence);
}

static const struct file_operations rs_chr_fops = {
	.owner		= THIS_MODULE,
	.open		= rs_chr_open,
	.release	= rs_chr_release,
	.read_iter	= rs_chr_read_iter,
	.write_iter	= rs_chr_write_iter,
	.unlocked_ioctl	= rs_chr_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.fsync		= rs_chr_fsync,
	.llseek		= rs_chr_llseek,
};

/* The class's side of the core */

static dev_t rs_chr_minor(struct rs_slot *slot, u32 minor)
{
	return MKDEV(MAJOR(rs_chr_devt), rs_slot_index(slot) * RS_CHR_MINORS_MAX + minor);
}

static int rs_chr_check(const struct rs_announce_chr *say)
{
	if (!say->nr_minors || say->nr_minors > RS_CHR_MINORS_MAX || say->max_io > RS_BUF_MAX)
		return -EINVAL;
	if (say->flags & ~RS_CHR_F_ALL || say->replay_read >= __RS_REPLAY_LAST ||
	    say->replay_write >= __RS_REPLAY_LAST || say->replay_ioctl >= __RS_REPLAY_LAST ||
	    memchr_inv(say->reserved, 0, sizeof(say->reserved)))
		return -EINVAL;
	return 0;
}

static int rs_chr_make(struct rs_slot *slot, const struct rs_announce_chr *say)
{
	struct rs_chr *chr;
	struct device *dev;
	u32 i;

	chr = kzalloc(sizeof(*chr), GFP_KERNEL);
	if (!chr)
		return -ENOMEM;
	chr->announce = *say;
	chr->max_io = say->max_io ?: RS_BUF_MAX;
	mutex_init(&chr->files_lock);
	INIT_LIST_HEAD(&chr->files);
	spin_lock_init(&chr->closing_lock);
	INIT_LIST_HEAD(&chr->closing);
	slot->queue[RS_CHR_QUEUE]->handover = true;
	/* From here on an open finds it; it will wait for INIT to be answered. */
	smp_store_release(&slot->fe_priv, chr);
	for (i = 0; i < say->nr_minors; i++) {
		if (i)
			dev = device_create(rs_chr_class, NULL, rs_chr_minor(slot, i), NULL,
					    "%s.%u", slot->label, i);
		else
			dev = device_create(rs_chr_class, NULL, rs_chr_minor(slot, 0), NULL,
					    "%s", slot->label);
		if (IS_ERR(dev)) {
			/* chr itself stays until the slot goes: somebody may have opened it. */
			while (i--)
				device_destroy(rs_chr_class, rs_chr_minor(slot, i));
			chr->announce.nr_minors = 0;
			return PTR_ERR(dev);
		}
	}
	return 0;
}

static int rs_chr_announce(struct rs_slot *slot, const struct rs_announce *announce)
{
	const struct rs_announce_chr *say = &announce->chr;
	struct rs_chr *chr = slot->fe_priv;
	int err;

	err = rs_chr_check(say);
	if (err)
		return err;
	if (memchr_inv(announce->reserved + sizeof(*say), 0,
		       sizeof(announce->reserved) - sizeof(*say)))
		return -EINVAL;
	if (!chr)
		return rs_chr_make(slot, say);
	/* A successor must be the same device; how it replays is its own affair. */
	if (say->nr_minors != chr->announce.nr_minors || say->max_io != chr->announce.max_io ||
	    (say->flags ^ chr->announce.flags) & RS_CHR_SEEKABLE)
		return -EINVAL;
	chr->announce = *say;
	return 0;
}

/* All requests have been failed; waiters have been woken by that. */
static void rs_chr_remove(struct rs_slot *slot)
{
	struct rs_chr *chr = slot->fe_priv;
	u32 i;

	if (!chr)
		return;
	mutex_lock(&chr->files_lock);
	chr->removed = true;
	mutex_unlock(&chr->files_lock);
	for (i = 0; i < chr->announce.nr_minors; i++)
		device_destroy(rs_chr_class, rs_chr_minor(slot, i));
}

static void rs_chr_free(struct rs_slot *slot)
{
	kfree(slot->fe_priv);
}

const struct rs_frontend_ops rs_chr_frontend = {
	.name		= "chr",
	.class		= RS_CLASS_CHR,
	.nr_queues	= 1,
	.depth		= 64,
	.pool_size	= 8 << 20,
	.announce	= rs_chr_announce,
	.replay		= rs_chr_replay,
	.remove		= rs_chr_remove,
	.free		= rs_chr_free,
};

static char *rs_chr_devnode(devnode_device *dev, umode_t *mode)
{
	return kasprintf(GFP_KERNEL, "rs/%s", dev_name(dev));
}

int rs_chr_init(void)
{
	int err;

	err = alloc_chrdev_region(&rs_chr_devt, 0, RS_SLOTS_MAX * RS_CHR_MINORS_MAX, "rs");
	if (err)
		return err;
	rs_chr_class = class_create("rs");
	if (IS_ERR(rs_chr_class)) {
		err = PTR_ERR(rs_chr_class);
		goto err_unregister_region;
	}
	rs_chr_class->devnode = rs_chr_devnode;
	err = -ENOMEM;
	rs_chr_cdev = cdev_alloc();
	if (!rs_chr_cdev)
		goto err_destroy_class;
	rs_chr_cdev->owner = THIS_MODULE;
	rs_chr_cdev->ops = &rs_chr_fops;
	err = cdev_add(rs_chr_cdev, rs_chr_devt, RS_SLOTS_MAX * RS_CHR_MINORS_MAX);
	if (err)
		goto err_del_cdev;
	return 0;

err_del_cdev:
	cdev_del(rs_chr_cdev);
err_destroy_class:
	class_destroy(rs_chr_class);
err_unregister_region:
	unregister_chrdev_region(rs_chr_devt, RS_SLOTS_MAX * RS_CHR_MINORS_MAX);
	return err;
}

void rs_chr_exit(void)
{
	cdev_del(rs_chr_cdev);
	class_destroy(rs_chr_class);
	unregister_chrdev_region(rs_chr_devt, RS_SLOTS_MAX * RS_CHR_MINORS_MAX);
}
