// SPDX-License-Identifier: GPL-2.0-only
/*
 * conf_test.c - system.conf: what is read, and where each mistake is found
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "callfilter.h"
#include "conf.h"
#include "conf-key.h"
#include "tap.h"

static void parse(struct conf *conf, const char *file, const char *text)
{
	struct conf_parser *p = conf_parser_new(conf, file);

	assert_non_null(p);
	while (*text) {
		size_t len = strcspn(text, "\n");

		conf_parser_feed(p, text, len);
		text += len + (text[len] == '\n');
	}
	conf_parser_end(p);
}

/* Bodies of a service that are fine. */
static const char *const good[] = {
	"program /bin/true; class chr;",
	"program \"/bin/with space\"; class none;",
	"program /bin/true; args -v --name \"two words\" ''; class chr;",
	"program /bin/true; class chr; args;",
	"program /bin/true; class chr; descr \"a \\\"quoted\\\" word\";",
	"program /bin/true; class net; pci device 8086:10d3;",
	"program /bin/true; class net; pci device 8086/10d3 8086/100e;",
	"program /bin/true; class net; pci class 2;",
	"program /bin/true; class net; pci class 01/08/02; effects device; irq msix 5;",
	"program /bin/true; type net; device 0000:01:00.0; interface eth0;",
	"program /bin/true; class net; device 01:00.0; mac 52:54:00:12:34:56;",
	"program /bin/true; class net; device 01:00.0; effects device; irq msix 4;",
	"program /bin/true; class net; device 01:00.0; irq msi;",
	"program /bin/true; class chr; replica 2; effects slot;",
	"program /bin/true; class chr; effects backend;",
	"program /bin/true; class chr; pool 4M; depth 64;",
	"program /bin/true; class blk; depth 256; queues 4; gate-timeout never;",
	"program /bin/true; class chr; deadline 500ms; gate-timeout never; init-timeout 10s;",
	"program /bin/true; class chr; poison 3; violations 0; budget 10 1m;",
	"program /bin/true; class chr; uid 1234; nice -5; core-limit unlimited; mode 0660;",
	"program /bin/true; class chr; core-limit 0;",
	"program /bin/true; class chr; system PROCESS FILE NETWORK MEMORY;",
	"program /bin/true; class chr; period 2s; deadline 500ms;",
	"program /bin/true; class chr; period never; deadline never;",
	"program /bin/true; class chr; script /bin/true; script-timeout 5s;",
	"program /bin/true; class chr; core yes; restart no;",
	"program /bin/true; class chr; core no; restart yes; restart-limit 5 10m;",
	"program /bin/true;;; class chr;",
	"program # comment\n/bin/true\n; class # another ; }\nchr;",
};

static void test_good(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		struct conf conf = { 0 };
		struct reason why = { "" };
		char text[512];

		snprintf(text, sizeof(text), "service x {\n%s\n};\n", good[i]);
		parse(&conf, "f", text);
		if (conf.nr_errors)
			print_message("%s: %s\n", good[i], conf.errors[0].text);
		assert_int_equal(conf.nr_errors, 0);
		assert_non_null(conf.services);
		assert_int_equal(conf_key_check(conf.services, &why), 0);
		conf_free(&conf);
	}
}

