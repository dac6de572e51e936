/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * rs_blk.h - what a block driver says of its disks, and what it is asked
 *
 * A slot of class blk has one or more disks (minors), /dev/rsb<N>, that share its data queues:
 * hardware queue i of the kernel's block layer is data queue i + 1.  Requests (enum rs_op,
 * RS_OP_BLK_*) name their disk in rs_sqe.minor and their place in bytes.
 *
 *	driver	INIT
 *		RS_IOC_ANNOUNCE		once for each disk; the first one ever makes it
 *		answer 0
 *	kernel	rewrites what RS_BLK_CACHE_PROCESS had lost, then what was unfinished, then new requests
 *	driver	RS_IOC_BLK_RESIZE	when a disk has grown or shrunk
 *
 * Every request of a disk may be sent again to the successor of an instance that died
 * (RS_SQE_REPLAYED), also if it was executed: reads and writes of blocks bear that.
 */
#ifndef _UAPI_LINUX_RS_BLK_H
#define _UAPI_LINUX_RS_BLK_H

#include <linux/types.h>

/* Disks of a slot. */
#define RS_BLK_DISKS_MAX	16

/* Bounds of rs_announce_blk.block_size, bytes. */
#define RS_BLK_BLOCK_MIN	512
#define RS_BLK_BLOCK_MAX	4096

/* Bounds of rs_announce_blk.max_unflushed, bytes, and what 0 stands for. */
#define RS_BLK_UNFLUSHED_MIN		(256U << 10)
#define RS_BLK_UNFLUSHED_MAX		(64U << 20)
#define RS_BLK_UNFLUSHED_DEFAULT	(4U << 20)

/**
 * enum rs_blk_cache - where a write that the driver has completed may still be lost
 * @RS_BLK_CACHE_NONE: nowhere: it is durable.  The driver is never asked to flush
 * @RS_BLK_CACHE_DEVICE: in the device's volatile cache, which outlives the driver's process and
 *	every reset that the driver or its fence makes.  RS_OP_BLK_FLUSH makes it durable
 * @RS_BLK_CACHE_PROCESS: in the process.  The kernel keeps what was completed and not yet
 *	flushed, and writes it again to the successor, before anything else.  When it has
 *	max_unflushed bytes it sends RS_OP_BLK_FLUSH by itself
 */
enum rs_blk_cache {
	RS_BLK_CACHE_NONE	= 0,
	RS_BLK_CACHE_DEVICE	= 1,
	RS_BLK_CACHE_PROCESS	= 2,
	/* private: */
	__RS_BLK_CACHE_LAST
};

/**
 * struct rs_announce_blk - one disk
 * @minor: which disk of the slot, below RS_BLK_DISKS_MAX
 * @flags: RS_BLK_*
 * @size: bytes, a multiple of @block_size.  May differ from the last announcement's: the disk
 *	was resized.  0: there is no medium
 * @block_size: smallest unit of every request: 512, 1024, 2048 or 4096
 * @physical_block_size: unit that is written without read-modify-write, a power of two, at
 *	least @block_size; 0 = @block_size
 * @io_min: preferred smallest request, bytes, or 0
 * @io_opt: preferred request, bytes, or 0
 * @max_io: largest read or write, bytes, a multiple of the page size, at most RS_BUF_MAX;
 *	0 = RS_BUF_MAX
 * @nr_queues: data queues that the driver serves, from 1 on; 0 = all that the slot has.
 *	The same for all disks of the slot
 * @cache: enum rs_blk_cache
 * @max_unflushed: bound of what the kernel keeps for RS_BLK_CACHE_PROCESS, bytes; 0 = default.
 *	Otherwise 0
 * @max_discard: largest RS_OP_BLK_DISCARD, bytes; 0 = the disk has none
 * @max_write_zeroes: largest RS_OP_BLK_WRITE_ZEROES, bytes; 0 = the disk has none, and zeroes
 *	are written
 * @discard_granularity: bytes, a multiple of @block_size; 0 = @block_size
 * @reserved0: zero
 * @serial: of the disk, printable, filled up with NUL or spaces; empty = the slot's label and
 *	the minor stand for it.  /dev/disk/by-id is made of it
 * @model: of the disk, likewise, may be empty
 * @reserved: zero
 *
 * All but @size must be what was announced before, else EINVAL.
 */
struct rs_announce_blk {
	__u32 minor;
	__u32 flags;
	__u64 size;
	__u32 block_size;
	__u32 physical_block_size;
	__u32 io_min;
	__u32 io_opt;
	__u32 max_io;
	__u32 nr_queues;
	__u32 cache;
	__u32 max_unflushed;
	__u64 max_discard;
	__u64 max_write_zeroes;
	__u32 discard_granularity;
	__u32 reserved0;
	char serial[32];
	char model[48];
	__u8 reserved[24];
};

/* It cannot be written. */
#define RS_BLK_READ_ONLY	(1U << 0)
/* Writes may carry RS_BLK_FUA; else the kernel flushes after them. */
#define RS_BLK_HAS_FUA		(1U << 1)
/* Seeks cost. */
#define RS_BLK_ROTATIONAL	(1U << 2)
/* The bytes of a write must not differ when it is sent again (checksums are kept of them). */
#define RS_BLK_STABLE_WRITES	(1U << 3)
#define RS_BLK_F_ALL		(RS_BLK_READ_ONLY | RS_BLK_HAS_FUA | RS_BLK_ROTATIONAL | \
				 RS_BLK_STABLE_WRITES)

/* rs_sqe.arg of RS_OP_BLK_WRITE: it is durable when it is completed. */
#define RS_BLK_FUA		(1U << 0)
/* rs_sqe.arg of RS_OP_BLK_WRITE_ZEROES: the blocks must stay allocated. */
#define RS_BLK_NO_UNMAP		(1U << 1)

/**
 * struct rs_blk_resize - RS_IOC_BLK_RESIZE: a disk has another size
 * @minor: which disk
 * @flags: zero
 * @size: bytes, a multiple of its block size
 *
 * Errors: EOWNERDEAD not bound; ENOTTY the slot is not of class blk; ENODEV no such disk; EINVAL.
 */
struct rs_blk_resize {
	__u32 minor;
	__u32 flags;
	__u64 size;
};

#endif /* _UAPI_LINUX_RS_BLK_H */
