"""Scenario files as Bazel tests: one test for each (scenario, topology)."""

load("//ci/bazel:netns_test.bzl", "netns_run_test")

def scenario_test(name, topologies = ["veth"], queues = None, size = "medium", tags = []):
    """Makes NAME_TOPOLOGY for each topology from the scenario file NAME.toml.

    With `queues` the test is NAME_TOPOLOGY_Nq: the same file, over that many RX queues.

    Args:
      name: of the scenario.
      topologies: what it runs over. "veth" needs root: Bazel prints SKIPPED where there is none. "ring", the
        simulated NIC, needs nothing; list it where the scenario demands no host stack.
      queues: RX queues instead of what the file demands; None: what it demands.
      size: Bazel's test size; the runner itself bounds every wait.
      tags: further tags.
    """
    for topology in topologies:
        args = [
            "run",
            "$(location %s.toml)" % name,
            "--topology",
            topology,
        ] + (["--queues", str(queues)] if queues else [])
        common = {
            "name": "%s_%s" % (name, topology) + ("_%dq" % queues if queues else ""),
            "size": size,
            "tags": tags + ["scenario", topology],
        }
        if topology == "ring":
            native.sh_test(
                srcs = ["run_plain.sh"],
                args = ["$(location //sim:runner)"] + args,
                data = ["//sim:runner", name + ".toml"],
                **common
            )
        else:
            netns_run_test(
                binary = "//sim:runner",
                args = args,
                data = [name + ".toml"],
                **common
            )
