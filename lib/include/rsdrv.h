/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rsdrv.h - librsdrv, what a user-space driver under rsmod is written with
 *
 * A driver is a process that rsd starts with one open file of /dev/rsmod, its
 * *instance*.  The library attaches it, maps its rings and its pool, and turns
 * what comes through them into calls of the driver's functions:
 *
 *	sef.h		start, init (fresh, restart, update, rollback), events, saved state, death
 *	channel.h	requests and their completion, the main loop
 *	chr.h		character devices
 *	net.h		network devices
 *	blk.h		disks
 *	dma.h		memory that the device sees
 *	msg.h		messages between services
 *	lu.h		getting ready for a live update
 *	pci.h		PCI devices
 *
 * Functions return 0 or a positive result, or a negative errno.  The library
 * never logs, never exits and keeps no global state, except what its handler of
 * fatal signals needs; only rsdrv_panic() ends the process.
 *
 * One instance is used by one thread, the one that called rsdrv_start(), unless that one
 * asks for more (rsdrv_run_threads()).
 */
#ifndef RSDRV_H
#define RSDRV_H

#include <rsdrv/sef.h>
#include <rsdrv/channel.h>
#include <rsdrv/blk.h>
#include <rsdrv/chr.h>
#include <rsdrv/dma.h>
#include <rsdrv/lu.h>
#include <rsdrv/msg.h>
#include <rsdrv/net.h>
#include <rsdrv/pci.h>

#endif /* RSDRV_H */
