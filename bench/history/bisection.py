"""git bisect between a good and a bad commit, with a judge of ours. The tree is for this alone."""

import enum
import re

from bench.paired import versions

_FOUND = re.compile(r"^([0-9a-f]{40}) is the first bad commit", re.MULTILINE)


class Judgement(enum.Enum):
    GOOD = "good"
    BAD = "bad"
    SKIP = "skip"  # it does not build, or cannot be told


def first_bad(tree, good, bad, judge, say=print):
    """The commit since which `judge(commit)` is BAD. Raises when none is to be found: where commits that had
    to be skipped lie between, the message names them."""
    versions.git(tree, "bisect", "start", "--no-checkout", bad, good)
    try:
        while True:
            # Without a checkout of its own, so that the judge decides what is built, and where.
            commit = versions.git(tree, "rev-parse", "BISECT_HEAD")
            judgement = judge(commit)
            say("%s %s" % (judgement.value, versions.git(tree, "log", "-1", "--format=%h %s", commit)))
            said = versions.git(tree, "bisect", judgement.value)
            if found := _FOUND.search(said):
                return found.group(1)
    finally:
        versions.git(tree, "bisect", "reset")
