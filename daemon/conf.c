// SPDX-License-Identifier: GPL-2.0-only
/*
 * conf.c - system.conf's grammar, its files and their order
 *
 *	file      = { service } ;
 *	service   = "service" label "{" { statement } "}" ";" ;
 *	statement = keyword { argument } ";" ;
 *
 * The parser is a small machine that is fed lines.  After an error it skips to the end of
 * the statement, or of the block, and goes on, so that one run reports every mistake.
 */
#include <dirent.h>
#include <sys/resource.h>

#include "conf-key.h"
#include "conf-lex.h"
#include "conf-value.h"

const char *const conf_paths[] = {
	"/usr/lib/rs/system.conf.d/",
	"/etc/rs/system.conf",
	"/etc/rs/system.conf.d/",
	NULL
};

enum parse_state {
	PARSE_TOP,		/* expects "service" */
	PARSE_LABEL,		/* expects a label */
	PARSE_OPEN,		/* expects { */
	PARSE_KEYWORD,		/* expects a keyword or } */
	PARSE_ARGS,		/* expects an argument or ; */
	PARSE_END,		/* expects the ; after } */
	PARSE_SKIP_STATEMENT,	/* after an error: to ; or } */
	PARSE_SKIP_BLOCK,	/* after an error: to } */
	PARSE_SKIP_TOP,		/* after an error: to the word "service" */
};

struct conf_parser {
	struct conf *conf;
	char *file;
	enum parse_state state;
	unsigned int line;
	struct conf_service *service;
	uint64_t seen;
	struct conf_statement st;
	char **defined;			/* labels of blocks in this file */
	unsigned int open_line, open_column;
};

static void complain(struct conf *conf, const char *file, unsigned int line, unsigned int column,
		     const char *text)
{
	struct conf_error *more, *e;

	if (conf->nr_errors >= CONF_ERRORS_MAX)
		return;
	more = realloc(conf->errors, (conf->nr_errors + 1) * sizeof(*more));
	if (!more)
		return;
	conf->errors = more;
	e = &more[conf->nr_errors];
	e->file = strdup(file);
	if (!e->file)
		return;
	e->line = line;
	e->column = column;
	copy_text(e->text, sizeof(e->text), text);
	conf->nr_errors++;
}

static void complain_token(struct conf_parser *p, const struct conf_token *t, const char *expected)
{
	char text[256];

	if (t->type == CONF_TOKEN_BAD)
		copy_text(text, sizeof(text), t->text);
	else
		snprintf(text, sizeof(text), "expected %s, found '%.100s'", expected, t->text);
	complain(p->conf, p->file, p->line, t->column, text);
}

static struct conf_service *service_new(const char *label)
{
	struct conf_service *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	copy_text(s->label, sizeof(s->label), label);
	s->core_limit = RLIM_INFINITY;
	s->nr_irqs = 1;
	s->mode = 0600;
	s->script_timeout_ms = 30000;
	s->restart = true;
	return s;
}

static struct conf_service *service_get(struct conf *conf, const char *label)
{
	struct conf_service **link = &conf->services;

	while (*link && !streq((*link)->label, label))
		link = &(*link)->next;
	if (!*link)
		*link = service_new(label);
	return *link;
}

const struct conf_service *conf_find(const struct conf *conf, const char *label)
{
	const struct conf_service *s;

	for (s = conf->services; s; s = s->next)
		if (streq(s->label, label))
			return s;
	return NULL;
}

static void statement_clear(struct conf_statement *st)
{
	while (st->nr > 0)
		free(st->word[--st->nr]);
}

/* 0, or negative: too many words, or no memory. */
static int statement_add(struct conf_parser *p, const struct conf_token *t)
{
	struct conf_statement *st = &p->st;

	if (st->nr >= ARRAY_SIZE(st->word)) {
		complain(p->conf, p->file, p->line, t->column, "too many arguments");
		return -E2BIG;
	}
	st->word[st->nr] = strdup(t->text);
	if (!st->word[st->nr])
		return -ENOMEM;
	st->line[st->nr] = p->line;
	st->column[st->nr] = t->column;
	st->nr++;
	return 0;
}

static void statement_end(struct conf_parser *p)
{
	struct reason why = { "" };
	unsigned int word;

	if (p->service &&
	    conf_key_apply(p->service, &p->seen, &p->st, &word, &why) < 0)
		complain(p->conf, p->file, p->st.line[word], p->st.column[word], why.text);
	statement_clear(&p->st);
}

