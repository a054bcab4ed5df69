#!/usr/bin/env python3
"""Runs a long scenario on a real registry, with two components, a stream, staging and prod. Releases are
made, promoted, refused, patched, rolled back, deprecated and archived. It runs twice; the second time the
daemon is killed and restarted between all steps."""

import json
import os
import pwd
import re
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import DockerRegistry  # noqa: E402
from relman import BUILDDIR, SiteCase, document, documents, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

CONFIG = "poll: {interval: 1s, jitter: 0%}\n"


class Case(SiteCase):
    def state(self, environment):
        state = self.get(f"environments/{environment}")["state"] or {}
        return state.get("release"), state.get("status")

    def wait_state(self, environment, release, status, seconds=60):
        wait_for(lambda: self.state(environment) == (release, status), seconds,
                 f"{environment} at {release} {status}, not {self.state(environment)}")

    def reason(self, environment):
        return {c["type"]: c["reason"] for c in self.get(f"environments/{environment}")["conditions"]}

    def status_of(self, release):
        return self.get(f"releases/{release}")["status"]

    def locked(self, environment):
        """Returns the content of an environment's lockfile: (release, {component: digest})."""
        with open(os.path.join(self.site.locks, "default/environments", environment + ".lock.yaml")) as f:
            text = f.read()
        return (re.search(r"metadata: \{name: ([^,]+),", text)[1],
                dict(re.findall(r"  - name: (\S+)\n.*\n.*\n.*\n    digest: (\S+)", text)))


