// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which requests an instance gets, in which order, and what becomes of them when it dies
 *
 * Clients are threads here, each with one request; a request is known to be accepted when the
 * slot's count says so.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "scene.h"

#define LEN	64

/* A client's request, in a thread. */
struct call {
	pthread_t thread;
	int fd;
	bool write;
	uint64_t pos;
	uint8_t *data;
	int res;
};

static void *call_run(void *arg)
{
	struct call *c = arg;

	if (!c->write)
		c->res = scene_read(c->fd, c->pos);
	else
		c->res = pwrite(c->fd, c->data, LEN, (off_t)c->pos) == LEN ? 0 : -errno;
	return NULL;
}

static int call_end(struct call *c)
{
	pthread_join(c->thread, NULL);
	return c->res;
}

static void fill(uint8_t *data, uint64_t pos)
{
	unsigned int i;

	for (i = 0; i < LEN; i++)
		data[i] = bare_byte(pos + i);
}

/* What an instance says of a request. */
#define SEEN(op, pos)		((int64_t)(op) << 32 | (pos))
#define REPLAYED		(1LL << 48)

static void say_seen(struct bare *b, const struct rs_sqe *sqe)
{
	bare_say(b, SEEN(sqe->op, sqe->offset) |
		    (sqe->flags & RS_SQE_REPLAYED && sqe->attempt == 1 ? REPLAYED : 0));
}

static bool is_data(const struct rs_sqe *sqe)
{
	return sqe->op == RS_OP_CHR_READ || sqe->op == RS_OP_CHR_WRITE;
}

/* Says what it got and leaves it; asked by any word, it says how many there are in its ring. */
static int hoarder(struct bare *b)
{
	unsigned int n = 0;
	struct rs_sqe sqe;
	struct rs_cqe cqe;

	if (bare_attach(b))
		return 1;
	for (;;) {
		bare_enter_for(b, 5000000);
		while (bare_next(b, 0, &sqe)) {
			cqe = bare_serve(b, &sqe);
			bare_push(b, 0, &cqe);
		}
		while (bare_next(b, BARE_DATA, &sqe)) {
			if (is_data(&sqe)) {
				/* What it does with the buffer is nobody's business. */
				memset(b->pool + sqe.buf, 0xee, sqe.len);
				n++;
				continue;
			}
			cqe = bare_serve(b, &sqe);
			bare_push(b, BARE_DATA, &cqe);
		}
		if (recv(b->sock, &cqe, 1, MSG_DONTWAIT | MSG_PEEK) > 0) {
			bare_hear(b);
			bare_say(b, n);
		}
	}
}

/* Says what it got, and answers. */
static bool teller(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	if (is_data(sqe))
		say_seen(b, sqe);
	return false;
}

FIXTURE(order)
{
	struct scene scene;
	struct actor a;
	struct actor b;
	struct call call[6];
	int fd;
	int fd2;
	long long base;
};

FIXTURE_SETUP(order)
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

FIXTURE_TEARDOWN(order)
{
	/* Closing waits for nobody; but a driver must be gone before its slot is. */
	if (self->fd >= 0)
		close(self->fd);
	if (self->fd2 >= 0)
		close(self->fd2);
	if (self->scene.beside)
		EXPECT_TRUE(scene_beside_ok(&self->scene));
	scene_close(&self->scene);
	scene_kill(&self->a);
	scene_kill(&self->b);
}

/* Open the device, and remember where the count of requests stands. */
static int open_files(struct scene *s, int *fd, int *fd2, long long *base)
{
	*fd = open(s->path, O_RDWR | O_CLOEXEC);
	*fd2 = open(s->path, O_RDWR | O_CLOEXEC);
	*base = scene_slot(s, "requests");
	return *fd < 0 || *fd2 < 0 ? -errno : 0;
}

/* Start a call and wait until the slot has accepted it, as the @n-th. */
static bool call_start(struct scene *s, struct call *c, long long base, unsigned int n)
{
	return !pthread_create(&c->thread, NULL, call_run, c) &&
	       scene_wait_slot(s, "requests", base + n);
}

TEST_F_TIMEOUT(order, window_and_replay, 200)
{
	const struct role first = { .start = hoarder, .credit = 2 };
	const struct role second = { .hook = teller, .credit = 1 };
	struct scene *s = &self->scene;
	uint8_t data[6][LEN];
	unsigned int i;

	ASSERT_EQ(0, scene_start(s, &self->a, &first));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	s->attached = 1;
	ASSERT_EQ(0, scene_start(s, &self->b, &second));
	ASSERT_EQ(0, open_files(s, &self->fd, &self->fd2, &self->base));
	/* Writes and reads of one file; a write's bytes must come from its client once more. */
	for (i = 0; i < 6; i++) {
		self->call[i] = (struct call) {
			.fd = self->fd, .write = !(i & 1), .pos = 1024 * i, .data = data[i],
		};
		fill(data[i], 1024 * i);
		ASSERT_TRUE(call_start(s, &self->call[i], self->base, i + 1));
	}
	/* It asked for two at a time: that many are suspects, not more. */
	do
		scene_say(&self->a, 0);
	while (scene_hear(&self->a) < 2);
	scene_say(&self->a, 0);
	EXPECT_EQ(2, scene_hear(&self->a));

	kill(self->a.pid, SIGKILL);
	for (i = 0; i < 6; i++)
		EXPECT_EQ(SEEN(i & 1 ? RS_OP_CHR_READ : RS_OP_CHR_WRITE, 1024 * i) |
			  (i < 2 ? REPLAYED : 0), scene_hear(&self->b));
	for (i = 0; i < 6; i++)
		EXPECT_EQ(0, call_end(&self->call[i]));
	EXPECT_EQ(2, scene_slot(s, "replayed"));
	EXPECT_EQ(0, scene_slot(s, "dropped"));
	EXPECT_EQ(0, scene_slot(s, "violations"));
}

