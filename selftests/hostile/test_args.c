// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that make no sense: each has one errno, and nothing else happens
 *
 * As in test_map, whoever tries says in which line it got another answer.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "scene.h"

#define WANT(want, got)			\
	do {				\
		if ((got) != (want))	\
			return __LINE__;\
	} while (0)

/* What the call gives: 0 or errno. */
static int call(int fd, unsigned long cmd, const void *arg)
{
	return ioctl(fd, cmd, arg) ? errno : 0;
}

#define CALL(fd, cmd, type, ...)	call(fd, cmd, &(type) { __VA_ARGS__ })

static int64_t try_enter(struct bare *b)
{
	const int fd = b->fd;

	WANT(EINVAL, CALL(fd, RS_IOC_ENTER, struct rs_enter, .flags = 2));
	WANT(EINVAL, CALL(fd, RS_IOC_ENTER, struct rs_enter, .flags = 1U << 31));
	WANT(EINVAL, CALL(fd, RS_IOC_ENTER, struct rs_enter, .flags = 1,
			  .spin_ns = RS_SPIN_MAX_NS + 1));
	WANT(EINVAL, CALL(fd, RS_IOC_ENTER, struct rs_enter, .flags = 1, .nr = 4));
	WANT(EINVAL, CALL(fd, RS_IOC_ENTER, struct rs_enter, .flags = 1,
			  .nr = RS_ENTER_QUEUES + 1));
	WANT(EINVAL, CALL(fd, RS_IOC_ENTER, struct rs_enter, .flags = 1, .nr = 0xffff));
	WANT(EINVAL, CALL(fd, RS_IOC_ENTER, struct rs_enter, .flags = 1, .first = 3, .nr = 1));
	WANT(EINVAL, CALL(fd, RS_IOC_ENTER, struct rs_enter, .flags = 1, .first = 2, .nr = 2));
	/* Sums that are 0 in 16 bits, or small. */
	WANT(EINVAL, CALL(fd, RS_IOC_ENTER, struct rs_enter, .flags = 1, .first = 0xffff, .nr = 1));
	WANT(EINVAL, CALL(fd, RS_IOC_ENTER, struct rs_enter, .flags = 1, .first = 0xfff8, .nr = 9));
	WANT(0, CALL(fd, RS_IOC_ENTER, struct rs_enter, .flags = 1, .first = 1, .nr = 0));
	WANT(EFAULT, call(fd, RS_IOC_ENTER, (void *)8));
	return 0;
}

static int64_t try_state(struct bare *b)
{
	const int fd = b->fd;
	uint64_t word = 1;

	WANT(0, -bare_put(b, 77));
	WANT(EFBIG, CALL(fd, RS_IOC_STATE_PUT, struct rs_state, .addr = (uintptr_t)&word,
			 .len = RS_STATE_MAX + 1));
	WANT(EFBIG, CALL(fd, RS_IOC_STATE_PUT, struct rs_state, .addr = (uintptr_t)&word,
			 .len = ~0U));
	WANT(EFAULT, CALL(fd, RS_IOC_STATE_PUT, struct rs_state, .addr = 8, .len = 8));
	WANT(EFAULT, CALL(fd, RS_IOC_STATE_PUT, struct rs_state, .addr = ~0ULL, .len = 8));
	WANT(EFAULT, CALL(fd, RS_IOC_STATE_GET, struct rs_state, .addr = 8, .len = 8));
	/* What failed has not touched what was there. */
	WANT(0, -bare_get(b, &word));
	WANT(77, word);
	return 0;
}

static int64_t try_device(struct bare *b)
{
	const int fd = b->fd;

	WANT(ENODEV, CALL(fd, RS_IOC_LEASE_INFO, struct rs_lease_info, .kind = 0));
	WANT(ENODEV, CALL(fd, RS_IOC_CONFIG, struct rs_config, .size = 4));
	WANT(EINVAL, CALL(fd, RS_IOC_CONFIG, struct rs_config, .size = 3));
	WANT(EINVAL, CALL(fd, RS_IOC_CONFIG, struct rs_config, .size = 8));
	WANT(EINVAL, CALL(fd, RS_IOC_CONFIG, struct rs_config, .size = 4, .offset = 2));
	WANT(EINVAL, CALL(fd, RS_IOC_CONFIG, struct rs_config, .size = 4, .flags = 2));
	WANT(ENODEV, call(fd, RS_IOC_DEVICE, (void *)RS_DEVICE_RESET));
	WANT(EINVAL, call(fd, RS_IOC_DEVICE, (void *)(RS_DEVICE_RESET + 1UL)));
	return 0;
}

