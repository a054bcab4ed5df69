#!/usr/bin/env python3
"""Measures stalls of the event loop by answers, requests and specs that take long to process.

Each scenario has its own daemon. A scenario fails if a turn of the loop takes more than 50 ms of processor
time (relman_loop_cpu_seconds). With sanitizers the bound is 250 ms, because such code is up to five times
slower. A busy machine makes turns longer, but adds little processor time, because other programs use the
caches. So a scenario fails only if each of three attempts exceeds the bound.

The controllers take over a new model in one turn, so that they never work with two models. A load of 10,000
documents that are all new or changed may take 250 ms there.

A table shows for each scenario the largest processor time of a turn, the number of turns above the bound, the
longest turn (relman_loop_longest_stall_seconds), and the longest answer of /healthz. The last two are clock
times, which are only meaningful on an idle machine.

The systemd unit forbids memory that is writable and executable, so that PCRE2 has no JIT. Scenarios with slow
patterns run under the same restriction. The registry is a thread of the same process as the client of
/healthz, so that its large answers delay that client too."""

import hashlib
import http.client
import json
import os
import re
import signal
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/fault"))
import world as w  # noqa: E402
import relman  # noqa: E402
from relman import Site, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

# bounds in seconds, each of which must be that of a bucket of relman_loop_cpu_seconds
BOUND, BOUND_OF_ADOPTION = ("0.25", "1") if w.SANITIZED else ("0.05", "0.25")
ATTEMPTS = 3
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
PR_SET_MDWE = 65
WITHOUT_JIT = "import ctypes, os, sys; ctypes.CDLL(None).prctl(%d, 1, 0, 0, 0); os.execv(sys.argv[1], sys.argv[1:])" % PR_SET_MDWE
ROWS = []


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class TooLong(AssertionError):
    """A turn took more processor time than its bound."""


class UnitSite(Site):
    """A site whose daemon has the restriction of MemoryDenyWriteExecute=, if the kernel supports it."""

    def arguments(self, *more):
        return [sys.executable, "-c", WITHOUT_JIT, *super().arguments(*more)]


