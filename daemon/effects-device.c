// SPDX-License-Identifier: GPL-2.0-only
/*
 * effects-device.c - a slot, its device and its interface: taken, lent, given back
 */
#include <fcntl.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>

#include "devbind.h"
#include "effects.h"
#include "helper.h"
#include "log.h"
#include "naming.h"

static enum rs_effects reach(const struct conf_service *c)
{
	if (conf_given(c, CONF_KEY_EFFECTS))
		return c->effects;
	return conf_wants_device(c) ? RS_EFFECTS_DEVICE : RS_EFFECTS_SLOT;
}

static void make_policy(const struct service *s, struct knl_policy *p)
{
	static const struct {
		enum conf_key key;
		uint32_t set;
	} map[] = {
		{ CONF_KEY_DEADLINE, KNL_SET_DEADLINE },
		{ CONF_KEY_GATE_TIMEOUT, KNL_SET_GATE_TIMEOUT },
		{ CONF_KEY_INIT_TIMEOUT, KNL_SET_INIT_TIMEOUT },
		{ CONF_KEY_POISON, KNL_SET_POISON },
		{ CONF_KEY_VIOLATIONS, KNL_SET_VIOLATIONS },
		{ CONF_KEY_BUDGET, KNL_SET_BUDGET },
		{ CONF_KEY_MAC, KNL_SET_MAC },
		{ CONF_KEY_DEPTH, KNL_SET_DEPTH },
		{ CONF_KEY_QUEUES, KNL_SET_QUEUES },
	};
	const struct conf_service *c = s->conf;
	size_t i;

	*p = (struct knl_policy) {
		.deadline_ms = c->deadline_ms,
		.gate_timeout_ms = c->gate_timeout_ms,
		.init_timeout_ms = c->init_timeout_ms,
		.poison = c->poison,
		.violations = c->violations,
		.budget = c->budget,
		.budget_window_ms = c->budget_window_ms,
		.depth = c->depth,
		.queues = c->queues,
	};
	memcpy(p->mac, c->mac, sizeof(p->mac));
	for (i = 0; i < ARRAY_SIZE(map); i++)
		if (conf_given(c, map[i].key))
			p->set |= map[i].set;
	/* an address that was set by hand on the kernel's interface is kept */
	if (!(p->set & KNL_SET_MAC) && netcfg_recorded(&s->netcfg)) {
		memcpy(p->mac, s->netcfg.link.mac, sizeof(p->mac));
		p->set |= KNL_SET_MAC;
	}
}

static int make_slot(struct service *s)
{
	const struct conf_service *c = s->conf;
	const char *ifname = NULL;
	struct knl_policy policy;
	int r;

	if (c->class == RS_CLASS_NET) {
		if (conf_given(c, CONF_KEY_INTERFACE))
			ifname = c->interface;
		else if (netcfg_recorded(&s->netcfg))
			ifname = s->netcfg.link.name;
	}
	make_policy(s, &policy);
	r = knl_slot_new(s->manager->knl, s->label, c->class, reach(c), ifname, &policy,
			 &s->endpoint, &s->failure);
	if (r == 0)
		naming_label(s);
	return r;
}

/*
 * One job on a device at a time, also if rsd was killed in the middle of one: its helper
 * finishes what it began before the next rsd's undoes it.  The lock ends with the helper.
 */
static int lock_device(const char *device, struct reason *why)
{
	char path[64];
	int fd, r;

	r = format(path, sizeof(path), "/run/rsd/%s.lock", device);
	if (r < 0)
		return r;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		return refuse(why, -errno, "%s: %s", path, strerror(errno));
	return 0;
}

static int job_take(void *arg, struct reason *why)
{
	struct service *s = arg;
	struct pci_device d;
	int r;

	r = lock_device(s->device, why);
	if (r < 0)
		return r;
	r = pci_read(s->device, &d);
	if (r < 0)
		return refuse(why, r, "device %s is gone", s->device);
	devbind_load_module("rsmod_vfio");
	return devbind_take(&d, why);
}

