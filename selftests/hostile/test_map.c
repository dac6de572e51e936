// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an instance's file maps, and what it does not
 *
 * The instance tries, and says in which line of this file it got another answer than it should.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "scene.h"

#define PAGE	4096UL

static sigjmp_buf trap;
static volatile int trapped;

static void on_fault(int signo, siginfo_t *si, void *context)
{
	trapped = signo << 8 | si->si_code;
	siglongjmp(trap, 1);
}

/* What touching it brought: 0, or signal << 8 | code. */
static int touch(volatile uint8_t *p, bool write)
{
	trapped = 0;
	if (!sigsetjmp(trap, 1)) {
		if (write)
			*p = 0;
		else
			(void)*p;
	}
	return trapped;
}

static int map_errno(struct bare *b, uint64_t off, size_t len, int prot, int flags)
{
	void *p = mmap(NULL, len, prot, flags, b->fd, (off_t)off);

	if (p == MAP_FAILED)
		return errno;
	munmap(p, len);
	return 0;
}

#define WANT(want, got)			\
	do {				\
		if ((got) != (want))	\
			return __LINE__;\
	} while (0)

/* The submission ring is the kernel's to write. */
static int64_t try_read_only(struct bare *b)
{
	uint64_t sq = RS_MMAP_OFFSET(RS_MMAP_SQ, BARE_DATA);
	void *map = (void *)b->sq[BARE_DATA];
	uint32_t tail = b->sq[BARE_DATA]->tail;

	WANT(SIGSEGV << 8 | SEGV_ACCERR, touch(map, true));
	WANT(EPERM, map_errno(b, sq, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED));
	WANT(EPERM, map_errno(b, sq, PAGE, PROT_WRITE, MAP_SHARED));
	WANT(-1, mprotect(map, PAGE, PROT_READ | PROT_WRITE));
	WANT(EACCES, errno);
	WANT(SIGSEGV << 8 | SEGV_ACCERR, touch(map, true));
	WANT(tail, b->sq[BARE_DATA]->tail);
	return 0;
}

static int64_t try_exec(struct bare *b)
{
	uint64_t pool = RS_MMAP_OFFSET(RS_MMAP_POOL, 0);
	uint64_t sq = RS_MMAP_OFFSET(RS_MMAP_SQ, 0);

	WANT(EPERM, map_errno(b, pool, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED));
	WANT(EPERM, map_errno(b, sq, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED));
	WANT(-1, mprotect(b->pool, PAGE, PROT_READ | PROT_EXEC));
	WANT(EACCES, errno);
	return 0;
}

static int64_t try_private(struct bare *b)
{
	uint64_t pool = RS_MMAP_OFFSET(RS_MMAP_POOL, 0);
	uint64_t sq = RS_MMAP_OFFSET(RS_MMAP_SQ, 0);

	WANT(EINVAL, map_errno(b, pool, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE));
	WANT(EINVAL, map_errno(b, sq, PAGE, PROT_READ, MAP_PRIVATE));
	return 0;
}

static int64_t try_range(struct bare *b)
{
	uint64_t pool = RS_MMAP_OFFSET(RS_MMAP_POOL, 0), size = b->info.pool_size;
	int prot = PROT_READ | PROT_WRITE;
	unsigned int kind, beyond = b->info.msg_queue + 1;
	void *bar;

	WANT(0, map_errno(b, pool + size - PAGE, PAGE, prot, MAP_SHARED));
	WANT(EINVAL, map_errno(b, pool + size, PAGE, prot, MAP_SHARED));
	WANT(EINVAL, map_errno(b, pool + size - PAGE, 2 * PAGE, prot, MAP_SHARED));
	WANT(EINVAL, map_errno(b, pool, size + PAGE, prot, MAP_SHARED));
	WANT(EINVAL, map_errno(b, RS_MMAP_OFFSET(RS_MMAP_POOL, 1), PAGE, prot, MAP_SHARED));
	WANT(EINVAL, map_errno(b, RS_MMAP_OFFSET(RS_MMAP_CQ, beyond), PAGE, prot, MAP_SHARED));
	WANT(EINVAL, map_errno(b, RS_MMAP_OFFSET(RS_MMAP_CQ, 255), PAGE, prot, MAP_SHARED));
	WANT(EINVAL, map_errno(b, RS_MMAP_OFFSET(RS_MMAP_SQ, beyond), PAGE, PROT_READ, MAP_SHARED));
	WANT(EINVAL, map_errno(b, RS_MMAP_OFFSET(RS_MMAP_CQ, 0) + (1 << 20), PAGE, prot,
			       MAP_SHARED));
	WANT(EINVAL, map_errno(b, 0, PAGE, prot, MAP_SHARED));
	for (kind = RS_MMAP_STATE + 1; kind < 16; kind++)
		WANT(EINVAL, map_errno(b, RS_MMAP_OFFSET(kind, 0), PAGE, prot, MAP_SHARED));
	/* Grown in place it would reach behind the pool. */
	WANT(MAP_FAILED, mremap(b->pool, size, size + PAGE, MREMAP_MAYMOVE));

	/* There is no device: nothing to map. */
	bar = mmap(NULL, PAGE, prot, MAP_SHARED, b->fd, (off_t)RS_MMAP_OFFSET(RS_MMAP_BAR, 0));
	if (bar != MAP_FAILED) {
		WANT(SIGBUS << 8 | BUS_ADRERR, touch(bar, false));
		munmap(bar, PAGE);
	}
	return 0;
}

