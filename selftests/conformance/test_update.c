// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases of live update: prepare, swap, INIT (LU), commit; and everything that goes wrong, after
 * which the old one serves
 *
 * What RS does is done here, so that each stage can be looked at.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "svc.h"

#define UP	RSMOD_EVENT_TYPE_UP
#define PREP	RSMOD_EVENT_TYPE_PREPARED

/* A client, and services. */
static struct svc p, s[3];
static struct svc_inst pi, si[3];
static int version = 1;
static uint64_t count;

/* Is the client served by @v, which was told @init? */
static bool served_by(const struct svc *to, int v, uint32_t init)
{
	struct svc_result r = svc_send(&pi, to->endpoint, SVC_WHO, 0);

	return !r.err && r.data == ((uint64_t)v << 32 | init);
}

static bool counts(void)
{
	struct svc_result r = svc_send(&pi, s[0].endpoint, SVC_COUNT, 0);

	return !r.err && r.data == ++count;
}

/* Ask, and wait until it is over: how it ended. */
static int prepare(struct svc *to, uint32_t state, const char *expr, uint32_t timeout_ms)
{
	unsigned int n = svc_seen(to, PREP);
	int r = svc_prepare(to, state, expr, timeout_ms);

	if (r)
		return r;
	return svc_wait(to, PREP, n + 1) ? svc_result_of(to) : -ETIME;
}

/* Update @s[0] as RS would; the new one's fault decides how it ends. */
static bool update(enum svc_fault fault, uint32_t commit, struct svc_inst *ret_new)
{
	unsigned int ups = svc_seen(&s[0], UP);

	*ret_new = svc_start(&s[0], ++version, fault, SVC_HELD);
	if (prepare(&s[0], RS_LU_WORK_FREE, NULL, 20000) || svc_swap(&s[0], ret_new, commit))
		return false;
	return commit == RS_COMMIT_MANUAL || svc_wait(&s[0], UP, ups + 1);
}

static void test_good(void)
{
	struct svc_inst new;
	int32_t endpoint = s[0].endpoint;

	svc_case(counts() && counts(), "the old one counts");
	svc_case(update(SVC_GOOD, RS_COMMIT_UP, &new), "C070 an update");
	svc_case(served_by(&s[0], version, RS_INIT_LU), "C030 C070 the new one answers, and was told LU");
	svc_case(counts(), "C071 it has the old one's state");
	svc_case(svc_value(&s[0], "endpoint") == endpoint && !svc_value(&s[0], "restarts") &&
		 !svc_value(&s[0], "deaths") && svc_value(&s[0], "commits") == 1,
		 "C070 same endpoint, no restart");
	svc_kill(&si[0], SIGKILL);
	si[0] = new;
}

static void test_prepare(void)
{
	struct svc_inst new;
	struct svc_result r;

	svc_case(prepare(&s[0], 99, NULL, 20000) == -EINVAL, "C073 an invalid state: EINVAL");
	svc_case(prepare(&s[0], RS_LU_EVAL, "kept ==", 20000) == -EINVAL, "C073 no expression: EINVAL");
	svc_case(prepare(&s[0], RS_LU_EVAL, "nothing", 20000) == -ENOENT, "C073 an unknown name: ENOENT");
	svc_case(prepare(&s[0], RS_LU_UNREACHABLE, NULL, 300) == -EINTR, "C072 not ready in time: EINTR");
	svc_case(counts(), "C072 the old one goes on");

	svc_case(!svc_prepare(&s[0], RS_LU_UNREACHABLE, NULL, 20000) &&
		 svc_prepare(&s[0], RS_LU_WORK_FREE, NULL, 20000) == -EBUSY,
		 "C078 one at a time: EBUSY");
	svc_case(!svc_prepare(&s[0], RS_LU_NULL, NULL, 1) &&
		 svc_prepare(&s[0], RS_LU_NULL, NULL, 1) == -ESRCH && counts(),
		 "C080 taken back; the service lives");
	svc_seen(&s[0], PREP);

	svc_case(!prepare(&s[0], RS_LU_WORK_FREE, NULL, 20000), "C123 prepared only");
	svc_order(&pi, s[0].endpoint, SVC_COUNT, 0, 0);
	svc_case(!svc_answered(&pi, 300), "C128 C123 messages wait");
	svc_prepare(&s[0], RS_LU_NULL, NULL, 1);
	r = svc_answer(&pi);
	svc_case(!r.err && r.data == ++count, "C128 C123 taken back: they are delivered, nothing was replaced");

	svc_order(&pi, s[0].endpoint, SVC_KEEP, 0, 0);
	svc_answered(&pi, 300);
	svc_prepare(&s[0], RS_LU_REQUEST_FREE, NULL, 20000);
	new = svc_start(&s[0], ++version, SVC_GOOD, SVC_HELD);
	svc_case(svc_value(&s[0], "update") == RS_UPDATE_PREPARING, "C084 a request is pending: not ready");
	r = svc_send(&si[1], s[0].endpoint, SVC_FREE, 0);
	svc_case(r.data == 1 && !svc_answer(&pi).err, "C084 it is drained");
	svc_case(!svc_swap(&s[0], &new, RS_COMMIT_UP) && served_by(&s[0], version, RS_INIT_LU),
		 "C084 and then updated");
	svc_kill(&si[0], SIGKILL);
	si[0] = new;

	svc_case(!prepare(&s[0], RS_LU_EVAL, "kept == 0 || kept > 100", 20000), "C084 ready by an expression");
	svc_prepare(&s[0], RS_LU_NULL, NULL, 1);
	svc_case(counts(), "C084 it goes on");
}

