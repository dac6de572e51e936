/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * secureboot.h - why the module is not there, and what to do about it
 */
#ifndef RSD_SECUREBOOT_H
#define RSD_SECUREBOOT_H

#include "base.h"

/* Whether the kernel only loads signed modules (Secure Boot's lockdown, or sig_enforce). */
bool secureboot_wants_signature(void);

/* "The module is not loaded ...", with the remedy.  Return: @error. */
int secureboot_explain(struct reason *why, int error);

#endif /* RSD_SECUREBOOT_H */
