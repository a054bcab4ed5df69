#!/usr/bin/env python3
"""Tests registries whose own API lists tags with digests: the requests, the digests, and the fallback to
OCI's API after a refusal. A stand-in sends the bodies that each vendor documents."""

import base64
import datetime
import os
import sys
import unittest
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import sha256  # noqa: E402
from relman import Site, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402


def stamp(days_ago):
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days_ago)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Connectors:
    """Tests that run for each vendor. A class sets kind (the type of the Registry) and path (of the list),
    and defines the answer with pages of (tag, digest, days since the push)."""
    kind = None
    path = None
    auth = ""

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.server = StandIn()
        self.addCleanup(self.server.close)
        self.ages = {}
        for i in range(5):
            self.push(f"v1.{i}.0", 10 - i)
        self.server.answers["GET " + self.path] = self.answer
        self.component()

    def push(self, tag, days_ago=0, content=None):
        self.ages[tag] = days_ago
        return self.server.push("shop/api", tag, content)

    def tags(self):
        return [(tag, sha256(m), self.ages[tag]) for tag, m in self.server.repositories["shop/api"].items()]

    def component(self, more=""):
        self.site.write("c.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\n"
                                  f"spec: {{url: '{self.server.url}', type: {self.kind}{self.auth}}}\n---\n"
                                  f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: api}}\nspec:\n"
                                  f"  imageRepository: {self.server.host}/shop/api\n"
                                  f"  versioningStrategy: {{type: semver}}\n{more}")

    def once(self, wanted=0):
        self.server.requests.clear()
        status, out, err = self.site.once()
        self.assertEqual(status, wanted, err + out)
        return err

    def heads(self):
        return dict(self.site.stored.channels("name", "tag"))

    def pages(self, handler, size):
        """Returns (number of the page, tags of the page, whether another page follows)."""
        number = int(parse_qs(urlsplit(handler.path).query).get("page", ["1"])[0])
        tags = self.tags()
        return number, tags[(number - 1) * size:number * size], len(tags) > number * size

    def lists(self):
        return len([1 for method, path, _ in self.server.requests if method == "GET" and "/manifests/" not in path and "/blobs/" not in path])

    def asked(self):
        """Returns the digests of the requested manifests. Fails if a manifest was requested by tag."""
        self.assertEqual(self.server.count("manifests/(?!sha256:)"), 0)
        return [path.rsplit("/", 1)[1] for _, path, _ in self.server.requests if "/manifests/" in path]

    # --- the story ---------------------------------------------------------------------------------

    def test_digests_come_with_the_list_and_no_tag_is_asked_for(self):
        self.once()
        self.assertEqual(self.heads(), {"stable": "v1.4.0"})
        self.assertEqual(self.asked(), [self.server.digest("shop/api", "v1.4.0")])  # the digest of the future head
        cold = self.lists()
        digests = dict(self.site.stored.tags("tag", "digest"))
        self.assertEqual(digests, {tag: digest for tag, digest, _ in self.tags()})
        events = len(self.site.events())
        self.once()
        self.assertEqual((self.lists(), self.asked()), (cold, []))
        self.assertEqual(len(self.site.events()), events)

    def test_a_moved_tag_is_found_in_the_list(self):
        self.once()
        digest = self.push("v1.4.0", 0, "other")
        self.once()
        self.assertEqual(len(self.site.events("tag.moved")), 1)
        self.assertEqual(self.site.stored.channels("digest"), [(digest,)])

    def test_a_refusal_leads_to_ocis_own_list(self):
        for status in (401, 403, 404):
            with self.subTest(status=status):
                site, self.site = self.site, Site()
                self.addCleanup(self.site.close)
                self.component()
                self.server.answers["GET " + self.path] = lambda h, s=status: h.reply(s, {})
                self.once()
                self.assertEqual(self.heads(), {"stable": "v1.4.0"})
                self.assertGreater(self.server.count("tags/list"), 0)

    def test_the_registrys_time_counts_for_minimum_age(self):
        self.component("  minimumAge: 7d12h\n")
        self.once()
        self.assertEqual(self.heads(), {"stable": "v1.2.0"})  # pushed 8 days ago; v1.3.0 was pushed 7 days ago
        message = self.site.stored.conditions("message", type="Held")[0][0]
        self.assertIn("v1.4.0", message)

    def test_garbage_is_an_error_and_changes_nothing(self):
        self.once()
        before = self.site.stored.tags()
        for body in (b"<html>", b"{}", b'{"results": 1, "tags": 1}', b"[" * 100000, b"null"):
            with self.subTest(body=body[:10]):
                if self.kind in ("gar", "acr") and body == b"{}":
                    continue  # for these vendors an empty list, which the guard holds back
                self.server.answers["GET " + self.path] = lambda h, b=body: h.reply(200, b)
                self.assertIn("component 'api'", self.once(1))
                self.assertEqual(self.site.stored.tags(), before)


    # --- polls of one daemon -----------------------------------------------------------------------

    def start(self):
        self.site.start("poll: {interval: 1h}")
        self.addCleanup(self.site.close)
        wait_for(lambda: self.heads(), what="first sync")

    def poll(self):
        """Polls again. Afterwards self.server.requests has only the requests of this poll."""
        self.server.requests.clear()
        status, body, _ = self.site.call("POST", "/api/v1/components/api/sync-versions", {})
        self.assertEqual(status, 200, body)

    def vendor(self):
        return len([1 for method, path, _ in self.server.requests if method == "GET" and urlsplit(path).path == self.path])

    def test_one_refusal_does_not_give_up_the_list_with_digests(self):
        self.start()
        for status in (401, 403, 404):
            with self.subTest(status=status):
                self.server.answers["GET " + self.path] = lambda h, s=status: h.reply(s, {})
                self.poll()
                self.assertEqual(self.server.count("GET .*/v2/shop/api/tags/list"), 1)
                self.server.answers["GET " + self.path] = self.answer
                digest = self.push("v1.4.0", 0, f"moved {status}")
                self.poll()
                self.assertGreater(self.vendor(), 0)
                self.assertEqual((self.server.count("tags/list$"), self.asked()), (0, [digest]))
                self.assertEqual(self.site.stored.channels("digest"), [(digest,)])

    def test_a_list_that_is_always_refused_is_not_asked_for_at_every_poll(self):
        self.server.answers["GET " + self.path] = lambda h: h.reply(403, {})
        self.start()
        for wanted in (1, 1, 0, 0):
            self.poll()
            self.assertEqual(self.vendor(), wanted)
            self.assertEqual(self.server.count("GET .*/v2/shop/api/tags/list"), 1)


