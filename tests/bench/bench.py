#!/usr/bin/env python3
"""make bench: one table of figures with their goals. No figure fails anything; a program that fails does."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
from docker_registry import DockerRegistry  # noqa: E402
from relman import BUILDDIR, Site  # noqa: E402

ROWS = []


def row(what, goal, measured):
    ROWS.append((what, goal, measured))
    print(f"{what:44} {goal:34} {measured}", flush=True)


def cpu_and_wall(arguments, **more):
    """Runs it five times; the medians of CPU seconds and wall seconds."""
    times = []
    for _ in range(5):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - start))
    return statistics.median(t[0] for t in times), statistics.median(t[1] for t in times)


def rules():
    rate = subprocess.run([f"{BUILDDIR}/tests/bench/bench-rules"], check=True, capture_output=True, text=True).stdout
    row("rules: 1,000,000 tags x 3 rules", ">= 2 million tags/s", f"{float(rate) / 1e6:.2f} million tags/s")


def explain():
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/c.yaml", "w") as f:
            f.write("apiVersion: relman/v1\nkind: Component\nmetadata: {name: api}\nspec:\n"
                    "  imageRepository: r.example/a\n  versionRules:\n"
                    "    - {pattern: '^v(\\d+\\.\\d+\\.\\d+)$', channel: stable}\n"
                    "    - {pattern: '^v(\\d+\\.\\d+\\.\\d+-rc\\.\\d+)$', channel: beta}\n"
                    "    - {pattern: '^nightly-(\\d+\\.\\d+\\.\\d+)$', channel: nightly}\n")
        with open(f"{folder}/tags", "w") as f:
            for i in range(200000):
                f.write(("v{}.{}.{}", "v{}.{}.{}-rc.1", "nightly-{}.{}.{}", "sha-{}{}{}")[i % 4]
                        .format(i // 10000, i // 100 % 100, i % 100) + "\n")
        for form in ("json", "table"):
            arguments = [f"{BUILDDIR}/relmanctl", "explain", "--specs", folder, "api", "--tags", f"{folder}/tags", "-o", form]
            row(f"explain of 200,000 tags, -o {form}", "< 1 s", f"{cpu_and_wall(arguments)[1]:.2f} s")


def spec_load():
    with tempfile.TemporaryDirectory() as folder:
        for i in range(100):
            with open(f"{folder}/{i}.yaml", "w") as f:
                f.write("---\n".join(
                    f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: c{i}-{j}}}\nspec:\n"
                    f"  imageRepository: r.example/a/c{i}-{j}\n  versioningStrategy: {{type: semver, tagPattern: '^v'}}\n"
                    "  versionRules:\n    - {pattern: '^v(\\d+\\.\\d+\\.\\d+)$', channel: stable}\n" for j in range(100)))
        load = cpu_and_wall([f"{BUILDDIR}/relmanctl", "lint", folder])[0]
        scan = cpu_and_wall([f"{BUILDDIR}/tests/bench/yaml-scan", *[f"{folder}/{i}.yaml" for i in range(100)]])[0]
        row("spec load: 10,000 component documents", "<= 2 x bare libyaml scan",
            f"{load / scan:.2f} x ({load:.2f} s and {scan:.2f} s CPU)")


def warm_poll():
    registry, site = DockerRegistry(), Site()
    try:
        for i in range(3):
            for j in range(50):
                registry.push(f"b/c{i}", f"v1.{j}.0")
            site.write(f"c{i}.yaml", f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: c{i}}}\n"
                                     f"spec: {{imageRepository: {registry.host}/b/c{i}, versioningStrategy: {{type: semver}}}}\n")
        site.write("r.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\nspec: {{url: '{registry.url}'}}\n")
        cold = site.once()[1]
        warm = site.once()[1]
        n = [int(out.split(" requests")[0].rsplit(" ", 1)[1]) for out in (cold, warm)]
        cpu, wall = cpu_and_wall(site.arguments("--once"))
        row("cold sync, 3 components x 50 tags", "1 list + 50 HEAD each", f"{n[0]} requests")
        row("warm --once, the same", "1 list + 1 HEAD each, <= 10 ms CPU", f"{n[1]} requests, {cpu * 1000:.0f} ms CPU, {wall * 1000:.0f} ms")
    finally:
        site.close()
        registry.close()


def size():
    total = 0
    with tempfile.TemporaryDirectory() as folder:
        for program in ("relmand", "relmanctl"):
            subprocess.run(["strip", "-o", f"{folder}/{program}", f"{BUILDDIR}/{program}"], check=True)
            total += os.path.getsize(f"{folder}/{program}")
    row("size: stripped relmand + relmanctl", "<= 600 KB", f"{total / 1000:.0f} KB")


if __name__ == "__main__":
    print(f"{'figure':44} {'goal':34} measured")
    for measure in (rules, explain, spec_load, warm_poll, size):
        measure()
