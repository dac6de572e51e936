// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a controller in any state to one that serves (7.6.1)
 *
 *	off	it forgets all queues; what a predecessor gave is done or aborted
 *	on	the admin queue is ours
 *	ask	how many queues, what are you, which namespaces
 *	1	completion queues are made; what are the namespaces
 *	2	submission queues are made; tell us of events
 *
 * Each of the last three is one batch, so a takeover takes three round trips, as many as the
 * order of things needs; nothing that the device can tell is believed to a predecessor.
 */
#include <errno.h>

#include "nvme.h"
#include "registers.h"
#include "status.h"

/* Pages of answers. */
#define PAGE_CONTROLLER	0
#define PAGE_LIST	1

static int alloc(struct nvme *nvme, size_t size, struct rsdrv_dma *ret)
{
	return rsdrv_dma_alloc(nvme->d, size, PRP_PAGE, ret);
}

int setup_memory(struct nvme *nvme)
{
	struct ctrl *c = &nvme->ctrl;
	unsigned int i;
	int r;

	r = alloc(nvme, PRP_PAGE, &nvme->admin_sq_mem);
	if (!r)
		r = alloc(nvme, PRP_PAGE, &nvme->admin_cq_mem);
	if (!r)
		r = alloc(nvme, NR_PAGES * PRP_PAGE, &nvme->page_mem);
	for (i = 0; !r && i < PAIRS_MAX; i++) {
		struct pair *p = &nvme->pair[i];

		r = alloc(nvme, SQ_BYTES, &p->sq_mem);
		if (!r)
			r = alloc(nvme, CQ_BYTES, &p->cq_mem);
		if (!r)
			r = alloc(nvme, LIST_BYTES, &p->list_mem);
		p->q.sq = p->sq_mem.va;
		p->q.cq = p->cq_mem.va;
		p->q.regs = c->regs;
	}
	if (r)
		return r;
	if (nvme->page_mem.iova == RS_IOVA_NONE)
		return -ENXIO;
	c->admin.sq = nvme->admin_sq_mem.va;
	c->admin.cq = nvme->admin_cq_mem.va;
	c->admin.regs = c->regs;
	c->admin_sq_iova = nvme->admin_sq_mem.iova;
	c->admin_cq_iova = nvme->admin_cq_mem.iova;
	return 0;
}

int setup_off(struct nvme *nvme, bool function)
{
	int r;

	r = ctrl_look(&nvme->ctrl);
	if (r)
		return r;
	r = function ? -EIO : ctrl_off(&nvme->ctrl);
	if (r != -EIO)
		return r;
	r = rsdrv_pci_reset(nvme->pci);
	return r ? r : ctrl_off(&nvme->ctrl);
}

/* Put a command into the batch of nvme->call. */
static void add(struct nvme *nvme, struct nvme_cmd *cmd, unsigned int *n)
{
	admin_start(&nvme->ctrl, cmd, &nvme->call[(*n)++]);
}

/* All of a batch must succeed. */
static int batch(struct nvme *nvme, unsigned int n)
{
	int r = admin_wait(&nvme->ctrl, nvme->call, n);

	if (r)
		return r;
	return admin_failed(nvme->call, n) ? -EIO : 0;
}

/* How many queue pairs we would have, for so many data queues. */
static unsigned int wanted(const struct nvme *nvme)
{
	unsigned int nr = rsdrv_nr_queues(nvme->d);

	while (nr > 1 && !ctrl_doorbells(&nvme->ctrl, nr + 1))
		nr--;
	return nr;
}

static int setup_ask(struct nvme *nvme)
{
	unsigned int n = 0, nr = wanted(nvme);
	struct nvme_cmd cmd;
	uint32_t granted;
	int r;

	cmd_nr_queues(&cmd, nr);
	add(nvme, &cmd, &n);
	cmd_identify(&cmd, CNS_CONTROLLER, 0, page_iova(nvme, PAGE_CONTROLLER));
	add(nvme, &cmd, &n);
	cmd_identify(&cmd, CNS_ACTIVE_LIST, 0, page_iova(nvme, PAGE_LIST));
	add(nvme, &cmd, &n);
	r = batch(nvme, n);
	if (r)
		return r;
	granted = cmd_granted(nvme->call[0].result);
	if (granted < nr)
		nr = granted;
	/* Requests that wait to be given again count on as many as there were. */
	if (nvme->ready && nr < nvme->nr_pairs)
		return -EIO;
	nvme->nr_pairs = nr;
	identify_controller(page_va(nvme, PAGE_CONTROLLER), &nvme->id);
	return 0;
}

