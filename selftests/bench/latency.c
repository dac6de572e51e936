// SPDX-License-Identifier: GPL-2.0-only
/*
 * Round trips through a character device: read(2) of 64 bytes, one after the other
 *
 *	latency CPU COUNT PATH
 */
#include <fcntl.h>
#include <unistd.h>

#include "pin.h"

#define SIZE 64
#define WARM 500

int main(int argc, char **argv)
{
	uint64_t *ns, jiffies = 0, start;
	char buf[SIZE];
	long n, i;
	int fd;

	if (argc != 4) {
		fprintf(stderr, "usage: latency CPU COUNT PATH\n");
		return 2;
	}
	pin(atoi(argv[1]));
	n = atol(argv[2]);
	ns = calloc(n, sizeof(*ns));
	fd = open(argv[3], O_RDONLY);
	if (fd < 0 || !ns) {
		perror(argv[3]);
		return 1;
	}
	for (i = -WARM; i < n; i++) {
		if (!i)
			jiffies = busy_jiffies();
		start = now_ns();
		if (read(fd, buf, SIZE) != SIZE) {
			perror("read");
			return 1;
		}
		if (i >= 0)
			ns[i] = now_ns() - start;
	}
	report_trips(ns, n, busy_jiffies() - jiffies);
	return 0;
}
