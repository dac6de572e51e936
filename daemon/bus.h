/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bus.h - rsd's private D-Bus: a socket that needs no bus daemon
 *
 * Each connection is a D-Bus server of its own (sd_bus_set_server()), with the object and
 * interface of api.h.  Only root may connect.  On a system bus the same vtable would be
 * attached to that connection.
 */
#ifndef RSD_BUS_H
#define RSD_BUS_H

#include <systemd/sd-bus.h>

#include "base.h"

#define BUS_SOCKET	"/run/rsd/bus"

struct sd_event;
struct bus;

/**
 * struct bus_ops - what the owner does with connections
 * @connected: attach objects; negative closes it again
 * @closed: forget whoever waited on it
 */
struct bus_ops {
	int (*connected)(void *owner, sd_bus *connection);
	void (*closed)(void *owner, sd_bus *connection);
};

int bus_new(struct sd_event *loop, const char *path, const struct bus_ops *ops, void *owner,
	    struct bus **ret, struct reason *why);
void bus_free(struct bus *bus);

/* Calls @fn for each connection. */
void bus_for_each(struct bus *bus, void (*fn)(void *arg, sd_bus *connection), void *arg);

#endif /* RSD_BUS_H */
