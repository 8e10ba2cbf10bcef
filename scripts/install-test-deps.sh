#!/usr/bin/env bash
# Installs what some tests need beyond Node and npm (Debian 12 packages). Run as often as you like: what is there stays.
set -euo pipefail

# command → package that brings it
needed=(
  strace:strace   # whether a turn is synced before it is answered
  sqlite3:sqlite3 # the log read and damaged from outside
  ip:iproute2     # services cut off from their store
  curl:curl       # the service as a client sees it
  zsh:zsh         # completion, in the shells themselves
  fish:fish
  mandoc:mandoc   # whether the manual is one that man can read
  systemd-analyze:systemd # whether the unit is one that systemd takes
  libvirtd:libvirt-daemon-system # hosts, in namespaces: what runs VMs, images and networks of theirs
  qemu-system-x86_64:qemu-system-x86
  dnsmasq:dnsmasq-base
  iptables:iptables
  cpio:cpio       # their guest, which is built of packages
  mkfs.ext4:e2fsprogs
  readelf:binutils
  virsh:libvirt-clients # whether libvirt takes what VMs are described by
  sshd:openssh-server # hosts that are reached by ssh
  xmllint:libxml2-utils # its schemas, and the XML read by another
  isoinfo:genisoimage # seeds of VMs read by another
  ovs-vswitchd:openvswitch-switch # bridges with VLANs, in user space
  openssl:openssl # certificates for servers that the tests start
  python3:python3 # a second verifier of logs; with make and g++, better-sqlite3 where its binary cannot be downloaded
  qemu-img:qemu-utils # images as QEMU makes them, and checks them
  make:make
  g++:g++
)

# Of some the programs are for root alone.
PATH=$PATH:/usr/sbin:/sbin
missing=()
for entry in "${needed[@]}"; do
  command -v "${entry%%:*}" >/dev/null || missing+=("${entry##*:}")
done
[ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
[ -e /usr/share/OVMF/OVMF_CODE.fd ] || missing+=(ovmf) # firmware for VMs that begin by EFI
compgen -G '/usr/lib/*/libvirt/connection-driver/libvirt_driver_qemu.so' >/dev/null || missing+=(libvirt-daemon-driver-qemu)
# The tests start servers of their own, three at a time.
[ -x /usr/lib/postgresql/15/bin/postgres ] || missing+=(postgresql-15)

# Of the package of Prometheus, which is a server and would be started, its tool alone is taken.
tool=prometheus
command -v promtool >/dev/null && tool=

if [ ${#missing[@]} -eq 0 ] && [ -z "$tool" ]; then
  echo "Everything that the tests need is installed."
elif [ "$(id -u)" -ne 0 ]; then
  echo "Not root, so nothing is installed. The tests that need these are skipped until you run:"
  echo "  sudo apt-get install --no-install-recommends ${missing[*]} $tool"
elif ! command -v apt-get >/dev/null; then
  echo "No apt-get here. The tests that need these are skipped until you install: ${missing[*]} $tool"
else
  export DEBIAN_FRONTEND=noninteractive
  if [[ " ${missing[*]} " == *" postgresql-15 "* ]]; then
    # The package would make a server of its own, and start it; nobody here needs that one.
    mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/no-main-cluster.conf
  fi
  if [[ " ${missing[*]} " =~ " libvirt-daemon-system "|" openssh-server " ]] && [ ! -e /usr/sbin/policy-rc.d ]; then
    # libvirt and sshd would begin to serve this machine; the tests start their own, elsewhere.
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
  fi
  apt-get update -q
  [ ${#missing[@]} -eq 0 ] || apt-get install -q -y --no-install-recommends "${missing[@]}"
  if [ -n "$tool" ]; then
    place=$(mktemp -d)
    # Its own downloader may not write into a directory of root's.
    (cd "$place" && apt-get download -q -o APT::Sandbox::User=root "$tool" && dpkg-deb -x "$tool"_*.deb .)
    install -m 755 "$place/usr/bin/promtool" /usr/local/bin/promtool
    rm -r "$place"
  fi
fi

# The guest of the tests' hosts, built here of packages, so that tests download nothing.
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  build=$(dirname "${BASH_SOURCE[0]}")/../test/support/machines/build-guest.sh
  # What apt knows may be nothing, or of a time when the packages were others.
  "$build" >/dev/null || { apt-get update -q && "$build" >/dev/null; }
fi
