// SPDX-License-Identifier: GPL-2.0
/*
 * vfio_config.c - what an instance may read and write of a leased device's configuration space
 *
 * One table of registers, for writing; for reading, a mask that hides physical addresses and the
 * MSI message.  Whatever could lift the fence is in neither.
 */
#include <linux/pci.h>

#include "vfio.h"

/**
 * struct rs_vfio_reg - a register that an instance may write
 * @cap: PCI_CAP_ID_* it belongs to, 0 = the header
 * @offset: in it
 * @size: bytes
 * @write: bits that may change
 * @clear: bits that a written 1 clears
 *
 * All other registers are refused: COMMAND, BARs and ROM, power management, MSI and MSI-X, both
 * kinds of FLR, vendor's own.  So are all other bits of these, if they would change.
 */
struct rs_vfio_reg {
	u8 cap;
	u8 offset;
	u8 size;
	u16 write;
	u16 clear;
};

static const struct rs_vfio_reg rs_vfio_regs[] = {
	{ 0, PCI_STATUS, 2, 0,
	  PCI_STATUS_PARITY | PCI_STATUS_SIG_TARGET_ABORT | PCI_STATUS_REC_TARGET_ABORT |
	  PCI_STATUS_REC_MASTER_ABORT | PCI_STATUS_SIG_SYSTEM_ERROR | PCI_STATUS_DETECTED_PARITY },
	{ 0, PCI_CACHE_LINE_SIZE, 1, 0xff, 0 },
	{ 0, PCI_LATENCY_TIMER, 1, 0xff, 0 },
	{ PCI_CAP_ID_EXP, PCI_EXP_DEVCTL, 2,
	  PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_NOSNOOP_EN | PCI_EXP_DEVCTL_READRQ, 0 },
	{ PCI_CAP_ID_EXP, PCI_EXP_DEVSTA, 2, 0,
	  PCI_EXP_DEVSTA_CED | PCI_EXP_DEVSTA_NFED | PCI_EXP_DEVSTA_FED | PCI_EXP_DEVSTA_URD },
};

static const struct rs_vfio_reg *rs_vfio_find_reg(struct pci_dev *pdev, u32 offset, u32 size,
						  u32 *ret_base)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rs_vfio_regs); i++) {
		const struct rs_vfio_reg *reg = &rs_vfio_regs[i];
		u32 base = 0;

		if (reg->cap) {
			base = pci_find_capability(pdev, reg->cap);
			if (!base)
				continue;
		}
		base += reg->offset;
		if (offset >= base && offset + size <= base + reg->size) {
			*ret_base = base;
			return reg;
		}
	}
	return NULL;
}

static u32 rs_vfio_size_mask(u32 size)
{
	return size == 4 ? ~0U : (1U << size * 8) - 1;
}

/* Bits of an aligned word that an instance may see: no physical address, no MSI message. */
static u32 rs_vfio_read_mask(struct pci_dev *pdev, u32 word)
{
	u32 msi_len;
	u16 flags;

	if (word >= PCI_BASE_ADDRESS_0 && word <= PCI_BASE_ADDRESS_5) {
		unsigned long res = pci_resource_flags(pdev, (word - PCI_BASE_ADDRESS_0) / 4);

		if (res & IORESOURCE_IO)
			return (u32)~PCI_BASE_ADDRESS_IO_MASK;
		if (res & IORESOURCE_MEM)
			return (u32)~PCI_BASE_ADDRESS_MEM_MASK;
		return 0;
	}
	if (word == PCI_ROM_ADDRESS)
		return 0;
	if (pdev->msi_cap && word > pdev->msi_cap) {
		pci_read_config_word(pdev, pdev->msi_cap + PCI_MSI_FLAGS, &flags);
		msi_len = flags & PCI_MSI_FLAGS_64BIT ? PCI_MSI_MASK_64 : PCI_MSI_MASK_32;
		if (word < pdev->msi_cap + msi_len)
			return 0;
	}
	return ~0U;
}

static int rs_vfio_config_read(struct pci_dev *pdev, struct rs_config *config)
{
	u32 word = config->offset & ~3U;
	u32 value;
	int ret;

	ret = pci_read_config_dword(pdev, word, &value);
	if (ret)
		return pcibios_err_to_errno(ret);
	value &= rs_vfio_read_mask(pdev, word);
	value >>= (config->offset - word) * 8;
	config->value = value & rs_vfio_size_mask(config->size);
	return 0;
}

static int rs_vfio_config_write(struct pci_dev *pdev, const struct rs_config *config)
{
	const struct rs_vfio_reg *reg;
	u32 allowed, base, old, word;
	int ret;

	/* No register in the table is wider than two bytes. */
	reg = rs_vfio_find_reg(pdev, config->offset, config->size, &base);
	if (!reg)
		return -EPERM;

	word = config->offset & ~3U;
	ret = pci_read_config_dword(pdev, word, &old);
	if (ret)
		return pcibios_err_to_errno(ret);
	old >>= (config->offset - word) * 8;
	allowed = (reg->write | reg->clear) >> (config->offset - base) * 8;
	if ((config->value ^ old) & ~allowed & rs_vfio_size_mask(config->size))
		return -EPERM;

	if (config->size == 1)
		ret = pci_write_config_byte(pdev, config->offset, config->value);
	else
		ret = pci_write_config_word(pdev, config->offset, config->value);
	return pcibios_err_to_errno(ret);
}

int rs_vfio_config(struct rs_lease *lease, struct rs_config *config)
{
	struct pci_dev *pdev = rs_vfio(lease)->pdev;
	int ret;

	if (config->offset >= pdev->cfg_size || config->size > pdev->cfg_size - config->offset)
		return -EINVAL;
	/* During a reset the device does not answer; slot->lock is no place to wait for it. */
	if (!pci_cfg_access_trylock(pdev))
		return -EAGAIN;
	if (config->flags & RS_CONFIG_WRITE)
		ret = rs_vfio_config_write(pdev, config);
	else
		ret = rs_vfio_config_read(pdev, config);
	pci_cfg_access_unlock(pdev);
	return ret;
}
