// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd-why.c - rsctl why: the last recoveries of a service, step by step
 */
#include <inttypes.h>
#include <stdio.h>

#include "cmd.h"
#include "table.h"

static const struct option longs[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static const struct {
	const char *step;
	const char *text;
} steps[] = {
	{ "detected", "its end was noticed" },
	{ "unbound", "gate closed, epoch advanced" },
	{ "zapped", "device mappings revoked" },
	{ "silenced", "bus mastering off, DMA drained" },
	{ "bound", "successor bound and sent INIT" },
	{ "init", "successor answered INIT" },
	{ "replayed", "opens and settings replayed, gate open" },
	{ "served", "first request completed" },
};

static void print_recovery(const struct value *v)
{
	const struct value *times = value_get(v, "steps_ns");
	int64_t start = value_number(times, "detected"), last = start;
	size_t i;

	printf("%srecovery %" PRId64 "%s: instance %" PRId64 " (pid %" PRId64 ") ended: %s",
	       colour_on(TABLE_BOLD), value_number(v, "number"), colour_off(),
	       value_number(v, "instance"), value_number(v, "pid"), value_text(v, "cause"));
	if (value_get(v, "signal"))
		printf(" %" PRId64 " (%s)", value_number(v, "signal"), value_text(v, "signal_name"));
	putchar('\n');
	if (value_text(v, "text")[0])
		printf("  the driver said: %s\n", value_text(v, "text"));
	printf("  %s; instance %" PRId64 " took over; %" PRId64 " requests replayed, %" PRId64
	       " dropped\n", value_number(v, "hot") ? "hot: a replica was waiting" :
	       "cold: a new process had to be started", value_number(v, "successor"),
	       value_number(v, "replayed"), value_number(v, "dropped"));
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int64_t at = value_number(times, steps[i].step);

		if (!at)
			continue;
		printf("  %-9s %10.1f us  +%9.1f  %s\n", steps[i].step,
		       (double)(at - start) / 1000, (double)(at - last) / 1000, steps[i].text);
		last = at;
	}
}

static int run(int argc, char *argv[])
{
	struct client *c __attribute__((cleanup(client_closep))) = NULL;
	struct value *v __attribute__((cleanup(value_freep))) = NULL;
	int first = cmd_options(&cmd_why, argc, argv, "jh", longs, NULL);
	const struct value *list, *e;
	const char *label;
	int r;

	if (first < 0)
		return CMD_LEAVE(first);
	label = cmd_label(&cmd_why, argc, argv, first);
	if (!label)
		return EXIT_USAGE;
	r = client_open(&c);
	if (r == 0)
		r = client_query(c, &v, "Why", "s", label);
	if (r)
		return r;
	if (cmd_json) {
		value_json(stdout, v, true);
		return 0;
	}
	list = value_get(v, "recoveries");
	if (!value_length(list))
		printf("%s has %s\n", label, value_text(v, "last_death")[0] ?
		       "no recovery on record in which a request was served" :
		       "not needed a recovery");
	for (e = list ? list->first : NULL; e; e = e->next)
		print_recovery(e);
	if (value_text(v, "last_death")[0])
		printf("last death: %s\n", value_text(v, "last_death"));
	if (value_text(v, "last_poison")[0])
		printf("quarantined: %s\n", value_text(v, "last_poison"));
	return 0;
}

const struct cmd cmd_why = {
	.name	= "why",
	.args	= "LABEL",
	.help	= "show the last recoveries of a service, step by step",
	.run	= run,
};
