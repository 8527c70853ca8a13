#!/usr/bin/python3
"""Checks that the tree is tidy: format, opening comments, BUILD files, links, spelling, lengths.

usage: ci/tidy.py [--fix]

Prints `path:line: finding` and exits 1 when there is one; --fix first repairs what can be repaired
mechanically (clang-format, blanks at line ends). Runs as //ci:tidy_test too. The rules are in
ci/tidy_rules/, each a function from the tree to its findings; docs/contributing.md lists them.
"""

import pathlib
import re
import subprocess
import sys

from tidy_rules import build_rules, cc_rules, doc_rules, text_rules, tool_rules, tree

RULES = text_rules.RULES + cc_rules.RULES + build_rules.RULES + doc_rules.RULES + tool_rules.RULES

# Under Bazel this file is a link into the real tree, which a test's own data would not show in full.
ROOT = pathlib.Path(__file__).resolve().parent.parent


def fix(checked):
    for file in checked.files:
        text = re.sub(r"[ \t]+\n", "\n", file.text).rstrip("\n") + "\n" if file.text else ""
        if text != file.text:
            file.absolute.write_text(text)
    for command, files in tool_rules.clang_format_commands(checked):
        if files:  # without one clang-format waits for stdin
            subprocess.run([*command, "-i", *(file.path for file in files)], cwd=checked.root, check=True)


def main(argv):
    if argv not in ([], ["--fix"]):
        print(__doc__, file=sys.stderr)
        return 2
    checked = tree.Tree(ROOT)
    if argv:
        fix(checked)
        checked = tree.Tree(ROOT)
    problems = sorted({problem for rule in RULES for problem in rule(checked)})
    for problem in problems:
        print(problem)
    sources = sum(file.is_c for file in checked.files)
    print("tidy: %d files, %d of them C++ or C, %d findings" % (len(checked.files), sources, len(problems)))
    return 1 if problems or not sources else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
