// SPDX-License-Identifier: GPL-2.0-only
/*
 * An instance belongs to one process: the one that rsd started
 *
 * The file is inherited, passed on and fetched by others; none of them can use it, each attempt
 * is counted, and none of it is held against the owner.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "scene.h"

/* Everything that only the owner may; how many of these were refused with EPERM, less others. */
#define USES	7
static int use(struct bare *b)
{
	uint64_t word;
	int n = 0;

	n += bare_enter(b, false) == -EPERM;
	n += bare_put(b, 1) == -EPERM;
	n += bare_get(b, &word) == -EPERM;
	n += bare_announce(b) == -EPERM;
	n += bare_dying(b) == -EPERM;
	n += ioctl(b->fd, RS_IOC_DEVICE, RS_DEVICE_RESET) && errno == EPERM;
	n += mmap(NULL, 4096, PROT_READ, MAP_SHARED, b->fd,
		  (off_t)RS_MMAP_OFFSET(RS_MMAP_SQ, 0)) == MAP_FAILED && errno == EPERM;
	return n;
}

static bool parent(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	pid_t pid;
	int status;

	if (sqe->op != RS_OP_CHR_READ)
		return false;
	pid = fork();
	if (!pid)
		_exit(use(b));
	waitpid(pid, &status, 0);
	bare_say(b, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return false;
}

/* Says which descriptor it is, holds the read, ends in the way that it is told. */
static bool lender(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	if (sqe->op != RS_OP_CHR_READ)
		return false;
	bare_say(b, b->fd);
	if (bare_hear(b) == SIGKILL)
		raise(SIGKILL);
	_exit(0);
}

/* ATTACH only when told, and say how it went; then behave. */
static int slow_starter(struct bare *b)
{
	bare_say(b, b->fd);
	bare_hear(b);
	bare_say(b, bare_attach(b));
	return bare_run(b);
}

static bool twice(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	struct rs_attach again = { .version = RS_ABI_VERSION, .class = RS_CLASS_CHR };

	if (sqe->op == RS_OP_CHR_READ)
		bare_say(b, ioctl(b->fd, RS_IOC_ATTACH, &again) ? -errno : 0);
	return false;
}

/* Not one of rsd's: has no capabilities left, and tries to be it. */
static int pretend_rsd(int fd, int32_t endpoint)
{
	struct rs_arm arm = {
		.endpoint = endpoint, .pid = getpid(), .pool_iova = RS_IOVA_NONE,
	};
	struct rs_lease_vfio lease = { .endpoint = endpoint };
	int n = 0;

	if (setgroups(0, NULL) || setgid(65534) || setuid(65534))
		return -1;
	n += open("/dev/rsmod", O_RDWR | O_CLOEXEC) < 0 && errno == EACCES;
	n += ioctl(fd, RS_IOC_ARM, &arm) && errno == EPERM;
	n += ioctl(fd, RS_IOC_LEASE_ADD, &lease) && errno == EPERM;
	n += ioctl(fd, RS_IOC_LEASE_GET, &lease) && errno == EPERM;
	return n;
}

static int fetch_fd(pid_t pid, int fd)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0), r;

	if (pidfd < 0)
		return -errno;
	r = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	r = r < 0 ? -errno : r;
	close(pidfd);
	return r;
}

FIXTURE(owner)
{
	struct scene scene;
	struct actor bad;
	struct actor good;
};

FIXTURE_SETUP(owner)
{
	int r;

	memset(&self->bad, 0, sizeof(self->bad));
	memset(&self->good, 0, sizeof(self->good));
	scene_init(&self->scene);
	self->scene.slot.violation_limit = 3;
	r = scene_open(&self->scene);
	if (r == 1)
		SKIP(return, "%s", self->scene.why);
	ASSERT_EQ(0, r);
}

FIXTURE_TEARDOWN(owner)
{
	if (self->scene.beside)
		EXPECT_TRUE(scene_beside_ok(&self->scene));
	scene_close(&self->scene);
	scene_kill(&self->bad);
	scene_kill(&self->good);
}

TEST_F_TIMEOUT(owner, child_is_refused, 200)
{
	const struct role bad = { .hook = parent };
	struct scene *s = &self->scene;

	ASSERT_EQ(0, scene_start(s, &self->bad, &bad));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	EXPECT_EQ(0, scene_client_end(scene_client(s, 1, 0)));
	EXPECT_EQ(USES, scene_hear(&self->bad));
	EXPECT_TRUE(scene_wait_violation(s, RS_VIOL_OWNER, 1));
	/* More than the limit, and yet: whoever did it is not the instance. */
	EXPECT_EQ(USES, scene_slot(s, "violations"));
	EXPECT_EQ(0, scene_slot(s, "deaths"));
	EXPECT_EQ(1, scene_bound(s));
}

