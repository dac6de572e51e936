// SPDX-License-Identifier: GPL-2.0
/*
 * names_test.c - every value has a word, and no two share one
 */
#include <kunit/test.h>

#include <linux/rs_channel.h>
#include <linux/rs_types.h>

#include "names.h"

static void rs_test_table(struct kunit *test, const char *(*name)(u32), u32 nr)
{
	u32 i, j;

	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_STRNEQ(test, name(i), "unknown");
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, name(i), name(j));
	}
	KUNIT_EXPECT_STREQ(test, name(nr), "unknown");
	KUNIT_EXPECT_STREQ(test, name(U32_MAX), "unknown");
}

static void rs_test_names(struct kunit *test)
{
	rs_test_table(test, rs_class_name, __RS_CLASS_LAST);
	rs_test_table(test, rs_effects_name, __RS_EFFECTS_LAST);
	rs_test_table(test, rs_slot_state_name, __RS_SLOT_STATE_LAST);
	rs_test_table(test, rs_instance_state_name, __RS_INST_STATE_LAST);
	rs_test_table(test, rs_cause_name, __RS_CAUSE_LAST);
	rs_test_table(test, rs_violation_name, __RS_VIOL_LAST);
}

static void rs_test_ops(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, rs_op_name(RS_OP_INIT), "init");
	KUNIT_EXPECT_STREQ(test, rs_op_name(RS_OP_NET_RX), "rx");
	KUNIT_EXPECT_STREQ(test, rs_op_name(0), "unknown");
}

static struct kunit_case rs_names_cases[] = {
	KUNIT_CASE(rs_test_names),
	KUNIT_CASE(rs_test_ops),
	{}
};

static struct kunit_suite rs_names_suite = {
	.name = "rsmod-names",
	.test_cases = rs_names_cases,
};
kunit_test_suite(rs_names_suite);
