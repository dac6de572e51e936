# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The stage: what `make install DESTDIR=` of this tree produces for one kernel,
# as a layer image.  Built in the build root of the kernel's suite, with the
# checkout mounted read-only and the objects outside of it; our software gets
# into the VM in no other way.

# chroot_run COMMAND...: run a command in the build root with the checkout at
# /src, the objects at /obj, the kernel's product at /kernel and the kernel source
# at /source.  The mounts live in a name space of their own.  Compilers go through
# ccache: the same files are built for many checkouts, mutants and kernels.
chroot_run() {
	unshare --mount --propagation private "$BASH" -euc '
		root=$1 src=$2 obj=$3 kernel=$4 source=$5 ccache=$6
		shift 6
		mount --bind "$src" "$root/src"
		mount -o remount,bind,ro "$root/src"
		mount --bind "$obj" "$root/obj"
		[[ -z $kernel ]] || mount --bind "$kernel" "$root/kernel"
		[[ -z $source ]] || mount --bind "$source" "$root/source"
		mount --bind "$ccache" "$root/ccache"
		mount -t proc proc "$root/proc"
		mount -t tmpfs tmpfs "$root/tmp"
		mount --rbind /dev "$root/dev"
		exec chroot "$root" /usr/bin/env -i PATH=/usr/lib/ccache:/usr/sbin:/usr/bin:/sbin:/bin \
			CCACHE_DIR=/ccache CCACHE_MAXSIZE=6G HOME=/tmp LANG=C.UTF-8 TERM="${TERM:-dumb}" ${PARTS:+PARTS="$PARTS"} "$@"
	' stage "$BUILD_ROOT" "$SRC" "$OBJ" "${KERNEL_DIR:-}" "${SOURCE_DIR:-}" "$CACHE/ccache" "$@"
}

# stage_build KERNEL: build and install, unless nothing has changed since the last
# time; sets STAGE_IMAGE.
stage_build() {
	local key
	OBJ=$BUILD/$1
	STAGE_IMAGE=$OBJ/stage.img
	if [[ ${NOBUILD:-} == 1 && -e $STAGE_IMAGE ]]; then
		return
	fi
	mkdir -p "$OBJ"
	exec {stage_lock}>"$OBJ/.lock"
	flock "$stage_lock"
	key=$(stage_sources)
	if [[ ! -e $STAGE_IMAGE || $(cat "$OBJ/sources.key" 2>/dev/null) != "$key" ]]; then
		rm -f "$OBJ/sources.key"
		say "building for $1 (log: $OBJ/build.log)"
		if ! chroot_run /src/selftests/vm/stage-build "$KERNEL_RELEASE" "$KERNEL_KDIR" \
			"${JOBS:-$(nproc)}" >"$OBJ/build.log" 2>&1 {stage_lock}>&-; then
			tail -n "${BUILD_LOG_LINES:-60}" "$OBJ/build.log" >&2
			die "build for $1 failed; whole log: $OBJ/build.log"
		fi
		stage_pack "$1"
		printf '%s\n' "$key" >"$OBJ/sources.key"
	fi
	exec {stage_lock}>&-
}

# stage_sources: a hash over all that the build reads.
stage_sources() {
	{
		printf '%s\n' "$BUILD_ROOT" "$KERNEL_DIR" "${PARTS:-}"
		find "$SRC" -mindepth 1 \( -path "$BUILD" -o -name .git \) -prune -o \
			-printf '%P %y %m %s %T@ %l\n' | LC_ALL=C sort
	} | sha256sum
}

# stage_pack KERNEL: make the image anew if what was installed has changed.
stage_pack() {
	local key
	key=$(stage_key)
	if [[ ! -e $STAGE_IMAGE || $(cat "$STAGE_IMAGE.key" 2>/dev/null) != "$key" ]]; then
		stage_modules
		root_pack "$OBJ/stage" "$STAGE_IMAGE"
		printf '%s\n' "$key" >"$STAGE_IMAGE.key"
	fi
}

stage_key() {
	(cd "$OBJ/stage" && find . -path './usr/lib/modules/*/modules.*' -prune -o \
		-printf '%p %y %m %s %T@ %l\n' | LC_ALL=C sort) | sha256sum
}

# stage_modules: index our modules together with the kernel's, as an
# installation would.
stage_modules() {
	local rel=$KERNEL_RELEASE m=$OBJ/stage/usr/lib/modules/$KERNEL_RELEASE
	[[ -d $m ]] || return 0
	rm -f "$m"/modules.*
	ln -sfn "$KERNEL_DIR/tree/lib/modules/$rel/kernel" "$m/kernel"
	cp "$KERNEL_DIR/tree/lib/modules/$rel"/modules.{order,builtin,builtin.modinfo} "$m/"
	depmod -b "$OBJ/stage/usr" "$rel"
	rm "$m/kernel"
}