/* A whole file, where its first mistake is, and a piece of the reason. */
static const struct {
	const char *text;
	unsigned int line, column;
	const char *reason;
} bad[] = {
	{ "serve x { };", 1, 1, "expected 'service'" },
	{ "service;", 1, 8, "a label" },
	{ "service { };", 1, 9, "a label" },
	{ "service -x { };", 1, 9, "other than letters" },
	{ "service a/b { };", 1, 9, "other than letters" },
	{ "service \"\" { };", 1, 9, "empty" },
	{ "service abcdefghijklmnopqrstuvwxyz0123456789 { };", 1, 9, "longer than 31" },
	{ "service x program y;", 1, 11, "expected '{'" },
	{ "service x { }", 1, 1, "without the ';'" },
	{ "service x {\n} service y { };", 2, 3, "';' after '}'" },
	{ "service x {\n", 1, 11, "never closed" },
	{ "service x", 1, 1, "in the middle" },
	{ "service x { };\nservice x { };", 2, 9, "defined twice" },
	{ "service x { class chr", 1, 11, "never closed" },
	{ "service x { class chr };", 1, 23, "an argument or ';'" },
	{ "service x { {", 1, 13, "a keyword" },
	{ "service x { \"class\" chr; };", 1, 13, "a keyword" },
	{ "service x {\n\tcolour red;\n};", 2, 2, "unknown keyword 'colour'" },
	{ "service x {\n\tprogram;\n};", 2, 2, "too few" },
	{ "service x { program /a /b; };", 1, 13, "too many" },
	{ "service x { program bin/a; };", 1, 21, "not an absolute path" },
	{ "service x { program \"/bin/a; };", 1, 21, "not closed" },
	{ "service x { program /a; program /b; };", 1, 25, "given twice" },
	{ "service x { class chr; type chr; };", 1, 24, "given twice" },
	{ "service x { class disk; };", 1, 19, "not one of none, chr, net, blk" },
	{ "service x { class; };", 1, 13, "too few" },
	{ "service x { device 1:2; };", 1, 20, "not a PCI address" },
	{ "service x { device 0000:01:00.8; };", 1, 20, "not a PCI address" },
	{ "service x { device 0000:01:3f.0; };", 1, 20, "at most 1f" },
	{ "service x { device 0000:01:00.0.0; };", 1, 20, "not a PCI address" },
	{ "service x { pci class 2 3; };", 1, 17, "needs one class" },
	{ "service x { pci class 100; };", 1, 23, "is not a class" },
	{ "service x { pci class 01/; };", 1, 23, "is not a class" },
	{ "service x { pci class 01/08/02/00; };", 1, 23, "is not a class" },
	{ "service x { pci slot 2; };", 1, 17, "after pci comes device or class" },
	{ "service x { pci vendor 8086; };", 1, 17, "after pci comes device" },
	{ "service x { pci device; };", 1, 17, "needs a vendor and device" },
	{ "service x { pci device 8086:10d3 8086; };", 1, 34, "not a vendor and device" },
	{ "service x { pci device 80861:0d3; };", 1, 24, "not a vendor and device" },
	{ "service x { interface averyveryverylongname; };", 1, 23, "1 to 15" },
	{ "service x { interface a/b; };", 1, 23, "not an interface" },
	{ "service x { mac 1:2:3; };", 1, 17, "not an address" },
	{ "service x { mac 01:00:5e:00:00:01; };", 1, 17, "multicast" },
	{ "service x { mac 00:00:00:00:00:00; };", 1, 17, "not a usable" },
	{ "service x { mac 52:54:00:12:34:5g; };", 1, 17, "not an address" },
	{ "service x { replica many; };", 1, 21, "not a number" },
	{ "service x { replica 5; };", 1, 21, "not between 0 and 4" },
	{ "service x { replica -1; };", 1, 21, "not between 0 and 4" },
	{ "service x { effects all; };", 1, 21, "not one of slot, backend, device" },
	{ "service x { pool 4; };", 1, 18, "256K to 256M" },
	{ "service x { pool 300000; };", 1, 18, "pages of 4K" },
	{ "service x { pool 4T; };", 1, 18, "not a unit of size" },
	{ "service x { pool 4MB; };", 1, 18, "not a unit of size" },
	{ "service x { pool big; };", 1, 18, "not a size" },
	{ "service x { depth 4; };", 1, 19, "not between 8 and 1024" },
	{ "service x { queues 9; };", 1, 20, "not between 1 and 8" },
	{ "service x { depth 100; };", 1, 19, "power of two" },
	{ "service x { deadline 5; };", 1, 22, "no unit; write 5ms or 5s" },
	{ "service x { deadline 0ms; };", 1, 22, "write never" },
	{ "service x { deadline 5 ms; };", 1, 13, "too many" },
	{ "service x { deadline soon; };", 1, 22, "not a time" },
	{ "service x { deadline 5d; };", 1, 22, "not a unit of time" },
	{ "service x { deadline 99999999h; };", 1, 22, "out of range" },
	{ "service x { gate-timeout -1s; };", 1, 26, "not a time" },
	{ "service x { init-timeout never; };", 1, 26, "could not be noticed" },
	{ "service x { script-timeout never; };", 1, 28, "hold up the service" },
	{ "service x { script bin/true; };", 1, 20, "absolute path" },
	{ "service x { script /bin/true /bin/false; };", 1, 13, "too many arguments" },
	{ "service x { period 5; };", 1, 20, "no unit" },
	{ "service x { core maybe; };", 1, 18, "not one of no, yes" },
	{ "service x { restart never; };", 1, 21, "not one of no, yes" },
	{ "service x { restart-limit 5; };", 1, 13, "write: restart-limit N TIME" },
	{ "service x { restart-limit 0 1m; };", 1, 27, "not between 1" },
	{ "service x { restart-limit 5 never; };", 1, 29, "leave restart-limit out" },
	{ "service x { poison 0; };", 1, 20, "not between 1" },
	{ "service x { violations x; };", 1, 24, "not a number" },
	{ "service x { budget 5; };", 1, 13, "write: budget N TIME" },
	{ "service x { budget 5 never; };", 1, 22, "window cannot be never" },
	{ "service x { budget x 1s; };", 1, 20, "not a number" },
	{ "service x { uid 0; };", 1, 17, "does not run as root" },
	{ "service x { uid root; };", 1, 17, "does not run as root" },
	{ "service x { uid SELF; };", 1, 17, "SELF is not supported" },
	{ "service x { uid nobody-has-this-name; };", 1, 17, "no user" },
	{ "service x { nice 20; };", 1, 18, "not between -20 and 19" },
	{ "service x { irq 5; };", 1, 17, "come with the PCI device" },
	{ "service x { irq intx; };", 1, 17, "not one of msi, msix" },
	{ "service x { irq msix 65; };", 1, 22, "not between 1 and 64" },
	{ "service x { core-limit lots; };", 1, 24, "not a size" },
	{ "service x { mode 888; };", 1, 18, "not a file mode" },
	{ "service x { mode 01777; };", 1, 18, "not a file mode" },
	{ "service x { system PRIVCTL; };", 1, 20, "not one of BASIC" },
	{ "service x { system FILE ALL; };", 1, 25, "not one of BASIC" },
	{ "service x { io 3f8:8; };", 1, 13, "io:" },
	{ "service x { ipc ANY; };", 1, 13, "send list" },
	{ "service x { vm REMAP; };", 1, 13, "vm:" },
	{ "service x { control eth0; };", 1, 13, "control:" },
	{ "service x { sigmgr SELF; };", 1, 13, "sigmgr:" },
	{ "service x { scheduler KERNEL; };", 1, 13, "scheduler:" },
	{ "service x { priority 4; };", 1, 13, "priority:" },
	{ "service x { trusted yes; };", 1, 13, "trusted:" },
	{ "service x {\n\n  class chr;\n  replica\n    nine;\n};", 5, 5, "not a number" },
};

