/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rooms of the slot's worker, and what they share
 *
 *	failover.c	the life of a slot: bind, unbind, fence, replay
 *	update.c	a live update: prepare, swap, commit, roll back
 *
 * All are called with slot->lock held, but for rs_answer() and rs_answered().
 */
#ifndef _RS_FAILOVER_PRIV_H
#define _RS_FAILOVER_PRIV_H

#include <linux/atomic.h>
#include <linux/types.h>

struct rs_instance;
struct rs_slot;

/* failover.c */

void rs_set_state(struct rs_slot *slot, u32 state);
/* Nobody serves from here on.  @guilty: because it died. */
void rs_unbind(struct rs_slot *slot, bool guilty);
/* Make @inst the one that serves, and send INIT of @type.  False if it died in between. */
bool rs_bind(struct rs_slot *slot, struct rs_instance *inst, u32 type);
/* After the fence: the slot waits, or goes on at once. */
void rs_down(struct rs_slot *slot, bool hot);
/* The same when @inst, which was unbound, is fenced: with effects backend that is when it has ended. */
void rs_gone(struct rs_slot *slot, struct rs_instance *inst, bool hot);
/* INIT is over: opens and settings. */
void rs_replay(struct rs_slot *slot);

/* Leave @res where the worker finds it; an answer to an earlier @epoch hides none. */
void rs_answer(atomic64_t *answer, u32 epoch, int res);
/* Was it answered under this @epoch? */
bool rs_answered(const atomic64_t *answer, u32 epoch, int *ret_res);

#endif /* _RS_FAILOVER_PRIV_H */
