// SPDX-License-Identifier: GPL-2.0-only
/*
 * manager_test.c - from deaths and events to the actions that are asked for
 *
 * The real manager and the real table with effects that only write down their names.
 */
#include <stdio.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "manager.h"
#include "tap.h"

static char asked[512];
static enum fsm_event next_event[FSM_ACTIONS];

static enum fsm_event ask(struct service *s, const char *name, enum fsm_action a)
{
	enum fsm_event e = next_event[a];

	(void)s;
	strcat(asked, name);
	strcat(asked, " ");
	next_event[a] = FSM_EV_NONE;
	return e;
}

#define EFFECT(fn, name, action)				\
static enum fsm_event fn(struct service *s)			\
{								\
	return ask(s, name, action);				\
}

EFFECT(do_take, "take", FSM_ACT_TAKE)
EFFECT(do_lease, "lease", FSM_ACT_LEASE)
EFFECT(do_spawn, "spawn", FSM_ACT_SPAWN)
EFFECT(do_front, "front", FSM_ACT_FRONT)
EFFECT(do_settle, "settle", FSM_ACT_SETTLE)
EFFECT(do_replicas, "replicas", FSM_ACT_REPLICAS)
EFFECT(do_later, "replicas-later", FSM_ACT_REPLICAS_LATER)
EFFECT(do_wait, "wait", FSM_ACT_WAIT)
EFFECT(do_script, "script", FSM_ACT_SCRIPT)
EFFECT(do_revive, "revive", FSM_ACT_REVIVE)
EFFECT(do_kill, "kill", FSM_ACT_KILL)
EFFECT(do_stop, "stop", FSM_ACT_STOP)
EFFECT(do_return, "return", FSM_ACT_RETURN)
EFFECT(do_ok, "ok", FSM_ACT_OK)
EFFECT(do_fail, "fail", FSM_ACT_FAIL)
EFFECT(do_busy, "busy", FSM_ACT_BUSY)

static enum fsm_event do_forget(struct service *s)
{
	ask(s, "forget", FSM_ACT_FORGET);
	manager_forget(s);
	return FSM_EV_NONE;
}

static const struct effects recorded = {
	.fn = {
		[FSM_ACT_TAKE] = do_take, [FSM_ACT_LEASE] = do_lease, [FSM_ACT_SPAWN] = do_spawn,
		[FSM_ACT_FRONT] = do_front, [FSM_ACT_SETTLE] = do_settle,
		[FSM_ACT_REPLICAS] = do_replicas, [FSM_ACT_REPLICAS_LATER] = do_later,
		[FSM_ACT_WAIT] = do_wait, [FSM_ACT_SCRIPT] = do_script, [FSM_ACT_REVIVE] = do_revive, [FSM_ACT_KILL] = do_kill,
		[FSM_ACT_STOP] = do_stop, [FSM_ACT_RETURN] = do_return,
		[FSM_ACT_FORGET] = do_forget, [FSM_ACT_OK] = do_ok, [FSM_ACT_FAIL] = do_fail,
		[FSM_ACT_BUSY] = do_busy,
	},
};

static void no_event(void *owner, const struct knl_event *e)
{
	(void)owner;
	(void)e;
}

static const struct manager_ops ops = { .event = no_event };

struct fixture {
	sd_event *loop;
	struct manager *m;
	struct service *s;
};

static struct instance *add(struct service *s, uint32_t number, enum instance_role role)
{
	struct instance *i = calloc(1, sizeof(*i));

	assert_non_null(i);
	i->number = number;
	i->role = role;
	i->pidfd = i->report = -1;
	i->iova = RS_IOVA_NONE;
	i->window = number % INSTANCE_WINDOWS;
	service_add(s, i);
	return i;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct conf_service conf = { .label = "x", .program = (char *)"/bin/true" };
	int a;

	assert_non_null(f);
	assert_true(sd_event_new(&f->loop) >= 0);
	assert_int_equal(manager_new(f->loop, &ops, NULL, &f->m), 0);
	f->m->effects = &recorded;
	f->s = service_new(f->m, "x");
	f->s->conf = conf_service_copy(&conf);
	f->s->endpoint = RS_EP(1, 1);
	f->m->services = f->s;
	asked[0] = '\0';
	for (a = 0; a < FSM_ACTIONS; a++)
		next_event[a] = FSM_EV_NONE;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	manager_free(f->m);
	sd_event_unref(f->loop);
	free(f);
	return 0;
}

