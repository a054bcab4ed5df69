#!/usr/bin/env python3
"""Tests registries that lie, stall, loop or flood. relman must report a clear message, limit requests and
time, and keep its state."""

import gzip
import json
import os
import ssl
import subprocess
import sys
import threading
import time
import unittest
import zlib
from http.server import ThreadingHTTPServer

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import INDEX, MANIFEST, sha256  # noqa: E402
from relman import Site, document, documents  # noqa: E402
from standin import Handler, StandIn, serve_tokens, silent_port  # noqa: E402

TAGS = "GET /v2/app/api/tags/list"


class Hostile(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.server = StandIn()
        self.addCleanup(self.server.close)
        self.good = StandIn()
        self.addCleanup(self.good.close)
        for i in range(3):
            self.server.push("app/api", f"v1.{i}.0")
        self.good.push("app/good", "v1.0.0")
        for name, server, repository in (("bad", self.server, "app/api"), ("good", self.good, "app/good")):
            self.site.write(f"{name}.yaml",
                            f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: {name}}}\n"
                            f"spec: {{url: '{server.url}', limits: {{timeout: 2s}}}}\n---\n"
                            f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: {repository[4:]}}}\n"
                            f"spec: {{imageRepository: {server.host}/{repository}, "
                            f"versioningStrategy: {{type: semver}}}}\n")

    def known(self):
        return (self.site.stored.tags("tag", "digest", "missing"),
                self.site.stored.versions("tag", "digest", "semver"),
                self.site.stored.channels("name", "tag", "digest"))

    def first(self):
        status, out, err = self.site.once()
        self.assertEqual(status, 0, err)
        self.before = self.known()
        self.server.requests.clear()

    def bad(self, *wanted, requests=12, seconds=20):
        """Polls again. The poll must fail for api and succeed for component good."""
        if not hasattr(self, "before"):
            self.first()
        self.good.push("app/good", f"v1.0.{len(self.good.repositories['app/good'])}")
        start = time.monotonic()
        status, out, err = self.site.once(timeout=60)
        self.assertLess(time.monotonic() - start, seconds)
        self.assertEqual(status, 1, err + out)
        self.assertIn("1 synced, 1 failed", out)
        for text in wanted:
            self.assertIn(text, err)
        message = self.site.stored.conditions("message", kind="Component", object="api", type="Ready", status="False")
        self.assertEqual(len(message), 1, err)
        self.assertIn(self.server.host, message[0][0])
        self.assertLessEqual(len(self.server.requests), requests)
        now = self.known()
        for before, after in zip(self.before, now):
            self.assertEqual([row for row in after if "api" in str(row)], [row for row in before if "api" in str(row)])
        self.assertTrue(set(self.before[0]) <= set(now[0]))
        self.assertEqual(self.site.stored.count("tags", missing__gt=0), 0)
        return err

    def fine(self):
        """Polls again. All polls must succeed. Returns standard error."""
        status, out, err = self.site.once(timeout=60)
        self.assertEqual(status, 0, err + out)
        return err

    def answer_tags(self, status=200, body=b"", headers=None, length=None):
        self.server.answers[TAGS] = lambda h: h.reply(status, body, headers, length)


