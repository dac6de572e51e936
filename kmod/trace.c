// SPDX-License-Identifier: GPL-2.0
/*
 * trace.c - the tracepoints' definitions
 */
#include "endpoint.h"
#include "event.h"
#include "instance.h"
#include "ledger.h"

#define CREATE_TRACE_POINTS
#include "trace.h"
