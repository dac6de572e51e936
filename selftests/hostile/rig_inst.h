/* SPDX-License-Identifier: GPL-2.0-only */
/* The side of a rig that is the instance; see rig.h. */
#ifndef RIG_INST_H
#define RIG_INST_H

#include <stdint.h>

/* An order, and its operands; a result is a long long. */
struct rig_order {
	uint64_t op;
	uint64_t a;
	uint64_t b;
	uint64_t c;
};

/*
 * Be an instance: wait for a byte on @sock, attach with @fd, then do what comes from @sock.
 * @flags: RIG_SHY.  Never returns.
 */
void rig_instance(int fd, int sock, unsigned int flags) __attribute__((noreturn));

#endif /* RIG_INST_H */
