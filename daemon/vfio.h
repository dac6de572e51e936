/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio.h - a VFIO device in rsd's hands: container, group, device, interrupts, DMA
 *
 * rsd sets it up and lends it to the slot (RS_IOC_LEASE_ADD); the slot holds references
 * of its own, so the device outlives rsd.  rsd keeps the container to map the pool of
 * each instance: mappings belong to the container, not to the process that made them.
 */
#ifndef RSD_VFIO_H
#define RSD_VFIO_H

#include "base.h"

/**
 * struct vfio - descriptors; -1 where there is none
 */
struct vfio {
	int container;
	int group;
	int device;
};

#define VFIO_NONE	((struct vfio){ -1, -1, -1 })

/**
 * vfio_open() - open a device that is bound to vfio-pci
 * @name: "0000:01:00.0"
 * @group: number of its IOMMU group
 */
int vfio_open(const char *name, int group, struct vfio *ret, struct reason *why);

/**
 * vfio_set_irqs() - make MSI or MSI-X vectors arrive at new eventfds
 * @v: the device
 * @msix: MSI-X, else MSI
 * @nr: vectors
 * @ret_fds: receives @nr eventfds, the caller's to close
 */
int vfio_set_irqs(const struct vfio *v, bool msix, unsigned int nr, int *ret_fds,
		  struct reason *why);

/* Gives the device to a slot; @rsmod is any open file of /dev/rsmod. */
int vfio_lend(const struct vfio *v, int rsmod, int32_t endpoint, const char *name,
	      const int *irq_fds, unsigned int nr_irqs, struct reason *why);

/* Gets container, group and device back from a slot: a new rsd. */
int vfio_recall(int rsmod, int32_t endpoint, struct vfio *ret, struct reason *why);

int vfio_map(const struct vfio *v, void *addr, uint64_t iova, uint64_t size,
	     struct reason *why);
/* Unmaps whatever lies wholly inside the range; nothing there is no error. */
int vfio_unmap(const struct vfio *v, uint64_t iova, uint64_t size);

void vfio_close(struct vfio *v);

#endif /* RSD_VFIO_H */
