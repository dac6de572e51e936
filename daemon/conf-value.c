// SPDX-License-Identifier: GPL-2.0-only
/*
 * conf-value.c - readers for one word of system.conf
 */
#include <ctype.h>
#include <inttypes.h>
#include <net/if.h>

#include <linux/rs_types.h>

#include "conf-value.h"

int value_number(const char *word, int64_t min, int64_t max, int64_t *ret, struct reason *why)
{
	char *end;
	long long v;

	errno = 0;
	v = strtoll(word, &end, 10);
	if (isspace((unsigned char)word[0]) || end == word || *end || errno)
		return refuse(why, -EINVAL, "'%s' is not a number", word);
	if (v < min || v > max)
		return refuse(why, -ERANGE, "%s is not between %" PRId64 " and %" PRId64,
			      word, min, max);
	*ret = v;
	return 0;
}

int value_time(const char *word, uint32_t *ret_ms, struct reason *why)
{
	static const struct {
		const char *unit;
		uint32_t ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 } };
	unsigned long long v;
	char *end;
	size_t i;

	if (streq(word, "never")) {
		*ret_ms = 0;
		return 0;
	}
	errno = 0;
	v = strtoull(word, &end, 10);
	if (!isdigit((unsigned char)word[0]) || errno)
		return refuse(why, -EINVAL,
			      "'%s' is not a time; write a number with ms, s, m or h, or never", word);
	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (!streq(end, units[i].unit))
			continue;
		if (v == 0 || v > UINT32_MAX / units[i].ms)
			return refuse(why, -ERANGE,
				      "time '%s' is out of range; to switch it off write never", word);
		*ret_ms = (uint32_t)v * units[i].ms;
		return 0;
	}
	if (!*end)
		return refuse(why, -EINVAL, "time '%s' has no unit; write %sms or %ss", word,
			      word, word);
	return refuse(why, -EINVAL, "'%s' is not a unit of time; there are ms, s, m and h", end);
}

int value_size(const char *word, uint64_t *ret, struct reason *why)
{
	unsigned long long v;
	unsigned int shift;
	char *end;

	errno = 0;
	v = strtoull(word, &end, 10);
	if (!isdigit((unsigned char)word[0]) || errno)
		return refuse(why, -EINVAL, "'%s' is not a size; write 65536, 64K or 4M", word);
	switch (*end) {
	case '\0':
		shift = 0;
		break;
	case 'K':
		shift = 10;
		break;
	case 'M':
		shift = 20;
		break;
	case 'G':
		shift = 30;
		break;
	default:
		return refuse(why, -EINVAL, "'%s' is not a unit of size; there are K, M and G", end);
	}
	if (*end && end[1])
		return refuse(why, -EINVAL, "'%s' is not a unit of size; there are K, M and G", end);
	if (v > UINT64_MAX >> shift)
		return refuse(why, -ERANGE, "size '%s' is out of range", word);
	*ret = (uint64_t)v << shift;
	return 0;
}

int value_mac(const char *word, uint8_t ret[6], struct reason *why)
{
	static const uint8_t zero[6];
	unsigned int b[6], i;
	uint8_t mac[6];
	int end = 0;

	if (strlen(word) != 17 ||
	    sscanf(word, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5],
		   &end) != 6 || word[end])
		return refuse(why, -EINVAL, "'%s' is not an address such as 52:54:00:12:34:56", word);
	for (i = 0; i < 6; i++)
		mac[i] = (uint8_t)b[i];
	if (mac[0] & 1)
		return refuse(why, -EINVAL, "%s is a multicast address", word);
	if (!memcmp(mac, zero, sizeof(mac)))
		return refuse(why, -EINVAL, "%s is not a usable address", word);
	memcpy(ret, mac, sizeof(mac));
	return 0;
}

static bool all_hex(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!isxdigit((unsigned char)s[i]))
			return false;
	return true;
}

