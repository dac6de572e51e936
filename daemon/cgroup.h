/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cgroup.h - one control group per instance, below rsd's own (Delegate=yes)
 *
 * They keep drivers apart from rsd, so that systemd does not count them as its main
 * process, and let rsd kill whatever an instance may have started.  Without a unified
 * hierarchy (an initramfs) there are none, and nothing else changes.
 */
#ifndef RSD_CGROUP_H
#define RSD_CGROUP_H

#include <sys/types.h>

#include "base.h"

#define CGROUP_PATH_MAX	256

/* Finds rsd's own group; to be called once. */
void cgroup_init(void);

/**
 * cgroup_make() - a new group for an instance of @label
 * @path: receives its directory (CGROUP_PATH_MAX bytes)
 *
 * Return: a descriptor of it; -ENOENT if there are no groups here.
 */
int cgroup_make(const char *label, char *path);

/* Directory of the group that @pid is in, if that lies below rsd's. */
int cgroup_of(pid_t pid, char *path);

/* SIGKILL to everything in it. */
void cgroup_kill(const char *path);

/* Removes the groups below rsd's that are empty. */
void cgroup_sweep(void);

#endif /* RSD_CGROUP_H */
