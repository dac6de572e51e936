// SPDX-License-Identifier: GPL-2.0-only
/*
 * netcfg.c - record, apply, and text form
 */
#include <dirent.h>
#include <net/if.h>

#include <linux/if_arp.h>
#include <linux/rtnetlink.h>

#include "netcfg.h"

#define UPPER_DEPTH_MAX	4

int netcfg_record(struct netcfg *c, const char *ifname, struct reason *why)
{
	unsigned int ifindex = if_nametoindex(ifname);
	struct netcfg n = { 0 };
	int r;

	if (!ifindex)
		return refuse(why, -ENODEV, "there is no network interface %s", ifname);
	r = rtnl_link_get(ifindex, &n.link);
	if (r == 0)
		r = rtnl_addresses(ifindex, &n.addresses);
	if (r == 0)
		r = rtnl_routes(ifindex, &n.routes);
	if (r < 0) {
		netcfg_clear(&n);
		return refuse(why, r, "reading the configuration of interface %s: %s", ifname,
			      strerror(-r));
	}
	netcfg_clear(c);
	*c = n;
	return 0;
}

static bool has_gateway(const struct rtnl_message *m)
{
	const struct rtattr *a = (const struct rtattr *)(m->data + NLMSG_ALIGN(sizeof(struct rtmsg)));
	int len = (int)m->len - (int)NLMSG_ALIGN(sizeof(struct rtmsg));

	for (; RTA_OK(a, len); a = RTA_NEXT(a, len))
		if (a->rta_type == RTA_GATEWAY || a->rta_type == RTA_VIA)
			return true;
	return false;
}

static void note(int *first, int r, struct reason *why, const char *what, const char *ifname)
{
	if (r >= 0 || r == -EEXIST)
		return;
	if (*first == 0) {
		*first = r;
		refuse(why, r, "%s of interface %s could not be set: %s", what, ifname,
		       strerror(-r));
	}
}

int netcfg_apply(const struct netcfg *c, unsigned int ifindex, unsigned int set,
		 struct reason *why)
{
	struct rtnl_link link = c->link;
	const char *name = c->link.name;
	int first = 0, pass;
	size_t i;

	link.ifindex = ifindex;
	/* one by one: what a device refuses (an MTU, say) must not stop the rest */
	if (set & RTNL_LINK_NAME) {
		link.set = RTNL_LINK_NAME;
		note(&first, rtnl_link_set(&link), why, "the name", name);
	}
	if (set & RTNL_LINK_MAC) {
		link.set = RTNL_LINK_MAC;
		note(&first, rtnl_link_set(&link), why, "the address", name);
	}
	link.set = RTNL_LINK_MTU;
	note(&first, rtnl_link_set(&link), why, "the MTU", name);
	link.set = RTNL_LINK_QLEN;
	rtnl_link_set(&link);
	if (link.master) {
		link.set = RTNL_LINK_MASTER;
		note(&first, rtnl_link_set(&link), why, "the master", name);
	}
	link.set = RTNL_LINK_FLAGS;
	note(&first, rtnl_link_set(&link), why, "the flags", name);

	for (i = 0; i < c->addresses.nr; i++)
		note(&first, rtnl_apply(&c->addresses.msg[i], c->link.ifindex, ifindex), why,
		     "an address", name);
	/* gateways must be reachable first */
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < c->routes.nr; i++)
			if (has_gateway(&c->routes.msg[i]) == (pass == 1))
				note(&first, rtnl_apply(&c->routes.msg[i], c->link.ifindex,
							ifindex), why, "a route", name);
	return first;
}

void netcfg_clear(struct netcfg *c)
{
	rtnl_list_free(&c->addresses);
	rtnl_list_free(&c->routes);
	memset(&c->link, 0, sizeof(c->link));
}

static void put_list(FILE *f, char tag, const struct rtnl_list *list)
{
	size_t i;
	uint32_t j;

	for (i = 0; i < list->nr; i++) {
		fprintf(f, " %c", tag);
		for (j = 0; j < list->msg[i].len; j++)
			fprintf(f, "%02x", (unsigned char)list->msg[i].data[j]);
	}
}

