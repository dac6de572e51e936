/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The driver: one controller, its disks, its queue pairs
 *
 *	nvme.c		the instance: init, the loop, the end
 *	setup.c		from a controller that is off to one that serves
 *	disk.c		namespaces are disks; requests become commands and come back
 *	care.c		commands that take too long, a controller that is dead
 *
 * Below them, and ignorant of requests: ctrl, queue, command, prp, identify, status, ladder.
 */
#ifndef NVME_H
#define NVME_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <rsdrv.h>

#include "ctrl.h"
#include "identify.h"
#include "ladder.h"
#include "prp.h"
#include "queue.h"

#define DISKS_MAX	RS_BLK_DISKS_MAX
#define PAIRS_MAX	RS_QUEUES_MAX
#define ABORTS_MAX	4

#define SQ_BYTES	(QUEUE_MAX * sizeof(struct nvme_cmd))
#define CQ_BYTES	(QUEUE_MAX * sizeof(struct nvme_cqe))
#define LIST_BYTES	(QUEUE_MAX * PRP_LIST_BYTES)
/* Pages for Identify and logs: the controller, the list, one for each disk. */
#define NR_PAGES	(2 + DISKS_MAX)

/* All that is taken from the start of the pool. */
#define PRIVATE_BYTES	(PAIRS_MAX * (SQ_BYTES + CQ_BYTES + LIST_BYTES) + \
			 2 * (size_t)PRP_PAGE + NR_PAGES * (size_t)PRP_PAGE)

/**
 * struct pair - an I/O queue pair and what belongs to it
 * @q: the pair
 * @sq_mem: its submission entries
 * @cq_mem: its completion entries
 * @list_mem: PRP_LIST_BYTES for each identifier
 * @held: commands between two givings
 * @nr_held: how many
 */
struct pair {
	struct queue q;
	struct rsdrv_dma sq_mem;
	struct rsdrv_dma cq_mem;
	struct rsdrv_dma list_mem;
	struct answer held[QUEUE_MAX];
	unsigned int nr_held;
};

/**
 * struct disk - a namespace
 * @nsid: its number
 * @reserved: zero
 * @blk: what the module was told; a size of 0: it is gone, or is another than it was
 */
struct disk {
	uint32_t nsid;
	uint32_t reserved;
	struct rs_announce_blk blk;
};

/**
 * struct nvme - the driver
 * @d: the instance
 * @pci: the leased device
 * @ctrl: the controller
 * @id: what it says of itself
 * @admin_sq_mem: admin submission entries
 * @admin_cq_mem: admin completion entries
 * @page_mem: NR_PAGES pages for its answers
 * @pair: queue pairs; the controller knows them by their index + 1
 * @nr_pairs: of them, those in use
 * @disk: by minor
 * @nr_disks: how many
 * @untold: bit i: what disk[i] is now could not be asked
 * @call: a batch of admin commands
 * @event_call: the event that is waited for
 * @abort_call: Abort commands under way
 * @rung: of the controller as a whole
 * @alarm: the alarm is set
 * @ready: serves
 * @event: an event is waited for
 */
struct nvme {
	struct rsdrv *d;
	struct rsdrv_pci *pci;
	struct ctrl ctrl;
	struct controller_id id;
	struct rsdrv_dma admin_sq_mem;
	struct rsdrv_dma admin_cq_mem;
	struct rsdrv_dma page_mem;
	struct pair pair[PAIRS_MAX];
	unsigned int nr_pairs;
	struct disk disk[DISKS_MAX];
	unsigned int nr_disks;
	uint32_t untold;
	struct admin_call call[ADMIN_ENTRIES];
	struct admin_call event_call;
	struct admin_call abort_call[ABORTS_MAX];
	enum rung rung;
	bool alarm;
	bool ready;
	bool event;
};

/* now_ms() - the clock of slot.tick; it wraps. */
static inline uint32_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (uint32_t)t.tv_sec * 1000 + (uint32_t)(t.tv_nsec / 1000000);
}

static inline void *page_va(const struct nvme *nvme, unsigned int i)
{
	return (char *)nvme->page_mem.va + (size_t)i * PRP_PAGE;
}

static inline uint64_t page_iova(const struct nvme *nvme, unsigned int i)
{
	return nvme->page_mem.iova + (uint64_t)i * PRP_PAGE;
}

/* setup_memory() - take what PRIVATE_BYTES is for.  Before the device is ours. */
int setup_memory(struct nvme *nvme);

/*
 * setup_off() - whatever state the controller is in: from now on it has no queues and executes
 * nothing.  @function: by a function-level reset, even if it would obey.  0 or a negative errno.
 */
int setup_off(struct nvme *nvme, bool function);

/*
 * setup_on() - from off to one that has our queues and no command; what its namespaces are
 * lies in their pages.  0 or a negative errno.
 */
int setup_on(struct nvme *nvme);

/* setup_pair() - tell the controller of queue pair @i.  0 or a negative errno. */
int setup_pair(struct nvme *nvme, unsigned int i);

/* setup_event() - ask to be told of the next event. */
void setup_event(struct nvme *nvme);

/* disks_load() - the disks that a predecessor told of, if there was one.  0 or a negative errno. */
int disks_load(struct nvme *nvme, const struct rsdrv_init_info *info);

/*
 * disks_ask() - put commands into nvme->call, from @n on, that fill the disks' pages.  Without
 * disks so far, those on the list in the page @list become disks.
 */
void disks_ask(struct nvme *nvme, const void *list, unsigned int *n);

/* disks_told() - they are answered: which of them, from nvme->call[@n] on, say nothing? */
void disks_told(struct nvme *nvme, unsigned int n);

/* disks_announce() - tell the module of all disks, in INIT.  0 or a negative errno. */
int disks_announce(struct nvme *nvme);

/* disks_update() - the pages are new: tell the module of other sizes. */
void disks_update(struct nvme *nvme);

/* disks_event() - the controller told of something: look at it, and ask for the next. */
void disks_event(struct nvme *nvme);

/* disk_give() - make a command of a request, and give it.  0 or a negative errno. */
int disk_give(struct nvme *nvme, struct rsdrv_req *req, uint8_t tries, uint8_t rung);

/*
 * disk_reap() - complete what was answered; true: there was something.  To be followed by
 * queue_ack(), unless the queues are on their way out.
 */
bool disk_reap(struct nvme *nvme, struct pair *pair);

/* The operations for rsdrv_blk_register(). */
extern const struct rsdrv_blk_ops disk_ops;

/* pair_of() - the queue pair that serves a data queue. */
static inline struct pair *pair_of(struct nvme *nvme, unsigned int queue)
{
	return &nvme->pair[(queue - RSDRV_BLK_QUEUE) % nvme->nr_pairs];
}

/* care_look() - is everything answered in time?  If not, do what the ladder says. */
void care_look(struct nvme *nvme);

/* care_reset() - the admin queue hangs: reset the controller, and give all commands again. */
void care_reset(struct nvme *nvme);

#endif /* NVME_H */
