#!/usr/bin/env python3
"""Tests all settings that decide which version is chosen, on a real registry: deny, follow, platforms, build
time, age, number of versions."""

import json
import os
import re
import subprocess
import sys

import yaml

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import INDEX, MANIFEST, dump  # noqa: E402
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
        return dict(self.site.stored.channels("name", "tag"))

    def tags(self):
        return [row[0] for row in self.site.stored.versions("tag")]

    def condition(self, kind):
        rows = self.site.stored.conditions("reason", "message", type=kind, kind="Component")
        return rows[0] if rows else None


class Next(Versions):
    def test_a_second_component_gives_a_stream_betas_or_the_newer_release(self):
        with open(os.path.join(relman.SRCDIR, "doc/releases.md")) as f:
            text = f.read().split("kind: Component\nmetadata: {name: api-next}")[1].split("```")[0]
        text = "kind: Component\nmetadata: {name: api-next}" + text.replace("registry.example.com/shop/api", f"{self.registry.host}/{self.repository}")
        text = text.replace("spec: {components:", "spec: {settle: 0s, components:")
        self.site.write("next.yaml", "---\n".join("apiVersion: relman/v1\n" + one for one in text.split("---\n")))
        self.registry.push(f"{self.repository}/worker", "v7.0.0")
        self.registry.push(f"{self.repository}/worker", "v8.0.0-rc.1")
        self.site.write("c.yaml", documents(*(document("Component", name, f"imageRepository: {self.registry.host}/{self.repository}{path}")
                                              for name, path in (("api", ""), ("worker", "/worker")))))
        self.push("v1.0.0")
        for tag, newest in (("v2.0.0-beta.1", "v2.0.0-beta.1"), ("v2.0.0", "v2.0.0"), ("v1.9.0", "v2.0.0")):
            self.push(tag)
            self.once()
            heads = {(component, channel): head for component, channel, head in self.site.stored.channels("component", "name", "tag")}
            self.assertEqual((heads["api-next", "next"], heads["worker", "stable"]), (newest, "v7.0.0"))
            self.assertIn(f"    tag: {newest}\n", self.site.lock(sorted(self.site.stored.releases("name"))[-1][0]))


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


