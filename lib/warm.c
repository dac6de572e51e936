// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What would keep a replica waiting when it takes over
 *
 * A replica that is bound runs code that it has never run, while clients wait: each page of it
 * that is not in its page table yet is a fault then, and each page of data that it writes for the
 * first time is a copy.  Here it pays for that beforehand: it asks for all pages of the program and
 * of its libraries, and for those of data as its own.  The stack gets some pages in hand.
 *
 * That a page cannot be had now is no error: it is a fault later, as it would have been.
 */
#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "instance.h"

/* Since Linux 5.14; the headers may be older. */
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ	22
#define MADV_POPULATE_WRITE	23
#endif

#define STACK_IN_HAND		(64 * 1024)

/* Of an object, what was written by the dynamic linker alone, and is read-only now: where it ends. */
static uintptr_t relro_end(const struct dl_phdr_info *info)
{
	unsigned int i;

	for (i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_GNU_RELRO)
			return info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
	return 0;
}

static void warm_segment(const ElfW(Phdr) *p, uintptr_t base, uintptr_t relro)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t start = (base + p->p_vaddr) & ~(page - 1);
	uintptr_t end = (base + p->p_vaddr + p->p_memsz + page - 1) & ~(page - 1);

	madvise((void *)start, end - start, MADV_POPULATE_READ);
	if (!(p->p_flags & PF_W))
		return;
	if (relro > start && relro < end)
		start = relro & ~(page - 1);
	madvise((void *)start, end - start, MADV_POPULATE_WRITE);
}

static int warm_object(struct dl_phdr_info *info, size_t size, void *data)
{
	unsigned int i;

	(void)size;
	(void)data;
	for (i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD)
			warm_segment(&info->dlpi_phdr[i], info->dlpi_addr, relro_end(info));
	return 0;
}

static void warm_stack(void)
{
	char room[STACK_IN_HAND];
	volatile char *p = room;
	size_t i;

	for (i = 0; i < sizeof(room); i += 4096)
		p[i] = 0;
}

/* Not MAP_POPULATE, which is silent about pages that cannot be had. */
void touch(const void *map, size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const char *p = map;
	size_t i;

	for (i = 0; i < bytes; i += page)
		(void)__atomic_load_n(&p[i], __ATOMIC_RELAXED);
}

void warm(void)
{
	dl_iterate_phdr(warm_object, NULL);
	warm_stack();
}
