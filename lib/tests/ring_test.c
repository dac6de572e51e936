// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The ring's cursors, against the kernel's side played in memory
 *
 * The memory is as long as a ring and no longer, so that the sanitizer sees an
 * access that leaves it.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "ring.h"
#include "tap.h"

/* The kernel's side: its cursors and the shared memory. */
struct peer {
	struct rs_sq *sq;
	struct rs_cq *cq;
	uint32_t nr;
	uint32_t sq_tail;
	uint32_t cq_head;
};

static void peer_init(struct peer *p, uint32_t nr, uint32_t start)
{
	p->sq = calloc(1, ring_bytes(nr, sizeof(struct rs_sqe)));
	p->cq = calloc(1, ring_bytes(2 * nr, sizeof(struct rs_cqe)));
	p->nr = nr;
	p->sq_tail = start;
	p->cq_head = start;
	p->sq->nr = nr;
	p->sq->tail = start;
	p->cq->tail = start;
}

static void peer_free(struct peer *p)
{
	free(p->sq);
	free(p->cq);
}

static void peer_publish(struct peer *p, uint64_t id)
{
	struct rs_sqe *e = (struct rs_sqe *)((char *)p->sq + RS_RING_ENTRIES);

	e[p->sq_tail & (p->nr - 1)] = (struct rs_sqe){ .id = id, .seq = ~id };
	__atomic_store_n(&p->sq->tail, ++p->sq_tail, __ATOMIC_RELEASE);
}

static bool peer_reap(struct peer *p, struct rs_cqe *cqe)
{
	const struct rs_cqe *e = (struct rs_cqe *)((char *)p->cq + RS_RING_ENTRIES);

	if (__atomic_load_n(&p->cq->tail, __ATOMIC_ACQUIRE) == p->cq_head)
		return false;
	*cqe = e[p->cq_head++ & (2 * p->nr - 1)];
	return true;
}

static void test_empty(void)
{
	struct peer p;
	struct ring r;
	struct rs_sqe sqe;

	peer_init(&p, 8, 0);
	EXPECT(ring_init(&r, p.sq, p.cq, 8) == 0);
	EXPECT(!ring_fetch(&r, &sqe));
	EXPECT(r.sq_head == 0);
	peer_free(&p);
}

static void test_agreement(void)
{
	struct peer p;
	struct ring r;

	peer_init(&p, 8, 0);
	EXPECT(ring_init(&r, p.sq, p.cq, 16) == -EPROTO);
	p.sq->nr = 6;
	EXPECT(ring_init(&r, p.sq, p.cq, 6) == -EPROTO);
	p.sq->nr = 0;
	EXPECT(ring_init(&r, p.sq, p.cq, 0) == -EPROTO);
	peer_free(&p);
}

/* A full ring each time, far enough to wrap the ring and the 32-bit cursors. */
static void wrap_from(uint32_t start)
{
	struct peer p;
	struct ring r;
	struct rs_sqe sqe;
	struct rs_cqe cqe;
	uint64_t id = 1;
	int turn;

	peer_init(&p, 8, start);
	EXPECT(ring_init(&r, p.sq, p.cq, 8) == 0);
	r.sq_head = start;
	for (turn = 0; turn < 5; turn++) {
		uint64_t first = id;
		uint64_t i;

		for (i = 0; i < 8; i++)
			peer_publish(&p, id++);
		for (i = first; i < id; i++) {
			EXPECT(ring_fetch(&r, &sqe) && sqe.id == i && sqe.seq == ~i);
			ring_complete(&r, &(struct rs_cqe){ .id = i, .res = (int)turn });
		}
		EXPECT(!ring_fetch(&r, &sqe));
		for (i = first; i < id; i++)
			EXPECT(peer_reap(&p, &cqe) && cqe.id == i && cqe.res == turn);
		EXPECT(!peer_reap(&p, &cqe));
	}
	EXPECT(r.sq_head == start + 40 && r.cq_tail == start + 40);
	peer_free(&p);
}