static enum parse_state feed_label(struct conf_parser *p, const struct conf_token *t)
{
	struct reason why = { "" };
	char **d;

	if (t->type != CONF_TOKEN_WORD && t->type != CONF_TOKEN_STRING) {
		complain_token(p, t, "a label");
		return t->type == CONF_TOKEN_OPEN ? PARSE_SKIP_BLOCK : PARSE_SKIP_TOP;
	}
	p->service = NULL;
	p->seen = 0;
	if (value_label(t->text, &why) < 0) {
		complain(p->conf, p->file, p->line, t->column, why.text);
		return PARSE_SKIP_BLOCK;
	}
	for (d = p->defined; d && *d; d++) {
		if (streq(*d, t->text)) {
			char text[128];

			snprintf(text, sizeof(text), "service %.31s is defined twice in this file",
				 t->text);
			complain(p->conf, p->file, p->line, t->column, text);
			return PARSE_SKIP_BLOCK;
		}
	}
	p->service = service_get(p->conf, t->text);
	if (!p->service || strv_append(&p->defined, t->text) < 0)
		return PARSE_SKIP_BLOCK;
	return PARSE_OPEN;
}

static enum parse_state feed_token(struct conf_parser *p, const struct conf_token *t)
{
	bool word = t->type == CONF_TOKEN_WORD || t->type == CONF_TOKEN_STRING;

	switch (p->state) {
	case PARSE_SKIP_TOP:
	case PARSE_TOP:
		if (t->type == CONF_TOKEN_WORD && streq(t->text, "service"))
			return PARSE_LABEL;
		if (p->state == PARSE_TOP)
			complain_token(p, t, "'service'");
		return t->type == CONF_TOKEN_OPEN ? PARSE_SKIP_BLOCK : PARSE_SKIP_TOP;

	case PARSE_LABEL:
		return feed_label(p, t);

	case PARSE_OPEN:
		if (t->type == CONF_TOKEN_OPEN) {
			p->open_line = p->line;
			p->open_column = t->column;
			return PARSE_KEYWORD;
		}
		complain_token(p, t, "'{'");
		return PARSE_SKIP_BLOCK;

	case PARSE_KEYWORD:
		if (t->type == CONF_TOKEN_CLOSE)
			return PARSE_END;
		if (t->type == CONF_TOKEN_SEMICOLON)
			return PARSE_KEYWORD;
		if (t->type != CONF_TOKEN_WORD) {
			complain_token(p, t, "a keyword");
			return PARSE_SKIP_STATEMENT;
		}
		return statement_add(p, t) < 0 ? PARSE_SKIP_STATEMENT : PARSE_ARGS;

	case PARSE_ARGS:
		if (t->type == CONF_TOKEN_SEMICOLON) {
			statement_end(p);
			return PARSE_KEYWORD;
		}
		if (word && statement_add(p, t) == 0)
			return PARSE_ARGS;
		if (!word)
			complain_token(p, t, "an argument or ';'");
		statement_clear(&p->st);
		return t->type == CONF_TOKEN_CLOSE ? PARSE_END : PARSE_SKIP_STATEMENT;

	case PARSE_END:
		if (t->type == CONF_TOKEN_SEMICOLON)
			return PARSE_TOP;
		complain_token(p, t, "';' after '}'");
		return t->type == CONF_TOKEN_WORD && streq(t->text, "service") ? PARSE_LABEL :
										 PARSE_SKIP_TOP;

	case PARSE_SKIP_STATEMENT:
		if (t->type == CONF_TOKEN_SEMICOLON)
			return PARSE_KEYWORD;
		return t->type == CONF_TOKEN_CLOSE ? PARSE_END : PARSE_SKIP_STATEMENT;

	case PARSE_SKIP_BLOCK:
		return t->type == CONF_TOKEN_CLOSE ? PARSE_END : PARSE_SKIP_BLOCK;
	}
	return p->state;
}

struct conf_parser *conf_parser_new(struct conf *conf, const char *file)
{
	struct conf_parser *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->conf = conf;
	p->file = strdup(file);
	if (!p->file) {
		free(p);
		return NULL;
	}
	return p;
}

