// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd-restart.c - rsctl restart
 */
#include "cmd.h"

static unsigned int flags;

static const struct option longs[] = {
	{ "no-block", no_argument, NULL, 'n' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static bool option(int o)
{
	if (o != 'n')
		return false;
	flags |= CLIENT_NO_BLOCK;
	return true;
}

static int run(int argc, char *argv[])
{
	int first = cmd_options(&cmd_restart, argc, argv, "njh", longs, option);
	const char *label;

	if (first < 0)
		return CMD_LEAVE(first);
	label = cmd_label(&cmd_restart, argc, argv, first);
	if (!label)
		return EXIT_USAGE;
	return cmd_change("Restart", label, flags, -1);
}

const struct cmd cmd_restart = {
	.name	= "restart",
	.args	= "[-n|--no-block] LABEL",
	.help	= "end the driver; its replica, or a new one, takes over",
	.run	= run,
};
