#!/usr/bin/env python3
"""Runs doc/gitops.md as a reader would, with a real repository, registry and daemon. Also runs the steps of
the pipelines on the page."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import console  # noqa: E402
import relman  # noqa: E402
from docker_registry import DockerRegistry, free_port  # noqa: E402
from relman import Site, relmanctl  # noqa: E402

SRCDIR = os.path.abspath(relman.SRCDIR)
PAGE = os.path.join(SRCDIR, "doc/gitops.md")
PATH = os.pathsep.join([os.path.abspath(relman.BUILDDIR), os.path.join(SRCDIR, "etc/ci"), os.environ["PATH"]])
WHO = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "A"), ("EMAIL", "a@example.com"))}
ENV = {**WHO, "PATH": PATH, "ETC": os.path.join(SRCDIR, "etc"), "NO_COLOR": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}


def pipelines():
    """Yields (first line of the snippet, commands of its steps) of each pipeline on the page."""
    with open(PAGE) as f:
        for snippet in re.findall(r"^```yaml\n(# \..*?)^```$", f.read(), re.M | re.S):
            name, document = snippet.splitlines()[0], yaml.safe_load(snippet)
            if "jobs" in document:
                yield name, [s["run"] for s in document["jobs"]["specs"]["steps"] if "run" in s]
            else:
                yield name, document["relman"]["script"]


class GitOps(unittest.TestCase):
    def setUp(self):
        self.registry = DockerRegistry()
        self.addCleanup(self.registry.close)
        for name in ("api", "worker"):
            self.registry.push(f"shop/{name}", "v1.0.0")
        self.folder = tempfile.mkdtemp(prefix="relman-gitops-")
        self.addCleanup(shutil.rmtree, self.folder)

    def test_every_command_prints_what_is_shown(self):
        site = Site()  # the daemon for relmanctl plan
        self.addCleanup(site.close)
        site.start()
        n = console.run_page(PAGE, self.folder, {**ENV, "REGISTRY": self.registry.host, "RELMAN_SOCKET": site.socket})
        self.assertGreater(n, 30)

    def pipeline(self, steps, **env):
        return subprocess.run(["bash", "-ec", "\n".join(steps)], cwd=self.folder, env={**os.environ, **ENV, **env}, capture_output=True, text=True,
                              timeout=60)

    def test_the_pipelines_check_and_plan(self):
        specs = os.path.join(self.folder, "specs")
        os.mkdir(specs)

        def write(field):
            with open(os.path.join(specs, "a.yaml"), "w") as f:
                f.write(f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: api}}\nspec: {{{field}: {self.registry.host}/shop/api}}\n")
        site = Site()
        self.addCleanup(site.close)
        _, out, _ = relmanctl("token", "ci", "--role", "read")
        token, line = out.splitlines()[1], out.splitlines()[-1]
        with open(os.path.join(site.folder, "tokens"), "w") as f:
            f.write(line + "\n")
        os.chmod(f.name, 0o600)
        port = free_port()
        site.start(f"api: {{socket: {site.folder}/relmand.sock, listen: ['127.0.0.1:{port}'], tokenFile: {f.name}}}\n")
        names = []
        for name, steps in pipelines():
            with self.subTest(name):
                names.append(name)
                summary = os.path.join(self.folder, "summary")
                daemon = {"RELMAN_URL": f"http://127.0.0.1:{port}", "RELMAN_TOKEN": token, "GITHUB_STEP_SUMMARY": summary}
                write("imageRepository")
                r = self.pipeline(steps, **daemon)
                self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
                with open(os.path.join(self.folder, "plan.md")) as f:
                    self.assertRegex(f.read(), r"(?s)^### What relman would do\n.*api")
                write("imageRepo")
                r = self.pipeline(steps, **daemon)
                self.assertEqual(r.returncode, 1, r.stdout + r.stderr)
                self.assertIn("unknown field \"imageRepo\"", r.stdout)
                write("imageRepository")
                r = self.pipeline(steps, **{**daemon, "RELMAN_TOKEN": "relman_wrong"})
                self.assertNotEqual(r.returncode, 0)
                self.assertNotEqual(self.pipeline(steps, **{**daemon, "RELMAN_URL": "http://127.0.0.1:1"}).returncode, 0)
        self.assertEqual(names, ["# .github/workflows/relman.yaml", "# .gitlab-ci.yml"])

    def test_the_hook_looks_at_what_is_committed(self):
        def git(*arguments):
            return subprocess.run(["git", *arguments], cwd=self.folder, env={**os.environ, **ENV}, capture_output=True, text=True)
        good = "apiVersion: relman/v1\nkind: Component\nmetadata: {name: api}\nspec: {imageRepository: r.example.com/api}\n"
        git("init", "-q")
        shutil.copy(os.path.join(SRCDIR, "etc/git/pre-commit"), os.path.join(self.folder, ".git/hooks"))
        os.makedirs(os.path.join(self.folder, "specs/a folder"))
        path = os.path.join(self.folder, "specs/a folder/a.yaml")

        def write(text):
            with open(path, "w") as f:
                f.write(text)
        write(good)
        git("add", ".")
        write("nonsense: [")
        r = git("commit", "-m", "good in the index, bad in the work tree")
        self.assertEqual(r.returncode, 0, r.stderr)
        git("add", ".")
        write(good)
        r = git("commit", "-m", "bad in the index, good in the work tree")
        self.assertEqual(r.returncode, 1)
        self.assertRegex(r.stderr, r"^specs/a folder/a.yaml:\d+:\d+: error: not valid YAML")
        git("reset", "-q", "--hard")
        with open(os.path.join(self.folder, "README"), "w") as f:
            f.write("nonsense: [")
        git("add", ".")
        self.assertEqual(git("commit", "-m", "no specs").returncode, 0)
        git("rm", "-qr", "specs")
        r = git("commit", "-m", "none at all")
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertEqual(git("rev-list", "--count", "HEAD").stdout, "3\n")


if __name__ == "__main__":
    relman.main()
