// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pattern driver: its bytes tell when a request was lost or served twice
 *
 * See pattern.h for what it reads and accepts.  A read or write gets its number in the
 * saved state together with the request's own number (rs_sqe.seq), before it is
 * answered.  If the instance dies in between, the request comes again with the same
 * rs_sqe.seq, is found in the state, and gets the same number again: exactly once.
 * One number suffices because the driver's credit is 1.
 *
 *	--big MIB	touch so much memory first, so that a core dump is as large
 *	--slow US	work so long, busy, on each read and write
 *	--later US	answer each read and write so much later, from the alarm
 *	--init MS	sleep so long in init
 *	--minors N	announce so many minors
 *	--threads N	so many threads that do nothing but run
 */
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <rsdrv.h>

#include "pattern.h"

#define PATTERN_STATE	1

/* struct state - what outlives an instance */
struct state {
	uint64_t reads;
	uint64_t writes;
	uint64_t opens;
	/* The last request that changed one of these, and the number that it got. */
	uint64_t last_seq;
	uint64_t last_number;
	struct pattern_crash crash;
	struct pattern_poison poison;
};

struct pattern {
	struct rsdrv *d;
	struct state state;
	struct rsdrv_init_info init;
	uint64_t reopens;
	uint64_t replayed;
	uint64_t known;
	/* Answered by the alarm (--later). */
	struct rsdrv_req *late;
	int late_res;
	bool crash_after;
	/* options */
	unsigned long big_mib;
	unsigned long slow_us;
	unsigned long later_us;
	unsigned long init_ms;
	unsigned long minors;
	unsigned long threads;
};

static struct pattern *to_pattern(struct rsdrv *d)
{
	return rsdrv_priv(d);
}

static int save(struct pattern *p)
{
	return rsdrv_state_put(p->d, &p->state, sizeof(p->state), PATTERN_STATE);
}

static void end(struct pattern *p, uint32_t how)
{
	int zero = 0;

	/* So that the compiler does not see it coming. */
	__asm__("" : "+r"(zero));
	switch (how) {
	case PATTERN_SEGV:
		__atomic_store_n((int *)0x5eed0, 1, __ATOMIC_RELAXED);
		break;
	case PATTERN_ABORT:
		abort();
	case PATTERN_EXIT:
		_exit(3);
	case PATTERN_SPIN:
		for (;;)
			__asm__ volatile("");
	case PATTERN_STOP:
		kill(getpid(), SIGSTOP);
		break;
	case PATTERN_KILL:
		kill(getpid(), SIGKILL);
		break;
	case PATTERN_PANIC:
		rsdrv_panic(p->d, "pattern: told to panic");
	case PATTERN_FPE:
		_exit(1 / zero);
	case PATTERN_CLOSE:
		close(rsdrv_fd(p->d));
		for (;;)
			pause();
	}
}

