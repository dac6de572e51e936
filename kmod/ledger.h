/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ledger.h - the kernel-private record of every accepted request
 *
 * A queue has a fixed number of requests (tags), made with the slot.  Owner of a request in
 * each state:
 *
 *	FREE		the queue
 *	FILLING		the front-end that took it (rs_req_get)
 *	QUEUED		the queue: on the pending list, in the order of seq; no instance has seen it
 *	PUBLISHED	the bound instance: it may have been executed.  The suspects after a crash
 *	DONE		the front-end again, through ops->done(); it gives it back (rs_req_free) or
 *			submits it again
 *
 * A request whose client has died (ORPHAN) stays with the instance until it is completed or
 * its instance is fenced; it is never replayed.
 *
 * The instance's say is limited to a completion entry, which is read once and checked against
 * this record (rs_queue_reap).  When an instance is unbound, its published requests go back to
 * the pending list, or are failed, by their replay class (rs_queue_unbind); nothing that the
 * instance wrote is consulted.
 */
#ifndef _RS_LEDGER_H
#define _RS_LEDGER_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include <linux/rs_channel.h>

struct rs_instance;
struct rs_req;
struct rs_slot;

/* Clients wait killably, and may be frozen while they do. */
#define RS_WAIT_STATE	(TASK_KILLABLE | TASK_FREEZABLE)

enum rs_req_state {
	RS_REQ_FREE,
	RS_REQ_FILLING,
	RS_REQ_QUEUED,
	RS_REQ_PUBLISHED,
	RS_REQ_DONE,
};

/* rs_req.flags, set by the front-end between rs_req_get() and rs_req_submit() */
#define RS_REQ_BUF		BIT(0)	/* needs a buffer of buf_want bytes */
#define RS_REQ_USER_DATA	BIT(1)	/* its bytes come from the client's context: rs_req_stage() */
#define RS_REQ_REOPEN		BIT(2)	/* passes a gate that is open for the replay only */
#define RS_REQ_NO_DEADLINE	BIT(3)	/* may stay with the driver for ever (a posted RX buffer) */
#define RS_REQ_INNOCENT		BIT(4)	/* cannot be what killed an instance (a posted RX buffer) */
#define RS_REQ_VOLATILE		BIT(5)	/* for the instance bound under req->epoch, and no other */
#define RS_REQ_ANY_RES		BIT(6)	/* the result is not a number of bytes */
#define RS_REQ_FIRST		BIT(7)	/* passes a closed gate (INIT) */
#define RS_REQ_ANSWER		BIT(11)	/* the answer may be longer than the request: up to buf_want */
/* rs_req.flags, the ledger's own */
#define RS_REQ_STAGED		BIT(8)	/* the buffer holds the bytes */
#define RS_REQ_REPLAYED		BIT(9)	/* an earlier instance may have executed it */
#define RS_REQ_ORPHAN		BIT(10)	/* its client died */

/**
 * struct rs_req_ops - a front-end's side of a request
 */
struct rs_req_ops {
	/**
	 * @stage: copy the outgoing bytes (at most buf_len) to @va, in the pool.
	 * Called with the queue's lock held, at publication, again at each replay; the source
	 * must therefore stay until done().  NULL: nothing to copy.
	 */
	void (*stage)(struct rs_req *req, void *va);
	/**
	 * @accept: an instance completed the request, req->res says how.
	 * Called with the queue's lock held, before done(); never for an answer of the ledger's
	 * own.  So what is noted here precedes all that the next instance is sent.  NULL: nothing
	 * to note.
	 */
	void (*accept)(struct rs_req *req);
	/**
	 * @done: the request is completed, req->res and req->aux say how.
	 * Guarantees: called exactly once per submission, in process context or softirq, without
	 * the queue's lock; the buffer, if any, is still there (rs_req_va()).
	 */
	void (*done)(struct rs_req *req);
	/**
	 * @want_data: the request lost its buffer with its instance and a new one is up: the
	 * owner must call rs_req_stage() in its own context.  Any context, no locks but the
	 * queue's; typically a wake-up.  Only with RS_REQ_USER_DATA.
	 */
	void (*want_data)(struct rs_req *req);
};

