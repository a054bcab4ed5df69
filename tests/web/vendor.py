#!/usr/bin/env python3
"""Compares the files of src/web/page/vendor byte for byte with their packages in the npm registry."""

import io
import os
import subprocess
import sys
import tarfile
import tempfile

FOLDER = "src/web/page/vendor"
# file of vendor: package with its version, file in the package
VENDORED = {
    "htm.umd.js": ("htm@3.1.1", "dist/htm.umd.js"),
    "LICENSE.htm": ("htm@3.1.1", "LICENSE"),
    "preact.umd.js": ("preact@10.29.8", "dist/preact.umd.js"),
    "hooks.umd.js": ("preact@10.29.8", "hooks/dist/hooks.umd.js"),
    "LICENSE.preact": ("preact@10.29.8", "LICENSE"),
    "uPlot.iife.min.js": ("uplot@1.6.32", "dist/uPlot.iife.min.js"),
    "uPlot.min.css": ("uplot@1.6.32", "dist/uPlot.min.css"),
    "LICENSE.uPlot": ("uplot@1.6.32", "LICENSE"),
}


def package(name):
    """Returns the files of a package by name. npm checks the archive against the digest of the registry."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", name], cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=120)
        with open(os.path.join(folder, os.listdir(folder)[0]), "rb") as f:
            archive = tarfile.open(fileobj=io.BytesIO(f.read()))
    return {member.name.split("/", 1)[1]: archive.extractfile(member).read() for member in archive if member.isfile()}


def main():
    faults = [f"{FOLDER}/{name}: it is in no package that {sys.argv[0]} lists" for name in sorted(os.listdir(FOLDER)) if name not in VENDORED]
    packages = {name: package(name) for name, _ in VENDORED.values()}
    for file, (name, member) in VENDORED.items():
        path = os.path.join(FOLDER, file)
        if not os.path.exists(path):
            faults.append(f"{path}: missing; copy {member} of {name}")
            continue
        with open(path, "rb") as f:
            if f.read() != packages[name].get(member):
                faults.append(f"{path}: differs from {member} of {name}")
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(VENDORED)} vendored files: {len(faults)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    os.chdir(os.environ.get("SRCDIR", "."))
    main()
