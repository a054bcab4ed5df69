#!/usr/bin/env python3
"""Tests that large answers are made in slices. They must take no memory for a client that does not read, and
must continue after specs were reloaded."""

import http.client
import json
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

N = 1000
PAD = "x" * 1500


def memory(site):
    text = site.call("GET", "/metrics")[1]
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("relman_api_memory_bytes "))


class Slices(relman.SiteCase):
    def setUp(self):
        super().setUp()
        self.write("a", range(0, N, 2))
        self.write("b", range(1, N, 2))
        self.site.start("poll: {interval: 1h}\n")
        wait_for(lambda: self.names() == self.wanted(N), what="components", seconds=20)

    def write(self, name, numbers):
        self.site.write(f"{name}.yaml", "---\n".join(
            f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: c{i:04}, displayName: '{PAD}'}}\nspec: {{imageRepository: 127.0.0.1:9/c, suspend: true}}\n"
            for i in numbers))

    def wanted(self, n):
        return [f"c{i:04}" for i in range(n)]

    def names(self, query=""):
        status, answer, self.headers = self.site.call("GET", "/api/v1/components" + query)
        self.assertEqual(status, 200, answer)
        return [c["name"] for c in answer]

    def memory(self):
        return memory(self.site)

    def begin(self, path="/api/v1/components"):
        """Starts a request and reads the head and ten bytes of the answer. Returns (connection, answer, the
        bytes)."""
        connection = relman.UnixConnection(self.site.socket)
        self.addCleanup(connection.close)
        connection.request("GET", path)
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.getheader("Content-Length"), answer.getheader("Transfer-Encoding")), (200, None, "chunked"))
        return connection, answer, answer.read(10)

    def test_a_client_that_does_not_read_holds_one_slice(self):
        connection, answer, begin = self.begin()
        held = [self.memory() for _ in range(20)]
        self.assertLess(max(held), 700000)
        text = begin + answer.read()
        self.assertGreater(len(text), N * len(PAD))
        self.assertEqual([c["name"] for c in json.loads(text)], self.wanted(N))
        connection.request("GET", "/api/v1/components?after=c0997")  # the connection can be used again
        self.assertEqual([c["name"] for c in json.loads(connection.getresponse().read())], ["c0998", "c0999"])
        # pages have a Content-Length and a Link
        self.assertEqual(self.names(f"?limit={N - 1}"), self.wanted(N - 1))
        self.assertEqual((self.headers["Link"], self.headers.get("Transfer-Encoding")),
                         (f'</api/v1/components?limit={N - 1}&after=c{N - 2:04}>; rel="next"', None))
        self.assertEqual(self.names(f"?limit={N}"), self.wanted(N))
        self.assertNotIn("Link", self.headers)


    def test_many_clients_that_read_or_go_away(self):
        before = self.memory()
        answers = [self.begin() for _ in range(40)]
        for connection, answer, begin in answers[:20]:
            self.assertEqual(len(json.loads(begin + answer.read())), N)
        for connection, answer, _ in answers[20:]:
            answer.close()
            connection.close()
        wait_for(lambda: self.memory() <= before, what="answers to end")
        self.assertEqual(self.names(), self.wanted(N))

    def test_specs_that_are_loaded_meanwhile_leave_each_object_once(self):
        _, answer, begin = self.begin()
        os.unlink(os.path.join(self.site.specs, "b.yaml"))
        self.write("d", range(N, N + 200))
        self.site.process.send_signal(1)
        self.site.call("POST", "/api/v1/specs/confirm-prune", {})
        wait_for(lambda: f"c{N + 199:04}" in self.names(f"?after=c{N - 10:04}"), what="the new components")
        wait_for(lambda: self.site.call("POST", "/api/v1/specs/confirm-prune", {}) and len(self.names()) == N // 2 + 200, what="the removal")
        names = [c["name"] for c in json.loads(begin + answer.read())]
        self.assertEqual(names, sorted(set(names)))
        self.assertLessEqual({f"c{i:04}" for i in range(0, N, 2)}, set(names))

    def test_a_daemon_that_stops_ends_its_answers(self):
        _, answer, begin = self.begin()
        start = time.monotonic()
        self.site.stop()
        self.assertLess(time.monotonic() - start, 30)
        try:  # the answer is complete, or the client notices that it is incomplete
            self.assertEqual(len(json.loads(begin + answer.read())), N)
        except http.client.IncompleteRead:
            pass

    def test_a_daemon_that_stops_completes_answers_that_wait_for_their_turn(self):
        connections = [relman.UnixConnection(self.site.socket) for _ in range(40)]
        for connection in connections:
            self.addCleanup(connection.close)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        os.kill(self.site.process.pid, signal.SIGSTOP)  # all requests come in one turn, before the signal to stop
        for connection in connections:
            connection.request("GET", "/api/v1/components?limit=30")
        self.site.process.send_signal(signal.SIGTERM)
        os.kill(self.site.process.pid, signal.SIGCONT)
        answers = [connection.getresponse() for connection in connections]
        self.assertEqual({(a.status, len(json.loads(a.read()))) for a in answers}, {(200, 30)})


class Versions(relman.SiteCase):
    """Tests that versions and tags of one component are read in pages, whose memory is freed."""

    def test_many_versions_come_in_order_and_take_a_slice(self):
        server, n = StandIn(), 3000
        self.addCleanup(server.close)
        tags = {tag: server.push("app/big", tag) for tag in (f"v1.{i // 10}.{i % 10}" for i in range(n))}
        body = json.dumps({"tags": list(tags), "manifest": {digest: {"tag": [tag], "timeUploadedMs": "1"} for tag, digest in tags.items()}}).encode()
        server.answers["GET /v2/app/big/tags/list"] = lambda h: h.reply(200, body)
        self.site.write("all.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\nspec: {{url: '{server.url}', type: gar}}\n---\n"
                                    f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: big}}\nspec: {{imageRepository: {server.host}/app/big, versioningStrategy: {{type: semver}}}}\n")
        self.site.start("poll: {interval: 1h}\n")
        path, newest = "/api/v1/components/big", [f"v1.{i // 10}.{i % 10}" for i in reversed(range(n))]
        wait_for(lambda: self.site.call("POST", path + "/sync-versions?limit=1", {})[1].get("synced") == n, 30, "versions")

        connection = relman.UnixConnection(self.site.socket)
        self.addCleanup(connection.close)
        for method, below, list_of in (("GET", "/versions", lambda a: a), ("GET", "/versions?channel=stable", lambda a: a),
                                       ("POST", "/sync-versions", lambda a: a["versions"]), ("GET", "/tags?limit=10000", lambda a: a["data"])):
            connection.request(method, path + below)
            answer = connection.getresponse()
            self.assertEqual((answer.status, answer.getheader("Content-Length")), (200, None), below)
            self.assertLess(memory(self.site), 700000, below)
            got = [v["tag"] for v in list_of(json.loads(answer.read()))]
            self.assertEqual(got, sorted(newest) if "tags" in below else newest, below)

        self.assertEqual([v["tag"] for v in self.site.call("GET", path + "/versions?limit=250")[1]], newest[:250])
        status, answer, _ = self.site.call("POST", path + "/sync-versions?limit=2", {})
        self.assertEqual((status, answer["synced"], [v["tag"] for v in answer["versions"]]), (200, n, newest[:2]))
        self.assertEqual(self.site.call("POST", path + "/sync-versions?channel=none", {})[1], {"synced": n, "versions": []})
        polls = server.count("tags/list")
        self.assertEqual(self.site.call("POST", path + "/sync-versions?limit=x", {})[0], 400)
        self.assertEqual(server.count("tags/list"), polls)
        page = self.site.call("GET", path + "/tags?limit=1200")[1]
        self.assertEqual(([t["tag"] for t in page["data"]], page["meta"]["next"]), (sorted(tags)[:1200], sorted(tags)[1199]))
        page = self.site.call("GET", path + "/tags?limit=5000&afterTag=" + page["meta"]["next"])[1]
        self.assertEqual(([t["tag"] for t in page["data"]], page["meta"]["next"]), (sorted(tags)[1200:], None))
        self.assertEqual(relman.relmanctl("sync", "big", "--socket", self.site.socket)[:2], (0, f"component 'big': {n} versions\n"))


if __name__ == "__main__":
    relman.main()
