#!/usr/bin/env python3
"""Tests relmanctl with servers that are not relmand or that send hostile text. No control character may reach
a terminal, and only documents of relmand count as success."""

import http.server
import json
import os
import re
import socketserver
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402

# Text with ESC and BEL, C1 characters, a second line, and a change of the writing direction.
EVIL = "boo\x1b]0;pwned\x07\x1b[31m\x9b31m\x85\nsecond row\r\x7f\u202e"
# Matches characters that control a terminal: C0 except line feed and tab, DEL, and C1.
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")

SPEC = """apiVersion: relman/v1
kind: Registry
metadata: {name: r}
spec: {url: 'https://registry.example.com'}
"""

ENVIRONMENT_VERBS = [("hold", "prod"), ("cancel", "prod"), ("resume", "prod"), ("approve", "one", "prod"), ("confirm", "prod")]
RELEASE_VERBS = [("archive", "one"), ("deprecate", "one"), ("promote", "one", "prod"), ("create", "release", "one", "api")]
VERBS = ENVIRONMENT_VERBS + RELEASE_VERBS + [
    ("sync", "api"), ("confirm-prune",), ("events", "replay", "ci", "--after", "1"), ("status",), ("audit",), ("events",), ("history", "prod"),
    ("lineage", "one"), ("compare", "one", "two"), ("changes", "prod", "--from", "2020-01-01T00:00:00Z"), ("explain", "api"), ("plan", "SPECS"),
    ("backup", "BACKUP"), ("get", "releases"), ("get", "release", "one"), ("get", "environments"), ("get", "environment", "prod"),
    ("get", "versions", "api"), ("get", "tags", "api")] + \
    [("get", kind) for kind in ("components", "registries", "streams", "receivers", "tenants", "outputs")] + \
    [("describe", kind, "x") for kind in ("component", "release", "environment", "registry", "stream", "receiver")]
SOME = [("hold", "prod"), ("create", "release", "one", "api"), ("status",), ("get", "releases"), ("describe", "environment", "x")]
NAMED = [verb for verb in VERBS if verb[0] in ("get", "hold", "approve", "confirm", "archive", "promote") and verb[1] not in ("versions", "tags")]

CONDITION = {"type": "Ready", "status": "False", "reason": EVIL, "message": EVIL, "since": EVIL}
CHANGE = {"path": EVIL, "from": EVIL, "to": EVIL}
ITEM = {key: EVIL for key in (
    "name", "status", "at", "environment", "release", "by", "evidenceRef", "reason", "sequence", "type", "objectName", "principal", "origin", "action",
    "imageRepository", "url", "nameTemplate", "format", "position", "pending", "nDeadLetters", "deliveredAt", "tag", "digest", "semver", "channel",
    "source", "resolvedAt", "createdAt", "firstSeenAt", "changedAt", "checkedAt", "problem", "componentName", "version", "direction", "fromVersion",
    "toVersion", "fromDigest", "toDigest", "role", "stream", "kind", "message", "component", "fromTag", "toTag", "fromRelease", "toRelease", "since",
    "deployedAt", "tenant", "defaultChannel", "target", "commit", "retryAt")}
OBJECT = {**ITEM, "id": "x", "synced": EVIL, "removed": EVIL, "ok": "true", "drift": EVIL, "startedAt": EVIL, "held": EVIL, "streamId": "x",
          "releaseAName": EVIL, "releaseBName": EVIL, "createdByName": EVIL, "declaredAt": EVIL, "conditions": [CONDITION], "troubles": [ITEM],
          "state": {**ITEM, "deployedBy": EVIL, "release": EVIL}, "hold": ITEM, "approval": {"person": EVIL, "given": EVIL, "required": EVIL},
          "channels": {EVIL: {"tag": EVIL}}, "data": None, EVIL: EVIL, "specs": {EVIL: EVIL, "total": EVIL}, "components": [ITEM],
          "environments": [ITEM], "path": [ITEM], "objects": [{**ITEM, "changes": [CHANGE]}], "releases": [{**ITEM, "components": [ITEM]}],
          **{part: [ITEM] for part in ("changed", "added", "removed", "unchanged")}, "removed_": EVIL}
EVENT = {**ITEM, "data": {key: EVIL for key in ("tag", "semver", "channel", "reason", "by")}, "conditions": [CONDITION], "channels": {EVIL: {"tag": EVIL}}}
PLAN = {**OBJECT, "channels": [ITEM], "environments": [ITEM], "warnings": [ITEM]}
DIFF_PATHS = ("/compare/", "/changes")
PAGES = ("/events", "/audit", "/history", "/versions", "/tags", "/releases")
LISTS = ("/tag-history", "/environments", "/components", "/registries", "/streams", "/receivers", "/tenants", "/outputs")


