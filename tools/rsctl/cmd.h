/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd.h - rsctl's verbs: one file each
 */
#ifndef RSCTL_CMD_H
#define RSCTL_CMD_H

#include <getopt.h>
#include <stdbool.h>

#include "client.h"

/**
 * struct cmd - a verb
 * @name: as typed
 * @args: synopsis of its arguments
 * @help: one line
 * @run: argv[0] is the verb; returns the exit code
 */
struct cmd {
	const char *name;
	const char *args;
	const char *help;
	int (*run)(int argc, char *argv[]);
};

extern const struct cmd cmd_up, cmd_down, cmd_restart, cmd_status, cmd_events, cmd_why,
	cmd_devices, cmd_check_config, cmd_ds, cmd_update;

/* Global option -j: JSON. */
extern bool cmd_json;

/* Says how the verb is used; @code: EXIT_USAGE, or 0 for --help. */
int cmd_usage(const struct cmd *c, int code);

/*
 * cmd_options() - parse a verb's options
 *
 * Handles -h and -j itself; @fn gets the others, and returns false for one it refuses.
 * Return: index of the first argument, or the negative of (1 + exit code) to leave with.
 */
int cmd_options(const struct cmd *c, int argc, char *argv[], const char *shorts,
		const struct option *longs, bool (*fn)(int option));

/*
 * cmd_change() - what up, down and restart have in common: the change and, with -j, the
 * service's status afterwards
 */
int cmd_change(const char *method, const char *label, unsigned int options, int replica);

/* The verb's only argument, or NULL after having complained. */
const char *cmd_label(const struct cmd *c, int argc, char *argv[], int first);

#define CMD_LEAVE(first)	(-(first) - 1)

#endif /* RSCTL_CMD_H */
