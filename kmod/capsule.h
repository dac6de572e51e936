/* SPDX-License-Identifier: GPL-2.0 */
/*
 * capsule.h - what the last instance that died had in its hands
 */
#ifndef _RS_CAPSULE_H
#define _RS_CAPSULE_H

#include <linux/types.h>

struct rs_instance;
struct rs_slot;

#define RS_CAPSULE_REQS	32

/**
 * struct rs_capsule_req - one request, as it was published
 * @queue: index of its queue
 * @tag: see struct rs_req
 * @gen: see struct rs_req
 * @op: enum rs_op
 * @attempt: publications so far, this one included
 * @deaths: instances that died with it before
 * @len: bytes
 * @seq: number in its queue
 * @offset: see struct rs_sqe
 */
struct rs_capsule_req {
	u16 queue;
	u16 tag;
	u32 gen;
	u16 op;
	u16 attempt;
	u16 deaths;
	u32 len;
	u64 seq;
	u64 offset;
};

/**
 * struct rs_capsule - taken at the moment of unbinding (slot->lock)
 * @instance: whose; 0 = none died yet
 * @total: requests it held, posted buffers not counted
 * @posted: posted buffers it held
 * @nr: of @req
 * @req: the oldest of them
 */
struct rs_capsule {
	u32 instance;
	u32 total;
	u32 posted;
	u32 nr;
	struct rs_capsule_req req[RS_CAPSULE_REQS];
};

/* @inst, which is bound, is about to be unbound because it died.  slot->lock held. */
void rs_capsule_take(struct rs_slot *slot, const struct rs_instance *inst);

#endif /* _RS_CAPSULE_H */
