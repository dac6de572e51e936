# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Debian roots.  For each suite a build root (a directory, entered by chroot)
# and a run root (an image that the VM mounts as the lowest layer of its root).
# Neither contains anything of this project.

MIRROR=${RSMOD_MIRROR:-http://deb.debian.org/debian}
MIRROR_SECURITY=${RSMOD_MIRROR_SECURITY:-http://deb.debian.org/debian-security}

# root_packages LIST SUITE: print the packages of a list for a suite.
root_packages() {
	awk -v suite="$2" '
		/^[[:space:]]*(#|$)/ { next }
		NF == 1 { print $1; next }
		{ for (i = 2; i <= NF; i++) if ($i == suite) print $1 }
	' "$VM/$1"
}

# Nothing that a test reads: they would only make the images slow to build.
root_excludes=(
	--dpkgopt='path-exclude=/usr/share/man/*'
	--dpkgopt='path-exclude=/usr/share/doc/*'
	--dpkgopt='path-include=/usr/share/doc/*/copyright'
	--dpkgopt='path-exclude=/usr/share/info/*'
	--dpkgopt='path-exclude=/usr/share/locale/*'
	--dpkgopt='path-exclude=/usr/share/lintian/*'
	# No initramfs is ever booted from a root.
	--dpkgopt='path-exclude=/etc/kernel/postinst.d/*'
	--dpkgopt='path-exclude=/etc/kernel/postrm.d/*'
)

# root_debootstrap SUITE PACKAGES DIR OPTION...
root_debootstrap() {
	local suite=$1 packages=$2 dir=$3 m
	shift 3
	m="deb $MIRROR $suite main
deb $MIRROR $suite-updates main
deb $MIRROR_SECURITY $suite-security main"
	mmdebstrap --mode=root --variant=minbase --skip=output/dev \
		--aptopt='APT::Install-Recommends "false"' \
		--aptopt='Acquire::Retries "3"' \
		"${root_excludes[@]}" "$@" --include="${packages//$'\n'/,}" \
		"$suite" "$dir" <<<"$m"
}

root_make_build() {
	root_debootstrap "$1" "$2" "$3/root"
	mkdir -p "$3"/root/{src,out,obj,kernel,source,ccache}
}

root_make_run() {
	root_debootstrap "$1" "$2" "$3/root"
	rm -rf "$3"/root/var/cache/apt "$3"/root/var/lib/apt/lists
	root_pack "$3/root" "$3/root.img"
	rm -rf --one-file-system "$3/root"
}

# root_pack DIR IMAGE: a read-only layer for the VM.
root_pack() {
	local kib inodes
	kib=$(du -sk --apparent-size "$1" | cut -f1)
	inodes=$(find "$1" | wc -l)
	rm -f "$2.tmp"
	mke2fs -q -t ext4 -d "$1" -b 4096 -m 0 -N $((inodes + inodes / 16 + 512)) \
		-O '^has_journal,^resize_inode,^metadata_csum' \
		-E lazy_itable_init=0,root_owner=0:0 \
		"$2.tmp" $((kib + kib / 8 + inodes * 4 + 8192))k >/dev/null
	mv "$2.tmp" "$2"
}

# root_build SUITE: make sure that the build root is there; sets BUILD_ROOT.
root_build() {
	local list
	list=$(root_packages packages.build "$1")
	cache_make "root/$1-build-$(cache_key -s "$list" -s "${root_excludes[*]}")" \
		root_make_build "$1" "$list"
	BUILD_ROOT=$PRODUCT/root
}

# root_run SUITE: make sure that the run root is there; sets RUN_IMAGE.
root_run() {
	local list
	list=$(root_packages packages.run "$1")
	[[ -z ${VM_PACKAGES:-} ]] || list+=$'\n'${VM_PACKAGES//[[:space:]]/$'\n'}
	list=$(sort -u <<<"$list" | sed '/^$/d')
	cache_make "root/$1-run-$(cache_key -s "$list" -s "${root_excludes[*]}")" \
		root_make_run "$1" "$list"
	RUN_IMAGE=$PRODUCT/root.img
}

# root_version ROOT PACKAGE...: print the installed versions.
root_version() {
	local root=$1
	shift
	dpkg-query --admindir="$root/var/lib/dpkg" -W -f='${Package} ${Version}\n' "$@"
}
