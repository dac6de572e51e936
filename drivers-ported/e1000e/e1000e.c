// SPDX-License-Identifier: GPL-2.0-only
/*
 * Driver of the Intel 82574L (QEMU: -device e1000e)
 *
 * One thread turns in a loop: the module brings frames to send, empty buffers and
 * interrupts; then one pass writes at most one doorbell for each ring and takes back
 * what the device has finished.  As long as a pass finds something the next turn
 * does not sleep, and interrupts stay masked: under load the rings are polled, and
 * interrupts only end a silence.
 *
 * A takeover finds a device that is cut off from the bus and otherwise as the dead
 * instance left it.  It programs the rings anew, in its own pool, and leaves the PHY
 * and the link alone.  Causes that came up meanwhile lead to no interrupt; so the
 * first pass goes over causes and rings without being asked.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rsdrv.h>

#include "filter.h"
#include "hw.h"
#include "ring.h"
#include "stats.h"

/* BAR 0 of the 82574L, bytes (10.1.1). */
#define REGS_SIZE	0x20000

/**
 * struct nic - the driver
 * @d: the instance
 * @pci: the leased device
 * @hw: its registers
 * @rx: receive ring
 * @tx: transmit ring
 * @rx_mem: descriptors of @rx
 * @tx_mem: descriptors of @tx
 * @stats: counters
 * @mac: the device's own address
 * @rx_buf_len: bytes of each posted buffer
 * @link: RS_NET_LINK_* as last reported
 * @speed: Mbit/s as last reported
 * @rx_on: the device may receive
 * @ready: an init callback has set the device up
 * @stale: a cause may be pending for something that was seen in the rings
 */
struct nic {
	struct rsdrv *d;
	struct rsdrv_pci *pci;
	struct hw hw;
	struct rx_ring rx;
	struct tx_ring tx;
	struct rsdrv_dma rx_mem;
	struct rsdrv_dma tx_mem;
	struct stats stats;
	uint8_t mac[6];
	uint32_t rx_buf_len;
	uint32_t link;
	uint32_t speed;
	bool rx_on;
	bool ready;
	bool stale;
};

/* Layout of the saved state; a change of it is a new number. */
#define SAVED_VERSION	1

struct saved {
	uint8_t mac[6];
	uint8_t pad[2];
	struct stats stats;
};

static struct nic *to_nic(struct rsdrv *d)
{
	return rsdrv_priv(d);
}

static int nic_save(struct nic *nic)
{
	struct saved saved = { .stats = nic->stats };

	memcpy(saved.mac, nic->mac, sizeof(saved.mac));
	return rsdrv_state_put(nic->d, &saved, sizeof(saved), SAVED_VERSION);
}

/* Returns 1 if there was something, 0 if not, or a negative errno. */
static int nic_load(struct nic *nic)
{
	struct saved saved;
	uint32_t version;
	long len;

	len = rsdrv_state_get(nic->d, &saved, sizeof(saved), &version);
	if (len <= 0)
		return (int)len;
	if (len != sizeof(saved) || version != SAVED_VERSION)
		return -EPROTO;
	memcpy(nic->mac, saved.mac, sizeof(nic->mac));
	nic->stats = saved.stats;
	return 1;
}

/* The device stops what it does for the link that is gone: no frame would ever end. */
static void nic_drop_tx(struct nic *nic)
{
	struct rsdrv_req *req;

	hw_stop_tx(&nic->hw);
	while ((req = tx_ring_reap(&nic->tx)))
		rsdrv_net_tx_done(req, 0);
	while ((req = tx_ring_take(&nic->tx)))
		rsdrv_net_tx_done(req, -ENETDOWN);
	tx_ring_reset(&nic->tx, nic->tx_mem.iova);
	hw_start_tx(&nic->hw);
}

/* Tell the kernel of the link if it changed.  If that fails, so will the next turn. */
static void nic_link(struct nic *nic)
{
	uint32_t speed;
	uint32_t link = hw_link(&nic->hw, &speed);

	if (link == nic->link && speed == nic->speed)
		return;
	nic->link = link;
	nic->speed = speed;
	rsdrv_net_link(nic->d, link, speed);
	if (!(link & RS_NET_LINK_UP))
		nic_drop_tx(nic);
}

