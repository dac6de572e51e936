// SPDX-License-Identifier: GPL-2.0
/*
 * Leases of PCI devices that vfio-pci holds behind an IOMMU
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
 *
 * Interrupts are the MSIs or MSI-Xs that rsd routed to eventfds.  We wait on the eventfd's
 * context, not its file: it works on after rsd has died.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/vfio.h>
#include <linux/vfio_pci_core.h>

#include "endpoint.h"
#include "lease.h"

/* MSI-X table and pending bits: at most two ranges of pages that nobody maps. */
#define RS_VFIO_HOLES	2

/**
 * struct rs_vfio_bar - a BAR that can be mapped
 * @pfn: first page frame
 * @len: bytes, whole pages; 0 = may not be mapped
 * @hole: bytes that may not, from and up to, whole pages
 */
struct rs_vfio_bar {
	unsigned long pfn;
	u64 len;
	struct {
		u64 from;
		u64 to;
	} hole[RS_VFIO_HOLES];
};

/**
 * struct rs_vfio_irq - one vector
 * @vfio: lease
 * @vector: number
 * @ctx: eventfd, NULL = not hooked
 * @wait: our entry in its wait queue
 * @pt: used while hooking
 */
struct rs_vfio_irq {
	struct rs_vfio *vfio;
	u32 vector;
	struct eventfd_ctx *ctx;
	wait_queue_entry_t wait;
	poll_table pt;
};

/**
 * struct rs_vfio - one leased device
 * @lease: what the core knows
 * @link: in rs_vfio_leases
 * @pdev: device (reference)
 * @container: held for a new rsd
 * @group: held for a new rsd
 * @device: while it is open vfio-pci keeps the device, its DMA mappings and its interrupts
 * @bar: BARs
 * @irq: lease.info.nr_irqs vectors
 */
struct rs_vfio {
	struct rs_lease lease;
	struct list_head link;
	struct pci_dev *pdev;
	struct file *container;
	struct file *group;
	struct file *device;
	struct rs_vfio_bar bar[PCI_STD_NUM_BARS];
	struct rs_vfio_irq irq[];
};

/*
 * All leases.  Inside slot->lock; also inside the device's own lock, from the bus notifier,
 * therefore nothing is waited for under it.
 */
static LIST_HEAD(rs_vfio_leases);
static DEFINE_MUTEX(rs_vfio_lock);

static struct rs_vfio *rs_vfio(struct rs_lease *lease)
{
	return container_of(lease, struct rs_vfio, lease);
}

/* --- interrupts ------------------------------------------------------------------------- */

/*
 * The eventfd was signalled; hard interrupt, its lock held.  Its closing (EPOLLHUP) is only rsd's
 * end: the context lives on in VFIO's hands and ours.
 */
static int rs_vfio_wake(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct rs_vfio_irq *irq = container_of(wait, struct rs_vfio_irq, wait);
	u64 count;

	if (key_to_poll(key) & EPOLLIN) {
		eventfd_ctx_do_read(irq->ctx, &count);
		rs_lease_irq(irq->vfio->lease.slot, irq->vector);
	}
	return 0;
}

static void rs_vfio_queue_proc(struct file *file, wait_queue_head_t *wqh, poll_table *pt)
{
	struct rs_vfio_irq *irq = container_of(pt, struct rs_vfio_irq, pt);

	add_wait_queue(wqh, &irq->wait);
}

static int rs_vfio_hook(struct rs_vfio *vfio, u32 vector, int fd)
{
	struct rs_vfio_irq *irq = &vfio->irq[vector];
	struct eventfd_ctx *ctx;
	struct file *file;

	file = eventfd_fget(fd);
	if (IS_ERR(file))
		return PTR_ERR(file);
	ctx = eventfd_ctx_fileget(file);
	if (IS_ERR(ctx)) {
		fput(file);
		return PTR_ERR(ctx);
	}

	irq->vfio = vfio;
	irq->vector = vector;
	irq->ctx = ctx;
	init_waitqueue_func_entry(&irq->wait, rs_vfio_wake);
	init_poll_funcptr(&irq->pt, rs_vfio_queue_proc);
	/* It may have been signalled before. */
	if (vfs_poll(file, &irq->pt) & EPOLLIN)
		rs_lease_irq(vfio->lease.slot, vector);
	fput(file);
	return 0;
}

/* On return no interrupt of the lease reaches the slot. */
static void rs_vfio_unhook(struct rs_vfio *vfio)
{
	u32 i;

	for (i = 0; i < vfio->lease.info.nr_irqs; i++) {
		struct rs_vfio_irq *irq = &vfio->irq[i];
		u64 count;

		if (!irq->ctx)
			continue;
		eventfd_ctx_remove_wait_queue(irq->ctx, &irq->wait, &count);
		eventfd_ctx_put(irq->ctx);
		irq->ctx = NULL;
	}
}

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

/* --- configuration space ---------------------------------------------------------------- */

