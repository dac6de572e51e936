# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A service under rsrun, for the tests of this group.  Source after ../lib.sh.

drivers=$(cd "$(dirname "${BASH_SOURCE[0]}")/../drivers" && pwd -P)
# Where they are installed, and where they are built.
rsrun=$drivers/../rsrun
[[ -x $rsrun ]] || rsrun=$drivers/rsrun
tmp=$(mktemp -d)
service_pid=

service_cleanup() {
	local pid
	if [[ -n $service_pid ]]; then
		kill "$service_pid" 2>/dev/null
		wait "$service_pid" 2>/dev/null
		service_pid=
	fi
	for pid in $(jobs -p); do
		kill -CONT "$pid" 2>/dev/null
		kill "$pid" 2>/dev/null
	done
	wait
}
trap 'service_cleanup; rm -rf "$tmp"' EXIT

# service_start LABEL REPLICAS RSRUN-OPTION... -- PROGRAM ARG...: returns when it is
# up and its replicas wait; that is a case, and ends the test if it fails.  Events are
# in $tmp/LABEL.
service_start() {
	local label=$1 replicas=$2
	shift 2
	"$rsrun" --label "$label" --replicas "$replicas" "$@" >"$tmp/$label" 2>"$tmp/$label.err" &
	service_pid=$!
	if wait_until 30 service_ready "$label" "$replicas"; then
		pass "$label comes up"
		return
	fi
	fail "$label comes up"
	note "$(<"$tmp/$label")" "$(<"$tmp/$label.err")"
	done_testing
}

service_stop() { service_cleanup; }

# slot LABEL NAME: one value of the slot.
slot() {
	"$rsrun" --list | sed -n "/ label=$1 /s/.* $2=\([^ ]*\).*/\1/p"
}

# instances LABEL STATE: pids of its instances in this state.
instances() {
	local endpoint
	endpoint=$(slot "$1" endpoint)
	"$rsrun" --list | sed -n "/ endpoint=$endpoint .*pid=.* state=$2 /s/.* pid=\([0-9]*\) .*/\1/p"
}

service_ready() {
	local re=$' label='$1$' [^\n]* state=live [^\n]* standbys=([0-9]+)'
	[[ $("$rsrun" --list) =~ $re ]] && ((BASH_REMATCH[1] >= $2))
}

# events LABEL PATTERN: how many of its events match.
events() { grep -c -E "$2" "$tmp/$1"; }
