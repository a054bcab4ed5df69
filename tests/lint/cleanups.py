#!/usr/bin/env python3
"""Checks that every local variable with _cleanup_() has a value when its function returns: cleanups.py
[ROOT].

A variable without an initial value must be used before the first return, continue or break, by an assignment
or as &variable. Otherwise an early return frees a random pointer. Compilers do not report this: they do not
count the attribute as a use, and -ftrivial-auto-var-init=zero hides the fault."""

import os
import re
import sys

DECLARATION = re.compile(r"_cleanup_\(\w+\)\s+(?:const )?\w+ \**([\w, *]+);")


def faults(text):
    for m in DECLARATION.finditer(text):
        body = text[m.end():text.find("\n}\n", m.end())]
        early = re.search(r"\b(return|continue|break)\b", body)
        for name in re.findall(r"\w+", m.group(1)):
            use = re.search(rf"\b{name}\b", body)
            if early and (not use or early.start() < use.start()):
                yield text.count("\n", 0, m.start()) + 1, name


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    n = n_faults = 0
    for top in ("src", "tests"):
        for folder, _, names in sorted(os.walk(os.path.join(root, top))):
            for name in sorted(names):
                if not name.endswith(".c"):
                    continue
                path = os.path.join(folder, name)
                n += 1
                with open(path) as f:
                    for line, local in faults(f.read()):
                        n_faults += 1
                        print(f"{os.path.relpath(path, root)}:{line}: '{local}' is released by a return that comes before it has a value; "
                              "declare it with = { 0 }, or initialise it first")
    print(f"cleanups: {n} files, {n_faults} faults")
    return 1 if n_faults or n == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
