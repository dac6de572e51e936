/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sef.h - the System Event Framework: a driver's birth, its events and its death
 *
 * After MINIX's SEF (lib/libsys/sef*.c).  A driver says what it is in a struct
 * rsdrv_params, calls rsdrv_start(), registers its request handlers (chr.h,
 * net.h) and calls rsdrv_run() (channel.h).  A standby does the same and waits in
 * rsdrv_run(): everything that can be done before the device is its own belongs
 * before that call, because it costs nothing when the active instance dies.
 *
 * The instance file is the descriptor whose number is in the environment
 * variable RSDRV_FD.
 *
 * System calls.  Once rsdrv_start() has returned the library makes only these;
 * a service's seccomp list must contain them, besides what the driver needs:
 *
 *	ioctl			the instance file
 *	clock_gettime		alarms (by vDSO; the call where that is missing)
 *	poll			drivers with an event loop of their own
 *	rt_sigaction rt_sigprocmask rt_sigreturn getpid gettid tgkill
 *				fatal signals, abort()
 *	brk mmap munmap madvise futex
 *				malloc(), mapping of BARs
 *	write			what the driver prints
 *	exit exit_group
 *
 * rsdrv_start() itself needs fcntl and sigaltstack, and whatever brings a
 * dynamically linked program to main(): execve openat read pread64 close newfstatat
 * fstat access arch_prctl mprotect prlimit64 set_tid_address set_robust_list rseq
 * getrandom; mlockall and munlockall if the driver locks its memory.
 */
#ifndef RSDRV_SEF_H
#define RSDRV_SEF_H

#include <stddef.h>
#include <stdint.h>

#include <linux/rs_channel.h>

/* One instance; opaque. */
struct rsdrv;

struct rsdrv_lu_ops;

/**
 * struct rsdrv_init_info - what an init callback is told
 * @type: enum rs_init
 * @restarts: how often the service was restarted so far
 * @state_len: bytes of saved state that wait in rsdrv_state_get(), 0 = none
 * @endpoint: the service's endpoint; the same for every instance of its life
 */
struct rsdrv_init_info {
	uint32_t type;
	uint64_t restarts;
	uint32_t state_len;
	int32_t endpoint;
};

/**
 * struct rsdrv_sef_ops - a driver's event callbacks
 *
 * All are called from within rsdrv_run() or rsdrv_dispatch(), never from a
 * signal handler, and never nested.  The first argument is the instance;
 * rsdrv_priv() gives the driver's own data.  A member may be NULL unless it says
 * otherwise.  Initialise with designated members: more may follow.
 */
struct rsdrv_sef_ops {
	/**
	 * @init_fresh: first start of the service (MINIX: sef_cb_init_fresh).  Required.
	 *
	 * Brings the device up and announces it (rsdrv_announce_chr(), ...).  Returns 0,
	 * or a negative errno: then the instance is given up.
	 *
	 * Guarantees, for this and the other init callbacks:
	 *  - the instance is bound: the device, the state and the endpoint are its own,
	 *    and no other instance can reach them;
	 *  - no request is delivered before the callback has returned 0;
	 *  - requests that this instance had in its hands are forgotten: the library drops
	 *    their handles before the call, and so must the driver;
	 *  - any interrupt may be pending, or may have been lost.
	 */
	int (*init_fresh)(struct rsdrv *d, const struct rsdrv_init_info *info);

	/**
	 * @init_restart: an earlier instance died (MINIX: sef_cb_init_restart).
	 *
	 * Clients still hold their files.  Afterwards they are reopened (RS_SQE_REOPEN),
	 * settings are replayed, then requests that were under way come again
	 * (RS_SQE_REPLAYED), then new ones.  The memory of the pool has no meaning.
	 *
	 * NULL refuses with EOPNOTSUPP: a driver that never thought about recovery does not
	 * come back with zeroed state under the same endpoint.
	 */
	int (*init_restart)(struct rsdrv *d, const struct rsdrv_init_info *info);

	/**
	 * @init_lu: this instance replaces one that lives (MINIX: sef_cb_init_lu).
	 *
	 * The saved state is the predecessor's last word.  NULL refuses with EOPNOTSUPP, and
	 * the old instance goes on.
	 */
	int (*init_lu)(struct rsdrv *d, const struct rsdrv_init_info *info);

	/**
	 * @init_rollback: the update failed, this, the old instance, serves again.
	 *
	 * The successor may have used the device in the meantime: set it up again.
	 * NULL calls @init_restart.
	 */
	int (*init_rollback)(struct rsdrv *d, const struct rsdrv_init_info *info);