static void expect(struct fixture *f, enum fsm_state state, const char *actions)
{
	assert_string_equal(asked, actions);
	assert_int_equal(f->s->state, state);
	asked[0] = '\0';
}

static void to_live(struct fixture *f)
{
	next_event[FSM_ACT_TAKE] = FSM_EV_TAKEN;
	manager_event(f->s, FSM_EV_START);
	expect(f, FSM_STARTING, "take lease spawn ");
	manager_event(f->s, FSM_EV_UP);
	expect(f, FSM_LIVE, "front settle ok replicas ");
}

static void test_up(void **state)
{
	to_live(*state);
}

static void test_lease_fails(void **state)
{
	struct fixture *f = *state;

	next_event[FSM_ACT_TAKE] = FSM_EV_TAKEN;
	next_event[FSM_ACT_LEASE] = FSM_EV_FAILED;
	next_event[FSM_ACT_STOP] = FSM_EV_GONE;
	manager_event(f->s, FSM_EV_START);
	/* nothing is spawned after a failed step; everything is undone */
	expect(f, FSM_RETURNING, "take lease fail stop return ");
	manager_event(f->s, FSM_EV_RETURNED);
	assert_string_equal(asked, "ok forget ");
	assert_null(f->m->services);
}

static void test_hot_death(void **state)
{
	struct fixture *f = *state;
	struct instance *a, *b;

	to_live(f);
	a = add(f->s, 1, INSTANCE_BOUND);
	b = add(f->s, 2, INSTANCE_STANDBY);
	manager_died(f->s, a);
	expect(f, FSM_RECOVERING, "");
	/* the module told, then the process exited: one death */
	manager_died(f->s, a);
	expect(f, FSM_RECOVERING, "");
	b->role = INSTANCE_BOUND;
	manager_event(f->s, FSM_EV_UP);
	expect(f, FSM_LIVE, "settle ok replicas ");
}

static void test_standby_death(void **state)
{
	struct fixture *f = *state;

	to_live(f);
	add(f->s, 1, INSTANCE_BOUND);
	manager_died(f->s, add(f->s, 2, INSTANCE_STARTING));
	expect(f, FSM_LIVE, "settle replicas-later ");
}

static void test_cold_death(void **state)
{
	struct fixture *f = *state;

	to_live(f);
	manager_died(f->s, add(f->s, 1, INSTANCE_BOUND));
	expect(f, FSM_BACKOFF, "wait ");
	next_event[FSM_ACT_SCRIPT] = FSM_EV_REVIVE;
	manager_event(f->s, FSM_EV_TIMER);
	expect(f, FSM_RECOVERING, "script revive ");
	/* it dies again before it was bound */
	manager_died(f->s, add(f->s, 2, INSTANCE_STARTING));
	expect(f, FSM_BACKOFF, "wait ");
}

/* A replica that has not attached yet is on its way: nothing else is started. */
static void test_death_while_replica_starts(void **state)
{
	struct fixture *f = *state;
	struct instance *a, *b;

	to_live(f);
	a = add(f->s, 1, INSTANCE_BOUND);
	b = add(f->s, 2, INSTANCE_STARTING);
	manager_died(f->s, a);
	expect(f, FSM_RECOVERING, "");
	manager_died(f->s, b);
	expect(f, FSM_BACKOFF, "wait ");
}

static void test_spawn_fails_in_backoff(void **state)
{
	struct fixture *f = *state;

	to_live(f);
	manager_died(f->s, add(f->s, 1, INSTANCE_BOUND));
	expect(f, FSM_BACKOFF, "wait ");
	next_event[FSM_ACT_SCRIPT] = FSM_EV_REVIVE;
	next_event[FSM_ACT_REVIVE] = FSM_EV_FAILED;
	manager_event(f->s, FSM_EV_TIMER);
	expect(f, FSM_BACKOFF, "script revive wait ");
}

static void test_requests_are_gated(void **state)
{
	struct fixture *f = *state;
	struct reason why = { "" };

	assert_int_equal(manager_down(f->m, "y", false, NULL, &why), -ESRCH);
	next_event[FSM_ACT_TAKE] = FSM_EV_TAKEN;
	manager_event(f->s, FSM_EV_START);
	asked[0] = '\0';
	assert_int_equal(manager_down(f->m, "x", false, NULL, &why), -EBUSY);
	assert_int_equal(manager_restart(f->m, "x", NULL, &why), -EBUSY);
	assert_non_null(strstr(why.text, "starting"));
	expect(f, FSM_STARTING, "");
	manager_event(f->s, FSM_EV_UP);
	asked[0] = '\0';
	assert_int_equal(manager_down(f->m, "x", false, NULL, &why), 0);
	expect(f, FSM_STOPPING, "stop ");
	assert_int_equal(manager_down(f->m, "x", false, NULL, &why), -EBUSY);
}

