// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of what the driver computes, and of what it says to a controller
 *
 * The registers are plain memory.  In most tests the test itself is the controller; where the
 * driver waits for one, a thread is.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rsdrv/pci.h>

#include "command.h"
#include "ctrl.h"
#include "identify.h"
#include "ladder.h"
#include "prp.h"
#include "queue.h"
#include "registers.h"
#include "status.h"

static unsigned int nr, failed;

static void ok(bool good, const char *what)
{
	printf("%sok %u - %s\n", good ? "" : "not ", ++nr, what);
	if (!good)
		failed++;
}

#define COOKIE(n)	((void *)(uintptr_t)((n) + 1))

static uint32_t regs[0x2000 / 4];

static uint32_t reg(size_t r)
{
	return rsdrv_read32(regs, r);
}

/* Commands: what the specification's tables say, word by word. */

static bool words(const struct nvme_cmd *cmd, uint8_t opcode, uint32_t nsid, uint32_t cdw10,
		  uint32_t cdw11, uint32_t cdw12)
{
	return cmd->opcode == opcode && !cmd->flags && le32toh(cmd->nsid) == nsid &&
	       le32toh(cmd->cdw10[0]) == cdw10 && le32toh(cmd->cdw10[1]) == cdw11 &&
	       le32toh(cmd->cdw10[2]) == cdw12 && !cmd->cdw10[3] && !cmd->mptr;
}

static void test_commands(void)
{
	struct nvme_cmd cmd;

	memset(&cmd, 0xff, sizeof(cmd));
	cmd_io(&cmd, NVM_READ, 3, UINT64_C(0x123456789a), 8, 0);
	ok(words(&cmd, 0x02, 3, 0x3456789a, 0x12, 7), "command: read, the count is less 1");
	cmd_io(&cmd, NVM_WRITE, 1, 0, 1, CDW12_FUA);
	ok(words(&cmd, 0x01, 1, 0, 0, UINT32_C(1) << 30), "command: write through the cache");
	cmd_io(&cmd, NVM_WRITE_ZEROES, 1, 16, 65536, CDW12_DEALLOCATE);
	ok(words(&cmd, 0x08, 1, 16, 0, 0xffff | UINT32_C(1) << 25), "command: write zeroes, most");
	cmd_flush(&cmd, 2);
	ok(words(&cmd, 0x00, 2, 0, 0, 0), "command: flush");
	cmd_deallocate(&cmd, 2);
	ok(words(&cmd, 0x09, 2, 0, 4, 0), "command: deallocate one range");
	cmd_identify(&cmd, CNS_ACTIVE_LIST, 0, 0x7000);
	ok(words(&cmd, 0x06, 0, 2, 0, 0) && le64toh(cmd.prp[0]) == 0x7000, "command: identify");
	cmd_create_cq(&cmd, 3, 128, 5, 0x8000);
	ok(words(&cmd, 0x05, 0, 127 << 16 | 3, 5 << 16 | 3, 0) && le64toh(cmd.prp[0]) == 0x8000,
	   "command: create a completion queue");
	cmd_create_sq(&cmd, 3, 128, 0x9000);
	ok(words(&cmd, 0x01, 0, 127 << 16 | 3, 3 << 16 | 1, 0), "command: create its submission queue");
	cmd_delete(&cmd, ADM_DELETE_SQ, 3);
	ok(words(&cmd, 0x00, 0, 3, 0, 0), "command: delete a queue");
	cmd_abort(&cmd, 3, 77);
	ok(words(&cmd, 0x08, 0, 77 << 16 | 3, 0, 0), "command: abort");
	cmd_nr_queues(&cmd, 4);
	ok(words(&cmd, 0x09, 0, 7, 3 << 16 | 3, 0), "command: ask for queues");
	ok(cmd_granted(3 << 16 | 7) == 4 && cmd_granted(0) == 1, "command: the fewer are granted");
	cmd_events(&cmd, EVENTS_NAMESPACE);
	ok(words(&cmd, 0x09, 0, 0x0b, 0x100, 0), "command: events");
	cmd_get_log(&cmd, LOG_CHANGED_NAMESPACES, 4096, 0xa000);
	ok(words(&cmd, 0x02, UINT32_MAX, 1023 << 16 | 4, 0, 0), "command: log page, in words less 1");
}

