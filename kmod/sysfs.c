// SPDX-License-Identifier: GPL-2.0
/*
 * sysfs.c - /sys/class/rsmod/<label>/, one value per file
 *
 * Everything is read-only: policy is changed over netlink, by rsd.  The class's character
 * devices are of another class, "rs"; these directories are the services themselves.  A file that
 * is being read keeps its directory, and the directory the slot, so no reference is taken here.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/sysfs.h>

#include "endpoint.h"
#include "names.h"
#include "stat.h"
#include "state.h"
#include "sysfs.h"

/* A file whose value is an expression of the slot. */
#define RS_SYSFS_SLOT(_name, _fmt, _value)						\
static ssize_t _name##_show(struct device *dev, struct device_attribute *attr, char *buf) \
{											\
	struct rs_slot *slot = dev_get_drvdata(dev);					\
											\
	return sysfs_emit(buf, _fmt "\n", _value);					\
}											\
static DEVICE_ATTR_RO(_name)

/* One whose value must be gathered first. */
#define RS_SYSFS_STAT(_name, _fmt, _value)						\
static ssize_t _name##_show(struct device *dev, struct device_attribute *attr, char *buf) \
{											\
	struct rs_stat stat;								\
											\
	rs_stat_get(dev_get_drvdata(dev), &stat);					\
	return sysfs_emit(buf, _fmt "\n", _value);					\
}											\
static DEVICE_ATTR_RO(_name)

RS_SYSFS_SLOT(endpoint, "%d", slot->endpoint);
RS_SYSFS_SLOT(label, "%s", slot->label);
RS_SYSFS_SLOT(class, "%s", rs_class_name(slot->class));
RS_SYSFS_SLOT(state, "%s", rs_slot_state_name(READ_ONCE(slot->state)));
RS_SYSFS_SLOT(epoch, "%u", READ_ONCE(slot->epoch));
RS_SYSFS_SLOT(effects, "%s", rs_effects_name(slot->effects));
RS_SYSFS_SLOT(depth, "%u", slot->depth);
RS_SYSFS_SLOT(restarts, "%u", READ_ONCE(slot->restarts));
RS_SYSFS_SLOT(swaps, "%u", READ_ONCE(slot->swaps));
RS_SYSFS_SLOT(commits, "%u", READ_ONCE(slot->commits));
RS_SYSFS_SLOT(rollbacks, "%u", READ_ONCE(slot->rollbacks));
RS_SYSFS_SLOT(deaths, "%u", READ_ONCE(slot->deaths));
RS_SYSFS_SLOT(violations, "%d", atomic_read(&slot->violations));
RS_SYSFS_SLOT(exhausted, "%d", READ_ONCE(slot->exhausted));
RS_SYSFS_SLOT(state_len, "%u", rs_state_len(slot));

RS_SYSFS_STAT(instance, "%u", stat.instance);
RS_SYSFS_STAT(pid, "%u", stat.pid);
RS_SYSFS_STAT(standbys, "%u", stat.standbys);
RS_SYSFS_STAT(stopping, "%d", stat.stopping);
RS_SYSFS_STAT(device, "%s", stat.device);
RS_SYSFS_STAT(requests, "%llu", stat.requests);
RS_SYSFS_STAT(completed, "%llu", stat.completed);
RS_SYSFS_STAT(replayed, "%llu", stat.replayed);
RS_SYSFS_STAT(dropped, "%llu", stat.dropped);
RS_SYSFS_STAT(poisoned, "%llu", stat.poisoned);

RS_SYSFS_SLOT(deadline_ms, "%u", READ_ONCE(slot->policy.deadline_ms));
RS_SYSFS_SLOT(gate_timeout_ms, "%u", READ_ONCE(slot->policy.gate_timeout_ms));
RS_SYSFS_SLOT(init_timeout_ms, "%u", READ_ONCE(slot->policy.init_timeout_ms));
RS_SYSFS_SLOT(poison_limit, "%u", READ_ONCE(slot->policy.poison_limit));
RS_SYSFS_SLOT(violation_limit, "%u", READ_ONCE(slot->policy.violation_limit));
RS_SYSFS_SLOT(budget, "%u", READ_ONCE(slot->policy.budget));
RS_SYSFS_SLOT(budget_window_ms, "%u", READ_ONCE(slot->policy.budget_window_ms));
RS_SYSFS_SLOT(msg_policy, "%u", READ_ONCE(slot->policy.msg_policy));

static struct attribute *rs_slot_attrs[] = {
	&dev_attr_endpoint.attr,
	&dev_attr_label.attr,
	&dev_attr_class.attr,
	&dev_attr_state.attr,
	&dev_attr_epoch.attr,
	&dev_attr_effects.attr,
	&dev_attr_depth.attr,
	&dev_attr_instance.attr,
	&dev_attr_pid.attr,
	&dev_attr_standbys.attr,
	&dev_attr_stopping.attr,
	&dev_attr_exhausted.attr,
	&dev_attr_device.attr,
	&dev_attr_state_len.attr,
	NULL
};

static const struct attribute_group rs_slot_group = {
	.attrs = rs_slot_attrs,
};

static struct attribute *rs_count_attrs[] = {
	&dev_attr_restarts.attr,
	&dev_attr_swaps.attr,
	&dev_attr_commits.attr,
	&dev_attr_rollbacks.attr,
	&dev_attr_deaths.attr,
	&dev_attr_violations.attr,
	&dev_attr_requests.attr,
	&dev_attr_completed.attr,
	&dev_attr_replayed.attr,
	&dev_attr_dropped.attr,
	&dev_attr_poisoned.attr,
	NULL
};

static const struct attribute_group rs_count_group = {
	.attrs = rs_count_attrs,
};

static struct attribute *rs_policy_attrs[] = {
	&dev_attr_deadline_ms.attr,
	&dev_attr_gate_timeout_ms.attr,
	&dev_attr_init_timeout_ms.attr,
	&dev_attr_poison_limit.attr,
	&dev_attr_violation_limit.attr,
	&dev_attr_budget.attr,
	&dev_attr_budget_window_ms.attr,
	&dev_attr_msg_policy.attr,
	NULL
};

static const struct attribute_group rs_policy_group = {
	.name = "policy",
	.attrs = rs_policy_attrs,
};

static const struct attribute_group *rs_slot_groups[] = {
	&rs_slot_group,
	&rs_count_group,
	&rs_policy_group,
	NULL
};

static struct class rs_class = {
	.name = "rsmod",
	.dev_groups = rs_slot_groups,
};

int rs_sysfs_add(struct rs_slot *slot)
{
	struct device *dev;

	dev = device_create(&rs_class, NULL, MKDEV(0, 0), slot, "%s", slot->label);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	slot->sys = dev;
	return 0;
}

void rs_sysfs_del(struct rs_slot *slot)
{
	device_unregister(slot->sys);
	slot->sys = NULL;
}

int __init rs_sysfs_init(void)
{
	return class_register(&rs_class);
}

void rs_sysfs_exit(void)
{
	class_unregister(&rs_class);
}
