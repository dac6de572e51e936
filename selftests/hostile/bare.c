// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver without librsdrv; see bare.h
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bare.h"

static void *map(struct bare *b, unsigned int kind, unsigned int index, size_t len, int prot)
{
	void *p = mmap(NULL, len, prot, MAP_SHARED, b->fd, (off_t)RS_MMAP_OFFSET(kind, index));

	return p == MAP_FAILED ? NULL : p;
}

/* The length of a ring is in its head: map that first. */
static int map_queue(struct bare *b, unsigned int i)
{
	struct rs_sq *head = map(b, RS_MMAP_SQ, i, RS_RING_ENTRIES, PROT_READ);
	size_t nr;

	if (!head)
		return -errno;
	nr = head->nr;
	munmap(head, RS_RING_ENTRIES);
	b->sq[i] = map(b, RS_MMAP_SQ, i, RS_RING_ENTRIES + nr * sizeof(struct rs_sqe), PROT_READ);
	b->cq[i] = map(b, RS_MMAP_CQ, i, RS_RING_ENTRIES + 2 * nr * sizeof(struct rs_cqe),
		       PROT_READ | PROT_WRITE);
	return b->sq[i] && b->cq[i] ? 0 : -errno;
}

int bare_attach(struct bare *b)
{
	unsigned int i;
	int r;

	memset(&b->info, 0, sizeof(b->info));
	b->info.version = RS_ABI_VERSION;
	b->info.class = b->class;
	b->info.private_size = b->private_size;
	if (ioctl(b->fd, RS_IOC_ATTACH, &b->info))
		return -errno;
	b->nr = b->info.nr_queues + 1;
	if (b->nr > BARE_QUEUES)
		return -EPROTO;
	for (i = 0; i < b->nr; i++) {
		r = map_queue(b, i);
		if (r)
			return r;
	}
	b->pool = map(b, RS_MMAP_POOL, 0, b->info.pool_size, PROT_READ | PROT_WRITE);
	return b->pool ? 0 : -errno;
}

static int enter(struct bare *b, uint32_t flags, uint64_t ns)
{
	struct rs_enter e = { .flags = flags, .nr = b->nr, .timeout_ns = ns };
	unsigned int i;

	for (i = 0; i < b->nr; i++) {
		e.queue[i].credit = i ? b->credit : RS_CTRL_DEPTH;
		e.queue[i].sq_head = b->sq_head[i];
	}
	return ioctl(b->fd, RS_IOC_ENTER, &e) ? -errno : 0;
}

int bare_enter(struct bare *b, bool wait)
{
	return enter(b, wait ? 0 : RS_ENTER_NOWAIT, RS_TIMEOUT_NONE);
}

int bare_enter_for(struct bare *b, uint64_t ns)
{
	return enter(b, 0, ns);
}

bool bare_next(struct bare *b, unsigned int queue, struct rs_sqe *sqe)
{
	const struct rs_sq *sq = b->sq[queue];
	const struct rs_sqe *entry = (const struct rs_sqe *)((const char *)sq + RS_RING_ENTRIES);

	if (b->sq_head[queue] == __atomic_load_n(&sq->tail, __ATOMIC_ACQUIRE))
		return false;
	*sqe = entry[b->sq_head[queue]++ & (sq->nr - 1)];
	return true;
}

void bare_push(struct bare *b, unsigned int queue, const struct rs_cqe *cqe)
{
	struct rs_cq *cq = b->cq[queue];
	struct rs_cqe *entry = (struct rs_cqe *)((char *)cq + RS_RING_ENTRIES);

	entry[b->cq_tail[queue] & (2 * b->sq[queue]->nr - 1)] = *cqe;
	__atomic_store_n(&cq->tail, ++b->cq_tail[queue], __ATOMIC_RELEASE);
}

int bare_announce(struct bare *b)
{
	struct rs_announce a;

	memset(&a, 0, sizeof(a));
	a.class = b->class;
	if (b->class == RS_CLASS_NET)
		a.net = b->net;
	else
		a.chr = b->chr;
	return ioctl(b->fd, RS_IOC_ANNOUNCE, &a) ? -errno : 0;
}

int bare_put(struct bare *b, uint64_t word)
{
	struct rs_state st = { .addr = (uintptr_t)&word, .len = sizeof(word), .version = 1 };

	return ioctl(b->fd, RS_IOC_STATE_PUT, &st) ? -errno : 0;
}

int bare_get(struct bare *b, uint64_t *word)
{
	struct rs_state st = { .addr = (uintptr_t)word, .len = sizeof(*word) };

	*word = 0;
	return ioctl(b->fd, RS_IOC_STATE_GET, &st) ? -errno : 0;
}

int bare_dying(struct bare *b)
{
	struct rs_dying d = { .text = "told to" };

	return ioctl(b->fd, RS_IOC_DYING, &d) ? -errno : 0;
}

struct rs_cqe bare_serve(struct bare *b, const struct rs_sqe *sqe)
{
	struct rs_cqe cqe = { .id = sqe->id };
	uint8_t *buf = b->pool + sqe->buf;
	uint32_t i;

	switch (sqe->op) {
	case RS_OP_INIT:
		cqe.res = b->class == RS_CLASS_NONE ? 0 : bare_announce(b);
		break;
	case RS_OP_CHR_READ:
		for (i = 0; i < sqe->len; i++)
			buf[i] = bare_byte(sqe->offset + i);
		cqe.res = (int32_t)sqe->len;
		break;
	case RS_OP_CHR_WRITE:
		cqe.res = (int32_t)sqe->len;
		for (i = 0; i < sqe->len; i++)
			if (buf[i] != bare_byte(sqe->offset + i))
				cqe.res = -EILSEQ;
		break;
	}
	return cqe;
}

void bare_turn(struct bare *b)
{
	struct rs_sqe sqe;
	struct rs_cqe cqe;
	unsigned int i;

	for (i = 0; i < b->nr; i++) {
		while (bare_next(b, i, &sqe)) {
			if (b->hook && b->hook(b, i, &sqe))
				continue;
			cqe = bare_serve(b, &sqe);
			bare_push(b, i, &cqe);
		}
	}
}

int bare_run(struct bare *b)
{
	int r;

	for (;;) {
		r = bare_enter(b, true);
		if (r && r != -EINTR)
			return r;
		bare_turn(b);
	}
}

void bare_say(struct bare *b, int64_t word)
{
	if (send(b->sock, &word, sizeof(word), MSG_NOSIGNAL) != sizeof(word))
		_exit(9);
}

int64_t bare_hear(struct bare *b)
{
	int64_t word;

	if (recv(b->sock, &word, sizeof(word), 0) != sizeof(word))
		_exit(9);
	return word;
}