static void on_taken(void *owner, int result, const struct reason *why)
{
	struct service *s = owner;

	s->helper = NULL;
	if (result < 0) {
		s->error = result;
		s->failure = *why;
	}
	manager_event(s, result < 0 ? FSM_EV_FAILED : FSM_EV_TAKEN);
}

enum fsm_event effects_take(struct service *s)
{
	char text[128], uppers[64];
	int r;

	/* before anything changes: what an rsd that dies now leaves to the next */
	effects_save(s);
	r = make_slot(s);
	if (r < 0) {
		s->device[0] = '\0';
		goto err_failed;
	}
	if (!s->device[0])
		return FSM_EV_TAKEN;
	snprintf(text, sizeof(text), "taking %s%s%s", s->device, s->kernel_driver[0] ? " from " : "",
		 s->kernel_driver);
	manager_progress(s, text);
	if (s->kernel_ifname[0]) {
		netcfg_uppers(s->kernel_ifname, uppers, sizeof(uppers));
		if (uppers[0])
			log_service(LOG_WARNING, s->label, 0,
				    "interfaces on top of %s go with it and have to be made again: %s",
				    s->kernel_ifname, uppers);
	}
	r = helper_run(s->manager->loop, job_take, s, on_taken, s, &s->helper);
	if (r == 0)
		return FSM_EV_NONE;
	refuse(&s->failure, r, "starting a helper: %s", strerror(-r));
err_failed:
	s->error = r;
	return FSM_EV_FAILED;
}

enum fsm_event effects_lease(struct service *s)
{
	struct vfio v = VFIO_NONE;
	int irqs[RS_IRQS_MAX];
	unsigned int nr = s->conf->nr_irqs, i;
	struct pci_device d;
	int rsmod, r;

	if (!s->device[0])
		return FSM_EV_NONE;
	r = pci_read(s->device, &d);
	if (r < 0) {
		refuse(&s->failure, r, "device %s is gone", s->device);
		goto err_failed;
	}
	r = vfio_open(s->device, d.group, &v, &s->failure);
	if (r < 0)
		goto err_failed;
	r = vfio_set_irqs(&v, s->conf->irq == CONF_IRQ_MSIX, nr, irqs, &s->failure);
	if (r < 0)
		goto err_close;
	rsmod = open("/dev/rsmod", O_RDWR | O_CLOEXEC);
	if (rsmod < 0) {
		r = refuse(&s->failure, -errno, "/dev/rsmod cannot be opened: %s", strerror(errno));
	} else {
		r = vfio_lend(&v, rsmod, s->endpoint, s->device, irqs, nr, &s->failure);
		close(rsmod);
	}
	for (i = 0; i < nr; i++)
		close(irqs[i]);
	if (r < 0)
		goto err_close;
	/* the slot holds them; the container is still needed for DMA */
	s->vfio.container = steal_fd(&v.container);
	vfio_close(&v);
	manager_progress(s, "starting the driver");
	return FSM_EV_NONE;

err_close:
	vfio_close(&v);
err_failed:
	s->error = r;
	return FSM_EV_FAILED;
}

static unsigned int our_ifindex(struct service *s)
{
	struct knl_slot slot;

	if (s->conf->class != RS_CLASS_NET || !s->endpoint ||
	    knl_slot_get(s->manager->knl, s->endpoint, &slot, NULL) < 0)
		return 0;
	return slot.ifindex;
}

void effects_apply_front(struct service *s)
{
	struct reason why = { "" };
	unsigned int ifindex;

	if (!netcfg_recorded(&s->netcfg) || s->netcfg_applied)
		return;
	ifindex = our_ifindex(s);
	if (!ifindex)
		return;
	if (netcfg_apply(&s->netcfg, ifindex, 0, &why) < 0)
		log_service(LOG_WARNING, s->label, 0, "%s", why.text);
	s->netcfg_applied = true;
	effects_save(s);
}

