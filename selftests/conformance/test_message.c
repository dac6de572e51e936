// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases of identity, statectl, signals and IPC: two services that send each other messages while
 * one of them dies
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "svc.h"

#define UP	RSMOD_EVENT_TYPE_UP
#define DIED	RSMOD_EVENT_TYPE_DIED

/* Sender, another sender, and who is sent to. */
static struct svc p, q, x;
static struct svc_inst pi, qi, xi;
static int version = 1;

/* @x dies and nobody serves. */
static void down(void)
{
	unsigned int died = svc_seen(&x, DIED);

	svc_kill(&xi, SIGKILL);
	svc_wait(&x, DIED, died + 1);
}

static void up(enum svc_fault fault)
{
	unsigned int ups = svc_seen(&x, UP);

	xi = svc_start(&x, ++version, fault, 0);
	svc_wait(&x, UP, ups + 1);
}

static uint64_t notes(void)
{
	return svc_send(&qi, x.endpoint, SVC_NOTES, 0).data;
}

/* @pi sends @x what it keeps; it has it, and has answered what came before, when this returns. */
static void keep(void)
{
	long had = svc_value(&x, "requests");

	svc_order(&pi, x.endpoint, SVC_KEEP, 0, 0);
	while (svc_value(&x, "requests") == had)
		usleep(1000);
	/* Messages are taken in their order. */
	svc_send(&qi, x.endpoint, SVC_WHO, 0);
}

static void test_outage(void)
{
	struct svc_result r;
	uint64_t before = svc_send(&qi, x.endpoint, SVC_COUNT, 0).data;

	down();
	svc_order(&pi, x.endpoint, SVC_COUNT, 0, 0);
	svc_case(!svc_answered(&pi, 300), "C003 a message to one that is down waits");
	up(SVC_GOOD);
	r = svc_answer(&pi);
	svc_case(!r.err && r.data == before + 1, "C003 the new body gets it");
	r = svc_send(&qi, x.endpoint, SVC_COUNT, 0);
	svc_case(r.data == before + 2, "C003 once");

	keep();
	down();
	up(SVC_GOOD);
	svc_case(!svc_answered(&pi, 300), "C004 received by the old body, not answered: the sender stays blocked");
	r = svc_send(&qi, x.endpoint, SVC_FREE, 0);
	svc_case(r.data == 1, "C004 the new body has it");
	r = svc_answer(&pi);
	svc_case(!r.err && r.data == (uint64_t)version, "C004 and answers");

	keep();
	down();
	up(SVC_CLEARS);
	r = svc_answer(&pi);
	svc_case(r.err == -EOWNERDEAD, "C005 the new body clears its references: EDEADSRCDST");
	r = svc_send(&qi, x.endpoint, SVC_FREE, 0);
	svc_case(!r.err && !r.data && !svc_answered(&pi, 0), "C005 once, and the new body has it not");

	svc_talk(&x, "*", RS_MSG_BREAK);
	keep();
	down();
	r = svc_answer(&pi);
	svc_case(r.err == -EOWNERDEAD, "C005 by policy: EDEADSRCDST as it dies");
	svc_order(&pi, x.endpoint, SVC_COUNT, 0, 0);
	up(SVC_GOOD);
	r = svc_answer(&pi);
	svc_case(!r.err, "C003 what waits is not broken by policy");
	svc_talk(&x, "*", RS_MSG_PARK);
}

static void test_kept(void)
{
	struct svc_result r;

	down();
	svc_order(&pi, x.endpoint, 0, 0, SVC_ORDER_NOTIFY);
	r = svc_answer(&pi);
	svc_order(&pi, x.endpoint, 0, 0, SVC_ORDER_NOTIFY);
	r.err |= svc_answer(&pi).err;
	up(SVC_GOOD);
	svc_case(!r.err && notes() >> 32 == 1, "C006 a notification in the outage reaches the new body");

	svc_send(&qi, x.endpoint, SVC_ALARM, 200);
	down();
	up(SVC_GOOD);
	for (int i = 0; i < 200 && !(notes() >> 16 & 0xffff); i++)
		usleep(50000);
	svc_case((notes() >> 16 & 0xffff) == 1, "C007 the alarm goes off in the new body");

	kill(xi.pid, SIGSTOP);
	svc_case(!svc_signal(&x, &xi, SIGUSR1), "C008 a signal waits for one that is stopped");
	down();
	up(SVC_GOOD);
	svc_case(!(notes() & 0xffff), "C008 the new body does not get it");

	down();
	svc_order(&pi, x.endpoint, 0, 200000, SVC_ORDER_BULK);
	up(SVC_GOOD);
	r = svc_answer(&pi);
	svc_case(!r.err, "C010 what was granted to the endpoint is the new body's to use");
	svc_order(&pi, x.endpoint, 0, RS_BULK_MAX, SVC_ORDER_BULK);
	r = svc_answer(&pi);
	svc_case(!r.err, "C010 a megabyte, there and back");
}

