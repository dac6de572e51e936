/* SPDX-License-Identifier: GPL-2.0 */
/*
 * endpoint.h - the endpoint table: label -> endpoint -> slot
 *
 * A slot is an identity.  It owns everything that must outlive a driver process: label,
 * ledger (the queues), saved state, lease, front-end, policy and epoch.  Instances come and go.
 *
 * Lock map of the module, outermost first (contexts, and the kernel's own locks in between:
 * Documentation/lifecycle.rst):
 *
 *	inst->setup	(mutex)		arming and attaching of one instance
 *	slot->lock	(mutex)		life of one slot: state, epoch, bound, instances, lease,
 *					recovery record.  Held by the slot's worker while it acts.
 *					rtnl_lock and the front-ends' own mutexes nest inside, so
 *					nothing called with rtnl held may take it
 *	rs_vfio_lock	(mutex)		list of leases; inside the device's own lock as well
 *	chr->files_lock	(mutex)		open files of a character device
 *	chr->closing_lock (spinlock, bh) files whose CLOSE waits for a tag
 *	slot->act_lock	(spinlock, bh)	what an instance does to others; not of two slots at once
 *	queue->lock	(spinlock, bh)	requests of one queue, and the rings' private cursors; never
 *					two at once
 *	net->conf_lock	(spinlock, bh)	what the driver should know of the interface
 *
 * Leaves:
 *
 *	rs_table_lock	(mutex)		which slots exist; labels
 *	rs_lease_backends_lock (mutex)	kinds of leases
 *	inst->map_lock	(rwsem)		taken in the page-fault handler (under mmap_lock) and to
 *					revoke.  Never held across user access or a device call
 *	slot->saved_lock (spinlock)	the saved state
 *	notify->lock	(spinlock, bh)	what a service has been notified of
 *	rs_calls_lock	(spinlock)	who waits for whom
 *	slot->rec_lock	(spinlock, bh)	who ends the recovery record
 *	net->done_lock, net->stats_lock	(spinlocks, bh)
 *	disk->log.lock, blk->replay_lock (spinlocks, bh)
 *	rs_owners_lock	(spinlock, irq)	writers of the detectors' table
 *
 * The detectors (signal probe, interrupt wake-ups, timers) take none of the mutexes: they mark
 * an instance and queue the slot's worker.
 */
#ifndef _RS_ENDPOINT_H
#define _RS_ENDPOINT_H

#include <linux/atomic.h>
#include <linux/hrtimer.h>
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include <linux/rs_channel.h>
#include <linux/rs_ctl.h>
#include <linux/rs_types.h>

#include "capsule.h"
#include "update.h"

struct rs_allow;
struct rs_calling;
struct rs_frontend_ops;
struct rs_instance;
struct rs_lease;
struct rs_notify;
struct rs_queue;
struct rs_saved;

/* enum rsmod_rec_step has no end marker in the generated header. */
#define RS_REC_STEPS	(RSMOD_REC_STEP_SERVED + 1)
#define RS_REC_LOG	16

/**
 * struct rs_policy - what rsd decides and the module carries out without it
 * @deadline_ms: an unserved request or event means a hang; 0 = never
 * @gate_timeout_ms: how long clients wait for a dead driver; 0 = for ever
 * @init_timeout_ms: for INIT and replay together
 * @poison_limit: deaths after which a request is failed
 * @violation_limit: violations after which an instance is ended; 0 = never
 * @budget: failovers in @budget_window_ms that the kernel makes by itself; 0 = any number
 * @budget_window_ms: see @budget
 * @msg_policy: enum rs_msg_policy
 */
struct rs_policy {
	u32 deadline_ms;
	u32 gate_timeout_ms;
	u32 init_timeout_ms;
	u32 poison_limit;
	u32 violation_limit;
	u32 budget;
	u32 budget_window_ms;
	u32 msg_policy;
};

/**
 * struct rs_recovery - one recovery, step by step
 * @number: counts from 1
 * @cause: enum rs_cause
 * @signo: signal, 0 = none
 * @hot: a standby was waiting
 * @from: instance that died
 * @to: its successor
 * @pid: thread group of @from
 * @epoch: epoch that ended
 * @replayed: requests published again
 * @dropped: published requests not sent again
 * @step: CLOCK_MONOTONIC ns of each enum rsmod_rec_step; 0 = not reached
 * @text: what the dying instance said
 */
struct rs_recovery {
	u32 number;
	u32 cause;
	u32 signo;
	u32 hot;
	u32 from;
	u32 to;
	u32 pid;
	u32 epoch;
	u32 replayed;
	u32 dropped;
	u64 step[RS_REC_STEPS];
	char text[RS_DYING_TEXT];
};

