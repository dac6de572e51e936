// SPDX-License-Identifier: GPL-2.0-only
/*
 * effects.c - what can be done to a service, for real: processes, timers, the module
 *
 * The device's part is in effects-device.c.
 */
#include <glob.h>
#include <sys/stat.h>
#include <systemd/sd-event.h>

#include "effects.h"
#include "heartbeat.h"
#include "log.h"
#include "script.h"
#include "state.h"
#include "update.h"

/* How long instances may take to end after they were asked (MINIX: 2 DELTA). */
#define STOP_PATIENCE_US	(2 * USEC_PER_SEC)

void effects_save(struct service *s)
{
	int r = state_save(s);

	if (r < 0)
		log_service(LOG_ERR, s->label, 0, "%s/%s cannot be written: %s", STATE_DIR, s->label,
			    strerror(-r));
}

/*
 * A window for a new instance.  Corpses keep theirs until a successor is up; if it takes
 * so many attempts that none is left, the oldest has waited long enough.
 */
static int get_window(struct service *s)
{
	int window = service_free_window(s);
	struct instance *i, *oldest = NULL;

	if (window >= 0)
		return window;
	for (i = s->instances; i; i = i->next)
		if (i->role == INSTANCE_DEAD && i->exited &&
		    (!oldest || i->number < oldest->number))
			oldest = i;
	if (oldest)
		service_remove(s, oldest);
	return service_free_window(s);
}

/* What an earlier rsd started and nothing described may be described by now. */
static void look_again(struct service *s)
{
	const struct conf_service *c = NULL;
	struct conf_service *copy;

	if (!s->unconfigured)
		return;
	if (manager_reload(s->manager, NULL) == 0)
		c = conf_find(&s->manager->conf, s->label);
	copy = c && c->class == s->conf->class ? conf_service_copy(c) : NULL;
	if (!copy)
		return;
	conf_service_free(s->conf);
	s->conf = copy;
	if (s->program)
		service_set_program(s, s->program);
	s->unconfigured = false;
}

int effects_start(struct service *s, const struct instance_how *how, struct instance **ret,
		  struct reason *why)
{
	int window = get_window(s);
	struct instance *i;
	int r;

	if (window < 0)
		return refuse(why, -EBUSY, "%d instances have not gone yet", INSTANCE_WINDOWS);
	r = instance_spawn(s->conf, how, s->endpoint, (unsigned int)window,
			   s->vfio.container >= 0 ? &s->vfio : NULL, &i, why);
	if (r < 0)
		return r;
	service_add(s, i);
	r = manager_watch(i);
	if (r < 0) {
		refuse(why, r, "watching process %d: %s", i->pid, strerror(-r));
		manager_orphan(s, i);
		return r;
	}
	*ret = i;
	return 0;
}

static enum fsm_event spawn(struct service *s)
{
	const struct instance_how as_ever = { 0 };
	struct instance *i;
	int r;

	look_again(s);
	r = effects_start(s, &as_ever, &i, &s->failure);
	if (r == 0)
		return FSM_EV_NONE;
	s->error = r;
	log_service(LOG_ERR, s->label, 0, "an instance could not be started: %s", s->failure.text);
	return FSM_EV_FAILED;
}

static int on_timer(sd_event_source *src, uint64_t usec, void *arg)
{
	struct service *s = arg;

	(void)src;
	(void)usec;
	s->wake_us = 0;
	manager_event(s, FSM_EV_TIMER);
	return 0;
}

static void start_timer(struct service *s, uint64_t delay_us)
{
	sd_event_source_disable_unref(steal_ptr(s->timer));
	s->wake_us = now_usec() + delay_us;
	if (sd_event_add_time(s->manager->loop, &s->timer, CLOCK_MONOTONIC, s->wake_us,
			      USEC_PER_MSEC, on_timer, s) < 0)
		log_service(LOG_CRIT, s->label, 0, "no timer can be made");
}

static void stop_timers(struct service *s)
{
	sd_event_source_disable_unref(steal_ptr(s->timer));
	sd_event_source_disable_unref(steal_ptr(s->standby_timer));
	s->wake_us = 0;
}

/* Nobody but a person, or a script, restarts it from now on; who waits is told. */
static void give_up(struct service *s, const char *reason)
{
	char text[160];

	s->given_up = true;
	snprintf(text, sizeof(text), "%s; rsctl restart %s does it all the same", reason, s->label);
	log_service(LOG_ERR, s->label, 0, "%s", text);
	manager_answer(s, -RS_EDEADSRCDST, text);
	s->error = 0;
}

static bool within_limit(struct service *s)
{
	const struct conf_service *c = s->conf;

	return s->refresh || !c->restart_window_ms ||
	       limit_take(&s->limit, c->restart_limit, c->restart_window_ms * USEC_PER_MSEC,
			  now_usec());
}

