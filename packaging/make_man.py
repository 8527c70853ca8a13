#!/usr/bin/python3
"""Writes the manual page: the template with the binary's own --help as its list of subcommands.

Run by packaging/build_deb.sh. usage: make_man.py PENSTOCK TEMPLATE VERSION EPOCH > penstock.1
"""

import datetime
import re
import subprocess
import sys


def help_of(penstock, *words):
    return subprocess.run([penstock, *words, "--help"], check=True, capture_output=True, text=True).stdout


def entries(text, heading):
    """The (word, explanation) rows under one of CLI11's headings, split by two blanks or a new line."""
    rows = []
    section = re.search(rf"^{heading}:\n((?:  .*\n?)*)", text, re.M)
    for line in section.group(1).splitlines() if section else []:
        if line.startswith(" " * 30):  # the explanation of a long word, on a line of its own
            rows[-1][1] = line.strip()
        else:
            word, _, explanation = line.strip().partition("  ")
            rows.append([word, explanation.strip()])
    return rows


def roff(text):
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + escaped if escaped[:1] in (".", "'") else escaped


def option(word, explanation):
    """`--config TEXT REQUIRED` as its name in bold and what it takes in italics, and what it is for."""
    name, _, takes = word.partition(" ")
    takes, _, excludes = takes.partition("Excludes: ")
    takes = re.sub(r"^\w+:", "", takes.replace(" REQUIRED", "")).replace("INT in ", "")
    head = f".BI \"{roff(name)} \" \"{roff(takes)}\"" if takes else f".B {roff(name)}"
    return [".TP", head, roff(explanation + (f"; not with {excludes}" if excludes else ""))]


def subcommands(penstock):
    lines = []
    for name, explanation in entries(help_of(penstock), "Subcommands"):
        lines += [f".SS \"penstock {roff(name)}\"", roff(explanation)]
        text = help_of(penstock, name)
        for word, what in entries(text, "Positionals") + entries(text, "Options"):
            if not word.startswith("-h,"):
                lines += option(word, what)
    return lines


def main():
    penstock, template, version, epoch = sys.argv[1:]
    date = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc).strftime("%Y-%m-%d")
    with open(template, encoding="utf-8") as file:
        page = file.read()
    page = page.replace("@DATE@", date).replace("@VERSION@", version)
    sys.stdout.write(page.replace("@SUBCOMMANDS@", "\n".join(subcommands(penstock))))


if __name__ == "__main__":
    main()
