// SPDX-License-Identifier: GPL-2.0
/*
 * message.c - messages between services
 *
 * The bytes of a message are copied from the sender before it is accepted, and are the kernel's
 * from then on: they are put into the receiver's pool at each publication, so that a successor
 * gets what the sender said, whatever the first receiver did with its copy.  So is the bulk
 * buffer, which the receiver reaches piece by piece, for as long as it holds the message.
 *
 * What a sender does it does as the bound instance of its slot, or not at all: the message is
 * submitted under rs_instance_act(), so none comes from an instance that was unbound before.
 *
 * A sender that waits for one that waits for it would wait for ever: slot->calling is followed
 * before a message is sent, as MINIX's kernel follows p_sendto_e.
 */
#include <linux/freezer.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <linux/rs_msg.h>

#include "allow.h"
#include "endpoint.h"
#include "instance.h"
#include "ledger.h"
#include "message.h"
#include "notify.h"

static_assert(sizeof(struct rs_msg) == 64);
static_assert(sizeof(struct rs_msg_bulk) == 32);
static_assert(sizeof(struct rs_msg_notified) == 128);
static_assert(sizeof(struct rs_lookup) == 40);

/**
 * struct rs_call - a message under way
 * @ref: the sender that waits, the request
 * @wait: the sender
 * @done: the request is completed, and the sender's
 * @flags: RS_MSG_*
 * @from: who sent it; holds a reference
 * @bulk_len: bytes of @bulk
 * @bulk: the bulk buffer, or NULL
 * @len: bytes of @bytes
 * @bytes: what is put into the receiver's pool
 */
struct rs_call {
	struct kref ref;
	wait_queue_head_t wait;
	bool done;
	u32 flags;
	struct rs_instance *from;
	u32 bulk_len;
	void *bulk;
	u32 len;
	u8 bytes[];
};

/**
 * struct rs_calling - a thread of a service that waits, and serves nobody meanwhile
 * @to: for whom; the thread holds a reference
 */
struct rs_calling {
	struct rs_slot *to;
};

/* Protects slot->calling of all slots; leaf. */
static DEFINE_SPINLOCK(rs_calls_lock);

static void rs_call_free(struct kref *ref)
{
	struct rs_call *call = container_of(ref, struct rs_call, ref);

	atomic_dec(&call->from->slot->msgs);
	rs_instance_put(call->from);
	kvfree(call->bulk);
	kfree(call);
}

static void rs_call_put(struct rs_call *call)
{
	kref_put(&call->ref, rs_call_free);
}

/* One service must not fill the queues of all others. */
static bool rs_call_count(struct rs_slot *from)
{
	return atomic_add_unless(&from->msgs, 1, RS_MSG_INFLIGHT);
}

/* With the references of the sender and of the request; or ERR_PTR. */
static struct rs_call *rs_call_new(struct rs_instance *from, const struct rs_msg *msg)
{
	struct rs_call *call = kzalloc(struct_size(call, bytes, msg->len), GFP_KERNEL_ACCOUNT);

	if (!call)
		return ERR_PTR(-ENOMEM);
	if (!rs_call_count(from->slot)) {
		kfree(call);
		return ERR_PTR(-EAGAIN);
	}
	kref_init(&call->ref);
	kref_get(&call->ref);
	init_waitqueue_head(&call->wait);
	call->flags = msg->flags;
	call->from = rs_instance_get(from);
	call->bulk_len = msg->bulk_len;
	call->len = msg->len;
	return call;
}

/* The sender's bytes; the fault that this may take happens with nothing held. */
static int rs_call_fill(struct rs_call *call, const struct rs_msg *msg)
{
	if (msg->len && copy_from_user(call->bytes, u64_to_user_ptr(msg->buf), msg->len))
		return -EFAULT;
	if (!msg->bulk_len)
		return 0;
	call->bulk = kvzalloc(msg->bulk_len, GFP_KERNEL_ACCOUNT);
	if (!call->bulk)
		return -ENOMEM;
	/* Where the receiver writes less than all, the rest comes back as it was. */
	if (copy_from_user(call->bulk, u64_to_user_ptr(msg->bulk), msg->bulk_len))
		return -EFAULT;
	return 0;
}

