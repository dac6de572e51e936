// SPDX-License-Identifier: GPL-2.0
/*
 * update_test.c - live updates of a service, right and wrong ones, and who serves after them
 *
 * inst[0] is the old version, inst[1], which is held, the new one; a client is a message that the
 * service sends to itself.
 */
#include <kunit/test.h>

#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "failover.h"
#include "ledger.h"
#include "message.h"
#include "test_service.h"
#include "update.h"

struct rs_update_test {
	struct rs_test_service s;
	struct rs_instance *old;
	struct rs_instance *new;
};

static int rs_update_test_init(struct kunit *test)
{
	struct rs_update_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	rs_test_service(test, &t->s, "kunit-update");
	t->old = t->s.inst[0];
	t->new = t->s.inst[1];
	t->new->hold = true;
	return 0;
}

static void rs_update_test_exit(struct kunit *test)
{
	struct rs_update_test *t = test->priv;

	if (t)
		rs_test_service_end(&t->s);
}

static int rs_test_prepare(struct rs_update_test *t, u32 state)
{
	return rs_update_prepare(t->s.slot, 0, state, "", 60000, NULL);
}

static int rs_test_swap(struct rs_update_test *t, u32 commit, u32 timeout_ms)
{
	return rs_update_swap(t->s.slot, &(struct rs_swap) {
		.instance = t->new->number, .init = RS_INIT_LU, .commit = commit,
		.timeout_ms = timeout_ms }, NULL);
}

/* Answer the control request at @at. */
static void rs_test_control(struct rs_instance *inst, u32 at, s32 res)
{
	rs_test_write(inst, 0, (struct rs_cqe) { .id = rs_test_sqe(inst, 0, at)->id, .res = res });
	flush_work(&inst->slot->work);
}

/* One message; the service's own, since it is up and may. */
static void rs_test_client(struct kunit *test, struct rs_instance *from)
{
	struct rs_msg msg = { .endpoint = RS_EP_SELF, .flags = RS_MSG_NOREPLY };

	KUNIT_ASSERT_EQ(test, rs_message_send(from, &msg), 0);
}

static void rs_test_serve(struct rs_instance *inst, u32 at)
{
	rs_test_write(inst, RS_TEST_QUEUE, (struct rs_cqe) {
		.id = rs_test_sqe(inst, RS_TEST_QUEUE, at)->id });
}

static void rs_test_expect(struct kunit *test, struct rs_instance *serves, u32 commits,
			   u32 rollbacks)
{
	struct rs_update_test *t = test->priv;
	struct rs_slot *slot = t->s.slot;

	flush_work(&slot->work);
	KUNIT_EXPECT_PTR_EQ(test, slot->bound, serves);
	KUNIT_EXPECT_EQ(test, slot->state, (u32)RS_SLOT_LIVE);
	KUNIT_EXPECT_EQ(test, slot->update.phase, (u32)RS_UPDATE_NONE);
	KUNIT_EXPECT_NULL(test, slot->rollback);
	KUNIT_EXPECT_EQ(test, slot->commits, commits);
	KUNIT_EXPECT_EQ(test, slot->rollbacks, rollbacks);
	KUNIT_EXPECT_EQ(test, slot->restarts, 0U);
}

static u32 rs_test_phase(struct kunit *test)
{
	struct rs_update_test *t = test->priv;

	flush_work(&t->s.slot->work);
	return t->s.slot->update.phase;
}

