#!/usr/bin/env python3
"""Tests relmanctl with a daemon of another version. Members that a newer daemon adds are ignored; members
that an older daemon lacks count as empty."""

import copy
import http.server
import json
import os
import socketserver
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import SiteCase, document, documents, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

# The objects with these names have data as keys, not members.
OPEN = {"metadata", "channels", "platforms", "labels"}
NEW = {"aNewText": "new", "aNewNull": None, "aNewList": [{"inner": [1]}], "aNewObject": {"inner": {"deep": None}}}

LOOKS = [("status",), ("get", "releases"), ("get", "release", "one"), ("get", "environments"), ("get", "environment", "prod"), ("get", "components"),
         ("get", "component", "api"), ("get", "registries"), ("get", "streams"), ("get", "receivers"), ("get", "tenants"), ("get", "versions", "api"), ("get", "tags", "api"),
         ("get", "environments", "-o", "name"), ("explain", "api"), ("history", "prod"), ("lineage", "one"), ("compare", "one", "two"),
         ("changes", "prod", "--from", "2020-01-01T00:00:00Z"), ("events", "--limit", "20"), ("audit",), ("plan", None)] + \
        [("describe", kind, name) for kind, name in (("component", "api"), ("release", "one"), ("environment", "prod"), ("registry", "r"), ("stream", "s"), ("receiver", "ci"))]
ACTS = [("sync", "api"), ("promote", "one", "prod"), ("resume", "prod"), ("create", "release", "three", "api")]
ALL_SHOWN = ("status", "lineage", "describe")  # verbs that print members they do not know


