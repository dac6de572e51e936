// SPDX-License-Identifier: GPL-2.0
/*
 * vfio.c - leases of PCI devices that vfio-pci holds behind an IOMMU
 *
 * rsd opens the device through VFIO, maps each instance's pool for DMA and sets the interrupts
 * up; the lease keeps the files, so that the device, its mappings and its interrupts survive the
 * death of a driver and of rsd.  VFIO itself is asked for nothing afterwards: registers,
 * bus mastering and configuration space are reached with the PCI core's own means, next to it.
 * That works because VFIO passes the bus-master bit through and keeps the device in D0 while
 * it is open.
 *
 * What add() verifies, though its caller has CAP_SYS_ADMIN: the device is driven by vfio-pci, is
 * alone in its IOMMU group, belongs to the group of the group file, and is the one behind the
 * device file; the IOMMU is in front of it, with a domain that some user of VFIO attached.  What
 * it cannot: that the container file is the very container which the group was put into.
 * Nothing rests on that: the group file keeps its own container alive.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/vfio.h>
#include <linux/vfio_pci_core.h>

#include "endpoint.h"
#include "vfio.h"

/*
 * All leases.  Inside slot->lock; also inside the device's own lock, from the bus notifier,
 * therefore nothing is waited for under it.
 */
static LIST_HEAD(rs_vfio_leases);
static DEFINE_MUTEX(rs_vfio_lock);

/* --- fence ------------------------------------------------------------------------------ */

/*
 * A device without bus mastering starts neither DMA nor MSIs.  What an Express device had asked
 * for before is drained; conventional PCI has nothing outstanding, each transfer needs the bus.
 * The read then pushes posted writes ahead of its own completion to memory.
 */
static void rs_vfio_silence(struct rs_lease *lease)
{
	struct pci_dev *pdev = rs_vfio(lease)->pdev;
	u16 command;

	pci_clear_master(pdev);
	/* One that was pulled out is silent, and all ones; a reset would wait for it in vain. */
	if (!pci_device_is_present(pdev))
		return;
	if (!pci_wait_for_pending_transaction(pdev)) {
		dev_warn_ratelimited(&pdev->dev, "transactions do not drain, resetting\n");
		pci_try_reset_function(pdev);
		pci_clear_master(pdev);
	}
	pci_read_config_word(pdev, PCI_COMMAND, &command);
}

static int rs_vfio_device(struct rs_lease *lease, u32 op)
{
	struct pci_dev *pdev = rs_vfio(lease)->pdev;

	switch (op) {
	case RS_DEVICE_MASTER_ON:
		pci_set_master(pdev);
		return 0;
	case RS_DEVICE_MASTER_OFF:
		rs_vfio_silence(lease);
		return 0;
	case RS_DEVICE_RESET:
		rs_vfio_silence(lease);
		/* Try: an unbinding holds the device's lock, and waits for slot->lock. */
		return pci_try_reset_function(pdev);
	}
	return -EINVAL;
}

/* --- taking and giving back ------------------------------------------------------------- */

static void rs_vfio_describe(struct rs_vfio *vfio, u32 nr_irqs)
{
	struct rs_lease_info *info = &vfio->lease.info;
	struct pci_dev *pdev = vfio->pdev;

	info->kind = RS_LEASE_VFIO;
	info->nr_irqs = nr_irqs;
	strscpy(info->name, pci_name(pdev), sizeof(info->name));
	info->vendor = pdev->vendor;
	info->device = pdev->device;
	info->subvendor = pdev->subsystem_vendor;
	info->subdevice = pdev->subsystem_device;
	info->class = pdev->class;
	info->revision = pdev->revision;
	rs_vfio_add_bars(vfio);
}

static struct pci_dev *rs_vfio_find(const char *name)
{
	unsigned int domain, bus, slot, func;
	struct pci_dev *pdev;

	if (sscanf(name, "%x:%x:%x.%u", &domain, &bus, &slot, &func) != 4)
		return NULL;
	if (bus > 0xff || slot > 0x1f || func > 7)
		return NULL;
	pdev = pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, func));
	if (pdev && strcmp(pci_name(pdev), name)) {
		pci_dev_put(pdev);
		return NULL;
	}
	return pdev;
}

