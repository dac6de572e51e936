/* SPDX-License-Identifier: GPL-2.0-only */
/* A series of kills of whoever serves; see kills.c. */
#ifndef KILLS_H
#define KILLS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct kills - the series
 * @todo: kills that are left
 * @phase_us: longest wait from "ready" to the kill
 * @signals: signal numbers, taken in turn; 0 = end
 * @next: index in @signals
 * @target: who is to be killed, 0 = nobody yet
 * @timer: readable when the time has come; -1 = there is no series
 */
struct kills {
	unsigned int todo;
	unsigned int phase_us;
	int signals[16];
	unsigned int next;
	pid_t target;
	int timer;
};

/* Signals by name, "KILL,SEGV"; false if one is unknown. */
bool kills_parse(struct kills *k, const char *names);

/* Make the timer.  0 or -errno. */
int kills_open(struct kills *k);

/* @pid serves and its standbys wait: kill it at a random moment of the phase. */
void kills_aim(struct kills *k, pid_t pid);

/* @pid died by itself. */
void kills_forget(struct kills *k, pid_t pid);

/* Not yet: try again in a moment. */
void kills_defer(struct kills *k);

/* The timer is readable: the signal that was sent, or 0. */
int kills_fire(struct kills *k);

#endif /* KILLS_H */
