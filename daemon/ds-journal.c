// SPDX-License-Identifier: GPL-2.0-only
/*
 * ds-journal.c - lines of the data store's file
 *
 *	seq NUMBER				of the last change; first line
 *	dropped NUMBER
 *	entry SEQ TYPE PRIV GONE NUMBER OWNER KEY DATA
 *	drop TYPE KEY
 *	sub OWNER TYPES CURSOR TOLD PATTERN
 *	seen OWNER CURSOR TOLD
 *	unsub OWNER
 *
 * DATA and PATTERN are in hexadecimal behind an x, as they may be empty.
 */
#include <fcntl.h>
#include <inttypes.h>

#include "ds-journal.h"

#define SLACK	65536U	/* bytes that never make a new file worth it */

struct ds_journal {
	char *path;
	int fd;
	size_t bytes;
	size_t limit;
};

/*
 * Writing
 */
static void put_hex(FILE *f, const char *data, size_t len)
{
	size_t i;

	fputc('x', f);
	for (i = 0; i < len; i++)
		fprintf(f, "%02x", (unsigned char)data[i]);
}

static void print_entry(FILE *f, const struct ds_entry *e)
{
	fprintf(f, "entry %" PRIu64 " %s %" PRIx32 " %d %" PRIu32 " %s %s ", e->seq,
		ds_type_name(e->type), e->priv, e->gone, e->number, e->owner, e->key);
	put_hex(f, e->data, e->len);
	fputc('\n', f);
}

static void print_sub(FILE *f, const struct ds_sub *sub)
{
	fprintf(f, "sub %s %" PRIx32 " %" PRIu64 " %" PRIu64 " ", sub->owner, sub->types,
		sub->cursor, sub->told);
	put_hex(f, sub->pattern, strlen(sub->pattern));
	fputc('\n', f);
}

/* All or nothing. */
static int append(struct ds_journal *j, const char *text, size_t len)
{
	ssize_t n = write(j->fd, text, len);
	int r;

	if (n == (ssize_t)len) {
		j->bytes += len;
		return 0;
	}
	r = n < 0 ? -errno : -ENOSPC;
	/* half a line must not become the beginning of the next */
	if (n > 0 && ftruncate(j->fd, (off_t)j->bytes) < 0)
		r = -errno;
	return r;
}

/* A line that is being put together. */
struct line {
	char *text;
	size_t len;
	FILE *f;
};

static bool line_open(struct line *l)
{
	l->text = NULL;
	l->f = open_memstream(&l->text, &l->len);
	return l->f;
}

static int line_append(struct line *l, struct ds_journal *j)
{
	int r = fclose(l->f) == 0 ? append(j, l->text, l->len) : -ENOMEM;

	free(l->text);
	return r;
}

int ds_journal_entry(struct ds_journal *j, const struct ds_entry *e)
{
	struct line l;

	if (!j)
		return 0;
	if (!line_open(&l))
		return -ENOMEM;
	print_entry(l.f, e);
	return line_append(&l, j);
}

int ds_journal_sub(struct ds_journal *j, const struct ds_sub *sub)
{
	struct line l;

	if (!j)
		return 0;
	if (!line_open(&l))
		return -ENOMEM;
	print_sub(l.f, sub);
	return line_append(&l, j);
}

void ds_journal_drop(struct ds_journal *j, const struct ds_entry *e, uint64_t dropped)
{
	struct line l;

	if (!j || !line_open(&l))
		return;
	fprintf(l.f, "drop %s %s\ndropped %" PRIu64 "\n", ds_type_name(e->type), e->key, dropped);
	line_append(&l, j);
}

void ds_journal_seen(struct ds_journal *j, const struct ds_sub *sub)
{
	struct line l;

	if (!j || !line_open(&l))
		return;
	fprintf(l.f, "seen %s %" PRIu64 " %" PRIu64 "\n", sub->owner, sub->cursor, sub->told);
	line_append(&l, j);
}

void ds_journal_unsub(struct ds_journal *j, const char *owner)
{
	struct line l;

	if (!j || !line_open(&l))
		return;
	fprintf(l.f, "unsub %s\n", owner);
	line_append(&l, j);
}

