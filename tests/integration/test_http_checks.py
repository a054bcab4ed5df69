#!/usr/bin/env python3
"""Tests checks that relmand runs as HTTP requests: what it sends, which answers decide, and that a request is sent
again after a kill."""

import json
import os
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import relman  # noqa: E402
import test_checks  # noqa: E402
import yaml  # noqa: E402
from docker_registry import DockerRegistry  # noqa: E402
from receiver import Receiver  # noqa: E402
from relman import wait_for  # noqa: E402
from test_gates import CONFIG  # noqa: E402


class Case(test_checks.Case):
    """A stream s of component a, and a server that runs tests."""

    def setUp(self):
        super().setUp()
        self.tester = Receiver(200)
        self.addCleanup(self.tester.close)
        self.push("1.0.0")

    def config(self, timeout="1m", **http):
        """Returns a configuration whose check probe is a request to the server."""
        http = {"url": self.tester.url, **http}
        self.configured = CONFIG + yaml.safe_dump({"checks": [{"name": "probe", "timeout": timeout, "http": http}]}, width=1000)
        return self.configured

    def start(self, when="before", **config):
        self.specs(prod=f"stream: s, checks: {{{when}: [{{name: smoke, run: probe}}]}}")
        self.site.start(self.config(**config))

    def kill(self):
        self.site.process.kill()
        self.site.process.wait()
        self.site.start(self.configured)

    def wait_requests(self, n):
        wait_for(lambda: len(self.tester.requests) >= n, 20, f"{n} requests")

    def result(self):
        check = self.checks()["smoke"]
        return check["state"], check["message"], check["output"]


class Requests(Case):
    def test_a_post_says_what_is_tested(self):
        self.tester.answer = (200, {}, b"tab\there\x1b[0m\0\xff\r\nend")
        token = os.path.join(self.site.folder, "token")
        with open(token, "w") as f:
            f.write("t0ken\n")
        self.start(when="after", method="POST", tokenFile=token)
        self.wait_state("prod", "s-1.0.0")
        self.assertEqual(self.result(), ("passed", None, "tab\there\\x1B[0m\\x00\\xFF\nend"))
        (path, headers, body), = self.tester.requests
        lock, release = json.loads(body), self.get("releases/s-1.0.0")
        self.assertEqual((self.tester.methods, path, headers["Content-Type"], headers["Authorization"]), (["POST"], "/take", "application/json", "Bearer t0ken"))
        self.assertEqual({name: value for name, value in headers.items() if name.startswith("Relman-")},
                         {"Relman-Tenant": "default", "Relman-Environment": "prod", "Relman-Release": "s-1.0.0", "Relman-Release-Id": release["id"],
                          "Relman-Lock-Digest": lock["lockDigest"], "Relman-Check": "smoke", "Relman-Check-When": "after",
                          "Relman-Promotion-Id": self.get("environments/prod/history")[0]["promotionId"]})
        self.assertEqual((lock["environment"], lock["metadata"]["name"], [c["digest"] for c in lock["components"]]),
                         ("prod", "s-1.0.0", [c["digest"] for c in release["components"]]))

    def test_a_get_has_no_body(self):
        self.tester.answer = 204
        self.start(status=[200, 204])
        self.wait_state("prod", "s-1.0.0")
        (_, headers, body), = self.tester.requests
        self.assertEqual((self.tester.methods, body, headers["Relman-Check-When"]), (["GET"], b"", "before"))
        for name in ("Relman-Promotion-Id", "Content-Type", "Authorization"):
            self.assertNotIn(name, headers)
        self.assertEqual(self.result(), ("passed", None, None))

    @unittest.skipUnless(shutil.which("nginx"), "no nginx")
    def test_a_server_as_people_have_it(self):
        port, folder = relman.free_port(), os.path.join(self.site.folder, "nginx")
        os.mkdir(folder)
        with open(os.path.join(folder, "nginx.conf"), "w") as f:
            f.write(("user root; " if os.getuid() == 0 else "") + f"daemon off; pid {folder}/pid; error_log stderr; events {{}}\nhttp {{ access_log off; client_body_temp_path {folder}/body; "
                    f"proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
                    f"server {{ listen 127.0.0.1:{port}; location /up {{ return 200 'ok\\n'; }} }} }}\n")
        nginx = subprocess.Popen(["nginx", "-p", folder, "-c", os.path.join(folder, "nginx.conf")], stderr=subprocess.DEVNULL)
        self.addCleanup(nginx.wait)
        self.addCleanup(nginx.terminate)
        self.start(url=f"http://127.0.0.1:{port}/up")  # nginx may not listen yet: the request is sent again
        self.wait_state("prod", "s-1.0.0")
        self.assertEqual(self.result(), ("passed", None, "ok\n"))
        self.site.stop()
        self.next_release(url=f"http://127.0.0.1:{port}/missing?key=s3cret")
        state, message, output = self.result()
        self.assertEqual((state, message), ("failed", f"GET http://127.0.0.1:{port}/missing answered with status 404"))
        self.assertIn("<h1>404 Not Found</h1>", output)

    def next_release(self, **http):
        self.push("2.0.0")
        self.site.start(self.config(**http))
        self.wait_for_reason("CheckFailed")

    def test_a_private_authority_is_trusted_by_its_file(self):
        registry = DockerRegistry(tls=True)
        self.addCleanup(registry.close)
        self.start(url=registry.url + "/v2/", caFile=registry.ca_file)
        self.wait_state("prod", "s-1.0.0")
        self.site.stop()
        self.next_release(url=registry.url + "/v2/", timeout="2s")
        self.assertRegex(self.result()[1], "no answer that decides within 2s: GET https://[^ ]+/v2/: .*caFile of the check is the PEM file")


