// SPDX-License-Identifier: GPL-2.0-only
/*
 * A series of kills of whoever serves, at random phase
 *
 * Each waits until the service is whole again (kills_aim()), so that every death finds
 * a standby, and then for a random time, so that deaths fall everywhere in the work.
 * The numbers are the same in each run (rand() is not seeded); the times are not.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "kills.h"

static const struct {
	const char *name;
	int signo;
} known[] = {
	{ "KILL", SIGKILL },
	{ "SEGV", SIGSEGV },
	{ "ABRT", SIGABRT },
	{ "STOP", SIGSTOP },
	{ "TERM", SIGTERM },
	{ "BUS", SIGBUS },
};

bool kills_parse(struct kills *k, const char *names)
{
	unsigned int nr = 0;

	while (*names) {
		size_t len = strcspn(names, ",");
		size_t i;

		for (i = 0; i < sizeof(known) / sizeof(*known); i++)
			if (strlen(known[i].name) == len && !strncmp(known[i].name, names, len))
				break;
		if (i == sizeof(known) / sizeof(*known) ||
		    nr + 1 == sizeof(k->signals) / sizeof(*k->signals))
			return false;
		k->signals[nr++] = known[i].signo;
		names += len;
		names += *names == ',';
	}
	k->signals[nr] = 0;
	return nr > 0;
}

int kills_open(struct kills *k)
{
	k->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return k->timer < 0 ? -errno : 0;
}

static void arm(struct kills *k, unsigned int us)
{
	const struct itimerspec t = {
		.it_value.tv_sec = us / 1000000,
		.it_value.tv_nsec = us % 1000000 * 1000L + 1,
	};

	timerfd_settime(k->timer, 0, &t, NULL);
}

void kills_defer(struct kills *k)
{
	arm(k, 10000);
}

void kills_aim(struct kills *k, pid_t pid)
{
	if (k->timer < 0 || !k->todo || k->target == pid)
		return;
	k->target = pid;
	arm(k, k->phase_us ? (unsigned int)rand() % k->phase_us : 0);
}

void kills_forget(struct kills *k, pid_t pid)
{
	if (k->target == pid)
		k->target = 0;
}

int kills_fire(struct kills *k)
{
	uint64_t times;
	int signo;

	if (read(k->timer, &times, sizeof(times)) != sizeof(times) || !k->todo || !k->target)
		return 0;
	signo = k->signals[k->next++];
	if (!k->signals[k->next])
		k->next = 0;
	if (kill(k->target, signo))
		return 0;
	k->todo--;
	return signo;
}
