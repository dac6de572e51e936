// SPDX-License-Identifier: GPL-2.0
/*
 * file.c - /dev/rsmod: one open file is one instance, from the moment it is armed
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include <linux/rs_msg.h>

#include "alarm.h"
#include "endpoint.h"
#include "enter.h"
#include "file.h"
#include "frontend.h"
#include "instance.h"
#include "lease.h"
#include "map.h"
#include "message.h"
#include "notify.h"
#include "state.h"

static int rs_file_open(struct inode *inode, struct file *file)
{
	struct rs_instance *inst = rs_instance_new();

	if (IS_ERR(inst))
		return PTR_ERR(inst);
	file->private_data = inst;
	/* Its mappings belong to its own inode, not to the device node's. */
	file->f_mapping = inst->mapping_inode->i_mapping;
	return nonseekable_open(inode, file);
}

/*
 * Each close of a descriptor comes here.  If it is an exiting owner's the process is past its
 * last user instruction, even if somebody else holds a copy of the descriptor.
 */
static int rs_file_flush(struct file *file, fl_owner_t id)
{
	struct rs_instance *inst = file->private_data;

	if (current->flags & PF_EXITING && inst->owner && inst->owner == current->signal)
		rs_instance_die(inst, RS_CAUSE_EXIT, 0, NULL);
	return 0;
}

static int rs_file_release(struct inode *inode, struct file *file)
{
	rs_instance_release(file->private_data);
	return 0;
}

static __poll_t rs_file_poll(struct file *file, poll_table *wait)
{
	struct rs_instance *inst = file->private_data;
	u32 i;

	poll_wait(file, &inst->wait, wait);
	switch (atomic_read(&inst->state)) {
	case RS_INST_NONE:
	case RS_INST_ARMED:
		return EPOLLERR;
	case RS_INST_ATTACHED:
		/* RS_IOC_ENTER is what it should call next. */
		return EPOLLIN;
	case RS_INST_DYING:
	case RS_INST_CORPSE:
		return EPOLLIN | EPOLLHUP;
	case RS_INST_BOUND:
		if (atomic64_read(&inst->slot->irqs) || rs_notify_waits(inst->slot))
			return EPOLLIN;
		break;
	}
	if (atomic_read(&inst->events))
		return EPOLLIN;
	for (i = 0; i < inst->nr_rings; i++)
		if (READ_ONCE(inst->ring[i].sq_tail) != READ_ONCE(inst->ring[i].sq_head))
			return EPOLLIN;
	return 0;
}

static long rs_file_dying(struct rs_instance *inst, const struct rs_dying __user *uarg)
{
	struct rs_dying dying;

	if (copy_from_user(&dying, uarg, sizeof(dying)))
		return -EFAULT;
	if (dying.flags || dying.signo >= _NSIG)
		return -EINVAL;
	dying.text[sizeof(dying.text) - 1] = 0;
	rs_instance_die(inst, RS_CAUSE_REPORT, dying.signo, dying.text);
	/* What the caller does next must not reach the device: be unbound before it goes on. */
	flush_work(&inst->slot->work);
	return 0;
}

static long rs_file_announce(struct rs_instance *inst, const struct rs_announce __user *uarg)
{
	struct rs_slot *slot = inst->slot;
	struct rs_announce announce;
	long err = -EOWNERDEAD;

	if (copy_from_user(&announce, uarg, sizeof(announce)))
		return -EFAULT;
	if (announce.class != slot->class || announce.flags)
		return -EINVAL;
	mutex_lock(&slot->lock);
	if (slot->bound == inst && slot->state == RS_SLOT_INIT && rs_instance_is_bound(inst))
		err = slot->fe->announce(slot, &announce);
	mutex_unlock(&slot->lock);
	return err;
}

static long rs_file_net_link(struct rs_instance *inst, const struct rs_net_link __user *uarg)
{
	struct rs_slot *slot = inst->slot;
	struct rs_net_link link;
	long err = -EOWNERDEAD;

	if (slot->class != RS_CLASS_NET)
		return -ENOTTY;
	if (copy_from_user(&link, uarg, sizeof(link)))
		return -EFAULT;
	mutex_lock(&slot->lock);
	if (slot->bound == inst && rs_instance_is_bound(inst))
		err = slot->fe_priv ? rs_net_link(slot, &link) : -EINVAL;
	mutex_unlock(&slot->lock);
	if (err == -EOWNERDEAD)
		rs_instance_violation(inst, RS_VIOL_UNBOUND);
	return err;
}

static long rs_file_blk_resize(struct rs_instance *inst, const struct rs_blk_resize __user *uarg)
{
	struct rs_slot *slot = inst->slot;
	struct rs_blk_resize resize;
	long err = -EOWNERDEAD;

	if (slot->class != RS_CLASS_BLK)
		return -ENOTTY;
	if (copy_from_user(&resize, uarg, sizeof(resize)))
		return -EFAULT;
	mutex_lock(&slot->lock);
	if (slot->bound == inst && rs_instance_is_bound(inst))
		err = rs_blk_resize(slot, &resize);
	mutex_unlock(&slot->lock);
	if (err == -EOWNERDEAD)
		rs_instance_violation(inst, RS_VIOL_UNBOUND);
	return err;
}

