// SPDX-License-Identifier: GPL-2.0-only
/*
 * adopt.c - what runs already: after a restart of rsd, and after events were lost
 *
 * The module's tables are the truth.  A service is rebuilt from its slot, its instances,
 * the configuration and its state file; then the ordinary events bring it to where it
 * should be (missing standbys, a restart that nobody made, a stop that was half done).
 */
#include <fcntl.h>
#include <systemd/sd-event.h>

#include "effects.h"
#include "log.h"
#include "naming.h"
#include "state.h"
#include "update.h"

static enum instance_role role_of(const struct knl_instance *k)
{
	switch (k->state) {
	case RS_INST_ARMED:
	case RS_INST_ATTACHED:
		return INSTANCE_STARTING;
	case RS_INST_STANDBY:
		return INSTANCE_STANDBY;
	case RS_INST_BOUND:
		return INSTANCE_BOUND;
	default:
		return INSTANCE_DEAD;
	}
}

static const struct knl_instance *find(const struct knl_instance *list, size_t nr,
				       int32_t endpoint, uint32_t number)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (list[i].endpoint == endpoint && list[i].instance == number)
			return &list[i];
	return NULL;
}

/* The window is the address; without a device any free one will do. */
static unsigned int window_of(const struct service *s, const struct knl_instance *k)
{
	int w;

	if (k->pool_iova != RS_IOVA_NONE && k->pool_iova >= INSTANCE_WINDOW_BASE) {
		uint64_t n = (k->pool_iova - INSTANCE_WINDOW_BASE) / INSTANCE_WINDOW_SIZE;

		return n < INSTANCE_WINDOWS ? (unsigned int)n : 0;
	}
	w = service_free_window(s);
	return w < 0 ? 0 : (unsigned int)w;
}

static void adopt_instance(struct service *s, const struct knl_instance *k)
{
	struct knl_instance *now __cleanup_free = NULL;
	const struct knl_instance *same;
	struct instance *i;
	size_t nr = 0;

	if (role_of(k) == INSTANCE_DEAD || instance_adopt(k->pid, &i) < 0)
		return;
	/* the number may have become another process's before the descriptor was opened */
	if (knl_instances(s->manager->knl, s->endpoint, &now, &nr, NULL) < 0)
		nr = 0;
	same = find(now, nr, s->endpoint, k->instance);
	if (!same || same->pid != k->pid) {
		instance_free(i);
		return;
	}
	i->number = k->instance;
	i->role = role_of(same);
	i->parked = same->hold;
	i->iova = k->pool_iova;
	i->pool_size = k->pool_size;
	i->window = window_of(s, k);
	service_add(s, i);
	if (i->role == INSTANCE_DEAD || manager_watch(i) < 0)
		service_remove(s, i);
}

/* Gets the container back and unmaps the windows of those who died meanwhile. */
static void recall_device(struct service *s)
{
	int rsmod __cleanup_close = open("/dev/rsmod", O_RDWR | O_CLOEXEC);
	struct reason why = { "" };
	struct vfio v = VFIO_NONE;
	struct instance *i;
	unsigned int w, live = 0;

	if (rsmod < 0)
		return;
	if (vfio_recall(rsmod, s->endpoint, &v, &why) < 0) {
		log_service(LOG_ERR, s->label, 0, "%s", why.text);
		return;
	}
	s->vfio.container = steal_fd(&v.container);
	vfio_close(&v);
	for (i = s->instances; i; i = i->next)
		live |= 1U << i->window;
	for (w = 0; w < INSTANCE_WINDOWS; w++)
		if (!(live & (1U << w)))
			vfio_unmap(&s->vfio, instance_window_iova(w), INSTANCE_WINDOW_SIZE);
}

static int adopt_conf(struct service *s, uint32_t class)
{
	const struct conf_service *c = conf_find(&s->manager->conf, s->label);
	struct conf_service none = { .class = class, .nr_irqs = 1, .restart = true };

	if (!c) {
		log_service(LOG_WARNING, s->label, 0,
			    "it runs but is not configured any more; it can be taken down but not restarted");
		copy_text(none.label, sizeof(none.label), s->label);
		none.program = (char *)"/nonexistent";
		s->unconfigured = true;
		c = &none;
	}
	s->conf = conf_service_copy(c);
	if (!s->conf)
		return -ENOMEM;
	return s->program ? service_set_program(s, s->program) : 0;
}

/* Where in its life the slot shows the service to be, and what has to happen next. */
static void place(struct service *s, const struct knl_slot *slot)
{
	enum fsm_event event = FSM_EV_NONE;

	naming_label(s);
	if (slot->stopping) {
		s->state = FSM_LIVE;
		event = FSM_EV_DOWN;
	} else if (s->device[0] && !slot->device[0]) {
		/* rsd died while it took the device; the one who asked is gone, too */
		s->state = FSM_LIVE;
		event = FSM_EV_DOWN;
	} else if (slot->state == RS_SLOT_LIVE) {
		s->state = FSM_RECOVERING;
		event = FSM_EV_UP;
		/* the module's own failover is not told by anybody else */
		if (naming_up(s, RS_INIT_RESTART, slot->epoch))
			effects_save(s);
	} else if (service_living(s, NULL)) {
		s->state = FSM_RECOVERING;
	} else {
		s->state = FSM_RECOVERING;
		event = FSM_EV_DIED_COLD;
	}
	/* a front-end that was made and never configured */
	if (event == FSM_EV_UP)
		effects_apply_front(s);
	log_service(LOG_NOTICE, s->label, slot->instance, "adopted: slot %s, %u instances",
		    knl_slot_state_name(slot->state), service_living(s, NULL));
	manager_event(s, event);
}

