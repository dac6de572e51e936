// SPDX-License-Identifier: GPL-2.0-only
/*
 * update.c - what is left to do, from what there is
 *
 *	STARTING ─attached─► STANDING ─wish─► PREPARING ─ready─► READY ─swap─► SWAPPED
 *	   │                    │                 │                │              │ INIT ok
 *	   └────────────────────┴── failure ──────┴────────────────┤              ▼
 *	                                                           │   of several: INITED
 *	   BACK ◄──────────────────────────── RETURNING ◄──────────┴──── failure ─┤ commit
 *	                                                                          ▼
 *	                                      DONE ◄── PROBATION ◄────────────────┘
 *
 * Nothing is remembered of a part that the module knows better: its state is read, then the
 * next step is taken, whatever it was that called for a look.
 */
#include <inttypes.h>
#include <systemd/sd-event.h>

#include "effects.h"
#include "log.h"
#include "up.h"
#include "update.h"

#define JOURNAL			"/run/rsd/update"
/* Of several, those that have answered INIT wait so long for the others, or for an rsd. */
#define CHAIN_PATIENCE_MS	60000U
#define RETRY_US		(2 * USEC_PER_MSEC)
/* So often a new version that is to go is looked for at a moment when it is not at work. */
#define ROLLBACK_TRIES		200

enum part_state {
	PART_STARTING,		/* its new instance has yet to attach */
	PART_STANDING,		/* it has */
	PART_PREPARING,		/* the old one was asked to get ready */
	PART_READY,		/* it is; clients wait */
	PART_SWAPPED,		/* the new one is bound and has not answered INIT */
	PART_INITED,		/* it has; clients wait for the other parts */
	PART_PROBATION,		/* it serves, and may still be sent back */
	PART_RETURNING,		/* the old one is bound again */
	PART_BACK,		/* the old one serves, as if nothing had been */
	PART_DONE,		/* the new one serves for good */
};

/**
 * struct part - one service of an update
 * @s: it; NULL: it went down meanwhile
 * @label: its name
 * @state: as it was seen last
 * @number: of its new instance; 0 = there is none
 * @told: the old one was asked to get ready
 * @committed: the swap was made final, by our word
 */
struct part {
	struct service *s;
	const char *label;
	enum part_state state;
	uint32_t number;
	bool told;
	bool committed;
};

/**
 * struct update - the one that is under way
 * @m: whose
 * @o: what was asked for
 * @part: by target
 * @request: who waits, or NULL
 * @retry: a step is to be tried again
 * @tries: how often one was
 * @decided: all new versions have answered INIT: there is no way back
 * @over: nothing more is to be done but to bring back what is not done
 * @error: why, negative errno; 0 = it was only a preparation
 * @failure: the same as a sentence
 */
struct update {
	struct manager *m;
	struct update_options o;
	struct part part[UPDATE_PARTS_MAX];
	struct request *request;
	struct sd_event_source *retry;
	unsigned int tries;
	bool decided;
	bool over;
	int error;
	struct reason failure;
};

static void step(struct update *u, bool missed);

static struct part *part_of(const struct service *s)
{
	struct update *u = s->manager->update;
	unsigned int i;

	for (i = 0; u && i < u->o.nr; i++)
		if (u->part[i].s == s)
			return &u->part[i];
	return NULL;
}

bool update_has(const struct service *s)
{
	return part_of(s);
}

/* The first failure counts. */
static void fail(struct update *u, int error, const char *text)
{
	if (u->over)
		return;
	u->over = true;
	u->error = error;
	copy_text(u->failure.text, sizeof(u->failure.text), text);
}

/*
 * The plan, for the next rsd
 */
static void save(const struct update *u)
{
	char *text __cleanup_free = NULL;
	unsigned int i;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int r;

	if (!f)
		return;
	fprintf(f, "state=%u\ntimeout=%u\nprobation=%u\nprepare_only=%d\ndecided=%d\n", u->o.state,
		u->o.timeout_ms, u->o.probation_ms, u->o.prepare_only, u->decided);
	if (u->o.expr[0])
		fprintf(f, "expr=%s\n", u->o.expr);
	if (u->o.fault[0])
		fprintf(f, "fault=%s\n", u->o.fault);
	if (u->over)
		fprintf(f, "error=%d %s\n", u->error, u->failure.text);
	for (i = 0; i < u->o.nr; i++)
		fprintf(f, "part=%u %d %s %s\n", u->part[i].number, u->part[i].told,
			u->o.target[i].label, u->o.target[i].program);
	r = fclose(f) == 0 ? write_file_atomic(JOURNAL, text, len) : -ENOMEM;
	if (r < 0)
		log_error("%s: %s; a new rsd would not go on with this update", JOURNAL,
			  strerror(-r));
}

