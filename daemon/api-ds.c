// SPDX-License-Identifier: GPL-2.0-only
/*
 * api-ds.c - methods and the signal of org.rsmod.DataStore1
 */
#include "api-ds.h"
#include "dict.h"

struct ds_options {
	char caller[RS_LABEL_MAX];
	uint32_t flags;
	uint32_t types;
};

static int read_types(sd_bus_message *m, struct ds_options *o, struct reason *why)
{
	const char *name;
	int r, t;

	r = sd_bus_message_enter_container(m, 'v', "as");
	if (r >= 0)
		r = sd_bus_message_enter_container(m, 'a', "s");
	while (r >= 0 && (r = sd_bus_message_read(m, "s", &name)) > 0) {
		t = ds_type_of(name);
		if (t < 0)
			return refuse(why, t, "'%s' is not one of u32, str, mem, label", name);
		o->types |= DS_TYPE(t);
	}
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_option(sd_bus_message *m, const char *key, struct ds_options *o,
		       struct reason *why)
{
	static const struct {
		const char *key;
		uint32_t flag;
	} flags[] = {
		{ "overwrite", DS_OVERWRITE }, { "initial", DS_INITIAL },
		{ "priv-retrieve", DS_PRIV_RETRIEVE }, { "priv-overwrite", DS_PRIV_OVERWRITE },
		{ "priv-subscribe", DS_PRIV_SUBSCRIBE },
	};
	const char *text;
	int r, on;
	size_t i;

	if (streq(key, "types"))
		return read_types(m, o, why);
	if (streq(key, "as")) {
		r = sd_bus_message_read(m, "v", "s", &text);
		if (r >= 0 && (text[0] == '@' || strlen(text) >= sizeof(o->caller)))
			return refuse(why, -EPERM, "there is no service '%.40s'", text);
		if (r >= 0)
			copy_text(o->caller, sizeof(o->caller), text);
		return r;
	}
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		if (!streq(key, flags[i].key))
			continue;
		r = sd_bus_message_read(m, "v", "b", &on);
		if (r >= 0 && on)
			o->flags |= flags[i].flag;
		return r;
	}
	return refuse(why, -EINVAL, "unknown option '%s'", key);
}

static int read_options(sd_bus_message *m, struct ds_options *o, struct reason *why)
{
	const char *key;
	int r;

	*o = (struct ds_options){ .caller = DS_ROOT };
	r = sd_bus_message_enter_container(m, 'a', "{sv}");
	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = sd_bus_message_read(m, "s", &key);
		if (r >= 0)
			r = read_option(m, key, o, why);
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	return r < 0 ? refuse_default(why, r, "the options cannot be read") : 0;
}

static int answer(sd_bus_message *m, int r, const struct reason *why)
{
	if (r >= 0)
		return sd_bus_reply_method_return(m, NULL);
	return sd_bus_reply_method_errnof(m, r, "%s", why->text[0] ? why->text : strerror(-r));
}

static void append_value(sd_bus_message *m, const struct ds_entry *e)
{
	switch (e->type) {
	case DS_U32:
		dict_u32(m, "value", e->number);
		break;
	case DS_LABEL:
		dict_s32(m, "value", (int32_t)e->number);
		break;
	case DS_STR:
		dict_text(m, "value", e->data);
		break;
	case DS_MEM:
		dict_entry_open(m, "value", "ay");
		sd_bus_message_append_array(m, 'y', e->data, e->len);
		dict_entry_close(m);
		break;
	case DS_TYPES:
		break;
	}
}

static int append_entry(sd_bus_message *m, const struct ds_entry *e, bool with_value)
{
	dict_open(m);
	dict_u64(m, "seq", e->seq);
	dict_text(m, "key", e->key);
	dict_text(m, "type", ds_type_name(e->type));
	dict_text(m, "owner", e->owner);
	dict_bool(m, "deleted", e->gone);
	dict_bool(m, "priv_retrieve", e->priv & DS_PRIV_RETRIEVE);
	dict_bool(m, "priv_overwrite", e->priv & DS_PRIV_OVERWRITE);
	dict_bool(m, "priv_subscribe", e->priv & DS_PRIV_SUBSCRIBE);
	if (with_value && !e->gone)
		append_value(m, e);
	return dict_close(m);
}