def evil(method, path):
    """Returns an answer of the expected form in which every text is EVIL."""
    path = path.split("?")[0]
    if method == "GET" and path.endswith(PAGES):
        return {"data": [EVENT], "meta": {"next": ""}}
    if method == "GET" and path.endswith(LISTS):
        return [EVENT]
    if "/specs/plan" in path:
        return PLAN
    if "/confirm-prune" in path:
        return {"removed": EVIL}
    if path.endswith("/lineage"):
        return {"release": {**OBJECT, "sourceRef": {EVIL: EVIL}}, "path": [ITEM]}
    return OBJECT


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """A server that answers each request with answer(method, path). Its result is a body or (status, body). A
    body is bytes, or an object to send as JSON."""
    daemon_threads = True

    def __init__(self, path):
        self.answer = evil

        class Handler(http.server.BaseHTTPRequestHandler):
            def serve(handler):  # noqa: N805
                handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
                body = self.answer(handler.command, handler.path)
                status, body = body if isinstance(body, tuple) else (200, body)
                data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
                handler.send_response(status)
                handler.send_header("Content-Type", "application/json")
                handler.send_header("Content-Length", str(len(data)))
                handler.end_headers()
                handler.wfile.write(data)
            do_GET = do_POST = serve

            def address_string(handler):  # noqa: N805
                return "unix"

            def log_message(handler, *args):  # noqa: N805
                pass
        super().__init__(path, Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.room = tempfile.TemporaryDirectory(prefix="relman-answers-")
        cls.server = Server(os.path.join(cls.room.name, "sock"))
        cls.specs = os.path.join(cls.room.name, "specs")
        os.mkdir(cls.specs)
        with open(os.path.join(cls.specs, "r.yaml"), "w") as f:
            f.write(SPEC)

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()
        cls.room.cleanup()

    def ctl(self, answer, *words):
        self.server.answer = answer
        words = [{"SPECS": self.specs, "BACKUP": os.path.join(self.room.name, "copy.db")}.get(word, word) for word in words]
        r = subprocess.run([os.path.join(relman.BUILDDIR, "relmanctl"), *words], capture_output=True, timeout=60,
                           env=dict(os.environ, RELMAN_SOCKET=self.server.server_address))
        for stream in (r.stdout, r.stderr):
            self.assertNotIn(b"Sanitizer", stream)
            text = stream.decode()  # raises an exception if the output is not UTF-8
            self.assertIsNone(RAW.search(text), f"{words}: {stream!r}")
        return r.returncode, r.stdout.decode(), r.stderr.decode()

    def test_no_control_character_of_an_answer_is_printed(self):
        n = 0
        for verb in VERBS:
            for output in ([], ["-o", "wide"], ["-o", "yaml"])[:3 if verb in SOME else 1]:
                with self.subTest(" ".join(verb), output=output):
                    status, out, err = self.ctl(evil, *verb, *output)
                    n += "boo" in out
                    if verb[0] not in ("explain", "backup"):  # these verbs check complete documents
                        # the plan has refusals
                        self.assertEqual((status, err), (1 if verb[0] == "plan" else 0, ""))
                    if output != ["-o", "yaml"]:
                        self.assertNotIn("\u202e", out)
                        self.assertNotIn("\nsecond row", out)
        self.assertGreater(n, 40)

    def test_json_stays_json_without_control_characters(self):
        for verb in SOME:
            with self.subTest(" ".join(verb)):
                status, out, err = self.ctl(evil, *verb, "-o", "json")
                self.assertEqual((status, err), (0, ""))
                self.assertIn(EVIL, texts(json.loads(out)))

    def test_names_are_one_line(self):
        for verb in NAMED:
            with self.subTest(" ".join(verb)):
                status, out, err = self.ctl(evil, *verb, "-o", "name")
                self.assertEqual((status, err), (0, ""))
                self.assertEqual(len(out.splitlines()), 1, out)
                self.assertRegex(out, r"^[a-z]+/boo")

    def test_an_error_is_escaped(self):
        for status in (401, 404, 500):
            for body in ({"detail": EVIL}, b"\xff\x9b[31m"):
                for verb in (("get", "releases"), ("hold", "prod"), ("backup", "BACKUP")):
                    with self.subTest(status=status, verb=verb):
                        code, out, err = self.ctl(lambda *_: (status, body), *verb)
                        self.assertEqual((code, out), (1, ""))
                        self.assertEqual(len(err.splitlines()), 1, err)

    def test_what_is_not_relmans_is_no_success(self):
        """Runs every verb with documents that are not relman's. Some verbs accept an empty object."""
        others = {"an empty object": {}, "another object": {"hello": "world"}, "an array": ["x"], "a number": 5, "a text": "ok", "null": None,
                  "wrong types": {key: [] if isinstance(value, str) else "x" for key, value in OBJECT.items()},
                  "items of wrong types": {"data": [{key: {} for key in ITEM}], "meta": {}}, "a list of numbers": [1, 2],
                  "HTML": b"<html>\x1b[31m</html>", "nothing": b"", "half": b'{"name": "x"', "no UTF-8": b'{"name": "\xff\x9b"}',
                  "bytes": bytes(range(256))}
        for verb in VERBS + [("lock", "prod")]:
            for name, body in list(others.items())[:None if verb in SOME else 1]:
                for output in ([], ["-o", "json"])[:2 if verb in SOME and name == "an empty object" else 1]:
                    with self.subTest(" ".join(verb), answer=name, output=output):
                        status, out, err = self.ctl(lambda *_: (200, body), *verb, *output)
                        self.assertEqual((status, out), (2, ""), err)
                        self.assertIn("answer is not relman's", err)
        self.assertFalse(os.path.exists(os.path.join(self.room.name, "copy.db")))

    def test_a_large_answer_ends(self):
        body = json.dumps({"name": "prod", **{f"k{i:06}": i for i in range(200000)}}).encode()
        self.assertEqual(self.ctl(lambda *_: (200, body), "hold", "prod")[0], 0)


def texts(value):
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    return [value] if isinstance(value, str) else []


if __name__ == "__main__":
    relman.main()