class Stalls(unittest.TestCase):
    def setUp(self):
        self.server = StandIn()
        self.addCleanup(self.server.close)

    def _callTestMethod(self, method):
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return method()
            except TooLong as error:
                if attempt == ATTEMPTS:
                    raise
                print(f"# attempt {attempt}: {error}")
                self.doCleanups()
                self.setUp()

    def begin(self, site=None):
        self.site = site or Site()
        self.addCleanup(self.site.close)

    def component(self, name, more="", strategy="type: semver"):
        self.site.write(f"{name}.yaml", f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: {name}}}\nspec:\n"
                                        f"  imageRepository: {self.server.host}/app/{name}\n  versioningStrategy: {{{strategy}}}\n{more}")

    def registry(self, more=""):
        self.site.write("registry.yaml", "apiVersion: relman/v1\nkind: Registry\nmetadata: {name: r}\n"
                                         f"spec: {{url: '{self.server.url}', limits: {{timeout: 60s, concurrency: 50}}{more}}}\n")

    def start(self):
        """Starts the daemon and waits until the specs are loaded. Most scenarios do not measure that."""
        self.site.start("poll: {interval: 1h}\nlog: {level: error}\n")

    def call(self, method, path, body=None):
        """Sends a request, with a timeout that is long enough for a stalled loop."""
        connection = relman.UnixConnection(self.site.socket, 300)
        try:
            return self.site.call(method, path, body, connection=connection)
        finally:
            connection.close()

    def ask(self):
        """Requests /healthz in a loop until is_over is set. Sets longest_answer to the time of the slowest
        answer."""
        while not self.is_over.wait(0.01):
            begin = time.monotonic()
            self.call("GET", "/healthz")
            self.longest_answer = max(self.longest_answer, time.monotonic() - begin)

    def samples(self):
        text = self.call("GET", "/metrics")[1]
        return {name: float(value) for name, value in re.findall(r"^(relman_loop\S+) (\S+)$", text, re.M)}

    @staticmethod
    def between(before, after):
        """Returns the differences of the metrics between two samples. For the longest turns, returns the
        upper bounds of their buckets."""
        added = {name: value - before[name] for name, value in after.items()}
        for histogram, longest in (("stall", "longest_stall"), ("cpu", "longest_cpu")):
            prefix = f'relman_loop_{histogram}_seconds_bucket{{le="'
            buckets = sorted((float(name[len(prefix):-2]), n) for name, n in added.items() if name.startswith(prefix))
            added[f"relman_loop_{longest}_seconds"] = next(bound for bound, n in buckets if n == buckets[-1][1])
        return added

    def measure(self, name, act, since_start=True, bound=BOUND):
        before = self.samples()
        self.is_over, self.longest_answer = threading.Event(), 0
        thread = threading.Thread(target=self.ask, daemon=True)
        thread.start()
        act()
        self.is_over.set()
        thread.join()
        samples = self.samples()
        if not since_start:
            samples = self.between(before, samples)
        over = samples["relman_loop_cpu_seconds_count"] - samples[f'relman_loop_cpu_seconds_bucket{{le="{bound}"}}']
        cpu, longest = (samples[f"relman_loop_longest_{of}_seconds"] for of in ("cpu", "stall"))
        ROWS.append((name, cpu, int(over), longest, self.longest_answer))
        if over:
            raise TooLong(f"{name}: {over:.0f} turns took more than {bound} s of processor time; the longest took {cpu} s")

    def polled(self, name, status=None):
        def done():
            rows = self.site.stored.query("SELECT c.status FROM conditions c JOIN components o ON o.id = c.object_id "
                                   "WHERE c.type = 'Ready' AND o.name = ? AND NOT EXISTS (SELECT 1 FROM conditions r "
                                   "WHERE r.object_id = o.id AND r.type = 'Resolving' AND r.status = 'True')", name)
            return rows and (not status or rows[0][0] == status)
        wait_for(done, 600, f"a poll of {name}")

    # --- registries --------------------------------------------------------------------------------

    def push_index(self, tag, n):
        entries = [{"mediaType": MANIFEST, "digest": digest(b"%d" % i), "size": 1,
                    "platform": {"os": "linux", "architecture": f"a{i}"}} for i in range(n)]
        self.server.tag("app/api", tag, json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).encode())

    def test_an_index_of_many_platforms(self):
        for i in range(4):
            self.push_index(f"v1.{i}.0", 10000)
        self.begin()
        self.registry()
        self.component("api", "  platforms: [linux/a9999]\n")
        self.start()
        self.measure("4 indexes of 10,000 platforms", lambda: self.polled("api", "True"))

    def test_many_large_configurations(self):
        for i in range(50):
            config = json.dumps({"os": "linux", "architecture": "amd64", "created": "2026-01-01T00:00:00Z",
                                 "history": [{"created_by": f"{i} {j}"} for j in range(150000)]}).encode()[:3900000]
            config = config[:config.rindex(b"}")] + b"}]}"
            self.server.answers[f"GET /v2/app/api/blobs/{digest(config)}"] = lambda h, c=config: h.reply(200, c)
            self.server.tag("app/api", f"v1.{i}.0", json.dumps({
                "schemaVersion": 2, "mediaType": MANIFEST, "layers": [],
                "config": {"mediaType": CONFIG, "digest": digest(config), "size": len(config)}}).encode())
        self.begin()
        self.registry()
        self.component("api", strategy="type: semver, orderBy: created")
        self.start()
        self.measure("50 configurations of 3.9 MB", lambda: self.polled("api", "True"))

    def test_a_list_in_chunks_of_a_byte(self):
        body = b'{"tags":["v1.0.0"],"pad":"' + b"a" * (4 * 1024 * 1024) + b'"}'
        chunked = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"

        def answer(handler):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked)
        self.server.push("app/api", "v1.0.0")
        self.server.answers["GET /v2/app/api/tags/list"] = answer
        self.begin()
        self.registry()
        self.component("api")
        self.start()
        self.measure("a list of 4 MB in chunks of a byte", lambda: self.polled("api", "True"))

    def test_many_headers_of_one_name(self):
        for name, status, header, path in (("9,000 Link headers", b"200 OK", b"Link:x\r\n" * 9000, "links"),
                                           ("3,000 login challenges", b"401 No", b"WWW-Authenticate:x\r\n" * 3000, "challenges")):
            head = b"HTTP/1.1 " + status + b"\r\nContent-Length: 11\r\nConnection: close\r\n" + header + b"\r\n"

            def answer(handler, head=head):
                handler.wfile.write(head + b'{"tags":[]}')
                handler.close_connection = True
            self.server.answers[f"GET /v2/app/{path}/tags/list"] = answer
            self.begin()
            self.registry()
            self.component(path)
            self.start()
            self.measure(name, lambda path=path: self.polled(path))

    def test_a_long_list(self):
        manifest = self.server.tag("app/api", "v0.0.1", b"{}")
        tags = json.dumps({"tags": [f"build-{i}" for i in range(100000)]}).encode()
        self.server.answers["GET /v2/app/api/tags/list"] = lambda h: h.reply(200, tags)
        self.begin()
        self.registry()
        self.component("api")
        self.start()
        self.assertTrue(manifest)
        self.measure("a list of 100,000 tags", lambda: self.polled("api"))

    def test_lists_of_many_short_values(self):
        """Fills one page with tags or with keys."""
        for name, page in (("a page of 800,000 tags", {"tags": [f"{i:x}" for i in range(800000)]}),
                           ("a page of 700,000 keys", {"tags": [], "x": {f"{i:x}": 1 for i in range(700000)}})):
            text = json.dumps(page, separators=(",", ":")).encode()
            self.server.answers["GET /v2/app/api/tags/list"] = lambda h, text=text: h.reply(200, text)
            self.begin()
            self.registry()
            self.component("api", '  ignoreTags: [".*"]\n')
            self.start()
            self.measure(name, lambda: self.polled("api"))

    def test_manifests_of_many_keys(self):
        self.server.push("app/api", "v0.1.0")
        for i in range(3):
            self.server.tag("app/api", f"v1.{i}.0", json.dumps({
                "schemaVersion": 2, "mediaType": INDEX, "manifests": [],
                "x": {f"{j:x}": i for j in range(380000)}}, separators=(",", ":")).encode())
        self.begin()
        self.registry()
        self.component("api")
        self.start()
        self.measure("3 manifests of 380,000 keys", lambda: self.polled("api"))

    # --- very large repositories -------------------------------------------------------------------

    def serve_many(self, name, n):
        """Serves n versions in pages with digests, as Artifact Registry does. Returns the newest tag."""
        per_page, newest = 10000, f"1.{(n - 1) // 1000}.{(n - 1) % 1000}"
        head = self.server.push(f"app/{name}", newest)  # relmand reads the manifest of a head

        def page(handler):
            first = int(handler.path.partition("last=")[2].split("&")[0] or 0)
            tags = [f"1.{i // 1000}.{i % 1000}" for i in range(first, min(first + per_page, n))]
            manifests = {head if tag == newest else f"sha256:{i:064x}": {"tag": [tag]} for i, tag in enumerate(tags, first)}
            link = {"Link": f'</v2/app/{name}/tags/list?last={first + per_page}>; rel="next"'} if first + per_page < n else {}
            handler.reply(200, {"name": f"app/{name}", "child": [], "manifest": manifests, "tags": tags}, link)
        self.server.answers[f"GET /v2/app/{name}/tags/list"] = page
        return newest

    def memory(self, peak):
        with open(f"/proc/{self.site.process.pid}/status") as f:
            values = dict(line.split(":", 1) for line in f)
        return int(values["VmHWM" if peak else "VmRSS"].split()[0]) // 1024

    def assert_memory(self, what, most):
        """Compares the peak memory with a bound, except with sanitizers, which keep freed memory."""
        print(f"# {what}: at most {self.memory(True)} MiB, now {self.memory(False)} MiB")
        if not w.SANITIZED:
            self.assertLessEqual(self.memory(True), most)

    def head(self, name):
        return self.call("GET", f"/api/v1/components/{name}/versions?limit=1")[1][0]["tag"]

    def test_a_very_large_repository(self):
        """Measures a first sync, and after a restart a sync that finds new tags. relmand refuses repositories
        with more than 1,000,000 tags."""
        n = w.setting("STALL_TAGS", 100000)
        newest = self.serve_many("api", n - 10)
        self.begin()
        self.registry(", type: gar")
        self.component("api")
        self.start()
        self.measure(f"a first sync of {n:,} tags", lambda: self.polled("api", "True"))
        self.assertEqual(self.head("api"), newest)
        self.assert_memory("a first sync", 256)
        self.site.stop()
        newest = self.serve_many("api", n)
        self.start()

        def polled_again():
            return self.head("api") == newest
        self.measure(f"a restart, and {n:,} known tags", lambda: wait_for(polled_again, 600, "the new head"))
        self.assert_memory("a restart", 256)

    def test_two_very_large_repositories(self):
        n = w.setting("STALL_TAGS", 100000) * 2 // 5
        for name in ("api", "worker"):
            self.serve_many(name, n)
        self.begin()
        self.registry(", type: gar")
        for name in ("api", "worker"):
            self.component(name)
        self.start()
        self.measure(f"first syncs of two repositories of {n:,} tags", lambda: [self.polled(name, "True") for name in ("api", "worker")])
        self.assert_memory("two first syncs", 256)

    # --- patterns ----------------------------------------------------------------------------------

    SLOW = "^((a+)+)+$"
    ALMOST = "^(a+)+$"

    def tags(self, n, size):
        for i in range(n):
            self.server.push("app/api", "a" * size + f"-{i}")

    def plan(self, pattern):
        return {"documents": [{"apiVersion": "relman/v1", "kind": "Component", "metadata": {"name": "api"},
                               "spec": {"imageRepository": f"{self.server.host}/app/api", "ignoreTags": [pattern],
                                        "versioningStrategy": {"type": "semver"}}}]}

    def polled_component(self, size):
        self.tags(4000, size)
        self.begin(UnitSite())
        self.registry()
        self.component("api")
        self.start()
        self.polled("api", "True")

    def commit(self, pattern):
        self.component("api", f"  ignoreTags: ['{pattern}']\n")
        self.site.process.send_signal(1)
        wait_for(lambda: self.call("GET", "/api/v1/components/api")[1].get("ignoreTags") == [pattern], 60, "the specs")
        self.call("POST", "/api/v1/components/api/versions/sync", {})

    def test_a_plan_with_a_pattern_that_is_stopped(self):
        self.polled_component(60)
        self.measure("plan, 4,000 tags, a pattern that is stopped",
                     lambda: self.call("POST", "/api/v1/specs/plan", self.plan(self.SLOW)))

    def test_a_plan_with_a_pattern_that_is_almost_stopped(self):
        self.polled_component(13)
        self.measure("plan, 4,000 tags, a pattern of 2^13 steps",
                     lambda: self.call("POST", "/api/v1/specs/plan", self.plan(self.ALMOST)))

    def test_a_pattern_that_is_stopped(self):
        self.polled_component(60)
        self.measure("commit, 4,000 tags, a pattern that is stopped", lambda: self.commit(self.SLOW))

    def test_a_pattern_that_is_almost_stopped(self):
        self.polled_component(13)
        self.measure("commit, 4,000 tags, a pattern of 2^13 steps", lambda: self.commit(self.ALMOST))

    # --- specs and clients -------------------------------------------------------------------------

    def test_many_components_and_a_change_each_second(self):
        self.begin()
        for i in range(50):
            self.site.write(f"{i}.yaml", "---\n".join(
                f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: c{i}-{j}}}\n"
                f"spec: {{imageRepository: {self.server.host}/app/c{i}, suspend: true}}\n" for j in range(200)))

        def edit():
            for n in range(3):
                self.site.write("more.yaml", f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: more{n}}}\n"
                                             f"spec: {{imageRepository: {self.server.host}/app/more, suspend: true}}\n")
                wait_for(lambda: self.call("GET", f"/api/v1/components/more{n}")[0] == 200, 60, "the specs")
        self.start()
        self.measure("10,000 components, a file changed", edit)

    @staticmethod
    def tree(n):
        """Returns documents of all kinds that refer to each other. The registry of a component is found by
        the host of its image."""
        def document(kind, name, spec):
            return {"apiVersion": "relman/v1", "kind": kind, "metadata": {"name": name}, "spec": spec, "place": {"file": "all.yaml", "line": 1}}
        n_registries, n_components, n_streams = n // 15, n // 2, n // 30
        return [*(document("Registry", f"r{i}", {"url": f"http://h{i}.example"}) for i in range(n_registries)),
                *(document("Component", f"c{i}", {"imageRepository": f"h{i % n_registries}.example/app/c{i}", "suspend": True}) for i in range(n_components)),
                *(document("Release", f"r{i}", {"components": [{"name": f"c{(7 * i + j) % n_components}", "version": "1.0.0"} for j in range(5)]})
                  for i in range(n // 6)),
                *(document("ReleaseStream", f"s{i}", {}) for i in range(n_streams)),
                *(document("Environment", f"e{i}", {"stream": f"s{i % n_streams}"}) for i in range(n // 5))]

    def start_with_token(self):
        """Starts a daemon that also listens on an address. Returns a function that sends a request there, with
        a token, as call() does."""
        port = relman.free_port()
        lines = relman.relmanctl("token", "t")[1].splitlines()
        with open(f"{self.site.folder}/tokens", "w") as f:
            f.write(next(line for line in lines if line.startswith("t ")) + "\n")
        token = next(line.strip() for line in lines if line and " " not in line.strip())
        self.site.start("poll: {interval: 1h}\nlog: {level: error}\n"
                        f"api: {{socket: {self.site.folder}/relmand.sock, listen: ['127.0.0.1:{port}'], "
                        f"tokenFile: {self.site.folder}/tokens}}\n")

        def call(method, path, body):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
            connection.request(method, path, json.dumps(body), {"Authorization": f"Bearer {token}"})
            response = connection.getresponse()
            answer = json.loads(response.read())
            connection.close()
            return response.status, answer
        return call

    def measure_plan(self, name, documents, call=None):
        """Measures a plan that creates or changes all documents. call: sends the request."""
        def plan():
            status, answer = (call or self.call)("POST", "/api/v1/specs/plan", {"documents": documents})[:2]
            self.assertEqual((status, len(answer.get("objects", answer))), (200, len(documents)))
        begin = time.monotonic()
        self.measure(name, plan, since_start=False)
        print(f"# {name} took {time.monotonic() - begin:.1f} s; memory at most {self.memory(True)} MiB")

    def test_plans_of_many_documents(self):
        for n in (5000, 15000, 51700):
            self.begin()
            self.start()
            documents = self.tree(n)
            self.measure_plan(f"a plan of {len(documents):,} documents", documents)

    def test_a_plan_of_many_documents_with_a_token(self):
        """Requests over TCP may use seven eighths of the memory."""
        documents = self.tree(45000)
        self.begin()
        call = self.start_with_token()
        self.measure_plan(f"a plan of {len(documents):,} documents over TCP", documents, call)

    def test_a_plan_that_changes_many_documents(self):
        documents = self.tree(30000)
        self.begin()
        self.write_tree(documents)
        self.start()
        self.measure_plan(f"a plan that changes {len(documents):,} documents", self.label(documents, "b"))

    # --- large trees -------------------------------------------------------------------------------

    def write_tree(self, documents, of_file=100):
        """Writes documents of tree() to files of some hundred lines."""
        for i in range(0, len(documents), of_file):
            self.site.write(f"{i}.yaml", "---\n".join(
                json.dumps({key: value for key, value in document.items() if key != "place"}) + "\n"
                for document in documents[i:i + of_file]))

    def reload(self):
        """Reloads; returns when the specs are loaded again."""
        self.site.kill(signal.SIGHUP)
        self.site.wait_notify("READY=1", 120)

    def label(self, documents, value):
        return [dict(d, metadata=dict(d["metadata"], labels={"team": value})) for d in documents]

    def load_and_change(self, documents, changed, name):
        """Loads documents, then replaces them by changed documents and measures the second load."""
        self.begin()
        self.write_tree(documents)
        self.start()
        self.write_tree(changed)
        self.measure(name, self.reload, since_start=False, bound=BOUND_OF_ADOPTION)

    def test_a_first_load(self):
        self.begin()
        self.write_tree(self.tree(10340))
        begin = time.monotonic()
        self.start()
        self.measure("10,000 documents, the first load", lambda: None)
        print(f"# a start with 10,000 documents took {time.monotonic() - begin:.1f} s")
        self.site.stop()
        begin = time.monotonic()
        self.start()
        self.measure("10,000 documents, a restart", lambda: None)
        print(f"# a restart with 10,000 documents took {time.monotonic() - begin:.1f} s")

    def test_documents_that_appear(self):
        documents = self.tree(10340)
        self.load_and_change(documents[:10], documents, "10,000 documents are added")

    def test_documents_that_all_change(self):
        documents = self.tree(10340)
        self.load_and_change(documents, self.label(documents, "b"), "10,000 documents, all change")

    def test_components_that_change(self):
        documents = self.tree(10340)
        changed = [self.label([d], "b")[0] if d["kind"] == "Component" else d for d in documents]
        self.load_and_change(documents, changed, "5,000 components of 10,000 documents change")

    def test_a_confirmed_prune(self):
        documents = [d for d in self.tree(14000) if d["kind"] == "Component"]
        self.begin()
        self.write_tree(documents, of_file=1000)
        self.start()
        for i in range(1000, len(documents), 1000):
            self.site.remove(f"{i}.yaml")
        self.reload()
        n = len(documents) - 1000

        def confirm():
            self.assertEqual(self.call("POST", "/api/v1/specs/confirm-prune", {})[:2], (200, {"removed": n}))
        self.measure(f"{n:,} components are pruned", confirm, since_start=False)

    def test_a_list_of_all_components(self):
        """Measures only the turns after the specs were loaded. The longest turn is rounded up to 5, 10, 25,
        ... ms."""
        n = 20000
        self.begin()
        for i in range(n // 400):
            self.site.write(f"{i}.yaml", "---\n".join(
                f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: c{i}-{j}}}\n"
                f"spec: {{imageRepository: {self.server.host}/app/c{i}, suspend: true}}\n" for j in range(400)))
        self.start()
        wait_for(lambda: len(self.call("GET", "/api/v1/components")[1]) == n, 120, "the specs")
        self.measure("a list of 20,000 components, without limit",
                     lambda: [self.call("GET", "/api/v1/components") for _ in range(3)], since_start=False)

    def test_the_versions_of_a_large_component(self):
        n = 20000
        tags = {tag: self.server.push("app/api", tag) for tag in (f"v1.{i}.0" for i in range(n))}
        body = json.dumps({"tags": list(tags), "manifest": {d: {"tag": [tag], "timeUploadedMs": "1"} for tag, d in tags.items()}}).encode()
        self.server.answers["GET /v2/app/api/tags/list"] = lambda h: h.reply(200, body)
        self.begin()
        self.registry(", type: gar")
        self.component("api")
        self.start()
        wait_for(lambda: self.call("POST", "/api/v1/components/api/sync-versions?limit=1", {})[1].get("synced") == n, 300, "the versions")
        self.measure("20,000 versions listed, and the answer of a sync",
                     lambda: [self.call(*of) for of in (("GET", "/api/v1/components/api/versions"), ("POST", "/api/v1/components/api/sync-versions", {}))],
                     since_start=False)

    def test_bodies_with_many_keys(self):
        keys = {f"k{i:06}": 1 for i in range(40000)}
        self.begin()
        self.start()
        platforms = {"apiVersion": "relman/v1", "kind": "Component", "metadata": {"name": "api"},
                     "spec": {"imageRepository": "h.example/api", "platforms": [f"linux/a{i}" for i in range(30000)]}}
        self.measure("a plan with 30,000 unknown platforms", lambda: self.call("POST", "/api/v1/specs/plan", {"documents": [platforms]}))
        self.measure("a plan with 40,000 keys, and a release", lambda: [
            self.call("POST", path, body)
            for path, body in (("/api/v1/specs/plan", {"documents": [keys]}), ("/api/v1/releases", keys))])


def tearDownModule():
    print(f"# {'scenario':<52} {'most CPU':>9} {'too long':>9} {'longest turn':>12} {'/healthz':>9}")
    for name, cpu, over, longest, answer in ROWS:
        print(f"# {name:<52} {cpu * 1000:>6.0f} ms {over:>9} {longest * 1000:>9.0f} ms {answer * 1000:>6.0f} ms")


if __name__ == "__main__":
    relman.main()
