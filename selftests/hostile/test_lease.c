// SPDX-License-Identifier: GPL-2.0-only
/*
 * What instances can reach of a leased device: the bound one what it needs, others nothing
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>

#include "kselftest_harness.h"

#include "rig.h"
#include "card.h"

#define BAR(bar, offset)	((uint64_t)(bar) << 32 | (offset))
#define UP			RSMOD_EVENT_TYPE_UP
#define BOUND			RSMOD_EVENT_TYPE_BOUND

/* A slot with a card and one bound instance. */
FIXTURE(lease)
{
	struct rig rig;
	struct rig_inst a;
	struct rig_inst b;
};

FIXTURE_SETUP(lease)
{
	int r;

	memset(self, 0, sizeof(*self));
	r = rig_open(&self->rig, "lease");
	if (r == 1)
		SKIP(return, "%s", self->rig.why);
	ASSERT_EQ(0, r);
	ASSERT_EQ(0, rig_start(&self->rig, &self->a, 0));
	ASSERT_TRUE(rig_wait(&self->rig, UP, 1, 10000));
}

FIXTURE_TEARDOWN(lease)
{
	rig_kill(&self->a);
	rig_kill(&self->b);
	rig_close(&self->rig);
}

/* The offset of a capability, as the bound instance sees it; 0 = none. */
static uint32_t capability(struct rig_inst *inst, uint8_t id)
{
	uint32_t at = (uint32_t)rig_do(inst, RIG_CONFIG, PCI_CAPABILITY_LIST, 1, 0);

	while (at && rig_do(inst, RIG_CONFIG, at, 1, 0) != id)
		at = (uint32_t)rig_do(inst, RIG_CONFIG, at + 1, 1, 0);
	return at;
}

TEST_F(lease, bound_reaches_device)
{
	EXPECT_EQ(1, rig_do(&self->a, RIG_INFO, 0, 0, 0));
	EXPECT_LE(0, rig_do(&self->a, RIG_READ, BAR(0, STATUS), 0, 0));
	EXPECT_EQ(0x10d38086, rig_do(&self->a, RIG_CONFIG, PCI_VENDOR_ID, 4, 0));
	EXPECT_EQ(0x10d3, rig_do(&self->a, RIG_CONFIG, PCI_DEVICE_ID, 2, 0));
	EXPECT_EQ(0, rig_do(&self->a, RIG_DEVICE, RS_DEVICE_MASTER_ON, 0, 0));
	EXPECT_NE(0, rig_do(&self->a, RIG_CONFIG, PCI_COMMAND, 2, 0) & PCI_COMMAND_MASTER);
	EXPECT_EQ(0, rig_do(&self->a, RIG_DEVICE, RS_DEVICE_MASTER_OFF, 0, 0));
	EXPECT_EQ(0, rig_do(&self->a, RIG_CONFIG, PCI_COMMAND, 2, 0) & PCI_COMMAND_MASTER);
	EXPECT_EQ(-EINVAL, rig_do(&self->a, RIG_DEVICE, RS_DEVICE_RESET + 1, 0, 0));
	EXPECT_EQ(-EINVAL, rig_do(&self->a, RIG_CONFIG, 4096, 4, 0));
	EXPECT_EQ(-EINVAL, rig_do(&self->a, RIG_CONFIG, 2, 4, 0));
	EXPECT_EQ(-EINVAL, rig_do(&self->a, RIG_CONFIG, 0, 3, 0));
	EXPECT_EQ(0, rig_violations(&self->rig));
}

TEST_F(lease, bind_is_an_interrupt)
{
	/* One event per vector, whatever the device does; then none. */
	EXPECT_EQ(1, rig_do(&self->a, RIG_IRQS, 0, 0, 0));
	EXPECT_EQ(0, rig_do(&self->a, RIG_IRQS, 0, 0, 0));
}

TEST_F(lease, interrupts_arrive)
{
	int i;

	rig_do(&self->a, RIG_IRQS, 0, 0, 0);
	ASSERT_EQ(0, rig_do(&self->a, RIG_DEVICE, RS_DEVICE_MASTER_ON, 0, 0));
	ASSERT_EQ(0, rig_do(&self->a, RIG_WRITE, BAR(0, IMS), INT_LSC, 0));
	ASSERT_EQ(0, rig_do(&self->a, RIG_WRITE, BAR(0, ICS), INT_LSC, 0));
	for (i = 0; i < 1000 && !rig_do(&self->a, RIG_IRQS, 0, 0, 0); i++)
		usleep(1000);
	EXPECT_GT(1000, i);
}

