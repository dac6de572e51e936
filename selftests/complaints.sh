# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Kernel complaints: lines of a kernel log that match dmesg.complaints and not
# dmesg.allow.  Used on both sides, by the test runner and by the VM's verdict.

# complaints_patterns FILE: the regular expressions, without comments and reasons.
complaints_patterns() { sed '/^#/d; /^[[:space:]]*$/d; s/[[:space:]]*\t#.*//' "$1"; }

# complaints_in DIR < LOG: print the complaints, by the two lists in DIR.
complaints_in() {
	tr -d '\r' | grep -a -E -f <(complaints_patterns "$1/dmesg.complaints") |
		grep -a -v -E -f <(complaints_patterns "$1/dmesg.allow") || :
}
