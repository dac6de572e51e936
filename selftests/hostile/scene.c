// SPDX-License-Identifier: GPL-2.0-only
/*
 * A slot for instances that misbehave; see scene.h
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "scene.h"

#define READ_LEN	64

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* Between two looks at something that has no other way to tell. */
static void pause_a_little(void)
{
	const struct timespec t = { .tv_nsec = 2000000 };

	nanosleep(&t, NULL);
}

/* The line of a dump that contains @key, then the number after @name. */
static long long number_in(char *text, const char *key, const char *key2, const char *name)
{
	char want[64], *line, *save = NULL, *p;

	snprintf(want, sizeof(want), " %s=", name);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		p = strstr(line, want);
		if (strstr(line, key) && (!key2 || strstr(line, key2)) && p)
			return strtoll(p + strlen(want), NULL, 10);
	}
	return -1;
}

static char *dump(struct scene *s, int (*fill)(struct rsnl *nl, FILE *to))
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fill(s->nl, f);
	fclose(f);
	return text;
}

static long long slot_number(struct scene *s, const char *label, const char *name)
{
	char *text = dump(s, rsnl_slot_dump), key[32];
	long long n;

	snprintf(key, sizeof(key), " label=%s ", label);
	n = text ? number_in(text, key, NULL, name) : -1;
	free(text);
	return n;
}

long long scene_slot(struct scene *s, const char *name)
{
	return slot_number(s, s->label, name);
}

long long scene_inst(struct scene *s, uint32_t number, const char *name)
{
	char *text = dump(s, rsnl_inst_dump), key[32], key2[32];
	long long n;

	snprintf(key, sizeof(key), " endpoint=%d ", s->endpoint);
	snprintf(key2, sizeof(key2), " instance=%u ", number);
	n = text ? number_in(text, key, key2, name) : -1;
	free(text);
	return n;
}

int scene_bound(struct scene *s)
{
	char *text = dump(s, rsnl_inst_dump), key[32], *line, *save = NULL;
	int n = 0;

	snprintf(key, sizeof(key), " endpoint=%d ", s->endpoint);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		n += strstr(line, key) && strstr(line, " state=bound");
	free(text);
	return n;
}

bool scene_wait_slot(struct scene *s, const char *name, long long value)
{
	long long end = now_ms() + SCENE_MS;

	while (scene_slot(s, name) < value) {
		if (now_ms() > end)
			return false;
		pause_a_little();
	}
	return true;
}

bool scene_wait_idle(struct scene *s)
{
	return scene_wait_slot(s, "completed", scene_slot(s, "requests"));
}

/* --- beside ----------------------------------------------------------------------------- */

static void beside_start(struct scene *s)
{
	const char *rsrun = access("../rsrun", X_OK) ? "../drivers/rsrun" : "../rsrun";

	snprintf(s->beside_label, sizeof(s->beside_label), "beside%d", getpid() % 10000);
	s->beside_log = memfd_create("beside", MFD_CLOEXEC);
	s->beside = fork();
	if (s->beside)
		return;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	dup2(s->beside_log, STDOUT_FILENO);
	dup2(s->beside_log, STDERR_FILENO);
	execl(rsrun, "rsrun", "--quiet", "--label", s->beside_label, "--run",
	      "exec ../drivers/patclient --count 0 --pace 2000 /dev/rs/$RS_LABEL >&2",
	      "../drivers/pattern", (char *)NULL);
	_exit(127);
}

/* What it said, where the test says its things. */
static void beside_tell(struct scene *s)
{
	char text[1024];
	ssize_t n = pread(s->beside_log, text, sizeof(text) - 1, 0);

	if (n > 0)
		fprintf(stderr, "# beside: %.*s\n", (int)n, text);
}