class Paging(Hostile):
    def follow(self, link):
        self.server.page = 1
        self.server.link = lambda path: link

    def test_relative_and_absolute_links_of_the_same_server_are_followed(self):
        for link in (lambda p: p, lambda p: self.server.url + p, lambda p: "?" + p.split("?")[1]):
            self.server.requests.clear()
            self.server.page, self.server.link = 1, link
            self.fine()
            self.assertEqual(len(self.site.stored.tags(tag__like="v1.%")), 4)
            self.assertEqual(self.server.count("tags/list"), 3)

    def test_large_pages_are_complete(self):
        """relmand adds the tags of such pages in slices."""
        tags = [*(f"build-{i}" for i in range(120000)), "v1.0.0"]

        def page(handler):
            if "last=" in handler.path:
                handler.reply(200, {"tags": tags[59000:]})
            else:
                handler.reply(200, {"tags": tags[:60000]}, {"Link": '</v2/app/api/tags/list?last=x>; rel="next"'})
        self.server.answers[TAGS] = page
        self.fine()
        self.assertEqual({row[0] for row in self.site.stored.tags("tag", component="api")}, set(tags))
        self.before = self.known()
        self.server.answers[TAGS] = lambda handler: (
            handler.reply(200, b'{"tags": ["v1.0.0", "v2.0.0"') if "last=" in handler.path else page(handler))
        self.bad("not valid JSON")

    def test_a_page_that_links_to_itself(self):
        self.first()
        self.server.page = 2
        self.server.link = lambda path: "/v2/app/api/tags/list"
        self.bad("tags/list")

    def test_endless_pages_of_invented_tags(self):
        self.first()
        n = [0]

        def more(handler):
            n[0] += 1
            handler.reply(200, {"name": "app/api", "tags": [f"v{n[0]}.{i}.0" for i in range(10)]},
                          {"Link": f'</v2/app/api/tags/list?last=v{n[0]}&n=10>; rel="next"'})
        self.server.answers[TAGS] = more
        self.bad("its list of tags does not end", requests=2001, seconds=60)

    def test_endless_pages_are_not_kept(self):
        """Memory must stay far below the size of three lists of about 160 MiB each. A sanitizer build needs
        about twice the memory."""
        pad = b"a" * (7 << 20)
        for i in range(2):
            self.server.push(f"app/more{i}", "v1.0.0")
            self.site.write(f"more{i}.yaml", document("Component", f"more{i}", f"imageRepository: {self.server.host}/app/more{i}"))
        self.first()
        n = [0]

        def more(handler):
            with self.server.lock:
                n[0] += 1
            path = handler.path.split("?")[0]
            handler.reply(200, b'{"tags":["v1.0.0"],"k":%d,"pad":"%s"}' % (n[0], pad),
                          {"Link": f'<{path}?last={n[0]}>; rel="next"'})
        for name in ("api", "more0", "more1"):
            self.server.answers[f"GET /v2/app/{name}/tags/list"] = more
        status, err, peak = self.site.once_measured({"ASAN_OPTIONS": "quarantine_size_mb=1"})
        self.assertEqual(status, 1)
        self.assertEqual(err.count("its list of tags does not end"), 3, err)
        self.assertLess(peak, 300 << 20)

    def test_many_large_lists_at_once_take_turns(self):
        pad = b"a" * (7 << 20)
        names = [f"large{i}" for i in range(16)]
        registry = f"url: '{self.server.url}', limits: {{timeout: 10s, concurrency: 16}}"
        self.site.write("bad.yaml", document("Registry", "bad", registry))
        for name in names:
            self.server.push(f"app/{name}", "v1.0.0")
            self.site.write(f"{name}.yaml", document("Component", name, f"imageRepository: {self.server.host}/app/{name}"))

        def large(handler):
            body = b'{"tags":["v1.0.0"],"pad":"%s"}' % pad
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body[:6 << 20])
            time.sleep(0.2)  # meanwhile the beginnings of the other lists arrive
            handler.wfile.write(body[6 << 20:])
        for name in names:
            self.server.answers[f"GET /v2/app/{name}/tags/list"] = large
        status, err, peak = self.site.once_measured({"ASAN_OPTIONS": "quarantine_size_mb=1"})
        self.assertEqual(status, 0, err)
        self.assertEqual(self.site.stored.count("channels"), 17)
        self.assertLess(peak, 96 << 20)
        # a page that finds no room is requested again once, when its list may use more memory
        for name in names:
            self.assertLessEqual(self.server.count(f"^GET /v2/app/{name}/tags/list"), 2, name)

    def test_a_page_of_many_small_elements_costs_no_more_than_its_bytes(self):
        """As a tree of JSON nodes, the numbers would take 300 MiB or more."""
        self.first()
        self.answer_tags(200, b'{"tags":[' + b"1," * (3 << 20) + b'"v1.0.0","v1.1.0","v1.2.0"]}')
        status, err, peak = self.site.once_measured({"ASAN_OPTIONS": "quarantine_size_mb=1"})
        self.assertEqual(status, 0, err)
        self.assertLess(peak, 200 << 20)

    def test_of_a_link_only_the_query_is_taken(self):
        """Behind a gateway or TLS proxy, a link may have an internal scheme, host, port or path. relman uses
        only its query and requests no other host or path."""
        inside = f"http://127.0.0.1:{self.good.port}"
        for link in (lambda p: inside + p, lambda p: f"https://{self.server.host}" + p, lambda p: "http://127.0.0.1" + p,
                     lambda p: "http://user:secret@registry.internal:5000" + p, lambda p: self.server.host + p,
                     lambda p: f"//{self.good.host}" + p, lambda p: "/artifactory/api/docker" + p, lambda p: "ftp://x/secret" + p,
                     lambda p: p.replace("app/api", "other/secret"), lambda p: "?" + p.split("?")[1] + "#part"):
            with self.subTest(link=link("/v2/app/api/tags/list?last=v1.0.0")):
                self.server.requests.clear()
                self.good.requests.clear()
                self.server.page, self.server.link = 1, link
                self.fine()
                self.assertEqual(self.server.count("^GET /v2/app/api/tags/list"), 3)
                self.assertEqual(self.server.count("artifactory|secret|internal"), 0)
                self.assertEqual(self.good.count("app/api"), 0)
                self.assertEqual(len(self.site.stored.tags(tag__like="v1.%", missing=0)), 4)

    def test_a_link_without_a_query_is_not_followed(self):
        self.first()
        for link in ("/v2/other/secret/tags/list", "/api/admin", f"//{self.good.host}/v2/app/api/tags/list", "../../x",
                     self.good.url + "/v2/app/api/tags/list", "/v2/app/api/../secret/tags/list", "?last=a b", "?last=\"x\""):
            with self.subTest(link=link):
                self.server.requests.clear()
                self.good.requests.clear()
                self.follow(link)
                self.bad("its Link header holds no query to continue with")
                self.assertEqual(self.server.count("secret|admin|/x"), 0)
                self.assertEqual(self.good.count("app/api"), 0)

    def odd_link(self, *headers):
        def page(handler):
            if "last=" in handler.path:
                return handler.reply(200, {"tags": ["v1.1.0", "v1.2.0"]})
            handler.reply(200, {"tags": ["v1.0.0"]}, {"Link": [text.format("/v2/app/api/tags/list?last=v1.0.0") for text in headers]})
        self.server.requests.clear()
        self.server.answers[TAGS] = page

    def test_links_in_odd_spellings_are_read_right(self):
        self.first()
        for headers in (['<{0}>; REL="NEXT"'], ['<{0}>; rel=next'], ['<{0}>; foo="a, b"; rel="next"'],
                        ['</v2/x>; rel="prev", <{0}>; rel="next"'], ['</v2/x>; rel="prev"', '<{0}>; rel="next"'],
                        ["<{0}>; rel='next'"], ['{0}; rel="next"'], ['<{0}>'], ['<{0}>; title="no rel"'],
                        ['<https://docs.example/>', '<{0}>; rel="last next"; type="a/b"']):
            with self.subTest(headers=headers):
                self.odd_link(*headers)
                self.fine()
                self.assertEqual(self.server.count("last="), 1)

    def test_a_link_that_cannot_be_read_does_not_end_the_list(self):
        self.first()
        for header in ("<{0}; rel=next", "<{0}> rel=next", ";;;"):
            with self.subTest(header=header):
                self.odd_link(header)
                self.bad("its Link header cannot be read")
        self.server.requests.clear()
        self.answer_tags(body={"tags": ["v1.0.0", "v1.1.0", "v1.2.0"]},
                         headers={"Link": "<https://docs.example/v2>; rel=describedby, <https://docs.example/?n=5>"})
        self.fine()  # these links name no next page
        self.assertEqual(self.server.count("tags/list"), 1)

    def test_opaque_cursors_are_passed_on_as_they_are(self):
        cursor = "AbC%2B%2F" + "x" * 4000 + "%3D%3D"

        def page(handler):
            if "last=" not in handler.path:
                return handler.reply(200, {"tags": ["v1.0.0"]},
                                     {"Link": f'<{self.server.url}/v2/app/api/tags/list?last={cursor}&n=1>; rel="next"'})
            self.assertIn(f"last={cursor}&", handler.path)
            handler.reply(200, {"tags": ["v1.1.0", "v1.2.0"]})
        self.server.answers[TAGS] = page
        self.fine()
        self.assertEqual(self.server.count("last="), 1)

    def test_five_thousand_tags_in_pages_of_a_hundred_in_any_order(self):
        for i in range(5000):
            self.server.push("app/api", f"v2.{i // 100}.{i % 100}")
        self.server.page = 100
        self.fine()
        self.assertEqual(self.site.stored.channels("tag", tag__like="v2%"), [("v2.49.99",)])
        self.assertEqual(self.server.count("tags/list"), 51)
        self.assertEqual(self.server.count("^HEAD"), 5002)
        # one request for the digest and the manifest of the newest tag
        self.assertEqual(self.server.count("^GET .*/manifests/"), 1)
        self.server.requests.clear()
        self.fine()
        self.assertEqual((self.server.count("tags/list"), self.server.count("HEAD")), (51, 1))

    def test_repeated_and_unsorted_tags_are_a_set(self):
        self.first()
        tags = ["v1.2.0", "v1.0.0", "v1.2.0", "v1.1.0", "v1.0.0"]
        self.answer_tags(body={"name": "another/name", "tags": tags})
        self.fine()
        self.assertEqual(self.known()[0], self.before[0])

    def test_a_later_page_of_404_is_not_the_end_of_the_repository(self):
        self.first()

        def page(handler):
            if "last=" in handler.path:
                return handler.reply(404, {})
            handler.reply(200, {"tags": ["v1.0.0"]}, {"Link": '</v2/app/api/tags/list?last=v1.0.0>; rel="next"'})
        self.server.answers[TAGS] = page
        self.bad("the list changed while it was read")

    def test_null_as_the_last_page_is_the_end(self):
        def page(handler):
            if "last=" in handler.path:
                return handler.reply(200, {"name": "app/api", "tags": None})
            handler.reply(200, {"tags": ["v1.0.0", "v1.1.0", "v1.2.0"]},
                          {"Link": '</v2/app/api/tags/list?last=v1.2.0>; rel="next"'})
        self.server.answers[TAGS] = page
        self.fine()
        self.assertEqual(len(self.site.stored.tags(tag__like="v1.%")), 4)


