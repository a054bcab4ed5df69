#!/usr/bin/env python3
"""Measures the table of sizes in doc/operating.md and prints one row for each size. BUILDDIR must be a build
without sanitizers."""

import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
from measure import StaticRegistry  # noqa: E402
from relman import BUILDDIR, Site  # noqa: E402


def peak(pid):
    with open(f"/proc/{pid}/status") as f:
        return int(next(line for line in f if line.startswith("VmHWM")).split()[1]) / 1024


def timed(*arguments):
    start = time.monotonic()
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - start


def measure(n_components, n_tags):
    registry, site = StaticRegistry(n_tags), Site()
    try:
        site.write("r.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\nspec: {{url: '{registry.url}'}}\n")
        site.write("c.yaml", "---\n".join(f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: c{i}}}\n"
                                          f"spec: {{imageRepository: {registry.url[7:]}/c{i}}}\n" for i in range(n_components)))
        first = timed(*site.arguments("--once"))
        size = os.stat(site.state).st_size / 2**20
        start = time.monotonic()
        site.start()
        ready = time.monotonic() - start
        time.sleep(5)  # the first polls need some time
        backup = os.path.join(site.folder, "b.db")
        backed = timed(os.path.join(BUILDDIR, "relmanctl"), "backup", backup, "--socket", site.socket)
        rss = peak(site.process.pid)
        site.stop()
        restored = timed(os.path.join(BUILDDIR, "relmanctl"), "restore", backup, "--state", site.state)
        print(f"| {n_components:,} | {n_tags:,} | {first:.1f} s | {size:.0f} MB | {ready:.2f} s | {rss:.0f} MB | {backed:.2f} s | {restored:.2f} s |",
              flush=True)
    finally:
        site.close()
        registry.close()


if __name__ == "__main__":
    print("| components | tags each | first sync | database | start to ready | memory, peak | backup | restore |\n|---|---|---|---|---|---|---|---|")
    for sizes in ((10, 100), (100, 100), (1000, 100), (1, 100000)):
        measure(*sizes)
