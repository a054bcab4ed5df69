#!/usr/bin/env python3
"""Tests that relmand respects caches, limits and mirrors of registries, and does not trust stale replicas at
once."""

import json
import os
import re
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import MANIFEST, sha256  # noqa: E402
from relman import Site, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

LIST = "GET /v2/app/api/tags/list"
RELEASE = "apiVersion: relman/v1\nkind: Release\nmetadata: {name: %s}\nspec:\n  mode: pinned\n  components: [%s]\n"


class Case(unittest.TestCase):
    config = ""

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.server = StandIn()
        self.addCleanup(self.server.close)
        self.server.push("app/api", "v1.0.0")

    def registry(self, more="", component=""):
        self.site.write("registry.yaml",
                        f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\n"
                        f"spec: {{url: '{self.server.url}'{more}}}\n---\n"
                        f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: api}}\n"
                        f"spec: {{imageRepository: {self.server.host}/app/api, "
                        f"versioningStrategy: {{type: semver}}{component}}}\n")

    def release(self, name, item):
        self.site.write(f"{name}.yaml", RELEASE % (name, item))

    def once(self, wanted=0):
        status, out, err = self.site.once()
        self.assertEqual(status, wanted, err + out)
        return out + err

    def conditions(self, kind):
        # Drift may have status False, if no environment has the release
        status = {} if kind == "Drift" else {"status": "True"}
        return self.site.stored.conditions("reason", "message", type=kind, **status)

    def set_answer(self, method, path, headers):
        """Makes the stand-in send its normal answer with additional headers."""
        def answer(handler):
            send = handler.send_header
            original = handler.end_headers

            def end():
                for name, value in headers.items():
                    send(name, value)
                original()
            handler.end_headers = end
            try:
                self.server.serve(handler, path.split("?")[0])
            finally:
                handler.end_headers = original
        self.server.answers[f"{method} {path}"] = answer


class Caches(Case):
    def test_a_list_with_an_etag_is_asked_for_conditionally(self):
        self.registry()
        listed = []

        def answer(handler):
            listed.append(handler.headers.get("If-None-Match"))
            if handler.headers.get("If-None-Match") == 'W/"one"':
                return handler.reply(304, b"", {"ETag": 'W/"one"'})
            handler.reply(200, {"name": "app/api", "tags": ["v1.0.0"]}, {"ETag": 'W/"one"'})
        self.server.answers[LIST] = answer
        self.once()
        before = self.site.stored.syncs()
        self.once()
        self.once()
        self.assertEqual(listed, [None, 'W/"one"', 'W/"one"'])
        self.assertEqual(self.site.stored.syncs(), before)

        def changed(handler):
            handler.reply(200, {"name": "app/api", "tags": ["v1.0.0", "v1.1.0"]}, {"ETag": '"two"'})
        self.server.answers[LIST] = changed
        self.server.push("app/api", "v1.1.0")
        self.once()
        self.assertEqual(self.site.stored.channels("tag"), [("v1.1.0",)])

    def test_bodies_are_requested_without_compression(self):
        self.registry()
        self.once()
        self.once()
        encodings = {(method, headers.get("Accept-Encoding")) for method, path, headers in self.server.requests if path.startswith("/v2/app/")}
        self.assertEqual(encodings, {("GET", "identity"), ("HEAD", None)})

    def test_a_304_nobody_asked_for_is_an_error(self):
        self.registry()
        self.server.answers[LIST] = lambda handler: handler.reply(304, b"")
        self.assertIn("304", self.once(1))

    def test_what_a_stale_cache_lacks_is_not_gone(self):
        self.server.push("app/api", "v1.1.0")
        self.registry()
        self.once()
        self.server.answers[LIST] = lambda handler: handler.reply(
            200, {"name": "app/api", "tags": ["v1.0.0"]}, {"Warning": '110 cache "Response is Stale"', "Age": "9000"})
        for _ in range(3):
            self.once()
        self.assertEqual(self.site.stored.count("tags", missing__gt=0), 0)
        self.assertEqual(self.site.stored.channels("tag"), [("v1.1.0",)])


