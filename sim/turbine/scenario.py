"""A scenario of the turbine topology: a TOML file that says what the cluster is and what must come of it.

    name = "full_queue"                      # of the file
    description = "What a full queue drops is rebuilt."
    topology = "turbine"
    [cluster]                                # any of KEYS["cluster"], which are options of `turbine run` too
    paths = ["kernel_filter", "udp"]
    [expect]
    content = "all"                          # or "incomplete": some receiver cannot have all, declared
    rebuilt = "some"                         # or "none", or "any"; at every receiver

A mistake is an error that has file and line, and for a name the nearest one. docs/turbine.md has every key.
"""
import difflib
import os
import re
import sys
import tomllib

PATHS = ["kernel_filter", "userspace_filter", "io_uring", "udp"]

LISTS = ["paths", "dead"]
# By table: the least and the most of a number, or the words that may stand there; of a list, for each.
KEYS = {
    "cluster": {
        "paths": PATHS,
        "relays": (1, 100), "dead": (1, 100), "fanout": (1, 1024), "loss_percent": (0, 100),
        "jitter_ms": (0, 1000),
        "slots": (1, 100_000), "sets_per_slot": (1, 1024), "pps": (1, 1_000_000), "seed": (0, 2**63 - 1),
        "bw": (1, 1000), "queue": (1, 100_000), "last_bw": (1, 1000), "last_queue": (1, 100_000),
    },
    "expect": {"content": ["all", "incomplete"], "rebuilt": ["any", "none", "some"]},
}
DEFAULTS = {
    "cluster": {
        "paths": ["kernel_filter", "userspace_filter", "kernel_filter"],
        "relays": 3, "dead": [], "fanout": 2, "loss_percent": 0, "jitter_ms": 0,
        "slots": 1, "sets_per_slot": 25, "pps": 4000, "seed": 1,
        "bw": 500, "queue": 1000, "last_bw": None, "last_queue": None,
    },
    "expect": {"content": "all", "rebuilt": "any"},
}


class Mistake(Exception):
    """What is wrong with a scenario file, and where."""


def nearest(word, words):
    """A hint for a word that is none of these."""
    close = difflib.get_close_matches(str(word), words, n=1)
    return f"did you mean '{close[0]}'?" if close else "there are " + ", ".join(words)


class Reader:
    """One file: its text for lines, its values."""

    def __init__(self, name, text):
        self.name, self.text = name, text
        try:
            self.tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise Mistake(f"{name}: {error}") from None

    def reject(self, key, what):
        """Ends with the line on which the key stands."""
        found = re.search(rf"^\s*\[?{re.escape(key)}\b", self.text, re.MULTILINE)
        line = self.text.count("\n", 0, found.end()) + 1 if found else 1
        raise Mistake(f"{self.name}:{line}: {what}")

    def text_of(self, key):
        value = self.tables.pop(key, None)
        if not isinstance(value, str) or not value:
            self.reject(key, f"'{key}' must be there and be text")
        return value

    def check_value(self, key, value, allowed):
        if isinstance(allowed, tuple):
            least, most = allowed
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
                self.reject(key, f"'{key}' must be a number from {least} to {most}")
            if isinstance(value, float) and key != "loss_percent":
                self.reject(key, f"'{key}' must be a whole number")
        elif value not in allowed:
            self.reject(key, f"'{key}' is '{value}': {nearest(value, allowed)}")

    def table(self, table):
        """The table's values over the defaults."""
        values, allowed = dict(DEFAULTS[table]), KEYS[table]
        for key, value in self.tables.pop(table, {}).items():
            if key not in allowed:
                self.reject(key, f"[{table}] has no key '{key}': {nearest(key, list(allowed))}")
            if key in LISTS and (not isinstance(value, list) or not value):
                self.reject(key, f"'{key}' must be a list with something in it")
            for each in value if key in LISTS else [value]:
                self.check_value(key, each, allowed[key])
            values[key] = value
        return values


def parse(text, name):
    """The scenario as {name, description, cluster, expect}."""
    reader = Reader(name, text)
    scenario = {"name": reader.text_of("name"), "description": reader.text_of("description")}
    if reader.text_of("topology") != "turbine":
        reader.reject("topology", "'topology' must be 'turbine': that is all that this reader knows")
    if scenario["name"] != os.path.splitext(os.path.basename(name))[0]:
        reader.reject("name", f"'name' is '{scenario['name']}', the file's is another")
    for table in KEYS:
        scenario[table] = reader.table(table)
    for key in reader.tables:
        reader.reject(key, f"no key '{key}': {nearest(key, ['name', 'description', 'topology', *KEYS])}")
    return scenario


def first_child(position, fanout):
    """Of a node in a tree: turbine_tree.h has the positions."""
    offset = (position - 1) % fanout if position > 0 else 0
    return (position - offset) * fanout + offset + 1


def receivers_are_leaves(cluster):
    """A receiver retransmits nothing, so it must have no children. Receivers stand behind the relays."""
    nodes = cluster["relays"] + len(cluster["paths"])
    places = range(cluster["relays"], nodes)
    return all(first_child(place, cluster["fanout"]) >= nodes for place in places)


def override(cluster, given):
    """A scenario's [cluster] with what the command line gives instead, under the same rules."""
    reader = Reader("command line", "")
    values = dict(cluster)
    for key, value in given.items():
        for each in value if key in LISTS else [value]:
            reader.check_value(key, each, KEYS["cluster"][key])
        values[key] = value
    if not receivers_are_leaves(values):
        raise Mistake(f"{len(values['paths'])} receivers behind {values['relays']} relays with a fan-out of "
                      f"{values['fanout']} would have children of their own: take more relays")
    if max(values["dead"], default=0) > values["relays"]:
        raise Mistake(f"relay {max(values['dead'])} cannot be dead, there are {values['relays']}")
    return values


def read(file):
    with open(file, encoding="utf-8") as stream:
        return parse(stream.read(), file)


def main(files):
    """`turbine validate`: says what is wrong with each. Exit status: 0 nothing, 2 something."""
    status = 0
    for file in files:
        try:
            override(read(file)["cluster"], {})
        except (Mistake, OSError) as error:
            print(error, file=sys.stderr)
            status = 2
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
