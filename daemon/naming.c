// SPDX-License-Identifier: GPL-2.0-only
/*
 * naming.c - from the life of a service to the keys about it
 */
#include "log.h"
#include "naming.h"

void naming_label(struct service *s)
{
	struct ds_value v = { .type = DS_LABEL, .number = (uint32_t)s->endpoint };
	struct ds *ds = &s->manager->ds;
	const struct ds_entry *e;
	struct reason why = { "" };

	if (ds_retrieve(ds, DS_RS, s->label, DS_LABEL, &e, NULL) == 0) {
		if ((int32_t)e->number == s->endpoint)
			return;
		/* another generation: what the former one owned is not its */
		ds_forget_owner(ds, s->label);
	}
	if (ds_publish(ds, DS_RS, s->label, &v, DS_PRIV_OVERWRITE, &why) < 0)
		log_service(LOG_ERR, s->label, 0, "%s", why.text);
}

bool naming_up(struct service *s, uint32_t init, uint32_t epoch)
{
	char key[RS_LABEL_MAX + 16];

	if (s->announced == epoch || s->state == FSM_STOPPING || s->state == FSM_RETURNING)
		return false;
	s->announced = epoch;
	if ((init == RS_INIT_FRESH || init == RS_INIT_RESTART) && s->conf->class != RS_CLASS_NONE) {
		snprintf(key, sizeof(key), "drv.%s.%s", conf_class_names[s->conf->class], s->label);
		if (ds_announce(&s->manager->ds, s->label, key) < 0)
			log_service(LOG_ERR, s->label, 0, "%s could not be published", key);
	}
	return true;
}

void naming_down(struct service *s)
{
	ds_forget_owner(&s->manager->ds, s->label);
	s->announced = 0;
}

static const struct ds_entry *find_stale(struct manager *m)
{
	const struct ds_entry *e;

	for (e = m->ds.entries; e; e = e->next)
		if (!e->gone && ((e->owner[0] != '@' && !manager_find(m, e->owner)) ||
				 (e->type == DS_LABEL && !manager_find(m, e->key))))
			return e;
	return NULL;
}

void naming_prune(struct manager *m)
{
	const struct ds_entry *e;
	char label[RS_LABEL_MAX];

	while ((e = find_stale(m))) {
		copy_text(label, sizeof(label), e->type == DS_LABEL ? e->key : e->owner);
		ds_forget_owner(&m->ds, label);
	}
}