class Content(Hostile):
    def test_tags_that_are_no_tags_are_left_out_and_the_rest_stays(self):
        self.answer_tags(body={"tags": ["v1.0.0", "../../etc/passwd", "a/b", "%2e%2e", "x" * 129, "v1.1.0\u0000", "\x1b[31m",
                                        "\u202eevil", "", "sha256:abc", None, 7, {"a": 1}, ["v9.0.0"], "v1.1.0", "v1.2.0"]})
        self.fine()
        tags = [tag for tag, in self.site.stored.tags("tag", component="api")]
        self.assertEqual(tags, ["v1.0.0", "v1.1.0", "v1.2.0"])
        self.assertEqual(self.server.count("passwd|%2e|evil|a/b"), 0)

    def test_what_is_not_json_is_an_error(self):
        self.first()
        for body in (b"<html><body>Please log in</body></html>", b"", b"{", b'{"tags": ["v1.0.0"]', b'{"tags": ["a"]} trailing',
                     b"\xef\xbb\xbf{", b"[" * 1000000, b'{"tags": "v1.0.0"}', b'{"tags": {}}',
                     b"[]", b"null", b'{"a":' * 100000):
            with self.subTest(body=body[:20]):
                self.server.requests.clear()
                self.answer_tags(body=body)
                self.bad("tags/list")

    def test_a_body_without_end_is_cut(self):
        self.first()

        def flood(handler):
            handler.send_response(200)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Connection", "close")
            handler.end_headers()
            handler.close_connection = True
            handler.wfile.write(b'{"tags": [')
            for _ in range(3000):
                handler.wfile.write(b'"' + b"x" * 99996 + b'",')
        self.server.answers[TAGS] = flood
        self.bad("tags/list", seconds=30)

    def test_a_body_shorter_than_it_says_is_no_shorter_list(self):
        self.first()

        def short(handler):
            handler.reply(200, b'{"tags": ["v1.0.0"]}', length=500)
            handler.close_connection = True
        self.server.answers[TAGS] = short
        self.bad("tags/list")

    def test_a_body_that_trickles_is_given_up(self):
        self.first()

        def trickle(handler):
            handler.reply(200, b"", length=100000)
            for _ in range(100):
                time.sleep(0.2)
                handler.wfile.write(b" ")
                handler.wfile.flush()
        self.server.answers[TAGS] = trickle
        self.bad("tags/list", seconds=40)

    def test_a_compressed_bomb_is_not_unpacked(self):
        self.first()
        bomb = gzip.compress(b'{"tags": ["' + b"x" * 50000000 + b'"]}')
        self.answer_tags(body=bomb, headers={"Content-Encoding": "gzip"})
        self.bad("tags/list")

    def test_an_empty_list_where_tags_were_is_held(self):
        self.first()
        for body in (b'{"tags": []}', b'{"name": "app/api", "tags": null}', b'{"tags": ["v1.0.0\xff"]}'):
            with self.subTest(body=body):
                self.answer_tags(body=body)
                status, out, err = self.site.once()
                self.assertEqual(status, 1)
                self.assertIn("lists 0 tags where 3 were; none counts as gone yet", err)
                self.assertEqual(self.known(), self.before)

    def test_an_error_with_status_200_is_no_list(self):
        self.first()
        for body, wanted in (('{"errors":[{"code":"UNAUTHORIZED","message":"log in"}]}', "not a list of tags but an error: UNAUTHORIZED: log in"),
                             ('{"code":"TOOMANYREQUESTS","message":"slow down"}', "not a list of tags but an error: TOOMANYREQUESTS: slow down"),
                             ("{}", "not a list of tags"), ('{"name":"app/api"}', "not a list of tags"), ("[]", "not a list of tags")):
            with self.subTest(body=body):
                self.answer_tags(body=body)
                self.bad(wanted)

    def test_a_repository_without_manifests_costs_a_bounded_number_of_requests(self):
        self.first()
        digests = {f"v2.0.{i}": sha256(str(i).encode()) for i in range(230)}
        for tag, digest in digests.items():
            self.server.answers[f"HEAD /v2/app/api/manifests/{tag}"] = \
                lambda h, digest=digest: h.reply(200, b"", {"Content-Type": MANIFEST, "Docker-Content-Digest": digest})
        self.answer_tags(body=json.dumps({"name": "app/api", "tags": [*digests, "v1.0.0", "v1.1.0", "v1.2.0"]}))
        status, out, err = self.site.once(timeout=60)
        self.assertEqual(status, 1, err + out)
        self.assertIn("the manifests of the newest 200 versions cannot be read: first tag 'v2.0.228' is skipped", err)
        self.assertEqual(self.server.count("^GET .*/manifests/sha256:"), 200)
        self.assertEqual(self.server.count("^GET .*/manifests/v2"), 1)  # the request for the newest tag, which gets 404
        self.assertEqual(self.known()[1:], self.before[1:])

    def test_an_error_as_the_last_page_does_not_end_the_list(self):
        self.first()

        def page(handler):
            if "last=" in handler.path:
                return handler.reply(200, {"errors": [{"code": "DENIED"}]})
            handler.reply(200, {"tags": ["v1.0.0"]}, {"Link": '</v2/app/api/tags/list?last=v1.0.0>; rel="next"'})
        self.server.answers[TAGS] = page
        self.bad("not a list of tags but an error: DENIED")

    def test_answers_that_come_encoded_are_decoded(self):
        """See RFC 9110, section 8.4. relman requests answers without compression. If a gateway compresses
        them anyway, relman decodes them and computes digests of the decoded bytes."""
        self.site.write("release.yaml", document("Release", "one", "mode: pinned, components: [{name: api, version: 1.2.0}]"))
        deflate = zlib.compress
        for coding, encode in (("gzip", gzip.compress), ("x-gzip", gzip.compress), ("GZIP", gzip.compress), ("deflate", deflate),
                               ("identity", bytes), ("gzip, identity", gzip.compress), ("deflate, gzip", lambda b: gzip.compress(deflate(b)))):
            with self.subTest(coding=coding):
                class Encoded(Handler):
                    def reply(self, status, body=b"", headers=None, length=None):
                        body = json.dumps(body).encode() if isinstance(body, (dict, list)) else body.encode() if isinstance(body, str) else body
                        super().reply(status, encode(body), {**(headers or {}), "Content-Encoding": coding}, length)
                server = StandIn()
                self.addCleanup(server.close)
                server.server.RequestHandlerClass = Encoded
                server.push("app/api", "v1.2.0")
                site = Site()
                self.addCleanup(site.close)
                site.write("c.yaml", documents(document("Release", "one", "mode: full"), registry=server, components=["api"]))
                server.tokens, server.challenge = set(), f'Bearer realm="{server.url}/token"'
                server.answers["GET /token"] = serve_tokens(server)
                status, out, err = site.once()
                self.assertEqual(status, 0, err + out)
                self.assertIn(server.digest("app/api", "v1.2.0"), site.lock("one"))
                # an answer to HEAD has no body
                self.assertEqual({(m == "HEAD", h.get("Accept-Encoding")) for m, _, h in server.requests}, {(True, None), (False, "identity")})

    def test_an_encoding_that_cannot_be_decoded_is_told(self):
        self.first()
        body = b'{"tags": ["v1.0.0"]}'
        for coding, data in (("gzip", body), ("deflate", b"x" * 40), ("compress", body), ("aws-chunked", body), ("gzip, nonsense", body)):
            with self.subTest(coding=coding):
                self.server.requests.clear()
                self.answer_tags(body=data, headers={"Content-Encoding": coding})
                self.bad("the Content-Encoding of the answer cannot be decoded")
                self.assertEqual(self.server.count("tags/list"), 1)  # relman makes no second attempt

    def test_a_held_list_is_believed_after_the_recheck_interval_also_by_runs_of_once(self):
        config = os.path.join(self.site.folder, "relmand.yaml")
        with open(config, "w") as f:
            f.write("poll: {recheckInterval: 2s}\n")
        for i in range(10):
            self.server.push("app/api", f"v2.{i}.0")
        self.first()
        self.answer_tags(body={"tags": ["v1.0.0"]})
        status, out, err = self.site.once("--config", config)
        self.assertEqual(status, 1)
        self.assertIn("none counts as gone yet", err)
        time.sleep(2.1)
        for _ in range(2):
            status, out, err = self.site.once("--config", config)
            self.assertEqual(status, 0, err)
        self.assertEqual(self.site.stored.count("tags", missing__ge=2), 12)

    def test_a_list_that_shrinks_by_ninety_percent_is_held(self):
        for i in range(40):
            self.server.push("app/api", f"v2.{i}.0")
        self.first()
        self.answer_tags(body={"tags": ["v1.0.0"]})
        status, out, err = self.site.once()
        self.assertEqual(status, 1)
        self.assertIn("lists 1 tags where 43 were; none counts as gone yet", err)
        self.assertEqual(self.known()[0], self.before[0])


