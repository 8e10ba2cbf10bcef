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
  openssl:openssl # certificates for servers that the tests start
  python3:python3 # a second verifier of logs; with the next two, better-sqlite3 where its binary cannot be downloaded
  make:make
  g++:g++
)

missing=()
for entry in "${needed[@]}"; do
  command -v "${entry%%:*}" >/dev/null || missing+=("${entry##*:}")
done
[ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
# The tests start servers of their own, three at a time.
[ -x /usr/lib/postgresql/15/bin/postgres ] || missing+=(postgresql-15)

if [ ${#missing[@]} -eq 0 ]; then
  echo "Everything that the tests need is installed."
elif [ "$(id -u)" -ne 0 ]; then
  echo "Not root, so nothing is installed. The tests that need these are skipped until you run:"
  echo "  sudo apt-get install --no-install-recommends ${missing[*]}"
elif ! command -v apt-get >/dev/null; then
  echo "No apt-get here. The tests that need these are skipped until you install: ${missing[*]}"
else
  export DEBIAN_FRONTEND=noninteractive
  if [[ " ${missing[*]} " == *" postgresql-15 "* ]]; then
    # The package would make a server of its own, and start it; nobody here needs that one.
    mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/no-main-cluster.conf
  fi
  apt-get update -q
  apt-get install -q -y --no-install-recommends "${missing[@]}"
fi