class Story(Case):
    def between(self):
        pass

    def setUp(self):
        super().setUp()
        self.registry = DockerRegistry()
        self.addCleanup(self.registry.close)
        self.digests = {}

    def push(self, component, version):
        digest = self.registry.push(f"app/{component}", f"v{version}", f"{component} {version}")
        self.digests[component, version] = digest

    def specs(self, settle="1s"):
        self.site.write("app.yaml", documents(
            document("ReleaseStream", "app", f"components: [api, worker], nameTemplate: 'app-{{version:api}}', settle: {settle}"),
            document("Environment", "staging", "stream: app"),
            document("Environment", "prod", "stream: app, promotesFrom: staging, confirm: manual"),
            document("Environment", "lab", "promotesFrom: staging"), registry=self.registry, components=("api", "worker")))

    def known(self, component):
        return [v["semver"] for v in self.get(f"components/{component}/versions")]

    def expect_lock(self, environment, release, **versions):
        name, digests = self.locked(environment)
        self.assertEqual(name, release)
        self.assertEqual(digests, {c: self.digests[c, v] for c, v in versions.items()})
        path = os.path.join(self.site.locks, "default/environments", environment + ".lock.yaml")
        self.ctl("verify", path)

    def test_the_story(self):
        # The first release is promoted to staging automatically, and to prod after staging has deployed it.
        self.specs()
        self.push("api", "1.0.0")
        self.push("worker", "1.0.0")
        self.site.start(CONFIG)
        self.wait_state("staging", "app-1.0.0", "deployed")
        self.wait_state("prod", "app-1.0.0", "promoting")
        self.expect_lock("prod", "app-1.0.0", api="1.0.0", worker="1.0.0")
        self.between()
        self.ctl("confirm", "app-1.0.0", "prod", "--evidence", "run-1")
        self.wait_state("prod", "app-1.0.0", "deployed")
        self.assertEqual(self.status_of("app-1.0.0"), "deployed")
        self.between()

        # A burst of pushes makes one release. The stream settles only after relmand knows both tags.
        self.specs(settle="1h")
        wait_for(lambda: self.get("streams/app")["settle"] == "1h", 60, "settle")
        for component in ("api", "worker"):
            self.push(component, "1.1.0")
        for component in ("api", "worker"):
            wait_for(lambda: "1.1.0" in self.known(component), 60, f"{component} 1.1.0")
        self.specs()
        self.wait_state("staging", "app-1.1.0", "deployed")
        self.wait_state("prod", "app-1.1.0", "promoting")
        self.assertEqual([r["name"] for r in self.get("releases")["data"]], ["app-1.1.0", "app-1.0.0"])
        self.assertEqual(self.get("environments/prod")["state"]["deployedReleaseId"],
                         self.get("releases/app-1.0.0")["id"])
        self.between()
        # the new release is not confirmed, so that prod still has the old release deployed
        self.assertEqual(self.status_of("app-1.0.0"), "deployed")
        self.ctl("confirm", "prod")
        self.assertEqual((self.status_of("app-1.0.0"), self.status_of("app-1.1.0")), ("ready", "deployed"))
        self.between()

        # a promotion is refused, because the release is not in staging yet
        self.ctl("hold", "staging", "--reason", "investigating")
        wait_for(lambda: self.reason("staging").get("Held") == "OnHold", what="hold")
        (_, name, data), = self.site.events("environment.held")
        self.assertEqual((name, json.loads(data)["release"], json.loads(data)["by"], json.loads(data)["person"], json.loads(data)["reason"]),
                         ("staging", self.state("staging")[0], f"uid:{os.getuid()}", pwd.getpwuid(os.getuid()).pw_name, "investigating"))
        self.push("api", "1.2.0")
        wait_for(lambda: [r["name"] for r in self.get("releases?status=ready")["data"]][:1] == ["app-1.2.0"], 60, "1.2.0")
        self.between()
        self.assertIn("was not deployed in environment 'staging' yet", self.ctl("promote", "app-1.2.0", "prod", wanted=1))
        self.assertEqual(self.state("staging"), ("app-1.1.0", "deployed"))
        self.ctl("resume", "staging")
        self.assertEqual([(name, json.loads(data)["release"]) for _, name, data in self.site.events("environment.resumed")], [("staging", "app-1.1.0")])
        self.wait_state("staging", "app-1.2.0", "deployed")
        self.wait_state("prod", "app-1.2.0", "promoting")
        self.expect_lock("prod", "app-1.2.0", api="1.2.0", worker="1.1.0")
        self.ctl("confirm", "prod")
        self.between()

        # A rollback to the previous release. No automatic promotion replaces it.
        self.ctl("promote", "app-1.1.0", "prod")
        self.ctl("confirm", "prod", "--evidence", "incident-7")
        self.expect_lock("prod", "app-1.1.0", api="1.1.0", worker="1.1.0")
        self.between()
        self.push("api", "1.3.0")
        self.wait_state("staging", "app-1.3.0", "deployed")
        self.between()
        self.assertEqual(self.state("prod"), ("app-1.1.0", "deployed"))
        self.assertEqual(self.reason("prod").get("Held"), "OnHold")

        # a hotfix has the components of prod, of which one is replaced
        self.push("worker", "1.1.1")
        self.site.write("hotfix.yaml", "apiVersion: relman/v1\nkind: Release\nmetadata: {name: hotfix-1}\nspec:\n  mode: partial\n"
                                       "  pinFrom: {environment: prod}\n  components: [{name: worker, version: 1.1.1}]\n")
        wait_for(lambda: any(r["name"] == "hotfix-1" and r["status"] == "ready" for r in self.get("releases")["data"]), 60,
                 "hotfix-1")
        self.between()
        hotfix = {c["componentName"]: c["digest"] for c in self.get("releases/hotfix-1")["components"]}
        self.assertEqual(hotfix, {"api": self.digests["api", "1.1.0"], "worker": self.digests["worker", "1.1.1"]})
        self.ctl("promote", "hotfix-1", "staging")
        self.wait_state("staging", "hotfix-1", "deployed")
        self.ctl("promote", "hotfix-1", "prod")
        self.ctl("confirm", "prod")
        self.expect_lock("prod", "hotfix-1", api="1.1.0", worker="1.1.1")
        self.between()

        # a deprecated release stays where it is deployed, and cannot be promoted
        self.ctl("deprecate", "app-1.2.0", "--reason", "CVE-2026-1")
        self.assertIn("deprecated", self.ctl("promote", "app-1.2.0", "lab", wanted=1))
        self.ctl("deprecate", "hotfix-1")
        self.between()
        self.assertEqual((self.state("prod"), self.status_of("hotfix-1")), (("hotfix-1", "deployed"), "deprecated"))
        self.assertIn("is declared at", self.ctl("archive", "hotfix-1", wanted=1))

        # a digest that the registry no longer serves is not promoted
        self.registry.delete("app/api", self.digests["api", "1.0.0"])
        self.between()
        self.assertIn("no longer served", self.ctl("promote", "app-1.0.0", "lab", "--wait", wanted=1))
        self.assertEqual(self.reason("lab")["Ready"], "Empty")
        self.assertEqual(self.state("lab"), (None, None))

        # an old release is archived
        self.ctl("archive", "app-1.2.0")
        self.between()
        self.assertEqual(self.status_of("app-1.2.0"), "archived")
        self.assertIsNone(self.site.lock("app-1.2.0"))
        self.assertIn("archived", self.ctl("promote", "app-1.2.0", "lab", wanted=1))
        self.ctl("resume", "staging")
        self.wait_state("staging", "app-1.3.0-2", "deployed")
        self.ctl("resume", "prod")
        self.wait_state("prod", "app-1.3.0-2", "promoting")
        self.ctl("confirm", "prod", "--status", "failed", "--reason", "does not start")
        self.wait_state("prod", "hotfix-1", "deployed")
        self.assertIn("does not start", self.get("environments/prod")["hold"]["reason"])
        self.expect_lock("prod", "hotfix-1", api="1.1.0", worker="1.1.1")
        self.catalog()

    def catalog(self):
        diff = self.get("releases/app-1.1.0/compare/hotfix-1")
        self.assertEqual([c["componentName"] for c in diff["unchanged"]], ["api"])
        self.assertEqual([(c["componentName"], c["fromVersion"], c["toVersion"], c["direction"]) for c in diff["changed"]],
                         [("worker", "1.1.0", "1.1.1", "upgrade")])
        self.assertEqual(self.get("releases/hotfix-1/compare/app-1.1.0")["changed"][0]["direction"], "downgrade")
        path = [(p["environment"], p["status"]) for p in self.get("releases/app-1.1.0/lineage")["path"]]
        self.assertEqual(path, [("staging", "promoting"), ("staging", "deployed"), ("prod", "promoting"), ("prod", "deployed"),
                                ("prod", "promoting"), ("prod", "deployed")])
        found = self.get("releases?digest=" + self.digests["worker", "1.1.0"])
        self.assertEqual(found["meta"]["total"], len(found["data"]))
        self.assertEqual({r["name"] for r in found["data"]}, {"app-1.1.0", "app-1.2.0", "app-1.3.0"})
        history = [(h["release"], h["status"]) for h in self.get("environments/prod/history?pageSize=500")]
        self.assertEqual(history[-2:], [("app-1.0.0", "deployed"), ("app-1.0.0", "promoting")])
        self.assertEqual([r["name"] for r in self.get("components/worker/releases?pageSize=2&page=1")],
                         [r["name"] for r in self.get("components/worker/releases")][:2])


