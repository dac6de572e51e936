// SPDX-License-Identifier: GPL-2.0
/*
 * ledger_test.c - the ledger against instances that are memory only
 *
 * An instance is a pair of rings and a pool; the tests write its completions themselves, right
 * and wrong ones.  No deadlines: nothing here waits.
 */
#include <kunit/test.h>

#include <linux/completion.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "endpoint.h"
#include "instance.h"
#include "ledger.h"

#define RS_TEST_DEPTH		8
#define RS_TEST_RING		16
#define RS_TEST_INSTANCES	5

struct rs_ledger_test {
	struct rs_slot *slot;
	struct rs_queue *queue;
	struct rs_instance *inst[RS_TEST_INSTANCES];
	u32 done;
	struct rs_req *last;
	u64 order[32];
};

static void rs_test_done(struct rs_req *req)
{
	struct rs_ledger_test *t = req->owner;

	t->order[t->done++ % ARRAY_SIZE(t->order)] = req->seq;
	t->last = req;
}

static void rs_test_stage(struct rs_req *req, void *va)
{
	memset(va, 0x5a, req->len);
}

static const struct rs_req_ops rs_test_ops = {
	.done = rs_test_done,
};

static const struct rs_req_ops rs_test_buf_ops = {
	.stage = rs_test_stage,
	.done = rs_test_done,
};

static void rs_test_dying(struct irq_work *work)
{
	struct rs_instance *inst = container_of(work, struct rs_instance, dying_work);

	rs_instance_put(inst);
}

static struct rs_instance *rs_test_instance(struct kunit *test, struct rs_slot *slot, u32 number)
{
	struct rs_instance *inst = kunit_kzalloc(test, sizeof(*inst), GFP_KERNEL);
	struct rs_ring *ring;

	KUNIT_ASSERT_NOT_NULL(test, inst);
	/* One reference more than anybody drops: it is never freed as an instance. */
	kref_init(&inst->ref);
	inst->slot = slot;
	inst->number = number;
	INIT_LIST_HEAD(&inst->link);
	init_waitqueue_head(&inst->wait);
	atomic_set(&inst->state, RS_INST_BOUND);
	ring = &inst->ring[1];
	ring->sq_nr = RS_TEST_RING;
	ring->cq_nr = RS_TEST_RING;
	ring->credit = RS_TEST_DEPTH;
	ring->sq = kunit_kzalloc(test, RS_RING_ENTRIES + RS_TEST_RING * sizeof(struct rs_sqe),
				 GFP_KERNEL);
	ring->cq = kunit_kzalloc(test, RS_RING_ENTRIES + RS_TEST_RING * sizeof(struct rs_cqe),
				 GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ring->sq);
	KUNIT_ASSERT_NOT_NULL(test, ring->cq);
	KUNIT_ASSERT_EQ(test, rs_pool_init(&inst->pool, RS_POOL_MIN, RS_IOVA_NONE), 0);
	KUNIT_ASSERT_EQ(test, rs_pool_split(&inst->pool, PAGE_SIZE), 0);
	return inst;
}

static int rs_ledger_test_init(struct kunit *test)
{
	struct rs_ledger_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	t->slot = kunit_kzalloc(test, sizeof(*t->slot), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->slot);
	strscpy(t->slot->label, "kunit", sizeof(t->slot->label));
	t->slot->endpoint = RS_EP(1, RS_SLOTS_MAX - 1);
	t->slot->policy.poison_limit = 3;
	mutex_init(&t->slot->lock);
	t->queue = rs_queue_new(t->slot, 1, RS_TEST_DEPTH, 2);
	KUNIT_ASSERT_NOT_NULL(test, t->queue);
	for (i = 0; i < RS_TEST_INSTANCES; i++)
		t->inst[i] = rs_test_instance(test, t->slot, i + 1);
	return 0;
}

static void rs_ledger_test_exit(struct kunit *test)
{
	struct rs_ledger_test *t = test->priv;
	u32 i;

	if (!t)
		return;
	for (i = 0; i < RS_TEST_INSTANCES; i++) {
		if (!t->inst[i])
			continue;
		/* Each buffer holds a reference: they were all given back. */
		KUNIT_EXPECT_EQ(test, kref_read(&t->inst[i]->ref), 1U);
		rs_pool_exit(&t->inst[i]->pool);
	}
	rs_queue_free(t->queue);
}

