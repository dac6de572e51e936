/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * seccomp.h - which system calls an instance may make
 *
 * A driver needs memory, time, threads, signals and the one descriptor it was given.
 * The basic list has that and nothing that opens, connects or starts anything beyond
 * what the dynamic loader does.  `system GROUP...;` in system.conf adds groups.  What is
 * not on the list fails with EPERM.
 */
#ifndef RSD_SECCOMP_H
#define RSD_SECCOMP_H

#include <linux/filter.h>

#include "base.h"

enum seccomp_group {
	SECCOMP_GROUP_BASIC,
	SECCOMP_GROUP_PROCESS,	/* fork, exec, wait */
	SECCOMP_GROUP_FILE,	/* change files and directories */
	SECCOMP_GROUP_NETWORK,	/* sockets */
	SECCOMP_GROUP_MEMORY,	/* memfd_create, userfaultfd, process_vm_readv */
	SECCOMP_GROUPS
};

/* Names as system.conf writes them, NULL-terminated, by enum seccomp_group. */
extern const char *const seccomp_group_names[];

/**
 * seccomp_compile() - translate groups into a filter
 * @groups: bit per enum seccomp_group; the basic one is always in
 * @ret: filter program; ret->filter is the caller's to free()
 *
 * Compiled by rsd beforehand, so that a child only has to install it.
 */
int seccomp_compile(uint32_t groups, struct sock_fprog *ret);

#endif /* RSD_SECCOMP_H */
