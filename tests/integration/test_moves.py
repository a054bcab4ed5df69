#!/usr/bin/env python3
"""Tests version tags that move after a release was made from them, on a real registry."""

import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import RegistryCase, document, documents, wait_for  # noqa: E402


class Moves(RegistryCase):
    n = 0

    def setUp(self):
        super().setUp()
        type(self).n += 1
        self.repository = f"{type(self).__name__.lower()}/c{self.n}"
        self.site.write("r.yaml", documents(registry=self.registry))
        self.first = self.push("v1.0.0")

    def push(self, tag, *args):
        return self.registry.push(self.repository, tag, *args)

    def component(self, more=""):
        self.site.write("c.yaml", document("Component", "c", f"imageRepository: {self.registry.host}/{self.repository}, interval: 1h{more}"))

    def stream(self):
        self.site.write("s.yaml", documents(document("ReleaseStream", "s", "components: [c], settle: 1s"),
                                            document("Environment", "prod", "stream: s")))

    def once(self, wanted=0):
        status, out, err = self.site.once()
        self.assertEqual(status, wanted, err + out)
        return err + out

    def head(self):
        return [row[0] for row in self.site.stored.channels("digest")]

    def released(self):
        return sorted(self.site.stored.releases("name"))

    def condition(self, kind="TagMoved"):
        rows = self.site.stored.conditions("reason", "message", type=kind, kind="Component")
        return rows[0] if rows else None

    def moved(self, more=""):
        """Makes a release with v1.0.0, then moves the tag. Returns the second digest."""
        self.component(more)
        self.site.write("one.yaml", document("Release", "one", "mode: pinned, components: [{name: c, channel: stable}]"))
        self.once()
        second = self.push("v1.0.0", "moved")
        self.once()
        return second


