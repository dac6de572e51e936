// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two rings of a pair and the commands under way
 *
 * The phase bit (4.6) makes reading the controller's tail unnecessary: it is 1 in the
 * completions of the first round, 0 in the second, and so on.  What the controller says of
 * the submission queue's head is not needed either, since there are fewer identifiers than
 * entries.
 */
#include <string.h>

#include <rsdrv/pci.h>

#include "queue.h"
#include "registers.h"
#include "status.h"

void queue_reset(struct queue *q, uint16_t id, uint16_t nr, size_t stride)
{
	uint16_t i;

	memset(q->cq, 0, nr * sizeof(*q->cq));
	q->sq_tail_reg = SQ_TAIL(id, stride);
	q->cq_head_reg = CQ_HEAD(id, stride);
	q->id = id;
	q->nr = nr;
	q->tail = 0;
	q->rung = 0;
	q->head = 0;
	q->acked = 0;
	q->phase = 1;
	q->nr_busy = 0;
	q->oldest = CID_NONE;
	q->youngest = CID_NONE;
	q->free = CID_NONE;
	for (i = nr - 1; i--;) {
		q->slot[i].cookie = NULL;
		q->slot[i].next = q->free;
		q->free = i;
	}
}

uint16_t queue_get(struct queue *q, void *cookie, uint32_t tick)
{
	uint16_t cid = q->free;
	struct slot *s;

	if (cid == CID_NONE)
		return CID_NONE;
	s = &q->slot[cid];
	q->free = s->next;
	s->cookie = cookie;
	s->tick = tick;
	s->tries = 0;
	s->rung = 0;
	s->next = CID_NONE;
	s->prev = q->youngest;
	if (q->youngest == CID_NONE)
		q->oldest = cid;
	else
		q->slot[q->youngest].next = cid;
	q->youngest = cid;
	q->nr_busy++;
	return cid;
}

void queue_drop(struct queue *q, uint16_t cid)
{
	struct slot *s = &q->slot[cid];

	if (s->prev == CID_NONE)
		q->oldest = s->next;
	else
		q->slot[s->prev].next = s->next;
	if (s->next == CID_NONE)
		q->youngest = s->prev;
	else
		q->slot[s->next].prev = s->prev;
	s->cookie = NULL;
	s->next = q->free;
	q->free = cid;
	q->nr_busy--;
}

static uint16_t next(const struct queue *q, uint16_t i)
{
	return i + 1 == q->nr ? 0 : i + 1;
}

void queue_push(struct queue *q, uint16_t cid, struct nvme_cmd *cmd)
{
	cmd->cid = htole16(cid);
	q->sq[q->tail] = *cmd;
	q->tail = next(q, q->tail);
}

void queue_kick(struct queue *q)
{
	if (q->rung == q->tail)
		return;
	q->rung = q->tail;
	rsdrv_write32(q->regs, q->sq_tail_reg, q->tail);
}

bool queue_reap(struct queue *q, struct answer *ret)
{
	const struct nvme_cqe *cqe;
	uint16_t status, cid;

	for (;;) {
		cqe = &q->cq[q->head];
		status = le16toh(__atomic_load_n(&cqe->status, __ATOMIC_RELAXED));
		if ((status & 1) != q->phase)
			return false;
		rsdrv_dma_rmb();
		/* Once: it is the controller's to write. */
		cid = le16toh(__atomic_load_n(&cqe->cid, __ATOMIC_RELAXED));
		ret->result = le32toh(__atomic_load_n(&cqe->result, __ATOMIC_RELAXED));
		q->head = next(q, q->head);
		if (!q->head)
			q->phase ^= 1;
		/* A controller that answers what nobody asked is not believed. */
		if (cid < q->nr - 1 && q->slot[cid].cookie)
			break;
		q->strays++;
	}
	ret->cookie = q->slot[cid].cookie;
	ret->cid = cid;
	ret->status = STATUS(status);
	ret->tries = q->slot[cid].tries;
	ret->rung = q->slot[cid].rung;
	queue_drop(q, cid);
	return true;
}

void queue_ack(struct queue *q)
{
	if (q->acked == q->head)
		return;
	q->acked = q->head;
	rsdrv_write32(q->regs, q->cq_head_reg, q->head);
}

bool queue_take(struct queue *q, struct answer *ret)
{
	uint16_t cid = q->oldest;

	if (cid == CID_NONE)
		return false;
	*ret = (struct answer){
		.cookie = q->slot[cid].cookie,
		.cid = cid,
		.tries = q->slot[cid].tries,
		.rung = q->slot[cid].rung,
	};
	queue_drop(q, cid);
	return true;
}
