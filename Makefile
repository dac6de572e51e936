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
export DESTDIR PREFIX KVER KDIR KSRC

# In the order of dependency.  A part that is not there is left out; PARTS= names
# fewer, also for `make vm`.
PARTS ?= kmod lib drivers-ported daemon tools selftests Documentation
export PARTS
parts := $(PARTS)
parts := $(patsubst %/Makefile,%,$(wildcard $(parts:%=%/Makefile)))

.PHONY: all install clean
all: $(parts:%=all-%)		## build everything into O (default: build/host)
install: $(parts:%=install-%)	## install into DESTDIR, under PREFIX (default: /usr)
clean: $(parts:%=clean-%)	## remove what was built into O

.PHONY: $(foreach t,all install check clean,$(parts:%=$(t)-%))
$(parts:%=all-%): all-%:
	+@$(MAKE) -C $* O=$(abspath $(O))/$* all
$(parts:%=install-%): install-%:
	+@$(MAKE) -C $* O=$(abspath $(O))/$* install
$(parts:%=check-%): check-%: all-%
	+@$(MAKE) -C $* O=$(abspath $(O))/$* check
$(parts:%=clean-%): clean-%:
	+@$(MAKE) -C $* O=$(abspath $(O))/$* clean

# What links against what.
needs = $(eval all-$(1): $(patsubst %,all-%,$(filter $(2),$(parts))))
$(call needs,drivers-ported,lib)
$(call needs,daemon,lib)
$(call needs,tools,lib daemon)
$(call needs,selftests,lib drivers-ported daemon tools)

# What `install` would put, taken away; a configuration that was changed is its owner's.
.PHONY: uninstall
uninstall:			## remove from DESTDIR what install puts there
	@t=$$(mktemp -d) && $(MAKE) install DESTDIR=$$t >/dev/null && cd $$t && \
	find etc -type f | while read -r f; do \
		if [ -e "$(DESTDIR)/$$f" ] && ! cmp -s "$$f" "$(DESTDIR)/$$f"; then \
			echo "kept, because it was changed: $(DESTDIR)/$$f"; rm "$$f"; \
		fi; \
	done && \
	find . ! -type d -printf '%P\0' | (cd "$(DESTDIR)/" && xargs -0r rm -f --); \
	rm -rf $$t

.PHONY: check soak mutants style kunit demo bench
check:				## all tests, on 6.12, 6.1 and the debug kernel; T=group for one
	@selftests/check
soak:				## the same with full counts; reports in build/soak/
	@RS_SOAK=1 selftests/check
mutants:			## every patch of selftests/mutants must turn its group red
	@selftests/mutants/run
style:				## sparse, W=1, checkpatch, kernel-doc, headers, spelling, shell
	@T=style selftests/check
kunit:				## KUnit suites of the pure logic, under UML
	@T=kunit selftests/check
demo:				## a TCP stream that outlives its driver
	@selftests/demo/run
bench:				## figures beside their budgets
	@selftests/bench/run

.PHONY: vm
vm:				## boot the test VM: a shell, or CMD='...' [KERNEL=6.1|6.12|debug]
	@selftests/vm/run
export KERNEL CMD T

.PHONY: distclean
distclean:			## remove build/ (the cache outside the checkout stays)
	rm -rf build

.PHONY: help
help:				## this list
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS='	' read -r t d; do printf '  %-11s %s\n' "$$t" "$$d"; done
