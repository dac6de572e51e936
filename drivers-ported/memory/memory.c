// SPDX-License-Identifier: GPL-2.0-only
/*
 * A RAM disk, after MINIX's drivers/memory
 *
 * Its blocks are the slot's mapped state: memory that belongs to the service, not to this process.
 * An instance that dies leaves them to the next one as they are, perhaps with a block half
 * written; the kernel then sends that request again.  So a write that was completed cannot be
 * lost, and there is no cache to flush.
 *
 *	--size BYTES[K|M|G]	default 64M; counts only for the first instance of the service
 *	--block BYTES		block size, 512 (default) to 4096
 *	--read-only
 *	--threads N		so many serve the queues, 0 = one each; default 1
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rsdrv.h>

/* Largest piece that is discarded or zeroed at once: the driver has one thread. */
#define MEMORY_ZEROES_MAX	(32U << 20)

/**
 * struct memory - the driver
 * @data: the blocks
 * @size: bytes
 * @want: bytes wanted, if the service has no blocks yet
 * @block: block size
 * @read_only: as announced
 * @threads: see above
 */
struct memory {
	char *data;
	size_t size;
	size_t want;
	uint32_t block;
	bool read_only;
	unsigned int threads;
};

static struct memory *to_memory(struct rsdrv *d)
{
	return rsdrv_priv(d);
}

/* Where a request's bytes are, or NULL. */
static char *memory_at(const struct rsdrv_req *req, uint64_t len)
{
	const struct memory *m = to_memory(req->d);

	if (req->sqe.offset > m->size || len > m->size - req->sqe.offset)
		return NULL;
	return m->data + req->sqe.offset;
}

static int memory_read(struct rsdrv_req *req)
{
	const char *at = memory_at(req, req->sqe.len);

	if (!at)
		return -EIO;
	memcpy(req->buf, at, req->sqe.len);
	return 0;
}

static int memory_write(struct rsdrv_req *req)
{
	char *at = memory_at(req, req->sqe.len);

	if (!at)
		return -EIO;
	memcpy(at, req->buf, req->sqe.len);
	return 0;
}

static int memory_zero(struct rsdrv_req *req)
{
	char *at = memory_at(req, req->sqe.data);

	if (!at)
		return -EIO;
	memset(at, 0, req->sqe.data);
	return 0;
}

static const struct rsdrv_blk_ops memory_blk_ops = {
	.read = memory_read,
	.write = memory_write,
	.discard = memory_zero,
	.write_zeroes = memory_zero,
};

/* First start, crash or update: the blocks are where they were. */
static int memory_init(struct rsdrv *d, const struct rsdrv_init_info *info)
{
	struct memory *m = to_memory(d);
	struct rs_announce_blk blk = {
		.flags = m->read_only ? RS_BLK_READ_ONLY : 0,
		.block_size = m->block,
		.cache = RS_BLK_CACHE_NONE,
		.max_discard = MEMORY_ZEROES_MAX,
		.max_write_zeroes = MEMORY_ZEROES_MAX,
		.model = "rsmod memory",
	};
	void *data;
	int r;

	(void)info;
	r = rsdrv_state_map(d, m->want, &data, &m->size);
	if (r)
		return r;
	m->data = data;
	blk.size = m->size;
	return rsdrv_announce_blk(d, &blk);
}

static const struct rsdrv_sef_ops memory_sef_ops = {
	.init_fresh = memory_init,
	.init_restart = memory_init,
	.init_lu = memory_init,
};

static size_t parse_size(const char *s)
{
	char *end;
	unsigned long long n = strtoull(s, &end, 0);
	unsigned int shift = 0;

	switch (*end) {
	case 'K':
		shift = 10;
		end++;
		break;
	case 'M':
		shift = 20;
		end++;
		break;
	case 'G':
		shift = 30;
		end++;
		break;
	}
	if (*end || n > (SIZE_MAX >> shift))
		return 0;
	return (size_t)n << shift;
}

static int parse_options(struct memory *m, int argc, char **argv)
{
	const struct option options[] = {
		{ "size", required_argument, NULL, 's' },
		{ "block", required_argument, NULL, 'b' },
		{ "threads", required_argument, NULL, 't' },
		{ "read-only", no_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 's':
			m->want = parse_size(optarg);
			break;
		case 'b':
			m->block = (uint32_t)strtoul(optarg, NULL, 0);
			break;
		case 't':
			m->threads = (unsigned int)strtoul(optarg, NULL, 0);
			break;
		case 'r':
			m->read_only = true;
			break;
		default:
			return -EINVAL;
		}
	}
	return m->want && optind == argc ? 0 : -EINVAL;
}

/* All queues at once: this is memory, no request waits for another. */
static int memory_queues(struct rsdrv *d)
{
	unsigned int i;
	int r = rsdrv_blk_register(d, &memory_blk_ops);

	for (i = RSDRV_BLK_QUEUE; !r && i <= rsdrv_nr_queues(d); i++)
		r = rsdrv_set_credit(d, i, 0);
	return r;
}

int main(int argc, char **argv)
{
	struct memory memory = { .want = 64 << 20, .block = 512, .threads = 1 };
	const struct rsdrv_params params = {
		.class = RS_CLASS_BLK,
		.effects = RS_EFFECTS_SLOT,
		.ops = &memory_sef_ops,
		.priv = &memory,
	};
	struct rsdrv *d;
	int r;

	if (parse_options(&memory, argc, argv)) {
		fprintf(stderr, "usage: memory [--size BYTES] [--block BYTES] [--read-only] [--threads N]\n");
		return 2;
	}
	r = rsdrv_start(&params, &d);
	if (r) {
		fprintf(stderr, "memory: cannot start: %s\n", strerror(-r));
		return 1;
	}
	r = memory_queues(d);
	if (!r)
		r = rsdrv_run_threads(d, memory.threads);
	rsdrv_end(d);
	return r ? 1 : 0;
}
