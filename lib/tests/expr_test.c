// SPDX-License-Identifier: LGPL-2.1-or-later
/* Expressions of RS_LU_EVAL: right ones, wrong ones. */
#include <errno.h>
#include <string.h>

#include "lu.h"
#include "tap.h"

static int value(void *data, const char *name, int64_t *ret)
{
	(void)data;
	if (!strcmp(name, "zero"))
		*ret = 0;
	else if (!strcmp(name, "opens"))
		*ret = 3;
	else if (!strcmp(name, "q.len_2"))
		*ret = -1;
	else
		return -ENOENT;
	return 0;
}

static int eval(const char *expr)
{
	return expr_eval(expr, value, NULL);
}

static void test_compare(void)
{
	EXPECT(eval("opens == 3") == 1);
	EXPECT(eval("opens==0x3") == 1);
	EXPECT(eval("opens != 3") == 0);
	EXPECT(eval("2 < opens") == 1);
	EXPECT(eval("opens <= 2") == 0);
	EXPECT(eval("opens >= 3") == 1);
	EXPECT(eval("opens > 3") == 0);
	EXPECT(eval("q.len_2 < 0") == 1);
	EXPECT(eval("q.len_2 == -1") == 1);
	EXPECT(eval("opens") == 1);
	EXPECT(eval(" zero ") == 0);
}

static void test_join(void)
{
	EXPECT(eval("!zero") == 1);
	EXPECT(eval("!!zero") == 0);
	EXPECT(eval("zero && opens || opens") == 1);
	EXPECT(eval("zero && (opens || opens)") == 0);
	EXPECT(eval("opens || zero && zero") == 1);
	EXPECT(eval("!(opens == 3) || zero") == 0);
}

static void test_wrong(void)
{
	static const char *const wrong[] = {
		"", " ", "opens ==", "== 3", "(opens", "opens)", "opens = 3", "opens &&", "|| zero",
		"1 2", "99999999999999999999", "opens == 3 zero", "!", "()",
		"((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))",
		"a_name_that_is_longer_than_sixty_three_characters_is_no_name_of_any_service_at_all",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		EXPECT(eval(wrong[i]) == -EINVAL);
	EXPECT(eval("nothing") == -ENOENT);
	/* Also where it does not matter. */
	EXPECT(eval("opens || nothing") == -ENOENT);
}

int main(void)
{
	static const struct tap_case cases[] = {
		{ "comparisons", test_compare },
		{ "joined", test_join },
		{ "wrong ones are refused", test_wrong },
	};

	return tap_run(cases, ARRAY_SIZE(cases));
}
