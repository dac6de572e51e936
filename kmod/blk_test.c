// SPDX-License-Identifier: GPL-2.0
/*
 * blk_test.c - real disks, whose drivers are threads of the kernel
 *
 * The slot, its ledger and the block layer are the real ones; an instance is armed for the thread
 * that runs the test, and its rings are served by a thread that keeps the medium in memory.  To
 * die, it stops in the middle of whatever it does.
 */
#include <kunit/test.h>

#include <linux/bio.h>
#include <linux/completion.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "blk.h"
#include "frontend.h"
#include "instance.h"

#define RS_TEST_SIZE	(2U << 20)
#define RS_TEST_DRIVERS	4

struct rs_blk_test;

/* One driver.  Its cache holds what it has completed and not yet put on the medium. */
struct rs_test_driver {
	struct rs_blk_test *t;
	struct rs_instance *inst;
	struct task_struct *task;
	u8 *cache;
	u32 sq_head[1 + RS_QUEUES_MAX];
	u32 cq_tail[1 + RS_QUEUES_MAX];
	bool told;
};

struct rs_blk_test {
	struct rs_slot *slot;
	struct rs_announce announce;
	struct rs_test_driver driver[RS_TEST_DRIVERS];
	struct page *page;
	u8 *medium;
	bool deaf;		/* requests are not answered */
	bool fails;		/* INIT, once the disk is announced */
	bool caches;		/* writes go to the cache, until a flush */
	u32 depth;		/* of a queue, unless 0 */
	bool second;		/* successors announce another disk */
	int second_err;
	u64 deadly;		/* a request at this offset kills, unless 0 */
	atomic_t flushes;
	atomic_t replayed;
	atomic_t writes;
};

static s32 rs_test_transfer(struct rs_test_driver *d, const struct rs_sqe *sqe)
{
	struct rs_blk_test *t = d->t;
	void *buf = rs_pool_va(&d->inst->pool, sqe->buf);
	u8 *disk = t->caches ? d->cache : t->medium;

	if (sqe->offset + sqe->len > RS_TEST_SIZE || sqe->buf_len < sqe->len)
		return -EINVAL;
	if (sqe->op == RS_OP_BLK_READ) {
		memcpy(buf, disk + sqe->offset, sqe->len);
	} else {
		memcpy(disk + sqe->offset, buf, sqe->len);
		atomic_inc(&t->writes);
	}
	return sqe->len;
}

static s32 rs_test_serve(struct rs_test_driver *d, const struct rs_sqe *sqe)
{
	struct rs_slot *slot = d->inst->slot;
	struct rs_blk_test *t = d->t;
	int err;

	if (sqe->flags & RS_SQE_REPLAYED)
		atomic_inc(&t->replayed);
	switch (sqe->op) {
	case RS_OP_INIT:
		memcpy(d->cache, t->medium, RS_TEST_SIZE);
		mutex_lock(&slot->lock);
		err = slot->bound == d->inst ? slot->fe->announce(slot, &t->announce) : -EOWNERDEAD;
		if (!err && t->second && d != &t->driver[0]) {
			struct rs_announce other = t->announce;

			other.blk.minor = 1;
			t->second_err = slot->fe->announce(slot, &other);
		}
		mutex_unlock(&slot->lock);
		return err ?: t->fails ? -ENXIO : 0;
	case RS_OP_BLK_READ:
	case RS_OP_BLK_WRITE:
		return rs_test_transfer(d, sqe);
	case RS_OP_BLK_FLUSH:
		memcpy(t->medium, d->cache, RS_TEST_SIZE);
		atomic_inc(&t->flushes);
		return 0;
	case RS_OP_BLK_DISCARD:
	case RS_OP_BLK_WRITE_ZEROES:
		memset((t->caches ? d->cache : t->medium) + sqe->offset, 0, sqe->data);
		return 0;
	}
	return -EOPNOTSUPP;
}

static void rs_test_die(struct rs_instance *inst)
{
	rs_instance_die(inst, RS_CAUSE_EXIT, 0, NULL);
}

static bool rs_test_work(struct rs_test_driver *d)
{
	u32 i;

	for (i = 0; i < d->inst->nr_rings; i++)
		if (READ_ONCE(d->inst->ring[i].sq_tail) != d->sq_head[i] &&
		    !(i && READ_ONCE(d->t->deaf)))
			return true;
	return false;
}

