"""Scenario files as Bazel tests: one test for each (scenario, topology)."""

load("//ci/bazel:netns_test.bzl", "netns_run_test")

def _names(files):
    return {file.split("/")[-1][:-len(".toml")]: file for file in files}

def scenario_test(name, file, topology, queues = None, size = "medium", tags = []):
    """Makes NAME_TOPOLOGY from a scenario file; with `queues` NAME_TOPOLOGY_Nq.

    Args:
      name: of the scenario.
      file: its file.
      topology: what it runs over. "veth" needs root: Bazel prints SKIPPED where there is none. "ring", the
        simulated NIC, needs nothing.
      queues: RX queues instead of what the file demands; None: what it demands.
      size: Bazel's test size; the runner itself bounds every wait.
      tags: further tags.
    """
    args = [
        "run",
        "$(location %s)" % file,
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
            data = ["//sim:runner", file],
            **common
        )
    else:
        netns_run_test(
            binary = "//sim:runner",
            args = args,
            data = [file],
            **common
        )

def scenario_tests(files, not_on_ring, cpu_2 = [], manual = [], tags = {}, queues = {}):
    """Makes a test over veth and one over the ring of every file: adding a scenario is adding a file.

    The folder of a file is a tag of its tests. A name in these lists that is no scenario is an error.

    Args:
      files: FOLDER/NAME.toml; no two of the same name.
      not_on_ring: names of those that ask for what the ring has not: a host stack, BPF maps, a device.
      cpu_2: names of those that need two cores for themselves.
      manual: names of those that run only when they are asked for.
      tags: by name, further tags.
      queues: by name, numbers of RX queues to run it over once more.
    """
    names = _names(files)
    if len(names) != len(files):
        fail("two scenario files have the same name")
    for name in not_on_ring + cpu_2 + manual + tags.keys() + queues.keys():
        if name not in names:
            fail("there is no scenario " + name)
    for name, file in names.items():
        for topology in ["veth"] + ([] if name in not_on_ring else ["ring"]):
            for number in [None] + queues.get(name, []):
                scenario_test(
                    name = name,
                    file = file,
                    queues = number,
                    tags = [file.split("/")[0]] + tags.get(name, []) +
                           (["cpu:2"] if name in cpu_2 else []) + (["manual"] if name in manual else []),
                    topology = topology,
                )
