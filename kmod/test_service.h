/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_service.h - services for tests of the module
 */
#ifndef _RS_TEST_SERVICE_H
#define _RS_TEST_SERVICE_H

#include <linux/rs_msg.h>

#include "endpoint.h"
#include "instance.h"

struct kunit;

#define RS_TEST_INSTANCES	2
/* The message queue of class none. */
#define RS_TEST_QUEUE		1

/* One service: who serves first, and who takes over. */
struct rs_test_service {
	struct rs_slot *slot;
	struct rs_instance *inst[RS_TEST_INSTANCES];
	u32 nr;
};

/* A service that is up: inst[0] serves, the others wait. */
void rs_test_service(struct kunit *test, struct rs_test_service *s, const char *label);
void rs_test_service_end(struct rs_test_service *s);

/* One more instance, that waits to be bound. */
struct rs_instance *rs_test_inst(struct kunit *test, struct rs_test_service *s);
/* @inst was just bound for the first time, and answers INIT: the slot is live. */
void rs_test_up(struct kunit *test, struct rs_instance *inst);
void rs_test_kill(struct rs_instance *inst);

/* Entry @at that @inst found in queue @queue; how many messages it has found. */
const struct rs_sqe *rs_test_sqe(struct rs_instance *inst, u32 queue, u32 at);
u32 rs_test_tail(struct rs_instance *inst);
/* @inst completes a request. */
void rs_test_write(struct rs_instance *inst, u32 queue, struct rs_cqe cqe);

#endif /* _RS_TEST_SERVICE_H */
