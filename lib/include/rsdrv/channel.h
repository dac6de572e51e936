/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * channel.h - requests of clients, and their completion
 *
 * Each queue of an instance is a pair of shared rings (linux/rs_channel.h).  The
 * library copies a request out of its ring entry before anybody looks at it, and
 * hands it to the queue's handler as a struct rsdrv_req.  The handler completes it
 * by its return value, or returns RSDRV_LATER and completes it whenever it likes,
 * in any order.
 *
 * A queue's *credit* is how many requests the driver holds at once.  They are also
 * what is suspected if it crashes: a driver that works on one request at a time
 * should leave the credit at 1.
 *
 * One system call, RS_IOC_ENTER, takes the completions of a batch and waits for
 * the next requests of all queues, for interrupts and for events.
 */
#ifndef RSDRV_CHANNEL_H
#define RSDRV_CHANNEL_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/rs_channel.h>

struct rsdrv;

/* Returned by a handler that keeps the request.  No errno is so small. */
#define RSDRV_LATER	INT_MIN

/* The control queue; data queues follow. */
#define RSDRV_QUEUE_CTRL	0

/**
 * struct rsdrv_req - one request, until it is completed
 * @sqe: private copy of what the kernel wrote
 * @buf: the request's buffer in the pool, @sqe.buf_len bytes, or NULL
 * @d: the instance
 * @queue: the queue that it came from
 * @priv: the driver's own; NULL when the request is delivered
 * @next: free for a list of the driver's, as long as it holds the request
 *
 * Belongs to the driver from delivery until rsdrv_complete(), or until the next
 * init callback, before which all are forgotten.  Where the buffer is for the
 * device: rsdrv_req_iova() in dma.h.
 */
struct rsdrv_req {
	struct rs_sqe sqe;
	void *buf;
	struct rsdrv *d;
	uint32_t queue;
	/* private: */
	uint32_t state;
	/* public: */
	void *priv;
	struct rsdrv_req *next;
};

/**
 * typedef rsdrv_handler - serves one queue
 * @req: a request, now the handler's
 * @data: as given to rsdrv_set_handler()
 *
 * Return: bytes done or 0, or a negative errno: the request is completed with that;
 * or RSDRV_LATER.
 */
typedef int (*rsdrv_handler)(struct rsdrv_req *req, void *data);

/**
 * rsdrv_set_handler() - who serves a queue
 * @d: the instance
 * @queue: RSDRV_QUEUE_CTRL (everything but RS_OP_INIT) or a data queue, from 1
 * @handler: NULL answers EOPNOTSUPP
 * @data: for the handler
 *
 * The class loops (chr.h, net.h) call it.
 *
 * Return: 0 or -EINVAL.
 */
int rsdrv_set_handler(struct rsdrv *d, unsigned int queue, rsdrv_handler handler, void *data);

/**
 * rsdrv_set_credit() - how many requests of a queue the driver takes at once
 * @d: the instance
 * @queue: a data queue
 * @credit: 1 up to the depth; 0 = the depth.  Default: 1
 *
 * Return: 0 or -EINVAL.
 */
int rsdrv_set_credit(struct rsdrv *d, unsigned int queue, unsigned int credit);

/**
 * rsdrv_nr_queues() - number of data queues
 * @d: the instance
 * Return: also the number of the last one
 */
unsigned int rsdrv_nr_queues(const struct rsdrv *d);

/**
 * rsdrv_depth() - requests of one data queue
 * @d: the instance
 * Return: a power of two
 */
unsigned int rsdrv_depth(const struct rsdrv *d);

/**
 * rsdrv_set_spin() - look for work before going to sleep
 * @d: the instance
 * @ns: how long, at most RS_SPIN_MAX_NS; 0 = not at all.  Default: the environment
 *	variable RSDRV_SPIN_US, in microseconds, else 0
 *
 * Pays where a wake-up costs more than the wait.  Adapts itself: after a wait that
 * found nothing in that time, the next ones go to sleep at once, until requests come
 * thick again.
 */
void rsdrv_set_spin(struct rsdrv *d, uint32_t ns);

/**
 * rsdrv_complete() - a request is done
 * @req: no longer the caller's
 * @res: bytes done or 0, or a negative errno
 *
 * The client hears of it with the next RS_IOC_ENTER: of the loop, or of
 * rsdrv_flush().
 */
void rsdrv_complete(struct rsdrv_req *req, int res);

/**
 * rsdrv_complete_ext() - the same, with all words of a completion
 * @req: no longer the caller's
 * @res: bytes done or 0, or a negative errno
 * @flags: RS_CQE_*
 * @aux: see enum rs_op
 */
void rsdrv_complete_ext(struct rsdrv_req *req, int res, uint32_t flags, uint64_t aux);

/**
 * rsdrv_run() - serve (MINIX: the loop around sef_receive)
 * @d: the instance
 *
 * Return: 0 after the service was stopped (the stop callback was called); -EOWNERDEAD
 * if the instance was replaced; another negative errno if the channel failed.  The
 * process should exit in each case: with 0 only in the first.
 */
int rsdrv_run(struct rsdrv *d);

/**
 * rsdrv_run_threads() - serve with several threads
 * @d: the instance
 * @nr: threads, the caller included; 0, or more than there are data queues: one for each
 *
 * As rsdrv_run(), but the data queues are divided among so many threads.  A queue's handler is
 * called by its own thread, which is the only one that may complete its requests.  Everything else,
 * init and the other callbacks of sef.h, is the caller's; the stop callback comes when the other
 * threads have ended.  rsdrv_flush() and the flush callback are of the caller's queues only.
 *
 * Return: as rsdrv_run(), or -EALREADY, -ENOMEM, -EAGAIN, or -EOPNOTSUPP if it serves messages:
 * then the process should exit, too.
 */
int rsdrv_run_threads(struct rsdrv *d, unsigned int nr);

/**
 * rsdrv_dispatch() - one turn of rsdrv_run(), for drivers with an event loop of their own
 * @d: the instance
 * @timeout_ns: how long to wait for something to do; 0 = do not; RS_TIMEOUT_NONE
 *
 * poll() of rsdrv_fd() says when there is something to do.  Completions made outside
 * of it reach their clients with the next call, so make it, or call rsdrv_flush().
 *
 * Return: number of requests, events and interrupts delivered, 0 if the time passed or
 * a signal was caught; -ESHUTDOWN when the stop callback was called; or as rsdrv_run().
 */
int rsdrv_dispatch(struct rsdrv *d, uint64_t timeout_ns);

/**
 * rsdrv_flush() - let clients hear of completions now
 * @d: the instance
 *
 * Delivers nothing.  Needed only by drivers that do not soon return to the loop.
 * Return: 0 or a negative errno as rsdrv_run().
 */
int rsdrv_flush(struct rsdrv *d);

/**
 * rsdrv_set_alarm() - have the alarm callback called once
 * @d: the instance
 * @ns: from now; RS_TIMEOUT_NONE takes a set alarm back
 *
 * There is one alarm; setting it anew moves it.
 */
void rsdrv_set_alarm(struct rsdrv *d, uint64_t ns);

#endif /* RSDRV_CHANNEL_H */
