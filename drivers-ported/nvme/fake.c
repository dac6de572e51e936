// SPDX-License-Identifier: GPL-2.0-only
/*
 * The controller for tests: what its thread does
 *
 * One turn: follow CC, then take one command from each submission queue whose doorbell says so.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "identify.h"
#include "prp.h"
#include "queue.h"
#include "registers.h"
#include "status.h"

#define PAIRS		9
#define SWALLOWED_MAX	64

struct fake fake;

/* A queue pair as the controller knows it. */
struct side {
	struct nvme_cmd *sq;
	struct nvme_cqe *cq;
	uint32_t sq_nr;
	uint32_t cq_nr;
	uint32_t head;
	uint32_t tail;
	uint16_t phase;
};

static struct {
	pthread_t thread;
	bool stop;
	bool reset;
	bool on;
	struct side side[PAIRS];
	struct {
		uint16_t id;
		struct nvme_cmd cmd;
	} swallowed[SWALLOWED_MAX];
	unsigned int nr_swallowed;
	bool event_wanted;
	uint16_t event_cid;
} ctrl;

uint32_t fake_bytes(unsigned int ns)
{
	return ns ? 4096 : 512;
}

static uint32_t rd(size_t reg)
{
	return __atomic_load_n(&fake.bar[reg / 4], __ATOMIC_ACQUIRE);
}

static void wr(size_t reg, uint32_t value)
{
	__atomic_store_n(&fake.bar[reg / 4], value, __ATOMIC_RELEASE);
}

static void fault(void)
{
	__atomic_add_fetch(&fake.faults, 1, __ATOMIC_RELAXED);
}

static void count(unsigned int *what, unsigned int n)
{
	__atomic_add_fetch(what, n, __ATOMIC_RELAXED);
}

static void answer(uint16_t id, uint16_t cid, uint16_t status, uint32_t result)
{
	struct side *s = &ctrl.side[id];
	struct nvme_cqe *e;

	if (!s->cq)
		return;
	e = &s->cq[s->tail];
	e->result = htole32(result);
	e->sq_head = htole16((uint16_t)s->head);
	e->sq_id = htole16(id);
	e->cid = htole16(cid);
	__atomic_store_n(&e->status, htole16((uint16_t)(status << 1 | s->phase)), __ATOMIC_RELEASE);
	s->tail = (s->tail + 1) % s->cq_nr;
	if (!s->tail)
		s->phase ^= 1;
}

