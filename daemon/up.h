/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * up.h - may this service come up?  Every check that can be made before anything changes
 */
#ifndef RSD_UP_H
#define RSD_UP_H

#include "manager.h"

/**
 * up_prepare() - check, and make the service's structure
 * @m: manager
 * @label: which
 * @o: how
 * @ret: the service, state FSM_DOWN, not yet in the manager's list; its device is chosen
 *	and its interface's configuration is recorded
 * @why: the refusal says what to do
 *
 * Errors: -EBADMSG configuration; -ENOENT no such service, or no program; -ENOTCONN no
 * module; -ENODEV, -ENOTUNIQ, -EBUSY, -EXDEV, -EPERM the device.
 */
int up_prepare(struct manager *m, const char *label, const struct up_options *o,
	       struct service **ret, struct reason *why);

/* Can this file be the service's program?  -ENOENT and its like, -EACCES. */
int up_check_program(const char *label, const char *program, struct reason *why);

#endif /* RSD_UP_H */
