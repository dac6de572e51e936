/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What to do about an answer that does not come: a ladder
 *
 *	   a command takes too long          the controller is dead
 *	          ▼                                   ▼
 *	 FINE ─► ABORT ─► QUEUE ───────────────────► RESET ─► FUNCTION ─► GIVEN_UP
 *
 * Each rung asks for more than the one before: the command alone (5.1), its queue (5.6), the
 * controller (7.3.2), the PCI function.  Every command climbs by itself, and keeps its rung
 * when it is given again because of another; the controller climbs too, from resets that
 * do not help, and is FINE again as soon as it answers something.  GIVEN_UP is the end: of a
 * command, its client is told; of the controller, all are.
 */
#ifndef NVME_LADDER_H
#define NVME_LADDER_H

enum rung {
	RUNG_FINE,
	RUNG_ABORT,		/* Abort was given for the command */
	RUNG_QUEUE,		/* its queue pair was made anew, and it was given again */
	RUNG_RESET,		/* CC.EN = 0, all anew */
	RUNG_FUNCTION,		/* function-level reset, all anew */
	RUNG_GIVEN_UP,
	NR_RUNGS
};

enum ladder_event {
	LADDER_LATE,		/* a command: the patience of this rung is over */
	LADDER_FAILED,		/* what this rung asks for could not be done */
	LADDER_FATAL,		/* the controller says that it is dead */
	LADDER_ANSWERED,
	NR_LADDER_EVENTS
};

/* ladder_next() - the rung to go to. */
enum rung ladder_next(enum rung rung, enum ladder_event event);

/* ladder_patience_ms() - how long a command on this rung may take, since it was given last. */
unsigned int ladder_patience_ms(enum rung rung);

#endif /* NVME_LADDER_H */