static int rs_vfio_count(struct device *dev, void *arg)
{
	(*(int *)arg)++;
	return 0;
}

static int rs_vfio_check_group(struct pci_dev *pdev)
{
	struct iommu_group *group = iommu_group_get(&pdev->dev);
	struct iommu_domain *domain;
	int count = 0;

	if (!group)
		return -ENODEV;
	iommu_group_for_each_dev(group, &count, rs_vfio_count);
	iommu_group_put(group);
	if (count != 1)
		return -EXDEV;
	/* A group of VFIO's no-IOMMU mode has no domain, one that is not in use the kernel's. */
	domain = iommu_get_domain_for_dev(&pdev->dev);
	if (!domain || domain->type != IOMMU_DOMAIN_UNMANAGED)
		return -EINVAL;
	return 0;
}

/* The device's lock is held: it is not being bound or unbound. */
static int rs_vfio_check(struct rs_vfio *vfio, u32 nr_irqs)
{
	struct inode *container = file_inode(vfio->container);
	struct vfio_pci_core_device *core;
	struct pci_dev *pdev = vfio->pdev;
	int ret;

	if (!pdev->driver || strcmp(pdev->driver->name, "vfio-pci"))
		return -ENODEV;
	core = pci_get_drvdata(pdev);
	if (!core || core->pdev != pdev || pdev->hdr_type != PCI_HEADER_TYPE_NORMAL)
		return -ENODEV;
	if (!vfio_file_is_group(vfio->group) || !vfio_file_has_dev(vfio->group, &core->vdev))
		return -EINVAL;
	if (!rs_vfio_file_is_device(vfio->device, &core->vdev))
		return -EINVAL;
	if (!S_ISCHR(container->i_mode) || container->i_rdev != MKDEV(MISC_MAJOR, VFIO_MINOR))
		return -EINVAL;
	ret = rs_vfio_check_group(pdev);
	if (ret)
		return ret;
	/* VFIO masks INTx at each interrupt, until its user says otherwise. */
	if (nr_irqs && !pdev->msi_enabled && !pdev->msix_enabled)
		return -EINVAL;
	return 0;
}

/* Check the device and enter it into the list; rs_vfio_lock held. */
static int rs_vfio_claim(struct rs_vfio *vfio, u32 nr_irqs)
{
	struct rs_vfio *other;
	int ret;

	lockdep_assert_held(&rs_vfio_lock);
	/* Groups are singletons: no other lease of the device is no other of its group. */
	list_for_each_entry(other, &rs_vfio_leases, link)
		if (other->pdev == vfio->pdev)
			return -EBUSY;
	/*
	 * Try: an unbinding waits for files that our caller has open.  Once the lease is in
	 * the list the bus notifier sees to it.
	 */
	if (!device_trylock(&vfio->pdev->dev))
		return -EAGAIN;
	ret = rs_vfio_check(vfio, nr_irqs);
	if (!ret)
		list_add(&vfio->link, &rs_vfio_leases);
	device_unlock(&vfio->pdev->dev);
	return ret;
}

static void rs_vfio_free(struct rs_vfio *vfio)
{
	if (vfio->device)
		fput(vfio->device);
	if (vfio->group)
		fput(vfio->group);
	if (vfio->container)
		fput(vfio->container);
	pci_dev_put(vfio->pdev);
	kfree(vfio);
}

static void rs_vfio_release(struct rs_lease *lease)
{
	struct rs_vfio *vfio = rs_vfio(lease);

	rs_vfio_unhook(vfio);
	mutex_lock(&rs_vfio_lock);
	list_del(&vfio->link);
	mutex_unlock(&rs_vfio_lock);
	rs_vfio_free(vfio);
}

