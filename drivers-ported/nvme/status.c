// SPDX-License-Identifier: GPL-2.0-only
/*
 * Status codes, by the tables of 4.6.1.2: generic, command specific, media errors
 *
 * The errnos are those that the block layer knows (blk_errors in the kernel): a client
 * sees the same as from the kernel's own drivers.
 */
#include <errno.h>

#include "registers.h"
#include "status.h"

static const struct {
	uint16_t kind;
	int err;
} errnos[] = {
	{ STATUS_OK, 0 },
	/* generic */
	{ 0x001, -EOPNOTSUPP },		/* invalid command opcode */
	{ 0x002, -EOPNOTSUPP },		/* invalid field in command */
	{ 0x00b, -ENODEV },		/* invalid namespace */
	{ 0x020, -EROFS },		/* namespace is write protected */
	{ 0x081, -ENOSPC },		/* capacity exceeded */
	{ 0x083, -EBADE },		/* reservation conflict */
	/* command specific: conflicting attributes, write to a read only range */
	{ 0x180, -EOPNOTSUPP },
	{ 0x182, -EROFS },
	/* media and data integrity */
	{ 0x280, -ENODATA },		/* write fault */
	{ 0x281, -ENODATA },		/* unrecovered read error */
	{ 0x282, -EILSEQ },		/* guard check */
	{ 0x283, -EILSEQ },		/* application tag check */
	{ 0x284, -EILSEQ },		/* reference tag check */
	{ 0x285, -ENODATA },		/* compare failure */
	{ 0x287, -ENODATA },		/* deallocated or unwritten block */
};

int status_errno(uint16_t status)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(errnos); i++)
		if (errnos[i].kind == STATUS_KIND(status))
			return errnos[i].err;
	return -EIO;
}

/*
 * "Do not retry" is the controller's own word.  Without it everything may be tried again, and is,
 * up to a count: what our own ladder aborted above all.
 */
bool status_again(uint16_t status)
{
	return STATUS_KIND(status) != STATUS_OK && !STATUS_DNR(status);
}
