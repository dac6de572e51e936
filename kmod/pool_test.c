// SPDX-License-Identifier: GPL-2.0
/*
 * pool_test.c - the allocator of an instance's buffers
 */
#include <kunit/test.h>

#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include <linux/rs_channel.h>

#include "pool.h"

static int rs_pool_test_init(struct kunit *test)
{
	struct rs_pool *pool = kunit_kzalloc(test, sizeof(*pool), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, pool);
	KUNIT_ASSERT_EQ(test, rs_pool_init(pool, SZ_1M, RS_IOVA_NONE), 0);
	test->priv = pool;
	return 0;
}

static void rs_pool_test_exit(struct kunit *test)
{
	struct rs_pool *pool = test->priv;
	u64 start = pool->private_size, buf;
	u32 len;

	/* All is given back: what is left is one piece again, so the largest buffers fit. */
	if (pool->gen) {
		buf = rs_pool_alloc(pool, RS_BUF_MAX, &len);
		KUNIT_EXPECT_EQ(test, buf, ALIGN(start, RS_BUF_MAX));
		if (buf != RS_BUF_NONE)
			rs_pool_free(pool, buf, len);
	}
	rs_pool_exit(pool);
}

static void rs_test_split(struct kunit *test)
{
	struct rs_pool *pool = test->priv;
	u32 len;

	KUNIT_EXPECT_EQ(test, rs_pool_alloc(pool, 1, &len), RS_BUF_NONE);
	KUNIT_EXPECT_EQ(test, rs_pool_split(pool, pool->size / 2 + 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, rs_pool_split(pool, 5000), 0);
	KUNIT_EXPECT_EQ(test, pool->private_size, ALIGN(5000, PAGE_SIZE));
}

static void rs_test_sizes(struct kunit *test)
{
	static const u32 wanted[] = { 1, RS_BUF_MIN, RS_BUF_MIN + 1, 9000, 40000, RS_BUF_MAX };
	struct rs_pool *pool = test->priv;
	u32 i, len;
	u64 buf;

	KUNIT_ASSERT_EQ(test, rs_pool_split(pool, PAGE_SIZE), 0);
	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		buf = rs_pool_alloc(pool, wanted[i], &len);
		KUNIT_ASSERT_NE(test, buf, RS_BUF_NONE);
		KUNIT_EXPECT_GE(test, len, wanted[i]);
		KUNIT_EXPECT_TRUE(test, is_power_of_2(len));
		KUNIT_EXPECT_GE(test, buf, pool->private_size);
		KUNIT_EXPECT_LE(test, buf + len, pool->size);
		/* Contiguous for a device, and within one page table's reach. */
		KUNIT_EXPECT_EQ(test, buf % len, 0ULL);
		rs_pool_free(pool, buf, len);
	}
	KUNIT_EXPECT_EQ(test, rs_pool_alloc(pool, RS_BUF_MAX + 1, &len), RS_BUF_NONE);
}

static void rs_test_exhaust(struct kunit *test)
{
	struct rs_pool *pool = test->priv;
	u32 nr = pool->size / RS_BUF_MIN, i, got, len;
	u64 *bufs = kunit_kcalloc(test, nr, sizeof(*bufs), GFP_KERNEL);
	u8 *used = kunit_kzalloc(test, nr, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bufs);
	KUNIT_ASSERT_NOT_NULL(test, used);
	KUNIT_ASSERT_EQ(test, rs_pool_split(pool, PAGE_SIZE), 0);
	for (got = 0; got < nr; got++) {
		bufs[got] = rs_pool_alloc(pool, RS_BUF_MIN, &len);
		if (bufs[got] == RS_BUF_NONE)
			break;
		/* No two share a byte. */
		KUNIT_ASSERT_LT(test, bufs[got] / RS_BUF_MIN, (u64)nr);
		KUNIT_EXPECT_EQ(test, used[bufs[got] / RS_BUF_MIN]++, 0);
	}
	KUNIT_EXPECT_EQ(test, got, (u32)((pool->size - pool->private_size) / RS_BUF_MIN));
	for (i = 0; i < got; i++)
		rs_pool_free(pool, bufs[i], RS_BUF_MIN);
}

static struct kunit_case rs_pool_cases[] = {
	KUNIT_CASE(rs_test_split),
	KUNIT_CASE(rs_test_sizes),
	KUNIT_CASE(rs_test_exhaust),
	{}
};

static struct kunit_suite rs_pool_suite = {
	.name = "rsmod-pool",
	.init = rs_pool_test_init,
	.exit = rs_pool_test_exit,
	.test_cases = rs_pool_cases,
};
kunit_test_suite(rs_pool_suite);
