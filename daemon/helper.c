// SPDX-License-Identifier: GPL-2.0-only
/*
 * helper.c - fork, a socket for the answer, end of file if there is none
 */
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>

#include "helper.h"

struct answer {
	int result;
	struct reason why;
};

struct helper {
	pid_t pid;
	int sock;
	sd_event_source *source;
	helper_done_fn done;
	void *owner;
};

static void __attribute__((noreturn)) child_main(int sock, helper_fn fn, void *arg)
{
	struct answer a = { 0 };
	sigset_t none;

	/* no copy of a device's or a client's descriptor may outlive rsd's own */
	dup2(sock, 3);
	syscall(SYS_close_range, 4, ~0U, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	a.result = fn(arg, &a.why);
	send(3, &a, sizeof(a), MSG_NOSIGNAL);
	_exit(0);
}

static int on_answer(sd_event_source *s, int fd, uint32_t revents, void *arg)
{
	struct helper *h = arg;
	helper_done_fn done = h->done;
	void *owner = h->owner;
	struct answer a;

	(void)s;
	(void)revents;
	if (recv(fd, &a, sizeof(a), MSG_DONTWAIT) != sizeof(a)) {
		a.result = -EIO;
		refuse(&a.why, 0, "the helper process died");
	}
	waitpid(h->pid, NULL, 0);
	h->pid = 0;
	helper_cancel(h);
	done(owner, a.result, &a.why);
	return 0;
}

int helper_run(struct sd_event *loop, helper_fn fn, void *arg, helper_done_fn done, void *owner,
	       struct helper **ret)
{
	struct helper *h = calloc(1, sizeof(*h));
	int sock[2];
	int r;

	if (!h)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock) < 0) {
		r = -errno;
		goto err_free;
	}
	h->sock = sock[0];
	h->done = done;
	h->owner = owner;
	r = sd_event_add_io(loop, &h->source, h->sock, EPOLLIN, on_answer, h);
	if (r < 0)
		goto err_close;
	h->pid = fork();
	if (h->pid == 0)
		child_main(sock[1], fn, arg);
	if (h->pid < 0) {
		r = -errno;
		goto err_close;
	}
	close(sock[1]);
	*ret = h;
	return 0;

err_close:
	sd_event_source_disable_unref(h->source);
	close(sock[0]);
	close(sock[1]);
err_free:
	free(h);
	return r;
}

void helper_cancel(struct helper *h)
{
	if (!h)
		return;
	sd_event_source_disable_unref(h->source);
	close(h->sock);
	free(h);
}
