/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Services that send each other messages, and the test that is their rsd
 *
 * A service answers the messages below, and sends what the test orders.  Its instances are
 * processes of librsdrv; they differ in version and in what they do wrong.
 */
#ifndef SVC_H
#define SVC_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include <linux/rs_ctl.h>
#include <linux/rs_msg.h>

/* Types of messages; the answer's word in brackets. */
enum svc_type {
	SVC_COUNT = 1,	/* count it; the count is saved state [count] */
	SVC_WHO,	/* [version << 32 | type of INIT] */
	SVC_KEEP,	/* answered by SVC_FREE [version] */
	SVC_FREE,	/* answer what is kept [how many] */
	SVC_NOTES,	/* [notifications << 32 | alarms << 16 | signals, lowest 16] */
	SVC_ALARM,	/* service alarm in data ms */
	SVC_BULK,	/* turn the bulk buffer's bits over */
	SVC_CRASH,
};

/* What is wrong with an instance. */
enum svc_fault {
	SVC_GOOD,
	SVC_INIT_FAIL,
	SVC_INIT_CRASH,
	SVC_INIT_HANG,
	SVC_NEVER_READY,
	SVC_NO_VALIDATOR,
	SVC_SAVE_FAIL,
	/* Breaks who waits, in INIT after a crash (MINIX: driver_announce). */
	SVC_CLEARS,
};

/* svc_start(): armed to be swapped in only. */
#define SVC_HELD	1U

struct svc_inst {
	pid_t pid;
	int sock;
	uint32_t number;
};

struct svc {
	char label[24];
	int32_t endpoint;
};

/* What an order to send came to. */
struct svc_result {
	int err;
	int32_t res;
	uint64_t data;
};

/* The family, the module.  False: this machine has not got them. */
bool svc_open(void);

/* Make a service without instances; the process ends if it cannot be made. */
void svc_make(struct svc *s, const char *label);
void svc_del(struct svc *s);
/* As rsnl_slot_talk(). */
void svc_talk(const struct svc *s, const char *allow, uint32_t policy);

/* Start an instance; it is ready to be bound. */
struct svc_inst svc_start(const struct svc *s, int version, enum svc_fault fault, unsigned int flags);
void svc_kill(struct svc_inst *inst, int signo);

/* Let @inst send, and wait for the answer; or order it now and look later. */
struct svc_result svc_send(const struct svc_inst *inst, int32_t to, uint32_t type, uint64_t data);
void svc_order(const struct svc_inst *inst, int32_t to, uint32_t type, uint64_t data, uint32_t flags);
struct svc_result svc_answer(const struct svc_inst *inst);
/* Is there a result within @ms? */
bool svc_answered(const struct svc_inst *inst, int ms);
/* Orders that are not messages. */
#define SVC_ORDER_NOTIFY	0x10000U	/* notify @to */
#define SVC_ORDER_BULK		0x20000U	/* SVC_BULK with data bytes, looked over afterwards */
#define SVC_ORDER_CLEAR		0x40000U	/* rsdrv_clear_refs() */

/* As the functions of rsnl.h; an update is tried again while the old one is at work for a moment. */
int svc_prepare(const struct svc *s, uint32_t state, const char *expr, uint32_t timeout_ms);
int svc_swap(const struct svc *s, const struct svc_inst *inst, uint32_t commit);
int svc_commit(const struct svc *s);
int svc_rollback(const struct svc *s);
int svc_signal(const struct svc *s, const struct svc_inst *inst, uint32_t signo);

/* Wait for @nr events of this type of @s in all, 20 s at most; how the last one ended. */
bool svc_wait(const struct svc *s, uint32_t type, unsigned int nr);
int svc_result_of(const struct svc *s);
unsigned int svc_seen(const struct svc *s, uint32_t type);
/* A value of the slot, as the dump names it. */
long svc_value(const struct svc *s, const char *name);

/* One TAP case. */
void svc_case(bool ok, const char *name);
int svc_done(void);

#endif /* SVC_H */
