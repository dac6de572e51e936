// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fatal signals still kill, by the same signal, after the handler has run
 *
 * Real signals in real processes.  There is no module behind the descriptor, so what
 * the report does is not tested here, only that it does no harm.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "instance.h"
#include "tap.h"

static void die_segv(void)
{
	__atomic_store_n((int *)0x5eed0, 1, __ATOMIC_RELAXED);
}

static void die_fpe(void)
{
	__asm__ volatile("xorl %%ecx, %%ecx; divl %%ecx" ::: "eax", "ecx", "edx");
}

static void die_raise(void)
{
	raise(SIGBUS);
}

static void die_kill(void)
{
	kill(getpid(), SIGSEGV);
	for (;;)
		pause();
}

static int deeper(int n)
{
	char page[4096];

	__atomic_store_n(&page[0], (char)n, __ATOMIC_RELAXED);
	return n ? deeper(n + 1) + page[0] : 0;
}

static void die_stack(void)
{
	deeper(1);
}

static void die_panic(void)
{
	struct rsdrv d = { .fd = open("/dev/null", O_RDWR) };

	rsdrv_panic(&d, "%s %d", "reason", 7);
}

/* Signal that ends a process that does @die under the watch, or 0. */
static int ends_by(void (*die)(void))
{
	const struct rlimit none = { 0, 0 };
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		setrlimit(RLIMIT_CORE, &none);
		if (death_watch(open("/dev/null", O_RDWR)))
			_exit(1);
		alarm(20);
		die();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void test_faults(void)
{
	EXPECT(ends_by(die_segv) == SIGSEGV);
#ifdef __x86_64__
	EXPECT(ends_by(die_fpe) == SIGFPE);
#else
	(void)die_fpe;
#endif
}

static void test_sent(void)
{
	EXPECT(ends_by(abort) == SIGABRT);
	EXPECT(ends_by(die_raise) == SIGBUS);
	EXPECT(ends_by(die_kill) == SIGSEGV);
}

static void test_stack(void)
{
	EXPECT(ends_by(die_stack) == SIGSEGV);
}

static void test_panic(void)
{
	EXPECT(ends_by(die_panic) == SIGABRT);
}

static void test_undo(void)
{
	struct sigaction sa;
	int fd = open("/dev/null", O_RDWR);

	EXPECT(death_watch(fd) == 0);
	EXPECT(death_watch(fd) < 0);
	death_unwatch();
	EXPECT(sigaction(SIGILL, NULL, &sa) == 0 && sa.sa_handler == SIG_DFL);
	EXPECT(death_watch(fd) == 0);
	death_unwatch();
	close(fd);
}

int main(void)
{
	static const struct tap_case cases[] = {
		{ "a fault kills", test_faults },
		{ "a signal that was sent kills", test_sent },
		{ "an overflown stack kills", test_stack },
		{ "a panic aborts", test_panic },
		{ "the watch can be taken back", test_undo },
	};

	return tap_run(cases, ARRAY_SIZE(cases));
}
