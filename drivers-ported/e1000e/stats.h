/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters
 *
 * The device clears its counters when they are read, so they are added up here.
 * The sums are saved for the successor each time somebody asks for them, which is
 * rarely: a takeover continues them, less what the dead instance saw since then.
 */
#ifndef E1000E_STATS_H
#define E1000E_STATS_H

#include <stdint.h>

#include <linux/rs_channel.h>

#include "hw.h"

/* What the driver counts itself, behind the device's counters. */
enum stats_own {
	STATS_RX_LONG,		/* frames, or pieces, that did not fit one buffer */
	STATS_RX_ERRORS,	/* frames that the device marked as damaged */
	STATS_INTERRUPTS,
	STATS_RESETS,		/* of the device, by this driver */
	STATS_OWN
};

#define STATS_HW	42
#define STATS_MAX	(STATS_HW + STATS_OWN)

/**
 * struct stats - sums
 * @value: the device's, then the driver's own
 */
struct stats {
	uint64_t value[STATS_MAX];
};

/* stats_read() - add the device's counters, which clears them. */
void stats_read(struct stats *s, struct hw *hw);

/* stats_count() - add one to a counter of the driver's own. */
static inline void stats_count(struct stats *s, enum stats_own own)
{
	s->value[STATS_HW + own]++;
}

/* stats_list() - fill in at most @max counters; returns how many. */
int stats_list(const struct stats *s, struct rs_net_stat *list, unsigned int max);

#endif /* E1000E_STATS_H */
