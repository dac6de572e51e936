#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# ctl_policy.sh - make ctl_policy.h from the netlink specification, or with "check" compare
#
#	KSRC=<kernel source, 6.12> kmod/ctl_policy.sh [check]
#
# Only the attribute policies are taken.  The table of operations that the generator writes is for
# kernels since 6.2 alone; the one in ctl.c serves 6.1 too.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
: "${KSRC:=/usr/src/linux-source}"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# The generator looks upwards for the root of a kernel tree, for ever if there is none.
mkdir -p "$tmp/Documentation/netlink/specs"
cp "$KSRC"/Documentation/netlink/*.yaml "$tmp/Documentation/netlink/"
cp "$here/../Documentation/netlink/specs/rsmod.yaml" "$tmp/Documentation/netlink/specs/"
: >"$tmp/MAINTAINERS"

gen() {
	(cd "$tmp" && timeout 60 /usr/bin/python3 "$KSRC/tools/net/ynl/ynl-gen-c.py" \
		--spec "$tmp/Documentation/netlink/specs/rsmod.yaml" --mode kernel --source \
		-o "$tmp/ctl_policy.c")
	sed -e '1s|^// \(.*\)$|/* \1 */|' -e '/^\/\* Ops table/,$d' -e '/^#include "/d' \
		-e 's|<uapi/linux/|<linux/|' -e 's|YNL-GEN kernel source|&, attribute policies|' \
		-e '/^#include <net\/genetlink.h>/d' "$tmp/ctl_policy.c" | cat -s | sed '${/^$/d}'
}

gen >"$tmp/ctl_policy.h"
if [ "${1-}" = check ]; then
	diff -u "$here/ctl_policy.h" "$tmp/ctl_policy.h"
else
	cp "$tmp/ctl_policy.h" "$here/ctl_policy.h"
fi