def members(value, path=()):
    """Yields (path, replacement) of all members. The replacement is None (remove the member), or for a list
    or object the other type. Items of a list share the path "*"."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield path + (key,), None
            if isinstance(inner, (dict, list)):
                yield path + (key,), "list" if isinstance(inner, dict) else "object"
            if key not in OPEN:
                yield from members(inner, path + (key,))
    elif isinstance(value, list):
        for item in value:
            yield from members(item, path + ("*",))


def enrich(value, is_open=False):
    if isinstance(value, dict):
        return {**{key: enrich(inner, key in OPEN) for key, inner in value.items()}, **({} if is_open else copy.deepcopy(NEW))}
    return [enrich(item) for item in value] if isinstance(value, list) else value


def alter(value, path, new):
    """Returns value with the member at path removed (new is None) or replaced by new."""
    if path[0] == "*":
        return [alter(item, path[1:], new) for item in value] if isinstance(value, list) else value
    if not isinstance(value, dict) or path[0] not in value:
        return value
    if len(path) > 1:
        return {**value, path[0]: alter(value[path[0]], path[1:], new)}
    return {**{key: inner for key, inner in value.items() if key != path[0]}, **({} if new is None else {path[0]: new})}


class Between(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """A proxy between relmanctl and the daemon. change() alters the answers."""
    daemon_threads = True

    def __init__(self, site):
        self.site, self.change, self.seen = site, lambda answer: answer, []
        self.path = os.path.join(site.folder, "between.sock")

        class Handler(http.server.BaseHTTPRequestHandler):
            def serve(handler):  # noqa: N805
                body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0)).decode()
                status, answer, _ = site.call(handler.command, handler.path, body or None)
                if status < 400:
                    self.seen.append(answer)
                    answer = self.change(answer)
                data = json.dumps(answer).encode()
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
        super().__init__(self.path, Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Skew(SiteCase):
    def setUp(self):
        super().setUp()
        self.server = StandIn()
        self.addCleanup(self.server.close)
        for version in ("v1.0.0", "v1.1.0", "v2.0.0-rc.1", "latest"):
            self.server.push("app/api", version)
        self.site.write("all.yaml", documents(
            document("Component", "api", f"imageRepository: {self.server.host}/app/api, versionRules: [{{pattern: '^v(.+)$', channel: stable, prereleasePattern: '-rc'}}], "
                     "deny: [{version: 7.0.0, reason: broken}]"),
            document("ReleaseStream", "s", "components: [api], nameTemplate: 's-{seq}', settle: 0s"),
            document("Environment", "prod", "stream: s, confirm: manual"), registry=self.server))
        self.site.start(f"poll: {{interval: 1h}}\nevents: {{webhooks: [{{name: ci, url: '{self.server.url}/take', types: [component.deleted]}}]}}\n")
        wait_for(lambda: (self.site.call("GET", "/api/v1/environments/prod")[1]["state"] or {}).get("release") == "s-1", what="stream")
        for name, version in (("one", "1.0.0"), ("two", "1.1.0")):
            self.site.call("POST", "/api/v1/releases", {"name": name, "components": [{"componentId": "api", "version": version}], "sourceRef": {"commitSha": "4f1c"}})
        self.site.call("POST", "/api/v1/environments/prod/confirm", {})
        self.tree = os.path.join(self.site.folder, "tree")
        os.mkdir(self.tree)
        with open(os.path.join(self.site.specs, "all.yaml")) as f, open(os.path.join(self.tree, "all.yaml"), "w") as to:
            to.write(f.read().replace("stable", "other").replace("stream: s, confirm: manual", "release: two"))
        self.between = Between(self.site)
        self.addCleanup(self.between.server_close)
        self.addCleanup(self.between.shutdown)

    def ctl(self, call, change=None):
        self.between.change, self.between.seen = change or (lambda answer: answer), []
        words = [self.tree if word is None else word for word in call]
        r = subprocess.run([os.path.join(relman.BUILDDIR, "relmanctl"), *words], capture_output=True, text=True, timeout=60,
                           env=dict(os.environ, RELMAN_SOCKET=self.between.path))
        self.assertIn(r.returncode, (0, 1, 2), (call, r.stderr))
        self.assertNotIn("Sanitizer", r.stderr)
        self.assertNotIn("runtime error", r.stderr)
        return r.returncode, r.stdout, r.stderr

    def test_what_a_newer_daemon_has_added_is_passed_over(self):
        for call in LOOKS + ACTS:
            with self.subTest(" ".join(str(word) for word in call)):
                status, out, err = self.ctl(call, enrich)
                if call in ACTS:
                    self.assertEqual((status, err), (0, ""))
                    continue
                wanted = self.ctl(call)
                self.assertEqual((status, err), (wanted[0], wanted[2]))
                if call[0] in ALL_SHOWN:
                    self.assertGreaterEqual(len(out.splitlines()), len(wanted[1].splitlines()))
                else:
                    self.assertEqual(out, wanted[1])

    def test_what_an_older_daemon_does_not_give_is_as_if_it_were_empty(self):
        """Each member in turn is removed, or replaced by a value of another type."""
        n = 0
        for call in LOOKS:
            said = self.ctl(call)
            alterations = sorted({member for answer in self.between.seen for member in members(answer)}, key=str)
            self.assertGreater(len(alterations), 2, (call, said))
            for path, new in alterations:
                with self.subTest(f"{' '.join(str(word) for word in call)}, {'.'.join(path)}: {new}"):
                    status, out, err = self.ctl(call, lambda answer: alter(answer, path, {None: None, "list": ["else"], "object": {"else": []}}[new]))
                    self.assertTrue(out or err or "-o" in call, "nothing is said")
                    self.assertEqual(status == 2 or "error" in err, bool(err), err)
                    n += 1
        print(f"# {n} altered answers", flush=True)

    def test_what_hangs_on_an_object_and_is_not_given_is_told_beside_the_rest(self):
        for kind, name, gone in (("component", "api", "/versions"), ("release", "one", "/state"), ("environment", "prod", "/history")):
            call = self.site.call
            self.site.call = lambda method, path, body=None: (404, {"detail": "there is nothing at " + path}, {}) if gone in path else call(method, path, body)
            status, out, err = self.ctl(("describe", kind, name))
            self.site.call = call
            self.assertEqual(status, 1)
            self.assertIn("name: " + name, out)
            self.assertRegex(err, "not available: there is nothing at /api/v1/")

    def test_a_wait_that_ends_without_the_release_fails(self):
        """Somebody else changes the environment while relmanctl promote --wait waits."""
        history = "; relmanctl history prod shows why\n"
        for state, error in (({"release": "one", "status": "deployed"}, ""),
                             ({"release": "one", "status": "failed"}, "release 'one' is failed in environment 'prod'" + history),
                             ({"release": "two", "status": "deployed"}, "release 'one' is not deployed: environment 'prod' has release 'two'" + history),
                             (None, "release 'one' is not deployed: environment 'prod' has none" + history)):
            pending = iter([{"release": "one", "waitsFor": "its files", "needsAction": False}])

            def change(answer):
                if "approvedBy" not in answer:  # no environment
                    return answer
                waits = next(pending, None)
                return {**answer, "pending": waits, "state": {"release": "one", "status": "promoting"} if waits else state}
            with self.subTest(state):
                status, _, err = self.ctl(("promote", "one", "prod", "--wait"), change)
                waited = "waiting: release 'one' waits for its files\n"
                self.assertEqual((status, err), (1 if error else 0, waited + (f"relmanctl: error: {error}" if error else "")))

    def test_a_wait_ends_when_the_release_is_deployed_although_another_one_is_pending(self):
        """The stream of the environment makes its next release while relmanctl promote --wait waits."""
        deployed = {"release": "one", "status": "deployed"}
        steps = [({"release": "zero", "status": "deployed"}, {"release": "one", "waitsFor": "its files", "needsAction": False}),
                 (deployed, {"release": "one", "waitsFor": "its files", "needsAction": False}),
                 (deployed, {"release": "two", "waitsFor": "an approval", "needsAction": True}),
                 ({"release": "two", "status": "deployed"}, None)]
        for needs_action in (True, False):
            steps[2][1]["needsAction"] = needs_action
            answers = iter(steps)

            def change(answer):
                if "approvedBy" not in answer:  # no environment
                    return answer
                state, pending = next(answers)
                return {**answer, "pending": pending, "state": state}
            with self.subTest(needs_action):
                status, out, err = self.ctl(("promote", "one", "prod", "--wait"), change)
                self.assertEqual((status, err), (0, "waiting: release 'one' waits for its files\n"))
                self.assertIn("environment 'prod': release 'one' is deployed; release 'two' waits for an approval\n", out)


if __name__ == "__main__":
    relman.main()
