# SPDX-License-Identifier: GPL-2.0-only
#
# How a driver of this tree is built: included by a Makefile that has set
#
#	drivers		names of programs
#	<name>-src	their sources (default: <name>/<name>.c)
#	<name>-libs	what else they link with
#	tests		names of test programs, with sources likewise; they link nothing
#	bindir		where they are installed
#
# Out of the tree none of this is needed, see hello/template.

CC      ?= cc
INSTALL ?= install

here := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
top  := $(abspath $(here)/..)
# Objects of lib/: beside ours, or one level up for a part of a part.
lib  := $(patsubst %/librsdrv.so,%,$(firstword \
	$(wildcard $(abspath $(O)/../lib/librsdrv.so $(O)/../../lib/librsdrv.so)) \
	$(abspath $(O)/../lib/librsdrv.so)))

CFLAGS ?= -O2 -g
override CFLAGS += -std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
override CPPFLAGS += -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I$(top)/lib/include -I$(top)/uapi -I.

define driver
$(1)-src ?= $(1)/$(1).c
$(1)-obj := $$($(1)-src:%.c=$(O)/%.o)
$(O)/bin/$(1): $$($(1)-obj) $(lib)/librsdrv.so
	@mkdir -p $$(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $$@ $$($(1)-obj) -L$(lib) -lrsdrv $$($(1)-libs)
-include $$($(1)-obj:.o=.d)
endef
$(foreach d,$(drivers),$(eval $(call driver,$(d))))

$(O)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

.PHONY: all-drivers install-drivers
all-drivers: $(drivers:%=$(O)/bin/%)
install-drivers: all-drivers
	$(INSTALL) -d $(DESTDIR)$(bindir)
	$(if $(drivers),$(INSTALL) -m 755 $(drivers:%=$(O)/bin/%) $(DESTDIR)$(bindir)/)

sanitize := -fsanitize=address,undefined -fno-sanitize-recover=all

define test
$(O)/tests/$(1): $$($(1)-src) $$(wildcard $$(dir $$(firstword $$($(1)-src)))*.h)
	@mkdir -p $$(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(sanitize) -o $$@ $$($(1)-src)
endef
$(foreach t,$(tests),$(eval $(call test,$(t))))

.PHONY: check-drivers
check-drivers: $(tests:%=$(O)/tests/%)
	@set -e; for t in $^; do echo "# $${t##*/}"; $$t; done