/* Everything that is published on one queue. */
static void rs_test_queue(struct rs_test_driver *d, u32 i)
{
	struct rs_ring *ring = &d->inst->ring[i];
	struct rs_sqe *sqes = (void *)ring->sq + RS_RING_ENTRIES;
	struct rs_cqe *cqes = (void *)ring->cq + RS_RING_ENTRIES;

	/* As a driver does: entries after the tail, and the tail after the entries. */
	while (d->sq_head[i] != smp_load_acquire(&ring->sq->tail)) {
		struct rs_sqe sqe = sqes[d->sq_head[i]++ & (ring->sq_nr - 1)];

		if (sqe.op >= RS_OP_BLK_READ && d->t->deadly && sqe.offset == d->t->deadly) {
			rs_test_die(d->inst);
			return;
		}
		cqes[d->cq_tail[i] & (ring->cq_nr - 1)] = (struct rs_cqe) {
			.id = sqe.id, .res = rs_test_serve(d, &sqe) };
		/* Pairs with rs_queue_claim(). */
		smp_store_release(&ring->cq->tail, ++d->cq_tail[i]);
		rs_queue_reap(d->inst->slot->queue[i], d->inst);
		if (rs_instance_state(d->inst) == RS_INST_DYING)
			return;
	}
}

static int rs_test_thread(void *data)
{
	struct rs_test_driver *d = data;
	u32 i;

	while (!kthread_should_stop()) {
		wait_event_interruptible(d->inst->wait,
					 kthread_should_stop() || rs_test_work(d));
		if (rs_instance_state(d->inst) == RS_INST_DYING ||
		    rs_instance_state(d->inst) == RS_INST_CORPSE) {
			schedule_timeout_interruptible(1);
			continue;
		}
		for (i = 0; i < d->inst->nr_rings && rs_test_work(d); i++)
			if (!i || !READ_ONCE(d->t->deaf))
				rs_test_queue(d, i);
	}
	return 0;
}

static void rs_test_driver(struct kunit *test, u32 i)
{
	struct rs_blk_test *t = test->priv;
	struct rs_test_driver *d = &t->driver[i];
	struct rs_arm arm = {
		.endpoint = t->slot->endpoint,
		.pid = task_pid_nr(current),
		.pool_size = 1 << 20,
		.pool_iova = RS_IOVA_NONE,
	};
	u32 q;

	d->t = t;
	d->cache = kvzalloc(RS_TEST_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, d->cache);
	d->inst = rs_instance_new();
	KUNIT_ASSERT_FALSE(test, IS_ERR(d->inst));
	KUNIT_ASSERT_EQ(test, rs_instance_arm(d->inst, &arm), 0);
	KUNIT_ASSERT_EQ(test, rs_pool_split(&d->inst->pool, 0), 0);
	for (q = 0; q < d->inst->nr_rings; q++)
		d->inst->ring[q].credit = t->slot->depth;
	KUNIT_ASSERT_EQ(test, atomic_cmpxchg(&d->inst->state, RS_INST_ARMED, RS_INST_STANDBY),
			(int)RS_INST_ARMED);
	d->task = kthread_run(rs_test_thread, d, "rs-test-blk/%u", i);
	KUNIT_ASSERT_FALSE(test, IS_ERR(d->task));
	rs_slot_kick(t->slot, RS_TODO_STANDBY);
}

/* The front-end, once the disk can be used. */
static struct rs_blk *rs_test_live(struct kunit *test)
{
	struct rs_blk_test *t = test->priv;
	unsigned long end = jiffies + 10 * HZ;
	struct rs_blk *blk;

	while (!rs_slot_live(t->slot) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	KUNIT_ASSERT_TRUE(test, rs_slot_live(t->slot));
	flush_work(&t->slot->work);
	blk = t->slot->fe_priv;
	flush_work(&blk->add_work);
	KUNIT_ASSERT_TRUE(test, blk->disk[0]->added);
	return blk;
}

static void rs_test_slot(struct kunit *test, u32 queues)
{
	struct rs_blk_test *t = test->priv;
	struct rs_slot_config config = {
		.label = "kunit-blk", .class = RS_CLASS_BLK, .ifname = "", .queues = queues,
		.depth = t->depth,
	};

	rs_policy_default(&config.policy, config.class);
	config.policy.deadline_ms = 0;
	config.policy.budget = 0;
	config.policy.poison_limit = 1000;
	KUNIT_ASSERT_EQ(test, rs_slot_new(&config, &t->slot, NULL), 0);
}

/* A slot with its first @nr drivers. */
static struct rs_blk *rs_test_start(struct kunit *test, u32 nr, u32 queues)
{
	u32 i;

