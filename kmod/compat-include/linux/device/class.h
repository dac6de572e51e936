/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Until 6.4 class_create() was a macro that took the owner too; of those kernels we support 6.1,
 * where a class's devnode() is not given a const device.
 */
#ifndef _RS_COMPAT_LINUX_DEVICE_CLASS_H
#define _RS_COMPAT_LINUX_DEVICE_CLASS_H

#include_next <linux/device/class.h>

#ifdef class_create
#undef class_create
#define class_create(name)					\
({								\
	static struct lock_class_key __key;			\
	__class_create(THIS_MODULE, name, &__key);		\
})
#define devnode_device struct device
#else
#define devnode_device const struct device
#endif

#endif /* _RS_COMPAT_LINUX_DEVICE_CLASS_H */
