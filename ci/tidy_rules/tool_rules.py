"""Rules that another program checks: clang-format, shellcheck, codespell, pyflakes. One call each."""

import re
import subprocess

from tidy_rules import build_rules
from tidy_rules import tree as tidy

# path:line:column: text, with the column left out by some
_FINDING = re.compile(r"^(\S+?):(\d+):(?:\d+:)? (.*)$")


def _run(tree, command, files):
    """The tool's findings, and one for a tool that is missing or that failed without a word."""
    if not files:
        return
    try:
        done = subprocess.run(command + [file.path for file in files], cwd=tree.root, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        yield tidy.Problem(build_rules.PACKAGES, 1, "%s is not installed: run ci/setup" % command[0])
        return
    found = False
    for line in done.stdout.splitlines():
        if match := _FINDING.match(line):
            found = True
            yield tidy.Problem(match.group(1).removeprefix("./"), int(match.group(2)), match.group(3))
    if done.returncode and not found:
        yield tidy.Problem(files[0].path, 1, "%s: %s" % (" ".join(command), done.stdout.strip()))


def clang_format_commands(tree):
    """(command, files) pairs: BPF programs are in the kernel's style wherever they stand."""
    for bpf, style in [(False, "file"), (True, "file:bpf/.clang-format")]:
        files = [file for file in tree.files if file.is_c and file.name.endswith(".bpf.c") == bpf]
        yield ["clang-format", "--style=" + style], files


def clang_format(tree):
    seen = set()
    for command, files in clang_format_commands(tree):
        for problem in _run(tree, [*command, "--dry-run", "-Werror"], files):
            if problem.path not in seen:  # the first place is enough
                seen.add(problem.path)
                yield tidy.Problem(problem.path, problem.line, "not as clang-format has it: ci/tidy.py --fix")


def shellcheck(tree):
    yield from _run(tree, ["shellcheck", "--format=gcc"], [file for file in tree.files if file.is_shell])


def codespell(tree):
    words = [name for _, name, _ in tidy.read_reasons(tree, build_rules.SPELLING)]
    ignored = ["--ignore-words-list", ",".join(words)] if words else []
    yield from _run(tree, ["codespell", *ignored], tree.files)


def pyflakes(tree):
    yield from _run(tree, ["pyflakes3"], [file for file in tree.files if file.is_python])


RULES = [clang_format, shellcheck, codespell, pyflakes]