static void test_bad(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct conf conf = { 0 };
		const struct conf_error *e;

		parse(&conf, "some.conf", bad[i].text);
		if (!conf.nr_errors)
			print_message("not refused: %s\n", bad[i].text);
		assert_true(conf.nr_errors > 0);
		e = &conf.errors[0];
		if (e->line != bad[i].line || e->column != bad[i].column ||
		    !strstr(e->text, bad[i].reason))
			print_message("%s\n  gave %s:%u:%u: %s\n", bad[i].text, e->file, e->line,
				      e->column, e->text);
		assert_string_equal(e->file, "some.conf");
		assert_int_equal(e->line, bad[i].line);
		assert_int_equal(e->column, bad[i].column);
		assert_non_null(strstr(e->text, bad[i].reason));
		conf_free(&conf);
	}
}

/* What only shows once a service is whole. */
static const struct {
	const char *body;
	const char *reason;
} incomplete[] = {
	{ "class chr;", "no program" },
	{ "program /a;", "no class" },
	{ "program /a; class chr; interface eth0;", "not of class net" },
	{ "program /a; class none; mac 52:54:00:12:34:56;", "not of class net" },
	{ "program /a; class net; mode 0666;", "not of class chr" },
	{ "program /a; class chr; queues 2;", "not of class blk" },
	{ "program /a; class net; effects device;", "no device" },
	{ "program /a; class net; device 01:00.0; effects slot;", "so its effects are device" },
	{ "program /a; class chr; period 1s; deadline never;", "leaves it none" },
	{ "program /a; class chr; script-timeout 1s;", "but no script" },
	{ "program /a; class chr; restart no; restart-limit 1 1m;", "nothing to limit" },
	{ "program /a; class chr; irq msi;", "irq but no device" },
};

