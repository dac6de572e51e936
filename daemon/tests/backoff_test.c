// SPDX-License-Identifier: GPL-2.0-only
/* backoff_test.c - at once, 1, 2, 4, 8, 16, 30, 30 s; a clean minute halves */
#include "backoff.h"
#include "tap.h"

#define S 1000000ULL

static void test_grows_to_the_limit(void **state)
{
	static const uint64_t expected[] = { 0, 1, 2, 4, 8, 16, 30, 30, 30 };
	struct backoff b = { 0, 0 };
	uint64_t now = 1000 * S, i, delay;

	(void)state;
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		delay = backoff_next(&b, now);
		assert_int_equal(delay, expected[i] * S);
		now += delay + S;
	}
}

static void test_decays(void **state)
{
	struct backoff b = { 4, 1000 * S };

	(void)state;
	assert_int_equal(backoff_next(&b, 1061 * S), 2 * S);	/* 4 >> 1 = 2 */
	assert_int_equal(b.count, 3);
	/* the wait of 2 s does not count as clean */
	assert_int_equal(backoff_next(&b, 1061 * S + 61 * S), 4 * S);
	assert_int_equal(b.count, 4);
}

static void test_long_clean_time_forgets(void **state)
{
	struct backoff b = { 1000, S };

	(void)state;
	assert_int_equal(backoff_next(&b, 100000 * S), 0);
	assert_int_equal(b.count, 1);
}

static void test_count_does_not_wrap(void **state)
{
	struct backoff b = { UINT32_MAX, 1000 * S };

	(void)state;
	assert_int_equal(backoff_next(&b, 1001 * S), 30 * S);
	assert_int_equal(b.count, UINT32_MAX);
}

static void test_limit(void **state)
{
	struct limit l = { 0, 0 };

	(void)state;
	assert_true(limit_take(&l, 2, 10 * S, 1000 * S));
	assert_true(limit_take(&l, 2, 10 * S, 1004 * S));
	assert_false(limit_take(&l, 2, 10 * S, 1005 * S));
	/* who was refused does not lengthen the wait of the next */
	assert_false(limit_take(&l, 2, 10 * S, 1009 * S));
	assert_true(limit_take(&l, 2, 10 * S, 1010 * S));
	assert_int_equal(l.count, 1);
	assert_false(limit_take(&(struct limit){ 0, 0 }, 0, 10 * S, S));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows_to_the_limit),
		cmocka_unit_test(test_decays),
		cmocka_unit_test(test_long_clean_time_forgets),
		cmocka_unit_test(test_count_does_not_wrap),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
