/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/rsmod.yaml */
/* YNL-GEN kernel source, attribute policies */

#include <net/netlink.h>

#include <linux/rs_ctl.h>

/* RSMOD_CMD_SLOT_NEW - do */
static const struct nla_policy rsmod_slot_new_nl_policy[RSMOD_A_SLOT_ALLOW + 1] = {
	[RSMOD_A_SLOT_LABEL] = { .type = NLA_NUL_STRING, .len = 31, },
	[RSMOD_A_SLOT_CLASS] = { .type = NLA_U32, },
	[RSMOD_A_SLOT_EFFECTS] = { .type = NLA_U32, },
	[RSMOD_A_SLOT_DEPTH] = { .type = NLA_U32, },
	[RSMOD_A_SLOT_QUEUES] = { .type = NLA_U32, },
	[RSMOD_A_SLOT_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[RSMOD_A_SLOT_MAC] = NLA_POLICY_EXACT_LEN(6),
	[RSMOD_A_SLOT_DEADLINE_MS] = { .type = NLA_U32, },
	[RSMOD_A_SLOT_GATE_TIMEOUT_MS] = { .type = NLA_U32, },
	[RSMOD_A_SLOT_INIT_TIMEOUT_MS] = { .type = NLA_U32, },
	[RSMOD_A_SLOT_POISON_LIMIT] = { .type = NLA_U32, },
	[RSMOD_A_SLOT_VIOLATION_LIMIT] = { .type = NLA_U32, },
	[RSMOD_A_SLOT_BUDGET] = { .type = NLA_U32, },
	[RSMOD_A_SLOT_BUDGET_WINDOW_MS] = { .type = NLA_U32, },
	[RSMOD_A_SLOT_MSG_POLICY] = NLA_POLICY_MAX(NLA_U32, 1),
	[RSMOD_A_SLOT_ALLOW] = { .type = NLA_NUL_STRING, .len = 1023, },
};

/* RSMOD_CMD_SLOT_DEL - do */
static const struct nla_policy rsmod_slot_del_nl_policy[RSMOD_A_SLOT_ENDPOINT + 1] = {
	[RSMOD_A_SLOT_ENDPOINT] = { .type = NLA_S32, },
};

/* RSMOD_CMD_SLOT_GET - do */
static const struct nla_policy rsmod_slot_get_nl_policy[RSMOD_A_SLOT_LABEL + 1] = {
	[RSMOD_A_SLOT_ENDPOINT] = { .type = NLA_S32, },
	[RSMOD_A_SLOT_LABEL] = { .type = NLA_NUL_STRING, .len = 31, },
};

/* RSMOD_CMD_SLOT_SET - do */
static const struct nla_policy rsmod_slot_set_nl_policy[RSMOD_A_SLOT_ALLOW + 1] = {
	[RSMOD_A_SLOT_ENDPOINT] = { .type = NLA_S32, },
	[RSMOD_A_SLOT_DEADLINE_MS] = { .type = NLA_U32, },
	[RSMOD_A_SLOT_GATE_TIMEOUT_MS] = { .type = NLA_U32, },
	[RSMOD_A_SLOT_INIT_TIMEOUT_MS] = { .type = NLA_U32, },
	[RSMOD_A_SLOT_POISON_LIMIT] = { .type = NLA_U32, },
	[RSMOD_A_SLOT_VIOLATION_LIMIT] = { .type = NLA_U32, },
	[RSMOD_A_SLOT_BUDGET] = { .type = NLA_U32, },
	[RSMOD_A_SLOT_BUDGET_WINDOW_MS] = { .type = NLA_U32, },
	[RSMOD_A_SLOT_MSG_POLICY] = NLA_POLICY_MAX(NLA_U32, 1),
	[RSMOD_A_SLOT_ALLOW] = { .type = NLA_NUL_STRING, .len = 1023, },
};

/* RSMOD_CMD_SLOT_STOP - do */
static const struct nla_policy rsmod_slot_stop_nl_policy[RSMOD_A_SLOT_ENDPOINT + 1] = {
	[RSMOD_A_SLOT_ENDPOINT] = { .type = NLA_S32, },
};

/* RSMOD_CMD_INST_GET - dump */
static const struct nla_policy rsmod_inst_get_nl_policy[RSMOD_A_INST_ENDPOINT + 1] = {
	[RSMOD_A_INST_ENDPOINT] = { .type = NLA_S32, },
};

/* RSMOD_CMD_INST_KILL - do */
static const struct nla_policy rsmod_inst_kill_nl_policy[RSMOD_A_INST_EPOCH + 1] = {
	[RSMOD_A_INST_ENDPOINT] = { .type = NLA_S32, },
	[RSMOD_A_INST_INSTANCE] = { .type = NLA_U32, },
	[RSMOD_A_INST_EPOCH] = { .type = NLA_U32, },
};

/* RSMOD_CMD_INST_PING - do */
static const struct nla_policy rsmod_inst_ping_nl_policy[RSMOD_A_INST_ENDPOINT + 1] = {
	[RSMOD_A_INST_ENDPOINT] = { .type = NLA_S32, },
};

/* RSMOD_CMD_SWAP - do */
static const struct nla_policy rsmod_swap_nl_policy[RSMOD_A_INST_COMMIT + 1] = {
	[RSMOD_A_INST_ENDPOINT] = { .type = NLA_S32, },
	[RSMOD_A_INST_INSTANCE] = { .type = NLA_U32, },
	[RSMOD_A_INST_EPOCH] = { .type = NLA_U32, },
	[RSMOD_A_INST_INIT] = { .type = NLA_U32, },
	[RSMOD_A_INST_TIMEOUT_MS] = NLA_POLICY_MIN(NLA_U32, 1),
	[RSMOD_A_INST_COMMIT] = NLA_POLICY_MAX(NLA_U32, 2),
};

/* RSMOD_CMD_PREPARE - do */
static const struct nla_policy rsmod_prepare_nl_policy[RSMOD_A_INST_TIMEOUT_MS + 1] = {
	[RSMOD_A_INST_ENDPOINT] = { .type = NLA_S32, },
	[RSMOD_A_INST_EPOCH] = { .type = NLA_U32, },
	[RSMOD_A_INST_LU_STATE] = { .type = NLA_U32, },
	[RSMOD_A_INST_LU_EXPR] = { .type = NLA_NUL_STRING, .len = 255, },
	[RSMOD_A_INST_TIMEOUT_MS] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* RSMOD_CMD_COMMIT - do */
static const struct nla_policy rsmod_commit_nl_policy[RSMOD_A_INST_EPOCH + 1] = {
	[RSMOD_A_INST_ENDPOINT] = { .type = NLA_S32, },
	[RSMOD_A_INST_EPOCH] = { .type = NLA_U32, },
};

/* RSMOD_CMD_ROLLBACK - do */
static const struct nla_policy rsmod_rollback_nl_policy[RSMOD_A_INST_EPOCH + 1] = {
	[RSMOD_A_INST_ENDPOINT] = { .type = NLA_S32, },
	[RSMOD_A_INST_EPOCH] = { .type = NLA_U32, },
};

/* RSMOD_CMD_INST_SIGNAL - do */
static const struct nla_policy rsmod_inst_signal_nl_policy[RSMOD_A_INST_SIGNO + 1] = {
	[RSMOD_A_INST_ENDPOINT] = { .type = NLA_S32, },
	[RSMOD_A_INST_INSTANCE] = { .type = NLA_U32, },
	[RSMOD_A_INST_EPOCH] = { .type = NLA_U32, },
	[RSMOD_A_INST_SIGNO] = NLA_POLICY_RANGE(NLA_U32, 1, 31),
};

/* RSMOD_CMD_RECOVERY_GET - dump */
static const struct nla_policy rsmod_recovery_get_nl_policy[RSMOD_A_EVENT_ENDPOINT + 1] = {
	[RSMOD_A_EVENT_ENDPOINT] = { .type = NLA_S32, },
};
