// SPDX-License-Identifier: GPL-2.0
/*
 * state.c - what a driver leaves to its successor
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "endpoint.h"
#include "instance.h"
#include "state.h"

/**
 * struct rs_saved - one bank
 * @ref: slot->saved and each reader
 * @len: bytes
 * @version: the driver's own
 * @data: the bytes
 */
struct rs_saved {
	struct kref ref;
	u32 len;
	u32 version;
	u8 data[];
};

static void rs_saved_free(struct kref *ref)
{
	kvfree(container_of(ref, struct rs_saved, ref));
}

static void rs_saved_put(struct rs_saved *saved)
{
	if (saved)
		kref_put(&saved->ref, rs_saved_free);
}

int rs_state_put(struct rs_instance *inst, const struct rs_state *arg)
{
	struct rs_slot *slot = inst->slot;
	struct rs_saved *saved, *old;

	if (arg->len > RS_STATE_MAX)
		return -EFBIG;
	/* The fault that the copy may take happens here, with nothing held. */
	saved = kvzalloc(struct_size(saved, data, arg->len), GFP_KERNEL_ACCOUNT);
	if (!saved)
		return -ENOMEM;
	kref_init(&saved->ref);
	saved->len = arg->len;
	saved->version = arg->version;
	if (copy_from_user(saved->data, u64_to_user_ptr(arg->addr), arg->len)) {
		rs_saved_put(saved);
		return -EFAULT;
	}

	/*
	 * The state of an instance is switched away from BOUND before its successor may read:
	 * with the lock, a save is either before the unbinding or refused.
	 */
	spin_lock(&slot->saved_lock);
	if (!rs_instance_is_bound(inst)) {
		spin_unlock(&slot->saved_lock);
		rs_saved_put(saved);
		rs_instance_violation(inst, RS_VIOL_UNBOUND);
		return -EOWNERDEAD;
	}
	old = slot->saved;
	slot->saved = saved;
	spin_unlock(&slot->saved_lock);
	rs_saved_put(old);
	return 0;
}

int rs_state_get(struct rs_instance *inst, struct rs_state *arg)
{
	struct rs_slot *slot = inst->slot;
	struct rs_saved *saved;
	u32 room = arg->len;
	int err = 0;

	spin_lock(&slot->saved_lock);
	saved = slot->saved;
	if (saved)
		kref_get(&saved->ref);
	spin_unlock(&slot->saved_lock);

	arg->len = saved ? saved->len : 0;
	arg->version = saved ? saved->version : 0;
	if (saved && copy_to_user(u64_to_user_ptr(arg->addr), saved->data, min(room, saved->len)))
		err = -EFAULT;
	rs_saved_put(saved);
	return err;
}

/* Made once, and there until the slot goes: who sees it needs no lock. */
static int rs_state_map_make(struct rs_instance *inst, u64 size)
{
	struct rs_slot *slot = inst->slot;
	int err = 0;
	void *base;

	if (!PAGE_ALIGNED(size))
		return -EINVAL;
	if (size > RS_STATE_MAP_MAX || size > SIZE_MAX)
		return -EFBIG;
	base = __vmalloc(size, GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN |
			 __GFP_RETRY_MAYFAIL);
	if (!base)
		return -ENOMEM;
	spin_lock(&slot->saved_lock);
	if (!rs_instance_is_bound(inst)) {
		err = -EOWNERDEAD;
	} else if (!slot->mapped) {
		slot->mapped_size = size;
		/* Pairs with rs_state_pfn(). */
		smp_store_release(&slot->mapped, base);
		base = NULL;
	}
	spin_unlock(&slot->saved_lock);
	vfree(base);
	if (err)
		rs_instance_violation(inst, RS_VIOL_UNBOUND);
	return err;
}

int rs_state_map(struct rs_instance *inst, struct rs_state_map *arg)
{
	struct rs_slot *slot = inst->slot;
	int err = 0;

	/* Pairs with rs_state_map_make(): its size is there, too. */
	if (arg->size && !smp_load_acquire(&slot->mapped))
		err = rs_state_map_make(inst, arg->size);
	if (err)
		return err;
	/* The same. */
	arg->size = smp_load_acquire(&slot->mapped) ? slot->mapped_size : 0;
	return 0;
}

unsigned long rs_state_pfn(struct rs_slot *slot, u64 offset)
{
	/* Pairs with rs_state_map_make(). */
	void *base = smp_load_acquire(&slot->mapped);

	if (!base || offset >= slot->mapped_size)
		return 0;
	return vmalloc_to_pfn(base + offset);
}

u32 rs_state_len(struct rs_slot *slot)
{
	u32 len;

	spin_lock(&slot->saved_lock);
	len = slot->saved ? slot->saved->len : 0;
	spin_unlock(&slot->saved_lock);
	return len;
}

void rs_state_drop(struct rs_slot *slot)
{
	rs_saved_put(slot->saved);
	slot->saved = NULL;
	vfree(slot->mapped);
	slot->mapped = NULL;
}
