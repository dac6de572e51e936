# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The machine: q35 with a vIOMMU that remaps interrupts, an e1000e and a
# virtio-net on one hub, an NVMe disk.  Addresses and names are stable, tests
# rely on them (Documentation/testing.rst):
#
#   0000:01:00.0  e1000e      id eth0, 52:54:00:12:34:01, behind port1 (hot-unplug)
#   0000:02:00.0  nvme        id nvme0, serial rs0, behind port2 (hot-unplug); namespace 1 with
#                             blocks of 512 bytes, namespace 2 with blocks of 4096
#   0000:00:04.0  virtio-net  id peer0, 52:54:00:12:34:02
#
# The monitor listens on the socket "monitor" of the run directory; the guest has
# one of its own on the port rs.monitor.

# An option's value is one word with commas in it.
# shellcheck disable=SC2054

# qemu_accel: print the accelerator.  A /dev/kvm that opens may still not work,
# so boot a kernel under it once per boot of the host, with a short time-out.
qemu_accel() {
	local boot stamp
	if [[ -n ${VM_ACCEL:-} ]]; then
		printf '%s\n' "$VM_ACCEL"
		return
	fi
	boot=$(</proc/sys/kernel/random/boot_id)
	stamp=$CACHE/kvm-$boot
	if [[ ! -e $stamp ]]; then
		if [[ -w /dev/kvm ]] && qemu_probe_kvm "$RUN/initrd.img"; then
			echo kvm >"$stamp"
		else
			echo tcg,thread=multi >"$stamp"
		fi
	fi
	cat "$stamp"
}

# qemu_probe_kvm INITRD: our initramfs finds no disk, says so and powers off.
qemu_probe_kvm() {
	timeout -k 1 "${VM_KVM_PROBE_TIMEOUT:-20}" qemu-system-x86_64 -nodefaults -nographic \
		-machine q35,accel=kvm,kernel-irqchip=split -cpu host -m 512M -no-reboot \
		-kernel "$KERNEL_DIR/vmlinuz" -initrd "$1" \
		-append 'console=ttyS0 quiet panic=-1' -serial stdio -monitor none \
		2>/dev/null </dev/null | grep -q '^vm init: no disk'
}

# qemu_args: fill QEMU_ARGS from the settings.
qemu_args() {
	local a i accel
	accel=$(qemu_accel)
	QEMU_ARGS=(
		-nodefaults -no-user-config -nographic -no-reboot
		-machine q35,kernel-irqchip=split -accel "$accel"
		-cpu max -smp "${VM_SMP:-2}" -m "${VM_MEM:-2560M}"
		-device intel-iommu,intremap=on,caching-mode=on
		-device "pcie-root-port,id=port1,bus=pcie.0,addr=2,chassis=1,slot=1"
		-device "pcie-root-port,id=port2,bus=pcie.0,addr=3,chassis=2,slot=2"
		-kernel "$KERNEL_DIR/vmlinuz" -initrd "$RUN/initrd.img"
		-append "$(qemu_cmdline "$accel")"
		-monitor "unix:$RUN/monitor,server=on,wait=off"
		-object rng-random,filename=/dev/urandom,id=rng0
		-device virtio-rng-pci,rng=rng0,addr=0x14
		-device virtio-serial-pci,id=vser,addr=0x13
		-fsdev "local,id=src,path=$SRC,security_model=none,readonly=on"
		-device virtio-9p-pci,fsdev=src,mount_tag=src,addr=0x11
		-fsdev "local,id=out,path=$OUT,security_model=none"
		-device virtio-9p-pci,fsdev=out,mount_tag=out,addr=0x12
	)
	i=0
	for a in root:"$RUN_IMAGE" kernel:"$KERNEL_DIR/modules.img" stage:"$STAGE_IMAGE"; do
		QEMU_ARGS+=(
			-drive "if=none,id=${a%%:*},file=${a#*:},format=raw,read-only=on,file.locking=off"
			-device "virtio-blk-pci,drive=${a%%:*},serial=${a%%:*},addr=0x10.$i,multifunction=on"
		)
		i=$((i + 1))
	done
	for a in status out err dmesg; do
		QEMU_ARGS+=(-chardev "file,id=$a,path=$RUN/$a"
			-device "virtserialport,chardev=$a,name=rs.$a,bus=vser.0")
	done
	# A second monitor that the guest itself may use, to unplug what it drives.
	QEMU_ARGS+=(
		-chardev "socket,id=gmon,path=$RUN/monitor.guest,server=on,wait=off"
		-mon "chardev=gmon,mode=readline"
		-chardev "socket,id=gmonport,path=$RUN/monitor.guest"
		-device virtserialport,chardev=gmonport,name=rs.monitor,bus=vser.0
	)
	qemu_console
	qemu_devices
	# Words, as on a command line.
	# shellcheck disable=SC2206
	QEMU_ARGS+=(${VM_QEMU:-})
}

