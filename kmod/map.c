// SPDX-License-Identifier: GPL-2.0
/*
 * map.c - what an instance file maps, and how it is taken away
 *
 * No page is mapped but by the fault handler, one at a time, under inst->map_lock.  Revoking sets
 * a flag under the same lock and zaps the inode's mappings: a fault either came before, and its
 * entry is zapped, or sees the flag.  Because each instance has its own inode nobody else's
 * mappings are touched.  A child of fork() inherits nothing (VM_DONTCOPY), a core dump contains
 * nothing of it (VM_DONTDUMP).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/sched/signal.h>
#include <linux/vmalloc.h>

#include "endpoint.h"
#include "instance.h"
#include "lease.h"
#include "map.h"
#include "state.h"

#define RS_FS_MAGIC	0x52536d64	/* "RSmd" */

/* Pages of the mapped state that one fault maps: a disk's worth of faults is not taken one by one. */
#define RS_MAP_STATE_AROUND	64

#define RS_MAP_KIND(off)	((u32)((off) >> RS_MMAP_KIND_SHIFT))
#define RS_MAP_INDEX(off)	((u32)((off) >> RS_MMAP_INDEX_SHIFT) & 0xff)
#define RS_MAP_REST(off)	((off) & ((1ULL << RS_MMAP_INDEX_SHIFT) - 1))

static struct vfsmount *rs_mount;
static int rs_mount_count;

static int rs_fs_init_context(struct fs_context *fc)
{
	return init_pseudo(fc, RS_FS_MAGIC) ? 0 : -ENOMEM;
}

static struct file_system_type rs_fs_type = {
	.name			= "rsmod",
	.owner			= THIS_MODULE,
	.init_fs_context	= rs_fs_init_context,
	.kill_sb		= kill_anon_super,
};

struct inode *rs_map_inode_new(void)
{
	struct inode *inode;
	int err;

	err = simple_pin_fs(&rs_fs_type, &rs_mount, &rs_mount_count);
	if (err)
		return ERR_PTR(err);
	inode = alloc_anon_inode(rs_mount->mnt_sb);
	if (IS_ERR(inode))
		simple_release_fs(&rs_mount, &rs_mount_count);
	return inode;
}

void rs_map_inode_put(struct inode *inode)
{
	iput(inode);
	simple_release_fs(&rs_mount, &rs_mount_count);
}

/* Kernel memory behind an offset; NULL if there is none.  *ret_size is what is left from there. */
static void *rs_map_memory(struct rs_instance *inst, u64 off, u64 *ret_size)
{
	u64 rest = RS_MAP_REST(off), size = 0;
	u32 index = RS_MAP_INDEX(off);
	void *base = NULL;

	switch (RS_MAP_KIND(off)) {
	case RS_MMAP_SQ:
		if (index < inst->nr_rings) {
			base = inst->ring[index].sq;
			size = RS_RING_ENTRIES + inst->ring[index].sq_nr * sizeof(struct rs_sqe);
		}
		break;
	case RS_MMAP_CQ:
		if (index < inst->nr_rings) {
			base = inst->ring[index].cq;
			size = RS_RING_ENTRIES + inst->ring[index].cq_nr * sizeof(struct rs_cqe);
		}
		break;
	case RS_MMAP_POOL:
		if (!index) {
			base = inst->pool.base;
			size = inst->pool.size;
		}
		break;
	}
	size = PAGE_ALIGN(size);
	if (!base || rest >= size)
		return NULL;
	*ret_size = size - rest;
	return base + rest;
}

static vm_fault_t rs_map_fault_memory(struct vm_fault *vmf, struct rs_instance *inst, u64 off)
{
	u64 size;
	void *va = rs_map_memory(inst, off, &size);
	int err;

	if (!va)
		return VM_FAULT_SIGBUS;
	err = vm_insert_page(vmf->vma, vmf->address & PAGE_MASK, vmalloc_to_page(va));
	/* -EBUSY: another thread of the process was faster. */
	if (err == -ENOMEM)
		return VM_FAULT_OOM;
	return err && err != -EBUSY ? VM_FAULT_SIGBUS : VM_FAULT_NOPAGE;
}

static vm_fault_t rs_map_fault_bar(struct vm_fault *vmf, struct rs_instance *inst, u64 off)
{
	struct rs_lease *lease;
	unsigned long pfn;

	/* The lease is dropped only after it was taken away from every instance. */
	if (!inst->leased)
		return VM_FAULT_SIGBUS;
	lease = inst->slot->lease;
	pfn = lease->ops->pfn(lease, RS_MAP_INDEX(off), RS_MAP_REST(off));
	if (!pfn)
		return VM_FAULT_SIGBUS;
	return vmf_insert_pfn(vmf->vma, vmf->address & PAGE_MASK, pfn);
}

/*
 * Page numbers only, without struct page: nobody can pin these pages and write to them through the
 * pin when the mapping is gone.
 */
