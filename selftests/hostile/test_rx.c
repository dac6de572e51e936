// SPDX-License-Identifier: GPL-2.0-only
/*
 * A received frame is what it was when its checksum was computed, whatever the driver does
 *
 * The buffer of a frame stays the driver's to write.  The kernel copies it, and sums the copy, so
 * that a byte which changes afterwards changes nothing, and one that changes meanwhile is noticed
 * by the checksum.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "scene.h"

#define RX		2
#define OURS		"198.51.100.1"
#define THEIRS		"198.51.100.2"
#define PORT		5000
#define HEADERS		(ETH_HLEN + sizeof(struct iphdr) + sizeof(struct udphdr))
/* One page is enough for the first, not for the second. */
#define SMALL		1400
#define LARGE		8000
/* Frames of a burst, and bursts. */
#define BURST		100
#define BURSTS		10

static const uint8_t mac[ETH_ALEN] = { 0x02, 0, 0, 0, 0, 1 };

/* --- the driver ------------------------------------------------------------------------- */

static uint32_t sum(uint32_t s, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		s += (uint32_t)p[i] << 8 | p[i + 1];
	if (len & 1)
		s += (uint32_t)p[len - 1] << 8;
	return s;
}

static uint16_t fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return htons((uint16_t)~s);
}

/* A datagram of @len bytes for us, all sums right.  Its first byte tells its number. */
static size_t build(uint8_t *frame, size_t len, uint8_t number)
{
	struct iphdr ip = {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
		.tot_len = htons((uint16_t)(len + sizeof(ip) + sizeof(struct udphdr))),
		.saddr = inet_addr(THEIRS), .daddr = inet_addr(OURS),
	};
	struct udphdr udp = {
		.source = htons(PORT), .dest = htons(PORT),
		.len = htons((uint16_t)(len + sizeof(udp))),
	};
	uint8_t *data = frame + HEADERS;
	uint32_t s;
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = bare_byte(i + number);
	data[0] = number;
	ip.check = fold(sum(0, &ip, sizeof(ip)));
	s = sum(IPPROTO_UDP + (uint32_t)(len + sizeof(udp)), &ip.saddr, 8);
	s = sum(sum(s, &udp, sizeof(udp)), data, len);
	udp.check = fold(s);
	memcpy(frame, mac, ETH_ALEN);
	memset(frame + ETH_ALEN, 0x02, ETH_ALEN);
	frame[12] = ETH_P_IP >> 8;
	frame[13] = ETH_P_IP & 0xff;
	memcpy(frame + ETH_HLEN, &ip, sizeof(ip));
	memcpy(frame + ETH_HLEN + sizeof(ip), &udp, sizeof(udp));
	return HEADERS + len;
}

/* Empty buffers that the kernel posted. */
static struct rs_sqe ready[64];
static unsigned int nr_ready;

/* Take what there is; answer all but the buffers, which go to @ready. */
static int pump(struct bare *b)
{
	const struct rs_net_link link = { .flags = RS_NET_LINK_UP | RS_NET_LINK_FULL };
	struct rs_sqe sqe;
	struct rs_cqe cqe;
	unsigned int i;
	int r;

	r = bare_enter_for(b, 5000000);
	if (r && r != -ETIME)
		return r;
	for (i = 0; i < RX; i++) {
		while (bare_next(b, i, &sqe)) {
			cqe = bare_serve(b, &sqe);
			bare_push(b, i, &cqe);
			if (sqe.op == RS_OP_INIT)
				ioctl(b->fd, RS_IOC_NET_LINK, &link);
			/* Buffers from before are of another size, maybe. */
			while (sqe.op == RS_OP_NET_CONF && nr_ready) {
				cqe = (struct rs_cqe) { .id = ready[--nr_ready].id, .res = -ECANCELED };
				bare_push(b, RX, &cqe);
			}
		}
	}
	while (bare_next(b, RX, &sqe))
		ready[nr_ready++ % 64] = sqe;
	return 0;
}

static volatile uint8_t *volatile victim;

static void *flipper(void *unused)
{
	volatile uint8_t *byte;
	unsigned int i;

	for (;;) {
		byte = victim;
		if (byte)
			*byte ^= 0xff;
		for (i = 0; i < 20; i++)
			__asm__ volatile("");
	}
	return NULL;
}

/* Deliver one frame, and spoil its buffer: meanwhile or afterwards. */
static int deliver(struct bare *b, size_t len, uint8_t number, bool meanwhile)
{
	struct rs_cqe cqe = { .res = 0 };
	uint8_t *buf;
	int r = 0;

	while (!r && (!nr_ready || ready[nr_ready - 1].buf_len < HEADERS + len))
		r = pump(b);
	if (r)
		return r;
	nr_ready--;
	buf = b->pool + ready[nr_ready].buf;
	cqe.id = ready[nr_ready].id;
	cqe.res = (int32_t)build(buf, len, number);
	if (meanwhile)
		victim = buf + HEADERS + len / 2;
	bare_push(b, RX, &cqe);
	r = bare_enter(b, false);
	victim = NULL;
	memset(buf, 0xee, (size_t)cqe.res);
	return r;
}

