/* SPDX-License-Identifier: GPL-2.0 */
/*
 * map.h - what an instance file maps, and how it is taken away
 */
#ifndef _RS_MAP_H
#define _RS_MAP_H

#include <linux/types.h>

struct file;
struct inode;
struct rs_instance;
struct vm_area_struct;

/* An inode of its own for an instance, or ERR_PTR; rs_map_inode_put() when its file is gone. */
struct inode *rs_map_inode_new(void);
void rs_map_inode_put(struct inode *inode);

int rs_map_mmap(struct file *file, struct vm_area_struct *vma);

/* The device's registers may be reached by @inst. */
void rs_map_grant_bars(struct rs_instance *inst);
/*
 * Take the device's registers away from @inst: on return no CPU has a mapping and no fault can
 * make one.  May sleep; must not be called with mmap_lock held.
 */
void rs_map_zap_bars(struct rs_instance *inst);
/* The slot's mapped state may be written by @inst. */
void rs_map_grant_state(struct rs_instance *inst);
/* Take it away: on return nothing that @inst does changes it. */
void rs_map_zap_state(struct rs_instance *inst);
/* Take everything away: rings and pool too. */
void rs_map_zap_all(struct rs_instance *inst);

#endif /* _RS_MAP_H */
