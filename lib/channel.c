// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The queues of an instance and the loop over them
 *
 * A turn of the loop is one RS_IOC_ENTER: it hands over the completions that were
 * written since the last one, and returns with interrupts, events and requests.
 * They are delivered in that order, requests queue by queue, the control queue
 * first.
 *
 * A request lives in a handle (struct rsdrv_req) from the moment it is copied out of
 * the ring.  There are as many handles as ring entries, and the kernel never
 * publishes more, so there is always one; if it did not keep its word the rest would
 * wait in the ring.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "instance.h"

static void queue_reset(struct queue *q)
{
	uint32_t i;

	q->free = NULL;
	for (i = q->ring.sq_nr; i--;) {
		q->reqs[i].state = REQ_FREE;
		q->reqs[i].next = q->free;
		q->free = &q->reqs[i];
	}
}

/*
 * How long queue @i's rings are.  At least the depth: the kernel keeps some entries
 * for requests that must not wait for credit.
 */
static int queue_entries(struct rsdrv *d, unsigned int i)
{
	const struct rs_sq *sq = mmap(NULL, RS_RING_ENTRIES, PROT_READ, MAP_SHARED, d->fd,
				      (off_t)RS_MMAP_OFFSET(RS_MMAP_SQ, i));
	uint32_t nr;

	if (sq == MAP_FAILED)
		return -errno;
	nr = sq->nr;
	munmap((void *)sq, RS_RING_ENTRIES);
	return nr && nr <= RING_NR_MAX ? (int)nr : -EPROTO;
}

int queue_open(struct rsdrv *d, unsigned int i)
{
	struct queue *q = &d->queue[i];
	uint32_t nr;
	void *map;
	int r;

	r = queue_entries(d, i);
	if (r < 0)
		return r;
	nr = (uint32_t)r;
	map = mmap(NULL, ring_bytes(nr, sizeof(struct rs_sqe)), PROT_READ, MAP_SHARED,
		   d->fd, (off_t)RS_MMAP_OFFSET(RS_MMAP_SQ, i));
	if (map == MAP_FAILED)
		return -errno;
	q->sq_map = map;
	map = mmap(NULL, ring_bytes(2 * nr, sizeof(struct rs_cqe)), PROT_READ | PROT_WRITE,
		   MAP_SHARED, d->fd, (off_t)RS_MMAP_OFFSET(RS_MMAP_CQ, i));
	if (map == MAP_FAILED) {
		r = -errno;
		goto err_unmap_sq;
	}
	q->cq_map = map;
	r = ring_init(&q->ring, q->sq_map, q->cq_map, nr);
	if (r)
		goto err_unmap_cq;
	q->reqs = calloc(nr, sizeof(*q->reqs));
	if (!q->reqs) {
		r = -ENOMEM;
		goto err_unmap_cq;
	}
	for (uint32_t j = 0; j < nr; j++) {
		q->reqs[j].d = d;
		q->reqs[j].queue = i;
	}
	queue_reset(q);
	touch(q->sq_map, ring_bytes(nr, sizeof(struct rs_sqe)));
	touch(q->cq_map, ring_bytes(2 * nr, sizeof(struct rs_cqe)));
	q->credit = i == RSDRV_QUEUE_CTRL ? nr : 1;
	return 0;

err_unmap_cq:
	munmap(q->cq_map, ring_bytes(2 * nr, sizeof(struct rs_cqe)));
err_unmap_sq:
	munmap(q->sq_map, ring_bytes(nr, sizeof(struct rs_sqe)));
	memset(q, 0, sizeof(*q));
	return r;
}

void queue_close(struct rsdrv *d, unsigned int i)
{
	struct queue *q = &d->queue[i];

	if (!q->reqs)
		return;
	free(q->reqs);
	munmap(q->cq_map, ring_bytes(q->ring.cq_nr, sizeof(struct rs_cqe)));
	munmap(q->sq_map, ring_bytes(q->ring.sq_nr, sizeof(struct rs_sqe)));
	memset(q, 0, sizeof(*q));
}

void queues_forget(struct rsdrv *d)
{
	unsigned int i;

	for (i = 1; i < d->nr; i++) {
		ring_skip(&d->queue[i].ring);
		queue_reset(&d->queue[i]);
	}
}

