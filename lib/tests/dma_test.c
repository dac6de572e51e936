// SPDX-License-Identifier: LGPL-2.1-or-later
/* The driver's part of the pool: alignment for the device, limits, zeroing. */
#include <errno.h>
#include <string.h>

#include <rsdrv/dma.h>

#include "instance.h"
#include "tap.h"

#define POOL	65536

static void start(struct rsdrv *d, uint64_t iova, uint64_t private_size)
{
	memset(d, 0, sizeof(*d));
	d->pool = aligned_alloc(4096, POOL);
	memset(d->pool, 0xaa, POOL);
	d->attach.pool_size = POOL;
	d->attach.pool_iova = iova;
	d->params.private_size = private_size;
}

static bool is_zero(const struct rsdrv_dma *m)
{
	const char *p = m->va;
	size_t i;

	for (i = 0; i < m->size && !p[i]; i++)
		;
	return i == m->size;
}

static void test_alloc(void)
{
	struct rsdrv_dma a, b;
	struct rsdrv d;

	start(&d, 0x10000000, 8192);
	EXPECT(rsdrv_dma_alloc(&d, 100, 16, &a) == 0);
	EXPECT(a.va == d.pool && a.iova == 0x10000000 && a.size == 100 && is_zero(&a));
	EXPECT(rsdrv_dma_alloc(&d, 4096, 4096, &b) == 0);
	EXPECT(b.va == d.pool + 4096 && b.iova == 0x10001000 && is_zero(&b));
	EXPECT(d.pool[100] == (char)0xaa && d.pool[8192] == (char)0xaa);
	free(d.pool);
}

static void test_limits(void)
{
	struct rsdrv_dma a = { .size = 1 };
	struct rsdrv d;

	start(&d, 0x10000000, 4096);
	EXPECT(rsdrv_dma_alloc(&d, 0, 16, &a) == -EINVAL);
	EXPECT(rsdrv_dma_alloc(&d, 16, 0, &a) == -EINVAL);
	EXPECT(rsdrv_dma_alloc(&d, 16, 24, &a) == -EINVAL);
	EXPECT(rsdrv_dma_alloc(&d, 4097, 1, &a) == -ENOMEM);
	EXPECT(rsdrv_dma_alloc(&d, SIZE_MAX, 1, &a) == -ENOMEM);
	EXPECT(a.size == 1);
	EXPECT(rsdrv_dma_alloc(&d, 4096, 1, &a) == 0);
	EXPECT(rsdrv_dma_alloc(&d, 1, 1, &a) == -ENOMEM);
	free(d.pool);
}

/* The device's alignment counts, also where it is coarser than the pool's own. */
static void test_align(void)
{
	struct rsdrv_dma a;
	struct rsdrv d;

	start(&d, 0x10001000, 32768);
	EXPECT(rsdrv_dma_alloc(&d, 64, 16384, &a) == 0);
	EXPECT(a.iova == 0x10004000 && a.va == d.pool + 0x3000);
	free(d.pool);
}

static void test_no_device(void)
{
	struct rsdrv_req req = { .sqe.buf = 2048 };
	struct rsdrv_dma a;
	struct rsdrv d;

	start(&d, RS_IOVA_NONE, 4096);
	req.d = &d;
	EXPECT(rsdrv_dma_alloc(&d, 64, 64, &a) == 0 && a.iova == RS_IOVA_NONE);
	EXPECT(rsdrv_req_iova(&req) == RS_IOVA_NONE);
	d.attach.pool_iova = 0x1000;
	EXPECT(rsdrv_req_iova(&req) == 0x1000 + 2048);
	req.sqe.buf = RS_BUF_NONE;
	EXPECT(rsdrv_req_iova(&req) == RS_IOVA_NONE);
	free(d.pool);
}

int main(void)
{
	static const struct tap_case cases[] = {
		{ "pieces are zeroed and apart", test_alloc },
		{ "wrong sizes and too much are refused", test_limits },
		{ "the device's addresses are aligned", test_align },
		{ "no device, no address", test_no_device },
	};

	return tap_run(cases, ARRAY_SIZE(cases));
}
