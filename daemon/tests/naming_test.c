// SPDX-License-Identifier: GPL-2.0-only
/* naming_test.c - labels and "driver up" in the data store, through restarts and adoption */
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "naming.h"
#include "tap.h"

static void no_event(void *owner, const struct knl_event *e)
{
	(void)owner;
	(void)e;
}

static char changes[512];

static void on_change(void *owner, const struct ds_entry *e)
{
	(void)owner;
	strcat(changes, e->gone ? "-" : "+");
	strcat(changes, e->key);
	strcat(changes, " ");
}

static const struct manager_ops ops = { .event = no_event, .changed = on_change };

struct fixture {
	sd_event *loop;
	struct manager *m;
	struct service *s;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct conf_service conf = { .label = "xx", .class = RS_CLASS_CHR,
				     .program = (char *)"/bin/true" };

	assert_non_null(f);
	assert_true(sd_event_new(&f->loop) >= 0);
	assert_int_equal(manager_new(f->loop, &ops, NULL, &f->m), 0);
	f->s = service_new(f->m, "xx");
	f->s->conf = conf_service_copy(&conf);
	f->s->endpoint = RS_EP(1, 1);
	f->m->services = f->s;
	changes[0] = '\0';
	naming_label(f->s);
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

static void expect(const char *what)
{
	assert_string_equal(changes, what);
	changes[0] = '\0';
}

static void test_label(void **state)
{
	struct fixture *f = *state;
	struct ds_value v = { .type = DS_U32, .number = 5 };
	const struct ds_entry *e;

	expect("+xx ");
	/* adoption finds it there */
	naming_label(f->s);
	expect("");
	assert_int_equal(ds_retrieve_name(&f->m->ds, RS_EP(1, 1), &e), 0);
	assert_string_equal(e->key, "xx");
	assert_int_equal(ds_publish(&f->m->ds, "xx", "own", &v, 0, NULL), 0);
	expect("+own ");
	/* another generation begins with nothing */
	f->s->endpoint = RS_EP(2, 1);
	naming_label(f->s);
	expect("-xx -own +xx ");
	assert_int_equal(ds_retrieve_name(&f->m->ds, RS_EP(1, 1), &e), -ESRCH);
}

static void test_up(void **state)
{
	struct fixture *f = *state;

	changes[0] = '\0';
	assert_true(naming_up(f->s, RS_INIT_FRESH, 1));
	expect("+drv.chr.xx ");
	assert_true(naming_up(f->s, RS_INIT_RESTART, 2));
	expect("+drv.chr.xx ");
	/* the next rsd sees the same binding */
	assert_false(naming_up(f->s, RS_INIT_RESTART, 2));
	expect("");
	/* a live update is nobody's business, neither now nor after an adoption */
	assert_true(naming_up(f->s, RS_INIT_LU, 3));
	expect("");
	assert_false(naming_up(f->s, RS_INIT_RESTART, 3));
	assert_true(naming_up(f->s, RS_INIT_ROLLBACK, 4));
	expect("");
	/* a failover while no rsd ran */
	assert_true(naming_up(f->s, RS_INIT_RESTART, 5));
	expect("+drv.chr.xx ");
	f->s->state = FSM_STOPPING;
	assert_false(naming_up(f->s, RS_INIT_RESTART, 6));
	expect("");
	naming_down(f->s);
	expect("-xx -drv.chr.xx ");
}

static void test_plain_service(void **state)
{
	struct fixture *f = *state;

	changes[0] = '\0';
	f->s->conf->class = RS_CLASS_NONE;
	assert_true(naming_up(f->s, RS_INIT_FRESH, 1));
	expect("");
}

/* Somebody went down while no rsd ran, or rsd was killed in the middle of it. */
static void test_prune(void **state)
{
	struct fixture *f = *state;
	struct ds_value v = { .type = DS_LABEL, .number = 7 }, n = { .type = DS_U32 };
	const struct ds_entry *e;

	assert_int_equal(ds_publish(&f->m->ds, DS_RS, "gone", &v, 0, NULL), 0);
	assert_int_equal(ds_publish(&f->m->ds, "gone", "its", &n, 0, NULL), 0);
	assert_int_equal(ds_publish(&f->m->ds, "xx", "mine", &n, 0, NULL), 0);
	assert_int_equal(ds_publish(&f->m->ds, DS_ROOT, "roots", &n, 0, NULL), 0);
	ds_drop(&f->m->ds, "gone", DS_LABEL);
	naming_prune(f->m);
	assert_int_equal(ds_retrieve(&f->m->ds, DS_RS, "its", DS_U32, &e, NULL), -ESRCH);
	assert_int_equal(ds_retrieve(&f->m->ds, DS_RS, "mine", DS_U32, &e, NULL), 0);
	assert_int_equal(ds_retrieve(&f->m->ds, DS_RS, "roots", DS_U32, &e, NULL), 0);
	assert_int_equal(ds_retrieve(&f->m->ds, DS_RS, "xx", DS_LABEL, &e, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_label, setup, teardown),
		cmocka_unit_test_setup_teardown(test_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_plain_service, setup, teardown),
		cmocka_unit_test_setup_teardown(test_prune, setup, teardown),
	};

	return cmocka_run_group_tests_name("naming", tests, NULL, NULL);
}
