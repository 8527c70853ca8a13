#!/bin/bash
# Runs "$@" in fresh network, mount and PID namespaces: whatever it leaves behind (interfaces,
# namespaces, children, BPF pins) dies with it, also on SIGKILL. Used by every privileged test
# and by ci/demo; see docs/building.md.
set -eu
mkdir -p /run/netns
# shellcheck disable=SC2016  # the inner shell expands it
exec unshare --net --mount --pid --fork --kill-child --mount-proc /bin/bash -euc '
  mount -t tmpfs tmpfs /run/netns    # else `ip netns add` leaves files on the host
  mount -t sysfs sysfs /sys          # /sys/class/net of this namespace, not the host
  mount -t bpf bpf /sys/fs/bpf       # after sysfs, which would cover it
  ip link set dev lo up
  rc=0
  "$@" || rc=$?   # a child, not exec: as pid 1 it would ignore its own SIGABRT
  exit $rc' in_netns "$@"
