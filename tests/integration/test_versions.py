#!/usr/bin/env python3
"""What decides which version is chosen, on a real registry: deny, follow, platforms, build time, age, how many are kept."""

import json
import os
import re
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import INDEX, MANIFEST  # noqa: E402
from relman import RegistryCase, document, documents, wait_for  # noqa: E402


class Versions(RegistryCase):
    n = 0

    def setUp(self):
        super().setUp()
        type(self).n += 1
        self.repository = f"v/c{self.n}"
        self.site.write("r.yaml", documents(registry=self.registry))

    def push(self, tag, *args, **more):
        return self.registry.push(self.repository, tag, *args, **more)

    def component(self, more, strategy="type: semver"):
        self.site.write("c.yaml", f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: c}}\nspec:\n"
                                  f"  imageRepository: {self.registry.host}/{self.repository}\n"
                                  f"  versioningStrategy: {{{strategy}}}\n{more}")

    def release(self, name, item):
        self.site.write(f"{name}.yaml", document("Release", name, f"mode: pinned, components: [{{name: c, {item}}}]"))

    def once(self, wanted=0):
        status, out, err = self.site.once()
        self.assertEqual(status, wanted, err + out)
        return err + out

    def heads(self):
        return dict(self.site.query("SELECT name, tag FROM channels"))

    def tags(self):
        return [row[0] for row in self.site.query("SELECT tag FROM version_maps ORDER BY tag")]

    def condition(self, kind):
        rows = self.site.query("SELECT reason, message FROM conditions WHERE type = ? AND kind = 'Component'", kind)
        return rows[0] if rows else None


class Deny(Versions):
    def test_a_denied_range_and_a_denied_digest_never_head_a_channel(self):
        self.push("v1.0.0")
        digest = self.push("v1.1.0")
        self.push("v8.1.2135")
        self.component(f"  deny:\n    - {{version: '>=8', reason: pushed by mistake}}\n"
                       f"    - {{digest: '{digest}', reason: CVE-2026-1}}\n")
        self.once()
        self.assertEqual(self.heads(), {"stable": "v1.0.0"})
        self.assertEqual(self.tags(), ["v1.0.0"])

    def test_a_head_that_is_denied_later_goes_back(self):
        self.push("v1.0.0")
        self.push("v1.1.0")
        self.component("")
        self.once()
        self.assertEqual(self.heads(), {"stable": "v1.1.0"})
        self.component("  deny: [{version: 1.1.0, reason: broken}]\n")
        self.once()
        self.assertEqual(self.heads(), {"stable": "v1.0.0"})

    def test_a_release_that_names_what_is_denied_stays_a_draft_and_says_why(self):
        digest = self.push("v1.0.0")
        self.component("  deny: [{version: ^1, reason: licence}]\n")
        self.release("by-tag", "tag: v1.0.0")
        self.component(f"  deny: [{{version: ^1, reason: licence}}, {{digest: '{digest}', reason: licence too}}]\n")
        self.release("by-digest", f"digest: '{digest}'")
        text = self.once(1)
        self.assertRegex(text, r"release 'by-tag' stays a draft: component 'c': v1.0.0 is denied by deny\[\d\]: licence")
        self.assertRegex(text, r"release 'by-digest' stays a draft: component 'c': \S+ is denied by deny\[\d\]: licence")

    def test_explain_names_the_denial(self):
        self.component("  deny: [{version: '>=8', reason: pushed by mistake}]\n")
        status, out, err = relman.relmanctl("explain", "--specs", self.site.specs, "c", "--tags", "-", stdin="v1.0.0\nv8.0.0\n")
        self.assertIn("denied by deny[0]: pushed by mistake", out)
        self.assertIn("selected: v1.0.0", out)