/* C070: prepare, swap, INIT (LU), commit; what came meanwhile is the new one's. */
static void rs_test_update(struct kunit *test)
{
	struct rs_update_test *t = test->priv;
	const struct rs_sqe *sqe;
	s32 endpoint = t->s.slot->endpoint;

	KUNIT_EXPECT_EQ(test, rs_update_hold(t->old), -EINVAL);
	KUNIT_ASSERT_EQ(test, rs_test_prepare(t, RS_LU_WORK_FREE), 0);
	sqe = rs_test_sqe(t->old, 0, 1);
	KUNIT_EXPECT_EQ(test, (int)sqe->op, (int)RS_OP_PREPARE);
	KUNIT_EXPECT_EQ(test, sqe->arg, (u32)RS_LU_WORK_FREE);
	/* It still serves. */
	rs_test_client(test, t->old);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t->old), 1U);
	KUNIT_EXPECT_EQ(test, rs_test_swap(t, RS_COMMIT_UP, 0), -EBUSY);
	KUNIT_EXPECT_EQ(test, rs_update_hold(t->old), 0);
	KUNIT_EXPECT_EQ(test, rs_update_hold(t->new), -EOWNERDEAD);
	rs_test_serve(t->old, 0);
	rs_test_client(test, t->old);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t->old), 1U);
	rs_test_control(t->old, 1, 0);
	KUNIT_EXPECT_EQ(test, rs_test_phase(test), (u32)RS_UPDATE_READY);

	KUNIT_ASSERT_EQ(test, rs_test_swap(t, RS_COMMIT_UP, 0), 0);
	sqe = rs_test_sqe(t->new, 0, 0);
	KUNIT_EXPECT_EQ(test, (int)sqe->op, (int)RS_OP_INIT);
	KUNIT_EXPECT_EQ(test, sqe->arg, (u32)RS_INIT_LU);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t->new), 0U);
	rs_test_control(t->new, 0, 0);
	rs_test_expect(test, t->new, 1, 0);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t->new), 1U);
	KUNIT_EXPECT_EQ(test, t->s.slot->endpoint, endpoint);
	KUNIT_EXPECT_EQ(test, t->s.slot->deaths, 0U);
	irq_work_sync(&t->old->dying_work);
	flush_work(&t->s.slot->work);
	KUNIT_EXPECT_EQ(test, rs_instance_state(t->old), (u32)RS_INST_CORPSE);
}

/* One that is ready may hold what can be sent again: its successor gets it. */
static void rs_test_handover(struct kunit *test)
{
	struct rs_update_test *t = test->priv;

	rs_test_client(test, t->old);
	KUNIT_EXPECT_EQ(test, rs_test_swap(t, RS_COMMIT_UP, 0), -EBUSY);
	KUNIT_ASSERT_EQ(test, rs_test_prepare(t, RS_LU_WORK_FREE), 0);
	rs_test_control(t->old, 1, 0);
	KUNIT_ASSERT_EQ(test, rs_test_phase(test), (u32)RS_UPDATE_READY);
	KUNIT_ASSERT_EQ(test, rs_test_swap(t, RS_COMMIT_UP, 0), 0);
	rs_test_control(t->new, 0, 0);
	rs_test_expect(test, t->new, 1, 0);
	KUNIT_ASSERT_EQ(test, rs_test_tail(t->new), 1U);
	KUNIT_EXPECT_TRUE(test, rs_test_sqe(t->new, RS_TEST_QUEUE, 0)->flags & RS_SQE_REPLAYED);
}

/* C072, C073, C080: refused, out of time, taken back; the old one serves, and a late answer is none. */
static void rs_test_unready(struct kunit *test)
{
	struct rs_update_test *t = test->priv;
	unsigned long end = jiffies + 10 * HZ;

	KUNIT_EXPECT_EQ(test, rs_test_prepare(t, RS_LU_NULL), -ESRCH);
	KUNIT_ASSERT_EQ(test, rs_test_prepare(t, RS_LU_PRIVATE), 0);
	KUNIT_EXPECT_EQ(test, rs_test_prepare(t, RS_LU_PRIVATE), -EBUSY);
	rs_test_control(t->old, 1, -EINVAL);
	rs_test_expect(test, t->old, 0, 0);

	KUNIT_ASSERT_EQ(test, rs_test_prepare(t, RS_LU_WORK_FREE), 0);
	KUNIT_EXPECT_EQ(test, rs_update_hold(t->old), 0);
	rs_test_client(test, t->old);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t->old), 0U);
	KUNIT_EXPECT_EQ(test, rs_test_prepare(t, RS_LU_NULL), 0);
	rs_test_expect(test, t->old, 0, 0);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t->old), 1U);
	KUNIT_EXPECT_EQ(test, rs_test_sqe(t->old, 0, 3)->arg, (u32)RS_LU_NULL);
	KUNIT_EXPECT_EQ(test, rs_update_hold(t->old), -EINVAL);
	/* Too late, also for the next wish. */
	KUNIT_ASSERT_EQ(test, rs_test_prepare(t, RS_LU_WORK_FREE), 0);
	rs_test_control(t->old, 2, 0);
	KUNIT_EXPECT_EQ(test, rs_test_phase(test), (u32)RS_UPDATE_PREPARING);
	KUNIT_EXPECT_EQ(test, rs_test_prepare(t, RS_LU_NULL), 0);

	KUNIT_ASSERT_EQ(test, rs_update_prepare(t->s.slot, 0, RS_LU_WORK_FREE, "", 10, NULL), 0);
	KUNIT_EXPECT_EQ(test, rs_update_hold(t->old), 0);
	while (READ_ONCE(t->s.slot->update.phase) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	rs_test_expect(test, t->old, 0, 0);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t->old), 1U);
	rs_test_serve(t->old, 0);
}

