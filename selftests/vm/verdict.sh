# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The verdict of a run: the command's exit status as the guest reported it over
# its own port, unless the kernel complained or the VM died.

# verdict RUN QEMU_STATUS: print what went wrong; returns the run's status.
verdict() {
	local run=$1 qemu=$2 bad status
	bad=$(cat "$run/console" "$run/dmesg" 2>/dev/null | complaints_in "$VM")
	if [[ -n $bad ]]; then
		say "the kernel complained (console: $run/console):"
		printf '%s\n' "$bad" | sort -u >&2
		# The first complaint's trace is what one reads next.
		tr -d '\r' <"$run/console" | grep -a -F -m 1 -A "${VM_TRACE_LINES:-50}" -e "${bad%%$'\n'*}" >&2 || :
		return "$EXIT_KERNEL"
	fi
	if ((qemu == 124 || qemu == 137)); then
		say "time-out: the VM ran for ${VM_TIMEOUT} s (console: $run/console)"
		tail -n 20 "$run/console" >&2
		return "$EXIT_TIMEOUT"
	fi
	if grep -q '^fail ' "$run/status"; then
		sed -n 's/^fail /failed to start: /p' "$run/status" >&2
		[[ ! -s $run/err ]] || cat "$run/err" >&2
		grep -a -i rsmod "$run/dmesg" | tail -n 20 >&2 || :
		return "$EXIT_START"
	fi
	if [[ -s $run/qemu.log ]] && ! grep -q '^exit' "$run/status"; then
		cat "$run/qemu.log" >&2
	fi
	status=$(sed -n 's/^exit \([0-9]*\).*/\1/p' "$run/status")
	if [[ -z $status ]]; then
		say "the VM ended before the command did (QEMU status $qemu); end of $run/console:"
		tail -n 40 "$run/console" >&2
		return "$EXIT_DIED"
	fi
	return "$status"
}
