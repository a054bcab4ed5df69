"""The table of the benchmark with figures, goals and measured values, for doc/benchmarks.md, and the
plots."""

import os
import re
import shutil
import subprocess

from measure import exponent

HEAD = ["| figure | goal | reached | measured | taken |", "|---|---|---|---|---|"]
COLORS = {"relman": "#1f5fbf", "relman before": "#c05a1f", "libcurl floor": "#777777", "Go, containers/image": "#2b8a3e",
          "libyaml floor": "#777777"}


class Table:
    """Prints rows of figure, goal and measured value, with a mark for missed goals. taken: the text that
    describes this run."""

    def __init__(self, taken):
        self.rows, self.skipped, self.taken, self.series = [], [], taken, {}

    def row(self, figure, goal, measured, reached=None):
        mark = {True: "yes", False: "NO", None: ""}[reached]
        self.rows.append((figure, goal, measured, mark))
        print(f"{figure:62} {goal:34} {mark:4} {measured}", flush=True)

    def growth(self, figure, sizes, costs, unit, most=1.15):
        """Prints costs at several sizes, and the exponent of their growth. n log n over three decades has an
        exponent of about 1.15."""
        if len(sizes) < 2:
            return
        # Constant costs lower the exponent at small sizes, so that the last two sizes are evaluated alone
        # too.
        b, last = exponent(sizes, costs), exponent(sizes[-2:], costs[-2:])
        at = ", ".join(f"{c:.3g} {unit} at {n:,}" for n, c in zip(sizes, costs))
        self.row(f"growth: {figure}", f"exponent <= {most}", f"{b:.2f}, {last:.2f} at the end ({at})", max(b, last) <= most)

    def point(self, plot, line, x, y):
        """Adds the point (x, y) to a line of a plot."""
        self.series.setdefault(plot, {}).setdefault(line, []).append((x, y))

    def skip(self, name, why):
        self.skipped.append((name, why))
        print(f"{name}: skipped: {why}", flush=True)

    def markdown(self, before=""):
        """Returns the table as Markdown. before: an older table, whose figures remain if this run has not
        measured them."""
        new = {figure: f"| {figure} | {goal} | {mark} | {measured} | {self.taken} |" for figure, goal, measured, mark in self.rows}
        lines = []
        for line in before.splitlines():
            figure = re.match(r"\| (.+?) \|", line)
            if figure and line not in HEAD and line.count(" |") >= 5:
                lines.append(new.pop(figure.group(1), line))
        lines = HEAD + lines + list(new.values())
        lines += ["", *(f"Not measured: {name}: {why}." for name, why in self.skipped)]
        return "\n".join(lines).rstrip() + "\n"


PLOTS = {  # file: (title, unit of y)
    "cold-cpu": ("First sync: processor time", "seconds"),
    "cold-wall": ("First sync: time", "seconds"),
    "cold-memory": ("First sync: peak memory", "MB"),
    "load-cpu": ("Loading specs: processor time", "seconds"),
}


def plot_script(name, lines, path):
    """Returns a script for gnuplot that draws lines over sizes. Both axes are logarithmic, so that linear
    growth is a straight line at 45 degrees."""
    title, unit = PLOTS[name]
    text = [f"set terminal svg size 640,420 dynamic font 'sans,13' background '#ffffff'\nset output '{path}'\nset title '{title}'\n"
            f"set logscale xy\nset key left top\nset grid\nset ylabel '{unit}'\nset format x '%.0f'\nset format y '%g'\nset xlabel "
            f"'{'documents' if name.startswith('load') else 'tags'}'\n"]
    for i, points in enumerate(lines.values()):
        text.append(f"$points{i} << END\n" + "".join(f"{x} {y:.6g}\n" for x, y in points) + "END\n")
    text.append("plot " + ", ".join(f"$points{i} with linespoints lw 2 pt 7 ps 0.6 lc rgb '{COLORS[line]}' title '{line}'"
                                    for i, line in enumerate(lines)) + "\n")
    return "".join(text)


def draw(table, folder):
    """Draws a plot for each series of the table in which every line has at least two points."""
    drawn = {name: lines for name, lines in table.series.items() if all(len(points) > 1 for points in lines.values())}
    if drawn and not shutil.which("gnuplot"):
        table.skip("plots", "gnuplot is not installed (tests/lib/packages.sh, BENCH_PACKAGES)")
        return
    for name, lines in sorted(drawn.items()):
        path = os.path.join(folder, f"benchmark-{name}.svg")
        subprocess.run(["gnuplot"], input=plot_script(name, lines, path), text=True, check=True)
        print(f"wrote {path}")