	rs_test_slot(test, queues);
	for (i = 0; i < nr; i++)
		rs_test_driver(test, i);
	return rs_test_live(test);
}

static int rs_blk_test_init(struct kunit *test)
{
	struct rs_blk_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	t->announce.class = RS_CLASS_BLK;
	t->announce.blk.size = RS_TEST_SIZE;
	t->announce.blk.block_size = 512;
	t->medium = kvzalloc(RS_TEST_SIZE, GFP_KERNEL);
	t->page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	KUNIT_ASSERT_NOT_NULL(test, t->medium);
	KUNIT_ASSERT_NOT_NULL(test, t->page);
	return 0;
}

static void rs_test_del(struct rs_blk_test *t)
{
	if (!t->slot)
		return;
	rs_slot_del(t->slot);
	rs_slot_put(t->slot);
	t->slot = NULL;
}

static void rs_blk_test_exit(struct kunit *test)
{
	struct rs_blk_test *t = test->priv;
	u32 i;

	if (!t)
		return;
	rs_test_del(t);
	for (i = 0; i < RS_TEST_DRIVERS; i++) {
		struct rs_test_driver *d = &t->driver[i];

		if (!IS_ERR_OR_NULL(d->task))
			kthread_stop(d->task);
		if (!IS_ERR_OR_NULL(d->inst))
			rs_instance_release(d->inst);
		kvfree(d->cache);
	}
	kvfree(t->medium);
	if (t->page)
		__free_page(t->page);
}

static struct bio *rs_test_bio(struct kunit *test, blk_opf_t opf, u64 offset, u8 fill)
{
	struct rs_blk_test *t = test->priv;
	struct rs_blk *blk = t->slot->fe_priv;
	struct bio *bio = bio_alloc(blk->disk[0]->disk->part0, 1, opf, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bio);
	bio->bi_iter.bi_sector = offset >> SECTOR_SHIFT;
	if ((opf & REQ_OP_MASK) == REQ_OP_READ || (opf & REQ_OP_MASK) == REQ_OP_WRITE) {
		memset(page_address(t->page), fill, PAGE_SIZE);
		__bio_add_page(bio, t->page, PAGE_SIZE, 0);
	}
	return bio;
}

static int rs_test_io(struct kunit *test, blk_opf_t opf, u64 offset, u8 fill)
{
	struct bio *bio = rs_test_bio(test, opf, offset, fill);
	int err = submit_bio_wait(bio);

	bio_put(bio);
	return err;
}

static int rs_test_write(struct kunit *test, u64 offset, u8 fill)
{
	return rs_test_io(test, REQ_OP_WRITE | REQ_SYNC, offset, fill);
}

static int rs_test_flush(struct kunit *test)
{
	return rs_test_io(test, REQ_OP_WRITE | REQ_PREFLUSH | REQ_SYNC, RS_TEST_SIZE - PAGE_SIZE, 0);
}

/* The byte that all of a page is, or -1, or an error. */
static int rs_test_read(struct kunit *test, u64 offset)
{
	struct rs_blk_test *t = test->priv;
	u8 *page = page_address(t->page);
	int err = rs_test_io(test, REQ_OP_READ, offset, 0xee);

	if (err)
		return err;
	return memchr_inv(page, page[0], PAGE_SIZE) ? -1 : page[0];
}

static void rs_test_end_io(struct bio *bio)
{
	complete(bio->bi_private);
}

/* Kill driver @i and wait for another one. */
static void rs_test_kill(struct kunit *test, u32 i)
{
	struct rs_blk_test *t = test->priv;

	rs_test_die(t->driver[i].inst);
	irq_work_sync(&t->driver[i].inst->dying_work);
	flush_work(&t->slot->work);
	rs_test_live(test);
}

static void rs_test_transfers(struct kunit *test)
{
	struct rs_blk_test *t = test->priv;

	rs_test_start(test, 2, 2);
	KUNIT_EXPECT_EQ(test, rs_test_write(test, 0, 0x11), 0);
	KUNIT_EXPECT_EQ(test, rs_test_write(test, RS_TEST_SIZE - PAGE_SIZE, 0x22), 0);
	KUNIT_EXPECT_EQ(test, rs_test_read(test, 0), 0x11);
	KUNIT_EXPECT_EQ(test, rs_test_write(test, RS_TEST_SIZE, 0x33), -EIO);
	rs_test_kill(test, 0);
	KUNIT_EXPECT_EQ(test, rs_test_read(test, 0), 0x11);
	KUNIT_EXPECT_EQ(test, rs_test_read(test, RS_TEST_SIZE - PAGE_SIZE), 0x22);
	/* Durable at once: nobody asks for a flush. */
	KUNIT_EXPECT_EQ(test, rs_test_flush(test), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->flushes), 0);
}