/* An update by a new one with this fault; the old one must serve afterwards. */
static void bad_update(enum svc_fault fault, const char *name)
{
	long restarts = svc_value(&s[0], "restarts"), rollbacks = svc_value(&s[0], "rollbacks");
	int old = version;
	struct svc_inst new;
	struct svc_result r;
	bool ok;

	/* One that comes in the middle. */
	svc_order(&pi, s[0].endpoint, SVC_KEEP, 0, 0);
	svc_answered(&pi, 300);
	ok = update(fault, RS_COMMIT_UP, &new);
	r = svc_send(&si[1], s[0].endpoint, SVC_FREE, 0);
	ok = ok && r.data == 1;
	r = svc_answer(&pi);
	ok = ok && !r.err && r.data == (uint64_t)old && served_by(&s[0], old, RS_INIT_ROLLBACK) &&
	     counts() && svc_value(&s[0], "restarts") == restarts &&
	     svc_value(&s[0], "rollbacks") == rollbacks + 1;
	svc_case(ok, name);
	svc_kill(&new, SIGKILL);
	version = old;
}

static void test_bad(void)
{
	struct svc_inst new;
	unsigned int ups, n;

	bad_update(SVC_INIT_FAIL, "C075 the new one fails in INIT: the old one serves, the queue is intact");
	bad_update(SVC_INIT_CRASH, "C076 the new one crashes in INIT");
	bad_update(SVC_INIT_HANG, "C077 the new one hangs in INIT");

	svc_case(update(SVC_GOOD, RS_COMMIT_PROBATION, &new) &&
		 served_by(&s[0], version, RS_INIT_LU), "probation: the new one serves");
	ups = svc_seen(&s[0], UP);
	svc_kill(&new, SIGSEGV);
	svc_case(svc_wait(&s[0], UP, ups + 1) && served_by(&s[0], --version, RS_INIT_ROLLBACK) &&
		 counts(), "probation: it dies, the old one serves again");

	ups = svc_seen(&s[0], UP);
	n = svc_seen(&s[0], PREP);
	svc_prepare(&s[0], RS_LU_PREPARE_CRASH, NULL, 20000);
	svc_case(svc_wait(&s[0], PREP, n + 1) && svc_result_of(&s[0]) == -RS_ERESTART,
		 "C074 it crashes while it prepares: ERESTART");
	svc_kill(&si[0], SIGKILL);
	si[0] = svc_start(&s[0], ++version, SVC_GOOD, 0);
	svc_case(svc_wait(&s[0], UP, ups + 1) && served_by(&s[0], version, RS_INIT_RESTART) && counts(),
		 "C074 and is recovered as from any crash");
	svc_case(svc_value(&s[0], "restarts") == 1, "C074 which is counted");
}

/* Answers carry the version that gave them; nothing is lost, nothing comes twice. */
static void test_load(void)
{
	unsigned int n = getenv("RS_SOAK") ? 100 : 20, i, good = 0;
	struct svc_inst new;

	for (i = 0; i < n; i++) {
		enum svc_fault fault = i & 1 ? SVC_INIT_FAIL : SVC_GOOD;
		struct svc_result r;

		svc_order(&pi, s[0].endpoint, SVC_COUNT, 0, 0);
		svc_order(&si[1], s[0].endpoint, SVC_COUNT, 0, 0);
		if (!update(fault, RS_COMMIT_UP, &new))
			break;
		r = svc_answer(&pi);
		if (r.err || svc_answer(&si[1]).err)
			break;
		count += 2;
		if (i & 1) {
			svc_kill(&new, SIGKILL);
			version--;
		} else {
			svc_kill(&si[0], SIGKILL);
			si[0] = new;
		}
		good += counts() && served_by(&s[0], version, i & 1 ? RS_INIT_ROLLBACK : RS_INIT_LU);
	}
	printf("# %u updates, half of them rolled back, %u right\n", i, good);
	svc_case(i == n && good == n, "C081 updates under load: no message lost, doubled or failed");
}

