#!/usr/bin/env python3
"""Tests ways to log in to a registry: docker's config.json, credential helpers, identity tokens, client
certificates."""

import base64
import http.server
import json
import os
import shutil
import ssl
import subprocess
import sys
import threading
import time
import unittest
from urllib.parse import parse_qs

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import Site  # noqa: E402
from standin import Handler, StandIn  # noqa: E402


class Login(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.server = StandIn()
        self.addCleanup(self.server.close)
        self.server.push("app/api", "v1.0.0")
        self.bin = os.path.join(self.site.folder, "bin")
        os.mkdir(self.bin)
        self.path, os.environ["PATH"] = os.environ["PATH"], self.bin + ":" + os.environ["PATH"]

    def tearDown(self):
        os.environ["PATH"] = self.path

    def specs(self, auth, url=None, more=""):
        url = url or self.server.url
        self.site.write("c.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\n"
                                  f"spec: {{url: '{url}', auth: {{{auth}}}, limits: {{timeout: 3s}}{more}}}\n---\n"
                                  f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: api}}\n"
                                  f"spec: {{imageRepository: {url.split('://')[1]}/app/api, versioningStrategy: {{type: semver}}}}\n")

    def basic(self, user="robot", password="s3:cret"):
        wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.server.authorize = lambda h: h.headers.get("Authorization") == wanted or h.reply(
            401, {}, {"WWW-Authenticate": 'Basic realm="x"'})

    def config(self, value):
        path = os.path.join(self.site.folder, "config.json")
        with open(path, "w") as f:
            f.write(value if isinstance(value, str) else json.dumps(value))
        return path

    def helper(self, script, name="test"):
        path = os.path.join(self.bin, "docker-credential-" + name)
        with open(path, "w") as f:
            f.write("#!/bin/sh\n" + script)
        os.chmod(path, 0o755)

    def once(self, wanted=0, timeout=60):
        status, out, err = self.site.once(timeout=timeout)
        self.assertEqual(status, wanted, err + out)
        self.assertNotIn("s3:cret", err + out)
        return err

    def heads(self):
        return self.site.stored.channels("semver")


