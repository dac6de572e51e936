/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * client.h - the connection to rsd
 */
#ifndef RSCTL_CLIENT_H
#define RSCTL_CLIENT_H

#include "value.h"

/* Exit codes, see rsctl(1). */
#define EXIT_REFUSED	1	/* rsd refused, or the operation failed */
#define EXIT_USAGE	2
#define EXIT_NO_RSD	3	/* rsd cannot be reached */
#define EXIT_UNKNOWN	4	/* no such service, or it is not up */

struct client;

/* Which of rsd's objects. */
enum client_object {
	CLIENT_MANAGER,
	CLIENT_DATA_STORE,
};

/* Connects; on failure says why on standard error.  0, or an exit code. */
int client_open(struct client **ret);
void client_close(struct client *c);
static inline void client_closep(struct client **c)
{
	client_close(*c);
}

/**
 * client_query() - call a method and read its answer
 * @ret: the answer, the caller's to value_free()
 * @types: of the arguments that follow, as in sd_bus_message_append(); NULL = none
 *
 * Return: 0, or an exit code after having said what is wrong.
 */
int client_query(struct client *c, struct value **ret, const char *method, const char *types,
		 ...);

/* A call of @method whose arguments the caller appends.  0, or an exit code. */
int client_message(struct client *c, enum client_object object, const char *method,
		   sd_bus_message **ret);
/* Sends it, waits, and releases it.  @ret NULL: no answer but success is expected. */
int client_send(struct client *c, sd_bus_message *m, struct value **ret);

/* Option of client_change(). */
#define CLIENT_NO_BLOCK	(1U << 0)
#define CLIENT_FORCE	(1U << 1)

/**
 * client_change() - Up, Down, Restart: shows progress and waits until it is done
 * @label: service
 * @options: CLIENT_*
 * @replica: standbys, negative = as configured
 */
int client_change(struct client *c, const char *method, const char *label,
		  unsigned int options, int replica);

/* Calls @fn with each event from now on.  Returns an exit code when rsd goes away. */
int client_listen(struct client *c, void (*fn)(void *arg, const struct value *event), void *arg);
/* To be called before a query whose answer must not miss events. */
int client_subscribe(struct client *c, enum client_object object, const char *signal);

#endif /* RSCTL_CLIENT_H */
