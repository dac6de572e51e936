/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * rs_channel.h - what an instance and the module share: one open file of /dev/rsmod
 *
 *	rsd		open /dev/rsmod
 *			RS_IOC_ARM		makes the file an instance of one slot, for one process
 *			mmap POOL		so that it can be mapped for DMA (VFIO_IOMMU_MAP_DMA), then munmap
 *			close			the driver process keeps the only reference
 *	driver		RS_IOC_ATTACH		once, by the process that rsd named
 *			mmap SQ, CQ, POOL, BAR
 *			RS_IOC_ENTER ...	the loop
 *
 * Queue 0 is the control queue of every class (INIT, settings, statistics).
 * The class's data queues follow: chr has 1; net has TX at 1 and RX at 2; blk as many as the
 * slot was given.  The last queue, of every class, takes the messages of other services
 * (rs_msg.h).
 *
 * Submission ring (SQ): mapped read-only.  The kernel writes entry `tail & (nr - 1)`,
 * then stores `tail` with release semantics.  The driver keeps its own head, private,
 * and passes it in RS_IOC_ENTER.  Entries need no head in shared memory: never more
 * requests are published than the ring has entries, and the driver can only complete
 * what it has read.
 *
 * Completion ring (CQ): written by the driver, twice as long as SQ.  The driver writes
 * entry `tail & (nr - 1)`, then stores `tail` with release semantics.  The kernel reads
 * each word once, during RS_IOC_ENTER, and keeps its own head.
 *
 * Every bound and every cursor that matters is on the kernel's side.  A driver that
 * writes nonsense into its rings ruins only itself (enum rs_violation).
 *
 * All words are in the byte order of the machine.  Reserved fields must be zero.
 */
#ifndef _UAPI_LINUX_RS_CHANNEL_H
#define _UAPI_LINUX_RS_CHANNEL_H

#include <linux/ioctl.h>
#include <linux/types.h>
#include <linux/rs_blk.h>
#include <linux/rs_types.h>

#define RS_ABI_VERSION		1

/*
 * Queues of a slot besides the control queue: at most 8 data queues, and the message queue; and
 * requests of one data queue (a power of two).
 */
#define RS_QUEUES_MAX		9
#define RS_DEPTH_MIN		8
#define RS_DEPTH_MAX		1024
/* Entries of the control queue. */
#define RS_CTRL_DEPTH		16

/* Smallest and largest buffer of a pool, bytes; both powers of two. */
#define RS_BUF_MIN		2048
#define RS_BUF_MAX		65536
/* rs_sqe.buf of a request that has no buffer. */
#define RS_BUF_NONE		(~(__u64)0)

/* Bounds of rs_arm.pool_size, bytes. */
#define RS_POOL_MIN		(256U << 10)
#define RS_POOL_MAX		(256U << 20)
/* rs_arm.pool_iova of a pool that no device reaches. */
#define RS_IOVA_NONE		(~(__u64)0)
/* Largest state a driver may leave to its successor by RS_IOC_STATE_PUT, bytes. */
#define RS_STATE_MAX		(1U << 20)
/* The same of the state that it maps. */
#define RS_STATE_MAP_MAX	(64ULL << 30)

/*
 * mmap offsets.  Bits 44..47 name the kind, 36..43 the index (queue or BAR), the
 * rest is the offset inside.
 */
#define RS_MMAP_KIND_SHIFT	44
#define RS_MMAP_INDEX_SHIFT	36
#define RS_MMAP_OFFSET(kind, index) \
	(((__u64)(kind) << RS_MMAP_KIND_SHIFT) | ((__u64)(index) << RS_MMAP_INDEX_SHIFT))

/**
 * enum rs_mmap_kind - what an instance file can map
 * @RS_MMAP_SQ: submission ring of queue <index>; PROT_READ only
 * @RS_MMAP_CQ: completion ring of queue <index>
 * @RS_MMAP_POOL: the instance's pool
 * @RS_MMAP_BAR: PCI BAR <index> of the slot's lease; reachable only while bound
 * @RS_MMAP_STATE: the slot's mapped state (RS_IOC_STATE_MAP).  A mapping with PROT_WRITE is
 *	reachable only while bound, one without also by a standby
 */
