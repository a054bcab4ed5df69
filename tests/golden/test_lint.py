#!/usr/bin/env python3
"""Compares the complete output of relmanctl lint for each file in lint/ with the expected text.
UPDATE_GOLDEN=1 writes the expected texts again."""

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

    def test_the_examples_of_the_manual_of_specs_are_one_tree_without_fault(self):
        with open(os.path.join(SRCDIR, "doc/relman-spec.5.tail")) as f:
            page = f.read()
        for kind in ("Registry", "Component", "Release", "ReleaseStream", "Environment", "Calendar"):
            self.assertRegex(page, rf"(?s)\.SS {kind}\n.*?kind: {kind}\n")
        blocks = [re.sub(r"(?m)^    ", "", b).replace("\\-", "-").replace("\\e", "\\") for b in re.findall(r"^\.nf\n(.*?)^\.fi$", page, re.M | re.S)]
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "all.yaml"), "w") as f:
                f.write("---\n".join(blocks))
            status, out, err = relman.relmanctl("lint", folder)
        found = [line for line in out.splitlines() if not line.endswith("relmand reads this file on its own host")]
        self.assertEqual((status, found, err), (0, ["1 file, 17 objects: 0 errors, 3 warnings"], ""))

    def test_two_outputs_with_one_path_are_an_error_however_it_is_spelled(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "real"))
            os.symlink("real", os.path.join(folder, "link"))
            first = f"{folder}/real/new/a.yaml"
            for second in (first, f"{folder}/real//new/./a.yaml", f"{folder}/link/new/a.yaml", f"{folder}/real/./../link/new/a.yaml/"):
                config = ("outputs:\n  - {environment: prod, path: %s}\n  - {environment: other, format: compose, path: %s}\n" % (first, second))
                with self.subTest(second=second):
                    self.assertIn(f'c.yaml:3:5: error: path "{second}" is already used by the output of environment \'prod\' at line 2',
                                  self.check(config, 2))
            self.check("outputs:\n  - {environment: prod, path: %s}\n  - {environment: other, path: %s/real/new/b.yaml}\n" % (first, folder), 0)

    def test_an_output_in_the_folder_of_another_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder:
            config = "outputs:\n  - {environment: prod, format: %s, path: %s}\n  - {environment: other, path: %s/%s/kustomization.yaml}\n"
            self.assertIn(f'c.yaml:3:5: error: path "{folder}/k/kustomization.yaml" is within the output of environment \'prod\' at line 2',
                          self.check(config % ("kustomize", f"{folder}/k", folder, "k"), 2))
            self.check(config % ("kustomize", f"{folder}/k", folder, "k2"), 0)

    def test_hooks_get_no_socket_that_is_the_apis(self):
        with tempfile.TemporaryDirectory() as folder:
            config = "api:\n  socket: %s/a.sock\n  hooks: {socket: %s}\n"
            self.assertIn(f'c.yaml:3:10: error: field "hooks": socket "{folder}/./a.sock" is the API\'s own',
                          self.check(config % (folder, f"{folder}/./a.sock"), 2))
            self.check(config % (folder, f"{folder}/b.sock"), 0)

    def test_a_program_may_have_arguments_of_several_lines_and_no_other_text_may(self):
        self.check("outputs:\n  - environment: prod\n    exec: [/bin/sh, -c, \"a\\nb\"]\n", 0)
        self.assertIn('control character U+0007 at byte 1', self.check('outputs:\n  - environment: prod\n    exec: [/bin/sh, -c, "a\\ab"]\n', 2))
        self.assertIn('field "path": control character U+000A', self.check('specs: {path: "/a\\nb"}\n', 2))

    def test_an_output_of_an_environment_that_no_spec_declares_is_warned_of(self):
        r = self.run_check("outputs:\n  - {environment: produ, path: /tmp/x.yaml}\n  - {environment: prod, path: /tmp/y.yaml}\n",
                           "apiVersion: relman/v1\nkind: Environment\nmetadata: {name: prod}\nspec: {release: r}\n")
        self.assertEqual(r.returncode, 0)
        self.assertIn("c.yaml:2:5: warning: outputs: no spec declares an Environment 'produ' of tenant 'default': nothing is written or run; "
                      "did you mean 'prod'?\n1 file, 1 object: 0 errors, 1 warning\n", r.stdout)

    def check(self, config, wanted):
        r = self.run_check(config)
        self.assertEqual(r.returncode, wanted, r.stdout + r.stderr)
        return r.stderr

    def run_check(self, config, specs=""):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "c.yaml"), "w") as f:
                f.write(config)
            os.mkdir(os.path.join(folder, "specs"))
            with open(os.path.join(folder, "specs/all.yaml"), "w") as s:
                s.write(specs)
            r = subprocess.run([os.path.join(relman.BUILDDIR, "relmand"), "--check", "--config", f.name, "--specs", os.path.join(folder, "specs")],
                               capture_output=True, text=True, timeout=60)
            return r

    def test_the_examples_of_etc_are_well(self):
        self.assertEqual(relman.relmanctl("lint", os.path.join(SRCDIR, "etc/examples"))[::2], (0, ""))


if __name__ == "__main__":
    relman.main()
