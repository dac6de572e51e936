// SPDX-License-Identifier: GPL-2.0
/*
 * instance.c - one driver process
 *
 * Life of an instance, and who moves it (the state word is switched by compare-exchange):
 *
 *	NONE ──arm──► ARMED ──attach──► STANDBY ◄──park/bind──► BOUND
 *	                │                  │                      │
 *	                └──────────────────┴──── a detector ──────┴──► DYING ──worker──► CORPSE
 *
 * A detector only makes it DYING and tells the slot's worker, which unbinds, fences and replaces
 * it.  The object goes when its file is closed and no buffer of its pool is in use any more.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "detect.h"
#include "endpoint.h"
#include "event.h"
#include "failover.h"
#include "frontend.h"
#include "instance.h"
#include "ledger.h"
#include "map.h"
#include "trace.h"

static void rs_instance_free(struct work_struct *work)
{
	struct rs_instance *inst = container_of(to_rcu_work(work), struct rs_instance, free_work);
	u32 i;

	for (i = 0; i < inst->nr_rings; i++) {
		vfree(inst->ring[i].sq);
		vfree(inst->ring[i].cq);
	}
	rs_pool_exit(&inst->pool);
	rs_map_inode_put(inst->mapping_inode);
	put_pid(inst->pid);
	if (inst->slot)
		rs_slot_put(inst->slot);
	kfree(inst);
}

static void rs_instance_last_put(struct kref *ref)
{
	struct rs_instance *inst = container_of(ref, struct rs_instance, ref);

	/* The last put may come from a completion, where nothing may sleep. */
	INIT_RCU_WORK(&inst->free_work, rs_instance_free);
	queue_rcu_work(rs_wq, &inst->free_work);
}

struct rs_instance *rs_instance_get(struct rs_instance *inst)
{
	kref_get(&inst->ref);
	return inst;
}

void rs_instance_put(struct rs_instance *inst)
{
	kref_put(&inst->ref, rs_instance_last_put);
}

static void rs_instance_dying_work(struct irq_work *work)
{
	struct rs_instance *inst = container_of(work, struct rs_instance, dying_work);

	wake_up_all(&inst->wait);
	rs_slot_kick(inst->slot, RS_TODO_DEATH);
	rs_instance_put(inst);
}

struct rs_instance *rs_instance_new(void)
{
	struct rs_instance *inst;
	struct inode *inode;

	inst = kzalloc(sizeof(*inst), GFP_KERNEL);
	if (!inst)
		return ERR_PTR(-ENOMEM);
	inode = rs_map_inode_new();
	if (IS_ERR(inode)) {
		kfree(inst);
		return ERR_CAST(inode);
	}
	inst->mapping_inode = inode;
	kref_init(&inst->ref);
	mutex_init(&inst->setup);
	INIT_LIST_HEAD(&inst->link);
	INIT_HLIST_NODE(&inst->owner_hash);
	atomic_set(&inst->state, RS_INST_NONE);
	init_rwsem(&inst->map_lock);
	init_waitqueue_head(&inst->wait);
	init_irq_work(&inst->dying_work, rs_instance_dying_work);
	return inst;
}

/* Rings: as many entries as the queue has requests, and twice that for completions. */
static int rs_ring_init(struct rs_ring *ring, u32 nr)
{
	ring->sq_nr = nr;
	ring->cq_nr = 2 * nr;
	ring->sq = vmalloc_user(RS_RING_ENTRIES + ring->sq_nr * sizeof(struct rs_sqe));
	ring->cq = vmalloc_user(RS_RING_ENTRIES + ring->cq_nr * sizeof(struct rs_cqe));
	if (!ring->sq || !ring->cq)
		return -ENOMEM;
	ring->sq->nr = ring->sq_nr;
	ring->cq->nr = ring->cq_nr;
	return 0;
}

static int rs_instance_alloc(struct rs_instance *inst, struct rs_slot *slot, struct rs_arm *arm)
{
	u32 i;
	int err;

	/* Room for every tag: reserved ones may be published beside a full window. */
	for (i = 0; i <= slot->nr_queues; i++) {
		struct rs_queue *queue = slot->queue[i];

		inst->nr_rings = i + 1;
		err = rs_ring_init(&inst->ring[i],
				   roundup_pow_of_two(queue->depth + queue->reserved));
		if (err)
			return err;
	}
	return rs_pool_init(&inst->pool, arm->pool_size, arm->pool_iova);
}

