#!/usr/bin/env python3
"""Tests folders in the form of an OCI image layout instead of a registry, as skopeo writes them."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import RegistryCase, document, documents  # noqa: E402


class Layout(RegistryCase):
    IMAGES = {"shop/api": ("v1.2.0",)}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for tag in ("v1.0.0", "v1.1.0"):
            cls.registry.push("shop/api", tag, platforms=("linux/amd64", "linux/arm64"))

    def setUp(self):
        super().setUp()
        self.images = os.path.join(self.site.folder, "images")
        self.site.write("r.yaml", documents(
            document("Registry", "files", f"url: 'oci-layout:{self.images}', type: oci-layout"),
            document("Component", "api", "imageRepository: registry.example.com/shop/api, registry: files, versioningStrategy: {type: semver}"),
            document("Release", "one", "mode: pinned, components: [{name: api, version: ^1.1}]")))

    def copy(self, tag, folder=None, name=None):
        subprocess.run(["skopeo", "copy", "-q", "--all", "--insecure-policy", "--src-tls-verify=false",
                        f"docker://{self.registry.host}/shop/api:{tag}", f"oci:{folder or self.images}:{name or tag}"], check=True)
        raw = subprocess.run(["skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{self.registry.host}/shop/api:{tag}"],
                             check=True, capture_output=True).stdout
        return "sha256:" + __import__("hashlib").sha256(raw).hexdigest()

    def once(self, wanted=0):
        status, out, err = self.site.once()
        self.assertEqual(status, wanted, err + out)
        return err

    def test_a_release_is_made_from_files_alone(self):
        self.copy("v1.0.0")
        digest = self.copy("v1.1.0")
        self.once()
        lock = self.site.lock("one")
        self.assertIn(f"image: registry.example.com/shop/api@{digest}", lock)
        self.assertIn("linux/arm64", lock)
        before = lock
        self.copy("v1.2.0")
        self.once()
        self.assertEqual(self.site.lock("one"), before)
        self.assertEqual(self.site.stored.channels("tag"), [("v1.2.0",)])

    def test_a_repository_may_have_a_folder_or_a_full_name_of_its_own(self):
        own = os.path.join(self.images, "shop/api")
        os.makedirs(os.path.dirname(own))
        digest = self.copy("v1.1.0", own)
        self.once()
        self.assertIn(digest, self.site.lock("one"))
        subprocess.run(["rm", "-r", self.images], check=True)
        self.copy("v1.1.0", name="registry.example.com/shop/api:v1.1.0")
        self.copy("v1.2.0", name="registry.example.com/other/api:v9.9.9")
        self.once()
        self.assertEqual(self.site.stored.tags("tag"), [("v1.1.0",)])

    def test_an_altered_blob_never_gets_into_a_release(self):
        digest = self.copy("v1.1.0")
        path = os.path.join(self.images, "blobs/sha256", digest[7:])
        with open(path, "ab") as f:
            f.write(b" ")
        self.assertRegex(self.once(1), "component 'api': tag 'v1.1.0' is skipped, its manifest is not believed: .*its bytes do not have this digest")
        self.assertIsNone(self.site.lock("one"))

    def test_what_is_no_layout_is_told_with_its_path(self):
        self.assertIn(f"'{self.images}/index.json'", self.once(1))
        os.mkdir(self.images)
        for text in ("", "{}", "[]", '{"manifests": 7}'):
            with self.subTest(text=text):
                with open(f"{self.images}/index.json", "w") as f:
                    f.write(text)
                self.assertIn(f"'{self.images}/index.json'", self.once(1))

    def test_names_that_are_no_tags_or_lead_elsewhere_are_left_out(self):
        self.copy("v1.1.0")
        with open(f"{self.images}/index.json") as f:
            index = json.load(f)
        for name, digest in (("../../x", None), ("v9.0.0", "sha256:../../../etc/passwd"), ("v8.0.0", "md5:x")):
            entry = json.loads(json.dumps(index["manifests"][0]))
            entry["annotations"]["org.opencontainers.image.ref.name"] = name
            entry["digest"] = digest or entry["digest"]
            index["manifests"].append(entry)
        with open(f"{self.images}/index.json", "w") as f:
            json.dump(index, f)
        self.once()
        self.assertEqual(self.site.stored.tags("tag"), [("v1.1.0",)])

    def rename(self, names):
        """Writes the annotations of the index like docker save and ctr images export. names: (tag, full name
        or None) of each image."""
        path = f"{self.images}/index.json"
        with open(path) as f:
            index = json.load(f)
        for entry, (tag, name) in zip(index["manifests"], names):
            entry["annotations"] = {"org.opencontainers.image.ref.name": tag}
            if name:
                entry["annotations"]["io.containerd.image.name"] = name
        with open(path, "w") as f:
            json.dump(index, f)

    def warnings(self):
        return self.site.stored.conditions("reason", "message", type="Warning")

    def test_repositories_of_one_layout_are_told_apart_by_their_names(self):
        digests = [self.copy(tag) for tag in ("v1.0.0", "v1.1.0", "v1.2.0")]
        for ours in ("registry.example.com/shop/api:v1.1.0", "docker.io/shop/api:v1.1.0", "shop/api:v1.1.0"):
            with self.subTest(ours=ours):
                self.rename([("v1.1.0", "docker.io/library/other:v1.1.0"), ("v1.1.0", ours), ("v9.9.9", "docker.io/shop/api-docs:v9.9.9")])
                self.once()
                self.assertEqual(self.site.stored.tags("tag", "digest", missing=0), [("v1.1.0", digests[1])])
                self.assertEqual(self.site.stored.channels("tag", "digest"), [("v1.1.0", digests[1])])
                self.assertEqual(self.warnings(), [])

    def test_a_tag_of_two_images_without_names_is_reported(self):
        self.copy("v1.0.0")
        self.copy("v1.1.0")
        self.copy("v1.2.0")
        self.rename([("v1.0.0", None), ("v1.1.0", None), ("v1.1.0", None)])
        self.once(1)
        self.assertEqual(self.site.stored.channels("tag"), [("v1.0.0",)])
        self.assertEqual(self.warnings(), [(
            "LayoutAmbiguous", f"the layout '{self.images}' has several images with the tag 'v1.1.0', and no name says which one is "
            "of 'shop/api'; put each repository in its own folder")])

    def test_a_layout_of_other_repositories_is_reported(self):
        self.copy("v1.1.0")
        self.rename([("v1.1.0", "docker.io/library/other:v1.1.0")])
        self.once(1)
        self.assertEqual(self.warnings(), [(
            "LayoutAmbiguous", f"the layout '{self.images}' has no image of 'shop/api'; it has 'docker.io/library/other:v1.1.0'")])

    def test_names_need_not_be_those_of_a_folder_of_its_own(self):
        own = os.path.join(self.images, "shop/api")
        os.makedirs(os.path.dirname(own))
        self.images = own
        digest = self.copy("v1.1.0")
        self.rename([("v1.1.0", "docker.io/library/other:v1.1.0")])
        self.once()
        self.assertEqual(self.site.stored.channels("tag", "digest"), [("v1.1.0", digest)])


if __name__ == "__main__":
    relman.main()
