// SPDX-License-Identifier: GPL-2.0-only
/*
 * client.c - sd-bus over rsd's private socket
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "table.h"

#define SOCKET		"/run/rsd/bus"
#define DESTINATION	"org.rsmod.Manager1"

static const struct {
	const char *path;
	const char *interface;
} objects[] = {
	[CLIENT_MANAGER]	= { "/org/rsmod/Manager1", "org.rsmod.Manager1" },
	[CLIENT_DATA_STORE]	= { "/org/rsmod/DataStore1", "org.rsmod.DataStore1" },
};

struct client {
	sd_bus *bus;
	bool gone;
	void (*on_event)(void *arg, const struct value *event);
	void *arg;
};

/* State of a call that is waited for. */
struct waiting {
	bool done;
	sd_bus_message *reply;
};

static int explain_connect(int error)
{
	if (error == -EACCES || error == -EPERM || geteuid() != 0)
		fputs("rsctl: only root may talk to rsd; try sudo rsctl\n", stderr);
	else if (error == -ENOENT || error == -ECONNREFUSED)
		fputs("rsctl: rsd does not run; start it with: systemctl start rsd\n", stderr);
	else
		fprintf(stderr, "rsctl: rsd cannot be reached: %s\n", strerror(-error));
	return EXIT_NO_RSD;
}

static int on_disconnected(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	(void)m;
	(void)error;
	((struct client *)arg)->gone = true;
	return 1;
}

static int on_progress(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *label, *text;

	(void)arg;
	(void)error;
	if (sd_bus_message_read(m, "ss", &label, &text) >= 0 && isatty(STDERR_FILENO))
		fprintf(stderr, "%s: %s...\n", label, text);
	return 1;
}

static int on_event_signal(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct value *v __attribute__((cleanup(value_freep))) = NULL;
	struct client *c = arg;

	(void)error;
	if (c->on_event && value_read(m, &v) >= 0)
		c->on_event(c->arg, v);
	return 1;
}

int client_open(struct client **ret)
{
	const char *path = getenv("RSD_SOCKET");
	struct client *c = calloc(1, sizeof(*c));
	char *address = NULL;
	int r = -ENOMEM;

	if (!c || asprintf(&address, "unix:path=%s", path ? path : SOCKET) < 0)
		goto err_close;
	r = sd_bus_new(&c->bus);
	if (r >= 0)
		r = sd_bus_set_address(c->bus, address);
	if (r >= 0)
		r = sd_bus_start(c->bus);
	if (r >= 0)
		r = sd_bus_match_signal(c->bus, NULL, "org.freedesktop.DBus.Local",
					"/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local",
					"Disconnected", on_disconnected, c);
	if (r >= 0)
		r = sd_bus_match_signal(c->bus, NULL, NULL, objects[CLIENT_MANAGER].path,
					objects[CLIENT_MANAGER].interface, "Progress", on_progress,
					c);
	/* the connection is made in the background: wait for the first sign of it */
	while (r >= 0 && sd_bus_is_ready(c->bus) == 0) {
		r = sd_bus_process(c->bus, NULL);
		if (r == 0)
			r = sd_bus_wait(c->bus, 10000000);
		if (c->gone)
			r = -ECONNREFUSED;
	}
	if (r < 0)
		goto err_close;
	free(address);
	*ret = c;
	return 0;

err_close:
	free(address);
	client_close(c);
	return explain_connect(r);
}

void client_close(struct client *c)
{
	if (!c)
		return;
	sd_bus_flush_close_unref(c->bus);
	free(c);
}

static int explain(const sd_bus_error *e)
{
	int error = sd_bus_error_get_errno(e);

	fprintf(stderr, "%srsctl: %s%s\n", isatty(STDERR_FILENO) ? colour_on(TABLE_BAD) : "",
		e->message ? e->message : strerror(error),
		isatty(STDERR_FILENO) ? colour_off() : "");
	return error == ESRCH || error == ENOENT ? EXIT_UNKNOWN : EXIT_REFUSED;
}

static int on_reply(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct waiting *w = arg;

	(void)error;
	w->reply = sd_bus_message_ref(m);
	w->done = true;
	return 1;
}

