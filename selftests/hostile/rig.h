/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A slot that holds a real network card, and bare instances that do as they are told
 *
 * The test is rsd: it makes the slot, lends it the device and starts instances.  An
 * instance is a process without librsdrv, which attaches, answers INIT, and otherwise
 * does only what rig_do() asks: so a test decides who touches what, and when.
 */
#ifndef RIG_H
#define RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/rs_channel.h>
#include <linux/rs_ctl.h>

#include "rspci.h"

/* Memory of the test's own that the device reaches, besides the pools. */
#define RIG_DMA_IOVA	0x10000000ULL
#define RIG_DMA_SIZE	(1UL << 20)
/* Pools, one after the other; half of each is the driver's. */
#define RIG_POOL_IOVA	0x20000000ULL
#define RIG_POOL_SIZE	(1UL << 20)

#define RIG_EVENTS	32

struct rsnl;

/**
 * struct rig - the slot and its device
 * @nl: family
 * @pci: device
 * @label: of the slot
 * @endpoint: of the slot
 * @fd: a file of /dev/rsmod for commands
 * @dma: memory of the test that the device reaches, RIG_DMA_SIZE bytes
 * @started: instances so far
 * @seen: events by type
 * @last: instance of the last event, by type
 * @why: why rig_open() did not work
 */
struct rig {
	struct rsnl *nl;
	struct rspci pci;
	char label[16];
	int32_t endpoint;
	int fd;
	uint8_t *dma;
	unsigned int started;
	unsigned int seen[RIG_EVENTS];
	uint32_t last[RIG_EVENTS];
	char why[128];
};

/**
 * struct rig_inst - one instance
 * @pid: its process
 * @sock: where it takes orders
 * @number: in the slot's life
 * @iova: of its pool
 */
struct rig_inst {
	pid_t pid;
	int sock;
	uint32_t number;
	uint64_t iova;
};

/* rig_start(): do not answer INIT before RIG_ANSWER. */
#define RIG_SHY		1U
/* rig_start(): RS_ARM_HOLD. */
#define RIG_HOLD	2U

/**
 * enum rig_op - what an instance can be asked to do; result in brackets, -errno if not
 * @RIG_READ: read register @a, which is BAR << 32 | offset [value]
 * @RIG_WRITE: write @b to register @a
 * @RIG_CONFIG: read @b bytes of configuration space at @a [value]
 * @RIG_CONFIG_SET: write @c, @b bytes, at @a
 * @RIG_DEVICE: RS_IOC_DEVICE @a
 * @RIG_INFO: RS_IOC_LEASE_INFO [vectors]
 * @RIG_PUT: RS_IOC_STATE_PUT of some bytes
 * @RIG_DYING: RS_IOC_DYING
 * @RIG_ANSWER: answer INIT [1 if it had come]
 * @RIG_IRQS: interrupts seen since the last time [bit per vector]
 * @RIG_NIC: set rings up at bus address @a and let them run
 * @RIG_QUIET: stop both rings
 * @RIG_RUN: a thread gives all descriptors back to the device, again and again
 * @RIG_RAN: [turns of that thread, + RIG_ENDED if a signal ended it]
 * @RIG_SUM: checksum of the pool's private half [value]
 * @RIG_STALL: a thread makes call @a (enum rig_stall) with memory that never comes
 */
enum rig_op {
	RIG_READ, RIG_WRITE, RIG_CONFIG, RIG_CONFIG_SET, RIG_DEVICE, RIG_INFO, RIG_PUT,
	RIG_DYING, RIG_ANSWER, RIG_IRQS, RIG_NIC, RIG_QUIET, RIG_RUN, RIG_RAN, RIG_SUM,
	RIG_STALL,
};

#define RIG_ENDED	(1LL << 40)
/* Result of an operation that met SIGBUS. */
#define RIG_SIGBUS	(-10000)

enum rig_stall {
	RIG_STALL_ENTER, RIG_STALL_INFO, RIG_STALL_CONFIG, RIG_STALL_ANNOUNCE, RIG_STALL_PUT,
	RIG_STALL_PUT_DATA, RIG_STALL_GET, RIG_STALL_GET_DATA, RIG_STALL_DYING,
	RIG_STALL_LAST
};

/* 0; 1 the machine lacks something, see @why; -errno. */
int rig_open(struct rig *r, const char *label);
void rig_close(struct rig *r);

/* Let go of the device's files: the slot alone holds it. */
void rig_forget(struct rig *r);

/* Start an instance.  0 or -errno. */
int rig_start(struct rig *r, struct rig_inst *inst, unsigned int flags);
void rig_kill(struct rig_inst *inst);

/* What @op gave; -EPIPE if the process is gone. */
long long rig_do(struct rig_inst *inst, enum rig_op op, uint64_t a, uint64_t b, uint64_t c);

/* Let @inst take the bound one's place.  0 or -errno. */
int rig_swap(struct rig *r, struct rig_inst *inst);

/* Wait until @type was seen @count times in all; false after @ms. */
bool rig_wait(struct rig *r, uint32_t type, unsigned int count, int ms);

/* Violations of the slot so far. */
unsigned int rig_violations(struct rig *r);

/* Fill rings and buffers at @mem, as rig_nic() of bus address @iova wants them. */
void rig_rings(uint8_t *mem, uint64_t iova);

/* Send frames to the card, about a thousand a second, until the returned process is killed; 0 = no peer. */
pid_t rig_traffic(void);

long long rig_now_ms(void);

#endif /* RIG_H */
