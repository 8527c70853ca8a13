"""Proof that headers are self-contained: what parse_headers does where the toolchain knows it (gcc's not).

A header x.h whose library has an x.cc is compiled alone already: clang-format puts it first in x.cc, so that
nothing stands in front of it. The others are compiled here. One line at the end of a package:

    header_tests()
"""

load("@bazel_skylib//rules:build_test.bzl", "build_test")
load("@bazel_skylib//rules:write_file.bzl", "write_file")
load("@rules_cc//cc:defs.bzl", "cc_library")

def _lone_headers(rule):
    """The headers of a library without a source of the same name. What a rule makes is not ours to check."""
    sources = [label.split(":")[-1] for label in rule.get("srcs") or ()]
    headers = [label.split(":")[-1] for label in rule.get("hdrs") or ()]
    written = [name for name in headers if name.endswith(".h") and not name.endswith(".skel.h")]
    return [name for name in written if name[:-len(".h")] + ".cc" not in sources]

def header_tests(name = "header_tests"):
    """Makes test NAME, which can be built only when each lone header above it compiles alone.

    It sees the libraries that are declared before it, and gives a header its library's dependencies.
    Makes nothing in a package without lone headers.

    Args:
      name: of the test.
    """
    alone = []
    for library, rule in native.existing_rules().items():
        if rule["kind"] != "cc_library":
            continue
        for header in _lone_headers(rule):
            target = "%s_%s" % (name, header.replace("/", "_")[:-len(".h")])
            write_file(
                name = target + "_source",
                out = target + ".cc",
                content = ["#include \"%s/%s\"" % (native.package_name(), header), ""],
                tags = ["manual"],
            )
            cc_library(
                name = target,
                testonly = True,
                srcs = [target + ".cc"],
                tags = ["manual"],
                deps = [":" + library],
            )
            alone.append(":" + target)
    if alone:
        build_test(
            name = name,
            size = "small",
            tags = ["no_sanitizer"],
            targets = alone,
        )