FIXTURE(lent)
{
	struct scene scene;
	struct actor bad;
	struct actor good;
};

FIXTURE_VARIANT(lent)
{
	int signo;
	uint32_t cause;
};

FIXTURE_VARIANT_ADD(lent, and_killed) { .signo = SIGKILL, .cause = RS_CAUSE_SIGNAL };
FIXTURE_VARIANT_ADD(lent, and_exited) { .signo = 0, .cause = RS_CAUSE_EXIT };

FIXTURE_SETUP(lent)
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

FIXTURE_TEARDOWN(lent)
{
	if (self->scene.beside)
		EXPECT_TRUE(scene_beside_ok(&self->scene));
	scene_close(&self->scene);
	scene_kill(&self->bad);
	scene_kill(&self->good);
}

/* We hold a copy of its file all the while: neither use nor shelter. */
TEST_F_TIMEOUT(lent, file_is_of_no_use, 200)
{
	const struct role bad = { .hook = lender }, good = { .hook = NULL };
	struct scene *s = &self->scene;
	struct bare b = { .class = RS_CLASS_CHR, .nr = 1 };
	pid_t client;

	ASSERT_EQ(0, scene_start(s, &self->bad, &bad));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	ASSERT_EQ(0, scene_start(s, &self->good, &good));
	client = scene_client(s, 3, 0);
	b.fd = (int)scene_hear(&self->bad);
	b.fd = fetch_fd(self->bad.pid, b.fd);
	ASSERT_LE(0, b.fd);
	EXPECT_EQ(USES, use(&b));
	EXPECT_EQ(USES, scene_slot(s, "violations"));

	scene_say(&self->bad, variant->signo);
	EXPECT_EQ(0, scene_client_end(client));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_DIED, 1));
	EXPECT_EQ(self->bad.number, s->last[RSMOD_EVENT_TYPE_DIED].instance);
	EXPECT_EQ(variant->cause, s->last[RSMOD_EVENT_TYPE_DIED].cause);
	EXPECT_EQ(USES, use(&b));
	EXPECT_EQ(0, scene_inst(s, self->good.number, "violations"));
	close(b.fd);
}

TEST_F_TIMEOUT(owner, stranger_cannot_attach, 200)
{
	const struct role slow = { .start = slow_starter };
	struct rs_attach attach = { .version = RS_ABI_VERSION, .class = RS_CLASS_CHR };
	struct rs_enter enter = { .flags = RS_ENTER_NOWAIT };
	struct scene *s = &self->scene;
	int fd;

	ASSERT_EQ(0, scene_start(s, &self->bad, &slow));
	fd = fetch_fd(self->bad.pid, (int)scene_hear(&self->bad));
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, ioctl(fd, RS_IOC_ATTACH, &attach));
	EXPECT_EQ(EPERM, errno);
	EXPECT_TRUE(scene_wait_violation(s, RS_VIOL_OWNER, 1));
	EXPECT_EQ(-1, ioctl(fd, RS_IOC_ENTER, &enter));
	EXPECT_EQ(ENODEV, errno);
	/* Nor has it spoilt anything for the one it is meant for. */
	scene_say(&self->bad, 0);
	EXPECT_EQ(0, scene_hear(&self->bad));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	EXPECT_EQ(-1, ioctl(fd, RS_IOC_ATTACH, &attach));
	EXPECT_EQ(EPERM, errno);
	close(fd);
	EXPECT_EQ(0, scene_client_end(scene_client(s, 2, 0)));
}

TEST_F_TIMEOUT(owner, nothing_happens_twice, 200)
{
	const struct role bad = { .hook = twice };
	struct rs_arm arm = { .pool_iova = RS_IOVA_NONE };
	struct scene *s = &self->scene;
	int fd;

	ASSERT_EQ(0, scene_start(s, &self->bad, &bad));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	EXPECT_EQ(0, scene_client_end(scene_client(s, 1, 0)));
	EXPECT_EQ(-EBUSY, scene_hear(&self->bad));

	fd = open("/dev/rsmod", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	arm.endpoint = s->endpoint;
	arm.pid = getpid();
	EXPECT_EQ(0, ioctl(fd, RS_IOC_ARM, &arm));
	EXPECT_EQ(-1, ioctl(fd, RS_IOC_ARM, &arm));
	EXPECT_EQ(EBUSY, errno);
	close(fd);
	EXPECT_EQ(0, scene_slot(s, "violations"));
	EXPECT_EQ(1, scene_bound(s));
}

TEST_F_TIMEOUT(owner, only_rsd_arms, 200)
{
	struct scene *s = &self->scene;
	int fd, status;
	pid_t pid;

	fd = open("/dev/rsmod", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	pid = fork();
	if (!pid)
		_exit(pretend_rsd(fd, s->endpoint));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(4, WEXITSTATUS(status));
	close(fd);
}

TEST_HARNESS_MAIN
