#!/usr/bin/env python3
"""Tests that commands about environments use the current state, also while relmand waits for a registry. A
stand-in delays answers about digests as long as a test needs. A refused command must change nothing; an
accepted command must be stored."""

import itertools
import os
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import DockerRegistry  # noqa: E402
from relman import BUILDDIR, SiteCase, UnixConnection, document, documents, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

CONFIG = "poll: {interval: 1h, jitter: 0%}\n"


class Case(SiteCase):
    """Helpers for environment prod, which follows stream s of component a."""

    def post(self, path, body=None, headers=None):
        return self.site.call("POST", "/api/v1/" + path, body or {}, headers)

    def state(self, environment="prod"):
        state = self.get(f"environments/{environment}")["state"] or {}
        return state.get("release"), state.get("status")

    def wait_state(self, release, status, environment="prod"):
        wait_for(lambda: self.state(environment) == (release, status), 20, f"{environment} at {release} {status}")

    def hold(self):
        return (self.get("environments/prod")["hold"] or {}).get("reason")

    def reasons(self):
        return {c["type"]: c["reason"] for c in self.get("environments/prod")["conditions"]}

    def history(self):
        return [(h["release"], h["status"]) for h in reversed(self.get("environments/prod/history?pageSize=500"))]

    def turns(self):
        """Runs some polls, so that the loop works and the environment is evaluated."""
        for _ in range(3):
            self.ctl("sync", "a")

    def specs(self, prod="stream: s", keep="", more=()):
        self.site.write("all.yaml", documents(
            document("ReleaseStream", "s", f"components: [a], nameTemplate: 's-{{version:a}}', settle: 0s{keep}"),
            document("Environment", "prod", prod), *more, registry=self.server, components=("a",)))

    def push(self, version):
        return self.server.push("app/a", "v" + version)

    def start(self, prod="stream: s", keep="", more=(), versions=("1.0.0",)):
        for version in versions:
            self.push(version)
        self.specs(prod, keep, more)
        self.site.start(CONFIG)
        for version in versions[-1:]:
            wait_for(lambda: self.site.call("GET", f"/api/v1/releases/s-{version}")[1].get("status") not in ("draft", 404), 20, "release")

    def everything(self):
        """Returns all stored data that a promotion can change."""
        return (self.site.stored.holds(), self.site.stored.history(),
                self.site.stored.deployments(), self.site.stored.releases("id", "status"),
                self.site.stored.audit("action", outcome="accepted"), [t for t, _, _ in self.site.events()])


class Refused(Case):
    """Tests refused promotions with a real registry, which can delete manifests and can be stopped."""

    def setUp(self):
        super().setUp()
        self.server = DockerRegistry()
        self.addCleanup(self.server.close)

    def test_a_digest_that_is_gone_refuses_a_promotion_for_good(self):
        self.start(versions=("1.0.0",))
        self.wait_state("s-1.0.0", "deployed")
        digest = self.push("2.0.0")
        self.ctl("sync", "a")
        self.wait_state("s-2.0.0", "deployed")
        self.ctl("promote", "s-1.0.0", "prod")
        self.wait_state("s-1.0.0", "deployed")
        self.assertEqual(self.hold(), "release 's-1.0.0' was promoted by hand")
        self.server.delete("app/a", digest)
        before = self.everything()
        for more in ((), ("--wait",)):
            self.assertIn("error: release 's-2.0.0' is not promoted: component 'a': its digest is no longer served",
                          self.ctl("promote", "s-2.0.0", "prod", *more, wanted=1))
        status, answer, _ = self.post("releases/s-2.0.0/promote", {"environmentId": "prod"})
        self.assertEqual((status, answer["status"]), (409, 409), answer)
        self.assertEqual(self.everything(), before)
        # The digest exists again. Nothing is promoted without a command, neither now nor after a restart.
        self.assertEqual(self.push("2.0.0"), digest)
        self.turns()
        self.site.stop()
        self.site.start(CONFIG)
        self.turns()
        self.assertEqual((self.state(), self.hold()), (("s-1.0.0", "deployed"), "release 's-1.0.0' was promoted by hand"))
        self.assertEqual(self.reasons(), {"Held": "OnHold", "Ready": "Deployed"})
        self.ctl("promote", "s-2.0.0", "prod")
        self.assertEqual((self.state(), self.hold()), (("s-2.0.0", "deployed"), None))

    def test_a_digest_that_is_gone_is_what_a_release_waits_for(self):
        self.start(prod="stream: s, approvals: 1")
        self.server.delete("app/a", self.push("1.0.0"))
        waits = "waits for the digest of component 'a', which the registry no longer serves\n"
        self.assertIn(waits, self.ctl("approve", "s-1.0.0", "prod", "--wait", wanted=3))
        pending = self.get("environments/prod")["pending"]
        self.assertEqual((pending["release"], pending["reason"], pending["needsAction"]), ("s-1.0.0", "DigestGone", True))
        self.assertIn("its digest is no longer served", pending["message"])
        self.assertIn(waits, self.ctl("resume", "prod", "--wait", wanted=3))
        # The failed check does not refuse later commands, because the next check finds the digest.
        self.push("1.0.0")
        self.assertIn("release 's-1.0.0' is deployed\n", self.ctl("resume", "prod", "--wait"))
        self.assertIsNone(self.get("environments/prod")["pending"])

    def test_a_registry_that_is_down_is_what_a_release_waits_for(self):
        self.start(prod="stream: s, approvals: 1")
        self.server.stop()
        self.ctl("approve", "s-1.0.0", "prod")
        wait_for(lambda: self.get("environments/prod")["pending"]["reason"] == "Unreachable", 20, "the end of the check")
        pending = self.get("environments/prod")["pending"]
        self.assertRegex(pending["waitsFor"], r"^an answer about the digest of component 'a': .*onnect")
        self.assertFalse(pending["needsAction"])
        self.server.start()
        self.ctl("resume", "prod", "--wait")
        self.assertEqual(self.state(), ("s-1.0.0", "deployed"))

    def test_a_registry_that_is_down_refuses_a_roll_back(self):
        self.start(versions=("1.0.0",))
        self.wait_state("s-1.0.0", "deployed")
        self.push("2.0.0")
        self.ctl("sync", "a")
        self.wait_state("s-2.0.0", "deployed")
        before = self.everything()
        self.server.stop()
        self.assertIn("error: release 's-1.0.0' is not promoted: component 'a': ", self.ctl("promote", "s-1.0.0", "prod", wanted=1))
        status, answer, _ = self.post("releases/s-1.0.0/promote", {"environmentId": "prod"})
        self.assertEqual(status, 502, answer)
        self.assertEqual(self.everything(), before)
        self.server.start()
        self.turns()
        self.assertEqual((self.state(), self.hold()), (("s-2.0.0", "deployed"), None))

    def test_a_roll_back_is_forced_while_the_registry_is_down(self):
        self.start(versions=("1.0.0",))
        self.wait_state("s-1.0.0", "deployed")
        self.push("2.0.0")
        self.ctl("sync", "a")
        self.wait_state("s-2.0.0", "deployed")
        before = self.everything()
        self.server.stop()
        hint = "; to promote it without that answer: relmanctl promote s-1.0.0 prod --force\n"
        for more in ((), ("--dry-run",)):
            self.assertTrue(self.ctl("promote", "s-1.0.0", "prod", *more, wanted=1).endswith(hint))
        out = self.ctl("promote", "s-1.0.0", "prod", "--force", "--dry-run")
        self.assertRegex(out, r"^dry run: release 's-1.0.0' would be promoted to environment 'prod'\n"
                              r"digests are not checked: component 'a': .*onnect.*\nCOMPONENT ")
        self.assertEqual(self.everything(), before)
        out = self.ctl("promote", "s-1.0.0", "prod", "--force", "--reason", "INC-17", "--wait")
        self.assertRegex(out, r"^environment 'prod': release 's-1.0.0' is deployed\nit does not follow stream 's' until relmanctl resume prod\n"
                              r"digests are not checked: component 'a': .*onnect.*\nCOMPONENT ")
        self.assertEqual(self.state(), ("s-1.0.0", "deployed"))
        forced = r"INC-17; forced, its digests were not checked: component 'a': .*onnect"
        self.assertRegex(self.hold(), forced)
        self.assertRegex(self.ctl("history", "prod"), forced)
        self.assertRegex(self.ctl("audit", "-o", "json"), forced)

    def test_a_digest_that_is_gone_is_not_forced(self):
        self.start(versions=("1.0.0",))
        self.wait_state("s-1.0.0", "deployed")
        self.push("2.0.0")
        self.ctl("sync", "a")
        self.wait_state("s-2.0.0", "deployed")
        self.server.delete("app/a", self.push("1.0.0"))
        before = self.everything()
        error = self.ctl("promote", "s-1.0.0", "prod", "--force", wanted=1)
        self.assertIn("its digest is no longer served", error)
        self.assertNotIn("--force", error)
        self.assertEqual(self.everything(), before)


