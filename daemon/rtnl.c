// SPDX-License-Identifier: GPL-2.0-only
/*
 * rtnl.c - dumps and single changes over one NETLINK_ROUTE socket
 */
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include <linux/rtnetlink.h>

#include "rtnl.h"

#define PAYLOAD_MAX	4096

typedef void (*message_fn)(void *arg, const struct nlmsghdr *h);

struct exchange {
	message_fn fn;
	void *arg;
	int error;
	bool done;
};

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct exchange *x = arg;

	if (x->fn)
		x->fn(x->arg, nlmsg_hdr(msg));
	return NL_OK;
}

static int on_done(struct nl_msg *msg, void *arg)
{
	(void)msg;
	((struct exchange *)arg)->done = true;
	return NL_STOP;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	struct exchange *x = arg;

	(void)from;
	x->error = e->error;
	x->done = true;
	return NL_STOP;
}

/* One request on a socket of its own; messages of the answer go to @fn. */
static int exchange(struct nl_msg *msg, message_fn fn, void *arg)
{
	struct exchange x = { .fn = fn, .arg = arg };
	struct nl_sock *sk = nl_socket_alloc();
	struct nl_cb *cb = nl_cb_alloc(NL_CB_CUSTOM);
	int r = -ENOMEM;

	if (!sk || !cb)
		goto out;
	if (nl_connect(sk, NETLINK_ROUTE) < 0) {
		r = -EIO;
		goto out;
	}
	nl_socket_set_msg_buf_size(sk, 65536);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, &x);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_done, &x);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_done, &x);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, &x);
	r = nl_send_auto(sk, msg);
	while (r >= 0 && !x.done) {
		r = nl_recvmsgs(sk, cb);
		if (r < 0 && !x.done)
			break;
	}
	r = x.done ? x.error : -EIO;
out:
	if (cb)
		nl_cb_put(cb);
	nl_socket_free(sk);
	return r;
}

static struct nl_msg *request(uint16_t type, int flags, const void *header, size_t len)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	if (msg && nlmsg_append(msg, (void *)(uintptr_t)header, len, NLMSG_ALIGNTO) < 0) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static int run(struct nl_msg *msg, message_fn fn, void *arg)
{
	int r;

	if (!msg)
		return -ENOMEM;
	r = exchange(msg, fn, arg);
	nlmsg_free(msg);
	return r;
}

void rtnl_list_free(struct rtnl_list *list)
{
	while (list->nr > 0)
		free(list->msg[--list->nr].data);
	free(list->msg);
	list->msg = NULL;
}

int rtnl_list_add(struct rtnl_list *list, uint16_t type, const void *data, size_t len)
{
	struct rtnl_message *more;
	char *copy;

	if (len > PAYLOAD_MAX)
		return -E2BIG;
	copy = malloc(len);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, data, len);
	more = realloc(list->msg, (list->nr + 1) * sizeof(*more));
	if (!more) {
		free(copy);
		return -ENOMEM;
	}
	list->msg = more;
	more[list->nr].type = type;
	more[list->nr].len = (uint32_t)len;
	more[list->nr].data = copy;
	list->nr++;
	return 0;
}

struct collect {
	struct rtnl_list *list;
	unsigned int ifindex;
	int error;
};

static void add(struct collect *c, const struct nlmsghdr *h)
{
	int r = rtnl_list_add(c->list, h->nlmsg_type, NLMSG_DATA(h), NLMSG_PAYLOAD(h, 0));

	if (r < 0)
		c->error = r;
}

/* IPv6 link-local addresses made by the kernel come back with the MAC. */
static bool kernel_link_local(const struct nlmsghdr *h, const struct ifaddrmsg *a)
{
	struct nlattr *attr = nlmsg_find_attr((struct nlmsghdr *)(uintptr_t)h, sizeof(*a),
					      IFA_PROTO);

	if (a->ifa_family != AF_INET6 || a->ifa_scope != RT_SCOPE_LINK)
		return false;
	return !attr || nla_get_u8(attr) == IFAPROT_KERNEL_LL;
}

static void on_address(void *arg, const struct nlmsghdr *h)
{
	const struct ifaddrmsg *a = NLMSG_DATA(h);
	struct collect *c = arg;

	if (h->nlmsg_type == RTM_NEWADDR && a->ifa_index == c->ifindex &&
	    !kernel_link_local(h, a))
		add(c, h);
}

int rtnl_addresses(unsigned int ifindex, struct rtnl_list *list)
{
	struct ifaddrmsg header = { .ifa_family = AF_UNSPEC };
	struct collect c = { .list = list, .ifindex = ifindex };
	int r;

	r = run(request(RTM_GETADDR, NLM_F_DUMP, &header, sizeof(header)), on_address, &c);
	return r < 0 ? r : c.error;
}

static uint32_t route_oif(const struct nlmsghdr *h)
{
	struct nlattr *a = nlmsg_find_attr((struct nlmsghdr *)(uintptr_t)h, sizeof(struct rtmsg),
					   RTA_OIF);

	return a ? nla_get_u32(a) : 0;
}

/*
 * Local and connected routes (RTPROT_KERNEL) follow the addresses; what router
 * advertisements brought comes with the next one.
 */
static void on_route(void *arg, const struct nlmsghdr *h)
{
	const struct rtmsg *m = NLMSG_DATA(h);
	struct collect *c = arg;

	if (h->nlmsg_type != RTM_NEWROUTE || m->rtm_type != RTN_UNICAST ||
	    m->rtm_flags & RTM_F_CLONED || m->rtm_protocol == RTPROT_KERNEL ||
	    m->rtm_protocol == RTPROT_RA || route_oif(h) != c->ifindex)
		return;
	add(c, h);
}

