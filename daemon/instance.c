// SPDX-License-Identifier: GPL-2.0-only
/*
 * instance.c - starting, watching and ending a driver process
 */
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>

#include <linux/rs_channel.h>

#include "instance.h"
#include "sandbox.h"
#include "callfilter.h"

/* What a child that fails before exec sends. */
struct report {
	int error;
	char stage[32];
};

static void __attribute__((noreturn))
child_main(int sock, int fd, const struct sandbox *box, char *const *argv, const char *fault)
{
	char number[16], faulty[24];
	/* A replica looks up no symbol while clients wait for it. */
	char *const envp[] = { number, (char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
			       (char *)"LD_BIND_NOW=1", fault ? faulty : NULL, NULL };
	struct report report = { 0 };
	const char *stage;
	char go;
	int r;

	/* end of file: rsd gave up, or died */
	if (recv(sock, &go, 1, 0) != 1)
		_exit(0);
	snprintf(number, sizeof(number), "RSDRV_FD=%d", SANDBOX_FD);
	snprintf(faulty, sizeof(faulty), "RSDRV_FAULT=%s", fault ? fault : "");
	r = sandbox_enter(box, fd, &stage);
	if (r == 0) {
		execve(box->program, argv, envp);
		stage = "exec";
		r = -errno;
	}
	report.error = -r;
	copy_text(report.stage, sizeof(report.stage), stage);
	send(sock, &report, sizeof(report), MSG_NOSIGNAL);
	_exit(127);
}

static pid_t clone_child(int cgroup, int *ret_pidfd)
{
	int pidfd = -1;
	struct clone_args args = {
		.flags = CLONE_PIDFD | sandbox_clone_flags |
			 (cgroup >= 0 ? CLONE_INTO_CGROUP : 0),
		.pidfd = (uintptr_t)&pidfd,
		.exit_signal = SIGCHLD,
		.cgroup = cgroup >= 0 ? (uint64_t)cgroup : 0,
	};
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid > 0)
		*ret_pidfd = pidfd;
	return pid < 0 ? -errno : (pid_t)pid;
}

/* Maps the pool where ARM was told it would be. */
static int map_pool(const struct vfio *vfio, int fd, const struct rs_arm *arm, struct reason *why)
{
	void *pool;
	int r;

	pool = mmap(NULL, arm->pool_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    (off_t)RS_MMAP_OFFSET(RS_MMAP_POOL, 0));
	if (pool == MAP_FAILED)
		return refuse(why, -errno, "mapping the instance's pool: %s", strerror(errno));
	r = vfio_map(vfio, pool, arm->pool_iova, arm->pool_size, why);
	/* the IOMMU has the pages, rsd needs them no longer */
	munmap(pool, arm->pool_size);
	return r;
}

static char **make_argv(const struct conf_service *conf, const char *program)
{
	char **argv = NULL;
	size_t i;

	if (strv_append(&argv, program) < 0)
		return NULL;
	for (i = 0; conf->args && conf->args[i]; i++) {
		if (strv_append(&argv, conf->args[i]) < 0) {
			strv_free(argv);
			return NULL;
		}
	}
	return argv;
}

int instance_spawn(const struct conf_service *conf, const struct instance_how *how,
		   int32_t endpoint, unsigned int window, const struct vfio *vfio,
		   struct instance **ret, struct reason *why)
{
	struct rs_arm arm = {
		.endpoint = endpoint,
		.pool_size = conf->pool,
		.pool_iova = vfio ? instance_window_iova(window) : RS_IOVA_NONE,
		.flags = how->hold ? RS_ARM_HOLD : 0,
	};
	struct sandbox box = {
		.program = how->program ? how->program : conf->program,
		.uid = INSTANCE_UID_BASE + RS_EP_SLOT(endpoint) * INSTANCE_WINDOWS + window,
		.nice = conf->nice,
		.core_limit = conf->core_limit,
		.io_flusher = conf->class == RS_CLASS_NET || conf->class == RS_CLASS_BLK,
	};
	int fd __cleanup_close = -1, cgroup __cleanup_close = -1;
	int sock[2] = { -1, -1 };
	char **argv = NULL;
	struct instance *i;
	int r;

	i = calloc(1, sizeof(*i));
	if (!i)
		return -ENOMEM;
	i->pidfd = i->report = -1;
	i->iova = RS_IOVA_NONE;
	i->window = window;
	i->parked = how->hold;
	if (conf_given(conf, CONF_KEY_UID))
		box.uid = conf->uid;

