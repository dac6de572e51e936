// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The driver's part of the pool, given away from its start to its end
 */
#include <errno.h>
#include <string.h>

#include <rsdrv/dma.h>

#include "instance.h"

int rsdrv_dma_alloc(struct rsdrv *d, size_t size, size_t align, struct rsdrv_dma *ret)
{
	/* Where the device reaches the pool its addresses are what must be aligned. */
	uint64_t base = d->attach.pool_iova == RS_IOVA_NONE ? 0 : d->attach.pool_iova;
	uint64_t limit = d->params.private_size;
	uint64_t start;

	if (!size || !align || align & (align - 1))
		return -EINVAL;
	start = ((base + d->dma_used + align - 1) & ~(uint64_t)(align - 1)) - base;
	if (start > limit || size > limit - start)
		return -ENOMEM;
	d->dma_used = start + size;
	ret->va = memset(d->pool + start, 0, size);
	ret->iova = rsdrv_iova(d, start);
	ret->size = size;
	return 0;
}

void *rsdrv_pool(const struct rsdrv *d, size_t *size)
{
	if (size)
		*size = d->attach.pool_size;
	return d->pool;
}

uint64_t rsdrv_iova(const struct rsdrv *d, uint64_t offset)
{
	if (d->attach.pool_iova == RS_IOVA_NONE)
		return RS_IOVA_NONE;
	return d->attach.pool_iova + offset;
}

uint64_t rsdrv_req_iova(const struct rsdrv_req *req)
{
	if (req->sqe.buf == RS_BUF_NONE)
		return RS_IOVA_NONE;
	return rsdrv_iova(req->d, req->sqe.buf);
}