enum rs_mmap_kind {
	RS_MMAP_SQ	= 1,
	RS_MMAP_CQ	= 2,
	RS_MMAP_POOL	= 3,
	RS_MMAP_BAR	= 4,
	RS_MMAP_STATE	= 5,
};

/**
 * struct rs_sq - head of a submission ring; the entries follow at RS_RING_ENTRIES
 * @tail: entries ever written, modulo 2^32
 * @nr: entries in the ring, a power of two
 * @epoch: epoch of the binding under which the entries were written
 * @reserved: zero
 */
struct rs_sq {
	__u32 tail;
	__u32 nr;
	__u32 epoch;
	__u32 reserved[13];
};

/**
 * struct rs_cq - head of a completion ring; the entries follow at RS_RING_ENTRIES
 * @tail: entries ever written by the driver, modulo 2^32
 * @nr: entries in the ring, a power of two; informative, the kernel has its own
 * @reserved: zero
 */
struct rs_cq {
	__u32 tail;
	__u32 nr;
	__u32 reserved[14];
};

/* Offset of a ring's first entry from its head, bytes. */
#define RS_RING_ENTRIES		64

/**
 * struct rs_sqe - one request
 * @id: names this publication of the request; echoed in rs_cqe.id.  Opaque:
 *	tag, queue and generation, checked by the kernel
 * @op: enum rs_op
 * @flags: RS_SQE_*
 * @attempt: how many instances this request was published to before
 * @minor: minor device (chr), disk (blk), 0 otherwise
 * @seq: the request's number in its queue.  Unlike @id it stays the same when
 *	the request is replayed to another instance: what a driver can compare
 *	with its saved state to know whether it had done the work
 * @offset: file position (chr), place on the disk (blk), bytes
 * @buf: offset of the buffer in the pool, or RS_BUF_NONE
 * @len: bytes of payload in the buffer (towards the driver), or wanted from it
 * @buf_len: bytes of the buffer
 * @file: number of the open file (chr), 0 otherwise
 * @arg: see enum rs_op
 * @data: see enum rs_op
 */
struct rs_sqe {
	__u64 id;
	__u16 op;
	__u16 flags;
	__u16 attempt;
	__u16 minor;
	__u64 seq;
	__u64 offset;
	__u64 buf;
	__u32 len;
	__u32 buf_len;
	__u32 file;
	__u32 arg;
	__u64 data;
};

/* rs_sqe.flags: an earlier instance may have executed this request. */
#define RS_SQE_REPLAYED		(1U << 0)
/* rs_sqe.flags: RS_OP_CHR_OPEN of a file that was open before the restart. */
#define RS_SQE_REOPEN		(1U << 1)
/* rs_sqe.flags: the file is O_NONBLOCK; answer -EAGAIN rather than wait. */
#define RS_SQE_NONBLOCK		(1U << 2)

/**
 * struct rs_cqe - one completion
 * @id: the request's rs_sqe.id
 * @res: bytes done or 0, or a negative errno
 * @flags: RS_CQE_*; unknown bits are a violation
 * @aux: see enum rs_op; zero where nothing is said
 * @reserved: zero
 */
struct rs_cqe {
	__u64 id;
	__s32 res;
	__u32 flags;
	__u64 aux;
	__u64 reserved;
};

/* rs_cqe.flags of RS_OP_NET_RX: the device verified the L4 checksum. */
#define RS_CQE_CSUM_OK		(1U << 0)
#define RS_CQE_F_ALL		(RS_CQE_CSUM_OK)

