/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * log.h - the journal, with fields
 *
 * Every entry names what it is about: RSMOD_LABEL, and where there is one RSMOD_INSTANCE.
 * `journalctl -t rsd RSMOD_LABEL=eth0drv` is the history of one service.  Without a
 * journal (initramfs, tests) the same text goes to standard error.
 */
#ifndef RSD_LOG_H
#define RSD_LOG_H

#include <syslog.h>

#include "base.h"

/* To be called once, before the first entry: decides between journal and stderr. */
void log_open(void);

/**
 * log_service() - an entry about one service
 * @priority: LOG_*
 * @label: the service, or NULL
 * @instance: number of the instance, 0 = none in particular
 * @fmt: text
 */
void log_service(int priority, const char *label, unsigned int instance,
		 const char *fmt, ...) __printf(4, 5);

#define log_error(...)	log_service(LOG_ERR, NULL, 0, __VA_ARGS__)
#define log_warn(...)	log_service(LOG_WARNING, NULL, 0, __VA_ARGS__)
#define log_info(...)	log_service(LOG_INFO, NULL, 0, __VA_ARGS__)

#endif /* RSD_LOG_H */