static void test_wrap_ring(void)
{
	wrap_from(0);
	wrap_from(5);
}

static void test_wrap_cursor(void)
{
	wrap_from(UINT32_MAX - 11);
}

static void test_copy(void)
{
	struct peer p;
	struct ring r;
	struct rs_sqe sqe;

	/* What was fetched does not change when the entry is used again. */
	peer_init(&p, 8, 0);
	ring_init(&r, p.sq, p.cq, 8);
	peer_publish(&p, 7);
	EXPECT(ring_fetch(&r, &sqe));
	memset((char *)p.sq + RS_RING_ENTRIES, 0xff, sizeof(sqe));
	EXPECT(sqe.id == 7);
	peer_free(&p);
}

static void test_skip(void)
{
	struct peer p;
	struct ring r;
	struct rs_sqe sqe;

	peer_init(&p, 8, 0);
	ring_init(&r, p.sq, p.cq, 8);
	peer_publish(&p, 1);
	peer_publish(&p, 2);
	EXPECT(ring_fetch(&r, &sqe) && sqe.id == 1);
	ring_skip(&r);
	EXPECT(!ring_fetch(&r, &sqe));
	peer_publish(&p, 3);
	EXPECT(ring_fetch(&r, &sqe) && sqe.id == 3);
	peer_free(&p);
}

/* Two batches of completions between two reaps: the most there can be. */
static void test_cq_room(void)
{
	struct peer p;
	struct ring r;
	struct rs_cqe cqe;
	uint64_t i;

	peer_init(&p, 8, 0);
	ring_init(&r, p.sq, p.cq, 8);
	for (i = 0; i < 16; i++)
		ring_complete(&r, &(struct rs_cqe){ .id = i });
	for (i = 0; i < 16; i++)
		EXPECT(peer_reap(&p, &cqe) && cqe.id == i);
	EXPECT(!peer_reap(&p, &cqe));
	peer_free(&p);
}

#define RACE_COUNT	200000

static void *race_peer(void *arg)
{
	struct peer *p = arg;
	uint64_t published = 0;
	uint64_t reaped = 0;
	struct rs_cqe cqe;

	while (reaped < RACE_COUNT) {
		while (published < RACE_COUNT && published - reaped < p->nr)
			peer_publish(p, ++published);
		while (peer_reap(p, &cqe)) {
			reaped++;
			EXPECT(cqe.id == reaped && cqe.aux == ~reaped);
		}
	}
	return NULL;
}

/* Both sides at once, on two threads: every entry arrives once, whole, in order. */
static void test_race(void)
{
	struct peer p;
	struct ring r;
	struct rs_sqe sqe;
	pthread_t t;
	uint64_t seen = 0;

	peer_init(&p, 16, UINT32_MAX - 1000);
	ring_init(&r, p.sq, p.cq, 16);
	r.sq_head = UINT32_MAX - 1000;
	pthread_create(&t, NULL, race_peer, &p);
	while (seen < RACE_COUNT) {
		if (!ring_fetch(&r, &sqe))
			continue;
		seen++;
		EXPECT(sqe.id == seen && sqe.seq == ~seen);
		ring_complete(&r, &(struct rs_cqe){ .id = sqe.id, .aux = sqe.seq });
	}
	pthread_join(t, NULL);
	peer_free(&p);
}

int main(void)
{
	static const struct tap_case cases[] = {
		{ "an empty ring gives nothing", test_empty },
		{ "rings of another size are refused", test_agreement },
		{ "a full ring wraps", test_wrap_ring },
		{ "32-bit cursors wrap", test_wrap_cursor },
		{ "a fetched request is a copy", test_copy },
		{ "skip forgets what was published", test_skip },
		{ "the completion ring has room for two batches", test_cq_room },
		{ "both sides at once", test_race },
	};

	return tap_run(cases, ARRAY_SIZE(cases));
}
