#!/usr/bin/env python3
"""Compares every #include with the table of folders in doc/ARCHITECTURE.md: layers.py [ROOT]."""

import os
import re
import sys

LIBRARIES = [  # headers that are not in a folder, and their names in the table
    (r"curl/.*", "curl"), (r"sqlite3\.h", "sqlite3"), (r"yaml\.h", "yaml"), (r"microhttpd\.h", "microhttpd"),
    (r"pcre2\.h", "pcre2"), (r"cjson/.*", "cjson"), (r"openssl/.*", "openssl"), (r"libpsl\.h", "libpsl"),
    (r"systemd/.*", "systemd"), (r"cbor\.h", "cbor"),
]


def read_table(root):
    table = {}
    with open(os.path.join(root, "doc/ARCHITECTURE.md")) as f:
        for line in f:
            cells = [c.strip() for c in line.split("|")]
            if len(cells) >= 6 and cells[1].startswith("`src/"):
                table[cells[1].strip("`")[len("src/"):]] = (cells[3].split(), cells[4].split())
    return table


def sources(root):
    for folder, _, names in os.walk(os.path.join(root, "src")):
        for name in sorted(names):
            if name.endswith((".c", ".h")):
                yield os.path.join(folder, name)


def check_file(root, path, table):
    place = os.path.relpath(path, os.path.join(root, "src"))
    room = os.path.dirname(place) or "relmand.c"
    shown = os.path.relpath(path, root)
    if room not in table:
        yield f"{shown}:1: src/{room} does not stand in the table of doc/ARCHITECTURE.md"
        return
    may, libraries = table[room]
    with open(path) as f:
        for number, line in enumerate(f, 1):
            m = re.match(r'\s*#\s*include\s+([<"])([^>"]+)[>"]', line)
            if not m:
                continue
            header = m.group(2)
            if m.group(1) == '"':
                target = os.path.dirname(header)
                if target and target != room and target not in may:
                    yield f"{shown}:{number}: {room} must not include {header} (may: {' '.join(may) or 'nothing'})"
                continue
            for pattern, library in LIBRARIES:
                if re.fullmatch(pattern, header) and library not in libraries and header not in libraries:
                    yield (f"{shown}:{number}: {room} must not include <{header}> "
                           f"(libraries: {' '.join(libraries) or 'none'})")


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    table = read_table(root)
    n, faults = 0, []
    for path in sources(root):
        n += 1
        faults += check_file(root, path, table)
    print("\n".join(faults + [f"layers: {n} files, {len(table)} rooms, {len(faults)} faults"]))
    return 1 if faults or not table or n == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
