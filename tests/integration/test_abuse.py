#!/usr/bin/env python3
"""Tests clients that are slow, too many or malformed. Other clients must be served normally, and relmand must
release all resources of these clients."""

import http.client
import multiprocessing
import os
import re
import resource
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import Site, wait_for  # noqa: E402

CONNECTIONS = int(os.environ.get("ABUSE_CONNECTIONS", "2000"))


def attack(port, data, drip, ready, stop):
    """Keeps many connections open until stop is set. Each sends data first, and drip each second."""
    connections, last, opened = {}, time.monotonic(), 0
    while not stop.is_set():
        for _ in range(64 if opened < CONNECTIONS else 4):
            if len(connections) >= CONNECTIONS:
                break
            c = socket.socket()
            c.setblocking(False)
            c.connect_ex(("127.0.0.1", port))
            connections[c.fileno()] = [c, False]
            opened += 1
        for fd, state in list(connections.items()):
            try:
                if not state[1] and (not data or state[0].send(data)):
                    state[1] = True
                elif state[1] and time.monotonic() - last > 1 and drip:
                    state[0].send(drip)
            except BlockingIOError:
                pass
            except OSError:
                state[0].close()
                del connections[fd]
        if time.monotonic() - last > 1:
            last = time.monotonic()
        if opened >= CONNECTIONS:
            ready.set()
        time.sleep(0.005)