/* What the dead had in its hands is its successor's, from the pages of the bio. */
static void rs_test_inflight(struct kunit *test)
{
	struct rs_blk_test *t = test->priv;
	DECLARE_COMPLETION_ONSTACK(done);
	struct bio *bio;

	rs_test_start(test, 2, 1);
	WRITE_ONCE(t->deaf, true);
	bio = rs_test_bio(test, REQ_OP_WRITE | REQ_SYNC, 4 * PAGE_SIZE, 0x44);
	bio->bi_private = &done;
	bio->bi_end_io = rs_test_end_io;
	submit_bio(bio);
	KUNIT_EXPECT_FALSE(test, rs_queue_idle(t->slot->queue[1], false));
	/* A driver that scribbles on its buffers before it dies ruins only itself. */
	memset(rs_pool_va(&t->driver[0].inst->pool, 0), 0xff, t->driver[0].inst->pool.size);
	rs_test_kill(test, 0);
	WRITE_ONCE(t->deaf, false);
	wake_up_all(&t->driver[1].inst->wait);
	wait_for_completion(&done);
	KUNIT_EXPECT_EQ(test, bio->bi_status, BLK_STS_OK);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->replayed), 1);
	bio_put(bio);
	KUNIT_EXPECT_EQ(test, rs_test_read(test, 4 * PAGE_SIZE), 0x44);
}

/* A driver that completes early and forgets: nothing is lost, and the last word stands. */
static void rs_test_process_cache(struct kunit *test)
{
	struct rs_blk_test *t = test->priv;
	u32 i;

	t->caches = true;
	t->announce.blk.cache = RS_BLK_CACHE_PROCESS;
	t->announce.blk.max_write_zeroes = RS_TEST_SIZE;
	rs_test_start(test, 4, 2);
	KUNIT_EXPECT_EQ(test, rs_test_write(test, 0, 0x10), 0);
	KUNIT_EXPECT_EQ(test, rs_test_flush(test), 0);
	KUNIT_EXPECT_GT(test, atomic_read(&t->flushes), 0);
	for (i = 1; i <= 20; i++)
		KUNIT_EXPECT_EQ(test, rs_test_write(test, i % 5 * PAGE_SIZE, i), 0);
	KUNIT_EXPECT_EQ(test, rs_test_io(test, REQ_OP_WRITE_ZEROES, 2 * PAGE_SIZE, 0), 0);
	rs_test_kill(test, 0);
	KUNIT_EXPECT_EQ(test, rs_test_read(test, 0), 20);
	KUNIT_EXPECT_EQ(test, rs_test_read(test, 4 * PAGE_SIZE), 19);
	KUNIT_EXPECT_EQ(test, rs_test_read(test, 3 * PAGE_SIZE), 18);
	/* Nothing was flushed since: the next one must be told, too. */
	rs_test_kill(test, 1);
	KUNIT_EXPECT_EQ(test, rs_test_read(test, 0), 20);
	KUNIT_EXPECT_EQ(test, rs_test_flush(test), 0);
	atomic_set(&t->writes, 0);
	rs_test_kill(test, 2);
	/* The flush covered all but the write that it preceded. */
	KUNIT_EXPECT_LE(test, atomic_read(&t->writes), 1);
	KUNIT_EXPECT_EQ(test, rs_test_read(test, 0), 20);
}

/* The log is bounded: the kernel flushes by itself. */
static void rs_test_process_bound(struct kunit *test)
{
	struct rs_blk_test *t = test->priv;
	struct rs_blk *blk;
	u32 i;

	t->caches = true;
	t->announce.blk.cache = RS_BLK_CACHE_PROCESS;
	t->announce.blk.max_unflushed = RS_BLK_UNFLUSHED_MIN;
	blk = rs_test_start(test, 2, 1);
	atomic_set(&t->flushes, 0);
	for (i = 0; i < 4 * RS_BLK_UNFLUSHED_MIN / PAGE_SIZE; i++)
		KUNIT_EXPECT_EQ(test, rs_test_write(test, i % 200 * PAGE_SIZE, i), 0);
	KUNIT_EXPECT_GE(test, atomic_read(&t->flushes), 4);
	KUNIT_EXPECT_LE(test, blk->disk[0]->log.data_head - blk->disk[0]->log.data_tail,
			(u64)RS_BLK_UNFLUSHED_MIN);
	rs_test_kill(test, 0);
	KUNIT_EXPECT_EQ(test, rs_test_read(test, (i - 1) % 200 * PAGE_SIZE), (u8)(i - 1));
	KUNIT_EXPECT_EQ(test, rs_test_read(test, (i - 200) % 200 * PAGE_SIZE), (u8)(i - 200));
}

