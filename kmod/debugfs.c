// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs.c - /sys/kernel/debug/rsmod/<label>/: what a person wants to see after a crash
 *
 *	ledger		every request that is not free, queue by queue
 *	instances	who is attached, and in which state
 *	capsule		the last recovery: who died of what, when each step was reached, what was in flight
 *
 * For reading by people; no interface.  A queue's lock is held only while its requests are
 * copied.  debugfs keeps a file that is being read until it is closed, before rs_debugfs_del()
 * returns, so the slot needs no reference.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/pid.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "capsule.h"
#include "endpoint.h"
#include "instance.h"
#include "ledger.h"
#include "names.h"
#include "sysfs.h"

static struct dentry *rs_debugfs_root;

static const char * const rs_req_state_names[] = {
	[RS_REQ_FREE]		= "free",
	[RS_REQ_FILLING]	= "filling",
	[RS_REQ_QUEUED]		= "queued",
	[RS_REQ_PUBLISHED]	= "published",
	[RS_REQ_DONE]		= "done",
};

static const char * const rs_gate_names[] = {
	[RS_GATE_CLOSED]	= "closed",
	[RS_GATE_REPLAY]	= "replay",
	[RS_GATE_OPEN]		= "open",
};

static const char * const rs_step_names[RS_REC_STEPS] = {
	[RSMOD_REC_STEP_DETECTED]	= "detected",
	[RSMOD_REC_STEP_UNBOUND]	= "unbound",
	[RSMOD_REC_STEP_ZAPPED]		= "zapped",
	[RSMOD_REC_STEP_SILENCED]	= "silenced",
	[RSMOD_REC_STEP_BOUND]		= "bound",
	[RSMOD_REC_STEP_INIT]		= "init",
	[RSMOD_REC_STEP_REPLAYED]	= "replayed",
	[RSMOD_REC_STEP_SERVED]		= "served",
};

/* What a look at a queue found; @req has room for all of its requests. */
struct rs_queue_view {
	struct rs_queue queue;
	u32 nr;
	struct rs_req req[];
};

static struct rs_queue_view *rs_queue_look(struct rs_queue *queue)
{
	u32 total = queue->depth + queue->reserved, i;
	struct rs_queue_view *view;

	view = kvzalloc(struct_size(view, req, total), GFP_KERNEL);
	if (!view)
		return NULL;
	spin_lock_bh(&queue->lock);
	view->queue.inst = queue->inst;
	view->queue.gate = queue->gate;
	view->queue.credit = queue->credit;
	view->queue.nr_free = queue->nr_free;
	view->queue.nr_published = queue->nr_published;
	view->queue.seq = queue->seq;
	view->queue.requests = queue->requests;
	view->queue.completed = queue->completed;
	view->queue.replayed = queue->replayed;
	view->queue.dropped = queue->dropped;
	view->queue.poisoned = queue->poisoned;
	for (i = 0; i < total; i++)
		if (queue->req[i].state != RS_REQ_FREE)
			view->req[view->nr++] = queue->req[i];
	spin_unlock_bh(&queue->lock);
	return view;
}

static void rs_req_show(struct seq_file *file, const struct rs_req *req)
{
	seq_printf(file, "  %5u %10u %10llu %-9s %-9s %04x %5u %5u %6u %6d",
		   req->tag, req->gen, req->seq, rs_req_state_names[req->state],
		   rs_op_name(req->op), req->flags, req->attempt, req->deaths, req->len, req->res);
	/* Milliseconds until its deadline. */
	if (req->state == RS_REQ_PUBLISHED && !(req->flags & RS_REQ_NO_DEADLINE))
		seq_printf(file, " %6d", (int)jiffies_to_msecs(1) *
			   (int)(long)(req->deadline - jiffies));
	seq_putc(file, '\n');
}

static int rs_queue_show(struct seq_file *file, struct rs_queue *queue)
{
	struct rs_queue_view *view = rs_queue_look(queue);
	u32 i;

	if (!view)
		return -ENOMEM;
	seq_printf(file, "queue %u gate %s bound %d credit %u free %u published %u seq %llu requests %llu completed %llu replayed %llu dropped %llu poisoned %llu\n",
		   queue->index, rs_gate_names[view->queue.gate], !!view->queue.inst,
		   view->queue.credit, view->queue.nr_free, view->queue.nr_published,
		   view->queue.seq, view->queue.requests, view->queue.completed,
		   view->queue.replayed, view->queue.dropped, view->queue.poisoned);
	if (view->nr)
		seq_puts(file, "    tag        gen        seq state     op        flags attempt deaths len res due-ms\n");
	for (i = 0; i < view->nr; i++)
		rs_req_show(file, &view->req[i]);
	kvfree(view);
	return 0;
}

