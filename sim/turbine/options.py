"""The command line of `turbine run` and `turbine shell`, over a scenario file, over the defaults."""
import argparse
import os

import scenario

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
DESCRIPTION = "A leader's slots through relays to receivers, in namespaces of its own; docs/turbine.md"
# What the keys of a scenario's [cluster] mean, as options.
HELP = {
    "paths": "a receiver each, with commas: " + ", ".join(scenario.PATHS), "relays": "hosts that retransmit",
    "dead": "relays that do not run, by number, with commas",
    "fanout": "children of a node", "loss_percent": "of what a relay should send, left out",
    "jitter_ms": "each shred waits at a relay for some time up to this",
    "slots": "that the leader sends", "sets_per_slot": "FEC sets of 64 shreds",
    "pps": "shreds a second of the leader", "seed": "of the leader's keys and shreds, and of losses",
    "bw": "Mbit/s of every link, each way", "queue": "packets before a link",
    "last_bw": "Mbit/s from the bridge to a receiver, instead", "last_queue": "packets before that, instead",
}


def option_type(key):
    if key == "paths":
        return lambda words: words.split(",")
    if key == "dead":
        return lambda numbers: [int(number) for number in numbers.split(",")]
    return float if key == "loss_percent" else int


def parse(arguments):
    """The keys of [cluster], name, expect and the rest as attributes. Ends with status 2 on a mistake."""
    parser = argparse.ArgumentParser(prog="turbine", description=DESCRIPTION)
    parser.add_argument("command", choices=["run", "shell"])
    parser.add_argument("scenario", nargs="?", help="file; without one it is the defaults")
    for key, text in HELP.items():
        parser.add_argument("--" + key.replace("_", "-"), type=option_type(key), help=text)
    parser.add_argument("--penstock", default=os.path.join(ROOT, "bazel-bin/engine/penstock"))
    parser.add_argument("--node", default=os.path.join(ROOT, "bazel-bin/sim/turbine/turbine_node"))
    parser.add_argument("--json", action="store_true", help="the result as one more line, for other programs")
    parser.add_argument("--out", default=os.environ.get("TEST_UNDECLARED_OUTPUTS_DIR"),
                        help="folder for result.json and what the hosts said")
    options = parser.parse_args(arguments)
    try:
        asked = {"name": "turbine", "description": "", **scenario.DEFAULTS}
        if options.scenario:
            asked = scenario.read(options.scenario)
        given = {key: getattr(options, key) for key in HELP if getattr(options, key) is not None}
        vars(options).update(scenario.override(asked["cluster"], given))
    except (scenario.Mistake, OSError) as error:
        parser.error(str(error))
    options.name, options.description, options.expect = asked["name"], asked["description"], asked["expect"]
    # Where the binaries are and results go changes no result.
    elsewhere = ("--penstock=", "--node=", "--out=", "--json")
    options.repeat = [word for word in arguments if not word.startswith(elsewhere)]
    for binary in [options.penstock, options.node]:
        if not os.access(binary, os.X_OK):
            parser.error(f"{binary} is not there: bazel build //engine:penstock //sim/turbine:turbine_node")
    return options
