// SPDX-License-Identifier: GPL-2.0-only
/*
 * api.c - methods and signals of org.rsmod.Manager1
 */
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "api.h"
#include "api-ds.h"
#include "bus.h"
#include "describe.h"
#include "dict.h"
#include "log.h"
#include "update.h"

#define EVENTS_KEPT	512
#define QUEUED_MAX	4096	/* signals to one connection */

struct call;

struct api {
	struct manager *manager;
	struct bus *bus;
	struct call *calls;
	struct knl_event *events;	/* ring of EVENTS_KEPT */
	uint64_t nr_events;		/* ever */
};

/* A method call that is answered later. */
struct call {
	struct request request;
	struct call *next;
	struct api *api;
	sd_bus_message *m;
	char label[RS_LABEL_MAX];
};

static void call_free(struct call *c)
{
	struct call **link = &c->api->calls;

	while (*link && *link != c)
		link = &(*link)->next;
	if (*link)
		*link = c->next;
	sd_bus_message_unref(c->m);
	free(c);
}

static int reply_error(sd_bus_message *m, int error, const char *text)
{
	return sd_bus_reply_method_errnof(m, error, "%s", text && text[0] ? text :
					  strerror(-error));
}

static void call_done(struct request *r, int error, const char *text)
{
	struct call *c = (struct call *)r;

	if (error < 0)
		reply_error(c->m, error, text);
	else
		sd_bus_reply_method_return(c->m, NULL);
	call_free(c);
}

static void call_progress(struct request *r, const char *text)
{
	struct call *c = (struct call *)r;

	sd_bus_emit_signal(sd_bus_message_get_bus(c->m), API_PATH, API_INTERFACE, "Progress", "ss",
			   c->label, text);
}

static struct call *call_new(struct api *api, sd_bus_message *m, const char *label,
			     enum request_kind kind)
{
	struct call *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->request.kind = kind;
	c->request.done = call_done;
	c->request.progress = call_progress;
	c->api = api;
	c->m = sd_bus_message_ref(m);
	copy_text(c->label, sizeof(c->label), label);
	c->next = api->calls;
	api->calls = c;
	return c;
}

struct options {
	struct up_options up;
	bool no_block;
};

static int read_options(sd_bus_message *m, struct options *o, struct reason *why)
{
	const char *key;
	int r, flag;

	*o = (struct options){ .up.replica = -1 };
	r = sd_bus_message_enter_container(m, 'a', "{sv}");
	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = sd_bus_message_read(m, "s", &key);
		if (r < 0)
			break;
		if (streq(key, "replica")) {
			r = sd_bus_message_read(m, "v", "i", &o->up.replica);
			if (r >= 0 && (o->up.replica < 0 || o->up.replica > CONF_REPLICAS_MAX))
				return refuse(why, -ERANGE, "there can be 0 to %d replicas",
					      CONF_REPLICAS_MAX);
		} else if (streq(key, "force")) {
			r = sd_bus_message_read(m, "v", "b", &flag);
			o->up.force = flag;
		} else if (streq(key, "no-block")) {
			r = sd_bus_message_read(m, "v", "b", &flag);
			o->no_block = flag;
		} else {
			return refuse(why, -EINVAL, "unknown option '%s'", key);
		}
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	return r < 0 ? refuse(why, r, "the options cannot be read") : 0;
}

static int method_change(sd_bus_message *m, struct api *api, enum request_kind kind)
{
	struct reason why = { "" };
	struct call *c = NULL;
	struct options o;
	const char *label;
	int r;

	r = sd_bus_message_read(m, "s", &label);
	if (r >= 0)
		r = read_options(m, &o, &why);
	if (r < 0)
		return reply_error(m, r, why.text);
	if (!o.no_block) {
		c = call_new(api, m, label, kind);
		if (!c)
			return -ENOMEM;
	}
	switch (kind) {
	case REQUEST_UP:
		r = manager_up(api->manager, label, &o.up, c ? &c->request : NULL, &why);
		break;
	case REQUEST_DOWN:
		manager_reload(api->manager, NULL);
		r = manager_down(api->manager, label, o.up.force, c ? &c->request : NULL, &why);
		break;
	case REQUEST_RESTART:
		r = manager_restart(api->manager, label, c ? &c->request : NULL, &why);
		break;
	case REQUEST_UPDATE:
		break;
	}
	if (r < 0) {
		if (c)
			call_free(c);
		return reply_error(m, r, why.text);
	}
	/* granted; @c may have been answered already */
	return o.no_block ? sd_bus_reply_method_return(m, NULL) : 1;
}

static int method_up(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	(void)error;
	return method_change(m, arg, REQUEST_UP);
}

static int method_down(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	(void)error;
	return method_change(m, arg, REQUEST_DOWN);
}

