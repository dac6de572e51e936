# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What shell tests share: TAP, waiting on a condition, reaching the VM's monitor.
# A test sources it by `. "$(dirname "$0")/../lib.sh"`, both in the tree and
# where it is installed.

KSFT_SKIP=4
tap_seen=0
tap_failed=0
tap_planned=

# plan N: say how many cases there will be; without it, end with done_testing.
plan() {
	tap_planned=$1
	printf 'TAP version 13\n1..%d\n' "$1"
}

note() { printf '# %s\n' "$*"; }

# figure NAME VALUE [UNIT]: a measured value; soak reports collect these.
figure() { printf '# figure: %s = %s%s\n' "$1" "$2" "${3:+ $3}"; }

pass() {
	tap_seen=$((tap_seen + 1))
	printf 'ok %d %s\n' "$tap_seen" "$*"
}

fail() {
	tap_seen=$((tap_seen + 1))
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d %s\n' "$tap_seen" "$*"
}

# skip NAME REASON: one case that cannot run here.
skip() {
	tap_seen=$((tap_seen + 1))
	printf 'ok %d %s # SKIP %s\n' "$tap_seen" "$1" "$2"
}

# skip_all REASON: the whole test cannot run here.
skip_all() {
	printf '1..0 # SKIP %s\n' "$*"
	exit $KSFT_SKIP
}

# check NAME COMMAND...: a case that passes if the command succeeds; its output
# is shown if it does not.
check() {
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then
		pass "$name"
	else
		fail "$name"
		[[ -z $out ]] || printf '# %s\n' "${out//$'\n'/$'\n# '}"
		note "failed: $*"
		return 1
	fi
}

# is NAME GOT WANTED
is() {
	if [[ $2 == "$3" ]]; then
		pass "$1"
	else
		fail "$1"
		note "got '$2', wanted '$3'"
		return 1
	fi
}

# done_testing: the plan, if there was none, and the exit status.
done_testing() {
	[[ -n $tap_planned ]] || printf '1..%d\n' "$tap_seen"
	exit $((tap_failed > 0))
}

# wait_until SECONDS COMMAND...: wait for a condition; fails at the deadline, which is
# later on a slow kernel, as the runner says.
wait_until() {
	local deadline=$((SECONDS + $1 * ${RS_TIMEOUT_FACTOR:-1}))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < deadline)) || return 1
		sleep 0.05
	done
}

# slow: whether this is a kernel so full of checks that smaller counts must do.
slow() { ((${RS_TIMEOUT_FACTOR:-1} > 1)) && [[ -z ${RS_SOAK:-} ]]; }

# count NORMAL SOAK [SLOW]: how often, with RS_SOAK=1, and on a slow kernel.
count() {
	if [[ -n ${RS_SOAK:-} ]]; then
		echo "$2"
	elif slow; then
		echo "${3:-$1}"
	else
		echo "$1"
	fi
}

# need COMMAND...: skip the test unless these commands are there.
need() {
	local c
	for c in "$@"; do
		command -v "$c" >/dev/null || skip_all "no $c"
	done
}

need_root() { ((EUID == 0)) || skip_all "needs root"; }

# need_rsmod: skip the test unless the module is loaded or can be.
need_rsmod() {
	[[ -d /sys/module/rsmod ]] || modprobe rsmod 2>/dev/null || skip_all "rsmod is not installed"
}

# pci_of VENDOR:DEVICE: the first PCI device of this kind, as 0000:01:00.0.
pci_of() {
	local d
	for d in /sys/bus/pci/devices/*; do
		if [[ "$(<"$d/vendor"):$(<"$d/device")" == "0x${1%:*}:0x${1#*:}" ]]; then
			printf '%s\n' "${d##*/}"
			return
		fi
	done
	return 1
}

# vm_monitor COMMAND: send a command to the monitor of the VM and print what it
# says; fails where there is no VM.  Example: vm_monitor 'device_del eth0'.
vm_monitor() {
	local port=/dev/virtio-ports/rs.monitor fd line
	[[ -e $port ]] || return 1
	exec {fd}<>"$port"
	printf '%s\n' "$1" >&"$fd"
	# The monitor echoes the command and ends its answer with a prompt.
	while IFS= read -r -t 5 -d $'\n' -u "$fd" line; do
		line=${line%$'\r'}
		[[ $line == *"$1"* || $line == QEMU\ *monitor* ]] || printf '%s\n' "$line"
		read -r -t 0 -u "$fd" || break
	done
	exec {fd}>&-
}