/* C075, C076: INIT (LU) fails, or crashes: the old one serves, the client sees nothing. */
static void rs_test_bad_init(struct kunit *test)
{
	struct rs_update_test *t = test->priv;
	u32 at;

	for (at = 0; at < 2; at++) {
		KUNIT_ASSERT_EQ(test, rs_test_swap(t, RS_COMMIT_UP, 0), 0);
		/* A prepare is no part of an update under way. */
		KUNIT_EXPECT_EQ(test, rs_test_prepare(t, RS_LU_WORK_FREE), -EBUSY);
		if (at) {
			rs_test_kill(t->new);
		} else {
			rs_test_control(t->new, 0, -ENXIO);
			flush_work(&t->s.slot->work);
			irq_work_sync(&t->new->dying_work);
			flush_work(&t->s.slot->work);
		}
		KUNIT_ASSERT_PTR_EQ(test, t->s.slot->bound, t->old);
		KUNIT_EXPECT_EQ(test, rs_test_sqe(t->old, 0, 1 + at)->arg, (u32)RS_INIT_ROLLBACK);
		rs_test_control(t->old, 1 + at, 0);
		rs_test_expect(test, t->old, 0, 1 + at);
		if (!at) {
			rs_instance_release(t->new);
			t->s.nr--;
			t->new = rs_test_inst(test, &t->s);
			t->new->hold = true;
		}
	}
	rs_test_client(test, t->old);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t->old), 1U);
}

/* C121, C122: by hand, nothing reaches the new one before it is told to go on, or to go. */
static void rs_test_manual(struct kunit *test)
{
	struct rs_update_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, rs_update_commit(t->s.slot, 0, NULL), -ESRCH);
	KUNIT_EXPECT_EQ(test, rs_update_rollback(t->s.slot, 0, NULL), -ESRCH);
	rs_test_client(test, t->old);
	KUNIT_ASSERT_EQ(test, rs_test_prepare(t, RS_LU_WORK_FREE), 0);
	rs_test_control(t->old, 1, 0);
	KUNIT_ASSERT_EQ(test, rs_test_phase(test), (u32)RS_UPDATE_READY);
	KUNIT_ASSERT_EQ(test, rs_test_swap(t, RS_COMMIT_MANUAL, 60000), 0);
	rs_test_control(t->new, 0, 0);
	KUNIT_EXPECT_EQ(test, rs_test_phase(test), (u32)RS_UPDATE_INITED);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t->new), 0U);
	KUNIT_EXPECT_EQ(test, rs_update_rollback(t->s.slot, t->old->epoch, NULL), -ESTALE);
	KUNIT_EXPECT_EQ(test, rs_update_rollback(t->s.slot, t->new->epoch, NULL), 0);
	rs_test_control(t->old, 2, 0);
	rs_test_expect(test, t->old, 0, 1);
	KUNIT_EXPECT_EQ(test, t->s.slot->deaths, 0U);
	/* Its own, again. */
	KUNIT_EXPECT_EQ(test, rs_test_tail(t->old), 2U);
	rs_test_serve(t->old, 1);

	irq_work_sync(&t->new->dying_work);
	rs_instance_release(t->new);
	t->s.nr--;
	t->new = rs_test_inst(test, &t->s);
	t->new->hold = true;
	KUNIT_ASSERT_EQ(test, rs_test_swap(t, RS_COMMIT_MANUAL, 60000), 0);
	rs_test_control(t->new, 0, 0);
	KUNIT_EXPECT_EQ(test, rs_update_commit(t->s.slot, 0, NULL), 0);
	rs_test_expect(test, t->new, 1, 1);
}