class StoryOfADaemonThatIsKilled(Story):
    def between(self):
        self.site.process.kill()
        self.site.process.wait()
        self.site.start(CONFIG)


class Streams(Case):
    def setUp(self):
        super().setUp()
        self.server = StandIn()
        self.addCleanup(self.server.close)

    def registry_and_components(self, names):
        text = f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\nspec: {{url: '{self.server.url}'}}\n"
        for name in names:
            text += (f"---\napiVersion: relman/v1\nkind: Component\nmetadata: {{name: {name}}}\n"
                     f"spec: {{imageRepository: {self.server.host}/app/{name}}}\n")
        return text

    def specs(self, stream, more="", names=("a", "b")):
        text = self.registry_and_components(names)
        text += f"---\napiVersion: relman/v1\nkind: ReleaseStream\nmetadata: {{name: s}}\nspec: {{{stream}}}\n" + more
        self.site.write("all.yaml", text)

    def once(self, wanted=0):
        status, out, err = self.site.once()
        self.assertEqual(status, wanted, out + err)
        return out + err

    def releases(self):
        return [r[0] for r in self.site.stored.releases("name")]

    def stream_reason(self):
        return self.site.stored.conditions("reason", "message", kind="ReleaseStream", type="Ready")[0]

    def test_names_count_when_they_are_taken(self):
        self.specs("nameTemplate: 'x-{version:a}'")
        for version in ("1.0.0", "1.0.1"):
            self.server.push("app/b", f"v{version}")
            self.server.push("app/a", "v1.0.0")
            self.once()
        self.assertEqual(self.releases(), ["x-1.0.0", "x-1.0.0-2"])
        self.once()
        self.assertEqual(self.releases(), ["x-1.0.0", "x-1.0.0-2"])

    def test_same_version_waits_for_the_last_and_says_who_lacks_it(self):
        self.specs("sameVersion: true")
        for name in ("a", "b"):
            self.server.push(f"app/{name}", "v1.0.0")
        self.once()
        self.server.push("app/a", "v1.1.0")
        self.once()
        self.assertEqual(self.releases(), ["s-1"])
        self.assertEqual(self.stream_reason()[0], "Incomplete")
        self.assertIn("component 'b' at 1.0.0", self.stream_reason()[1])
        self.server.push("app/b", "v1.1.0")
        self.once()
        self.assertEqual(self.releases(), ["s-1", "s-2"])

    def processor_time(self):
        with open(f"/proc/{self.site.process.pid}/stat") as f:
            fields = f.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_a_stream_waits_idly_for_a_component_that_is_polled_first(self):
        self.specs("settle: 2s, components: [a]", names=("a",))
        self.server.push("app/a", "v1.0.0")
        self.site.start(CONFIG)
        wait_for(lambda: self.releases() == ["s-1"], 60, what="s-1")
        let_go = threading.Event()
        self.addCleanup(let_go.set)
        self.server.answers["GET /v2/app/b/tags/list"] = lambda handler: let_go.wait(120) and handler.reply(404, {})
        # this is loaded before the new version is pushed, so that the stream cannot settle before b is known
        self.specs("settle: 2s, components: [a]", names=("a", "b"))
        wait_for(lambda: self.server.count("app/b/tags/list"), 60, what="b's poll")
        self.server.push("app/a", "v1.1.0")
        wait_for(lambda: len(self.site.stored.tags("tag")) == 2, 60, what="v1.1.0")
        time.sleep(2)  # waits until the stream has settled
        before = self.processor_time()
        time.sleep(2)
        self.assertLess(self.processor_time() - before, 0.5)
        self.assertEqual(self.releases(), ["s-1"])
        let_go.set()
        wait_for(lambda: self.releases() == ["s-1", "s-2"], 60, what="s-2")

    def test_the_first_release_of_a_new_stream_does_not_wait_for_another_poll(self):
        """The stream uses polls of its components that ended before the stream existed."""
        self.server.push("app/a", "v1.0.0")
        self.site.write("all.yaml", self.registry_and_components(("a",)))
        self.site.start("poll: {interval: 24h, jitter: 0%}\n")
        wait_for(lambda: self.site.stored.conditions(kind="Component", type="Ready", status="True"), 60, "the poll of a")
        n_lists = self.server.count("app/a/tags/list")
        self.specs("components: [a], settle: 0s", names=("a",))
        wait_for(lambda: self.releases() == ["s-1"], 60, "the first release")
        self.assertEqual(self.server.count("app/a/tags/list"), n_lists)

    def test_a_repository_that_is_no_longer_there_changes_nothing_that_is_known(self):
        self.specs("components: [a]", names=("a",))
        digest = self.server.push("app/a", "v1.0.0")
        self.once()
        before = self.site.stored.channels("name", "tag", component="a")
        for path in ("/v2/app/a/tags/list", "/v2/app/a/manifests/v1.0.0", f"/v2/app/a/manifests/{digest}"):
            self.server.answers[path] = lambda handler: handler.reply(
                404, {"errors": [{"code": "NAME_UNKNOWN", "message": "repository name not known to registry"}]})
        self.assertIn("NAME_UNKNOWN", self.once(1))
        self.assertEqual((self.site.stored.channels("name", "tag", component="a"), self.releases()), (before, ["s-1"]))
        self.assertEqual(self.site.stored.conditions("type", "status", "reason", kind="Component"), [("Ready", "False", "NotFound")])

    def refuse_manifests(self):
        """Makes the registry have the manifest when the head is checked, and not when the release is made."""
        self.specs("settle: 0s, components: [a]", names=("a",))
        path = f"/v2/app/a/manifests/{self.server.push('app/a', 'v1.0.0')}"
        asked = []

        def answer(handler):
            asked.append(handler.command)
            if asked == ["GET"]:
                self.server.serve(handler, path)
            else:
                handler.reply(404, {})
        self.server.answers[path] = answer

    def test_a_run_ends_when_a_streams_release_cannot_be_had(self):
        self.refuse_manifests()
        self.assertIn("stream 's': component 'a':", self.once(1))
        self.assertEqual((self.releases(), self.stream_reason()[0]), ([], "Unresolved"))
        self.server.answers.clear()
        self.once()
        self.assertEqual(self.releases(), ["s-1"])

    def test_a_streams_release_that_could_not_be_had_is_tried_again_though_no_tag_moves(self):
        self.refuse_manifests()
        self.site.start(CONFIG)
        wait_for(lambda: self.site.stored.conditions(reason="Unresolved"), what="a condition")
        self.assertEqual(self.releases(), [])
        self.server.answers.clear()
        wait_for(lambda: self.releases() == ["s-1"], what="a release")

    def test_a_component_without_a_version_is_waited_for(self):
        self.specs("components: [a, b]")
        self.server.push("app/a", "v1.0.0")
        self.server.push("app/b", "latest")
        self.once()
        self.assertEqual(self.releases(), [])
        self.assertIn("component 'b' has no version in channel 'stable' yet", self.stream_reason()[1])

    def test_retention_archives_the_oldest_but_nothing_an_environment_has(self):
        self.specs("components: [a], keep: 2",
                   "---\napiVersion: relman/v1\nkind: Environment\nmetadata: {name: e}\nspec: {release: s-1}\n", names=("a",))
        for i in range(5):
            self.server.push("app/a", f"v1.{i}.0")
            self.once()
        self.assertEqual(dict(self.site.stored.releases("name", "status")),
                         {"s-1": "deployed", "s-2": "archived", "s-3": "archived", "s-4": "ready", "s-5": "ready"})
        self.assertIsNone(self.site.lock("s-2"))
        self.assertIsNotNone(self.site.lock("s-1"))

    def test_a_stream_of_a_channel_follows_that_one_only(self):
        self.specs("channel: rc, components: [a]", names=("a",))
        self.server.push("app/a", "v1.0.0")
        self.server.push("app/a", "v1.1.0-rc.1")
        self.once()
        self.server.push("app/a", "v1.0.1")
        self.once()
        self.assertEqual(self.releases(), ["s-1"])
        self.assertIn("tag: v1.1.0-rc.1", self.site.lock("s-1"))

    def test_the_database_lost_gives_the_same_ids_digests_and_bytes(self):
        self.specs("nameTemplate: 'x-{version:a}'",
                   "---\napiVersion: relman/v1\nkind: Environment\nmetadata: {name: e}\nspec: {stream: s}\n"
                   "---\napiVersion: relman/v1\nkind: Release\nmetadata: {name: pinned}\n"
                   "spec: {components: [{name: a, version: 1.0.0}]}\n")
        for name in ("a", "b"):
            self.server.push(f"app/{name}", "v1.0.0")

        def files():
            found = {}
            for folder, _, names in os.walk(self.site.locks):
                for name in names:
                    with open(os.path.join(folder, name), "rb") as f:
                        found[os.path.relpath(os.path.join(folder, name), self.site.locks)] = f.read()
            return found

        def rows():
            return (self.site.stored.releases("id", "name", "spec_digest", "status"),
                    self.site.stored.resolved(),
                    self.site.stored.versions("id", "digest"),
                    self.site.stored.deployments("id", "release_id", "status"))
        self.once()
        before = files(), rows()
        self.assertEqual(sorted(before[0]), ["default/environments/e.lock.yaml", "default/releases/pinned.lock.yaml",
                                             "default/releases/x-1.0.0.lock.yaml", "default/streams/s/latest.lock.yaml"])
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists(self.site.state + suffix):
                os.unlink(self.site.state + suffix)
        self.once()
        self.assertEqual((files(), rows()), before)


