#!/usr/bin/env python3
"""Tests mistakes of users with the complete text of each message: what happened, to which object, where, and
the next step. Class Offline has the mistakes that need no daemon."""

import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import BUILDDIR, SRCDIR, Site, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402


# The time with which relmand begins a line on standard error
LOG_TIME = r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ "


def say(cwd, *command, env=None):
    """Runs a program; returns (exit status, standard output and standard error together)."""
    r = subprocess.run([os.path.join(BUILDDIR, command[0]), *command[1:]], cwd=cwd, capture_output=True, text=True, timeout=60,
                       env=env)
    return r.returncode, r.stdout + r.stderr


class Offline(unittest.TestCase):
    maxDiff = None
    COMPONENT = "apiVersion: relman/v1\nkind: Component\nmetadata: {name: api}\nspec:\n  imageRepository: r.example.com/api\n"

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)

    def say(self, *command):
        return say(self.site.folder, *command)

    def lint(self, text):
        self.site.write("a.yaml", text)
        status, out = self.say("relmanctl", "lint", "specs")
        self.assertEqual(status, 1)
        return out.rsplit("\n", 2)[0] + "\n"

    def test_specs(self):
        for text, wanted in (
                (self.COMPONENT.replace("Repository", "Repositry"),
                 'specs/a.yaml:5:3: error: unknown field "imageRepositry" in Component; did you mean "imageRepository"?\n'
                 'specs/a.yaml:5:3: error: missing field "imageRepository" in Component\n'),
                (self.COMPONENT.replace("Component", "RelaseStream"),
                 'specs/a.yaml:2:7: error: unknown kind "RelaseStream": the kinds are Registry, Component, Release, ReleaseStream, Environment, Calendar and Group; did you mean "ReleaseStream"?\n'),
                (self.COMPONENT + "  versionRules: [{pattern: 'v(', channel: x}, {pattern: 'v1', channel: x}]\n",
                 "specs/a.yaml:6:28: error: field \"pattern\": bad regular expression 'v(': missing closing parenthesis at offset 2\n"
                 "specs/a.yaml:6:57: error: field \"pattern\": regular expression 'v1' has no capture group: put the version's part in parentheses\n"),
                (self.COMPONENT.replace("  imageRepository", "\timageRepository"),
                 "specs/a.yaml:5:1: error: not valid YAML: found character that cannot start any token while scanning for the next token: it is a tab; YAML is indented with spaces\n"),
                (self.COMPONENT + "\tversionRules: []\n",
                 "specs/a.yaml:6:1: error: not valid YAML: found a tab character that violates indentation while scanning a plain scalar; YAML is indented with spaces\n"),
                (self.COMPONENT + "  description: @team\n",
                 "specs/a.yaml:6:16: error: not valid YAML: found character that cannot start any token while scanning for the next token: put text that begins with @ in quotes\n"),
                (self.COMPONENT + "  description: the API: new\n",
                 "specs/a.yaml:6:23: error: not valid YAML: mapping values are not allowed in this context: put text that contains ': ' in quotes, and check the indentation\n"),
                ((self.COMPONENT + "---\n") * 15000,
                 "specs/a.yaml: error: cannot read 'specs/a.yaml': a file of specs has at most 1048576 bytes, and this one has more; split it into several files\n")):
            self.assertEqual(self.lint(text), wanted)

    def test_explain(self):
        self.site.write("a.yaml", self.COMPONENT)
        with open(os.path.join(self.site.folder, "tags"), "w") as f:
            f.write("v1.0.0\nv2.0.0\n")
        hint = "expected a number, x or * (as in >=1.2 <2, or 1.x)"
        for arguments, wanted, says in (
                (("api", "--range", ">=2 <"), 2, f"bad range '>=2 <': {hint} at offset 5"),
                (("api", "--range", "foo"), 2, "'foo' stands where a number must stand: not semver"),
                (("api", "--channel", "stabel"), 2, "component 'api' has no channel 'stabel'; did you mean 'stable'?"),
                (("apii",), 2, "'specs' declares no valid component 'apii'; did you mean 'api'? relmanctl lint says what is wrong"),
                (("zebra",), 2, "'specs' declares no valid component 'zebra'; relmanctl lint says what is wrong"),
                (("api", "v9"), 1, "'v9' is none of the 2 tags of component 'api'")):
            self.assertEqual(self.say("relmanctl", "explain", *arguments, "--specs", "specs", "--tags", "tags"), (wanted, f"relmanctl: error: {says}\n"))

    def test_explain_says_that_documents_with_errors_are_not_used(self):
        self.site.write("a.yaml", self.COMPONENT + "---\napiVersion: relman/v1\nkind: Registry\nmetadata: {name: r}\nspec: {ulr: 'https://r.example.com'}\n")
        with open(os.path.join(self.site.folder, "tags"), "w") as f:
            f.write("v1.0.0\n")
        status, out = self.say("relmanctl", "explain", "api", "--specs", "specs", "--tags", "tags")
        self.assertEqual((status, out.splitlines()[-1]), (0, "relmanctl: warning: 'specs' has 2 errors, and documents with errors are not used; relmanctl lint specs"))

    def test_the_command_line(self):
        for command, wanted, says in (
                ("relmanctl status --url 127.0.0.1:5481", 2, "--url and RELMAN_URL begin with http:// or https://, not '127.0.0.1:5481'"),
                ("relmanctl status --socket none.sock", 2,
                 "relmand does not answer at 'none.sock' (No such file or directory); is it running? systemctl start relmand, or name its socket by --socket or RELMAN_SOCKET"),
                ("relmanctl statsu", 2, "unknown verb 'statsu'; did you mean 'status'? see relmanctl help"),
                ("relmanctl revert prod", 2, "unknown verb 'revert'; did you mean 'rollback'? see relmanctl help rollback"),
                ("relmanctl get", 2, "usage: relmanctl get KIND [NAME]; KIND is components, environments, releases, groups, registries, streams, calendars, receivers or tenants, "
                                     "or versions or tags of a component, or outputs of an environment"),
                ("relmanctl describe prod", 2, "usage: relmanctl describe KIND NAME, or KIND/NAME, such as environment/prod"),
                ("relmanctl releases", 2, "unknown verb 'releases'; did you mean 'get releases'? see relmanctl help get"),
                ("relmanctl get env -A", 2, "unknown option '-A'; did you mean '--all-tenants'? see relmanctl help get"),
                ("relmanctl get env --namespace=data", 2, "unknown option '--namespace'; did you mean '--tenant'? see relmanctl help get"),
                ("relmanctl get env -w", 2, "unknown option '-w'; did you mean '--watch'? see relmanctl help get"),
                ("relmanctl history prod --limit 2", 2, "unknown option '--limit'; did you mean '--page-size'? see relmanctl help history"),
                ("relmanctl lint -w", 2, "unknown option '-w'; see relmanctl help lint"),
                ("relmanctl lint a.yaml b.yaml", 2, "lint takes one folder or file, because documents refer to each other; relmanctl lint checks the current folder"),
                ("relmanctl create env prod", 2, "create takes releases only, not 'env'; other objects are documents of the specs: relmanctl help init"),
                ("relmanctl create release x api=1.0.0 --from-latest", 2,
                 "--from-latest takes names of components, not 'api=1.0.0'; to replace components of what an environment has: --from-env ENVIRONMENT"),
                ("relmanctl status --tennant x", 2, "unknown option '--tennant'; did you mean '--tenant'? see relmanctl help status"),
                ("relmanctl verify -o json x", 2, "--output json does not go without --running"),
                ("relmanctl get releases --limit 2", 2,
                 "--limit does not go with releases; what does: --status, --component, --digest, --layer, --base, --version, --text, --label, --since, --until, --page and --page-size"),
                ("relmanctl get comp --page-size 2", 2, "--page-size does not go with components; what does: --limit, --label and --text"),
                ("relmanctl get receivers --text x", 2, "--text does not go with receivers"),
                ("relmanctl token ci --expires 2020-12-31T00:00:00Z", 2, "--expires: 2020-12-31T00:00:00Z has passed"),
                ("relmanctl token ci --expires soon", 2, "--expires takes a time such as 2027-01-01T00:00:00Z, or a duration from now such as 90d, not 'soon'"),
                ("relmanctl token ci --role reed", 2, "--role takes read, write or admin, not 'reed'"),
                ("relmanctl render x --format compos", 2, "unknown format 'compos'; did you mean 'compose'? see relmanctl help"),
                ("relmanctl verify tags", 2, "cannot read 'tags': No such file or directory"),
                ("relmand --once --specs specs --locks locks --state none/state.db", 2,
                 "database 'none/state.db': the folder 'none' does not exist; make it, or name another place"),
                ("relmand --once --specs none --locks locks --state state.db", 2, "cannot read specs 'none': No such file or directory")):
            program = command.split()[0]
            status, out = self.say(*command.split())
            if program == "relmand":
                self.assertRegex(out, LOG_TIME)
                out = re.sub(LOG_TIME, "", out)
            self.assertEqual((status, out), (wanted, f"{program}: error: {says}\n"), command)

    def test_a_token_expires_a_duration_from_now(self):
        status, out = self.say("relmanctl", "token", "ci", "--expires", "90d")
        self.assertEqual(status, 0)
        self.assertRegex(out, r"\nci default read [0-9a-f]{64} 2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n$")

    def test_an_export_is_no_altered_lockfile(self):
        for name in ("compose", "dotenv", "helm", "images-lock", "json", "kustomize"):
            path = os.path.join(os.path.abspath(SRCDIR), f"tests/golden/render/plain.{name}.txt")
            for verb in (("verify", path), ("render", path, "--format", "compose")):
                self.assertEqual(self.say("relmanctl", *verb), (2, f"relmanctl: error: '{path}' is an export, not a lockfile in the native format (NAME.lock.yaml); "
                                                                   "relmanctl verify ENVIRONMENT FILE compares an export with what relmand says\n"))


