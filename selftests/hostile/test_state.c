// SPDX-License-Identifier: GPL-2.0-only
/*
 * The slot's mapped state: what an instance does to it once it is replaced
 *
 * The first instance makes the state, reports its own death and lives on, to try whatever brings
 * the memory back.  The second one finds what was left, and finds it unchanged afterwards.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "scene.h"

#define PAGE	4096UL
#define SIZE	(16 * PAGE)
#define STATE	((off_t)RS_MMAP_OFFSET(RS_MMAP_STATE, 0))

#define LEFT	0x11
#define TAKEN	0x22
#define WRONG	0x33

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
			*p = WRONG;
		else
			(void)*p;
	}
	return trapped;
}

static void catch_faults(void)
{
	const struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
}

static volatile uint8_t *map_state(struct bare *b, int prot)
{
	return mmap(NULL, SIZE, prot, MAP_SHARED, b->fd, STATE);
}

#define WANT(want, got)			\
	do {				\
		if ((got) != (want))	\
			return __LINE__;\
	} while (0)

#define SIGBUS_HERE	(SIGBUS << 8 | BUS_ADRERR)

/* Bound: it is made, once, and can be written, but not pinned. */
static int64_t try_bound(struct bare *b, volatile uint8_t **ret)
{
	struct rs_state_map odd = { .size = PAGE + 1 }, huge = { .size = RS_STATE_MAP_MAX + PAGE };
	struct rs_state_map none = { 0 }, make = { .size = SIZE }, again = { .size = 2 * SIZE };
	static uint8_t byte = WRONG;
	const struct iovec local = { &byte, 1 };
	struct iovec remote = { .iov_len = 1 };
	volatile uint8_t *p, *r;

	WANT(0, ioctl(b->fd, RS_IOC_STATE_MAP, &none));
	WANT(0, none.size);
	WANT(MAP_FAILED, map_state(b, PROT_READ | PROT_WRITE));
	WANT(-1, ioctl(b->fd, RS_IOC_STATE_MAP, &odd));
	WANT(EINVAL, errno);
	WANT(-1, ioctl(b->fd, RS_IOC_STATE_MAP, &huge));
	WANT(EFBIG, errno);
	WANT(0, ioctl(b->fd, RS_IOC_STATE_MAP, &make));
	WANT(0, ioctl(b->fd, RS_IOC_STATE_MAP, &again));
	WANT(SIZE, again.size);
	p = map_state(b, PROT_READ | PROT_WRITE);
	r = map_state(b, PROT_READ);
	if (p == MAP_FAILED || r == MAP_FAILED)
		return __LINE__;
	WANT(0, p[SIZE - 1]);
	p[0] = LEFT;
	WANT(LEFT, r[0]);
	WANT(-1, mprotect((void *)r, SIZE, PROT_READ | PROT_WRITE));
	WANT(EACCES, errno);
	WANT(MAP_FAILED, mmap(NULL, SIZE + PAGE, PROT_READ, MAP_SHARED, b->fd, STATE));
	WANT(MAP_FAILED, mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, b->fd, STATE));
	remote.iov_base = (void *)p;
	WANT(-1, process_vm_writev(getpid(), &local, 1, &remote, 1, 0));
	WANT(LEFT, p[0]);
	*ret = p;
	return 0;
}

/* Replaced: nothing brings it back. */
static int64_t try_replaced(struct bare *b, volatile uint8_t *p)
{
	volatile uint8_t *q;

	WANT(SIGBUS_HERE, touch(p, true));
	WANT(SIGBUS_HERE, touch(p, false));
	/* Not by the back door: what is read-only for now could be made writable. */
	WANT(0, mprotect((void *)p, SIZE, PROT_READ));
	WANT(SIGBUS_HERE, touch(p, false));
	WANT(0, mprotect((void *)p, SIZE, PROT_READ | PROT_WRITE));
	WANT(SIGBUS_HERE, touch(p, true));
	q = map_state(b, PROT_READ | PROT_WRITE);
	if (q != MAP_FAILED)
		WANT(SIGBUS_HERE, touch(q, true));
	return 0;
}

