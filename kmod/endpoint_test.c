// SPDX-License-Identifier: GPL-2.0
/*
 * endpoint_test.c - numbers of endpoints, and the table
 */
#include <kunit/test.h>

#include <linux/err.h>
#include <linux/string.h>

#include "endpoint.h"

static void rs_test_packing(struct kunit *test)
{
	static const u32 gens[] = { 1, 2, 255, 4096, RS_GEN_MAX };
	static const u32 slots[] = { 0, 1, 63, RS_SLOTS_MAX - 1, RS_GEN_SIZE - 1 };
	u32 g, s;

	for (g = 0; g < ARRAY_SIZE(gens); g++)
		for (s = 0; s < ARRAY_SIZE(slots); s++) {
			s32 ep = RS_EP(gens[g], slots[s]);

			KUNIT_EXPECT_GT(test, ep, 0);
			KUNIT_EXPECT_EQ(test, RS_EP_GEN(ep), gens[g]);
			KUNIT_EXPECT_EQ(test, RS_EP_SLOT(ep), slots[s]);
		}
}

static void rs_test_magic(struct kunit *test)
{
	static const s32 magic[] = { RS_EP_NONE, RS_EP_ANY, RS_EP_SELF };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(magic); i++) {
		/* Never mistaken for an endpoint of the first generation. */
		KUNIT_EXPECT_LT(test, magic[i], RS_EP(1, 0));
		KUNIT_EXPECT_PTR_EQ(test, rs_slot_get(magic[i]), ERR_PTR(-EINVAL));
	}
}

static void rs_test_bogus(struct kunit *test)
{
	KUNIT_EXPECT_PTR_EQ(test, rs_slot_get(-1), ERR_PTR(-EINVAL));
	KUNIT_EXPECT_PTR_EQ(test, rs_slot_get(S32_MIN), ERR_PTR(-EINVAL));
	KUNIT_EXPECT_PTR_EQ(test, rs_slot_get(0), ERR_PTR(-EINVAL));
	KUNIT_EXPECT_PTR_EQ(test, rs_slot_get(RS_EP(1, RS_SLOTS_MAX)), ERR_PTR(-EINVAL));
	KUNIT_EXPECT_PTR_EQ(test, rs_slot_get(RS_EP(RS_GEN_MAX, 1)), ERR_PTR(-EOWNERDEAD));
}

static struct rs_slot_config rs_test_config(const char *label)
{
	struct rs_slot_config config = { .label = label, .class = RS_CLASS_NONE, .ifname = "" };

	rs_policy_default(&config.policy, config.class);
	return config;
}

static void rs_test_labels(struct kunit *test)
{
	static const char * const bad[] = {
		"", " ", "a b", "a/b", ".", "..", "a.b", "\xc3\xa4", "01234567890123456789012345678901",
	};
	struct rs_slot *slot;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct rs_slot_config config = rs_test_config(bad[i]);

		KUNIT_EXPECT_EQ(test, rs_slot_new(&config, &slot, NULL), -EINVAL);
	}
}

static void rs_test_generations(struct kunit *test)
{
	struct rs_slot_config config = rs_test_config("kunit-gen");
	struct rs_slot *slot, *other;
	s32 ep;

	KUNIT_ASSERT_EQ(test, rs_slot_new(&config, &slot, NULL), 0);
	ep = slot->endpoint;
	KUNIT_EXPECT_EQ(test, rs_slot_new(&config, &other, NULL), -EEXIST);
	other = rs_slot_get(ep);
	KUNIT_EXPECT_PTR_EQ(test, other, slot);
	rs_slot_put(other);
	other = rs_slot_get_label("kunit-gen");
	KUNIT_EXPECT_PTR_EQ(test, other, slot);
	rs_slot_put(other);

	rs_slot_del(slot);
	rs_slot_put(slot);
	KUNIT_EXPECT_PTR_EQ(test, rs_slot_get(ep), ERR_PTR(-EOWNERDEAD));
	KUNIT_EXPECT_NULL(test, rs_slot_get_label("kunit-gen"));

	/* The place is used again, under another number. */
	KUNIT_ASSERT_EQ(test, rs_slot_new(&config, &slot, NULL), 0);
	KUNIT_EXPECT_EQ(test, RS_EP_SLOT(slot->endpoint), RS_EP_SLOT(ep));
	KUNIT_EXPECT_EQ(test, RS_EP_GEN(slot->endpoint), RS_EP_GEN(ep) % RS_GEN_MAX + 1);
	KUNIT_EXPECT_PTR_EQ(test, rs_slot_get(ep), ERR_PTR(-EOWNERDEAD));
	rs_slot_del(slot);
	rs_slot_put(slot);
}

static struct kunit_case rs_endpoint_cases[] = {
	KUNIT_CASE(rs_test_packing),
	KUNIT_CASE(rs_test_magic),
	KUNIT_CASE(rs_test_bogus),
	KUNIT_CASE(rs_test_labels),
	KUNIT_CASE(rs_test_generations),
	{}
};

static struct kunit_suite rs_endpoint_suite = {
	.name = "rsmod-endpoint",
	.test_cases = rs_endpoint_cases,
};
kunit_test_suite(rs_endpoint_suite);