/**
 * enum rs_op - what a request asks for
 *
 * Control queue, every class:
 * @RS_OP_INIT: initialise.  arg = enum rs_init, data = restarts of the slot so
 *	far, len = bytes of saved state.  The answer is synchronous: until it
 *	comes no request is sent.  A driver calls RS_IOC_ANNOUNCE before it
 *	answers 0
 * @RS_OP_PREPARE: get ready to be replaced (MINIX: RS_LU_PREPARE).  arg = enum rs_lu_state, data =
 *	milliseconds that there are; the buffer holds len bytes of an expression (RS_LU_EVAL).
 *	The driver goes on serving until it is in that state, calls RS_IOC_HOLD, finishes what it
 *	has, saves its state and answers 0; or it answers a negative errno and goes on.  If it is
 *	not replaced it is told so by arg = RS_LU_NULL, or by INIT (ROLLBACK)
 * @RS_OP_NET_CONF: the interface's whole configuration, struct rs_net_conf in
 *	the buffer.  Sent at each change and replayed after each restart
 *	(MINIX: DL_CONF)
 * @RS_OP_NET_STATS: device statistics; the driver fills the buffer with struct
 *	rs_net_stat, res = bytes (MINIX: DL_GETSTAT)
 *
 * chr, queue 1:
 * @RS_OP_CHR_OPEN: arg = open flags less O_CREAT, O_EXCL, O_TRUNC
 * @RS_OP_CHR_CLOSE: the last descriptor of @file is gone; the result is ignored
 * @RS_OP_CHR_READ: fill at most len bytes of the buffer, res = bytes
 * @RS_OP_CHR_WRITE: take at most len bytes from the buffer, res = bytes
 * @RS_OP_CHR_IOCTL: arg = command; the buffer holds _IOC_SIZE(cmd) bytes both
 *	ways; data = the argument word of a command without _IOC_DIR
 * @RS_OP_CHR_FSYNC: make what was written durable
 *
 * message queue, every class:
 * @RS_OP_MSG: a message of another service; see rs_msg.h
 *
 * net:
 * @RS_OP_NET_TX: queue 1; send the frame of len bytes in the buffer
 * @RS_OP_NET_RX: queue 2; an empty buffer of buf_len bytes for a received
 *	frame; res = its length
 *
 * blk, any data queue; offset and lengths are multiples of the disk's block size:
 * @RS_OP_BLK_READ: fill len bytes of the buffer, res = len
 * @RS_OP_BLK_WRITE: write len bytes from the buffer, res = len; arg = RS_BLK_FUA or 0
 * @RS_OP_BLK_FLUSH: make all writes durable that were completed before; res = 0
 * @RS_OP_BLK_DISCARD: data bytes from offset on are not needed any more; res = 0
 * @RS_OP_BLK_WRITE_ZEROES: data bytes from offset on shall read as zero; arg = RS_BLK_NO_UNMAP
 *	or 0; res = 0
 *
 * A block request is done as a whole or failed: a shorter res gives EIO.
 */
enum rs_op {
	RS_OP_INIT		= 1,
	RS_OP_PREPARE		= 2,

	RS_OP_MSG		= 8,

	RS_OP_NET_CONF		= 16,
	RS_OP_NET_STATS		= 17,

	RS_OP_CHR_OPEN		= 32,
	RS_OP_CHR_CLOSE		= 33,
	RS_OP_CHR_READ		= 34,
	RS_OP_CHR_WRITE		= 35,
	RS_OP_CHR_IOCTL		= 36,
	RS_OP_CHR_FSYNC		= 37,

	RS_OP_NET_TX		= 48,
	RS_OP_NET_RX		= 49,

	RS_OP_BLK_READ		= 64,
	RS_OP_BLK_WRITE		= 65,
	RS_OP_BLK_FLUSH		= 66,
	RS_OP_BLK_DISCARD	= 67,
	RS_OP_BLK_WRITE_ZEROES	= 68,
};

/**
 * enum rs_init - rs_sqe.arg of RS_OP_INIT (MINIX: SEF_INIT_*)
 * @RS_INIT_FRESH: first start of the service
 * @RS_INIT_LU: live update; saved state is the predecessor's last word
 * @RS_INIT_RESTART: after a crash; saved state is what the predecessor committed
 * @RS_INIT_ROLLBACK: a live update failed and this, the old, instance serves again
 */
enum rs_init {
	RS_INIT_FRESH		= 0,
	RS_INIT_LU		= 1,
	RS_INIT_RESTART		= 2,
	RS_INIT_ROLLBACK	= 3,
};

