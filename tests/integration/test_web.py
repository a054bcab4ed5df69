#!/usr/bin/env python3
"""Tests the server side of the page: its files, logins, and the requests that it makes."""

import gzip
import hashlib
import hmac
import http.client
import json
import os
import re
import ssl
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import SRCDIR, Site, UnixConnection, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

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


class Browser:
    """Keeps the cookie and the CSRF token of a session, as a browser and the page do."""

    def __init__(self, port, context=None):
        self.port, self.context, self.cookie, self.csrf = port, context, None, None

    def connect(self):
        if self.context:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=self.context)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def ask(self, method, path, body=None, **more):
        connection = self.connect()
        headers = {"Sec-Fetch-Site": "same-origin"}
        if self.cookie:
            headers["Cookie"] = self.cookie
        if self.csrf and method not in ("GET", "HEAD"):
            headers["X-CSRF-Token"] = self.csrf
        headers.update({name.replace("_", "-"): value for name, value in more.items()})
        connection.request(method, path, json.dumps(body) if body is not None else None, {k: v for k, v in headers.items() if v is not None})
        answer = connection.getresponse()
        data = json.loads(answer.read())
        connection.close()
        return answer.status, data, answer.headers

    def log_in(self, token):
        status, session, headers = self.ask("POST", "/api/v1/session", Authorization="Bearer " + token)
        if status == 201:
            self.set_cookie = headers["Set-Cookie"]
            self.cookie, self.csrf = self.set_cookie.split(";")[0], session["csrfToken"]
        return status, session

    def stream(self):
        connection = self.connect()
        connection.request("GET", "/api/v1/events", headers={"Accept": "text/event-stream", "Cookie": self.cookie})
        answer = connection.getresponse()
        return connection, answer


class LoginSite(unittest.TestCase):
    """An installation with tokens and two tenants."""

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.tokens, self.lines = os.path.join(self.site.folder, "tokens"), {}
        self.port = relman.free_port()
        for tenant in ("default", "shop"):
            self.site.write(f"{tenant}.yaml", f"apiVersion: relman/v1\nkind: Environment\nmetadata: {{name: {tenant}-prod, tenant: {tenant}}}\n"
                                              f"spec: {{follows: {tenant}-test}}\n---\napiVersion: relman/v1\nkind: Environment\nmetadata: {{name: {tenant}-test, tenant: {tenant}}}\n")

    def token(self, name, *args):
        status, out, err = relman.relmanctl("token", name, *args)
        self.assertEqual(status, 0, err)
        self.lines[name] = out.splitlines()[4]
        self.write()
        return out.splitlines()[1]

    def write(self):
        with open(self.tokens, "w") as f:
            f.write("".join(line + "\n" for line in self.lines.values()))

    def start(self, more=""):
        self.site.start(f"api: {{socket: {self.site.folder}/relmand.sock, listen: ['127.0.0.1:{self.port}'], tokenFile: {self.tokens}{more}}}\n")
        return Browser(self.port)