static void rs_test_bind(struct rs_ledger_test *t, u32 i)
{
	t->slot->epoch++;
	t->inst[i]->epoch = t->slot->epoch;
	rs_queue_bind(t->queue, t->inst[i]);
	rs_queue_gate(t->queue, RS_GATE_OPEN);
}

static struct rs_req *rs_test_submit(struct kunit *test, u8 replay, u16 flags)
{
	struct rs_ledger_test *t = test->priv;
	struct rs_req *req = rs_req_get(t->queue, RS_RANK_CLIENT);

	KUNIT_ASSERT_NOT_NULL(test, req);
	req->op = RS_OP_CHR_READ;
	req->replay = replay;
	req->flags = flags;
	req->len = 100;
	req->buf_want = 100;
	req->ops = flags & RS_REQ_BUF ? &rs_test_buf_ops : &rs_test_ops;
	req->owner = t;
	rs_req_submit(req, true);
	return req;
}

/* The entry that instance @i found at place @at of its ring. */
static struct rs_sqe *rs_test_sqe(struct rs_ledger_test *t, u32 i, u32 at)
{
	struct rs_sqe *sqe = (void *)t->inst[i]->ring[1].sq + RS_RING_ENTRIES;

	return &sqe[at % RS_TEST_RING];
}

static u32 rs_test_tail(struct rs_ledger_test *t, u32 i)
{
	return t->inst[i]->ring[1].sq->tail;
}

static void rs_test_write(struct rs_ledger_test *t, u32 i, struct rs_cqe cqe)
{
	struct rs_cq *cq = t->inst[i]->ring[1].cq;
	struct rs_cqe *entry = (void *)cq + RS_RING_ENTRIES;

	entry[cq->tail % RS_TEST_RING] = cqe;
	cq->tail++;
}

static void rs_test_complete(struct rs_ledger_test *t, u32 i, u64 id, s32 res)
{
	rs_test_write(t, i, (struct rs_cqe) { .id = id, .res = res });
}

/* Submit, publish, complete, free: once. */
static void rs_test_life(struct kunit *test)
{
	struct rs_ledger_test *t = test->priv;
	struct rs_req *req = rs_test_submit(test, RS_REPLAY_AGAIN, RS_REQ_BUF);
	struct rs_sqe *sqe;

	/* Nobody serves. */
	KUNIT_EXPECT_EQ(test, req->state, RS_REQ_QUEUED);
	rs_test_bind(t, 0);
	KUNIT_ASSERT_EQ(test, req->state, RS_REQ_PUBLISHED);
	KUNIT_ASSERT_EQ(test, rs_test_tail(t, 0), 1U);
	sqe = rs_test_sqe(t, 0, 0);
	KUNIT_EXPECT_EQ(test, sqe->seq, req->seq);
	KUNIT_EXPECT_EQ(test, sqe->attempt, 0);
	KUNIT_EXPECT_EQ(test, sqe->flags, 0);
	KUNIT_EXPECT_EQ(test, *(u8 *)rs_pool_va(&t->inst[0]->pool, sqe->buf), 0x5a);

	rs_test_complete(t, 0, sqe->id, 42);
	KUNIT_EXPECT_EQ(test, rs_queue_reap(t->queue, t->inst[0]), 1);
	KUNIT_EXPECT_EQ(test, t->done, 1U);
	KUNIT_EXPECT_PTR_EQ(test, t->last, req);
	KUNIT_EXPECT_EQ(test, req->res, 42);
	KUNIT_EXPECT_EQ(test, req->state, RS_REQ_DONE);
	rs_req_free(req);
	KUNIT_EXPECT_EQ(test, t->queue->nr_free, (u32)RS_TEST_DEPTH + 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->slot->violations), 0);
}

