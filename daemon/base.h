/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * base.h - what every file of rsd needs: the error contract, ownership, small helpers
 *
 * Error contract.  A function returns 0 (or a count, or a descriptor) or a negative
 * errno.  Negative means: it failed, and what it had changed is undone, unless its
 * comment says otherwise.  Functions that a person may have to hear about also take a
 * `struct reason *`: whenever they return a negative errno it holds one sentence that
 * says what is wrong and, where there is something to do, what to do.  The sentence
 * travels as it is over D-Bus to rsctl.  Only the manager and main() log.
 *
 * Ownership.  `ret_` parameters are written only on success and pass ownership to the
 * caller.  Locals that own something carry a cleanup attribute; passing ownership on is
 * written steal_ptr() or steal_fd().
 */
#ifndef RSD_BASE_H
#define RSD_BASE_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define USEC_PER_MSEC	1000ULL
#define USEC_PER_SEC	1000000ULL
#define NSEC_PER_USEC	1000ULL
#define NSEC_PER_SEC	1000000000ULL

#define __printf(f, a)	__attribute__((format(printf, f, a)))
#define __cleanup(fn)	__attribute__((cleanup(fn)))

static inline void close_ptr(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void free_ptr(void *p)
{
	free(*(void **)p);
}

static inline void fclose_ptr(FILE **f)
{
	if (*f)
		fclose(*f);
}

#define __cleanup_close	__cleanup(close_ptr)
#define __cleanup_free	__cleanup(free_ptr)
#define __cleanup_fclose __cleanup(fclose_ptr)

static inline int steal_fd(int *fd)
{
	int ret = *fd;

	*fd = -1;
	return ret;
}

#define steal_ptr(p)				\
	({					\
		typeof(p) *__p = &(p);		\
		typeof(p) __ret = *__p;		\
		*__p = NULL;			\
		__ret;				\
	})

static inline void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static inline bool streq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/**
 * struct reason - one sentence for the person who asked
 * @text: empty if there is nothing to say beyond the errno
 */
struct reason {
	char text[768];
};

/**
 * refuse() - fill in a reason and hand the error on
 * @why: to fill in, may be NULL
 * @error: negative errno
 * @fmt: the sentence, without final newline
 *
 * Return: @error, so that a refusal is one statement.
 */
int refuse(struct reason *why, int error, const char *fmt, ...) __printf(3, 4);

/* Like refuse(), unless an inner function has already said why. */
int refuse_default(struct reason *why, int error, const char *fmt, ...) __printf(3, 4);

/* snprintf() that reports truncation: 0 or -ENAMETOOLONG. */
int format(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/* Copies what fits, always terminates. */
void copy_text(char *dst, size_t size, const char *src);

/**
 * read_line() - first line of a small file (sysfs, procfs), without its newline
 * @buf: receives it, terminated
 * @size: bytes of @buf
 * @path: file
 *
 * Return: its length, or a negative errno.
 */
ssize_t read_line(char *buf, size_t size, const char *path);

/* Whole file, terminated; the caller frees *ret_data.  At most 1 MiB: -EFBIG. */
int read_file(const char *path, char **ret_data, size_t *ret_len);

/* One write() of @text to an existing file (sysfs, cgroupfs). */
int write_text(const char *path, const char *text);

/* Replaces @path by @data atomically: a reader sees the old or the new file. */
int write_file_atomic(const char *path, const char *data, size_t len);

/* Last component of the target of the symbolic link @path. */
int read_link_name(char *buf, size_t size, const char *path);

/* Makes a directory and its parents. */
int make_dirs(const char *path, unsigned int mode);

/* CLOCK_MONOTONIC, microseconds. */
uint64_t now_usec(void);

/* Frees a NULL-terminated vector of strings and itself; NULL is fine. */
void strv_free(char **strv);
int strv_append(char ***strv, const char *text);
size_t strv_length(char *const *strv);

#endif /* RSD_BASE_H */
