// SPDX-License-Identifier: GPL-2.0-only
/*
 * ds.c - the calls of the data store: who may do what, and what it changes
 */
#include "ds.h"
#include "ds-journal.h"

static struct ds_entry *find(const struct ds *ds, const char *key, enum ds_type type)
{
	struct ds_entry *e;

	for (e = ds->entries; e; e = e->next)
		if (e->type == type && streq(e->key, key))
			return e;
	return NULL;
}

static struct ds_entry *find_living(const struct ds *ds, const char *key, enum ds_type type)
{
	struct ds_entry *e = find(ds, key, type);

	return e && !e->gone ? e : NULL;
}

bool ds_known(const struct ds *ds, const char *caller)
{
	return streq(caller, DS_RS) || streq(caller, DS_ROOT) ||
	       find_living(ds, caller, DS_LABEL);
}

static int check_caller(const struct ds *ds, const char *caller, struct reason *why)
{
	if (ds_known(ds, caller))
		return 0;
	return refuse(why, -EPERM, "there is no service '%.40s' that is up", caller);
}

/* Printable and without blanks, so that journal, D-Bus and people can all read it. */
static int check_key(const char *key, struct reason *why)
{
	size_t len = strlen(key), i;

	if (len < DS_KEY_MIN || len > DS_KEY_MAX)
		return refuse(why, -EINVAL, "a key has %d to %d characters, not %zu", DS_KEY_MIN,
			      DS_KEY_MAX, len);
	for (i = 0; i < len; i++)
		if (key[i] <= ' ' || key[i] > '~')
			return refuse(why, -EINVAL,
				      "a key is of printable ASCII characters without blanks");
	return 0;
}

