/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A pair of queues: commands that go to the controller, completions that come back
 *
 * Each command has an identifier, from queue_get() to queue_reap() or queue_take(); there
 * are one fewer than entries, so neither queue can overflow (4.1.1, 4.1.2).  Commands
 * under way are kept in the order in which they were given: that is the order in which
 * they are looked at when they take too long, and given again when the controller has
 * forgotten them.
 *
 * Who owns an entry: of the submission queue, the controller from the doorbell to the
 * completion.  Of the completion queue, the controller until the phase bit of the entry
 * changes; from then on we, until the doorbell.
 */
#ifndef NVME_QUEUE_H
#define NVME_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "command.h"

/* Entries of a pair, at most and at least. */
#define QUEUE_MAX		256
#define QUEUE_MIN		2

/* No identifier. */
#define CID_NONE		UINT16_MAX

/**
 * struct slot - one identifier
 * @cookie: what the caller wants back; NULL = not under way
 * @tick: when it was given, by the caller's clock
 * @tries: how often it failed before
 * @rung: what was done because it takes too long, enum rung
 * @next: younger, or next of the free ones
 * @prev: older
 */
struct slot {
	void *cookie;
	uint32_t tick;
	uint8_t tries;
	uint8_t rung;
	uint16_t next;
	uint16_t prev;
};

/**
 * struct queue - a pair
 * @sq: @nr submission entries
 * @cq: @nr completion entries
 * @regs: BAR 0
 * @sq_tail_reg: offset of the tail doorbell
 * @cq_head_reg: offset of the head doorbell
 * @id: 0: admin
 * @nr: entries of each
 * @tail: where the next command goes
 * @rung: what the tail doorbell says
 * @head: where the next completion comes
 * @acked: what the head doorbell says
 * @phase: phase bit of new completions
 * @nr_busy: commands under way
 * @strays: completions that answer no command
 * @free: identifiers that are not under way
 * @oldest: first in the order of submission
 * @youngest: last
 * @slot: by identifier
 */
struct queue {
	struct nvme_cmd *sq;
	struct nvme_cqe *cq;
	void *regs;
	size_t sq_tail_reg;
	size_t cq_head_reg;
	uint16_t id;
	uint16_t nr;
	uint16_t tail;
	uint16_t rung;
	uint16_t head;
	uint16_t acked;
	uint16_t phase;
	uint16_t nr_busy;
	uint32_t strays;
	uint16_t free;
	uint16_t oldest;
	uint16_t youngest;
	struct slot slot[QUEUE_MAX];
};

/**
 * struct answer - a completion
 * @cookie: of its command
 * @result: first word
 * @cid: its identifier, free again
 * @status: see status.h
 * @tries: as given
 * @rung: as it is
 */
struct answer {
	void *cookie;
	uint32_t result;
	uint16_t cid;
	uint16_t status;
	uint8_t tries;
	uint8_t rung;
};

/*
 * queue_reset() - an empty pair, for a controller that has none yet; forgets all commands.
 * @sq, @cq and @regs are set.
 */
void queue_reset(struct queue *q, uint16_t id, uint16_t nr, size_t stride);

/* queue_get() - an identifier, or CID_NONE if all are under way.  Follow with queue_push(). */
uint16_t queue_get(struct queue *q, void *cookie, uint32_t tick);

/* queue_push() - put the command into the queue, for the next kick. */
void queue_push(struct queue *q, uint16_t cid, struct nvme_cmd *cmd);

/* queue_kick() - tell the controller of what was pushed; at most one register write. */
void queue_kick(struct queue *q);

/* queue_reap() - the next completion; false = there is none. */
bool queue_reap(struct queue *q, struct answer *ret);

/* queue_ack() - give the entries of what was reaped back; at most one register write. */
void queue_ack(struct queue *q);

/* queue_drop() - forget a command that was not pushed. */
void queue_drop(struct queue *q, uint16_t cid);

/* queue_take() - the oldest command under way, forgotten.  False = there is none. */
bool queue_take(struct queue *q, struct answer *ret);

#endif /* NVME_QUEUE_H */
