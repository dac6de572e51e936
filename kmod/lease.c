// SPDX-License-Identifier: GPL-2.0
/*
 * The device of a slot: who may reach it, and how it is taken away
 *
 * A lease belongs to the slot, under slot->lock.  Every access by an instance takes that lock,
 * looks whether the instance is bound, and does its work before it lets go; the worker that
 * fences holds the same lock.  So an access is over before the fence begins, or is refused.
 * Nothing here touches user memory: whatever an instance passes was copied before, so a page
 * fault that never ends cannot hold the fence up.
 *
 * Registers are the exception, they are reached without a call.  There the page-fault handler
 * (map.c) asks ops->pfn() under inst->map_lock, and rs_map_zap_bars() takes that lock for
 * writing.  A lease is freed only after every instance of the slot was zapped, hence no fault
 * can still be looking at it.
 */
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/kmod.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "detect.h"
#include "endpoint.h"
#include "instance.h"
#include "lease.h"
#include "map.h"

/* Backends by kind; a slot's lease holds a reference to its backend's module. */
static const struct rs_lease_ops *rs_lease_backends[RS_LEASE_VFIO + 1];
static DEFINE_MUTEX(rs_lease_backends_lock);

/**
 * rs_lease_register() - make a kind of device available
 * @ops: backend; stays until rs_lease_unregister()
 *
 * Return: 0; -EEXIST if the kind has a backend; -EINVAL for no kind of ours.
 */
int rs_lease_register(const struct rs_lease_ops *ops)
{
	int ret = 0;

	if (ops->kind == RS_LEASE_NONE || ops->kind >= ARRAY_SIZE(rs_lease_backends))
		return -EINVAL;
	mutex_lock(&rs_lease_backends_lock);
	if (rs_lease_backends[ops->kind])
		ret = -EEXIST;
	else
		rs_lease_backends[ops->kind] = ops;
	mutex_unlock(&rs_lease_backends_lock);
	return ret;
}
EXPORT_SYMBOL_GPL(rs_lease_register);

/**
 * rs_lease_unregister() - no leases of this kind any more
 * @ops: as registered.  From the backend's module exit: no lease uses it by then
 */
void rs_lease_unregister(const struct rs_lease_ops *ops)
{
	mutex_lock(&rs_lease_backends_lock);
	if (rs_lease_backends[ops->kind] == ops)
		rs_lease_backends[ops->kind] = NULL;
	mutex_unlock(&rs_lease_backends_lock);
}
EXPORT_SYMBOL_GPL(rs_lease_unregister);

/* The backend of a kind with a reference to its module, or NULL. */
static const struct rs_lease_ops *rs_lease_backend_get(u32 kind)
{
	const struct rs_lease_ops *ops;

	mutex_lock(&rs_lease_backends_lock);
	ops = rs_lease_backends[kind];
	if (ops && !try_module_get(ops->owner))
		ops = NULL;
	mutex_unlock(&rs_lease_backends_lock);
	return ops;
}

static const struct rs_lease_ops *rs_lease_backend_load(u32 kind)
{
	const struct rs_lease_ops *ops = rs_lease_backend_get(kind);

	if (!ops) {
		request_module("rsmod_vfio");
		ops = rs_lease_backend_get(kind);
	}
	return ops;
}

static int rs_lease_check_arg(const struct rs_lease_vfio *arg)
{
	if (arg->flags || memchr_inv(arg->reserved, 0, sizeof(arg->reserved)))
		return -EINVAL;
	return 0;
}

static int rs_lease_add_locked(struct rs_slot *slot, const struct rs_lease_ops *ops,
			       const struct rs_lease_vfio *arg, const s32 *irq_fds)
{
	struct rs_lease *lease;

	lockdep_assert_held(&slot->lock);
	if (slot->state == RS_SLOT_DEAD)
		return -EOWNERDEAD;
	/* With less, the fence would leave the dead instance with the device. */
	if (slot->effects != RS_EFFECTS_DEVICE)
		return -EINVAL;
	if (slot->lease)
		return -EEXIST;
	lease = ops->add(slot, arg, irq_fds);
	if (IS_ERR(lease))
		return PTR_ERR(lease);
	lease->ops = ops;
	slot->lease = lease;
	if (slot->bound)
		rs_lease_grant(slot, slot->bound);
	return 0;
}

/**
 * rs_lease_add() - RS_IOC_LEASE_ADD: a slot takes a device
 * @arg: kernel copy, privileges of the caller checked
 *
 * Descriptors are those of the current process.
 *
 * Return: 0, or an error as in rs_channel.h.
 */
