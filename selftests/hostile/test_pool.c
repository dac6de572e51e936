// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clients of a driver that has no buffer left
 *
 * Its pool holds two buffers of the largest size.  Whoever finds none waits: asleep, for as long
 * as it wants to, and not for ever.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "scene.h"

#define LEN	RS_BUF_MAX
#define CALLS	4

enum what { READ, WRITE, SYNC };

/**
 * struct call - a client's request, in a thread
 * @what: kind
 * @pos: position
 * @tid: the thread, once it runs
 * @res: 0 or -errno
 */
struct call {
	pthread_t thread;
	int fd;
	enum what what;
	uint64_t pos;
	pid_t tid;
	int res;
};

static void fill(uint8_t *data, uint64_t pos)
{
	unsigned int i;

	for (i = 0; i < LEN; i++)
		data[i] = bare_byte(pos + i);
}

static int request(int fd, enum what what, uint64_t pos)
{
	uint8_t *data = malloc(LEN), *right = malloc(LEN);
	ssize_t n = LEN;
	int r = -ENOMEM;

	if (!data || !right)
		goto out_free;
	fill(right, pos);
	if (what == READ)
		n = pread(fd, data, LEN, (off_t)pos);
	else if (what == WRITE)
		n = pwrite(fd, right, LEN, (off_t)pos);
	else if (fsync(fd))
		n = -1;
	r = n < 0 ? -errno : 0;
	if (!r && (n != LEN || (what == READ && memcmp(data, right, LEN))))
		r = -EILSEQ;
out_free:
	free(data);
	free(right);
	return r;
}

static void *call_run(void *arg)
{
	struct call *c = arg;

	__atomic_store_n(&c->tid, (pid_t)syscall(SYS_gettid), __ATOMIC_RELEASE);
	c->res = request(c->fd, c->what, c->pos);
	return NULL;
}

static int call_end(struct call *c)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += SCENE_MS / 1000;
	if (pthread_timedjoin_np(c->thread, NULL, &t))
		return -ETIME;
	return c->res;
}

/* Serves nobody until told; then everybody, and sleeps only in RS_IOC_ENTER. */
static int miser(struct bare *b)
{
	struct rs_sqe held[16], sqe;
	unsigned int nr = 0, i;
	struct rs_cqe cqe;

	if (bare_attach(b))
		return 1;
	while (recv(b->sock, &cqe, 1, MSG_DONTWAIT | MSG_PEEK) < 0) {
		bare_enter_for(b, 5000000);
		for (i = 0; i < b->nr; i++) {
			while (bare_next(b, i, &sqe)) {
				if (sqe.op >= RS_OP_CHR_READ && sqe.op <= RS_OP_CHR_FSYNC) {
					held[nr++ & 15] = sqe;
					continue;
				}
				cqe = bare_serve(b, &sqe);
				bare_push(b, i, &cqe);
			}
		}
	}
	bare_hear(b);
	for (i = 0; i < nr; i++) {
		cqe = bare_serve(b, &held[i]);
		bare_push(b, BARE_DATA, &cqe);
	}
	return bare_run(b);
}

FIXTURE(pool)
{
	struct scene scene;
	struct actor a;
	struct call call[CALLS];
	int fd;
	long long base;
};

FIXTURE_SETUP(pool)
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

FIXTURE_TEARDOWN(pool)
{
	if (self->fd >= 0)
		close(self->fd);
	if (self->scene.beside)
		EXPECT_TRUE(scene_beside_ok(&self->scene));
	scene_close(&self->scene);
	scene_kill(&self->a);
}

/* A driver with two buffers and so much credit. */
static int start(struct scene *s, struct actor *a, uint32_t credit, int *fd, long long *base)
{
	const struct role role = {
		.start = miser, .credit = credit, .pool_size = RS_POOL_MIN,
		.private_size = RS_POOL_MIN - 2 * LEN,
	};
	int r = scene_start(s, a, &role);

	if (r || !scene_wait(s, RSMOD_EVENT_TYPE_UP, 1))
		return -1;
	*fd = open(s->path, O_RDWR | O_CLOEXEC);
	*base = scene_slot(s, "requests");
	return *fd < 0 ? -errno : 0;
}

