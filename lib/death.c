// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A driver reports its own end, before the core dump
 *
 * The handler of fatal signals makes one system call, RS_IOC_DYING, upon which the
 * module unbinds this instance and binds the standby, then lets the signal have its
 * default effect with the registers as they were, so that the core shows the place.
 * Everything in the handler is async-signal-safe.
 *
 * This is the earliest of several detectors and the only one that can say why; the
 * others do not depend on it.
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "instance.h"

/* Room for the handler and for whatever vector registers the CPU saves. */
#define DEATH_STACK	65536

static const struct fatal {
	int signo;
	char name[8];
} fatals[] = {
	{ SIGSEGV, "SIGSEGV" },
	{ SIGBUS, "SIGBUS" },
	{ SIGILL, "SIGILL" },
	{ SIGFPE, "SIGFPE" },
	{ SIGTRAP, "SIGTRAP" },
	{ SIGABRT, "SIGABRT" },
	{ SIGSYS, "SIGSYS" },
};

#define NR_FATALS	ARRAY_SIZE(fatals)

/* A signal handler has no argument: what it needs is here. */
static struct {
	int fd;
	pid_t pid;
	void *stack;
	struct sigaction old[NR_FATALS];
} death = { .fd = -1 };

static char *put_str(char *p, const char *s)
{
	while (*s)
		*p++ = *s++;
	return p;
}

static char *put_hex(char *p, uint64_t v)
{
	int shift = 60;

	while (shift && !(v >> shift & 15))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[v >> shift & 15];
	return p;
}

/* Did the instruction at hand fault, so that it faults again on return? */
static bool fault_repeats(int signo, const siginfo_t *si)
{
	if (si->si_code <= 0)
		return false;
	return signo == SIGSEGV || signo == SIGBUS || signo == SIGILL || signo == SIGFPE;
}

static void death_handler(int signo, siginfo_t *si, void *context)
{
	struct rs_dying dying = { .signo = (uint32_t)signo };
	char *p = dying.text;
	size_t i;

	(void)context;
	/* A forked child is not the instance. */
	if (death.fd >= 0 && death.pid == getpid()) {
		for (i = 0; i < NR_FATALS; i++) {
			if (fatals[i].signo == signo)
				p = put_str(p, fatals[i].name);
		}
		if (fault_repeats(signo, si)) {
			dying.addr = (uintptr_t)si->si_addr;
			p = put_str(p, " at address 0x");
			p = put_hex(p, dying.addr);
		}
		ioctl(death.fd, RS_IOC_DYING, &dying);
	}
	/* SA_RESETHAND made it SIG_DFL already; it is blocked until we return. */
	if (!fault_repeats(signo, si))
		syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid), signo);
}

int death_watch(int fd)
{
	struct sigaction sa = {
		.sa_sigaction = death_handler,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | (int)SA_RESETHAND,
	};
	stack_t stack = { .ss_size = DEATH_STACK };
	size_t i;
	int r;

	if (death.fd >= 0)
		return -EALREADY;
	stack.ss_sp = mmap(NULL, DEATH_STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (stack.ss_sp == MAP_FAILED)
		return -errno;
	if (sigaltstack(&stack, NULL)) {
		r = -errno;
		munmap(stack.ss_sp, DEATH_STACK);
		return r;
	}
	death.stack = stack.ss_sp;
	death.pid = getpid();
	death.fd = fd;
	sigfillset(&sa.sa_mask);
	for (i = 0; i < NR_FATALS; i++)
		sigaction(fatals[i].signo, &sa, &death.old[i]);
	return 0;
}

void death_unwatch(void)
{
	const stack_t none = { .ss_flags = SS_DISABLE };
	size_t i;

	if (death.fd < 0)
		return;
	death.fd = -1;
	for (i = 0; i < NR_FATALS; i++)
		sigaction(fatals[i].signo, &death.old[i], NULL);
	sigaltstack(&none, NULL);
	munmap(death.stack, DEATH_STACK);
	death.stack = NULL;
}

void rsdrv_panic(struct rsdrv *d, const char *fmt, ...)
{
	struct rs_dying dying = { .signo = 0 };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(dying.text, sizeof(dying.text), fmt, ap);
	va_end(ap);
	ioctl(d->fd, RS_IOC_DYING, &dying);
	/* It is said; abort() need not say it again. */
	death.fd = -1;
	abort();
}