static void test_incomplete(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(incomplete); i++) {
		struct conf conf = { 0 };
		struct reason why = { "" };
		char text[256];

		snprintf(text, sizeof(text), "service x { %s };", incomplete[i].body);
		parse(&conf, "f", text);
		assert_int_equal(conf.nr_errors, 0);
		assert_true(conf_key_check(conf.services, &why) < 0);
		assert_non_null(strstr(why.text, incomplete[i].reason));
		conf_free(&conf);
	}
}

static void test_values(void **state)
{
	const struct conf_service *s;
	struct conf conf = { 0 };

	(void)state;
	parse(&conf, "f",
	      "service eth0drv {\n"
	      "	program /usr/libexec/e1000e; args -q 4 \"a b\";\n"
	      "	class net; device 01:00.0; pci device 8086:10d3;\n"
	      "	interface lan0; mac 52:54:00:12:34:56; replica 2; effects device;\n"
	      "	pool 8M; depth 256; deadline 1500ms; gate-timeout 1m; init-timeout 2s;\n"
	      "	poison 4; violations 16; budget 20 1m; uid 1000; nice -10; irq msix 3;\n"
	      "	core-limit 1G; system FILE;\n"
	      "};\n");
	assert_int_equal(conf.nr_errors, 0);
	s = conf_find(&conf, "eth0drv");
	assert_non_null(s);
	assert_string_equal(s->program, "/usr/libexec/e1000e");
	assert_int_equal(strv_length(s->args), 3);
	assert_string_equal(s->args[2], "a b");
	assert_int_equal(s->class, RS_CLASS_NET);
	assert_string_equal(s->device, "0000:01:00.0");
	assert_int_equal(s->nr_pci, 1);
	assert_int_equal(s->pci[0].vendor, 0x8086);
	assert_int_equal(s->pci[0].device, 0x10d3);
	assert_string_equal(s->interface, "lan0");
	assert_memory_equal(s->mac, "\x52\x54\x00\x12\x34\x56", 6);
	assert_int_equal(s->replica, 2);
	assert_int_equal(s->effects, RS_EFFECTS_DEVICE);
	assert_int_equal(s->pool, 8 << 20);
	assert_int_equal(s->depth, 256);
	assert_int_equal(s->deadline_ms, 1500);
	assert_int_equal(s->gate_timeout_ms, 60000);
	assert_int_equal(s->init_timeout_ms, 2000);
	assert_int_equal(s->poison, 4);
	assert_int_equal(s->violations, 16);
	assert_int_equal(s->budget, 20);
	assert_int_equal(s->budget_window_ms, 60000);
	assert_int_equal(s->uid, 1000);
	assert_int_equal(s->nice, -10);
	assert_int_equal(s->irq, CONF_IRQ_MSIX);
	assert_int_equal(s->nr_irqs, 3);
	assert_int_equal(s->core_limit, 1 << 30);
	assert_int_equal(s->system, 1 << CALLFILTER_GROUP_FILE);
	assert_null(conf_find(&conf, "eth0"));
	conf_free(&conf);
}

