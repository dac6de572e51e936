// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Expressions over a service's own numbers: "opens == 0 && (queued < 3 || urgent)"
 *
 *	or	= and { "||" and }
 *	and	= not { "&&" not }
 *	not	= "!" not | "(" or ")" | operand [ compare operand ]
 *	operand	= number | name
 *
 * All of it is evaluated, also what does not matter any more: a mistake is found at once, not
 * when it begins to matter.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lu.h"

/* Deeper than any expression that fits. */
#define EXPR_DEPTH	32
#define EXPR_NAME	64

struct expr {
	const char *at;
	expr_value value;
	void *data;
	int depth;
	int error;
};

static void expr_fail(struct expr *e, int error)
{
	if (!e->error)
		e->error = error;
}

/* Is @word next?  Then it is taken. */
static bool expr_take(struct expr *e, const char *word)
{
	e->at += strspn(e->at, " \t");
	if (strncmp(e->at, word, strlen(word)))
		return false;
	e->at += strlen(word);
	return true;
}

static int64_t expr_name(struct expr *e)
{
	char name[EXPR_NAME];
	int64_t value = 0;
	size_t len = 0;
	int r;

	while (isalnum((unsigned char)e->at[len]) || e->at[len] == '_' || e->at[len] == '.')
		len++;
	if (len >= sizeof(name)) {
		expr_fail(e, -EINVAL);
		return 0;
	}
	memcpy(name, e->at, len);
	name[len] = '\0';
	e->at += len;
	r = e->value(e->data, name, &value);
	if (r)
		expr_fail(e, r);
	return value;
}

static int64_t expr_operand(struct expr *e)
{
	int64_t value;
	char *end;

	e->at += strspn(e->at, " \t");
	if (isalpha((unsigned char)*e->at) || *e->at == '_')
		return expr_name(e);
	errno = 0;
	value = strtoll(e->at, &end, 0);
	if (end == e->at || errno)
		expr_fail(e, -EINVAL);
	e->at = end;
	return value;
}

static bool expr_compare(struct expr *e)
{
	int64_t left = expr_operand(e);

	if (expr_take(e, "=="))
		return left == expr_operand(e);
	if (expr_take(e, "!="))
		return left != expr_operand(e);
	if (expr_take(e, "<="))
		return left <= expr_operand(e);
	if (expr_take(e, ">="))
		return left >= expr_operand(e);
	if (expr_take(e, "<"))
		return left < expr_operand(e);
	if (expr_take(e, ">"))
		return left > expr_operand(e);
	return left;
}

static bool expr_or(struct expr *e);

static bool expr_not(struct expr *e)
{
	bool r;

	if (e->depth == EXPR_DEPTH) {
		expr_fail(e, -EINVAL);
		return false;
	}
	e->depth++;
	if (expr_take(e, "!")) {
		r = !expr_not(e);
	} else if (expr_take(e, "(")) {
		r = expr_or(e);
		if (!expr_take(e, ")"))
			expr_fail(e, -EINVAL);
	} else {
		r = expr_compare(e);
	}
	e->depth--;
	return r;
}

static bool expr_and(struct expr *e)
{
	bool r = expr_not(e);

	while (!e->error && expr_take(e, "&&"))
		r = expr_not(e) && r;
	return r;
}

static bool expr_or(struct expr *e)
{
	bool r = expr_and(e);

	while (!e->error && expr_take(e, "||"))
		r = expr_and(e) || r;
	return r;
}

int expr_eval(const char *expr, expr_value value, void *data)
{
	struct expr e = { .at = expr, .value = value, .data = data };
	bool r = expr_or(&e);

	e.at += strspn(e.at, " \t");
	if (!e.error && *e.at)
		return -EINVAL;
	return e.error ? e.error : r;
}
