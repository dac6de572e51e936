# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The initramfs of one run: a static busybox, the few modules it takes to reach
# the layers and the shares, guest/init, and the files of the harness that are
# laid over the root (guest/tree, the command, its environment).

initrd_modules='virtio_blk virtio_pci virtio_console ext4 overlay 9p 9pnet_virtio'

# initrd_base OUT: the part that is the same for every run of a kernel.
initrd_base() {
	local t=$1.d m f
	rm -rf "$t"
	mkdir -p "$t"/{bin,dev,proc,sys,modules,layer,root}
	cp "$BUILD_ROOT/bin/busybox" "$t/bin/busybox"
	cp "$VM/guest/init" "$t/init"
	chmod 755 "$t/init"
	# insmod lines, in order of dependency; of a built-in module there is none.
	for m in $initrd_modules; do
		modprobe -d "$KERNEL_DIR/tree" -S "$KERNEL_RELEASE" --show-depends "$m" ||
			die "the kernel lacks $m"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$t.list"
	while read -r f; do
		cp "$f" "$t/modules/"
		printf '%s\n' "${f##*/}"
	done <"$t.list" >"$t/modules/order"
	initrd_pack "$t" >"$1"
	rm -rf "$t" "$t.list"
}

initrd_pack() {
	(cd "$1" && find . -mindepth 1 | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet)
}

# initrd_run OUT: the part of this run.
initrd_run() {
	local t=$1.d unit
	local g=$t/guest
	mkdir -p "$g/etc/rsvm"
	cp -a "$VM/guest/tree/." "$g/"
	while read -r unit; do
		ln -s /dev/null "$g/etc/systemd/system/$unit"
	done < <(sed '/^#/d; /^$/d' "$VM/guest/masked")
	printf '%s\n' "${CMD:-}" >"$g/etc/rsvm/command"
	[[ -z ${SHELL_MODE:-} ]] || : >"$g/etc/rsvm/shell"
	initrd_env >"$g/etc/rsvm/env"
	initrd_pack "$t" >"$1"
	rm -rf "$t"
}

# What the command may want to know of the host.
initrd_env() {
	local v
	printf 'RSVM_KERNEL=%q\n' "$KERNEL"
	printf 'RSVM_UID=%q\n' "${SUDO_UID:-$UID}"
	for v in ${!RS_*} ${!RSVM_*}; do
		[[ $v == RSVM_KERNEL || $v == RSVM_UID ]] || printf '%s=%q\n' "$v" "${!v}"
	done
}

# initrd_make OUT
initrd_make() {
	initrd_base "$1.base"
	initrd_run "$1.run"
	cat "$1.base" "$1.run" >"$1"
	rm "$1.base" "$1.run"
}
