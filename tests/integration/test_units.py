#!/usr/bin/env python3
"""Checks the systemd units with the tools of systemd, and the files that "make install" installs."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import BUILDDIR, SRCDIR  # noqa: E402

UNITS = ("relmand.service", "relmand.socket", "relmand-hooks.socket", "relman-backup.service", "relman-backup.timer")


class Units(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="relman-units-")
        self.addCleanup(shutil.rmtree, self.folder)

    def units(self):
        """Writes copies of the units that name the built programs, because systemd-analyze verify requires
        that programs exist. Returns their paths."""
        paths = []
        for name in UNITS:
            built = f"{BUILDDIR}/systemd/{name}"
            with open(built if os.path.exists(built) else f"{SRCDIR}/systemd/{name}") as f:
                text = f.read()
            self.assertNotRegex(text, r"@[a-z]+dir@")
            paths.append(os.path.join(self.folder, name))
            with open(paths[-1], "w") as f:
                f.write(re.sub(r"(?m)^(Exec\w+=)\S+/(relmand|relmanctl) ", rf"\1{BUILDDIR}/\2 ", text))
        return paths

    def test_the_units_are_understood_without_a_warning(self):
        r = subprocess.run(["systemd-analyze", "verify", "--man=no", *self.units()], capture_output=True, text=True)
        ours = [line for line in (r.stdout + r.stderr).splitlines() if "relman" in line]
        self.assertEqual(ours, [])

    def test_their_exposure_is_low(self):
        """relmand.service has a threshold that is higher by 0.1: it cannot use PrivateUsers=yes, because
        relmand must distinguish the users on its socket."""
        for unit in self.units():
            if not unit.endswith(".service"):
                continue
            threshold = 12 if os.path.basename(unit) == "relmand.service" else 11
            r = subprocess.run(["systemd-analyze", "security", "--offline=true", f"--threshold={threshold}", "--no-pager", unit],
                               capture_output=True, text=True)
            self.assertEqual(r.returncode, 0, r.stdout[-300:])
            stricter = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=1", unit], capture_output=True,
                                      text=True)
            self.assertNotEqual(stricter.returncode, 0)  # a control: the threshold is not higher than needed

    def make(self, target):
        r = subprocess.run(["make", "-C", BUILDDIR, target, f"DESTDIR={self.folder}"], capture_output=True, text=True,
                           env={k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "MFLAGS"})
        self.assertEqual(r.returncode, 0, r.stderr[-2000:])
        return {os.path.relpath(os.path.join(d, f), self.folder) for d, _, names in os.walk(self.folder) for f in names}

    def test_what_is_installed_and_that_it_can_be_uninstalled(self):
        files = self.make("install")
        wanted = {"sbin/relmand", "bin/relmanctl", "man8/relmand.8", "man1/relmanctl.1", "man5/relman-spec.5", "man5/relman-lock.5",
                  "man5/relmand.yaml.5", "man7/relman.7",
                  *(f"{page}.md" for page in ("events", "gitops", "glossary", "lockfiles", "operating", "registries", "releases", "reliability", "tutorial", "versions", "web")), "sysusers.d/relman.conf", "tmpfiles.d/relman.conf", "systemd/catalog/relman.catalog",
                  "bash-completion/completions/relmanctl", "zsh/site-functions/_relmanctl",
                  "fish/vendor_completions.d/relmanctl.fish", "relman/relmand.yaml",
                  *(f"systemd/system/{unit}" for unit in UNITS),
                  "relman.rules.yaml", "relman-dashboard.json", "page-drawer.png",
                  *(f"examples/{f}" for f in ("make-image", "pre-commit", "relman-check", "relman-comment", "relman.container", "compose.yaml", "kubernetes.yaml")),
                  *(f"examples/{f}" for f in os.listdir(f"{SRCDIR}/etc/examples"))}
        self.assertEqual({w for w in wanted if not any(f.endswith("/" + w) for f in files)}, set())
        self.assertEqual({f for f in files if not any(f.endswith("/" + w) for w in wanted)}, set())
        self.assertEqual(self.make("uninstall"), set())

    def test_an_administrators_configuration_is_neither_overwritten_nor_removed(self):
        path = [f for f in self.make("install") if f.endswith("relmand.yaml")][0]
        with open(f"{self.folder}/{path}", "w") as f:
            f.write("log: {level: debug}\n")
        self.make("install")
        self.assertEqual(self.make("uninstall"), {path})
        with open(f"{self.folder}/{path}") as f:
            self.assertEqual(f.read(), "log: {level: debug}\n")

    def check_config(self, text):
        with open(f"{self.folder}/relmand.yaml", "w") as f:
            f.write(text)
        os.makedirs(f"{self.folder}/specs", exist_ok=True)
        with open(f"{self.folder}/specs/broken.yaml", "w") as f:
            f.write("kind: Nonsense\n")
        r = subprocess.run([f"{BUILDDIR}/relmand", "--check-config", "--config", f"{self.folder}/relmand.yaml", "--specs",
                            f"{self.folder}/specs"], capture_output=True, text=True)
        return r.returncode, r.stdout + r.stderr

    def test_a_check_of_the_configuration_minds_no_specs(self):
        self.assertEqual(self.check_config("poll: {interval: 1m}\n"), (0, ""))
        status, text = self.check_config("poll: {interval: soon}\n")
        self.assertEqual(status, 2)
        self.assertIn(f"{self.folder}/relmand.yaml:1:18: error: ", text)

    def test_the_examples_are_without_fault(self):
        status, out, err = relman.relmanctl("lint", f"{SRCDIR}/etc/examples")
        self.assertEqual((status, err), (0, ""), out)
        r = subprocess.run([f"{BUILDDIR}/relmand", "--check", "--config", f"{SRCDIR}/etc/relmand.yaml", "--specs",
                            f"{SRCDIR}/etc/examples"], capture_output=True, text=True)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        with open(f"{SRCDIR}/etc/relmand.yaml") as f:  # the examples in comments must be valid too
            text = "\n".join(line[1:] if line.startswith("#") and ":" in line and "{" in line else line for line in f)
        with open(f"{self.folder}/relmand.yaml", "w") as f:
            f.write(text)
        r = subprocess.run([f"{BUILDDIR}/relmand", "--check", "--config", f"{self.folder}/relmand.yaml", "--specs",
                            f"{SRCDIR}/etc/examples"], capture_output=True, text=True)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)


if __name__ == "__main__":
    relman.main()
