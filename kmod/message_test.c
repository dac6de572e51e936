// SPDX-License-Identifier: GPL-2.0
/*
 * message_test.c - two services, and what they send each other through deaths
 *
 * The messages have no bytes, since the thread that runs the test has no user memory.
 */
#include <kunit/test.h>

#include <linux/completion.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include <linux/rs_msg.h>

#include "alarm.h"
#include "allow.h"
#include "endpoint.h"
#include "failover.h"
#include "instance.h"
#include "ledger.h"
#include "message.h"
#include "notify.h"
#include "test_service.h"

struct rs_message_test {
	struct rs_test_service a;
	struct rs_test_service b;
};

/* A thread that sends and waits. */
struct rs_test_sender {
	struct rs_instance *inst;
	struct rs_msg msg;
	int err;
	struct completion done;
};

static int rs_message_test_init(struct kunit *test)
{
	struct rs_message_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	rs_test_service(test, &t->a, "kunit-a");
	rs_test_service(test, &t->b, "kunit-b");
	return 0;
}

static void rs_message_test_exit(struct kunit *test)
{
	struct rs_message_test *t = test->priv;

	if (!t)
		return;
	rs_test_service_end(&t->a);
	rs_test_service_end(&t->b);
}

static int rs_test_post(struct rs_instance *from, s32 to, u32 type)
{
	struct rs_msg msg = { .endpoint = to, .flags = RS_MSG_NOREPLY, .type = type };

	return rs_message_send(from, &msg);
}

static int rs_test_sender(void *data)
{
	struct rs_test_sender *sender = data;

	sender->err = rs_message_send(sender->inst, &sender->msg);
	complete(&sender->done);
	return 0;
}

static void rs_test_call(struct kunit *test, struct rs_test_sender *sender,
			 struct rs_instance *from, s32 to, u32 type)
{
	struct task_struct *task;

	*sender = (struct rs_test_sender) {
		.inst = from,
		.msg = { .endpoint = to, .type = type, .timeout_ns = 20 * NSEC_PER_SEC },
	};
	init_completion(&sender->done);
	task = kthread_run(rs_test_sender, sender, "rs-test-sender");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
}

/* Wait until @inst has been given @nr messages. */
static void rs_test_given(struct kunit *test, struct rs_instance *inst, u32 nr)
{
	unsigned long end = jiffies + 10 * HZ;

	while (rs_test_tail(inst) != nr && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	KUNIT_ASSERT_EQ(test, rs_test_tail(inst), nr);
}

static void rs_test_called(struct kunit *test, struct rs_test_sender *sender)
{
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&sender->done, 30 * HZ), 0UL);
}

static void rs_test_reply(struct rs_instance *inst, u32 at, s32 res, u64 aux)
{
	rs_test_write(inst, RS_TEST_QUEUE, (struct rs_cqe) {
		.id = rs_test_sqe(inst, RS_TEST_QUEUE, at)->id, .res = res, .aux = aux });
}

/* The module says who sent it; the answer comes back. */
static void rs_test_sendrec(struct kunit *test)
{
	struct rs_message_test *t = test->priv;
	const struct rs_sqe *sqe;
	struct rs_test_sender sender;

	rs_test_call(test, &sender, t->a.inst[0], t->b.slot->endpoint, 77);
	rs_test_given(test, t->b.inst[0], 1);
	sqe = rs_test_sqe(t->b.inst[0], RS_TEST_QUEUE, 0);
	KUNIT_EXPECT_EQ(test, (int)sqe->op, (int)RS_OP_MSG);
	KUNIT_EXPECT_EQ(test, (s32)sqe->file, t->a.slot->endpoint);
	KUNIT_EXPECT_EQ(test, sqe->arg, 77U);
	KUNIT_EXPECT_EQ(test, (int)sqe->flags, 0);
	rs_test_reply(t->b.inst[0], 0, -ENXIO, 42);
	rs_test_called(test, &sender);
	KUNIT_EXPECT_EQ(test, sender.err, 0);
	KUNIT_EXPECT_EQ(test, sender.msg.res, -ENXIO);
	KUNIT_EXPECT_EQ(test, sender.msg.data, 42ULL);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->a.slot->msgs), 0);
	KUNIT_EXPECT_NULL(test, t->a.slot->calling);
}

