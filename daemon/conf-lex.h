/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * conf-lex.h - one line of system.conf, cut into tokens
 *
 * No token reaches over the end of a line, so lines can be fed one at a time, by a
 * file, a test or a fuzzer.  `#` starts a comment, except inside a word or a string.
 */
#ifndef RSD_CONF_LEX_H
#define RSD_CONF_LEX_H

#include "base.h"

#define CONF_WORD_MAX	1024

enum conf_token_type {
	CONF_TOKEN_END,		/* nothing more on this line */
	CONF_TOKEN_WORD,
	CONF_TOKEN_STRING,
	CONF_TOKEN_OPEN,
	CONF_TOKEN_CLOSE,
	CONF_TOKEN_SEMICOLON,
	CONF_TOKEN_BAD,		/* text says why */
};

/**
 * struct conf_token - one token
 * @type: what it is
 * @column: where it starts, from 1
 * @text: its text, quotes and escapes resolved
 */
struct conf_token {
	enum conf_token_type type;
	unsigned int column;
	char text[CONF_WORD_MAX];
};

struct conf_lex {
	const char *line;
	size_t len;
	size_t pos;
};

/* Next token of the line; after CONF_TOKEN_BAD the rest of the line is skipped. */
void conf_lex_next(struct conf_lex *lex, struct conf_token *token);

#endif /* RSD_CONF_LEX_H */