/* Which disks there are the first driver says: a successor's other one could not be made. */
static void rs_test_second(struct kunit *test)
{
	struct rs_blk_test *t = test->priv;
	DECLARE_COMPLETION_ONSTACK(done);
	struct bio *bio;

	t->second = true;
	rs_test_start(test, 2, 1);
	WRITE_ONCE(t->deaf, true);
	bio = rs_test_bio(test, REQ_OP_WRITE | REQ_SYNC, 0, 0x7a);
	bio->bi_private = &done;
	bio->bi_end_io = rs_test_end_io;
	submit_bio(bio);
	rs_test_kill(test, 0);
	KUNIT_EXPECT_EQ(test, t->second_err, -EINVAL);
	WRITE_ONCE(t->deaf, false);
	wake_up_all(&t->driver[1].inst->wait);
	wait_for_completion(&done);
	KUNIT_EXPECT_EQ(test, bio->bi_status, BLK_STS_OK);
	bio_put(bio);
}

/* The log's own request takes a tag while clients have as many as they may: one waits. */
static void rs_test_process_tags(struct kunit *test)
{
	struct rs_blk_test *t = test->priv;
	DECLARE_COMPLETION_ONSTACK(done);
	struct bio *bio[RS_DEPTH_MIN];
	struct rs_blk *blk;
	u32 i;

	t->caches = true;
	t->depth = RS_DEPTH_MIN;
	t->announce.blk.cache = RS_BLK_CACHE_PROCESS;
	blk = rs_test_start(test, 1, 1);
	WRITE_ONCE(t->deaf, true);
	rs_blk_log_flush(blk->disk[0]);
	for (i = 0; i < RS_DEPTH_MIN; i++) {
		bio[i] = rs_test_bio(test, REQ_OP_WRITE | REQ_SYNC, i * PAGE_SIZE, 0x79);
		bio[i]->bi_private = &done;
		bio[i]->bi_end_io = rs_test_end_io;
		submit_bio(bio[i]);
	}
	KUNIT_EXPECT_EQ(test, t->slot->queue[1]->nr_published, t->depth);
	WRITE_ONCE(t->deaf, false);
	wake_up_all(&t->driver[0].inst->wait);
	for (i = 0; i < RS_DEPTH_MIN; i++)
		wait_for_completion(&done);
	for (i = 0; i < RS_DEPTH_MIN; i++) {
		KUNIT_EXPECT_EQ(test, bio[i]->bi_status, BLK_STS_OK);
		bio_put(bio[i]);
	}
}

/* A disk that shrinks takes with it what was written where it is no more. */
static void rs_test_process_shrink(struct kunit *test)
{
	struct rs_blk_test *t = test->priv;

	t->caches = true;
	t->announce.blk.cache = RS_BLK_CACHE_PROCESS;
	rs_test_start(test, 2, 1);
	KUNIT_EXPECT_EQ(test, rs_test_write(test, 0, 0x77), 0);
	KUNIT_EXPECT_EQ(test, rs_test_write(test, RS_TEST_SIZE - PAGE_SIZE, 0x78), 0);
	t->announce.blk.size = RS_TEST_SIZE / 2;
	rs_test_kill(test, 0);
	KUNIT_EXPECT_EQ(test, rs_test_read(test, 0), 0x77);
	KUNIT_EXPECT_EQ(test, rs_test_read(test, RS_TEST_SIZE - PAGE_SIZE), -EIO);
	KUNIT_EXPECT_EQ(test, t->slot->deaths, 1U);
}

/* One request that kills every driver is failed; all else goes on. */
static void rs_test_poison(struct kunit *test)
{
	struct rs_blk_test *t = test->priv;

	rs_test_start(test, 4, 1);
	t->slot->policy.poison_limit = 3;
	t->deadly = 8 * PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, rs_test_write(test, 8 * PAGE_SIZE, 0x55), -EIO);
	KUNIT_EXPECT_EQ(test, rs_test_write(test, 9 * PAGE_SIZE, 0x66), 0);
	KUNIT_EXPECT_EQ(test, t->slot->deaths, 3U);
	KUNIT_EXPECT_EQ(test, t->slot->queue[1]->poisoned, 1ULL);
}

