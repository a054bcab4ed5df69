#!/usr/bin/env python3
"""Tests that the API matches its OpenAPI description. Every path, method, status and schema is used, every
answer conforms, a public linter finds no fault, and the client of a public generator works."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import unittest

try:
    import jsonschema
except ImportError:  # Debian's package is installed for Debian's interpreter only
    if sys.executable == "/usr/bin/python3":
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from git_repository import GitSite, Repository  # noqa: E402
from relman import Site, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

# Failures of relmand, which no request can cause. The fault tests cause them.
NOT_EXERCISED = {"500"}
# The answer to a client that waits for a backup when the daemon stops. The moment is too short for a test.
TOO_SHORT = {("get", "/api/v1/backup", "503")}


class Contract:
    """Sends requests to a daemon, and compares every answer with the description."""

    def __init__(self, test, site, port):
        self.test, self.site, self.port = test, site, port
        status, self.document, _ = site.call("GET", "/api/v1/openapi.json")
        test.assertEqual(status, 200)
        self.seen, self.schemas = set(), set()
        self.patterns = [(re.compile("^" + re.sub(r"{\w+}", "[^/]+", path) + "$"), path) for path in self.document["paths"]]
        self.tokens = {}

    def pattern(self, path):
        plain = path.split("?")[0]
        if plain in self.document["paths"]:
            return plain
        return next(name for form, name in self.patterns if form.match(plain))

    def note_schemas(self, schema):
        for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(schema)):
            if name not in self.schemas:
                self.schemas.add(name)
                self.note_schemas(self.document["components"]["schemas"][name])

    def validate(self, schema, value, where):
        self.note_schemas(schema)
        whole = {**schema, "components": self.document["components"]}
        errors = list(jsonschema.Draft202012Validator(whole).iter_errors(value))
        self.test.assertEqual([f"{where}: {list(e.path)}: {e.message}" for e in errors], [])

    def check(self, method, path, status, answer, content_type):
        pattern = self.pattern(path)
        operation = self.document["paths"][pattern][method.lower()]
        where = f"{method} {pattern} {status}"
        self.test.assertIn(str(status), operation["responses"], (where, answer))
        if status == 304:
            self.test.assertEqual((answer, "content" in operation["responses"]["304"]), ("", False), where)
            self.seen.add((method.lower(), pattern, "304"))
            return answer
        content = operation["responses"][str(status)]["content"]
        kind = content_type.split(";")[0]
        self.test.assertIn(kind, content, where)
        if "json" in kind:
            self.validate(content[kind]["schema"], answer, where)
        self.seen.add((method.lower(), pattern, str(status)))
        return answer

    def ask(self, method, path, body=None, headers=None, wanted=None):
        if isinstance(body, dict) and "requestBody" in self.document["paths"][self.pattern(path)][method.lower()] and (wanted or 200) < 300:
            self.validate(self.document["paths"][self.pattern(path)][method.lower()]["requestBody"]["content"]["application/json"]["schema"],
                          body, f"body of {method} {path}")
        status, answer, out = self.site.call(method, path, body, headers)
        if wanted:
            self.test.assertEqual(status, wanted, (method, path, answer))
        return self.check(method, path, status, answer, out.get("Content-Type", ""))

    def ask_tcp(self, method, path, token=None, wanted=None):
        import http.client
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, "{}" if method == "POST" else None, {"Authorization": "Bearer " + token} if token else {})
        answer = connection.getresponse()
        text = answer.read().decode()
        kind = answer.headers.get("Content-Type", "")
        connection.close()
        if wanted:
            self.test.assertEqual(answer.status, wanted, (method, path, text))
        return self.check(method, path, answer.status, json.loads(text) if "json" in kind else text, kind)

    def operations(self):
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                yield method.upper(), path, operation

    def missing(self):
        wanted = {(method.lower(), path, status) for method, path, operation in self.operations() for status in operation["responses"]
                  if status not in NOT_EXERCISED}
        return sorted(wanted - self.seen - TOO_SHORT)


class Description(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.server = StandIn()
        self.addCleanup(self.server.close)
        for version in ("v1.0.0", "v1.1.0", "v2.0.0-rc.1"):
            self.server.push("app/worker", version)
            self.server.push("app/api", version)
        secret = os.path.join(self.site.folder, "secret")
        with open(secret, "w") as f:
            f.write("hush")
        self.site.write("all.yaml", f"""
