"""Fuzz targets: one source, run by libFuzzer, and as an ordinary test by any compiler."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

def fuzz_target(name, srcs, deps, corpus = [], size = "small", tags = []):
    """A libFuzzer binary NAME and its regression test NAME_test.

    Build NAME with --config=fuzz only: it is tagged manual. NAME_test is part of //... and runs the
    seeds, their prefixes, seeded mutations of them, and the corpus.

    Args:
      name: of the binary; ends in _fuzz.
      srcs: define the two functions of //engine/testing:fuzz.
      deps: of the sources.
      corpus: files, one an input; add what the fuzzer found, so that it stays found.
      size: of the regression test.
      tags: of the regression test.
    """
    cc_library(
        name = name + "_input",
        testonly = True,
        srcs = srcs,
        alwayslink = True,
        deps = deps + ["//engine/testing:fuzz"],
    )
    cc_binary(
        name = name,
        testonly = True,
        linkopts = ["-fsanitize=fuzzer"],
        tags = [
            "fuzz",
            "manual",
        ],
        deps = [":" + name + "_input"],
    )
    cc_test(
        name = name + "_test",
        size = size,
        args = ["$(locations %s)" % file for file in corpus],
        data = corpus,
        tags = tags,
        deps = [
            ":" + name + "_input",
            "//engine/testing:fuzz_regression_main",
        ],
    )
