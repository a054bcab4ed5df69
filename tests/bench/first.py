"""Measures the time and counts the requests until the first lockfile, with a slow registry."""

import asyncio
import os
import threading
import time

from measure import BUILDDIR, Built, median, registry_text  # must be first, because it adds tests/lib to the path
from docker_registry import CONFIG, LAYER, MANIFEST, dump, sha256
from relman import document

DELAY = 0.04
NUMBERED = "1.{thousand}.{rest}"


class SlowRegistry:
    """A registry with repository b and tags 1.0.0, 1.0.1, ... Each answer takes delay seconds. `requests` is
    the number of requests."""

    def __init__(self, n, names=NUMBERED, delay=DELAY):
        self.tags = [names.format(thousand=i // 1000, rest=i % 1000, channel=i % 100) for i in range(n)]
        self.delay, self.requests, self.by_digest, self.digests, self.listed = delay, 0, {}, {}, ""
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
        self.listed += f'{"," if self.listed else ""}"{tag}"'
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
            return f'{{"name":"b","tags":[{self.listed}]}}'.encode(), "application/json", ""
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


def wait_for_lock(site, name, seconds=300):
    begun = time.monotonic()
    while not os.path.exists(site.lock_path(name)):
        if time.monotonic() - begun > seconds:
            raise RuntimeError(f"no lockfile of {name} within {seconds} s")
        time.sleep(0.002)


def specs(registry, more=""):
    return "---\n".join([registry_text("r", registry.url), document("Component", "c", f"imageRepository: {registry.host}/b{more}"),
                         document("ReleaseStream", "s", f"nameTemplate: 's-{{seq}}', settle: 0s")])


def first_lock(build, n, more="", names=NUMBERED):
    """Returns the seconds from the start to the first lockfile, and the number of requests before it."""
    registry, site = SlowRegistry(n, names), Built(build)
    try:
        site.write("c.yaml", specs(registry, more))
        begun = time.monotonic()
        site.start("poll: {interval: 1h}")
        wait_for_lock(site, "s-1")
        return time.monotonic() - begun, registry.requests
    finally:
        site.close()
        registry.close()


def first(table, plan):
    """Measures the first lockfile with a registry that answers after 40 ms."""
    n = plan.sizes(100, 1000, 10000)[-1]
    ours, theirs = [], []
    for _ in range(plan.runs):
        ours.append(first_lock(BUILDDIR, n))
        if plan.against:
            theirs.append(first_lock(plan.against, n))
    seconds, requests = median(s for s, _ in ours), max(r for _, r in ours)
    table.row(f"first lockfile, {n:,} tags, 40 ms an answer", "", f"{seconds:.2f} s")
    table.row(f"first lockfile, {n:,} tags, requests", "<= 1 page + 3, and 64 in the background", str(requests), requests <= 68)
    if plan.against:
        before, before_requests = median(s for s, _ in theirs), max(r for _, r in theirs)
        table.row("first lockfile, the build beside it", "", f"{before:.2f} s, {before_requests:,} requests")
        table.row("first lockfile, ratio to that build", "<= 0.02", f"{seconds / before:.3f}", seconds / before <= 0.02)
    channels(table, plan)


def channels(table, plan):
    """Counts the requests before the first lockfile of a component with 100 channels."""
    n, n_channels = plan.sizes(1000, 10000, 100000)[-1], 100
    rules = ", ".join(f"{{pattern: '^c{i}-(\\d+\\.\\d+\\.\\d+)$', channel: c{i}}}" for i in range(n_channels))
    found = [first_lock(BUILDDIR, n, f", versionRules: [{rules}], defaultChannel: c0", f"c{{channel}}-{NUMBERED}") for _ in range(plan.runs)]
    seconds, requests, most = median(s for s, _ in found), max(r for _, r in found), 1 + 2 * n_channels + 1
    table.row(f"first lockfile, {n:,} tags in {n_channels} channels, requests", f"<= {most}, and 64 in the background",
              f"{requests} ({seconds:.2f} s)", requests <= most + 64)