static void load_part(struct update *u, const char *value)
{
	struct update_target *t = &u->o.target[u->o.nr];
	int at = 0;
	int told;

	if (u->o.nr == UPDATE_PARTS_MAX ||
	    sscanf(value, "%" SCNu32 " %d %n", &u->part[u->o.nr].number, &told, &at) < 2 || !at)
		return;
	value += at;
	copy_text(t->label, sizeof(t->label), value);
	if (strchr(t->label, ' ')) {
		*strchr(t->label, ' ') = '\0';
		copy_text(t->program, sizeof(t->program), strchr(value, ' ') + 1);
	}
	u->part[u->o.nr++].told = told;
}

static void load_line(struct update *u, const char *key, const char *value)
{
	unsigned long v = strtoul(value, NULL, 10);

	if (streq(key, "state"))
		u->o.state = (uint32_t)v;
	else if (streq(key, "timeout"))
		u->o.timeout_ms = (uint32_t)v;
	else if (streq(key, "probation"))
		u->o.probation_ms = (uint32_t)v;
	else if (streq(key, "prepare_only"))
		u->o.prepare_only = v;
	else if (streq(key, "decided"))
		u->decided = v;
	else if (streq(key, "expr"))
		copy_text(u->o.expr, sizeof(u->o.expr), value);
	else if (streq(key, "fault"))
		copy_text(u->o.fault, sizeof(u->o.fault), value);
	else if (streq(key, "error"))
		fail(u, (int)strtol(value, NULL, 10),
		     strchr(value, ' ') ? strchr(value, ' ') + 1 : "");
	else if (streq(key, "part"))
		load_part(u, value);
}

/*
 * What there is
 */
static const struct knl_instance *find(const struct knl_instance *list, size_t nr, uint32_t number)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (list[i].instance == number)
			return &list[i];
	return NULL;
}

static enum part_state state_bound(const struct knl_slot *slot)
{
	switch (slot->update) {
	case RS_UPDATE_SWAPPED:
		return PART_SWAPPED;
	case RS_UPDATE_INITED:
		return PART_INITED;
	case RS_UPDATE_PROBATION:
		return PART_PROBATION;
	default:
		return PART_DONE;
	}
}

static enum part_state state_waiting(const struct part *p, const struct knl_slot *slot)
{
	switch (slot->update) {
	case RS_UPDATE_PREPARING:
	case RS_UPDATE_HELD:
		return PART_PREPARING;
	case RS_UPDATE_READY:
		return PART_READY;
	default:
		return p->number ? PART_STANDING : PART_BACK;
	}
}

/* The new one is not there, or not any more. */
static enum part_state state_without(const struct part *p, const struct knl_slot *slot)
{
	if (slot->state == RS_SLOT_INIT || slot->state == RS_SLOT_REPLAY)
		return PART_RETURNING;
	return state_waiting(&(struct part){ .number = 0, .s = p->s }, slot);
}

static enum part_state look_at(const struct part *p)
{
	struct knl_instance *list __cleanup_free = NULL;
	const struct knl_instance *k;
	struct knl *knl = p->s->manager->knl;
	struct knl_slot slot;
	size_t nr = 0;

	if (!p->s->endpoint || knl_slot_get(knl, p->s->endpoint, &slot, NULL) < 0 ||
	    knl_instances(knl, p->s->endpoint, &list, &nr, NULL) < 0)
		return PART_BACK;
	if (p->number && slot.instance == p->number)
		return state_bound(&slot);
	k = p->number ? find(list, nr, p->number) : NULL;
	if (!k || k->state > RS_INST_BOUND)
		return state_without(p, &slot);
	if (k->state < RS_INST_STANDBY)
		return PART_STARTING;
	return state_waiting(p, &slot);
}

/* @missed: events were; what they would have said is not known. */
static void look(struct update *u, bool missed)
{
	char text[128];
	unsigned int i;

	for (i = 0; i < u->o.nr; i++) {
		struct part *p = &u->part[i];
		bool back;

		if (!p->s)
			continue;
		p->state = look_at(p);
		back = p->state == PART_BACK || p->state == PART_RETURNING;
		if (!missed)
			continue;
		if (back && !u->o.prepare_only) {
			snprintf(text, sizeof(text), "%s: the new version ended", p->label);
			fail(u, -RS_ERESTART, text);
		} else if (p->told && (back || p->state == PART_STANDING)) {
			snprintf(text, sizeof(text), "%s did not get ready", p->label);
			fail(u, -EINTR, text);
		}
	}
}

