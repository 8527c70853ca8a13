"""ci/clang-tidy: commands, what a file's hash covers, which files a change concerns."""

import importlib.machinery
import importlib.util
import pathlib
import unittest


def _load():
    path = str(pathlib.Path(__file__).with_name("clang-tidy"))
    loader = importlib.machinery.SourceFileLoader("clang_tidy", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("clang_tidy", loader))
    loader.exec_module(module)
    return module


clang_tidy = _load()


class CompileCommands(unittest.TestCase):
    def test_gcc_only_flags_go(self):
        action = {"arguments": ["gcc", "-Wall", "-fno-canonical-system-headers", "-c", "a/b.cc", "-o", "b.o"]}
        self.assertEqual(clang_tidy.compile_commands([action]), {
            "a/b.cc": ["gcc", "-Wall", "-c", "a/b.cc", "-o", "b.o"]})

    def test_generated_sources_are_not_checked(self):
        actions = [{"arguments": ["gcc", "-c", source]} for source in ("bazel-out/x/a.cc", "external/y/b.cc")]
        self.assertEqual(clang_tidy.compile_commands(actions), {})


class Closure(unittest.TestCase):
    def test_follows_quoted_includes_once(self):
        tree = {"a.cc": '#include "x/b.h"\n#include <vector>\n#include "none.h"\n',
                "x/b.h": '#include "x/c.h"\n', "x/c.h": '#include "x/b.h"\n', "x/d.h": ""}
        self.assertEqual(list(clang_tidy.closure("a.cc", tree.get)), ["a.cc", "x/b.h", "x/c.h"])

    def test_parts_do_not_run_into_each_other(self):
        self.assertNotEqual(clang_tidy.fingerprint(["ab", "c"]), clang_tidy.fingerprint(["a", "bc"]))
        self.assertEqual(clang_tidy.fingerprint(["ab", "c"]), clang_tidy.fingerprint(["ab", "c"]))


class Select(unittest.TestCase):
    def test_changed_sources_and_includers_of_changed_headers(self):
        tree = {"a.cc": '#include "x/b.h"\n', "b.cc": '#include "x/c.h"\n', "c.cc": ""}
        self.assertEqual(clang_tidy.select(["x/b.h", "c.cc", "gone.cc"], tree, tree.get), ["a.cc", "c.cc"])
        self.assertEqual(clang_tidy.select(["README.md"], tree, tree.get), [])


if __name__ == "__main__":
    unittest.main()
