// SPDX-License-Identifier: GPL-2.0
/*
 * vfio_bar.c - which pages of a leased device's registers an instance may map
 *
 * Looked up page by page by our own fault handler, and only for the bound instance (map.c).  Not
 * to be had: ports, what shares a page with something else, and the pages of the MSI-X table.
 */
#include <linux/pci.h>

#include "vfio.h"

unsigned long rs_vfio_pfn(struct rs_lease *lease, u32 index, u64 offset)
{
	struct rs_vfio_bar *bar;
	int i;

	if (READ_ONCE(lease->gone) || index >= PCI_STD_NUM_BARS)
		return 0;
	bar = &rs_vfio(lease)->bar[index];
	if (offset >= bar->len)
		return 0;
	for (i = 0; i < RS_VFIO_HOLES; i++)
		if (offset >= bar->hole[i].from && offset < bar->hole[i].to)
			return 0;
	return bar->pfn + (offset >> PAGE_SHIFT);
}

static void rs_vfio_add_hole(struct rs_vfio *vfio, int hole, u32 where, u64 len)
{
	u32 index = where & PCI_MSIX_TABLE_BIR;
	u64 from = where & PCI_MSIX_TABLE_OFFSET;

	if (index >= PCI_STD_NUM_BARS)
		return;
	vfio->bar[index].hole[hole].from = ALIGN_DOWN(from, PAGE_SIZE);
	vfio->bar[index].hole[hole].to = ALIGN(from + len, PAGE_SIZE);
}

/* The device would take a forged MSI-X table entry for an address to write to. */
static void rs_vfio_add_holes(struct rs_vfio *vfio)
{
	struct pci_dev *pdev = vfio->pdev;
	u32 table, pba, nr;
	u16 flags;

	if (!pdev->msix_cap)
		return;
	pci_read_config_word(pdev, pdev->msix_cap + PCI_MSIX_FLAGS, &flags);
	pci_read_config_dword(pdev, pdev->msix_cap + PCI_MSIX_TABLE, &table);
	pci_read_config_dword(pdev, pdev->msix_cap + PCI_MSIX_PBA, &pba);
	nr = (flags & PCI_MSIX_FLAGS_QSIZE) + 1;
	rs_vfio_add_hole(vfio, 0, table, nr * PCI_MSIX_ENTRY_SIZE);
	rs_vfio_add_hole(vfio, 1, pba, DIV_ROUND_UP(nr, 64) * sizeof(u64));
}

static void rs_vfio_add_bar(struct rs_vfio *vfio, int index)
{
	struct rs_region *region = &vfio->lease.info.region[index];
	struct rs_vfio_bar *bar = &vfio->bar[index];
	struct pci_dev *pdev = vfio->pdev;
	resource_size_t start = pci_resource_start(pdev, index);
	unsigned long flags = pci_resource_flags(pdev, index);
	u64 offset;

	region->size = pci_resource_len(pdev, index);
	if (!region->size)
		return;
	if (flags & IORESOURCE_IO) {
		region->flags = RS_REGION_PORT;
		return;
	}
	/* What shares a page with something else cannot be mapped apart from it. */
	if (!(flags & IORESOURCE_MEM) || !start || !PAGE_ALIGNED(start | region->size))
		return;

	bar->pfn = start >> PAGE_SHIFT;
	bar->len = region->size;
	for (offset = 0; offset < bar->len; offset += PAGE_SIZE) {
		if (!rs_vfio_pfn(&vfio->lease, index, offset))
			continue;
		region->flags = RS_REGION_READ | RS_REGION_WRITE | RS_REGION_MMAP;
		region->mmap_offset = RS_MMAP_OFFSET(RS_MMAP_BAR, index);
		break;
	}
}

void rs_vfio_add_bars(struct rs_vfio *vfio)
{
	int i;

	rs_vfio_add_holes(vfio);
	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		rs_vfio_add_bar(vfio, i);
}
