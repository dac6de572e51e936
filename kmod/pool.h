/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pool.h - an instance's memory: the driver's private part, then buffers
 *
 *	0              private_size                                size
 *	| descriptor rings | buffers, powers of two, RS_BUF_MIN..RS_BUF_MAX |
 *
 * One linear area, also in the device's view (iova + offset).  The allocator's books are in
 * kernel memory (genalloc); the driver can scribble on the bytes only.
 */
#ifndef _RS_POOL_H
#define _RS_POOL_H

#include <linux/atomic.h>
#include <linux/types.h>
#include <linux/wait.h>

struct gen_pool;

/**
 * struct rs_pool - see above
 * @base: kernel address
 * @size: bytes
 * @private_size: bytes that belong to the driver
 * @iova: address in the device's view, or RS_IOVA_NONE
 * @gen: allocator of the buffers, NULL until rs_pool_split()
 * @starved: somebody found no buffer since one was last given back
 * @wait: clients that wait for a buffer
 */
struct rs_pool {
	void *base;
	u64 size;
	u64 private_size;
	u64 iova;
	struct gen_pool *gen;
	atomic_t starved;
	wait_queue_head_t wait;
};

int rs_pool_init(struct rs_pool *pool, u64 size, u64 iova);
/* Set the driver's part apart and make the rest available. */
int rs_pool_split(struct rs_pool *pool, u64 private_size);
void rs_pool_exit(struct rs_pool *pool);

/* Offset of a buffer of at least @len bytes, *ret_len of them; RS_BUF_NONE if there is none. */
u64 rs_pool_alloc(struct rs_pool *pool, u32 len, u32 *ret_len);

/*
 * Give a buffer back.  True: somebody had found none, and looks again only if told; those who
 * wait in @wait have been told.
 */
bool rs_pool_free(struct rs_pool *pool, u64 offset, u32 len);

static inline void *rs_pool_va(const struct rs_pool *pool, u64 offset)
{
	return pool->base + offset;
}

#endif /* _RS_POOL_H */
