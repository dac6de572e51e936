/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shadow of VFIO's header: is this file an open VFIO device?
 *
 * VFIO exports no such test for device files of the group interface.  What identifies one has
 * changed: at first the file's private data was the vfio_device; with the interface of
 * VFIO_DEVICE_BIND_IOMMUFD it became something private to VFIO, but the file maps the address
 * space of the device's own inode.
 */
#ifndef _RS_COMPAT_LINUX_VFIO_H
#define _RS_COMPAT_LINUX_VFIO_H

#include_next <linux/vfio.h>

#include <linux/fs.h>

static inline bool rs_vfio_file_is_device(struct file *file, struct vfio_device *vdev)
{
#ifdef VFIO_DEVICE_BIND_IOMMUFD
	return file->f_mapping == vdev->inode->i_mapping;
#else
	return file->private_data == vdev;
#endif
}

#endif /* _RS_COMPAT_LINUX_VFIO_H */