class Login(LoginSite):
    HOLD = "/api/v1/environments/default-prod/hold"

    def test_a_token_is_exchanged_for_a_session(self):
        token = self.token("anna", "--role", "write", "--person", "anna.k")
        browser = self.start()
        self.assertEqual(browser.ask("GET", "/api/v1/session")[0], 401)
        status, session = browser.log_in(token)
        self.assertEqual((status, session["principal"], session["person"], session["role"], session["tenant"], session["tenants"], session["method"]),
                         (201, "token:anna", "anna.k", "write", "default", ["default"], "session"))
        self.assertNotIn(token, json.dumps(session) + browser.set_cookie)
        self.assertNotIn(self.lines["anna"].split()[3], json.dumps(session) + browser.set_cookie)
        attributes = [part.strip() for part in browser.set_cookie.split(";")[1:]]
        self.assertEqual([a for a in attributes if not a.startswith("Max-Age")], ["Path=/", "HttpOnly", "SameSite=Strict"])
        self.assertAlmostEqual(int([a for a in attributes if a.startswith("Max-Age")][0].split("=")[1]), 12 * 3600, delta=60)
        status, again, headers = browser.ask("GET", "/api/v1/session")
        self.assertEqual((status, again, headers["Cache-Control"]), (200, session, "no-store"))
        status, answer, _ = browser.ask("POST", self.HOLD, {"reason": "look"})
        self.assertEqual((status, answer["hold"]["by"]), (200, "token:anna"))
        status, _, headers = browser.ask("DELETE", "/api/v1/session")
        self.assertEqual((status, headers["Set-Cookie"].split(";")[0], "Max-Age=0" in headers["Set-Cookie"]), (200, "relman_session=", True))

    def test_roles_and_tenants_are_those_of_the_token_now(self):
        reader, shop = self.token("reader"), self.token("shop", "--tenant", "shop", "--role", "admin")
        every = self.token("all", "--tenant", "*", "--role", "admin")
        browser = self.start()
        browser.log_in(reader)
        status, answer, _ = browser.ask("POST", self.HOLD, {})
        self.assertEqual((status, "role read" in answer["detail"]), (403, True))
        self.lines["reader"] = self.lines["reader"].replace(" read ", " write ")
        self.write()
        self.assertEqual(browser.ask("POST", self.HOLD, {})[0], 200)
        self.assertEqual(browser.ask("GET", "/api/v1/session")[1]["role"], "write")
        other = Browser(self.port)
        self.assertEqual(other.log_in(shop)[1]["tenants"], ["shop"])
        self.assertEqual([e["name"] for e in other.ask("GET", "/api/v1/environments")[1]], ["shop-prod", "shop-test"])
        self.assertEqual(other.ask("GET", "/api/v1/environments?tenant=default")[0], 404)
        session = Browser(self.port).log_in(every)[1]
        self.assertEqual((session["tenant"], session["tenants"]), (None, ["default", "shop"]))

    def test_a_change_needs_the_csrf_token_of_its_session(self):
        token = self.token("anna", "--role", "write")
        browser, other = self.start(), Browser(self.port)
        browser.log_in(token)
        other.log_in(token)
        self.assertNotEqual(browser.csrf, other.csrf)
        for csrf in (None, "", other.csrf, browser.csrf[:-1], browser.csrf + "0", browser.csrf.upper()):
            status, answer, headers = browser.ask("POST", self.HOLD, {}, X_CSRF_Token=csrf)
            self.assertEqual((status, headers["Content-Type"]), (403, "application/problem+json"), csrf)
            self.assertIn("X-CSRF-Token", answer["detail"])
        self.assertEqual(browser.ask("DELETE", "/api/v1/session", X_CSRF_Token=None)[0], 403)
        self.assertIsNone(browser.ask("GET", "/api/v1/environments/default-prod")[1]["hold"])
        self.assertEqual(browser.ask("POST", self.HOLD, {})[0], 200)

    def test_changes_from_other_sites_are_refused(self):
        token = self.token("anna", "--role", "write")
        browser = self.start()
        browser.log_in(token)
        own = f"http://127.0.0.1:{self.port}"
        for headers, wanted in (({"Sec_Fetch_Site": "cross-site"}, 403), ({"Sec_Fetch_Site": "same-site"}, 403), ({"Sec_Fetch_Site": "none"}, 403),
                                ({"Sec_Fetch_Site": None, "Origin": "https://other.example"}, 403), ({"Sec_Fetch_Site": None, "Origin": "null"}, 403),
                                ({"Sec_Fetch_Site": None, "Origin": own + ".other.example"}, 403), ({"Sec_Fetch_Site": "cross-site", "Origin": own}, 403),
                                ({"Sec_Fetch_Site": None}, 403), ({"Sec_Fetch_Site": None, "Origin": own}, 200)):
            status, answer, answered = browser.ask("POST", self.HOLD, {}, **headers)
            self.assertEqual((status, answered["Content-Type"].endswith("json")), (wanted, True), (headers, answer))
            self.assertEqual(browser.ask("GET", "/api/v1/environments/default-prod")[1]["hold"] is not None, wanted == 200, headers)
        self.assertEqual(browser.ask("POST", "/api/v1/session", Authorization="Bearer " + token, Sec_Fetch_Site="cross-site")[0], 403)
        # a page of another site cannot send a token or read an answer, so clients with tokens need no such headers
        self.assertEqual(Browser(self.port).ask("POST", self.HOLD, {}, Authorization="Bearer " + token, Sec_Fetch_Site=None)[0], 200)
        # a browser behind a proxy on the unix socket
        status, answer, _ = self.site.call("POST", self.HOLD, {}, {"Sec-Fetch-Site": "cross-site"})
        self.assertEqual((status, "another site" in answer["detail"]), (403, True))
        self.assertEqual(self.site.call("POST", self.HOLD, {})[0], 200)

    def test_only_a_session_that_relmand_made_is_valid(self):
        token = self.token("anna", "--role", "write")
        browser = self.start()
        browser.log_in(token)
        name, value = browser.cookie.split("=")
        parts = value.split(".")
        later = ".".join([parts[0], str(int(parts[1]) + 1), *parts[2:]])
        head = ".".join(parts[:3])
        by_hash = hmac.new(bytes.fromhex(self.lines["anna"].split()[3]), head.encode(), hashlib.sha256).hexdigest()
        for forged in ("", ".", "...", later, value[:-1], value + "0", head, head + ".", head + "." + by_hash, "x" * 4000, value.upper(),
                       ".".join([parts[0], "99999999999999999999", *parts[2:]]), ".".join([parts[0], "", *parts[2:]]), value.replace(".", ".0", 1)):
            browser.cookie = f"{name}={forged}"
            self.assertEqual(browser.ask("GET", "/api/v1/environments")[0], 401, forged)
        browser.cookie = f"{name}={value}"
        self.assertEqual(browser.ask("GET", "/api/v1/environments")[0], 200)
        for header in ("Bearer wrong", "Basic abc", "Bearer"):
            status, answer, headers = browser.ask("GET", "/api/v1/environments", Authorization=header)
            self.assertEqual((status, headers["WWW-Authenticate"]), (401, "Bearer"), "a wrong token is not replaced by the session")
        self.assertEqual(browser.ask("POST", "/api/v1/session")[0], 400, "a session begins no other one")

    def test_a_session_survives_a_restart_and_ends_with_its_key(self):
        token = self.token("anna")
        browser = self.start()
        browser.log_in(token)
        path = self.site.state + ".session-key"
        self.assertEqual((os.stat(path).st_mode & 0o777, os.stat(path).st_size), (0o600, 32))
        self.site.stop()
        self.start()
        self.assertEqual(browser.ask("GET", "/api/v1/session")[0], 200)
        self.site.stop()
        with open(path, "wb") as f:
            f.write(b"short")
        self.start()
        self.assertEqual(browser.ask("GET", "/api/v1/session")[0], 401)
        self.site.wait_log("is not a session key of 32 bytes; remove it")
        self.assertEqual(browser.log_in(token)[0], 201)
        self.site.stop()
        os.unlink(path)
        self.start()
        self.assertEqual(browser.ask("GET", "/api/v1/session")[0], 401)

    def test_a_session_ends_with_its_token(self):
        token = self.token("anna", "--role", "write")
        browser = self.start()
        browser.log_in(token)
        connection, answer = browser.stream()
        self.addCleanup(connection.close)
        self.assertEqual(answer.status, 200)
        self.assertTrue(answer.readline())
        line = self.lines.pop("anna")
        self.write()
        status, problem, _ = browser.ask("GET", "/api/v1/session")
        self.assertEqual((status, problem["detail"]), (401, "the session has ended, or its token was removed; log in again"))
        self.assertEqual(browser.ask("POST", self.HOLD, {})[0], 401)
        self.site.call("POST", self.HOLD, {})  # an event wakes the stream
        answer.read()  # ends
        connection, answer = browser.stream()
        self.addCleanup(connection.close)
        self.assertEqual(answer.status, 401)
        self.lines["anna"] = line.replace(line.split()[3], "0" * 64)  # another token of the same name
        self.write()
        self.assertEqual(browser.ask("GET", "/api/v1/session")[0], 401)

    def test_a_session_does_not_outlive_the_time_of_its_token(self):
        token = self.token("anna", "--role", "write")
        end = int(time.time()) + 2
        self.lines["anna"] += time.strftime(" %Y-%m-%dT%H:%M:%SZ", time.gmtime(end))
        self.write()
        browser = self.start()
        session = browser.log_in(token)[1]
        self.assertEqual(session["expiresAt"], time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end)))
        connection, answer = browser.stream()
        self.addCleanup(connection.close)
        wait_for(lambda: browser.ask("GET", "/api/v1/session")[0] == 401, 10, "the end of the session")
        self.site.call("POST", self.HOLD, {})
        answer.read()  # ends

    def test_over_tls_the_cookie_is_secure(self):
        token = self.token("anna", "--role", "write")
        cert, key = (os.path.join(self.site.folder, name) for name in ("cert.pem", "key.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert,
                        "-subj", "/CN=localhost", "-days", "2"], check=True, capture_output=True)
        self.start(f", certFile: {cert}, keyFile: {key}")
        browser = Browser(self.port, ssl._create_unverified_context())
        self.assertEqual(browser.log_in(token)[0], 201)
        self.assertRegex(browser.set_cookie, r"^__Host-relman_session=.*; Path=/; .*HttpOnly; SameSite=Strict; Secure$")
        self.assertEqual(browser.ask("POST", self.HOLD, {})[0], 200)

    def test_behind_a_proxy_with_tls_the_cookie_is_secure(self):
        token = self.token("anna")
        browser = self.start()
        headers = browser.ask("POST", "/api/v1/session", Authorization="Bearer " + token, X_Forwarded_Proto="https")[2]
        self.assertRegex(headers["Set-Cookie"], r"^__Host-relman_session=.*; Secure$")
        browser.cookie = headers["Set-Cookie"].split(";")[0]
        self.assertEqual(browser.ask("GET", "/api/v1/session", X_Forwarded_Proto="https")[0], 200)

    def test_the_unix_socket_needs_no_login(self):
        self.start()
        status, session, _ = self.site.call("GET", "/api/v1/session")
        self.assertEqual((status, session["principal"], session["role"], session["method"], session["csrfToken"], session["expiresAt"]),
                         (200, f"uid:{os.getuid()}", "admin", "socket", None, None))
        self.assertEqual(self.site.call("POST", "/api/v1/session")[0], 400)
        self.assertEqual(self.site.call("DELETE", "/api/v1/session")[1], {"ended": False})
        self.assertFalse(os.path.exists(self.site.state + ".session-key"), "made when it is needed")


