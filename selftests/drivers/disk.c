// SPDX-License-Identifier: GPL-2.0-only
/*
 * A disk that misbehaves on demand
 *
 * The medium is the slot's mapped state.  With --cache process what is written stays in this
 * process until a flush, and dies with it: nothing but the kernel's log can bring it back.  With
 * --cache device it goes to the medium at once, as if the device's cache were there.
 *
 *	--size BYTES	of the medium, which never changes
 *	--shrink BYTES	announce so many less; SIGUSR1 makes it the whole size and back
 *	--block BYTES	block size
 *	--cache C	none, device, process
 *	--unflushed N	max_unflushed
 *	--max-io BYTES	largest request
 *	--fua		take FUA
 *	--no-discard	announce neither discard nor write-zeroes
 *	--read-only
 *	--serial TEXT
 *	--partitions	two of them are on it at first, 8 MiB and 16 MiB
 *	--disks N	so many disks, the medium divided among them
 *	--deadly N	die of each write to this offset
 *	--slow US	work so long, busy, on each read and write
 *	--credit N	take so many requests of each queue at once
 *	--report FILE	keep counts of what was asked there: flushes, FUA, discards, zeroes
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rsdrv.h>

/* struct counts - what was asked, kept in the file over all instances */
struct counts {
	unsigned long flushes;
	unsigned long fua;
	unsigned long discards;
	unsigned long zeroes;
	unsigned long replayed;
};

struct disk {
	/* The medium, and what requests see: the same, or the process's own copy. */
	char *medium;
	char *bytes;
	size_t size;
	struct rs_announce_blk blk;
	unsigned long disks;
	unsigned long slow_us;
	unsigned long credit;
	uint64_t deadly;
	uint64_t shrink;
	bool shrunk;
	bool partitions;
	const char *serial;
	int report;
	struct counts counts;
};

static int resize_wanted;

static struct disk *to_disk(struct rsdrv *d)
{
	return rsdrv_priv(d);
}

static void report(struct disk *disk)
{
	char text[256];
	int len;

	if (disk->report < 0)
		return;
	len = snprintf(text, sizeof(text),
		       "flushes=%lu fua=%lu discards=%lu zeroes=%lu replayed=%lu\n",
		       disk->counts.flushes, disk->counts.fua, disk->counts.discards,
		       disk->counts.zeroes, disk->counts.replayed);
	if (pwrite(disk->report, text, (size_t)len, 0) != len)
		disk->report = -1;
}