int value_pci_address(const char *word, char *ret, size_t size, struct reason *why)
{
	unsigned int domain = 0, bus, slot, fn;
	size_t len = strlen(word);
	const char *p = word;

	if (len == 12 && all_hex(word, 4) && word[4] == ':') {
		domain = (unsigned int)strtoul(word, NULL, 16);
		p = word + 5;
		len -= 5;
	}
	if (len != 7 || !all_hex(p, 2) || p[2] != ':' || !all_hex(p + 3, 2) || p[5] != '.' ||
	    p[6] < '0' || p[6] > '7')
		return refuse(why, -EINVAL, "'%s' is not a PCI address such as 0000:01:00.0", word);
	bus = (unsigned int)strtoul(p, NULL, 16);
	slot = (unsigned int)strtoul(p + 3, NULL, 16);
	fn = (unsigned int)(p[6] - '0');
	if (slot > 0x1f)
		return refuse(why, -EINVAL, "'%s': a PCI device number is at most 1f", word);
	return format(ret, size, "%04x:%02x:%02x.%u", domain, bus, slot, fn);
}

int value_pci_id(const char *word, uint16_t *ret_vendor, uint16_t *ret_device,
		 struct reason *why)
{
	if (strlen(word) != 9 || !all_hex(word, 4) || (word[4] != ':' && word[4] != '/') ||
	    !all_hex(word + 5, 4))
		return refuse(why, -EINVAL, "'%s' is not a vendor and device such as 8086:10d3",
			      word);
	*ret_vendor = (uint16_t)strtoul(word, NULL, 16);
	*ret_device = (uint16_t)strtoul(word + 5, NULL, 16);
	return 0;
}

int value_pci_class(const char *word, uint32_t *ret_class, uint32_t *ret_mask, struct reason *why)
{
	uint32_t class = 0, mask = 0;
	const char *p = word;
	size_t digits;
	int shift;

	for (shift = 16; shift >= 0; shift -= 8) {
		digits = strspn(p, "0123456789abcdefABCDEF");
		if (digits < 1 || digits > 2)
			break;
		class |= (uint32_t)strtoul(p, NULL, 16) << shift;
		mask |= UINT32_C(0xff) << shift;
		p += digits;
		if (*p != '/')
			break;
		p++;
	}
	if (!mask || *p || p[-1] == '/')
		return refuse(why, -EINVAL,
			      "'%s' is not a class, subclass and interface such as 01/08/02", word);
	*ret_class = class;
	*ret_mask = mask;
	return 0;
}

int value_mode(const char *word, uint32_t *ret, struct reason *why)
{
	char *end;
	unsigned long v = strtoul(word, &end, 8);

	if (!isdigit((unsigned char)word[0]) || *end || v > 0777)
		return refuse(why, -EINVAL, "'%s' is not a file mode such as 0660", word);
	*ret = (uint32_t)v;
	return 0;
}

int value_choice(const char *word, const char *const names[], struct reason *why)
{
	char list[256] = "";
	size_t n = 0;
	int i;

	for (i = 0; names[i]; i++) {
		if (streq(word, names[i]))
			return i;
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", i ? ", " : "", names[i]);
	}
	return refuse(why, -EINVAL, "'%s' is not one of %s", word, list);
}

int value_label(const char *word, struct reason *why)
{
	size_t len = strlen(word), i;

	if (len == 0)
		return refuse(why, -EINVAL, "a label must not be empty");
	if (len >= RS_LABEL_MAX)
		return refuse(why, -EINVAL, "label '%.40s' is longer than %d characters", word,
			      RS_LABEL_MAX - 1);
	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)word[i]) && (i == 0 || !strchr("_-", word[i])))
			return refuse(why, -EINVAL,
				      "label '%s' has a character other than letters, digits, _ and -",
				      word);
	return 0;
}

int value_ifname(const char *word, struct reason *why)
{
	size_t len = strlen(word), i;

	if (len == 0 || len >= IFNAMSIZ)
		return refuse(why, -EINVAL, "'%.40s': an interface's name has 1 to %d characters",
			      word, IFNAMSIZ - 1);
	for (i = 0; i < len; i++)
		if (strchr("/: \t", word[i]))
			return refuse(why, -EINVAL, "'%s' is not an interface's name", word);
	if (streq(word, ".") || streq(word, ".."))
		return refuse(why, -EINVAL, "'%s' is not an interface's name", word);
	return 0;
}
