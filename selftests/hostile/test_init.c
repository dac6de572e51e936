// SPDX-License-Identifier: GPL-2.0-only
/*
 * One instance is bound, and serves nobody before it has answered INIT
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "scene.h"

/* Holds the first read for ever. */
static bool holder(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	if (sqe->op != RS_OP_CHR_READ)
		return false;
	bare_say(b, sqe->offset);
	return true;
}

/* Looks for requests before it answers INIT; says how many there were, then what came first. */
static bool eager(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	static unsigned int n;

	if (sqe->op == RS_OP_INIT) {
		/* Credit is offered, so what may be published is published here. */
		bare_enter(b, false);
		bare_say(b, b->sq[BARE_DATA]->tail);
	} else if (queue == BARE_DATA && n++ < 2) {
		bare_say(b, sqe->op | (int64_t)sqe->flags << 16);
	}
	return false;
}

/* Answers INIT with success, or without having announced, or with an error. */
enum { SILENT, FAILING };

static bool liar(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	struct rs_cqe cqe = { .id = sqe->id, .res = b->arg == FAILING ? -ENXIO : 0 };

	if (sqe->op != RS_OP_INIT)
		return false;
	bare_push(b, 0, &cqe);
	return true;
}

/* Another device than its predecessor. */
static bool other_device(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	if (sqe->op != RS_OP_INIT)
		return false;
	b->chr.nr_minors = 2;
	bare_say(b, bare_announce(b));
	b->chr.nr_minors = 1;
	b->chr.flags ^= RS_CHR_SEEKABLE;
	bare_say(b, bare_announce(b));
	b->chr.flags ^= RS_CHR_SEEKABLE;
	b->chr.max_io = 4096;
	bare_say(b, bare_announce(b));
	b->chr.max_io = 0;
	return false;
}

/* Says how INIT calls it, and behaves. */
static bool herald(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	if (sqe->op == RS_OP_INIT)
		bare_say(b, sqe->arg);
	return false;
}

/* Has its instance, and is not ready before it is told to be. */
static int late_riser(struct bare *b)
{
	bare_say(b, bare_attach(b));
	bare_hear(b);
	return bare_run(b);
}

FIXTURE(init)
{
	struct scene scene;
	struct actor a;
	struct actor b;
	struct actor c;
};

FIXTURE_SETUP(init)
{
	int r;

	memset(self, 0, sizeof(*self));
	scene_init(&self->scene);
	r = scene_open(&self->scene);
	if (r == 1)
		SKIP(return, "%s", self->scene.why);
	ASSERT_EQ(0, r);
}

FIXTURE_TEARDOWN(init)
{
	if (self->scene.beside)
		EXPECT_TRUE(scene_beside_ok(&self->scene));
	scene_close(&self->scene);
	scene_kill(&self->a);
	scene_kill(&self->b);
	scene_kill(&self->c);
}

TEST_F_TIMEOUT(init, one_is_bound, 200)
{
	const struct role good = { .hook = NULL }, second = { .hook = herald };
	struct scene *s = &self->scene;

	ASSERT_EQ(0, scene_start(s, &self->a, &good));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	ASSERT_EQ(0, scene_start(s, &self->b, &second));
	ASSERT_EQ(0, scene_start(s, &self->c, &second));
	EXPECT_EQ(0, scene_client_end(scene_client(s, 4, 0)));
	EXPECT_EQ(1, scene_bound(s));
	EXPECT_EQ(2, scene_slot(s, "standbys"));
	EXPECT_EQ(self->a.number, scene_slot(s, "instance"));

	kill(self->a.pid, SIGKILL);
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 2));
	EXPECT_EQ(RS_INIT_RESTART, scene_hear(&self->b));
	EXPECT_EQ(0, scene_client_end(scene_client(s, 4, 0)));
	EXPECT_EQ(1, scene_bound(s));
	EXPECT_EQ(self->b.number, scene_slot(s, "instance"));
	/* One binding for each that came up, no more. */
	EXPECT_EQ(2, s->seen[RSMOD_EVENT_TYPE_BOUND]);
}