/**
 * struct rs_arm - RS_IOC_ARM: make this file an instance (CAP_SYS_ADMIN; rsd)
 * @endpoint: the slot it belongs to
 * @pid: thread group that may attach, as the caller's pid namespace numbers it;
 *	an unreaped child of the caller, so that the number cannot be another's
 * @flags: RS_ARM_*
 * @instance: out: the instance's number, unique in the slot's life
 * @pool_size: bytes of the pool, a multiple of the page size; 0 takes the class's default.
 *	out: what it is
 * @pool_iova: where the caller maps the pool for DMA, or RS_IOVA_NONE
 *
 * Errors: EPERM not CAP_SYS_ADMIN; EBUSY armed already; EOWNERDEAD stale endpoint;
 * EINVAL bogus endpoint, flag or size; ESRCH no such process; ENOMEM.
 */
struct rs_arm {
	__s32 endpoint;
	__s32 pid;
	__u32 flags;
	__u32 instance;
	__u64 pool_size;
	__u64 pool_iova;
};

/* rs_arm.flags: never bind on attach or failover; only RSMOD_CMD_SWAP does (live update). */
#define RS_ARM_HOLD		(1U << 0)
#define RS_ARM_F_ALL		(RS_ARM_HOLD)

/**
 * struct rs_attach - RS_IOC_ATTACH: the process takes its instance, once
 * @version: RS_ABI_VERSION
 * @class: enum rs_class the driver implements; must be the slot's
 * @features: wanted, RS_FEATURE_*; out: granted.  Unknown bits: EOPNOTSUPP
 * @effects: enum rs_effects the driver has; must not exceed what the slot allows
 * @nr_queues: out: data queues
 * @depth: out: requests of each data queue
 * @flags: zero
 * @private_size: bytes at the start of the pool that the driver keeps for itself
 *	(descriptor rings), rounded up to pages; at most half of the pool
 * @endpoint: out
 * @instance: out
 * @pool_size: out: bytes
 * @pool_iova: out: address of the pool as the device sees it, or RS_IOVA_NONE
 * @label: out: the service's label
 * @msg_queue: out: number of the message queue, the last one
 * @msg_depth: out: requests of the message queue
 * @reserved: zero
 *
 * It is not a standby yet, so that a failover does not wait for what it still has to do: map its
 * rings, touch its pool.  With its first ENTER of the control queue it is.  Then, if the slot has
 * no bound instance, this one is bound and finds INIT in that queue; else it waits there.
 *
 * Errors: EPERM the caller is not the process that the file was armed for; ENODEV not
 * armed; EBUSY attached already; EPROTO version; EINVAL class or sizes; EACCES effects;
 * EOPNOTSUPP features; EOWNERDEAD the slot is gone.
 */
struct rs_attach {
	__u32 version;
	__u32 class;
	__u64 features;
	__u32 effects;
	__u32 nr_queues;
	__u32 depth;
	__u32 flags;
	__u64 private_size;
	__s32 endpoint;
	__u32 instance;
	__u64 pool_size;
	__u64 pool_iova;
	char label[RS_LABEL_MAX];
	__u32 msg_queue;
	__u32 msg_depth;
	__u64 reserved[3];
};

/* Each net buffer starts with a struct virtio_net_hdr (reserved for offloads, not granted yet). */
#define RS_FEATURE_VNET_HDR	(1ULL << 0)
#define RS_FEATURE_ALL		(0ULL)

/**
 * struct rs_enter_queue - one queue of RS_IOC_ENTER
 * @credit: how many requests may be published and not yet completed: the driver's
 *	window, and what is suspected if it crashes.  Bounded by the depth
 * @sq_head: entries the driver has read so far, modulo 2^32
 */
struct rs_enter_queue {
	__u32 credit;
	__u32 sq_head;
};

/* Queues one call can serve. */
#define RS_ENTER_QUEUES		(RS_QUEUES_MAX + 1)

/**
 * struct rs_enter - RS_IOC_ENTER: reap completions and wait for requests, in one call
 * @flags: RS_ENTER_*
 * @first: first queue this thread serves
 * @nr: number of queues, at most RS_ENTER_QUEUES; a queue belongs to one thread
 * @timeout_ns: how long to sleep, or RS_TIMEOUT_NONE
 * @spin_ns: how long to look for work before sleeping, at most RS_SPIN_MAX_NS
 * @events: out: RS_EVENT_*
 * @irqs: out: bit per interrupt vector that fired since the last call
 * @reaped: out: completions taken
 * @signals: out: with RS_EVENT_SIGNAL, bit n - 1 for signal n
 * @queue: the queues, from @first
 *
 * Returns at once if a queue's SQ holds more than @sq_head says, or if an event is
 * pending.  Only one thread waits for events: the one that serves queue 0; but all wait for STOP.
 *
 * Errors: ETIME nothing came in time; EINTR; EOWNERDEAD the instance is not bound any
 * more and will not be; EINVAL; EFAULT.
 */
