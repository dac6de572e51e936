// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an instance does after another has taken its place has no effect
 *
 * Three ways to be unbound and still run: it reported its own death; a swap parked it; it dumps
 * core, which takes as long as whoever reads the dump likes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "scene.h"

#define OLD_STATE	0x01d
#define NEW_STATE	0xbad

#define GEN_STEP	(1ULL << 32)

/* Completions for all that could be in flight on @queue, and calls that need the slot. */
static void try_all(struct bare *b, unsigned int queue, uint64_t id, int32_t res)
{
	struct rs_cqe cqe = { .res = res };
	unsigned int i;

	for (i = 0; i < 8; i++) {
		cqe.id = id + i * GEN_STEP;
		bare_push(b, queue, &cqe);
	}
	bare_say(b, bare_enter(b, false));
	bare_say(b, bare_put(b, NEW_STATE));
	bare_say(b, bare_announce(b));
}

/* --- instances -------------------------------------------------------------------------- */

/* Reports its death with a read in its hands, is told to go on, and completes. */
static bool pretender(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	if (sqe->op == RS_OP_INIT)
		bare_put(b, OLD_STATE);
	if (sqe->op != RS_OP_CHR_READ)
		return false;
	memset(b->pool + sqe->buf, 0xee, sqe->len);
	bare_say(b, bare_dying(b));
	bare_hear(b);
	try_all(b, queue, sqe->id, (int32_t)sqe->len);
	for (;;)
		pause();
}

/* Says what state it finds, holds the first read until it is told, says again. */
static bool careful(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	static bool held;
	uint64_t word;

	if (sqe->op == RS_OP_INIT) {
		bare_get(b, &word);
		bare_say(b, (int64_t)word);
	}
	if (sqe->op != RS_OP_CHR_READ || held)
		return false;
	held = true;
	bare_say(b, sqe->offset);
	bare_hear(b);
	bare_get(b, &word);
	bare_say(b, (int64_t)word);
	return false;
}

/* The other side of a swap: once told, it answers INIT for its successor. */
static int parked(struct bare *b)
{
	struct rs_sqe init;
	struct rs_cqe cqe;
	int r;

	if (bare_attach(b) || bare_enter(b, true) || !bare_next(b, 0, &init))
		return 1;
	bare_put(b, OLD_STATE);
	cqe = bare_serve(b, &init);
	bare_push(b, 0, &cqe);
	/* A swap wants to find us asleep in there. */
	do {
		r = bare_enter_for(b, 20000000);
		bare_turn(b);
	} while ((!r || r == -ETIME) && recv(b->sock, &r, 1, MSG_DONTWAIT | MSG_PEEK) < 0);
	bare_hear(b);
	try_all(b, 0, init.id, 0);
	for (;;)
		pause();
}

/* Answers INIT when told. */
static bool shy(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	uint64_t word;

	if (sqe->op != RS_OP_INIT)
		return false;
	bare_get(b, &word);
	bare_say(b, (int64_t)word);
	bare_hear(b);
	bare_get(b, &word);
	bare_say(b, (int64_t)word);
	return false;
}

/* --- the tests -------------------------------------------------------------------------- */

FIXTURE(unbound)
{
	struct scene scene;
	struct actor bad;
	struct actor good;
};

FIXTURE_SETUP(unbound)
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

FIXTURE_TEARDOWN(unbound)
{
	if (self->scene.beside)
		EXPECT_TRUE(scene_beside_ok(&self->scene));
	scene_close(&self->scene);
	scene_kill(&self->bad);
	scene_kill(&self->good);
}

TEST_F_TIMEOUT(unbound, after_its_own_report, 200)
{
	const struct role bad = { .hook = pretender }, good = { .hook = careful };
	struct scene *s = &self->scene;
	pid_t client;

	ASSERT_EQ(0, scene_start(s, &self->bad, &bad));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	ASSERT_EQ(0, scene_start(s, &self->good, &good));
	client = scene_client(s, 3, 640);

	EXPECT_EQ(0, scene_hear(&self->bad));
	EXPECT_EQ(OLD_STATE, scene_hear(&self->good));
	/* The successor has the same request in its hands now. */
	EXPECT_EQ(640, scene_hear(&self->good));
	scene_say(&self->bad, 0);
	EXPECT_EQ(-EOWNERDEAD, scene_hear(&self->bad));
	EXPECT_EQ(-EOWNERDEAD, scene_hear(&self->bad));
	EXPECT_EQ(-EOWNERDEAD, scene_hear(&self->bad));
	scene_say(&self->good, 0);
	EXPECT_EQ(OLD_STATE, scene_hear(&self->good));
	EXPECT_EQ(0, scene_client_end(client));

	/* A completion and a state; an announcement out of time is only refused. */
	EXPECT_TRUE(scene_wait_violation(s, RS_VIOL_UNBOUND, 2));
	EXPECT_EQ(self->bad.number, s->last[RSMOD_EVENT_TYPE_VIOLATION].instance);
	EXPECT_EQ(2, scene_slot(s, "violations"));
	EXPECT_EQ(0, scene_inst(s, self->good.number, "violations"));
	EXPECT_EQ(1, s->seen[RSMOD_EVENT_TYPE_DIED]);
	EXPECT_EQ(RS_CAUSE_REPORT, s->last[RSMOD_EVENT_TYPE_DIED].cause);
}

