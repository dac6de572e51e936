/* SPDX-License-Identifier: GPL-2.0 */
/*
 * enter.pml - the sleep/wake handshake of RS_IOC_ENTER, for spin
 *
 * Publishers (clients, and completions that let the next request through) store the ring's tail
 * and look for a sleeper; the driver's thread goes to sleep only if, on the wait queue, it
 * still sees nothing new.  kmod/enter.c says which barrier stands for which order.  Stores are
 * modelled as going through a one-entry store buffer per publisher, so that a missing barrier is
 * really missing: with -DNO_BARRIER there is an end in which the driver sleeps for ever.
 *
 *	spin -search enter.pml			passes
 *	spin -DNO_BARRIER -search enter.pml	finds the lost wake-up
 */
#define REQUESTS 3

byte tail;		/* what the driver can see */
byte head;		/* the driver's own */
bool on_queue;		/* the driver is on the wait queue */
bool asleep;
byte published;		/* publishers that are done */
byte buffered;		/* stores still in the publishers' buffers */

/* One publisher: store the tail, barrier, look for a sleeper, wake it. */
proctype publisher()
{
	atomic { buffered++ }
#ifndef NO_BARRIER
	/* wq_has_sleeper() is a full barrier: the store is visible before the look. */
	atomic { buffered--; tail++ };
#endif
	if
	:: on_queue -> asleep = false
	:: else -> skip
	fi;
#ifdef NO_BARRIER
	atomic { buffered--; tail++ };
#endif
	published++
}

/* The driver's thread in RS_IOC_ENTER. */
proctype driver()
{
	do
	:: head == REQUESTS -> break
	:: head < REQUESTS ->
		/* prepare_to_wait(): on the queue first (a full barrier), then look again */
		atomic { on_queue = true; asleep = true };
		if
		:: tail != head -> asleep = false
		:: else -> skip
		fi;
		/* schedule(): returns when a waker has cleared the flag */
		!asleep;
		on_queue = false;
		head = tail
	od
}

init {
	atomic {
		run driver();
		run publisher();
		run publisher();
		run publisher()
	}
	/* Everything was published: the driver must get to all of it. */
	published == REQUESTS && buffered == 0;
	(head == REQUESTS)
}
