/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A driver without librsdrv, so that it can do what librsdrv never would
 *
 * It serves a pattern: the byte at position p is bare_byte(p), for reads; writes are taken
 * if they carry the same.  That is what it does when it behaves; a test gives it a hook
 * that sees each request first and may answer it in any way, or not at all.
 */
#ifndef BARE_H
#define BARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/rs_channel.h>

#define BARE_QUEUES	3
/* The queue of class chr. */
#define BARE_DATA	1

struct bare;

/*
 * Sees a request before it is answered.  @sqe is a copy.  True: it is dealt with, or is left
 * alone; false: it gets the right answer.
 */
typedef bool bare_hook(struct bare *b, unsigned int queue, const struct rs_sqe *sqe);

/**
 * struct bare - the driver's side of an instance
 * @fd: the instance's file
 * @sock: where the test talks to it, or -1
 * @class: enum rs_class to attach as
 * @chr: what it announces, class chr
 * @net: what it announces, class net
 * @credit: of data queues
 * @private_size: of the pool, asked for
 * @hook: see above, or NULL
 * @arg: the test's own
 * @info: what ATTACH gave
 * @nr: queues, the control queue included
 * @sq: submission rings
 * @cq: completion rings
 * @pool: the pool
 * @sq_head: entries taken
 * @cq_tail: entries written
 */
struct bare {
	int fd;
	int sock;
	uint32_t class;
	struct rs_announce_chr chr;
	struct rs_announce_net net;
	uint32_t credit;
	uint64_t private_size;
	bare_hook *hook;
	uintptr_t arg;

	struct rs_attach info;
	unsigned int nr;
	const struct rs_sq *sq[BARE_QUEUES];
	struct rs_cq *cq[BARE_QUEUES];
	uint8_t *pool;
	uint32_t sq_head[BARE_QUEUES];
	uint32_t cq_tail[BARE_QUEUES];
};

static inline uint8_t bare_byte(uint64_t position)
{
	return (uint8_t)(position * 131 >> 3 ^ position);
}

/* ATTACH and map everything.  0 or -errno. */
int bare_attach(struct bare *b);

/* One RS_IOC_ENTER of all queues; with @wait it sleeps until there is something.  0 or -errno. */
int bare_enter(struct bare *b, bool wait);
/* The same, for at most so many ns: -ETIME. */
int bare_enter_for(struct bare *b, uint64_t ns);

/* The next request of @queue; false if there is none. */
bool bare_next(struct bare *b, unsigned int queue, struct rs_sqe *sqe);

/* Write a completion entry.  The kernel sees it at the next bare_enter(). */
void bare_push(struct bare *b, unsigned int queue, const struct rs_cqe *cqe);

/* Announce what @b->chr or @b->net says. */
int bare_announce(struct bare *b);

/* RS_IOC_STATE_PUT of one word, RS_IOC_STATE_GET of it, RS_IOC_DYING.  0 or -errno. */
int bare_put(struct bare *b, uint64_t word);
int bare_get(struct bare *b, uint64_t *word);
int bare_dying(struct bare *b);

/* Do what the request asks for; what it should be answered with. */
struct rs_cqe bare_serve(struct bare *b, const struct rs_sqe *sqe);

/* Take what there is, and answer it. */
void bare_turn(struct bare *b);

/* Turns, until the instance ends. */
int bare_run(struct bare *b);

/* Words to the test and from it; each waits for the other. */
void bare_say(struct bare *b, int64_t word);
int64_t bare_hear(struct bare *b);

#endif /* BARE_H */
