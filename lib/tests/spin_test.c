// SPDX-License-Identifier: LGPL-2.1-or-later
/* When spinning is given up, and taken up again. */
#include "spin.h"
#include "tap.h"

static void test_off(void)
{
	struct spin s = { .limit_ns = 0 };

	EXPECT(spin_next(&s) == 0);
	spin_learn(&s, 0);
	EXPECT(spin_next(&s) == 0);
}

static void test_patience(void)
{
	struct spin s = { .limit_ns = 1000 };
	int i;

	for (i = 0; i < SPIN_PATIENCE; i++) {
		EXPECT(spin_next(&s) == 1000);
		spin_learn(&s, 1001);
	}
	EXPECT(spin_next(&s) == 0);
	for (i = 0; i < 1000; i++)
		spin_learn(&s, UINT64_MAX);
	EXPECT(spin_next(&s) == 0);
}

static void test_again(void)
{
	struct spin s = { .limit_ns = 1000, .misses = SPIN_PATIENCE };

	spin_learn(&s, 1000);
	EXPECT(spin_next(&s) == 1000);
	/* One long wait among short ones does not end it. */
	spin_learn(&s, 5000);
	EXPECT(spin_next(&s) == 1000);
	spin_learn(&s, 10);
	EXPECT(s.misses == 0);
}

int main(void)
{
	static const struct tap_case cases[] = {
		{ "no limit, no spinning", test_off },
		{ "long waits end it", test_patience },
		{ "a short wait starts it again", test_again },
	};

	return tap_run(cases, ARRAY_SIZE(cases));
}
