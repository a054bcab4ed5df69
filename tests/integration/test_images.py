#!/usr/bin/env python3
"""Tests what relmand keeps of what images say of themselves, on a real registry. A stand-in counts requests."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import INDEX, MANIFEST, DockerRegistry  # noqa: E402
from relman import Site, SiteCase, document, documents, relmanctl, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

CONFIG = "poll: {interval: 1h, jitter: 0%}\n"
PLATFORMS = ("linux/amd64", "linux/arm64")
LABELS = {"org.opencontainers.image.source": "https://github.com/acme/api", "org.opencontainers.image.revision": "4f1c" * 10,
          "org.label-schema.vcs-url": "https://example.com", "maintainer": "anna"}


class Case(SiteCase):
    def setUp(self):
        super().setUp()
        self.registry = DockerRegistry()
        self.addCleanup(self.registry.close)

    def push(self, tag, labels=None, annotations=None):
        return self.registry.put_manifest("app/api", tag, self.registry.image("app/api", tag, labels=labels, annotations=annotations), MANIFEST)

    def start(self, versions):
        self.site.write("all.yaml", documents(document("Environment", "prod"), registry=self.registry, components=("api",)))
        self.site.start(CONFIG)
        wait_for(lambda: len(self.get("components/api/versions")) == versions, 20, "versions")

    def make(self, name, version):
        self.ctl("create", "release", name, "api=" + version)
        return self.get("releases/" + name)["components"][0]

    def facts(self, digest):
        (facts, layers), = self.site.stored.image_facts("facts", "layers", digest=digest)
        return json.loads(facts), layers

    def manifest(self, reference):
        return json.loads(self.registry.request("GET", f"/v2/app/api/manifests/{reference}", headers={"Accept": MANIFEST})[2])


class Kept(Case):
    def test_a_head_and_its_release_keep_the_labels_that_oci_defines(self):
        self.push("v1.0.0", {"org.label-schema.vcs-ref": "1" * 40, "maintainer": "anna"})
        self.start(1)
        digest = self.push("v2.0.0", LABELS, {"org.opencontainers.image.version": "2", "own": "x" * 1025})
        self.ctl("sync", "api")
        wait_for(lambda: len(self.get("components/api/versions")) == 2, 20, "versions")
        self.assertEqual(self.site.stored.head_facts("head", "digest"), [(digest, digest)])
        self.assertEqual(self.site.stored.count("image_facts"), 0)
        component = self.make("two", "2.0.0")
        manifest = self.manifest(digest)
        facts, layers = self.facts(digest)
        self.assertEqual(facts, {"mediaType": MANIFEST, "config": manifest["config"]["digest"], "cut": True,
                                 "annotations": {"org.opencontainers.image.version": "2"},
                                 "labels": {k: v for k, v in LABELS.items() if k.startswith("org.opencontainers")},
                                 "platform": "linux/amd64", "created": 0})
        self.assertEqual(layers, "".join(layer["digest"][7:] for layer in manifest["layers"]))
        self.assertEqual(component["configs"], {"linux/amd64": manifest["config"]["digest"]})
        self.assertEqual(self.get("digests/" + digest)["image"], {
            "mediaType": MANIFEST, "artifactType": None, "config": manifest["config"]["digest"], "layers": [layer["digest"] for layer in manifest["layers"]],
            "annotations": facts["annotations"], "manifests": {}, "labels": facts["labels"], "platform": "linux/amd64", "created": None, "complete": False})
        # a version that is no head any more is read for its release
        old = self.make("one", "1.0.0")["digest"]
        self.assertEqual(self.facts(old)[0].get("labels"), None)
        self.assertEqual(self.facts(old)[0]["config"], self.manifest(old)["config"]["digest"])

    def test_labels_that_a_component_names_are_kept(self):
        oci = {k: v for k, v in LABELS.items() if k.startswith("org.opencontainers")}
        digest = self.push("v1.0.0", dict(LABELS, team="shop", large="x" * 1025))
        repository = f"imageRepository: {self.registry.host}/app/api"
        self.site.write("all.yaml", documents(
            document("Component", "api", f"{repository}, keepLabels: [maintainer, none, large]"),
            document("Component", "again", f"{repository}, keepLabels: [team]"),
            document("Component", "plain", repository), registry=self.registry))
        self.site.start(CONFIG)
        for name in "api", "again", "plain":
            wait_for(lambda: len(self.get(f"components/{name}/versions")) == 1, 20, "versions")  # noqa: B023
        kept = dict(self.site.stored.head_facts("component", "facts"))
        self.assertEqual({name: json.loads(facts)["labels"] for name, facts in kept.items()},
                         {"api": dict(oci, maintainer="anna"), "again": dict(oci, team="shop"), "plain": oci})
        # facts of a digest have the labels of all components that read the image
        self.make("one", "1.0.0")
        self.assertEqual(self.get("digests/" + digest)["image"]["labels"], dict(oci, maintainer="anna"))
        self.ctl("create", "release", "two", "again=1.0.0")
        self.ctl("create", "release", "three", "plain=1.0.0")
        self.assertEqual(self.get("digests/" + digest)["image"]["labels"], dict(oci, maintainer="anna", team="shop"))
        self.assertIn("maintainer: anna\n", self.ctl("protected", digest, "-o", "yaml", wanted=3))

    def test_a_release_shows_what_its_images_say(self):
        base = "sha256:" + "b" * 64
        self.registry.put_manifest("app/api", "v1.0.0", self.registry.image(
            "app/api", "x", created="2024-05-06T07:08:09Z", labels={"org.opencontainers.image.version": "2024.5", "team": "shop", "other": "1"},
            annotations={"org.opencontainers.image.base.name": "debian:12", "org.opencontainers.image.base.digest": base}), MANIFEST)
        self.registry.push("app/web", "v1.0.0", platforms=PLATFORMS)
        self.site.write("all.yaml", documents(document("Component", "api", f"imageRepository: {self.registry.host}/app/api, keepLabels: [team]"),
                                              registry=self.registry, components=("web",)))
        self.site.start(CONFIG)
        for name in "api", "web":
            wait_for(lambda: len(self.get(f"components/{name}/versions")) == 1, 20, "versions")  # noqa: B023
        self.ctl("create", "release", "one", "api=1.0.0", "web=1.0.0")
        api, web = self.get("releases/one")["components"]
        self.assertEqual(api["image"], {"artifactType": None, "version": "2024.5", "base": {"name": "debian:12", "digest": base},
                                        "created": "2024-05-06T07:08:09Z", "labels": {"org.opencontainers.image.version": "2024.5", "team": "shop"}})
        # the configuration of an image in an index is read later
        self.assertEqual(web["image"], {"artifactType": None, "version": None})
        described = self.ctl("describe", "release", "one")
        self.assertIn("    image:\n", described)
        self.assertIn("        name: debian:12\n", described)
        self.assertIn("        team: shop\n", described)
        self.assertEqual(json.loads(self.ctl("get", "release", "one", "-o", "json"))["components"][0]["image"], api["image"])
        self.assertNotIn("image", self.get("releases")["data"][0]["components"][0])
        # many components, so that facts are read in several batches
        self.site.write("more.yaml", documents(*(document("Component", f"c{n:03}", f"imageRepository: {self.registry.host}/app/api") for n in range(60)),
                                               document("Release", "many", "mode: full")))
        wait_for(lambda: self.site.call("GET", "/api/v1/releases/many")[1].get("status") == "ready", 30, "a release")
        components = self.get("releases/many")["components"]
        self.assertEqual([c["image"]["version"] for c in components], ["2024.5"] * 61 + [None])

    def test_lists_of_labels_are_checked(self):
        for keep, message in (("[" + ", ".join(f"l{n}" for n in range(33)) + "]", "keepLabels names 33 labels; at most 32 are valid"),
                              ("[a, '']", "keepLabels: entry 2 has 0 bytes; the key of a label has 1 to 256"),
                              ("[" + "x" * 257 + "]", "keepLabels: entry 1 has 257 bytes")):
            path = self.site.write("all.yaml", documents(document("Component", "api", f"imageRepository: {self.registry.host}/app/api, keepLabels: {keep}")))
            status, out, _ = relmanctl("lint", self.site.specs)
            self.assertEqual(status, 1)
            self.assertRegex(out, f"{path}:4:[0-9]+: error: .*{re.escape(message)}")

    def test_a_lockfile_has_the_configuration_of_each_platform_and_keeps_it(self):
        self.registry.push("app/api", "v1.0.0", platforms=PLATFORMS)
        self.start(1)
        component = self.make("one", "1.0.0")
        self.assertEqual(component["configs"], {p: self.manifest(d)["config"]["digest"] for p, d in component["platforms"].items()})
        text = self.site.lock("one")
        self.assertIn("    configs: {" + ", ".join(f"{p}: '{d}'" for p, d in component["configs"].items()) + "}\n", text)
        self.ctl("verify", self.site.lock_path("one"))
        self.site.process.kill()
        self.site.process.wait()
        self.site.start(CONFIG)
        self.assertEqual(self.site.lock("one"), text)

    def test_facts_last_as_long_as_a_release_or_a_head_needs_them(self):
        for n in range(3):
            self.push(f"v1.{n}.0", LABELS)
        self.start(3)
        self.assertEqual(self.site.stored.count("head_facts"), 1)
        for n in range(3, 6):
            self.push(f"v1.{n}.0", LABELS)
            self.ctl("sync", "api")
        wait_for(lambda: len(self.get("components/api/versions")) == 6, 20, "versions")
        self.assertEqual([self.site.stored.count(t) for t in ("head_facts", "image_facts", "image_layers")], [1, 0, 0])
        self.make("one", "1.5.0")
        self.make("two", "1.5.0")
        self.make("three", "1.1.0")
        self.assertEqual([self.site.stored.count(t) for t in ("image_facts", "image_layers")], [2, 2])
        for name, left in (("one", 2), ("two", 1), ("three", 0)):
            self.ctl("archive", name)
            self.assertEqual(self.site.call("DELETE", "/api/v1/releases/" + name)[0], 200)
            self.assertEqual([self.site.stored.count(t) for t in ("image_facts", "image_layers")], [left, left])


class Source(Case):
    """Commits of changed components, with links to them."""

    def labels(self, revision, source="git@github.com:acme/api.git"):
        return {"org.opencontainers.image.source": source, "org.opencontainers.image.revision": revision}

    def test_changed_components_show_their_commits(self):
        old, new = "4f1c" * 10, "0a1b" * 10
        repository = "https://github.com/acme/api"
        link = f"{repository}/compare/{old}...{new}"
        self.push("v1.0.0", self.labels(old))
        self.start(1)
        for n, revision in enumerate((old, new), 1):
            self.push(f"v{n}.0.0", self.labels(revision))
            self.ctl("sync", "api", "--wait")
            self.assertEqual(self.make(f"r{n}", f"{n}.0.0")["source"], {"repository": repository, "revision": revision, "link": f"{repository}/commit/{revision}"})
            self.assertIn(f"    source: {{repository: {repository}, revision: {revision}}}\n", self.site.lock(f"r{n}").replace("'", ""))
            self.ctl("verify", self.site.lock_path(f"r{n}"))
            self.ctl("promote", f"r{n}", "prod", "--wait")
        self.assertIn(f"api: {old[:12]}...{new[:12]} {link}\n", self.ctl("compare", "r1", "r2"))
        self.assertIn(f"api: {new[:12]}...{old[:12]} {repository}/compare/{new}...{old}\n", self.ctl("rollback", "prod", "--plan"))
        self.assertEqual(self.get("releases/r1/compare/r2")["changed"][0]["source"],
                         {"repository": repository, "fromRevision": old, "toRevision": new, "link": link})
        self.assertIn(f"link: {repository}/commit/{new}\n", self.ctl("describe", "release", "r2").replace("'", "").replace('"', ""))
        # a restart writes the same lockfile
        self.site.process.kill()
        self.site.process.wait()
        lock = self.site.lock("r2")
        self.site.start(CONFIG)
        self.assertEqual(self.site.lock("r2"), lock)

    def test_plan_shows_the_commits_of_heads_and_releases(self):
        old, new = "4f1c" * 10, "0a1b" * 10
        repository = "https://github.com/acme/api"
        self.push("v1.0.0", self.labels(old))
        self.start(1)
        digests = [self.make("one", "1.0.0")["digest"], self.push("v2.0.0", self.labels(new))]
        self.ctl("sync", "api", "--wait")
        tree = os.path.join(self.site.folder, "tree")
        os.mkdir(tree)
        with open(os.path.join(self.site.specs, "all.yaml")) as f, open(os.path.join(tree, "all.yaml"), "w") as to:
            to.write(f.read().replace("/app/api}", "/app/api, versionRules: [{pattern: '^v(1.*)$', channel: stable}]}"))
            to.write("---\n" + document("Release", "two", "mode: pinned, components: [{name: api, version: 1.0.0}]"))
        text = self.ctl("plan", tree)
        self.assertIn(f"  ~ api stable: v2.0.0 -> v1.0.0\n      {new[:12]}...{old[:12]} {repository}/compare/{new}...{old}\n", text)
        self.assertIn(f"      api 1.0.0 {digests[0]} {repository}/commit/{old}\n", text)
        answer = json.loads(self.ctl("plan", tree, "-o", "json"))
        self.assertEqual(answer["channels"][0]["source"],
                         {"repository": repository, "fromRevision": new, "toRevision": old, "link": f"{repository}/compare/{new}...{old}"})
        self.assertEqual(answer["releases"][0]["components"][0]["source"],
                         {"repository": repository, "revision": old, "link": f"{repository}/commit/{old}"})

    def test_texts_of_strangers_are_dropped(self):
        self.push("v1.0.0", self.labels("<b>main</b>", "javascript:alert(1)"))
        self.start(1)
        self.assertNotIn("source", self.make("one", "1.0.0"))
        self.push("v2.0.0", self.labels("main", "https://anna:secret@github.com/acme/api"))
        self.ctl("sync", "api", "--wait")
        self.assertEqual(self.make("two", "2.0.0")["source"], {"repository": "https://github.com/acme/api", "revision": "main", "link": None})
        self.assertIn("api: ?...main\n", self.ctl("compare", "one", "two"))
        self.assertNotIn("secret", self.site.lock("two"))


class Moved(Case):
    """Events of a moved tag say how its image changed."""

    def move(self, tag, *layers, labels=None):
        """Pushes an image with these layers under the tag, polls, and returns what the new events say of the change."""
        images = [json.loads(self.registry.image("app/api", layer, labels=labels)) for layer in layers]
        images[-1]["layers"] = [image["layers"][0] for image in images]
        n = len(self.changes())
        self.registry.put_manifest("app/api", tag, json.dumps(images[-1]).encode(), MANIFEST)
        self.ctl("sync", "api", "--wait")
        return self.changes()[n:]

    def changes(self):
        return [(kind, json.loads(data).get("change")) for kind, data in self.site.stored.events("type", "data")
                if kind in ("tag.moved", "drift.detected")]

    def test_events_say_what_changed(self):
        self.push("v0.0.0")
        self.start(1)
        self.assertEqual(self.move("v1.0.0", "base", "own"), [])
        self.assertEqual(self.move("v1.0.0", "base", "other"), [("tag.moved", "own")])
        self.assertEqual(self.move("v1.0.0", "newer", "other"), [("tag.moved", "base")])
        self.assertEqual(self.move("v1.0.0", "newer", "other", labels=LABELS), [("tag.moved", "labels")])
        self.assertEqual(self.move("v1.0.0", "x", "y"), [("tag.moved", "all")])
        moves = self.get("components/api/tag-history")
        self.assertEqual([move["change"] for move in moves], ["all", "labels", "base", "own"])
        tag = self.get("components/api/tags/v1.0.0")
        self.assertEqual([(move["tag"], move["digest"]) for move in moves],
                         [("v1.0.0", digest) for digest in [tag["digest"]] + [move["fromDigest"] for move in moves[:-1]]])
        self.assertEqual([(past["digest"], past["until"], past["change"]) for past in tag["history"]],
                         [(move["fromDigest"], move["at"], move["change"]) for move in moves])
        described = self.ctl("describe", "component", "api").split("moves of tags, newest first:\n")[1].splitlines()
        self.assertEqual([line.split()[1:] for line in described],
                         [["TAG", "CHANGE", "FROM", "TO"]] + [["v1.0.0", move["change"], move["fromDigest"], move["digest"]] for move in moves])
        self.assertEqual(self.get("components/api/tag-history?page=2&pageSize=3"), moves[3:])
        # a release keeps the facts
        self.make("one", "1.0.0")
        self.ctl("promote", "one", "prod", "--wait")
        self.assertEqual(self.move("v1.0.0", "x", "z"), [("tag.moved", "own"), ("drift.detected", "own")])
        # the next start reads nothing again
        self.assertEqual(self.site.stored.drift("change"), [("own",)])
        self.assertIn(": only layers above the base differ", self.ctl("describe", "component", "api"))


class Impact(Case):
    """Which releases and environments hold a layer, or are built on a base."""

    def found(self, *options):
        return sorted(line.split("/")[1] for line in self.ctl("get", "releases", *options, "-o", "name").split())

    def test_releases_with_a_layer_or_a_base_are_found(self):
        base = self.registry.push("app/base", "v1.0.0", platforms=PLATFORMS)
        other = "sha256:" + "1" * 64
        named = "org.opencontainers.image.base.digest"
        self.site.write("all.yaml", documents(document("Environment", "prod"), registry=self.registry, components=("api", "base")))
        self.site.start(CONFIG)
        wait_for(lambda: len(self.get("components/base/versions")) == 1, 20, "versions")
        self.ctl("create", "release", "base", "base=1.0.0")
        platform = self.get("releases/base")["components"][0]["platforms"]["linux/arm64"]
        for n, annotations in enumerate(({named: base}, {named: platform}, {named: other}, {named: "none"})):
            self.push(f"v1.{n}.0", annotations=annotations)
            self.ctl("sync", "api")
            wait_for(lambda: len(self.get("components/api/versions")) == n + 1, 20, "versions")
            self.ctl("create", "release", f"r{n}", f"api=1.{n}.0")
        self.assertEqual(self.found("--base", base), ["r0", "r1"])
        self.assertEqual(self.found("--base", f"{self.registry.host}/app/base@{platform}"), ["r0", "r1"])
        self.assertEqual(self.found("--base", other), ["r2"])
        self.assertEqual(self.found("--base", "sha256:" + "2" * 64), [])
        self.ctl("promote", "r1", "prod", "--wait")
        layer = self.manifest("v1.1.0")["layers"][0]["digest"]
        _, row = self.ctl("get", "releases", "--layer", layer).splitlines()
        self.assertRegex(row, "^r1 +deployed +1 +1 ")
        self.assertEqual(self.found("--layer", layer, "--component", "base"), [])
        self.assertEqual(self.found("--layer", layer[:17] + "0" * 54), [])
        self.assertIn("parameter layer: a complete digest", self.ctl("get", "releases", "--layer", "sha256:12", wanted=1))
        self.assertIn("give only one", self.ctl("get", "releases", "--layer", layer, "--base", base, wanted=1))
        self.assertIn("only SHA-256", self.ctl("get", "releases", "--layer", "sha512:" + "1" * 128, wanted=1))


class Verified(Case):
    """relmanctl verify --registry finds all manifests and configurations that a registry or a mirror lacks."""

    def setUp(self):
        super().setUp()
        self.mirror = DockerRegistry()
        self.addCleanup(self.mirror.close)

    def push_index(self):
        """Pushes an index of two images and an attestation; returns its digest and theirs."""
        entries = []
        for platform in *PLATFORMS, "unknown/unknown":
            image = self.registry.image("app/api", platform, platform)
            digest = self.registry.put_manifest("app/api", "of-" + platform.replace("/", "-"), image, MANIFEST)
            entries.append({"mediaType": MANIFEST, "digest": digest, "size": len(image), "platform": dict(zip(("os", "architecture"), platform.split("/")))})
        entries[-1]["annotations"] = {"vnd.docker.reference.type": "attestation-manifest"}
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
        return self.registry.put_manifest("app/api", "v1.0.0", json.dumps(index).encode(), INDEX), *(e["digest"] for e in entries)

    def verify(self, *options):
        status, out, err = relmanctl("verify", "--registry", *options, "--specs", self.site.specs, self.site.lock_path("one"))
        return status, out.splitlines()[1], err

    @unittest.skipUnless(shutil.which("skopeo"), "no skopeo")
    def test_everything_that_is_missing_is_named(self):
        index, amd64, arm64, attestation = self.push_index()
        subprocess.run(["skopeo", "copy", "-q", "--all", "--preserve-digests", "--src-tls-verify=false", "--dest-tls-verify=false",
                        f"docker://{self.registry.host}/app/api:v1.0.0", f"docker://{self.mirror.host}/copy/api:v1.0.0"], check=True)
        self.start(1)
        self.make("one", "1.0.0")
        self.site.write("mirror.yaml", document("Registry", "mirror", f"url: '{self.mirror.url}'"))
        at = ("--at", self.mirror.host + "/copy/${name}")
        config = self.manifest(amd64)["config"]["digest"]
        self.assertEqual(self.verify()[0], 0)
        self.assertEqual(self.verify(*at)[0], 0)
        for registry, repository, options in (self.registry, "app/api", ()), (self.mirror, "copy/api", at):
            place = f"{registry.host}/{repository}@{index}"
            self.assertEqual(registry.request("DELETE", f"/v2/{repository}/blobs/{config}")[0], 202)
            bad = f"missing     api {place}: the configuration of its image for linux/amd64 ({amd64}) is not served"
            self.assertEqual(self.verify(*options)[:2], (4, bad))
            registry.delete(repository, arm64)
            registry.delete(repository, attestation)
            self.assertEqual(self.verify(*options)[:2], (4, f"{bad}; its image for linux/arm64 ({arm64}) is not served; "
                                                            f"manifest {attestation} of its index is not served"))
            registry.delete(repository, index)
            status, out, _ = self.verify(*options)
            self.assertEqual(status, 4)
            self.assertRegex(out, f"^missing +api {place}: GET .*404")


def may_mount():
    """buildah and podman need root, and a mount namespace to unpack layers in; not every container has both."""
    return os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0


def storage_tool(folder, *words):
    """Runs buildah or podman with an own storage. Returns what it prints."""
    r = subprocess.run([words[0], "--root", folder + "/root", "--runroot", folder + "/run", "--storage-driver", "vfs", *words[1:]],
                       capture_output=True, text=True, timeout=120)
    assert r.returncode == 0, f"{words}: {r.stderr}"
    return r.stdout.strip()


@unittest.skipUnless(shutil.which("buildah") and shutil.which("podman") and shutil.which("skopeo") and may_mount(),
                     "buildah, podman or skopeo is not installed, or this may not mount")
class Makers(Case):
    """Images that buildah and podman made, and the copy that skopeo made of one, with another type of manifest."""

    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp(prefix="relman-makers-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        with open(f"{self.folder}/program", "w") as f:
            f.write("a program")

    def build(self):
        labels = [word for item in LABELS.items() for word in ("--label", "=".join(item))]
        container = storage_tool(self.folder, "buildah", "from", "scratch")
        storage_tool(self.folder, "buildah", "copy", "-q", container, f"{self.folder}/program", "/program")
        storage_tool(self.folder, "buildah", "config", "--arch", "arm64", "--annotation", "org.opencontainers.image.title=made", *labels, container)
        storage_tool(self.folder, "buildah", "commit", "-q", container, "localhost/built")
        storage_tool(self.folder, "buildah", "push", "-q", "--tls-verify=false", "localhost/built", f"docker://{self.registry.host}/app/buildah:v1.0.0")
        changes = [word for item in LABELS.items() for word in ("--change", "LABEL " + "=".join(item))]
        subprocess.run(["tar", "-C", self.folder, "-cf", f"{self.folder}/program.tar", "program"], check=True)
        storage_tool(self.folder, "podman", "import", "-q", *changes, f"{self.folder}/program.tar", "localhost/imported")
        storage_tool(self.folder, "podman", "push", "-q", "--tls-verify=false", "localhost/imported", f"docker://{self.registry.host}/app/podman:v1.0.0")
        subprocess.run(["skopeo", "copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false", "--format", "v2s2",
                        f"docker://{self.registry.host}/app/buildah:v1.0.0", f"docker://{self.registry.host}/app/skopeo:v1.0.0"],
                       check=True, capture_output=True, timeout=60)

    def test_what_buildah_podman_and_skopeo_write_is_kept(self):
        self.build()
        names = "buildah", "podman", "skopeo"
        self.site.write("all.yaml", documents(document("Release", "one", "mode: full"), registry=self.registry, components=names))
        status, out, err = self.site.once()
        self.assertEqual(status, 0, out + err)
        self.site.start(CONFIG)
        docker = "application/vnd.docker.distribution.manifest.v2+json"
        for component in self.get("releases/one")["components"]:
            name, digest = component["componentName"], component["digest"]
            raw = self.registry.request("GET", f"/v2/app/{name}/manifests/{digest}", headers={"Accept": f"{MANIFEST}, {docker}"})[2]
            manifest = json.loads(raw)
            image = self.get("digests/" + digest)["image"]
            with self.subTest(name):
                self.assertEqual(image["mediaType"], docker if name == "skopeo" else MANIFEST)
                self.assertEqual((image["config"], image["layers"]), (manifest["config"]["digest"], [layer["digest"] for layer in manifest["layers"]]))
                self.assertEqual({key: text for key, text in image["labels"].items() if key in LABELS},
                                 {key: text for key, text in LABELS.items() if key.startswith("org.opencontainers")})
                self.assertEqual(image["annotations"].get("org.opencontainers.image.title"), "made" if name == "buildah" else None)
                self.assertEqual(image["platform"], "linux/amd64" if name == "podman" else "linux/arm64")
                self.assertRegex(image["created"], "^20[0-9]{2}-")
                self.assertEqual(list(component["configs"].values()), [manifest["config"]["digest"]])
                self.assertEqual(component["source"], {"repository": "https://github.com/acme/api", "revision": "4f1c" * 10,
                                                       "link": "https://github.com/acme/api/commit/" + "4f1c" * 10})
                found = self.ctl("get", "releases", "--layer", manifest["layers"][-1]["digest"], "-o", "name")
                self.assertEqual(found, "release/one\n")
        self.ctl("verify", self.site.lock_path("one"), "--registry", "--specs", self.site.specs)


class Mismatch(unittest.TestCase):
    """Images whose configuration names another platform than their index."""

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.registry = DockerRegistry()
        self.addCleanup(self.registry.close)

    def push(self, tag, *entries):
        """Pushes an index. entries: the platform of an entry, and that of the image's configuration."""
        digests, manifests = [], []
        for listed, built in entries:
            image = self.registry.image("app/api", tag + listed, built, labels={"team": "shop"})
            digests.append(self.registry.put_manifest("app/api", tag + "-" + listed.replace("/", "-"), image, MANIFEST))
            parts = dict(zip(("os", "architecture", "variant"), listed.split("/")))
            manifests.append({"mediaType": MANIFEST, "digest": digests[-1], "size": len(image), "platform": parts})
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}
        return self.registry.put_manifest("app/api", tag, json.dumps(index).encode(), INDEX), *digests

    def once(self):
        """Polls after the recheck interval; returns the conditions."""
        self.site.stored.age_manifests("2020-01-01T00:00:00Z")
        status, out, err = self.site.once()
        self.assertEqual(status, 0, out + err)
        return self.site.stored.conditions("reason", "message", type="PlatformMismatch")

    def declare(self, *releases):
        self.site.write("all.yaml", documents(
            document("Component", "api", f"imageRepository: {self.registry.host}/app/api, keepLabels: [team], versioningStrategy: {{tagPattern: '^v[0-9.]+$'}}"),
            *(document("Release", name, f"mode: pinned, components: [{{name: api, version: {version}}}]") for name, version in releases),
            registry=self.registry))

    def test_an_image_for_another_platform_is_reported_until_nothing_needs_it(self):
        bad, _, wrong = self.push("v1.0.0", ("linux/amd64", "linux/amd64"), ("linux/arm64", "linux/amd64"))
        self.push("v1.1.0", ("linux/amd64", "linux/amd64"), ("linux/arm64", "linux/arm64/v8"), ("linux/arm/v6", "linux/arm"))
        self.declare(("one", "1.0.0"), ("two", "1.1.0"))
        self.assertEqual(self.site.once()[0], 0)
        self.assertEqual(self.site.stored.conditions(type="PlatformMismatch"), [])
        wanted = [("PlatformMismatch", f"index {bad} lists {wrong} for linux/arm64, but that image is for linux/amd64: machines pull an image "
                   "that they cannot run; build it again for linux/arm64, and push the index again")]
        self.assertEqual(self.once(), wanted)
        self.assertEqual(json.loads(self.site.stored.image_facts("facts", digest=wrong)[0][0])["labels"], {"team": "shop"})
        self.assertEqual(self.site.stored.releases("status", name="one"), [("ready",)])
        self.assertEqual(self.once(), wanted)
        self.declare(("two", "1.1.0"))
        self.assertEqual(self.once(), [])


    @unittest.skipUnless(shutil.which("buildah") and may_mount(), "buildah is not installed, or this may not mount")
    def test_an_index_that_buildah_puts_together(self):
        """buildah lists an image for any platform that --arch names."""
        folder = tempfile.mkdtemp(prefix="relman-buildah-")
        self.addCleanup(shutil.rmtree, folder, True)

        def buildah(*words):
            return storage_tool(folder, "buildah", *words)
        container = buildah("from", "scratch")
        buildah("manifest", "create", "list")
        for arch, listed in ("amd64", "amd64"), ("arm64", "riscv64"):
            buildah("config", "--arch", arch, "--label", "team=" + arch, container)
            buildah("commit", "-q", container, "localhost/" + arch)
            buildah("manifest", "add", "--arch", listed, "list", "containers-storage:localhost/" + arch)
        buildah("manifest", "push", "-q", "--all", "--tls-verify=false", "list", f"docker://{self.registry.host}/app/api:v1.0.0")
        self.declare(("one", "1.0.0"))
        self.assertEqual(self.site.once()[0], 0)
        (reason, message), = self.once()
        self.assertEqual(reason, "PlatformMismatch")
        self.assertRegex(message, "^index sha256:[0-9a-f]{64} lists sha256:[0-9a-f]{64} for linux/riscv64, but that image is for linux/arm64: ")
        self.assertEqual(sorted(json.loads(facts).get("labels", {}).get("team", "") for facts, in self.site.stored.image_facts("facts")), ["", "amd64", "arm64"])


