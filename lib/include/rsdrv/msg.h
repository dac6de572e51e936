/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * msg.h - messages between services (MINIX: send, sendrec, notify, receive, safecopy)
 *
 * A service is named by its endpoint.  What is sent to it waits while nobody serves, and
 * reaches whoever serves then: a restart or an update of the receiver is seen by the sender only
 * as a wait, unless the receiver's policy says that messages break (enum rs_msg_policy).
 *
 * A service that waits for an answer serves nobody meanwhile.  Two that wait for each other are
 * told so (-EDEADLK); a long wait is better given a time-out.
 */
#ifndef RSDRV_MSG_H
#define RSDRV_MSG_H

#include <stddef.h>
#include <stdint.h>

#include <linux/rs_msg.h>
#include <rsdrv/channel.h>

struct rsdrv;

/**
 * struct rsdrv_msg_ops - what a service does with messages
 *
 * Called from within rsdrv_run() or rsdrv_dispatch(), never nested.  Any member may be NULL.
 */
struct rsdrv_msg_ops {
	/**
	 * @message: a message came.
	 *
	 * Of @req->sqe: arg = type, data = word, len = bytes in @req->buf; rsdrv_msg_source()
	 * says whose it is.  The answer goes into @req->buf, which has room for RS_MSG_MAX
	 * bytes, or is NULL if the sender sent none and wants none; return its length, or a
	 * negative errno; or answer with rsdrv_reply(), now or later, and return RSDRV_LATER.
	 *
	 * Guarantees: comes once to each instance.  Comes again to the successor if this one
	 * dies before it has answered (RS_SQE_REPLAYED), unless the service's messages break.
	 * NULL: every message is answered -EOPNOTSUPP.
	 */
	int (*message)(struct rsdrv_req *req);
	/**
	 * @notify: @source notified this service, once or more often since the last call.
	 *
	 * Guarantees: not lost while nobody serves; called again in the successor if this
	 * instance dies before it is back in the loop.
	 */
	void (*notify)(struct rsdrv *d, int32_t source);
	/** @alarm: the alarm of rsdrv_service_alarm() went off; guarantees as of @notify. */
	void (*alarm)(struct rsdrv *d);
};

/**
 * rsdrv_msg_register() - serve messages
 * @d: the instance
 * @ops: must outlive it
 * @credit: how many messages the service holds at once, as rsdrv_set_credit(); 0 = all
 *
 * Return: 0 or -EINVAL.
 */
int rsdrv_msg_register(struct rsdrv *d, const struct rsdrv_msg_ops *ops, unsigned int credit);

/**
 * rsdrv_msg_source() - who sent a message
 * @req: the message
 * Return: an endpoint; the module vouches for it.
 */
int32_t rsdrv_msg_source(const struct rsdrv_req *req);

/**
 * rsdrv_msg_bulk() - how long a message's bulk buffer is
 * @req: the message
 * Return: bytes, 0 = none.  RS_SQE_BULK_READ and RS_SQE_BULK_WRITE say what is permitted.
 */
size_t rsdrv_msg_bulk(const struct rsdrv_req *req);

/**
 * rsdrv_msg_read() - copy from the sender's bulk buffer (MINIX: sys_safecopyfrom)
 * @req: the message, not answered yet
 * @offset: where in the bulk buffer
 * @buf: where to
 * @len: bytes
 *
 * Return: 0, or a negative errno as of RS_IOC_MSG_BULK.
 */
int rsdrv_msg_read(const struct rsdrv_req *req, size_t offset, void *buf, size_t len);

/**
 * rsdrv_msg_write() - copy into the sender's bulk buffer (MINIX: sys_safecopyto)
 * @req: the message, not answered yet
 * @offset: where in the bulk buffer
 * @buf: where from
 * @len: bytes
 *
 * The sender gets it with the answer.
 *
 * Return: 0, or a negative errno as of RS_IOC_MSG_BULK.
 */
int rsdrv_msg_write(const struct rsdrv_req *req, size_t offset, const void *buf, size_t len);

/**
 * rsdrv_reply() - answer a message
 * @req: no longer the caller's
 * @res: bytes of the answer in @req->buf, or a negative errno
 * @data: the answer's word
 */
void rsdrv_reply(struct rsdrv_req *req, int res, uint64_t data);

/**
 * rsdrv_send() - send a message, and do not wait for what becomes of it
 * @d: the instance, bound
 * @endpoint: to whom
 * @type: what for
 * @data: a word
 * @buf: bytes that go with it, or NULL
 * @len: how many, at most RS_MSG_MAX
 *
 * Return: 0 if it will be delivered, or a negative errno as of RS_IOC_MSG_SEND.
 */
int rsdrv_send(struct rsdrv *d, int32_t endpoint, uint32_t type, uint64_t data, const void *buf,
	       size_t len);

/**
 * rsdrv_sendrec() - send a message and wait for the answer
 * @d: the instance, bound
 * @msg: the message, and the answer
 *
 * Return: what the receiver answered (@msg->res, at least 0, or its negative errno), or a negative
 * errno as of RS_IOC_MSG_SEND.  Where the two must be told apart: @msg->res is RS_MSG_UNANSWERED
 * unless there is an answer.
 */
int rsdrv_sendrec(struct rsdrv *d, struct rs_msg *msg);

/* No errno is so small. */
#define RS_MSG_UNANSWERED	INT32_MIN

/**
 * rsdrv_notify() - let another service know that there is something
 * @d: the instance, bound
 * @endpoint: to whom
 *
 * Return: 0, or a negative errno as of RS_IOC_MSG_NOTIFY.
 */
int rsdrv_notify(struct rsdrv *d, int32_t endpoint);

/**
 * rsdrv_lookup() - the endpoint of a service
 * @d: the instance
 * @label: of the service
 *
 * Return: the endpoint, or -ENOENT.  It is good until that service is taken down.
 */
int32_t rsdrv_lookup(struct rsdrv *d, const char *label);

/**
 * rsdrv_lookup_label() - the label of a service
 * @d: the instance
 * @endpoint: of the service, for example who sent a message
 * @label: out: RS_LABEL_MAX bytes
 *
 * Return: 0, or -EOWNERDEAD: its generation is over; -EINVAL.
 */
int rsdrv_lookup_label(struct rsdrv *d, int32_t endpoint, char *label);

/**
 * rsdrv_clear_refs() - break who waits for this service (MINIX: sys_statectl, driver_announce)
 * @d: the instance, bound
 *
 * For a service that cannot go on where its predecessor was: called in an init callback.  All that
 * wait here, and those whose messages this instance holds, get -EOWNERDEAD.
 *
 * Return: 0 or -EOWNERDEAD.
 */
int rsdrv_clear_refs(struct rsdrv *d);

/**
 * rsdrv_service_alarm() - set the service's alarm (MINIX: sys_setalarm)
 * @d: the instance, bound
 * @ns: from now; 0 takes it back
 *
 * Unlike that of rsdrv_set_alarm() it is the endpoint's: it goes off for the successor if this
 * instance dies before.  It costs a system call.
 *
 * Return: 0 or -EOWNERDEAD.
 */
int rsdrv_service_alarm(struct rsdrv *d, uint64_t ns);

#endif /* RSDRV_MSG_H */
