#!/usr/bin/env python3
"""Finds files of src that call each other in a circle: cycles.py ROOT BUILD [KNOWN].

Calls are read from the compiler's object files: if one file needs a symbol that another file defines, the
first calls the second. KNOWN lists the files that are in a circle, one in each line, and may only shrink. A
file in a circle that is not listed is a fault; a listed file that is in no circle is a fault too. No circle
may contain files of several folders."""

import os
import re
import subprocess
import sys

# automake prepends the name of the library or program to the file's name
OBJECT = re.compile(r"^(?:\w+_a-|relmand-|relmanctl-)?(.+)\.o$")


def objects(root, build):
    """Returns {source: its object file}. A build may have older object files of sources that were moved."""
    found = {}
    for folder, _, names in os.walk(os.path.join(build, "src")):
        for name in names:
            m = OBJECT.match(name)
            source = m and os.path.join(os.path.relpath(folder, build), m.group(1) + ".c")
            path = os.path.join(folder, name)
            if source and os.path.exists(os.path.join(root, source)):
                if source not in found or os.path.getmtime(path) > os.path.getmtime(found[source]):
                    found[source] = path
    return found


def symbols(path):
    """Returns two sets: the symbols that an object file defines, and the symbols that it needs."""
    defined, needed = set(), set()
    out = subprocess.run(["nm", "--extern-only", path], capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        kind, name = line.split()[-2:]
        (needed if kind in "Uw" else defined).add(name)
    return defined, needed


def calls(files):
    """Converts {file: (defined, needed)} to {file: files that it calls}."""
    home = {}
    for file, (defined, _) in files.items():
        for name in defined:
            home.setdefault(name, file)
    return {file: {home[name] for name in needed if name in home} - {file} for file, (_, needed) in files.items()}


def circles(graph):
    """Returns each set of two or more files in which every file calls every other, directly or through
    others. Uses Tarjan's algorithm without recursion."""
    index, low, stack, on_stack, found = {}, {}, [], set(), []
    for root in sorted(graph):
        if root in index:
            continue
        work = [(root, iter(sorted(graph[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            file, rest = work[-1]
            step = next(rest, None)
            if step is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[file])
                if low[file] == index[file]:
                    i = stack.index(file)
                    if len(stack) - i > 1:
                        found.append(sorted(stack[i:]))
                    on_stack.difference_update(stack[i:])
                    del stack[i:]
            elif step not in index:
                index[step] = low[step] = len(index)
                stack.append(step)
                on_stack.add(step)
                work.append((step, iter(sorted(graph[step]))))
            elif step in on_stack:
                low[file] = min(low[file], index[step])
    return found


def room(file):
    return file.split("/")[1]


def read_known(path):
    with open(path) as f:
        return {line.strip() for line in f if line.strip() and not line.startswith("#")}


def main():
    files = {source: symbols(path) for source, path in sorted(objects(sys.argv[1], sys.argv[2]).items())}
    known = read_known(sys.argv[3]) if len(sys.argv) > 3 else set()
    found = circles(calls(files))
    in_circle = {file for circle in found for file in circle}
    faults = [f"{file}: calls files that call it back: {' '.join(f for f in circle if f != file)}"
              for circle in found for file in circle if file not in known]
    faults += [f"{circle[0]}: a circle through several folders: {' '.join(circle)}"
               for circle in found if len({room(file) for file in circle}) > 1]
    faults += [f"{file}: listed, and in no circle any more: take its line away" for file in sorted(known - in_circle)]
    if not files:
        faults.append(f"{sys.argv[2]}: no object file was found")
    print("\n".join(faults + [f"cycles: {len(files)} files, {len(found)} circles of {len(in_circle)} files, "
                              f"{len(faults)} faults"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
