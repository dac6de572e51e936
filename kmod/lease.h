/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device that a slot holds and lends, revocably, to the bound instance
 *
 * The slot keeps the device's files open, so that nothing happens to it when a driver dies.
 * The bound instance reaches the device only through this module: its registers by mappings
 * that our fault handler fills page by page and that one call takes away, its configuration
 * space and its bus-master bit by our own ioctls.  No proxy forwards a user pointer.
 *
 * How a kind of device is held is a lease backend's business (struct rs_lease_ops), in a module
 * of its own so that rsmod loads without it.
 */
#ifndef _RS_LEASE_H
#define _RS_LEASE_H

#include <linux/list.h>
#include <linux/module.h>
#include <linux/types.h>

#include <linux/rs_channel.h>

struct rs_instance;
struct rs_lease;
struct rs_slot;

/**
 * struct rs_lease_ops - one kind of device
 *
 * All are called with slot->lock held, in process context, except where noted.
 */
struct rs_lease_ops {
	/** @owner: stays loaded while there are leases */
	struct module *owner;
	/** @kind: enum rs_lease_kind */
	u32 kind;
	/**
	 * @add: check the files in @arg, take references, hook the interrupts, silence the
	 * device; ERR_PTR if refused.  @irq_fds: kernel copy of @arg->irq_fds.
	 */
	struct rs_lease *(*add)(struct rs_slot *slot, const struct rs_lease_vfio *arg,
				const s32 *irq_fds);
	/** @get: install descriptors of the held files for the caller (a new rsd). */
	int (*get)(struct rs_lease *lease, struct rs_lease_vfio *arg);
	/** @release: unhook and drop everything; the device has been silenced. */
	void (*release)(struct rs_lease *lease);
	/**
	 * @silence: no DMA, no message interrupt from the device from now on.
	 * Guarantees: bus mastering is off and pending transactions are drained on return.
	 */
	void (*silence)(struct rs_lease *lease);
	/** @bound: a new instance is bound: let interrupts flow.  NULL: they do. */
	void (*bound)(struct rs_lease *lease);
	/** @device: enum rs_device_op for the bound instance; RESET: mappings are zapped. */
	int (*device)(struct rs_lease *lease, u32 op);
	/** @config: RS_IOC_CONFIG, against the write mask; -EPERM counts as a violation. */
	int (*config)(struct rs_lease *lease, struct rs_config *config);
	/**
	 * @pfn: page frame behind byte @offset of region @index, or 0 if it may not be mapped.
	 * Called in the page-fault handler: must not sleep on anything but plain memory.
	 */
	unsigned long (*pfn)(struct rs_lease *lease, u32 index, u64 offset);
};

/**
 * struct rs_lease - filled by the backend's add(), but for @ops
 * @ops: backend
 * @slot: who holds it
 * @info: snapshot, served to instances
 * @gone: the device was unplugged
 */
struct rs_lease {
	const struct rs_lease_ops *ops;
	struct rs_slot *slot;
	struct rs_lease_info info;
	bool gone;
};

int rs_lease_register(const struct rs_lease_ops *ops);
void rs_lease_unregister(const struct rs_lease_ops *ops);

/* RS_IOC_LEASE_ADD, RS_IOC_LEASE_GET */
int rs_lease_add(const struct rs_lease_vfio *arg);
int rs_lease_get(struct rs_lease_vfio *arg);

/* Instance side: RS_IOC_LEASE_INFO, RS_IOC_CONFIG, RS_IOC_DEVICE.  Owner already checked. */
int rs_lease_info(struct rs_instance *inst, struct rs_lease_info *info);
int rs_lease_config(struct rs_instance *inst, struct rs_config *config);
int rs_lease_device(struct rs_instance *inst, u32 op);

/*
 * slot->lock held; no lease is fine for all of these.
 *
 * Grant: @inst is bound and may reach the device.  It also gets one event per vector, since
 * what the device raised during the takeover is lost.
 */
void rs_lease_grant(struct rs_slot *slot, struct rs_instance *inst);
/* Stage 1 of the fence: no register access by @inst any more. */
void rs_lease_zap(struct rs_slot *slot, struct rs_instance *inst);
/* Stage 2: no DMA any more. */
void rs_lease_silence(struct rs_slot *slot);
/* Give the device back: mappings of all instances are zapped and the device silenced first. */
void rs_lease_drop(struct rs_slot *slot);

/* Vectors that wait for @inst, which takes them; 0 if it is not bound. */
u64 rs_lease_take_irqs(struct rs_instance *inst);
/* What is pending, was so under an earlier instance: the one that serves now has time anew. */
void rs_lease_irq_restart(struct rs_slot *slot);
/* Since when an interrupt waits for the bound instance, ns; 0 = none does.  Any context. */
u64 rs_lease_irq_since(struct rs_slot *slot);

/* A vector fired.  Any context, also hard interrupt. */
void rs_lease_irq(struct rs_slot *slot, u32 vector);
/*
 * The device is going away: no access from now on, and the slot's worker is asked
 * (RS_TODO_UNPLUG) to end the bound instance and to call rs_lease_drop(), for which the
 * remover waits.  Any context that may take no slot->lock.
 */
void rs_lease_gone(struct rs_lease *lease);

#endif /* _RS_LEASE_H */
