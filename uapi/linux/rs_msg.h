/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * rs_msg.h - messages between services: send, sendrec, notify, receive; bulk buffers; the alarm
 *
 * A service is named by its endpoint (rs_types.h), and what is sent to an endpoint reaches
 * whoever serves it.  A message is a request of a service, as a read is one of a client:
 * it has an entry in the ledger of the service that it is sent to, waits there while nobody
 * serves, and is answered once.
 *
 *	sender, bound		RS_IOC_MSG_SEND		sendrec; with RS_MSG_NOREPLY: send, and go on
 *				RS_IOC_MSG_NOTIFY	a bit for the other, from this sender
 *	receiver, bound		RS_OP_MSG		in the ring of its message queue
 *				RS_IOC_MSG_BULK		reads or writes the sender's bulk buffer
 *				(completion)		the answer
 *				RS_EVENT_NOTIFY, RS_IOC_MSG_NOTIFIED
 *	either			RS_IOC_LOOKUP, RS_IOC_ALARM, RS_IOC_STATECTL
 *
 * The message queue is the last queue of every class (rs_attach.msg_queue).  What an entry of
 * RS_OP_MSG says:
 *
 *	file	endpoint of the sender, vouched for by the module
 *	arg	rs_msg.type
 *	data	rs_msg.data
 *	buf	rs_msg.len bytes, and room for an answer of RS_MSG_MAX; RS_BUF_NONE if neither
 *	offset	bytes of the bulk buffer, 0 = none
 *	flags	RS_SQE_NOREPLY, RS_SQE_BULK_READ, RS_SQE_BULK_WRITE; RS_SQE_REPLAYED
 *
 * and of its completion: res = bytes of the answer in the buffer, or a negative errno; aux =
 * the answer's data word.
 */
#ifndef _UAPI_LINUX_RS_MSG_H
#define _UAPI_LINUX_RS_MSG_H

#include <linux/rs_channel.h>
#include <linux/types.h>

/* Bytes that a message carries by itself; more goes into the bulk buffer. */
#define RS_MSG_MAX		2048
/* Longest bulk buffer, and longest piece of it that one RS_IOC_MSG_BULK moves, bytes. */
#define RS_BULK_MAX		(1U << 20)
#define RS_BULK_PIECE		65536
/* Messages that one service may have under way at once. */
#define RS_MSG_INFLIGHT		8
/* Entries of a message queue. */
#define RS_MSG_DEPTH		32

/**
 * struct rs_msg - RS_IOC_MSG_SEND: a message, by the bound instance of a service
 * @endpoint: who gets it; RS_EP_SELF
 * @flags: RS_MSG_*
 * @type: what it asks for; the two services' affair
 * @len: bytes at @buf, at most RS_MSG_MAX
 * @data: a word; out: that of the answer
 * @buf: user address of the message's bytes; the answer is put there too
 * @room: bytes of @buf that the answer may take
 * @res: out: what the receiver answered: bytes of the answer (@room of them are copied), or a
 *	negative errno of its own
 * @timeout_ns: how long to wait for the answer, or RS_TIMEOUT_NONE
 * @bulk: user address of the bulk buffer
 * @bulk_len: its bytes, 0 = none
 * @reserved: zero
 *
 * The bulk buffer takes the place of MINIX's grants.  It is copied: the receiver sees what was
 * there when the message was sent, and what the receiver writes reaches the sender with the
 * answer.  Only the instance that holds the message can touch it; if that dies, its successor
 * finds it as the sender had left it, with what was written since.
 *
 * Returns 0 if there is an answer (@res), or with RS_MSG_NOREPLY once the message is accepted.
 * Errors: EOWNERDEAD (EDEADSRCDST) the endpoint's generation is over, or the receiver died with
 * the message, or said RS_STATE_CLEAR_IPC_REFS; or it is the caller that is not bound.  EACCES
 * (ECALLDENIED) the sender's allow-list; EDEADLK (ELOCKED) the receiver waits for the sender;
 * ETIME; EINTR; EAGAIN the message queue is full, or the sender has RS_MSG_INFLIGHT under way;
 * EINVAL; EFAULT; ENOMEM.
 */
struct rs_msg {
	__s32 endpoint;
	__u32 flags;
	__u32 type;
	__u32 len;
	__u64 data;
	__u64 buf;
	__u32 room;
	__s32 res;
	__u64 timeout_ns;
	__u64 bulk;
	__u32 bulk_len;
	__u32 reserved;
};

/* rs_msg.flags: do not wait; the message is delivered all the same (MINIX: asynsend). */
#define RS_MSG_NOREPLY		(1U << 0)
/* rs_msg.flags: what the receiver may do with the bulk buffer. */
#define RS_MSG_BULK_READ	(1U << 1)
#define RS_MSG_BULK_WRITE	(1U << 2)
/* rs_msg.flags: another thread serves this service's messages meanwhile: no deadlock. */
#define RS_MSG_THREADED		(1U << 3)
#define RS_MSG_F_ALL		(RS_MSG_NOREPLY | RS_MSG_BULK_READ | RS_MSG_BULK_WRITE | \
				 RS_MSG_THREADED)

