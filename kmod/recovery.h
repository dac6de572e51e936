/* SPDX-License-Identifier: GPL-2.0 */
/*
 * recovery.h - the record of a recovery: from a death to the first request served after it
 *
 * All but rs_recovery_served() are called with slot->lock held.
 */
#ifndef _RS_RECOVERY_H
#define _RS_RECOVERY_H

#include <linux/types.h>

#include <linux/rs_ctl.h>

struct rs_instance;
struct rs_slot;

/* The bound instance, @inst, has died.  A record that is still open is closed first. */
void rs_recovery_open(struct rs_slot *slot, struct rs_instance *inst);

/* This step is done. */
void rs_recovery_step(struct rs_slot *slot, enum rsmod_rec_step step);

/* Is a record open, and nobody served yet? */
bool rs_recovering(const struct rs_slot *slot);

/* All may be served again: the next completion is the last step. */
void rs_recovery_await(struct rs_slot *slot);

/* A data request was completed under @epoch.  Process context; no lock of the slot. */
void rs_recovery_served(struct rs_slot *slot, u32 epoch);

/* RS_TODO_SERVED: close the record that rs_recovery_served() has ended. */
void rs_recovery_settled(struct rs_slot *slot);

/* It is over, or overtaken by the next: log it and tell. */
void rs_recovery_close(struct rs_slot *slot);

#endif /* _RS_RECOVERY_H */
