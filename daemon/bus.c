// SPDX-License-Identifier: GPL-2.0-only
/*
 * bus.c - listening, peer credentials, connections
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-event.h>
#include <systemd/sd-id128.h>

#include "bus.h"
#include "log.h"

#define CONNECTIONS_MAX	64

struct connection {
	struct connection *next;
	struct bus *bus;
	sd_bus *sd;
};

struct bus {
	struct sd_event *loop;
	int fd;
	sd_event_source *source;
	const struct bus_ops *ops;
	void *owner;
	struct connection *connections;
	unsigned int nr;
};

static void drop(struct connection *c)
{
	struct connection **link = &c->bus->connections;

	while (*link && *link != c)
		link = &(*link)->next;
	if (*link)
		*link = c->next;
	c->bus->nr--;
	c->bus->ops->closed(c->bus->owner, c->sd);
	sd_bus_close_unref(c->sd);
	free(c);
}

static int on_disconnect(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	(void)m;
	(void)error;
	drop(arg);
	return 1;
}

static int serve(struct connection *c, int fd)
{
	sd_id128_t id;
	int r;

	r = sd_bus_new(&c->sd);
	if (r < 0) {
		close(fd);
		return r;
	}
	r = sd_bus_set_fd(c->sd, fd, fd);
	if (r < 0) {
		close(fd);
		return r;
	}
	r = sd_id128_randomize(&id);
	if (r >= 0)
		r = sd_bus_set_server(c->sd, 1, id);
	if (r >= 0)
		r = sd_bus_set_sender(c->sd, "org.rsmod.Manager1");
	if (r >= 0)
		r = c->bus->ops->connected(c->bus->owner, c->sd);
	if (r >= 0)
		r = sd_bus_match_signal(c->sd, NULL, "org.freedesktop.DBus.Local",
					"/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local",
					"Disconnected", on_disconnect, c);
	if (r >= 0)
		r = sd_bus_start(c->sd);
	if (r >= 0)
		r = sd_bus_attach_event(c->sd, c->bus->loop, SD_EVENT_PRIORITY_NORMAL);
	return r;
}

static bool peer_is_root(int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0 && cred.uid == 0;
}

static int on_connect(sd_event_source *src, int fd, uint32_t revents, void *arg)
{
	struct bus *bus = arg;
	struct connection *c;
	int client, r;

	(void)src;
	(void)revents;
	client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (client < 0)
		return 0;
	c = bus->nr < CONNECTIONS_MAX && peer_is_root(client) ? calloc(1, sizeof(*c)) : NULL;
	if (!c) {
		close(client);
		return 0;
	}
	c->bus = bus;
	r = serve(c, client);
	if (r < 0) {
		log_error("a connection could not be served: %s", strerror(-r));
		sd_bus_close_unref(c->sd);
		free(c);
		return 0;
	}
	c->next = bus->connections;
	bus->connections = c;
	bus->nr++;
	return 0;
}

int bus_new(struct sd_event *loop, const char *path, const struct bus_ops *ops, void *owner,
	    struct bus **ret, struct reason *why)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct bus *bus = calloc(1, sizeof(*bus));
	int r;

	if (!bus)
		return -ENOMEM;
	bus->loop = loop;
	bus->ops = ops;
	bus->owner = owner;
	copy_text(sa.sun_path, sizeof(sa.sun_path), path);
	bus->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (bus->fd < 0) {
		r = refuse(why, -errno, "socket: %s", strerror(errno));
		goto err_free;
	}
	/* left by an rsd that was killed */
	unlink(path);
	if (bind(bus->fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 || chmod(path, 0600) < 0 ||
	    listen(bus->fd, SOMAXCONN) < 0) {
		r = refuse(why, -errno, "%s: %s", path, strerror(errno));
		goto err_free;
	}
	r = sd_event_add_io(loop, &bus->source, bus->fd, EPOLLIN, on_connect, bus);
	if (r < 0) {
		refuse(why, r, "watching %s: %s", path, strerror(-r));
		goto err_free;
	}
	*ret = bus;
	return 0;

err_free:
	close_fd(&bus->fd);
	free(bus);
	return r;
}

void bus_free(struct bus *bus)
{
	if (!bus)
		return;
	while (bus->connections) {
		/* what was answered last must still go out */
		sd_bus_flush(bus->connections->sd);
		drop(bus->connections);
	}
	sd_event_source_disable_unref(bus->source);
	close_fd(&bus->fd);
	free(bus);
}

void bus_for_each(struct bus *bus, void (*fn)(void *arg, sd_bus *connection), void *arg)
{
	struct connection *c, *next;

	for (c = bus->connections; c; c = next) {
		next = c->next;
		fn(arg, c->sd);
	}
}