static void rs_call_stage(struct rs_req *req, void *va)
{
	const struct rs_call *call = req->owner;

	if (!va)
		return;
	memcpy(va, call->bytes, call->len);
	/* What the receiver does not fill in must not be another sender's. */
	memset(va + call->len, 0, RS_MSG_MAX - call->len);
}

static void rs_call_done(struct rs_req *req)
{
	struct rs_call *call = req->owner;

	if (req->flags & RS_REQ_ORPHAN || call->flags & RS_MSG_NOREPLY) {
		rs_req_free(req);
		rs_call_put(call);
		return;
	}
	/* The sender drops both references as soon as it sees the word. */
	kref_get(&call->ref);
	/* The answer before the word that says so; pairs with rs_call_ended(). */
	smp_store_release(&call->done, true);
	wake_up(&call->wait);
	rs_call_put(call);
}

static const struct rs_req_ops rs_call_ops = {
	.stage	= rs_call_stage,
	.done	= rs_call_done,
};

static bool rs_call_ended(const struct rs_call *call)
{
	/* Pairs with the release in rs_call_done(): the answer is there when this says so. */
	return smp_load_acquire(&call->done);
}

/* Would @from, by waiting for @to, wait for itself?  Each of them holds a reference to the next. */
static bool rs_calls_itself(const struct rs_slot *from, const struct rs_slot *to)
{
	lockdep_assert_held(&rs_calls_lock);
	while (to && to != from)
		to = to->calling ? to->calling->to : NULL;
	return to;
}

/*
 * @inst is about to wait: -EDEADLK if that would be for ever; -EOWNERDEAD if it serves nobody.
 * Under act_lock, so that after the unbinding nothing says that its successor waits.
 */
static int rs_call_begin(struct rs_instance *inst, struct rs_calling *calling)
{
	struct rs_slot *from = inst->slot;
	int err = rs_instance_act(inst) ? 0 : -EOWNERDEAD;

	spin_lock(&rs_calls_lock);
	if (!err && rs_calls_itself(from, calling->to))
		err = -EDEADLK;
	if (!err && !from->calling)
		from->calling = calling;
	spin_unlock(&rs_calls_lock);
	rs_instance_acted(inst);
	return err;
}

static void rs_call_end(struct rs_slot *from, const struct rs_calling *calling)
{
	spin_lock(&rs_calls_lock);
	if (from->calling == calling)
		from->calling = NULL;
	spin_unlock(&rs_calls_lock);
}

void rs_message_unbind(struct rs_slot *slot)
{
	spin_lock(&rs_calls_lock);
	slot->calling = NULL;
	spin_unlock(&rs_calls_lock);
}

static long rs_message_timeout(u64 ns)
{
	if (ns == RS_TIMEOUT_NONE)
		return MAX_SCHEDULE_TIMEOUT;
	return min_t(u64, nsecs_to_jiffies64(ns) + 1, MAX_SCHEDULE_TIMEOUT - 1);
}

/* A tag, or ERR_PTR: -EAGAIN, -ETIME, -EINTR. */
static struct rs_req *rs_message_tag(struct rs_queue *queue, bool wait, long *timeout)
{
	struct rs_req *req = rs_req_get(queue, RS_RANK_CLIENT);
	int err;

	if (req)
		return req;
	if (!wait)
		return ERR_PTR(-EAGAIN);
	err = ___wait_event(queue->tag_wait,
			    (req = rs_req_get(queue, RS_RANK_CLIENT)) || !*timeout,
			    RS_WAIT_STATE, 0, 0, *timeout = schedule_timeout(*timeout));
	return req ?: ERR_PTR(err ? -EINTR : -ETIME);
}

