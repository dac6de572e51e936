// SPDX-License-Identifier: GPL-2.0
/*
 * names.c - words for the enumerations of rs_types.h
 *
 * The tables are as long as the enumerations, which end in a marker for that purpose.  Numbers
 * that are out of range get a word too: what is printed may have come from a driver.
 */
#include <linux/build_bug.h>
#include <linux/kernel.h>

#include <linux/rs_channel.h>
#include <linux/rs_types.h>

#include "names.h"

static const char * const rs_class_names[] = {
	[RS_CLASS_NONE]	= "none",
	[RS_CLASS_CHR]	= "chr",
	[RS_CLASS_NET]	= "net",
	[RS_CLASS_BLK]	= "blk",
};
static_assert(ARRAY_SIZE(rs_class_names) == __RS_CLASS_LAST);

static const char * const rs_effects_names[] = {
	[RS_EFFECTS_SLOT]	= "slot",
	[RS_EFFECTS_BACKEND]	= "backend",
	[RS_EFFECTS_DEVICE]	= "device",
};
static_assert(ARRAY_SIZE(rs_effects_names) == __RS_EFFECTS_LAST);

static const char * const rs_slot_state_names[] = {
	[RS_SLOT_EMPTY]		= "empty",
	[RS_SLOT_DOWN]		= "down",
	[RS_SLOT_FENCING]	= "fencing",
	[RS_SLOT_INIT]		= "init",
	[RS_SLOT_REPLAY]	= "replay",
	[RS_SLOT_LIVE]		= "live",
	[RS_SLOT_DEAD]		= "dead",
};
static_assert(ARRAY_SIZE(rs_slot_state_names) == __RS_SLOT_STATE_LAST);

static const char * const rs_instance_state_names[] = {
	[RS_INST_ARMED]		= "armed",
	[RS_INST_ATTACHED]	= "attached",
	[RS_INST_STANDBY]	= "standby",
	[RS_INST_BOUND]		= "bound",
	[RS_INST_DYING]		= "dying",
	[RS_INST_CORPSE]	= "corpse",
};
static_assert(ARRAY_SIZE(rs_instance_state_names) == __RS_INST_STATE_LAST);

static const char * const rs_cause_names[] = {
	[RS_CAUSE_NONE]		= "none",
	[RS_CAUSE_REPORT]	= "report",
	[RS_CAUSE_SIGNAL]	= "signal",
	[RS_CAUSE_EXIT]		= "exit",
	[RS_CAUSE_DEADLINE]	= "deadline",
	[RS_CAUSE_HEARTBEAT]	= "heartbeat",
	[RS_CAUSE_VIOLATION]	= "violation",
	[RS_CAUSE_INIT]		= "init",
	[RS_CAUSE_KILL]		= "kill",
	[RS_CAUSE_SWAP]		= "swap",
	[RS_CAUSE_UNPLUG]	= "unplug",
};
static_assert(ARRAY_SIZE(rs_cause_names) == __RS_CAUSE_LAST);

static const char * const rs_violation_names[] = {
	[RS_VIOL_TAG]		= "tag",
	[RS_VIOL_GEN]		= "gen",
	[RS_VIOL_STATE]		= "state",
	[RS_VIOL_RESULT]	= "result",
	[RS_VIOL_CURSOR]	= "cursor",
	[RS_VIOL_RESERVED]	= "reserved",
	[RS_VIOL_UNBOUND]	= "unbound",
	[RS_VIOL_OWNER]		= "owner",
	[RS_VIOL_ACCESS]	= "access",
};
static_assert(ARRAY_SIZE(rs_violation_names) == __RS_VIOL_LAST);

static const char *rs_name(const char * const *names, u32 nr, u32 value)
{
	return value < nr && names[value] ? names[value] : "unknown";
}

const char *rs_class_name(u32 class)
{
	return rs_name(rs_class_names, ARRAY_SIZE(rs_class_names), class);
}

const char *rs_effects_name(u32 effects)
{
	return rs_name(rs_effects_names, ARRAY_SIZE(rs_effects_names), effects);
}

const char *rs_slot_state_name(u32 state)
{
	return rs_name(rs_slot_state_names, ARRAY_SIZE(rs_slot_state_names), state);
}

const char *rs_instance_state_name(u32 state)
{
	return rs_name(rs_instance_state_names, ARRAY_SIZE(rs_instance_state_names), state);
}

const char *rs_cause_name(u32 cause)
{
	return rs_name(rs_cause_names, ARRAY_SIZE(rs_cause_names), cause);
}

const char *rs_violation_name(u32 violation)
{
	return rs_name(rs_violation_names, ARRAY_SIZE(rs_violation_names), violation);
}

const char *rs_op_name(u32 op)
{
	switch (op) {
	case RS_OP_INIT:	return "init";
	case RS_OP_PREPARE:	return "prepare";
	case RS_OP_MSG:		return "msg";
	case RS_OP_NET_CONF:	return "net-conf";
	case RS_OP_NET_STATS:	return "net-stats";
	case RS_OP_CHR_OPEN:	return "open";
	case RS_OP_CHR_CLOSE:	return "close";
	case RS_OP_CHR_READ:	return "read";
	case RS_OP_CHR_WRITE:	return "write";
	case RS_OP_CHR_IOCTL:	return "ioctl";
	case RS_OP_CHR_FSYNC:	return "fsync";
	case RS_OP_NET_TX:	return "tx";
	case RS_OP_NET_RX:	return "rx";
	case RS_OP_BLK_READ:	return "blk-read";
	case RS_OP_BLK_WRITE:	return "blk-write";
	case RS_OP_BLK_FLUSH:	return "blk-flush";
	case RS_OP_BLK_DISCARD:	return "blk-discard";
	case RS_OP_BLK_WRITE_ZEROES:	return "blk-write-zeroes";
	}
	return "unknown";
}