/* Nobody decides: undone by hand, final after a probation. */
static void rs_test_undecided(struct kunit *test)
{
	struct rs_update_test *t = test->priv;
	unsigned long end = jiffies + 10 * HZ;

	KUNIT_ASSERT_EQ(test, rs_test_swap(t, RS_COMMIT_MANUAL, 10), 0);
	rs_test_control(t->new, 0, 0);
	while (READ_ONCE(t->s.slot->rollbacks) != 1 && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	rs_test_control(t->old, 1, 0);
	rs_test_expect(test, t->old, 0, 1);

	irq_work_sync(&t->new->dying_work);
	rs_instance_release(t->new);
	t->s.nr--;
	t->new = rs_test_inst(test, &t->s);
	t->new->hold = true;
	KUNIT_ASSERT_EQ(test, rs_test_swap(t, RS_COMMIT_PROBATION, 10), 0);
	rs_test_control(t->new, 0, 0);
	while (READ_ONCE(t->s.slot->commits) != 1 && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	rs_test_expect(test, t->new, 1, 1);
}

/* On probation the new one serves; at work it is not taken back, if it dies the old one goes on. */
static void rs_test_probation(struct kunit *test)
{
	struct rs_update_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, rs_test_swap(t, RS_COMMIT_PROBATION, 60000), 0);
	rs_test_control(t->new, 0, 0);
	KUNIT_EXPECT_EQ(test, rs_test_phase(test), (u32)RS_UPDATE_PROBATION);
	rs_test_client(test, t->new);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t->new), 1U);
	KUNIT_EXPECT_EQ(test, rs_update_rollback(t->s.slot, 0, NULL), -EBUSY);
	rs_test_kill(t->new);
	KUNIT_ASSERT_PTR_EQ(test, t->s.slot->bound, t->old);
	rs_test_control(t->old, 1, 0);
	rs_test_expect(test, t->old, 0, 1);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t->old), 1U);
}

/* The old one dies while all wait for a decision: there is no way back, so it goes on. */
static void rs_test_no_way_back(struct kunit *test)
{
	struct rs_update_test *t = test->priv;
	unsigned long end = jiffies + 10 * HZ;

	KUNIT_ASSERT_EQ(test, rs_test_swap(t, RS_COMMIT_MANUAL, 100), 0);
	rs_test_control(t->new, 0, 0);
	KUNIT_ASSERT_EQ(test, rs_test_phase(test), (u32)RS_UPDATE_INITED);
	rs_test_kill(t->old);
	KUNIT_EXPECT_EQ(test, rs_update_rollback(t->s.slot, 0, NULL), -ESRCH);
	while (READ_ONCE(t->s.slot->commits) != 1 && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	rs_test_expect(test, t->new, 1, 0);
}

/* With effects on a backend the old one serves when the new one has ended, not before. */
static void rs_test_backend(struct kunit *test)
{
	struct rs_update_test *t = test->priv;
	struct rs_slot *slot = t->s.slot;

	slot->effects = RS_EFFECTS_BACKEND;
	KUNIT_ASSERT_EQ(test, rs_test_swap(t, RS_COMMIT_UP, 0), 0);
	KUNIT_EXPECT_EQ(test, rs_update_rollback(slot, 0, NULL), 0);
	irq_work_sync(&t->new->dying_work);
	flush_work(&slot->work);
	KUNIT_EXPECT_NULL(test, slot->bound);
	KUNIT_EXPECT_EQ(test, slot->state, (u32)RS_SLOT_FENCING);
	rs_instance_release(t->new);
	t->s.nr--;
	flush_work(&slot->work);
	KUNIT_ASSERT_PTR_EQ(test, slot->bound, t->old);
	rs_test_control(t->old, 1, 0);
	rs_test_expect(test, t->old, 0, 1);
}

/* What the old one took and did not deal with is the new one's. */
static void rs_test_taken(struct kunit *test)
{
	struct rs_update_test *t = test->priv;
	struct rs_msg_notify arg = { .endpoint = RS_EP_SELF };
	struct rs_msg_notified got;

	KUNIT_ASSERT_EQ(test, rs_message_notify(t->old, &arg), 0);
	KUNIT_ASSERT_EQ(test, rs_message_notified(t->old, &got), 0);
	KUNIT_ASSERT_EQ(test, rs_test_swap(t, RS_COMMIT_UP, 0), 0);
	rs_test_control(t->new, 0, 0);
	rs_test_expect(test, t->new, 1, 0);
	KUNIT_EXPECT_EQ(test, rs_message_notified(t->new, &got), 0);
	KUNIT_EXPECT_EQ(test, got.nr, 1U);
}

static struct kunit_case rs_update_cases[] = {
	KUNIT_CASE(rs_test_update),
	KUNIT_CASE(rs_test_handover),
	KUNIT_CASE(rs_test_unready),
	KUNIT_CASE(rs_test_bad_init),
	KUNIT_CASE(rs_test_manual),
	KUNIT_CASE(rs_test_undecided),
	KUNIT_CASE(rs_test_probation),
	KUNIT_CASE(rs_test_no_way_back),
	KUNIT_CASE(rs_test_backend),
	KUNIT_CASE(rs_test_taken),
	{}
};

static struct kunit_suite rs_update_suite = {
	.name = "rsmod-update",
	.init = rs_update_test_init,
	.exit = rs_update_test_exit,
	.test_cases = rs_update_cases,
};
kunit_test_suite(rs_update_suite);
