# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tests of the nvme driver share: the service "disk", run by rsrun's instances
# on the machine's NVMe controller, and its two disks $disk1 (blocks of 512 bytes) and
# $disk2 (blocks of 4096).

# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

RSRUN=${RSRUN:-$(dirname "$0")/../rsrun}
NVME_DRIVER=${NVME_DRIVER:-/usr/libexec/rsmod/drivers/nvme}
label=disk
work=$(mktemp -d)
run_pid=
disk1=
disk2=

# by_minor N: the disk node of our service's N-th disk.
by_minor() {
	local d
	for d in /sys/block/rsb*/rsmod; do
		if [[ $(cat "$d/label" 2>/dev/null) == "$label" && $(cat "$d/minor") == "$1" ]]; then
			d=${d%/rsmod}
			printf '/dev/%s\n' "${d##*/}"
			return
		fi
	done
	return 1
}

disk_need() {
	need_root
	need_rsmod
	need fio jq blockdev "$NVME_DRIVER" "$RSRUN" "$@"
	modprobe vfio-pci || skip_all "no vfio-pci"
	address=$(nvme_address) || skip_all "no NVMe controller"
	# From the kernel's own driver: it says what the disks are.
	wait_until 10 kernel_disks || skip_all "its namespaces are not what they should be"
	trap disk_cleanup EXIT
}

# The controller: PCI class 01/08/02.
nvme_address() {
	local d
	for d in /sys/bus/pci/devices/*; do
		if [[ $(<"$d/class") == 0x010802 ]]; then
			printf '%s\n' "${d##*/}"
			return
		fi
	done
	return 1
}

# The kernel's names of both disks, once it has them.
kernel_disks() {
	kernel1=$(kernel_disk 512) && kernel2=$(kernel_disk 4096)
}

kernel_disk() {
	local d
	for d in "/sys/bus/pci/devices/$address"/nvme/nvme*/nvme*n*; do
		if [[ $(cat "$d/queue/logical_block_size" 2>/dev/null) == "$1" && -b /dev/${d##*/} ]]; then
			printf '/dev/%s\n' "${d##*/}"
			return
		fi
	done
	return 1
}

# disk_up REPLICAS [ARGS...]: start the service, and find its disks.  A case; not to be wrapped
# into check, which would lose $disk1 and $disk2.
disk_up() {
	local replicas=$1 deadline=4000
	shift
	! slow || deadline=15000
	"$RSRUN" --label "$label" --class blk --pci "$address" --msix --vectors 3 --queues 2 \
		--replicas "$replicas" --keep --budget 0 --deadline "$deadline" "$@" \
		"$NVME_DRIVER" >"$work/events" 2>"$work/stderr" &
	run_pid=$!
	if wait_until 20 by_minor 1; then
		disk1=$(by_minor 0)
		disk2=$(by_minor 1)
		check "the service comes up" wait_until 5 test -b "$disk1" -a -b "$disk2"
	else
		fail "the service comes up"
		sed 's/^/# /' "$work/events" "$work/stderr"
		return 1
	fi
}

no_instance() { ! "$RSRUN" --list | grep -q ' pid='; }

# disk_down: take it down in order; a case too.  The kernel's driver has the disks again.
disk_down() {
	kill -HUP "$run_pid"
	check "the service goes down" wait_until 5 no_instance
	kill -TERM "$run_pid"
	wait "$run_pid"
	run_pid=
	check "the kernel's driver has the disks again" wait_until 20 kernel_disks
	kernel_disks
}

disk_cleanup() {
	local m
	for m in $(findmnt -n -r -o TARGET | grep "^$work/"); do
		umount -l "$m"
	done
	[[ -z $run_pid ]] || kill -TERM "$run_pid" 2>/dev/null
	wait
	rm -rf "$work"
}

# The bound instance's process; how often instances died so far; whether a replica waits.
active() { "$RSRUN" --list | sed -n 's/.* pid=\([0-9]*\) state=bound.*/\1/p'; }
slot_number() { "$RSRUN" --list | sed -n "s/.* $1=\([0-9]*\).*/\1/p"; }
replica() { "$RSRUN" --list | grep -q ' state=standby'; }
other_than() {
	local now
	now=$(active)
	[[ -n $now && $now != "$1" ]]
}

# kill_active SIGNAL REPLICAS: kill the driver when all its replicas are ready, and wait for
# the one that follows.
kill_active() {
	local old
	(($2 == 0)) || wait_until 20 replica || return 1
	old=$(active)
	[[ -n $old ]] && kill "-$1" "$old" && wait_until 20 other_than "$old"
}

# kill_while PID REPLICAS: kill the driver about once a second as long as PID lives; prints how often.
kill_while() {
	local signals=(KILL SEGV ABRT STOP) n=0
	while kill -0 "$1" 2>/dev/null; do
		kill_active "${signals[n % 4]}" "$2" || break
		n=$((n + 1))
		sleep 0.$((RANDOM % 9))
	done
	echo "$n"
}

# verified NAME FILE ARGS...: fio's random writes to FILE, each read back and checked.
verified() {
	local name=$1 file=$2
	shift 2
	fio --name="$name" --filename="$file" --ioengine=libaio --iodepth=8 --direct=1 \
		--rw=randwrite --verify=crc32c --verify_fatal=1 --output="$work/fio.$name" \
		--output-format=json "$@"
}

# still_there NAME FILE ARGS...: what verified() wrote last is still there.
still_there() {
	verified "$@" --verify_only
}