/* C003: one that nobody had seen waits for the successor, whatever the policy, and comes once. */
static void rs_test_queued(struct kunit *test)
{
	struct rs_message_test *t = test->priv;

	t->b.slot->policy.msg_policy = RS_MSG_BREAK;
	rs_test_kill(t->b.inst[0]);
	KUNIT_EXPECT_EQ(test, rs_test_post(t->a.inst[0], t->b.slot->endpoint, 5), 0);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t->b.inst[1]), 0U);
	rs_test_up(test, t->b.inst[1]);
	KUNIT_ASSERT_EQ(test, rs_test_tail(t->b.inst[1]), 1U);
	KUNIT_EXPECT_EQ(test, (int)rs_test_sqe(t->b.inst[1], RS_TEST_QUEUE, 0)->flags,
			(int)RS_SQE_NOREPLY);
	rs_test_reply(t->b.inst[1], 0, 0, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->a.slot->msgs), 0);
}

/* C004: parked, it is the successor that answers. */
static void rs_test_park(struct kunit *test)
{
	struct rs_message_test *t = test->priv;
	struct rs_test_sender sender;

	rs_test_call(test, &sender, t->a.inst[0], t->b.slot->endpoint, 1);
	rs_test_given(test, t->b.inst[0], 1);
	rs_test_kill(t->b.inst[0]);
	KUNIT_EXPECT_FALSE(test, completion_done(&sender.done));
	rs_test_up(test, t->b.inst[1]);
	KUNIT_ASSERT_EQ(test, rs_test_tail(t->b.inst[1]), 1U);
	KUNIT_EXPECT_EQ(test, (int)rs_test_sqe(t->b.inst[1], RS_TEST_QUEUE, 0)->flags,
			(int)RS_SQE_REPLAYED);
	rs_test_reply(t->b.inst[1], 0, 0, 2);
	rs_test_called(test, &sender);
	KUNIT_EXPECT_EQ(test, sender.err, 0);
	KUNIT_EXPECT_EQ(test, sender.msg.data, 2ULL);
}

/* C005: broken, the sender is told, once, and the successor sees nothing of it. */
static void rs_test_break(struct kunit *test)
{
	struct rs_message_test *t = test->priv;
	struct rs_test_sender sender;

	t->b.slot->policy.msg_policy = RS_MSG_BREAK;
	rs_test_call(test, &sender, t->a.inst[0], t->b.slot->endpoint, 1);
	rs_test_given(test, t->b.inst[0], 1);
	rs_test_kill(t->b.inst[0]);
	rs_test_called(test, &sender);
	KUNIT_EXPECT_EQ(test, sender.err, -EOWNERDEAD);
	rs_test_up(test, t->b.inst[1]);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t->b.inst[1]), 0U);
}

/* C015 to C017: what waits for the caller, and nothing else, is told; nothing comes twice. */
static void rs_test_statectl(struct kunit *test)
{
	struct rs_message_test *t = test->priv;
	struct rs_test_sender sender;

	KUNIT_EXPECT_EQ(test, rs_message_statectl(t->b.inst[0], 0), -EINVAL);
	rs_test_call(test, &sender, t->a.inst[0], t->b.slot->endpoint, 1);
	rs_test_given(test, t->b.inst[0], 1);
	KUNIT_EXPECT_EQ(test, rs_test_post(t->b.inst[0], t->a.slot->endpoint, 2), 0);
	KUNIT_EXPECT_EQ(test, rs_message_notify(t->b.inst[0], &(struct rs_msg_notify) {
		.endpoint = t->a.slot->endpoint }), 0);
	KUNIT_EXPECT_TRUE(test, rs_notify_waits(t->a.slot));
	rs_test_kill(t->b.inst[0]);

	/* Not the one that was replaced: only who serves may. */
	KUNIT_EXPECT_EQ(test, rs_message_statectl(t->b.inst[0], RS_STATE_CLEAR_IPC_REFS),
			-EOWNERDEAD);
	KUNIT_EXPECT_FALSE(test, completion_done(&sender.done));
	KUNIT_EXPECT_EQ(test, rs_message_statectl(t->b.inst[1], RS_STATE_CLEAR_IPC_REFS), 0);
	rs_test_called(test, &sender);
	KUNIT_EXPECT_EQ(test, sender.err, -EOWNERDEAD);
	KUNIT_EXPECT_FALSE(test, rs_notify_waits(t->a.slot));
	rs_test_up(test, t->b.inst[1]);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t->b.inst[1]), 0U);
	KUNIT_EXPECT_EQ(test, rs_test_tail(t->a.inst[0]), 1U);
}