class Proxy(unittest.TestCase):
    """A reverse proxy on the unix socket that has logged users in."""

    def start(self, user=None, more=""):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.site.write("prod.yaml", "apiVersion: relman/v1\nkind: Environment\nmetadata: {name: prod}\nspec: {follows: test}\n---\n"
                                     "apiVersion: relman/v1\nkind: Environment\nmetadata: {name: test}\n")
        self.site.socket = os.path.join(self.site.folder, "relmand.sock")
        self.port = relman.free_port()
        self.site.start(f"""
api:
  socket: {self.site.socket}
  listen: ['127.0.0.1:{self.port}']
  proxyAuth: {{user: '{os.getuid() if user is None else user}', header: X-Forwarded-User, groupsHeader: X-Forwarded-Groups,
              groups: {{sre: admin, dev: write, '*': read}}}}
{more}""")

    def ask(self, method, path, body=None, user="anna", groups=None, **more):
        headers = {"X-Forwarded-User": user, "X-Forwarded-Groups": groups, "Sec-Fetch-Site": "same-origin"}
        headers.update({name.replace("_", "-"): value for name, value in more.items()})
        return self.site.call(method, path, body, {name: value for name, value in headers.items() if value is not None})

    def test_users_have_the_highest_role_of_their_groups(self):
        self.start()
        for groups, role in ((None, "read"), ("", "read"), ("dev", "write"), ("a,dev, b", "write"), ("dev,sre", "admin"), ("developers", "read"), ("a dev", "read")):
            status, session, _ = self.ask("GET", "/api/v1/session", groups=groups)
            self.assertEqual((status, session["role"], session["principal"], session["person"], session["method"]), (200, role, "proxy:anna", "anna", "proxy"), groups)
        status, answer, _ = self.ask("POST", "/api/v1/environments/prod/hold", {}, X_CSRF_Token=session["csrfToken"])
        self.assertEqual((status, "proxy:anna has role read" in answer["detail"]), (403, True))

    def test_their_changes_need_the_csrf_token(self):
        self.start()
        csrf = self.ask("GET", "/api/v1/session")[1]["csrfToken"]
        other = self.ask("GET", "/api/v1/session", user="bob")[1]["csrfToken"]
        for token, site, wanted in ((None, "same-origin", 403), (other, "same-origin", 403), (csrf, "cross-site", 403), (csrf, None, 403), (csrf, "same-origin", 200)):
            status, answer, _ = self.ask("POST", "/api/v1/environments/prod/hold", {}, groups="dev", X_CSRF_Token=token, Sec_Fetch_Site=site)
            self.assertEqual(status, wanted, answer)
        self.assertEqual(answer["hold"]["by"], "proxy:anna")

    def test_the_proxy_must_name_one_user(self):
        self.start()
        for user in (None, "", "a b", "x" * 300, "group:sre"):
            self.assertEqual(self.ask("GET", "/api/v1/session", user=user)[0], 401, user)
        connection = UnixConnection(self.site.socket)
        connection.putrequest("GET", "/api/v1/session")
        for name in ("anna", "root"):
            connection.putheader("X-Forwarded-User", name)
        connection.endheaders()
        self.assertEqual(connection.getresponse().status, 400)
        connection.close()

    def test_nobody_else_may_name_a_user(self):
        self.start(user=os.getuid() + 1)
        status, answer, _ = self.ask("GET", "/api/v1/session")
        self.assertEqual((status, answer["detail"]), (403, "only the proxy may send the header with the user (api.proxyAuth of relmand.yaml)"))
        self.assertEqual(self.site.call("GET", "/api/v1/session")[1]["principal"], f"uid:{os.getuid()}")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", "/api/v1/session", headers={"X-Forwarded-User": "anna"})
        self.assertEqual(connection.getresponse().status, 401)
        connection.close()

    def test_the_role_of_the_proxy_is_a_limit(self):
        self.start(more=f"  socketRoles: [{{uid: '{os.getuid()}', role: write, tenant: default}}]\n")
        session = self.ask("GET", "/api/v1/session", groups="sre")[1]
        self.assertEqual((session["role"], session["tenant"]), ("write", "default"))

    def test_the_configuration_is_checked(self):
        site = Site()
        self.addCleanup(site.close)
        path = os.path.join(site.folder, "relmand.yaml")
        for text, problem in (("{header: X-User, groups: {a: read}}", "header, user and groups are required"),
                              ("{user: root, header: X-User}", "header, user and groups are required"),
                              ("{user: root, header: 'X User', groups: {a: read}}", "names of HTTP headers"),
                              ("{user: root, header: X-User, groups: {a: boss}}", 'the role of group "a" is read, write or admin, not "boss"'),
                              ("{user: no-such-user, header: X-User, groups: {a: read}}", '"no-such-user" is not a user of this machine')):
            with open(path, "w") as f:
                f.write(f"api: {{proxyAuth: {text}}}\n")
            r = subprocess.run([os.path.join(relman.BUILDDIR, "relmand"), "--check-config", "--config", path], capture_output=True, text=True, timeout=60)
            self.assertEqual((r.returncode != 0, 'field "proxyAuth": ' in r.stderr, problem in r.stderr), (True, True, True), r.stderr)


