/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * callfilter.h - which system calls an instance may make
 *
 * A driver needs memory, time, threads, signals and the one descriptor it was given.
 * The basic list has that and nothing that opens, connects or starts anything beyond
 * what the dynamic loader does.  `system GROUP...;` in system.conf adds groups.  What is
 * not on the list fails with EPERM.
 */
#ifndef RSD_CALLFILTER_H
#define RSD_CALLFILTER_H

#include <linux/filter.h>

#include "base.h"

enum callfilter_group {
	CALLFILTER_GROUP_BASIC,
	CALLFILTER_GROUP_PROCESS,	/* fork, exec, wait */
	CALLFILTER_GROUP_FILE,	/* change files and directories */
	CALLFILTER_GROUP_NETWORK,	/* sockets */
	CALLFILTER_GROUP_MEMORY,	/* memfd_create, userfaultfd, process_vm_readv */
	CALLFILTER_GROUPS
};

/* Names as system.conf writes them, NULL-terminated, by enum callfilter_group. */
extern const char *const callfilter_group_names[];

/**
 * callfilter_compile() - translate groups into a filter
 * @groups: bit per enum callfilter_group; the basic one is always in
 * @ret: filter program; ret->filter is the caller's to free()
 *
 * Compiled by rsd beforehand, so that a child only has to install it.
 */
int callfilter_compile(uint32_t groups, struct sock_fprog *ret);

#endif /* RSD_CALLFILTER_H */