class DockerHub(Connectors, unittest.TestCase):
    kind = "dockerhub"
    path = "/v2/namespaces/shop/repositories/api/tags"

    def answer(self, handler):
        number, tags, more = self.pages(handler, 2)
        handler.reply(200, {"count": len(self.tags()), "next": "https://elsewhere.example/x" if more else None, "previous": None,
                            "results": [{"id": 1, "name": t, "digest": d, "last_updated": stamp(a), "tag_last_pushed": stamp(a),
                                         "images": []} for t, d, a in tags]})

    def test_a_tag_without_a_digest_is_asked_for(self):
        def without(handler):
            handler.reply(200, {"next": None, "results": [
                {"name": t, "digest": None if t == "v1.4.0" else d, "tag_last_pushed": stamp(a)} for t, d, a in self.tags()]})
        self.server.answers["GET " + self.path] = without
        self.once()
        self.assertEqual(self.heads(), {"stable": "v1.4.0"})
        self.assertEqual(self.server.count("HEAD .*/manifests/v1.4.0"), 1)
        self.assertEqual(self.server.count("manifests/v1.3.0"), 0)


class Quay(Connectors, unittest.TestCase):
    kind = "quay"
    path = "/api/v1/repository/shop/api/tag/"

    def answer(self, handler):
        number, tags, more = self.pages(handler, 2)
        now = datetime.datetime.now(datetime.timezone.utc).timestamp()
        handler.reply(200, {"tags": [{"name": t, "manifest_digest": d, "is_manifest_list": False, "size": 1,
                                      "start_ts": int(now - a * 86400), "last_modified": "x", "reversion": False}
                                     for t, d, a in tags] +
                            [{"name": "v9.9.9", "manifest_digest": sha256(b"dead"), "start_ts": 1, "end_ts": 2}],
                            "page": number, "has_additional": more})

    def test_a_tag_that_expires_is_a_tag_until_then(self):
        now = int(datetime.datetime.now(datetime.timezone.utc).timestamp())
        ends = {}

        def answer(handler):
            handler.reply(200, {"tags": [{"name": t, "manifest_digest": d, "start_ts": 1, **({"end_ts": ends[t]} if t in ends else {})}
                                         for t, d, a in self.tags()], "page": 1, "has_additional": False})
        self.server.answers["GET " + self.path] = answer
        for end, wanted in ((now + 365 * 86400, "v1.4.0"), (None, "v1.4.0"), (0, "v1.4.0"), (now - 1, "v1.3.0"), (1, "v1.3.0")):
            with self.subTest(end=end):
                site, self.site = self.site, Site()
                self.addCleanup(self.site.close)
                ends["v1.4.0"] = end
                self.component()
                self.once()
                self.assertEqual(self.heads(), {"stable": wanted})
        ends.update({tag: now + 86400 for tag, _, _ in self.tags()})
        self.once()
        self.assertEqual(self.site.stored.count("tags"), 5)


