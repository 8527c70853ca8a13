"""Rules about any text file: its opening comment, its layout, its length."""

import itertools
import os
import re

from tidy_rules import tree as tidy

MAX_CODE_COLUMNS = 110
MAX_PROSE_COLUMNS = 160
LONG_FILE = 300  # lines: more needs an entry with a reason in LONG_FILES
MAX_FILE = 400  # lines: more is not to be had
LONG_FILES = "ci/long_files.txt"

# Spelt in two parts, so that this file passes its own rule.
_UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")


def _opening(file):
    """The first lines of a file's opening comment; nothing when it opens with something else."""
    lines = file.lines[1:] if file.is_script else file.lines
    lines = [line for line in lines[:3] if "SPDX-License-Identifier" not in line]
    if lines and re.match(r'/\*|"""', lines[0]):
        return " ".join(lines)
    return " ".join(itertools.takewhile(lambda line: re.match(r"//|#(?!include|pragma|if)", line), lines))


def header_comment(tree):
    """Every source opens with a comment that says what it is. BUILD.bazel files speak for themselves."""
    for file in tree.files:
        if file.is_code and not file.is_build and file.text:
            if len(re.findall(r"\w{2,}", _opening(file))) < 2:
                yield file.problem(1, "opens without a comment that says what the file is")


def unfinished_marks(tree):
    for file in tree.files:
        for number, line in enumerate(file.lines, 1):
            if mark := _UNFINISHED.search(line):
                yield file.problem(number, "%s: finish it, or open an issue" % mark.group())


def line_length(tree):
    for file in tree.files:
        limit = MAX_CODE_COLUMNS if file.is_code else MAX_PROSE_COLUMNS
        for number, line in enumerate(file.lines, 1):
            table = file.is_markdown and line.lstrip().startswith("|")
            if len(line) > limit and not table and "https://" not in line:
                yield file.problem(number, "%d columns, at most %d" % (len(line), limit))


def blanks(tree):
    for file in tree.files:
        if not file.text:
            continue
        for number, line in enumerate(file.lines, 1):
            if "\t" in line:
                yield file.problem(number, "a tab")
            if line != line.rstrip():
                yield file.problem(number, "blanks at the end of the line")
        if not file.text.endswith("\n") or file.text.endswith("\n\n"):
            yield file.problem(len(file.lines), "must end with exactly one newline")


def file_length(tree):
    """A ratchet: what is long is named with its reason, and the name goes when the file shrinks."""
    allowed = {name: number for number, name, _ in tidy.read_reasons(tree, LONG_FILES)}
    for file in tree.files:
        code = file.is_code and not file.is_build
        long = len(file.lines) > LONG_FILE
        if code and len(file.lines) > MAX_FILE:
            yield file.problem(1, "%d lines, at most %d: split it" % (len(file.lines), MAX_FILE))
        elif code and long and file.path not in allowed:
            yield file.problem(1, "%d lines: split it, or name it with a reason in %s"
                               % (len(file.lines), LONG_FILES))
        elif not long and file.path in allowed:
            yield tidy.Problem(LONG_FILES, allowed[file.path], "%s is no longer long" % file.path)
    for name, number in allowed.items():
        if name not in tree.by_path:
            yield tidy.Problem(LONG_FILES, number, "%s does not exist" % name)


def executable_bit(tree):
    """Bazel stops at a status script without it, and a module with it is no script."""
    for file in tree.files:
        executable = os.access(file.absolute, os.X_OK)
        if file.is_script and not executable:
            yield file.problem(1, "begins with #! but is not executable")
        elif executable and not file.is_script:
            yield file.problem(1, "is executable but does not begin with #!")


RULES = [header_comment, unfinished_marks, line_length, blanks, file_length, executable_bit]