/* Take the causes of what is about to be seen in the rings, or was; all are masked. */
static void nic_causes(struct nic *nic)
{
	uint32_t causes = hw_causes(&nic->hw);

	nic->stale = false;
	if (causes & INT_LSC)
		nic_link(nic);
}

static bool nic_reap_tx(struct nic *nic)
{
	struct rsdrv_req *req;
	bool any = false;

	while ((req = tx_ring_reap(&nic->tx))) {
		rsdrv_net_tx_done(req, 0);
		any = true;
	}
	return any;
}

static void nic_rx_bad(struct nic *nic, struct rsdrv_req *req, enum stats_own why)
{
	stats_count(&nic->stats, why);
	/* Its descriptor was just taken back, so there is room. */
	rx_ring_post(&nic->rx, req, rsdrv_req_iova(req));
}

static bool nic_reap_rx(struct nic *nic)
{
	struct rsdrv_req *req;
	bool any = false;
	uint64_t wb;

	while ((req = rx_ring_reap(&nic->rx, &wb))) {
		any = true;
		switch (rx_ring_judge(&nic->rx, wb)) {
		case RX_FRAME:
			rsdrv_net_rx_done(req, (int)RXD_LEN(wb),
					  rx_csum_ok(wb) ? RS_CQE_CSUM_OK : 0);
			break;
		case RX_LONG:
			nic_rx_bad(nic, req, STATS_RX_LONG);
			break;
		case RX_ERROR:
			nic_rx_bad(nic, req, STATS_RX_ERRORS);
			break;
		}
	}
	return any;
}

static bool nic_reap(struct nic *nic)
{
	bool any = nic_reap_tx(nic);

	return nic_reap_rx(nic) || any;
}

/* One pass; false = there is nothing to do until something comes. */
static bool nic_poll(struct nic *nic)
{
	uint32_t want;
	bool any;

	tx_ring_kick(&nic->tx);
	any = nic_reap(nic);
	rx_ring_kick(&nic->rx);
	if (any) {
		nic->stale = true;
		return true;
	}
	/*
	 * Unmasking would fire for frames that were polled.  So take those causes back
	 * first; a frame that came in between is found by looking once more, and one that
	 * comes later has its cause set when interrupts go on.
	 */
	if (!nic->hw.mask && nic->stale) {
		nic_causes(nic);
		if (nic_reap(nic)) {
			rx_ring_kick(&nic->rx);
			nic->stale = true;
			return true;
		}
	}
	want = INT_RX_AND_LINK;
	if (!tx_ring_idle(&nic->tx))
		want |= INT_TX;
	if (want & ~nic->hw.mask)
		hw_unmask(&nic->hw, want);
	return false;
}

static void nic_irq(struct rsdrv *d, uint64_t vectors)
{
	struct nic *nic = to_nic(d);

	(void)vectors;
	if (!nic->ready)
		return;
	stats_count(&nic->stats, STATS_INTERRUPTS);
	if (nic->hw.mask)
		hw_mask(&nic->hw);
	nic_causes(nic);
}

static int nic_tx(struct rsdrv_req *req)
{
	struct nic *nic = to_nic(req->d);
	uint32_t len = req->sqe.len;
	int r;

	if (!(nic->link & RS_NET_LINK_UP))
		return -ENETDOWN;
	if (len > MTU_MAX + FRAME_OVERHEAD)
		return -EMSGSIZE;
	if (len < FRAME_MIN_TX) {
		if (req->sqe.buf_len < FRAME_MIN_TX)
			return -EINVAL;
		memset((char *)req->buf + len, 0, FRAME_MIN_TX - len);
		len = FRAME_MIN_TX;
	}
	r = tx_ring_put(&nic->tx, req, rsdrv_req_iova(req), len);
	return r ? r : RSDRV_LATER;
}

