#!/usr/bin/env python3
"""Tests first polls of repositories with many tags. relmand resolves heads and makes releases first, and
resolves other versions in the background. The result must not depend on the order."""

import json
import os
import random
import re
import signal
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import Site, document, documents, wait_for  # noqa: E402
from standin import CONFIG, MANIFEST, StandIn, dump, sha256  # noqa: E402

STREAM = document("ReleaseStream", "all", "nameTemplate: 'all-{seq}', settle: 0s")


class First(unittest.TestCase):
    def setUp(self):
        self.registry = StandIn()
        self.addCleanup(self.registry.close)
        self.site = Site()
        self.addCleanup(self.site.close)

    def specs(self, more="", component="", limits="concurrency: 4"):
        registry = document("Registry", "r", f"url: '{self.registry.url}', limits: {{{limits}}}")
        one = document("Component", "api", f"imageRepository: {self.registry.host}/app/api{component}")
        self.site.write("specs.yaml", "---\n".join([registry, one] + ([more] if more else [])))

    def push(self, *tags):
        for tag in tags:
            self.registry.push("app/api", tag)

    def heads(self):
        return dict(self.site.stored.channels("name", "tag"))

    def versions(self):
        return [tag for tag, in self.site.stored.versions("tag")]

    def condition(self, kind):
        rows = self.site.stored.conditions("reason", "message", type=kind, kind="Component")
        return rows[0] if rows else None

    def ctl(self, *args):
        status, out, err = relman.relmanctl(*args, "--socket", self.site.socket)
        self.assertEqual(status, 0, out + err)
        return out

    def resolved(self):
        return self.registry.count(r"^(HEAD|GET) /v2/app/api/manifests/v")


