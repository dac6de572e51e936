// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsm.c - the table
 *
 *	       START          TAKEN            UP
 *	DOWN ---------> TAKING ------> STARTING ----> LIVE <------------------+
 *	  ^               |               |            |  \                   | UP
 *	  |        FAILED |     DIED_COLD |  DIED_COLD |   \ DIED_HOT         |
 *	  |               v               v            v    +----------> RECOVERING
 *	  |<-- RETURNING <--- STOPPING <--+         BACKOFF ------------------^  |
 *	    RETURNED       GONE, TIMER    |            ^   REVIVE, RESTART       |
 *	                                  |            +-------------------------+
 *	                       DOWN, LOST from any        DIED_COLD, FAILED
 *
 * In BACKOFF a TIMER asks the recovery script, and REVIVE follows at once where there is
 * none.  A service whose script decided for nothing stays in BACKOFF until somebody else
 * decides.
 *
 * The kernel fails over to a standby by itself; DIED_HOT only tells rsd that it need do
 * nothing but replace the standby afterwards.  A service that dies in its first INIT is
 * not tried again (MINIX: EDEADSRCDST to the caller of UP).
 */
#include "fsm.h"

/* A cell with actions, and one that ignores its event or only moves. */
#define DO(state, ...)	{ FSM_##state, { __VA_ARGS__ } }
#define A(name)		FSM_ACT_##name
#define STAY(state)	{ FSM_##state, { FSM_ACT_NONE } }