/* C006: a notification during the outage reaches the successor, and one that died with its taker. */
static void rs_test_notify(struct kunit *test)
{
	struct rs_message_test *t = test->priv;
	struct rs_msg_notify arg = { .endpoint = t->b.slot->endpoint };
	struct rs_msg_notified got;

	rs_test_kill(t->b.inst[0]);
	KUNIT_EXPECT_EQ(test, rs_message_notify(t->a.inst[0], &arg), 0);
	KUNIT_EXPECT_EQ(test, rs_message_notify(t->a.inst[0], &arg), 0);
	/* Not before INIT is over. */
	KUNIT_EXPECT_FALSE(test, rs_notify_waits(t->b.slot));
	rs_test_up(test, t->b.inst[1]);
	KUNIT_EXPECT_TRUE(test, rs_notify_waits(t->b.slot));
	KUNIT_EXPECT_EQ(test, rs_message_notified(t->b.inst[0], &got), -EOWNERDEAD);
	KUNIT_EXPECT_EQ(test, rs_message_notified(t->b.inst[1], &got), 0);
	KUNIT_EXPECT_EQ(test, got.nr, 1U);
	KUNIT_EXPECT_EQ(test, got.endpoint[0], t->a.slot->endpoint);
	KUNIT_EXPECT_FALSE(test, rs_notify_waits(t->b.slot));

	rs_test_kill(t->b.inst[1]);
	KUNIT_ASSERT_EQ(test, t->b.slot->state, (u32)RS_SLOT_DOWN);
	rs_instance_release(t->b.inst[0]);
	t->b.inst[0] = t->b.inst[--t->b.nr];
	rs_test_up(test, rs_test_inst(test, &t->b));
	KUNIT_EXPECT_TRUE(test, rs_notify_waits(t->b.slot));
	KUNIT_EXPECT_EQ(test, rs_message_notified(t->b.inst[1], &got), 0);
	KUNIT_EXPECT_EQ(test, got.nr, 1U);
	rs_notify_settle(t->b.slot);
	rs_notify_return(t->b.slot);
	KUNIT_EXPECT_FALSE(test, rs_notify_waits(t->b.slot));
}

