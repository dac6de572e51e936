// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open files, when drivers die over them and clients do not wait
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "scene.h"

/* Dies of the first file that it is told of again. */
static bool forgetful(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	if (sqe->op == RS_OP_CHR_OPEN && sqe->flags & RS_SQE_REOPEN)
		_exit(3);
	return false;
}

FIXTURE(files)
{
	struct scene scene;
	struct actor a;
	struct actor b;
	struct actor c;
	int fd;
};

FIXTURE_SETUP(files)
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

FIXTURE_TEARDOWN(files)
{
	if (self->fd >= 0)
		close(self->fd);
	if (self->scene.beside)
		EXPECT_TRUE(scene_beside_ok(&self->scene));
	scene_close(&self->scene);
	scene_kill(&self->a);
	scene_kill(&self->b);
	scene_kill(&self->c);
}

TEST_F_TIMEOUT(files, outlive_a_death_in_the_replay, 200)
{
	const struct role good = { .hook = NULL }, bad = { .hook = forgetful };
	struct scene *s = &self->scene;

	ASSERT_EQ(0, scene_start(s, &self->a, &good));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	ASSERT_EQ(0, scene_start(s, &self->b, &bad));
	ASSERT_EQ(0, scene_start(s, &self->c, &good));
	self->fd = open(s->path, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	EXPECT_EQ(0, scene_read(self->fd, 0));
	kill(self->a.pid, SIGKILL);
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 2));
	EXPECT_EQ(2, scene_slot(s, "deaths"));
	EXPECT_EQ(self->c.number, scene_slot(s, "instance"));
	EXPECT_EQ(0, scene_read(self->fd, 64));
}

TEST_HARNESS_MAIN
