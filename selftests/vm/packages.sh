# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The packages that the host itself needs: few, since everything is built and run
# in roots.  The list must not bring in a kernel (packages.host says how one would).

packages_install() {
	local list missing
	list=$(root_packages packages.host "")
	# shellcheck disable=SC2086
	missing=$({ dpkg-query -W -f='${Package} ${Status}\n' $list 2>/dev/null || :; } |
		awk '/ok installed$/ { print $1 }' | sort | comm -13 - <(sort <<<"$list"))
	[[ -n $missing ]] || return 0
	say "installing ${missing//$'\n'/ }"
	packages_refuse_kernel "$missing" || packages_update
	packages_refuse_kernel "$missing" || die "apt-get cannot install: ${missing//$'\n'/ }"
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >&2
}

packages_update() { apt-get update -q >&2; }

# packages_refuse_kernel LIST: fails if apt cannot resolve the list; dies if that
# would install a kernel on the host.
packages_refuse_kernel() {
	local plan
	# shellcheck disable=SC2086
	plan=$(apt-get install -s -q --no-install-recommends $1 2>/dev/null) || return 1
	if grep -q '^Inst linux-image' <<<"$plan"; then
		die "packages.host would install a kernel: $(grep -o '^Inst linux-image[^ ]*' <<<"$plan")"
	fi
}
