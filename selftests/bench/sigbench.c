// SPDX-License-Identifier: GPL-2.0-only
/*
 * What delivering a signal costs a process that has nothing to do with rsmod
 *
 *	sigbench CPU COUNT
 *
 * Two kinds: one with a handler, and one with the default action to ignore it.
 */
#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

#include "pin.h"

#define BATCH 1000

static void handler(int signo)
{
	(void)signo;
}

int main(int argc, char **argv)
{
	uint64_t *ns, jiffies, start;
	pid_t self = getpid();
	long n, i, k;

	if (argc != 3) {
		fprintf(stderr, "usage: sigbench CPU COUNT\n");
		return 2;
	}
	pin(atoi(argv[1]));
	n = atol(argv[2]) / BATCH;
	ns = calloc(n, sizeof(*ns));
	if (!ns)
		return 1;
	signal(SIGUSR1, handler);
	jiffies = busy_jiffies();
	for (i = 0; i < n; i++) {
		start = now_ns();
		for (k = 0; k < BATCH; k++)
			kill(self, SIGUSR1);
		ns[i] = (now_ns() - start) / BATCH;
	}
	report_trips(ns, n, busy_jiffies() - jiffies);
	return 0;
}
