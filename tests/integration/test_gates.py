#!/usr/bin/env python3
"""Tests gates of environments in specs. All interfaces give the same reason, a release passes a gate at the
time when it opens and not before, and a kill of the daemon changes nothing."""

import datetime
import os
import sys

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import SiteCase, document, documents, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

CONFIG = "poll: {interval: 1h, jitter: 0%}\n"


class Case(SiteCase):
    """Helpers for a stream s of component a."""

    def setUp(self):
        super().setUp()
        self.server = StandIn()
        self.addCleanup(self.server.close)

    def state(self, environment):
        state = self.get(f"environments/{environment}")["state"] or {}
        return state.get("release"), state.get("status")

    def wait_state(self, environment, release, status="deployed"):
        wait_for(lambda: self.state(environment) == (release, status), 30, f"{environment} at {release} {status}")

    def push(self, version):
        return self.server.push("app/a", "v" + version)

    def specs(self, **environments):
        self.site.write("all.yaml", documents(
            document("ReleaseStream", "s", "components: [a], nameTemplate: 's-{version:a}', settle: 0s"),
            *(document("Environment", name, spec) for name, spec in environments.items()),
            registry=self.server, components=("a",)))

    def kill(self):
        self.site.process.kill()
        self.site.process.wait()
        self.site.start(CONFIG)

    def pending(self, environment="prod"):
        return self.get(f"environments/{environment}")["pending"]


