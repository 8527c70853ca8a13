"""Tests that need root, their own network namespace and BPF.

Such a test never skips by itself: where @host_caps found no privilege Bazel prints SKIPPED,
and where it found it a missing capability is a failure with its errno.
"""

load("@rules_cc//cc:defs.bzl", "cc_binary")

def netns_run_test(name, binary, args = [], data = [], tags = [], size = "medium", **kwargs):
    """Runs an existing binary under the wrapper //ci/bazel:in_netns.sh as a test."""
    native.sh_test(
        name = name,
        size = size,
        srcs = ["//ci/bazel:in_netns.sh"],
        args = ["$(location %s)" % binary] + args,
        data = [binary] + data,
        tags = tags + ["no-sandbox", "requires_root"],
        target_compatible_with = ["@host_caps//:root"],
        **kwargs
    )

def netns_cc_test(name, size = "medium", tags = [], args = [], data = [], **kwargs):
    """A cc_test whose body runs under the wrapper."""
    cc_binary(
        name = name + "_bin",
        testonly = True,
        data = data,
        visibility = ["//visibility:private"],
        **kwargs
    )
    netns_run_test(
        name = name,
        binary = ":" + name + "_bin",
        args = args,
        data = data,
        tags = tags,
        size = size,
    )
