/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * script.h - recovery scripts: somebody else decides what becomes of a service
 *
 * Called as MINIX does: label, reason (terminated, no-heartbeat, restart) and number of
 * restarts so far, with an empty environment.  It says `rsctl restart LABEL`, `rsctl down
 * LABEL`, or nothing, and then the service stays as it is.  MINIX waits for it for ever
 * and trusts that it can be run; here one that cannot be, that fails or takes too long is
 * passed over, and rsd restarts the service.
 */
#ifndef RSD_SCRIPT_H
#define RSD_SCRIPT_H

#include <stdint.h>
#include <sys/types.h>

#include "base.h"

struct sd_event;
struct script;

/**
 * struct script_call - what to run, and whom to tell
 * @path: the script
 * @label: first argument
 * @reason: second
 * @restarts: third
 * @timeout_ms: it is killed after so long
 * @done: called once, unless it was let go; 0: it decided; else @why says what failed
 * @owner: for @done
 */
struct script_call {
	const char *path;
	const char *label;
	const char *reason;
	uint32_t restarts;
	uint32_t timeout_ms;
	void (*done)(void *owner, int result, const struct reason *why);
	void *owner;
};

/* MINIX's words. */
const char *script_reason(bool refresh, bool hung);

int script_run(struct sd_event *loop, const struct script_call *call, struct script **ret,
	       struct reason *why);
/* It goes on by itself, within its time; nobody is told.  NULL is fine. */
void script_let_go(struct script *s);

#endif /* RSD_SCRIPT_H */
