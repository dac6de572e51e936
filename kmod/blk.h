/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rooms of the block front-end, and what they share
 *
 *	blk.c		the slot's disks as a whole: announced, added once live, replayed, removed
 *	blk_disk.c	one disk: its gendisk, limits and names
 *	blk_rq.c	a block-layer request is one request of the ledger, and back
 *	blk_log.c	what a process cache may lose: completed writes, kept until they are flushed
 *	blk_replay.c	the log's own requests: the flush that makes room, and the replay
 *
 * All disks of a slot share one tag set, whose hardware queue i is data queue i + 1 and is as deep:
 * a request finds a tag of the ledger, unless the log's own requests have some, and then is not
 * started.  Once it is, it stays so until it is completed, however many drivers that takes; nothing
 * here freezes or quiesces a queue but the removal.
 *
 * Locks: slot->lock for what announcements change; queue->lock > log->lock, which is a leaf.
 */
#ifndef _RS_BLK_H
#define _RS_BLK_H

#include <linux/blk-mq.h>
#include <linux/device.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <linux/rs_channel.h>

#include "endpoint.h"
#include "ledger.h"

/* The log has an entry for so many of its bytes. */
#define RS_BLK_LOG_GRAIN	4096

/**
 * struct rs_blk_entry - one completed operation that may still be lost
 * @offset: on the disk, bytes
 * @bytes: on the disk
 * @data: where its bytes begin in the log, free-running; of a write
 * @arg: see enum rs_op
 * @op: RS_OP_BLK_WRITE, RS_OP_BLK_WRITE_ZEROES or RS_OP_BLK_DISCARD
 */
struct rs_blk_entry {
	u64 offset;
	u64 bytes;
	u64 data;
	u32 arg;
	u16 op;
};

/**
 * struct rs_blk_log - operations in the order of their completion; see blk_log.c
 * @lock: protects all that follows; bh, leaf
 * @data: bytes of the writes, a ring; fixed
 * @size: of @data, bytes; 0 = there is no log; fixed
 * @entry: a ring; fixed
 * @nr: of @entry, a power of two; fixed
 * @head: entries ever appended
 * @tail: entries ever dropped
 * @data_head: bytes ever appended
 * @data_tail: bytes ever dropped
 * @nr_reserved: entries promised to requests that are under way
 * @reserved: bytes promised
 * @flushing: a flush of ours is under way
 * @mark: what that flush covers
 * @failed: the last flush failed: writes that find no room are failed, too
 */
struct rs_blk_log {
	spinlock_t lock;
	void *data;
	u32 size;
	struct rs_blk_entry *entry;
	u32 nr;
	u64 head;
	u64 tail;
	u64 data_head;
	u64 data_tail;
	u32 nr_reserved;
	u32 reserved;
	bool flushing;
	u64 mark;
	bool failed;
};

struct rs_blk;

/**
 * struct rs_disk - one disk; gendisk->private_data, freed with it
 * @blk: the slot's disks; gone once the disk is removed
 * @disk: its gendisk
 * @announce: as first announced, but for the size
 * @number: N of /dev/rsb<N>
 * @label: the slot's
 * @epoch: binding that announced it last (slot->lock)
 * @added: clients can see it (blk->add_work, then removal)
 * @log: of RS_BLK_CACHE_PROCESS
 */
struct rs_disk {
	struct rs_blk *blk;
	struct gendisk *disk;
	struct rs_announce_blk announce;
	int number;
	char label[RS_LABEL_MAX];
	u32 epoch;
	bool added;
	struct rs_blk_log log;
};

/* Requests of a replay that are under way at once; fewer than the ledger reserves. */
#define RS_BLK_REPLAY_WINDOW	8

/**
 * struct rs_blk_replaying - one of them
 * @disk: NULL = this place is free
 * @entry: what is being sent
 */
struct rs_blk_replaying {
	struct rs_disk *disk;
	struct rs_blk_entry entry;
};

