// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of what the driver computes: ring arithmetic, address hash, buffer sizes.
 * The registers are plain memory and the test is the device.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rsdrv/pci.h>

#include "filter.h"
#include "ring.h"

static unsigned int nr, failed;

static void ok(bool good, const char *what)
{
	printf("%sok %u - %s\n", good ? "" : "not ", ++nr, what);
	if (!good)
		failed++;
}

static uint32_t regs[0x20000 / 4];
static struct rx_desc rx_desc[RX_RING_SIZE];
static struct tx_desc tx_desc[TX_RING_SIZE];
static struct rx_ring rx = { .desc = rx_desc, .regs = regs };
static struct tx_ring tx = { .desc = tx_desc, .regs = regs };

#define RX_IOVA		UINT64_C(0x123456000)
#define COOKIE(n)	((void *)(uintptr_t)((n) + 1))

static uint32_t reg(uint32_t r)
{
	return rsdrv_read32(regs, r);
}

/* What the device does with the next received frame. */
static void rx_device(uint32_t i, uint64_t wb)
{
	rx_desc[i % RX_RING_SIZE].wb = htole64(wb);
}

static void test_rx(void)
{
	unsigned int i, n, bad = 0;
	uint64_t wb;

	rx_ring_reset(&rx, RX_IOVA);
	ok(reg(RDBAL) == 0x23456000 && reg(RDBAH) == 1 && reg(RDLEN) == RX_RING_SIZE * 16 &&
	   !reg(RDH) && !reg(RDT), "rx: reset programs the ring");

	for (n = 0; !rx_ring_post(&rx, COOKIE(n), 0x1000 * (n + 1)); n++)
		;
	ok(n == RING_CREDIT, "rx: one descriptor stays free");
	ok(!reg(RDT), "rx: the device is told with the kick only");
	rx_ring_kick(&rx);
	ok(reg(RDT) == RX_RING_SIZE - 1, "rx: tail after the kick");
	ok(!rx_ring_reap(&rx, &wb), "rx: nothing done, nothing reaped");

	/* Three times round. */
	for (i = 0; i < 3 * RX_RING_SIZE; i++) {
		rx_device(i, RXD_DD | RXD_EOP | (60 + i % 1000));
		if (rx_ring_reap(&rx, &wb) != COOKIE(i % n) || RXD_LEN(wb) != 60 + i % 1000 ||
		    rx_ring_judge(&rx, wb) != RX_FRAME || rx_ring_reap(&rx, &wb))
			bad++;
		if (rx_ring_post(&rx, COOKIE(i % n), 0x1000))
			bad++;
		rx_ring_kick(&rx);
		if (reg(RDT) != (RX_RING_SIZE - 1 + i + 1) % RX_RING_SIZE)
			bad++;
	}
	ok(!bad, "rx: order and tail hold as the ring wraps");
	for (i = 0; rx_ring_take(&rx); i++)
		;
	ok(i == n && !rx_ring_reap(&rx, &wb), "rx: take empties the ring");
}

static void test_rx_posted_not_kicked(void)
{
	uint64_t wb;

	rx_ring_reset(&rx, RX_IOVA);
	rx_ring_post(&rx, COOKIE(0), 0x1000);
	rx_device(0, RXD_DD | RXD_EOP | 60);
	ok(!rx_ring_reap(&rx, &wb), "rx: a descriptor that the device was not told of is not done");
}

static void test_rx_judge(void)
{
	rx_ring_reset(&rx, RX_IOVA);
	ok(rx_ring_judge(&rx, RXD_DD | RXD_EOP | RXD_CE) == RX_ERROR, "rx: CRC error");
	ok(rx_ring_judge(&rx, RXD_DD) == RX_LONG && rx_ring_judge(&rx, RXD_DD) == RX_LONG &&
	   rx_ring_judge(&rx, RXD_DD | RXD_EOP) == RX_LONG, "rx: each piece of a long frame");
	ok(rx_ring_judge(&rx, RXD_DD | RXD_EOP) == RX_FRAME, "rx: the frame after it is good");
	ok(rx_csum_ok(RXD_DD | RXD_EOP | RXD_TCPCS), "rx: checksum found right");
	ok(!rx_csum_ok(RXD_TCPCS | RXD_TCPE) && !rx_csum_ok(RXD_TCPCS | RXD_IPE) &&
	   !rx_csum_ok(RXD_TCPCS | RXD_IXSM) && !rx_csum_ok(0), "rx: checksum wrong or unknown");
}

