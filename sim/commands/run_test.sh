#!/bin/bash
# `runner run` as a user has it, over the simulated ring: cases of a matrix, filters, rounds, a seed, what is
# left in the folder, and the exit status. Argument: the runner.
set -euo pipefail
runner=$PWD/$1
cd "$TEST_TMPDIR"

die() {
  echo "run_test: $*" >&2
  exit 1
}
# status COMMAND...: its exit status, its output in `said`.
status() {
  local code=0
  said=$("$@" 2>&1) || code=$?
  echo "$said" >said.txt
  echo "$code"
}
expect() { # expect WANTED COMMAND...
  local wanted=$1 code
  shift
  code=$(status "$@")
  [[ $code == "$wanted" ]] || die "exit status $code, not $wanted, of: $*" "$(<said.txt)"
}

cat >good.toml <<'TOML'
name = "good"
description = "Two numbers of queues."
tags = ["smoke"]
[workload]
profile = "first-light"
shreds = "unsigned"
[paths]
run = ["kernel_filter"]
[matrix]
demand.queues = [1, 2]
TOML
sed 's/"good"/"bad"/; s/"smoke"/"loss"/; /matrix/,$d' good.toml >bad.toml
printf '[expect]\nfec_sets = 1\n' >>bad.toml

run=("$runner" run --topology ring --quiet)

# Both cases, each with files of its own, and the command that repeats one of them.
expect 0 "${run[@]}" good.toml --out both
grep -q '^2 runs: 2 passed$' said.txt || die "no summary: $(<said.txt)"
[[ -e both/good-queues-1/result.json && -e both/good-queues-2/junit.xml ]] || die "files: $(find both)"
grep -q '"rx_descriptors": [0-9]' both/good-queues-1/counters.json || die "no counters"
grep -q -- "--filter 'good\[queues=2\]'" both/good-queues-2/result.json || die "no command to repeat it"

# One of them, alone: files in the folder itself.
expect 0 "${run[@]}" good.toml bad.toml --filter 'good[queues=2]' --out one
[[ -e one/result.json ]] || die "files: $(find one)"
grep -q '"queues": 2' one/result.json || die "not the case that was asked for"

# A failure is the status of the whole, and is shown with its reason.
expect 1 "${run[@]}" good.toml bad.toml
grep -q '^FAIL    bad over ring.*kernel_filter.fec_sets' said.txt || die "$(<said.txt)"
grep -q '^3 runs: 2 passed, 1 failed$' said.txt || die "$(<said.txt)"
expect 0 "${run[@]}" good.toml bad.toml --filter tag:smoke
expect 2 "${run[@]}" good.toml --filter tag:nothing

# Rounds, and the end at the first failure.
expect 0 "${run[@]}" good.toml --filter '*=1]' --repeat 3 --out rounds
[[ -e rounds/good-queues-1/3/result.json ]] || die "files: $(find rounds)"
expect 1 "${run[@]}" bad.toml --until-fail
grep -q '^1 run: 0 passed, 1 failed$' said.txt || die "$(<said.txt)"

# Another seed is another workload, and stands in the result.
expect 0 "${run[@]}" good.toml --filter '*=1]' --seed 77 --out seed
grep -q '"seed": 77' seed/result.json || die "the seed is not in the result"
digest() { grep -o '"payload_digest": "[^"]*"' "$1"; }
[[ $(digest seed/result.json) != "$(digest both/good-queues-1/result.json)" ]] ||
  die "the seed changes nothing"

# A page of all of it.
expect 0 "$runner" report both rounds -o page.html
grep -q 'good\[queues=2\]' page.html || die "the page misses a case"
echo "run_test: ok"