class Heads(First):
    def test_the_first_lockfile_does_not_wait_for_old_versions(self):
        self.push(*[f"v1.{i}.0" for i in range(300)], "v2.0.0-rc.1")
        self.specs(STREAM)
        old = self.registry.hold(r"HEAD .*/manifests/v1\.(?!299\.)")
        self.site.start("poll: {interval: 1h}")
        wait_for(lambda: self.site.lock("all-1"))
        paths = [p for _, p, _ in self.registry.requests]
        self.assertEqual(len([p for p in paths if "tags/list" in p or "299" in p or "rc" in p]), 3)
        self.assertLessEqual(len([p for p in paths if "sha256:" in p]), 3)  # two configurations and one check of a head
        self.assertEqual(self.heads(), {"stable": "v1.299.0", "rc": "v2.0.0-rc.1"})
        self.assertEqual(self.versions(), ["v1.299.0", "v2.0.0-rc.1"])
        reason, message = self.condition("Resolving")
        self.assertEqual(reason, "History")
        self.assertIn("resolved 2 of 301 versions", message)
        self.assertEqual(self.condition("Ready")[0], "Synced")
        self.assertIn("resolved 2 of 301", self.ctl("describe", "component", "api"))
        self.assertIn("resolved 2 of 301", self.ctl("status"))
        old.release()
        wait_for(lambda: self.condition("Resolving") is None)
        self.assertEqual(len(self.versions()), 301)
        self.assertEqual(self.heads(), {"stable": "v1.299.0", "rc": "v2.0.0-rc.1"})
        order = [p for _, p, _ in self.registry.requests if "/manifests/v1." in p]
        self.assertEqual(order[0].rsplit("/", 1)[1], "v1.299.0")
        self.assertEqual({p.rsplit("/", 1)[1] for p in order[1:4]}, {"v1.298.0", "v1.297.0", "v1.296.0"})

    def test_history_is_one_event(self):
        self.push(*[f"v1.{i}.0" for i in range(40)])
        self.specs()
        self.site.start("poll: {interval: 1h}")
        wait_for(lambda: self.site.events("versions.resolved"))
        (_, _, data), = self.site.events("versions.resolved")
        data = json.loads(data)
        self.assertEqual((data["count"], data["firstSync"]), ("40", "true"))
        self.assertTrue(data["newest"].startswith("1.39.0, 1.38.0, "))
        self.assertEqual([json.loads(d)["tag"] for _, _, d in self.site.events("version.resolved")], ["v1.39.0"])
        self.push(*[f"v2.{i}.0" for i in range(30)])  # these tags were not in the first list
        self.ctl("sync", "api", "--wait")
        wait_for(lambda: len(self.site.events("version.resolved")) == 31)
        wait_for(lambda: self.condition("Resolving") is None)
        self.assertEqual(len(self.site.events("versions.resolved")), 1)
        self.assertFalse([d for _, _, d in self.site.events("version.resolved")[1:] if "firstSync" in d])

    def test_a_push_goes_before_old_versions(self):
        self.push(*[f"v1.{i}.0" for i in range(100)])
        self.specs(STREAM)
        self.registry.hold(r"HEAD .*/manifests/v1\.(?!99\.)")
        self.site.start("poll: {interval: 1h}")
        wait_for(lambda: self.site.lock("all-1"))
        for n in range(2):
            self.push(f"v2.{n}.0", f"v1.99.{n + 1}")
            self.ctl("sync", "api", "--wait")
            self.assertEqual(self.heads(), {"stable": f"v2.{n}.0"})
            wait_for(lambda: self.site.lock(f"all-{n + 2}"))
        self.assertIn("resolved", self.condition("Resolving")[1])
        # a new tag that is not a head has an event too
        for hold in self.registry.holds:
            hold.release()
        wait_for(lambda: self.condition("Resolving") is None)
        self.assertEqual({json.loads(d)["tag"] for _, _, d in self.site.events("version.resolved")},
                         {"v1.99.0", "v2.0.0", "v1.99.1", "v2.1.0", "v1.99.2"})

    def test_it_goes_on_where_it_was_after_a_restart(self):
        self.push(*[f"v1.{i}.0" for i in range(100)])
        self.specs()
        rest = self.registry.hold(r"HEAD .*/manifests/v1\.[0-4]?[0-9]\.")
        self.site.start("poll: {interval: 1h}")
        rest.wait(3)
        self.assertEqual(self.site.stop()[0], 0)
        known = len([d for d, in self.site.stored.tags("digest") if d])
        self.assertGreaterEqual(known, 50)
        self.assertEqual(len(self.site.stored.tags("tag")), 100)
        with self.registry.lock:
            self.registry.requests.clear()
        rest.release()
        self.site.start("poll: {interval: 1h}")
        wait_for(lambda: self.condition("Resolving") is None)
        self.assertEqual(len(self.versions()), 100)
        self.assertLessEqual(self.resolved(), 100 - known + 1)
        self.assertEqual(len(self.site.events("versions.resolved")), 1)
        self.assertEqual(len(self.site.events("version.resolved")), 1)

    def test_candidates_are_taken_until_one_is_admitted(self):
        self.push(*[f"v1.{i}.0" for i in range(100)])
        digests = [self.registry.digest("app/api", f"v1.{i}.0") for i in range(100)]
        for i in (97, 96):
            self.registry.answers[f"/v2/app/api/manifests/v1.{i}.0"] = lambda h: h.reply(404)
        self.specs(STREAM, f", deny: [{{digest: '{digests[99]}', reason: bad}}, {{digest: '{digests[98]}', reason: bad}}]")
        self.registry.hold(r"HEAD .*/manifests/v1\.(?!9[5-9]\.)")
        self.site.start("poll: {interval: 1h}")
        wait_for(lambda: self.site.lock("all-1"))
        self.assertEqual(self.heads(), {"stable": "v1.95.0"})

    def test_a_candidate_whose_manifest_cannot_be_read_is_left_out(self):
        self.push(*[f"v1.{i}.0" for i in range(100)])
        config = {"mediaType": CONFIG, "digest": sha256(b"lost"), "size": 4}
        lost = self.registry.tag("app/api", "v1.99.0", dump({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []}))
        self.specs(STREAM)
        self.site.start("poll: {interval: 1h}")
        wait_for(lambda: self.site.lock("all-1"))
        self.assertEqual(self.heads(), {"stable": "v1.98.0"})
        reason, message = self.condition("Warning")
        self.assertEqual(reason, "ManifestMissing")
        self.assertIn("tag 'v1.99.0' is skipped, its manifest cannot be read", message)
        self.assertEqual(self.site.stored.tags("digest", "problem", tag="v1.99.0"), [(lost, None)])

    def test_a_release_of_a_version_waits_for_all_names_of_its_digest(self):
        self.push(*[f"v1.{i}.0" for i in range(100)])
        self.registry.push("app/api", "v1.7.0-1", "v1.7.0")
        self.specs(document("Release", "pinned", "mode: pinned, components: [{name: api, version: 1.7.0}]"))
        hold = self.registry.hold(r"HEAD .*/manifests/v1\.3\.0")
        self.site.start("poll: {interval: 1h}")
        hold.wait()
        wait_for(lambda: self.resolved() == 101)
        self.assertIsNone(self.site.lock("pinned"))
        hold.release()
        wait_for(lambda: self.site.lock("pinned"))
        self.assertIn("1.7.0", self.site.lock("pinned"))

    def test_once_resolves_everything(self):
        self.push(*[f"v1.{i}.0" for i in range(100)])
        self.specs(STREAM)
        status, out, err = self.site.once()
        self.assertEqual(status, 0, out + err)
        self.assertEqual(len(self.versions()), 100)
        self.assertIsNone(self.condition("Resolving"))

    def test_another_component_does_not_wait_for_the_background(self):
        self.push(*[f"v1.{i}.0" for i in range(100)])
        self.registry.push("app/web", "v1.0.0")
        self.specs(limits="concurrency: 1")
        hold = self.registry.hold(r"HEAD .*/app/api/manifests/v1\.(?!99\.)")
        self.site.start("poll: {interval: 1h}")
        hold.wait()
        self.site.write("web.yaml", document("Component", "web", f"imageRepository: {self.registry.host}/app/web"))
        wait_for(lambda: self.site.stored.components(name="web"))
        hold.release()
        wait_for(lambda: self.site.stored.channels(component="web"))
        # the requests of web started before the background requests of api
        asked = [p for _, p, _ in self.registry.requests]
        first = next(i for i, p in enumerate(asked) if "app/web" in p)
        self.assertLessEqual(len([p for p in asked[:first] if "app/api/manifests" in p]), 3)


