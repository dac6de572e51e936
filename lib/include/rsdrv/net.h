/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Network devices
 *
 * The kernel's front-end is an interface that never disappears.  It knows the whole
 * configuration and gives it to each new instance; frames to send, and empty
 * buffers for received ones, are requests like any other.
 *
 * What a driver sees after its init callback (which announces the device):
 *
 *	conf		the whole configuration; comes first, and at each change
 *	rx_post		buffers, as many as the credit of RSDRV_NET_RX allows
 *	tx		frames, as many as the credit of RSDRV_NET_TX allows
 *	stats		when somebody asks
 *
 * Doorbells belong in the flush callback (sef.h), which comes once per batch;
 * interrupts come to the irq callback.
 *
 * RX buffers.  When a configuration comes with another rx_buf_len, or without
 * RS_NET_UP, the driver stops receiving, and completes every posted buffer with
 * -ECANCELED before conf returns.  Buffers that were on their way to it may still come
 * after conf: those that are too short for rx_buf_len, or come while the interface is
 * down, get -ECANCELED too.  The kernel posts anew once the interface is up.  Sending
 * goes on: frames under way are completed as they are sent.
 */
#ifndef RSDRV_NET_H
#define RSDRV_NET_H

#include <stddef.h>
#include <stdint.h>

#include <linux/rs_channel.h>
#include <rsdrv/channel.h>

struct rsdrv;

/* The data queues of class net. */
#define RSDRV_NET_TX		1
#define RSDRV_NET_RX		2

/**
 * struct rsdrv_net_ops - a network driver's operations; all are required but stats
 */
struct rsdrv_net_ops {
	/**
	 * @conf: take over a configuration.  Return 0 or a negative errno.
	 *
	 * Guarantees: @conf is the whole configuration, not a change; it is a private copy,
	 * nr_mc is at most RS_NET_MC_MAX; it is the first operation after each init.
	 * A failure leaves the device with the old configuration.
	 */
	int (*conf)(struct rsdrv *d, const struct rs_net_conf *conf);

	/**
	 * @tx: send the frame of sqe.len bytes in @req->buf (rsdrv_req_iova()).
	 *
	 * The frame starts with the Ethernet header, has no checksum (FCS), and may be
	 * shorter than Ethernet's minimum.  Return RSDRV_LATER and call
	 * rsdrv_net_tx_done(), or 0 = gone, or a negative errno = dropped.
	 *
	 * Guarantees: 14 <= sqe.len <= sqe.buf_len; the buffer stays the driver's until
	 * the request is completed, and it may write to it (padding); no frame comes that
	 * an earlier instance may have sent.
	 */
	int (*tx)(struct rsdrv_req *req);

	/**
	 * @rx_post: an empty buffer of sqe.buf_len bytes (rsdrv_req_iova()).
	 *
	 * Return RSDRV_LATER and call rsdrv_net_rx_done(), or -ECANCELED (see above).
	 *
	 * Guarantees: once conf is known to have succeeded, sqe.buf_len is its rx_buf_len.
	 */
	int (*rx_post)(struct rsdrv_req *req);

	/**
	 * @stats: fill in at most @max counters; return how many, or a negative errno.
	 *
	 * The same names in the same order each time.  NULL: there are none.
	 */
	int (*stats)(struct rsdrv *d, struct rs_net_stat *stats, unsigned int max);
};

/**
 * rsdrv_net_register() - serve a network device
 * @d: the instance, of class net
 * @ops: must outlive it
 *
 * Between rsdrv_start() and rsdrv_run().  The credits of both queues are the
 * caller's to set (rsdrv_set_credit()): as many as its rings hold.
 *
 * Return: 0, or -EINVAL of another class.
 */
int rsdrv_net_register(struct rsdrv *d, const struct rsdrv_net_ops *ops);

/**
 * rsdrv_announce_net() - tell the module what the device is (MINIX: driver_announce)
 * @d: the instance
 * @mac: the device's own address, six bytes
 * @min_mtu: bytes
 * @max_mtu: bytes
 *
 * Called by every init callback before it returns 0, each time with the same device.
 *
 * Return: 0 or a negative errno of RS_IOC_ANNOUNCE.
 */
int rsdrv_announce_net(struct rsdrv *d, const uint8_t *mac, uint32_t min_mtu, uint32_t max_mtu);

/**
 * rsdrv_net_link() - the link came up or went down
 * @d: the instance, after it announced
 * @flags: RS_NET_LINK_*
 * @speed: Mbit/s, 0 = unknown
 *
 * The kernel keeps the last word.  Report it once per init, and at each change.
 *
 * Return: 0 or a negative errno of RS_IOC_NET_LINK.
 */
int rsdrv_net_link(struct rsdrv *d, uint32_t flags, uint32_t speed);

/**
 * rsdrv_net_tx_done() - a frame is on its way, or is dropped
 * @req: from tx; no longer the caller's
 * @err: 0 or a negative errno
 */
static inline void rsdrv_net_tx_done(struct rsdrv_req *req, int err)
{
	rsdrv_complete(req, err);
}

/**
 * rsdrv_net_rx_done() - a frame has come
 * @req: from rx_post; no longer the caller's
 * @len: bytes from the Ethernet header on, without FCS; or a negative errno: there is
 *	none (-ECANCELED: the buffer goes back)
 * @flags: RS_CQE_CSUM_OK or 0
 */
static inline void rsdrv_net_rx_done(struct rsdrv_req *req, int len, uint32_t flags)
{
	rsdrv_complete_ext(req, len, flags, 0);
}

#endif /* RSDRV_NET_H */