class Decided(Versions):
    """Tests that relmanctl explain shows the head of the daemon, and why each newer tag is not the head."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self.site.close)

    def start(self, more="", strategy="type: semver"):
        self.component(more, strategy)
        self.site.start("poll: {interval: 1h}")
        self.poll()

    def poll(self):
        status, body, _ = self.site.call("POST", "/api/v1/components/c/sync-versions", {})
        self.assertEqual(status, 200, body)

    def explain(self, *args, wanted=0):
        status, out, err = relman.relmanctl("explain", "c", *args, "--socket", self.site.socket)
        self.assertEqual(status, wanted, err)
        return out + err

    def check(self, head, tags):
        """Compares the output of explain. head: the selected tag. tags: tag -> reason, newest first."""
        out = self.explain()
        self.assertEqual(out.splitlines()[-1], f"selected: {head}")
        rows = [line.split(None, 3) for line in out.splitlines()[1:out.splitlines().index("")]]
        self.assertEqual([(row[0], row[3]) for row in rows], list(tags.items()))
        known = json.loads(self.explain("-o", "json"))
        self.assertEqual((known["selected"], known["channels"]), (head, {"stable": {"head": head}}))
        self.assertEqual({t["tag"]: t["reason"] for t in known["tags"]}, tags)
        return known

    READ = "read by the semver strategy; there are no versionRules"

    def test_a_platform_that_lacks(self):
        self.push("v1.0.0")
        self.push("v2.0.0", platforms=("linux/arm64",))
        self.start("  platforms: [linux/amd64]\n")
        known = self.check("v1.0.0", {"v2.0.0": "its image lacks platform linux/amd64", "v1.0.0": self.READ})
        self.assertEqual([t["eligible"] for t in known["tags"]], [False, True])

    def test_a_denied_digest(self):
        self.push("v1.0.0")
        digest = self.push("v2.0.0")
        self.start(f"  deny: [{{digest: '{digest}', reason: bad build}}]\n")
        self.check("v1.0.0", {"v2.0.0": "denied by deny[0]: bad build", "v1.0.0": self.READ})

    def test_the_order_of_builds(self):
        self.push("v1.0.0", created="2026-02-01T00:00:00Z")
        self.push("v2.0.0", created="2026-01-01T00:00:00Z")
        self.start("", "type: semver, orderBy: created")
        self.check("v1.0.0", {"v1.0.0": self.READ, "v2.0.0": self.READ})

    def test_a_head_that_disappeared(self):
        self.push("v1.0.0")
        self.push("v2.0.0")
        self.start()
        self.registry.untag(self.repository, "v2.0.0")
        self.poll()
        self.poll()
        self.check("v2.0.0", {"v2.0.0": self.READ, "v1.0.0": self.READ})
        self.assertIn("channel stable: head v2.0.0 (2.0.0), which the registry no longer lists; it stays the head "
                      "(allowDowngrade: true would let it go back)\n", self.explain())

    def test_a_tag_that_disappeared_is_explained_if_it_is_asked_for(self):
        self.push("v1.0.0")
        self.push("v2.0.0")
        self.start("  allowDowngrade: true\n")
        self.registry.untag(self.repository, "v2.0.0")
        self.poll()
        self.poll()
        self.check("v1.0.0", {"v1.0.0": self.READ})
        self.assertIn("the registry no longer lists it\n", self.explain("v2.0.0"))

    def test_a_version_that_is_too_young(self):
        self.push("v1.0.0")
        self.start()
        self.component("  minimumAge: 1h\n")
        wait_for(lambda: self.site.call("GET", "/api/v1/components/c")[1].get("minimumAge"), what="reload")
        self.push("v2.0.0")
        self.poll()
        until = self.condition("Held")[1].split("waits until ")[1].split(",")[0]
        self.check("v1.0.0", {"v2.0.0": f"waits until {until}, for minimumAge 1h", "v1.0.0": self.READ})
        out = self.ctl("status")
        self.assertIn("for information, without effect on the exit status:\n", out)
        self.assertRegex(out, r"\nComponent +c +Held +TooYoung .*waits until " + until)
        # a version that is requested by a range does not wait
        self.assertIn("selected: v2.0.0\n", self.explain("--range", "^2"))

    def test_an_assigned_version(self):
        self.push("v1.0.0", "same")
        self.push("v2.0.0", "other")
        self.push("nightly", "same")
        self.start()
        status, body, _ = self.site.call("POST", "/api/v1/version-maps", {"componentId": "c", "tag": "nightly", "semver": "9.0.0"})
        self.assertEqual(status, 201, body)
        self.check("nightly", {"nightly": "assigned by a person", "v2.0.0": self.READ,
                               "v1.0.0": "its digest was assigned version 9.0.0, as tag 'nightly'"})

    def test_a_manifest_that_is_not_there(self):
        self.push("v1.0.0")
        digest = self.push("v2.0.0")
        os.unlink(f"{self.registry.folder}/data/docker/registry/v2/blobs/sha256/{digest[7:9]}/{digest[7:]}/data")
        self.start()
        known = json.loads(self.explain("-o", "json"))
        self.assertEqual(known["selected"], "v1.0.0")
        self.assertRegex(known["tags"][0]["reason"], "^its digest is not known: .*manifests/v2.0.0")

    def test_a_range_says_what_it_leaves_out(self):
        for tag in ("v1.0.0", "v2.0.0", "v2.1.0-rc.1", "v1.1.0-rc.1"):
            self.push(tag)
        self.start()
        known = json.loads(self.explain("--range", "^1", "-o", "json"))
        self.assertEqual(known["selected"], "v1.0.0")
        self.assertEqual([(t["tag"], t["reason"].split("; ")[-1]) for t in known["tags"]],
                         [("v2.1.0-rc.1", "not in the range '^1'"), ("v2.0.0", "not in the range '^1'"),
                          ("v1.1.0-rc.1", "a prerelease, which is not asked for by '^1'"), ("v1.0.0", "there are no versionRules")])

    def test_a_misspelt_channel_is_an_error_everywhere(self):
        self.push("v1.0.0")
        self.push("v1.1.0-beta.1")
        self.start()
        wrong = "component 'c' has no channel 'bta'; did you mean 'beta'?"
        self.assertEqual(self.explain("--channel", "bta", wanted=2), f"relmanctl: error: {wrong}\n")
        for verb in (("get", "versions", "c", "--channel", "bta"), ("create", "release", "x", "c/bta"),
                     ("create", "release", "x", "--from-latest", "--channel", "bta", "c")):
            with self.subTest(verb=verb):
                status, out, err = relman.relmanctl(*verb, "--socket", self.site.socket)
                self.assertNotEqual(status, 0)
                self.assertIn(wrong, err)
        for path in ("/api/v1/components/c/versions?channel=bta", "/api/v1/version-maps?componentId=c&channel=bta"):
            self.assertEqual((self.site.call("GET", path)[0], self.site.call("GET", path)[1]["detail"]), (400, f"parameter channel: {wrong}"))
        self.assertEqual(self.site.call("GET", "/api/v1/components/c/versions?channel=beta")[1][0]["tag"], "v1.1.0-beta.1")
        self.site.write("s.yaml", documents(document("ReleaseStream", "s", "channel: bta, components: [c]"),
                                            document("Release", "r", "mode: channel, channel: bta")))
        wait_for(lambda: self.site.stored.conditions(message__like=f"%{wrong}%", kind="ReleaseStream"), what="stream")
        wait_for(lambda: self.site.stored.conditions(message__like=f"%{wrong}%", kind="Release"), what="release")


class Artifacts(Versions):
    """Tests that artifacts that are not images are not versions."""

    EMPTY = b"{}"

    def artifact(self, tag, config="application/vnd.cncf.helm.config.v1+json", layer="application/vnd.cncf.helm.chart.content.v1.tar+gzip"):
        blob = self.registry._put_blob(self.repository, self.EMPTY + tag.encode())
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": {"mediaType": config, "digest": blob, "size": len(tag) + 2},
                    "layers": [{"mediaType": layer, "digest": blob, "size": len(tag) + 2}]}
        return self.registry.put_manifest(self.repository, tag, dump(manifest), MANIFEST)

    def test_a_chart_heads_no_channel_and_enters_no_release(self):
        digest = self.push("1.5.1")
        self.artifact("v1.5.1")
        self.artifact("1.5.2")
        self.component("")
        self.release("one", "channel: stable")
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.5.1"})
        self.assertEqual(self.condition("Warning"), ("NotAnImage", "skipped: 1.5.2, it is a Helm chart, not a container image; and older ones"))
        self.assertIn(digest, self.site.lock("one"))
        requests = int(self.once().split(" requests")[0].rsplit(" ", 1)[1])
        # Only the list, the head and the live digest are requested, not the digests of other known tags.
        self.assertLessEqual(requests, 3)

    def test_a_release_that_names_a_chart_stays_a_draft_and_says_why(self):
        self.push("1.5.1")
        digest = self.artifact("1.5.2")
        self.component("")
        self.release("by-tag", "tag: 1.5.2")
        self.release("by-digest", f"digest: '{digest}'")
        text = self.once(1)
        self.assertIn(f"release 'by-tag' stays a draft: component 'c': 1.5.2 at {digest} is a Helm chart, not a container image", text)
        self.assertIn(f"release 'by-digest' stays a draft: component 'c': {digest} is a Helm chart, not a container image", text)

    def test_a_range_takes_the_next_version_that_is_an_image(self):
        digest = self.push("1.4.0")
        self.artifact("1.5.2")
        self.push("2.0.0")
        self.component("")
        self.release("one", "version: ^1")
        self.site.start("poll: {interval: 1h}")
        self.addCleanup(self.site.close)
        wait_for(lambda: self.site.lock("one"), what="the release")
        self.assertIn(digest, self.site.lock("one"))
        self.assertEqual(self.tags(), ["1.4.0", "2.0.0"])

    def test_explain_and_the_list_of_tags_say_what_it_is(self):
        self.push("1.5.1")
        self.artifact("1.5.2", "application/vnd.oci.empty.v1+json", "application/spdx+json")
        self.component("")
        self.site.start("poll: {interval: 1h}")
        self.addCleanup(self.site.close)
        wait_for(lambda: self.heads(), what="first sync")
        out = relman.relmanctl("explain", "c", "--socket", self.site.socket)[1]
        self.assertIn("it is an SBOM, not a container image\n", out)
        tags = self.site.call("GET", "/api/v1/components/c/tags")[1]["data"]
        self.assertEqual([(t["tag"], t["artifact"], t["platforms"]) for t in tags], [("1.5.1", "", ["linux/amd64"]), ("1.5.2", "an SBOM", [])])

    def test_a_repository_of_charts_alone_is_not_read_in_one_pass(self):
        for n in range(230):
            self.artifact(f"1.0.{n}")
        self.push("0.9.0")
        self.component("")
        self.assertIn("component 'c': 200 versions newer than any other were checked, and none is a container image: first 1.0.229, it is a Helm chart, "
                      "not a container image; relmand goes on at the next poll; skip such tags with ignoreTags or tagPattern", self.once(1))
        self.once()
        self.assertEqual(self.heads(), {"stable": "0.9.0"})

    def test_a_head_stays_when_its_manifest_is_lost_before_it_was_checked(self):
        """The state is that of an upgrade from a relman that did not check artifacts."""
        self.push("1.0.0")
        digest = self.push("1.1.0")
        self.component("")
        self.once()
        self.site.stored.forget_artifacts()
        os.rename(f"{self.registry.folder}/data/docker/registry/v2/repositories/{self.repository}/_manifests/revisions/sha256/{digest[7:]}",
                  f"{self.registry.folder}/lost-{digest[7:]}")
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.1.0"})


class Calver(Versions):
    def ctl(self, *args):
        status, out, err = relman.relmanctl(*args, "--socket", self.site.socket)
        self.assertEqual((status, err), (0, ""), f"{args}: {out}{err}")
        return out

    def released(self, version):
        names = self.ctl("get", "releases", "--version", version, "-o", "name").split()
        return sorted(name.split("/")[-1] for name in names)

    def test_the_version_is_what_the_tag_says_everywhere(self):
        for tag in ("2024.06.2", "2024.06.45", "2024.07.0", "latest"):
            self.push(tag)
        self.component("", strategy="type: date, dateFormat: YYYY.0M.MICRO")
        self.release("pinned", "version: 2024.06.45")
        self.site.start("poll: {interval: 1h}\n")
        wait_for(lambda: self.heads() == {"stable": "2024.07.0"})
        self.assertEqual(self.site.stored.versions("semver"), [("2024.06.2",), ("2024.06.45",), ("2024.07.0",)])
        for name, wanted in (("exact", "2024.07.0"), ("with-v", "v2024.06.2"), ("range", ">=2024.06.3 <2024.07.0")):
            self.ctl("create", "release", name, f"c={wanted}")
        released = {}
        for version in ("2024.06.2", "2024.06.45", "2024.07.0", "v2024.07.0"):
            released[version] = self.released(version)
        self.assertEqual(released, {"2024.06.2": ["with-v"], "2024.06.45": ["pinned", "range"],
                                    "2024.07.0": ["exact"], "v2024.07.0": ["exact"]})

    def test_counters_that_are_read_as_days_are_reported(self):
        """Tags of the form YYYY.MM.MICRO are dates if MICRO is small. Newer tags with a larger MICRO are not,
        so that the head would stay at an old date. relman warns about such tags."""
        calver = ("2026.04.0", "2026.11.2", "2026.12.0", "2026.11.32")
        for tag in calver + ("latest", "sha-2026.1.0", "nightly-2026.12.0"):
            self.push(tag)

        def warning():
            return self.site.stored.conditions("reason", "message", kind="Component", type="Warning", status="True")
        for strategy, more, n, first in (("type: date", "", 3, "2026.12.0"), ("type: date, tagPattern: '^(2026[.].*)'", "", 3, "2026.12.0"),
                                         ("type: date", "  ignoreTags: ['[.]0$']\n", 1, "2026.11.32")):
            with self.subTest(strategy=strategy, more=more):
                self.component(more, strategy=strategy)
                self.once()
                self.assertEqual(self.heads(), {"stable": "2026.11.2"})
                (reason, message), = warning()
                self.assertEqual(reason, "DateFormatMissing")
                self.assertTrue(message.startswith(f"{n} tag{'s are' if n > 1 else ' is'} skipped, such as '{first}', "), message)
                self.assertIn("set versioningStrategy.dateFormat: YYYY.MM.MICRO", message)
        self.component("", strategy="type: date, dateFormat: YYYY.MM.MICRO")
        self.once()
        self.assertEqual((self.heads(), warning()), ({"stable": "2026.12.0"}, []))
        self.component("  ignoreTags: ['[.]0$', '32$']\n", strategy="type: date")
        self.once()
        self.assertEqual((self.heads(), warning()), ({"stable": "2026.11.2"}, []))

    def test_a_rule_with_groups_takes_the_tag_too(self):
        for tag in ("2024.06.2", "2024.06.12"):
            self.push(tag)
        self.component("  versionRules:\n    - {channel: stable, pattern: '^(?<year>\\d{4})\\.(?<month>\\d\\d)\\.(?<seq>\\d+)$'}\n",
                       strategy="type: date")
        self.release("tagged", "version: 2024.06.2")
        self.site.start("poll: {interval: 1h}\n")
        wait_for(lambda: self.heads() == {"stable": "2024.06.12"})
        wait_for(lambda: self.released("2024.06.2") == ["tagged"])


class Guess(Versions):
    def test_a_guess_is_a_spec_that_relmand_takes(self):
        for tag in ("2024.06.2", "2024.06.45", "2024.07.0", "2024.06.45-alpine", "latest"):
            self.push(tag)
        image = f"{self.registry.host}/{self.repository}"
        status, out, err = relman.relmanctl("guess", f"{image}:latest", "--specs", self.site.specs)
        self.assertEqual((status, err), (0, ""))
        self.assertEqual([line for line in out.splitlines() if line.startswith("#")], [
            "# 5 tags:",
            "#       3  calver with a counter (YYYY.0M.MICRO): 2024.06.2",
            "#       1  calver with a counter (YYYY.0M.MICRO), variant -alpine: 2024.06.45-alpine",
            "#       1  names: latest (not read)",
            "# channel alpine: 2024.06.45-alpine, the newest of 1",
            "# channel stable: 2024.07.0, the newest of 3",
            "# not read: 1 tag"])
        self.site.write("c.yaml", out)
        self.assertEqual(relman.relmanctl("lint", self.site.specs)[0], 0)
        self.once()
        self.assertEqual(self.heads(), {"stable": "2024.07.0", "alpine": "2024.06.45-alpine"})

    def test_tags_of_a_file_need_no_registry(self):
        status, out, err = relman.relmanctl("guess", "--tags", "-", "-o", "json", stdin="v1.0.0\nv1.1.0\n\nlatest\n")
        self.assertEqual((status, err), (0, ""))
        guess = json.loads(out)
        self.assertEqual(guess["component"]["spec"], {
            "imageRepository": "registry.example.com/image",
            "versioningStrategy": {"tagPattern": r"^v\d+\.\d+\.\d+$"}})
        self.assertEqual(guess["channels"], [{"channel": "stable", "tag": "v1.1.0", "version": "1.1.0", "versions": 2}])
        self.assertEqual((guess["tags"], guess["unread"]), (3, 1))

    def test_without_tags_there_is_nothing_to_guess(self):
        self.assertEqual(relman.relmanctl("guess", "--tags", "-", stdin="\n"),
                         (2, "", "relmanctl: error: there are no tags to guess from\n"))
        self.assertEqual(relman.relmanctl("guess"),
                         (2, "", "relmanctl: error: usage: relmanctl guess IMAGE | [IMAGE] --tags FILE\n"))
        status, out, err = relman.relmanctl("guess", f"{self.registry.host}/{self.repository}", "--specs", self.site.specs)
        self.assertEqual((status, out), (2, ""))
        self.assertIn("404", err)


class Init(Versions):
    """Tests relmanctl init, which makes a first tree of specs from the files of other tools."""

    def setUp(self):
        super().setUp()
        self.source = os.path.join(self.site.folder, "source")
        self.made = os.path.join(self.site.folder, "made")
        os.mkdir(self.source)

    def write(self, name, text):
        path = os.path.join(self.source, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def init(self, source, wanted=0):
        status, out, err = relman.relmanctl("init", "--from", source, "--specs", self.site.specs, self.made)
        self.assertEqual(status, wanted, out + err)
        return (out + err).replace(self.made, "DIR")

    def check(self):
        self.assertEqual(relman.relmanctl("lint", self.made)[0], 0)
        config = self.write("relmand.yaml", f"specs: {{path: {self.made}}}\n")
        r = subprocess.run([f"{relman.BUILDDIR}/relmand", "--check", "--config", config], capture_output=True, text=True, timeout=60)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        with open(os.path.join(self.made, "components.yaml")) as f:
            return {c["metadata"]["name"]: c["spec"] for c in yaml.safe_load_all(f)}

    def test_images_of_a_compose_file_become_specs(self):
        for tag in ("1.25.3", "1.26.0", "1.25.3-alpine", "1.26.1-alpine"):
            self.push(tag)
        image = f"{self.registry.host}/{self.repository}"
        source = self.write("compose.yaml", f"services:\n  web: {{image: '{image}:1.25.3-alpine'}}\n  web2: {{image: '{image}'}}\n"
                            "  api: {image: '127.0.0.1:1/shop/api:2024.06.45'}\n  again: {image: '127.0.0.1:1/other/api:v1.2.3'}\n"
                            "  built: {build: .}\n  later: {image: '${REGISTRY}/x:1'}\n")
        out = self.init(source)
        name = self.repository.split("/")[-1]
        out = re.sub(r"    GET .*: Could(?:n't| not) connect to server\n", "    WHY\n", out)
        self.assertEqual(out, f"""\
