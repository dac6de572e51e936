// SPDX-License-Identifier: GPL-2.0-only
/*
 * devbind.c - matching, judging, and sysfs's bind and unbind files
 */
#include <spawn.h>
#include <sys/wait.h>

#include "devbind.h"
#include "disk.h"
#include "netcfg.h"

#define DEVICES	"/sys/bus/pci/devices"
#define DRIVERS	"/sys/bus/pci/drivers"
#define UNSAFE_INTERRUPTS "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"

void devbind_load_module(const char *module)
{
	char *const argv[] = { (char *)"modprobe", (char *)"-q", (char *)(uintptr_t)module, NULL };
	char path[128];
	pid_t pid;
	int status;

	if (format(path, sizeof(path), "/sys/module/%s", module) < 0 || access(path, F_OK) == 0)
		return;
	if (posix_spawnp(&pid, "modprobe", NULL, NULL, argv, environ) == 0)
		waitpid(pid, &status, 0);
}

/*
 * With allow_unsafe_interrupts VFIO does not refuse a platform without interrupt
 * remapping any more, so nobody would.
 */
static bool interrupts_unsafe(void)
{
	char buf[8];

	return read_line(buf, sizeof(buf), UNSAFE_INTERRUPTS) > 0 && buf[0] == 'Y';
}

/* Taking it would pull a disk out from under somebody. */
static bool carries_used_disk(const struct pci_device *d, struct reason *why)
{
	char dir[sizeof(DEVICES) + sizeof(d->name) + 1];

	snprintf(dir, sizeof(dir), DEVICES "/%s", d->name);
	return disk_check_free(dir, why) < 0;
}

enum devbind_verdict devbind_judge(const struct pci_device *d, struct reason *why)
{
	char others[256];

	if (d->bridge) {
		refuse(why, 0, "%s is a bridge", d->name);
		return DEVBIND_BRIDGE;
	}
	if (d->group == PCI_GROUP_NONE) {
		refuse(why, 0, "%s is not behind an IOMMU: %s", d->name, pci_have_iommu() ?
		       "the platform's IOMMU leaves it out" :
		       "switch VT-d or AMD-Vi on in the firmware and boot with intel_iommu=on (or amd_iommu=on)");
		return DEVBIND_NO_IOMMU;
	}
	pci_group_others(d, others, sizeof(others));
	if (others[0]) {
		refuse(why, 0,
		       "%s shares IOMMU group %d with %s, which would be within its reach; put it into another slot, or let the firmware use ACS",
		       d->name, d->group, others);
		return DEVBIND_SHARED;
	}
	if (interrupts_unsafe()) {
		refuse(why, 0,
		       "vfio_iommu_type1 runs with allow_unsafe_interrupts, so a device could forge interrupts; unload it or set the parameter to N");
		return DEVBIND_NO_REMAPPING;
	}
	if (d->ifname[0] && netcfg_carries_default(d->ifname)) {
		refuse(why, 0,
		       "%s carries the default route over %s; say --force if this machine may lose its network for a moment",
		       d->name, d->ifname);
		return DEVBIND_DEFAULT_ROUTE;
	}
	if (carries_used_disk(d, why))
		return DEVBIND_DISK_IN_USE;
	if (streq(d->driver, "vfio-pci")) {
		refuse(why, 0,
		       "%s is bound to vfio-pci already; it can be taken unless another program has it open",
		       d->name);
		return DEVBIND_FOREIGN;
	}
	refuse(why, 0, "ready to be taken%s%s", d->driver[0] ? " from " : "", d->driver);
	return DEVBIND_USABLE;
}

const char *devbind_verdict_name(enum devbind_verdict v)
{
	static const char *const names[] = {
		[DEVBIND_USABLE]	= "usable",
		[DEVBIND_TAKEN]		= "taken",
		[DEVBIND_BRIDGE]	= "bridge",
		[DEVBIND_NO_IOMMU]	= "no-iommu",
		[DEVBIND_SHARED]	= "shared-group",
		[DEVBIND_DEFAULT_ROUTE]	= "default-route",
		[DEVBIND_DISK_IN_USE]	= "disk-in-use",
		[DEVBIND_NO_REMAPPING]	= "no-interrupt-remapping",
		[DEVBIND_FOREIGN]	= "bound-to-vfio",
	};

	return names[v];
}

static bool matches(const struct conf_service *conf, const struct pci_device *d)
{
	unsigned int i;

	for (i = 0; i < conf->nr_pci; i++)
		if (conf->pci[i].vendor == d->vendor && conf->pci[i].device == d->device)
			return true;
	return conf->pci_class_mask && (d->class & conf->pci_class_mask) == conf->pci_class;
}

/* What a service is for, as its configuration says it. */
static void wanted(const struct conf_service *conf, char *buf, size_t size)
{
	if (conf->pci_class_mask)
		snprintf(buf, size, "%s", pci_class_name(conf->pci_class));
	else
		snprintf(buf, size, "%04x:%04x%s", conf->pci[0].vendor, conf->pci[0].device,
			 conf->nr_pci > 1 ? " and others" : "");
}

