"""docs/shred-checks.md names a test for every case: those tests exist, and no reason lacks a case.

Called with the page, reject_reason.h and the test sources.
"""

import re
import sys

# A test is TEST(Suite, Name), TEST_F or TEST_P; a row of a table of cases is Case{"Name", under its suite.
TEST = re.compile(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", re.MULTILINE)
ROWS = re.compile(r"INSTANTIATE_TEST_SUITE_P\(\s*\w+, (\w+),(.*?)kNames\)", re.DOTALL)
CASE = re.compile(r'Case\{"(\w+)"')
REASON = re.compile(r'X\(k\w+, "(\w+)"')


def tests_in(text):
    names = {f"{suite}.{name}" for suite, name in TEST.findall(text)}
    for suite, rows in ROWS.findall(text):
        names |= {f"{suite}.{name}" for name in CASE.findall(rows)}
    return names


def main(page_path, reasons_path, *sources):
    with open(page_path, encoding="utf-8") as file:
        page = file.read()
    with open(reasons_path, encoding="utf-8") as file:
        reasons = REASON.findall(file.read())
    tests = set()
    for source in sources:
        with open(source, encoding="utf-8") as file:
            tests |= tests_in(file.read())

    named = set(re.findall(r"`(\w+\.\w+)`", page)) - {"counters.md"}
    words = set(re.findall(r"`(\w+)`", page))
    mistakes = [f"{name}: no such test" for name in sorted(named - tests)]
    # Ranges such as "strict_2 to strict_5" do not stand for what is between.
    mistakes += [f"reason {reason}: no case names it" for reason in reasons if reason not in words]
    for line in page.splitlines():
        if line.startswith("| ") and not line.startswith(("| change", "| rule", "| case")):
            if "`" not in line.split("|")[-2] and "so no test" not in line:
                mistakes.append(f"no test: {line}")
    if len(named) < 50 or len(reasons) < 20:
        mistakes.append("too little was read: the page or the header changed its form")
    for mistake in mistakes:
        print(mistake)
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
