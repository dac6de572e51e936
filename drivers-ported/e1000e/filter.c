// SPDX-License-Identifier: GPL-2.0-only
/*
 * A configuration, as words of registers
 *
 * Nothing here touches the device, so that it can be tested anywhere.
 */
#include <errno.h>
#include <string.h>

#include "filter.h"
#include "registers.h"

uint32_t filter_mta_hash(const uint8_t *addr)
{
	return (uint32_t)addr[5] << 4 | addr[4] >> 4;
}

void filter_mta(const struct rs_net_conf *conf, uint32_t *mta)
{
	unsigned int i;
	uint32_t h;

	memset(mta, 0, MTA_WORDS * sizeof(*mta));
	for (i = 0; i < conf->nr_mc; i++) {
		h = filter_mta_hash(conf->mc[i]);
		mta[h >> 5] |= BIT32(h & 31);
	}
}

/* RCTL.BSIZE and RCTL.BSEX (10.2.5.1), the largest first. */
static const struct {
	uint32_t size;
	uint32_t bsize;
	uint32_t bsex;
} sizes[] = {
	{ 16384, 1, RCTL_BSEX },
	{ 8192, 2, RCTL_BSEX },
	{ 4096, 3, RCTL_BSEX },
	{ 2048, 0, 0 },
};

uint32_t filter_buf_size(uint32_t len, uint32_t *rctl)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (sizes[i].size > len)
			continue;
		*rctl = sizes[i].bsize << RCTL_BSIZE_SHIFT | sizes[i].bsex;
		return sizes[i].size;
	}
	return 0;
}

int filter_rctl(const struct rs_net_conf *conf, uint32_t *ret)
{
	uint32_t frame = conf->mtu + FRAME_OVERHEAD;
	uint32_t rctl;

	if (conf->mtu > MTU_MAX || filter_buf_size(conf->rx_buf_len, &rctl) < frame)
		return -EINVAL;
	rctl |= RCTL_BAM | RCTL_SECRC | RCTL_MO_47_36;
	if (frame > FRAME_MAX_NO_LPE)
		rctl |= RCTL_LPE;
	if (conf->flags & RS_NET_PROMISC)
		rctl |= RCTL_UPE | RCTL_MPE;
	if (conf->flags & RS_NET_ALLMULTI)
		rctl |= RCTL_MPE;
	*ret = rctl;
	return 0;
}
