// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - rsd, the reincarnation server: the ladder up and the ladder down
 *
 * rsd starts drivers, watches them and replaces them.  It is neither on the data path nor
 * on the failover path: the module fails over to a standby by itself, and drivers outlive
 * rsd, which finds them again when it comes back.
 */
#include <getopt.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "api.h"
#include "bus.h"
#include "log.h"
#include "state.h"

#ifndef RSD_VERSION
#define RSD_VERSION "0.1"
#endif

static const struct option options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ "socket", required_argument, NULL, 's' },
	{ }
};

static void usage(FILE *f)
{
	fputs("Usage: rsd [--socket PATH]\n"
	      "Starts user-space device drivers and replaces those that fail.\n\n"
	      "  --socket PATH  listen here instead of " BUS_SOCKET "\n"
	      "  --help         this text\n"
	      "  --version      version\n\n"
	      "Services are described in /etc/rs/system.conf, see system.conf(5); they are\n"
	      "handled with rsctl(1).\n", f);
}

static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int on_hangup(sd_event_source *src, const struct signalfd_siginfo *info, void *arg)
{
	(void)src;
	(void)info;
	api_reload(*(struct api **)arg);
	return 0;
}

/* Recovery must not wait for a disk that the failed driver serves. */
static void lock_memory(void)
{
	if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		log_warn("memory cannot be locked: %s", strerror(errno));
}

static int run(const char *socket, struct reason *why)
{
	sd_event *loop = NULL;
	struct api *api = NULL;
	int r;

	r = sd_event_default(&loop);
	if (r < 0)
		return refuse(why, r, "no event loop: %s", strerror(-r));
	r = sd_event_add_signal(loop, NULL, SIGTERM, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_signal(loop, NULL, SIGINT, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_signal(loop, NULL, SIGHUP, on_hangup, &api);
	if (r >= 0)
		r = sd_event_set_watchdog(loop, true);
	if (r < 0) {
		refuse(why, r, "setting up the event loop: %s", strerror(-r));
		goto out_loop;
	}
	r = api_new(loop, socket, &api, why);
	if (r < 0)
		goto out_loop;
	lock_memory();
	sd_notify(0, "READY=1\nSTATUS=Serving");
	r = sd_event_loop(loop);
	sd_notify(0, "STOPPING=1");
	api_free(api);
out_loop:
	sd_event_unref(loop);
	return r;
}

int main(int argc, char *argv[])
{
	struct reason why = { "" };
	const char *socket = BUS_SOCKET;
	int c, r;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (c) {
		case 'h':
			usage(stdout);
			return 0;
		case 'V':
			puts("rsd " RSD_VERSION);
			return 0;
		case 's':
			socket = optarg;
			break;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind < argc) {
		usage(stderr);
		return 2;
	}
	log_open();
	if (geteuid() != 0) {
		log_error("rsd has to run as root");
		return 1;
	}
	block_signals();
	r = make_dirs(STATE_DIR, 0755);
	if (r < 0) {
		log_error("%s cannot be made: %s", STATE_DIR, strerror(-r));
		return 1;
	}
	r = run(socket, &why);
	if (r < 0) {
		log_error("%s", why.text[0] ? why.text : strerror(-r));
		return 1;
	}
	return 0;
}
