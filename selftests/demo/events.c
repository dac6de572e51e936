// SPDX-License-Identifier: GPL-2.0-only
/*
 * events - the module's events as it sends them, one JSON object a line
 *
 *	events FILE
 *
 * Attributes have the names of the netlink specification, numbers stay numbers and
 * the steps of a recovery are absolute (CLOCK_MONOTONIC, ns).  Prints "ready" once it
 * listens.  Ends with an error if an event was lost.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/rs_ctl.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <stdio.h>
#include <string.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

enum kind { NONE, U32, S32, U64, STR, STEPS };

static const struct attr {
	const char *name;
	enum kind kind;
} attrs[RSMOD_A_EVENT_MAX + 1] = {
	[RSMOD_A_EVENT_SEQ]		= { "seq", U64 },
	[RSMOD_A_EVENT_TIME]		= { "time", U64 },
	[RSMOD_A_EVENT_TYPE]		= { "type", U32 },
	[RSMOD_A_EVENT_ENDPOINT]	= { "endpoint", S32 },
	[RSMOD_A_EVENT_LABEL]		= { "label", STR },
	[RSMOD_A_EVENT_INSTANCE]	= { "instance", U32 },
	[RSMOD_A_EVENT_PID]		= { "pid", U32 },
	[RSMOD_A_EVENT_EPOCH]		= { "epoch", U32 },
	[RSMOD_A_EVENT_CAUSE]		= { "cause", U32 },
	[RSMOD_A_EVENT_SIGNO]		= { "signo", U32 },
	[RSMOD_A_EVENT_VIOLATION]	= { "violation", U32 },
	[RSMOD_A_EVENT_REQUEST]		= { "request", U64 },
	[RSMOD_A_EVENT_OP]		= { "op", U32 },
	[RSMOD_A_EVENT_INIT]		= { "init", U32 },
	[RSMOD_A_EVENT_TEXT]		= { "text", STR },
	[RSMOD_A_EVENT_NUMBER]		= { "number", U32 },
	[RSMOD_A_EVENT_HOT]		= { "hot", U32 },
	[RSMOD_A_EVENT_SUCCESSOR]	= { "successor", U32 },
	[RSMOD_A_EVENT_REPLAYED]	= { "replayed", U32 },
	[RSMOD_A_EVENT_DROPPED]		= { "dropped", U32 },
	[RSMOD_A_EVENT_STEPS]		= { "steps", STEPS },
};

static const char *const types[] = {
	[RSMOD_EVENT_TYPE_ATTACHED]	= "attached",
	[RSMOD_EVENT_TYPE_BOUND]	= "bound",
	[RSMOD_EVENT_TYPE_UP]		= "up",
	[RSMOD_EVENT_TYPE_DIED]		= "died",
	[RSMOD_EVENT_TYPE_RECOVERED]	= "recovered",
	[RSMOD_EVENT_TYPE_SWAPPED]	= "swapped",
	[RSMOD_EVENT_TYPE_POISONED]	= "poisoned",
	[RSMOD_EVENT_TYPE_VIOLATION]	= "violation",
	[RSMOD_EVENT_TYPE_EXPIRED]	= "expired",
	[RSMOD_EVENT_TYPE_EXHAUSTED]	= "exhausted",
	[RSMOD_EVENT_TYPE_REMOVED]	= "removed",
	[RSMOD_EVENT_TYPE_UNPLUGGED]	= "unplugged",
};

static void put_string(FILE *to, const char *s)
{
	fputc('"', to);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fprintf(to, "\\%c", *s);
		else if ((unsigned char)*s < ' ')
			fprintf(to, "\\u%04x", *s);
		else
			fputc(*s, to);
	}
	fputc('"', to);
}

static void put_steps(FILE *to, struct nlattr *a)
{
	size_t i, nr = (size_t)nla_len(a) / sizeof(uint64_t);
	uint64_t t;

	fputc('[', to);
	for (i = 0; i < nr; i++) {
		memcpy(&t, (char *)nla_data(a) + i * sizeof(t), sizeof(t));
		fprintf(to, "%s%" PRIu64, i ? ", " : "", t);
	}
	fputc(']', to);
}

static void put_value(FILE *to, int i, struct nlattr *a)
{
	uint32_t type;

	switch (attrs[i].kind) {
	case U32:
		type = nla_get_u32(a);
		if (i == RSMOD_A_EVENT_TYPE && type < ARRAY_SIZE(types))
			put_string(to, types[type]);
		else
			fprintf(to, "%" PRIu32, type);
		break;
	case S32:
		fprintf(to, "%" PRId32, nla_get_s32(a));
		break;
	case U64:
		fprintf(to, "%" PRIu64, nla_get_u64(a));
		break;
	case STR:
		put_string(to, nla_get_string(a));
		break;
	case STEPS:
		put_steps(to, a);
		break;
	case NONE:
		break;
	}
}

static int on_event(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[RSMOD_A_EVENT_MAX + 1] = { NULL };
	const char *sep = "";
	FILE *to = arg;
	int i;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, RSMOD_A_EVENT_MAX, NULL))
		return NL_SKIP;
	fputc('{', to);
	for (i = 1; i <= RSMOD_A_EVENT_MAX; i++) {
		if (!tb[i] || attrs[i].kind == NONE)
			continue;
		fprintf(to, "%s\"%s\": ", sep, attrs[i].name);
		put_value(to, i, tb[i]);
		sep = ", ";
	}
	fputs("}\n", to);
	fflush(to);
	return NL_OK;
}

int main(int argc, char **argv)
{
	struct nl_sock *sk = nl_socket_alloc();
	FILE *to;
	int r;

	to = argc == 2 ? fopen(argv[1], "w") : NULL;
	if (!to || !sk) {
		fprintf(stderr, "usage: events FILE\n");
		return 2;
	}
	nl_socket_disable_seq_check(sk);
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, on_event, to);
	r = genl_connect(sk);
	if (!r)
		r = genl_ctrl_resolve_grp(sk, RSMOD_FAMILY_NAME, RSMOD_MCGRP_EVENTS);
	if (r >= 0)
		r = nl_socket_add_membership(sk, r);
	if (r >= 0)
		r = nl_socket_set_buffer_size(sk, 1 << 20, 0);
	if (r >= 0) {
		puts("ready");
		fflush(stdout);
	}
	while (r >= 0)
		r = nl_recvmsgs_default(sk);
	fprintf(stderr, "events: %s\n", nl_geterror(r));
	return 1;
}
