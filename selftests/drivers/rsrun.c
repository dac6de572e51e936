// SPDX-License-Identifier: GPL-2.0-only
/*
 * rsrun - a service without rsd, for tests of the module
 *
 *	rsrun [options] [--] program [args...]
 *
 * Makes a slot, starts one instance of the program and the asked-for number of
 * replicas, prints the slot's events on standard output, one line each, until it is
 * interrupted (SIGINT, SIGTERM) or what --run started has ended; then removes the
 * slot.  SIGHUP takes the service down in order (slot-stop).
 *
 * With --kills it kills whoever serves, so many times, each time when the service is
 * whole; then it ends the command by SIGTERM, which counts as success.  At the end it
 * prints the slot's numbers, "- slot ...".
 *
 * It has no policy.  With --keep a dead instance is followed by another process, as
 * many times as --max says; without, the slot stays as it is.
 *
 * Exit status: that of the --run command; else 0; 1 if the service did not start.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kills.h"
#include "rsnl.h"
#include "rspci.h"

/* Where a driver finds its instance file. */
#define INSTANCE_FD	3

#define INSTANCES_MAX	64

/* So many completed requests say that the command is at work. */
#define ANSWERS		10

/* Pools as the device sees them: one after the other from here, at most so large. */
#define POOL_IOVA	0x100000000ULL
#define POOL_STRIDE	RS_POOL_MAX

/* One process, and where its pool is mapped for DMA (size 0: it is not). */
struct child {
	pid_t pid;
	uint64_t iova;
	uint64_t size;
};

struct run {
	struct rsnl *nl;
	struct rspci pci;
	struct rsnl_slot slot;
	int32_t endpoint;
	char **argv;
	sigset_t old_mask;
	/* options */
	unsigned int replicas;
	unsigned int max_starts;
	uint64_t pool_size;
	unsigned int uid;
	const char *command;
	const char *pci_name;
	bool msix;
	unsigned int vectors;
	bool keep;
	bool quiet;
	/* state */
	struct child children[INSTANCES_MAX];
	unsigned int nr;
	struct child dead[INSTANCES_MAX];
	unsigned int nr_dead;
	unsigned int starts;
	unsigned int attached;
	unsigned int died;
	unsigned int missing;
	bool up;
	pid_t serving;
	bool answered;
	bool recovered;
	struct kills kills;
	pid_t command_pid;
	int status;
	bool end;
};

static void fail(const char *what, int r)
{
	fprintf(stderr, "rsrun: %s: %s\n", what, strerror(-r));
}

/* The child's end: never returns.  @go says that the file is armed. */
static void driver_exec(struct run *run, int fd, int go)
{
	char number[16];
	char c;

	if (read(go, &c, 1) != 1)
		_exit(126);
	sigprocmask(SIG_SETMASK, &run->old_mask, NULL);
	if (fd == INSTANCE_FD)
		fcntl(fd, F_SETFD, 0);
	else if (dup2(fd, INSTANCE_FD) < 0)
		_exit(126);
	snprintf(number, sizeof(number), "%d", INSTANCE_FD);
	setenv("RSDRV_FD", number, 1);
	setenv("LD_BIND_NOW", "1", 1); /* as rsd does */
	if (run->uid) {
		if (setgid(run->uid) || setuid(run->uid))
			_exit(126);
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	}
	execvp(run->argv[0], run->argv);
	fprintf(stderr, "rsrun: %s: %s\n", run->argv[0], strerror(errno));
	_exit(127);
}

/* Where the next pool goes: each lies where no other ever was. */
static uint64_t pool_iova(const struct run *run)
{
	return run->pci_name ? POOL_IOVA + run->starts * (uint64_t)POOL_STRIDE : RS_IOVA_NONE;
}

/* Pools of the dead stay mapped until a successor is up: the device may still hold them. */
static void pools_unmap(struct run *run)
{
	while (run->nr_dead) {
		struct child *c = &run->dead[--run->nr_dead];

		rspci_unmap_pool(&run->pci, c->iova, c->size);
	}
}