static int nic_rx_post(struct rsdrv_req *req)
{
	struct nic *nic = to_nic(req->d);
	int r;

	/* It was under way when the configuration changed. */
	if (!nic->rx_on || req->sqe.buf_len < nic->rx_buf_len)
		return -ECANCELED;
	r = rx_ring_post(&nic->rx, req, rsdrv_req_iova(req));
	return r ? r : RSDRV_LATER;
}

/* Stop receiving; deliver what has come, give the empty buffers back. */
static void nic_stop_rx(struct nic *nic)
{
	struct rsdrv_req *req;

	if (nic->rx_on)
		hw_stop_rx(&nic->hw);
	nic->rx_on = false;
	nic_reap_rx(nic);
	while ((req = rx_ring_take(&nic->rx)))
		rsdrv_net_rx_done(req, -ECANCELED, 0);
	rx_ring_reset(&nic->rx, nic->rx_mem.iova);
}

static int nic_conf(struct rsdrv *d, const struct rs_net_conf *conf)
{
	struct nic *nic = to_nic(d);
	uint32_t rctl = 0;
	int r;

	if (conf->flags & RS_NET_UP) {
		r = filter_rctl(conf, &rctl);
		if (r)
			return r;
		rctl |= RCTL_EN;
	}
	if (!rctl || conf->rx_buf_len != nic->rx_buf_len) {
		nic_stop_rx(nic);
		nic->rx_buf_len = conf->rx_buf_len;
	}
	hw_set_filters(&nic->hw, conf);
	hw_set_rx(&nic->hw, rctl);
	nic->rx_on = rctl;
	return 0;
}

static int nic_stats(struct rsdrv *d, struct rs_net_stat *list, unsigned int max)
{
	struct nic *nic = to_nic(d);
	int r;

	stats_read(&nic->stats, &nic->hw);
	r = nic_save(nic);
	return r ? r : stats_list(&nic->stats, list, max);
}

static const struct rsdrv_net_ops nic_net_ops = {
	.conf = nic_conf,
	.tx = nic_tx,
	.rx_post = nic_rx_post,
	.stats = nic_stats,
};

static bool nic_program(struct nic *nic)
{
	hw_setup(&nic->hw);
	tx_ring_reset(&nic->tx, nic->tx_mem.iova);
	rx_ring_reset(&nic->rx, nic->rx_mem.iova);
	return hw_rings_empty(&nic->hw);
}

static int nic_reset(struct nic *nic)
{
	int r = hw_reset(&nic->hw);

	if (r)
		return r;
	stats_count(&nic->stats, STATS_RESETS);
	hw_mac(&nic->hw, nic->mac);
	if (!nic_program(nic))
		return -EIO;
	/* A takeover changes nothing that is saved, and need not take the time for it. */
	return nic_save(nic);
}

/* The device is programmed for this pool: let it work, and say what it is. */
static int nic_up(struct nic *nic)
{
	int r;

	r = rsdrv_pci_set_master(nic->pci, true);
	if (r)
		return r;
	hw_start_tx(&nic->hw);
	r = rsdrv_announce_net(nic->d, nic->mac, MTU_MIN, MTU_MAX);
	if (r)
		return r;
	nic->link = hw_link(&nic->hw, &nic->speed);
	r = rsdrv_net_link(nic->d, nic->link, nic->speed);
	if (r)
		return r;
	nic->rx_buf_len = 0;
	nic->rx_on = false;
	nic->stale = true;
	nic->ready = true;
	return 0;
}

static int nic_init_fresh(struct rsdrv *d, const struct rsdrv_init_info *info)
{
	struct nic *nic = to_nic(d);
	int r;

	(void)info;
	nic->ready = false;
	nic->stats = (struct stats){ .value = { 0 } };
	hw_quiet(&nic->hw);
	r = nic_reset(nic);
	return r ? r : nic_up(nic);
}

/* After a crash, an update, or an update that was taken back. */
static int nic_init_again(struct rsdrv *d, const struct rsdrv_init_info *info)
{
	struct nic *nic = to_nic(d);
	int r;

	nic->ready = false;
	hw_quiet(&nic->hw);
	r = nic_load(nic);
	if (r < 0)
		return r;
	/* The predecessor died before it saved anything: it never came up. */
	if (r == 0)
		return nic_init_fresh(d, info);
	/* A device that does not let go of its ring heads needs the reset after all. */
	if (!nic_program(nic)) {
		r = nic_reset(nic);
		if (r)
			return r;
	}
	return nic_up(nic);
}

