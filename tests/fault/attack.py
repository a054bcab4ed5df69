#!/usr/bin/env python3
"""Attacks a daemon that has the memory limit of its unit: clients without a token, registries that lie, specs
with loops.

Each case measures the peak memory of the daemon and the longest answer of /healthz during the attack,
prints both, and compares them with the bound in doc/reliability.md. As root the daemon runs in a memory
cgroup with the MemoryMax of relmand.service. Without root there is no such limit; the case prints that and
still compares the figures. Memory is compared only in builds without sanitizers, because a sanitizer keeps
freed memory. ATTACK_TAGS is the number of tags of the largest repository."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/fault"))
import world as w  # noqa: E402
import relman  # noqa: E402
from relman import document, documents, wait_for  # noqa: E402

MIB = 1024 * 1024
MEMORY_MAX = 384 * MIB  # MemoryMax of systemd/relmand.service
TAGS = w.setting("ATTACK_TAGS", 1_000_000)
# bound of the longest answer of /healthz in seconds, large because of busy machines. make check-stalls
# measures exactly.
STALL_MAX = 1.0 * (8 if w.SANITIZED else 1)
POLL = "poll: {interval: 1h}\n"


def memory_cgroup(name):
    """Makes a memory cgroup with the limit MEMORY_MAX. Returns its path; None if that is not possible."""
    for folder, limit in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max"),
                          ("/sys/fs/cgroup/unified", "memory.max")):
        path = os.path.join(folder, name)
        try:
            os.mkdir(path)
        except OSError:
            continue
        try:
            with open(os.path.join(path, limit), "r+") as f:
                f.write(str(MEMORY_MAX))
            return path
        except OSError:
            os.rmdir(path)
    return None


class Prober(threading.Thread):
    """Sends requests for /healthz in a loop on its own connection. `longest` is the time of the slowest
    answer in seconds, `n` the number of answers."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.longest, self.n, self.is_over = path, 0.0, 0, threading.Event()

    def run(self):
        connection = relman.UnixConnection(self.path, timeout=60)
        while not self.is_over.wait(0.005):
            start = time.monotonic()
            try:
                connection.request("GET", "/healthz")
                connection.getresponse().read()
                self.n += 1
            except OSError:
                connection.close()
            self.longest = max(self.longest, time.monotonic() - start)
        connection.close()


class AttackCase(unittest.TestCase):
    def setUp(self):
        self.cgroup = memory_cgroup(f"relman-{os.getpid()}-{self._testMethodName}")
        if self.cgroup:
            self.addCleanup(self.remove_cgroup)
        self.site = relman.Site()
        self.addCleanup(self.site.close)
        self.registry = w.StandIn()
        self.addCleanup(self.registry.close)
        self.port = relman.free_port()
        self.config = (POLL + f"api: {{socket: {self.site.folder}/relmand.sock, listen: ['127.0.0.1:{self.port}'],"
                       f" tokenFile: {self.site.folder}/tokens}}\n")
        self.token = self.make_token("t default read")

    def make_token(self, wanted):
        _, out, _ = relman.relmanctl("token", *wanted.split()[:1])
        lines = out.split("\n")
        line = next(text for text in lines if text.startswith(wanted.split()[0] + " "))
        with open(os.path.join(self.site.folder, "tokens"), "a") as f:
            f.write(line + "\n")
        return next(text for text in lines if text and " " not in text.strip()).strip()

    def remove_cgroup(self):
        wait_for(lambda: self.try_rmdir(), what="the cgroup is empty")

    def try_rmdir(self):
        try:
            os.rmdir(self.cgroup)
            return True
        except OSError:
            return False

    def start(self, config=None):
        self.site.start(config or self.config)
        if self.cgroup:
            with open(os.path.join(self.cgroup, "cgroup.procs"), "w") as f:
                f.write(str(self.site.process.pid))
        self.before = self.memory("VmRSS")
        self.prober = Prober(self.site.socket)
        self.prober.start()
        self.addCleanup(self.prober.is_over.set)

    def memory(self, name):
        with open(f"/proc/{self.site.process.pid}/status") as f:
            return next(int(line.split()[1]) * 1024 for line in f if line.startswith(name + ":"))

    def check(self, what, peak=None, growth=None):
        """Compares memory and the longest answer with their bounds. peak: bound of the peak memory. growth:
        bound of its growth since the start. The daemon must still answer, and must stop on request."""
        self.assertIsNone(self.site.process.poll(), f"the daemon ended; its log:\n{self.site.log[-3000:]}")
        self.assertEqual(self.site.call("GET", "/healthz")[0], 200)
        seen = self.prober.n
        wait_for(lambda: self.prober.n > seen, 60, "an answer of /healthz")
        self.prober.is_over.set()
        self.prober.join(60)
        high = self.memory("VmHWM")
        w.say(f"{what}: memory {self.before // MIB} MiB before, at most {high // MIB} MiB; /healthz answered {self.prober.n} times, "
              f"in at most {self.prober.longest * 1000:.0f} ms; limit of memory: {'cgroup' if self.cgroup else 'none (no cgroup)'}")
        if not w.SANITIZED:
            self.assertLessEqual(high, peak or self.before + growth)
        self.assertLessEqual(self.prober.longest, STALL_MAX)
        status, _ = self.site.stop(seconds=30)
        self.assertEqual(status, 0, self.site.log[-3000:])

    def wait_synced(self, name, seconds=120):
        """Waits until the component has the condition Ready and nothing is left to resolve. Returns the
        condition."""
        def ready():
            status, component, _ = self.site.call("GET", f"/api/v1/components/{name}")
            conditions = component.get("conditions", []) if status == 200 else []
            if any(c["type"] == "Resolving" and c["status"] == "True" for c in conditions):
                return None
            found = [c for c in conditions if c["type"] == "Ready"]
            self.condition = found[0] if found and found[0]["status"] != "Unknown" else None
            return self.condition and self.condition["reason"] not in ("NeverSynced", "Syncing", "Pending")
        wait_for(ready, seconds, f"component {name} was synced")
        return self.condition