/* rs_sqe.flags of RS_OP_MSG: nobody waits for the answer. */
#define RS_SQE_NOREPLY		(1U << 3)
#define RS_SQE_BULK_READ	(1U << 4)
#define RS_SQE_BULK_WRITE	(1U << 5)

/**
 * struct rs_msg_bulk - RS_IOC_MSG_BULK: move bytes from or to a message's bulk buffer
 * @id: rs_sqe.id of the message, which the caller holds
 * @addr: user address
 * @offset: where in the bulk buffer
 * @len: bytes, at most RS_BULK_PIECE
 * @flags: RS_BULK_WRITE: from @addr into the bulk buffer; else from it to @addr
 * @reserved: zero
 *
 * Errors: EOWNERDEAD not bound; ENOENT the caller holds no such message; EACCES the sender did
 * not permit it; EINVAL beyond the buffer; EFAULT; ENOMEM.
 */
struct rs_msg_bulk {
	__u64 id;
	__u64 addr;
	__u32 offset;
	__u32 len;
	__u32 flags;
	__u32 reserved;
};

#define RS_BULK_WRITE		(1U << 0)

/**
 * struct rs_msg_notified - RS_IOC_MSG_NOTIFIED: who notified this service
 * @nr: out: how many; if as many as there is room for, ask again
 * @reserved: zero
 * @endpoint: out: each sender once, however often it notified
 *
 * A bit for each sender: it is set while nobody serves, too, and stays set until the bound
 * instance takes it.  If that dies before it comes back to RS_IOC_ENTER its successor gets what
 * it took.  Errors: EOWNERDEAD not bound; EFAULT.
 */
struct rs_msg_notified {
	__u32 nr;
	__u32 reserved;
	__s32 endpoint[30];
};

/**
 * struct rs_msg_notify - RS_IOC_MSG_NOTIFY: set this sender's bit at another service
 * @endpoint: who is notified; RS_EP_SELF
 * @flags: zero
 *
 * Never waits, and nothing can fill up.  Errors as of RS_IOC_MSG_SEND.
 */
struct rs_msg_notify {
	__s32 endpoint;
	__u32 flags;
};

/**
 * struct rs_alarm - RS_IOC_ALARM: the service's alarm (MINIX: sys_setalarm)
 * @ns: from now until RS_EVENT_ALARM; 0 takes it back
 * @left: out: what was left of the alarm that was set before, 0 = none
 *
 * There is one for each service.  It belongs to the endpoint: set by an instance that dies, it
 * goes off for its successor.  Errors: EOWNERDEAD not bound; EFAULT.
 */
struct rs_alarm {
	__u64 ns;
	__u64 left;
};

/**
 * struct rs_lookup - RS_IOC_LOOKUP: who is it? (MINIX: RS_LOOKUP)
 * @endpoint: 0: find that of @label; else find the label of this one.  Out: the other
 * @reserved: zero
 * @label: of a service
 *
 * By any instance, bound or not.  Errors: ENOENT no such label; EOWNERDEAD the endpoint's
 * generation is over; EINVAL none; EFAULT.
 */
struct rs_lookup {
	__s32 endpoint;
	__u32 reserved;
	char label[RS_LABEL_MAX];
};

/**
 * enum rs_statectl - argument, by value, of RS_IOC_STATECTL (MINIX: sys_statectl)
 * @RS_STATE_CLEAR_IPC_REFS: nobody is to wait for this service on account of an earlier
 *	instance: messages that wait here fail with EOWNERDEAD, and notifications by this service
 *	that others have not taken yet are dropped.  What the caller has in its hands it answers
 *	itself
 *
 * Errors: EINVAL another code; EOWNERDEAD not bound.
 */
enum rs_statectl {
	RS_STATE_CLEAR_IPC_REFS	= 1,
};

#define RS_IOC_MSG_SEND		_IOWR(RS_IOC_MAGIC, 0x30, struct rs_msg)
#define RS_IOC_MSG_BULK		_IOW(RS_IOC_MAGIC, 0x31, struct rs_msg_bulk)
#define RS_IOC_MSG_NOTIFY	_IOW(RS_IOC_MAGIC, 0x32, struct rs_msg_notify)
#define RS_IOC_MSG_NOTIFIED	_IOR(RS_IOC_MAGIC, 0x33, struct rs_msg_notified)
#define RS_IOC_ALARM		_IOWR(RS_IOC_MAGIC, 0x34, struct rs_alarm)
#define RS_IOC_LOOKUP		_IOWR(RS_IOC_MAGIC, 0x36, struct rs_lookup)
/* argument by value: enum rs_statectl */
#define RS_IOC_STATECTL		_IO(RS_IOC_MAGIC, 0x35)

#endif /* _UAPI_LINUX_RS_MSG_H */