void queue_handler(struct rsdrv *d, unsigned int queue, rsdrv_handler handler, void *data)
{
	d->queue[queue].handler = handler;
	d->queue[queue].data = data;
}

int rsdrv_set_handler(struct rsdrv *d, unsigned int queue, rsdrv_handler handler, void *data)
{
	if (queue > d->attach.nr_queues)
		return -EINVAL;
	queue_handler(d, queue, handler, data);
	return 0;
}

int rsdrv_set_credit(struct rsdrv *d, unsigned int queue, unsigned int credit)
{
	if (queue < 1 || queue > d->attach.nr_queues || credit > d->attach.depth)
		return -EINVAL;
	d->queue[queue].credit = credit ? credit : d->attach.depth;
	return 0;
}

unsigned int rsdrv_nr_queues(const struct rsdrv *d)
{
	return d->attach.nr_queues;
}

unsigned int rsdrv_depth(const struct rsdrv *d)
{
	return d->attach.depth;
}

void rsdrv_set_spin(struct rsdrv *d, uint32_t ns)
{
	d->spin.limit_ns = ns < RS_SPIN_MAX_NS ? ns : RS_SPIN_MAX_NS;
	d->spin.misses = 0;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void rsdrv_set_alarm(struct rsdrv *d, uint64_t ns)
{
	uint64_t now;

	if (ns == RS_TIMEOUT_NONE) {
		d->alarm = RS_TIMEOUT_NONE;
		return;
	}
	now = now_ns();
	d->alarm = ns < RS_TIMEOUT_NONE - now ? now + ns : RS_TIMEOUT_NONE - 1;
}

void rsdrv_complete_ext(struct rsdrv_req *req, int res, uint32_t flags, uint64_t aux)
{
	struct queue *q = &req->d->queue[req->queue];
	struct rs_cqe cqe = {
		.id = req->sqe.id,
		.res = res,
		.flags = flags,
		.aux = aux,
	};

	/* Forgotten by an init callback in the meantime: nobody waits for it. */
	if (req->state != REQ_HELD)
		return;
	req->state = REQ_FREE;
	req->next = q->free;
	q->free = req;
	ring_complete(&q->ring, &cqe);
}

void rsdrv_complete(struct rsdrv_req *req, int res)
{
	rsdrv_complete_ext(req, res, 0, 0);
}

void queue_refuse(struct rsdrv *d, unsigned int i, int res)
{
	struct queue *q = &d->queue[i];
	uint32_t j;

	for (j = 0; j < q->ring.sq_nr; j++)
		rsdrv_complete(&q->reqs[j], res);
}

static int req_serve(struct rsdrv *d, struct queue *q, struct rsdrv_req *req)
{
	if (req->sqe.op == RS_OP_INIT)
		return sef_init(d, &req->sqe);
	if (req->sqe.op == RS_OP_PREPARE)
		return lu_wish(d, req);
	if (!q->handler)
		return -EOPNOTSUPP;
	return q->handler(req, q->data);
}

int queue_serve(struct rsdrv *d, unsigned int i)
{
	struct queue *q = &d->queue[i];
	struct rsdrv_req *req;
	int served = 0;
	int r;

	while ((req = q->free) && ring_fetch(&q->ring, &req->sqe)) {
		q->free = req->next;
		req->next = NULL;
		req->priv = NULL;
		req->buf = req->sqe.buf == RS_BUF_NONE ? NULL : d->pool + req->sqe.buf;
		req->state = REQ_HELD;
		served++;
		r = req_serve(d, q, req);
		if (r != RSDRV_LATER)
			rsdrv_complete(req, r);
	}
	if (served && q->batch)
		q->batch(d, i, q->data);
	return served;
}

int channel_enter(struct rsdrv *d, unsigned int first, unsigned int nr, struct spin *spin,
		  uint64_t timeout_ns, struct rs_enter *e)
{
	uint64_t start = 0;
	unsigned int i;
	int r;

	memset(e, 0, sizeof(*e));
	e->flags = timeout_ns ? 0 : RS_ENTER_NOWAIT;
	e->first = (uint16_t)first;
	e->nr = (uint16_t)nr;
	e->timeout_ns = timeout_ns;
	for (i = 0; i < nr; i++) {
		e->queue[i].credit = d->queue[first + i].credit;
		e->queue[i].sq_head = d->queue[first + i].ring.sq_head;
	}
	if (spin->limit_ns && timeout_ns) {
		e->spin_ns = spin_next(spin);
		start = now_ns();
	}
	r = ioctl(d->fd, RS_IOC_ENTER, e) ? -errno : 0;
	if (start)
		spin_learn(spin, now_ns() - start);
	return r;
}

int rsdrv_flush(struct rsdrv *d)
{
	/*
	 * Events that this call takes from the module must not be lost; but a driver
	 * that flushes stands in the middle of something.  So pass no events on, and
	 * take none: queue 0 is what makes a caller the one who waits for events.
	 */
	struct rs_enter e = {
		.flags = RS_ENTER_NOWAIT,
		.first = 1,
		.nr = (uint16_t)(d->own - 1),
	};
	unsigned int i;

	if (!e.nr)
		return 0;
	for (i = 1; i < d->own; i++) {
		e.queue[i - 1].credit = d->queue[i].credit;
		e.queue[i - 1].sq_head = d->queue[i].ring.sq_head;
	}
	if (ioctl(d->fd, RS_IOC_ENTER, &e) && errno != ETIME && errno != EINTR)
		return -errno;
	return 0;
}

static int alarm_serve(struct rsdrv *d)
{
	if (d->alarm == RS_TIMEOUT_NONE || lu_parked(d) || now_ns() < d->alarm)
		return 0;
	d->alarm = RS_TIMEOUT_NONE;
	if (d->params.ops->alarm)
		d->params.ops->alarm(d);
	return 1;
}

/* The shorter of @timeout_ns and what is left until the alarm. */
static uint64_t alarm_bound(const struct rsdrv *d, uint64_t timeout_ns)
{
	uint64_t now;

	if (d->alarm == RS_TIMEOUT_NONE || lu_parked(d))
		return timeout_ns;
	now = now_ns();
	if (d->alarm <= now)
		return 0;
	return d->alarm - now < timeout_ns ? d->alarm - now : timeout_ns;
}

/*
 * Who waits to be replaced may lose its device at any moment, and touching it then is its end: what
 * comes meanwhile is kept, for the case that it goes on.
 */
static int irq_serve(struct rsdrv *d)
{
	uint64_t irqs = d->irqs;

	if (!irqs || lu_parked(d))
		return 0;
	d->irqs = 0;
	if (d->params.ops->irq)
		d->params.ops->irq(d, irqs);
	return 1;
}

int rsdrv_dispatch(struct rsdrv *d, uint64_t timeout_ns)
{
	const struct rsdrv_sef_ops *ops = d->params.ops;
	struct rs_enter e;
	int served = 0;
	unsigned int i;
	int r;

	if (d->stopped)
		return -ESHUTDOWN;
	r = channel_enter(d, 0, d->own, &d->spin, alarm_bound(d, timeout_ns), &e);
	if (r && r != -ETIME && r != -EINTR)
		return r;
	if (e.events & RS_EVENT_PING)
		served++;
	if (e.events & RS_EVENT_IRQ)
		d->irqs |= e.irqs;
	served += irq_serve(d);
	if (e.events & RS_EVENT_SIGNAL)
		served += sig_events(d, e.signals);
	served += msg_events(d, e.events);
	served += alarm_serve(d);
	for (i = 0; i < d->own; i++)
		served += queue_serve(d, i);
	/* It may have been told to go on. */
	served += irq_serve(d);
	/* Between two turns nothing is half done. */
	served += lu_turn(d);
	if (served && ops->flush && !lu_parked(d))
		ops->flush(d);
	if (e.events & RS_EVENT_STOP) {
		d->stopped = true;
		threads_join(d);
		if (ops->stop)
			ops->stop(d);
		rsdrv_flush(d);
		return -ESHUTDOWN;
	}
	return served;
}

int rsdrv_run(struct rsdrv *d)
{
	int r;

	do {
		r = rsdrv_dispatch(d, RS_TIMEOUT_NONE);
	} while (r >= 0);
	return r == -ESHUTDOWN ? 0 : r;
}
