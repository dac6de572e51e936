// SPDX-License-Identifier: GPL-2.0
/*
 * test_service.c - services for tests of the module
 *
 * Real slots of class none.  Their instances are armed for the thread that runs the test and
 * attached by hand; the test reads and writes their rings.
 */
#include <kunit/test.h>

#include <linux/irq_work.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "failover.h"
#include "ledger.h"
#include "test_service.h"

struct rs_instance *rs_test_inst(struct kunit *test, struct rs_test_service *s)
{
	struct rs_arm arm = {
		.endpoint = s->slot->endpoint,
		.pid = task_pid_nr(current),
		.pool_iova = RS_IOVA_NONE,
	};
	struct rs_instance *inst = rs_instance_new();

	KUNIT_ASSERT_FALSE(test, IS_ERR(inst));
	s->inst[s->nr++] = inst;
	KUNIT_ASSERT_EQ(test, rs_instance_arm(inst, &arm), 0);
	KUNIT_ASSERT_EQ(test, rs_pool_split(&inst->pool, 0), 0);
	KUNIT_ASSERT_EQ(test, atomic_cmpxchg(&inst->state, RS_INST_ARMED, RS_INST_STANDBY),
			(int)RS_INST_ARMED);
	inst->ring[RS_TEST_QUEUE].credit = RS_MSG_DEPTH;
	rs_slot_kick(s->slot, RS_TODO_STANDBY);
	return inst;
}

void rs_test_write(struct rs_instance *inst, u32 queue, struct rs_cqe cqe)
{
	struct rs_cq *cq = inst->ring[queue].cq;
	struct rs_cqe *entry = (void *)cq + RS_RING_ENTRIES;

	entry[cq->tail % inst->ring[queue].cq_nr] = cqe;
	cq->tail++;
	rs_queue_reap(inst->slot->queue[queue], inst);
}

const struct rs_sqe *rs_test_sqe(struct rs_instance *inst, u32 queue, u32 at)
{
	const struct rs_sqe *sqe = (void *)inst->ring[queue].sq + RS_RING_ENTRIES;

	return &sqe[at % inst->ring[queue].sq_nr];
}

u32 rs_test_tail(struct rs_instance *inst)
{
	return READ_ONCE(inst->ring[RS_TEST_QUEUE].sq_tail);
}

void rs_test_up(struct kunit *test, struct rs_instance *inst)
{
	flush_work(&inst->slot->work);
	rs_test_write(inst, 0, (struct rs_cqe) { .id = rs_test_sqe(inst, 0, 0)->id });
	flush_work(&inst->slot->work);
	KUNIT_ASSERT_PTR_EQ(test, inst->slot->bound, inst);
	KUNIT_ASSERT_EQ(test, inst->slot->state, (u32)RS_SLOT_LIVE);
}

void rs_test_kill(struct rs_instance *inst)
{
	rs_instance_die(inst, RS_CAUSE_EXIT, 0, NULL);
	irq_work_sync(&inst->dying_work);
	flush_work(&inst->slot->work);
}

void rs_test_service(struct kunit *test, struct rs_test_service *s, const char *label)
{
	struct rs_slot_config config = { .label = label, .class = RS_CLASS_NONE, .ifname = "" };
	u32 i;

	rs_policy_default(&config.policy, config.class);
	config.policy.deadline_ms = 0;
	KUNIT_ASSERT_EQ(test, rs_slot_new(&config, &s->slot, NULL), 0);
	for (i = 0; i < RS_TEST_INSTANCES; i++)
		rs_test_inst(test, s);
	rs_test_up(test, s->inst[0]);
}

void rs_test_service_end(struct rs_test_service *s)
{
	u32 i;

	for (i = 0; i < s->nr; i++)
		rs_instance_release(s->inst[i]);
	if (!s->slot)
		return;
	rs_slot_del(s->slot);
	rs_slot_put(s->slot);
}
