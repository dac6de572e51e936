// SPDX-License-Identifier: GPL-2.0
/*
 * The network front-end: an interface that outlives its driver
 *
 * The interface is made when a driver first describes its device and stays until the slot goes.
 * In between drivers come and go; what the stack sees of that is a queue that pauses.  Carrier
 * stays where the last driver left it, until the gate time-out passes.
 *
 * NAPI is enabled for the whole life of the interface, up or down, because completions of frames
 * sent before it went down still come in.  For the same reason byte queue limits are never
 * reset.  What brings all requests home is that the ledger completes each exactly once; remove()
 * waits for that.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>

#include "failover.h"
#include "frontend.h"
#include "lease.h"
#include "net.h"

#define RS_NET_DEPTH		256
/* Holds both queues' buffers at the largest usual MTU, and the driver's rings. */
#define RS_NET_POOL_SIZE	(16ULL << 20)

#define RS_NET_FEATURES	(NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM | NETIF_F_RXCSUM)

void rs_net_submit(struct rs_net *net, struct rs_req *req, bool kick)
{
	atomic_inc(&net->busy);
	rs_req_submit(req, kick);
}

void rs_net_put_busy(struct rs_net *net)
{
	if (atomic_dec_and_test(&net->busy))
		wake_up_all(&net->idle);
}

void rs_net_done(struct rs_net *net, struct rs_req *req, struct list_head *list)
{
	local_bh_disable();
	spin_lock(&net->done_lock);
	list_add_tail(&req->link, list);
	spin_unlock(&net->done_lock);
	napi_schedule(&net->napi);
	local_bh_enable();
}

static int rs_net_poll(struct napi_struct *napi, int budget)
{
	struct rs_net *net = container_of(napi, struct rs_net, napi);
	int n = 0;

	rs_net_tx_reap(net, budget);
	if (budget)
		n = rs_net_rx_reap(net, budget);
	if (n < budget)
		napi_complete_done(napi, n);
	return n;
}

static int rs_net_open(struct net_device *dev)
{
	struct rs_net *net = netdev_priv(dev);

	rs_net_conf_update(net, true);
	if (atomic_read(&net->tx_busy) < net->tx->depth)
		netif_start_queue(dev);
	return 0;
}

static int rs_net_stop(struct net_device *dev)
{
	struct rs_net *net = netdev_priv(dev);

	netif_stop_queue(dev);
	/* Frames that wait for a driver would be late news when the interface comes up again. */
	rs_queue_cancel(net->tx, -ENETDOWN);
	rs_net_conf_update(net, false);
	return 0;
}

static void rs_net_set_rx_mode(struct net_device *dev)
{
	rs_net_conf_rx_mode(netdev_priv(dev));
}

static int rs_net_change_mtu(struct net_device *dev, int mtu)
{
	struct rs_net *net = netdev_priv(dev);

	WRITE_ONCE(dev->mtu, mtu);
	rs_net_conf_update(net, netif_running(dev));
	return 0;
}

static int rs_net_set_mac_address(struct net_device *dev, void *addr)
{
	struct rs_net *net = netdev_priv(dev);
	int ret;

	ret = eth_mac_addr(dev, addr);
	if (ret)
		return ret;
	rs_net_conf_update(net, netif_running(dev));
	return 0;
}

static void rs_net_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *stats)
{
	struct rs_net *net = netdev_priv(dev);

	dev_fetch_sw_netstats(stats, dev->tstats);
	stats->tx_dropped = atomic64_read(&net->counter[RS_NET_TX_DROPPED_FAILOVER]) +
			    atomic64_read(&net->counter[RS_NET_TX_NO_TAG]);
	stats->tx_errors = atomic64_read(&net->counter[RS_NET_TX_ERRORS]);
	stats->rx_dropped = atomic64_read(&net->counter[RS_NET_RX_NO_MEMORY]);
	stats->rx_errors = atomic64_read(&net->counter[RS_NET_RX_SHORT]);
	stats->rx_length_errors = stats->rx_errors;
}

static const struct net_device_ops rs_net_device_ops = {
	.ndo_open = rs_net_open,
	.ndo_stop = rs_net_stop,
	.ndo_start_xmit = rs_net_xmit,
	.ndo_set_rx_mode = rs_net_set_rx_mode,
	.ndo_change_mtu = rs_net_change_mtu,
	.ndo_set_mac_address = rs_net_set_mac_address,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_get_stats64 = rs_net_get_stats64,
};

