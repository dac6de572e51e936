// SPDX-License-Identifier: GPL-2.0
/*
 * vfio_irq.c - interrupts of a leased device
 *
 * They are the MSIs or MSI-Xs that rsd routed to eventfds.  We wait on the eventfd's context, not
 * its file: it works on after rsd has died.
 */
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/poll.h>

#include "vfio.h"

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

int rs_vfio_hook(struct rs_vfio *vfio, u32 vector, int fd)
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

void rs_vfio_unhook(struct rs_vfio *vfio)
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
