// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd-down.c - rsctl down
 */
#include "cmd.h"

static unsigned int flags;

static const struct option longs[] = {
	{ "no-block", no_argument, NULL, 'n' },
	{ "force", no_argument, NULL, 'f' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static bool option(int o)
{
	switch (o) {
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
	int first = cmd_options(&cmd_down, argc, argv, "nfjh", longs, option);
	const char *label;

	if (first < 0)
		return CMD_LEAVE(first);
	label = cmd_label(&cmd_down, argc, argv, first);
	if (!label)
		return EXIT_USAGE;
	return cmd_change("Down", label, flags, -1);
}

const struct cmd cmd_down = {
	.name	= "down",
	.args	= "[-n|--no-block] [-f|--force] LABEL",
	.help	= "stop a service and give its device back",
	.run	= run,
};
