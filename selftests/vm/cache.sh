# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The cache: finished products (roots, kernels, images), each under a key that
# is a hash of everything it was made from.  A product appears by rename, so it
# is either whole or absent; builders of the same product wait for each other.

cache_init() {
	CACHE=${RSMOD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rsmod}
	mkdir -p "$CACHE/lock" "$CACHE/ccache"
	CACHE=$(cd "$CACHE" && pwd -P)
}

# cache_key FILE|-s STRING...: print a short hash of the files and strings.
cache_key() {
	local arg sum
	sum=$(while (($#)); do
		arg=$1
		shift
		if [[ $arg == -s ]]; then
			printf '%s\n' "$1"
			shift
		else
			cat -- "$arg"
		fi
	done | sha256sum)
	printf '%s\n' "${sum:0:12}"
}

# cache_make NAME BUILDER ARG...: build the product NAME unless it is there, by
# calling BUILDER ARG... DIR with an empty directory to fill.  Sets PRODUCT to
# the product's path.
cache_make() {
	local name=$1 lock
	shift
	PRODUCT=$CACHE/$name
	[[ ! -d $PRODUCT ]] || return 0
	lock=$CACHE/lock/${name//\//-}
	mkdir -p "${PRODUCT%/*}"
	exec {cache_lock}>"$lock"
	flock "$cache_lock"
	if [[ ! -d $PRODUCT ]]; then
		local tmp=$PRODUCT.tmp start=$SECONDS
		rm -rf --one-file-system "$tmp"
		cache_sweep "${name%/*}"
		mkdir "$tmp"
		say "building $name (log: $lock.log)"
		# The lock must not leak into daemons that a builder may start.
		if ! ("$@" "$tmp" {cache_lock}>&-) >"$lock.log" 2>&1; then
			tail -n 30 "$lock.log" >&2
			die "building $name failed; whole log: $lock.log"
		fi
		mv -T "$tmp" "$PRODUCT"
		say "built $name in $((SECONDS - start)) s"
	fi
	exec {cache_lock}>&-
}

# cache_sweep KIND: remove what builders that were killed left behind.
cache_sweep() {
	local tmp lock
	for tmp in "$CACHE/$1"/*.tmp; do
		[[ -d $tmp ]] || continue
		lock=${tmp#"$CACHE"/}
		lock=$CACHE/lock/${lock//\//-}
		if flock -n "${lock%.tmp}" true; then
			rm -rf --one-file-system "$tmp"
		fi
	done
}