/* The stand-in ends with the client, and the client at the first thing that is wrong. */
bool scene_beside_ok(struct scene *s)
{
	long long end = now_ms() + SCENE_MS, done;

	for (;;) {
		if (waitpid(s->beside, NULL, WNOHANG)) {
			s->beside = 0;
			beside_tell(s);
			return false;
		}
		done = slot_number(s, s->beside_label, "completed");
		if (done > s->beside_done + 3)
			break;
		if (now_ms() > end)
			return false;
		pause_a_little();
	}
	s->beside_done = done;
	return !slot_number(s, s->beside_label, "deaths") &&
	       !slot_number(s, s->beside_label, "violations") &&
	       !slot_number(s, s->beside_label, "dropped");
}

/* --- the slot --------------------------------------------------------------------------- */

void scene_init(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	s->slot = (struct rsnl_slot) {
		.label = s->label,
		.class = RS_CLASS_CHR,
		.effects = RS_EFFECTS_SLOT,
		.depth = 16,
		.deadline_ms = 0,
		.gate_timeout_ms = 0,
		.init_timeout_ms = 60000,
		.poison_limit = 3,
		.violation_limit = 0,
		.budget = 0,
		.budget_window_ms = RSNL_UNSET,
	};
	/* What a test that failed left behind shall not fail the next one. */
	snprintf(s->label, sizeof(s->label), "scene%d", getpid() % 10000);
	snprintf(s->path, sizeof(s->path), "/dev/rs/%s", s->label);
}

int scene_open(struct scene *s)
{
	int r;

	snprintf(s->why, sizeof(s->why), "rsmod is not installed");
	if (geteuid() || !rsnl_module("rsmod"))
		return 1;
	*s->why = 0;
	r = rsnl_open(&s->nl);
	if (r)
		return r;
	r = rsnl_slot_new(s->nl, &s->slot, &s->endpoint);
	if (r)
		return r;
	beside_start(s);
	return scene_beside_ok(s) ? 0 : -ENOEXEC;
}

void scene_close(struct scene *s)
{
	if (s->endpoint)
		rsnl_slot_del(s->nl, s->endpoint);
	if (s->beside) {
		kill(s->beside, SIGTERM);
		waitpid(s->beside, NULL, 0);
	}
	if (s->beside_log > 0)
		close(s->beside_log);
	if (s->nl)
		rsnl_close(s->nl);
}

static void on_event(const struct rsnl_event *e, void *data)
{
	struct scene *s = data;

	if (e->type >= SCENE_EVENTS)
		return;
	s->seen[e->type]++;
	s->last[e->type] = *e;
	if (e->type == RSMOD_EVENT_TYPE_VIOLATION && e->violation < __RS_VIOL_LAST)
		s->violations[e->violation]++;
}

static bool wait_count(struct scene *s, const unsigned int *count, unsigned int want)
{
	struct pollfd p = { .fd = rsnl_event_fd(s->nl), .events = POLLIN };
	long long end = now_ms() + SCENE_MS, left;

	for (;;) {
		if (rsnl_events(s->nl, s->endpoint, NULL, on_event, s))
			return false;
		if (*count >= want)
			return true;
		left = end - now_ms();
		if (left <= 0)
			return false;
		poll(&p, 1, (int)left);
	}
}

bool scene_wait(struct scene *s, uint32_t type, unsigned int count)
{
	return wait_count(s, &s->seen[type], count);
}

bool scene_wait_violation(struct scene *s, uint32_t kind, unsigned int count)
{
	return wait_count(s, &s->violations[kind], count);
}

/* --- instances -------------------------------------------------------------------------- */

static void act(struct scene *s, int fd, int sock, const struct role *role)
{
	struct bare b = {
		.fd = fd,
		.sock = sock,
		.class = s->slot.class,
		.chr = role->chr,
		.credit = role->credit ? role->credit : 8,
		.private_size = role->private_size,
		.hook = role->hook,
		.arg = role->arg,
	};
	char go;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!b.chr.nr_minors)
		b.chr = (struct rs_announce_chr) {
			.nr_minors = 1,
			.flags = RS_CHR_SEEKABLE,
			.replay_read = RS_REPLAY_AGAIN,
			.replay_write = RS_REPLAY_AGAIN,
			.replay_ioctl = RS_REPLAY_AGAIN,
		};
	/* The file is armed now. */
	if (recv(sock, &go, 1, 0) != 1)
		_exit(9);
	if (role->start)
		_exit(role->start(&b));
	if (bare_attach(&b))
		_exit(8);
	_exit(-bare_run(&b) & 0x7f);
}

