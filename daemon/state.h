/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * state.h - what a new rsd could not learn from the module: /run/rsd/state/<label>
 *
 * Lines of key=value on a tmpfs, replaced atomically at each change.  A file without a
 * slot means that rsd died while it took a device or gave one back.
 */
#ifndef RSD_STATE_H
#define RSD_STATE_H

#include "service.h"

#define STATE_DIR	"/run/rsd/state"

int state_save(const struct service *s);
/* Fills what the file has into a new service.  -ENOENT if there is none. */
int state_load(struct service *s);
void state_remove(const char *label);
/* Labels of all files; *ret is the caller's to strv_free(). */
int state_labels(char ***ret);

#endif /* RSD_STATE_H */
