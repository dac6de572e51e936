/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sandbox.h - from root's child to a driver that can only ruin itself
 */
#ifndef RSD_SANDBOX_H
#define RSD_SANDBOX_H

#include <sys/types.h>

#include <linux/filter.h>

#include "base.h"

/* Descriptor of the instance file in the driver. */
#define SANDBOX_FD	3

/**
 * struct sandbox - what the child becomes
 * @program: what it will execute; must stay visible
 * @uid: user and group; not 0
 * @nice: scheduling priority
 * @core_limit: bytes of a core dump
 * @filter: system calls it may make
 * @io_flusher: memory reclaim may depend on it (blk, net)
 */
struct sandbox {
	const char *program;
	uid_t uid;
	int nice;
	uint64_t core_limit;
	struct sock_fprog filter;
	bool io_flusher;
};

/* Flags of clone3() that make the namespaces. */
extern const uint64_t sandbox_clone_flags;

/**
 * sandbox_enter() - in the child, just before exec
 * @s: what to become
 * @fd: the instance file; becomes SANDBOX_FD
 * @ret_stage: on error, what failed
 *
 * Leaves: descriptors 0 to 3, no capability in any set, its own mount, IPC and network
 * namespaces with a read-only view of the system.  Return: 0 or a negative errno.
 */
int sandbox_enter(const struct sandbox *s, int fd, const char **ret_stage);

#endif /* RSD_SANDBOX_H */
