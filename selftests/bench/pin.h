/* SPDX-License-Identifier: GPL-2.0-only */
/* Pinning and clocks, alike on both sides of a comparison. */
#ifndef PIN_H
#define PIN_H

#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Run on this CPU only; a negative one means anywhere. */
static inline void pin(int cpu)
{
	cpu_set_t set;

	if (cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		perror("sched_setaffinity");
		exit(1);
	}
}

static inline uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Jiffies (1/100 s) that all CPUs have been busy so far: both sides and the kernel. */
static inline uint64_t busy_jiffies(void)
{
	unsigned long long user, nice, system, idle, iowait, irq, softirq, steal;
	FILE *f = fopen("/proc/stat", "r");

	if (!f || fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &system,
			 &idle, &iowait, &irq, &softirq, &steal) != 8) {
		perror("/proc/stat");
		exit(1);
	}
	fclose(f);
	return user + nice + system + irq + softirq;
}

static inline int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* One line of JSON: percentiles of the round trips, and what one of them cost all CPUs. */
static inline void report_trips(uint64_t *ns, size_t n, uint64_t jiffies)
{
	qsort(ns, n, sizeof(*ns), by_value);
	printf("{\"n\": %zu, \"p50_ns\": %llu, \"p99_ns\": %llu, \"max_ns\": %llu, \"cpu_us\": %.2f}\n",
	       n, (unsigned long long)ns[n / 2], (unsigned long long)ns[n * 99 / 100],
	       (unsigned long long)ns[n - 1], jiffies * 1e4 / n);
}

#endif /* PIN_H */