/* Data pointers. */

static uint64_t list_mem[PRP_LIST_ENTRIES];
static const struct prp_list list = { .va = list_mem, .iova = 0x5000 };

/* Walk the pointers as a controller does; 0 = they do not describe @len bytes from @iova. */
static bool prp_describes(const struct nvme_cmd *cmd, uint64_t iova, uint32_t len)
{
	uint64_t at = le64toh(cmd->prp[0]);
	uint32_t n = PRP_PAGE - at % PRP_PAGE, pages, i;

	if (at != iova)
		return false;
	if (len <= n)
		return !cmd->prp[1];
	iova += n;
	len -= n;
	pages = (len + PRP_PAGE - 1) / PRP_PAGE;
	if (pages == 1)
		return le64toh(cmd->prp[1]) == iova;
	if (le64toh(cmd->prp[1]) != list.iova || pages > PRP_LIST_ENTRIES)
		return false;
	for (i = 0; i < pages; i++)
		if (le64toh(list_mem[i]) != iova + i * PRP_PAGE)
			return false;
	return true;
}

static void test_prp(void)
{
	static const uint32_t offsets[] = { 0, 4, 512, 2048, 3584, 4092 };
	unsigned int i, bad = 0, tried = 0;
	struct nvme_cmd cmd;
	uint32_t len;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		uint64_t iova = UINT64_C(0x1f0000000) + offsets[i];

		for (len = 4; len <= PRP_DATA_MAX; len += 508) {
			memset(list_mem, 0xee, sizeof(list_mem));
			cmd_flush(&cmd, 1);
			if (prp_fill(&cmd, iova, len, &list) || !prp_describes(&cmd, iova, len))
				bad++;
			tried++;
		}
	}
	ok(!bad && tried > 700, "prp: every length from every offset");
	ok(!prp_fill(&cmd, 0x10000, PRP_DATA_MAX, &list) && prp_describes(&cmd, 0x10000, PRP_DATA_MAX),
	   "prp: the largest");
	ok(!prp_fill(&cmd, 0x10ffc, PRP_DATA_MAX, &list) && prp_describes(&cmd, 0x10ffc, PRP_DATA_MAX),
	   "prp: the largest, one page more");
	ok(!prp_fill(&cmd, 0x10000, 8192, &list) && le64toh(cmd.prp[1]) == 0x11000,
	   "prp: two pages need no list");
	ok(prp_fill(&cmd, 0x10000, 0, &list) == -EINVAL &&
	   prp_fill(&cmd, 0x10000, PRP_DATA_MAX + 4, &list) == -EINVAL &&
	   prp_fill(&cmd, 0x10002, 512, &list) == -EINVAL, "prp: nothing, too much, odd");
}

/* Queues. */

#define ENTRIES		8

static struct nvme_cmd sq[QUEUE_MAX];
static struct nvme_cqe cq[QUEUE_MAX];
static struct queue queue = { .sq = sq, .cq = cq, .regs = regs };

/* The controller's side of a pair. */
static struct {
	uint16_t sq_head;
	uint16_t cq_tail;
	uint16_t phase;
	uint16_t nr;
} dev;

static void queue_start(uint16_t entries)
{
	memset(regs, 0, sizeof(regs));
	queue_reset(&queue, 1, entries, 4);
	queue.strays = 0;
	dev.sq_head = 0;
	dev.cq_tail = 0;
	dev.phase = 1;
	dev.nr = entries;
}

/* Take one command that the doorbell told of; CID_NONE = there is none. */
static uint16_t dev_fetch(void)
{
	uint16_t cid;

	if (dev.sq_head == reg(SQ_TAIL(1, 4)))
		return CID_NONE;
	cid = le16toh(sq[dev.sq_head].cid);
	dev.sq_head = (dev.sq_head + 1) % dev.nr;
	return cid;
}

static void dev_answer(uint16_t cid, uint16_t status)
{
	struct nvme_cqe *e = &cq[dev.cq_tail];

	e->result = htole32(cid * 3U);
	e->sq_head = htole16(dev.sq_head);
	e->cid = htole16(cid);
	e->status = htole16((uint16_t)(status << 1 | dev.phase));
	dev.cq_tail = (dev.cq_tail + 1) % dev.nr;
	if (!dev.cq_tail)
		dev.phase ^= 1;
}

