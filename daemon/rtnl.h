/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rtnl.h - rtnetlink, as far as moving an interface's configuration needs it
 *
 * Messages are kept as the kernel sent them and given back with the interface's index
 * changed: whatever attribute an address or a route carries survives without this code
 * knowing it.
 */
#ifndef RSD_RTNL_H
#define RSD_RTNL_H

#include "base.h"

/**
 * struct rtnl_message - one address or route
 * @type: RTM_NEWADDR or RTM_NEWROUTE
 * @len: bytes of @data
 * @data: family header and attributes
 */
struct rtnl_message {
	uint16_t type;
	uint32_t len;
	char *data;
};

struct rtnl_list {
	struct rtnl_message *msg;
	size_t nr;
};

void rtnl_list_free(struct rtnl_list *list);
int rtnl_list_add(struct rtnl_list *list, uint16_t type, const void *data, size_t len);

/* The addresses of an interface that do not come back by themselves. */
int rtnl_addresses(unsigned int ifindex, struct rtnl_list *list);
/* The routes over an interface that do not come back by themselves. */
int rtnl_routes(unsigned int ifindex, struct rtnl_list *list);
/* Gives one message to the kernel for interface @ifindex (@old_ifindex: whose it was). */
int rtnl_apply(const struct rtnl_message *m, unsigned int old_ifindex, unsigned int ifindex);

#define RTNL_LINK_NAME	(1U << 0)
#define RTNL_LINK_MAC	(1U << 1)
#define RTNL_LINK_MTU	(1U << 2)
#define RTNL_LINK_FLAGS	(1U << 3)
#define RTNL_LINK_MASTER (1U << 4)
#define RTNL_LINK_QLEN	(1U << 5)

/**
 * struct rtnl_link - an interface
 * @set: RTNL_LINK_*: what rtnl_link_set() is to change
 * @flags: IFF_UP, IFF_PROMISC, IFF_ALLMULTI, IFF_NOARP
 */
struct rtnl_link {
	unsigned int ifindex;
	unsigned int set;
	char name[16];
	uint8_t mac[6];
	uint32_t mtu;
	uint32_t qlen;
	uint32_t flags;
	uint32_t master;
};

#define RTNL_LINK_FLAG_MASK	(0x1U | 0x100U | 0x200U | 0x80U)

int rtnl_link_get(unsigned int ifindex, struct rtnl_link *ret);
int rtnl_link_set(const struct rtnl_link *link);

/* Whether a default route of the main table leads over the interface. */
bool rtnl_carries_default(unsigned int ifindex);

#endif /* RSD_RTNL_H */
