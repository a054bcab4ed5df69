#!/usr/bin/env python3
"""Gives the same input to relman and to docker, skopeo and podman, and compares the results.

relman must find the login, the challenge and the pages that one of the tools finds. If docker and skopeo
differ, the tables show which of them relman follows. A tool that is not installed is skipped with a message.
"""

import base64
import concurrent.futures
import http.server
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import INDEX, MANIFEST, dump  # noqa: E402
from relman import Site  # noqa: E402
from standin import Handler, Server, StandIn  # noqa: E402


def base64_of(text):
    return base64.b64encode(text.encode()).decode()


def body_of(handler):
    """Reads the body of a request, also in chunks, because skopeo sends its request for a token in chunks."""
    if handler.headers.get("Transfer-Encoding") != "chunked":
        return handler.rfile.read(int(handler.headers.get("Content-Length") or 0)).decode()
    text = b""
    while True:
        size = int(handler.rfile.readline(), 16)
        text += handler.rfile.read(size)
        handler.rfile.readline()
        if size == 0:
            return text.decode()


USER = {"auth": base64_of("user:s3:cret")}


class TlsHandler(Handler):
    def handle_one_request(self):
        http.server.BaseHTTPRequestHandler.handle_one_request(self)


class Reference(unittest.TestCase):
    """The base class: a registry on a port without TLS and on a port with TLS, which docker requires. Case N
    is repository app/caseN."""

    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        cls.server = StandIn()
        cls.addClassCleanup(cls.server.close)
        folder = cls.site.folder
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=x",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"], check=True, capture_output=True)
        tls = Server(("127.0.0.1", 0), TlsHandler)
        tls.standin = cls.server
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
        tls.socket = context.wrap_socket(tls.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=tls.serve_forever, daemon=True).start()
        cls.addClassCleanup(tls.server_close)
        cls.addClassCleanup(tls.shutdown)
        cls.tls_host = f"127.0.0.1:{tls.server_address[1]}"
        cls.port = cls.server.port

    def config(self, i, tool, value, host):
        """Writes the config.json of a case to a folder; returns the folder. HOST, REPO and PORT are replaced
        by the values of the case."""
        folder = os.path.join(self.site.folder, f"{tool}-{i}")
        os.makedirs(folder, exist_ok=True)
        text = value if isinstance(value, str) else json.dumps(value)
        with open(os.path.join(folder, "config.json"), "w") as f:
            f.write(text.replace("HOST", host).replace("REPO", f"app/case{i}").replace("PORT", host.rsplit(":", 1)[1]))
        return folder

    def run_tool(self, tool, i, value):
        """Runs a tool that reads the manifest of a case. Returns True if it succeeded."""
        host = self.tls_host if tool == "docker" else self.server.host
        folder = self.config(i, tool, value, host)
        reference = f"{host}/app/case{i}:v1.0.0"
        command = {"docker": ["docker", "--config", folder, "manifest", "inspect", "--insecure", reference],
                   "skopeo": ["skopeo", "inspect", "--raw", "--tls-verify=false", "--authfile", folder + "/config.json", "docker://" + reference],
                   "podman": ["podman", "login", "--get-login", "--authfile", folder + "/config.json", f"{host}/app/case{i}"]}[tool]
        environment = dict(os.environ, HOME=folder, XDG_RUNTIME_DIR=folder, PATH=self.site.folder + ":" + os.environ["PATH"])
        r = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, cwd=folder)
        return r.returncode == 0, r.stdout, r.stderr

    def run_tools(self, cases):
        """Runs all cases with each tool; returns the results by tool. Each case of relman has its own host,
        because a Registry has one configuration."""
        tools = [tool for tool in ("docker", "skopeo") if shutil.which(tool)]
        if not tools:
            self.skipTest("neither docker nor skopeo is installed: nothing to compare with")
        for tool in {"docker", "skopeo"} - set(tools):
            print(f"# {tool} is not installed: not compared with it", flush=True)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            runs = {(tool, i): pool.submit(self.run_tool, tool, i, value) for i, value in enumerate(cases) for tool in tools}
            results = {key: run.result() for key, run in runs.items()}
        return {tool: [results[tool, i] for i in range(len(cases))] for tool in tools}

    def run_relman(self, cases):
        for i, value in enumerate(cases):
            host = f"case{i}.localhost:{self.port}"
            auth = f"auth: {{dockerConfig: {self.config(i, 'relman', value, host)}/config.json}}, " if value is not None else ""
            self.site.write(f"case{i}.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: case{i}}}\nspec: {{url: 'http://{host}', {auth}limits: {{timeout: 30s}}}}\n---\n"
                                             f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: case{i}}}\nspec: {{imageRepository: {host}/app/case{i}}}\n")
        path, os.environ["PATH"] = os.environ["PATH"], self.site.folder + ":" + os.environ["PATH"]
        try:
            return self.site.once()
        finally:
            os.environ["PATH"] = path