/* No more is in an instance's hands than it asked for. */
static void rs_test_credit(struct kunit *test)
{
	struct rs_ledger_test *t = test->priv;
	struct rs_req *req[4];
	u32 i;

	t->inst[0]->ring[1].credit = 1;
	rs_test_bind(t, 0);
	for (i = 0; i < ARRAY_SIZE(req); i++)
		req[i] = rs_test_submit(test, RS_REPLAY_AGAIN, 0);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t, 0), 1U);
	rs_queue_credit(t->queue, t->inst[0], 3);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t, 0), 3U);
	/* Bounded by the depth. */
	rs_queue_credit(t->queue, t->inst[0], U32_MAX);
	KUNIT_EXPECT_EQ(test, t->queue->credit, (u32)RS_TEST_DEPTH);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t, 0), 4U);
	for (i = 0; i < ARRAY_SIZE(req); i++) {
		KUNIT_EXPECT_EQ(test, rs_test_sqe(t, 0, i)->seq, req[i]->seq);
		rs_test_complete(t, 0, rs_test_sqe(t, 0, i)->id, 0);
	}
	KUNIT_EXPECT_EQ(test, rs_queue_reap(t->queue, t->inst[0]), 4);
	for (i = 0; i < ARRAY_SIZE(req); i++)
		rs_req_free(req[i]);
}

/* Tags run out; the reserve does not. */
static void rs_test_tags(struct kunit *test)
{
	struct rs_ledger_test *t = test->priv;
	struct rs_req *req[RS_TEST_DEPTH + 2];
	u32 i;

	for (i = 0; i < RS_TEST_DEPTH; i++) {
		req[i] = rs_req_get(t->queue, RS_RANK_CLIENT);
		KUNIT_ASSERT_NOT_NULL(test, req[i]);
	}
	KUNIT_EXPECT_NULL(test, rs_req_get(t->queue, RS_RANK_CLIENT));
	KUNIT_EXPECT_PTR_EQ(test, rs_req_get_wait(t->queue, false), ERR_PTR(-EAGAIN));
	/* Releases leave one for the replay. */
	req[i++] = rs_req_get(t->queue, RS_RANK_RELEASE);
	KUNIT_ASSERT_NOT_NULL(test, req[i - 1]);
	KUNIT_EXPECT_NULL(test, rs_req_get(t->queue, RS_RANK_RELEASE));
	req[i++] = rs_req_get(t->queue, RS_RANK_REPLAY);
	KUNIT_ASSERT_NOT_NULL(test, req[i - 1]);
	KUNIT_EXPECT_NULL(test, rs_req_get(t->queue, RS_RANK_REPLAY));
	KUNIT_ASSERT_EQ(test, i, (u32)ARRAY_SIZE(req));
	for (i = 0; i < ARRAY_SIZE(req); i++)
		rs_req_free(req[i]);
}

/* What a driver may not write: it is counted, and the request stays with it. */
static void rs_test_violations(struct kunit *test)
{
	struct rs_ledger_test *t = test->priv;
	struct rs_req *req;
	u64 id;

	rs_test_bind(t, 0);
	req = rs_test_submit(test, RS_REPLAY_AGAIN, RS_REQ_BUF);
	id = rs_test_sqe(t, 0, 0)->id;

	rs_test_complete(t, 0, id + 0x4000, 0);		/* tag */
	rs_test_complete(t, 0, id + 0x10000, 0);	/* another queue's */
	rs_test_complete(t, 0, id + (1ULL << 32), 0);	/* generation */
	rs_test_complete(t, 0, id, 101);		/* longer than wanted */
	rs_test_complete(t, 0, id, -512);		/* no errno for a driver */
	rs_test_write(t, 0, (struct rs_cqe) { .id = id, .flags = ~RS_CQE_F_ALL });
	rs_test_write(t, 0, (struct rs_cqe) { .id = id, .reserved = 1 });
	rs_queue_reap(t->queue, t->inst[0]);
	KUNIT_EXPECT_EQ(test, t->done, 0U);
	KUNIT_EXPECT_EQ(test, req->state, RS_REQ_PUBLISHED);
	/* A batch counts each kind once: tag, generation, result, reserved. */
	KUNIT_EXPECT_EQ(test, atomic_read(&t->inst[0]->violations), 4);

	rs_test_complete(t, 0, id, 100);
	rs_test_complete(t, 0, id, 100);		/* twice */
	rs_queue_reap(t->queue, t->inst[0]);
	KUNIT_EXPECT_EQ(test, t->done, 1U);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->inst[0]->violations), 5);
	rs_req_free(req);

	/* A cursor beyond the ring. */
	t->inst[0]->ring[1].cq->tail += RS_TEST_RING + 1;
	KUNIT_EXPECT_EQ(test, rs_queue_reap(t->queue, t->inst[0]), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->inst[0]->violations), 6);
}

