// SPDX-License-Identifier: GPL-2.0
/*
 * failover_test.c - the slot's worker against answers that come late
 *
 * A real slot of class none; its instances are armed for the thread that runs the test, and
 * attached by hand.  While the test holds slot->lock the worker waits: what happens meanwhile
 * happens to it all at once.
 */
#include <kunit/test.h>

#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "detect.h"
#include "endpoint.h"
#include "failover.h"
#include "frontend.h"
#include "instance.h"
#include "ledger.h"
#include "recovery.h"

struct rs_failover_test {
	struct rs_slot *slot;
	struct rs_instance *inst[2];
};

/* An instance that waits for its turn. */
static struct rs_instance *rs_test_standby(struct kunit *test, struct rs_slot *slot)
{
	struct rs_arm arm = {
		.endpoint = slot->endpoint,
		.pid = task_pid_nr(current),
		.pool_iova = RS_IOVA_NONE,
	};
	struct rs_instance *inst = rs_instance_new();

	KUNIT_ASSERT_FALSE(test, IS_ERR(inst));
	KUNIT_ASSERT_EQ(test, rs_instance_arm(inst, &arm), 0);
	KUNIT_ASSERT_EQ(test, rs_pool_split(&inst->pool, 0), 0);
	KUNIT_ASSERT_EQ(test, atomic_cmpxchg(&inst->state, RS_INST_ARMED, RS_INST_STANDBY),
			(int)RS_INST_ARMED);
	rs_slot_kick(slot, RS_TODO_STANDBY);
	return inst;
}

static int rs_failover_test_init(struct kunit *test)
{
	struct rs_failover_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct rs_slot_config config = {
		.label = "kunit-failover", .class = RS_CLASS_NONE, .ifname = "",
	};
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	rs_policy_default(&config.policy, config.class);
	config.policy.deadline_ms = 0;
	KUNIT_ASSERT_EQ(test, rs_slot_new(&config, &t->slot, NULL), 0);
	for (i = 0; i < ARRAY_SIZE(t->inst); i++)
		t->inst[i] = rs_test_standby(test, t->slot);
	flush_work(&t->slot->work);
	KUNIT_ASSERT_PTR_EQ(test, t->slot->bound, t->inst[0]);
	return 0;
}

static void rs_failover_test_exit(struct kunit *test)
{
	struct rs_failover_test *t = test->priv;
	u32 i;

	if (!t || !t->slot)
		return;
	for (i = 0; i < ARRAY_SIZE(t->inst); i++)
		if (t->inst[i])
			rs_instance_release(t->inst[i]);
	rs_slot_del(t->slot);
	rs_slot_put(t->slot);
}

/* Answer INIT, which is the first entry of the control ring. */
static void rs_test_answer(struct rs_instance *inst, s32 res)
{
	const struct rs_sqe *sqe = (void *)inst->ring[0].sq + RS_RING_ENTRIES;
	struct rs_cqe *cqe = (void *)inst->ring[0].cq + RS_RING_ENTRIES;

	*cqe = (struct rs_cqe) { .id = sqe->id, .res = res };
	inst->ring[0].cq->tail = 1;
	rs_queue_reap(inst->slot->queue[0], inst);
}

static void rs_test_die(struct rs_instance *inst)
{
	rs_instance_die(inst, RS_CAUSE_EXIT, 0, NULL);
	irq_work_sync(&inst->dying_work);
}

static void rs_test_done(struct rs_req *req)
{
}

static const struct rs_req_ops rs_test_ops = {
	.done	= rs_test_done,
};

static void rs_test_announce(struct rs_slot *slot)
{
	struct rs_announce announce = { .class = RS_CLASS_NONE };

	mutex_lock(&slot->lock);
	slot->fe->announce(slot, &announce);
	mutex_unlock(&slot->lock);
}

