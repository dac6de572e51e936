// SPDX-License-Identifier: GPL-2.0-only
/*
 * The test as rsd: slot, device, instances; and the other end of the wire
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/vfio.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rig.h"
#include "rig_inst.h"
#include "rsnl.h"
#include "card.h"

/* The card's peer on the VM's hub. */
#define PEER_MAC	"52:54:00:12:34:02"
/* IEEE 802 local experimental. */
#define ETHERTYPE	0x88b5

long long rig_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static bool file_is(const char *dir, const char *name, const char *file, const char *text)
{
	char path[512], got[64] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/%s/%s", dir, name, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, got, sizeof(got) - 1) < 0)
		*got = 0;
	close(fd);
	return !strncmp(got, text, strlen(text));
}

/* The entry of @dir whose @file (and @file2) begins with @text; false if there is none. */
static bool find(const char *dir, const char *file, const char *text, const char *file2,
		 const char *text2, char *ret, size_t size)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	bool found = false;

	while (d && !found && (e = readdir(d))) {
		if (*e->d_name == '.' || !file_is(dir, e->d_name, file, text) ||
		    (file2 && !file_is(dir, e->d_name, file2, text2)))
			continue;
		found = (size_t)snprintf(ret, size, "%s", e->d_name) < size;
	}
	if (d)
		closedir(d);
	return found;
}

static int map_dma(struct rig *r)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.iova = RIG_DMA_IOVA,
		.size = RIG_DMA_SIZE,
	};

	r->dma = mmap(NULL, RIG_DMA_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (r->dma == MAP_FAILED)
		return -errno;
	map.vaddr = (uintptr_t)r->dma;
	return ioctl(r->pci.container, VFIO_IOMMU_MAP_DMA, &map) ? -errno : 0;
}

/* The value of @key, "name=", in the line of the dump that is @label's; -1 if there is none. */
static long dumped(struct rsnl *nl, const char *label, const char *key)
{
	char *text = NULL, *line, *save = NULL, word[32], *p;
	long value = -1;
	size_t size;
	FILE *f;

	f = open_memstream(&text, &size);
	if (!f)
		return -1;
	rsnl_slot_dump(nl, f);
	fclose(f);
	snprintf(word, sizeof(word), "label=%s ", label);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		p = strstr(line, key);
		if (strstr(line, word) && p)
			value = strtol(p + strlen(key), NULL, 10);
	}
	free(text);
	return value;
}

int rig_open(struct rig *r, const char *label)
{
	struct rsnl_slot slot = {
		.label = r->label,
		.class = RS_CLASS_NONE,
		.effects = RS_EFFECTS_DEVICE,
		.depth = RSNL_UNSET,
		.deadline_ms = 0,
		.gate_timeout_ms = RSNL_UNSET,
		.init_timeout_ms = 60000,
		.poison_limit = RSNL_UNSET,
		.violation_limit = 0,
		.budget = 0,
		.budget_window_ms = RSNL_UNSET,
	};
	char name[16];
	long left;
	int ret;

	memset(r, 0, sizeof(*r));
	r->fd = -1;
	snprintf(r->label, sizeof(r->label), "%s", label);
	snprintf(r->why, sizeof(r->why), "rsmod is not installed");
	if (geteuid() || !rsnl_module("rsmod") || !rsnl_module("vfio_pci"))
		return 1;
	snprintf(r->why, sizeof(r->why), "no 82574L behind an IOMMU");
	if (!find("/sys/bus/pci/devices", "vendor", "0x8086", "device", "0x10d3",
		  name, sizeof(name)))
		return 1;

	*r->why = 0;
	ret = rsnl_open(&r->nl);
	if (ret)
		return ret;
	/* A test that failed may have left its slot. */
	left = dumped(r->nl, r->label, "endpoint=");
	if (left > 0)
		rsnl_slot_del(r->nl, (int32_t)left);
	ret = rsnl_slot_new(r->nl, &slot, &r->endpoint);
	if (ret)
		return ret;
	r->fd = open("/dev/rsmod", O_RDWR | O_CLOEXEC);
	if (r->fd < 0)
		return -errno;
	ret = rspci_open(&r->pci, name);
	if (!ret)
		ret = rspci_lend(&r->pci, r->fd, r->endpoint, 0, 1);
	if (!ret)
		ret = map_dma(r);
	return ret;
}

