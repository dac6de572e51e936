// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Several threads, each with queues of its own
 *
 * Queues are dealt out in runs: the caller of rsdrv_run_threads() has the control queue and
 * the first run, and with it everything that is not a request (INIT, events, interrupts,
 * the alarm); the others have nothing but requests.  A queue's rings, handles and completions
 * are touched by its own thread only, so there is no lock but one: INIT forgets the requests
 * of all queues, and must find the others between two batches.
 *
 * The message queue comes after the data queues, hence to the last thread, which refuses what
 * is in it: who serves messages is called by one thread only, and cannot have several.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include <rsdrv/channel.h>

#include "instance.h"

/**
 * struct thread - one of the others
 * @id: its thread
 * @d: the instance
 * @first: its first queue
 * @nr: how many
 * @spin: its own, as of d->spin
 */
struct thread {
	pthread_t id;
	struct rsdrv *d;
	unsigned int first;
	unsigned int nr;
	struct spin spin;
};

struct threads {
	pthread_rwlock_t between;
	unsigned int nr;
	struct thread thread[RS_QUEUES_MAX];
};

static void *thread_main(void *arg)
{
	struct thread *t = arg;
	struct rsdrv *d = t->d;
	struct rs_enter e;
	unsigned int i;
	int r;

	do {
		r = channel_enter(d, t->first, t->nr, &t->spin, RS_TIMEOUT_NONE, &e);
		if (r && r != -ETIME && r != -EINTR)
			break;
		pthread_rwlock_rdlock(&d->threads->between);
		for (i = t->first; i < t->first + t->nr; i++)
			queue_serve(d, i);
		pthread_rwlock_unlock(&d->threads->between);
	} while (!(e.events & RS_EVENT_STOP));
	/* What this turn completed. */
	channel_enter(d, t->first, t->nr, &t->spin, 0, &e);
	return NULL;
}

/* So many of @all queues belong to each of those before number @i of @nr. */
static unsigned int share(unsigned int all, unsigned int i, unsigned int nr)
{
	return all * i / nr;
}

static int threads_start(struct rsdrv *d, unsigned int nr)
{
	struct threads *threads = calloc(1, sizeof(*threads));
	unsigned int data = d->attach.nr_queues;
	unsigned int i;
	int r;

	if (!threads)
		return -ENOMEM;
	pthread_rwlock_init(&threads->between, NULL);
	d->threads = threads;
	d->own = 1 + share(data, 1, nr);
	for (i = 1; i < nr; i++) {
		struct thread *t = &threads->thread[threads->nr];

		t->d = d;
		t->first = 1 + share(data, i, nr);
		t->nr = i + 1 < nr ? share(data, i + 1, nr) - share(data, i, nr) : d->nr - t->first;
		t->spin = d->spin;
		r = pthread_create(&t->id, NULL, thread_main, t);
		if (r)
			return -r;
		threads->nr++;
	}
	return 0;
}

void threads_join(struct rsdrv *d)
{
	struct threads *threads = d->threads;
	unsigned int i;

	if (!threads)
		return;
	for (i = 0; i < threads->nr; i++)
		pthread_join(threads->thread[i].id, NULL);
	d->threads = NULL;
	d->own = d->nr;
	pthread_rwlock_destroy(&threads->between);
	free(threads);
}

void threads_hold(struct rsdrv *d)
{
	if (d->threads)
		pthread_rwlock_wrlock(&d->threads->between);
}

void threads_go(struct rsdrv *d)
{
	if (d->threads)
		pthread_rwlock_unlock(&d->threads->between);
}

int rsdrv_run_threads(struct rsdrv *d, unsigned int nr)
{
	int r;

	if (d->threads)
		return -EALREADY;
	if (d->msg)
		return -EOPNOTSUPP;
	if (!nr || nr > d->attach.nr_queues)
		nr = d->attach.nr_queues;
	/* If not all can be had the process ends, and the others with it. */
	if (nr > 1) {
		r = threads_start(d, nr);
		if (r)
			return r;
	}
	r = rsdrv_run(d);
	/* They were told the same. */
	if (!r || r == -EOWNERDEAD)
		threads_join(d);
	return r;
}
