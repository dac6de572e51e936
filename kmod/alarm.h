/* SPDX-License-Identifier: GPL-2.0 */
/*
 * alarm.h - the alarm of a service: one, set by whoever serves, told to whoever serves then
 */
#ifndef _RS_ALARM_H
#define _RS_ALARM_H

struct rs_alarm;
struct rs_instance;
struct rs_slot;

/* RS_IOC_ALARM; owner already checked. */
int rs_alarm_set(struct rs_instance *inst, struct rs_alarm *arg);

void rs_alarm_init(struct rs_slot *slot);
/* The slot goes: it does not go off any more.  Process context. */
void rs_alarm_exit(struct rs_slot *slot);

#endif /* _RS_ALARM_H */