/* What the driver did not declare repeatable may have been done: it is not sent again. */
TEST_F_TIMEOUT(order, at_most_once, 200)
{
	const struct rs_announce_chr chr = {
		.nr_minors = 1, .flags = RS_CHR_SEEKABLE, .replay_write = RS_REPLAY_ONCE,
	};
	const struct role first = { .start = hoarder, .credit = 1, .chr = chr };
	const struct role second = { .hook = teller, .chr = chr };
	struct scene *s = &self->scene;
	uint8_t data[2][LEN];
	unsigned int i;

	ASSERT_EQ(0, scene_start(s, &self->a, &first));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	s->attached = 1;
	ASSERT_EQ(0, scene_start(s, &self->b, &second));
	ASSERT_EQ(0, open_files(s, &self->fd, &self->fd2, &self->base));
	for (i = 0; i < 2; i++) {
		self->call[i] = (struct call) {
			.fd = self->fd, .write = true, .pos = 1024 * i, .data = data[i],
		};
		fill(data[i], 1024 * i);
		ASSERT_TRUE(call_start(s, &self->call[i], self->base, i + 1));
	}
	do
		scene_say(&self->a, 0);
	while (scene_hear(&self->a) < 1);
	kill(self->a.pid, SIGKILL);
	/* The other one had not been seen by anybody. */
	EXPECT_EQ(-EIO, call_end(&self->call[0]));
	EXPECT_EQ(0, call_end(&self->call[1]));
	EXPECT_EQ(SEEN(RS_OP_CHR_WRITE, 1024), scene_hear(&self->b));
	EXPECT_EQ(0, scene_slot(s, "replayed"));
	EXPECT_EQ(1, scene_slot(s, "dropped"));
}

/* More credit than there are requests is as much as there are. */
TEST_F_TIMEOUT(order, too_much_credit, 200)
{
	const struct role first = { .start = hoarder, .credit = ~0U };
	const struct role second = { .hook = NULL, .credit = ~0U };
	struct scene *s = &self->scene;
	unsigned int i;

	ASSERT_EQ(0, scene_start(s, &self->a, &first));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	s->attached = 1;
	ASSERT_EQ(0, scene_start(s, &self->b, &second));
	ASSERT_EQ(0, open_files(s, &self->fd, &self->fd2, &self->base));
	for (i = 0; i < 6; i++) {
		self->call[i] = (struct call) { .fd = self->fd, .pos = 1024 * i };
		ASSERT_TRUE(call_start(s, &self->call[i], self->base, i + 1));
	}
	do
		scene_say(&self->a, 0);
	while (scene_hear(&self->a) < 6);
	kill(self->a.pid, SIGKILL);
	for (i = 0; i < 6; i++)
		EXPECT_EQ(0, call_end(&self->call[i]));
	EXPECT_EQ(6, scene_slot(s, "replayed"));
}

/* A page that comes when we say so. */
static int stalled_page(uint8_t **ret)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	*ret = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	reg.range.start = (uintptr_t)*ret;
	reg.range.len = 4096;
	if (*ret == MAP_FAILED || ioctl(fd, UFFDIO_API, &api) ||
	    ioctl(fd, UFFDIO_REGISTER, &reg)) {
		close(fd);
		return -errno;
	}
	return fd;
}

TEST_F_TIMEOUT(order, within_a_file, 200)
{
	const struct role good = { .hook = teller };
	struct scene *s = &self->scene;
	struct uffdio_copy copy = { .len = 4096 };
	uint8_t page[4096] __attribute__((aligned(4096))) = { 0 };
	struct call *write = &self->call[0], *behind = &self->call[1];
	struct pollfd p = { .events = POLLIN };

	ASSERT_EQ(0, scene_start(s, &self->a, &good));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	ASSERT_EQ(0, open_files(s, &self->fd, &self->fd2, &self->base));
	p.fd = stalled_page(&write->data);
	if (p.fd == -ENOSYS || p.fd == -EPERM)
		SKIP(return, "no userfaultfd");
	ASSERT_LE(0, p.fd);

	write->fd = behind->fd = self->fd;
	write->write = true;
	behind->pos = 4096;
	ASSERT_TRUE(call_start(s, write, self->base, 1));
	ASSERT_EQ(1, poll(&p, 1, SCENE_MS));
	ASSERT_TRUE(call_start(s, behind, self->base, 2));
	/* Another file does not wait for somebody else's memory. */
	EXPECT_EQ(0, scene_read(self->fd2, 8192));
	EXPECT_EQ(SEEN(RS_OP_CHR_READ, 8192), scene_hear(&self->a));

	fill(page, 0);
	copy.dst = (uintptr_t)write->data;
	copy.src = (uintptr_t)page;
	ASSERT_EQ(0, ioctl(p.fd, UFFDIO_COPY, &copy));
	EXPECT_EQ(SEEN(RS_OP_CHR_WRITE, 0), scene_hear(&self->a));
	EXPECT_EQ(SEEN(RS_OP_CHR_READ, 4096), scene_hear(&self->a));
	EXPECT_EQ(0, call_end(write));
	EXPECT_EQ(0, call_end(behind));
	close(p.fd);
}

TEST_HARNESS_MAIN