class Clients(AttackCase):
    def send_bodies(self, n, head, size):
        """Opens n connections that each send a head and size bytes as fast as possible. Returns (answers,
        bytes sent)."""
        connections, sent, answers = [], 0, []
        for _ in range(n):
            c = socket.create_connection(("127.0.0.1", self.port), timeout=10)
            c.sendall(head)
            c.setblocking(False)
            connections.append([c, size])
        block, deadline = b" " * 65536, time.monotonic() + 10
        while connections and time.monotonic() < deadline:
            for entry in list(connections):
                try:
                    if entry[1] > 0:
                        n_bytes = entry[0].send(block[:entry[1]])
                        entry[1] -= n_bytes
                        sent += n_bytes
                except BlockingIOError:
                    pass
                except OSError:
                    entry[1] = 0
                try:
                    data = entry[0].recv(65536)
                    answers.append(data.split(b"\r\n", 1)[0].decode())
                    entry[0].close()
                    connections.remove(entry)
                except BlockingIOError:
                    pass
                except OSError:
                    connections.remove(entry)
        for c, _ in connections:
            c.close()
        return answers, sent

    def test_bodies_of_clients_without_a_token_are_not_read(self):
        self.start()
        head = b"POST /api/v1/specs/plan HTTP/1.1\r\nHost: x\r\nContent-Length: 16777216\r\n\r\n"
        answers, sent = self.send_bodies(100, head, 16777215)
        w.say(f"{len(answers)} of 100 answered, {sent // MIB} MiB sent")
        self.assertEqual(set(answers), {"HTTP/1.1 401 Unauthorized"})
        self.check("100 bodies of 16 MiB without a token", growth=32 * MIB)

    def test_bodies_of_clients_with_a_token_share_a_budget(self):
        self.start()
        head = (f"POST /api/v1/specs/plan HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.token}\r\n"
                "Content-Length: 16777216\r\n\r\n").encode()
        answers, sent = self.send_bodies(60, head, 16777215)
        w.say(f"{len(answers)} of 60 answered, {sent // MIB} MiB sent: {sorted(set(answers))}")
        self.check("60 bodies of 16 MiB with a token for reading", growth=112 * MIB)

    def test_followers_cost_no_memory_for_each_event(self):
        self.start()
        followers = []
        for _ in range(30):
            c = socket.create_connection(("127.0.0.1", self.port), timeout=10)
            c.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nAuthorization: Bearer {self.token}\r\n\r\n".encode())
            followers.append(c)
            self.addCleanup(c.close)
        is_over = threading.Event()

        def read():
            for c in followers:
                c.setblocking(False)
            while not is_over.wait(0.01):
                for c in followers:
                    try:
                        c.recv(1 << 20)
                    except BlockingIOError:
                        pass
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        connection = relman.UnixConnection(self.site.socket)
        body = {"name": "c", "displayName": "c", "imageRepository": "127.0.0.1:1/app/c"}
        self.assertEqual(self.site.call("POST", "/api/v1/components", body, connection=connection)[0], 201)
        figures = []
        for n in range(2000):
            status, _, _ = self.site.call("PUT", "/api/v1/components/c", dict(body, displayName=f"c {n}"), connection=connection)
            self.assertEqual(status, 200)
            if n in (499, 1999):
                figures.append(self.memory("VmRSS"))
        is_over.set()
        reader.join(10)
        w.say(f"memory after 500 events {figures[0] // 1024} KiB, after 2,000 {figures[1] // 1024} KiB")
        if not w.SANITIZED:
            self.assertLessEqual(figures[1] - figures[0], MIB)
        self.check("2,000 events for 30 followers", growth=24 * MIB)

    def test_clients_that_do_not_read_large_lists(self):
        """A list of 20,000 components is one answer of about 10 MB."""
        self.site.write("r.yaml", document("Registry", "r", "url: 'http://127.0.0.1:1'"))
        for part in range(10):
            self.site.write(f"c{part}.yaml", "---\n".join(
                document("Component", f"c{part}-{n}", f"imageRepository: 127.0.0.1:1/app/c{n}, suspend: true") for n in range(2000)))
        self.start()
        before = self.memory("VmRSS")
        connections = []
        for _ in range(100):
            c = socket.create_connection(("127.0.0.1", self.port), timeout=60)
            c.sendall(f"GET /api/v1/components HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.token}\r\n\r\n".encode())
            connections.append(c)
            self.addCleanup(c.close)
        heads = [c.recv(12).decode() for c in connections]
        time.sleep(1)
        w.say(f"{heads.count('HTTP/1.1 200')} answered 200, {heads.count('HTTP/1.1 503')} answered 503")
        self.assertEqual(set(heads) - {"HTTP/1.1 200", "HTTP/1.1 503"}, set())
        self.assertGreater(heads.count("HTTP/1.1 200"), 0)
        self.check("100 lists of 20,000 components that nobody reads", peak=before + 112 * MIB)

    def test_objects_with_many_keys(self):
        self.start()
        member = {f"k{n:06d}": 1 for n in range(80_000)}
        for path, body in (("specs/plan", {"documents": [member]}), ("specs/plan", {"documents": [{"apiVersion": "relman/v1", "kind": "Component",
                           "metadata": {"name": "c", "labels": {k: "v" for k in member}}, "spec": {"imageRepository": "a.example/b"}}]}),
                           ("releases", member), ("components", member)):
            status, _, _ = self.site.call("POST", "/api/v1/" + path, body)
            self.assertIn(status, (200, 400, 413, 422), path)
        self.check("JSON objects of 80,000 keys", growth=112 * MIB)