/**
 * struct rs_req - one request
 * @link: in one of the queue's lists
 * @queue: fixed
 * @tag: index in the queue, fixed
 * @gen: publications of this tag so far; part of rs_sqe.id
 * @state: enum rs_req_state
 * @flags: RS_REQ_*
 * @seq: order of submission; kept through replays
 * @deadline: jiffies by which it must be completed, while PUBLISHED and watched
 * @deaths: instances that died while holding it
 * @attempt: instances that it was published to before
 * @replay: enum rs_replay, AGAIN or ONCE
 * @op: enum rs_op
 * @sqe_flags: RS_SQE_NONBLOCK, RS_SQE_REOPEN
 * @minor: chr
 * @file: chr
 * @arg: see enum rs_op
 * @data: see enum rs_op
 * @offset: see struct rs_sqe
 * @len: bytes of payload or wanted
 * @buf_want: bytes of buffer wanted
 * @order: requests that share this word keep their order even while one of them waits for
 *	its bytes; NULL = none
 * @inst: whose pool the buffer is in (holds a reference), or NULL
 * @buf: offset in the pool
 * @buf_len: bytes
 * @epoch: binding under which an instance completed it; 0 = the ledger failed it.  Of a
 *	RS_REQ_VOLATILE request, set by the front-end: the binding that it is for
 * @res: result
 * @cqe_flags: RS_CQE_*
 * @aux: from the completion
 * @ops: front-end
 * @owner: front-end's own
 */
struct rs_req {
	struct list_head link;
	struct rs_queue *queue;
	u16 tag;
	u32 gen;
	u8 state;
	u8 replay;
	u16 flags;
	u64 seq;
	unsigned long deadline;
	u16 deaths;
	u16 attempt;

	u16 op;
	u16 sqe_flags;
	u16 minor;
	u32 file;
	u32 arg;
	u64 data;
	u64 offset;
	u32 len;
	u32 buf_want;
	u64 *order;

	struct rs_instance *inst;
	u64 buf;
	u32 buf_len;

	u32 epoch;
	s32 res;
	u32 cqe_flags;
	u64 aux;

	const struct rs_req_ops *ops;
	void *owner;
};

enum rs_gate {
	RS_GATE_CLOSED,		/* RS_REQ_FIRST only */
	RS_GATE_REPLAY,		/* RS_REQ_REOPEN too */
	RS_GATE_OPEN,
};

/**
 * struct rs_queue - requests of one queue
 * @lock: protects all that follows; bh
 * @slot: fixed
 * @index: fixed; 0 = control
 * @depth: fixed; tags for the front-end
 * @reserved: fixed; further tags for the replay and for releases
 * @req: fixed; @depth + @reserved requests
 * @inst: bound instance; NULL = nobody may publish or complete.  No reference: unbinding
 *	clears it before the slot drops its own
 * @gate: enum rs_gate
 * @credit: the instance's window
 * @nr_free: on @free
 * @nr_published: on @published
 * @free: FREE
 * @pending: QUEUED, by seq
 * @published: PUBLISHED, by time of publication
 * @seq: last one given
 * @stamp: counts runs, see rs_req.order
 * @solo: published suspect that runs alone in the slot's queues, or NULL
 * @error: what clients' submissions are answered with at once, 0 = accepted
 * @handover: fixed; who submits sleeps right after, for his request: a hint to the scheduler
 * @no_deadline: the device cannot make progress (no link): hangs are not looked for
 * @shut: since when requests wait for an instance that takes none, jiffies; if @is_shut
 * @is_shut: see @shut
 * @tag_wait: front-end threads that wait for a tag
 * @requests: submitted
 * @completed: completed by an instance
 * @replayed: published again
 * @dropped: failed at a death because their class is ONCE
 * @poisoned: failed because they killed too many
 */
struct rs_queue {
	spinlock_t lock;
	struct rs_slot *slot;
	u16 index;
	u16 depth;
	u16 reserved;
	struct rs_req *req;

	struct rs_instance *inst;
	u8 gate;
	bool handover;
	bool no_deadline;
	bool is_shut;
	unsigned long shut;
	u32 credit;
	u32 nr_free;
	u32 nr_published;
	struct list_head free;
	struct list_head pending;
	struct list_head published;
	u64 seq;
	u64 stamp;
	struct rs_req *solo;
	int error;
	wait_queue_head_t tag_wait;

	u64 requests;
	u64 completed;
	u64 replayed;
	u64 dropped;
	u64 poisoned;
};

struct rs_queue *rs_queue_new(struct rs_slot *slot, u16 index, u16 depth, u16 reserved);
void rs_queue_free(struct rs_queue *queue);

/*
 * What a tag is for: clients leave the reserved tags alone, releases leave one for the replay.  So
 * a replay that finds no tag has one under way itself.
 */
enum rs_rank {
	RS_RANK_CLIENT,
	RS_RANK_RELEASE,
	RS_RANK_REPLAY,
};

/* Take a tag, or NULL if there is none for this rank.  Any context. */
struct rs_req *rs_req_get(struct rs_queue *queue, enum rs_rank rank);

