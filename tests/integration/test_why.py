#!/usr/bin/env python3
"""Tests relmanctl why on a real registry with each kind of obstacle. The complete output is compared with
golden/why.txt. UPDATE_GOLDEN=1 writes this file again."""

import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import MANIFEST, DockerRegistry, dump  # noqa: E402
from relman import BUILDDIR, SRCDIR, SiteCase, document, documents, wait_for  # noqa: E402

GOLDEN = os.path.join(SRCDIR, "tests/golden/why.txt")
CONFIG = "poll: {interval: 1h, jitter: 0%}\n"
HELM = "application/vnd.cncf.helm.config.v1+json"


def component(registry, name, spec=""):
    return document("Component", name, f"imageRepository: {registry.host}/app/{name}" + (spec and f", {spec}"))


def stream(name, components=None, more="", settle="0s"):
    return document("ReleaseStream", name, f"components: [{components or name}], nameTemplate: '{name}-{{seq}}', "
                                           f"settle: {settle}{more}")


class Case(SiteCase):
    @classmethod
    def setUpClass(cls):
        cls.registry = DockerRegistry()

    @classmethod
    def tearDownClass(cls):
        cls.registry.close()

    def ctl(self, *args):
        r = subprocess.run([f"{BUILDDIR}/relmanctl", *args], capture_output=True, text=True, timeout=60,
                           env=dict(os.environ, RELMAN_SOCKET=self.site.socket))
        return r.returncode, r.stdout + r.stderr

    def run_ctl(self, *args):
        status, text = self.ctl(*args)
        self.assertEqual(status, 0, f"{args}: {text}\n{self.site.log}")
        return text

    def push(self, name, *tags, platforms=("linux/amd64", "linux/arm64")):
        return [self.registry.push("app/" + name, tag, platforms=platforms) for tag in tags]

    def specs(self, *more):
        self.site.write("all.yaml", documents(*more, registry=self.registry))

    def wait_state(self, environment, release, status="deployed"):
        def there():
            state = self.get(f"environments/{environment}")["state"]
            return state and (state["release"], state["status"]) == (release, status)

        wait_for(there, 20, f"{environment} at {release} {status}")

    def wait_reason(self, path, reason):
        def ready():
            return [c["reason"] for c in self.get(path)["conditions"] if c["type"] == "Ready"] == [reason]

        wait_for(ready, 20, f"{path}: {reason}")

    def clean(self, text):
        text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", text)
        text = re.sub(r"sha256:[0-9a-f]{64}", "DIGEST", text)
        return text.replace(self.registry.host, "HOST").replace(self.site.folder, "SITE")

    def ask(self, commands):
        return "".join("$ relmanctl {}\n{}[{}]\n\n".format(command, self.clean(text), status)
                       for command in commands for status, text in [self.ctl(*command.split())])

    def check(self, section, *commands):
        """Runs each command and compares its output and exit status with the section of the golden file.
        Repeats this until they are equal, because the stream may be evaluated later."""
        with open(GOLDEN) as f:
            parts = re.split(r"^### (.*)\n", f.read(), flags=re.MULTILINE)
        sections = dict(zip(parts[1::2], parts[2::2]))
        if os.environ.get("UPDATE_GOLDEN"):
            time.sleep(2)
            sections[section] = self.ask(commands)
            with open(GOLDEN, "w") as f:
                f.write(parts[0] + "".join(f"### {name}\n{text}" for name, text in sections.items()))
        deadline = time.monotonic() + 20
        got = self.ask(commands)
        while got != sections.get(section) and time.monotonic() < deadline:
            got = self.ask(commands)
        self.maxDiff = None
        self.assertEqual(got, sections.get(section))


