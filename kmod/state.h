/* SPDX-License-Identifier: GPL-2.0 */
/*
 * state.h - what a driver leaves to its successor: kernel pages that belong to the slot
 *
 * Two banks: one is the slot's, the other is being filled.  A new one takes the place of the old
 * in one step, under the epoch check, so a crash in the middle of a save leaves the last whole one.
 */
#ifndef _RS_STATE_H
#define _RS_STATE_H

#include <linux/types.h>

struct rs_instance;
struct rs_slot;
struct rs_state;

/* RS_IOC_STATE_PUT, RS_IOC_STATE_GET; owner already checked. */
int rs_state_put(struct rs_instance *inst, const struct rs_state *arg);
int rs_state_get(struct rs_instance *inst, struct rs_state *arg);

/* Bytes saved. */
u32 rs_state_len(struct rs_slot *slot);
void rs_state_drop(struct rs_slot *slot);

#endif /* _RS_STATE_H */