static uint16_t give(void *cookie, uint32_t tick)
{
	uint16_t cid = queue_get(&queue, cookie, tick);
	struct nvme_cmd cmd;

	if (cid != CID_NONE) {
		cmd_flush(&cmd, 1);
		queue_push(&queue, cid, &cmd);
	}
	return cid;
}

static void test_queue_full(void)
{
	struct answer a;
	unsigned int n;
	uint16_t cid;

	queue_start(ENTRIES);
	for (n = 0; give(COOKIE(n), n) != CID_NONE; n++)
		;
	ok(n == ENTRIES - 1 && queue.nr_busy == n, "queue: one entry stays free");
	ok(dev_fetch() == CID_NONE, "queue: the controller is told with the kick only");
	queue_kick(&queue);
	ok(reg(SQ_TAIL(1, 4)) == ENTRIES - 1 && reg(SQ_TAIL(1, 4)) == regs[0x1008 / 4],
	   "queue: the doorbell of queue 1");
	ok(!queue_reap(&queue, &a), "queue: nothing answered, nothing reaped");
	cid = dev_fetch();
	dev_answer(cid, 0x4281);
	ok(queue_reap(&queue, &a) && a.cookie == COOKIE(0) && a.cid == cid && a.result == cid * 3U &&
	   a.status == 0x4281 && !queue_reap(&queue, &a), "queue: an answer comes back once");
	ok(!reg(CQ_HEAD(1, 4)), "queue: entries go back with the ack only");
	queue_ack(&queue);
	ok(reg(CQ_HEAD(1, 4)) == 1, "queue: and then they do");
	ok(give(COOKIE(99), 0) == cid, "queue: its identifier is free again");
}

static void test_queue_stray(void)
{
	struct answer a;
	uint16_t cid;

	queue_start(ENTRIES);
	give(COOKIE(0), 0);
	queue_kick(&queue);
	cid = dev_fetch();
	dev_answer(ENTRIES - 1, 0);
	dev_answer(CID_NONE, 0);
	dev_answer((uint16_t)(cid + 1), 0);
	ok(!queue_reap(&queue, &a) && queue.strays == 3 && queue.nr_busy == 1,
	   "queue: answers to nothing are not believed");
	dev_answer(cid, 0);
	dev_answer(cid, 0);
	ok(queue_reap(&queue, &a) && a.cookie == COOKIE(0), "queue: the right one after them is");
	ok(!queue_reap(&queue, &a) && queue.strays == 4, "queue: but not twice");
}

static void test_queue_take(void)
{
	struct answer a;
	unsigned int i, bad = 0;
	uint16_t cid[5];

	queue_start(ENTRIES);
	for (i = 0; i < 5; i++)
		cid[i] = give(COOKIE(i), i);
	queue_kick(&queue);
	dev_answer(cid[2], 0);
	queue_reap(&queue, &a);
	queue.slot[cid[3]].rung = RUNG_RESET;
	queue.slot[cid[3]].tries = 2;
	for (i = 0; i < 5; i++) {
		if (i == 2)
			continue;
		if (!queue_take(&queue, &a) || a.cookie != COOKIE(i) ||
		    a.rung != (i == 3 ? RUNG_RESET : RUNG_FINE) || a.tries != (i == 3 ? 2 : 0))
			bad++;
	}
	ok(!bad && !queue_take(&queue, &a) && !queue.nr_busy,
	   "queue: what is under way is taken in the order in which it was given");
	for (i = 0; give(COOKIE(i), 0) != CID_NONE; i++)
		;
	ok(i == ENTRIES - 1, "queue: nothing is lost by taking");
}

