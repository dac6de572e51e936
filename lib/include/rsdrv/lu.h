/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lu.h - getting ready for a live update (MINIX: sef_lu)
 *
 * A service is asked to get into a state in which it may be replaced (enum rs_lu_state).  It goes on
 * serving; after each turn of the loop, when nothing is half done, the library looks whether it is in
 * that state.  Then clients are held back, what was under way is finished, the service saves what its
 * successor needs, and waits.  While it waits no interrupt and no alarm is delivered, for its device
 * may be taken at any moment.  Either it is replaced, and never comes back; or it is told to go on.
 */
#ifndef RSDRV_LU_H
#define RSDRV_LU_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/rs_types.h>

struct rsdrv;

/**
 * struct rsdrv_lu_ops - what a service does to get ready
 *
 * Never called while a request is being delivered.
 */
struct rsdrv_lu_ops {
	/**
	 * @isvalid: does the service know this state?  NULL: it knows none (-ENOSYS).
	 *
	 * Not asked of RS_LU_NULL, and of those that need no knowledge: RS_LU_EVAL,
	 * RS_LU_UNREACHABLE, RS_LU_PREPARE_CRASH.
	 */
	bool (*isvalid)(struct rsdrv *d, uint32_t state);
	/**
	 * @prepare: is the service in that state?  0 = yes; else it is asked again after the next
	 * turn.
	 *
	 * Not asked of RS_LU_WORK_FREE: between two turns it is.  NULL: it never is.  Requests that
	 * the service holds (RSDRV_LATER) and that may be sent again are its successor's; others it
	 * must have completed.
	 */
	int (*prepare)(struct rsdrv *d, uint32_t state);
	/**
	 * @finish: clients are held back; is what the device has in its hands, and what may not be
	 * sent again, completed?  0 = yes; else it is asked again after the next turn.  NULL: it is.
	 */
	int (*finish)(struct rsdrv *d);
	/** @changed: the state that is wished for changed; RS_LU_NULL = go on. */
	void (*changed)(struct rsdrv *d, uint32_t old, uint32_t state);
	/** @dump: say how far it is, for people; before each look. */
	void (*dump)(struct rsdrv *d, uint32_t state);
	/**
	 * @save: leave to the successor what it needs, typically by rsdrv_state_put(); no request
	 * comes after it.  Returns 0, or a negative errno: then the service goes on.  NULL: nothing.
	 */
	int (*save)(struct rsdrv *d, uint32_t state);
	/**
	 * @value: what a name in an expression of RS_LU_EVAL stands for.  Returns 0, or -ENOENT.
	 */
	int (*value)(struct rsdrv *d, const char *name, int64_t *ret);
};

/**
 * rsdrv_lu_state() - what the service was asked to get ready for
 * @d: the instance
 * Return: enum rs_lu_state; RS_LU_NULL = nothing
 */
uint32_t rsdrv_lu_state(const struct rsdrv *d);

/**
 * rsdrv_lu_isvalid_standard() - isvalid callback: the three that every service can have
 * @d: the instance
 * @state: RS_LU_WORK_FREE, RS_LU_REQUEST_FREE, RS_LU_PROTOCOL_FREE
 * Return: true for these
 */
bool rsdrv_lu_isvalid_standard(struct rsdrv *d, uint32_t state);

/**
 * rsdrv_lu_isvalid_workfree() - isvalid callback: only between two requests
 * @d: the instance
 * @state: RS_LU_WORK_FREE
 * Return: true for this
 */
bool rsdrv_lu_isvalid_workfree(struct rsdrv *d, uint32_t state);

/**
 * rsdrv_lu_always_ready() - prepare callback: ready (MINIX: sef_cb_lu_prepare_always_ready)
 * @d: the instance
 * @state: not looked at
 * Return: 0
 */
int rsdrv_lu_always_ready(struct rsdrv *d, uint32_t state);

/**
 * rsdrv_lu_never_ready() - prepare callback: not ready (MINIX: sef_cb_lu_prepare_never_ready)
 * @d: the instance
 * @state: not looked at
 * Return: -EAGAIN (ENOTREADY)
 */
int rsdrv_lu_never_ready(struct rsdrv *d, uint32_t state);

/**
 * rsdrv_lu_crash() - prepare callback for tests: crash (MINIX: sef_cb_lu_prepare_crash)
 * @d: the instance
 * @state: not looked at
 * Return: never
 */
int rsdrv_lu_crash(struct rsdrv *d, uint32_t state);

#endif /* RSDRV_LU_H */
