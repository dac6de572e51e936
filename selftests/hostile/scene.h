/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A slot for instances that misbehave, and a healthy slot under load beside it
 *
 * The test is rsd: it makes the slot and starts instances (bare.h), each with a hook of its own.
 * Beside it, under a real stand-in for rsd, the pattern driver serves a client that checks
 * every byte and every number: it must lose nothing whatever happens here.
 */
#ifndef SCENE_H
#define SCENE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/rs_channel.h>
#include <linux/rs_ctl.h>

#include "bare.h"
#include "rsnl.h"

/* Longer than anything takes, on a slow machine. */
#define SCENE_MS	30000

#define SCENE_EVENTS	16

/**
 * struct scene - the slot
 * @slot: its policy
 * @label: its label, and "/dev/rs/" before it
 * @endpoint: of the slot
 * @nl: family
 * @attached: instances so far
 * @seen: events by type
 * @last: the last event, by type
 * @violations: events of violations, by kind
 * @beside: the stand-in for rsd beside, or 0
 * @beside_log: what it said
 * @beside_label: label of the slot beside
 * @beside_done: requests it had completed at the last look
 * @why: why scene_open() did not work
 */
struct scene {
	struct rsnl_slot slot;
	char label[16];
	char path[32];
	int32_t endpoint;
	struct rsnl *nl;
	unsigned int attached;
	unsigned int seen[SCENE_EVENTS];
	struct rsnl_event last[SCENE_EVENTS];
	unsigned int violations[__RS_VIOL_LAST];
	pid_t beside;
	int beside_log;
	char beside_label[16];
	long long beside_done;
	char why[128];
};

/**
 * struct actor - one instance
 * @pid: its process
 * @sock: where it is talked to
 * @number: in the slot's life
 */
struct actor {
	pid_t pid;
	int sock;
	uint32_t number;
};

/**
 * struct role - what an instance is
 * @hook: see bare.h; NULL: it behaves
 * @arg: bare.arg
 * @credit: of the data queue; 0 = 8
 * @start: instead of bare_attach() and bare_run(): the whole driver; its process exits with what
 *	this returns
 * @chr: announced; all zero = one seekable minor, everything is sent again
 * @flags: of RS_IOC_ARM
 * @pool_size: of RS_IOC_ARM; 0 = the class's default
 * @private_size: of RS_IOC_ATTACH
 */
struct role {
	bare_hook *hook;
	uintptr_t arg;
	uint32_t credit;
	int (*start)(struct bare *b);
	struct rs_announce_chr chr;
	uint32_t flags;
	uint64_t pool_size;
	uint64_t private_size;
};

/* What a slot is made with, to be changed before scene_open(). */
void scene_init(struct scene *s);

/* 0; 1 the machine lacks something, see @why; -errno. */
int scene_open(struct scene *s);
void scene_close(struct scene *s);

/* Start an instance and wait until it has attached (not if it has a start()).  0 or -errno. */
int scene_start(struct scene *s, struct actor *a, const struct role *role);

/* Kill it, if it is there. */
void scene_kill(struct actor *a);

/* Wait until it has ended by itself; its wait status, or -1. */
int scene_wait_end(struct actor *a);

/* Wait for a word of it; INT64_MIN if none comes. */
int64_t scene_hear(struct actor *a);
void scene_say(struct actor *a, int64_t word);

/* Wait until @type was seen @count times in all. */
bool scene_wait(struct scene *s, uint32_t type, unsigned int count);

/* Wait until a violation of this kind was seen @count times in all. */
bool scene_wait_violation(struct scene *s, uint32_t kind, unsigned int count);

/* A number of the slot, or of an instance of it, by its name in a dump; -1 if there is none. */
long long scene_slot(struct scene *s, const char *name);
long long scene_inst(struct scene *s, uint32_t number, const char *name);

/* Wait until scene_slot(@name) is at least @value. */
bool scene_wait_slot(struct scene *s, const char *name, long long value);

/* Wait until all that the slot was asked for is completed; a close is after its client's end. */
bool scene_wait_idle(struct scene *s);

/* Instances that are bound, as a dump tells. */
int scene_bound(struct scene *s);

/* A client in a process of its own: @n reads of 64 bytes from position @pos on. */
pid_t scene_client(struct scene *s, unsigned int n, uint64_t pos);

/* Wait for it: 0 all bytes were right, 1 one was wrong, else errno; -1 it does not end. */
int scene_client_end(pid_t pid);

/* Wait until a thread sleeps. */
bool scene_asleep(pid_t tid);

/* One read in this process: 0 right, 1 wrong, -errno. */
int scene_read(int fd, uint64_t pos);

/* Has the slot beside gone on, and lost nothing? */
bool scene_beside_ok(struct scene *s);

#endif /* SCENE_H */
