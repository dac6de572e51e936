#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs groups of tests, in the VM or on any machine with rsmod installed, and
# merges their TAP into one stream with one line per case.  A test also fails if
# the kernel complained while it ran, or if it took too long.
#
#   run [-o DIR] [-t PATTERN] GROUP...
#
# A group is a directory beside this file; its tests are its executables named
# test_*.  DIR (default /out, or a new directory) gets GROUP.tap and GROUP.log.
# A file "settings" in the group may say timeout=SECONDS (default 120), and append=WORDS for the
# command line of the kernel that it wants.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=complaints.sh
. "$here/complaints.sh"
number=0
failed=0
out=
pattern='test_*'

# Emulated, or a kernel full of checks: everything takes longer.
time_factor() {
	if [[ -n ${RS_TIMEOUT_FACTOR:-} ]]; then
		echo "$RS_TIMEOUT_FACTOR"
	elif [[ -e /sys/kernel/debug/kmemleak ]]; then
		echo 4
	else
		echo 1
	fi
}

kmsg() { printf 'rsmod selftest: %s\n' "$*" >/dev/kmsg 2>/dev/null || :; }

# Without a process: there are hundreds of lines, and a fork costs a debug kernel 0.3 s.
say() {
	printf '%s\n' "$*"
	printf '%s\n' "$*" >>"$tap"
}

# result ok|"not ok" TEXT
result() {
	number=$((number + 1))
	[[ $1 == ok ]] || failed=$((failed + 1))
	say "$1 $number $2"
}

# complaints MARK: what the kernel complained of since the mark.
complaints() {
	dmesg | awk -v mark="rsmod selftest: begin $1" 'on; index($0, mark) { on = 1 }' |
		complaints_in "$here"
}

# merge NAME STATUS LIMIT < OUTPUT: one test's output, as part of the stream.
merge() {
	local name=$1 status=$2 limit=$3 line planned='' seen=0 bad=0 why=''
	local re='^(ok|not ok)([[:space:]]+[0-9]+)?([[:space:]]+-)?[[:space:]]*(.*)$'
	while IFS= read -r line; do
		if [[ $line =~ ^1\.\.([0-9]+) ]]; then
			planned=${BASH_REMATCH[1]}
			[[ $line != *SKIP* ]] || why=${line#*SKIP}
		elif [[ $line =~ $re ]]; then
			seen=$((seen + 1))
			[[ ${BASH_REMATCH[1]} == ok ]] || bad=$((bad + 1))
			result "${BASH_REMATCH[1]}" "$name: ${BASH_REMATCH[4]}"
		elif [[ $line == 'Bail out!'* ]]; then
			result "not ok" "$name: $line"
			bad=$((bad + 1))
		elif [[ $line == '#'* ]]; then
			say "$line"
			[[ $line != '# SKIP'* ]] || why=${line#'# SKIP'}
		elif [[ $line != TAP\ version* ]]; then
			say "# $line"
		fi
	done
	if ((status == 124 || status == 137)); then
		result "not ok" "$name: took longer than $limit s"
	elif ((status == 4 && seen == 0)); then
		result ok "$name # SKIP$why"
	elif ((status != 0 && bad == 0)); then
		result "not ok" "$name: exit status $status"
	elif [[ -n $planned ]] && ((planned != seen)); then
		result "not ok" "$name: planned $planned cases, ran $seen"
	elif ((seen == 0)); then
		result ok "$name"
	fi
}

run_test() {
	local group=$1 test=$2 limit=$3 mark status bad raw
	mark=$group/$test.$$.$number
	raw=$(mktemp)
	# If the machine dies in this test, this line tells in which.
	say "# running $group/$test"
	kmsg "begin $mark"
	printf '\n== %s/%s ==\n' "$group" "$test" >>"$log"
	(cd "$here/$group" && exec timeout -k 10 "$limit" "./$test" </dev/null) 2>&1 | tee -a "$log" >"$raw"
	status=${PIPESTATUS[0]}
	kmsg "end $mark"
	merge "$group/$test" "$status" "$limit" <"$raw"
	rm -f "$raw"
	bad=$(complaints "$mark")
	if [[ -n $bad ]]; then
		result "not ok" "$group/$test: the kernel complained"
		while IFS= read -r line; do say "#   $line"; done <<<"$bad"
	fi
}

run_group() {
	local group=$1 limit=120 t
	tap=$out/$group.tap
	log=$out/$group.log
	: >"$tap"
	: >"$log"
	number=0
	say "TAP version 13"
	if [[ -e $here/$group/settings ]]; then
		limit=$(sed -n 's/^timeout=//p' "$here/$group/settings")
	fi
	limit=$((${limit:-120} * RS_TIMEOUT_FACTOR))
	# A thousand of what is forty otherwise.
	[[ -z ${RS_SOAK:-} ]] || limit=$((limit * 25))
	for t in "$here/$group"/$pattern; do
		if [[ -f $t && -x $t ]]; then
			run_test "$group" "${t##*/}" "$limit"
		fi
	done
	if [[ $group == "$last" ]]; then
		kmemleak
	fi
	((number > 0)) || result "not ok" "$group: no such group, or no test in it"
	say "1..$number"
}

# One scan for everything that ran in this boot: a scan takes many seconds, and
# objects younger than five are not reported.
kmemleak() {
	local f=/sys/kernel/debug/kmemleak found
	[[ -w $f && -z ${RS_NO_KMEMLEAK:-} ]] || return 0
	echo scan >"$f"
	sleep 6
	echo scan >"$f"
	found=$(cat "$f")
	if [[ -z $found ]]; then
		result ok "kmemleak: nothing leaked"
	else
		result "not ok" "kmemleak: $(grep -c '^unreferenced' <<<"$found") objects leaked"
		head -n 200 <<<"$found" | while IFS= read -r line; do say "#   $line"; done
	fi
}

while getopts o:t:h opt; do
	case $opt in
	o) out=$OPTARG ;;
	t) pattern=$OPTARG ;;
	*) sed -n 's/^# \{0,1\}//; 4,14p' "${BASH_SOURCE[0]}" && exit 2 ;;
	esac
done
shift $((OPTIND - 1))
if [[ -z $out ]]; then
	if mountpoint -q /out 2>/dev/null; then out=/out; else out=$(mktemp -d /tmp/rsmod-selftests.XXXXXX); fi
fi
mkdir -p "$out" || exit 1
RS_TIMEOUT_FACTOR=$(time_factor)
export RS_TIMEOUT_FACTOR
last=${*: -1}
for g in "$@"; do
	run_group "$g"
done
exit $((failed > 0))