/* Start one instance.  Our own copy of its file is closed: we must not keep it alive. */
static int driver_start(struct run *run)
{
	struct rs_arm arm = {
		.endpoint = run->endpoint,
		.pool_size = run->pool_size,
		.pool_iova = pool_iova(run),
	};
	struct child *c = &run->children[run->nr];
	int go[2];
	int fd;
	int r = 0;

	if (run->nr == INSTANCES_MAX)
		return -ENOSPC;
	fd = open("/dev/rsmod", O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		fail("/dev/rsmod", -errno);
		return -errno;
	}
	if (pipe2(go, O_CLOEXEC)) {
		r = -errno;
		goto out_close;
	}
	arm.pid = fork();
	if (arm.pid == 0) {
		close(go[1]);
		driver_exec(run, fd, go[0]);
	}
	close(go[0]);
	if (arm.pid < 0) {
		r = -errno;
	} else if (ioctl(fd, RS_IOC_ARM, &arm)) {
		r = -errno;
		fail("cannot arm an instance", r);
	} else {
		if (run->pci_name)
			r = rspci_map_pool(&run->pci, fd, arm.pool_iova, arm.pool_size);
		if (r)
			arm.pool_size = 0;
		else if (write(go[1], "", 1) != 1)
			r = -EPIPE;
	}
	close(go[1]);
	if (arm.pid > 0) {
		*c = (struct child){ arm.pid, arm.pool_iova, run->pci_name ? arm.pool_size : 0 };
		run->nr++;
		run->starts++;
	}
out_close:
	close(fd);
	return r;
}

/*
 * Follow up the dead, once somebody serves again or nobody is left who could: a process that
 * starts takes time from the one that takes over.
 */
static void refill(struct run *run)
{
	while (run->missing && run->keep && (run->serving || !run->nr)) {
		if (run->max_starts && run->starts >= run->max_starts)
			return;
		run->missing--;
		if (driver_start(run))
			run->keep = false;
	}
}

static void command_start(struct run *run)
{
	run->command_pid = fork();
	if (run->command_pid)
		return;
	sigprocmask(SIG_SETMASK, &run->old_mask, NULL);
	setenv("RS_LABEL", run->slot.label, 1);
	execl("/bin/sh", "sh", "-c", run->command, (char *)NULL);
	_exit(127);
}

/* All kills are done and the last one is overcome. */
static void series_done(struct run *run)
{
	if (run->command_pid > 0)
		kill(run->command_pid, SIGTERM);
	else
		run->end = true;
}

static void on_event(const struct rsnl_event *e, void *data)
{
	struct run *run = data;

	if (e->type == RSMOD_EVENT_TYPE_ATTACHED)
		run->attached++;
	if (e->type == RSMOD_EVENT_TYPE_DIED) {
		run->died++;
		kills_forget(&run->kills, (pid_t)e->pid);
		if (run->serving == (pid_t)e->pid)
			run->serving = 0;
	}
	if (e->type == RSMOD_EVENT_TYPE_RECOVERED)
		run->recovered = true;
	if (e->type == RSMOD_EVENT_TYPE_UP) {
		run->up = true;
		run->serving = (pid_t)e->pid;
		pools_unmap(run);
		refill(run);
	}
	if (e->type == RSMOD_EVENT_TYPE_REMOVED)
		run->end = true;
	if (run->command && !run->command_pid && run->up && run->attached > run->replicas)
		command_start(run);
	/* Whole again: somebody serves, and all replicas wait. */
	if (run->serving && run->attached - run->died > run->replicas) {
		if (run->kills.todo)
			kills_aim(&run->kills, run->serving);
		else if (run->kills.timer >= 0 && run->serving != run->kills.target &&
			 (run->recovered || !run->command))
			series_done(run);
	}
}

/* A process ended: the command, or an instance, which may want a successor. */
static void on_exit_of(struct run *run, pid_t pid, int status)
{
	unsigned int i;

	if (pid == run->command_pid) {
		run->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		if (run->kills.timer >= 0 && !run->kills.todo && run->status == 128 + SIGTERM)
			run->status = 0;
		run->command_pid = 0;
		run->end = true;
		return;
	}
	for (i = 0; i < run->nr && run->children[i].pid != pid; i++)
		;
	if (i == run->nr)
		return;
	if (run->children[i].size && run->nr_dead < INSTANCES_MAX)
		run->dead[run->nr_dead++] = run->children[i];
	run->children[i] = run->children[--run->nr];
	if (run->serving == pid)
		run->serving = 0;
	if (!run->quiet) {
		if (WIFSIGNALED(status))
			printf("- process pid=%d signal=%d%s\n", pid, WTERMSIG(status),
			       WCOREDUMP(status) ? " core=1" : "");
		else
			printf("- process pid=%d exit=%d\n", pid, WEXITSTATUS(status));
	}
	if (!run->up && !run->nr) {
		fprintf(stderr, "rsrun: %s did not come up\n", run->argv[0]);
		run->status = 1;
		run->end = true;
	} else if (run->keep && run->up) {
		run->missing++;
		refill(run);
	}
}

