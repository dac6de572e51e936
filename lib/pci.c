// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The leased PCI device
 *
 * Everything goes through the instance file, so nothing here depends on how the
 * lease is made (VFIO or another).  The object is what the module said of the
 * device, plus the BARs that were mapped.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <rsdrv/pci.h>
#include <rsdrv/sef.h>

#define PCI_BARS	6

struct rsdrv_pci {
	int fd;				/* the instance's, not ours */
	struct rs_lease_info info;
	void *bar[PCI_BARS];		/* NULL = not mapped */
};

int rsdrv_pci_open(struct rsdrv *d, struct rsdrv_pci **ret)
{
	struct rsdrv_pci *pci = calloc(1, sizeof(*pci));
	int err;

	if (!pci)
		return -ENOMEM;
	pci->fd = rsdrv_fd(d);
	if (ioctl(pci->fd, RS_IOC_LEASE_INFO, &pci->info) < 0) {
		err = -errno;
		free(pci);
		return err;
	}
	*ret = pci;
	return 0;
}

void rsdrv_pci_close(struct rsdrv_pci *pci)
{
	unsigned int i;

	if (!pci)
		return;
	for (i = 0; i < PCI_BARS; i++)
		if (pci->bar[i])
			munmap(pci->bar[i], pci->info.region[i].size);
	free(pci);
}

const struct rs_lease_info *rsdrv_pci_info(const struct rsdrv_pci *pci)
{
	return &pci->info;
}

int rsdrv_pci_map(struct rsdrv_pci *pci, unsigned int bar, void **va, size_t *size)
{
	const struct rs_region *r;
	int prot = 0;
	void *p;

	if (bar >= PCI_BARS || !pci->info.region[bar].size)
		return -EINVAL;
	r = &pci->info.region[bar];
	if (!(r->flags & RS_REGION_MMAP) || (r->flags & RS_REGION_PORT))
		return -EOPNOTSUPP;

	if (!pci->bar[bar]) {
		if (r->flags & RS_REGION_READ)
			prot |= PROT_READ;
		if (r->flags & RS_REGION_WRITE)
			prot |= PROT_WRITE;
		p = mmap(NULL, r->size, prot, MAP_SHARED, pci->fd, (off_t)r->mmap_offset);
		if (p == MAP_FAILED)
			return -errno;
		pci->bar[bar] = p;
	}
	*va = pci->bar[bar];
	if (size)
		*size = r->size;
	return 0;
}

int rsdrv_pci_config_read(struct rsdrv_pci *pci, uint32_t offset, uint32_t size, uint32_t *value)
{
	struct rs_config c = { .offset = offset, .size = size };

	if (ioctl(pci->fd, RS_IOC_CONFIG, &c) < 0)
		return -errno;
	*value = c.value;
	return 0;
}

int rsdrv_pci_config_write(struct rsdrv_pci *pci, uint32_t offset, uint32_t size, uint32_t value)
{
	struct rs_config c = {
		.offset = offset, .size = size, .flags = RS_CONFIG_WRITE, .value = value,
	};

	return ioctl(pci->fd, RS_IOC_CONFIG, &c) < 0 ? -errno : 0;
}

static int pci_device_op(struct rsdrv_pci *pci, enum rs_device_op op)
{
	return ioctl(pci->fd, RS_IOC_DEVICE, (unsigned long)op) < 0 ? -errno : 0;
}

int rsdrv_pci_set_master(struct rsdrv_pci *pci, bool on)
{
	return pci_device_op(pci, on ? RS_DEVICE_MASTER_ON : RS_DEVICE_MASTER_OFF);
}

int rsdrv_pci_reset(struct rsdrv_pci *pci)
{
	return pci_device_op(pci, RS_DEVICE_RESET);
}
