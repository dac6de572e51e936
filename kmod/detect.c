// SPDX-License-Identifier: GPL-2.0
/*
 * detect.c - death before the core dump, and hangs without the driver's cooperation
 *
 * A process that gets a fatal signal first writes its core dump, then drops its memory, then its
 * files, and only then tells its parent.  Whoever waits for any of these waits for the dump.  The
 * signal_deliver tracepoint fires before it, in the dying thread.  Our probe runs there for every
 * signal on the machine, under siglock with interrupts off: it asks whether the signal is lethal,
 * compares current->signal with the few that we watch, and for one of ours marks the instance and
 * queues an irq_work.
 *
 * current->signal, not the mm, is the identity: posix_spawn() shares the latter.
 *
 * A process that just exits gets no signal.  It is noticed when its memory begins to be torn down,
 * before the pages of a large one are, and long before its files are closed.
 */
#include <linux/hashtable.h>
#include <linux/jiffies.h>
#include <linux/mmu_notifier.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/tracepoint.h>

#include "detect.h"
#include "endpoint.h"
#include "instance.h"
#include "lease.h"
#include "ledger.h"

static DEFINE_HASHTABLE(rs_owners, 8);
static DEFINE_SPINLOCK(rs_owners_lock);
static unsigned int rs_nr_owners;
static struct tracepoint *rs_signal_deliver;

/* Does the default action of this signal end the process?  Stops and ignores fire as well. */
static bool rs_signal_kills(int sig, const struct k_sigaction *ka)
{
	return ka->sa.sa_handler == SIG_DFL && !sig_kernel_ignore(sig) && !sig_kernel_stop(sig);
}

/*
 * The other threads of one that calls exit_group(), or that dies of a signal, get a SIGKILL that
 * nobody sent; the process's exit code says what it was.  Called under siglock.
 */
static int rs_signal_meant(int sig)
{
	if (sig == SIGKILL && current->signal->flags & SIGNAL_GROUP_EXIT)
		return current->signal->group_exit_code & 0x7f;
	return sig;
}

static void rs_detect_signal(void *data, int sig, struct kernel_siginfo *info,
			     struct k_sigaction *ka)
{
	struct rs_instance *inst;
	int meant;

	/* Most signals of most processes end here: the cheap questions first. */
	if (likely(!READ_ONCE(rs_nr_owners) || !rs_signal_kills(sig, ka)))
		return;
	rcu_read_lock();
	hash_for_each_possible_rcu(rs_owners, inst, owner_hash, (unsigned long)current->signal) {
		if (inst->owner != current->signal)
			continue;
		/* The handler of librsdrv may have reported it; the process itself ends only now. */
		WRITE_ONCE(inst->signaled, true);
		meant = rs_signal_meant(sig);
		rs_instance_die(inst, meant ? RS_CAUSE_SIGNAL : RS_CAUSE_EXIT, meant, NULL);
	}
	rcu_read_unlock();
}

#ifdef CONFIG_MMU_NOTIFIER
/* First thing in exit_mmap(), also for an exec(). */
static void rs_detect_mm_release(struct mmu_notifier *notifier, struct mm_struct *mm)
{
	rs_instance_die(container_of(notifier, struct rs_instance, mm_notifier),
			RS_CAUSE_EXIT, 0, NULL);
}

static const struct mmu_notifier_ops rs_detect_mm_ops = {
	.release	= rs_detect_mm_release,
};

static int rs_detect_mm_add(struct rs_instance *inst)
{
	inst->mm_notifier.ops = &rs_detect_mm_ops;
	return mmu_notifier_register(&inst->mm_notifier, current->mm);
}

static void rs_detect_mm_del(struct rs_instance *inst)
{
	mmu_notifier_unregister(&inst->mm_notifier, inst->mm_notifier.mm);
}
#else
/* A kernel that nobody built for it: the close of the file has to do. */
static int rs_detect_mm_add(struct rs_instance *inst) { return 0; }
static void rs_detect_mm_del(struct rs_instance *inst) { }
#endif

int rs_detect_add(struct rs_instance *inst)
{
	unsigned long flags;
	int err;

	err = rs_detect_mm_add(inst);
	if (err)
		return err;
	spin_lock_irqsave(&rs_owners_lock, flags);
	hash_add_rcu(rs_owners, &inst->owner_hash, (unsigned long)inst->owner);
	WRITE_ONCE(rs_nr_owners, rs_nr_owners + 1);
	spin_unlock_irqrestore(&rs_owners_lock, flags);
	return 0;
}

void rs_detect_del(struct rs_instance *inst)
{
	unsigned long flags;

	if (hlist_unhashed(&inst->owner_hash))
		return;
	spin_lock_irqsave(&rs_owners_lock, flags);
	hlist_del_init_rcu(&inst->owner_hash);
	WRITE_ONCE(rs_nr_owners, rs_nr_owners - 1);
	spin_unlock_irqrestore(&rs_owners_lock, flags);
	rs_detect_mm_del(inst);
}

