// SPDX-License-Identifier: GPL-2.0
/*
 * Frames out
 *
 * A frame is one request.  Its skb is the source of every copy, so it is kept until the request
 * is completed: a frame that no driver has seen yet survives any number of drivers.  One that a
 * driver may have sent is not sent again (RS_REPLAY_ONCE): it is dropped and counted, as if the
 * wire had lost it.  Byte queue limits see each skb once on either way, replayed or not.
 *
 * There is no watchdog (no ndo_tx_timeout): while no driver is up a stopped queue is no fault,
 * and a driver that hangs is found by the deadlines of the ledger.
 */
#include <linux/etherdevice.h>
#include <linux/skbuff.h>
#include <net/checksum.h>

#include "net.h"

/* Called with the queue's lock held; the skb is ours alone to read. */
static void rs_net_tx_stage(struct rs_req *req, void *va)
{
	const struct sk_buff *skb = req->owner;
	u8 *to = va;
	__wsum sum;
	int start;

	if (skb->ip_summed != CHECKSUM_PARTIAL) {
		skb_copy_bits(skb, 0, to, skb->len);
		return;
	}
	start = skb_checksum_start_offset(skb);
	skb_copy_bits(skb, 0, to, start);
	sum = skb_copy_and_csum_bits(skb, start, to + start, skb->len - start);
	*(__sum16 *)(to + start + skb->csum_offset) = csum_fold(sum) ?: CSUM_MANGLED_0;
}

static void rs_net_tx_done(struct rs_req *req)
{
	struct sk_buff *skb = req->owner;
	struct rs_net *net = netdev_priv(skb->dev);

	rs_net_done(net, req, &net->tx_done);
}

static const struct rs_req_ops rs_net_tx_ops = {
	.stage = rs_net_tx_stage,
	.done = rs_net_tx_done,
};

static bool rs_net_tx_full(struct rs_net *net)
{
	return atomic_read(&net->tx_busy) >= net->tx->depth;
}

netdev_tx_t rs_net_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct rs_net *net = netdev_priv(dev);
	struct netdev_queue *txq = netdev_get_tx_queue(dev, 0);
	struct rs_req *req;
	bool kick;

	/* Redirected from a device with longer frames: no buffer would ever hold it. */
	if (unlikely(skb->len > RS_BUF_MAX)) {
		rs_net_count(net, RS_NET_TX_ERRORS);
		dev_kfree_skb_any(skb);
		return NETDEV_TX_OK;
	}
	req = rs_req_get(net->tx, RS_RANK_CLIENT);
	if (!req) {
		rs_net_count(net, RS_NET_TX_NO_TAG);
		dev_kfree_skb_any(skb);
		rs_queue_kick(net->tx);
		return NETDEV_TX_OK;
	}
	req->ops = &rs_net_tx_ops;
	req->owner = skb;
	req->op = RS_OP_NET_TX;
	req->flags = RS_REQ_BUF;
	req->replay = RS_REPLAY_ONCE;
	req->len = skb->len;
	req->buf_want = skb->len;

	skb_tx_timestamp(skb);
	kick = __netdev_tx_sent_queue(txq, skb->len, netdev_xmit_more());
	atomic_inc(&net->tx_busy);
	if (rs_net_tx_full(net)) {
		netif_tx_stop_queue(txq);
		rs_net_count(net, RS_NET_TX_STOPPED);
		kick = true;
		/* Pairs with rs_net_tx_wake(): it may have looked before we stopped. */
		smp_mb();
		if (!rs_net_tx_full(net))
			netif_tx_start_queue(txq);
	}
	/* From here on the skb may be gone. */
	rs_net_submit(net, req, kick);
	return NETDEV_TX_OK;
}

void rs_net_tx_wake(struct rs_net *net)
{
	struct netdev_queue *txq = netdev_get_tx_queue(net->dev, 0);

	/* Pairs with rs_net_xmit(): the tags are free before the queue is looked at. */
	smp_mb();
	if (netif_running(net->dev) && netif_tx_queue_stopped(txq) &&
	    atomic_read(&net->tx_busy) <= net->tx->depth / 4 * 3)
		netif_tx_wake_queue(txq);
}

static void rs_net_tx_account(struct rs_net *net, const struct rs_req *req)
{
	const struct sk_buff *skb = req->owner;

	if (req->res >= 0)
		dev_sw_netstats_tx_add(net->dev, 1, skb->len);
	else if (req->res == -EIO)
		rs_net_count(net, RS_NET_TX_DROPPED_FAILOVER);
	else
		rs_net_count(net, RS_NET_TX_ERRORS);
}

void rs_net_tx_reap(struct rs_net *net, int budget)
{
	struct rs_req *req, *next;
	u32 packets = 0, bytes = 0;
	LIST_HEAD(list);

	spin_lock(&net->done_lock);
	list_splice_init(&net->tx_done, &list);
	spin_unlock(&net->done_lock);

	list_for_each_entry_safe(req, next, &list, link) {
		struct sk_buff *skb = req->owner;

		list_del_init(&req->link);
		packets++;
		bytes += skb->len;
		rs_net_tx_account(net, req);
		if (likely(req->res >= 0))
			napi_consume_skb(skb, budget);
		else
			dev_kfree_skb_any(skb);
		rs_req_free(req);
		rs_net_put_busy(net);
	}
	if (!packets)
		return;
	netdev_tx_completed_queue(netdev_get_tx_queue(net->dev, 0), packets, bytes);
	atomic_sub(packets, &net->tx_busy);
	rs_net_tx_wake(net);
}
