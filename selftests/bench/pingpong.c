// SPDX-License-Identifier: GPL-2.0-only
/*
 * Round trips between two processes over two pipes: what no driver in a process can beat
 *
 *	pingpong CPU PEER-CPU COUNT
 */
#include <sys/wait.h>
#include <unistd.h>

#include "pin.h"

#define SIZE 64
#define WARM 500

static void must(ssize_t n)
{
	if (n != SIZE)
		_exit(1);
}

int main(int argc, char **argv)
{
	uint64_t *ns, jiffies = 0, start;
	int there[2], back[2];
	char buf[SIZE] = "";
	pid_t pid;
	long n, i;

	if (argc != 4) {
		fprintf(stderr, "usage: pingpong CPU PEER-CPU COUNT\n");
		return 2;
	}
	n = atol(argv[3]);
	ns = calloc(n, sizeof(*ns));
	if (!ns || pipe(there) || pipe(back)) {
		perror("pingpong");
		return 1;
	}
	pid = fork();
	if (!pid) {
		pin(atoi(argv[2]));
		for (i = -WARM; i < n; i++) {
			must(read(there[0], buf, SIZE));
			must(write(back[1], buf, SIZE));
		}
		_exit(0);
	}
	pin(atoi(argv[1]));
	for (i = -WARM; i < n; i++) {
		if (!i)
			jiffies = busy_jiffies();
		start = now_ns();
		must(write(there[1], buf, SIZE));
		must(read(back[0], buf, SIZE));
		if (i >= 0)
			ns[i] = now_ns() - start;
	}
	report_trips(ns, n, busy_jiffies() - jiffies);
	waitpid(pid, NULL, 0);
	return 0;
}
