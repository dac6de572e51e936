// SPDX-License-Identifier: GPL-2.0-only
/*
 * The instance's own side of a rig: does what it is told, and survives what it meets
 *
 * One thread serves the rings and takes orders.  A SIGBUS during an access that may
 * meet one ends that access, not the process.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "rig.h"
#include "rig_inst.h"
#include "card.h"

#define BARS	6

struct side {
	int fd;
	bool shy;
	volatile uint8_t *bar[BARS];
	uint64_t bar_size[BARS];
	uint8_t *pool;
	/* control queue */
	const struct rs_sq *sq;
	struct rs_cq *cq;
	uint32_t sq_head;
	uint32_t cq_tail;
	uint64_t init_id;
	bool init_came;
	uint64_t irqs;
	/* RIG_RUN */
	long long turns;
};

/* Volatile: the compiler does not see that an access may look at it. */
static __thread sigjmp_buf *volatile trap;

static void on_sigbus(int signo)
{
	if (trap)
		siglongjmp(*trap, signo);
	signal(signo, SIG_DFL);
}

/* One access; RIG_SIGBUS if it was refused. */
static long long access_bar(struct side *s, uint64_t where, bool write, uint32_t value)
{
	uint32_t bar = (uint32_t)(where >> 32), offset = (uint32_t)where;
	volatile uint32_t *reg;
	long long ret = 0;
	sigjmp_buf here;

	if (bar >= BARS || !s->bar[bar] || offset >= s->bar_size[bar])
		return -EINVAL;
	reg = (volatile uint32_t *)(s->bar[bar] + offset);
	if (sigsetjmp(here, 1)) {
		trap = NULL;
		return RIG_SIGBUS;
	}
	trap = &here;
	if (write)
		*reg = value;
	else
		ret = *reg;
	trap = NULL;
	return ret;
}

static void wr(struct side *s, uint32_t reg, uint32_t value)
{
	access_bar(s, reg, true, value);
}

static void answer(struct side *s)
{
	struct rs_cqe *cqe = (struct rs_cqe *)((char *)s->cq + RS_RING_ENTRIES);

	cqe[s->cq_tail & (s->cq->nr - 1)] = (struct rs_cqe) { .id = s->init_id };
	__atomic_store_n(&s->cq->tail, ++s->cq_tail, __ATOMIC_RELEASE);
}

/* One RS_IOC_ENTER, and what it brought. */
static int turn(struct side *s)
{
	const struct rs_sqe *sqe = (const struct rs_sqe *)((const char *)s->sq + RS_RING_ENTRIES);
	struct rs_enter e = {
		.flags = RS_ENTER_NOWAIT,
		.nr = 1,
		.queue[0] = { .credit = RS_CTRL_DEPTH, .sq_head = s->sq_head },
	};
	bool again = false;

	if (ioctl(s->fd, RS_IOC_ENTER, &e))
		return -errno;
	s->irqs |= e.irqs;
	while (s->sq_head != __atomic_load_n(&s->sq->tail, __ATOMIC_ACQUIRE)) {
		const struct rs_sqe *q = &sqe[s->sq_head++ & (s->sq->nr - 1)];

		if (q->op != RS_OP_INIT)
			continue;
		s->init_id = q->id;
		s->init_came = true;
		if (!s->shy) {
			answer(s);
			again = true;
		}
	}
	return again ? turn(s) : 0;
}

static int attach(struct side *s)
{
	struct rs_attach a = {
		.version = RS_ABI_VERSION,
		.class = RS_CLASS_NONE,
		.effects = RS_EFFECTS_DEVICE,
		.private_size = RIG_POOL_SIZE / 2,
	};
	struct rs_lease_info info;
	unsigned int i;

	if (ioctl(s->fd, RS_IOC_ATTACH, &a) || ioctl(s->fd, RS_IOC_LEASE_INFO, &info))
		return -errno;
	s->sq = mmap(NULL, 4096, PROT_READ, MAP_SHARED, s->fd,
		     (off_t)RS_MMAP_OFFSET(RS_MMAP_SQ, 0));
	s->cq = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd,
		     (off_t)RS_MMAP_OFFSET(RS_MMAP_CQ, 0));
	s->pool = mmap(NULL, RIG_POOL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd,
		       (off_t)RS_MMAP_OFFSET(RS_MMAP_POOL, 0));
	if (s->sq == MAP_FAILED || s->cq == MAP_FAILED || s->pool == MAP_FAILED)
		return -errno;
	for (i = 0; i < BARS; i++) {
		void *va;

		if (!(info.region[i].flags & RS_REGION_MMAP))
			continue;
		va = mmap(NULL, info.region[i].size, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd,
			  (off_t)info.region[i].mmap_offset);
		if (va == MAP_FAILED)
			return -errno;
		s->bar[i] = va;
		s->bar_size[i] = info.region[i].size;
	}
	return 0;
}

