"""The rules that other programs check: each tool is there, finds a fault, and passes what is right."""

import unittest

from tidy_rules import testing, tool_rules, tree


class Tools(testing.RuleTest):
    def test_clang_format(self):
        style = {".clang-format": "BasedOnStyle: Google\n"}
        twice = {"a/x.cc": "int  x;\nint  y;\n"}
        self.assert_finds(tool_rules.clang_format, style | twice, "a/x.cc:1: not as")
        self.assert_clean(tool_rules.clang_format, style | {"a/x.cc": "int x;\n"})

    def test_bpf_programs_are_in_the_style_of_bpf(self):
        styles = {".clang-format": "PointerAlignment: Left\n",
                  "bpf/.clang-format": "PointerAlignment: Right\n"}
        right = {"a/x.bpf.c": "int *x;\n", "a/x.cc": "int* x;\n"}
        self.assert_clean(tool_rules.clang_format, styles | right)
        self.assert_finds(tool_rules.clang_format, styles | {"a/x.bpf.c": "int* x;\n"}, "a/x.bpf.c:1:")

    def test_shellcheck(self):
        self.assert_finds(tool_rules.shellcheck, {"a.sh": "#!/bin/sh\necho $1\n"}, "a.sh:2: note: Double")
        self.assert_finds(tool_rules.shellcheck, {"tool": "#!/bin/bash\ncd $1\n"}, "tool:2:", "tool:2:")
        self.assert_clean(tool_rules.shellcheck, {"a.sh": '#!/bin/sh\necho "$1"\n', "a.py": "echo $1\n"})

    def test_codespell(self):
        wrong = "rec" + "ieve"
        self.assert_finds(tool_rules.codespell, {"a.md": "one\n%s\n" % wrong}, "a.md:2: %s ==>" % wrong)
        self.assert_clean(tool_rules.codespell, {"a.md": "receive\n"})
        self.assert_clean(tool_rules.codespell, {"ci/spelling.txt": wrong + "  # for the test\n"})

    def test_pyflakes(self):
        self.assert_finds(tool_rules.pyflakes, {"a.py": "import os\n"}, "a.py:1: 'os' imported but unused")
        self.assert_clean(tool_rules.pyflakes, {"a.py": "import os\n\nprint(os.name)\n"})

    def test_a_tool_that_is_missing_or_broken_is_a_finding(self):
        def missing(checked):
            return tool_rules._run(checked, ["no-such-tool"], checked.files)

        def broken(checked):
            return tool_rules._run(checked, ["false"], checked.files)

        self.assert_finds(missing, {"a": ""}, "ci/packages.txt:1: no-such-tool is not installed")
        self.assert_finds(broken, {"a": ""}, "a:1: false")


class Tree(testing.RuleTest):
    def test_results_and_caches_are_no_sources(self):
        def all_files(checked):
            return (tree.Problem(file.path, 1, "") for file in checked.files)

        self.assert_finds(all_files, {".git/a": "", "bazel-bin/a": "", "out/a": "", "a/__pycache__/b": "",
                                      ".bazelrc.user": "", "kept": "", ".ci/run": ""}, ".ci/run", "kept")


if __name__ == "__main__":
    unittest.main()
