#!/usr/bin/python3
"""What the package holds, and what the binary in it asks of the machine that it is installed on.

Arguments: the package, its debug symbols, the binary that it was made of. Needs no privilege.
"""

import os
import re
import subprocess
import sys
import tempfile
import unittest

DEB, DBGSYM, PENSTOCK = (os.path.abspath(word) for word in sys.argv[1:4])
UNIT = "lib/systemd/system/penstock.service"
# The newest symbols of the compiler's and the C library that Debian 12 has; Ubuntu 24.04 has newer.
NEWEST = {"GLIBC": (2, 36), "GLIBCXX": (3, 4, 30), "CXXABI": (1, 3, 13)}
# systemd's own scale, 0 to 10; it calls 2.4 OK. AF_XDP costs the capabilities and the host's network.
MOST_EXPOSURE = 25  # tenths


def output(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, text=True, **more).stdout


def libraries():
    """soname -> (package, version in Ubuntu 24.04)."""
    with open("packaging/libraries.txt", encoding="utf-8") as file:
        rows = [line.split() for line in file if line.strip() and not line.startswith("#")]
    return {soname: (package, version) for soname, package, version in rows}


class DebTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(dir=os.environ["TEST_TMPDIR"])
        cls.root = os.path.join(cls.folder.name, "root")
        output("dpkg-deb", "-x", DEB, cls.root)
        cls.binary = os.path.join(cls.root, "usr/bin/penstock")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    # Its spelling check of binaries is left out: gcc lays pieces of strings beside each other without an end,
    # so that one's last word and another's first read as one. The sources' spelling is //ci:tidy_test's.
    def test_lintian_finds_nothing(self):
        found = subprocess.run(["lintian", "--allow-root", "--no-cfg", "--tag-display-limit", "0", "--info",
                                "--suppress-tags", "spelling-error-in-binary", "--display-info",
                                "--fail-on", "error,warning,info", DEB],
                               capture_output=True, text=True, check=False)
        self.assertEqual((found.returncode, found.stdout), (0, ""), found.stderr)

    def test_holds_what_it_should(self):
        files = {line.split()[-1] for line in output("dpkg-deb", "-c", DEB).splitlines()}
        for name in ("usr/bin/penstock", "etc/penstock/penstock.toml", UNIT,
                     "usr/include/penstock_shreds.h",
                     "usr/share/man/man1/penstock.1.gz", "usr/share/bash-completion/completions/penstock",
                     "usr/share/doc/penstock/copyright",
                     "usr/share/doc/penstock/changelog.gz", "usr/share/doc/penstock/operating.md.gz"):
            self.assertIn("./" + name, files)

    def test_says_what_to_compile_a_reader_with(self):
        output("gcc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
               "-I", os.path.join(self.root, "usr/include"),
               os.path.join(self.root, "usr/share/doc/penstock/examples/example_reader.c"))

    def test_the_default_configuration_is_the_binarys_own(self):
        with open(os.path.join(self.root, "etc/penstock/penstock.toml"), encoding="utf-8") as file:
            self.assertEqual(file.read(), output(self.binary, "print-config"))

    def test_two_builds_have_the_same_bytes(self):
        again = [os.path.join(self.folder.name, os.path.basename(deb)) for deb in (DEB, DBGSYM)]
        output("packaging/build_deb.sh", PENSTOCK, *again)
        for first, second in zip((DEB, DBGSYM), again):
            with open(first, "rb") as one, open(second, "rb") as other:
                self.assertTrue(one.read() == other.read(), first)

    def test_needs_only_libraries_that_both_distributions_have(self):
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-d", self.binary))
        self.assertIn("libc.so.6", needed)
        self.assertEqual(set(needed) - set(libraries()), set())

    def test_needs_no_newer_symbols_than_both_distributions_have(self):
        wanted = re.findall(r"Name: (GLIBC|GLIBCXX|CXXABI)_([0-9.]+)", output("readelf", "-V", self.binary))
        self.assertIn("GLIBC", {name for name, _ in wanted})
        for name, version in wanted:
            self.assertLessEqual(tuple(map(int, version.split("."))), NEWEST[name], name)

    def test_its_dependencies_can_be_met_in_both_distributions(self):
        versions = dict(libraries().values())
        for each in output("dpkg-deb", "-f", DEB, "Depends").strip().split(", "):
            name, least = re.fullmatch(r"(\S+) \(>= (\S+)\)", each).groups()
            self.assertIn(name, versions)
            for has in (versions[name], output("dpkg-query", "-W", "-f", "${Version}", name)):
                subprocess.run(["dpkg", "--compare-versions", has, "ge", least], check=True)

    def test_the_unit_is_hardened(self):
        output("systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSURE}",
               os.path.join(self.root, UNIT))

    def test_the_manual_page_has_every_subcommand_and_no_mistakes(self):
        page = os.path.join(self.root, "usr/share/man/man1/penstock.1.gz")
        shown = subprocess.run(["man", "--warnings", "-l", page], capture_output=True, text=True, check=True,
                               env={**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"})
        self.assertEqual(shown.stderr, "")
        names = subprocess.run([self.binary, "--help"], capture_output=True, text=True, check=True).stdout
        for name in re.findall(r"^  ([a-z-]+)  ", names.partition("Subcommands:")[2], re.M):
            self.assertIn(f"   penstock {name}\n", shown.stdout)
        self.assertIn("--counters TEXT\n", shown.stdout)
        self.assertNotRegex(shown.stdout, "@[A-Z]+@")

    def complete(self, *words):
        """What bash offers for the last word."""
        script = os.path.join(self.root, "usr/share/bash-completion/completions/penstock")
        return set(output("bash", "-c", f"""
            source {script}
            COMP_WORDS=({self.binary} "$@") COMP_CWORD=$#
            _penstock {self.binary}
            printf '%s\\n' "${{COMPREPLY[@]}}"
            """, "bash", *words, cwd=os.path.join(self.root, "etc")).split())

    def test_the_completion_knows_subcommands_options_and_files(self):
        self.assertLessEqual({"run", "doctor", "print-config", "--help"}, self.complete(""))
        self.assertEqual(self.complete("print"), {"print-config"})
        self.assertEqual(self.complete("run", "--c"), {"--config", "--control", "--counters"})
        self.assertEqual(self.complete("run", "--config", "pen"), {"penstock"})
        self.assertEqual(self.complete("check-config", "pen"), {"penstock"})
        self.assertLessEqual({"--json", "--config"}, self.complete("doctor", "--json", ""))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