class Referrers(unittest.TestCase):
    """Manifests that refer to the digest of a live release, from a registry with OCI's API for them. A request with
    status 503 is sent four times."""

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.server = StandIn()
        self.addCleanup(self.server.close)
        self.server.push("app/api", "v1.0.0")
        self.digest = self.server.digest("app/api", "v1.0.0")
        self.site.write("all.yaml", documents(document("Release", "one", "mode: full"), registry=self.server, components=("api",)))
        self.once()

    def once(self):
        status, out, err = self.site.once()
        self.assertEqual(status, 0, out + err)

    def entries(self, *letters):
        return {"schemaVersion": 2, "mediaType": INDEX, "manifests": [
            {"mediaType": MANIFEST, "digest": "sha256:" + letter * 64, "size": 1, "artifactType": "application/vnd.example"} for letter in letters]}

    def check(self, *wanted, requests=4):
        with self.server.lock:
            self.server.requests.clear()
        self.site.stored.age_manifests("2020-01-01T00:00:00Z")
        self.once()
        self.assertEqual([d for d, in self.site.stored.release_digests("digest")], sorted([self.digest, *("sha256:" + letter * 64 for letter in wanted)]))
        self.assertEqual(self.server.count("/referrers/|/manifests/sha256-"), requests)

    def test_all_pages_are_read(self):
        path = f"/v2/app/api/referrers/{self.digest}"

        def answer(handler):
            is_second = "last=" in handler.path
            handler.reply(200, json.dumps(self.entries("c") if is_second else self.entries("a", "b")).encode(),
                          {"Content-Type": INDEX, **({} if is_second else {"Link": f'<{path}?last=b>; rel="next"'})})
        self.server.answers[path] = answer
        self.check("a", "b", "c", requests=5)  # two pages, three tags of cosign

    def test_an_answer_that_is_no_list_does_not_fail_the_poll(self):
        for status, body, requests in ((200, b"{}", 1), (200, b"<html>", 1), (503, b"", 4), (403, b"", 5), (404, b"", 5)):
            self.server.answers[f"/v2/app/api/referrers/{self.digest}"] = lambda handler, s=status, b=body: handler.reply(s, b)
            self.check(requests=requests)

    def test_referrers_of_platforms_are_found(self):
        index = self.server.push_index("app/api", "v2.0.0", {"linux/amd64": "a", "linux/arm64": "b"})
        images = [entry["digest"] for entry in json.loads(self.server.find("app/api", index))["manifests"]]
        self.site.write("all.yaml", documents(document("Release", "two", "mode: full"), registry=self.server, components=("api",)))
        self.once()
        answers = {digest: (200, json.dumps(self.entries(letter)).encode()) for digest, letter in zip([index, *images], "abc")}
        for digest in answers:
            self.server.answers[f"/v2/app/api/referrers/{digest}"] = lambda handler, d=digest: handler.reply(*answers[d], {"Content-Type": INDEX})

        def check(letters, requests):
            with self.server.lock:
                self.server.requests.clear()
            self.site.stored.age_manifests("2020-01-01T00:00:00Z")
            self.once()
            found = {d for d, in self.site.stored.release_digests("digest", of_digest=index)}
            self.assertEqual(found, {index, *images, *("sha256:" + letter * 64 for letter in letters)})
            self.assertEqual(self.server.count("/referrers/|/manifests/sha256-"), requests)
        # an error ends the search; what was found before is protected
        answers[images[0]] = (503, b"")
        check("a", 4 + 4)
        # without the API there are four tags for each digest
        answers[index] = (404, b"")
        check("a", 1 + 3 * 4)
        answers[index], answers[images[0]] = (200, json.dumps(self.entries("a")).encode()), (200, json.dumps(self.entries("b")).encode())
        check("abc", 3 * 4)

    def test_no_request_before_the_recheck_interval(self):
        with self.server.lock:
            self.server.requests.clear()
        self.once()
        self.assertEqual(self.server.count("/referrers/"), 0)