class Rechecked(First):
    """Tests that known tags are rechecked in the background, after the heads were resolved."""

    def sync(self, *new):
        """Pushes tags and polls when all known tags are due for a recheck. Waits for the end of the
        background work."""
        time.sleep(1.1)
        self.push(*new)
        self.ctl("sync", "api", "--wait")
        wait_for(lambda: set(new) <= set(self.versions()) and self.condition("Resolving") is None)

    def new_tags(self, major):
        return [f"v{major}.{i}.0" for i in range(20)]

    def start(self, **specs):
        self.specs(**specs)
        self.site.start("poll: {interval: 1h, recheckInterval: 1s}")
        wait_for(lambda: self.heads())

    def test_a_move_that_nobody_allowed_stays_without_effect(self):
        self.push("v1.0.0")
        kept = self.registry.digest("app/api", "v1.0.0")
        self.start(more=document("Release", "one", "mode: pinned, components: [{name: api, tag: v1.0.0}]"))
        wait_for(lambda: self.site.lock("one"))
        self.specs()
        wait_for(lambda: self.site.stored.releases("status") == [("archived",)])
        self.registry.push("app/api", "v1.0.0", "moved")
        self.sync("v2.0.0")
        wait_for(lambda: len(self.site.events("tag.blocked")) == 1)
        n_asked = self.registry.count("^HEAD .*/v1.0.0")
        self.sync(*self.new_tags(3))
        self.assertEqual(self.registry.count("^HEAD .*/v1.0.0"), n_asked + 1)
        self.assertEqual(self.site.stored.versions("digest", tag="v1.0.0"), [(kept,)])
        self.assertEqual((len(self.site.events("tag.moved")), len(self.site.events("tag.blocked"))), (1, 1))

    def test_a_version_that_was_ruled_out_is_judged_again_when_it_moves(self):
        self.push("v1.0.0", "v9.0.0")
        denied = self.registry.digest("app/api", "v9.0.0")
        self.start(component=f", deny: [{{digest: '{denied}', reason: bad}}]")
        self.assertEqual(self.heads(), {"stable": "v1.0.0"})
        self.registry.push("app/api", "v9.0.0", "repaired")
        self.sync(*self.new_tags(2))
        self.assertEqual(self.heads(), {"stable": "v9.0.0"})


