# SPDX-License-Identifier: GPL-2.0-only
drivers += e1000e
e1000e-src := $(addprefix e1000e/,e1000e.c filter.c hw.c ring.c stats.c)
tests += e1000e_test
e1000e_test-src := $(addprefix e1000e/,e1000e_test.c filter.c ring.c)
