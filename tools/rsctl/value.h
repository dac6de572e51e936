/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * value.h - what rsd answered, as a tree
 *
 * Text and JSON are printed from the same tree, so they cannot disagree.
 */
#ifndef RSCTL_VALUE_H
#define RSCTL_VALUE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <systemd/sd-bus.h>

enum value_type {
	VALUE_TEXT,
	VALUE_NUMBER,
	VALUE_BOOL,
	VALUE_LIST,
	VALUE_DICT,
};

/**
 * struct value - a node
 * @next: sibling in a list or dictionary
 * @type: what it is
 * @key: its name in a dictionary, else NULL
 * @text: VALUE_TEXT
 * @number: VALUE_NUMBER, VALUE_BOOL
 * @first: VALUE_LIST, VALUE_DICT: first child
 */
struct value {
	struct value *next;
	enum value_type type;
	char *key;
	char *text;
	int64_t number;
	struct value *first;
};

/* Reads the next complete value of a message; value_free() releases it. */
int value_read(sd_bus_message *m, struct value **ret);
void value_free(struct value *v);
static inline void value_freep(struct value **v)
{
	value_free(*v);
}

/* A dictionary's entry, or NULL. */
const struct value *value_get(const struct value *dict, const char *key);
/* Its text, or "" if it is not there. */
const char *value_text(const struct value *dict, const char *key);
/* Its number, or 0. */
int64_t value_number(const struct value *dict, const char *key);
size_t value_length(const struct value *list);

/* One JSON text; @indent: over several lines. */
void value_json(FILE *f, const struct value *v, bool indent);

#endif /* RSCTL_VALUE_H */