class Platforms(Case):
    """Tests forced promotions of images of several platforms, some of which get no answer."""

    PLATFORMS = ("linux/amd64", "linux/arm64")

    def setUp(self):
        super().setUp()
        self.server = StandIn()
        self.addCleanup(self.server.close)
        self.images = {name: [self.push_image(name, version) for version in ("1.0.0", "2.0.0")][0] for name in ("a", "b")}
        self.site.write("all.yaml", documents(
            *(document("Component", name, f"imageRepository: {self.server.host}/app/{name}, platforms: [{', '.join(self.PLATFORMS)}]") for name in ("a", "b")),
            *(document("Release", f"r{i}", "components: [{name: a, version: %d.0.0}, {name: b, version: %d.0.0}]" % (i, i)) for i in (1, 2)),
            document("Environment", "prod", ""), registry=self.server))
        self.site.start(CONFIG)
        for name in ("r1", "r2"):
            wait_for(lambda: self.site.call("GET", f"/api/v1/releases/{name}")[1].get("status") == "ready", 60, name)
            self.ctl("promote", name, "prod", "--wait")

    def push_image(self, name, version):
        """Returns the digests of the images of the platforms."""
        images = {platform: f"{name} {version} {platform}" for platform in self.PLATFORMS}
        self.server.push_index(f"app/{name}", "v" + version, images)
        return [self.server.push(f"app/{name}", "image", content) for content in images.values()]

    def answer(self, name, digest, status):
        for method in ("HEAD", "GET"):
            self.server.answers[f"{method} /v2/app/{name}/manifests/{digest}"] = lambda handler: handler.reply(status)

    def refused(self, component):
        before = self.everything()
        for more in ((), ("--force",), ("--force", "--dry-run")):
            error = self.ctl("promote", "r1", "prod", *more, wanted=1)
            self.assertIn(f"component '{component}': the registry no longer serves its image for linux/arm64", error)
            self.assertNotIn("--force", error)
        self.assertEqual(self.everything()[:4], before[:4])

    def test_a_missing_platform_behind_one_without_an_answer_is_not_forced(self):
        self.answer("a", self.images["a"][0], 503)
        self.answer("a", self.images["a"][1], 404)
        self.refused("a")

    def test_a_missing_platform_of_another_component_is_not_forced(self):
        self.answer("a", self.server.digest("app/a", "v1.0.0"), 503)
        self.answer("b", self.images["b"][1], 404)
        self.refused("b")

    def test_a_platform_without_an_answer_is_forced(self):
        self.answer("a", self.images["a"][0], 503)
        self.assertIn("component 'a': platform linux/amd64: ", self.ctl("promote", "r1", "prod", wanted=1))
        self.ctl("promote", "r1", "prod", "--force", "--wait")
        self.assertEqual(self.state(), ("r1", "deployed"))