class Digests(Hostile):
    def new_tag(self):
        self.first()
        return self.server.push("app/api", "v1.3.0")

    def test_a_digest_header_that_does_not_fit_the_bytes_never_gets_into_a_release(self):
        self.new_tag()
        manifest = self.server.repositories["app/api"]["v1.3.0"]
        lie = "sha256:" + "0" * 64
        self.server.answers["HEAD /v2/app/api/manifests/v1.3.0"] = lambda h: h.reply(
            200, manifest, {"Content-Type": MANIFEST, "Docker-Content-Digest": lie})
        self.server.answers[f"GET /v2/app/api/manifests/{lie}"] = lambda h: h.reply(
            200, manifest, {"Content-Type": MANIFEST, "Docker-Content-Digest": lie})
        self.site.write("release.yaml", "apiVersion: relman/v1\nkind: Release\nmetadata: {name: one}\n"
                                        "spec: {mode: pinned, components: [{name: api, version: 1.3.0}]}\n")
        status, out, err = self.site.once()
        self.assertEqual(status, 1)
        self.assertIn("digest", err)
        self.assertIsNone(self.site.lock("one"))

    def test_a_missing_digest_header_is_made_up_for_by_the_bytes(self):
        digest = self.new_tag()
        manifest = self.server.repositories["app/api"]["v1.3.0"]
        for method in ("HEAD", "GET"):
            self.server.answers[f"{method} /v2/app/api/manifests/v1.3.0"] = lambda h: h.reply(
                200, manifest, {"Content-Type": MANIFEST})
        self.fine()
        self.assertIn((digest,), self.site.stored.channels("digest"))

    def test_digest_headers_that_are_none_are_not_taken(self):
        manifest = None
        for value in ("sha256:" + "0" * 63, "SHA256:" + "0" * 64, "blake3:" + "0" * 64, '"x"', "sha256:" + "G" * 64,
                      "sha256:../../x", "sha256:" + "A" * 64):
            with self.subTest(value=value):
                site = self.site
                self.server.push("app/api", "v1.4.0")
                manifest = self.server.repositories["app/api"]["v1.4.0"]
                self.server.answers["HEAD /v2/app/api/manifests/v1.4.0"] = lambda h, v=value: h.reply(
                    200, manifest, {"Content-Type": MANIFEST, "Docker-Content-Digest": v})
                self.server.answers["GET /v2/app/api/manifests/v1.4.0"] = lambda h, v=value: h.reply(
                    200, manifest, {"Content-Type": MANIFEST, "Docker-Content-Digest": v})
                site.once()
                for (digest,) in site.stored.tags("digest", tag="v1.4.0", digest__not=None):
                    self.assertEqual(digest, sha256(manifest))

    def test_a_head_that_is_refused_falls_back_to_get(self):
        # A HEAD should be answered like a GET (RFC 9110, section 9.3.2), but some gateways and storage
        # servers refuse it.
        for status in (204, 400, 402, 403, 404, 405, 406, 409, 410, 413, 415, 422, 451, 500, 501, 505):
            with self.subTest(status=status):
                site = Site()
                self.addCleanup(site.close)
                for tag in ("v1.0.0", "v1.1.0"):
                    self.server.answers[f"HEAD /v2/app/api/manifests/{tag}"] = lambda h, s=status: h.reply(s)
                site.write("c.yaml", document("Registry", "r", f"url: '{self.server.url}', limits: {{concurrency: 1}}") + "---\n" +
                           document("Component", "api", f"imageRepository: {self.server.host}/app/api, versioningStrategy: {{type: semver, tagPattern: '^v1.[01].*'}}"))
                self.server.requests.clear()
                status, out, err = site.once()
                self.assertEqual(status, 0, err + out)
                self.assertEqual(site.stored.channels("tag", "digest"), [("v1.1.0", self.server.digest("app/api", "v1.1.0"))])
                self.assertEqual(self.server.count("^GET .*/manifests/v1.[01].0"), 2)

    def test_where_head_and_get_are_refused_the_reason_is_what_get_says(self):
        for method in ("HEAD", "GET"):
            self.server.answers[f"{method} /v2/app/api/manifests/v1.0.0"] = lambda h: h.reply(
                403, {"errors": [{"code": "DENIED", "message": "no pull for you"}]})
        err = self.site.once()[2]
        self.assertIn("DENIED: no pull for you", err)

    def test_a_registry_that_refuses_head_is_asked_by_get_at_once(self):
        for i in range(200):
            self.server.push("app/api", f"v1.0.{i}")
            self.server.answers[f"HEAD /v2/app/api/manifests/v1.0.{i}"] = lambda h: h.reply(405)
        self.fine()
        self.assertEqual(self.server.count("^GET .*/manifests/v1.0"), 200)
        # these requests started before the first GET succeeded
        self.assertLess(self.server.count("^HEAD .*/manifests/v1.0"), 100)
        digest = self.server.digest("app/api", "v1.2.0")
        self.site.write("release.yaml", document("Release", "one", "mode: pinned, components: [{name: api, version: 1.2.0}]"))
        self.server.answers[f"HEAD /v2/app/api/manifests/{digest}"] = lambda h: h.reply(405)
        self.fine()
        self.server.push("app/api", "v1.2.0", "moved")  # relman checks the old digest, for which HEAD is refused
        self.fine()
        self.assertEqual(self.site.stored.conditions("reason", type="Drift", status="False"), [("TagMoved",)])

    def test_a_page_that_is_no_manifest_has_no_digest_to_record(self):
        """Without a digest header, relman computes the digest from the bytes of a GET. It must not do so
        for an error page or login form with status 200."""
        self.new_tag()
        for body in ('{"errors":[{"code":"UNAUTHORIZED"}]}', "<html>log in</html>", "", "{}", "[]"):
            with self.subTest(body=body):
                for method in ("HEAD", "GET"):
                    self.server.answers[f"{method} /v2/app/api/manifests/v1.3.0"] = lambda h, b=body: h.reply(200, b)
                self.site.once()
                (digest, problem), = self.site.stored.tags("digest", "problem", tag="v1.3.0")
                self.assertIsNone(digest)
                self.assertIn("/v2/app/api/manifests/v1.3.0", problem)

    def test_content_types_that_are_missing_or_odd(self):
        for n, (kind, wanted) in enumerate(((MANIFEST + "; charset=utf-8", 0), ("text/plain", 0), ("application/json", 0), ("binary/octet-stream", 0),
                             (MANIFEST.upper(), 0), (MANIFEST + "\x9b", 1), ("", 0), ("text/html", 1), (INDEX, 1), (MANIFEST, 0))):
            tag = f"v1.5.{n}"  # another tag in each case, because a version that was in a release keeps its digest
            with self.subTest(kind=kind):
                self.server.push("app/api", tag, kind)
                manifest = self.server.repositories["app/api"][tag]
                for path in (tag, sha256(manifest)):
                    for method in ("HEAD", "GET"):
                        self.server.answers[f"{method} /v2/app/api/manifests/{path}"] = lambda h, k=kind, m=manifest: h.reply(
                            200, m, {"Content-Type": k, "Docker-Content-Digest": sha256(m)})
                name = "r" + sha256(kind.encode())[7:15]
                self.site.write(f"{name}.yaml", f"apiVersion: relman/v1\nkind: Release\nmetadata: {{name: {name}}}\n"
                                                f"spec: {{mode: pinned, components: [{{name: api, tag: {tag}}}]}}\n")
                self.site.once()
                self.assertEqual(self.site.lock(name) is None, bool(wanted))
                os.unlink(f"{self.site.specs}/{name}.yaml")

    def test_schema_one_has_no_digest_to_rely_on(self):
        self.new_tag()
        kind = "application/vnd.docker.distribution.manifest.v1+prettyjws"
        for method in ("HEAD", "GET"):
            self.server.answers[f"{method} /v2/app/api/manifests/v1.3.0"] = lambda h: h.reply(
                200, {"schemaVersion": 1}, {"Content-Type": kind, "Docker-Content-Digest": sha256(b"x")})
        self.site.once()
        problem = self.site.stored.tags("digest", "problem", tag="v1.3.0")[0]
        self.assertIsNone(problem[0])
        self.assertIn("schema 1", problem[1])

    def test_not_modified_without_having_asked_is_no_answer(self):
        self.first()
        self.answer_tags(304)
        self.bad("304")

    def test_a_head_that_is_followed_by_a_body_spoils_no_other_answer(self):
        digest = self.new_tag()

        def with_body(handler):
            handler.reply(200, b"", {"Content-Type": MANIFEST, "Docker-Content-Digest": digest})
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nDocker-Content-Digest: " + b"sha256:" + b"0" * 64 + b"\r\n\r\nsmuggled!")
        self.server.answers["HEAD /v2/app/api/manifests/v1.3.0"] = with_body
        self.site.once()
        digests = {row[0] for row in self.site.stored.tags("digest", digest__not=None)}
        self.assertNotIn("sha256:" + "0" * 64, digests)

    def ready(self, name="api"):
        return self.site.stored.conditions("status", "reason", "message", kind="Component", object=name, type="Ready")[0]

    def test_a_component_without_any_digest_is_not_ready(self):
        answers = {}
        for i in range(3):
            for method in ("HEAD", "GET"):
                answers[f"{method} /v2/app/api/manifests/v1.{i}.0"] = lambda h: h.reply(404, {"errors": [{"code": "MANIFEST_UNKNOWN"}]})
        self.server.answers.update(answers)
        for _ in range(2):  # in the second run the list is unchanged
            self.assertEqual(self.site.once()[0], 1)
            status, reason, message = self.ready()
            self.assertEqual((status, reason), ("False", "NothingResolved"))
            self.assertRegex(message, r"^no digest is known for any of 3 versions \(3 tags\); first: .*/v2/app/api/manifests/v1.\d.0: status 404: MANIFEST_UNKNOWN")
        for path in answers:
            if "v1.1.0" in path:
                del self.server.answers[path]
        self.site.once()
        self.assertEqual(self.ready()[:2], ("True", "Synced"))

    def test_rules_that_take_no_tag_leave_the_component_unready(self):
        self.site.write("bad.yaml", document("Registry", "bad", f"url: '{self.server.url}'") + "---\n" + document(
            "Component", "api", f"imageRepository: {self.server.host}/app/api, versionRules: [{{pattern: '^release-(.*)$', channel: stable}}]"))
        for _ in range(2):
            self.assertEqual(self.site.once()[0], 1)
            self.assertEqual(self.ready(), ("False", "NothingMatches", "none of 3 tags is a version by versionRules; "
                                                                       "relmanctl explain api shows the reason for each"))
        self.server.push("app/api", "release-1.0.0")
        self.site.once()
        self.assertEqual(self.ready()[:2], ("True", "Synced"))

    def test_a_repository_without_tags_is_warned_of(self):
        for tags in ([], None):
            with self.subTest(tags=tags):
                self.answer_tags(body={"name": "app/api", "tags": tags})
                self.assertEqual(self.site.once()[0], 0)
                self.assertEqual(self.site.stored.conditions("reason", "message", type="Warning", status="True"),
                                 [("NoTags", "the registry lists no tag of 'app/api'; check imageRepository")])
        del self.server.answers[TAGS]
        self.fine()
        self.assertEqual(self.site.stored.conditions("reason", type="Warning", status="True"), [])

    def test_one_tag_that_cannot_be_resolved_spoils_no_other(self):
        digest = self.new_tag()
        self.server.push("app/api", "v1.4.0")
        for method in ("HEAD", "GET"):
            self.server.answers[f"{method} /v2/app/api/manifests/v1.4.0"] = lambda h: h.reply(404, {})
        self.site.once()
        self.assertIn((digest,), self.site.stored.channels("digest"))