/**
 * struct rs_vfio_reg - a register that an instance may write
 * @cap: PCI_CAP_ID_* it belongs to, 0 = the header
 * @offset: in it
 * @size: bytes
 * @write: bits that may change
 * @clear: bits that a written 1 clears
 *
 * All other registers are refused: COMMAND, BARs and ROM, power management, MSI and MSI-X, both
 * kinds of FLR, vendor's own.  So are all other bits of these, if they would change.
 */
struct rs_vfio_reg {
	u8 cap;
	u8 offset;
	u8 size;
	u16 write;
	u16 clear;
};

static const struct rs_vfio_reg rs_vfio_regs[] = {
	{ 0, PCI_STATUS, 2, 0,
	  PCI_STATUS_PARITY | PCI_STATUS_SIG_TARGET_ABORT | PCI_STATUS_REC_TARGET_ABORT |
	  PCI_STATUS_REC_MASTER_ABORT | PCI_STATUS_SIG_SYSTEM_ERROR | PCI_STATUS_DETECTED_PARITY },
	{ 0, PCI_CACHE_LINE_SIZE, 1, 0xff, 0 },
	{ 0, PCI_LATENCY_TIMER, 1, 0xff, 0 },
	{ PCI_CAP_ID_EXP, PCI_EXP_DEVCTL, 2,
	  PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_NOSNOOP_EN | PCI_EXP_DEVCTL_READRQ, 0 },
	{ PCI_CAP_ID_EXP, PCI_EXP_DEVSTA, 2, 0,
	  PCI_EXP_DEVSTA_CED | PCI_EXP_DEVSTA_NFED | PCI_EXP_DEVSTA_FED | PCI_EXP_DEVSTA_URD },
};

static const struct rs_vfio_reg *rs_vfio_find_reg(struct pci_dev *pdev, u32 offset, u32 size,
						  u32 *ret_base)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rs_vfio_regs); i++) {
		const struct rs_vfio_reg *reg = &rs_vfio_regs[i];
		u32 base = 0;

		if (reg->cap) {
			base = pci_find_capability(pdev, reg->cap);
			if (!base)
				continue;
		}
		base += reg->offset;
		if (offset >= base && offset + size <= base + reg->size) {
			*ret_base = base;
			return reg;
		}
	}
	return NULL;
}

static u32 rs_vfio_size_mask(u32 size)
{
	return size == 4 ? ~0U : (1U << size * 8) - 1;
}

/* Bits of an aligned word that an instance may see: no physical address, no MSI message. */
static u32 rs_vfio_read_mask(struct pci_dev *pdev, u32 word)
{
	u32 msi_len;
	u16 flags;

	if (word >= PCI_BASE_ADDRESS_0 && word <= PCI_BASE_ADDRESS_5) {
		unsigned long res = pci_resource_flags(pdev, (word - PCI_BASE_ADDRESS_0) / 4);

		if (res & IORESOURCE_IO)
			return (u32)~PCI_BASE_ADDRESS_IO_MASK;
		if (res & IORESOURCE_MEM)
			return (u32)~PCI_BASE_ADDRESS_MEM_MASK;
		return 0;
	}
	if (word == PCI_ROM_ADDRESS)
		return 0;
	if (pdev->msi_cap && word > pdev->msi_cap) {
		pci_read_config_word(pdev, pdev->msi_cap + PCI_MSI_FLAGS, &flags);
		msi_len = flags & PCI_MSI_FLAGS_64BIT ? PCI_MSI_MASK_64 : PCI_MSI_MASK_32;
		if (word < pdev->msi_cap + msi_len)
			return 0;
	}
	return ~0U;
}

static int rs_vfio_config_read(struct pci_dev *pdev, struct rs_config *config)
{
	u32 word = config->offset & ~3U;
	u32 value;
	int ret;

	ret = pci_read_config_dword(pdev, word, &value);
	if (ret)
		return pcibios_err_to_errno(ret);
	value &= rs_vfio_read_mask(pdev, word);
	value >>= (config->offset - word) * 8;
	config->value = value & rs_vfio_size_mask(config->size);
	return 0;
}

static int rs_vfio_config_write(struct pci_dev *pdev, const struct rs_config *config)
{
	const struct rs_vfio_reg *reg;
	u32 allowed, base, old, word;
	int ret;

	/* No register in the table is wider than two bytes. */
	reg = rs_vfio_find_reg(pdev, config->offset, config->size, &base);
	if (!reg)
		return -EPERM;

	word = config->offset & ~3U;
	ret = pci_read_config_dword(pdev, word, &old);
	if (ret)
		return pcibios_err_to_errno(ret);
	old >>= (config->offset - word) * 8;
	allowed = (reg->write | reg->clear) >> (config->offset - base) * 8;
	if ((config->value ^ old) & ~allowed & rs_vfio_size_mask(config->size))
		return -EPERM;

	if (config->size == 1)
		ret = pci_write_config_byte(pdev, config->offset, config->value);
	else
		ret = pci_write_config_word(pdev, config->offset, config->value);
	return pcibios_err_to_errno(ret);
}