int rtnl_routes(unsigned int ifindex, struct rtnl_list *list)
{
	static const unsigned char families[] = { AF_INET, AF_INET6 };
	struct collect c = { .list = list, .ifindex = ifindex };
	size_t i;
	int r;

	for (i = 0; i < sizeof(families); i++) {
		struct rtmsg header = { .rtm_family = families[i] };

		r = run(request(RTM_GETROUTE, NLM_F_DUMP, &header, sizeof(header)), on_route, &c);
		if (r < 0 && r != -EAFNOSUPPORT && r != -EOPNOTSUPP)
			return r;
	}
	return c.error;
}

int rtnl_apply(const struct rtnl_message *m, unsigned int old_ifindex, unsigned int ifindex)
{
	char buf[PAYLOAD_MAX] __attribute__((aligned(8)));
	size_t header = m->type == RTM_NEWADDR ? sizeof(struct ifaddrmsg) : sizeof(struct rtmsg);
	struct nlattr *a;
	int rest;

	if (m->len > sizeof(buf) || m->len < header)
		return -EINVAL;
	memcpy(buf, m->data, m->len);
	if (m->type == RTM_NEWADDR) {
		((struct ifaddrmsg *)buf)->ifa_index = ifindex;
	} else {
		((struct rtmsg *)buf)->rtm_flags &= ~(unsigned int)(RTNH_F_DEAD | RTNH_F_LINKDOWN);
		nla_for_each_attr(a, (struct nlattr *)(buf + NLMSG_ALIGN(header)),
				  (int)(m->len - NLMSG_ALIGN(header)), rest) {
			uint32_t oif;

			if (nla_type(a) != RTA_OIF || nla_len(a) < (int)sizeof(oif))
				continue;
			memcpy(&oif, nla_data(a), sizeof(oif));
			if (oif == old_ifindex)
				memcpy(nla_data(a), &ifindex, sizeof(oif));
		}
	}
	return run(request(m->type, NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK, buf, m->len), NULL,
		   NULL);
}

static void on_link(void *arg, const struct nlmsghdr *h)
{
	const struct ifinfomsg *i = NLMSG_DATA(h);
	struct nlmsghdr *m = (struct nlmsghdr *)(uintptr_t)h;
	struct rtnl_link *l = arg;
	struct nlattr *a;

	if (h->nlmsg_type != RTM_NEWLINK)
		return;
	l->ifindex = (unsigned int)i->ifi_index;
	l->flags = i->ifi_flags & RTNL_LINK_FLAG_MASK;
	a = nlmsg_find_attr(m, sizeof(*i), IFLA_IFNAME);
	if (a)
		copy_text(l->name, sizeof(l->name), nla_get_string(a));
	a = nlmsg_find_attr(m, sizeof(*i), IFLA_ADDRESS);
	if (a && nla_len(a) == 6)
		memcpy(l->mac, nla_data(a), 6);
	a = nlmsg_find_attr(m, sizeof(*i), IFLA_MTU);
	if (a)
		l->mtu = nla_get_u32(a);
	a = nlmsg_find_attr(m, sizeof(*i), IFLA_TXQLEN);
	if (a)
		l->qlen = nla_get_u32(a);
	a = nlmsg_find_attr(m, sizeof(*i), IFLA_MASTER);
	if (a)
		l->master = nla_get_u32(a);
}

int rtnl_link_get(unsigned int ifindex, struct rtnl_link *ret)
{
	struct ifinfomsg header = { .ifi_index = (int)ifindex };

	memset(ret, 0, sizeof(*ret));
	return run(request(RTM_GETLINK, NLM_F_ACK, &header, sizeof(header)), on_link, ret);
}

int rtnl_link_set(const struct rtnl_link *l)
{
	struct ifinfomsg header = { .ifi_index = (int)l->ifindex };
	struct nl_msg *msg;

	if (l->set & RTNL_LINK_FLAGS) {
		header.ifi_flags = l->flags;
		header.ifi_change = RTNL_LINK_FLAG_MASK;
	}
	msg = request(RTM_NEWLINK, NLM_F_ACK, &header, sizeof(header));
	if (!msg)
		return -ENOMEM;
	if (l->set & RTNL_LINK_NAME)
		nla_put_string(msg, IFLA_IFNAME, l->name);
	if (l->set & RTNL_LINK_MAC)
		nla_put(msg, IFLA_ADDRESS, 6, l->mac);
	if (l->set & RTNL_LINK_MTU)
		nla_put_u32(msg, IFLA_MTU, l->mtu);
	if (l->set & RTNL_LINK_QLEN)
		nla_put_u32(msg, IFLA_TXQLEN, l->qlen);
	if (l->set & RTNL_LINK_MASTER)
		nla_put_u32(msg, IFLA_MASTER, l->master);
	return run(msg, NULL, NULL);
}

struct default_search {
	unsigned int ifindex;
	bool found;
};

static void on_default(void *arg, const struct nlmsghdr *h)
{
	const struct rtmsg *m = NLMSG_DATA(h);
	struct default_search *d = arg;

	if (h->nlmsg_type == RTM_NEWROUTE && m->rtm_dst_len == 0 &&
	    m->rtm_type == RTN_UNICAST && m->rtm_table == RT_TABLE_MAIN &&
	    route_oif(h) == d->ifindex)
		d->found = true;
}

bool rtnl_carries_default(unsigned int ifindex)
{
	static const unsigned char families[] = { AF_INET, AF_INET6 };
	struct default_search d = { .ifindex = ifindex };
	size_t i;

	for (i = 0; i < sizeof(families); i++) {
		struct rtmsg header = { .rtm_family = families[i] };

		run(request(RTM_GETROUTE, NLM_F_DUMP, &header, sizeof(header)), on_default, &d);
	}
	return d.found;
}