/* A child of fork() has none of it. */
static int64_t try_fork(struct bare *b)
{
	volatile uint8_t *maps[] = {
		b->pool, (volatile uint8_t *)b->cq[BARE_DATA], (volatile uint8_t *)b->sq[BARE_DATA],
	};
	unsigned int i;
	int status;
	pid_t pid;

	for (i = 0; i < 3; i++) {
		WANT(0, touch(maps[i], false));
		pid = fork();
		if (!pid) {
			signal(SIGSEGV, SIG_DFL);
			(void)*maps[i];
			_exit(0);
		}
		WANT(pid, waitpid(pid, &status, 0));
		WANT(1, WIFSIGNALED(status));
		WANT(SIGSEGV, WTERMSIG(status));
	}
	return 0;
}

static int64_t (*const tries[])(struct bare *b) = {
	try_read_only, try_exec, try_private, try_range, try_fork,
};

static bool mapper(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	const struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	if (sqe->op != RS_OP_CHR_READ)
		return false;
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	bare_say(b, tries[b->arg](b));
	return false;
}

/* The plain mistake, with nobody to catch it. */
static bool scribbler(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	if (sqe->op == RS_OP_CHR_READ)
		((struct rs_sq *)b->sq[BARE_DATA])->tail = 0;
	return false;
}

FIXTURE(map)
{
	struct scene scene;
	struct actor bad;
	struct actor good;
};

/* What is tried, by number. */
FIXTURE_VARIANT(map)
{
	uintptr_t which;
};

FIXTURE_VARIANT_ADD(map, submission_ring_is_read_only) { .which = 0 };
FIXTURE_VARIANT_ADD(map, nothing_is_executable) { .which = 1 };
FIXTURE_VARIANT_ADD(map, nothing_is_private) { .which = 2 };
FIXTURE_VARIANT_ADD(map, nothing_lies_outside) { .which = 3 };
FIXTURE_VARIANT_ADD(map, a_child_inherits_nothing) { .which = 4 };

FIXTURE_SETUP(map)
{
	int r;

	memset(&self->bad, 0, sizeof(self->bad));
	memset(&self->good, 0, sizeof(self->good));
	scene_init(&self->scene);
	r = scene_open(&self->scene);
	if (r == 1)
		SKIP(return, "%s", self->scene.why);
	ASSERT_EQ(0, r);
}

FIXTURE_TEARDOWN(map)
{
	if (self->scene.beside)
		EXPECT_TRUE(scene_beside_ok(&self->scene));
	scene_close(&self->scene);
	scene_kill(&self->bad);
	scene_kill(&self->good);
}

TEST_F_TIMEOUT(map, holds, 200)
{
	const struct role bad = { .hook = mapper, .arg = variant->which };
	struct scene *s = &self->scene;

	ASSERT_EQ(0, scene_start(s, &self->bad, &bad));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	EXPECT_EQ(0, scene_client_end(scene_client(s, 1, 0)));
	EXPECT_EQ(0, scene_hear(&self->bad));
	/* It got nowhere, and nothing happened to it either. */
	EXPECT_EQ(0, scene_slot(s, "deaths"));
	EXPECT_EQ(0, scene_slot(s, "violations"));
}

FIXTURE(scribble)
{
	struct scene scene;
	struct actor bad;
	struct actor good;
};

FIXTURE_SETUP(scribble)
{
	int r;

	memset(&self->bad, 0, sizeof(self->bad));
	memset(&self->good, 0, sizeof(self->good));
	scene_init(&self->scene);
	r = scene_open(&self->scene);
	if (r == 1)
		SKIP(return, "%s", self->scene.why);
	ASSERT_EQ(0, r);
}

FIXTURE_TEARDOWN(scribble)
{
	if (self->scene.beside)
		EXPECT_TRUE(scene_beside_ok(&self->scene));
	scene_close(&self->scene);
	scene_kill(&self->bad);
	scene_kill(&self->good);
}

TEST_F_TIMEOUT(scribble, on_the_submission_ring_is_fatal, 200)
{
	const struct role bad = { .hook = scribbler }, good = { .hook = NULL };
	struct scene *s = &self->scene;
	int status;

	ASSERT_EQ(0, scene_start(s, &self->bad, &bad));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	ASSERT_EQ(0, scene_start(s, &self->good, &good));
	EXPECT_EQ(0, scene_client_end(scene_client(s, 3, 0)));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_DIED, 1));
	EXPECT_EQ(RS_CAUSE_SIGNAL, s->last[RSMOD_EVENT_TYPE_DIED].cause);
	EXPECT_EQ(SIGSEGV, s->last[RSMOD_EVENT_TYPE_DIED].signo);
	status = scene_wait_end(&self->bad);
	EXPECT_TRUE(WIFSIGNALED(status));
}

TEST_HARNESS_MAIN
