/* SPDX-License-Identifier: GPL-2.0 */
/*
 * detect.h - death and hang detectors: they name an instance, the slot's worker acts
 */
#ifndef _RS_DETECT_H
#define _RS_DETECT_H

struct rs_instance;
struct rs_slot;
struct timer_list;

/*
 * Watch the calling process, @inst->owner, for fatal signals and for its exit.  Process context.
 * Errors: -ENOMEM, -EINTR.  The opposite sleeps for a grace period; not for use by the worker.
 */
int rs_detect_add(struct rs_instance *inst);
void rs_detect_del(struct rs_instance *inst);

/* Something is outstanding: make sure that the slot's hang timer runs.  Any context. */
void rs_detect_arm(struct rs_slot *slot);
void rs_detect_watch(struct timer_list *timer);

int rs_detect_init(void);
void rs_detect_exit(void);

#endif /* _RS_DETECT_H */
