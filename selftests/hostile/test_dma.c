// SPDX-License-Identifier: GPL-2.0-only
/*
 * After the fence a card that was left running writes nothing any more
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "kselftest_harness.h"

#include "rig.h"
#include "card.h"

/* How long nothing may change after the fence, with frames arriving. */
#define QUIET_MS	1000
/* Both rings and the buffers. */
#define WATCHED		0x4000

FIXTURE(dma)
{
	struct rig rig;
	struct rig_inst a;
	struct rig_inst b;
	pid_t traffic;
};

FIXTURE_SETUP(dma)
{
	int r;

	memset(self, 0, sizeof(*self));
	r = rig_open(&self->rig, "dma");
	if (r == 1)
		SKIP(return, "%s", self->rig.why);
	ASSERT_EQ(0, r);
	self->traffic = rig_traffic();
	if (!self->traffic)
		SKIP(return, "no peer to the card");
	ASSERT_EQ(0, rig_start(&self->rig, &self->a, 0));
	ASSERT_TRUE(rig_wait(&self->rig, RSMOD_EVENT_TYPE_UP, 1, 10000));
	ASSERT_EQ(0, rig_start(&self->rig, &self->b, RIG_SHY));
}

FIXTURE_TEARDOWN(dma)
{
	/*
	 * The card says that a change of power state resets it, but QEMU's only says so: the
	 * kernel's driver would find the rings running.
	 */
	if (self->b.pid)
		rig_do(&self->b, RIG_QUIET, 0, 0, 0);
	rig_kill(&self->a);
	rig_kill(&self->b);
	if (self->traffic) {
		kill(self->traffic, SIGKILL);
		waitpid(self->traffic, NULL, 0);
	}
	rig_close(&self->rig);
}

static void pause_ms(long ms)
{
	const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static bool start_nic(struct rig_inst *inst, uint64_t iova)
{
	long long end = rig_now_ms() + 10000;
	long long r;

	do {
		r = rig_do(inst, RIG_NIC, iova, 0, 0);
		if (r == -ENETDOWN)
			pause_ms(50);
	} while (r == -ENETDOWN && rig_now_ms() < end);
	return !r;
}

/* Descriptors that the device wrote back, of each ring. */
static unsigned int written(const uint8_t *mem)
{
	const struct rx_desc *rx = (const struct rx_desc *)mem;
	const struct tx_desc *tx = (const struct tx_desc *)(mem + 0x1000);
	unsigned int nr_rx = 0, nr_tx = 0, i;

	for (i = 0; i < 256; i++) {
		nr_rx += !!(rx[i].wb & RXD_DD);
		nr_tx += !!(tx[i].cmd & TXD_DD);
	}
	return nr_rx < nr_tx ? nr_rx : nr_tx;
}

/* Wait until @nr descriptors of each ring were written since they were last made afresh. */
static bool wait_written(const uint8_t *mem, unsigned int nr)
{
	long long end = rig_now_ms() + 10000;

	while (written(mem) < nr && rig_now_ms() < end)
		pause_ms(5);
	return written(mem) >= nr;
}

/* Does nothing change for QUIET_MS?  Descriptors are given back first, as if there were all. */
static bool quiet(uint8_t *mem, uint64_t iova)
{
	uint8_t *before = malloc(WATCHED);
	bool same;

	rig_rings(mem, iova);
	memcpy(before, mem, WATCHED);
	pause_ms(QUIET_MS);
	same = !memcmp(before, mem, WATCHED);
	free(before);
	return same;
}

/* Both rings run, a thread keeps giving the card descriptors, frames arrive; then it dies. */
static void run_and_die(struct __test_metadata *_metadata, FIXTURE_DATA(dma) *self, bool kill_it)
{
	uint8_t *mem = self->rig.dma;

	rig_rings(mem, RIG_DMA_IOVA);
	ASSERT_TRUE(start_nic(&self->a, RIG_DMA_IOVA));
	ASSERT_EQ(0, rig_do(&self->a, RIG_RUN, 0, 0, 0));
	ASSERT_TRUE(wait_written(mem, 256));
	/* The check itself: before the fence it sees the card write. */
	ASSERT_FALSE(quiet(mem, RIG_DMA_IOVA));

	if (kill_it)
		kill(self->a.pid, SIGKILL);
	else
		ASSERT_EQ(0, rig_do(&self->a, RIG_DYING, 0, 0, 0));
	ASSERT_TRUE(rig_wait(&self->rig, RSMOD_EVENT_TYPE_BOUND, 2, 10000));
	ASSERT_EQ(self->b.number, self->rig.last[RSMOD_EVENT_TYPE_BOUND]);
	EXPECT_TRUE(quiet(mem, RIG_DMA_IOVA));
}

TEST_F(dma, killed_with_rings_running)
{
	run_and_die(_metadata, self, true);
	/* INIT has not been answered: the successor has not touched the device. */
	EXPECT_EQ(1, rig_do(&self->b, RIG_ANSWER, 0, 0, 0));
	EXPECT_TRUE(rig_wait(&self->rig, RSMOD_EVENT_TYPE_UP, 2, 10000));
	/* And it can use it. */
	rig_rings(self->rig.dma, RIG_DMA_IOVA);
	EXPECT_TRUE(start_nic(&self->b, RIG_DMA_IOVA));
	EXPECT_EQ(0, rig_do(&self->b, RIG_RUN, 0, 0, 0));
	EXPECT_TRUE(wait_written(self->rig.dma, 256));
}

TEST_F(dma, dead_but_running_on)
{
	long long end = rig_now_ms() + 10000;
	long long ran;

	run_and_die(_metadata, self, false);
	/* Its thread met the fence. */
	do {
		ran = rig_do(&self->a, RIG_RAN, 0, 0, 0);
	} while (ran >= 0 && ran < RIG_ENDED && rig_now_ms() < end);
	EXPECT_LE(RIG_ENDED, ran);
}

/* All pools share one IOVA space: a driver can aim at its successor's. */
TEST_F(dma, aimed_at_the_standbys_pool)
{
	uint8_t *mem = self->rig.dma;
	long long sum, end;

	/* The rings in our memory, the buffers in the standby's pool. */
	rig_rings(mem, RIG_DMA_IOVA);
	for (int i = 0; i < 256; i++)
		((struct rx_desc *)mem)[i].addr = self->b.iova + 0x100;
	sum = rig_do(&self->b, RIG_SUM, 0, 0, 0);
	ASSERT_TRUE(start_nic(&self->a, RIG_DMA_IOVA));
	ASSERT_EQ(0, rig_do(&self->a, RIG_RUN, 0, 0, 0));
	end = rig_now_ms() + 10000;
	while (rig_do(&self->b, RIG_SUM, 0, 0, 0) == sum && rig_now_ms() < end)
		pause_ms(5);
	ASSERT_NE(sum, rig_do(&self->b, RIG_SUM, 0, 0, 0));

	ASSERT_EQ(0, rig_do(&self->a, RIG_DYING, 0, 0, 0));
	ASSERT_TRUE(rig_wait(&self->rig, RSMOD_EVENT_TYPE_BOUND, 2, 10000));
	/* From its binding on the pool is the successor's alone. */
	sum = rig_do(&self->b, RIG_SUM, 0, 0, 0);
	pause_ms(QUIET_MS);
	EXPECT_EQ(sum, rig_do(&self->b, RIG_SUM, 0, 0, 0));
}

TEST_HARNESS_MAIN
