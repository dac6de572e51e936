// SPDX-License-Identifier: GPL-2.0-only
/*
 * A leased device that is taken out: an error for its driver, no hang for who takes it out
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "rig.h"
#include "card.h"

#define LIMIT_MS	20000

FIXTURE(unplug)
{
	struct rig rig;
	struct rig_inst a;
	struct rig_inst b;
};

FIXTURE_VARIANT(unplug)
{
	const char *path;
	bool name;
	bool rescan;
};

FIXTURE_VARIANT_ADD(unplug, removed) {
	.path = "/sys/bus/pci/devices/%s/remove", .rescan = true,
};

FIXTURE_VARIANT_ADD(unplug, unbound) {
	.path = "/sys/bus/pci/devices/%s/driver/unbind", .name = true,
};

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int r = fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return r;
}

FIXTURE_SETUP(unplug)
{
	int r;

	memset(self, 0, sizeof(*self));
	r = rig_open(&self->rig, "unplug");
	if (r == 1)
		SKIP(return, "%s", self->rig.why);
	ASSERT_EQ(0, r);
	ASSERT_EQ(0, rig_start(&self->rig, &self->a, 0));
	ASSERT_TRUE(rig_wait(&self->rig, RSMOD_EVENT_TYPE_UP, 1, 10000));
	ASSERT_EQ(0, rig_start(&self->rig, &self->b, 0));
	rig_forget(&self->rig);
}

FIXTURE_TEARDOWN(unplug)
{
	rig_kill(&self->a);
	rig_kill(&self->b);
	if (variant->rescan) {
		/* rig_close() finds its driver, nobody else before. */
		put("/sys/bus/pci/drivers_autoprobe", "0");
		put("/sys/bus/pci/rescan", "1");
		put("/sys/bus/pci/drivers_autoprobe", "1");
	}
	rig_close(&self->rig);
}

TEST_F(unplug, ends_in_an_error)
{
	long long end = rig_now_ms() + LIMIT_MS;
	char path[80];
	int status;
	pid_t pid;

	ASSERT_EQ(0, rig_do(&self->a, RIG_DEVICE, RS_DEVICE_MASTER_ON, 0, 0));
	ASSERT_EQ(0, rig_do(&self->a, RIG_RUN, 0, 0, 0));

	snprintf(path, sizeof(path), variant->path, self->rig.pci.name);
	pid = fork();
	if (!pid)
		_exit(!!put(path, variant->name ? self->rig.pci.name : "1"));
	while (waitpid(pid, &status, WNOHANG) != pid) {
		ASSERT_GT(end, rig_now_ms()) {
			TH_LOG("%s does not return", path);
		}
		usleep(10000);
	}
	EXPECT_EQ(0, status);
	EXPECT_TRUE(rig_wait(&self->rig, RSMOD_EVENT_TYPE_UNPLUGGED, 1, 1000));
	EXPECT_TRUE(rig_wait(&self->rig, RSMOD_EVENT_TYPE_DIED, 1, 1000));
	/* The standby is not bound to nothing, and reaches nothing. */
	EXPECT_EQ(1, self->rig.seen[RSMOD_EVENT_TYPE_BOUND]);
	EXPECT_EQ(RIG_SIGBUS, rig_do(&self->b, RIG_READ, STATUS, 0, 0));
	EXPECT_EQ(-ENODEV, rig_do(&self->b, RIG_INFO, 0, 0, 0));
}

TEST_HARNESS_MAIN
