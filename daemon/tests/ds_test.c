// SPDX-License-Identifier: GPL-2.0-only
/* ds_test.c - the data store: MINIX's cases 93 to 105, its defects, and what a new rsd finds */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ds-journal.h"
#include "ds.h"
#include "tap.h"

static const struct ds_value one = { .type = DS_U32, .number = 1 };
static const struct ds_value two = { .type = DS_U32, .number = 2 };

static struct ds_value text(const char *s)
{
	return (struct ds_value){ .type = DS_STR, .data = s, .len = strlen(s) };
}

struct fixture {
	struct ds ds;
	char dir[64];
	char path[80];
};

static void label(struct ds *ds, const char *name, uint32_t endpoint)
{
	struct ds_value v = { .type = DS_LABEL, .number = endpoint };

	assert_int_equal(ds_publish(ds, DS_RS, name, &v, DS_OVERWRITE, NULL), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	strcpy(f->dir, "/tmp/rsd-ds-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/ds", f->dir);
	assert_int_equal(ds_journal_open(&f->ds, f->path), 0);
	label(&f->ds, "aa", 65537);
	label(&f->ds, "bb", 65538);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ds_journal_close(&f->ds);
	ds_clear(&f->ds);
	unlink(f->path);
	rmdir(f->dir);
	free(f);
	return 0;
}

/* What another rsd finds; nothing of this one's memory is left. */
static void next_rsd(struct fixture *f)
{
	ds_journal_close(&f->ds);
	ds_clear(&f->ds);
	assert_int_equal(ds_journal_open(&f->ds, f->path), 0);
}

static void told(struct ds *ds, const char *who, const char *key)
{
	const struct ds_entry *e = NULL;

	assert_int_equal(ds_check(ds, who, &e, NULL), 0);
	assert_string_equal(e->key, key);
}

static void told_nothing(struct ds *ds, const char *who)
{
	const struct ds_entry *e;

	assert_int_equal(ds_check(ds, who, &e, NULL), -ENOENT);
}

static void test_publish(void **state)
{
	struct ds *ds = &((struct fixture *)*state)->ds;
	struct ds_value lab = { .type = DS_LABEL, .number = 3 }, s = text("hello");
	const struct ds_entry *e;
	char key[DS_KEY_MAX + 2];

	assert_int_equal(ds_publish(ds, "aa", "k1", &one, 0, NULL), 0);
	assert_int_equal(ds_publish(ds, "aa", "k1", &one, 0, NULL), -EEXIST);
	assert_int_equal(ds_publish(ds, "aa", "k1", &two, DS_OVERWRITE, NULL), 0);
	assert_int_equal(ds_retrieve(ds, "bb", "k1", DS_U32, &e, NULL), 0);
	assert_int_equal(e->number, 2);
	/* once per type */
	assert_int_equal(ds_publish(ds, "aa", "k1", &s, 0, NULL), 0);
	assert_int_equal(ds_retrieve(ds, "bb", "k1", DS_STR, &e, NULL), 0);
	assert_string_equal(e->data, "hello");
	assert_int_equal(ds_retrieve(ds, "bb", "k1", DS_MEM, &e, NULL), -ESRCH);

	assert_int_equal(ds_publish(ds, "nobody", "k2", &one, 0, NULL), -EPERM);
	assert_int_equal(ds_publish(ds, "aa", "cc", &lab, 0, NULL), -EPERM);
	assert_int_equal(ds_publish(ds, "aa", "k", &one, 0, NULL), -EINVAL);
	memset(key, 'k', sizeof(key));
	key[DS_KEY_MAX] = '\0';
	assert_int_equal(ds_publish(ds, "aa", key, &one, 0, NULL), 0);
	key[DS_KEY_MAX] = 'k';
	key[DS_KEY_MAX + 1] = '\0';
	assert_int_equal(ds_publish(ds, "aa", key, &one, 0, NULL), -EINVAL);
	assert_int_equal(ds_publish(ds, "aa", "k 2", &one, 0, NULL), -EINVAL);
	assert_int_equal(ds_publish(ds, "aa", "k\n2", &one, 0, NULL), -EINVAL);
}

static void test_text_is_utf8(void **state)
{
	static const char *const bad[] = { "\x80", "\xc3", "\xc0\xaf", "\xed\xa0\x80",
					   "\xf5\x80\x80\x80", "a\xff" };
	struct ds *ds = &((struct fixture *)*state)->ds;
	struct ds_value v = text("Grüße, 世界 🙂");
	size_t i;

	assert_int_equal(ds_publish(ds, "aa", "good", &v, 0, NULL), 0);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		v = text(bad[i]);
		assert_int_equal(ds_publish(ds, "aa", "bad", &v, 0, NULL), -EINVAL);
	}
	v = (struct ds_value){ .type = DS_STR, .data = "a\0b", .len = 3 };
	assert_int_equal(ds_publish(ds, "aa", "bad", &v, 0, NULL), -EINVAL);
	v.type = DS_MEM;
	assert_int_equal(ds_publish(ds, "aa", "bytes", &v, 0, NULL), 0);
}

