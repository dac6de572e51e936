/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The controller's registers, in BAR 0
 *
 * Source: "NVM Express Base Specification", revision 1.4, section 3.1; the number behind
 * each register is the section that describes it.  Bits that this driver neither sets nor
 * reads are left out.  Registers of 64 bits may be accessed as two of 32, the lower first.
 */
#ifndef NVME_REGISTERS_H
#define NVME_REGISTERS_H

#include <stdint.h>

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define BIT32(n)		(UINT32_C(1) << (n))

/* Capabilities (3.1.1), 64 bits */
#define CAP_LO			0x00
#define CAP_HI			0x04
#define  CAP_MQES(cap)		((uint32_t)((cap) & 0xffff))	/* entries of a queue, less 1 */
#define  CAP_TO(cap)		((uint32_t)((cap) >> 24 & 0xff)) /* for RDY, in 500 ms */
#define  CAP_DSTRD(cap)		((uint32_t)((cap) >> 32 & 0xf))	/* doorbells: 4 << DSTRD apart */
#define  CAP_CSS_NVM(cap)	((uint32_t)((cap) >> 37 & 1))	/* has the NVM command set */
#define  CAP_MPSMIN(cap)	((uint32_t)((cap) >> 48 & 0xf))	/* pages of 4 KiB << n, at least */

#define VS			0x08		/* version (3.1.2) */
#define  VS_1_0			0x10000

/* Controller configuration (3.1.5) */
#define CC			0x14
#define  CC_EN			BIT32(0)
#define  CC_SHN_MASK		(3 * BIT32(14))
#define  CC_SHN_NORMAL		BIT32(14)
#define  CC_IOSQES_64		(6 * BIT32(16))	/* 2^6 bytes of a submission entry */
#define  CC_IOCQES_16		(4 * BIT32(20))	/* 2^4 bytes of a completion entry */

/* Controller status (3.1.6) */
#define CSTS			0x1c
#define  CSTS_RDY		BIT32(0)
#define  CSTS_CFS		BIT32(1)	/* fatal: only a reset helps (9.5) */
#define  CSTS_SHST_MASK		(3 * BIT32(2))
#define  CSTS_SHST_DONE		(2 * BIT32(2))
/* A device that is gone reads so; no status does. */
#define  CSTS_GONE		UINT32_MAX

#define AQA			0x24		/* sizes of the admin queues less 1 (3.1.8) */
#define  AQA_ACQS_SHIFT		16
#define ASQ_LO			0x28		/* admin submission queue (3.1.9) */
#define ASQ_HI			0x2c
#define ACQ_LO			0x30		/* admin completion queue (3.1.10) */
#define ACQ_HI			0x34

/* The doorbells, the last two registers of 3.1; @stride is 4 << CAP.DSTRD. */
#define DOORBELLS		0x1000
#define SQ_TAIL(id, stride)	(DOORBELLS + 2 * (size_t)(id) * (stride))
#define CQ_HEAD(id, stride)	(DOORBELLS + (2 * (size_t)(id) + 1) * (stride))

#endif /* NVME_REGISTERS_H */