void effects_record_front(struct service *s)
{
	struct reason why = { "" };
	unsigned int ifindex;
	char ifname[IFNAMSIZ];

	/* before it was applied, what is remembered is still what the kernel's had */
	if (!s->netcfg_applied || !s->kernel_ifname[0])
		return;
	ifindex = our_ifindex(s);
	if (!ifindex || !if_indextoname(ifindex, ifname))
		return;
	if (netcfg_record(&s->netcfg, ifname, &why) < 0)
		log_service(LOG_WARNING, s->label, 0, "%s", why.text);
	effects_save(s);
}

/* Waits until udev has named the interface, so that it does not rename it after us. */
static void settle(void)
{
	char *const argv[] = { (char *)"udevadm", (char *)"settle", (char *)"--timeout=5", NULL };
	int status;
	pid_t pid;

	if (access("/run/udev/control", F_OK) == 0 &&
	    posix_spawnp(&pid, "udevadm", NULL, NULL, argv, environ) == 0)
		waitpid(pid, &status, 0);
}

static int restore_interface(struct service *s, struct reason *why)
{
	struct rtnl_link down = { .set = RTNL_LINK_FLAGS };
	struct pci_device d;
	int r;

	settle();
	r = pci_read(s->device, &d);
	if (r < 0 || !d.ifname[0])
		return refuse(why, r < 0 ? r : -ENODEV, "%s made no interface for %s",
			      s->kernel_driver, s->device);
	copy_text(s->netcfg.link.name, sizeof(s->netcfg.link.name), s->kernel_ifname);
	if (conf_given(s->conf, CONF_KEY_MAC))
		memcpy(s->netcfg.link.mac, s->kernel_mac, sizeof(s->kernel_mac));
	/* names change only while it is down, and so do the addresses of some devices */
	down.ifindex = if_nametoindex(d.ifname);
	rtnl_link_set(&down);
	return netcfg_apply(&s->netcfg, down.ifindex, RTNL_LINK_NAME | RTNL_LINK_MAC, why);
}

static int job_return(void *arg, struct reason *why)
{
	struct service *s = arg;
	int r;

	r = lock_device(s->device, why);
	if (r < 0)
		return r;
	r = devbind_give_back(s->device, s->kernel_driver, why);
	if (r < 0 || !netcfg_recorded(&s->netcfg) || !s->kernel_ifname[0])
		return r;
	return restore_interface(s, why);
}

static void on_returned(void *owner, int result, const struct reason *why)
{
	struct service *s = owner;

	s->helper = NULL;
	if (result < 0) {
		log_service(LOG_ERR, s->label, 0, "giving %s back: %s", s->device, why->text);
		/* why it failed in the first place is the more useful answer */
		if (s->error == 0) {
			s->error = result;
			s->failure = *why;
		}
	}
	manager_event(s, FSM_EV_RETURNED);
}

enum fsm_event effects_return(struct service *s)
{
	char text[128];
	int r;

	sd_event_source_disable_unref(steal_ptr(s->timer));
	if (s->endpoint) {
		r = knl_slot_del(s->manager->knl, s->endpoint, &s->failure);
		if (r < 0 && r != -RS_EDEADSRCDST)
			log_service(LOG_ERR, s->label, 0, "%s", s->failure.text);
		s->endpoint = 0;
	}
	naming_down(s);
	while (s->instances)
		manager_orphan(s, s->instances);
	vfio_close(&s->vfio);
	if (!s->device[0])
		return FSM_EV_RETURNED;
	snprintf(text, sizeof(text), "giving %s back to %s", s->device,
		 s->kernel_driver[0] ? s->kernel_driver : "the kernel");
	manager_progress(s, text);
	r = helper_run(s->manager->loop, job_return, s, on_returned, s, &s->helper);
	if (r == 0)
		return FSM_EV_NONE;
	log_service(LOG_ERR, s->label, 0, "starting a helper: %s", strerror(-r));
	return FSM_EV_RETURNED;
}
