// SPDX-License-Identifier: GPL-2.0-only
/*
 * heartbeat.c - one timer for each service that wants it
 */
#include <systemd/sd-event.h>

#include "heartbeat.h"
#include "log.h"
#include "manager.h"

static int on_beat(sd_event_source *src, uint64_t usec, void *arg)
{
	struct service *s = arg;

	/* who initialises itself has a time limit of its own */
	if (s->state == FSM_LIVE)
		knl_inst_ping(s->manager->knl, s->endpoint, NULL);
	/* a beat that was missed is not made up for */
	if (sd_event_source_set_time_relative(src, s->conf->period_ms * USEC_PER_MSEC) < 0 ||
	    sd_event_source_set_enabled(src, SD_EVENT_ONESHOT) < 0)
		log_service(LOG_CRIT, s->label, 0, "no timer can be made");
	(void)usec;
	return 0;
}

void heartbeat_start(struct service *s)
{
	if (s->heartbeat || !s->conf->period_ms)
		return;
	if (sd_event_add_time_relative(s->manager->loop, &s->heartbeat, CLOCK_MONOTONIC,
				       s->conf->period_ms * USEC_PER_MSEC, USEC_PER_MSEC, on_beat,
				       s) < 0)
		log_service(LOG_CRIT, s->label, 0, "no timer can be made");
}

void heartbeat_stop(struct service *s)
{
	sd_event_source_disable_unref(steal_ptr(s->heartbeat));
}