/* Orders: a length, one frame of which is delivered; 0, a burst under fire. */
static int driver(struct bare *b)
{
	int64_t len;
	pthread_t t;
	int i, r;

	b->credit = 64;
	memcpy(b->net.mac, mac, sizeof(mac));
	b->net.min_mtu = 68;
	b->net.max_mtu = 9000;
	if (bare_attach(b) || pthread_create(&t, NULL, flipper, NULL))
		return 1;
	for (;;) {
		while (recv(b->sock, &len, sizeof(len), MSG_DONTWAIT) != sizeof(len)) {
			r = pump(b);
			if (r)
				return -r;
		}
		r = 0;
		if (len)
			r = deliver(b, (size_t)len, 0, false);
		for (i = 0; !len && i < BURST && !r; i++)
			r = deliver(b, SMALL, (uint8_t)i, true);
		bare_say(b, r);
	}
}

/* --- the receiver ----------------------------------------------------------------------- */

static int receiver(void)
{
	const struct sockaddr_in us = {
		.sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = inet_addr(OURS),
	};
	const struct timeval timeout = { .tv_sec = SCENE_MS / 1000 };
	const int size = 8 << 20;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&us, sizeof(us)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		return -errno;
	return fd;
}

/* One datagram: 0 it is whole, 1 it is not, or -errno. */
static int receive(int fd, size_t len, int flags)
{
	static uint8_t data[65536];
	ssize_t n = recv(fd, data, sizeof(data), flags);
	size_t i;

	if (n < 0)
		return -errno;
	if ((size_t)n != len)
		return 1;
	for (i = 1; i < len; i++)
		if (data[i] != bare_byte(i + data[0]))
			return 1;
	return 0;
}

FIXTURE(rx)
{
	struct scene scene;
	struct actor bad;
	int fd;
};

FIXTURE_SETUP(rx)
{
	const struct role role = { .start = driver };
	struct scene *s = &self->scene;
	char text[160];
	int r;

	memset(&self->bad, 0, sizeof(self->bad));
	self->fd = -1;
	scene_init(s);
	s->slot.class = RS_CLASS_NET;
	s->slot.depth = 64;
	r = scene_open(s);
	if (r == 1)
		SKIP(return, "%s", s->why);
	ASSERT_EQ(0, r);
	ASSERT_EQ(0, scene_start(s, &self->bad, &role));
	ASSERT_TRUE(scene_wait(s, RSMOD_EVENT_TYPE_UP, 1));
	snprintf(text, sizeof(text), "ip link set %s mtu 9000 up && ip addr add " OURS "/24 dev %s",
		 s->label, s->label);
	ASSERT_EQ(0, system(text));
	self->fd = receiver();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(rx)
{
	if (self->fd >= 0)
		close(self->fd);
	if (self->scene.beside)
		EXPECT_TRUE(scene_beside_ok(&self->scene));
	scene_close(&self->scene);
	scene_kill(&self->bad);
}

/* It lies in the socket while its buffer is overwritten. */
TEST_F_TIMEOUT(rx, spoilt_afterwards, 200)
{
	const size_t lens[] = { SMALL, LARGE, 60, SMALL, LARGE };
	unsigned int i;

	for (i = 0; i < 5; i++) {
		scene_say(&self->bad, (int64_t)lens[i]);
		ASSERT_EQ(0, scene_hear(&self->bad));
		EXPECT_EQ(0, receive(self->fd, lens[i], 0));
	}
	EXPECT_EQ(0, scene_slot(&self->scene, "violations"));
}

/* One of its bytes is never at rest. */
TEST_F_TIMEOUT(rx, spoilt_meanwhile, 200)
{
	unsigned int i, whole = 0, torn = 0;
	int r;

	for (i = 0; i < BURSTS; i++) {
		scene_say(&self->bad, 0);
		ASSERT_EQ(0, scene_hear(&self->bad));
		while ((r = receive(self->fd, SMALL, MSG_DONTWAIT)) >= 0) {
			whole += !r;
			torn += r;
		}
		EXPECT_EQ(-EAGAIN, r);
	}
	TH_LOG("%u frames whole, %u refused", whole, BURST * BURSTS - whole - torn);
	EXPECT_EQ(0, torn);
	/* Some were right by chance, or nothing was tried. */
	EXPECT_LT(0, whole);
}

TEST_HARNESS_MAIN