static int rs_arm_check(const struct rs_arm *arm, const struct rs_slot *slot)
{
	if (arm->flags & ~RS_ARM_F_ALL || arm->pid <= 0)
		return -EINVAL;
	if (arm->pool_size < RS_POOL_MIN || arm->pool_size > RS_POOL_MAX ||
	    !PAGE_ALIGNED(arm->pool_size))
		return -EINVAL;
	if (arm->pool_iova != RS_IOVA_NONE &&
	    (!PAGE_ALIGNED(arm->pool_iova) || arm->pool_iova + arm->pool_size < arm->pool_iova))
		return -EINVAL;
	return 0;
}

int rs_instance_arm(struct rs_instance *inst, struct rs_arm *arm)
{
	struct task_struct *task;
	struct rs_slot *slot;
	int err;

	slot = rs_slot_get(arm->endpoint);
	if (IS_ERR(slot))
		return PTR_ERR(slot);
	arm->pool_size = arm->pool_size ?: slot->fe->pool_size;
	err = rs_arm_check(arm, slot);
	if (err)
		goto out_put_slot;

	mutex_lock(&inst->setup);
	err = -EBUSY;
	if (inst->slot || inst->nr_rings)
		goto out_unlock;
	err = -ESRCH;
	/* That of an attempt that failed. */
	put_pid(inst->pid);
	inst->pid = find_get_pid(arm->pid);
	task = inst->pid ? get_pid_task(inst->pid, PIDTYPE_TGID) : NULL;
	if (!task)
		goto out_unlock;
	put_task_struct(task);
	err = rs_instance_alloc(inst, slot, arm);
	if (err)
		goto out_unlock;
	inst->hold = arm->flags & RS_ARM_HOLD;

	mutex_lock(&slot->lock);
	if (slot->state == RS_SLOT_DEAD || slot->stopping) {
		err = -EOWNERDEAD;
	} else {
		inst->number = ++slot->next_instance;
		arm->instance = inst->number;
		list_add_tail(&inst->link, &slot->instances);
		rs_instance_get(inst);
		/* Pairs with the acquire of those who look at the slot without a lock. */
		smp_store_release(&inst->slot, rs_slot_hold(slot));
		atomic_set(&inst->state, RS_INST_ARMED);
	}
	mutex_unlock(&slot->lock);

out_unlock:
	mutex_unlock(&inst->setup);
out_put_slot:
	rs_slot_put(slot);
	return err;
}

static int rs_attach_check(const struct rs_attach *attach, const struct rs_slot *slot)
{
	if (attach->version != RS_ABI_VERSION)
		return -EPROTO;
	if (attach->features & ~RS_FEATURE_ALL)
		return -EOPNOTSUPP;
	if (attach->class != slot->class || attach->flags || attach->msg_queue || attach->msg_depth ||
	    memchr_inv(attach->reserved, 0, sizeof(attach->reserved)))
		return -EINVAL;
	if (attach->effects > slot->effects)
		return -EACCES;
	return 0;
}

int rs_instance_attach(struct rs_instance *inst, struct rs_attach *attach)
{
	/* Pairs with the release in rs_instance_arm(): an armed instance is complete. */
	struct rs_slot *slot = smp_load_acquire(&inst->slot);
	int err;

	if (!slot)
		return -ENODEV;
	if (task_tgid(current) != inst->pid) {
		rs_instance_violation(inst, RS_VIOL_OWNER);
		return -EPERM;
	}

	mutex_lock(&inst->setup);
	err = -EBUSY;
	if (rs_instance_state(inst) != RS_INST_ARMED)
		goto out_unlock;
	err = rs_attach_check(attach, slot);
	if (err)
		goto out_unlock;
	err = rs_pool_split(&inst->pool, attach->private_size);
	if (err)
		goto out_unlock;

	attach->features = 0;
	attach->nr_queues = rs_slot_data_queues(slot);
	attach->msg_queue = slot->nr_queues;
	attach->msg_depth = slot->queue[slot->nr_queues]->depth;
	attach->depth = slot->depth;
	attach->endpoint = slot->endpoint;
	attach->instance = inst->number;
	attach->pool_size = inst->pool.size;
	attach->pool_iova = inst->pool.iova;
	strscpy_pad(attach->label, slot->label, sizeof(attach->label));

	inst->owner = current->signal;
	WRITE_ONCE(inst->last_enter, jiffies);
	err = rs_detect_add(inst);
	if (err) {
		/* It stays armed, but its pool is split: no second try. */
		rs_instance_die(inst, RS_CAUSE_INIT, 0, "attach failed");
		goto out_unlock;
	}
	/* It may have died meanwhile: then it stays DYING, and that is no error of ours. */
	atomic_cmpxchg(&inst->state, RS_INST_ARMED, RS_INST_ATTACHED);

out_unlock:
	mutex_unlock(&inst->setup);
	return err;
}

