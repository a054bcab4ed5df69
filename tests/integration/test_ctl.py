#!/usr/bin/env python3
"""Tests relmanctl with a running daemon: the output of verbs in a pipe and on a terminal, and the completion
of command lines."""

import fcntl
import json
import os
import pty
import pwd
import re
import select
import shutil
import struct
import subprocess
import sys
import termios
import threading
import time

try:
    import yaml
except ImportError:  # Debian's package is only for Debian's interpreter
    if sys.executable == "/usr/bin/python3":
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import SiteCase, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402
from state import State  # noqa: E402


class Ctl(SiteCase):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.server = StandIn()
        self.addCleanup(self.server.close)
        for version in ("v1.0.0", "v1.1.0", "v2.0.0-rc.1"):
            self.server.push("app/api", version)
        self.site.write("all.yaml", f"""
apiVersion: relman/v1
kind: Registry
metadata: {{name: r}}
spec: {{url: '{self.server.url}', limits: {{timeout: 2s}}}}
---
apiVersion: relman/v1
kind: Component
metadata: {{name: api, displayName: 'The "API": yes', labels: {{team: 'no'}}}}
spec: {{imageRepository: {self.server.host}/app/api}}
---
apiVersion: relman/v1
kind: Environment
metadata: {{name: prod}}
spec: {{}}
""")
        self.site.start("poll: {interval: 1h}\n")
        wait_for(lambda: len(self.site.call("GET", "/api/v1/components/api/versions")[1]) == 3, what="versions")
        self.env = dict(os.environ, RELMAN_SOCKET=self.site.socket)

    # --- verbs --------------------------------------------------------------------------------------

    def test_create_makes_releases_of_what_people_write(self):
        digest = self.server.digest("app/api", "v1.0.0")
        for i, (component, tag) in enumerate((("api", "v1.1.0"), ("api=^1.0", "v1.1.0"), ("api=1.0.0", "v1.0.0"), ("api:v2.0.0-rc.1", "v2.0.0-rc.1"),
                                              ("api@" + digest, "v1.0.0"), ("api/rc", "v2.0.0-rc.1"))):
            self.assertIn(f"release 'r{i}' is ready\n  api ", self.ctl("create", "release", f"r{i}", component))
            release = json.loads(self.ctl("get", "release", f"r{i}", "-o", "json"))
            self.assertEqual(release["components"][0]["tag"], tag, component)
        self.ctl("create", "release", "full", "api", "--display-name", "Full", "--commit", "4f1c", "--branch", "main", "--build-id", "7",
                 "--pipeline-url", "https://ci.example.com/7", "--label", "team=core", "--idempotency-key", "k1")
        release = json.loads(self.ctl("get", "release", "full", "-o", "json"))
        self.assertEqual((release["displayName"], release["metadata"], release["sourceRef"]),
                         ("Full", {"team": "core"}, {"commitSha": "4f1c", "branch": "main", "buildId": "7", "pipelineUrl": "https://ci.example.com/7"}))
        self.assertEqual(self.ctl("create", "release", "latest", "--from-latest", "--channel", "rc", "-o", "name"), "release/latest\n")
        self.ctl("promote", "r0", "prod")
        wait_for(lambda: "deployed" in self.ctl("get", "environments"), what="deployment")
        self.ctl("create", "release", "pinned", "api", "--from-latest", "--pin-from", "prod")
        self.assertIn("component 'api' has no channel 'none'; it has", self.ctl("create", "release", "x", "api/none", wanted=1))
        for bad in (("component", "x"), ("release", "x"), ("release", "x", "api", "--channel", "rc"), ("release", "x", "api", "--label", "a")):
            self.ctl("create", *bad, wanted=2)

    def test_create_takes_what_an_environment_has(self):
        """Tests a hotfix: a release with the components of prod, of which some are replaced."""
        for name in ("worker", "search"):
            for version in ("v1.0.0", "v1.1.0"):
                self.server.push(f"app/{name}", version)
            self.site.write(f"{name}.yaml", f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: {name}}}\nspec: {{imageRepository: {self.server.host}/app/{name}}}\n")
        wait_for(lambda: "v1.1.0" in self.ctl("get", "components") and len(self.site.call("GET", "/api/v1/components/search/versions")[1]) == 2
                 and len(self.site.call("GET", "/api/v1/components/worker/versions")[1]) == 2, what="versions")
        self.assertIn("nothing is deployed in environment 'prod' yet", self.ctl("create", "release", "hotfix", "--from-env", "prod", "api=1.1.0", wanted=1))
        self.ctl("create", "release", "base", "api=1.0.0", "worker=1.0.0")
        self.ctl("promote", "base", "prod", "--wait")
        digest = self.server.digest("app/worker", "v1.1.0")
        self.ctl("create", "release", "hotfix", "--from-env", "prod", "api=v1.1.0", "-o", "name")
        self.ctl("create", "release", "more", "--from-env", "prod", "worker@" + digest[:19], "search:v1.0.0")
        self.ctl("create", "release", "newest", "--from-env", "prod", "worker")
        tags = {name: [(c["componentName"], c["tag"]) for c in json.loads(self.ctl("get", "release", name, "-o", "json"))["components"]] for name in ("hotfix", "more", "newest")}
        self.assertEqual(tags, {"hotfix": [("api", "v1.1.0"), ("worker", "v1.0.0")], "newest": [("api", "v1.0.0"), ("worker", "v1.1.0")],
                                "more": [("api", "v1.0.0"), ("search", "v1.0.0"), ("worker", "v1.1.0")]})
        self.assertIn("there is no environment 'none' in tenant 'default'; relmanctl get environments lists them", self.ctl("create", "release", "x", "--from-env", "none", "api", wanted=1))
        self.assertIn("which components?", self.ctl("create", "release", "x", "--from-env", "prod", wanted=2))
        for bad, says in ((("--from-env", "prod", "--from-latest", "api"), "with --from-latest use --pin-from prod"),
                          (("--pin-from", "prod", "api=1.0.0"), "to replace components of what an environment has: --from-env ENVIRONMENT")):
            self.assertIn(says, self.ctl("create", "release", "x", *bad, wanted=2))
        status, answer, _ = self.site.call("POST", "/api/v1/releases", {"name": "x", "components": [{"componentId": "api"}], "pinFrom": {"environmentId": "none"}})
        self.assertEqual((status, answer["pointer"]), (400, "/pinFrom/environmentId"))

    def test_status_is_0_only_when_all_is_well(self):
        out = self.ctl("status")
        for line in (r"^relmand +0\.", r"^specs +3 \(1 file\)$", r"^components +1$", r"^releases +0$", r"^environments +1$", r"^drift +0$"):
            self.assertRegex(out, re.compile(line, re.M))
        self.site.write("gone.yaml", f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: gone}}\nspec: {{imageRepository: {self.server.host}/gone}}\n")
        wait_for(lambda: "NotFound" in subprocess.run([os.path.join(relman.BUILDDIR, "relmanctl"), "status"], capture_output=True, text=True,
                                                      env=self.env).stdout, what="trouble")
        out = self.ctl("status", wanted=1)
        self.assertRegex(out, r"components +2 \(1 failing\)")
        self.assertRegex(out, r"Component +gone +Ready +NotFound ")
        self.assertEqual(json.loads(self.ctl("status", "-o", "json", wanted=1))["nTroubles"], 1)
        self.site.write("gone.yaml", "nonsense\n")
        wait_for(lambda: "1 error)" in self.ctl("status", wanted=1), what="spec error")

    def wait_for_status(self, condition):
        wait_for(lambda: condition(self.site.call("GET", "/api/v1/status")[1]), what="status")

    def environment(self, name):
        """Returns the state of an environment; {} if it has none yet."""
        status, environment, _ = self.site.call("GET", "/api/v1/environments/" + name)
        return (environment.get("state") or {}) if status == 200 else {}

    def status(self, wanted):
        """Returns the output of status below the counts, with times replaced."""
        out = self.ctl("status", wanted=wanted)
        self.assertRegex(out, r"\ndrift +0\n")
        return re.sub(r"\d{4}-\d\d-\d\dT[\d:]{8}Z", "TIME", out[out.index("\ndrift"):].split("\n", 2)[2]).replace(self.site.folder, "FOLDER")

    def test_status_lists_holds_and_deprecated_releases_without_failing(self):
        self.site.write("follower.yaml", """
apiVersion: relman/v1
kind: ReleaseStream
metadata: {name: app}
spec: {settle: 0s, components: [api]}
---
apiVersion: relman/v1
kind: Environment
metadata: {name: shop}
spec: {stream: app}
""")
        wait_for(lambda: self.site.call("GET", "/api/v1/environments/shop")[0] == 200, what="environment")
        self.server.push("app/api", "v1.2.0")
        self.ctl("sync", "api")
        wait_for(lambda: self.environment("shop").get("status") == "deployed", what="deployment of the stream")
        self.wait_for_status(lambda status: status["ok"])
        self.assertEqual(self.status(0), "")
        self.ctl("hold", "shop", "--reason", "freeze for audit")
        self.ctl("create", "release", "old", "api=1.0.0")
        self.ctl("promote", "old", "prod")
        wait_for(lambda: (self.environment("prod").get("release"), self.environment("prod").get("status")) == ("old", "deployed"), what="deployment")
        self.ctl("deprecate", "old", "--reason", "has a leak")
        self.ctl("create", "release", "unused", "api=1.0.0")
        self.ctl("deprecate", "unused")  # no line in the status, because no environment has it
        user = f"uid:{os.getuid()}"
        self.wait_for_status(lambda status: len(status["notices"]) == 2 and status["ok"])
        heading, columns, *lines = self.status(0).strip("\n").split("\n")
        self.assertEqual(heading, "for information, without effect on the exit status:")
        self.assertEqual(re.split(" {2,}", columns), ["KIND", "NAME", "CONDITION", "REASON", "SINCE", "MESSAGE"])
        self.assertEqual(sorted(re.split(" {2,}", line) for line in lines), [
            ["Environment", "prod", "Warning", "Deprecated", "TIME", f"runs deprecated release 'old': has a leak, by {user}"],
            ["Environment", "shop", "Held", "OnHold", "TIME", f"does not follow stream 'app': freeze for audit, by {user}; relmanctl resume shop ends it"]])
        answer = self.site.call("GET", "/api/v1/status")[1]
        self.assertEqual((answer["ok"], answer["nTroubles"], answer["troubles"], len(answer["notices"])), (True, 0, [], 2))

    def test_status_shows_the_warnings_of_specs(self):
        def write(n):
            self.site.write("warn.yaml", "---\n".join("apiVersion: relman/v1\nkind: Release\nmetadata: {name: w%02d}\nspec: {mode: pinned, components: [{name: api, version: one}]}\n" % i for i in range(n)))
            self.wait_for_status(lambda status: status["specs"]["warnings"] == n)
        write(1)
        first = ("FOLDER/specs/warn.yaml:4:35: warning: release 'w00': component 'api' can have no version 'one', by its strategy (semver): "
                 "'one' stands where a number must stand: not semver\n")
        self.assertIn("\n" + first, self.status(1))
        write(12)
        out = self.status(1)
        self.assertEqual((out.count(": warning: "), out.count("and 2 more warnings; relmanctl lint DIR lists all\n")), (10, 1))

    def test_status_names_broken_spec_files_and_failing_receivers(self):
        for i in range(11):
            self.site.write(f"bad{i:02}.yaml", "apiVersion: relman/v1\nkind: Environment\nmetadata: {name: e%d}\nspec: {strem: x}\n---\nnonsense\n" % i)
        self.wait_for_status(lambda status: status["specs"]["errors"] == 22)
        shown = [f'FOLDER/specs/bad{i:02}.yaml:4:8: error: unknown field "strem" in Environment; did you mean "stream"?\n' for i in range(10)]
        self.assertEqual(self.status(1), "\n" + "".join(shown) + "and 1 more broken file; relmanctl lint DIR lists all\n")
        self.site.write("bad11.yaml", "nonsense\n")
        self.wait_for_status(lambda status: status["specs"]["errors"] == 23)
        self.assertEqual(self.status(1), "\n" + "".join(shown) + "and 2 more broken files; relmanctl lint DIR lists all\n")
        for i in range(12):
            os.unlink(os.path.join(self.site.folder, "specs", f"bad{i:02}.yaml"))
        self.wait_for_status(lambda status: status["ok"])
        self.site.stop()
        self.site.start(f"poll: {{interval: 1h}}\nevents: {{webhooks: [{{name: chat, url: 'http://127.0.0.1:9/', firstSync: true}}]}}\n")
        self.ctl("create", "release", "new", "api=1.0.0")
        self.wait_for_status(lambda status: status["receivers"]["failing"] == 1)
        problem = json.loads(self.ctl("get", "receivers", "-o", "json"))[0]["conditions"][0]["message"]
        self.assertIn("POST http://127.0.0.1:9: ", problem)
        lines = self.status(1).strip("\n").split("\n")
        self.assertEqual([re.split(" {2,}", line) for line in lines], [["KIND", "NAME", "CONDITION", "REASON", "SINCE", "MESSAGE"],
                                                                      ["Receiver", "chat", "Ready", "NotDelivered", "TIME", problem]])

    def test_describe_tells_all_of_an_object(self):
        self.ctl("create", "release", "one", "api=1.0.0")
        self.ctl("promote", "one", "prod")
        wait_for(lambda: "deployed" in self.ctl("get", "environments"), what="deployment")
        for kind, name, wanted in (("component", "api", ("imageRepository:", "versions, newest first:", "2.0.0-rc.1  v2.0.0-rc.1", "releases, newest first:")),
                                   ("release", "one", ("semver: 1.0.0", "where it is:", "where it was:", "promoting")),
                                   ("environment", "prod", ("deployedBy: uid:", "history, newest first:")), ("registry", "r", ("concurrency:",))):
            out = self.ctl("describe", kind, name)
            for text in wanted:
                self.assertIn(text, out, kind)
        self.ctl("describe", "component", "none", wanted=1)
        self.assertIn("did you mean 'release'", self.ctl("describe", "relase", "one", wanted=2))

    def test_explain_asks_the_daemon_for_rules_and_tags(self):
        self.server.push("app/api", "latest")
        self.server.push("app/api", "v1.2.0")
        self.ctl("sync", "api", "--wait")
        known = json.loads(self.ctl("explain", "api", "-o", "json"))
        offline = json.loads(self.ctl("explain", "api", "-o", "json", "--specs", self.site.specs))
        self.assertEqual(known, offline)
        self.assertEqual((known["selected"], [t["tag"] for t in known["tags"]]), ("v1.2.0", ["v2.0.0-rc.1", "v1.2.0", "v1.1.0", "v1.0.0", "latest"]))
        self.assertEqual(json.loads(self.ctl("explain", "api", "-o", "json", "--range", "~1.1"))["selected"], "v1.1.0")
        self.assertIn("'latest' stands where a number must stand", self.ctl("explain", "api", "latest"))
        self.assertIn("there is no component 'none' in tenant 'default'; relmanctl get components lists them", self.ctl("explain", "none", wanted=1))
        self.assertEqual(yaml.safe_load(self.ctl("explain", "api", "-o", "yaml")), known)
        self.assertIn("'v1.2' is none of the 5 tags of component 'api'; did you mean 'v1.2.0'?", self.ctl("explain", "api", "v1.2", wanted=1))

    def test_tags_are_listed_with_what_they_led_to(self):
        first = self.server.digest("app/api", "v1.1.0")
        moved = self.server.push("app/api", "v1.1.0", "moved")
        self.ctl("sync", "api")
        self.assertRegex(self.ctl("get", "tags", "api"), rf"v1.1.0 +{moved} ")
        status, page, _ = self.site.call("GET", "/api/v1/components/api/tags?limit=2")
        status, rest, _ = self.site.call("GET", "/api/v1/components/api/tags?limit=2&afterTag=" + page["meta"]["next"])
        self.assertEqual([t["tag"] for t in page["data"] + rest["data"]], ["v1.0.0", "v1.1.0", "v2.0.0-rc.1"])
        self.assertIsNone(rest["meta"]["next"])
        status, tag, _ = self.site.call("GET", "/api/v1/components/api/tags/v1.1.0")
        self.assertEqual((tag["digest"], [h["digest"] for h in tag["history"]]), (moved, [first]))

    def test_history_lineage_and_compare(self):
        for name, version in (("one", "1.0.0"), ("two", "1.1.0")):
            self.ctl("create", "release", name, "api=" + version)
            self.ctl("promote", name, "prod")
            wait_for(lambda: f"{name}  " in self.ctl("get", "environments") and "deployed" in self.ctl("get", "environments"), what=name)
        rows = [line.split()[1:4] for line in self.ctl("history", "prod").splitlines()]
        self.assertEqual(rows, [["ENVIRONMENT", "RELEASE", "STATUS"], ["prod", "two", "deployed"], ["prod", "two", "promoting"],
                                ["prod", "one", "deployed"], ["prod", "one", "promoting"]])
        self.assertEqual(len(self.ctl("history", "prod", "--page-size", "1").splitlines()), 2)
        self.assertRegex(self.ctl("describe", "environment", "prod"),
                         r"\n\ncomponents:\nNAME +VERSION +TAG +DIGEST *\napi +1.1.0 +v1.1.0 +" + self.server.digest("app/api", "v1.1.0") + r" *\n\nhistory, newest first:\n")
        self.site.wait_log("release 'one' is ready: 1 component\n")
        out = self.ctl("lineage", "one")
        self.assertRegex(out, r"(?m)^release +one \(ready\)$")
        self.assertEqual([line.split()[1:4] for line in out.splitlines() if " prod " in line], [["prod", "one", "promoting"], ["prod", "one", "deployed"]])
        old, new = (self.server.digest("app/api", v)[:19] for v in ("v1.0.0", "v1.1.0"))
        self.assertEqual([line.split() for line in self.ctl("compare", "one", "two").splitlines()[1:]], [["api", "upgrade", "1.0.0", old, "1.1.0", new]])
        self.assertIn(" downgrade ", self.ctl("compare", "two", "one"))
        self.assertIn("there is no release 'none' in tenant 'default'", self.ctl("compare", "one", "none", wanted=1))

    def promote(self, name, version):
        self.ctl("create", "release", name, "api=" + version)
        self.ctl("promote", name, "prod", "--wait")
        return self.on_disk("environments/prod.lock.yaml")

    def on_disk(self, name):
        with open(os.path.join(self.site.locks, "default", name)) as f:
            return f.read()

    def test_lock_prints_the_bytes_that_are_on_disk(self):
        self.assertEqual(self.ctl("lock", "prod", wanted=1),
                         "relmanctl: error: environment 'prod' has no lockfile: nothing is deployed there; relmanctl promote RELEASE prod\n")
        self.assertEqual(self.promote("one", "1.0.0"), self.ctl("lock", "prod"))
        self.assertIn("environment: prod\n", self.ctl("lock", "environment/prod"))
        self.assertEqual(self.on_disk("releases/one.lock.yaml"), self.ctl("lock", "one"))
        self.ctl("create", "release", "prod", "api=1.0.0")  # prod is also the name of an environment
        self.assertEqual(self.on_disk("releases/prod.lock.yaml"), self.ctl("lock", "release/prod"))
        self.assertEqual(self.on_disk("environments/prod.lock.yaml"), self.ctl("lock", "prod"))
        for name in ("environments/prod", "releases/one"):
            status, text, headers = self.site.call("GET", f"/api/v1/{name}/lock")
            self.assertEqual((status, text, headers["Content-Type"]), (200, self.on_disk(name + ".lock.yaml"), "application/yaml"))
            digest = re.search(r"^lockDigest: (\S+)$", text, re.M)[1]
            self.assertEqual(headers["ETag"], f'"{digest}"')
            status, text, headers = self.site.call("GET", f"/api/v1/{name}/lock", headers={"If-None-Match": headers["ETag"]})
            self.assertEqual((status, text), (304, ""))
            status, answer, headers = self.site.call("GET", f"/api/v1/{name}/lock", headers={"Accept": "application/json; q=1", "If-None-Match": f'"{digest}"'})
            self.assertEqual((status, answer["lockDigest"], headers["ETag"]), (200, digest, f'"{digest}-json"'))
            self.assertEqual(self.site.call("GET", f"/api/v1/{name}/lock", headers={"Accept": "text/html"})[0], 406)
        self.ctl("archive", "prod")
        self.assertEqual(self.ctl("lock", "release/prod", wanted=1), "relmanctl: error: release 'prod' has no lockfile: its status is archived\n")
        self.assertEqual(self.ctl("lock", "none", wanted=1), "relmanctl: error: there is no environment and no release 'none'; relmanctl get environments and "
                                                             "relmanctl get releases list them\n")

    def test_lock_writes_any_format_and_waits_for_a_change(self):
        native = os.path.join(self.site.folder, "native.yaml")
        to = os.path.join(self.site.folder, "prod.env")
        text = self.promote("one", "1.0.0")
        with open(native, "w") as f:
            f.write(text)
        for form in ("dotenv", "compose", "json"):
            self.assertEqual(self.ctl("lock", "prod", "--format", form), self.ctl("render", native, "--format", form))
        self.ctl("lock", "prod", "--format", "kustomize", "--to", to + ".d")
        self.assertEqual(os.listdir(to + ".d"), ["kustomization.yaml"])
        self.assertIn("did you mean 'dotenv'?", self.ctl("lock", "prod", "--format", "dotnev", wanted=2))
        # a missing file counts as out of date
        self.assertEqual(self.ctl("lock", "prod", "--format", "dotenv", "--to", to, "--wait-change"), "")
        waiting = [subprocess.Popen([os.path.join(relman.BUILDDIR, "relmanctl"), "lock", "prod", "--wait-change", *more], stdout=subprocess.PIPE, text=True, env=self.env)
                   for more in (("--format", "dotenv", "--to", to), ())]
        for process in waiting:
            self.addCleanup(process.wait)
            self.addCleanup(process.kill)
        time.sleep(0.5)
        self.assertEqual([process.poll() for process in waiting], [None, None])
        text = self.promote("two", "1.1.0")
        self.assertEqual(waiting[1].communicate(timeout=60)[0], text)
        waiting[0].wait(60)
        with open(to) as f:
            self.assertEqual(f.read(), self.ctl("lock", "prod", "--format", "dotenv"))

    def test_verify_says_whether_a_file_is_what_an_environment_is_to_have(self):
        path = os.path.join(self.site.folder, "old.lock.yaml")
        with open(path, "w") as f:
            f.write(self.promote("one", "1.0.0"))
        self.assertEqual(self.ctl("verify", "prod", path), f"{path}: good: environment 'prod' is to have release 'one' (yaml)\n")
        self.promote("two", "1.1.0")
        self.assertEqual(self.ctl("verify", "prod", path, wanted=1),
                         f"{path}: is of release 'one' in environment 'prod', but environment 'prod' is to have release 'two'; relmanctl lock prod --to {path}\n")
        self.ctl("verify", path)  # the file is intact
        self.ctl("lock", "prod", "--format", "compose", "--to", path)
        self.assertEqual(self.ctl("verify", "prod", path), f"{path}: good: environment 'prod' is to have release 'two' (compose)\n")
        with open(path, "a") as f:
            f.write("# more\n")
        self.assertEqual(self.ctl("verify", "prod", path, wanted=1),
                         f"{path}: is not what environment 'prod' is to have, release 'two', in any format; relmanctl lock prod --format FORMAT --to {path}\n")
        self.assertIn("there is no environment 'prd' in tenant 'default'", self.ctl("verify", "prd", path, wanted=1))

    def test_release_comes_before_environment(self):
        """Arguments in the wrong order are accepted if only that meaning is possible."""
        hint = "hint: the order is relmanctl {} RELEASE ENVIRONMENT\n"
        self.ctl("create", "release", "one", "api=1.0.0")
        self.site.write("gate.yaml", "apiVersion: relman/v1\nkind: Environment\nmetadata: {name: gate}\nspec: {approvals: 2}\n")
        wait_for(lambda: self.site.call("GET", "/api/v1/environments/gate")[0] == 200, what="environment")
        out = self.ctl("approve", "one", "gate")
        person = re.search(r"approvals; (\S+) has approved it", out)[1]
        self.assertEqual(out, f"environment 'gate': release 'one' has 1 of 2 approvals; {person} has approved it; waits for 1 more approval (relmanctl approve one gate)\n")
        again = out.replace(" has approved it", "'s approval was already counted")
        self.assertEqual(self.ctl("approve", "one", "gate"), again)
        self.assertEqual(sorted(self.ctl("approve", "gate", "one").splitlines(True)), sorted([hint.format("approve"), again]))
        self.assertIn(hint.format("promote"), self.ctl("promote", "prod", "one", "--wait"))
        self.assertEqual(self.environment("prod")["release"], "one")
        self.assertIn("there is no environment 'none'", self.ctl("approve", "one", "none", wanted=1))
        self.assertIn("there is no release 'none'", self.ctl("promote", "none", "prod", wanted=1))
        # the order as typed is preferred: prod is also a release
        self.ctl("create", "release", "prod", "api=1.1.0")
        self.assertNotIn("hint", self.ctl("promote", "prod", "prod", "--wait"))
        self.assertEqual(self.environment("prod")["release"], "prod")

    def test_kinds_may_be_abbreviated(self):
        self.ctl("create", "release", "one", "api")
        for short, kind in (("env", "environments"), ("comp", "components"), ("rel", "releases"), ("reg", "registries"), ("str", "streams"), ("co", "components"), ("cal", "calendars")):
            self.assertEqual(self.ctl("get", short, "-o", "json"), self.ctl("get", kind, "-o", "json"))
        self.assertEqual(self.ctl("describe", "env/prod"), self.ctl("describe", "environment", "prod"))
        self.assertEqual(self.ctl("get", "rel/one"), self.ctl("get", "release", "one"))
        self.assertEqual(self.ctl("lock", "rel/one"), self.ctl("lock", "release/one"))
        self.assertEqual(self.ctl("events", "--object", "rel/one", "-o", "json"), self.ctl("events", "--object", "release/one", "-o", "json"))
        self.assertIn("unknown kind 'x'; there are: releases, environments", self.ctl("get", "x", wanted=2))
        self.assertIn("unknown kind 'component'; there are: environment, release", self.ctl("lock", "comp/api", wanted=2))

    def test_the_kinds_of_an_ambiguous_abbreviation_are_named(self):
        error = "relmanctl: error: kind '{}' is ambiguous: it may be {}; type more letters\n"
        for short, kinds in (("c", "component or calendar"), ("r", "release, registry or receiver"), ("re", "release, registry or receiver"), ("t", "tenant or tag")):
            for call in (("get", short), ("describe", short, "x"), ("describe", short + "/x"), ("lock", short + "/x"), ("events", "--object", short + "/x")):
                self.assertEqual(self.ctl(*call, wanted=2), error.format(short, kinds), call)
        for short, kind in (("e", "environments"), ("s", "streams"), ("ca", "calendars"), ("rec", "receivers"), ("te", "tenants"), ("o", "outputs")):
            self.assertEqual(self.ctl("get", short, "-o", "json"), self.ctl("get", kind, "-o", "json"))
        for short, kind in (("v", "versions"), ("ta", "tags")):
            self.assertEqual(self.ctl("get", short, "api", "-o", "json"), self.ctl("get", kind, "api", "-o", "json"))

    def test_the_options_of_an_ambiguous_abbreviation_are_named(self):
        for call, options in ((("get", "releases", "--pag", "1"),
                               "'--pag' is ambiguous: it may be --page or --page-size; see relmanctl help get"),
                              (("create", "--dis", "x"), None),
                              (("explain", "--t=x", "api"),
                               "'--t' is ambiguous: it may be --tenant or --tags; see relmanctl help explain")):
            out = self.ctl(*call, wanted=2)
            self.assertEqual(out, f"relmanctl: error: option {options}\n") if options else self.assertNotIn("ambiguous", out)
        # a complete name is not ambiguous, even if other names begin with it
        self.assertEqual(self.ctl("get", "releases", "--page", "1"), self.ctl("get", "releases"))

    def test_digests_may_be_abbreviated_and_versions_have_a_v_or_none(self):
        digest = self.server.digest("app/api", "v1.0.0")
        for i, short in enumerate((digest[:15], digest[7:15], digest[:40])):
            self.assertEqual(self.ctl("create", "release", f"r{i}", "api@" + short, "-o", "name"), f"release/r{i}\n")
            self.assertEqual(json.loads(self.ctl("get", "release", f"r{i}", "-o", "json"))["components"][0]["digest"], digest)
        self.ctl("create", "release", "other", "api=1.1.0")
        for short in (digest[:15], digest[7:15], digest):
            self.assertEqual(self.ctl("get", "releases", "--digest", short, "-o", "name").split(), ["release/r2", "release/r1", "release/r0"])
        for bad in (digest[:14], digest[7:14], "md5:" + digest[7:20], digest[:14] + "x"):
            self.assertEqual(self.ctl("get", "releases", "--digest", bad, wanted=1),
                             "relmanctl: error: parameter digest: a digest, or 8 or more of its first hex digits\n")
        none = ("0" if digest[7] != "0" else "1") * 8
        self.assertEqual(self.ctl("create", "release", "x", "api@" + none, wanted=2),
                         f"relmanctl: error: component 'api' has no digest that begins with '{none}'; relmanctl get versions api -o wide lists them\n")
        self.assertEqual(self.ctl("explain", "api", "1.0.0"), self.ctl("explain", "api", "v1.0.0"))
        self.ctl("create", "release", "v", "api=v1.0.0")
        self.assertEqual(json.loads(self.ctl("get", "release", "v", "-o", "json"))["components"][0]["tag"], "v1.0.0")

    def test_what_name_prints_is_understood(self):
        self.ctl("create", "release", "one", "api")
        for what in ("component", "environment", "release", "registry"):
            for name in self.ctl("get", {"registry": "registries"}.get(what, what + "s"), "-o", "name").split():
                self.assertTrue(name.startswith(what + "/"), name)
                self.assertIn(name.split("/")[1], self.ctl("get", name))
                self.assertIn("name: " + name.split("/")[1], self.ctl("describe", name))

    def test_name_is_of_what_has_one_and_refused_of_the_rest(self):
        """-o name is an error for verbs whose output has no names, because a script would read their table as
        names."""
        for call, wanted in ((("create", "release", "one", "api"), "release/one"), (("create", "release", "two", "api=1.0.0"), "release/two"),
                             (("promote", "one", "prod"), "release/one"), (("sync", "api"), "component/api"),
                             (("resume", "prod"), "environment/prod"),
                             (("deprecate", "two"), "release/two"), (("archive", "two"), "release/two")):
            self.assertEqual(self.ctl(*call, "-o", "name"), wanted + "\n", call)
        before = self.site.stored.count("audit")
        tables = "table, wide, json or yaml"
        for call, takes in ((("history", "prod"), tables), (("lineage", "one"), tables), (("compare", "one", "two"), tables), (("events",), tables), (("audit",), tables),
                            (("changes", "prod", "--from", "2020-01-01T00:00:00Z"), tables), (("status",), tables), (("describe", "release", "one"), tables),
                            (("explain", "api"), tables), (("confirm-prune",), tables), (("plan", self.site.specs), "text, markdown, json or yaml")):
            self.assertEqual(self.ctl(*call, "-o", "name", wanted=2), f"relmanctl: error: -o of {call[0]} takes {takes}, not 'name'\n")
            self.assertNotIn("name", self.complete(call[0], "-o", ""))
            self.assertIn("-o " + takes.replace(", ", "|").replace(" or ", "|"), self.ctl("help", call[0]))
        self.assertIn("backup takes no -o; see relmanctl help backup", self.ctl("backup", "x.db", "-o", "json", wanted=2))
        self.assertIn("-o of get takes table, wide, json, yaml or name, not 'nmae'", self.ctl("get", "releases", "-o", "nmae", wanted=2))
        self.assertEqual(self.site.stored.count("audit"), before)
        self.assertIn("Nothing would change", self.ctl("plan", self.site.specs, "--output=markdown"))

    def test_every_verb_says_what_it_takes(self):
        verbs = re.findall(r"^  (\S+)", self.ctl("help").split("\nrelmanctl help VERB")[0], re.M)
        self.assertGreater(len(verbs), 25)
        for verb in verbs:
            for call in ((verb, "--help"), ("--help", verb), ("help", verb)) if verb != "complete" else (("help", verb),):
                out = self.ctl(*call)
                self.assertTrue(out.startswith(f"Usage: relmanctl {verb}"), call)
                self.assertEqual(len(re.findall(r"^  relmanctl |^  relmanctl$", out.split("Examples:\n")[1], re.M)), 2, out)
        self.assertIn("did you mean 'status'? see relmanctl help", self.ctl("statu", wanted=2))

    def test_help_lists_verbs_in_groups(self):
        out = self.ctl("help")
        self.assertEqual(re.findall(r"^(\w.*):$", out, re.M), ["Inspect", "Release", "Promote", "Administer", "Work offline"])
        self.assertLessEqual(max(map(len, out.splitlines())), 80, out)
        self.assertEqual(self.ctl("--help"), out)
        self.assertEqual(self.ctl(wanted=2), out)
        self.assertEqual(self.ctl("--version"), self.ctl("version"))
        self.assertEqual(self.ctl("help", "hold"), """Usage: relmanctl hold ENVIRONMENT [--reason TEXT]

Hold an environment: nothing is promoted until resume.

Common options:
  --socket PATH  ask the daemon on this socket (RELMAN_SOCKET)
  --url URL      ask the daemon over TCP (RELMAN_URL, RELMAN_TOKEN)
  --ca-file PEM  trust this authority for https (RELMAN_CA_FILE)
  --tenant NAME  act in this tenant (RELMAN_TENANT)
  -o table|wide|json|yaml|name
  --output-version 1|2  shape of lists in json and yaml (RELMAN_OUTPUT_VERSION)

Examples:
  relmanctl hold prod
  relmanctl hold prod --reason 'freeze for the audit'

See relmanctl(1).
""")

    def test_options_are_taken_before_the_verb_too(self):
        nowhere = dict(self.env, RELMAN_SOCKET="/none")
        for call in (("--socket", self.site.socket, "status"), ("--socket=" + self.site.socket, "-o", "table", "status"), ("--sock", self.site.socket, "status")):
            self.assertIn("\ncomponents    1\n", self.ctl(*call, env=nowhere))
        self.ctl("--socket", self.site.socket, "-o", "name", "--idempotency-key", "k", "create", "--label", "a=b", "release", "one", "api", env=nowhere)
        self.assertEqual(json.loads(self.ctl("-ojson", "get", "--limit", "1", "components"))[0]["name"], "api")
        self.assertEqual(self.ctl("--wait", "-o", "name", "promote", "one", "prod"), "release/one\n")
        self.assertEqual(self.ctl("--socket", self.site.socket, wanted=2), "relmanctl: error: no verb after the options; see relmanctl help\n")
        self.assertIn("unknown verb '/none'", self.ctl("--wait", "/none", "status", wanted=2))
        self.assertEqual(self.ctl("--tenant", "x", "lint", self.site.specs, wanted=2), "relmanctl: error: unknown option '--tenant'; see relmanctl help lint\n")
        for words in (("--tenant", "x"), ("--socket=/none", "--url", "http://127.0.0.1:1", "--ca-file", "x"), ("--output-version", "2")):
            self.assertEqual(self.ctl(*words, "help", "guess"), self.ctl("help", "guess"))
            self.assertEqual(self.ctl("help", *words, "guess"), self.ctl("help", "guess"))
            self.assertEqual(self.ctl(*words, "help"), self.ctl("help"))
            self.assertEqual(self.ctl(*words, "--help"), self.ctl("help"))
        self.assertEqual(self.ctl("help", "--tennant", "x", "guess", wanted=2),
                         "relmanctl: error: unknown option '--tennant'; did you mean '--tenant'? see relmanctl help help\n")
        self.assertEqual(self.complete("--socket", self.site.socket, "prom"), ["promote"])
        self.assertEqual(self.complete("--socket", self.site.socket, "describe", "environment", ""), ["prod"])

    def test_the_environment_says_where_to_ask(self):
        port = relman.free_port()
        self.site.stop()
        token = self.ctl("token", "ci").split("\n")
        with open(os.path.join(self.site.folder, "tokens"), "w") as f:
            f.write(token[4] + "\n")
        os.chmod(f.name, 0o600)
        self.site.start(f"poll: {{interval: 1h}}\napi: {{socket: {self.site.socket}, listen: ['127.0.0.1:{port}'], tokenFile: {f.name}}}\n")
        url = dict(self.env, RELMAN_SOCKET="/none", RELMAN_URL=f"http://127.0.0.1:{port}", RELMAN_TOKEN=token[1])
        self.assertIn("\ncomponents    1\n", self.ctl("status", env=url))
        # the command line overrides the environment
        self.assertIn("at '/other'", self.ctl("status", "--socket", "/other", env=url, wanted=2))
        self.assertIn("\ncomponents    1\n", self.ctl("status", "--url", url["RELMAN_URL"], env=dict(url, RELMAN_URL="http://127.0.0.1:9")))
        self.assertIn("there is no tenant 'none'", self.ctl("status", env=dict(url, RELMAN_TENANT="none"), wanted=1))
        self.ctl("status", "--tenant", "default", env=dict(url, RELMAN_TENANT="none"))
        self.assertIn("/none.pem", self.ctl("status", env=dict(url, RELMAN_URL=f"https://127.0.0.1:{port}", RELMAN_CA_FILE="/none.pem"), wanted=2))
        for bad in (("status", "--url", "127.0.0.1:1"), ("status", "--url", "ftp://x")):
            self.assertEqual(self.ctl(*bad, wanted=2), f"relmanctl: error: --url and RELMAN_URL begin with http:// or https://, not '{bad[2]}'\n")

    def test_a_slip_is_told_with_what_there_is(self):
        for call, wanted, says in (
                (("get", "pods"), 2, "unknown kind 'pods'; there are: releases, environments, components, registries"),
                (("get", "components", "--chanel", "x"), 2, "unknown option '--chanel'; did you mean '--channel'? see relmanctl help get"),
                (("get", "components", "--chanel=x"), 2, "unknown option '--chanel'; did you mean '--channel'?"),
                (("status", "--socket"), 2, "option '--socket' needs a value; see relmanctl help status"),
                (("get", "components", "--status", "ready"), 2, "--status does not go with components; what does: --limit, --label and --text"),
                (("get", "releases", "--component", "none"), 1, "parameter componentId: there is no component 'none' in tenant 'default'"),
                (("get", "releases", "--page", "0"), 1, "parameter page: a number from 1 to 1000000, not '0'"),
                (("create", "release", "x", "--from-latest", "--pin-from", "none"), 1, "there is no environment 'none' in tenant 'default'"),
                (("status", "--socket", self.site.socket + ".none"), 2, ".none' (No such file or directory); is it running?")):
            self.assertIn(says, self.ctl(*call, wanted=wanted))
        status, answer, _ = self.site.call("GET", "/api/v1/releases?statsu=ready")
        self.assertEqual((status, answer["detail"]), (400, "unknown parameter 'statsu'; did you mean 'status'?"))
        status, answer, _ = self.site.call("POST", "/api/v1/releases/from-latest", {"nam": "x"})
        self.assertEqual((status, answer["detail"], answer["pointer"]), (400, 'body: unknown field "nam"; did you mean "name"?', "/nam"))

    def test_yaml_says_what_json_says(self):
        self.ctl("create", "release", "one", "api")
        for what in (("get", "components"), ("get", "component", "api"), ("get", "release", "one"), ("get", "environments"), ("events",), ("status",)):
            text = self.ctl(*what, "-o", "yaml")
            self.assertEqual(yaml.safe_load(text), json.loads(self.ctl(*what, "-o", "json")), text)

    def test_output_version_2_has_one_shape_for_every_list(self):
        self.ctl("create", "release", "one", "api")
        self.ctl("promote", "one", "prod", "--wait")
        second = ("--output-version", "2")
        for what in ("components", "environments", "registries", "streams", "tenants", "receivers", "releases", "versions api", "tags api",
                     "history prod", "events --all", "events --limit 1", "audit", "components --limit 1"):
            call = what.split() if what.split()[0] in ("history", "events", "audit") else ("get", *what.split())
            first = json.loads(self.ctl(*call, "-o", "json"))
            wanted = {"items": first["data"], "meta": first["meta"]} if isinstance(first, dict) else {"items": first, "meta": {}}
            self.assertEqual(json.loads(self.ctl(*call, "-o", "json", *second)), wanted, what)
            self.assertEqual(yaml.safe_load(self.ctl(*call, "-o", "yaml", *second)), wanted, what)
            self.assertEqual(self.ctl(*call, "-o", "json", "--output-version", "1"), self.ctl(*call, "-o", "json"))
        # single objects, tables and names are the same in both versions
        for call in (("get", "release", "one", "-o", "json"), ("get", "components"), ("get", "components", "-o", "name")):
            self.assertEqual(self.ctl(*call, *second), self.ctl(*call))
        self.assertEqual(self.ctl("get", "components", "-o", "json", env=dict(self.env, RELMAN_OUTPUT_VERSION="2")),
                         self.ctl("get", "components", "-o", "json", *second))
        says = "relmanctl: error: --output-version and RELMAN_OUTPUT_VERSION take 1 or 2, not '3'\n"
        self.assertEqual(self.ctl("get", "components", "--output-version", "3", wanted=2), says)
        self.assertEqual(self.ctl("get", "components", env=dict(self.env, RELMAN_OUTPUT_VERSION="3"), wanted=2), says)
        self.assertIn("--output-version", self.complete("get", "--out"))

    def test_a_table_fits_a_terminal_without_cutting_the_answer(self):
        self.server.push("app/old", "v1.0.0")
        self.site.write("more.yaml", "apiVersion: relman/v1\nkind: Component\nmetadata: {name: broken}\nspec: {imageRepository: 127.0.0.1:1/none}\n")
        self.ctl("create", "release", "one", "api=1.0.0")
        self.ctl("promote", "one", "prod", "--wait")
        wait_for(lambda: self.site.call("GET", "/api/v1/status")[1]["troubles"], what="problem")

        def tables(*call, columns=80):
            out = self.terminal(*call, columns=columns, env={"NO_COLOR": "1"}).replace("\r", "")
            self.assertLessEqual(max(map(len, out.splitlines())), columns, out)
            return out
        for columns in (80, 60, 52):  # the history fits 52 also if it is some minutes old
            # the table has every word of the message, in this order
            message = self.site.call("GET", "/api/v1/status")[1]["troubles"][0]["message"]
            words = [w for w in message.split() if len(w) < 30 and not w[0].isdigit()]
            self.assertRegex(tables("status", columns=columns), r"(?s)KIND +NAME +REASON.*\nComponent +broken +Unreachable.*" + r".*".join(map(re.escape, words)))
            for call, headings in ((("get", "environments"), "NAME RELEASE STATUS"), (("get", "components"), "NAME CHANNELS CONDITIONS"),
                                   (("get", "tags", "api"), "TAG DIGEST"), (("history", "prod"), "AT ENVIRONMENT RELEASE STATUS REASON"),
                                   (("events",), "AT TYPE OBJECT")):
                out = tables(*call, columns=columns)
                self.assertTrue(set(headings.split()) <= set(out.splitlines()[0].split()), out)
                if columns > 52:
                    self.assertNotIn("…", out)
        out = tables("get", "components")
        self.assertIn("rc=v2.0.0-rc.1,stable=v1.1.0", out)
        self.assertNotIn("rc=v2.0.0-rc.1,stable=v1.1.0", tables("get", "components", columns=40))
        self.assertRegex(tables("get", "components", columns=40), r"\napi +rc=v2.0.0-rc.1, +-\n +stable=v1.1.0")
        self.assertRegex(tables("get", "environments"), r"\nprod +one +deployed +\d+ (s|min) ago ")
        self.assertRegex(tables("get", "tags", "api"), r"\nv1.0.0 +" + self.server.digest("app/api", "v1.0.0")[:19] + r" ")
        # these outputs have complete times in UTC
        for out in (self.ctl("get", "tags", "api"), self.terminal("get", "tags", "api", "-o", "wide"), self.ctl("get", "tags", "api", "-o", "wide")):
            self.assertIn("FIRST SEEN", out)
            self.assertRegex(out, r"v1.0.0 +" + self.server.digest("app/api", "v1.0.0") + r" +\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
        self.assertRegex(self.terminal("get", "environments", "-o", "wide", env={"NO_COLOR": "1"}), r"prod +one +deployed +\d{4}-\d\d-\d\dT")

    def test_events_are_listed_and_followed(self):
        self.assertRegex(self.ctl("events", "--after", "0", "--limit", "1"), r"^SEQUENCE +AT +TYPE +OBJECT +DATA\n1 +\S+ +component.created +api +-\n$")
        known = json.loads(self.ctl("events", "-o", "json"))["meta"]["next"]
        follower = subprocess.Popen([os.path.join(relman.BUILDDIR, "relmanctl"), "events", "--follow"], stdout=subprocess.PIPE, text=True, env=self.env)
        self.addCleanup(follower.wait)
        self.addCleanup(follower.kill)
        time.sleep(0.5)
        self.server.push("app/api", "v1.2.0")
        self.ctl("sync", "api")
        line = follower.stdout.readline()
        self.assertRegex(line, rf"^{known + 1} \S+ version.resolved 'api' tag=v1.2.0 semver=1.2.0 channel=stable$")
        self.assertIn("version.resolved", self.ctl("events", "--after", str(known)))

    def test_backup_keeps_the_last_ones_of_its_own(self):
        folder = os.path.join(self.site.folder, "backups")
        os.mkdir(folder)
        for name in ("relman-20200101T000000Z.db", "relman-20200102T000000Z.db", "relman-2020.db", "other.db", "relman-backup.partial"):
            with open(f"{folder}/{name}", "w") as f:
                f.write("left by a run that was killed" if "partial" in name else "")
        self.assertRegex(self.ctl("backup", "--keep", "2", folder), rf"^{folder}/relman-\d{{8}}T\d{{6}}Z.db: \d+ bytes\n$")
        kept = sorted(os.listdir(folder))
        self.assertEqual((len(kept), kept[:3]), (4, ["other.db", "relman-2020.db", "relman-20200102T000000Z.db"]))
        self.assertTrue(State(f"{folder}/{kept[3]}").is_intact())

    def test_a_backup_is_kept_whatever_the_clock_once_said(self):
        folder = os.path.join(self.site.folder, "backups")
        os.mkdir(folder)
        for year in ("9998", "9999"):
            with open(f"{folder}/relman-{year}0101T000000Z.db", "w"):
                pass
        made = os.path.basename(self.ctl("backup", "--keep", "2", folder).split(": ")[0])
        self.assertEqual(sorted(os.listdir(folder)), [made, "relman-99990101T000000Z.db"])

    def test_backup_that_cannot_be_kept_changes_nothing(self):
        folder = os.path.join(self.site.folder, "backups")
        os.mkdir(folder)
        with open(f"{folder}/relman-20200101T000000Z.db", "w"):
            pass
        for keep in ("0", "-1", "many", "10001"):
            self.assertIn(f"--keep takes a number from 1 to 10000, not '{keep}'", self.ctl("backup", "--keep", keep, folder, wanted=2))
        self.assertIn("cannot write '/none/", self.ctl("backup", "--keep", "1", "/none", wanted=2))
        holder = os.open(folder, os.O_RDONLY)
        self.addCleanup(os.close, holder)
        fcntl.flock(holder, fcntl.LOCK_EX)
        self.assertIn(f"another backup to '{folder}' is under way", self.ctl("backup", "--keep", "1", folder, wanted=2))
        fcntl.flock(holder, fcntl.LOCK_UN)
        self.site.stop()
        self.assertIn("does not answer", self.ctl("backup", "--keep", "1", folder, wanted=2))
        self.assertEqual(os.listdir(folder), ["relman-20200101T000000Z.db"])

    def test_backup_to_a_folder_is_refused_before_anything_is_fetched(self):
        folder = os.path.join(self.site.folder, "backups")
        os.mkdir(folder)
        says = "is a folder; name a file in it, or --keep N for the newest N there\n"
        for path, told in ((folder + "/", folder + "/"), (folder, folder), (folder + "/.", folder + "/."), (folder + "/../backups", folder + "/../backups")):
            self.assertEqual(self.ctl("backup", path, wanted=2), f"relmanctl: error: '{told}' {says}")
        self.assertNotIn("backup", self.ctl("audit"))
        self.assertEqual(os.listdir(folder), [])

    def test_backup_is_a_whole_database_taken_while_all_goes_on(self):
        path = os.path.join(self.site.folder, "copy.db")
        stop, made = threading.Event(), []

        def write():
            while not stop.is_set():
                made.append(self.ctl("create", "release", f"r{len(made)}", "api"))
        thread = threading.Thread(target=write)
        thread.start()
        wait_for(lambda: len(made) > 2, what="releases")
        self.assertRegex(self.ctl("backup", path), rf"^{path}: \d+ bytes\n$")
        stop.set()
        thread.join()
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.assertTrue(State(path).is_intact())
        self.assertGreater(State(path).count("releases"), 2)
        self.assertIn("is there already", self.ctl("backup", path, wanted=2))
        self.ctl("backup", "/none/copy.db", wanted=2)
        self.assertEqual([f for f in os.listdir(self.site.folder) if "tmp" in f or "partial" in f], [])
        self.assertRegex(self.ctl("audit"), "GET /api/v1/backup")
        # relmand can use the copy as its database
        self.site.stop()
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists(self.site.state + suffix):
                os.unlink(self.site.state + suffix)
        os.rename(path, self.site.state)
        self.site.start("poll: {interval: 1h}\n")
        self.assertIn("r0", self.ctl("get", "releases"))

    def test_audit_says_who_did_what(self):
        self.ctl("create", "release", "one", "api")
        self.ctl("create", "release", "one", "api", wanted=1)
        who = rf"uid:{os.getuid()} +{pwd.getpwuid(os.getuid()).pw_name} +unix"
        self.assertRegex(self.ctl("audit"), rf"^SEQUENCE +AT +WHO +PERSON +FROM +ACTION +OBJECT +RELEASE +OUTCOME\n"
                                            rf"1 +\S+ +{who} +POST /api/v1/releases +one +one +accepted\n"
                                            rf"2 +\S+ +{who} +POST /api/v1/releases +one +one +refused \(409\): there is a release 'one' already")

    def test_audit_lists_the_commands_about_one_object(self):
        self.ctl("create", "release", "one", "api")
        self.ctl("create", "release", "two", "api")
        self.assertEqual(re.findall(r"^(\d+) .* (\w+) +accepted$", self.ctl("audit", "--object", "rel/two"), re.M), [("2", "two")])
        self.assertIn("KIND/NAME", self.ctl("audit", "--object", "two", wanted=1))

    def test_numbers_agree_with_their_nouns(self):
        self.site.write("one.yaml", f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: one}}\n"
                                    f"spec: {{imageRepository: {self.server.host}/app/api, versioningStrategy: {{tagPattern: '^v1.0'}}}}\n")
        wait_for(lambda: self.site.call("GET", "/api/v1/components/one")[0] == 200, what="component")
        self.assertEqual(self.ctl("sync", "one"), "component 'one': 1 version\n")
        self.assertEqual(self.ctl("sync", "api"), "component 'api': 3 versions\n")
        self.assertEqual(self.ctl("confirm-prune"), "0 objects removed\n")
        path = os.path.join(self.site.folder, "prod.lock.yaml")
        with open(path, "w") as f:
            f.write(self.promote("r", "1.0.0"))
        self.assertRegex(self.ctl("verify", path), rf"^{path}: good: release r, 1 component, lockDigest sha256:\w{{64}}\n$")

    def test_sync_says_what_it_found(self):
        self.assertEqual(self.ctl("sync", "api"), "component 'api': 3 versions\n")
        self.server.push("app/api", "v1.2.0")
        self.assertEqual(self.ctl("sync", "api"), "component 'api': 4 versions\n  stable: v1.1.0 -> v1.2.0\n")
        self.ctl("create", "release", "one", "api")
        self.server.push("app/api", "v1.2.0", "other content")
        self.assertEqual(self.ctl("sync", "--all"), "component 'api': 4 versions\n  MoveNotAllowed: relmanctl describe component api\n")
        self.assertEqual(self.ctl("sync", "api"), "component 'api': 4 versions\n")

    def test_lint_checks_the_current_folder(self):
        r = subprocess.run([f"{relman.BUILDDIR}/relmanctl", "lint"], cwd=self.site.specs, capture_output=True, text=True)
        self.assertEqual((r.returncode, r.stdout), (0, "1 file, 3 objects: 0 errors, 0 warnings\n"))

    def test_several_syncs_of_which_one_fails(self):
        out = self.ctl("sync", "api", "none", "api", wanted=1)
        self.assertEqual(out.count("component 'api': 3 versions"), 2)
        self.assertIn("component 'none': there is no component 'none' in tenant 'default'; relmanctl get components lists them", out)

    def test_plan_foretells_a_release_that_is_not_admitted(self):
        release = "---\napiVersion: relman/v1\nkind: Release\nmetadata: {name: %s}\nspec: {mode: pinned, components: [{name: api, tag: v1.0.0}]}\n"
        self.site.write("one.yaml", release % "one")
        wait_for(lambda: self.site.lock("one"), what="release")
        digest = self.server.digest("app/api", "v1.0.0")
        for rule, problem in (("platforms: [linux/s390x]", f"v1.0.0 at {digest} lacks platform linux/s390x"),
                              ("deny: [{version: 1.0.0, reason: broken}]", "v1.0.0 is denied by deny[0]: broken"),
                              (f"deny: [{{digest: '{digest}', reason: worse}}]", "v1.0.0 is denied by deny[0]: worse")):
            tree = os.path.join(self.site.folder, "tree")
            shutil.rmtree(tree, ignore_errors=True)
            shutil.copytree(self.site.specs, tree)
            with open(os.path.join(tree, "all.yaml")) as f:
                text = f.read()
            with open(os.path.join(tree, "all.yaml"), "w") as f:
                f.write(text.replace("/app/api}", f"/app/api, {rule}}}"))
            with open(os.path.join(tree, "two.yaml"), "w") as f:
                f.write(release % "two")
            self.assertIn(f"  + two: draft, component 'api': {problem}\n", self.ctl("plan", tree))
            self.ctl("plan", tree, "--strict", wanted=1)

    def test_plan_shows_what_a_commit_would_change(self):
        self.site.write("more.yaml", f"""apiVersion: relman/v1
kind: Component
metadata: {{name: gone}}
spec: {{imageRepository: {self.server.host}/app/api, suspend: true}}
---
apiVersion: relman/v1
kind: ReleaseStream
metadata: {{name: nightly}}
spec: {{components: [api], nameTemplate: 'nightly-{{seq}}', settle: 1ms}}
---
apiVersion: relman/v1
kind: Environment
metadata: {{name: dev}}
spec: {{stream: nightly}}
""")
        self.site.write("one.yaml", "apiVersion: relman/v1\nkind: Release\nmetadata: {name: one}\n"
                                    "spec: {mode: pinned, components: [{name: api, version: 1.0.0}]}\n")
        wait_for(lambda: self.site.lock("one"), what="release")
        wait_for(lambda: "nightly-1" in self.ctl("get", "environments"), what="stream")
        tree = os.path.join(self.site.folder, "tree")
        shutil.copytree(self.site.specs, tree)
        self.assertEqual(self.ctl("plan", tree), "Nothing would change.\n")
        with open(os.path.join(tree, "other.yaml"), "w") as f:
            f.write("apiVersion: relman/v1\nkind: Environment\nmetadata: {name: theirs, tenant: other}\nspec: {}\n")
        self.assertEqual(self.ctl("plan", tree, "--tenant", "default"),
                         "\n1 document of other tenants: not part of this plan.\nNothing would change.\n")
        self.assertEqual(self.ctl("plan", tree), "Objects\n  + Environment theirs (tenant other): created\n")
        os.remove(os.path.join(tree, "other.yaml"))
        before = self.site.stored.count("events")

        def change(name, *edits, more=""):
            with open(os.path.join(tree, name)) as f:
                text = f.read()
            for old, new in edits:
                self.assertIn(old, text)
                text = text.replace(old, new)
            with open(os.path.join(tree, name), "w") as f:
                f.write(text + more)
        change("all.yaml", ("/app/api}", "/app/api, versionRules: [{pattern: '^v(1.0.*)$', channel: stable}]}"), ("name: prod}\nspec: {}", "name: prod}\nspec: {release: two}"))
        change("one.yaml", ("1.0.0", "1.1.0"), more="---\napiVersion: relman/v1\nkind: Release\nmetadata: {name: two}\nspec: {mode: full, components: [{name: api}]}\n"
               "---\napiVersion: relman/v1\nkind: Release\nmetadata: {name: three}\nspec: {mode: pinned, components: [{name: api, version: 7.0.0}]}\n")
        change("more.yaml", (f"kind: Component\nmetadata: {{name: gone}}\nspec: {{imageRepository: {self.server.host}/app/api, suspend: true}}\n---\napiVersion: relman/v1\n", ""))
        digest = self.server.digest("app/api", "v1.0.0")
        self.assertEqual(self.ctl("plan", tree, wanted=1), f"""Objects
  ~ Component api: updated
      + spec.versionRules[0]: {{"pattern":"^v(1.0.*)$","channel":"stable"}}
  ! Release one: refused
      {tree}/one.yaml:1: release 'one' is ready and its digests never change; give the changed document a new name
  + Release three: created
  + Release two: created
  ~ Environment prod: updated
      spec.release: nothing -> "two"
  - Component gone: deleted
Channels, by the tags that are known
  ~ api rc: v2.0.0-rc.1 -> nothing
  ~ api stable: v1.1.0 -> v1.0.0
Releases
  + three: draft, component 'api' has no version 7.0.0; it has 1 other: relmanctl get versions api
  + two: ready
      api 1.0.0 {digest}
Environments
  ~ dev: nightly-1 -> the next release of stream nightly
  ~ prod: nothing -> two
Warnings
  ! component 'api': channel 'rc' would no longer have a version
  ! release 'three' would stay a draft
""")
        self.assertEqual(self.ctl("plan", tree, "-o", "text", wanted=1), self.ctl("plan", tree, wanted=1))
        text = self.ctl("plan", tree, "-o", "markdown", wanted=1)
        self.assertIn(f"### Releases\n\n- `+` `three`: draft, component 'api' has no version 7.0.0; it has 1 other: relmanctl get versions api\n- `+` `two`: ready\n    - api 1.0.0 `{digest}`\n", text)
        self.assertIn("### Warnings\n\n- `!` component 'api': channel 'rc' would no longer have a version\n", text)
        answer = json.loads(self.ctl("plan", tree, "-o", "json", wanted=1))
        self.assertEqual(answer["environments"][1]["toRelease"], "two")
        self.assertIn({"kind": "Release", "tenant": "default", "name": "three", "message": "release 'three' would stay a draft"}, answer["warnings"])
        self.assertEqual(self.site.stored.count("events"), before)
        change("one.yaml", ("mode: full", "mode: ful"))
        self.assertIn('one.yaml:9:14: error:', self.ctl("plan", tree, wanted=1))
        self.ctl("plan", tree, "-o", "table", wanted=2)
        # the daemon makes the predicted change
        change("one.yaml", ("mode: ful,", "mode: full,"))
        shutil.rmtree(self.site.specs)
        shutil.copytree(tree, self.site.specs)
        self.site.kill(1)
        wait_for(lambda: self.site.lock("two"), what="release two")
        self.assertIn(digest, self.site.lock("two"))
        wait_for(lambda: " two " in self.ctl("get", "environment", "prod"), what="prod")

    def test_plan_asks_the_gates_of_a_promotion(self):
        self.site.write("more.yaml", "apiVersion: relman/v1\nkind: ReleaseStream\nmetadata: {name: s}\nspec: {components: [api], nameTemplate: 's-{seq}', settle: 1ms}\n---\n"
                                     "apiVersion: relman/v1\nkind: Environment\nmetadata: {name: dev}\nspec: {stream: s}\n---\n"
                                     "apiVersion: relman/v1\nkind: Environment\nmetadata: {name: live}\nspec: {stream: s, promotesFrom: dev, approvals: 2}\n---\n"
                                     "apiVersion: relman/v1\nkind: Environment\nmetadata: {name: lab}\nspec: {stream: s}\n")
        wait_for(lambda: self.ctl("get", "environments").count("s-1") >= 2, what="stream")
        self.ctl("hold", "lab", "--reason", "frozen")
        tree = os.path.join(self.site.folder, "tree")
        shutil.copytree(self.site.specs, tree)

        def change(name, old, new):
            with open(os.path.join(tree, name)) as f:
                text = f.read()
            self.assertIn(old, text)
            with open(os.path.join(tree, name), "w") as f:
                f.write(text.replace(old, new))
        change("all.yaml", "/app/api}", "/app/api, versionRules: [{pattern: '^v(1.0.*)$', channel: stable}]}")
        self.assertIn("Environments\n  ~ dev: s-1 -> the next release of stream s\n"
                      "  ~ lab: waits for the end of its hold (relmanctl resume lab), then gets the next release of stream s\n"
                      "  ~ live: waits for its deployment in environment 'dev' and 2 approvals, then gets the next release of stream s\n", self.ctl("plan", tree))
        # the stream makes no release if a component has no version
        change("all.yaml", "^v(1.0.*)$", "^x(.*)$")
        out = self.ctl("plan", tree)
        self.assertIn("api stable: v1.1.0 -> nothing\n", out)
        self.assertNotIn("Environments\n", out)
        self.assertEqual(out[out.index("Warnings"):], """Warnings
  ! component 'api': channel 'rc' would no longer have a version
  ! component 'api': channel 'stable' would no longer have a version
  ! stream 's' would make no release until component 'api' has a version in channel 'stable'
""")
        self.assertEqual(self.ctl("plan", tree, "--strict", wanted=1), out)
        # the release that dev has only lacks approvals
        shutil.rmtree(tree)
        shutil.copytree(self.site.specs, tree)
        change("more.yaml", "promotesFrom: dev, approvals: 2", "promotesFrom: dev, approvals: 1")
        self.assertIn("spec.approvals: 2 -> 1\nEnvironments\n  ~ live: waits for 1 approval, then gets s-1\n", self.ctl("plan", tree))

    def test_plan_fails_if_a_promotion_would_be_refused(self):
        release = "---\napiVersion: relman/v1\nkind: Release\nmetadata: {name: %s}\nspec: {mode: pinned, components: [{name: api, tag: v1.0.0}]}\n"
        self.site.write("one.yaml", release % "one" + release % "two")
        wait_for(lambda: self.site.lock("one") and self.site.lock("two"), what="releases")
        self.ctl("deprecate", "two")
        tree = os.path.join(self.site.folder, "tree")
        shutil.copytree(self.site.specs, tree)

        def write(prod):
            with open(os.path.join(tree, "all.yaml"), "w") as f:
                f.write(before.replace("name: prod}\nspec: {}", "name: prod}\nspec: {" + prod + "}"))
        with open(os.path.join(tree, "all.yaml")) as f:
            before = f.read()
        write("release: one")
        self.assertIn("  ~ prod: nothing -> one\n", self.ctl("plan", tree))
        write("release: two")
        self.assertIn("Environments\n  ! prod: release 'two' is deprecated and can no longer be promoted\n", self.ctl("plan", tree, wanted=1))
        # it fails no other pull request once it is merged
        with open(os.path.join(tree, "all.yaml")) as f:
            self.site.write("all.yaml", f.read())
        wait_for(lambda: "ReleaseNotPromotable" in self.ctl("get", "environments", "-o", "json"), what="the refusal")
        self.assertEqual(self.ctl("plan", tree), "Nothing would change.\n")

    def test_plan_of_a_part_says_that_the_guard_holds_what_is_not_in_it(self):
        part = os.path.join(self.site.folder, "part")
        os.mkdir(part)
        self.site.write("many.yaml", "---\n".join(f"apiVersion: relman/v1\nkind: Environment\nmetadata: {{name: e{i}}}\nspec: {{}}\n" for i in range(6)))
        wait_for(lambda: "e5" in self.ctl("get", "environments"), what="the environments")
        with open(os.path.join(part, "e0.yaml"), "w") as f:
            f.write("apiVersion: relman/v1\nkind: Environment\nmetadata: {name: e0}\nspec: {}\n")
        out = self.ctl("plan", part, wanted=1)
        self.assertIn("  - Environment e5: deleted\n      held back by the removal guard\n", out)
        self.assertIn("\nThe removal guard holds back the deletion of ", out)
        self.assertIn("plan the complete folder", out)

    # --- a terminal ---------------------------------------------------------------------------------

    def terminal(self, *args, columns=60, env=None, seconds=5, until=None):
        """Runs relmanctl on a terminal with this width; returns the output."""
        pid, fd = pty.fork()
        if pid == 0:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            os.execve(os.path.join(relman.BUILDDIR, "relmanctl"), ["relmanctl", *args], dict(self.env, TERM="xterm", **(env or {})))
        out = b""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not (until and until(out)):
            if not select.select([fd], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(fd, 65536)
            except OSError:
                break
            if not data:
                break
            out += data
        os.close(fd)
        try:
            os.kill(pid, 9)
        except ProcessLookupError:
            pass
        os.waitpid(pid, 0)
        return out.decode().replace("\r\n", "\n")

    def test_a_terminal_gets_colours_and_no_line_too_long(self):
        self.ctl("create", "release", "one", "api", "--display-name", "One")
        out = self.terminal("get", "release", "one")
        self.assertIn("\033[32mready\033[0m", out)
        plain = re.sub("\033\\[[0-9;]*m", "", out)
        self.assertLessEqual(max(len(line) for line in plain.splitlines()), 60, plain)
        self.assertIn("…", plain)
        self.assertIn(self.server.digest("app/api", "v1.1.0"), self.terminal("get", "release", "one", "-o", "wide"))
        self.assertNotIn("\033", self.terminal("get", "releases", env={"NO_COLOR": "1"}))
        self.assertNotIn("\033", self.ctl("get", "releases"))

    def test_watch_shows_what_changes(self):
        made = []

        def change(out):
            if b"NAME" in out and not made:
                made.append(True)
                self.ctl("create", "release", "later", "api")
            return b"later" in out
        out = self.terminal("get", "releases", "--watch=1", seconds=10, until=change)
        self.assertIn("later", out)
        self.assertGreaterEqual(out.count("\033[H\033[2J"), 2)
        for bad in (("sync", "api", "--watch"), ("get", "releases", "--watch=0")):
            self.ctl(*bad, wanted=2)

    def test_watch_separates_answers_in_a_pipe(self):
        with subprocess.Popen([f"{relman.BUILDDIR}/relmanctl", "get", "environments", "-o", "name", "--watch=1"], env=self.env, stdout=subprocess.PIPE, text=True) as process:
            lines = [process.stdout.readline() for _ in range(3)]
            process.kill()
        self.assertEqual(lines, ["environment/prod\n", "\n", "environment/prod\n"])

    def test_who_waits_sees_that_it_goes_on(self):
        gate = threading.Event()
        self.addCleanup(gate.set)

        def slow(handler):
            gate.wait(10)
            self.server.serve(handler, "/v2/app/api/tags/list")
        self.server.answers["GET /v2/app/api/tags/list"] = slow
        out = self.terminal("sync", "api", seconds=10, until=lambda out: gate.set() if b"2 s" in out else b"versions" in out)
        self.assertIn("waiting for relmand, 1 s", out)
        self.assertTrue(out.endswith("\r\033[Kcomponent 'api': 3 versions\n") or "3 versions" in out, out)

    # --- completion ---------------------------------------------------------------------------------

    def complete(self, *words):
        return self.ctl("complete", "--", *words).split()

    def test_verbs_options_values_and_names_complete(self):
        self.ctl("create", "release", "one", "api")
        for words, wanted in ((("prom",), ["promote"]), (("promote", ""), ["one"]), (("promote", "one", ""), ["prod"]), (("get", "comp"), ["components"]),
                              (("get", "components", "a"), ["api"]), (("describe", "environment", ""), ["prod"]), (("confirm", "prod", "--status", ""), ["deployed", "failed"]),
                              (("sync", "api", ""), ["api"]), (("token", "x", "--role", "w"), ["write"]), (("get", "releases", "-o", "y"), ["yaml"]),
                              (("promote", "one", "prod", "--w"), ["--wait"]), (("lint", ""), []), (("none", ""), []), (("hold", "--reason", ""), []),
                              (("hold", "--reason", "x", ""), ["prod"]), (("create", "release", "x", ""), ["api"]), (("lock", ""), ["prod", "one"]), (("verify", "p"), ["prod"]),
                              (("lock", "prod", "--format", "c"), ["compose"])):
            self.assertEqual(self.complete(*words), wanted, words)
        self.assertEqual(self.ctl("complete", "--", "promote", "", env=dict(self.env, RELMAN_SOCKET="/none")), "")

    def test_releases_that_a_verb_refuses_are_not_offered(self):
        for name in ("one", "old", "done"):
            self.ctl("create", "release", name, "api")
        self.ctl("deprecate", "old")
        self.ctl("archive", "done")
        for verb, wanted in (("promote", ["one"]), ("approve", ["one"]), ("reject", ["one"]), ("deprecate", ["one"]), ("archive", ["old", "one"]),
                             ("lineage", ["done", "old", "one"]), ("compare", ["done", "old", "one", "prod"]), ("confirm", ["old", "one"]),
                             ("lock", ["old", "one", "prod"])):
            self.assertEqual(sorted(self.complete(verb, "")), wanted, verb)
        self.assertEqual(sorted(self.complete("get", "releases", "")), ["done", "old", "one"])

    def test_a_page_of_releases_says_that_there_are_more(self):
        for i in range(5):
            self.ctl("create", "release", f"r{i}", "api")
        note = "relmanctl: note: page {} of 3, of 5 releases; --page {} has the next ones\n"
        for output in ("name", "wide"):
            for page in (1, 2):
                out = self.ctl("get", "releases", "--page-size", "2", "--page", str(page), "-o", output)
                self.assertTrue(out.endswith(note.format(page, page + 1)), out)
            self.assertNotIn("note", self.ctl("get", "releases", "--page-size", "2", "--page", "3", "-o", output))
        self.assertNotIn("note", self.ctl("get", "releases"))
        self.assertNotIn("note", self.ctl("get", "releases", "--page-size", "2", "-o", "json"))

    def test_tags_are_offered(self):
        tags = ["v1.0.0", "v1.1.0", "v2.0.0-rc.1"]
        for verb in ("explain", "allow-move"):
            self.assertEqual(self.complete(verb, "api", ""), tags)
            self.assertEqual(self.complete(verb, "api", "v1"), tags[:2])
            self.assertEqual(self.complete(verb, "none", ""), [])

    def test_bash_completes_a_line(self):
        self.ctl("create", "release", "one", "api")
        script = ('source <(relmanctl complete bash); COMP_WORDS=(relmanctl promote one p); COMP_CWORD=3; _relmanctl; echo "${COMPREPLY[@]}"; '
                  'COMP_WORDS=(relmanctl prom); COMP_CWORD=1; _relmanctl; echo "${COMPREPLY[@]}"')
        r = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True,
                           env=dict(self.env, PATH=relman.BUILDDIR + ":" + os.environ["PATH"]))
        self.assertEqual((r.stdout, r.stderr), ("prod\npromote\n", ""))
        for shell, check in (("zsh", ["zsh", "-n"]), ("fish", ["fish", "--no-execute"])):
            text = self.ctl("complete", shell)
            self.assertIn("relmanctl complete -- ", text)
            if subprocess.run(["sh", "-c", f"command -v {shell}"], capture_output=True).returncode == 0:
                self.assertEqual(subprocess.run(check, input=text, text=True, capture_output=True).returncode, 0, text)
        self.ctl("complete", "tcsh", wanted=2)


if __name__ == "__main__":
    relman.main()
