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

/* Not MAP_POPULATE, which is silent about pages that cannot be had. */
void touch(const void *map, size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const char *p = map;
	size_t i;

	for (i = 0; i < bytes; i += page)
		(void)__atomic_load_n(&p[i], __ATOMIC_RELAXED);
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
	if (a->nr_queues > RS_QUEUES_MAX || a->depth > RS_DEPTH_MAX)
		return -EPROTO;
	a->label[sizeof(a->label) - 1] = '\0';
	return 0;
}

static int sef_map(struct rsdrv *d)
{
	unsigned int i;
	void *pool;
	int r;

	for (i = 0; i <= d->attach.nr_queues; i++) {
		r = queue_open(d, i);
		if (r)
			return r;
		d->nr = i + 1;
	}
	pool = mmap(NULL, d->attach.pool_size, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd,
		    (off_t)RS_MMAP_OFFSET(RS_MMAP_POOL, 0));
	if (pool == MAP_FAILED)
		return -errno;
	d->pool = pool;
	touch(d->pool, d->attach.pool_size);
	return 0;
}

int rsdrv_start(const struct rsdrv_params *params, struct rsdrv **ret)
{
	struct rsdrv *d;
	int fd;
	int r;

	if (!params->ops || !params->ops->init_fresh)
		return -EINVAL;
	fd = sef_fd();
	if (fd < 0)
		return fd;
	d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	d->fd = fd;
	d->params = *params;
	d->alarm = RS_TIMEOUT_NONE;
	rsdrv_set_spin(d, sef_spin_ns());

	r = death_watch(fd);
	if (r)
		goto err_free;
	r = sef_attach(d);
	if (r)
		goto err_unwatch;
	r = sef_map(d);
	if (r)
		goto err_end;
	*ret = d;
	return 0;

err_end:
	rsdrv_end(d);
	return r;
err_unwatch:
	death_unwatch();
err_free:
	free(d);
	return r;
}

void rsdrv_end(struct rsdrv *d)
{
	unsigned int i;

	if (!d)
		return;
	death_unwatch();
	if (d->pool)
		munmap(d->pool, d->attach.pool_size);
	for (i = 0; i < d->nr; i++)
		queue_close(d, i);
	close(d->fd);
	free(d);
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
	queues_forget(d);
	d->bound = false;
	if (info.type >= ARRAY_SIZE(init))
		return -EINVAL;
	if (!init[info.type])
		return -EOPNOTSUPP;
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
