# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What tests of rsd share: a configuration of their own, fields of the status.

conf=/etc/rs/system.conf.d/90-selftest.conf
schemas=/usr/share/doc/rsmod/schemas
hello=/usr/libexec/rsmod/drivers/hello

need rsctl jq systemctl
systemctl -q is-active rsd || systemctl start rsd || skip_all "rsd does not start"

# configure TEXT: replace the test's configuration.
configure() {
	mkdir -p "${conf%/*}"
	printf '%s\n' "$1" >"$conf"
}

rsd_pid() { systemctl show -P MainPID rsd; }
rsd_answers() { rsctl status; }

# field LABEL KEY
field() { rsctl -j status "$1" | jq -r ".[0].$2"; }
is_field() { [[ $(field "$1" "$2") == "$3" ]]; }
# ready LABEL STANDBYS: it serves and has its replicas
ready() { is_field "$1" state live && is_field "$1" standbys "$2"; }
# processes LABEL: pids of all instances that live
processes() { rsctl -j status "$1" | jq -r '.[0].instances[] | select(.exited | not).pid' | sort -n; }

# valid SCHEMA COMMAND...: the command's output fits
valid() {
	local schema=$schemas/$1.json
	shift
	"$@" | python3 -c '
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
text = sys.stdin.read()
d = json.JSONDecoder()
n = 0
while text.strip():
    value, end = d.raw_decode(text.lstrip())
    jsonschema.validate(value, schema)
    text = text.lstrip()[end:]
    n += 1
sys.exit(n == 0)' "$schema"
}

# refuses NAME CODE WORDS COMMAND...: it exits with CODE and says WORDS
refuses() {
	local name=$1 code=$2 words=$3 out rc=0
	shift 3
	out=$("$@" 2>&1) || rc=$?
	if ((rc == code)) && [[ $out == *"$words"* ]]; then
		pass "refused: $name"
	else
		fail "refused: $name"
		note "exit $rc, wanted $code: $out"
	fi
}

rsd_cleanup() {
	local label
	rsctl -j status 2>/dev/null | jq -r '.[] | select(.state != "down").label' |
		while read -r label; do rsctl down "$label"; done
	rm -f "$conf"
}
trap rsd_cleanup EXIT