/* Data queues that share a pair share its identifiers. */
static int setup_credit(struct nvme *nvme)
{
	unsigned int nr = rsdrv_nr_queues(nvme->d), depth = rsdrv_depth(nvme->d);
	unsigned int share = (nr + nvme->nr_pairs - 1) / nvme->nr_pairs;
	unsigned int max = ctrl_entries_max(&nvme->ctrl), i;
	unsigned int credit = (max - 1) / share < depth ? (max - 1) / share : depth;
	int r = 0;

	if (!credit)
		return -EOPNOTSUPP;
	for (i = 0; !r && i < nr; i++)
		r = rsdrv_set_credit(nvme->d, RSDRV_BLK_QUEUE + i, credit);
	for (i = 0; i < nvme->nr_pairs; i++)
		queue_reset(&nvme->pair[i].q, (uint16_t)(i + 1), (uint16_t)(share * credit + 1),
			    nvme->ctrl.stride);
	return r;
}

/* Vector 0 is the admin queue's, unless there is no other. */
static uint16_t vector_of(const struct nvme *nvme, unsigned int i)
{
	uint32_t nr = rsdrv_pci_info(nvme->pci)->nr_irqs;

	return (uint16_t)(nr > 1 ? 1 + i % (nr - 1) : 0);
}

static void add_cq(struct nvme *nvme, unsigned int i, unsigned int *n)
{
	const struct pair *p = &nvme->pair[i];
	struct nvme_cmd cmd;

	cmd_create_cq(&cmd, p->q.id, p->q.nr, vector_of(nvme, i), p->cq_mem.iova);
	add(nvme, &cmd, n);
}

static void add_sq(struct nvme *nvme, unsigned int i, unsigned int *n)
{
	const struct pair *p = &nvme->pair[i];
	struct nvme_cmd cmd;

	cmd_create_sq(&cmd, p->q.id, p->q.nr, p->sq_mem.iova);
	add(nvme, &cmd, n);
}

static int setup_pairs(struct nvme *nvme)
{
	unsigned int i, n = 0;
	struct nvme_cmd cmd;
	int r;

	for (i = 0; i < nvme->nr_pairs; i++)
		add_cq(nvme, i, &n);
	/* A namespace that is gone is no reason to give up. */
	i = n;
	disks_ask(nvme, page_va(nvme, PAGE_LIST), &n);
	r = admin_wait(&nvme->ctrl, nvme->call, n);
	if (r)
		return r;
	if (admin_failed(nvme->call, i))
		return -EIO;
	disks_told(nvme, i);
	n = 0;
	for (i = 0; i < nvme->nr_pairs; i++)
		add_sq(nvme, i, &n);
	if (nvme->id.tells_namespaces) {
		cmd_events(&cmd, EVENTS_NAMESPACE);
		add(nvme, &cmd, &n);
	}
	return batch(nvme, n);
}

int setup_on(struct nvme *nvme)
{
	int r;

	if (!rsdrv_pci_info(nvme->pci)->nr_irqs)
		return -ENXIO;
	ctrl_prepare(&nvme->ctrl);
	r = rsdrv_pci_set_master(nvme->pci, true);
	if (!r)
		r = ctrl_on(&nvme->ctrl);
	if (!r)
		r = setup_ask(nvme);
	if (!r)
		r = setup_credit(nvme);
	if (!r)
		r = setup_pairs(nvme);
	if (r)
		return r;
	setup_event(nvme);
	return 0;
}

int setup_pair(struct nvme *nvme, unsigned int i)
{
	struct queue *q = &nvme->pair[i].q;
	unsigned int n = 0;
	int r;

	queue_reset(q, q->id, q->nr, nvme->ctrl.stride);
	add_cq(nvme, i, &n);
	r = batch(nvme, n);
	if (r)
		return r;
	n = 0;
	add_sq(nvme, i, &n);
	return batch(nvme, n);
}

void setup_event(struct nvme *nvme)
{
	struct nvme_cmd cmd;

	nvme->event = nvme->id.tells_namespaces;
	if (!nvme->event)
		return;
	cmd_async_event(&cmd);
	admin_start(&nvme->ctrl, &cmd, &nvme->event_call);
	queue_kick(&nvme->ctrl.admin);
}