/* End here, if that is what was asked for; one instance less is to follow. */
static void end_when(struct pattern *p, uint32_t when)
{
	struct pattern_crash *c = &p->state.crash;

	if (c->when != when || !c->count)
		return;
	c->count--;
	save(p);
	end(p, c->how);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/*
 * The number of @req, a new one from *@counter or the one that it had; saved.
 * Negative: errno.
 */
static int number(struct pattern *p, struct rsdrv_req *req, uint64_t *counter, uint64_t *ret)
{
	struct state *s = &p->state;
	int r;

	if (req->sqe.flags & RS_SQE_REPLAYED)
		p->replayed++;
	if (req->sqe.seq == s->last_seq) {
		p->known++;
		*ret = s->last_number;
		return 0;
	}
	s->last_number = (*counter)++;
	s->last_seq = req->sqe.seq;
	r = save(p);
	*ret = s->last_number;
	return r;
}

/* The common frame of read and write around their work. */
static void begin(struct pattern *p, struct rsdrv_req *req)
{
	const struct pattern_poison *poison = &p->state.poison;

	if (poison->position >= req->sqe.offset &&
	    poison->position - req->sqe.offset < req->sqe.len)
		end(p, poison->how);
	end_when(p, PATTERN_BEFORE);
}

static int finish(struct pattern *p, struct rsdrv_req *req, int res)
{
	end_when(p, PATTERN_NUMBERED);
	if (p->slow_us) {
		uint64_t until = now_ns() + p->slow_us * 1000;

		while (now_ns() < until)
			;
	}
	if (p->state.crash.when == PATTERN_ANSWERED && p->state.crash.count) {
		p->crash_after = true;
		return res;
	}
	if (!p->later_us)
		return res;
	p->late = req;
	p->late_res = res;
	rsdrv_set_alarm(p->d, p->later_us * 1000);
	return RSDRV_LATER;
}

static void pattern_alarm(struct rsdrv *d)
{
	struct pattern *p = to_pattern(d);
	struct rsdrv_req *req = p->late;

	p->late = NULL;
	if (req)
		rsdrv_complete(req, p->late_res);
}

static void pattern_flush(struct rsdrv *d)
{
	struct pattern *p = to_pattern(d);

	if (!p->crash_after)
		return;
	p->crash_after = false;
	/* The answer leaves, and then ... */
	rsdrv_flush(d);
	end_when(p, PATTERN_ANSWERED);
}

static int pattern_open(struct rsdrv_req *req)
{
	struct pattern *p = to_pattern(req->d);
	uint64_t unused;

	if (req->sqe.flags & RS_SQE_REOPEN) {
		p->reopens++;
		return 0;
	}
	return number(p, req, &p->state.opens, &unused);
}

static int pattern_read(struct rsdrv_req *req)
{
	struct pattern *p = to_pattern(req->d);
	uint64_t n;
	int r;

	begin(p, req);
	r = number(p, req, &p->state.reads, &n);
	if (r)
		return r;
	pattern_fill(req->buf, req->sqe.offset, req->sqe.len, n);
	return finish(p, req, (int)req->sqe.len);
}

static int pattern_write(struct rsdrv_req *req)
{
	struct pattern *p = to_pattern(req->d);
	uint64_t expected = p->state.writes;
	uint64_t n;
	int r;

	begin(p, req);
	if (req->sqe.seq == p->state.last_seq)
		expected = p->state.last_number;
	if (pattern_check(req->buf, req->sqe.offset, req->sqe.len, PATTERN_WRITE + expected) !=
	    req->sqe.len)
		return -EILSEQ;
	r = number(p, req, &p->state.writes, &n);
	if (r)
		return r;
	return finish(p, req, (int)req->sqe.len);
}

static int ioctl_info(struct pattern *p, void *buf)
{
	const struct pattern_info info = {
		.pid = getpid(),
		.instance = rsdrv_instance(p->d),
		.endpoint = rsdrv_endpoint(p->d),
		.init = p->init.type,
		.reads = p->state.reads,
		.writes = p->state.writes,
		.opens = p->state.opens,
		.reopens = p->reopens,
		.replayed = p->replayed,
		.known = p->known,
		.restarts = p->init.restarts,
	};

	memcpy(buf, &info, sizeof(info));
	return 0;
}

static int ioctl_crash(struct pattern *p, const void *buf)
{
	struct pattern_crash c;
	int r;

	memcpy(&c, buf, sizeof(c));
	if (c.how >= PATTERN_HOW_LAST || c.when >= PATTERN_WHEN_LAST || c.reserved)
		return -EINVAL;
	p->state.crash = c;
	r = save(p);
	if (!r)
		end_when(p, PATTERN_NOW);
	return r;
}

static int ioctl_poison(struct pattern *p, const void *buf)
{
	struct pattern_poison poison;

	memcpy(&poison, buf, sizeof(poison));
	if (poison.how >= PATTERN_HOW_LAST || poison.reserved)
		return -EINVAL;
	p->state.poison = poison;
	return save(p);
}

static int pattern_ioctl(struct rsdrv_req *req)
{
	struct pattern *p = to_pattern(req->d);

	switch (req->sqe.arg) {
	case PATTERN_IOC_INFO:
		return ioctl_info(p, req->buf);
	case PATTERN_IOC_CRASH:
		return ioctl_crash(p, req->buf);
	case PATTERN_IOC_POISON:
		return ioctl_poison(p, req->buf);
	case PATTERN_IOC_WORD:
		return (int)req->sqe.data + 1;
	}
	return -ENOTTY;
}

static const struct rsdrv_chr_ops chr_ops = {
	.open = pattern_open,
	.read = pattern_read,
	.write = pattern_write,
	.ioctl = pattern_ioctl,
};

/* All kinds of init: the state is there or it is not. */
static int pattern_init(struct rsdrv *d, const struct rsdrv_init_info *info)
{
	struct pattern *p = to_pattern(d);
	const struct rs_announce_chr chr = {
		.nr_minors = (uint32_t)p->minors,
		.flags = RS_CHR_SEEKABLE,
		.replay_read = RS_REPLAY_AGAIN,
		.replay_write = RS_REPLAY_AGAIN,
	};
	uint32_t version;
	long len;

	p->d = d;
	p->init = *info;
	p->late = NULL;
	p->reopens = 0;
	p->replayed = 0;
	p->known = 0;
	p->state = (struct state) {
		.last_seq = UINT64_MAX,
		.poison = { .position = UINT64_MAX },
	};
	if (info->type != RS_INIT_FRESH) {
		len = rsdrv_state_get(d, &p->state, sizeof(p->state), &version);
		if (len < 0)
			return (int)len;
		if (len && (len != sizeof(p->state) || version != PATTERN_STATE))
			return -EPROTO;
	}
	end_when(p, PATTERN_IN_INIT);
	if (p->init_ms) {
		const struct timespec t = {
			.tv_sec = (time_t)p->init_ms / 1000,
			.tv_nsec = (long)p->init_ms % 1000 * 1000000,
		};

		nanosleep(&t, NULL);
	}
	return rsdrv_announce_chr(d, &chr);
}

static const struct rsdrv_lu_ops lu_ops = {
	.isvalid = rsdrv_lu_isvalid_standard,
	.prepare = rsdrv_lu_always_ready,
};

static const struct rsdrv_sef_ops sef_ops = {
	.init_fresh = pattern_init,
	.init_restart = pattern_init,
	.init_lu = pattern_init,
	.lu = &lu_ops,
	.alarm = pattern_alarm,
	.flush = pattern_flush,
};

static int parse(struct pattern *p, int argc, char **argv)
{
	const struct option options[] = {
		{ "big", required_argument, NULL, 'b' },
		{ "slow", required_argument, NULL, 's' },
		{ "later", required_argument, NULL, 'l' },
		{ "init", required_argument, NULL, 'i' },
		{ "minors", required_argument, NULL, 'm' },
		{ "threads", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	p->minors = 1;
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		unsigned long v = optarg ? strtoul(optarg, NULL, 0) : 0;

		switch (opt) {
		case 'b':
			p->big_mib = v;
			break;
		case 's':
			p->slow_us = v;
			break;
		case 'l':
			p->later_us = v;
			break;
		case 'i':
			p->init_ms = v;
			break;
		case 'm':
			p->minors = v;
			break;
		case 't':
			p->threads = v;
			break;
		default:
			return -EINVAL;
		}
	}
	return optind == argc ? 0 : -EINVAL;
}

static void *run_on(void *arg)
{
	for (;;)
		__atomic_fetch_add((unsigned long *)arg, 1, __ATOMIC_RELAXED);
	return NULL;
}

/* Memory that is dumped: touched, and not all zero. */
static int grow(unsigned long mib)
{
	size_t bytes = mib << 20;
	size_t i;
	char *m;

	if (!mib)
		return 0;
	m = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m == MAP_FAILED)
		return -errno;
	for (i = 0; i < bytes; i += 512)
		m[i] = (char)(i >> 9 | 1);
	return 0;
}

int main(int argc, char **argv)
{
	static unsigned long turns;
	struct pattern p = { .d = NULL };
	const struct rsdrv_params params = {
		.class = RS_CLASS_CHR,
		.effects = RS_EFFECTS_SLOT,
		.ops = &sef_ops,
		.priv = &p,
	};
	unsigned long i;
	int r;

	r = parse(&p, argc, argv);
	if (!r)
		r = grow(p.big_mib);
	if (!r)
		r = rsdrv_start(&params, &p.d);
	if (r) {
		fprintf(stderr, "pattern: cannot start: %s\n", strerror(-r));
		return 1;
	}
	for (i = 0; i < p.threads; i++) {
		pthread_t t;

		if (pthread_create(&t, NULL, run_on, &turns))
			return 1;
	}
	r = rsdrv_chr_register(p.d, &chr_ops);
	if (!r)
		r = rsdrv_run(p.d);
	rsdrv_end(p.d);
	return r ? 1 : 0;
}
