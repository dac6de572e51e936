/* SPDX-License-Identifier: GPL-2.0 */
/* Before 6.3 a mapping's flags were written directly.  No macro tells. */
#ifndef _RS_COMPAT_LINUX_MM_H
#define _RS_COMPAT_LINUX_MM_H

#include_next <linux/mm.h>

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}

static inline void vm_flags_clear(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags &= ~flags;
}
#endif

#endif /* _RS_COMPAT_LINUX_MM_H */
