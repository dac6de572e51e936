// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd-devices.c - rsctl devices: what could be driven from user space, and why not
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

static void print(const struct value *list)
{
	static const char *const titles[] = {
		"ADDRESS", "ID", "CLASS", "DRIVER", "GROUP", "USED AS", "VERDICT", "REASON", NULL
	};
	struct table *t = table_new(titles);
	const struct value *v;

	for (v = list->first; v; v = v->next) {
		const struct value *group = value_get(v, "iommu_group");
		const char *verdict = value_text(v, "verdict");

		table_add(t, TABLE_PLAIN, "%s", value_text(v, "address"));
		table_add(t, TABLE_PLAIN, "%s", value_text(v, "id"));
		table_add(t, TABLE_PLAIN, "%s", value_text(v, "class"));
		table_add(t, TABLE_PLAIN, "%s", value_text(v, "driver"));
		if (group)
			table_add(t, TABLE_PLAIN, "%" PRId64, group->number);
		else
			table_add(t, TABLE_PLAIN, "%s", "");
		table_add(t, TABLE_PLAIN, "%s%s", value_text(v, "interface"), value_text(v, "disks"));
		table_add(t, colour_of(verdict), "%s", verdict);
		table_add(t, TABLE_PLAIN, "%s", value_text(v, "reason"));
	}
	table_print(t);
}

static int run(int argc, char *argv[])
{
	struct client *c __attribute__((cleanup(client_closep))) = NULL;
	struct value *list __attribute__((cleanup(value_freep))) = NULL;
	int first = cmd_options(&cmd_devices, argc, argv, "jh", longs, NULL);
	int r;

	if (first < 0)
		return CMD_LEAVE(first);
	if (argc > first)
		return cmd_usage(&cmd_devices, EXIT_USAGE);
	r = client_open(&c);
	if (r == 0)
		r = client_query(c, &list, "Devices", NULL);
	if (r)
		return r;
	if (cmd_json)
		value_json(stdout, list, true);
	else
		print(list);
	return 0;
}

const struct cmd cmd_devices = {
	.name	= "devices",
	.args	= "",
	.help	= "list PCI devices and whether each can be driven from user space",
	.run	= run,
};
