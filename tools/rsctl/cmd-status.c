// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd-status.c - rsctl status: a table of all, or everything about one
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "table.h"

static const struct option longs[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static void number(struct table *t, const struct value *v, const char *key)
{
	const struct value *n = value_get(v, key);

	if (n)
		table_add(t, TABLE_PLAIN, "%" PRId64, n->number);
	else
		table_add(t, TABLE_PLAIN, "%s", "");
}

static void print_all(const struct value *list)
{
	static const char *const titles[] = {
		"LABEL", "CLASS", "STATE", "PID", "STANDBYS", "RESTARTS", "SWAPS", "DEVICE",
		"INTERFACE/DISKS", NULL
	};
	struct table *t = table_new(titles);
	const struct value *v;

	for (v = list->first; v; v = v->next) {
		const char *state = value_text(v, "state");

		table_add(t, TABLE_PLAIN, "%s", value_text(v, "label"));
		table_add(t, TABLE_PLAIN, "%s", value_text(v, "class"));
		table_add(t, colour_of(state), "%s", state);
		if (value_number(v, "pid"))
			number(t, v, "pid");
		else
			table_add(t, TABLE_PLAIN, "%s", "");
		if (value_get(v, "standbys"))
			table_add(t, TABLE_PLAIN, "%" PRId64 "/%" PRId64, value_number(v, "standbys"),
				  value_number(v, "replica"));
		else
			table_add(t, TABLE_PLAIN, "%s", "");
		number(t, v, "restarts");
		number(t, v, "swaps");
		table_add(t, TABLE_PLAIN, "%s", value_text(v, "device"));
		table_add(t, TABLE_PLAIN, "%s", value_text(v, value_get(v, "disks") ? "disks" :
								      "interface"));
	}
	table_print(t);
}

static void print_instances(const struct value *list)
{
	static const char *const titles[] = {
		"  INSTANCE", "PID", "STATE", "IDLE(MS)", "VIOLATIONS", NULL
	};
	struct table *t;
	const struct value *v;

	if (!list || !list->first)
		return;
	t = table_new(titles);
	for (v = list->first; v; v = v->next) {
		const char *state = value_text(v, "state");

		if (!state[0])
			state = value_text(v, "role");
		table_add(t, TABLE_PLAIN, "  %" PRId64, value_number(v, "instance"));
		number(t, v, "pid");
		table_add(t, colour_of(state), "%s", state);
		number(t, v, "idle_ms");
		number(t, v, "violations");
	}
	table_print(t);
}

static void print_one(const struct value *dict)
{
	const struct value *v;

	for (v = dict->first; v; v = v->next) {
		if (v->type == VALUE_TEXT)
			printf("%16s: %s%s%s\n", v->key, colour_on(!strcmp(v->key, "state") ?
			       colour_of(v->text) : TABLE_PLAIN), v->text, colour_off());
		else if (v->type == VALUE_NUMBER)
			printf("%16s: %" PRId64 "\n", v->key, v->number);
		else if (v->type == VALUE_BOOL)
			printf("%16s: %s\n", v->key, v->number ? "yes" : "no");
	}
	print_instances(value_get(dict, "instances"));
}

int cmd_change(const char *method, const char *label, unsigned int options, int replica)
{
	struct client *c __attribute__((cleanup(client_closep))) = NULL;
	struct value *list __attribute__((cleanup(value_freep))) = NULL;
	int r;

	r = client_open(&c);
	if (r == 0)
		r = client_change(c, method, label, options, replica);
	if (r == 0 && cmd_json) {
		r = client_query(c, &list, "Status", "s", label);
		if (r == 0)
			value_json(stdout, list, true);
	}
	return r;
}

static int run(int argc, char *argv[])
{
	struct client *c __attribute__((cleanup(client_closep))) = NULL;
	struct value *list __attribute__((cleanup(value_freep))) = NULL;
	int first = cmd_options(&cmd_status, argc, argv, "jh", longs, NULL);
	const char *label;
	int r;

	if (first < 0)
		return CMD_LEAVE(first);
	label = argc > first ? argv[first] : "";
	if (argc - first > 1)
		return cmd_usage(&cmd_status, EXIT_USAGE);
	r = client_open(&c);
	if (r == 0)
		r = client_query(c, &list, "Status", "s", label);
	if (r)
		return r;
	if (cmd_json)
		value_json(stdout, list, true);
	else if (label[0])
		print_one(list->first);
	else
		print_all(list);
	return 0;
}

const struct cmd cmd_status = {
	.name	= "status",
	.args	= "[LABEL]",
	.help	= "show all services, or one in detail",
	.run	= run,
};
