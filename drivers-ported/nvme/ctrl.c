// SPDX-License-Identifier: GPL-2.0-only
/*
 * The controller's registers, and the admin queue
 *
 * Waiting: most controllers answer within microseconds, so the first looks are spent
 * spinning; then with sleeps in between that stay below what a takeover would notice.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include <rsdrv/pci.h>

#include "ctrl.h"
#include "registers.h"
#include "status.h"

#define SPIN_NS			100000
#define SLEEP_NS		20000

static uint32_t rd(const struct ctrl *c, size_t reg)
{
	return rsdrv_read32(c->regs, reg);
}

static void wr(struct ctrl *c, size_t reg, uint32_t value)
{
	rsdrv_write32(c->regs, reg, value);
}

static void wr64(struct ctrl *c, size_t lo, uint64_t value)
{
	wr(c, lo, (uint32_t)value);
	wr(c, lo + 4, (uint32_t)(value >> 32));
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* One wait: spin, then sleep, then give up. */
struct patience {
	uint64_t start;
	uint64_t end;
};

static struct patience patience(uint32_t ms)
{
	uint64_t now = now_ns();

	return (struct patience){ .start = now, .end = now + (uint64_t)ms * 1000000 };
}

/* False = it is over. */
static bool patience_left(const struct patience *p)
{
	const struct timespec t = { .tv_nsec = SLEEP_NS };
	uint64_t now = now_ns();

	if (now >= p->end)
		return false;
	if (now - p->start > SPIN_NS)
		nanosleep(&t, NULL);
	return true;
}

int ctrl_look(struct ctrl *c)
{
	if (c->size < DOORBELLS || rd(c, CSTS) == CSTS_GONE)
		return -ENODEV;
	c->cap = rd(c, CAP_LO) | (uint64_t)rd(c, CAP_HI) << 32;
	c->stride = (size_t)4 << CAP_DSTRD(c->cap);
	if (!CAP_CSS_NVM(c->cap) || CAP_MPSMIN(c->cap) || !ctrl_doorbells(c, 1) ||
	    ctrl_entries_max(c) < QUEUE_MIN)
		return -EOPNOTSUPP;
	return 0;
}

uint32_t ctrl_entries_max(const struct ctrl *c)
{
	uint32_t max = CAP_MQES(c->cap) + 1;

	return max < QUEUE_MAX ? max : QUEUE_MAX;
}

bool ctrl_doorbells(const struct ctrl *c, unsigned int nr)
{
	return CQ_HEAD(nr - 1, c->stride) + sizeof(uint32_t) <= c->size;
}

/* How long RDY may take to change; 0 in CAP.TO is no answer. */
static uint32_t ready_ms(const struct ctrl *c)
{
	uint32_t ms = CAP_TO(c->cap) * 500;

	return ms > CTRL_TIMEOUT_MS ? ms : CTRL_TIMEOUT_MS;
}

/* Wait until the bits @mask of CSTS are @value.  Returns 0, -ENODEV or -EIO. */
static int wait_status(struct ctrl *c, uint32_t mask, uint32_t value, uint32_t ms)
{
	struct patience p = patience(ms);
	uint32_t csts;

	do {
		csts = rd(c, CSTS);
		if (csts == CSTS_GONE)
			return -ENODEV;
		if ((csts & mask) == value)
			return 0;
	} while (patience_left(&p));
	return -EIO;
}

int ctrl_off(struct ctrl *c)
{
	uint32_t cc = rd(c, CC);

	/*
	 * EN may be cleared only once RDY has followed it (3.1.5), and a predecessor may have died
	 * in between.  A controller that stays so is not waited for again below: it is
	 * switched off all the same.
	 */
	if (cc & CC_EN && !(rd(c, CSTS) & CSTS_CFS))
		wait_status(c, CSTS_RDY, CSTS_RDY, ready_ms(c));
	wr(c, CC, cc & ~(CC_EN | CC_SHN_MASK));
	return wait_status(c, CSTS_RDY, 0, ready_ms(c));
}

void ctrl_prepare(struct ctrl *c)
{
	queue_reset(&c->admin, 0, ADMIN_ENTRIES, c->stride);
	wr(c, AQA, (ADMIN_ENTRIES - 1) << AQA_ACQS_SHIFT | (ADMIN_ENTRIES - 1));
	wr64(c, ASQ_LO, c->admin_sq_iova);
	wr64(c, ACQ_LO, c->admin_cq_iova);
}

int ctrl_on(struct ctrl *c)
{
	wr(c, CC, CC_IOSQES_64 | CC_IOCQES_16 | CC_EN);
	return wait_status(c, CSTS_RDY, CSTS_RDY, ready_ms(c));
}

bool ctrl_dead(const struct ctrl *c)
{
	return rd(c, CSTS) & CSTS_CFS;	/* all ones have it too */
}

int ctrl_shut_down(struct ctrl *c, uint32_t ms)
{
	wr(c, CC, (rd(c, CC) & ~CC_SHN_MASK) | CC_SHN_NORMAL);
	return wait_status(c, CSTS_SHST_MASK, CSTS_SHST_DONE, ms);
}

void admin_start(struct ctrl *c, struct nvme_cmd *cmd, struct admin_call *call)
{
	uint16_t cid = queue_get(&c->admin, call, 0);

	call->done = cid == CID_NONE;
	call->status = STATUS_INTERNAL;
	if (cid != CID_NONE)
		queue_push(&c->admin, cid, cmd);
}

bool admin_poll(struct ctrl *c)
{
	struct admin_call *call;
	struct answer a;
	bool any = false;

	while (queue_reap(&c->admin, &a)) {
		any = true;
		call = a.cookie;
		call->status = a.status;
		call->result = a.result;
		call->done = true;
	}
	queue_ack(&c->admin);
	return any;
}

int admin_wait(struct ctrl *c, const struct admin_call *calls, unsigned int nr)
{
	struct patience p = patience(CTRL_TIMEOUT_MS);
	unsigned int i = 0;

	queue_kick(&c->admin);
	for (;;) {
		admin_poll(c);
		while (i < nr && calls[i].done)
			i++;
		if (i == nr)
			return 0;
		if (!patience_left(&p))
			return -ETIMEDOUT;
	}
}

bool admin_failed(const struct admin_call *calls, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (status_errno(calls[i].status))
			return true;
	return false;
}