class Harbor(Connectors, unittest.TestCase):
    kind = "harbor"
    path = "/api/v2.0/projects/shop/repositories/api/artifacts"

    def setUp(self):
        super().setUp()
        password = os.path.join(self.site.folder, "password")
        with open(password, "w") as f:
            f.write("s3cret")
        os.chmod(password, 0o600)
        self.project = {"project_id": 7, "name": "shop", "registry_id": None}
        self.server.answers["GET /api/v2.0/projects/shop"] = lambda h: h.reply(200, self.project)
        self.auth = f", auth: {{username: 'robot$x', passwordFile: {password}}}"
        self.component()

    def answer(self, handler):
        wanted = "Basic " + base64.b64encode(b"robot$x:s3cret").decode()
        if handler.headers.get("Authorization") != wanted:
            return handler.reply(401, {})
        number, tags, more = self.pages(handler, 100)
        handler.reply(200, [{"digest": d, "type": "IMAGE", "tags": [{"name": t, "push_time": stamp(a)}]} for t, d, a in tags] +
                      [{"digest": sha256(b"untagged"), "tags": None}])

    def check(self):
        return len([1 for method, path, _ in self.server.requests if path == "/api/v2.0/projects/shop"])

    def test_a_proxy_cache_is_asked_for_the_tags_of_its_upstream(self):
        """The list of a proxy cache has only the tags that clients have pulled, with the digests of that
        time."""
        self.project["registry_id"] = 3
        known = [t for t in self.tags() if t[0] == "v1.1.0"]
        self.tags = lambda: known
        self.start()
        self.assertEqual(self.heads(), {"stable": "v1.4.0"})
        self.assertEqual((self.check(), self.vendor()), (1, 0))
        self.poll()
        self.assertEqual((self.check(), self.vendor(), self.server.count("GET .*/v2/shop/api/tags/list")), (0, 0, 1))

    def test_a_project_is_checked_once(self):
        self.start()
        self.assertEqual((self.check(), self.server.count("GET .*/v2/shop/api/tags/list")), (1, 0))
        self.poll()
        self.assertEqual((self.check(), self.vendor()), (0, 1))

    def test_a_project_that_cannot_be_checked_is_asked_for_ocis_list(self):
        bodies = ((200, b"<html>"), (200, b"[]"), (200, b"null"), (401, b""), (403, b"{}"), (404, b""))
        for status, body in bodies:
            with self.subTest(status=status, body=body):
                site, self.site = self.site, Site()
                self.addCleanup(self.site.close)
                self.component()
                self.server.answers["GET /api/v2.0/projects/shop"] = lambda h, s=status, b=body: h.reply(s, b)
                self.once()
                self.assertEqual(self.heads(), {"stable": "v1.4.0"})
                self.assertEqual(self.vendor(), 0)

    def test_trouble_while_a_project_is_checked_changes_nothing(self):
        self.once()
        before = self.site.stored.tags()
        self.server.answers["GET /api/v2.0/projects/shop"] = lambda h: h.reply(500, b"")
        self.assertIn("component 'api'", self.once(1))
        self.assertEqual(self.site.stored.tags(), before)