/**
 * struct rs_blk - the disks of a slot; slot->fe_priv
 * @slot: its slot
 * @set: what all its queues share
 * @nr_queues: data queues in use, as announced; the block layer may use fewer
 * @disk: by minor (slot->lock to change)
 * @add_work: adds disks that were announced, when there is a driver to read their partitions
 * @dead: being removed; read anywhere
 * @busy: requests that are no client's, submitted and not given back
 * @idle: remove() waits here for @busy
 *
 * @replay_lock: protects @replaying and @replay_res; bh, leaf
 * @replay_epoch: binding that the replay is for (slot->lock)
 * @replay_minor: disk that is being replayed (slot->lock)
 * @replay_next: next entry of its log (slot->lock)
 * @replay_res: first error
 * @replaying: what is under way
 */
struct rs_blk {
	struct rs_slot *slot;
	struct blk_mq_tag_set set;
	u32 nr_queues;
	struct rs_disk *disk[RS_BLK_DISKS_MAX];
	struct work_struct add_work;
	bool dead;
	atomic_t busy;
	wait_queue_head_t idle;

	/* @replay_lock: see above */
	spinlock_t replay_lock;
	u32 replay_epoch;
	u32 replay_minor;
	u64 replay_next;
	int replay_res;
	struct rs_blk_replaying replaying[RS_BLK_REPLAY_WINDOW];
};

/**
 * struct rs_blk_pdu - our part of a struct request
 * @mark: of a flush: entries of the log that it covers
 * @need: bytes reserved in the log
 * @promised: an entry is reserved, with @need bytes
 */
struct rs_blk_pdu {
	u64 mark;
	u32 need;
	bool promised;
};

/* blk_disk.c */

/* -EINVAL if a driver must not say this. */
int rs_disk_check(const struct rs_announce_blk *say);
/* A disk that nobody sees yet, or ERR_PTR.  slot->lock held. */
struct rs_disk *rs_disk_new(struct rs_blk *blk, const struct rs_announce_blk *say);
/* A successor announces it: the same disk?  slot->lock held. */
int rs_disk_again(struct rs_disk *disk, const struct rs_announce_blk *say);
int rs_disk_resize(struct rs_disk *disk, u64 size);
/* Show it to clients; reads its partitions, hence waits for the driver. */
void rs_disk_add(struct rs_disk *disk);
/* No client can submit after this, and none of their requests is under way.  May be called once. */
void rs_disk_shut(struct rs_disk *disk);
/* Not ours any more; those who have it open keep the gendisk. */
void rs_disk_put(struct rs_disk *disk);

/* blk_rq.c */

extern const struct blk_mq_ops rs_blk_mq_ops;

/* blk_log.c */

int rs_blk_log_init(struct rs_blk_log *log, u32 size);
void rs_blk_log_exit(struct rs_blk_log *log);
/* Promise room for an entry with @bytes of data.  False: there is none now. */
bool rs_blk_log_reserve(struct rs_blk_log *log, u32 bytes);
void rs_blk_log_unreserve(struct rs_blk_log *log, u32 bytes);
/* The data of @rq, if it is a write, as an entry; what was promised is used. */
void rs_blk_log_append(struct rs_blk_log *log, struct request *rq, const struct rs_blk_entry *entry,
		       u32 promised);
/* Entries there are by now: what a flush that is submitted now will cover. */
u64 rs_blk_log_mark(struct rs_blk_log *log);
/* A flush succeeded: those before @mark are durable. */
void rs_blk_log_flushed(struct rs_blk_log *log, u64 mark);
/* The entry at position *@pos, or the first one after it; false: there is none. */
bool rs_blk_log_get(struct rs_blk_log *log, u64 *pos, struct rs_blk_entry *ret);
/* Bytes of an entry. */
void rs_blk_log_read(struct rs_blk_log *log, u64 data, u32 len, void *to);
bool rs_blk_overlap(u64 a, u64 a_bytes, u64 b, u64 b_bytes);

/* Is it time to make room? */
bool rs_blk_log_half_full(struct rs_blk_log *log);

/* blk_replay.c */

/* Make room by a flush of ours, unless one is under way. */
void rs_blk_log_flush(struct rs_disk *disk);

/* Send a new driver what the logs hold; leads to rs_failover_replayed().  slot->lock held. */
void rs_blk_log_replay(struct rs_blk *blk);

#endif /* _RS_BLK_H */