static enum fsm_event act_wait(struct service *s)
{
	bool wanted = s->refresh || s->conf->restart || s->conf->script;
	bool allowed = within_limit(s);
	uint64_t delay = 0;

	/* a death that was asked for is not punished (MINIX: REFRESH) */
	if (!s->refresh)
		delay = backoff_next(&s->backoff, now_usec());
	s->reason = script_reason(s->refresh, s->hung);
	s->refresh = false;
	s->hung = false;
	effects_save(s);
	if (!wanted || !allowed) {
		give_up(s, wanted ? "it was restarted too often" : "it is not to be restarted");
		return FSM_EV_NONE;
	}
	if (delay)
		log_service(LOG_NOTICE, s->label, 0, "restarting in %llu s",
			    (unsigned long long)(delay / USEC_PER_SEC));
	else
		log_service(LOG_NOTICE, s->label, 0, "restarting at once");
	start_timer(s, delay);
	return FSM_EV_NONE;
}

static bool slot_is_live(struct service *s)
{
	struct knl_slot slot;

	return knl_slot_get(s->manager->knl, s->endpoint, &slot, NULL) == 0 &&
	       slot.state == RS_SLOT_LIVE;
}

static void on_script_done(void *owner, int result, const struct reason *why)
{
	struct service *s = owner;

	s->script = NULL;
	if (result == 0 || !s->conf->restart) {
		if (s->state == FSM_BACKOFF)
			give_up(s, "its recovery script leaves it as it is");
		return;
	}
	log_service(LOG_ERR, s->label, 0, "recovery script %s: %s; restarting without it",
		    s->conf->script, why->text);
	manager_event(s, FSM_EV_REVIVE);
}

static enum fsm_event act_script(struct service *s)
{
	struct script_call call = { .path = s->conf->script, .label = s->label,
				    .reason = s->reason ? s->reason : script_reason(false, false),
				    .timeout_ms = s->conf->script_timeout_ms,
				    .done = on_script_done, .owner = s };
	struct reason why = { "" };
	struct knl_slot slot;

	if (!s->conf->script)
		return FSM_EV_REVIVE;
	if (knl_slot_get(s->manager->knl, s->endpoint, &slot, NULL) == 0)
		call.restarts = slot.restarts;
	if (script_run(s->manager->loop, &call, &s->script, &why) == 0) {
		log_service(LOG_NOTICE, s->label, 0, "asking %s", call.path);
		return FSM_EV_NONE;
	}
	log_service(LOG_ERR, s->label, 0, "recovery script %s: %s; restarting without it",
		    call.path, why.text);
	return FSM_EV_REVIVE;
}

/* A script that goes on after it has decided does so on its own. */
static void forget_script(struct service *s)
{
	script_let_go(steal_ptr(s->script));
}

static enum fsm_event act_revive(struct service *s)
{
	struct knl_policy none = { 0 };

	stop_timers(s);
	forget_script(s);
	if (s->given_up) {
		s->given_up = false;
		s->limit = (struct limit){ 0 };
		effects_save(s);
	}
	if (s->exhausted) {
		s->exhausted = false;
		if (knl_slot_set(s->manager->knl, s->endpoint, &none, &s->failure) < 0)
			log_service(LOG_ERR, s->label, 0, "%s", s->failure.text);
	}
	if (!service_living(s, NULL))
		return spawn(s);
	return slot_is_live(s) ? FSM_EV_UP : FSM_EV_NONE;
}

/* Forgets the dead and gives their windows back. */
static enum fsm_event act_settle(struct service *s)
{
	struct instance *i, *next;

	for (i = s->instances; i; i = next) {
		next = i->next;
		if (i->role == INSTANCE_DEAD && i->exited)
			service_remove(s, i);
	}
	s->exhausted = false;
	s->refresh = false;
	s->hung = false;
	forget_script(s);
	heartbeat_start(s);
	return FSM_EV_NONE;
}

static int on_standby_timer(sd_event_source *src, uint64_t usec, void *arg)
{
	struct service *s = arg;

	(void)src;
	(void)usec;
	sd_event_source_disable_unref(steal_ptr(s->standby_timer));
	/* if it recovers at the moment, its next "up" will see to it */
	if (s->state == FSM_LIVE)
		manager_event(s, s->manager->effects->fn[FSM_ACT_REPLICAS](s));
	return 0;
}

static enum fsm_event act_replicas_later(struct service *s)
{
	uint64_t delay = backoff_next(&s->standby_backoff, now_usec());

	if (s->standby_timer || service_living(s, NULL) > s->replica)
		return FSM_EV_NONE;
	effects_save(s);
	if (sd_event_add_time_relative(s->manager->loop, &s->standby_timer, CLOCK_MONOTONIC, delay,
				       USEC_PER_MSEC, on_standby_timer, s) < 0)
		log_service(LOG_CRIT, s->label, 0, "no timer can be made");
	return FSM_EV_NONE;
}