# Each row: config.json, the logins that docker and skopeo send, and the login of relman if it differs from
# docker's. A login is the text that reaches the registry or its token server. None: anonymous. "refused":
# relman reports an error of the file. ...: the result differs between runs or versions of the tool.
LOGIN, HELPER = "user:s3:cret", "helper:s3:cret"
CONFIGS = (
    # --- keys of auths: docker's ConvertToHostname; containers-auth.json(5)
    ({"auths": {"HOST": USER}}, LOGIN, LOGIN),
    ({"auths": {"http://HOST": USER}}, LOGIN, LOGIN),
    ({"auths": {"https://HOST": USER}}, LOGIN, LOGIN),
    ({"auths": {"https://HOST/": USER}}, LOGIN, LOGIN),
    ({"auths": {"https://HOST/v1/": USER}}, LOGIN, LOGIN),
    ({"auths": {"https://HOST/v2": USER}}, LOGIN, LOGIN),
    ({"auths": {"https://HOST/project": USER}}, LOGIN, LOGIN),
    ({"auths": {"HTTPS://HOST": USER}}, ..., None, LOGIN),  # docker 28 uses the entry, docker 20.10 does not
    ({"auths": {"HOST/": USER}}, LOGIN, None, LOGIN),
    ({"auths": {"HOST/v1/": USER}}, LOGIN, None, LOGIN),
    ({"auths": {"HOST/v2/": USER}}, LOGIN, None, LOGIN),
    ({"auths": {"HOST/app": USER}}, LOGIN, LOGIN),
    ({"auths": {"HOST/REPO": USER}}, LOGIN, LOGIN),
    ({"auths": {"HOST/ap": USER}}, LOGIN, None, None),  # relman reads the key as a namespace, like skopeo
    ({"auths": {"HOST/REPO/x": USER}}, LOGIN, None, None),
    ({"auths": {"HOST": {"auth": base64_of("all:x")}, "HOST/app": USER}}, "all:x", LOGIN, LOGIN),
    ({"auths": {"https://HOST": {"auth": base64_of("url:x")}, "HOST": USER}}, LOGIN, LOGIN),
    ({"auths": {"xHOST": USER}}, None, None),
    ({"auths": {"user@HOST": USER}}, None, None),
    ({"auths": {" HOST": USER}}, None, None),
    ({"auths": {"127.0.0.1": USER}}, None, None),
    # --- entries
    ({"auths": {"HOST": {"username": "user", "password": "s3:cret"}}}, LOGIN, None, LOGIN),
    ({"auths": {"HOST": {"username": "other", "password": "x", **USER}}}, LOGIN, LOGIN),
    ({"auths": {"HOST": {"username": "user", "password": "s3:cret", "auth": ""}}}, LOGIN, None, LOGIN),
    ({"auths": {"HOST": {"auth": base64_of(LOGIN + "\0\0")}}}, LOGIN, LOGIN),
    ({"auths": {"HOST": {"auth": USER["auth"][:8] + "\r\n" + USER["auth"][8:] + "\n"}}}, LOGIN, LOGIN),
    ({"auths": {"HOST": {"auth": base64_of("user:pa:ss")}}}, "user:pa:ss", "user:pa:ss"),
    ({"auths": {"HOST": {"auth": base64_of("üser:pä ss")}}}, "üser:pä ss", "üser:pä ss"),
    ({"auths": {"HOST": {"auth": base64_of("_json_key:{\n}")}}}, "_json_key:{\n}", "_json_key:{\n}"),
    ({"auths": {"HOST": {}}}, None, None),
    ({"auths": {"HOST": None}}, None, None),
    ({"auths": {"HOST": {"auth": "!!"}}}, None, None, "refused"),
    ({"auths": {"HOST": {"auth": base64_of("user")}}}, None, None, "refused"),
    ({"auths": {"other.example": {"auth": "!!"}, "HOST": USER}}, ..., LOGIN, LOGIN),  # docker's result is random
    ({"auths": {"HOST": {"identitytoken": "idt"}}}, "refresh idt", None, "refresh idt"),
    ({"auths": {"HOST": {"identitytoken": "idt", **USER}}}, "refresh idt", "refresh idt"),
    ({"auths": {"HOST": {"registrytoken": "rt"}}}, "Bearer rt", None, "Bearer rt"),
    # --- keys in another case, which Go's decoder ignores; no key is repeated
    ({"Auths": {"HOST": USER}}, LOGIN, LOGIN),
    ({"AUTHS": {"HOST": {"AUTH": USER["auth"]}}}, LOGIN, LOGIN),
    ({"auths": {"HOST": {"IdentityToken": "idt", **USER}}}, "refresh idt", "refresh idt"),
    ({"CredHelpers": {"HOST": "test"}}, HELPER, HELPER),
    ({"credsstore": "test"}, HELPER, None, HELPER),
    # --- helpers
    ({"auths": {"HOST": USER}, "credHelpers": {"HOST": "test"}}, HELPER, HELPER),
    ({"credHelpers": {"HOST": "test"}, "credsStore": "nothing"}, HELPER, HELPER),
    ({"credHelpers": {"HOST": "small"}}, HELPER, HELPER),  # the helper's answer has keys in lower case
    ({"credHelpers": {"HOST": "token"}}, "refresh idt", "refresh idt"),
    ({"auths": {"HOST": USER}, "credHelpers": {"other.example": "test"}}, LOGIN, LOGIN),
    # the keys of credHelpers are only hosts
    ({"auths": {"HOST": USER}, "credHelpers": {"https://HOST": "test"}}, LOGIN, LOGIN),
    ({"auths": {"HOST": USER}, "credHelpers": {"HOST/app": "test"}}, LOGIN, LOGIN),
    ({"auths": {"HOST": USER}, "credHelpers": {"HOST": ""}}, LOGIN, None, LOGIN),
    ({"auths": {"HOST": USER}, "credsStore": ""}, LOGIN, LOGIN),
    ({"auths": {"HOST": USER}, "credsStore": "test"}, HELPER, LOGIN, HELPER),  # skopeo and podman ignore credsStore
    ({"auths": {"HOST": USER}, "credsStore": "nothing"}, None, LOGIN, None),
    ({"auths": {"HOST": USER}, "credHelpers": {"HOST": "nothing"}}, None, None),
    # --- files
    (json.dumps({"auths": {"HOST": USER}}) + "\n\n", LOGIN, LOGIN),
    ({"auths": {"HOST": USER}, "HttpHeaders": {"User-Agent": "x"}, "psFormat": "x", "stackOrchestrator": "swarm"}, LOGIN, LOGIN),
    ("{}", None, None),
    ("", None, None, "refused"),
    # a byte order mark, which a parser may ignore (RFC 8259, section 8.1)
    ('\ufeff{"auths": {"HOST": {"auth": "dXNlcjpzMzpjcmV0"}}}', None, None, LOGIN),
)
HELPERS = {"test": '{"ServerURL":"x","Username":"helper","Secret":"s3:cret"}', "small": '{"serverurl":"x","username":"helper","secret":"s3:cret"}',
           "token": '{"ServerURL":"x","Username":"<token>","Secret":"idt"}', "nothing": None}


