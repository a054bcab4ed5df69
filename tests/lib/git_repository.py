"""A bare repository, as a server has it, with commits of others in it, and an installation whose specs are in one."""

import os
import subprocess

from relman import BUILDDIR, Site

GIT = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@x",
       "GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@x"}


def git(*arguments, data=None):
    return subprocess.run(["git", *arguments], env=GIT, input=data, capture_output=True, check=True).stdout.decode().strip()


class Repository:
    """A bare repository, as a server has it."""

    def __init__(self, folder, name="deploy", *options):
        self.path = os.path.join(folder, f"{name}.git")
        git("init", "--quiet", "--bare", "--initial-branch=main", *options, self.path)
        self.url = f"file://{self.path}"

    def git(self, *arguments, data=None):
        return git("--git-dir", self.path, *arguments, data=data)

    def read(self, path, branch="main"):
        try:
            return self.git("show", f"{branch}:{path}")
        except subprocess.CalledProcessError:
            return None

    def log(self, form="%s", branch="main"):
        try:
            return self.git("log", f"--format={form}", branch).split("\n")
        except subprocess.CalledProcessError:
            return []

    def commit(self, files, branch="main"):
        """Adds a commit of somebody else."""
        parent = self.log("%H", branch)[:1]
        stream = f"commit refs/heads/{branch}\ncommitter other <o@x> 1700000000 +0000\ndata 5\nother\n"
        stream += f"from {parent[0]}\n" if parent and parent[0] else ""
        stream = stream.encode()
        for path, text in files.items():
            data = text if isinstance(text, bytes) else text.encode()
            stream += f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n"
        self.git("fast-import", "--quiet", data=stream)

    def hook(self, name, script):
        path = os.path.join(self.path, "hooks", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write("#!/bin/sh\n" + script)
        os.chmod(path, 0o755)


class GitSite(Site):
    """An installation whose specs are not in a folder."""

    def arguments(self, *more):
        return [os.path.join(BUILDDIR, "relmand"), "--state", self.state, "--locks", self.locks, *more]