class Answers(Case):
    def test_another_status_is_a_failure(self):
        self.tester.answer = (422, {}, b"the login does not answer\n")
        self.start(method="POST")
        self.wait_for_reason("CheckFailed")
        said = f"POST {self.tester.url} answered with status 422: the login does not answer"
        self.assertEqual(self.result(), ("failed", said, "the login does not answer\n"))
        self.assertEqual(len(self.tester.requests), 1)
        self.assertIn(said, self.ctl("why", "prod", wanted=1))
        self.tester.answer = 200
        self.check("s-1.0.0", "prod", "smoke", "--run")
        self.wait_state("prod", "s-1.0.0")

    def test_a_status_that_is_named_passes_whichever_it_is(self):
        self.tester.answer = 503
        self.start(status=503)
        self.wait_state("prod", "s-1.0.0")
        self.assertEqual(len(self.tester.requests), 1)

    def test_a_redirect_is_not_followed(self):
        self.tester.answer = (302, {"Location": "/elsewhere"}, b"")
        self.start()
        self.wait_for_reason("CheckFailed")
        self.assertEqual(self.result()[1], f"GET {self.tester.url} answered with status 302 (redirects are not followed)")
        self.assertEqual([request[0] for request in self.tester.requests], ["/take"])

    def test_a_long_body_is_cut(self):
        self.tester.answer = (500, {"Connection": "close"}, b"x" + "é".encode() * 500_000)
        self.start(status="500")
        self.wait_state("prod", "s-1.0.0")
        self.assertEqual(self.result()[2], "x" + "é" * 32767)

    def test_a_server_that_hangs_is_late(self):
        self.tester.answer = "hang"
        self.start(timeout="1s")
        self.wait_for_reason("CheckFailed")
        self.assertEqual(self.result(), ("failed", f"GET {self.tester.url}: no answer within 1s", None))

    def test_a_failure_that_may_pass_is_tried_again_until_the_timeout(self):
        self.tester.answer = (503, {}, b"starting")
        self.start(timeout="3s")
        self.wait_for_reason("CheckFailed")
        self.assertEqual(self.result(), ("failed", f"no answer that decides within 3s: GET {self.tester.url} answered with status 503: starting", "starting"))
        self.assertGreater(len(self.tester.requests), 1)

    def test_a_server_that_comes_up_is_reached(self):
        self.tester.stop()
        self.start()
        wait_for(lambda: self.checks()["smoke"]["state"] == "running", 20, "the check")
        self.tester.answer = lambda n: ("drop", 502, 429, 200)[n - 1]
        self.tester.start()
        self.wait_state("prod", "s-1.0.0")
        self.assertEqual(len(self.tester.requests), 4)

    def test_a_token_that_cannot_be_read_is_read_again(self):
        token = os.path.join(self.site.folder, "token")
        self.start(tokenFile=token, timeout="2s")
        self.wait_for_reason("CheckFailed")
        state, message, _ = self.result()
        self.assertEqual(state, "failed")
        self.assertIn("no answer that decides within 2s: ", message)
        self.assertIn(token, message)
        self.assertEqual(self.tester.requests, [])  # never without its token