/* What an unbound instance completes has no effect. */
static void rs_test_stale(struct kunit *test)
{
	struct rs_ledger_test *t = test->priv;
	struct rs_unbind did = {};
	struct rs_req *req;
	u64 id;

	rs_test_bind(t, 0);
	req = rs_test_submit(test, RS_REPLAY_AGAIN, RS_REQ_BUF);
	id = rs_test_sqe(t, 0, 0)->id;
	rs_queue_unbind(t->queue, true, &did);
	KUNIT_EXPECT_EQ(test, did.replayed, 1U);
	KUNIT_EXPECT_EQ(test, req->state, RS_REQ_QUEUED);
	rs_test_complete(t, 0, id, 100);
	KUNIT_EXPECT_EQ(test, rs_queue_reap(t->queue, t->inst[0]), -EOWNERDEAD);
	KUNIT_EXPECT_EQ(test, t->done, 0U);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->inst[0]->violations), 1);

	rs_test_bind(t, 1);
	KUNIT_ASSERT_EQ(test, req->state, RS_REQ_PUBLISHED);
	KUNIT_EXPECT_EQ(test, rs_test_sqe(t, 1, 0)->flags, RS_SQE_REPLAYED);
	KUNIT_EXPECT_EQ(test, rs_test_sqe(t, 1, 0)->attempt, 1);
	KUNIT_EXPECT_EQ(test, rs_test_sqe(t, 1, 0)->seq, req->seq);
	/* The name of the old publication means nothing to the new one. */
	rs_test_complete(t, 1, id, 100);
	rs_queue_reap(t->queue, t->inst[1]);
	KUNIT_EXPECT_EQ(test, t->done, 0U);
	rs_test_complete(t, 1, rs_test_sqe(t, 1, 0)->id, 100);
	rs_queue_reap(t->queue, t->inst[1]);
	KUNIT_EXPECT_EQ(test, t->done, 1U);
	rs_req_free(req);
}

/* Replayed in the order of submission, before what came later. */
static void rs_test_order(struct kunit *test)
{
	struct rs_ledger_test *t = test->priv;
	struct rs_unbind did = {};
	struct rs_req *req[5];
	u32 i;

	t->inst[0]->ring[1].credit = 3;
	rs_test_bind(t, 0);
	for (i = 0; i < 4; i++)
		req[i] = rs_test_submit(test, RS_REPLAY_AGAIN, 0);
	/* The second one is done; 0, 2 and 3 are with the instance when it dies. */
	rs_test_complete(t, 0, rs_test_sqe(t, 0, 1)->id, 0);
	rs_queue_reap(t->queue, t->inst[0]);
	rs_queue_kick(t->queue);
	KUNIT_ASSERT_EQ(test, t->queue->nr_published, 3U);
	rs_queue_unbind(t->queue, true, &did);
	KUNIT_EXPECT_EQ(test, did.replayed, 3U);
	req[4] = rs_test_submit(test, RS_REPLAY_AGAIN, 0);

	rs_test_bind(t, 1);
	KUNIT_ASSERT_EQ(test, rs_test_tail(t, 1), 4U);
	KUNIT_EXPECT_EQ(test, rs_test_sqe(t, 1, 0)->seq, req[0]->seq);
	KUNIT_EXPECT_EQ(test, rs_test_sqe(t, 1, 1)->seq, req[2]->seq);
	KUNIT_EXPECT_EQ(test, rs_test_sqe(t, 1, 2)->seq, req[3]->seq);
	KUNIT_EXPECT_EQ(test, rs_test_sqe(t, 1, 3)->seq, req[4]->seq);
	KUNIT_EXPECT_EQ(test, rs_test_sqe(t, 1, 3)->flags, 0);
	for (i = 0; i < 4; i++)
		rs_test_complete(t, 1, rs_test_sqe(t, 1, i)->id, 0);
	rs_queue_reap(t->queue, t->inst[1]);
	KUNIT_EXPECT_EQ(test, t->done, 5U);
	for (i = 0; i < ARRAY_SIZE(req); i++)
		rs_req_free(req[i]);
}

