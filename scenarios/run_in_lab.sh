#!/bin/bash
# Runs a scenario over the topology `nic` in a namespace of the test's own, where a veth pair stands in for
# two ports, and checks that both came back as they were. Arguments: the runner, the scenario file, RX queues.
set -euo pipefail
runner=$1 scenario=$2 queues=$3
lab=$TEST_TMPDIR/lab.toml

ip link add name port0 numrxqueues "$queues" numtxqueues "$queues" type veth \
  peer name port1 numrxqueues "$queues" numtxqueues "$queues"
for port in port0 port1; do
  ip link set dev $port addrgenmode none
  ip link set dev $port up
done
cat >"$lab" <<TOML
name = "stand-ins"
description = "A veth pair."
[sender]
interface = "port0"
queues = $queues
[receiver]
interface = "port1"
queues = $queues
TOML
ports() { # all that is set of them
  for port in port0 port1; do
    ip -details address show dev $port
    ethtool -l $port
    ethtool -k $port
  done
}
ports >"$TEST_TMPDIR/before"
status=0
"$runner" run --lab "$lab" "$scenario" --queues "$queues" || status=$?
ports | diff "$TEST_TMPDIR/before" - || { echo "run_in_lab: the ports are not as they were" >&2; exit 1; }
[[ ! -e $lab.journal ]] || { echo "run_in_lab: the journal stays" >&2; exit 1; }
exit $status
