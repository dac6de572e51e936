/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sysfs.h - /sys/class/rsmod/<label>/, one value per file; and /sys/kernel/debug/rsmod/<label>/
 */
#ifndef _RS_SYSFS_H
#define _RS_SYSFS_H

struct rs_slot;

/* Make the slot's directory; slot->sys. */
int rs_sysfs_add(struct rs_slot *slot);
void rs_sysfs_del(struct rs_slot *slot);
int rs_sysfs_init(void);
void rs_sysfs_exit(void);

/* The ledger, queue by queue, as text. */
void rs_debugfs_add(struct rs_slot *slot);
void rs_debugfs_del(struct rs_slot *slot);
void rs_debugfs_init(void);
void rs_debugfs_exit(void);

#endif /* _RS_SYSFS_H */