/* The whole store; a file that cannot be written leaves the old one in use. */
static int rewrite(struct ds_journal *j, const struct ds *ds)
{
	const struct ds_entry *e;
	const struct ds_sub *sub;
	struct line l;
	int fd, r;

	if (!line_open(&l))
		return -ENOMEM;
	fprintf(l.f, "seq %" PRIu64 "\ndropped %" PRIu64 "\n", ds->seq, ds->dropped);
	for (e = ds->entries; e; e = e->next)
		print_entry(l.f, e);
	for (sub = ds->subs; sub; sub = sub->next)
		print_sub(l.f, sub);
	r = fclose(l.f) == 0 ? write_file_atomic(j->path, l.text, l.len) : -ENOMEM;
	free(l.text);
	if (r < 0)
		return r;
	fd = open(j->path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	close_fd(&j->fd);
	j->fd = fd;
	j->bytes = l.len;
	j->limit = 2 * l.len + SLACK;
	return 0;
}

void ds_journal_tidy(struct ds_journal *j, const struct ds *ds)
{
	/* if it fails, after as much again */
	if (j && j->bytes > j->limit && rewrite(j, ds) < 0)
		j->limit = j->bytes + SLACK;
}

/*
 * Reading
 */
static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes in place; the result is terminated. */
static int get_hex(char *text, size_t *ret_len)
{
	size_t len = strlen(text), i;

	if (text[0] != 'x' || len % 2 != 1)
		return -EBADMSG;
	for (i = 1; i < len; i += 2) {
		int high = digit(text[i]), low = digit(text[i + 1]);

		if (high < 0 || low < 0)
			return -EBADMSG;
		text[i / 2] = (char)(high << 4 | low);
	}
	*ret_len = len / 2;
	text[len / 2] = '\0';
	return 0;
}

static void load_entry(struct ds *ds, char *args)
{
	char type[8], owner[RS_LABEL_MAX], key[DS_KEY_MAX + 1];
	struct ds_value v = { 0 };
	struct ds_entry *e;
	uint32_t priv;
	uint64_t seq;
	int gone, at = 0, t;

	if (sscanf(args, "%" SCNu64 " %7s %" SCNx32 " %d %" SCNu32 " %31s %80s %n", &seq, type,
		   &priv, &gone, &v.number, owner, key, &at) < 7 || !at)
		return;
	t = ds_type_of(type);
	if (t < 0 || get_hex(args + at, &v.len) < 0)
		return;
	v.type = (enum ds_type)t;
	v.data = args + at;
	e = ds_entry_new(key, &v);
	if (!e)
		return;
	e->seq = seq;
	e->priv = priv & DS_PRIV_ALL;
	e->gone = gone;
	copy_text(e->owner, sizeof(e->owner), owner);
	ds_put(ds, e);
}

static void load_sub(struct ds *ds, char *args)
{
	char owner[RS_LABEL_MAX];
	struct ds_sub *sub;
	uint64_t cursor, told;
	uint32_t types;
	size_t len;
	int at = 0;

	if (sscanf(args, "%31s %" SCNx32 " %" SCNu64 " %" SCNu64 " %n", owner, &types, &cursor,
		   &told, &at) < 4 || !at || get_hex(args + at, &len) < 0)
		return;
	sub = ds_sub_new(owner, args + at, types & DS_TYPES_ALL, NULL);
	if (!sub)
		return;
	sub->cursor = cursor;
	sub->told = told;
	ds_put_sub(ds, sub);
}

static void load_seen(struct ds *ds, const char *args)
{
	char owner[RS_LABEL_MAX];
	uint64_t cursor, told;
	struct ds_sub *sub;

	if (sscanf(args, "%31s %" SCNu64 " %" SCNu64, owner, &cursor, &told) != 3)
		return;
	sub = ds_find_sub(ds, owner);
	if (!sub)
		return;
	sub->cursor = cursor;
	sub->told = told;
}

static void load_drop(struct ds *ds, const char *args)
{
	char type[8], key[DS_KEY_MAX + 1];
	int t;

	if (sscanf(args, "%7s %80s", type, key) != 2)
		return;
	t = ds_type_of(type);
	if (t >= 0)
		ds_drop(ds, key, (enum ds_type)t);
}

static void load_line(struct ds *ds, char *line)
{
	char *args = strchr(line, ' ');
	uint64_t n;

	if (!args)
		return;
	*args++ = '\0';
	if (streq(line, "entry")) {
		load_entry(ds, args);
	} else if (streq(line, "sub")) {
		load_sub(ds, args);
	} else if (streq(line, "seen")) {
		load_seen(ds, args);
	} else if (streq(line, "drop")) {
		load_drop(ds, args);
	} else if (streq(line, "unsub")) {
		ds_drop_sub(ds, args);
	} else if (streq(line, "seq")) {
		n = strtoull(args, NULL, 10);
		if (n > ds->seq)
			ds->seq = n;
	} else if (streq(line, "dropped")) {
		n = strtoull(args, NULL, 10);
		if (n > ds->dropped)
			ds->dropped = n;
	}
}

static int load(struct ds *ds, const char *path)
{
	FILE *f __cleanup_fclose = fopen(path, "re");
	char *line __cleanup_free = NULL;
	size_t room = 0;
	ssize_t n;

	if (!f)
		return errno == ENOENT ? 0 : -errno;
	while ((n = getline(&line, &room, f)) > 0) {
		if (line[n - 1] != '\n')
			break;
		line[n - 1] = '\0';
		load_line(ds, line);
	}
	return ferror(f) ? -EIO : 0;
}

int ds_journal_open(struct ds *ds, const char *path)
{
	struct ds_journal *j = calloc(1, sizeof(*j));
	int r = -ENOMEM;

	if (!j)
		return r;
	j->fd = -1;
	j->path = strdup(path);
	if (j->path)
		r = load(ds, path);
	/* cuts off half a line, and everything that is not needed any more */
	if (r == 0)
		r = rewrite(j, ds);
	if (r < 0) {
		ds_clear(ds);
		free(j->path);
		free(j);
		return r;
	}
	ds->journal = j;
	return 0;
}

void ds_journal_close(struct ds *ds)
{
	struct ds_journal *j = steal_ptr(ds->journal);

	if (!j)
		return;
	close_fd(&j->fd);
	free(j->path);
	free(j);
}