/* Length of the UTF-8 sequence at @s, 0 if it is none; D-Bus would refuse the message. */
static size_t utf8_sequence(const unsigned char *s, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc0 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 :
		   s[0] < 0xf8 ? 4 : 0, i;
	uint32_t c;

	if (n <= 1)
		return n && s[0] ? 1 : 0;
	if (n > len)
		return 0;
	c = s[0] & (0x7fU >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	return c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : n;
}

static int check_value(const struct ds_value *v, struct reason *why)
{
	const unsigned char *s = v->data;
	size_t i = 0, n;

	if (v->len > DS_VALUE_MAX)
		return refuse(why, -E2BIG, "a value has at most %d bytes", DS_VALUE_MAX);
	while (v->type == DS_STR && i < v->len) {
		n = utf8_sequence(s + i, v->len - i);
		if (n == 0)
			return refuse(why, -EINVAL, "a text is UTF-8 without zero bytes");
		i += n;
	}
	return 0;
}

/* Would @owner have too much with @more bytes in place of what @except has? */
static int check_quota(const struct ds *ds, const char *owner, const struct ds_entry *except,
		       size_t more, struct reason *why)
{
	const struct ds_entry *e;
	unsigned int keys = 0;
	size_t bytes = 0;

	/* RS itself publishes as many as there are services */
	if (streq(owner, DS_RS))
		return 0;
	for (e = ds->entries; e; e = e->next) {
		if (e->gone || e == except || !streq(e->owner, owner))
			continue;
		keys++;
		bytes += e->len;
	}
	if (keys >= DS_OWNER_KEYS_MAX)
		return refuse(why, -ENOMEM, "%s has %d keys, which is all that it may have", owner,
			      DS_OWNER_KEYS_MAX);
	if (bytes + more > DS_OWNER_BYTES_MAX)
		return refuse(why, -ENOMEM, "the values of %s would exceed %d bytes", owner,
			      DS_OWNER_BYTES_MAX);
	return 0;
}

/*
 * Tombstones
 */
bool ds_concerns(const struct ds_sub *sub, const struct ds_entry *e)
{
	if (!(sub->types & DS_TYPE(e->type)))
		return false;
	if ((e->priv & DS_PRIV_SUBSCRIBE) && !streq(e->owner, sub->owner))
		return false;
	return regexec(&sub->regex, e->key, 0, NULL, 0) == 0;
}

static bool awaited(const struct ds *ds, const struct ds_entry *e)
{
	const struct ds_sub *sub;

	for (sub = ds->subs; sub; sub = sub->next)
		if (sub->cursor < e->seq && ds_concerns(sub, e))
			return true;
	return false;
}

/* Drops those that everybody has seen and, beyond the limit, the oldest. */
static void bury(struct ds *ds)
{
	struct ds_entry *e, *next;

	for (e = ds->entries; e && ds->tombstones; e = next) {
		bool wanted;

		next = e->next;
		if (!e->gone)
			continue;
		wanted = awaited(ds, e);
		if (wanted && ds->tombstones <= DS_TOMBSTONES_MAX)
			continue;
		if (wanted && e->seq > ds->dropped)
			ds->dropped = e->seq;
		ds_journal_drop(ds->journal, e, ds->dropped);
		ds_drop(ds, e->key, e->type);
	}
}

static int commit(struct ds *ds, struct ds_entry *e, struct reason *why)
{
	int r;

	e->seq = ds->seq + 1;
	r = ds_journal_entry(ds->journal, e);
	if (r < 0) {
		ds_entry_free(e);
		return refuse(why, r, "the data store cannot be written: %s", strerror(-r));
	}
	ds_put(ds, e);
	if (ds->changed)
		ds->changed(ds->arg, e);
	bury(ds);
	ds_journal_tidy(ds->journal, ds);
	return 0;
}

/*
 * Calls
 */
static bool reserved(const char *caller, const char *key)
{
	return !strncmp(key, "drv.", 4) && !streq(caller, DS_RS);
}

static int publish(struct ds *ds, const char *owner, const char *key, const struct ds_value *v,
		   uint32_t flags, struct reason *why)
{
	struct ds_entry *e = ds_entry_new(key, v);

	if (!e)
		return refuse(why, -ENOMEM, "no memory");
	copy_text(e->owner, sizeof(e->owner), owner);
	e->priv = flags & DS_PRIV_ALL;
	return commit(ds, e, why);
}

int ds_announce(struct ds *ds, const char *label, const char *key)
{
	struct ds_value up = { .type = DS_U32, .number = DS_UP };

	if (!ds_known(ds, label))
		return -EPERM;
	return publish(ds, label, key, &up, DS_PRIV_OVERWRITE, NULL);
}

int ds_publish(struct ds *ds, const char *caller, const char *key, const struct ds_value *v,
	       uint32_t flags, struct reason *why)
{
	struct ds_entry *old;
	int r;

	r = check_caller(ds, caller, why);
	if (r == 0 && v->type == DS_LABEL && !streq(caller, DS_RS))
		r = refuse(why, -EPERM, "labels are given by rsd alone");
	if (r == 0)
		r = check_key(key, why);
	if (r == 0 && reserved(caller, key))
		r = refuse(why, -EPERM, "keys that begin with drv. are published by rsd alone");
	if (r == 0)
		r = check_value(v, why);
	if (r < 0)
		return r;
	old = find_living(ds, key, v->type);
	if (old && !(flags & DS_OVERWRITE))
		return refuse(why, -EEXIST, "'%s' exists; --overwrite replaces it", key);
	if (old && (old->priv & DS_PRIV_OVERWRITE) && !streq(old->owner, caller))
		return refuse(why, -EPERM, "only %s may overwrite '%s'", old->owner, key);
	r = check_quota(ds, caller, old, v->len, why);
	return r < 0 ? r : publish(ds, caller, key, v, flags, why);
}

int ds_retrieve(const struct ds *ds, const char *caller, const char *key, enum ds_type type,
		const struct ds_entry **ret, struct reason *why)
{
	const struct ds_entry *e = find_living(ds, key, type);

	if (!e)
		return refuse(why, -ESRCH, "there is no %s '%.80s'", ds_type_name(type), key);
	if ((e->priv & DS_PRIV_RETRIEVE) && !streq(e->owner, caller))
		return refuse(why, -EPERM, "only %s may retrieve '%s'", e->owner, key);
	*ret = e;
	return 0;
}

int ds_retrieve_name(const struct ds *ds, int32_t endpoint, const struct ds_entry **ret)
{
	const struct ds_entry *e;

	for (e = ds->entries; e; e = e->next) {
		if (e->gone || e->type != DS_LABEL || (int32_t)e->number != endpoint)
			continue;
		*ret = e;
		return 0;
	}
	return -ESRCH;
}

/* The tombstone of @old. */
static struct ds_entry *tombstone(const struct ds_entry *old)
{
	struct ds_value none = { .type = old->type, .number = old->number };
	struct ds_entry *e = ds_entry_new(old->key, &none);

	if (!e)
		return NULL;
	memcpy(e->owner, old->owner, sizeof(e->owner));
	e->priv = old->priv;
	e->gone = true;
	return e;
}

int ds_delete(struct ds *ds, const char *caller, const char *key, enum ds_type type,
	      struct reason *why)
{
	struct ds_entry *old = find_living(ds, key, type), *e;
	int r;

	r = check_caller(ds, caller, why);
	if (r < 0)
		return r;
	if (!old)
		return refuse(why, -ESRCH, "there is no %s '%.80s'", ds_type_name(type), key);
	if (!streq(old->owner, caller))
		return refuse(why, -EPERM, "'%s' belongs to %s", key, old->owner);
	if (reserved(caller, key))
		return refuse(why, -EPERM, "keys that begin with drv. go with their service");
	e = tombstone(old);
	if (!e)
		return refuse(why, -ENOMEM, "no memory");
	return commit(ds, e, why);
}

int ds_subscribe(struct ds *ds, const char *caller, const char *pattern, uint32_t types,
		 uint32_t flags, struct reason *why)
{
	struct ds_sub *sub;
	int r;

	if (!ds_known(ds, caller))
		return refuse(why, -ESRCH, "there is no service '%.40s' that is up", caller);
	if (ds_find_sub(ds, caller) && !(flags & DS_OVERWRITE))
		return refuse(why, -EEXIST, "%s has a subscription; --overwrite replaces it", caller);
	if (types & ~DS_TYPES_ALL)
		return refuse(why, -EINVAL, "there is no such type");
	sub = ds_sub_new(caller, pattern, types ? types : DS_TYPES_ALL, why);
	if (!sub)
		return refuse_default(why, -EINVAL, "'%.40s' is no pattern", pattern);
	sub->cursor = flags & DS_INITIAL ? 0 : ds->seq;
	/* what was deleted before it came is not missed */
	sub->told = ds->dropped;
	r = ds_journal_sub(ds->journal, sub);
	if (r < 0) {
		regfree(&sub->regex);
		free(sub);
		return refuse(why, r, "the data store cannot be written: %s", strerror(-r));
	}
	ds_put_sub(ds, sub);
	bury(ds);
	ds_journal_tidy(ds->journal, ds);
	return 0;
}

int ds_unsubscribe(struct ds *ds, const char *caller, struct reason *why)
{
	if (!ds_find_sub(ds, caller))
		return refuse(why, -ESRCH, "%.40s has no subscription", caller);
	ds_journal_unsub(ds->journal, caller);
	ds_drop_sub(ds, caller);
	bury(ds);
	return 0;
}

/*
 * The caller's answer may point to a tombstone: those are buried at the next change, not
 * here.
 */
int ds_check(struct ds *ds, const char *caller, const struct ds_entry **ret, struct reason *why)
{
	struct ds_sub *sub = ds_find_sub(ds, caller);
	const struct ds_entry *e;
	int r = -ENOENT;

	if (!sub)
		return refuse(why, -ESRCH, "%.40s has no subscription", caller);
	if (sub->cursor < ds->dropped && sub->told < ds->dropped) {
		sub->told = ds->dropped;
		r = refuse(why, -EOVERFLOW,
			   "so many keys were deleted meanwhile that some are not told");
	} else {
		/* in the order of their numbers */
		for (e = ds->entries; e; e = e->next)
			if (e->seq > sub->cursor && ds_concerns(sub, e))
				break;
		if (!e)
			return refuse(why, -ENOENT, "nothing has changed");
		sub->cursor = e->seq;
		*ret = e;
		r = 0;
	}
	ds_journal_seen(ds->journal, sub);
	ds_journal_tidy(ds->journal, ds);
	return r;
}

static struct ds_entry *first_of(const struct ds *ds, const char *owner)
{
	struct ds_entry *e;

	for (e = ds->entries; e; e = e->next)
		if (!e->gone && (streq(e->owner, owner) ||
				 (e->type == DS_LABEL && streq(e->key, owner))))
			return e;
	return NULL;
}

void ds_forget_owner(struct ds *ds, const char *label)
{
	struct ds_entry *e, *t;

	if (ds_find_sub(ds, label))
		ds_unsubscribe(ds, label, NULL);
	while ((e = first_of(ds, label))) {
		t = tombstone(e);
		/* without memory or room nobody is told, but it goes all the same */
		if (!t || commit(ds, t, NULL) < 0)
			ds_drop(ds, e->key, e->type);
	}
}
