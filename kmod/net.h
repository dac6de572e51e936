/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rooms of the network front-end, and what they share
 *
 *	net.c		the interface: made once, never disappears while its slot lives
 *	net_tx.c	frames out: an skb is kept until its request is completed
 *	net_rx.c	frames in: copied out of the pool, then parsed
 *	net_conf.c	what the driver must know: one message, sent again whenever it changed
 *	net_ethtool.c	link and counters
 *
 * Completions arrive in rs_net_done() in whatever context reaps them; it only hands them to
 * NAPI, which does the work with bottom halves off: under RS_IOC_ENTER that is the same thread,
 * a moment later, for the whole batch.
 *
 * Locks, inside rtnl: queue->lock (ledger.h) > conf_lock.  done_lock and stats_lock are leaves.  None
 * of them is held while a request is submitted.
 */
#ifndef _RS_NET_H
#define _RS_NET_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include <linux/rs_channel.h>

#include "endpoint.h"
#include "ledger.h"

#define RS_NET_QUEUE_TX		1
#define RS_NET_QUEUE_RX		2

/* Buffer of RS_OP_NET_STATS, and the counters that fit. */
#define RS_NET_STATS_BUF	4096
#define RS_NET_STATS_MAX	(RS_NET_STATS_BUF / sizeof(struct rs_net_stat))

/* Counters of our own; a name for each in rs_net_counter_name[]. */
enum rs_net_counter {
	RS_NET_TX_DROPPED_FAILOVER,
	RS_NET_TX_ERRORS,
	RS_NET_TX_NO_TAG,
	RS_NET_TX_STOPPED,
	RS_NET_RX_SHORT,
	RS_NET_RX_NO_MEMORY,
	RS_NET_RX_CANCELED,
	RS_NET_CONF_SENT,
	RS_NET_CONF_REFUSED,
	RS_NET_OUTAGES,
	RS_NET_EXPIRED,
	RS_NET_NR_COUNTERS
};

/**
 * struct rs_net - one interface; private part of its net_device, slot->fe_priv
 * @dev: the interface
 * @slot: its slot, which outlives it
 * @tx: data queue
 * @rx: data queue
 * @napi: turns completions into frames; enabled from announce to remove
 * @min_mtu: as announced
 * @max_mtu: as announced
 * @bus_info: the leased device
 *
 * @done_lock: protects @tx_done and @rx_done; bh
 * @tx_done: completed frames, not yet freed
 * @rx_done: completed buffers, not yet looked at
 * @rx_work: taken from @rx_done (NAPI only)
 * @tx_busy: tags in use on @tx
 * @busy: requests submitted and not given back, all queues
 * @idle: remove() waits here for @busy
 *
 * @conf_lock: protects @conf to @replaying; bh
 * @conf: what the driver should know
 * @sent: what it was told last (written at publication)
 * @conf_req: the request that carries it; ours for good
 * @conf_dirty: @conf changed since @sent
 * @conf_flight: @conf_req is submitted
 * @conf_staged: @conf_req has been published at least once since its submission
 * @replaying: rs_failover_replayed() is due when @conf_req is completed
 * @rx_size: bytes of the RX buffers to post, 0 = post none; read anywhere
 *
 * @gate_open: the driver is up; written with slot->lock held, read anywhere
 * @expired: the gate time-out passed, carrier is off whatever the link (slot->lock)
 * @link: the driver's last word; read anywhere
 *
 * @stats_lock: protects @stats and @nr_stats; bh
 * @stats_req: the request that asks for them; ours for good
 * @stats_flight: @stats_req is submitted (rtnl to set, done() to clear)
 * @stats_done: an answer came
 * @stats: last answer
 * @nr_stats: counters in it
 * @shown: what ethtool is being told (rtnl)
 * @nr_shown: counters in it (rtnl)
 *
 * @counter: see enum rs_net_counter
 */
struct rs_net {
	struct net_device *dev;
	struct rs_slot *slot;
	struct rs_queue *tx;
	struct rs_queue *rx;
	struct napi_struct napi;
	u32 min_mtu;
	u32 max_mtu;
	char bus_info[16];

	/* @done_lock: see above */
	spinlock_t done_lock;
	struct list_head tx_done;
	struct list_head rx_done;
	struct list_head rx_work;
	atomic_t tx_busy;
	atomic_t busy;
	wait_queue_head_t idle;

	/* @conf_lock: see above */
	spinlock_t conf_lock;
	struct rs_net_conf conf;
	struct rs_net_conf sent;
	struct rs_req *conf_req;
	bool conf_dirty;
	bool conf_flight;
	bool conf_staged;
	bool replaying;
	u32 rx_size;

	bool gate_open;
	bool expired;
	struct rs_net_link link;

	/* @stats_lock: see above */
	spinlock_t stats_lock;
	struct rs_req *stats_req;
	bool stats_flight;
	struct completion stats_done;
	struct rs_net_stat stats[RS_NET_STATS_MAX];
	u32 nr_stats;
	struct rs_net_stat shown[RS_NET_STATS_MAX];
	u32 nr_shown;

	atomic64_t counter[RS_NET_NR_COUNTERS];
};

static inline void rs_net_count(struct rs_net *net, enum rs_net_counter counter)
{
	atomic64_inc(&net->counter[counter]);
}

/* Submit, and give back: what remove() waits for. */
void rs_net_submit(struct rs_net *net, struct rs_req *req, bool kick);
void rs_net_put_busy(struct rs_net *net);

/* A TX or RX request is completed: put it on @list and let NAPI see to it.  Any context. */
void rs_net_done(struct rs_net *net, struct rs_req *req, struct list_head *list);

netdev_tx_t rs_net_xmit(struct sk_buff *skb, struct net_device *dev);
/* Free completed frames (NAPI). */
void rs_net_tx_reap(struct rs_net *net, int budget);
/* Let the stack send again if there are tags. */
void rs_net_tx_wake(struct rs_net *net);

/* Deliver at most @budget received frames (NAPI).  Returns how many. */
int rs_net_rx_reap(struct rs_net *net, int budget);
/* Post as many empty buffers as there are tags, if the driver wants them. */
void rs_net_rx_fill(struct rs_net *net);

int rs_net_conf_init(struct rs_net *net);
/* The part of the configuration that the interface's own fields hold, and @up.  rtnl. */
void rs_net_conf_update(struct rs_net *net, bool up);
/* Addresses and modes.  Address-list lock held. */
void rs_net_conf_rx_mode(struct rs_net *net);
/* Tell a new driver everything; leads to rs_failover_replayed(). */
void rs_net_conf_replay(struct rs_net *net);

int rs_net_stats_init(struct rs_net *net);
extern const struct ethtool_ops rs_net_ethtool_ops;

#endif /* _RS_NET_H */
