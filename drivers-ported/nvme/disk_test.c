// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the driver between requests and a controller that misbehaves (fake.h)
 *
 * The library below the driver is replaced by what stands at the top of this file: requests
 * are this test's own, and memory of the process is what the controller sees.  Time is not waited
 * for: commands are made old.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "nvme.h"
#include "registers.h"
#include "status.h"

static unsigned int nr, failed;

static void ok(bool good, const char *what)
{
	printf("%sok %u - %s\n", good ? "" : "not ", ++nr, what);
	if (!good)
		failed++;
}

/* The library. */

#define QUEUES		2
#define DEPTH		16
#define REQS		(QUEUES * DEPTH)

static struct nvme *the_nvme;
static char state[65536];
static size_t state_len;
static struct rs_announce_blk announced[DISKS_MAX];
static unsigned int nr_announced;
static uint64_t resized[DISKS_MAX];
static int result[REQS];
static unsigned int answers[REQS];
static unsigned int credit[QUEUES];
static bool master;

int rsdrv_dma_alloc(struct rsdrv *d, size_t size, size_t align, struct rsdrv_dma *ret)
{
	(void)d;
	ret->va = aligned_alloc(align, (size + align - 1) & ~(align - 1));
	ret->iova = (uintptr_t)ret->va;
	ret->size = size;
	memset(ret->va, 0xee, size);
	return 0;
}

uint64_t rsdrv_req_iova(const struct rsdrv_req *req) { return (uintptr_t)req->buf; }
unsigned int rsdrv_nr_queues(const struct rsdrv *d) { (void)d; return QUEUES; }
unsigned int rsdrv_depth(const struct rsdrv *d) { (void)d; return DEPTH; }
void *rsdrv_priv(const struct rsdrv *d) { (void)d; return the_nvme; }

int rsdrv_set_credit(struct rsdrv *d, unsigned int queue, unsigned int n)
{
	(void)d;
	credit[queue - RSDRV_BLK_QUEUE] = n;
	return 0;
}

static unsigned int index_of(const struct rsdrv_req *req)
{
	return (unsigned int)req->sqe.seq;
}

void rsdrv_complete(struct rsdrv_req *req, int res)
{
	result[index_of(req)] = res;
	answers[index_of(req)]++;
}

const struct rs_lease_info *rsdrv_pci_info(const struct rsdrv_pci *pci)
{
	static const struct rs_lease_info info = { .nr_irqs = 3 };

	(void)pci;
	return &info;
}

int rsdrv_pci_set_master(struct rsdrv_pci *pci, bool on)
{
	(void)pci;
	master = on;
	return 0;
}

int rsdrv_pci_reset(struct rsdrv_pci *pci)
{
	(void)pci;
	master = false;
	fake_function_reset();
	return 0;
}

int rsdrv_state_put(struct rsdrv *d, const void *buf, size_t len, uint32_t version)
{
	(void)d;
	(void)version;
	memcpy(state, buf, len);
	state_len = len;
	return 0;
}

long rsdrv_state_get(struct rsdrv *d, void *buf, size_t room, uint32_t *version)
{
	(void)d;
	memcpy(buf, state, state_len < room ? state_len : room);
	*version = 1;
	return (long)state_len;
}

int rsdrv_announce_blk(struct rsdrv *d, const struct rs_announce_blk *blk)
{
	(void)d;
	announced[nr_announced++] = *blk;
	return 0;
}

int rsdrv_blk_resize(struct rsdrv *d, unsigned int minor, uint64_t size)
{
	(void)d;
	resized[minor] = size;
	return 0;
}

/* Instances. */

/* What INIT does. */
static int init(struct nvme *nvme, uint32_t type)
{
	const struct rsdrv_init_info info = { .type = type };
	unsigned int i;
	int r;

	nr_announced = 0;
	nvme->rung = RUNG_FINE;
	for (i = 0; i < ABORTS_MAX; i++)
		nvme->abort_call[i].done = true;
	r = disks_load(nvme, &info);
	if (!r)
		r = setup_off(nvme, false);
	if (!r)
		r = setup_on(nvme);
	if (!r)
		r = disks_announce(nvme);
	nvme->ready = !r;
	return r;
}