class Requests(unittest.TestCase):
    """The facts of a release cost no request."""

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.server = StandIn()
        self.addCleanup(self.server.close)
        self.server.push_index("app/api", "v1.0.0", {"linux/amd64": "a", "linux/arm64": "b"})
        self.site.write("all.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\nspec: {{url: '{self.server.url}'}}\n---\n"
                                    f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: api}}\nspec: {{imageRepository: {self.server.host}/app/api, "
                                    "versioningStrategy: {tagPattern: '^v'}}\n")

    def once(self):
        status, out, err = self.site.once()
        self.assertEqual(status, 0, out + err)

    def release(self, name):
        self.site.write(f"{name}.yaml", f"apiVersion: relman/v1\nkind: Release\nmetadata: {{name: {name}}}\n"
                                        "spec: {mode: pinned, components: [{name: api, version: 1.0.0}]}\n")
        with self.server.lock:
            self.server.requests.clear()
        self.once()
        return [self.server.count(f"^{method} .*/(manifests|blobs)/sha256") for method in ("HEAD", "GET")]

    def test_a_manifest_is_read_where_it_would_be_checked_and_only_once(self):
        self.once()
        self.assertEqual(self.release("one"), [0, 3])
        self.assertEqual(self.release("two"), [3, 0])
        self.assertEqual(self.site.stored.count("image_facts"), 3)

    def test_a_recheck_reads_the_configurations_once(self):
        self.once()
        self.release("one")
        for wanted in [2, 4], [2, 0]:
            self.site.stored.age_manifests("2020-01-01T00:00:00Z")
            with self.server.lock:
                self.server.requests.clear()
            self.once()
            self.assertEqual([self.server.count(f"^{method} .*/(manifests|blobs)/sha256:") for method in ("HEAD", "GET")], wanted)
        self.assertEqual(sum('"labels"' in facts for facts, in self.site.stored.image_facts("facts")), 2)

    def test_configurations_that_are_not_served_do_not_fail_the_poll(self):
        self.once()
        self.release("one")
        index = json.loads(self.server.find("app/api", self.server.digest("app/api", "v1.0.0")))
        paths = ["/v2/app/api/blobs/" + json.loads(self.server.find("app/api", entry["digest"]))["config"]["digest"] for entry in index["manifests"]]
        for status, labels in (403, 0), (404, 0), (None, 2):
            for path in paths:
                self.server.answers.pop(path, None)
                if status:
                    self.server.answers[path] = lambda handler, s=status: handler.reply(s, b"")
            self.site.stored.age_manifests("2020-01-01T00:00:00Z")
            self.once()
            self.assertEqual(sum('"labels"' in facts for facts, in self.site.stored.image_facts("facts")), labels)
            self.assertEqual(self.site.stored.conditions(type="Drift"), [])

    def test_a_registry_that_counts_pulls_gets_no_more_of_them(self):
        serve = self.server.serve

        def counting(handler, path):
            send = handler.end_headers
            handler.end_headers = lambda: (handler.send_header("RateLimit-Remaining", "90;w=21600"), send())
            try:
                serve(handler, path)
            finally:
                handler.end_headers = send
        self.server.serve = counting
        self.once()
        self.assertEqual(self.release("one"), [3, 0])
        self.assertNotIn("configs", self.site.lock("one"))


if __name__ == "__main__":
    relman.main()
