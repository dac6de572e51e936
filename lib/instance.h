/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the library's files share: the instance.  Not installed. */
#ifndef INSTANCE_H
#define INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/rs_channel.h>
#include <rsdrv/channel.h>
#include <rsdrv/sef.h>

#include "ring.h"
#include "spin.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* rsdrv_req.state */
enum req_state {
	REQ_FREE,
	REQ_HELD,
};

/**
 * struct queue - one queue of an instance
 * @ring: its rings
 * @sq_map: mapping of the submission ring
 * @cq_map: mapping of the completion ring
 * @reqs: handles, one per entry of the submission ring
 * @free: those that are not in use, linked by .next
 * @credit: see rsdrv_set_credit()
 * @handler: who serves it
 * @data: for @handler
 */
struct queue {
	struct ring ring;
	void *sq_map;
	void *cq_map;
	struct rsdrv_req *reqs;
	struct rsdrv_req *free;
	uint32_t credit;
	rsdrv_handler handler;
	void *data;
};

/**
 * struct rsdrv - one instance
 * @fd: its file
 * @params: as given
 * @attach: what the module answered
 * @queue: control queue and data queues
 * @nr: number of queues in use, the control queue included
 * @pool: mapping of the pool
 * @dma_used: bytes that rsdrv_dma_alloc() has given away
 * @spin: see rsdrv_set_spin()
 * @alarm: CLOCK_MONOTONIC in ns, or RS_TIMEOUT_NONE
 * @bound: an init callback succeeded
 * @stopped: the stop callback was called
 */
struct rsdrv {
	int fd;
	struct rsdrv_params params;
	struct rs_attach attach;
	struct queue queue[RS_QUEUES_MAX + 1];
	unsigned int nr;
	char *pool;
	size_t dma_used;
	struct spin spin;
	uint64_t alarm;
	bool bound;
	bool stopped;
};

/* channel.c: map the rings of queue @i; unmap them. */
int queue_open(struct rsdrv *d, unsigned int i);
void queue_close(struct rsdrv *d, unsigned int i);

/* channel.c: forget the requests of all data queues. */
void queues_forget(struct rsdrv *d);

/* sef.c: take the page faults of a mapping now.  Reading is enough, it is shared. */
void touch(const void *map, size_t bytes);

/* sef.c: RS_OP_INIT; the result is the request's. */
int sef_init(struct rsdrv *d, const struct rs_sqe *sqe);

/* death.c: report fatal signals of this process through @fd; undo that. */
int death_watch(int fd);
void death_unwatch(void);

#endif /* INSTANCE_H */