class DockerConfig(Reference):
    def setUp(self):
        for name, answer in HELPERS.items():
            path = os.path.join(self.site.folder, "docker-credential-" + name)
            with open(path, "w") as f:
                f.write("#!/bin/sh\n" + (f"echo '{answer}'\n" if answer else "echo credentials not found in native keychain\nexit 1\n"))
            os.chmod(path, 0o755)
        self.sent = {}  # (tool, case) -> the first login that the server received
        for i in range(len(CONFIGS)):
            self.server.push(f"app/case{i}", "v1.0.0")
        self.server.authorize = self.authorize
        self.server.answers["/token"] = self.token

    def note(self, handler, repository, login):
        host = handler.headers["Host"]
        tool = "docker" if host == self.tls_host else "skopeo" if host == self.server.host else "relman"
        self.sent.setdefault((tool, int(repository.split("case")[1])), login)

    def authorize(self, handler):
        """Accepts only tokens of the token server. Notes other logins."""
        path, header = urlsplit(handler.path).path, handler.headers.get("Authorization", "")
        repository = "/".join(path.split("/")[2:4])
        if header == "Bearer issued":
            return True
        if header:
            self.note(handler, repository, base64.b64decode(header[6:]).decode() if header.startswith("Basic ") else header)
        scheme = "https" if handler.headers["Host"] == self.tls_host else "http"
        scope = f',scope="repository:{repository}:pull"' if "case" in repository else ""
        handler.reply(401, {"errors": [{"code": "UNAUTHORIZED", "message": "x"}]}, {
            "Docker-Distribution-Api-Version": "registry/2.0",  # docker 20.10 requires this field
            "WWW-Authenticate": f'Bearer realm="{scheme}://{handler.headers["Host"]}/token",service="s"{scope}'})
        return False

    def token(self, handler):
        query = parse_qs(urlsplit(handler.path).query)
        body = parse_qs(body_of(handler))
        header = handler.headers.get("Authorization", "")
        repository = (body.get("scope") or query.get("scope") or [""])[0].split(":")[1:2]
        login = "refresh " + body["refresh_token"][0] if "refresh_token" in body else base64.b64decode(header[6:]).decode() if header else None
        if repository and login and login != ":":
            self.note(handler, repository[0], login)
        handler.reply(200, {"token": "issued", "access_token": "issued", "expires_in": 300})

    def test_docker_and_skopeo_find_the_same_login(self):
        results = self.run_tools([case[0] for case in CONFIGS])
        _, out, err = self.run_relman([case[0] for case in CONFIGS])
        log = out + err
        self.assertNotIn("s3:cret", log)
        for i, (value, docker, skopeo, *own) in enumerate(CONFIGS):
            with self.subTest(i=i, config=value):
                for tool, wanted in (("docker", docker), ("skopeo", skopeo)):
                    if tool in results and wanted is not ...:
                        self.assertEqual(self.sent.get((tool, i)), wanted, f"{tool}: {results[tool][i]}")
                wanted = own[0] if own else docker
                self.assertEqual(self.sent.get(("relman", i)), None if wanted == "refused" else wanted, [line for line in log.splitlines() if f"case{i}'" in line])
                self.assertEqual(wanted == "refused", f"relman-{i}/config.json': " in log or f"/relman-{i}/config.json: " in log)

    @unittest.skipUnless(shutil.which("podman"), "podman is not installed")
    def test_podman_finds_what_skopeo_finds(self):
        for i, (value, _, skopeo, *_) in enumerate(CONFIGS):
            if skopeo and skopeo.startswith(("user:", "helper:")):
                with self.subTest(i=i, config=value):
                    self.assertEqual(self.run_tool("podman", i, value)[1].strip(), skopeo.split(":")[0])