struct rs_enter {
	__u32 flags;
	__u16 first;
	__u16 nr;
	__u64 timeout_ns;
	__u32 spin_ns;
	__u32 events;
	__u64 irqs;
	__u32 reaped;
	__u32 signals;
	struct rs_enter_queue queue[RS_ENTER_QUEUES];
};

/* rs_enter.flags: reap only, do not wait. */
#define RS_ENTER_NOWAIT		(1U << 0)
#define RS_ENTER_F_ALL		(RS_ENTER_NOWAIT)

#define RS_TIMEOUT_NONE		(~(__u64)0)
#define RS_SPIN_MAX_NS		1000000

/* rs_enter.events: rsd asks for a sign of life; the call that returned this was it. */
#define RS_EVENT_PING		(1U << 0)
/* rs_enter.events: an interrupt fired, see rs_enter.irqs. */
#define RS_EVENT_IRQ		(1U << 1)
/* rs_enter.events: the service is taken down; finish and exit.  Each thread is told, each time. */
#define RS_EVENT_STOP		(1U << 2)
/* rs_enter.events: services notified this one, see RS_IOC_MSG_NOTIFIED; until all is taken. */
#define RS_EVENT_NOTIFY		(1U << 3)
/* rs_enter.events: the service's alarm went off, see RS_IOC_ALARM. */
#define RS_EVENT_ALARM		(1U << 4)
/* rs_enter.events: signals came, see rs_enter.signals and RS_IOC_SIGNAL. */
#define RS_EVENT_SIGNAL		(1U << 5)
/* The last signal that can be told so. */
#define RS_SIGNAL_MAX		31

/* Bytes of rs_dying.text, the final NUL included. */
#define RS_DYING_TEXT		128

/**
 * struct rs_dying - RS_IOC_DYING: the instance reports its own end
 * @signo: signal that it died of, or 0 for a panic
 * @flags: zero
 * @addr: faulting address, or 0
 * @text: why, for rsctl
 *
 * The call never returns to code that may touch the device: by the time it returns
 * the instance is unbound.
 */
struct rs_dying {
	__u32 signo;
	__u32 flags;
	__u64 addr;
	char text[RS_DYING_TEXT];
};

/**
 * struct rs_state - RS_IOC_STATE_PUT, RS_IOC_STATE_GET: what a driver leaves to its successor
 * @addr: user address
 * @len: PUT: bytes to save, at most RS_STATE_MAX.  GET: room; out: bytes there are
 * @version: the driver's own version of the layout
 *
 * PUT replaces the whole state, or leaves the old one: there is no half.  Only the
 * bound instance may (EOWNERDEAD).  GET works for a bound instance and for a standby.
 */
struct rs_state {
	__u64 addr;
	__u32 len;
	__u32 version;
};

/**
 * struct rs_state_map - RS_IOC_STATE_MAP: large state, for mmap(RS_MMAP_STATE)
 * @size: bytes, a multiple of the page size, or 0 to ask; out: bytes that there are, 0 = none
 *
 * The first bound instance that asks for a size makes it, zeroed; it keeps that size, and its
 * contents, as long as the slot is there.  An instance that is unbound loses it at once: its
 * mappings are taken away, and what it writes afterwards reaches nothing (SIGBUS).  Unlike that of
 * RS_IOC_STATE_PUT this state may be found half written.  Its pages cannot be pinned: direct I/O
 * into it fails.
 *
 * Errors: EOWNERDEAD not bound, of an instance that would make it; EINVAL; EFBIG; ENOMEM.
 */
struct rs_state_map {
	__u64 size;
};

