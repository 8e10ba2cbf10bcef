#!/usr/bin/env bash
# The first process of a host that is none: it has namespaces of its own (unshare), makes the file system look like that
# of a machine with nothing but libvirt, and ends when its input does, which ends all that runs in here.
# usage: host-init.sh DIRECTORY NAME SHARED
set -euo pipefail
directory=$1 name=$2 shared=$3

# Its own /sys shows its own network, and no control groups: libvirt does without.
mount -t sysfs sys /sys
for place in run etc/libvirt var/lib/libvirt var/log/libvirt var/cache/libvirt; do
  mount --bind "$directory/$place" "/$place"
done
mount -t tmpfs srv /srv
mkdir /srv/local /srv/shared
mount --bind "$directory/srv/local" /srv/local
mount --bind "$shared" /srv/shared
# It may be there and yet be of no use. Neither libvirt nor QEMU opens for writing what is read-only; were it only
# another device, libvirt would look for the reason at every start.
if [ -e /dev/kvm ]; then
  touch "$directory/no-kvm"
  mount --bind "$directory/no-kvm" /dev/kvm
  mount -o remount,bind,ro /dev/kvm
fi
hostname "$name"
ip link set lo up
echo ready
# Bash waits for orphans meanwhile, which become children of a first process.
read -r _ || true