/* Commands with a structure: @size bytes copied in, and out again if the command says so. */
#define RS_FILE_ARG(call, type)						\
	({								\
		type __arg;						\
		long __err = 0;						\
									\
		if (copy_from_user(&__arg, uarg, sizeof(__arg)))	\
			__err = -EFAULT;				\
		if (!__err)						\
			__err = call(&__arg);				\
		if (!__err && _IOC_DIR(cmd) & _IOC_READ &&		\
		    copy_to_user(uarg, &__arg, sizeof(__arg)))		\
			__err = -EFAULT;				\
		__err;							\
	})

/* rsd's commands, on a file of its own or on one that it is about to pass on. */
static long rs_file_admin(struct rs_instance *inst, unsigned int cmd, void __user *uarg)
{
#define rs_arm_call(arg) rs_instance_arm(inst, arg)
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	switch (cmd) {
	case RS_IOC_ARM:
		return RS_FILE_ARG(rs_arm_call, struct rs_arm);
	case RS_IOC_LEASE_ADD:
		return RS_FILE_ARG(rs_lease_add, struct rs_lease_vfio);
	case RS_IOC_LEASE_GET:
		return RS_FILE_ARG(rs_lease_get, struct rs_lease_vfio);
	}
	return -ENOTTY;
#undef rs_arm_call
}

static long rs_file_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct rs_instance *inst = file->private_data;
	void __user *uarg = (void __user *)arg;
	long err;

#define rs_attach_call(arg)	rs_instance_attach(inst, arg)
#define rs_enter_call(arg)	rs_enter(inst, arg)
#define rs_put_call(arg)	rs_state_put(inst, arg)
#define rs_get_call(arg)	rs_state_get(inst, arg)
#define rs_state_map_call(arg)	rs_state_map(inst, arg)
#define rs_info_call(arg)	rs_lease_info(inst, arg)
#define rs_config_call(arg)	rs_lease_config(inst, arg)
#define rs_send_call(arg)	rs_message_send(inst, arg)
#define rs_bulk_call(arg)	rs_message_bulk(inst, arg)
#define rs_notify_call(arg)	rs_message_notify(inst, arg)
#define rs_notified_call(arg)	rs_message_notified(inst, arg)
#define rs_alarm_call(arg)	rs_alarm_set(inst, arg)

	switch (cmd) {
	case RS_IOC_ARM:
	case RS_IOC_LEASE_ADD:
	case RS_IOC_LEASE_GET:
		return rs_file_admin(inst, cmd, uarg);
	case RS_IOC_ATTACH:
		return RS_FILE_ARG(rs_attach_call, struct rs_attach);
	}

	err = rs_instance_check_owner(inst);
	if (err)
		return err;
	switch (cmd) {
	case RS_IOC_ENTER:
		return RS_FILE_ARG(rs_enter_call, struct rs_enter);
	case RS_IOC_DYING:
		return rs_file_dying(inst, uarg);
	case RS_IOC_ANNOUNCE:
		return rs_file_announce(inst, uarg);
	case RS_IOC_STATE_PUT:
		return RS_FILE_ARG(rs_put_call, struct rs_state);
	case RS_IOC_STATE_GET:
		return RS_FILE_ARG(rs_get_call, struct rs_state);
	case RS_IOC_STATE_MAP:
		return RS_FILE_ARG(rs_state_map_call, struct rs_state_map);
	case RS_IOC_SIGNAL:
		if (!arg || arg > RS_SIGNAL_MAX)
			return -EINVAL;
		rs_instance_signal(inst, arg);
		return 0;
	case RS_IOC_HOLD:
		return rs_update_hold(inst);
	case RS_IOC_NET_LINK:
		return rs_file_net_link(inst, uarg);
	case RS_IOC_BLK_RESIZE:
		return rs_file_blk_resize(inst, uarg);
	case RS_IOC_LEASE_INFO:
		return RS_FILE_ARG(rs_info_call, struct rs_lease_info);
	case RS_IOC_CONFIG:
		return RS_FILE_ARG(rs_config_call, struct rs_config);
	case RS_IOC_DEVICE:
		return rs_lease_device(inst, arg);
	case RS_IOC_MSG_SEND:
		return RS_FILE_ARG(rs_send_call, struct rs_msg);
	case RS_IOC_MSG_BULK:
		return RS_FILE_ARG(rs_bulk_call, struct rs_msg_bulk);
	case RS_IOC_MSG_NOTIFY:
		return RS_FILE_ARG(rs_notify_call, struct rs_msg_notify);
	case RS_IOC_MSG_NOTIFIED:
		return RS_FILE_ARG(rs_notified_call, struct rs_msg_notified);
	case RS_IOC_ALARM:
		return RS_FILE_ARG(rs_alarm_call, struct rs_alarm);
	case RS_IOC_LOOKUP:
		return RS_FILE_ARG(rs_message_lookup, struct rs_lookup);
	case RS_IOC_STATECTL:
		return rs_message_statectl(inst, arg);
	}
	return -ENOTTY;
}

static const struct file_operations rs_file_ops = {
	.owner		= THIS_MODULE,
	.open		= rs_file_open,
	.flush		= rs_file_flush,
	.release	= rs_file_release,
	.poll		= rs_file_poll,
	.mmap		= rs_map_mmap,
	.unlocked_ioctl	= rs_file_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};

static struct miscdevice rs_misc = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "rsmod",
	.fops	= &rs_file_ops,
	.mode	= 0600,
};

int rs_file_init(void)
{
	return misc_register(&rs_misc);
}

void rs_file_exit(void)
{
	misc_deregister(&rs_misc);
}