class Grants(Login):
    """Tests section credentials of relmand.yaml, which grants secrets to Registries."""

    def setUp(self):
        super().setUp()
        self.basic()
        self.password = os.path.join(self.site.folder, "tenant-b.password")
        with open(self.password, "w") as f:
            f.write("s3:cret\n")
        os.chmod(self.password, 0o600)

    def registry(self, auth, more="", tenant="a"):
        self.site.write("r.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r, tenant: {tenant}}}\n"
                                  f"spec: {{url: '{self.server.url}', auth: {{{auth}}}, limits: {{timeout: 3s}}{more}}}\n---\n"
                                  f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: api, tenant: {tenant}}}\n"
                                  f"spec: {{imageRepository: {self.server.host}/app/api, versioningStrategy: {{type: semver}}}}\n")

    def run_with(self, config, *mode):
        path = os.path.join(self.site.folder, "granted.yaml")
        with open(path, "w") as f:
            f.write(config)
        r = subprocess.run(self.site.arguments(*(mode or ("--once",)), "--config", path), capture_output=True, text=True, timeout=60)
        return r.returncode, r.stdout + r.stderr

    def grant(self, name=None, tenants="a", hosts=None):
        return f"credentials: [{{name: {name or self.password}, tenants: ['{tenants}'], hosts: ['{hosts or self.server.host}']}}]\n"

    def conditions(self):
        return self.site.stored.conditions("reason", "message", kind="Registry", type="Stalled", status="True")

    def test_a_secret_goes_only_where_the_configuration_grants_it_to(self):
        self.registry(f"username: robot, passwordFile: {self.password}")
        for config in ("credentials: []\n", self.grant(tenants="b"), self.grant(hosts="registry.example.com"), self.grant(name="/other"),
                       self.grant(hosts=self.server.host.split(":")[0]), self.grant(hosts=self.server.host + "0")):
            with self.subTest(config=config):
                status, text = self.run_with(config)
                self.assertEqual(status, 1, text)
                self.assertEqual(self.server.requests, [])
                (reason, message), = self.conditions()
                self.assertEqual(reason, "CredentialNotGranted")
                self.assertIn(f"registry 'r' of tenant 'a' may not use '{self.password}' for host '{self.server.host}'", message)
                self.assertIn(f"{{name: {self.password}, tenants: [a], hosts: ['{self.server.host}']}}", message)
                self.assertNotIn("s3:cret", text)
                self.assertEqual(self.site.stored.conditions("status", "reason", "message", kind="Component", type="Ready"),
                                 [("False", "Denied", message)])
                status, text = self.run_with(config, "--check")
                self.assertEqual(status, 1)
                self.assertIn("r.yaml:1:1: error: registry 'r' of tenant 'a' may not use", text)
        for config in (self.grant(), self.grant(tenants="*"), self.grant(hosts="*"), self.grant(hosts=self.server.host.upper()), self.grant(hosts=self.server.host.replace(':', ':0')), ""):
            with self.subTest(config=config):
                status, text = self.run_with(config)
                self.assertEqual(status, 0, text)
                self.assertEqual(self.conditions(), [])
                self.assertEqual(self.heads(), [("1.0.0",)])
                self.assertEqual(self.run_with(config, "--check")[0], 0)

    def test_every_way_to_name_a_secret_is_refused(self):
        url = self.server.url
        for auth, more in (("username: u, passwordCredential: p", ""), (f"tokenFile: {self.password}", ""), (f"dockerConfig: {self.password}", ""),
                           ("helper: test", ""), ("", f", hook: {{secretFile: {self.password}}}"), ("", ", hook: {secretCredential: p}"),
                           ("", f", mirrors: [{{url: '{url}', auth: {{tokenFile: {self.password}}}}}]"),
                           ("", f", tls: {{certFile: /c.pem, keyFile: {self.password}}}")):
            with self.subTest(auth=auth, more=more):
                self.registry(auth, more)
                status, text = self.run_with("credentials: []\n")
                self.assertEqual((status, self.server.requests), (1, []), text)
                self.assertEqual([row[0] for row in self.conditions()], ["CredentialNotGranted"])
        # A grant for a host does not apply to a token server, proxy or mirror on another host.
        for auth, more in (("realm: 'http://evil.example/token', ", ""), ("", ", proxy: 'http://evil.example:3128'"),
                           ("", f", mirrors: [{{url: 'http://evil.example', auth: {{tokenFile: {self.password}}}}}]")):
            with self.subTest(auth=auth, more=more):
                self.registry(f"{auth}username: robot, passwordFile: {self.password}", more)
                status, text = self.run_with(self.grant())
                self.assertEqual((status, self.server.requests), (1, []), text)
                self.assertIn("for host 'evil.example", self.conditions()[0][1])
        self.registry("")  # a Registry without a secret needs no grant
        self.server.authorize = lambda h: True
        self.assertEqual(self.run_with("credentials: []\n")[0], 0)

    def test_without_the_section_several_tenants_are_warned_of_once(self):
        self.registry(f"username: robot, passwordFile: {self.password}")
        warning = "there is more than one tenant, and each may send any secret of relmand to any host"
        self.assertNotIn(warning, self.run_with("", "--check")[1])
        self.site.write("b.yaml", "apiVersion: relman/v1\nkind: Registry\nmetadata: {name: r, tenant: b}\n"
                                  f"spec: {{url: 'https://r.example.com', auth: {{tokenFile: {self.password}}}}}\n")
        for mode in ("--check", "--once"):
            status, text = self.run_with("", mode)
            self.assertEqual(text.count(warning), 1, text)
            self.assertEqual(status, 0)
        self.assertNotIn(warning, self.run_with("credentials: []\n", "--check")[1])

    def test_a_grant_that_says_too_little_is_an_error(self):
        self.registry("")
        for config, wanted in (("credentials: [{name: x}]", 'missing field "tenants"'), ("credentials: [{name: x, tenants: [], hosts: [h]}]", "needs a name, tenants and hosts"),
                               ("credentials: {name: x}", 'field "credentials" wants a list')):
            status, text = self.run_with(config + "\n", "--check")
            self.assertEqual(status, 2, text)
            self.assertIn(wanted, text)

    def test_the_hook_of_a_registry_that_is_refused_is_not_known(self):
        self.registry("", f", hook: {{secretFile: {self.password}}}")
        self.server.authorize = lambda h: True
        for config, wanted in (("credentials: []\n", 401), (self.grant(), 202)):
            self.site.start(config)
            status = self.site.call("POST", "/hooks/v1/r?tenant=a", "{}", {"Authorization": "Bearer s3:cret"})[0]
            self.site.stop()
            self.assertEqual(status, wanted)