/**
 * enum rs_replay - what happens to a published request when its instance dies
 * @RS_REPLAY_DEFAULT: the class's default for the operation
 * @RS_REPLAY_AGAIN: it is sent to the successor
 * @RS_REPLAY_ONCE: it is not sent again; the client gets EIO (a frame is dropped and counted)
 */
enum rs_replay {
	RS_REPLAY_DEFAULT	= 0,
	RS_REPLAY_AGAIN		= 1,
	RS_REPLAY_ONCE		= 2,
	/* private: */
	__RS_REPLAY_LAST
};

/**
 * struct rs_announce_chr - what a character driver says of itself
 * @nr_minors: minor devices, 1..RS_CHR_MINORS_MAX; minor 0 is /dev/rs/<label>, the others
 *	/dev/rs/<label>.<n>
 * @flags: RS_CHR_*
 * @max_io: largest read or write that it takes at once, bytes; 0 = RS_BUF_MAX
 * @replay_read: enum rs_replay; default AGAIN
 * @replay_write: enum rs_replay; default ONCE
 * @replay_ioctl: enum rs_replay for commands that are not _IOC_READ alone; default ONCE.
 *	Commands that only read are always sent again
 * @reserved: zero
 */
struct rs_announce_chr {
	__u32 nr_minors;
	__u32 flags;
	__u32 max_io;
	__u8 replay_read;
	__u8 replay_write;
	__u8 replay_ioctl;
	__u8 reserved[17];
};

#define RS_CHR_MINORS_MAX	16
/* The device has positions: pread, pwrite and lseek work. */
#define RS_CHR_SEEKABLE		(1U << 0)
/* Open files are not reopened after a restart: they give EIO until closed. */
#define RS_CHR_INVALIDATE	(1U << 1)
#define RS_CHR_F_ALL		(RS_CHR_SEEKABLE | RS_CHR_INVALIDATE)

/**
 * struct rs_announce_net - what a network driver says of itself
 * @mac: the device's own address, used when the interface is first made
 * @flags: zero
 * @min_mtu: bytes
 * @max_mtu: bytes
 * @reserved: zero
 */
struct rs_announce_net {
	__u8 mac[6];
	__u16 flags;
	__u32 min_mtu;
	__u32 max_mtu;
	__u8 reserved[16];
};

/**
 * struct rs_announce - RS_IOC_ANNOUNCE: the device as the driver found it, during INIT
 * @class: must be the slot's
 * @flags: zero
 * @chr: of class chr
 * @net: of class net
 * @blk: of class blk; one announcement for each disk
 * @reserved: zero beyond the class's own part
 *
 * At the first announcement of a slot the front-end is made; later ones must describe
 * the same device (EINVAL).  The name follows MINIX's driver_announce().
 */
struct rs_announce {
	__u32 class;
	__u32 flags;
	union {
		struct rs_announce_chr chr;
		struct rs_announce_net net;
		struct rs_announce_blk blk;
		__u8 reserved[248];
	};
};

/* Multicast addresses one rs_net_conf carries; with more RS_NET_ALLMULTI is set instead. */
#define RS_NET_MC_MAX		128

/**
 * struct rs_net_conf - buffer of RS_OP_NET_CONF: the whole configuration
 * @flags: RS_NET_*
 * @mtu: bytes
 * @mac: the interface's address
 * @nr_mc: multicast addresses that follow in @mc
 * @rx_buf_len: bytes of each RX buffer that the kernel posts from now on
 * @mc: multicast addresses to accept
 */
struct rs_net_conf {
	__u32 flags;
	__u32 mtu;
	__u8 mac[6];
	__u16 nr_mc;
	__u32 rx_buf_len;
	__u8 mc[RS_NET_MC_MAX][6];
};

/* rs_net_conf.flags: the interface is administratively up. */
#define RS_NET_UP		(1U << 0)
#define RS_NET_PROMISC		(1U << 1)
#define RS_NET_ALLMULTI		(1U << 2)

/**
 * struct rs_net_stat - one counter of RS_OP_NET_STATS
 * @name: as ethtool -S shows it; the final NUL included
 * @value: since the device was reset
 */
struct rs_net_stat {
	char name[24];
	__u64 value;
};

