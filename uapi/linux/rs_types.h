/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * rs_types.h - the words that every other rsmod header uses
 *
 * An *endpoint* names a service, not a process.  It is a slot number and a
 * generation packed into one signed word, as in MINIX (include/minix/endpoint.h):
 *
 *	endpoint = generation * RS_GEN_SIZE + slot
 *
 * The generation changes only when a service is taken down and brought up
 * again.  Restart, failover to a replica and live update all keep it, so what
 * a client holds stays good.
 */
#ifndef _UAPI_LINUX_RS_TYPES_H
#define _UAPI_LINUX_RS_TYPES_H

#include <linux/types.h>

/* One more than the largest slot number that an endpoint can carry. */
#define RS_GEN_SIZE		65536
/* Slots in the endpoint table. */
#define RS_SLOTS_MAX		4096
/* Generations run from 1 to RS_GEN_MAX and wrap to 1. */
#define RS_GEN_MAX		32766

/*
 * Magic endpoints, MINIX's values.  All lie below RS_GEN_SIZE, and real
 * endpoints start at generation 1: the two can never be mistaken.
 */
#define RS_EP_NONE		0x6ace
#define RS_EP_ANY		0x7ace
#define RS_EP_SELF		0x8ace

#define RS_EP(gen, slot)	((__s32)((gen) * RS_GEN_SIZE + (slot)))
#define RS_EP_SLOT(ep)		((__u32)(ep) % RS_GEN_SIZE)
#define RS_EP_GEN(ep)		((__u32)(ep) / RS_GEN_SIZE)

/*
 * "The endpoint's generation is over" and "its owner died in the middle of
 * the call" are one error in MINIX, EDEADSRCDST.  Linux has the word for it.
 */
#define RS_EDEADSRCDST		130	/* EOWNERDEAD */
/* Likewise: dropped, and may be sent again; not on the allow-list; would wait for itself. */
#define RS_ERESTART		85	/* ERESTART */
#define RS_ECALLDENIED		13	/* EACCES */
#define RS_ELOCKED		35	/* EDEADLK */

/* Bytes of a label, the final NUL included. */
#define RS_LABEL_MAX		32

/**
 * enum rs_class - what kind of client a slot serves
 * @RS_CLASS_NONE: a plain service that answers messages only
 * @RS_CLASS_CHR: character device, /dev/rs/<label>
 * @RS_CLASS_NET: network interface
 * @RS_CLASS_BLK: disks, /dev/rsb<N>
 */
enum rs_class {
	RS_CLASS_NONE	= 0,
	RS_CLASS_CHR	= 1,
	RS_CLASS_NET	= 2,
	RS_CLASS_BLK	= 3,
	/* add new classes above here, and a name in rs_class_names[] */
	/* private: */
	__RS_CLASS_LAST
};

/**
 * enum rs_msg_policy - what becomes of a message whose receiver dies with it in its hands
 * @RS_MSG_PARK: its successor gets it, marked RS_SQE_REPLAYED; the sender goes on waiting
 * @RS_MSG_BREAK: the sender gets EOWNERDEAD
 *
 * One that no instance had seen waits for the successor in either case.
 */
enum rs_msg_policy {
	RS_MSG_PARK	= 0,
	RS_MSG_BREAK	= 1,
	/* private: */
	__RS_MSG_POLICY_LAST
};

/**
 * enum rs_effects - how far a driver's actions reach, hence what a fence must stop
 * @RS_EFFECTS_SLOT: nothing outside its slot; the epoch is the whole fence
 * @RS_EFFECTS_BACKEND: files, sockets or other devices; the dead instance must be gone
 * @RS_EFFECTS_DEVICE: a leased device; mappings, bus mastering and in-flight DMA must be stopped
 */
enum rs_effects {
	RS_EFFECTS_SLOT		= 0,
	RS_EFFECTS_BACKEND	= 1,
	RS_EFFECTS_DEVICE	= 2,
	/* private: */
	__RS_EFFECTS_LAST
};

