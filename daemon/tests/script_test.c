// SPDX-License-Identifier: GPL-2.0-only
/* script_test.c - what a recovery script is told, and how it may fail */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "script.h"
#include "tap.h"

struct fixture {
	sd_event *loop;
	char dir[64];
	char path[80], out[80];
	int calls, result;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_true(sd_event_new(&f->loop) >= 0);
	snprintf(f->dir, sizeof(f->dir), "/tmp/rsd-script-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/script", f->dir);
	snprintf(f->out, sizeof(f->out), "%s/out", f->dir);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	unlink(f->out);
	rmdir(f->dir);
	sd_event_unref(f->loop);
	free(f);
	return 0;
}

static void on_done(void *owner, int result, const struct reason *why)
{
	struct fixture *f = owner;

	assert_int_equal(result < 0, why->text[0] != '\0');
	f->calls++;
	f->result = result;
	sd_event_exit(f->loop, 0);
}

static struct script *start(struct fixture *f, const char *body, uint32_t timeout_ms)
{
	struct script_call call = { .path = f->path, .label = "xx", .reason = "no-heartbeat",
				    .restarts = 7, .timeout_ms = timeout_ms, .done = on_done,
				    .owner = f };
	struct script *s = NULL;

	if (body) {
		assert_int_equal(write_file_atomic(f->path, body, strlen(body)), 0);
		assert_int_equal(chmod(f->path, 0700), 0);
	}
	assert_int_equal(script_run(f->loop, &call, &s, NULL), 0);
	return s;
}

static int run(struct fixture *f, const char *body, uint32_t timeout_ms)
{
	start(f, body, timeout_ms);
	assert_true(sd_event_loop(f->loop) >= 0);
	assert_int_equal(f->calls, 1);
	return f->result;
}

static void test_arguments(void **state)
{
	struct fixture *f = *state;
	char body[256], *got;
	size_t len;

	setenv("RSD_TEST_LEAK", "leak", 1);
	snprintf(body, sizeof(body),
		 "#!/bin/sh\necho \"$# $1 $2 $3\" >%s\ncat /proc/$$/environ >>%s\n", f->out, f->out);
	assert_int_equal(run(f, body, 60000), 0);
	assert_int_equal(read_file(f->out, &got, &len), 0);
	assert_string_equal(got, "3 xx no-heartbeat 7\n");
	/* nothing behind it: the environment is empty */
	assert_int_equal(len, strlen(got));
	free(got);
}

static void test_fails(void **state)
{
	assert_int_equal(run(*state, "#!/bin/sh\nexit 3\n", 60000), -EIO);
}

static void test_killed(void **state)
{
	assert_int_equal(run(*state, "#!/bin/sh\nkill -9 $$\n", 60000), -EIO);
}

static void test_missing(void **state)
{
	assert_int_equal(run(*state, NULL, 60000), -ENOEXEC);
}

static void test_not_executable(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(write_file_atomic(f->path, "#!/bin/sh\n", 10), 0);
	assert_int_equal(run(f, NULL, 60000), -ENOEXEC);
}

/* What it started goes with it. */
static void test_hangs(void **state)
{
	struct fixture *f = *state;
	char body[256], *got;
	pid_t pid;

	snprintf(body, sizeof(body), "#!/bin/sh\nsleep 1000 &\necho $! >%s\nwait\n", f->out);
	assert_int_equal(run(f, body, 2000), -ETIME);
	assert_int_equal(read_file(f->out, &got, NULL), 0);
	pid = (pid_t)strtol(got, NULL, 10);
	free(got);
	assert_true(pid > 1);
	/* killed; whoever inherited it may not have reaped it yet */
	while (kill(pid, 0) == 0) {
		char path[64], line[256];
		const char *state_of;

		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		if (read_line(line, sizeof(line), path) < 0)
			break;
		state_of = strrchr(line, ')');
		if (state_of && state_of[2] == 'Z')
			break;
	}
}

/* Nobody is told of one that was let go, and it is still reaped. */
static void test_let_go(void **state)
{
	struct fixture *f = *state;
	struct script *s = start(f, "#!/bin/sh\nexit 1\n", 60000);

	script_let_go(s);
	script_let_go(NULL);
	/* one event: its exit, upon which it is reaped and freed */
	assert_true(sd_event_run(f->loop, 60000000) > 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(f->calls, 0);
}

static void test_reasons(void **state)
{
	(void)state;
	assert_string_equal(script_reason(false, false), "terminated");
	assert_string_equal(script_reason(false, true), "no-heartbeat");
	/* a refresh of one that hangs is a refresh */
	assert_string_equal(script_reason(true, true), "restart");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_arguments, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_executable, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hangs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_let_go, setup, teardown),
		cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests_name("script", tests, NULL, NULL);
}
