/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * devbind.h - which device a service gets, whether it may, and moving it between drivers
 */
#ifndef RSD_DEVBIND_H
#define RSD_DEVBIND_H

#include "conf.h"
#include "pci.h"

enum devbind_verdict {
	DEVBIND_USABLE,
	DEVBIND_TAKEN,		/* a service of ours has it */
	DEVBIND_BRIDGE,
	DEVBIND_NO_IOMMU,
	DEVBIND_SHARED,		/* other devices in its group */
	DEVBIND_DEFAULT_ROUTE,	/* needs force */
	DEVBIND_DISK_IN_USE,	/* needs force */
	DEVBIND_NO_REMAPPING,
	DEVBIND_FOREIGN,	/* bound to vfio-pci, by somebody else */
};

/**
 * devbind_judge() - may this device be taken from its kernel driver?
 * @d: the device
 * @why: one sentence: why not, or what to mind
 */
enum devbind_verdict devbind_judge(const struct pci_device *d, struct reason *why);

/* "usable", "shared-group", ...: for JSON. */
const char *devbind_verdict_name(enum devbind_verdict v);

/**
 * devbind_find() - the device that a service's configuration means
 * @conf: the service
 * @ret: the device
 *
 * Errors: -ENODEV none; -ENOTUNIQ several match, which are listed.
 */
int devbind_find(const struct conf_service *conf, struct pci_device *ret, struct reason *why);

/* Takes a device from its kernel driver and binds it to vfio-pci. */
int devbind_take(const struct pci_device *d, struct reason *why);

/**
 * devbind_give_back() - unbind from vfio-pci and let the kernel's driver have it
 * @name: device
 * @driver: kernel driver that had it, or empty: whatever matches
 *
 * vfio-pci lets go only when nobody has the device open.
 */
int devbind_give_back(const char *name, const char *driver, struct reason *why);

/* Loads a module unless it is there; failure shows in what follows. */
void devbind_load_module(const char *module);

#endif /* RSD_DEVBIND_H */
