/* SPDX-License-Identifier: GPL-2.0 */
/*
 * instance.h - one driver process, attached through one open file of /dev/rsmod
 *
 * An instance owns its rings and its pool.  They are disposable: nothing in them is the truth,
 * and when the instance dies they die with it.  What it shares with no other instance is also
 * its inode, so that one call takes all its mappings away, and nobody else's.
 */
#ifndef _RS_INSTANCE_H
#define _RS_INSTANCE_H

#include <linux/atomic.h>
#include <linux/irq_work.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/pid.h>
#include <linux/rwsem.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <linux/rs_channel.h>

#include "pool.h"

struct rs_slot;
struct signal_struct;

/**
 * struct rs_ring - the trusted side of one queue's rings
 * @sq: submission ring, in memory that the driver can read
 * @cq: completion ring, in memory that the driver can write
 * @sq_nr: entries, a power of two
 * @cq_nr: entries, a power of two
 * @sq_tail: entries written (queue lock)
 * @cq_head: entries read (queue lock)
 * @sq_head: entries that the driver says it has read, at its last RS_IOC_ENTER
 * @credit: last window that the instance asked for
 * @entered: a thread serves this queue
 * @waiting: that thread sleeps in RS_IOC_ENTER
 */
struct rs_ring {
	struct rs_sq *sq;
	struct rs_cq *cq;
	u32 sq_nr;
	u32 cq_nr;
	u32 sq_tail;
	u32 cq_head;
	u32 sq_head;
	u32 credit;
	bool entered;
	bool waiting;
};

/**
 * struct rs_instance - see above
 * @ref: file, slot->instances, slot->rollback, each buffer and a queued @dying_work hold one
 * @free_work: frees it, after a grace period: interrupt context may still look at @wait
 * @setup: serializes arming and attaching
 * @slot: NULL until armed; holds a reference
 * @link: in slot->instances (slot->lock)
 * @number: unique in the slot's life
 * @hold: RS_ARM_HOLD
 * @state: enum rs_instance_state, switched by cmpxchg; RS_INST_NONE before it is armed
 * @epoch: of its binding (slot->lock)
 * @pid: thread group that may attach
 * @owner: identity of the attached thread group, compared only
 * @owner_hash: link in the detectors' table
 * @mm_notifier: tells when the owner's memory goes
 * @mapping_inode: its own inode
 * @ring: one per queue
 * @nr_rings: control, data and message queues
 * @pool: buffers and private memory
 * @map_lock: protects @leased, @stated and @revoked
 * @leased: the slot's device may be reached through this file
 * @stated: the slot's mapped state may be written through this file
 * @revoked: no mapping may be filled any more
 * @wait: threads in RS_IOC_ENTER
 * @events: RS_EVENT_* for the next ENTER
 * @signals: bit n - 1 for signal n, for the next ENTER
 * @event_since: when the oldest of @events came, ns; 0 = none
 * @last_enter: jiffies of the last RS_IOC_ENTER; 0 = never
 * @violations: so far
 * @cause: enum rs_cause, set once with DYING
 * @signo: signal
 * @died_at: when the detector saw it, ns
 * @signaled: a fatal signal was delivered to it
 * @told: @cause, @signo, @died_at and @text say why it is DYING
 * @buried: the worker has dealt with its death (slot->lock)
 * @released: its file is closed; the worker may forget it (slot->lock)
 * @text: what it said
 * @dying_work: takes the news out of the signal probe
 */
struct rs_instance {
	struct kref ref;
	struct rcu_work free_work;
	struct mutex setup;
	struct rs_slot *slot;
	struct list_head link;
	u32 number;
	bool hold;
	atomic_t state;
	u32 epoch;

	struct pid *pid;
	struct signal_struct *owner;
	struct hlist_node owner_hash;
#ifdef CONFIG_MMU_NOTIFIER
	struct mmu_notifier mm_notifier;
#endif
	struct inode *mapping_inode;

	struct rs_ring ring[1 + RS_QUEUES_MAX];
	u32 nr_rings;
	struct rs_pool pool;

	struct rw_semaphore map_lock;
	bool leased;
	bool stated;
	bool revoked;

	wait_queue_head_t wait;
	atomic_t events;
	atomic_t signals;
	u64 event_since;
	unsigned long last_enter;

	atomic_t violations;
	u32 cause;
	u32 signo;
	u64 died_at;
	bool signaled;
	bool told;
	bool buried;
	bool released;
	char text[RS_DYING_TEXT];
	struct irq_work dying_work;
};

/* rs_instance.state before RS_IOC_ARM */
#define RS_INST_NONE	(-1)

/* An unarmed instance with one reference, or ERR_PTR. */
struct rs_instance *rs_instance_new(void);
struct rs_instance *rs_instance_get(struct rs_instance *inst);
void rs_instance_put(struct rs_instance *inst);

/* RS_IOC_ARM and RS_IOC_ATTACH; errors as in rs_channel.h. */
int rs_instance_arm(struct rs_instance *inst, struct rs_arm *arm);
int rs_instance_attach(struct rs_instance *inst, struct rs_attach *attach);

/* In RS_IOC_ENTER with the control queue: the first time, it becomes a standby. */
void rs_instance_ready(struct rs_instance *inst);

/* The file is gone. */
void rs_instance_release(struct rs_instance *inst);

/*
 * A detector says that @inst has ended.  Any context, also under siglock.  Only the first cause
 * counts.  @text may be NULL.
 */
void rs_instance_die(struct rs_instance *inst, u32 cause, u32 signo, const char *text);

/* Count a violation; may end the instance.  Process context. */
void rs_instance_violation(struct rs_instance *inst, u32 violation);

/* Set event bits and wake the thread that waits for them.  Any context. */
void rs_instance_event(struct rs_instance *inst, u32 events);

/* Tell it of a signal: 1 to RS_SIGNAL_MAX.  Any context. */
void rs_instance_signal(struct rs_instance *inst, u32 signo);

/*
 * Wake its threads: something was published.  @handover: the caller is about to sleep, they need
 * not take its processor away.  Any context.
 */
void rs_instance_kick(struct rs_instance *inst, bool handover);

/*
 * Does @inst still serve, so that it may do something to others?  If so, what is done until
 * rs_instance_acted(), which must follow in either case, is done before the unbinding: that waits.
 * Nothing may sleep.
 */
bool rs_instance_act(struct rs_instance *inst) __acquires(&inst->slot->act_lock);
void rs_instance_acted(struct rs_instance *inst) __releases(&inst->slot->act_lock);

/* May the calling thread use this instance?  -EPERM and a violation if not. */
int rs_instance_check_owner(struct rs_instance *inst);

static inline u32 rs_instance_state(const struct rs_instance *inst)
{
	return atomic_read(&inst->state);
}

/* It is DYING, and why is known.  The worker acts on that, not on the state alone. */
static inline bool rs_instance_told(const struct rs_instance *inst)
{
	/* Pairs with the release in rs_instance_die(). */
	return smp_load_acquire(&inst->told);
}

static inline bool rs_instance_is_bound(const struct rs_instance *inst)
{
	return atomic_read(&inst->state) == RS_INST_BOUND;
}

#endif /* _RS_INSTANCE_H */