static int rs_net_check(const struct rs_announce_net *announce)
{
	if (announce->flags || memchr_inv(announce->reserved, 0, sizeof(announce->reserved)))
		return -EINVAL;
	if (!is_valid_ether_addr(announce->mac))
		return -EINVAL;
	if (announce->min_mtu < ETH_MIN_MTU || announce->min_mtu > announce->max_mtu)
		return -EINVAL;
	if (announce->max_mtu > RS_BUF_MAX - ETH_HLEN - VLAN_HLEN - ETH_FCS_LEN)
		return -EINVAL;
	return 0;
}

/* The wanted name, else the label, else the kernel finds one. */
static struct net_device *rs_net_alloc(struct rs_slot *slot)
{
	const char *name = slot->fe_ifname[0] ? slot->fe_ifname : slot->label;
	unsigned char type = NET_NAME_USER;

	if (!dev_valid_name(name)) {
		name = "rsnet%d";
		type = NET_NAME_ENUM;
	}
	return alloc_netdev(sizeof(struct rs_net), name, type, ether_setup);
}

static void rs_net_setup(struct rs_net *net, struct rs_slot *slot,
			 const struct rs_announce_net *announce)
{
	struct net_device *dev = net->dev;

	net->slot = slot;
	net->tx = slot->queue[RS_NET_QUEUE_TX];
	net->rx = slot->queue[RS_NET_QUEUE_RX];
	net->min_mtu = announce->min_mtu;
	net->max_mtu = announce->max_mtu;
	if (slot->lease)
		strscpy(net->bus_info, slot->lease->info.name, sizeof(net->bus_info));
	spin_lock_init(&net->done_lock);
	INIT_LIST_HEAD(&net->tx_done);
	INIT_LIST_HEAD(&net->rx_done);
	INIT_LIST_HEAD(&net->rx_work);
	init_waitqueue_head(&net->idle);
	spin_lock_init(&net->conf_lock);
	spin_lock_init(&net->stats_lock);
	init_completion(&net->stats_done);
	rs_queue_watched(net->tx, false);

	dev->netdev_ops = &rs_net_device_ops;
	dev->ethtool_ops = &rs_net_ethtool_ops;
	dev->min_mtu = announce->min_mtu;
	dev->max_mtu = announce->max_mtu;
	dev->mtu = clamp_t(u32, ETH_DATA_LEN, dev->min_mtu, dev->max_mtu);
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE;
	dev->hw_features = RS_NET_FEATURES;
	dev->features = RS_NET_FEATURES | NETIF_F_HIGHDMA;
	dev->vlan_features = RS_NET_FEATURES | NETIF_F_HIGHDMA;
	eth_hw_addr_set(dev, is_valid_ether_addr(slot->fe_mac) ? slot->fe_mac : announce->mac);
	netif_carrier_off(dev);
}

static void rs_net_free_reqs(struct rs_net *net)
{
	if (net->conf_req)
		rs_req_free(net->conf_req);
	if (net->stats_req)
		rs_req_free(net->stats_req);
	net->conf_req = NULL;
	net->stats_req = NULL;
}

static int rs_net_make(struct rs_slot *slot, const struct rs_announce_net *announce)
{
	struct net_device *dev;
	struct rs_net *net;
	int ret;

	dev = rs_net_alloc(slot);
	if (!dev)
		return -ENOMEM;
	net = netdev_priv(dev);
	net->dev = dev;
	rs_net_setup(net, slot, announce);

	ret = -ENOMEM;
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	if (!dev->tstats)
		goto err_free_dev;
	ret = rs_net_conf_init(net);
	if (ret)
		goto err_free_stats;
	ret = rs_net_stats_init(net);
	if (ret)
		goto err_free_reqs;
	netif_napi_add(dev, &net->napi, rs_net_poll);
	napi_enable(&net->napi);
	ret = register_netdev(dev);
	if (ret)
		goto err_del_napi;
	slot->fe_priv = net;
	return 0;

err_del_napi:
	napi_disable(&net->napi);
	netif_napi_del(&net->napi);
err_free_reqs:
	rs_net_free_reqs(net);
err_free_stats:
	free_percpu(dev->tstats);
err_free_dev:
	free_netdev(dev);
	return ret;
}