class Live(First):
    """Tests that the tags of live releases are requested after the heads were committed."""

    N = 6  # number of releases before the push

    def setUp(self):
        super().setUp()
        self.push("v1.0.0")
        self.specs(STREAM)
        self.start()
        wait_for(lambda: self.site.lock("all-1"))
        for i in range(1, self.N):
            self.push(f"v1.{i}.0")
            self.ctl("sync", "api", "--wait")
            wait_for(lambda n=i + 1: self.site.lock(f"all-{n}"))
        with self.registry.lock:
            self.registry.requests.clear()

    def start(self):
        self.site.start("poll: {interval: 1h}")

    def begin_push(self):
        """Pushes a tag and polls while the registry does not answer about older tags than the head. Returns the
        client that waits for the end of the poll."""
        hold = self.registry.hold(r"HEAD .*/manifests/v1\.[0-4]\.")
        self.push("v2.0.0")
        client = threading.Thread(target=relman.relmanctl, args=("sync", "api", "--wait", "--socket", self.site.socket))
        client.start()
        wait_for(lambda: self.site.lock(f"all-{self.N + 1}"))
        self.assertEqual(self.heads(), {"stable": "v2.0.0"})
        hold.wait()
        self.assertTrue(client.is_alive())
        return hold, client

    def test_a_lockfile_does_not_wait_for_them(self):
        hold, client = self.begin_push()
        hold.release()
        client.join()
        asked = [p.rsplit("/", 1)[1] for m, p, _ in self.registry.requests if m == "HEAD" and "manifests/v" in p]
        self.assertEqual(sorted(asked[:2]), ["v1.5.0", "v2.0.0"])  # the head before, and the new one
        self.assertEqual(sorted(asked[2:]), [f"v1.{i}.0" for i in range(self.N - 1)])

    def test_a_move_is_found_in_the_same_poll(self):
        self.registry.push("app/api", "v1.0.0", "moved")
        hold, client = self.begin_push()
        self.assertEqual(self.site.events("tag.moved"), [])
        hold.release()
        client.join()
        self.assert_moved()

    def test_a_move_is_found_after_a_kill_before_the_answer(self):
        self.registry.push("app/api", "v1.0.0", "moved")
        hold, client = self.begin_push()
        self.site.process.kill()
        self.site.process.wait()
        client.join()
        hold.release()
        self.start()
        wait_for(lambda: self.site.events("drift.detected"))
        self.assert_moved()

    def assert_moved(self):
        self.assertEqual([len(self.site.events(t)) for t in ("tag.moved", "tag.blocked", "drift.detected")], [1, 1, 1])
        self.assertEqual(self.site.stored.drift("tag"), [("v1.0.0",)])
        self.assertEqual(self.heads(), {"stable": "v2.0.0"})
        self.assertEqual(self.condition("Drift")[0], "TagMoved")


