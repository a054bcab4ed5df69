#!/usr/bin/env python3
"""Compares the output of relmanctl render for each lockfile in render/ and each format with the expected
text. Also reads the output with the tools that the formats are made for, or with independent parsers.
UPDATE_GOLDEN=1 writes the expected texts again."""

import configparser
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

try:
    import jsonschema
except ImportError:  # Debian's package is installed for Debian's interpreter only
    if sys.executable == "/usr/bin/python3":
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import SRCDIR  # noqa: E402

FOLDER = os.path.join(SRCDIR, "tests/golden/render")
FORMATS = ["yaml", "json", "kustomize", "compose", "helm", "images-lock", "dotenv", "quadlet", "flux", "argocd",
           "regsync", "skopeo-sync", "policy-json", "kyverno", "vap"]
API = "registry.example.com/myapp/api"
A, B, C = ("sha256:" + c * 64 for c in "abc")


class Render(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="relman-render-")
        self.addCleanup(shutil.rmtree, self.folder)

    def render(self, name, form, *more):
        status, out, err = relman.relmanctl("render", os.path.join(FOLDER, name + ".lock.yaml"), "--format", form, *more)
        self.assertEqual((status, err), (0, ""))
        return out

    def test_golden_files_of_admission_with_a_release_before(self):
        """The golden files by format contain no release before."""
        also = "docker.io/istio/proxyv2,registry.k8s.io/pause:3.9,docker.io/library/busybox@" + "sha256:" + "9" * 64
        for form in ("policy-json", "kyverno", "vap"):
            got = self.render("plain", form, "--previous", os.path.join(FOLDER, "configs.lock.yaml"), "--allow-also", also)
            golden = os.path.join(FOLDER, f"before.{form}.txt")
            if os.environ.get("UPDATE_GOLDEN"):
                with open(golden, "w") as f:
                    f.write(got)
            with open(golden) as f:
                self.assertEqual(got, f.read())

    def test_compose_reads_its_file(self):
        base = os.path.join(self.folder, "compose.yaml")
        with open(base, "w") as f:
            f.write("services:\n  api: {image: 'api:dev', command: run}\n  migrate: {image: m}\n  my.web-ui: {image: n}\n")
        lock = os.path.join(self.folder, "lock.yaml")
        self.assertEqual(self.render("plain", "compose", "--to", lock), "")
        r = subprocess.run(["docker-compose", "-f", base, "-f", lock, "config"], capture_output=True, text=True)
        self.assertEqual(r.returncode, 0, r.stderr)
        services = yaml.safe_load(r.stdout)["services"]
        self.assertEqual(services["api"]["image"], f"{API}:v2.3.1@{A}")
        # docker-compose 1 keeps the text, docker-compose 2 makes it a list
        self.assertIn(services["api"]["command"], ("run", ["run"]))
        self.assertEqual(services["migrate"]["image"], f"registry.example.com/myapp/migrate@{B}")

    def kustomized(self, name, images):
        """Returns the images of a Pod after kustomize applied the rendered Component to it."""
        self.render(name, "kustomize", "--to", os.path.join(self.folder, "lock"))
        with open(os.path.join(self.folder, "kustomization.yaml"), "w") as f:
            f.write("resources: [pod.yaml]\ncomponents: [lock]\n")
        containers = [{"name": f"c{i}", "image": image} for i, image in enumerate(images)]
        with open(os.path.join(self.folder, "pod.yaml"), "w") as f:
            yaml.safe_dump({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": containers}}, f)
        r = subprocess.run(["kubectl", "kustomize", self.folder], capture_output=True, text=True)
        self.assertEqual(r.returncode, 0, r.stderr)
        return [c["image"] for c in yaml.safe_load(r.stdout)["spec"]["containers"]]

    def test_kustomize_replaces_what_is_meant_and_nothing_else(self):
        if not shutil.which("kubectl") or "Kustomize Version: v5" not in subprocess.run(
                ["kubectl", "version", "--client"], capture_output=True, text=True).stdout:
            self.skipTest("no kubectl with kustomize 5 here (Debian has none)")
        self.assertEqual(
            self.kustomized("plain", [API + ":dev", API, "registryXexample.com/myapp/api:1", f"{API}:v1@{B}"]),
            [f"{API}@{A}", f"{API}@{A}", "registryXexample.com/myapp/api:1", f"{API}@{A}"])
        self.assertEqual(self.kustomized("replaces", ["api:1", "my.app+x", "myXapp+x:1"]),
                         [f"{API}@{A}", f"registry.example.com/myapp/my.app@{B}", "myXapp+x:1"])

    def test_the_kustomization_by_the_rule_that_kustomize_documents(self):
        document = yaml.safe_load(self.render("plain", "kustomize"))
        self.assertEqual((document["apiVersion"], document["kind"]), ("kustomize.config.k8s.io/v1alpha1", "Component"))
        image = document["images"][1]
        self.assertEqual(set(image), {"name", "newName", "digest"})
        pattern = re.compile("^" + image["name"] + "(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$")
        self.assertTrue(pattern.match(API + ":v1"))
        self.assertFalse(pattern.match("registryXexample.com/myapp/api:v1"))

    def test_an_images_lock_has_the_fields_that_imgpkg_knows(self):
        text = self.render("replaces", "images-lock")
        document = yaml.safe_load(text)
        self.assertTrue(text.startswith("---\n"))
        self.assertEqual(set(document), {"apiVersion", "kind", "images"})
        self.assertEqual((document["apiVersion"], document["kind"]), ("imgpkg.carvel.dev/v1alpha1", "ImagesLock"))
        for image in document["images"]:
            self.assertEqual(set(image), {"image", "annotations"})
            self.assertRegex(image["image"], r"^[^:@]+@sha256:[a-f0-9]{64}$")
        self.assertEqual({i["annotations"]["kbld.carvel.dev/id"] for i in document["images"]},
                         {"api", "localhost:5000/api:dev", "my.app+x"})

    def test_a_shell_reads_the_variables(self):
        path = os.path.join(self.folder, "env")
        self.render("plain", "dotenv", "--to", path)
        r = subprocess.run(["sh", "-euc", f". {path}; echo $API_IMAGE $API_TAG $API_VERSION $MIGRATE_DIGEST $MY_WEB_UI_IMAGE"],
                           capture_output=True, text=True)
        self.assertEqual(r.stdout, f"{API}@{A} v2.3.1 2.3.1 {B} docker.io/library/nginx@{C}\n")

    def test_quadlet_drop_ins_are_units_with_a_digest_alone(self):
        self.render("plain", "quadlet", "--to", os.path.join(self.folder, "q"))
        found = sorted(glob.glob(os.path.join(self.folder, "q/*/*")))
        self.assertEqual([os.path.relpath(p, self.folder + "/q") for p in found],
                         [n + ".container.d/50-relman.conf" for n in ("api", "migrate", "my.web-ui")])
        unit = configparser.ConfigParser(delimiters="=", interpolation=None)
        unit.optionxform = str
        unit.read(found[0])
        self.assertEqual(unit.sections(), ["Container"])
        self.assertEqual(dict(unit["Container"]), {"Image": f"{API}@{A}"})

    def test_helm_values_are_where_replaces_says(self):
        values = yaml.safe_load(self.render("replaces", "helm"))
        image = {"registry": "registry.example.com", "repository": "myapp/api", "digest": A}
        self.assertEqual(values, {"api": {"image": image}, "image": image,
                                  "worker": {"ref": f"{API}@{A}", "tag": f"v2.3.1@{A}"},
                                  "no": {"image": {"registry": "registry.example.com", "repository": "myapp/my.app", "digest": B}}})
        self.assertEqual(yaml.safe_load(self.render("plain", "helm"))["my.web-ui"]["image"]["repository"], "library/nginx")

    def test_json_says_what_the_native_file_says(self):
        native, other = yaml.safe_load(self.render("plain", "yaml")), json.loads(self.render("plain", "json"))
        images = other.pop("images")
        self.assertEqual(images["api"], f"{API}@{A}")
        for document in (native, other):
            document["metadata"]["createdAt"] = str(document["metadata"]["createdAt"])[:10]
            for component in document["components"]:
                component["resolvedAt"] = str(component["resolvedAt"])[:10]
                component["semver"] = str(component.get("semver"))
                component["tag"] = str(component.get("tag"))
        self.assertEqual(other, native)

    def test_native_and_json_are_of_their_schema(self):
        with open(os.path.join(SRCDIR, "doc/relman-lock.schema.json")) as f:
            validator = jsonschema.Draft202012Validator(json.load(f), format_checker=jsonschema.FormatChecker())
        n = 0
        for path in glob.glob(os.path.join(FOLDER, "*.lock.yaml")):
            name = os.path.basename(path).removesuffix(".lock.yaml")
            with open(path) as f:
                documents = [yaml.load(f, Loader=yaml.BaseLoader)]
            for component in documents[0]["components"]:
                component["size"] = int(component["size"])
            documents.append(json.loads(self.render(name, "json")))
            for document in documents:
                self.assertEqual([f"{name}: {list(e.path)}: {e.message}" for e in validator.iter_errors(document)], [])
                n += 1
            documents[0]["components"][0]["digest"] = "latest"
            self.assertFalse(validator.is_valid(documents[0]))
        self.assertGreater(n, 6)

    def test_an_altered_file_is_not_rendered(self):
        path = os.path.join(self.folder, "x.lock.yaml")
        with open(os.path.join(FOLDER, "plain.lock.yaml")) as f:
            text = f.read()
        with open(path, "w") as f:
            f.write(text.replace("v2.3.1", "v2.3.2"))
        status, out, err = relman.relmanctl("render", path, "--format", "compose")
        self.assertEqual((status, out), (3, ""))
        self.assertIn("was altered", err)

    def test_usage(self):
        for words in ([], ["x"], ["x", "--format", "tmol"], ["x", "--frmat", "json"]):
            self.assertEqual(relman.relmanctl("render", *words)[0], 2)
        self.assertIn("did you mean 'helm'", relman.relmanctl("render", "x", "--format", "hlm")[2])


def add(path, form):
    name = os.path.basename(path).removesuffix(".lock.yaml")

    def test(self):
        status, out, err = relman.relmanctl("render", path, "--format", form)
        got = out if status == 0 else f"exit status {status}\n{out}{err}".replace(FOLDER + "/", "")
        golden = os.path.join(FOLDER, f"{name}.{form}.txt")
        if os.environ.get("UPDATE_GOLDEN"):
            with open(golden, "w") as f:
                f.write(got)
        with open(golden) as f:
            self.assertEqual(got, f.read())
        if form == "yaml":
            with open(path) as f:
                self.assertEqual(got, f.read())
        self.assertEqual(relman.relmanctl("render", path, "--format", form), (status, out, err))
    setattr(Render, f"test_golden_{form}_of_{name}".replace("-", "_"), test)


for lock in sorted(glob.glob(os.path.join(FOLDER, "*.lock.yaml"))):
    for form in FORMATS:
        add(lock, form)

if __name__ == "__main__":
    relman.main()
