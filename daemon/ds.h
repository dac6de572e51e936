/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ds.h - the data store: small facts by name, and who wants to hear of them
 *
 * MINIX's DS, whose callers are known by label, so that what they own outlives their
 * processes.  Every change gets the next number, which never repeats and which a new rsd
 * goes on with.  A subscriber has one cursor: what matches and has a greater number is
 * news.  So events are levels, not edges: a key that changed twice is told once, with its
 * latest number, and two keys can never hide behind one notification (MINIX: B8).  A
 * deletion is a change like any other; a key that was deleted stays as a tombstone until
 * every subscriber that it concerns has seen it (MINIX: B13).
 *
 * Nothing here does I/O: a change is first offered to the journal (ds-journal.h), and
 * refused if that fails, so that what was answered is what a new rsd finds.
 */
#ifndef RSD_DS_H
#define RSD_DS_H

#include <regex.h>

#include <linux/rs_types.h>

#include "base.h"

#define DS_KEY_MIN	2	/* as MINIX */
#define DS_KEY_MAX	80
#define DS_VALUE_MAX	16384
#define DS_PATTERN_MAX	128

/* One service cannot fill the store for the others. */
#define DS_OWNER_KEYS_MAX	256
#define DS_OWNER_BYTES_MAX	(256U << 10)
#define DS_TOMBSTONES_MAX	1024

/* Callers that are no service; no label can begin with @. */
#define DS_RS		"@rs"
#define DS_ROOT		"@root"

#define DS_UP		1	/* value of drv.<class>.<label> */

enum ds_type {
	DS_U32,
	DS_STR,
	DS_MEM,
	DS_LABEL,
	DS_TYPES
};

#define DS_TYPE(t)	(1U << (t))
#define DS_TYPES_ALL	((1U << DS_TYPES) - 1)

/* Flags of an entry: what only its owner may do. */
#define DS_PRIV_RETRIEVE	(1U << 0)
#define DS_PRIV_OVERWRITE	(1U << 1)
#define DS_PRIV_SUBSCRIBE	(1U << 2)
#define DS_PRIV_ALL		(DS_PRIV_RETRIEVE | DS_PRIV_OVERWRITE | DS_PRIV_SUBSCRIBE)

/* Flags of a call. */
#define DS_OVERWRITE		(1U << 8)
#define DS_INITIAL		(1U << 9)

/**
 * struct ds_entry - a key of one type; the same name may exist once per type
 * @next: all, latest change last
 * @key: its name
 * @type: what its value is
 * @priv: DS_PRIV_*
 * @owner: label of who published it last
 * @seq: number of its last change
 * @gone: a tombstone: it was deleted
 * @number: DS_U32; DS_LABEL: the endpoint
 * @data: DS_STR (terminated), DS_MEM
 * @len: bytes of @data, the terminator not counted
 */
struct ds_entry {
	struct ds_entry *next;
	char key[DS_KEY_MAX + 1];
	enum ds_type type;
	uint32_t priv;
	char owner[RS_LABEL_MAX];
	uint64_t seq;
	bool gone;
	uint32_t number;
	char *data;
	size_t len;
};

/**
 * struct ds_sub - a subscription; each label has at most one
 * @next: all
 * @owner: whose
 * @pattern: as it was given
 * @regex: compiled, anchored at both ends
 * @types: bit per enum ds_type
 * @cursor: number of the last change that it was told
 * @told: up to which number it knows that tombstones were dropped
 */
struct ds_sub {
	struct ds_sub *next;
	char owner[RS_LABEL_MAX];
	char pattern[DS_PATTERN_MAX + 1];
	regex_t regex;
	uint32_t types;
	uint64_t cursor;
	uint64_t told;
};

struct ds_journal;

/**
 * struct ds - the store
 * @entries: all, tombstones included
 * @subs: all
 * @seq: number of the last change
 * @dropped: greatest number of a tombstone that was dropped before all had seen it
 * @tombstones: how many there are
 * @journal: where changes go, or NULL
 * @changed: told after each change of an entry; may be NULL
 * @arg: for @changed
 */
