#!/bin/bash
# The privilege wrapper from outside: what it isolates, which exit codes come through, and that nothing is
# left when it is killed. Needs root; runs without another wrapper around it.
set -euo pipefail

wrapper=ci/bazel/in_netns.sh
inside() { "$wrapper" bash -euc "$1" inside "${@:2}"; }
die() {
  echo "FAILED: $*" >&2
  exit 1
}
equal() { [[ $1 == "$2" ]] || die "$3: got '$1', not '$2'"; }

# A namespace of its own: loopback only, up, and sysfs agrees.
equal "$(inside 'ip -o link | wc -l')" 1 "links in a new namespace"
equal "$(inside 'ls /sys/class/net')" lo "links in sysfs"
equal "$(inside 'ip -o link show up dev lo | wc -l')" 1 "loopback is up"
[[ $(inside 'readlink /proc/self/ns/net') != "$(readlink /proc/self/ns/net)" ]] || die "the host's namespace"
equal "$(inside 'ls /run/netns')" "" "named namespaces at the start"
equal "$(inside 'stat -f -c %T /sys/fs/bpf')" bpf_fs "file system of the pins"

# Arguments and exit codes come through, also of a body that aborts: it is no PID 1.
# shellcheck disable=SC2016  # expanded inside
equal "$(inside 'echo "$1|$2"' 'two words' '*')" 'two words|*' "arguments"
code=0
inside 'exit 7' || code=$?
equal "$code" 7 "exit code"
code=0
# shellcheck disable=SC2016  # expanded inside
inside 'kill -ABRT $$' || code=$?
equal "$code" 134 "exit code of an abort"

# What the body makes is the wrapper's alone, and goes with it on SIGKILL, its children included.
links=$(ip -o link | wc -l)
named=$(ip netns list)
mark=$TEST_TMPDIR/ready
# shellcheck disable=SC2016  # expanded inside
"$wrapper" bash -euc '
  ip link add name left type veth peer name right
  ip netns add other
  bpftool map create /sys/fs/bpf/pin type array key 4 value 4 entries 1 name pin
  sleep 1000 & # outlives its parent unless the namespace dies
  readlink /proc/self/ns/pid >"$1"
  wait' inside "$mark" &
pid=$!
for _ in $(seq 200); do
  [[ -s $mark ]] && break
  sleep 0.05
done
[[ -s $mark ]] || die "the body did not start"
equal "$(ip -o link | wc -l)" "$links" "links of the host while the body runs"
equal "$(ip netns list)" "$named" "named namespaces of the host while the body runs"
[[ ! -e /sys/fs/bpf/pin ]] || die "the pin is on the host"

namespace=$(cat "$mark")
processes() { readlink /proc/[0-9]*/ns/pid 2>/dev/null | grep -cF "$namespace" || true; }
[[ $(processes) -ge 2 ]] || die "the body's processes are not seen, so their end would not be either"
kill -KILL "$pid"
wait "$pid" || true
for _ in $(seq 200); do
  [[ $(processes) == 0 ]] && break
  sleep 0.05
done
equal "$(processes)" 0 "processes left after SIGKILL"
equal "$(ip -o link | wc -l)" "$links" "links left after SIGKILL"
echo "in_netns: all checks passed"
