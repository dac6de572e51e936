// SPDX-License-Identifier: GPL-2.0-only
/*
 * Completions that no correct driver writes
 *
 * The instance spoils the first read it gets and then goes away without a right answer.  Each
 * kind is refused, counted and reported; the client gets its bytes from the standby.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "scene.h"

/* rs_sqe.id as ledger.c makes it; a hostile driver would find out. */
#define ID(tag, queue, gen)	((uint64_t)(gen) << 32 | (uint64_t)(queue) << 16 | (tag))

enum sort {
	TAG, QUEUE, GEN_OLD, GEN_NEW, UNPUBLISHED, LONG, ERRNO, INT, FLAGS, RESERVED,
	TAIL_FAR, TAIL_BACK, TWICE, AGAIN, NR_SORTS
};

static void push_bytes(struct bare *b, const struct rs_cqe *cqe)
{
	bare_push(b, BARE_DATA, cqe);
}

static void spoil(struct bare *b, enum sort what, struct rs_cqe cqe, uint32_t len)
{
	uint32_t cq_nr = 2 * b->sq[BARE_DATA]->nr;

	switch (what) {
	case TAG:
		cqe.id |= 0xffff;
		break;
	case QUEUE:
		cqe.id ^= 1 << 16;
		break;
	case GEN_OLD:
		cqe.id -= 1ULL << 32;
		break;
	case GEN_NEW:
		cqe.id += 1ULL << 32;
		break;
	case UNPUBLISHED:
		cqe.id = ID(7, BARE_DATA, 0);
		break;
	case LONG:
		cqe.res = (int32_t)len + 1;
		break;
	case ERRNO:
		/* ERESTARTSYS */
		cqe.res = -512;
		break;
	case INT:
		cqe.res = INT_MIN;
		break;
	case FLAGS:
		cqe.flags = 1U << 31;
		break;
	case RESERVED:
		cqe.reserved = 1;
		break;
	case TAIL_FAR:
		push_bytes(b, &cqe);
		b->cq_tail[BARE_DATA] += cq_nr;
		break;
	case TAIL_BACK:
		push_bytes(b, &cqe);
		b->cq_tail[BARE_DATA] -= 2;
		break;
	default:
		break;
	}
	if (what == TAIL_FAR || what == TAIL_BACK)
		__atomic_store_n(&b->cq[BARE_DATA]->tail, b->cq_tail[BARE_DATA], __ATOMIC_RELEASE);
	else
		push_bytes(b, &cqe);
}

/* Answers the first read as told, with bytes that are wrong, and goes. */
static bool spoiler(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	struct rs_cqe cqe = { .id = sqe->id, .res = (int32_t)sqe->len };

	if (sqe->op != RS_OP_CHR_READ)
		return false;
	memset(b->pool + sqe->buf, 0xee, sqe->len);
	spoil(b, (enum sort)b->arg, cqe, sqe->len);
	bare_say(b, bare_enter(b, false));
	_exit(0);
}

/* Answers the first read right, but twice: at once, or later. */
static bool doubler(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	static struct rs_cqe before;
	struct rs_cqe cqe;

	if (sqe->op != RS_OP_CHR_READ)
		return false;
	if (b->arg == AGAIN && before.id) {
		memset(b->pool + sqe->buf, 0xee, sqe->len);
		push_bytes(b, &before);
		bare_say(b, bare_enter(b, false));
		_exit(0);
	}
	before = cqe = bare_serve(b, sqe);
	push_bytes(b, &cqe);
	if (b->arg == TWICE) {
		push_bytes(b, &cqe);
		bare_say(b, bare_enter(b, false));
		_exit(0);
	}
	return true;
}

/* Forges until it is stopped. */
static bool forger(struct bare *b, unsigned int queue, const struct rs_sqe *sqe)
{
	struct rs_cqe cqe = { .id = ~0ULL };
	int64_t n = 0;

	if (sqe->op != RS_OP_CHR_READ)
		return false;
	do {
		push_bytes(b, &cqe);
		n++;
	} while (!bare_enter(b, false));
	bare_say(b, n);
	for (;;)
		pause();
}

FIXTURE(cqe)
{
	struct scene scene;
	struct actor bad;
	struct actor good;
};

FIXTURE_VARIANT(cqe)
{
	enum sort what;
	uint32_t violation;
};