class Immutable(Moves):
    def test_nothing_follows_until_a_person_allows_that_one_digest(self):
        self.component()
        self.stream()
        self.site.start()
        wait_for(lambda: self.site.events("release.deployed"), what="first release")
        made = self.released()
        second = self.push("v1.0.0", "moved")
        self.ctl("sync", "c")
        self.assertEqual(self.condition(), ("MoveNotAllowed", f"tag 'v1.0.0' moved from {self.first} to {second}, but a release holds the "
                                            "old digest; to release the new one: relmanctl allow-move c v1.0.0"))
        self.assertEqual((self.head(), self.released()), ([self.first], made))
        self.assertIn("relmanctl allow-move c v1.0.0", self.ctl("status", wanted=1))
        self.assertIn("relmanctl allow-move c v1.0.0", self.ctl("describe", "component", "c"))
        self.assertIn(f"whose tag moved to {second}; it keeps {self.first}", self.ctl("explain", "c"))
        self.ctl("sync", "c", "--force")
        self.assertEqual([json.loads(e[2])["digest"] for e in self.site.events("tag.blocked")], [second])
        self.site.stop()
        self.site.start()
        self.ctl("sync", "c")
        self.assertEqual((self.head(), self.released()), ([self.first], made))

        third = self.push("v1.0.0", "moved again")
        self.assertEqual(self.ctl("allow-move", "c", "v1.0.0", "--reason", "rebuilt"), f"component 'c': tag 'v1.0.0' may have {second}\n")
        self.ctl("sync", "c")
        # only the move to the second digest was allowed
        self.assertEqual((self.head(), self.released()), ([self.first], made))
        self.assertIn(f"to {third}", self.condition()[1])
        self.ctl("allow-move", "c", "v1.0.0", "--reason", "rebuilt twice")
        wait_for(lambda: self.head() == [third], what="head")
        wait_for(lambda: len(self.released()) == len(made) + 1, what="second release")
        wait_for(lambda: not self.condition(), what="condition is cleared")
        self.assertEqual([json.loads(e[2])["reason"] for e in self.site.events("tag.allowed")], ["rebuilt", "rebuilt twice"])
        self.assertIn("allow-move", self.ctl("audit"))
        self.assertIn("no move of tag 'v1.0.0' waits", self.ctl("allow-move", "c", "v1.0.0", wanted=1))
        self.push("v1.0.0")  # moves the tag back to the first digest, which was replaced
        self.ctl("sync", "c")
        self.assertEqual(self.head(), [third])
        self.assertIn(f"to {self.first}", self.condition()[1])

    def test_a_permission_names_the_digest_that_a_person_saw(self):
        second = self.moved()
        third = self.push("v1.0.0", "moved again")
        self.site.start()
        self.ctl("sync", "c")
        refusal = (f"component 'c': tag 'v1.0.0' moved to {third}, not to {{}}; nothing is allowed; "
                   f"to allow it: relmanctl allow-move c v1.0.0 --digest {third}")
        for typed in (second, second[:15], second[7:15], self.first):
            self.assertEqual(self.ctl("allow-move", "c", "v1.0.0", "--digest", typed, wanted=1), f"relmanctl: error: {refusal.format(typed)}\n")
            status, answer, _ = self.site.call("POST", "/api/v1/components/c/allow-move", {"tag": "v1.0.0", "digest": typed})
            self.assertEqual((status, answer["detail"]), (409, refusal.format(typed)))
        status, answer, _ = self.site.call("POST", "/api/v1/components/c/allow-move", {"tag": "v1.0.0", "digest": "latest"})
        self.assertEqual((status, answer["detail"], answer["pointer"]),
                         (400, "body: digest is a digest, or at least 8 hex digits of its beginning", "/digest"))
        for typed in ("", "sha256:", third[7:8], third[:14], "latest"):
            self.assertEqual(self.ctl("allow-move", "c", "v1.0.0", "--digest", typed, wanted=2),
                             f"relmanctl: error: --digest is a digest, or at least 8 hex digits of its beginning, not '{typed}'; "
                             "relmanctl get tags c lists the digests\n")
        self.assertEqual((self.site.events("tag.allowed"), self.head()), ([], [self.first]))
        self.assertEqual(self.ctl("allow-move", "c", "v1.0.1", wanted=1),
                         "relmanctl: error: component 'c' has no tag 'v1.0.1'; relmanctl get tags c lists them\n")
        self.assertEqual(self.ctl("allow-move", "c", "v1.0.0", "--digest", third[7:15]), f"component 'c': tag 'v1.0.0' may have {third}\n")
        wait_for(lambda: self.head() == [third], what="head")

    def test_a_tag_that_was_in_no_release_moves_freely(self):
        self.component()
        self.once()
        second = self.push("v1.0.0", "moved")
        self.once()
        self.assertEqual((self.head(), self.condition()), ([second], None))

    def test_a_tag_that_goes_back_waits_for_nobody(self):
        self.moved()
        self.assertEqual(self.head(), [self.first])
        self.push("v1.0.0")
        self.site.start()
        # relmand accepts the digest after three polls, because fewer answers may come from a stale replica
        wait_for(lambda: self.ctl("sync", "c") and not self.site.stored.tag_moves(), what="third poll")
        self.assertEqual((self.head(), self.site.stored.tag_moves()), ([self.first], []))
        self.assertIsNone(self.condition())

    def test_a_release_that_names_the_tag_stays_a_draft(self):
        second = self.moved()
        self.site.write("two.yaml", document("Release", "two", "mode: pinned, components: [{name: c, tag: v1.0.0}]"))
        self.assertIn(f"component 'c': tag 'v1.0.0' moved to {second}, but a release holds {self.first}; to release the new digest: "
                      "relmanctl allow-move c v1.0.0", self.once(1))
        self.site.write("two.yaml", document("Release", "two", f"mode: pinned, components: [{{name: c, digest: '{second}'}}]"))
        self.once()  # allowed, because a person named the digest
        self.assertIn(second, self.site.lock("two"))
        self.site.write("three.yaml", document("Release", "three", "mode: pinned, components: [{name: c, version: 1.0.0}]"))
        self.once()
        self.assertIn(self.first, self.site.lock("three"))

    def test_a_tag_that_is_followed_moves_freely(self):
        self.push("latest")
        self.component(", versioningStrategy: {type: manual, follow: latest}")
        self.site.write("one.yaml", document("Release", "one", "mode: pinned, components: [{name: c, channel: stable}]"))
        self.once()
        second = self.push("latest", "moved")
        self.once()
        self.assertEqual((self.head(), self.condition()), ([second], None))

    def test_a_head_whose_digest_is_gone_stays_or_goes_back_as_allowed(self):
        older = self.push("v0.9.0", "older")
        self.moved()
        self.registry.delete(self.repository, self.first)
        self.once()
        self.component(", deploymentTemplate: x, ignoreTags: [x]")  # changes the rules, so that the list is read again
        self.once()
        self.assertEqual((self.head(), self.condition()[0]), ([self.first], "DigestGone"))
        self.component(", allowDowngrade: true, ignoreTags: [y]")
        self.once()
        self.assertEqual(self.head(), [older])


