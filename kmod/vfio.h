/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rooms of the lease of a VFIO device, and what they share
 *
 *	vfio.c		the lease: what is checked, held and given back; the fence
 *	vfio_irq.c	interrupts: eventfds that rsd gave us
 *	vfio_config.c	configuration space: what an instance may read and write there
 *	vfio_bar.c	registers: which pages of the device an instance may map
 */
#ifndef _RS_VFIO_H
#define _RS_VFIO_H

#include <linux/eventfd.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/pci.h>
#include <linux/poll.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "lease.h"

/* MSI-X table and pending bits: at most two ranges of pages that nobody maps. */
#define RS_VFIO_HOLES	2

/**
 * struct rs_vfio_bar - a BAR that can be mapped
 * @pfn: first page frame
 * @len: bytes, whole pages; 0 = may not be mapped
 * @hole: bytes that may not, from and up to, whole pages
 */
struct rs_vfio_bar {
	unsigned long pfn;
	u64 len;
	struct {
		u64 from;
		u64 to;
	} hole[RS_VFIO_HOLES];
};

/**
 * struct rs_vfio_irq - one vector
 * @vfio: lease
 * @vector: number
 * @ctx: eventfd, NULL = not hooked
 * @wait: our entry in its wait queue
 * @pt: used while hooking
 */
struct rs_vfio_irq {
	struct rs_vfio *vfio;
	u32 vector;
	struct eventfd_ctx *ctx;
	wait_queue_entry_t wait;
	poll_table pt;
};

/**
 * struct rs_vfio - one leased device
 * @lease: what the core knows
 * @link: in rs_vfio_leases
 * @pdev: device (reference)
 * @container: held for a new rsd
 * @group: held for a new rsd
 * @device: while it is open vfio-pci keeps the device, its DMA mappings and its interrupts
 * @bar: BARs
 * @irq: lease.info.nr_irqs vectors
 */
struct rs_vfio {
	struct rs_lease lease;
	struct list_head link;
	struct pci_dev *pdev;
	struct file *container;
	struct file *group;
	struct file *device;
	struct rs_vfio_bar bar[PCI_STD_NUM_BARS];
	struct rs_vfio_irq irq[];
};

static inline struct rs_vfio *rs_vfio(struct rs_lease *lease)
{
	return container_of(lease, struct rs_vfio, lease);
}

/* vfio_irq.c */

/* From now on a signal of eventfd @fd is an interrupt of vector @vector. */
int rs_vfio_hook(struct rs_vfio *vfio, u32 vector, int fd);
/* On return no interrupt of the lease reaches the slot. */
void rs_vfio_unhook(struct rs_vfio *vfio);

/* vfio_config.c, vfio_bar.c: struct rs_lease_ops */
int rs_vfio_config(struct rs_lease *lease, struct rs_config *config);
unsigned long rs_vfio_pfn(struct rs_lease *lease, u32 index, u64 offset);

/* vfio_bar.c */

/* Which BARs may be mapped, and which pages of them not: fills lease.info.region. */
void rs_vfio_add_bars(struct rs_vfio *vfio);

#endif /* _RS_VFIO_H */
