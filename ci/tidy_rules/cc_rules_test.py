"""The rules about C and C++, each seen to fail and to pass."""

import unittest

from tidy_rules import cc_rules, testing


class IncludeDirection(testing.RuleTest):
    def test_a_lower_layer_never_includes_a_higher_one(self):
        for path, header in [("engine/x/a.cc", "sim/b.h"), ("bpf/a.h", "engine/b.h"),
                             ("bpf/a.c", "sim/b.h"), ("sim/a.cc", "bench/b.h")]:
            text = '// x\n#include "%s"\n' % header
            self.assert_finds(cc_rules.include_direction, {path: text}, path + ":2:")

    def test_the_other_way_is_fine(self):
        for path, header in [("sim/a.cc", "engine/b.h"), ("engine/a.h", "bpf/b.h"),
                             ("engine/a.h", "engine/b.h"), ("bench/a.cc", "sim/b.h")]:
            self.assert_clean(cc_rules.include_direction, {path: '#include "%s"\n' % header})


class IncludePaths(testing.RuleTest):
    def test_must_exist_from_the_root(self):
        for include, expected in [("b.h", ["engine/a.cc:1: b.h is not"]), ("engine/b.h", [])]:
            files = {"engine/a.cc": '#include "%s"\n' % include, "engine/b.h": ""}
            self.assert_finds(cc_rules.include_paths, files, *expected)

    def test_what_a_rule_makes_is_named_in_its_package(self):
        made_by_bpf = '#include "bpf/x.skel.h"\n#include "bpf/x.object.h"\n'
        source = {"engine/a.cc": '#include "engine/made.h"\n' + made_by_bpf}
        self.assert_finds(cc_rules.include_paths, source | {"engine/BUILD.bazel": ""}, "engine/a.cc:1:")
        self.assert_clean(cc_rules.include_paths, source | {"engine/BUILD.bazel": 'outs = ["made.h"]\n'})


class HeaderGuards(testing.RuleTest):
    def test_pragma_once(self):
        self.assert_finds(cc_rules.header_guards, {"engine/a.h": "int x;\n"}, "engine/a.h:1: no #pragma")
        self.assert_clean(cc_rules.header_guards, {"engine/a.h": "#pragma once\n", "engine/a.cc": ""})

    def test_bpf_has_guards(self):
        self.assert_finds(cc_rules.header_guards, {"bpf/a.h": "#pragma once\n"}, "bpf/a.h:1: no include")
        self.assert_clean(cc_rules.header_guards,
                          {"bpf/a.h": "#ifndef PENSTOCK_BPF_A_H_\n#define PENSTOCK_BPF_A_H_\n#endif\n"})


class Banned(testing.RuleTest):
    def test_each(self):
        for path, line in [("a.cc", "assert(x);"), ("a.cc", "#include <cassert>"),
                           ("a.cc", "using namespace std;"), ("a.cc", "strcpy(a, b);"),
                           ("a.cc", "std::uniform_int_distribution<int> d;"),
                           ("a.cc", "std::shuffle(a, b, c);"), ("sim/workload/a.cc", "#include <cmath>"),
                           ("a.h", "#include <nlohmann/json.hpp>"), ("a.h", "#include <CLI/CLI.hpp>"),
                           ("a.h", "#include <iostream>")]:
            self.assert_finds(cc_rules.banned, {path: line + "\n"}, path + ":1:")

    def test_elsewhere_or_in_comments(self):
        for path, line in [("a.cc", "static_assert(x);"), ("a.cc", "x;  // no assert(x)"),
                           ("bench/a.cc", "#include <cmath>"),
                           ("a.cc", "strcpy(a, b);  // NOLINT(a-b): two constants"),
                           ("sim/workload/a_test.cc", "#include <cmath>"),
                           ("a.cc", "#include <nlohmann/json.hpp>"),
                           ("a.py", "assert(x)")]:
            self.assert_clean(cc_rules.banned, {path: line + "\n"})


class NolintHasAReason(testing.RuleTest):
    def test_check_and_reason(self):
        for line in ["x;  // NOLINT", "x;  // NOLINT(bugprone-x)", "// NOLINTNEXTLINE(bugprone-x)",
                     "// NOLINT: because it is so"]:
            self.assert_finds(cc_rules.nolint_has_a_reason, {"a.cc": line + "\n"}, "a.cc:1:")
        self.assert_clean(cc_rules.nolint_has_a_reason, {"a.cc": "// NOLINT(a-x): the kernel's layout\n"})


class OneOwner(testing.RuleTest):
    @staticmethod
    def in_namespace(name, definition):
        return "namespace%s {\n%s\n}  // namespace%s\n" % (name, definition, name)

    def test_a_second_definition_is_found(self):
        for one, other in [("struct A {", "class A {"), ("enum class A : int {", "struct alignas(64) A {"),
                           ("class A final : public B {", "struct [[nodiscard]] A {};")]:
            files = {"a.h": self.in_namespace(" penstock", one),
                     "b.cc": "namespace c {\nclass D;\n}\n" + self.in_namespace(" penstock", other)}
            self.assert_finds(cc_rules.one_owner, files, "b.cc:5: penstock::A is in a.h too")

    def test_other_names_are_others(self):
        nested = self.in_namespace(" testing", "struct A {")
        for other in [self.in_namespace(" penstock", "struct A;\nstruct A make();\nstruct B::A {\n};"),
                      self.in_namespace("", "struct A {"), self.in_namespace(" penstock", nested)]:
            files = {"a.h": self.in_namespace(" penstock", "struct A {"), "b.h": other}
            self.assert_clean(cc_rules.one_owner, files)


if __name__ == "__main__":
    unittest.main()
