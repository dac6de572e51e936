// SPDX-License-Identifier: GPL-2.0-only
/*
 * A call of an instance that waits for a page which never comes does not hold the fence up
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>

#include "kselftest_harness.h"

#include "rig.h"

/* A failover takes milliseconds; the stall is for ever. */
#define LIMIT_MS	5000

FIXTURE(stall)
{
	struct rig rig;
	struct rig_inst a;
	struct rig_inst b;
};

FIXTURE_VARIANT(stall)
{
	enum rig_stall which;
};

#define STALL(name, value) \
	FIXTURE_VARIANT_ADD(stall, name) { .which = value }

STALL(enter, RIG_STALL_ENTER);
STALL(info, RIG_STALL_INFO);
STALL(config, RIG_STALL_CONFIG);
STALL(announce, RIG_STALL_ANNOUNCE);
STALL(state_put, RIG_STALL_PUT);
STALL(state_put_data, RIG_STALL_PUT_DATA);
STALL(state_get, RIG_STALL_GET);
STALL(state_get_data, RIG_STALL_GET_DATA);
STALL(dying, RIG_STALL_DYING);

FIXTURE_SETUP(stall)
{
	int r;

	memset(self, 0, sizeof(*self));
	r = rig_open(&self->rig, "stall");
	if (r == 1)
		SKIP(return, "%s", self->rig.why);
	ASSERT_EQ(0, r);
	ASSERT_EQ(0, rig_start(&self->rig, &self->a, 0));
	ASSERT_TRUE(rig_wait(&self->rig, RSMOD_EVENT_TYPE_UP, 1, 10000));
	ASSERT_EQ(0, rig_start(&self->rig, &self->b, 0));
	/* Something to get. */
	ASSERT_EQ(0, rig_do(&self->a, RIG_PUT, 0, 0, 0));
}

FIXTURE_TEARDOWN(stall)
{
	rig_kill(&self->a);
	rig_kill(&self->b);
	rig_close(&self->rig);
}

TEST_F(stall, fence_is_not_delayed)
{
	long long start;
	long long r;

	r = rig_do(&self->a, RIG_STALL, variant->which, 0, 0);
	if (r == -ENOSYS || r == -EPERM)
		SKIP(return, "no userfaultfd");
	ASSERT_EQ(0, r);
	start = rig_now_ms();
	ASSERT_EQ(0, rig_do(&self->a, RIG_DYING, 0, 0, 0));
	ASSERT_TRUE(rig_wait(&self->rig, RSMOD_EVENT_TYPE_UP, 2, LIMIT_MS));
	EXPECT_EQ(self->b.number, self->rig.last[RSMOD_EVENT_TYPE_UP]);
	EXPECT_GT(LIMIT_MS, rig_now_ms() - start);
	EXPECT_EQ(RIG_SIGBUS, rig_do(&self->a, RIG_READ, 8, 0, 0));
	EXPECT_LE(0, rig_do(&self->b, RIG_READ, 8, 0, 0));
}

TEST_HARNESS_MAIN