/* Sends and waits, handling signals meanwhile.  0 and the reply, or an exit code. */
static int call(struct client *c, sd_bus_message *m, sd_bus_message **ret)
{
	struct waiting w = { 0 };
	sd_bus_slot *slot = NULL;
	int r;

	r = sd_bus_call_async(c->bus, &slot, m, on_reply, &w, UINT64_MAX);
	while (r >= 0 && !w.done && !c->gone) {
		r = sd_bus_process(c->bus, NULL);
		if (r == 0)
			r = sd_bus_wait(c->bus, UINT64_MAX);
	}
	sd_bus_slot_unref(slot);
	if (!w.done) {
		fputs("rsctl: the connection to rsd broke; what was asked for may go on\n", stderr);
		return EXIT_NO_RSD;
	}
	if (sd_bus_message_is_method_error(w.reply, NULL)) {
		const sd_bus_error *e = sd_bus_message_get_error(w.reply);

		if (c->gone || (e->name && !strcmp(e->name, SD_BUS_ERROR_NO_REPLY)))
			fputs("rsctl: the connection to rsd broke; what was asked for may go on\n",
			      stderr);
		r = c->gone ? EXIT_NO_RSD : explain(e);
		sd_bus_message_unref(w.reply);
		return r;
	}
	*ret = w.reply;
	return 0;
}

int client_message(struct client *c, enum client_object object, const char *method,
		   sd_bus_message **ret)
{
	int r = sd_bus_message_new_method_call(c->bus, ret, DESTINATION, objects[object].path,
					       objects[object].interface, method);

	if (r < 0)
		fprintf(stderr, "rsctl: %s\n", strerror(-r));
	return r < 0 ? EXIT_REFUSED : 0;
}

int client_send(struct client *c, sd_bus_message *m, struct value **ret)
{
	sd_bus_message *reply;
	int r;

	r = call(c, m, &reply);
	sd_bus_message_unref(m);
	if (r)
		return r;
	r = ret ? value_read(reply, ret) : 0;
	sd_bus_message_unref(reply);
	if (r < 0) {
		fprintf(stderr, "rsctl: rsd's answer cannot be read: %s\n", strerror(-r));
		return EXIT_REFUSED;
	}
	return 0;
}

int client_query(struct client *c, struct value **ret, const char *method, const char *types, ...)
{
	sd_bus_message *m;
	va_list ap;
	int r;

	r = client_message(c, CLIENT_MANAGER, method, &m);
	if (r)
		return r;
	if (types) {
		va_start(ap, types);
		sd_bus_message_appendv(m, types, ap);
		va_end(ap);
	}
	return client_send(c, m, ret);
}

int client_change(struct client *c, const char *method, const char *label,
		  unsigned int options, int replica)
{
	sd_bus_message *m;
	int r;

	r = client_message(c, CLIENT_MANAGER, method, &m);
	if (r)
		return r;
	sd_bus_message_append(m, "s", label);
	sd_bus_message_open_container(m, 'a', "{sv}");
	if (options & CLIENT_NO_BLOCK)
		sd_bus_message_append(m, "{sv}", "no-block", "b", 1);
	if (options & CLIENT_FORCE)
		sd_bus_message_append(m, "{sv}", "force", "b", 1);
	if (replica >= 0)
		sd_bus_message_append(m, "{sv}", "replica", "i", replica);
	sd_bus_message_close_container(m);
	return client_send(c, m, NULL);
}

int client_subscribe(struct client *c, enum client_object object, const char *signal)
{
	return sd_bus_match_signal(c->bus, NULL, NULL, objects[object].path,
				   objects[object].interface, signal, on_event_signal, c);
}

int client_listen(struct client *c, void (*fn)(void *arg, const struct value *event), void *arg)
{
	int r = 0;

	c->on_event = fn;
	c->arg = arg;
	while (r >= 0 && !c->gone) {
		r = sd_bus_process(c->bus, NULL);
		if (r == 0)
			r = sd_bus_wait(c->bus, UINT64_MAX);
	}
	return EXIT_NO_RSD;
}