class Promotions(Case):
    """Tests guards, dry runs and reasons, with environments of three components."""

    def setUp(self):
        super().setUp()
        self.server = StandIn()
        self.addCleanup(self.server.close)
        for name in "abc":
            for version in ("1.0.0", "2.0.0"):
                self.server.push(f"app/{name}", "v" + version)
        self.environments()
        self.site.start(CONFIG)
        wait_for(lambda: self.get("environments/follower")["state"], 20, "deployment of the stream")
        for name, components in (("all", ("a=1.0.0", "b=1.0.0", "c=1.0.0")), ("hotfix", ("a=2.0.0",)), ("two", ("a=1.0.0", "b=2.0.0"))):
            self.ctl("create", "release", name, *components)
        self.ctl("promote", "all", "prod", "--wait")

    def environments(self, prod="", components="[a, b, c]", more=()):
        self.site.write("all.yaml", documents(
            document("ReleaseStream", "s", f"components: {components}, nameTemplate: 's-{{seq}}', settle: 0s"), document("Environment", "prod", prod),
            document("Environment", "follower", "stream: s"), *more, registry=self.server, components="abc"))

    def promote(self, release, **more):
        status, answer, _ = self.post(f"releases/{release}/promote", {"environmentId": "prod", **more})
        return status, answer

    def text(self, name, version):
        return f"{version} {self.server.digest('app/' + name, 'v' + version)[:19]}"

    def test_a_release_that_lacks_components_of_the_environment_is_refused(self):
        before = self.everything()
        refusal = ("release 'hotfix' lacks 2 components that environment 'prod' has: b, c; to remove them: "
                   "relmanctl promote hotfix prod --allow-removals")
        self.assertEqual(self.ctl("promote", "hotfix", "prod", wanted=1), f"relmanctl: error: {refusal}\n")
        status, answer = self.promote("two")
        self.assertEqual((status, answer["detail"]), (409, "release 'two' lacks 1 component that environment 'prod' has: c; to remove it: "
                                                      "relmanctl promote two prod --allow-removals"))
        status, answer = self.promote("hotfix", allowRemovals="yes")
        self.assertEqual((status, answer["pointer"]), (400, "/allowRemovals"))
        self.assertEqual(self.everything(), before)
        self.assertEqual(self.ctl("promote", "hotfix", "prod", "--allow-removals"),
                         "environment 'prod': release 'hotfix' is deployed\n"
                         "COMPONENT  CHANGE   all                        hotfix\n"
                         f"a          upgrade  {self.text('a', '1.0.0')}  {self.text('a', '2.0.0')}\n"
                         f"b          removed  {self.text('b', '1.0.0')}  -\n"
                         f"c          removed  {self.text('c', '1.0.0')}  -\n")
        self.assertEqual(self.promote("all")[0], 202)  # a release that only adds components needs no permission
        self.assertEqual(self.promote("two", allowRemovals=True)[0], 202)

    def test_a_stream_that_lost_a_component_is_followed(self):
        """The guard against removed components does not apply to streams, because a person reviewed the
        spec."""
        self.environments(components="[a, b]")
        wait_for(lambda: [c["componentName"] for c in self.get("releases/" + self.state("follower")[0])["components"]] == ["a", "b"], 20, "the smaller release")
        self.environments("release: small", more=[document("Release", "small", "mode: pinned, components: [{name: a, version: 2.0.0}]")])
        self.wait_state("small", "deployed")

    def test_a_dry_run_says_what_would_change_and_changes_nothing(self):
        before, n_audited = self.everything(), self.site.stored.count("audit")
        self.assertEqual(self.ctl("promote", "two", "prod", "--dry-run", "--allow-removals"),
                         "dry run: release 'two' would be promoted to environment 'prod'\n"
                         "COMPONENT  CHANGE   all                        two\n"
                         f"b          upgrade  {self.text('b', '1.0.0')}  {self.text('b', '2.0.0')}\n"
                         f"c          removed  {self.text('c', '1.0.0')}  -\n"
                         "1 component is unchanged\n")
        out = self.ctl("promote", "two", "prod", "--dry-run", wanted=1)
        self.assertIn("dry run: release 'two' would not be promoted to environment 'prod'\n", out)
        self.assertIn("\nc          removed  ", out)
        self.assertIn("relmanctl: error: release 'two' lacks 1 component that environment 'prod' has: c;", out)
        status, answer = self.promote("all", dryRun=True)
        self.assertEqual((status, answer["promotion"]["dryRun"], len(answer["promotion"]["changes"]["unchanged"])), (200, True, 3))
        self.assertNotIn("refusal", answer["promotion"])
        self.assertEqual(self.promote("none", dryRun=True)[0], 404)
        # a dry run checks the digests in the registry
        self.server.answers[f"/v2/app/b/manifests/{self.server.digest('app/b', 'v2.0.0')}"] = lambda handler: handler.reply(404)
        status, answer = self.promote("two", dryRun=True, allowRemovals=True)
        self.assertEqual(status, 200)
        self.assertIn("release 'two' is not promoted: component 'b': its digest is no longer served", answer["promotion"]["refusal"])
        self.assertEqual((self.everything(), self.site.stored.count("audit")), (before, n_audited))
        self.assertEqual(self.ctl("promote", "two", "prod", "--dry-run", "--wait", wanted=2),
                         "relmanctl: error: --wait waits for a promotion; --dry-run promotes nothing\n")

    def test_a_dry_run_shows_the_changes_before_they_are_approved(self):
        self.environments(prod="approvals: 1")
        wait_for(lambda: self.get("environments/prod")["approvals"] == 1, 20, "reload")
        self.ctl("create", "release", "next", "--from-env", "prod", "a=2.0.0")
        out = self.ctl("promote", "next", "prod", "--dry-run", wanted=1)
        self.assertIn(f"\na          upgrade  {self.text('a', '1.0.0')}  {self.text('a', '2.0.0')}\n2 components are unchanged\n", out)
        self.assertIn("error: release 'next' needs 1 more of 1 approvals for environment 'prod'", out)

    def test_the_reason_of_a_promotion_is_kept(self):
        self.ctl("promote", "two", "prod", "--allow-removals", "--reason", "INC-17: c leaks")
        environment = self.get("environments/prod")
        user = environment["hold"]["by"]
        self.assertEqual((environment["state"]["reason"], environment["state"]["deployedBy"]), ("INC-17: c leaks", user))
        self.assertEqual(self.hold(), "release 'two' was promoted by hand: INC-17: c leaks")
        self.assertRegex(self.ctl("history", "prod"), rf"(?m)prod +two +deployed +{user} +- +INC-17: c leaks$")
        history = [(h["release"], h["status"], h["by"], h.get("reason")) for h in self.get("environments/prod/history")]
        self.assertEqual(history[:4], [("two", "deployed", user, "INC-17: c leaks"), ("two", "promoting", user, "INC-17: c leaks"),
                                       ("all", "deployed", user, None), ("all", "promoting", user, None)])
        data = [e["data"] for e in self.get("events?limit=1000")["data"] if e["type"] in ("release.promoted", "release.deployed") and e["data"]["release"] == "two"]
        self.assertEqual([(d["by"], d["reason"]) for d in data], [(user, "INC-17: c leaks")] * 2)
        # A confirmation without a reason gets the reason of the promotion; a failure does not.
        self.environments(prod="confirm: manual")
        wait_for(lambda: self.get("environments/prod")["confirm"] == "manual", 20, "reload")
        self.ctl("promote", "all", "prod", "--reason", "c is mended")
        self.ctl("confirm", "prod")
        self.assertEqual(self.get("environments/prod")["state"]["reason"], "c is mended")
        self.ctl("promote", "two", "prod", "--allow-removals", "--reason", "again")
        self.ctl("confirm", "prod", "--status", "failed")
        self.assertEqual([(h["release"], h["status"], h.get("reason")) for h in self.get("environments/prod/history")[:3]],
                         [("all", "deployed", "release 'two' failed: no reason was given"), ("two", "failed", None), ("two", "promoting", "again")])


    def test_a_second_hold_says_what_it_replaces(self):
        self.ctl("hold", "follower", "--reason", "freeze for audit")
        release = self.state("follower")[0]
        held = f"environment 'follower': release '{release}' is deployed; on hold: {{}}, by uid:{os.getuid()}\n"
        self.assertEqual(self.ctl("hold", "follower"), held.format("freeze for audit"))
        out = self.ctl("hold", "follower", "--reason", "incident")
        self.assertRegex(out, "^" + held.format("incident") + rf"this replaces the hold of \S+Z, by uid:{os.getuid()}: freeze for audit\n$")
        self.assertEqual(self.ctl("hold", "follower", "--reason", "x", "-o", "name"), "environment/follower\n")

    def test_a_deprecation_names_the_environments_that_keep_the_release(self):
        self.assertEqual(self.ctl("deprecate", "all"), "release 'all' is deprecated: it can no longer be promoted; this cannot be undone\n"
                                                       "it stays in environment 'prod' until another release is promoted there\n")
        self.assertEqual(self.ctl("deprecate", "two"), "release 'two' is deprecated: it can no longer be promoted; this cannot be undone\n")

    def test_changes_are_listed_since_a_time_as_people_write_it(self):
        added = "a          added   -  " + self.text("a", "1.0.0")
        for since in ("1h", "yesterday", "2026-01-01", "2026-01-01T00:00:00+01:00"):
            self.assertEqual(self.ctl("changes", "prod", "--from", since).splitlines()[:2], ["COMPONENT  CHANGE  -  all", added])
        self.assertEqual(self.ctl("changes", "prod", "--from", "0", "--all").count("unchanged"), 3)
        for call in (("changes", "prod", "--from"), ("changes", "prod", "--to"), ("get", "releases", "--since"), ("events", "--since")):
            self.assertEqual(self.ctl(*call, "last week", wanted=2),
                             f"relmanctl: error: {call[-1]} takes a time (2026-11-28T12:00:00Z), a date (2026-11-28), today, yesterday, or a "
                             "duration back from now (2h, 7d), not 'last week'\n")
        names = self.ctl("get", "releases", "--since", "1h", "--page-size", "2", "-o", "name").splitlines()
        self.assertEqual([line.split(":")[0].split("/")[0] for line in names], ["release", "release", "relmanctl"])

    def test_all_components_are_polled_at_once(self):
        self.assertEqual(self.ctl("sync", "--all", "-o", "name").split(), ["component/a", "component/b", "component/c"])
        for call in (("sync",), ("sync", "a", "--all")):
            self.assertEqual(self.ctl(*call, wanted=2), "relmanctl: error: sync takes names of components, or --all\n")


