// SPDX-License-Identifier: GPL-2.0-only
/*
 * callfilter.c - the lists, and their translation by libseccomp
 */
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <seccomp.h>

#include "callfilter.h"

const char *const callfilter_group_names[] = {
	"BASIC", "PROCESS", "FILE", "NETWORK", "MEMORY", NULL
};

/*
 * The loader, libc start-up, malloc, threads, time, signals, polling, reading what is
 * readable in its mount namespace, and ioctl and mmap on the instance file.
 */
static const int basic[] = {
	SCMP_SYS(access), SCMP_SYS(arch_prctl), SCMP_SYS(brk), SCMP_SYS(clock_getres),
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(close), SCMP_SYS(close_range), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3),
	SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_pwait2), SCMP_SYS(epoll_wait), SCMP_SYS(eventfd2), SCMP_SYS(execve),
	SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
	SCMP_SYS(fcntl), SCMP_SYS(fstat), SCMP_SYS(fstatfs), SCMP_SYS(futex), SCMP_SYS(getcpu),
	SCMP_SYS(getcwd), SCMP_SYS(getdents64), SCMP_SYS(getegid), SCMP_SYS(geteuid),
	SCMP_SYS(getgid), SCMP_SYS(getgroups), SCMP_SYS(getpgrp), SCMP_SYS(getpid),
	SCMP_SYS(getppid), SCMP_SYS(getrandom), SCMP_SYS(getresgid), SCMP_SYS(getresuid),
	SCMP_SYS(getrlimit), SCMP_SYS(getrusage), SCMP_SYS(gettid), SCMP_SYS(gettimeofday),
	SCMP_SYS(getuid), SCMP_SYS(ioctl), SCMP_SYS(kill), SCMP_SYS(lseek), SCMP_SYS(lstat),
	SCMP_SYS(madvise), SCMP_SYS(membarrier), SCMP_SYS(mlock), SCMP_SYS(mlock2),
	SCMP_SYS(mlockall), SCMP_SYS(mmap), SCMP_SYS(mprotect), SCMP_SYS(mremap),
	SCMP_SYS(msync), SCMP_SYS(munlock), SCMP_SYS(munlockall), SCMP_SYS(munmap),
	SCMP_SYS(nanosleep), SCMP_SYS(newfstatat), SCMP_SYS(open), SCMP_SYS(openat),
	SCMP_SYS(pause), SCMP_SYS(pipe2), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(prctl),
	SCMP_SYS(pread64), SCMP_SYS(preadv), SCMP_SYS(prlimit64), SCMP_SYS(pselect6),
	SCMP_SYS(pwrite64), SCMP_SYS(pwritev), SCMP_SYS(read), SCMP_SYS(readlink),
	SCMP_SYS(readlinkat), SCMP_SYS(readv), SCMP_SYS(restart_syscall), SCMP_SYS(rseq),
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigpending), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigqueueinfo), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigsuspend),
	SCMP_SYS(rt_sigtimedwait), SCMP_SYS(rt_tgsigqueueinfo), SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler), SCMP_SYS(sched_setaffinity),
	SCMP_SYS(sched_yield), SCMP_SYS(select), SCMP_SYS(set_robust_list),
	SCMP_SYS(set_tid_address), SCMP_SYS(setitimer), SCMP_SYS(signalfd4),
	SCMP_SYS(sigaltstack), SCMP_SYS(stat), SCMP_SYS(statx), SCMP_SYS(sysinfo),
	SCMP_SYS(tgkill), SCMP_SYS(time), SCMP_SYS(timer_create), SCMP_SYS(timer_delete),
	SCMP_SYS(timer_gettime), SCMP_SYS(timer_settime), SCMP_SYS(timerfd_create),
	SCMP_SYS(timerfd_gettime), SCMP_SYS(timerfd_settime), SCMP_SYS(uname), SCMP_SYS(write),
	SCMP_SYS(writev),
};

