// SPDX-License-Identifier: GPL-2.0-only
/*
 * A PCI device for a slot: what rsd does with one, without its questions
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/rs_channel.h>
#include <linux/vfio.h>

#include "rspci.h"

static int fail(const char *what)
{
	int r = -errno;

	fprintf(stderr, "rspci: %s: %s\n", what, strerror(-r));
	return r;
}

static int sysfs_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int r = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		r = -errno;
	close(fd);
	return r;
}

/* The last component of a link in the device's folder, or an empty string. */
static void device_link(const struct rspci *p, const char *link, char *ret, size_t size)
{
	char path[64], target[256];
	const char *slash;
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", p->name, link);
	n = readlink(path, target, sizeof(target) - 1);
	*ret = 0;
	if (n < 0)
		return;
	target[n] = 0;
	slash = strrchr(target, '/');
	slash = slash ? slash + 1 : target;
	if (strlen(slash) < size)
		strcpy(ret, slash);
}

/* What rsd does, too: some devices only pretend to have a function reset. */
static void device_reset(const struct rspci *p)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset_method", p->name);
	if (sysfs_write(path, "bus"))
		return;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset", p->name);
	sysfs_write(path, "1");
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset_method", p->name);
	sysfs_write(path, "default");
}

/* Bind to @driver, or to whatever matches if that is empty. */
static int device_bind(const struct rspci *p, const char *driver)
{
	char path[80];
	int r;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override", p->name);
	if (sysfs_write(path, *driver ? driver : "\n"))
		return fail(path);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver/unbind", p->name);
	r = sysfs_write(path, p->name);
	if (r && r != -ENOENT)
		return fail(path);
	if (!*driver)
		device_reset(p);
	if (sysfs_write("/sys/bus/pci/drivers_probe", p->name))
		return fail("/sys/bus/pci/drivers_probe");
	return 0;
}

static int vfio_open(struct rspci *p)
{
	char group[32], path[64];

	device_link(p, "iommu_group", group, sizeof(group));
	if (!*group) {
		errno = ENODEV;
		return fail("the device has no IOMMU group");
	}
	snprintf(path, sizeof(path), "/dev/vfio/%s", group);
	p->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (p->container < 0)
		return fail("/dev/vfio/vfio");
	p->group = open(path, O_RDWR | O_CLOEXEC);
	if (p->group < 0)
		return fail(path);
	if (ioctl(p->group, VFIO_GROUP_SET_CONTAINER, &p->container) ||
	    ioctl(p->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return fail("VFIO_SET_IOMMU");
	p->device = ioctl(p->group, VFIO_GROUP_GET_DEVICE_FD, p->name);
	if (p->device < 0)
		return fail("VFIO_GROUP_GET_DEVICE_FD");
	return 0;
}

int rspci_open(struct rspci *p, const char *name)
{
	int r;

	memset(p, 0, sizeof(*p));
	p->container = -1;
	p->group = -1;
	p->device = -1;
	snprintf(p->name, sizeof(p->name), "%s", name);
	device_link(p, "driver", p->driver, sizeof(p->driver));
	r = device_bind(p, "vfio-pci");
	if (!r)
		r = vfio_open(p);
	if (r)
		rspci_close(p);
	return r;
}

int rspci_lend(struct rspci *p, int rsmod, int32_t endpoint, int msix, unsigned int nr)
{
	struct {
		struct vfio_irq_set set;
		int32_t fd[RSPCI_VECTORS];
	} irq = {
		.set = {
			.argsz = sizeof(irq),
			.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
			.index = msix ? VFIO_PCI_MSIX_IRQ_INDEX : VFIO_PCI_MSI_IRQ_INDEX,
			.count = nr,
		},
	};
	struct rs_lease_vfio lease = {
		.endpoint = endpoint,
		.container_fd = p->container,
		.group_fd = p->group,
		.device_fd = p->device,
		.nr_irqs = nr,
		.irq_fds = (uintptr_t)irq.fd,
	};
	unsigned int i;
	int r = 0;

	memcpy(lease.name, p->name, sizeof(lease.name));
	for (i = 0; i < nr; i++) {
		irq.fd[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (irq.fd[i] < 0) {
			r = fail("eventfd");
			goto out_close;
		}
	}
	if (ioctl(p->device, VFIO_DEVICE_SET_IRQS, &irq))
		r = fail("VFIO_DEVICE_SET_IRQS");
	else if (ioctl(rsmod, RS_IOC_LEASE_ADD, &lease))
		r = fail("RS_IOC_LEASE_ADD");
out_close:
	while (i--)
		close(irq.fd[i]);
	return r;
}

int rspci_map_pool(struct rspci *p, int instance, uint64_t iova, uint64_t size)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.iova = iova,
		.size = size,
	};
	void *va;
	int r = 0;

	va = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, instance,
		  (off_t)RS_MMAP_OFFSET(RS_MMAP_POOL, 0));
	if (va == MAP_FAILED)
		return fail("mapping the pool");
	map.vaddr = (uintptr_t)va;
	if (ioctl(p->container, VFIO_IOMMU_MAP_DMA, &map))
		r = fail("VFIO_IOMMU_MAP_DMA");
	munmap(va, size);
	return r;
}

void rspci_unmap_pool(struct rspci *p, uint64_t iova, uint64_t size)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = iova,
		.size = size,
	};

	if (ioctl(p->container, VFIO_IOMMU_UNMAP_DMA, &unmap))
		fail("VFIO_IOMMU_UNMAP_DMA");
}

void rspci_close(struct rspci *p)
{
	int *fds[] = { &p->device, &p->group, &p->container };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
	if (*p->driver)
		device_bind(p, "");
}
