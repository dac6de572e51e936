// SPDX-License-Identifier: GPL-2.0-only
/*
 * disk.c - who uses a disk, as /proc and sysfs tell
 *
 * The disk itself is not opened: while its driver is down that could wait for us.
 */
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>

#include <linux/rs_blk.h>

#include "disk.h"

#define DISK_DIR	"/sys/class/block"

/* Where @name, whose number is @dev, is mounted; *@where is empty if it is not. */
static void find_mount(const char *name, const char *dev, char *where, size_t size)
{
	FILE *f __cleanup_fclose = fopen("/proc/self/mountinfo", "re");
	char line[2 * PATH_MAX], number[32], point[PATH_MAX], source[PATH_MAX];
	const char *rest;

	where[0] = '\0';
	while (f && !where[0] && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*d %*d %31s %*s %4095s", number, point) != 2)
			continue;
		/* Some file systems have a number of their own, but name what they are on. */
		rest = strstr(line, " - ");
		if (!rest || sscanf(rest, " - %*s /dev/%4090s", source) != 1)
			source[0] = '\0';
		if (streq(number, dev) || streq(source, name))
			copy_text(where, size, point);
	}
}

static bool is_swap(const char *name)
{
	FILE *f __cleanup_fclose = fopen("/proc/swaps", "re");
	char line[PATH_MAX], path[PATH_MAX];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "/dev/%4090s", path) == 1 && streq(path, name))
			return true;
	return false;
}

/* Another device that is made of it, or "". */
static void find_holder(const char *sys, char *holder, size_t size)
{
	char path[PATH_MAX];
	struct dirent *e;
	DIR *d;

	holder[0] = '\0';
	if (format(path, sizeof(path), "%s/holders", sys) < 0)
		return;
	d = opendir(path);
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			copy_text(holder, size, e->d_name);
	if (d)
		closedir(d);
}

/* A disk or a partition. */
static int check_one(const char *name, const char *sys, void *arg)
{
	struct reason *why = arg;
	char path[PATH_MAX], dev[32], who[256];

	if (format(path, sizeof(path), "%s/dev", sys) < 0 || read_line(dev, sizeof(dev), path) < 0)
		return 0;
	find_mount(name, dev, who, sizeof(who));
	if (who[0])
		return refuse(why, -EBUSY, "/dev/%s is mounted on %s; unmount it, or say --force", name,
			      who);
	if (is_swap(name))
		return refuse(why, -EBUSY, "/dev/%s is swap; say swapoff, or --force", name);
	find_holder(sys, who, sizeof(who));
	if (who[0])
		return refuse(why, -EBUSY, "/dev/%s is part of %s; take that apart, or say --force", name,
			      who);
	return 0;
}

static bool is_below(const char *sys, const char *top)
{
	size_t len = strlen(top);

	return !strncmp(sys, top, len) && sys[len] == '/';
}

/*
 * A disk of NVM Express that several controllers could reach is below none of them: it is below
 * its subsystem, where each of them has a link.
 */
static bool subsystem_reaches(const char *sys, const char *top)
{
	static const char subsystems[] = "/nvme-subsystem/";
	char dir[PATH_MAX], link[PATH_MAX], path[PATH_MAX];
	const char *p = strstr(sys, subsystems);
	bool found = false;
	struct dirent *e;
	DIR *d;

	p = p ? strchr(p + sizeof(subsystems) - 1, '/') : NULL;
	if (!p || format(dir, sizeof(dir), "%.*s", (int)(p - sys), sys) < 0)
		return false;
	d = opendir(dir);
	while (d && !found && (e = readdir(d)))
		found = e->d_type == DT_LNK &&
			format(link, sizeof(link), "%s/%s", dir, e->d_name) == 0 &&
			realpath(link, path) && is_below(path, top);
	if (d)
		closedir(d);
	return found;
}

/* Call @f for each disk below @dir, and for each partition, until it returns an error. */
static int for_each(const char *dir, int (*f)(const char *name, const char *sys, void *arg),
		    void *arg)
{
	char link[PATH_MAX], sys[PATH_MAX], top[PATH_MAX];
	struct dirent **list;
	int nr, i, r = 0;

	if (!realpath(dir, top))
		return 0;
	nr = scandir(DISK_DIR, &list, NULL, versionsort);
	for (i = 0; i < nr; i++) {
		const char *name = list[i]->d_name;

		if (r == 0 && name[0] != '.' && format(link, sizeof(link), DISK_DIR "/%s", name) == 0 &&
		    realpath(link, sys) && (is_below(sys, top) || subsystem_reaches(sys, top)))
			r = f(name, sys, arg);
		free(list[i]);
	}
	if (nr >= 0)
		free(list);
	return r;
}

int disk_check_free(const char *dir, struct reason *why)
{
	return for_each(dir, check_one, why);
}

/* A text to append to. */
struct list {
	char *buf;
	size_t size;
};

/* Neither partitions, nor the paths to a disk below its subsystem, which nobody can open. */
static int append(const char *name, const char *sys, void *arg)
{
	const struct list *l = arg;
	size_t len = strlen(l->buf);
	char path[PATH_MAX], hidden[4];

	if (format(path, sizeof(path), "%s/partition", sys) < 0 || access(path, F_OK) == 0 ||
	    format(path, sizeof(path), "%s/hidden", sys) < 0 ||
	    (read_line(hidden, sizeof(hidden), path) > 0 && hidden[0] != '0'))
		return 0;
	snprintf(l->buf + len, l->size - len, "%s%s", len ? " " : "", name);
	return 0;
}

void disk_names(const char *dir, char *buf, size_t size)
{
	struct list list = { buf, size };

	buf[0] = '\0';
	for_each(dir, append, &list);
}

void disk_names_served(const char *label, char *buf, size_t size)
{
	char path[PATH_MAX], minor[16];
	const char *by_minor[RS_BLK_DISKS_MAX] = { NULL };
	struct dirent **list;
	unsigned long n;
	size_t used = 0;
	int nr, i;

	buf[0] = '\0';
	if (format(path, sizeof(path), "/sys/class/rsmod/%s", label) < 0)
		return;
	nr = scandir(path, &list, NULL, NULL);
	for (i = 0; i < nr; i++) {
		if (format(path, sizeof(path), "/sys/class/rsmod/%s/%s/rsmod/minor", label,
			   list[i]->d_name) < 0 || read_line(minor, sizeof(minor), path) < 0)
			continue;
		n = strtoul(minor, NULL, 10);
		if (n < RS_BLK_DISKS_MAX)
			by_minor[n] = list[i]->d_name;
	}
	for (i = 0; i < RS_BLK_DISKS_MAX; i++)
		if (by_minor[i] && used < size)
			used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? " " : "",
						 by_minor[i]);
	for (i = 0; i < nr; i++)
		free(list[i]);
	if (nr >= 0)
		free(list);
}
