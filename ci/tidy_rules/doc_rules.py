"""Rules about documents: what they point at exists."""

import functools
import os.path
import re

_FENCE = re.compile(r"^\s*(```|~~~)")
_LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|^\[[^\]]+\]:\s*(\S+)")
_ELSEWHERE = re.compile(r"^[a-z][a-z0-9+.-]*:")
_MENTION = re.compile(r"(?<![\w./-])docs/[\w./-]+\.md\b")


def _prose(file):
    """(number, line) outside fenced blocks, with inline code blanked."""
    fenced = False
    for number, line in enumerate(file.lines, 1):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            yield number, re.sub(r"`[^`]*`", "", line)


def _slug(heading):
    """A heading's anchor, as GitHub makes it."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


@functools.cache
def _anchors(file):
    seen, fenced = {}, False
    for line in file.lines:
        if _FENCE.match(line):
            fenced = not fenced
        match = None if fenced else re.match(r"#{1,6}\s+(.*?)\s*#*$", line)
        if match:
            slug = _slug(match.group(1))
            seen[slug] = seen.get(slug, -1) + 1
            if seen[slug]:
                seen["%s-%d" % (slug, seen[slug])] = 0
    return set(seen) | set(re.findall(r'<a (?:id|name)="([^"]+)"', file.text))


def links_resolve(tree):
    """Relative links and their anchors. The world outside is not asked."""
    for file in tree.files:
        if not file.is_markdown:
            continue
        for number, line in _prose(file):
            for inline, reference in _LINK.findall(line):
                target = inline or reference
                if _ELSEWHERE.match(target):
                    continue
                path, _, anchor = target.partition("#")
                full = os.path.normpath(os.path.join(os.path.dirname(file.path), path)) if path else file.path
                if full.startswith("..") or os.path.isabs(full) or not tree.exists(full):
                    yield file.problem(number, "link to %s, which is not there" % target)
                elif anchor and full in tree.by_path and tree.by_path[full].is_markdown:
                    if anchor not in _anchors(tree.by_path[full]):
                        yield file.problem(number, "link to %s: no such heading" % target)


def mentioned_documents_exist(tree):
    """Comments that send the reader to docs/."""
    for file in tree.files:
        for number, line in enumerate(file.lines, 1):
            for path in _MENTION.findall(line):
                if not tree.exists(path):
                    yield file.problem(number, "speaks of %s, which is not there" % path)


_CONFORMANCE = "docs" + "/conformance.md"
_CONFORMANCE_RULES = ["R%d" % number for number in range(1, 20)]
_CITED_TEST = re.compile(r"`//([\w/]+):(\w+)` `(\w+)\.(\w+)`")


def _has_test(tree, package, target, suite, name):
    build = tree.by_path.get(package + "/BUILD.bazel")
    if not build or '"%s"' % target not in build.text:
        return False
    test = re.compile(r"^TEST(_F|_P)?\(%s, %s\)" % (suite, name), re.MULTILINE)
    return any(test.search(file.text) for file in tree.files
               if file.suffix == ".cc" and file.path.rpartition("/")[0] == package)


def conformance_is_tested(tree):
    """docs/conformance.md has each rule once, with tests that exist or a reason for none."""
    page = tree.by_path.get(_CONFORMANCE)
    if not page:
        return
    seen = []
    for number, line in enumerate(page.lines, 1):
        row = re.match(r"\| (R\d+) \|.*\| (.*) \|$", line)
        if not row:
            continue
        seen.append(row.group(1))
        cited = _CITED_TEST.findall(row.group(2))
        if not cited and not re.match(r"none: \w", row.group(2)):
            yield page.problem(number, "%s names no test, and no reason for none" % row.group(1))
        for package, target, suite, name in cited:
            if not _has_test(tree, package, target, suite, name):
                yield page.problem(number, "no test %s.%s in //%s:%s" % (suite, name, package, target))
    if seen != _CONFORMANCE_RULES:
        yield page.problem(1, "must have rules R1 to R19, each once and in order")


RULES = [links_resolve, mentioned_documents_exist, conformance_is_tested]