/*
 * What is to be done
 */
static int on_retry(sd_event_source *src, uint64_t usec, void *arg)
{
	struct update *u = arg;

	(void)src;
	(void)usec;
	sd_event_source_disable_unref(steal_ptr(u->retry));
	step(u, false);
	return 0;
}

static void again(struct update *u)
{
	u->tries++;
	if (!u->retry && sd_event_add_time_relative(u->m->loop, &u->retry, CLOCK_MONOTONIC, RETRY_US,
						    USEC_PER_MSEC / 2, on_retry, u) < 0)
		log_error("no timer can be made");
}

static void refused(struct update *u, const struct part *p, int error, const struct reason *why)
{
	char text[sizeof(why->text) + RS_LABEL_MAX + 8];

	snprintf(text, sizeof(text), "%s: %s", p->label, why->text);
	fail(u, error, text);
}

static void wish(struct update *u, struct part *p)
{
	struct reason why = { "" };
	int r;

	p->told = true;
	save(u);
	/* One that is ready has to wait for the others. */
	r = knl_prepare(u->m->knl, p->s->endpoint, u->o.state, u->o.expr,
			u->o.timeout_ms * u->o.nr, &why);
	if (r < 0)
		refused(u, p, r, &why);
}

static void swap(struct update *u, struct part *p)
{
	struct knl_swap how = {
		.instance = p->number,
		.init = RS_INIT_LU,
		.commit = u->o.nr > 1 ? RS_COMMIT_MANUAL :
			  u->o.probation_ms ? RS_COMMIT_PROBATION : RS_COMMIT_UP,
		.timeout_ms = u->o.nr > 1 ? CHAIN_PATIENCE_MS : u->o.probation_ms,
	};
	struct reason why = { "" };
	int r = knl_swap(u->m->knl, p->s->endpoint, &how, &why);

	/* It said that it is ready, and is on its way to where it waits. */
	if (r == -EBUSY)
		again(u);
	else if (r < 0)
		refused(u, p, r, &why);
}

static void commit(struct update *u, struct part *p)
{
	struct reason why = { "" };

	if (p->committed)
		return;
	p->committed = true;
	if (knl_commit(u->m->knl, p->s->endpoint, &why) < 0)
		log_service(LOG_ERR, p->label, p->number, "%s", why.text);
}

/* The first part in this state, or NULL. */
static struct part *first_in(struct update *u, enum part_state state)
{
	unsigned int i;

	for (i = 0; i < u->o.nr; i++)
		if (u->part[i].state == state)
			return &u->part[i];
	return NULL;
}

static unsigned int count_in(const struct update *u, enum part_state state)
{
	unsigned int i, n = 0;

	for (i = 0; i < u->o.nr; i++)
		n += u->part[i].state == state;
	return n;
}

static void advance(struct update *u)
{
	struct part *p;
	unsigned int i;

	if (first_in(u, PART_STARTING) || first_in(u, PART_PREPARING) || first_in(u, PART_SWAPPED))
		return;
	/* One has failed; why is on its way to us. */
	if (!u->o.prepare_only && (first_in(u, PART_RETURNING) || first_in(u, PART_BACK)))
		return;
	p = first_in(u, u->o.prepare_only ? PART_BACK : PART_STANDING);
	if (p) {
		/* Else the answer is on its way to us. */
		if (!p->told)
			wish(u, p);
		return;
	}
	if (u->o.prepare_only) {
		u->over = true;
		return;
	}
	p = first_in(u, PART_READY);
	if (p) {
		swap(u, p);
		return;
	}
	if (!count_in(u, PART_INITED))
		return;
	if (!u->decided) {
		u->decided = true;
		save(u);
	}
	for (i = 0; i < u->o.nr; i++)
		if (u->part[i].state == PART_INITED)
			commit(u, &u->part[i]);
}

static void kill_new(struct part *p)
{
	struct instance *new = p->number ? service_instance(p->s, p->number) : NULL;

	if (new && !new->exited)
		instance_kill(new);
}