/* Requests under way when the slot goes are failed, not forgotten. */
static void rs_test_removal(struct kunit *test)
{
	struct rs_blk_test *t = test->priv;
	DECLARE_COMPLETION_ONSTACK(done);
	struct bio *bio;

	rs_test_start(test, 1, 2);
	WRITE_ONCE(t->deaf, true);
	bio = rs_test_bio(test, REQ_OP_READ, 0, 0);
	bio->bi_private = &done;
	bio->bi_end_io = rs_test_end_io;
	submit_bio(bio);
	rs_test_del(t);
	KUNIT_EXPECT_TRUE(test, try_wait_for_completion(&done));
	KUNIT_EXPECT_EQ(test, bio->bi_status, BLK_STS_IOERR);
	bio_put(bio);
}

/* A disk whose driver never came up was shown to nobody, and leaves nothing behind. */
static void rs_test_unborn(struct kunit *test)
{
	struct rs_blk_test *t = test->priv;
	unsigned long end = jiffies + 10 * HZ;
	struct rs_blk *blk;
	int number;

	rs_test_slot(test, 1);
	t->fails = true;
	rs_test_driver(test, 0);
	while (!READ_ONCE(t->slot->deaths) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	blk = t->slot->fe_priv;
	KUNIT_ASSERT_NOT_NULL(test, blk);
	KUNIT_ASSERT_NOT_NULL(test, blk->disk[0]);
	KUNIT_EXPECT_FALSE(test, blk->disk[0]->added);
	number = blk->disk[0]->number;
	rs_test_del(t);
	t->fails = false;
	rs_test_slot(test, 1);
	rs_test_driver(test, 1);
	/* Its number is free again; by now another's may be, too, whose last reference was late. */
	KUNIT_EXPECT_LE(test, rs_test_live(test)->disk[0]->number, number);
}

static void rs_test_sizes(struct kunit *test)
{
	struct rs_blk_test *t = test->priv;
	struct rs_blk_resize resize = { .size = RS_TEST_SIZE / 2 };
	struct rs_blk *blk;
	struct gendisk *gd;

	t->announce.blk.block_size = 4096;
	t->announce.blk.flags = RS_BLK_READ_ONLY;
	blk = rs_test_start(test, 2, 1);
	gd = blk->disk[0]->disk;
	KUNIT_EXPECT_EQ(test, queue_logical_block_size(gd->queue), 4096U);
	KUNIT_EXPECT_TRUE(test, get_disk_ro(gd));
	KUNIT_EXPECT_EQ(test, rs_test_write(test, 0, 0x12), -EIO);
	KUNIT_EXPECT_EQ(test, get_capacity(gd), (sector_t)RS_TEST_SIZE >> SECTOR_SHIFT);
	mutex_lock(&t->slot->lock);
	KUNIT_EXPECT_EQ(test, rs_blk_resize(t->slot, &resize), 0);
	resize.size++;
	KUNIT_EXPECT_EQ(test, rs_blk_resize(t->slot, &resize), -EINVAL);
	resize.minor = 1;
	KUNIT_EXPECT_EQ(test, rs_blk_resize(t->slot, &resize), -ENODEV);
	mutex_unlock(&t->slot->lock);
	KUNIT_EXPECT_EQ(test, get_capacity(gd), (sector_t)RS_TEST_SIZE / 2 >> SECTOR_SHIFT);
	/* A successor that finds another size says so when it announces the disk. */
	rs_test_kill(test, 0);
	KUNIT_EXPECT_EQ(test, get_capacity(gd), (sector_t)RS_TEST_SIZE >> SECTOR_SHIFT);
}

#define RS_TEST_WRITERS	2
#define RS_TEST_PAGES	64

/* A client with pages of its own, each of which holds nothing but the number of its last write. */
struct rs_test_writer {
	struct rs_blk_test *t;
	struct task_struct *task;
	struct page *page;
	u32 first;
	u32 last[RS_TEST_PAGES];
	u32 number;
	u32 wrong;
	u32 failed;
};

static int rs_test_writer_io(struct rs_test_writer *w, blk_opf_t opf, u32 page)
{
	struct rs_blk *blk = w->t->slot->fe_priv;
	struct bio *bio = bio_alloc(blk->disk[0]->disk->part0, 1, opf | REQ_SYNC, GFP_KERNEL);
	int err;

	bio->bi_iter.bi_sector = (u64)(w->first + page) * PAGE_SIZE >> SECTOR_SHIFT;
	__bio_add_page(bio, w->page, PAGE_SIZE, 0);
	err = submit_bio_wait(bio);
	bio_put(bio);
	return err;
}

static void rs_test_writer_check(struct rs_test_writer *w, u32 page)
{
	u32 *word = page_address(w->page), i;

	w->failed += !!rs_test_writer_io(w, REQ_OP_READ, page);
	for (i = 0; i < PAGE_SIZE / sizeof(*word); i++)
		if (word[i] != w->last[page]) {
			w->wrong++;
			return;
		}
}

static int rs_test_writer_thread(void *data)
{
	struct rs_test_writer *w = data;

	while (!kthread_should_stop()) {
		u32 page = w->number * 7 % RS_TEST_PAGES;

		memset32(page_address(w->page), ++w->number, PAGE_SIZE / sizeof(u32));
		w->failed += !!rs_test_writer_io(w, REQ_OP_WRITE |
						 (w->number % 50 ? 0 : REQ_PREFLUSH), page);
		w->last[page] = w->number;
		rs_test_writer_check(w, w->number * 11 % RS_TEST_PAGES);
		cond_resched();
	}
	return 0;
}

static void rs_test_end_driver(struct rs_test_driver *d)
{
	kthread_stop(d->task);
	rs_instance_release(d->inst);
	kvfree(d->cache);
	memset(d, 0, sizeof(*d));
}

/* Clients that write and look, while one driver after the other dies under them. */
static void rs_test_storm(struct kunit *test)
{
	struct rs_blk_test *t = test->priv;
	struct rs_test_writer *w;
	u32 i, j;

	w = kunit_kzalloc(test, RS_TEST_WRITERS * sizeof(*w), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, w);
	rs_test_start(test, 2, 2);
	for (i = 0; i < RS_TEST_WRITERS; i++) {
		w[i].t = t;
		w[i].first = i * RS_TEST_PAGES;
		w[i].page = alloc_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, w[i].page);
		w[i].task = kthread_run(rs_test_writer_thread, &w[i], "rs-test-writer/%u", i);
		KUNIT_ASSERT_FALSE(test, IS_ERR(w[i].task));
	}
	for (i = 0; i < 50; i++) {
		schedule_timeout_uninterruptible(1 + i % 3);
		rs_test_kill(test, i % 2);
		rs_test_end_driver(&t->driver[i % 2]);
		rs_test_driver(test, i % 2);
	}
	for (i = 0; i < RS_TEST_WRITERS; i++) {
		kthread_stop(w[i].task);
		for (j = 0; j < RS_TEST_PAGES; j++)
			rs_test_writer_check(&w[i], j);
		__free_page(w[i].page);
		KUNIT_EXPECT_EQ(test, w[i].failed, 0U);
		KUNIT_EXPECT_EQ(test, w[i].wrong, 0U);
		KUNIT_EXPECT_GT(test, w[i].number, 100U);
	}
	KUNIT_EXPECT_EQ(test, t->slot->deaths, 50U);
	kunit_info(test, "%u writes, %d replayed\n", w[0].number + w[1].number,
		   atomic_read(&t->replayed));
}

