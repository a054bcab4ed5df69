#!/usr/bin/env python3
"""Tests the memory that clients can use: bodies, answers, streams. The total is limited, and relmand does not
read bodies of clients without access."""

import json
import os
import re
import select
import signal
import socket
import struct
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import Site, wait_for  # noqa: E402

MIB = 1024 * 1024
SECRET = "correct horse"
LONG = "t" * 200  # long, so that memory that is not freed adds up


def components(n, size):
    """Returns documents of n components with display names of the given size."""
    return "---\n".join(f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: c{i}, displayName: '{'x' * size}'}}\n"
                        f"spec: {{imageRepository: 127.0.0.1:1/app/c{i}, suspend: true}}\n" for i in range(n))


class Client:
    """A connection for requests that no HTTP library would send."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # small, so that unread data stays in relmand
        self.socket.settimeout(20)
        self.socket.connect(address)

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            pass  # relmand already refused the request and closed the connection

    def status(self):
        """Reads only the head of the answer; returns the status."""
        head = b""
        while b"\r\n\r\n" not in head:
            byte = self.socket.recv(1)
            if not byte:
                raise AssertionError(f"closed after {head}")
            head += byte
        self.head = head.decode()
        return int(head.split()[1])

    def rest(self):
        size = int(re.search(r"(?i)content-length: (\d+)", self.head).group(1))
        return self.socket.makefile("rb").read(size)

    def is_answered(self):
        return bool(select.select([self.socket], [], [], 0)[0])

    def close(self):
        self.socket.close()


class Memory(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        cls.port = relman.free_port()
        lines = ""
        cls.tokens = {}
        for name, tenant in (("t", "default"), ("u", "default"), ("o", "other"), (LONG, "other")):
            _, out, _ = relman.relmanctl("token", name, "--tenant", tenant)
            cls.tokens[name] = re.search(r"^(\S+)$", out, re.M).group(1)
            lines += re.search(rf"^{name} \S+ read.*$", out, re.M).group(0) + "\n"
        with open(os.path.join(cls.site.folder, "tokens"), "w") as f:
            f.write(lines)
        secret = os.path.join(cls.site.folder, "secret")
        with open(secret, "w") as f:
            f.write(SECRET)
        cls.site.write("r.yaml", "apiVersion: relman/v1\nkind: Registry\nmetadata: {name: r}\n"
                                 f"spec: {{url: 'http://127.0.0.1:1', hook: {{secretFile: '{secret}'}}}}\n")
        cls.site.write("e.yaml", relman.document("ReleaseStream", "s") + "---\n" + relman.document("Environment", "prod", "stream: s"))
        for i in range(4):
            cls.site.write(f"t{i}.yaml", components(100, 4000).replace("name: c", f"name: c{i}-"))
        cls.site.start(f"api: {{socket: {cls.site.folder}/relmand.sock, listen: ['127.0.0.1:{cls.port}'], "
                       f"tokenFile: {cls.site.folder}/tokens}}\n")

    def setUp(self):
        wait_for(lambda: self.held() < 32 * 1024 and self.metric("relman_api_streams") == 0, what="memory given back")

    def metric(self, name):
        _, text, _ = self.site.call("GET", "/metrics")
        return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.M).group(1))

    def held(self):
        return self.metric("relman_api_memory_bytes")

    def client(self, local=False):
        client = Client(self.site.socket if local else ("127.0.0.1", self.port))
        self.addCleanup(client.close)
        return client

    def head(self, method, path, *fields, token="t"):
        return "".join(line + "\r\n" for line in (f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {self.tokens[token]}" if token else "X: y",
                                                  *fields, "")).encode()

    def rss(self):
        with open(f"/proc/{self.site.process.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) / 1024

    def is_sanitized(self):
        with open(f"/proc/{self.site.process.pid}/maps") as f:
            return "asan" in f.read()

    def test_who_may_not_ask_is_refused_by_the_head(self):
        before, body = self.rss(), b"x" * MIB
        clients = [self.client() for _ in range(100)]
        for client in clients:
            client.send(self.head("POST", "/api/v1/specs/plan", "Content-Length: 16777216", token=None))
            self.assertEqual(client.status(), 401)
            client.send(body)
        self.assertLess(self.held(), 2 * MIB)
        if not self.is_sanitized():
            self.assertLess(self.rss() - before, 32)

    def test_each_refusal_comes_before_the_body(self):
        for method, path, token, status in (("POST", "/api/v1/releases", "t", 403), ("POST", "/api/v1/specs/plan?tenant=other", "t", 404),
                                            ("POST", "/nowhere", "t", 404), ("POST", "/healthz", "t", 405), ("POST", "/hooks/v1/r", None, 401),
                                            ("POST", "/hooks/v1/nothing", None, 401), ("POST", "/hooks/v1/r/wrong", None, 401),
                                            ("POST", "/hooks/v1/nothing/wrong", None, 401)):
            for expect in ("X: y", "Expect: 100-continue"):
                with self.subTest(path, expect=expect):
                    client = self.client()
                    client.send(self.head(method, path, "Content-Length: 100000", expect, token=token))
                    self.assertEqual(client.status(), status)
        client = self.client()
        client.send(self.head("POST", "/api/v1/specs/plan", "Content-Length: 16777217", "Expect: 100-continue"))
        self.assertEqual(client.status(), 413)

    def test_who_may_ask_is_told_to_go_on(self):
        client = self.client()
        client.send(self.head("POST", "/api/v1/specs/plan", "Content-Length: 2", "Expect: 100-continue"))
        self.assertEqual(client.status(), 100)
        client.send(b"{}")
        self.assertEqual(client.status(), 200)

    def test_a_client_that_sends_all_before_it_reads_gets_its_refusal(self):
        for size in (100000, 4 * MIB):
            client = self.client()
            client.send(self.head("POST", "/api/v1/specs/plan", f"Content-Length: {size}", token=None))
            time.sleep(0.05)
            # relmand must not reset the connection, because the client could not read the answer then
            client.socket.sendall(b" " * size)
            self.assertEqual(client.status(), 401)
            self.assertEqual(json.loads(client.rest())["status"], 401)

    def test_all_bodies_together_have_a_bound(self):
        limit, refused = self.metric("relman_api_memory_limit_bytes"), self.metric("relman_api_memory_refused_total")
        clients = [self.client() for _ in range(12)]
        head = self.head("POST", "/api/v1/specs/plan", "Content-Length: 8000000")
        threads = [threading.Thread(target=client.send, args=(head + b" " * 7999998,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wait_for(lambda: self.held() > limit / 4, what="bodies held")
        self.assertLess(self.held(), limit)
        # clients on the socket still get answers
        self.assertEqual(self.site.call("GET", "/api/v1/status")[0], 200)
        self.assertEqual(self.site.call("POST", "/api/v1/specs/plan", " " * MIB + "{}")[0], 200)
        for client in clients:
            client.send(b"{}")
        statuses = [client.status() for client in clients]
        self.assertLessEqual(set(statuses), {200, 503})
        self.assertIn(503, statuses)
        self.assertIn("Retry-After: ", clients[statuses.index(503)].head)
        self.assertEqual(json.loads(clients[statuses.index(503)].rest())["status"], 503)
        self.assertGreater(self.metric("relman_api_memory_refused_total"), refused)
        wait_for(lambda: self.held() < MIB, what="memory given back")

    def test_what_can_never_fit_is_too_large_and_not_asked_for_again(self):
        """There is only one request, so that a retry could not help."""
        refused = self.metric("relman_api_memory_refused_total")
        plan = ('{"documents": [' + "{}," * 500000 + "{}]}").encode()
        release = ('{"name": "x", "components": [' + "[]," * 340000 + "[]]}").encode()
        of_plan = "plan each tenant alone: relmanctl plan --tenant NAME"
        for local, path, body, limit, advice in ((True, "/api/v1/specs/plan", plan, 64 * MIB, of_plan), (False, "/api/v1/specs/plan", plan, 56 * MIB, of_plan),
                                                 (True, "/api/v1/releases", release, 64 * MIB, "send a smaller one")):
            with self.subTest(path, local=local):
                client = self.client(local=local)
                client.send(self.head("POST", path, f"Content-Length: {len(body)}") + body)
                self.assertEqual(client.status(), 413)
                self.assertNotIn("Retry-After", client.head)
                answer = json.loads(client.rest())
                self.assertEqual(answer["status"], 413)
                found = int(re.search(r"more memory than the (\d+) bytes that relmand gives one; " + advice, answer["detail"]).group(1))
                self.assertTrue(limit <= found < limit + MIB, (found, limit))
        self.assertEqual(self.metric("relman_api_memory_refused_total"), refused)

    def test_a_plan_holds_one_document_at_a_time(self):
        """As nodes, all documents together would take more than the share of one request."""
        plan = {"documents": [{"apiVersion": "relman/v1", "kind": "Environment", "spec": {},
                               "metadata": {"name": f"e{i}", "labels": {f"k{j}": "" for j in range(9000)}}} for i in range(55)]}
        connection = relman.UnixConnection(self.site.socket, 300)
        status, answer, _ = self.site.call("POST", "/api/v1/specs/plan", plan, connection=connection)
        connection.close()
        self.assertEqual((status, sum(o["action"] == "created" for o in answer["objects"])), (200, 55))
        wait_for(lambda: self.held() < MIB, what="memory given back")

    def test_bodies_that_clients_gave_up_are_forgotten(self):
        """Clients close the connection together with the last bytes. libmicrohttpd would keep these bodies
        for half a minute."""
        body = self.head("POST", "/hooks/v1/r", "Content-Length: 262144", "X-Hub-Signature-256: sha256=00", token=None) + b" " * 200000
        for local in (False, True):
            with self.subTest(local=local):
                clients = [self.client(local=local) for _ in range(60)]
                self.site.kill(signal.SIGSTOP)
                for client in clients:
                    client.socket.setblocking(False)
                    try:
                        client.socket.send(body)  # sends as much as fits into the memory of the sockets
                    except BlockingIOError:
                        pass
                    client.close()
                self.site.kill(signal.SIGCONT)
                wait_for(lambda: self.metric('relman_api_memory_share_bytes{share="hooks"}') == 0, seconds=20, what="bodies forgotten")
        client = self.client()
        client.send(self.head("POST", "/hooks/v1/r", "Content-Length: 2", f"Authorization: Bearer {SECRET}", token=None) + b"{}")
        self.assertEqual(client.status(), 202)

    def test_a_client_that_ends_its_side_with_a_complete_request_is_answered(self):
        body = b"{}" + b" " * 250000
        client = self.client()
        client.send(self.head("POST", "/hooks/v1/r", f"Content-Length: {len(body)}", f"Authorization: Bearer {SECRET}", token=None)
                    .replace(b"X: y\r\n", b"") + body)
        client.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(client.status(), 202)

    def test_a_hook_with_a_long_path_takes_nothing_from_later_ones(self):
        """The memory of its head is moved to the share of hooks, and must be returned to this share."""
        for size in (100, 6000, 8000, 9500):
            client = self.client()
            client.send(self.head("POST", "/hooks/v1/" + "x" * size, "Content-Length: 0", token=None))
            self.assertEqual(client.status(), 401)
            client.close()
        wait_for(lambda: self.metric('relman_api_memory_share_bytes{share="hooks"}') == 0
                 and self.metric('relman_api_memory_share_bytes{share="tcp"}') == 0, what="both shares given back")
        body = json.dumps({"x": "y" * 60000}).encode()
        client = self.client()
        client.send(self.head("POST", "/hooks/v1/r", f"Content-Length: {len(body)}", f"X-Token: {SECRET}", token=None).replace(
            b"X-Token: ", b"Authorization: Bearer ") + body)
        self.assertNotEqual(client.status(), 503)

    def test_bodies_of_hooks_have_a_bound_of_their_own(self):
        limit = self.metric("relman_api_memory_limit_bytes")
        clients = [self.client() for _ in range(100)]
        for client in clients:
            client.send(self.head("POST", "/hooks/v1/r", "Content-Length: 262144", "X-Hub-Signature-256: sha256=00", token=None))
            client.send(b" " * 262143)
        wait_for(lambda: self.held() > limit / 16, what="bodies held")
        self.assertLess(self.held(), limit / 4)
        self.assertEqual(self.client_status("/api/v1/status"), 200)
        for client in clients:
            client.send(b" ")
        self.assertEqual({client.status() for client in clients}, {401, 503})

    def client_status(self, path):
        client = self.client()
        client.send(self.head("GET", path))
        return client.status()

    def test_answers_that_nobody_reads_have_a_bound(self):
        clients = [self.client() for _ in range(100)]
        for client in clients:
            client.send(self.head("GET", "/api/v1/components?limit=1000"))
        statuses = [client.status() for client in clients]
        self.assertEqual(set(statuses), {200, 503})
        self.assertLessEqual(self.held(), self.metric("relman_api_memory_limit_bytes"))
        self.assertEqual(self.site.call("GET", "/api/v1/components/c1-1")[0], 200)
        whole = clients[statuses.index(200)]
        self.assertGreaterEqual(len(json.loads(whole.rest())), 400)

    def test_lists_that_nobody_reads_take_a_slice_each(self):
        clients = [self.client() for _ in range(100)]
        for client in clients:
            client.send(self.head("GET", "/api/v1/components"))
        self.assertEqual({client.status() for client in clients}, {200})
        self.assertLess(self.held(), self.metric("relman_api_memory_limit_bytes"))
        self.assertEqual(self.site.call("GET", "/api/v1/components/c1-1")[0], 200)

    def test_many_answers_at_once_leave_others_their_turn(self):
        local = [relman.UnixConnection(self.site.socket) for _ in range(2)]
        self.addCleanup(lambda: [connection.close() for connection in local])

        def health():
            self.assertEqual(self.site.call("GET", "/healthz", connection=local[0])[0], 200)

        for _ in range(5):
            clients = [self.client() for _ in range(24)]
            health()
            self.site.kill(signal.SIGSTOP)  # so that all requests are ready at the same time
            for client in clients:
                client.send(self.head("GET", "/api/v1/components"))
            local[1].request("GET", "/healthz")
            self.site.kill(signal.SIGCONT)
            local[1].getresponse().read()
            health()
            left = sum(not client.is_answered() for client in clients)
            self.assertEqual({client.status() for client in clients}, {200})
            for client in clients:
                client.close()
            if left > 0:
                return
        self.fail("all were answered before anybody else")


    def stream(self, token, path="/api/v1/events"):
        client = self.client(local=token is None)
        client.send(self.head("GET", path, "Accept: text/event-stream", token=token))
        return client, client.status()

    def close_all(self, streams):
        for client, _ in streams:
            client.close()

    def test_streams_of_one_tenant_leave_places_to_others(self):
        streams = [self.stream("tu"[i % 2]) for i in range(17)]
        self.assertEqual([status for _, status in streams], [200] * 16 + [503])
        streams += [self.stream("o"), self.stream(None)]
        self.assertEqual([status for _, status in streams[-2:]], [200, 200])
        self.close_all(streams)

    def test_a_closed_stream_gives_its_place_back_before_the_next_sign_of_life(self):
        for _ in range(2):
            streams = [self.stream("t") for _ in range(16)]
            self.assertEqual({status for _, status in streams}, {200})
            self.close_all(streams)

            def has_place():
                client, status = self.stream("t")
                client.close()
                return status == 200
            wait_for(has_place, what="a place")
            wait_for(lambda: self.metric("relman_api_streams") == 0, what="all places")

    def test_a_client_that_only_stops_sending_hears_on(self):
        client, status = self.stream("t", "/api/v1/events?after=0")
        self.assertEqual(status, 200)
        # the end of the connection is noticed at once
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.socket.shutdown(socket.SHUT_WR)
        lines = client.socket.makefile("rb")
        while b"still here" not in lines.readline():
            pass
        name = "after-the-end"
        self.site.write("after.yaml", components(1, 1).replace("name: c0", "name: " + name))
        while name.encode() not in lines.readline():
            pass

    def test_events_cost_who_follows_them_no_memory(self):
        client, status = self.stream(LONG)
        self.assertEqual(status, 200)
        before = self.held()
        status, answer, _ = self.site.call("POST", "/api/v1/components", {"name": "new", "imageRepository": "127.0.0.1:1/app/new", "suspend": True})
        self.assertEqual(status, 201, answer)
        for i in range(80):
            status, answer, _ = self.site.call("PUT", "/api/v1/components/new", {"displayName": f"{i}"})
            self.assertEqual(status, 200, answer)
        self.assertLess(self.held() - before, 4096)


if __name__ == "__main__":
    relman.main()
