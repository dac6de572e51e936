# SPDX-License-Identifier: GPL-2.0-only
drivers += nvme
nvme-src := $(addprefix nvme/,nvme.c setup.c disk.c care.c ctrl.c queue.c command.c prp.c \
	identify.c status.c ladder.c)
tests += nvme_test
tests += nvme_disk_test
nvme_disk_test-src := $(addprefix nvme/,disk_test.c fake.c setup.c disk.c care.c ctrl.c queue.c \
	command.c prp.c identify.c status.c ladder.c)
nvme_test-src := $(addprefix nvme/,nvme_test.c queue.c command.c prp.c identify.c status.c ladder.c \
	ctrl.c)
