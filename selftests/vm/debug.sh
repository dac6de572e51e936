# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Kernels built from source: the unpacked tree (with this repository linked in
# as drivers/rs) and the debug kernel made of it.

# source_get: make sure that the kernel source is unpacked; sets SOURCE_DIR.
# It comes from trixie's linux-source whatever the suite: the tests' headers are
# to be the same everywhere.
source_get() {
	local saved=${BUILD_ROOT:-}
	root_build trixie
	SOURCE_ROOT=$BUILD_ROOT
	[[ -z $saved ]] || BUILD_ROOT=$saved
	cache_make "source/$(cache_key -s "$(root_version "$SOURCE_ROOT" linux-source-6.12)" \
		-s "$(declare -f source_make source_link)")" source_make
	SOURCE_DIR=$PRODUCT/linux
}

source_make() {
	mkdir "$1/linux"
	tar -xJf "$SOURCE_ROOT"/usr/src/linux-source-6.12.tar.xz -C "$1/linux" --strip-components=1
	source_link "$1/linux"
}

# source_link DIR: what it takes to build this repository inside a kernel tree.
# The build root has the checkout at /src.
source_link() {
	ln -s /src "$1/drivers/rs"
	sed -i 's|^endmenu$|source "drivers/rs/Kconfig"\n\n&|' "$1/drivers/Kconfig"
	printf 'obj-$(CONFIG_RSMOD)\t\t+= rs/\n' >>"$1/drivers/Makefile"
}

# debug_check FRAGMENT CONFIG: fail unless every line of the fragment is in the
# configuration; Kconfig drops silently what lacks a dependency.
debug_check() {
	local line missing=0
	while read -r line; do
		case $line in
		CONFIG_*) grep -qxF -- "$line" "$2" || { echo "not in the final .config: $line"; missing=1; } ;;
		"# CONFIG_"*) ! grep -q "^${line//[^A-Z0-9_]/}=" "$2" || { echo "still on: $line"; missing=1; } ;;
		esac
	done <"$1"
	return $missing
}

# debug_selects: a stand-in for our Kconfig.  The kernel is built without this tree,
# but with all that the tree would select.
debug_selects() {
	printf 'config RSMOD_NEEDS\n\tdef_bool y\n'
	grep -h '^[[:space:]]*select ' "$SRC/Kconfig" | LC_ALL=C sort -u
}

# debug_make FRAGMENT KCONFIG DIR
debug_make() {
	local dir=$3 obj=$3/obj release
	mkdir -p "$obj" "$dir/empty"
	printf '%s\n' "$2" >"$dir/empty/Kconfig"
	cp "$1" "$dir/fragment"
	KERNEL_DIR=$dir SRC=$dir/empty OBJ=$obj chroot_run /bin/sh -euc '
		make -C /source O=/kernel/obj KCONFIG_ALLCONFIG=/kernel/fragment allnoconfig'
	debug_check "$dir/fragment" "$obj/.config"
	KERNEL_DIR=$dir SRC=$dir/empty OBJ=$obj chroot_run /bin/sh -euc '
		make -C /source O=/kernel/obj -j "$(nproc)" LOCALVERSION=-rs-debug \
			KBUILD_BUILD_TIMESTAMP=@0 KBUILD_BUILD_USER=rs KBUILD_BUILD_HOST=rs bzImage modules
		make -C /source O=/kernel/obj LOCALVERSION=-rs-debug modules_install \
			INSTALL_MOD_PATH=/kernel/tree INSTALL_MOD_STRIP=1 DEPMOD=true'
	release=$(<"$obj/include/config/kernel.release")
	cp "$obj/.config" "$dir/config"
	# Not vmlinux: its PVH entry runs instrumented code before KASAN has a shadow.
	mv "$obj/arch/x86/boot/bzImage" "$dir/vmlinuz"
	rm -f "$dir/tree/lib/modules/$release"/{build,source}
	rm -f "$obj"/vmlinux "$obj"/vmlinux.* "$obj"/arch/x86/boot/compressed/vmlinux*
	printf '%s\n' "$release" >"$dir/release"
	kernel_layer "$dir"
}

# debug_kernel_get: see kernel_get.
debug_kernel_get() {
	source_get
	cache_make "kernel/debug-$(cache_key "$VM/debug.config" -s "$SOURCE_DIR" \
		-s "$(root_version "$BUILD_ROOT" gcc-14 binutils)" \
		-s "$(debug_selects)" -s "$(declare -f debug_make)")" \
		debug_make "$VM/debug.config" "$(debug_selects)"
	KERNEL_DIR=$PRODUCT
	KERNEL_RELEASE=$(<"$KERNEL_DIR/release")
	KERNEL_KDIR=/kernel/obj
}
