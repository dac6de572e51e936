/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * service.h - a service that is up, or on its way up or down
 *
 * Everything here can be rebuilt by a new rsd: from the module's tables, from the
 * configuration, and (what no table knows: the device's former owner, the interface's
 * former configuration, the counters) from the state file.
 */
#ifndef RSD_SERVICE_H
#define RSD_SERVICE_H

#include "backoff.h"
#include "conf.h"
#include "fsm.h"
#include "instance.h"
#include "knl.h"
#include "netcfg.h"
#include "vfio.h"

struct helper;
struct script;
struct manager;
struct request;

/**
 * struct service - one service
 * @next: list of the manager
 * @manager: whose
 * @label: its name
 * @conf: its configuration, a copy; never changes while it is up
 * @program: what a live update has put in place of @conf's, or NULL
 * @since: number of the first instance of that program; older standbys are to be replaced
 * @unconfigured: it was adopted and no file described it: @conf is a placeholder
 * @state: where it is in its life
 * @endpoint: its slot, 0 = none
 * @replica: standbys to keep
 * @instances: its processes, dead ones included until their pools are unmapped
 * @backoff: restarts without a standby
 * @standby_backoff: replacements of standbys
 * @limit: how many restarts there were in its window
 * @given_up: in back-off until somebody else decides
 * @timer: back-off, or patience with a stop
 * @standby_timer: back-off of standbys
 * @heartbeat: interval between pings
 * @wake_us: when @timer fires, CLOCK_MONOTONIC; 0 = it does not
 * @exhausted: the module's budget is spent
 * @refresh: the next death was asked for and is not punished
 * @hung: the last death was one of an instance that did not answer in time
 * @reason: what its recovery script will be told
 * @script: its recovery script, which has not ended yet
 * @request: who waits for an answer, or NULL
 * @error: negative errno that the request will be answered with; 0 = none
 * @failure: what went wrong last, for the answer
 * @announced: epoch of the binding that the data store was told of
 * @violations: of the protocol, ever; a driver must not fill the journal with them
 * @last_death: sentence about the last death, for status
 * @last_poison: sentence about the last request that was failed because it kills
 * @device: "0000:01:00.0" that was taken, or empty
 * @kernel_driver: whose it was
 * @kernel_ifname: name of the kernel driver's interface
 * @kernel_mac: and its address
 * @netcfg: configuration that is on its way from one interface to the other
 * @netcfg_applied: it arrived at ours
 * @vfio: container and device
 * @helper: job under way
 */
struct service {
	struct service *next;
	struct manager *manager;
	char label[RS_LABEL_MAX];
	struct conf_service *conf;
	char *program;
	uint32_t since;
	bool unconfigured;
	enum fsm_state state;
	int32_t endpoint;
	unsigned int replica;
	struct instance *instances;
	struct backoff backoff;
	struct backoff standby_backoff;
	struct limit limit;
	bool given_up;
	struct sd_event_source *timer;
	struct sd_event_source *standby_timer;
	struct sd_event_source *heartbeat;
	uint64_t wake_us;
	bool exhausted;
	bool refresh;
	bool hung;
	const char *reason;
	struct script *script;
	struct request *request;
	int error;
	struct reason failure;
	uint32_t announced;
	uint32_t violations;
	char last_death[256];
	char last_poison[256];
	char device[16];
	char kernel_driver[64];
	char kernel_ifname[IFNAMSIZ];
	uint8_t kernel_mac[6];
	struct netcfg netcfg;
	bool netcfg_applied;
	struct vfio vfio;
	struct helper *helper;
};

struct service *service_new(struct manager *m, const char *label);
void service_free(struct service *s);
/* From now on its instances are of this program, whatever the files say. */
int service_set_program(struct service *s, const char *program);

struct instance *service_instance(struct service *s, uint32_t number);
struct instance *service_bound(struct service *s);
/* Instances that are not dead and not parked, @except left out. */
unsigned int service_living(const struct service *s, const struct instance *except);
/* Processes that have not exited. */
unsigned int service_processes(const struct service *s);
/* A window that no instance has, or -EBUSY. */
int service_free_window(const struct service *s);
void service_add(struct service *s, struct instance *i);
void service_remove(struct service *s, struct instance *i);

#endif /* RSD_SERVICE_H */
