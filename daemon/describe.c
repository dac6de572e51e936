// SPDX-License-Identifier: GPL-2.0-only
/*
 * describe.c - what rsctl shows
 */
#include "describe.h"
#include "devbind.h"
#include "dict.h"
#include "disk.h"

static const char *role_name(enum instance_role role)
{
	static const char *const names[] = {
		[INSTANCE_STARTING]	= "starting",
		[INSTANCE_STANDBY]	= "standby",
		[INSTANCE_BOUND]	= "bound",
		[INSTANCE_DEAD]		= "dead",
	};

	return names[role];
}

static void describe_instances(sd_bus_message *m, struct service *s)
{
	struct knl_instance *list __cleanup_free = NULL;
	struct instance *i;
	size_t nr = 0, n;

	if (knl_instances(s->manager->knl, s->endpoint, &list, &nr, NULL) < 0)
		nr = 0;
	dict_entry_open(m, "instances", "aa{sv}");
	sd_bus_message_open_container(m, 'a', "a{sv}");
	for (i = s->instances; i; i = i->next) {
		dict_open(m);
		dict_u32(m, "instance", i->number);
		dict_u32(m, "pid", (uint32_t)i->pid);
		dict_text(m, "role", role_name(i->role));
		dict_bool(m, "exited", i->exited);
		dict_bool(m, "parked", i->parked);
		if (i->iova != RS_IOVA_NONE)
			dict_u64(m, "pool_iova", i->iova);
		dict_u64(m, "pool_size", i->pool_size);
		dict_text_if(m, "cgroup", i->cgroup);
		for (n = 0; n < nr; n++) {
			if (list[n].instance != i->number)
				continue;
			dict_text(m, "state", knl_inst_state_name(list[n].state));
			dict_u32(m, "idle_ms", list[n].idle_ms);
			dict_u32(m, "violations", list[n].violations);
			break;
		}
		dict_close(m);
	}
	sd_bus_message_close_container(m);
	dict_entry_close(m);
}

static void describe_slot(sd_bus_message *m, struct service *s)
{
	char disks[128];
	struct knl_slot k;

	if (!s->endpoint || knl_slot_get(s->manager->knl, s->endpoint, &k, NULL) < 0)
		return;
	dict_s32(m, "endpoint", k.endpoint);
	dict_u32(m, "slot", RS_EP_SLOT(k.endpoint));
	dict_u32(m, "generation", RS_EP_GEN(k.endpoint));
	dict_text(m, "slot_state", knl_slot_state_name(k.state));
	dict_u32(m, "epoch", k.epoch);
	dict_text(m, "effects", k.effects <= RS_EFFECTS_DEVICE ? conf_effects_names[k.effects] :
								"unknown");
	dict_u32(m, "instance", k.instance);
	dict_u32(m, "standbys", k.standbys);
	dict_u32(m, "restarts", k.restarts);
	dict_u32(m, "swaps", k.swaps);
	dict_u32(m, "commits", k.commits);
	dict_u32(m, "rollbacks", k.rollbacks);
	dict_text(m, "update", knl_update_name(k.update));
	dict_u32(m, "deaths", k.deaths);
	dict_u32(m, "violations", k.violations);
	dict_u64(m, "requests", k.requests);
	dict_u64(m, "completed", k.completed);
	dict_u64(m, "replayed", k.replayed);
	dict_u64(m, "dropped", k.dropped);
	dict_u64(m, "poisoned", k.poisoned);
	if (k.class == RS_CLASS_NET) {
		dict_text_if(m, "interface", k.ifname);
		dict_u32(m, "ifindex", k.ifindex);
	}
	if (k.class == RS_CLASS_BLK) {
		disk_names_served(s->label, disks, sizeof(disks));
		dict_text_if(m, "disks", disks);
	}
}

int describe_service(sd_bus_message *m, struct service *s)
{
	struct instance *bound = service_bound(s);
	uint64_t now = now_usec();

	dict_open(m);
	dict_text(m, "label", s->label);
	dict_text(m, "state", fsm_state_name(s->state));
	dict_text(m, "class", conf_class_names[s->conf->class]);
	dict_text(m, "program", s->conf->program);
	dict_text_if(m, "descr", s->conf->descr);
	dict_u32(m, "replica", s->replica);
	dict_u32(m, "pid", bound ? (uint32_t)bound->pid : 0);
	dict_text_if(m, "device", s->device);
	dict_text_if(m, "kernel_driver", s->kernel_driver);
	dict_text_if(m, "last_death", s->last_death);
	if (s->state == FSM_BACKOFF && s->wake_us)
		dict_u64(m, "restart_in_ms", s->wake_us > now ? (s->wake_us - now) / 1000 : 0);
	dict_bool(m, "given_up", s->given_up);
	describe_slot(m, s);
	describe_instances(m, s);
	return dict_close(m);
}

