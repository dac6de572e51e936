/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A controller for tests: a thread behind the registers
 *
 * It knows what the driver uses: switching on and off, the admin commands, reads and writes of a
 * few blocks of memory; and it can misbehave on demand.  Addresses are pointers.
 */
#ifndef NVME_FAKE_H
#define NVME_FAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "command.h"

#define FAKE_BAR	0x2000
#define FAKE_NS		2
#define FAKE_BLOCKS	1024

/**
 * struct fake - the controller; the thread's own state is in fake.c
 * @bar: registers, for the driver
 * @disk: blocks of namespaces 1 (512 bytes) and 2 (4096)
 * @blocks: how many each has; 0 = it is gone
 * @swallow: commands with this first block are taken and not executed; UINT64_MAX = none
 * @release: execute, all at once, what was swallowed and is still known
 * @fail: so many I/O commands fail with @fail_status
 * @fail_status: without phase
 * @no_abort: Abort commands have no effect
 * @no_delete: queues cannot be deleted
 * @no_off: RDY stays when EN goes
 * @no_function: a function-level reset does not help either
 * @fatal: set CSTS.CFS, once
 * @event: answer the Asynchronous Event Request with a changed namespace, once
 * @mute: Identify of a namespace is taken and not answered, once
 * @identify_status: what they are answered with, without phase
 * @offs: times that it was switched off
 * @aborts: Abort commands
 * @deletes: submission queues deleted
 * @writes: blocks written, ever
 * @turns: times that the thread has looked at everything; one command of each queue a turn
 * @faults: what the driver must not do: a doorbell of no queue, a queue made twice, ...
 */
struct fake {
	uint32_t bar[FAKE_BAR / 4];
	uint8_t *disk[FAKE_NS];
	uint64_t blocks[FAKE_NS];
	uint64_t swallow;
	bool release;
	unsigned int fail;
	uint16_t fail_status;
	bool no_abort;
	bool no_delete;
	bool no_off;
	bool no_function;
	bool fatal;
	bool event;
	bool mute;
	uint16_t identify_status;
	unsigned int offs;
	unsigned int aborts;
	unsigned int deletes;
	unsigned int writes;
	unsigned int turns;
	unsigned int faults;
};

extern struct fake fake;

/* fake_begin() - a new controller that behaves, switched off; fake_end() - its end. */
void fake_begin(void);
void fake_end(void);

/* fake_set(), fake_get() - knobs and counters, while the thread runs. */
#define fake_set(member, value)	__atomic_store_n(&fake.member, value, __ATOMIC_RELEASE)
#define fake_get(member)	__atomic_load_n(&fake.member, __ATOMIC_ACQUIRE)

/* fake_function_reset() - what a function-level reset does to it. */
void fake_function_reset(void);

/* fake_bytes() - of a block of namespace @ns (from 0). */
uint32_t fake_bytes(unsigned int ns);

#endif /* NVME_FAKE_H */
