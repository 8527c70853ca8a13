#!/bin/bash
# Runs a scenario over the topology `nic` in a namespace of the test's own, where a veth pair stands in for
# two ports, and checks that both came back as they were. Arguments: the runner, the scenario file, RX queues.
set -euo pipefail
runner=$1 scenario=$2 queues=$3
lab=$TEST_TMPDIR/lab.toml

source sim/lab/testing/stand_ins.sh
make_ports "$queues"
raise_ports
lab_file "$queues" >"$lab"
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