/**
 * enum rs_slot_state - the life of a slot
 * @RS_SLOT_EMPTY: made, no instance was ever bound
 * @RS_SLOT_DOWN: no instance is bound; requests wait behind the gate
 * @RS_SLOT_FENCING: the last instance is being cut off
 * @RS_SLOT_INIT: an instance is bound and has been sent INIT
 * @RS_SLOT_REPLAY: INIT succeeded; opens and settings are being replayed
 * @RS_SLOT_LIVE: the gate is open
 * @RS_SLOT_DEAD: being removed
 */
enum rs_slot_state {
	RS_SLOT_EMPTY	= 0,
	RS_SLOT_DOWN	= 1,
	RS_SLOT_FENCING	= 2,
	RS_SLOT_INIT	= 3,
	RS_SLOT_REPLAY	= 4,
	RS_SLOT_LIVE	= 5,
	RS_SLOT_DEAD	= 6,
	/* private: */
	__RS_SLOT_STATE_LAST
};

/**
 * enum rs_instance_state - the life of an instance
 * @RS_INST_ARMED: rsd prepared the file; the process has not attached yet
 * @RS_INST_ATTACHED: the process took it, and makes itself ready
 * @RS_INST_STANDBY: ready, in its first RS_IOC_ENTER; waits to be bound
 * @RS_INST_BOUND: serves the slot
 * @RS_INST_DYING: a detector named it; the slot's worker will act
 * @RS_INST_CORPSE: unbound for good; forgotten when its file is closed
 */
enum rs_instance_state {
	RS_INST_ARMED	= 0,
	RS_INST_ATTACHED = 1,
	RS_INST_STANDBY	= 2,
	RS_INST_BOUND	= 3,
	RS_INST_DYING	= 4,
	RS_INST_CORPSE	= 5,
	/* private: */
	__RS_INST_STATE_LAST
};

/**
 * enum rs_cause - why an instance ended
 * @RS_CAUSE_NONE: it has not
 * @RS_CAUSE_REPORT: librsdrv's fatal-signal handler or rsdrv_panic() (RS_IOC_DYING)
 * @RS_CAUSE_SIGNAL: a fatal signal, seen before the core dump
 * @RS_CAUSE_EXIT: its process exited or closed the instance file
 * @RS_CAUSE_DEADLINE: a request, or an event, was not served in time: it hangs
 * @RS_CAUSE_HEARTBEAT: it did not answer a ping
 * @RS_CAUSE_VIOLATION: too many protocol violations
 * @RS_CAUSE_INIT: INIT failed or took too long
 * @RS_CAUSE_KILL: asked for over netlink (down, restart)
 * @RS_CAUSE_SWAP: replaced by a swap
 * @RS_CAUSE_UNPLUG: its device is gone
 */
enum rs_cause {
	RS_CAUSE_NONE		= 0,
	RS_CAUSE_REPORT		= 1,
	RS_CAUSE_SIGNAL		= 2,
	RS_CAUSE_EXIT		= 3,
	RS_CAUSE_DEADLINE	= 4,
	RS_CAUSE_HEARTBEAT	= 5,
	RS_CAUSE_VIOLATION	= 6,
	RS_CAUSE_INIT		= 7,
	RS_CAUSE_KILL		= 8,
	RS_CAUSE_SWAP		= 9,
	RS_CAUSE_UNPLUG		= 10,
	/* add new causes above here, and a name in rs_cause_names[] */
	/* private: */
	__RS_CAUSE_LAST
};

/**
 * enum rs_lu_state - what a service is asked to get ready for before an update (MINIX: SEF_LU_STATE_*)
 * @RS_LU_NULL: nothing; take an earlier wish back
 * @RS_LU_WORK_FREE: it is between two requests
 * @RS_LU_REQUEST_FREE: no client waits for an answer
 * @RS_LU_PROTOCOL_FREE: no client is in the middle of a dialogue
 * @RS_LU_EVAL: the expression that comes with the wish is true
 * @RS_LU_UNREACHABLE: never (for tests)
 * @RS_LU_PREPARE_CRASH: crash (for tests)
 * @RS_LU_PRIVATE: this and all above have the meaning that the service gives them
 */
