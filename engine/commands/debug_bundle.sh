#!/bin/bash
# What `penstock debug-bundle` runs; the binary holds this text (debug_bundle_command.h). Collects what a
# report about Penstock needs into one archive: what the doctor, the running engine, the journal and the
# kernel say. Changes nothing; what cannot be had is in the archive as the error.
#
# usage: PENSTOCK=BINARY PENSTOCK_CONFIG=FILE debug_bundle.sh DIRECTORY   where the archive goes
# Prints what is in it, a line a file; the last line is the archive's name.
set -uo pipefail
umask 077

config=$PENSTOCK_CONFIG
name=penstock-debug-$(date -u +%Y%m%dT%H%M%SZ)
out=$(realpath -e "$1") || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/$name" || exit 1

# take FILE COMMAND...: its output, its errors and its exit status.
take() {
  local file=$work/$name/$1 status
  shift
  {
    echo "# $*"
    timeout 20 "$@" 2>&1 </dev/null
    status=$?
    echo "# exit status $status"
  } >"$file"
  printf '%-13s %s' "${file##*/}" "${*/#"$PENSTOCK"/penstock}"
  ((status == 0)) || printf ' (exit status %s)' "$status"
  echo
}

# Values of the first key of that name in the file.
value() { sed -n "s/^$1 *= *\"\(.*\)\".*/\1/p" "$config" 2>/dev/null | head -1; }
interface=$(value interface)
listen=$(value listen)

take version "$PENSTOCK" version
take config.toml cat "$config"
take check-config "$PENSTOCK" check-config "$config"
take doctor "$PENSTOCK" doctor --json --config "$config"
take configure "$PENSTOCK" configure check --json --config "$config"
take monitor "$PENSTOCK" monitor --json --once --config "$config"
take metrics curl -sS --max-time 5 "http://${listen:-127.0.0.1:9184}/metrics"
take journal journalctl -u penstock --since -1h --no-pager
take unit systemctl cat penstock
take status systemctl status --no-pager penstock
take kernel uname -a
# shellcheck disable=SC2016  # the inner shell expands it
take kernel-log sh -c 'dmesg | grep -iE -e "$1" | tail -n 300' sh "penstock|xdp|bpf|hugetlb|${interface:-xdp}"
take cpu lscpu
take link ip -details -statistics link show
take address ip address show
take rules nft list ruleset
take sockets ss -lunp
take driver ethtool -i "$interface"
take queues ethtool -l "$interface"
take offloads ethtool -k "$interface"
take statistics ethtool -S "$interface"
take interrupts cat /proc/interrupts
take programs bpftool net show

tar -C "$work" -czf "$out/$name.tar.gz" "$name" || exit 1
echo "It has this host's addresses and the configuration; no key or password was asked for. Look through it."
echo "$out/$name.tar.gz"