/* Start a call, wait until it is accepted, as the @n-th, and its client sleeps. */
static bool call_start(struct scene *s, struct call *c, long long base, unsigned int n)
{
	return !pthread_create(&c->thread, NULL, call_run, c) &&
	       scene_wait_slot(s, "requests", base + n) &&
	       scene_asleep(__atomic_load_n(&c->tid, __ATOMIC_ACQUIRE));
}

TEST_F_TIMEOUT(pool, requests_wait_for_a_buffer, 200)
{
	struct scene *s = &self->scene;
	unsigned int i;

	ASSERT_EQ(0, start(s, &self->a, 8, &self->fd, &self->base));
	for (i = 0; i < CALLS; i++) {
		self->call[i] = (struct call) { .fd = self->fd, .what = READ, .pos = i * LEN };
		ASSERT_TRUE(call_start(s, &self->call[i], self->base, i + 1));
	}
	scene_say(&self->a, 0);
	for (i = 0; i < CALLS; i++)
		EXPECT_EQ(0, call_end(&self->call[i]));
}

TEST_F_TIMEOUT(pool, clients_wait_for_a_buffer, 200)
{
	struct scene *s = &self->scene;
	unsigned int i;
	int status;
	pid_t pid;

	ASSERT_EQ(0, start(s, &self->a, 8, &self->fd, &self->base));
	for (i = 0; i < CALLS; i++) {
		self->call[i] = (struct call) {
			.fd = self->fd, .what = i < 2 ? READ : WRITE, .pos = i * LEN,
		};
		ASSERT_TRUE(call_start(s, &self->call[i], self->base, i + 1));
	}
	/* One more, which does not want to wait any longer. */
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(-request(self->fd, WRITE, 0));
	}
	ASSERT_TRUE(scene_wait_slot(s, "requests", self->base + CALLS + 1));
	EXPECT_TRUE(scene_asleep(pid));
	kill(pid, SIGKILL);
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));

	scene_say(&self->a, 0);
	for (i = 0; i < CALLS; i++)
		EXPECT_EQ(0, call_end(&self->call[i]));
}

/* Those who brought their bytes early hold all buffers, and wait behind one who has none. */
TEST_F_TIMEOUT(pool, the_first_in_line_gets_one, 200)
{
	static const enum what what[CALLS] = { SYNC, READ, WRITE, WRITE };
	struct scene *s = &self->scene;
	unsigned int i;

	ASSERT_EQ(0, start(s, &self->a, 1, &self->fd, &self->base));
	for (i = 0; i < CALLS; i++) {
		self->call[i] = (struct call) { .fd = self->fd, .what = what[i], .pos = i * LEN };
		ASSERT_TRUE(call_start(s, &self->call[i], self->base, i + 1));
	}
	scene_say(&self->a, 0);
	for (i = 0; i < CALLS; i++)
		EXPECT_EQ(0, call_end(&self->call[i]));
	EXPECT_EQ(0, scene_slot(s, "violations"));
}

/* A command whose result the driver forgets to write does not show what was read before. */
TEST_F_TIMEOUT(pool, buffers_tell_nothing, 200)
{
	uint8_t data[512], zero[512] = { 0 };

	ASSERT_EQ(0, start(&self->scene, &self->a, 1, &self->fd, &self->base));
	scene_say(&self->a, 0);
	ASSERT_EQ(0, request(self->fd, READ, 0));
	memset(data, 0xaa, sizeof(data));
	ASSERT_EQ(0, ioctl(self->fd, _IOR('h', 1, data), data));
	EXPECT_EQ(0, memcmp(data, zero, sizeof(data)));
}

TEST_HARNESS_MAIN
