/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dma.h - memory that the device sees: the instance's pool
 *
 * The pool is contiguous, both here and for the device.  Its start, private_size
 * bytes (struct rsdrv_params), belongs to the driver: descriptor rings, tables.
 * The rest holds the buffers of requests, which the kernel hands out.
 *
 * The pool goes with the instance.  A successor has another, and trusts nothing
 * that was in its own before init.
 */
#ifndef RSDRV_DMA_H
#define RSDRV_DMA_H

#include <stddef.h>
#include <stdint.h>

#include <linux/rs_channel.h>
#include <rsdrv/channel.h>

struct rsdrv;

/**
 * struct rsdrv_dma - a piece of the driver's part of the pool
 * @va: for the driver
 * @iova: for the device; RS_IOVA_NONE if no device reaches the pool
 * @size: bytes
 */
struct rsdrv_dma {
	void *va;
	uint64_t iova;
	size_t size;
};

/**
 * rsdrv_dma_alloc() - take a zeroed piece of the driver's part of the pool
 * @d: the instance
 * @size: bytes, not 0
 * @align: a power of two; applies to @iova and to @va up to the page size
 * @ret: the piece; unchanged on error
 *
 * There is no free: a driver allocates what it needs once, before rsdrv_run().
 *
 * Return: 0, -EINVAL, or -ENOMEM when private_size is used up.
 */
int rsdrv_dma_alloc(struct rsdrv *d, size_t size, size_t align, struct rsdrv_dma *ret);

/**
 * rsdrv_pool() - where the pool is
 * @d: the instance
 * @size: out, may be NULL: bytes
 * Return: its first byte, where offset 0 is
 */
void *rsdrv_pool(const struct rsdrv *d, size_t *size);

/**
 * rsdrv_iova() - an offset in the pool, as the device sees it
 * @d: the instance
 * @offset: from the start of the pool, bytes
 * Return: RS_IOVA_NONE if no device reaches the pool.
 */
uint64_t rsdrv_iova(const struct rsdrv *d, uint64_t offset);

/**
 * rsdrv_req_iova() - a request's buffer, as the device sees it
 * @req: a request with a buffer
 * Return: RS_IOVA_NONE if it has none, or no device reaches the pool.
 */
uint64_t rsdrv_req_iova(const struct rsdrv_req *req);

#endif /* RSDRV_DMA_H */