static int method_restart(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	(void)error;
	return method_change(m, arg, REQUEST_RESTART);
}

static int read_targets(sd_bus_message *m, struct update_options *o, struct reason *why)
{
	const char *label, *program;
	int r;

	r = sd_bus_message_enter_container(m, 'a', "(ss)");
	while (r >= 0 && (r = sd_bus_message_read(m, "(ss)", &label, &program)) > 0) {
		struct update_target *t = &o->target[o->nr];

		if (o->nr == UPDATE_PARTS_MAX)
			return refuse(why, -E2BIG, "an update is of %d services at most",
				      UPDATE_PARTS_MAX);
		if (format(t->label, sizeof(t->label), "%s", label) < 0)
			return refuse(why, -ESRCH, "there is no service %.40s", label);
		if (format(t->program, sizeof(t->program), "%s", program) < 0)
			return refuse(why, -ENAMETOOLONG, "the path of %s's program is too long",
				      label);
		o->nr++;
	}
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	return r < 0 ? refuse(why, r, "the services cannot be read") : 0;
}

static int read_update_text(sd_bus_message *m, const char *key, struct update_options *o)
{
	const char *text;
	int r = sd_bus_message_read(m, "v", "s", &text);

	if (r < 0)
		return r;
	return streq(key, "state") ? update_read_state(text, o) : update_read_fault(text, o);
}

static int read_update_option(sd_bus_message *m, const char *key, struct update_options *o,
			      bool *no_block)
{
	int flag = 0, r;

	if (streq(key, "state") || streq(key, "fault"))
		return read_update_text(m, key, o);
	if (streq(key, "timeout-ms"))
		return sd_bus_message_read(m, "v", "u", &o->timeout_ms);
	if (streq(key, "probation-ms"))
		return sd_bus_message_read(m, "v", "u", &o->probation_ms);
	r = sd_bus_message_read(m, "v", "b", &flag);
	if (streq(key, "prepare-only"))
		o->prepare_only = flag;
	else if (streq(key, "no-block"))
		*no_block = flag;
	else
		return -EINVAL;
	return r;
}

static int read_update(sd_bus_message *m, struct update_options *o, bool *no_block,
		       struct reason *why)
{
	const char *key;
	int r;

	*o = (struct update_options){ .state = RS_LU_WORK_FREE };
	*no_block = false;
	r = read_targets(m, o, why);
	if (r < 0)
		return r;
	r = sd_bus_message_enter_container(m, 'a', "{sv}");
	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = sd_bus_message_read(m, "s", &key);
		if (r < 0)
			break;
		r = read_update_option(m, key, o, no_block);
		if (r < 0)
			return refuse(why, r, "option '%s' is unknown, or has a wrong value", key);
		r = sd_bus_message_exit_container(m);
	}
	return r < 0 ? refuse(why, r, "the options cannot be read") : 0;
}

static int method_update(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct update_options o;
	struct reason why = { "" };
	struct api *api = arg;
	struct call *c = NULL;
	bool no_block;
	int r;

	(void)error;
	r = read_update(m, &o, &no_block, &why);
	if (r < 0)
		return reply_error(m, r, why.text);
	if (!no_block) {
		c = call_new(api, m, o.nr ? o.target[0].label : "", REQUEST_UPDATE);
		if (!c)
			return -ENOMEM;
	}
	r = update_start(api->manager, &o, c ? &c->request : NULL, &why);
	if (r < 0) {
		if (c)
			call_free(c);
		return reply_error(m, r, why.text);
	}
	return no_block ? sd_bus_reply_method_return(m, NULL) : 1;
}

/* Sends @reply, whose building returned @r. */
static int finish(sd_bus_message *m, sd_bus_message *reply, int r)
{
	if (r >= 0)
		r = sd_bus_send(NULL, reply, NULL);
	else
		r = reply_error(m, r, NULL);
	sd_bus_message_unref(reply);
	return r < 0 ? r : 1;
}

static int append_status(struct api *api, sd_bus_message *reply, const char *label)
{
	struct manager *mgr = api->manager;
	const struct conf_service *c;
	struct service *s;

	sd_bus_message_open_container(reply, 'a', "a{sv}");
	for (s = mgr->services; s; s = s->next)
		if (!label[0] || streq(s->label, label))
			describe_service(reply, s);
	for (c = mgr->conf.services; c; c = c->next)
		if ((!label[0] || streq(c->label, label)) && !manager_find(mgr, c->label))
			describe_configured(reply, c);
	return sd_bus_message_close_container(reply);
}