/* A quarter of the deadline bounds how much too late a hang is seen. */
static unsigned long rs_detect_period(u32 deadline)
{
	return msecs_to_jiffies(deadline) / 4 + 1;
}

/*
 * The flag is the timer's owner: while it is set nobody else moves @watch_due.  The timer clears
 * it before it looks at the queues, so what comes after that look arms again.
 */
void rs_detect_arm(struct rs_slot *slot)
{
	u32 deadline = READ_ONCE(slot->policy.deadline_ms);

	if (!deadline || READ_ONCE(slot->state) == RS_SLOT_DEAD ||
	    test_bit(0, &slot->watched) || test_and_set_bit(0, &slot->watched))
		return;
	slot->watch_due = jiffies + rs_detect_period(deadline);
	mod_timer(&slot->watch, slot->watch_due);
}

/*
 * The machine stood still, say a virtual one whose host had no time for it.  Then the driver had
 * no more time than we, and may be about to do what it is late with: it gets its whole time again.
 */
static void rs_detect_restart(struct rs_slot *slot)
{
	struct rs_instance *inst;
	u64 ping;
	u32 i;

	for (i = 0; i <= slot->nr_queues; i++)
		rs_queue_restart(slot->queue[i]);
	rs_lease_irq_restart(slot);
	rcu_read_lock();
	inst = rcu_dereference(slot->irq_target);
	ping = inst ? READ_ONCE(inst->event_since) : 0;
	if (ping) /* unless it was answered just now */
		cmpxchg(&inst->event_since, ping, ktime_get_ns());
	rcu_read_unlock();
	rs_detect_arm(slot);
}

/* Has something waited for the bound instance's attention since @since, for too long? */
static void rs_detect_ignored(struct rs_instance *inst, u64 since, u64 now, u64 deadline,
			      u32 cause, const char *text, bool *waits)
{
	if (!since)
		return;
	if (now > since && now - since >= deadline)
		rs_instance_die(inst, cause, 0, text);
	else
		*waits = true;
}

void rs_detect_watch(struct timer_list *timer)
{
	struct rs_slot *slot = container_of(timer, struct rs_slot, watch);
	u32 deadline = READ_ONCE(slot->policy.deadline_ms), i;
	unsigned long now = jiffies, idle = now + MAX_JIFFY_OFFSET, next = idle;
	unsigned long due = slot->watch_due;
	struct rs_instance *inst;
	bool waits = false;

	clear_bit(0, &slot->watched);
	smp_mb__after_atomic(); /* the flag before the look; pairs with test_and_set_bit() */
	if (!deadline)
		return;
	if (time_after(now, due + rs_detect_period(deadline))) {
		rs_detect_restart(slot);
		return;
	}
	/* One that is ready to be replaced leaves what it has to its successor: that is no hang. */
	waits = READ_ONCE(slot->update.phase) == RS_UPDATE_READY;
	for (i = 0; i <= slot->nr_queues; i++)
		if (waits)
			rs_queue_restart(slot->queue[i]);
		else
			rs_queue_watch(slot->queue[i], now, &next);

	rcu_read_lock();
	inst = rcu_dereference(slot->irq_target);
	if (inst) {
		u64 ns = ktime_get_ns(), limit = (u64)deadline * NSEC_PER_MSEC;
		u64 irq, ping = READ_ONCE(inst->event_since);

		/* Until it is live it is busy with INIT, which has a time-out of its own. */
		if (!rs_slot_live(slot))
			limit = U64_MAX;
		smp_rmb(); /* state before stamp; pairs with rs_todo_replayed() */
		irq = rs_lease_irq_since(slot);
		rs_detect_ignored(inst, irq, ns, limit, RS_CAUSE_DEADLINE,
				  "an interrupt was not served in time", &waits);
		rs_detect_ignored(inst, ping, ns, limit, RS_CAUSE_HEARTBEAT,
				  "a ping was not answered", &waits);
	}
	rcu_read_unlock();

	if (next != idle || waits)
		rs_detect_arm(slot);
}

static void rs_detect_find(struct tracepoint *tp, void *data)
{
	if (!strcmp(tp->name, "signal_deliver"))
		rs_signal_deliver = tp;
}

int rs_detect_init(void)
{
	for_each_kernel_tracepoint(rs_detect_find, NULL);
	if (!rs_signal_deliver)
		return -EOPNOTSUPP;
	return tracepoint_probe_register(rs_signal_deliver, rs_detect_signal, NULL);
}

void rs_detect_exit(void)
{
	tracepoint_probe_unregister(rs_signal_deliver, rs_detect_signal, NULL);
	tracepoint_synchronize_unregister();
}
