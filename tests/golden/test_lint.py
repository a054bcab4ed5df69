#!/usr/bin/env python3
"""What relmanctl lint says of each file in lint/, whole. UPDATE_GOLDEN=1 writes the answers anew."""

import glob
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import SRCDIR  # noqa: E402

FOLDER = os.path.join(SRCDIR, "tests/golden/lint")


class Lint(unittest.TestCase):
    pass


def add(path):
    name = os.path.splitext(os.path.basename(path))[0]

    def test(self):
        status, out, err = relman.relmanctl("lint", path)
        got = f"exit status {status}\n{out}{err}".replace(FOLDER + "/", "")
        golden = os.path.join(FOLDER, name + ".txt")
        if os.environ.get("UPDATE_GOLDEN"):
            with open(golden, "w") as f:
                f.write(got)
        with open(golden) as f:
            self.assertEqual(got, f.read())
        self.assertEqual(status, 0 if name.startswith(("good", "empty", "only")) else 1)
    setattr(Lint, "test_lint_of_" + name.replace("-", "_"), test)


for spec in sorted(glob.glob(os.path.join(FOLDER, "*.yaml"))):
    add(spec)

if __name__ == "__main__":
    relman.main()