static void report_read(struct disk *disk)
{
	char text[256] = "";

	if (disk->report < 0 || pread(disk->report, text, sizeof(text) - 1, 0) <= 0)
		return;
	if (sscanf(text, "flushes=%lu fua=%lu discards=%lu zeroes=%lu replayed=%lu",
		   &disk->counts.flushes, &disk->counts.fua, &disk->counts.discards,
		   &disk->counts.zeroes, &disk->counts.replayed) != 5)
		memset(&disk->counts, 0, sizeof(disk->counts));
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void work(const struct disk *disk)
{
	uint64_t end = now_ns() + disk->slow_us * 1000;

	while (disk->slow_us && now_ns() < end)
		;
}

static void note_replay(struct rsdrv_req *req)
{
	struct disk *disk = to_disk(req->d);

	if (!(req->sqe.flags & RS_SQE_REPLAYED))
		return;
	disk->counts.replayed++;
	report(disk);
}

/* Bytes of one disk. */
static size_t share(const struct disk *disk)
{
	return disk->size / disk->disks;
}

static char *place(struct rsdrv_req *req, uint64_t len)
{
	const struct disk *disk = to_disk(req->d);

	if (req->sqe.minor >= disk->disks || req->sqe.offset > share(disk) ||
	    len > share(disk) - req->sqe.offset)
		return NULL;
	return disk->bytes + req->sqe.minor * share(disk) + req->sqe.offset;
}

static int disk_read(struct rsdrv_req *req)
{
	const char *at = place(req, req->sqe.len);

	note_replay(req);
	if (!at)
		return -EIO;
	work(to_disk(req->d));
	memcpy(req->buf, at, req->sqe.len);
	return 0;
}

static int disk_write(struct rsdrv_req *req)
{
	struct disk *disk = to_disk(req->d);
	char *at = place(req, req->sqe.len);

	note_replay(req);
	if (!at)
		return -EIO;
	if (disk->deadly && req->sqe.offset <= disk->deadly &&
	    disk->deadly < req->sqe.offset + req->sqe.len)
		abort();
	work(disk);
	memcpy(at, req->buf, req->sqe.len);
	if (req->sqe.arg & RS_BLK_FUA) {
		/* Where the process's copy is, the medium is as well. */
		memcpy(disk->medium + (at - disk->bytes), req->buf, req->sqe.len);
		disk->counts.fua++;
		report(disk);
	}
	return 0;
}

static int disk_flush(struct rsdrv_req *req)
{
	struct disk *disk = to_disk(req->d);
	size_t at = req->sqe.minor * share(disk);

	note_replay(req);
	if (disk->bytes != disk->medium)
		memcpy(disk->medium + at, disk->bytes + at, share(disk));
	disk->counts.flushes++;
	report(disk);
	return 0;
}

static int disk_zero(struct rsdrv_req *req)
{
	struct disk *disk = to_disk(req->d);
	char *at = place(req, req->sqe.data);

	note_replay(req);
	if (!at)
		return -EIO;
	memset(at, 0, req->sqe.data);
	if (req->sqe.op == RS_OP_BLK_DISCARD)
		disk->counts.discards++;
	else
		disk->counts.zeroes++;
	report(disk);
	return 0;
}

static const struct rsdrv_blk_ops blk_ops = {
	.read = disk_read,
	.write = disk_write,
	.flush = disk_flush,
	.discard = disk_zero,
	.write_zeroes = disk_zero,
};

static uint64_t announced(const struct disk *disk)
{
	return share(disk) - (disk->shrunk ? disk->shrink : 0);
}

static int announce(struct rsdrv *d)
{
	struct disk *disk = to_disk(d);
	unsigned int i;
	int r = 0;

	for (i = 0; !r && i < disk->disks; i++) {
		disk->blk.minor = i;
		disk->blk.size = announced(disk);
		if (disk->serial)
			snprintf(disk->blk.serial, sizeof(disk->blk.serial), "%s%.0u", disk->serial, i);
		r = rsdrv_announce_blk(d, &disk->blk);
	}
	return r;
}

/* An entry of the table that PCs have in their first block. */
static void put_partition(char *entry, uint32_t first, uint32_t sectors)
{
	entry[4] = (char)0x83;
	memcpy(entry + 8, &first, sizeof(first));
	memcpy(entry + 12, &sectors, sizeof(sectors));
}

static void put_partitions(char *medium)
{
	put_partition(medium + 446, 2048, (8 << 20) / 512);
	put_partition(medium + 462, 2048 + (8 << 20) / 512, (16 << 20) / 512);
	medium[510] = 0x55;
	medium[511] = (char)0xaa;
}

static int disk_init(struct rsdrv *d, const struct rsdrv_init_info *info)
{
	struct disk *disk = to_disk(d);
	void *medium;
	int r;

	r = rsdrv_state_map(d, disk->size, &medium, &disk->size);
	if (r)
		return r;
	disk->medium = medium;
	disk->bytes = medium;
	if (disk->partitions && info->type == RS_INIT_FRESH)
		put_partitions(medium);
	if (disk->blk.cache == RS_BLK_CACHE_PROCESS) {
		disk->bytes = malloc(disk->size);
		if (!disk->bytes)
			return -ENOMEM;
		memcpy(disk->bytes, disk->medium, disk->size);
	}
	report_read(disk);
	return announce(d);
}

/* Taken down in order: nothing is left in the cache. */
static void disk_stop(struct rsdrv *d)
{
	struct disk *disk = to_disk(d);

	if (rsdrv_bound(d) && disk->bytes != disk->medium)
		memcpy(disk->medium, disk->bytes, disk->size);
}

static const struct rsdrv_sef_ops sef_ops = {
	.init_fresh = disk_init,
	.init_restart = disk_init,
	.init_lu = disk_init,
	.stop = disk_stop,
};

static void on_usr1(int signo)
{
	(void)signo;
	__atomic_store_n(&resize_wanted, 1, __ATOMIC_RELAXED);
}

static int serve(struct rsdrv *d)
{
	struct disk *disk = to_disk(d);
	int r;

	do {
		r = rsdrv_dispatch(d, RS_TIMEOUT_NONE);
		if (rsdrv_bound(d) && __atomic_exchange_n(&resize_wanted, 0, __ATOMIC_RELAXED)) {
			disk->shrunk = !disk->shrunk;
			rsdrv_blk_resize(d, 0, announced(disk));
		}
	} while (r >= 0);
	return r == -ESHUTDOWN ? 0 : r;
}

static int parse_cache(const char *name, uint32_t *ret)
{
	static const char *const names[] = { "none", "device", "process" };
	uint32_t i;

	for (i = 0; i < 3; i++) {
		if (!strcmp(name, names[i])) {
			*ret = i;
			return 0;
		}
	}
	return -EINVAL;
}

enum {
	OPT_SIZE = 1, OPT_SHRINK, OPT_BLOCK, OPT_CACHE, OPT_UNFLUSHED, OPT_MAX_IO, OPT_FUA,
	OPT_NO_DISCARD, OPT_READ_ONLY, OPT_SERIAL, OPT_DISKS, OPT_DEADLY, OPT_SLOW, OPT_CREDIT,
	OPT_REPORT, OPT_PARTITIONS,
};

static const struct option options[] = {
	{ "size", required_argument, NULL, OPT_SIZE },
	{ "shrink", required_argument, NULL, OPT_SHRINK },
	{ "block", required_argument, NULL, OPT_BLOCK },
	{ "cache", required_argument, NULL, OPT_CACHE },
	{ "unflushed", required_argument, NULL, OPT_UNFLUSHED },
	{ "max-io", required_argument, NULL, OPT_MAX_IO },
	{ "fua", no_argument, NULL, OPT_FUA },
	{ "no-discard", no_argument, NULL, OPT_NO_DISCARD },
	{ "read-only", no_argument, NULL, OPT_READ_ONLY },
	{ "serial", required_argument, NULL, OPT_SERIAL },
	{ "disks", required_argument, NULL, OPT_DISKS },
	{ "deadly", required_argument, NULL, OPT_DEADLY },
	{ "slow", required_argument, NULL, OPT_SLOW },
	{ "credit", required_argument, NULL, OPT_CREDIT },
	{ "partitions", no_argument, NULL, OPT_PARTITIONS },
	{ "report", required_argument, NULL, OPT_REPORT },
	{ NULL, 0, NULL, 0 },
};

static int parse(struct disk *disk, int argc, char **argv)
{
	struct rs_announce_blk *blk = &disk->blk;
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		uint64_t v = optarg ? strtoull(optarg, NULL, 0) : 0;

		switch (opt) {
		case OPT_SIZE:
			disk->size = v;
			break;
		case OPT_SHRINK:
			disk->shrink = v;
			disk->shrunk = true;
			break;
		case OPT_BLOCK:
			blk->block_size = (uint32_t)v;
			break;
		case OPT_CACHE:
			if (parse_cache(optarg, &blk->cache))
				return -EINVAL;
			break;
		case OPT_UNFLUSHED:
			blk->max_unflushed = (uint32_t)v;
			break;
		case OPT_MAX_IO:
			blk->max_io = (uint32_t)v;
			break;
		case OPT_FUA:
			blk->flags |= RS_BLK_HAS_FUA;
			break;
		case OPT_NO_DISCARD:
			blk->max_discard = 0;
			blk->max_write_zeroes = 0;
			break;
		case OPT_READ_ONLY:
			blk->flags |= RS_BLK_READ_ONLY;
			break;
		case OPT_SERIAL:
			disk->serial = optarg;
			break;
		case OPT_DISKS:
			disk->disks = v;
			break;
		case OPT_DEADLY:
			disk->deadly = v;
			break;
		case OPT_SLOW:
			disk->slow_us = v;
			break;
		case OPT_CREDIT:
			disk->credit = v;
			break;
		case OPT_PARTITIONS:
			disk->partitions = true;
			break;
		case OPT_REPORT:
			disk->report = open(optarg, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
			break;
		default:
			return -EINVAL;
		}
	}
	return disk->disks ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
	struct disk disk = {
		.size = 64 << 20,
		.disks = 1,
		.report = -1,
		.blk = {
			.block_size = 512,
			.max_discard = 16 << 20,
			.max_write_zeroes = 16 << 20,
			.model = "rsmod test disk",
		},
	};
	const struct rsdrv_params params = {
		.class = RS_CLASS_BLK,
		.effects = RS_EFFECTS_SLOT,
		.ops = &sef_ops,
		.priv = &disk,
	};
	const struct sigaction usr1 = { .sa_handler = on_usr1 };
	struct rsdrv *d;
	unsigned int i;
	int r;

	if (parse(&disk, argc, argv))
		return 2;
	/* Without SA_RESTART: the wait for requests ends. */
	sigaction(SIGUSR1, &usr1, NULL);
	r = rsdrv_start(&params, &d);
	if (r) {
		fprintf(stderr, "disk: cannot start: %s\n", strerror(-r));
		return 1;
	}
	r = rsdrv_blk_register(d, &blk_ops);
	for (i = RSDRV_BLK_QUEUE; !r && i <= rsdrv_nr_queues(d); i++)
		r = rsdrv_set_credit(d, i, (unsigned int)disk.credit);
	if (!r)
		r = serve(d);
	rsdrv_end(d);
	return r ? 1 : 0;
}