class Registries(AttackCase):
    def test_lists_that_do_not_end(self):
        names = [f"c{n}" for n in range(6)]
        pad = "a" * (8 * MIB - 200)

        def endless(handler):
            n = int(handler.path.partition("k=")[2] or 0)
            path = handler.path.partition("?")[0]
            handler.reply(200, json.dumps({"name": "x", "tags": [f"1.0.{n}"], "k": n, "pad": pad}),
                          {"Link": f'<{path}?k={n + 1}>; rel="next"'})
        for name in names:
            self.registry.answers[f"GET /v2/app/{name}/tags/list"] = endless
        self.site.write("s.yaml", documents(registry=self.registry, components=names))
        self.start()
        for name in names:
            condition = self.wait_synced(name)
            self.assertEqual(condition["status"], "False", condition)
        self.check("6 tag lists of 8 MiB a page that do not end", growth=80 * MIB)

    def test_challenges_that_each_name_another_scope(self):
        n_tags, seen, lock = 1000, set(), threading.Lock()
        for n in range(n_tags):
            self.registry.push("app/c", f"1.0.{n}")

        def authorize(handler):
            """Refuses each path once, with any token, and names a new scope each time."""
            with lock:
                if handler.path in seen:
                    return True
                seen.add(handler.path)
                scope = f"repository:app/c:pull repository:{'x' * 12000}/{len(seen)}:pull"
            handler.reply(401, {"errors": [{"code": "UNAUTHORIZED"}]},
                          {"WWW-Authenticate": f'Bearer realm="{self.registry.url}/token",service="s",scope="{scope}"'})
            return False
        self.registry.authorize = authorize
        self.registry.answers["GET /token"] = lambda handler: handler.reply(200, {"token": "T" * 12000, "expires_in": 300})
        self.site.write("s.yaml", documents(registry=self.registry, components=["c"]))
        self.start()
        self.wait_synced("c")
        self.assertGreater(len(seen), n_tags, self.condition)
        self.check(f"{len(seen)} challenges that each name another scope", growth=32 * MIB)

    def serve_large(self, name):
        """Serves a repository of TAGS tags, and returns the newest one. The list has digests, as with Artifact
        Registry, so that relmand sends no request for each tag."""
        per_page, newest = 10_000, f"1.{(TAGS - 1) // 1000}.{(TAGS - 1) % 1000}"
        head = self.registry.push(f"app/{name}", newest)  # relmand reads the manifest of a head
        path = f"/v2/app/{name}/tags/list"

        def page(handler):
            first = int(handler.path.partition("last=")[2].split("&")[0] or 0)
            tags = [f"1.{n // 1000}.{n % 1000}" for n in range(first, min(first + per_page, TAGS))]
            manifests = {head if tag == newest else f"sha256:{n:064x}": {"tag": [tag]} for n, tag in enumerate(tags, first)}
            headers = {}
            if first + per_page < TAGS:
                headers["Link"] = f'<{path}?last={first + per_page}>; rel="next"'
            handler.reply(200, {"name": f"app/{name}", "child": [], "manifest": manifests, "tags": tags}, headers)
        self.registry.answers["GET " + path] = page
        return newest

    def sync_large(self, *names):
        """Syncs repositories of TAGS tags at the same time, for the first time."""
        newest = [self.serve_large(name) for name in names]
        self.site.write("s.yaml", "---\n".join((document("Registry", "r", f"url: '{self.registry.url}', type: gar"),
                                                *(document("Component", name, f"imageRepository: {self.registry.host}/app/{name}")
                                                  for name in names))))
        self.start()
        for name, tag in zip(names, newest):
            condition = self.wait_synced(name, 600 * len(names))
            self.assertEqual(condition["status"], "True", condition)
            versions = self.site.call("GET", f"/api/v1/components/{name}/versions?limit=1")[1]
            self.assertEqual(versions[0]["tag"], tag)

    def test_a_very_large_repository(self):
        """After the first pass its memory must be freed. In the second pass all tags are known."""
        self.sync_large("c")
        if not w.SANITIZED and TAGS > 200_000:  # after smaller passes malloc() keeps the memory
            self.assertLessEqual(self.memory("VmRSS"), self.before + 64 * MIB)
        status, answer, _ = self.site.call("POST", "/api/v1/components/c/sync-versions", {"forceRefresh": True},
                                           connection=relman.UnixConnection(self.site.socket, 600))
        self.assertEqual((status, answer.get("synced")), (200, TAGS), answer)
        self.check(f"a repository of {TAGS} tags, twice", peak=256 * MIB)

    def test_two_very_large_repositories(self):
        self.sync_large("c", "d")
        self.check(f"two repositories of {TAGS} tags at the same time", peak=256 * MIB)


