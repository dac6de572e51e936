// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device less its rings
 *
 * hw_setup() writes every register that this driver depends on and trusts none: at a
 * takeover they are as a driver left them that may have gone mad, and at a fresh
 * start as the kernel's driver did (QEMU's CTRL.RST restores nothing but the address).
 */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include <rsdrv/pci.h>

#include "filter.h"
#include "hw.h"
#include "registers.h"

/* Longest wait for the device's answer, in steps of STEP_NS: 100 ms. */
#define STEP_NS		50000
#define STEPS		2000

/* Least distance of interrupts, in 256 ns: 20000 in a second. */
#define INT_DISTANCE	195

static uint32_t rd(struct hw *hw, uint32_t reg)
{
	return rsdrv_read32(hw->regs, reg);
}

static void wr(struct hw *hw, uint32_t reg, uint32_t value)
{
	rsdrv_write32(hw->regs, reg, value);
}

static void pause_ns(long ns)
{
	const struct timespec t = { .tv_nsec = ns };

	nanosleep(&t, NULL);
}

/* Wait until the bits @mask of @reg are @value. */
static int wait_for(struct hw *hw, uint32_t reg, uint32_t mask, uint32_t value)
{
	int i;

	for (i = 0; i < STEPS; i++) {
		if ((rd(hw, reg) & mask) == value)
			return 0;
		pause_ns(STEP_NS);
	}
	return -EIO;
}

/* One clause 22 access (MDIC, 10.2.2.7); @value goes in or comes out. */
static int phy_access(struct hw *hw, uint32_t op, uint32_t reg, uint16_t *value)
{
	uint32_t v = op | MDIC_PHY1 | reg << MDIC_REG_SHIFT;

	if (op == MDIC_OP_WRITE)
		v |= *value;
	wr(hw, MDIC, v);
	if (wait_for(hw, MDIC, MDIC_READY, MDIC_READY))
		return -EIO;
	v = rd(hw, MDIC);
	if (v & MDIC_ERROR)
		return -EIO;
	*value = (uint16_t)v;
	return 0;
}

/* A driver before us may have powered the PHY down when its interface went down. */
static int phy_wake(struct hw *hw)
{
	uint16_t v;

	if (phy_access(hw, MDIC_OP_READ, PHY_BMCR, &v))
		return -EIO;
	if (!(v & BMCR_PDOWN))
		return 0;
	v = BMCR_ANENABLE | BMCR_ANRESTART;
	return phy_access(hw, MDIC_OP_WRITE, PHY_BMCR, &v);
}

void hw_quiet(struct hw *hw)
{
	hw_mask(hw);
	wr(hw, RCTL, 0);
	wr(hw, TCTL, 0);
}

int hw_reset(struct hw *hw)
{
	/* Takes effect with the reset. */
	wr(hw, PBA, PBA_RX_20K);
	wr(hw, CTRL, rd(hw, CTRL) | CTRL_RST);
	/* The device must not be accessed for a microsecond. */
	pause_ns(STEP_NS);
	if (wait_for(hw, CTRL, CTRL_RST, 0) || wait_for(hw, EECD, EECD_AUTO_RD, EECD_AUTO_RD))
		return -EIO;
	hw_quiet(hw);
	return rd(hw, STATUS) & STATUS_LU ? 0 : phy_wake(hw);
}

/* Registers with a fixed value, in this order. */
static const struct {
	uint32_t reg;
	uint32_t value;
} setup[] = {
	/* No pause frames, no wake-up, no second queue, no checks but checksums. */
	{ FCRTL, 0 },
	{ FCRTH, 0 },
	{ WUC, 0 },
	{ WUFC, 0 },
	{ RDLEN1, 0 },
	{ TDLEN1, 0 },
	{ MRQC, 0 },
	{ RFCTL, 0 },
	{ RXCSUM, RXCSUM_IPOFLD | RXCSUM_TUOFLD },
	/* Moderation by ITR alone, the same for MSI and MSI-X; every cause to vector 0. */
	{ RDTR, 0 },
	{ RADV, 0 },
	{ RSRPD, 0 },
	{ RAID, 0 },
	{ TIDV, 0 },
	{ TADV, 0 },
	{ ITR, INT_DISTANCE },
	{ EITR0, INT_DISTANCE },
	{ IVAR, IVAR_ALL_TO_0 },
	{ EIAC, 0 },
	{ IAM, 0 },
	/* Descriptors are written back one by one. */
	{ RXDCTL, RXDCTL_WTHRESH_1 },
	{ TXDCTL, TXDCTL_GRAN | TXDCTL_RESERVED_1 | TXDCTL_WTHRESH_1 },
	{ TARC0, TARC_ENABLE | TARC_COUNT_3 },
	{ TIPG, TIPG_COPPER },
};

