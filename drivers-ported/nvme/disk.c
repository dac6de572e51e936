// SPDX-License-Identifier: GPL-2.0-only
/*
 * Namespaces are disks, requests are commands
 *
 * The disks of a service are those that its first instance found: their order is what the
 * module knows them by, so it is saved, with all that was said of them.  A successor says the
 * same, less the size.  A namespace that is gone, or was formatted anew, becomes a disk without
 * medium; one that came later becomes a disk when the service is started again.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nvme.h"
#include "status.h"

/* A command that failed without "do not retry" is given so many times. */
#define TRIES_MAX	5

/* Blocks that one command can name: 16 bits, less 1 (6.17); 32 bits (6.7). */
#define ZEROES_MAX	65536
#define RANGE_MAX	UINT32_MAX
/* Bytes that are given up at once: within a range, and below what the block layer can count. */
#define DISCARD_MAX	(UINT64_C(1) << 40)

/* Pages of the namespaces, after the controller's and the list's. */
#define PAGE_DISK	2

/* Layout of the saved state; a change of it is a new number. */
#define SAVED_VERSION	1

struct saved {
	uint32_t nr;
	uint32_t reserved;
	struct disk disk[DISKS_MAX];
};

static int save(struct nvme *nvme)
{
	struct saved saved;

	memset(&saved, 0, sizeof(saved));
	saved.nr = nvme->nr_disks;
	memcpy(saved.disk, nvme->disk, nvme->nr_disks * sizeof(saved.disk[0]));
	return rsdrv_state_put(nvme->d, &saved, sizeof(saved), SAVED_VERSION);
}

int disks_load(struct nvme *nvme, const struct rsdrv_init_info *info)
{
	struct saved saved;
	uint32_t version;
	long len;

	nvme->nr_disks = 0;
	if (info->type == RS_INIT_FRESH)
		return 0;
	len = rsdrv_state_get(nvme->d, &saved, sizeof(saved), &version);
	/* Nothing: the predecessor died before it saved anything: it never came up. */
	if (len <= 0)
		return (int)len;
	if (len != sizeof(saved) || version != SAVED_VERSION || saved.nr > DISKS_MAX)
		return -EPROTO;
	nvme->nr_disks = saved.nr;
	memcpy(nvme->disk, saved.disk, sizeof(nvme->disk));
	return 0;
}

void disks_ask(struct nvme *nvme, const void *list, unsigned int *n)
{
	uint32_t nsid[DISKS_MAX];
	struct nvme_cmd cmd;
	unsigned int i, nr;

	if (!nvme->nr_disks) {
		nr = identify_list(list, nsid, DISKS_MAX);
		nvme->nr_disks = nr < DISKS_MAX ? nr : DISKS_MAX;
		memset(nvme->disk, 0, sizeof(nvme->disk));
		for (i = 0; i < nvme->nr_disks; i++)
			nvme->disk[i].nsid = nsid[i];
	}
	for (i = 0; i < nvme->nr_disks; i++) {
		/* What a command that fails leaves there is not an active namespace. */
		memset(page_va(nvme, PAGE_DISK + i), 0, IDENTIFY_BYTES);
		cmd_identify(&cmd, CNS_NAMESPACE, nvme->disk[i].nsid, page_iova(nvme, PAGE_DISK + i));
		admin_start(&nvme->ctrl, &cmd, &nvme->call[(*n)++]);
	}
}

void disks_told(struct nvme *nvme, unsigned int n)
{
	unsigned int i;
	int r;

	nvme->untold = 0;
	for (i = 0; i < nvme->nr_disks; i++) {
		r = status_errno(nvme->call[n + i].status);
		/* "No such namespace", and "what do you mean by it", are answers. */
		if (r && r != -ENODEV && r != -EOPNOTSUPP)
			nvme->untold |= UINT32_C(1) << i;
	}
}

/* What the module is told of a namespace. */
static void describe(const struct nvme *nvme, unsigned int minor, uint32_t nsid,
		     const struct namespace_id *ns, struct rs_announce_blk *blk)
{
	uint32_t unit = ns->write_unit << ns->shift;

	memset(blk, 0, sizeof(*blk));
	blk->minor = minor;
	blk->size = ns->blocks << ns->shift;
	blk->block_size = UINT32_C(1) << ns->shift;
	if (!(unit & (unit - 1)) && unit <= RS_BUF_MAX) {
		blk->physical_block_size = unit;
		blk->io_min = unit;
	}
	blk->max_io = nvme->id.transfer_max < PRP_DATA_MAX ? (uint32_t)nvme->id.transfer_max :
							     PRP_DATA_MAX;
	blk->cache = nvme->id.has_cache ? RS_BLK_CACHE_DEVICE : RS_BLK_CACHE_NONE;
	if (nvme->id.has_cache)
		blk->flags |= RS_BLK_HAS_FUA;
	if (ns->read_only)
		blk->flags |= RS_BLK_READ_ONLY;
	if (nvme->id.has_discard) {
		blk->max_discard = DISCARD_MAX;
		blk->discard_granularity = ns->discard_unit << ns->shift;
	}
	if (nvme->id.has_zeroes)
		blk->max_write_zeroes = (uint64_t)ZEROES_MAX << ns->shift;
	snprintf(blk->serial, sizeof(blk->serial), "%s_%u", nvme->id.serial, nsid);
	snprintf(blk->model, sizeof(blk->model), "%s", nvme->id.model);
}

