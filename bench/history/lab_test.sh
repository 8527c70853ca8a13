#!/bin/bash
# A quick night over a veth pair that stands in for two ports, with the real runner and benchmarks; then a
# second one with a scenario that cannot be had. In the test's own namespace. No figure is looked at, and on a
# machine that stands still a scenario may fail: then the night must say so. Argument: the night's script.
set -euo pipefail
night=$1
out=$TEST_TMPDIR/nights

source sim/lab/testing/stand_ins.sh
make_ports 1
raise_ports
lab_file 1 >"$TEST_TMPDIR/lab.toml"
die() {
  echo "lab_test: $1" >&2
  exit 1
}
run() {
  PENSTOCK_COMMIT=$(printf '%040d' 1) "$night" --lab "$TEST_TMPDIR/lab.toml" --out "$out" --quick \
    --only net_tile.kernel_filter --bin "$PWD" "$@"
}

status=0
run scenarios/sameness/first_light.toml >"$TEST_TMPDIR/first" || status=$?
cat "$TEST_TMPDIR/first"
failed=$(grep -c '^FAILED ' "$TEST_TMPDIR/first") || true
((status == (failed > 0))) || die "the first night ends with $status, and names $failed failures"
((failed > 0)) || grep -q '"scenario.first_light.kernel_filter/lost"' "$out/history.ndjson" ||
  die "the scenario was not recorded"

began=$SECONDS # nights are named by the second
until ((SECONDS > began + 1)); do sleep 0.2; done
status=0
run scenarios/scale/queues.toml >"$TEST_TMPDIR/second" || status=$?
cat "$TEST_TMPDIR/second"
((status == 1)) || die "a night whose scenario cannot be had ends with $status, not 1"
grep -q '^FAILED queues.queues=8.: .* lacks what the scenario demands' "$TEST_TMPDIR/second" ||
  die "it does not say what the lab lacks"

[[ $(wc -l <"$out/history.ndjson") == 2 ]] || die "the history has not two nights"
recorded() { grep -c "\"$1\"" "$out/history.ndjson"; }
[[ $(recorded net_tile.kernel_filter/ns) == 2 ]] || die "the net tile was not recorded twice"
# as_they_ran STEP SERIES: every night has the series, or says that the step failed.
as_they_ran() {
  local bad
  bad=$(cat "$TEST_TMPDIR/first" "$TEST_TMPDIR/second" | grep -c "^FAILED $1:") || true
  [[ $(recorded "$2") == $((2 - bad)) ]] || die "$1 was recorded otherwise than it ran"
}
for where in ports coupled; do
  as_they_ran "paths-$where" "paths.$where.udp.block/delivered"
  as_they_ran "limits-$where" "paths.$where.kernel_filter.block/pdr"
done
grep -q 'net_tile.kernel_filter/ns' "$out/index.html" || die "the page does not show the net tile"
for port in port0 port1; do ip link show dev $port >/dev/null || die "$port was not given back"; done
