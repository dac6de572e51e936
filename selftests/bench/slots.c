// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fills the endpoint table, and keeps it full until its input ends
 *
 *	slots COUNT		makes slots fill-0 ... of class none, prints "ready"
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "pin.h"
#include "rsnl.h"

int main(int argc, char **argv)
{
	struct rsnl_slot slot = {
		.class = RS_CLASS_NONE, .effects = RSNL_UNSET, .depth = RSNL_UNSET,
		.deadline_ms = RSNL_UNSET, .gate_timeout_ms = RSNL_UNSET,
		.init_timeout_ms = RSNL_UNSET, .poison_limit = RSNL_UNSET,
		.violation_limit = RSNL_UNSET, .budget = RSNL_UNSET,
		.budget_window_ms = RSNL_UNSET,
	};
	char label[RS_LABEL_MAX], c;
	int32_t *endpoint;
	struct rsnl *nl;
	int n, i, r;

	if (argc != 2) {
		fprintf(stderr, "usage: slots COUNT\n");
		return 2;
	}
	n = atoi(argv[1]);
	endpoint = calloc(n, sizeof(*endpoint));
	if (!endpoint || rsnl_open(&nl))
		return 1;
	slot.label = label;
	for (i = 0; i < n; i++) {
		snprintf(label, sizeof(label), "fill-%d", i);
		r = rsnl_slot_new(nl, &slot, &endpoint[i]);
		if (r) {
			fprintf(stderr, "slot %d: %s\n", i, strerror(-r));
			n = i;
			break;
		}
	}
	printf("ready\n");
	fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
	while (n--)
		rsnl_slot_del(nl, endpoint[n]);
	rsnl_close(nl);
	return 0;
}
