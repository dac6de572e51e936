/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * naming.h - what rsd itself keeps in the data store: labels, and that drivers are up
 *
 * The label of a service is there as long as its slot is, and with it the right to own
 * keys; when it goes its keys and its subscription go.  drv.<class>.<label> changes each
 * time another process serves that clients have to be introduced to: after FRESH and
 * RESTART, not after a live update.  The binding that was told is remembered by its
 * epoch, so a takeover that no rsd has seen is told by the next one, once.
 */
#ifndef RSD_NAMING_H
#define RSD_NAMING_H

#include "manager.h"

void naming_label(struct service *s);
/*
 * @init: enum rs_init of the one that serves since @epoch.  True: this was news, and the
 * state file has to say so.
 */
bool naming_up(struct service *s, uint32_t init, uint32_t epoch);
void naming_down(struct service *s);
/* Forgets owners that are no services any more. */
void naming_prune(struct manager *m);

#endif /* RSD_NAMING_H */