static void test_privileges(void **state)
{
	struct ds *ds = &((struct fixture *)*state)->ds;
	const struct ds_entry *e;

	assert_int_equal(ds_publish(ds, "aa", "mine", &one, DS_PRIV_OVERWRITE, NULL), 0);
	assert_int_equal(ds_publish(ds, "bb", "mine", &two, DS_OVERWRITE, NULL), -EPERM);
	assert_int_equal(ds_publish(ds, "aa", "mine", &two, DS_OVERWRITE, NULL), 0);
	/* the flags were replaced, too: now anybody may, and becomes the owner */
	assert_int_equal(ds_publish(ds, "bb", "mine", &one, DS_OVERWRITE, NULL), 0);
	assert_int_equal(ds_delete(ds, "aa", "mine", DS_U32, NULL), -EPERM);
	assert_int_equal(ds_delete(ds, "bb", "mine", DS_U32, NULL), 0);
	assert_int_equal(ds_delete(ds, "bb", "mine", DS_U32, NULL), -ESRCH);

	assert_int_equal(ds_publish(ds, "aa", "secret", &one, DS_PRIV_RETRIEVE, NULL), 0);
	assert_int_equal(ds_retrieve(ds, "bb", "secret", DS_U32, &e, NULL), -EPERM);
	assert_int_equal(ds_retrieve(ds, "aa", "secret", DS_U32, &e, NULL), 0);

	assert_int_equal(ds_subscribe(ds, "aa", "s.*", 0, 0, NULL), 0);
	assert_int_equal(ds_subscribe(ds, "bb", "s.*", 0, 0, NULL), 0);
	assert_int_equal(ds_publish(ds, "aa", "self", &one, DS_PRIV_SUBSCRIBE, NULL), 0);
	told(ds, "aa", "self");
	told_nothing(ds, "bb");
}

/* Nobody can pretend that a driver is up, or hide that it is. */
static void test_driver_up(void **state)
{
	struct ds *ds = &((struct fixture *)*state)->ds;
	const struct ds_entry *e = NULL;

	assert_int_equal(ds_publish(ds, "aa", "drv.chr.bb", &one, 0, NULL), -EPERM);
	assert_int_equal(ds_subscribe(ds, "aa", "drv\\..*", 0, 0, NULL), 0);
	assert_int_equal(ds_announce(ds, "nobody", "drv.chr.nobody"), -EPERM);
	assert_int_equal(ds_announce(ds, "bb", "drv.chr.bb"), 0);
	assert_int_equal(ds_check(ds, "aa", &e, NULL), 0);
	assert_string_equal(e->owner, "bb");
	assert_int_equal(e->number, DS_UP);
	/* the same value again is another event */
	assert_int_equal(ds_announce(ds, "bb", "drv.chr.bb"), 0);
	told(ds, "aa", "drv.chr.bb");
	assert_int_equal(ds_publish(ds, "bb", "drv.chr.bb", &two, DS_OVERWRITE, NULL), -EPERM);
	assert_int_equal(ds_delete(ds, "bb", "drv.chr.bb", DS_U32, NULL), -EPERM);
}

