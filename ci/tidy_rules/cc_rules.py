"""Rules about C and C++ that clang-tidy does not know: direction of includes, guards, banned calls."""

import re

# One direction only: bpf <- engine <- sim <- bench.
_MAY_INCLUDE = {
    "bpf": {"bpf"},
    "engine": {"bpf", "engine"},
    "sim": {"bpf", "engine", "sim"},
    "scenarios": {"bpf", "engine", "sim", "scenarios"},
    "bench": {"bpf", "engine", "sim", "bench"},
}

# (what, where by path, why and what instead)
_BANNED = [
    (r"\bassert\(|<cassert>", "", "is off in release builds: PENSTOCK_CHECK (engine/base/check.h)"),
    (r"\busing namespace\b", "", "hides where a name is from"),
    (r"\b(sprintf|strcpy|strcat|strtok|atoi|gets)\(", "", "has no bound: fmt or std::from_chars"),
    (r"\bstd::(\w+_distribution|shuffle|sample|random_device|default_random_engine)\b", "",
     "differs between libraries: integer arithmetic on std::mt19937_64"),
    (r"<cmath>|<math\.h>", r"(sim/workload|engine/classify/fuzz)/(?!.*_test\.cc$)",
     "libm differs between machines: integers only in generators"),
    (r"<(nlohmann|CLI)/", r".*\.h$", "takes seconds to compile: include it in a .cc only"),
    (r"<iostream>", r".*\.h$", "brings static initialisers: <iosfwd> or fmt"),
]

# A type's definition at namespace scope, which clang-format sets at the margin; `X::Y` is inside its class.
_TYPE = re.compile(r"(?:class|struct|union|enum(?: class)?) "
                   r"(?:(?:alignas\(.*\)|\[\[\w+\]\]) )*(\w+)(?= [:{f]).*\{")
_NAMESPACE = re.compile(r"namespace(?: ([\w:]+))? \{")
_NAMESPACE_END = re.compile(r"\}  // namespace\b")
_SHORT_NAMESPACE = re.compile(r"namespace \w+ \{\n.*;\n\}\n")  # of one declaration: its end has no comment

_INCLUDE = re.compile(r'\s*#\s*include "([^"]+)"')
_NOLINT = re.compile(r"\bNOLINT(NEXTLINE|BEGIN)?\b")
_NOLINT_WITH_REASON = re.compile(r"\bNOLINT(NEXTLINE|BEGIN)?\([\w.,* -]+\)\W+\w+ \w+")


def _c_files(tree):
    return (file for file in tree.files if file.is_c)


def _code(line):
    return line.split("//")[0]


def include_direction(tree):
    for file in _c_files(tree):
        forbidden = _MAY_INCLUDE.keys() - _MAY_INCLUDE.get(file.top, _MAY_INCLUDE.keys())
        for number, line in enumerate(file.lines, 1):
            match = _INCLUDE.match(line)
            if match and match.group(1).split("/")[0] in forbidden:
                yield file.problem(number, "%s/ must not include %s" % (file.top, match.group(1)))


def include_paths(tree):
    """Quoted includes are paths from the root. What a rule makes is named in its BUILD.bazel."""
    for file in _c_files(tree):
        for number, line in enumerate(file.lines, 1):
            match = _INCLUDE.match(line)
            if not match or tree.exists(match.group(1)) or match.group(1).endswith((".skel.h", ".object.h")):
                continue
            folder, _, name = match.group(1).rpartition("/")
            build = tree.by_path.get(folder + "/BUILD.bazel")
            if not build or '"%s"' % name not in build.text:
                yield file.problem(number, "%s is not a path from the root" % match.group(1))


def header_guards(tree):
    """`#pragma once`; in bpf/, whose headers are also C for the kernel, an include guard."""
    for file in _c_files(tree):
        if file.suffix != ".h":
            continue
        guard = "PENSTOCK_" + re.sub(r"\W", "_", file.path).upper() + "_"
        if file.top == "bpf":
            if "#ifndef %s\n#define %s\n" % (guard, guard) not in file.text:
                yield file.problem(1, "no include guard %s" % guard)
        elif "#pragma once" not in file.lines:
            yield file.problem(1, "no #pragma once")


def banned(tree):
    """Calls with a better replacement. NOLINT(check) with its reason lets one through."""
    for file in _c_files(tree):
        for pattern, where, why in _BANNED:
            if not re.match(where, file.path):
                continue
            for number, line in enumerate(file.lines, 1):
                match = re.search(pattern, _code(line))
                if match and not _NOLINT_WITH_REASON.search(line):
                    yield file.problem(number, "%s %s" % (match.group(), why))


def one_owner(tree):
    """A type's full name is defined once: two of a name, linked into one binary, are quietly one."""
    owners = {}
    for file in _c_files(tree):
        namespaces = []
        text = _SHORT_NAMESPACE.sub("\n\n\n", file.text)
        for number, line in enumerate(text.split("\n"), 1):
            if match := _NAMESPACE.match(line):
                namespaces.append(match.group(1))  # None: nobody else sees what is in it
            elif _NAMESPACE_END.match(line) and namespaces:
                namespaces.pop()
            elif (match := _TYPE.match(line)) and namespaces and None not in namespaces:
                name = "::".join([*namespaces, match.group(1)])
                owner = owners.setdefault(name, file)
                if owner is not file:
                    yield file.problem(number, "%s is in %s too: another name" % (name, owner.path))


def nolint_has_a_reason(tree):
    for file in _c_files(tree):
        for number, line in enumerate(file.lines, 1):
            if _NOLINT.search(line) and not _NOLINT_WITH_REASON.search(line):
                yield file.problem(number, "write NOLINT(check): and the reason")


RULES = [include_direction, include_paths, header_guards, banned, one_owner, nolint_has_a_reason]