/* What must not be done twice is failed if it may have been done once, and sent if not. */
static void rs_test_once(struct kunit *test)
{
	struct rs_ledger_test *t = test->priv;
	struct rs_req *sent, *waiting;
	struct rs_unbind did = {};

	t->inst[0]->ring[1].credit = 1;
	rs_test_bind(t, 0);
	sent = rs_test_submit(test, RS_REPLAY_ONCE, RS_REQ_BUF);
	waiting = rs_test_submit(test, RS_REPLAY_ONCE, RS_REQ_BUF);
	rs_queue_unbind(t->queue, true, &did);
	KUNIT_EXPECT_EQ(test, did.dropped, 1U);
	KUNIT_EXPECT_EQ(test, did.replayed, 0U);
	KUNIT_EXPECT_EQ(test, sent->state, RS_REQ_DONE);
	KUNIT_EXPECT_EQ(test, sent->res, -EIO);
	KUNIT_EXPECT_EQ(test, waiting->state, RS_REQ_QUEUED);
	rs_test_bind(t, 1);
	KUNIT_EXPECT_EQ(test, waiting->state, RS_REQ_PUBLISHED);
	KUNIT_EXPECT_EQ(test, rs_test_sqe(t, 1, 0)->flags, 0);
	rs_test_complete(t, 1, rs_test_sqe(t, 1, 0)->id, 0);
	rs_queue_reap(t->queue, t->inst[1]);
	rs_req_free(sent);
	rs_req_free(waiting);
}

/* A request that kills each instance is failed; those beside it are not. */
static void rs_test_poison(struct kunit *test)
{
	struct rs_ledger_test *t = test->priv;
	struct rs_req *bad, *good;
	u32 deaths;

	bad = rs_test_submit(test, RS_REPLAY_AGAIN, 0);
	good = rs_test_submit(test, RS_REPLAY_AGAIN, 0);
	for (deaths = 0; deaths < 3; deaths++) {
		struct rs_unbind did = {};

		KUNIT_ASSERT_EQ(test, bad->state, RS_REQ_QUEUED);
		rs_test_bind(t, deaths);
		/* After the second death suspects are sent one at a time. */
		KUNIT_EXPECT_EQ(test, rs_test_tail(t, deaths), deaths < 2 ? 2U : 1U);
		rs_queue_unbind(t->queue, true, &did);
		KUNIT_EXPECT_EQ(test, did.poisoned, deaths == 2 ? 1U : 0U);
	}
	KUNIT_EXPECT_EQ(test, bad->state, RS_REQ_DONE);
	KUNIT_EXPECT_EQ(test, bad->res, -EIO);
	KUNIT_EXPECT_EQ(test, t->queue->poisoned, 1ULL);
	KUNIT_EXPECT_EQ(test, good->state, RS_REQ_QUEUED);
	rs_test_bind(t, 3);
	rs_test_complete(t, 3, rs_test_sqe(t, 3, 0)->id, 0);
	rs_queue_reap(t->queue, t->inst[3]);
	KUNIT_EXPECT_EQ(test, good->res, 0);
	KUNIT_EXPECT_EQ(test, t->done, 2U);
	rs_req_free(bad);
	rs_req_free(good);
}

/* Likewise if they are in two queues: suspects run alone in the slot, not only in their queue. */
static void rs_test_poison_queues(struct kunit *test)
{
	struct rs_ledger_test *t = test->priv;
	struct rs_queue *queue[2] = { t->queue, rs_queue_new(t->slot, 2, RS_TEST_DEPTH, 2) };
	struct rs_req *req[2];
	u32 deaths, i;

	KUNIT_ASSERT_NOT_NULL(test, queue[1]);
	t->slot->nr_queues = 2;
	t->slot->queue[1] = queue[0];
	t->slot->queue[2] = queue[1];
	for (i = 0; i < RS_TEST_INSTANCES; i++)
		t->inst[i]->ring[2] = t->inst[i]->ring[1];
	req[0] = rs_test_submit(test, RS_REPLAY_AGAIN, 0);
	t->queue = queue[1];
	req[1] = rs_test_submit(test, RS_REPLAY_AGAIN, 0);
	t->queue = queue[0];
	for (deaths = 0; deaths < 3; deaths++) {
		struct rs_unbind did = {};

		t->inst[deaths]->epoch = deaths + 1;
		for (i = 0; i < 2; i++) {
			rs_queue_bind(queue[i], t->inst[deaths]);
			rs_queue_gate(queue[i], RS_GATE_OPEN);
		}
		KUNIT_EXPECT_EQ(test, queue[0]->nr_published + queue[1]->nr_published,
				deaths < 2 ? 2U : 1U);
		for (i = 0; i < 2; i++)
			rs_queue_unbind(queue[i], true, &did);
		KUNIT_EXPECT_EQ(test, did.poisoned, deaths == 2 ? 1U : 0U);
	}
	KUNIT_EXPECT_EQ(test, req[0]->res, -EIO);
	KUNIT_EXPECT_EQ(test, req[1]->state, RS_REQ_QUEUED);
	for (i = 0; i < 2; i++) {
		rs_queue_fail(queue[i], -ENODEV);
		rs_req_free(req[i]);
	}
	t->slot->nr_queues = 0;
	rs_queue_free(queue[1]);
}