enum rs_lu_state {
	RS_LU_NULL		= 0,
	RS_LU_WORK_FREE		= 1,
	RS_LU_REQUEST_FREE	= 2,
	RS_LU_PROTOCOL_FREE	= 3,
	RS_LU_EVAL		= 4,
	RS_LU_UNREACHABLE	= 5,
	RS_LU_PREPARE_CRASH	= 6,
	RS_LU_PRIVATE		= 7,
};

/* Bytes of an expression (RS_LU_EVAL), the final NUL included. */
#define RS_LU_EXPR_MAX		256

/**
 * enum rs_update_phase - how far a live update of a slot is
 * @RS_UPDATE_NONE: none is under way
 * @RS_UPDATE_PREPARING: the bound instance was asked to get ready; it serves
 * @RS_UPDATE_HELD: it wants no more requests, and finishes those that it has
 * @RS_UPDATE_READY: it is ready to be replaced; requests wait
 * @RS_UPDATE_SWAPPED: the new one is bound, and has not answered INIT
 * @RS_UPDATE_INITED: it has; requests wait for RSMOD_CMD_COMMIT or RSMOD_CMD_ROLLBACK
 * @RS_UPDATE_PROBATION: the new one serves, the old one is parked
 */
enum rs_update_phase {
	RS_UPDATE_NONE		= 0,
	RS_UPDATE_PREPARING	= 1,
	RS_UPDATE_HELD		= 2,
	RS_UPDATE_READY		= 3,
	RS_UPDATE_SWAPPED	= 4,
	RS_UPDATE_INITED	= 5,
	RS_UPDATE_PROBATION	= 6,
	/* private: */
	__RS_UPDATE_LAST
};

/**
 * enum rs_commit - when a swap is final
 * @RS_COMMIT_UP: when the new instance is up
 * @RS_COMMIT_MANUAL: by command; until then no request reaches the new instance, and if none
 *	comes in time the swap is undone.  For several services that are updated together
 * @RS_COMMIT_PROBATION: by command, or when the time is over; meanwhile the new instance serves, and
 *	if it dies the old one serves again
 */
enum rs_commit {
	RS_COMMIT_UP		= 0,
	RS_COMMIT_MANUAL	= 1,
	RS_COMMIT_PROBATION	= 2,
	/* private: */
	__RS_COMMIT_LAST
};

/**
 * enum rs_violation - what an instance did that no correct driver does
 * @RS_VIOL_TAG: completion of a tag that does not exist
 * @RS_VIOL_GEN: completion with another generation than the ledger's
 * @RS_VIOL_STATE: completion of a request that is not published (a double completion)
 * @RS_VIOL_RESULT: result longer than the request's buffer, or not an errno
 * @RS_VIOL_CURSOR: completion cursor further ahead than the ring is long
 * @RS_VIOL_RESERVED: a reserved field was not zero
 * @RS_VIOL_UNBOUND: completion, state or device access by an instance that is not bound
 * @RS_VIOL_OWNER: a call by a process that does not own the instance
 * @RS_VIOL_ACCESS: an access that the lease's proxy refuses
 */
enum rs_violation {
	RS_VIOL_TAG		= 0,
	RS_VIOL_GEN		= 1,
	RS_VIOL_STATE		= 2,
	RS_VIOL_RESULT		= 3,
	RS_VIOL_CURSOR		= 4,
	RS_VIOL_RESERVED	= 5,
	RS_VIOL_UNBOUND		= 6,
	RS_VIOL_OWNER		= 7,
	RS_VIOL_ACCESS		= 8,
	/* add new violations above here, and a name in rs_violation_names[] */
	/* private: */
	__RS_VIOL_LAST
};

#endif /* _UAPI_LINUX_RS_TYPES_H */