class Kills(Case):
    def test_a_killed_daemon_sends_it_again(self):
        self.tester.answer = lambda n: "hang" if n == 1 else (409, {}, b"")
        self.start(when="after")
        self.wait_requests(1)
        self.kill()
        wait_for(lambda: self.get("environments/prod")["hold"], 20, "the failure")
        self.assertEqual([row[:2] for row in self.history()], [("s-1.0.0", "promoting"), ("s-1.0.0", "failed")])
        first, second = (request[1]["Relman-Promotion-Id"] for request in self.tester.requests)
        self.assertEqual(first, second)

    def metrics(self):
        text = self.site.call("GET", "/metrics")[1]
        names = {"running": "relman_checks_running", "waiting": "relman_checks_waiting",
                 **{result: f'relman_check_results_total{{result="{result}"}}' for result in ("passed", "failed")}}
        return {key: int(line.rsplit(" ", 1)[1]) for line in text.splitlines() for key, name in names.items() if line.startswith(name + " ")}

    def test_metrics_count_what_runs(self):
        self.tester.answer = lambda n: ("hang", 409, 200)[n - 1]
        self.start()
        self.wait_requests(1)
        self.assertEqual(self.metrics(), {"running": 1, "waiting": 0, "passed": 0, "failed": 0})
        self.kill()
        self.wait_for_reason("CheckFailed")
        self.check("s-1.0.0", "prod", "smoke", "--run")
        self.wait_state("prod", "s-1.0.0")
        self.assertEqual(self.metrics(), {"running": 0, "waiting": 0, "passed": 1, "failed": 1})

    def test_the_answer_to_a_canceled_promotion_does_not_count(self):
        self.tester.answer = lambda n: "hang" if n == 1 else 200
        self.start(when="after")
        self.wait_requests(1)
        self.ctl("cancel", "prod")
        # relmand has closed the connection: the server reads its end
        self.assertEqual(self.tester.connections[0].recv(1), b"")
        self.ctl("resume", "prod")
        self.wait_state("prod", "s-1.0.0")
        first, second = (request[1]["Relman-Promotion-Id"] for request in self.tester.requests)
        self.assertNotEqual(first, second)

    def test_relmand_stops_while_a_request_runs(self):
        self.tester.answer = "hang"
        self.start()
        self.wait_requests(1)
        self.site.stop()
        self.tester.answer = 200
        self.site.start(self.configured)
        self.wait_state("prod", "s-1.0.0")

    def test_a_check_that_names_another_request_sends_that(self):
        self.tester.answer = "hang"
        self.start()
        self.wait_requests(1)
        self.site.stop()
        other = Receiver(200)
        self.addCleanup(other.close)
        self.site.start(self.config(url=other.url))
        self.wait_state("prod", "s-1.0.0")
        self.assertEqual(len(self.tester.requests), 1)


class Configuration(Case):
    def test_mistakes_have_a_place(self):
        self.specs(prod="stream: s")
        for text, said in (("http: {method: POST}", 'missing field "url" in http'), ("http: {url: ftp://a}", "is not a URL"), ("http: {url: 'http://u:p@a'}", "no user or password"),
                           ("http: {url: 'http://a', method: PUT}", "method"), ("http: {url: 'http://a', status: 20}", '"20" is not a status between 200 and 599'),
                           ("http: {url: 'http://a', status: [200, 600]}", '"600" is not a status'), ("http: {url: 'http://a', caFile: ca.pem}", "is not an absolute path"),
                           ("http: {url: 'http://a'}, exec: [/bin/true]", "exactly one of exec and http must be given")):
            path = os.path.join(self.site.folder, "bad.yaml")
            with open(path, "w") as f:
                f.write(f"checks: [{{name: a, {text}}}]\n")
            status, out, err = self.site.once("--config", path)
            self.assertEqual(status, 2, out + err)
            self.assertIn(said, err)
            self.assertIn("bad.yaml:1:", err)


if __name__ == "__main__":
    relman.main()
