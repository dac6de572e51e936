// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of counters (10.2.7) and their sums
 */
#include <string.h>

#include <rsdrv/pci.h>

#include "stats.h"

#define N(name, reg)	{ name, reg, 0 }
/* A 64-bit counter: two registers, reading the upper one clears both. */
#define W(name, reg)	{ name, reg, 1 }

static const struct {
	char name[24];
	uint32_t reg;
	uint32_t wide;
} counters[STATS_HW] = {
	N("rx_crc_errors", 0x04000),		/* CRCERRS */
	N("rx_align_errors", 0x04004),		/* ALGNERRC */
	N("rx_errors", 0x0400c),		/* RXERRC */
	N("rx_missed", 0x04010),		/* MPC */
	N("tx_single_coll", 0x04014),		/* SCC */
	N("tx_excess_coll", 0x04018),		/* ECOL */
	N("tx_multi_coll", 0x0401c),		/* MCC */
	N("tx_late_coll", 0x04020),		/* LATECOL */
	N("tx_collisions", 0x04028),		/* COLC */
	N("tx_deferred", 0x04030),		/* DC */
	N("tx_no_carrier", 0x04034),		/* TNCRS */
	N("rx_carrier_errors", 0x0403c),	/* CEXTERR */
	N("rx_length_errors", 0x04040),	/* RLEC */
	N("rx_xon", 0x04048),			/* XONRXC */
	N("tx_xon", 0x0404c),			/* XONTXC */
	N("rx_xoff", 0x04050),			/* XOFFRXC */
	N("tx_xoff", 0x04054),			/* XOFFTXC */
	N("rx_64", 0x0405c),			/* PRC64 */
	N("rx_65_127", 0x04060),		/* PRC127 */
	N("rx_128_255", 0x04064),		/* PRC255 */
	N("rx_256_511", 0x04068),		/* PRC511 */
	N("rx_512_1023", 0x0406c),		/* PRC1023 */
	N("rx_1024_max", 0x04070),		/* PRC1522 */
	N("rx_packets", 0x04074),		/* GPRC */
	N("rx_broadcast", 0x04078),		/* BPRC */
	N("rx_multicast", 0x0407c),		/* MPRC */
	N("tx_packets", 0x04080),		/* GPTC */
	W("rx_bytes", 0x04088),		/* GORCL, GORCH */
	W("tx_bytes", 0x04090),		/* GOTCL, GOTCH */
	N("rx_no_buffer", 0x040a0),		/* RNBC */
	N("rx_undersize", 0x040a4),		/* RUC */
	N("rx_fragments", 0x040a8),		/* RFC */
	N("rx_oversize", 0x040ac),		/* ROC */
	N("rx_jabber", 0x040b0),		/* RJC */
	N("tx_64", 0x040d8),			/* PTC64 */
	N("tx_65_127", 0x040dc),		/* PTC127 */
	N("tx_128_255", 0x040e0),		/* PTC255 */
	N("tx_256_511", 0x040e4),		/* PTC511 */
	N("tx_512_1023", 0x040e8),		/* PTC1023 */
	N("tx_1024_max", 0x040ec),		/* PTC1522 */
	N("tx_multicast", 0x040f0),		/* MPTC */
	N("tx_broadcast", 0x040f4),		/* BPTC */
};

static const char own_names[STATS_OWN][24] = {
	[STATS_RX_LONG] = "rx_too_long",
	[STATS_RX_ERRORS] = "rx_dropped_errors",
	[STATS_INTERRUPTS] = "interrupts",
	[STATS_RESETS] = "resets",
};

void stats_read(struct stats *s, struct hw *hw)
{
	unsigned int i;

	for (i = 0; i < STATS_HW; i++) {
		s->value[i] += rsdrv_read32(hw->regs, counters[i].reg);
		if (counters[i].wide)
			s->value[i] += (uint64_t)rsdrv_read32(hw->regs, counters[i].reg + 4) << 32;
	}
}

int stats_list(const struct stats *s, struct rs_net_stat *list, unsigned int max)
{
	unsigned int i;

	for (i = 0; i < STATS_MAX && i < max; i++) {
		memcpy(list[i].name, i < STATS_HW ? counters[i].name : own_names[i - STATS_HW],
		       sizeof(list[i].name));
		list[i].value = s->value[i];
	}
	return (int)i;
}
