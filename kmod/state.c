// SPDX-License-Identifier: GPL-2.0
/*
 * state.c - what a driver leaves to its successor
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

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
}
