/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * update.h - a live update: of one service, or of several that change together
 *
 * The new version is started beside the old one and held back; the old one is asked to get
 * ready; they are swapped; the new one answers INIT and takes the state over; the swap is
 * made final, or undone.  Of several services all are prepared, then all are swapped, and
 * only when all new versions have answered are they made final; one that fails brings all
 * old ones back, in reverse order.  One update at a time, as in MINIX.
 *
 * What is known of each part is read from the module's tables each time, so an rsd that is
 * started in the middle of an update goes on with it: its plan is in /run/rsd/update.
 */
#ifndef RSD_UPDATE_H
#define RSD_UPDATE_H

#include <linux/rs_types.h>

#include "manager.h"

#define UPDATE_PARTS_MAX	8
/* Longest time to get ready, and what is taken if none is given (MINIX: 20 and 2 DELTA). */
#define UPDATE_TIMEOUT_MAX_MS	20000U
#define UPDATE_TIMEOUT_MS	2000U
#define UPDATE_PROBATION_MAX_MS	3600000U

/**
 * struct update_target - one service of it
 * @label: which
 * @program: absolute path of the new version; empty: the file that it was started from
 */
struct update_target {
	char label[RS_LABEL_MAX];
	char program[256];
};

/**
 * struct update_options - `rsctl update`
 * @target: the services, in the order in which they get ready
 * @nr: how many
 * @state: enum rs_lu_state that they have to be in
 * @expr: for RS_LU_EVAL
 * @timeout_ms: how long each may take to get there; 0: UPDATE_TIMEOUT_MS
 * @probation_ms: how long the old version is kept afterwards; 0: not at all
 * @prepare_only: replace nothing: only see whether they get ready
 * @fault: what the new versions do in INIT, for tests: "fail", "crash", "hang"; or empty
 */
struct update_options {
	struct update_target target[UPDATE_PARTS_MAX];
	unsigned int nr;
	uint32_t state;
	char expr[RS_LU_EXPR_MAX];
	uint32_t timeout_ms;
	uint32_t probation_ms;
	bool prepare_only;
	char fault[8];
};

/*
 * update_read_state() - what a person says: work-free, request-free, protocol-free; for tests
 * unreachable, prepare-crash; a number (MINIX: -state), or an expression over the service's names
 *
 * Errors: -EINVAL empty; -ENAMETOOLONG.
 */
int update_read_state(const char *word, struct update_options *o);
/* fail, crash or hang; else -EINVAL. */
int update_read_fault(const char *word, struct update_options *o);

/**
 * update_start() - begin
 * @m: manager
 * @o: what to do; a copy is kept
 * @request: who waits for its end, or NULL
 *
 * Return: 0: request->done() will be called.  -ESRCH no such service; -EBUSY it is not
 * live, or another update is under way; -EINVAL the options; others: a new version could
 * not be started.
 */
int update_start(struct manager *m, const struct update_options *o, struct request *request,
		 struct reason *why);

/* The service is part of an update: nobody else may change it. */
bool update_has(const struct service *s);

/* The module said something of the service; called when all else has been done about it. */
void update_event(struct service *s, const struct knl_event *e);
/* Events were lost: look at everything. */
void update_look(struct manager *m);
/*
 * An instance of the service died.  True: that is the update's affair; the module has put,
 * or left, the other one in its place.
 */
bool update_died(struct service *s, const struct instance *i);
/* The service is going down. */
void update_abort(struct service *s);

/* Goes on with what an earlier rsd began. */
void update_adopt(struct manager *m);
void update_forget_request(struct manager *m, struct request *request);
/* rsd ends; the update is its successor's. */
void update_free(struct manager *m);

#endif /* RSD_UPDATE_H */