class DockerConfig(Login):
    def test_auths_are_found_by_host_in_any_of_its_spellings(self):
        self.basic()
        auth = base64.b64encode(b"robot:s3:cret").decode()
        for key in (self.server.host, self.server.url, f"https://{self.server.host}/v2/", f"https://{self.server.host}/v1/"):
            with self.subTest(key=key):
                self.specs(f"dockerConfig: {self.config({'auths': {'other.example': {'auth': 'eA=='}, key: {'auth': auth}}})}")
                self.once()
        self.specs(f"dockerConfig: {self.config({'auths': {self.server.host: {'username': 'robot', 'password': 's3:cret'}}})}")
        self.once()

    def test_another_host_gets_nothing_of_it(self):
        self.basic()
        auth = base64.b64encode(b"robot:s3:cret").decode()
        for key in ("other.example", self.server.host + "0", "x" + self.server.host, self.server.host.split(":")[0]):
            with self.subTest(key=key):
                self.specs(f"dockerConfig: {self.config({'auths': {key: {'auth': auth}}})}")
                self.assertIn(f"status 401; relman asked anonymously: no entry of '{self.site.folder}/config.json' holds credentials for "
                              f"'{self.server.host}/app/api'", self.once(1))
        for _, _, headers in self.server.requests:
            self.assertNotIn("Authorization", headers)

    def two_repositories(self, owner):
        """Makes a Registry for app/api and other/api. owner: namespace -> the credentials that it accepts."""
        self.server.push("other/api", "v1.0.0")
        config = {"auths": {self.server.host: {"auth": base64.b64encode(b"all:x").decode()}}}
        for namespace, login in owner.items():
            config["auths"][f"{self.server.host}/{namespace}"] = {"auth": base64.b64encode(login.encode()).decode()}
        self.specs(f"dockerConfig: {self.config(config)}")
        self.site.write("other.yaml", relman.document("Component", "other", f"imageRepository: {self.server.host}/other/api"))

    def test_a_login_for_a_namespace_is_for_its_repositories_only(self):
        owner = {"app": "robot:s3:cret", "other": "other:s3:cret2"}

        def authorize(handler):
            login = owner[handler.path.split("/")[2]]
            return handler.headers.get("Authorization") == "Basic " + base64.b64encode(login.encode()).decode() or handler.reply(
                401, {}, {"WWW-Authenticate": 'Basic realm="x"'})
        self.server.authorize = authorize
        self.two_repositories(owner)
        self.once()
        for _, path, headers in self.server.requests:
            sent = headers.get("Authorization")
            self.assertIn(sent, (None, "Basic " + base64.b64encode(owner[path.split("/")[2]].encode()).decode()), path)

    def test_a_token_server_gets_the_login_of_the_namespace(self):
        owner = {"app": "robot:s3:cret", "other": "other:s3:cret2"}
        self.server.tokens = set()

        def authorize(handler):
            repository = "/".join(handler.path.split("/")[2:4])
            return handler.headers.get("Authorization") == f"Bearer for-{repository}" or handler.reply(401, {}, {
                "WWW-Authenticate": f'Bearer realm="{self.server.url}/token",service="s",scope="repository:{repository}:pull"'})

        def token(handler):
            repository = parse_qs(handler.path.split("?")[1])["scope"][0].split(":")[1]
            login = "Basic " + base64.b64encode(owner[repository.split("/")[0]].encode()).decode()
            handler.reply(200, {"token": f"for-{repository}"} if handler.headers.get("Authorization") == login else {"token": "no"})
        self.server.authorize = authorize
        self.server.answers["GET /token"] = token
        self.two_repositories(owner)
        self.once()

    def test_a_password_of_several_lines_is_sent_as_it_is(self):
        """Google's _json_key is a file with several lines."""
        key = '{\n  "type": "service_account",\n  "private_key": "-----BEGIN\\n"\n}'
        self.basic("_json_key", key)
        auth = base64.b64encode(f"_json_key:{key}".encode()).decode()
        self.helper("cat <<'END'\n" + json.dumps({"Username": "_json_key", "Secret": key}) + "\nEND\n")
        path = os.path.join(self.site.folder, "key.json")
        with open(path, "w") as f:
            f.write(key + "\n")
        host = self.server.host
        for login in (f"dockerConfig: {self.config({'auths': {host: {'auth': auth}}})}", "helper: test",
                      f"username: _json_key, passwordFile: {path}", f"username: _json_key, passwordCredential: {os.path.basename(path)}"):
            with self.subTest(login=login):
                self.specs(login)
                os.environ["CREDENTIALS_DIRECTORY"] = self.site.folder
                self.addCleanup(os.environ.pop, "CREDENTIALS_DIRECTORY", None)
                self.once()
        self.specs(f"dockerConfig: {self.config({'auths': {host: {'username': '_json_key', 'password': key}}})}")
        self.once()
        self.server.requests.clear()
        self.specs(f"tokenFile: {path}")  # refused, because a token is sent unchanged in a header
        self.assertIn("must hold one line of text", self.once(1))
        self.assertEqual(self.server.requests, [])

    @unittest.skipUnless(shutil.which("skopeo"), "skopeo is not installed")
    def test_skopeo_finds_the_same_entries(self):
        """relman and skopeo must find the same entry for an image. Both read a path without a scheme as a
        namespace."""
        self.basic("user", "s3:cret")
        auth = {"auth": base64.b64encode(b"user:s3:cret").decode()}
        host = self.server.host
        keys = [host, f"https://{host}/v2/", f"https://{host}/project", f"{host}/app", f"{host}/app/api", f"{host}/ap", f"{host}/app/api/x", f"x{host}"]
        cases = [(key, auth) for key in keys] + [(host, {"auth": auth["auth"][:5] + "\r\n" + auth["auth"][5:] + "\n"})]
        for key, value in cases:
            with self.subTest(key=key, value=value):
                path = self.config({"auths": {key: value}})
                found = subprocess.run(["skopeo", "login", "--get-login", "--authfile", path, f"{host}/app/api"], capture_output=True,
                                       text=True, timeout=20).stdout.strip() == "user"
                self.specs(f"dockerConfig: {path}")
                self.once(0 if found else 1)

    def test_what_is_no_config_is_told_with_its_path(self):
        for text in ("", "[]", "{", '{"auths": {"%s": {"auth": "!!!"}}}' % self.server.host, '{"credsStore": "../evil"}'):
            with self.subTest(text=text):
                self.basic()
                path = self.config(text)
                self.specs(f"dockerConfig: {path}")
                self.assertIn(path, self.once(1))

    def test_a_registry_token_is_sent_as_it_is(self):
        self.server.tokens, self.server.challenge = {"tok"}, "Bearer"
        self.specs(f"dockerConfig: {self.config({'auths': {self.server.host: {'registrytoken': 'tok'}}})}")
        self.once()
        self.assertEqual(self.heads(), [("1.0.0",)])

    def test_an_identity_token_goes_to_the_token_server_alone(self):
        self.server.tokens = set()
        self.server.challenge = f'Bearer realm="{self.server.url}/token",service="s",scope="repository:app/api:pull"'

        def token(handler):
            body = parse_qs(handler.rfile.read(int(handler.headers["Content-Length"])).decode())
            if body.get("refresh_token") != ["id-t0ken"] or body.get("grant_type") != ["refresh_token"]:
                return handler.reply(401, {})
            self.assertEqual(body["scope"], ["repository:app/api:pull"])
            self.server.tokens.add("short")
            handler.reply(200, {"access_token": "short", "expires_in": 300})
        self.server.answers["POST /token"] = token
        self.specs(f"dockerConfig: {self.config({'auths': {self.server.host: {'identitytoken': 'id-t0ken'}}})}")
        self.once()
        self.assertEqual(self.heads(), [("1.0.0",)])
        for _, path, headers in self.server.requests:
            self.assertNotIn("id-t0ken", path + str(headers))


