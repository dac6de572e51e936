/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registers and descriptors of the 82574L that this driver uses
 *
 * Source: "Intel 82574 GbE Controller Family Datasheet", revision 3.4.  Registers are
 * named as in its table 10.2.1; the number behind each group is the section that
 * describes it.  Bits that this driver neither sets nor reads are left out.
 */
#ifndef E1000E_REGISTERS_H
#define E1000E_REGISTERS_H

#include <stdint.h>

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define BIT32(n)		(UINT32_C(1) << (n))

/* General (10.2.2) */
#define CTRL			0x00000		/* 10.2.2.1 */
#define  CTRL_SLU		BIT32(6)	/* set link up */
#define  CTRL_FRCSPD		BIT32(11)
#define  CTRL_FRCDPX		BIT32(12)
#define  CTRL_RST		BIT32(26)	/* all but PHY and configuration space */
#define  CTRL_RFCE		BIT32(27)
#define  CTRL_TFCE		BIT32(28)
#define  CTRL_VME		BIT32(30)	/* take VLAN tags off */
#define STATUS			0x00008		/* 10.2.2.2 */
#define  STATUS_FD		BIT32(0)
#define  STATUS_LU		BIT32(1)
#define  STATUS_SPEED_SHIFT	6		/* 0: 10, 1: 100, 2 and 3: 1000 Mbit/s */
#define  STATUS_SPEED_MASK	3
#define EECD			0x00010		/* 10.2.2.3 */
#define  EECD_AUTO_RD		BIT32(9)	/* NVM was read, registers are loaded */
#define CTRL_EXT		0x00018		/* 10.2.2.5 */
#define  CTRL_EXT_SPD_BYPS	BIT32(15)	/* speed from CTRL, not from the PHY */
#define  CTRL_EXT_EIAME		BIT32(24)	/* an MSI-X message masks its cause */
#define  CTRL_EXT_IAME		BIT32(27)	/* reading ICR masks */
#define  CTRL_EXT_DRV_LOAD	BIT32(28)	/* tells the firmware that a driver is there */
#define  CTRL_EXT_TIMERS_CLEAR	BIT32(29)
#define  CTRL_EXT_PBA_SUPPORT	BIT32(31)
#define MDIC			0x00020		/* 10.2.2.7 */
#define  MDIC_REG_SHIFT		16
#define  MDIC_PHY1		BIT32(21)	/* the internal PHY's address */
#define  MDIC_OP_WRITE		BIT32(26)
#define  MDIC_OP_READ		BIT32(27)
#define  MDIC_READY		BIT32(28)
#define  MDIC_ERROR		BIT32(30)
#define PBA			0x01000		/* packet buffer: KiB for RX, the rest for TX */
#define  PBA_RX_20K		20		/* 20 + 20: two of the longest frames each way */

/* Interrupts (10.2.4); moderation 7.4 */
#define ICR			0x000C0		/* 10.2.4.1; a read clears it while IMS is 0 */
#define ITR			0x000C4		/* 10.2.4.2; least distance, in 256 ns */
#define IMS			0x000D0		/* mask set */
#define IMC			0x000D8		/* mask clear */
#define EIAC			0x000DC		/* causes that an MSI-X message clears */
#define IAM			0x000E0		/* mask that an ICR read applies */
#define IVAR			0x000E4		/* cause to MSI-X vector */
#define  IVAR_ALL_TO_0		(BIT32(3) | BIT32(11) | BIT32(19))	/* RXQ0, TXQ0, other */
#define EITR0			0x000E8		/* ITR of MSI-X vector 0 */

/* ICR, IMS, IMC */
#define INT_TXDW		BIT32(0)	/* TX descriptor written back */
#define INT_LSC			BIT32(2)	/* link status change */
#define INT_RXT0		BIT32(7)	/* frame received */
#define INT_RXQ0		BIT32(20)	/* with MSI-X, instead of RXT0 */
#define INT_TXQ0		BIT32(22)	/* with MSI-X, instead of TXDW */
#define INT_OTHER		BIT32(24)	/* with MSI-X, any other cause */
#define INT_ALL			UINT32_MAX

#define INT_RX_AND_LINK		(INT_LSC | INT_RXT0 | INT_RXQ0 | INT_OTHER)
#define INT_TX			(INT_TXDW | INT_TXQ0)

