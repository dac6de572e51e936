/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * conf.h - system.conf: what the services are
 *
 * MINIX's grammar, `service <label> { keyword argument...; ... };`, with MINIX's keywords
 * and ours.  Files are read in order (vendor's snippets, /etc/rs/system.conf, its
 * drop-ins); a later file that names a service again changes only the keywords it gives.
 * A file with errors never changes what runs: a caller loads into a fresh struct conf
 * and keeps the old one if there are errors.
 */
#ifndef RSD_CONF_H
#define RSD_CONF_H

#include <net/if.h>

#include <linux/rs_types.h>

#include "base.h"

#define CONF_PCI_IDS_MAX	32	/* as MINIX */
#define CONF_REPLICAS_MAX	4
#define CONF_ERRORS_MAX		64

enum conf_irq {
	CONF_IRQ_MSI,
	CONF_IRQ_MSIX,
};

/* Which keywords a block gave: a drop-in changes only those. */
enum conf_key {
	CONF_KEY_PROGRAM,
	CONF_KEY_ARGS,
	CONF_KEY_DESCR,
	CONF_KEY_CLASS,
	CONF_KEY_DEVICE,
	CONF_KEY_PCI,
	CONF_KEY_INTERFACE,
	CONF_KEY_MAC,
	CONF_KEY_REPLICA,
	CONF_KEY_EFFECTS,
	CONF_KEY_POOL,
	CONF_KEY_DEPTH,
	CONF_KEY_QUEUES,
	CONF_KEY_DEADLINE,
	CONF_KEY_GATE_TIMEOUT,
	CONF_KEY_INIT_TIMEOUT,
	CONF_KEY_POISON,
	CONF_KEY_VIOLATIONS,
	CONF_KEY_BUDGET,
	CONF_KEY_UID,
	CONF_KEY_NICE,
	CONF_KEY_IRQ,
	CONF_KEY_CORE_LIMIT,
	CONF_KEY_MODE,
	CONF_KEY_SYSTEM,
	CONF_KEY_PERIOD,
	CONF_KEY_SCRIPT,
	CONF_KEY_SCRIPT_TIMEOUT,
	CONF_KEY_CORE,
	CONF_KEY_RESTART,
	CONF_KEY_RESTART_LIMIT,
	CONF_KEYS
};

struct conf_pci_id {
	uint16_t vendor;
	uint16_t device;
};

/**
 * struct conf_service - one service as the files describe it
 * @next: list of struct conf
 * @label: its name
 * @given: bit per enum conf_key that was given; what is not given has its default
 * @program: absolute path of the driver
 * @args: its arguments, after argv[0]; NULL = none
 * @descr: for people
 * @class: what it serves
 * @device: "0000:01:00.0", or empty
 * @pci: vendor and device to look for if @device is empty
 * @nr_pci: how many
 * @pci_class: class code to look for, likewise, in the bits of @pci_class_mask
 * @pci_class_mask: 0 = none
 * @interface: name of the network interface, or empty: the one the kernel's had, or label
 * @mac: its address, if given
 * @replica: standbys to keep
 * @effects: how far its actions reach
 * @pool: bytes of an instance's pool, 0 = the class's default
 * @depth: requests of each queue
 * @queues: data queues
 * @deadline_ms: of a request; 0 = never
 * @gate_timeout_ms: how long clients wait for a dead driver; 0 = for ever
 * @init_timeout_ms: how long INIT may take
 * @poison: deaths that one request may cause
 * @violations: violations that an instance may commit
 * @budget: failovers that the kernel makes by itself
 * @budget_window_ms: within so much time
 * @uid: user of its instances, if given; else each has its own
 * @nice: scheduling priority
 * @irq: kind of interrupt
 * @nr_irqs: vectors
 * @core_limit: bytes of a core dump, RLIM_INFINITY = no limit
 * @mode: of /dev/rs/<label>
 * @period_ms: interval of heartbeats, 0 = none
 * @script: absolute path of its recovery script, or NULL
 * @script_timeout_ms: how long that may take
 * @core: the system needs it: it cannot be taken down
 * @restart: rsd starts another process when the last one is dead
 * @restart_limit: how often within @restart_window_ms
 * @restart_window_ms: 0 = there is no limit
 * @system: bit per group of system calls beyond the basic list (callfilter.h)
 */
struct conf_service {
	struct conf_service *next;
	char label[RS_LABEL_MAX];
	uint64_t given;
	char *program;
	char **args;
	char *descr;
	enum rs_class class;
	char device[16];
	struct conf_pci_id pci[CONF_PCI_IDS_MAX];
	unsigned int nr_pci;
	uint32_t pci_class;
	uint32_t pci_class_mask;
	char interface[IFNAMSIZ];
	uint8_t mac[6];
	unsigned int replica;
	enum rs_effects effects;
	uint64_t pool;
	uint32_t depth;
	uint32_t queues;
	uint32_t deadline_ms;
	uint32_t gate_timeout_ms;
	uint32_t init_timeout_ms;
	uint32_t poison;
	uint32_t violations;
	uint32_t budget;
	uint32_t budget_window_ms;
	uint32_t uid;
	int nice;
	enum conf_irq irq;
	uint32_t nr_irqs;
	uint64_t core_limit;
	uint32_t mode;
	uint32_t system;
	uint32_t period_ms;
	char *script;
	uint32_t script_timeout_ms;
	bool core;
	bool restart;
	uint32_t restart_limit;
	uint32_t restart_window_ms;
};

/**
 * struct conf_error - one complaint
 * @file: name of the file
 * @line: from 1
 * @column: from 1
 * @text: reason
 */
struct conf_error {
	char *file;
	unsigned int line;
	unsigned int column;
	char text[256];
};

struct conf {
	struct conf_service *services;
	struct conf_error *errors;
	unsigned int nr_errors;
};

/* The directories and files that make up the configuration; NULL-terminated, in order. */
extern const char *const conf_paths[];

static inline bool conf_given(const struct conf_service *s, enum conf_key key)
{
	return s->given & (1ULL << key);
}

/* Whether the configuration says what kind of PCI device the service is for. */
static inline bool conf_looks_for_device(const struct conf_service *s)
{
	return s->nr_pci || s->pci_class_mask;
}

/* Whether the service wants a PCI device. */
static inline bool conf_wants_device(const struct conf_service *s)
{
	return s->device[0] || conf_looks_for_device(s);
}

/**
 * conf_load() - read every file of @paths
 * @conf: zeroed; filled
 * @paths: a path that ends in '/' is a directory of *.conf, taken in order of name;
 *	what does not exist is left out
 *
 * Return: 0, or -EBADMSG if conf->errors has something to say, or -ENOMEM.
 */
int conf_load(struct conf *conf, const char *const paths[]);

void conf_free(struct conf *conf);

const struct conf_service *conf_find(const struct conf *conf, const char *label);

/* A deep copy that outlives the next reload; conf_service_free() releases it. */
struct conf_service *conf_service_copy(const struct conf_service *s);
void conf_service_free(struct conf_service *s);

/*
 * The parser beneath conf_load(), line by line.
 */
struct conf_parser;

struct conf_parser *conf_parser_new(struct conf *conf, const char *file);
/* One line, without or with its newline; errors go to the struct conf. */
void conf_parser_feed(struct conf_parser *p, const char *line, size_t len);
/* The file ends here: complains about what is open.  Frees @p. */
void conf_parser_end(struct conf_parser *p);

extern const char *const conf_class_names[];	/* by enum rs_class */
extern const char *const conf_effects_names[];	/* by enum rs_effects */

#endif /* RSD_CONF_H */
