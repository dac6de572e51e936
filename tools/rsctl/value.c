// SPDX-License-Identifier: GPL-2.0-only
/*
 * value.c - from D-Bus to a tree, from a tree to JSON
 *
 * a{sv} becomes an object, any other array a list, every integer a number.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"

static struct value *new_value(enum value_type type)
{
	struct value *v = calloc(1, sizeof(*v));

	if (v)
		v->type = type;
	return v;
}

void value_free(struct value *v)
{
	while (v) {
		struct value *next = v->next;

		value_free(v->first);
		free(v->key);
		free(v->text);
		free(v);
		v = next;
	}
}

static int read_entry(sd_bus_message *m, struct value **ret)
{
	const char *key;
	int r;

	r = sd_bus_message_enter_container(m, 'e', NULL);
	if (r < 0)
		return r;
	r = sd_bus_message_read(m, "s", &key);
	if (r < 0)
		return r;
	key = strdup(key);
	if (!key)
		return -ENOMEM;
	r = value_read(m, ret);
	if (r < 0) {
		free((void *)(uintptr_t)key);
		return r;
	}
	(*ret)->key = (char *)(uintptr_t)key;
	return sd_bus_message_exit_container(m);
}

static int read_array(sd_bus_message *m, const char *contents, struct value **ret)
{
	bool dict = contents[0] == '{';
	struct value *v = new_value(dict ? VALUE_DICT : VALUE_LIST);
	struct value **tail = v ? &v->first : NULL;
	int r;

	if (!v)
		return -ENOMEM;
	r = sd_bus_message_enter_container(m, 'a', contents);
	while (r >= 0 && (r = sd_bus_message_at_end(m, 0)) == 0) {
		r = dict ? read_entry(m, tail) : value_read(m, tail);
		if (r >= 0)
			tail = &(*tail)->next;
	}
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	if (r < 0) {
		value_free(v);
		return r;
	}
	*ret = v;
	return 0;
}

static int read_number(sd_bus_message *m, char type, struct value *v)
{
	union {
		uint8_t y;
		int b;
		int16_t n;
		uint16_t q;
		int32_t i;
		uint32_t u;
		int64_t x;
		uint64_t t;
	} n = { .t = 0 };
	int r = sd_bus_message_read_basic(m, type, &n);

	if (r < 0)
		return r;
	switch (type) {
	case 'y':
		v->number = n.y;
		break;
	case 'b':
		v->type = VALUE_BOOL;
		v->number = n.b;
		break;
	case 'n':
		v->number = n.n;
		break;
	case 'q':
		v->number = n.q;
		break;
	case 'i':
		v->number = n.i;
		break;
	case 'u':
		v->number = n.u;
		break;
	case 'x':
		v->number = n.x;
		break;
	default:
		v->number = (int64_t)n.t;
	}
	return 0;
}

int value_read(sd_bus_message *m, struct value **ret)
{
	const char *contents, *text;
	struct value *v;
	char type;
	int r;

	r = sd_bus_message_peek_type(m, &type, &contents);
	if (r <= 0)
		return r < 0 ? r : -ENODATA;
	if (type == 'a')
		return read_array(m, contents, ret);
	if (type == 'v') {
		r = sd_bus_message_enter_container(m, 'v', contents);
		if (r >= 0)
			r = value_read(m, ret);
		return r < 0 ? r : sd_bus_message_exit_container(m);
	}
	v = new_value(VALUE_NUMBER);
	if (!v)
		return -ENOMEM;
	if (type == 's' || type == 'o' || type == 'g') {
		v->type = VALUE_TEXT;
		r = sd_bus_message_read_basic(m, type, &text);
		if (r >= 0)
			v->text = strdup(text);
		if (r >= 0 && !v->text)
			r = -ENOMEM;
	} else {
		r = read_number(m, type, v);
	}
	if (r < 0) {
		value_free(v);
		return r;
	}
	*ret = v;
	return 0;
}

const struct value *value_get(const struct value *dict, const char *key)
{
	const struct value *v;

	for (v = dict ? dict->first : NULL; v; v = v->next)
		if (v->key && !strcmp(v->key, key))
			return v;
	return NULL;
}

const char *value_text(const struct value *dict, const char *key)
{
	const struct value *v = value_get(dict, key);

	return v && v->text ? v->text : "";
}

int64_t value_number(const struct value *dict, const char *key)
{
	const struct value *v = value_get(dict, key);

	return v ? v->number : 0;
}

size_t value_length(const struct value *list)
{
	const struct value *v;
	size_t n = 0;

	for (v = list ? list->first : NULL; v; v = v->next)
		n++;
	return n;
}

static void json_text(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c == '\n')
			fputs("\\n", f);
		else if (c < 0x20 || c == 0x7f)
			fprintf(f, "\\u%04x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

static void newline(FILE *f, int depth)
{
	if (depth < 0)
		return;
	fprintf(f, "\n%*s", 2 * depth, "");
}

/* @depth: negative: everything on one line */
static void json(FILE *f, const struct value *v, int depth)
{
	int inner = depth < 0 ? -1 : depth + 1;
	const struct value *c;

	switch (v->type) {
	case VALUE_TEXT:
		json_text(f, v->text);
		return;
	case VALUE_NUMBER:
		fprintf(f, "%" PRId64, v->number);
		return;
	case VALUE_BOOL:
		fputs(v->number ? "true" : "false", f);
		return;
	case VALUE_LIST:
	case VALUE_DICT:
		break;
	}
	fputc(v->type == VALUE_DICT ? '{' : '[', f);
	for (c = v->first; c; c = c->next) {
		newline(f, inner);
		if (v->type == VALUE_DICT) {
			json_text(f, c->key);
			fputs(": ", f);
		}
		json(f, c, inner);
		if (c->next)
			fputs(depth < 0 ? ", " : ",", f);
	}
	if (v->first)
		newline(f, depth);
	fputc(v->type == VALUE_DICT ? '}' : ']', f);
}

void value_json(FILE *f, const struct value *v, bool indent)
{
	json(f, v, indent ? 0 : -1);
	fputc('\n', f);
}
