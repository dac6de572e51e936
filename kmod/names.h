/* SPDX-License-Identifier: GPL-2.0 */
/*
 * names.h - words for the enumerations of rs_types.h and rs_channel.h, for sysfs and debugfs
 */
#ifndef _RS_NAMES_H
#define _RS_NAMES_H

#include <linux/types.h>

const char *rs_class_name(u32 class);
const char *rs_effects_name(u32 effects);
const char *rs_slot_state_name(u32 state);
const char *rs_instance_state_name(u32 state);
const char *rs_cause_name(u32 cause);
const char *rs_violation_name(u32 violation);
const char *rs_op_name(u32 op);

#endif /* _RS_NAMES_H */
