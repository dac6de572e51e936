/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * knl-attr.h - the family's attributes into structures: one table per attribute set
 */
#ifndef RSD_KNL_ATTR_H
#define RSD_KNL_ATTR_H

#include <netlink/attr.h>

#include "knl.h"

/* Each takes the attribute stream of one message. */
int knl_parse_slot(struct nlattr *head, int len, struct knl_slot *ret);
int knl_parse_instance(struct nlattr *head, int len, struct knl_instance *ret);
int knl_parse_event(struct nlattr *head, int len, struct knl_event *ret);

#endif /* RSD_KNL_ATTR_H */
