// SPDX-License-Identifier: GPL-2.0-only
/*
 * killer - send signals, and say exactly when
 *
 * Reads lines "PID SIGNAL" and answers each with "PID SIGNAL BEFORE AFTER ERRNO":
 * CLOCK_MONOTONIC in ns immediately before and after kill(2).
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

int main(void)
{
	uint64_t before, after;
	int pid, sig, err;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while (scanf("%d %d", &pid, &sig) == 2) {
		before = now_ns();
		err = kill(pid, sig) ? errno : 0;
		after = now_ns();
		printf("%d %d %" PRIu64 " %" PRIu64 " %d\n", pid, sig, before, after, err);
	}
	return 0;
}