class Specs(AttackCase):
    def test_links_that_lead_to_each_other(self):
        for n in range(25):
            os.mkdir(os.path.join(self.site.specs, f"d{n}"))
        for n in range(24):
            for name in ("a", "b"):
                os.symlink(f"../d{n + 1}", os.path.join(self.site.specs, f"d{n}", name))
        os.symlink("/sys", os.path.join(self.site.specs, "sys"))
        self.site.write("s.yaml", documents(registry=self.registry, components=["c"]))
        status = subprocess.run([os.path.join(relman.BUILDDIR, "relmanctl"), "lint", self.site.specs], capture_output=True, timeout=30).returncode
        self.assertIn(status, (0, 1))
        self.start()
        self.site.kill(signal.SIGHUP)
        self.wait_synced("c", 30)
        self.check("48 links between 25 folders, and one to /sys", growth=32 * MIB)

    def test_documents_with_many_keys(self):
        labels = ", ".join(f"k{n:05d}: v" for n in range(49_900))
        self.site.write("s.yaml", documents(registry=self.registry, components=["c"]))
        self.start()
        for n in range(4):
            self.site.write(f"l{n}.yaml", f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: l{n}, labels: {{{labels}}}}}\n"
                                          f"spec: {{imageRepository: {self.registry.host}/app/c, suspend: true}}\n")
        self.site.write("u.yaml", f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: u}}\nspec: {{imageRepository: a.example/b, {labels}}}\n")
        self.site.kill(signal.SIGHUP)
        wait_for(lambda: self.site.call("GET", "/api/v1/components/l3")[0] == 200, 60, "the components are there")
        self.check("documents of 49,900 keys", growth=112 * MIB)


if __name__ == "__main__":
    relman.main()
