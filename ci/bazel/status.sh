#!/bin/sh
# Bazel's workspace status: the commit that `penstock version` and result.json name.
echo "STABLE_GIT $(git describe --always --dirty 2>/dev/null || echo unknown)"
