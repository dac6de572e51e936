// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The driver's side of one queue's pair of rings
 *
 * Who owns an entry:
 *
 *	SQ entry i	kernel, until sq->tail > i (modulo 2^32);
 *			then ours, until its request is completed and the kernel has reaped that
 *	CQ entry i	ours, until cq->tail > i; then the kernel's, until RS_IOC_ENTER returns
 *
 * Why that suffices: the kernel publishes at most `credit` requests that are not
 * completed, credit <= nr, so it never overwrites an SQ entry that we have not read;
 * and each completion answers one of those, so that between two RS_IOC_ENTER at most
 * nr of the 2 * nr CQ entries are written.
 *
 * One acquire (sq->tail) and one release (cq->tail); the kernel has their partners.
 * Nothing here sleeps, allocates or calls the kernel.
 */
#include <errno.h>
#include <string.h>

#include "ring.h"

size_t ring_bytes(uint32_t nr, size_t size)
{
	return RS_RING_ENTRIES + nr * size;
}

int ring_init(struct ring *r, const void *sq, void *cq, uint32_t nr)
{
	memset(r, 0, sizeof(*r));
	r->sq = sq;
	r->sqe = (const struct rs_sqe *)((const char *)sq + RS_RING_ENTRIES);
	r->cq = cq;
	r->cqe = (struct rs_cqe *)((char *)cq + RS_RING_ENTRIES);
	r->sq_nr = nr;
	r->cq_nr = 2 * nr;
	if (!nr || nr & (nr - 1) || r->sq->nr != nr)
		return -EPROTO;
	/* A process that attaches to a fresh instance finds both at 0. */
	r->cq_tail = r->cq->tail;
	return 0;
}

bool ring_fetch(struct ring *r, struct rs_sqe *sqe)
{
	uint32_t tail = __atomic_load_n(&r->sq->tail, __ATOMIC_ACQUIRE);

	if (tail == r->sq_head)
		return false;
	*sqe = r->sqe[r->sq_head & (r->sq_nr - 1)];
	r->sq_head++;
	return true;
}

void ring_skip(struct ring *r)
{
	r->sq_head = __atomic_load_n(&r->sq->tail, __ATOMIC_ACQUIRE);
}

void ring_complete(struct ring *r, const struct rs_cqe *cqe)
{
	r->cqe[r->cq_tail & (r->cq_nr - 1)] = *cqe;
	__atomic_store_n(&r->cq->tail, ++r->cq_tail, __ATOMIC_RELEASE);
}