/* A swap blames nobody. */
static void rs_test_swap(struct kunit *test)
{
	struct rs_ledger_test *t = test->priv;
	struct rs_req *req = rs_test_submit(test, RS_REPLAY_AGAIN, 0);
	u32 i;

	for (i = 0; i < 4; i++) {
		struct rs_unbind did = {};

		rs_test_bind(t, i);
		rs_queue_unbind(t->queue, false, &did);
		KUNIT_EXPECT_EQ(test, did.poisoned, 0U);
	}
	KUNIT_EXPECT_EQ(test, req->deaths, 0);
	rs_queue_fail(t->queue, -ENODEV);
	KUNIT_EXPECT_EQ(test, req->res, -ENODEV);
	rs_req_free(req);
}

/* A client that dies takes back what nobody has seen, and leaves behind what somebody has. */
static void rs_test_abandon(struct kunit *test)
{
	struct rs_ledger_test *t = test->priv;
	struct rs_req *seen, *unseen;
	struct rs_unbind did = {};

	rs_test_bind(t, 0);
	seen = rs_test_submit(test, RS_REPLAY_AGAIN, RS_REQ_BUF);
	rs_queue_gate(t->queue, RS_GATE_CLOSED);
	unseen = rs_test_submit(test, RS_REPLAY_AGAIN, RS_REQ_BUF);
	KUNIT_EXPECT_EQ(test, rs_req_abandon(unseen, NULL), RS_ABANDON_TAKEN);
	KUNIT_EXPECT_EQ(test, t->done, 0U);
	rs_req_free(unseen);
	KUNIT_EXPECT_EQ(test, rs_req_abandon(seen, t), RS_ABANDON_ORPHAN);
	KUNIT_EXPECT_EQ(test, seen->state, RS_REQ_PUBLISHED);
	/* It is not sent to a successor. */
	rs_queue_unbind(t->queue, true, &did);
	KUNIT_EXPECT_EQ(test, did.replayed, 0U);
	KUNIT_EXPECT_EQ(test, t->done, 1U);
	KUNIT_EXPECT_EQ(test, seen->res, -EINTR);
	rs_req_free(seen);
}

/* During the replay only reopens pass; afterwards all in order. */
static void rs_test_gate(struct kunit *test)
{
	struct rs_ledger_test *t = test->priv;
	struct rs_req *req, *reopen;

	req = rs_test_submit(test, RS_REPLAY_AGAIN, 0);
	reopen = rs_test_submit(test, RS_REPLAY_AGAIN, RS_REQ_REOPEN);
	t->slot->epoch++;
	rs_queue_bind(t->queue, t->inst[0]);
	rs_queue_kick(t->queue);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t, 0), 0U);
	rs_queue_gate(t->queue, RS_GATE_REPLAY);
	KUNIT_EXPECT_EQ(test, reopen->state, RS_REQ_PUBLISHED);
	KUNIT_EXPECT_EQ(test, req->state, RS_REQ_QUEUED);
	rs_queue_gate(t->queue, RS_GATE_OPEN);
	KUNIT_EXPECT_EQ(test, req->state, RS_REQ_PUBLISHED);
	rs_test_complete(t, 0, rs_test_sqe(t, 0, 0)->id, 0);
	rs_test_complete(t, 0, rs_test_sqe(t, 0, 1)->id, 0);
	rs_queue_reap(t->queue, t->inst[0]);
	KUNIT_EXPECT_EQ(test, t->done, 2U);
	rs_req_free(req);
	rs_req_free(reopen);
}