static void test_subscribe(void **state)
{
	struct ds *ds = &((struct fixture *)*state)->ds;
	const struct ds_entry *e;

	ds_announce(ds, "aa", "drv.chr.x");
	ds_announce(ds, "aa", "drv.chr.y");
	assert_int_equal(ds_check(ds, "bb", &e, NULL), -ESRCH);
	assert_int_equal(ds_subscribe(ds, "bb", "drv\\.chr\\..*", 0, DS_INITIAL, NULL), 0);
	told(ds, "bb", "drv.chr.x");
	told(ds, "bb", "drv.chr.y");
	told_nothing(ds, "bb");
	assert_int_equal(ds_subscribe(ds, "bb", "a.*", 0, 0, NULL), -EEXIST);
	assert_int_equal(ds_subscribe(ds, "bb", "a.*", 0, DS_OVERWRITE, NULL), 0);
	/* not INITIAL: what is there already is not told */
	told_nothing(ds, "bb");
	assert_int_equal(ds_subscribe(ds, "nobody", "a.*", 0, 0, NULL), -ESRCH);
	assert_int_equal(ds_subscribe(ds, "aa", "a(", 0, 0, NULL), -EINVAL);
	assert_int_equal(ds_subscribe(ds, "aa", "", 0, 0, NULL), -EINVAL);
	/* those that could eat rsd's memory or time */
	assert_int_equal(ds_subscribe(ds, "aa", "((a{99}){99}){99}", 0, 0, NULL), -EINVAL);
	assert_int_equal(ds_subscribe(ds, "aa", "(a*)\\1", 0, 0, NULL), -EINVAL);
	assert_int_equal(ds_subscribe(ds, "aa", "a", 1U << DS_TYPES, 0, NULL), -EINVAL);
}

/* MINIX: B10, the anchor was overwritten. */
static void test_anchored(void **state)
{
	struct ds *ds = &((struct fixture *)*state)->ds;

	assert_int_equal(ds_subscribe(ds, "bb", "drv|up", 0, 0, NULL), 0);
	ds_publish(ds, "aa", "xdrv", &one, 0, NULL);
	ds_publish(ds, "aa", "drvx", &one, 0, NULL);
	ds_publish(ds, "aa", "xup", &one, 0, NULL);
	told_nothing(ds, "bb");
	ds_publish(ds, "aa", "up", &one, 0, NULL);
	told(ds, "bb", "up");
}

static void test_type_filter(void **state)
{
	struct ds *ds = &((struct fixture *)*state)->ds;
	struct ds_value v = text("t");

	assert_int_equal(ds_subscribe(ds, "bb", ".*", DS_TYPE(DS_STR), 0, NULL), 0);
	ds_publish(ds, "aa", "kk", &one, 0, NULL);
	told_nothing(ds, "bb");
	ds_publish(ds, "aa", "kk", &v, 0, NULL);
	told(ds, "bb", "kk");
}

/* MINIX: B8; each change has its number, in order, and a level is told once. */
static void test_levels(void **state)
{
	struct ds *ds = &((struct fixture *)*state)->ds;
	const struct ds_entry *e = NULL;
	uint64_t seq;

	assert_int_equal(ds_subscribe(ds, "bb", "k.", 0, 0, NULL), 0);
	ds_publish(ds, "aa", "k1", &one, 0, NULL);
	ds_publish(ds, "aa", "k2", &one, 0, NULL);
	ds_publish(ds, "aa", "k1", &two, DS_OVERWRITE, NULL);
	assert_int_equal(ds_check(ds, "bb", &e, NULL), 0);
	assert_string_equal(e->key, "k2");
	seq = e->seq;
	assert_int_equal(ds_check(ds, "bb", &e, NULL), 0);
	assert_string_equal(e->key, "k1");
	assert_int_equal(e->seq, seq + 1);
	assert_int_equal(e->number, 2);
	told_nothing(ds, "bb");
}