static int rs_vfio_config(struct rs_lease *lease, struct rs_config *config)
{
	struct pci_dev *pdev = rs_vfio(lease)->pdev;
	int ret;

	if (config->offset >= pdev->cfg_size || config->size > pdev->cfg_size - config->offset)
		return -EINVAL;
	/* During a reset the device does not answer; slot->lock is no place to wait for it. */
	if (!pci_cfg_access_trylock(pdev))
		return -EAGAIN;
	if (config->flags & RS_CONFIG_WRITE)
		ret = rs_vfio_config_write(pdev, config);
	else
		ret = rs_vfio_config_read(pdev, config);
	pci_cfg_access_unlock(pdev);
	return ret;
}

/* --- registers -------------------------------------------------------------------------- */

static unsigned long rs_vfio_pfn(struct rs_lease *lease, u32 index, u64 offset)
{
	struct rs_vfio_bar *bar;
	int i;

	if (READ_ONCE(lease->gone) || index >= PCI_STD_NUM_BARS)
		return 0;
	bar = &rs_vfio(lease)->bar[index];
	if (offset >= bar->len)
		return 0;
	for (i = 0; i < RS_VFIO_HOLES; i++)
		if (offset >= bar->hole[i].from && offset < bar->hole[i].to)
			return 0;
	return bar->pfn + (offset >> PAGE_SHIFT);
}

static void rs_vfio_add_hole(struct rs_vfio *vfio, int hole, u32 where, u64 len)
{
	u32 index = where & PCI_MSIX_TABLE_BIR;
	u64 from = where & PCI_MSIX_TABLE_OFFSET;

	if (index >= PCI_STD_NUM_BARS)
		return;
	vfio->bar[index].hole[hole].from = ALIGN_DOWN(from, PAGE_SIZE);
	vfio->bar[index].hole[hole].to = ALIGN(from + len, PAGE_SIZE);
}

/* The device would take a forged MSI-X table entry for an address to write to. */
static void rs_vfio_add_holes(struct rs_vfio *vfio)
{
	struct pci_dev *pdev = vfio->pdev;
	u32 table, pba, nr;
	u16 flags;

	if (!pdev->msix_cap)
		return;
	pci_read_config_word(pdev, pdev->msix_cap + PCI_MSIX_FLAGS, &flags);
	pci_read_config_dword(pdev, pdev->msix_cap + PCI_MSIX_TABLE, &table);
	pci_read_config_dword(pdev, pdev->msix_cap + PCI_MSIX_PBA, &pba);
	nr = (flags & PCI_MSIX_FLAGS_QSIZE) + 1;
	rs_vfio_add_hole(vfio, 0, table, nr * PCI_MSIX_ENTRY_SIZE);
	rs_vfio_add_hole(vfio, 1, pba, DIV_ROUND_UP(nr, 64) * sizeof(u64));
}

static void rs_vfio_add_bar(struct rs_vfio *vfio, int index)
{
	struct rs_region *region = &vfio->lease.info.region[index];
	struct rs_vfio_bar *bar = &vfio->bar[index];
	struct pci_dev *pdev = vfio->pdev;
	resource_size_t start = pci_resource_start(pdev, index);
	unsigned long flags = pci_resource_flags(pdev, index);
	u64 offset;

	region->size = pci_resource_len(pdev, index);
	if (!region->size)
		return;
	if (flags & IORESOURCE_IO) {
		region->flags = RS_REGION_PORT;
		return;
	}
	/* What shares a page with something else cannot be mapped apart from it. */
	if (!(flags & IORESOURCE_MEM) || !start || !PAGE_ALIGNED(start | region->size))
		return;

	bar->pfn = start >> PAGE_SHIFT;
	bar->len = region->size;
	for (offset = 0; offset < bar->len; offset += PAGE_SIZE) {
		if (!rs_vfio_pfn(&vfio->lease, index, offset))
			continue;
		region->flags = RS_REGION_READ | RS_REGION_WRITE | RS_REGION_MMAP;
		region->mmap_offset = RS_MMAP_OFFSET(RS_MMAP_BAR, index);
		break;
	}
}

static void rs_vfio_describe(struct rs_vfio *vfio, u32 nr_irqs)
{
	struct rs_lease_info *info = &vfio->lease.info;
	struct pci_dev *pdev = vfio->pdev;
	int i;

	info->kind = RS_LEASE_VFIO;
	info->nr_irqs = nr_irqs;
	strscpy(info->name, pci_name(pdev), sizeof(info->name));
	info->vendor = pdev->vendor;
	info->device = pdev->device;
	info->subvendor = pdev->subsystem_vendor;
	info->subdevice = pdev->subsystem_device;
	info->class = pdev->class;
	info->revision = pdev->revision;
	rs_vfio_add_holes(vfio);
	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		rs_vfio_add_bar(vfio, i);
}

/* --- taking and giving back ------------------------------------------------------------- */

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
