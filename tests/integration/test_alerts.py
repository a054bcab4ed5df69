#!/usr/bin/env python3
"""Tests the alerts in etc/prometheus: promtool reads them, each alert fires in tests/lint/alerts.test.yaml,
and a daemon serves every metric that they use."""

import os
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import metrics  # noqa: E402
import relman  # noqa: E402
from relman import Site  # noqa: E402

RULES = os.path.join(relman.SRCDIR, "etc/prometheus/relman.rules.yaml")
TESTS = os.path.join(relman.SRCDIR, "tests/lint/alerts.test.yaml")
# the stand-in has no rate limit, and nothing was deployed before
UNLIKELY = {"relman_registry_rate_limit_remaining", "relman_rollback_ready"}


def promtool():
    for path in (os.environ.get("PROMTOOL"), shutil.which("promtool"), os.path.join(relman.BUILDDIR, "promtool")):
        if path and os.access(path, os.X_OK):
            return path
    raise unittest.SkipTest("no promtool: tests/lib/get-program prometheus BUILDDIR promtool")


class Alerts(unittest.TestCase):
    def tool(self, *arguments):
        r = subprocess.run([promtool(), *arguments], capture_output=True, text=True, timeout=60)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        return r.stdout

    def test_promtool_reads_them(self):
        self.assertRegex(self.tool("check", "rules", RULES), r"SUCCESS: \d+ rules found")

    def test_they_fire_for_what_they_are_about(self):
        self.assertIn("SUCCESS", self.tool("test", "rules", TESTS))

    def test_a_daemon_serves_every_metric_they_ask_for(self):
        with open(RULES) as f:
            wanted = set(re.findall(r"\brelman_[a-z_]+", "".join(line for line in f if line.lstrip().startswith("expr:"))))
        self.assertGreater(len(wanted), 10)
        text, told = metrics.served(self)
        samples = set(re.findall(r"^(relman_[a-z_]+)", text, re.M))
        self.assertEqual(wanted - samples - UNLIKELY, set())
        self.assertEqual(wanted - told, set())

    def test_promtool_reads_what_is_served(self):
        site = Site()
        self.addCleanup(site.close)
        site.start()
        r = subprocess.run([promtool(), "check", "metrics"], input=site.call("GET", "/metrics")[1], capture_output=True, text=True, timeout=60)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)


if __name__ == "__main__":
    relman.main()