int describe_configured(sd_bus_message *m, const struct conf_service *c)
{
	dict_open(m);
	dict_text(m, "label", c->label);
	dict_text(m, "state", fsm_state_name(FSM_DOWN));
	dict_text(m, "class", conf_class_names[c->class]);
	dict_text(m, "program", c->program ? c->program : "");
	dict_text_if(m, "descr", c->descr);
	dict_u32(m, "replica", c->replica);
	dict_text_if(m, "device", c->device);
	return dict_close(m);
}

static void describe_common(sd_bus_message *m, const struct knl_event *e)
{
	dict_text(m, "label", e->label);
	dict_s32(m, "endpoint", e->endpoint);
	if (e->instance)
		dict_u32(m, "instance", e->instance);
	if (e->pid)
		dict_u32(m, "pid", (uint32_t)e->pid);
	dict_u32(m, "epoch", e->epoch);
}

static void describe_cause(sd_bus_message *m, const struct knl_event *e)
{
	dict_text(m, "cause", knl_cause_name(e->cause));
	if (e->signo) {
		dict_u32(m, "signal", e->signo);
		dict_text(m, "signal_name", strsignal((int)e->signo));
	}
	dict_text_if(m, "text", e->text);
}

static void describe_steps(sd_bus_message *m, const struct knl_event *e)
{
	unsigned int i;

	dict_bool(m, "hot", e->hot);
	dict_u32(m, "number", e->number);
	dict_u32(m, "successor", e->successor);
	dict_u32(m, "replayed", e->replayed);
	dict_u32(m, "dropped", e->dropped);
	dict_entry_open(m, "steps_ns", "a{sv}");
	dict_open(m);
	for (i = 0; i < KNL_STEPS; i++)
		if (e->step_ns[i])
			dict_u64(m, knl_step_name(i), e->step_ns[i]);
	dict_close(m);
	dict_entry_close(m);
}

int describe_event(sd_bus_message *m, const struct knl_event *e)
{
	dict_open(m);
	dict_u64(m, "seq", e->seq);
	dict_u64(m, "time_ns", e->time_ns);
	dict_text(m, "event", knl_event_name(e->type));
	describe_common(m, e);
	switch (e->type) {
	case RSMOD_EVENT_TYPE_DIED:
		describe_cause(m, e);
		break;
	case RSMOD_EVENT_TYPE_RECOVERED:
		describe_cause(m, e);
		describe_steps(m, e);
		break;
	case RSMOD_EVENT_TYPE_BOUND:
	case RSMOD_EVENT_TYPE_UP:
		dict_text(m, "init", knl_init_name(e->init));
		break;
	case RSMOD_EVENT_TYPE_SWAPPED:
		dict_u32(m, "successor", e->successor);
		break;
	case RSMOD_EVENT_TYPE_POISONED:
		dict_u64(m, "request", e->request);
		dict_u32(m, "op", e->op);
		dict_text_if(m, "text", e->text);
		break;
	case RSMOD_EVENT_TYPE_PREPARED:
		dict_s32(m, "result", e->result);
		break;
	case RSMOD_EVENT_TYPE_VIOLATION:
		dict_text(m, "violation", knl_violation_name(e->violation));
		break;
	default:
		break;
	}
	return dict_close(m);
}

int describe_recovery(sd_bus_message *m, const struct knl_event *e)
{
	dict_open(m);
	describe_common(m, e);
	describe_cause(m, e);
	describe_steps(m, e);
	return dict_close(m);
}

int describe_devices(sd_bus_message *m, struct manager *mgr)
{
	struct pci_device *list __cleanup_free = NULL;
	size_t nr = 0, i;
	int r;

	r = pci_list(&list, &nr);
	if (r < 0)
		return r;
	sd_bus_message_open_container(m, 'a', "a{sv}");
	for (i = 0; i < nr; i++) {
		const struct pci_device *d = &list[i];
		enum devbind_verdict v;
		struct reason why = { "" };
		char id[16], sys[64], disks[128];
		struct service *s;

		v = devbind_judge(d, &why);
		for (s = mgr->services; s; s = s->next) {
			if (!streq(s->device, d->name))
				continue;
			v = DEVBIND_TAKEN;
			refuse(&why, 0, "held by service %s", s->label);
			break;
		}
		snprintf(id, sizeof(id), "%04x:%04x", d->vendor, d->device);
		dict_open(m);
		dict_text(m, "address", d->name);
		dict_text(m, "id", id);
		dict_text(m, "class", pci_class_name(d->class));
		dict_text(m, "driver", d->driver);
		if (d->group != PCI_GROUP_NONE)
			dict_u32(m, "iommu_group", (uint32_t)d->group);
		dict_text_if(m, "interface", d->ifname);
		snprintf(sys, sizeof(sys), "/sys/bus/pci/devices/%s", d->name);
		disk_names(sys, disks, sizeof(disks));
		dict_text_if(m, "disks", disks);
		if (v == DEVBIND_TAKEN)
			dict_text(m, "service", s->label);
		dict_text(m, "verdict", devbind_verdict_name(v));
		dict_text(m, "reason", why.text);
		dict_close(m);
	}
	return sd_bus_message_close_container(m);
}
