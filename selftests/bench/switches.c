// SPDX-License-Identifier: GPL-2.0-only
/*
 * There and back between two processes on one CPU, and nothing else: the floor of a round trip
 *
 * Both run SCHED_FIFO with the same priority, so that each sched_yield() hands the CPU to the
 * other; a word that they share shows that it did.
 *
 *	switches CPU COUNT
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pin.h"

#define WARM 500

int main(int argc, char **argv)
{
	const struct sched_param param = { .sched_priority = 1 };
	volatile uint32_t *turns;
	uint64_t *ns, jiffies = 0, start;
	uint32_t seen;
	pid_t pid;
	long n, i;

	if (argc != 3) {
		fprintf(stderr, "usage: switches CPU COUNT\n");
		return 2;
	}
	n = atol(argv[2]);
	ns = calloc(n, sizeof(*ns));
	turns = mmap(NULL, sizeof(*turns), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	pin(atoi(argv[1]));
	if (!ns || turns == MAP_FAILED || sched_setscheduler(0, SCHED_FIFO, &param)) {
		perror("switches");
		return 1;
	}
	pid = fork();
	if (!pid) {
		for (;;) {
			++*turns;
			sched_yield();
		}
	}
	for (i = -WARM; i < n; i++) {
		if (!i)
			jiffies = busy_jiffies();
		seen = *turns;
		start = now_ns();
		sched_yield();
		if (i >= 0)
			ns[i] = now_ns() - start;
		if (*turns == seen) {
			fprintf(stderr, "switches: the other one did not run\n");
			kill(pid, SIGKILL);
			return 1;
		}
	}
	report_trips(ns, n, busy_jiffies() - jiffies);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return 0;
}