/* The device sends everything up to its tail. */
static void tx_device(void)
{
	static uint32_t head;

	if (!tx.kicked)
		head = 0;
	for (; head != reg(TDT); head = (head + 1) % TX_RING_SIZE)
		if (le64toh(tx_desc[head].cmd) & TXD_RS)
			tx_desc[head].cmd |= htole64(TXD_DD);
}

static void test_tx_pages(void)
{
	uint64_t last;

	tx_ring_reset(&tx, 0x4000);
	tx_device();
	tx_ring_put(&tx, COOKIE(0), 0x10000, 60);
	ok(tx.tail == 1 && le64toh(tx_desc[0].cmd) == (60 | TXD_EOP | TXD_IFCS),
	   "tx: a short frame is one descriptor");
	tx_ring_put(&tx, COOKIE(1), 0x20000, 9018);
	last = le64toh(tx_desc[3].cmd);
	ok(tx.tail == 4 && le64toh(tx_desc[1].addr) == 0x20000 &&
	   le64toh(tx_desc[2].addr) == 0x21000 && le64toh(tx_desc[3].addr) == 0x22000 &&
	   (tx_desc[1].cmd & 0xffff) == 4096 && (last & 0xffff) == 9018 - 8192,
	   "tx: a jumbo frame is cut at pages");
	ok(!(le64toh(tx_desc[1].cmd) & TXD_EOP) && last & TXD_EOP, "tx: its last piece ends it");
	tx_ring_put(&tx, COOKIE(2), 0x30800, 4096);
	ok(tx.tail == 6 && (tx_desc[4].cmd & 0xffff) == 2048, "tx: an unaligned frame too");
	tx_ring_put(&tx, COOKIE(3), 0x40000, 4096);
	ok(tx.tail == 7, "tx: a page is one descriptor");

	tx_ring_kick(&tx);
	ok(le64toh(tx_desc[6].cmd) & TXD_RS && !(le64toh(tx_desc[0].cmd) & TXD_RS),
	   "tx: only the end of the batch reports");
	ok(!tx_ring_reap(&tx), "tx: not sent yet");
	tx_device();
	ok(tx_ring_reap(&tx) == COOKIE(0) && tx_ring_reap(&tx) == COOKIE(1) &&
	   tx_ring_reap(&tx) == COOKIE(2) && tx_ring_reap(&tx) == COOKIE(3) &&
	   !tx_ring_reap(&tx) && tx_ring_idle(&tx), "tx: each frame comes back once, in order");
}

static void test_tx_full(void)
{
	unsigned int n, i, bad = 0;

	tx_ring_reset(&tx, 0x4000);
	tx_device();
	for (n = 0; !tx_ring_put(&tx, COOKIE(n), 0x10000, 9018); n++)
		;
	ok(n == (TX_RING_SIZE - 1) / 3, "tx: the ring takes what fits");
	ok(n >= RING_CREDIT, "tx: a whole credit of jumbo frames fits");
	ok(!tx_ring_reap(&tx), "tx: nothing is done before the kick");
	tx_ring_kick(&tx);
	tx_device();
	for (i = 0; i < n; i++)
		if (tx_ring_reap(&tx) != COOKIE(i))
			bad++;
	ok(!bad && !tx_ring_reap(&tx) && tx_ring_idle(&tx), "tx: and gives it back");
}

static void test_tx_take(void)
{
	tx_ring_reset(&tx, 0x4000);
	tx_device();
	tx_ring_put(&tx, COOKIE(0), 0x10000, 9018);
	tx_ring_kick(&tx);
	tx_ring_put(&tx, COOKIE(1), 0x20000, 60);
	ok(!tx_ring_reap(&tx) && tx_ring_take(&tx) == COOKIE(0) && tx_ring_take(&tx) == COOKIE(1) &&
	   !tx_ring_take(&tx), "tx: take empties the ring");
}

