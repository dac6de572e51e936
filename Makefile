# SPDX-License-Identifier: GPL-2.0
#
# rsmod, out of the kernel tree.  `make help` lists what there is; inside a
# kernel tree Kbuild is read instead.

MAKEFLAGS += --no-print-directory

# Where objects go; nothing is ever written beside a source file.  Each part
# builds into a directory of its own name under O.
O        ?= $(CURDIR)/build/host
DESTDIR  ?=
PREFIX   ?= /usr
KVER     ?= $(shell uname -r)
KDIR     ?= /lib/modules/$(KVER)/build
# Unpacked kernel source: kselftest's headers, checkpatch, kernel-doc.
KSRC     ?= /usr/src/linux-source
export PARTS DESTDIR PREFIX KVER KDIR KSRC

# In the order of dependency.  A part that is not there is left out; PARTS= names
# fewer, also for `make vm`.
PARTS ?= kmod lib drivers-ported daemon tools selftests Documentation
parts := $(PARTS)
parts := $(patsubst %/Makefile,%,$(wildcard $(parts:%=%/Makefile)))

.PHONY: all install clean
all: $(parts:%=all-%)		## build everything into O (default: build/host)
install: $(parts:%=install-%)	## install into DESTDIR, under PREFIX (default: /usr)
clean: $(parts:%=clean-%)	## remove what was built into O

.PHONY: $(foreach t,all install clean,$(parts:%=$(t)-%))
$(parts:%=all-%): all-%:
	+@$(MAKE) -C $* O=$(abspath $(O))/$* all
$(parts:%=install-%): install-%:
	+@$(MAKE) -C $* O=$(abspath $(O))/$* install
$(parts:%=clean-%): clean-%:
	+@$(MAKE) -C $* O=$(abspath $(O))/$* clean

# What links against what.
needs = $(eval all-$(1): $(patsubst %,all-%,$(filter $(2),$(parts))))
$(call needs,drivers-ported,lib)
$(call needs,daemon,lib)
$(call needs,tools,lib daemon)
$(call needs,selftests,lib drivers-ported daemon tools)

.PHONY: vm
vm:				## boot the test VM: a shell, or CMD='...' [KERNEL=6.1|6.12|debug]
	@selftests/vm/run
export KERNEL CMD

.PHONY: distclean
distclean:			## remove build/ (the cache outside the checkout stays)
	rm -rf build

.PHONY: help
help:				## this list
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS='	' read -r t d; do printf '  %-11s %s\n' "$$t" "$$d"; done