void rs_instance_ready(struct rs_instance *inst)
{
	if (atomic_cmpxchg(&inst->state, RS_INST_ATTACHED, RS_INST_STANDBY) != RS_INST_ATTACHED)
		return;
	rs_event_send(inst->slot, &(struct rs_event) {
		.type = RSMOD_EVENT_TYPE_ATTACHED, .inst = inst });
	rs_slot_kick(inst->slot, RS_TODO_STANDBY);
}

void rs_instance_release(struct rs_instance *inst)
{
	struct rs_slot *slot = inst->slot;
	bool listed = false;

	if (!slot) {
		rs_instance_put(inst);
		return;
	}
	rs_detect_del(inst);
	rs_instance_die(inst, RS_CAUSE_EXIT, 0, NULL);

	mutex_lock(&slot->lock);
	inst->released = true;
	/* The worker takes it off the list, unless there is no worker any more. */
	if (slot->state == RS_SLOT_DEAD && !list_empty(&inst->link)) {
		list_del_init(&inst->link);
		listed = true;
	}
	mutex_unlock(&slot->lock);
	rs_slot_kick(slot, RS_TODO_DEATH);
	if (listed)
		rs_instance_put(inst);
	rs_instance_put(inst);
}

void rs_instance_die(struct rs_instance *inst, u32 cause, u32 signo, const char *text)
{
	int state = atomic_read(&inst->state);

	/* A detector may have found it under RCU while the last reference went: nobody cares then. */
	if (!kref_get_unless_zero(&inst->ref))
		return;
	do {
		if (state == RS_INST_NONE || state == RS_INST_DYING || state == RS_INST_CORPSE) {
			rs_instance_put(inst);
			return;
		}
	} while (!atomic_try_cmpxchg(&inst->state, &state, RS_INST_DYING));

	/* We alone made it DYING. */
	inst->died_at = ktime_get_mono_fast_ns();
	inst->cause = cause;
	inst->signo = signo;
	if (text)
		strscpy(inst->text, text, sizeof(inst->text));
	trace_rs_die(inst, cause, signo);
	/* The worker may be about already, for something else; pairs with rs_instance_told(). */
	smp_store_release(&inst->told, true);
	irq_work_queue(&inst->dying_work);
}

void rs_instance_violation(struct rs_instance *inst, u32 violation)
{
	struct rs_slot *slot = inst->slot;
	u32 limit = READ_ONCE(slot->policy.violation_limit);
	u32 count = atomic_inc_return(&inst->violations);

	atomic_inc(&slot->violations);
	trace_rs_violation(inst, violation, count);
	/* A driver can provoke any number; the first of each power of two is news enough. */
	if (is_power_of_2(count))
		rs_event_send(slot, &(struct rs_event) {
			.type = RSMOD_EVENT_TYPE_VIOLATION, .inst = inst, .violation = violation });
	if (limit && count >= limit && violation != RS_VIOL_OWNER)
		rs_instance_die(inst, RS_CAUSE_VIOLATION, 0, "too many protocol violations");
}

void rs_instance_event(struct rs_instance *inst, u32 events)
{
	if (events & RS_EVENT_PING && !READ_ONCE(inst->event_since))
		WRITE_ONCE(inst->event_since, ktime_get_mono_fast_ns());
	atomic_or(events, &inst->events);
	rs_instance_kick(inst, false);
}

void rs_instance_signal(struct rs_instance *inst, u32 signo)
{
	atomic_or(BIT(signo - 1), &inst->signals);
	/* The event after what it is about; rs_enter_events() takes them the other way round. */
	smp_mb__after_atomic();
	rs_instance_event(inst, RS_EVENT_SIGNAL);
}

void rs_instance_kick(struct rs_instance *inst, bool handover)
{
	/* Pairs with the barrier of prepare_to_wait(): what we published is seen, or we see it wait. */
	if (!wq_has_sleeper(&inst->wait))
		return;
	if (handover)
		__wake_up_sync(&inst->wait, TASK_NORMAL);
	else
		wake_up(&inst->wait);
}

bool rs_instance_act(struct rs_instance *inst)
	__acquires(&inst->slot->act_lock)
{
	spin_lock_bh(&inst->slot->act_lock);
	return rs_instance_is_bound(inst) && inst->epoch == READ_ONCE(inst->slot->epoch);
}

void rs_instance_acted(struct rs_instance *inst)
	__releases(&inst->slot->act_lock)
{
	spin_unlock_bh(&inst->slot->act_lock);
}

int rs_instance_check_owner(struct rs_instance *inst)
{
	/* Pairs with the release in rs_instance_arm(). */
	if (!smp_load_acquire(&inst->slot) || !inst->owner)
		return -ENODEV;
	if (inst->owner != current->signal) {
		rs_instance_violation(inst, RS_VIOL_OWNER);
		return -EPERM;
	}
	return 0;
}
