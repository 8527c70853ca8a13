#!/bin/bash
# Checks every scenario file with `runner validate`. Arguments: the runner, then the files by their name
# in this folder.
set -euo pipefail
runner=$1
shift
"$runner" validate "${@/#/scenarios/}"
"$runner" list "${@/#/scenarios/}"
