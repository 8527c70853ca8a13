"""The two versions of the benchmark programs: this tree as it stands, and a commit in its own worktree."""

import contextlib
import hashlib
import os
import pathlib
import shutil
import subprocess

from bench.suites import suite


def git(root, *arguments):
    done = subprocess.run(["git", *arguments], cwd=root, text=True, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=os.environ | {"LC_ALL": "C"})
    if done.returncode != 0:
        said = (done.stderr + done.stdout).strip()
        raise suite.SuiteError("git %s: %s" % (" ".join(arguments), said))
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


class Tree:
    """A checked-out tree with the Bazel server that builds in it."""

    def __init__(self, path, startup=()):
        self.path, self._startup = path, startup

    def bazel(self, *arguments):
        return _bazel(self.path, self._startup, *arguments)

    def build(self, folder, targets):
        """Makes the folder and copies the programs of targets there, by file name: those that could be built.
        What Bazel said is returned."""
        folder.mkdir()
        done = self.bazel("build", "--noshow_progress", "--keep_going", *targets)
        for target in targets:
            built = self.path / "bazel-bin" / target.removeprefix("//").replace(":", "/")
            # Of a target that did not build, Bazel removes what an earlier build has left.
            if built.exists():
                shutil.copy(built, folder / built.name)
        return done.stderr


@contextlib.contextmanager
def worktree(root, commit, work):
    """A Tree at a commit, below the folder `work`. It and its Bazel server are gone afterwards."""
    path, output = work / "tree", work / "output"
    git(root, "worktree", "add", "--detach", "--force", str(path), commit)
    own = root / ".bazelrc.user"
    if own.exists():  # a disk cache, most likely
        shutil.copy(own, path)
    tree = Tree(path, ["--output_base=%s" % output, "--max_idle_secs=60"])
    try:
        yield tree
    finally:
        tree.bazel("shutdown")
        # Bazel leaves folders that nobody may write into.
        subprocess.run(["chmod", "-R", "u+w", str(output)], check=False)
        shutil.rmtree(output, ignore_errors=True)
        git(root, "worktree", "remove", "--force", str(path))


def build(root, base, targets, work):
    """Builds into work/base and work/candidate. A program that the base lacks is missing there; every program
    of this tree is there, or SuiteError says why not."""
    targets = sorted(set(targets))
    said = Tree(root).build(work / "candidate", targets)
    missing = [each for each in targets if not (work / "candidate" / each.split(":")[1]).exists()]
    if missing:
        raise suite.SuiteError("does not build: %s\n%s" % (", ".join(missing), said[-2000:]))
    with worktree(root, base, work) as tree:
        said = tree.build(work / "base", targets)
    if not os.listdir(work / "base"):
        raise suite.SuiteError("nothing builds at %s\n%s" % (base, said[-2000:]))