/* MINIX: B13; a deletion is told, and neither its reader nor the store comes to harm. */
static void test_owner_goes(void **state)
{
	struct ds *ds = &((struct fixture *)*state)->ds;
	const struct ds_entry *e = NULL;

	assert_int_equal(ds_subscribe(ds, "bb", "k.", 0, 0, NULL), 0);
	assert_int_equal(ds_subscribe(ds, "aa", ".*", 0, 0, NULL), 0);
	ds_publish(ds, "aa", "k1", &one, 0, NULL);
	ds_publish(ds, "bb", "k2", &one, 0, NULL);
	ds_forget_owner(ds, "aa");
	assert_false(ds_known(ds, "aa"));
	assert_int_equal(ds_retrieve(ds, "bb", "k1", DS_U32, &e, NULL), -ESRCH);
	assert_int_equal(ds_retrieve(ds, "bb", "aa", DS_LABEL, &e, NULL), -ESRCH);
	assert_int_equal(ds_retrieve(ds, "bb", "k2", DS_U32, &e, NULL), 0);
	assert_null(ds_find_sub(ds, "aa"));
	told(ds, "bb", "k2");
	assert_int_equal(ds_check(ds, "bb", &e, NULL), 0);
	assert_string_equal(e->key, "k1");
	assert_true(e->gone);
	told_nothing(ds, "bb");
	/* all have seen it */
	ds_publish(ds, "bb", "other", &one, 0, NULL);
	assert_int_equal(ds->tombstones, 0);
}

static void test_tombstones_are_bounded(void **state)
{
	struct ds *ds = &((struct fixture *)*state)->ds;
	const struct ds_entry *e = NULL;
	char key[16];
	int i, n = 0;

	assert_int_equal(ds_subscribe(ds, "bb", "t.*", 0, 0, NULL), 0);
	for (i = 0; i < DS_TOMBSTONES_MAX + 3; i++) {
		snprintf(key, sizeof(key), "t%d", i);
		assert_int_equal(ds_publish(ds, "aa", key, &one, 0, NULL), 0);
		assert_int_equal(ds_delete(ds, "aa", key, DS_U32, NULL), 0);
	}
	assert_int_equal(ds->tombstones, DS_TOMBSTONES_MAX);
	assert_int_equal(ds_check(ds, "bb", &e, NULL), -EOVERFLOW);
	while (ds_check(ds, "bb", &e, NULL) == 0)
		n++;
	assert_int_equal(n, DS_TOMBSTONES_MAX);
	told_nothing(ds, "bb");
	/* who comes later is not told of what was before it */
	assert_int_equal(ds_subscribe(ds, "aa", "t.*", 0, 0, NULL), 0);
	told_nothing(ds, "aa");
}

static void test_quota(void **state)
{
	static const char zeroes[DS_VALUE_MAX + 1];
	struct ds *ds = &((struct fixture *)*state)->ds;
	struct ds_value v = { .type = DS_MEM, .data = zeroes, .len = sizeof(zeroes) };
	char key[16];
	int i;

	assert_int_equal(ds_publish(ds, "aa", "big", &v, 0, NULL), -E2BIG);
	v.len = DS_VALUE_MAX;
	for (i = 0; i < (int)(DS_OWNER_BYTES_MAX / DS_VALUE_MAX); i++) {
		snprintf(key, sizeof(key), "big%d", i);
		assert_int_equal(ds_publish(ds, "aa", key, &v, 0, NULL), 0);
	}
	v.len = 1;
	assert_int_equal(ds_publish(ds, "aa", "more", &v, 0, NULL), -ENOMEM);
	/* what it replaces does not count twice */
	assert_int_equal(ds_publish(ds, "aa", "big0", &v, DS_OVERWRITE, NULL), 0);
	for (i = 0; i < DS_OWNER_KEYS_MAX; i++) {
		snprintf(key, sizeof(key), "n%d", i);
		assert_int_equal(ds_publish(ds, "bb", key, &one, 0, NULL), 0);
	}
	assert_int_equal(ds_publish(ds, "bb", "one-more", &one, 0, NULL), -ENOMEM);
	/* and neither is in the other's way */
	assert_int_equal(ds_publish(ds, "aa", "still", &one, 0, NULL), 0);
}