/* Batches of every size, for long enough that all indices wrap. */
static void test_tx_random(void)
{
	unsigned int put = 0, got = 0, bad = 0;
	unsigned int round, i, batch;
	void *cookie;

	tx_ring_reset(&tx, 0x4000);
	tx_device();
	srand(1);
	for (round = 0; round < 5000; round++) {
		batch = (unsigned int)rand() % 200;
		for (i = 0; i < batch; i++)
			if (!tx_ring_put(&tx, COOKIE(put), 0x10000, 60 + (uint32_t)rand() % 9000))
				put++;
		tx_ring_kick(&tx);
		if (reg(TDT) != tx.tail % TX_RING_SIZE)
			bad++;
		if (rand() % 3)
			tx_device();
		for (i = 0; i < 150 && (cookie = tx_ring_reap(&tx)); i++)
			if (cookie != COOKIE(got++))
				bad++;
	}
	tx_device();
	while ((cookie = tx_ring_reap(&tx)))
		if (cookie != COOKIE(got++))
			bad++;
	ok(!bad && got == put && put > 100 * TX_RING_SIZE,
	   "tx: random batches, none lost or doubled");
}

static void test_hash(void)
{
	static const uint8_t sheet[6] = { 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc };
	static const uint8_t v4_all[6] = { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x01 };
	static const uint8_t v6_all[6] = { 0x33, 0x33, 0x00, 0x00, 0x00, 0x01 };
	struct rs_net_conf conf = { .nr_mc = 2 };
	uint32_t mta[MTA_WORDS];
	unsigned int i, set = 0;

	/* Intel's example: xx:xx:xx:xx:9x:BC is bit 9 of row 94. */
	ok(filter_mta_hash(sheet) == 94 * 32 + 9, "hash: the manual's example");
	ok(filter_mta_hash(v4_all) == 0x010 && filter_mta_hash(v6_all) == 0x010, "hash: all hosts");

	memcpy(conf.mc[0], sheet, 6);
	memcpy(conf.mc[1], v4_all, 6);
	filter_mta(&conf, mta);
	for (i = 0; i < MTA_WORDS; i++)
		set += (unsigned int)__builtin_popcount(mta[i]);
	ok(set == 2 && mta[94] == BIT32(9) && mta[0] == BIT32(16), "hash: the table");
}

static void test_rctl(void)
{
	struct rs_net_conf conf = { .flags = RS_NET_UP, .mtu = 1500, .rx_buf_len = 2048 };
	uint32_t v = 0;

	ok(filter_buf_size(2047, &v) == 0, "size: 2047 is too small");
	ok(filter_buf_size(2048, &v) == 2048 && v == 0, "size: 2048");
	ok(filter_buf_size(8191, &v) == 4096 && v == (RCTL_BSEX | 3 << RCTL_BSIZE_SHIFT),
	   "size: 8191 is used as 4096");
	ok(filter_buf_size(8192, &v) == 8192 && v == (RCTL_BSEX | 2 << RCTL_BSIZE_SHIFT),
	   "size: 8192");
	ok(filter_buf_size(65536, &v) == 16384 && v == (RCTL_BSEX | 1 << RCTL_BSIZE_SHIFT),
	   "size: more than 16384");

	ok(!filter_rctl(&conf, &v) && !(v & (RCTL_LPE | RCTL_UPE | RCTL_MPE | RCTL_EN)) &&
	   v & RCTL_BAM && v & RCTL_SECRC, "rctl: MTU 1500");
	conf.mtu = 9000;
	ok(filter_rctl(&conf, &v) == -EINVAL, "rctl: buffers too small for the MTU");
	conf.rx_buf_len = 16384;
	ok(!filter_rctl(&conf, &v) && v & RCTL_LPE, "rctl: MTU 9000");
	conf.mtu = 9001;
	ok(filter_rctl(&conf, &v) == -EINVAL, "rctl: MTU too large");
	conf.mtu = 1500;
	conf.flags |= RS_NET_PROMISC;
	ok(!filter_rctl(&conf, &v) && v & RCTL_UPE && v & RCTL_MPE, "rctl: promiscuous");
	conf.flags = RS_NET_UP | RS_NET_ALLMULTI;
	ok(!filter_rctl(&conf, &v) && !(v & RCTL_UPE) && v & RCTL_MPE, "rctl: all multicast");
}

int main(void)
{
	puts("TAP version 13");
	test_rx();
	test_rx_posted_not_kicked();
	test_rx_judge();
	test_tx_pages();
	test_tx_full();
	test_tx_take();
	test_tx_random();
	test_hash();
	test_rctl();
	printf("1..%u\n", nr);
	return failed != 0;
}
