// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Signals that a service handles (MINIX: lib/libsys/sef_signal.c), and callbacks for tests
 *
 * A handler that set a word for the loop to look at could come just before the loop goes to sleep.
 * So it tells the module, which wakes the loop like a request would, and which also has the way
 * for rsd to tell a service of a signal without sending one.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <rsdrv/sef.h>

#include "instance.h"

/* All that a handler can reach. */
static struct {
	int fd;
	pid_t pid;
} sig = { .fd = -1 };

static void sig_handler(int signo)
{
	int err = errno;

	/* A forked child is not the instance. */
	if (sig.fd >= 0 && sig.pid == getpid())
		ioctl(sig.fd, RS_IOC_SIGNAL, (unsigned long)signo);
	errno = err;
}

int rsdrv_signal_watch(struct rsdrv *d, int signo)
{
	struct sigaction sa = { .sa_handler = sig_handler, .sa_flags = SA_RESTART };

	switch (signo) {
	case SIGSEGV:
	case SIGBUS:
	case SIGILL:
	case SIGFPE:
	case SIGTRAP:
	case SIGABRT:
	case SIGSYS:
		return -EINVAL;
	}
	if (signo < 1 || signo > RS_SIGNAL_MAX)
		return -EINVAL;
	sig.pid = getpid();
	sig.fd = d->fd;
	sigfillset(&sa.sa_mask);
	return sigaction(signo, &sa, NULL) ? -errno : 0;
}

void sig_unwatch(int fd)
{
	if (sig.fd == fd)
		sig.fd = -1;
}

int sig_events(struct rsdrv *d, uint32_t signals)
{
	int signo, served = 0;

	for (signo = 1; signo <= RS_SIGNAL_MAX; signo++) {
		if (!(signals & 1U << (signo - 1)))
			continue;
		served++;
		if (d->params.ops->signal)
			d->params.ops->signal(d, signo);
	}
	return served;
}

void rsdrv_signal_term(struct rsdrv *d, int signo)
{
	if (signo != SIGTERM)
		return;
	if (!d->stopped && d->params.ops->stop)
		d->params.ops->stop(d);
	d->stopped = true;
}

int rsdrv_init_null(struct rsdrv *d, const struct rsdrv_init_info *info)
{
	(void)d;
	(void)info;
	return 0;
}

int rsdrv_init_fail(struct rsdrv *d, const struct rsdrv_init_info *info)
{
	(void)d;
	(void)info;
	return -ENOSYS;
}

int rsdrv_init_crash(struct rsdrv *d, const struct rsdrv_init_info *info)
{
	rsdrv_panic(d, "asked to crash in INIT %u", info->type);
}

int rsdrv_init_timeout(struct rsdrv *d, const struct rsdrv_init_info *info)
{
	(void)d;
	(void)info;
	for (;;)
		poll(NULL, 0, -1);
}
