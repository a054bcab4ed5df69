#!/usr/bin/env python3
"""Tests Bearer tokens with a token server: which server gets which credentials, and how many requests it
gets."""

import base64
import json
import os
import sys
import unittest
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import Site  # noqa: E402
from standin import StandIn, serve_tokens  # noqa: E402


class Tokens(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.server = StandIn()
        self.addCleanup(self.server.close)
        self.server.tokens = set()
        self.server.challenge = (f'Bearer realm="{self.server.url}/token",service="test registry",'
                                 f'scope="repository:app/api:pull"')
        self.server.answers["GET /token"] = serve_tokens(self.server)
        for i in range(3):
            self.server.push("app/api", f"v1.{i}.0")

    def specs(self, auth="", repositories=("app/api",)):
        self.site.write("registry.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\n"
                                         f"spec: {{url: '{self.server.url}', limits: {{timeout: 3s}}{auth}}}\n")
        for repository in repositories:
            name = repository.rsplit("/", 1)[1]
            self.site.write(f"{name}.yaml", f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: {name}}}\n"
                                            f"spec: {{imageRepository: {self.server.host}/{repository}, "
                                            f"versioningStrategy: {{type: semver}}}}\n")

    def password(self, text="s3cret"):
        path = os.path.join(self.site.folder, "password")
        with open(path, "w") as f:
            f.write(text + "\n")
        os.chmod(path, 0o600)
        return f", auth: {{username: robot, passwordFile: {path}}}"

    def heads(self):
        return self.site.stored.channels("semver")

    def once(self, wanted=0):
        status, out, err = self.site.once(timeout=40)
        self.assertEqual(status, wanted, err + out)
        return err

    def test_an_anonymous_token_is_got_once_and_used_for_all_requests(self):
        self.specs()
        self.once()
        self.assertEqual(self.heads(), [("1.2.0",)])
        self.assertEqual(self.server.count("GET /token"), 1)
        query = [path for _, path, _ in self.server.requests if path.startswith("/token")][0]
        self.assertIn("service=test%20registry", query)
        self.assertIn("scope=repository%3Aapp%2Fapi%3Apull", query)
        self.assertEqual([h for _, path, h in self.server.requests if path.startswith("/token")][0].get("Authorization"),
                         None)

    def test_credentials_go_to_the_realm_on_the_same_host(self):
        self.server.answers["GET /token"] = serve_tokens(self.server, user="robot", password="s3cret")
        self.specs(self.password())
        self.once()
        self.assertEqual(self.heads(), [("1.2.0",)])

    def test_access_token_is_understood_too(self):
        self.server.answers["GET /token"] = serve_tokens(self.server, field="access_token")
        self.specs()
        self.once()
        self.assertEqual(self.heads(), [("1.2.0",)])

    def test_a_wrong_password_is_told_without_the_password(self):
        self.server.answers["GET /token"] = serve_tokens(self.server, user="robot", password="other")
        self.specs(self.password())
        err = self.once(1)
        self.assertIn("/token", err)
        self.assertIn("401", err)
        self.assertNotIn("s3cret", err)
        self.assertLess(self.server.count("GET /token"), 4)
        for row in self.site.stored.conditions("message"):
            self.assertNotIn("s3cret", row[0])

    def test_a_token_that_expired_is_renewed_once(self):
        self.specs()
        self.once()
        issued = []

        def rotate(handler):
            issued.append(1)
            self.server.tokens.clear()
            self.server.tokens.add(f"t{len(issued)}")
            handler.reply(200, {"token": f"t{len(issued)}", "expires_in": 60})
        self.server.answers["GET /token"] = rotate
        self.server.tokens.clear()
        self.once()
        self.assertEqual(len(issued), 1)

    def test_a_registry_that_denies_every_token_is_asked_a_bounded_number_of_times(self):
        def useless(handler):
            handler.reply(200, {"token": "useless", "expires_in": 300})
        self.server.answers["GET /token"] = useless
        self.specs()
        err = self.once(1)
        self.assertIn("401", err)
        self.assertLessEqual(self.server.count("GET /token"), 3)
        self.assertLessEqual(self.server.count("tags/list"), 6)

    def test_a_realm_on_another_host_gets_nothing_and_is_named(self):
        thief = StandIn("127.0.0.2")
        self.addCleanup(thief.close)
        thief.answers["GET /token"] = serve_tokens(self.server)
        self.server.challenge = f'Bearer realm="{thief.url}/token",service="x",scope="repository:app/api:pull"'
        self.specs(self.password())
        err = self.once(1)
        self.assertIn("127.0.0.2", err)
        self.assertIn("realm", err)
        self.assertEqual(thief.requests, [])

    def test_an_anonymous_token_comes_from_a_realm_on_another_host(self):
        """As with lscr.io, whose token server is that of ghcr.io. The other host gets no secret, so that it
        may be used."""
        other = StandIn("127.0.0.2")
        self.addCleanup(other.close)
        other.answers["GET /token"] = serve_tokens(self.server)
        self.server.challenge = f'Bearer realm="{other.url}/token",service="x",scope="repository:app/api:pull"'
        self.specs()
        self.once()
        self.assertEqual(self.heads(), [("1.2.0",)])
        self.assertEqual([headers.get("Authorization") for _, _, headers in other.requests], [None])
        # A configuration file without an entry for the registry gives no credentials, so that the token
        # server may be used. With an entry it must not be used.
        path = os.path.join(self.site.folder, "config.json")
        for auths, status in (({"other.example": {"auth": "dTpz"}}, 0), ({self.server.host: {"auth": "dTpz"}}, 1), ({self.server.host: {"identitytoken": "s3cret"}}, 1)):
            with self.subTest(auths=auths):
                with open(path, "w") as f:
                    json.dump({"auths": auths}, f)
                other.requests.clear()
                self.specs(f", auth: {{dockerConfig: {path}}}")
                err = self.once(status)
                self.assertEqual(len(other.requests), 1 - status)
                if status:
                    self.assertIn("is on another domain, and gets no credentials; if it may have them, set auth.realm", err)

    def test_a_realm_elsewhere_is_used_if_the_registry_pins_it(self):
        other = StandIn("127.0.0.2")
        self.addCleanup(other.close)
        other.answers["GET /token"] = serve_tokens(self.server, user="robot", password="s3cret")
        self.server.challenge = f'Bearer realm="{other.url}/token",service="x",scope="repository:app/api:pull"'
        self.specs(self.password().replace("auth: {", f"auth: {{realm: '{other.url}/token', "))
        self.once()
        self.assertEqual(self.heads(), [("1.2.0",)])

    def test_a_host_behind_a_redirect_does_not_say_how_to_log_in(self):
        storage, thief = StandIn("127.0.0.2"), StandIn("127.0.0.3")
        self.addCleanup(storage.close)
        self.addCleanup(thief.close)
        storage.answers["/blob"] = lambda h: h.reply(401, {}, {"WWW-Authenticate": f'Bearer realm="{thief.url}/token",service="x"'})
        for method in ("HEAD", "GET"):
            self.server.answers[f"{method} /v2/app/api/manifests/v1.2.0"] = lambda h: h.reply(307, b"", {"Location": storage.url + "/blob"})
        self.specs()
        self.once()
        (digest, problem), = self.site.stored.tags("digest", "problem", tag="v1.2.0")
        self.assertIsNone(digest)
        self.assertIn("status 401; a redirect led to '127.0.0.2', which gets no login", problem)
        self.assertEqual(self.heads(), [("1.1.0",)])
        self.assertEqual(thief.requests, [])

    def test_a_host_behind_a_redirect_that_refuses_a_known_tag_changes_nothing_known(self):
        self.specs()
        self.once()
        known = self.site.stored.tags("tag", "digest"), self.site.stored.versions("tag", "digest"), self.site.stored.channels()
        storage = StandIn("127.0.0.2")
        self.addCleanup(storage.close)
        storage.answers["/blob"] = lambda h: h.reply(403, {})
        digest = self.site.stored.tags("digest", tag="v1.2.0")[0][0]
        for method in ("HEAD", "GET"):
            for reference in ("v1.2.0", digest):
                self.server.answers[f"{method} /v2/app/api/manifests/{reference}"] = lambda h: h.reply(
                    307, b"", {"Location": storage.url + "/blob"})
        self.server.push("app/api", "v1.3.0")
        self.once()
        self.assertEqual(self.heads(), [("1.3.0",)])
        self.assertEqual([row for row in self.site.stored.tags("tag", "digest") if row[0] != "v1.3.0"], known[0])

    def test_a_realm_that_redirects_elsewhere_is_not_followed(self):
        thief = StandIn("127.0.0.2")
        self.addCleanup(thief.close)
        thief.answers["GET /token"] = serve_tokens(self.server)
        self.server.answers["GET /token"] = lambda h: h.reply(302, b"", {"Location": thief.url + "/token"})
        self.specs(self.password())
        self.assertIn("redirect not followed: it leads to another server", self.once(1))
        self.assertEqual(thief.requests, [])

    def test_tokens_with_line_breaks_or_of_great_size_are_refused(self):
        for token in ("a\r\nX-Evil: 1", "x" * 200000, ""):
            with self.subTest(token=token[:5]):
                self.server.requests.clear()
                self.server.answers["GET /token"] = lambda h, t=token: h.reply(200, {"token": t})
                self.specs()
                self.once(1)
                for _, _, headers in self.server.requests:
                    self.assertNotIn("X-Evil", headers)

    def test_odd_challenges_end_in_a_message(self):
        for challenge in (None, "Bearer", 'Bearer realm="unterminated', "Negotiate", 'Bearer realm="file:///etc/passwd"',
                          'Bearer realm="http://user:pw@127.0.0.1/token"', "Bearer " + "a=b," * 2000):
            with self.subTest(challenge=str(challenge)[:40]):
                self.server.challenge = challenge or ""
                self.specs()
                self.assertIn("component 'api'", self.once(1))

    def test_several_challenges_in_one_header_are_told_apart(self):
        self.server.challenge += ',Basic realm="https://example.com/v2/",charset="UTF-8"'
        self.specs()
        self.once()
        self.assertEqual(self.heads(), [("1.2.0",)])

    def test_challenges_in_several_headers_behind_unknown_schemes_are_read(self):
        self.server.challenge = ["Negotiate YIIB+/w==", 'Digest realm="x", nonce="a,b=", Basic realm="y"',
                                 f'BEARER Service="s", Realm = {self.server.url}/token , SCOPE=""']
        self.specs(self.password())
        self.once()
        self.assertEqual(self.heads(), [("1.2.0",)])

    def test_a_bearer_realm_that_is_no_url_leaves_basic(self):
        wanted = "Basic " + base64.b64encode(b"robot:s3cret").decode()
        self.server.authorize = lambda h: h.headers.get("Authorization") == wanted or h.reply(
            401, {}, {"WWW-Authenticate": ['Bearer realm="My Registry"', 'Basic realm="My Registry"']})
        self.specs(self.password())
        self.once()
        self.assertEqual(self.heads(), [("1.2.0",)])

    def test_a_host_that_redirects_to_one_that_wants_a_login_is_told(self):
        """relman sends no token to the target of a redirect. The message names the host that must be
        configured."""
        front = StandIn("127.0.0.2")
        self.addCleanup(front.close)
        front.answers["GET /v2/app/api/tags/list"] = lambda h: h.reply(307, b"", {"Location": self.server.url + h.path})
        self.site.write("front.yaml", relman.documents(registry=front, components=["api"]))
        self.assertIn("status 401: UNAUTHORIZED; a redirect led to '127.0.0.1', which gets no login: name that host in the Registry's url",
                      self.once(1))
        self.assertEqual([h.get("Authorization") for _, path, h in self.server.requests if "tags/list" in path], [None] * self.server.count("tags/list"))

    def test_odd_lifetimes_are_clamped(self):
        for lifetime in (0, -1, 1e12, "300", None):
            with self.subTest(lifetime=lifetime):
                self.server.tokens.clear()
                self.server.requests.clear()
                self.server.answers["GET /token"] = serve_tokens(self.server, expires_in=lifetime)
                self.specs()
                self.once()
                self.assertEqual(self.server.count("GET /token"), 1)

    def scopes(self):
        """Returns the scopes of all requests to the token server, in order."""
        return [scope for _, path, _ in self.server.requests if path.startswith("/token")
                for scope in parse_qs(urlsplit(path).query, keep_blank_values=True).get("scope", [None])]

    def test_the_registry_does_not_choose_what_a_token_may_do(self):
        for offered in ("repository:app/api:pull,push", "repository:app/api:*", "registry:catalog:*", "*", "", None,
                        "repository:prod/app:pull,push,delete", "repository:app/api:pull repository:prod/app:pull"):
            with self.subTest(offered=offered):
                self.server.tokens.clear()
                self.server.requests.clear()
                self.server.challenge = f'Bearer realm="{self.server.url}/token",service="x"'
                if offered is not None:
                    self.server.challenge += f',scope="{offered}"'
                self.specs()
                self.once()
                self.assertEqual(self.scopes(), ["repository:app/api:pull"])

    def test_a_registry_whose_list_wants_another_read_right_gets_it(self):
        self.server.challenge = self.server.challenge.replace(":pull", ":metadata_read")
        self.specs()
        self.once()
        self.assertEqual(self.scopes()[0], "repository:app/api:metadata_read")

    def test_another_scope_with_every_401_costs_no_token(self):
        n = [0]

        def authorize(handler):
            if handler.path.endswith("/tags/list"):
                return True
            n[0] += 1
            handler.reply(401, {}, {"WWW-Authenticate": f'Bearer realm="{self.server.url}/token",service="x",'
                                                        f'scope="repository:app/api:pull,x{n[0]}{"y" * 30000}"'})
            return False
        self.server.authorize = authorize
        for i in range(100):
            self.server.push("app/api", f"v2.{i}.0")
        self.specs()
        self.once(1)
        self.assertEqual(set(self.scopes()), {"repository:app/api:pull"})

    def test_a_login_challenge_of_great_size_is_refused(self):
        self.server.challenge = f'Bearer realm="{self.server.url}/token",service="{"s" * 5000}"'
        self.specs()
        self.assertIn("the realm or service of its login challenge is longer than 4096 bytes", self.once(1))
        self.assertEqual(self.server.count("GET /token"), 0)

    def test_each_repository_has_a_token_of_its_own_scope(self):
        for name in ("web", "job"):
            self.server.push(f"app/{name}", "v1.0.0")
        rights = {}

        def answer(handler):
            scope = handler.path.split("scope=")[1].split("&")[0]
            rights[f"for-{scope}"] = scope
            self.server.tokens.add(f"for-{scope}")
            handler.reply(200, {"token": f"for-{scope}"})

        def authorize(handler):
            token = handler.headers.get("Authorization", "")[7:]
            name = handler.path.split("/")[3]
            if f"app%2F{name}%3A" in rights.get(token, ""):
                return True
            handler.reply(401, {}, {"WWW-Authenticate": f'Bearer realm="{self.server.url}/token",service="x",'
                                                        f'scope="repository:app/{name}:pull"'})
            return False
        self.server.answers["GET /token"] = answer
        self.server.authorize = authorize
        self.specs(repositories=("app/api", "app/web", "app/job"))
        self.once()
        self.assertEqual(len(rights), 3)
        self.assertEqual(len(self.heads()), 3)


if __name__ == "__main__":
    relman.main()