class Helpers(Login):
    answer = '{"ServerURL":"x","Username":"robot","Secret":"s3:cret"}'

    def test_a_helper_is_asked_once_and_by_the_registrys_name(self):
        self.basic()
        for i in range(3):
            self.server.push("app/api", f"v1.{i}.0")
        self.helper(f'echo "$1 $(cat)" >>{self.site.folder}/asked\necho \'{self.answer}\'\n')
        self.specs("helper: test")
        self.once()
        self.assertEqual(self.heads(), [("1.2.0",)])
        with open(f"{self.site.folder}/asked") as f:
            self.assertEqual(f.read(), f"get {self.server.host}\n")

    def test_a_config_may_name_a_helper_for_one_host_or_for_all(self):
        self.basic()
        self.helper(f"echo '{self.answer}'\n")
        self.helper("exit 1\n", "wrong")
        for config in ({"credHelpers": {self.server.host: "test"}, "credsStore": "wrong"}, {"credsStore": "test", "auths": {}}):
            with self.subTest(config=config):
                self.specs(f"dockerConfig: {self.config(config)}")
                self.once()

    def test_a_helper_that_knows_nothing_leaves_us_anonymous(self):
        self.helper("echo credentials not found in native keychain\nexit 1\n")
        self.specs("helper: test")
        self.once()
        self.assertEqual(self.heads(), [("1.0.0",)])
        self.basic()
        self.assertIn("relman asked anonymously: credential helper 'docker-credential-test' holds none for '" + self.server.host, self.once(1))

    def test_a_helper_that_fails_is_told(self):
        for script, wanted in (("echo 'vault is sealed'\nexit 1\n", "credential helper 'docker-credential-test' failed: vault is sealed"),
                               ("exit 3\n", "it says nothing"), ("kill -9 $$\n", "failed"), ("echo not json\n", "docker-credential-test"),
                               ("echo '{}'\n", "holds no Username and Secret"), ("yes | head -c 10000000\n", "more than 65536 bytes")):
            with self.subTest(script=script):
                self.helper(script)
                self.specs("helper: test")
                self.assertIn(wanted, self.once(1))
        self.assertEqual(self.server.requests, [])

    def test_a_helper_that_is_not_there_is_told(self):
        self.specs("helper: missing")
        self.assertIn("cannot run 'docker-credential-missing': No such file or directory", self.once(1))

    def test_a_helper_that_hangs_is_killed_and_blocks_nobody(self):
        self.helper(f"echo $$ >{self.site.folder}/pid\nsleep 1000 & echo $! >>{self.site.folder}/pid\nwait\n")
        self.specs("helper: test")
        other = StandIn()
        self.addCleanup(other.close)
        other.push("app/good", "v1.0.0")
        self.site.write("good.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: good}}\nspec: {{url: '{other.url}'}}\n---\n"
                                     f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: good}}\n"
                                     f"spec: {{imageRepository: {other.host}/app/good, versioningStrategy: {{type: semver}}}}\n")
        self.site.start()
        start = time.monotonic()
        relman.wait_for(lambda: self.heads() == [("1.0.0",)], 5, "the other registry's component")
        self.assertLess(time.monotonic() - start, 3)
        status, took = self.site.stop()
        self.assertEqual(status, 0)
        self.assertLess(took, 3)
        with open(f"{self.site.folder}/pid") as f:
            for pid in f.read().split():
                relman.wait_for(lambda p=pid: not os.path.exists(f"/proc/{p}") or "Z" in open(f"/proc/{p}/stat").read(), 3, "its end")


