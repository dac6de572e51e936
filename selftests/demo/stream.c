// SPDX-License-Identifier: GPL-2.0-only
/*
 * stream - one TCP stream whose bytes follow from a seed, and a log of its progress
 *
 *	stream send SEED LOG ADDRESS PORT	connect, send until SIGTERM
 *	stream recv LOG FILE ADDRESS PORT	connect, write what comes to FILE (- = stdout)
 *	... -l				the same, but listen and take one connection
 *	stream gen SEED BYTES			write the first BYTES of a sequence to stdout
 *
 * The log has one line for each send or receive that made progress: CLOCK_MONOTONIC in
 * ns, and bytes so far.  It is kept in memory until the end, so that writing it does
 * not disturb what it measures.  The last line on stdout (send) or stderr (recv) says
 * how many bytes there were.
 *
 * A sender keeps little unsent data in its socket: so its own clock, too, sees when
 * the network stands still.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CHUNK		(64 << 10)
#define RECV_CHUNK	(256 << 10)
/* Unsent bytes that a sender's socket holds at most. */
#define NOTSENT		(128 << 10)

struct progress {
	uint64_t time;
	uint64_t bytes;
};

static struct progress *progress;
static size_t nr_progress;
static size_t room_progress;

static volatile sig_atomic_t stop;

static void on_term(int sig)
{
	(void)sig;
	stop = 1;
}

static void fail(const char *what)
{
	fprintf(stderr, "stream: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void note(uint64_t bytes)
{
	if (nr_progress == room_progress) {
		room_progress = room_progress ? 2 * room_progress : 1 << 16;
		progress = realloc(progress, room_progress * sizeof(*progress));
		if (!progress)
			fail("no memory for the log");
	}
	progress[nr_progress++] = (struct progress){ now_ns(), bytes };
}

static void write_log(const char *path)
{
	FILE *f = fopen(path, "w");
	size_t i;

	if (!f)
		fail(path);
	for (i = 0; i < nr_progress; i++)
		fprintf(f, "%" PRIu64 " %" PRIu64 "\n", progress[i].time, progress[i].bytes);
	if (fclose(f))
		fail(path);
}

/* xorshift64*: no byte of it repeats at a distance that a ring or a buffer has. */
static void fill(uint64_t *state, void *buf, size_t len)
{
	uint64_t x = *state;
	uint64_t *p = buf;
	size_t i;

	for (i = 0; i < len / sizeof(*p); i++) {
		x ^= x >> 12;
		x ^= x << 25;
		x ^= x >> 27;
		p[i] = x * 0x2545f4914f6cdd1dULL;
	}
	*state = x;
}

static uint64_t seed_of(const char *s)
{
	/* A state of zero would stay zero. */
	return strtoull(s, NULL, 0) * 0x9e3779b97f4a7c15ULL | 1;
}

static void write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			fail("write");
		p += n;
		len -= (size_t)n;
	}
}

static int do_gen(const char *seed, const char *bytes)
{
	static uint64_t buf[CHUNK / sizeof(uint64_t)];
	uint64_t left = strtoull(bytes, NULL, 0);
	uint64_t state = seed_of(seed);

	while (left) {
		size_t n = left < sizeof(buf) ? left : sizeof(buf);

		fill(&state, buf, sizeof(buf));
		write_all(1, (char *)buf, n);
		left -= n;
	}
	return 0;
}

static int open_stream(const char *address, const char *port, bool listening)
{
	struct sockaddr_in sa = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(port)),
	};
	int fd, conn, one = 1;

	if (inet_pton(AF_INET, address, &sa.sin_addr) != 1) {
		fprintf(stderr, "stream: %s is no IPv4 address\n", address);
		exit(2);
	}
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		fail("socket");
	if (!listening) {
		if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)))
			fail("connect");
		return fd;
	}
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) || listen(fd, 1))
		fail("listen");
	conn = accept(fd, NULL, NULL);
	if (conn < 0)
		fail("accept");
	close(fd);
	return conn;
}

static int do_send(const char *seed, const char *log, int fd)
{
	static uint64_t buf[CHUNK / sizeof(uint64_t)];
	struct sigaction sa = { .sa_handler = on_term };
	uint64_t state = seed_of(seed);
	int lowat = NOTSENT;
	uint64_t bytes = 0;
	size_t at = sizeof(buf);

	sigaction(SIGTERM, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &lowat, sizeof(lowat));
	note(0);
	while (!stop) {
		ssize_t n;

		if (at == sizeof(buf)) {
			fill(&state, buf, sizeof(buf));
			at = 0;
		}
		n = send(fd, (char *)buf + at, sizeof(buf) - at, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			fail("send");
		at += (size_t)n;
		bytes += (uint64_t)n;
		note(bytes);
	}
	/* All of it has arrived when the other end closes. */
	shutdown(fd, SHUT_WR);
	while (read(fd, buf, sizeof(buf)) < 0 && errno == EINTR)
		;
	write_log(log);
	printf("%" PRIu64 "\n", bytes);
	return 0;
}

static int do_recv(const char *log, const char *file, int fd)
{
	static char buf[RECV_CHUNK];
	uint64_t bytes = 0;
	ssize_t n;
	int to;

	to = strcmp(file, "-") ? open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : 1;
	if (to < 0)
		fail(file);
	note(0);
	while ((n = read(fd, buf, sizeof(buf)))) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			fail("receive");
		bytes += (uint64_t)n;
		note(bytes);
		write_all(to, buf, (size_t)n);
	}
	if (close(to))
		fail(file);
	close(fd);
	write_log(log);
	fprintf(stderr, "%" PRIu64 "\n", bytes);
	return 0;
}

int main(int argc, char **argv)
{
	bool listening = argc == 7 && !strcmp(argv[6], "-l");

	if (argc == 4 && !strcmp(argv[1], "gen"))
		return do_gen(argv[2], argv[3]);
	if (argc == 6 + listening && !strcmp(argv[1], "send"))
		return do_send(argv[2], argv[3], open_stream(argv[4], argv[5], listening));
	if (argc == 6 + listening && !strcmp(argv[1], "recv"))
		return do_recv(argv[2], argv[3], open_stream(argv[4], argv[5], listening));
	fprintf(stderr, "usage: stream send SEED LOG ADDRESS PORT [-l]\n"
			"       stream recv LOG FILE ADDRESS PORT [-l]\n"
			"       stream gen SEED BYTES\n");
	return 2;
}