class Abuse(unittest.TestCase):
    def setUp(self):
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
        if limit < CONNECTIONS + 200:
            self.skipTest(f"only {limit} descriptors")
        self.site = Site()
        self.addCleanup(self.site.close)
        self.port = relman.free_port()
        status, out, err = relman.relmanctl("token", "t")
        self.token = re.search(r"^(\S+)$", out, re.M).group(1)
        with open(os.path.join(self.site.folder, "tokens"), "w") as f:
            f.write(re.search(r"^t default read.*$", out, re.M).group(0) + "\n")
        self.site.write("c.yaml", "apiVersion: relman/v1\nkind: Component\nmetadata: {name: api}\n"
                                  "spec: {imageRepository: 127.0.0.1:1/app/api, suspend: true}\n")
        self.site.start(f"api: {{socket: {self.site.folder}/relmand.sock, listen: ['127.0.0.1:{self.port}'], tokenFile: {self.site.folder}/tokens}}\n")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.site.process.pid}/fd"))

    def good_client(self, times, keep):
        connection = None
        for _ in range(100):
            start = time.monotonic()
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
                connection.request("GET", "/api/v1/components", headers={"Authorization": "Bearer " + self.token})
                answer = connection.getresponse()
                answer.read()
                times.append(time.monotonic() - start if answer.status == 200 else None)
            except OSError:
                times.append(None)
                keep = False
            if not keep:
                connection.close()
                connection = None
            time.sleep(0.005)

    def measure(self):
        times = []
        threads = [threading.Thread(target=self.good_client, args=(times, i % 2 == 0)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(times.count(None), 0, f"of {len(times)} failed")
        return sorted(times)[len(times) * 99 // 100]

    def under(self, data, drip=None):
        before = self.descriptors()
        ready, stop = multiprocessing.Event(), multiprocessing.Event()
        process = multiprocessing.Process(target=attack, args=(self.port, data, drip, ready, stop), daemon=True)
        process.start()
        try:
            self.assertTrue(ready.wait(30))
            time.sleep(1)  # the attack must have some effect first
            # No client may wait indefinitely. The time is only printed, because the machine may be busy.
            print(f"# {self.id().split('.')[-1]}: other clients' p99 is {self.measure() * 1000:.0f} ms", flush=True)
            self.assertEqual(self.site.call("GET", "/healthz")[0], 200)
        finally:
            stop.set()
            process.join(10)
        wait_for(lambda: self.descriptors() <= before + 1, seconds=10, what="descriptors back")

    def test_half_open_connections(self):
        self.under(b"")

    def test_slow_heads(self):
        self.under(b"GET /api/v1/components HTTP/1.1\r\nHost: x\r\nX: ", b"a")

    def test_slow_bodies(self):
        self.under(f"POST /api/v1/releases HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.token}\r\nContent-Length: 100000\r\n\r\n{{".encode(), b" ")

    def test_huge_headers(self):
        self.under(b"GET /api/v1/components HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70000)

    def raw(self, data):
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as c:
            c.sendall(data)
            out = b""
            try:
                while chunk := c.recv(65536):
                    out += chunk
                    if b"\r\n\r\n" in out and not out.startswith(b"HTTP/1.1 100"):
                        break
            except OSError:
                pass
            return out

    def test_a_slow_head_ends_in_seconds(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as c:
            c.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
            start = time.monotonic()
            while time.monotonic() - start < 15:
                try:
                    c.sendall(b"X: y\r\n")
                    c.settimeout(0.5)
                    if c.recv(1) == b"":
                        break
                except TimeoutError:
                    continue
                except OSError:
                    break
            self.assertLess(time.monotonic() - start, 9)

    def test_malformed_requests_change_nothing_and_end_nothing(self):
        auth = f"Host: x\r\nAuthorization: Bearer {self.token}\r\n".encode()
        for data, statuses in ((b"GET /api/v1/components HTTP/1.1\r\n" + auth + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (400,)),
                               (b"POST /api/v1/releases HTTP/1.1\r\n" + auth + b"Content-Length: 2147483648\r\n\r\n", (403, 413)),
                               (b"POST /api/v1/releases HTTP/1.1\r\n" + auth + b"Content-Length: -1\r\n\r\n", (400, 403, 413)),
                               (b"GET /../../etc/passwd HTTP/1.1\r\n" + auth + b"\r\n", (404,)),
                               (b"GET /api/v1/components/%2e%2e/%00 HTTP/1.1\r\n" + auth + b"\r\n", (400, 404)),
                               (b"GET /" + b"a/" * 5000 + b" HTTP/1.1\r\n" + auth + b"\r\n", (404, 414)),
                               (b"GET /api/v1/components?" + b"a=b&" * 5000 + b" HTTP/1.1\r\n" + auth + b"\r\n", (414, 431, None)),
                               (b"GET /api/v1/components HTTP/1.1\r\nAuthorization: Bearer " + b"x" * 20000 + b"\r\nHost: x\r\n\r\n", (401, 431)),
                               (b"BREW /api/v1/components HTTP/1.1\r\n" + auth + b"\r\n", (405, 501)),
                               (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", (400, None)), (b"\r\n\r\n\0\0\0\r\n\r\n", (400, None))):
            out = self.raw(data)
            status = int(out.split()[1]) if out else None
            self.assertIn(status, statuses, (data[:80], out[:200]))
        status, answer, _ = self.site.call("POST", "/api/v1/releases", '{"name":' + "[" * 1000 + "]" * 1000 + "}")
        self.assertEqual(status, 400, answer)
        self.assertEqual({e["outcome"] for e in self.site.call("GET", "/api/v1/audit")[1]["data"]}, {"refused"})

    def test_a_revoked_token_hears_no_more_events(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=25)
        connection.request("GET", "/api/v1/events?after=0", headers={"Authorization": "Bearer " + self.token, "Accept": "text/event-stream"})
        stream = connection.getresponse()
        self.assertIn(b"id: 1", b"".join(stream.readline() for _ in range(4)))
        with open(os.path.join(self.site.folder, "tokens"), "w"):
            pass
        self.site.write("d.yaml", "apiVersion: relman/v1\nkind: Component\nmetadata: {name: secret}\n"
                                  "spec: {imageRepository: 127.0.0.1:1/app/api, suspend: true}\n")
        self.assertNotIn(b"secret", stream.read())


if __name__ == "__main__":
    relman.main()
