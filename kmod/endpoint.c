// SPDX-License-Identifier: GPL-2.0
/*
 * endpoint.c - the endpoint table
 *
 * Lookup by endpoint is an array access under RCU and a comparison of the generation.  Labels are
 * hashed; only rsd looks them up.  A slot's index is used again with the next generation.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/ctype.h>
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/rs_msg.h>

#include "alarm.h"
#include "allow.h"
#include "detect.h"
#include "endpoint.h"
#include "event.h"
#include "failover.h"
#include "frontend.h"
#include "lease.h"
#include "ledger.h"
#include "notify.h"
#include "state.h"
#include "sysfs.h"

/* Tags beyond the depth of a data queue, for reopens and releases. */
#define RS_RESERVED_TAGS	16

struct workqueue_struct *rs_wq;

static DEFINE_MUTEX(rs_table_lock);
static struct rs_slot __rcu *rs_table[RS_SLOTS_MAX];
static DECLARE_BITMAP(rs_used, RS_SLOTS_MAX);
static u16 rs_generation[RS_SLOTS_MAX];
static DEFINE_HASHTABLE(rs_labels, 10);

static u32 rs_label_hash(const char *label)
{
	return jhash(label, strlen(label), 0);
}

static bool rs_label_valid(const char *label)
{
	const char *p;

	for (p = label; *p; p++)
		if (!isascii(*p) || !(isalnum(*p) || *p == '_' || *p == '-'))
			return false;
	return p > label && p - label < RS_LABEL_MAX;
}

static struct rs_slot *rs_label_find(const char *label)
{
	struct rs_slot *slot;

	lockdep_assert_held(&rs_table_lock);
	hash_for_each_possible(rs_labels, slot, hash, rs_label_hash(label))
		if (!strcmp(slot->label, label))
			return slot;
	return NULL;
}

/* Those of a disk are patient: one that recovers a sector takes its time, and clients wait. */
static const struct {
	u32 deadline_ms;
	u32 gate_timeout_ms;
} rs_policy_class[] = {
	[RS_CLASS_NONE]	= { 5000, 30000 },
	[RS_CLASS_CHR]	= { 5000, 30000 },
	[RS_CLASS_NET]	= { 500, 2000 },
	[RS_CLASS_BLK]	= { 30000, 0 },
};
static_assert(ARRAY_SIZE(rs_policy_class) == __RS_CLASS_LAST);

void rs_policy_default(struct rs_policy *policy, u32 class)
{
	/* One that does not exist is refused later. */
	if (class >= __RS_CLASS_LAST)
		class = RS_CLASS_NONE;
	*policy = (struct rs_policy) {
		.deadline_ms = rs_policy_class[class].deadline_ms,
		.gate_timeout_ms = rs_policy_class[class].gate_timeout_ms,
		.init_timeout_ms = 10000,
		.poison_limit = 3,
		.violation_limit = 64,
		.budget = 20,
		.budget_window_ms = 5000,
	};
}

static void rs_slot_free(struct rs_slot *slot)
{
	u32 i;

	if (slot->fe->free)
		slot->fe->free(slot);
	for (i = 0; i <= slot->nr_queues; i++)
		rs_queue_free(slot->queue[i]);
	rs_state_drop(slot);
	rs_allow_drop(slot);
	rs_notify_free(slot->notify);
	kfree_rcu(slot, rcu);
	module_put(THIS_MODULE);
}

static void rs_slot_release(struct kref *ref)
{
	rs_slot_free(container_of(ref, struct rs_slot, ref));
}

struct rs_slot *rs_slot_hold(struct rs_slot *slot)
{
	kref_get(&slot->ref);
	return slot;
}

void rs_slot_put(struct rs_slot *slot)
{
	kref_put(&slot->ref, rs_slot_release);
}

/* Releases and reopens are a data queue's. */
static struct rs_queue *rs_slot_queue(struct rs_slot *slot, u32 i)
{
	if (!i)
		return rs_queue_new(slot, i, RS_CTRL_DEPTH, 0);
	if (i == slot->nr_queues)
		return rs_queue_new(slot, i, RS_MSG_DEPTH, 0);
	return rs_queue_new(slot, i, slot->depth, RS_RESERVED_TAGS);
}

static int rs_slot_queues(struct rs_slot *slot)
{
	u32 i;

	for (i = 0; i <= slot->nr_queues; i++) {
		slot->queue[i] = rs_slot_queue(slot, i);
		if (!slot->queue[i])
			return -ENOMEM;
	}
	slot->notify = rs_notify_new();
	return slot->notify ? 0 : -ENOMEM;
}

