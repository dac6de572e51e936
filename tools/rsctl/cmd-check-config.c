// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd-check-config.c - rsctl check-config: every mistake in system.conf and its drop-ins
 */
#include <inttypes.h>
#include <stdio.h>

#include "cmd.h"

static const struct option longs[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static int run(int argc, char *argv[])
{
	struct client *c __attribute__((cleanup(client_closep))) = NULL;
	struct value *list __attribute__((cleanup(value_freep))) = NULL;
	int first = cmd_options(&cmd_check_config, argc, argv, "jh", longs, NULL);
	const struct value *v;
	int r;

	if (first < 0)
		return CMD_LEAVE(first);
	if (argc > first)
		return cmd_usage(&cmd_check_config, EXIT_USAGE);
	r = client_open(&c);
	if (r == 0)
		r = client_query(c, &list, "CheckConfig", NULL);
	if (r)
		return r;
	if (cmd_json)
		value_json(stdout, list, true);
	for (v = cmd_json ? NULL : list->first; v; v = v->next)
		printf("%s:%" PRId64 ":%" PRId64 ": %s\n", value_text(v, "file"),
		       value_number(v, "line"), value_number(v, "column"),
		       value_text(v, "reason"));
	return list->first ? EXIT_REFUSED : 0;
}

const struct cmd cmd_check_config = {
	.name	= "check-config",
	.args	= "",
	.help	= "list the mistakes in system.conf; exit status 1 if there are any",
	.run	= run,
};