static void *at(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

/* Copy between the command's data and @disk. */
static void transfer(const struct nvme_cmd *cmd, uint8_t *disk, uint32_t len, bool to_disk)
{
	uint64_t page = le64toh(cmd->prp[0]), *list = NULL;
	uint32_t n = PRP_PAGE - page % PRP_PAGE;
	bool first = true;

	while (len) {
		if (n > len)
			n = len;
		if (to_disk)
			memcpy(disk, at(page), n);
		else
			memcpy(at(page), disk, n);
		disk += n;
		len -= n;
		if (first && len > PRP_PAGE)
			list = at(le64toh(cmd->prp[1]));
		first = false;
		page = list ? le64toh(*list++) : le64toh(cmd->prp[1]);
		n = PRP_PAGE;
	}
}

static uint64_t start_of(const struct nvme_cmd *cmd)
{
	return le32toh(cmd->cdw10[0]) | (uint64_t)le32toh(cmd->cdw10[1]) << 32;
}

static uint16_t execute(const struct nvme_cmd *cmd, unsigned int ns)
{
	uint32_t blocks = (le32toh(cmd->cdw10[2]) & 0xffff) + 1, bytes = fake_bytes(ns);
	uint64_t start = start_of(cmd);
	const struct nvme_range *range;
	uint8_t *disk;

	if (cmd->opcode == NVM_FLUSH)
		return STATUS_OK;
	if (cmd->opcode == NVM_DSM) {
		range = at(le64toh(cmd->prp[0]));
		start = le64toh(range->start);
		blocks = le32toh(range->blocks);
	}
	if (start > FAKE_BLOCKS || blocks > FAKE_BLOCKS - start)
		return 0x4080;
	disk = fake.disk[ns] + start * bytes;
	switch (cmd->opcode) {
	case NVM_READ:
		transfer(cmd, disk, blocks * bytes, false);
		return STATUS_OK;
	case NVM_WRITE:
		transfer(cmd, disk, blocks * bytes, true);
		count(&fake.writes, blocks);
		return STATUS_OK;
	case NVM_WRITE_ZEROES:
		memset(disk, 0, blocks * bytes);
		return STATUS_OK;
	case NVM_DSM:
		memset(disk, 0xdd, blocks * bytes);
		return STATUS_OK;
	}
	return 0x4001;
}

static void do_io(uint16_t id, const struct nvme_cmd *cmd)
{
	uint16_t cid = le16toh(cmd->cid);
	uint32_t nsid = le32toh(cmd->nsid);

	if (cmd->opcode != NVM_FLUSH && start_of(cmd) == fake_get(swallow)) {
		if (ctrl.nr_swallowed == SWALLOWED_MAX) {
			fault();
			return;
		}
		ctrl.swallowed[ctrl.nr_swallowed].id = id;
		ctrl.swallowed[ctrl.nr_swallowed++].cmd = *cmd;
		return;
	}
	if (fake_get(fail)) {
		__atomic_sub_fetch(&fake.fail, 1, __ATOMIC_RELAXED);
		answer(id, cid, fake.fail_status, 0);
		return;
	}
	if (!nsid || nsid > FAKE_NS || !fake_get(blocks[nsid - 1]))
		answer(id, cid, 0x400b, 0);
	else
		answer(id, cid, execute(cmd, nsid - 1), 0);
}

static void identify(const struct nvme_cmd *cmd)
{
	uint8_t *page = at(le64toh(cmd->prp[0]));
	uint32_t nsid = le32toh(cmd->nsid), i, n = 0, v;
	uint64_t blocks;

	memset(page, 0, IDENTIFY_BYTES);
	switch (le32toh(cmd->cdw10[0])) {
	case CNS_CONTROLLER:
		memcpy(page + 4, "fake", 4);
		page[93] = 1;		/* OAES: namespace attribute notices */
		page[258] = 0;		/* ACL: one */
		page[520] = 0x0c;
		page[525] = 1;
		break;
	case CNS_ACTIVE_LIST:
		for (i = 0; i < FAKE_NS; i++) {
			v = htole32(i + 1);
			if (fake_get(blocks[i]))
				memcpy(page + 4 * n++, &v, 4);
		}
		break;
	case CNS_NAMESPACE:
		if (!nsid || nsid > FAKE_NS)
			break;
		blocks = htole64(fake_get(blocks[nsid - 1]));
		memcpy(page, &blocks, 8);
		page[128 + 2] = nsid == 1 ? 9 : 12;
		break;
	}
}

static uint16_t create(const struct nvme_cmd *cmd)
{
	uint32_t v = le32toh(cmd->cdw10[0]), id = v & 0xffff, nr = (v >> 16) + 1;
	struct side *s = &ctrl.side[id % PAIRS];
	void *mem = at(le64toh(cmd->prp[0]));

	if (!id || id >= PAIRS || (cmd->opcode == ADM_CREATE_CQ ? (void *)s->cq : (void *)s->sq) ||
	    (cmd->opcode == ADM_CREATE_SQ && !s->cq)) {
		fault();
		return 0x4101;
	}
	if (cmd->opcode == ADM_CREATE_CQ) {
		*s = (struct side){ .cq = mem, .cq_nr = nr, .phase = 1 };
		return STATUS_OK;
	}
	/* A doorbell is at 0 when its queue is made. */
	wr(SQ_TAIL(id, 4), 0);
	s->sq = mem;
	s->sq_nr = nr;
	return STATUS_OK;
}

/* Commands that were swallowed from queue @id, or all; @status: answer them. */
static void give_up(uint16_t id, uint16_t cid, uint16_t status)
{
	unsigned int i, kept = 0;

	for (i = 0; i < ctrl.nr_swallowed; i++) {
		uint16_t this = le16toh(ctrl.swallowed[i].cmd.cid);

		if (ctrl.swallowed[i].id == id && (cid == CID_NONE || this == cid))
			answer(id, this, status, 0);
		else
			ctrl.swallowed[kept++] = ctrl.swallowed[i];
	}
	ctrl.nr_swallowed = kept;
}

static void release(void)
{
	unsigned int i;

	for (i = 0; i < ctrl.nr_swallowed; i++)
		do_io(ctrl.swallowed[i].id, &ctrl.swallowed[i].cmd);
	ctrl.nr_swallowed = 0;
}

static uint16_t delete(const struct nvme_cmd *cmd)
{
	uint16_t id = (uint16_t)le32toh(cmd->cdw10[0]);

	if (fake_get(no_delete))
		return 0x4006;
	if (!id || id >= PAIRS || !ctrl.side[id].cq ||
	    !ctrl.side[id].sq != (cmd->opcode == ADM_DELETE_CQ)) {
		fault();
		return 0x4101;
	}
	if (cmd->opcode == ADM_DELETE_SQ) {
		count(&fake.deletes, 1);
		give_up(id, CID_NONE, STATUS_SQ_DELETED);
		ctrl.side[id].sq = NULL;
	} else {
		ctrl.side[id].cq = NULL;
	}
	return STATUS_OK;
}

static void do_admin(const struct nvme_cmd *cmd)
{
	uint16_t cid = le16toh(cmd->cid), status = STATUS_OK;
	uint32_t result = 0;

	switch (cmd->opcode) {
	case ADM_IDENTIFY:
		if (le32toh(cmd->cdw10[0]) == CNS_NAMESPACE) {
			if (__atomic_exchange_n(&fake.mute, false, __ATOMIC_ACQ_REL))
				return;
			status = fake_get(identify_status);
		}
		if (!status)
			identify(cmd);
		break;
	case ADM_CREATE_CQ:
	case ADM_CREATE_SQ:
		status = create(cmd);
		break;
	case ADM_DELETE_CQ:
	case ADM_DELETE_SQ:
		status = delete(cmd);
		break;
	case ADM_SET_FEATURES:
		result = le32toh(cmd->cdw10[1]);
		break;
	case ADM_ABORT:
		count(&fake.aborts, 1);
		result = 1;
		if (!fake_get(no_abort))
			give_up((uint16_t)le32toh(cmd->cdw10[0]),
				(uint16_t)(le32toh(cmd->cdw10[0]) >> 16), STATUS_ABORTED);
		break;
	case ADM_ASYNC_EVENT:
		ctrl.event_wanted = true;
		ctrl.event_cid = cid;
		return;
	case ADM_GET_LOG:
		break;
	default:
		status = 0x4001;
	}
	answer(0, cid, status, result);
}

static void switch_off(void)
{
	memset(ctrl.side, 0, sizeof(ctrl.side));
	ctrl.nr_swallowed = 0;
	ctrl.event_wanted = false;
	ctrl.on = false;
	wr(CSTS, 0);
	count(&fake.offs, 1);
}

static void switch_on(void)
{
	uint32_t aqa = rd(AQA);

	ctrl.side[0] = (struct side){
		.sq = at(rd(ASQ_LO) | (uint64_t)rd(ASQ_HI) << 32),
		.cq = at(rd(ACQ_LO) | (uint64_t)rd(ACQ_HI) << 32),
		.sq_nr = (aqa & 0xfff) + 1,
		.cq_nr = (aqa >> 16 & 0xfff) + 1,
		.phase = 1,
	};
	memset(&fake.bar[DOORBELLS / 4], 0, FAKE_BAR - DOORBELLS);
	ctrl.on = true;
	wr(CSTS, CSTS_RDY);
}

static void turn(void)
{
	uint32_t cc = rd(CC);
	uint16_t id;

	if (__atomic_exchange_n(&ctrl.reset, false, __ATOMIC_ACQ_REL)) {
		wr(CC, 0);
		switch_off();
		return;
	}
	if (cc & CC_EN && !ctrl.on && !(rd(CSTS) & CSTS_RDY))
		switch_on();
	if (!(cc & CC_EN) && ctrl.on && !fake_get(no_off))
		switch_off();
	if (!ctrl.on || rd(CSTS) & CSTS_CFS)
		return;
	if (__atomic_exchange_n(&fake.fatal, false, __ATOMIC_ACQ_REL)) {
		wr(CSTS, CSTS_RDY | CSTS_CFS);
		return;
	}
	if (ctrl.event_wanted && __atomic_exchange_n(&fake.event, false, __ATOMIC_ACQ_REL)) {
		ctrl.event_wanted = false;
		answer(0, ctrl.event_cid, STATUS_OK, LOG_CHANGED_NAMESPACES << 16 | EVENT_TYPE_NOTICE);
	}
	if (__atomic_exchange_n(&fake.release, false, __ATOMIC_ACQ_REL))
		release();
	for (id = 0; id < PAIRS; id++) {
		struct side *s = &ctrl.side[id];
		struct nvme_cmd cmd;

		if (!s->sq || s->head == rd(SQ_TAIL(id, 4)))
			continue;
		if (rd(SQ_TAIL(id, 4)) >= s->sq_nr) {
			fault();
			continue;
		}
		cmd = s->sq[s->head];
		s->head = (s->head + 1) % s->sq_nr;
		if (id)
			do_io(id, &cmd);
		else
			do_admin(&cmd);
	}
}

static void *run(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&ctrl.stop, __ATOMIC_ACQUIRE)) {
		turn();
		count(&fake.turns, 1);
		sched_yield();
	}
	return NULL;
}

