"""Measures the time until the first lockfile, with a slow registry, and the time after a push meanwhile."""

import asyncio
import json
import os
import threading
import time

from measure import BUILDDIR, Site, median, registry_text  # after this, modules of tests/lib are found
from docker_registry import CONFIG, LAYER, MANIFEST, dump, sha256
from relman import document

DELAY = 0.04


class SlowRegistry:
    """Repository b with tags 1.0.0, 1.0.1, ...; each answer takes some time. `requests` counts them."""

    def __init__(self, n, delay=DELAY):
        self.tags = [f"1.{i // 1000}.{i % 1000}" for i in range(n)]
        self.delay, self.requests, self.by_digest, self.digests = delay, 0, {}, {}
        for tag in self.tags:
            self.push(tag)
        started = threading.Event()
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.run, args=(started,), daemon=True).start()
        started.wait()
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}"

    def push(self, tag):
        manifest = dump({"schemaVersion": 2, "mediaType": MANIFEST, "config": {"mediaType": CONFIG, "digest": sha256(b"{}"), "size": 2},
                         "layers": [{"mediaType": LAYER, "digest": sha256(tag.encode()), "size": 1}]})
        self.digests[tag] = sha256(manifest)
        self.by_digest[self.digests[tag]] = manifest

    def run(self, started):
        async def serve():
            server = await asyncio.start_server(self.client, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            started.set()
        self.loop.run_until_complete(serve())
        self.loop.run_forever()

    def answer(self, path):
        what = path.rsplit("/", 1)[1]
        if "/tags/list" in path:
            return json.dumps({"name": "b", "tags": list(self.digests)}).encode(), "application/json", ""
        if "/blobs/" in path:
            return b"{}", CONFIG, ""
        digest = self.digests.get(what, what)
        return self.by_digest[digest], MANIFEST, f"Docker-Content-Digest: {digest}\r\n"

    async def client(self, reader, writer):
        try:
            while line := await reader.readline():
                method, path, _ = line.decode().split()
                while await reader.readline() != b"\r\n":
                    pass
                self.requests += 1
                await asyncio.sleep(self.delay)
                body, kind, more = self.answer(path.split("?")[0])
                writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode())
                if method != "HEAD":
                    writer.write(body)
                await writer.drain()
        except (ConnectionError, ValueError):
            pass
        writer.close()

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)


class Built(Site):
    """A site with the programs of another build."""

    def __init__(self, build):
        super().__init__()
        self.build = build

    def arguments(self, *more):
        return [os.path.join(self.build, "relmand"), *super().arguments(*more)[1:]]


def wait_for_lock(site, name, seconds=300):
    begun = time.monotonic()
    while not os.path.exists(site.lock_path(name)):
        if time.monotonic() - begun > seconds:
            raise RuntimeError(f"no lockfile of {name} within {seconds} s")
        time.sleep(0.002)


def specs(registry, more=""):
    return "---\n".join([registry_text("r", registry.url), document("Component", "c", f"imageRepository: {registry.host}/b{more}"),
                         document("ReleaseStream", "s", "nameTemplate: 's-{seq}', settle: 0s")])


def first_lock(build, n):
    """Returns the seconds from the start to the first lockfile, and the number of requests before it."""
    registry, site = SlowRegistry(n), Built(build)
    try:
        site.write("c.yaml", specs(registry))
        begun = time.monotonic()
        site.start("poll: {interval: 1h}")
        wait_for_lock(site, "s-1")
        return time.monotonic() - begun, registry.requests
    finally:
        site.close()
        registry.close()


def pushes(n, runs, more=""):
    """Returns the seconds from a sync to the lockfile after a push. with more=False, older versions are
    resolved meanwhile."""
    registry, site, took = SlowRegistry(n), Built(BUILDDIR), []
    try:
        site.write("c.yaml", specs(registry, more))
        site.start("poll: {interval: 1h}")
        wait_for_lock(site, "s-1")
        for i in range(runs):
            time.sleep(1.1)  # polls are a second apart
            registry.push(f"2.{i}.0")
            begun = time.monotonic()
            site.call("POST", "/api/v1/components/c/sync-versions", "{}")
            wait_for_lock(site, f"s-{i + 2}")
            took.append(time.monotonic() - begun)
        return took
    finally:
        site.close()
        registry.close()


def first(table, plan):
    """Measures the first lockfile with a registry that answers after 40 ms, and pushes while other tags
    are resolved."""
    n = plan.sizes(100, 1000, 10000)[-1]
    ours = [first_lock(BUILDDIR, n) for _ in range(plan.runs)]
    seconds, requests = median(s for s, _ in ours), max(r for _, r in ours)
    table.row(f"first lockfile, {n:,} tags, 40 ms an answer", "", f"{seconds:.2f} s")
    table.row("requests before it", "<= 1 page + 3, and 64 in the background", str(requests), requests <= 68)
    if plan.against:
        before, before_requests = first_lock(plan.against, n)
        table.row("the same, the build beside it", "", f"{before:.2f} s, {before_requests:,} requests")
        table.row("first lockfile, ratio to that build", "<= 0.02", f"{seconds / before:.3f}", seconds / before <= 0.02)
    calm, busy = pushes(n, plan.runs, ", resolve: {newest: 1}"), pushes(n, plan.runs)
    ratio = max(busy) / max(calm)
    table.row(f"sync to lockfile while {n:,} tags are resolved, slowest", "<= 1.2 x that without",
              f"{ratio:.2f} x ({1000 * max(busy):.0f} ms and {1000 * max(calm):.0f} ms)", ratio <= 1.2)
