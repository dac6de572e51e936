// SPDX-License-Identifier: GPL-2.0
/*
 * blk_log.c - what a process cache may lose: completed writes, kept until they are flushed
 *
 * A driver that keeps completed writes in its process loses them with it, and their clients have
 * let go of the bytes.  So the kernel keeps its own copy, of every write and of whatever else
 * changes what a block reads as, in the order of completion: written again in that order they give
 * the same disk, however often.  An entry is dropped when a flush that was submitted after its
 * completion has succeeded.
 *
 *	         tail                    mark of a flush        head
 *	dropped | completed, may be lost | completed since      | promised to requests under way
 *
 * Room is promised before a request is submitted, so that a completion always finds it, and
 * nothing is allocated on the way.
 */
#include <linux/bvec.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "blk.h"

int rs_blk_log_init(struct rs_blk_log *log, u32 size)
{
	u32 nr = roundup_pow_of_two(size / RS_BLK_LOG_GRAIN);

	log->data = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	log->entry = kvcalloc(nr, sizeof(*log->entry), GFP_KERNEL_ACCOUNT);
	if (!log->data || !log->entry) {
		rs_blk_log_exit(log);
		return -ENOMEM;
	}
	log->nr = nr;
	log->size = size;
	return 0;
}

void rs_blk_log_exit(struct rs_blk_log *log)
{
	kvfree(log->data);
	kvfree(log->entry);
	log->data = NULL;
	log->entry = NULL;
	log->size = 0;
}

bool rs_blk_log_reserve(struct rs_blk_log *log, u32 bytes)
{
	bool room;

	spin_lock_bh(&log->lock);
	room = log->head - log->tail + log->nr_reserved < log->nr &&
	       log->data_head - log->data_tail + log->reserved + bytes <= log->size;
	if (room) {
		log->nr_reserved++;
		log->reserved += bytes;
	}
	spin_unlock_bh(&log->lock);
	return room;
}

static void rs_blk_log_return(struct rs_blk_log *log, u32 bytes)
{
	lockdep_assert_held(&log->lock);
	log->nr_reserved--;
	log->reserved -= bytes;
}

void rs_blk_log_unreserve(struct rs_blk_log *log, u32 bytes)
{
	spin_lock_bh(&log->lock);
	rs_blk_log_return(log, bytes);
	spin_unlock_bh(&log->lock);
}

bool rs_blk_log_half_full(struct rs_blk_log *log)
{
	bool half;

	spin_lock_bh(&log->lock);
	half = log->head - log->tail >= log->nr / 2 ||
	       log->data_head - log->data_tail >= log->size / 2;
	spin_unlock_bh(&log->lock);
	return half;
}

/* The ring's end may be anywhere in it. */
static void rs_blk_log_put(struct rs_blk_log *log, const void *from, u32 len)
{
	u32 at, part;

	for (; len; len -= part) {
		div_u64_rem(log->data_head, log->size, &at);
		part = min(len, log->size - at);
		memcpy(log->data + at, from, part);
		from += part;
		log->data_head += part;
	}
}

void rs_blk_log_read(struct rs_blk_log *log, u64 data, u32 len, void *to)
{
	u32 at, part;

	for (; len; len -= part) {
		div_u64_rem(data, log->size, &at);
		part = min(len, log->size - at);
		memcpy(to, log->data + at, part);
		to += part;
		data += part;
	}
}

void rs_blk_log_append(struct rs_blk_log *log, struct request *rq, const struct rs_blk_entry *entry,
		       u32 promised)
{
	struct rs_blk_entry *own;
	struct req_iterator iter;
	struct bio_vec bv;

	spin_lock_bh(&log->lock);
	own = &log->entry[log->head & (log->nr - 1)];
	*own = *entry;
	own->data = log->data_head;
	if (entry->op == RS_OP_BLK_WRITE)
		rq_for_each_segment(bv, rq, iter) {
			void *va = bvec_kmap_local(&bv);

			rs_blk_log_put(log, va, bv.bv_len);
			kunmap_local(va);
		}
	log->head++;
	rs_blk_log_return(log, promised);
	spin_unlock_bh(&log->lock);
}

u64 rs_blk_log_mark(struct rs_blk_log *log)
{
	u64 mark;

	spin_lock_bh(&log->lock);
	mark = log->head;
	spin_unlock_bh(&log->lock);
	return mark;
}

void rs_blk_log_flushed(struct rs_blk_log *log, u64 mark)
{
	spin_lock_bh(&log->lock);
	log->failed = false;
	/* Flushes may complete in any order. */
	if (mark > log->tail) {
		log->tail = mark;
		log->data_tail = mark == log->head ? log->data_head :
				 log->entry[mark & (log->nr - 1)].data;
	}
	spin_unlock_bh(&log->lock);
}

bool rs_blk_log_get(struct rs_blk_log *log, u64 *pos, struct rs_blk_entry *ret)
{
	bool found;

	spin_lock_bh(&log->lock);
	*pos = max(*pos, log->tail);
	found = *pos < log->head;
	if (found)
		*ret = log->entry[*pos & (log->nr - 1)];
	spin_unlock_bh(&log->lock);
	return found;
}

bool rs_blk_overlap(u64 a, u64 a_bytes, u64 b, u64 b_bytes)
{
	return a < b + b_bytes && b < a + a_bytes;
}
