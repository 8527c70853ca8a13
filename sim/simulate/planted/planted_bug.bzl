"""Tests that the simulation finds a bug: the engine with one line of it changed."""

load("@rules_cc//cc:defs.bzl", "cc_test")

def planted_bug(name, src, old, new):
    """A test that a thousand seeds find what `new` in the place of `old` breaks.

    Args:
      name: what goes wrong
      src: label of the engine's source that has the line
      old: text that stands there once
      new: the bug
    """
    native.genrule(
        name = name + "_planted",
        testonly = True,
        srcs = [src],
        outs = [name + "_planted.cc"],
        cmd = "$(location :plant) $(location %s) '%s' '%s' $@" % (src, old, new),
        tools = [":plant"],
    )

    # The changed source is linked as the test's own, in front of the library that has the good one, whose
    # object is then not needed any more.
    cc_test(
        name = name + "_test",
        size = "small",
        srcs = [name + "_planted.cc"],
        linkstatic = True,
        deps = [":planted_test"],
    )
