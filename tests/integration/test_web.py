#!/usr/bin/env python3
"""Tests the server side of the page: its files, logins, and the requests that it makes."""

import gzip
import http.client
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import SRCDIR, Site, UnixConnection  # noqa: E402

POLICY = {"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:",
          "connect-src": "'self'", "base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'none'"}


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        cls.site.start()

    def get(self, path, method="GET", **headers):
        connection = UnixConnection(self.site.socket)
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, data, answer.headers

    def assets(self):
        return re.findall(r'"(/web/[^"]+)"', self.get("/")[1].decode())

    def test_the_page_is_at_the_root_and_asked_for_again_each_time(self):
        status, data, headers = self.get("/")
        self.assertEqual((status, headers["Content-Type"], headers["Cache-Control"]), (200, "text/html; charset=utf-8", "no-cache"))
        self.assertIn(b'<main id="main"', data)
        self.assertNotIn(b"@WEB@", data)
        self.assertEqual(int(headers["Content-Length"]), len(data))

    def test_what_the_page_refers_to_has_a_name_with_a_hash_and_is_kept(self):
        assets = self.assets()
        self.assertGreaterEqual(len(assets), 2)
        self.assertEqual(len({path.split("/")[2] for path in assets}), 1, "one hash, so that relative imports work")
        for path in assets:
            status, data, headers = self.get(path)
            self.assertEqual((status, headers["Cache-Control"]), (200, "public, max-age=31536000, immutable"), path)
            self.assertRegex(headers["Content-Type"], "^text/(css|javascript); charset=utf-8$")
            with open(os.path.join(SRCDIR, "src/web/page", path.split("/", 3)[3]), "rb") as f:
                self.assertEqual(data, f.read(), path)

    def test_files_are_compressed_for_clients_that_take_it(self):
        plain = self.get("/")[1]
        for accept, is_gzip in (("gzip", True), ("br, gzip;q=0.5, *;q=0", True), ("deflate, GZIP", True), ("*", True),
                                ("br", False), ("gzip;q=0", False), ("gzip; q=0.000", False), ("x-gzip", False), ("", False)):
            status, data, headers = self.get("/", Accept_Encoding=accept)
            self.assertEqual((status, headers["Content-Encoding"]), (200, "gzip" if is_gzip else None), accept)
            self.assertEqual(gzip.decompress(data) if is_gzip else data, plain, accept)
            self.assertEqual(headers["Vary"], "Accept-Encoding")

    def test_a_known_file_is_not_sent_again(self):
        for path in ("/", *self.assets()):
            tags = set()
            for encoding in ("identity", "gzip"):
                headers = self.get(path, Accept_Encoding=encoding)[2]
                tags.add(headers["ETag"])
                for known in (headers["ETag"], f'"x", W/{headers["ETag"]}', "*"):
                    status, data, again = self.get(path, Accept_Encoding=encoding, If_None_Match=known)
                    self.assertEqual((status, data, again["ETag"]), (304, b"", headers["ETag"]), (path, known))
                    self.assertIn("Content-Security-Policy", again)
                self.assertEqual(self.get(path, Accept_Encoding=encoding, If_None_Match='"x"')[0], 200)
            if self.get(path, Accept_Encoding="gzip")[2]["Content-Encoding"]:
                self.assertEqual(len(tags), 2, "each form has an ETag")

    def test_head_has_the_headers_of_get(self):
        for path in ("/", *self.assets()):
            status, data, headers = self.get(path, method="HEAD")
            wanted = self.get(path)[2]
            self.assertEqual((status, data), (200, b""), path)
            for name in ("Content-Type", "Content-Length", "ETag", "Cache-Control", "Content-Security-Policy"):
                self.assertEqual(headers[name], wanted[name], (path, name))

    def test_a_browser_runs_nothing_else(self):
        for path in ("/", *self.assets()):
            headers = self.get(path)[2]
            policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
            self.assertEqual(policy, POLICY, path)
            self.assertEqual((headers["X-Content-Type-Options"], headers["Referrer-Policy"]), ("nosniff", "no-referrer"))
        html = self.get("/")[1].decode()
        self.assertEqual(re.findall(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=|https?:", html), [])

    def test_answers_of_the_api_are_never_sniffed_as_markup(self):
        for path in ("/api/v1/status", "/healthz", "/nowhere", "/api/v1/components/none"):
            self.assertEqual(self.get(path)[2]["X-Content-Type-Options"], "nosniff", path)

    def test_no_other_path_leads_to_a_file(self):
        hashed = self.assets()[0]
        for path in ("/index.html", "/web/", "/web", "/web/0000000000000000/app.js", hashed + "/", hashed + "x", "/web/../../etc/passwd",
                     hashed.rsplit("/", 1)[0] + "/../" + hashed.split("/", 2)[2], "//", hashed.replace("/web/", "/web//")):
            status, data, headers = self.get(path)
            self.assertEqual((status, headers["Content-Type"]), (404, "application/problem+json"), path)
        for method in ("POST", "PUT", "DELETE"):
            status, _, headers = self.get("/", method=method)
            self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD"), method)


class Off(unittest.TestCase):
    def test_the_configuration_turns_the_page_off(self):
        site = Site()
        self.addCleanup(site.close)
        site.socket = os.path.join(site.folder, "relmand.sock")
        site.start(f"api: {{socket: {site.socket}, web: false}}\n")
        status, answer, _ = site.call("GET", "/")
        self.assertEqual((status, answer["detail"]), (404, "there is nothing at /"))
        self.assertEqual(site.call("GET", "/api/v1/status")[0], 200)

    def test_a_listener_of_hooks_has_no_page(self):
        site = Site()
        self.addCleanup(site.close)
        site.socket = os.path.join(site.folder, "relmand.sock")
        port = relman.free_port()
        site.start(f"api: {{socket: {site.socket}, hooks: {{listen: ['127.0.0.1:{port}']}}}}\n")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.addCleanup(connection.close)
        connection.request("GET", "/")
        self.assertEqual(connection.getresponse().status, 404)


if __name__ == "__main__":
    relman.main()