class Daemon(unittest.TestCase):
    """Tests messages of a daemon with a registry, on its socket and over TCP."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        cls.server = StandIn()
        cls.addClassCleanup(cls.server.close)
        for version in ("v1.0.0", "v1.1.0", "v2.0.0-rc.1"):
            cls.server.push("app/api", version)
        registry = f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\nspec: {{url: '{cls.server.url}', limits: {{timeout: 2s}}}}\n---\n"
        cls.site.write("all.yaml", registry + Offline.COMPONENT.replace("r.example.com", cls.server.host + "/app") + "".join(
            f"---\napiVersion: relman/v1\nkind: Environment\nmetadata: {{name: {name}}}\nspec: {{{spec}}}\n"
            for name, spec in (("staging", ""), ("prod", "promotesFrom: staging"), ("gate", "approvals: 2"))))
        cls.tokens = {name: cls.token(*arguments) for name, arguments in (
            ("ci", ()), ("deploy", ("--role", "write")), ("data", ("--tenant", "data")), ("old", ("--expires", "1d")))}
        path = os.path.join(cls.site.folder, "tokens")
        with open(path, "w") as f:
            f.write("".join(re.sub(r" 2\d{3}-\S+Z$", " 2020-01-01T00:00:00Z", line) + "\n" for _, line in cls.tokens.values()))
        os.chmod(path, 0o600)
        cls.socket, cls.port = os.path.join(cls.site.folder, "relmand.sock"), relman.free_port()
        cls.site.start(f"poll: {{interval: 1h}}\napi: {{socket: {cls.socket}, listen: ['127.0.0.1:{cls.port}'], tokenFile: {path}}}\n")
        wait_for(lambda: len(cls.site.call("GET", "/api/v1/components/api/versions")[1]) == 3, what="versions")
        cls.ctl("create", "release", "hotfix-1", "api=1.0.0")
        cls.ctl("create", "release", "done", "api=1.0.0")
        cls.ctl("archive", "done")
        cls.ctl("create", "release", "bad", "api=1.0.0")
        cls.ctl("deprecate", "bad")

    @staticmethod
    def token(*arguments):
        out = say(None, "relmanctl", "token", "t", *arguments)[1].split("\n")
        return out[1], out[4]

    @classmethod
    def ctl(cls, *arguments, token=None):
        env = dict(os.environ, RELMAN_SOCKET=cls.socket)
        if token is not None:
            env.update(RELMAN_URL=f"http://127.0.0.1:{cls.port}", RELMAN_TOKEN=cls.tokens[token][0] if token in cls.tokens else token)
        return say(cls.site.folder, "relmanctl", *arguments, env=env)

    def check(self, table, token=None):
        for command, wanted, says in table:
            with self.subTest(command=command):
                self.assertEqual(self.ctl(*(command.split() if isinstance(command, str) else command), token=token), (wanted, f"relmanctl: error: {says}\n"))

    def test_names(self):
        release = "there is no release 'hotfix1' in tenant 'default'; did you mean 'hotfix-1'? relmanctl get releases lists them"
        environment = "there is no environment 'prdo' in tenant 'default'; did you mean 'prod'? relmanctl get environments lists them"
        component = "there is no component 'apii' in tenant 'default'; did you mean 'api'? relmanctl get components lists them"
        none = "there is no {} 'zzz' in tenant 'default'; relmanctl get {} lists them"
        self.check([("promote hotfix1 prod", 1, release), ("get release hotfix1", 1, release), ("lineage hotfix1", 1, release),
                    ("lock release/hotfix1", 1, release), ("compare hotfix-1 hotfix1", 1, release), ("promote hotfix-1 prdo", 1, environment),
                    ("hold prdo", 1, environment), ("history prdo", 1, environment), ("get environment prdo", 1, environment),
                    ("get versions apii", 1, component), ("sync apii", 1, component), ("describe component apii", 1, component),
                    ("create release x apii", 1, component),
                    ("get releases --component apii", 1, "parameter componentId: " + component),
                    ("create release x --from-latest --pin-from prdo", 1, environment),
                    ("get release zzz", 1, none.format("release", "releases")), ("get registry zzz", 1, none.format("registry", "registries")),
                    ("get stream zzz", 1, none.format("stream", "streams")), ("hold zzz", 1, none.format("environment", "environments")),
                    ("status --tenant dfault", 1, "there is no tenant 'dfault'; relmanctl get tenants lists them"),
                    ("lock zzz", 1, "there is no environment and no release 'zzz'; relmanctl get environments and relmanctl get releases list them")])

    def test_versions_and_channels(self):
        channels = "component 'api' has no channel 'betta'; it has stable, rc"
        self.check([("create release x api/betta", 1, channels), ("explain api --channel betta", 2, channels),
                    ("get versions api --channel stabel", 1, "parameter channel: component 'api' has no channel 'stabel'; did you mean 'stable'?"),
                    ("create release x api=9.9.9", 1, "component 'api' has no version 9.9.9; it has 3 others: relmanctl get versions api"),
                    (("create", "release", "x", "api=>=2 <"), 1,
                     'field "version": bad range \'>=2 <\': expected a number, x or * (as in >=1.2 <2, or 1.x) at offset 5'),
                    ("explain api 2.4.0", 1, "'2.4.0' is none of the 3 tags of component 'api'"),
                    ("create release BAD_Name api", 1, 'field "name": "BAD_Name" is not a name: lower-case letters, digits and . _ - between them'),
                    ("events --type release.deploy", 1, "parameter type: no event has the type 'release.deploy'; did you mean 'release.deployed'?"),
                    ("events --type tag", 1, "parameter type: no event has the type 'tag'; did you mean 'tag.*'?"),
                    ("get releases --status redy", 1, "parameter status: draft, ready, promoting, deployed, deprecated or archived, not 'redy'")])

    def test_promotions(self):
        self.check([("promote hotfix-1 prod", 1, "release 'hotfix-1' was not deployed in environment 'staging' yet; relmanctl promote hotfix-1 staging"),
                    ("promote hotfix-1 gate", 1, "release 'hotfix-1' needs 2 more of 2 approvals for environment 'gate'; relmanctl approve hotfix-1 gate"),
                    ("promote bad staging", 1, "release 'bad' is deprecated and can no longer be promoted"),
                    ("promote done staging", 1, "release 'done' is archived and can no longer be promoted"),
                    ("archive done", 1, "release 'done' is archived and cannot be archived; it comes back only if it was declared in the specs and is declared there again"),
                    ("deprecate bad", 1, "release 'bad' is deprecated and cannot be deprecated; it can be archived"),
                    ("confirm prod", 1, "nothing was ever promoted to environment 'prod'; relmanctl gates prod lists what the next release waits for"),
                    ("approve hotfix-1 staging", 1, "environment 'staging' asks for no approvals"),
                    ("lock staging", 1, "environment 'staging' has no lockfile: nothing is deployed there; relmanctl promote RELEASE staging")])
        status, out = self.ctl("create", "release", "hotfix-1", "api=1.1.0")
        self.assertEqual((status, re.sub("id [0-9a-f-]{36}", "id ID", out)), (1, "relmanctl: error: there is a release 'hotfix-1' already, with id ID; take another name\n"))

    def test_tokens(self):
        self.check([("audit", 1, "token:t has role read, and this takes role admin; relmanctl token --role admin makes a token for it"),
                    ("hold prod", 1, "token:t has role read, and this takes role write; relmanctl token --role write makes a token for it")], token="ci")
        self.check([("audit", 1, "token:t has role write, and this takes role admin; relmanctl token --role admin makes a token for it")], token="deploy")
        self.check([("status", 1, "the token 't' expired at 2020-01-01T00:00:00Z; relmanctl token t makes another, for api.tokenFile of relmand.yaml")], token="old")
        self.check([("status", 1, "the bearer token is unknown: no line of api.tokenFile of relmand.yaml is about it; relmanctl token makes such lines")], token="relman_0")
        self.check([("status", 1, "a bearer token is needed; put one into RELMAN_TOKEN (relmanctl token makes them)")], token="")
        self.check([("get components --tenant default", 1, "there is no tenant 'default'; relmanctl get tenants lists them"),
                    ("backup x.db", 1, "this is of all tenants, and the token of tenant 'data' alone; relmanctl token --tenant '*' makes one for all")], token="data")

    def test_a_url_of_the_wrong_scheme(self):
        url = f"https://127.0.0.1:{self.port}"
        status, out = self.ctl("status", "--url", url)
        self.assertEqual(status, 2)
        self.assertRegex(out, f"^relmanctl: error: relmand does not answer: GET {url}/api/v1/status: .*(wrong version number|unexpected eof while reading|SSL_ERROR_SYSCALL in connection to \\S+ ?) "
                              r"\(does it speak plain HTTP\? its url begins with http:// then\)\n$")

    def test_a_document_with_the_name_of_a_release_of_the_api(self):
        path = self.site.write("r.yaml", "apiVersion: relman/v1\nkind: Release\nmetadata: {name: hotfix-1}\nspec: {components: [{name: api, version: 1.1.0}]}\n")
        self.addCleanup(os.unlink, path)

        def message():
            found = [c for c in self.site.call("GET", "/api/v1/releases/hotfix-1")[1]["conditions"] if c["reason"] == "NameTaken"]
            return found[0]["message"] if found else None
        wait_for(message, what="condition")
        self.assertEqual(message(), f"{path}:1 declares a release 'hotfix-1' too, and is not applied: the API made this one; give the document another name")


class Registries(unittest.TestCase):
    """Tests messages about a registry that cannot be read."""
    maxDiff = None

    def once(self, url, spec=""):
        site = Site()
        self.addCleanup(site.close)
        host = url.split("//")[1]
        site.write("a.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\nspec: {{url: '{url}', limits: {{timeout: 2s}}{spec}}}\n---\n" +
                   Offline.COMPONENT.replace("r.example.com", host + "/app"))
        status, _, err = site.once()
        self.assertEqual(status, 1, err)
        line = re.search(r"^relmand: error: component 'api': (.*)$", err, re.M)
        return line[1].replace(url + "/v2/app/api/tags/list", "URL") if line else err

    def server(self, tls=None, status=None, headers=None, body=b""):
        """Returns a stand-in that answers each request with the status, if one is given. tls: folder with
        cert.pem and key.pem."""
        server = StandIn()
        self.addCleanup(server.close)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls + "/cert.pem", tls + "/key.pem")
            server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
        server.push("app/api", "v1.0.0")
        if status:
            server.answers["/v2/app/api/tags/list"] = lambda handler: handler.reply(status, body, headers)
        return server

    def test_logins(self):
        basic = {"WWW-Authenticate": 'Basic realm="r"'}
        url = self.server(status=401, headers=basic, body=b"{}").url
        self.assertEqual(self.once(url), "GET URL: status 401; relman asked anonymously: give the Registry an auth section")
        folder = self.folder()
        with open(folder + "/pw", "w") as f:
            f.write("wrong\n")
        auth = ", auth: {{username: u, passwordFile: {}}}"
        self.assertEqual(self.once(url, auth.format(folder + "/pw")),
                         "GET URL: status 401; check the Registry's auth section, and the account's right to pull")
        self.assertEqual(self.once(url, auth.format(folder + "/none")), f"credentials: cannot read '{folder}/none': No such file or directory")
        self.assertEqual(self.once(url, ", auth: {username: u, passwordCredential: pw}"),
                         "credential 'pw' is not there: $CREDENTIALS_DIRECTORY is not set; add LoadCredential=pw:/path to the unit")

    def folder(self):
        folder = tempfile.mkdtemp(prefix="relman-mistakes-")
        self.addCleanup(shutil.rmtree, folder)
        return folder

    def test_transport(self):
        folder = self.folder()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder + "/key.pem", "-out", folder + "/cert.pem"], check=True, capture_output=True)
        server = self.server(tls=folder)
        url = f"https://{server.host}"
        self.assertEqual(self.once(url), "GET URL: SSL certificate problem: self-signed certificate (tls.caFile of the Registry is the PEM file of the authority that signed it)")
        self.assertEqual(say(folder, "relmanctl", "status", "--url", url),
                         (2, f"relmanctl: error: relmand does not answer: GET {url}/api/v1/status: SSL certificate problem: self-signed certificate "
                             "(--ca-file, or RELMAN_CA_FILE, is the PEM file of the authority that signed it)\n"))
        # The url begins with http://, but the port speaks TLS. Servers in Go and nginx answer in plain HTTP;
        # others close the connection.
        self.assertRegex(self.once(server.url), r"^GET URL: (Recv failure: Connection reset by peer|Empty reply from server) \(does it speak TLS\? its url begins with https:// then\)$")
        for body in (b"Client sent an HTTP request to an HTTPS server.\n", b"<center>The plain HTTP request was sent to HTTPS port</center>"):
            self.assertEqual(self.once(self.server(status=400, body=body).url), "GET URL: status 400; it speaks TLS: begin the Registry's url with https://")
        self.assertEqual(self.once(self.server(status=400, body=b"HTTPS").url), "GET URL: status 400")
        port = relman.free_port()
        self.assertRegex(self.once(f"http://127.0.0.1:{port}"), f"^GET URL: Failed to connect to 127.0.0.1 port {port} after \\d+ ms: .*$")


if __name__ == "__main__":
    relman.main()
