// SPDX-License-Identifier: GPL-2.0-only
/*
 * ds-table.c - the lists of the data store: entries by number, subscriptions by owner
 */
#include "ds.h"

static const char *const type_names[] = {
	[DS_U32]	= "u32",
	[DS_STR]	= "str",
	[DS_MEM]	= "mem",
	[DS_LABEL]	= "label",
};

const char *ds_type_name(enum ds_type type)
{
	return type_names[type];
}

int ds_type_of(const char *name)
{
	int i;

	for (i = 0; i < DS_TYPES; i++)
		if (streq(type_names[i], name))
			return i;
	return -EINVAL;
}

/*
 * Entries
 */
struct ds_entry *ds_entry_new(const char *key, const struct ds_value *v)
{
	bool bytes = v->type == DS_STR || v->type == DS_MEM;
	struct ds_entry *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	copy_text(e->key, sizeof(e->key), key);
	e->type = v->type;
	if (!bytes) {
		e->number = v->number;
		return e;
	}
	e->data = malloc(v->len + 1);
	if (!e->data) {
		free(e);
		return NULL;
	}
	if (v->len)
		memcpy(e->data, v->data, v->len);
	e->data[v->len] = '\0';
	e->len = v->len;
	return e;
}

void ds_entry_free(struct ds_entry *e)
{
	if (!e)
		return;
	free(e->data);
	free(e);
}

void ds_drop(struct ds *ds, const char *key, enum ds_type type)
{
	struct ds_entry **link = &ds->entries, *e;

	while ((e = *link) && (e->type != type || !streq(e->key, key)))
		link = &e->next;
	if (!e)
		return;
	*link = e->next;
	if (e->gone)
		ds->tombstones--;
	ds_entry_free(e);
}

void ds_put(struct ds *ds, struct ds_entry *e)
{
	struct ds_entry **link;

	ds_drop(ds, e->key, e->type);
	for (link = &ds->entries; *link; link = &(*link)->next)
		;
	*link = e;
	e->next = NULL;
	if (e->gone)
		ds->tombstones++;
	if (e->seq > ds->seq)
		ds->seq = e->seq;
}

/*
 * Subscriptions
 */

/*
 * Intervals and back references are refused: patterns come from services, and with those
 * a short one can cost all memory or time.
 */
int ds_compile(const char *pattern, regex_t *ret, struct reason *why)
{
	char anchored[DS_PATTERN_MAX + 8];
	char text[128];
	const char *p;
	int r;

	if (!pattern[0] || strlen(pattern) > DS_PATTERN_MAX)
		return refuse(why, -EINVAL, "a pattern has 1 to %d characters", DS_PATTERN_MAX);
	for (p = pattern; *p; p++) {
		if (*p == '{' || (*p == '\\' && p[1] >= '0' && p[1] <= '9'))
			return refuse(why, -EINVAL,
				      "patterns have no intervals and no back references");
		if (*p == '\\' && p[1])
			p++;
	}
	snprintf(anchored, sizeof(anchored), "^(%s)$", pattern);
	r = regcomp(ret, anchored, REG_EXTENDED | REG_NOSUB);
	if (r == 0)
		return 0;
	regerror(r, ret, text, sizeof(text));
	return refuse(why, r == REG_ESPACE ? -ENOMEM : -EINVAL, "'%.80s': %s", pattern, text);
}

struct ds_sub *ds_sub_new(const char *owner, const char *pattern, uint32_t types,
			  struct reason *why)
{
	struct ds_sub *sub = calloc(1, sizeof(*sub));

	if (!sub)
		return NULL;
	if (ds_compile(pattern, &sub->regex, why) < 0) {
		free(sub);
		return NULL;
	}
	copy_text(sub->owner, sizeof(sub->owner), owner);
	copy_text(sub->pattern, sizeof(sub->pattern), pattern);
	sub->types = types;
	return sub;
}

struct ds_sub *ds_find_sub(const struct ds *ds, const char *owner)
{
	struct ds_sub *sub;

	for (sub = ds->subs; sub; sub = sub->next)
		if (streq(sub->owner, owner))
			return sub;
	return NULL;
}

void ds_drop_sub(struct ds *ds, const char *owner)
{
	struct ds_sub **link = &ds->subs, *sub;

	while ((sub = *link) && !streq(sub->owner, owner))
		link = &sub->next;
	if (!sub)
		return;
	*link = sub->next;
	regfree(&sub->regex);
	free(sub);
}

void ds_put_sub(struct ds *ds, struct ds_sub *sub)
{
	ds_drop_sub(ds, sub->owner);
	sub->next = ds->subs;
	ds->subs = sub;
}

void ds_clear(struct ds *ds)
{
	while (ds->entries)
		ds_drop(ds, ds->entries->key, ds->entries->type);
	while (ds->subs)
		ds_drop_sub(ds, ds->subs->owner);
	ds->seq = ds->dropped = 0;
}