static void test_queue_drop(void)
{
	struct answer a;
	uint16_t first, second;

	queue_start(ENTRIES);
	first = give(COOKIE(0), 0);
	second = queue_get(&queue, COOKIE(1), 0);
	queue_drop(&queue, second);
	give(COOKIE(2), 0);
	queue_kick(&queue);
	ok(dev_fetch() == first && dev_fetch() == second && dev_fetch() == CID_NONE,
	   "queue: what was dropped before it was pushed never comes");
	ok(queue_take(&queue, &a) && a.cookie == COOKIE(0) && queue_take(&queue, &a) &&
	   a.cookie == COOKIE(2), "queue: nor is it in the order");
}

/* Batches of every size, answers in any order, for so long that all indices and the phase wrap. */
static void test_queue_random(void)
{
	static const uint16_t sizes[] = { 2, 3, 8, 100, QUEUE_MAX };
	static unsigned int seen[60000];
	uint16_t held[QUEUE_MAX], cid;
	unsigned int i, round, n, put, got, nr_held, bad = 0, all = 0;
	struct answer a;

	srand(1);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		memset(seen, 0, sizeof(seen));
		queue_start(sizes[i]);
		put = got = nr_held = 0;
		for (round = 0; round < 2000; round++) {
			for (n = (unsigned int)rand() % 30; n; n--)
				if (give(COOKIE(put), round) != CID_NONE)
					put++;
			queue_kick(&queue);
			while ((cid = dev_fetch()) != CID_NONE)
				held[nr_held++] = cid;
			for (n = (unsigned int)rand() % 30; n && nr_held; n--) {
				unsigned int pick = (unsigned int)rand() % nr_held;

				dev_answer(held[pick], 0);
				held[pick] = held[--nr_held];
			}
			while (queue_reap(&queue, &a)) {
				if (seen[(uintptr_t)a.cookie]++)
					bad++;
				got++;
			}
			queue_ack(&queue);
			if (reg(CQ_HEAD(1, 4)) != dev.cq_tail || queue.nr_busy != nr_held)
				bad++;
		}
		if (got + nr_held != put || queue.strays)
			bad++;
		all += got;
	}
	ok(!bad && all > 50000, "queue: random batches and answers, none lost or doubled");
}

/* Identify. */

static uint8_t page[IDENTIFY_BYTES];

static void put(size_t at, const void *what, size_t len)
{
	memcpy(page + at, what, len);
}

static void put32(size_t at, uint32_t v)
{
	v = htole32(v);
	put(at, &v, sizeof(v));
}

static void put64(size_t at, uint64_t v)
{
	v = htole64(v);
	put(at, &v, sizeof(v));
}

static void test_identify_controller(void)
{
	struct controller_id id;

	memset(page, 0, sizeof(page));
	put(4, "rs0                 ", 20);
	put(24, "QEMU\x01 NVMe Ctrl                          ", 40);
	page[77] = 5;
	put32(88, 1500001);
	put32(92, 0x100);
	page[258] = 3;
	page[520] = 0x0c;
	page[525] = 7;
	identify_controller(page, &id);
	ok(!strcmp(id.serial, "rs0") && !strcmp(id.model, "QEMU_ NVMe Ctrl"),
	   "identify: texts lose their padding, and what cannot be printed");
	ok(id.transfer_max == 128 << 10 && id.shutdown_ms == 1501 && id.aborts == 4,
	   "identify: limits");
	ok(id.has_discard && id.has_zeroes && id.has_cache && id.tells_namespaces,
	   "identify: abilities");
	memset(page, 0, sizeof(page));
	identify_controller(page, &id);
	ok(id.transfer_max == UINT64_MAX && !id.shutdown_ms && id.aborts == 1 && !id.has_discard &&
	   !id.has_zeroes && !id.has_cache && !id.tells_namespaces && !id.serial[0],
	   "identify: a controller that says nothing");
	page[77] = 255;
	identify_controller(page, &id);
	ok(id.transfer_max == UINT64_MAX, "identify: a limit beyond all bounds is none");
}

