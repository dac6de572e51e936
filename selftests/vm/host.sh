# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The groups that run on the host, all in the build root of trixie: nothing but
# the roots needs to be installed to run them.

# host_group GROUP LIMIT BASE: run it; results in BASE.tap, output in BASE.log.
host_group() {
	local rc=0
	root_build trixie
	source_get
	KERNEL_DIR=
	case $1 in
	kunit) host_kunit "$2" "$3" || rc=$? ;;
	intree) host_intree "$2" "$3" || rc=$? ;;
	dkms) host_dkms "$2" "$3" || rc=$? ;;
	style) host_style "$2" "$3" || rc=$? ;;
	*) host_part "$1" "$2" "$3" || rc=$? ;;
	esac
	if ((rc != 0)) && ! grep -q '^not ok' "$3.tap"; then
		{
			echo "not ok $1: status $rc"
			tail -n 30 "$3.log" | sed 's/^/# /'
		} >>"$3.tap"
	fi
	grep -q -E '^(not )?ok' "$3.tap" || echo "ok $1" >>"$3.tap"
	return "$rc"
}

# host_part PART LIMIT BASE: the unit tests of a part of the tree.
host_part() {
	: >"$3.tap"
	if [[ ! -e $SRC/$1/Makefile ]]; then
		echo "ok $1 # SKIP not in the tree" >"$3.tap"
		return
	fi
	OBJ=$BUILD/unit
	mkdir -p "$OBJ"
	local rc=0
	chroot_run timeout "$2" make -C /src -j "$(nproc)" --no-print-directory O=/obj/o \
		KSRC=/source KVER="$(kernel_release)" "check-$1" >"$3.log" 2>&1 || rc=$?
	grep -E '^(not )?ok |^# ' "$3.log" >"$3.tap" || :
	return "$rc"
}

# host_kunit LIMIT BASE: KUnit under UML, with this tree linked as drivers/rs.
host_kunit() {
	: >"$2.tap"
	if [[ ! -e $SRC/kmod/.kunitconfig ]]; then
		echo "ok kunit # SKIP no kmod/.kunitconfig" >"$2.tap"
		return
	fi
	local rc=0
	cache_make "uml/$(cache_key -s "$SOURCE_DIR" -s "$(host_kunit_config)" -s "$(declare -f host_uml_make)")" host_uml_make
	OBJ=$BUILD/uml
	# Objects are made anew from the checkout, so no two checkouts may share them.
	if [[ $(cat "$OBJ/.base" 2>/dev/null) != "$PRODUCT" ]]; then
		rm -rf "$OBJ"
		cp -a "$PRODUCT" "$OBJ"
		echo "$PRODUCT" >"$OBJ/.base"
	fi
	cp "$SRC/kmod/.kunitconfig" "$OBJ/kunitconfig"
	chroot_run sh -c 'cd /source && timeout "$0" python3 tools/testing/kunit/kunit.py run \
		--arch=um --build_dir=/obj/o --kunitconfig=/obj/kunitconfig --jobs="$1" --raw_output=all' \
		"$1" "$(nproc)" >"$2.log" 2>&1 || rc=$?
	# A kernel that dies in the middle has failed, however many cases passed before.
	if ! grep -q '^reboot: System halted' "$2.log"; then
		rc=1
	fi
	# A case of a suite is indented once; parameters of a case are further in.
	sed -n -E 's/^ {4}((not )?ok [0-9]+ .*)/\1/p' "$2.log" >"$2.tap"
	return "$rc"
}

host_kunit_config() { grep -v RSMOD "$SRC/kmod/.kunitconfig"; }

# host_uml_make DIR: UML without this tree; most of its objects serve for ever.
host_uml_make() {
	mkdir -p "$1/empty"
	: >"$1/empty/Kconfig"
	host_kunit_config >"$1/kunitconfig"
	SRC=$1/empty OBJ=$1 chroot_run sh -c 'cd /source && python3 tools/testing/kunit/kunit.py build \
		--arch=um --build_dir=/obj/o --kunitconfig=/obj/kunitconfig --jobs="$(nproc)"'
}

# host_intree LIMIT BASE: this tree as drivers/rs of a kernel, built as modules.
host_intree() {
	: >"$2.tap"
	if [[ ! -e $SRC/kmod/Kbuild ]]; then
		echo "ok intree # SKIP no kmod/Kbuild" >"$2.tap"
		return
	fi
	local rc=0
	debug_kernel_get
	OBJ=$BUILD/intree
	if [[ $(cat "$OBJ/.base" 2>/dev/null) != "$KERNEL_DIR" ]]; then
		rm -rf "$OBJ"
		mkdir -p "$OBJ"
		cp -a "$KERNEL_DIR/obj" "$OBJ/o"
		echo "$KERNEL_DIR" >"$OBJ/.base"
	fi
	chroot_run sh -euc '
		cd /source
		scripts/config --file /obj/o/.config -m RSMOD -m RSMOD_VFIO
		make O=/obj/o olddefconfig
		grep -x CONFIG_RSMOD=m /obj/o/.config
		timeout "$0" make O=/obj/o -j "$(nproc)" LOCALVERSION=-rs-debug W=1 drivers/rs/
		ls /obj/o/drivers/rs/kmod/*.o' "$1" >"$2.log" 2>&1 || rc=$?
	return "$rc"
}

# host_dkms LIMIT BASE: what an administrator does, in a root with dkms and headers
# and nothing else.
host_dkms() {
	: >"$2.tap"
	local rc=0 list=$'dkms\ngcc\nlinux-headers-amd64\nlinux-image-amd64\nmake\nrsync'
	cache_make "root/trixie-dkms-$(cache_key -s "$list")" root_make_build trixie "$list"
	BUILD_ROOT=$PRODUCT/root
	OBJ=$BUILD/dkms
	mkdir -p "$OBJ"
	chroot_run timeout "$1" sh -euc '
		v=$(sed -n "s/^PACKAGE_VERSION=\"\(.*\)\"/\1/p" /src/dkms.conf)
		mkdir -p /tmp/usr/src /tmp/dkms
		rsync -a --exclude /build --exclude /.git /src/ "/tmp/usr/src/rsmod-$v/"
		set -- --sourcetree /tmp/usr/src --dkmstree /tmp/dkms -m rsmod -v "$v"
		dkms add "$@"
		for k in $(ls /lib/modules); do
			dkms build "$@" -k "$k" || { cat /tmp/dkms/rsmod/"$v"/build/make.log; exit 1; }
		done
		ls /tmp/dkms/rsmod/"$v"/*/*/module' >"$2.log" 2>&1 || rc=$?
	return "$rc"
}

# host_style LIMIT BASE
host_style() {
	local rc=0
	OBJ=$BUILD/style
	mkdir -p "$OBJ"
	chroot_run timeout "$1" /src/selftests/style -o /obj -k "$(kernel_release)" >"$2.tap" 2>"$2.log" || rc=$?
	return "$rc"
}
