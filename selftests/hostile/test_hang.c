// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instances that serve nobody: those that hang, and those that a request kills
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "scene.h"

#define POISON	640

enum { SPIN, STOP, SLEEP, SHUT };

static bool hanger(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	/* It goes on entering, and asks for nothing more. */
	if (b->arg == SHUT && sqe->op == RS_OP_CHR_OPEN)
		b->credit = 0;
	if (sqe->op != RS_OP_CHR_READ)
		return false;
	switch (b->arg) {
	case STOP:
		raise(SIGSTOP);
		/* Continued, it would answer: wrongly. */
		memset(b->pool + sqe->buf, 0xee, sqe->len);
		break;
	case SLEEP:
		for (;;)
			pause();
	default:
		for (;;)
			__asm__ volatile("");
	}
	bare_push(b, BARE_DATA, &(struct rs_cqe){ .id = sqe->id, .res = (int32_t)sqe->len });
	return true;
}

static bool poisoned(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	if (sqe->op == RS_OP_CHR_READ && sqe->offset == POISON)
		_exit(3);
	return false;
}

FIXTURE(hang)
{
	struct scene scene;
	struct actor bad;
	struct actor good;
};

FIXTURE_VARIANT(hang)
{
	uintptr_t how;
};

FIXTURE_VARIANT_ADD(hang, spins) { .how = SPIN };
FIXTURE_VARIANT_ADD(hang, stops) { .how = STOP };
FIXTURE_VARIANT_ADD(hang, sleeps) { .how = SLEEP };
FIXTURE_VARIANT_ADD(hang, takes_none) { .how = SHUT };

FIXTURE_SETUP(hang)
{
	int r;

	memset(&self->bad, 0, sizeof(self->bad));
	memset(&self->good, 0, sizeof(self->good));
	scene_init(&self->scene);
	self->scene.slot.deadline_ms = 2000;
	r = scene_open(&self->scene);
	if (r == 1)
		SKIP(return, "%s", self->scene.why);
	ASSERT_EQ(0, r);
}

FIXTURE_TEARDOWN(hang)
{
	if (self->scene.beside)
		EXPECT_TRUE(scene_beside_ok(&self->scene));
	scene_close(&self->scene);
	scene_kill(&self->bad);
	scene_kill(&self->good);
}

TEST_F_TIMEOUT(hang, is_ended, 200)
{
	const struct role bad = { .hook = hanger, .arg = variant->how }, good = { .hook = NULL };
	struct scene *s = &self->scene;
	pid_t client;
	int status;

	ASSERT_EQ(0, scene_start(s, &self->bad, &bad));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	ASSERT_EQ(0, scene_start(s, &self->good, &good));
	client = scene_client(s, 3, 0);
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_DIED, 1));
	/* Whoever lets it go on now. */
	kill(self->bad.pid, SIGCONT);
	EXPECT_EQ(self->bad.number, s->last[RSMOD_EVENT_TYPE_DIED].instance);
	EXPECT_EQ(RS_CAUSE_DEADLINE, s->last[RSMOD_EVENT_TYPE_DIED].cause);
	status = scene_wait_end(&self->bad);
	EXPECT_NE(-1, status);
	/* One that only sleeps in RS_IOC_ENTER is told there, and may be gone before the SIGKILL. */
	if (variant->how != SHUT) {
		EXPECT_TRUE(WIFSIGNALED(status));
		EXPECT_EQ(SIGKILL, WTERMSIG(status));
	}
	EXPECT_EQ(0, scene_client_end(client));
	EXPECT_EQ(1, scene_slot(s, "deaths"));
}

FIXTURE(ping)
{
	struct scene scene;
	struct actor a;
};

FIXTURE_SETUP(ping)
{
	int r;

	memset(&self->a, 0, sizeof(self->a));
	scene_init(&self->scene);
	self->scene.slot.deadline_ms = 2000;
	r = scene_open(&self->scene);
	if (r == 1)
		SKIP(return, "%s", self->scene.why);
	ASSERT_EQ(0, r);
}

FIXTURE_TEARDOWN(ping)
{
	if (self->scene.beside)
		EXPECT_TRUE(scene_beside_ok(&self->scene));
	scene_close(&self->scene);
	scene_kill(&self->a);
}

/* Nobody waits for it: only a ping can tell. */
TEST_F_TIMEOUT(ping, finds_who_hangs_idle, 200)
{
	const struct role good = { .hook = NULL };
	struct scene *s = &self->scene;
	int status;

	ASSERT_EQ(0, scene_start(s, &self->a, &good));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	ASSERT_EQ(0, rsnl_inst_ping(s->nl, s->endpoint));
	/* That one it answers. */
	EXPECT_EQ(0, scene_client_end(scene_client(s, 2, 0)));
	ASSERT_TRUE(scene_wait_idle(s));
	kill(self->a.pid, SIGSTOP);
	/* It may be on its way out of the call: then that would be its answer. */
	ASSERT_EQ(self->a.pid, waitpid(self->a.pid, &status, WUNTRACED));
	ASSERT_TRUE(WIFSTOPPED(status));
	ASSERT_EQ(0, rsnl_inst_ping(s->nl, s->endpoint));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_DIED, 1));
	EXPECT_EQ(RS_CAUSE_HEARTBEAT, s->last[RSMOD_EVENT_TYPE_DIED].cause);
	EXPECT_TRUE(WIFSIGNALED(scene_wait_end(&self->a)));
}

FIXTURE(poison)
{
	struct scene scene;
	struct actor actor[4];
	int fd;
};

FIXTURE_SETUP(poison)
{
	int r;

	memset(self, 0, sizeof(*self));
	self->fd = -1;
	scene_init(&self->scene);
	r = scene_open(&self->scene);
	if (r == 1)
		SKIP(return, "%s", self->scene.why);
	ASSERT_EQ(0, r);
}

FIXTURE_TEARDOWN(poison)
{
	unsigned int i;

	if (self->fd >= 0)
		close(self->fd);
	if (self->scene.beside)
		EXPECT_TRUE(scene_beside_ok(&self->scene));
	scene_close(&self->scene);
	for (i = 0; i < 4; i++)
		scene_kill(&self->actor[i]);
}

TEST_F_TIMEOUT(poison, is_refused_to_the_fourth, 200)
{
	const struct role bad = { .hook = poisoned }, good = { .hook = NULL };
	struct scene *s = &self->scene;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, scene_start(s, &self->actor[i], i < 3 ? &bad : &good));
		ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	}
	self->fd = open(s->path, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	EXPECT_EQ(0, scene_read(self->fd, 0));
	/* The fourth would survive it, but is not asked. */
	EXPECT_EQ(-EIO, scene_read(self->fd, POISON));
	EXPECT_EQ(0, scene_read(self->fd, 0));
	EXPECT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_POISONED, 1));
	EXPECT_EQ(3, scene_slot(s, "deaths"));
	EXPECT_EQ(1, scene_slot(s, "poisoned"));
	EXPECT_EQ(self->actor[3].number, scene_slot(s, "instance"));
}

TEST_HARNESS_MAIN