static int method_status(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct api *api = arg;
	sd_bus_message *reply;
	const char *label;
	int r;

	(void)error;
	r = sd_bus_message_read(m, "s", &label);
	if (r < 0)
		return r;
	/* a file that is being edited does not hide what runs */
	manager_reload(api->manager, NULL);
	if (label[0] && !manager_find(api->manager, label) &&
	    !conf_find(&api->manager->conf, label))
		return reply_error(m, -ESRCH, "there is no such service; rsctl status lists them");
	r = sd_bus_message_new_method_return(m, &reply);
	if (r < 0)
		return r;
	return finish(m, reply, append_status(api, reply, label));
}

static int append_why(sd_bus_message *reply, struct service *s, const struct knl_event *list,
		      size_t nr)
{
	size_t i;

	dict_open(reply);
	dict_text(reply, "label", s->label);
	dict_text(reply, "state", fsm_state_name(s->state));
	dict_text_if(reply, "last_death", s->last_death);
	dict_text_if(reply, "last_poison", s->last_poison);
	dict_entry_open(reply, "recoveries", "aa{sv}");
	sd_bus_message_open_container(reply, 'a', "a{sv}");
	for (i = 0; i < nr; i++)
		describe_recovery(reply, &list[i]);
	sd_bus_message_close_container(reply);
	dict_entry_close(reply);
	return dict_close(reply);
}

static int method_why(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct knl_event *list __cleanup_free = NULL;
	struct reason why = { "" };
	struct api *api = arg;
	sd_bus_message *reply;
	struct service *s;
	const char *label;
	size_t nr = 0;
	int r;

	(void)error;
	r = sd_bus_message_read(m, "s", &label);
	if (r < 0)
		return r;
	s = manager_find(api->manager, label);
	if (!s)
		return reply_error(m, -ESRCH, "the service is not up");
	if (s->endpoint) {
		r = knl_recoveries(api->manager->knl, s->endpoint, &list, &nr, &why);
		if (r < 0)
			return reply_error(m, r, why.text);
	}
	r = sd_bus_message_new_method_return(m, &reply);
	if (r < 0)
		return r;
	return finish(m, reply, append_why(reply, s, list, nr));
}

static int append_events(struct api *api, sd_bus_message *reply, uint32_t count)
{
	uint64_t have = api->nr_events < EVENTS_KEPT ? api->nr_events : EVENTS_KEPT, i;

	if (count > have)
		count = (uint32_t)have;
	sd_bus_message_open_container(reply, 'a', "a{sv}");
	for (i = api->nr_events - count; i < api->nr_events; i++)
		describe_event(reply, &api->events[i % EVENTS_KEPT]);
	return sd_bus_message_close_container(reply);
}

static int method_events(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct api *api = arg;
	sd_bus_message *reply;
	uint32_t count;
	int r;

	(void)error;
	r = sd_bus_message_read(m, "u", &count);
	if (r >= 0)
		r = sd_bus_message_new_method_return(m, &reply);
	if (r < 0)
		return r;
	return finish(m, reply, append_events(api, reply, count));
}

static int method_devices(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct api *api = arg;
	sd_bus_message *reply;
	int r;

	(void)error;
	r = sd_bus_message_new_method_return(m, &reply);
	if (r < 0)
		return r;
	return finish(m, reply, describe_devices(reply, api->manager));
}

static int append_complaints(sd_bus_message *reply, const struct conf *conf)
{
	unsigned int i;

	sd_bus_message_open_container(reply, 'a', "a{sv}");
	for (i = 0; i < conf->nr_errors; i++) {
		dict_open(reply);
		dict_text(reply, "file", conf->errors[i].file);
		dict_u32(reply, "line", conf->errors[i].line);
		dict_u32(reply, "column", conf->errors[i].column);
		dict_text(reply, "reason", conf->errors[i].text);
		dict_close(reply);
	}
	return sd_bus_message_close_container(reply);
}

static int method_check_config(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct conf conf = { 0 };
	sd_bus_message *reply;
	int r;

	(void)arg;
	(void)error;
	r = sd_bus_message_new_method_return(m, &reply);
	if (r < 0)
		return r;
	r = conf_load(&conf, conf_paths);
	r = finish(m, reply, r < 0 && r != -EBADMSG ? r : append_complaints(reply, &conf));
	conf_free(&conf);
	return r;
}