class Certificates(Hostile):
    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=self.site.folder)

    def serve(self, name, days):
        with open(f"{self.site.folder}/san", "w") as f:
            f.write(f"subjectAltName={name}\n")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=x", "-keyout",
                     "k.pem", "-out", "r.csr")
        # Both dates of the certificate are given, because OpenSSL 3.5 refuses a negative number of days for
        # an expired certificate (openssl-ca(1)).
        for name, text in (("ca.cnf", "[ca]\ndefault_ca=c\n[c]\ndatabase=index\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n"
                                      "new_certs_dir=.\n[p]\ncommonName=supplied\n"), ("index", "")):
            with open(f"{self.site.folder}/{name}", "w") as f:
                f.write(text)
        start, end = (time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + 86400 * days)) for days in (min(0, days) - 1, days))
        self.openssl("ca", "-batch", "-config", "ca.cnf", "-selfsign", "-in", "r.csr", "-keyfile", "k.pem", "-startdate", start,
                     "-enddate", end, "-extfile", "san", "-notext", "-out", "c.pem")
        tls = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        tls.daemon_threads, tls.standin = True, self.server
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{self.site.folder}/c.pem", f"{self.site.folder}/k.pem")
        tls.socket = context.wrap_socket(tls.socket, server_side=True)
        threading.Thread(target=tls.serve_forever, daemon=True).start()
        self.addCleanup(tls.server_close)
        self.addCleanup(tls.shutdown)
        url = f"https://127.0.0.1:{tls.server_address[1]}"
        self.site.write("bad.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: bad}}\n"
                                    f"spec: {{url: '{url}', tls: {{caFile: {self.site.folder}/c.pem}}, limits: {{timeout: 2s}}}}\n---\n"
                                    f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: api}}\n"
                                    f"spec: {{imageRepository: {url[8:]}/app/api, versioningStrategy: {{type: semver}}}}\n")

    def test_a_certificate_of_another_host_is_refused(self):
        self.serve("DNS:example.com", 2)
        status, out, err = self.site.once()
        self.assertEqual(status, 1)
        self.assertRegex(err, "(?i)certificate")
        self.assertEqual(self.server.requests, [])

    def test_an_expired_certificate_is_refused(self):
        self.serve("IP:127.0.0.1", -1)
        status, out, err = self.site.once()
        self.assertEqual(status, 1)
        self.assertRegex(err, "(?i)certificate")
        self.assertEqual(self.server.requests, [])

    def test_the_same_with_a_good_certificate_works(self):
        self.serve("IP:127.0.0.1", 2)
        self.fine()


