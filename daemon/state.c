// SPDX-License-Identifier: GPL-2.0-only
/*
 * state.c - writing and reading the state file
 */
#include <dirent.h>
#include <inttypes.h>

#include "conf-value.h"
#include "state.h"

static int path_of(const char *label, char *path, size_t size)
{
	return format(path, size, STATE_DIR "/%s", label);
}

int state_save(const struct service *s)
{
	char *net __cleanup_free = NULL;
	char *text __cleanup_free = NULL;
	char path[128];
	size_t len;
	FILE *f;
	int r;

	r = path_of(s->label, path, sizeof(path));
	if (r == 0)
		r = make_dirs(STATE_DIR, 0700);
	if (r == 0 && netcfg_recorded(&s->netcfg))
		r = netcfg_to_text(&s->netcfg, &net);
	if (r < 0)
		return r;
	f = open_memstream(&text, &len);
	if (!f)
		return -ENOMEM;
	fprintf(f, "replica=%u\n", s->replica);
	fprintf(f, "backoff=%" PRIu32 " %" PRIu64 "\n", s->backoff.count, s->backoff.last_us);
	fprintf(f, "standby_backoff=%" PRIu32 " %" PRIu64 "\n", s->standby_backoff.count,
		s->standby_backoff.last_us);
	fprintf(f, "limit=%" PRIu32 " %" PRIu64 "\n", s->limit.count, s->limit.since_us);
	fprintf(f, "announced=%" PRIu32 "\n", s->announced);
	if (s->program)
		fprintf(f, "program=%s\n", s->program);
	if (s->since)
		fprintf(f, "since=%" PRIu32 "\n", s->since);
	if (s->device[0])
		fprintf(f, "device=%s\n", s->device);
	if (s->kernel_driver[0])
		fprintf(f, "kernel_driver=%s\n", s->kernel_driver);
	if (s->kernel_ifname[0])
		fprintf(f, "kernel_interface=%s %02x:%02x:%02x:%02x:%02x:%02x\n", s->kernel_ifname,
			s->kernel_mac[0], s->kernel_mac[1], s->kernel_mac[2], s->kernel_mac[3],
			s->kernel_mac[4], s->kernel_mac[5]);
	if (net)
		fprintf(f, "netcfg=%s\nnetcfg_applied=%d\n", net, s->netcfg_applied);
	if (s->last_death[0])
		fprintf(f, "last_death=%s\n", s->last_death);
	if (s->last_poison[0])
		fprintf(f, "last_poison=%s\n", s->last_poison);
	if (fclose(f) != 0)
		return -ENOMEM;
	return write_file_atomic(path, text, len);
}

static void load_line(struct service *s, const char *key, const char *value)
{
	char mac[18];

	if (streq(key, "replica"))
		s->replica = (unsigned int)strtoul(value, NULL, 10);
	else if (streq(key, "backoff"))
		sscanf(value, "%" SCNu32 " %" SCNu64, &s->backoff.count, &s->backoff.last_us);
	else if (streq(key, "standby_backoff"))
		sscanf(value, "%" SCNu32 " %" SCNu64, &s->standby_backoff.count,
		       &s->standby_backoff.last_us);
	else if (streq(key, "limit"))
		sscanf(value, "%" SCNu32 " %" SCNu64, &s->limit.count, &s->limit.since_us);
	else if (streq(key, "announced"))
		s->announced = (uint32_t)strtoul(value, NULL, 10);
	else if (streq(key, "program"))
		s->program = strdup(value);
	else if (streq(key, "since"))
		s->since = (uint32_t)strtoul(value, NULL, 10);
	else if (streq(key, "device"))
		copy_text(s->device, sizeof(s->device), value);
	else if (streq(key, "kernel_driver"))
		copy_text(s->kernel_driver, sizeof(s->kernel_driver), value);
	else if (streq(key, "kernel_interface") &&
		 sscanf(value, "%15s %17s", s->kernel_ifname, mac) == 2)
		value_mac(mac, s->kernel_mac, NULL);
	else if (streq(key, "netcfg"))
		netcfg_from_text(&s->netcfg, value);
	else if (streq(key, "netcfg_applied"))
		s->netcfg_applied = streq(value, "1");
	else if (streq(key, "last_death"))
		copy_text(s->last_death, sizeof(s->last_death), value);
	else if (streq(key, "last_poison"))
		copy_text(s->last_poison, sizeof(s->last_poison), value);
}

int state_load(struct service *s)
{
	char *data __cleanup_free = NULL;
	char *line, *save = NULL;
	char path[128];
	int r;

	r = path_of(s->label, path, sizeof(path));
	if (r == 0)
		r = read_file(path, &data, NULL);
	if (r < 0)
		return r;
	for (line = strtok_r(data, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *value = strchr(line, '=');

		if (!value)
			continue;
		*value = '\0';
		load_line(s, line, value + 1);
	}
	return 0;
}

void state_remove(const char *label)
{
	char path[128];

	if (path_of(label, path, sizeof(path)) == 0)
		unlink(path);
}

int state_labels(char ***ret)
{
	char **labels = NULL;
	struct dirent *d;
	DIR *dir = opendir(STATE_DIR);
	int r = 0;

	*ret = NULL;
	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while (r == 0 && (d = readdir(dir)))
		/* leaves out . and .., and a *.new that was never renamed */
		if (value_label(d->d_name, NULL) == 0)
			r = strv_append(&labels, d->d_name);
	closedir(dir);
	if (r < 0) {
		strv_free(labels);
		return r;
	}
	*ret = labels;
	return 0;
}