static long long config(struct side *s, const struct rig_order *o, bool write)
{
	struct rs_config c = {
		.offset = (uint32_t)o->a,
		.size = (uint32_t)o->b,
		.flags = write ? RS_CONFIG_WRITE : 0,
		.value = (uint32_t)o->c,
	};

	if (ioctl(s->fd, RS_IOC_CONFIG, &c))
		return -errno;
	return c.value;
}

static long long info(struct side *s)
{
	struct rs_lease_info i;

	return ioctl(s->fd, RS_IOC_LEASE_INFO, &i) ? -errno : (int)i.nr_irqs;
}

static long long put(struct side *s)
{
	uint64_t word = 42;
	struct rs_state st = { .addr = (uintptr_t)&word, .len = sizeof(word), .version = 1 };

	return ioctl(s->fd, RS_IOC_STATE_PUT, &st) ? -errno : 0;
}

static long long dying(struct side *s)
{
	struct rs_dying d = { .text = "told to" };

	return ioctl(s->fd, RS_IOC_DYING, &d) ? -errno : 0;
}

/* Both rings at @iova, all of their descriptors the device's. */
static long long nic(struct side *s, uint64_t iova)
{
	wr(s, IMC, INT_ALL);
	wr(s, RCTL, 0);
	wr(s, TCTL, 0);
	wr(s, CTRL, (uint32_t)access_bar(s, CTRL, false, 0) | CTRL_SLU);
	wr(s, RXDCTL, RXDCTL_WTHRESH_1);
	wr(s, RDBAL, (uint32_t)iova);
	wr(s, RDBAH, (uint32_t)(iova >> 32));
	wr(s, RDLEN, 0x1000);
	wr(s, RDH, 0);
	wr(s, RDT, 255);
	wr(s, TDBAL, (uint32_t)(iova + 0x1000));
	wr(s, TDBAH, (uint32_t)(iova >> 32));
	wr(s, TDLEN, 0x1000);
	wr(s, TDH, 0);
	wr(s, TDT, 0);
	wr(s, TCTL, TCTL_EN | TCTL_PSP | TCTL_CT_15 | TCTL_COLD_FD);
	wr(s, RCTL, RCTL_EN | RCTL_UPE | RCTL_MPE | RCTL_BAM | RCTL_SECRC);
	if (ioctl(s->fd, RS_IOC_DEVICE, RS_DEVICE_MASTER_ON))
		return -errno;
	return access_bar(s, STATUS, false, 0) & STATUS_LU ? 0 : -ENETDOWN;
}

/* What a driver would do that never stops. */
static void *run(void *arg)
{
	const struct timespec t = { .tv_nsec = 300000 };
	struct side *s = arg;
	long long head;
	uint32_t tdt = 0;

	for (;;) {
		head = access_bar(s, RDH, false, 0);
		if (head < 0 || access_bar(s, RDT, true, (uint32_t)(head + 255) & 255) < 0 ||
		    access_bar(s, TDT, true, ++tdt & 255) < 0)
			break;
		__atomic_fetch_add(&s->turns, 1, __ATOMIC_RELAXED);
		nanosleep(&t, NULL);
	}
	__atomic_fetch_add(&s->turns, RIG_ENDED, __ATOMIC_RELAXED);
	return NULL;
}

static long long start_thread(void *(*f)(void *), void *arg)
{
	pthread_t t;
	int r = pthread_create(&t, NULL, f, arg);

	return -r;
}

static long long sum(const struct side *s)
{
	uint64_t h = 14695981039346656037ULL;
	size_t i;

	for (i = 0; i < RIG_POOL_SIZE / 2; i++)
		h = (h ^ s->pool[i]) * 1099511628211ULL;
	return (long long)(h >> 8);
}

struct stall {
	int fd;
	enum rig_stall which;
	void *hole;
};

