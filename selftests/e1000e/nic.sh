# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tests of the e1000e driver share: the interface rs0 here at 10.77.0.1,
# driven by rsrun's instances, and at the other end of its wire the interface peer0 in
# the network namespace "peer", at 10.77.0.2.
#
# A test calls nic_run "$@" first: it starts the service and runs the test again, with
# the argument "inside", once service and replica are up.

# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

RSRUN=${RSRUN:-$(dirname "$0")/../rsrun}
NIC_DRIVER=${NIC_DRIVER:-/usr/libexec/rsmod/drivers/e1000e}
# The machine's other end of the wire (Documentation/testing.rst).
PEER_MAC=52:54:00:12:34:02

peer() { ip netns exec peer "$@"; }

peer_dev() {
	local i
	for i in /sys/class/net/*; do
		if [[ $(<"$i/address") == "$PEER_MAC" ]]; then
			printf '%s\n' "${i##*/}"
			return
		fi
	done
	return 1
}

peer_make() {
	local dev
	# A namespace gives its interface back some time after it was deleted.
	ip netns del peer 2>/dev/null
	wait_until 5 peer_dev || return 1
	dev=$(peer_dev)
	ip netns add peer &&
		ip link set "$dev" netns peer name peer0 &&
		peer ip link set peer0 up mtu 9000 &&
		peer ip addr add 10.77.0.2/24 dev peer0 &&
		peer ip link set lo up
}

rs0_make() {
	ip link set rs0 up && ip addr add 10.77.0.1/24 dev rs0 &&
		wait_until 5 carrier && wait_until 5 ping -c1 -W1 -q 10.77.0.2
}

carrier() { [[ $(cat /sys/class/net/rs0/carrier 2>/dev/null) == 1 ]]; }

# nic_run ARGS...: outside, run the test inside and end; inside, return.
nic_run() {
	local nic
	[[ ${1:-} != inside ]] || return 0
	need_root
	need_rsmod
	need ip ping "$NIC_DRIVER" "$RSRUN"
	nic=$(pci_of 8086:10d3) || skip_all "no Intel 82574L"
	peer_make || skip_all "nothing known at the other end of its wire"
	modprobe vfio-pci || skip_all "no vfio-pci"
	# There a driver can be slow without being hung, and a replica takes long to come.
	if ((${RS_TIMEOUT_FACTOR:-1} > 1)); then
		NIC_RUN_ARGS+=" --deadline 4000 --gate 30000"
	fi
	# shellcheck disable=SC2086
	"$RSRUN" --label nic --class net --ifname rs0 --pci "$nic" --replicas 1 --keep --quiet \
		--budget 0 ${NIC_RUN_ARGS:-} --run "$(realpath "$0") inside" "$NIC_DRIVER"
	exit
}

# The bound instance's process; how often instances were exchanged so far.
active() { "$RSRUN" --list | sed -n 's/.* pid=\([0-9]*\) state=bound.*/\1/p'; }
swaps() { "$RSRUN" --list | sed -n 's/.* swaps=\([0-9]*\).*/\1/p'; }
deaths() { "$RSRUN" --list | sed -n 's/.* deaths=\([0-9]*\).*/\1/p'; }
replica() { "$RSRUN" --list | grep -q ' state=standby'; }

# kill_active SIGNAL: kill the driver when its replica is ready, and wait for the replica.
kill_active() {
	local old
	wait_until 10 replica || return 1
	old=$(active)
	kill "-$1" "$old" || return 1
	wait_until 10 other_than "$old"
}

other_than() {
	local now
	now=$(active)
	[[ -n $now && $now != "$1" ]]
}

# counter NAME: of ethtool -S.
counter() { ethtool -S rs0 | sed -n "s/^ *$1: //p"; }
