// SPDX-License-Identifier: GPL-2.0-only
/*
 * How commands are built
 */
#include <string.h>

#include "command.h"

/* Queues are contiguous; a completion queue interrupts. */
#define QUEUE_CONTIGUOUS	UINT32_C(1)
#define CQ_INTERRUPTS		UINT32_C(2)

#define DSM_DEALLOCATE		(UINT32_C(1) << 2)

static void cmd_init(struct nvme_cmd *cmd, uint8_t opcode, uint32_t nsid)
{
	memset(cmd, 0, sizeof(*cmd));
	cmd->opcode = opcode;
	cmd->nsid = htole32(nsid);
}

void cmd_io(struct nvme_cmd *cmd, uint8_t opcode, uint32_t nsid, uint64_t start, uint32_t blocks,
	    uint32_t flags)
{
	cmd_init(cmd, opcode, nsid);
	cmd->cdw10[0] = htole32((uint32_t)start);
	cmd->cdw10[1] = htole32((uint32_t)(start >> 32));
	cmd->cdw10[2] = htole32(((blocks - 1) & 0xffff) | flags);
}

void cmd_flush(struct nvme_cmd *cmd, uint32_t nsid)
{
	cmd_init(cmd, NVM_FLUSH, nsid);
}

void cmd_deallocate(struct nvme_cmd *cmd, uint32_t nsid)
{
	cmd_init(cmd, NVM_DSM, nsid);
	/* Word 10 is the number of ranges less 1. */
	cmd->cdw10[1] = htole32(DSM_DEALLOCATE);
}

void cmd_identify(struct nvme_cmd *cmd, uint8_t cns, uint32_t nsid, uint64_t prp)
{
	cmd_init(cmd, ADM_IDENTIFY, nsid);
	cmd->prp[0] = htole64(prp);
	cmd->cdw10[0] = htole32(cns);
}

void cmd_create_cq(struct nvme_cmd *cmd, uint16_t id, uint32_t nr, uint16_t vector, uint64_t prp)
{
	cmd_init(cmd, ADM_CREATE_CQ, 0);
	cmd->prp[0] = htole64(prp);
	cmd->cdw10[0] = htole32((nr - 1) << 16 | id);
	cmd->cdw10[1] = htole32((uint32_t)vector << 16 | CQ_INTERRUPTS | QUEUE_CONTIGUOUS);
}

void cmd_create_sq(struct nvme_cmd *cmd, uint16_t id, uint32_t nr, uint64_t prp)
{
	cmd_init(cmd, ADM_CREATE_SQ, 0);
	cmd->prp[0] = htole64(prp);
	cmd->cdw10[0] = htole32((nr - 1) << 16 | id);
	cmd->cdw10[1] = htole32((uint32_t)id << 16 | QUEUE_CONTIGUOUS);
}

void cmd_delete(struct nvme_cmd *cmd, uint8_t opcode, uint16_t id)
{
	cmd_init(cmd, opcode, 0);
	cmd->cdw10[0] = htole32(id);
}

void cmd_abort(struct nvme_cmd *cmd, uint16_t id, uint16_t cid)
{
	cmd_init(cmd, ADM_ABORT, 0);
	cmd->cdw10[0] = htole32((uint32_t)cid << 16 | id);
}

static void cmd_set_feature(struct nvme_cmd *cmd, uint8_t feature, uint32_t value)
{
	cmd_init(cmd, ADM_SET_FEATURES, 0);
	cmd->cdw10[0] = htole32(feature);
	cmd->cdw10[1] = htole32(value);
}

void cmd_nr_queues(struct nvme_cmd *cmd, uint32_t nr)
{
	cmd_set_feature(cmd, FEAT_NR_QUEUES, (nr - 1) << 16 | (nr - 1));
}

uint32_t cmd_granted(uint32_t result)
{
	uint32_t sqs = result & 0xffff, cqs = result >> 16;

	return (sqs < cqs ? sqs : cqs) + 1;
}

void cmd_events(struct nvme_cmd *cmd, uint32_t events)
{
	cmd_set_feature(cmd, FEAT_ASYNC_EVENTS, events);
}

void cmd_async_event(struct nvme_cmd *cmd)
{
	cmd_init(cmd, ADM_ASYNC_EVENT, 0);
}

void cmd_get_log(struct nvme_cmd *cmd, uint8_t log, uint32_t bytes, uint64_t prp)
{
	cmd_init(cmd, ADM_GET_LOG, UINT32_MAX);
	cmd->prp[0] = htole64(prp);
	cmd->cdw10[0] = htole32((bytes / 4 - 1) << 16 | log);
}
