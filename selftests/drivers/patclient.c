// SPDX-License-Identifier: GPL-2.0-only
/*
 * A client of the pattern device that notices everything
 *
 *	patclient [options] DEVICE
 *
 *	--count N	so many requests (default 1000); 0 = until killed
 *	--len BYTES	of each (default 64)
 *	--writes	write instead of read
 *	--pace US	sleep between them
 *	--info		print the driver's own account, and end
 *	--crash HOW:WHEN[:COUNT]
 *			before the first request, tell it to end (numbers of pattern.h)
 *	--poison POSITION:HOW
 *			before the first request, poison a position
 *	--position N	where to begin (default 0)
 *	--gap US	print waits that were longer
 *
 * One open; requests one after the other at rising positions, which wrap at 16 MiB.
 * Nobody else may use the device: its numbers must be ours.  Ends at the first error
 * or wrong byte.  Last line: "done <count> max_us <longest wait>".
 * Exit status: 0, 1 a request failed, 2 usage, 3 a byte was wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "pattern.h"

#define WRAP	(16ULL << 20)

struct client {
	int fd;
	uint64_t count;
	uint64_t len;
	uint64_t pace_us;
	uint64_t gap_us;
	uint64_t position;
	bool writes;
	bool info;
	struct pattern_crash crash;
	struct pattern_poison poison;
	uint64_t max_ns;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int one(struct client *c, char *buf, uint64_t i, uint64_t number)
{
	uint64_t start;
	uint64_t ns;
	ssize_t n;

	if (c->writes)
		pattern_fill(buf, c->position, (uint32_t)c->len, PATTERN_WRITE + number);
	else
		memset(buf, 0, c->len);
	start = now_ns();
	n = c->writes ? pwrite(c->fd, buf, c->len, (off_t)c->position) :
			pread(c->fd, buf, c->len, (off_t)c->position);
	ns = now_ns() - start;
	if (ns > c->max_ns)
		c->max_ns = ns;
	if (n != (ssize_t)c->len) {
		printf("request %" PRIu64 " at %" PRIu64 ": %zd %s\n", i, c->position, n,
		       n < 0 ? strerror(errno) : "short");
		return 1;
	}
	if (!c->writes) {
		uint32_t ok = pattern_check(buf, c->position, (uint32_t)c->len, number);

		if (ok != c->len) {
			printf("request %" PRIu64 " at %" PRIu64 ": byte %u is wrong\n", i,
			       c->position, ok);
			return 3;
		}
	}
	if (c->gap_us && ns > c->gap_us * 1000)
		printf("gap %" PRIu64 " us at request %" PRIu64 "\n", ns / 1000, i);
	c->position = (c->position + c->len) % WRAP;
	return 0;
}

static int run(struct client *c)
{
	const struct timespec pace = {
		.tv_sec = (time_t)(c->pace_us / 1000000),
		.tv_nsec = (long)(c->pace_us % 1000000 * 1000),
	};
	struct pattern_info info;
	uint64_t i;
	char *buf;
	int r = 0;

	if (ioctl(c->fd, PATTERN_IOC_INFO, &info)) {
		perror("PATTERN_IOC_INFO");
		return 1;
	}
	if (c->info) {
		printf("pid=%d instance=%u endpoint=%d init=%u reads=%llu writes=%llu opens=%llu ",
		       info.pid, info.instance, info.endpoint, info.init, info.reads,
		       info.writes, info.opens);
		printf("reopens=%llu replayed=%llu known=%llu restarts=%llu\n", info.reopens,
		       info.replayed, info.known, info.restarts);
		return 0;
	}
	if (c->poison.position != UINT64_MAX && ioctl(c->fd, PATTERN_IOC_POISON, &c->poison)) {
		perror("PATTERN_IOC_POISON");
		return 1;
	}
	if (c->crash.when && ioctl(c->fd, PATTERN_IOC_CRASH, &c->crash)) {
		/* That the ioctl is not answered is what was asked for. */
		if (c->crash.when != PATTERN_NOW || errno != EIO) {
			perror("PATTERN_IOC_CRASH");
			return 1;
		}
	}
	buf = malloc(c->len);
	if (!buf)
		return 1;
	for (i = 0; !r && (!c->count || i < c->count); i++) {
		r = one(c, buf, i, (c->writes ? info.writes : info.reads) + i);
		if (c->pace_us)
			nanosleep(&pace, NULL);
	}
	free(buf);
	printf("done %" PRIu64 " max_us %" PRIu64 "\n", r ? i - 1 : i, c->max_ns / 1000);
	return r;
}

int main(int argc, char **argv)
{
	const struct option options[] = {
		{ "count", required_argument, NULL, 'c' },
		{ "len", required_argument, NULL, 'l' },
		{ "writes", no_argument, NULL, 'w' },
		{ "pace", required_argument, NULL, 'p' },
		{ "info", no_argument, NULL, 'i' },
		{ "crash", required_argument, NULL, 'x' },
		{ "poison", required_argument, NULL, 'q' },
		{ "position", required_argument, NULL, 'o' },
		{ "gap", required_argument, NULL, 'g' },
		{ NULL, 0, NULL, 0 },
	};
	struct client c = {
		.count = 1000,
		.len = 64,
		.crash = { .count = 1 },
		.poison = { .position = UINT64_MAX },
	};
	unsigned long long position;
	int opt;
	int r;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			c.count = strtoull(optarg, NULL, 0);
			break;
		case 'l':
			c.len = strtoull(optarg, NULL, 0);
			break;
		case 'w':
			c.writes = true;
			break;
		case 'p':
			c.pace_us = strtoull(optarg, NULL, 0);
			break;
		case 'i':
			c.info = true;
			break;
		case 'x':
			if (sscanf(optarg, "%u:%u:%u", &c.crash.how, &c.crash.when,
				   &c.crash.count) < 2)
				return 2;
			break;
		case 'q':
			if (sscanf(optarg, "%llu:%u", &position, &c.poison.how) != 2)
				return 2;
			c.poison.position = position;
			break;
		case 'o':
			c.position = strtoull(optarg, NULL, 0);
			break;
		case 'g':
			c.gap_us = strtoull(optarg, NULL, 0);
			break;
		default:
			return 2;
		}
	}
	if (optind + 1 != argc || !c.len || c.len > UINT32_MAX)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	c.fd = open(argv[optind], O_RDWR | O_CLOEXEC);
	if (c.fd < 0) {
		perror(argv[optind]);
		return 1;
	}
	r = run(&c);
	close(c.fd);
	return r;
}