static struct nvme *instance(void)
{
	struct nvme *nvme = calloc(1, sizeof(*nvme));

	nvme->ctrl.regs = fake.bar;
	nvme->ctrl.size = sizeof(fake.bar);
	setup_memory(nvme);
	the_nvme = nvme;
	return nvme;
}

static void instance_free(struct nvme *nvme)
{
	unsigned int i;

	free(nvme->admin_sq_mem.va);
	free(nvme->admin_cq_mem.va);
	free(nvme->page_mem.va);
	for (i = 0; i < PAIRS_MAX; i++) {
		free(nvme->pair[i].sq_mem.va);
		free(nvme->pair[i].cq_mem.va);
		free(nvme->pair[i].list_mem.va);
	}
	free(nvme);
}

/* A controller and its first instance. */
static struct nvme *begin(void)
{
	struct nvme *nvme;

	fake_begin();
	state_len = 0;
	nvme = instance();
	if (init(nvme, RS_INIT_FRESH))
		ok(false, "it comes up");
	return nvme;
}

static void end(struct nvme *nvme)
{
	fake_end();
	instance_free(nvme);
}

/* Requests. */

static struct rsdrv_req req[REQS];
static uint8_t *data[REQS];

static void buffers(void)
{
	unsigned int i;

	for (i = 0; i < REQS; i++)
		data[i] = aligned_alloc(65536, 65536);
}

/* Give request @i, of queue 1 + i / DEPTH. */
static int give(unsigned int i, uint16_t op, uint16_t minor, uint64_t offset, uint32_t len)
{
	req[i] = (struct rsdrv_req){
		.sqe = { .op = op, .minor = minor, .seq = i, .offset = offset, .buf_len = 65536 },
		.buf = data[i],
		.queue = RSDRV_BLK_QUEUE + i / DEPTH,
	};
	if (op == RS_OP_BLK_READ || op == RS_OP_BLK_WRITE)
		req[i].sqe.len = len;
	else
		req[i].sqe.data = len;
	answers[i] = 0;
	result[i] = 1;
	return disk_give(the_nvme, &req[i], 0, RUNG_FINE);
}

static void turn(void)
{
	unsigned int i;

	for (i = 0; i < the_nvme->nr_pairs; i++) {
		disk_reap(the_nvme, &the_nvme->pair[i]);
		queue_ack(&the_nvme->pair[i].q);
		queue_kick(&the_nvme->pair[i].q);
	}
	admin_poll(&the_nvme->ctrl);
	sched_yield();
}

/* Turn until request @i is answered, or for a while. */
static bool answered(unsigned int i)
{
	uint32_t start = now_ms();

	while (!answers[i] && now_ms() - start < 5000)
		turn();
	return answers[i] == 1;
}

/* Turn until the controller has taken all there is, and answered what it wants to answer. */
static void taken(void)
{
	unsigned int start = fake_get(turns);

	while (fake_get(turns) - start < 4 * REQS)
		turn();
}

static bool wrote(unsigned int i)
{
	return answered(i) && result[i] == (int)req[i].sqe.len;
}

/* Make what is under way @ms older. */
static void age(uint32_t ms)
{
	unsigned int i;
	uint16_t cid;

	for (i = 0; i < the_nvme->nr_pairs; i++) {
		struct queue *q = &the_nvme->pair[i].q;

		for (cid = q->oldest; cid != CID_NONE; cid = q->slot[cid].next)
			q->slot[cid].tick -= ms;
	}
}

/* Tests. */

static void test_init(void)
{
	struct nvme *nvme = begin();

	ok(nr_announced == 2 && announced[0].size == FAKE_BLOCKS * 512 &&
	   announced[0].block_size == 512 && announced[1].size == FAKE_BLOCKS * 4096 &&
	   announced[1].block_size == 4096 && announced[1].minor == 1, "init: both disks");
	ok(announced[0].cache == RS_BLK_CACHE_DEVICE && announced[0].flags == RS_BLK_HAS_FUA &&
	   announced[0].max_io == 65536 && announced[0].max_discard &&
	   announced[0].max_write_zeroes == 65536 * 512 && !strcmp(announced[0].serial, "fake_1") &&
	   !strcmp(announced[1].serial, "fake_2"), "init: what they can do");
	ok(nvme->nr_pairs == 2 && credit[0] == DEPTH && credit[1] == DEPTH && master, "init: queues");
	end(nvme);
}