/* Receive (10.2.5) */
#define RCTL			0x00100		/* 10.2.5.1 */
#define  RCTL_EN		BIT32(1)
#define  RCTL_UPE		BIT32(3)	/* all unicast */
#define  RCTL_MPE		BIT32(4)	/* all multicast */
#define  RCTL_LPE		BIT32(5)	/* frames longer than 1522 bytes */
#define  RCTL_MO_47_36		0		/* MTA is looked up by these address bits */
#define  RCTL_BAM		BIT32(15)	/* broadcast */
#define  RCTL_BSIZE_SHIFT	16
#define  RCTL_BSIZE_MASK	3
#define  RCTL_BSEX		BIT32(25)	/* BSIZE times 16 */
#define  RCTL_SECRC		BIT32(26)	/* take the FCS off */
#define FCRTL			0x02160		/* 0: never send XOFF or XON */
#define FCRTH			0x02168
#define RDBAL			0x02800
#define RDBAH			0x02804
#define RDLEN			0x02808		/* bytes, a multiple of 128 */
#define RDH			0x02810
#define RDT			0x02818
#define RDTR			0x02820		/* interrupt delay; ITR does that */
#define RXDCTL			0x02828
#define  RXDCTL_WTHRESH_1	BIT32(16)	/* write back each descriptor at once */
#define RADV			0x0282C
#define RDLEN1			0x02908		/* second queue, unused */
#define RSRPD			0x02C00
#define RAID			0x02C08
#define RXCSUM			0x05000
#define  RXCSUM_IPOFLD		BIT32(8)
#define  RXCSUM_TUOFLD		BIT32(9)
#define RFCTL			0x05008		/* 0: legacy descriptors */
#define MTA			0x05200
#define  MTA_WORDS		128
#define RAL(n)			(0x05400 + 8 * (n))
#define RAH(n)			(0x05404 + 8 * (n))
#define  RAH_AV			BIT32(31)
#define  RA_ENTRIES		16
#define MRQC			0x05818		/* 0: one queue */

/* Transmit (10.2.6) */
#define TCTL			0x00400		/* 10.2.6.1 */
#define  TCTL_EN		BIT32(1)
#define  TCTL_PSP		BIT32(3)	/* pad short frames */
#define  TCTL_CT_15		(UINT32_C(0x0f) << 4)
#define  TCTL_COLD_FD		(UINT32_C(0x3f) << 12)
#define TIPG			0x00410
#define  TIPG_COPPER		(UINT32_C(6) << 20 | UINT32_C(8) << 10 | UINT32_C(8))
#define TDBAL			0x03800
#define TDBAH			0x03804
#define TDLEN			0x03808
#define TDH			0x03810
#define TDT			0x03818
#define TIDV			0x03820
#define TXDCTL			0x03828
#define  TXDCTL_WTHRESH_1	BIT32(16)
#define  TXDCTL_RESERVED_1	BIT32(22)	/* "must be set to 1b" */
#define  TXDCTL_GRAN		BIT32(24)	/* thresholds count descriptors */
#define TADV			0x0382C
#define TARC0			0x03840
#define  TARC_ENABLE		BIT32(10)
#define  TARC_COUNT_3		3		/* as after power-up */
#define TDLEN1			0x03908

/* Wake-up (10.2.8) */
#define WUC			0x05800
#define WUFC			0x05808

/* Statistics (10.2.7): see stats.c */

/* PHY, IEEE 802.3 clause 22 */
#define PHY_BMCR		0
#define  BMCR_ANRESTART		0x0200
#define  BMCR_PDOWN		0x0800
#define  BMCR_ANENABLE		0x1000

/**
 * struct rx_desc - legacy receive descriptor (7.1.4)
 * @addr: of the buffer
 * @wb: written back: length 15:0, checksum 31:16, RXD_* above
 */
struct rx_desc {
	uint64_t addr;
	uint64_t wb;
};

#define RXD_LEN(wb)		((uint32_t)(wb) & 0xffff)
/* status, bits 39:32 */
#define RXD_DD			(UINT64_C(1) << 32)
#define RXD_EOP			(UINT64_C(1) << 33)
#define RXD_IXSM		(UINT64_C(1) << 34)	/* checksums were not looked at */
#define RXD_TCPCS		(UINT64_C(1) << 37)	/* TCP or UDP checksum was */
/* errors, bits 47:40 */
#define RXD_CE			(UINT64_C(1) << 40)	/* CRC or alignment */
#define RXD_SE			(UINT64_C(1) << 41)	/* symbol */
#define RXD_SEQ			(UINT64_C(1) << 42)	/* sequence */
#define RXD_CXE			(UINT64_C(1) << 44)	/* carrier extension */
#define RXD_TCPE		(UINT64_C(1) << 45)
#define RXD_IPE			(UINT64_C(1) << 46)
#define RXD_RXE			(UINT64_C(1) << 47)	/* data */
#define RXD_FRAME_ERRORS	(RXD_CE | RXD_SE | RXD_SEQ | RXD_CXE | RXD_RXE)

/**
 * struct tx_desc - legacy transmit descriptor (7.2.10)
 * @addr: of the data
 * @cmd: length 15:0, TXD_* above
 */
struct tx_desc {
	uint64_t addr;
	uint64_t cmd;
};

#define TXD_EOP			(UINT64_C(1) << 24)
#define TXD_IFCS		(UINT64_C(1) << 25)	/* append the FCS */
#define TXD_RS			(UINT64_C(1) << 27)	/* write back DD */
#define TXD_DD			(UINT64_C(1) << 32)

/* Descriptor rings begin at a multiple of 16 bytes and are a multiple of 128 long. */
#define RING_ALIGN		128

/* Longest frame that a MTU makes: header, one VLAN tag, FCS. */
#define FRAME_OVERHEAD		(14 + 4 + 4)
/* Longest frame without RCTL_LPE. */
#define FRAME_MAX_NO_LPE	1522
/* Fewer bytes than this the device does not send, even with TCTL_PSP. */
#define FRAME_MIN_TX		17

#define MTU_MIN			68
#define MTU_MAX			9000

#endif /* E1000E_REGISTERS_H */
