// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands that take too long, and a controller that is dead
 *
 * Looked at twice a second, and only while commands are under way.  Every command that is late
 * climbs the ladder (ladder.h); then the strongest remedy that one of them asks for is
 * applied, once.  A remedy that takes the queues away keeps their commands, in order, and gives
 * them again: the requests are the driver's all the time, neither client nor module sees
 * anything but a delay.
 *
 * Remedies are waited for.  Nothing else can go on meanwhile but a healthy queue beside a sick
 * one, and that only until the controller has to be reset anyway.
 */
#include <errno.h>

#include "nvme.h"
#include "status.h"

static void climb(struct queue *q, uint16_t cid, enum ladder_event event)
{
	q->slot[cid].rung = ladder_next(q->slot[cid].rung, event);
}

/* Is the command of @s late?  Milliseconds wrap, differences do not. */
static bool late(uint32_t now, const struct slot *s)
{
	return now - s->tick >= ladder_patience_ms(s->rung);
}

static struct admin_call *free_abort(struct nvme *nvme)
{
	unsigned int i, nr = nvme->id.aborts < ABORTS_MAX ? nvme->id.aborts : ABORTS_MAX;

	for (i = 0; i < nr; i++)
		if (nvme->abort_call[i].done)
			return &nvme->abort_call[i];
	return NULL;
}

/* Without a free call the command waits for one, until its patience on this rung is over too. */
static void give_abort(struct nvme *nvme, const struct queue *q, uint16_t cid)
{
	struct admin_call *call = free_abort(nvme);
	struct nvme_cmd cmd;

	if (!call)
		return;
	cmd_abort(&cmd, q->id, cid);
	admin_start(&nvme->ctrl, &cmd, call);
	queue_kick(&nvme->ctrl.admin);
}

/* Let all late commands of @pair climb; returns the highest rung that one came to. */
static enum rung look(struct nvme *nvme, struct pair *pair)
{
	struct queue *q = &pair->q;
	enum rung worst = RUNG_FINE;
	uint32_t now = now_ms();
	uint16_t cid;

	for (cid = q->oldest; cid != CID_NONE; cid = q->slot[cid].next) {
		if (!late(now, &q->slot[cid]))
			continue;
		climb(q, cid, LADDER_LATE);
		if (q->slot[cid].rung == RUNG_ABORT)
			give_abort(nvme, q, cid);
		if (q->slot[cid].rung > worst)
			worst = q->slot[cid].rung;
	}
	return worst;
}

/* Take the commands of a pair that the controller has forgotten, or is about to. */
static void hold(struct pair *pair)
{
	while (queue_take(&pair->q, &pair->held[pair->nr_held]))
		pair->nr_held++;
}

/* Give them again; those that went up to the end of the ladder come to theirs. */
static void give_held(struct nvme *nvme, struct pair *pair)
{
	unsigned int i, nr = pair->nr_held;

	pair->nr_held = 0;
	for (i = 0; i < nr; i++) {
		struct rsdrv_req *req = pair->held[i].cookie;
		int r = -ETIMEDOUT;

		if (pair->held[i].rung != RUNG_GIVEN_UP)
			r = disk_give(nvme, req, pair->held[i].tries, pair->held[i].rung);
		if (r)
			rsdrv_blk_done(req, r);
	}
	queue_kick(&pair->q);
}

static bool delete_queue(struct nvme *nvme, uint8_t opcode, uint16_t id)
{
	struct nvme_cmd cmd;

	cmd_delete(&cmd, opcode, id);
	admin_start(&nvme->ctrl, &cmd, &nvme->call[0]);
	return !admin_wait(&nvme->ctrl, nvme->call, 1) && !admin_failed(nvme->call, 1);
}

/* Delete a queue pair and make it anew.  False: the controller does not. */
static bool redo_pair(struct nvme *nvme, unsigned int i)
{
	struct pair *pair = &nvme->pair[i];

	if (!delete_queue(nvme, ADM_DELETE_SQ, pair->q.id))
		return false;
	/* What the deletion did not take back was completed before it (7.4.3). */
	disk_reap(nvme, pair);
	hold(pair);
	if (!delete_queue(nvme, ADM_DELETE_CQ, pair->q.id))
		return false;
	if (setup_pair(nvme, i))
		return false;
	give_held(nvme, pair);
	return true;
}

static int reset(struct nvme *nvme, bool function)
{
	unsigned int i;
	int r;

	r = setup_off(nvme, function);
	/* It is off, or out of order: either way it completes nothing any more. */
	for (i = 0; i < nvme->nr_pairs; i++) {
		if (!r)
			disk_reap(nvme, &nvme->pair[i]);
		hold(&nvme->pair[i]);
	}
	for (i = 0; i < ABORTS_MAX; i++)
		nvme->abort_call[i].done = true;
	return r ? r : setup_on(nvme);
}

/* Resets, the stronger the less they help; in the end the controller serves or is given up. */
static void reset_until(struct nvme *nvme, enum rung rung)
{
	unsigned int i;

	while (rung != RUNG_GIVEN_UP && reset(nvme, rung == RUNG_FUNCTION))
		rung = ladder_next(rung, LADDER_FAILED);
	nvme->rung = rung;
	if (rung != RUNG_GIVEN_UP)
		disks_update(nvme);
	for (i = 0; i < nvme->nr_pairs; i++)
		give_held(nvme, &nvme->pair[i]);
}

void care_reset(struct nvme *nvme)
{
	reset_until(nvme, ladder_next(nvme->rung, LADDER_FAILED));
}

void care_look(struct nvme *nvme)
{
	enum rung worst = RUNG_FINE, rung;
	unsigned int i;

	if (nvme->rung == RUNG_GIVEN_UP)
		return;
	if (ctrl_dead(&nvme->ctrl)) {
		reset_until(nvme, ladder_next(nvme->rung, LADDER_FATAL));
		return;
	}
	for (i = 0; i < nvme->nr_pairs; i++) {
		rung = look(nvme, &nvme->pair[i]);
		if (rung == RUNG_QUEUE && !redo_pair(nvme, i))
			rung = RUNG_RESET;
		if (rung > worst)
			worst = rung;
	}
	if (worst > RUNG_QUEUE)
		reset_until(nvme, worst == RUNG_FUNCTION ? RUNG_FUNCTION : RUNG_RESET);
}
