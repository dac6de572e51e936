/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pci.h - PCI devices as sysfs shows them
 */
#ifndef RSD_PCI_H
#define RSD_PCI_H

#include <net/if.h>

#include "base.h"

#define PCI_NAME_MAX	16
#define PCI_GROUP_NONE	(-1)

/**
 * struct pci_device - what there is to know before touching it
 * @name: "0000:01:00.0"
 * @vendor: vendor
 * @device: device
 * @class: class code, 24 bits
 * @driver: kernel driver it is bound to, or empty
 * @group: number of its IOMMU group, or PCI_GROUP_NONE
 * @bridge: a bridge; never a driver's device
 * @ifname: network interface its kernel driver made, or empty
 */
struct pci_device {
	char name[PCI_NAME_MAX];
	uint16_t vendor;
	uint16_t device;
	uint32_t class;
	char driver[64];
	int group;
	bool bridge;
	char ifname[IFNAMSIZ];
};

/* Reads one device.  -ENODEV if there is none of that name. */
int pci_read(const char *name, struct pci_device *ret);

/* Every device, sorted by name; *ret is the caller's to free(). */
int pci_list(struct pci_device **ret, size_t *ret_nr);

/* Names of the other devices of a group, bridges left out, separated by blanks. */
void pci_group_others(const struct pci_device *d, char *buf, size_t size);

/* "Ethernet controller", and so on; never NULL. */
const char *pci_class_name(uint32_t class);

/* Whether the machine has an IOMMU that is switched on. */
bool pci_have_iommu(void);

#endif /* RSD_PCI_H */
