// SPDX-License-Identifier: GPL-2.0-only
/*
 * service.c - the structure and its list of instances
 */
#include <systemd/sd-event.h>

#include "helper.h"
#include "script.h"
#include "service.h"

struct service *service_new(struct manager *m, const char *label)
{
	struct service *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->manager = m;
	s->vfio = VFIO_NONE;
	copy_text(s->label, sizeof(s->label), label);
	return s;
}

void service_free(struct service *s)
{
	if (!s)
		return;
	while (s->instances)
		service_remove(s, s->instances);
	sd_event_source_disable_unref(s->timer);
	sd_event_source_disable_unref(s->heartbeat);
	script_let_go(s->script);
	sd_event_source_disable_unref(s->standby_timer);
	helper_cancel(s->helper);
	vfio_close(&s->vfio);
	netcfg_clear(&s->netcfg);
	conf_service_free(s->conf);
	free(s->program);
	free(s);
}

int service_set_program(struct service *s, const char *program)
{
	char *own = strdup(program), *conf = strdup(program);

	if (!own || !conf) {
		free(own);
		free(conf);
		return -ENOMEM;
	}
	free(s->program);
	free(s->conf->program);
	s->program = own;
	s->conf->program = conf;
	return 0;
}

struct instance *service_instance(struct service *s, uint32_t number)
{
	struct instance *i;

	for (i = s->instances; i; i = i->next)
		if (i->number == number)
			return i;
	return NULL;
}

struct instance *service_bound(struct service *s)
{
	struct instance *i;

	for (i = s->instances; i; i = i->next)
		if (i->role == INSTANCE_BOUND)
			return i;
	return NULL;
}

unsigned int service_living(const struct service *s, const struct instance *except)
{
	const struct instance *i;
	unsigned int n = 0;

	for (i = s->instances; i; i = i->next)
		if (i != except && i->role != INSTANCE_DEAD && !i->parked)
			n++;
	return n;
}

unsigned int service_processes(const struct service *s)
{
	const struct instance *i;
	unsigned int n = 0;

	for (i = s->instances; i; i = i->next)
		if (!i->exited)
			n++;
	return n;
}

int service_free_window(const struct service *s)
{
	const struct instance *i;
	unsigned int taken = 0, w;

	for (i = s->instances; i; i = i->next)
		taken |= 1U << i->window;
	for (w = 0; w < INSTANCE_WINDOWS; w++)
		if (!(taken & (1U << w)))
			return (int)w;
	return -EBUSY;
}

void service_add(struct service *s, struct instance *i)
{
	i->service = s;
	i->next = s->instances;
	s->instances = i;
}

void service_remove(struct service *s, struct instance *i)
{
	struct instance **link = &s->instances;

	while (*link && *link != i)
		link = &(*link)->next;
	if (*link)
		*link = i->next;
	if (s->vfio.container >= 0 && i->iova != RS_IOVA_NONE)
		vfio_unmap(&s->vfio, i->iova, i->pool_size);
	instance_free(i);
}