static void rs_message_fill(struct rs_req *req, struct rs_call *call, const struct rs_msg *msg,
			    const struct rs_slot *to)
{
	bool buf = msg->len || msg->room;

	req->op = RS_OP_MSG;
	req->sqe_flags = (msg->flags & RS_MSG_NOREPLY ? RS_SQE_NOREPLY : 0) |
			 (msg->flags & RS_MSG_BULK_READ ? RS_SQE_BULK_READ : 0) |
			 (msg->flags & RS_MSG_BULK_WRITE ? RS_SQE_BULK_WRITE : 0);
	req->file = call->from->slot->endpoint;
	req->arg = msg->type;
	req->data = msg->data;
	req->offset = msg->bulk_len;
	req->len = msg->len;
	req->buf_want = buf ? RS_MSG_MAX : 0;
	/* How long a service takes is its own affair: whether it hangs, pings tell. */
	req->flags = RS_REQ_ANSWER | RS_REQ_NO_DEADLINE | (buf ? RS_REQ_BUF : 0);
	req->replay = READ_ONCE(to->policy.msg_policy) == RS_MSG_BREAK ? RS_REPLAY_ONCE :
								       RS_REPLAY_AGAIN;
	req->ops = &rs_call_ops;
	req->owner = call;
}

/* The request is the sender's again: what is in it goes to him. */
static int rs_message_answer(const struct rs_req *req, struct rs_call *call, struct rs_msg *msg)
{
	u32 len = req->res > 0 ? min_t(u32, req->res, msg->room) : 0;

	/* Not completed by an instance, but failed by the ledger. */
	if (!req->epoch)
		return -EOWNERDEAD;
	msg->res = req->res;
	msg->data = req->aux;
	if (len && copy_to_user(u64_to_user_ptr(msg->buf), rs_req_va((void *)req), len))
		return -EFAULT;
	if (call->flags & RS_MSG_BULK_WRITE && call->bulk &&
	    copy_to_user(u64_to_user_ptr(msg->bulk), call->bulk, call->bulk_len))
		return -EFAULT;
	return 0;
}

/* Wait for the answer, and give request and references back. */
static int rs_message_wait(struct rs_req *req, struct rs_call *call, struct rs_msg *msg,
			   long timeout)
{
	int err = ___wait_event(call->wait, rs_call_ended(call) || !timeout, RS_WAIT_STATE, 0, 0,
				timeout = schedule_timeout(timeout));

	if (!rs_call_ended(call)) {
		err = err ? -EINTR : -ETIME;
		switch (rs_req_abandon(req, call)) {
		case RS_ABANDON_ORPHAN:
			rs_call_put(call);
			return err;
		case RS_ABANDON_LATE:
			wait_event(call->wait, rs_call_ended(call));
			break;
		case RS_ABANDON_TAKEN:
			goto out_free;
		}
	}
	err = rs_message_answer(req, call, msg);
out_free:
	rs_req_free(req);
	rs_call_put(call);
	rs_call_put(call);
	return err;
}

/* Submit, if @inst still serves. */
static int rs_message_submit(struct rs_instance *inst, struct rs_req *req)
{
	bool serves = rs_instance_act(inst);

	if (serves)
		rs_req_submit(req, true);
	rs_instance_acted(inst);
	return serves ? 0 : -EOWNERDEAD;
}