class Environments(Case):
    def setUp(self):
        super().setUp()
        self.server = StandIn()
        self.addCleanup(self.server.close)
        for version in ("1.0.0", "1.1.0", "1.2.0"):
            self.server.push("app/a", f"v{version}")

    def specs(self, environments, releases=("1.0.0", "1.1.0", "1.2.0")):
        text = documents(*(document("Release", f"rel-{version}", f"components: [{{name: a, version: {version}}}]") for version in releases),
                         *(document("Environment", name, spec) for name, spec in environments.items()), registry=self.server, components=("a",))
        self.site.write("all.yaml", text)

    def test_approvals_are_by_distinct_people_and_recorded(self):
        self.specs({"prod": "release: rel-1.0.0, approvals: 2"})
        self.site.start(CONFIG)
        wait_for(lambda: self.reason("prod").get("Ready") == "ApprovalsMissing", what="ApprovalsMissing")
        for _ in range(3):
            self.ctl("approve", "rel-1.0.0", "prod")
        self.assertEqual(self.state("prod"), (None, None))
        self.assertIsNone(self.get("environments/prod")["lock"])
        os.chmod(self.site.folder, 0o711)
        os.chmod(self.site.socket, 0o666)
        r = subprocess.run([f"{BUILDDIR}/relmanctl", "approve", "rel-1.0.0", "prod"], capture_output=True, text=True, user=65534,
                           group=65534, env={"RELMAN_SOCKET": self.site.socket}, cwd="/")
        self.assertEqual(r.returncode, 0, r.stderr)
        self.wait_state("prod", "rel-1.0.0", "deployed")
        self.assertEqual(self.site.stored.approvals("by"), [("uid:0",), ("uid:65534",)])

    def test_a_person_counts_once_whatever_principals_that_person_uses(self):
        """A local user and a token of the same name are one person. A token may name another person."""
        self.specs({"prod": "release: rel-1.0.0, approvals: 3"})
        tokens, port = os.path.join(self.site.folder, "tokens"), relman.free_port()
        made = {}
        for name, *more in (("root", ), ("ci", "--person", "root"), ("anna", ), ("annas-laptop", "--person", "anna", "--expires", "2099-01-01T00:00:00Z"), ("zoe", )):
            out = relman.relmanctl("token", name, "--role", "write", *more)[1].splitlines()
            made[name] = out[1]
            with open(tokens, "a") as f:
                f.write(out[4] + "\n")
        self.site.start(f"poll: {{interval: 1h}}\napi: {{socket: {self.site.folder}/relmand.sock, listen: ['127.0.0.1:{port}'], tokenFile: {tokens}}}\n")
        wait_for(lambda: self.reason("prod").get("Ready") == "ApprovalsMissing", what="ApprovalsMissing")

        def approve(name, *more, wanted=0):
            r = subprocess.run([f"{BUILDDIR}/relmanctl", "approve", "rel-1.0.0", "prod", *more, "--url", f"http://127.0.0.1:{port}"],
                               capture_output=True, text=True, env={"RELMAN_TOKEN": made[name]})
            self.assertEqual(r.returncode, wanted, r.stderr)
            return r.stdout + r.stderr
        waits = {1: "2 more approvals (relmanctl approve rel-1.0.0 prod)", 2: "1 more approval (relmanctl approve rel-1.0.0 prod)",
                 3: "its digests to be checked"}

        def says(n, text):
            return f"environment 'prod': release 'rel-1.0.0' has {n} of 3 approvals; {text}; waits for {waits[n]}\n"
        self.assertEqual(self.ctl("approve", "rel-1.0.0", "prod"), says(1, "root has approved it"))
        for name in ("root", "ci"):
            self.assertEqual(approve(name), says(1, "root's approval was already counted"))
        self.assertEqual(approve("annas-laptop"), says(2, "anna has approved it"))
        self.assertEqual(approve("anna"), says(2, "anna's approval was already counted"))
        self.assertEqual(self.ctl("approve", "rel-1.0.0", "prod"), says(2, "root's approval was already counted"))
        self.assertEqual(self.state("prod"), (None, None))
        self.assertEqual([(a["person"], a["by"]) for a in self.get("environments/prod")["approvedBy"]], [("anna", "token:annas-laptop"), ("root", "uid:0")])
        self.assertNotIn("approval", self.get("environments/prod"))
        self.assertEqual(self.ctl("approvals", "prod"), "RELEASE    APPROVALS  STATE  PERSONS\n"
                                                        "rel-1.0.0  2 of 3     next   anna, root\n\n"
                                                        "1 more approval: relmanctl approve rel-1.0.0 prod\n")
        # --withdraw removes only the approval of the caller's person, whichever token gave it
        self.assertEqual(approve("anna", "--withdraw"), says(1, "anna's approval was withdrawn"))
        self.assertEqual(approve("zoe", "--withdraw", wanted=1),
                         "relmanctl: error: zoe has not approved release 'rel-1.0.0' for environment 'prod'; relmanctl approvals prod lists the "
                         "approvals\n")
        self.assertEqual([(a["person"], a["by"]) for a in self.get("environments/prod")["approvedBy"]], [("root", "uid:0")])
        self.assertEqual(approve("anna"), says(2, "anna has approved it"))
        self.assertEqual(approve("zoe"), says(3, "zoe has approved it"))
        self.wait_state("prod", "rel-1.0.0", "deployed")
        self.assertEqual(approve("zoe", "--withdraw", wanted=1),
                         "relmanctl: error: release 'rel-1.0.0' was promoted to environment 'prod' already: its approvals can no longer be "
                         "withdrawn\n")
        self.assertEqual(self.ctl("approvals", "prod"), "RELEASE    APPROVALS  STATE  PERSONS\n"
                                                        "rel-1.0.0  3 of 3     -      anna, zoe, root\n")
        entries = self.get("audit")["data"]
        self.assertEqual([e["outcome"] for e in entries].count("accepted"), 9)
        self.assertEqual([(e["action"].split("/")[-1], e["principal"]) for e in entries if e["outcome"] != "accepted"],
                         [("withdraw", "token:zoe"), ("withdraw", "token:zoe")])
        self.assertEqual({(e["objectName"], e["release"]) for e in entries}, {("prod", "rel-1.0.0")})
        self.assertEqual({e["principal"]: e["person"] for e in entries}["token:annas-laptop"], "anna")
        withdrawn = [json.loads(data) for _, _, data in self.site.events("approval.withdrawn")]
        self.assertEqual([(e["release"], e["person"], e["by"]) for e in withdrawn], [("rel-1.0.0", "anna", "token:anna")])
        given = [json.loads(data) for _, _, data in self.site.events("approval.given")]
        self.assertEqual([(e["environment"], e["release"], e["person"], e["by"]) for e in given],
                         [("prod", "rel-1.0.0", person, by) for person, by in (("root", "uid:0"), ("anna", "token:annas-laptop"), ("anna", "token:anna"), ("zoe", "token:zoe"))])

    def stays(self, environment, release, status, n):
        """Checks that nothing more is promoted in the environment while other work continues."""
        for _ in range(3):
            self.ctl("sync", "a")
        self.assertEqual(self.state(environment), (release, status))
        self.assertEqual(len(self.get(f"environments/{environment}/history")), n)

    def test_what_failed_is_not_tried_again_by_itself(self):
        self.specs({"prod": "release: rel-1.0.0, confirm: manual", "lab": "confirm: manual"})
        self.site.start(CONFIG)
        self.wait_state("prod", "rel-1.0.0", "promoting")
        self.ctl("promote", "rel-1.0.0", "lab")
        for name in ("prod", "lab"):  # no release was deployed before
            self.ctl("confirm", name, "--status", "failed", "--reason", "no room")
            self.stays(name, "rel-1.0.0", "failed", 2)
        self.assertEqual(self.reason("prod")["Ready"], "DeploymentFailed")
        self.assertIn("release 'rel-1.0.0' failed here: no room; name another one, or try it again with relmanctl promote rel-1.0.0 prod",
                      [c["message"] for c in self.get("environments/prod")["conditions"]])
        for name in ("prod", "lab"):  # a person may try again
            self.ctl("promote", "rel-1.0.0", name)
            self.wait_state(name, "rel-1.0.0", "promoting")
            self.ctl("confirm", name)
        self.assertIsNone(self.get("environments/prod")["hold"])
        self.assertEqual(self.get("environments/prod")["lock"], os.path.join(self.site.locks, "default/environments/prod.lock.yaml"))
        self.specs({"prod": "release: rel-1.1.0, confirm: manual", "lab": "confirm: manual"})
        self.wait_state("prod", "rel-1.1.0", "promoting")
        self.ctl("promote", "rel-1.1.0", "lab")
        self.wait_state("lab", "rel-1.1.0", "promoting")
        for name in ("prod", "lab"):  # the previous release is restored and stays
            self.ctl("confirm", name, "--status", "failed")
            self.stays(name, "rel-1.0.0", "deployed", 7)
            self.assertEqual(self.locked(name)[0], "rel-1.0.0")
        self.site.process.kill()
        self.site.process.wait()
        self.site.start(CONFIG)
        self.stays("prod", "rel-1.0.0", "deployed", 7)
        self.stays("lab", "rel-1.0.0", "deployed", 7)
        self.specs({"prod": "release: rel-1.2.0, confirm: manual", "lab": "confirm: manual"})
        self.wait_state("prod", "rel-1.2.0", "promoting")

    def test_a_hold_ends_with_the_spec_that_names_a_release_and_what_failed_stays_out(self):
        """Failures are stored separately from holds, because the hold after a failure ends with a change of
        the spec."""
        stream, fixed = "stream: s, confirm: manual", "release: rel-{}, confirm: manual"

        def fail():
            self.ctl("confirm", "prod", "--status", "failed", "--reason", "no room")

        def hold():
            return self.get("environments/prod")["hold"]
        self.site.write("s.yaml", document("ReleaseStream", "s", "components: [a], nameTemplate: 's-{version:a}', settle: 0s"))
        self.specs({"prod": fixed.format("1.0.0")})
        self.site.start(CONFIG)
        self.wait_state("prod", "rel-1.0.0", "promoting")
        self.ctl("confirm", "prod")
        self.specs({"prod": fixed.format("1.1.0")})
        self.wait_state("prod", "rel-1.1.0", "promoting")
        fail()
        self.wait_state("prod", "rel-1.0.0", "deployed")
        self.assertIsNone(hold())
        # the new spec follows the stream
        self.specs({"prod": stream})
        self.wait_state("prod", "s-1.2.0", "promoting")
        fail()
        self.wait_state("prod", "rel-1.0.0", "deployed")
        wait_for(lambda: self.reason("prod").get("Held") == "DeploymentFailed", what="hold")
        self.assertIn("release 's-1.2.0' failed: no room", hold()["reason"])
        says = r"Environment +prod +Held +DeploymentFailed +\S+ +does not follow stream 's': release 's-1.2.0' failed: no room, by uid:\d+; relmanctl resume prod ends it"
        self.assertRegex(self.ctl("status", wanted=1), says)
        self.ctl("hold", "prod", "--reason", "looking")  # a hold by hand replaces the hold after the failure
        wait_for(lambda: self.reason("prod").get("Held") == "OnHold", what="hold by hand")
        self.assertRegex(self.ctl("status"), r"for information, without effect on the exit status:\nKIND .*\nEnvironment +prod +Held +OnHold ")
        # A spec that names the deployed release ends the hold. The failed release is still not promoted
        # automatically.
        self.specs({"prod": fixed.format("1.0.0")})
        wait_for(lambda: hold() is None, what="the end of the hold")
        self.specs({"prod": stream})
        wait_for(lambda: self.reason("prod") == {"Ready": "DeploymentFailed"}, what="DeploymentFailed")
        self.assertIn("release 's-1.2.0' failed here: no room; name another one, or try it again with relmanctl promote s-1.2.0 prod",
                      self.get("environments/prod")["conditions"][0]["message"])
        self.stays("prod", "rel-1.0.0", "deployed", 8)
        # a person may try again, several times
        for again in (("promote", "s-1.2.0", "prod"), ("resume", "prod")):
            self.ctl(*again)
            self.wait_state("prod", "s-1.2.0", "promoting")
            self.assertIsNone(hold())
            fail()
            self.wait_state("prod", "rel-1.0.0", "deployed")
        # a newer release is promoted, because it did not fail
        self.specs({"prod": fixed.format("1.0.0")})
        wait_for(lambda: hold() is None, what="the end of the hold")
        self.specs({"prod": stream})
        self.server.push("app/a", "v1.3.0")
        self.wait_state("prod", "s-1.3.0", "promoting")

    def test_what_fails_on_its_way_back_is_not_tried_again_by_itself(self):
        self.specs({"prod": "release: rel-1.0.0, confirm: manual", "lab": "confirm: manual"})
        self.site.start(CONFIG)
        self.wait_state("prod", "rel-1.0.0", "promoting")
        self.ctl("promote", "rel-1.0.0", "lab")
        for name in ("prod", "lab"):
            self.ctl("confirm", name)
        # While another release is being promoted, the deployed release is requested again.
        self.specs({"prod": "release: rel-1.1.0, confirm: manual", "lab": "confirm: manual"})
        self.wait_state("prod", "rel-1.1.0", "promoting")
        self.specs({"prod": "release: rel-1.0.0, confirm: manual", "lab": "confirm: manual"})
        self.wait_state("prod", "rel-1.0.0", "promoting")
        self.ctl("promote", "rel-1.1.0", "lab")
        self.ctl("promote", "rel-1.0.0", "lab")
        for name in ("prod", "lab"):
            self.wait_state(name, "rel-1.0.0", "promoting")
            self.ctl("confirm", name, "--status", "failed", "--reason", "no room")
            self.stays(name, "rel-1.0.0", "failed", 5)
            self.ctl("promote", "rel-1.0.0", name)  # a person may try again
            self.wait_state(name, "rel-1.0.0", "promoting")

    def test_the_spec_decides_and_is_not_overruled(self):
        self.specs({"prod": "release: rel-1.0.0"})
        self.site.start(CONFIG)
        self.wait_state("prod", "rel-1.0.0", "deployed")
        text = self.ctl("promote", "rel-1.1.0", "prod", wanted=1)
        self.assertRegex(text, r"all.yaml:\d+: change it there")
        self.specs({"prod": "release: rel-1.1.0"})
        self.wait_state("prod", "rel-1.1.0", "deployed")
        self.assertEqual((self.status_of("rel-1.0.0"), self.status_of("rel-1.1.0")), ("ready", "deployed"))
        self.assertIn("is declared at", self.ctl("archive", "rel-1.0.0", wanted=1))

    def test_an_environment_that_goes_leaves_its_release_ready_and_takes_its_lockfile(self):
        self.specs({"prod": "release: rel-1.0.0", "other": "release: rel-1.0.0"})
        self.site.start(CONFIG)
        self.wait_state("prod", "rel-1.0.0", "deployed")
        self.wait_state("other", "rel-1.0.0", "deployed")
        path = os.path.join(self.site.locks, "default/environments/prod.lock.yaml")
        self.specs({"other": "release: rel-1.0.0"})
        wait_for(lambda: not os.path.exists(path), what="lockfile to go")
        self.assertEqual(self.status_of("rel-1.0.0"), "deployed")
        self.specs({})
        wait_for(lambda: self.status_of("rel-1.0.0") == "ready", what="ready")

    def test_a_release_in_use_outlives_its_document(self):
        self.specs({"prod": "release: rel-1.0.0"})
        self.site.start(CONFIG)
        self.wait_state("prod", "rel-1.0.0", "deployed")
        self.specs({"prod": ""}, releases=("1.1.0", "1.2.0"))
        wait_for(lambda: not self.get("environments/prod").get("release"), what="the new document")
        self.assertEqual(self.state("prod"), ("rel-1.0.0", "deployed"))
        self.assertEqual(self.status_of("rel-1.0.0"), "deployed")

    def test_a_lockfile_that_cannot_be_written_holds_up_the_confirmation_until_it_can(self):
        self.specs({"prod": "release: rel-1.0.0"})
        blocked = os.path.join(self.site.locks, "default/environments")
        os.makedirs(os.path.dirname(blocked))
        with open(blocked, "w") as f:
            f.write("in the way")
        self.site.start(CONFIG)
        self.wait_state("prod", "rel-1.0.0", "promoting")
        wait_for(lambda: self.reason("prod").get("Ready") in ("LockNotWritten", "Failed"), what="condition")
        os.unlink(blocked)
        self.wait_state("prod", "rel-1.0.0", "deployed", 40)

    def test_a_file_that_was_changed_or_removed_comes_back(self):
        self.specs({"prod": "release: rel-1.0.0"})
        self.assertEqual(self.site.once()[0], 0)
        path = os.path.join(self.site.locks, "default/environments/prod.lock.yaml")
        with open(path) as f:
            text = f.read()
        os.unlink(path)
        self.assertEqual(self.site.once()[0], 0)
        with open(path) as f:
            self.assertEqual(f.read(), text)

    def test_what_changed_between_two_times(self):
        self.specs({"prod": "release: rel-1.0.0"})
        self.site.start(CONFIG)
        self.wait_state("prod", "rel-1.0.0", "deployed")
        at = self.get("environments/prod")["state"]["deployedAt"]
        wait_for(lambda: relman.time.time() % 1 < 0.1, 2)
        relman.time.sleep(1)
        self.specs({"prod": "release: rel-1.2.0"})
        self.wait_state("prod", "rel-1.2.0", "deployed")
        diff = self.get(f"environments/prod/changes?from={at}")
        self.assertEqual([(c["fromVersion"], c["toVersion"], c["direction"]) for c in diff["changed"]],
                         [("1.0.0", "1.2.0", "upgrade")])
        self.assertIn("upgrade", self.ctl("changes", "prod", "--from", at))
        self.assertEqual(self.get("environments/prod/changes?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z")["changed"], [])

    def test_search_filters_and_pages(self):
        self.specs({"prod": "release: rel-1.0.0"})
        self.site.start(CONFIG)
        self.wait_state("prod", "rel-1.0.0", "deployed")
        wait_for(lambda: self.get("releases?status=ready")["meta"]["total"] == 2, what="two ready")
        names = lambda query: sorted(r["name"] for r in self.get("releases?" + query)["data"])  # noqa: E731
        self.assertEqual(names("status=deployed"), ["rel-1.0.0"])
        self.assertEqual(names("version=1.1.0"), ["rel-1.1.0"])
        self.assertEqual(names("text=REL-1.2"), ["rel-1.2.0"])
        self.assertEqual(names("componentId=a&status=ready"), ["rel-1.1.0", "rel-1.2.0"])
        self.assertEqual(names("until=2020-01-01T00:00:00Z"), [])
        self.assertEqual(self.site.call("GET", "/api/v1/releases?tenant=other")[0], 404)
        self.assertEqual(self.get("releases?pageSize=2&page=2")["meta"], {"page": 2, "pageSize": 2, "total": 3, "totalPages": 2})
        for bad in ("page=0", "pageSize=501", "page=x", "status=x", "digest=x", "since=yesterday"):
            status, answer, _ = self.site.call("GET", "/api/v1/releases?" + bad)
            self.assertEqual((status, answer["status"]), (400, 400), bad)
        for path in ("releases/none", "environments/none", "releases/rel-1.0.0?tenant=other", "components/none/releases"):
            self.assertEqual(self.site.call("GET", "/api/v1/" + path)[0], 404, path)

    def test_bodies_are_checked(self):
        self.specs({"prod": ""})
        self.site.start(CONFIG)
        wait_for(lambda: self.get("releases?status=ready")["meta"]["total"] == 3, what="three ready")
        for path, body, status, pointer in (
                ("releases/rel-1.0.0/promote", {}, 400, "/environmentId"),
                ("releases/rel-1.0.0/promote", {"environment": "prod"}, 400, "/environment"),
                ("releases/rel-1.0.0/promote", {"environmentId": 7}, 400, "/environmentId"),
                ("releases/rel-1.0.0/promote", [1], 400, None), ("releases/rel-1.0.0/promote", "{", 400, None),
                ("releases/rel-1.0.0/promote", {"environmentId": "none"}, 404, None),
                ("releases/none/promote", {"environmentId": "prod"}, 404, None),
                ("environments/prod/confirm", {"status": "maybe"}, 400, "/status"),
                ("environments/prod/confirm", {}, 409, None), ("environments/prod/approve", {"releaseId": "rel-1.0.0"}, 409, None),
                ("environments/prod/hold", {}, 409, None)):
            got, answer, _ = self.site.call("POST", "/api/v1/" + path, json.dumps(body) if not isinstance(body, str) else body)
            self.assertEqual((got, answer.get("pointer")), (status, pointer), (path, body, answer))

    def test_the_commit_of_the_specs_is_recorded(self):
        self.specs({})
        git = ["git", "-C", self.site.specs, "-c", "user.name=t", "-c", "user.email=t@example.com"]
        for args in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
            subprocess.run(git + args, check=True)
        commit = subprocess.run(git + ["rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
        self.assertEqual(self.site.once()[0], 0)
        self.assertEqual({json.loads(m)["specCommit"] for m, in self.site.stored.releases("metadata")}, {commit})
        subprocess.run(git + ["pack-refs", "--all"], check=True)
        self.specs({}, releases=("1.0.0", "1.1.0", "1.2.0", ">=1.0.0"[2:] and "1.2"))
        self.assertEqual(self.site.once()[0], 0)
        self.assertEqual({json.loads(m)["specCommit"] for m, in self.site.stored.releases("metadata")}, {commit})

    def test_a_mass_removal_waits_for_confirm_prune(self):
        self.specs({"prod": ""})
        self.site.start(CONFIG)
        wait_for(lambda: self.get("releases?status=ready")["meta"]["total"] == 3, what="three ready")
        self.site.remove("all.yaml")
        wait_for(lambda: "nothing is removed" in self.site.log, what="guard")
        self.assertEqual(self.get("releases?status=ready")["meta"]["total"], 3)
        self.assertIn("6 objects removed", self.ctl("confirm-prune"))
        self.assertEqual(self.get("releases?status=archived")["meta"]["total"], 3)


if __name__ == "__main__":
    relman.main()
