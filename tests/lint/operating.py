#!/usr/bin/env python3
"""Checks that doc/operating.md has a row for every reason of a condition, and for no other word: operating.py
ROOT.

A reason is any string in the C files of FOLDERS that is one word in camel case. Its row in the page begins
with | `Reason` |."""

import glob
import os
import re
import sys

FOLDERS = ["release", "control", "plan", "sync", "compose", "deploy", "publish", "reconcile"]
REASON = re.compile(r'"([A-Z][a-z]+(?:[A-Z][a-z]+)*)"')


def reasons(root):
    found = {}
    for path in sorted(p for folder in FOLDERS for p in glob.glob(os.path.join(root, "src", folder, "*.c"))):
        with open(path) as f:
            for number, line in enumerate(f, 1):
                for reason in REASON.findall(line):
                    found.setdefault(reason, f"{os.path.relpath(path, root)}:{number}")
    return found


def rows(root):
    with open(os.path.join(root, "doc/operating.md")) as f:
        return {m[1]: number for number, line in enumerate(f, 1) if (m := re.match(r"\| `([A-Z]\w+)` \|", line))}


def main():
    root = sys.argv[1]
    wanted, found = reasons(root), rows(root)
    problems = [f"{wanted[r]}: reason '{r}' has no row in doc/operating.md" for r in sorted(wanted.keys() - found.keys())]
    problems += [f"doc/operating.md:{found[r]}: nothing in src has reason '{r}'" for r in sorted(found.keys() - wanted.keys())]
    if not wanted:
        problems.append("src: no reason was found")
    for problem in problems:
        print(problem)
    print(f"operating: {len(wanted)} reasons, {len(problems)} faults")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
