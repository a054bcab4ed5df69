#!/usr/bin/env python3
"""Prints the coverage of the tests in a build with --enable-coverage: coverage.py BUILD ROOT. Prints one line
for each folder, one for the parsers of outside data, and the files with the most lines that never ran."""

import collections
import fnmatch
import glob
import json
import os
import subprocess
import sys

PARSERS = """api/hook/payload.c api/http/body.c api/http/token.c api/http/parameters.c base/parse.c base/time.c base/utf8.c http/retry-after.c
    http/rate-limit.c http/url.c lock/read.c model/schema/decode.c model/image/image.c model/json.c registry/docker-config.c registry/token-json.c
    registry/wire/*.c spec/check.c spec/check-format.c spec/config/config.c spec/tree/yaml.c trust/*.c trust/notation/*.c version/date.c version/extract.c version/numeric.c
    version/range.c version/semver.c version/sequential.c""".split()


def read(build, root):
    """Returns file -> ({line: count}, {branch: count}). If several object files contain a line, its highest
    count is returned."""
    lines, branches = collections.defaultdict(dict), collections.defaultdict(dict)
    for data in glob.glob(build + "/src/**/*.gcda", recursive=True):
        r = subprocess.run(["gcov", "--branch-probabilities", "--json-format", "--stdout", data], capture_output=True, cwd=build)
        for document in filter(None, r.stdout.decode().splitlines()):
            for item in json.loads(document)["files"]:
                name = os.path.relpath(os.path.normpath(os.path.join(build, item["file"])), os.path.join(root, "src"))
                if name.startswith(".."):
                    continue
                for line in item["lines"]:
                    number = line["line_number"]
                    lines[name][number] = max(lines[name].get(number, 0), line["count"])
                    for i, branch in enumerate(line["branches"]):
                        branches[name][number, i] = max(branches[name].get((number, i), 0), branch["count"])
    return {name: (lines[name], branches[name]) for name in lines}


def row(title, files):
    ran = [sum(1 for f in files for v in f[i].values() if v) for i in (0, 1)]
    total = [max(1, sum(len(f[i]) for f in files)) for i in (0, 1)]
    print(f"{title:24} {100 * ran[0] / total[0]:6.1f} % of {total[0]:5} lines   {100 * ran[1] / total[1]:6.1f} % of {total[1]:5} branches")


def main():
    build, root = (os.path.realpath(p) for p in sys.argv[1:3])
    files = read(build, root)
    for folder in sorted({name.split("/")[0] for name in files if "/" in name}):
        row("src/" + folder, [f for name, f in files.items() if name.startswith(folder + "/")])
    row("parsers", [f for name, f in files.items() if any(fnmatch.fnmatch(name, pattern) for pattern in PARSERS)])
    row("all", list(files.values()))
    missing = sorted(((sum(1 for v in f[0].values() if not v), name) for name, f in files.items()), reverse=True)
    print("most lines that never ran: " + ", ".join(f"{name} {n}" for n, name in missing[:12]))
    unknown = [pattern for pattern in PARSERS if not fnmatch.filter(files, pattern)]
    if unknown:
        print("not there: " + " ".join(unknown))
    return 1 if unknown or not files else 0


if __name__ == "__main__":
    sys.exit(main())
