/* SPDX-License-Identifier: GPL-2.0-only */
/* A PCI device for a slot, by way of VFIO, as far as a test needs it; see rspci.c. */
#ifndef RSPCI_H
#define RSPCI_H

#include <stdint.h>

/**
 * struct rspci - a device that is lent to a slot
 * @name: "0000:01:00.0"
 * @driver: kernel driver that had it, or empty
 * @container: VFIO's files
 * @group: the same
 * @device: the same
 */
struct rspci {
	char name[16];
	char driver[32];
	int container;
	int group;
	int device;
};

/* Take @name from its kernel driver and open it.  0 or -errno, with the reason on stderr. */
int rspci_open(struct rspci *p, const char *name);

/* Most vectors that a device is lent with. */
#define RSPCI_VECTORS	16

/* Lend it to a slot with @nr MSI or MSI-X vectors.  @rsmod: any file of /dev/rsmod. */
int rspci_lend(struct rspci *p, int rsmod, int32_t endpoint, int msix, unsigned int nr);

/* Map an armed instance's pool for DMA. */
int rspci_map_pool(struct rspci *p, int instance, uint64_t iova, uint64_t size);
void rspci_unmap_pool(struct rspci *p, uint64_t iova, uint64_t size);

/* Give it back to its kernel driver.  The slot must be gone. */
void rspci_close(struct rspci *p);

#endif /* RSPCI_H */
