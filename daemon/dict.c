// SPDX-License-Identifier: GPL-2.0-only
/*
 * dict.c - entries of a{sv}
 */
#include "dict.h"

int dict_open(sd_bus_message *m)
{
	return sd_bus_message_open_container(m, 'a', "{sv}");
}

int dict_close(sd_bus_message *m)
{
	return sd_bus_message_close_container(m);
}

void dict_text(sd_bus_message *m, const char *key, const char *value)
{
	sd_bus_message_append(m, "{sv}", key, "s", value);
}

void dict_text_if(sd_bus_message *m, const char *key, const char *value)
{
	if (value && value[0])
		dict_text(m, key, value);
}

void dict_u32(sd_bus_message *m, const char *key, uint32_t value)
{
	sd_bus_message_append(m, "{sv}", key, "u", value);
}

void dict_s32(sd_bus_message *m, const char *key, int32_t value)
{
	sd_bus_message_append(m, "{sv}", key, "i", value);
}

void dict_u64(sd_bus_message *m, const char *key, uint64_t value)
{
	sd_bus_message_append(m, "{sv}", key, "t", value);
}

void dict_bool(sd_bus_message *m, const char *key, bool value)
{
	sd_bus_message_append(m, "{sv}", key, "b", (int)value);
}

int dict_entry_open(sd_bus_message *m, const char *key, const char *contents)
{
	int r;

	r = sd_bus_message_open_container(m, 'e', "sv");
	if (r >= 0)
		r = sd_bus_message_append(m, "s", key);
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'v', contents);
	return r;
}

int dict_entry_close(sd_bus_message *m)
{
	int r = sd_bus_message_close_container(m);

	return r < 0 ? r : sd_bus_message_close_container(m);
}
