#!/bin/busybox sh
# init.sh - the guest's first process: drivers, network, the job, the end.
# ttyS0 is the kernel's console, ttyS1 what the job prints.
/bin/busybox --install -s /bin
export PATH=/bin HOME=/tmp
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmp /tmp
stty -F /dev/ttyS1 raw -echo
exec </dev/null >/dev/ttyS1 2>&1
for m in /modules/*; do insmod "$m" 2>/tmp/insmod || grep -v -e exists -e "No such device" /tmp/insmod; done
n=0
while [ ! -d /sys/class/net/eth0 ] && [ $n -lt 100 ]; do n=$((n + 1)); usleep 50000; done
ip link set lo up
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2
. /job/env
echo "up $(cut -d' ' -f1 /proc/uptime) $(uname -r)"
. /job/script
dmesg | grep -E 'BUG:|WARNING:|Oops|general protection|blocked for more' | sed 's/^/FAIL kernel log: /'
echo "end $(cut -d' ' -f1 /proc/uptime)"
poweroff -f
