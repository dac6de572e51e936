// SPDX-License-Identifier: GPL-2.0
/*
 * Frames in
 *
 * The kernel posts empty buffers as requests; the driver completes each with the length of a
 * frame.  The buffer is memory that the driver, and its device, can write at any time.  So the
 * frame is copied first and its checksum computed in that copy; everything that looks at a byte
 * of it afterwards looks at the copy, and a frame that was spoilt in between fails its checksum.
 */
#include <linux/etherdevice.h>
#include <linux/skbuff.h>
#include <net/checksum.h>

#include "net.h"

/* Bytes of a long frame that go into the head of its skb: all headers that GRO wants linear. */
#define RS_NET_RX_HEAD	256

static void rs_net_rx_done(struct rs_req *req)
{
	struct rs_net *net = req->owner;

	rs_net_done(net, req, &net->rx_done);
}

static const struct rs_req_ops rs_net_rx_ops = {
	.done = rs_net_rx_done,
};

/* Copy @len bytes; the sum, if wanted, covers what follows the Ethernet header. */
static void rs_net_rx_copy(struct sk_buff *skb, const u8 *from, u32 len, bool sum)
{
	u8 *to = skb_put(skb, len);

	if (!sum) {
		memcpy(to, from, len);
		return;
	}
	memcpy(to, from, ETH_HLEN);
	skb->csum = csum_partial_copy_nocheck(from + ETH_HLEN, to + ETH_HLEN, len - ETH_HLEN);
}

/* The rest of a long frame goes into single pages. */
static bool rs_net_rx_frags(struct sk_buff *skb, const u8 *from, u32 len, bool sum)
{
	u32 done = RS_NET_RX_HEAD;

	while (done < len) {
		u32 n = min_t(u32, len - done, PAGE_SIZE);
		struct page *page = dev_alloc_page();

		if (!page)
			return false;
		if (sum)
			skb->csum = csum_block_add(skb->csum,
						   csum_partial_copy_nocheck(from + done,
									     page_address(page), n),
						   done - ETH_HLEN);
		else
			memcpy(page_address(page), from + done, n);
		skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, 0, n, PAGE_SIZE);
		done += n;
	}
	return true;
}

static struct sk_buff *rs_net_rx_skb(struct rs_net *net, const u8 *from, u32 len)
{
	bool sum = net->dev->features & NETIF_F_RXCSUM;
	bool frags = len > SKB_WITH_OVERHEAD(PAGE_SIZE) - NET_SKB_PAD - NET_IP_ALIGN;
	u32 head = frags ? RS_NET_RX_HEAD : len;
	struct sk_buff *skb;

	skb = napi_alloc_skb(&net->napi, head);
	if (!skb)
		return NULL;
	rs_net_rx_copy(skb, from, head, sum);
	if (frags && !rs_net_rx_frags(skb, from, len, sum)) {
		dev_kfree_skb_any(skb);
		return NULL;
	}
	if (sum)
		skb->ip_summed = CHECKSUM_COMPLETE;
	return skb;
}

static void rs_net_rx_one(struct rs_net *net, struct rs_req *req)
{
	/* The ledger checked that it lies within the buffer. */
	u32 len = req->res;
	struct sk_buff *skb;

	if (len < ETH_HLEN) {
		rs_net_count(net, RS_NET_RX_SHORT);
		return;
	}
	if (!netif_running(net->dev))
		return;
	skb = rs_net_rx_skb(net, rs_req_va(req), len);
	if (!skb) {
		rs_net_count(net, RS_NET_RX_NO_MEMORY);
		return;
	}
	skb->protocol = eth_type_trans(skb, net->dev);
	skb_record_rx_queue(skb, 0);
	dev_sw_netstats_rx_add(net->dev, len);
	napi_gro_receive(&net->napi, skb);
}

static void rs_net_rx_post(struct rs_net *net, struct rs_req *req, u32 size)
{
	req->ops = &rs_net_rx_ops;
	req->owner = net;
	req->op = RS_OP_NET_RX;
	req->flags = RS_REQ_BUF | RS_REQ_NO_DEADLINE | RS_REQ_INNOCENT;
	req->replay = RS_REPLAY_AGAIN;
	req->len = size;
	req->buf_want = size;
	rs_net_submit(net, req, false);
}

/* Buffers are wanted, and there is somebody to fill them. */
static u32 rs_net_rx_wanted(struct rs_net *net)
{
	return READ_ONCE(net->gate_open) ? READ_ONCE(net->rx_size) : 0;
}

int rs_net_rx_reap(struct rs_net *net, int budget)
{
	struct rs_req *req;
	bool posted = false;
	int n = 0;
	u32 size;

	spin_lock(&net->done_lock);
	list_splice_tail_init(&net->rx_done, &net->rx_work);
	spin_unlock(&net->done_lock);

	while (n < budget && !list_empty(&net->rx_work)) {
		req = list_first_entry(&net->rx_work, struct rs_req, link);
		list_del_init(&req->link);
		n++;
		if (req->res >= 0)
			rs_net_rx_one(net, req);
		else
			rs_net_count(net, RS_NET_RX_CANCELED);

		/* Anything but a frame or an honest cancellation means that nobody serves. */
		size = rs_net_rx_wanted(net);
		if (size && (req->res >= 0 || req->res == -ECANCELED)) {
			rs_net_rx_post(net, req, size);
			posted = true;
		} else {
			rs_req_free(req);
		}
		rs_net_put_busy(net);
	}
	if (posted)
		rs_queue_kick(net->rx);
	return n;
}

void rs_net_rx_fill(struct rs_net *net)
{
	struct rs_req *req;
	u32 size, n = 0;

	while ((size = rs_net_rx_wanted(net)) && n < net->rx->depth) {
		req = rs_req_get(net->rx, RS_RANK_CLIENT);
		if (!req)
			break;
		rs_net_rx_post(net, req, size);
		n++;
	}
	if (n)
		rs_queue_kick(net->rx);
}
