/* SPDX-License-Identifier: GPL-2.0 */
/*
 * frontend.h - where the core and the classes meet
 *
 * A front-end turns what clients do into requests.  It sees neither instances nor epochs: it
 * submits to the slot's queues and gets each request back once.  All it knows of failures is
 * replay(), which re-establishes what a driver forgets when it dies, and gate().
 */
#ifndef _RS_FRONTEND_H
#define _RS_FRONTEND_H

#include <linux/types.h>

struct rs_announce;
struct rs_blk_resize;
struct rs_instance;
struct rs_net_link;
struct rs_slot;

/**
 * struct rs_frontend_ops - one class
 */
struct rs_frontend_ops {
	/** @name: for people */
	const char *name;
	/** @class: enum rs_class */
	u32 class;
	/** @nr_queues: data queues, unless it is given another number; the message queue follows */
	u32 nr_queues;
	/** @max_queues: how many it can be given; 0 = it cannot */
	u32 max_queues;
	/** @depth: default depth of each */
	u32 depth;
	/** @pool_size: default size of an instance's pool, bytes */
	u64 pool_size;

	/**
	 * @announce: the driver describes the device, during INIT.
	 * The first time (slot->fe_priv is NULL) make the front-end; later, check that it is
	 * the same device.  Called with slot->lock held.  May take rtnl_lock.
	 */
	int (*announce)(struct rs_slot *slot, const struct rs_announce *announce);
	/**
	 * @replay: INIT succeeded: send the driver what it must know before clients' requests.
	 * Called from the slot's worker with slot->lock held.  Must lead to one call of
	 * rs_failover_replayed(), now or later; may ask to be called again by
	 * rs_slot_kick(RS_TODO_REPLAY_STEP).  Must not wait for the driver.
	 */
	void (*replay)(struct rs_slot *slot);
	/**
	 * @gate: the driver is up (@open) or gone.  slot->lock held, queues already switched.
	 */
	void (*gate)(struct rs_slot *slot, bool open);
	/** @expired: the gate time-out passed; QUEUED requests have been failed.  slot->lock held. */
	void (*expired)(struct rs_slot *slot);
	/**
	 * @remove: the slot goes.  First stage, without slot->lock: no new clients, wake those that
	 * wait, all requests have been failed.  May sleep, may take rtnl_lock.  On return only
	 * clients that hold a reference to the slot can submit.  fe_priv may be NULL.
	 */
	void (*remove)(struct rs_slot *slot);
	/** @free: last reference to the slot is gone.  fe_priv may be NULL. */
	void (*free)(struct rs_slot *slot);
};

/* NULL if the class is not built in. */
const struct rs_frontend_ops *rs_frontend(u32 class);

extern const struct rs_frontend_ops rs_none_frontend;
extern const struct rs_frontend_ops rs_chr_frontend;
extern const struct rs_frontend_ops rs_net_frontend;
extern const struct rs_frontend_ops rs_blk_frontend;

int rs_chr_init(void);
void rs_chr_exit(void);

/* RS_IOC_NET_LINK: the bound instance reports the link.  Called with slot->lock held. */
int rs_net_link(struct rs_slot *slot, const struct rs_net_link *link);
/* RS_IOC_BLK_RESIZE, by the bound instance.  Called with slot->lock held. */
int rs_blk_resize(struct rs_slot *slot, const struct rs_blk_resize *resize);
/* Index of the interface, 0 = none yet.  slot->lock held. */
u32 rs_net_ifindex(struct rs_slot *slot);

#endif /* _RS_FRONTEND_H */