TEST_F_TIMEOUT(unbound, while_parked, 200)
{
	const struct role bad = { .start = parked }, good = { .hook = shy };
	struct scene *s = &self->scene;
	int status;

	ASSERT_EQ(0, scene_start(s, &self->bad, &bad));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	s->attached = 1;
	ASSERT_EQ(0, scene_start(s, &self->good, &good));
	ASSERT_EQ(0, scene_client_end(scene_client(s, 3, 0)));
	while (rsnl_swap(s->nl, s->endpoint, self->good.number, RS_INIT_LU) == -EBUSY)
		;
	EXPECT_EQ(OLD_STATE, scene_hear(&self->good));

	/* It knows the ids of its own INIT, and guesses its successor's. */
	scene_say(&self->bad, 0);
	EXPECT_EQ(0, scene_hear(&self->bad));
	EXPECT_EQ(-EOWNERDEAD, scene_hear(&self->bad));
	EXPECT_EQ(-EOWNERDEAD, scene_hear(&self->bad));
	scene_say(&self->good, 0);
	EXPECT_EQ(OLD_STATE, scene_hear(&self->good));
	EXPECT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 2));
	EXPECT_EQ(self->good.number, s->last[RSMOD_EVENT_TYPE_UP].instance);
	EXPECT_EQ(0, scene_client_end(scene_client(s, 3, 640)));
	/* Had its INIT been answered for it, its own answer would be one too many. */
	EXPECT_EQ(0, scene_inst(s, self->good.number, "violations"));
	EXPECT_TRUE(scene_wait_violation(s, RS_VIOL_UNBOUND, 2));
	EXPECT_EQ(2, scene_slot(s, "violations"));
	status = scene_wait_end(&self->bad);
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
}

/* --- through the dump ------------------------------------------------------------------- */

/**
 * struct dump - what the parts of a dumping instance share
 * @enters: calls of RS_IOC_ENTER of the thread, while it was bound
 * @late: those that were taken after the thread knew that it was not
 * @stranger: calls by the process that shares the memory, each refused with EPERM
 * @stranger_bad: and not
 * @id: what the request in flight will be called when it is published again; 0 = not yet
 */
struct dump {
	unsigned long enters;
	unsigned long late;
	unsigned long stranger;
	unsigned long stranger_bad;
	uint64_t id;
};

static struct dump *shared;
static struct bare *dumping;

static void complete_all(struct bare *b)
{
	struct rs_cqe cqe = { .id = shared->id, .res = 64 };
	unsigned int i;

	for (i = 0; i < 4; i++, cqe.id += GEN_STEP)
		bare_push(b, BARE_DATA, &cqe);
}