wrote 3 components, a stream and 3 environments to 'DIR':
  {name} ({image}): semver; alpine is 1.26.1-alpine
  api (127.0.0.1:1/shop/api): its tags were not read; the rules are for tags such as 2024.06.45
    WHY
  api-2 (127.0.0.1:1/other/api): its tags were not read; the rules are for tags such as v1.2.3
    WHY
  skipped: service 'built': it names no image
  skipped: service 'later': the image has a variable
Next:
  relmanctl lint DIR
  relmanctl explain COMPONENT --specs DIR
Set specs: {{path: DIR}} in relmand.yaml, then start relmand.
""")
        self.assertEqual(self.check(), {
            name: {"imageRepository": image, "defaultChannel": "alpine", "versionRules": [
                {"pattern": r"^(\d+\.\d+\.\d+)$", "channel": "stable"},
                {"pattern": r"^(\d+\.\d+\.\d+)-alpine$", "channel": "alpine"}]},
            "api": {"imageRepository": "127.0.0.1:1/shop/api", "versioningStrategy": {
                "type": "date", "dateFormat": "YYYY.0M.MICRO", "tagPattern": r"^\d{4}\.\d{2}\.\d+$"}},
            "api-2": {"imageRepository": "127.0.0.1:1/other/api", "versioningStrategy": {"tagPattern": r"^v\d+\.\d+\.\d+$"}}})
        self.assertEqual(self.init(source, wanted=2), "relmanctl: error: 'DIR' is not empty; name an empty folder, or a new one\n")

    def test_a_kustomization_names_what_is_replaced(self):
        self.write("kustomization.yaml", "images:\n  - {name: api, newName: '127.0.0.1:1/shop/api', newTag: v1.0.0}\n"
                                         "  - {name: '127.0.0.1:1/shop/worker', newTag: '17'}\n")
        self.init(self.source)
        specs = self.check()
        self.assertEqual(specs["api"]["replaces"], ["api"])
        self.assertEqual(specs["worker"]["versioningStrategy"], {"type": "sequential", "tagPattern": r"^\d+$"})

    def test_quadlets_and_lists_of_images_are_read(self):
        self.write("one.container", "[Container]\nImage=127.0.0.1:1/q/one:1.0.0\n")
        self.write("two.container", "[Container]\nImage=two.build\n")
        self.assertIn("two.container: the image is another unit", self.init(self.source))
        self.assertEqual(list(self.check()), ["one"])
        self.made += "2"
        self.init(self.write("list", "# comment\n127.0.0.1:1/l/a:1.2\n\n127.0.0.1:1/l/b # note\nBAD//x\n"))
        self.assertEqual({name: spec["versioningStrategy"] for name, spec in self.check().items()},
                         {"a": {"tagPattern": r"^\d+\.\d+$"}, "b": {"type": "manual", "follow": "latest"}})

    def test_a_source_without_images_writes_nothing(self):
        for name, text, wanted in (("a.yaml", "a: 1\n", "is neither a compose file nor a kustomization: it has neither services nor images"),
                                   ("b.yaml", "a: [\n", "b.yaml:2:1: error: not valid YAML"),
                                   ("c", "\n", "names no image")):
            self.assertIn(wanted, self.init(self.write(name, text), wanted=2))
        self.assertIn("names no image", self.init(self.source + "/..", wanted=2))
        self.assertIn("No such file", self.init("nowhere", wanted=2))
        self.assertFalse(os.path.exists(self.made))


class Follow(Versions):
    def test_the_digest_of_one_tag_is_the_head_wherever_it_is_moved(self):
        first = self.push("latest", "one")
        self.push("v9.9.9", "other")
        self.component("", "type: manual, follow: latest")
        self.once()
        self.assertEqual(self.site.stored.channels("name", "tag", "digest"), [("stable", "latest", first)])
        second = self.push("latest", "two")
        self.once()
        self.assertEqual(self.site.stored.channels("name", "tag", "digest"), [("stable", "latest", second)])
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
        self.assertLessEqual(requests, 3)  # known digests are not requested again
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
        self.push("v1.1.0", platforms=("linux/x86_64", "linux/arm/v8"))
        self.push("v1.1.1", platforms=("linux/amd64/v3", "linux/arm/v7"))
        self.component("  platforms: [linux/amd64/v1, linux/armhf]\n")
        self.release("one", "channel: stable")
        self.once()
        self.assertEqual(self.heads(), {"stable": "v1.0.0"})
        self.assertEqual(re.findall(r"[{ ](linux/[^:]+): 'sha256:", self.site.lock("one")),
                         ["linux/amd64", "linux/arm/v7"] * 2)  # platforms and configs
        self.push("v1.2.0", platforms=("linux/aarch64",))
        self.component("  platforms: [linux/arm64/v8]\n")
        self.once()
        self.assertEqual(self.heads(), {"stable": "v1.2.0"})
        # a machine with linux/arm/v7 can also run linux/arm/v6
        self.push("v1.3.0", platforms=("linux/amd64", "linux/arm/v5", "linux/arm/v6"))
        self.component("  platforms: [linux/amd64, linux/arm/v7]\n")
        self.once()
        self.assertEqual(self.heads(), {"stable": "v1.3.0"})


class Images(Versions):
    """Tests an index in the registry whose manifests were deleted, so that no node can pull the image."""

    both = ("linux/amd64", "linux/arm64")

    def age(self):
        self.site.stored.age_manifests("2020-01-01T00:00:00Z")

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
        digest = self.push("v1.0.0", platforms=self.both)  # the manifest is not in the database of relman
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
        self.assertEqual(self.requests(), warm)  # relman checks the digest again only after the recheck interval
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
        wait_for(lambda: self.site.lock("one"), 10)
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

    def push_windows(self):
        """Pushes an index with images for two versions of Windows, an attestation, and an index in it.
        Returns the digests of the index, of the first image of each platform, and of the others."""
        images = [self.registry.push_image(self.repository, c, "windows/amd64") for c in ("2019", "2022")]
        linux, arm, attestation = (self.registry.push_image(self.repository, c, p) for c, p in
                                   (("l", "linux/amd64"), ("m", "linux/arm64"), ("a", "linux/amd64")))
        inner = self.registry.push_index(self.repository, None, [(arm, MANIFEST, "linux/arm64")])
        entries = [(linux, MANIFEST, "linux/amd64"), *[(i, MANIFEST, "windows/amd64") for i in images],
                   (attestation, MANIFEST, "unknown/unknown"), (inner, INDEX, "linux/arm64")]
        return self.registry.push_index(self.repository, "v1.0.0", entries), [linux, arm, images[0]], [images[1], attestation, inner]

    def test_each_image_of_a_platform_is_protected_and_must_exist(self):
        index, first, others = self.push_windows()
        self.component("")
        self.site.write("e.yaml", document("Environment", "prod", "confirm: manual"))
        self.release("one", "channel: stable")
        self.site.start("poll: {interval: 1h, jitter: 0%}\n")
        wait_for(lambda: self.site.lock("one"), 10)
        self.assertEqual(self.ctl("protected", "-o", "digests").split(), sorted([index, *first, *others]))
        for digest in others:
            self.assertIn("release 'one'", self.ctl("protected", digest, wanted=3))
        _, _, manifest = self.registry.request("GET", f"/v2/{self.repository}/manifests/{others[0]}", headers={"Accept": MANIFEST})
        self.registry.delete(self.repository, others[0])
        self.assertIn(f"the registry no longer serves its image for windows/amd64 ({others[0]})",
                      self.ctl("promote", "one", "prod", wanted=1))
        self.site.stop()
        self.age()
        self.once()
        self.assertEqual(self.condition("Drift")[0], "PlatformGone")
        self.assertIn("no longer its image for windows/amd64", self.condition("Drift")[1])
        self.registry.put_manifest(self.repository, others[0], manifest, MANIFEST)
        self.once()
        self.assertIsNone(self.condition("Drift"))

    def test_referrers_under_tags_are_protected(self):
        """This registry has no API for referrers."""
        digest = self.push("v1.0.0")
        self.component("")
        self.release("one", "channel: stable")
        self.once()
        tag = digest.replace(":", "-")
        sbom = self.registry.push_image(self.repository, "sbom")
        index = self.registry.push_index(self.repository, tag, [(sbom, MANIFEST, None)])
        signature = self.push(tag + ".sig", "signature")
        self.once()  # relman checks the digest again only after the recheck interval
        self.assertEqual(self.site.stored.release_digests("digest"), [(digest,)])
        warm = self.requests()
        self.age()
        self.assertEqual(self.requests(), warm + 5)  # the API and four tags
        protected = sorted([digest, sbom, index, signature])
        self.assertEqual([d for d, in self.site.stored.release_digests("digest")], protected)
        self.assertEqual(self.requests(), warm)
        # a release with the same digest needs them, too; the last one takes them with it
        self.release("two", "channel: stable")
        self.site.start("poll: {interval: 1h, jitter: 0%}\n")
        wait_for(lambda: self.site.lock("two"), 10)
        self.assertEqual(self.ctl("protected", "-o", "digests").split(), protected)
        self.assertIn("release 'two'", self.ctl("protected", signature, wanted=3))

    def test_a_check_learns_which_images_an_older_relman_did_not_read(self):
        index, first, others = self.push_windows()
        self.component("")
        self.release("one", "channel: stable")
        self.once()
        self.assertEqual(self.site.stored.count("release_digests"), 7)
        self.site.stored.forget_others(others)
        self.age()
        self.once()
        self.assertEqual({row[0] for row in self.site.stored.release_digests("digest")}, {index, *first, *others})
        self.registry.delete(self.repository, others[0])
        self.age()
        self.once()
        self.assertIn("no longer its image for windows/amd64", self.condition("Drift")[1])


class Indexes(Versions):
    """Tests indexes whose entries name no platforms, and an index that contains an index."""

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
        newest = [tag for tag, in self.site.stored.newest_versions("tag")]
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
        self.assertEqual(self.site.stored.channels("tag", "digest"), [("v1.0.0", first)])
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
        self.assertEqual(self.site.stored.versions("tag", "digest", "semver", "channel", "source"),
                         [("hotfix", digest, "1.0.1", "fix", "manual")])


if __name__ == "__main__":
    relman.main()
