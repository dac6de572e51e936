// SPDX-License-Identifier: GPL-2.0-only
/*
 * conf-key.c - one reader per keyword of system.conf
 *
 * MINIX's keywords that need a part which does not exist here yet are refused with the
 * reason: a right or a limit that is written down and not enforced would be a lie.
 */
#include <pwd.h>
#include <sys/resource.h>

#include <linux/rs_channel.h>

#include "conf-key.h"
#include "conf-value.h"
#include "callfilter.h"

const char *const conf_class_names[] = { "none", "chr", "net", "blk", NULL };
const char *const conf_effects_names[] = { "slot", "backend", "device", NULL };

/* Arguments start at word 1.  A reader sets *ret_word to the one that it refuses. */
struct args {
	char *const *word;
	unsigned int nr;
	unsigned int bad;
};

typedef int (*read_fn)(struct conf_service *s, struct args *a, struct reason *why);

static int set_string(char **dst, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	free(*dst);
	*dst = copy;
	return 0;
}

static int read_number(struct args *a, unsigned int i, int64_t min, int64_t max, uint32_t *ret,
		       struct reason *why)
{
	int64_t v = 0;
	int r = value_number(a->word[i], min, max, &v, why);

	if (r < 0) {
		a->bad = i;
		return r;
	}
	*ret = (uint32_t)v;
	return 0;
}

static int read_program(struct conf_service *s, struct args *a, struct reason *why)
{
	if (a->word[1][0] != '/')
		return refuse(why, -EINVAL, "'%s' is not an absolute path", a->word[1]);
	return set_string(&s->program, a->word[1]);
}

