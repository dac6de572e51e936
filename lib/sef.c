// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The instance: how it comes to be, INIT, saved state
 *
 * Attaching may bind the instance at once, so nothing that can fail is left for
 * later except the mappings, whose sizes only the module's answer tells.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "instance.h"

/* The descriptor that the environment names; it does not survive an exec. */
static int sef_fd(void)
{
	const char *s = getenv("RSDRV_FD");
	char *end;
	long fd;
	int flags;

	if (!s || !*s)
		return -EBADF;
	errno = 0;
	fd = strtol(s, &end, 10);
	if (errno || *end || fd < 0 || fd > INT_MAX)
		return -EBADF;
	flags = fcntl((int)fd, F_GETFD);
	if (flags < 0 || fcntl((int)fd, F_SETFD, flags | FD_CLOEXEC) < 0)
		return -errno;
	return (int)fd;
}

static uint32_t sef_spin_ns(void)
{
	const char *s = getenv("RSDRV_SPIN_US");
	unsigned long us = s ? strtoul(s, NULL, 10) : 0;

	return us < RS_SPIN_MAX_NS / 1000 ? (uint32_t)us * 1000 : RS_SPIN_MAX_NS;
}

static int sef_attach(struct rsdrv *d)
{
	struct rs_attach *a = &d->attach;

	a->version = RS_ABI_VERSION;
	a->class = d->params.class;
	a->effects = d->params.effects;
	a->features = d->params.features;
	a->private_size = d->params.private_size;
	if (ioctl(d->fd, RS_IOC_ATTACH, a))
		return -errno;
	if (a->depth > RS_DEPTH_MAX || a->msg_queue != a->nr_queues + 1 ||
	    a->msg_queue > RS_QUEUES_MAX)
		return -EPROTO;
	a->label[sizeof(a->label) - 1] = '\0';
	return 0;
}

static int sef_map(struct rsdrv *d)
{
	unsigned int i;
	void *pool;
	int r;

	for (i = 0; i <= d->attach.msg_queue; i++) {
		r = queue_open(d, i);
		if (r)
			return r;
		d->nr = i + 1;
		d->own = d->nr;
	}
	pool = mmap(NULL, d->attach.pool_size, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd,
		    (off_t)RS_MMAP_OFFSET(RS_MMAP_POOL, 0));
	if (pool == MAP_FAILED)
		return -errno;
	d->pool = pool;
	touch(d->pool, d->attach.pool_size);
	return 0;
}

static void sef_unmap(struct rsdrv *d)
{
	unsigned int i;

	if (d->pool)
		munmap(d->pool, d->attach.pool_size);
	if (d->state)
		munmap(d->state, d->state_size);
	for (i = 0; i < d->nr; i++)
		queue_close(d, i);
}

int rsdrv_start_fd(const struct rsdrv_params *params, int fd, struct rsdrv **ret)
{
	struct rsdrv *d;
	int r;

	if (!params->ops || !params->ops->init_fresh)
		return -EINVAL;
	d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	d->fd = fd;
	d->params = *params;
	d->alarm = RS_TIMEOUT_NONE;
	rsdrv_set_spin(d, sef_spin_ns());

	r = sef_attach(d);
	if (!r)
		r = sef_map(d);
	if (r) {
		sef_unmap(d);
		free(d);
		return r;
	}
	warm();
	/* To get a page back from a disk it must not take this driver; rsd lets it lock them. */
	if (params->class == RS_CLASS_BLK)
		(void)mlockall(MCL_CURRENT | MCL_FUTURE);
	*ret = d;
	return 0;
}

int rsdrv_start(const struct rsdrv_params *params, struct rsdrv **ret)
{
	int fd, r;

	if (!params->ops || !params->ops->init_fresh)
		return -EINVAL;
	fd = sef_fd();
	if (fd < 0)
		return fd;
	r = death_watch(fd);
	if (r)
		return r;
	r = rsdrv_start_fd(params, fd, ret);
	if (r)
		death_unwatch();
	else
		(*ret)->watched = true;
	return r;
}

void rsdrv_end(struct rsdrv *d)
{
	if (!d)
		return;
	sig_unwatch(d->fd);
	if (d->watched)
		death_unwatch();
	sef_unmap(d);
	close(d->fd);
	free(d);
}

