/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * describe.h - services, events, recoveries and devices as a{sv}
 *
 * The keys are those of Documentation/schemas/: rsctl prints what it gets.
 */
#ifndef RSD_DESCRIBE_H
#define RSD_DESCRIBE_H

#include <systemd/sd-bus.h>

#include "manager.h"

/* Each appends one dictionary. */
int describe_service(struct sd_bus_message *m, struct service *s);
int describe_configured(struct sd_bus_message *m, const struct conf_service *c);
int describe_event(struct sd_bus_message *m, const struct knl_event *e);
int describe_recovery(struct sd_bus_message *m, const struct knl_event *e);

/* Appends aa{sv}: every PCI device with its verdict. */
int describe_devices(struct sd_bus_message *m, struct manager *mgr);

#endif /* RSD_DESCRIBE_H */