/* A thread of the instance: completes as if nothing had happened. */
static void *thread(void *arg)
{
	bool dead = false;

	for (;;) {
		int r;

		/* Only once the first thread is on its way. */
		if (__atomic_load_n(&shared->id, __ATOMIC_ACQUIRE))
			complete_all(dumping);
		r = bare_enter(dumping, false);
		if (r == -EOWNERDEAD)
			dead = true;
		else if (dead)
			shared->late++;
		else
			__atomic_fetch_add(&shared->enters, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* A process of its own in the same memory: no signal of the instance's reaches it. */
static int stranger(void *arg)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int r = bare_enter(dumping, false);

		__atomic_fetch_add(r == -EPERM ? &shared->stranger : &shared->stranger_bad, 1,
				   __ATOMIC_RELAXED);
		sched_yield();
	}
	return 0;
}

static bool dumper(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	static char stack[65536] __attribute__((aligned(64)));
	const size_t size = 4 << 20;
	pthread_t t;
	pid_t pid;
	char *m;

	if (sqe->op != RS_OP_CHR_READ)
		return false;
	/* More than a pipe holds. */
	m = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m != MAP_FAILED)
		memset(m, 0x5a, size);
	setrlimit(RLIMIT_CORE, &all);
	dumping = b;
	memset(b->pool + sqe->buf, 0xee, sqe->len);
	pid = clone(stranger, stack + sizeof(stack), CLONE_VM | CLONE_FILES | SIGCHLD, NULL);
	if (pid < 0 || pthread_create(&t, NULL, thread, NULL))
		_exit(7);
	bare_say(b, pid);
	while (!__atomic_load_n(&shared->enters, __ATOMIC_RELAXED) ||
	       !__atomic_load_n(&shared->stranger, __ATOMIC_RELAXED))
		sched_yield();
	__atomic_store_n(&shared->id, sqe->id + GEN_STEP, __ATOMIC_RELEASE);
	raise(SIGSEGV);
	return true;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

FIXTURE(dump)
{
	struct scene scene;
	struct actor bad;
	struct actor good;
	char dir[32];
	char pattern[256];
	int guard;
};

/* Whatever becomes of the test: the machine gets its core_pattern back. */
static int guard_start(const char *pattern)
{
	int p[2];
	char c;

	if (pipe2(p, O_CLOEXEC))
		return -1;
	if (!fork()) {
		setsid();
		close(p[1]);
		while (read(p[0], &c, 1) > 0)
			;
		write_file("/proc/sys/kernel/core_pattern", pattern);
		_exit(0);
	}
	close(p[0]);
	return p[1];
}

FIXTURE_SETUP(dump)
{
	char text[256], path[64];
	int fd, r;

	memset(self, 0, sizeof(*self));
	self->guard = -1;
	scene_init(&self->scene);
	r = scene_open(&self->scene);
	if (r == 1)
		SKIP(return, "%s", self->scene.why);
	ASSERT_EQ(0, r);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	ASSERT_NE(MAP_FAILED, shared);

	fd = open("/proc/sys/kernel/core_pattern", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		SKIP(return, "the kernel writes no core dumps");
	ASSERT_LT(0, read(fd, self->pattern, sizeof(self->pattern) - 1));
	close(fd);
	self->guard = guard_start(self->pattern);
	ASSERT_LE(0, self->guard);

	/* The reader of the dump: says that it is there, reads nothing until it may. */
	strcpy(self->dir, "/tmp/rs-dump.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	snprintf(path, sizeof(path), "%s/go", self->dir);
	ASSERT_EQ(0, mkfifo(path, 0600));
	snprintf(path, sizeof(path), "%s/come", self->dir);
	ASSERT_EQ(0, mkfifo(path, 0600));
	snprintf(path, sizeof(path), "%s/reader", self->dir);
	snprintf(text, sizeof(text), "#!/bin/sh\necho >%s/come\nread x <%s/go\ncat >/dev/null\n",
		 self->dir, self->dir);
	ASSERT_EQ(0, write_file(path, text));
	snprintf(text, sizeof(text), "|%s", path);
	ASSERT_EQ(0, write_file("/proc/sys/kernel/core_pattern", text));
}

FIXTURE_TEARDOWN(dump)
{
	char text[64];

	if (self->scene.beside)
		EXPECT_TRUE(scene_beside_ok(&self->scene));
	scene_close(&self->scene);
	scene_kill(&self->bad);
	scene_kill(&self->good);
	if (self->guard >= 0)
		close(self->guard);
	if (*self->dir) {
		snprintf(text, sizeof(text), "rm -rf %s", self->dir);
		EXPECT_EQ(0, system(text));
	}
}

TEST_F_TIMEOUT(dump, others_run_on, 200)
{
	const struct role bad = { .hook = dumper }, good = { .hook = NULL };
	struct scene *s = &self->scene;
	char path[64], c;
	unsigned long n;
	pid_t client, other;
	int status, fd;

	ASSERT_EQ(0, scene_start(s, &self->bad, &bad));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	ASSERT_EQ(0, scene_start(s, &self->good, &good));
	client = scene_client(s, 3, 0);
	other = (pid_t)scene_hear(&self->bad);
	ASSERT_LT(0, other);

	/* The dump has begun, and stands. */
	snprintf(path, sizeof(path), "%s/come", self->dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(1, read(fd, &c, 1));
	close(fd);
	EXPECT_EQ(0, scene_client_end(client));
	EXPECT_EQ(0, waitpid(self->bad.pid, &status, WNOHANG));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_DIED, 1));
	EXPECT_EQ(self->bad.number, s->last[RSMOD_EVENT_TYPE_DIED].instance);
	EXPECT_EQ(RS_CAUSE_SIGNAL, s->last[RSMOD_EVENT_TYPE_DIED].cause);
	EXPECT_EQ(SIGSEGV, s->last[RSMOD_EVENT_TYPE_DIED].signo);
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 2));
	EXPECT_EQ(self->good.number, s->last[RSMOD_EVENT_TYPE_UP].instance);

	/* What shares its memory runs all the while, and gets nowhere. */
	n = __atomic_load_n(&shared->stranger, __ATOMIC_RELAXED);
	while (__atomic_load_n(&shared->stranger, __ATOMIC_RELAXED) < n + 10 &&
	       !__atomic_load_n(&shared->stranger_bad, __ATOMIC_RELAXED))
		sched_yield();
	EXPECT_EQ(0, shared->stranger_bad);
	EXPECT_EQ(0, shared->late);
	EXPECT_LT(0, shared->enters);
	EXPECT_TRUE(scene_wait_violation(s, RS_VIOL_OWNER, 1));
	EXPECT_EQ(0, scene_inst(s, self->good.number, "violations"));
	EXPECT_EQ(0, scene_client_end(scene_client(s, 3, 640)));

	kill(other, SIGKILL);
	snprintf(path, sizeof(path), "%s/go", self->dir);
	ASSERT_EQ(0, write_file(path, "\n"));
	status = scene_wait_end(&self->bad);
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGSEGV, WTERMSIG(status));
	EXPECT_TRUE(WCOREDUMP(status));
}

TEST_HARNESS_MAIN
