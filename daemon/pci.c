// SPDX-License-Identifier: GPL-2.0-only
/*
 * pci.c - reading /sys/bus/pci/devices
 */
#include <dirent.h>

#include "pci.h"

#define DEVICES	"/sys/bus/pci/devices"

static int read_hex(const char *name, const char *attr, uint32_t *ret)
{
	char path[128], buf[32];
	ssize_t n;
	int r;

	r = format(path, sizeof(path), DEVICES "/%s/%s", name, attr);
	if (r < 0)
		return r;
	n = read_line(buf, sizeof(buf), path);
	if (n < 0)
		return (int)n;
	*ret = (uint32_t)strtoul(buf, NULL, 16);
	return 0;
}

static int skip_dots(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static void read_ifname(struct pci_device *d)
{
	struct dirent **names;
	char path[128];
	int n, i;

	if (format(path, sizeof(path), DEVICES "/%s/net", d->name) < 0)
		return;
	n = scandir(path, &names, skip_dots, alphasort);
	if (n < 0)
		return;
	for (i = 0; i < n; i++) {
		if (i == 0)
			copy_text(d->ifname, sizeof(d->ifname), names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

int pci_read(const char *name, struct pci_device *ret)
{
	struct pci_device d = { .group = PCI_GROUP_NONE };
	char path[128], link[64];
	uint32_t v;
	int r;

	r = format(d.name, sizeof(d.name), "%s", name);
	if (r < 0)
		return -ENODEV;
	if (read_hex(name, "vendor", &v) < 0)
		return -ENODEV;
	d.vendor = (uint16_t)v;
	if (read_hex(name, "device", &v) == 0)
		d.device = (uint16_t)v;
	read_hex(name, "class", &d.class);
	d.bridge = (d.class >> 16) == 0x06;
	if (format(path, sizeof(path), DEVICES "/%s/driver", name) == 0)
		read_link_name(d.driver, sizeof(d.driver), path);
	if (format(path, sizeof(path), DEVICES "/%s/iommu_group", name) == 0 &&
	    read_link_name(link, sizeof(link), path) == 0)
		d.group = atoi(link);
	read_ifname(&d);
	*ret = d;
	return 0;
}

int pci_list(struct pci_device **ret, size_t *ret_nr)
{
	struct pci_device *list;
	struct dirent **names;
	size_t nr = 0;
	int n, i;

	n = scandir(DEVICES, &names, skip_dots, alphasort);
	if (n < 0) {
		/* a machine without PCI has an empty list */
		*ret = NULL;
		*ret_nr = 0;
		return errno == ENOENT ? 0 : -errno;
	}
	list = calloc((size_t)n + 1, sizeof(*list));
	for (i = 0; i < n; i++) {
		if (list && pci_read(names[i]->d_name, &list[nr]) == 0)
			nr++;
		free(names[i]);
	}
	free(names);
	if (!list)
		return -ENOMEM;
	*ret = list;
	*ret_nr = nr;
	return 0;
}

void pci_group_others(const struct pci_device *d, char *buf, size_t size)
{
	struct dirent **names;
	char path[128];
	size_t len = 0;
	int n, i;

	buf[0] = '\0';
	if (d->group == PCI_GROUP_NONE ||
	    format(path, sizeof(path), "/sys/kernel/iommu_groups/%d/devices", d->group) < 0)
		return;
	n = scandir(path, &names, skip_dots, alphasort);
	if (n < 0)
		return;
	for (i = 0; i < n; i++) {
		struct pci_device o;

		if (!streq(names[i]->d_name, d->name) && len < size &&
		    (pci_read(names[i]->d_name, &o) < 0 || !o.bridge))
			len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? " " : "",
						names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

const char *pci_class_name(uint32_t class)
{
	static const struct {
		uint32_t class;
		const char *name;
	} names[] = {
		{ 0x0100, "SCSI controller" }, { 0x0101, "IDE controller" },
		{ 0x0106, "SATA controller" }, { 0x0108, "NVMe controller" },
		{ 0x0180, "storage controller" }, { 0x0200, "Ethernet controller" },
		{ 0x0280, "network controller" }, { 0x0300, "VGA controller" },
		{ 0x0380, "display controller" }, { 0x0401, "audio device" },
		{ 0x0403, "audio device" }, { 0x0500, "memory controller" },
		{ 0x0580, "memory controller" }, { 0x0600, "host bridge" },
		{ 0x0601, "ISA bridge" }, { 0x0604, "PCI bridge" }, { 0x0700, "serial controller" },
		{ 0x0c03, "USB controller" }, { 0x0c05, "SMBus" },
		{ 0x00ff, "unclassified device" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].class == class >> 8)
			return names[i].name;
	return "other device";
}

bool pci_have_iommu(void)
{
	struct dirent **names;
	int n, i;

	n = scandir("/sys/kernel/iommu_groups", &names, skip_dots, alphasort);
	if (n < 0)
		return false;
	for (i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return n > 0;
}