/**
 * struct rs_net_link - RS_IOC_NET_LINK: the link as the device reports it
 * @flags: RS_NET_LINK_*
 * @speed: Mbit/s, 0 = unknown
 *
 * While no driver is bound the interface keeps the last word.
 */
struct rs_net_link {
	__u32 flags;
	__u32 speed;
};

#define RS_NET_LINK_UP		(1U << 0)
#define RS_NET_LINK_FULL	(1U << 1)

/**
 * struct rs_region - one region of a leased device
 * @size: bytes, 0 = there is none
 * @flags: RS_REGION_*
 * @reserved: zero
 * @mmap_offset: for mmap of the instance file
 */
struct rs_region {
	__u64 size;
	__u32 flags;
	__u32 reserved;
	__u64 mmap_offset;
};

#define RS_REGION_READ		(1U << 0)
#define RS_REGION_WRITE		(1U << 1)
#define RS_REGION_MMAP		(1U << 2)
/* An I/O port region. */
#define RS_REGION_PORT		(1U << 3)

/* PCI BARs 0..5 and the expansion ROM. */
#define RS_REGIONS		7

/**
 * struct rs_lease_info - RS_IOC_LEASE_INFO: the device a slot holds
 * @kind: enum rs_lease_kind
 * @nr_irqs: interrupt vectors, numbered from 0, that reach RS_IOC_ENTER
 * @name: "0000:01:00.0"
 * @vendor: PCI vendor
 * @device: PCI device
 * @subvendor: PCI subsystem vendor
 * @subdevice: PCI subsystem device
 * @class: PCI class code, 24 bits
 * @revision: PCI revision
 * @region: BARs 0..5 and ROM
 * @reserved: zero
 *
 * Errors: ENODEV the slot holds no device, or it was unplugged.
 */
struct rs_lease_info {
	__u32 kind;
	__u32 nr_irqs;
	char name[16];
	__u16 vendor;
	__u16 device;
	__u16 subvendor;
	__u16 subdevice;
	__u32 class;
	__u32 revision;
	struct rs_region region[RS_REGIONS];
	__u64 reserved[4];
};

/**
 * enum rs_lease_kind - how a device is held
 * @RS_LEASE_NONE: it is not
 * @RS_LEASE_VFIO: vfio-pci behind an IOMMU
 */
enum rs_lease_kind {
	RS_LEASE_NONE	= 0,
	RS_LEASE_VFIO	= 1,
};

/**
 * struct rs_config - RS_IOC_CONFIG: PCI configuration space
 * @offset: bytes, a multiple of @size
 * @size: 1, 2 or 4
 * @flags: RS_CONFIG_WRITE
 * @value: to write, or what was read
 *
 * Served by the module.  Writes to the command register, power management, FLR, MSI(-X) and
 * BARs are refused (EPERM, and counted); addresses read as zero.  Errors: EOWNERDEAD not bound;
 * ENODEV; EINVAL; EAGAIN the device is being reset.
 */
struct rs_config {
	__u32 offset;
	__u32 size;
	__u32 flags;
	__u32 value;
};

#define RS_CONFIG_WRITE		(1U << 0)

/**
 * enum rs_device_op - argument of RS_IOC_DEVICE, by the bound instance only
 * @RS_DEVICE_MASTER_ON: let the device use DMA and send MSIs; the last step of a takeover,
 *	after the rings have been set up in this instance's pool
 * @RS_DEVICE_MASTER_OFF: stop it
 * @RS_DEVICE_RESET: function-level reset; the mappings are zapped around it, bus mastering is off
 *	after it
 *
 * Errors: EOWNERDEAD not bound; ENODEV; EINVAL; EAGAIN, of a reset: the device is being bound,
 * unbound or reset; ENOTTY the device has no reset.
 */
enum rs_device_op {
	RS_DEVICE_MASTER_OFF	= 0,
	RS_DEVICE_MASTER_ON	= 1,
	RS_DEVICE_RESET		= 2,
};

/* Interrupt vectors of a lease. */
#define RS_IRQS_MAX		64