FIXTURE_VARIANT_ADD(cqe, tag) { .what = TAG, .violation = RS_VIOL_TAG };
FIXTURE_VARIANT_ADD(cqe, other_queue) { .what = QUEUE, .violation = RS_VIOL_TAG };
FIXTURE_VARIANT_ADD(cqe, old_generation) { .what = GEN_OLD, .violation = RS_VIOL_GEN };
FIXTURE_VARIANT_ADD(cqe, next_generation) { .what = GEN_NEW, .violation = RS_VIOL_GEN };
FIXTURE_VARIANT_ADD(cqe, never_published) { .what = UNPUBLISHED, .violation = RS_VIOL_STATE };
FIXTURE_VARIANT_ADD(cqe, result_too_long) { .what = LONG, .violation = RS_VIOL_RESULT };
FIXTURE_VARIANT_ADD(cqe, result_of_the_kernel) { .what = ERRNO, .violation = RS_VIOL_RESULT };
FIXTURE_VARIANT_ADD(cqe, result_int_min) { .what = INT, .violation = RS_VIOL_RESULT };
FIXTURE_VARIANT_ADD(cqe, unknown_flag) { .what = FLAGS, .violation = RS_VIOL_RESERVED };
FIXTURE_VARIANT_ADD(cqe, reserved) { .what = RESERVED, .violation = RS_VIOL_RESERVED };
FIXTURE_VARIANT_ADD(cqe, tail_beyond) { .what = TAIL_FAR, .violation = RS_VIOL_CURSOR };
FIXTURE_VARIANT_ADD(cqe, tail_back) { .what = TAIL_BACK, .violation = RS_VIOL_CURSOR };
FIXTURE_VARIANT_ADD(cqe, twice_at_once) { .what = TWICE, .violation = RS_VIOL_STATE };
FIXTURE_VARIANT_ADD(cqe, once_more_later) { .what = AGAIN, .violation = RS_VIOL_GEN };

FIXTURE_SETUP(cqe)
{
	const struct role bad = {
		.hook = variant->what == TWICE || variant->what == AGAIN ? doubler : spoiler,
		.arg = variant->what,
	};
	const struct role good = { .hook = NULL };
	int r;

	memset(&self->bad, 0, sizeof(self->bad));
	memset(&self->good, 0, sizeof(self->good));
	scene_init(&self->scene);
	r = scene_open(&self->scene);
	if (r == 1)
		SKIP(return, "%s", self->scene.why);
	ASSERT_EQ(0, r);
	ASSERT_EQ(0, scene_start(&self->scene, &self->bad, &bad));
	ASSERT_TRUE(scene_wait(&self->scene, RSMOD_EVENT_TYPE_UP, 1));
	ASSERT_EQ(0, scene_start(&self->scene, &self->good, &good));
}

FIXTURE_TEARDOWN(cqe)
{
	if (self->scene.beside)
		EXPECT_TRUE(scene_beside_ok(&self->scene));
	scene_close(&self->scene);
	scene_kill(&self->bad);
	scene_kill(&self->good);
}

TEST_F_TIMEOUT(cqe, is_refused, 200)
{
	struct scene *s = &self->scene;
	pid_t client = scene_client(s, 4, 4096);

	/* It is not told: the entry is dropped, the call goes on. */
	EXPECT_EQ(0, scene_hear(&self->bad));
	EXPECT_EQ(0, scene_client_end(client));
	EXPECT_TRUE(scene_wait_violation(s, variant->violation, 1));
	EXPECT_EQ(self->bad.number, s->last[RSMOD_EVENT_TYPE_VIOLATION].instance);
	EXPECT_EQ(1, scene_slot(s, "violations"));
	EXPECT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 2));
	EXPECT_EQ(self->good.number, s->last[RSMOD_EVENT_TYPE_UP].instance);
	EXPECT_EQ(1, scene_slot(s, "deaths"));
	EXPECT_EQ(0, scene_slot(s, "dropped"));
	EXPECT_EQ(1, scene_bound(s));
}

FIXTURE(limit)
{
	struct scene scene;
	struct actor bad;
	struct actor good;
};

FIXTURE_SETUP(limit)
{
	const struct role bad = { .hook = forger };
	const struct role good = { .hook = NULL };
	int r;

	memset(&self->bad, 0, sizeof(self->bad));
	memset(&self->good, 0, sizeof(self->good));
	scene_init(&self->scene);
	self->scene.slot.violation_limit = 8;
	r = scene_open(&self->scene);
	if (r == 1)
		SKIP(return, "%s", self->scene.why);
	ASSERT_EQ(0, r);
	ASSERT_EQ(0, scene_start(&self->scene, &self->bad, &bad));
	ASSERT_TRUE(scene_wait(&self->scene, RSMOD_EVENT_TYPE_UP, 1));
	ASSERT_EQ(0, scene_start(&self->scene, &self->good, &good));
}

FIXTURE_TEARDOWN(limit)
{
	if (self->scene.beside)
		EXPECT_TRUE(scene_beside_ok(&self->scene));
	scene_close(&self->scene);
	scene_kill(&self->bad);
	scene_kill(&self->good);
}

TEST_F_TIMEOUT(limit, ends_the_instance, 200)
{
	struct scene *s = &self->scene;
	pid_t client = scene_client(s, 4, 0);
	int status;

	EXPECT_EQ(0, scene_client_end(client));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_DIED, 1));
	EXPECT_EQ(self->bad.number, s->last[RSMOD_EVENT_TYPE_DIED].instance);
	EXPECT_EQ(RS_CAUSE_VIOLATION, s->last[RSMOD_EVENT_TYPE_DIED].cause);
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 2));
	EXPECT_EQ(self->good.number, s->last[RSMOD_EVENT_TYPE_UP].instance);
	EXPECT_EQ(8, scene_slot(s, "violations"));
	/* Unbound, and nobody parked it: it is killed. */
	status = scene_wait_end(&self->bad);
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
}

TEST_HARNESS_MAIN
