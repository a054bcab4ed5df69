#!/usr/bin/env python3
"""The systemd units, by systemd's own tools; and what make install installs."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import BUILDDIR, SRCDIR  # noqa: E402


class Units(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="relman-units-")
        self.addCleanup(shutil.rmtree, self.folder)

    def unit(self):
        """The unit with the program where it was built: verify wants it to be there."""
        path = os.path.join(self.folder, "relmand.service")
        with open(f"{BUILDDIR}/systemd/relmand.service") as f:
            text = f.read()
        self.assertNotRegex(text, r"@[a-z]+dir@")
        with open(path, "w") as f:
            f.write(text.replace(self.program(text), f"{BUILDDIR}/relmand"))
        return path

    def program(self, text):
        return [line.split("=")[1].split()[0] for line in text.splitlines() if line.startswith("ExecStart=")][0]

    def test_the_unit_is_understood_without_a_warning(self):
        r = subprocess.run(["systemd-analyze", "verify", "--man=no", self.unit()], capture_output=True, text=True)
        ours = [line for line in (r.stdout + r.stderr).splitlines() if "relmand" in line]
        self.assertEqual(ours, [])

    def test_its_exposure_is_low(self):
        r = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=11", "--no-pager", self.unit()],
                           capture_output=True, text=True)
        self.assertEqual(r.returncode, 0, r.stdout[-300:])
        stricter = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=5", self.unit()],
                                  capture_output=True, text=True)
        self.assertNotEqual(stricter.returncode, 0)  # the threshold is looked at

    def test_what_is_installed(self):
        r = subprocess.run(["make", "-C", BUILDDIR, "install", f"DESTDIR={self.folder}"], capture_output=True, text=True,
                           env={k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "MFLAGS"})
        self.assertEqual(r.returncode, 0, r.stderr[-2000:])
        files = {os.path.relpath(os.path.join(d, f), self.folder) for d, _, names in os.walk(self.folder) for f in names}
        for wanted in ("sbin/relmand", "bin/relmanctl", "man8/relmand.8", "man1/relmanctl.1", "man5/relman-spec.5",
                       "man5/relman-lock.5", "man5/relmand.yaml.5", "systemd/system/relmand.service",
                       "sysusers.d/relman.conf", "etc/relman/relmand.yaml", "examples/release.yaml"):
            self.assertTrue(any(f.endswith(wanted) for f in files), (wanted, sorted(files)))

    def test_the_examples_are_without_fault(self):
        status, out, err = relman.relmanctl("lint", f"{SRCDIR}/etc/examples")
        self.assertEqual((status, err), (0, ""), out)
        r = subprocess.run([f"{BUILDDIR}/relmand", "--check", "--config", f"{SRCDIR}/etc/relmand.yaml", "--specs",
                            f"{SRCDIR}/etc/examples"], capture_output=True, text=True)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        with open(f"{SRCDIR}/etc/relmand.yaml") as f:  # what is commented out is right, too
            text = "\n".join(line[1:] if line.startswith("#") and ":" in line and "{" in line else line for line in f)
        with open(f"{self.folder}/relmand.yaml", "w") as f:
            f.write(text)
        r = subprocess.run([f"{BUILDDIR}/relmand", "--check", "--config", f"{self.folder}/relmand.yaml", "--specs",
                            f"{SRCDIR}/etc/examples"], capture_output=True, text=True)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)


if __name__ == "__main__":
    relman.main()
