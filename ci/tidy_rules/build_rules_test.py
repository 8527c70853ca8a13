"""The rules about BUILD files and lists, each seen to fail and to pass."""

import unittest

from tidy_rules import build_rules, testing

_PRIVATE = 'package(default_visibility = ["//visibility:private"])\n'


class Listed(testing.RuleTest):
    def test_in_no_target(self):
        for name in ["x.h", "x.cc", "x.c", "x.py", "x.sh", "x.bzl"]:
            files = {"a/BUILD.bazel": 'srcs = ["y%s"]\n' % name, "a/" + name: ""}
            self.assert_finds(build_rules.listed, files, "a/%s:1: is in no target" % name)

    def test_in_no_package(self):
        self.assert_finds(build_rules.listed, {"a/x.cc": ""}, "a/x.cc:1: no BUILD.bazel")

    def test_a_glob_does_not_count(self):
        files = {"a/BUILD.bazel": 'srcs = glob(["*.cc"])\n', "a/x.cc": ""}
        self.assert_finds(build_rules.listed, files, "a/x.cc:1:")

    def test_named_in_its_package_or_by_label(self):
        self.assert_clean(build_rules.listed, {
            "BUILD.bazel": 'srcs = ["x.cc"]\n', "x.cc": "",
            "a/BUILD.bazel": 'srcs = ["b/x.h"]\n', "a/b/x.h": "",
            "c/BUILD.bazel": "", "c/rules.bzl": "", "d/BUILD.bazel": 'load("//c:rules.bzl", "x")\n'})


class PrivateByDefault(testing.RuleTest):
    def test_private(self):
        for text in ["", "# " + _PRIVATE[8:], _PRIVATE.replace("private", "public")]:
            self.assert_finds(build_rules.private_by_default, {"a/BUILD.bazel": text}, "a/BUILD.bazel:1:")
        more = _PRIVATE.replace("(", "(\n    default_testonly = True,\n    ")
        self.assert_clean(build_rules.private_by_default, {"a/BUILD.bazel": more})
        self.assert_clean(build_rules.private_by_default, {"a/BUILD.bazel": _PRIVATE, "deb.BUILD": "\n"})


class RulesCcIsLoaded(testing.RuleTest):
    def test_every_rule_that_is_used(self):
        rule = build_rules.rules_cc_is_loaded
        load = 'load("@rules_cc//cc:defs.bzl", "cc_library")\n'
        self.assert_finds(rule, {"BUILD.bazel": "cc_library(\n"}, "BUILD.bazel:1:")
        self.assert_finds(rule, {"BUILD.bazel": load + "cc_library(\ncc_test(\n"}, "BUILD.bazel:3:")
        self.assert_finds(rule, {"a.bzl": "    native.cc_binary(\n"}, "a.bzl:1:")
        self.assert_clean(rule, {"BUILD.bazel": load + "cc_library(\nnetns_cc_test(\n"})


class LabelDirection(testing.RuleTest):
    def test_dependencies_point_down(self):
        rule = build_rules.label_direction
        self.assert_finds(rule, {"bpf/BUILD.bazel": 'deps = ["//sim/a"]\n'}, "bpf/BUILD.bazel:1:")
        self.assert_finds(rule, {"bpf/BUILD.bazel": 'deps = ["//engine:a"]\n'}, "bpf/BUILD.bazel:1:")
        self.assert_clean(rule, {"sim/BUILD.bazel": 'deps = ["//engine/a", "//bpf:b"]\n'})
        self.assert_clean(rule, {"bench/BUILD.bazel": 'deps = ["//sim/a"]\n'})

    def test_visibility_may_point_up(self):
        self.assert_clean(build_rules.label_direction,
                          {"engine/BUILD.bazel": '"//sim:__subpackages__",\n"//sim/x:__pkg__",\n'})


class NoFlakyTests(testing.RuleTest):
    def test_flaky(self):
        self.assert_finds(build_rules.no_flaky_tests, {"BUILD.bazel": "  flaky = True,\n"}, "BUILD.bazel:1")
        self.assert_clean(build_rules.no_flaky_tests, {"BUILD.bazel": "# no flaky tests\n"})


class Reasons(testing.RuleTest):
    def test_each_entry_once_with_a_reason(self):
        path = build_rules.PACKAGES
        self.assert_finds(build_rules.reasons, {path: "# head\ng++\n"}, path + ":2: g++ has no reason")
        self.assert_finds(build_rules.reasons, {path: "a # x\na # x\n"}, path + ":2: a is listed twice")
        self.assert_clean(build_rules.reasons, {path: "# head\n\na  # x\nb  # x\n"})


if __name__ == "__main__":
    unittest.main()
