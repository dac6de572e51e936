/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Test Anything Protocol, as much as a unit test of pure logic needs. */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

static bool tap_failed;

/* In a case: note a wrong value, go on. */
#define EXPECT(cond)								\
	do {									\
		if (!(cond)) {							\
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond);	\
			tap_failed = true;					\
		}								\
	} while (0)

struct tap_case {
	const char *name;
	void (*run)(void);
};

static inline int tap_run(const struct tap_case *cases, size_t nr)
{
	int r = 0;
	size_t i;

	printf("TAP version 13\n1..%zu\n", nr);
	for (i = 0; i < nr; i++) {
		tap_failed = false;
		cases[i].run();
		printf("%sok %zu %s\n", tap_failed ? "not " : "", i + 1, cases[i].name);
		r |= tap_failed;
	}
	return r;
}

#endif /* TAP_H */
