// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio.c - the type 1 IOMMU interface (Documentation/driver-api/vfio.rst of the kernel)
 */
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include <linux/rs_channel.h>
#include <linux/vfio.h>

#include "vfio.h"

static int open_container(struct vfio *v, struct reason *why)
{
	v->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (v->container < 0)
		return refuse(why, -errno,
			      "/dev/vfio/vfio cannot be opened: %s; is the vfio module loaded?",
			      strerror(errno));
	if (ioctl(v->container, VFIO_GET_API_VERSION) != VFIO_API_VERSION ||
	    ioctl(v->container, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU) != 1)
		return refuse(why, -EOPNOTSUPP,
			      "this kernel's VFIO has no type 1 IOMMU; load vfio_iommu_type1");
	return 0;
}

static int open_group(struct vfio *v, int group, struct reason *why)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char path[64];
	int r;

	r = format(path, sizeof(path), "/dev/vfio/%d", group);
	if (r < 0)
		return r;
	v->group = open(path, O_RDWR | O_CLOEXEC);
	if (v->group < 0)
		return refuse(why, -errno, "%s cannot be opened: %s%s", path, strerror(errno),
			      errno == EBUSY ? "; another program uses the device" : "");
	if (ioctl(v->group, VFIO_GROUP_GET_STATUS, &status) < 0)
		return refuse(why, -errno, "%s: %s", path, strerror(errno));
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return refuse(why, -EXDEV,
			      "IOMMU group %d also has devices that kernel drivers use; see rsctl devices",
			      group);
	if (ioctl(v->group, VFIO_GROUP_SET_CONTAINER, &v->container) < 0)
		return refuse(why, -errno, "%s: joining a container: %s", path, strerror(errno));
	if (ioctl(v->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) == 0)
		return 0;
	if (errno == EPERM)
		return refuse(why, -EPERM,
			      "the platform does not remap interrupts, so a device could forge them; switch interrupt remapping on in the firmware (VT-d, AMD-Vi) and do not boot with intremap=off");
	return refuse(why, -errno, "%s: setting up the IOMMU: %s", path, strerror(errno));
}

int vfio_open(const char *name, int group, struct vfio *ret, struct reason *why)
{
	struct vfio v = VFIO_NONE;
	int r;

	r = open_container(&v, why);
	if (r < 0)
		goto err_close;
	r = open_group(&v, group, why);
	if (r < 0)
		goto err_close;
	v.device = ioctl(v.group, VFIO_GROUP_GET_DEVICE_FD, name);
	if (v.device < 0) {
		r = refuse(why, -errno, "%s: opening the VFIO device: %s", name, strerror(errno));
		goto err_close;
	}
	fcntl(v.device, F_SETFD, FD_CLOEXEC);
	*ret = v;
	return 0;

err_close:
	vfio_close(&v);
	return r;
}

int vfio_set_irqs(const struct vfio *v, bool msix, unsigned int nr, int *ret_fds,
		  struct reason *why)
{
	uint32_t index = msix ? VFIO_PCI_MSIX_IRQ_INDEX : VFIO_PCI_MSI_IRQ_INDEX;
	struct vfio_irq_info info = { .argsz = sizeof(info), .index = index };
	union {
		struct vfio_irq_set set;
		char room[sizeof(struct vfio_irq_set) + RS_IRQS_MAX * sizeof(int32_t)];
	} arg = { .set = {
		.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = index,
		.count = nr,
	} };
	const char *kind = msix ? "MSI-X" : "MSI";
	unsigned int i;
	int r;

	if (ioctl(v->device, VFIO_DEVICE_GET_IRQ_INFO, &info) < 0 || info.count == 0)
		return refuse(why, -EOPNOTSUPP, "the device has no %s; write irq %s in system.conf",
			      kind, msix ? "msi" : "msix");
	if (nr > info.count || nr > RS_IRQS_MAX)
		return refuse(why, -ERANGE, "the device has %u %s vectors, system.conf wants %u",
			      info.count, kind, nr);
	for (i = 0; i < nr; i++) {
		ret_fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (ret_fds[i] < 0) {
			r = -errno;
			goto err_close;
		}
	}
	arg.set.argsz = (uint32_t)(sizeof(arg.set) + nr * sizeof(int32_t));
	memcpy(arg.set.data, ret_fds, nr * sizeof(int32_t));
	if (ioctl(v->device, VFIO_DEVICE_SET_IRQS, &arg.set) < 0) {
		r = refuse(why, -errno, "switching on %u %s vectors: %s", nr, kind,
			   strerror(errno));
		goto err_close;
	}
	return 0;

err_close:
	while (i-- > 0)
		close_fd(&ret_fds[i]);
	return r;
}

int vfio_lend(const struct vfio *v, int rsmod, int32_t endpoint, const char *name,
	      const int *irq_fds, unsigned int nr_irqs, struct reason *why)
{
	struct rs_lease_vfio lease = {
		.endpoint = endpoint,
		.container_fd = v->container,
		.group_fd = v->group,
		.device_fd = v->device,
		.nr_irqs = nr_irqs,
		.irq_fds = (uintptr_t)irq_fds,
	};

	copy_text(lease.name, sizeof(lease.name), name);
	if (ioctl(rsmod, RS_IOC_LEASE_ADD, &lease) == 0)
		return 0;
	if (errno == EOPNOTSUPP)
		return refuse(why, -EOPNOTSUPP,
			      "the module for VFIO leases is not loaded; load it with: modprobe rsmod_vfio");
	return refuse(why, -errno, "lending %s to the slot: %s", name, strerror(errno));
}

int vfio_recall(int rsmod, int32_t endpoint, struct vfio *ret, struct reason *why)
{
	struct rs_lease_vfio lease = { .endpoint = endpoint, .container_fd = -1, .group_fd = -1,
				       .device_fd = -1 };

	if (ioctl(rsmod, RS_IOC_LEASE_GET, &lease) < 0)
		return refuse(why, -errno, "getting the device back from the slot: %s",
			      strerror(errno));
	*ret = (struct vfio){ lease.container_fd, lease.group_fd, lease.device_fd };
	return 0;
}

int vfio_map(const struct vfio *v, void *addr, uint64_t iova, uint64_t size,
	     struct reason *why)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)addr,
		.iova = iova,
		.size = size,
	};

	if (ioctl(v->container, VFIO_IOMMU_MAP_DMA, &map) < 0)
		return refuse(why, -errno, "mapping %llu KiB of pool for DMA: %s",
			      (unsigned long long)size >> 10, strerror(errno));
	return 0;
}

int vfio_unmap(const struct vfio *v, uint64_t iova, uint64_t size)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = iova,
		.size = size,
	};

	return ioctl(v->container, VFIO_IOMMU_UNMAP_DMA, &unmap) < 0 ? -errno : 0;
}

void vfio_close(struct vfio *v)
{
	close_fd(&v->device);
	close_fd(&v->group);
	close_fd(&v->container);
}
