#!/usr/bin/env python3
"""Tests the checks of releases in environments: those before a promotion are a gate, those after it decide
whether the deployment counts. Results survive a kill of the daemon and a reload of the specs."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import relman  # noqa: E402
import test_people  # noqa: E402
from relman import document, documents, wait_for  # noqa: E402
from test_gates import CONFIG, Case as GatesCase  # noqa: E402


class Case(GatesCase):
    """Helpers for a stream s of component a."""

    def wait_for_reason(self, reason, environment="prod"):
        wait_for(lambda: (self.pending(environment) or {}).get("reason") == reason, 20, reason)
        return self.pending(environment)

    def check(self, release, environment, name, *how, wanted=0):
        return self.ctl("check", release, environment, name, *how, wanted=wanted)

    def rows(self):
        return self.site.stored.checks("release", "name", "status", "message")

    def checks(self, environment="prod", release=None):
        query = f"?release={release}" if release else ""
        return {c["check"]: c for c in self.get(f"environments/{environment}/checks{query}")["checks"]}

    def states(self, environment="prod", release=None):
        return {name: c["state"] for name, c in self.checks(environment, release).items()}

    def happened(self, kind):
        events = [json.loads(row[2]) for row in self.site.events(kind)]
        return [(e["environment"], e["release"], e["check"], e.get("message")) for e in events]

    def history(self, environment="prod"):
        return [(row["release"], row["status"], row.get("reason")) for row in reversed(self.get(f"environments/{environment}/history"))]

    def next(self, version):
        self.push(version)
        self.ctl("sync", "a")


class Before(Case):
    def test_a_running_check_is_said_everywhere_in_the_same_words(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {before: [{name: smoke, timeout: 30m}, {name: load}]}")
        self.site.start(CONFIG)
        pending = self.wait_for_reason("CheckRunning")
        since = self.checks()["smoke"]["startedAt"]
        text = f"check 'smoke' runs since {since} (at most 30m), check 'load' runs since {since} (at most 1h)"
        said = f"release 's-1.0.0' is not promoted to environment 'prod': {text}; relmanctl check s-1.0.0 prod smoke --pass"
        waits_for = f"check 'smoke', which runs since {since} (at most 30m), and check 'load', which runs since {since} (at most 1h)"
        self.assertEqual((pending["message"], pending["waitsFor"], pending["needsAction"], pending["next"]),
                         (said, waits_for, False, "relmanctl checks prod"))
        self.assertIn(waits_for, self.ctl("get", "environments"))
        self.assertIn(waits_for, self.ctl("status"))
        why = self.ctl("why", "prod", wanted=1)
        self.assertIn(said, why)
        self.assertIn("\nnext: relmanctl check s-1.0.0 prod smoke --pass, or --fail\n", why)
        gates = self.ctl("gates", "prod", wanted=1)
        self.assertIn(said, gates)
        self.assertRegex(gates, "checks +closed +- +a pass of check 'smoke'")
        self.assertIn(said, self.ctl("promote", "s-1.0.0", "prod", wanted=1))
        self.assertIn(said, self.ctl("promote", "s-1.0.0", "prod", "--dry-run", wanted=1))
        self.assertRegex(self.ctl("checks", "prod"), f"smoke +before +running +{since} +2[^ ]+ +-\n")
        self.assertEqual([json.loads(e[2])["gate"] for e in self.site.events("gate.closed")], ["checks"])
        # a report for each: the release is promoted after the last
        self.assertIn("check 'smoke' of release 's-1.0.0' passed\nenvironment 'prod': nothing is deployed; release 's-1.0.0' waits for check 'load'",
                      self.check("s-1.0.0", "prod", "smoke", "--pass", "--evidence", "https://ci.example.com/17"))
        self.kill()
        self.assertEqual((self.states(), self.state("prod")), ({"smoke": "passed", "load": "running"}, (None, None)))
        # the order of the other way round is understood
        self.assertIn("hint: the order is relmanctl check RELEASE ENVIRONMENT", self.check("prod", "s-1.0.0", "load", "--pass"))
        self.wait_state("prod", "s-1.0.0")
        self.assertEqual(self.happened("check.passed"), [("prod", "s-1.0.0", "smoke", None), ("prod", "s-1.0.0", "load", None)])
        self.assertIn(" environment=prod check=smoke by=", self.ctl("events", "--type", "check.passed"))
        self.assertEqual(len(self.site.events("gate.opened")), 1)
        self.assertIn("was promoted to environment 'prod' already: check 'load' came before that", self.check("s-1.0.0", "prod", "load", "--fail", wanted=1))
        self.check("s-1.0.0", "prod", "load", "--pass")  # the same report again is one
        self.assertEqual(len(self.happened("check.passed")), 2)

    def test_a_failed_check_keeps_the_release_out_until_it_passes(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {before: [{name: smoke}]}")
        self.site.start(CONFIG)
        self.wait_for_reason("CheckRunning")
        for _ in range(2):
            self.check("s-1.0.0", "prod", "smoke", "--fail", "--message", "no login", "--evidence", "https://ci/1")
        self.assertEqual(self.happened("check.failed"), [("prod", "s-1.0.0", "smoke", "no login")])
        said = ("release 's-1.0.0' is not promoted to environment 'prod': check 'smoke' failed: no login (https://ci/1); "
                "after it passed: relmanctl check s-1.0.0 prod smoke --pass")
        pending = self.wait_for_reason("CheckFailed")
        self.assertEqual((pending["message"], pending["needsAction"], pending["next"]), (said, True, "relmanctl check s-1.0.0 prod smoke --pass"))
        self.assertIn(said, self.ctl("promote", "s-1.0.0", "prod", wanted=1))
        self.assertIn("no login (https://ci/1)", self.ctl("status", wanted=1))
        self.assertIn("\ncheck 'smoke' failed: no login, see https://ci/1\n", self.ctl("checks", "prod"))
        self.kill()
        self.wait_for_reason("CheckFailed")
        self.assertEqual(self.happened("check.failed"), [("prod", "s-1.0.0", "smoke", "no login")])
        # the next release of the stream has its own results
        self.next("2.0.0")
        wait_for(lambda: self.states("prod") == {"smoke": "running"}, 20, "the newer release")
        self.assertEqual(self.states("prod", "s-1.0.0"), {"smoke": "failed"})
        self.check("s-1.0.0", "prod", "smoke", "--pass")
        self.assertEqual(self.state("prod"), (None, None))
        self.check("s-2.0.0", "prod", "smoke", "--pass")
        self.wait_state("prod", "s-2.0.0")

    def test_a_pass_may_be_followed_by_a_failure_before_the_promotion(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, approvals: 1, checks: {before: [{name: smoke}]}")
        self.site.start(CONFIG)
        wait_for(lambda: self.states() == {"smoke": "running"}, 20, "the check runs beside the approvals")
        self.assertEqual(self.pending()["reason"], "ApprovalsMissing")
        self.check("s-1.0.0", "prod", "smoke", "--pass")
        self.check("s-1.0.0", "prod", "smoke", "--fail")
        self.ctl("approve", "s-1.0.0", "prod")
        self.wait_for_reason("CheckFailed")
        self.check("s-1.0.0", "prod", "smoke", "--pass")
        self.wait_state("prod", "s-1.0.0")

    def test_names_of_checks_complete(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {before: [{name: smoke}, {name: scan}], after: [{name: ping}]}", lab="")
        self.site.start(CONFIG)
        wait_for(lambda: len(self.get("environments")) == 2, 20, "the specs")
        for environment, begun, wanted in (("prod", "", ["smoke", "scan", "ping"]), ("prod", "s", ["smoke", "scan"]), ("lab", "", []), ("none", "", [])):
            self.assertEqual(self.ctl("complete", "--", "check", "s-1.0.0", environment, begun).split(), wanted, (environment, begun))
        self.assertEqual(self.ctl("complete", "--", "check", "--message", "it answers", "s-1.0.0", "prod", "p").split(), ["ping"])
        line = "relmanctl check s-1.0.0 prod sc"
        script = f'source <(relmanctl complete bash); COMP_WORDS=({line}); COMP_CWORD=4; _relmanctl; echo "${{COMPREPLY[@]}}"'
        environment = dict(os.environ, PATH=relman.BUILDDIR + ":" + os.environ["PATH"], RELMAN_SOCKET=self.site.socket)
        self.assertEqual(subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, env=environment).stdout, "scan\n")

    def test_a_check_waits_for_the_environments_before(self):
        self.push("1.0.0")
        self.specs(staging="stream: s, confirm: manual", prod="stream: s, promotesFrom: staging, checks: {before: [{name: smoke, timeout: 1s}]}")
        self.site.start(CONFIG)
        self.wait_state("staging", "s-1.0.0", "promoting")
        self.assertEqual((self.wait_for_reason("NotInSource")["reason"], self.states()), ("NotInSource", {"smoke": "open"}))
        self.ctl("confirm", "staging")
        # it was not reported in time: this is stored once
        self.wait_for_reason("CheckFailed")
        self.assertEqual(self.happened("check.failed"), [("prod", "s-1.0.0", "smoke", "timed out after 1s")])
        self.kill()
        self.wait_for_reason("CheckFailed")
        self.assertEqual(len(self.happened("check.failed")), 1)
        self.check("s-1.0.0", "prod", "smoke", "--pass")
        self.wait_state("prod", "s-1.0.0")

    def test_a_release_promoted_by_hand_needs_its_checks_too(self):
        self.push("1.0.0")
        self.specs(staging="stream: s", lab="checks: {before: [{name: smoke}]}")
        self.site.start(CONFIG)
        self.wait_state("staging", "s-1.0.0")
        self.assertIn("check 'smoke' was not reported yet; relmanctl check s-1.0.0 lab smoke --pass", self.ctl("promote", "s-1.0.0", "lab", wanted=1))
        self.check("s-1.0.0", "lab", "smoke", "--pass")
        self.ctl("promote", "s-1.0.0", "lab", "--wait")
        self.assertEqual(self.state("lab"), ("s-1.0.0", "deployed"))

    def test_a_reload_removes_and_adds_checks(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {before: [{name: smoke}, {name: load}]}")
        self.site.start(CONFIG)
        self.wait_for_reason("CheckRunning")
        self.check("s-1.0.0", "prod", "smoke", "--pass")
        self.specs(prod="stream: s, checks: {before: [{name: smoke}, {name: other}]}")
        wait_for(lambda: self.states() == {"smoke": "passed", "other": "running"}, 20, "the new check")
        self.assertEqual([row[1] for row in self.rows()], ["other", "smoke"])
        self.assertIn("environment 'prod' has no check 'load'; it has 'smoke', 'other'", self.check("s-1.0.0", "prod", "load", "--pass", wanted=1))
        # plan shows what a commit does: without the check the release is promoted
        self.specs(prod="stream: s, checks: {before: [{name: smoke}]}")
        self.wait_state("prod", "s-1.0.0")
        self.next("2.0.0")
        self.wait_for_reason("CheckRunning")
        # a removed environment takes its results with it
        self.specs()
        self.ctl("confirm-prune")
        wait_for(lambda: self.rows() == [], 20, "no rows")

    def test_the_check_of_a_superseded_release_is_canceled(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {before: [{name: smoke}, {name: load}]}")
        self.site.start(CONFIG)
        self.wait_for_reason("CheckRunning")
        self.check("s-1.0.0", "prod", "load", "--pass")
        self.next("2.0.0")
        wait_for(lambda: self.states() == {"smoke": "running", "load": "running"}, 20, "the newer release")
        self.assertEqual(self.states(release="s-1.0.0"), {"smoke": "canceled", "load": "passed"})
        self.assertRegex(self.ctl("checks", "prod", "s-1.0.0"), "smoke +before +canceled +2[^ ]+ +- +relmand\n")
        # a hold ends it, too, and its end starts it again
        self.ctl("hold", "prod", "--reason", "later")
        wait_for(lambda: self.states(release="s-2.0.0") == {"smoke": "canceled", "load": "canceled"}, 20, "the hold")
        self.kill()
        self.assertEqual(self.states(release="s-2.0.0"), {"smoke": "canceled", "load": "canceled"})
        self.ctl("resume", "prod")
        wait_for(lambda: self.states() == {"smoke": "running", "load": "running"}, 20, "the end of the hold")
        # a release that is deleted takes its results with it, and nothing stays running
        self.specs(prod="checks: {before: [{name: smoke}, {name: load}]}")
        wait_for(lambda: [row[2] for row in self.rows() if row[2] == "running"] == [], 20, "no stream")
        self.assertEqual(self.happened("check.failed"), [])

    def test_a_plan_shows_a_new_check(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, approvals: 1")
        self.site.start(CONFIG)
        self.wait_for_reason("ApprovalsMissing")
        self.specs(prod="stream: s, checks: {before: [{name: smoke}]}")
        self.assertIn("~ prod: waits for check 'smoke', then gets s-1.0.0\n", self.ctl("plan", self.site.specs))

    def test_a_canceled_release_does_not_come_back_with_its_check(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {before: [{name: smoke}]}")
        self.site.start(CONFIG)
        self.wait_for_reason("CheckRunning")
        self.check("s-1.0.0", "prod", "smoke", "--fail")
        self.ctl("cancel", "prod")
        self.check("s-1.0.0", "prod", "smoke", "--pass")
        self.assertEqual((self.state("prod"), self.get("environments/prod")["hold"]["reason"]), ((None, None), "release 's-1.0.0' was canceled"))
        self.ctl("resume", "prod")
        self.wait_state("prod", "s-1.0.0")

    def test_what_is_wrong_is_refused(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {before: [{name: smoke}], after: [{name: ping}]}", lab="")
        self.site.start(CONFIG)
        self.wait_for_reason("CheckRunning")
        self.assertIn("environment 'lab' has no checks", self.check("s-1.0.0", "lab", "smoke", "--pass", wanted=1))
        self.assertIn("has no check 'smok'; it has 'smoke', 'ping'", self.check("s-1.0.0", "prod", "smok", "--pass", wanted=1))
        self.assertIn("there is no release 's-9'", self.check("s-9", "prod", "smoke", "--pass", wanted=1))
        self.assertIn("either --pass or --fail", self.check("s-1.0.0", "prod", "smoke", wanted=2))
        self.assertIn("either --pass or --fail", self.check("s-1.0.0", "prod", "smoke", "--pass", "--fail", wanted=2))
        self.assertIn("is not being promoted to environment 'prod': check 'ping' does not run", self.check("s-1.0.0", "prod", "ping", "--pass", wanted=1))
        for url in ("ftp://x", "https://", "https://u:p@h/1", "https://h/a b", "https://h/" + 1000 * "a"):
            self.assertIn("evidenceRef is", self.check("s-1.0.0", "prod", "smoke", "--pass", "--evidence", url, wanted=1))
        self.assertIn("message is longer", self.check("s-1.0.0", "prod", "smoke", "--fail", "--message", 1001 * "a", wanted=1))
        for body in ({"releaseId": "s-1.0.0", "check": "smoke"}, {"releaseId": "s-1.0.0", "check": "smoke", "status": "late"},
                     {"releaseId": "s-1.0.0", "status": "passed"}, {"check": "smoke", "status": "passed"}):
            status, answer, _ = self.site.call("POST", "/api/v1/environments/prod/checks", body)
            self.assertEqual(status, 400, answer)
        self.assertEqual((self.rows()[0][2], self.happened("check.passed"), self.happened("check.failed")), ("running", [], []))


class After(Case):
    def test_a_deployment_counts_after_its_checks(self):
        self.push("1.0.0")
        self.specs(staging="stream: s, checks: {after: [{name: smoke, timeout: 30m}, {name: load}]}", prod="stream: s, promotesFrom: staging, soak: 1s")
        self.site.start(CONFIG)
        pending = self.wait_for_reason("CheckRunning", "staging")
        since = self.checks("staging")["smoke"]["startedAt"]
        self.assertEqual((pending["message"], pending["needsAction"]),
                         (f"it is in the lockfile; check 'smoke' runs since {since} (at most 30m), check 'load' runs since {since} (at most 1h)", False))
        self.assertIn("s-1.0.0", self.ctl("lock", "staging"))
        why = self.ctl("why", "staging", wanted=1)
        self.assertIn("check 'smoke' runs since", why)
        self.assertIn("\nnext: relmanctl check s-1.0.0 staging smoke --pass, or --fail\n", why)
        self.assertIn(f"check 'smoke', which runs since {since}", self.ctl("get", "environments"))
        said = "release 's-1.0.0' is not confirmed in environment 'staging': check 'smoke' runs since"
        self.assertIn(said, self.ctl("confirm", "staging", wanted=1))
        self.check("s-1.0.0", "staging", "smoke", "--pass")
        self.kill()
        self.assertIn("check 'load' runs since", self.ctl("confirm", "staging", wanted=1))
        self.assertEqual((self.state("staging"), self.pending("prod")["reason"]), (("s-1.0.0", "promoting"), "NotInSource"))
        self.check("s-1.0.0", "staging", "load", "--pass")
        self.wait_state("staging", "s-1.0.0")
        self.wait_state("prod", "s-1.0.0")
        self.assertEqual(self.states("staging"), {"smoke": "passed", "load": "passed"})
        self.assertIn("is deployed in environment 'staging' already: check 'smoke' has ended", self.check("s-1.0.0", "staging", "smoke", "--fail", wanted=1))
        # a check that is added later changes nothing of the past
        self.specs(staging="stream: s, checks: {after: [{name: other}]}", prod="stream: s, promotesFrom: staging, soak: 1s")
        wait_for(lambda: self.states("staging") == {"other": "open"}, 20, "the specs")
        self.assertEqual(self.state("staging"), ("s-1.0.0", "deployed"))

    def test_who_follows_gets_only_what_passed(self):
        self.push("1.0.0")
        self.specs(staging="stream: s, checks: {after: [{name: smoke}]}", prod="follows: staging")
        self.site.start(CONFIG)
        self.wait_for_reason("CheckRunning", "staging")
        self.kill()
        self.assertEqual(self.state("prod"), (None, None))
        self.check("s-1.0.0", "staging", "smoke", "--pass")
        self.wait_state("prod", "s-1.0.0")
        self.next("2.0.0")
        self.wait_state("staging", "s-2.0.0", "promoting")
        self.check("s-2.0.0", "staging", "smoke", "--fail")
        self.wait_state("staging", "s-1.0.0")
        self.assertEqual([row[0] for row in self.history("prod")], 2 * ["s-1.0.0"])

    def test_checks_of_a_promotion_do_not_count_for_another_environment(self):
        self.push("1.0.0")
        self.specs(staging="stream: s, checks: {after: [{name: smoke}]}", prod="stream: s, checks: {before: [{name: smoke}]}")
        self.site.start(CONFIG)
        self.wait_for_reason("CheckRunning", "staging")
        self.wait_for_reason("CheckRunning")
        self.check("s-1.0.0", "staging", "smoke", "--pass")
        self.wait_state("staging", "s-1.0.0")
        self.assertEqual((self.state("prod"), self.states()), ((None, None), {"smoke": "running"}))

    def test_a_failed_check_ends_the_promotion_as_a_failed_deployment(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {after: [{name: smoke}, {name: load}]}")
        self.site.start(CONFIG)
        for name in ("smoke", "load"):
            self.wait_for_reason("CheckRunning")
            self.check("s-1.0.0", "prod", name, "--pass")
        self.wait_state("prod", "s-1.0.0")
        self.next("2.0.0")
        self.wait_state("prod", "s-2.0.0", "promoting")
        wait_for(lambda: self.states() == {"smoke": "running", "load": "running"}, 20, "the checks of the other release")
        self.check("s-2.0.0", "prod", "load", "--pass")
        self.check("s-2.0.0", "prod", "smoke", "--fail", "--message", "no login", "--evidence", "https://ci/2")
        self.wait_state("prod", "s-1.0.0")
        reason = "check 'smoke' failed: no login (https://ci/2)"
        self.assertEqual(self.history()[-3:], [("s-2.0.0", "promoting", None), ("s-2.0.0", "failed", reason),
                                               ("s-1.0.0", "deployed", f"release 's-2.0.0' failed: {reason}")])
        self.assertIn("s-1.0.0", self.ctl("lock", "prod"))
        self.assertEqual(self.get("environments/prod")["hold"]["reason"], f"release 's-2.0.0' failed: {reason}")
        self.assertEqual(self.happened("check.failed"), [("prod", "s-2.0.0", "smoke", "no login")])
        # a repeated report counts once; a different report comes too late
        self.check("s-2.0.0", "prod", "smoke", "--fail", "--message", "no login", "--evidence", "https://ci/2")
        self.assertIn("is not being promoted to environment 'prod': check 'smoke' does not run", self.check("s-2.0.0", "prod", "smoke", "--pass", wanted=1))
        self.assertEqual(len(self.happened("check.failed")), 1)
        self.kill()
        self.assertEqual(self.state("prod"), ("s-1.0.0", "deployed"))
        # another attempt starts from nothing, although one check had passed
        ended = self.checks(release="s-2.0.0")["smoke"]["promotionId"]
        self.ctl("promote", "s-2.0.0", "prod")
        self.wait_state("prod", "s-2.0.0", "promoting")
        wait_for(lambda: self.states() == {"smoke": "running", "load": "running"}, 20, "both run again")
        # a program that sends back the promotion of the event is refused once that has ended
        promotion = self.get("environments/prod")["state"]["promotionId"]
        self.assertEqual(json.loads(self.site.events("release.promoted")[-1][2])["promotionId"], promotion)
        self.assertEqual([c["promotionId"] for c in self.checks().values()], 2 * [promotion])
        self.assertIn(promotion, self.ctl("checks", "prod", "-o", "wide"))
        self.assertNotIn(promotion, self.ctl("checks", "prod"))
        for id, said in ((ended, f"is reported for promotion {ended}, but the last one of environment 'prod' is {promotion}"), ("7", "promotionId is the id of a promotion")):
            self.assertIn(said, self.check("s-2.0.0", "prod", "smoke", "--fail", "--promotion", id, wanted=1))
        self.assertIn(f"the confirmation is for promotion {ended}", self.ctl("confirm", "prod", "--status", "failed", "--promotion", ended, wanted=1))
        self.assertEqual((self.state("prod"), self.states()), (("s-2.0.0", "promoting"), {"smoke": "running", "load": "running"}))
        self.check("s-2.0.0", "prod", "smoke", "--pass", "--promotion", promotion)
        self.assertEqual(self.state("prod"), ("s-2.0.0", "promoting"))
        self.check("s-2.0.0", "prod", "load", "--pass")
        self.wait_state("prod", "s-2.0.0")

    def test_a_late_check_fails_the_deployment_once(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {after: [{name: smoke, timeout: 1s}]}")
        self.site.start(CONFIG)
        wait_for(lambda: self.state("prod") == ("s-1.0.0", "failed"), 20, "it failed")
        self.kill()
        self.assertEqual((self.happened("check.failed"), self.history()),
                         ([("prod", "s-1.0.0", "smoke", "timed out after 1s")],
                          [("s-1.0.0", "promoting", None), ("s-1.0.0", "failed", "check 'smoke' failed: timed out after 1s")]))
        self.assertEqual([row[1] for row in self.site.events("release.failed")], ["s-1.0.0"])
        self.assertEqual(self.get("environments/prod/history")[0]["by"], "relmand")

    def test_a_deployer_confirms_after_the_checks(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, confirm: manual, checks: {after: [{name: smoke}]}")
        self.site.start(CONFIG)
        self.wait_for_reason("CheckRunning")
        # a running check is no problem; a confirmation that is missing is one
        self.assertIn("check 'smoke', which runs since", self.ctl("status"))
        self.assertIn("relmanctl check s-1.0.0 prod smoke --pass", self.ctl("confirm", "prod", wanted=1))
        self.check("s-1.0.0", "prod", "smoke", "--pass")
        self.assertEqual(self.wait_for_reason("Promoting")["next"], "relmanctl confirm prod")
        self.assertIn("relmanctl confirm prod", self.ctl("status", wanted=1))
        # a failure is accepted also after a pass, until the deployment is confirmed
        self.ctl("confirm", "prod")
        self.assertEqual(self.state("prod"), ("s-1.0.0", "deployed"))
        self.next("2.0.0")
        self.wait_state("prod", "s-2.0.0", "promoting")
        self.ctl("confirm", "prod", "--status", "failed", "--reason", "broken")
        self.wait_state("prod", "s-1.0.0")
        self.assertNotIn("running", [row[2] for row in self.rows()])

    def test_a_reload_that_removes_a_running_check_ends_the_wait(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {after: [{name: smoke}]}")
        self.site.start(CONFIG)
        self.wait_for_reason("CheckRunning")
        self.specs(prod="stream: s")
        self.wait_state("prod", "s-1.0.0")
        self.specs(prod="stream: s, checks: {after: [{name: smoke}]}")
        wait_for(lambda: self.states() == {"smoke": "open"}, 20, "the specs")
        self.next("2.0.0")
        self.wait_state("prod", "s-2.0.0", "promoting")
        # a newer release replaces one that is not confirmed
        self.next("3.0.0")
        self.wait_state("prod", "s-3.0.0", "promoting")
        self.assertIn("is not being promoted to environment 'prod'", self.check("s-2.0.0", "prod", "smoke", "--pass", wanted=1))
        self.specs()
        self.ctl("confirm-prune")
        wait_for(lambda: self.rows() == [], 20, "no rows")


class Failure(Case):
    def fail_second(self, spec):
        self.push("1.0.0")
        self.specs(prod=f"stream: s, checks: {{after: [{{name: smoke}}]}}{spec}")
        self.site.start(CONFIG)
        self.wait_for_reason("CheckRunning")
        self.check("s-1.0.0", "prod", "smoke", "--pass")
        self.wait_state("prod", "s-1.0.0")
        self.next("2.0.0")
        self.wait_state("prod", "s-2.0.0", "promoting")
        wait_for(lambda: self.states() == {"smoke": "running"}, 20, "its check")
        self.check("s-2.0.0", "prod", "smoke", "--fail", "--message", "no login")

    def test_what_is_restored_is_an_event_and_in_the_audit(self):
        self.fail_second("")
        self.wait_state("prod", "s-1.0.0")
        why = "release 's-2.0.0' failed: check 'smoke' failed: no login"
        (_, name, data), = self.site.events("release.rolledBack")
        event = json.loads(data)
        self.assertEqual((name, event["environment"], event["fromRelease"], event["reason"], event["promotionId"]),
                         ("s-1.0.0", "prod", "s-2.0.0", why, self.checks(release="s-2.0.0")["smoke"]["promotionId"]))
        audit = [e for e in self.get("audit")["data"] if e["principal"] == "relmand"]
        self.assertEqual([(e["action"], e["release"], e["detail"], e["outcome"]) for e in audit], [("rollback", "s-1.0.0", why, "accepted")])
        self.kill()
        self.assertEqual((len(self.site.events("release.rolledBack")), self.state("prod")), (1, ("s-1.0.0", "deployed")))

    def test_hold_keeps_the_failed_release_and_says_so_everywhere(self):
        self.fail_second(", onFailure: hold")
        why = "check 'smoke' failed: no login; release 's-1.0.0' is not restored: onFailure is hold"
        self.wait_state("prod", "s-2.0.0", "failed")
        self.kill()
        self.assertEqual((self.state("prod"), self.history()[-1]), (("s-2.0.0", "failed"), ("s-2.0.0", "failed", why)))
        self.assertIn("s-2.0.0", self.ctl("lock", "prod"))
        prod = self.get("environments/prod")
        self.assertEqual((prod["onFailure"], prod["hold"]["reason"]), ("hold", f"release 's-2.0.0' failed: {why}"))
        wait_for(lambda: {c["type"]: c["reason"] for c in self.get("environments/prod")["conditions"]} == {"Ready": "DeploymentFailed", "Held": "DeploymentFailed"})
        self.assertIn(why, self.ctl("status", wanted=1))
        self.assertIn(why, self.ctl("why", "prod", wanted=1))
        self.assertIn(why, self.ctl("describe", "environment", "prod"))
        self.assertEqual((self.site.events("release.rolledBack"), [e["action"] for e in self.get("audit")["data"] if e["principal"] == "relmand"]), ([], ["hold"]))
        # a commit that changes it is in the plan
        self.specs(prod="stream: s, checks: {after: [{name: smoke}]}, rollbackMaxAge: 30d")
        self.assertIn("onFailure", self.ctl("plan", self.site.specs))
        # a person restores the release before; its check runs
        self.ctl("rollback", "prod", "--reason", "INC-1")
        self.wait_state("prod", "s-1.0.0", "promoting")
        wait_for(lambda: self.states() == {"smoke": "running"}, 20, "its check")
        self.check("s-1.0.0", "prod", "smoke", "--pass")
        self.wait_state("prod", "s-1.0.0")

    def test_the_audit_has_no_hold_that_is_not_made(self):
        """A release that the spec names needs no hold: its failure keeps it out."""
        self.push("1.0.0")
        self.specs(dev="stream: s", prod="release: s-1.0.0, onFailure: hold, checks: {after: [{name: smoke}]}")
        self.site.start(CONFIG)
        self.wait_state("prod", "s-1.0.0", "promoting")
        wait_for(lambda: self.states() == {"smoke": "running"}, 20, "its check")
        self.check("s-1.0.0", "prod", "smoke", "--fail", "--message", "no login")
        self.wait_state("prod", "s-1.0.0", "failed")
        self.assertIsNone(self.get("environments/prod")["hold"])
        self.assertEqual([e["action"] for e in self.get("audit")["data"] if e["principal"] == "relmand"], [])

    def test_an_old_release_is_not_restored(self):
        self.fail_second(", rollbackMaxAge: 1ms")
        self.wait_state("prod", "s-2.0.0", "failed")
        self.assertRegex(self.history()[-1][2], r"release 's-1.0.0' is not restored: it was made at \S+Z, more than 1ms ago \(rollbackMaxAge\)$")


class Persons(test_people.Case):
    def checks_of(self, environment):
        return self.get(f"environments/{environment}/checks?release=one")["checks"][0]

    def test_who_may_report_a_check(self):
        self.specs(prod="release: one, checks: {before: [{name: smoke, from: [bob]}]}")
        self.start()
        self.wait_for_reason("CheckRunning")
        place = f"{self.site.specs}/all.yaml:"
        refused = self.as_("carl", "check", "one", "prod", "smoke", "--pass", wanted=1)
        self.assertIn(f"carl may not report check 'smoke' of environment 'prod': 'from' of the check names bob ({place}", refused)
        self.assertIn("anna may not report", self.ctl("check", "one", "prod", "smoke", "--pass", wanted=1))
        self.as_("bob", "check", "one", "prod", "smoke", "--pass")
        self.wait_deployed()
        check = self.get("environments/prod/checks")["checks"][0]
        self.assertEqual((check["person"], check["by"], check["from"]), ("bob", "token:bob", ["bob"]))
        self.specs(prod="release: one, promoters: [anna], checks: {before: [{name: smoke}]}", lab="promoters: [anna], checks: {before: [{name: smoke}]}")
        wait_for(lambda: len(self.get("environments")) == 2, 20, "the specs")
        self.assertIn("carl may not report checks of environment 'lab': promoters names anna", self.as_("carl", "check", "one", "lab", "smoke", "--pass", wanted=1))
        self.as_("anna", "check", "one", "lab", "smoke", "--pass")
        self.specs(document("Group", "ops", "members: [dora]"), lab="checks: {before: [{name: smoke, from: ['group:ops']}]}")
        wait_for(lambda: self.checks_of("lab")["from"] == ["group:ops"], 20, "the specs")
        self.assertIn("'from' of the check names group:ops", self.as_("carl", "check", "one", "lab", "smoke", "--fail", wanted=1))
        self.as_("dora", "check", "one", "lab", "smoke", "--fail")
        self.assertEqual(self.checks_of("lab")["person"], "dora")
        outcomes = [(e["person"], e["outcome"]) for e in self.get("audit")["data"] if "checks" in json.dumps(e)]
        self.assertIn(("carl", "refused"), outcomes)
        self.assertIn(("bob", "accepted"), outcomes)


class Specs(relman.SiteCase):
    def test_mistakes_have_a_place(self):
        cases = (("checks: {before: [{timeout: 1m}]}", 'missing field "name" in check'),
                 ("checks: {before: [{name: 'a b'}]}", 'field "name"'),
                 ("checks: {before: [{name: a, timeout: 0s}]}", 'field "timeout" must be greater than 0'),
                 ("checks: {after: [{name: a, timeout: 31d}]}", "check 'a': timeout is longer than 30d"),
                 ("checks: {before: [{name: a}], after: [{name: a}]}", "check 'a' stands twice; the first is in line 4"),
                 ("onFailure: pray", "rollback"),
                 ("onFailure: hold, rollbackMaxAge: 30d", "rollbackMaxAge needs onFailure: rollback"),
                 ("rollbackMaxAge: 0s", 'field "rollbackMaxAge" must be greater than 0'),
                 ("checks: {after: [{name: a, from: [anna, anna]}]}", "checks.after.from: 'anna' stands twice"),
                 ("checks: {before: [{name: a, from: ['group:ops']}]}", "'ops'"),
                 ("checks: {before: [" + ", ".join(f"{{name: c{i}}}" for i in range(33)) + "]}", "33 checks are too many; an environment has at most 32"))
        for spec, wanted in cases:
            with self.subTest(spec):
                self.site.write("all.yaml", documents(document("Environment", "prod", spec)))
                status, out, err = relman.relmanctl("lint", self.site.specs)
                said = out + err
                self.assertEqual(status, 1, said)
                self.assertIn(wanted, said)
                self.assertRegex(said, r"all.yaml:\d+")


if __name__ == "__main__":
    relman.main()
