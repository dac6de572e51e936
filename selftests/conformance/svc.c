// SPDX-License-Identifier: GPL-2.0-only
/*
 * Services that send each other messages, and the test that is their rsd; see svc.h
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <rsdrv.h>

#include "rsnl.h"
#include "svc.h"

#define EVENTS		32
#define SERVICES	8
#define KEPT		8

/* An instance's own side */

static struct body {
	int version;
	enum svc_fault fault;
	int sock;
	uint32_t init;
	uint64_t count;
	uint32_t notes;
	uint32_t alarms;
	uint32_t signals;
	struct rsdrv_req *kept[KEPT];
	unsigned int nr_kept;
} me;

struct order {
	int32_t to;
	uint32_t type;
	uint64_t data;
	uint32_t flags;
};

static int init(struct rsdrv *d, const struct rsdrv_init_info *info)
{
	me.init = info->type;
	me.nr_kept = 0;
	if (info->state_len)
		rsdrv_state_get(d, &me.count, sizeof(me.count), NULL);
	if (info->type == RS_INIT_RESTART && me.fault == SVC_CLEARS)
		return rsdrv_clear_refs(d);
	return 0;
}

static int init_lu(struct rsdrv *d, const struct rsdrv_init_info *info)
{
	switch (me.fault) {
	case SVC_INIT_FAIL:
		return rsdrv_init_fail(d, info);
	case SVC_INIT_CRASH:
		return rsdrv_init_crash(d, info);
	case SVC_INIT_HANG:
		return rsdrv_init_timeout(d, info);
	default:
		return init(d, info);
	}
}

static void on_signal(struct rsdrv *d, int signo)
{
	me.signals |= 1U << signo;
}

static bool lu_isvalid(struct rsdrv *d, uint32_t state)
{
	return rsdrv_lu_isvalid_standard(d, state);
}

static int lu_prepare(struct rsdrv *d, uint32_t state)
{
	if (me.fault == SVC_NEVER_READY)
		return rsdrv_lu_never_ready(d, state);
	return me.nr_kept ? -EAGAIN : 0;
}

static int lu_save(struct rsdrv *d, uint32_t state)
{
	if (me.fault == SVC_SAVE_FAIL)
		return -ENOSPC;
	return rsdrv_state_put(d, &me.count, sizeof(me.count), 1);
}

static int lu_value(struct rsdrv *d, const char *name, int64_t *ret)
{
	if (strcmp(name, "kept"))
		return -ENOENT;
	*ret = me.nr_kept;
	return 0;
}

static const struct rsdrv_lu_ops lu_ops = {
	.isvalid = lu_isvalid,
	.prepare = lu_prepare,
	.save = lu_save,
	.value = lu_value,
};

static const struct rsdrv_lu_ops lu_mute = {
	.prepare = lu_prepare,
};

static int turn_over(struct rsdrv_req *req)
{
	size_t len = rsdrv_msg_bulk(req), i;
	uint8_t *bytes = malloc(len);
	int r;

	if (!bytes)
		return -ENOMEM;
	r = rsdrv_msg_read(req, 0, bytes, len);
	for (i = 0; i < len; i++)
		bytes[i] = ~bytes[i];
	if (!r)
		r = rsdrv_msg_write(req, 0, bytes, len);
	if (!r && !rsdrv_msg_read(req, len, bytes, 1))
		r = -EIO;
	free(bytes);
	return r;
}

