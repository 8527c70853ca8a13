#!/bin/bash
# A lab with one port and a sender on another host: a scenario over it, and a connection that is lost. The
# other host is a namespace, and ssh a stand-in that enters it. Arguments: the runner, the stand-in.
set -euo pipefail
runner=$PWD/$1 ssh=$PWD/$2
source sim/lab/testing/stand_ins.sh
cd "$TEST_TMPDIR"

die() {
  echo "remote_test: $*" >&2
  exit 1
}

make_ports 1
ip netns add far
if [[ -e /proc/sys/net/ipv6 ]]; then # it must not say anything by itself
  for which in all default; do
    nsenter --net=/run/netns/far sysctl -qw net.ipv6.conf.$which.disable_ipv6=1
  done
fi
ip link set dev port0 netns far
ip -n far link set dev port0 up
ip link set dev port1 up

cat >lab.toml <<TOML
name = "far"
description = "One port here, one on another host."
[remote]
ssh = ["$ssh", "root@far"]
runner = "$runner"
[sender]
interface = "port0"
[receiver]
interface = "port1"
TOML
cat >scenario.toml <<'TOML'
name = "from_afar"
description = "Shreds and noise from another host: each path delivers the same."
[workload]
profile = "first-light"
shreds = "unsigned"
slots = 2
[paths]
run = ["kernel_filter", "userspace_filter", "udp"]
TOML

# gone PATTERN: until no process has it in its command line.
gone() {
  while pgrep -f "$1" >/dev/null; do sleep 0.05; done
}

"$runner" lab validate lab.toml || die "the lab file is refused"
settings() {
  ip -details -json address show dev port1
  ethtool -k port1
  ip -n far -details -json address show
}
settings >before
"$runner" run --lab lab.toml scenario.toml --quiet --out out >said 2>&1 || die "the run: $(cat said)"
grep -q '"verdict": *"pass"' out/result.json || die "no pass in result.json: $(cat said)"
grep -q "kernel_filter.account.device" out/result.json || die "no account of the far device"
settings | diff before - || die "the ports are not as they were"
gone remote-sender

# Lost in the middle of a turn: it proves nothing, and says what ssh said.
sed 's/slots = 2/slots = 20/' scenario.toml >long.toml
code=0
FAR_BREAKS=1 "$runner" run --lab lab.toml long.toml --quiet >said 2>&1 || code=$?
[[ $code == 3 ]] || die "exit status $code after a lost connection: $(cat said)"
grep -q "Connection to far closed by remote host" said || die "no word of ssh: $(cat said)"
gone remote-sender
settings | diff before - || die "the ports are not as they were after a lost connection"
[[ ! -e lab.toml.journal ]] || die "the journal stays"

# Nobody there.
sed "s|$ssh|/nonexistent/ssh|" lab.toml >nobody.toml
code=0
"$runner" run --lab nobody.toml scenario.toml --quiet >said 2>&1 || code=$?
[[ $code == 1 ]] || die "exit status $code without ssh: $(cat said)"
grep -q "start /nonexistent/ssh" said || die "not a word of ssh: $(cat said)"
echo "remote_test: ok"
