// SPDX-License-Identifier: GPL-2.0-only
/*
 * From an address and a length to pages
 *
 * Pages that follow each other for the IOMMU are still named one by one: that is what a
 * list of PRPs is.
 */
#include <errno.h>

#include "prp.h"

int prp_fill(struct nvme_cmd *cmd, uint64_t iova, uint32_t len, const struct prp_list *list)
{
	uint64_t page = (iova | (PRP_PAGE - 1)) + 1;
	uint32_t rest, nr, i;

	if (!len || iova & 3 || len > PRP_DATA_MAX)
		return -EINVAL;
	cmd->prp[0] = htole64(iova);
	cmd->prp[1] = 0;
	if (len <= page - iova)
		return 0;
	rest = len - (uint32_t)(page - iova);
	nr = (rest + PRP_PAGE - 1) / PRP_PAGE;
	if (nr == 1) {
		cmd->prp[1] = htole64(page);
		return 0;
	}
	for (i = 0; i < nr; i++)
		list->va[i] = htole64(page + (uint64_t)i * PRP_PAGE);
	cmd->prp[1] = htole64(list->iova);
	return 0;
}
