// SPDX-License-Identifier: GPL-2.0
/*
 * allow.c - to whom a service may send messages
 *
 * By label, not by endpoint: a list outlives the generations of those that it names, and may
 * name one that is not up yet.  Read under RCU at every message, replaced as a whole.
 */
#include <linux/netlink.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "allow.h"
#include "endpoint.h"

/**
 * struct rs_allow - one list
 * @rcu: frees it after its readers
 * @nr: labels
 * @label: they
 */
struct rs_allow {
	struct rcu_head rcu;
	u32 nr;
	char label[][RS_LABEL_MAX];
};

/* The next word of *text, which is moved behind it; its length, 0 at the end. */
static size_t rs_allow_word(const char **text, const char **ret_word)
{
	size_t len;

	*ret_word = *text + strspn(*text, " ");
	len = strcspn(*ret_word, " ");
	*text = *ret_word + len;
	return len;
}

static u32 rs_allow_words(const char *text)
{
	const char *word;
	u32 nr = 0;

	while (rs_allow_word(&text, &word))
		nr++;
	return nr;
}

int rs_allow_set(struct rs_slot *slot, const char *text, struct netlink_ext_ack *extack)
{
	struct rs_allow *allow = NULL, *old;
	const char *word;
	size_t len;

	if (strcmp(text, "*")) {
		allow = kzalloc(struct_size(allow, label, rs_allow_words(text)),
				GFP_KERNEL_ACCOUNT);
		if (!allow)
			return -ENOMEM;
		while ((len = rs_allow_word(&text, &word))) {
			if (len >= RS_LABEL_MAX) {
				NL_SET_ERR_MSG(extack, "no label is as long as one in the allow-list");
				kfree(allow);
				return -EINVAL;
			}
			memcpy(allow->label[allow->nr++], word, len);
		}
	}
	old = rcu_replace_pointer(slot->allow, allow, true);
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

void rs_allow_drop(struct rs_slot *slot)
{
	kfree(rcu_dereference_protected(slot->allow, true));
}

static bool rs_allow_has(const struct rs_allow *allow, const char *label)
{
	u32 i;

	for (i = 0; i < allow->nr; i++)
		if (!strcmp(allow->label[i], label))
			return true;
	return false;
}

bool rs_allowed(const struct rs_slot *from, const struct rs_slot *to)
{
	const struct rs_allow *allow, *back;
	bool allowed;

	rcu_read_lock();
	allow = rcu_dereference(from->allow);
	back = rcu_dereference(to->allow);
	allowed = from == to || !allow || rs_allow_has(allow, to->label) ||
		  (back && rs_allow_has(back, from->label));
	rcu_read_unlock();
	return allowed;
}

void rs_allow_text(const struct rs_slot *slot, char *text)
{
	const struct rs_allow *allow = rcu_dereference_protected(slot->allow,
								lockdep_is_held(&slot->lock));
	size_t len = 0;
	u32 i;

	if (!allow) {
		strscpy(text, "*", RS_ALLOW_TEXT + 1);
		return;
	}
	*text = 0;
	for (i = 0; i < allow->nr; i++)
		len += scnprintf(text + len, RS_ALLOW_TEXT + 1 - len, "%s%s", i ? " " : "",
				 allow->label[i]);
}
