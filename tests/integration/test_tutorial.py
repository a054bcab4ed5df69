#!/usr/bin/env python3
"""Runs all commands of doc/tutorial.md on a real registry, and compares their output with the page."""

import os
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import console  # noqa: E402
import relman  # noqa: E402
from docker_registry import DockerRegistry  # noqa: E402


class Tutorial(unittest.TestCase):
    def test_every_command_prints_what_is_shown(self):
        registry = DockerRegistry()
        self.addCleanup(registry.close)
        folder = tempfile.mkdtemp(prefix="relman-tutorial-")
        self.addCleanup(shutil.rmtree, folder)
        path = os.pathsep.join([os.path.abspath(relman.BUILDDIR), os.path.join(os.path.abspath(relman.SRCDIR), "doc"), os.environ["PATH"]])
        n = console.run_page(os.path.join(relman.SRCDIR, "doc/tutorial.md"), folder, {"REGISTRY": registry.host, "PATH": path, "NO_COLOR": "1"})
        self.assertGreater(n, 30)

    def test_what_is_not_shown_is_found(self):
        for expected, printed, wanted in (("a", "a\n", True), ("a", "b\n", False), ("a…c", "abc\n", True), ("a…c", "abd\n", False), ("", "x\n", False),
                                          ("…\nb", "a\na\nb\n", True), ("…\nb", "a\na\n", False), ("a", "a\nb\n", False), ("a\n…", "a\n", True),
                                          ("", "", True), ("a.c", "abc\n", False)):
            self.assertEqual(console.matches(expected, printed), wanted, (expected, printed))
        page = os.path.join(tempfile.mkdtemp(prefix="relman-page-"), "page.md")
        self.addCleanup(shutil.rmtree, os.path.dirname(page))
        with open(page, "w") as f:
            f.write("```console\n$ echo a; echo b >&2\na\nb\n$ x=1\n```\n\n```console\n$ echo $x\n2\n```\n")
        with self.assertRaisesRegex(AssertionError, r"page.md:8: \$ echo \$x\n--- the page shows\n2\n--- it printed\n1"):
            console.run_page(page, ".", {})


if __name__ == "__main__":
    relman.main()
