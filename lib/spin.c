// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * When is it worth while to look for work before sleeping?
 *
 * If the last few waits all outlasted the spin, work is rare and spinning only
 * burns the CPU that the client may need.  One wait that would have fitted into the
 * spin, slept or not, says that work comes thick again.
 */
#include "spin.h"

uint32_t spin_next(const struct spin *s)
{
	return s->misses < SPIN_PATIENCE ? s->limit_ns : 0;
}

void spin_learn(struct spin *s, uint64_t ns)
{
	if (ns <= s->limit_ns)
		s->misses = 0;
	else if (s->misses < SPIN_PATIENCE)
		s->misses++;
}