/* The first instance's disks: what cannot be one is left out. */
static int find(struct nvme *nvme)
{
	unsigned int i, nr = 0;
	struct namespace_id ns;
	uint32_t nsid;

	for (i = 0; i < nvme->nr_disks; i++) {
		nsid = nvme->disk[i].nsid;
		if (identify_namespace(page_va(nvme, PAGE_DISK + i), &ns)) {
			fprintf(stderr, "nvme: namespace %u cannot be a disk\n", nsid);
			continue;
		}
		nvme->disk[nr].nsid = nsid;
		describe(nvme, nr, nsid, &ns, &nvme->disk[nr].blk);
		nr++;
	}
	nvme->nr_disks = nr;
	return nr ? save(nvme) : -ENODEV;
}

/* The size that disk @i has now, as far as we know. */
static uint64_t size_now(const struct nvme *nvme, unsigned int i)
{
	const struct rs_announce_blk *old = &nvme->disk[i].blk;
	struct namespace_id ns;

	if (nvme->untold & UINT32_C(1) << i)
		return old->size;
	if (identify_namespace(page_va(nvme, PAGE_DISK + i), &ns) ||
	    UINT32_C(1) << ns.shift != old->block_size)
		return 0;
	return ns.blocks << ns.shift;
}

int disks_announce(struct nvme *nvme)
{
	unsigned int i;
	int r = 0;

	if (!nvme->nr_disks)
		return -ENODEV;
	if (!nvme->disk[0].blk.block_size)
		r = find(nvme);
	else
		for (i = 0; i < nvme->nr_disks; i++)
			nvme->disk[i].blk.size = size_now(nvme, i);
	for (i = 0; !r && i < nvme->nr_disks; i++)
		r = rsdrv_announce_blk(nvme->d, &nvme->disk[i].blk);
	return r;
}

void disks_update(struct nvme *nvme)
{
	unsigned int i;
	uint64_t size;

	for (i = 0; i < nvme->nr_disks; i++) {
		size = size_now(nvme, i);
		if (size == nvme->disk[i].blk.size)
			continue;
		nvme->disk[i].blk.size = size;
		rsdrv_blk_resize(nvme->d, i, size);
	}
}

/* The list of changed namespaces fills a page; of the others the head will do. */
static uint32_t log_bytes(uint8_t log)
{
	return log == LOG_CHANGED_NAMESPACES ? IDENTIFY_BYTES : 512;
}

void disks_event(struct nvme *nvme)
{
	uint32_t result = nvme->event_call.result;
	unsigned int n = 1;
	struct nvme_cmd cmd;

	nvme->event = false;
	if (status_errno(nvme->event_call.status))
		return;
	/* Reading its log is what lets the event happen again. */
	cmd_get_log(&cmd, EVENT_LOG(result), log_bytes(EVENT_LOG(result)), page_iova(nvme, 0));
	admin_start(&nvme->ctrl, &cmd, &nvme->call[0]);
	disks_ask(nvme, NULL, &n);
	/* An answer that comes later would be taken for that of the next command. */
	if (admin_wait(&nvme->ctrl, nvme->call, n)) {
		care_reset(nvme);
		return;
	}
	disks_told(nvme, 1);
	if (EVENT_TYPE(result) == EVENT_TYPE_NOTICE && EVENT_INFO(result) == EVENT_NOTICE_NAMESPACE)
		disks_update(nvme);
	setup_event(nvme);
}

/* Which blocks? */
static int place(const struct rs_announce_blk *blk, const struct rsdrv_req *req, uint64_t *start,
		 uint64_t *blocks)
{
	uint64_t len = req->sqe.op == RS_OP_BLK_READ || req->sqe.op == RS_OP_BLK_WRITE ?
		       req->sqe.len : req->sqe.data;

	if (!len || (len | req->sqe.offset) & (blk->block_size - 1))
		return -EINVAL;
	/* It may have shrunk while the request was under way. */
	if (req->sqe.offset > blk->size || len > blk->size - req->sqe.offset)
		return -EIO;
	*start = req->sqe.offset / blk->block_size;
	*blocks = len / blk->block_size;
	return 0;
}

