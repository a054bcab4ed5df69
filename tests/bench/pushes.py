"""Measures the time from a push to the new lockfile, with a real registry and compared with an older build.
Measures it also while relmand resolves older tags. Counts the fsyncs of a push."""

import os
import re
import subprocess
import time

from first import SlowRegistry, wait_for_lock
from measure import BUILDDIR, Built, Missing, component_text, median, need, p99, registry_text
from docker_registry import DockerRegistry, find_binary  # measure has added tests/lib to the path
from relman import document, wait_for

STREAM = document("ReleaseStream", "s", "components: [api], settle: 0s") + "---\n" + document("Environment", "e", "stream: s")
APART = 1.05  # seconds between pushes, because relmand polls a component at most once a second


def holds(path, text):
    try:
        with open(path) as f:
            return text in f.read()
    except FileNotFoundError:
        return False


class Pushed:
    """A daemon with an environment that follows a stream. path: the lockfile of the environment."""

    def __init__(self, registry, build=BUILDDIR, config=""):
        self.site = Built(build)
        self.path = os.path.join(self.site.locks, "default/environments/e.lock.yaml")
        secret = f"{self.site.folder}/secret"
        with open(secret, "w") as f:
            f.write("bench\n")
        os.chmod(secret, 0o600)
        self.site.write("all.yaml", registry_text("r", registry.url, f", hook: {{secretFile: '{secret}'}}") + "---\n" +
                        component_text("api", f"{registry.host}/app/api") + "---\n" + STREAM)
        self.site.start("poll: {interval: 1h}\n" + config)
        wait_for(lambda: os.path.exists(self.path), 30, "the first lockfile")

    def push(self, tag, digest, arrived=None):
        """Sends the webhook of a push. Returns the milliseconds until the lockfile has the digest, or until arrived()
        is true."""
        arrived = arrived or (lambda: holds(self.path, digest))
        body = {"events": [{"action": "push", "target": {"repository": "app/api", "tag": tag, "digest": digest}}]}
        begun = time.monotonic()
        status = self.site.call("POST", "/hooks/v1/r", body, {"Content-Type": "application/json", "Authorization": "Bearer bench"})[0]
        assert status == 202, status
        while not arrived():
            assert time.monotonic() - begun < 30, self.site.log[-2000:]
            time.sleep(0.0005)
        took = (time.monotonic() - begun) * 1000
        return took


def deliver(registry, sites, n):
    """Pushes n tags and sends the webhook of each tag to one site after the other. Returns the times of each
    site."""
    times = [[] for _ in sites]
    for i in range(n):
        time.sleep(APART)
        tag = f"v1.1.{i}"
        digest = registry.push("app/api", tag)
        for site, taken in zip(sites, times):
            taken.append(site.push(tag, digest))
    return times


def syncs_of_pushes(registry, n):
    """Returns the average number of calls of fsync() and fdatasync() for a push."""
    need("strace")
    pushed = Pushed(registry)
    log = f"{pushed.site.folder}/strace"
    tracer = None
    try:
        time.sleep(APART)
        tracer = subprocess.Popen(["strace", "-f", "-e", "trace=fsync,fdatasync", "-o", log, "-p", str(pushed.site.process.pid)],
                                  stderr=subprocess.PIPE, text=True)
        tracer.stderr.readline()  # strace is attached after this line
        for i in range(n):
            pushed.push(f"v1.2.{i}", registry.push("app/api", f"v1.2.{i}"))
            time.sleep(APART)
        tracer.terminate()
        tracer.wait()
        with open(log) as f:
            return len(re.findall(r"f(?:data)?sync\(", f.read())) / n
    finally:
        if tracer and tracer.poll() is None:
            tracer.kill()
        pushed.site.close()


def push(table, plan):
    """Measures the time from a push webhook to the new lockfile of an environment that follows a stream."""
    if not find_binary():
        raise Missing("docker-registry (tests/lib/get-docker-registry unpacks it)")
    registry, sites, n = DockerRegistry(), [], 20 * plan.runs
    try:
        registry.push("app/api", "v1.0.0")
        sites = [Pushed(registry, build) for build in (BUILDDIR, plan.against) if build]
        times = deliver(registry, sites, n)
        ours = p99(times[0])
        table.row(f"push to lockfile, {n} pushes a second apart, settle 0", "p99 <= 50 ms",
                  f"p50 {median(times[0]):.1f} ms, p99 {ours:.1f} ms", ours <= 50)
        if plan.against:
            before = p99(times[1])
            table.row("push to lockfile, ratio to the build beside it", "p99 <= 0.4", f"p50 {median(times[0]) / median(times[1]):.2f}, "
                      f"p99 {ours / before:.2f} (p50 {median(times[1]):.1f} ms, p99 {before:.1f} ms)", ours <= 0.4 * before)
        table.row("push to lockfile, fsyncs and fdatasyncs of a push", "", f"{syncs_of_pushes(registry, plan.runs):.1f}")
    finally:
        for pushed in sites:
            pushed.site.close()
        registry.close()


def during(n, n_pushes, more=""):
    """Returns the milliseconds from each webhook to the lockfile, with a registry of n tags that answers
    after 40 ms, and the number of tags that were not resolved at the end. more: further fields of the
    component. By default relmand resolves older tags at the same time."""
    registry, site = SlowRegistry(n), Built(BUILDDIR)
    try:
        secret = f"{site.folder}/secret"
        with open(secret, "w") as f:
            f.write("bench\n")
        os.chmod(secret, 0o600)
        site.write("c.yaml", registry_text("r", registry.url, f", hook: {{secretFile: '{secret}'}}") + "---\n" +
                   document("Component", "c", f"imageRepository: {registry.host}/b{more}") + "---\n" +
                   document("ReleaseStream", "s", "nameTemplate: 's-{seq}', settle: 0s"))
        site.start("poll: {interval: 1h}")
        wait_for_lock(site, "s-1")
        times = []
        for i in range(n_pushes):
            time.sleep(APART)
            tag = f"2.{i}.0"
            registry.push(tag)
            body = {"events": [{"action": "push", "target": {"repository": "b", "tag": tag, "digest": registry.digests[tag]}}]}
            begun = time.monotonic()
            site.call("POST", "/hooks/v1/r", body, {"Content-Type": "application/json", "Authorization": "Bearer bench"})
            wait_for_lock(site, f"s-{i + 2}")
            times.append((time.monotonic() - begun) * 1000)
        stored = site.stored.query("SELECT count(*) FROM version_maps")[0][0]
        return times, n + n_pushes - stored
    finally:
        site.close()
        registry.close()


def background(table, plan):
    """Measures pushes while a background pass resolves older tags, compared with pushes without such a
    pass."""
    n, n_pushes = plan.sizes(1000, 10000, 100000)[-1], 20 * plan.runs
    calm, _ = during(n, n_pushes, ", resolve: {newest: 1}")
    busy, left = during(n, n_pushes)
    ratio = p99(busy) / p99(calm)
    table.row(f"webhook to lockfile while {n:,} tags are resolved, {n_pushes} pushes", "p99 <= 1.2 x that without",
              f"{ratio:.2f} x (p99 {p99(busy):.0f} ms and {p99(calm):.0f} ms, p50 {median(busy):.0f} ms and {median(calm):.0f} ms; "
              f"{left:,} tags left at the end)", ratio <= 1.2 if left > 0 else None)
