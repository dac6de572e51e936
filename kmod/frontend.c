// SPDX-License-Identifier: GPL-2.0
/*
 * frontend.c - the table of classes
 */
#include <linux/kernel.h>

#include <linux/rs_channel.h>

#include "endpoint.h"
#include "failover.h"
#include "frontend.h"

static int rs_none_announce(struct rs_slot *slot, const struct rs_announce *announce)
{
	slot->fe_priv = slot;
	return 0;
}

/* A plain service is announced by being up. */
static void rs_none_replay(struct rs_slot *slot)
{
	slot->fe_priv = slot;
	rs_failover_replayed(slot, slot->epoch, 0);
}

/* A plain service: its clients are other services, by message. */
const struct rs_frontend_ops rs_none_frontend = {
	.name		= "none",
	.class		= RS_CLASS_NONE,
	.depth		= RS_DEPTH_MIN,
	.pool_size	= RS_POOL_MIN,
	.announce	= rs_none_announce,
	.replay		= rs_none_replay,
};

static const struct rs_frontend_ops * const rs_frontends[] = {
	[RS_CLASS_NONE]	= &rs_none_frontend,
	[RS_CLASS_CHR]	= &rs_chr_frontend,
	[RS_CLASS_NET]	= IS_ENABLED(CONFIG_NET) ? &rs_net_frontend : NULL,
	[RS_CLASS_BLK]	= &rs_blk_frontend,
};

const struct rs_frontend_ops *rs_frontend(u32 class)
{
	return class < ARRAY_SIZE(rs_frontends) ? rs_frontends[class] : NULL;
}
