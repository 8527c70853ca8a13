"""The source tree as the tidy rules see it: every text file, read once, with what kind of file it is."""

import dataclasses
import functools
import os
import pathlib
import re

# Not sources: Bazel's links, results, caches. The same as .gitignore, which a tarball's user does not have.
_IGNORED = re.compile(r"^(\.git|\.bazelrc\.user|bazel-.*|out|__pycache__|\.(idea|vscode|cache))$")

C_SUFFIXES = {".h", ".cc", ".c"}


@dataclasses.dataclass(frozen=True, order=True)
class Problem:
    """One finding, printed the way compilers do."""

    path: str
    line: int
    text: str

    def __str__(self):
        return "%s:%d: %s" % (self.path, self.line, self.text)


class File:
    """A text file. `path` is relative to the root, with slashes."""

    def __init__(self, root, path, text):
        self.path = path
        self.absolute = root / path
        self.text = text

    @functools.cached_property
    def lines(self):
        return self.text.split("\n")[:-1] if self.text.endswith("\n") else self.text.split("\n")

    @property
    def name(self):
        return pathlib.PurePosixPath(self.path).name

    @property
    def suffix(self):
        return pathlib.PurePosixPath(self.path).suffix

    @property
    def top(self):
        """The top-level folder."""
        return self.path.split("/")[0]

    @property
    def is_c(self):
        return self.suffix in C_SUFFIXES

    @property
    def is_script(self):
        return self.text.startswith("#!")

    @property
    def is_shell(self):
        return self.suffix == ".sh" or bool(re.match(r"#!.*\b(ba)?sh\b", self.text))

    @property
    def is_python(self):
        return self.suffix == ".py" or bool(re.match(r"#!.*\bpython", self.text))

    @property
    def is_build(self):
        return self.name == "BUILD.bazel"

    @property
    def is_starlark(self):
        return self.is_build or self.suffix in {".bzl", ".BUILD"} or self.name == "WORKSPACE"

    @property
    def is_code(self):
        return self.is_c or self.is_shell or self.is_python or self.is_starlark

    @property
    def is_markdown(self):
        return self.suffix == ".md"

    def problem(self, line, text):
        return Problem(self.path, line, text)


class Tree:
    """All text files under `root`, in order of path. Files with a NUL or not in UTF-8 are no text."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.files = [file for path in sorted(_walk(self.root)) if (file := _read(self.root, path))]
        self.by_path = {file.path: file for file in self.files}

    def exists(self, path):
        return (self.root / path).exists()

    def package_of(self, file):
        """The BUILD.bazel that a file belongs to, or None."""
        folder = pathlib.PurePosixPath(file.path).parent
        for parent in [folder, *folder.parents]:
            if build := self.by_path.get(str(parent / "BUILD.bazel")):
                return build
        return None


def _walk(root):
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not _IGNORED.match(name)]
        for name in names:
            if not _IGNORED.match(name):
                yield (pathlib.Path(folder) / name).relative_to(root).as_posix()


def _read(root, path):
    try:
        text = (root / path).read_bytes().decode("utf-8")
    except (UnicodeDecodeError, FileNotFoundError):  # the second: a dangling link
        return None
    return None if "\0" in text else File(root, path, text)


def read_reasons(tree, path):
    """A list with reasons, `name  # why` a line: yields (line number, name, reason)."""
    file = tree.by_path.get(path)
    for number, line in enumerate(file.lines if file else [], 1):
        name, _, reason = (part.strip() for part in line.partition("#"))
        if name:
            yield number, name, reason
