#!/bin/bash
# `runner run --keep`: while it waits its commands lead into the namespaces of the run, and Enter ends it.
# Argument: the runner. Runs under ci/bazel/in_netns.sh.
set -euo pipefail
runner=$PWD/$1
cd "$TEST_TMPDIR"

die() {
  echo "keep_test: $*" >&2
  exit 1
}

cat >short.toml <<'TOML'
name = "short"
description = "A slot."
[workload]
profile = "first-light"
[paths]
run = ["kernel_filter"]
TOML
mkfifo enter
"$runner" run short.toml --quiet --keep <enter >said.txt &
pid=$!
exec 3>enter
for ((i = 0; i < 600; ++i)); do
  [[ $(grep -c nsenter said.txt || true) == 2 ]] && break
  kill -0 "$pid" 2>/dev/null || die "the runner ended: $(<said.txt)"
  sleep 0.1
done
mapfile -t paths < <(sed -n 's/.*nsenter --net=\([^ ]*\) .*/\1/p' said.txt)
[[ ${#paths[@]} == 2 ]] || die "no commands: $(<said.txt)"
nsenter --net="${paths[0]}" ip -brief link show pen-sender | grep -q UP || die "no sender in ${paths[0]}"
sent=$(nsenter --net="${paths[0]}" cat /proc/thread-self/net/dev |
  sed -n 's/.*pen-sender: *//p' | tr -s ' ' | cut -d' ' -f10)
((sent >= 1990)) || die "the sender's counter says $sent frames, 1,990 were offered"
nsenter --net="${paths[1]}" ip -brief link show pen-receiver | grep -q UP || die "no receiver in ${paths[1]}"
echo >&3
wait "$pid" || die "the run did not pass: $(<said.txt)"
grep -q 'short over veth: PASS' said.txt || die "$(<said.txt)"
echo "keep_test: ok"