# Each row: one or several fields WWW-Authenticate, and whether docker, skopeo and relman read the manifest.
# RFC 9110, sections 11.2, 11.3 and 11.6.1: schemes and names in any case, token or quoted text, blanks around
# "=", several challenges in one or several fields. RFC 6750, section 3: Bearer. RFC 7617, section 2: Basic.
CHALLENGES = (
    ('Bearer realm="{realm}",service="s",scope="{scope}"', True, True, True),
    ('bearer REALM="{realm}",SERVICE="s",Scope="{scope}"', True, True, True),
    ('BEARER realm="{realm}", service="s", scope="{scope}"', True, True, True),
    # RFC 9110, section 11.2, requires clients to accept the blanks
    ('Bearer realm = "{realm}" , service = "s"', False, False, True),
    ('Bearer service="s",scope="{scope}",realm="{realm}"', True, True, True),
    ('Bearer realm="{realm}"', True, True, True),
    ('Bearer realm="{realm}",service="s",scope=""', True, True, True),
    ('Bearer realm="{realm}",service="s",scope="{scope}",error="invalid_token",error_description="a, b"', True, True, True),
    ('Bearer realm="{realm}",service="a \\"b\\", Basic c",scope="{scope}"', True, True, True),
    ('Bearer realm="{realm}?account=a&x=%2F",service="s",scope="{scope}"', True, True, True),
    ('Bearer realm="{realm}",service="s",scope="{scope} repository:other/thing:pull"', True, True, True),
    ('Bearer realm="{realm}",service="s",scope="repository:other/thing:pull,push"', True, True, True),
    ("Bearer realm={realm},service=s", False, False, True),  # a URL is not a token of RFC 9110, section 5.6.2
    ("Bearer realm='{realm}',service='s'", False, False, False),
    ('Bearer service="s"', False, False, False),
    ('Bearer realm="",service="s"', False, False, False),
    ('Bearer realm="not a URL",service="s"', False, False, False),
    ('Basic realm="x"', True, True, True),
    ('basic realm="x", charset="UTF-8"', True, True, True),
    ("Basic", True, True, True),
    ('Basic realm=Registry Realm', True, True, True),
    ('Negotiate', False, False, False),
    ('Digest realm="x", nonce="a=b,c"', False, False, False),
    (['Basic realm="x"', 'Bearer realm="{realm}",service="s",scope="{scope}"'], True, True, True),
    (['Bearer realm="{realm}",service="s",scope="{scope}"', 'Basic realm="x"'], True, True, True),
    (['Negotiate', 'Bearer realm="{realm}",service="s",scope="{scope}"'], True, True, True),
    (['Negotiate YIIB/w==', 'Basic realm="x"'], True, True, True),
    ('Basic realm="x", Bearer realm="{realm}",service="s",scope="{scope}"', True, True, True),
    ('Negotiate, Bearer realm="{realm}",service="s",scope="{scope}"', False, False, True),
    ('Bearer realm="{realm}",service="s",scope="{scope}", Basic realm="x"', True, True, True),
    ([], False, False, False),
)


