"""Scenario files as Bazel tests: one test for each (scenario, topology)."""

load("//ci/bazel:netns_test.bzl", "netns_run_test")

def scenario_test(name, topologies = ["veth"], size = "medium", tags = []):
    """Makes NAME_TOPOLOGY for each topology from the scenario file NAME.toml.

    Args:
      name: of the scenario.
      topologies: what it runs over. "veth" needs root: Bazel prints SKIPPED where there is none.
      size: Bazel's test size; the runner itself bounds every wait.
      tags: further tags.
    """
    for topology in topologies:
        netns_run_test(
            name = "%s_%s" % (name, topology),
            binary = "//sim:runner",
            size = size,
            args = [
                "run",
                "$(location %s.toml)" % name,
                "--topology",
                topology,
            ],
            data = [name + ".toml"],
            tags = tags + ["scenario", topology],
        )