int scene_start(struct scene *s, struct actor *a, const struct role *role)
{
	struct rs_arm arm = {
		.endpoint = s->endpoint,
		.flags = role->flags,
		.pool_size = role->pool_size,
		.pool_iova = RS_IOVA_NONE,
	};
	int sock[2];
	int fd, r;

	fd = open("/dev/rsmod", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock)) {
		close(fd);
		return -errno;
	}
	a->pid = fork();
	if (!a->pid) {
		close(sock[0]);
		act(s, fd, sock[1], role);
	}
	close(sock[1]);
	a->sock = sock[0];
	arm.pid = a->pid;
	r = ioctl(fd, RS_IOC_ARM, &arm) ? -errno : 0;
	close(fd);
	a->number = arm.instance;
	if (!r && send(a->sock, "", 1, MSG_NOSIGNAL) != 1)
		r = -errno;
	if (r) {
		scene_kill(a);
		return r;
	}
	if (role->start)
		return 0;
	s->attached++;
	return scene_wait(s, RSMOD_EVENT_TYPE_ATTACHED, s->attached) ? 0 : -ETIME;
}

void scene_kill(struct actor *a)
{
	if (a->pid <= 0)
		return;
	kill(a->pid, SIGKILL);
	waitpid(a->pid, NULL, 0);
	close(a->sock);
	a->pid = 0;
}

/* Wait for a process; its wait status or -1. */
static int wait_end(pid_t pid)
{
	long long end = now_ms() + SCENE_MS;
	int status;

	while (!waitpid(pid, &status, WNOHANG)) {
		if (now_ms() > end)
			return -1;
		pause_a_little();
	}
	return status;
}

int scene_wait_end(struct actor *a)
{
	int status = wait_end(a->pid);

	if (status != -1) {
		close(a->sock);
		a->pid = 0;
	}
	return status;
}

int64_t scene_hear(struct actor *a)
{
	struct pollfd p = { .fd = a->sock, .events = POLLIN };
	int64_t word;

	if (poll(&p, 1, SCENE_MS) != 1 || recv(a->sock, &word, sizeof(word), 0) != sizeof(word))
		return INT64_MIN;
	return word;
}

void scene_say(struct actor *a, int64_t word)
{
	send(a->sock, &word, sizeof(word), MSG_NOSIGNAL);
}

/* --- clients ---------------------------------------------------------------------------- */

bool scene_asleep(pid_t tid)
{
	const struct timespec t = { .tv_nsec = 5000000 };
	char path[64], text[256], *p;
	unsigned int i;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	for (i = 0; i < SCENE_MS / 5; i++) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
		if (fd >= 0)
			close(fd);
		if (n <= 0)
			return false;
		text[n] = 0;
		p = strrchr(text, ')');
		if (p && (p[2] == 'S' || p[2] == 'D'))
			return true;
		nanosleep(&t, NULL);
	}
	return false;
}

int scene_read(int fd, uint64_t pos)
{
	uint8_t buf[READ_LEN];
	unsigned int i;
	ssize_t n;

	n = pread(fd, buf, sizeof(buf), (off_t)pos);
	if (n < 0)
		return -errno;
	if (n != sizeof(buf))
		return 1;
	for (i = 0; i < sizeof(buf); i++)
		if (buf[i] != bare_byte(pos + i))
			return 1;
	return 0;
}

pid_t scene_client(struct scene *s, unsigned int n, uint64_t pos)
{
	pid_t pid = fork();
	int fd, r = 0;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = open(s->path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		_exit(errno);
	for (; n && !r; n--, pos += READ_LEN)
		r = scene_read(fd, pos);
	_exit(r < 0 ? -r : r);
}

int scene_client_end(pid_t pid)
{
	int status = wait_end(pid);

	if (status == -1) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return -1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
