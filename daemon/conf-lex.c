// SPDX-License-Identifier: GPL-2.0-only
/*
 * conf-lex.c - words, strings and punctuation
 */
#include "conf-lex.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool ends_word(char c)
{
	return is_space(c) || c == '{' || c == '}' || c == ';' || c == '"';
}

static void bad(struct conf_lex *lex, struct conf_token *token, const char *text)
{
	token->type = CONF_TOKEN_BAD;
	copy_text(token->text, sizeof(token->text), text);
	lex->pos = lex->len;
}

static void lex_string(struct conf_lex *lex, struct conf_token *token)
{
	size_t n = 0;

	token->type = CONF_TOKEN_STRING;
	for (lex->pos++; lex->pos < lex->len; lex->pos++) {
		char c = lex->line[lex->pos];

		if (c == '"') {
			lex->pos++;
			token->text[n] = '\0';
			return;
		}
		if (c == '\0') {
			bad(lex, token, "NUL byte");
			return;
		}
		if (c == '\\' && lex->pos + 1 < lex->len)
			c = lex->line[++lex->pos];
		if (n + 1 >= sizeof(token->text)) {
			bad(lex, token, "string is too long");
			return;
		}
		token->text[n++] = c;
	}
	bad(lex, token, "string is not closed on its line");
}

static void lex_word(struct conf_lex *lex, struct conf_token *token)
{
	size_t n = 0;

	token->type = CONF_TOKEN_WORD;
	for (; lex->pos < lex->len; lex->pos++) {
		char c = lex->line[lex->pos];

		if (ends_word(c))
			break;
		if ((unsigned char)c < 0x20 || c == 0x7f) {
			bad(lex, token, c ? "control character" : "NUL byte");
			return;
		}
		if (n + 1 >= sizeof(token->text)) {
			bad(lex, token, "word is too long");
			return;
		}
		token->text[n++] = c;
	}
	token->text[n] = '\0';
}

void conf_lex_next(struct conf_lex *lex, struct conf_token *token)
{
	while (lex->pos < lex->len && is_space(lex->line[lex->pos]))
		lex->pos++;

	token->column = (unsigned int)lex->pos + 1;
	token->text[0] = '\0';
	if (lex->pos >= lex->len || lex->line[lex->pos] == '#') {
		token->type = CONF_TOKEN_END;
		lex->pos = lex->len;
		return;
	}

	switch (lex->line[lex->pos]) {
	case '{':
		token->type = CONF_TOKEN_OPEN;
		strcpy(token->text, "{");
		lex->pos++;
		break;
	case '}':
		token->type = CONF_TOKEN_CLOSE;
		strcpy(token->text, "}");
		lex->pos++;
		break;
	case ';':
		token->type = CONF_TOKEN_SEMICOLON;
		strcpy(token->text, ";");
		lex->pos++;
		break;
	case '"':
		lex_string(lex, token);
		break;
	default:
		lex_word(lex, token);
	}
}
