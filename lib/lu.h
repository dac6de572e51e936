/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The wish that a service get ready for an update; see lu.c. */
#ifndef LU_H
#define LU_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/rs_types.h>

struct rsdrv;
struct rsdrv_req;

/**
 * struct lu - what was wished, and how far we are
 * @state: enum rs_lu_state, RS_LU_NULL = nothing
 * @wish: the request, NULL once it is answered
 * @held: the module sends no more requests
 * @expr: expression of RS_LU_EVAL
 */
struct lu {
	uint32_t state;
	struct rsdrv_req *wish;
	bool held;
	char expr[RS_LU_EXPR_MAX];
};

/* RS_OP_PREPARE; the result is the request's, or RSDRV_LATER. */
int lu_wish(struct rsdrv *d, struct rsdrv_req *req);

/* After each turn: is it time to say that we are ready?  How many requests were delivered. */
int lu_turn(struct rsdrv *d);

/* It has said that it is ready: its device is about to be its successor's. */
bool lu_parked(const struct rsdrv *d);

/* The update is over, one way or the other: INIT. */
void lu_over(struct rsdrv *d);

/**
 * typedef expr_value - what a name in an expression stands for
 * Returns 0, or -ENOENT.
 */
typedef int (*expr_value)(void *data, const char *name, int64_t *ret);

/*
 * Evaluate @expr: comparisons of names and numbers (< <= > >= == !=), a name alone is != 0, joined
 * by ! && || and parentheses.  1 true, 0 false, -EINVAL, -ENOENT an unknown name.
 */
int expr_eval(const char *expr, expr_value value, void *data);

#endif /* LU_H */
