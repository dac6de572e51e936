// SPDX-License-Identifier: GPL-2.0-only
/*
 * The descriptor rings: what is given to the device, and what comes back
 *
 * Who owns a descriptor: the driver from clean up to the moment of its kick, and
 * again once its done bit is set; the device in between.  The device writes done
 * bits in order, so the first that is not set ends a pass.
 *
 * TX asks for a done bit only at the end of a batch, and every TX_REPORT_EVERY
 * descriptors in a long one: each costs a write to memory, through the IOMMU.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include <rsdrv/pci.h>

#include "ring.h"

#define RX_MASK		(RX_RING_SIZE - 1)
#define TX_MASK		(TX_RING_SIZE - 1)

void rx_ring_reset(struct rx_ring *r, uint64_t iova)
{
	memset(r->desc, 0, RX_RING_SIZE * sizeof(*r->desc));
	memset(r->cookie, 0, sizeof(r->cookie));
	r->tail = 0;
	r->kicked = 0;
	r->clean = 0;
	r->skip = false;

	rsdrv_write32(r->regs, RDBAL, (uint32_t)iova);
	rsdrv_write32(r->regs, RDBAH, (uint32_t)(iova >> 32));
	rsdrv_write32(r->regs, RDLEN, RX_RING_SIZE * sizeof(*r->desc));
	rsdrv_write32(r->regs, RDH, 0);
	rsdrv_write32(r->regs, RDT, 0);
}

int rx_ring_post(struct rx_ring *r, void *cookie, uint64_t iova)
{
	struct rx_desc *d = &r->desc[r->tail & RX_MASK];

	if (r->tail - r->clean >= RX_RING_SIZE - 1)
		return -ENOSPC;
	d->addr = htole64(iova);
	d->wb = 0;
	r->cookie[r->tail & RX_MASK] = cookie;
	r->tail++;
	return 0;
}

void rx_ring_kick(struct rx_ring *r)
{
	if (r->kicked == r->tail)
		return;
	r->kicked = r->tail;
	rsdrv_write32(r->regs, RDT, r->tail & RX_MASK);
}

void *rx_ring_reap(struct rx_ring *r, uint64_t *wb)
{
	uint64_t v;

	if (r->clean == r->kicked)
		return NULL;
	v = le64toh(__atomic_load_n(&r->desc[r->clean & RX_MASK].wb, __ATOMIC_RELAXED));
	if (!(v & RXD_DD))
		return NULL;
	rsdrv_dma_rmb();
	*wb = v;
	return r->cookie[r->clean++ & RX_MASK];
}

void *rx_ring_take(struct rx_ring *r)
{
	if (r->clean == r->tail)
		return NULL;
	return r->cookie[r->clean++ & RX_MASK];
}

enum rx_verdict rx_ring_judge(struct rx_ring *r, uint64_t wb)
{
	bool piece = r->skip || !(wb & RXD_EOP);

	r->skip = !(wb & RXD_EOP);
	if (piece)
		return RX_LONG;
	return wb & RXD_FRAME_ERRORS ? RX_ERROR : RX_FRAME;
}

void tx_ring_reset(struct tx_ring *r, uint64_t iova)
{
	memset(r->desc, 0, TX_RING_SIZE * sizeof(*r->desc));
	memset(r->cookie, 0, sizeof(r->cookie));
	r->tail = 0;
	r->kicked = 0;
	r->done = 0;
	r->clean = 0;
	r->reported = 0;
	r->report_tail = 0;
	r->report_head = 0;

	rsdrv_write32(r->regs, TDBAL, (uint32_t)iova);
	rsdrv_write32(r->regs, TDBAH, (uint32_t)(iova >> 32));
	rsdrv_write32(r->regs, TDLEN, TX_RING_SIZE * sizeof(*r->desc));
	rsdrv_write32(r->regs, TDH, 0);
	rsdrv_write32(r->regs, TDT, 0);
}

static void tx_ring_report(struct tx_ring *r)
{
	uint32_t last = r->tail - 1;

	r->desc[last & TX_MASK].cmd |= htole64(TXD_RS);
	r->report[r->report_tail++ & TX_MASK] = last;
	r->reported = r->tail;
}

int tx_ring_put(struct tx_ring *r, void *cookie, uint64_t iova, uint32_t len)
{
	uint32_t pages = (uint32_t)(((iova & (TX_PAGE - 1)) + len + TX_PAGE - 1) / TX_PAGE);
	struct tx_desc *d;
	uint32_t n;

	if (TX_RING_SIZE - 1 - (r->tail - r->clean) < pages)
		return -ENOSPC;
	do {
		d = &r->desc[r->tail & TX_MASK];
		n = TX_PAGE - (iova & (TX_PAGE - 1));
		if (n > len)
			n = len;
		len -= n;
		d->addr = htole64(iova);
		d->cmd = htole64(n | TXD_IFCS | (len ? 0 : TXD_EOP));
		r->cookie[r->tail & TX_MASK] = len ? NULL : cookie;
		iova += n;
		r->tail++;
	} while (len);
	if (r->tail - r->reported >= TX_REPORT_EVERY)
		tx_ring_report(r);
	return 0;
}

void tx_ring_kick(struct tx_ring *r)
{
	if (r->kicked == r->tail)
		return;
	if (r->reported != r->tail)
		tx_ring_report(r);
	r->kicked = r->tail;
	rsdrv_write32(r->regs, TDT, r->tail & TX_MASK);
}

/* See how far the device has come; false = no further than it was known to be. */
static bool tx_ring_look(struct tx_ring *r)
{
	uint32_t last;
	uint64_t v;

	if (r->report_head == r->report_tail || r->done == r->kicked)
		return false;
	last = r->report[r->report_head & TX_MASK];
	v = le64toh(__atomic_load_n(&r->desc[last & TX_MASK].cmd, __ATOMIC_RELAXED));
	if (!(v & TXD_DD))
		return false;
	r->report_head++;
	r->done = last + 1;
	return true;
}

void *tx_ring_reap(struct tx_ring *r)
{
	void *cookie;

	do {
		while (r->clean != r->done) {
			cookie = r->cookie[r->clean++ & TX_MASK];
			if (cookie)
				return cookie;
		}
	} while (tx_ring_look(r));
	return NULL;
}

void *tx_ring_take(struct tx_ring *r)
{
	void *cookie;

	while (r->clean != r->tail) {
		cookie = r->cookie[r->clean++ & TX_MASK];
		if (cookie)
			return cookie;
	}
	return NULL;
}
