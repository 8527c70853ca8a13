"""The two versions of the benchmark programs: this tree as it stands, and a commit in its own worktree."""

import hashlib
import os
import pathlib
import shutil
import subprocess

from bench.suites import suite


def git(root, *arguments):
    done = subprocess.run(["git", *arguments], cwd=root, text=True, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise suite.SuiteError("git %s: %s" % (" ".join(arguments), done.stderr.strip()))
    return done.stdout.strip()


def base_of(root):
    """Where this branch left main; on main itself, the commit before."""
    head = git(root, "rev-parse", "HEAD")
    for base in ("origin/main", "main"):
        try:
            commit = git(root, "merge-base", base, "HEAD")
        except suite.SuiteError:
            continue
        if commit != head:
            return commit
    return git(root, "rev-parse", "HEAD~1")


def accepted(root, base):
    """{name: reason} of the trailers `Slower: NAME, the reason` of the commits since the base."""
    log = git(root, "log", "--format=%(trailers:key=Slower,valueonly,unfold)", "%s..HEAD" % base)
    parts = [line.partition(",") for line in log.splitlines()]
    return {name.strip(): reason.strip() for name, _, reason in parts if reason.strip()}


def code_of(binary):
    """A hash of what runs: no line numbers, no names of files, which differ where the code does not."""
    bare = pathlib.Path(str(binary) + ".bare")
    subprocess.run(["objcopy", "--strip-all", "--remove-section=.note.gnu.build-id", str(binary), str(bare)],
                   check=True, stdin=subprocess.DEVNULL)
    digest = hashlib.sha256(bare.read_bytes()).hexdigest()
    bare.unlink()
    return digest


def _bazel(tree, startup, *arguments):
    return subprocess.run(["bazel", *startup, *arguments], cwd=tree, text=True, check=False,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)


def _build_into(folder, tree, targets, startup=()):
    """Copies what could be built, by file name, and returns what Bazel said."""
    folder.mkdir()
    done = _bazel(tree, startup, "build", "--noshow_progress", "--keep_going", *targets)
    for target in targets:
        built = tree / "bazel-bin" / target.removeprefix("//").replace(":", "/")
        # Of a target that did not build, Bazel removes what an earlier build has left.
        if built.exists():
            shutil.copy(built, folder / built.name)
    return done.stderr


def build(root, base, targets, work):
    """Builds into work/base and work/candidate. A program that the base lacks is missing there; every program
    of this tree is there, or SuiteError says why not. The worktree and its Bazel server are gone then."""
    targets = sorted(set(targets))
    said = _build_into(work / "candidate", root, targets)
    missing = [each for each in targets if not (work / "candidate" / each.split(":")[1]).exists()]
    if missing:
        raise suite.SuiteError("does not build: %s\n%s" % (", ".join(missing), said[-2000:]))
    tree, output = work / "tree", work / "output"
    git(root, "worktree", "add", "--detach", "--force", str(tree), base)
    own = root / ".bazelrc.user"
    if own.exists():  # a disk cache, most likely
        shutil.copy(own, tree)
    startup = ["--output_base=%s" % output, "--max_idle_secs=60"]
    try:
        said = _build_into(work / "base", tree, targets, startup)
    finally:
        _bazel(tree, startup, "shutdown")
        # Bazel leaves folders that nobody may write into.
        subprocess.run(["chmod", "-R", "u+w", str(output)], check=False)
        shutil.rmtree(output, ignore_errors=True)
        git(root, "worktree", "remove", "--force", str(tree))
    if not os.listdir(work / "base"):
        raise suite.SuiteError("nothing builds at %s\n%s" % (base, said[-2000:]))