static void on_signal(struct run *run, int fd)
{
	struct signalfd_siginfo si;
	int status;
	pid_t pid;

	if (read(fd, &si, sizeof(si)) != sizeof(si))
		return;
	switch (si.ssi_signo) {
	case SIGCHLD:
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			on_exit_of(run, pid, status);
		break;
	case SIGHUP:
		run->keep = false;
		rsnl_slot_stop(run->nl, run->endpoint);
		break;
	default:
		run->end = true;
	}
}

/* It is time to kill; but not before the command has got its first answers. */
static void on_timer(struct run *run)
{
	uint64_t completed = 0;
	int signo;

	if (run->command && !run->answered) {
		rsnl_slot_completed(run->nl, run->endpoint, &completed);
		run->answered = completed >= ANSWERS;
		if (!run->answered) {
			kills_defer(&run->kills);
			return;
		}
	}
	run->recovered = false;
	signo = kills_fire(&run->kills);
	if (signo && !run->quiet)
		printf("- kill pid=%d signal=%d\n", run->kills.target, signo);
}

static void loop(struct run *run, int signals)
{
	struct pollfd p[] = {
		{ .fd = rsnl_event_fd(run->nl), .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
		{ .fd = run->kills.timer, .events = POLLIN },
	};

	while (!run->end) {
		if (poll(p, 3, -1) < 0 && errno != EINTR)
			break;
		if (p[0].revents) {
			int r = rsnl_events(run->nl, run->endpoint, run->quiet ? NULL : stdout,
					    on_event, run);

			if (r == -ENOBUFS)
				printf("- lost\n");
			else if (r)
				break;
		}
		if (p[1].revents)
			on_signal(run, signals);
		if (p[2].revents)
			on_timer(run);
	}
}

static void stop(struct run *run)
{
	unsigned int i;
	int r;

	rsnl_events(run->nl, run->endpoint, run->quiet ? NULL : stdout, NULL, NULL);
	printf("- slot");
	if (rsnl_slot_get(run->nl, run->endpoint, stdout))
		printf(" gone\n");
	r = rsnl_slot_del(run->nl, run->endpoint);
	if (r && r != -EOWNERDEAD)
		fail("cannot remove the slot", r);
	for (i = 0; i < run->nr; i++)
		kill(run->children[i].pid, SIGKILL);
	if (run->command_pid > 0)
		kill(run->command_pid, SIGTERM);
	while (wait(NULL) > 0)
		;
	rsnl_events(run->nl, run->endpoint, run->quiet ? NULL : stdout, NULL, NULL);
}

static int name_to_number(const char *what, const char *name, const char *const *names,
			  uint32_t nr, uint32_t *ret)
{
	uint32_t i;

	for (i = 0; i < nr; i++) {
		if (!strcmp(name, names[i])) {
			*ret = i;
			return 0;
		}
	}
	fprintf(stderr, "rsrun: no such %s: %s\n", what, name);
	return -EINVAL;
}

static void print_usage(FILE *to)
{
	fputs("usage: rsrun [options] [--] program [args...]\n"
	      "  --label NAME      of the service (default: the program's name)\n"
	      "  --class CLASS     none, chr (default), net, blk\n"
	      "  --effects E       slot (default), backend, device\n"
	      "  --ifname NAME     of the interface\n"
	      "  --pci ADDRESS     device to hold by VFIO: 0000:01:00.0 (implies effects device)\n"
	      "  --msix            its interrupts are MSI-X, not MSI\n"
	      "  --vectors N       so many of them (default: 1)\n"
	      "  --replicas N      standbys besides the first instance (default: 0)\n"
	      "  --keep            follow up dead instances\n"
	      "  --max N           processes at most, with --keep\n"
	      "  --uid N           run as this user, with no_new_privs\n"
	      "  --pool BYTES      size of each instance's pool\n"
	      "  --depth N         requests of each data queue\n"
	      "  --queues N        data queues, of class blk\n"
	      "  --deadline MS     of requests; 0 = none\n"
	      "  --gate MS         how long clients wait; 0 = for ever\n"
	      "  --init MS         for INIT and replay\n"
	      "  --poison N        instances that a request may kill\n"
	      "  --violations N    until an instance is ended; 0 = any number\n"
	      "  --budget N        failovers ...\n"
	      "  --window MS       ... in this time\n"
	      "  --run COMMAND     once all instances have attached and the service is up,\n"
	      "                    run this in a shell ($RS_LABEL), then end with its status\n"
	      "  --kills N         kill whoever serves, so many times\n"
	      "  --signals LIST    with these in turn (default: KILL,SEGV,ABRT,STOP)\n"
	      "  --phase MS        at most so long after it is whole (default: 20)\n"
	      "  --quiet           do not print events\n"
	      "  --list            only print slots and instances\n", to);
}

enum {
	OPT_LABEL = 1, OPT_CLASS, OPT_EFFECTS, OPT_IFNAME, OPT_REPLICAS, OPT_KEEP, OPT_MAX,
	OPT_UID, OPT_POOL, OPT_DEPTH, OPT_DEADLINE, OPT_GATE, OPT_INIT, OPT_POISON,
	OPT_VIOLATIONS, OPT_BUDGET, OPT_WINDOW, OPT_RUN, OPT_QUIET, OPT_LIST, OPT_KILLS,
	OPT_SIGNALS, OPT_PHASE, OPT_HELP,
	OPT_PCI, OPT_MSIX, OPT_VECTORS, OPT_QUEUES,
};

static const struct option options[] = {
	{ "label", required_argument, NULL, OPT_LABEL },
	{ "class", required_argument, NULL, OPT_CLASS },
	{ "effects", required_argument, NULL, OPT_EFFECTS },
	{ "ifname", required_argument, NULL, OPT_IFNAME },
	{ "pci", required_argument, NULL, OPT_PCI },
	{ "msix", no_argument, NULL, OPT_MSIX },
	{ "vectors", required_argument, NULL, OPT_VECTORS },
	{ "replicas", required_argument, NULL, OPT_REPLICAS },
	{ "keep", no_argument, NULL, OPT_KEEP },
	{ "max", required_argument, NULL, OPT_MAX },
	{ "uid", required_argument, NULL, OPT_UID },
	{ "pool", required_argument, NULL, OPT_POOL },
	{ "depth", required_argument, NULL, OPT_DEPTH },
	{ "queues", required_argument, NULL, OPT_QUEUES },
	{ "deadline", required_argument, NULL, OPT_DEADLINE },
	{ "gate", required_argument, NULL, OPT_GATE },
	{ "init", required_argument, NULL, OPT_INIT },
	{ "poison", required_argument, NULL, OPT_POISON },
	{ "violations", required_argument, NULL, OPT_VIOLATIONS },
	{ "budget", required_argument, NULL, OPT_BUDGET },
	{ "window", required_argument, NULL, OPT_WINDOW },
	{ "run", required_argument, NULL, OPT_RUN },
	{ "kills", required_argument, NULL, OPT_KILLS },
	{ "signals", required_argument, NULL, OPT_SIGNALS },
	{ "phase", required_argument, NULL, OPT_PHASE },
	{ "quiet", no_argument, NULL, OPT_QUIET },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static const char *const classes[] = { "none", "chr", "net", "blk" };
static const char *const effects[] = { "slot", "backend", "device" };

/* Have the device, if one is asked for, and lend it to the slot. */
static int device_lend(struct run *run)
{
	int fd, r;

	if (!run->pci_name)
		return 0;
	r = rspci_open(&run->pci, run->pci_name);
	if (r)
		return r;
	fd = open("/dev/rsmod", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = rspci_lend(&run->pci, fd, run->endpoint, run->msix, run->vectors);
	close(fd);
	return r;
}

/* 0: go on; else end with the returned status minus 1. */
static int parse(struct run *run, int argc, char **argv, bool *list)
{
	struct rsnl_slot *s = &run->slot;
	int opt;

	while ((opt = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		uint32_t v = optarg ? (uint32_t)strtoul(optarg, NULL, 0) : 0;

		switch (opt) {
		case OPT_LABEL:
			s->label = optarg;
			break;
		case OPT_CLASS:
			if (name_to_number("class", optarg, classes, 4, &s->class))
				return 2;
			break;
		case OPT_EFFECTS:
			if (name_to_number("kind of effects", optarg, effects, 3, &s->effects))
				return 2;
			break;
		case OPT_IFNAME:
			s->ifname = optarg;
			break;
		case OPT_PCI:
			run->pci_name = optarg;
			s->effects = RS_EFFECTS_DEVICE;
			break;
		case OPT_MSIX:
			run->msix = true;
			break;
		case OPT_VECTORS:
			run->vectors = v;
			break;
		case OPT_REPLICAS:
			run->replicas = v;
			break;
		case OPT_KEEP:
			run->keep = true;
			break;
		case OPT_MAX:
			run->max_starts = v;
			break;
		case OPT_UID:
			run->uid = v;
			break;
		case OPT_POOL:
			run->pool_size = strtoull(optarg, NULL, 0);
			break;
		case OPT_DEPTH:
			s->depth = v;
			break;
		case OPT_QUEUES:
			s->queues = v;
			break;
		case OPT_DEADLINE:
			s->deadline_ms = v;
			break;
		case OPT_GATE:
			s->gate_timeout_ms = v;
			break;
		case OPT_INIT:
			s->init_timeout_ms = v;
			break;
		case OPT_POISON:
			s->poison_limit = v;
			break;
		case OPT_VIOLATIONS:
			s->violation_limit = v;
			break;
		case OPT_BUDGET:
			s->budget = v;
			break;
		case OPT_WINDOW:
			s->budget_window_ms = v;
			break;
		case OPT_RUN:
			run->command = optarg;
			break;
		case OPT_KILLS:
			run->kills.todo = v;
			break;
		case OPT_SIGNALS:
			if (!kills_parse(&run->kills, optarg)) {
				fprintf(stderr, "rsrun: no such signals: %s\n", optarg);
				return 2;
			}
			break;
		case OPT_PHASE:
			run->kills.phase_us = v * 1000;
			break;
		case OPT_QUIET:
			run->quiet = true;
			break;
		case OPT_LIST:
			*list = true;
			break;
		case OPT_HELP:
			print_usage(stdout);
			return 1;
		default:
			print_usage(stderr);
			return 2;
		}
	}
	run->argv = argv + optind;
	if (!*run->argv && !*list) {
		print_usage(stderr);
		return 2;
	}
	if (!s->label && *run->argv) {
		const char *slash = strrchr(*run->argv, '/');

		s->label = slash ? slash + 1 : *run->argv;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct run run = {
		.slot = {
			.class = RS_CLASS_CHR,
			.effects = RS_EFFECTS_SLOT,
			.depth = RSNL_UNSET,
			.deadline_ms = RSNL_UNSET,
			.gate_timeout_ms = RSNL_UNSET,
			.init_timeout_ms = RSNL_UNSET,
			.poison_limit = RSNL_UNSET,
			.violation_limit = RSNL_UNSET,
			.budget = RSNL_UNSET,
			.budget_window_ms = RSNL_UNSET,
		},
		.vectors = 1,
		.kills = {
			.phase_us = 20000,
			.signals = { SIGKILL, SIGSEGV, SIGABRT, SIGSTOP },
			.timer = -1,
		},
	};
	bool list = false;
	sigset_t mask;
	unsigned int i;
	int signals;
	int r;

	r = parse(&run, argc, argv, &list);
	if (r)
		return r - 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (rsnl_open(&run.nl))
		return 1;
	if (list) {
		r = rsnl_slot_dump(run.nl, stdout);
		if (!r)
			r = rsnl_inst_dump(run.nl, stdout);
		rsnl_close(run.nl);
		return r ? 1 : 0;
	}

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGHUP);
	sigprocmask(SIG_BLOCK, &mask, &run.old_mask);
	signals = signalfd(-1, &mask, SFD_CLOEXEC);

	r = run.kills.todo ? kills_open(&run.kills) : 0;
	if (!r)
		r = rsnl_slot_new(run.nl, &run.slot, &run.endpoint);
	if (r) {
		fail("cannot make the slot", r);
		rsnl_close(run.nl);
		return 1;
	}
	r = device_lend(&run);
	for (i = 0; i <= run.replicas && !r; i++)
		r = driver_start(&run);
	if (r)
		run.status = 1;
	else
		loop(&run, signals);
	stop(&run);
	if (run.pci_name)
		rspci_close(&run.pci);
	rsnl_close(run.nl);
	return run.status;
}
