"""Rules about BUILD files and the lists in ci/."""

import re

from tidy_rules import text_rules
from tidy_rules import tree as tidy

PACKAGES = "ci/packages.txt"
SPELLING = "ci/spelling.txt"

_LISTED = {".h", ".cc", ".c", ".py", ".sh", ".bzl"}
_PRIVATE = 'default_visibility = ["//visibility:private"]'
# Labels of lower layers' BUILD files; visibility lists name packages, not targets.
_LAYERS = ["bpf", "engine", "sim", "bench"]


def listed(tree):
    """Every source is named in its package's BUILD.bazel, or by its label anywhere (load statements)."""
    everything = "\n".join(file.text for file in tree.files if file.is_starlark)
    for file in tree.files:
        if file.suffix not in _LISTED:
            continue
        build = tree.package_of(file)
        if not build:
            yield file.problem(1, "no BUILD.bazel here or above")
            continue
        package = build.path.rpartition("/")[0]
        name = file.path[len(package) + 1:] if package else file.path
        if '"%s"' % name not in build.text and '"//%s:%s"' % (package, name) not in everything:
            yield file.problem(1, "is in no target: name it in %s" % build.path)


def private_by_default(tree):
    for file in tree.files:
        if file.is_build and not re.search(r"package\([^)]*" + re.escape(_PRIVATE), file.text):
            yield file.problem(1, "lacks package(%s)" % _PRIVATE)


def rules_cc_is_loaded(tree):
    """Bazel 4 has native cc rules, newer ones do not: load every one that is used."""
    for file in tree.files:
        loaded = " ".join(re.findall(r'load\("@rules_cc//cc:defs\.bzl"([^)]*)\)', file.text))
        for number, line in enumerate(file.lines if file.is_starlark else [], 1):
            match = re.match(r"\s*(?:native\.)?(cc_(?:library|binary|test|import))\(", line)
            if match and '"%s"' % match.group(1) not in loaded:
                yield file.problem(number, 'load("@rules_cc//cc:defs.bzl", "%s")' % match.group(1))


def label_direction(tree):
    """A lower layer's targets depend on no higher layer."""
    for file in tree.files:
        if not file.is_build or file.top not in _LAYERS:
            continue
        higher = _LAYERS[_LAYERS.index(file.top) + 1:]
        for number, line in enumerate(file.lines, 1):
            match = re.search(r'"//(%s)[/:][^"]*"' % "|".join(higher or ["-"]), line)
            if match and not re.search(r":__(pkg|subpackages)__", match.group()):
                yield file.problem(number, "%s/ must not depend on %s" % (file.top, match.group()))


def no_flaky_tests(tree):
    for file in tree.files:
        for number, line in enumerate(file.lines if file.is_starlark else [], 1):
            if re.search(r"\bflaky\s*=\s*(True|1)", line):
                yield file.problem(number, "find the race instead")


def reasons(tree):
    """The lists in ci/ name each thing once, with a reason."""
    for path in (PACKAGES, SPELLING, text_rules.LONG_FILES):
        seen = set()
        for number, name, reason in tidy.read_reasons(tree, path):
            if not reason:
                yield tidy.Problem(path, number, "%s has no reason: `%s  # why`" % (name, name))
            if name in seen:
                yield tidy.Problem(path, number, "%s is listed twice" % name)
            seen.add(name)


RULES = [listed, private_by_default, rules_cc_is_loaded, label_direction, no_flaky_tests, reasons]