class Mutable(Moves):
    def test_a_component_or_its_registry_may_follow(self):
        second = self.moved(", tags: mutable")
        self.assertEqual((self.head(), self.condition()), ([second], None))

        self.site.write("r.yaml", documents(registry=self.registry).replace("url:", "tags: mutable, url:", 1))
        self.component()
        third = self.push("v1.0.0", "third")
        self.once()
        self.assertEqual((self.head(), self.condition()), ([third], None))
        self.component(", tags: immutable")  # the setting of the component overrides that of the Registry
        self.once()
        self.assertEqual(self.head(), [third])

    def test_a_plan_and_the_daemon_agree(self):
        second = self.moved()
        self.site.start()
        self.component(", tags: mutable")
        out = self.ctl("plan", self.site.specs, "-o", "json")
        self.assertIn(second, out)
        wait_for(lambda: self.head() == [second], what="head")



class Drift(Moves):
    def drift(self):
        return self.site.stored.conditions("status", "reason", "message", type="Drift", kind="Component")

    def metric(self):
        return int(re.search(r"^relman_drift (\d+)$", self.site.call("GET", "/metrics")[1], re.M)[1])

    def test_drift_counts_where_an_environment_has_the_release(self):
        second = self.moved()
        self.assertEqual(self.drift(), [("False", "TagMoved", f"tag 'v1.0.0' is now {second}; release 'one', which no environment has, "
                                         f"keeps {self.first}: all layers differ")])
        self.site.start()
        self.assertEqual(self.metric(), 0)
        self.site.write("e.yaml", document("Environment", "prod", "release: one"))
        wait_for(lambda: self.site.events("release.deployed"), what="deployment")
        self.ctl("sync", "c")
        self.assertEqual(self.drift(), [("True", "TagMoved", f"tag 'v1.0.0' is now {second}; release 'one' in environment 'prod' keeps {self.first}: "
                                         "all layers differ")])
        self.assertEqual(self.metric(), 1)
        told = [json.loads(e[2]) for e in self.site.events("drift.detected")]
        self.assertEqual([(t["severity"], t["release"], t.get("environment")) for t in told], [("info", "one", None), ("warning", "one", "prod")])

    def test_a_failed_release_that_stays_counts_as_one_that_an_environment_has(self):
        second = self.moved()
        self.site.start()
        self.site.write("e.yaml", document("Environment", "prod", "release: one, confirm: manual, onFailure: hold"))
        wait_for(lambda: self.site.events("release.promoted"), what="promotion")
        self.ctl("confirm", "prod", "--status", "failed", "--reason", "no login")
        self.ctl("sync", "c")
        self.assertEqual(self.drift(), [("True", "TagMoved", f"tag 'v1.0.0' is now {second}; release 'one' in environment 'prod' keeps {self.first}: "
                                         "all layers differ")])
        self.assertEqual(self.metric(), 1)


if __name__ == "__main__":
    relman.main()
