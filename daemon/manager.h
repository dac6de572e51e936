/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * manager.h - all services, and what moves them
 *
 * Everything that happens (a request, a message of the module, an exit, a timer) becomes
 * an event of fsm.h; the table says what to do; `struct effects` does it.
 */
#ifndef RSD_MANAGER_H
#define RSD_MANAGER_H

#include "ds.h"
#include "service.h"

struct sd_event;

enum request_kind {
	REQUEST_UP,
	REQUEST_DOWN,
	REQUEST_RESTART,
	REQUEST_UPDATE,
};

/**
 * struct request - somebody waits for the end of an operation (MINIX: late reply)
 * @kind: which
 * @done: called once, with 0 or a negative errno and a sentence; releases the request
 * @progress: called when a long step begins
 */
struct request {
	enum request_kind kind;
	void (*done)(struct request *r, int error, const char *text);
	void (*progress)(struct request *r, const char *text);
};

/**
 * struct manager_ops - what the owner is told
 * @event: an event of the module, as it came
 * @changed: a key of the data store was published or deleted
 */
struct manager_ops {
	void (*event)(void *owner, const struct knl_event *e);
	void (*changed)(void *owner, const struct ds_entry *e);
};

/*
 * What can be done to a service, by enum fsm_action.  Each returns the event that it
 * causes at once, or FSM_EV_NONE.
 */
typedef enum fsm_event (*effect_fn)(struct service *s);

struct effects {
	effect_fn fn[FSM_ACTIONS];
};

extern const struct effects effects_real;

/**
 * struct manager - all services, the data store that names them, and the live update that is
 * under way, if one is
 */
struct manager {
	struct sd_event *loop;
	struct knl *knl;
	const struct effects *effects;
	const struct manager_ops *ops;
	void *owner;
	struct conf conf;
	struct service *services;
	struct ds ds;
	struct update *update;
};

/**
 * struct up_options - `rsctl up`
 * @replica: standbys to keep; negative: as configured
 * @force: take a device even if it carries the default route
 */
struct up_options {
	int replica;
	bool force;
};

int manager_new(struct sd_event *loop, const struct manager_ops *ops, void *owner,
		struct manager **ret);
void manager_free(struct manager *m);

/* Reads the configuration again.  -EBADMSG and all complaints: the old one stays. */
int manager_reload(struct manager *m, struct reason *why);

/* Connects to the module if it is there and adopts what runs. */
void manager_start(struct manager *m);

/*
 * Requests.  0: it was granted, and request->done will be called (@request may be NULL:
 * nobody waits).  Negative: refused, @why says why, and done is never called.  @force: also if a
 * disk is used.
 */
int manager_up(struct manager *m, const char *label, const struct up_options *o,
	       struct request *request, struct reason *why);
int manager_down(struct manager *m, const char *label, bool force, struct request *request,
		 struct reason *why);
int manager_restart(struct manager *m, const char *label, struct request *request,
		    struct reason *why);
/* The requester went away. */
void manager_forget_request(struct manager *m, struct request *request);

struct service *manager_find(struct manager *m, const char *label);
struct service *manager_find_endpoint(struct manager *m, int32_t endpoint);

/* Feeds one event into the table and does what it says; @s may be gone afterwards. */
void manager_event(struct service *s, enum fsm_event event);

/*
 * For effects and adoption.
 */
/* The module, or the exit, says that an instance is dead. */
void manager_died(struct service *s, struct instance *i);
/* Watches an instance's process and, if it has yet to attach, the time it takes. */
int manager_watch(struct instance *i);
/* An instance nobody needs any more: kill it, reap it, forget it. */
void manager_orphan(struct service *s, struct instance *i);
/* Answers the request that waits, if any. */
void manager_answer(struct service *s, int error, const char *text);
void manager_progress(struct service *s, const char *text);
/* Unlinks and frees. */
void manager_forget(struct service *s);
/* Makes services of the module's slots and of orphaned state files (adopt.c). */
void manager_adopt(struct manager *m);
/* Compares what is known with the module's tables (adopt.c). */
void manager_resync(struct manager *m);

#endif /* RSD_MANAGER_H */
