/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ctl.h - the generic-netlink family "rsmod"
 */
#ifndef _RS_CTL_H
#define _RS_CTL_H

#include <net/genetlink.h>

/* Group offset of RSMOD_MCGRP_EVENTS. */
#define RS_CTL_EVENTS	0

extern struct genl_family rs_ctl_family;

int rs_ctl_init(void);
void rs_ctl_exit(void);

#endif /* _RS_CTL_H */
