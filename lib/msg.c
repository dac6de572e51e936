// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Messages between services
 *
 * Receiving is a queue's handler like any other.  Sending is a system call of its own, which
 * waits in the module; nothing is kept here, so that a message is either the module's or not
 * sent at all, whenever this process dies.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include <rsdrv/msg.h>

#include "instance.h"

static int msg_serve(struct rsdrv_req *req, void *data)
{
	const struct rsdrv_msg_ops *ops = data;

	return ops->message ? ops->message(req) : -EOPNOTSUPP;
}

int rsdrv_msg_register(struct rsdrv *d, const struct rsdrv_msg_ops *ops, unsigned int credit)
{
	if (credit > d->attach.msg_depth)
		return -EINVAL;
	/* The queue's data is not const; msg_serve() gives it back its const. */
	queue_handler(d, d->attach.msg_queue, msg_serve, (void *)(uintptr_t)ops);
	d->queue[d->attach.msg_queue].credit = credit ? credit : d->attach.msg_depth;
	d->msg = ops;
	return 0;
}

static int msg_notified(struct rsdrv *d)
{
	struct rs_msg_notified n;
	uint32_t i;

	/* Taken bit by bit: what is more than fits makes the next RS_IOC_ENTER return at once. */
	if (ioctl(d->fd, RS_IOC_MSG_NOTIFIED, &n))
		return 0;
	for (i = 0; i < n.nr; i++)
		if (d->msg && d->msg->notify)
			d->msg->notify(d, n.endpoint[i]);
	return (int)n.nr;
}

int msg_events(struct rsdrv *d, uint32_t events)
{
	int served = 0;

	if (events & RS_EVENT_NOTIFY)
		served += msg_notified(d);
	if (events & RS_EVENT_ALARM) {
		served++;
		if (d->msg && d->msg->alarm)
			d->msg->alarm(d);
	}
	return served;
}

int32_t rsdrv_msg_source(const struct rsdrv_req *req)
{
	return (int32_t)req->sqe.file;
}

size_t rsdrv_msg_bulk(const struct rsdrv_req *req)
{
	return req->sqe.offset;
}

static int msg_bulk(const struct rsdrv_req *req, size_t offset, uintptr_t addr, size_t len,
		    uint32_t flags)
{
	struct rs_msg_bulk b = { .id = req->sqe.id, .flags = flags };
	size_t done;

	if (offset > req->sqe.offset || len > req->sqe.offset - offset)
		return -EINVAL;
	for (done = 0; done < len; done += b.len) {
		b.addr = addr + done;
		b.offset = (uint32_t)(offset + done);
		b.len = len - done < RS_BULK_PIECE ? (uint32_t)(len - done) : RS_BULK_PIECE;
		if (ioctl(req->d->fd, RS_IOC_MSG_BULK, &b))
			return -errno;
	}
	return 0;
}

int rsdrv_msg_read(const struct rsdrv_req *req, size_t offset, void *buf, size_t len)
{
	return msg_bulk(req, offset, (uintptr_t)buf, len, 0);
}

int rsdrv_msg_write(const struct rsdrv_req *req, size_t offset, const void *buf, size_t len)
{
	return msg_bulk(req, offset, (uintptr_t)buf, len, RS_BULK_WRITE);
}

void rsdrv_reply(struct rsdrv_req *req, int res, uint64_t data)
{
	rsdrv_complete_ext(req, res, 0, data);
}

int rsdrv_send(struct rsdrv *d, int32_t endpoint, uint32_t type, uint64_t data, const void *buf,
	       size_t len)
{
	struct rs_msg msg = {
		.endpoint = endpoint,
		.flags = RS_MSG_NOREPLY,
		.type = type,
		.data = data,
		.buf = (uintptr_t)buf,
		.len = (uint32_t)len,
	};

	if (len > RS_MSG_MAX)
		return -EMSGSIZE;
	return ioctl(d->fd, RS_IOC_MSG_SEND, &msg) ? -errno : 0;
}

int rsdrv_sendrec(struct rsdrv *d, struct rs_msg *msg)
{
	int r;

	/* Answers of this batch first: who is asked may be waiting for one. */
	r = rsdrv_flush(d);
	if (r)
		return r;
	msg->res = RS_MSG_UNANSWERED;
	if (ioctl(d->fd, RS_IOC_MSG_SEND, msg))
		return -errno;
	return msg->res;
}

int rsdrv_notify(struct rsdrv *d, int32_t endpoint)
{
	struct rs_msg_notify n = { .endpoint = endpoint };

	return ioctl(d->fd, RS_IOC_MSG_NOTIFY, &n) ? -errno : 0;
}

int32_t rsdrv_lookup(struct rsdrv *d, const char *label)
{
	struct rs_lookup l = { .endpoint = 0 };

	if (strlen(label) >= sizeof(l.label))
		return -ENOENT;
	strcpy(l.label, label);
	return ioctl(d->fd, RS_IOC_LOOKUP, &l) ? -errno : l.endpoint;
}

int rsdrv_lookup_label(struct rsdrv *d, int32_t endpoint, char *label)
{
	struct rs_lookup l = { .endpoint = endpoint };

	if (!endpoint)
		return -EINVAL;
	if (ioctl(d->fd, RS_IOC_LOOKUP, &l))
		return -errno;
	memcpy(label, l.label, sizeof(l.label));
	return 0;
}

int rsdrv_clear_refs(struct rsdrv *d)
{
	queue_refuse(d, d->attach.msg_queue, -RS_EDEADSRCDST);
	return ioctl(d->fd, RS_IOC_STATECTL, RS_STATE_CLEAR_IPC_REFS) ? -errno : 0;
}

int rsdrv_service_alarm(struct rsdrv *d, uint64_t ns)
{
	struct rs_alarm a = { .ns = ns };

	return ioctl(d->fd, RS_IOC_ALARM, &a) ? -errno : 0;
}