static void test_identify_namespace(void)
{
	struct namespace_id ns;

	memset(page, 0, sizeof(page));
	ok(identify_namespace(page, &ns) == -ENOENT, "identify: no namespace");
	put64(0, 1000);
	put32(128, 9 << 16);
	put32(128 + 4 * 3, 12 << 16);
	ok(!identify_namespace(page, &ns) && ns.blocks == 1000 && ns.shift == 9 &&
	   ns.write_unit == 1 && ns.discard_unit == 1 && !ns.read_only, "identify: 512-byte blocks");
	page[26] = 3;
	page[24] = 0x10;
	page[64] = 7;
	page[68] = 15;
	page[99] = 1;
	ok(!identify_namespace(page, &ns) && ns.shift == 12 && ns.write_unit == 8 &&
	   ns.discard_unit == 16 && ns.read_only, "identify: 4096-byte blocks, units, protection");
	put32(128 + 4 * 3, 12 << 16 | 8);
	ok(identify_namespace(page, &ns) == -EOPNOTSUPP, "identify: metadata is refused");
	put32(128 + 4 * 3, 16 << 16);
	ok(identify_namespace(page, &ns) == -EOPNOTSUPP, "identify: so are blocks of 64 KiB");
	put32(128 + 4 * 3, 12 << 16);
	put64(0, UINT64_C(1) << 52);
	ok(identify_namespace(page, &ns) == -EOPNOTSUPP, "identify: so is a size that overflows");
}

static void test_identify_list(void)
{
	uint32_t ids[4] = { 0 };
	unsigned int i;

	memset(page, 0, sizeof(page));
	ok(!identify_list(page, ids, 4), "identify: an empty list");
	put32(0, 1);
	put32(4, 7);
	ok(identify_list(page, ids, 4) == 2 && ids[0] == 1 && ids[1] == 7, "identify: a list");
	for (i = 0; i < IDENTIFY_BYTES / 4; i++)
		put32(4 * i, i + 1);
	ids[3] = 0;
	ok(identify_list(page, ids, 3) == 1024 && ids[2] == 3 && !ids[3],
	   "identify: a full list, of which the first are taken");
}

/* Status and ladder. */

static void test_status(void)
{
	ok(status_errno(0) == 0 && !status_again(0), "status: success");
	ok(status_errno(STATUS(0x281 << 1 | 1)) == -ENODATA, "status: unrecovered read error");
	ok(status_errno(0x4002) == -EOPNOTSUPP && !status_again(0x4002), "status: do not retry");
	ok(status_errno(STATUS_ABORTED) == -EIO && status_again(STATUS_ABORTED) &&
	   status_again(STATUS_SQ_DELETED), "status: what was aborted may be tried again");
	ok(status_errno(0x7ff) == -EIO, "status: anything else");
}

static void test_ladder(void)
{
	static const enum rung up[] = { RUNG_ABORT, RUNG_QUEUE, RUNG_RESET, RUNG_FUNCTION,
					RUNG_GIVEN_UP, RUNG_GIVEN_UP };
	unsigned int i, ms = 0, bad = 0;
	enum rung rung = RUNG_FINE;

	for (i = 0; i < ARRAY_SIZE(up); i++) {
		if (rung != RUNG_FINE)
			ms += ladder_patience_ms(rung);
		rung = ladder_next(rung, LADDER_LATE);
		if (rung != up[i])
			bad++;
	}
	ok(!bad, "ladder: a command that is never answered climbs rung by rung");
	ok(ms <= 25000, "ladder: and has done so before the driver is taken for hanging");
	rung = ladder_next(RUNG_FINE, LADDER_FATAL);
	ok(rung == RUNG_RESET && ladder_next(rung, LADDER_FATAL) == RUNG_FUNCTION &&
	   ladder_next(RUNG_FUNCTION, LADDER_FATAL) == RUNG_GIVEN_UP,
	   "ladder: a dead controller is reset, harder, given up");
	for (i = RUNG_FINE; i < RUNG_GIVEN_UP; i++) {
		if (ladder_next(i, LADDER_ANSWERED) != RUNG_FINE)
			bad++;
		if (ladder_next(i, LADDER_FAILED) <= i)
			bad++;
	}
	ok(!bad, "ladder: an answer ends it, a failure never goes back");
	ok(ladder_next(RUNG_GIVEN_UP, LADDER_ANSWERED) == RUNG_GIVEN_UP, "ladder: the end is the end");
}

/* The controller: a thread that behaves like one. */

static struct {
	pthread_t thread;
	bool stop;
	bool stuck;		/* RDY does not follow EN */
	bool mute;		/* admin commands are not answered */
	bool early;		/* EN was cleared before RDY had followed it */
	unsigned int lag;	/* turns until RDY follows EN */
} hw;