static void rs_test_storm_process(struct kunit *test)
{
	struct rs_blk_test *t = test->priv;

	t->caches = true;
	t->announce.blk.cache = RS_BLK_CACHE_PROCESS;
	rs_test_storm(test);
}

static void rs_test_storm_bound(struct kunit *test)
{
	struct rs_blk_test *t = test->priv;

	t->announce.blk.max_unflushed = RS_BLK_UNFLUSHED_MIN;
	rs_test_storm_process(test);
}

static void rs_test_refusals(struct kunit *test)
{
	const struct rs_announce_blk good = {
		.size = 1 << 20, .block_size = 512, .serial = "S/N 1", .cache = RS_BLK_CACHE_DEVICE,
	};
	struct rs_announce_blk bad;

#define RS_TEST_REFUSED(_member, _value)				\
	do {								\
		bad = good;						\
		bad._member = _value;					\
		KUNIT_EXPECT_EQ(test, rs_disk_check(&bad), -EINVAL);	\
	} while (0)

	KUNIT_EXPECT_EQ(test, rs_disk_check(&good), 0);
	RS_TEST_REFUSED(minor, RS_BLK_DISKS_MAX);
	RS_TEST_REFUSED(flags, RS_BLK_F_ALL + 1);
	RS_TEST_REFUSED(size, 1000);
	RS_TEST_REFUSED(block_size, 0);
	RS_TEST_REFUSED(block_size, 256);
	RS_TEST_REFUSED(block_size, 1000);
	RS_TEST_REFUSED(block_size, 8192);
	RS_TEST_REFUSED(physical_block_size, 256);
	RS_TEST_REFUSED(io_opt, 100);
	RS_TEST_REFUSED(max_io, 512);
	RS_TEST_REFUSED(max_io, 2 * RS_BUF_MAX);
	RS_TEST_REFUSED(cache, __RS_BLK_CACHE_LAST);
	RS_TEST_REFUSED(max_unflushed, RS_BLK_UNFLUSHED_MIN);
	RS_TEST_REFUSED(max_discard, 1ULL << 42);
	RS_TEST_REFUSED(max_write_zeroes, 100);
	RS_TEST_REFUSED(reserved0, 1);
	RS_TEST_REFUSED(serial[0], '\n');
	RS_TEST_REFUSED(serial[8], 'x');
	RS_TEST_REFUSED(reserved[23], 1);
#undef RS_TEST_REFUSED
}

