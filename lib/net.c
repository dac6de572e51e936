// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Requests of class net, turned into a driver's operations
 *
 * Nothing is kept here: the kernel holds the configuration and says all of it each
 * time, so that a new instance needs no memory of the old one.  What the kernel
 * says is checked once, so that drivers need not.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include <rsdrv/net.h>
#include <rsdrv/sef.h>

/* Shortest frame: an Ethernet header. */
#define NET_FRAME_MIN	14

static int net_conf(const struct rsdrv_net_ops *ops, const struct rsdrv_req *req)
{
	struct rs_net_conf conf;

	if (!req->buf || req->sqe.len < sizeof(conf) || req->sqe.buf_len < sizeof(conf))
		return -EINVAL;
	memcpy(&conf, req->buf, sizeof(conf));
	if (conf.nr_mc > RS_NET_MC_MAX)
		return -EINVAL;
	return ops->conf(req->d, &conf);
}

static int net_stats(const struct rsdrv_net_ops *ops, const struct rsdrv_req *req)
{
	unsigned int max = req->sqe.buf_len / sizeof(struct rs_net_stat);
	int n;

	if (!ops->stats)
		return 0;
	if (!req->buf)
		return -EINVAL;
	n = ops->stats(req->d, req->buf, max);
	return n < 0 ? n : n * (int)sizeof(struct rs_net_stat);
}

static int net_ctrl(struct rsdrv_req *req, void *data)
{
	const struct rsdrv_net_ops *ops = data;

	switch (req->sqe.op) {
	case RS_OP_NET_CONF:
		return net_conf(ops, req);
	case RS_OP_NET_STATS:
		return net_stats(ops, req);
	default:
		return -EOPNOTSUPP;
	}
}

static int net_tx(struct rsdrv_req *req, void *data)
{
	const struct rsdrv_net_ops *ops = data;

	if (req->sqe.op != RS_OP_NET_TX)
		return -EOPNOTSUPP;
	if (!req->buf || req->sqe.len < NET_FRAME_MIN || req->sqe.len > req->sqe.buf_len)
		return -EINVAL;
	return ops->tx(req);
}

static int net_rx(struct rsdrv_req *req, void *data)
{
	const struct rsdrv_net_ops *ops = data;

	if (req->sqe.op != RS_OP_NET_RX)
		return -EOPNOTSUPP;
	if (!req->buf)
		return -EINVAL;
	return ops->rx_post(req);
}

int rsdrv_net_register(struct rsdrv *d, const struct rsdrv_net_ops *ops)
{
	int err;

	/* Only class net has the last of these queues. */
	err = rsdrv_set_handler(d, RSDRV_NET_RX, net_rx, (void *)ops);
	if (!err)
		err = rsdrv_set_handler(d, RSDRV_NET_TX, net_tx, (void *)ops);
	if (!err)
		err = rsdrv_set_handler(d, RSDRV_QUEUE_CTRL, net_ctrl, (void *)ops);
	return err;
}

int rsdrv_announce_net(struct rsdrv *d, const uint8_t *mac, uint32_t min_mtu, uint32_t max_mtu)
{
	struct rs_announce a;

	/* All of it: an initialiser need not clear what a smaller member of a union leaves. */
	memset(&a, 0, sizeof(a));
	a.class = RS_CLASS_NET;
	a.net.min_mtu = min_mtu;
	a.net.max_mtu = max_mtu;
	memcpy(a.net.mac, mac, sizeof(a.net.mac));
	return rsdrv_announce(d, &a);
}

int rsdrv_net_link(struct rsdrv *d, uint32_t flags, uint32_t speed)
{
	struct rs_net_link link = { .flags = flags, .speed = speed };

	return ioctl(rsdrv_fd(d), RS_IOC_NET_LINK, &link) < 0 ? -errno : 0;
}