static bool maker(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	static volatile uint8_t *p;

	if (sqe->op != RS_OP_CHR_READ)
		return false;
	catch_faults();
	if (!p) {
		bare_say(b, try_bound(b, &p));
		return false;
	}
	/* The second read: it goes to the successor. */
	bare_dying(b);
	bare_say(b, 0);
	bare_hear(b);
	bare_say(b, try_replaced(b, p));
	return true;
}

/* A standby may read, and write only when it is bound. */
static int64_t try_taken(struct bare *b)
{
	static volatile uint8_t *p;

	if (!p)
		p = map_state(b, PROT_READ | PROT_WRITE);
	if (p == MAP_FAILED)
		return -1;
	if (p[0] == LEFT)
		p[0] = TAKEN;
	return p[0];
}

static bool taker(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	if (sqe->op == RS_OP_CHR_READ)
		bare_say(b, try_taken(b));
	return false;
}

/* Not a driver at all: it looks while it waits. */
static int looker(struct bare *b)
{
	volatile uint8_t *r, *w;
	int64_t line = 0;

	catch_faults();
	if (bare_attach(b))
		return 1;
	bare_say(b, 0);
	bare_hear(b);
	r = map_state(b, PROT_READ);
	w = map_state(b, PROT_READ | PROT_WRITE);
	if (r == MAP_FAILED || w == MAP_FAILED)
		line = __LINE__;
	else if (r[0] != LEFT)
		line = __LINE__;
	else if (touch(w, true) != SIGBUS_HERE)
		line = __LINE__;
	else if (touch(w, false) != SIGBUS_HERE)
		line = __LINE__;
	bare_say(b, line);
	return 0;
}

FIXTURE(state)
{
	struct scene scene;
	struct actor bad;
	struct actor good;
	struct actor looks;
};

FIXTURE_SETUP(state)
{
	int r;

	memset(&self->bad, 0, sizeof(self->bad));
	memset(&self->good, 0, sizeof(self->good));
	memset(&self->looks, 0, sizeof(self->looks));
	scene_init(&self->scene);
	r = scene_open(&self->scene);
	if (r == 1)
		SKIP(return, "%s", self->scene.why);
	ASSERT_EQ(0, r);
}

FIXTURE_TEARDOWN(state)
{
	if (self->scene.beside)
		EXPECT_TRUE(scene_beside_ok(&self->scene));
	scene_close(&self->scene);
	scene_kill(&self->bad);
	scene_kill(&self->good);
	scene_kill(&self->looks);
}

TEST_F_TIMEOUT(state, is_out_of_reach_of_the_replaced, 200)
{
	const struct role bad = { .hook = maker }, good = { .hook = taker };
	struct scene *s = &self->scene;
	pid_t client;

	ASSERT_EQ(0, scene_start(s, &self->bad, &bad));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	EXPECT_EQ(0, scene_client_end(scene_client(s, 1, 0)));
	ASSERT_EQ(0, scene_hear(&self->bad));
	ASSERT_EQ(0, scene_start(s, &self->good, &good));
	client = scene_client(s, 1, 0);
	ASSERT_EQ(0, scene_hear(&self->bad));
	EXPECT_EQ(TAKEN, scene_hear(&self->good));
	EXPECT_EQ(0, scene_client_end(client));
	scene_say(&self->bad, 0);
	EXPECT_EQ(0, scene_hear(&self->bad));
	client = scene_client(s, 1, 0);
	EXPECT_EQ(TAKEN, scene_hear(&self->good));
	EXPECT_EQ(0, scene_client_end(client));
}

TEST_F_TIMEOUT(state, is_read_only_to_a_standby, 200)
{
	const struct role bad = { .hook = maker }, looks = { .start = looker };
	struct scene *s = &self->scene;

	ASSERT_EQ(0, scene_start(s, &self->bad, &bad));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	EXPECT_EQ(0, scene_client_end(scene_client(s, 1, 0)));
	ASSERT_EQ(0, scene_hear(&self->bad));
	ASSERT_EQ(0, scene_start(s, &self->looks, &looks));
	EXPECT_EQ(0, scene_hear(&self->looks));
	scene_say(&self->looks, 0);
	EXPECT_EQ(0, scene_hear(&self->looks));
}

TEST_HARNESS_MAIN
