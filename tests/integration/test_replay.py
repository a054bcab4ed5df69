#!/usr/bin/env python3
"""Tests plan --replay: the releases that changed specs would have made from the tags that relmand saw in a real
registry."""

import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import RegistryCase, document, documents, wait_for  # noqa: E402


class Replay(RegistryCase):
    n = 0

    def setUp(self):
        super().setUp()
        type(self).n += 1
        self.repositories = {name: f"replay/{name}{self.n}" for name in ("api", "web")}
        self.specs(self.site.specs)
        for name in self.repositories:
            self.push(name, "v1.0.0")
        self.site.start()
        self.wait_for_releases(1)

    def specs(self, folder, component="", stream="settle: 0s", more=()):
        """Writes the specs, with changes, into a folder."""
        os.makedirs(folder, exist_ok=True)
        texts = [documents(registry=self.registry)]
        texts += [document("Component", name, f"imageRepository: {self.registry.host}/{repository}, interval: 1h{component}")
                  for name, repository in self.repositories.items()]
        texts += [document("ReleaseStream", "s", stream)] if stream else []
        with open(f"{folder}/all.yaml", "w") as f:
            f.write(documents(*texts, *more))

    def push(self, name, tag, *args):
        return self.registry.push(self.repositories[name], tag, *args)

    def released(self):
        return sorted(self.site.stored.releases("name", "status"))

    def wait_for_releases(self, n):
        # the lockfile comes after the release, in another transaction
        wait_for(lambda: len([r for r in self.released() if r[1] == "ready"]) == n
                 and self.site.stored.count("conditions", kind="Release", reason="Locked") == n, what=f"release {n}")

    def publish(self, name, tag, n):
        """Pushes a tag and polls. n: the number of releases after that."""
        digest = self.push(name, tag, f"{name} {tag} {n}")
        self.ctl("sync", name)
        self.wait_for_releases(n)
        return digest

    def replay(self, folder, *args, wanted=0):
        return json.loads(self.ctl("plan", folder, "--replay", "1d", "-o", "json", *args, wanted=wanted))

    def changed(self, **changes):
        folder = f"{self.site.folder}/changed"
        self.specs(folder, **changes)
        return folder

    @staticmethod
    def results(replay):
        return [entry["result"] for entry in replay["releases"]]


