/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the library's files share: the instance.  Not installed. */
#ifndef INSTANCE_H
#define INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/rs_channel.h>
#include <rsdrv/channel.h>
#include <rsdrv/msg.h>
#include <rsdrv/sef.h>

#include "lu.h"
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
 * @batch: called after a batch of requests was delivered, or NULL
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
	void (*batch)(struct rsdrv *d, unsigned int queue, void *data);
};

struct threads;

/**
 * struct rsdrv - one instance
 * @fd: its file
 * @params: as given
 * @attach: what the module answered
 * @queue: control queue and data queues
 * @nr: number of queues in use, the control queue and the message queue included
 * @own: those that rsdrv_dispatch() serves, from the control queue on
 * @threads: those that serve the others, or NULL
 * @pool: mapping of the pool
 * @state: mapping of the large state, or NULL
 * @state_size: bytes of it
 * @dma_used: bytes that rsdrv_dma_alloc() has given away
 * @spin: see rsdrv_set_spin()
 * @alarm: CLOCK_MONOTONIC in ns, or RS_TIMEOUT_NONE
 * @irqs: vectors that were raised and not yet delivered
 * @msg: who serves messages, or NULL
 * @lu: wish that it get ready for an update
 * @bound: an init callback succeeded
 * @stopped: the stop callback was called
 * @watched: fatal signals of the process are reported through it
 */
struct rsdrv {
	int fd;
	struct rsdrv_params params;
	struct rs_attach attach;
	struct queue queue[RS_QUEUES_MAX + 1];
	unsigned int nr;
	unsigned int own;
	struct threads *threads;
	char *pool;
	void *state;
	size_t state_size;
	size_t dma_used;
	struct spin spin;
	uint64_t alarm;
	uint64_t irqs;
	const struct rsdrv_msg_ops *msg;
	struct lu lu;
	bool bound;
	bool stopped;
	bool watched;
};

/* channel.c: map the rings of queue @i; unmap them. */
int queue_open(struct rsdrv *d, unsigned int i);
void queue_close(struct rsdrv *d, unsigned int i);

/* channel.c: one RS_IOC_ENTER over some queues; *@e comes back with events, none on error. */
int channel_enter(struct rsdrv *d, unsigned int first, unsigned int nr, struct spin *spin,
		  uint64_t timeout_ns, struct rs_enter *e);

/* channel.c: deliver what was published in queue @i; returns how many. */
int queue_serve(struct rsdrv *d, unsigned int i);

/* threads.c: wait for the other threads, which have been told to end. */
void threads_join(struct rsdrv *d);

/* threads.c: keep the other threads from serving; undo that. */
void threads_hold(struct rsdrv *d);
void threads_go(struct rsdrv *d);

/* channel.c: rsdrv_set_handler() of any queue. */
void queue_handler(struct rsdrv *d, unsigned int queue, rsdrv_handler handler, void *data);

/* channel.c: complete every request of queue @i that the driver holds. */
void queue_refuse(struct rsdrv *d, unsigned int i, int res);

/* msg.c: notifications and the service's alarm, of RS_EVENT_*; how many were delivered. */
int msg_events(struct rsdrv *d, uint32_t events);

/* channel.c: deliver what was published in queue @i; how many. */
int queue_serve(struct rsdrv *d, unsigned int i);

/* sig.c: RS_EVENT_SIGNAL; how many were delivered. */
int sig_events(struct rsdrv *d, uint32_t signals);
/* sig.c: no signal reaches the instance of @fd any more. */
void sig_unwatch(int fd);

/* channel.c: forget the requests of all data queues. */
void queues_forget(struct rsdrv *d);

/* warm.c: take the page faults of the program and its libraries now. */
void warm(void);

/* warm.c: take the page faults of a mapping now.  Reading is enough, it is shared. */
void touch(const void *map, size_t bytes);

/* sef.c: RS_OP_INIT; the result is the request's. */
int sef_init(struct rsdrv *d, const struct rs_sqe *sqe);

/* death.c: report fatal signals of this process through @fd; undo that. */
int death_watch(int fd);
void death_unwatch(void);

#endif /* INSTANCE_H */
