/* SPDX-License-Identifier: GPL-2.0 */
/*
 * message.h - messages between services
 *
 * A message is a request of a service: one entry in the ledger of the service that it is sent
 * to, in that slot's message queue.  What the ledger promises to a client it promises to a
 * sender: accepted once, answered once, or told why not.
 */
#ifndef _RS_MESSAGE_H
#define _RS_MESSAGE_H

#include <linux/types.h>

struct rs_instance;
struct rs_lookup;
struct rs_msg;
struct rs_msg_bulk;
struct rs_msg_notified;
struct rs_msg_notify;
struct rs_slot;

/* The ioctls of rs_msg.h; owner already checked. */
int rs_message_send(struct rs_instance *inst, struct rs_msg *msg);
int rs_message_bulk(struct rs_instance *inst, const struct rs_msg_bulk *arg);
int rs_message_notify(struct rs_instance *inst, const struct rs_msg_notify *arg);
int rs_message_notified(struct rs_instance *inst, struct rs_msg_notified *ret);
int rs_message_lookup(struct rs_lookup *arg);
int rs_message_statectl(struct rs_instance *inst, unsigned long code);

/* Who served @slot does not any more; if it waits for an answer, its successor does not. */
void rs_message_unbind(struct rs_slot *slot);

#endif /* _RS_MESSAGE_H */