static enum fsm_event act_replicas(struct service *s)
{
	if (s->standby_timer)
		return FSM_EV_NONE;
	while (service_living(s, NULL) < 1 + s->replica)
		/* a failure to replace a standby is no failure of the service */
		if (spawn(s) != FSM_EV_NONE)
			return act_replicas_later(s);
	return FSM_EV_NONE;
}

static enum fsm_event act_kill(struct service *s)
{
	struct instance *i = service_bound(s);
	struct knl_slot slot;
	int r;

	if (!i)
		return FSM_EV_DIED_COLD;
	r = knl_slot_get(s->manager->knl, s->endpoint, &slot, &s->failure);
	if (r == 0)
		r = knl_inst_kill(s->manager->knl, s->endpoint, i->number, slot.epoch, &s->failure);
	if (r == 0) {
		s->refresh = true;
		return FSM_EV_NONE;
	}
	manager_answer(s, r, s->failure.text);
	return slot_is_live(s) ? FSM_EV_UP : FSM_EV_NONE;
}

static enum fsm_event act_stop(struct service *s)
{
	stop_timers(s);
	heartbeat_stop(s);
	forget_script(s);
	update_abort(s);
	effects_record_front(s);
	if (s->endpoint && knl_slot_stop(s->manager->knl, s->endpoint, NULL) == 0 &&
	    service_processes(s)) {
		start_timer(s, STOP_PATIENCE_US);
		return FSM_EV_NONE;
	}
	return FSM_EV_GONE;
}

static void set_mode(const struct service *s)
{
	char pattern[64];
	size_t i;
	glob_t g;

	if (!conf_given(s->conf, CONF_KEY_MODE) ||
	    format(pattern, sizeof(pattern), "/dev/rs/%s{,.[0-9]*}", s->label) < 0 ||
	    glob(pattern, GLOB_BRACE, NULL, &g) != 0)
		return;
	for (i = 0; i < g.gl_pathc; i++)
		if (chmod(g.gl_pathv[i], s->conf->mode) < 0)
			log_service(LOG_WARNING, s->label, 0, "%s: chmod: %s", g.gl_pathv[i],
				    strerror(errno));
	globfree(&g);
}

static enum fsm_event act_front(struct service *s)
{
	set_mode(s);
	effects_apply_front(s);
	return FSM_EV_NONE;
}

static enum fsm_event act_forget(struct service *s)
{
	log_service(LOG_NOTICE, s->label, 0, "down");
	state_remove(s->label);
	manager_forget(s);
	return FSM_EV_NONE;
}

static enum fsm_event act_ok(struct service *s)
{
	if (s->error == 0 && s->state == FSM_LIVE)
		log_service(LOG_NOTICE, s->label, 0, "up");
	manager_answer(s, s->error, s->error ? s->failure.text : NULL);
	s->error = 0;
	return FSM_EV_NONE;
}

static enum fsm_event act_fail(struct service *s)
{
	if (s->error == 0)
		s->error = -RS_EDEADSRCDST;
	log_service(LOG_ERR, s->label, 0, "failed: %s", s->failure.text);
	/* who waits for a start waits until all is undone; a restart is over now */
	if (s->request && s->request->kind != REQUEST_UP) {
		manager_answer(s, s->error, s->failure.text);
		s->error = 0;
	}
	return FSM_EV_NONE;
}

static enum fsm_event act_busy(struct service *s)
{
	/* refused where the request came in */
	(void)s;
	return FSM_EV_NONE;
}

const struct effects effects_real = {
	.fn = {
		[FSM_ACT_TAKE]		 = effects_take,
		[FSM_ACT_LEASE]		 = effects_lease,
		[FSM_ACT_SPAWN]		 = spawn,
		[FSM_ACT_FRONT]		 = act_front,
		[FSM_ACT_SETTLE]	 = act_settle,
		[FSM_ACT_REPLICAS]	 = act_replicas,
		[FSM_ACT_REPLICAS_LATER] = act_replicas_later,
		[FSM_ACT_WAIT]		 = act_wait,
		[FSM_ACT_SCRIPT]	 = act_script,
		[FSM_ACT_REVIVE]	 = act_revive,
		[FSM_ACT_KILL]		 = act_kill,
		[FSM_ACT_STOP]		 = act_stop,
		[FSM_ACT_RETURN]	 = effects_return,
		[FSM_ACT_FORGET]	 = act_forget,
		[FSM_ACT_OK]		 = act_ok,
		[FSM_ACT_FAIL]		 = act_fail,
		[FSM_ACT_BUSY]		 = act_busy,
	},
};