static void test_names(void **state)
{
	struct ds *ds = &((struct fixture *)*state)->ds;
	const struct ds_entry *e = NULL;

	assert_int_equal(ds_retrieve_name(ds, 65538, &e), 0);
	assert_string_equal(e->key, "bb");
	assert_int_equal(ds_retrieve_name(ds, 1, &e), -ESRCH);
}

static void test_next_rsd(void **state)
{
	struct fixture *f = *state;
	struct ds *ds = &f->ds;
	struct ds_value v = { .type = DS_MEM, .data = "\0\1\xff", .len = 3 }, s = text("");
	const struct ds_entry *e = NULL;
	uint64_t seq;

	assert_int_equal(ds_subscribe(ds, "bb", "k.", 0, 0, NULL), 0);
	ds_publish(ds, "aa", "k1", &v, DS_PRIV_OVERWRITE, NULL);
	ds_publish(ds, "aa", "k2", &s, 0, NULL);
	ds_publish(ds, "aa", "k3", &one, 0, NULL);
	told(ds, "bb", "k1");
	ds_delete(ds, "aa", "k3", DS_U32, NULL);
	seq = ds->seq;

	next_rsd(f);
	assert_int_equal(ds->seq, seq);
	assert_int_equal(ds_retrieve(ds, "aa", "k1", DS_MEM, &e, NULL), 0);
	assert_int_equal(e->len, 3);
	assert_memory_equal(e->data, "\0\1\xff", 3);
	assert_int_equal(ds_publish(ds, "bb", "k1", &v, DS_OVERWRITE, NULL), -EPERM);
	assert_int_equal(ds_retrieve(ds, "aa", "k2", DS_STR, &e, NULL), 0);
	assert_string_equal(e->data, "");
	/* it goes on where the subscriber was, deletions included */
	told(ds, "bb", "k2");
	next_rsd(f);
	told(ds, "bb", "k3");
	told_nothing(ds, "bb");
	/* the number goes on even when nothing with it is left */
	ds_publish(ds, "aa", "zz", &one, 0, NULL);
	ds_delete(ds, "aa", "zz", DS_U32, NULL);
	ds_unsubscribe(ds, "bb", NULL);
	seq = ds->seq;
	next_rsd(f);
	next_rsd(f);
	assert_int_equal(ds->seq, seq);
	assert_null(ds_find_sub(ds, "bb"));
}

static char *read_whole(const char *path)
{
	char *data;

	assert_int_equal(read_file(path, &data, NULL), 0);
	return data;
}

/* rsd was killed in the middle of a line: nobody was answered. */
static void test_half_a_line(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	const struct ds_entry *e;
	off_t len, n;
	char *whole;
	FILE *file;

	ds_publish(&f->ds, "aa", "k1", &one, 0, NULL);
	stat(f->path, &st);
	len = st.st_size;
	ds_publish(&f->ds, "aa", "k1", &two, DS_OVERWRITE, NULL);
	stat(f->path, &st);
	/* at every place of it; opening it wrote the file anew, so what was read is put back */
	whole = read_whole(f->path);
	for (n = len + 1; n < st.st_size; n++) {
		ds_journal_close(&f->ds);
		ds_clear(&f->ds);
		assert_int_equal(write_file_atomic(f->path, whole, (size_t)n), 0);
		assert_int_equal(ds_journal_open(&f->ds, f->path), 0);
		assert_int_equal(ds_retrieve(&f->ds, "aa", "k1", DS_U32, &e, NULL), 0);
		assert_int_equal(e->number, 1);
	}
	free(whole);
	/* what is no line of ours is passed over */
	file = fopen(f->path, "a");
	fputs("nonsense\nentry\nentry 1 u32\nsub x\nentry 9 u32 0 0 1 aa k9 y\n", file);
	fclose(file);
	next_rsd(f);
	assert_int_equal(ds_retrieve(&f->ds, "aa", "k1", DS_U32, &e, NULL), 0);
	assert_int_equal(ds_retrieve(&f->ds, "aa", "k9", DS_U32, &e, NULL), -ESRCH);
	/* and the next change is on a line of its own */
	ds_publish(&f->ds, "aa", "k1", &two, DS_OVERWRITE, NULL);
	next_rsd(f);
	assert_int_equal(ds_retrieve(&f->ds, "aa", "k1", DS_U32, &e, NULL), 0);
	assert_int_equal(e->number, 2);
}