class Explain(Versions):
    def explain(self, *args, **more):
        return relman.relmanctl("explain", "--specs", self.site.specs, "c", *args, **more)

    def test_the_registry_is_asked_if_no_tags_are_given(self):
        for tag in ("v1.0.0", "v1.10.0", "v1.9.0", "latest"):
            self.push(tag)
        self.component("")
        status, out, err = self.explain()
        self.assertEqual((status, err), (0, ""))
        self.assertEqual([line.split()[0] for line in out.splitlines()[1:5]], ["v1.10.0", "v1.9.0", "v1.0.0", "latest"])
        self.assertIn("selected: v1.10.0", out)

    def test_a_registry_that_cannot_be_asked_is_an_error(self):
        self.component("")
        status, out, err = self.explain()
        self.assertEqual((status, out), (2, ""))
        self.assertIn("404", err)

    def test_json_has_the_fixed_form(self):
        self.component("")
        status, out, err = self.explain("--tags", "-", "-o", "json", stdin="v1.0.0\n1.2.3_b7\nlatest\nv2.0.0-rc.1\n")
        self.assertEqual(status, 0)
        got = json.loads(out)
        self.assertEqual(sorted(got), ["channels", "component", "selected", "tags"])
        self.assertEqual(got["channels"], {"rc": {"head": "v2.0.0-rc.1"}, "stable": {"head": "1.2.3_b7"}})
        self.assertEqual(got["selected"], "1.2.3_b7")
        self.assertEqual([t["tag"] for t in got["tags"]], ["v2.0.0-rc.1", "1.2.3_b7", "v1.0.0", "latest"])
        self.assertEqual(got["tags"][1], {
            "tag": "1.2.3_b7", "eligible": True, "rule": None, "version": "1.2.3", "semver": "1.2.3", "channel": "stable",
            "prerelease": False, "buildMetadata": "b7", "reason": "read by the semver strategy; there are no versionRules"})
        self.assertFalse(got["tags"][3]["eligible"])

    def test_it_says_why_the_head_is_the_head(self):
        self.component("")
        for tags, why in (("v1.0.0\nv1.1.0\n", "head v1.1.0 (1.1.0), the newest of 2"),
                          ("v1.0.0\n", "head v1.0.0 (1.0.0), the only version there"),
                          ("v1.20\nv1.20.0\n", "head v1.20.0 (1.20.0), equal to v1.20, but more specific; the newest of 2"),
                          ("v1.0.0\n1.0.0\n", "head v1.0.0 (1.0.0), equal to 1.0.0, and the greater text; the newest of 2")):
            self.assertIn("channel stable: " + why + "\n", self.explain("--tags", "-", stdin=tags)[1])

    def test_one_tag_is_explained_alone(self):
        self.component("")
        out = self.explain("latest", "--tags", "-", stdin="v1.0.0\nlatest\n")[1]
        self.assertNotIn("v1.0.0 ", out.split("\n\n")[0])
        self.assertIn("latest   -        -           'latest' stands where a number must stand: not semver", out)


class Follow(Versions):
    def test_the_digest_of_one_tag_is_the_head_wherever_it_is_moved(self):
        first = self.push("latest", "one")
        self.push("v9.9.9", "other")
        self.component("", "type: manual, follow: latest")
        self.once()
        self.assertEqual(self.site.query("SELECT name, tag, digest FROM channels"), [("stable", "latest", first)])
        second = self.push("latest", "two")
        self.once()
        self.assertEqual(self.site.query("SELECT name, tag, digest FROM channels"), [("stable", "latest", second)])
        self.assertEqual(len(self.site.events("tag.moved")), 1)
        self.assertEqual(self.tags(), ["latest"])

    def test_a_followed_tag_that_does_not_exist_is_a_warning(self):
        self.push("v1.0.0")
        self.component("", "type: manual, follow: latest")
        self.once()
        self.assertEqual(self.heads(), {})
        self.assertEqual(self.condition("Warning")[0], "FollowedTagMissing")

    def test_a_release_takes_what_the_tag_was_when_it_was_made(self):
        first = self.push("latest", "a")
        self.component("", "type: manual, follow: latest")
        self.release("now", "channel: stable")
        self.once()
        self.push("latest", "b")
        self.once()
        self.assertIn(first, self.site.lock("now"))


