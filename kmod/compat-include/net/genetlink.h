/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Before 6.2 the hooks around an operation were passed struct genl_ops.  Since 6.6 the attributes
 * of a dump are found through genl_info_dump().  No macro tells.
 */
#ifndef _RS_COMPAT_NET_GENETLINK_H
#define _RS_COMPAT_NET_GENETLINK_H

#include_next <net/genetlink.h>

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define genl_split_ops genl_ops
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define genl_dump_attrs(cb) (genl_dumpit_info(cb)->attrs)
#else
#define genl_dump_attrs(cb) (genl_info_dump(cb)->attrs)
#endif

#endif /* _RS_COMPAT_NET_GENETLINK_H */
