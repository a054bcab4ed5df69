#!/usr/bin/env python3
"""Tests components of Helm charts and of any artifact: heads, releases, lockfiles and their formats."""

import json
import os
import sys

import yaml

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import MANIFEST  # noqa: E402
from relman import RegistryCase, document, documents, wait_for  # noqa: E402


class Charts(RegistryCase):
    n = 0

    def setUp(self):
        super().setUp()
        type(self).n += 1
        self.folder = f"{type(self).__name__.lower()}{self.n}"
        self.site.write("r.yaml", documents(registry=self.registry))

    def repository(self, name):
        return f"{self.folder}/{name}"

    def component(self, name, more="", strategy="semver"):
        self.site.write(f"{name}.yaml", f"""apiVersion: relman/v1
kind: Component
metadata: {{name: {name}}}
spec:
  imageRepository: {self.registry.host}/{self.repository(name)}
  versioningStrategy: {{type: {strategy}}}
{more}""")

    def release(self, name, *items, mode="pinned"):
        self.site.write(f"{name}.release.yaml", f"""apiVersion: relman/v1
kind: Release
metadata: {{name: {name}}}
spec:
  mode: {mode}
  components: [{", ".join("{" + item + "}" for item in items)}]
""")

    def once(self, wanted=0):
        status, out, err = self.site.once()
        self.assertEqual(status, wanted, err + out)
        return err + out

    def heads(self):
        return dict(self.site.stored.channels("name", "tag"))

    def conditions(self):
        return self.site.stored.conditions("reason", "message", type="Warning", kind="Component")

    def start(self):
        self.site.start("poll: {interval: 1h}")
        self.addCleanup(self.site.close)
        wait_for(self.heads, what="the first sync")

    def ctl(self, *args, wanted=0):
        status, out, err = relman.relmanctl(*args, "--socket", self.site.socket)
        if wanted is not None:
            self.assertEqual(status, wanted, out + err)
        return out + err


class Kinds(Charts):
    def test_a_component_of_charts_takes_charts_alone(self):
        self.registry.push(self.repository("shop"), "2.0.0")
        digest = self.registry.push_chart(self.repository("shop"), "1.4.0")
        self.registry.push_chart(self.repository("shop"), "1.3.0")
        self.component("shop", "  artifact: chart\n")
        self.release("r", "name: shop, channel: stable")
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.4.0"})
        self.assertIn(("OtherArtifact", "skipped: 2.0.0, it is a container image, not a Helm chart"), self.conditions())
        lock = self.site.lock("r")
        self.assertIn(f"digest: {digest}\n", lock)
        self.assertIn("    artifact: chart\n", lock)

    def test_the_kind_costs_no_request(self):
        for artifact in ("image", "chart"):
            name = f"a-{artifact}"
            if artifact == "image":
                self.registry.push(self.repository(name), "1.0.0")
            else:
                self.registry.push_chart(self.repository(name), "1.0.0")
        counts = []
        for artifact in ("image", "chart"):
            for other in ("image", "chart"):
                if os.path.exists(f"{self.site.specs}/a-{other}.yaml"):
                    os.remove(f"{self.site.specs}/a-{other}.yaml")
            self.component(f"a-{artifact}", f"  artifact: {artifact}\n")
            counts.append(int(self.once().split(" requests")[0].rsplit(" ", 1)[1]))
        # an image of one platform has its platform in the configuration, which is one request more
        self.assertLessEqual(counts[1], counts[0])

    def test_a_changed_setting_moves_the_head(self):
        self.registry.push(self.repository("c"), "1.0.0")
        self.registry.push_chart(self.repository("c"), "2.0.0")
        for setting, tag in (("image", "1.0.0"), ("chart", "2.0.0"), ("any", "2.0.0"), ("image", "1.0.0")):
            self.component("c", f"  artifact: {setting}\n")
            self.once()
            self.assertEqual(self.heads(), {"stable": tag}, setting)

    def test_any_takes_other_artifacts_too(self):
        blob = self.registry._put_blob(self.repository("c"), b"{}")
        layer = {"mediaType": "application/spdx+json", "digest": blob, "size": 2}
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "application/spdx+json",
                    "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": blob, "size": 2}, "layers": [layer]}
        self.registry.put_manifest(self.repository("c"), "1.0.0", json.dumps(manifest).encode(), MANIFEST)
        self.component("c", "  artifact: any\n")
        self.release("r", "name: c, version: 1.0.0")
        self.once()
        self.assertIn("    artifact: other\n", self.site.lock("r"))

    def test_a_release_refuses_an_image_where_a_chart_is_requested(self):
        self.registry.push_chart(self.repository("c"), "1.0.0")
        digest = self.registry.push(self.repository("c"), "2.0.0")
        self.component("c", "  artifact: chart\n")
        self.release("by-tag", "name: c, tag: 2.0.0")
        self.release("by-digest", f"name: c, digest: '{digest}'")
        text = self.once(1)
        self.assertIn(f"release 'by-tag' stays a draft: component 'c': 2.0.0 at {digest} is a container image, not a Helm chart", text)
        self.assertIn(f"release 'by-digest' stays a draft: component 'c': {digest} is a container image, not a Helm chart", text)

    def test_explain_and_why_name_both_kinds(self):
        self.registry.push_chart(self.repository("c"), "1.0.0")
        self.registry.push(self.repository("c"), "2.0.0")
        self.component("c", "  artifact: chart\n")
        self.start()
        self.assertIn("it is a container image, not a Helm chart\n", self.ctl("explain", "c"))

    def test_why_names_the_kind_that_is_requested(self):
        self.registry.push_chart(self.repository("c"), "1.0.0")
        self.component("c", "  artifact: chart\n")
        self.release("r", "name: c, channel: stable")
        self.site.write("e.yaml", document("Environment", "prod", ""))
        self.start()
        out = self.ctl("why", "prod", "c:1.0.0", wanted=None)
        self.assertIn("it is a Helm chart\n", out)
        self.assertNotIn("container image", out)

    def test_the_plus_of_a_version_is_an_underscore_in_the_tag(self):
        old = self.registry.push_chart(self.repository("c"), "1.2.3+b1")
        new = self.registry.push_chart(self.repository("c"), "1.2.3+b2")
        self.component("c", "  artifact: chart\n")
        self.start()
        self.assertEqual(self.heads(), {"stable": "1.2.3_b2"})
        self.ctl("create", "release", "tag", "c=1.2.3_b1")
        self.ctl("create", "release", "plus", "c=1.2.3+b1")
        self.ctl("create", "release", "newest", "c=1.2.3")
        self.assertEqual([json.loads(self.ctl("get", "release", name, "-o", "json"))["components"][0]["digest"]
                          for name in ("tag", "plus", "newest")], [old, old, new])