class Challenges(Reference):
    def setUp(self):
        for i in range(len(CHALLENGES)):
            self.server.push(f"app/case{i}", "v1.0.0")
        self.server.authorize = self.authorize
        self.server.answers["/token"] = self.token

    def authorize(self, handler):
        repository = "/".join(urlsplit(handler.path).path.split("/")[2:4])
        host, header = handler.headers["Host"], handler.headers.get("Authorization", "")
        if header in (f"Bearer for-{repository}", "Basic " + USER["auth"]):
            if "/manifests/" in handler.path:
                self.admitted.add(("docker" if host == self.tls_host else "skopeo" if host == self.server.host else "relman", int(repository.split("case")[1])))
            return True
        if "case" not in repository:  # GET /v2/, the first request of docker and skopeo
            repository = self.asks[host]
        fields = CHALLENGES[int(repository.split("case")[1])][0]
        scheme = "https" if host == self.tls_host else "http"
        handler.reply(401, {"errors": [{"code": "UNAUTHORIZED", "message": "x"}]}, {"Docker-Distribution-Api-Version": "registry/2.0", "WWW-Authenticate": [
            field.format(realm=f"{scheme}://{host}/token", scope=f"repository:{repository}:pull")
            for field in ([fields] if isinstance(fields, str) else fields)]})
        return False

    def token(self, handler):
        """Returns a token for the requested repository, if the login is correct."""
        query = parse_qs(urlsplit(handler.path).query)
        granted = [scope.split(":")[1] for text in query.get("scope", []) for scope in text.split() if "pull" in scope.split(":")[2] and "case" in scope]
        handler.reply(200, {"token": f"for-{granted[0]}" if granted and handler.headers.get("Authorization") == "Basic " + USER["auth"] else "nothing"})

    def test_docker_and_skopeo_take_the_same_challenges(self):
        self.asks, self.admitted = {}, set()
        config = {"auths": {"HOST": USER}}
        results = {}
        for tool in [tool for tool in ("docker", "skopeo") if shutil.which(tool)]:
            for i in range(len(CHALLENGES)):  # one after the other, because GET /v2/ does not name the repository
                self.asks[self.tls_host if tool == "docker" else self.server.host] = f"app/case{i}"
                results[tool, i] = self.run_tool(tool, i, config)
        _, out, err = self.run_relman([config] * len(CHALLENGES))
        self.assertNotIn("s3:cret", out + err)
        for i, (fields, docker, skopeo, own) in enumerate(CHALLENGES):
            with self.subTest(i=i, fields=fields):
                for tool, wanted in (("docker", docker), ("skopeo", skopeo)):
                    if (tool, i) in results:
                        self.assertEqual((tool, i) in self.admitted, wanted, f"{tool}: {results[tool, i]}")
                self.assertEqual(f"component 'case{i}': channel 'stable' is now at v1.0.0" in out + err, own, [line for line in (out + err).splitlines() if f"case{i}'" in line])