class Slow(Case):
    """Tests with a registry that can delay answers about a digest."""

    def setUp(self):
        super().setUp()
        self.server = StandIn()
        self.addCleanup(self.server.close)
        self.gates = {}
        self.addCleanup(self.open)

    def close(self, version, n_answered=0):
        """Delays answers about the image of a version until open(), except for the first n_answered
        requests."""
        gate, asked = threading.Event(), threading.Semaphore(0)
        answered = itertools.count()

        def answer(handler):
            if next(answered) >= n_answered:
                asked.release()
                gate.wait(60)
            self.server.serve(handler, handler.path)
        self.server.answers[f"HEAD /v2/app/a/manifests/{self.server.digest('app/a', 'v' + version)}"] = answer
        self.gates[version] = gate, asked

    def open(self, *versions):
        for version in versions or list(self.gates):
            self.gates[version][0].set()

    def wait_asked(self, version):
        self.assertTrue(self.gates[version][1].acquire(timeout=20), "no digest was asked for\n" + self.site.log)

    def offer(self, version):
        """Pushes a new version for the stream. Returns when its automatic promotion waits for the
        registry."""
        self.push(version)
        self.close(version, n_answered=1)  # the request that resolves the draft is answered
        self.ctl("sync", "a")
        self.wait_asked(version)

    def ask(self, release, headers=None, wait=True):
        """Starts a promotion in a thread while the registry delays answers about its digests. Returns a
        function that waits for the answer and returns (status, answer)."""
        answers = []
        thread = threading.Thread(target=lambda: answers.append(
            self.post(f"releases/{release}/promote", {"environmentId": "prod"}, headers)), daemon=True)
        thread.start()
        if wait:
            self.wait_asked(release[2:])

        def answer():
            thread.join(30)
            self.assertTrue(answers, "no answer\n" + self.site.log)
            return answers[0][0], answers[0][1]
        return answer

    # --- commands and changes while relmand is about to promote automatically -----------------------

    def begin(self, **more):
        self.start(**more)
        self.wait_state("s-1.0.0", "deployed")

    def stays(self, *versions):
        self.open(*versions)
        self.turns()
        self.assertEqual((self.state(), len(self.history())), (("s-1.0.0", "deployed"), 2))

    def test_a_hold_while_digests_are_checked_is_kept(self):
        self.begin()
        self.offer("2.0.0")
        self.ctl("hold", "prod", "--reason", "freeze")
        self.assertEqual(self.reasons(), {"Held": "OnHold", "Ready": "Deployed"})  # the hold applies at once
        self.stays()
        self.assertEqual(self.hold(), "freeze")
        self.ctl("resume", "prod")
        self.wait_state("s-2.0.0", "deployed")
        self.assertIsNone(self.hold())

    def test_a_release_that_is_deprecated_while_its_digests_are_checked_is_not_promoted(self):
        self.begin()
        self.offer("2.0.0")
        self.ctl("deprecate", "s-2.0.0")
        self.stays()
        self.assertEqual(self.get("releases/s-2.0.0")["status"], "deprecated")

    def test_a_release_that_is_archived_while_its_digests_are_checked_is_not_promoted(self):
        self.begin()
        self.offer("2.0.0")
        self.post("releases/s-2.0.0/archive")
        self.stays()
        self.assertEqual(self.get("releases/s-2.0.0")["status"], "archived")

    def test_a_release_that_is_retired_while_its_digests_are_checked_is_not_promoted(self):
        self.begin(keep=", keep: 1")
        self.offer("2.0.0")
        self.offer("3.0.0")
        wait_for(lambda: self.get("releases/s-2.0.0")["status"] == "archived", what="retention")
        self.stays("2.0.0")
        self.open()
        self.wait_state("s-3.0.0", "deployed")
        self.assertNotIn("s-2.0.0", [release for release, _ in self.history()])

    def test_a_release_whose_document_goes_while_its_digests_are_checked_is_not_promoted(self):
        rel = document("Release", "rel", "mode: pinned, components: [{name: a, version: 2.0.0}]")
        self.begin()
        self.ctl("hold", "prod")
        self.push("2.0.0")
        self.ctl("sync", "a")
        self.specs("stream: s", more=(rel,))
        wait_for(lambda: self.site.call("GET", "/api/v1/releases/rel")[1].get("status") == "ready", 20, "release")
        self.close("2.0.0")
        self.specs("release: rel", more=(rel,))
        self.wait_asked("2.0.0")
        self.specs("release: rel")
        wait_for(lambda: self.get("releases/rel")["status"] == "archived", 20, "archived")
        self.stays()

    def test_a_resume_while_an_older_release_is_checked_follows_the_stream(self):
        """An older version of relman stored a hold for each promotion by hand. Such a hold still applies."""
        self.begin()
        self.push("2.0.0")
        self.ctl("sync", "a")
        self.wait_state("s-2.0.0", "deployed")
        self.close("1.0.0")
        self.hold_for("s-1.0.0")
        self.wait_asked("1.0.0")
        self.ctl("resume", "prod")
        self.open()
        self.turns()
        self.assertEqual((self.state(), self.hold()), (("s-2.0.0", "deployed"), None))

    def hold_for(self, release):
        ids = self.get("environments/prod")["id"], self.get(f"releases/{release}")["id"]
        self.site.stop()
        self.site.stored.put_hold(*ids)
        self.site.start(CONFIG)

    def test_a_dry_run_holds_up_nothing(self):
        self.two()
        answers = []
        thread = threading.Thread(target=lambda: answers.append(self.post("releases/s-1.0.0/promote", {"environmentId": "prod", "dryRun": True})), daemon=True)
        thread.start()
        self.wait_asked("1.0.0")
        self.assertIsNone(self.get("environments/prod")["pending"])
        self.assertIn("nothing is pending in environment 'prod'", self.ctl("cancel", "prod", wanted=1))
        self.push("3.0.0")
        self.ctl("sync", "a")
        self.wait_state("s-3.0.0", "deployed")
        before = self.everything()
        self.open()
        thread.join(30)
        changes = answers[0][1]["promotion"]["changes"]
        self.assertEqual((answers[0][0], changes["releaseAName"], changes["releaseBName"]), (200, "s-3.0.0", "s-1.0.0"))
        self.assertEqual(self.everything(), before)

    # --- promotions by hand -------------------------------------------------------------------------

    def two(self, prod="stream: s"):
        """Deploys s-2.0.0 to prod, then makes the registry delay answers about version 1.0.0."""
        self.begin(prod=prod)
        self.push("2.0.0")
        self.ctl("sync", "a")
        self.wait_state("s-2.0.0", "deployed")
        self.close("1.0.0")

    def test_a_promotion_is_answered_when_it_is_stored(self):
        self.two()
        before = self.everything()
        answer = self.ask("s-1.0.0")
        self.turns()
        self.assertEqual(self.everything()[:4], before[:4])
        self.open()
        status, release = answer()
        self.assertEqual((status, release["status"], release["deployedEnvironments"]),
                         (202, "deployed", [self.get("environments/prod")["id"]]))
        self.assertEqual((self.state(), self.hold()), (("s-1.0.0", "deployed"), "release 's-1.0.0' was promoted by hand"))
        self.assertEqual(self.reasons(), {"Held": "OnHold", "Ready": "Deployed"})
        self.assertEqual(self.site.stored.count("audit", action__like="%/promote", outcome="accepted"), 1)

    def test_a_confirmation_right_after_a_promotion_is_accepted_every_time(self):
        self.start(prod="confirm: manual", versions=("1.0.0", "2.0.0"))
        self.site.write("rel.yaml", "---\n".join(document("Release", f"r-{v}", f"mode: pinned, components: [{{name: a, version: {v}.0.0}}]")
                                                 for v in (1, 2)))
        wait_for(lambda: self.get("releases?status=ready&text=r-")["meta"]["total"] == 2, 20, "releases")
        for i in range(20):
            release = f"r-{i % 2 + 1}"
            status, answer, _ = self.post(f"releases/{release}/promote", {"environmentId": "prod"})
            self.assertEqual((status, answer["status"]), (202, "promoting"))
            status, answer, _ = self.post("environments/prod/confirm", {"releaseId": release})
            self.assertEqual((status, answer["state"]["status"]), (200, "deployed"), answer)

    def test_a_hold_ends_a_promotion_that_is_not_stored_yet(self):
        self.two()
        answer = self.ask("s-1.0.0")
        self.ctl("hold", "prod", "--reason", "freeze")
        self.assertEqual(answer()[0], 409)
        self.assertEqual(answer()[1]["detail"],
                         "release 's-1.0.0' is not promoted to environment 'prod': it was put on hold meanwhile")
        self.open()
        self.turns()
        self.assertEqual((self.state(), self.hold()), (("s-2.0.0", "deployed"), "freeze"))

    def test_a_resume_ends_a_promotion_that_is_not_stored_yet(self):
        self.two()
        answer = self.ask("s-1.0.0")
        self.ctl("resume", "prod")
        self.assertEqual(answer()[0], 409)
        self.assertIn("it was resumed meanwhile", answer()[1]["detail"])
        self.open()
        self.turns()
        self.assertEqual((self.state(), self.hold()), (("s-2.0.0", "deployed"), None))

    def test_a_release_that_is_deprecated_meanwhile_is_refused(self):
        self.two()
        answer = self.ask("s-1.0.0")
        self.ctl("deprecate", "s-1.0.0")
        self.open()
        self.assertEqual(answer()[0], 409)
        self.assertEqual(answer()[1]["detail"], "release 's-1.0.0' is deprecated and can no longer be promoted")
        self.assertEqual((self.state(), self.hold()), (("s-2.0.0", "deployed"), None))

    def test_the_later_of_two_promotions_counts(self):
        self.two()
        self.ctl("hold", "prod")  # otherwise 3.0.0 would be promoted automatically
        self.push("3.0.0")
        self.close("3.0.0", n_answered=1)  # the request that resolves the draft is answered
        self.ctl("sync", "a")
        wait_for(lambda: self.site.call("GET", "/api/v1/releases/s-3.0.0")[0] == 200, what="release")
        older = self.ask("s-1.0.0")
        later = self.ask("s-3.0.0")
        self.assertEqual(older()[0], 409)
        self.assertRegex(older()[1]["detail"],
                         r"^release 's-1.0.0' is not promoted to environment 'prod': uid:\d+ asked for release 's-3.0.0' meanwhile$")
        self.open()
        self.assertEqual(later()[0], 202)
        self.turns()
        self.assertEqual((self.state(), self.hold()), (("s-3.0.0", "deployed"), None))
        self.assertNotIn(("s-1.0.0", "promoting"), self.history()[2:])

    def test_two_promotions_of_one_release_are_both_answered(self):
        self.two()
        answers = [self.ask("s-1.0.0"), self.ask("s-1.0.0")]
        self.open()
        self.assertEqual([a()[0] for a in answers], [202, 202])
        self.assertEqual(self.history()[-2:], [("s-1.0.0", "promoting"), ("s-1.0.0", "deployed")])
        self.assertEqual(self.history()[-3], ("s-2.0.0", "deployed"))
        self.assertEqual(self.site.stored.count("audit", action__like="%/promote", outcome="accepted"), 2)

    def test_a_stream_that_offers_something_meanwhile_waits(self):
        self.two()
        answer = self.ask("s-1.0.0")
        self.push("3.0.0")
        self.ctl("sync", "a")
        wait_for(lambda: self.site.call("GET", "/api/v1/releases/s-3.0.0")[0] == 200, what="release")
        self.turns()
        self.assertEqual(self.state(), ("s-2.0.0", "deployed"))
        self.open()
        self.assertEqual(answer()[0], 202)
        self.turns()
        self.assertEqual(self.state(), ("s-1.0.0", "deployed"))
        self.assertNotIn("s-3.0.0", [release for release, _ in self.history()])

    def test_nothing_comes_of_a_promotion_whose_client_has_gone(self):
        self.two()
        before = self.everything()
        client = UnixConnection(self.site.socket)
        client.request("POST", "/api/v1/releases/s-1.0.0/promote", '{"environmentId": "prod"}')
        self.wait_asked("1.0.0")
        client.close()
        self.open()
        wait_for(lambda: "the connection was closed before every digest was checked" in self.site.log, what="the end of it")
        self.turns()
        self.assertEqual(self.everything()[:4], before[:4])

    def test_nothing_comes_of_a_promotion_when_the_daemon_stops(self):
        self.two()
        before = self.everything()
        answer = self.ask("s-1.0.0")
        self.site.stop()
        self.assertEqual(answer()[0], 503)
        self.open()
        self.site.start(CONFIG)
        self.turns()
        self.assertEqual(self.everything()[:4], before[:4])

    def test_a_key_promotes_once(self):
        self.two()
        answer = self.ask("s-1.0.0", {"Idempotency-Key": "k"})
        self.assertEqual(self.post("releases/s-1.0.0/promote", {"environmentId": "prod"}, {"Idempotency-Key": "k"})[0], 409)
        self.open()
        self.assertEqual(answer()[0], 202)
        status, again, headers = self.post("releases/s-1.0.0/promote", {"environmentId": "prod"}, {"Idempotency-Key": "k"})
        first = dict(answer()[1])
        promotion = first.pop("promotion")  # only the first answer has it
        self.assertEqual(promotion["changes"]["changed"][0]["toVersion"], "1.0.0")
        self.assertEqual((status, again, headers["Idempotency-Replayed"]), (202, first, "true"))

    def test_a_key_whose_promotion_was_refused_can_be_used_again(self):
        self.two()
        answer = self.ask("s-1.0.0", {"Idempotency-Key": "k"})
        self.ctl("hold", "prod")
        self.assertEqual(answer()[0], 409)
        self.open()
        self.assertEqual(self.post("releases/s-1.0.0/promote", {"environmentId": "prod"}, {"Idempotency-Key": "k"})[0], 202)
        self.assertEqual(self.state(), ("s-1.0.0", "deployed"))

    def test_an_environment_that_goes_meanwhile_ends_its_promotion(self):
        self.two()
        answer = self.ask("s-1.0.0")
        self.site.write("all.yaml", documents(registry=self.server, components=("a",)))
        self.assertEqual(answer()[0], 409)
        self.assertIn("its document was removed meanwhile", answer()[1]["detail"])

    def test_specs_that_change_meanwhile_do_not_end_a_promotion(self):
        self.two()
        answer = self.ask("s-1.0.0")
        self.specs(more=(document("Environment", "other", ""),))
        wait_for(lambda: self.site.call("GET", "/api/v1/environments/other")[0] == 200, 20, "specs")
        self.open()
        self.assertEqual(answer()[0], 202)
        self.assertEqual(self.state(), ("s-1.0.0", "deployed"))

    def test_a_component_that_nobody_declares_any_more_refuses_a_promotion(self):
        self.two()
        self.site.write("all.yaml", documents(document("Environment", "prod", ""), registry=self.server, components=()))
        wait_for(lambda: self.site.call("GET", "/api/v1/components/a")[0] == 404, 20, "specs")
        before = self.everything()
        status, answer, _ = self.post("releases/s-1.0.0/promote", {"environmentId": "prod"})
        self.assertEqual((status, answer["detail"]),
                         (409, "release 's-1.0.0' is not promoted: component 'a': no spec declares it any more, so nobody can ask for "
                               "its digest; to promote it without that answer: relmanctl promote s-1.0.0 prod --force"))
        self.assertEqual(self.everything()[:4], before[:4])

    def test_a_registry_that_denies_access_is_not_forced(self):
        """Many registries answer 401 or 403 for a repository that was deleted."""
        self.two()
        self.open()
        before = self.everything()
        manifest = f"/v2/app/a/manifests/{self.server.digest('app/a', 'v1.0.0')}"
        for status in (401, 403):
            for method in ("HEAD", "GET"):
                self.server.answers[f"{method} {manifest}"] = lambda handler, status=status: handler.reply(status)
            for more in ((), ("--force",), ("--force", "--dry-run")):
                with self.subTest(status=status, more=more):
                    error = self.ctl("promote", "s-1.0.0", "prod", *more, wanted=1)
                    self.assertRegex(error, f"component 'a': .*{status}")
                    self.assertNotIn("--force", error)
        self.assertEqual(self.everything()[:4], before[:4])

    def test_a_cancel_ends_a_promotion_that_is_not_stored_yet(self):
        self.two()
        answer = self.ask("s-1.0.0")
        self.ctl("cancel", "prod")
        self.assertEqual(answer()[0], 409)
        self.assertIn("it was canceled meanwhile", answer()[1]["detail"])
        self.open()
        self.turns()
        self.assertEqual((self.state(), self.hold()), (("s-2.0.0", "deployed"), None))

    def test_a_roll_back_that_never_came_is_canceled(self):
        self.two()
        self.hold_for("s-1.0.0")
        self.wait_asked("1.0.0")
        pending = self.get("environments/prod")["pending"]
        self.assertEqual((pending["release"], pending["reason"], pending["needsAction"]), ("s-1.0.0", "Checking", False))
        self.assertRegex(self.ctl("get", "environments"), r"PENDING\n.*s-1.0.0 waits for its digests to be checked")
        self.assertRegex(self.ctl("cancel", "prod", "--reason", "never came"),
                         r"release 's-2.0.0' is deployed; on hold: release 's-1.0.0' was canceled: never came, by uid:\d+\n$")
        self.open()
        self.turns()
        self.assertEqual((self.state(), self.get("environments/prod")["pending"]), (("s-2.0.0", "deployed"), None))
        self.ctl("resume", "prod")
        self.assertEqual((self.state(), self.hold()), (("s-2.0.0", "deployed"), None))

    def test_what_a_stream_is_about_to_bring_is_canceled(self):
        self.begin()
        self.offer("2.0.0")
        self.ctl("cancel", "prod")
        self.stays()
        self.assertEqual(self.hold(), "release 's-2.0.0' was canceled")


