/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The PCI device that the service holds
 *
 * The device is leased: the handles belong to the service, the module lends them
 * to whichever instance is bound, and takes them back when it is not.  A driver
 * never sees VFIO or UIO, only the module: the same calls serve both.
 *
 *	before rsdrv_run()	rsdrv_pci_open(), rsdrv_pci_map(): a standby can do
 *				it too, so that nothing is left to do at a takeover
 *	from the init callback	registers, rsdrv_pci_set_master(), configuration space
 *
 * A register access by an instance that is not bound raises SIGBUS.
 *
 * At init bus mastering is off, and what the device had under way for the
 * predecessor is finished or aborted; its registers are as the predecessor left
 * them.  Rings first, bus mastering last.
 */
#ifndef RSDRV_PCI_H
#define RSDRV_PCI_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/rs_channel.h>

struct rsdrv;

/* A leased PCI device; opaque. */
struct rsdrv_pci;

/**
 * rsdrv_pci_open() - the device of the service
 * @d: the instance; must outlive the result
 * @ret: the device; unchanged on error
 *
 * Return: 0, -ENODEV if the service holds none, -ENOMEM, or as RS_IOC_LEASE_INFO.
 */
int rsdrv_pci_open(struct rsdrv *d, struct rsdrv_pci **ret);

/**
 * rsdrv_pci_close() - undo rsdrv_pci_open() and rsdrv_pci_map()
 * @pci: the device, or NULL
 *
 * Does not touch the device.
 */
void rsdrv_pci_close(struct rsdrv_pci *pci);

/**
 * rsdrv_pci_info() - identity, regions and number of interrupt vectors
 * @pci: the device
 * Return: as the module told at rsdrv_pci_open(); lives as long as @pci.
 */
const struct rs_lease_info *rsdrv_pci_info(const struct rsdrv_pci *pci);

/**
 * rsdrv_pci_map() - map a BAR
 * @pci: the device
 * @bar: 0..5
 * @va: out: its first byte; to be used with rsdrv_read32() and the like
 * @size: out, may be NULL: bytes
 *
 * Mapping the same BAR again gives the same address.
 *
 * Return: 0, -EINVAL no such BAR, -EOPNOTSUPP an I/O port BAR or one that cannot be
 * mapped, or the errno of mmap().
 */
int rsdrv_pci_map(struct rsdrv_pci *pci, unsigned int bar, void **va, size_t *size);

/**
 * rsdrv_pci_config_read() - read configuration space
 * @pci: the device
 * @offset: bytes, a multiple of @size
 * @size: 1, 2 or 4
 * @value: out, in the machine's byte order; unchanged on error
 *
 * Return: 0 or a negative errno of RS_IOC_CONFIG.
 */
int rsdrv_pci_config_read(struct rsdrv_pci *pci, uint32_t offset, uint32_t size, uint32_t *value);

/**
 * rsdrv_pci_config_write() - write configuration space
 * @pci: the device
 * @offset: bytes, a multiple of @size
 * @size: 1, 2 or 4
 * @value: in the machine's byte order
 *
 * Return: 0, -EPERM for what belongs to the module (command register, BARs, power,
 * resets, interrupts), or another negative errno of RS_IOC_CONFIG.
 */
int rsdrv_pci_config_write(struct rsdrv_pci *pci, uint32_t offset, uint32_t size, uint32_t value);

/**
 * rsdrv_pci_set_master() - let the device use DMA and send interrupts, or stop it
 * @pci: the device
 * @on: true only after every address that the device holds is one of this instance's pool
 *
 * Interrupts that were raised while it was off are lost: look at causes and rings
 * afterwards.
 *
 * Return: 0 or a negative errno of RS_IOC_DEVICE.
 */
int rsdrv_pci_set_master(struct rsdrv_pci *pci, bool on);

/**
 * rsdrv_pci_reset() - function-level reset
 * @pci: the device
 *
 * Slow (100 ms and more); a driver prefers the device's own reset register.  Mappings
 * stay good, bus mastering is off afterwards.
 *
 * Return: 0 or a negative errno of RS_IOC_DEVICE.
 */
int rsdrv_pci_reset(struct rsdrv_pci *pci);

/*
 * Registers.  The device is little-endian.  A write is not seen by the device
 * before what was written to DMA memory earlier; what a read returns is not older
 * than what the device wrote to memory before it answered.
 */
static inline void rsdrv_dma_wmb(void)
{
#if defined(__aarch64__)
	__asm__ volatile("dmb oshst" ::: "memory");
#elif defined(__x86_64__) || defined(__i386__)
	__asm__ volatile("" ::: "memory");
#else
	__sync_synchronize();
#endif
}

/* Orders a read of DMA memory (a "done" bit) before the reads that follow. */
static inline void rsdrv_dma_rmb(void)
{
#if defined(__aarch64__)
	__asm__ volatile("dmb oshld" ::: "memory");
#elif defined(__x86_64__) || defined(__i386__)
	__asm__ volatile("" ::: "memory");
#else
	__sync_synchronize();
#endif
}

static inline uint32_t rsdrv_read32(const void *base, size_t offset)
{
	uint32_t v = *(const volatile uint32_t *)((const uint8_t *)base + offset);

	rsdrv_dma_rmb();
	return le32toh(v);
}

static inline void rsdrv_write32(void *base, size_t offset, uint32_t value)
{
	rsdrv_dma_wmb();
	*(volatile uint32_t *)((uint8_t *)base + offset) = htole32(value);
}

#endif /* RSDRV_PCI_H */
