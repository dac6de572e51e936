/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ds-journal.h - what makes the data store outlive rsd: /run/rsd/ds
 *
 * A file of lines on a tmpfs, to which each change is appended with one write before it
 * is answered.  When it has grown to twice what the store needs it is written anew and
 * renamed over the old one.  A last line without its end was being written when rsd was
 * killed, so nobody was answered: it is cut off.
 *
 * All functions take NULL for a store that is kept nowhere.
 */
#ifndef RSD_DS_JOURNAL_H
#define RSD_DS_JOURNAL_H

#include "ds.h"

#define DS_JOURNAL	"/run/rsd/ds"

/* Fills an empty @ds with what the file has, and makes it go on there. */
int ds_journal_open(struct ds *ds, const char *path);
void ds_journal_close(struct ds *ds);

/* 0, or a negative errno: nothing was written. */
int ds_journal_entry(struct ds_journal *j, const struct ds_entry *e);
int ds_journal_sub(struct ds_journal *j, const struct ds_sub *sub);

/*
 * What is no promise to anybody: if it cannot be written a new rsd tells something twice,
 * or keeps something longer.
 */
void ds_journal_drop(struct ds_journal *j, const struct ds_entry *e, uint64_t dropped);
void ds_journal_seen(struct ds_journal *j, const struct ds_sub *sub);
void ds_journal_unsub(struct ds_journal *j, const char *owner);

/* Writes the file anew if it has grown too much. */
void ds_journal_tidy(struct ds_journal *j, const struct ds *ds);

#endif /* RSD_DS_JOURNAL_H */
