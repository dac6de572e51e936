// SPDX-License-Identifier: GPL-2.0-only
/*
 * Driver of NVM Express controllers, revision 1.4 and before (QEMU: -device nvme)
 *
 * One thread turns in a loop: the module brings requests and interrupts, commands are built
 * as requests come, and each queue pair's doorbell is rung once for a batch.  Then
 * completions are taken from all queues; as long as there are some the next turn does not sleep.
 *
 * A takeover finds a controller that is cut off from the bus and may still have commands of
 * the dead instance in its hands.  It is switched off first: then they are done or aborted,
 * whichever, and only after that the module sends them again (ctrl.h).  Nothing is kept from one
 * instance to the next but which namespace is which disk.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nvme.h"

/* How often late commands are looked for. */
#define CARE_NS		500000000

/*
 * A service that is taken down has two seconds: first for what is under way, then for the
 * controller to write its cache.
 */
#define DRAIN_MS	500
#define SHUTDOWN_MS	1200

static struct nvme *to_nvme(struct rsdrv *d)
{
	return rsdrv_priv(d);
}

static bool busy(const struct nvme *nvme)
{
	unsigned int i;

	for (i = 0; i < nvme->nr_pairs; i++)
		if (nvme->pair[i].q.nr_busy)
			return true;
	return false;
}

/* One pass; false = there is nothing to do until something comes. */
static bool nvme_poll(struct nvme *nvme)
{
	bool any = false;
	unsigned int i;

	for (i = 0; i < nvme->nr_pairs; i++) {
		struct pair *pair = &nvme->pair[i];

		any = disk_reap(nvme, pair) || any;
		queue_ack(&pair->q);
		/* What is given once more has no batch. */
		queue_kick(&pair->q);
	}
	any = admin_poll(&nvme->ctrl) || any;
	if (nvme->event && nvme->event_call.done)
		disks_event(nvme);
	if (!nvme->alarm && busy(nvme)) {
		nvme->alarm = true;
		rsdrv_set_alarm(nvme->d, CARE_NS);
	}
	return any;
}

static void nvme_alarm(struct rsdrv *d)
{
	struct nvme *nvme = to_nvme(d);

	nvme->alarm = false;
	if (!nvme->ready)
		return;
	/* What was answered is not late, however long nobody looked. */
	nvme_poll(nvme);
	care_look(nvme);
}

/*
 * First start, after a crash, an update, or an update that was taken back: it is all the same to a
 * controller that is switched off.
 */
static int nvme_init(struct rsdrv *d, const struct rsdrv_init_info *info)
{
	struct nvme *nvme = to_nvme(d);
	unsigned int i;
	int r;

	nvme->ready = false;
	nvme->alarm = false;
	rsdrv_set_alarm(d, RS_TIMEOUT_NONE);
	nvme->rung = RUNG_FINE;
	for (i = 0; i < PAIRS_MAX; i++)
		nvme->pair[i].nr_held = 0;
	for (i = 0; i < ABORTS_MAX; i++)
		nvme->abort_call[i].done = true;

	r = disks_load(nvme, info);
	if (!r)
		r = setup_off(nvme, false);
	if (!r)
		r = setup_on(nvme);
	if (!r)
		r = disks_announce(nvme);
	if (r)
		fprintf(stderr, "nvme: cannot set the controller up: %s\n", strerror(-r));
	else
		nvme->ready = true;
	return r;
}

static void nvme_stop(struct rsdrv *d)
{
	const struct timespec t = { .tv_nsec = 100000 };
	struct nvme *nvme = to_nvme(d);
	uint32_t start = now_ms(), ms;

	if (!nvme->ready)
		return;
	while (busy(nvme) && now_ms() - start < DRAIN_MS)
		if (!nvme_poll(nvme))
			nanosleep(&t, NULL);
	ms = nvme->id.shutdown_ms > SHUTDOWN_MS ? SHUTDOWN_MS : nvme->id.shutdown_ms;
	ctrl_shut_down(&nvme->ctrl, ms ? ms : SHUTDOWN_MS);
	rsdrv_pci_set_master(nvme->pci, false);
	nvme->ready = false;
}

static const struct rsdrv_sef_ops nvme_sef_ops = {
	.init_fresh = nvme_init,
	.init_restart = nvme_init,
	.init_lu = nvme_init,
	.stop = nvme_stop,
	.alarm = nvme_alarm,
};

/* All that can be done before the device is ours. */
static int nvme_open(struct nvme *nvme)
{
	int r;

	r = rsdrv_pci_open(nvme->d, &nvme->pci);
	if (!r)
		r = rsdrv_pci_map(nvme->pci, 0, &nvme->ctrl.regs, &nvme->ctrl.size);
	return r ? r : setup_memory(nvme);
}

static int nvme_serve(struct nvme *nvme)
{
	bool more = false;
	int r;

	r = rsdrv_blk_register(nvme->d, &disk_ops);
	while (r >= 0) {
		r = rsdrv_dispatch(nvme->d, more ? 0 : RS_TIMEOUT_NONE);
		more = r >= 0 && nvme->ready && nvme_poll(nvme);
	}
	return r == -ESHUTDOWN ? 0 : r;
}

static struct nvme the_nvme;

int main(void)
{
	struct nvme *nvme = &the_nvme;
	const struct rsdrv_params params = {
		.class = RS_CLASS_BLK,
		.effects = RS_EFFECTS_DEVICE,
		.private_size = PRIVATE_BYTES,
		.ops = &nvme_sef_ops,
		.priv = nvme,
	};
	int r;

	r = rsdrv_start(&params, &nvme->d);
	if (r) {
		fprintf(stderr, "nvme: cannot start: %s\n", strerror(-r));
		return 1;
	}
	r = nvme_open(nvme);
	if (r)
		fprintf(stderr, "nvme: cannot use the device: %s\n", strerror(-r));
	else
		r = nvme_serve(nvme);
	rsdrv_pci_close(nvme->pci);
	rsdrv_end(nvme->d);
	return r ? 1 : 0;
}