	argv = make_argv(conf, box.program);
	r = argv ? callfilter_compile(conf->system, &box.filter) : -ENOMEM;
	if (r < 0) {
		refuse(why, r, "preparing the system call filter: %s", strerror(-r));
		goto err_free;
	}
	fd = open("/dev/rsmod", O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		r = refuse(why, -errno, "/dev/rsmod cannot be opened: %s", strerror(errno));
		goto err_free;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock) < 0) {
		r = refuse(why, -errno, "socketpair: %s", strerror(errno));
		goto err_free;
	}
	cgroup = cgroup_make(conf->label, i->cgroup);
	if (cgroup < 0)
		i->cgroup[0] = '\0';

	i->pid = clone_child(cgroup, &i->pidfd);
	if (i->pid == 0) {
		close(sock[0]);
		child_main(sock[1], fd, &box, argv, how->fault);
	}
	if (i->pid < 0) {
		r = refuse(why, i->pid, "clone3: %s", strerror(-i->pid));
		goto err_free;
	}
	close_fd(&sock[1]);

	arm.pid = i->pid;
	if (ioctl(fd, RS_IOC_ARM, &arm) < 0) {
		r = refuse(why, -errno, "arming an instance: %s", strerror(errno));
		goto err_kill;
	}
	i->number = arm.instance;
	i->pool_size = arm.pool_size;
	if (vfio) {
		r = map_pool(vfio, fd, &arm, why);
		if (r < 0)
			goto err_kill;
		i->iova = arm.pool_iova;
	}
	close_fd(&fd);
	if (send(sock[0], "", 1, MSG_NOSIGNAL) != 1) {
		r = refuse(why, -errno, "the child is gone before it began");
		goto err_unmap;
	}
	i->report = sock[0];
	strv_free(argv);
	free(box.filter.filter);
	*ret = i;
	return 0;

err_unmap:
	if (vfio)
		vfio_unmap(vfio, i->iova, i->pool_size);
err_kill:
	close_fd(&sock[0]);
	kill(i->pid, SIGKILL);
	waitpid(i->pid, NULL, 0);
err_free:
	close_fd(&sock[0]);
	close_fd(&sock[1]);
	strv_free(argv);
	free(box.filter.filter);
	instance_free(i);
	return r;
}

int instance_adopt(pid_t pid, struct instance **ret)
{
	struct instance *i = calloc(1, sizeof(*i));

	if (!i)
		return -ENOMEM;
	i->report = -1;
	i->iova = RS_IOVA_NONE;
	i->pid = pid;
	i->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (i->pidfd < 0) {
		int r = -errno;

		free(i);
		return r;
	}
	if (cgroup_of(pid, i->cgroup) < 0)
		i->cgroup[0] = '\0';
	*ret = i;
	return 0;
}

bool instance_report(struct instance *i, struct reason *ret)
{
	struct report report;

	if (i->report < 0 ||
	    recv(i->report, &report, sizeof(report), MSG_DONTWAIT) != sizeof(report))
		return false;
	report.stage[sizeof(report.stage) - 1] = '\0';
	refuse(ret, 0, "the driver could not be started: %s: %s", report.stage,
	       strerror(report.error));
	return true;
}

int instance_reap(struct instance *i)
{
	siginfo_t si = { 0 };

	/* an adopted one was reaped by the process that inherited it */
	if (waitid(P_PIDFD, (id_t)i->pidfd, &si, WEXITED | WNOHANG) < 0 || si.si_pid == 0)
		return 0;
	if (si.si_code == CLD_EXITED)
		return si.si_status << 8;
	return si.si_status | (si.si_code == CLD_DUMPED ? 0x80 : 0);
}

void instance_kill(struct instance *i)
{
	if (i->pidfd >= 0 && !i->exited)
		syscall(SYS_pidfd_send_signal, i->pidfd, SIGKILL, NULL, 0);
	cgroup_kill(i->cgroup);
}

void instance_free(struct instance *i)
{
	if (!i)
		return;
	sd_event_source_disable_unref(i->exit_source);
	sd_event_source_disable_unref(i->attach_timer);
	close_fd(&i->pidfd);
	close_fd(&i->report);
	free(i);
}
