// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of the ladder
 *
 * A command has climbed it before the module takes the driver for the one that hangs: after
 * 30 seconds, unless the service says otherwise.
 */
#include "ladder.h"

static const enum rung table[NR_RUNGS][NR_LADDER_EVENTS] = {
	/*                      LATE            FAILED          FATAL           ANSWERED */
	[RUNG_FINE]	    = { RUNG_ABORT,	RUNG_RESET,	RUNG_RESET,	RUNG_FINE },
	[RUNG_ABORT]	    = { RUNG_QUEUE,	RUNG_QUEUE,	RUNG_RESET,	RUNG_FINE },
	[RUNG_QUEUE]	    = { RUNG_RESET,	RUNG_RESET,	RUNG_RESET,	RUNG_FINE },
	[RUNG_RESET]	    = { RUNG_FUNCTION,	RUNG_FUNCTION,	RUNG_FUNCTION,	RUNG_FINE },
	[RUNG_FUNCTION]	    = { RUNG_GIVEN_UP,	RUNG_GIVEN_UP,	RUNG_GIVEN_UP,	RUNG_FINE },
	[RUNG_GIVEN_UP]	    = { RUNG_GIVEN_UP,	RUNG_GIVEN_UP,	RUNG_GIVEN_UP,	RUNG_GIVEN_UP },
};

enum rung ladder_next(enum rung rung, enum ladder_event event)
{
	return table[rung][event];
}

unsigned int ladder_patience_ms(enum rung rung)
{
	static const unsigned int patience[NR_RUNGS] = {
		[RUNG_FINE]	= 8000,
		/* The same giving of it as on the rung below. */
		[RUNG_ABORT]	= 11000,
		[RUNG_QUEUE]	= 4000,
		[RUNG_RESET]	= 5000,
		[RUNG_FUNCTION]	= 5000,
	};

	return patience[rung];
}
