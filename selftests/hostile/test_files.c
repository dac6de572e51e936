// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open files, when drivers die over them and clients do not wait
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "scene.h"

/* More than there are tags. */
#define FILES	40
/* Clients of one file: more than it may have tags. */
#define CLIENTS	16
#define FAR	8192

/* Dies of the first file that it is told of again. */
static bool forgetful(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	if (sqe->op == RS_OP_CHR_OPEN && sqe->flags & RS_SQE_REOPEN)
		_exit(3);
	return false;
}

/* Says which file is opened, and waits for a word before it agrees; says which is closed. */
static bool porter(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	if (sqe->op == RS_OP_CHR_OPEN) {
		bare_say(b, sqe->file);
		bare_hear(b);
	} else if (sqe->op == RS_OP_CHR_CLOSE) {
		bare_say(b, -(int64_t)sqe->file);
	}
	return false;
}

/*
 * Leaves requests of one kind, b->arg, unanswered until the first word; at each word it says how
 * many it got, those of positions below FAR not counted.
 */
static int keeper(struct bare *b)
{
	struct rs_cqe held[64], cqe;
	unsigned int nr = 0, count = 0, i;
	bool keep = true;
	struct rs_sqe sqe;

	if (bare_attach(b))
		return 1;
	for (;;) {
		bare_enter_for(b, 5000000);
		for (i = 0; i < b->nr; i++) {
			while (bare_next(b, i, &sqe)) {
				cqe = bare_serve(b, &sqe);
				count += sqe.op == b->arg &&
					 (sqe.op != RS_OP_CHR_READ || sqe.offset >= FAR);
				if (keep && sqe.op == b->arg)
					held[nr++ & 63] = cqe;
				else
					bare_push(b, i, &cqe);
			}
		}
		if (recv(b->sock, &cqe, 1, MSG_DONTWAIT | MSG_PEEK) <= 0)
			continue;
		/* A word below 0 only asks. */
		if (bare_hear(b) >= 0)
			keep = false;
		for (i = 0; !keep && i < nr; i++)
			bare_push(b, BARE_DATA, &held[i]);
		if (!keep)
			nr = 0;
		bare_say(b, count);
	}
}

FIXTURE(files)
{
	struct scene scene;
	struct actor a;
	struct actor b;
	struct actor c;
	int fd;
	int fd2;
};

FIXTURE_SETUP(files)
{
	int r;

	memset(self, 0, sizeof(*self));
	self->fd = self->fd2 = -1;
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
	if (self->fd2 >= 0)
		close(self->fd2);
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

/* A client that closes its files, or exits, does not wait until the driver has time for that. */
TEST_F_TIMEOUT(files, are_closed_without_waiting, 200)
{
	const struct role role = { .start = keeper, .arg = RS_OP_CHR_CLOSE, .credit = ~0U };
	struct scene *s = &self->scene;
	int64_t closes = 0;
	unsigned int i;
	pid_t pid;

	ASSERT_EQ(0, scene_start(s, &self->a, &role));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (i = 0; i < FILES; i++)
			if (open(s->path, O_RDONLY | O_CLOEXEC) < 0)
				_exit(errno);
		_exit(0);
	}
	EXPECT_EQ(0, scene_client_end(pid));
	/* It is told of all of them nevertheless. */
	for (i = 0; i < 2000 && closes >= 0 && closes < FILES; i++) {
		scene_say(&self->a, 0);
		closes = scene_hear(&self->a);
	}
	EXPECT_EQ(FILES, closes);
	EXPECT_EQ(0, scene_client_end(scene_client(s, 2, 0)));
}

/* The driver has opened the file for a client that is gone: it may close it again. */
TEST_F_TIMEOUT(files, opened_for_the_dead_are_closed, 200)
{
	const struct role role = { .hook = porter };
	struct scene *s = &self->scene;
	int64_t number;
	pid_t pid;

	ASSERT_EQ(0, scene_start(s, &self->a, &role));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	pid = scene_client(s, 1, 0);
	number = scene_hear(&self->a);
	EXPECT_LT(0, number);
	kill(pid, SIGKILL);
	EXPECT_EQ(-1, scene_client_end(pid));
	scene_say(&self->a, 0);
	EXPECT_EQ(-number, scene_hear(&self->a));
}

/* Clients of one file that ask and die leave tags for the clients of another. */
TEST_F_TIMEOUT(files, leave_tags_to_others, 200)
{
	const struct role role = { .start = keeper, .arg = RS_OP_CHR_READ, .credit = ~0U };
	struct scene *s = &self->scene;
	unsigned int i;
	pid_t pid;

	ASSERT_EQ(0, scene_start(s, &self->a, &role));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	self->fd = open(s->path, O_RDONLY | O_CLOEXEC);
	self->fd2 = open(s->path, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_LE(0, self->fd2);
	for (i = 0; i < CLIENTS; i++) {
		pid = fork();
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			_exit(-scene_read(self->fd, 0));
		}
		EXPECT_TRUE(scene_asleep(pid));
		kill(pid, SIGKILL);
		EXPECT_EQ(-1, scene_client_end(pid));
	}
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(-scene_read(self->fd2, FAR));
	}
	for (i = 0; i < 2000; i++) {
		scene_say(&self->a, -1);
		if (scene_hear(&self->a))
			break;
	}
	scene_say(&self->a, 0);
	EXPECT_EQ(1, scene_hear(&self->a));
	EXPECT_EQ(0, scene_client_end(pid));
}

TEST_HARNESS_MAIN