def when(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Soak(Case):
    def test_what_soaks_is_said_everywhere_in_the_same_words(self):
        self.push("1.0.0")
        self.specs(staging="stream: s", prod="stream: s, promotesFrom: staging, soak: 24h", lab="promotesFrom: staging, soak: 24h")
        self.site.start(CONFIG)
        self.wait_state("staging", "s-1.0.0")
        wait_for(lambda: (self.pending() or {}).get("reason") == "Soaking", 20, "prod waits")
        pending = self.pending()
        self.assertEqual(when(pending["opensAt"]) - when(self.get("environments/staging")["state"]["deployedAt"]), datetime.timedelta(hours=24))
        self.assertEqual((pending["release"], pending["needsAction"], pending["waitsFor"]),
                         ("s-1.0.0", False, f"its soak in environment 'staging' until {pending['opensAt']}"))
        said = f"release 's-1.0.0' is soaking in environment 'staging' until {pending['opensAt']} (soak 1d)"
        self.assertEqual(pending["message"], said)
        self.assertIn(said.replace("'", "''"), self.ctl("describe", "environment", "prod"))
        self.assertIn(pending["waitsFor"], self.ctl("get", "environments"))
        why = self.ctl("why", "prod", wanted=1)
        self.assertIn(said, why)
        self.assertIn("first obstacle: soak", why)
        opens = pending["opensAt"]
        self.assertEqual(self.ctl("gates", "prod", wanted=1),
                         f"environment 'prod', release 's-1.0.0': {said}\n"
                         "GATE       STATE   OPENS                 OPENED BY\n"
                         "status     open    -                     -\n"
                         "failure    open    -                     -\n"
                         "removals   open    -                     -\n"
                         "source     open    -                     -\n"
                         "approvals  open    -                     -\n"
                         "checks     open    -                     -\n"
                         f"soak       closed  {opens}  -\n"
                         "windows    open    -                     -\n")
        self.assertEqual(self.ctl("gates", "lab", "s-1.0.0", wanted=1).partition(": ")[2].partition("\n")[0], said)
        self.assertEqual(self.ctl("gates", "staging").partition("\n")[0], "environment 'staging', release 's-1.0.0': the environment has it")
        self.assertEqual(self.ctl("gates", "lab", wanted=1), "environment 'lab': it has no release, and none is desired\n")
        gate = [g for g in self.get("environments/prod/gates")["gates"] if g["gate"] == "soak"][0]
        self.assertEqual((gate["state"], gate["message"], gate["opensAt"]), ("closed", said, opens))
        self.assertIn("there is no release 's-9'", self.ctl("gates", "prod", "s-9", wanted=1))
        # Each way to promote is refused with the same message and changes nothing.
        for environment in ("prod", "lab"):
            self.assertIn(said, self.ctl("promote", "s-1.0.0", environment, wanted=1))
            self.assertIn(said, self.ctl("promote", "--dry-run", "s-1.0.0", environment, wanted=1))
            status, answer, _ = self.site.call("POST", "/api/v1/releases/s-1.0.0/promote", {"environmentId": environment})
            self.assertEqual((status, answer["detail"]), (409, said))
        self.specs(staging="stream: s", prod="release: s-1.0.0, promotesFrom: staging, soak: 24h", lab="promotesFrom: staging, soak: 24h")
        plan = self.ctl("plan", self.site.specs)
        self.assertIn(f"~ prod: waits for {pending['waitsFor']}, then gets s-1.0.0\n", plan)
        self.ctl("sync", "a")
        wait_for(lambda: self.get("environments/prod").get("release") == "s-1.0.0" and self.pending()["message"] == said, 20, "the spec's own")
        self.assertEqual(self.state("prod"), (None, None))
        # without the soak the release is promoted at once
        self.specs(staging="stream: s", prod="release: s-1.0.0, promotesFrom: staging")
        self.wait_state("prod", "s-1.0.0")

    def test_a_soak_ends_at_its_time_also_after_a_kill(self):
        self.push("1.0.0")
        self.specs(staging="stream: s, confirm: manual", prod="stream: s, promotesFrom: [staging], soak: 3s")
        self.site.start(CONFIG)
        self.wait_state("staging", "s-1.0.0", "promoting")
        self.assertEqual(self.pending()["reason"], "NotInSource")
        self.kill()
        self.ctl("confirm", "staging")
        self.kill()
        pending = self.pending()
        self.kill()
        self.wait_state("prod", "s-1.0.0")
        deployed = [when(row["at"]) for row in self.get("environments/prod/history") if row["status"] == "promoting"]
        since = when(self.get("environments/staging")["state"]["deployedAt"])
        self.assertEqual(len(deployed), 1)
        self.assertGreaterEqual(deployed[0] - since, datetime.timedelta(seconds=3))
        if pending:  # None if the release was already deployed, on a busy machine
            self.assertEqual((pending["reason"], when(pending["opensAt"]) - since), ("Soaking", datetime.timedelta(seconds=3)))

    def test_what_was_replaced_and_put_back_soaks_again(self):
        for version in ("1.0.0", "2.0.0"):
            self.push(version)
            if version == "1.0.0":
                self.specs(staging="stream: s", prod="promotesFrom: {environments: staging, require: any}, soak: 24h")
                self.site.start(CONFIG)
            else:
                self.ctl("sync", "a")
            self.wait_state("staging", f"s-{version}")
        refused = self.ctl("promote", "s-1.0.0", "prod", wanted=1)
        self.assertIn("release 's-1.0.0' was not deployed in environment 'staging' for 1d without interruption; "
                      "relmanctl promote s-1.0.0 staging", refused)
        self.ctl("promote", "s-1.0.0", "staging")
        since = self.get("environments/staging")["state"]["deployedAt"]
        until = (when(since) + datetime.timedelta(hours=24)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.assertIn(f"is soaking in environment 'staging' until {until} (soak 1d)", self.ctl("promote", "s-1.0.0", "prod", wanted=1))

    def test_all_or_any_of_several_environments(self):
        self.push("1.0.0")
        self.specs(one="stream: s", two="", every="promotesFrom: [one, two]", either="promotesFrom: {environments: [one, two], require: any}")
        self.site.start(CONFIG)
        self.wait_state("one", "s-1.0.0")
        self.assertIn("was not deployed in environment 'two' yet; relmanctl promote s-1.0.0 two", self.ctl("promote", "s-1.0.0", "every", wanted=1))
        self.ctl("promote", "s-1.0.0", "either")
        self.ctl("promote", "s-1.0.0", "two")
        self.ctl("promote", "s-1.0.0", "every")
        answer = self.get("environments/every")
        self.assertEqual((answer.get("promotesFrom"), answer["sources"], answer["require"]), (None, ["one", "two"], "all"))


class There(Case):
    def test_the_gates_of_a_deployed_release_are_open(self):
        self.push("1.0.0")
        self.specs(staging="stream: s", prod="stream: s, promotesFrom: staging, soak: 1s, approvals: 1")
        self.site.start(CONFIG)
        self.wait_state("staging", "s-1.0.0")
        self.ctl("approve", "s-1.0.0", "prod")
        self.wait_state("prod", "s-1.0.0")
        for named in ((), ("s-1.0.0",)):
            lines = self.ctl("gates", "prod", *named).splitlines()
            self.assertEqual(lines[0], "environment 'prod', release 's-1.0.0': the environment has it")
            self.assertEqual([line.split()[1] for line in lines[2:]], 8 * ["open"], lines)
        # the gates of another release are still closed
        self.push("2.0.0")
        self.ctl("sync", "a")
        self.wait_state("staging", "s-2.0.0")
        self.assertRegex(self.ctl("gates", "prod", "s-2.0.0", wanted=1), "approvals +closed")


class Hold(Case):
    def test_a_hold_is_a_closed_gate(self):
        self.push("1.0.0")
        self.specs(prod="stream: s")
        self.site.start(CONFIG)
        self.wait_state("prod", "s-1.0.0")
        self.ctl("hold", "prod", "--reason", "a freeze")
        self.push("2.0.0")
        self.ctl("sync", "a")
        wait_for(lambda: self.get("environments/prod/gates")["release"] == "s-2.0.0", 20, "the newer release")
        gates = self.ctl("gates", "prod", wanted=1)
        self.assertRegex(gates, "release 's-2.0.0': environment 'prod' does not follow stream 's' since [^ ]+: a freeze, by ")
        self.assertRegex(gates, "hold +closed +- +a person who may promote")
        self.ctl("resume", "prod")
        self.wait_state("prod", "s-2.0.0")
        self.assertIn("the environment has it", self.ctl("gates", "prod"))


if __name__ == "__main__":
    relman.main()
