// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd-ds.c - rsctl ds: the data store
 */
#include <errno.h>
#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "table.h"

enum {
	OPT_AS = 1000,
	OPT_TYPE,
	OPT_OVERWRITE,
	OPT_INITIAL,
	OPT_PRIVATE,
};

static const struct option longs[] = {
	{ "as", required_argument, NULL, OPT_AS },
	{ "type", required_argument, NULL, OPT_TYPE },
	{ "overwrite", no_argument, NULL, OPT_OVERWRITE },
	{ "initial", no_argument, NULL, OPT_INITIAL },
	{ "private", required_argument, NULL, OPT_PRIVATE },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static const char *as, *type;
static bool overwrite, initial;
static bool private_to[3];

static const char *const private_names[] = { "retrieve", "overwrite", "subscribe" };
static const char *const private_keys[] = { "priv-retrieve", "priv-overwrite", "priv-subscribe" };

static bool read_private(char *words)
{
	char *word, *save = NULL;
	size_t i;

	for (word = strtok_r(words, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		for (i = 0; i < 3 && strcmp(word, private_names[i]); i++)
			;
		if (i == 3) {
			fprintf(stderr, "rsctl: '%s' is not one of retrieve, overwrite, subscribe\n",
				word);
			return false;
		}
		private_to[i] = true;
	}
	return true;
}

static bool option(int o)
{
	switch (o) {
	case OPT_AS:
		as = optarg;
		return true;
	case OPT_TYPE:
		type = optarg;
		return true;
	case OPT_OVERWRITE:
		overwrite = true;
		return true;
	case OPT_INITIAL:
		initial = true;
		return true;
	case OPT_PRIVATE:
		return read_private(optarg);
	default:
		return false;
	}
}

/*
 * Arguments of the methods
 */
static void append_flag(sd_bus_message *m, const char *key, bool on)
{
	if (on)
		sd_bus_message_append(m, "{sv}", key, "b", 1);
}

static void append_options(sd_bus_message *m, bool with_types)
{
	size_t i;

	sd_bus_message_open_container(m, 'a', "{sv}");
	if (as)
		sd_bus_message_append(m, "{sv}", "as", "s", as);
	append_flag(m, "overwrite", overwrite);
	append_flag(m, "initial", initial);
	for (i = 0; i < 3; i++)
		append_flag(m, private_keys[i], private_to[i]);
	if (with_types && type)
		sd_bus_message_append(m, "{sv}", "types", "as", 1, type);
	sd_bus_message_close_container(m);
}

static bool is_type(const char *name)
{
	return !strcmp(type ? type : "u32", name);
}

/* Bytes that were given in hexadecimal. */
static bool append_bytes(sd_bus_message *m, const char *word)
{
	size_t len = strlen(word), i;
	uint8_t *bytes = malloc(len / 2 + 1);
	bool ok = bytes && len % 2 == 0 && strspn(word, "0123456789abcdefABCDEF") == len;

	for (i = 0; ok && i < len / 2; i++) {
		char two[3] = { word[2 * i], word[2 * i + 1], '\0' };

		bytes[i] = (uint8_t)strtoul(two, NULL, 16);
	}
	if (ok) {
		sd_bus_message_open_container(m, 'v', "ay");
		sd_bus_message_append_array(m, 'y', bytes, len / 2);
		sd_bus_message_close_container(m);
	}
	free(bytes);
	return ok;
}

/* False after having complained. */
static bool append_value(sd_bus_message *m, const char *word)
{
	unsigned long long v;
	char *end;

	if (is_type("str"))
		return sd_bus_message_append(m, "v", "s", word) >= 0;
	if (is_type("mem")) {
		if (append_bytes(m, word))
			return true;
		fprintf(stderr, "rsctl: '%s' is not an even number of hexadecimal digits\n", word);
		return false;
	}
	errno = 0;
	v = strtoull(word, &end, 0);
	if (*end || end == word || word[0] == '-' || errno || v > UINT32_MAX) {
		fprintf(stderr, "rsctl: '%s' is not a number of 32 bits; texts take --type=str\n",
			word);
		return false;
	}
	if (is_type("label"))
		return sd_bus_message_append(m, "v", "i", (int32_t)v) >= 0;
	return sd_bus_message_append(m, "v", "u", (uint32_t)v) >= 0;
}

/*
 * Answers
 */
static void print_value(const struct value *v)
{
	const struct value *b;

	if (!v)
		return;
	if (v->type == VALUE_TEXT)
		fputs(v->text, stdout);
	else if (v->type == VALUE_NUMBER)
		printf("%" PRId64, v->number);
	for (b = v->first; b; b = b->next)
		printf("%02x", (unsigned int)b->number);
}

static void print_list(const struct value *list)
{
	static const char *const titles[] = { "NUMBER", "OWNER", "TYPE", "PRIVATE", "KEY", NULL };
	struct table *t = table_new(titles);
	const struct value *v;

	for (v = list->first; v; v = v->next) {
		table_add(t, TABLE_PLAIN, "%" PRId64, value_number(v, "seq"));
		table_add(t, TABLE_PLAIN, "%s", value_text(v, "owner"));
		table_add(t, TABLE_PLAIN, "%s", value_text(v, "type"));
		table_add(t, TABLE_PLAIN, "%s%s%s", value_number(v, "priv_retrieve") ? "r" : "",
			  value_number(v, "priv_overwrite") ? "o" : "",
			  value_number(v, "priv_subscribe") ? "s" : "");
		table_add(t, TABLE_PLAIN, "%s", value_text(v, "key"));
	}
	table_print(t);
}

static void print_change(const struct value *v)
{
	if (cmd_json) {
		value_json(stdout, v, false);
	} else {
		printf("%" PRId64 " %s %s %s %s", value_number(v, "seq"), value_text(v, "owner"),
		       value_text(v, "type"), value_text(v, "key"),
		       value_number(v, "deleted") ? "deleted" : "");
		print_value(value_get(v, "value"));
		putchar('\n');
	}
	fflush(stdout);
}

/*
 * What can be done: @words are the arguments behind the name
 */
static int do_publish(struct client *c, char *words[])
{
	sd_bus_message *m;
	int r = client_message(c, CLIENT_DATA_STORE, "Publish", &m);

	if (r)
		return r;
	sd_bus_message_append(m, "s", words[0]);
	if (!append_value(m, words[1])) {
		sd_bus_message_unref(m);
		return EXIT_USAGE;
	}
	append_options(m, false);
	return client_send(c, m, NULL);
}

static int do_retrieve(struct client *c, char *words[])
{
	struct value *v __attribute__((cleanup(value_freep))) = NULL;
	sd_bus_message *m;
	int r = client_message(c, CLIENT_DATA_STORE, "Retrieve", &m);

	if (r)
		return r;
	sd_bus_message_append(m, "ss", words[0], type ? type : "u32");
	append_options(m, false);
	r = client_send(c, m, &v);
	if (r)
		return r;
	if (cmd_json) {
		value_json(stdout, v, true);
	} else {
		print_value(value_get(v, "value"));
		putchar('\n');
	}
	return 0;
}

static int do_name(struct client *c, char *words[])
{
	struct value *v __attribute__((cleanup(value_freep))) = NULL;
	sd_bus_message *m;
	int r = client_message(c, CLIENT_DATA_STORE, "Name", &m);

	if (r)
		return r;
	sd_bus_message_append(m, "i", (int32_t)strtol(words[0], NULL, 0));
	r = client_send(c, m, &v);
	if (r)
		return r;
	if (cmd_json)
		value_json(stdout, v, true);
	else
		puts(value_text(v, "key"));
	return 0;
}

static int do_delete(struct client *c, char *words[])
{
	sd_bus_message *m;
	int r = client_message(c, CLIENT_DATA_STORE, "Delete", &m);

	if (r)
		return r;
	sd_bus_message_append(m, "ss", words[0], type ? type : "u32");
	append_options(m, false);
	return client_send(c, m, NULL);
}

static int get_list(struct client *c, const char *pattern, struct value **ret)
{
	sd_bus_message *m;
	int r = client_message(c, CLIENT_DATA_STORE, "List", &m);

	if (r)
		return r;
	sd_bus_message_append(m, "s", pattern ? pattern : "");
	return client_send(c, m, ret);
}

static int do_list(struct client *c, char *words[])
{
	struct value *list __attribute__((cleanup(value_freep))) = NULL;
	int r = get_list(c, words[0], &list);

	if (r)
		return r;
	if (cmd_json)
		value_json(stdout, list, true);
	else
		print_list(list);
	return 0;
}

static int do_subscribe(struct client *c, char *words[])
{
	sd_bus_message *m;
	int r = client_message(c, CLIENT_DATA_STORE, "Subscribe", &m);

	if (r)
		return r;
	sd_bus_message_append(m, "s", words[0]);
	append_options(m, true);
	return client_send(c, m, NULL);
}

static int do_unsubscribe(struct client *c, char *words[])
{
	sd_bus_message *m;
	int r = client_message(c, CLIENT_DATA_STORE, "Unsubscribe", &m);

	(void)words;
	if (r)
		return r;
	append_options(m, false);
	return client_send(c, m, NULL);
}

static int do_check(struct client *c, char *words[])
{
	struct value *v __attribute__((cleanup(value_freep))) = NULL;
	sd_bus_message *m;
	int r = client_message(c, CLIENT_DATA_STORE, "Check", &m);

	(void)words;
	if (r)
		return r;
	append_options(m, false);
	r = client_send(c, m, &v);
	if (r == 0)
		print_change(v);
	return r;
}

/**
 * struct watch - what is shown, and what has been
 * @regex: keys of interest
 * @all: every key is
 * @seen: number of the last change that the list had
 */
struct watch {
	regex_t regex;
	bool all;
	int64_t seen;
};

static void on_change(void *arg, const struct value *v)
{
	struct watch *w = arg;

	if (value_number(v, "seq") <= w->seen)
		return;
	if (w->all || regexec(&w->regex, value_text(v, "key"), 0, NULL, 0) == 0)
		print_change(v);
}

/* The server has checked the pattern when it listed what there is. */
static int do_watch(struct client *c, char *words[])
{
	struct value *list __attribute__((cleanup(value_freep))) = NULL;
	struct watch w = { .all = !words[0], .seen = 0 };
	char *anchored = NULL;
	const struct value *v;
	int r;

	if (client_subscribe(c, CLIENT_DATA_STORE, "Changed") < 0)
		return EXIT_REFUSED;
	r = get_list(c, words[0], &list);
	if (r)
		return r;
	if (!w.all && (asprintf(&anchored, "^(%s)$", words[0]) < 0 ||
		       regcomp(&w.regex, anchored, REG_EXTENDED | REG_NOSUB) != 0))
		return EXIT_REFUSED;
	free(anchored);
	for (v = list->first; v; v = v->next) {
		w.seen = value_number(v, "seq");
		if (initial)
			print_change(v);
	}
	r = client_listen(c, on_change, &w);
	fputs("rsctl: rsd went away\n", stderr);
	if (!w.all)
		regfree(&w.regex);
	return r;
}

static const struct action {
	const char *name;
	int min, max;		/* arguments */
	int (*run)(struct client *c, char *words[]);
} actions[] = {
	{ "list", 0, 1, do_list },
	{ "retrieve", 1, 1, do_retrieve },
	{ "name", 1, 1, do_name },
	{ "publish", 2, 2, do_publish },
	{ "delete", 1, 1, do_delete },
	{ "subscribe", 1, 1, do_subscribe },
	{ "unsubscribe", 0, 0, do_unsubscribe },
	{ "check", 0, 0, do_check },
	{ "watch", 0, 1, do_watch },
};

static const struct action *find_action(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (!strcmp(actions[i].name, name))
			return &actions[i];
	fprintf(stderr, "rsctl: ds cannot '%s'\n", name);
	return NULL;
}

static int run(int argc, char *argv[])
{
	struct client *c __attribute__((cleanup(client_closep))) = NULL;
	int first = cmd_options(&cmd_ds, argc, argv, "jh", longs, option);
	const struct action *a;
	int r;

	if (first < 0)
		return CMD_LEAVE(first);
	a = find_action(first < argc ? argv[first] : "list");
	if (first < argc)
		first++;
	if (!a || argc - first < a->min || argc - first > a->max)
		return cmd_usage(&cmd_ds, EXIT_USAGE);
	r = client_open(&c);
	return r ? r : a->run(c, argv + first);
}

const struct cmd cmd_ds = {
	.name	= "ds",
	.args	= "[list|retrieve|name|publish|delete|subscribe|unsubscribe|check|watch]",
	.help	= "look into the data store, or change it; see rsctl(1)",
	.run	= run,
};
