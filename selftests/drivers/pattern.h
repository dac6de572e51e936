/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pattern device: what it reads, and how a test makes it die
 *
 * Reads and writes are numbered from 0, separately, in the order in which the driver
 * served them for the first time; the numbers are kept in the slot's state.  The byte
 * at position p of read number n is pattern_byte(p, n).  A write number n is accepted
 * if its bytes are pattern_byte(p, PATTERN_WRITE + n), else it fails with EILSEQ and
 * has no number.  So a client that counts sees at once if a request was lost, executed
 * twice, or answered from another's buffer.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Added to the number of a write. */
#define PATTERN_WRITE	(1ULL << 62)

static inline __u64 pattern_word(__u64 word, __u64 number)
{
	__u64 x = word * 0x9e3779b97f4a7c15ULL ^ (number + 1) * 0xd6e8feb86659fd93ULL;

	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93ULL;
	x ^= x >> 29;
	return x;
}

static inline __u8 pattern_byte(__u64 position, __u64 number)
{
	return (__u8)(pattern_word(position / 8, number) >> (position % 8 * 8));
}

static inline void pattern_fill(void *buf, __u64 position, __u32 len, __u64 number)
{
	__u8 *p = buf;
	__u32 i;

	for (i = 0; i < len; i++)
		p[i] = pattern_byte(position + i, number);
}

/* Index of the first wrong byte, or @len. */
static inline __u32 pattern_check(const void *buf, __u64 position, __u32 len, __u64 number)
{
	const __u8 *p = buf;
	__u32 i;

	for (i = 0; i < len && p[i] == pattern_byte(position + i, number); i++)
		;
	return i;
}

/**
 * enum pattern_how - ways to end
 * @PATTERN_SEGV: write to address 0x5eed0
 * @PATTERN_ABORT: abort()
 * @PATTERN_EXIT: _exit(3)
 * @PATTERN_SPIN: run for ever
 * @PATTERN_STOP: SIGSTOP to itself
 * @PATTERN_KILL: SIGKILL to itself
 * @PATTERN_PANIC: rsdrv_panic()
 * @PATTERN_FPE: divide by zero
 * @PATTERN_CLOSE: close the instance file, run on
 * @PATTERN_HOW_LAST: one more than the last
 */
enum pattern_how {
	PATTERN_SEGV,
	PATTERN_ABORT,
	PATTERN_EXIT,
	PATTERN_SPIN,
	PATTERN_STOP,
	PATTERN_KILL,
	PATTERN_PANIC,
	PATTERN_FPE,
	PATTERN_CLOSE,
	PATTERN_HOW_LAST,
};

/**
 * enum pattern_when - moments to end
 * @PATTERN_NEVER: not
 * @PATTERN_NOW: in the ioctl, unanswered
 * @PATTERN_BEFORE: in the next read or write, before it is numbered
 * @PATTERN_NUMBERED: in the next read or write, after the state is saved, unanswered
 * @PATTERN_ANSWERED: after the next read or write was answered
 * @PATTERN_IN_INIT: in the next init
 * @PATTERN_WHEN_LAST: one more than the last
 */
enum pattern_when {
	PATTERN_NEVER,
	PATTERN_NOW,
	PATTERN_BEFORE,
	PATTERN_NUMBERED,
	PATTERN_ANSWERED,
	PATTERN_IN_INIT,
	PATTERN_WHEN_LAST,
};

/**
 * struct pattern_crash - PATTERN_IOC_CRASH: end some instances, this one and its successors
 * @how: enum pattern_how
 * @when: enum pattern_when
 * @count: how many instances; kept in the slot's state
 * @reserved: zero
 */
struct pattern_crash {
	__u32 how;
	__u32 when;
	__u32 count;
	__u32 reserved;
};

/**
 * struct pattern_poison - PATTERN_IOC_POISON: a read or write that covers this position ends any instance
 * @position: ~0 = none
 * @how: enum pattern_how
 * @reserved: zero
 */
struct pattern_poison {
	__u64 position;
	__u32 how;
	__u32 reserved;
};

/**
 * struct pattern_info - PATTERN_IOC_INFO
 * @pid: of the instance, as it sees itself
 * @instance: its number
 * @endpoint: of the service
 * @init: enum rs_init that made it serve
 * @reads: number of the next read
 * @writes: number of the next write
 * @opens: opens of all instances, reopens left out
 * @reopens: reopens that this instance saw
 * @replayed: requests that came to this instance with RS_SQE_REPLAYED
 * @known: those that an earlier instance had numbered
 * @restarts: as told by INIT
 */
struct pattern_info {
	__s32 pid;
	__u32 instance;
	__s32 endpoint;
	__u32 init;
	__u64 reads;
	__u64 writes;
	__u64 opens;
	__u64 reopens;
	__u64 replayed;
	__u64 known;
	__u64 restarts;
};

#define PATTERN_IOC_INFO	_IOR('P', 1, struct pattern_info)
#define PATTERN_IOC_CRASH	_IOW('P', 2, struct pattern_crash)
#define PATTERN_IOC_POISON	_IOW('P', 3, struct pattern_poison)
/* No direction: returns its argument word plus 1. */
#define PATTERN_IOC_WORD	_IO('P', 4)

#endif /* PATTERN_H */