void conf_parser_feed(struct conf_parser *p, const char *line, size_t len)
{
	struct conf_lex lex = { .line = line, .len = len };
	struct conf_token t;

	p->line++;
	for (;;) {
		conf_lex_next(&lex, &t);
		if (t.type == CONF_TOKEN_END)
			return;
		p->state = feed_token(p, &t);
	}
}

void conf_parser_end(struct conf_parser *p)
{
	switch (p->state) {
	case PARSE_TOP:
	case PARSE_SKIP_TOP:
		break;
	case PARSE_KEYWORD:
	case PARSE_ARGS:
	case PARSE_SKIP_STATEMENT:
		complain(p->conf, p->file, p->open_line, p->open_column, "this '{' is never closed");
		break;
	case PARSE_END:
		complain(p->conf, p->file, p->line, 1, "the file ends without the ';' after '}'");
		break;
	default:
		complain(p->conf, p->file, p->line, 1, "the file ends in the middle of a service");
	}
	statement_clear(&p->st);
	strv_free(p->defined);
	free(p->file);
	free(p);
}

static int load_file(struct conf *conf, const char *path)
{
	FILE *f __cleanup_fclose = fopen(path, "re");
	char *line __cleanup_free = NULL;
	struct conf_parser *p;
	size_t room = 0;
	ssize_t n;

	if (!f) {
		char text[256];

		if (errno == ENOENT)
			return 0;
		snprintf(text, sizeof(text), "cannot be read: %s", strerror(errno));
		complain(conf, path, 1, 1, text);
		return 0;
	}
	p = conf_parser_new(conf, path);
	if (!p)
		return -ENOMEM;
	while ((n = getline(&line, &room, f)) >= 0)
		conf_parser_feed(p, line, (size_t)n);
	conf_parser_end(p);
	return 0;
}

static int is_conf(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return d->d_name[0] != '.' && len > 5 && streq(d->d_name + len - 5, ".conf");
}

static int load_dir(struct conf *conf, const char *dir)
{
	struct dirent **names;
	int n, i, r = 0;

	n = scandir(dir, &names, is_conf, alphasort);
	if (n < 0)
		return errno == ENOMEM ? -ENOMEM : 0;
	for (i = 0; i < n; i++) {
		char path[512];

		if (r == 0 && format(path, sizeof(path), "%s%s", dir, names[i]->d_name) == 0)
			r = load_file(conf, path);
		free(names[i]);
	}
	free(names);
	return r;
}

int conf_load(struct conf *conf, const char *const paths[])
{
	struct conf_service *s;
	size_t i;
	int r;

	for (i = 0; paths[i]; i++) {
		size_t len = strlen(paths[i]);

		if (len && paths[i][len - 1] == '/')
			r = load_dir(conf, paths[i]);
		else
			r = load_file(conf, paths[i]);
		if (r < 0)
			return r;
	}
	/* what only shows once all files are read belongs to no single line */
	if (conf->nr_errors == 0) {
		for (s = conf->services; s; s = s->next) {
			struct reason why = { "" };

			if (conf_key_check(s, &why) < 0)
				complain(conf, i ? paths[i - 1] : "", 0, 0, why.text);
		}
	}
	return conf->nr_errors ? -EBADMSG : 0;
}

void conf_service_free(struct conf_service *s)
{
	if (!s)
		return;
	free(s->program);
	free(s->descr);
	free(s->script);
	strv_free(s->args);
	free(s);
}

struct conf_service *conf_service_copy(const struct conf_service *s)
{
	struct conf_service *c = malloc(sizeof(*c));
	size_t i;

	if (!c)
		return NULL;
	*c = *s;
	c->next = NULL;
	c->args = NULL;
	c->program = s->program ? strdup(s->program) : NULL;
	c->descr = s->descr ? strdup(s->descr) : NULL;
	c->script = s->script ? strdup(s->script) : NULL;
	if ((s->program && !c->program) || (s->descr && !c->descr) || (s->script && !c->script))
		goto err_free;
	for (i = 0; s->args && s->args[i]; i++)
		if (strv_append(&c->args, s->args[i]) < 0)
			goto err_free;
	return c;

err_free:
	conf_service_free(c);
	return NULL;
}

void conf_free(struct conf *conf)
{
	unsigned int i;

	while (conf->services) {
		struct conf_service *s = conf->services;

		conf->services = s->next;
		conf_service_free(s);
	}
	for (i = 0; i < conf->nr_errors; i++)
		free(conf->errors[i].file);
	free(conf->errors);
	memset(conf, 0, sizeof(*conf));
}