static int message(struct rsdrv_req *req)
{
	struct rsdrv *d = req->d;
	uint64_t data = 0;
	int r = 0;

	switch (req->sqe.arg) {
	case SVC_COUNT:
		data = ++me.count;
		r = rsdrv_state_put(d, &me.count, sizeof(me.count), 1);
		break;
	case SVC_WHO:
		data = (uint64_t)me.version << 32 | me.init;
		break;
	case SVC_KEEP:
		if (me.nr_kept == KEPT)
			return -ENOSPC;
		me.kept[me.nr_kept++] = req;
		return RSDRV_LATER;
	case SVC_FREE:
		data = me.nr_kept;
		while (me.nr_kept)
			rsdrv_reply(me.kept[--me.nr_kept], 0, (uint64_t)me.version);
		break;
	case SVC_NOTES:
		data = (uint64_t)me.notes << 32 | me.alarms << 16 | (me.signals & 0xffff);
		break;
	case SVC_ALARM:
		r = rsdrv_service_alarm(d, req->sqe.data * 1000000);
		break;
	case SVC_BULK:
		r = turn_over(req);
		break;
	case SVC_CRASH:
		abort();
	default:
		return -EOPNOTSUPP;
	}
	rsdrv_reply(req, r, data);
	return RSDRV_LATER;
}

static void on_notify(struct rsdrv *d, int32_t source)
{
	me.notes++;
}

static void on_alarm(struct rsdrv *d)
{
	me.alarms++;
}

static const struct rsdrv_msg_ops msg_ops = {
	.message = message,
	.notify = on_notify,
	.alarm = on_alarm,
};

/* A bulk buffer that is turned over by the other must come back so, and whole. */
static int order_bulk(struct rsdrv *d, const struct order *o, struct rs_msg *m)
{
	uint8_t *bytes = malloc(o->data);
	size_t i;
	int r;

	if (!bytes)
		return -ENOMEM;
	for (i = 0; i < o->data; i++)
		bytes[i] = (uint8_t)(i * 7 + (i >> 8));
	m->type = SVC_BULK;
	m->flags = RS_MSG_BULK_READ | RS_MSG_BULK_WRITE;
	m->bulk = (uintptr_t)bytes;
	m->bulk_len = (uint32_t)o->data;
	r = rsdrv_sendrec(d, m);
	for (i = 0; !r && i < o->data; i++)
		if (bytes[i] != (uint8_t)~(i * 7 + (i >> 8)))
			r = -EILSEQ;
	free(bytes);
	return r;
}

static void obey(struct rsdrv *d)
{
	struct svc_result res = { .res = RS_MSG_UNANSWERED };
	struct rs_msg m = { .timeout_ns = RS_TIMEOUT_NONE };
	struct order o;

	if (recv(me.sock, &o, sizeof(o), 0) != sizeof(o))
		_exit(0);
	m.endpoint = o.to;
	m.type = o.type;
	m.data = o.data;
	if (o.flags & SVC_ORDER_NOTIFY) {
		res.err = rsdrv_notify(d, o.to);
	} else if (o.flags & SVC_ORDER_CLEAR) {
		res.err = rsdrv_clear_refs(d);
	} else if (o.flags & SVC_ORDER_BULK) {
		res.err = order_bulk(d, &o, &m);
	} else if (o.flags & RS_MSG_NOREPLY) {
		res.err = rsdrv_send(d, o.to, o.type, o.data, NULL, 0);
	} else {
		res.err = rsdrv_sendrec(d, &m);
		res.res = m.res;
		res.data = m.data;
	}
	send(me.sock, &res, sizeof(res), 0);
}

static void serve(int fd)
{
	static struct rsdrv_sef_ops ops = {
		.init_fresh = init,
		.init_restart = init,
		.init_lu = init_lu,
		.signal = on_signal,
		.lu = &lu_ops,
	};
	const struct rsdrv_params params = { .class = RS_CLASS_NONE, .ops = &ops };
	struct pollfd p[2];
	char number[16], go;
	struct rsdrv *d;
	int r;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (me.fault == SVC_NO_VALIDATOR)
		ops.lu = &lu_mute;
	snprintf(number, sizeof(number), "%d", fd);
	setenv("RSDRV_FD", number, 1);
	if (read(me.sock, &go, 1) != 1 || rsdrv_start(&params, &d))
		_exit(1);
	rsdrv_msg_register(d, &msg_ops, 0);
	rsdrv_signal_watch(d, SIGTERM);
	rsdrv_signal_watch(d, SIGUSR1);
	if (write(me.sock, "", 1) != 1)
		_exit(1);
	p[0] = (struct pollfd) { .fd = rsdrv_fd(d), .events = POLLIN };
	p[1] = (struct pollfd) { .fd = me.sock, .events = POLLIN };
	for (;;) {
		/* All that is there, and the answers to it. */
		while ((r = rsdrv_dispatch(d, 0)) > 0)
			;
		if (r < 0)
			_exit(r == -ESHUTDOWN ? 0 : 1);
		/* Asleep in the module, where it is updatable, unless there are orders. */
		if (poll(&p[1], 1, 0) == 1)
			obey(d);
		else if (rsdrv_dispatch(d, 20000000) < 0)
			_exit(0);
	}
}