def statements(site):
    return int(re.search(r"^relman_store_statements_total (\d+)$", site.call("GET", "/metrics")[1], re.M).group(1))


class Matrix(unittest.TestCase):
    """The matrix agrees with the lists of environments, components and releases."""

    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        cls.server = StandIn()
        cls.addClassCleanup(cls.server.close)
        for name in ("api", "web", "job"):
            cls.server.push(f"app/{name}", "v1.0.0", f"{name} 1")
        cls.server.push("app/api", "v1.1.0", "api 2")
        cls.server.push("app/job", "v1.1.0", "job 2")
        cls.site.write("all.yaml", f"""
apiVersion: relman/v1
kind: Registry
metadata: {{name: r}}
spec: {{url: '{cls.server.url}', limits: {{timeout: 3s}}}}
""" + "".join(f"""---
apiVersion: relman/v1
kind: Component
metadata: {{name: {name}, displayName: {json.dumps(title)}, labels: {{{label}}}}}
spec: {{imageRepository: {cls.server.host}/app/{name}, platforms: [], versioningStrategy: {{type: semver}}}}
""" for name, title, label in (("api", "<script>alert(1)</script>", "team: a"), ("web", '"\'</td>&lt;', "owner: a, tier: front"), ("job", "job", "team: b"))) + """---
apiVersion: relman/v1
kind: Release
metadata: {name: one}
spec: {mode: pinned, components: [{name: api, version: 1.0.0}, {name: web, version: 1.0.0}]}
---
apiVersion: relman/v1
kind: Release
metadata: {name: two}
spec: {mode: pinned, components: [{name: api, version: 1.1.0}, {name: job, version: 1.1.0}]}
---
apiVersion: relman/v1
kind: Environment
metadata: {name: dev, labels: {stage: dev}}
---
apiVersion: relman/v1
kind: Environment
metadata: {name: prod}
spec: {release: two, promotesFrom: dev, approvals: 1}
---
apiVersion: relman/v1
kind: Environment
metadata: {name: test}
spec: {follows: dev, soak: 1h, promotesFrom: dev}
---
apiVersion: relman/v1
kind: Environment
metadata: {name: unused, displayName: Nothing}
""")
        cls.site.start("poll: {interval: 1h}")
        wait_for(lambda: {r["status"] for r in cls.get("releases")["data"]} == {"ready"}, 30, "releases")
        cls.promote("one", "dev")
        time.sleep(1.1)  # the API shows and takes seconds
        cls.promote("two", "dev")

    @classmethod
    def promote(cls, release, environment):
        status, answer, _ = cls.site.call("POST", f"/api/v1/releases/{release}/promote", {"environmentId": environment, "allowRemovals": True, "reason": "x"})
        if status != 202:
            raise AssertionError(answer)
        wait_for(lambda: cls.get(f"environments/{environment}")["state"]["status"] == "deployed", 20, "deployed")

    @classmethod
    def get(cls, path, wanted=200):
        status, answer, _ = cls.site.call("GET", "/api/v1/" + path)
        if status != wanted:
            raise AssertionError((path, status, answer))
        return answer

    def agrees(self, matrix, at=""):
        environments = self.get("environments" + at)
        self.assertEqual([e["name"] for e in matrix["environments"]], [e["name"] for e in environments])
        for i, (column, environment) in enumerate(zip(matrix["environments"], environments)):
            state = environment["state"] or {"status": "none", "deployedReleaseId": None, "deployedBy": None}
            self.assertEqual((column["phase"], column["by"], column["hold"], column["pending"]),
                             (state["status"], state["deployedBy"], environment["hold"], environment["pending"]), column["name"])
            self.assertEqual((column["release"] or {"id": None})["id"], state["deployedReleaseId"], column["name"])
            if column["phase"] == "deployed":
                self.assertEqual(column["since"], state["deployedAt"], column["name"])
            has = {c["componentName"]: c for c in self.get("releases/" + state["deployedReleaseId"])["components"]} if state["deployedReleaseId"] else {}
            pending = column["pending"] and column["pending"]["releaseId"]
            to = {c["componentName"]: c for c in self.get("releases/" + pending)["components"]} if pending else None
            for row in matrix["components"]:
                self.assertEqual(len(row["cells"]), len(environments))
                self.cell(matrix, row, i, has.get(row["name"]), to and to.get(row["name"]), bool(pending))
        self.assertEqual([c["name"] for c in matrix["components"]], [c["name"] for c in self.get("components")])

    def cell(self, matrix, row, i, has, to, is_pending):
        def image(component):
            return component and (component["semver"], component["tag"], component["digest"])
        cell, images = row["cells"][i], [(m["version"], m["tag"], m["digest"]) for m in matrix["images"]]
        self.assertEqual(len(set(images)), len(images))
        where = (row["name"], matrix["environments"][i]["name"])
        if not has and not to:
            self.assertIsNone(cell, where)
            return
        self.assertEqual(None if cell["image"] is None else images[cell["image"]], image(has), where)
        self.assertEqual("next" in cell, is_pending and image(to) != image(has), where)
        if "next" in cell:
            self.assertEqual(None if cell["next"] is None else images[cell["next"]], image(to), where)

    def test_it_says_what_the_lists_say(self):
        matrix = self.get("matrix")
        self.agrees(matrix)
        column = {e["name"]: e for e in matrix["environments"]}
        self.assertEqual([(e["name"], e["phase"], e["promotesFrom"], e["follows"], e["gate"], [b["kind"] for b in e["badges"] if b["kind"] != "rollbackNotReady"])
                          for e in matrix["environments"]],
                         [("dev", "deployed", [], None, None, []), ("prod", "none", ["dev"], None, "approvals", ["waiting"]),
                          ("test", "none", ["dev"], "dev", "soak", ["soaking"]), ("unused", "none", [], None, None, [])])
        self.assertEqual(column["test"]["badges"][0]["until"], column["test"]["pending"]["opensAt"])
        self.assertEqual(column["dev"]["metadata"], {"stage": "dev"})
        self.assertEqual(column["unused"]["displayName"], "Nothing")

    def test_the_past(self):
        dev = self.get("environments/dev/history")
        first = next(d for d in reversed(dev) if d["status"] == "deployed")
        at = "?asOf=" + first["at"]
        matrix = self.get("matrix" + at)
        self.agrees(matrix, at)
        self.assertEqual((matrix["asOf"], matrix["environments"][0]["release"]["name"], matrix["environments"][1]["pending"]), (first["at"], "one", None))
        before = self.get("matrix?asOf=2020-01-01T00:00:00Z")
        self.assertEqual({cell for row in before["components"] for cell in row["cells"]}, {None})
        for wrong in ("x", "2999-01-01T00:00:00Z"):
            self.get("matrix?asOf=" + wrong, wanted=400)

    def test_filters_and_pages(self):
        def names(query):
            return [c["name"] for c in self.get("matrix?" + query)["components"]]
        self.assertEqual([names(q) for q in ("team=a", "team=b", "label=tier", "label=tier=front", "text=scRIPT", "text=none", "after=api")],
                         [["api", "web"], ["job"], ["web"], ["web"], ["api"], [], ["job", "web"]])
        self.assertEqual([e["name"] for e in self.get("matrix?environment=noth")["environments"]], ["unused"])
        self.assertEqual(self.get("matrix?environment=nowhere")["environments"], [])
        whole, rows, path = self.get("matrix?environment=d"), [], "/api/v1/matrix?limit=1&environment=d"
        while path:
            status, matrix, headers = self.site.call("GET", path)
            self.assertEqual((status, matrix["environments"]), (200, whole["environments"]))
            rows += [(c["name"], [c and c["image"] is not None and matrix["images"][c["image"]] for c in c["cells"]]) for c in matrix["components"]]
            path = headers["Link"] and re.match(r'<(\S+)>; rel="next"$', headers["Link"]).group(1)
        self.assertEqual(rows, [(c["name"], [c and c["image"] is not None and whole["images"][c["image"]] for c in c["cells"]]) for c in whole["components"]])
        for wrong in ("limit=0", "limit=x", "nonsense=1", "text=a&q=b"):
            self.get("matrix?" + wrong, wanted=400)
        self.get("matrix?tenant=none", wanted=404)

    def test_an_unchanged_matrix_is_not_sent_again(self):
        status, _, headers = self.site.call("GET", "/api/v1/matrix")
        self.assertEqual(headers["Cache-Control"], "private, no-cache")
        etag = {"If-None-Match": headers["ETag"]}
        before = statements(self.site)
        for _ in range(5):
            status, body, again = self.site.call("GET", "/api/v1/matrix", headers=etag)
            self.assertEqual((status, body, again["ETag"]), (304, "", headers["ETag"]))
        self.assertLess(statements(self.site) - before, 5)
        self.assertEqual(self.site.call("GET", "/api/v1/matrix?team=a", headers=etag)[0], 200)
        self.site.call("POST", "/api/v1/environments/test/hold", {"reason": "<b>stop</b>"})
        self.addCleanup(self.site.call, "POST", "/api/v1/environments/test/resume", {})
        status, matrix, changed = self.site.call("GET", "/api/v1/matrix", headers=etag)
        self.assertEqual((status, changed["ETag"] != headers["ETag"], matrix["environments"][2]["badges"][0]["kind"], matrix["environments"][2]["badges"][0]["text"]),
                         (200, True, "held", "<b>stop</b>"))
        self.assertEqual([b["kind"] for b in matrix["environments"][2]["badges"]], ["held"])
        self.agrees(matrix)
        self.assertGreater(statements(self.site), before)

    def test_the_number_of_statements_does_not_depend_on_the_size(self):
        def needed(path):
            before = statements(self.site)
            self.get(path)
            return statements(self.site) - before
        self.assertEqual(needed("matrix?limit=1"), needed("matrix?limit=100"))
        self.assertLess(needed("matrix"), 30)

    def test_a_tag_that_moved_is_drift_where_the_old_digest_runs(self):
        self.server.push("app/api", "v1.1.0", "api 3")
        self.addCleanup(self.site.call, "POST", "/api/v1/components/api/sync-versions", {"forceRefresh": True})
        self.addCleanup(self.server.push, "app/api", "v1.1.0", "api 2")
        self.site.call("POST", "/api/v1/components/api/sync-versions", {"forceRefresh": True})
        wait_for(lambda: self.get("matrix")["components"][0]["cells"][0].get("drift"), 20, "drift")
        matrix = self.get("matrix")
        self.assertIn("drift", [b["kind"] for b in matrix["components"][0]["badges"]])
        self.assertNotIn("drift", matrix["components"][1]["cells"][0])