class Transport(Hostile):
    def test_redirects_in_a_ring_end(self):
        self.first()
        self.server.answers[TAGS] = lambda h: h.reply(307, b"", {"Location": h.path})
        self.bad("redirect", requests=30)

    def test_a_redirect_to_another_protocol_is_not_followed(self):
        self.first()
        for location in ("file:///etc/passwd", "gopher://127.0.0.1/x", "ftp://127.0.0.1/x", "http://u:p@127.0.0.1/x"):
            self.server.requests.clear()
            self.answer_tags(307, headers={"Location": location})
            self.bad("redirect not followed")

    def test_a_redirect_to_the_clouds_metadata_is_not_connected(self):
        self.first()
        for address in ("169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "[fd00:ec2::254]"):
            with self.subTest(address=address):
                self.server.requests.clear()
                self.answer_tags(307, headers={"Location": f"http://{address}/latest/meta-data/"})
                self.bad("is an internal address")

    def test_manifests_may_be_redirected_to_a_storage_host_without_credentials(self):
        storage = StandIn("127.0.0.2")
        self.addCleanup(storage.close)
        password = os.path.join(self.site.folder, "pw")
        with open(password, "w") as f:
            f.write("secret")
        os.chmod(password, 0o600)
        self.site.write("bad.yaml", open(f"{self.site.specs}/bad.yaml").read().replace(
            "limits:", f"auth: {{username: u, passwordFile: {password}}}, limits:"))
        self.server.authorize = lambda h: bool(h.headers.get("Authorization")) or h.reply(
            401, {}, {"WWW-Authenticate": 'Basic realm="x"'})
        for method in ("HEAD", "GET"):
            self.server.answers[f"{method} /v2/app/api/manifests/v1.2.0"] = lambda h: h.reply(
                307, b"", {"Location": f"{storage.url}/blob"})
        manifest = self.server.repositories["app/api"]["v1.2.0"]
        storage.answers["/blob"] = lambda h: h.reply(200, manifest, {"Content-Type": MANIFEST,
                                                                     "Docker-Content-Digest": sha256(manifest)})
        self.fine()
        self.assertGreater(len(storage.requests), 0)
        for _, _, headers in storage.requests:
            self.assertNotIn("Authorization", headers)

    def test_throttling_with_retry_after_is_honoured_and_bounded(self):
        self.first()
        self.server.answers[TAGS] = lambda h: h.reply(429, {}, {"Retry-After": "1000000000"})
        self.bad("429", requests=5, seconds=30)

    def test_a_storage_host_that_asks_for_a_pause_does_not_pause_the_registry(self):
        """The registry redirects the manifest of one tag. Another component of the registry, and the other tags,
        are polled as before."""
        storage = StandIn("127.0.0.2")
        self.addCleanup(storage.close)
        storage.answers["/blob"] = lambda h: h.reply(429, {}, {"Retry-After": "86400"})
        for method in ("HEAD", "GET"):
            self.server.answers[f"{method} /v2/app/api/manifests/v1.2.0"] = lambda h: h.reply(
                307, b"", {"Location": storage.url + "/blob"})
        self.server.push("app/other", "v2.0.0")
        self.site.write("other.yaml", document(
            "Component", "other", f"imageRepository: {self.server.host}/app/other, versioningStrategy: {{type: semver}}"))
        self.fine()
        self.assertEqual(sorted(self.site.stored.channels("tag")), [("v1.0.0",), ("v1.1.0",), ("v2.0.0",)])
        (digest, problem), = self.site.stored.tags("digest", "problem", tag="v1.2.0")
        self.assertIsNone(digest)
        self.assertIn("status 429", problem)
        self.assertEqual(len(storage.requests), 1)

    def test_a_short_burst_of_503_is_tried_again(self):
        self.first()
        left = [2]

        def busy(handler):
            if left[0] == 0:
                return self.server.serve_tags(handler, "app/api")
            left[0] -= 1
            handler.reply(503, {}, {"Retry-After": "0"})
        self.server.answers[TAGS] = busy
        self.fine()

    def test_a_server_that_never_answers_is_given_up(self):
        silent, host = silent_port()
        self.addCleanup(silent.close)
        self.site.write("bad.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: bad}}\n"
                                    f"spec: {{url: 'http://{host}', limits: {{timeout: 1s}}}}\n---\n"
                                    f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: api}}\n"
                                    f"spec: {{imageRepository: {host}/app/api, versioningStrategy: {{type: semver}}}}\n")
        start = time.monotonic()
        status, out, err = self.site.once()
        self.assertEqual(status, 1)
        self.assertLess(time.monotonic() - start, 30)
        self.assertIn(host, err)

    def test_an_etag_adds_no_header_to_the_next_request(self):
        seen = []

        def page(handler):
            seen.append((handler.headers.get("If-None-Match"), handler.headers.get("X-More")))
            return handler.reply(200, json.dumps({"tags": sorted(self.server.repositories["app/api"])}).encode(), {"ETag": self.etag})
        self.server.answers[TAGS] = page
        self.etag = '"bad\rX-More: 1"'  # many servers end a line at a CR alone
        self.fine()
        self.fine()
        self.assertEqual(seen, [(None, None), (None, None)])
        self.etag = '"good"'
        self.server.push("app/api", "v1.3.0")
        self.fine()
        self.fine()
        self.assertEqual(seen[2:], [(None, None), ('"good"', None)])

    def test_headers_without_end_are_cut(self):
        self.first()

        def flood(handler):
            handler.send_response(200)
            for i in range(20000):
                handler.send_header(f"X-{i}", "y" * 50)
            handler.send_header("Content-Length", "2")
            handler.end_headers()
            handler.wfile.write(b"{}")
        self.server.answers[TAGS] = flood
        self.bad("tags/list")

    def test_a_header_line_without_end_is_told_as_that(self):
        def answer(handler):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Pad: " + b"a" * 300000)
            handler.close_connection = True
        self.first()
        self.server.answers[TAGS] = answer
        self.assertNotIn("out of memory", self.bad("a header line of the answer is longer than libcurl reads"))

    def test_answers_that_are_not_http(self):
        self.first()
        for raw in (b"garbage\r\n\r\n", b"HTTP/1.1 999999 x\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
                    b"HTTP/0.9\r\n"):
            with self.subTest(raw=raw):
                def answer(handler, raw=raw):
                    handler.wfile.write(raw)
                    handler.close_connection = True
                self.server.requests.clear()
                self.server.answers[TAGS] = answer
                self.bad("tags/list")

    def test_denied_is_not_deleted(self):
        self.first()
        for status in (401, 403, 404):
            with self.subTest(status=status):
                self.server.requests.clear()
                self.answer_tags(status, {"errors": [{"code": "DENIED", "message": "no \x1b[31mway"}]},
                                 {"WWW-Authenticate": 'Basic realm="x"'})
                err = self.bad(str(status))
                self.assertNotIn("\x1b", err)


if __name__ == "__main__":
    relman.main()
