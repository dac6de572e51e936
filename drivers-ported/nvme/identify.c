// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pages of Identify, by offset (5.15.2: the controller's and the namespace's structure)
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "identify.h"
#include "prp.h"

/* Controller */
#define ID_SN			4		/* 20 bytes */
#define ID_MN			24		/* 40 bytes */
#define ID_MDTS			77		/* pages << n; 0: any */
#define ID_RTD3E		88		/* microseconds */
#define ID_OAES			92
#define  OAES_NAMESPACE		(UINT32_C(1) << 8)
#define ID_ACL			258		/* less 1 */
#define ID_ONCS			520
#define  ONCS_DSM		(1 << 2)
#define  ONCS_ZEROES		(1 << 3)
#define ID_VWC			525
#define  VWC_PRESENT		1

/* Namespace */
#define ID_NSZE			0
#define ID_NSFEAT		24
#define  NSFEAT_OPTPERF		(1 << 4)	/* NPWG and NPDG have a meaning */
#define ID_FLBAS		26
#define  FLBAS_FORMAT		0x0f
#define ID_NPWG			64		/* blocks less 1 */
#define ID_NPDG			68		/* blocks less 1 */
#define ID_NSATTR		99
#define  NSATTR_PROTECTED	1
#define ID_LBAF			128		/* 16 of 4 bytes: metadata, log2 of size */

static uint16_t get16(const void *page, size_t at)
{
	uint16_t v;

	memcpy(&v, (const char *)page + at, sizeof(v));
	return le16toh(v);
}

static uint32_t get32(const void *page, size_t at)
{
	uint32_t v;

	memcpy(&v, (const char *)page + at, sizeof(v));
	return le32toh(v);
}

static uint64_t get64(const void *page, size_t at)
{
	uint64_t v;

	memcpy(&v, (const char *)page + at, sizeof(v));
	return le64toh(v);
}

static uint8_t get8(const void *page, size_t at)
{
	return ((const uint8_t *)page)[at];
}

/* A text is padded with spaces; what cannot be printed is not. */
static void get_text(const void *page, size_t at, char *buf, size_t size)
{
	size_t i;

	memcpy(buf, (const char *)page + at, size - 1);
	buf[size - 1] = '\0';
	for (i = 0; i < size - 1; i++)
		if (buf[i] && (buf[i] < ' ' || buf[i] > '~'))
			buf[i] = '_';
	for (i = strlen(buf); i && buf[i - 1] == ' '; i--)
		buf[i - 1] = '\0';
}

void identify_controller(const void *page, struct controller_id *ret)
{
	uint8_t mdts = get8(page, ID_MDTS);
	uint16_t oncs = get16(page, ID_ONCS);
	uint64_t us = get32(page, ID_RTD3E);

	memset(ret, 0, sizeof(*ret));
	get_text(page, ID_SN, ret->serial, sizeof(ret->serial));
	get_text(page, ID_MN, ret->model, sizeof(ret->model));
	ret->transfer_max = mdts && mdts < 32 ? (uint64_t)PRP_PAGE << mdts : UINT64_MAX;
	ret->shutdown_ms = (uint32_t)((us + 999) / 1000);
	ret->aborts = get8(page, ID_ACL) + 1U;
	ret->has_discard = oncs & ONCS_DSM;
	ret->has_zeroes = oncs & ONCS_ZEROES;
	ret->has_cache = get8(page, ID_VWC) & VWC_PRESENT;
	ret->tells_namespaces = get32(page, ID_OAES) & OAES_NAMESPACE;
}

unsigned int identify_list(const void *page, uint32_t *ret, unsigned int max)
{
	unsigned int i;
	uint32_t nsid;

	for (i = 0; i < IDENTIFY_BYTES / sizeof(nsid); i++) {
		nsid = get32(page, i * sizeof(nsid));
		if (!nsid)
			break;
		if (i < max)
			ret[i] = nsid;
	}
	return i;
}

int identify_namespace(const void *page, struct namespace_id *ret)
{
	uint32_t format = get32(page, ID_LBAF + 4 * (get8(page, ID_FLBAS) & FLBAS_FORMAT));
	uint32_t metadata = format & 0xffff, shift = format >> 16 & 0xff;
	bool units = get8(page, ID_NSFEAT) & NSFEAT_OPTPERF;

	memset(ret, 0, sizeof(*ret));
	ret->blocks = get64(page, ID_NSZE);
	if (!ret->blocks)
		return -ENOENT;
	if (metadata || shift < 9 || shift > 12 || ret->blocks > (uint64_t)INT64_MAX >> shift)
		return -EOPNOTSUPP;
	ret->shift = shift;
	ret->write_unit = units ? get16(page, ID_NPWG) + 1U : 1;
	ret->discard_unit = units ? get16(page, ID_NPDG) + 1U : 1;
	ret->read_only = get8(page, ID_NSATTR) & NSATTR_PROTECTED;
	return 0;
}