static int64_t try_others(struct bare *b)
{
	const int fd = b->fd;

	WANT(ENOTTY, call(fd, _IO(RS_IOC_MAGIC, 0xff), NULL));
	WANT(ENOTTY, call(fd, _IO(RS_IOC_MAGIC, 0x11), NULL));
	WANT(ENOTTY, call(fd, _IOWR(RS_IOC_MAGIC, 0x11, uint64_t), NULL));
	WANT(ENOTTY, call(fd, 0x5401, NULL));
	/* It is no network device. */
	WANT(ENOTTY, CALL(fd, RS_IOC_NET_LINK, struct rs_net_link, .flags = RS_NET_LINK_UP));
	WANT(EINVAL, CALL(fd, RS_IOC_DYING, struct rs_dying, .signo = 65));
	WANT(EINVAL, CALL(fd, RS_IOC_DYING, struct rs_dying, .flags = 1));
	WANT(EFAULT, call(fd, RS_IOC_DYING, (void *)8));
	WANT(EFAULT, call(fd, RS_IOC_ANNOUNCE, (void *)8));
	/* INIT was answered long ago. */
	WANT(EOWNERDEAD, -bare_announce(b));
	WANT(-1, lseek(fd, 0, SEEK_SET));
	WANT(-1, read(fd, &b->credit, 1));
	return 0;
}

static int64_t (*const tries[])(struct bare *b) = {
	try_enter, try_state, try_device, try_others,
};

static bool caller(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	if (sqe->op == RS_OP_CHR_READ)
		bare_say(b, tries[b->arg](b));
	return false;
}

/* Announcements that are refused, then the right one. */
static int64_t try_announce(struct bare *b)
{
	static const struct {
		struct rs_announce_chr chr;
		uint32_t class;
		uint32_t flags;
		unsigned int spoil;
	} wrong[] = {
		{ .class = RS_CLASS_NET, .chr.nr_minors = 1 },
		{ .class = RS_CLASS_NONE, .chr.nr_minors = 1 },
		{ .class = 77, .chr.nr_minors = 1 },
		{ .class = RS_CLASS_CHR, .chr.nr_minors = 1, .flags = 1 },
		{ .class = RS_CLASS_CHR, .chr.nr_minors = 0 },
		{ .class = RS_CLASS_CHR, .chr.nr_minors = RS_CHR_MINORS_MAX + 1 },
		{ .class = RS_CLASS_CHR, .chr = { .nr_minors = 1, .flags = 4 } },
		{ .class = RS_CLASS_CHR, .chr = { .nr_minors = 1, .max_io = RS_BUF_MAX + 1 } },
		{ .class = RS_CLASS_CHR, .chr = { .nr_minors = 1, .replay_read = 3 } },
		{ .class = RS_CLASS_CHR, .chr = { .nr_minors = 1, .replay_write = 255 } },
		{ .class = RS_CLASS_CHR, .chr = { .nr_minors = 1, .replay_ioctl = 3 } },
		{ .class = RS_CLASS_CHR, .chr = { .nr_minors = 1, .reserved[16] = 1 } },
		{ .class = RS_CLASS_CHR, .chr.nr_minors = 1, .spoil = 32 },
		{ .class = RS_CLASS_CHR, .chr.nr_minors = 1, .spoil = 119 },
	};
	struct rs_announce a;
	unsigned int i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		memset(&a, 0, sizeof(a));
		a.class = wrong[i].class;
		a.flags = wrong[i].flags;
		a.chr = wrong[i].chr;
		if (wrong[i].spoil)
			a.reserved[wrong[i].spoil] = 1;
		if (call(b->fd, RS_IOC_ANNOUNCE, &a) != EINVAL)
			return (int64_t)i + 1;
	}
	WANT(0, bare_announce(b));
	/* Saying it again changes nothing. */
	WANT(0, bare_announce(b));
	b->chr.nr_minors = 2;
	WANT(-EINVAL, bare_announce(b));
	b->chr.nr_minors = 1;
	return 0;
}