static void send_back(struct update *u, struct part *p)
{
	struct reason why = { "" };
	int r = knl_rollback(u->m->knl, p->s->endpoint, &why);

	if (r == -EBUSY && u->tries < ROLLBACK_TRIES)
		again(u);
	else if (r < 0)
		/* Its death has the same effect, at the price of a replay. */
		kill_new(p);
}

/* In reverse; one that is on its way back is waited for. */
static void revert(struct update *u)
{
	unsigned int i;

	for (i = u->o.nr; i-- > 0;) {
		struct part *p = &u->part[i];

		switch (p->state) {
		case PART_PREPARING:
		case PART_READY:
			knl_prepare(u->m->knl, p->s->endpoint, RS_LU_NULL, NULL, 0, NULL);
			kill_new(p);
			p->state = PART_BACK;
			break;
		case PART_STARTING:
		case PART_STANDING:
			kill_new(p);
			p->state = PART_BACK;
			break;
		case PART_SWAPPED:
		case PART_INITED:
		case PART_PROBATION:
			send_back(u, p);
			return;
		case PART_RETURNING:
			return;
		case PART_BACK:
		case PART_DONE:
			break;
		}
	}
}

/*
 * The end
 */

/* The next failover, and the next restart, are to be by the new version. */
static void replace_standbys(struct service *s)
{
	struct instance *i;

	for (i = s->instances; i; i = i->next) {
		if (i->number >= s->since || i->parked ||
		    (i->role != INSTANCE_STANDBY && i->role != INSTANCE_STARTING))
			continue;
		i->role = INSTANCE_DEAD;
		sd_event_source_disable_unref(steal_ptr(i->attach_timer));
		instance_kill(i);
	}
	if (s->state == FSM_LIVE)
		manager_event(s, s->manager->effects->fn[FSM_ACT_REPLICAS](s));
}

static void conclude(struct update *u, struct part *p, const struct update_target *t)
{
	struct service *s = p->s;

	if (u->o.prepare_only)
		return;
	if (p->state != PART_DONE) {
		log_service(LOG_ERR, s->label, 0, "not updated: %s", u->failure.text);
		return;
	}
	if (t->program[0] && service_set_program(s, t->program) < 0)
		log_service(LOG_ERR, s->label, 0, "%s", strerror(ENOMEM));
	s->since = p->number;
	effects_save(s);
	log_service(LOG_NOTICE, s->label, p->number, "updated: %s", s->conf->program);
	replace_standbys(s);
}

static void finish(struct update *u)
{
	struct request *r = steal_ptr(u->request);
	unsigned int i;

	u->m->update = NULL;
	for (i = 0; i < u->o.nr; i++)
		if (u->part[i].s)
			conclude(u, &u->part[i], &u->o.target[i]);
	unlink(JOURNAL);
	if (r)
		r->done(r, u->error, u->error ? u->failure.text : NULL);
	sd_event_source_disable_unref(u->retry);
	free(u);
}

static bool finished(const struct update *u)
{
	unsigned int done = count_in(u, PART_DONE);

	return u->over ? done + count_in(u, PART_BACK) == u->o.nr : done == u->o.nr;
}

static void step(struct update *u, bool missed)
{
	bool was_over = u->over;

	look(u, missed);
	if (!u->over)
		advance(u);
	if (u->over && !was_over)
		save(u);
	if (u->over)
		revert(u);
	if (finished(u))
		finish(u);
}

/*
 * What calls for a look
 */

/* How the wish ended, in words; what the service itself may answer is in rsdrv/lu.h. */
static void not_ready(struct update *u, const struct part *p, int result)
{
	static const struct {
		int error;
		const char *text;
	} words[] = {
		{ -EINTR, "did not get into that state in time; it goes on as it was" },
		{ -ENOSYS, "is a driver that cannot be updated while it runs; rsctl restart starts the new version" },
		{ -EINVAL, "does not know that state, or the expression is wrong" },
		{ -ENOENT, "does not know a name in that expression" },
		{ -RS_ERESTART, "died while it got ready, and is recovered" },
	};
	char text[256];
	size_t i;

	snprintf(text, sizeof(text), "%s could not get ready: %s", p->label, strerror(-result));
	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].error == result)
			snprintf(text, sizeof(text), "%s %s", p->label, words[i].text);
	/* What was not found is not the service. */
	fail(u, result == -ENOENT ? -EINVAL : result, text);
}