static void test_data(void)
{
	static const uint32_t lens[] = { 4096, 8192, 12288, 65536 };
	struct nvme *nvme = begin();
	unsigned int i, k, bad = 0;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		for (k = 0; k < 65536; k++)
			data[i][k] = (uint8_t)rand();
		bad += !!give(i, RS_OP_BLK_WRITE, i & 1, i * 65536, lens[i]);
	}
	for (i = 0; i < ARRAY_SIZE(lens); i++)
		bad += !wrote(i) || memcmp(fake.disk[i & 1] + i * 65536, data[i], lens[i]);
	ok(!bad, "data: written where it belongs");
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		memset(data[DEPTH + i], 0, 65536);
		bad += !!give(DEPTH + i, RS_OP_BLK_READ, i & 1, i * 65536, lens[i]);
	}
	for (i = 0; i < ARRAY_SIZE(lens); i++)
		bad += !wrote(DEPTH + i) || memcmp(data[DEPTH + i], data[i], lens[i]);
	ok(!bad, "data: read from there, by the other queue");
	give(0, RS_OP_BLK_WRITE_ZEROES, 0, 0, 1024);
	give(1, RS_OP_BLK_DISCARD, 1, 65536, 4096);
	give(2, RS_OP_BLK_FLUSH, 1, 0, 0);
	ok(answered(0) && answered(1) && answered(2) && !result[0] && !result[1] && !result[2] &&
	   !fake.disk[0][0] && !fake.disk[0][1023] && fake.disk[1][65536] == 0xdd &&
	   fake.disk[1][65536 + 4095] == 0xdd, "data: zeroes, discard, flush");
	ok(give(3, RS_OP_BLK_READ, 0, FAKE_BLOCKS * 512 - 512, 1024) == -EIO &&
	   give(3, RS_OP_BLK_READ, 0, UINT64_MAX - 511, 512) == -EIO &&
	   give(3, RS_OP_BLK_READ, 1, 512, 4096) == -EINVAL &&
	   give(3, RS_OP_BLK_WRITE, 0, 0, 100) == -EINVAL &&
	   give(3, RS_OP_BLK_READ, 2, 0, 512) == -ENODEV, "data: beyond, beside, nowhere");
	ok(!fake.faults && !nvme->pair[0].q.strays && !nvme->pair[0].q.nr_busy, "data: no complaints");
	end(nvme);
}

static void test_errors(void)
{
	struct nvme *nvme = begin();

	fake_set(fail_status, 0x0006);
	fake_set(fail, 3);
	give(0, RS_OP_BLK_WRITE, 0, 0, 512);
	ok(wrote(0) && !fake_get(fail), "errors: what may be tried again is");
	fake_set(fail, 100);
	give(0, RS_OP_BLK_WRITE, 0, 0, 512);
	ok(answered(0) && result[0] == -EIO && fake_get(fail) == 94, "errors: but not for ever");
	fake_set(fail_status, 0x4281);
	fake_set(fail, 1);
	give(0, RS_OP_BLK_READ, 0, 0, 512);
	ok(answered(0) && result[0] == -ENODATA, "errors: what may not is reported");
	end(nvme);
}

/* Request 0 hangs, others are around it. */
static void hang(void)
{
	unsigned int i;

	fake_set(swallow, 7);
	for (i = 0; i < 8; i++)
		give(i, RS_OP_BLK_WRITE, 0, i == 0 ? 7 * 512 : i * 8192, 512);
	taken();
}

static bool others(void)
{
	unsigned int i, bad = 0;

	for (i = 1; i < 8; i++)
		bad += !wrote(i);
	return !bad && !answers[0];
}

static void test_abort(void)
{
	struct nvme *nvme = begin();

	hang();
	ok(others(), "abort: one command hangs, the others do not");
	care_look(nvme);
	taken();
	ok(!fake_get(aborts), "abort: patience");
	fake_set(swallow, UINT64_MAX);
	age(9000);
	care_look(nvme);
	ok(wrote(0) && fake_get(aborts) == 1 && !fake_get(deletes) && fake_get(offs) == 0,
	   "abort: it is taken back and given again");
	end(nvme);
}

