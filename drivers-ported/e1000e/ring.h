/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The descriptor rings
 *
 * A ring is driven by three numbers that only grow: *tail* (descriptors ever given
 * to the device), *kicked* (of them, those that the device was told of) and *clean*
 * (those taken back).  The device's own head is never read: done bits in memory say
 * the same without a register access.
 *
 *	clean <= kicked <= tail <= clean + nr - 1
 *
 * A *cookie* is what the caller wants back with a descriptor.
 */
#ifndef E1000E_RING_H
#define E1000E_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "registers.h"

/*
 * A frame may need several TX descriptors: one for each 4 KiB page that it touches
 * (see tx_ring_put()).  With four times as many as RX, the frames of one credit fit
 * even if all are jumbo frames.
 */
#define RX_RING_SIZE		256
#define TX_RING_SIZE		1024
#define TX_PAGE			4096
#define RX_RING_BYTES		(RX_RING_SIZE * sizeof(struct rx_desc))
#define TX_RING_BYTES		(TX_RING_SIZE * sizeof(struct tx_desc))
/* Frames, or buffers, that a ring holds: one descriptor always stays free. */
#define RING_CREDIT		(RX_RING_SIZE - 1)
/* The device reports completion at least so often, in descriptors. */
#define TX_REPORT_EVERY		32

/**
 * struct rx_ring - receive ring
 * @desc: RX_RING_SIZE descriptors in DMA memory
 * @regs: the device's registers
 * @tail: see above
 * @kicked: see above
 * @clean: see above
 * @skip: a frame that did not fit one buffer goes on
 * @cookie: of each descriptor
 */
struct rx_ring {
	struct rx_desc *desc;
	void *regs;
	uint32_t tail;
	uint32_t kicked;
	uint32_t clean;
	bool skip;
	void *cookie[RX_RING_SIZE];
};

/**
 * struct tx_ring - transmit ring
 * @desc: TX_RING_SIZE descriptors in DMA memory
 * @regs: the device's registers
 * @tail: see above
 * @kicked: see above
 * @done: descriptors that the device is known to have finished
 * @clean: see above
 * @reported: descriptors before this one have a report behind them
 * @report: which descriptors report, oldest first
 * @report_tail: reports ever asked for
 * @report_head: reports ever seen
 * @cookie: of each frame's last descriptor; NULL at the others
 */
struct tx_ring {
	struct tx_desc *desc;
	void *regs;
	uint32_t tail;
	uint32_t kicked;
	uint32_t done;
	uint32_t clean;
	uint32_t reported;
	uint32_t report[TX_RING_SIZE];
	uint32_t report_tail;
	uint32_t report_head;
	void *cookie[TX_RING_SIZE];
};

/* What to do with a received descriptor. */
enum rx_verdict {
	RX_FRAME,		/* a whole and good frame */
	RX_ERROR,		/* the device found it damaged */
	RX_LONG,		/* a piece of one that is longer than a buffer */
};

/* rx_ring_reset() - empty the ring, here and in the device, which must not be receiving. */
void rx_ring_reset(struct rx_ring *r, uint64_t iova);

/* rx_ring_post() - give a buffer to the device, with the next kick.  Returns 0 or -ENOSPC. */
int rx_ring_post(struct rx_ring *r, void *cookie, uint64_t iova);

/* rx_ring_kick() - tell the device of what was posted; at most one register write. */
void rx_ring_kick(struct rx_ring *r);

/* rx_ring_reap() - the next finished buffer's cookie and its words, or NULL. */
void *rx_ring_reap(struct rx_ring *r, uint64_t *wb);

/* rx_ring_take() - the oldest buffer that is still posted, or NULL.  For a stopped ring. */
void *rx_ring_take(struct rx_ring *r);

/* rx_ring_judge() - what a reaped descriptor is; call once for each, in order. */
enum rx_verdict rx_ring_judge(struct rx_ring *r, uint64_t wb);

/* rx_csum_ok() - did the device find the TCP or UDP checksum right? */
static inline bool rx_csum_ok(uint64_t wb)
{
	return (wb & (RXD_IXSM | RXD_TCPCS | RXD_TCPE | RXD_IPE)) == RXD_TCPCS;
}

/* tx_ring_reset() - empty the ring, here and in the device, which must not be sending. */
void tx_ring_reset(struct tx_ring *r, uint64_t iova);

/*
 * tx_ring_put() - queue a frame for the next kick.  Returns 0 or -ENOSPC.
 *
 * A frame is cut at page boundaries.  The device does not need that, but pages of one
 * buffer that follow each other for the IOMMU may lie apart behind it, and QEMU drops
 * what it cannot map in one piece.
 */
int tx_ring_put(struct tx_ring *r, void *cookie, uint64_t iova, uint32_t len);

/* tx_ring_kick() - tell the device of what was queued; at most one register write. */
void tx_ring_kick(struct tx_ring *r);

/* tx_ring_reap() - the next sent frame's cookie, or NULL. */
void *tx_ring_reap(struct tx_ring *r);

/* tx_ring_take() - the oldest frame that was not reaped, or NULL.  For a stopped ring. */
void *tx_ring_take(struct tx_ring *r);

static inline bool tx_ring_idle(const struct tx_ring *r)
{
	return r->clean == r->tail;
}

#endif /* E1000E_RING_H */