static int rs_message_call(struct rs_instance *inst, struct rs_slot *to, struct rs_msg *msg)
{
	bool wait = !(msg->flags & RS_MSG_NOREPLY);
	long timeout = rs_message_timeout(msg->timeout_ns);
	struct rs_call *call;
	struct rs_req *req;
	int err;

	call = rs_call_new(inst, msg);
	if (IS_ERR(call))
		return PTR_ERR(call);
	err = rs_call_fill(call, msg);
	if (err)
		goto err_put_call;
	req = rs_message_tag(to->queue[to->nr_queues], wait, &timeout);
	if (IS_ERR(req)) {
		err = PTR_ERR(req);
		goto err_put_call;
	}
	rs_message_fill(req, call, msg, to);
	err = rs_message_submit(inst, req);
	if (err)
		goto err_free_req;
	if (wait)
		return rs_message_wait(req, call, msg, timeout);
	rs_call_put(call);
	return 0;

err_free_req:
	rs_req_free(req);
err_put_call:
	rs_call_put(call);
	rs_call_put(call);
	return err;
}

static int rs_message_check(const struct rs_msg *msg)
{
	bool bulk = msg->flags & (RS_MSG_BULK_READ | RS_MSG_BULK_WRITE);

	if (msg->flags & ~RS_MSG_F_ALL || msg->reserved)
		return -EINVAL;
	if (msg->len > RS_MSG_MAX || msg->bulk_len > RS_BULK_MAX || bulk != !!msg->bulk_len)
		return -EINVAL;
	/* There is nobody to give it to. */
	if (msg->flags & RS_MSG_NOREPLY && (msg->room || msg->flags & RS_MSG_BULK_WRITE))
		return -EINVAL;
	return 0;
}

/* Whom a bound instance may address, with a reference; or ERR_PTR. */
static struct rs_slot *rs_message_target(struct rs_instance *inst, s32 endpoint)
{
	struct rs_slot *to;

	if (!rs_instance_is_bound(inst)) {
		rs_instance_violation(inst, RS_VIOL_UNBOUND);
		return ERR_PTR(-EOWNERDEAD);
	}
	if (endpoint == RS_EP_SELF)
		return rs_slot_hold(inst->slot);
	to = rs_slot_get(endpoint);
	if (!IS_ERR(to) && !rs_allowed(inst->slot, to)) {
		rs_slot_put(to);
		return ERR_PTR(-EACCES);
	}
	return to;
}

int rs_message_send(struct rs_instance *inst, struct rs_msg *msg)
{
	bool blind = !(msg->flags & (RS_MSG_NOREPLY | RS_MSG_THREADED));
	struct rs_calling calling;
	struct rs_slot *to;
	int err;

	err = rs_message_check(msg);
	if (err)
		return err;
	to = rs_message_target(inst, msg->endpoint);
	if (IS_ERR(to))
		return PTR_ERR(to);
	calling.to = to;
	if (blind)
		err = rs_call_begin(inst, &calling);
	if (!err)
		err = rs_message_call(inst, to, msg);
	if (blind)
		rs_call_end(inst->slot, &calling);
	rs_slot_put(to);
	return err;
}

/* One piece of a bulk buffer on its way. */
struct rs_piece {
	const struct rs_msg_bulk *arg;
	void *bytes;
	struct rs_call *call;
};

static int rs_piece_check(const struct rs_call *call, const struct rs_msg_bulk *arg)
{
	u32 need = arg->flags & RS_BULK_WRITE ? RS_MSG_BULK_WRITE : RS_MSG_BULK_READ;

	if (arg->offset > call->bulk_len || arg->len > call->bulk_len - arg->offset)
		return -EINVAL;
	return call->flags & need ? 0 : -EACCES;
}

/* Under the queue's lock: a write by one that is not bound any more must not come later. */
static int rs_piece_write(struct rs_req *req, void *data)
{
	struct rs_piece *piece = data;
	struct rs_call *call = req->owner;
	int err = rs_piece_check(call, piece->arg);

	if (!err)
		memcpy(call->bulk + piece->arg->offset, piece->bytes, piece->arg->len);
	return err;
}

static int rs_piece_find(struct rs_req *req, void *data)
{
	struct rs_piece *piece = data;
	struct rs_call *call = req->owner;
	int err = rs_piece_check(call, piece->arg);

	if (!err) {
		kref_get(&call->ref);
		piece->call = call;
	}
	return err;
}

