// SPDX-License-Identifier: GPL-2.0-only
/*
 * backoff.c - binary exponential backoff with decay
 */
#include "backoff.h"

uint64_t backoff_next(struct backoff *b, uint64_t now_us)
{
	uint64_t clean = (now_us - b->last_us) / BACKOFF_CLEAN_US;
	uint64_t delay = 0;

	b->count = clean < 32 ? b->count >> clean : 0;
	if (b->count > 0)
		delay = b->count <= 5 ? 1000000ULL << (b->count - 1) : BACKOFF_MAX_US;
	if (delay > BACKOFF_MAX_US)
		delay = BACKOFF_MAX_US;
	if (b->count < UINT32_MAX)
		b->count++;
	/* the wait itself is not a clean time */
	b->last_us = now_us + delay;
	return delay;
}

bool limit_take(struct limit *l, uint32_t max, uint64_t window_us, uint64_t now_us)
{
	if (l->count == 0 || now_us - l->since_us >= window_us) {
		l->count = 0;
		l->since_us = now_us;
	}
	if (l->count >= max)
		return false;
	l->count++;
	return true;
}