static void test_queue(void)
{
	struct nvme *nvme = begin();

	fake_set(no_abort, true);
	hang();
	age(9000);
	care_look(nvme);
	taken();
	ok(!answers[0] && fake_get(aborts) == 1, "queue: the abort does not help");
	others();
	fake_set(swallow, UINT64_MAX);
	give(1, RS_OP_BLK_WRITE, 0, 8192, 512);
	age(12000);
	care_look(nvme);
	ok(wrote(0) && wrote(1) && fake_get(deletes) == 1 && !fake_get(offs) && !fake.faults,
	   "queue: the queue is made anew, and what was in it given again");
	give(DEPTH, RS_OP_BLK_WRITE, 1, 0, 4096);
	ok(wrote(DEPTH), "queue: the other one has not noticed");
	end(nvme);
}

static void test_reset(void)
{
	struct nvme *nvme = begin();

	fake_set(no_abort, true);
	fake_set(no_delete, true);
	hang();
	age(9000);
	care_look(nvme);
	taken();
	fake_set(swallow, UINT64_MAX);
	age(12000);
	care_look(nvme);
	ok(wrote(0) && fake_get(offs) == 1 && !fake_get(deletes) && !fake.faults,
	   "reset: what no queue helps, a reset of the controller does");
	fake_set(fatal, true);
	taken();
	give(0, RS_OP_BLK_WRITE, 0, 0, 512);
	give(DEPTH, RS_OP_BLK_WRITE, 1, 0, 4096);
	taken();
	ok(!answers[0] && !answers[DEPTH], "reset: a dead controller answers nothing");
	care_look(nvme);
	ok(wrote(0) && wrote(DEPTH) && fake_get(offs) == 2, "reset: it is noticed at once");
	end(nvme);
}

static void test_function(void)
{
	struct nvme *nvme = begin();

	fake_set(no_off, true);
	fake_set(fatal, true);
	taken();
	give(0, RS_OP_BLK_WRITE, 0, 0, 512);
	give(DEPTH, RS_OP_BLK_WRITE, 1, 0, 4096);
	care_look(nvme);
	ok(wrote(0) && wrote(DEPTH) && !fake.faults,
	   "function: what does not let go gets a function-level reset");
	fake_set(no_off, true);
	fake_set(no_function, true);
	fake_set(fatal, true);
	taken();
	give(0, RS_OP_BLK_WRITE, 0, 0, 512);
	give(DEPTH, RS_OP_BLK_WRITE, 1, 0, 4096);
	care_look(nvme);
	ok(answered(0) && answered(DEPTH) && result[0] == -EIO && result[DEPTH] == -EIO,
	   "function: when nothing helps every client is told");
	ok(give(0, RS_OP_BLK_WRITE, 0, 0, 512) == -EIO, "function: and the next one, too");
	end(nvme);
}

/* A command that hangs however often it is given comes to its end alone. */
static void test_hopeless(void)
{
	struct nvme *nvme = begin();
	unsigned int i;

	fake_set(no_abort, true);
	hang();
	for (i = 0; i < 10 && !answers[0]; i++) {
		age(12000);
		care_look(nvme);
		taken();
	}
	ok(answers[0] == 1 && result[0] == -ETIMEDOUT, "hopeless: its client is told");
	ok(fake_get(aborts) == 1 && fake_get(deletes) == 1 && fake_get(offs) == 3 && i == 5,
	   "hopeless: after each rung was tried, once");
	for (i = 1; i < 8; i++)
		if (answers[i] != 1 || result[i] != 512)
			break;
	ok(i == 8, "hopeless: the others were answered, once each");
	fake_set(swallow, UINT64_MAX);
	give(0, RS_OP_BLK_WRITE, 0, 0, 512);
	ok(wrote(0) && !fake.faults, "hopeless: and it goes on");
	end(nvme);
}

