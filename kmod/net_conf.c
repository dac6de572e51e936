// SPDX-License-Identifier: GPL-2.0
/*
 * What the driver must know of the interface (MINIX: DL_CONF)
 *
 * The whole configuration is one message, and it is level-triggered: the bytes are taken when
 * the message is published, and a change after that sends it once more.  The same message is the
 * replay after a restart, so there is no second way to lose a setting.
 *
 * One request carries it for the life of the interface, so sending needs no memory.
 *
 * Posted buffers follow it: from the moment when their size is to change, or the interface goes
 * down, none is posted (rx_size 0) until the driver has confirmed the new configuration.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/log2.h>

#include "failover.h"
#include "net.h"

/* A power of two that holds a tagged frame with its check sequence. */
static u32 rs_net_conf_rx_size(u32 mtu)
{
	return roundup_pow_of_two(max_t(u32, mtu + ETH_HLEN + VLAN_HLEN + ETH_FCS_LEN,
					RS_BUF_MIN));
}

static void rs_net_conf_stage(struct rs_req *req, void *va)
{
	struct rs_net *net = req->owner;

	spin_lock(&net->conf_lock);
	net->sent = net->conf;
	net->conf_dirty = false;
	net->conf_staged = true;
	spin_unlock(&net->conf_lock);
	memcpy(va, &net->sent, sizeof(net->sent));
}

static void rs_net_conf_submit(struct rs_net *net)
{
	struct rs_req *req = net->conf_req;

	rs_net_count(net, RS_NET_CONF_SENT);
	req->flags = RS_REQ_BUF | RS_REQ_REOPEN;
	req->op = RS_OP_NET_CONF;
	req->replay = RS_REPLAY_AGAIN;
	req->len = sizeof(struct rs_net_conf);
	req->buf_want = sizeof(struct rs_net_conf);
	rs_net_submit(net, req, true);
}

/* True: the caller must call rs_net_conf_submit() without the lock. */
static bool rs_net_conf_take(struct rs_net *net)
{
	lockdep_assert_held(&net->conf_lock);
	if (net->conf_flight)
		return false;
	net->conf_flight = true;
	net->conf_staged = false;
	return true;
}

static void rs_net_conf_done(struct rs_req *req)
{
	struct rs_net *net = req->owner;
	int res = min(req->res, 0);
	u32 epoch = req->epoch;
	bool replayed, refused, again = false;

	spin_lock_bh(&net->conf_lock);
	refused = res && net->conf_staged;
	net->conf_flight = false;
	/* If it comes in when its driver's successor is there already, it is sent once more. */
	replayed = net->replaying && epoch == READ_ONCE(net->slot->epoch);
	if (replayed)
		net->replaying = false;
	/* If it was never published nobody serves, and the next driver will be told everything. */
	if (net->conf_dirty && net->conf_staged)
		again = rs_net_conf_take(net);
	else if (!net->conf_dirty && !res)
		WRITE_ONCE(net->rx_size,
			   net->sent.flags & RS_NET_UP ? net->sent.rx_buf_len : 0);
	spin_unlock_bh(&net->conf_lock);

	if (refused) {
		rs_net_count(net, RS_NET_CONF_REFUSED);
		if (net_ratelimit())
			netdev_warn(net->dev, "driver did not take the configuration: %d\n", res);
	}
	if (again)
		rs_net_conf_submit(net);
	if (replayed)
		rs_failover_replayed(net->slot, epoch, res);
	rs_net_rx_fill(net);
	rs_net_put_busy(net);
}

static const struct rs_req_ops rs_net_conf_ops = {
	.stage = rs_net_conf_stage,
	.done = rs_net_conf_done,
};

int rs_net_conf_init(struct rs_net *net)
{
	struct rs_req *req = rs_req_get(net->slot->queue[0], RS_RANK_REPLAY);

	if (!req)
		return -EBUSY;
	req->ops = &rs_net_conf_ops;
	req->owner = net;
	net->conf_req = req;
	net->conf.mtu = net->dev->mtu;
	net->conf.rx_buf_len = rs_net_conf_rx_size(net->dev->mtu);
	ether_addr_copy(net->conf.mac, net->dev->dev_addr);
	return 0;
}

void rs_net_conf_update(struct rs_net *net, bool up)
{
	struct rs_net_conf *conf = &net->conf;
	u32 size = rs_net_conf_rx_size(net->dev->mtu);
	bool submit, stop;

	spin_lock_bh(&net->conf_lock);
	stop = size != conf->rx_buf_len || up != !!(conf->flags & RS_NET_UP);
	conf->flags = (conf->flags & ~RS_NET_UP) | (up ? RS_NET_UP : 0);
	conf->mtu = net->dev->mtu;
	conf->rx_buf_len = size;
	ether_addr_copy(conf->mac, net->dev->dev_addr);
	if (stop)
		WRITE_ONCE(net->rx_size, 0);
	net->conf_dirty = true;
	submit = rs_net_conf_take(net);
	spin_unlock_bh(&net->conf_lock);

	/* What no driver has seen need not be cancelled by one. */
	if (stop)
		rs_queue_cancel(net->rx, -ECANCELED);
	if (submit)
		rs_net_conf_submit(net);
}

void rs_net_conf_rx_mode(struct rs_net *net)
{
	const struct net_device *dev = net->dev;
	struct rs_net_conf *conf = &net->conf;
	struct netdev_hw_addr *ha;
	bool submit;
	u32 n = 0;

	spin_lock_bh(&net->conf_lock);
	conf->flags &= ~(RS_NET_PROMISC | RS_NET_ALLMULTI);
	/* There is no filter for further unicast addresses. */
	if (dev->flags & IFF_PROMISC || !netdev_uc_empty(dev))
		conf->flags |= RS_NET_PROMISC;
	if (dev->flags & IFF_ALLMULTI || netdev_mc_count(dev) > RS_NET_MC_MAX)
		conf->flags |= RS_NET_ALLMULTI;
	memset(conf->mc, 0, sizeof(conf->mc));
	netdev_for_each_mc_addr(ha, dev) {
		if (n == RS_NET_MC_MAX)
			break;
		ether_addr_copy(conf->mc[n++], ha->addr);
	}
	conf->nr_mc = n;
	net->conf_dirty = true;
	submit = rs_net_conf_take(net);
	spin_unlock_bh(&net->conf_lock);

	if (submit)
		rs_net_conf_submit(net);
}

void rs_net_conf_replay(struct rs_net *net)
{
	bool submit;

	spin_lock_bh(&net->conf_lock);
	net->replaying = true;
	net->conf_dirty = true;
	WRITE_ONCE(net->rx_size, 0);
	submit = rs_net_conf_take(net);
	spin_unlock_bh(&net->conf_lock);

	if (submit)
		rs_net_conf_submit(net);
}