static struct rs_slot *rs_slot_make(const struct rs_slot_config *config,
				    const struct rs_frontend_ops *fe)
{
	struct rs_slot *slot;

	slot = kzalloc(sizeof(*slot), GFP_KERNEL);
	if (!slot)
		return NULL;
	kref_init(&slot->ref);
	strscpy(slot->label, config->label, sizeof(slot->label));
	slot->class = config->class;
	slot->effects = config->effects;
	slot->depth = config->depth ?: fe->depth;
	slot->nr_queues = (config->queues ?: fe->nr_queues) + 1;
	slot->policy = config->policy;
	slot->fe = fe;
	strscpy(slot->fe_ifname, config->ifname, sizeof(slot->fe_ifname));
	memcpy(slot->fe_mac, config->mac, sizeof(slot->fe_mac));
	mutex_init(&slot->lock);
	spin_lock_init(&slot->saved_lock);
	spin_lock_init(&slot->rec_lock);
	spin_lock_init(&slot->act_lock);
	rs_alarm_init(slot);
	rs_update_init(slot);
	INIT_LIST_HEAD(&slot->instances);
	INIT_WORK(&slot->work, rs_failover_work);
	INIT_DELAYED_WORK(&slot->init_timer, rs_failover_init_timeout);
	INIT_DELAYED_WORK(&slot->gate_timer, rs_failover_gate_timeout);
	INIT_DELAYED_WORK(&slot->reaper, rs_failover_reap);
	timer_setup(&slot->watch, rs_detect_watch, 0);
	return slot;
}

static int rs_slot_check(const struct rs_slot_config *config, struct netlink_ext_ack *extack)
{
	if (!rs_label_valid(config->label)) {
		NL_SET_ERR_MSG(extack, "a label is 1 to 31 characters of [A-Za-z0-9_-]");
		return -EINVAL;
	}
	if (config->effects >= __RS_EFFECTS_LAST) {
		NL_SET_ERR_MSG(extack, "unknown effects");
		return -EINVAL;
	}
	if (config->depth && (!is_power_of_2(config->depth) || config->depth < RS_DEPTH_MIN ||
			      config->depth > RS_DEPTH_MAX)) {
		NL_SET_ERR_MSG(extack, "the depth must be a power of two from 8 to 1024");
		return -EINVAL;
	}
	if (!config->policy.init_timeout_ms || !config->policy.poison_limit) {
		NL_SET_ERR_MSG(extack, "init-timeout-ms and poison-limit must not be 0");
		return -EINVAL;
	}
	return 0;
}

/* Under rs_table_lock: find a place and a generation. */
static int rs_slot_place(struct rs_slot *slot, struct netlink_ext_ack *extack)
{
	unsigned long index;

	if (rs_label_find(slot->label)) {
		NL_SET_ERR_MSG(extack, "the label is taken");
		return -EEXIST;
	}
	index = find_first_zero_bit(rs_used, RS_SLOTS_MAX);
	if (index >= RS_SLOTS_MAX) {
		NL_SET_ERR_MSG(extack, "the endpoint table is full");
		return -ENOSPC;
	}
	rs_generation[index] = rs_generation[index] % RS_GEN_MAX + 1;
	slot->endpoint = RS_EP(rs_generation[index], index);
	return 0;
}

/* Under the same lock, since then: lookups find it from now on. */
static void rs_slot_list(struct rs_slot *slot)
{
	u32 index = rs_slot_index(slot);

	__set_bit(index, rs_used);
	hash_add(rs_labels, &slot->hash, rs_label_hash(slot->label));
	rcu_assign_pointer(rs_table[index], slot);
}

/* The opposite: its label and its place can be used again. */
static void rs_slot_unlist(struct rs_slot *slot)
{
	mutex_lock(&rs_table_lock);
	RCU_INIT_POINTER(rs_table[rs_slot_index(slot)], NULL);
	hash_del(&slot->hash);
	__clear_bit(rs_slot_index(slot), rs_used);
	mutex_unlock(&rs_table_lock);
}

int rs_slot_new(const struct rs_slot_config *config, struct rs_slot **ret_slot,
		struct netlink_ext_ack *extack)
{
	const struct rs_frontend_ops *fe;
	struct rs_slot *slot;
	int err;

	err = rs_slot_check(config, extack);
	if (err)
		return err;
	fe = rs_frontend(config->class);
	if (!fe) {
		NL_SET_ERR_MSG(extack, "this class is not built in");
		return -EOPNOTSUPP;
	}
	if (config->queues > fe->max_queues) {
		NL_SET_ERR_MSG(extack, "this class does not have so many data queues");
		return -EINVAL;
	}
	/* A slot keeps the module: rmmod is refused while services are up. */
	if (!try_module_get(THIS_MODULE)) {
		NL_SET_ERR_MSG(extack, "the module is being removed");
		return -ENODEV;
	}
	slot = rs_slot_make(config, fe);
	if (!slot) {
		module_put(THIS_MODULE);
		return -ENOMEM;
	}
	err = rs_slot_queues(slot);
	if (!err && config->allow)
		err = rs_allow_set(slot, config->allow, extack);
	if (err)
		goto err_put_slot;