class Streams(Replay):
    def test_the_same_specs_would_have_made_the_same_releases(self):
        self.publish("api", "v1.1.0", 2)
        self.publish("web", "v1.1.0", 3)
        self.publish("api", "v1.2.0", 4)
        self.publish("api", "v1.3.0-rc.1", 4)
        replay = self.replay(self.site.specs, "--strict")
        self.assertEqual(self.results(replay), ["same"] * 4)
        self.assertEqual([entry["release"] for entry in replay["releases"]], [name for name, _ in self.released()])
        self.assertEqual({replay[key] for key in ("new", "missing", "unknown")}, {0})
        # relmand saw the first tag less than a day ago
        self.assertEqual([r["componentName"] for r in replay["records"]], ["api", "web"])

    def test_another_channel_and_a_range_make_other_releases(self):
        self.publish("api", "v1.1.0", 2)
        self.publish("api", "v1.2.0-rc.1", 2)
        self.publish("web", "v1.1.0-rc.1", 2)
        digest = self.publish("api", "v2.0.0", 3)
        before = self.site.stored.events(), self.site.stored.conditions(), self.released()
        rc = self.replay(self.changed(stream="settle: 0s, channel: rc"), "--strict", wanted=1)
        self.assertEqual(sorted(self.results(rc)), ["missing"] * 3 + ["new"])
        made = [entry for entry in rc["releases"] if entry["result"] == "new"][0]
        self.assertEqual([(c["componentName"], c["replayed"]["tag"]) for c in made["components"]],
                         [("api", "v1.2.0-rc.1"), ("web", "v1.1.0-rc.1")])
        # major version 2 is ruled out: the last release would not have been made
        below = self.replay(self.changed(component=", ignoreTags: ['^v2']"))
        self.assertEqual(self.results(below), ["same", "same", "missing"])
        last = below["releases"][2]
        self.assertEqual(last["at"], None)
        self.assertEqual([(c["componentName"], c["made"]["digest"], c["replayed"]["tag"]) for c in last["components"]],
                         [("api", digest, "v1.1.0")])
        text = self.ctl("plan", f"{self.site.folder}/changed", "--replay", "1d")
        self.assertRegex(text, r"(?m)^TIME +STREAM +RESULT +RELEASE +COMPONENT +MADE +REPLAYED$")
        self.assertRegex(text, rf"(?m)^\S+ +s +missing +{last['release']} +api +v2.0.0 +v1.1.0$")
        self.assertIn("\n2 same, 0 new, 1 missing, 0 unknown since ", text)
        markdown = self.ctl("plan", f"{self.site.folder}/changed", "--replay", "1d", "-o", "markdown")
        self.assertRegex(markdown, rf"(?m)^\| \S+ \| s \| missing \| {last['release']} \| api \| v2.0.0 \| v1.1.0 \|$")
        # nothing was changed
        self.assertEqual((self.site.stored.events(), self.site.stored.conditions(), self.released()), before)

    def test_a_tag_that_was_no_version_is_unknown(self):
        self.publish("api", "nightly-1.1.0", 1)
        self.publish("web", "v1.1.0", 2)
        rules = ", versionRules: [{pattern: '^(?:nightly-|v)(\\d+\\.\\d+\\.\\d+)$', channel: stable}]"
        replay = self.replay(self.changed(component=rules))
        self.assertEqual(replay["same"], 1)
        unknown = [entry for entry in replay["releases"] if entry["result"] == "unknown"]
        self.assertEqual([c["replayed"] for entry in unknown for c in entry["components"] if c["componentName"] == "api"],
                         [{"tag": "nightly-1.1.0", "semver": "1.1.0", "digest": None}] * len(unknown))
        self.assertEqual([r["unknownTags"] for r in replay["records"]], [1, 0])
        self.assertIn("nightly-1.1.0 (digest not recorded)", self.ctl("plan", f"{self.site.folder}/changed", "--replay", "1d"))

    def test_a_moved_tag_would_have_been_followed(self):
        first = self.push("api", "v1.0.0", "moved")
        self.ctl("sync", "api", "--force")
        self.assertEqual(self.results(self.replay(self.site.specs)), ["same"])
        replay = self.replay(self.changed(component=", tags: mutable"))
        self.assertEqual(self.results(replay), ["same", "new"])
        self.assertEqual(replay["releases"][1]["components"][0]["replayed"]["digest"], first)
        text = self.ctl("plan", f"{self.site.folder}/changed", "--replay", "1d")
        self.assertRegex(text, r"api +v1\.0\.0@sha256:[0-9a-f]{12} +v1\.0\.0@" + first[:19])

    def test_streams_that_come_and_go(self):
        more = [document("ReleaseStream", "t", "components: [web], settle: 0s")]
        replay = self.replay(self.changed(more=more))
        self.assertEqual([(e["stream"], e["result"]) for e in replay["releases"]], [("s", "same"), ("t", "new")])
        replay = self.replay(self.changed(stream=None))
        self.assertEqual([(e["stream"], e["result"], e["release"]) for e in replay["releases"]], [("s", "missing", "s-1")])
        self.assertEqual([(c["componentName"], c["made"]["tag"], "replayed" in c) for c in replay["releases"][0]["components"]],
                         [("api", "v1.0.0", False), ("web", "v1.0.0", False)])

    def test_mistakes_say_what_is_allowed(self):
        for since in ("400d", "2030-01-01T00:00:00Z"):
            err = self.ctl("plan", self.site.specs, "--replay", since, wanted=1)
            self.assertIn("since: a time in the past, at most 366 days ago", err)
        self.assertIn("--replay takes a time", self.ctl("plan", self.site.specs, "--replay", "soon", wanted=2))


if __name__ == "__main__":
    relman.main()