class Tags(Case):
    """Tests obstacles between the registry and the head of a channel."""

    def push_chart(self, name, tag):
        config = self.registry._put_blob("app/" + name, b'{"name": "c"}')
        self.registry.put_manifest("app/" + name, tag, dump(
            {"schemaVersion": 2, "mediaType": MANIFEST, "config": {"mediaType": HELM, "digest": config, "size": 13},
             "layers": []}), MANIFEST)

    def declare(self, *more, young=""):
        names = ("fine", "other", "denied", "bydigest", "platform", "chart", "young", "gone")
        self.specs(component(self.registry, "fine"),
                   component(self.registry, "rule", "versionRules: [{pattern: '^v(.*)$', channel: stable}]"),
                   component(self.registry, "other", "versionRules: [{pattern: '^v(.*)$', channel: stable}, "
                                                     "{pattern: '^beta-(.*)$', channel: beta}]"),
                   component(self.registry, "denied", "deny: [{version: 2.0.0, reason: it loses data}]"),
                   component(self.registry, "bydigest", f"deny: [{{digest: '{self.bad}', reason: it loses data}}]"),
                   component(self.registry, "platform", "platforms: [linux/arm64]"),
                   component(self.registry, "chart"), component(self.registry, "young", young),
                   component(self.registry, "gone"), component(self.registry, "missing"),
                   component(self.registry, "paused", "suspend: true"),
                   *[stream(name) for name in names], stream("none", "rule, missing, paused"),
                   *[document("Environment", name, f"stream: {name}") for name in (*names, "none")], *more)

    def test_each_obstacle_of_a_tag(self):
        for name in ("fine", "denied", "chart", "platform", "young", "gone", "paused"):
            self.push(name, "v1.0.0")
        self.push("other", "v1.0.0", "beta-2.0.0")
        self.push("rule", "main-1")
        self.push("denied", "v2.0.0")
        self.push("gone", "v2.0.0")
        self.bad = self.push("bydigest", "v1.0.0", "v2.0.0")[1]
        self.push("platform", "v2.0.0", platforms=("linux/amd64",))
        self.push_chart("chart", "v2.0.0")
        self.declare()
        self.site.start(CONFIG)
        for name in ("fine", "other", "denied", "bydigest", "platform", "chart", "young", "gone"):
            self.wait_state(name, name + "-1")
        for path, reason in (("components/missing", "NotFound"), ("components/rule", "NothingMatches"),
                             ("streams/none", "Incomplete")):
            self.wait_reason(path, reason)
        self.check("obstacles of a tag", "why fine fine", "why none rule", "why other other:beta-2.0.0",
                   "why denied denied", "why denied denied:v1.0.0", "why bydigest bydigest", "why platform platform",
                   "why chart chart", "why fine fine:v9", "why none missing", "why none paused", "why fine young",
                   "why none")
        # Component young gets a newer version that waits. The tag of the head of component gone is deleted.
        self.declare(young="minimumAge: 1h")
        wait_for(lambda: self.get("components/young").get("minimumAge") == "1h", 20, "minimumAge")
        self.push("young", "v2.0.0")
        self.registry.untag("app/gone", "v2.0.0")
        self.registry.push("app/fine", "v1.0.0", content="another")
        self.run_ctl("sync", "young", "gone", "fine", "--force")
        self.run_ctl("sync", "gone")
        self.check("a version that waits, a tag that was deleted, a tag that moved", "why young young", "why young",
                   "why gone gone", "why gone gone:v1.0.0", "why fine fine")

    def test_the_newest_build_is_shown_if_it_is_refused(self):
        name = "built"
        for tag, platforms, created in (("v3.0.0", ("linux/arm64",), "2026-01-01T00:00:00Z"),
                                        ("v1.0.0", ("linux/amd64",), "2026-03-01T00:00:00Z"),
                                        ("v2.0.0", ("linux/arm64",), "2026-02-01T00:00:00Z")):
            self.registry.push("app/" + name, tag, platforms=platforms, created=created)
        self.specs(component(self.registry, name, "versioningStrategy: {type: semver, orderBy: created}, "
                                                  "platforms: [linux/arm64]"),
                   stream(name), document("Environment", name, f"stream: {name}"))
        self.site.start(CONFIG)
        self.wait_state(name, name + "-1")
        self.check("an order by build time", f"why {name} {name}")

    def test_the_answer_of_the_api(self):
        self.bad = "sha256:" + 64 * "0"
        self.push("platform", "v1.0.0")
        self.push("platform", "v2.0.0", platforms=("linux/amd64",))
        self.declare()
        self.site.start(CONFIG)
        self.wait_state("platform", "platform-1")
        self.wait_reason("streams/platform", "Current")
        wait_for(lambda: "NotEvaluated" not in str(self.get("environments/platform/why")), 20, "evaluation")
        answer = self.get("environments/platform/why?component=platform")
        self.assertEqual({k: answer[k] for k in ("environment", "component", "channel", "tag", "release", "obstacle")},
                         {"environment": "platform", "component": "platform", "channel": "stable", "tag": "v2.0.0",
                          "release": "platform-1", "obstacle": "platform"})
        self.assertEqual([(s["step"], s["state"], s["reason"]) for s in answer["steps"]], [
            ("poll", "ok", None), ("tag", "ok", None), ("rule", "ok", None), ("channel", "ok", None),
            ("image", "ok", None), ("platform", "blocked", "PlatformMissing"), ("head", "open", None),
            ("stream", "ok", None), ("release", "ok", None), ("hold", "ok", None), ("digests", "ok", None),
            ("lockfile", "ok", None), ("confirmation", "ok", None)])
        self.assertEqual(answer["next"], answer["steps"][5]["next"])
        status, text = self.ctl("why", "platform", "platform", "-o", "json")
        self.assertEqual((status, json.loads(text)), (1, answer))
        for path, wanted in (("environments/no/why", 404), ("environments/platform/why?component=no", 404),
                             ("environments/platform/why?tag=v1", 400), ("environments/platform/why?x=1", 400)):
            self.assertEqual(self.site.call("GET", "/api/v1/" + path)[0], wanted, path)