/* What the slot's worker has been asked to look at (bits of rs_slot.todo). */
enum rs_todo {
	RS_TODO_DEATH,		/* an instance is DYING */
	RS_TODO_STANDBY,	/* a standby attached */
	RS_TODO_INIT,		/* INIT was answered: init_answer */
	RS_TODO_REPLAYED,	/* the front-end finished its replay: replay_answer */
	RS_TODO_TIMEOUT,	/* INIT or replay took too long */
	RS_TODO_GATE,		/* the gate time-out passed */
	RS_TODO_REPLAY_STEP,	/* the front-end wants its replay() called again */
	RS_TODO_SERVED,		/* the first request since a death was completed */
	RS_TODO_UNPLUG,		/* the leased device is gone */
	RS_TODO_PREPARED,	/* the wish to get ready was answered: update.answer */
	RS_TODO_UPDATE,		/* an update takes too long */
};

/**
 * struct rs_slot - one service
 * @ref: references; the table holds one while the slot is listed
 * @rcu: frees the slot after the readers of the table
 * @endpoint: generation and index
 * @label: unique name
 * @hash: link in the table of labels (rs_table_lock)
 * @class: enum rs_class
 * @effects: enum rs_effects
 * @depth: requests of each data queue
 * @nr_queues: data queues and message queue; @queue[0] is the control queue, @queue[nr_queues] the
 *	message queue, the data queues are between
 * @queue: the ledger
 * @accused: the queue that has published a suspect (see ledger.c), or NULL
 * @lock: see the lock map
 * @state: enum rs_slot_state; written under @lock, read anywhere
 * @epoch: bindings so far; written under @lock, read anywhere
 * @ever_up: INIT succeeded once: the next one is RESTART, not FRESH (@lock)
 * @stopping: being taken down: no failover (@lock)
 * @expired: the gate time-out passed: new requests fail at once; read anywhere
 * @exhausted: the budget is spent (@lock)
 * @bound: instance that serves, or NULL (@lock)
 * @fencing: corpse whose exit the fence waits for, or NULL (@lock; compared only)
 * @update: live update under way (@lock)
 * @rollback: parked predecessor of a swap in progress, or NULL (@lock; holds a reference)
 * @irq_target: @bound for interrupt context (RCU)
 * @instances: all instances with an open file (@lock)
 * @next_instance: number of the last instance made (@lock)
 * @act_lock: held while an instance does something to others; taken and dropped once by the unbinding
 * @calling: the bound instance's wait for an answer, or NULL (rs_calls_lock)
 * @msgs: its messages under way
 * @allow: to whom it may send, NULL = all (RCU; replaced under @lock)
 * @notify: what it has been notified of
 * @alarm: its alarm
 * @irqs: interrupt vectors that wait for the bound instance
 * @irq_since: when the oldest of @irqs came, ns; means nothing while there are none
 * @policy: see struct rs_policy; written under @lock, single words, read anywhere
 * @fe: front-end of the class
 * @fe_priv: front-end's own, NULL until the first announcement
 * @fe_ifname: wanted interface name (class net)
 * @fe_mac: wanted address (class net), all zero = the device's
 * @lease: device, or NULL (@lock)
 * @saved_lock: protects @saved, and the making of @mapped
 * @saved: what the last instance left to its successor, or NULL
 * @mapped: state that instances map, or NULL; once made it stays
 * @mapped_size: bytes of it
 * @work: the worker; one work item, hence never two at once
 * @todo: enum rs_todo bits
 * @init_timer: INIT and replay time-out
 * @init_deadline: when it is over, jiffies (@lock)
 * @gate_timer: gate time-out
 * @gate_deadline: when it is over, jiffies (@lock)
 * @reaper: ends corpses that linger
 * @watch: looks for hangs while something is outstanding
 * @watch_due: when it should look next, jiffies; later by much, the machine stood still
 * @watched: bit 0: @watch will look, and @watch_due is its own
 * @init_answer: the last answer of INIT, with the epoch of who gave it
 * @init_type: enum rs_init of the binding under way (@lock)
 * @replay_answer: the same of the front-end's replay
 * @rec: recovery under way (@lock)
 * @rec_lock: protects @rec_active, and @rec.step[SERVED] while that is not 0; leaf
 * @rec_active: epoch whose first completion @rec waits for, 0 = it does not; read anywhere
 * @rec_log: the last recoveries, @rec.number modulo RS_REC_LOG (@lock)
 * @capsule: what the last instance that died had in its hands (@lock)
 * @budget_start: start of the budget's window, jiffies (@lock)
 * @budget_used: failovers in it (@lock)
 * @restarts: bindings after a death (@lock)
 * @swaps: bindings of a standby (@lock)
 * @commits: swaps that became final (@lock)
 * @rollbacks: swaps that were undone (@lock)
 * @deaths: of bound instances (@lock)
 * @violations: of all instances
 * @sys: sysfs directory
 */
struct rs_slot {
	struct kref ref;
	struct rcu_head rcu;
	s32 endpoint;
	char label[RS_LABEL_MAX];
	struct hlist_node hash;
	u32 class;
	u32 effects;
	u32 depth;
	u32 nr_queues;
	struct rs_queue *queue[1 + RS_QUEUES_MAX];
	struct rs_queue *accused;