/* What is for one instance alone is shown to no other, whenever it is submitted. */
static void rs_test_volatile(struct kunit *test)
{
	struct rs_ledger_test *t = test->priv;
	struct rs_unbind did = {};
	struct rs_req *req;

	rs_test_bind(t, 0);
	req = rs_req_get(t->queue, RS_RANK_CLIENT);
	KUNIT_ASSERT_NOT_NULL(test, req);
	req->ops = &rs_test_ops;
	req->owner = t;
	req->flags = RS_REQ_VOLATILE;
	req->epoch = t->inst[0]->epoch;
	rs_req_submit(req, true);
	KUNIT_EXPECT_EQ(test, req->state, RS_REQ_PUBLISHED);
	rs_queue_unbind(t->queue, true, &did);
	KUNIT_EXPECT_EQ(test, t->done, 1U);
	KUNIT_EXPECT_EQ(test, req->res, -EIO);
	/* No instance said so. */
	KUNIT_EXPECT_EQ(test, req->epoch, 0U);

	req->epoch = t->inst[0]->epoch;
	rs_req_submit(req, true);
	KUNIT_EXPECT_EQ(test, t->done, 2U);
	rs_test_bind(t, 1);
	req->epoch = t->inst[0]->epoch;
	rs_req_submit(req, true);
	KUNIT_EXPECT_EQ(test, t->done, 3U);
	KUNIT_EXPECT_EQ(test, req->res, -EIO);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t, 1), 0U);

	/* Clients' time is over, but not the bound instance's. */
	rs_queue_fail(t->queue, -ETIME);
	req->epoch = t->inst[1]->epoch;
	rs_req_submit(req, true);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t, 1), 1U);
	rs_test_complete(t, 1, rs_test_sqe(t, 1, 0)->id, 0);
	rs_queue_reap(t->queue, t->inst[1]);
	KUNIT_EXPECT_EQ(test, req->res, 0);
	rs_req_free(req);
}

/* An instance that takes nothing hangs, as one that answers nothing; one that nobody asks does not. */
static void rs_test_shut(struct kunit *test)
{
	struct rs_ledger_test *t = test->priv;
	unsigned long next = jiffies + MAX_JIFFY_OFFSET, late;
	struct rs_unbind did = {};
	struct rs_req *req;

	/* Nobody acts on what is found here. */
	t->slot->state = RS_SLOT_DEAD;
	t->slot->policy.deadline_ms = 1000;
	t->inst[0]->ring[1].credit = 0;
	init_irq_work(&t->inst[0]->dying_work, rs_test_dying);
	rs_test_bind(t, 0);
	late = jiffies + 2 * HZ;
	rs_queue_watch(t->queue, late, &next);
	KUNIT_EXPECT_TRUE(test, rs_instance_is_bound(t->inst[0]));

	req = rs_test_submit(test, RS_REPLAY_AGAIN, 0);
	KUNIT_EXPECT_EQ(test, req->state, RS_REQ_QUEUED);
	rs_queue_watch(t->queue, jiffies, &next);
	KUNIT_EXPECT_TRUE(test, rs_instance_is_bound(t->inst[0]));
	KUNIT_EXPECT_TRUE(test, time_before_eq(next, jiffies + HZ + 1));
	/* What went away is not waited with. */
	KUNIT_EXPECT_EQ(test, rs_req_abandon(req, NULL), RS_ABANDON_TAKEN);
	rs_queue_watch(t->queue, late, &next);
	KUNIT_EXPECT_TRUE(test, rs_instance_is_bound(t->inst[0]));
	rs_req_submit(req, true);
	rs_queue_watch(t->queue, jiffies + 2 * HZ, &next);
	KUNIT_EXPECT_EQ(test, rs_instance_state(t->inst[0]), (u32)RS_INST_DYING);
	KUNIT_EXPECT_EQ(test, t->inst[0]->cause, (u32)RS_CAUSE_DEADLINE);
	irq_work_sync(&t->inst[0]->dying_work);

	rs_queue_unbind(t->queue, true, &did);
	/* It was not a suspect: nobody had seen it. */
	KUNIT_EXPECT_EQ(test, req->deaths, 0);
	rs_queue_fail(t->queue, -ENODEV);
	rs_req_free(req);
}

