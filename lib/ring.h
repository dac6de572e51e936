/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The driver's side of one queue's pair of rings; see ring.c. */
#ifndef RING_H
#define RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/rs_channel.h>

/**
 * struct ring - the two rings of a queue and the cursors that only we know
 * @sq: head of the submission ring; written by the kernel
 * @sqe: its entries
 * @cq: head of the completion ring; written by us
 * @cqe: its entries
 * @sq_nr: entries of @sq, a power of two
 * @cq_nr: entries of @cq, a power of two
 * @sq_head: entries read so far, modulo 2^32
 * @cq_tail: entries written so far, modulo 2^32
 */
struct ring {
	const struct rs_sq *sq;
	const struct rs_sqe *sqe;
	struct rs_cq *cq;
	struct rs_cqe *cqe;
	uint32_t sq_nr;
	uint32_t cq_nr;
	uint32_t sq_head;
	uint32_t cq_tail;
};

/* No ring is longer: the deepest queue, and as many entries again for the kernel's own use. */
#define RING_NR_MAX	(2 * RS_DEPTH_MAX)

/* Bytes of a ring with @nr entries of @size bytes each. */
size_t ring_bytes(uint32_t nr, size_t size);

/* Take possession of mapped rings; -EPROTO if they are not what was agreed. */
int ring_init(struct ring *r, const void *sq, void *cq, uint32_t nr);

/* Copy the next request to *@sqe; false if there is none. */
bool ring_fetch(struct ring *r, struct rs_sqe *sqe);

/* Forget everything that was published and not read. */
void ring_skip(struct ring *r);

/* Append a completion. */
void ring_complete(struct ring *r, const struct rs_cqe *cqe);

#endif /* RING_H */
