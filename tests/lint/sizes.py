#!/usr/bin/env python3
"""Checks sizes: .c at most 600 lines, .h 200, a function 60 lines and 6 parameters, the files of a folder
6,000 lines: sizes.py [ROOT].

Relies on the format that clang-format enforces: the braces around a function's body are in column 0, below
its signature. Tables are exempt, because their braces are not alone in column 0."""

import os
import re
import sys

FILE_MAX = {".c": 600, ".h": 200}
FUNCTION_MAX, PARAMETERS_MAX, FOLDER_MAX = 60, 6, 6000
FOREIGN = {"src/api/http/server.c on_request"}  # libmicrohttpd defines its parameters (MHD_AccessHandlerCallback)


def parameters(signature):
    inner = signature[signature.index("(") + 1:signature.rindex(")")]
    depth, n = 0, 1
    for c in inner:
        depth += (c in "([") - (c in ")]")
        n += c == "," and depth == 0
    return 0 if inner.strip() in ("", "void") else n


def functions(lines):
    """Returns (first line, last line, name, number of parameters) of each function."""
    start = None
    for i, line in enumerate(lines):
        if line == "{":
            start = i
        elif line == "}" and start is not None:
            first = start - 1
            while first > 0 and lines[first - 1] and not lines[first - 1].endswith((";", "}", "*/")) \
                    and not lines[first - 1].startswith("#"):
                first -= 1
            signature = " ".join(lines[first:start])
            m = re.search(r"(\w+)\(", signature)
            if m and "=" not in signature.split("(")[0]:
                yield first + 1, i + 1, m.group(1), parameters(signature)
            start = None


def check_file(root, path):
    shown = os.path.relpath(path, root)
    with open(path) as f:
        lines = f.read().split("\n")
    limit = FILE_MAX[os.path.splitext(path)[1]]
    if len(lines) - 1 > limit:
        yield f"{shown}:1: {len(lines) - 1} lines, more than {limit}; split it"
    for first, last, name, n in functions(lines):
        if last - first + 1 > FUNCTION_MAX:
            yield f"{shown}:{first}: {name}() has {last - first + 1} lines, more than {FUNCTION_MAX}"
        if n > PARAMETERS_MAX and f"{shown} {name}" not in FOREIGN:
            yield f"{shown}:{first}: {name}() has {n} parameters, more than {PARAMETERS_MAX}"


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    n, lengths, faults = 0, [], []
    for folder, _, names in os.walk(os.path.join(root, "src")):
        n_lines = 0
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name.endswith((".c", ".h")):
                n += 1
                faults += check_file(root, path)
                with open(path) as f:
                    lines = f.read().split("\n")
                n_lines += len(lines) - 1
                lengths += [b - a + 1 for a, b, _, _ in functions(lines)]
        if n_lines > FOLDER_MAX:
            faults.append(f"{os.path.relpath(folder, root)}: {n_lines} lines, more than {FOLDER_MAX}; split it")
    lengths.sort()
    median, p95 = (lengths[len(lengths) // 2], lengths[len(lengths) * 95 // 100]) if lengths else (0, 0)
    print("\n".join(faults + [f"sizes: {n} files, {len(lengths)} functions (median {median}, p95 {p95} lines), "
                              f"{len(faults)} faults"]))
    return 1 if faults or n == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
