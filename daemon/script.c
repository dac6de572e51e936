// SPDX-License-Identifier: GPL-2.0-only
/*
 * script.c - fork, exec, and the time limit
 *
 * A fork, not a spawn: the script may lie on a disk that the failed driver serves, and
 * rsd does not wait for its first page.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>

#include "script.h"

#define EXIT_NO_EXEC	127

struct script {
	pid_t pid;
	int pidfd;
	bool late;
	sd_event_source *exit;
	sd_event_source *timer;
	void (*done)(void *owner, int result, const struct reason *why);
	void *owner;
};

const char *script_reason(bool refresh, bool hung)
{
	return refresh ? "restart" : hung ? "no-heartbeat" : "terminated";
}

static void __attribute__((noreturn)) child_main(const struct script_call *call)
{
	char *environment[] = { NULL };
	char restarts[16];
	sigset_t none;
	int null;

	char *argv[] = { (char *)(uintptr_t)call->path, (char *)(uintptr_t)call->label,
			 (char *)(uintptr_t)call->reason, restarts, NULL };

	snprintf(restarts, sizeof(restarts), "%" PRIu32, call->restarts);
	null = open("/dev/null", O_RDONLY);
	if (null >= 0)
		dup2(null, STDIN_FILENO);
	syscall(SYS_close_range, 3, ~0U, 0);
	setsid();
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(call->path, argv, environment);
	_exit(EXIT_NO_EXEC);
}

static void script_free(struct script *s)
{
	sd_event_source_disable_unref(s->exit);
	sd_event_source_disable_unref(s->timer);
	close_fd(&s->pidfd);
	free(s);
}

static int judge(const struct script *s, int status, struct reason *why)
{
	if (s->late)
		return refuse(why, -ETIME, "it took too long");
	if (WIFSIGNALED(status))
		return refuse(why, -EIO, "it was ended by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) == EXIT_NO_EXEC)
		return refuse(why, -ENOEXEC, "it could not be run");
	if (WEXITSTATUS(status))
		return refuse(why, -EIO, "it ended with exit status %d", WEXITSTATUS(status));
	return 0;
}

static int on_exit_script(sd_event_source *src, int fd, uint32_t revents, void *arg)
{
	void (*done)(void *owner, int result, const struct reason *why);
	struct reason why = { "" };
	struct script *s = arg;
	int status = 0, r;
	void *owner;

	(void)src;
	(void)fd;
	(void)revents;
	waitpid(s->pid, &status, 0);
	r = judge(s, status, &why);
	done = s->done;
	owner = s->owner;
	script_free(s);
	if (done)
		done(owner, r, &why);
	return 0;
}

static int on_late(sd_event_source *src, uint64_t usec, void *arg)
{
	struct script *s = arg;

	(void)src;
	(void)usec;
	s->late = true;
	/* what it started goes with it; before setsid() there is no such group */
	if (kill(-s->pid, SIGKILL) < 0)
		kill(s->pid, SIGKILL);
	return 0;
}

int script_run(struct sd_event *loop, const struct script_call *call, struct script **ret,
	       struct reason *why)
{
	struct script *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return refuse(why, -ENOMEM, "no memory");
	s->pidfd = -1;
	s->done = call->done;
	s->owner = call->owner;
	s->pid = fork();
	if (s->pid == 0)
		child_main(call);
	if (s->pid < 0) {
		r = -errno;
		free(s);
		return refuse(why, r, "fork: %s", strerror(-r));
	}
	s->pidfd = (int)syscall(SYS_pidfd_open, s->pid, 0);
	r = s->pidfd < 0 ? -errno : 0;
	if (r == 0)
		r = sd_event_add_io(loop, &s->exit, s->pidfd, EPOLLIN, on_exit_script, s);
	if (r >= 0)
		r = sd_event_add_time_relative(loop, &s->timer, CLOCK_MONOTONIC,
					       call->timeout_ms * USEC_PER_MSEC, USEC_PER_MSEC,
					       on_late, s);
	if (r < 0) {
		kill(s->pid, SIGKILL);
		waitpid(s->pid, NULL, 0);
		script_free(s);
		return refuse(why, r, "watching it: %s", strerror(-r));
	}
	*ret = s;
	return 0;
}

void script_let_go(struct script *s)
{
	if (s)
		s->done = NULL;
}
