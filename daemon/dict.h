/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dict.h - building a{sv}, the one shape in which rsd tells anything over D-Bus
 *
 * Errors stick to the message: it is enough to look at the last one, of dict_close().
 */
#ifndef RSD_DICT_H
#define RSD_DICT_H

#include <systemd/sd-bus.h>

#include "base.h"

int dict_open(struct sd_bus_message *m);
int dict_close(struct sd_bus_message *m);

void dict_text(struct sd_bus_message *m, const char *key, const char *value);
/* Left out if @value is empty. */
void dict_text_if(struct sd_bus_message *m, const char *key, const char *value);
void dict_u32(struct sd_bus_message *m, const char *key, uint32_t value);
void dict_s32(struct sd_bus_message *m, const char *key, int32_t value);
void dict_u64(struct sd_bus_message *m, const char *key, uint64_t value);
void dict_bool(struct sd_bus_message *m, const char *key, bool value);

/* An entry whose value has type @contents; the caller fills it in between. */
int dict_entry_open(struct sd_bus_message *m, const char *key, const char *contents);
int dict_entry_close(struct sd_bus_message *m);

#endif /* RSD_DICT_H */
