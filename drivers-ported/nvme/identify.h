/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the controller says of itself and of its namespaces (5.15)
 *
 * Each function reads one page that Identify filled, once, and keeps what the driver needs:
 * nothing that the controller could contradict itself in later.
 */
#ifndef NVME_IDENTIFY_H
#define NVME_IDENTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IDENTIFY_BYTES		4096

/* Bytes of a text less its padding, with a NUL. */
#define SERIAL_LEN		21
#define MODEL_LEN		41

/**
 * struct controller_id - the controller
 * @serial: serial number
 * @model: model number
 * @transfer_max: bytes that one command may transfer (MDTS)
 * @shutdown_ms: how long a shutdown may take (RTD3E); 0 = it does not say
 * @aborts: Abort commands at once
 * @has_discard: knows Dataset Management
 * @has_zeroes: knows Write Zeroes
 * @has_cache: has a volatile write cache
 * @tells_namespaces: can tell when a namespace changes
 */
struct controller_id {
	char serial[SERIAL_LEN];
	char model[MODEL_LEN];
	uint64_t transfer_max;
	uint32_t shutdown_ms;
	uint32_t aborts;
	bool has_discard;
	bool has_zeroes;
	bool has_cache;
	bool tells_namespaces;
};

/**
 * struct namespace_id - a namespace
 * @blocks: how many
 * @shift: log2 of a block's bytes, 9 to 12
 * @write_unit: preferred unit of writes in blocks, at least 1
 * @discard_unit: preferred unit of deallocation in blocks, at least 1
 * @read_only: write protected
 */
struct namespace_id {
	uint64_t blocks;
	uint32_t shift;
	uint32_t write_unit;
	uint32_t discard_unit;
	bool read_only;
};

/* identify_controller() - read CNS_CONTROLLER. */
void identify_controller(const void *page, struct controller_id *ret);

/*
 * identify_list() - read CNS_ACTIVE_LIST: at most @max namespaces.  Returns how many; more than
 * @max if there are more.
 */
unsigned int identify_list(const void *page, uint32_t *ret, unsigned int max);

/*
 * identify_namespace() - read CNS_NAMESPACE.  Returns 0; -ENOENT: it is not active; -EOPNOTSUPP: its
 * blocks have metadata, or a size that no disk can have.
 */
int identify_namespace(const void *page, struct namespace_id *ret);

#endif /* NVME_IDENTIFY_H */
