/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * conf-key.h - system.conf's keywords: {name, how many arguments, reader}
 */
#ifndef RSD_CONF_KEY_H
#define RSD_CONF_KEY_H

#include "conf.h"

#define CONF_ARGS_MAX	64

/**
 * struct conf_statement - one statement as it stands in the file
 * @word: keyword and arguments
 * @line: line of each word
 * @column: column of each word
 * @nr: number of words
 */
struct conf_statement {
	char *word[CONF_ARGS_MAX + 1];
	unsigned int line[CONF_ARGS_MAX + 1];
	unsigned int column[CONF_ARGS_MAX + 1];
	unsigned int nr;
};

/**
 * conf_key_apply() - put one statement into a service
 * @s: the service
 * @seen: bit per enum conf_key that this block gave already; updated
 * @st: the statement
 * @ret_word: on error, which word of the statement is wrong
 * @why: on error, the reason
 */
int conf_key_apply(struct conf_service *s, uint64_t *seen, const struct conf_statement *st,
		   unsigned int *ret_word, struct reason *why);

/* What is wrong with a service as a whole once all files are read, or 0. */
int conf_key_check(const struct conf_service *s, struct reason *why);

#endif /* RSD_CONF_KEY_H */
