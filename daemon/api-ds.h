/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * api-ds.h - the D-Bus interface org.rsmod.DataStore1 at /org/rsmod/DataStore1
 *
 *	Publish(s key, v value, a{sv} options)	value u, s or ay; overwrite b,
 *						priv-retrieve b, priv-overwrite b,
 *						priv-subscribe b
 *	Retrieve(s key, s type, a{sv} options) -> a{sv}
 *	Name(i endpoint) -> a{sv}
 *	Delete(s key, s type, a{sv} options)
 *	List(s pattern) -> aa{sv}		"" = all
 *	Subscribe(s pattern, a{sv} options)	initial b, overwrite b, types as
 *	Unsubscribe(a{sv} options)
 *	Check(a{sv} options) -> a{sv}
 *	signal Changed(a{sv})
 *
 * The caller is root, who may speak for a service with the option as s; else it is
 * @root.  Errors are those of ds.h.
 */
#ifndef RSD_API_DS_H
#define RSD_API_DS_H

#include <systemd/sd-bus.h>

#include "ds.h"

#define API_DS_PATH		"/org/rsmod/DataStore1"
#define API_DS_INTERFACE	"org.rsmod.DataStore1"

/* Puts the object on a connection. */
int api_ds_attach(struct sd_bus *connection, struct ds *ds);
/* Signal Changed, to one connection. */
void api_ds_changed(struct sd_bus *connection, const struct ds_entry *e);

#endif /* RSD_API_DS_H */
