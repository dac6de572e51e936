/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fsm.h - what to do with a service: state x event -> next state and actions
 *
 * Pure data.  The manager turns messages of the kernel, exits of processes, timers and
 * requests into events, and carries the actions out.
 */
#ifndef RSD_FSM_H
#define RSD_FSM_H

/**
 * enum fsm_state - the life of a service, as rsd sees it
 * @FSM_DOWN: not there; only its configuration is
 * @FSM_TAKING: its device is being taken from the kernel's driver
 * @FSM_STARTING: the first instance was started; it has not answered INIT yet
 * @FSM_LIVE: it serves
 * @FSM_RECOVERING: an instance died and another one is on its way
 * @FSM_BACKOFF: no instance, and rsd waits before it starts one
 * @FSM_STOPPING: its instances were asked to end
 * @FSM_RETURNING: the slot is gone; its device is being given back
 */
enum fsm_state {
	FSM_DOWN,
	FSM_TAKING,
	FSM_STARTING,
	FSM_LIVE,
	FSM_RECOVERING,
	FSM_BACKOFF,
	FSM_STOPPING,
	FSM_RETURNING,
	FSM_STATES
};

/**
 * enum fsm_event - what can happen
 * @FSM_EV_START: `up` was granted
 * @FSM_EV_TAKEN: the device is ours, or none is wanted
 * @FSM_EV_FAILED: taking, leasing or starting failed
 * @FSM_EV_UP: the module says driver up
 * @FSM_EV_DIED_HOT: the bound instance died, another one lives
 * @FSM_EV_DIED_COLD: the bound, or the only, instance died
 * @FSM_EV_DIED_STANDBY: a standby died
 * @FSM_EV_EXHAUSTED: the module binds no standby any more by itself
 * @FSM_EV_TIMER: the back-off, or the patience with a stop, is over
 * @FSM_EV_RESTART: request
 * @FSM_EV_DOWN: request
 * @FSM_EV_LOST: the slot, or the device, is gone
 * @FSM_EV_GONE: the last process exited
 * @FSM_EV_RETURNED: the device was given back
 * @FSM_EV_REVIVE: there is no script, or it failed: rsd decides
 */
enum fsm_event {
	FSM_EV_START,
	FSM_EV_TAKEN,
	FSM_EV_FAILED,
	FSM_EV_UP,
	FSM_EV_DIED_HOT,
	FSM_EV_DIED_COLD,
	FSM_EV_DIED_STANDBY,
	FSM_EV_EXHAUSTED,
	FSM_EV_TIMER,
	FSM_EV_RESTART,
	FSM_EV_DOWN,
	FSM_EV_LOST,
	FSM_EV_GONE,
	FSM_EV_RETURNED,
	FSM_EV_REVIVE,
	FSM_EVENTS,
	FSM_EV_NONE = FSM_EVENTS
};

/**
 * enum fsm_action - what the manager can be told to do
 * @FSM_ACT_NONE: end of a list
 * @FSM_ACT_TAKE: make the slot and take the device
 * @FSM_ACT_LEASE: open the device and lend it to the slot
 * @FSM_ACT_SPAWN: start an instance
 * @FSM_ACT_FRONT: put the recorded configuration onto the front-end
 * @FSM_ACT_SETTLE: unmap and forget the dead
 * @FSM_ACT_REPLICAS: start the standbys that are missing
 * @FSM_ACT_REPLICAS_LATER: the same after a back-off
 * @FSM_ACT_WAIT: start the back-off timer
 * @FSM_ACT_SCRIPT: let the recovery script decide; REVIVE if there is none
 * @FSM_ACT_REVIVE: refill the module's budget and start an instance if none lives
 * @FSM_ACT_KILL: end the bound instance
 * @FSM_ACT_STOP: remember the interface, ask all instances to end, start the timer
 * @FSM_ACT_RETURN: remove the slot and give the device back
 * @FSM_ACT_FORGET: remove what is left of the service
 * @FSM_ACT_OK: answer the request that waits: done, or the failure that was noted
 * @FSM_ACT_FAIL: note that the request failed, for the reason at hand
 * @FSM_ACT_BUSY: refuse the new request
 */
enum fsm_action {
	FSM_ACT_NONE,
	FSM_ACT_TAKE,
	FSM_ACT_LEASE,
	FSM_ACT_SPAWN,
	FSM_ACT_FRONT,
	FSM_ACT_SETTLE,
	FSM_ACT_REPLICAS,
	FSM_ACT_REPLICAS_LATER,
	FSM_ACT_WAIT,
	FSM_ACT_SCRIPT,
	FSM_ACT_REVIVE,
	FSM_ACT_KILL,
	FSM_ACT_STOP,
	FSM_ACT_RETURN,
	FSM_ACT_FORGET,
	FSM_ACT_OK,
	FSM_ACT_FAIL,
	FSM_ACT_BUSY,
	FSM_ACTIONS
};

#define FSM_ACTIONS_MAX	5

/**
 * struct fsm_cell - one cell of the table
 * @next: state afterwards; set before the actions run
 * @action: in order, up to FSM_ACT_NONE
 */
struct fsm_cell {
	enum fsm_state next;
	enum fsm_action action[FSM_ACTIONS_MAX];
};

/* Never NULL: an event that means nothing in a state has a cell without actions. */
const struct fsm_cell *fsm_step(enum fsm_state state, enum fsm_event event);

const char *fsm_state_name(enum fsm_state state);
const char *fsm_event_name(enum fsm_event event);

#endif /* RSD_FSM_H */
