/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a completion's status means (4.6.1)
 *
 * Two questions: what errno does the client get, and is it worth trying again?
 */
#ifndef NVME_STATUS_H
#define NVME_STATUS_H

#include <stdbool.h>
#include <stdint.h>

/* The status word without its phase bit: code, type, retry delay, more, do not retry. */
#define STATUS(word)		((uint16_t)((word) >> 1))
#define STATUS_CODE(s)		((s) & 0xff)
#define STATUS_TYPE(s)		((s) >> 8 & 7)
#define STATUS_DNR(s)		((s) >> 14 & 1)
/* Type and code as one number, as the specification's tables list them. */
#define STATUS_KIND(s)		((s) & 0x7ff)

#define STATUS_OK		0x000
#define STATUS_INTERNAL		0x006
#define STATUS_ABORTED		0x007	/* by an Abort command */
#define STATUS_SQ_DELETED	0x008

/* status_errno() - 0 or a negative errno. */
int status_errno(uint16_t status);

/* status_again() - may the same command succeed if it is given once more? */
bool status_again(uint16_t status);

#endif /* NVME_STATUS_H */
