#!/usr/bin/env python3
"""Tests relmanctl verify: checks of the file alone, and of its images in registries."""

import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import DockerRegistry  # noqa: E402
from relman import Site  # noqa: E402
from standin import StandIn  # noqa: E402


class Verify(unittest.TestCase):
    def make(self, registry):
        self.registry = registry
        self.addCleanup(registry.close)
        self.digests = [registry.push("app/api", "v1.0.0"), registry.push("app/web", "v2.0.0")]
        self.site = Site()
        self.addCleanup(self.site.close)
        self.site.write("r.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\n"
                                  f"spec: {{url: '{registry.url}', limits: {{timeout: 2s}}}}\n")
        for name in ("api", "web"):
            self.site.write(f"{name}.yaml", f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: {name}}}\n"
                                            f"spec: {{imageRepository: {registry.host}/app/{name}, versioningStrategy: {{type: semver}}}}\n")
        self.site.write("l.yaml", "apiVersion: relman/v1\nkind: Release\nmetadata: {name: one}\nspec: {mode: full}\n")
        status, out, err = self.site.once()
        self.assertEqual(status, 0, err)
        self.lock = self.site.lock_path("one")

    def verify(self, *more):
        return relman.relmanctl("verify", "--registry", "--specs", self.site.specs, *more, self.lock)

    def test_what_is_served_is_good(self):
        self.make(DockerRegistry())
        status, out, err = self.verify()
        self.assertEqual((status, err), (0, ""))
        self.assertIn(f"good        api {self.registry.host}/app/api@{self.digests[0]}\n", out)
        self.assertIn("2 of 2 digests are served\n", out)

    def test_results_have_the_order_of_the_file(self):
        self.make(StandIn())
        path = f"/v2/app/api/manifests/{self.digests[0]}"

        def last(handler):
            deadline = time.monotonic() + 1
            while not self.registry.count("GET /v2/app/web/") and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(0.2)  # gives relmanctl time to receive the answer about web first
            self.registry.serve(handler, path)
        self.registry.requests.clear()
        self.registry.answers["GET " + path] = last
        _, out, _ = self.verify()
        self.assertEqual([line.split()[1] for line in out.splitlines() if "/app/" in line.split("@")[0] and "@" in line], ["api", "web"], out)

    def test_a_tag_that_moved_is_no_matter(self):
        self.make(DockerRegistry())
        self.registry.push("app/api", "v1.0.0", "other")
        self.assertEqual(self.verify()[0], 0)

    def test_a_digest_that_is_gone_exits_four(self):
        self.make(DockerRegistry())
        self.registry.delete("app/web", self.digests[1])
        status, out, err = self.verify()
        self.assertEqual(status, 4)
        self.assertIn(f"missing     web {self.registry.host}/app/web@{self.digests[1]}: ", out)
        self.assertIn("1 of 2 digests are served, 1 is not", out)

    def test_other_bytes_exit_four(self):
        self.make(StandIn())
        self.registry.answers[f"GET /v2/app/api/manifests/{self.digests[0]}"] = lambda h: h.reply(
            200, b'{"schemaVersion":2}', {"Content-Type": "application/vnd.oci.image.manifest.v1+json"})
        status, out, err = self.verify()
        self.assertEqual(status, 4)
        self.assertIn("mismatch    api", out)

    def test_a_registry_that_is_down_exits_five(self):
        self.make(DockerRegistry())
        self.registry.stop()
        status, out, err = self.verify()
        self.assertEqual(status, 5)
        self.assertIn("unreachable api", out)
        self.assertIn("0 of 2 digests are served, 2 could not be asked for", out)

    def test_an_altered_file_exits_three_and_asks_nobody(self):
        self.make(StandIn())
        with open(self.lock) as f:
            text = f.read()
        with open(self.lock, "w") as f:
            f.write(text.replace("v1.0.0", "v1.0.1", 1))
        self.registry.requests.clear()
        status, out, err = self.verify()
        self.assertEqual((status, out), (3, ""))
        self.assertIn("lockDigest", err)
        self.assertEqual(self.registry.requests, [])

    def test_a_file_that_was_cut_off_exits_three_and_what_is_no_lockfile_two(self):
        """An incomplete copy of a lockfile counts as altered (3), not as a usage error (2)."""
        self.make(StandIn())
        with open(self.lock) as f:
            text = f.read()
        path = os.path.join(self.site.folder, "copied.lock.yaml")
        end = text.index("lockDigest: ")
        no_lockfile = f"'{path}' is not a lockfile of relman: its last line is not lockDigest: ...; name a NAME.lock.yaml of the lock folder of relmand\n"
        altered = f"'{path}' was altered: it does not end with the line lockDigest: ..., as if it were cut off; copy it again from the lock folder of relmand\n"
        for content, wanted, says in ([(text[:n], 3, altered) for n in (60, end // 2, end, end + 20, len(text) - 1)] + [(text + "more: 1\n", 3, altered)] +
                                      [("", 2, no_lockfile), ("services: {}\n", 2, no_lockfile)]):
            with open(path, "w") as f:
                f.write(content)
            for verb in (("verify", path), ("render", path, "--format", "compose")):
                self.assertEqual(relman.relmanctl(*verb), (wanted, "", "relmanctl: error: " + says), content)

    def test_bad_usage_exits_two(self):
        for arguments in ((), ("--nonsense", "x"), ("/nonexistent",), ("--registry", "--specs", "/nonexistent", "x")):
            self.assertEqual(relman.relmanctl("verify", *arguments)[0], 2, arguments)


if __name__ == "__main__":
    relman.main()