void update_event(struct service *s, const struct knl_event *e)
{
	struct part *p = part_of(s);
	struct update *u = s->manager->update;

	if (!p)
		return;
	if (e->type == RSMOD_EVENT_TYPE_PREPARED && e->result)
		not_ready(u, p, e->result);
	if (e->type == RSMOD_EVENT_TYPE_VIOLATION && e->instance == p->number &&
	    p->state == PART_PROBATION)
		fail(u, -RS_ERESTART,
		     "the new version violated the protocol in its probation; the old one serves");
	step(u, false);
}

void update_look(struct manager *m)
{
	if (m->update)
		step(m->update, true);
}

bool update_died(struct service *s, const struct instance *i)
{
	struct part *p = part_of(s);
	struct update *u = s->manager->update;
	char text[sizeof(s->failure.text) + RS_LABEL_MAX + 32];

	if (!p || i->number != p->number)
		return false;
	snprintf(text, sizeof(text), "%s: %s; the old version serves", p->label, s->failure.text);
	fail(u, -RS_ERESTART, text);
	again(u);
	return service_living(s, i) > 0;
}

void update_abort(struct service *s)
{
	struct part *p = part_of(s);
	struct update *u = s->manager->update;
	char text[128];

	if (!p)
		return;
	snprintf(text, sizeof(text), "%s went down meanwhile", p->label);
	fail(u, -ENODEV, text);
	kill_new(p);
	p->state = PART_BACK;
	p->s = NULL;
	again(u);
}

/*
 * The beginning
 */
int update_read_state(const char *word, struct update_options *o)
{
	static const struct {
		const char *name;
		uint32_t state;
	} names[] = {
		{ "work-free", RS_LU_WORK_FREE },
		{ "request-free", RS_LU_REQUEST_FREE },
		{ "protocol-free", RS_LU_PROTOCOL_FREE },
		{ "unreachable", RS_LU_UNREACHABLE },
		{ "prepare-crash", RS_LU_PREPARE_CRASH },
	};
	unsigned long v;
	char *end;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(names[i].name, word)) {
			o->state = names[i].state;
			return 0;
		}
	errno = 0;
	v = strtoul(word, &end, 0);
	if (end != word && !*end && !errno && v <= UINT32_MAX && word[0] != '-') {
		o->state = (uint32_t)v;
		return v == RS_LU_EVAL ? -EINVAL : 0;
	}
	o->state = RS_LU_EVAL;
	return *word ? format(o->expr, sizeof(o->expr), "%s", word) : -EINVAL;
}

int update_read_fault(const char *word, struct update_options *o)
{
	if (!streq(word, "fail") && !streq(word, "crash") && !streq(word, "hang"))
		return -EINVAL;
	copy_text(o->fault, sizeof(o->fault), word);
	return 0;
}

static int check_target(struct manager *m, const struct update_target *t, struct service **ret,
			struct reason *why)
{
	struct service *s = manager_find(m, t->label);

	if (!s)
		return refuse(why, -ESRCH, "%s is not up; rsctl status lists what is", t->label);
	if (s->state != FSM_LIVE || s->request)
		return refuse(why, -EBUSY, "%s is %s; try again when that is over", s->label,
			      fsm_state_name(s->state));
	if (s->unconfigured && !t->program[0])
		return refuse(why, -ENOENT, "%s is not configured any more; say which program",
			      s->label);
	*ret = s;
	return up_check_program(s->label, t->program[0] ? t->program : s->conf->program, why);
}

static int check(const struct update_options *o, struct reason *why)
{
	unsigned int i, j;

	if (!o->nr || o->nr > UPDATE_PARTS_MAX)
		return refuse(why, -EINVAL, "an update is of 1 to %d services", UPDATE_PARTS_MAX);
	if (o->state == RS_LU_NULL)
		return refuse(why, -EINVAL, "there is no state to get into");
	if (o->timeout_ms > UPDATE_TIMEOUT_MAX_MS)
		return refuse(why, -EINVAL, "a service may take %u s at most to get ready",
			      UPDATE_TIMEOUT_MAX_MS / 1000);
	if (o->probation_ms > UPDATE_PROBATION_MAX_MS)
		return refuse(why, -EINVAL, "a probation is %u s at most",
			      UPDATE_PROBATION_MAX_MS / 1000);
	if (o->probation_ms && o->nr > 1)
		return refuse(why, -EINVAL,
			      "services that change together have no probation: one could not be sent back alone");
	for (i = 0; i < o->nr; i++) {
		if (o->target[i].program[0] && o->target[i].program[0] != '/')
			return refuse(why, -EINVAL, "%s is not an absolute path",
				      o->target[i].program);
		for (j = 0; j < i; j++)
			if (streq(o->target[i].label, o->target[j].label))
				return refuse(why, -EINVAL, "%s is named twice", o->target[i].label);
	}
	return 0;
}