static struct rs_lease *rs_vfio_add(struct rs_slot *slot, const struct rs_lease_vfio *arg,
				    const s32 *irq_fds)
{
	struct rs_vfio *vfio;
	int ret;
	u32 i;

	vfio = kzalloc(struct_size(vfio, irq, arg->nr_irqs), GFP_KERNEL);
	if (!vfio)
		return ERR_PTR(-ENOMEM);
	ret = -ENODEV;
	vfio->pdev = rs_vfio_find(arg->name);
	if (!vfio->pdev)
		goto err_free;
	ret = -EBADF;
	vfio->container = fget(arg->container_fd);
	vfio->group = fget(arg->group_fd);
	vfio->device = fget(arg->device_fd);
	if (!vfio->container || !vfio->group || !vfio->device)
		goto err_free;

	vfio->lease.slot = slot;
	mutex_lock(&rs_vfio_lock);
	ret = rs_vfio_claim(vfio, arg->nr_irqs);
	mutex_unlock(&rs_vfio_lock);
	if (ret)
		goto err_free;

	rs_vfio_describe(vfio, arg->nr_irqs);
	rs_vfio_silence(&vfio->lease);
	for (i = 0; i < arg->nr_irqs; i++) {
		ret = rs_vfio_hook(vfio, i, irq_fds[i]);
		if (ret) {
			rs_vfio_release(&vfio->lease);
			return ERR_PTR(ret);
		}
	}
	return &vfio->lease;

err_free:
	rs_vfio_free(vfio);
	return ERR_PTR(ret);
}

static int rs_vfio_get(struct rs_lease *lease, struct rs_lease_vfio *arg)
{
	struct rs_vfio *vfio = rs_vfio(lease);
	struct file *file[] = { vfio->container, vfio->group, vfio->device };
	int fd[ARRAY_SIZE(file)];
	int i;

	for (i = 0; i < ARRAY_SIZE(fd); i++) {
		fd[i] = get_unused_fd_flags(O_CLOEXEC);
		if (fd[i] < 0) {
			int ret = fd[i];

			while (i--)
				put_unused_fd(fd[i]);
			return ret;
		}
	}
	for (i = 0; i < ARRAY_SIZE(fd); i++)
		fd_install(fd[i], get_file(file[i]));

	arg->container_fd = fd[0];
	arg->group_fd = fd[1];
	arg->device_fd = fd[2];
	arg->nr_irqs = lease->info.nr_irqs;
	memcpy(arg->name, lease->info.name, sizeof(arg->name));
	return 0;
}

static const struct rs_lease_ops rs_vfio_ops = {
	.owner = THIS_MODULE,
	.kind = RS_LEASE_VFIO,
	.add = rs_vfio_add,
	.get = rs_vfio_get,
	.release = rs_vfio_release,
	.silence = rs_vfio_silence,
	.device = rs_vfio_device,
	.config = rs_vfio_config,
	.pfn = rs_vfio_pfn,
};

/*
 * Unbinding, be it by sysfs or by a hot-unplug, comes here before vfio-pci's remove(), which
 * waits until nobody has the device open.  So the slot must let go of it, in its worker.
 */
static int rs_vfio_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	struct rs_vfio *vfio;
	struct device *dev = data;

	if (action != BUS_NOTIFY_UNBIND_DRIVER)
		return NOTIFY_DONE;
	mutex_lock(&rs_vfio_lock);
	list_for_each_entry(vfio, &rs_vfio_leases, link)
		if (&vfio->pdev->dev == dev)
			rs_lease_gone(&vfio->lease);
	mutex_unlock(&rs_vfio_lock);
	return NOTIFY_DONE;
}

static struct notifier_block rs_vfio_nb = {
	.notifier_call = rs_vfio_notify,
};

static int __init rs_vfio_init(void)
{
	int ret;

	ret = bus_register_notifier(&pci_bus_type, &rs_vfio_nb);
	if (ret)
		return ret;
	ret = rs_lease_register(&rs_vfio_ops);
	if (ret)
		bus_unregister_notifier(&pci_bus_type, &rs_vfio_nb);
	return ret;
}

static void __exit rs_vfio_exit(void)
{
	rs_lease_unregister(&rs_vfio_ops);
	bus_unregister_notifier(&pci_bus_type, &rs_vfio_nb);
}

module_init(rs_vfio_init);
module_exit(rs_vfio_exit);

MODULE_DESCRIPTION("rsmod: leases of VFIO PCI devices");
MODULE_LICENSE("GPL");
