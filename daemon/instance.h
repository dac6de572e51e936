/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * instance.h - one driver process
 *
 * The child is cloned into its control group and namespaces and waits on a socket.  rsd
 * arms an open file of /dev/rsmod for it, maps the pool for DMA, lets go of the file
 * and then of the child: so rsd never keeps a driver alive, and the driver cannot run
 * before it is somebody.
 */
#ifndef RSD_INSTANCE_H
#define RSD_INSTANCE_H

#include <sys/types.h>

#include <linux/rs_channel.h>

#include "cgroup.h"
#include "conf.h"
#include "vfio.h"

struct sd_event_source;
struct service;

enum instance_role {
	INSTANCE_STARTING,	/* not attached yet */
	INSTANCE_STANDBY,
	INSTANCE_BOUND,
	INSTANCE_DEAD,		/* the module, or its exit, says so */
};

/**
 * struct instance - one driver process, until its pool is unmapped
 * @next: list of its service
 * @service: whose
 * @number: the module's number
 * @role: what it is to the slot
 * @pid: process
 * @pidfd: the same, safely; -1 once reaped
 * @report: socket on which a child tells why it could not start; -1
 * @exited: the process is gone
 * @parked: a live update's, not of those who may take over: the new version before it is
 *	bound, or the old one afterwards
 * @exit_source: watches @pidfd
 * @attach_timer: running until it attaches
 * @cgroup: its control group, or empty
 * @window: index of its DMA window and of its uid
 * @iova: where its pool is mapped, or RS_IOVA_NONE
 * @pool_size: bytes
 */
struct instance {
	struct instance *next;
	struct service *service;
	uint32_t number;
	enum instance_role role;
	pid_t pid;
	int pidfd;
	int report;
	bool exited;
	bool parked;
	struct sd_event_source *exit_source;
	struct sd_event_source *attach_timer;
	char cgroup[CGROUP_PATH_MAX];
	unsigned int window;
	uint64_t iova;
	uint64_t pool_size;
};

/* Windows, hence instances, of a service at one time: replicas, bound, corpses. */
#define INSTANCE_WINDOWS	8
/* Distance of windows: the largest pool there is. */
#define INSTANCE_WINDOW_SIZE	((uint64_t)RS_POOL_MAX)
#define INSTANCE_WINDOW_BASE	0x100000000ULL

static inline uint64_t instance_window_iova(unsigned int window)
{
	return INSTANCE_WINDOW_BASE + window * INSTANCE_WINDOW_SIZE;
}

/* uids of instances that have none configured: free in the tables of systemd and Debian. */
#define INSTANCE_UID_BASE	65600U

/**
 * struct instance_how - what is not as with every other instance of the service
 * @program: absolute path, or NULL: the service's
 * @hold: it may be bound by command only; it is parked
 * @fault: what it shall do in INIT (librsdrv's $RSDRV_FAULT), or NULL
 */
struct instance_how {
	const char *program;
	bool hold;
	const char *fault;
};

/**
 * instance_spawn() - start one
 * @conf: its service's configuration
 * @how: and what is different
 * @endpoint: its slot
 * @window: a free window
 * @vfio: the container to map its pool in, or NULL
 * @ret: the instance, role INSTANCE_STARTING; instance_free() releases it
 */
int instance_spawn(const struct conf_service *conf, const struct instance_how *how,
		   int32_t endpoint, unsigned int window, const struct vfio *vfio,
		   struct instance **ret, struct reason *why);

/**
 * instance_adopt() - take over one that an earlier rsd started
 * @pid: its process; the caller has yet to verify, after this call, that it is still
 *	the instance's
 *
 * Errors: -ESRCH it is gone.
 */
int instance_adopt(pid_t pid, struct instance **ret);

/* What a child that could not start said, if it did; false if it said nothing. */
bool instance_report(struct instance *i, struct reason *ret);

/* Reaps a child.  Return: its wait status, or 0 if it is not ours to reap. */
int instance_reap(struct instance *i);

/* SIGKILL to it and to whatever it started. */
void instance_kill(struct instance *i);

/* Drops everything but the process itself. */
void instance_free(struct instance *i);

#endif /* RSD_INSTANCE_H */