static void adopt_slot(struct manager *m, const struct knl_slot *slot,
		       const struct knl_instance *list, size_t nr)
{
	struct service *s = service_new(m, slot->label);
	size_t i;

	/* rsd writes the state file before it makes a slot: without one it is another's */
	if (!s || state_load(s) < 0 || adopt_conf(s, slot->class) < 0) {
		service_free(s);
		return;
	}
	s->endpoint = slot->endpoint;
	if (slot->device[0])
		copy_text(s->device, sizeof(s->device), slot->device);
	for (i = 0; i < nr; i++)
		if (list[i].endpoint == slot->endpoint)
			adopt_instance(s, &list[i]);
	if (slot->device[0])
		recall_device(s);
	s->next = m->services;
	m->services = s;
	place(s, slot);
}

/* A device that was taken for a slot that does not exist. */
static void adopt_orphan(struct manager *m, const char *label)
{
	struct service *s = service_new(m, label);

	if (!s || state_load(s) < 0 || !s->device[0] || adopt_conf(s, RS_CLASS_NET) < 0) {
		service_free(s);
		state_remove(label);
		return;
	}
	log_service(LOG_NOTICE, label, 0, "giving %s back, which an earlier rsd had taken",
		    s->device);
	s->next = m->services;
	m->services = s;
	s->state = FSM_STOPPING;
	manager_event(s, FSM_EV_GONE);
}

static void adopt_new_slots(struct manager *m, const struct knl_slot *slots, size_t nr_slots,
			    const struct knl_instance *list, size_t nr)
{
	size_t i;

	for (i = 0; i < nr_slots; i++)
		if (slots[i].state != RS_SLOT_DEAD &&
		    !manager_find_endpoint(m, slots[i].endpoint) &&
		    !manager_find(m, slots[i].label))
			adopt_slot(m, &slots[i], list, nr);
}

/* One of ours, no newer than @last, that the module does not list among the living. */
static struct instance *find_lost(struct service *s, uint32_t last,
				  const struct knl_instance *list, size_t nr)
{
	const struct knl_instance *k;
	struct instance *i;

	for (i = s->instances; i; i = i->next) {
		if (i->role == INSTANCE_DEAD || i->number > last)
			continue;
		k = find(list, nr, s->endpoint, i->number);
		if (!k || role_of(k) == INSTANCE_DEAD)
			return i;
	}
	return NULL;
}

static void compare(struct service *s, const struct knl_slot *slot,
		    const struct knl_instance *list, size_t nr)
{
	struct manager *m = s->manager;
	const struct knl_instance *k;
	struct instance *i;
	uint32_t last = 0;

	for (i = s->instances; i; i = i->next) {
		if (i->number > last)
			last = i->number;
		k = find(list, nr, s->endpoint, i->number);
		if (i->role == INSTANCE_DEAD || !k || role_of(k) == INSTANCE_DEAD)
			continue;
		i->role = role_of(k);
		i->parked = k->hold;
		if (i->role != INSTANCE_STARTING)
			sd_event_source_disable_unref(steal_ptr(i->attach_timer));
	}
	while ((i = find_lost(s, last, list, nr))) {
		manager_died(s, i);
		if (!manager_find_endpoint(m, slot->endpoint))
			return;
	}
	if (slot->state == RS_SLOT_LIVE && naming_up(s, RS_INIT_RESTART, slot->epoch))
		effects_save(s);
	if (slot->state == RS_SLOT_LIVE && s->state != FSM_LIVE)
		manager_event(s, FSM_EV_UP);
}

void manager_resync(struct manager *m)
{
	struct knl_instance *list __cleanup_free = NULL;
	struct knl_slot *slots __cleanup_free = NULL;
	size_t nr_slots = 0, nr = 0, i;
	struct service *s, *next;

	if (knl_slots(m->knl, &slots, &nr_slots, NULL) < 0 ||
	    knl_instances(m->knl, 0, &list, &nr, NULL) < 0)
		return;
	for (s = m->services; s; s = next) {
		next = s->next;
		if (!s->endpoint)
			continue;
		for (i = 0; i < nr_slots; i++)
			if (slots[i].endpoint == s->endpoint)
				break;
		if (i < nr_slots) {
			compare(s, &slots[i], list, nr);
		} else {
			s->endpoint = 0;
			refuse(&s->failure, 0, "the slot is gone");
			manager_event(s, FSM_EV_LOST);
		}
	}
	adopt_new_slots(m, slots, nr_slots, list, nr);
	update_look(m);
}

void manager_adopt(struct manager *m)
{
	char **labels = NULL, **l;

	manager_resync(m);
	state_labels(&labels);
	for (l = labels; l && *l; l++)
		if (!manager_find(m, *l))
			adopt_orphan(m, *l);
	strv_free(labels);
	update_adopt(m);
}
