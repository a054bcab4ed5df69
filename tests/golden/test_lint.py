#!/usr/bin/env python3
"""What relmanctl lint says of each file in lint/, whole. UPDATE_GOLDEN=1 writes the answers anew."""

import glob
import os
import re
import subprocess
import sys
import tempfile
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


class Counts(unittest.TestCase):
    def test_an_error_behind_a_flood_of_warnings_is_told_and_counted(self):
        odd = ("apiVersion: relman/v1\nkind: Component\nmetadata: {{name: c{}}}\nspec: {{imageRepository: r.example.com/a, "
               "versioningStrategy: {{type: manual}}, versionRules: [{{pattern: '^v(.*)$', channel: stable}}]}}\n---\n")
        wrong = ("apiVersion: relman/v1\nkind: Component\nmetadata: {name: wrong}\nspec: {imageRepository: r.example.com/a, chanel: x}\n---\n"
                 "apiVersion: relman/v1\nkind: Release\nmetadata: {name: BAD}\nspec: {mode: full}\n")
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "specs"))
            path = os.path.join(folder, "specs/all.yaml")
            with open(path, "w") as f:
                f.write("".join(odd.format(i) for i in range(1001)) + wrong)
            status, out, err = relman.relmanctl("lint", path)
            self.assertEqual(status, 1, out[-2000:] + err)
            self.assertIn("1 file, 1001 objects: 2 errors, 1001 warnings\n", out)
            self.assertIn('error: unknown field "chanel"', out)
            self.assertIn('"BAD" is not a name', out)
            r = subprocess.run([os.path.join(relman.BUILDDIR, "relmand"), "--check", "--specs", os.path.dirname(path)],
                               capture_output=True, text=True, timeout=60)
            self.assertEqual(r.returncode, 1)
            self.assertIn(": 2 errors, 1001 warnings\n", r.stdout)


class Examples(unittest.TestCase):
    def test_the_example_of_the_manual_of_the_configuration_is_one(self):
        with open(os.path.join(SRCDIR, "doc/relmand.yaml.5.head")) as f:
            example = re.search(r"^\.nf\n(.*?)^\.fi$", f.read(), re.M | re.S)[1].replace("\\-", "-")
        self.check(example, 0)
        self.check(example.replace("webhooks:", "webhoks:"), 2)
        self.assertIn('field "listen": "8443" is no address and port', self.check(example.replace("'[::]:8443'", "8443"), 2))
        self.assertIn('certFile and keyFile go together', self.check(example.replace("  keyFile: /etc/relman/tls/key.pem\n", ""), 2))

    def check(self, config, wanted):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "c.yaml"), "w") as f:
                f.write(config)
            os.mkdir(os.path.join(folder, "specs"))
            r = subprocess.run([os.path.join(relman.BUILDDIR, "relmand"), "--check", "--config", f.name, "--specs", os.path.join(folder, "specs")],
                               capture_output=True, text=True, timeout=60)
            self.assertEqual(r.returncode, wanted, r.stdout + r.stderr)
            return r.stderr

    def test_the_examples_of_etc_are_well(self):
        self.assertEqual(relman.relmanctl("lint", os.path.join(SRCDIR, "etc/examples"))[::2], (0, ""))


if __name__ == "__main__":
    relman.main()