int netcfg_to_text(const struct netcfg *c, char **ret)
{
	const struct rtnl_link *l = &c->link;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return -ENOMEM;
	fprintf(f, "%u %s %02x%02x%02x%02x%02x%02x %u %u %u %u", l->ifindex, l->name, l->mac[0],
		l->mac[1], l->mac[2], l->mac[3], l->mac[4], l->mac[5], l->mtu, l->qlen, l->flags,
		l->master);
	put_list(f, 'a', &c->addresses);
	put_list(f, 'r', &c->routes);
	if (fclose(f) != 0) {
		free(text);
		return -ENOMEM;
	}
	*ret = text;
	return 0;
}

static int get_message(struct netcfg *c, const char *word)
{
	unsigned char data[4096];
	size_t len = strlen(word + 1) / 2, i;
	unsigned int byte;

	if (len > sizeof(data) || strlen(word + 1) % 2)
		return -EBADMSG;
	for (i = 0; i < len; i++) {
		if (sscanf(word + 1 + 2 * i, "%2x", &byte) != 1)
			return -EBADMSG;
		data[i] = (unsigned char)byte;
	}
	if (word[0] == 'a' && len >= sizeof(struct ifaddrmsg))
		return rtnl_list_add(&c->addresses, RTM_NEWADDR, data, len);
	if (word[0] == 'r' && len >= sizeof(struct rtmsg))
		return rtnl_list_add(&c->routes, RTM_NEWROUTE, data, len);
	return -EBADMSG;
}

int netcfg_from_text(struct netcfg *c, const char *text)
{
	char *copy __cleanup_free = strdup(text);
	struct netcfg n = { 0 };
	unsigned int b[6], i;
	char *word, *save = NULL;
	int end = 0, r = 0;

	if (!copy)
		return -ENOMEM;
	if (sscanf(copy, "%u %15s %2x%2x%2x%2x%2x%2x %u %u %u %u%n", &n.link.ifindex, n.link.name,
		   &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &n.link.mtu, &n.link.qlen,
		   &n.link.flags, &n.link.master, &end) != 12)
		return -EBADMSG;
	for (i = 0; i < 6; i++)
		n.link.mac[i] = (uint8_t)b[i];
	for (word = strtok_r(copy + end, " ", &save); word && r == 0;
	     word = strtok_r(NULL, " ", &save))
		r = get_message(&n, word);
	if (r < 0) {
		netcfg_clear(&n);
		return r;
	}
	netcfg_clear(c);
	*c = n;
	return 0;
}

void netcfg_uppers(const char *ifname, char *buf, size_t size)
{
	struct dirent **names;
	char path[64], master[64] = "";
	size_t len = 0;
	int n, i;

	buf[0] = '\0';
	if (format(path, sizeof(path), "/sys/class/net/%s/master", ifname) < 0)
		return;
	/* a bridge or a bond stays, and gets the interface back */
	read_link_name(master, sizeof(master), path);
	path[strlen(path) - strlen("/master")] = '\0';
	n = scandir(path, &names, NULL, alphasort);
	if (n < 0)
		return;
	for (i = 0; i < n; i++) {
		if (!strncmp(names[i]->d_name, "upper_", 6) && len < size &&
		    !streq(names[i]->d_name + 6, master))
			len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? " " : "",
						names[i]->d_name + 6);
		free(names[i]);
	}
	free(names);
}

static bool carries_default(const char *ifname, unsigned int depth)
{
	unsigned int ifindex = if_nametoindex(ifname);
	struct dirent **names;
	bool found = false;
	char path[64];
	int n, i;

	if (!ifindex)
		return false;
	if (rtnl_carries_default(ifindex))
		return true;
	/* bonds, bridges and VLANs above it */
	if (depth == 0 || format(path, sizeof(path), "/sys/class/net/%s", ifname) < 0)
		return false;
	n = scandir(path, &names, NULL, alphasort);
	if (n < 0)
		return false;
	for (i = 0; i < n; i++) {
		if (!found && !strncmp(names[i]->d_name, "upper_", 6))
			found = carries_default(names[i]->d_name + 6, depth - 1);
		free(names[i]);
	}
	free(names);
	return found;
}

bool netcfg_carries_default(const char *ifname)
{
	return carries_default(ifname, UPPER_DEPTH_MAX);
}