static int answer_entry(sd_bus_message *m, int r, const struct ds_entry *e, bool with_value,
			const struct reason *why)
{
	sd_bus_message *reply;

	if (r < 0)
		return answer(m, r, why);
	r = sd_bus_message_new_method_return(m, &reply);
	if (r < 0)
		return r;
	r = append_entry(reply, e, with_value);
	if (r >= 0)
		r = sd_bus_send(NULL, reply, NULL);
	sd_bus_message_unref(reply);
	return r < 0 ? r : 1;
}

static int read_value(sd_bus_message *m, struct ds_value *v, struct reason *why)
{
	const char *contents, *text;
	const void *data;
	int r;

	r = sd_bus_message_peek_type(m, NULL, &contents);
	if (r < 0)
		return r;
	r = sd_bus_message_enter_container(m, 'v', contents);
	if (r < 0)
		return r;
	if (streq(contents, "u")) {
		v->type = DS_U32;
		r = sd_bus_message_read(m, "u", &v->number);
	} else if (streq(contents, "s")) {
		v->type = DS_STR;
		r = sd_bus_message_read(m, "s", &text);
		if (r >= 0) {
			v->data = text;
			v->len = strlen(text);
		}
	} else if (streq(contents, "ay")) {
		v->type = DS_MEM;
		r = sd_bus_message_read_array(m, 'y', &data, &v->len);
		v->data = data;
	} else if (streq(contents, "i")) {
		/* so that it is refused for the right reason */
		v->type = DS_LABEL;
		r = sd_bus_message_read(m, "i", &v->number);
	} else {
		return refuse(why, -EINVAL, "a value is a number, a text or bytes, not '%s'",
			      contents);
	}
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int method_publish(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct ds_value v = { .number = 0 };
	struct reason why = { "" };
	struct ds_options o;
	const char *key;
	int r;

	(void)error;
	r = sd_bus_message_read(m, "s", &key);
	if (r >= 0)
		r = read_value(m, &v, &why);
	if (r >= 0)
		r = read_options(m, &o, &why);
	if (r >= 0)
		r = ds_publish(arg, o.caller, key, &v, o.flags, &why);
	return answer(m, r, &why);
}

/* Key, type and options of Retrieve and Delete. */
static int read_key(sd_bus_message *m, const char **key, enum ds_type *type,
		    struct ds_options *o, struct reason *why)
{
	const char *name;
	int r, t;

	r = sd_bus_message_read(m, "ss", key, &name);
	if (r < 0)
		return r;
	t = ds_type_of(name);
	if (t < 0)
		return refuse(why, t, "'%s' is not one of u32, str, mem, label", name);
	*type = (enum ds_type)t;
	return read_options(m, o, why);
}

static int method_retrieve(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const struct ds_entry *e = NULL;
	struct reason why = { "" };
	struct ds_options o;
	enum ds_type type;
	const char *key;
	int r;

	(void)error;
	r = read_key(m, &key, &type, &o, &why);
	if (r >= 0)
		r = ds_retrieve(arg, o.caller, key, type, &e, &why);
	return answer_entry(m, r, e, true, &why);
}

static int method_name(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const struct ds_entry *e = NULL;
	struct reason why = { "" };
	int32_t endpoint;
	int r;

	(void)error;
	r = sd_bus_message_read(m, "i", &endpoint);
	if (r >= 0)
		r = ds_retrieve_name(arg, endpoint, &e);
	if (r == -ESRCH)
		refuse(&why, r, "no service has endpoint %d", endpoint);
	return answer_entry(m, r, e, true, &why);
}

static int method_delete(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct reason why = { "" };
	struct ds_options o;
	enum ds_type type;
	const char *key;
	int r;

	(void)error;
	r = read_key(m, &key, &type, &o, &why);
	if (r >= 0)
		r = ds_delete(arg, o.caller, key, type, &why);
	return answer(m, r, &why);
}

static int append_list(sd_bus_message *m, const struct ds *ds, const regex_t *regex)
{
	const struct ds_entry *e;

	sd_bus_message_open_container(m, 'a', "a{sv}");
	for (e = ds->entries; e; e = e->next)
		if (!e->gone && (!regex || regexec(regex, e->key, 0, NULL, 0) == 0))
			/* what is private is shown to exist */
			append_entry(m, e, !(e->priv & DS_PRIV_RETRIEVE));
	return sd_bus_message_close_container(m);
}

static int method_list(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct reason why = { "" };
	sd_bus_message *reply;
	const char *pattern;
	regex_t regex;
	int r;

	(void)error;
	r = sd_bus_message_read(m, "s", &pattern);
	if (r >= 0 && pattern[0])
		r = ds_compile(pattern, &regex, &why);
	if (r < 0)
		return answer(m, r, &why);
	r = sd_bus_message_new_method_return(m, &reply);
	if (r >= 0) {
		r = append_list(reply, arg, pattern[0] ? &regex : NULL);
		if (r >= 0)
			r = sd_bus_send(NULL, reply, NULL);
		sd_bus_message_unref(reply);
	}
	if (pattern[0])
		regfree(&regex);
	return r < 0 ? r : 1;
}

static int method_subscribe(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct reason why = { "" };
	struct ds_options o;
	const char *pattern;
	int r;

	(void)error;
	r = sd_bus_message_read(m, "s", &pattern);
	if (r >= 0)
		r = read_options(m, &o, &why);
	if (r >= 0)
		r = ds_subscribe(arg, o.caller, pattern, o.types, o.flags, &why);
	return answer(m, r, &why);
}

static int method_unsubscribe(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct reason why = { "" };
	struct ds_options o;
	int r;

	(void)error;
	r = read_options(m, &o, &why);
	if (r >= 0)
		r = ds_unsubscribe(arg, o.caller, &why);
	return answer(m, r, &why);
}

static int method_check(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const struct ds_entry *e = NULL;
	struct reason why = { "" };
	struct ds_options o;
	int r;

	(void)error;
	r = read_options(m, &o, &why);
	if (r >= 0)
		r = ds_check(arg, o.caller, &e, &why);
	/* who may hear of a key may not always read it: the value takes a Retrieve */
	return answer_entry(m, r, e, false, &why);
}

static const sd_bus_vtable vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD_WITH_ARGS("Publish", SD_BUS_ARGS("s", key, "v", value, "a{sv}", options),
				SD_BUS_NO_RESULT, method_publish, 0),
	SD_BUS_METHOD_WITH_ARGS("Retrieve", SD_BUS_ARGS("s", key, "s", type, "a{sv}", options),
				SD_BUS_RESULT("a{sv}", entry), method_retrieve, 0),
	SD_BUS_METHOD_WITH_ARGS("Name", SD_BUS_ARGS("i", endpoint),
				SD_BUS_RESULT("a{sv}", entry), method_name, 0),
	SD_BUS_METHOD_WITH_ARGS("Delete", SD_BUS_ARGS("s", key, "s", type, "a{sv}", options),
				SD_BUS_NO_RESULT, method_delete, 0),
	SD_BUS_METHOD_WITH_ARGS("List", SD_BUS_ARGS("s", pattern),
				SD_BUS_RESULT("aa{sv}", entries), method_list, 0),
	SD_BUS_METHOD_WITH_ARGS("Subscribe", SD_BUS_ARGS("s", pattern, "a{sv}", options),
				SD_BUS_NO_RESULT, method_subscribe, 0),
	SD_BUS_METHOD_WITH_ARGS("Unsubscribe", SD_BUS_ARGS("a{sv}", options), SD_BUS_NO_RESULT,
				method_unsubscribe, 0),
	SD_BUS_METHOD_WITH_ARGS("Check", SD_BUS_ARGS("a{sv}", options),
				SD_BUS_RESULT("a{sv}", entry), method_check, 0),
	SD_BUS_SIGNAL_WITH_ARGS("Changed", SD_BUS_ARGS("a{sv}", entry), 0),
	SD_BUS_VTABLE_END
};

int api_ds_attach(sd_bus *connection, struct ds *ds)
{
	return sd_bus_add_object_vtable(connection, NULL, API_DS_PATH, API_DS_INTERFACE, vtable, ds);
}

void api_ds_changed(sd_bus *connection, const struct ds_entry *e)
{
	sd_bus_message *m;

	if (sd_bus_message_new_signal(connection, &m, API_DS_PATH, API_DS_INTERFACE, "Changed") < 0)
		return;
	if (append_entry(m, e, !(e->priv & DS_PRIV_RETRIEVE)) >= 0)
		sd_bus_send(connection, m, NULL);
	sd_bus_message_unref(m);
}