class Limits(Case):
    def test_without_pulls_left_manifests_are_not_fetched_and_heads_wait(self):
        self.registry()
        self.release("one", "{name: api, version: 1.0.0}")
        self.set_answer("HEAD", "/v2/app/api/manifests/v1.0.0", {"RateLimit-Remaining": "0;w=21600"})
        text = self.once(1)
        self.assertIn("no pull left", text)
        self.assertEqual(self.server.count("^GET .*/manifests/"), 0)
        self.assertEqual(self.server.count("^HEAD .*/manifests/v1.0.0"), 1)
        self.assertEqual(self.site.stored.channels("tag"), [])
        self.assertIn("no pull left", self.site.stored.conditions("message", kind="Component", type="Ready")[0][0])
        del self.server.answers["HEAD /v2/app/api/manifests/v1.0.0"]
        self.once()
        self.assertIn("lockDigest", self.site.lock("one"))

    def test_a_reset_near_by_is_waited_for(self):
        self.registry()
        self.set_answer("GET", "/v2/app/api/tags/list", {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2"})
        start = time.monotonic()
        self.once()
        self.assertGreater(time.monotonic() - start, 1.9)
        # the requests for the list, the tag, its manifest and its configuration
        self.assertEqual(self.server.count("."), 4)

    def test_a_time_to_come_back_at_is_understood(self):
        self.registry()
        first = []

        def answer(handler):
            if not first:
                first.append(time.monotonic())
                return handler.reply(429, {"detail": "slow"}, {"X-Retry-After": str(int(time.time()) + 3)})
            first.append(time.monotonic())
            self.server.serve(handler, "/v2/app/api/tags/list")
        self.server.answers[LIST] = answer
        self.once()
        self.assertEqual(len(first), 2)
        self.assertGreater(first[1] - first[0], 1.5)


class Proxies(Case):
    def test_a_registry_of_its_own_is_asked_through_its_proxy(self):
        proxy = StandIn()
        self.addCleanup(proxy.close)
        asked = []

        def forward(handler):
            asked.append(handler.path)
            self.server.serve(handler, "/" + handler.path.split("/", 3)[3])
        self.server.answers[LIST] = self.server.answers["HEAD /v2/app/api/manifests/v1.0.0"] = (
            lambda handler: handler.reply(500, {}))
        for method, path in (("GET", "/v2/app/api/tags/list"), ("HEAD", "/v2/app/api/manifests/v1.0.0")):
            proxy.answers[f"{method} {path}"] = forward
        self.registry(f", proxy: '{proxy.url}'")
        self.once()
        self.assertEqual([path.startswith(self.server.url) for path in asked], [True, True])
        self.assertEqual(self.server.count("."), 0)


class Flips(Case):
    def test_a_stale_replica_that_answers_in_turn_makes_one_event_and_no_more(self):
        self.registry()
        self.once()
        old = self.server.repositories["app/api"]["v1.0.0"]
        self.server.push("app/api", "v1.0.0", "rebuilt")
        new = self.server.repositories["app/api"]["v1.0.0"]
        self.once()
        self.assertEqual(len(self.site.events("tag.moved")), 1)
        for manifest in (old, new, old, new):
            self.server.repositories["app/api"]["v1.0.0"] = manifest
            self.once()
        self.assertEqual(len(self.site.events("tag.moved")), 1)
        self.assertEqual(self.site.stored.channels("digest"), [(sha256(new),)])

    def test_a_tag_put_back_is_believed_when_it_stays_so(self):
        self.registry()
        self.site.start("poll: {interval: 1s, jitter: 0%}\n")
        wait_for(lambda: self.site.stored.channels("tag"), what="channel")
        old = self.server.repositories["app/api"]["v1.0.0"]
        self.server.push("app/api", "v1.0.0", "rebuilt")
        wait_for(lambda: len(self.site.events("tag.moved")) == 1, what="first move")
        self.server.repositories["app/api"]["v1.0.0"] = old
        wait_for(lambda: self.conditions("Warning"), what="warning")
        self.assertEqual(self.conditions("Warning")[0][0], "TagFlips")
        wait_for(lambda: len(self.site.events("tag.moved")) == 2, 10, "second move")
        wait_for(lambda: not self.conditions("Warning"), what="end of the warning")
        self.assertEqual(self.site.stored.channels("digest"), [(sha256(old),)])


class Drift(Case):
    def released(self):
        return self.site.stored.resolved("digest")

    def test_an_index_written_anew_around_the_same_images_moves_but_is_no_drift(self):
        images = {"linux/amd64": "a", "linux/arm64": "b"}
        self.server.push_index("app/api", "v2.0.0", images)
        self.registry()
        self.release("one", "{name: api, version: 2.0.0}")
        self.once()
        self.server.push_index("app/api", "v2.0.0", dict(images, **{"linux/s390x": "c"}))
        self.once()
        self.assertEqual(len(self.site.events("tag.moved")), 1)
        self.assertEqual(self.site.events("drift.detected"), [])
        self.assertEqual(self.conditions("Drift"), [])
        self.server.push_index("app/api", "v2.0.0", dict(images, **{"linux/arm64": "other"}))
        self.once()
        self.assertEqual(len(self.site.events("drift.detected")), 1)
        self.assertEqual(self.conditions("Drift")[0][0], "TagMoved")
        self.once()
        self.assertEqual(len(self.site.events("drift.detected")), 1)

    def test_an_index_that_shows_other_clients_another_image_is_drift_and_not_believed(self):
        """The index has two lists of images. Clients that use the last key or ignore case would see another
        list than relman."""
        images = {"linux/amd64": "a"}
        self.server.push_index("app/api", "v2.0.0", images)
        good = self.server.repositories["app/api"]["v2.0.0"].decode()
        self.server.push_index("app/api", "evil", {"linux/amd64": "evil"})
        evil = self.server.repositories["app/api"].pop("evil").decode()
        entry = evil[evil.index("[") + 1:evil.rindex("]")]
        self.registry()
        self.release("one", "{name: api, version: 2.0.0}")
        self.once()
        for n, (key, index) in enumerate((
                ("manifests", good[:-1] + f',"manifests":[{entry}]}}'),
                ("Manifests", good[:-1] + f',"Manifests":[{entry}]}}'),
                ("Platform", good.replace("[", "[" + entry.replace('"platform"', '"Platform"') + ",", 1)))):
            with self.subTest(key=key):
                self.server.tag("app/api", "v2.0.0", index.encode())
                self.once()
                self.assertEqual(len(self.site.events("drift.detected")), n + 1)
                (reason, message), = self.conditions("Drift")
                self.assertEqual(reason, "NotBelieved")
                self.assertIn(f'key "{key}"', message)

    def test_a_manifest_that_is_not_believed_makes_no_release_and_is_named(self):
        self.server.push_index("app/api", "v2.0.0", {"linux/amd64": "a"})
        manifest = self.server.repositories["app/api"]["v2.0.0"]
        self.server.tag("app/api", "v2.0.0", manifest[:-1] + b',"manifests":[]}')
        self.registry(component=", platforms: [linux/amd64]")
        self.release("one", "{name: api, tag: v2.0.0}")
        self.assertIn('repeated key "manifests"', self.once(1))
        self.assertIsNone(self.site.lock("one"))
        (reason, message), = self.conditions("Warning")
        self.assertEqual(reason, "NotBelieved")
        self.assertIn("v2.0.0", message)
        self.assertIn('repeated key "manifests"', message)

    def test_a_platform_nobody_wants_does_not_drift(self):
        images = {"linux/amd64": "a", "linux/arm64": "b"}
        self.server.push_index("app/api", "v2.0.0", images)
        self.registry(component=", platforms: [linux/amd64]")
        self.release("one", "{name: api, version: 2.0.0}")
        self.once()
        self.server.push_index("app/api", "v2.0.0", dict(images, **{"linux/arm64": "other"}))
        self.once()
        self.assertEqual(self.site.events("drift.detected"), [])

    def test_a_digest_that_is_gone_is_told_once_and_taken_back(self):
        self.registry()
        self.server.push("app/api", "v2.0.0")
        self.release("one", "{name: api, version: 1.0.0}")
        self.release("two", "{name: api, digest: '%s'}" % sha256(self.server.repositories["app/api"]["v2.0.0"]))
        self.once()
        gone = self.server.repositories["app/api"].pop("v1.0.0")
        pinned = self.server.repositories["app/api"].pop("v2.0.0")
        self.server.push("app/api", "v3.0.0")
        self.once()
        self.once()
        told = self.site.events("drift.detected")
        self.assertEqual(len(told), 2, told)
        self.assertIn("DigestGone", told[0][2])
        self.assertEqual(self.conditions("Drift")[0][0], "DigestGone")
        self.assertEqual(len(self.released()), 2)
        self.server.repositories["app/api"]["v1.0.0"] = gone
        self.server.repositories["app/api"]["v2.0.0"] = pinned
        self.once()
        self.assertEqual(self.conditions("Drift"), [])
        self.assertEqual(self.site.stored.drift(), [])


class SlowPatternCase(Case):
    slow = ", ignoreTags: ['^((a+)+)+$']"
    n_slow = 20

    def setUp(self):
        super().setUp()
        self.server.push("app/api", "v1.1.0")
        for i in range(self.n_slow):
            self.server.push("app/api", "a" * 60 + f"-{i}")
        self.registry()
        self.release("one", "{name: api, version: 1.0.0}")
        self.once()
        self.before = self.known()

    def known(self):
        return (self.site.stored.channels("name", "tag", "digest"),
                self.site.stored.versions("tag", "digest", "semver"),
                self.site.stored.tags("tag", "digest", "missing"))

    def ready(self):
        return self.site.stored.conditions("status", "reason", "message", type="Ready")[0]


class SlowPatterns(SlowPatternCase):
    """Tests that rules that take too long are reported and change no known version."""

    def test_what_was_known_stays_and_the_condition_names_the_pattern(self):
        self.registry(component=self.slow)
        self.server.push("app/api", "v1.2.0")
        for _ in range(2):
            self.assertIn("ignoreTags[0] '^((a+)+)+$' takes too many steps", self.once(1))
            self.assertEqual(self.known(), self.before)
            status, reason, message = self.ready()
            self.assertEqual((status, reason), ("False", "PatternTooCostly"))
            self.assertIn("ignoreTags[0] '^((a+)+)+$'", message)
            self.assertIn("rewrite it", message)
        self.registry(component=", ignoreTags: ['^a+-']")
        self.once()
        self.assertEqual(self.site.stored.channels("tag"), [("v1.2.0",)])
        self.assertEqual(self.ready()[:2], ("True", "Synced"))

    def plan(self, patterns):
        return {"documents": [{"apiVersion": "relman/v1", "kind": "Component", "metadata": {"name": "api"},
                               "spec": {"imageRepository": f"{self.server.host}/app/api", "ignoreTags": patterns,
                                        "versioningStrategy": {"type": "semver"}}}]}

    def test_a_plan_says_so_and_moves_no_head(self):
        self.site.start()
        status, plan, _ = self.site.call("POST", "/api/v1/specs/plan", self.plan(["^v1[.]1", "^((a+)+)+$"]))
        self.assertEqual(status, 200, plan)
        component, = (item for item in plan["objects"] if item["kind"] == "Component")
        self.assertIn("ignoreTags[1] '^((a+)+)+$' takes too many steps", component["message"])
        self.assertEqual(plan["channels"], [])
        status, plan, _ = self.site.call("POST", "/api/v1/specs/plan", self.plan(["^v1[.]1"]))
        self.assertEqual([(item["fromTag"], item["toTag"]) for item in plan["channels"]], [("v1.1.0", "v1.0.0")])

    def test_a_plan_whose_client_is_gone_or_whose_daemon_stops(self):
        """A preview needs many turns of the loop: its patterns take about 2^14 steps for each tag, which is
        below the limit."""
        for i in range(300):
            self.server.push("app/api", "a" * 14 + f"-{i}")
        self.once()
        self.site.start()
        body = json.dumps(self.plan(["^(a+)+$"] * 8)).encode()
        request = b"POST /api/v1/specs/plan HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" \
                  b"Content-Length: %d\r\n\r\n" % len(body) + body
        for _ in range(2):
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(self.site.socket)
                client.sendall(request)
        status, _, _ = self.site.call("GET", "/healthz")
        self.assertEqual(status, 200)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(self.site.socket)
            client.sendall(request)
            self.assertEqual(self.site.stop()[0], 0)

    def long_plan(self, n, n_components=1):
        """Sends a plan that takes long: its patterns take about 2^14 steps for each tag, which is below the
        limit of a match. The limit of all matches applies to each component separately."""
        tags = json.dumps({"tags": ["a" * 14 + f"-{i}" for i in range(n)]}).encode()
        self.server.answers["GET /v2/app/api/tags/list"] = lambda h: h.reply(200, tags)
        documents = []
        for i in range(n_components):
            document, = self.plan(["^(a+)+$"] * 8)["documents"]
            document["metadata"]["name"] = f"c{i}"
            documents.append(document)
            self.site.write(f"c{i}.yaml", json.dumps({**document, "spec": {**document["spec"], "ignoreTags": []}}))
        self.once()
        self.site.start()
        body = json.dumps({"documents": documents}).encode()
        client = socket.socket(socket.AF_UNIX)
        client.connect(self.site.socket)
        client.sendall(b"POST /api/v1/specs/plan HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                       b"Content-Length: %d\r\n\r\n" % len(body) + body)
        return client

    def metric(self, name):
        text = self.site.call("GET", "/metrics")[1]
        return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.M).group(1))

    def test_a_plan_ends_when_its_client_goes_away(self):
        with self.long_plan(500, n_components=60):  # about half a second for each component
            wait_for(lambda: self.metric("relman_api_memory_bytes") > 500 * 88, what="the plan")
        wait_for(lambda: self.metric("relman_api_memory_bytes") < 20000, what="its end")

    def test_a_plan_holds_memory_of_the_api(self):
        """The memory of a plan includes its tags: 88 bytes and the text of each."""
        with self.long_plan(30000) as client:
            wait_for(lambda: self.metric("relman_api_memory_bytes") > 30000 * (88 + 20), what="the tags")
            client.settimeout(60)
            self.assertIn(b" 200 ", client.recv(64))
        wait_for(lambda: self.metric("relman_api_memory_bytes") < 200000, what="the end")

    def test_drift_is_still_found(self):
        self.registry(component=self.slow)
        self.once(1)
        digest = self.server.push("app/api", "v1.0.0", "other")
        self.once(1)
        self.assertEqual(self.conditions("Drift")[0][0], "TagMoved")
        self.assertEqual(len(self.site.events("drift.detected")), 1)
        self.assertEqual(len(self.site.events("tag.moved")), 1)
        self.assertIn(digest, self.conditions("Drift")[0][1])
        self.assertEqual(self.known()[0], self.before[0])


class SlowPatternOnOneTag(SlowPatternCase):
    """Tests a single match that exceeds its limit, on a tag that was a version."""
    n_slow = 1

    def test_it_stays_a_version(self):
        tag = "a" * 60 + "-0"
        self.registry(component=", versions: [{tag: %s, semver: 2.0.0}]" % tag)
        self.once()
        self.assertEqual(self.site.stored.channels("tag"), [(tag,)])
        self.registry(component=self.slow)
        self.once(1)
        self.assertEqual(self.site.stored.channels("tag"), [(tag,)])
        self.assertEqual(self.ready()[1], "PatternTooCostly")


class Mirrors(Case):
    def setUp(self):
        super().setUp()
        self.mirrors = [StandIn(), StandIn()]
        for mirror in self.mirrors:
            self.addCleanup(mirror.close)
        self.registry(f", limits: {{timeout: 2s}}, mirrors: [{{url: '{self.mirrors[0].url}'}}, {{url: '{self.mirrors[1].url}'}}]")
        self.digest = sha256(self.server.repositories["app/api"]["v1.0.0"])
        self.release("one", "{name: api, version: 1.0.0}")

    def break_origin(self):
        self.server.answers[f"GET /v2/app/api/manifests/{self.digest}"] = lambda handler: handler.reply(503, {})
        self.server.answers[f"HEAD /v2/app/api/manifests/{self.digest}"] = lambda handler: handler.reply(503)

    def test_content_comes_from_the_first_mirror_that_has_it(self):
        self.break_origin()
        self.mirrors[1].push("app/api", "whatever", "v1.0.0")
        self.assertEqual(self.mirrors[1].push("app/api", "whatever", "v1.0.0"), self.digest)
        self.once()
        self.assertIn(self.digest, self.site.lock("one"))
        for mirror in self.mirrors:  # one check of the head, and one when the release is made
            self.assertEqual(mirror.count(f"GET /v2/app/api/manifests/{self.digest}"), 2)
        for mirror in self.mirrors:
            self.assertEqual(mirror.count("tags/list"), 0)

    def test_a_mirror_that_lies_is_not_believed_and_the_next_is_asked(self):
        self.break_origin()
        lie = self.server.repositories["app/api"]["v1.0.0"] + b" "
        self.mirrors[0].answers[f"GET /v2/app/api/manifests/{self.digest}"] = lambda handler: handler.reply(
            200, lie, {"Content-Type": MANIFEST, "Docker-Content-Digest": self.digest})
        text = self.once(1)
        self.assertIn("503", text)
        self.assertIn("do not have this digest", text)
        self.assertIsNone(self.site.lock("one"))

    def test_with_the_registry_at_hand_no_mirror_is_asked(self):
        self.once()
        self.assertEqual([mirror.count(".") for mirror in self.mirrors], [0, 0])

    def test_a_digest_that_only_a_mirror_has_is_a_warning_that_names_the_mirror(self):
        """Tests a poll with a new list and polls with an unchanged list. The condition must be removed
        later."""
        self.once()
        self.mirrors[1].push("app/api", "whatever", "v1.0.0")
        manifest = self.server.repositories["app/api"].pop("v1.0.0")
        for tag in ("v0.1.0", None, None):
            if tag:
                self.server.push("app/api", tag)
            self.once()
            (reason, message), = self.conditions("Warning")
            self.assertEqual(reason, "OnlyOnMirror")
            self.assertIn(self.mirrors[1].url, message)
            self.assertIn(self.digest, message)
            self.assertEqual(self.conditions("Drift"), [])
        self.server.untagged.setdefault("app/api", []).append(manifest)
        self.once()
        self.assertEqual(self.conditions("Warning"), [])

    def test_credentials_are_not_shown_to_a_mirror(self):
        path = os.path.join(self.site.folder, "password")
        with open(path, "w") as f:
            f.write("geheim")
        self.server.answers[f"GET /v2/app/api/manifests/{self.digest}"] = lambda handler: handler.reply(503, {})
        self.registry(f", auth: {{username: u, passwordFile: '{path}'}}, mirrors: [{{url: '{self.mirrors[0].url}'}}]")
        self.mirrors[0].answers[f"GET /v2/app/api/manifests/{self.digest}"] = lambda handler: handler.reply(
            401, {}, {"WWW-Authenticate": 'Basic realm="x"'})
        self.once(1)
        self.assertGreater(self.mirrors[0].count("."), 0)
        for _, _, headers in self.mirrors[0].requests:
            self.assertNotIn("Authorization", headers)


if __name__ == "__main__":
    relman.main()