static bool announcer(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	if (sqe->op == RS_OP_INIT)
		bare_say(b, try_announce(b));
	return false;
}

/* ATTACH in all wrong ways, then in the right one. */
static int64_t try_attach(struct bare *b)
{
	const struct rs_attach right = { .version = RS_ABI_VERSION, .class = RS_CLASS_CHR };
	struct rs_attach a;
	unsigned int i;

#define WRONG(err, member, value)				\
	do {							\
		a = right;					\
		a.member = value;				\
		WANT(err, call(b->fd, RS_IOC_ATTACH, &a));	\
	} while (0)

	WRONG(EPROTO, version, 0);
	WRONG(EPROTO, version, RS_ABI_VERSION + 1);
	WRONG(EINVAL, class, RS_CLASS_NONE);
	WRONG(EINVAL, class, RS_CLASS_NET);
	WRONG(EINVAL, class, 77);
	WRONG(EOPNOTSUPP, features, RS_FEATURE_VNET_HDR);
	WRONG(EOPNOTSUPP, features, 1ULL << 63);
	WRONG(EACCES, effects, RS_EFFECTS_BACKEND);
	WRONG(EACCES, effects, RS_EFFECTS_DEVICE);
	WRONG(EACCES, effects, ~0U);
	WRONG(EINVAL, flags, 1);
	WRONG(EINVAL, private_size, 8 << 20);
	WRONG(EINVAL, private_size, ~0ULL);
	WRONG(EINVAL, msg_queue, 1);
	WRONG(EINVAL, msg_depth, 1);
	for (i = 0; i < sizeof(a.reserved) / sizeof(a.reserved[0]); i++)
		WRONG(EINVAL, reserved[i], 1);
	WANT(EFAULT, call(b->fd, RS_IOC_ATTACH, (void *)8));
	/* Nobody owns it yet: no call, no memory. */
	WANT(ENODEV, CALL(b->fd, RS_IOC_ENTER, struct rs_enter, .flags = 1));
	WANT(ENODEV, -bare_put(b, 1));
	WANT(ENODEV, call(b->fd, _IO(RS_IOC_MAGIC, 0xff), NULL));
	WANT(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED, b->fd,
			      (off_t)RS_MMAP_OFFSET(RS_MMAP_SQ, 0)));
	return 0;
}

static int attacher(struct bare *b)
{
	bare_say(b, try_attach(b));
	bare_say(b, bare_attach(b));
	return bare_run(b);
}

/* ARM, as rsd, and a file that is not armed. */
static int64_t try_arm(int32_t endpoint)
{
	const struct rs_arm right = {
		.endpoint = endpoint, .pid = getpid(), .pool_iova = RS_IOVA_NONE,
	};
	int fd = open("/dev/rsmod", O_RDWR | O_CLOEXEC);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct rs_attach attach = { .version = RS_ABI_VERSION, .class = RS_CLASS_CHR };
	struct rs_arm a;

#define WRONG_ARM(err, member, value)				\
	do {							\
		a = right;					\
		a.member = value;				\
		WANT(err, call(fd, RS_IOC_ARM, &a));		\
	} while (0)

	if (fd < 0)
		return __LINE__;
	WANT(ENODEV, call(fd, RS_IOC_ATTACH, &attach));
	WANT(ENODEV, CALL(fd, RS_IOC_ENTER, struct rs_enter, .flags = 1));
	WANT(ENODEV, CALL(fd, RS_IOC_STATE_GET, struct rs_state, .len = 0));
	WANT(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd,
			      (off_t)RS_MMAP_OFFSET(RS_MMAP_POOL, 0)));
	WANT(ENODEV, errno);
	WANT(1, poll(&p, 1, 0));
	WANT(POLLERR, p.revents);

	WRONG_ARM(EINVAL, endpoint, 0);
	WRONG_ARM(EINVAL, endpoint, -1);
	WRONG_ARM(EINVAL, endpoint, RS_EP_SELF);
	WRONG_ARM(EINVAL, endpoint, RS_EP(1, RS_SLOTS_MAX));
	WRONG_ARM(EOWNERDEAD, endpoint, endpoint + RS_GEN_SIZE);
	WRONG_ARM(EINVAL, pid, 0);
	WRONG_ARM(EINVAL, pid, -1);
	WRONG_ARM(ESRCH, pid, 0x7fffffff);
	WRONG_ARM(EINVAL, flags, 2);
	WRONG_ARM(EINVAL, flags, 1U << 31);
	WRONG_ARM(EINVAL, pool_size, RS_POOL_MIN - 4096);
	WRONG_ARM(EINVAL, pool_size, RS_POOL_MIN + 1);
	WRONG_ARM(EINVAL, pool_size, RS_POOL_MAX + 4096ULL);
	WRONG_ARM(EINVAL, pool_size, ~0ULL);
	WRONG_ARM(EINVAL, pool_iova, 1);
	WRONG_ARM(EINVAL, pool_iova, ~0ULL << 12);
	WANT(EFAULT, call(fd, RS_IOC_ARM, (void *)8));
	a = right;
	WANT(0, call(fd, RS_IOC_ARM, &a));
	/* rsd may map the pool, for DMA; nothing else, and it is not the driver. */
	WANT(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd,
			      (off_t)RS_MMAP_OFFSET(RS_MMAP_SQ, 0)));
	WANT(EPERM, errno);
	close(fd);
	return 0;
}