class Newest(First):
    def resolve(self, text="newest: 5"):
        return f", resolve: {{{text}}}"

    def not_resolved(self):
        return {tag for tag, in self.site.stored.tags("tag", problem="notResolved")}

    def test_only_the_newest_of_each_channel_are_resolved(self):
        self.push(*[f"v1.{i}.0" for i in range(60)], *[f"v2.0.0-rc.{i}" for i in range(60)], "nightly")
        self.specs(STREAM, self.resolve())
        self.site.start("poll: {interval: 1h}")
        wait_for(lambda: len(self.versions()) == 10)
        wait_for(lambda: self.condition("Resolving") is None)
        self.assertEqual(self.heads(), {"stable": "v1.59.0", "rc": "v2.0.0-rc.59"})
        self.assertEqual(self.resolved(), 10)
        self.assertEqual(len(self.not_resolved()), 110)
        self.assertIn("notResolved", self.ctl("get", "tags", "api"))
        self.assertIn("notResolved", self.ctl("explain", "api", "v1.3.0"))
        self.assertEqual(self.site.stored.tags("problem", tag="nightly"), [(None,)])
        self.push("v1.60.0")
        self.ctl("sync", "api", "--wait")
        self.assertEqual(self.resolved(), 10 + 2 + 1)  # ten rechecks, the heads and the new tag
        self.assertEqual(len(self.versions()), 11)
        self.specs(STREAM)  # all tags
        wait_for(lambda: len(self.versions()) == 121)
        wait_for(lambda: self.condition("Resolving") is None)
        self.assertEqual(self.not_resolved(), set())

    def test_all_tags_have_rows_if_the_heads_need_all_requests(self):
        rules = ", ".join(f"{{pattern: '^c{i}-(.+)$', channel: c{i}}}" for i in range(20))
        self.push(*[f"c{i}-1.{n}.0" for i in range(20) for n in range(2)], "nightly")
        self.specs("", self.resolve("newest: 1") + f", versionRules: [{rules}]")
        self.assertEqual(self.site.once()[0], 0)
        self.assertEqual(len(self.heads()), 20)
        self.assertEqual(len(self.site.stored.tags("tag")), 41)
        self.assertEqual(len(self.not_resolved()), 20)

    def test_a_component_overrides_its_registry(self):
        self.push(*[f"v1.{i}.0" for i in range(40)])
        self.registry.repositories["app/web"] = self.registry.repositories["app/api"]
        registry = document("Registry", "r", f"url: '{self.registry.url}', resolve: {{newest: 3}}")
        self.site.write("specs.yaml", "---\n".join([registry] + [
            document("Component", name, f"imageRepository: {self.registry.host}/app/{name}{more}") for name, more in (("api", ""), ("web", ", resolve: all"))]))
        self.assertEqual(self.site.once()[0], 0)
        self.assertEqual([len(self.site.stored.versions("tag", component=name)) for name in ("api", "web")], [3, 40])

    def test_other_words_are_errors(self):
        for text, said in (("some", 'field "resolve" wants all or a mapping, not "some"'), ("{newest: 0}", "greater than 0")):
            self.site.write("specs.yaml", document("Component", "api", f"imageRepository: x.example/app/api, resolve: {text}"))
            status, out, err = relman.relmanctl("lint", self.site.specs)
            self.assertNotEqual(status, 0)
            self.assertIn(said, out + err)