/* A later file changes what it names and nothing else. */
static void test_drop_in(void **state)
{
	const struct conf_service *s;
	struct conf_service *copy;
	struct conf conf = { 0 };

	(void)state;
	parse(&conf, "a", "service x { program /a; args 1 2; class chr; replica 1; };");
	parse(&conf, "b", "service x { replica 3; args 9; };\nservice y { program /y; class none; };");
	assert_int_equal(conf.nr_errors, 0);
	s = conf_find(&conf, "x");
	assert_string_equal(s->program, "/a");
	assert_int_equal(s->replica, 3);
	assert_int_equal(strv_length(s->args), 1);
	assert_true(s->core_limit == RLIM_INFINITY);
	copy = conf_service_copy(s);
	conf_free(&conf);
	assert_string_equal(copy->args[0], "9");
	assert_string_equal(copy->label, "x");
	conf_service_free(copy);
}

/* One run finds every mistake, and what is right around them is read. */
static void test_goes_on_after_errors(void **state)
{
	struct conf conf = { 0 };

	(void)state;
	parse(&conf, "f",
	      "service a { program x; class chr; replica 1; };\n"
	      "nonsense here;\n"
	      "service b { colour red; program /b; };\n"
	      "service c { program /c { } ;\n"
	      "service d { program /d; };\n");
	assert_int_equal(conf.nr_errors, 4);
	assert_int_equal(conf.errors[0].line, 1);
	assert_int_equal(conf.errors[1].line, 2);
	assert_int_equal(conf.errors[2].line, 3);
	assert_int_equal(conf.errors[3].line, 4);
	assert_int_equal(conf_find(&conf, "a")->replica, 1);
	assert_string_equal(conf_find(&conf, "b")->program, "/b");
	assert_string_equal(conf_find(&conf, "d")->program, "/d");
	conf_free(&conf);
}

static void test_files(void **state)
{
	char dir[] = "/tmp/rsd-conf-XXXXXX";
	char base[64], drop[64], a[96], b[96];
	const char *const paths[] = { base, drop, "/nonexistent/", "/nonexistent", NULL };
	struct conf conf = { 0 };
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(base, sizeof(base), "%s/system.conf", dir);
	snprintf(drop, sizeof(drop), "%s/d/", dir);
	snprintf(a, sizeof(a), "%s10-a.conf", drop);
	snprintf(b, sizeof(b), "%s20-b.conf", drop);
	assert_int_equal(mkdir(drop, 0700), 0);
	f = fopen(base, "w");
	fputs("service x { program /base; class chr; };\n", f);
	fclose(f);
	f = fopen(b, "w");
	fputs("service x { program /b; };", f);
	fclose(f);
	f = fopen(a, "w");
	fputs("service x { program /a; replica 1; };", f);
	fclose(f);

	assert_int_equal(conf_load(&conf, paths), 0);
	assert_string_equal(conf_find(&conf, "x")->program, "/b");
	assert_int_equal(conf_find(&conf, "x")->replica, 1);
	conf_free(&conf);

	f = fopen(a, "w");
	fputs("service x {\n replica x; };", f);
	fclose(f);
	assert_int_equal(conf_load(&conf, paths), -EBADMSG);
	assert_int_equal(conf.nr_errors, 1);
	assert_string_equal(conf.errors[0].file, a);
	assert_int_equal(conf.errors[0].line, 2);
	conf_free(&conf);
	unlink(a);
	unlink(b);
	unlink(base);
	rmdir(drop);
	rmdir(dir);
}

/* Whatever bytes come, the parser says something or nothing, and ends. */
static void test_noise(void **state)
{
	static const char *const pieces[] = {
		"service ", "x ", "{", "}", ";", "program ", "/a", "\"", "#", "\n", "\\", "class ",
		"chr", "\x01", "\xff", "pci device ", "8086:10d3", "budget ", "1s", " ",
	};
	unsigned int seed = 1, i, j;

	(void)state;
	for (i = 0; i < 20000; i++) {
		struct conf conf = { 0 };
		char text[512] = "";

		for (j = 0; j < 40; j++) {
			seed = seed * 1103515245 + 12345;
			strcat(text, pieces[(seed >> 16) % ARRAY_SIZE(pieces)]);
		}
		parse(&conf, "noise", text);
		conf_free(&conf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_drop_in),
		cmocka_unit_test(test_goes_on_after_errors),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
