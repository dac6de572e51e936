// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - rsctl, the hand on rsd: the table of verbs
 */
#include <stdio.h>
#include <string.h>

#include "cmd.h"

#ifndef RSCTL_VERSION
#define RSCTL_VERSION "0.1"
#endif

bool cmd_json;

static const struct cmd *const cmds[] = {
	&cmd_up, &cmd_down, &cmd_restart, &cmd_update, &cmd_status, &cmd_events, &cmd_why,
	&cmd_devices, &cmd_check_config, &cmd_ds,
};

#define NR_CMDS	(sizeof(cmds) / sizeof(cmds[0]))

static int usage(FILE *f, int code)
{
	size_t i;

	fputs("Usage: rsctl [-j] COMMAND [OPTION...] [LABEL]\n"
	      "Handles user-space device drivers that outlive their own crashes.\n\n", f);
	for (i = 0; i < NR_CMDS; i++)
		fprintf(f, "  %-13s %-45s\n  %-13s   %s\n", cmds[i]->name, cmds[i]->args, "",
			cmds[i]->help);
	fputs("\n"
	      "  -j, --json     print JSON\n"
	      "  -h, --help     this text, or that of a command\n"
	      "  --version      version\n\n"
	      "Exit status: 0 done; 1 refused or failed; 2 usage; 3 rsd cannot be reached;\n"
	      "4 no such service.\n", f);
	return code;
}

int cmd_usage(const struct cmd *c, int code)
{
	fprintf(code ? stderr : stdout, "Usage: rsctl %s %s\n%s\n", c->name, c->args, c->help);
	return code;
}

int cmd_options(const struct cmd *c, int argc, char *argv[], const char *shorts,
		const struct option *longs, bool (*fn)(int option))
{
	int o;

	optind = 0;
	while ((o = getopt_long(argc, argv, shorts, longs, NULL)) >= 0) {
		if (o == 'h')
			return -1 - cmd_usage(c, 0);
		if (o == 'j')
			cmd_json = true;
		else if (o == '?' || !fn || !fn(o))
			return -1 - cmd_usage(c, EXIT_USAGE);
	}
	return optind;
}

const char *cmd_label(const struct cmd *c, int argc, char *argv[], int first)
{
	if (argc - first == 1)
		return argv[first];
	fprintf(stderr, "rsctl: %s takes one label\n", c->name);
	cmd_usage(c, EXIT_USAGE);
	return NULL;
}

static bool is(const char *arg, const char *name, const char *other)
{
	return !strcmp(arg, name) || !strcmp(arg, other);
}

int main(int argc, char *argv[])
{
	int i = 1;
	size_t n;

	for (; i < argc && is(argv[i], "-j", "--json"); i++)
		cmd_json = true;
	if (i == argc)
		return usage(stderr, EXIT_USAGE);
	if (is(argv[i], "-h", "--help"))
		return usage(stdout, 0);
	if (!strcmp(argv[i], "--version")) {
		puts("rsctl " RSCTL_VERSION);
		return 0;
	}
	for (n = 0; n < NR_CMDS; n++)
		if (!strcmp(argv[i], cmds[n]->name))
			return cmds[n]->run(argc - i, argv + i);
	fprintf(stderr, "rsctl: unknown %s '%s'\n", argv[i][0] == '-' ? "option" : "command",
		argv[i]);
	return usage(stderr, EXIT_USAGE);
}
