#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# ctl_policy.sh - make ctl_policy.h and uapi/linux/rs_ctl.h from the netlink specification
#
#	KSRC=<kernel source, 6.12> kmod/ctl_policy.sh [check]
#
# With "check" it only compares.  Of the kernel's side just the attribute policies are taken: the
# table of operations that the generator writes is for kernels since 6.2, the one in ctl.c serves
# 6.1 too.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
spec=Documentation/netlink/specs/rsmod.yaml
: "${KSRC:=/usr/src/linux-source}"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# The generator looks upwards for the root of a kernel tree, for ever if there is none.
mkdir -p "$tmp/${spec%/*}"
cp "$KSRC"/Documentation/netlink/*.yaml "$tmp/Documentation/netlink/"
cp "$here/../$spec" "$tmp/$spec"
: >"$tmp/MAINTAINERS"

ynl() {
	(cd "$tmp" && timeout 60 python3 "$KSRC/tools/net/ynl/ynl-gen-c.py" --spec "$tmp/$spec" "$@")
}

ynl --mode uapi --header -o "$tmp/rs_ctl.h"
ynl --mode kernel --source -o "$tmp/ctl_policy.c"
sed -e '1s|^// \(.*\)$|/* \1 */|' -e '/^\/\* Ops table/,$d' -e '/^#include "/d' \
	-e 's|<uapi/linux/|<linux/|' -e 's|YNL-GEN kernel source|&, attribute policies|' \
	-e '/^#include <net\/genetlink.h>/d' "$tmp/ctl_policy.c" | cat -s |
	sed '${/^$/d}' >"$tmp/ctl_policy.h"

if [ "${1-}" = check ]; then
	diff -u "$here/ctl_policy.h" "$tmp/ctl_policy.h"
	diff -u "$here/../uapi/linux/rs_ctl.h" "$tmp/rs_ctl.h"
else
	cp "$tmp/ctl_policy.h" "$here/ctl_policy.h"
	cp "$tmp/rs_ctl.h" "$here/../uapi/linux/rs_ctl.h"
fi