static int rs_net_announce(struct rs_slot *slot, const struct rs_announce *announce)
{
	struct rs_net *net = slot->fe_priv;
	int ret;

	ret = rs_net_check(&announce->net);
	if (ret)
		return ret;
	if (memchr_inv(announce->reserved + sizeof(announce->net), 0,
		       sizeof(announce->reserved) - sizeof(announce->net)))
		return -EINVAL;
	if (!net)
		return rs_net_make(slot, &announce->net);
	/* Not the address: a device that was not reset says what the interface was given. */
	if (announce->net.min_mtu != net->min_mtu || announce->net.max_mtu != net->max_mtu)
		return -EINVAL;
	return 0;
}

static void rs_net_replay(struct rs_slot *slot)
{
	struct rs_net *net = slot->fe_priv;

	if (net)
		rs_net_conf_replay(net);
	else
		rs_failover_replayed(slot, slot->epoch, -EINVAL);
}

/* What the driver last said, unless clients have been told otherwise meanwhile. */
static void rs_net_show_link(struct rs_net *net)
{
	bool up = net->link.flags & RS_NET_LINK_UP;

	rs_queue_watched(net->tx, up);
	if (up && !net->expired)
		netif_carrier_on(net->dev);
	else
		netif_carrier_off(net->dev);
}

static void rs_net_gate(struct rs_slot *slot, bool open)
{
	struct rs_net *net = slot->fe_priv;

	if (!net)
		return;
	if (!open) {
		if (net->gate_open)
			rs_net_count(net, RS_NET_OUTAGES);
		WRITE_ONCE(net->gate_open, false);
		return;
	}
	WRITE_ONCE(net->gate_open, true);
	rs_net_rx_fill(net);
	if (net->expired) {
		net->expired = false;
		rs_net_show_link(net);
	}
	rs_net_tx_wake(net);
}

static void rs_net_expired(struct rs_slot *slot)
{
	struct rs_net *net = slot->fe_priv;

	if (!net)
		return;
	rs_net_count(net, RS_NET_EXPIRED);
	net->expired = true;
	netif_carrier_off(net->dev);
}

int rs_net_link(struct rs_slot *slot, const struct rs_net_link *link)
{
	struct rs_net *net = slot->fe_priv;

	lockdep_assert_held(&slot->lock);
	if (!net || link->flags & ~(RS_NET_LINK_UP | RS_NET_LINK_FULL))
		return -EINVAL;
	WRITE_ONCE(net->link.speed, link->speed);
	WRITE_ONCE(net->link.flags, link->flags);
	rs_net_show_link(net);
	return 0;
}

u32 rs_net_ifindex(struct rs_slot *slot)
{
	struct rs_net *net = slot->fe_priv;

	return net ? net->dev->ifindex : 0;
}

/*
 * Stages: the stack lets go of the interface (nothing is submitted any more but what is in
 * flight); every request comes home, through NAPI; NAPI is over.  Until then completions may run
 * in threads of the last instance that are still in RS_IOC_ENTER.
 */
static void rs_net_remove(struct rs_slot *slot)
{
	struct rs_net *net = slot->fe_priv;

	if (!net)
		return;
	unregister_netdev(net->dev);
	/* What was submitted after the slot's queues were failed, and waits for a driver. */
	rs_queue_cancel(slot->queue[0], -ENODEV);
	wait_event(net->idle, !atomic_read(&net->busy));
	napi_disable(&net->napi);
	netif_napi_del(&net->napi);
	rs_net_free_reqs(net);
}

static void rs_net_free(struct rs_slot *slot)
{
	struct rs_net *net = slot->fe_priv;

	if (!net)
		return;
	slot->fe_priv = NULL;
	free_percpu(net->dev->tstats);
	free_netdev(net->dev);
}

const struct rs_frontend_ops rs_net_frontend = {
	.name = "net",
	.class = RS_CLASS_NET,
	.nr_queues = 2,
	.depth = RS_NET_DEPTH,
	.pool_size = RS_NET_POOL_SIZE,
	.announce = rs_net_announce,
	.replay = rs_net_replay,
	.gate = rs_net_gate,
	.expired = rs_net_expired,
	.remove = rs_net_remove,
	.free = rs_net_free,
};
