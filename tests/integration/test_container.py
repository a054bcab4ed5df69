#!/usr/bin/env python3
"""Tests the container image: its size and configuration, and that relman works in it. Needs root and buildah; the
programs are those of BUILDDIR. make check-container runs it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import DockerRegistry, die_with_parent  # noqa: E402
from relman import BUILDDIR, SRCDIR, wait_for  # noqa: E402

SIZE_MAX = 60 * 1000 * 1000
USER = 65532


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="relman-image-")
        environment = {**os.environ, "STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot", "VERSION": "1.2.3",
                       "CONTAINERS_STORAGE_CONF": os.path.join(cls.folder, "storage.conf")}
        with open(environment["CONTAINERS_STORAGE_CONF"], "w") as f:
            f.write(f'[storage]\ndriver = "vfs"\ngraphroot = "{cls.folder}/graph"\nrunroot = "{cls.folder}/run"\n')
        r = subprocess.run([os.path.join(SRCDIR, "etc/container/make-image"), f"docker-archive:{cls.folder}/image.tar",
                            os.path.join(BUILDDIR, "relmand"), os.path.join(BUILDDIR, "relmanctl")],
                           env=environment, capture_output=True, text=True, timeout=300)
        if r.returncode != 0:
            raise AssertionError(r.stdout + r.stderr)
        with tarfile.open(f"{cls.folder}/image.tar") as archive:
            manifest = json.load(archive.extractfile("manifest.json"))[0]
            cls.config = json.load(archive.extractfile(manifest["Config"]))
            cls.root = os.path.join(cls.folder, "root")
            os.mkdir(cls.root)
            cls.size, cls.members = 0, {}
            for name in manifest["Layers"]:
                archive.extract(name, cls.folder)
                with tarfile.open(os.path.join(cls.folder, name)) as layer:
                    for member in layer:
                        cls.size += member.size
                        cls.members[member.name.strip("/")] = member
                    layer.extractall(cls.root, numeric_owner=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def test_the_size(self):
        if any("libasan" in name for name in self.members):
            self.skipTest("a build with sanitizers is larger")
        self.assertLess(self.size, SIZE_MAX)

    def test_the_configuration(self):
        config = self.config["config"]
        self.assertEqual((config["User"], config["Entrypoint"]), (f"{USER}:{USER}", ["/usr/sbin/relmand"]))
        self.assertEqual(config["Healthcheck"]["Test"], ["CMD", "/usr/bin/relmanctl", "status", "--ready"])
        self.assertEqual(config["Labels"]["org.opencontainers.image.version"], "1.2.3")

    def test_it_holds_what_the_programs_need_and_nothing_that_they_could_change(self):
        self.assertEqual([n for n in self.members if n.endswith(("/sh", "/bash", "/apt", "/dpkg"))], [])
        writable = {n for n, m in self.members.items() if m.uid == USER or m.mode & 0o022 and not m.issym()}
        self.assertEqual(writable, {"var/lib/relman", "run/relman", "tmp"})
        self.assertEqual([n for n, m in self.members.items() if m.mode & 0o6000], [])

    def start(self, *command, **more):
        return subprocess.Popen(["/usr/sbin/chroot", f"--userspec={USER}:{USER}", self.root, *command], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, preexec_fn=die_with_parent, env={}, **more)

    def ctl(self, *arguments):
        process = self.start("/usr/bin/relmanctl", *arguments)
        out, _ = process.communicate(timeout=30)
        return process.returncode, out

    def test_a_release_is_made_in_it(self):
        registry = DockerRegistry()
        self.addCleanup(registry.close)
        digest = registry.push("shop/api", "v1.0.0")
        with open(os.path.join(self.root, "etc/relman/specs/shop.yaml"), "w") as f:
            f.write(f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\nspec: {{url: '{registry.url}'}}\n---\n"
                    f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: api}}\nspec: {{imageRepository: {registry.host}/shop/api}}\n---\n"
                    "apiVersion: relman/v1\nkind: ReleaseStream\nmetadata: {name: shop}\nspec: {components: [api], nameTemplate: 'shop-{version:api}', settle: 0s}\n---\n"
                    "apiVersion: relman/v1\nkind: Calendar\nmetadata: {name: hours}\nspec: {allow: ['*-*-* 00:00..24:00'], timezone: Europe/Berlin}\n---\n"
                    "apiVersion: relman/v1\nkind: Environment\nmetadata: {name: prod}\nspec: {stream: shop}\n")
        with open(os.path.join(self.root, "etc/relman/relmand.yaml"), "w") as f:
            f.write("api: {listen: []}\n")
        status, out = self.ctl("status", "--ready")
        self.assertNotEqual(status, 0, "no daemon runs yet")
        daemon = self.start("/usr/sbin/relmand")
        self.addCleanup(daemon.stdout.close)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)
        wait_for(lambda: self.ctl("status", "--ready") == (0, ""), what="a ready daemon")
        wait_for(lambda: digest in self.ctl("lock", "prod")[1], what="the lockfile")
        with open(os.path.join(self.root, "var/lib/relman/locks/default/environments/prod.lock.yaml")) as f:
            self.assertIn(digest, f.read())
        daemon.send_signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(20), 0)


if __name__ == "__main__":
    relman.main()