static void test_statectl(void)
{
	struct svc y;
	struct svc_inst yi;
	struct svc_result r;

	svc_make(&y, "rs-conf-y");
	yi = svc_start(&y, 1, SVC_GOOD, 0);
	svc_wait(&y, UP, 1);
	svc_order(&qi, y.endpoint, SVC_KEEP, 0, 0);
	keep();
	svc_order(&xi, 0, 0, 0, SVC_ORDER_CLEAR);
	r = svc_answer(&xi);
	svc_case(!r.err && svc_answer(&pi).err == -EOWNERDEAD, "C016 who waits for the caller is told");
	svc_case(!svc_answered(&qi, 300), "C016 who waits for another is not");
	r = svc_send(&pi, y.endpoint, SVC_FREE, 0);
	svc_case(r.data == 1 && !svc_answer(&qi).err, "C016 and gets its answer");
	svc_kill(&yi, SIGKILL);
	svc_del(&y);
}

static void test_signals(void)
{
	pid_t pid = xi.pid;
	unsigned int i;

	kill(xi.pid, SIGTERM);
	for (i = 0; i < 100 && !(notes() >> SIGTERM & 1); i++)
		usleep(20000);
	svc_case(notes() >> SIGTERM & 1 && !kill(pid, 0), "C020 SIGTERM is a message, the service lives");
	kill(xi.pid, SIGUSR1);
	for (i = 0; i < 100 && !(notes() >> SIGUSR1 & 1); i++)
		usleep(20000);
	svc_case(notes() >> SIGUSR1 & 1, "C023 so is SIGUSR1");
	svc_case(svc_value(&x, "deaths") == svc_value(&x, "restarts"), "C020 nobody died of it");
}

static void test_refused(void)
{
	struct svc_result r;
	int32_t old;

	svc_talk(&p, "ds log", RS_MSG_PARK);
	r = svc_send(&pi, x.endpoint, SVC_WHO, 0);
	svc_case(r.err == -EACCES, "C088 a message to one that is not listed: ECALLDENIED");
	r = svc_send(&qi, x.endpoint, SVC_WHO, 0);
	svc_case(!r.err, "C088 without a list all are allowed");
	svc_talk(&p, x.label, RS_MSG_PARK);
	r = svc_send(&pi, x.endpoint, SVC_WHO, 0);
	svc_case(!r.err, "C088 listed");
	svc_talk(&x, "", RS_MSG_PARK);
	r = svc_send(&xi, q.endpoint, SVC_WHO, 0);
	svc_case(r.err == -EACCES, "C088 an empty list");
	r = svc_send(&xi, p.endpoint, SVC_WHO, 0);
	svc_case(!r.err, "C088 who lists may be asked back");
	svc_talk(&p, "*", RS_MSG_PARK);
	svc_talk(&x, "*", RS_MSG_PARK);

	keep();
	r = svc_send(&xi, p.endpoint, SVC_WHO, 0);
	svc_case(r.err == -EDEADLK, "two that wait for each other: ELOCKED");
	svc_send(&qi, x.endpoint, SVC_FREE, 0);
	svc_answer(&pi);

	old = x.endpoint;
	keep();
	svc_kill(&xi, SIGKILL);
	svc_del(&x);
	svc_case(svc_answer(&pi).err == -EOWNERDEAD, "C002 down: who waits gets EDEADSRCDST");
	svc_make(&x, "rs-conf-x");
	up(SVC_GOOD);
	svc_case(x.endpoint > old, "C002 up again: the generation is another");
	r = svc_send(&pi, old, SVC_WHO, 0);
	svc_case(r.err == -EOWNERDEAD, "C002 the old endpoint: EDEADSRCDST");
	r = svc_send(&pi, x.endpoint, SVC_WHO, 0);
	svc_case(!r.err && (uint32_t)r.data == RS_INIT_FRESH, "C028 the new one is FRESH");
}

int main(void)
{
	if (!svc_open()) {
		printf("1..0 # SKIP rsmod is not there\n");
		return 4;
	}
	svc_make(&p, "rs-conf-p");
	svc_make(&q, "rs-conf-q");
	svc_make(&x, "rs-conf-x");
	pi = svc_start(&p, 1, SVC_GOOD, 0);
	qi = svc_start(&q, 1, SVC_GOOD, 0);
	svc_wait(&p, UP, 1);
	svc_wait(&q, UP, 1);
	up(SVC_GOOD);
	test_outage();
	test_kept();
	test_statectl();
	test_signals();
	test_refused();
	svc_del(&x);
	svc_del(&p);
	svc_del(&q);
	return svc_done();
}
