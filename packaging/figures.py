#!/usr/bin/python3
"""What docs/operating.md states of the package: its sizes, and for each way how long the engine takes from
its start until it receives and what memory it then holds. Medians of five starts with the package's own
configuration on a veth of one queue; as root, whom no limit on locked memory stops, as the unit has none.

usage, as root, with what `bazel build //packaging:deb //packaging:figures` has made:
  ci/bazel/in_netns.sh bazel-bin/packaging/figures bazel-bin/packaging/penstock_*_amd64.deb
"""

import os
import statistics
import sys
import time

from packaged_engine import Engine, Package, run

STARTS = 5
WAYS = ["kernel_filter", "userspace_filter", "io_uring", "udp"]


def resident_kib(pid):
    """Of the engine and of the broker, its child."""
    out = run("ps", "-o", "rss=", "-p", str(pid), "--ppid", str(pid))
    return sum(int(word) for word in out.split())


def measure(package, way):
    ready, held = [], []
    for _ in range(STARTS):
        begin = time.monotonic()
        engine = Engine(package, {"path": f'"{way}"'}, as_root=True)
        try:
            engine.ready()
            ready.append(time.monotonic() - begin)
            held.append(resident_kib(engine.process.pid))
            engine.end()
        finally:
            engine.close()
    return statistics.median(ready), statistics.median(held)


def main():
    deb, = sys.argv[1:]
    installed = run("dpkg-deb", "-f", deb, "Installed-Size")
    print(f"package {os.path.getsize(deb) / 1e6:.1f} MB, installed {int(installed) * 1024 / 1e6:.1f} MB")
    package = Package(os.path.abspath(deb))
    try:
        for way in WAYS:
            seconds, kib = measure(package, way)
            print(f"{way}: receives {seconds * 1e3:.0f} ms after its start, holds {kib * 1024 / 1e6:.0f} MB")
    finally:
        package.gone()


main()