/* One that answers INIT and dies has not answered for its successor. */
static void rs_test_init_of_the_dead(struct kunit *test)
{
	struct rs_failover_test *t = test->priv;
	struct rs_slot *slot = t->slot;

	rs_test_announce(slot);
	mutex_lock(&slot->lock);
	rs_test_answer(t->inst[0], 0);
	rs_test_die(t->inst[0]);
	mutex_unlock(&slot->lock);
	flush_work(&slot->work);
	KUNIT_ASSERT_PTR_EQ(test, slot->bound, t->inst[1]);
	KUNIT_EXPECT_EQ(test, slot->state, (u32)RS_SLOT_INIT);

	rs_test_answer(t->inst[1], 0);
	flush_work(&slot->work);
	KUNIT_EXPECT_EQ(test, slot->state, (u32)RS_SLOT_LIVE);
}

/* The worker, about for something else, does not bury one whose cause is still being written. */
static void rs_test_not_told_yet(struct kunit *test)
{
	struct rs_failover_test *t = test->priv;
	struct rs_slot *slot = t->slot;

	atomic_set(&t->inst[0]->state, RS_INST_DYING);
	rs_slot_kick(slot, RS_TODO_DEATH);
	flush_work(&slot->work);
	KUNIT_EXPECT_PTR_EQ(test, slot->bound, t->inst[0]);
	KUNIT_EXPECT_FALSE(test, t->inst[0]->buried);

	atomic_set(&t->inst[0]->state, RS_INST_BOUND);
	rs_test_die(t->inst[0]);
	flush_work(&slot->work);
	KUNIT_EXPECT_PTR_EQ(test, slot->bound, t->inst[1]);
	KUNIT_EXPECT_EQ(test, slot->rec.cause, (u32)RS_CAUSE_EXIT);
}

/* An alarm that is late tells of the machine, one that is in time of the driver. */
static void rs_test_stood_still(struct kunit *test)
{
	struct rs_failover_test *t = test->priv;
	struct rs_slot *slot = t->slot;
	struct rs_req *req;

	rs_test_announce(slot);
	rs_test_answer(t->inst[0], 0);
	flush_work(&slot->work);
	KUNIT_ASSERT_EQ(test, slot->state, (u32)RS_SLOT_LIVE);
	req = rs_req_get(slot->queue[1], RS_RANK_CLIENT);
	KUNIT_ASSERT_NOT_NULL(test, req);
	req->ops = &rs_test_ops;
	slot->policy.deadline_ms = 60000;
	rs_queue_credit(slot->queue[1], t->inst[0], 1);
	rs_req_submit(req, true);
	KUNIT_ASSERT_EQ(test, req->state, RS_REQ_PUBLISHED);
	KUNIT_ASSERT_TRUE(test, test_bit(0, &slot->watched));
	timer_delete_sync(&slot->watch);

	req->deadline = jiffies - 1;
	slot->watch_due = jiffies - 60 * HZ;
	rs_detect_watch(&slot->watch);
	KUNIT_EXPECT_TRUE(test, rs_instance_is_bound(t->inst[0]));
	KUNIT_EXPECT_TRUE(test, time_after(req->deadline, jiffies + 50 * HZ));
	KUNIT_EXPECT_TRUE(test, test_bit(0, &slot->watched));
	timer_delete_sync(&slot->watch);

	req->deadline = jiffies - 1;
	slot->watch_due = jiffies;
	rs_detect_watch(&slot->watch);
	irq_work_sync(&t->inst[0]->dying_work);
	flush_work(&slot->work);
	KUNIT_EXPECT_EQ(test, slot->rec.cause, (u32)RS_CAUSE_DEADLINE);
	rs_queue_fail(slot->queue[1], -ENODEV);
	rs_req_free(req);
}