class Registries(unittest.TestCase):
    def test_the_last_hour_of_a_registry(self):
        site, server = Site(), StandIn()
        self.addCleanup(site.close)
        self.addCleanup(server.close)
        server.push("app/api", "v1.0.0")
        site.write("all.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\nspec: {{url: '{server.url}'}}\n---\n"
                               f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: api}}\nspec: {{imageRepository: {server.host}/app/api, platforms: []}}\n")
        site.start("poll: {interval: 1h}")

        def history():
            status, answer, _ = site.call("GET", "/api/v1/registries/r/history")
            self.assertEqual((status, answer["interval"]), (200, 60))
            return answer["samples"]

        def total():
            text = site.call("GET", "/metrics")[1]
            return int(re.search(r'^relman_registry_requests_total\{registry="r"[^}]*\} (\d+)$', text, re.M).group(1))
        wait_for(lambda: site.call("GET", "/api/v1/components/api")[1]["channels"], what="a poll")
        [sample] = history()
        self.assertEqual((sample["requests"], sample["errors"], sample["rateLimitLeft"]), (total(), 0, None))
        self.assertGreater(sample["latencyMicroseconds"], 0)
        server.answers["GET /v2/app/api/tags/list"] = lambda handler: handler.reply(404, b"{}")
        site.call("POST", "/api/v1/components/api/sync-versions", {})
        self.assertGreater(history()[0]["requests"], sample["requests"])
        self.assertEqual(site.call("GET", "/api/v1/registries/none/history")[0], 404)