/* C007: an alarm set before the death goes off after it. */
static void rs_test_alarm(struct kunit *test)
{
	struct rs_message_test *t = test->priv;
	struct rs_alarm arg = { .ns = 20 * NSEC_PER_MSEC };
	unsigned long end = jiffies + 10 * HZ;

	KUNIT_EXPECT_EQ(test, rs_alarm_set(t->b.inst[0], &arg), 0);
	KUNIT_EXPECT_EQ(test, arg.left, 0ULL);
	rs_test_kill(t->b.inst[0]);
	KUNIT_EXPECT_EQ(test, rs_alarm_set(t->b.inst[0], &arg), -EOWNERDEAD);
	rs_test_up(test, t->b.inst[1]);
	while (!rs_notify_waits(t->b.slot) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_EQ(test, rs_notify_events(t->b.slot), (u32)RS_EVENT_ALARM);
	KUNIT_EXPECT_EQ(test, rs_notify_events(t->b.slot), 0U);

	/* One that is taken back does not. */
	arg.ns = 3600ULL * NSEC_PER_SEC;
	KUNIT_EXPECT_EQ(test, rs_alarm_set(t->b.inst[1], &arg), 0);
	arg.ns = 0;
	KUNIT_EXPECT_EQ(test, rs_alarm_set(t->b.inst[1], &arg), 0);
	KUNIT_EXPECT_GT(test, arg.left, 3000ULL * NSEC_PER_SEC);
	KUNIT_EXPECT_FALSE(test, hrtimer_active(&t->b.slot->alarm));
}

/* C088: a list binds its owner; who is listed may ask back; nobody is bound without one. */
static void rs_test_allow(struct kunit *test)
{
	struct rs_message_test *t = test->priv;
	s32 a = t->a.slot->endpoint, b = t->b.slot->endpoint;

	mutex_lock(&t->a.slot->lock);
	KUNIT_EXPECT_EQ(test, rs_allow_set(t->a.slot, "ds  log", NULL), 0);
	mutex_unlock(&t->a.slot->lock);
	KUNIT_EXPECT_EQ(test, rs_test_post(t->a.inst[0], b, 1), -EACCES);
	KUNIT_EXPECT_EQ(test, rs_message_notify(t->a.inst[0], &(struct rs_msg_notify) {
		.endpoint = b }), -EACCES);
	KUNIT_EXPECT_EQ(test, rs_test_post(t->b.inst[0], a, 1), 0);
	mutex_lock(&t->b.slot->lock);
	KUNIT_EXPECT_EQ(test, rs_allow_set(t->b.slot, "kunit-a", NULL), 0);
	mutex_unlock(&t->b.slot->lock);
	KUNIT_EXPECT_EQ(test, rs_test_post(t->a.inst[0], b, 1), 0);
	mutex_lock(&t->b.slot->lock);
	KUNIT_EXPECT_EQ(test, rs_allow_set(t->b.slot, "", NULL), 0);
	mutex_unlock(&t->b.slot->lock);
	KUNIT_EXPECT_EQ(test, rs_test_post(t->b.inst[0], a, 1), -EACCES);
	mutex_lock(&t->b.slot->lock);
	KUNIT_EXPECT_EQ(test, rs_allow_set(t->b.slot, "*", NULL), 0);
	KUNIT_EXPECT_EQ(test, rs_allow_set(t->b.slot,
					   "a-label-that-is-longer-than-any-label-is", NULL), -EINVAL);
	mutex_unlock(&t->b.slot->lock);
	KUNIT_EXPECT_EQ(test, rs_test_post(t->b.inst[0], a, 1), 0);
}

/* Who waits for one that waits for him is told so. */
static void rs_test_locked(struct kunit *test)
{
	struct rs_message_test *t = test->priv;
	struct rs_msg msg = { .endpoint = t->a.slot->endpoint };
	struct rs_test_sender sender;

	rs_test_call(test, &sender, t->a.inst[0], t->b.slot->endpoint, 1);
	rs_test_given(test, t->b.inst[0], 1);
	KUNIT_EXPECT_EQ(test, rs_message_send(t->b.inst[0], &msg), -EDEADLK);
	/* Not if nobody waits. */
	KUNIT_EXPECT_EQ(test, rs_test_post(t->b.inst[0], t->a.slot->endpoint, 1), 0);
	msg.endpoint = RS_EP_SELF;
	KUNIT_EXPECT_EQ(test, rs_message_send(t->b.inst[0], &msg), -EDEADLK);
	rs_test_reply(t->b.inst[0], 0, 0, 0);
	rs_test_called(test, &sender);
	KUNIT_EXPECT_EQ(test, sender.err, 0);
}

/* A label's endpoint, an endpoint's label. */
static void rs_test_lookup(struct kunit *test)
{
	struct rs_message_test *t = test->priv;
	struct rs_lookup arg = { .label = "kunit-b" };

	KUNIT_EXPECT_EQ(test, rs_message_lookup(&arg), 0);
	KUNIT_EXPECT_EQ(test, arg.endpoint, t->b.slot->endpoint);
	arg = (struct rs_lookup) { .endpoint = t->a.slot->endpoint, .label = "anything" };
	KUNIT_EXPECT_EQ(test, rs_message_lookup(&arg), 0);
	KUNIT_EXPECT_STREQ(test, arg.label, "kunit-a");
	arg.endpoint += RS_GEN_SIZE;
	KUNIT_EXPECT_EQ(test, rs_message_lookup(&arg), -EOWNERDEAD);
	arg.endpoint = 1;
	KUNIT_EXPECT_EQ(test, rs_message_lookup(&arg), -EINVAL);
	arg = (struct rs_lookup) { .label = "kunit-nobody" };
	KUNIT_EXPECT_EQ(test, rs_message_lookup(&arg), -ENOENT);
	/* A label without end is none. */
	memset(arg.label, 'k', sizeof(arg.label));
	KUNIT_EXPECT_EQ(test, rs_message_lookup(&arg), -ENOENT);
}

/* That the dead one still waits does not mean that its successor does. */
static void rs_test_locked_dead(struct kunit *test)
{
	struct rs_message_test *t = test->priv;
	struct rs_msg msg = { .endpoint = t->a.slot->endpoint, .timeout_ns = NSEC_PER_MSEC };
	struct rs_test_sender sender;

	rs_test_call(test, &sender, t->a.inst[0], t->b.slot->endpoint, 1);
	rs_test_given(test, t->b.inst[0], 1);
	rs_test_kill(t->a.inst[0]);
	rs_test_up(test, t->a.inst[1]);
	KUNIT_EXPECT_FALSE(test, completion_done(&sender.done));
	KUNIT_EXPECT_EQ(test, rs_message_send(t->b.inst[0], &msg), -ETIME);
	rs_test_reply(t->b.inst[0], 0, 0, 0);
	rs_test_called(test, &sender);
}

/* C002, and what is no endpoint; one service does not fill the queue of another. */
static void rs_test_refused(struct kunit *test)
{
	struct rs_message_test *t = test->priv;
	s32 b = t->b.slot->endpoint;
	struct rs_msg msg = { .endpoint = b };
	u32 i;

	KUNIT_EXPECT_EQ(test, rs_test_post(t->a.inst[0], 5, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, rs_test_post(t->a.inst[0], b + RS_GEN_SIZE, 1), -EOWNERDEAD);
	/* A standby is nobody yet. */
	KUNIT_EXPECT_EQ(test, rs_test_post(t->a.inst[1], b, 1), -EOWNERDEAD);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->a.slot->violations), 1);
	msg.flags = RS_MSG_BULK_READ;
	KUNIT_EXPECT_EQ(test, rs_message_send(t->a.inst[0], &msg), -EINVAL);
	msg.flags = RS_MSG_F_ALL + 1;
	KUNIT_EXPECT_EQ(test, rs_message_send(t->a.inst[0], &msg), -EINVAL);
	for (i = 0; i < RS_MSG_INFLIGHT; i++)
		KUNIT_EXPECT_EQ(test, rs_test_post(t->a.inst[0], b, i), 0);
	KUNIT_EXPECT_EQ(test, rs_test_post(t->a.inst[0], b, i), -EAGAIN);
	/* A sender that waits in vain is told, and leaves nothing. */
	rs_test_reply(t->b.inst[0], 0, 0, 0);
	msg = (struct rs_msg) { .endpoint = b, .timeout_ns = NSEC_PER_MSEC };
	KUNIT_EXPECT_EQ(test, rs_message_send(t->a.inst[0], &msg), -ETIME);
	rs_test_kill(t->b.inst[0]);
	rs_test_up(test, t->b.inst[1]);
	/* An orphan does not come again. */
	KUNIT_EXPECT_EQ(test, rs_test_tail(t->b.inst[1]), (u32)RS_MSG_INFLIGHT - 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->a.slot->msgs), RS_MSG_INFLIGHT - 1);
}

static struct kunit_case rs_message_cases[] = {
	KUNIT_CASE(rs_test_sendrec),
	KUNIT_CASE(rs_test_queued),
	KUNIT_CASE(rs_test_park),
	KUNIT_CASE(rs_test_break),
	KUNIT_CASE(rs_test_statectl),
	KUNIT_CASE(rs_test_notify),
	KUNIT_CASE(rs_test_alarm),
	KUNIT_CASE(rs_test_allow),
	KUNIT_CASE(rs_test_locked),
	KUNIT_CASE(rs_test_locked_dead),
	KUNIT_CASE(rs_test_refused),
	KUNIT_CASE(rs_test_lookup),
	{}
};

static struct kunit_suite rs_message_suite = {
	.name = "rsmod-message",
	.init = rs_message_test_init,
	.exit = rs_message_test_exit,
	.test_cases = rs_message_cases,
};
kunit_test_suite(rs_message_suite);