	/* Found by nobody before all of it is there: who finds it may remove it. */
	mutex_lock(&rs_table_lock);
	err = rs_slot_place(slot, extack);
	if (err)
		goto err_unlock;
	err = rs_sysfs_add(slot);
	if (err) {
		NL_SET_ERR_MSG(extack, "the sysfs directory cannot be made");
		goto err_unlock;
	}
	rs_debugfs_add(slot);
	rs_slot_hold(slot);
	rs_slot_list(slot);
	mutex_unlock(&rs_table_lock);
	*ret_slot = slot;
	return 0;

err_unlock:
	mutex_unlock(&rs_table_lock);
err_put_slot:
	rs_slot_put(slot);
	return err;
}

/*
 * Stages, and who may still be running after each:
 *
 *  1. shut down: state DEAD, nobody bound, all requests failed.  Clients may still submit, and
 *     are answered at once; the worker may run, and finds nothing to do.
 *  2. front-end removed: no new clients.  Files that are open hold a reference, and are still
 *     answered at once; an interface has none left.
 *  3. worker, timers and alarm gone, and its notifications at others.  Instances may still have their files open, and hold references.
 *  4. lease returned: the device is rsd's again.
 *  5. unlisted: label and index can be used again.
 */
void rs_slot_del(struct rs_slot *slot)
{
	bool dead;

	mutex_lock(&slot->lock);
	dead = slot->state == RS_SLOT_DEAD;
	if (!dead)
		rs_failover_shutdown(slot);
	mutex_unlock(&slot->lock);
	if (dead)
		return;

	if (slot->fe->remove)
		slot->fe->remove(slot);

	cancel_delayed_work_sync(&slot->init_timer);
	cancel_delayed_work_sync(&slot->gate_timer);
	cancel_delayed_work_sync(&slot->reaper);
	rs_update_exit(slot);
	if (cancel_work_sync(&slot->work))
		rs_slot_put(slot);
	timer_shutdown_sync(&slot->watch);
	rs_alarm_exit(slot);
	rs_notify_forget(rs_slot_index(slot));

	mutex_lock(&slot->lock);
	rs_lease_drop(slot);
	mutex_unlock(&slot->lock);

	rs_event_send(slot, &(struct rs_event) { .type = RSMOD_EVENT_TYPE_REMOVED });
	rs_debugfs_del(slot);
	rs_sysfs_del(slot);
	rs_slot_unlist(slot);
	rs_slot_put(slot);
}

struct rs_slot *rs_slot_get_index(u32 index)
{
	struct rs_slot *slot = NULL;

	if (index >= RS_SLOTS_MAX)
		return NULL;
	rcu_read_lock();
	slot = rcu_dereference(rs_table[index]);
	if (slot && !kref_get_unless_zero(&slot->ref))
		slot = NULL;
	rcu_read_unlock();
	return slot;
}

s32 rs_slot_endpoint(u32 index)
{
	const struct rs_slot *slot;
	s32 endpoint;

	rcu_read_lock();
	slot = rcu_dereference(rs_table[index]);
	endpoint = slot ? slot->endpoint : RS_EP_NONE;
	rcu_read_unlock();
	return endpoint;
}

struct rs_slot *rs_slot_get(s32 endpoint)
{
	struct rs_slot *slot;

	if (endpoint < RS_GEN_SIZE || RS_EP_SLOT(endpoint) >= RS_SLOTS_MAX)
		return ERR_PTR(-EINVAL);
	slot = rs_slot_get_index(RS_EP_SLOT(endpoint));
	if (!slot)
		return ERR_PTR(-EOWNERDEAD);
	if (slot->endpoint != endpoint || READ_ONCE(slot->state) == RS_SLOT_DEAD) {
		rs_slot_put(slot);
		return ERR_PTR(-EOWNERDEAD);
	}
	return slot;
}

struct rs_slot *rs_slot_get_label(const char *label)
{
	struct rs_slot *slot;

	mutex_lock(&rs_table_lock);
	slot = rs_label_find(label);
	if (slot)
		rs_slot_hold(slot);
	mutex_unlock(&rs_table_lock);
	return slot;
}

struct rs_slot *rs_slot_next(u32 *index)
{
	struct rs_slot *slot;

	for (; *index < RS_SLOTS_MAX; ++*index) {
		slot = rs_slot_get_index(*index);
		if (slot)
			return slot;
	}
	return NULL;
}

void rs_slot_kick(struct rs_slot *slot, enum rs_todo what)
{
	set_bit(what, &slot->todo);
	if (READ_ONCE(slot->state) == RS_SLOT_DEAD)
		return;
	/* The work holds a reference: the slot may be removed, and who asks be gone, before it runs. */
	rs_slot_hold(slot);
	if (!queue_work(rs_wq, &slot->work))
		rs_slot_put(slot);
}

int rs_endpoint_init(void)
{
	/* One work item a slot: a slot's work is ordered, slots do not wait for each other. */
	rs_wq = alloc_workqueue("rsmod", WQ_UNBOUND | WQ_HIGHPRI | WQ_MEM_RECLAIM, 0);
	return rs_wq ? 0 : -ENOMEM;
}

void rs_endpoint_exit(void)
{
	/* Frees of slots that were deleted last use RCU. */
	rcu_barrier();
	destroy_workqueue(rs_wq);
}