static int answers, answered;

static void on_done(struct request *r, int error, const char *text)
{
	(void)r;
	(void)text;
	answers++;
	answered = error;
}

/* `down` does not wait behind a restart that never ends. */
static void test_down_overtakes_restart(void **state)
{
	struct fixture *f = *state;
	struct request restart = { .kind = REQUEST_RESTART, .done = on_done };
	struct reason why = { "" };

	to_live(f);
	add(f->s, 1, INSTANCE_BOUND);
	assert_int_equal(manager_restart(f->m, "x", &restart, &why), 0);
	expect(f, FSM_RECOVERING, "kill ");
	assert_int_equal(manager_restart(f->m, "x", &restart, &why), -EBUSY);
	answers = 0;
	assert_int_equal(manager_down(f->m, "x", false, NULL, &why), 0);
	assert_int_equal(answers, 1);
	assert_int_equal(answered, -ECANCELED);
}

/* It decides: to restart while somebody waits for that, or for nothing. */
static void test_script_decides(void **state)
{
	struct fixture *f = *state;
	struct request mine = { .kind = REQUEST_RESTART, .done = on_done };
	struct request its = { .kind = REQUEST_RESTART, .done = on_done };
	struct reason why = { "" };

	to_live(f);
	manager_died(f->s, add(f->s, 1, INSTANCE_BOUND));
	expect(f, FSM_BACKOFF, "wait ");
	manager_event(f->s, FSM_EV_TIMER);
	expect(f, FSM_BACKOFF, "script ");
	manager_event(f->s, FSM_EV_TIMER);
	expect(f, FSM_BACKOFF, "script ");
	/* it failed */
	manager_event(f->s, FSM_EV_REVIVE);
	expect(f, FSM_RECOVERING, "revive ");
	manager_event(f->s, FSM_EV_UP);
	expect(f, FSM_LIVE, "settle ok replicas ");
	/* its word comes late: nothing happens to who lives */
	manager_event(f->s, FSM_EV_REVIVE);
	expect(f, FSM_LIVE, "");

	f->s->request = &mine;
	f->s->state = FSM_BACKOFF;
	assert_int_equal(manager_restart(f->m, "x", &its, &why), -EBUSY);
	f->s->script = (struct script *)calloc(1, 256);
	answers = 0;
	assert_int_equal(manager_restart(f->m, "x", &its, &why), 0);
	expect(f, FSM_RECOVERING, "revive ");
	assert_int_equal(answers, 1);
	assert_int_equal(answered, 0);
	assert_ptr_equal(f->s->request, &mine);
	free(f->s->script);
	f->s->script = NULL;
	f->s->request = NULL;
}

static void test_core(void **state)
{
	struct fixture *f = *state;
	struct conf_service conf = { .label = "x", .program = (char *)"/bin/true", .core = true };
	struct reason why = { "" };

	to_live(f);
	f->m->conf.services = conf_service_copy(&conf);
	assert_int_equal(manager_down(f->m, "x", false, NULL, &why), -EPERM);
	assert_non_null(strstr(why.text, "core service"));
	expect(f, FSM_LIVE, "");
	f->m->conf.services->core = false;
	assert_int_equal(manager_down(f->m, "x", false, NULL, &why), 0);
	expect(f, FSM_STOPPING, "stop ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lease_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hot_death, setup, teardown),
		cmocka_unit_test_setup_teardown(test_standby_death, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cold_death, setup, teardown),
		cmocka_unit_test_setup_teardown(test_death_while_replica_starts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_spawn_fails_in_backoff, setup, teardown),
		cmocka_unit_test_setup_teardown(test_requests_are_gated, setup, teardown),
		cmocka_unit_test_setup_teardown(test_down_overtakes_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(test_script_decides, setup, teardown),
		cmocka_unit_test_setup_teardown(test_core, setup, teardown),
	};

	return cmocka_run_group_tests_name("manager", tests, NULL, NULL);
}
