/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands and completions, as they lie in the queues
 *
 * Source: NVM Express Base Specification 1.4; the number behind each thing is its section.
 * A function fills in all of a command but its identifier, which the queue knows
 * (queue_push()), and its data pointers (prp_fill()).
 */
#ifndef NVME_COMMAND_H
#define NVME_COMMAND_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * struct nvme_cmd - a submission queue entry (4.2), little-endian
 * @opcode: what to do
 * @flags: 0: not fused, data described by PRPs
 * @cid: names the command until it is completed
 * @nsid: namespace
 * @reserved: zero
 * @mptr: metadata; not used
 * @prp: where the data is
 * @cdw10: words 10 to 15: the command's own
 */
struct nvme_cmd {
	uint8_t opcode;
	uint8_t flags;
	uint16_t cid;
	uint32_t nsid;
	uint64_t reserved;
	uint64_t mptr;
	uint64_t prp[2];
	uint32_t cdw10[6];
};

/**
 * struct nvme_cqe - a completion queue entry (4.6), little-endian
 * @result: the command's own
 * @reserved: zero
 * @sq_head: how far the submission queue was read
 * @sq_id: which
 * @cid: the command
 * @status: phase, status (4.6.1)
 */
struct nvme_cqe {
	uint32_t result;
	uint32_t reserved;
	uint16_t sq_head;
	uint16_t sq_id;
	uint16_t cid;
	uint16_t status;
};

_Static_assert(sizeof(struct nvme_cmd) == 64, "CC.IOSQES says 64 bytes");
_Static_assert(sizeof(struct nvme_cqe) == 16, "CC.IOCQES says 16 bytes");

/* Admin commands (5) */
enum {
	ADM_DELETE_SQ		= 0x00,		/* 5.6 */
	ADM_CREATE_SQ		= 0x01,		/* 5.4 */
	ADM_GET_LOG		= 0x02,		/* 5.14 */
	ADM_DELETE_CQ		= 0x04,		/* 5.5 */
	ADM_CREATE_CQ		= 0x05,		/* 5.3 */
	ADM_IDENTIFY		= 0x06,		/* 5.15 */
	ADM_ABORT		= 0x08,		/* 5.1 */
	ADM_SET_FEATURES	= 0x09,		/* 5.21 */
	ADM_ASYNC_EVENT		= 0x0c,		/* 5.2 */
};

/* Commands of the NVM command set (6) */
enum {
	NVM_FLUSH		= 0x00,		/* 6.8 */
	NVM_WRITE		= 0x01,		/* 6.15 */
	NVM_READ		= 0x02,		/* 6.9 */
	NVM_WRITE_ZEROES	= 0x08,		/* 6.17 */
	NVM_DSM			= 0x09,		/* 6.7 */
};

/* CNS of Identify (5.15.1) */
enum {
	CNS_NAMESPACE		= 0x00,
	CNS_CONTROLLER		= 0x01,
	CNS_ACTIVE_LIST		= 0x02,
};

/* Features (5.21.1) */
enum {
	FEAT_NR_QUEUES		= 0x07,		/* 5.21.1.7 */
	FEAT_ASYNC_EVENTS	= 0x0b,		/* 5.21.1.11 */
};

/* Words 12 of commands with blocks (6.9, 6.15, 6.17) */
#define CDW12_FUA		(UINT32_C(1) << 30)
#define CDW12_DEALLOCATE	(UINT32_C(1) << 25)	/* Write Zeroes: may deallocate */

/* Events to be told of (5.21.1.11), and the one that is acted upon (5.2) */
#define EVENTS_NAMESPACE	(UINT32_C(1) << 8)
#define EVENT_TYPE(result)	((result) & 7)
#define EVENT_INFO(result)	((result) >> 8 & 0xff)
#define EVENT_LOG(result)	((uint8_t)((result) >> 16))
#define EVENT_TYPE_NOTICE	2
#define EVENT_NOTICE_NAMESPACE	0
#define LOG_CHANGED_NAMESPACES	4

/**
 * struct nvme_range - blocks to deallocate (6.7), little-endian
 * @attributes: hints; 0
 * @blocks: how many
 * @start: first
 */
struct nvme_range {
	uint32_t attributes;
	uint32_t blocks;
	uint64_t start;
};

/* cmd_io() - read, write or write zeroes, of @blocks blocks, 1..65536; @flags: CDW12_*. */
void cmd_io(struct nvme_cmd *cmd, uint8_t opcode, uint32_t nsid, uint64_t start, uint32_t blocks,
	    uint32_t flags);

/* cmd_flush() - make durable what was written to a namespace. */
void cmd_flush(struct nvme_cmd *cmd, uint32_t nsid);

/* cmd_deallocate() - one range, which the caller put where the PRP will point to. */
void cmd_deallocate(struct nvme_cmd *cmd, uint32_t nsid);

/* cmd_identify() - @prp is a page. */
void cmd_identify(struct nvme_cmd *cmd, uint8_t cns, uint32_t nsid, uint64_t prp);

/* cmd_create_cq(), cmd_create_sq() - queue pair @id of @nr entries; the first comes first. */
void cmd_create_cq(struct nvme_cmd *cmd, uint16_t id, uint32_t nr, uint16_t vector, uint64_t prp);
void cmd_create_sq(struct nvme_cmd *cmd, uint16_t id, uint32_t nr, uint64_t prp);

/* cmd_delete() - ADM_DELETE_SQ, then ADM_DELETE_CQ. */
void cmd_delete(struct nvme_cmd *cmd, uint8_t opcode, uint16_t id);

/* cmd_abort() - command @cid of queue @id. */
void cmd_abort(struct nvme_cmd *cmd, uint16_t id, uint16_t cid);

/* cmd_nr_queues() - ask for so many queue pairs; cmd_granted() reads the answer. */
void cmd_nr_queues(struct nvme_cmd *cmd, uint32_t nr);
uint32_t cmd_granted(uint32_t result);

/* cmd_events() - which events to tell of; cmd_async_event() - tell of the next one. */
void cmd_events(struct nvme_cmd *cmd, uint32_t events);
void cmd_async_event(struct nvme_cmd *cmd);

/* cmd_get_log() - @bytes of a log page, a multiple of 4; it may be reported anew. */
void cmd_get_log(struct nvme_cmd *cmd, uint8_t log, uint32_t bytes, uint64_t prp);

#endif /* NVME_COMMAND_H */
