/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When is it worth while to look for work before sleeping?  See spin.c. */
#ifndef SPIN_H
#define SPIN_H

#include <stdint.h>

/**
 * struct spin - the decision's memory
 * @limit_ns: longest spin; 0 = never
 * @misses: waits in a row that were longer than @limit_ns
 */
struct spin {
	uint32_t limit_ns;
	uint32_t misses;
};

/* After so many misses in a row the next wait sleeps at once. */
#define SPIN_PATIENCE	4

/* How long to spin in the next wait. */
uint32_t spin_next(const struct spin *s);

/* The last wait took @ns. */
void spin_learn(struct spin *s, uint64_t ns);

#endif /* SPIN_H */
