/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The controller: off, on, shut down, and its admin queue
 *
 * ctrl_off() is what a takeover rests on: once CSTS.RDY is 0 the controller has no queues
 * any more, and no command that a predecessor gave is executed after that (7.3.2).  It
 * works with bus mastering off, which is how a predecessor is left.
 *
 * Admin commands are given in batches, and waited for together: setting a device up costs as
 * many round trips as there are steps that need each other.  They are waited for by looking
 * at the queue, because init callbacks come without interrupts.
 */
#ifndef NVME_CTRL_H
#define NVME_CTRL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue.h"

#define ADMIN_ENTRIES		64
/* What a controller gets that says nothing of how long it needs, and each admin command. */
#define CTRL_TIMEOUT_MS		2000

/**
 * struct admin_call - an admin command under way
 * @done: it is answered
 * @status: see status.h
 * @result: first word of the completion
 */
struct admin_call {
	bool done;
	uint16_t status;
	uint32_t result;
};

/**
 * struct ctrl - the controller
 * @regs: BAR 0
 * @size: bytes of it
 * @admin_sq_iova: of @admin.sq, where the device finds it
 * @admin_cq_iova: of @admin.cq
 * @cap: capabilities (3.1.1)
 * @stride: bytes from doorbell to doorbell
 * @admin: admin queue pair; the caller sets sq and cq
 */
struct ctrl {
	void *regs;
	size_t size;
	uint64_t admin_sq_iova;
	uint64_t admin_cq_iova;
	uint64_t cap;
	size_t stride;
	struct queue admin;
};

/*
 * ctrl_look() - read what it can do.  Returns 0; -ENODEV: it is gone; -EOPNOTSUPP: it lacks
 * something that this driver needs.
 */
int ctrl_look(struct ctrl *c);

/* ctrl_entries_max() - entries of a queue that it allows. */
uint32_t ctrl_entries_max(const struct ctrl *c);

/* ctrl_doorbells() - do the doorbells of @nr queue pairs, the admin's included, lie in the BAR? */
bool ctrl_doorbells(const struct ctrl *c, unsigned int nr);

/*
 * ctrl_off() - disable it, and wait until it is.  Returns 0, -ENODEV, or -EIO: it does not let go,
 * only a function-level reset helps.
 */
int ctrl_off(struct ctrl *c);

/* ctrl_prepare() - program the admin queue of a controller that is off. */
void ctrl_prepare(struct ctrl *c);

/* ctrl_on() - enable it, bus mastering being on.  Returns 0, -ENODEV or -EIO. */
int ctrl_on(struct ctrl *c);

/* ctrl_dead() - does it say that only a reset helps, or is it gone? */
bool ctrl_dead(const struct ctrl *c);

/*
 * ctrl_shut_down() - let it write its caches and say so, at most @ms; its queues are of no use
 * afterwards.  Returns 0, -ENODEV or -EIO.
 */
int ctrl_shut_down(struct ctrl *c, uint32_t ms);

/*
 * admin_start() - give a command, for the next kick.  If the queue is full it is answered at once,
 * by ourselves, with an error.
 */
void admin_start(struct ctrl *c, struct nvme_cmd *cmd, struct admin_call *call);

/* admin_poll() - take the answers that there are; true: there were some. */
bool admin_poll(struct ctrl *c);

/*
 * admin_wait() - wait until @nr calls are answered, each well or badly, at most CTRL_TIMEOUT_MS.
 * Returns 0, or -ETIMEDOUT: then the controller needs a reset before the calls are used again.
 */
int admin_wait(struct ctrl *c, const struct admin_call *calls, unsigned int nr);

/* admin_failed() - was one of @nr answered calls not done? */
bool admin_failed(const struct admin_call *calls, unsigned int nr);

#endif /* NVME_CTRL_H */
