# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tests of this group share: a service under rsrun, and its disks.  Source
# after ../lib.sh.

# shellcheck source=../chr/service.sh
. "$(dirname "${BASH_SOURCE[0]}")/../chr/service.sh"

memory=
for d in "$drivers/../../drivers/memory" "$drivers/../../drivers-ported/bin/memory"; do
	[[ ! -x $d ]] || memory=$d
done

# A core dump of a disk's worth of nothing is quick.
ulimit -c 0

# disk_name LABEL [MINOR]: the kernel's name of a service's disk.
disk_name() {
	local d
	for d in /sys/class/rsmod/"$1"/rsb*; do
		if [[ -e $d/rsmod/minor && $(<"$d/rsmod/minor") == "${2:-0}" && -b /dev/${d##*/} ]]; then
			echo "${d##*/}"
			return
		fi
	done
	return 1
}

# disk_start LABEL REPLICAS RSRUN-OPTION... -- PROGRAM ARG...: the service is up, and its
# first disk is $disk, /dev/$disk.
disk_start() {
	service_start "$1" "$2" --class blk "${@:3}"
	if ! wait_until 20 disk_name "$1"; then
		fail "$1 has a disk"
		done_testing
	fi
	disk=$(disk_name "$1")
	dev=/dev/$disk
	sys=/sys/block/$disk
}

active() { instances "$1" bound; }

# end_active LABEL SIGNAL: kill whoever serves; returns when another one does.
end_active() {
	local old
	old=$(active "$1")
	kill "-$2" "$old"
	wait_until 30 eval '[[ -n $(active '"$1"') && $(active '"$1"') != '"$old"' ]]'
}

# pattern BYTE KIB: so many KiB of this byte.
pattern() { head -c $(($2 * 1024)) /dev/zero | tr '\0' "$1"; }

# kill_series LABEL KILLS: kill whoever serves, so many times, each time when the service is whole
# and after a moment that is never the same.  One that was stopped serves until that is found out.
kill_series() {
	local signals=(KILL SEGV ABRT STOP) n=0
	while ((n < $2)); do
		wait_until 60 service_ready "$1" 1
		sleep 0.$((RANDOM % 5))
		end_active "$1" "${signals[n % 4]}"
		n=$((n + 1))
	done
}

# verified_writes DEVICE SECONDS FIO-OPTION...: random writes, verified as they go and at the end.
verified_writes() {
	fio --name=verified --filename="$1" --time_based --runtime="$2" --direct=1 --rw=randwrite \
		--bs=4k --iodepth=8 --ioengine=libaio --size=16M --verify=crc32c --verify_backlog=256 \
		--verify_fatal=1 --fsync=64 --randrepeat=0 --output-format=terse --output="$tmp/fio" \
		"${@:3}" 2>"$tmp/fio.err"
}

# hammer NAME LABEL KILLS DEVICE FIO-OPTION...: verified writes, until so many kills are done.
hammer() {
	local name=$1 label=$2 want=$3 device=$4 killer rounds=0 status=0
	shift 4
	kill_series "$label" "$want" &
	killer=$!
	while ((status == 0)) && { ((rounds == 0)) || kill -0 "$killer" 2>/dev/null; }; do
		verified_writes "$device" 10 "$@" || status=$?
		rounds=$((rounds + 1))
	done
	is "$name: no I/O failed and every byte is right" "$status" 0 ||
		note "$(tail -n 5 "$tmp/fio" "$tmp/fio.err" 2>/dev/null)"
	kill "$killer" 2>/dev/null
	wait "$killer"
	check "$name: all were killed" test "$(slot "$label" deaths)" -ge "$want"
	check "$name: requests were in the hands of the dead" test "$(slot "$label" replayed)" -gt 0
	is "$name: none was refused as poison" "$(slot "$label" poisoned)" 0
	# Threads run on for a moment when one of them has met its end, and are refused what they do.
	is "$name: no violation" "$(grep ' violation ' "$tmp/$label" | grep -v unbound)" ""
	figure "${name// /_}_replayed" "$(slot "$label" replayed)"
}
