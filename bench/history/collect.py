"""What the programs of a night left, as series: results of scenarios, suites, paths. Reading alone."""

import json
import pathlib


def of_suites(made, prefix=""):
    """The JSON of bench/suites/run has series already."""
    return {prefix + name: value for name, value in made["series"].items()}


def of_paths(made):
    """The JSON of bench/paths: each way's figures, and the engine's best by each peer's best."""
    found, best = {}, {}
    for way in made["ways"]:
        name = "paths.%s.%s" % (made["coupling"], way["way"].replace("/", "."))
        delivered = way["delivered_per_second"]["median"]
        found[name + "/delivered"] = delivered
        # Below the baseline's noise a cost is nothing.
        found[name + "/ns"] = max(0.0, way["cost_ns"]["median"])
        path = way["way"].split("/")[0]
        best[path] = max(best.get(path, 0), delivered)
    for peer in ("udp", "testpmd", "bare_recvmmsg", "bare_io_uring"):
        if best.get(peer) and "kernel_filter" in best:
            found["paths.%s/ratio_to_%s" % (made["coupling"], peer)] = best["kernel_filter"] / best[peer]
    return found


def of_limits(made):
    """The JSON of bench/paths --limits: NDR and PDR, and ages at shares of NDR where the rate was kept."""
    found = {}
    for each in made["couplings"]:
        def name_of(way, coupling=each["coupling"]):
            return "paths.%s.%s" % (coupling, way["way"].replace("/", "."))

        for way in each["ways"]:
            found |= {"%s/%s" % (name_of(way), figure): way[figure]["median"] for figure in ("ndr", "pdr")}
        for run in each["latency_ns"]:
            name = "%s.at_%d" % (name_of(run), round(100 * run["share_of_ndr"]))
            for quantile in ("p50", "p99") if run["kept_rate"] and run["age"]["count"] else ():
                found["%s/latency_%s" % (name, quantile)] = run["age"][quantile]
    return found


def of_scenario(result):
    """A result.json of the runner: what its paths lost, took and were late by. Nothing of an invalid run."""
    found = {}
    if result["verdict"] not in ("pass", "fail"):
        return found
    for path in result["paths"]:
        name = "scenario.%s.%s" % (result["scenario"], path["path"])
        if path["offered"]:
            found[name + "/lost"] = sum(path["lost"].values()) / path["offered"]
        if path["ns_per_packet"] is not None:
            found[name + "/ns"] = path["ns_per_packet"]
        for quantile in ("p50", "p99") if path["latency_ns"] else ():
            found["%s/latency_%s" % (name, quantile)] = path["latency_ns"][quantile]
    return found


def scenarios(folder):
    """(series, [scenario and verdict of what did not pass]) of every result.json below a folder."""
    found, bad = {}, []
    for file in sorted(pathlib.Path(folder).glob("**/result.json")):
        result = json.loads(file.read_text())
        found |= of_scenario(result)
        if result["verdict"] != "pass":
            bad.append("%s: %s: %s" % (result["scenario"], result["verdict"], result["reason"]))
    return found, bad
