# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Kernels of the VM.  A kernel product holds vmlinuz, config, release, the
# modules both as a tree and as a layer image.  Debian's kernels come out of the build root of their suite,
# so headers and image always agree; the debug kernel is built in it.

# kernel_suite KERNEL: the Debian suite whose userland goes with a kernel.
kernel_suite() {
	case $1 in
	6.1) echo bookworm ;;
	6.12 | debug) echo trixie ;;
	*) die "no such kernel: $1 (6.1, 6.12 or debug)" ;;
	esac
}

# Subtrees of Debian's modules that the VM carries.  The rest would only cost
# time: in depmod, in udev's cold plug, in packing.  Whatever these need is
# added through modules.dep.
kernel_keep='
arch/x86/crypto block crypto lib mm net/8021q net/9p net/802 net/bridge
net/core net/ipv4 net/ipv6 net/key net/llc net/netfilter net/packet net/sched
net/unix net/vmw_vsock net/xfrm net/netlink fs/9p fs/autofs fs/binfmt_misc.ko
fs/erofs fs/ext4 fs/fat fs/fuse fs/nls fs/overlayfs fs/squashfs fs/xfs fs/isofs
drivers/acpi/button.ko drivers/base drivers/block drivers/char/hw_random
drivers/char/virtio_console.ko
drivers/dax drivers/dca drivers/firmware drivers/net/bonding drivers/net/tun.ko
drivers/net/ethernet/intel/e1000 drivers/net/ethernet/intel/e1000e
drivers/net/ethernet/intel/igb drivers/net/ethernet/intel/igbvf
drivers/net/dummy.ko drivers/net/ifb.ko drivers/net/ipvlan drivers/net/macvlan.ko
drivers/net/macvtap.ko drivers/net/tap.ko drivers/net/team drivers/net/veth.ko
drivers/net/virtio_net.ko drivers/net/netconsole.ko drivers/net/nlmon.ko
drivers/net/vrf.ko drivers/net/vsockmon.ko drivers/net/net_failover.ko
drivers/md drivers/misc drivers/nvme drivers/pci drivers/pps drivers/ptp
drivers/scsi/scsi_mod.ko drivers/scsi/sd_mod.ko drivers/scsi/scsi_debug.ko
drivers/uio drivers/vdpa drivers/vfio drivers/vhost drivers/virt drivers/virtio
'

# kernel_filter DIR: read modules.order lines or paths, print those we keep.
kernel_filter() {
	local keep
	keep=$(tr -s ' \n' '\n' <<<"$kernel_keep" | sed '/^$/d; s/\./\\./g; s/^/^kernel\//; s/$/(\/|\\.xz$|$)/')
	grep -E -f <(printf '%s\n' "$keep")
}

# kernel_prune SRC DST: copy the modules we keep and all they depend on,
# decompressed (decompression in the VM costs more than the space).
kernel_prune() {
	local src=$1 dst=$2
	mkdir -p "$dst"
	kernel_filter <<<"$(cd "$src" && find kernel -name '*.ko*')" |
		awk -F': *' '
			NR == FNR { want[$1]; next }
			$1 in want { print $1; n = split($2, d, " "); for (i = 1; i <= n; i++) print d[i] }
		' - "$src/modules.dep" | sort -u >"$dst/list"
	rsync -a --files-from="$dst/list" "$src/" "$dst/"
	cp "$src"/modules.{order,builtin,builtin.modinfo} "$dst/"
	find "$dst/kernel" -name '*.ko.xz' -print0 | xargs -0r -P 2 -n 64 unxz
	rm "$dst/list"
}

# kernel_layer DIR: pack the modules under DIR/tree as a layer for the VM.
kernel_layer() {
	depmod -b "$1/tree" "$(<"$1/release")"
	# Debian's /lib is a link: a layer with a real /lib would hide it.
	mkdir -p "$1/layer/usr"
	cp -al "$1/tree/lib" "$1/layer/usr/lib"
	root_pack "$1/layer" "$1/modules.img"
	rm -rf "$1/layer"
}

# kernel_make_debian DIR
kernel_make_debian() {
	local dir=$1 release
	release=$(kernel_release)
	kernel_prune "$BUILD_ROOT/lib/modules/$release" "$dir/tree/lib/modules/$release"
	kernel_unpack "$BUILD_ROOT/boot/vmlinuz-$release" "$dir/vmlinuz"
	cp "$BUILD_ROOT/boot/config-$release" "$dir/config"
	printf '%s\n' "$release" >"$dir/release"
	kernel_layer "$dir"
}

# kernel_unpack BZIMAGE OUT: the ELF image inside, which QEMU starts at its PVH
# entry: under emulation, decompression is a good part of a boot.
kernel_unpack() {
	KERNEL_DIR='' OBJ=${2%/*} chroot_run /source/scripts/extract-vmlinux \
		"${1#"$BUILD_ROOT"}" >"$2.elf"
	if readelf -n "$2.elf" 2>/dev/null | grep -q '^ *Xen .*0x00000012'; then
		mv "$2.elf" "$2"
	else
		rm "$2.elf"
		cp "$1" "$2"
	fi
}

# kernel_release: the release of the Debian kernel in the build root.
kernel_release() {
	local v=("$BUILD_ROOT"/boot/vmlinuz-*)
	((${#v[@]} == 1)) || die "more than one kernel in $BUILD_ROOT/boot"
	printf '%s\n' "${v[0]##*/vmlinuz-}"
}

# kernel_get KERNEL: make sure that the kernel is there.  Sets KERNEL_DIR,
# KERNEL_RELEASE, KERNEL_KDIR (build directory, as seen in the build root).
kernel_get() {
	local root
	root=${BUILD_ROOT%/root}
	if [[ $1 == debug ]]; then
		debug_kernel_get
		return
	fi
	cache_make "kernel/$1-${root##*-}-$(cache_key -s "$kernel_keep$(declare -f \
		kernel_filter kernel_prune kernel_layer kernel_unpack kernel_make_debian)")" \
		kernel_make_debian
	KERNEL_DIR=$PRODUCT
	KERNEL_RELEASE=$(<"$KERNEL_DIR/release")
	KERNEL_KDIR=/lib/modules/$KERNEL_RELEASE/build
}
