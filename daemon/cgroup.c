// SPDX-License-Identifier: GPL-2.0-only
/*
 * cgroup.c - directories below /sys/fs/cgroup
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "cgroup.h"

#define ROOT	"/sys/fs/cgroup"

static char base[CGROUP_PATH_MAX];	/* empty: no unified hierarchy */

/* "0::/system.slice/rsd.service" */
static int own_path(const char *file, char *path, size_t size)
{
	char *data __cleanup_free = NULL;
	char *line;
	int r;

	r = read_file(file, &data, NULL);
	if (r < 0)
		return r;
	line = strncmp(data, "0::", 3) ? strstr(data, "\n0::") : data;
	if (!line)
		return -ENOENT;
	line += *line == '\n' ? 4 : 3;
	line[strcspn(line, "\n")] = '\0';
	return format(path, size, ROOT "%s", streq(line, "/") ? "" : line);
}

void cgroup_init(void)
{
	char path[CGROUP_PATH_MAX];

	base[0] = '\0';
	if (access(ROOT "/cgroup.procs", F_OK) < 0 ||
	    own_path("/proc/self/cgroup", path, sizeof(path)) < 0)
		return;
	/* started by hand as the first process: not among the machine's top-level groups */
	if (streq(path, ROOT) && format(path, sizeof(path), ROOT "/rsd") == 0)
		mkdir(path, 0755);
	if (access(path, W_OK) == 0)
		copy_text(base, sizeof(base), path);
}

int cgroup_make(const char *label, char *path)
{
	unsigned int i;
	int r;

	if (!base[0])
		return -ENOENT;
	for (i = 1; ; i++) {
		r = format(path, CGROUP_PATH_MAX, "%s/%s.%u", base, label, i);
		if (r < 0)
			return r;
		if (mkdir(path, 0755) == 0)
			break;
		if (errno != EEXIST)
			return -errno;
	}
	r = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return r < 0 ? -errno : r;
}

int cgroup_of(pid_t pid, char *path)
{
	char file[64];
	int r;

	if (!base[0])
		return -ENOENT;
	r = format(file, sizeof(file), "/proc/%d/cgroup", pid);
	if (r == 0)
		r = own_path(file, path, CGROUP_PATH_MAX);
	if (r < 0)
		return r;
	/* never rsd's own group, or one that is not ours */
	if (strncmp(path, base, strlen(base)) || path[strlen(base)] != '/')
		return -EXDEV;
	return 0;
}

void cgroup_kill(const char *path)
{
	char file[CGROUP_PATH_MAX + 16];

	if (path[0] && format(file, sizeof(file), "%s/cgroup.kill", path) == 0)
		write_text(file, "1");
}

void cgroup_sweep(void)
{
	char path[CGROUP_PATH_MAX];
	struct dirent *d;
	DIR *dir;

	if (!base[0])
		return;
	dir = opendir(base);
	if (!dir)
		return;
	while ((d = readdir(dir)))
		/* one that is not empty refuses */
		if (d->d_type == DT_DIR && d->d_name[0] != '.' &&
		    format(path, sizeof(path), "%s/%s", base, d->d_name) == 0)
			rmdir(path);
	closedir(dir);
}
