#!/bin/bash
# Lab files as a user has them: `runner lab`, a run that is killed while it has the ports, what the lab lacks.
# In a namespace of the test's own. Argument: the runner.
set -euo pipefail
runner=$PWD/$1
source sim/lab/testing/stand_ins.sh
cd "$TEST_TMPDIR"
lab=lab.toml scenario=scenario.toml

die() {
  echo "lab_test: $*" >&2
  exit 1
}
# expect STATUS TEXT COMMAND...: its exit status, and what it says.
expect() {
  local wanted=$1 text=$2 code=0 said
  shift 2
  said=$("$@" 2>&1) || code=$?
  [[ $code == "$wanted" ]] || die "exit status $code, not $wanted, of: $*" "$said"
  [[ $said == *"$text"* ]] || die "no '$text' of: $*" "$said"
}

lab_file 1 >$lab

cat >$scenario <<'TOML'
name = "lab"
description = "A run to be killed."
[workload]
profile = "first-light"
shreds = "unsigned"
slots = 20
[paths]
run = ["kernel_filter"]
TOML

expect 0 "" "$runner" lab validate $lab
sed 's/port1/port0/' $lab >bad.toml
expect 2 "bad.toml:7:" "$runner" lab validate bad.toml
expect 0 "nothing to undo" "$runner" lab undo $lab
expect 1 "there is no interface port0" "$runner" run --lab $lab $scenario --quiet

make_ports 2
expect 1 "2 queues; port0 may have 1" "$runner" run --lab $lab $scenario --queues 2 --quiet
printf '[demand]\nqueues = 2\n' | cat $scenario - >wide.toml
expect 1 "wide.toml:10:10: lab " "$runner" run --lab $lab wide.toml --quiet
printf '[demand]\nzero_copy = true\n' | cat $scenario - >zero_copy.toml
expect 1 "zero_copy.toml:10:13: lab " "$runner" run --lab $lab zero_copy.toml --quiet
expect 1 "holds the lab's ports" flock $lab.journal "$runner" run --lab $lab $scenario --quiet
rm -f $lab.journal

# Killed with the ports in its namespaces: they are virtual, and go with them.
"$runner" run --lab $lab $scenario --quiet &
run=$!
until ! ip link show dev port1 &>/dev/null; do
  kill -0 $run 2>/dev/null || die "the run ended and never took the ports"
  sleep 0.01
done
kill -9 $run
wait $run || true
[[ -s $lab.journal ]] || die "a killed run leaves its journal"
expect 0 "port1 is gone" "$runner" lab undo $lab
[[ ! -e $lab.journal ]] || die "the journal stays after undo"
expect 0 "nothing to undo" "$runner" lab undo $lab
# Asked to stop in the middle of a turn: it gives the ports back, and says by which signal it ended. The
# scenario lasts longer than a busy machine needs to send the signal.
ip link show dev port0 &>/dev/null && ip link delete dev port0
make_ports 1
sed 's/slots = 20/slots = 100/' $scenario >long.toml
settings() { ip -details -json address show; ethtool -k port0; ethtool -k port1; }
settings >before
for signal in INT TERM HUP; do
  "$runner" run --lab $lab long.toml --quiet >said 2>&1 &
  run=$!
  until ! ip link show dev port1 &>/dev/null; do
    kill -0 $run 2>/dev/null || die "the run ended and never took the ports: $(cat said)"
    sleep 0.01
  done
  kill -s $signal $run
  code=0
  wait $run || code=$?
  [[ $code == $((128 + $(kill -l $signal))) ]] || die "exit status $code after $signal: $(cat said)"
  grep -q "stopping, to give the ports back" said || die "nothing said after $signal: $(cat said)"
  settings | diff before - || die "the ports are not as they were after $signal"
  [[ ! -e $lab.journal ]] || die "the journal stays after $signal"
done
echo "lab_test: ok"
