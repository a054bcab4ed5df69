#!/usr/bin/env python3
"""make bench: prints a table of figures, goals and measured values. A figure never fails the run; a
program that fails does.

bench.py [--rows NAME,...] [--sizes 1|2|3] [--runs N] [--seconds N] [--write FILE]"""

import argparse
import os
import platform
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/bench"))
import rows  # noqa: E402
from measure import BUILDDIR, Missing, Table  # noqa: E402

SRCDIR = os.environ.get("SRCDIR", ".")


class Plan:
    """How much is measured: sizes of a row (1x, 10x, 100x), runs of each, seconds under load."""

    def __init__(self, options):
        self.n_sizes, self.runs, self.seconds = options.sizes, options.runs, options.seconds
        self.against = options.against

    def sizes(self, *all_sizes):
        return list(all_sizes[:self.n_sizes])


def machine():
    with open("/proc/cpuinfo") as f:
        found = re.search(r"model name\s*: (.*)", f.read())
    with open("/proc/meminfo") as f:
        memory = int(re.search(r"MemTotal:\s*(\d+)", f.read()).group(1)) / 1e6
    return (f"{os.cpu_count()} x {found.group(1) if found else platform.machine()}, {memory:.0f} GB, Linux {platform.release()}, "
            f"load {os.getloadavg()[0]:.1f} at the start")


def output_of(*arguments):
    return subprocess.run(arguments, capture_output=True, text=True, cwd=SRCDIR).stdout.strip()


def flags():
    with open(f"{BUILDDIR}/Makefile") as f:
        text = f.read()
    return " ".join(re.search(rf"^{name} = (.*)$", text, re.M).group(1) for name in ("CC", "CFLAGS"))


def write(path, table, begun):
    with open(os.path.join(SRCDIR, "tests/bench/notes.md")) as f:
        notes = f.read()
    with open(path, "w") as f:
        f.write("# Benchmarks\n\n<!-- written by make bench; the text below the table is tests/bench/notes.md -->\n\n"
                f"- machine: {begun['machine']}\n- date: {time.strftime('%Y-%m-%d', time.gmtime())}\n"
                f"- commit: {begun['commit']}\n- compiler: `{flags()}`\n"
                f"- command: `make bench{begun['options']}`\n\n{table.markdown()}\n{notes}")


def read_options():
    names = [row.__name__ for row in rows.ROWS]
    parser = argparse.ArgumentParser(description="One table of figures, their goals and what was measured.")
    parser.add_argument("--rows", default=",".join(names), help="which of: " + ", ".join(names))
    parser.add_argument("--sizes", type=int, default=3, choices=(1, 2, 3), help="1x, 10x and 100x of the work, or less of it")
    parser.add_argument("--runs", type=int, default=5, help="of each figure; the median counts")
    parser.add_argument("--seconds", type=int, default=6, help="under load")
    parser.add_argument("--against", metavar="BUILD", help="a second build folder, measured in the same run (row first)")
    parser.add_argument("--write", metavar="FILE", help="the table as Markdown")
    options = parser.parse_args()
    for name in options.rows.split(","):
        if name not in names:
            parser.error(f"there is no row '{name}'; there are {', '.join(names)}")
    return options


def less_than_all(options):
    """The arguments of the command line, without the output file."""
    said = [f"--{name} {value}" for name, value in sorted(vars(options).items()) if name != "write" and f"--{name}" in sys.argv]
    return f" BENCH='{' '.join(said)}'" if said else ""


def main():
    options = read_options()
    begun = {"machine": machine(), "commit": output_of("git", "describe", "--always", "--dirty"), "options": less_than_all(options)}
    table, plan = Table(), Plan(options)
    print(f"{'figure':62} {'goal':34} {'':4} measured")
    for row in rows.ROWS:
        if row.__name__ not in options.rows.split(","):
            continue
        try:
            row(table, plan)
        except Missing as missing:
            table.skip(row.__name__, str(missing))
    if options.write:
        write(options.write, table, begun)


if __name__ == "__main__":
    main()
