/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * effects.h - between effects.c (processes, timers) and effects-device.c (slot, device,
 * interface)
 */
#ifndef RSD_EFFECTS_H
#define RSD_EFFECTS_H

#include "manager.h"

/* Writes the state file; a failure is logged. */
void effects_save(struct service *s);

/* Starts an instance and watches it; it belongs to the service. */
int effects_start(struct service *s, const struct instance_how *how, struct instance **ret,
		  struct reason *why);

enum fsm_event effects_take(struct service *s);
enum fsm_event effects_lease(struct service *s);
enum fsm_event effects_return(struct service *s);

/* Remembers how our interface is configured, to give that to the kernel's. */
void effects_record_front(struct service *s);
/* Puts the remembered configuration onto our interface. */
void effects_apply_front(struct service *s);

#endif /* RSD_EFFECTS_H */