/*
 * Who updates a service may see what becomes of a version that fails in INIT (MINIX: RSS_FORCE_INIT_*,
 * sef_cb_init_fail and its like).
 */
static int sef_fault(struct rsdrv *d)
{
	const char *fault = getenv("RSDRV_FAULT");

	if (!fault)
		return 0;
	if (!strcmp(fault, "crash"))
		rsdrv_panic(d, "asked to crash in INIT");
	if (!strcmp(fault, "hang"))
		for (;;)
			pause();
	return -ENOSYS;
}

/* MINIX: process_init, lib/libsys/sef_init.c */
int sef_init(struct rsdrv *d, const struct rs_sqe *sqe)
{
	const struct rsdrv_sef_ops *ops = d->params.ops;
	const struct rsdrv_init_info info = {
		.type = sqe->arg,
		.restarts = sqe->data,
		.state_len = sqe->len,
		.endpoint = d->attach.endpoint,
	};
	int (*init[])(struct rsdrv *, const struct rsdrv_init_info *) = {
		[RS_INIT_FRESH]		= ops->init_fresh,
		[RS_INIT_LU]		= ops->init_lu,
		[RS_INIT_RESTART]	= ops->init_restart,
		[RS_INIT_ROLLBACK]	= ops->init_rollback ? ops->init_rollback :
							       ops->init_restart,
	};
	int r;

	/* Until INIT is answered nothing is published: what is there is from before. */
	threads_hold(d);
	queues_forget(d);
	threads_go(d);
	lu_over(d);
	d->irqs = 0;
	d->bound = false;
	if (info.type >= ARRAY_SIZE(init))
		return -EINVAL;
	if (!init[info.type])
		return -EOPNOTSUPP;
	r = info.type == RS_INIT_LU ? sef_fault(d) : 0;
	if (!r)
		r = init[info.type](d, &info);
	if (r < 0)
		return r;
	d->bound = true;
	return 0;
}

void *rsdrv_priv(const struct rsdrv *d)
{
	return d->params.priv;
}

const char *rsdrv_label(const struct rsdrv *d)
{
	return d->attach.label;
}

int32_t rsdrv_endpoint(const struct rsdrv *d)
{
	return d->attach.endpoint;
}

uint32_t rsdrv_instance(const struct rsdrv *d)
{
	return d->attach.instance;
}

int rsdrv_bound(const struct rsdrv *d)
{
	return d->bound;
}

int rsdrv_fd(const struct rsdrv *d)
{
	return d->fd;
}

int rsdrv_announce(struct rsdrv *d, const struct rs_announce *announce)
{
	return ioctl(d->fd, RS_IOC_ANNOUNCE, announce) ? -errno : 0;
}

int rsdrv_state_put(struct rsdrv *d, const void *buf, size_t len, uint32_t version)
{
	struct rs_state s = {
		.addr = (uintptr_t)buf,
		.len = (uint32_t)len,
		.version = version,
	};

	if (len > RS_STATE_MAX)
		return -E2BIG;
	return ioctl(d->fd, RS_IOC_STATE_PUT, &s) ? -errno : 0;
}

long rsdrv_state_get(struct rsdrv *d, void *buf, size_t room, uint32_t *version)
{
	struct rs_state s = {
		.addr = (uintptr_t)buf,
		.len = room < RS_STATE_MAX ? (uint32_t)room : RS_STATE_MAX,
	};

	if (ioctl(d->fd, RS_IOC_STATE_GET, &s))
		return -errno;
	if (s.len && version)
		*version = s.version;
	return s.len;
}

int rsdrv_state_map(struct rsdrv *d, size_t size, void **ret, size_t *ret_size)
{
	struct rs_state_map s = { .size = size };
	void *map;

	if (!d->state) {
		if (ioctl(d->fd, RS_IOC_STATE_MAP, &s))
			return -errno;
		if (!s.size)
			return -ENODATA;
		map = mmap(NULL, s.size, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd,
			   (off_t)RS_MMAP_OFFSET(RS_MMAP_STATE, 0));
		if (map == MAP_FAILED)
			return -errno;
		d->state = map;
		d->state_size = s.size;
	}
	*ret = d->state;
	*ret_size = d->state_size;
	return 0;
}
