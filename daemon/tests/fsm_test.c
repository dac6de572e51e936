// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsm_test.c - the table itself: properties that hold for every cell, and the stories
 */
#include <stdio.h>
#include <string.h>

#include "fsm.h"
#include "tap.h"

static int has(const struct fsm_cell *c, enum fsm_action a)
{
	unsigned int i;

	for (i = 0; i < FSM_ACTIONS_MAX && c->action[i] != FSM_ACT_NONE; i++)
		if (c->action[i] == a)
			return 1;
	return 0;
}

static void check_cell(enum fsm_state s, enum fsm_event e)
{
	const struct fsm_cell *c = fsm_step(s, e);

	/* only FORGET ends a service, and it ends it */
	assert_int_equal(has(c, FSM_ACT_FORGET), s == FSM_RETURNING && e == FSM_EV_RETURNED);
	/* only the first UP configures the front-end */
	assert_int_equal(has(c, FSM_ACT_FRONT), s == FSM_STARTING && e == FSM_EV_UP);
	/* a request that is refused changes nothing */
	if (has(c, FSM_ACT_BUSY))
		assert_int_equal(c->next, s);
	/* who comes to LIVE answers and has its replicas */
	if (c->next == FSM_LIVE && s != FSM_LIVE) {
		assert_true(has(c, FSM_ACT_OK));
		assert_true(has(c, FSM_ACT_REPLICAS));
		assert_true(has(c, FSM_ACT_SETTLE));
	}
	/* whoever waits is told: nobody leaves for STOPPING with a request unanswered */
	if (c->next == FSM_STOPPING && s != FSM_STOPPING && s != FSM_LIVE)
		assert_true(has(c, FSM_ACT_FAIL));
	if (c->next == FSM_STOPPING && s != FSM_STOPPING)
		assert_true(has(c, FSM_ACT_STOP));
	if (c->next == FSM_RETURNING && s != FSM_RETURNING)
		assert_true(has(c, FSM_ACT_RETURN));
	/* waiting has a timer that ends it */
	if (c->next == FSM_BACKOFF && s != FSM_BACKOFF)
		assert_true(has(c, FSM_ACT_WAIT));
	/* the kernel fails over by itself: a hot death starts no process */
	if (e == FSM_EV_DIED_HOT)
		assert_int_equal(c->action[0], FSM_ACT_NONE);
	/* nothing is started for a service that goes down */
	if (s == FSM_STOPPING || s == FSM_RETURNING) {
		assert_false(has(c, FSM_ACT_SPAWN));
		assert_false(has(c, FSM_ACT_REPLICAS));
		assert_false(has(c, FSM_ACT_REVIVE));
		assert_true(c->next == s || c->next == FSM_RETURNING || c->next == FSM_DOWN);
	}
}

static void test_every_cell(void **state)
{
	int s, e;

	(void)state;
	for (s = FSM_TAKING; s < FSM_STATES; s++)
		for (e = 0; e < FSM_EVENTS; e++)
			check_cell((enum fsm_state)s, (enum fsm_event)e);
}

struct step {
	enum fsm_event event;
	enum fsm_state next;
};

static void walk(const struct step *steps, unsigned int nr)
{
	enum fsm_state s = FSM_DOWN;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		s = fsm_step(s, steps[i].event)->next;
		assert_int_equal(s, steps[i].next);
	}
}

#define WALK(...) do {							\
	static const struct step steps[] = { __VA_ARGS__ };		\
	walk(steps, sizeof(steps) / sizeof(steps[0]));			\
} while (0)

static void test_life(void **state)
{
	(void)state;
	WALK({ FSM_EV_START, FSM_TAKING }, { FSM_EV_TAKEN, FSM_STARTING },
	     { FSM_EV_UP, FSM_LIVE }, { FSM_EV_DOWN, FSM_STOPPING },
	     { FSM_EV_GONE, FSM_RETURNING }, { FSM_EV_RETURNED, FSM_DOWN });
}

static void test_hot(void **state)
{
	(void)state;
	WALK({ FSM_EV_START, FSM_TAKING }, { FSM_EV_TAKEN, FSM_STARTING },
	     { FSM_EV_UP, FSM_LIVE }, { FSM_EV_DIED_HOT, FSM_RECOVERING },
	     { FSM_EV_UP, FSM_LIVE }, { FSM_EV_DIED_STANDBY, FSM_LIVE });
}

static void test_cold_and_crash_loop(void **state)
{
	(void)state;
	WALK({ FSM_EV_START, FSM_TAKING }, { FSM_EV_TAKEN, FSM_STARTING },
	     { FSM_EV_UP, FSM_LIVE }, { FSM_EV_DIED_COLD, FSM_BACKOFF },
	     { FSM_EV_TIMER, FSM_BACKOFF }, { FSM_EV_REVIVE, FSM_RECOVERING },
	     { FSM_EV_DIED_COLD, FSM_BACKOFF }, { FSM_EV_TIMER, FSM_BACKOFF },
	     { FSM_EV_REVIVE, FSM_RECOVERING }, { FSM_EV_FAILED, FSM_BACKOFF },
	     { FSM_EV_RESTART, FSM_RECOVERING }, { FSM_EV_UP, FSM_LIVE });
}

static void test_first_init_is_not_retried(void **state)
{
	(void)state;
	WALK({ FSM_EV_START, FSM_TAKING }, { FSM_EV_TAKEN, FSM_STARTING },
	     { FSM_EV_DIED_COLD, FSM_STOPPING }, { FSM_EV_GONE, FSM_RETURNING },
	     { FSM_EV_RETURNED, FSM_DOWN });
	WALK({ FSM_EV_START, FSM_TAKING }, { FSM_EV_FAILED, FSM_STOPPING });
}

static void test_patience_ends(void **state)
{
	(void)state;
	WALK({ FSM_EV_START, FSM_TAKING }, { FSM_EV_TAKEN, FSM_STARTING },
	     { FSM_EV_UP, FSM_LIVE }, { FSM_EV_DOWN, FSM_STOPPING },
	     { FSM_EV_TIMER, FSM_RETURNING });
}

static void test_exhausted_waits(void **state)
{
	(void)state;
	WALK({ FSM_EV_START, FSM_TAKING }, { FSM_EV_TAKEN, FSM_STARTING },
	     { FSM_EV_UP, FSM_LIVE }, { FSM_EV_EXHAUSTED, FSM_BACKOFF },
	     { FSM_EV_DIED_HOT, FSM_BACKOFF }, { FSM_EV_TIMER, FSM_BACKOFF },
	     { FSM_EV_REVIVE, FSM_RECOVERING });
}

static void test_names(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < FSM_STATES; i++)
		assert_non_null(fsm_state_name((enum fsm_state)i));
	for (i = 0; i < FSM_EVENTS; i++)
		assert_non_null(fsm_event_name((enum fsm_event)i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_cell),
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_hot),
		cmocka_unit_test(test_cold_and_crash_loop),
		cmocka_unit_test(test_first_init_is_not_retried),
		cmocka_unit_test(test_patience_ends),
		cmocka_unit_test(test_exhausted_waits),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("fsm", tests, NULL, NULL);
}
