// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd-events.c - rsctl events: what happened, and what happens
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cmd.h"
#include "table.h"

static bool follow;
static unsigned int lines = 20;
static uint64_t last_seq;

static const struct option longs[] = {
	{ "follow", no_argument, NULL, 'f' },
	{ "lines", required_argument, NULL, 'l' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static bool option(int o)
{
	char *end;

	if (o == 'f') {
		follow = true;
		return true;
	}
	if (o == 'l') {
		lines = (unsigned int)strtoul(optarg, &end, 10);
		return *optarg && !*end;
	}
	return false;
}

/* The module stamps with CLOCK_MONOTONIC; people want the time of day. */
static void print_time(int64_t ns)
{
	struct timespec mono, real;
	struct tm tm;
	char text[32];
	int64_t at;
	time_t s;

	clock_gettime(CLOCK_MONOTONIC, &mono);
	clock_gettime(CLOCK_REALTIME, &real);
	at = (real.tv_sec - mono.tv_sec) * 1000000000LL + real.tv_nsec - mono.tv_nsec + ns;
	s = (time_t)(at / 1000000000);
	localtime_r(&s, &tm);
	strftime(text, sizeof(text), "%H:%M:%S", &tm);
	printf("%s.%06" PRId64, text, at % 1000000000 / 1000);
}

static void print_cause(const struct value *e)
{
	const char *text = value_text(e, "text");

	printf(" %s", value_text(e, "cause"));
	if (value_get(e, "signal"))
		printf(" %" PRId64 " (%s)", value_number(e, "signal"), value_text(e, "signal_name"));
	if (text[0])
		printf(": %s", text);
}

static void print_recovered(const struct value *e)
{
	const struct value *steps = value_get(e, "steps_ns");
	int64_t from = value_number(steps, "detected"), to = value_number(steps, "served");

	printf(", %s, instance %" PRId64 " took over", value_number(e, "hot") ? "hot" : "cold",
	       value_number(e, "successor"));
	if (to > from)
		printf(" in %" PRId64 " us", (to - from) / 1000);
}

static void print_event(void *arg, const struct value *e)
{
	const char *name = value_text(e, "event");
	uint64_t seq = (uint64_t)value_number(e, "seq");

	(void)arg;
	if (seq <= last_seq && seq)
		return;
	last_seq = seq;
	if (cmd_json) {
		value_json(stdout, e, false);
		fflush(stdout);
		return;
	}
	print_time(value_number(e, "time_ns"));
	printf(" %-12s %s%-10s%s", value_text(e, "label"), colour_on(colour_of(name)), name,
	       colour_off());
	if (value_get(e, "instance"))
		printf(" instance %" PRId64, value_number(e, "instance"));
	if (value_get(e, "cause"))
		print_cause(e);
	if (value_get(e, "steps_ns"))
		print_recovered(e);
	if (value_get(e, "init"))
		printf(" %s", value_text(e, "init"));
	if (value_get(e, "violation"))
		printf(" %s", value_text(e, "violation"));
	if (value_get(e, "request"))
		printf(" request %" PRId64 " (%s)", value_number(e, "request"),
		       value_text(e, "text"));
	putchar('\n');
	fflush(stdout);
}

static int run(int argc, char *argv[])
{
	struct client *c __attribute__((cleanup(client_closep))) = NULL;
	struct value *list __attribute__((cleanup(value_freep))) = NULL;
	int first = cmd_options(&cmd_events, argc, argv, "fl:jh", longs, option);
	const struct value *e;
	int r;

	if (first < 0)
		return CMD_LEAVE(first);
	if (argc > first)
		return cmd_usage(&cmd_events, EXIT_USAGE);
	r = client_open(&c);
	if (r == 0 && follow && client_subscribe(c, CLIENT_MANAGER, "Event") < 0)
		r = EXIT_REFUSED;
	if (r == 0)
		r = client_query(c, &list, "Events", "u", lines);
	if (r)
		return r;
	for (e = list->first; e; e = e->next)
		print_event(NULL, e);
	if (!follow)
		return 0;
	r = client_listen(c, print_event, NULL);
	fputs("rsctl: rsd went away\n", stderr);
	return r;
}

const struct cmd cmd_events = {
	.name	= "events",
	.args	= "[-f|--follow] [-l|--lines N]",
	.help	= "show the latest events, and with --follow those to come",
	.run	= run,
};
