// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd-up.c - rsctl up
 */
#include <stdlib.h>

#include "cmd.h"

static unsigned int flags;
static int replica = -1;

static const struct option longs[] = {
	{ "replica", optional_argument, NULL, 'p' },
	{ "no-replica", no_argument, NULL, 'P' },
	{ "no-block", no_argument, NULL, 'n' },
	{ "force", no_argument, NULL, 'f' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static bool option(int o)
{
	char *end;

	switch (o) {
	case 'p':
		/* as MINIX's service -p: keep one */
		replica = 1;
		if (optarg) {
			replica = (int)strtol(optarg, &end, 10);
			if (!*optarg || *end || replica < 0)
				return false;
		}
		return true;
	case 'P':
		replica = 0;
		return true;
	case 'n':
		flags |= CLIENT_NO_BLOCK;
		return true;
	case 'f':
		flags |= CLIENT_FORCE;
		return true;
	}
	return false;
}

static int run(int argc, char *argv[])
{
	int first = cmd_options(&cmd_up, argc, argv, "pnfjh", longs, option);
	const char *label;

	if (first < 0)
		return CMD_LEAVE(first);
	label = cmd_label(&cmd_up, argc, argv, first);
	if (!label)
		return EXIT_USAGE;
	return cmd_change("Up", label, flags, replica);
}

const struct cmd cmd_up = {
	.name	= "up",
	.args	= "[-p|--replica[=N]|--no-replica] [-n|--no-block] [-f|--force] LABEL",
	.help	= "start a service and wait until it serves",
	.run	= run,
};