int rs_lease_add(const struct rs_lease_vfio *arg)
{
	const struct rs_lease_ops *ops;
	s32 irq_fds[RS_IRQS_MAX];
	struct rs_slot *slot;
	int ret;

	ret = rs_lease_check_arg(arg);
	if (ret)
		return ret;
	if (arg->nr_irqs > RS_IRQS_MAX || !memchr(arg->name, 0, sizeof(arg->name)))
		return -EINVAL;
	if (copy_from_user(irq_fds, u64_to_user_ptr(arg->irq_fds), arg->nr_irqs * sizeof(s32)))
		return -EFAULT;

	slot = rs_slot_get(arg->endpoint);
	if (IS_ERR(slot))
		return PTR_ERR(slot);
	ops = rs_lease_backend_load(RS_LEASE_VFIO);
	if (!ops) {
		rs_slot_put(slot);
		return -EOPNOTSUPP;
	}

	mutex_lock(&slot->lock);
	ret = rs_lease_add_locked(slot, ops, arg, irq_fds);
	mutex_unlock(&slot->lock);

	if (ret)
		module_put(ops->owner);
	rs_slot_put(slot);
	return ret;
}

/**
 * rs_lease_get() - RS_IOC_LEASE_GET: a new rsd gets the held files back
 * @arg: endpoint in; descriptors, name and number of vectors out
 *
 * Return: 0, or an error as in rs_channel.h.
 */
int rs_lease_get(struct rs_lease_vfio *arg)
{
	struct rs_lease *lease;
	struct rs_slot *slot;
	int ret;

	ret = rs_lease_check_arg(arg);
	if (ret)
		return ret;
	if (arg->irq_fds)
		return -EINVAL;
	slot = rs_slot_get(arg->endpoint);
	if (IS_ERR(slot))
		return PTR_ERR(slot);

	mutex_lock(&slot->lock);
	lease = slot->lease;
	ret = lease && !READ_ONCE(lease->gone) ? lease->ops->get(lease, arg) : -ENODEV;
	mutex_unlock(&slot->lock);

	rs_slot_put(slot);
	return ret;
}

/**
 * rs_lease_info() - RS_IOC_LEASE_INFO: what device is it
 * @inst: instance, also one that is not bound: a snapshot gives no access
 * @info: out
 *
 * Return: 0; -ENODEV if there is none.
 */
int rs_lease_info(struct rs_instance *inst, struct rs_lease_info *info)
{
	struct rs_slot *slot = inst->slot;
	int ret = -ENODEV;

	mutex_lock(&slot->lock);
	if (slot->lease && !READ_ONCE(slot->lease->gone)) {
		*info = slot->lease->info;
		ret = 0;
	}
	mutex_unlock(&slot->lock);
	return ret;
}

/* The lease that @inst may use now, or ERR_PTR. */
static struct rs_lease *rs_lease_access(struct rs_instance *inst)
{
	struct rs_slot *slot = inst->slot;

	lockdep_assert_held(&slot->lock);
	if (slot->bound != inst || !rs_instance_is_bound(inst))
		return ERR_PTR(-EOWNERDEAD);
	if (!slot->lease || READ_ONCE(slot->lease->gone))
		return ERR_PTR(-ENODEV);
	return slot->lease;
}

/* Count a refusal, after slot->lock was dropped. */
static int rs_lease_refused(struct rs_instance *inst, int ret)
{
	if (ret == -EOWNERDEAD)
		rs_instance_violation(inst, RS_VIOL_UNBOUND);
	else if (ret == -EPERM)
		rs_instance_violation(inst, RS_VIOL_ACCESS);
	return ret;
}

/**
 * rs_lease_config() - RS_IOC_CONFIG: configuration space, for the bound instance
 * @inst: instance
 * @config: kernel copy; value out
 *
 * Return: 0, or an error as in rs_channel.h.
 */
int rs_lease_config(struct rs_instance *inst, struct rs_config *config)
{
	struct rs_slot *slot = inst->slot;
	struct rs_lease *lease;
	int ret;

	if (config->flags & ~RS_CONFIG_WRITE)
		return -EINVAL;
	if (config->size != 1 && config->size != 2 && config->size != 4)
		return -EINVAL;
	if (config->offset % config->size)
		return -EINVAL;

	mutex_lock(&slot->lock);
	lease = rs_lease_access(inst);
	ret = IS_ERR(lease) ? PTR_ERR(lease) : lease->ops->config(lease, config);
	mutex_unlock(&slot->lock);
	return rs_lease_refused(inst, ret);
}

/**
 * rs_lease_device() - RS_IOC_DEVICE, for the bound instance
 * @inst: instance
 * @op: enum rs_device_op
 *
 * Return: 0, or an error as in rs_channel.h.
 */
int rs_lease_device(struct rs_instance *inst, u32 op)
{
	struct rs_slot *slot = inst->slot;
	struct rs_lease *lease;
	int ret;

	if (op > RS_DEVICE_RESET)
		return -EINVAL;

	mutex_lock(&slot->lock);
	lease = rs_lease_access(inst);
	if (IS_ERR(lease)) {
		ret = PTR_ERR(lease);
	} else if (op == RS_DEVICE_RESET) {
		/* A register read that meets the reset can be a machine check. */
		rs_map_zap_bars(inst);
		ret = lease->ops->device(lease, op);
		if (!READ_ONCE(lease->gone))
			rs_map_grant_bars(inst);
	} else {
		ret = lease->ops->device(lease, op);
	}
	mutex_unlock(&slot->lock);
	return rs_lease_refused(inst, ret);
}

