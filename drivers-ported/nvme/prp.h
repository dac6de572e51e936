/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Physical region pages: how a command names its data (4.3)
 *
 * The data is one piece in the device's address space.  The first pointer may start inside a
 * page, the second is the page after it, or a list of all the pages after it.  Each
 * command identifier has a place for its list, PRP_LIST_BYTES long and aligned to that,
 * so that a list never crosses a page and never needs a pointer to another.
 */
#ifndef NVME_PRP_H
#define NVME_PRP_H

#include <stdint.h>

#include "command.h"

/* CC.MPS = 0 */
#define PRP_PAGE		4096
/* Data that starts inside its first page reaches into one more. */
#define PRP_LIST_ENTRIES	16
#define PRP_LIST_BYTES		(PRP_LIST_ENTRIES * 8)
#define PRP_DATA_MAX		(PRP_LIST_ENTRIES * PRP_PAGE)

/**
 * struct prp_list - a command's place for pointers, or for another small thing to point to
 * @va: for us
 * @iova: for the device
 */
struct prp_list {
	uint64_t *va;
	uint64_t iova;
};

/*
 * prp_fill() - point @cmd to @len bytes at @iova.  Returns 0, or -EINVAL: none, too many, or an
 * address that is not a multiple of 4.
 */
int prp_fill(struct nvme_cmd *cmd, uint64_t iova, uint32_t len, const struct prp_list *list);

#endif /* NVME_PRP_H */
