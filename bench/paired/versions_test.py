"""Which commit is the base, what its commits accept, and when two programs are the same code."""

import pathlib
import subprocess
import tempfile
import unittest

from bench.paired import versions

SOURCE = "int main(int argc, char **argv) { return argc + %d; }\n"


class RepositoryTest(unittest.TestCase):
    """main: one, two; branch: three, four."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.git("init", "--quiet", "--initial-branch=main")
        self.one, self.two = self.commit("one"), self.commit("two")
        self.git("checkout", "--quiet", "-b", "branch")
        self.three = self.commit("three\n\nSlower: net_tile, checks the length\nSlower: classify\n")
        self.four = self.commit("four")

    def git(self, *arguments):
        return versions.git(self.root, "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments)

    def commit(self, message):
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def test_a_branch_is_held_against_where_it_left_main(self):
        self.assertEqual(versions.base_of(self.root), self.two)

    def test_main_is_held_against_the_commit_before(self):
        self.git("checkout", "--quiet", "main")
        self.assertEqual(versions.base_of(self.root), self.one)

    def test_a_slowdown_is_accepted_by_a_trailer_with_a_reason(self):
        self.assertEqual(versions.accepted(self.root, self.two), {"net_tile": "checks the length"})
        self.assertEqual(versions.accepted(self.root, self.three), {})


class CodeTest(unittest.TestCase):
    def compiled(self, name, text):
        with tempfile.TemporaryDirectory() as folder:
            source, binary = pathlib.Path(folder) / (name + ".c"), pathlib.Path(folder) / name
            source.write_text(text)
            subprocess.run(["gcc", "-g1", "-O1", "-o", str(binary), str(source)], check=True)
            return versions.code_of(binary)

    def test_line_numbers_and_names_of_files_are_no_code(self):
        self.assertEqual(self.compiled("a", SOURCE % 1), self.compiled("b", "\n\n" + SOURCE % 1))

    def test_a_constant_is(self):
        self.assertNotEqual(self.compiled("a", SOURCE % 1), self.compiled("a", SOURCE % 2))


if __name__ == "__main__":
    unittest.main()