static void *stall(void *arg)
{
	static const unsigned long cmds[] = {
		[RIG_STALL_ENTER] = RS_IOC_ENTER,
		[RIG_STALL_INFO] = RS_IOC_LEASE_INFO,
		[RIG_STALL_CONFIG] = RS_IOC_CONFIG,
		[RIG_STALL_ANNOUNCE] = RS_IOC_ANNOUNCE,
		[RIG_STALL_PUT] = RS_IOC_STATE_PUT,
		[RIG_STALL_PUT_DATA] = RS_IOC_STATE_PUT,
		[RIG_STALL_GET] = RS_IOC_STATE_GET,
		[RIG_STALL_GET_DATA] = RS_IOC_STATE_GET,
		[RIG_STALL_DYING] = RS_IOC_DYING,
	};
	struct stall *st = arg;
	struct rs_state state = { .addr = (uintptr_t)st->hole, .len = 64, .version = 1 };
	bool data = st->which == RIG_STALL_PUT_DATA || st->which == RIG_STALL_GET_DATA;

	ioctl(st->fd, cmds[st->which], data ? &state : st->hole);
	return NULL;
}

/* Memory whose page faults nobody answers; succeeds once the call has met one. */
static long long start_stall(struct side *s, enum rig_stall which)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct stall *st = malloc(sizeof(*st));
	struct pollfd p = { .events = POLLIN };
	long long r;

	p.fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (p.fd < 0 || !st)
		return -errno;
	st->fd = s->fd;
	st->which = which;
	st->hole = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	reg.range.start = (uintptr_t)st->hole;
	reg.range.len = 4096;
	if (ioctl(p.fd, UFFDIO_API, &api) || ioctl(p.fd, UFFDIO_REGISTER, &reg))
		return -errno;
	r = start_thread(stall, st);
	if (r)
		return r;
	return poll(&p, 1, 10000) == 1 ? 0 : -ETIME;
}

static long long obey(struct side *s, const struct rig_order *o)
{
	long long r;

	switch ((enum rig_op)o->op) {
	case RIG_READ:
		return access_bar(s, o->a, false, 0);
	case RIG_WRITE:
		return access_bar(s, o->a, true, (uint32_t)o->b);
	case RIG_CONFIG:
		return config(s, o, false);
	case RIG_CONFIG_SET:
		r = config(s, o, true);
		return r < 0 ? r : 0;
	case RIG_DEVICE:
		return ioctl(s->fd, RS_IOC_DEVICE, o->a) ? -errno : 0;
	case RIG_INFO:
		return info(s);
	case RIG_PUT:
		return put(s);
	case RIG_DYING:
		return dying(s);
	case RIG_ANSWER:
		if (!s->init_came)
			return 0;
		s->init_came = false;
		answer(s);
		turn(s);
		return 1;
	case RIG_IRQS:
		turn(s);
		r = (long long)s->irqs;
		s->irqs = 0;
		return r;
	case RIG_NIC:
		return nic(s, o->a);
	case RIG_QUIET:
		wr(s, RCTL, 0);
		wr(s, TCTL, 0);
		return 0;
	case RIG_RUN:
		return start_thread(run, s);
	case RIG_RAN:
		return __atomic_load_n(&s->turns, __ATOMIC_RELAXED);
	case RIG_SUM:
		return sum(s);
	case RIG_STALL:
		return start_stall(s, (enum rig_stall)o->a);
	}
	return -ENOSYS;
}

void rig_instance(int fd, int sock, unsigned int flags)
{
	const struct sigaction bus = { .sa_handler = on_sigbus, .sa_flags = SA_NODEFER };
	struct side s = { .fd = fd, .shy = flags & RIG_SHY };
	struct pollfd p[] = {
		{ .fd = sock, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};
	struct rig_order o;
	long long res;
	char go;

	sigaction(SIGBUS, &bus, NULL);
	if (recv(sock, &go, 1, 0) != 1 || attach(&s))
		_exit(1);
	/* Say what the window is: without credit no INIT is published. */
	turn(&s);
	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			_exit(1);
		/* Dead, but still there: no more events, only orders. */
		if (p[1].revents && (turn(&s) == -EOWNERDEAD || p[1].revents & POLLHUP))
			p[1].fd = -1;
		if (!p[0].revents)
			continue;
		if (recv(sock, &o, sizeof(o), 0) != sizeof(o))
			_exit(0);
		res = obey(&s, &o);
		if (send(sock, &res, sizeof(res), MSG_NOSIGNAL) != sizeof(res))
			_exit(0);
	}
}
