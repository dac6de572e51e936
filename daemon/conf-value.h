/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * conf-value.h - what the arguments of system.conf's keywords look like
 *
 * Each function reads one whole word.  A negative errno comes with a sentence that names
 * the word and says what was expected.
 */
#ifndef RSD_CONF_VALUE_H
#define RSD_CONF_VALUE_H

#include "base.h"

/* Decimal number within bounds. */
int value_number(const char *word, int64_t min, int64_t max, int64_t *ret, struct reason *why);
/* "500ms", "2s", "1m", or "never" (0).  Milliseconds; a unit is required. */
int value_time(const char *word, uint32_t *ret_ms, struct reason *why);
/* "65536", "64K", "4M", "1G".  Bytes. */
int value_size(const char *word, uint64_t *ret, struct reason *why);
/* "52:54:00:12:34:56"; multicast and zero addresses are refused. */
int value_mac(const char *word, uint8_t ret[6], struct reason *why);
/* "0000:01:00.0" or "01:00.0"; @ret gets the long form (13 bytes with NUL). */
int value_pci_address(const char *word, char *ret, size_t size, struct reason *why);
/* "8086:10d3" or MINIX's "8086/10d3". */
int value_pci_id(const char *word, uint16_t *ret_vendor, uint16_t *ret_device,
		 struct reason *why);
/* MINIX's "01/08/02", "01/08" or "01": class, subclass and interface, and the bits of those. */
int value_pci_class(const char *word, uint32_t *ret_class, uint32_t *ret_mask, struct reason *why);
/* Octal file mode such as 0660. */
int value_mode(const char *word, uint32_t *ret, struct reason *why);
/* Position of @word in @names (NULL-terminated), or -EINVAL and a list of them. */
int value_choice(const char *word, const char *const names[], struct reason *why);
/* A label: 1 to 31 of [A-Za-z0-9_-], the first alphanumeric. */
int value_label(const char *word, struct reason *why);
/* A network interface's name. */
int value_ifname(const char *word, struct reason *why);

#endif /* RSD_CONF_VALUE_H */