static const struct fsm_cell table[FSM_STATES][FSM_EVENTS] = {
	[FSM_DOWN] = {
		[FSM_EV_START]		= DO(TAKING, A(TAKE)),
	},
	[FSM_TAKING] = {
		[FSM_EV_START]		= DO(TAKING, A(BUSY)),
		[FSM_EV_TAKEN]		= DO(STARTING, A(LEASE), A(SPAWN)),
		[FSM_EV_FAILED]		= DO(STOPPING, A(FAIL), A(STOP)),
		[FSM_EV_UP]		= STAY(TAKING),
		[FSM_EV_DIED_HOT]	= STAY(TAKING),
		[FSM_EV_DIED_COLD]	= STAY(TAKING),
		[FSM_EV_DIED_STANDBY]	= STAY(TAKING),
		[FSM_EV_EXHAUSTED]	= STAY(TAKING),
		[FSM_EV_TIMER]		= STAY(TAKING),
		[FSM_EV_RESTART]	= DO(TAKING, A(BUSY)),
		[FSM_EV_DOWN]		= DO(TAKING, A(BUSY)),
		[FSM_EV_LOST]		= DO(STOPPING, A(FAIL), A(STOP)),
		[FSM_EV_GONE]		= STAY(TAKING),
		[FSM_EV_RETURNED]	= STAY(TAKING),
		[FSM_EV_REVIVE]		= STAY(TAKING),
	},
	[FSM_STARTING] = {
		[FSM_EV_START]		= DO(STARTING, A(BUSY)),
		[FSM_EV_TAKEN]		= STAY(STARTING),
		[FSM_EV_FAILED]		= DO(STOPPING, A(FAIL), A(STOP)),
		[FSM_EV_UP]		= DO(LIVE, A(FRONT), A(SETTLE), A(OK), A(REPLICAS)),
		[FSM_EV_DIED_HOT]	= STAY(STARTING),
		[FSM_EV_DIED_COLD]	= DO(STOPPING, A(FAIL), A(STOP)),
		[FSM_EV_DIED_STANDBY]	= STAY(STARTING),
		[FSM_EV_EXHAUSTED]	= STAY(STARTING),
		[FSM_EV_TIMER]		= STAY(STARTING),
		[FSM_EV_RESTART]	= DO(STARTING, A(BUSY)),
		[FSM_EV_DOWN]		= DO(STARTING, A(BUSY)),
		[FSM_EV_LOST]		= DO(STOPPING, A(FAIL), A(STOP)),
		[FSM_EV_GONE]		= STAY(STARTING),
		[FSM_EV_RETURNED]	= STAY(STARTING),
		[FSM_EV_REVIVE]		= STAY(STARTING),
	},
	[FSM_LIVE] = {
		[FSM_EV_START]		= DO(LIVE, A(BUSY)),
		[FSM_EV_TAKEN]		= STAY(LIVE),
		[FSM_EV_FAILED]		= DO(LIVE, A(REPLICAS_LATER)),
		/* a failover whose death was not seen, or a swap */
		[FSM_EV_UP]		= DO(LIVE, A(SETTLE), A(OK), A(REPLICAS)),
		[FSM_EV_DIED_HOT]	= STAY(RECOVERING),
		[FSM_EV_DIED_COLD]	= DO(BACKOFF, A(WAIT)),
		[FSM_EV_DIED_STANDBY]	= DO(LIVE, A(SETTLE), A(REPLICAS_LATER)),
		[FSM_EV_EXHAUSTED]	= DO(BACKOFF, A(WAIT)),
		[FSM_EV_TIMER]		= STAY(LIVE),
		[FSM_EV_RESTART]	= DO(RECOVERING, A(KILL)),
		[FSM_EV_DOWN]		= DO(STOPPING, A(STOP)),
		[FSM_EV_LOST]		= DO(STOPPING, A(STOP)),
		[FSM_EV_GONE]		= STAY(LIVE),
		[FSM_EV_RETURNED]	= STAY(LIVE),
		[FSM_EV_REVIVE]		= STAY(LIVE),
	},
	[FSM_RECOVERING] = {
		[FSM_EV_START]		= DO(RECOVERING, A(BUSY)),
		[FSM_EV_TAKEN]		= STAY(RECOVERING),
		[FSM_EV_FAILED]		= DO(BACKOFF, A(WAIT)),
		[FSM_EV_UP]		= DO(LIVE, A(SETTLE), A(OK), A(REPLICAS)),
		[FSM_EV_DIED_HOT]	= STAY(RECOVERING),
		[FSM_EV_DIED_COLD]	= DO(BACKOFF, A(WAIT)),
		[FSM_EV_DIED_STANDBY]	= STAY(RECOVERING),
		[FSM_EV_EXHAUSTED]	= DO(BACKOFF, A(WAIT)),
		[FSM_EV_TIMER]		= STAY(RECOVERING),
		[FSM_EV_RESTART]	= DO(RECOVERING, A(BUSY)),
		[FSM_EV_DOWN]		= DO(STOPPING, A(FAIL), A(STOP)),
		[FSM_EV_LOST]		= DO(STOPPING, A(FAIL), A(STOP)),
		[FSM_EV_GONE]		= STAY(RECOVERING),
		[FSM_EV_RETURNED]	= STAY(RECOVERING),
		[FSM_EV_REVIVE]		= STAY(RECOVERING),
	},
	[FSM_BACKOFF] = {
		[FSM_EV_START]		= DO(BACKOFF, A(BUSY)),
		[FSM_EV_TAKEN]		= STAY(BACKOFF),
		[FSM_EV_FAILED]		= DO(BACKOFF, A(WAIT)),
		[FSM_EV_UP]		= DO(LIVE, A(SETTLE), A(OK), A(REPLICAS)),
		[FSM_EV_DIED_HOT]	= STAY(BACKOFF),
		[FSM_EV_DIED_COLD]	= STAY(BACKOFF),
		[FSM_EV_DIED_STANDBY]	= STAY(BACKOFF),
		[FSM_EV_EXHAUSTED]	= STAY(BACKOFF),
		[FSM_EV_TIMER]		= DO(BACKOFF, A(SCRIPT)),
		[FSM_EV_RESTART]	= DO(RECOVERING, A(REVIVE)),
		[FSM_EV_DOWN]		= DO(STOPPING, A(FAIL), A(STOP)),
		[FSM_EV_LOST]		= DO(STOPPING, A(FAIL), A(STOP)),
		[FSM_EV_GONE]		= STAY(BACKOFF),
		[FSM_EV_RETURNED]	= STAY(BACKOFF),
		[FSM_EV_REVIVE]		= DO(RECOVERING, A(REVIVE)),
	},
	[FSM_STOPPING] = {
		[FSM_EV_START]		= DO(STOPPING, A(BUSY)),
		[FSM_EV_TAKEN]		= STAY(STOPPING),
		[FSM_EV_FAILED]		= STAY(STOPPING),
		[FSM_EV_UP]		= STAY(STOPPING),
		[FSM_EV_DIED_HOT]	= STAY(STOPPING),
		[FSM_EV_DIED_COLD]	= STAY(STOPPING),
		[FSM_EV_DIED_STANDBY]	= STAY(STOPPING),
		[FSM_EV_EXHAUSTED]	= STAY(STOPPING),
		[FSM_EV_TIMER]		= DO(RETURNING, A(RETURN)),
		[FSM_EV_RESTART]	= DO(STOPPING, A(BUSY)),
		[FSM_EV_DOWN]		= DO(STOPPING, A(BUSY)),
		[FSM_EV_LOST]		= STAY(STOPPING),
		[FSM_EV_GONE]		= DO(RETURNING, A(RETURN)),
		[FSM_EV_RETURNED]	= STAY(STOPPING),
		[FSM_EV_REVIVE]		= STAY(STOPPING),
	},
	[FSM_RETURNING] = {
		[FSM_EV_START]		= DO(RETURNING, A(BUSY)),
		[FSM_EV_TAKEN]		= STAY(RETURNING),
		[FSM_EV_FAILED]		= STAY(RETURNING),
		[FSM_EV_UP]		= STAY(RETURNING),
		[FSM_EV_DIED_HOT]	= STAY(RETURNING),
		[FSM_EV_DIED_COLD]	= STAY(RETURNING),
		[FSM_EV_DIED_STANDBY]	= STAY(RETURNING),
		[FSM_EV_EXHAUSTED]	= STAY(RETURNING),
		[FSM_EV_TIMER]		= STAY(RETURNING),
		[FSM_EV_RESTART]	= DO(RETURNING, A(BUSY)),
		[FSM_EV_DOWN]		= DO(RETURNING, A(BUSY)),
		[FSM_EV_LOST]		= STAY(RETURNING),
		[FSM_EV_GONE]		= STAY(RETURNING),
		[FSM_EV_RETURNED]	= DO(DOWN, A(OK), A(FORGET)),
		[FSM_EV_REVIVE]		= STAY(RETURNING),
	},
};