/* Clients would wait for what it still has to do, and its INIT would have less time. */
TEST_F_TIMEOUT(init, unready_is_not_bound, 200)
{
	const struct role late = { .start = late_riser };
	struct scene *s = &self->scene;

	ASSERT_EQ(0, scene_start(s, &self->a, &late));
	EXPECT_EQ(0, scene_hear(&self->a));
	EXPECT_EQ(0, scene_slot(s, "standbys"));
	EXPECT_EQ(0, scene_slot(s, "instance"));
	scene_say(&self->a, 0);
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));

	ASSERT_EQ(0, scene_start(s, &self->b, &late));
	EXPECT_EQ(0, scene_hear(&self->b));
	kill(self->a.pid, SIGKILL);
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_DIED, 1));
	EXPECT_EQ(0, scene_slot(s, "instance"));
	scene_say(&self->b, 0);
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 2));
	EXPECT_EQ(0, scene_client_end(scene_client(s, 4, 0)));
}

TEST_F_TIMEOUT(init, gate_is_closed, 200)
{
	const struct role first = { .hook = holder }, second = { .hook = eager };
	struct scene *s = &self->scene;
	pid_t client;

	ASSERT_EQ(0, scene_start(s, &self->a, &first));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	ASSERT_EQ(0, scene_start(s, &self->b, &second));
	client = scene_client(s, 2, 0);
	EXPECT_EQ(0, scene_hear(&self->a));
	kill(self->a.pid, SIGKILL);
	/* A request waits, and is not shown to who has not answered INIT. */
	EXPECT_EQ(0, scene_hear(&self->b));
	EXPECT_EQ(RS_OP_CHR_OPEN | RS_SQE_REOPEN << 16, scene_hear(&self->b));
	EXPECT_EQ(RS_OP_CHR_READ | RS_SQE_REPLAYED << 16, scene_hear(&self->b));
	EXPECT_EQ(0, scene_client_end(client));
	EXPECT_EQ(1, scene_slot(s, "replayed"));
}

FIXTURE(answer)
{
	struct scene scene;
	struct actor a;
	struct actor b;
};

FIXTURE_VARIANT(answer)
{
	uintptr_t how;
};

FIXTURE_VARIANT_ADD(answer, without_announcement) { .how = SILENT };
FIXTURE_VARIANT_ADD(answer, with_an_error) { .how = FAILING };

FIXTURE_SETUP(answer)
{
	int r;

	memset(self, 0, sizeof(*self));
	scene_init(&self->scene);
	r = scene_open(&self->scene);
	if (r == 1)
		SKIP(return, "%s", self->scene.why);
	ASSERT_EQ(0, r);
}

FIXTURE_TEARDOWN(answer)
{
	if (self->scene.beside)
		EXPECT_TRUE(scene_beside_ok(&self->scene));
	scene_close(&self->scene);
	scene_kill(&self->a);
	scene_kill(&self->b);
}

TEST_F_TIMEOUT(answer, ends_it, 200)
{
	const struct role bad = { .hook = liar, .arg = variant->how }, good = { .hook = herald };
	struct scene *s = &self->scene;
	int status;

	ASSERT_EQ(0, scene_start(s, &self->a, &bad));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_DIED, 1));
	EXPECT_EQ(RS_CAUSE_INIT, s->last[RSMOD_EVENT_TYPE_DIED].cause);
	status = scene_wait_end(&self->a);
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
	ASSERT_EQ(0, scene_start(s, &self->b, &good));
	/* Nobody was ever up: it is not a restart. */
	EXPECT_EQ(RS_INIT_FRESH, scene_hear(&self->b));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	EXPECT_EQ(0, scene_client_end(scene_client(s, 2, 0)));
}

TEST_F_TIMEOUT(init, successor_is_the_same_device, 200)
{
	const struct role good = { .hook = NULL }, other = { .hook = other_device };
	struct scene *s = &self->scene;

	ASSERT_EQ(0, scene_start(s, &self->a, &good));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	ASSERT_EQ(0, scene_start(s, &self->b, &other));
	kill(self->a.pid, SIGKILL);
	EXPECT_EQ(-EINVAL, scene_hear(&self->b));
	EXPECT_EQ(-EINVAL, scene_hear(&self->b));
	EXPECT_EQ(-EINVAL, scene_hear(&self->b));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 2));
	EXPECT_EQ(0, scene_client_end(scene_client(s, 2, 0)));
}

TEST_HARNESS_MAIN