class Platforms(Versions):
    def test_an_image_that_lacks_a_platform_does_not_head_a_channel(self):
        both = ("linux/amd64", "linux/arm64")
        self.push("v1.0.0", platforms=both)
        self.push("v1.1.0", platforms=both)
        self.push("v1.2.0")
        self.push("v1.3.0")
        self.component("  platforms: [linux/amd64, linux/arm64]\n")
        self.once()
        self.assertEqual(self.heads(), {"stable": "v1.1.0"})
        requests = int(self.once().split(" requests")[0].rsplit(" ", 1)[1])
        self.assertLessEqual(requests, 3)  # what is known is not asked for again
        self.push("v1.4.0", platforms=both)
        self.once()
        self.assertEqual(self.heads(), {"stable": "v1.4.0"})

    def test_one_platform_images_count_by_their_configuration(self):
        self.push("v1.0.0", platforms=("linux/arm64",))
        self.push("v1.1.0", platforms=("linux/amd64",))
        self.component("  platforms: [linux/arm64]\n")
        self.once()
        self.assertEqual(self.heads(), {"stable": "v1.0.0"})

    def test_platforms_match_in_any_spelling(self):
        self.push("v1.0.0", platforms=("linux/x86_64", "Linux/arm"))
        self.push("v1.1.0", platforms=("linux/x86_64", "linux/arm/v6"))
        self.component("  platforms: [linux/amd64/v1, linux/armhf]\n")
        self.release("one", "channel: stable")
        self.once()
        self.assertEqual(self.heads(), {"stable": "v1.0.0"})
        self.assertEqual(re.findall(r"[{ ](linux/[^:]+): 'sha256:", self.site.lock("one")), ["linux/amd64", "linux/arm/v7"])
        self.push("v1.2.0", platforms=("linux/aarch64",))
        self.component("  platforms: [linux/arm64/v8]\n")
        self.once()
        self.assertEqual(self.heads(), {"stable": "v1.2.0"})


class Images(Versions):
    """The registry still has tag and index, and no longer what they name: no node can pull that."""

    both = ("linux/amd64", "linux/arm64")

    def age(self):
        with sqlite3.connect(self.site.state) as db:
            db.execute("UPDATE manifests SET fetched_at = '2020-01-01T00:00:00Z'")

    def requests(self):
        return int(self.once().split(" requests")[0].rsplit(" ", 1)[1])

    def test_a_release_is_not_made_without_a_wanted_image(self):
        self.push("v1.0.0", platforms=self.both)
        self.component("  platforms: [linux/amd64, linux/aarch64]\n")
        self.once()
        put_back = self.registry.lose(self.repository, "v1.0.0", "arm64")
        self.release("one", "channel: stable")
        self.assertRegex(self.once(1), r"release 'one' stays a draft: component 'c': v1\.0\.0 at sha256:\w+: the registry no longer "
                                       r"has its image for linux/arm64; push that image again")
        self.assertIsNone(self.site.lock("one"))
        put_back()
        self.once()
        self.assertIn("linux/arm64: ", self.site.lock("one"))

    def test_an_image_that_nobody_wants_may_be_gone(self):
        self.push("v1.0.0", platforms=self.both)
        self.component("  platforms: [linux/amd64]\n")
        self.registry.lose(self.repository, "v1.0.0", "arm64")
        self.release("one", "tag: v1.0.0")
        self.once()
        self.assertIsNotNone(self.site.lock("one"))
        self.age()
        self.once()
        self.assertIsNone(self.condition("Drift"))

    def test_of_a_component_that_names_no_platform_all_are_wanted(self):
        digest = self.push("v1.0.0", platforms=self.both)  # its manifest is not known before
        self.component("")
        self.registry.lose(self.repository, "v1.0.0", "amd64")
        self.release("one", f"digest: '{digest}'")
        self.assertIn("the registry no longer has its image for linux/amd64", self.once(1))

    def test_drift_names_the_platform(self):
        self.push("v1.0.0", platforms=self.both)
        self.component("")
        self.release("one", "channel: stable")
        self.once()
        warm = self.requests()
        put_back = self.registry.lose(self.repository, "v1.0.0", "arm64")
        self.assertEqual(self.requests(), warm)  # not asked for before the recheck interval is over
        self.assertIsNone(self.condition("Drift"))
        self.age()
        for _ in range(2):
            self.once()
            reason, message = self.condition("Drift")
            self.assertEqual(reason, "PlatformGone")
            self.assertIn("but no longer its image for linux/arm64: push that image again", message)
        told = [json.loads(event[2]) for event in self.site.events("drift.detected")]
        self.assertEqual([(t["reason"], t["platform"]) for t in told], [("PlatformGone", "linux/arm64")])
        put_back()
        self.once()
        self.assertIsNone(self.condition("Drift"))
        self.assertEqual(self.requests(), warm)

    def test_verify_finds_what_garbage_collection_took(self):
        digest = self.push("v1.0.0", platforms=self.both)
        self.component("")
        self.release("one", "channel: stable")
        self.once()

        def verify():
            return relman.relmanctl("verify", "--registry", "--specs", self.site.specs, self.site.lock_path("one"))
        self.assertEqual(verify()[0], 0)
        self.registry.collect_garbage()
        self.assertEqual(self.registry.request("HEAD", f"/v2/{self.repository}/manifests/v1.0.0",
                                               headers={"Accept": INDEX})[0], 200)
        status, out, err = verify()
        self.assertEqual(status, 4, out + err)
        self.assertRegex(out, rf"missing +c \S+@{digest}: its image for linux/amd64 \(sha256:\w+\) is not served")
        self.age()
        self.once()
        self.assertEqual(self.condition("Drift")[0], "PlatformGone")

    def test_a_release_without_a_wanted_image_is_not_promoted(self):
        self.push("v1.0.0", platforms=self.both)
        self.component("")
        self.release("one", "channel: stable")
        self.site.write("e.yaml", document("Environment", "prod", "confirm: manual"))
        self.site.start()
        wait_for(lambda: self.site.lock("one"), 10, "the release")
        put_back = self.registry.lose(self.repository, "v1.0.0", "arm64")
        status, answer, _ = self.site.call("POST", "/api/v1/releases/one/promote", {"environmentId": "prod"},
                                           {"Content-Type": "application/json"})
        self.assertEqual(status, 409, answer)
        self.assertIn("release 'one' is not promoted: component 'c': the registry no longer serves its image for linux/arm64 (sha256:",
                      answer["detail"])
        put_back()
        status, answer, _ = self.site.call("POST", "/api/v1/releases/one/promote", {"environmentId": "prod"},
                                           {"Content-Type": "application/json"})
        self.assertEqual(status, 202, answer)