const struct fsm_cell *fsm_step(enum fsm_state state, enum fsm_event event)
{
	return &table[state][event];
}

const char *fsm_state_name(enum fsm_state state)
{
	static const char *const names[FSM_STATES] = {
		[FSM_DOWN]		= "down",
		[FSM_TAKING]		= "taking",
		[FSM_STARTING]		= "starting",
		[FSM_LIVE]		= "live",
		[FSM_RECOVERING]	= "recovering",
		[FSM_BACKOFF]		= "backoff",
		[FSM_STOPPING]		= "stopping",
		[FSM_RETURNING]		= "returning",
	};

	return names[state];
}

const char *fsm_event_name(enum fsm_event event)
{
	static const char *const names[FSM_EVENTS] = {
		[FSM_EV_START]		= "start",
		[FSM_EV_TAKEN]		= "taken",
		[FSM_EV_FAILED]		= "failed",
		[FSM_EV_UP]		= "up",
		[FSM_EV_DIED_HOT]	= "died-hot",
		[FSM_EV_DIED_COLD]	= "died-cold",
		[FSM_EV_DIED_STANDBY]	= "died-standby",
		[FSM_EV_EXHAUSTED]	= "exhausted",
		[FSM_EV_TIMER]		= "timer",
		[FSM_EV_RESTART]	= "restart",
		[FSM_EV_DOWN]		= "down",
		[FSM_EV_LOST]		= "lost",
		[FSM_EV_GONE]		= "gone",
		[FSM_EV_RETURNED]	= "returned",
		[FSM_EV_REVIVE]		= "revive",
	};

	return names[event];
}
