#!/usr/bin/env python3
"""Tests mirrors that have images under other names, on real registries."""

import os
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import DockerRegistry  # noqa: E402
from relman import SiteCase, document, documents, relmanctl, wait_for  # noqa: E402

MISSING, UNREACHABLE = 4, 5  # exit statuses of verify
CONFIG = "poll: {interval: 1h, jitter: 0%}\n"


class Case(SiteCase):
    """A registry and a mirror, both with bitnami/redis 7.0.0 for two platforms."""

    platforms = ("linux/amd64", "linux/arm64")

    def setUp(self):
        super().setUp()
        self.registry, self.mirror = DockerRegistry(), DockerRegistry()
        self.addCleanup(self.registry.close)
        self.addCleanup(self.mirror.close)
        self.digest = self.registry.push("bitnami/redis", "7.0.0", platforms=self.platforms)

    def specs(self, name="bitnamilegacy/${name}", *repositories):
        parts = [document("Registry", "r", f"url: '{self.registry.url}', mirrors: [{{url: '{self.mirror.url}', repository: '{name}'}}]")]
        parts += [document("Component", repository.replace("/", "-"), f"imageRepository: {self.registry.host}/{repository}")
                  for repository in ("bitnami/redis", *repositories)]
        self.site.write("all.yaml", documents(*parts))

    def fill_mirror(self, repository="bitnamilegacy/redis"):
        self.assertEqual(self.mirror.push(repository, "7.0.0", content="bitnami/redis:7.0.0", platforms=self.platforms), self.digest)

    def start(self):
        self.site.start(CONFIG)
        wait_for(lambda: self.get("components/bitnami-redis/versions"), 20, "a version")
        self.ctl("create", "release", "one", "bitnami-redis=7.0.0")


class OtherNames(Case):
    def warnings(self):
        return [c["message"] for c in self.get("components/bitnami-redis")["conditions"] if c["reason"] == "OnlyOnMirror"]

    def test_a_mirror_is_asked_for_the_name_that_it_has(self):
        self.specs()
        self.fill_mirror()
        self.start()
        self.assertIn(f"image: {self.registry.host}/bitnami/redis@{self.digest}", self.site.lock("one"))
        self.registry.delete("bitnami/redis", self.digest)
        self.ctl("sync", "bitnami-redis", "--wait")
        wait_for(self.warnings, 10, "a warning")
        self.assertIn(f"registry 'r' no longer has {self.digest}", self.warnings()[0])
        self.assertIn(self.mirror.url, self.warnings()[0])

    def test_the_same_name_at_the_mirror_is_not_asked_for(self):
        self.specs()
        self.fill_mirror("bitnami/redis")
        self.start()
        self.registry.delete("bitnami/redis", self.digest)
        self.ctl("sync", "bitnami-redis", "--wait")
        wait_for(lambda: [c for c in self.get("components/bitnami-redis")["conditions"] if c["reason"] == "DigestGone"], 10, "drift")
        self.assertEqual(self.warnings(), [])

    def test_one_name_for_two_repositories_is_refused(self):
        self.specs("bitnamilegacy/${name}", "bitnami/nginx", "other/redis")
        status, out, err = relmanctl("lint", self.site.specs)
        self.assertIn(f"component 'other-redis': mirror {self.mirror.url} would have one repository for other/redis and for bitnami/redis of "
                      "component 'bitnami-redis'; write ${repository} in repository of the mirror", out + err)
        self.assertNotEqual(status, 0)
        self.specs("legacy/${repository}", "bitnami/nginx", "other/redis")
        self.assertEqual(relmanctl("lint", self.site.specs)[0], 0)

    def test_names_that_are_none_are_refused(self):
        for name, wanted in (("x/${image}", "has an unknown variable"), ("X/${name}", "gives no name of a repository"),
                             ("${name}:7", "gives no name of a repository"), ("/".join("x" * 28) + "/" + "x" * 188 + "/${repository}", "would have a name of more than 255 bytes")):
            self.specs(name)
            status, out, err = relmanctl("lint", self.site.specs)
            self.assertIn(wanted, out + err)
            self.assertNotEqual(status, 0)