class ArtifactRegistry(Connectors, unittest.TestCase):
    kind = "gar"
    path = "/v2/shop/api/tags/list"

    def answer(self, handler):
        now = datetime.datetime.now(datetime.timezone.utc).timestamp()
        handler.reply(200, {"child": [], "name": "shop/api", "tags": [t for t, _, _ in self.tags()],
                            "manifest": {d: {"imageSizeBytes": "1", "layerId": "", "mediaType": "x", "tag": [t],
                                             "timeCreatedMs": "0", "timeUploadedMs": str(int((now - a * 86400) * 1000))}
                                         for t, d, a in self.tags()}})

    def test_a_refusal_leads_to_ocis_own_list(self):
        """Artifact Registry extends OCI's list, so that there is no other list for a fallback."""
        self.server.answers["GET " + self.path] = lambda h: h.reply(403, {})
        self.once(1)

    test_one_refusal_does_not_give_up_the_list_with_digests = None
    test_a_list_that_is_always_refused_is_not_asked_for_at_every_poll = None

    def with_etag(self, *without):
        """Makes the list have an ETag, and no digest for the tags in without. Returns the received
        If-None-Match fields."""
        conditions = []

        def answer(handler):
            conditions.append(handler.headers.get("If-None-Match"))
            etag = f'"{len(self.tags())}"'
            if conditions[-1] == etag:
                return handler.reply(304, b"", {"ETag": etag})
            handler.reply(200, {"tags": [t for t, _, _ in self.tags()],
                                "manifest": {d: {"tag": [t]} for t, d, _ in self.tags() if t not in without}}, {"ETag": etag})
        self.server.answers["GET " + self.path] = answer
        return conditions

    def test_a_tag_without_a_digest_in_the_list_is_asked_for_although_the_list_did_not_change(self):
        self.with_etag("v1.4.0")
        self.once()
        digest = self.push("v1.4.0", 0, "moved")
        self.once()
        self.assertEqual(self.site.stored.channels("digest"), [(digest,)])
        self.assertEqual(self.server.count("manifests/v1.3.0"), 0)

    def test_a_list_with_all_digests_is_asked_for_conditionally(self):
        conditions = self.with_etag()
        self.start()
        self.poll()
        self.assertEqual(self.server.count("manifests"), 0)
        self.assertEqual(conditions, [None, '"5"'])

    def test_a_tag_under_two_digests_is_asked_for(self):
        def disputed(handler):
            handler.reply(200, {"tags": ["v1.4.0"], "manifest": {sha256(b"a"): {"tag": ["v1.4.0"]}, sha256(b"b"): {"tag": ["v1.4.0"]}}})
        self.server.answers["GET " + self.path] = disputed
        self.once()
        self.assertEqual(self.server.count("HEAD .*/manifests/v1.4.0"), 1)


class Acr(Connectors, unittest.TestCase):
    kind = "acr"
    path = "/acr/v1/shop/api/_tags"

    def answer(self, handler):
        query = parse_qs(urlsplit(handler.path).query)
        last = query.get("last", [""])[0]
        rest = [t for t in self.tags() if t[0] > last]
        headers = {"Link": f'</acr/v1/shop/api/_tags?last={rest[1][0]}&n=2>; rel="next"'} if len(rest) > 2 else {}
        handler.reply(200, {"registry": "x", "imageName": "shop/api",
                            "tags": [{"name": t, "digest": d, "createdTime": stamp(a), "lastUpdateTime": stamp(a)}
                                     for t, d, a in rest[:2]]}, headers)


class GitLab(Connectors, unittest.TestCase):
    kind = "gitlab"
    path = "/gitlab/v1/repositories/shop/api/tags/list/"

    def answer(self, handler):
        handler.reply(200, [{"name": t, "digest": d, "media_type": "x", "size_bytes": 1, "created_at": stamp(a),
                             "published_at": stamp(a)} for t, d, a in self.tags()])


if __name__ == "__main__":

    relman.main()
