/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * knl.h - rsd's side of the module's generic-netlink family "rsmod"
 *
 * Two sockets.  Commands and dumps go over one that is read to the end at once: the
 * module answers inside the call.  Events come over the other, which is only listened
 * to.  Whoever falls behind loses events (ENOBUFS, or a gap in the sequence numbers)
 * and is told so by the resync callback, upon which it dumps.
 *
 * The module may come and go while rsd runs.  Without it every command fails with
 * -ENOTCONN and a sentence that says how to load it.
 */
#ifndef RSD_KNL_H
#define RSD_KNL_H

#include <net/if.h>

#include <linux/rs_channel.h>
#include <linux/rs_ctl.h>

#include "base.h"

#define KNL_STEPS	(RSMOD_REC_STEP_SERVED + 1)

/**
 * struct knl_slot - a slot as the module reports it; for the units see the YAML spec
 */
struct knl_slot {
	int32_t endpoint;
	char label[RS_LABEL_MAX];
	uint32_t class;
	uint32_t state;
	uint32_t epoch;
	uint32_t effects;
	uint32_t depth;
	char ifname[IFNAMSIZ];
	uint32_t ifindex;
	uint32_t deadline_ms, gate_timeout_ms, init_timeout_ms;
	uint32_t poison, violation_limit, budget, budget_window_ms;
	uint32_t instance;
	uint32_t standbys;
	uint32_t restarts, swaps, deaths, violations;
	uint64_t requests, completed, replayed, dropped, poisoned;
	char device[16];
	bool stopping;
	uint32_t update;
	uint32_t commits, rollbacks;
};

struct knl_instance {
	int32_t endpoint;
	uint32_t instance;
	pid_t pid;
	uint32_t state;
	uint32_t cause;
	uint32_t epoch;
	bool hold;
	uint64_t pool_size, pool_iova;
	uint32_t idle_ms;
	uint32_t violations;
};

struct knl_event {
	uint64_t seq;
	uint64_t time_ns;
	uint32_t type;
	int32_t endpoint;
	char label[RS_LABEL_MAX];
	uint32_t instance;
	pid_t pid;
	uint32_t epoch;
	uint32_t cause;
	uint32_t signo;
	uint32_t violation;
	uint64_t request;
	uint32_t op;
	uint32_t init;
	char text[RS_DYING_TEXT];
	uint32_t number;
	bool hot;
	uint32_t successor;
	uint32_t replayed, dropped;
	uint64_t step_ns[KNL_STEPS];
	int32_t result;
};

/* Which policy values a new slot gets; the others are the module's defaults. */
#define KNL_SET_DEADLINE	(1U << 0)
#define KNL_SET_GATE_TIMEOUT	(1U << 1)
#define KNL_SET_INIT_TIMEOUT	(1U << 2)
#define KNL_SET_POISON		(1U << 3)
#define KNL_SET_VIOLATIONS	(1U << 4)
#define KNL_SET_BUDGET		(1U << 5)
#define KNL_SET_MAC		(1U << 6)
#define KNL_SET_DEPTH		(1U << 7)
#define KNL_SET_QUEUES		(1U << 8)

/**
 * struct knl_policy - argument of knl_slot_new() and knl_slot_set()
 * @set: KNL_SET_*
 */
struct knl_policy {
	uint32_t set;
	uint32_t deadline_ms, gate_timeout_ms, init_timeout_ms;
	uint32_t poison, violations, budget, budget_window_ms;
	uint32_t depth, queues;
	uint8_t mac[6];
};

struct sd_event;
struct knl;

/**
 * struct knl_ops - what the owner is told
 * @event: something happened
 * @resync: events were lost, or the module was loaded: dump and compare
 * @gone: the module was unloaded
 */
struct knl_ops {
	void (*event)(void *owner, const struct knl_event *e);
	void (*resync)(void *owner);
	void (*gone)(void *owner);
};

int knl_open(struct sd_event *loop, const struct knl_ops *ops, void *owner, struct knl **ret);
void knl_close(struct knl *knl);

/**
 * knl_connect() - look the family up, as it may have been (re)loaded
 *
 * Return: 0, or -ENOTCONN: the module is not loaded; @why says what to do, with Secure
 * Boot and signatures taken into account.
 */
int knl_connect(struct knl *knl, struct reason *why);

/* Handles the events that have arrived, so that what follows knows of them. */
void knl_drain(struct knl *knl);

int knl_slot_new(struct knl *knl, const char *label, uint32_t class, uint32_t effects,
		 const char *ifname, const struct knl_policy *policy, int32_t *ret_endpoint,
		 struct reason *why);
int knl_slot_del(struct knl *knl, int32_t endpoint, struct reason *why);
int knl_slot_set(struct knl *knl, int32_t endpoint, const struct knl_policy *policy,
		 struct reason *why);
int knl_slot_stop(struct knl *knl, int32_t endpoint, struct reason *why);
int knl_slot_get(struct knl *knl, int32_t endpoint, struct knl_slot *ret, struct reason *why);
int knl_inst_kill(struct knl *knl, int32_t endpoint, uint32_t instance, uint32_t epoch,
		  struct reason *why);
int knl_inst_ping(struct knl *knl, int32_t endpoint, struct reason *why);

/**
 * struct knl_swap - argument of knl_swap()
 * @instance: the standby that is to be bound
 * @init: enum rs_init_type it is told
 * @commit: enum rs_commit: when the swap is final
 * @timeout_ms: of RS_COMMIT_MANUAL and RS_COMMIT_PROBATION
 */
struct knl_swap {
	uint32_t instance;
	uint32_t init;
	uint32_t commit;
	uint32_t timeout_ms;
};

int knl_swap(struct knl *knl, int32_t endpoint, const struct knl_swap *how, struct reason *why);
/* @expr: of RS_LU_EVAL, else NULL or empty.  RS_LU_NULL takes the wish back. */
int knl_prepare(struct knl *knl, int32_t endpoint, uint32_t state, const char *expr,
		uint32_t timeout_ms, struct reason *why);
int knl_commit(struct knl *knl, int32_t endpoint, struct reason *why);
int knl_rollback(struct knl *knl, int32_t endpoint, struct reason *why);

/* Dumps: *ret is an array of *ret_nr entries, the caller's to free(). */
int knl_slots(struct knl *knl, struct knl_slot **ret, size_t *ret_nr, struct reason *why);
/* @endpoint 0: the instances of all slots. */
int knl_instances(struct knl *knl, int32_t endpoint, struct knl_instance **ret, size_t *ret_nr,
		  struct reason *why);
int knl_recoveries(struct knl *knl, int32_t endpoint, struct knl_event **ret, size_t *ret_nr,
		   struct reason *why);

/* Names of enumerations; never NULL. */
const char *knl_event_name(uint32_t type);
const char *knl_cause_name(uint32_t cause);
const char *knl_slot_state_name(uint32_t state);
const char *knl_inst_state_name(uint32_t state);
const char *knl_violation_name(uint32_t violation);
const char *knl_step_name(unsigned int step);
const char *knl_init_name(uint32_t init);
const char *knl_update_name(uint32_t update);

#endif /* RSD_KNL_H */