qemu_console() {
	if [[ -n ${SHELL_MODE:-} ]]; then
		QEMU_ARGS+=(-chardev "stdio,id=console,signal=off,logfile=$RUN/console")
	else
		QEMU_ARGS+=(-chardev "file,id=console,path=$RUN/console")
	fi
	QEMU_ARGS+=(-serial chardev:console)
}

# qemu_devices: what drivers are tested on.
qemu_devices() {
	QEMU_ARGS+=(
		-netdev hubport,hubid=1,id=h0
		-device 'e1000e,id=eth0,netdev=h0,mac=52:54:00:12:34:01,bus=port1,romfile='
		-netdev hubport,hubid=1,id=h1
		-device 'virtio-net-pci,id=peer0,netdev=h1,mac=52:54:00:12:34:02,bus=pcie.0,addr=4,romfile='
		-drive "if=none,id=nvmedisk,file=$RUN/nvme.img,format=raw,cache=unsafe,discard=unmap"
		-device 'nvme,id=nvme0,serial=rs0,drive=nvmedisk,bus=port2'
		-drive "if=none,id=nvmedisk2,file=$RUN/nvme2.img,format=raw,cache=unsafe,discard=unmap"
		-device 'nvme-ns,id=nvme0n2,drive=nvmedisk2,bus=nvme0,nsid=2,logical_block_size=4096,physical_block_size=4096'
	)
	# XFS makes no file system below 300 MB.
	truncate -s 512M "$RUN/nvme.img"
	truncate -s 256M "$RUN/nvme2.img"
	if [[ -n ${VM_DUMP:-} ]]; then
		QEMU_ARGS+=(-object "filter-dump,id=dump0,netdev=h0,file=$VM_DUMP")
	fi
}

# qemu_tsc_khz: print the host's TSC frequency.  An emulated guest reads the host's
# TSC, and its own calibration against emulated timers goes wrong, by factors, when
# the host is busy; then its clock does.
qemu_tsc_khz() {
	[[ $(uname -m) == x86_64 ]] || return 0
	python3 - <<-'END'
		import ctypes, mmap, time
		code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
		code.write(b"\x0f\x31\x48\xc1\xe2\x20\x48\x09\xd0\xc3")  # rdtsc; rax |= rdx << 32; ret
		tsc = ctypes.CFUNCTYPE(ctypes.c_uint64)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
		now = lambda: time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
		# The pair that was read fastest is the one that was not interrupted.
		read = lambda: min((b - a, a, t) for a, t, b in ((now(), tsc(), now()) for _ in range(50)))
		_, t0, c0 = read()
		time.sleep(0.2)
		_, t1, c1 = read()
		print(round((c1 - c0) * 1e6 / (t1 - t0)))
	END
}

qemu_cmdline() {
	local c='console=ttyS0,115200 panic=-1 oops=panic panic_on_warn=1 intel_iommu=on'
	c+=' log_buf_len=16M loglevel=5 net.ifnames=0 random.trust_cpu=on nokaslr'
	c+=' rdinit=/init systemd.unit=rsvm.target systemd.firstboot=no selinux=0 apparmor=0'
	# A stall is a complaint, hence a failure: rather now than at the time limit.
	c+=' sysctl.kernel.panic_on_rcu_stall=1'
	c+=' tsc=reliable no_timer_check mitigations=off'
	if [[ $1 == tcg* ]]; then
		c+=" tsc_early_khz=$(qemu_tsc_khz)"
	fi
	printf '%s %s\n' "$c" "${VM_APPEND:-}"
}