	/**
	 * @stop: the service is taken down (RS_EVENT_STOP).
	 *
	 * Quiesce the device; rsdrv_run() returns 0 after this call, and the process
	 * should exit.  Also called in a standby, which owns nothing: see rsdrv_bound().
	 */
	void (*stop)(struct rsdrv *d);

	/**
	 * @irq: interrupts fired (RS_EVENT_IRQ).
	 * @vectors is a bitmap.  Called before the requests of the same batch.
	 */
	void (*irq)(struct rsdrv *d, uint64_t vectors);

	/**
	 * @alarm: the time of rsdrv_set_alarm() has come.
	 */
	void (*alarm)(struct rsdrv *d);

	/**
	 * @flush: the batch is over: everything that came with one RS_IOC_ENTER was
	 * delivered.  The place to ring the device's doorbells, once.
	 */
	void (*flush)(struct rsdrv *d);

	/**
	 * @signal: a signal that rsdrv_signal_watch() asked for, or that rsd passed on (MINIX:
	 * sef_cb_signal_handler).  NULL: it is ignored.
	 */
	void (*signal)(struct rsdrv *d, int signo);

	/** @lu: live update (lu.h); NULL: the service cannot be asked to get ready. */
	const struct rsdrv_lu_ops *lu;
};

/**
 * struct rsdrv_params - what a driver is
 * @class: enum rs_class; must be that of the service
 * @effects: enum rs_effects that the driver has
 * @features: RS_FEATURE_* that it cannot do without
 * @private_size: bytes at the start of the pool for rsdrv_dma_alloc(); at most half of it
 * @ops: event callbacks; must outlive the instance
 * @priv: returned by rsdrv_priv()
 */
struct rsdrv_params {
	uint32_t class;
	uint32_t effects;
	uint64_t features;
	uint64_t private_size;
	const struct rsdrv_sef_ops *ops;
	void *priv;
};

/**
 * rsdrv_start() - become an instance (MINIX: sef_startup)
 * @params: copied, except for what it points to
 * @ret: the instance; unchanged on error
 *
 * Maps the rings and the pool and touches them, so that a standby takes no page
 * fault on its way into service; installs the handlers of fatal signals (SIGSEGV,
 * SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS) on a stack of their own; then
 * attaches.  The handlers report the death to the module and let the signal kill
 * the process, so that a core is dumped as usual.  Of class blk it locks the process in memory, if
 * that is allowed: what reclaim writes goes through it.
 *
 * Return: 0, or -EBADF if RSDRV_FD does not name a descriptor; -EINVAL; -ENOMEM;
 * -EALREADY if the process has an instance; errors of RS_IOC_ATTACH.
 */
int rsdrv_start(const struct rsdrv_params *params, struct rsdrv **ret);

/**
 * rsdrv_start_fd() - become an instance of a file that the caller opened and armed itself
 * @params: as of rsdrv_start()
 * @fd: the file; the library's from here on if the call succeeds
 * @ret: the instance; unchanged on error
 *
 * For a program that is a service besides other things, as rsd is: its fatal signals stay its
 * own affair, so the module hears of a death by the signal, or the exit, itself; there may be
 * several instances in the process, each of another service.
 *
 * Return: as rsdrv_start().
 */
int rsdrv_start_fd(const struct rsdrv_params *params, int fd, struct rsdrv **ret);

/**
 * rsdrv_end() - undo rsdrv_start()
 * @d: the instance, or NULL
 *
 * The instance dies for the module when the process exits, or here if it holds
 * the last descriptor of the file.  All pointers into the pool become invalid.
 */
void rsdrv_end(struct rsdrv *d);

/**
 * rsdrv_panic() - give up: tell the module why, dump core (MINIX: panic)
 * @d: the instance
 * @fmt: why, for the service's users; cut at RS_DYING_TEXT
 *
 * The successor takes over before the core is written.
 */