void fake_function_reset(void)
{
	if (fake_get(no_function))
		return;
	fake_set(no_off, false);
	__atomic_store_n(&ctrl.reset, true, __ATOMIC_RELEASE);
	while (__atomic_load_n(&ctrl.reset, __ATOMIC_ACQUIRE))
		sched_yield();
}

void fake_begin(void)
{
	unsigned int i;

	memset(&fake, 0, sizeof(fake));
	memset(&ctrl, 0, sizeof(ctrl));
	/* 128 entries, 500 ms, NVM command set */
	fake.bar[CAP_LO / 4] = 1 << 24 | 127;
	fake.bar[CAP_HI / 4] = BIT32(5);
	fake.swallow = UINT64_MAX;
	for (i = 0; i < FAKE_NS; i++) {
		fake.disk[i] = calloc(FAKE_BLOCKS, fake_bytes(i));
		fake.blocks[i] = FAKE_BLOCKS;
	}
	pthread_create(&ctrl.thread, NULL, run, NULL);
}

void fake_end(void)
{
	unsigned int i;

	__atomic_store_n(&ctrl.stop, true, __ATOMIC_RELEASE);
	pthread_join(ctrl.thread, NULL);
	for (i = 0; i < FAKE_NS; i++)
		free(fake.disk[i]);
}