static void rs_test_overlap(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, rs_blk_overlap(0, 10, 9, 1));
	KUNIT_EXPECT_TRUE(test, rs_blk_overlap(9, 1, 0, 10));
	KUNIT_EXPECT_TRUE(test, rs_blk_overlap(2, 2, 0, 10));
	KUNIT_EXPECT_FALSE(test, rs_blk_overlap(0, 10, 10, 1));
	KUNIT_EXPECT_FALSE(test, rs_blk_overlap(10, 1, 0, 10));
}

/* Promises, order and bound of the log by itself. */
static void rs_test_log(struct kunit *test)
{
	struct rs_blk_entry entry = { .op = RS_OP_BLK_DISCARD, .bytes = 512 };
	struct rs_blk_log log = {};
	u64 mark, pos = 0;
	u32 i;

	spin_lock_init(&log.lock);
	KUNIT_ASSERT_EQ(test, rs_blk_log_init(&log, RS_BLK_UNFLUSHED_MIN), 0);
	KUNIT_EXPECT_TRUE(test, rs_blk_log_reserve(&log, RS_BLK_UNFLUSHED_MIN));
	KUNIT_EXPECT_FALSE(test, rs_blk_log_reserve(&log, 1));
	KUNIT_EXPECT_TRUE(test, rs_blk_log_reserve(&log, 0));
	rs_blk_log_unreserve(&log, RS_BLK_UNFLUSHED_MIN);
	rs_blk_log_unreserve(&log, 0);
	for (i = 0; i < log.nr; i++) {
		KUNIT_EXPECT_TRUE(test, rs_blk_log_reserve(&log, 0));
		entry.offset = i;
		rs_blk_log_append(&log, NULL, &entry, 0);
		if (i == 9)
			mark = rs_blk_log_mark(&log);
	}
	KUNIT_EXPECT_TRUE(test, rs_blk_log_half_full(&log));
	KUNIT_EXPECT_FALSE(test, rs_blk_log_reserve(&log, 0));
	rs_blk_log_flushed(&log, mark);
	/* An older flush that is completed later drops nothing more, and brings nothing back. */
	rs_blk_log_flushed(&log, mark - 5);
	KUNIT_EXPECT_TRUE(test, rs_blk_log_get(&log, &pos, &entry));
	KUNIT_EXPECT_EQ(test, pos, 10ULL);
	KUNIT_EXPECT_EQ(test, entry.offset, 10ULL);
	pos = log.nr;
	KUNIT_EXPECT_FALSE(test, rs_blk_log_get(&log, &pos, &entry));
	KUNIT_EXPECT_TRUE(test, rs_blk_log_reserve(&log, 0));
	rs_blk_log_exit(&log);
}

static struct kunit_case rs_blk_cases[] = {
	KUNIT_CASE(rs_test_refusals),
	KUNIT_CASE(rs_test_overlap),
	KUNIT_CASE(rs_test_log),
	KUNIT_CASE(rs_test_transfers),
	KUNIT_CASE(rs_test_inflight),
	KUNIT_CASE(rs_test_process_cache),
	KUNIT_CASE(rs_test_process_bound),
	KUNIT_CASE(rs_test_process_shrink),
	KUNIT_CASE(rs_test_process_tags),
	KUNIT_CASE(rs_test_second),
	KUNIT_CASE(rs_test_poison),
	KUNIT_CASE(rs_test_removal),
	KUNIT_CASE(rs_test_unborn),
	KUNIT_CASE(rs_test_sizes),
	KUNIT_CASE(rs_test_storm),
	KUNIT_CASE(rs_test_storm_process),
	KUNIT_CASE(rs_test_storm_bound),
	{}
};

static struct kunit_suite rs_blk_suite = {
	.name = "rsmod-blk",
	.init = rs_blk_test_init,
	.exit = rs_blk_test_exit,
	.test_cases = rs_blk_cases,
};
kunit_test_suite(rs_blk_suite);
