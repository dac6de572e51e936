// SPDX-License-Identifier: GPL-2.0-only
/*
 * manager.c - from messages, exits, timers and requests to events
 */
#include <sys/wait.h>
#include <systemd/sd-event.h>

#include "disk.h"
#include "ds-journal.h"
#include "effects.h"
#include "log.h"
#include "manager.h"
#include "naming.h"
#include "up.h"
#include "update.h"

/* A child that has not attached after so long hangs before it is a driver. */
#define ATTACH_TIMEOUT_US	(30 * USEC_PER_SEC)

static void text_of_status(int status, char *buf, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(buf, size, "signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(buf, size, "exit status %d", WEXITSTATUS(status));
}

struct service *manager_find(struct manager *m, const char *label)
{
	struct service *s;

	for (s = m->services; s; s = s->next)
		if (streq(s->label, label))
			return s;
	return NULL;
}

struct service *manager_find_endpoint(struct manager *m, int32_t endpoint)
{
	struct service *s;

	for (s = m->services; s; s = s->next)
		if (s->endpoint == endpoint && endpoint)
			return s;
	return NULL;
}

void manager_answer(struct service *s, int error, const char *text)
{
	struct request *r = steal_ptr(s->request);

	if (r)
		r->done(r, error, text);
}

void manager_progress(struct service *s, const char *text)
{
	log_service(LOG_INFO, s->label, 0, "%s", text);
	if (s->request && s->request->progress)
		s->request->progress(s->request, text);
}

void manager_forget(struct service *s)
{
	struct service **link = &s->manager->services;

	while (*link && *link != s)
		link = &(*link)->next;
	if (*link)
		*link = s->next;
	service_free(s);
}

void manager_event(struct service *s, enum fsm_event event)
{
	const struct effects *effects = s->manager->effects;

	while (event != FSM_EV_NONE) {
		const struct fsm_cell *cell = fsm_step(s->state, event);
		enum fsm_event next = FSM_EV_NONE;
		unsigned int i;

		if (cell->next != s->state)
			log_service(LOG_DEBUG, s->label, 0, "%s: %s -> %s", fsm_event_name(event),
				    fsm_state_name(s->state), fsm_state_name(cell->next));
		s->state = cell->next;
		for (i = 0; i < FSM_ACTIONS_MAX && cell->action[i] != FSM_ACT_NONE; i++) {
			effect_fn fn = effects->fn[cell->action[i]];
			enum fsm_event caused;

			if (cell->action[i] == FSM_ACT_FORGET) {
				fn(s);
				return;
			}
			caused = fn(s);
			/* a step that fails ends the list: the failure's own cell decides */
			if (caused != FSM_EV_NONE) {
				next = caused;
				break;
			}
		}
		event = next;
	}
}

void manager_died(struct service *s, struct instance *i)
{
	bool served = i->role == INSTANCE_BOUND || !service_bound(s);

	if (i->role == INSTANCE_DEAD)
		return;
	i->role = INSTANCE_DEAD;
	sd_event_source_disable_unref(steal_ptr(i->attach_timer));
	if (update_died(s, i))
		return;
	/* an old version that is not needed any more */
	if (i->parked && !served)
		return;
	if (!served)
		manager_event(s, FSM_EV_DIED_STANDBY);
	else if (service_living(s, NULL))
		manager_event(s, FSM_EV_DIED_HOT);
	else
		manager_event(s, FSM_EV_DIED_COLD);
}

/*
 * Processes
 */
static bool known(struct manager *m, const struct instance *i)
{
	struct service *s;
	struct instance *j;

	for (s = m->services; s; s = s->next)
		for (j = s->instances; j; j = j->next)
			if (i == j)
				return true;
	return false;
}

static void reap(struct instance *i, int *ret_status)
{
	*ret_status = instance_reap(i);
	i->exited = true;
	sd_event_source_disable_unref(steal_ptr(i->exit_source));
	/* what it started goes with it */
	cgroup_kill(i->cgroup);
	cgroup_sweep();
}

static void note_exit(struct service *s, struct instance *i, int status)
{
	char text[128];

	if (i->role == INSTANCE_STARTING && instance_report(i, &s->failure)) {
		log_service(LOG_ERR, s->label, i->number, "%s", s->failure.text);
		return;
	}
	if (s->state == FSM_STOPPING || i->role == INSTANCE_DEAD)
		return;
	text_of_status(status, text, sizeof(text));
	if (!i->parked)
		snprintf(s->last_death, sizeof(s->last_death), "instance %u (pid %d) ended: %s",
			 i->number, i->pid, text);
	refuse(&s->failure, 0, "the driver ended before it was up: %s", text);
}

static int on_exit_instance(sd_event_source *src, int fd, uint32_t revents, void *arg)
{
	struct instance *i = arg;
	struct service *s = i->service;
	struct manager *m;
	int status;

	(void)src;
	(void)fd;
	(void)revents;
	if (!s) {
		reap(i, &status);
		instance_free(i);
		return 0;
	}
	/* the module's word about this death comes first, and may change everything */
	m = s->manager;
	knl_drain(m->knl);
	if (!known(m, i))
		return 0;
	s = i->service;
	reap(i, &status);
	note_exit(s, i, status);
	manager_died(s, i);
	if (!known(m, i))
		return 0;
	if (service_processes(s) == 0)
		manager_event(s, FSM_EV_GONE);
	else if (s->state == FSM_LIVE)
		service_remove(s, i);
	return 0;
}

static int on_attach_timeout(sd_event_source *src, uint64_t usec, void *arg)
{
	struct instance *i = arg;

	(void)src;
	(void)usec;
	log_service(LOG_ERR, i->service->label, i->number,
		    "the driver did not attach within %llu s; killing it",
		    ATTACH_TIMEOUT_US / USEC_PER_SEC);
	instance_kill(i);
	return 0;
}

int manager_watch(struct instance *i)
{
	sd_event *loop = i->service->manager->loop;
	int r;

	r = sd_event_add_io(loop, &i->exit_source, i->pidfd, EPOLLIN, on_exit_instance, i);
	if (r < 0 || i->role != INSTANCE_STARTING)
		return r;
	return sd_event_add_time_relative(loop, &i->attach_timer, CLOCK_MONOTONIC,
					  ATTACH_TIMEOUT_US, 0, on_attach_timeout, i);
}

void manager_orphan(struct service *s, struct instance *i)
{
	struct instance **link = &s->instances;

	while (*link != i)
		link = &(*link)->next;
	*link = i->next;
	i->next = NULL;
	if (i->exited) {
		instance_free(i);
		return;
	}
	i->service = NULL;
	sd_event_source_disable_unref(steal_ptr(i->attach_timer));
	instance_kill(i);
}

/*
 * Messages of the module
 */
static void note_death(struct service *s, const struct knl_event *e)
{
	const struct instance *i = service_instance(s, e->instance);
	/* of one that was replaced, or did not come up beside the one that serves */
	bool aside = e->cause == RS_CAUSE_SWAP || (i && (i->parked || i->role == INSTANCE_DEAD));
	char signal_text[64] = "", death[256];

	if (!aside)
		s->hung = e->cause == RS_CAUSE_HEARTBEAT || e->cause == RS_CAUSE_DEADLINE;
	if (e->signo)
		snprintf(signal_text, sizeof(signal_text), " %u (%s)", e->signo,
			 strsignal((int)e->signo));
	snprintf(death, sizeof(death), "instance %u (pid %d) ended: %s%s%s%s", e->instance, e->pid,
		 knl_cause_name(e->cause), signal_text, e->text[0] ? ": " : "", e->text);
	if (!aside)
		copy_text(s->last_death, sizeof(s->last_death), death);
	refuse(&s->failure, 0, "the driver ended before it was up: %s%s%s%s",
	       knl_cause_name(e->cause), signal_text, e->text[0] ? ": " : "", e->text);
	log_service(s->state == FSM_STOPPING || aside ? LOG_INFO : LOG_WARNING, s->label,
		    e->instance, "%s", death);
}

/*
 * The module bound an instance; if another was, that one is dead to it.  After a resync old
 * news may still be in the queue: who is known to be dead does not rise again.
 */
static void on_bound(struct service *s, uint32_t number)
{
	struct instance *i = service_instance(s, number);
	struct instance *old = service_bound(s);

	if (!i || i->role == INSTANCE_DEAD)
		return;
	if (old && old != i && i->parked) {
		/* a live update, or the way back: the module keeps the other one, or says that it ends */
		old->role = INSTANCE_STANDBY;
		old->parked = true;
	} else if (old && old != i) {
		manager_died(s, old);
	}
	i->role = INSTANCE_BOUND;
	i->parked = false;
	sd_event_source_disable_unref(steal_ptr(i->attach_timer));
}

static void log_recovery(struct service *s, const struct knl_event *e)
{
	uint64_t from = e->step_ns[RSMOD_REC_STEP_DETECTED];
	uint64_t to = e->step_ns[RSMOD_REC_STEP_SERVED];
	char served[64] = "no request came in the meantime";

	if (to > from)
		snprintf(served, sizeof(served), "first request served after %llu us",
			 (unsigned long long)(to - from) / NSEC_PER_USEC);
	log_service(LOG_NOTICE, s->label, e->successor,
		    "recovery %u (%s, %s): instance %u took over; %s; %u replayed, %u dropped",
		    e->number, knl_cause_name(e->cause), e->hot ? "hot" : "cold", e->successor,
		    served, e->replayed, e->dropped);
}

static void service_message(struct service *s, const struct knl_event *e)
{
	struct instance *i = service_instance(s, e->instance);

	switch (e->type) {
	case RSMOD_EVENT_TYPE_ATTACHED:
		if (i && i->role == INSTANCE_STARTING) {
			i->role = INSTANCE_STANDBY;
			sd_event_source_disable_unref(steal_ptr(i->attach_timer));
			/* the loop of exec's report ends here */
			close_fd(&i->report);
		}
		break;
	case RSMOD_EVENT_TYPE_BOUND:
		on_bound(s, e->instance);
		break;
	case RSMOD_EVENT_TYPE_UP:
		on_bound(s, e->instance);
		if (naming_up(s, e->init, e->epoch))
			effects_save(s);
		manager_event(s, FSM_EV_UP);
		break;
	case RSMOD_EVENT_TYPE_DIED:
		note_death(s, e);
		if (i && i->role == INSTANCE_STARTING)
			instance_report(i, &s->failure);
		if (i)
			manager_died(s, i);
		break;
	case RSMOD_EVENT_TYPE_RECOVERED:
		log_recovery(s, e);
		break;
	case RSMOD_EVENT_TYPE_POISONED:
		snprintf(s->last_poison, sizeof(s->last_poison),
			 "request %llu (%s) killed too many instances and was failed",
			 (unsigned long long)e->request, e->text);
		log_service(LOG_ERR, s->label, e->instance, "%s", s->last_poison);
		break;
	case RSMOD_EVENT_TYPE_VIOLATION:
		/* the 1st, 2nd, 4th, 8th ... */
		s->violations++;
		if ((s->violations & (s->violations - 1)) == 0)
			log_service(LOG_WARNING, s->label, e->instance,
				    "protocol violation %u: %s", s->violations,
				    knl_violation_name(e->violation));
		break;
	case RSMOD_EVENT_TYPE_EXPIRED:
		log_service(LOG_ERR, s->label, 0, "the gate time-out passed; clients got an error");
		break;
	case RSMOD_EVENT_TYPE_EXHAUSTED:
		log_service(LOG_ERR, s->label, 0, "the failover budget is spent");
		s->exhausted = true;
		manager_event(s, FSM_EV_EXHAUSTED);
		break;
	case RSMOD_EVENT_TYPE_UNPLUGGED:
		log_service(LOG_ERR, s->label, 0, "device %s was unplugged", s->device);
		refuse(&s->failure, 0, "device %s was unplugged", s->device);
		s->error = -ENODEV;
		manager_event(s, FSM_EV_LOST);
		break;
	case RSMOD_EVENT_TYPE_REMOVED:
		if (s->state == FSM_RETURNING)
			break;
		log_service(LOG_ERR, s->label, 0, "somebody else removed the slot");
		refuse(&s->failure, 0, "somebody else removed the slot");
		s->endpoint = 0;
		manager_event(s, FSM_EV_LOST);
		break;
	default:
		break;
	}
}

static void on_message(void *owner, const struct knl_event *e)
{
	struct manager *m = owner;
	struct service *s = manager_find_endpoint(m, e->endpoint);

	m->ops->event(m->owner, e);
	if (s)
		service_message(s, e);
	s = manager_find_endpoint(m, e->endpoint);
	if (s)
		update_event(s, e);
}

static void on_resync(void *owner)
{
	struct manager *m = owner;

	log_info("events of the module were lost, or it was loaded: comparing tables");
	manager_resync(m);
}

static void on_gone(void *owner)
{
	(void)owner;
	log_info("the rsmod module was unloaded");
}

static const struct knl_ops knl_ops = {
	.event	= on_message,
	.resync	= on_resync,
	.gone	= on_gone,
};

/*
 * Requests
 */
int manager_up(struct manager *m, const char *label, const struct up_options *o,
	       struct request *request, struct reason *why)
{
	struct service *s = manager_find(m, label);
	int r;

	if (s && s->state != FSM_RETURNING && s->state != FSM_STOPPING)
		return refuse(why, -EEXIST, "%s is up already (%s); rsctl restart %s restarts it",
			      label, fsm_state_name(s->state), label);
	if (s)
		return refuse(why, -EBUSY, "%s is being taken down", label);
	r = up_prepare(m, label, o, &s, why);
	if (r < 0)
		return r;
	s->next = m->services;
	m->services = s;
	s->request = request;
	manager_event(s, FSM_EV_START);
	return 0;
}

static int find_running(struct manager *m, const char *label, struct service **ret,
			struct reason *why)
{
	struct service *s = manager_find(m, label);

	if (s) {
		*ret = s;
		return 0;
	}
	if (conf_find(&m->conf, label))
		return refuse(why, -ESRCH, "%s is not up", label);
	return refuse(why, -ESRCH, "there is no service %s; rsctl status lists them", label);
}

/* MINIX's permission gate, rule 3: one operation at a time. */
static int refuse_busy(const struct service *s, struct reason *why)
{
	return refuse(why, -EBUSY, "%s is %s; try again when that is over", s->label,
		      update_has(s) ? "being updated" : fsm_state_name(s->state));
}

int manager_down(struct manager *m, const char *label, bool force, struct request *request,
		 struct reason *why)
{
	const struct conf_service *c;
	struct service *s;
	char sys[64];
	int r;

	r = find_running(m, label, &s, why);
	if (r < 0)
		return r;
	/* what the files say now: who may change them may take it down */
	c = conf_find(&m->conf, label);
	if (c && c->core)
		return refuse(why, -EPERM,
			      "%s is a core service, which the system needs; rsctl restart %s replaces it",
			      label, label);
	if (update_has(s) || fsm_step(s->state, FSM_EV_DOWN)->action[0] == FSM_ACT_BUSY)
		return refuse_busy(s, why);
	if (!force && s->conf->class == RS_CLASS_BLK) {
		snprintf(sys, sizeof(sys), "/sys/class/rsmod/%s", label);
		r = disk_check_free(sys, why);
		if (r < 0)
			return r;
	}
	manager_answer(s, -ECANCELED, "the service was taken down meanwhile");
	s->error = 0;
	s->request = request;
	manager_event(s, FSM_EV_DOWN);
	return 0;
}

int manager_restart(struct manager *m, const char *label, struct request *request,
		    struct reason *why)
{
	struct service *s;
	int r;

	r = find_running(m, label, &s, why);
	if (r < 0)
		return r;
	if ((s->request && !s->script) || update_has(s) ||
	    fsm_step(s->state, FSM_EV_RESTART)->action[0] == FSM_ACT_BUSY)
		return refuse_busy(s, why);
	if (s->request) {
		/*
		 * The script decides about a restart that somebody else waits for; it is
		 * answered at once, as in MINIX.
		 */
		manager_event(s, FSM_EV_RESTART);
		if (request)
			request->done(request, 0, NULL);
		return 0;
	}
	s->request = request;
	s->error = 0;
	manager_event(s, FSM_EV_RESTART);
	return 0;
}

void manager_forget_request(struct manager *m, struct request *request)
{
	struct service *s;

	for (s = m->services; s; s = s->next)
		if (s->request == request)
			s->request = NULL;
	update_forget_request(m, request);
}

/*
 * Life of the manager
 */
int manager_reload(struct manager *m, struct reason *why)
{
	struct conf conf = { 0 };
	size_t len = 0;
	unsigned int i;
	int r;

	r = conf_load(&conf, conf_paths);
	if (r == 0) {
		conf_free(&m->conf);
		m->conf = conf;
		return 0;
	}
	if (why)
		why->text[0] = '\0';
	for (i = 0; why && i < conf.nr_errors && len < sizeof(why->text); i++) {
		const struct conf_error *e = &conf.errors[i];

		len += (size_t)snprintf(why->text + len, sizeof(why->text) - len,
					"%s%s:%u:%u: %s", i ? "\n" : "", e->file, e->line,
					e->column, e->text);
	}
	conf_free(&conf);
	return refuse_default(why, r, "reading the configuration: %s", strerror(-r));
}

static void on_ds_change(void *arg, const struct ds_entry *e)
{
	struct manager *m = arg;

	if (m->ops->changed)
		m->ops->changed(m->owner, e);
}

int manager_new(struct sd_event *loop, const struct manager_ops *ops, void *owner,
		struct manager **ret)
{
	struct manager *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return -ENOMEM;
	m->loop = sd_event_ref(loop);
	m->ops = ops;
	m->owner = owner;
	m->effects = &effects_real;
	m->ds.changed = on_ds_change;
	m->ds.arg = m;
	r = knl_open(loop, &knl_ops, m, &m->knl);
	if (r < 0) {
		manager_free(m);
		return r;
	}
	*ret = m;
	return 0;
}

void manager_start(struct manager *m)
{
	struct reason why = { "" };
	int r;

	r = ds_journal_open(&m->ds, DS_JOURNAL);
	if (r < 0)
		log_error("%s: %s; the data store will not outlive rsd", DS_JOURNAL, strerror(-r));
	cgroup_init();
	if (manager_reload(m, &why) < 0)
		log_error("the configuration has errors; nothing new can be started:\n%s", why.text);
	if (knl_connect(m->knl, &why) < 0)
		log_warn("%s", why.text);
	manager_adopt(m);
	naming_prune(m);
	cgroup_sweep();
}

/* The drivers stay: their services are not taken down, only forgotten. */
void manager_free(struct manager *m)
{
	if (!m)
		return;
	update_free(m);
	while (m->services) {
		struct service *s = m->services;

		manager_answer(s, -ECANCELED, "rsd ends");
		m->services = s->next;
		/* mappings for DMA are the container's and stay, too */
		vfio_close(&s->vfio);
		service_free(s);
	}
	knl_close(m->knl);
	ds_journal_close(&m->ds);
	ds_clear(&m->ds);
	conf_free(&m->conf);
	sd_event_unref(m->loop);
	free(m);
}