TEST_F(lease, reset_keeps_mappings)
{
	ASSERT_LE(0, rig_do(&self->a, RIG_READ, BAR(0, STATUS), 0, 0));
	ASSERT_EQ(0, rig_do(&self->a, RIG_DEVICE, RS_DEVICE_MASTER_ON, 0, 0));
	ASSERT_EQ(0, rig_do(&self->a, RIG_DEVICE, RS_DEVICE_RESET, 0, 0));
	EXPECT_LE(0, rig_do(&self->a, RIG_READ, BAR(0, STATUS), 0, 0));
	EXPECT_EQ(0, rig_do(&self->a, RIG_CONFIG, PCI_COMMAND, 2, 0) & PCI_COMMAND_MASTER);
}

/* Each write that would lift the fence, or move the device, is refused and counted. */
TEST_F(lease, forbidden_config_writes)
{
	uint32_t exp = capability(&self->a, PCI_CAP_ID_EXP);
	uint32_t msi = capability(&self->a, PCI_CAP_ID_MSI);
	uint32_t msix = capability(&self->a, PCI_CAP_ID_MSIX);
	uint32_t pm = capability(&self->a, PCI_CAP_ID_PM);
	const struct {
		uint32_t at, size, set;
	} bad[] = {
		{ PCI_COMMAND, 2, PCI_COMMAND_MASTER },
		{ PCI_COMMAND, 2, PCI_COMMAND_MEMORY },
		{ PCI_COMMAND, 1, 0 },
		{ PCI_COMMAND, 4, PCI_COMMAND_MASTER },
		{ PCI_BASE_ADDRESS_0, 4, 0x10000000 },
		{ PCI_BASE_ADDRESS_5, 4, 0 },
		{ PCI_BASE_ADDRESS_0 + 2, 2, 0x1000 },
		{ PCI_ROM_ADDRESS, 4, 1 },
		{ PCI_CAPABILITY_LIST, 1, 0 },
		{ exp + PCI_EXP_DEVCTL, 2, PCI_EXP_DEVCTL_BCR_FLR },
		{ exp + PCI_EXP_DEVCTL + 1, 1, PCI_EXP_DEVCTL_BCR_FLR >> 8 },
		{ exp + PCI_EXP_DEVCTL, 4, PCI_EXP_DEVCTL_BCR_FLR },
		{ exp + PCI_EXP_LNKCTL, 2, PCI_EXP_LNKCTL_LD },
		{ msi + PCI_MSI_FLAGS, 2, PCI_MSI_FLAGS_ENABLE },
		{ msi + PCI_MSI_ADDRESS_LO, 4, 0xfee00000 },
		{ msi + PCI_MSI_DATA_64, 2, 0x41 },
		{ msix + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE },
		{ pm + PCI_PM_CTRL, 2, 3 },
	};
	unsigned int i, before;

	ASSERT_NE(0, exp);
	ASSERT_NE(0, msi);
	ASSERT_NE(0, msix);
	ASSERT_NE(0, pm);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		before = rig_violations(&self->rig);
		EXPECT_EQ(-EPERM, rig_do(&self->a, RIG_CONFIG_SET, bad[i].at, bad[i].size,
					 bad[i].set)) {
			TH_LOG("write of %#x, %u bytes, at %#x", bad[i].set, bad[i].size, bad[i].at);
		}
		EXPECT_EQ(before + 1, rig_violations(&self->rig));
	}
	/* Still there, and still silent. */
	EXPECT_LE(0, rig_do(&self->a, RIG_READ, BAR(0, STATUS), 0, 0));
	EXPECT_EQ(0, rig_do(&self->a, RIG_CONFIG, PCI_COMMAND, 2, 0) & PCI_COMMAND_MASTER);
}

