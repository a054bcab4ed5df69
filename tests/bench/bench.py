#!/usr/bin/env python3
"""Prints a table of figures, goals and measured values (make bench). A missed goal does not fail the run; a
program that fails does.

bench.py [--rows NAME,...] [--sizes 1|2|3] [--runs N] [--seconds N] [--against BUILD] [--write FILE] [--plots FOLDER]"""

import argparse
import os
import platform
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/bench"))
import rows  # noqa: E402
from measure import BUILDDIR, Missing  # noqa: E402
from table import Table, draw  # noqa: E402

SRCDIR = os.environ.get("SRCDIR", ".")


class Plan:
    """How much is measured: the number of sizes of each row (1x, 10x, 100x), the number of runs of each size,
    the seconds under load."""

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
    return f"{os.cpu_count()} x {found.group(1) if found else platform.machine()}, {memory:.0f} GB, Linux {platform.release()}"


def output_of(*arguments):
    return subprocess.run(arguments, capture_output=True, text=True, cwd=SRCDIR).stdout.strip()


def flags():
    with open(f"{BUILDDIR}/Makefile") as f:
        text = f.read()
    return " ".join(re.search(rf"^{name} = (.*)$", text, re.M).group(1) for name in ("CC", "CFLAGS"))


def taken(options):
    """Returns a text for the table: date, commit, number of runs and load of this run."""
    return (f"{time.strftime('%Y-%m-%d', time.gmtime())}, {output_of('git', 'describe', '--always', '--dirty')}, "
            f"{options.runs} run{'s' if options.runs > 1 else ''}, load {os.getloadavg()[0]:.1f}")


def write(path, table, whole):
    """Writes the page. If the run measured only some of the rows, the previous figures of the other rows
    remain."""
    with open(os.path.join(SRCDIR, "tests/bench/notes.md")) as f:
        notes = f.read()
    before = ""
    if not whole and os.path.exists(path):
        with open(path) as f:
            before = f.read().partition("## How it is measured")[0]
    with open(path, "w") as f:
        f.write("# Benchmarks\n\n<!-- written by make bench; the text below the table is tests/bench/notes.md -->\n\n"
                f"- machine: {machine()}\n- compiler: `{flags()}`\n- the last column is the date, the commit, the runs of each figure "
                f"and the load at the start of the run\n\n{table.markdown(before)}\n{notes}")


def read_options():
    names = [row.__name__ for row in rows.ROWS]
    parser = argparse.ArgumentParser(description="One table of figures, their goals and what was measured.")
    parser.add_argument("--rows", default=",".join(names), help="which of: " + ", ".join(names))
    parser.add_argument("--sizes", type=int, default=3, choices=(1, 2, 3), help="1x, 10x and 100x of the work, or less of it")
    parser.add_argument("--runs", type=int, default=5, help="of each figure; the median counts")
    parser.add_argument("--seconds", type=int, default=6, help="under load")
    parser.add_argument("--against", metavar="BUILD", help="a second build folder, of an older commit, measured in the same run")
    parser.add_argument("--write", metavar="FILE", help="the table as Markdown; with --rows, the figures of other rows stay")
    parser.add_argument("--plots", metavar="FOLDER", help="plots of rows cold and load, with at least two sizes")
    options = parser.parse_args()
    for name in options.rows.split(","):
        if name not in names:
            parser.error(f"there is no row '{name}'; there are {', '.join(names)}")
    return options


def main():
    options = read_options()
    table, plan = Table(taken(options)), Plan(options)
    print(f"{'figure':62} {'goal':34} {'':4} measured")
    for row in rows.ROWS:
        if row.__name__ not in options.rows.split(","):
            continue
        try:
            row(table, plan)
        except Missing as missing:
            table.skip(row.__name__, str(missing))
    if options.write:
        write(options.write, table, options.rows == ",".join(row.__name__ for row in rows.ROWS))
    if options.plots:
        draw(table, options.plots)


if __name__ == "__main__":
    main()
