"""Scenario files of the turbine topology as Bazel tests."""

load("//ci/bazel:netns_test.bzl", "netns_run_test")

def turbine_test(name, size = "medium", tags = []):
    """Makes NAME_turbine from the scenario file NAME.toml. Needs root; Bazel prints SKIPPED without.

    Args:
      name: of the scenario.
      size: Bazel's test size.
      tags: further tags.
    """
    netns_run_test(
        name = name + "_turbine",
        size = size,
        args = [
            "run",
            "$(location %s.toml)" % name,
            "--penstock=$(location //engine:penstock)",
            "--node=$(location //sim/turbine:turbine_node)",
        ],
        binary = "//sim/turbine:turbine",
        data = [
            name + ".toml",
            "//engine:penstock",
            "//sim/turbine:scripts",
            "//sim/turbine:turbine_node",
        ],
        tags = tags + ["no_sanitizer", "scenario", "turbine"],
    )