static void nic_stop(struct rsdrv *d)
{
	struct nic *nic = to_nic(d);

	if (!nic->ready)
		return;
	hw_quiet(&nic->hw);
	rsdrv_pci_set_master(nic->pci, false);
}

/* A frame is sent once: the device has to be done with all it was given. */
static int nic_finish(struct rsdrv *d)
{
	struct nic *nic = to_nic(d);

	tx_ring_kick(&nic->tx);
	nic_reap(nic);
	return tx_ring_idle(&nic->tx) ? 0 : -EAGAIN;
}

static int nic_lu_save(struct rsdrv *d, uint32_t state)
{
	(void)state;
	return nic_save(to_nic(d));
}

static const struct rsdrv_lu_ops nic_lu_ops = {
	.isvalid = rsdrv_lu_isvalid_standard,
	.prepare = rsdrv_lu_always_ready,
	.finish = nic_finish,
	.save = nic_lu_save,
};

static const struct rsdrv_sef_ops nic_sef_ops = {
	.init_fresh = nic_init_fresh,
	.init_restart = nic_init_again,
	.init_lu = nic_init_again,
	.lu = &nic_lu_ops,
	.stop = nic_stop,
	.irq = nic_irq,
};

/* All that can be done before the device is ours. */
static int nic_open(struct nic *nic)
{
	void *regs;
	size_t size;
	int r;

	r = rsdrv_pci_open(nic->d, &nic->pci);
	if (r)
		return r;
	r = rsdrv_pci_map(nic->pci, 0, &regs, &size);
	if (r)
		return r;
	if (size < REGS_SIZE)
		return -ENODEV;
	nic->hw.regs = regs;
	nic->rx.regs = regs;
	nic->tx.regs = regs;

	r = rsdrv_dma_alloc(nic->d, RX_RING_BYTES, RING_ALIGN, &nic->rx_mem);
	if (!r)
		r = rsdrv_dma_alloc(nic->d, TX_RING_BYTES, RING_ALIGN, &nic->tx_mem);
	if (r)
		return r;
	if (nic->rx_mem.iova == RS_IOVA_NONE)
		return -ENXIO;
	nic->rx.desc = nic->rx_mem.va;
	nic->tx.desc = nic->tx_mem.va;
	return 0;
}

static int nic_serve(struct nic *nic)
{
	unsigned int credit = rsdrv_depth(nic->d);
	bool busy = false;
	int r;

	if (credit > RING_CREDIT)
		credit = RING_CREDIT;
	r = rsdrv_net_register(nic->d, &nic_net_ops);
	if (!r)
		r = rsdrv_set_credit(nic->d, RSDRV_NET_TX, credit);
	if (!r)
		r = rsdrv_set_credit(nic->d, RSDRV_NET_RX, credit);
	while (r >= 0) {
		r = rsdrv_dispatch(nic->d, busy ? 0 : RS_TIMEOUT_NONE);
		busy = r >= 0 && nic->ready && nic_poll(nic);
	}
	return r == -ESHUTDOWN ? 0 : r;
}

static struct nic the_nic;

int main(void)
{
	struct nic *nic = &the_nic;
	const struct rsdrv_params params = {
		.class = RS_CLASS_NET,
		.effects = RS_EFFECTS_DEVICE,
		.private_size = RX_RING_BYTES + TX_RING_BYTES,
		.ops = &nic_sef_ops,
		.priv = nic,
	};
	int r;

	r = rsdrv_start(&params, &nic->d);
	if (r) {
		fprintf(stderr, "e1000e: cannot start: %s\n", strerror(-r));
		return 1;
	}
	r = nic_open(nic);
	if (r)
		fprintf(stderr, "e1000e: cannot use the device: %s\n", strerror(-r));
	else
		r = nic_serve(nic);
	rsdrv_pci_close(nic->pci);
	rsdrv_end(nic->d);
	return r ? 1 : 0;
}