struct ds {
	struct ds_entry *entries;
	struct ds_sub *subs;
	uint64_t seq;
	uint64_t dropped;
	unsigned int tombstones;
	struct ds_journal *journal;
	void (*changed)(void *arg, const struct ds_entry *e);
	void *arg;
};

/**
 * struct ds_value - what is published
 * @type: which of the others counts
 * @number: DS_U32; DS_LABEL: the endpoint
 * @data: DS_STR, DS_MEM
 * @len: its bytes; a DS_STR has no terminator here
 */
struct ds_value {
	enum ds_type type;
	uint32_t number;
	const void *data;
	size_t len;
};

void ds_clear(struct ds *ds);

/*
 * Calls.  @caller is a label that exists, DS_RS or DS_ROOT.  The errors are MINIX's:
 * -EPERM not the owner, or no such caller; -EEXIST; -ESRCH; -EINVAL; -ENOMEM full.
 */

/* A label exists when RS has published it; the two others always do. */
bool ds_known(const struct ds *ds, const char *caller);

/* @flags: DS_PRIV_* | DS_OVERWRITE.  Keys that begin with drv. are rsd's. */
int ds_publish(struct ds *ds, const char *caller, const char *key, const struct ds_value *v,
	       uint32_t flags, struct reason *why);
/* RS says in the name of @label that its driver is up: DS_UP, which only RS can replace. */
int ds_announce(struct ds *ds, const char *label, const char *key);
/* *ret is the store's, valid until the next call. */
int ds_retrieve(const struct ds *ds, const char *caller, const char *key, enum ds_type type,
		const struct ds_entry **ret, struct reason *why);
/* The label of an endpoint. */
int ds_retrieve_name(const struct ds *ds, int32_t endpoint, const struct ds_entry **ret);
int ds_delete(struct ds *ds, const char *caller, const char *key, enum ds_type type,
	      struct reason *why);
/* @types: DS_TYPE() bits, 0 = all.  @flags: DS_OVERWRITE | DS_INITIAL. */
int ds_subscribe(struct ds *ds, const char *caller, const char *pattern, uint32_t types,
		 uint32_t flags, struct reason *why);
int ds_unsubscribe(struct ds *ds, const char *caller, struct reason *why);
/*
 * The earliest change that the caller has not been told; from then on it has.  -ESRCH: no
 * subscription.  -ENOENT: no news.  -EOVERFLOW, once: it waited so long that deletions
 * were dropped; what is in the store is still told.
 */
int ds_check(struct ds *ds, const char *caller, const struct ds_entry **ret, struct reason *why);

/* Is there news for @sub in a change of @e? */
bool ds_concerns(const struct ds_sub *sub, const struct ds_entry *e);

/* A service was taken down: its label, keys and subscription go. */
void ds_forget_owner(struct ds *ds, const char *label);

/* Compiles @pattern, anchored at both ends. */
int ds_compile(const char *pattern, regex_t *ret, struct reason *why);

const char *ds_type_name(enum ds_type type);
/* The type of a name, or -EINVAL. */
int ds_type_of(const char *name);

/*
 * For the journal: what it read goes back in as it is.
 */
struct ds_entry *ds_entry_new(const char *key, const struct ds_value *v);
void ds_entry_free(struct ds_entry *e);
/* Puts @e in place of the one of the same key and type; takes it over. */
void ds_put(struct ds *ds, struct ds_entry *e);
void ds_drop(struct ds *ds, const char *key, enum ds_type type);
struct ds_sub *ds_sub_new(const char *owner, const char *pattern, uint32_t types,
			  struct reason *why);
/* Puts @sub in place of its owner's former one; takes it over. */
void ds_put_sub(struct ds *ds, struct ds_sub *sub);
struct ds_sub *ds_find_sub(const struct ds *ds, const char *owner);
void ds_drop_sub(struct ds *ds, const char *owner);

#endif /* RSD_DS_H */
