// SPDX-License-Identifier: GPL-2.0
/*
 * pool.c - an instance's memory
 */
#include <linux/align.h>
#include <linux/genalloc.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include <linux/rs_channel.h>

#include "pool.h"

/*
 * genalloc takes 0 for "no memory", so offsets are kept one pool's length up.  It aligns relative
 * to the start of what it was given: that is the whole pool, of which the driver's part is taken
 * first.  So buffers have the alignment of their size, here and on the bus.
 */
#define RS_POOL_BIAS	((unsigned long)RS_POOL_MAX)

int rs_pool_init(struct rs_pool *pool, u64 size, u64 iova)
{
	pool->base = vmalloc_user(size);
	if (!pool->base)
		return -ENOMEM;
	atomic_set(&pool->starved, 0);
	init_waitqueue_head(&pool->wait);
	pool->size = size;
	pool->iova = iova;
	return 0;
}

int rs_pool_split(struct rs_pool *pool, u64 private_size)
{
	u64 start = ALIGN(private_size, PAGE_SIZE);
	int err;

	if (private_size > pool->size / 2)
		return -EINVAL;
	pool->gen = gen_pool_create(ilog2(RS_BUF_MIN), NUMA_NO_NODE);
	if (!pool->gen)
		return -ENOMEM;
	gen_pool_set_algo(pool->gen, gen_pool_first_fit_order_align, NULL);
	err = gen_pool_add(pool->gen, RS_POOL_BIAS, pool->size, NUMA_NO_NODE);
	if (err) {
		gen_pool_destroy(pool->gen);
		pool->gen = NULL;
		return err;
	}
	if (start)
		gen_pool_alloc(pool->gen, start);
	pool->private_size = start;
	return 0;
}

void rs_pool_exit(struct rs_pool *pool)
{
	if (pool->gen) {
		if (pool->private_size)
			gen_pool_free(pool->gen, RS_POOL_BIAS, pool->private_size);
		gen_pool_destroy(pool->gen);
	}
	vfree(pool->base);
	pool->gen = NULL;
	pool->base = NULL;
}

u64 rs_pool_alloc(struct rs_pool *pool, u32 len, u32 *ret_len)
{
	unsigned long addr;
	u32 size;

	if (len > RS_BUF_MAX || !pool->gen)
		return RS_BUF_NONE;
	size = roundup_pow_of_two(max_t(u32, len, RS_BUF_MIN));
	addr = gen_pool_alloc(pool->gen, size);
	if (!addr) {
		atomic_set(&pool->starved, 1);
		/* Said, then looked again.  Pairs with rs_pool_free(): one sees the other. */
		smp_mb__after_atomic();
		addr = gen_pool_alloc(pool->gen, size);
		if (!addr)
			return RS_BUF_NONE;
	}
	*ret_len = size;
	return addr - RS_POOL_BIAS;
}

bool rs_pool_free(struct rs_pool *pool, u64 offset, u32 len)
{
	gen_pool_free(pool->gen, RS_POOL_BIAS + offset, len);
	smp_mb(); /* the buffer before the look; pairs with rs_pool_alloc() */
	if (likely(!atomic_read(&pool->starved)) || !atomic_xchg(&pool->starved, 0))
		return false;
	wake_up_all(&pool->wait);
	return true;
}
