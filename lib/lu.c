// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Getting ready for a live update (MINIX: lib/libsys/sef_liveupdate.c)
 *
 *	nothing ──wish──► wished ──in that state──► held ──all finished──► saved, answered
 *	   ▲                │                        │                          │
 *	   └── taken back, refused, replaced and back (INIT) ◄──────────────────┘
 *
 * lu_turn() runs between turns of the loop only, so a service that is between two requests is
 * that without doing anything about it.  What the module published before it held the clients
 * back is delivered before the state is saved: the saved state is the last word.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include <rsdrv/lu.h>

#include "instance.h"

static void lu_change(struct rsdrv *d, uint32_t state)
{
	const struct rsdrv_lu_ops *ops = d->params.ops->lu;
	uint32_t old = d->lu.state;

	d->lu.state = state;
	if (old != state && ops && ops->changed)
		ops->changed(d, old, state);
}

static void lu_answer(struct rsdrv *d, int res)
{
	struct rsdrv_req *wish = d->lu.wish;

	d->lu.wish = NULL;
	if (wish)
		rsdrv_complete(wish, res);
}

/* The service goes on. */
static void lu_resume(struct rsdrv *d, int res)
{
	lu_answer(d, res);
	d->lu.held = false;
	lu_change(d, RS_LU_NULL);
}

static int lu_check(struct rsdrv *d, uint32_t state)
{
	const struct rsdrv_lu_ops *ops = d->params.ops->lu;

	/* Between two turns of this thread the others may be in the middle of anything. */
	if (!ops || !ops->isvalid || d->threads)
		return -ENOSYS;
	switch (state) {
	case RS_LU_EVAL:
	case RS_LU_UNREACHABLE:
	case RS_LU_PREPARE_CRASH:
		return 0;
	}
	return ops->isvalid(d, state) ? 0 : -EINVAL;
}

static int lu_value(void *data, const char *name, int64_t *ret)
{
	struct rsdrv *d = data;
	const struct rsdrv_lu_ops *ops = d->params.ops->lu;

	return ops->value ? ops->value(d, name, ret) : -ENOENT;
}

/* An expression that cannot be evaluated now never can be. */
static int lu_expr(struct rsdrv *d, const struct rsdrv_req *req)
{
	int r;

	if (req->sqe.arg != RS_LU_EVAL)
		return 0;
	if (!req->buf || !req->sqe.len || req->sqe.len > sizeof(d->lu.expr) ||
	    req->sqe.len > req->sqe.buf_len)
		return -EINVAL;
	memcpy(d->lu.expr, req->buf, req->sqe.len);
	d->lu.expr[req->sqe.len - 1] = '\0';
	r = expr_eval(d->lu.expr, lu_value, d);
	return r < 0 ? r : 0;
}

int lu_wish(struct rsdrv *d, struct rsdrv_req *req)
{
	int r;

	if (req->sqe.arg == RS_LU_NULL) {
		lu_resume(d, -EINTR);
		return 0;
	}
	r = lu_check(d, req->sqe.arg);
	if (!r)
		r = lu_expr(d, req);
	if (r)
		return r;
	lu_answer(d, -EINTR);
	d->lu.wish = req;
	d->lu.held = false;
	lu_change(d, req->sqe.arg);
	return RSDRV_LATER;
}

static bool lu_ready(struct rsdrv *d)
{
	const struct rsdrv_lu_ops *ops = d->params.ops->lu;

	switch (d->lu.state) {
	case RS_LU_WORK_FREE:
		return true;
	case RS_LU_EVAL:
		return expr_eval(d->lu.expr, lu_value, d) == 1;
	case RS_LU_UNREACHABLE:
		return false;
	case RS_LU_PREPARE_CRASH:
		rsdrv_panic(d, "asked to crash while it gets ready");
	}
	return ops->prepare && !ops->prepare(d, d->lu.state);
}

/* Clients are held back; deliver what came before. */
static int lu_drain(struct rsdrv *d)
{
	int served = 0, n;
	unsigned int i;

	do {
		n = 0;
		for (i = 1; i < d->nr; i++)
			n += queue_serve(d, i);
		served += n;
	} while (n && !rsdrv_flush(d));
	return served;
}

int lu_turn(struct rsdrv *d)
{
	const struct rsdrv_lu_ops *ops = d->params.ops->lu;
	int served = 0;

	if (!d->lu.wish)
		return 0;
	if (ops->dump)
		ops->dump(d, d->lu.state);
	if (!lu_ready(d))
		return 0;
	if (!d->lu.held) {
		if (ioctl(d->fd, RS_IOC_HOLD)) {
			/* It was taken back; that we are told so is under way. */
			lu_resume(d, -errno);
			return 1;
		}
		d->lu.held = true;
		served = lu_drain(d);
		/* What was delivered may have changed it; no more will. */
		if (served && !lu_ready(d))
			return served;
	}
	/* Its device may still be at it: the next interrupt is the next turn. */
	if (ops->finish && ops->finish(d))
		return served;
	if (ops->save) {
		int r = ops->save(d, d->lu.state);

		if (r) {
			lu_resume(d, r < 0 ? r : -EIO);
			return served + 1;
		}
	}
	/* Not over yet: the wish stays what it is until we are replaced or told to go on. */
	lu_answer(d, 0);
	return served + 1;
}

bool lu_parked(const struct rsdrv *d)
{
	return d->lu.held && !d->lu.wish;
}

void lu_over(struct rsdrv *d)
{
	d->lu.wish = NULL;
	d->lu.held = false;
	lu_change(d, RS_LU_NULL);
}

uint32_t rsdrv_lu_state(const struct rsdrv *d)
{
	return d->lu.state;
}

bool rsdrv_lu_isvalid_standard(struct rsdrv *d, uint32_t state)
{
	(void)d;
	return state >= RS_LU_WORK_FREE && state <= RS_LU_PROTOCOL_FREE;
}

bool rsdrv_lu_isvalid_workfree(struct rsdrv *d, uint32_t state)
{
	(void)d;
	return state == RS_LU_WORK_FREE;
}

int rsdrv_lu_always_ready(struct rsdrv *d, uint32_t state)
{
	(void)d;
	(void)state;
	return 0;
}

int rsdrv_lu_never_ready(struct rsdrv *d, uint32_t state)
{
	(void)d;
	(void)state;
	return -EAGAIN;
}

int rsdrv_lu_crash(struct rsdrv *d, uint32_t state)
{
	rsdrv_panic(d, "asked to crash when asked for state %u", state);
}
