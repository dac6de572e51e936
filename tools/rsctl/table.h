/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * table.h - columns as wide as they need, colours only where a person looks
 */
#ifndef RSCTL_TABLE_H
#define RSCTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#define TABLE_COLUMNS	12

enum table_colour { TABLE_PLAIN, TABLE_BOLD, TABLE_GOOD, TABLE_WARN, TABLE_BAD };

struct table;

/* @titles: NULL-terminated, at most TABLE_COLUMNS. */
struct table *table_new(const char *const titles[]);
/* The next cell, row by row; an empty text shows as "-". */
void table_add(struct table *t, enum table_colour colour, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Prints to standard output and frees. */
void table_print(struct table *t);

/* Escape sequence of a colour, or "" if standard output is no terminal. */
const char *colour_on(enum table_colour colour);
const char *colour_off(void);

/* Colour for a state's or a verdict's name. */
enum table_colour colour_of(const char *word);

#endif /* RSCTL_TABLE_H */