class Copies(SiteCase):
    """The formats for tools that copy a release to another registry."""

    def setUp(self):
        super().setUp()
        self.registry, self.mirror = DockerRegistry(tls=True), DockerRegistry()
        self.addCleanup(self.registry.close)
        self.addCleanup(self.mirror.close)
        self.digests = {"api": self.registry.push("shop/api", "1.0.0", platforms=("linux/amd64", "linux/arm64")),
                        "web": self.registry.push("shop/web", "1.0.0"), "chart": self.registry.push_chart("shop/chart", "1.0.0")}
        parts = [document("Registry", "r", f"url: '{self.registry.url}', tls: {{caFile: '{self.registry.ca_file}'}}, "
                          f"mirrors: [{{url: '{self.mirror.url}', repository: 'copy/${{name}}'}}]")]
        parts += [document("Component", name, f"imageRepository: {self.registry.host}/shop/{name}" + (", artifact: chart" if name == "chart" else ""))
                  for name in self.digests]
        self.site.write("all.yaml", documents(*parts))
        self.site.start(CONFIG)
        for name in self.digests:
            wait_for(lambda: self.get(f"components/{name}/versions"), 20, "a version")
        self.ctl("create", "release", "one", "api=1.0.0", "web=1.0.0", "chart=1.0.0")
        # a tag that moves later is copied beside the digest that was released
        self.registry.push("shop/web", "1.0.0", content="moved")

    @unittest.skipUnless(shutil.which("skopeo"), "no skopeo")
    def test_skopeo_copies_every_digest_of_a_release(self):
        path = os.path.join(self.site.folder, "copy.yaml")
        verify = ("verify", self.site.lock_path("one"), "--registry", "--at", self.mirror.host, "--specs", self.site.specs)
        self.ctl("lock", "one", "--format", "skopeo-sync", "--to", path)
        self.assertEqual(relmanctl(*verify)[0], MISSING)
        r = subprocess.run(["skopeo", "sync", "--all", "--dest-tls-verify=false", "--src", "yaml", "--dest", "docker", path, self.mirror.host + "/copy"],
                           capture_output=True, text=True, env=dict(os.environ, SSL_CERT_FILE=self.registry.ca_file))
        self.assertEqual(r.returncode, 0, r.stderr)
        status, out, err = relmanctl(*verify)
        self.assertEqual(status, 0, out + err)
        self.assertIn("3 of 3 digests are served", out)

    def test_regsync_gets_every_digest(self):
        text = self.ctl("lock", "one", "--format", "regsync")
        for name, digest in self.digests.items():
            self.assertIn(f"  - source: {self.registry.host}/shop/{name}@{digest}\n    target: '{{{{env \"MIRROR\"}}}}/shop/{name}:1.0.0'\n    type: image\n", text)


class At(Case):
    """relmanctl verify --registry --at MIRROR."""

    def setUp(self):
        super().setUp()
        self.specs()
        self.start()
        self.lock = self.site.lock_path("one")
        self.place = f"{self.mirror.host}/bitnamilegacy/redis@{self.digest}"

    def verify(self, *arguments, at=None, specs=True):
        where = ["--specs", self.site.specs] if specs else []
        status, out, err = relmanctl("verify", self.lock, "--registry", "--at", at or self.mirror.host, *where, *arguments)
        return status, out + err

    def test_the_mirror_alone_is_asked_for_every_digest(self):
        status, text = self.verify()
        self.assertEqual(status, MISSING)
        self.assertIn(f"missing     bitnami-redis {self.place}: ", text)
        self.fill_mirror()
        self.registry.stop()
        self.assertEqual(self.verify()[0], 0)
        self.assertIn(f"good        bitnami-redis {self.place}\n", self.verify()[1])
        self.assertIn("1 of 1 digest is served", self.verify()[1])
        # the name on the command line comes first
        status, text = self.verify(at=self.mirror.host + "/other/${name}")
        self.assertEqual(status, MISSING)
        self.assertIn(f"{self.mirror.host}/other/redis@", text)
        self.assertEqual(self.verify(at=self.mirror.host + "/bitnamilegacy/${name}")[0], 0)
        # an image of one platform is missing
        self.registry.start()
        self.mirror.lose("bitnamilegacy/redis", self.digest, "arm64")
        status, text = self.verify()
        self.assertEqual(status, MISSING)
        self.assertIn("its image for linux/arm64 (sha256:", text)
        # nobody answers
        self.mirror.stop()
        self.assertEqual(self.verify()[0], UNREACHABLE)
        self.mirror.start()

    def test_a_registry_object_of_the_mirror_counts_without_its_own_mirrors(self):
        self.site.write("all.yaml", documents(document("Registry", "r", f"url: '{self.registry.url}'"),
                                              document("Registry", "m", f"url: '{self.mirror.url}', mirrors: [{{url: '{self.registry.url}'}}]")))
        status, text = self.verify()
        self.assertEqual(status, MISSING)
        self.assertIn(f"missing     bitnami-redis {self.mirror.host}/bitnami/redis@{self.digest}", text)
        self.fill_mirror("bitnami/redis")
        self.assertEqual(self.verify()[0], 0)

    def test_mistakes_are_refused(self):
        self.assertEqual(relmanctl("verify", self.lock, "--at", "x"),
                         (2, "", "relmanctl: error: --at names the mirror that --registry asks: give both\n"))
        for at, wanted in (("https://mirror.example.com", "give HOST[:PORT][/NAME]"), ("/x", "give HOST[:PORT][/NAME]"),
                           ("m.example/${x}", "has an unknown variable"), ("m.example/X", "gives no name of a repository")):
            status, text = self.verify(at=at)
            self.assertEqual(status, 2, text)
            self.assertIn(wanted, text)


if __name__ == "__main__":
    relman.main()
