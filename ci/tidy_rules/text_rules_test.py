"""The rules about any text file, each seen to fail and to pass."""

import unittest

from tidy_rules import testing, text_rules

_MARK = "TO" + "DO"


class HeaderComment(testing.RuleTest):
    def test_missing(self):
        for path, text in [("a.h", "#pragma once\n"), ("a.cc", "int x;\n"), ("a.py", "import os\n"),
                           ("a.sh", "#!/bin/sh\nset -e\n"), ("tool", "#!/bin/bash\nset -e\n"),
                           ("a.bzl", "def f():\n"), ("WORKSPACE", "workspace()\n")]:
            self.assert_finds(text_rules.header_comment, {path: text}, path + ":1:")

    def test_too_short_or_only_a_licence(self):
        self.assert_finds(text_rules.header_comment, {"a.h": "// a.h\n#pragma once\n"}, "a.h:1:")
        licence = "// SPDX-License-Identifier: X\n#include <a>\n"
        self.assert_finds(text_rules.header_comment, {"a.h": licence}, "a.h:1:")

    def test_present(self):
        self.assert_clean(text_rules.header_comment, {
            "a.h": "// What it is about.\n",
            "b.h": "// SPDX-License-Identifier: X\n/*\n * What it is.\n */\n",
            "a.py": '"""What it is about."""\n', "tool": "#!/bin/bash\n# What it is about.\n",
            "BUILD.bazel": "package()\n", "a.md": "text\n", "empty.py": ""})


class UnfinishedMarks(testing.RuleTest):
    def test_finds_them_anywhere(self):
        self.assert_finds(text_rules.unfinished_marks, {"a.md": "x\n%s: y\n" % _MARK}, "a.md:2:")

    def test_not_inside_words(self):
        self.assert_clean(text_rules.unfinished_marks, {"a.sh": "mktemp -t x.XXXXXX\n", "b": "TODOS\n"})


class LineLength(testing.RuleTest):
    def test_limits(self):
        self.assert_finds(text_rules.line_length, {"a.cc": "x" * 111 + "\n"}, "a.cc:1: 111 columns")
        self.assert_finds(text_rules.line_length, {"a.md": "x" * 161 + "\n"}, "a.md:1: 161 columns")
        self.assert_clean(text_rules.line_length, {"a.cc": "x" * 110 + "\n", "a.md": "x" * 160 + "\n"})

    def test_tables_and_addresses_may_be_longer(self):
        self.assert_clean(text_rules.line_length, {"a.md": "|" + "x" * 200 + "|\n",
                                                   "a.h": "// https://" + "x" * 200 + "\n"})
        self.assert_finds(text_rules.line_length, {"a.py": "|" + "x" * 200 + "|\n"}, "a.py:1:")


class Blanks(testing.RuleTest):
    def test_each_kind(self):
        self.assert_finds(text_rules.blanks, {"a": "x\ty\n"}, "a:1: a tab")
        self.assert_finds(text_rules.blanks, {"a": "x\ny \n"}, "a:2: blanks")
        self.assert_finds(text_rules.blanks, {"a": "x\r\n"}, "a:1: blanks")
        self.assert_finds(text_rules.blanks, {"a": "x"}, "a:1: must end")
        self.assert_finds(text_rules.blanks, {"a": "x\n\n"}, "a:2: must end")

    def test_clean_empty_and_binary(self):
        self.assert_clean(text_rules.blanks,
                          {"a": "x\n\ny\n", ".keep": "", "a.pcap": b"\0 \n", "b": b"\xff \n"})


class FileLength(testing.RuleTest):
    def test_the_ratchet(self):
        for lines, reasons, expected in [
                (300, "", []),
                (301, "", ["a.cc:1: 301 lines: split it, or"]),
                (301, "a.cc  # one table\n", []),
                (400, "a.cc  # one table\n", []),
                (401, "a.cc  # one table\n", ["a.cc:1: 401 lines, at most"]),
                (300, "a.cc  # one table\n", ["ci/long_files.txt:1: a.cc is no longer long"]),
                (1, "b.cc  # one table\n", ["ci/long_files.txt:1: b.cc does not exist"])]:
            files = {"a.cc": "x\n" * lines, text_rules.LONG_FILES: reasons}
            self.assert_finds(text_rules.file_length, files, *expected)

    def test_prose_and_lists_of_targets_may_be_long(self):
        self.assert_clean(text_rules.file_length, {"a.md": "x\n" * 500, "a/BUILD.bazel": "x\n" * 500})


class ExecutableBit(testing.RuleTest):
    def test_script_and_bit_go_together(self):
        rule = text_rules.executable_bit
        self.assert_finds(rule, {"a": "#!/bin/sh\n"}, "a:1: begins with #!")
        self.assert_finds(rule, {"a": "text\n"}, "a:1: is executable", executable=["a"])
        self.assert_clean(rule, {"a": "#!/bin/sh\n", "b": "text\n"}, executable=["a"])


if __name__ == "__main__":
    unittest.main()