/* The same, waiting killably.  ERR_PTR: -EINTR, or -EAGAIN if !@wait. */
struct rs_req *rs_req_get_wait(struct rs_queue *queue, bool wait);

/* Give a FILLING or DONE request back, its buffer with it.  Any context. */
void rs_req_free(struct rs_req *req);

/*
 * Accept a FILLING or DONE request: from here on it is completed exactly once, by ops->done(), at
 * once if it is a RS_REQ_VOLATILE one of a binding that is over.
 * With @kick the instance's doorbell is rung; without, the caller batches and calls
 * rs_queue_kick().  Any context but hard interrupt.
 */
void rs_req_submit(struct rs_req *req, bool kick);

/* Publish what can be published and ring the doorbell.  Any context but hard interrupt. */
void rs_queue_kick(struct rs_queue *queue);

/*
 * Does this request wait for its owner's bytes, with a driver ready to take them?  What a
 * client that sleeps for its request tests, besides its completion.
 */
bool rs_req_wants_data(struct rs_req *req);

/*
 * Copy the bytes of a RS_REQ_USER_DATA request, in the client's own context: @copy fills the
 * buffer and may fault.  Returns what @copy returned if negative; -EAGAIN if the instance went
 * away meanwhile (wait and try again); 0.
 */
int rs_req_stage(struct rs_req *req, int (*copy)(void *va, u32 len, void *arg), void *arg);

enum rs_abandon {
	RS_ABANDON_TAKEN,	/* it was not published: DONE, the caller's; no done() */
	RS_ABANDON_ORPHAN,	/* an instance has it: done() will see RS_REQ_ORPHAN, and the heir */
	RS_ABANDON_LATE,	/* it is completed: done() is being called, wait for it */
};

/* The client gives up.  An orphan's owner is @heir from now on. */
enum rs_abandon rs_req_abandon(struct rs_req *req, void *heir);

/* Address of the buffer; valid until rs_req_free() or resubmission. */
void *rs_req_va(struct rs_req *req);

/*
 * Take the completions that @inst wrote to ring @queue->index.  Process context.  Returns how many,
 * or -EOWNERDEAD if it is not bound.
 */
int rs_queue_reap(struct rs_queue *queue, struct rs_instance *inst);

/*
 * Call @fn, with the queue's lock held, for the request that @inst knows as @id and has not
 * completed.  Returns what it returned; -EOWNERDEAD if @inst is not bound, -ENOENT if it holds no
 * such request.
 */
int rs_queue_with(struct rs_queue *queue, struct rs_instance *inst, u64 id,
		  int (*fn)(struct rs_req *req, void *data), void *data);

/* The instance's window, from RS_IOC_ENTER. */
void rs_queue_credit(struct rs_queue *queue, struct rs_instance *inst, u32 credit);

/* @inst serves from now on; its ring's cursors start afresh. */
void rs_queue_bind(struct rs_queue *queue, struct rs_instance *inst);

/**
 * struct rs_unbind - what rs_queue_unbind() did with the published requests
 * @replayed: went back to the pending list
 * @dropped: failed because their class is ONCE
 * @poisoned: failed because they killed too many instances
 */
struct rs_unbind {
	u32 replayed;
	u32 dropped;
	u32 poisoned;
};

/*
 * Nobody serves from now on: after return no completion of the old instance is accepted.
 * @guilty: the instance died, so what it held is suspect.
 */
void rs_queue_unbind(struct rs_queue *queue, bool guilty, struct rs_unbind *did);

void rs_queue_gate(struct rs_queue *queue, enum rs_gate gate);

/* Fail all QUEUED requests with @error, and those that come until the gate opens. */
void rs_queue_fail(struct rs_queue *queue, int error);

/* Fail all QUEUED requests with @error. */
void rs_queue_cancel(struct rs_queue *queue, int error);

/* Can the device make progress (a link)?  If not, hangs are not looked for. */
void rs_queue_watched(struct rs_queue *queue, bool watched);

/* The time until now does not count: the instance had none of it. */
void rs_queue_restart(struct rs_queue *queue);

/*
 * Is the queue free of requests that an instance may be working on?  Posted buffers do not count,
 * with @handover neither do those that can be sent to another.
 */
bool rs_queue_idle(struct rs_queue *queue, bool handover);

/*
 * End the instance if it holds a request beyond its deadline at @now (jiffies), or leaves those that
 * wait that long; else move *next back to the first deadline.  Any context.
 */
void rs_queue_watch(struct rs_queue *queue, unsigned long now, unsigned long *next);

#endif /* _RS_LEDGER_H */
