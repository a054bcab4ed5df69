#!/usr/bin/env python3
"""Checks two pages: operating.py ROOT.

- doc/operating.md has a row for every reason of a condition, and for no other word. A reason is any string in
  the C files of FOLDERS that is one word in camel case. Its row in the page begins with | `Reason` |.
- Every test that a row of the threats in doc/reliability.md names exists: `FILE CLASS, CLASS`, or a target
  `check-NAME` of tests/fault."""

import glob
import os
import re
import sys

FOLDERS = ["release", "control", "plan", "sync", "compose", "deploy", "publish", "reconcile"]
REASON = re.compile(r'"([A-Z][a-z]+(?:[A-Z][a-z]+)*)"')


def reasons(root):
    found = {}
    for path in sorted(p for folder in FOLDERS for p in glob.glob(os.path.join(root, "src", folder, "**", "*.c"), recursive=True)):
        with open(path) as f:
            for number, line in enumerate(f, 1):
                for reason in REASON.findall(line):
                    found.setdefault(reason, f"{os.path.relpath(path, root)}:{number}")
    return found


def rows(root):
    with open(os.path.join(root, "doc/operating.md")) as f:
        return {m[1]: number for number, line in enumerate(f, 1) if (m := re.match(r"\| `([A-Z]\w+)` \|", line))}


def find_test(root, name):
    """Returns the path of a test; None if there is none."""
    names = [os.path.join(folder, name) for folder in ("", "integration", "golden")]
    names += [f"fuzz/{name}.c", f"fault/{name.removeprefix('check-')}.py"]
    return next((path for path in (os.path.join(root, "tests", n) for n in names) if os.path.exists(path)), None)


def threats(root):
    """Returns the problems of the rows of threats, each of which has three columns."""
    problems = []
    with open(os.path.join(root, "doc/reliability.md")) as f:
        lines = list(enumerate(f, 1))
    begin = next((number for number, line in lines if line.startswith("## The threats")), len(lines))
    for number, line in lines[begin:]:
        columns = line.split("|")
        if len(columns) != 5 or columns[1].strip() in ("threat", "---"):
            continue
        tests = re.findall(r"`([^`]+)`((?: [A-Z]\w+,?)*)", columns[3])
        if not tests:
            problems.append(f"doc/reliability.md:{number}: names no test")
        for name, classes in tests:
            path = find_test(root, name)
            if not path:
                problems.append(f"doc/reliability.md:{number}: there is no test '{name}'")
                continue
            for word in re.findall(r"\w+", classes):
                with open(path) as f:
                    if f"class {word}(" not in f.read():
                        problems.append(f"doc/reliability.md:{number}: {name} has no class '{word}'")
    return problems


def main():
    root = sys.argv[1]
    wanted, found = reasons(root), rows(root)
    problems = [f"{wanted[r]}: reason '{r}' has no row in doc/operating.md" for r in sorted(wanted.keys() - found.keys())]
    problems += [f"doc/operating.md:{found[r]}: nothing in src has reason '{r}'" for r in sorted(found.keys() - wanted.keys())]
    problems += threats(root)
    if not wanted:
        problems.append("src: no reason was found")
    for problem in problems:
        print(problem)
    print(f"operating: {len(wanted)} reasons, {len(problems)} faults")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
