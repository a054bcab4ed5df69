#!/usr/bin/env python3
"""Tests the lockfile formats that say what an environment admits: policy.json with skopeo and podman, the
policies for Kubernetes by their schemas and with a public implementation of CEL."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import unittest

import yaml

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import INDEX, DockerRegistry  # noqa: E402
from relman import Site, SRCDIR  # noqa: E402

FORMATS = "[policy-json, kyverno, vap]"
PLATFORMS = ("linux/amd64", "linux/arm64")


def other(digest):
    return digest[:-1] + ("0" if digest[-1] != "0" else "1")


class Base(unittest.TestCase):
    def setUp(self):
        self.registry = DockerRegistry()
        self.addCleanup(self.registry.close)
        self.site = Site()
        self.addCleanup(self.site.close)
        self.image = self.registry.host + "/app/api"
        self.site.write("r.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\nspec: {{url: '{self.registry.url}'}}\n"
                                  f"---\napiVersion: relman/v1\nkind: Component\nmetadata: {{name: api}}\nspec: {{imageRepository: {self.image}}}\n")
        self.digests = {}
        for name, version in (("one", "1.0.0"), ("two", "2.0.0"), ("three", "3.0.0")):
            self.digests[name] = self.registry.push("app/api", version, name, PLATFORMS)
            self.site.write(f"release-{name}.yaml", f"apiVersion: relman/v1\nkind: Release\nmetadata: {{name: {name}}}\n"
                                                    f"spec: {{components: [{{name: api, digest: '{self.digests[name]}'}}]}}\n")

    def deploy(self, release, also="", formats=FORMATS, name="prod", config="{}\n"):
        """Deploys a release in an environment, and returns what relmand wrote on standard error."""
        self.site.write("e.yaml", f"apiVersion: relman/v1\nkind: Environment\nmetadata: {{name: {name}}}\n"
                                  f"spec: {{release: {release}, lock: {{formats: {formats}, allowAlso: [{also}]}}}}\n")
        path = os.path.join(self.site.folder, "config.yaml")
        with open(path, "w") as f:
            f.write(config)
        status, out, err = self.site.once("--config", path)
        self.status = status
        return out + err

    def path(self, suffix, name="prod"):
        return os.path.join(self.site.locks, "default/environments", name + suffix)

    def read(self, suffix):
        with open(self.path(suffix)) as f:
            return f.read()

    def child(self, name, architecture="amd64"):
        """The digest of the image for one platform of a release."""
        _, _, body = self.registry.request("GET", f"/v2/app/api/manifests/{self.digests[name]}", headers={"Accept": INDEX})
        return next(m["digest"] for m in json.loads(body)["manifests"] if m["platform"]["architecture"] == architecture)


class Policy(Base):
    """policy.json, as skopeo and podman read it."""

    def skopeo(self, reference, *options):
        r = subprocess.run(["skopeo", "--policy", self.path(".policy.json"), "--override-os", "linux", "--override-arch", "amd64", "copy", "-q",
                            "--src-tls-verify=false", *options, f"docker://{reference}", "dir:" + os.path.join(self.site.folder, "pulled")],
                           capture_output=True, text=True)
        self.assertTrue(r.returncode == 0 or "is rejected by policy" in r.stderr, r.stderr)
        return r.returncode == 0

    def admitted(self, pull):
        """The releases whose image a tool pulls by its digest."""
        return [name for name, digest in self.digests.items() if pull(f"{self.image}@{digest}")]

    @unittest.skipUnless(shutil.which("skopeo"), "skopeo is not installed")
    def test_skopeo_pulls_the_release_and_the_one_before(self):
        self.deploy("one")
        self.assertEqual(self.admitted(self.skopeo), ["one"])
        self.deploy("two")
        self.assertEqual(self.admitted(self.skopeo), ["one", "two"])
        self.deploy("three")
        self.assertEqual(self.admitted(self.skopeo), ["two", "three"])
        self.deploy("two")  # a roll back: three stood before
        self.assertEqual(self.admitted(self.skopeo), ["two", "three"])
        self.deploy("one")
        self.assertEqual(self.admitted(self.skopeo), ["one", "two"])
        self.assertTrue(self.skopeo(f"{self.image}@{self.child('one')}"))
        self.assertFalse(self.skopeo(f"{self.image}@{self.child('three')}"))
        self.assertTrue(self.skopeo(f"{self.image}@{self.digests['one']}", "--all"))
        # a scope is the reference that was asked for, so a tag of the same digest is another one
        self.assertFalse(self.skopeo(self.image + ":1.0.0"))

    @unittest.skipUnless(shutil.which("skopeo"), "skopeo is not installed")
    def test_skopeo_pulls_what_allowAlso_names(self):
        sidecar = self.registry.push("side/car", "1", "x")
        self.registry.push("side/car", "2", "y")
        self.registry.push("mesh/proxy", "1", "z")
        self.registry.push("mesh/proxy/init", "1", "z")
        self.registry.push("mesh/proxying", "1", "z")
        host = self.registry.host
        self.deploy("one", f"'{host}/side/car:2', '{host}/mesh/proxy', '{self.image}@{self.digests['three']}', '{host}/mesh/proxy'")
        self.assertEqual(self.admitted(self.skopeo), ["one", "three"])
        for reference, wanted in (("side/car:2", True), ("side/car:1", False), (f"side/car@{sidecar}", False), ("mesh/proxy:1", True),
                                  ("mesh/proxy/init:1", True), ("mesh/proxying:1", False)):
            with self.subTest(reference):
                self.assertEqual(self.skopeo(f"{host}/{reference}"), wanted)
        # another list of images rewrites the file, although no release changed
        self.deploy("one", f"'{host}/side/car:1'")
        self.assertTrue(self.skopeo(f"{host}/side/car:1"))
        self.assertFalse(self.skopeo(f"{host}/side/car:2"))

    @unittest.skipUnless(shutil.which("podman") and os.geteuid() == 0, "podman is not installed, or this is not root")
    def test_podman_pulls_the_release_and_the_one_before(self):
        folder = self.site.folder
        with open(folder + "/registries.conf", "w") as f:
            f.write(f'[[registry]]\nlocation = "{self.registry.host}"\ninsecure = true\n'
                    f'[[registry]]\nprefix = "shop.example.com"\nlocation = "shop.example.com"\n'
                    f'[[registry.mirror]]\nlocation = "{self.registry.host}"\ninsecure = true\n')

        def podman(*words):
            return subprocess.run(["podman", "--root", folder + "/root", "--runroot", folder + "/run", "--storage-driver", "vfs", *words], capture_output=True,
                                  text=True, env=dict(os.environ, CONTAINERS_REGISTRIES_CONF=folder + "/registries.conf"))

        def pull(reference):
            podman("rmi", "-af")
            r = podman("pull", "-q", "--os", "linux", "--arch", "amd64", "--signature-policy", self.path(".policy.json"), reference)
            self.assertTrue(r.returncode == 0 or "is rejected by policy" in r.stderr, r.stderr)
            return r.returncode == 0

        self.deploy("one")
        self.deploy("two", f"'shop.example.com/app/api@{self.digests['one']}'")
        self.deploy("three", f"'shop.example.com/app/api@{self.digests['one']}'")
        self.assertEqual(self.admitted(pull), ["two", "three"])
        self.assertTrue(pull(f"{self.image}:3.0.0@{self.digests['three']}"))
        self.assertTrue(pull(f"{self.image}@{self.child('three')}"))
        self.assertFalse(pull(self.image + ":3.0.0"))
        # the name of the image counts, not that of the mirror that serves it
        self.assertTrue(pull(f"shop.example.com/app/api@{self.digests['one']}"))
        self.assertFalse(pull(f"shop.example.com/app/api@{self.digests['two']}"))
        r = podman("image", "trust", "show", "--policypath", self.path(".policy.json"))
        self.assertIn("default", r.stdout, r.stderr)


class Files(Base):
    """When the files are written, and what is refused."""

    def test_a_file_of_admission_is_of_an_environment(self):
        self.deploy("one", formats="[]", config=f"locks: {{formats: {FORMATS[:-1]}, dotenv]}}\n")
        self.assertEqual(sorted(os.listdir(os.path.dirname(self.path("")))),
                         ["prod" + suffix for suffix in (".env", ".kyverno.yaml", ".lock.yaml", ".policy.json", ".vap.yaml")])
        self.assertEqual(sorted(os.listdir(os.path.join(self.site.locks, "default/releases"))),
                         [f"{name}{suffix}" for name in ("one", "three", "two") for suffix in (".env", ".lock.yaml")])
        self.site.remove("e.yaml")
        self.site.once()
        self.assertEqual(os.listdir(os.path.dirname(self.path(""))), [])

    def test_an_output_runs_its_program_again_if_allowAlso_changed(self):
        target, log = self.site.folder + "/out/policy.json", self.site.folder + "/log"
        config = f"outputs: [{{environment: prod, format: policy-json, path: {target}, exec: [/bin/sh, -c, 'echo run >>{log}']}}]\n"
        for also, runs in (("", 1), ("", 1), ("docker.io/library/busybox", 2)):
            self.deploy("one", also, "[]", config=config)
            with open(log) as f:
                self.assertEqual(f.read(), "run\n" * runs)
        with open(target) as f:
            self.assertIn("docker.io/library/busybox", json.load(f)["transports"]["docker"])
        self.site.remove("e.yaml")
        self.site.once("--config", os.path.join(self.site.folder, "config.yaml"))
        self.assertFalse(os.path.exists(target))

    def test_render_makes_the_file_that_relmand_writes(self):
        self.deploy("one")
        shutil.copy(self.path(".lock.yaml"), self.site.folder + "/before.lock.yaml")
        also = ["registry.k8s.io/pause:3.9", "docker.io/library/busybox"]
        self.deploy("two", ", ".join(also))
        for form, suffix in (("policy-json", ".policy.json"), ("kyverno", ".kyverno.yaml"), ("vap", ".vap.yaml")):
            _, out, _ = relman.relmanctl("render", self.path(".lock.yaml"), "--format", form, "--previous", self.site.folder + "/before.lock.yaml",
                                         "--allow-also", ",".join(also))
            self.assertEqual(out, self.read(suffix))

    def test_mistakes_are_refused_with_the_next_step(self):
        for also, said in (("busybox", "has no host; write docker.io/library/busybox"), ("my.app", "write docker.io/library/my.app"), ("'https://x.example/a'", "leave the scheme out"),
                           ("docker.io/library/busybox@sha256:12", "digest")):
            self.assertIn(said, self.deploy("one", also))
            self.assertNotEqual(self.status, 0)
        lock = os.path.join(SRCDIR, "tests/golden/render/")
        for words, said in ((("plain.lock.yaml", "--format", "json", "--allow-also", "docker.io/x/y"), "go with --format policy-json, kyverno or vap"),
                            (("replaces.lock.yaml", "--format", "vap"), "not of an environment"),
                            (("plain.lock.yaml", "--format", "vap", "--allow-also", "nginx"), "write docker.io/library/nginx")):
            status, _, err = relman.relmanctl("render", lock + words[0], *words[1:])
            self.assertNotEqual(status, 0)
            self.assertIn(said, err)

    def ctl(self, *words):
        status, out, err = relman.relmanctl(*words, "--socket", self.site.socket)
        return status, out + err

    def test_the_daemon_says_what_an_environment_admits(self):
        self.deploy("one")
        self.deploy("two", "registry.k8s.io/pause:3.9")
        self.site.start()
        for form, suffix in (("policy-json", ".policy.json"), ("kyverno", ".kyverno.yaml"), ("vap", ".vap.yaml")):
            with self.subTest(format=form):
                path = os.path.join(self.site.folder, "copy" + suffix)
                self.assertEqual(self.ctl("lock", "prod", "--format", form), (0, self.read(suffix)))
                self.assertEqual(self.ctl("lock", "prod", "--format", form, "--to", path), (0, ""))
                self.assertEqual(self.ctl("verify", "prod", path),
                                 (0, f"{path}: good: it allows what environment 'prod' allows ({form})\n"))
                text = self.read(suffix)
                digest = self.digests["one"]
                for old, new, words in (
                        (digest.split(":")[1], other(digest).split(":")[1],
                         (f"does not allow {digest}\n", f"also has {other(digest)}\n")),
                        ("registry.k8s.io/pause:3.9", "registry.k8s.io/pause:3.8",
                         ("the digests are the same, but other parts differ; relmanctl lock prod --format "
                          f"{form} --to {path}\n",))):
                    self.assertIn(old, text)
                    with open(path, "w") as f:
                        f.write(text.replace(old, new))
                    status, out = self.ctl("verify", "prod", path)
                    self.assertEqual(status, 1, out)
                    for word in words:
                        self.assertIn(word, out)
        status, out = self.ctl("lock", "prod", "--format", "vap", "--wait-change")
        self.assertIn("--wait-change does not go with --format vap", out)
        self.assertEqual(status, 2)
        status, out = self.ctl("lock", "prod", "--format", "vap", "--as-of", "1h")
        self.assertIn("parameter format: not with asOf", out)
        status, _, headers = self.site.call("GET", "/api/v1/environments/prod/lock?format=vap")
        known = {"If-None-Match": headers["ETag"]}
        self.assertEqual(self.site.call("GET", "/api/v1/environments/prod/lock?format=vap", headers=known)[0], 304)
        self.assertEqual(self.site.call("GET", "/api/v1/environments/prod/lock?format=kyverno", headers=known)[0], 200)
        status, body, _ = self.site.call("GET", "/api/v1/environments/prod/lock?format=json")
        self.assertEqual(status, 400)
        self.assertIn("parameter format: policy-json, kyverno or vap", body["detail"])

    def test_a_name_that_kubernetes_refuses(self):
        for name in ("under_score", "x" * 60):
            err = self.deploy("one", name=name)
            self.assertIn("cannot be the name of an object", err)
            self.assertFalse(os.path.exists(self.path(".vap.yaml", name)))
        self.deploy("one", name="under_score", formats="[policy-json]")
        self.assertTrue(os.path.exists(self.path(".policy.json", "under_score")))


class Kubernetes(Base):
    """The policies for Kubernetes, by public schemas and a public implementation of CEL."""

    def setUp(self):
        self.packages = os.path.join(relman.BUILDDIR, "contract/node_modules")
        if not os.path.isdir(os.path.join(self.packages, "@bufbuild/cel")):
            self.skipTest("no npm packages in " + self.packages)
        super().setUp()
        self.work = os.path.join(self.site.folder, "contract")
        os.mkdir(self.work)
        shutil.copy(os.path.join(SRCDIR, "tests/contract/admission.mjs"), self.work)
        os.symlink(self.packages, os.path.join(self.work, "node_modules"))

    def documents(self, suffix):
        return list(yaml.safe_load_all(self.read(suffix)))

    def answers(self, suffix, requests):
        r = subprocess.run(["node", "admission.mjs"], cwd=self.work, capture_output=True, text=True, timeout=120,
                           input=json.dumps({"documents": self.documents(suffix), "requests": requests}))
        self.assertEqual(r.returncode, 0, r.stderr)
        return json.loads(r.stdout)

    @staticmethod
    def pod(*images, **more):
        return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"},
                "spec": {"containers": [{"name": f"c{i}", "image": image} for i, image in enumerate(images)], **more}}

    def test_pods_of_the_release_and_the_one_before_are_admitted(self):
        busybox, also = "docker.io/library/busybox", "sha256:" + "9" * 64
        self.deploy("one")
        self.deploy("two")
        self.deploy("three", f"{busybox}, registry.k8s.io/pause:3.9, 'registry.example.com/agent@{also}'")
        one, two, three = (f"{self.image}@{self.digests[name]}" for name in ("one", "two", "three"))
        good, bad = self.pod(three), self.pod(one)
        cases = [
            (self.pod(three), None, True), (self.pod(two, three), None, True), (self.pod(one), None, False), (self.pod(three, one), None, False),
            (self.pod(f"{self.image}@{self.child('three', 'arm64')}"), None, True), (self.pod(f"{self.image}@{self.child('one')}"), None, False),
            (self.pod(f"mirror.example.com/x@{self.digests['three']}"), None, True),  # the same image elsewhere
            (self.pod(f"{self.image}:3.0.0@{self.digests['three']}"), None, True), (self.pod(self.image + ":3.0.0"), None, False),
            (self.pod(self.image), None, False), (self.pod(f"{self.image}@{other(self.digests['three'])}"), None, False),
            (self.pod(f"{one}@{self.digests['three']}"), None, False), (self.pod(f"{three}@{self.digests['one']}"), None, False),
            (self.pod(three, initContainers=[{"name": "i", "image": one}]), None, False),
            (self.pod(three, ephemeralContainers=[{"name": "e", "image": "busybox"}]), good, False),
            (self.pod(three, volumes=[{"name": "v", "emptyDir": {}}, {"name": "w", "image": {"reference": one}}]), None, False),
            (self.pod(three, volumes=[{"name": "v", "emptyDir": {}}, {"name": "w", "image": {"reference": two}}]), None, True),
            # allowAlso
            (self.pod(three, busybox, busybox + ":1.36", f"{busybox}@{self.digests['one']}", busybox + "/below:1"), None, True),
            (self.pod(busybox + "es:1"), None, False), (self.pod("busybox:1.36"), None, False), (self.pod("registry.k8s.io/pause:3.9"), None, True),
            (self.pod("registry.k8s.io/pause:3.10"), None, False), (self.pod(f"registry.k8s.io/pause:3.9@{self.digests['one']}"), None, False),
            (self.pod(f"registry.example.com/agent@{also}"), None, True), (self.pod("registry.example.com/agent:1"), None, False),
            # a running Pod of an older release may be updated, but gets no other image
            (bad, bad, True), (self.pod(one, one + "x"), bad, False), (good, bad, True), (bad, good, False),
        ]
        for suffix in (".vap.yaml", ".kyverno.yaml"):
            answers = self.answers(suffix, [{"object": pod, "oldObject": old} for pod, old, _ in cases])
            for (pod, old, wanted), answer in zip(cases, answers):
                self.assertEqual(answer is None, wanted, (suffix, pod["spec"], old and old["spec"], answer))
            self.assertEqual(answers[2], f"not an image of release three or two in environment default/prod: {one}")

    def test_the_first_release_has_none_before(self):
        self.deploy("one")
        for suffix in (".vap.yaml", ".kyverno.yaml"):
            answers = self.answers(suffix, [{"object": self.pod(f"{self.image}@{self.digests[name]}")} for name in ("one", "two")])
            self.assertEqual(answers, [None, f"not an image of release one in environment default/prod: {self.image}@{self.digests['two']}"])

    def test_the_objects_have_no_field_that_their_types_lack(self):
        """TypeScript refuses members that a type lacks; the schemas do not."""
        self.deploy("one", "docker.io/library/busybox")
        text = ('import type { IConfigMap } from "kubernetes-models/v1";\n'
                'import type { IValidatingAdmissionPolicy, IValidatingAdmissionPolicyBinding } from "kubernetes-models/admissionregistration.k8s.io/v1";\n'
                'import type { IValidatingPolicy } from "@kubernetes-models/kyverno/policies.kyverno.io/v1";\n')
        documents = self.documents(".vap.yaml") + self.documents(".kyverno.yaml")
        for i, document in enumerate(documents):
            text += f"export const d{i}: I{document['kind']} = {json.dumps(document)};\n"

        with open(os.path.join(self.work, "tsconfig.json"), "w") as f:
            json.dump({"compilerOptions": {"noEmit": True, "strict": True, "skipLibCheck": True, "target": "es2022", "module": "nodenext", "types": []},
                       "files": ["objects.mts"]}, f)

        def compile_text(text):
            with open(os.path.join(self.work, "objects.mts"), "w") as f:
                f.write(text)
            r = subprocess.run(["node", "node_modules/typescript/bin/tsc"], cwd=self.work, capture_output=True, text=True, timeout=120)
            return r.returncode, r.stdout + r.stderr

        self.assertEqual(compile_text(text), (0, ""))
        self.assertIn("fooBar", compile_text(text.replace('"validationActions"', '"fooBar": 1, "validationActions"'))[1])

    @staticmethod
    def lock_of(n):
        """A lockfile with n components."""
        with open(os.path.join(SRCDIR, "tests/golden/render/plain.lock.yaml")) as f:
            text = f.read()
        begin, end = text.index("  - name: migrate"), text.index("  - name: my.web-ui")
        entries = (text[begin:end].replace("name: migrate", f"name: m{i:05}").replace("b" * 64, f"{i:064x}").replace("000000000098", f"{i:012x}") for i in range(n))
        text = text[:text.index("  - name: api")] + "".join(entries) + text[text.index("sourceRef:"):text.index("lockDigest:")]
        return f"{text}lockDigest: sha256:{hashlib.sha256(text.encode()).hexdigest()}\n"

    def test_many_digests(self):
        """cel-go reads expressions of up to 100,000 characters, so kyverno has several lists. A ConfigMap has a
        limit, too."""
        lock = os.path.join(self.site.folder, "many.lock.yaml")
        os.makedirs(os.path.dirname(self.path("")), exist_ok=True)
        for n, fits in ((3000, True), (14000, False)):
            with open(lock, "w") as f:
                f.write(self.lock_of(n))
            self.assertEqual(relman.relmanctl("render", lock, "--format", "kyverno", "--to", self.path(".kyverno.yaml")), (0, "", ""))
            policy, = self.documents(".kyverno.yaml")
            self.assertLess(max(len(v["expression"]) for v in policy["spec"]["variables"]), 100000)
            images = [f"x.example/y@sha256:{i:064x}" for i in range(0, n + 1, n // 10)]
            self.assertEqual([answer is None for answer in self.answers(".kyverno.yaml", [{"object": self.pod(image)} for image in images])],
                             [True] * 10 + [False])
            status, _, err = relman.relmanctl("render", lock, "--format", "vap", "--to", self.path(".vap.yaml"))
            self.assertEqual((status == 0, "use the format kyverno" in err), (fits, not fits), err)


if __name__ == "__main__":
    relman.main()
