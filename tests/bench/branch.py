"""Measures the time from a push webhook to the commit with the new lockfile on a branch of a Git repository: of a
small one, and of one with 100,000 files."""

import subprocess
import tempfile
import time

from measure import Missing, median, need, p99
from docker_registry import DockerRegistry, find_binary  # measure has added tests/lib to the path
from pushes import APART, Pushed
from relman import wait_for


class Remote:
    """A bare repository with files in folders of a hundred."""

    def __init__(self, folder, n_files):
        self.path = f"{folder}/{n_files}.git"
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", self.path], check=True)
        text = "commit refs/heads/main\ncommitter b <b@x> 1700000000 +0000\ndata 1\nb\n" + "".join(
            f"M 100644 inline apps/{i // 100}/{i}.yaml\ndata {len(str(i)) + 1}\n{i}\n\n" for i in range(n_files))
        self.git("fast-import", "--quiet", data=text.encode())

    def git(self, *arguments, data=None):
        return subprocess.run(["git", "--git-dir", self.path, *arguments], input=data, capture_output=True, check=True).stdout.decode()

    def head(self):
        """Reads the commit of the branch without a process, whose start would be measured too."""
        with open(f"{self.path}/refs/heads/main") as f:
            return f.read()


def times_of(registry, remote, minor, n):
    """Pushes versions 1.MINOR.0 and later. Returns the milliseconds from each webhook to the commit."""
    before, times = remote.head(), []
    pushed = Pushed(registry, config=f"outputs: [{{environment: e, git: {{url: 'file://{remote.path}', path: e.yaml}}}}]\n")
    try:
        wait_for(lambda: remote.head() != before, 60, "the first commit")
        for i in range(n):
            time.sleep(APART)
            tag, before = f"v1.{minor}.{i}", remote.head()
            digest = registry.push("app/api", tag)
            times.append(pushed.push(tag, digest, lambda: remote.head() != before))
            assert digest in remote.git("show", "main:e.yaml"), tag
        return times
    finally:
        pushed.site.close()


def branch(table, plan):
    """Measures the time from a push webhook to the commit on a branch."""
    need("git")
    if not find_binary():
        raise Missing("docker-registry (tests/lib/get-docker-registry unpacks it)")
    n_files, n = plan.sizes(1000, 10000, 100000)[-1], 10 * plan.runs
    registry = DockerRegistry()
    try:
        registry.push("app/api", "v1.0.0")
        with tempfile.TemporaryDirectory(prefix="relman-branch-") as folder:
            times = times_of(registry, Remote(folder, 1), 1, n)
            table.row(f"webhook to commit on a branch, {n} pushes", "p99 <= 1 s",
                      f"p50 {median(times):.0f} ms, p99 {p99(times):.0f} ms", p99(times) <= 1000)
            times = times_of(registry, Remote(folder, n_files), 2, n)
            table.row(f"webhook to commit on a branch with {n_files:,} files, {n} pushes", "p99 <= 2 s",
                      f"p50 {median(times):.0f} ms, p99 {p99(times):.0f} ms", p99(times) <= 2000)
    finally:
        registry.close()