static void test_takeover(void)
{
	struct nvme *dead = begin(), *nvme;
	unsigned int writes;

	hang();
	others();
	/* The dead one is asked nothing: bus mastering goes, and the next one comes. */
	master = false;
	fake_set(swallow, UINT64_MAX);
	fake_set(blocks[0], 0);
	nvme = instance();
	ok(!init(nvme, RS_INIT_RESTART) && fake_get(offs) == 1 && master, "takeover: off and on");
	ok(nr_announced == 2 && !announced[0].size && announced[0].block_size == 512 &&
	   announced[1].size == FAKE_BLOCKS * 4096 && announced[1].minor == 1,
	   "takeover: a disk that is gone keeps its place");
	writes = fake_get(writes);
	fake_set(release, true);
	taken();
	ok(fake_get(writes) == writes && !nvme->pair[0].q.strays,
	   "takeover: nothing that the dead one gave happens any more");
	give(0, RS_OP_BLK_WRITE, 1, 0, 4096);
	ok(wrote(0), "takeover: and the new one serves");
	ok(give(1, RS_OP_BLK_WRITE, 0, 0, 512) == -EIO, "takeover: but not what is gone");
	instance_free(dead);
	end(nvme);
}

static void test_takeover_hard(void)
{
	struct nvme *dead = begin(), *nvme;

	hang();
	fake_set(no_off, true);
	nvme = instance();
	ok(!init(nvme, RS_INIT_RESTART), "takeover: from a controller that does not let go");
	fake_set(swallow, UINT64_MAX);
	give(0, RS_OP_BLK_WRITE, 1, 0, 4096);
	ok(wrote(0) && !fake.faults, "takeover: likewise");
	fake_set(no_off, true);
	fake_set(no_function, true);
	ok(init(nvme, RS_INIT_RESTART) == -EIO, "takeover: nobody takes over what cannot be stopped");
	instance_free(dead);
	end(nvme);
}

static void test_resize(void)
{
	struct nvme *nvme = begin();

	fake_set(blocks[1], FAKE_BLOCKS / 2);
	fake_set(event, true);
	taken();
	ok(nvme->event && nvme->event_call.done, "resize: the controller tells of it");
	disks_event(nvme);
	ok(resized[1] == FAKE_BLOCKS / 2 * 4096 && nvme->event && !nvme->event_call.done,
	   "resize: the module is told, and the next event waited for");
	ok(give(0, RS_OP_BLK_READ, 1, FAKE_BLOCKS / 2 * 4096, 4096) == -EIO,
	   "resize: what was cut off is out of reach");
	end(nvme);
}

/* An admin command that is not answered is not forgotten: its answer would be another one's. */
static void test_event_hang(void)
{
	struct nvme *nvme = begin();

	fake_set(mute, true);
	fake_set(event, true);
	taken();
	disks_event(nvme);
	ok(fake_get(offs) == 1 && nvme->event && nvme->ctrl.admin.nr_busy == 1,
	   "event: a controller that does not say what it is about is reset");
	give(0, RS_OP_BLK_WRITE, 0, 0, 512);
	ok(wrote(0) && !fake.faults, "event: and it goes on");
	end(nvme);
}

/* A disk is gone if the controller says so, not if it says nothing. */
static void test_event_error(void)
{
	struct nvme *dead = begin(), *nvme;

	fake_set(identify_status, 0x006);
	fake_set(event, true);
	taken();
	resized[0] = 1;
	disks_event(dead);
	ok(resized[0] == 1 && dead->event, "event: a disk that cannot be looked at stays as it is");
	nvme = instance();
	ok(!init(nvme, RS_INIT_RESTART) && nr_announced == 2 &&
	   announced[0].size == FAKE_BLOCKS * 512, "event: also for a successor");
	instance_free(dead);
	end(nvme);
}

int main(void)
{
	unsigned int i;

	puts("TAP version 13");
	buffers();
	test_init();
	test_data();
	test_errors();
	test_abort();
	test_queue();
	test_reset();
	test_function();
	test_hopeless();
	test_takeover();
	test_takeover_hard();
	test_resize();
	test_event_hang();
	test_event_error();
	printf("1..%u\n", nr);
	for (i = 0; i < REQS; i++)
		free(data[i]);
	return failed != 0;
}