TEST_F(lease, harmless_config_writes)
{
	uint32_t exp = capability(&self->a, PCI_CAP_ID_EXP);
	long long devctl;

	ASSERT_NE(0, exp);
	devctl = rig_do(&self->a, RIG_CONFIG, exp + PCI_EXP_DEVCTL, 2, 0);
	ASSERT_LE(0, devctl);
	EXPECT_EQ(0, rig_do(&self->a, RIG_CONFIG_SET, exp + PCI_EXP_DEVCTL, 2,
			    (uint64_t)devctl ^ PCI_EXP_DEVCTL_RELAX_EN));
	EXPECT_EQ(0, rig_do(&self->a, RIG_CONFIG_SET, PCI_CACHE_LINE_SIZE, 1, 16));
	EXPECT_EQ(16, rig_do(&self->a, RIG_CONFIG, PCI_CACHE_LINE_SIZE, 1, 0));
	EXPECT_EQ(0, rig_violations(&self->rig));
}

TEST_F(lease, config_hides_addresses)
{
	uint32_t msi = capability(&self->a, PCI_CAP_ID_MSI);
	uint32_t i;

	for (i = PCI_BASE_ADDRESS_0; i <= PCI_BASE_ADDRESS_5; i += 4)
		EXPECT_EQ(0, rig_do(&self->a, RIG_CONFIG, i, 4, 0) & ~0xfLL);
	EXPECT_EQ(0, rig_do(&self->a, RIG_CONFIG, PCI_BASE_ADDRESS_0 + 2, 2, 0));
	ASSERT_NE(0, msi);
	EXPECT_EQ(0, rig_do(&self->a, RIG_CONFIG, msi + PCI_MSI_ADDRESS_LO, 4, 0));
	EXPECT_EQ(0, rig_do(&self->a, RIG_CONFIG, msi + PCI_MSI_DATA_64, 2, 0));
}

TEST_F(lease, msix_table_is_not_mapped)
{
	uint32_t msix = capability(&self->a, PCI_CAP_ID_MSIX);
	uint32_t table, pba;

	ASSERT_NE(0, msix);
	table = (uint32_t)rig_do(&self->a, RIG_CONFIG, msix + PCI_MSIX_TABLE, 4, 0);
	pba = (uint32_t)rig_do(&self->a, RIG_CONFIG, msix + PCI_MSIX_PBA, 4, 0);
	EXPECT_EQ(RIG_SIGBUS, rig_do(&self->a, RIG_READ, BAR(table & 7, table & ~7U), 0, 0));
	EXPECT_EQ(RIG_SIGBUS, rig_do(&self->a, RIG_WRITE, BAR(table & 7, table & ~7U),
				     0xfee00000, 0));
	EXPECT_EQ(RIG_SIGBUS, rig_do(&self->a, RIG_READ, BAR(pba & 7, pba & ~7U), 0, 0));
}

/* A standby has mapped everything, and reaches nothing. */
TEST_F(lease, standby_reaches_nothing)
{
	unsigned int before;

	ASSERT_EQ(0, rig_start(&self->rig, &self->b, 0));
	before = rig_violations(&self->rig);
	EXPECT_EQ(RIG_SIGBUS, rig_do(&self->b, RIG_READ, BAR(0, STATUS), 0, 0));
	EXPECT_EQ(RIG_SIGBUS, rig_do(&self->b, RIG_WRITE, BAR(0, CTRL), CTRL_RST, 0));
	EXPECT_EQ(before, rig_violations(&self->rig));
	EXPECT_EQ(-EOWNERDEAD, rig_do(&self->b, RIG_DEVICE, RS_DEVICE_MASTER_ON, 0, 0));
	EXPECT_EQ(-EOWNERDEAD, rig_do(&self->b, RIG_DEVICE, RS_DEVICE_RESET, 0, 0));
	EXPECT_EQ(-EOWNERDEAD, rig_do(&self->b, RIG_CONFIG, 0, 4, 0));
	EXPECT_EQ(-EOWNERDEAD, rig_do(&self->b, RIG_CONFIG_SET, PCI_COMMAND, 2, 7));
	EXPECT_EQ(before + 4, rig_violations(&self->rig));
	EXPECT_EQ(0, rig_do(&self->b, RIG_IRQS, 0, 0, 0));
	/* The other one did not notice. */
	EXPECT_LE(0, rig_do(&self->a, RIG_READ, BAR(0, STATUS), 0, 0));
}