static void wr(size_t r, uint32_t v)
{
	__atomic_store_n(&regs[r / 4], v, __ATOMIC_RELEASE);
}

static void *hw_run(void *arg)
{
	uint32_t cc, csts, lag = 0;
	uint16_t head = 0, tail = 0, phase = 1, cid;

	(void)arg;
	while (!__atomic_load_n(&hw.stop, __ATOMIC_ACQUIRE)) {
		cc = __atomic_load_n(&regs[CC / 4], __ATOMIC_ACQUIRE);
		csts = regs[CSTS / 4];
		if (!(cc & CC_EN) && lag)
			hw.early = true;
		if (cc & CC_EN && !(csts & CSTS_RDY) && !hw.stuck && ++lag > hw.lag) {
			lag = 0;
			head = tail = 0;
			phase = 1;
			wr(CSTS, CSTS_RDY);
		}
		if (!(cc & CC_EN) && csts & CSTS_RDY && !hw.stuck)
			wr(CSTS, 0);
		if ((cc & CC_SHN_MASK) == CC_SHN_NORMAL)
			wr(CSTS, csts | CSTS_SHST_DONE);
		while (csts & CSTS_RDY &&
		       head != __atomic_load_n(&regs[SQ_TAIL(0, 4) / 4], __ATOMIC_ACQUIRE) &&
		       !__atomic_load_n(&hw.mute, __ATOMIC_ACQUIRE)) {
			cid = le16toh(sq[head].cid);
			cq[tail].result = htole32(sq[head].cdw10[0]);
			cq[tail].cid = htole16(cid);
			/* Opcode 0xff is one that it does not know. */
			__atomic_store_n(&cq[tail].status,
					 htole16((sq[head].opcode == 0xff ? 0x4001 << 1 : 0) | phase),
					 __ATOMIC_RELEASE);
			head = (head + 1) % ADMIN_ENTRIES;
			tail = (tail + 1) % ADMIN_ENTRIES;
			if (!tail)
				phase ^= 1;
		}
	}
	return NULL;
}

static struct ctrl ctrl = {
	.regs = regs,
	.size = sizeof(regs),
	.admin_sq_iova = UINT64_C(0x123456000),
	.admin_cq_iova = UINT64_C(0x123457000),
	.admin = { .sq = sq, .cq = cq, .regs = regs },
};

static void hw_begin(uint32_t cc, uint32_t csts)
{
	memset(regs, 0, sizeof(regs));
	memset(&hw, 0, sizeof(hw));
	/* 64 entries, 500 ms, NVM command set */
	regs[CAP_LO / 4] = 1 << 24 | 63;
	regs[CAP_HI / 4] = BIT32(5);
	regs[CC / 4] = cc;
	regs[CSTS / 4] = csts;
	ctrl_look(&ctrl);
}

static void hw_start(void)
{
	pthread_create(&hw.thread, NULL, hw_run, NULL);
}

static void hw_end(void)
{
	__atomic_store_n(&hw.stop, true, __ATOMIC_RELEASE);
	pthread_join(hw.thread, NULL);
}

static void test_ctrl_look(void)
{
	hw_begin(0, 0);
	ok(!ctrl_look(&ctrl) && ctrl_entries_max(&ctrl) == 64 && ctrl.stride == 4,
	   "controller: what it can do");
	ok(ctrl_doorbells(&ctrl, 512) && !ctrl_doorbells(&ctrl, 513),
	   "controller: doorbells beyond the BAR are none");
	regs[CAP_HI / 4] |= 8;
	ok(ctrl_look(&ctrl) == 0 && ctrl.stride == 1024 && ctrl_doorbells(&ctrl, 2) &&
	   !ctrl_doorbells(&ctrl, 3),
	   "controller: doorbells far apart");
	regs[CAP_HI / 4] = BIT32(5) | BIT32(16);
	ok(ctrl_look(&ctrl) == -EOPNOTSUPP, "controller: pages of 8 KiB and more are refused");
	regs[CAP_HI / 4] = 0;
	ok(ctrl_look(&ctrl) == -EOPNOTSUPP, "controller: so is one without the NVM command set");
	regs[CSTS / 4] = CSTS_GONE;
	ok(ctrl_look(&ctrl) == -ENODEV && ctrl_dead(&ctrl), "controller: gone");
}