class Waiting(Case):
    """Tests that an accepted promotion shows what it waits for, and can be canceled."""

    def setUp(self):
        super().setUp()
        self.server = StandIn()
        self.addCleanup(self.server.close)

    def locked(self):
        try:
            with open(os.path.join(self.site.locks, "default/environments/prod.lock.yaml")) as f:
                return f.read().split("metadata: {name: ")[1].split(",")[0]
        except FileNotFoundError:
            return None

    def begin(self, prod="stream: s, confirm: manual", confirm=True, **more):
        self.start(prod=prod, **more)
        self.wait_state("s-1.0.0", "promoting")
        if confirm:
            self.ctl("confirm", "prod")
            self.push("2.0.0")
            self.ctl("sync", "a")
            self.wait_state("s-2.0.0", "promoting")

    def test_a_promotion_that_waits_for_its_confirmation_says_so(self):
        self.begin()
        waits = "environment 'prod': release '{}' is promoting; waits for its confirmation (relmanctl confirm prod)\n"
        one, two = (f"{v} {self.server.digest('app/a', 'v' + v)[:19]}" for v in ("1.0.0", "2.0.0"))
        self.assertEqual(self.ctl("promote", "s-1.0.0", "prod"), waits.format("s-1.0.0") + "it does not follow stream 's' until relmanctl resume prod\n"
                         f"COMPONENT  CHANGE     s-2.0.0                    s-1.0.0\na          downgrade  {two}  {one}\n")
        self.assertEqual(self.ctl("promote", "s-2.0.0", "prod", "--wait", wanted=3), waits.format("s-2.0.0") +
                         f"COMPONENT  CHANGE   s-1.0.0                    s-2.0.0\na          upgrade  {one}  {two}\n")
        self.assertRegex(self.ctl("get", "environments"), r" PENDING\nprod .* s-2.0.0 waits for its confirmation")
        self.assertRegex(self.ctl("status", wanted=1), r"Environment +prod +Ready +Promoting ")
        self.assertEqual(self.ctl("confirm", "prod"), "environment 'prod': release 's-2.0.0' is deployed\n")
        self.assertNotIn("PENDING", self.ctl("get", "environments"))
        self.assertEqual(self.ctl("promote", "s-2.0.0", "prod", "--wait"), "environment 'prod': release 's-2.0.0' is deployed\n1 component is unchanged\n")

    def test_what_waits_for_its_confirmation_is_canceled(self):
        self.begin()
        status, answer, _ = self.post("environments/prod/cancel", {"reason": "wrong one"}, {"Idempotency-Key": "k"})
        self.assertEqual((status, answer["state"]["release"], answer["state"]["status"], answer["pending"]), (200, "s-1.0.0", "deployed", None))
        self.assertEqual(self.reasons(), {"Ready": "Deployed", "Held": "OnHold"})
        self.assertEqual(self.hold(), "release 's-2.0.0' was canceled: wrong one")
        self.assertEqual(self.locked(), "s-1.0.0")
        self.assertEqual(self.history()[2:], [("s-2.0.0", "promoting"), ("s-2.0.0", "canceled"), ("s-1.0.0", "deployed")])
        self.assertEqual(self.get("environments/prod/history")[1]["by"], f"uid:{os.getuid()}")
        self.assertEqual(self.get("environments/prod/history")[1]["reason"], "wrong one")
        self.assertEqual((self.get("releases/s-2.0.0")["status"], self.get("releases/s-1.0.0")["status"]), ("ready", "deployed"))
        self.assertEqual(self.get("audit")["data"][-1]["action"], "POST /api/v1/environments/prod/cancel")
        status, again, headers = self.post("environments/prod/cancel", {"reason": "wrong one"}, {"Idempotency-Key": "k"})
        self.assertEqual((status, again, headers["Idempotency-Replayed"]), (200, answer, "true"))
        # The canceled release is not promoted automatically, and there is nothing more to cancel.
        self.turns()
        self.site.stop()
        self.site.start(CONFIG)
        self.turns()
        self.assertEqual((self.state(), self.locked()), (("s-1.0.0", "deployed"), "s-1.0.0"))
        self.assertIn("error: nothing is pending in environment 'prod'", self.ctl("cancel", "prod", wanted=1))
        self.assertIn("waits for its confirmation", self.ctl("resume", "prod", "--wait", wanted=3))
        self.assertEqual(self.state(), ("s-2.0.0", "promoting"))

    def test_the_first_promotion_of_all_is_canceled(self):
        self.begin(confirm=False)
        self.assertEqual(self.locked(), "s-1.0.0")
        self.assertIn("nothing is deployed; on hold: release 's-1.0.0' was canceled", self.ctl("cancel", "prod"))
        self.assertEqual((self.state(), self.locked(), self.get("releases/s-1.0.0")["status"]), ((None, None), None, "ready"))
        self.ctl("archive", "s-1.0.0")

    def test_a_promotion_by_hand_is_canceled(self):
        self.start(prod="confirm: manual")
        self.ctl("promote", "s-1.0.0", "prod")
        self.ctl("cancel", "prod")
        self.assertEqual((self.state(), self.hold(), self.locked(), self.reasons()), ((None, None), None, None, {"Ready": "Empty"}))
        self.ctl("promote", "s-1.0.0", "prod")
        self.ctl("confirm", "prod")
        self.ctl("promote", "s-1.0.0", "prod")
        self.assertIn("nothing is pending", self.ctl("cancel", "prod", wanted=1))

    def test_what_a_spec_names_stays_out_once_it_was_canceled(self):
        self.start(prod="release: rel, confirm: manual",
                   more=(document("Release", "rel", "mode: pinned, components: [{name: a, version: 1.0.0}]"),))
        self.wait_state("rel", "promoting")
        self.ctl("cancel", "prod", "--reason", "not now")
        self.turns()
        self.assertEqual((self.state(), self.hold(), self.reasons()), ((None, None), None, {"Ready": "PromotionCanceled"}))
        self.assertIn("is declared with release 'rel' at", self.ctl("cancel", "prod", wanted=1))
        self.ctl("promote", "rel", "prod")
        self.assertEqual(self.state(), ("rel", "promoting"))

    def test_approvals_that_are_missing_are_said(self):
        self.start(prod="stream: s, approvals: 2")
        self.assertRegex(self.ctl("approve", "s-1.0.0", "prod", "--wait", wanted=3),
                         r"has 1 of 2 approvals; .* has approved it; waits for 1 more approval \(relmanctl approve s-1.0.0 prod\)\n$")
        self.assertIn("release 's-1.0.0' waits for 1 more approval", self.ctl("resume", "prod"))
        self.ctl("resume", "prod", "--wait", wanted=3)
        self.assertIn("on hold: release 's-1.0.0' was canceled", self.ctl("cancel", "prod"))
        self.assertIsNone(self.get("environments/prod")["pending"])

    def test_what_is_canceled_first_is_pending_first(self):
        self.start(prod="stream: s, approvals: 1, confirm: manual")
        self.ctl("approve", "s-1.0.0", "prod")
        self.wait_state("s-1.0.0", "promoting")
        self.push("2.0.0")
        self.ctl("sync", "a")
        wait_for(lambda: self.reasons()["Ready"] == "ApprovalsMissing", 20, "the newer release")
        pending = self.get("environments/prod")["pending"]
        self.assertEqual((pending["release"], pending["reason"], pending["needsAction"]), ("s-1.0.0", "Promoting", True))
        self.ctl("cancel", "prod")
        self.assertEqual(self.history()[-1], ("s-1.0.0", "canceled"))
        self.ctl("resume", "prod")
        pending = self.get("environments/prod")["pending"]
        self.assertEqual((pending["release"], pending["reason"]), ("s-2.0.0", "ApprovalsMissing"))

    def test_approvals_of_a_release_that_nothing_asks_for_are_missing_too(self):
        self.start(prod="approvals: 2")
        said = self.ctl("approve", "s-1.0.0", "prod", "--wait", wanted=3)
        self.assertRegex(said, r" has 1 of 2 approvals; .* has approved it; waits for 1 more approval \(relmanctl approve s-1.0.0 prod\)\n$")
        self.assertIsNone(self.get("environments/prod")["pending"])

    def test_what_is_waited_for_is_printed_before_the_wait(self):
        self.start()
        self.wait_state("s-1.0.0", "deployed")
        gate, answered = threading.Event(), itertools.count()
        self.addCleanup(gate.set)

        def answer(handler):
            if next(answered) >= 1:  # the first request resolves the draft
                gate.wait(60)
            self.server.serve(handler, handler.path)
        self.server.answers[f"HEAD /v2/app/a/manifests/{self.push('2.0.0')}"] = answer
        self.ctl("sync", "a")
        wait_for(lambda: self.get("environments/prod")["pending"], 20, "the check")
        client = subprocess.Popen([f"{BUILDDIR}/relmanctl", "resume", "prod", "--wait"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  env=dict(os.environ, RELMAN_SOCKET=self.site.socket))
        self.addCleanup(client.wait)
        self.assertEqual(client.stderr.readline(), "waiting: release 's-2.0.0' waits for its digests to be checked\n")
        gate.set()
        out, err = client.communicate(timeout=60)
        self.assertEqual((out, err, client.returncode), ("environment 'prod': release 's-2.0.0' is deployed\n", "", 0))

    def test_a_resume_of_what_follows_nothing_is_refused(self):
        self.start(prod="")
        before = self.everything()
        self.assertIn("error: environment 'prod' follows nothing and is not on hold: there is nothing to resume; promote a release with "
                      "relmanctl promote RELEASE prod\n", self.ctl("resume", "prod", "--wait", wanted=1))
        self.assertEqual(self.post("environments/prod/resume")[0], 409)
        self.assertEqual(self.everything(), before)

    def test_a_draft_that_a_spec_names_is_said(self):
        self.start(prod="release: rel, approvals: 1",
                   more=(document("Release", "rel", "mode: pinned, components: [{name: a, version: 9.0.0}]"),))
        pending = self.get("environments/prod")["pending"]
        self.assertEqual((pending["release"], pending["reason"], pending["waitsFor"]),
                         ("rel", "ReleaseNotReady", "all of its components to be resolved"))
        self.assertIn("error: release 'rel' is a draft", self.ctl("promote", "rel", "prod", wanted=1))


if __name__ == "__main__":
    relman.main()