static int transfer(struct nvme_cmd *cmd, uint32_t nsid, const struct rsdrv_req *req,
		    uint64_t start, uint64_t blocks, const struct prp_list *list)
{
	bool read = req->sqe.op == RS_OP_BLK_READ;

	if (blocks > ZEROES_MAX)
		return -EINVAL;
	cmd_io(cmd, read ? NVM_READ : NVM_WRITE, nsid, start, (uint32_t)blocks,
	       !read && req->sqe.arg & RS_BLK_FUA ? CDW12_FUA : 0);
	return prp_fill(cmd, rsdrv_req_iova(req), req->sqe.len, list);
}

static int write_zeroes(struct nvme_cmd *cmd, uint32_t nsid, const struct rsdrv_req *req,
			uint64_t start, uint64_t blocks)
{
	if (blocks > ZEROES_MAX)
		return -EINVAL;
	cmd_io(cmd, NVM_WRITE_ZEROES, nsid, start, (uint32_t)blocks,
	       req->sqe.arg & RS_BLK_NO_UNMAP ? 0 : CDW12_DEALLOCATE);
	return 0;
}

/* The range lies where other commands have their list. */
static int discard(struct nvme_cmd *cmd, uint32_t nsid, uint64_t start, uint64_t blocks,
		   const struct prp_list *list)
{
	struct nvme_range *range = (struct nvme_range *)list->va;

	if (blocks > RANGE_MAX)
		return -EINVAL;
	range->attributes = 0;
	range->blocks = htole32((uint32_t)blocks);
	range->start = htole64(start);
	cmd_deallocate(cmd, nsid);
	return prp_fill(cmd, list->iova, sizeof(*range), list);
}

static int build(const struct disk *disk, const struct rsdrv_req *req, const struct prp_list *list,
		 struct nvme_cmd *cmd)
{
	uint64_t start, blocks;
	int r;

	if (req->sqe.op == RS_OP_BLK_FLUSH) {
		cmd_flush(cmd, disk->nsid);
		return 0;
	}
	r = place(&disk->blk, req, &start, &blocks);
	if (r)
		return r;
	switch (req->sqe.op) {
	case RS_OP_BLK_READ:
	case RS_OP_BLK_WRITE:
		return transfer(cmd, disk->nsid, req, start, blocks, list);
	case RS_OP_BLK_WRITE_ZEROES:
		return write_zeroes(cmd, disk->nsid, req, start, blocks);
	case RS_OP_BLK_DISCARD:
		return discard(cmd, disk->nsid, start, blocks, list);
	}
	return -EOPNOTSUPP;
}

int disk_give(struct nvme *nvme, struct rsdrv_req *req, uint8_t tries, uint8_t rung)
{
	struct pair *pair = pair_of(nvme, req->queue);
	struct prp_list list;
	struct nvme_cmd cmd;
	uint16_t cid;
	int r;

	if (nvme->rung == RUNG_GIVEN_UP)
		return -EIO;
	if (req->sqe.minor >= nvme->nr_disks)
		return -ENODEV;
	cid = queue_get(&pair->q, req, now_ms());
	if (cid == CID_NONE)
		return -EAGAIN;
	list.va = (uint64_t *)((char *)pair->list_mem.va + (size_t)cid * PRP_LIST_BYTES);
	list.iova = pair->list_mem.iova + (uint64_t)cid * PRP_LIST_BYTES;
	r = build(&nvme->disk[req->sqe.minor], req, &list, &cmd);
	if (r) {
		queue_drop(&pair->q, cid);
		return r;
	}
	pair->q.slot[cid].tries = tries;
	pair->q.slot[cid].rung = rung;
	queue_push(&pair->q, cid, &cmd);
	return 0;
}

static void answered(struct nvme *nvme, const struct answer *a)
{
	struct rsdrv_req *req = a->cookie;
	uint8_t rung = a->rung;
	int r;

	/* What an Abort command took back goes to the next rung, as what it could not. */
	if (rung == RUNG_ABORT)
		rung = ladder_next(rung, LADDER_FAILED);
	if (status_again(a->status) && a->tries < TRIES_MAX) {
		r = disk_give(nvme, req, a->tries + 1, rung);
		if (!r)
			return;
	} else {
		r = status_errno(a->status);
	}
	rsdrv_blk_done(req, r);
}

bool disk_reap(struct nvme *nvme, struct pair *pair)
{
	struct answer a;
	bool any = false;

	while (queue_reap(&pair->q, &a)) {
		answered(nvme, &a);
		any = true;
	}
	if (any)
		nvme->rung = RUNG_FINE;
	return any;
}

static int disk_op(struct rsdrv_req *req)
{
	int r = disk_give(rsdrv_priv(req->d), req, 0, RUNG_FINE);

	return r ? r : RSDRV_LATER;
}

static void disk_commit(struct rsdrv *d, unsigned int queue)
{
	struct nvme *nvme = rsdrv_priv(d);

	queue_kick(&pair_of(nvme, queue)->q);
}

const struct rsdrv_blk_ops disk_ops = {
	.read = disk_op,
	.write = disk_op,
	.flush = disk_op,
	.discard = disk_op,
	.write_zeroes = disk_op,
	.commit = disk_commit,
};