/* The test's side */

static struct rsnl *nl;

/* What was seen of a service. */
static struct seen {
	int32_t endpoint;
	unsigned int nr[EVENTS];
	uint32_t instance;
	int result;
} seen[SERVICES];

static unsigned int cases, failed;

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

bool svc_open(void)
{
	int fd = open("/dev/rsmod", O_RDWR | O_CLOEXEC);

	setlinebuf(stdout);
	signal(SIGPIPE, SIG_IGN);
	if (fd < 0)
		return false;
	close(fd);
	return !rsnl_open(&nl);
}

static struct seen *seen_of(const struct svc *s)
{
	unsigned int i;

	for (i = 0; seen[i].endpoint != s->endpoint; i++)
		;
	return &seen[i];
}

static void on_event(const struct rsnl_event *e, void *data)
{
	struct seen *is = data;
	unsigned int i;

	for (i = 0; i < SERVICES && is->endpoint != e->endpoint; i++)
		is++;
	if (i == SERVICES)
		return;
	if (e->type < EVENTS)
		is->nr[e->type]++;
	if (e->type == RSMOD_EVENT_TYPE_ATTACHED)
		is->instance = e->instance;
	if (e->type == RSMOD_EVENT_TYPE_PREPARED)
		is->result = e->result;
}

static void look(int ms)
{
	struct pollfd p = { .fd = rsnl_event_fd(nl), .events = POLLIN };

	/* One call gives one datagram; all that are there count. */
	for (; poll(&p, 1, ms) == 1; ms = 0)
		rsnl_events(nl, 0, NULL, on_event, seen);
}

void svc_make(struct svc *s, const char *label)
{
	struct rsnl_slot slot = {
		.label = label, .class = RS_CLASS_NONE, .effects = RSNL_UNSET,
		.depth = RSNL_UNSET, .deadline_ms = 0, .gate_timeout_ms = 0,
		.init_timeout_ms = 3000, .poison_limit = RSNL_UNSET, .violation_limit = 0,
		.budget = 0, .budget_window_ms = RSNL_UNSET,
	};
	unsigned int i;

	snprintf(s->label, sizeof(s->label), "%s", label);
	errno = -rsnl_slot_new(nl, &slot, &s->endpoint);
	if (errno)
		die(label);
	for (i = 0; seen[i].endpoint; i++)
		;
	memset(&seen[i], 0, sizeof(seen[i]));
	seen[i].endpoint = s->endpoint;
}

void svc_del(struct svc *s)
{
	struct seen *is = seen_of(s);

	rsnl_slot_del(nl, s->endpoint);
	memset(is, 0, sizeof(*is));
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

void svc_talk(const struct svc *s, const char *allow, uint32_t policy)
{
	errno = -rsnl_slot_talk(nl, s->endpoint, allow, policy);
	if (errno)
		die("talk");
}

struct svc_inst svc_start(const struct svc *s, int version, enum svc_fault fault,
			  unsigned int flags)
{
	struct rs_arm arm = {
		.endpoint = s->endpoint,
		.flags = flags & SVC_HELD ? RS_ARM_HOLD : 0,
		.pool_iova = RS_IOVA_NONE,
	};
	unsigned int ready = svc_seen(s, RSMOD_EVENT_TYPE_ATTACHED);
	int fd = open("/dev/rsmod", O_RDWR | O_CLOEXEC), sock[2];
	struct svc_inst inst;
	char go;

	if (fd < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock))
		die("start");
	fflush(stdout);
	arm.pid = fork();
	if (!arm.pid) {
		close(sock[0]);
		me = (struct body) { .version = version, .fault = fault, .sock = sock[1] };
		serve(fd);
	}
	if (arm.pid < 0 || ioctl(fd, RS_IOC_ARM, &arm))
		die("arm");
	close(fd);
	close(sock[1]);
	inst = (struct svc_inst) { .pid = arm.pid, .sock = sock[0], .number = arm.instance };
	if (write(sock[0], "", 1) != 1 || read(sock[0], &go, 1) != 1 ||
	    !svc_wait(s, RSMOD_EVENT_TYPE_ATTACHED, ready + 1))
		die("attach");
	return inst;
}

