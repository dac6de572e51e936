# SPDX-License-Identifier: GPL-2.0
#
# How a group of tests is built: kselftest's lib.mk, told what our groups look
# like.  A group needs no Makefile: test_*.c are tests; other .c with a main() are
# programs that tests use; a .c without one is linked into all programs of the
# group, as are those of this directory; executable test_* are scripts; anything
# else is carried along.  A group that wants it otherwise has a Makefile that sets
# the variables below and then includes ../group.mk.

here := $(dir $(lastword $(MAKEFILE_LIST)))
top  := $(here)..

sources := $(wildcard *.c)
mains   := $(if $(sources),$(shell grep -lE '^(int )?main.(void|int)|TEST_HARNESS_MAIN' $(sources)))
units   := $(filter-out $(mains),$(sources)) $(wildcard $(here)*.c)
plain   := $(filter-out %.c %.h Makefile settings config,$(wildcard *))

TEST_GEN_PROGS ?= $(patsubst %.c,%,$(filter test_%,$(mains)))
TEST_GEN_FILES ?= $(patsubst %.c,%,$(filter-out test_%,$(mains)))
TEST_PROGS     ?= $(filter test_%,$(plain))
TEST_FILES     ?= $(filter-out test_%,$(plain))

CFLAGS   += -O2 -g -std=gnu11 -Wall -Wextra -Wno-unused-parameter
CPPFLAGS += -I$(here) -I$(top)/uapi -I$(top)/lib/include
CPPFLAGS += -I$(KSRC)/tools/testing/selftests
nl_cflags := $(shell pkg-config --cflags libnl-genl-3.0 2>/dev/null)
nl_libs   := $(shell pkg-config --libs libnl-genl-3.0 2>/dev/null)
CPPFLAGS += $(nl_cflags)
# Tests link librsdrv statically: they do not depend on what is installed.
librsdrv := $(wildcard $(O)/../lib/librsdrv.a)
LDLIBS   += -lpthread -Wl,--as-needed $(nl_libs)
LOCAL_HDRS += $(wildcard *.h $(here)*.h)

# Whatever lib.mk thinks of the place, objects go to OUTPUT.
building_out_of_srctree := 1

include $(KSRC)/tools/testing/selftests/lib.mk

# What is a prerequisite is linked.
$(TEST_GEN_PROGS) $(TEST_GEN_FILES): $(units) $(librsdrv)