static const sd_bus_vtable vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD_WITH_ARGS("Up", SD_BUS_ARGS("s", label, "a{sv}", options), SD_BUS_NO_RESULT,
				method_up, 0),
	SD_BUS_METHOD_WITH_ARGS("Down", SD_BUS_ARGS("s", label, "a{sv}", options),
				SD_BUS_NO_RESULT, method_down, 0),
	SD_BUS_METHOD_WITH_ARGS("Restart", SD_BUS_ARGS("s", label, "a{sv}", options),
				SD_BUS_NO_RESULT, method_restart, 0),
	SD_BUS_METHOD_WITH_ARGS("Update", SD_BUS_ARGS("a(ss)", services, "a{sv}", options),
				SD_BUS_NO_RESULT, method_update, 0),
	SD_BUS_METHOD_WITH_ARGS("Status", SD_BUS_ARGS("s", label),
				SD_BUS_RESULT("aa{sv}", services), method_status, 0),
	SD_BUS_METHOD_WITH_ARGS("Why", SD_BUS_ARGS("s", label), SD_BUS_RESULT("a{sv}", history),
				method_why, 0),
	SD_BUS_METHOD_WITH_ARGS("Events", SD_BUS_ARGS("u", count),
				SD_BUS_RESULT("aa{sv}", events), method_events, 0),
	SD_BUS_METHOD_WITH_ARGS("Devices", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", devices),
				method_devices, 0),
	SD_BUS_METHOD_WITH_ARGS("CheckConfig", SD_BUS_NO_ARGS,
				SD_BUS_RESULT("aa{sv}", complaints), method_check_config, 0),
	SD_BUS_SIGNAL_WITH_ARGS("Event", SD_BUS_ARGS("a{sv}", event), 0),
	SD_BUS_SIGNAL_WITH_ARGS("Progress", SD_BUS_ARGS("s", label, "s", text), 0),
	SD_BUS_VTABLE_END
};

static int on_connected(void *owner, sd_bus *connection)
{
	struct api *api = owner;
	int r;

	r = sd_bus_add_object_vtable(connection, NULL, API_PATH, API_INTERFACE, vtable, api);
	return r < 0 ? r : api_ds_attach(connection, &api->manager->ds);
}

static void on_closed(void *owner, sd_bus *connection)
{
	struct api *api = owner;
	struct call *c, *next;

	for (c = api->calls; c; c = next) {
		next = c->next;
		if (sd_bus_message_get_bus(c->m) != connection)
			continue;
		manager_forget_request(api->manager, &c->request);
		call_free(c);
	}
}

static const struct bus_ops bus_ops = {
	.connected	= on_connected,
	.closed		= on_closed,
};

/* Who listens and does not read misses some; the numbers tell. */
static bool falls_behind(sd_bus *connection)
{
	uint64_t queued;

	return sd_bus_get_n_queued_write(connection, &queued) < 0 || queued > QUEUED_MAX;
}

static void send_event(void *arg, sd_bus *connection)
{
	sd_bus_message *m;

	if (falls_behind(connection))
		return;
	if (sd_bus_message_new_signal(connection, &m, API_PATH, API_INTERFACE, "Event") < 0)
		return;
	if (describe_event(m, arg) >= 0)
		sd_bus_send(connection, m, NULL);
	sd_bus_message_unref(m);
}

static void on_event(void *owner, const struct knl_event *e)
{
	struct api *api = owner;
	struct knl_event *kept = &api->events[api->nr_events++ % EVENTS_KEPT];

	*kept = *e;
	if (api->bus)
		bus_for_each(api->bus, send_event, kept);
}

static void send_changed(void *arg, sd_bus *connection)
{
	if (!falls_behind(connection))
		api_ds_changed(connection, arg);
}

static void on_changed(void *owner, const struct ds_entry *e)
{
	struct ds_entry seen = *e;
	struct api *api = owner;

	if (api->bus)
		bus_for_each(api->bus, send_changed, &seen);
}

static const struct manager_ops manager_ops = {
	.event		= on_event,
	.changed	= on_changed,
};

int api_new(struct sd_event *loop, const char *socket, struct api **ret, struct reason *why)
{
	struct api *api = calloc(1, sizeof(*api));
	int r = -ENOMEM;

	if (!api)
		return -ENOMEM;
	api->events = calloc(EVENTS_KEPT, sizeof(*api->events));
	if (!api->events)
		goto err_free;
	r = manager_new(loop, &manager_ops, api, &api->manager);
	if (r < 0) {
		refuse(why, r, "netlink: %s", strerror(-r));
		goto err_free;
	}
	manager_start(api->manager);
	r = bus_new(loop, socket, &bus_ops, api, &api->bus, why);
	if (r < 0)
		goto err_free;
	*ret = api;
	return 0;

err_free:
	api_free(api);
	return r;
}

void api_reload(struct api *api)
{
	struct reason why = { "" };

	if (manager_reload(api->manager, &why) < 0)
		log_error("the configuration has errors and was not read:\n%s", why.text);
	else
		log_info("the configuration was read again");
}

void api_free(struct api *api)
{
	if (!api)
		return;
	manager_free(api->manager);
	bus_free(api->bus);
	free(api->events);
	free(api);
}
