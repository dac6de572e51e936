/* SPDX-License-Identifier: GPL-2.0 */
/*
 * enter.h - RS_IOC_ENTER
 */
#ifndef _RS_ENTER_H
#define _RS_ENTER_H

struct rs_enter;
struct rs_instance;

/* Reap, publish, wait.  Errors as in rs_channel.h. */
int rs_enter(struct rs_instance *inst, struct rs_enter *arg);

#endif /* _RS_ENTER_H */
