// SPDX-License-Identifier: GPL-2.0-only
/*
 * table.c - collecting cells, measuring, printing
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "table.h"

struct cell {
	char *text;
	enum table_colour colour;
};

struct table {
	size_t columns;
	size_t width[TABLE_COLUMNS];
	struct cell *cells;
	size_t nr;
};

static bool use_colour(void)
{
	static int known = -1;

	/* https://no-color.org */
	if (known < 0)
		known = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	return known;
}

const char *colour_on(enum table_colour colour)
{
	static const char *const codes[] = {
		[TABLE_PLAIN]	= "",
		[TABLE_BOLD]	= "\033[1m",
		[TABLE_GOOD]	= "\033[32m",
		[TABLE_WARN]	= "\033[33m",
		[TABLE_BAD]	= "\033[31m",
	};

	return use_colour() ? codes[colour] : "";
}

const char *colour_off(void)
{
	return use_colour() ? "\033[0m" : "";
}

enum table_colour colour_of(const char *word)
{
	static const struct {
		const char *word;
		enum table_colour colour;
	} known[] = {
		{ "live", TABLE_GOOD }, { "up", TABLE_GOOD }, { "usable", TABLE_GOOD },
		{ "recovered", TABLE_GOOD }, { "taken", TABLE_GOOD }, { "bound", TABLE_GOOD },
		{ "committed", TABLE_GOOD }, { "rolled-back", TABLE_BAD },
		{ "starting", TABLE_WARN }, { "taking", TABLE_WARN }, { "recovering", TABLE_WARN },
		{ "returning", TABLE_WARN }, { "stopping", TABLE_WARN },
		{ "default-route", TABLE_WARN }, { "disk-in-use", TABLE_WARN },
		{ "bound-to-vfio", TABLE_WARN },
		{ "backoff", TABLE_BAD }, { "died", TABLE_BAD }, { "violation", TABLE_BAD },
		{ "poisoned", TABLE_BAD }, { "exhausted", TABLE_BAD }, { "expired", TABLE_BAD },
		{ "unplugged", TABLE_BAD },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].word, word))
			return known[i].colour;
	return TABLE_PLAIN;
}

struct table *table_new(const char *const titles[])
{
	struct table *t = calloc(1, sizeof(*t));
	size_t i;

	if (!t)
		abort();
	while (t->columns < TABLE_COLUMNS && titles[t->columns])
		t->columns++;
	for (i = 0; i < t->columns; i++)
		table_add(t, TABLE_BOLD, "%s", titles[i]);
	return t;
}

void table_add(struct table *t, enum table_colour colour, const char *fmt, ...)
{
	size_t column = t->nr % t->columns, len;
	struct cell *more;
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	if (!text[0]) {
		free(text);
		text = strdup("-");
	}
	more = realloc(t->cells, (t->nr + 1) * sizeof(*more));
	if (!more || !text)
		abort();
	t->cells = more;
	t->cells[t->nr++] = (struct cell){ text, colour };
	len = strlen(text);
	if (len > t->width[column])
		t->width[column] = len;
}

void table_print(struct table *t)
{
	size_t i;

	for (i = 0; i < t->nr; i++) {
		size_t column = i % t->columns;
		bool last = column == t->columns - 1;
		const struct cell *c = &t->cells[i];

		printf("%s%s%s%*s", colour_on(c->colour), c->text,
		       c->colour == TABLE_PLAIN ? "" : colour_off(),
		       last ? 0 : (int)(t->width[column] - strlen(c->text) + 2), "");
		if (last)
			putchar('\n');
		free(c->text);
	}
	free(t->cells);
	free(t);
}