static int rs_test_copy(void *va, u32 len, void *arg)
{
	memset(va, 0x33, len);
	return 0;
}

struct rs_test_stager {
	struct rs_req *req;
	struct completion done;
	int res;
};

static int rs_test_stage_thread(void *arg)
{
	struct rs_test_stager *s = arg;

	s->res = rs_req_stage(s->req, rs_test_copy, NULL);
	complete_all(&s->done);
	return 0;
}

/* Those who wait behind a request have all buffers: it gets one of theirs. */
static void rs_test_stage_older(struct kunit *test)
{
	struct rs_ledger_test *t = test->priv;
	struct rs_test_stager s = {};
	struct rs_req *req[RS_TEST_DEPTH];
	u64 order = 0;
	u32 i, n;

	t->inst[0]->ring[1].credit = 1;
	rs_test_bind(t, 0);
	for (n = 0; n < ARRAY_SIZE(req); n++) {
		req[n] = rs_req_get(t->queue, RS_RANK_CLIENT);
		KUNIT_ASSERT_NOT_NULL(test, req[n]);
		req[n]->ops = &rs_test_ops;
		req[n]->owner = t;
		req[n]->flags = RS_REQ_BUF | RS_REQ_USER_DATA;
		req[n]->replay = RS_REPLAY_AGAIN;
		req[n]->len = RS_BUF_MAX;
		req[n]->buf_want = RS_BUF_MAX;
		req[n]->order = &order;
		rs_req_submit(req[n], true);
	}
	/* There are three buffers of this size, and the first in line comes last. */
	for (i = 1; i < 4; i++)
		KUNIT_ASSERT_EQ(test, rs_req_stage(req[i], rs_test_copy, NULL), 0);
	KUNIT_EXPECT_EQ(test, t->queue->nr_published, 0U);
	s.req = req[0];
	init_completion(&s.done);
	KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(rs_test_stage_thread, &s, "rs_test_stage")));
	KUNIT_EXPECT_NE(test, wait_for_completion_timeout(&s.done, 5 * HZ), 0UL);
	KUNIT_EXPECT_EQ(test, s.res, 0);
	KUNIT_EXPECT_EQ(test, req[0]->state, RS_REQ_PUBLISHED);
	/* The youngest gave it. */
	KUNIT_EXPECT_TRUE(test, rs_req_wants_data(req[3]));
	KUNIT_EXPECT_FALSE(test, rs_req_wants_data(req[2]));

	for (i = n; i-- > 1;) {
		KUNIT_EXPECT_EQ(test, rs_req_abandon(req[i], NULL), RS_ABANDON_TAKEN);
		rs_req_free(req[i]);
	}
	/* If it was not served before, it is now. */
	wait_for_completion(&s.done);
	rs_test_complete(t, 0, rs_test_sqe(t, 0, 0)->id, 0);
	rs_queue_reap(t->queue, t->inst[0]);
	rs_req_free(req[0]);
}

static struct kunit_case rs_ledger_cases[] = {
	KUNIT_CASE(rs_test_life),
	KUNIT_CASE(rs_test_credit),
	KUNIT_CASE(rs_test_tags),
	KUNIT_CASE(rs_test_violations),
	KUNIT_CASE(rs_test_stale),
	KUNIT_CASE(rs_test_order),
	KUNIT_CASE(rs_test_once),
	KUNIT_CASE(rs_test_poison),
	KUNIT_CASE(rs_test_poison_queues),
	KUNIT_CASE(rs_test_swap),
	KUNIT_CASE(rs_test_abandon),
	KUNIT_CASE(rs_test_gate),
	KUNIT_CASE(rs_test_volatile),
	KUNIT_CASE(rs_test_shut),
	KUNIT_CASE(rs_test_stage_older),
	{}
};

static struct kunit_suite rs_ledger_suite = {
	.name = "rsmod-ledger",
	.init = rs_ledger_test_init,
	.exit = rs_ledger_test_exit,
	.test_cases = rs_ledger_cases,
};
kunit_test_suite(rs_ledger_suite);