/* One that reported its death runs on for a while. */
TEST_F(lease, stale_instance_reaches_nothing)
{
	unsigned int before;

	ASSERT_EQ(0, rig_start(&self->rig, &self->b, 0));
	ASSERT_LE(0, rig_do(&self->a, RIG_READ, BAR(0, STATUS), 0, 0));
	ASSERT_EQ(0, rig_do(&self->a, RIG_DEVICE, RS_DEVICE_MASTER_ON, 0, 0));
	ASSERT_EQ(0, rig_do(&self->a, RIG_DYING, 0, 0, 0));

	EXPECT_EQ(RIG_SIGBUS, rig_do(&self->a, RIG_READ, BAR(0, STATUS), 0, 0));
	EXPECT_EQ(RIG_SIGBUS, rig_do(&self->a, RIG_WRITE, BAR(0, CTRL), CTRL_RST, 0));
	before = rig_violations(&self->rig);
	EXPECT_EQ(-EOWNERDEAD, rig_do(&self->a, RIG_DEVICE, RS_DEVICE_MASTER_ON, 0, 0));
	EXPECT_EQ(-EOWNERDEAD, rig_do(&self->a, RIG_DEVICE, RS_DEVICE_RESET, 0, 0));
	EXPECT_EQ(-EOWNERDEAD, rig_do(&self->a, RIG_CONFIG_SET, PCI_COMMAND, 2, 7));
	EXPECT_EQ(-EOWNERDEAD, rig_do(&self->a, RIG_PUT, 0, 0, 0));
	EXPECT_EQ(before + 4, rig_violations(&self->rig));

	/* The successor has a silent device, and the event that tells it to look. */
	ASSERT_TRUE(rig_wait(&self->rig, UP, 2, 10000));
	EXPECT_EQ(self->b.number, self->rig.last[UP]);
	EXPECT_EQ(0, rig_do(&self->b, RIG_CONFIG, PCI_COMMAND, 2, 0) & PCI_COMMAND_MASTER);
	EXPECT_LE(0, rig_do(&self->b, RIG_READ, BAR(0, STATUS), 0, 0));
	EXPECT_EQ(1, rig_do(&self->b, RIG_IRQS, 0, 0, 0));
	EXPECT_EQ(RIG_SIGBUS, rig_do(&self->a, RIG_READ, BAR(0, STATUS), 0, 0));
}

/* One that waits for a swap to be confirmed, or taken back. */
TEST_F(lease, parked_instance_reaches_nothing)
{
	ASSERT_EQ(0, rig_start(&self->rig, &self->b, RIG_SHY | RIG_HOLD));
	ASSERT_LE(0, rig_do(&self->a, RIG_READ, BAR(0, STATUS), 0, 0));
	ASSERT_EQ(0, rig_swap(&self->rig, &self->b));
	EXPECT_EQ(RIG_SIGBUS, rig_do(&self->a, RIG_READ, BAR(0, STATUS), 0, 0));
	EXPECT_EQ(-EOWNERDEAD, rig_do(&self->a, RIG_DEVICE, RS_DEVICE_MASTER_ON, 0, 0));
	EXPECT_LE(0, rig_do(&self->b, RIG_READ, BAR(0, STATUS), 0, 0));

	/* It fails: the old one reaches the device again, by the same mapping. */
	rig_kill(&self->b);
	ASSERT_TRUE(rig_wait(&self->rig, BOUND, 3, 10000));
	EXPECT_EQ(self->a.number, self->rig.last[BOUND]);
	EXPECT_LE(0, rig_do(&self->a, RIG_READ, BAR(0, STATUS), 0, 0));
	EXPECT_EQ(0, rig_do(&self->a, RIG_DEVICE, RS_DEVICE_MASTER_ON, 0, 0));
}

/* What the device raised before the fence belongs to the successor; a standby gets none. */
TEST_F(lease, interrupts_go_to_the_bound)
{
	ASSERT_EQ(0, rig_start(&self->rig, &self->b, 0));
	ASSERT_EQ(0, rig_do(&self->a, RIG_DEVICE, RS_DEVICE_MASTER_ON, 0, 0));
	ASSERT_EQ(0, rig_do(&self->a, RIG_WRITE, BAR(0, IMS), INT_LSC, 0));
	ASSERT_EQ(0, rig_do(&self->a, RIG_WRITE, BAR(0, ICS), INT_LSC, 0));
	EXPECT_EQ(0, rig_do(&self->b, RIG_IRQS, 0, 0, 0));
	rig_kill(&self->a);
	ASSERT_TRUE(rig_wait(&self->rig, UP, 2, 10000));
	EXPECT_EQ(1, rig_do(&self->b, RIG_IRQS, 0, 0, 0));
}

TEST_HARNESS_MAIN
