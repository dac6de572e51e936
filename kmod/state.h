/* SPDX-License-Identifier: GPL-2.0 */
/*
 * state.h - what a driver leaves to its successor: kernel pages that belong to the slot
 *
 * Small state is saved as a whole, in two banks: one is the slot's, the other is being filled.  A new one takes the place of the old
 * in one step, under the epoch check, so a crash in the middle of a save leaves the last whole one.
 *
 * Large state, say the contents of a RAM disk, is mapped by the bound instance, which may leave it half
 * written.  map.c takes the mapping away before the next one is bound.
 */
#ifndef _RS_STATE_H
#define _RS_STATE_H

#include <linux/types.h>

struct rs_instance;
struct rs_slot;
struct rs_state;
struct rs_state_map;

/* RS_IOC_STATE_PUT, RS_IOC_STATE_GET; owner already checked. */
int rs_state_put(struct rs_instance *inst, const struct rs_state *arg);
int rs_state_get(struct rs_instance *inst, struct rs_state *arg);
/* RS_IOC_STATE_MAP. */
int rs_state_map(struct rs_instance *inst, struct rs_state_map *arg);
/* Page number of the mapped state at an offset; 0 = there is none.  Never goes away before the slot. */
unsigned long rs_state_pfn(struct rs_slot *slot, u64 offset);

/* Bytes saved. */
u32 rs_state_len(struct rs_slot *slot);
void rs_state_drop(struct rs_slot *slot);

#endif /* _RS_STATE_H */