/*
 * slot->irq_since tells since when something is pending, if something is.  The stamp goes before
 * the bits, so who sees a bit sees no stamp from before the last ones were taken.  If they were
 * taken in between, the stamp is of those: correct it.
 */
static void rs_lease_raise(struct rs_slot *slot, u64 vectors)
{
	u64 now = ktime_get_mono_fast_ns();
	struct rs_instance *inst;
	bool first;

	first = !atomic64_read(&slot->irqs);
	if (first)
		WRITE_ONCE(slot->irq_since, now);
	/* fetch_or is a full barrier; pairs with rs_lease_irq_since() */
	if (!atomic64_fetch_or(vectors, &slot->irqs) && !first)
		WRITE_ONCE(slot->irq_since, now);

	rcu_read_lock();
	inst = rcu_dereference(slot->irq_target);
	if (inst)
		rs_instance_event(inst, RS_EVENT_IRQ);
	rcu_read_unlock();
	rs_detect_arm(slot);
}

void rs_lease_irq_restart(struct rs_slot *slot)
{
	WRITE_ONCE(slot->irq_since, ktime_get_mono_fast_ns());
}

u64 rs_lease_irq_since(struct rs_slot *slot)
{
	if (!atomic64_read(&slot->irqs))
		return 0;
	smp_rmb(); /* bits before stamp; pairs with rs_lease_raise() */
	return READ_ONCE(slot->irq_since);
}

/**
 * rs_lease_take_irqs() - what RS_IOC_ENTER hands out
 * @inst: instance that was bound a moment ago
 *
 * If its successor was bound meanwhile, these are the successor's and go back.
 *
 * Return: bit per vector.
 */
u64 rs_lease_take_irqs(struct rs_instance *inst)
{
	u64 irqs = atomic64_xchg(&inst->slot->irqs, 0);

	if (irqs && !rs_instance_is_bound(inst)) {
		rs_lease_raise(inst->slot, irqs);
		return 0;
	}
	return irqs;
}

/**
 * rs_lease_irq() - a vector fired
 * @slot: the lease's
 * @vector: below rs_lease_info.nr_irqs
 *
 * Any context, also hard interrupt with the lock of an eventfd held: the instance's wait
 * queue nests inside that.
 */
void rs_lease_irq(struct rs_slot *slot, u32 vector)
{
	rs_lease_raise(slot, BIT_ULL(vector));
}
EXPORT_SYMBOL_GPL(rs_lease_irq);

void rs_lease_grant(struct rs_slot *slot, struct rs_instance *inst)
{
	struct rs_lease *lease = slot->lease;

	lockdep_assert_held(&slot->lock);
	if (!lease || READ_ONCE(lease->gone))
		return;
	rs_map_grant_bars(inst);
	if (lease->ops->bound)
		lease->ops->bound(lease);
	if (lease->info.nr_irqs)
		rs_lease_raise(slot, GENMASK_ULL(lease->info.nr_irqs - 1, 0));
}

void rs_lease_zap(struct rs_slot *slot, struct rs_instance *inst)
{
	lockdep_assert_held(&slot->lock);
	if (slot->lease)
		rs_map_zap_bars(inst);
}

void rs_lease_silence(struct rs_slot *slot)
{
	lockdep_assert_held(&slot->lock);
	if (slot->lease)
		slot->lease->ops->silence(slot->lease);
}

void rs_lease_drop(struct rs_slot *slot)
{
	struct rs_lease *lease = slot->lease;
	const struct rs_lease_ops *ops;
	struct rs_instance *inst;

	lockdep_assert_held(&slot->lock);
	if (!lease)
		return;

	/* Stage 1: no access.  Nothing grants it again, since that takes slot->lock. */
	WRITE_ONCE(lease->gone, true);
	list_for_each_entry(inst, &slot->instances, link)
		rs_map_zap_bars(inst);

	/* Stage 2: no DMA, no interrupts. */
	ops = lease->ops;
	ops->silence(lease);

	/* Stage 3: unhook, close.  Interrupts of ours end here; none is left for a successor. */
	slot->lease = NULL;
	ops->release(lease);
	atomic64_set(&slot->irqs, 0);
	module_put(ops->owner);
}

/**
 * rs_lease_gone() - the device is going away
 * @lease: lease
 *
 * Takes no lock: the caller may hold the device's, for which others wait under slot->lock.
 */
void rs_lease_gone(struct rs_lease *lease)
{
	WRITE_ONCE(lease->gone, true);
	rs_slot_kick(lease->slot, RS_TODO_UNPLUG);
}
EXPORT_SYMBOL_GPL(rs_lease_gone);