class Indexes(Versions):
    """Platforms that an index does not name, and an index in an index."""

    unknown = "unknown/unknown"

    def image(self, content, platform, created=None):
        return self.registry.push_image(self.repository, content, platform, created)

    def nested(self, tag, content, attestation, created=None, platform="linux/amd64"):
        image = self.image(content, "linux/amd64", created)
        inner = self.registry.push_index(self.repository, None, [(image, MANIFEST, "linux/amd64"),
                                                                 (self.image(attestation, "linux/amd64"), MANIFEST, self.unknown)])
        self.registry.push_index(self.repository, tag, [(inner, INDEX, platform)])
        return image

    def test_an_entry_without_a_platform_counts_by_its_configuration(self):
        self.registry.push_index(self.repository, "v1.0.0", [(self.image("a", "linux/amd64"), MANIFEST, None),
                                                             (self.image("b", "linux/arm64"), MANIFEST, None)])
        self.registry.push_index(self.repository, "v1.1.0", [(self.image("c", "linux/amd64"), MANIFEST, None)])
        self.component("  platforms: [linux/amd64, linux/arm64]\n")
        self.once()
        self.assertEqual(self.heads(), {"stable": "v1.0.0"})
        self.assertIn("v1.1.0, its image lacks platform linux/arm64", self.condition("Warning")[1])

    def test_an_index_in_an_index_has_the_platforms_of_its_images(self):
        for platform in ("linux/amd64", None):
            image = self.nested("v1.0.0", "image", "attestation", platform=platform)
            self.component("  platforms: [linux/amd64]\n")
            self.release("one", "channel: stable")
            self.once()
            self.assertEqual(self.heads(), {"stable": "v1.0.0"})
            self.assertIn(f"linux/amd64: '{image}'", self.site.lock("one"))

    def test_an_attestation_rewritten_in_an_index_in_an_index_is_no_drift(self):
        self.nested("v1.0.0", "image", "first")
        self.component("")
        self.release("one", "channel: stable")
        self.once()
        self.nested("v1.0.0", "image", "second")
        self.once()
        self.assertIsNone(self.condition("Drift"))
        self.assertEqual(len(self.site.events("tag.moved")), 1)
        self.nested("v1.0.0", "another image", "second")
        self.once()
        self.assertEqual(self.condition("Drift")[0], "TagMoved")

    def test_the_newest_build_is_found_in_an_index_in_an_index(self):
        self.push("2026.5.6", created="2026-05-01T00:00:00Z")
        self.nested("2026.8.0", "image", "attestation", "2026-08-20T00:00:00Z")
        self.component("", "type: semver, orderBy: created")
        self.once()
        self.assertEqual(self.heads(), {"stable": "2026.8.0"})
        self.registry.push_index(self.repository, "2026.1.0", [(self.image("last", "linux/amd64", "2026-09-01T00:00:00Z"), MANIFEST, None)])
        self.once()
        self.assertEqual(self.heads(), {"stable": "2026.1.0"})