static vm_fault_t rs_map_fault_state(struct vm_fault *vmf, struct rs_instance *inst, u64 off)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned long addr = vmf->address & PAGE_MASK, end, pfn;
	u64 rest = RS_MAP_REST(off);
	vm_fault_t ret;

	/* Not VM_WRITE: mprotect() could give that to what was mapped without it. */
	if (vma->vm_flags & VM_MAYWRITE && !inst->stated)
		return VM_FAULT_SIGBUS;
	pfn = rs_state_pfn(inst->slot, rest);
	if (!pfn)
		return VM_FAULT_SIGBUS;
	ret = vmf_insert_pfn(vma, addr, pfn);
	end = min(vma->vm_end, addr + RS_MAP_STATE_AROUND * PAGE_SIZE);
	while (ret == VM_FAULT_NOPAGE && (addr += PAGE_SIZE) < end) {
		pfn = rs_state_pfn(inst->slot, rest += PAGE_SIZE);
		/* A failure here is nobody's: the page has its own fault. */
		if (!pfn || vmf_insert_pfn(vma, addr, pfn) != VM_FAULT_NOPAGE)
			break;
	}
	return ret;
}

static vm_fault_t rs_map_fault(struct vm_fault *vmf)
{
	struct rs_instance *inst = vmf->vma->vm_private_data;
	u64 off = (u64)vmf->pgoff << PAGE_SHIFT;
	vm_fault_t ret = VM_FAULT_SIGBUS;

	down_read(&inst->map_lock);
	if (!inst->revoked) {
		if (RS_MAP_KIND(off) == RS_MMAP_BAR)
			ret = rs_map_fault_bar(vmf, inst, off);
		else if (RS_MAP_KIND(off) == RS_MMAP_STATE)
			ret = rs_map_fault_state(vmf, inst, off);
		else
			ret = rs_map_fault_memory(vmf, inst, off);
	}
	up_read(&inst->map_lock);
	return ret;
}

static const struct vm_operations_struct rs_map_ops = {
	.fault	= rs_map_fault,
};

/*
 * Who may map: the owner; and, until there is one, whoever armed the file, the pool only, to map it
 * for DMA.
 */
static int rs_map_check(struct rs_instance *inst, u32 kind)
{
	/* Pairs with the release in rs_instance_arm(). */
	if (!smp_load_acquire(&inst->slot))
		return -ENODEV;
	if (!inst->owner)
		return kind == RS_MMAP_POOL && capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
	return rs_instance_check_owner(inst);
}

int rs_map_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct rs_instance *inst = file->private_data;
	u64 off = (u64)vma->vm_pgoff << PAGE_SHIFT, len = vma->vm_end - vma->vm_start, size;
	u32 kind = RS_MAP_KIND(off);
	int err;

	err = rs_map_check(inst, kind);
	if (err)
		return err;
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (vma->vm_flags & VM_EXEC)
		return -EPERM;
	if (kind == RS_MMAP_SQ) {
		if (vma->vm_flags & VM_WRITE)
			return -EPERM;
		vm_flags_clear(vma, VM_MAYWRITE);
	}
	if (kind == RS_MMAP_STATE) {
		if (RS_MAP_INDEX(off) || !len || !rs_state_pfn(inst->slot, RS_MAP_REST(off) + len - 1))
			return -EINVAL;
		/* Who wants to write maps it for that: what a standby has stays read-only. */
		if (!(vma->vm_flags & VM_WRITE))
			vm_flags_clear(vma, VM_MAYWRITE);
		vm_flags_set(vma, VM_PFNMAP);
	} else if (kind == RS_MMAP_BAR) {
		/* Which of its pages exist is the lease's word, at the fault. */
		if (RS_MAP_REST(off) + len > 1ULL << RS_MMAP_INDEX_SHIFT)
			return -EINVAL;
		vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
		vm_flags_set(vma, VM_IO | VM_PFNMAP);
	} else {
		if (!rs_map_memory(inst, off, &size) || len > size)
			return -EINVAL;
		vm_flags_set(vma, VM_MIXEDMAP);
	}
	vm_flags_clear(vma, VM_MAYEXEC);
	vm_flags_set(vma, VM_DONTCOPY | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_private_data = inst;
	vma->vm_ops = &rs_map_ops;
	return 0;
}

void rs_map_grant_bars(struct rs_instance *inst)
{
	down_write(&inst->map_lock);
	inst->leased = true;
	up_write(&inst->map_lock);
}

void rs_map_zap_bars(struct rs_instance *inst)
{
	u64 first = RS_MMAP_OFFSET(RS_MMAP_BAR, 0);

	down_write(&inst->map_lock);
	inst->leased = false;
	up_write(&inst->map_lock);
	unmap_mapping_range(inst->mapping_inode->i_mapping, first,
			    RS_MMAP_OFFSET(RS_MMAP_BAR + 1, 0) - first, 1);
}

void rs_map_grant_state(struct rs_instance *inst)
{
	down_write(&inst->map_lock);
	inst->stated = true;
	up_write(&inst->map_lock);
}

void rs_map_zap_state(struct rs_instance *inst)
{
	u64 first = RS_MMAP_OFFSET(RS_MMAP_STATE, 0);

	down_write(&inst->map_lock);
	inst->stated = false;
	up_write(&inst->map_lock);
	unmap_mapping_range(inst->mapping_inode->i_mapping, first,
			    RS_MMAP_OFFSET(RS_MMAP_STATE + 1, 0) - first, 1);
}

void rs_map_zap_all(struct rs_instance *inst)
{
	down_write(&inst->map_lock);
	inst->leased = false;
	inst->stated = false;
	inst->revoked = true;
	up_write(&inst->map_lock);
	unmap_mapping_range(inst->mapping_inode->i_mapping, 0, 0, 1);
}