# Each row: one or several fields Link of the first page, and whether skopeo and relman find the second page.
# {path} is the path and query of the second page. OCI distribution specification, "Listing Tags"; RFC 8288,
# 3; RFC 3986, 4.2.
LINKS = (
    ('<{path}>; rel="next"', True, True),
    ('<{path}>;rel="next"', True, True),
    ("<{path}>; rel=next", True, True),
    ("<{path}>; rel='next'", True, True),
    ('<{path}>; REL="NEXT"', True, True),
    ('<{path}>', True, True),
    ('{path}; rel="next"', True, True),
    ('<{url}{path}>; rel="next"', True, True),
    ('<http://registry.internal:5000{path}>; rel="next"', True, True),
    ('<//registry.internal{path}>; rel="next"', True, True),
    ('<{path}#part>; rel="next"', True, True),
    ('<{path}>; title="a; b, c"; rel="next"', True, True),
    ('<?{query}>; rel="next"', False, True),
    ('<list?{query}>; rel="next"', False, True),
    ('</other>; rel="prev", <{path}>; rel="next"', False, True),
    (['</other>; rel="prev"', '<{path}>; rel="next"'], False, True),
    ('', False, False),
)


class Pages(Reference):
    def setUp(self):
        for i in range(len(LINKS)):
            for tag in ("v1.0.0", "v1.1.0"):
                self.server.push(f"app/case{i}", tag)
            self.server.answers[f"GET /v2/app/case{i}/tags/list"] = self.page

    def page(self, handler):
        repository = urlsplit(handler.path).path.split("/")[3]
        if "last=" in handler.path:
            return handler.reply(200, {"name": f"app/{repository}", "tags": ["v1.1.0"]})
        query = "last=v1.0.0&n=1"
        fields = LINKS[int(repository[4:])][0]
        words = {"query": query, "path": f"/v2/app/{repository}/tags/list?{query}", "url": f"http://{handler.headers['Host']}"}
        return handler.reply(200, {"name": f"app/{repository}", "tags": ["v1.0.0"]}, {
            "Link": [field.format(**words) for field in ([fields] if isinstance(fields, str) else fields) if field]})

    @unittest.skipUnless(shutil.which("skopeo"), "skopeo is not installed")
    def test_skopeo_finds_the_same_pages(self):
        self.run_relman([None] * len(LINKS))
        for i, (fields, skopeo, own) in enumerate(LINKS):
            with self.subTest(i=i, fields=fields):
                r = subprocess.run(["skopeo", "list-tags", "--tls-verify=false", f"docker://{self.server.host}/app/case{i}"], capture_output=True, text=True, timeout=60)
                self.assertEqual("v1.1.0" in r.stdout, skopeo, r.stdout + r.stderr)
                self.assertEqual("v1.1.0" in [tag for tag, in self.site.stored.tags("tag", component=f"case{i}")], own)