static int ledger_show(struct seq_file *file, void *unused)
{
	struct rs_slot *slot = file->private;
	int err = 0;
	u32 i;

	for (i = 0; i <= slot->nr_queues && !err; i++)
		err = rs_queue_show(file, slot->queue[i]);
	return err;
}
DEFINE_SHOW_ATTRIBUTE(ledger);

static int instances_show(struct seq_file *file, void *unused)
{
	struct rs_slot *slot = file->private;
	struct rs_instance *inst;

	seq_puts(file, "number pid state cause signo violations epoch hold pool private iova\n");
	mutex_lock(&slot->lock);
	list_for_each_entry(inst, &slot->instances, link) {
		seq_printf(file, "%u %d %s %s %u %d %u %d %llu %llu ", inst->number,
			   pid_vnr(inst->pid), rs_instance_state_name(rs_instance_state(inst)),
			   rs_cause_name(inst->cause), inst->signo,
			   atomic_read(&inst->violations), inst->epoch, inst->hold,
			   inst->pool.size, inst->pool.private_size);
		if (inst->pool.iova == RS_IOVA_NONE)
			seq_puts(file, "none\n");
		else
			seq_printf(file, "%#llx\n", inst->pool.iova);
	}
	mutex_unlock(&slot->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(instances);

static void rs_recovery_show(struct seq_file *file, const struct rs_recovery *rec)
{
	u64 start = rec->step[RSMOD_REC_STEP_DETECTED];
	u32 i;

	seq_printf(file, "number %u\ninstance %u\nsuccessor %u\npid %u\nepoch %u\n",
		   rec->number, rec->from, rec->to, rec->pid, rec->epoch);
	seq_printf(file, "cause %s\nsigno %u\nhot %u\nreplayed %u\ndropped %u\ntext %s\n",
		   rs_cause_name(rec->cause), rec->signo, rec->hot, rec->replayed, rec->dropped,
		   rec->text);
	for (i = 0; i < RS_REC_STEPS; i++)
		if (rec->step[i])
			seq_printf(file, "step %s %lld us\n", rs_step_names[i],
				   div_s64(rec->step[i] - start, NSEC_PER_USEC));
}

static void rs_capsule_show(struct seq_file *file, const struct rs_capsule *capsule)
{
	const struct rs_capsule_req *req;
	u32 i;

	seq_printf(file, "inflight %u\nposted %u\n", capsule->total, capsule->posted);
	for (i = 0; i < capsule->nr; i++) {
		req = &capsule->req[i];
		seq_printf(file, "request queue %u tag %u gen %u seq %llu op %s offset %llu len %u attempt %u deaths %u\n",
			   req->queue, req->tag, req->gen, req->seq, rs_op_name(req->op),
			   req->offset, req->len, req->attempt, req->deaths);
	}
}

/* What is shown, taken at one moment. */
struct rs_capsule_view {
	struct rs_recovery rec;
	struct rs_capsule capsule;
};

static int capsule_show(struct seq_file *file, void *unused)
{
	struct rs_slot *slot = file->private;
	struct rs_capsule_view *view;

	view = kmalloc(sizeof(*view), GFP_KERNEL);
	if (!view)
		return -ENOMEM;
	mutex_lock(&slot->lock);
	/* Once it is over, the log has it. */
	view->rec = slot->rec.from ? slot->rec : slot->rec_log[slot->rec.number % RS_REC_LOG];
	view->capsule = slot->capsule;
	mutex_unlock(&slot->lock);
	if (view->rec.number)
		rs_recovery_show(file, &view->rec);
	if (view->capsule.instance)
		rs_capsule_show(file, &view->capsule);
	kfree(view);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(capsule);

void rs_debugfs_add(struct rs_slot *slot)
{
	struct dentry *dir = debugfs_create_dir(slot->label, rs_debugfs_root);

	debugfs_create_file("ledger", 0400, dir, slot, &ledger_fops);
	debugfs_create_file("instances", 0400, dir, slot, &instances_fops);
	debugfs_create_file("capsule", 0400, dir, slot, &capsule_fops);
}

void rs_debugfs_del(struct rs_slot *slot)
{
	debugfs_lookup_and_remove(slot->label, rs_debugfs_root);
}

void __init rs_debugfs_init(void)
{
	rs_debugfs_root = debugfs_create_dir("rsmod", NULL);
}

void rs_debugfs_exit(void)
{
	debugfs_remove(rs_debugfs_root);
}
