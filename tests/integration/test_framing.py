#!/usr/bin/env python3
"""Tests requests that are malformed according to RFC 9112. relmand must refuse them and must not read a
second request after them."""

import os
import re
import socket
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import Site, document  # noqa: E402

NEXT = b"GET /healthz HTTP/1.1\r\nHost: next\r\nX-Behind: yes\r\n\r\n"


def answers(out):
    """Returns the statuses of all answers in the bytes."""
    return [int(s) for s in re.findall(rb"HTTP/1\.1 (\d\d\d) ", out)]


class Framing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        cls.port = relman.free_port()
        _, out, _ = relman.relmanctl("token", "t")
        cls.token = re.search(r"^(\S+)$", out, re.M).group(1)
        with open(os.path.join(cls.site.folder, "tokens"), "w") as f:
            f.write(re.search(r"^t default read.*$", out, re.M).group(0) + "\n")
        cls.site.write("c.yaml", document("Component", "api", "imageRepository: 127.0.0.1:1/app/api, suspend: true"))
        cls.site.start(f"api: {{socket: {cls.site.folder}/relmand.sock, listen: ['127.0.0.1:{cls.port}'], "
                       f"tokenFile: {cls.site.folder}/tokens}}\n")

    def raw(self, data, pieces=False):
        """Sends data, at once or in pieces of one byte. Reads until the connection is closed or silent.
        Returns the bytes and whether the connection was closed."""
        with socket.socket(socket.AF_UNIX) as c:
            c.connect(self.site.socket)
            c.settimeout(3)
            out = b""
            try:
                for piece in [data[i:i + 1] for i in range(len(data))] if pieces else [data]:
                    c.sendall(piece)
            except OSError:
                pass
            try:
                while chunk := c.recv(65536):
                    out += chunk
            except ConnectionError:
                pass
            except TimeoutError:
                return out, False
            return out, True

    def refused(self, data, statuses=(400,), twice=False):
        """Checks that relmand refuses data with one of the statuses, or without an answer, and closes the
        connection. twice: allow two equal answers, because libmicrohttpd 0.9.75 refuses a wrong
        Content-Length twice. libmicrohttpd 1.0.1 sends no answer if the request line contains a NUL."""
        with self.subTest(data[:100]):
            out, closed = self.raw(data + NEXT)
            self.assertLessEqual(len(set(answers(out)) if twice else answers(out)), 1, (data, out))
            self.assertLessEqual(set(answers(out)), set(statuses), (data, out))
            self.assertTrue(closed, data)

    def taken(self, data, status=200):
        with self.subTest(data[:100]):
            out, _ = self.raw(data)
            self.assertEqual(answers(out), [status], (data, out))

    def test_a_nul_anywhere_is_refused(self):
        for target in (b"/api/v1/components/api%00", b"/api/v1/components/api%00x", b"/healthz%00/x", b"/%00healthz",
                       b"/healthz\0", b"/healthz\0x", b"/api/v1/components?tenant=default%00x", b"/api/v1/components?tenant=default\0x",
                       b"/api/v1/components?a%00b=c", b"/api/v1/components?%00=c", b"/healthz?x=%00", b"/healthz?\0",
                       b"/healthz\0 HTTP/1.1\0\0X: y", b"/healthz\0HTTP/1.1"):
            self.refused(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        for field in (b"X: a\0", b"X: a\0b", b"X: \0", b"X\0: a", b"X: a\0\0Y: b", b"X: a\0\0\0\0", b"X: a\0b\nY: b", b"\0: a",
                      b"Idempotency-Key: k\0", b"Authorization: Bearer x\0y", b"Accept: text/event-stream\0"):
            self.refused(b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + field + b"\r\n\r\n")
            self.refused(b"GET /healthz HTTP/1.1\r\n" + field + b"\r\nHost: x\r\n\r\n")
        self.refused(b"GE\0T /healthz HTTP/1.1\r\nHost: x\r\n\r\n")

    def test_what_follows_a_nul_reaches_nothing(self):
        status, answer, _ = self.site.call("GET", "/api/v1/components/api%00/versions")
        self.assertEqual((status, answer["detail"]), (400, "malformed request: the request target holds a NUL"))

    def test_control_characters_in_the_target_are_refused(self):
        for target in (b"/healthz%0a", b"/healthz%0d%0ax", b"/%1b[31m", b"/x%7f", b"/x\x01", b"/x\x7f", b"/a b", b"/healthz?a b", b"/x\ty"):
            self.refused(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        self.taken(b"GET /healthz?x=a%0ab HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    def test_request_lines(self):
        for line in (b"GET  /healthz HTTP/1.1", b"GET /healthz  HTTP/1.1", b"GET /healthz HTTP/1.1 ", b"GET\t/healthz HTTP/1.1",
                     b"G(T /healthz HTTP/1.1", b"GET /healthz http/1.1", b"GET /healthz HTTP/1.1x", b"GET /healthz\rHTTP/1.1"):
            self.refused(line + b"\r\nHost: x\r\n\r\n", (400, 501))
        self.refused(b"GET /healthz HTTP/1.1\nHost: x\r\n\r\n")
        self.refused(b"GET /healthz HTTP/3.0\r\nHost: x\r\n\r\n", (505,))

    def test_hosts(self):
        for hosts in (b"", b"Host: a\r\nHost: a\r\n", b"Host: a\r\nhOST: b\r\n", b"Host: a b\r\n", b"Host: a/b\r\n", b"Host: a@b\r\n", b"Host: a:b\r\n",
                      b"Host: a:1:2\r\n", b"Host: [::1\r\n", b"Host: [::1]x\r\n", b"Host: a,b\r\nHost: c\r\n", b"Host: a#\r\n", b"Host: a?\r\n"):
            self.refused(b"GET /healthz HTTP/1.1\r\n" + hosts + b"\r\n")
        for host in (b"", b"a", b"a.example:80", b"[::1]:8080", b"127.0.0.1", b"a \t"):
            self.taken(b"GET /healthz HTTP/1.1\r\nConnection: close\r\nHost: " + host + b"\r\n\r\n")
        self.taken(b"GET /healthz HTTP/1.0\r\n\r\n")
        self.refused(b"GET /healthz HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n")

    def test_a_target_may_be_in_absolute_form(self):
        for target in (b"http://host/healthz", b"HTTP://host:80/healthz", b"https://127.0.0.1:1/healthz?x=y", b"http://[::1]:8080/healthz",
                       b"http://other/api/v1/components?tenant=default", b"http://host", b"http://host/", b"http://host?x=y"):
            self.taken(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        for target in (b"http://host/nowhere", b"ftp://host/healthz", b"http:/healthz"):
            self.taken(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404)
        for target in (b"http:///healthz", b"http://:80/healthz", b"http://a@host/healthz", b"http://a:b@host/healthz", b"http://a%2fb/healthz", b"http://?x/healthz",
                       b"http://a:b/healthz", b"http://[::1/healthz", b"https://a b/healthz", b"http://a\\b/healthz", b"http://host%00/healthz"):
            self.refused(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        # with an absolute target relmand ignores the value of Host, but the field must be valid
        for hosts in (b"", b"Host: a\r\nHost: a\r\n", b"Host: a b\r\n"):
            self.refused(b"GET http://host/healthz HTTP/1.1\r\n" + hosts + b"\r\n")
        self.taken(b"GET http://host/healthz HTTP/1.0\r\n\r\n")
        status, answer, _ = self.site.call("GET", "http://host/nowhere")
        self.assertEqual((status, answer["detail"]), (404, "there is nothing at /nowhere"))

    def test_head_is_get_without_its_body(self):
        """Tests every route. Later requests on the same connection must still work."""
        with open(os.path.join(relman.SRCDIR, "src/api/routes.c")) as f:
            paths = re.findall(r'\.method = "GET", \.pattern = "([^"]+)"', f.read())
        self.assertGreater(len(paths), 25)
        seen = set()
        for path in paths + ["/api/v1/components?limit=x", "/nowhere"]:
            for id in ("api", "nothing"):
                target = re.sub(r"\{\w+\}", id, path).encode()
                with self.subTest(target):
                    heads = {}
                    for method in (b"GET", b"HEAD"):
                        close = method == b"GET" and b"Connection: close\r\n" or b""
                        out, _ = self.raw(method + b" " + target + b" HTTP/1.1\r\nHost: x\r\n" + close + b"\r\n" +
                                          (b"" if close else NEXT[:-2] + b"Connection: close\r\n\r\n"))
                        head, _, rest = out.partition(b"\r\n\r\n")
                        if not close and b"\r\nConnection: close" not in head:
                            self.assertRegex(rest, rb"^HTTP/1\.1 200 OK\r\n")
                        elif not close:
                            self.assertEqual(rest, b"")
                        drop = rb"\r\n(Date|Connection|Content-Length): [^\r]*" if path in ("/metrics", "/api/v1/status") else rb"\r\n(Date|Connection): [^\r]*"
                        heads[method] = re.sub(drop, b"", head)
                    self.assertEqual(heads[b"GET"], heads[b"HEAD"])
                    seen.add(heads[b"GET"][9:12])
        self.assertLessEqual({b"200", b"404", b"400"}, seen)

    def test_head_of_a_stream_has_its_headers_alone(self):
        stream = b" /api/v1/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"
        out, closed = self.raw(b"HEAD" + stream + NEXT[:-2] + b"Connection: close\r\n\r\n")
        head, _, rest = out.partition(b"\r\n\r\n")
        self.assertTrue(closed, out)
        self.assertRegex(head, rb"^HTTP/1\.1 200 OK\r\n(.*\r\n)*Content-Type: text/event-stream")
        self.assertNotIn(b"Content-Length", head)
        if b"Connection: close" in head:  # with libmicrohttpd 0.9.75
            self.assertEqual(rest, b"")
        else:
            self.assertRegex(rest, rb"^HTTP/1\.1 200 OK\r\n")
        connection = relman.UnixConnection(self.site.socket)
        self.addCleanup(connection.close)
        for method, path, headers in (("HEAD", "/api/v1/events", {"Accept": "text/event-stream"}), ("GET", "/healthz", {}),
                                      ("HEAD", "/api/v1/events", {"Accept": "text/event-stream"}), ("GET", "/api/v1/components", {})):
            status, body, _ = self.site.call(method, path, headers=headers, connection=connection)
            self.assertEqual((status, bool(body)), (200, method == "GET"))
        self.assertEqual(self.site.call("GET", "/api/v1/events", headers={"Accept": "application/json"}, connection=connection)[0], 200)

    def test_what_a_target_takes_is_said(self):
        for path, wanted in (("/healthz", "GET, HEAD"), ("/api/v1/components", "GET, HEAD, POST"), ("/api/v1/components/api", "GET, HEAD, PUT, DELETE"),
                             ("/api/v1/releases/from-latest", "POST, GET, HEAD, PUT, DELETE")):
            status, _, headers = self.site.call("PATCH", path)
            self.assertEqual((status, headers["Allow"]), (405, wanted), path)
            self.assertEqual(self.site.call("OPTIONS", path)[0], 405)

    def test_field_lines(self):
        for field in (b"X : y", b"X\t: y", b" X: y", b"X: y\r\n z", b"X: y\r\n\tz", b"X: y\r\n ", b"X", b": y", b"X Y: z", b"X: a\rb", b"X: a\r", b"X: a\nY: b",
                      b"X: \x01", b"X: \x7f", b"X(: y", b"Content-Length\r\n : 5", b"X: y\r\n Transfer-Encoding: chunked"):
            self.refused(b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + field + b"\r\n\r\n")
            self.refused(b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + field + b"\r\nZ: z\r\n\r\n")
            self.refused(b"GET /healthz HTTP/1.1\r\nHost: x\r\nA: a\r\n" + field + b"\r\nZ: z\r\n\r\n")

    def test_lengths(self):
        for field in (b"Content-Length: 5\r\nContent-Length: 5", b"Content-Length: 0\r\nContent-Length: 5", b"Content-Length: 5\r\ncontent-length: 6",
                      b"Content-Length: +5", b"Content-Length: -5", b"Content-Length: 5, 5", b"Content-Length: 0x5", b"Content-Length: 5a",
                      b"Content-Length:", b"Content-Length: 5 5", b"Content-Length: 5\r\nTransfer-Encoding: chunked",
                      b"Transfer-Encoding: chunked\r\nContent-Length: 5", b"Content-Length: 0\r\nTransfer-Encoding: chunked"):
            self.refused(b"POST /api/v1/releases HTTP/1.1\r\nHost: x\r\n" + field + b"\r\n\r\n", twice=True)
        self.refused(b"POST /api/v1/releases HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", (400, 413), twice=True)

    def test_transfer_codings(self):
        for field in (b"Transfer-Encoding: gzip", b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: chunked, chunked", b"Transfer-Encoding: identity",
                      b"Transfer-Encoding: xchunked", b"Transfer-Encoding: chunked;q=1", b"Transfer-Encoding:", b"Transfer-Encoding: \"chunked\"",
                      b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", b"Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
                      b"Transfer-Encoding: \x0bchunked"):
            self.refused(b"POST /api/v1/releases HTTP/1.1\r\nHost: x\r\n" + field + b"\r\n\r\n0\r\n\r\n", (400, 501))
        self.refused(b"POST /api/v1/releases HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        out, _ = self.raw(b"POST /api/v1/releases HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n")
        self.assertIn(answers(out), ([501], [400]), out)  # libmicrohttpd 1.0.1 answers 400 before relmand sees the request

    def test_chunks(self):
        head = b"POST /api/v1/specs/plan HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        for chunks in (b"x\r\n", b"-1\r\n", b"0x2\r\n{}\r\n0\r\n\r\n", b" 2\r\n{}\r\n0\r\n\r\n", b"2\r\n{}x\r\n0\r\n\r\n", b"2\r\n{}}\r\n0\r\n\r\n", b"\r\n{}",
                       b"11111111111111111\r\n{}\r\n0\r\n\r\n", b"2\r{}\r\n0\r\n\r\n"):
            self.refused(head + chunks, (400, 413))
        # libmicrohttpd accepts some forms that the RFC forbids. They cannot hide a second request, because
        # the connection is closed.
        for chunks in (b"2\r\n{}\r\n0\r\n\r\n", b"2;x=y\r\n{}\r\n0\r\n\r\n", b"1\r\n{\r\n1\r\n}\r\n0\r\nX: y\r\n\r\n", b"2\n{}\n0\n\n", b"2;\nxx\r\n{}\r\n0\r\n\r\n"):
            self.refused(head + chunks, (200, 400))

    def test_a_head_that_comes_in_single_bytes_is_the_same(self):
        out, _ = self.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: y \r\nEmpty:\r\nConnection: close\r\n\r\n", pieces=True)
        self.assertEqual(answers(out), [200], out)
        out, closed = self.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n", pieces=True)
        self.assertEqual((answers(out), closed), ([400], True), out)

    def test_requests_behind_each_other_are_all_answered(self):
        out, _ = self.raw(NEXT + b"POST /api/v1/specs/plan HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}" + NEXT[:-2] + b"Connection: close\r\n\r\n")
        self.assertEqual(answers(out), [200, 200, 200], out)

    def test_many_headers_of_all_kinds_are_taken(self):
        fields = b"".join(b"X-%d:%s%s\r\n" % (i, b" " * (i % 3), b"v" * (i % 5)) for i in range(60))
        self.taken(b"GET /healthz?a=b&c&d=&=e HTTP/1.1\r\nHost: x\r\nCookie: a=b; c=d\r\nX: \xc3\xa4 \t\r\n" + fields + b"Connection: close\r\n\r\n")

    def test_blanks_around_a_token_are_no_part_of_it(self):
        for value in ("Bearer %s ", "Bearer %s\t", "Bearer  %s", " Bearer %s \t "):
            with self.subTest(value), socket.create_connection(("127.0.0.1", self.port), timeout=10) as c:
                c.sendall(f"GET /api/v1/components HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization:{value % self.token}\r\n\r\n".encode())
                self.assertEqual(answers(c.makefile("rb").read()), [200])
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as c:
            c.sendall(f"GET /api/v1/components HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {self.token} x\r\n\r\n".encode())
            self.assertEqual(answers(c.makefile("rb").read()), [401])


if __name__ == "__main__":
    relman.main()