/* Three at once, by stages; @fault in the second. */
static bool chain(enum svc_fault fault, struct svc_inst *new)
{
	bool ok = true;
	int i;

	for (i = 0; i < 3; i++)
		new[i] = svc_start(&s[i], 100 + i, i == 1 ? fault : SVC_GOOD, SVC_HELD);
	for (i = 0; i < 3 && ok; i++)
		ok = !prepare(&s[i], RS_LU_WORK_FREE, NULL, 20000);
	for (i = 0; i < 3 && ok; i++) {
		unsigned int inited = svc_seen(&s[i], RSMOD_EVENT_TYPE_INITED);
		unsigned int back = svc_seen(&s[i], RSMOD_EVENT_TYPE_ROLLED_BACK);

		ok = !svc_swap(&s[i], &new[i], RS_COMMIT_MANUAL);
		if (ok && i == 1 && fault != SVC_GOOD)
			return svc_wait(&s[i], RSMOD_EVENT_TYPE_ROLLED_BACK, back + 1);
		ok = ok && svc_wait(&s[i], RSMOD_EVENT_TYPE_INITED, inited + 1);
	}
	return ok;
}

static void test_chain(void)
{
	static const enum svc_fault faults[] = { SVC_INIT_FAIL, SVC_INIT_CRASH, SVC_INIT_HANG };
	struct svc_inst new[3];
	unsigned int i;
	bool ok = true;
	long was[3];

	for (i = 0; i < 3; i++)
		was[i] = svc_value(&s[i], "restarts");
	for (i = 0; i < 3; i++) {
		ok = ok && chain(faults[i], new);
		/* In reverse: the third was prepared only, the second has gone back by itself. */
		ok = ok && !svc_prepare(&s[2], RS_LU_NULL, NULL, 1);
		ok = ok && !svc_rollback(&s[0]);
		for (int j = 0; j < 3; j++)
			svc_kill(&new[j], SIGKILL);
		ok = ok && served_by(&s[0], version, RS_INIT_ROLLBACK) &&
		     served_by(&s[1], 1, RS_INIT_ROLLBACK) && served_by(&s[2], 1, RS_INIT_FRESH);
		svc_case(ok, i == 0 ? "C122 of three the second fails: all old ones serve" :
			 i == 1 ? "C122 it crashes" : "C122 it hangs");
	}
	for (i = 0; i < 3; i++)
		ok = ok && svc_value(&s[i], "restarts") == was[i];
	svc_case(ok && counts(), "C122 counters are the same");

	ok = chain(SVC_GOOD, new);
	svc_order(&pi, s[1].endpoint, SVC_WHO, 0, 0);
	svc_case(ok && !svc_answered(&pi, 300), "C121 three are initialised: clients wait");
	for (i = 0; i < 3; i++)
		ok = ok && !svc_commit(&s[i]);
	svc_case(ok && svc_answer(&pi).data == (101ULL << 32 | RS_INIT_LU), "C121 committed: clients go on");
	for (i = 0; i < 3; i++)
		ok = ok && served_by(&s[i], 100 + i, RS_INIT_LU);
	svc_case(ok && counts(), "C121 all are new");
	for (i = 0; i < 3; i++) {
		svc_kill(&si[i], SIGKILL);
		si[i] = new[i];
	}
}

static void test_mute(void)
{
	struct svc m;
	struct svc_inst mi;

	svc_make(&m, "rs-conf-m");
	mi = svc_start(&m, 1, SVC_NO_VALIDATOR, 0);
	svc_wait(&m, UP, 1);
	svc_case(prepare(&m, RS_LU_WORK_FREE, NULL, 20000) == -ENOSYS, "C073 no validator: ENOSYS");
	svc_kill(&mi, SIGKILL);
	mi = svc_start(&m, 2, SVC_NEVER_READY, 0);
	svc_wait(&m, UP, 2);
	svc_case(prepare(&m, RS_LU_REQUEST_FREE, NULL, 300) == -EINTR && served_by(&m, 2, RS_INIT_RESTART),
		 "C072 never ready: EINTR, and it serves");
	svc_kill(&mi, SIGKILL);
	mi = svc_start(&m, 3, SVC_SAVE_FAIL, 0);
	svc_wait(&m, UP, 3);
	svc_case(prepare(&m, RS_LU_WORK_FREE, NULL, 20000) == -ENOSPC && served_by(&m, 3, RS_INIT_RESTART),
		 "the state cannot be saved: the result says so, and it serves");
	svc_kill(&mi, SIGKILL);
	svc_del(&m);
}

int main(void)
{
	int i;

	if (!svc_open()) {
		printf("1..0 # SKIP rsmod is not there\n");
		return 4;
	}
	svc_make(&p, "rs-conf-c");
	pi = svc_start(&p, 1, SVC_GOOD, 0);
	svc_wait(&p, UP, 1);
	for (i = 0; i < 3; i++) {
		char label[] = "rs-conf-0";

		label[8] += i;
		svc_make(&s[i], label);
		si[i] = svc_start(&s[i], 1, SVC_GOOD, 0);
		svc_wait(&s[i], UP, 1);
	}
	test_good();
	test_prepare();
	test_bad();
	test_load();
	test_chain();
	test_mute();
	for (i = 0; i < 3; i++)
		svc_del(&s[i]);
	svc_del(&p);
	return svc_done();
}
