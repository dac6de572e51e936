/* SPDX-License-Identifier: GPL-2.0 */
/*
 * allow.h - to whom a service may send messages
 *
 * A list of labels, made by rsd; without one a service may send to all.  As in MINIX the right
 * goes both ways: who may be asked may also ask back.
 */
#ifndef _RS_ALLOW_H
#define _RS_ALLOW_H

#include <linux/types.h>

struct netlink_ext_ack;
struct rs_slot;

/* Longest list as text. */
#define RS_ALLOW_TEXT	1023

/*
 * @text: labels with spaces between; "" = nobody; "*" = all.  slot->lock held, or nobody knows
 * the slot yet.  -EINVAL and a sentence; -ENOMEM.
 */
int rs_allow_set(struct rs_slot *slot, const char *text, struct netlink_ext_ack *extack);
void rs_allow_drop(struct rs_slot *slot);

/* May @from send to @to?  Any context. */
bool rs_allowed(const struct rs_slot *from, const struct rs_slot *to);

/* The list as it was set, at most RS_ALLOW_TEXT bytes and a NUL.  slot->lock held. */
void rs_allow_text(const struct rs_slot *slot, char *text);

#endif /* _RS_ALLOW_H */