	struct mutex lock;
	u32 state;
	u32 epoch;
	bool ever_up;
	bool stopping;
	bool expired;
	bool exhausted;
	struct rs_instance *bound;
	struct rs_instance *fencing;
	struct rs_update update;
	struct rs_instance *rollback;
	struct rs_instance __rcu *irq_target;
	struct list_head instances;
	u32 next_instance;

	spinlock_t act_lock;
	struct rs_calling *calling;
	atomic_t msgs;
	struct rs_allow __rcu *allow;
	struct rs_notify *notify;
	struct hrtimer alarm;

	atomic64_t irqs;
	u64 irq_since;

	struct rs_policy policy;

	const struct rs_frontend_ops *fe;
	void *fe_priv;
	char fe_ifname[16];
	u8 fe_mac[6];

	struct rs_lease *lease;

	spinlock_t saved_lock;
	struct rs_saved *saved;
	void *mapped;
	u64 mapped_size;

	struct work_struct work;
	unsigned long todo;
	struct delayed_work init_timer;
	struct delayed_work gate_timer;
	struct delayed_work reaper;
	struct timer_list watch;
	unsigned long watch_due;
	unsigned long watched;
	unsigned long init_deadline;
	unsigned long gate_deadline;
	atomic64_t init_answer;
	u32 init_type;
	atomic64_t replay_answer;

	struct rs_recovery rec;
	spinlock_t rec_lock;
	u32 rec_active;
	struct rs_recovery rec_log[RS_REC_LOG];
	struct rs_capsule capsule;
	unsigned long budget_start;
	u32 budget_used;

	u32 restarts;
	u32 swaps;
	u32 commits;
	u32 rollbacks;
	u32 deaths;
	atomic_t violations;

	struct device *sys;
};

/**
 * struct rs_slot_config - what RSMOD_CMD_SLOT_NEW asks for
 * @label: name, checked
 * @class: enum rs_class
 * @effects: enum rs_effects
 * @depth: 0 = the class's default
 * @queues: data queues, 0 = the class's default
 * @ifname: class net; "" = the label
 * @mac: class net; zero = the device's
 * @allow: to whom it may send messages, as in rs_allow_set()
 * @policy: complete
 */
struct rs_slot_config {
	const char *label;
	u32 class;
	u32 effects;
	u32 depth;
	u32 queues;
	const char *ifname;
	u8 mac[6];
	const char *allow;
	struct rs_policy policy;
};

/* The defaults of a class's policy. */
void rs_policy_default(struct rs_policy *policy, u32 class);

/*
 * Make and list a slot; on success *ret_slot carries a reference.  extack says why not:
 * EEXIST, ENOSPC, EINVAL, EOPNOTSUPP, ENOMEM.
 */
int rs_slot_new(const struct rs_slot_config *config, struct rs_slot **ret_slot,
		struct netlink_ext_ack *extack);

/*
 * Take a slot out of service and out of the table: no new lookups, clients and instances told,
 * worker and timers gone.  The caller keeps its own reference.  Process context, may sleep long.
 */
void rs_slot_del(struct rs_slot *slot);

/*
 * Strong reference to the slot of an endpoint, or ERR_PTR: -EINVAL bogus, -EOWNERDEAD the
 * generation is over.
 */
struct rs_slot *rs_slot_get(s32 endpoint);

/* Strong reference to the slot at an index of the table, whatever its generation, or NULL. */
struct rs_slot *rs_slot_get_index(u32 index);

/* Endpoint of the slot at an index of the table, or RS_EP_NONE.  Any context. */
s32 rs_slot_endpoint(u32 index);

/* Strong reference to the slot of a label, or NULL. */
struct rs_slot *rs_slot_get_label(const char *label);

/* Strong reference to the first slot with index >= *index, which is moved there; or NULL. */
struct rs_slot *rs_slot_next(u32 *index);

struct rs_slot *rs_slot_hold(struct rs_slot *slot);
void rs_slot_put(struct rs_slot *slot);

/* Ask the slot's worker to look at something.  Any context but NMI; not under siglock. */
void rs_slot_kick(struct rs_slot *slot, enum rs_todo what);

static inline u32 rs_slot_index(const struct rs_slot *slot)
{
	return RS_EP_SLOT(slot->endpoint);
}

/* Those between the control queue and the message queue, from 1 on. */
static inline u32 rs_slot_data_queues(const struct rs_slot *slot)
{
	return slot->nr_queues - 1;
}

static inline bool rs_slot_live(const struct rs_slot *slot)
{
	return READ_ONCE(slot->state) == RS_SLOT_LIVE;
}

/* The slots' workers run here. */
extern struct workqueue_struct *rs_wq;

int rs_endpoint_init(void);
void rs_endpoint_exit(void);

#endif /* _RS_ENDPOINT_H */