class Order(First):
    """Tests random tags, aliases, failures, moves and restarts. Rows, heads and lockfiles must equal those of
    a daemon that found only a few new tags in each poll and resolved all of them."""

    def tags(self, chance):
        n = chance.randint(40, 80)
        tags = []
        for _ in range(n):
            version = f"{chance.randint(0, 3)}.{chance.randint(0, 9)}.{chance.randint(0, 9)}"
            suffix = chance.choice(["", "", "", f"-rc.{chance.randint(1, 3)}", f"-{chance.randint(1, 3)}", "+b"])
            tags.append(chance.choice([f"v{version}{suffix}".replace("+", "_"), version.rsplit(".", 1)[0], "latest", f"{version}{suffix}".replace("+", "_"), "x" * chance.randint(1, 4)]))
        return sorted(set(tags))

    def state(self, site):
        def rows(entity, *columns):
            return getattr(site.stored, entity)(*columns)
        locks = {}
        for name in ("head", "exact", "tag"):
            text = site.lock(name)
            locks[name] = text and re.sub(r"\S*(At|Digest): .*|\d{4}-\d\d-\d\dT\S+|  ?sha256:.*seal.*", "", text)
        return {"tags": rows("tags", "tag", "digest", "problem", "missing"),
                "versions": rows("versions", "tag", "digest", "semver", "channel", "sort_key", "specificity", "vanished", "source"),
                "heads": rows("channels", "name", "tag", "digest", "semver", "sort_key", "specificity"),
                "problems": [(t, r) for t, r in site.stored.conditions("type", "reason", kind="Component")],
                "locks": locks}

    def write(self, site, wanted):
        site.write("specs.yaml", "---\n".join([
            document("Registry", "r", f"url: '{self.registry.url}', limits: {{concurrency: 3}}"),
            document("Component", "api", f"imageRepository: {self.registry.host}/app/api"),
            document("Release", "head", "mode: pinned, components: [{name: api, channel: stable}]"),
            document("Release", "exact", f"mode: pinned, components: [{{name: api, version: '{wanted[0]}'}}]"),
            document("Release", "tag", f"mode: pinned, components: [{{name: api, tag: '{wanted[1]}'}}]")]))

    def settle(self, site):
        site.start("poll: {interval: 1h}")
        self.wait_settled(site)

    def wait_settled(self, site):
        def is_settled():
            rows = site.stored.conditions("type", "reason", kind="Component")
            return ("Ready", "Synced") in rows and not any(t == "Resolving" for t, _ in rows)
        wait_for(is_settled, 20)
        relman.relmanctl("sync", "api", "--wait", "--socket", site.socket)
        wait_for(is_settled, 20)

    def fill(self, contents, tags):
        for tag in tags:
            self.registry.push("app/api", tag, contents[tag])

    def play(self, seed):
        chance = random.Random(seed)
        tags = self.tags(chance)
        contents = {tag: f"content {chance.randint(0, len(tags))}" for tag in tags}
        failing = chance.sample(tags, 4)
        moved = {tag: f"content {chance.randint(0, len(tags))}" for tag in chance.sample(tags, 3)}
        wanted = ("1.x", chance.choice([t for t in tags if t not in failing]))
        for tag in failing:
            self.registry.answers[f"/v2/app/api/manifests/{tag}"] = lambda h: h.reply(404)
        # This daemon finds all tags in one poll and is restarted.
        self.fill(contents, tags)
        self.write(self.site, wanted)
        for _ in range(chance.randint(0, 3)):
            hold = self.registry.hold(rf"HEAD .*/manifests/{re.escape(chance.choice(tags))}$")
            self.site.start("poll: {interval: 1h}")
            try:
                hold.wait(1, chance.choice([0.05, 0.3]))
            except AssertionError:
                pass
            self.site.stop(chance.choice([signal.SIGKILL, signal.SIGTERM]))
            hold.release()
        self.settle(self.site)
        for tag, content in moved.items():
            self.registry.push("app/api", tag, content)
        self.ctl("sync", "api", "--force", "--wait")
        self.wait_settled(self.site)
        got = self.state(self.site)
        # This daemon finds a few tags in each poll.
        self.registry.repositories.clear()
        other = Site()
        try:
            self.write(other, wanted)
            os.rename(os.path.join(other.specs, "specs.yaml"), os.path.join(other.folder, "later"))
            other.write("specs.yaml", "---\n".join([document("Registry", "r", f"url: '{self.registry.url}', limits: {{concurrency: 3}}"),
                                                    document("Component", "api", f"imageRepository: {self.registry.host}/app/api")]))
            chance.shuffle(tags)
            self.fill(contents, tags[:8])
            self.settle(other)
            for at in range(8, len(tags), 8):
                self.fill(contents, tags[at:at + 8])
                relman.relmanctl("sync", "api", "--wait", "--socket", other.socket)
            self.wait_settled(other)
            os.rename(os.path.join(other.folder, "later"), os.path.join(other.specs, "specs.yaml"))
            wait_for(lambda: all(other.lock(name) for name in got["locks"] if got["locks"][name]), 20)
            for tag, content in moved.items():
                self.registry.push("app/api", tag, content)
            relman.relmanctl("sync", "api", "--force", "--wait", "--socket", other.socket)
            self.wait_settled(other)
            self.maxDiff = None
            self.assertEqual(got, self.state(other), f"seed {seed}")
        finally:
            other.close()

    def test_the_result_does_not_depend_on_the_order(self):
        for seed in range(4):
            with self.subTest(seed=seed):
                self.doCleanups()
                self.setUp()
                self.play(seed)


if __name__ == "__main__":
    relman.main()
