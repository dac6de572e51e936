/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rooms of the ledger, and what they share
 *
 *	ledger.c	queues and requests: tags, order, publication, binding, replay
 *	ledger_stage.c	the client brings the bytes of its request into the pool
 *	ledger_reap.c	completions: what an instance wrote, checked and claimed
 *
 * Everybody else includes ledger.h.
 */
#ifndef _RS_LEDGER_PRIV_H
#define _RS_LEDGER_PRIV_H

#include <linux/list.h>
#include <linux/types.h>

#include "ledger.h"

/* rs_sqe.id */
#define RS_ID(tag, index, gen)	((u64)(gen) << 32 | (u64)(index) << 16 | (tag))
#define RS_ID_TAG(id)		((u16)(id))
#define RS_ID_INDEX(id)		((u16)((id) >> 16))
#define RS_ID_GEN(id)		((u32)((id) >> 32))

/* ledger.c */

/* Hand requests that are DONE to their front-ends.  No lock held. */
void rs_req_finish(struct list_head *done);
/*
 * Give the buffer back, if there is one.  True: a request that found no buffer may find one now
 * (rs_queue_fed()).  Queue lock held.
 */
bool rs_req_drop_buf(struct rs_req *req);
/* A buffer came free: run all queues of the slot.  Queue lock not held. */
void rs_queue_fed(struct rs_slot *slot);
/* The queue's suspect is none any more.  True: another queue may have one.  Queue lock held. */
bool rs_queue_acquit(struct rs_queue *queue);
/* Publish what can be published, drop the queue's lock, ring the doorbell. */
void rs_queue_run_unlock(struct rs_queue *queue) __releases(&queue->lock);

/* ledger_stage.c */

/* Queue lock held, or a racy look. */
bool rs_req_wants_data_locked(struct rs_req *req);
/*
 * There is no buffer for @older: take one from a client that brought its bytes early.  It is
 * asked for them again.  Without this, requests that wait their turn could hold all buffers.
 * False: nobody holds one.  Queue lock held.
 */
bool rs_queue_unstage(struct rs_queue *queue, const struct rs_req *older);

#endif /* _RS_LEDGER_PRIV_H */