void rsdrv_panic(struct rsdrv *d, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/**
 * rsdrv_signal_watch() - have the signal callback called for a signal
 * @d: the instance
 * @signo: 1 to RS_SIGNAL_MAX; not a fatal one, which the library watches itself
 *
 * A signal that is sent to the process reaches the callback in its turn, as a message would: no
 * request is interrupted.  Without this call a signal does what it does to any process, and what
 * ends it is a crash.
 *
 * Return: 0 or -EINVAL.
 */
int rsdrv_signal_watch(struct rsdrv *d, int signo);

/**
 * rsdrv_signal_term() - signal callback: end on SIGTERM (MINIX: sef_cb_signal_handler_term)
 * @d: the instance
 * @signo: the signal
 *
 * Calls the stop callback; rsdrv_run() returns 0.
 */
void rsdrv_signal_term(struct rsdrv *d, int signo);

/**
 * rsdrv_init_null() - init callback: nothing to do (MINIX: sef_cb_init_null)
 * @d: the instance
 * @info: not looked at
 * Return: 0
 */
int rsdrv_init_null(struct rsdrv *d, const struct rsdrv_init_info *info);

/**
 * rsdrv_init_fail() - init callback for tests: fail (MINIX: sef_cb_init_fail)
 * @d: the instance
 * @info: not looked at
 * Return: -ENOSYS
 */
int rsdrv_init_fail(struct rsdrv *d, const struct rsdrv_init_info *info);

/**
 * rsdrv_init_crash() - init callback for tests: crash (MINIX: sef_cb_init_crash)
 * @d: the instance
 * @info: not looked at
 * Return: never
 */
int rsdrv_init_crash(struct rsdrv *d, const struct rsdrv_init_info *info);

/**
 * rsdrv_init_timeout() - init callback for tests: hang (MINIX: sef_cb_init_timeout)
 * @d: the instance
 * @info: not looked at
 * Return: never
 */
int rsdrv_init_timeout(struct rsdrv *d, const struct rsdrv_init_info *info);

/**
 * rsdrv_priv() - the driver's own data
 * @d: the instance
 * Return: rsdrv_params.priv
 */
void *rsdrv_priv(const struct rsdrv *d);

/**
 * rsdrv_label() - the service's label
 * @d: the instance
 * Return: a string that lives as long as the instance.
 */
const char *rsdrv_label(const struct rsdrv *d);

/**
 * rsdrv_endpoint() - the service's endpoint
 * @d: the instance
 * Return: see linux/rs_types.h
 */
int32_t rsdrv_endpoint(const struct rsdrv *d);

/**
 * rsdrv_instance() - this instance's number
 * @d: the instance
 * Return: unique in the life of the service
 */
uint32_t rsdrv_instance(const struct rsdrv *d);

/**
 * rsdrv_bound() - did an init callback succeed?
 * @d: the instance
 * Return: 1 in service, 0 in a standby.  The module may know better by now.
 */
int rsdrv_bound(const struct rsdrv *d);

/**
 * rsdrv_fd() - the instance file
 * @d: the instance
 *
 * For poll() (POLLIN: rsdrv_dispatch() has something to do), and for ioctls that
 * this library does not wrap.
 *
 * Return: the descriptor; it stays the library's.
 */
int rsdrv_fd(const struct rsdrv *d);

/**
 * rsdrv_announce() - tell the module what the device is (MINIX: driver_announce)
 * @d: the instance
 * @announce: the device
 *
 * Called by init callbacks before they return 0.  The class's own function is
 * handier: rsdrv_announce_chr(), rsdrv_announce_net().
 *
 * Return: 0 or a negative errno of RS_IOC_ANNOUNCE.
 */
int rsdrv_announce(struct rsdrv *d, const struct rs_announce *announce);

/**
 * rsdrv_state_put() - save state for whoever comes after
 * @d: the instance, bound
 * @buf: the whole state; it replaces the old
 * @len: bytes, at most RS_STATE_MAX
 * @version: the driver's own number of the layout
 *
 * The old state stays until the new is complete; there is no half.
 *
 * Return: 0, or -EOWNERDEAD if the instance is not bound; -E2BIG; -ENOMEM.
 */
int rsdrv_state_put(struct rsdrv *d, const void *buf, size_t len, uint32_t version);

/**
 * rsdrv_state_get() - read the saved state
 * @d: the instance, bound or standby
 * @buf: where to
 * @room: bytes of @buf
 * @version: out, may be NULL: as saved; unchanged if there is no state
 *
 * Return: bytes that there are, 0 if nothing was ever saved, or a negative errno.
 * If that is more than @room, only @room bytes were copied.
 */
long rsdrv_state_get(struct rsdrv *d, void *buf, size_t room, uint32_t *version);

/**
 * rsdrv_state_map() - map large state, say the contents of a RAM disk
 * @d: the instance, bound
 * @size: bytes, a multiple of the page size; 0 takes what there is
 * @ret: out: the state, readable and writable
 * @ret_size: out: bytes; those that there were, if an earlier instance made it
 *
 * It is the same memory for all instances of the service, zeroed at first.  It can be found half
 * written: what must change as a whole is saved with rsdrv_state_put().  Called by init callbacks;
 * once mapped it stays so until rsdrv_end(), but an instance that is replaced cannot reach it any
 * more.  Its pages cannot be pinned: direct I/O into it fails.
 *
 * Return: 0; -ENODATA if @size is 0 and there is none; or errors of RS_IOC_STATE_MAP and mmap().
 */
int rsdrv_state_map(struct rsdrv *d, size_t size, void **ret, size_t *ret_size);

#endif /* RSDRV_SEF_H */
