/* SPDX-License-Identifier: GPL-2.0-only */
/* tap.h - cmocka with its headers in the order it wants them */
#ifndef RSD_TAP_H
#define RSD_TAP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif /* RSD_TAP_H */
