#!/bin/bash
# Runs a command as a Bazel test, without privilege: the ring topology's runner.
exec "$@"
