// SPDX-License-Identifier: GPL-2.0-only
/*
 * sandbox.c - the steps in their order: what needs privilege first, the filter last
 */
#include <fcntl.h>
#include <grp.h>
#include <mntent.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <cap-ng.h>
#include <linux/seccomp.h>

#include "sandbox.h"

#ifndef PR_SET_IO_FLUSHER
#define PR_SET_IO_FLUSHER 57
#endif

#define NOFILE_MAX	1024

const uint64_t sandbox_clone_flags = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET;

/* Nothing of these is a driver's business, unless its program lies there. */
static const char *const hidden[] = {
	"/boot", "/dev", "/home", "/media", "/mnt", "/root", "/run", "/srv", "/sys", "/tmp", "/var",
};

static int reset_signals(void)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };
	sigset_t none;
	int i;

	for (i = 1; i < NSIG; i++)
		sigaction(i, &sa, NULL);
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL) < 0 ? -errno : 0;
}

static int set_limit(int resource, rlim_t value)
{
	struct rlimit l = { value, value };

	return setrlimit(resource, &l) < 0 ? -errno : 0;
}

static int set_limits(const struct sandbox *s)
{
	int r;

	/* a driver of a disk or a network card locks itself in memory */
	r = set_limit(RLIMIT_MEMLOCK, RLIM_INFINITY);
	if (r == 0)
		r = set_limit(RLIMIT_CORE, s->core_limit);
	if (r == 0)
		r = set_limit(RLIMIT_NOFILE, NOFILE_MAX);
	if (r == 0 && setpriority(PRIO_PROCESS, 0, s->nice) < 0)
		r = -errno;
	if (r == 0 && s->io_flusher && prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0) < 0)
		r = -errno;
	return r;
}

/* Whether @program lies below @dir. */
static bool below(const char *program, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(program, dir, len) && program[len] == '/';
}

/* May the program, or a library of it, lie on what is mounted at @point? */
static bool wants(const struct sandbox *s, const char *point)
{
	static const char *const libraries[] = {
		"/etc", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/usr",
	};
	size_t i;

	if (streq(point, "/") || below(s->program, point))
		return true;
	for (i = 0; i < ARRAY_SIZE(libraries); i++)
		if (streq(point, libraries[i]) || below(point, libraries[i]))
			return true;
	return false;
}

/*
 * Leaves all other file systems: one that is mounted here as well is still in use when the
 * system has unmounted it, and its disk cannot be taken away.
 */
static int leave(const struct sandbox *s)
{
	FILE *f = setmntent("/proc/self/mounts", "re");
	char **points = NULL, **more;
	struct mntent *m;
	size_t nr = 0;
	int r = 0;

	if (!f)
		return -errno;
	while (r == 0 && (m = getmntent(f))) {
		if (wants(s, m->mnt_dir))
			continue;
		more = reallocarray(points, nr + 1, sizeof(*points));
		if (more) {
			points = more;
			points[nr] = strdup(m->mnt_dir);
		}
		if (more && points[nr])
			nr++;
		else
			r = -ENOMEM;
	}
	endmntent(f);
	/* The last first: it may lie on one before.  Some go with another. */
	while (nr--) {
		umount2(points[nr], MNT_DETACH | UMOUNT_NOFOLLOW);
		free(points[nr]);
	}
	free(points);
	return r;
}

static int hide(const struct sandbox *s)
{
	struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
	};
	size_t i;
	int r;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	r = leave(s);
	if (r < 0)
		return r;
	if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attr, sizeof(attr)) < 0)
		return -errno;
	for (i = 0; i < ARRAY_SIZE(hidden); i++) {
		if (below(s->program, hidden[i]))
			continue;
		if (mount("none", hidden[i], "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
			  "size=4k,mode=0555") < 0 && errno != ENOENT)
			return -errno;
	}
	/* its own threads and nothing else */
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY,
		  "hidepid=invisible,subset=pid") < 0)
		return -errno;
	return 0;
}

static int set_descriptors(int fd)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return -errno;
	if (fd == SANDBOX_FD) {
		if (fcntl(fd, F_SETFD, 0) < 0)
			return -errno;
	} else if (dup2(fd, SANDBOX_FD) < 0) {
		return -errno;
	}
	/* the rest goes at exec: the one that reports a failed exec is needed until then */
	if (syscall(SYS_close_range, SANDBOX_FD + 1, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */) < 0)
		return -errno;
	return 0;
}

static int drop_privilege(const struct sandbox *s)
{
	capng_clear(CAPNG_SELECT_ALL);
	/* the bounding set needs CAP_SETPCAP, so it goes first */
	if (capng_apply(CAPNG_SELECT_BOUNDS) != 0)
		return -EPERM;
	if (setgroups(0, NULL) < 0 || setresgid(s->uid, s->uid, s->uid) < 0 ||
	    setresuid(s->uid, s->uid, s->uid) < 0)
		return -errno;
	capng_clear(CAPNG_SELECT_ALL);
	if (capng_apply(CAPNG_SELECT_CAPS) != 0)
		return -EPERM;
	if (capng_get_caps_process() != 0 || capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE)
		return -EPERM;
	return 0;
}

static int filter_calls(const struct sandbox *s)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &s->filter) < 0)
		return -errno;
	return 0;
}

int sandbox_enter(const struct sandbox *s, int fd, const char **ret_stage)
{
	int r;

	*ret_stage = "session";
	if (setsid() < 0)
		return -errno;
	*ret_stage = "descriptors";
	r = set_descriptors(fd);
	if (r < 0)
		return r;
	*ret_stage = "limits";
	r = set_limits(s);
	if (r < 0)
		return r;
	*ret_stage = "mounts";
	r = hide(s);
	if (r < 0)
		return r;
	*ret_stage = "signals";
	r = reset_signals();
	if (r < 0)
		return r;
	*ret_stage = "privileges";
	r = drop_privilege(s);
	if (r < 0)
		return r;
	*ret_stage = "system call filter";
	return filter_calls(s);
}