/**
 * struct rs_lease_vfio - RS_IOC_LEASE_ADD, RS_IOC_LEASE_GET: a VFIO device (CAP_SYS_ADMIN; rsd)
 * @endpoint: the slot that holds it
 * @flags: zero
 * @name: "0000:01:00.0", as in /sys/bus/pci/devices
 * @container_fd: /dev/vfio/vfio with the group and a type 1 IOMMU set
 * @group_fd: /dev/vfio/<group>; the group may contain no other device
 * @device_fd: from VFIO_GROUP_GET_DEVICE_FD
 * @nr_irqs: vectors that VFIO_DEVICE_SET_IRQS has been set up with
 * @irq_fds: ADD: user address of __s32[nr_irqs], the eventfds of those vectors; GET: zero
 * @reserved: zero
 *
 * ADD: the slot takes references to the files and lends revocable access to whichever instance
 * is bound.  Vectors are MSI or MSI-X.  Errors: EEXIST the slot holds a lease; EBUSY another slot
 * holds the device or its group; ENODEV no such device or not bound to vfio-pci; EINVAL wrong
 * files, INTx, or the slot's effects are not RS_EFFECTS_DEVICE; EBADF; EXDEV the group is shared;
 * EAGAIN the device is being bound or unbound; EOPNOTSUPP rsmod_vfio cannot be loaded.
 * GET: a new rsd gets the container and the device back.  Errors: ENODEV, EMFILE.
 */
struct rs_lease_vfio {
	__s32 endpoint;
	__u32 flags;
	char name[16];
	__s32 container_fd;
	__s32 group_fd;
	__s32 device_fd;
	__u32 nr_irqs;
	__u64 irq_fds;
	__u64 reserved[2];
};

#define RS_IOC_MAGIC		0xB5

/* rsd */
#define RS_IOC_ARM		_IOWR(RS_IOC_MAGIC, 0x00, struct rs_arm)
#define RS_IOC_LEASE_ADD	_IOW(RS_IOC_MAGIC, 0x01, struct rs_lease_vfio)
#define RS_IOC_LEASE_GET	_IOWR(RS_IOC_MAGIC, 0x02, struct rs_lease_vfio)

/* instances */
#define RS_IOC_ATTACH		_IOWR(RS_IOC_MAGIC, 0x10, struct rs_attach)
#define RS_IOC_ENTER		_IOWR(RS_IOC_MAGIC, 0x11, struct rs_enter)
#define RS_IOC_DYING		_IOW(RS_IOC_MAGIC, 0x12, struct rs_dying)
#define RS_IOC_ANNOUNCE		_IOW(RS_IOC_MAGIC, 0x13, struct rs_announce)
#define RS_IOC_STATE_PUT	_IOW(RS_IOC_MAGIC, 0x14, struct rs_state)
#define RS_IOC_STATE_GET	_IOWR(RS_IOC_MAGIC, 0x15, struct rs_state)
#define RS_IOC_STATE_MAP	_IOWR(RS_IOC_MAGIC, 0x16, struct rs_state_map)
#define RS_IOC_NET_LINK		_IOW(RS_IOC_MAGIC, 0x18, struct rs_net_link)
#define RS_IOC_BLK_RESIZE	_IOW(RS_IOC_MAGIC, 0x19, struct rs_blk_resize)
#define RS_IOC_LEASE_INFO	_IOR(RS_IOC_MAGIC, 0x20, struct rs_lease_info)
#define RS_IOC_CONFIG		_IOWR(RS_IOC_MAGIC, 0x21, struct rs_config)
/*
 * No more requests until the update is over; what is published already is to be finished.  By the
 * bound instance, that was asked to prepare.  Errors: EINVAL nothing is asked (any more);
 * EOWNERDEAD not bound.
 */
#define RS_IOC_HOLD		_IO(RS_IOC_MAGIC, 0x16)
/*
 * Tell the thread that waits for events of a signal, by value: 1 to RS_SIGNAL_MAX.  For a handler of
 * signals; also rsd's, by RSMOD_CMD_INST_SIGNAL (MINIX: SIGS_SIGNAL_RECEIVED).  Errors: EINVAL.
 */
#define RS_IOC_SIGNAL		_IO(RS_IOC_MAGIC, 0x17)
/* argument by value: enum rs_device_op */
#define RS_IOC_DEVICE		_IO(RS_IOC_MAGIC, 0x22)

#endif /* _UAPI_LINUX_RS_CHANNEL_H */