class Formats(Charts):
    def setUp(self):
        super().setUp()
        self.image = self.registry.push(self.repository("api"), "1.0.0")
        self.chart = self.registry.push_chart(self.repository("shop"), "1.4.0")
        self.component("api")
        self.component("shop", "  artifact: chart\n")
        self.release("r", "name: api, version: 1.0.0", "name: shop, version: 1.4.0")
        self.once()
        self.file = f"{self.site.locks}/default/releases/r.lock.yaml"

    def render(self, name):
        status, out, err = relman.relmanctl("render", self.file, "--format", name)
        self.assertEqual((status, err), (0, ""))
        return out

    def test_formats_of_containers_have_no_charts(self):
        for name in ("kustomize", "compose", "helm", "images-lock", "quadlet"):
            out = self.render(name)
            self.assertIn(self.image, out, name)
            self.assertNotIn(self.chart, out, name)
            self.assertNotIn("shop:", out, name)

    def test_json_has_a_chart_among_the_components_but_not_the_images(self):
        lock = json.loads(self.render("json"))
        self.assertEqual(list(lock["images"]), ["api"])
        self.assertEqual([(c["name"], c.get("artifact")) for c in lock["components"]], [("api", None), ("shop", "chart")])

    def test_dotenv_names_a_chart(self):
        out = self.render("dotenv")
        self.assertIn(f"SHOP_CHART={self.registry.host}/{self.repository('shop')}@{self.chart}\n", out)
        self.assertNotIn("SHOP_IMAGE", out)
        self.assertIn(f"API_IMAGE={self.registry.host}/{self.repository('api')}@{self.image}\n", out)

    def test_flux_pins_the_source_of_a_chart(self):
        self.assertEqual(list(yaml.safe_load_all(self.render("flux"))), [{
            "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "OCIRepository", "metadata": {"name": "shop"},
            "spec": {"url": f"oci://{self.registry.host}/{self.repository('shop')}", "ref": {"digest": self.chart}}}])

    def test_argocd_pins_the_source_of_a_chart(self):
        self.assertEqual(list(yaml.safe_load_all(self.render("argocd"))), [{
            "apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "shop"},
            "spec": {"source": {"repoURL": f"oci://{self.registry.host}/{self.repository('shop')}",
                                "targetRevision": self.chart, "path": "."}}}])

    def test_a_lockfile_with_a_chart_verifies(self):
        status, out, err = relman.relmanctl("verify", self.file, "--registry", "--specs", self.site.specs)
        self.assertEqual((status, err), (0, ""))


class Lint(Charts):
    def lint(self):
        return relman.relmanctl("lint", self.site.specs)

    def test_settings_of_images_are_refused_for_charts(self):
        for more, words in (("  artifact: chart\n  platforms: [linux/amd64]\n", "platforms exclude each other"),
                            ("  artifact: helm\n", "helm")):
            self.component("c", more)
            status, out, err = self.lint()
            self.assertEqual(status, 1, out + err)
            self.assertIn(words, out + err)


if __name__ == "__main__":
    relman.main()