static const int process[] = {
	SCMP_SYS(clone), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(getpgid), SCMP_SYS(getsid),
	SCMP_SYS(pidfd_open), SCMP_SYS(pidfd_send_signal), SCMP_SYS(setpgid), SCMP_SYS(setsid),
	SCMP_SYS(vfork), SCMP_SYS(wait4), SCMP_SYS(waitid),
};

static const int file[] = {
	SCMP_SYS(chmod), SCMP_SYS(creat), SCMP_SYS(fallocate), SCMP_SYS(fchmod),
	SCMP_SYS(fchmodat), SCMP_SYS(fdatasync), SCMP_SYS(flock), SCMP_SYS(fsync),
	SCMP_SYS(ftruncate), SCMP_SYS(link), SCMP_SYS(linkat), SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat), SCMP_SYS(pwritev2), SCMP_SYS(preadv2), SCMP_SYS(rename),
	SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(rmdir), SCMP_SYS(symlink),
	SCMP_SYS(symlinkat), SCMP_SYS(sync_file_range), SCMP_SYS(truncate), SCMP_SYS(umask),
	SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(utimensat),
};

static const int network[] = {
	SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(bind), SCMP_SYS(connect),
	SCMP_SYS(getpeername), SCMP_SYS(getsockname), SCMP_SYS(getsockopt), SCMP_SYS(listen),
	SCMP_SYS(recvfrom), SCMP_SYS(recvmmsg), SCMP_SYS(recvmsg), SCMP_SYS(sendmmsg),
	SCMP_SYS(sendmsg), SCMP_SYS(sendto), SCMP_SYS(setsockopt), SCMP_SYS(shutdown),
	SCMP_SYS(socket), SCMP_SYS(socketpair),
};

static const int memory[] = {
	SCMP_SYS(memfd_create), SCMP_SYS(mincore), SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev), SCMP_SYS(userfaultfd),
};

static const struct {
	const int *calls;
	size_t nr;
} lists[CALLFILTER_GROUPS] = {
	[CALLFILTER_GROUP_BASIC]	= { basic, ARRAY_SIZE(basic) },
	[CALLFILTER_GROUP_PROCESS]	= { process, ARRAY_SIZE(process) },
	[CALLFILTER_GROUP_FILE]	= { file, ARRAY_SIZE(file) },
	[CALLFILTER_GROUP_NETWORK]	= { network, ARRAY_SIZE(network) },
	[CALLFILTER_GROUP_MEMORY]	= { memory, ARRAY_SIZE(memory) },
};

static int export(scmp_filter_ctx ctx, struct sock_fprog *ret)
{
	int fd __cleanup_close = memfd_create("seccomp", MFD_CLOEXEC);
	struct sock_filter *filter __cleanup_free = NULL;
	struct stat st;
	int r;

	if (fd < 0)
		return -errno;
	r = seccomp_export_bpf(ctx, fd);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	filter = malloc((size_t)st.st_size);
	if (!filter)
		return -ENOMEM;
	if (pread(fd, filter, (size_t)st.st_size, 0) != st.st_size)
		return -EIO;
	ret->len = (unsigned short)((size_t)st.st_size / sizeof(*filter));
	ret->filter = steal_ptr(filter);
	return 0;
}

int callfilter_compile(uint32_t groups, struct sock_fprog *ret)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	size_t g, i;
	int r = 0;

	if (!ctx)
		return -ENOMEM;
	groups |= 1U << CALLFILTER_GROUP_BASIC;
	/* a binary tree: the filter runs at every system call of the data path */
	seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (g = 0; g < CALLFILTER_GROUPS; g++) {
		if (!(groups & (1U << g)))
			continue;
		for (i = 0; i < lists[g].nr; i++) {
			/* negative numbers are calls that this architecture lacks */
			if (lists[g].calls[i] < 0)
				continue;
			r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, lists[g].calls[i], 0);
			if (r < 0)
				goto out;
		}
	}
	/* threads, not processes; flags of clone3 cannot be seen, libc then falls back to clone */
	r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (r == 0 && !(groups & (1U << CALLFILTER_GROUP_PROCESS)))
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				     SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
	if (r < 0)
		goto out;
	r = export(ctx, ret);
out:
	seccomp_release(ctx);
	return r;
}