class Releases(Case):
    """Tests obstacles between the heads and the lockfile."""

    def test_each_obstacle_of_a_release(self):
        self.push("fine", "v1.0.0")
        self.specs(component(self.registry, "fine"), component(self.registry, "other"),
                   stream("fine"), stream("slow", "fine", settle="1h"), stream("lacks", "fine, other"),
                   document("Release", "draft", "mode: pinned, components: [{name: fine, version: 9.9.9}]"),
                   document("Release", "fixed", "mode: pinned, components: [{name: fine, tag: v1.0.0}]"),
                   document("Environment", "slow", "stream: slow"), document("Environment", "lacks", "stream: lacks"),
                   document("Environment", "named", "release: nosuch"),
                   document("Environment", "draft", "release: draft"),
                   document("Environment", "fixed", "release: fixed"),
                   document("Environment", "byhand"),
                   document("Environment", "staging", "stream: fine, confirm: manual"),
                   document("Environment", "source", "stream: fine, promotesFrom: staging"),
                   document("Environment", "prod", "stream: fine, approvals: 2"),
                   document("Environment", "held", "stream: fine"))
        self.site.start(CONFIG)
        self.wait_state("held", "fine-1")
        self.wait_state("fixed", "fixed")
        self.wait_state("staging", "fine-1", "promoting")
        self.wait_reason("components/other", "NotFound")
        self.wait_reason("streams/lacks", "Incomplete")
        self.run_ctl("approve", "fine-1", "prod")
        self.check("obstacles of a release", "why slow fine", "why lacks fine", "why lacks", "why named", "why draft",
                   "why byhand", "why byhand fine", "why fixed fine", "why staging", "why source", "why prod",
                   "why prod fine", "why held", "why held other")
        self.run_ctl("hold", "held", "--reason", "freeze")
        self.run_ctl("confirm", "staging", "--status", "failed", "--reason", "does not start")
        self.push("fine", "v1.1.0")
        self.run_ctl("sync", "fine")
        wait_for(lambda: self.site.call("GET", "/api/v1/releases/fine-2")[0] == 200, 20, "fine-2")
        self.check("a hold, a failure, a fixed release", "why held", "why held fine", "why staging", "why fixed fine")
        self.run_ctl("resume", "held", "--wait")
        self.check("after resume", "why held fine")

    def test_digests_that_are_gone(self):
        digest, = self.push("vanish", "v1.0.0")
        self.specs(component(self.registry, "vanish"), stream("vanish"),
                   document("Environment", "late", "stream: vanish, approvals: 1"))
        self.site.start(CONFIG)
        wait_for(lambda: self.site.call("GET", "/api/v1/releases/vanish-1")[1].get("status") == "ready", 20, "release")
        self.registry.delete("app/vanish", digest)
        self.run_ctl("approve", "vanish-1", "late")
        wait_for(lambda: self.get("environments/late")["pending"]["reason"] == "DigestGone", 20, "the check")
        self.check("a digest that is gone", "why late")

    def test_a_lockfile_that_cannot_be_written(self):
        self.push("locked", "v1.0.0")
        self.specs(component(self.registry, "locked"), stream("locked"),
                   document("Environment", "prod", "stream: locked"))
        os.makedirs(os.path.join(self.site.locks, "default/environments/prod.lock.yaml/x"))
        self.site.start(CONFIG)
        self.wait_state("prod", "locked-1", "promoting")
        self.check("a lockfile that cannot be written", "why prod")


if __name__ == "__main__":
    relman.main()
