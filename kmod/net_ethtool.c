// SPDX-License-Identifier: GPL-2.0
/*
 * Link and counters
 *
 * Counters are ours and then the device's.  The device's come from the driver, who may be busy,
 * hung or dead: they are asked for, waited for a little, and if no answer comes the last one is
 * shown.  What ethtool is told within one call is fixed when it asks how many there are; rtnl is
 * held from there to the end.
 */
#include <linux/ctype.h>
#include <linux/ethtool.h>
#include <linux/jiffies.h>
#include <linux/rtnetlink.h>

#include "net.h"

/* How long ethtool waits for the driver. */
#define RS_NET_STATS_WAIT_MS	100

static const char rs_net_counter_name[RS_NET_NR_COUNTERS][ETH_GSTRING_LEN] = {
	[RS_NET_TX_DROPPED_FAILOVER]	= "rs_tx_dropped_failover",
	[RS_NET_TX_ERRORS]		= "rs_tx_errors",
	[RS_NET_TX_NO_TAG]		= "rs_tx_no_tag",
	[RS_NET_TX_STOPPED]		= "rs_tx_stopped",
	[RS_NET_RX_SHORT]		= "rs_rx_short",
	[RS_NET_RX_NO_MEMORY]		= "rs_rx_no_memory",
	[RS_NET_RX_CANCELED]		= "rs_rx_canceled",
	[RS_NET_CONF_SENT]		= "rs_conf_sent",
	[RS_NET_CONF_REFUSED]		= "rs_conf_refused",
	[RS_NET_OUTAGES]		= "rs_outages",
	[RS_NET_EXPIRED]		= "rs_expired",
};

/* The driver chose the names: let them be text. */
static void rs_net_stats_clean(struct rs_net_stat *stat)
{
	char *p;

	stat->name[sizeof(stat->name) - 1] = '\0';
	for (p = stat->name; *p; p++)
		if (!isascii(*p) || !isgraph(*p))
			*p = '_';
}

static void rs_net_stats_done(struct rs_req *req)
{
	struct rs_net *net = req->owner;
	u32 i, nr;

	if (req->res >= 0) {
		nr = min_t(u32, req->res / sizeof(struct rs_net_stat), RS_NET_STATS_MAX);
		spin_lock_bh(&net->stats_lock);
		memcpy(net->stats, rs_req_va(req), nr * sizeof(struct rs_net_stat));
		for (i = 0; i < nr; i++)
			rs_net_stats_clean(&net->stats[i]);
		net->nr_stats = nr;
		spin_unlock_bh(&net->stats_lock);
	}
	/* Pairs with rs_net_stats_refresh(): the request is its caller's again. */
	smp_store_release(&net->stats_flight, false);
	complete(&net->stats_done);
	rs_net_put_busy(net);
}

static const struct rs_req_ops rs_net_stats_ops = {
	.done = rs_net_stats_done,
};

int rs_net_stats_init(struct rs_net *net)
{
	struct rs_req *req = rs_req_get(net->slot->queue[0], RS_RANK_CLIENT);

	if (!req)
		return -EBUSY;
	req->ops = &rs_net_stats_ops;
	req->owner = net;
	net->stats_req = req;
	return 0;
}

static void rs_net_stats_refresh(struct rs_net *net)
{
	struct rs_req *req = net->stats_req;

	ASSERT_RTNL();
	if (!READ_ONCE(net->gate_open))
		return;
	/* Pairs with rs_net_stats_done(). */
	if (!smp_load_acquire(&net->stats_flight)) {
		reinit_completion(&net->stats_done);
		net->stats_flight = true;
		req->flags = RS_REQ_BUF;
		req->op = RS_OP_NET_STATS;
		req->replay = RS_REPLAY_AGAIN;
		req->len = RS_NET_STATS_BUF;
		req->buf_want = RS_NET_STATS_BUF;
		rs_net_submit(net, req, true);
	}
	wait_for_completion_timeout(&net->stats_done, msecs_to_jiffies(RS_NET_STATS_WAIT_MS));
}

static int rs_net_get_sset_count(struct net_device *dev, int sset)
{
	struct rs_net *net = netdev_priv(dev);

	if (sset != ETH_SS_STATS)
		return -EOPNOTSUPP;
	rs_net_stats_refresh(net);
	spin_lock_bh(&net->stats_lock);
	net->nr_shown = net->nr_stats;
	memcpy(net->shown, net->stats, net->nr_stats * sizeof(struct rs_net_stat));
	spin_unlock_bh(&net->stats_lock);
	return RS_NET_NR_COUNTERS + net->nr_shown;
}

static void rs_net_get_strings(struct net_device *dev, u32 sset, u8 *data)
{
	struct rs_net *net = netdev_priv(dev);
	u32 i;

	if (sset != ETH_SS_STATS)
		return;
	memcpy(data, rs_net_counter_name, sizeof(rs_net_counter_name));
	data += sizeof(rs_net_counter_name);
	for (i = 0; i < net->nr_shown; i++, data += ETH_GSTRING_LEN)
		strscpy((char *)data, net->shown[i].name, ETH_GSTRING_LEN);
}

static void rs_net_get_ethtool_stats(struct net_device *dev, struct ethtool_stats *stats, u64 *data)
{
	struct rs_net *net = netdev_priv(dev);
	u32 i;

	for (i = 0; i < RS_NET_NR_COUNTERS; i++)
		*data++ = atomic64_read(&net->counter[i]);
	for (i = 0; i < net->nr_shown; i++)
		*data++ = net->shown[i].value;
}

static void rs_net_get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	struct rs_net *net = netdev_priv(dev);

	strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
	strscpy(info->bus_info, net->bus_info, sizeof(info->bus_info));
}

static int rs_net_get_link_ksettings(struct net_device *dev, struct ethtool_link_ksettings *cmd)
{
	struct rs_net *net = netdev_priv(dev);
	u32 flags = READ_ONCE(net->link.flags);
	u32 speed = READ_ONCE(net->link.speed);

	ethtool_link_ksettings_zero_link_mode(cmd, supported);
	ethtool_link_ksettings_zero_link_mode(cmd, advertising);
	cmd->base.port = PORT_OTHER;
	cmd->base.autoneg = AUTONEG_DISABLE;
	cmd->base.speed = SPEED_UNKNOWN;
	cmd->base.duplex = DUPLEX_UNKNOWN;
	if (flags & RS_NET_LINK_UP) {
		if (speed)
			cmd->base.speed = speed;
		cmd->base.duplex = flags & RS_NET_LINK_FULL ? DUPLEX_FULL : DUPLEX_HALF;
	}
	return 0;
}

const struct ethtool_ops rs_net_ethtool_ops = {
	.get_drvinfo = rs_net_get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_link_ksettings = rs_net_get_link_ksettings,
	.get_sset_count = rs_net_get_sset_count,
	.get_strings = rs_net_get_strings,
	.get_ethtool_stats = rs_net_get_ethtool_stats,
	.get_ts_info = ethtool_op_get_ts_info,
};