class Open(LoginSite):
    def open(self, *args, env=None):
        r = subprocess.run([os.path.join(relman.BUILDDIR, "relmanctl"), "open", *args], capture_output=True, text=True, timeout=60,
                           env={**os.environ, **(env or {})})
        return r.returncode, r.stdout, r.stderr

    def test_relmanctl_prints_the_address(self):
        self.start()
        place = ("--socket", f"{self.site.folder}/relmand.sock")
        self.assertEqual(self.open(*place), (0, f"http://127.0.0.1:{self.port}/\n", ""))
        self.assertEqual(self.open("--url", "https://relman.example.com"), (0, "https://relman.example.com/\n", ""))
        self.site.stop()
        self.site.start(f"api: {{socket: {place[1]}, listen: ['0.0.0.0:{self.port}']}}\n")
        self.assertEqual(self.open(*place), (0, f"http://{os.uname().nodename}:{self.port}/\n", ""))
        self.site.stop()
        self.site.start(f"api: {{socket: {place[1]}, listen: ['127.0.0.1:{self.port}'], web: false}}\n")
        status, out, err = self.open(*place)
        self.assertEqual((status, out), (2, ""))
        self.assertIn("the page has no address: name one in api.listen of relmand.yaml, and do not set api.web to false", err)


if __name__ == "__main__":
    relman.main()