void rig_forget(struct rig *r)
{
	int *fds[] = { &r->pci.device, &r->pci.group, &r->pci.container };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

void rig_close(struct rig *r)
{
	if (r->endpoint)
		rsnl_slot_del(r->nl, r->endpoint);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (*r->pci.name)
		rspci_close(&r->pci);
	if (r->fd >= 0)
		close(r->fd);
	if (r->nl)
		rsnl_close(r->nl);
}

int rig_start(struct rig *r, struct rig_inst *inst, unsigned int flags)
{
	struct rs_arm arm = {
		.endpoint = r->endpoint,
		.flags = flags & RIG_HOLD ? RS_ARM_HOLD : 0,
		.pool_size = RIG_POOL_SIZE,
		.pool_iova = RIG_POOL_IOVA + r->started * RIG_POOL_SIZE,
	};
	int sock[2];
	int fd, ret;

	fd = open("/dev/rsmod", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock)) {
		close(fd);
		return -errno;
	}
	inst->pid = fork();
	if (!inst->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		rig_forget(r);
		close(sock[0]);
		rig_instance(fd, sock[1], flags);
	}
	close(sock[1]);
	arm.pid = inst->pid;
	ret = ioctl(fd, RS_IOC_ARM, &arm) ? -errno : 0;
	if (!ret)
		ret = rspci_map_pool(&r->pci, fd, arm.pool_iova, RIG_POOL_SIZE);
	close(fd);
	inst->sock = sock[0];
	inst->number = arm.instance;
	inst->iova = arm.pool_iova;
	r->started++;
	/* Go. */
	if (!ret && send(inst->sock, "", 1, 0) != 1)
		ret = -errno;
	if (ret) {
		rig_kill(inst);
		return ret;
	}
	return rig_wait(r, RSMOD_EVENT_TYPE_ATTACHED, r->started, 10000) ? 0 : -ETIME;
}

void rig_kill(struct rig_inst *inst)
{
	if (inst->pid <= 0)
		return;
	kill(inst->pid, SIGKILL);
	waitpid(inst->pid, NULL, 0);
	close(inst->sock);
	inst->pid = 0;
}

long long rig_do(struct rig_inst *inst, enum rig_op op, uint64_t a, uint64_t b, uint64_t c)
{
	const struct rig_order order = { op, a, b, c };
	long long res;

	if (send(inst->sock, &order, sizeof(order), MSG_NOSIGNAL) != sizeof(order) ||
	    recv(inst->sock, &res, sizeof(res), 0) != sizeof(res))
		return -EPIPE;
	return res;
}

int rig_swap(struct rig *r, struct rig_inst *inst)
{
	return rsnl_swap(r->nl, r->endpoint, inst->number, RS_INIT_LU);
}

static void on_event(const struct rsnl_event *e, void *data)
{
	struct rig *r = data;

	if (e->type >= RIG_EVENTS)
		return;
	r->seen[e->type]++;
	r->last[e->type] = e->instance;
}

bool rig_wait(struct rig *r, uint32_t type, unsigned int count, int ms)
{
	long long end = rig_now_ms() + ms;
	struct pollfd p = { .fd = rsnl_event_fd(r->nl), .events = POLLIN };
	int left;

	for (;;) {
		if (rsnl_events(r->nl, r->endpoint, NULL, on_event, r))
			return false;
		if (r->seen[type] >= count)
			return true;
		left = (int)(end - rig_now_ms());
		if (left <= 0)
			return false;
		poll(&p, 1, left);
	}
}

unsigned int rig_violations(struct rig *r)
{
	return (unsigned int)dumped(r->nl, r->label, " violations=");
}

/*
 *	0	RX descriptors, 256 of 16 bytes
 *	0x1000	TX descriptors, the same
 *	0x2000	the one frame that is sent
 *	0x3000	RX buffers: the same one of 2 KiB for all
 */
void rig_rings(uint8_t *mem, uint64_t iova)
{
	uint8_t *frame = mem + 0x2000;
	unsigned int i;

	memset(mem, 0, 0x4000);
	memset(frame, 0xff, ETH_ALEN);
	frame[ETH_ALEN] = 2;
	frame[2 * ETH_ALEN] = ETHERTYPE >> 8;
	frame[2 * ETH_ALEN + 1] = ETHERTYPE & 0xff;
	for (i = 0; i < 256; i++) {
		struct rx_desc *rx = (struct rx_desc *)mem + i;
		struct tx_desc *tx = (struct tx_desc *)(mem + 0x1000) + i;

		rx->addr = iova + 0x3000;
		tx->addr = iova + 0x2000;
		tx->cmd = 64 | TXD_EOP | TXD_IFCS | TXD_RS;
	}
}

static void send_frames(int fd, const struct sockaddr_ll *to)
{
	const struct timespec t = { .tv_nsec = 1000000 };
	uint8_t frame[64];
	uint64_t n = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	memset(frame, 0xff, sizeof(frame));
	frame[ETH_ALEN] = 2;
	frame[2 * ETH_ALEN] = ETHERTYPE >> 8;
	frame[2 * ETH_ALEN + 1] = ETHERTYPE & 0xff;
	for (;;) {
		memcpy(frame + ETH_HLEN, &n, sizeof(n));
		n++;
		sendto(fd, frame, sizeof(frame), 0, (const struct sockaddr *)to, sizeof(*to));
		nanosleep(&t, NULL);
	}
}

pid_t rig_traffic(void)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(ETHERTYPE) };
	struct ifreq ifr = { .ifr_flags = 0 };
	char name[IFNAMSIZ];
	pid_t pid = 0;
	int fd;

	if (!find("/sys/class/net", "address", PEER_MAC, NULL, NULL, name, sizeof(name)))
		return 0;
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	memcpy(ifr.ifr_name, name, sizeof(name));
	to.sll_ifindex = (int)if_nametoindex(name);
	if (ioctl(fd, SIOCGIFFLAGS, &ifr))
		goto out_close;
	ifr.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr))
		goto out_close;
	pid = fork();
	if (!pid)
		send_frames(fd, &to);
out_close:
	close(fd);
	return pid > 0 ? pid : 0;
}