void hw_setup(struct hw *hw)
{
	unsigned int i;
	uint32_t v;

	for (i = 0; i < ARRAY_SIZE(setup); i++)
		wr(hw, setup[i].reg, setup[i].value);
	for (i = 1; i < RA_ENTRIES; i++)
		wr(hw, RAH(i), 0);
	/* Interrupts are masked by IMC and IMS alone. */
	v = rd(hw, CTRL_EXT);
	v &= ~(CTRL_EXT_SPD_BYPS | CTRL_EXT_EIAME | CTRL_EXT_IAME | CTRL_EXT_TIMERS_CLEAR |
	       CTRL_EXT_PBA_SUPPORT);
	wr(hw, CTRL_EXT, v | CTRL_EXT_DRV_LOAD);

	/* Speed and duplex are the PHY's business; VLAN tags stay in the frame. */
	v = rd(hw, CTRL);
	v &= ~(CTRL_FRCSPD | CTRL_FRCDPX | CTRL_RFCE | CTRL_TFCE | CTRL_VME);
	wr(hw, CTRL, v | CTRL_SLU);
}

void hw_mac(struct hw *hw, uint8_t *mac)
{
	uint32_t lo = htole32(rd(hw, RAL(0)));
	uint32_t hi = htole32(rd(hw, RAH(0)));

	memcpy(mac, &lo, 4);
	memcpy(mac + 4, &hi, 2);
}

void hw_set_filters(struct hw *hw, const struct rs_net_conf *conf)
{
	uint32_t mta[MTA_WORDS];
	uint32_t lo, hi = 0;
	unsigned int i;

	memcpy(&lo, conf->mac, 4);
	memcpy(&hi, conf->mac + 4, 2);
	wr(hw, RAL(0), le32toh(lo));
	wr(hw, RAH(0), le32toh(hi) | RAH_AV);

	filter_mta(conf, mta);
	for (i = 0; i < MTA_WORDS; i++)
		wr(hw, MTA + 4 * i, mta[i]);
}

/* Mbit/s */
static long speed_of(uint32_t status)
{
	static const uint16_t speeds[STATUS_SPEED_MASK + 1] = { 10, 100, 1000, 1000 };

	return speeds[status >> STATUS_SPEED_SHIFT & STATUS_SPEED_MASK];
}

void hw_set_rx(struct hw *hw, uint32_t rctl)
{
	wr(hw, RCTL, rctl);
}

/*
 * A frame that has begun goes on to its end, and no register tells when that is: give
 * it the time that 16 KiB take on this link, or did before it went down.
 */
static void frame_end(struct hw *hw)
{
	pause_ns(16384L * 8 * 1000 / speed_of(rd(hw, STATUS)));
}

void hw_stop_rx(struct hw *hw)
{
	wr(hw, RCTL, rd(hw, RCTL) & ~RCTL_EN);
	frame_end(hw);
}

void hw_start_tx(struct hw *hw)
{
	wr(hw, TCTL, TCTL_EN | TCTL_PSP | TCTL_CT_15 | TCTL_COLD_FD);
}

void hw_stop_tx(struct hw *hw)
{
	wr(hw, TCTL, 0);
	frame_end(hw);
}

uint32_t hw_link(struct hw *hw, uint32_t *speed)
{
	uint32_t v = rd(hw, STATUS);

	*speed = 0;
	if (!(v & STATUS_LU))
		return 0;
	*speed = (uint32_t)speed_of(v);
	return RS_NET_LINK_UP | (v & STATUS_FD ? RS_NET_LINK_FULL : 0);
}

void hw_mask(struct hw *hw)
{
	hw->mask = 0;
	wr(hw, IMC, INT_ALL);
}

void hw_unmask(struct hw *hw, uint32_t causes)
{
	hw->mask |= causes;
	wr(hw, IMS, causes);
}

uint32_t hw_causes(struct hw *hw)
{
	return rd(hw, ICR);
}

bool hw_rings_empty(struct hw *hw)
{
	return !rd(hw, RDH) && !rd(hw, RDT) && !rd(hw, TDH) && !rd(hw, TDT);
}
