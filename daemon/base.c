// SPDX-License-Identifier: GPL-2.0-only
/*
 * base.c - small helpers around files, strings and time
 */
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <time.h>

#include "base.h"

#define READ_FILE_MAX	(1U << 20)

int refuse(struct reason *why, int error, const char *fmt, ...)
{
	va_list ap;

	if (!why)
		return error;
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	return error;
}

int refuse_default(struct reason *why, int error, const char *fmt, ...)
{
	va_list ap;

	if (!why || why->text[0])
		return error;
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	return error;
}

int format(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

void copy_text(char *dst, size_t size, const char *src)
{
	size_t len = strnlen(src, size - 1);

	memcpy(dst, src, len);
	dst[len] = '\0';
}

ssize_t read_line(char *buf, size_t size, const char *path)
{
	int fd __cleanup_close = -1;
	ssize_t n;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	n = read(fd, buf, size - 1);
	if (n < 0)
		return -errno;
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return (ssize_t)strlen(buf);
}

int read_file(const char *path, char **ret_data, size_t *ret_len)
{
	char *data __cleanup_free = NULL;
	int fd __cleanup_close = -1;
	size_t len = 0, room = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	for (;;) {
		ssize_t n;

		if (room - len < 2) {
			char *more;

			if (room > READ_FILE_MAX)
				return -EFBIG;
			room = room ? room * 2 : 4096;
			more = realloc(data, room);
			if (!more)
				return -ENOMEM;
			data = more;
		}
		n = read(fd, data + len, room - len - 1);
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	data[len] = '\0';
	*ret_data = steal_ptr(data);
	if (ret_len)
		*ret_len = len;
	return 0;
}

int write_text(const char *path, const char *text)
{
	int fd __cleanup_close = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return -errno;
	/* sysfs attributes want an empty string as one newline */
	if (!text[0])
		text = "\n";
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

int write_file_atomic(const char *path, const char *data, size_t len)
{
	char tmp[PATH_MAX];
	int fd, r;

	r = format(tmp, sizeof(tmp), "%s.new", path);
	if (r < 0)
		return r;
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0) {
			r = -errno;
			goto err_unlink;
		}
		data += n;
		len -= (size_t)n;
	}
	if (rename(tmp, path) < 0) {
		r = -errno;
		goto err_unlink;
	}
	close(fd);
	return 0;

err_unlink:
	close(fd);
	unlink(tmp);
	return r;
}

int read_link_name(char *buf, size_t size, const char *path)
{
	char target[PATH_MAX];
	const char *name;
	ssize_t n;

	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	name = strrchr(target, '/');
	return format(buf, size, "%s", name ? name + 1 : target);
}

int make_dirs(const char *path, unsigned int mode)
{
	char buf[PATH_MAX];
	char *p;
	int r;

	r = format(buf, sizeof(buf), "%s", path);
	if (r < 0)
		return r;
	for (p = buf + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		if (mkdir(buf, mode) < 0 && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return mkdir(buf, mode) < 0 && errno != EEXIST ? -errno : 0;
}

uint64_t now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / NSEC_PER_USEC;
}

void strv_free(char **strv)
{
	char **s;

	if (!strv)
		return;
	for (s = strv; *s; s++)
		free(*s);
	free(strv);
}

size_t strv_length(char *const *strv)
{
	size_t n = 0;

	while (strv && strv[n])
		n++;
	return n;
}

int strv_append(char ***strv, const char *text)
{
	size_t n = strv_length(*strv);
	char *copy = strdup(text);
	char **more;

	if (!copy)
		return -ENOMEM;
	more = realloc(*strv, (n + 2) * sizeof(*more));
	if (!more) {
		free(copy);
		return -ENOMEM;
	}
	more[n] = copy;
	more[n + 1] = NULL;
	*strv = more;
	return 0;
}