/* Nor does an answer that comes in after its successor's hide that one. */
static void rs_test_replay_of_the_dead(struct kunit *test)
{
	struct rs_failover_test *t = test->priv;
	struct rs_slot *slot = t->slot;
	u32 epoch = t->inst[0]->epoch;

	rs_test_announce(slot);
	rs_test_die(t->inst[0]);
	flush_work(&slot->work);
	KUNIT_ASSERT_PTR_EQ(test, slot->bound, t->inst[1]);
	mutex_lock(&slot->lock);
	rs_test_answer(t->inst[1], 0);
	rs_failover_replayed(slot, epoch, -EIO);
	mutex_unlock(&slot->lock);
	flush_work(&slot->work);
	KUNIT_EXPECT_EQ(test, slot->state, (u32)RS_SLOT_LIVE);
	rs_failover_replayed(slot, epoch, -EIO);
	flush_work(&slot->work);
	KUNIT_EXPECT_EQ(test, rs_instance_state(t->inst[1]), (u32)RS_INST_BOUND);
}

/* What one completes while it dies does not end the recovery from its death. */
static void rs_test_served_by_the_dead(struct kunit *test)
{
	struct rs_failover_test *t = test->priv;
	struct rs_slot *slot = t->slot;
	u32 epoch = t->inst[0]->epoch;

	rs_test_announce(slot);
	rs_test_answer(t->inst[0], 0);
	flush_work(&slot->work);
	KUNIT_ASSERT_EQ(test, slot->state, (u32)RS_SLOT_LIVE);
	rs_test_die(t->inst[0]);
	flush_work(&slot->work);
	rs_test_answer(t->inst[1], 0);
	flush_work(&slot->work);
	KUNIT_ASSERT_EQ(test, slot->state, (u32)RS_SLOT_LIVE);
	KUNIT_EXPECT_EQ(test, slot->swaps, 1U);

	rs_recovery_served(slot, epoch);
	flush_work(&slot->work);
	KUNIT_EXPECT_NE(test, slot->rec.from, 0U);
	KUNIT_EXPECT_EQ(test, slot->rec.step[RSMOD_REC_STEP_SERVED], 0ULL);
	rs_recovery_served(slot, t->inst[1]->epoch);
	flush_work(&slot->work);
	KUNIT_EXPECT_EQ(test, slot->rec.from, 0U);
	KUNIT_EXPECT_NE(test, slot->rec_log[1].step[RSMOD_REC_STEP_SERVED], 0ULL);
}

/* Clients wait no longer than they were told for a service that never came up, either. */
static void rs_test_gate_of_the_unborn(struct kunit *test)
{
	struct rs_failover_test *t = test->priv;
	struct rs_slot *slot = t->slot;
	unsigned long end;
	u32 i;

	slot->policy.gate_timeout_ms = 50;
	rs_test_announce(slot);
	for (i = 0; i < ARRAY_SIZE(t->inst); i++) {
		rs_test_die(t->inst[i]);
		flush_work(&slot->work);
	}
	KUNIT_ASSERT_EQ(test, slot->state, (u32)RS_SLOT_DOWN);
	KUNIT_EXPECT_FALSE(test, slot->expired);
	/* A time-out that is not this outage's. */
	rs_slot_kick(slot, RS_TODO_GATE);
	flush_work(&slot->work);
	KUNIT_EXPECT_FALSE(test, slot->expired);
	end = jiffies + 10 * HZ;
	while (!READ_ONCE(slot->expired) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	flush_work(&slot->work);
	KUNIT_EXPECT_TRUE(test, slot->expired);
	KUNIT_EXPECT_EQ(test, slot->queue[1]->error, -EIO);
}

static struct kunit_case rs_failover_cases[] = {
	KUNIT_CASE(rs_test_init_of_the_dead),
	KUNIT_CASE(rs_test_not_told_yet),
	KUNIT_CASE(rs_test_stood_still),
	KUNIT_CASE(rs_test_replay_of_the_dead),
	KUNIT_CASE(rs_test_served_by_the_dead),
	KUNIT_CASE(rs_test_gate_of_the_unborn),
	{}
};

static struct kunit_suite rs_failover_suite = {
	.name = "rsmod-failover",
	.init = rs_failover_test_init,
	.exit = rs_failover_test_exit,
	.test_cases = rs_failover_cases,
};
kunit_test_suite(rs_failover_suite);
