# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every front door of the harness starts with.  VM is this directory.

SRC=$(cd "$VM/../.." && pwd -P)
BUILD=$SRC/build

# Exit statuses that are no command's.
EXIT_HARNESS=120 # the harness itself failed
EXIT_START=121   # rsmod or rsd is installed but did not start
EXIT_KERNEL=122  # the kernel complained
EXIT_DIED=123    # the VM ended without a word (panic, reset)
EXIT_TIMEOUT=124 # VM_TIMEOUT passed

say() { printf 'vm: %s\n' "$*" >&2; }
die() {
	say "$*"
	exit "$EXIT_HARNESS"
}

# shellcheck source=../complaints.sh
. "$SRC/selftests/complaints.sh"
for part in cache root kernel debug stage initrd qemu verdict packages; do
	# shellcheck source=/dev/null
	. "$VM/$part.sh"
done

# Settings that survive becoming root.
vm_settings='KERNEL CMD T PARTS NOBUILD VM_PACKAGES VM_QEMU VM_APPEND VM_TIMEOUT VM_MEM
VM_SMP VM_BERTHS VM_ACCEL VM_DUMP VM_KEEP VM_OUT VM_TIMES JOBS RSMOD_MIRROR RSMOD_MIRROR_SECURITY'

# vm_init ARG...: find the cache, and become root: roots, chroots and images need
# it.  The cache stays the caller's.
vm_init() {
	local keep
	cache_init
	if ((EUID != 0)); then
		keep=$(tr -s ' \n' ',' <<<"$vm_settings ${!RS_*} ${!RSVM_*}")
		exec sudo --preserve-env="${keep%,}" env RSMOD_CACHE="$CACHE" "$0" "$@"
	fi
	packages_install
}

# vm_prepare KERNEL: everything that a boot needs; sets what qemu_args reads.
vm_prepare() {
	local suite
	suite=$(kernel_suite "$1")
	root_build "$suite"
	source_get
	kernel_get "$1"
	root_run "$suite"
	stage_build "$1"
}