class Created(Versions):
    def test_the_newest_build_heads_the_channel(self):
        self.push("f33bacd", created="2026-03-01T00:00:00Z")
        self.push("zzzzzzz", created="2026-01-01T00:00:00Z")
        self.push("a000000", created="2026-02-01T00:00:00Z", platforms=("linux/amd64", "linux/arm64"))
        self.component("", "type: lexical, orderBy: created")
        self.once()
        self.assertEqual(self.heads(), {"stable": "f33bacd"})
        self.push("b111111", created="2026-04-01T00:00:00Z", platforms=("linux/amd64", "linux/arm64"))
        self.once()
        self.assertEqual(self.heads(), {"stable": "b111111"})
        newest = [row[0] for row in self.site.query("SELECT tag FROM version_maps ORDER BY sort_key DESC")]
        self.assertEqual(newest, ["b111111", "f33bacd", "a000000", "zzzzzzz"])

    def test_an_image_that_does_not_say_is_the_oldest(self):
        self.push("zzz")
        self.push("aaa", created="2020-01-01T00:00:00Z")
        self.component("", "type: lexical, orderBy: created")
        self.once()
        self.assertEqual(self.heads(), {"stable": "aaa"})


class Age(Versions):
    def test_a_version_heads_its_channel_when_it_is_old_enough(self):
        self.push("v1.0.0")
        self.component("  interval: 1h\n")
        self.once()
        self.component("  interval: 1h\n  minimumAge: 4s\n")
        self.push("v1.1.0")
        self.site.start()
        wait_for(lambda: self.condition("Held"), 5, "condition Held")
        self.assertEqual(self.heads(), {"stable": "v1.0.0"})
        self.assertRegex(self.condition("Held")[1], r"channel 'stable': v1\.1\.0 \(sha256:\w+\) waits until \S+, for minimumAge 4s")
        wait_for(lambda: self.heads() == {"stable": "v1.1.0"}, 10, "head at the end of the hold")
        self.assertIsNone(self.condition("Held"))

    def test_a_head_whose_tag_moves_stays_until_the_new_digest_is_old_enough(self):
        self.push("v0.9.0")
        first = self.push("v1.0.0")
        self.component("")
        self.once()
        self.component("  minimumAge: 1d\n")
        self.push("v1.0.0", "moved")
        self.once()
        self.assertEqual(self.site.query("SELECT tag, digest FROM channels"), [("v1.0.0", first)])
        self.assertIsNotNone(self.condition("Held"))


class Kept(Versions):
    def test_so_many_versions_are_kept_and_what_a_release_uses(self):
        for i in range(8):
            self.push(f"v1.{i}.0")
        self.push("v2.0.0-rc.1")
        self.component("")
        self.release("old", "version: 1.1.0")
        self.once()
        self.component("  maxVersions: 3\n")
        self.once()
        self.assertEqual(self.tags(), ["v1.1.0", "v1.5.0", "v1.6.0", "v1.7.0", "v2.0.0-rc.1"])
        before = len(self.site.events())
        self.once()
        self.assertEqual(len(self.site.events()), before)


class Told(Versions):
    def test_events_tell_of_first_mappings_and_of_heads(self):
        self.push("v1.0.0")
        self.component("")
        self.once()
        self.assertEqual([e[0] for e in self.site.events() if e[0].startswith("version")],
                         ["version.resolved", "version.updated"])
        self.push("v1.1.0")
        self.once()
        self.assertEqual(len(self.site.events("version.resolved")), 2)
        self.assertIn('"fromTag":"v1.0.0"', self.site.events("version.updated")[-1][2])

    def test_a_catastrophic_pattern_is_told_and_stalls_nothing(self):
        self.push("a" * 100 + "x")
        self.push("1.0.0")
        self.component("  versionRules:\n    - {pattern: '^((a+)+)+$', channel: bad}\n"
                       "    - {pattern: '^(\\d+\\.\\d+\\.\\d+)$', channel: stable}\n")
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        self.assertEqual(self.condition("Warning")[0], "PatternTooCostly")
        self.assertIn("versionRules[0]", self.condition("Warning")[1])

    def test_people_win_over_rules_for_the_same_digest(self):
        digest = self.push("v1.0.0", "same")
        self.push("hotfix", "same")
        self.component("  versions: [{tag: hotfix, semver: 1.0.1, channel: fix}]\n")
        self.once()
        self.assertEqual(self.site.query("SELECT tag, digest, semver, channel, source FROM version_maps"),
                         [("hotfix", digest, "1.0.1", "fix", "manual")])


if __name__ == "__main__":
    relman.main()
