/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * netcfg.h - what an interface is configured to, taken from one and put onto another
 *
 * `up` takes it from the kernel driver's interface before that goes and puts it onto
 * ours; `down` takes it from ours and puts it onto the kernel driver's.  In between it
 * survives rsd in the state file, as text.
 */
#ifndef RSD_NETCFG_H
#define RSD_NETCFG_H

#include "rtnl.h"

/**
 * struct netcfg - a recorded configuration
 * @link: name, MAC, MTU, queue length, flags, master; ifindex 0 = nothing is recorded
 * @addresses: its addresses
 * @routes: routes that lead over it
 */
struct netcfg {
	struct rtnl_link link;
	struct rtnl_list addresses;
	struct rtnl_list routes;
};

static inline bool netcfg_recorded(const struct netcfg *c)
{
	return c->link.ifindex != 0;
}

/* Replaces *c by the configuration of @ifname. */
int netcfg_record(struct netcfg *c, const char *ifname, struct reason *why);

/**
 * netcfg_apply() - put it onto another interface
 * @c: recorded
 * @ifindex: the other interface
 * @set: RTNL_LINK_* to set as well; RTNL_LINK_NAME only works while it is down
 * @why: what could not be applied
 *
 * Goes on after a part that fails.  Return: 0, or the first error.
 */
int netcfg_apply(const struct netcfg *c, unsigned int ifindex, unsigned int set,
		 struct reason *why);

void netcfg_clear(struct netcfg *c);

/* As one line of text and back; *ret is the caller's to free(). */
int netcfg_to_text(const struct netcfg *c, char **ret);
int netcfg_from_text(struct netcfg *c, const char *text);

/* Names of the interfaces above @ifname (VLANs, macvlans), which go when it goes. */
void netcfg_uppers(const char *ifname, char *buf, size_t size);

/* Whether a default route leads over @ifname or over an interface that it is part of. */
bool netcfg_carries_default(const char *ifname);

#endif /* RSD_NETCFG_H */