static int read_args(struct conf_service *s, struct args *a, struct reason *why)
{
	unsigned int i;
	int r;

	(void)why;
	strv_free(steal_ptr(s->args));
	for (i = 1; i < a->nr; i++) {
		r = strv_append(&s->args, a->word[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_descr(struct conf_service *s, struct args *a, struct reason *why)
{
	(void)why;
	return set_string(&s->descr, a->word[1]);
}

static int read_class(struct conf_service *s, struct args *a, struct reason *why)
{
	int r = value_choice(a->word[1], conf_class_names, why);

	if (r < 0)
		return r;
	s->class = (enum rs_class)r;
	return 0;
}

static int read_device(struct conf_service *s, struct args *a, struct reason *why)
{
	return value_pci_address(a->word[1], s->device, sizeof(s->device), why);
}

static int read_pci_class(struct conf_service *s, struct args *a, struct reason *why)
{
	if (a->nr != 3)
		return refuse(why, -EINVAL,
			      "pci class needs one class, subclass and interface such as 01/08/02");
	a->bad = 2;
	s->nr_pci = 0;
	return value_pci_class(a->word[2], &s->pci_class, &s->pci_class_mask, why);
}

static int read_pci(struct conf_service *s, struct args *a, struct reason *why)
{
	unsigned int i, n = 0;
	int r;

	if (streq(a->word[1], "class"))
		return read_pci_class(s, a, why);
	if (!streq(a->word[1], "device")) {
		a->bad = 1;
		return refuse(why, -EINVAL, "'%s': after pci comes device or class", a->word[1]);
	}
	if (a->nr < 3)
		return refuse(why, -EINVAL, "pci device needs a vendor and device such as 8086:10d3");
	for (i = 2; i < a->nr; i++) {
		if (n >= CONF_PCI_IDS_MAX) {
			a->bad = i;
			return refuse(why, -E2BIG, "more than %d devices", CONF_PCI_IDS_MAX);
		}
		r = value_pci_id(a->word[i], &s->pci[n].vendor, &s->pci[n].device, why);
		if (r < 0) {
			a->bad = i;
			return r;
		}
		n++;
	}
	s->nr_pci = n;
	s->pci_class_mask = 0;
	return 0;
}

static int read_interface(struct conf_service *s, struct args *a, struct reason *why)
{
	int r = value_ifname(a->word[1], why);

	return r < 0 ? r : format(s->interface, sizeof(s->interface), "%s", a->word[1]);
}

static int read_mac(struct conf_service *s, struct args *a, struct reason *why)
{
	return value_mac(a->word[1], s->mac, why);
}

static int read_replica(struct conf_service *s, struct args *a, struct reason *why)
{
	return read_number(a, 1, 0, CONF_REPLICAS_MAX, &s->replica, why);
}

static int read_effects(struct conf_service *s, struct args *a, struct reason *why)
{
	int r = value_choice(a->word[1], conf_effects_names, why);

	if (r < 0)
		return r;
	s->effects = (enum rs_effects)r;
	return 0;
}

static int read_pool(struct conf_service *s, struct args *a, struct reason *why)
{
	uint64_t v;
	int r = value_size(a->word[1], &v, why);

	if (r < 0)
		return r;
	if (v < RS_POOL_MIN || v > RS_POOL_MAX || v % 4096)
		return refuse(why, -ERANGE, "a pool has %uK to %uM, in pages of 4K",
			      RS_POOL_MIN >> 10, RS_POOL_MAX >> 20);
	s->pool = v;
	return 0;
}

static int read_depth(struct conf_service *s, struct args *a, struct reason *why)
{
	int r = read_number(a, 1, RS_DEPTH_MIN, RS_DEPTH_MAX, &s->depth, why);

	if (r < 0)
		return r;
	if (s->depth & (s->depth - 1))
		return refuse(why, -EINVAL, "%s is not a power of two", a->word[1]);
	return 0;
}

static int read_queues(struct conf_service *s, struct args *a, struct reason *why)
{
	return read_number(a, 1, 1, RS_QUEUES_MAX - 1, &s->queues, why);
}

static int read_deadline(struct conf_service *s, struct args *a, struct reason *why)
{
	return value_time(a->word[1], &s->deadline_ms, why);
}

static int read_gate_timeout(struct conf_service *s, struct args *a, struct reason *why)
{
	return value_time(a->word[1], &s->gate_timeout_ms, why);
}

static int read_init_timeout(struct conf_service *s, struct args *a, struct reason *why)
{
	int r = value_time(a->word[1], &s->init_timeout_ms, why);

	if (r == 0 && s->init_timeout_ms == 0)
		return refuse(why, -EINVAL,
			      "init-timeout cannot be never: a driver that hangs in INIT could not be noticed");
	return r;
}

static int read_poison(struct conf_service *s, struct args *a, struct reason *why)
{
	return read_number(a, 1, 1, 1000, &s->poison, why);
}

static int read_violations(struct conf_service *s, struct args *a, struct reason *why)
{
	return read_number(a, 1, 0, 1000000, &s->violations, why);
}

static int read_budget(struct conf_service *s, struct args *a, struct reason *why)
{
	int r = read_number(a, 1, 0, 1000000, &s->budget, why);

	if (r < 0)
		return r;
	a->bad = 2;
	r = value_time(a->word[2], &s->budget_window_ms, why);
	if (r == 0 && s->budget_window_ms == 0)
		return refuse(why, -EINVAL,
			      "a budget's window cannot be never; for any number of failovers leave budget out");
	return r;
}

static int read_uid(struct conf_service *s, struct args *a, struct reason *why)
{
	int64_t v = 0;
	int r;

	if (streq(a->word[1], "SELF"))
		return refuse(why, -EOPNOTSUPP,
			      "uid SELF is not supported; leave uid out and each instance gets a user of its own");
	if (a->word[1][0] >= '0' && a->word[1][0] <= '9') {
		r = value_number(a->word[1], 0, UINT32_MAX - 1, &v, why);
		if (r < 0)
			return r;
	} else {
		struct passwd *pw = getpwnam(a->word[1]);

		if (!pw)
			return refuse(why, -EINVAL, "there is no user '%s'", a->word[1]);
		v = pw->pw_uid;
	}
	if (v == 0)
		return refuse(why, -EPERM, "a driver does not run as root");
	s->uid = (uint32_t)v;
	return 0;
}

static int read_nice(struct conf_service *s, struct args *a, struct reason *why)
{
	int64_t v = 0;
	int r = value_number(a->word[1], -20, 19, &v, why);

	if (r < 0)
		return r;
	s->nice = (int)v;
	return 0;
}

static int read_irq(struct conf_service *s, struct args *a, struct reason *why)
{
	static const char *const kinds[] = { "msi", "msix", NULL };
	int r;

	if (a->word[1][0] >= '0' && a->word[1][0] <= '9')
		return refuse(why, -EOPNOTSUPP,
			      "interrupts come with the PCI device; write irq msi or irq msix N");
	r = value_choice(a->word[1], kinds, why);
	if (r < 0)
		return r;
	s->irq = r ? CONF_IRQ_MSIX : CONF_IRQ_MSI;
	s->nr_irqs = 1;
	if (a->nr > 2)
		return read_number(a, 2, 1, RS_IRQS_MAX, &s->nr_irqs, why);
	return 0;
}

static int read_core_limit(struct conf_service *s, struct args *a, struct reason *why)
{
	if (streq(a->word[1], "unlimited")) {
		s->core_limit = RLIM_INFINITY;
		return 0;
	}
	return value_size(a->word[1], &s->core_limit, why);
}

static int read_mode(struct conf_service *s, struct args *a, struct reason *why)
{
	return value_mode(a->word[1], &s->mode, why);
}

static int read_system(struct conf_service *s, struct args *a, struct reason *why)
{
	uint32_t groups = 0;
	unsigned int i;
	int r;

	for (i = 1; i < a->nr; i++) {
		r = value_choice(a->word[i], callfilter_group_names, why);
		if (r < 0) {
			a->bad = i;
			return r;
		}
		groups |= 1U << r;
	}
	s->system = groups;
	return 0;
}

static int read_period(struct conf_service *s, struct args *a, struct reason *why)
{
	return value_time(a->word[1], &s->period_ms, why);
}

static int read_script(struct conf_service *s, struct args *a, struct reason *why)
{
	if (a->word[1][0] != '/')
		return refuse(why, -EINVAL, "'%s' is not an absolute path", a->word[1]);
	return set_string(&s->script, a->word[1]);
}

static int read_script_timeout(struct conf_service *s, struct args *a, struct reason *why)
{
	int r = value_time(a->word[1], &s->script_timeout_ms, why);

	if (r == 0 && s->script_timeout_ms == 0)
		return refuse(why, -EINVAL,
			      "script-timeout cannot be never: a script that hangs would hold up the service");
	return r;
}

static int read_yes(struct args *a, bool *ret, struct reason *why)
{
	static const char *const words[] = { "no", "yes", NULL };
	int r = value_choice(a->word[1], words, why);

	if (r < 0)
		return r;
	*ret = r;
	return 0;
}

static int read_core(struct conf_service *s, struct args *a, struct reason *why)
{
	return read_yes(a, &s->core, why);
}

static int read_restart(struct conf_service *s, struct args *a, struct reason *why)
{
	return read_yes(a, &s->restart, why);
}

static int read_restart_limit(struct conf_service *s, struct args *a, struct reason *why)
{
	int r = read_number(a, 1, 1, 10000, &s->restart_limit, why);

	if (r < 0)
		return r;
	a->bad = 2;
	r = value_time(a->word[2], &s->restart_window_ms, why);
	if (r == 0 && s->restart_window_ms == 0)
		return refuse(why, -EINVAL, "a window cannot be never; leave restart-limit out");
	return r;
}

static const struct keyword {
	const char *name;
	enum conf_key key;
	unsigned int min, max;		/* arguments */
	read_fn read;
	const char *usage;
} keywords[] = {
	{ "program", CONF_KEY_PROGRAM, 1, 1, read_program, "program PATH" },
	{ "args", CONF_KEY_ARGS, 0, CONF_ARGS_MAX, read_args, "args WORD..." },
	{ "descr", CONF_KEY_DESCR, 1, 1, read_descr, "descr \"TEXT\"" },
	{ "class", CONF_KEY_CLASS, 1, 1, read_class, "class chr|net|blk|none" },
	{ "type", CONF_KEY_CLASS, 1, 1, read_class, "type chr|net|blk|none" },
	{ "device", CONF_KEY_DEVICE, 1, 1, read_device, "device DDDD:BB:DD.F" },
	{ "pci", CONF_KEY_PCI, 1, CONF_ARGS_MAX, read_pci,
	  "pci device VVVV:DDDD... or pci class CC[/SS[/II]]" },
	{ "interface", CONF_KEY_INTERFACE, 1, 1, read_interface, "interface NAME" },
	{ "mac", CONF_KEY_MAC, 1, 1, read_mac, "mac XX:XX:XX:XX:XX:XX" },
	{ "replica", CONF_KEY_REPLICA, 1, 1, read_replica, "replica N" },
	{ "effects", CONF_KEY_EFFECTS, 1, 1, read_effects, "effects slot|backend|device" },
	{ "pool", CONF_KEY_POOL, 1, 1, read_pool, "pool SIZE" },
	{ "depth", CONF_KEY_DEPTH, 1, 1, read_depth, "depth N" },
	{ "queues", CONF_KEY_QUEUES, 1, 1, read_queues, "queues N" },
	{ "deadline", CONF_KEY_DEADLINE, 1, 1, read_deadline, "deadline TIME|never" },
	{ "gate-timeout", CONF_KEY_GATE_TIMEOUT, 1, 1, read_gate_timeout,
	  "gate-timeout TIME|never" },
	{ "init-timeout", CONF_KEY_INIT_TIMEOUT, 1, 1, read_init_timeout, "init-timeout TIME" },
	{ "poison", CONF_KEY_POISON, 1, 1, read_poison, "poison N" },
	{ "violations", CONF_KEY_VIOLATIONS, 1, 1, read_violations, "violations N" },
	{ "budget", CONF_KEY_BUDGET, 2, 2, read_budget, "budget N TIME" },
	{ "uid", CONF_KEY_UID, 1, 1, read_uid, "uid NUMBER|NAME" },
	{ "nice", CONF_KEY_NICE, 1, 1, read_nice, "nice N" },
	{ "irq", CONF_KEY_IRQ, 1, 2, read_irq, "irq msi|msix [N]" },
	{ "core-limit", CONF_KEY_CORE_LIMIT, 1, 1, read_core_limit, "core-limit SIZE|unlimited" },
	{ "mode", CONF_KEY_MODE, 1, 1, read_mode, "mode OCTAL" },
	{ "system", CONF_KEY_SYSTEM, 1, CONF_ARGS_MAX, read_system, "system GROUP..." },
	{ "period", CONF_KEY_PERIOD, 1, 1, read_period, "period TIME|never" },
	{ "script", CONF_KEY_SCRIPT, 1, 1, read_script, "script PATH" },
	{ "core", CONF_KEY_CORE, 1, 1, read_core, "core yes|no" },
	{ "restart", CONF_KEY_RESTART, 1, 1, read_restart, "restart yes|no" },
	{ "restart-limit", CONF_KEY_RESTART_LIMIT, 2, 2, read_restart_limit,
	  "restart-limit N TIME" },
	{ "script-timeout", CONF_KEY_SCRIPT_TIMEOUT, 1, 1, read_script_timeout,
	  "script-timeout TIME" },
};

static const struct {
	const char *name;
	const char *reason;
} refused[] = {
	{ "io", "I/O ports need a UIO device, which this version does not serve" },
	{ "ipc", "there are no messages between services yet, so a send list could not be enforced" },
	{ "vm", "there are no VM calls on Linux; use system for groups of system calls" },
	{ "control", "services cannot manage others yet; only root can" },
	{ "sigmgr", "signal managers are not supported yet; rsd manages every service" },
	{ "scheduler", "user-space schedulers do not exist on Linux; use nice" },
	{ "priority", "MINIX's priorities do not exist on Linux; use nice" },
	{ "quantum", "quanta do not exist on Linux; use nice" },
	{ "cpu", "binding to a CPU is not supported yet" },
	{ "domain", "socket drivers are not supported" },
	{ "trusted", "only VFIO devices are supported, and those need no trust" },
};

int conf_key_apply(struct conf_service *s, uint64_t *seen, const struct conf_statement *st,
		   unsigned int *ret_word, struct reason *why)
{
	struct args a = { st->word, st->nr, 1 };
	const char *name = st->word[0];
	size_t i;
	int r;

	*ret_word = 0;
	for (i = 0; i < ARRAY_SIZE(refused); i++)
		if (streq(name, refused[i].name))
			return refuse(why, -EOPNOTSUPP, "%s: %s", name, refused[i].reason);

	for (i = 0; i < ARRAY_SIZE(keywords); i++) {
		const struct keyword *k = &keywords[i];

		if (!streq(name, k->name))
			continue;
		if (*seen & (1ULL << k->key))
			return refuse(why, -EEXIST, "%s is given twice", name);
		if (st->nr - 1 < k->min || st->nr - 1 > k->max)
			return refuse(why, -EINVAL, "%s has too %s arguments; write: %s;", name,
				      st->nr - 1 < k->min ? "few" : "many", k->usage);
		r = k->read(s, &a, why);
		if (r < 0) {
			*ret_word = a.bad < st->nr ? a.bad : 0;
			return r;
		}
		*seen |= 1ULL << k->key;
		s->given |= 1ULL << k->key;
		return 0;
	}
	return refuse(why, -EINVAL, "unknown keyword '%s'", name);
}

int conf_key_check(const struct conf_service *s, struct reason *why)
{
	if (!s->program)
		return refuse(why, -EINVAL, "service %s has no program", s->label);
	if (!conf_given(s, CONF_KEY_CLASS))
		return refuse(why, -EINVAL,
			      "service %s has no class; write class chr, class net, class blk or class none",
			      s->label);
	if (s->class != RS_CLASS_NET &&
	    (conf_given(s, CONF_KEY_INTERFACE) || conf_given(s, CONF_KEY_MAC)))
		return refuse(why, -EINVAL, "service %s is not of class net, so it has no interface",
			      s->label);
	if (s->class != RS_CLASS_BLK && conf_given(s, CONF_KEY_QUEUES))
		return refuse(why, -EINVAL, "service %s is not of class blk, so its queues are fixed",
			      s->label);
	if (s->class != RS_CLASS_CHR && conf_given(s, CONF_KEY_MODE))
		return refuse(why, -EINVAL, "service %s is not of class chr, so it has no device file",
			      s->label);
	if (conf_given(s, CONF_KEY_EFFECTS) && s->effects == RS_EFFECTS_DEVICE &&
	    !conf_wants_device(s))
		return refuse(why, -EINVAL, "service %s has effects device but no device", s->label);
	if (conf_given(s, CONF_KEY_EFFECTS) && s->effects != RS_EFFECTS_DEVICE &&
	    conf_wants_device(s))
		return refuse(why, -EINVAL, "service %s has a device, so its effects are device",
			      s->label);
	if (s->period_ms && conf_given(s, CONF_KEY_DEADLINE) && !s->deadline_ms)
		return refuse(why, -EINVAL,
			      "service %s has a period, within whose deadline it has to answer; deadline never leaves it none",
			      s->label);
	if (conf_given(s, CONF_KEY_RESTART_LIMIT) && !s->restart)
		return refuse(why, -EINVAL, "service %s has restart no, so there is nothing to limit",
			      s->label);
	if (conf_given(s, CONF_KEY_SCRIPT_TIMEOUT) && !s->script)
		return refuse(why, -EINVAL, "service %s has script-timeout but no script", s->label);
	if (conf_given(s, CONF_KEY_IRQ) && !conf_wants_device(s))
		return refuse(why, -EINVAL, "service %s has irq but no device", s->label);
	return 0;
}
