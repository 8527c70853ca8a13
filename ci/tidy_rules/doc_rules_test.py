"""The rules about documents, each seen to fail and to pass."""

import unittest

from tidy_rules import doc_rules, testing


class LinksResolve(testing.RuleTest):
    def test_missing_file(self):
        for line in ["[x](b.md)", "![x](b.png)", "[x]: b.md", '[x](b.md "title")', "[x](../a.md)"]:
            self.assert_finds(doc_rules.links_resolve, {"a.md": "text\n%s\n" % line}, "a.md:2:")

    def test_links_are_relative_to_their_file(self):
        others = {"manual/b.md": "", "src/c.h": ""}
        self.assert_clean(doc_rules.links_resolve, others | {"manual/a.md": "[x](b.md) [y](../src/c.h)\n"})
        self.assert_finds(doc_rules.links_resolve, others | {"manual/a.md": "[x](src/c.h)\n"}, "manual/a.md")

    def test_anchors(self):
        headings = "# One: two `three`\n## Again\n## Again\n```\n# no heading\n```\n"
        for anchor in ["one-two-three", "again", "again-1"]:
            self.assert_clean(doc_rules.links_resolve, {"a.md": headings + "[x](#%s)\n" % anchor})
            self.assert_clean(doc_rules.links_resolve, {"a.md": "[x](b.md#%s)\n" % anchor, "b.md": headings})
        for anchor in ["one", "again-2", "no-heading"]:
            self.assert_finds(doc_rules.links_resolve, {"a.md": headings + "[x](#%s)\n" % anchor}, "a.md:7:")

    def test_what_is_no_link(self):
        self.assert_clean(doc_rules.links_resolve, {
            "a.md": "`[x](none.md)`\n```\n[x](none.md)\n```\n[x](https://none.example/x.md) [y](mailto:x@y)\n",
            "a.cc": "// [x](none.md)\n"})


class MentionedDocumentsExist(testing.RuleTest):
    def test_mention(self):
        rule = doc_rules.mentioned_documents_exist
        document = "docs" + "/b.md"  # in two parts: this file is checked by the rule, too
        self.assert_finds(rule, {"a.h": "// see %s.\n" % document}, "a.h:1: speaks of " + document)
        self.assert_clean(rule, {"a.h": "// see %s, kernel/docs/x.md\n" % document, document: ""})


class ConformanceIsTested(testing.RuleTest):
    PAGE = "docs" + "/conformance.md"
    FILES = {"a/BUILD.bazel": 'cc_test(name = "b_test")\n', "a/b_test.cc": "TEST_P(Suite, Name) {\n"}

    def page(self, cell, rules=19):
        return {self.PAGE: "".join("| R%d | what | here | %s |\n" % (n, cell) for n in range(1, rules + 1))}

    def test_cited_tests_exist(self):
        rule = doc_rules.conformance_is_tested
        self.assert_clean(rule, self.FILES | self.page("x: `//a:b_test` `Suite.Name`"))
        self.assert_clean(rule, self.page("none: needs hardware"))
        for cell in ["`//a:b_test` `Suite.Other`", "`//a:c_test` `Suite.Name`", "`//c:b_test` `Suite.Name`",
                     ""]:
            self.assert_finds(rule, self.FILES | self.page(cell), *[self.PAGE] * 19)

    def test_every_rule_has_a_row(self):
        self.assert_finds(doc_rules.conformance_is_tested, self.page("none: x", rules=18), self.PAGE + ":1:")


if __name__ == "__main__":
    unittest.main()
