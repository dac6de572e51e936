/* SPDX-License-Identifier: GPL-2.0-only */
/* The module's generic netlink family, as far as a test needs it; see rsnl.c. */
#ifndef RSNL_H
#define RSNL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/rs_channel.h>
#include <linux/rs_ctl.h>

struct rsnl;

/**
 * struct rsnl_slot - a slot to be made; a member that is RSNL_UNSET is left to the module, as
 *	are no queues
 */
struct rsnl_slot {
	const char *label;
	const char *ifname;
	uint32_t class;
	uint32_t effects;
	uint32_t depth;
	uint32_t queues;
	uint32_t deadline_ms;
	uint32_t gate_timeout_ms;
	uint32_t init_timeout_ms;
	uint32_t poison_limit;
	uint32_t violation_limit;
	uint32_t budget;
	uint32_t budget_window_ms;
};

#define RSNL_UNSET	UINT32_MAX

/**
 * struct rsnl_event - what the test acts upon; the rest is only printed
 */
struct rsnl_event {
	uint32_t type;
	int32_t endpoint;
	uint32_t instance;
	uint32_t pid;
	uint32_t cause;
	uint32_t signo;
	uint32_t violation;
	uint32_t init;
	int32_t result;
};

/* Whether this module of the kernel is there, or could be loaded. */
bool rsnl_module(const char *name);

/* Open the family and join its events.  0 or -errno, with the reason on stderr. */
int rsnl_open(struct rsnl **ret);
void rsnl_close(struct rsnl *nl);

/* Make a slot: its endpoint in *@endpoint.  Others: by endpoint. */
int rsnl_slot_new(struct rsnl *nl, const struct rsnl_slot *slot, int32_t *endpoint);
int rsnl_slot_del(struct rsnl *nl, int32_t endpoint);
int rsnl_slot_stop(struct rsnl *nl, int32_t endpoint);
int rsnl_inst_kill(struct rsnl *nl, int32_t endpoint, uint32_t instance);
int rsnl_inst_ping(struct rsnl *nl, int32_t endpoint);
int rsnl_swap(struct rsnl *nl, int32_t endpoint, uint32_t instance, uint32_t init);

/* To whom a service may send ("*" = all), and enum rs_msg_policy. */
int rsnl_slot_talk(struct rsnl *nl, int32_t endpoint, const char *allow, uint32_t policy);
/* Live update; @expr may be NULL. */
int rsnl_prepare(struct rsnl *nl, int32_t endpoint, uint32_t state, const char *expr,
		 uint32_t timeout_ms);
int rsnl_update(struct rsnl *nl, int32_t endpoint, uint32_t instance, uint32_t commit,
		uint32_t timeout_ms);
int rsnl_commit(struct rsnl *nl, int32_t endpoint);
int rsnl_rollback(struct rsnl *nl, int32_t endpoint);
int rsnl_inst_signal(struct rsnl *nl, int32_t endpoint, uint32_t instance, uint32_t signo);

/* Print what is known of slots, or of instances, one line each. */
int rsnl_slot_dump(struct rsnl *nl, FILE *to);
/* The same of one slot. */
int rsnl_slot_get(struct rsnl *nl, int32_t endpoint, FILE *to);
/* How many requests were completed. */
int rsnl_slot_completed(struct rsnl *nl, int32_t endpoint, uint64_t *ret);
int rsnl_inst_dump(struct rsnl *nl, FILE *to);

/* Readable when there are events. */
int rsnl_event_fd(const struct rsnl *nl);

/*
 * Print waiting events of @endpoint (0: of all) to @to, one line each (@to NULL: do not), and
 * call @on_event for each.  0, or -ENOBUFS if some were lost, or -errno.
 */
int rsnl_events(struct rsnl *nl, int32_t endpoint, FILE *to,
		void (*on_event)(const struct rsnl_event *e, void *data), void *data);

#endif /* RSNL_H */
