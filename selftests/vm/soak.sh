# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The report of a soak run: the command, the figures that the tests printed, the
# cases.

# soak_report KERNEL GROUP TAP
soak_report() {
	local out=$BUILD/soak/$2.md p f s
	mkdir -p "$BUILD/soak"
	read -r p f s < <(tap_count "$3")
	{
		printf '# %s, kernel %s\n\n' "$2" "$1"
		printf 'Command: `make soak T=%s KERNEL=%s`, %s, commit %s\n\n' "$2" "$1" "$(date -u +%F)" \
			"$(git -C "$SRC" describe --always --dirty 2>/dev/null || echo unknown)"
		printf '%d passed, %d failed, %d skipped\n\n## Figures\n\n' "$p" "$f" "$s"
		sed -n 's/^# figure: /- /p' "$3"
		printf '\n## Cases\n\n'
		grep -E '^(not )?ok ' "$3" | sed 's/^/- /'
	} >"$out"
	printf '        report: %s\n' "${out#"$SRC"/}"
}