int devbind_find(const struct conf_service *conf, struct pci_device *ret, struct reason *why)
{
	struct pci_device *list __cleanup_free = NULL;
	size_t nr = 0, i, found = 0, len = 0;
	char names[256] = "", what[80];
	int r;

	if (conf->device[0]) {
		r = pci_read(conf->device, ret);
		if (r < 0)
			return refuse(why, r,
				      "there is no PCI device %s; rsctl devices lists what there is",
				      conf->device);
		if (conf_looks_for_device(conf) && !matches(conf, ret))
			return refuse(why, -ENODEV,
				      "%s is %04x:%04x, which %s's pci does not name",
				      ret->name, ret->vendor, ret->device, conf->label);
		return 0;
	}
	r = pci_list(&list, &nr);
	if (r < 0)
		return refuse(why, r, "listing the PCI devices: %s", strerror(-r));
	for (i = 0; i < nr; i++) {
		if (!matches(conf, &list[i]))
			continue;
		if (found++ == 0)
			*ret = list[i];
		if (len < sizeof(names))
			len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
						found > 1 ? ", " : "", list[i].name);
	}
	wanted(conf, what, sizeof(what));
	if (found == 0)
		return refuse(why, -ENODEV,
			      "this machine has no device that %s is for (%s); rsctl devices lists what there is",
			      conf->label, what);
	if (found > 1)
		return refuse(why, -ENOTUNIQ,
			      "%zu devices match %s: %s; choose one with device in /etc/rs/system.conf, as in: service %s { device %s; };",
			      found,
			      conf->label, names, conf->label, ret->name);
	return 0;
}

static int write_device(const char *name, const char *attr, const char *text)
{
	char path[128];
	int r = format(path, sizeof(path), DEVICES "/%s/%s", name, attr);

	return r < 0 ? r : write_text(path, text);
}

static int unbind(const char *name)
{
	int r = write_device(name, "driver/unbind", name);

	return r == -ENOENT ? 0 : r;
}

int devbind_take(const struct pci_device *d, struct reason *why)
{
	struct pci_device now;
	int r;

	devbind_load_module("vfio_pci");
	devbind_load_module("vfio_iommu_type1");
	if (access(DRIVERS "/vfio-pci", F_OK) < 0)
		return refuse(why, -ENOENT,
			      "this kernel has no vfio-pci driver; install the kernel's modules, or build it with CONFIG_VFIO_PCI");
	if (streq(d->driver, "vfio-pci"))
		return 0;
	r = write_device(d->name, "driver_override", "vfio-pci");
	if (r < 0)
		return refuse(why, r, "%s: setting driver_override: %s", d->name, strerror(-r));
	r = unbind(d->name);
	if (r < 0) {
		refuse(why, r, "%s: unbinding from %s: %s", d->name, d->driver, strerror(-r));
		goto err_override;
	}
	r = write_text("/sys/bus/pci/drivers_probe", d->name);
	if (r == 0 && pci_read(d->name, &now) == 0 && streq(now.driver, "vfio-pci"))
		return 0;
	if (r == 0)
		r = -EIO;
	refuse(why, r, "%s: vfio-pci did not take the device; dmesg says why", d->name);
	devbind_give_back(d->name, d->driver, NULL);
	return r;

err_override:
	write_device(d->name, "driver_override", "");
	return r;
}

/*
 * What is left of a driver that did not end by itself must be gone before the kernel's driver lets
 * the device onto the bus again, or the device goes on in memory that is nobody's.  VFIO asks for a
 * function reset when its last file is closed; some devices only pretend to have one (QEMU's
 * 82574L).  A reset of its bus, where it is alone on one, cannot be ignored.
 */
static void reset_bus(const char *name)
{
	char path[128], methods[128], *m, *save;

	if (format(path, sizeof(path), DEVICES "/%s/reset_method", name) < 0 ||
	    read_line(methods, sizeof(methods), path) < 0)
		return;
	for (m = strtok_r(methods, " ", &save); m; m = strtok_r(NULL, " ", &save))
		if (streq(m, "bus"))
			break;
	if (!m || write_device(name, "reset_method", "bus") < 0)
		return;
	write_device(name, "reset", "1");
	write_device(name, "reset_method", "default");
}

int devbind_give_back(const char *name, const char *driver, struct reason *why)
{
	struct pci_device now;
	char path[128];
	int r;

	/* unplugged: nothing to give */
	if (pci_read(name, &now) < 0)
		return 0;
	write_device(name, "driver_override", "");
	if (now.driver[0] && !streq(now.driver, "vfio-pci"))
		return 0;
	r = unbind(name);
	if (r < 0)
		return refuse(why, r, "%s: unbinding from vfio-pci: %s", name, strerror(-r));
	reset_bus(name);
	if (driver[0] && !streq(driver, "vfio-pci")) {
		r = format(path, sizeof(path), DRIVERS "/%s/bind", driver);
		if (r == 0)
			r = write_text(path, name);
	} else {
		r = write_text("/sys/bus/pci/drivers_probe", name);
	}
	if (r < 0)
		return refuse(why, r, "%s: binding to %s: %s", name, driver[0] ? driver : "its driver",
			      strerror(-r));
	if (driver[0] && (pci_read(name, &now) < 0 || !now.driver[0]))
		return refuse(why, -EIO, "%s: %s did not take the device back", name, driver);
	return 0;
}