static int start_new(struct update *u, unsigned int n, struct reason *why)
{
	const struct update_target *t = &u->o.target[n];
	struct part *p = &u->part[n];
	struct instance_how how = {
		.program = t->program[0] ? t->program : NULL,
		.fault = u->o.fault[0] ? u->o.fault : NULL,
		.hold = true,
	};
	struct instance *new;
	int r = effects_start(p->s, &how, &new, why);

	if (r == 0)
		p->number = new->number;
	return r;
}

static int start_all(struct update *u, struct reason *why)
{
	unsigned int i;
	int r = 0;

	for (i = 0; r == 0 && i < u->o.nr && !u->o.prepare_only; i++)
		if (!u->part[i].number)
			r = start_new(u, i, why);
	save(u);
	return r;
}

int update_start(struct manager *m, const struct update_options *o, struct request *request,
		 struct reason *why)
{
	struct update *u;
	unsigned int i;
	int r = check(o, why);

	if (r < 0)
		return r;
	if (m->update)
		return refuse(why, -EBUSY,
			      "an update of %s is under way; one at a time, try again when it is over",
			      m->update->o.target[0].label);
	u = calloc(1, sizeof(*u));
	if (!u)
		return -ENOMEM;
	u->m = m;
	u->o = *o;
	if (!u->o.timeout_ms)
		u->o.timeout_ms = UPDATE_TIMEOUT_MS;
	for (i = 0; r == 0 && i < o->nr; i++) {
		u->part[i].label = u->o.target[i].label;
		r = check_target(m, &o->target[i], &u->part[i].s, why);
	}
	if (r < 0) {
		free(u);
		return r;
	}
	m->update = u;
	u->request = request;
	save(u);
	r = start_all(u, why);
	if (r < 0) {
		/* Those that were started go; who asked is told at once. */
		fail(u, r, why->text);
		u->request = NULL;
		step(u, false);
		return r;
	}
	if (o->prepare_only)
		step(u, false);
	return 0;
}

/* One that was started for an update of which nothing is known any more. */
static void kill_orphans(struct service *s)
{
	const struct part *p = part_of(s);
	struct knl_slot slot;
	struct instance *i;

	if (knl_slot_get(s->manager->knl, s->endpoint, &slot, NULL) < 0 ||
	    slot.update >= RS_UPDATE_SWAPPED)
		return;
	for (i = s->instances; i; i = i->next)
		if (i->parked && !i->exited && (!p || i->number != p->number))
			instance_kill(i);
}

static struct update *load(struct manager *m)
{
	char *data __cleanup_free = NULL;
	char *line, *save_ptr = NULL;
	struct update *u;

	if (read_file(JOURNAL, &data, NULL) < 0)
		return NULL;
	u = calloc(1, sizeof(*u));
	if (!u)
		return NULL;
	u->m = m;
	for (line = strtok_r(data, "\n", &save_ptr); line; line = strtok_r(NULL, "\n", &save_ptr)) {
		char *value = strchr(line, '=');

		if (!value)
			continue;
		*value = '\0';
		load_line(u, line, value + 1);
	}
	return u;
}

void update_adopt(struct manager *m)
{
	struct update *u = load(m);
	struct reason why = { "" };
	struct service *s;
	unsigned int i;
	int r = 0;

	m->update = u;
	for (i = 0; u && i < u->o.nr; i++) {
		struct part *p = &u->part[i];

		p->label = u->o.target[i].label;
		p->state = PART_BACK;
		p->s = manager_find(m, p->label);
		if (!p->s)
			fail(u, -ENODEV, "a service of the update is gone");
	}
	for (s = m->services; s; s = s->next)
		kill_orphans(s);
	if (!u)
		return;
	log_info("going on with an update that an earlier rsd began");
	if (!u->over)
		r = start_all(u, &why);
	if (r < 0)
		fail(u, r, why.text);
	step(u, true);
}

void update_forget_request(struct manager *m, struct request *request)
{
	if (m->update && m->update->request == request)
		m->update->request = NULL;
}

void update_free(struct manager *m)
{
	struct update *u = steal_ptr(m->update);

	if (!u)
		return;
	if (u->request)
		u->request->done(u->request, -ECANCELED, "rsd ends; its successor goes on");
	sd_event_source_disable_unref(u->retry);
	free(u);
}
