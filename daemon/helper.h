/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * helper.h - a blocking job in a child, so that rsd's loop goes on
 *
 * Taking a device from its driver and giving it back are writes to sysfs that return
 * when a driver's probe or remove does.  The recovery of other services must not wait
 * for that, so a forked child makes them and reports.
 */
#ifndef RSD_HELPER_H
#define RSD_HELPER_H

#include "base.h"

struct sd_event;
struct helper;

/* Runs in the child: 0, or a negative errno and why. */
typedef int (*helper_fn)(void *arg, struct reason *why);
/* Runs in rsd once the child is done. */
typedef void (*helper_done_fn)(void *owner, int result, const struct reason *why);

/**
 * helper_run() - start a job
 * @fn: the job; sees a copy of rsd's memory
 * @arg: for it
 * @done: called from the loop, exactly once unless helper_cancel() comes first
 * @owner: for it
 * @ret: handle; freed before @done is called
 */
int helper_run(struct sd_event *loop, helper_fn fn, void *arg, helper_done_fn done, void *owner,
	       struct helper **ret);

/* Forgets a job; its child runs to its end. */
void helper_cancel(struct helper *h);

#endif /* RSD_HELPER_H */