void svc_kill(struct svc_inst *inst, int signo)
{
	if (inst->pid <= 0)
		return;
	kill(inst->pid, signo);
	waitpid(inst->pid, NULL, 0);
	close(inst->sock);
	inst->pid = 0;
}

void svc_order(const struct svc_inst *inst, int32_t to, uint32_t type, uint64_t data, uint32_t flags)
{
	struct order o = { .to = to, .type = type, .data = data, .flags = flags };

	if (send(inst->sock, &o, sizeof(o), 0) != sizeof(o))
		die("order");
}

bool svc_answered(const struct svc_inst *inst, int ms)
{
	struct pollfd p = { .fd = inst->sock, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

struct svc_result svc_answer(const struct svc_inst *inst)
{
	struct svc_result r;

	if (!svc_answered(inst, 60000) || recv(inst->sock, &r, sizeof(r), 0) != sizeof(r))
		r = (struct svc_result) { .err = -EPIPE };
	return r;
}

struct svc_result svc_send(const struct svc_inst *inst, int32_t to, uint32_t type, uint64_t data)
{
	svc_order(inst, to, type, data, 0);
	return svc_answer(inst);
}

int svc_prepare(const struct svc *s, uint32_t state, const char *expr, uint32_t timeout_ms)
{
	return rsnl_prepare(nl, s->endpoint, state, expr, timeout_ms);
}

int svc_swap(const struct svc *s, const struct svc_inst *inst, uint32_t commit)
{
	time_t end = time(NULL) + 60;
	int r;

	do {
		r = rsnl_update(nl, s->endpoint, inst->number, commit, 60000);
		if (r == -EBUSY)
			look(5);
	} while (r == -EBUSY && time(NULL) < end);
	return r;
}

int svc_commit(const struct svc *s)
{
	return rsnl_commit(nl, s->endpoint);
}

int svc_rollback(const struct svc *s)
{
	return rsnl_rollback(nl, s->endpoint);
}

int svc_signal(const struct svc *s, const struct svc_inst *inst, uint32_t signo)
{
	return rsnl_inst_signal(nl, s->endpoint, inst->number, signo);
}

unsigned int svc_seen(const struct svc *s, uint32_t type)
{
	look(0);
	return seen_of(s)->nr[type];
}

bool svc_wait(const struct svc *s, uint32_t type, unsigned int nr)
{
	time_t end = time(NULL) + 60;

	while (svc_seen(s, type) < nr && time(NULL) < end)
		look(1000);
	return svc_seen(s, type) >= nr;
}

int svc_result_of(const struct svc *s)
{
	return seen_of(s)->result;
}

long svc_value(const struct svc *s, const char *name)
{
	char *text = NULL, key[32], *p;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	long value = -1;

	if (!f)
		return -1;
	rsnl_slot_get(nl, s->endpoint, f);
	fclose(f);
	snprintf(key, sizeof(key), " %s=", name);
	p = strstr(text, key);
	if (p)
		value = strtol(p + strlen(key), NULL, 10);
	free(text);
	return value;
}

void svc_case(bool ok, const char *name)
{
	printf("%sok %u - %s\n", ok ? "" : "not ", ++cases, name);
	failed += !ok;
}

int svc_done(void)
{
	printf("1..%u\n", cases);
	return failed > 0;
}