apiVersion: relman/v1
kind: Registry
metadata: {{name: r}}
spec: {{url: '{self.server.url}', limits: {{timeout: 2s}}, hook: {{secretFile: {secret}}}}}
---
apiVersion: relman/v1
kind: Component
metadata: {{name: worker}}
spec: {{imageRepository: {self.server.host}/app/worker, platforms: [], versioningStrategy: {{tagPattern: '^v'}}, minimumAge: 1us}}
---
apiVersion: relman/v1
kind: ReleaseStream
metadata: {{name: nightly}}
spec: {{components: [worker], nameTemplate: 'nightly-{{seq}}', settle: 1ms}}
---
apiVersion: relman/v1
kind: Environment
metadata: {{name: prod}}
spec: {{confirm: manual, approvals: 1, checks: {{before: [{{name: smoke}}]}}}}
---
apiVersion: relman/v1
kind: Environment
metadata: {{name: dev}}
spec: {{stream: nightly}}
---
apiVersion: relman/v1
kind: Environment
metadata: {{name: fixed}}
spec: {{release: nightly-1}}
---
apiVersion: relman/v1
kind: Group
metadata: {{name: oncall}}
spec: {{members: [anna, bob]}}
---
apiVersion: relman/v1
kind: Calendar
metadata: {{name: always}}
spec: {{environments: {{matchLabels: {{stage: prod}}}}, windows: [{{allow: '*-*-*', name: always, reason: open}}, {{deny: '2001-01-01 08:00', for: 1h}}]}}
""")
        self.port = relman.free_port()
        tokens = os.path.join(self.site.folder, "tokens")
        self.tokens = {}
        with open(tokens, "w") as f:
            for role in ("read", "write", "admin"):
                status, out, err = relman.relmanctl("token", role, "--role", role)
                self.assertEqual(status, 0, err)
                self.tokens[role], line = re.search(r"^(\S+)$", out, re.M).group(1), err + out
                f.write(re.search(rf"^{role} default {role} [0-9a-f]{{64}}.*$", line, re.M).group(0) + "\n")
        self.site.start(f"poll: {{interval: 1h}}\noutputs: [{{environment: dev, path: {self.site.folder}/dev.yaml}}, {{environment: prod, exec: [/bin/true]}}]\nevents: {{webhooks: [{{name: prod, url: '{self.server.url}/take', types: [component.deleted]}}]}}\napi: {{socket: {self.site.folder}/relmand.sock, listen: ['127.0.0.1:{self.port}'], "
                        f"tokenFile: {tokens}}}\n")
        self.contract = Contract(self, self.site, self.port)
        wait_for(lambda: self.site.call("GET", "/api/v1/environments/dev")[1]["state"], what="stream")

    def good_ways(self, ask):
        """Sends requests that must succeed, in an order that makes them possible."""
        v1 = "/api/v1/"
        api = ask("POST", v1 + "components", {"name": "api", "imageRepository": f"{self.server.host}/app/api", "registryIntegrationId": "r",
                  "metadata": {"a": "b"}, "versionRules": [{"pattern": r"^v(\d+\.\d+\.\d+)$", "channel": "stable"}], "interval": "5m"}, wanted=201)
        ask("PUT", v1 + "components/api", {"displayName": "API", "suspend": False}, wanted=200)
        ask("POST", v1 + "components/api/sync-versions", {"forceRefresh": True}, wanted=200)
        ask("POST", v1 + "components/worker/sync-versions", {}, wanted=200)
        made = ask("POST", v1 + "version-maps", {"componentId": "worker", "tag": "v1.0.0", "semver": "1.0.5", "channel": "stable"}, wanted=201)
        ask("POST", v1 + "releases", {"name": "one", "displayName": "One", "components": [{"componentId": api["id"], "version": "1.0.0"},
            {"componentId": "worker", "channel": "stable"}], "sourceRef": {"commitSha": "4f1c", "branch": "main"}, "metadata": {"x": "y"}}, wanted=201)
        ask("POST", v1 + "releases/from-latest", {"name": "two", "channel": "stable", "componentIds": ["api"]}, wanted=201)
        ask("PUT", v1 + "releases/two", {"displayName": "Two"}, wanted=200)
        ask("GET", v1 + "environments/prod/lock", wanted=409)  # prod has no release yet
        ask("POST", v1 + "environments/prod/reject", {"releaseId": "one", "message": "breaks the login"}, wanted=200)
        ask("POST", v1 + "environments/prod/approve", {"releaseId": "one"}, wanted=200)
        ask("GET", v1 + "environments/prod/approvals", wanted=200)
        ask("GET", v1 + "environments/prod/gates", wanted=200)
        ask("GET", v1 + "environments/prod/gates?release=one", wanted=200)
        ask("GET", v1 + "environments/prod/gates?release=none", wanted=404)
        ask("GET", v1 + "environments/prod/checks?release=one", wanted=200)
        ask("POST", v1 + "environments/prod/checks", {"releaseId": "one", "check": "smoke", "status": "passed"}, wanted=200)
        ask("POST", v1 + "environments/prod/checks", {"releaseId": "one", "check": "none", "status": "passed"}, wanted=409)
        ask("POST", v1 + "environments/prod/withdraw", {"releaseId": "one"}, wanted=200)
        ask("POST", v1 + "environments/prod/withdraw", {"releaseId": "one"}, wanted=409)
        ask("POST", v1 + "environments/prod/approve", {"releaseId": "one"}, wanted=200)
        ask("POST", v1 + "releases/one/promote", {"environmentId": "prod"}, wanted=202)
        ask("GET", v1 + "environments/prod", wanted=200)  # prod has a pending release
        ask("POST", v1 + "environments/prod/cancel", {"reason": "too early"}, wanted=200)
        ask("POST", v1 + "releases/one/promote", {"environmentId": "prod"}, wanted=202)
        ask("POST", v1 + "environments/prod/confirm", {"releaseId": "one", "status": "deployed", "evidenceRef": "job/7"}, wanted=200)
        ask("POST", v1 + "environments/dev/hold", {"reason": "look"}, wanted=200)
        for path in ("components", "components/api", "components/worker", "components/worker/versions?channel=stable&limit=2", "components/api/releases", "components/worker/assignments", "components/worker/tags?limit=2", "components/worker/tags/v1.0.0", "components/worker/tag-history?pageSize=5",
                     "version-maps?componentId=worker", "releases?status=deployed&pageSize=1", "releases/one", "releases/one/state", "releases/one/lineage",
                     "releases/one/compare/two", "releases/nightly-1/compare/one", "environments", "environments/prod", "environments/prod/history", "environments/prod/statements",
                     "environments/prod/rollback", "digests", "digests?limit=1", "digests/sha256:" + "0" * 64, "environments?asOf=2020-01-01T00:00:00Z", time.strftime("environments/prod?asOf=%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "environments/prod/changes?from=2020-01-01T00:00:00Z", "environments/prod/why", "environments/prod/why?component=worker", "receivers", "receivers/prod", "registries", "registries/r", "registries/r/history", "keys", "tenants", "tenants/default", "streams", "streams/nightly", "calendars", "calendars/always", "groups", "groups/oncall", "events?limit=5",
                     "audit", "status", "openapi.json", "outputs", "outputs?limit=1", "outputs?tenant=*", "environments/dev/outputs"):
            ask("GET", v1 + path, wanted=200)
        for path in ("releases/one/lock", "environments/dev/lock"):
            ask("GET", v1 + path, headers={"Accept": "application/json"}, wanted=200)
            ask("GET", v1 + path, headers={"If-None-Match": self.site.call("GET", v1 + path)[2]["ETag"]}, wanted=304)
            ask("GET", v1 + path, headers={"Accept": "text/html"}, wanted=406)
            ask("GET", v1 + path.replace("one", "none").replace("dev", "none"), wanted=404)
        status, _, headers = self.site.download(v1 + "backup")
        self.contract.check("GET", v1 + "backup", status, None, headers["Content-Type"])
        for path in ("/healthz", "/readyz", "/metrics", v1 + "session"):
            ask("GET", path, wanted=200)
        ask("GET", v1 + "matrix", wanted=200)
        ask("GET", v1 + "matrix?asOf=2020-01-01T00:00:00Z", wanted=200)
        ask("GET", v1 + "matrix", headers={"If-None-Match": self.site.call("GET", v1 + "matrix")[2]["ETag"]}, wanted=304)
        ask("DELETE", v1 + "session", wanted=200)
        self.contract.ask_tcp("POST", v1 + "session", self.tokens["read"], wanted=201)
        meta, place = {"name": "worker"}, {"file": "all.yaml", "line": 1}
        ask("POST", v1 + "specs/plan", {"documents": [
            {"apiVersion": "relman/v1", "kind": "Component", "metadata": meta, "place": place,
             "spec": {"imageRepository": f"{self.server.host}/app/worker", "versionRules": [{"pattern": "^v(1.*)$", "channel": "one"}]}},
            {"apiVersion": "relman/v1", "kind": "Release", "metadata": {"name": "three"}, "spec": {"mode": "full"}, "place": place},
            {"apiVersion": "relman/v1", "kind": "Environment", "metadata": {"name": "prod"}, "spec": {"release": "three"}, "place": place}]}, wanted=200)
        ask("POST", v1 + "specs/replay?since=" + time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600)), {"documents": [
            {"apiVersion": "relman/v1", "kind": "Component", "metadata": meta, "place": place, "spec": {"imageRepository": f"{self.server.host}/app/worker"}},
            {"apiVersion": "relman/v1", "kind": "ReleaseStream", "metadata": {"name": "s"}, "spec": {"components": ["worker"]}, "place": place}]}, wanted=200)
        ask("POST", v1 + "environments/dev/resume", {}, wanted=200)
        ask("POST", v1 + "receivers/prod/replay", {"after": 1}, wanted=200)
        ask("POST", v1 + "releases/two/deprecate", {"reason": "old"}, wanted=200)
        ask("POST", v1 + "releases/two/archive", {}, wanted=200)
        ask("GET", v1 + "releases/two/lock", wanted=409)
        ask("DELETE", v1 + "releases/two", wanted=200)
        ask("DELETE", v1 + "version-maps/" + made["id"], wanted=200)
        ask("POST", v1 + "specs/confirm-prune", {}, wanted=200)
        ask("POST", "/hooks/v1/r", {}, {"Authorization": "Bearer hush"}, wanted=202)
        ask("POST", "/hooks/v1/r/hush", {}, wanted=202)
        validation = {"eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "data": {"validationCode": "x"}}
        for path, headers in (("/hooks/v1/r", {"Authorization": "Bearer hush"}), ("/hooks/v1/r/hush", {})):
            ask("POST", path, validation, headers, wanted=200)
            ask("OPTIONS", path, headers={"WebHook-Request-Origin": "eventgrid.azure.net", **headers}, wanted=200)
        self.server.push("app/api", "v1.0.0", "moved")
        ask("POST", v1 + "components/api/sync-versions", {"forceRefresh": True}, wanted=200)
        ask("POST", v1 + "components/api/allow-move", {"tag": "v1.0.0", "digest": "sha256:00000000", "reason": "rebuilt"}, wanted=409)
        ask("POST", v1 + "components/api/allow-move", {"tag": "v1.0.0", "reason": "rebuilt"}, wanted=200)
        ask("POST", v1 + "components/api/allow-move", {"tag": "v1.0.0"}, wanted=409)
        return api

    def conflicts(self, ask):
        v1 = "/api/v1/"
        taken = {"name": "worker", "imageRepository": f"{self.server.host}/app/worker"}
        ask("POST", v1 + "components", taken, wanted=409)
        ask("PUT", v1 + "components/worker", {"displayName": "x"}, wanted=409)
        ask("DELETE", v1 + "components/worker", wanted=409)
        ask("POST", v1 + "releases", {"name": "one", "components": [{"componentId": "worker"}]}, wanted=409)
        ask("POST", v1 + "releases/from-latest", {"name": "one"}, wanted=409)
        ask("POST", v1 + "releases", {"name": "bad", "components": [{"componentId": "worker", "version": "9.9.9"}]}, wanted=422)
        ask("POST", v1 + "releases/from-latest", {"name": "bad", "channel": "none"}, wanted=422)
        ask("PUT", v1 + "releases/one", {"status": "draft"}, wanted=409)
        ask("DELETE", v1 + "releases/one", wanted=409)
        ask("POST", v1 + "releases/one/archive", {}, wanted=409)
        ask("POST", v1 + "releases/nightly-1/promote", {"environmentId": "prod"}, wanted=409)
        ask("POST", v1 + "environments/prod/confirm", {}, wanted=409)
        ask("POST", v1 + "environments/prod/cancel", {}, wanted=409)
        ask("POST", v1 + "environments/dev/approve", {"releaseId": "one"}, wanted=409)
        ask("POST", v1 + "environments/dev/reject", {"releaseId": "one"}, wanted=409)
        ask("POST", v1 + "environments/prod/hold", {}, wanted=409)
        ask("POST", v1 + "environments/fixed/resume", {}, wanted=409)
        auto = self.site.call("GET", v1 + "components/api/versions")[1][0]
        ask("DELETE", v1 + "version-maps/" + auto["id"], wanted=409)
        ask("PUT", v1 + "components/api", {"suspend": True, "deny": [{"version": "7.0.0", "reason": "broken"}]}, wanted=200)
        ask("POST", v1 + "components/api/sync-versions", {}, wanted=409)
        ask("POST", v1 + "version-maps", {"componentId": "api", "tag": "v1.0.0", "semver": "7.0.0"}, wanted=409)
        ask("PUT", v1 + "components/api", {"suspend": False}, wanted=200)
        ask("POST", v1 + "releases", {"name": "old", "components": [{"componentId": "worker"}]}, wanted=201)
        ask("POST", v1 + "releases/old/deprecate", {}, wanted=200)
        ask("POST", v1 + "releases/old/deprecate", {}, wanted=409)

    def refusals(self):
        """Sends requests that all operations refuse in the same way."""
        contract, ask = self.contract, self.contract.ask
        for i, (method, pattern, operation) in enumerate(contract.operations()):
            path = re.sub(r"{\w+}", "none", pattern.replace("{digest}", "sha256:" + "0" * 64))
            responses, body = operation["responses"], {} if method in ("POST", "PUT") else None
            names = [p["name"] for p in operation["parameters"]]
            if "401" in responses:
                contract.ask_tcp(method, path, wanted=401)
            if pattern.endswith("/session") and method != "GET":
                ask(method, path, headers={"Origin": "https://other.example"}, wanted=403)
            elif "403" in responses:
                of_all = "?tenant=*" if method == "GET" and pattern.rsplit("/", 1)[1] in ("components", "environments", "registries", "streams", "calendars", "groups", "outputs", "status") else ""
                contract.ask_tcp(method, path + of_all, self.tokens["read"], wanted=403)
            if "tenant" in names and not pattern.startswith("/hooks"):
                self.assertIn("there is no tenant 'none'; relmanctl get tenants lists them", ask(method, path + "?tenant=none", body, wanted=404)["detail"])
            # a digest that nothing needs is found, too
            if "404" in responses and "{" in pattern and not pattern.startswith(("/hooks", "/api/v1/digests/")):
                good = {"/promote": {"environmentId": "prod"}, "/approve": {"releaseId": "one"},
                        "/withdraw": {"releaseId": "one"}}
                ask(method, path, next((b for end, b in good.items() if path.endswith(end)), body), wanted=404)
            if method == "GET" and "400" in responses and operation["description"] == "Role: read.":
                ask(method, path + "?nonsense=1", wanted=400)
            if "412" in responses:
                ask(method, path.replace("none", "one" if "releases" in path else "api"), body, {"If-Match": '"other"'}, wanted=412)
            if "413" in responses and pattern != "/hooks/specs":
                ask(method, path if not path.startswith("/hooks") else path.replace("none", "r", 1), "x" * ((16 if path.endswith(("/plan", "/specs/replay")) else 1) * 1024 * 1024 + 1),
                    {"Authorization": "Bearer hush"}, wanted=413)
            if "Idempotency-Key" in names:
                ask(method, path, {"name": "another"}, {"Idempotency-Key": "used"}, wanted=422)
            if "400" in responses and body is not None and not pattern.startswith("/hooks"):
                ask(method, path.replace("none", "worker" if "components" in path else "one" if "releases" in path else "prod"), "[", wanted=400)
        v1 = "/api/v1/"
        for path in ("components/worker/versions?limit=0", "components/worker/tags?limit=0", "components/worker/releases?page=0", "version-maps", "releases?status=gone",
                     "environments/prod/history?page=x", "environments/prod/changes?from=x", "environments?asOf=x", "digests?limit=0", "digests/sha256:12", "environments/prod?asOf=x", "environments/prod/why?tag=v1", "events?after=x", "audit?limit=0"):
            ask("GET", v1 + path, wanted=400)
        ask("GET", v1 + "version-maps?componentId=none", wanted=404)
        ask("POST", v1 + "version-maps", {"componentId": "worker", "tag": "none", "semver": "1.0.0"}, wanted=404)

    def registry_trouble(self):
        ask = self.contract.ask
        ask("POST", "/api/v1/releases", {"name": "unchecked", "components": [{"componentId": "worker"}]}, wanted=201)
        fault = lambda handler: handler.reply(200, b"<html>")  # noqa: E731
        self.server.answers["GET /v2/app/worker/tags/list"] = fault
        self.server.answers["HEAD /v2/app/worker/manifests/v1.1.0"] = lambda handler: handler.reply(503, b"")
        self.server.answers["GET /v2/app/worker/manifests/v1.1.0"] = lambda handler: handler.reply(503, b"")
        ask("POST", "/api/v1/components/worker/sync-versions", {}, wanted=502)
        ask("POST", "/api/v1/version-maps", {"componentId": "worker", "tag": "v1.1.0", "semver": "1.0.9"}, wanted=502)
        for digest in {c["digest"] for c in self.site.call("GET", "/api/v1/releases/unchecked")[1]["components"]}:
            self.server.answers[f"HEAD /v2/app/worker/manifests/{digest}"] = lambda handler: handler.reply(503, b"")
        ask("POST", "/api/v1/releases/unchecked/promote", {"environmentId": "dev"}, wanted=502)
        self.server.answers.clear()

    def stopping(self):
        """Checks that a stopping daemon answers clients that wait."""
        entered, gate = threading.Semaphore(0), threading.Event()
        self.addCleanup(gate.set)

        def hang(handler):
            entered.release()
            gate.wait(20)
            handler.reply(503, b"")
        digests = {c["digest"] for c in self.site.call("GET", "/api/v1/releases/unchecked")[1]["components"]}
        for path in ("GET /v2/app/worker/tags/list", "HEAD /v2/app/worker/manifests/v1.1.0",
                     *(f"HEAD /v2/app/worker/manifests/{digest}" for digest in digests)):
            self.server.answers[path] = hang
        asked = [("components/worker/sync-versions", {}), ("releases", {"name": "late", "components": [{"componentId": "worker"}]}),
                 ("releases/from-latest", {"name": "later", "componentIds": ["worker"]}),
                 ("version-maps", {"componentId": "worker", "tag": "v1.1.0", "semver": "1.0.9"}),
                 ("releases/unchecked/promote", {"environmentId": "dev"})]
        results = []
        threads = [threading.Thread(target=lambda p=p, b=b: results.append((p, self.site.call("POST", "/api/v1/" + p, b)))) for p, b in asked]
        for thread in threads:
            thread.start()
        entered.acquire(timeout=5)
        entered.acquire(timeout=5)
        relman.time.sleep(0.3)
        self.site.stop()
        for thread in threads:
            thread.join(10)
        for path, (status, answer, headers) in results:
            self.assertEqual(status, 503, (path, answer))
            self.contract.check("POST", "/api/v1/" + path, status, answer, headers["Content-Type"])

    def test_every_path_method_status_and_schema(self):
        contract = self.contract
        self.good_ways(contract.ask)
        contract.ask("POST", "/api/v1/components", {"name": "keyed", "imageRepository": f"{self.server.host}/app/api"},
                     {"Idempotency-Key": "used"}, wanted=201)
        self.conflicts(contract.ask)
        self.refusals()
        contract.ask("DELETE", "/api/v1/components/keyed", wanted=200)
        self.registry_trouble()
        self.git_specs()
        self.not_ready()
        self.too_many_streams()
        self.too_many_held()
        self.stopping()
        self.assertEqual(contract.missing(), [])
        contract.schemas |= {name for _, _, operation in contract.operations() if "requestBody" in operation
                             for name in re.findall(r"schemas/(\w+)", json.dumps(operation["requestBody"]))}
        for name in list(contract.schemas):
            contract.note_schemas(contract.document["components"]["schemas"][name])
        self.assertEqual(sorted(set(contract.document["components"]["schemas"]) - contract.schemas), [])

    def git_specs(self):
        """Asks a daemon whose specs are in a Git repository."""
        site, contract = GitSite(), self.contract
        self.addCleanup(site.close)
        remote = Repository(site.folder)
        remote.commit({"all.yaml": relman.document("Group", "team", "members: [anna]")})
        with open(os.path.join(site.folder, "hook"), "w") as f:
            f.write("hush")
        site.start(f"specs: {{git: {{url: '{remote.url}', path: all.yaml, hookCredential: hook}}}}\n", env={"CREDENTIALS_DIRECTORY": site.folder})
        contract.site, before = site, contract.site
        push = {"ref": "refs/heads/main", "project": {"path_with_namespace": f"{os.path.basename(site.folder)}/deploy"}}
        self.assertEqual(contract.ask("POST", "/hooks/specs", push, {"X-Gitlab-Token": "hush"}, wanted=202), {"fetches": True})
        contract.ask("POST", "/hooks/specs", "x" * (1024 * 1024 + 1), {"X-Gitlab-Token": "hush"}, wanted=413)
        wait_for(lambda: "succeededAt" in contract.ask("GET", "/api/v1/status", wanted=200)["specsGit"])
        remote.commit({"all.yaml": "kind: ["})
        contract.ask("POST", "/hooks/specs", push, {"X-Gitlab-Token": "hush"}, wanted=202)
        wait_for(lambda: contract.ask("GET", "/api/v1/status", wanted=200)["specErrors"])
        contract.site = before

    def not_ready(self):
        os.rename(self.site.specs, self.site.specs + ".away")
        self.site.kill(1)
        wait_for(lambda: self.site.call("GET", "/readyz")[0] == 503, what="not ready")
        self.contract.ask("GET", "/readyz", wanted=503)
        os.rename(self.site.specs + ".away", self.site.specs)
        self.site.kill(1)
        wait_for(lambda: self.site.call("GET", "/readyz")[0] == 200, what="ready again")

    def too_many_held(self):
        paths = [f"/api/v1/{path}/lock" for path in ("environments/dev", "releases/one")]
        headers = [{"If-None-Match": self.site.call("GET", path)[2]["ETag"], "Prefer": "wait=300"} for path in paths]
        waiting = [relman.UnixConnection(self.site.socket) for _ in range(256)]
        for connection in waiting:
            connection.request("GET", paths[0], headers=headers[0])
        wait_for(lambda: "\nrelman_api_held_requests 256\n" in self.site.call("GET", "/metrics")[1], 60, "256 that wait")
        for path, header in zip(paths, headers):
            self.contract.ask("GET", path, headers=header, wanted=503)
        for connection in waiting:
            connection.close()

    def too_many_streams(self):
        streams = []
        for _ in range(65):
            connection = relman.UnixConnection(self.site.socket)
            connection.request("GET", "/api/v1/events", headers={"Accept": "text/event-stream"})
            streams.append(connection)
        answers = [connection.getresponse() for connection in streams]
        for answer in answers:
            if answer.status == 503:
                self.contract.check("GET", "/api/v1/events", 503, json.loads(answer.read()), answer.headers["Content-Type"])
            else:
                self.contract.check("GET", "/api/v1/events", answer.status, None, answer.headers["Content-Type"])
        self.assertEqual(sorted(answer.status for answer in answers), [200] * 64 + [503])
        for connection in streams:
            connection.close()

    def test_the_copy_in_the_documentation_is_this_one(self):
        with open(os.path.join(relman.SRCDIR, "doc/openapi.json")) as f:
            kept = json.load(f)
        kept["info"]["version"] = self.contract.document["info"]["version"]
        self.assertEqual(kept, self.contract.document, "make openapi renews doc/openapi.json")


class Tools(unittest.TestCase):
    """Tests with the npm packages of tests/contract, which run-tests installs."""

    def setUp(self):
        self.folder = os.path.join(relman.BUILDDIR, "contract")
        if not os.path.isdir(os.path.join(self.folder, "node_modules")):
            self.skipTest("no npm packages in " + self.folder)
        self.site = Site()
        self.addCleanup(self.site.close)
        self.work = os.path.join(self.site.folder, "contract")
        shutil.copytree(os.path.join(relman.SRCDIR, "tests/contract"), self.work)
        os.symlink(os.path.join(self.folder, "node_modules"), os.path.join(self.work, "node_modules"))

    def node(self, *args, env=None):
        r = subprocess.run(["node", *args], cwd=self.work, capture_output=True, text=True, timeout=120,
                           env=dict(os.environ, REDOCLY_TELEMETRY="off", **(env or {})))
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        return r.stdout + r.stderr

    def test_the_linter_finds_no_fault_and_a_generated_client_lists_components(self):
        port = relman.free_port()
        status, out, err = relman.relmanctl("token", "reader")
        tokens = os.path.join(self.site.folder, "tokens")
        with open(tokens, "w") as f:
            f.write(re.search(r"^reader default read [0-9a-f]{64}.*$", out + err, re.M).group(0) + "\n")
        self.site.write("c.yaml", "apiVersion: relman/v1\nkind: Component\nmetadata: {name: api}\n"
                                  "spec: {imageRepository: 127.0.0.1:1/app/api, suspend: true}\n")
        self.site.start(f"api: {{socket: {self.site.folder}/relmand.sock, listen: ['127.0.0.1:{port}'], tokenFile: {tokens}}}\n")
        _, document, _ = self.site.call("GET", "/api/v1/openapi.json")
        with open(os.path.join(self.work, "openapi.json"), "w") as f:
            json.dump(document, f)
        text = self.node("node_modules/@redocly/cli/bin/cli.js", "lint", "openapi.json")
        self.assertIn("Your API description is valid", text)
        self.assertNotIn("warning", text)
        self.node("node_modules/openapi-typescript-codegen/bin/index.js", "--input", "openapi.json", "--output", "client", "--client", "fetch")
        self.node("node_modules/typescript/bin/tsc", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "commonjs",
                  "--outDir", "out", "--lib", "es2022,dom", "list.ts")
        token = re.search(r"^(\S+)$", out, re.M).group(1)
        self.assertEqual(self.node("out/list.js", f"http://127.0.0.1:{port}", env={"RELMAN_TOKEN": token}), "api 127.0.0.1:1/app/api spec\n")


if __name__ == "__main__":
    relman.main()
