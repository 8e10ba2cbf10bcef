#!/usr/bin/env bash
# Builds the guest of the tests from Debian packages, unless it is there: prints the directory with `disk.qcow2` (boots
# by itself, through the BIOS), and `vmlinuz` and `initrd.gz` (to boot the same disk without it, which is faster).
# Kept in a cache under the versions of the packages; whoever comes while another builds it waits for that one.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/leasehold

main() {
  kernel=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/ Depends: linux-image-/ { print $2; exit }')
  guest_packages=(busybox-static qemu-guest-agent libc6 libglib2.0-0 libnuma1 libudev1 liburing2 libpcre2-8-0 libgcc-s1)
  # To make the disk bootable; it does not come into the guest.
  tool_packages=(grub-common grub-pc-bin libdevmapper1.02.1)

  mkdir -p "$cache"
  exec 9>"$cache/guest.lock"
  flock 9
  guest=$cache/guest-$(key)
  # Others may be using theirs; nobody uses one that old.
  find "$cache" -maxdepth 1 -name 'guest-*' ! -path "$guest" -mtime +30 -exec rm -rf {} +
  if [ ! -d "$guest" ]; then build "$guest"; fi
  touch "$guest"
  echo "$guest"
}

# What the guest is made of: these scripts, and the packages as apt knows them.
key() {
  local versions
  versions=$(apt-cache show --no-all-versions "$kernel" "${guest_packages[@]}" "${tool_packages[@]}" 2>/dev/null |
    awk '/^(Package|Version|Architecture): /')
  if [ -z "$kernel" ] || [ "$(grep -c ^Package <<<"$versions")" -lt $((1 + ${#guest_packages[@]})) ]; then
    echo "apt does not know the packages of the guest: run apt-get update (Debian 12, amd64)" >&2
    exit 1
  fi
  { echo "$versions"; find "$here/guest" "${BASH_SOURCE[0]}" -type f -print0 | sort -z | xargs -0 cat; } |
    sha256sum | cut -c 1-16
}

build() {
  # The function runs in a shell of its own, so that it cleans up after itself however it ends.
  (
    work=$(mktemp -d "$cache/building-XXXXXX")
    trap 'rm -rf "$work"' EXIT
    unpack "$work/kernel" "$kernel"
    unpack "$work/packages" "${guest_packages[@]}"
    unpack "$work/tools" "${tool_packages[@]}"
    mkdir "$work/out"
    cp "$work"/kernel/boot/vmlinuz-* "$work/out/vmlinuz"
    make_initrd "$work/initrd" "$work/out/initrd.gz"
    make_root "$work/root"
    make_disk "$work/root" "$work/out/disk.qcow2"
    mv "$work/out" "$1"
  )
}

unpack() { # DIRECTORY PACKAGE…
  local into=$1
  shift
  mkdir -p "$into.debs" "$into"
  # Its own user may not write there.
  (cd "$into.debs" && apt-get download -q -q -o APT::Sandbox::User=root "$@" >&2)
  for package in "$into.debs"/*.deb; do dpkg-deb -x "$package" "$into"; done
}

# Busybox and the modules without which there is no disk; then it goes on from the disk.
make_initrd() { # DIRECTORY RESULT
  local root=$1 name
  mkdir -p "$root"/{bin,dev,disk,modules,proc,sys}
  cp "$(busybox)" "$root/bin/busybox"
  for name in cat insmod ls mount sh sleep switch_root; do ln -s busybox "$root/bin/$name"; done
  order=()
  for name in virtio_pci virtio_blk virtio_scsi sd_mod sr_mod ata_piix isofs virtio_console virtio_net virtio_balloon \
    virtio_rng button evdev; do add_module "$name" "$root/modules"; done
  strip --strip-debug "$root"/modules/*.ko
  printf '%s\n' "${order[@]}" >"$root/modules/order"
  install -m 755 "$here/guest/initrd-init" "$root/init"
  (cd "$root" && find . | cpio -o -H newc --quiet | gzip -9n) >"$2"
}

order=()

# A module and, before it, those that it names as its own needs.
add_module() { # NAME DIRECTORY
  local name=${1//-/_} file needed
  [[ " ${order[*]} " == *" $name "* ]] && return
  file=$(find "$work/kernel/lib/modules" \( -name "$name.ko" -o -name "${name//_/-}.ko" \) -print -quit)
  if [ -z "$file" ]; then
    echo "the kernel has no module $name" >&2
    return 1
  fi
  for needed in $(strings -a "$file" | sed -n 's/^depends=//p' | tr , ' '); do add_module "$needed" "$2"; done
  cp "$file" "$2/$name.ko"
  order+=("$name")
}

make_root() { # DIRECTORY
  local root=$1 name
  mkdir -p "$root"/{bin,boot,dev,etc/acpi/PWRF,lib64,lib/x86_64-linux-gnu,mnt,proc,root,run,sbin,sys,tmp,usr/sbin,var}
  ln -s ../run "$root/var/run"
  cp "$(busybox)" "$root/bin/busybox"
  for name in $("$root/bin/busybox" --list); do [ "$name" = busybox ] || ln -s busybox "$root/bin/$name"; done
  for name in init poweroff reboot halt; do ln -s ../bin/busybox "$root/sbin/$name"; done
  cp "$(find "$work/packages" -name qemu-ga -type f)" "$root/usr/sbin/qemu-ga"
  add_libraries "$root/usr/sbin/qemu-ga" "$root"
  cp -L "$(find "$work/packages" -name ld-linux-x86-64.so.2 -print -quit)" "$root/lib64/ld-linux-x86-64.so.2"
  strip --strip-unneeded "$root"/lib/x86_64-linux-gnu/* "$root/usr/sbin/qemu-ga"
  install -m 755 "$here"/guest/{boot,agent,counter,power-button,dhcp} "$root/etc/"
  # The agent runs it, and busybox has none.
  install -m 755 "$here/guest/shutdown" "$root/sbin/shutdown"
  install -m 644 "$here/guest/inittab" "$root/etc/inittab"
  printf '#!/bin/sh\nexec /sbin/poweroff\n' >"$root/etc/acpi/PWRF/00000080"
  chmod 755 "$root/etc/acpi/PWRF/00000080"
  echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
  echo 'root:x:0:' >"$root/etc/group"
  printf 'ID=leasehold-test\nNAME="Leasehold test guest"\nVERSION_ID=1\n' >"$root/etc/os-release"
  cp "$work/out/vmlinuz" "$work/out/initrd.gz" "$root/boot/"
}

# The libraries of a program, and theirs.
add_libraries() { # FILE ROOT
  local name file
  for name in $(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
    [ -e "$2/lib/x86_64-linux-gnu/$name" ] && continue
    file=$(find "$work/packages" -name "$name" -print -quit)
    if [ -z "$file" ]; then
      echo "no package of the guest has the library $name" >&2
      return 1
    fi
    cp -L "$file" "$2/lib/x86_64-linux-gnu/$name"
    add_libraries "$2/lib/x86_64-linux-gnu/$name" "$2"
  done
}

# One partition, an ext4 file system that grows out of ROOT, and before it a loader that finds the kernel in there.
make_disk() { # ROOT RESULT
  local image=$work/disk.raw loader=$work/loader modules=$work/tools/usr/lib/grub/i386-pc
  truncate -s 64M "$image"
  # No journal: a guest that is killed is thrown away with its disk.
  mkfs.ext4 -q -F -O ^has_journal,^metadata_csum -E offset=1048576,root_owner=0:0 -d "$1" "$image" 63M
  LD_LIBRARY_PATH=$(dirname "$(find "$work/tools" -name 'libdevmapper.so.*' -print -quit)") \
    "$work/tools/usr/bin/grub-mkimage" -d "$modules" -O i386-pc -o "$loader" -p '(hd0,msdos1)/boot' \
    -c "$here/guest/loader.cfg" biosdisk part_msdos ext2 linux
  # The loader's first sector expects the rest right behind itself.
  dd if="$modules/boot.img" of="$image" conv=notrunc status=none
  dd if="$loader" of="$image" bs=512 seek=1 conv=notrunc status=none
  # The partition table, over code for floppies. One entry: to be booted from, of Linux, from sector 2048, of 63 MiB.
  { printf '\x80\0\0\0\x83\0\0\0\0\x08\0\0\0\xf8\x01\0'; head -c 48 /dev/zero; } |
    dd of="$image" bs=1 seek=446 conv=notrunc status=none
  qemu-img convert -c -O qcow2 "$image" "$2"
}

busybox() { find "$work/packages" -path '*/bin/busybox' -type f; }

main