static void test_ctrl_off(void)
{
	hw_begin(CC_EN | CC_IOSQES_64, CSTS_RDY | CSTS_SHST_DONE);
	hw_start();
	ok(!ctrl_off(&ctrl) && !(reg(CSTS) & CSTS_RDY) && !(reg(CC) & CC_EN), "off: one that runs");
	ok(!ctrl_off(&ctrl), "off: one that is off");
	hw_end();

	hw_begin(CC_EN, 0);
	hw.lag = 100000;
	hw_start();
	ok(!ctrl_off(&ctrl) && !hw.early, "off: one that is about to come up is let come up first");
	hw_end();

	hw_begin(CC_EN, CSTS_CFS);
	hw.stuck = true;
	hw_start();
	ok(!ctrl_off(&ctrl) && !(reg(CC) & CC_EN), "off: one that is dead is not waited for");
	hw_end();

	hw_begin(CC_EN, CSTS_RDY);
	hw.stuck = true;
	hw_start();
	ok(ctrl_off(&ctrl) == -EIO, "off: one that does not let go");
	wr(CSTS, CSTS_GONE);
	ok(ctrl_off(&ctrl) == -ENODEV, "off: one that is gone");
	hw_end();
}

static void test_ctrl_admin(void)
{
	struct admin_call call[ADMIN_ENTRIES + 1];
	struct nvme_cmd cmd;
	unsigned int i, n, bad = 0;

	hw_begin(0, 0);
	ctrl_prepare(&ctrl);
	ok(reg(AQA) == (63 << 16 | 63) && reg(ASQ_LO) == 0x23456000 && reg(ASQ_HI) == 1 &&
	   reg(ACQ_LO) == 0x23457000 && reg(ACQ_HI) == 1, "admin: where its queues are");
	hw_start();
	ok(!ctrl_on(&ctrl) && reg(CC) == (6 << 16 | 4 << 20 | 1), "admin: on");
	for (n = 0; n < 5; n++) {
		for (i = 0; i < ADMIN_ENTRIES - 1; i++) {
			cmd_identify(&cmd, CNS_CONTROLLER, 0, 0);
			cmd.cdw10[0] = htole32(i);
			admin_start(&ctrl, &cmd, &call[i]);
		}
		if (admin_wait(&ctrl, call, i) || admin_failed(call, i))
			bad++;
		while (i--)
			if (call[i].result != i)
				bad++;
	}
	ok(!bad, "admin: full batches, each answer to its call");
	cmd_flush(&cmd, 0);
	admin_start(&ctrl, &cmd, &call[0]);
	cmd.opcode = 0xff;
	admin_start(&ctrl, &cmd, &call[1]);
	ok(!admin_wait(&ctrl, call, 2) && !admin_failed(call, 1) && admin_failed(call, 2),
	   "admin: one of a batch fails");
	__atomic_store_n(&hw.mute, true, __ATOMIC_RELEASE);
	for (i = 0; i < ADMIN_ENTRIES; i++)
		admin_start(&ctrl, &cmd, &call[i]);
	ok(!call[ADMIN_ENTRIES - 2].done && call[ADMIN_ENTRIES - 1].done &&
	   admin_failed(&call[ADMIN_ENTRIES - 1], 1), "admin: what does not fit fails at once");
	ok(admin_wait(&ctrl, call, 1) == -ETIMEDOUT, "admin: no answer");
	ok(!ctrl_shut_down(&ctrl, 1000), "admin: shut down");
	hw_end();
}

int main(void)
{
	puts("TAP version 13");
	test_commands();
	test_prp();
	test_queue_full();
	test_queue_stray();
	test_queue_take();
	test_queue_drop();
	test_queue_random();
	test_identify_controller();
	test_identify_namespace();
	test_identify_list();
	test_status();
	test_ladder();
	test_ctrl_look();
	test_ctrl_off();
	test_ctrl_admin();
	printf("1..%u\n", nr);
	return failed != 0;
}
