/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * backoff.h - how long to wait before the next start (MINIX: servers/rs/manager.c,
 * terminate_service)
 *
 * At once the first time, then 1, 2, 4 ... 30 seconds.  MINIX's counter never fell;
 * here every clean minute halves it, so that a crash a week is not punished.
 */
#ifndef RSD_BACKOFF_H
#define RSD_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

#define BACKOFF_MAX_US		30000000ULL
#define BACKOFF_CLEAN_US	60000000ULL

/**
 * struct backoff - restarts that count
 * @count: of them
 * @last_us: when the last one was, CLOCK_MONOTONIC
 */
struct backoff {
	uint32_t count;
	uint64_t last_us;
};

/* Microseconds to wait before the restart that is due at @now_us; counts it. */
uint64_t backoff_next(struct backoff *b, uint64_t now_us);

/**
 * struct limit - so many restarts in so much time, and no more
 * @count: of them in the present window
 * @since_us: when the window began, CLOCK_MONOTONIC
 */
struct limit {
	uint32_t count;
	uint64_t since_us;
};

/* Counts the restart that is due at @now_us.  False: it would be one too many. */
bool limit_take(struct limit *l, uint32_t max, uint64_t window_us, uint64_t now_us);

#endif /* RSD_BACKOFF_H */
