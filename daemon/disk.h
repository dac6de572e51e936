/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * disk.h - disks of a service, or of a device, and whether somebody uses them
 */
#ifndef RSD_DISK_H
#define RSD_DISK_H

#include "base.h"

/**
 * disk_check_free() - may the disks below a directory of sysfs go?
 * @dir: "/sys/class/rsmod/<label>", "/sys/bus/pci/devices/<address>"
 * @why: which one is used, and by whom
 *
 * A disk is used if it, or one of its partitions, is mounted, is swap, or belongs to
 * another device (device mapper, md).
 *
 * Return: 0, or -EBUSY.
 */
int disk_check_free(const char *dir, struct reason *why);

/* Names of the disks below @dir, without partitions, separated by blanks. */
void disk_names(const char *dir, char *buf, size_t size);

/* Names of a service's disks, "rsb0 rsb1", in the order of their minors; empty if there are none. */
void disk_names_served(const char *label, char *buf, size_t size);

#endif /* RSD_DISK_H */
