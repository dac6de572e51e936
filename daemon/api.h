/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * api.h - the D-Bus interface org.rsmod.Manager1 at /org/rsmod/Manager1
 *
 *	Up(s label, a{sv} options)		replica i, force b, no-block b
 *	Down(s label, a{sv} options)		no-block b
 *	Restart(s label, a{sv} options)		no-block b
 *	Status(s label) -> aa{sv}		"" = all, those that are down included
 *	Why(s label) -> a{sv}			last recoveries, step by step
 *	Events(u count) -> aa{sv}		the latest
 *	Devices() -> aa{sv}
 *	CheckConfig() -> aa{sv}			file, line, column, reason; empty = no complaint
 *	signal Event(a{sv})
 *	signal Progress(s label, s text)	to the one who asked
 *
 * Up, Down and Restart answer when it is done (MINIX: late reply), unless no-block.  Errors
 * are System.Error.<ERRNO> with a sentence that says what to do.
 */
#ifndef RSD_API_H
#define RSD_API_H

#include "base.h"

#define API_PATH	"/org/rsmod/Manager1"
#define API_INTERFACE	"org.rsmod.Manager1"

struct sd_event;
struct api;

/* Makes the manager and its socket; the caller starts neither itself. */
int api_new(struct sd_event *loop, const char *socket, struct api **ret, struct reason *why);
/* Reads the configuration again; what is wrong with it is logged, and the old one stays. */
void api_reload(struct api *api);
void api_free(struct api *api);

#endif /* RSD_API_H */