static void test_file_stays_small(void **state)
{
	struct fixture *f = *state;
	const struct ds_entry *e;
	struct stat st;
	int i;

	for (i = 0; i < 5000; i++) {
		struct ds_value v = { .type = DS_U32, .number = (uint32_t)i };

		assert_int_equal(ds_publish(&f->ds, "aa", "k1", &v, DS_OVERWRITE, NULL), 0);
	}
	assert_int_equal(stat(f->path, &st), 0);
	assert_true(st.st_size < 80000);
	next_rsd(f);
	assert_int_equal(ds_retrieve(&f->ds, "aa", "k1", DS_U32, &e, NULL), 0);
	assert_int_equal(e->number, 4999);
}

static int changes;

static void on_change(void *arg, const struct ds_entry *e)
{
	(void)arg;
	(void)e;
	changes++;
}

/* What cannot be kept is refused, and changes nothing. */
static void test_no_room(void **state)
{
	struct fixture *f = *state;
	const struct ds_entry *e;
	struct rlimit old, small;
	struct stat st;
	uint64_t seq;

	f->ds.changed = on_change;
	assert_int_equal(ds_publish(&f->ds, "aa", "k1", &one, 0, NULL), 0);
	seq = f->ds.seq;
	changes = 0;
	stat(f->path, &st);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	/* room for half a line */
	small.rlim_cur = (rlim_t)st.st_size + 10;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	assert_true(ds_publish(&f->ds, "aa", "k1", &two, DS_OVERWRITE, NULL) < 0);
	assert_true(ds_delete(&f->ds, "aa", "k1", DS_U32, NULL) < 0);
	assert_true(ds_subscribe(&f->ds, "aa", "k1", 0, 0, NULL) < 0);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(changes, 0);
	assert_int_equal(f->ds.seq, seq);
	assert_null(ds_find_sub(&f->ds, "aa"));
	assert_int_equal(ds_publish(&f->ds, "aa", "k2", &one, 0, NULL), 0);
	assert_int_equal(changes, 1);
	next_rsd(f);
	assert_int_equal(ds_retrieve(&f->ds, "aa", "k1", DS_U32, &e, NULL), 0);
	assert_int_equal(e->number, 1);
	assert_int_equal(ds_retrieve(&f->ds, "aa", "k2", DS_U32, &e, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_publish, setup, teardown),
		cmocka_unit_test_setup_teardown(test_text_is_utf8, setup, teardown),
		cmocka_unit_test_setup_teardown(test_privileges, setup, teardown),
		cmocka_unit_test_setup_teardown(test_driver_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_subscribe, setup, teardown),
		cmocka_unit_test_setup_teardown(test_anchored, setup, teardown),
		cmocka_unit_test_setup_teardown(test_type_filter, setup, teardown),
		cmocka_unit_test_setup_teardown(test_levels, setup, teardown),
		cmocka_unit_test_setup_teardown(test_owner_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tombstones_are_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_quota, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_next_rsd, setup, teardown),
		cmocka_unit_test_setup_teardown(test_half_a_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_file_stays_small, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_room, setup, teardown),
	};

	return cmocka_run_group_tests_name("ds", tests, NULL, NULL);
}
