#!/bin/bash
# `runner simulate` as a person uses it: 5,000 seeds, the same digest by any number of processes, and an exit
# status, a plan and a command for what fails.
set -euo pipefail
runner=$1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

"$runner" simulate --seeds 5000 --quiet --out "$out"

digest() { "$runner" simulate --seed 77 --seeds 200 --quiet --out "$out" "$@" | sed -n 's/^UNSEED=//p'; }
one=$(digest --jobs 1) three=$(digest --jobs 3)
[[ -n $one && $one == "$three" ]] || { echo "digests differ: '$one' and '$three'" >&2; exit 1; }

printf 'seed = 1\nevents = ["1 fame"]\n' >"$out/bad.toml"
status=0
"$runner" simulate --replay "$out/bad.toml" 2>"$out/errors" || status=$?
[[ $status == 2 ]] || { echo "a bad plan ended with $status" >&2; exit 1; }
grep -q "no event is called 'fame'" "$out/errors"
grep -q "bad.toml:2" "$out/errors"