FIXTURE(args)
{
	struct scene scene;
	struct actor bad;
};

FIXTURE_SETUP(args)
{
	int r;

	memset(&self->bad, 0, sizeof(self->bad));
	scene_init(&self->scene);
	r = scene_open(&self->scene);
	if (r == 1)
		SKIP(return, "%s", self->scene.why);
	ASSERT_EQ(0, r);
}

FIXTURE_TEARDOWN(args)
{
	if (self->scene.beside)
		EXPECT_TRUE(scene_beside_ok(&self->scene));
	scene_close(&self->scene);
	scene_kill(&self->bad);
}

FIXTURE(call)
{
	struct scene scene;
	struct actor bad;
};

/* What is tried, by number. */
FIXTURE_VARIANT(call)
{
	uintptr_t which;
};

FIXTURE_VARIANT_ADD(call, enter) { .which = 0 };
FIXTURE_VARIANT_ADD(call, state) { .which = 1 };
FIXTURE_VARIANT_ADD(call, device) { .which = 2 };
FIXTURE_VARIANT_ADD(call, others) { .which = 3 };

FIXTURE_SETUP(call)
{
	int r;

	memset(&self->bad, 0, sizeof(self->bad));
	scene_init(&self->scene);
	r = scene_open(&self->scene);
	if (r == 1)
		SKIP(return, "%s", self->scene.why);
	ASSERT_EQ(0, r);
}

FIXTURE_TEARDOWN(call)
{
	if (self->scene.beside)
		EXPECT_TRUE(scene_beside_ok(&self->scene));
	scene_close(&self->scene);
	scene_kill(&self->bad);
}

TEST_F_TIMEOUT(call, is_refused, 200)
{
	const struct role bad = { .hook = caller, .arg = variant->which };
	struct scene *s = &self->scene;

	ASSERT_EQ(0, scene_start(s, &self->bad, &bad));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	EXPECT_EQ(0, scene_client_end(scene_client(s, 1, 0)));
	EXPECT_EQ(0, scene_hear(&self->bad));
	EXPECT_EQ(0, scene_slot(s, "deaths"));
	EXPECT_EQ(0, scene_slot(s, "violations"));
}

TEST_F_TIMEOUT(args, announce, 200)
{
	const struct role bad = { .hook = announcer };
	struct scene *s = &self->scene;

	ASSERT_EQ(0, scene_start(s, &self->bad, &bad));
	EXPECT_EQ(0, scene_hear(&self->bad));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	EXPECT_EQ(0, scene_client_end(scene_client(s, 1, 0)));
}

TEST_F_TIMEOUT(args, attach, 200)
{
	const struct role bad = { .start = attacher };
	struct scene *s = &self->scene;

	ASSERT_EQ(0, scene_start(s, &self->bad, &bad));
	EXPECT_EQ(0, scene_hear(&self->bad));
	EXPECT_EQ(0, scene_hear(&self->bad));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	EXPECT_EQ(0, scene_client_end(scene_client(s, 1, 0)));
	EXPECT_EQ(0, scene_slot(s, "violations"));
}

TEST_F_TIMEOUT(args, arm, 200)
{
	EXPECT_EQ(0, try_arm(self->scene.endpoint));
}

TEST_HARNESS_MAIN
