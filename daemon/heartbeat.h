/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * heartbeat.h - asking a driver for a sign of life (MINIX: do_period)
 *
 * A driver with requests in its hands is watched by the module; one that idles can hang
 * unnoticed until the next request comes.  With `period` in system.conf rsd asks the
 * bound instance at that interval, and the module replaces it if it does not answer
 * within the deadline, whether rsd still lives by then or not.
 */
#ifndef RSD_HEARTBEAT_H
#define RSD_HEARTBEAT_H

struct service;

/* Does nothing if it beats already, or is not wanted. */
void heartbeat_start(struct service *s);
void heartbeat_stop(struct service *s);

#endif /* RSD_HEARTBEAT_H */