class Certificates(Login):
    def make(self, name, *more):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", "/CN=" + name, "-keyout", f"{name}.key", "-out", f"{name}.pem", *more],
                       check=True, capture_output=True, cwd=self.site.folder)

    def test_a_client_certificate_is_shown(self):
        self.make("server", "-addext", "subjectAltName=IP:127.0.0.1")
        self.make("client")
        folder = self.site.folder
        tls = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        tls.daemon_threads, tls.standin = True, self.server
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{folder}/server.pem", f"{folder}/server.key")
        context.load_verify_locations(f"{folder}/client.pem")
        context.verify_mode = ssl.CERT_REQUIRED
        tls.socket = context.wrap_socket(tls.socket, server_side=True)
        threading.Thread(target=tls.serve_forever, daemon=True).start()
        self.addCleanup(tls.server_close)
        self.addCleanup(tls.shutdown)
        url = f"https://127.0.0.1:{tls.server_address[1]}"
        self.specs("", url, f", tls: {{caFile: {folder}/server.pem, certFile: {folder}/client.pem, keyFile: {folder}/client.key}}")
        self.once()
        self.assertEqual(self.heads(), [("1.0.0",)])
        self.specs("", url, f", tls: {{caFile: {folder}/server.pem}}")
        self.once(1)


if __name__ == "__main__":
    relman.main()