# Each row: the platform of a machine, the images of an index, the image that skopeo pulls there, and whether
# relman finds an image for that machine. skopeo compares variants of amd64 and arm64 as texts.
PLATFORMS = (
    ("linux/amd64", ["linux/amd64"], "linux/amd64", True),
    ("linux/amd64", ["linux/amd64", "linux/amd64/v3"], "linux/amd64", True),
    ("linux/amd64", ["linux/amd64/v3"], None, False),
    ("linux/amd64", ["linux/386", "linux/arm64"], None, False),
    ("linux/amd64/v3", ["linux/amd64"], "linux/amd64", True),
    ("linux/amd64/v3", ["linux/amd64/v4"], None, False),
    ("linux/arm64", ["linux/arm64/v8"], "linux/arm64/v8", True),
    ("linux/arm64/v8", ["linux/arm64"], "linux/arm64", True),
    ("linux/arm64", ["linux/arm64/v9"], None, False),
    ("linux/arm64", ["linux/arm/v7"], None, False),
    ("linux/arm/v7", ["linux/arm/v5", "linux/arm/v6"], "linux/arm/v6", True),
    ("linux/arm/v7", ["linux/arm/v7", "linux/arm/v6"], "linux/arm/v7", True),
    ("linux/arm/v7", ["linux/arm"], "linux/arm", True),
    ("linux/arm/v7", ["linux/arm/v8"], None, False),
    ("linux/arm/v6", ["linux/arm/v5"], "linux/arm/v5", True),
    ("linux/arm/v6", ["linux/arm/v7"], None, False),
    ("linux/s390x", ["linux/s390x"], "linux/s390x", True),
)


class Platforms(Reference):
    def push(self, repository, platforms):
        """Pushes an index with an image for each platform. Returns platform -> digest."""
        images, entries = {}, []
        for name in platforms:
            system, architecture, *variant = name.split("/")
            image = images[name] = self.server.push(repository, "image-" + name.replace("/", "-"), name)
            entries.append({"mediaType": MANIFEST, "digest": image, "size": len(self.server.find(repository, image)),
                            "platform": {"os": system, "architecture": architecture, **({"variant": variant[0]} if variant else {})}})
        self.server.tag(repository, "v1.0.0", dump({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}))
        return images

    @unittest.skipUnless(shutil.which("skopeo"), "skopeo is not installed")
    def test_skopeo_pulls_what_relman_takes(self):
        for i, (machine, offered, pulled, own) in enumerate(PLATFORMS):
            images = self.push(f"app/case{i}", offered)
            system, architecture, *variant = machine.split("/")
            command = ["skopeo", "--override-os", system, "--override-arch", architecture, *(["--override-variant", variant[0]] if variant else []),
                       "inspect", "--config", "--raw", "--tls-verify=false", f"docker://{self.server.host}/app/case{i}:v1.0.0"]
            self.server.requests.clear()
            r = subprocess.run(command, capture_output=True, text=True, timeout=60)
            with self.subTest(i=i, machine=machine, offered=offered):
                asked = [path.rsplit("/", 1)[1] for _, path, _ in self.server.requests if "/manifests/sha256:" in path]
                self.assertEqual(asked, [images[pulled]] if pulled else [], r.stderr)
            self.site.write(f"case{i}.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\nspec: {{url: '{self.server.url}'}}\n---\n" * (i == 0) +
                            f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: case{i}}}\nspec: {{imageRepository: {self.server.host}/app/case{i}, "
                            f"platforms: [{machine}], versioningStrategy: {{tagPattern: '^v'}}}}\n")
        _, out, err = self.site.once()
        for i, (machine, offered, _, own) in enumerate(PLATFORMS):
            with self.subTest(i=i, machine=machine, offered=offered):
                self.assertEqual(f"component 'case{i}': channel 'stable' is now at v1.0.0" in out + err, own, out + err)


if __name__ == "__main__":
    relman.main()