static int rs_message_bulk_write(struct rs_instance *inst, struct rs_queue *queue,
				 struct rs_piece *piece)
{
	int err;

	piece->bytes = kvmalloc(piece->arg->len, GFP_KERNEL);
	if (!piece->bytes)
		return -ENOMEM;
	if (copy_from_user(piece->bytes, u64_to_user_ptr(piece->arg->addr), piece->arg->len))
		err = -EFAULT;
	else
		err = rs_queue_with(queue, inst, piece->arg->id, rs_piece_write, piece);
	kvfree(piece->bytes);
	return err;
}

static int rs_message_bulk_read(struct rs_instance *inst, struct rs_queue *queue,
				struct rs_piece *piece)
{
	int err = rs_queue_with(queue, inst, piece->arg->id, rs_piece_find, piece);

	if (err)
		return err;
	if (copy_to_user(u64_to_user_ptr(piece->arg->addr),
			 piece->call->bulk + piece->arg->offset, piece->arg->len))
		err = -EFAULT;
	rs_call_put(piece->call);
	return err;
}

int rs_message_bulk(struct rs_instance *inst, const struct rs_msg_bulk *arg)
{
	struct rs_queue *queue = inst->slot->queue[inst->slot->nr_queues];
	struct rs_piece piece = { .arg = arg };

	if (arg->flags & ~RS_BULK_WRITE || arg->reserved || !arg->len ||
	    arg->len > RS_BULK_PIECE)
		return -EINVAL;
	if (arg->flags & RS_BULK_WRITE)
		return rs_message_bulk_write(inst, queue, &piece);
	return rs_message_bulk_read(inst, queue, &piece);
}

int rs_message_notify(struct rs_instance *inst, const struct rs_msg_notify *arg)
{
	struct rs_slot *to;
	bool serves;

	if (arg->flags)
		return -EINVAL;
	to = rs_message_target(inst, arg->endpoint);
	if (IS_ERR(to))
		return PTR_ERR(to);
	serves = rs_instance_act(inst);
	if (serves)
		rs_notify_set(to, rs_slot_index(inst->slot));
	rs_instance_acted(inst);
	rs_slot_put(to);
	return serves ? 0 : -EOWNERDEAD;
}

int rs_message_notified(struct rs_instance *inst, struct rs_msg_notified *ret)
{
	bool serves = rs_instance_act(inst);

	memset(ret, 0, sizeof(*ret));
	if (serves)
		ret->nr = rs_notify_take(inst->slot, ret->endpoint, ARRAY_SIZE(ret->endpoint));
	rs_instance_acted(inst);
	return serves ? 0 : -EOWNERDEAD;
}

int rs_message_lookup(struct rs_lookup *arg)
{
	struct rs_slot *slot;

	if (arg->reserved)
		return -EINVAL;
	if (arg->endpoint) {
		slot = rs_slot_get(arg->endpoint);
	} else {
		arg->label[sizeof(arg->label) - 1] = 0;
		slot = rs_slot_get_label(arg->label) ?: ERR_PTR(-ENOENT);
	}
	if (IS_ERR(slot))
		return PTR_ERR(slot);
	arg->endpoint = slot->endpoint;
	strscpy_pad(arg->label, slot->label, sizeof(arg->label));
	rs_slot_put(slot);
	return 0;
}

int rs_message_statectl(struct rs_instance *inst, unsigned long code)
{
	struct rs_slot *slot = inst->slot;
	bool serves;

	if (code != RS_STATE_CLEAR_IPC_REFS)
		return -EINVAL;
	serves = rs_instance_act(inst);
	if (serves)
		rs_queue_cancel(slot->queue[slot->nr_queues], -EOWNERDEAD);
	rs_instance_acted(inst);
	if (!serves)
		return -EOWNERDEAD;
	rs_notify_forget(rs_slot_index(slot));
	return 0;
}
