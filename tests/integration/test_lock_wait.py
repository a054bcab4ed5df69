#!/usr/bin/env python3
"""Tests requests that wait until a lockfile changes: "Prefer: wait=SECONDS", and relmanctl lock
--wait-change."""

import http.client
import http.server
import os
import re
import signal
import socketserver
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import SiteCase, UnixConnection, document, documents, free_port, relmanctl, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

PATH = "/api/v1/environments/prod/lock"


class LockWait(SiteCase):
    def setUp(self):
        super().setUp()
        self.server = StandIn()
        self.addCleanup(self.server.close)
        for version in ("v1.0.0", "v1.1.0"):
            self.server.push("app/api", version)
        self.site.write("all.yaml", documents(document("Environment", "prod"), registry=self.server, components=["api"]))
        self.port, self.tokens, self.token_lines = free_port(), os.path.join(self.site.folder, "tokens"), {}
        self.token("reader")
        self.start()
        wait_for(lambda: len(self.site.call("GET", "/api/v1/components/api/versions")[1]) == 2, what="versions")
        self.promote("one", "1.0.0")

    def start(self):
        self.site.start(f"poll: {{interval: 1h}}\napi: {{socket: {self.site.folder}/relmand.sock, listen: ['127.0.0.1:{self.port}'], tokenFile: {self.tokens}}}\n")

    def token(self, name, *more):
        status, out, err = relmanctl("token", name, "--role", "read", *more)
        self.assertEqual(status, 0, err)
        self.token_lines[name] = out.splitlines()[4]
        self.write_tokens()
        return out.splitlines()[1]

    def write_tokens(self):
        with open(self.tokens, "w") as f:
            f.write("\n".join(self.token_lines.values()) + "\n")

    def promote(self, name, version):
        self.ctl("create", "release", name, "api=" + version)
        self.ctl("promote", name, "prod", "--wait")
        status, text, headers = self.site.call("GET", PATH)
        self.assertEqual(status, 200)
        self.etag = headers["ETag"]
        return text

    def n_held(self):
        return int(re.search(r"^relman_api_held_requests (\d+)$", self.site.call("GET", "/metrics")[1], re.M)[1])

    def memory(self):
        return int(re.search(r"^relman_api_memory_bytes (\d+)$", self.site.call("GET", "/metrics")[1], re.M)[1])

    def ask(self, wait, path=PATH, token=None, etag=None):
        """Sends a request without reading its answer. Returns the connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60) if token else UnixConnection(self.site.socket, 60)
        self.addCleanup(connection.close)
        connection.request("GET", path, headers={"If-None-Match": etag or self.etag, **({"Prefer": wait} if wait else {}),
                                                 **({"Authorization": "Bearer " + token} if token else {})})
        return connection

    def read(self, connection):
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers

    def test_waiting_requests_get_the_new_lockfile_at_once(self):
        token = self.token("machine")
        waiting = [self.ask("wait=300", token=token if i % 2 else None) for i in range(20)]
        wait_for(lambda: self.n_held() == 20, what="20 that wait")
        self.ctl("create", "release", "other", "api=1.1.0")  # no environment gets this release
        self.ctl("sync", "api", "--force")
        self.assertEqual(self.n_held(), 20)
        text = self.promote("two", "1.1.0")
        for connection in waiting:
            status, body, headers = self.read(connection)
            self.assertEqual((status, body, headers["ETag"], headers["Preference-Applied"]), (200, text, self.etag, "wait=300"))
        self.assertEqual(self.n_held(), 0)
        # the connection can be used again
        waiting[0].request("GET", PATH)
        self.assertEqual(self.read(waiting[0])[:2], (200, text))

    def test_a_request_waits_as_long_as_the_client_prefers(self):
        for prefer, applied in ((None, None), ("wait=0", None), ("wait", None), ("wait=", None), ("wait=soon", None), ("respond-async, waiting=5", None),
                                ("wait=1", "wait=1"), ('respond-async, Wait="1" ; x', "wait=1")):
            status, body, headers = self.read(self.ask(prefer))
            self.assertEqual((status, body, headers["ETag"], headers["Preference-Applied"]), (304, "", self.etag, applied), prefer)
        # relmand answers at once, because these ETags do not match the lockfile
        for etag in ('"other"', '"other", W/"more"'):
            status, _, headers = self.read(self.ask("wait=99999999999999999999", etag=etag))
            self.assertEqual((status, headers["Preference-Applied"]), (200, "wait=300"))

    def test_a_removed_environment_and_an_archived_release_are_reported_at_once(self):
        digest = self.site.call("GET", "/api/v1/releases/one/lock")[2]["ETag"]
        self.promote("two", "1.1.0")
        waiting = self.ask("wait=300"), self.ask("wait=300", "/api/v1/releases/one/lock", etag=digest)
        wait_for(lambda: self.n_held() == 2, what="2 that wait")
        self.ctl("archive", "one")
        self.assertEqual(self.read(waiting[1])[0], 409)
        self.assertEqual(self.n_held(), 1)
        self.site.write("all.yaml", documents(registry=self.server, components=["api"]))
        self.site.kill(signal.SIGHUP)
        self.assertEqual(self.read(waiting[0])[0], 404)

    def test_a_release_with_another_display_name_is_reported_at_once(self):
        paths = PATH, "/api/v1/releases/one/lock"
        etags = [self.site.call("GET", path)[2]["ETag"] for path in paths]
        waiting = [self.ask("wait=300", path, etag=etag) for path, etag in zip(paths, etags)]
        wait_for(lambda: self.n_held() == 2, what="2 that wait")
        status, answer, _ = self.site.call("PUT", "/api/v1/releases/one", {"displayName": "The first"})
        self.assertEqual(status, 200, answer)
        for connection, etag in zip(waiting, etags):
            status, body, headers = self.read(connection)
            self.assertEqual((status, "displayName: The first" in body, headers["ETag"] != etag), (200, True, True), body)

    def test_requests_that_wait_do_not_keep_the_release_in_memory(self):
        names = [f"c{i:02}" for i in range(40)]
        for name in names:
            self.server.push("app/" + name, "v1.0.0")
        self.site.write("all.yaml", documents(document("Environment", "prod"), document("Release", "big", "components: [" + ", ".join(f"{{name: {name}, version: 1.0.0}}" for name in names) + "]"),
                                              registry=self.server, components=["api", *names]))
        self.site.kill(signal.SIGHUP)
        wait_for(lambda: self.site.call("GET", "/api/v1/releases/big")[1].get("status") == "ready", 60, "the release")
        self.ctl("promote", "big", "prod", "--allow-removals", "--wait")
        paths = PATH, "/api/v1/releases/big/lock"
        etags = [self.site.call("GET", path)[2]["ETag"] for path in paths]
        waiting = [self.ask("wait=300", paths[i % 2], etag=etags[i % 2]) for i in range(64)]
        wait_for(lambda: self.n_held() == 64, what="64 that wait")
        self.assertLess(self.memory(), 64 * 1024)
        for i in range(5):  # after each change relmand reads the lockfile again for the waiting requests
            self.site.call("PUT", "/api/v1/releases/big", {"metadata": {"n": str(i)}})
        self.assertEqual(self.n_held(), 64)
        self.assertLess(self.memory(), 64 * 1024)
        for connection in waiting:
            connection.close()
        wait_for(lambda: self.n_held() == 0, what="free places")

    def test_a_token_that_was_revoked_gets_no_lockfile(self):
        waiting = self.ask("wait=300", token=self.token("machine"))
        wait_for(lambda: self.n_held() == 1, what="one that waits")
        del self.token_lines["machine"]
        self.write_tokens()
        self.promote("two", "1.1.0")
        status, body, _ = self.read(waiting)
        self.assertEqual(status, 401, body)

    def test_too_many_are_refused_and_a_client_that_leaves_frees_its_place(self):
        token, other = self.token("machine"), self.token("other", "--tenant", "other")
        waiting = [self.ask("wait=300", token=token) for _ in range(64)]
        wait_for(lambda: self.n_held() == 64, what="64 that wait")
        status, body, headers = self.read(self.ask("wait=300", token=token))
        self.assertEqual((status, headers["Retry-After"]), (503, "30"))
        self.assertIn("too many requests wait for a lockfile: at most 256 in all, 192 over TCP and 64 with tokens of one tenant; "
                      "repeat the request without the header Prefer", body)
        # the limit concerns neither the socket, nor other tenants, nor requests that do not wait
        self.assertEqual(self.read(self.ask("wait=1"))[0], 304)
        self.assertEqual(self.read(self.ask("wait=1", token=other))[0], 404)
        self.assertEqual(self.read(self.ask(None, token=token))[0], 304)
        for connection in waiting[:10]:
            connection.close()
        wait_for(lambda: self.n_held() == 54, what="free places")
        self.assertEqual(self.read(self.ask("wait=1", token=token))[0], 304)

    def test_a_daemon_that_stops_ends_them(self):
        token = self.token("machine")
        waiting = [self.ask("wait=300", token=token if i % 2 else None) for i in range(10)]
        wait_for(lambda: self.n_held() == 10, what="10 that wait")
        status, _ = self.site.stop(seconds=60)
        self.assertEqual(status, 0, self.site.log)
        for connection in waiting:
            status, body, _ = self.read(connection)
            self.assertEqual((status, "relmand is stopping" in body), (503, True))

    # --- relmanctl ---------------------------------------------------------------------------------

    def wait_change(self, *more, **env):
        process = subprocess.Popen([os.path.join(relman.BUILDDIR, "relmanctl"), "lock", "prod", "--wait-change", *more], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   text=True, env=dict(os.environ, RELMAN_SOCKET=self.site.socket, **env))
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def test_relmanctl_waits_on_through_a_daemon_that_is_killed(self):
        token = self.token("machine")
        waiting = [self.wait_change(), self.wait_change(RELMAN_URL=f"http://127.0.0.1:{self.port}", RELMAN_TOKEN=token)]
        wait_for(lambda: self.n_held() == 2, what="2 that wait", seconds=60)
        self.site.kill(signal.SIGKILL)
        self.site.process.wait()
        self.site.notify.close()
        self.start()
        text = self.promote("two", "1.1.0")
        for process in waiting:
            self.assertEqual((process.communicate(timeout=60)[0], process.returncode), (text, 0))

    def test_relmanctl_asks_from_time_to_time_where_the_daemon_does_not_wait(self):
        """An older daemon ignores the preference. A daemon with too many waiting requests refuses it, so that
        relmanctl sends the next request without the preference."""
        old, new = self.site.call("GET", PATH), None
        self.promote("two", "1.1.0")
        new = self.site.call("GET", PATH)
        server = Scripted([(200, old), (304, old), (503, old), (304, old), (200, new)])
        self.addCleanup(server.shutdown)
        process = self.wait_change(RELMAN_URL=f"http://127.0.0.1:{server.server_address[1]}", RELMAN_TOKEN="t")
        self.assertEqual((process.communicate(timeout=60)[0], process.returncode), (new[1], 0))
        self.assertEqual(server.preferences, [None, "wait=50", "wait=50", None, "wait=50"])
        self.assertGreater(server.times[-1] - server.times[1], 5)  # the total of three pauses of two seconds

    def test_relmanctl_waits_on_behind_a_proxy_that_ends_the_request(self):
        old = self.site.call("GET", PATH)
        self.promote("two", "1.1.0")
        new = self.site.call("GET", PATH)
        server = Scripted([(200, old), (504, old), (200, new)])
        self.addCleanup(server.shutdown)
        process = self.wait_change(RELMAN_URL=f"http://127.0.0.1:{server.server_address[1]}", RELMAN_TOKEN="t")
        self.assertEqual((process.communicate(timeout=60)[0], process.returncode), (new[1], 0))
        self.assertEqual(server.preferences, [None, "wait=50", None])


class Scripted(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """A server that gives each of the answers once, in order."""
    daemon_threads = True

    def __init__(self, answers):
        self.preferences, self.times = [], []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(handler):  # noqa: N805
                self.times.append(relman.time.monotonic())
                self.preferences.append(handler.headers.get("Prefer"))
                status, (_, text, headers) = answers[len(self.preferences) - 1]
                data = text.encode() if status == 200 else b""
                handler.send_response(status)
                if status < 500:
                    handler.send_header("ETag", headers["ETag"])
                handler.send_header("Content-Length", str(len(data)))
                handler.end_headers()
                handler.wfile.write(data)

            def log_message(handler, *args):  # noqa: N805
                pass
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


if __name__ == "__main__":
    relman.main()
