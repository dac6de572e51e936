// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd-update.c - rsctl update: another version of a driver, while its clients go on
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"

enum {
	OPT_PREPARE_ONLY = 1000,
	OPT_FAULT,
};

static const struct option longs[] = {
	{ "state", required_argument, NULL, 's' },
	{ "timeout", required_argument, NULL, 't' },
	{ "probation", required_argument, NULL, 'p' },
	{ "prepare-only", no_argument, NULL, OPT_PREPARE_ONLY },
	{ "fault", required_argument, NULL, OPT_FAULT },
	{ "no-block", no_argument, NULL, 'n' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static uint32_t timeout_ms, probation_ms;
static const char *state, *fault;
static bool prepare_only, no_block;

static bool read_seconds(const char *word, uint32_t *ret)
{
	char *end;
	double v;

	errno = 0;
	v = strtod(word, &end);
	if (end == word || *end || errno || !(v > 0) || v > 1000000) {
		fprintf(stderr, "rsctl: '%s' is not a number of seconds\n", word);
		return false;
	}
	*ret = (uint32_t)(v * 1000 + 0.5);
	return *ret;
}

static bool option(int o)
{
	switch (o) {
	case 's':
		state = optarg;
		return true;
	case 't':
		return read_seconds(optarg, &timeout_ms);
	case 'p':
		return read_seconds(optarg, &probation_ms);
	case OPT_PREPARE_ONLY:
		prepare_only = true;
		return true;
	case OPT_FAULT:
		fault = optarg;
		return true;
	case 'n':
		no_block = true;
		return true;
	}
	return false;
}

static void append_u32(sd_bus_message *m, const char *key, uint32_t value)
{
	if (value)
		sd_bus_message_append(m, "{sv}", key, "u", value);
}

static void append_text(sd_bus_message *m, const char *key, const char *text)
{
	if (text)
		sd_bus_message_append(m, "{sv}", key, "s", text);
}

/* LABEL, or LABEL=PROGRAM; rsd has no working directory of ours. */
static bool append_target(sd_bus_message *m, char *word)
{
	char *program = strchr(word, '='), *absolute = NULL;

	if (program) {
		*program++ = '\0';
		absolute = realpath(program, NULL);
		if (!absolute) {
			fprintf(stderr, "rsctl: %s: %s\n", program, strerror(errno));
			return false;
		}
	}
	sd_bus_message_append(m, "(ss)", word, absolute ? absolute : "");
	free(absolute);
	return true;
}

static bool append_all(sd_bus_message *m, int nr, char *words[])
{
	int i;

	sd_bus_message_open_container(m, 'a', "(ss)");
	for (i = 0; i < nr; i++)
		if (!append_target(m, words[i]))
			return false;
	sd_bus_message_close_container(m);
	sd_bus_message_open_container(m, 'a', "{sv}");
	append_text(m, "state", state);
	append_u32(m, "timeout-ms", timeout_ms);
	append_u32(m, "probation-ms", probation_ms);
	append_text(m, "fault", fault);
	if (prepare_only)
		sd_bus_message_append(m, "{sv}", "prepare-only", "b", 1);
	if (no_block)
		sd_bus_message_append(m, "{sv}", "no-block", "b", 1);
	sd_bus_message_close_container(m);
	return true;
}

static int show(struct client *c, int nr, char *words[])
{
	int i, r = 0;

	for (i = 0; r == 0 && cmd_json && i < nr; i++) {
		struct value *list __attribute__((cleanup(value_freep))) = NULL;

		r = client_query(c, &list, "Status", "s", words[i]);
		if (r == 0)
			value_json(stdout, list, true);
	}
	return r;
}

static int run(int argc, char *argv[])
{
	struct client *c __attribute__((cleanup(client_closep))) = NULL;
	int first = cmd_options(&cmd_update, argc, argv, "s:t:p:njh", longs, option);
	sd_bus_message *m;
	int r;

	if (first < 0)
		return CMD_LEAVE(first);
	if (first == argc)
		return cmd_usage(&cmd_update, EXIT_USAGE);
	r = client_open(&c);
	if (r == 0)
		r = client_message(c, CLIENT_MANAGER, "Update", &m);
	if (r)
		return r;
	if (!append_all(m, argc - first, argv + first)) {
		sd_bus_message_unref(m);
		return EXIT_USAGE;
	}
	r = client_send(c, m, NULL);
	return r ? r : show(c, argc - first, argv + first);
}

const struct cmd cmd_update = {
	.name	= "update",
	.args	= "[-s|--state STATE] [-t|--timeout S] [-p|--probation S] [--prepare-only] [-n|--no-block] LABEL[=PROGRAM]...",
	.help	= "replace a driver by another version while its clients go on; several all or none",
	.run	= run,
};
