#!/usr/bin/env python3
"""Tests persons and gates in specs: the person of a local user, whose approval counts, and who may
promote."""

import json
import os
import pwd
import resource
import shutil
import subprocess
import unittest
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import SiteCase, document, documents, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

ME = f"uid:{os.getuid()}"
USER = pwd.getpwuid(os.getuid()).pw_name
TOKENS = ("anna", "bob", "carl", "dora")


class Case(SiteCase):
    """Helpers for release one of component a. The local user is anna, who also has a token."""

    people = f"{USER}: [anna], 'uid:4001': bob"
    roles = ""

    def setUp(self):
        super().setUp()
        self.server = StandIn()
        self.addCleanup(self.server.close)
        self.server.push("app/a", "v1.0.0")
        self.port = relman.free_port()
        self.tokens, self.texts = os.path.join(self.site.folder, "tokens"), {}
        for name in TOKENS:
            out = relman.relmanctl("token", name, "--role", "write")[1].splitlines()
            self.texts[name] = out[1]
            with open(self.tokens, "a") as f:
                f.write(out[4] + "\n")

    def specs(self, *more, **environments):
        self.site.write("all.yaml", documents(
            *more, document("Release", "one", "components: [{name: a, version: 1.0.0}]"),
            *(document("Environment", name, spec) for name, spec in environments.items()), registry=self.server, components=("a",)))

    def start(self):
        self.site.start(f"poll: {{interval: 1h, jitter: 0%}}\napi: {{socket: {self.site.folder}/relmand.sock, listen: ['127.0.0.1:{self.port}'], "
                        f"tokenFile: {self.tokens}, people: {{{self.people}}}{self.roles}}}\n")
        wait_for(lambda: self.site.call("GET", "/api/v1/releases/one")[1].get("status") in ("ready", "promoting", "deployed"), 30, "the release")

    def kill(self):
        self.site.process.kill()
        self.site.process.wait()
        self.start()

    def as_(self, name, *args, wanted=0):
        """Runs relmanctl over TCP with the token of a person; returns its output."""
        r = subprocess.run([f"{relman.BUILDDIR}/relmanctl", *args, "--url", f"http://127.0.0.1:{self.port}"],
                           capture_output=True, text=True, env={"RELMAN_TOKEN": self.texts[name]}, timeout=60)
        self.assertEqual(r.returncode, wanted, r.stdout + r.stderr)
        return r.stdout + r.stderr

    def state(self, environment="prod"):
        state = self.get(f"environments/{environment}")["state"] or {}
        return state.get("release"), state.get("status")

    def pending(self, environment="prod"):
        return self.get(f"environments/{environment}")["pending"] or {}

    def wait_for_reason(self, reason, environment="prod"):
        wait_for(lambda: self.pending(environment).get("reason") == reason, 20, reason)

    def wait_deployed(self, environment="prod"):
        wait_for(lambda: self.state(environment) == ("one", "deployed"), 20, f"{environment} has it")


class Persons(Case):
    def test_one_person_counts_once_over_the_socket_and_with_a_token(self):
        self.specs(prod="release: one, approvals: 2")
        self.start()
        self.assertIn("one' has 1 of 2 approvals; anna has approved it", self.ctl("approve", "one", "prod"))
        self.kill()
        self.assertIn("one' has 1 of 2 approvals; anna's approval was already counted", self.as_("anna", "approve", "one", "prod"))
        self.kill()
        self.assertEqual((self.state(), [(a["person"], a["by"]) for a in self.get("environments/prod")["approvedBy"]]),
                         ((None, None), [("anna", ME)]))
        self.assertEqual({e["person"] for e in self.get("audit")["data"]}, {"anna"})
        self.assertIn("bob has approved it", self.as_("bob", "approve", "one", "prod"))
        self.wait_deployed()

    def test_a_user_without_a_person_counts_as_the_name_of_the_user(self):
        self.people = "'uid:4001': bob"
        self.specs(prod="approvals: 2")
        self.start()
        self.assertIn(f"{USER} has approved it", self.ctl("approve", "one", "prod"))

    def test_a_user_whose_name_cannot_be_looked_up_approves_nothing(self):
        """If relmand used the number of the user instead of the name, it would count as another person."""
        self.people = "'uid:4001': bob"
        self.specs(prod="approvals: 2")
        self.start()
        release = self.get("releases/one")["id"]
        connection = relman.UnixConnection(self.site.socket, 60)
        self.addCleanup(connection.close)

        def approve():
            connection.request("POST", "/api/v1/environments/prod/approve", json.dumps({"releaseId": release}), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        limits = resource.prlimit(self.site.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.site.process.pid, resource.RLIMIT_NOFILE, (3, limits[1]))  # relmand cannot open files now
        status, text = approve()
        resource.prlimit(self.site.process.pid, resource.RLIMIT_NOFILE, limits)
        self.assertIn(f"cannot look up the name of {ME}: Too many open files; try again, or name the person in api.people of relmand.yaml", text)
        self.assertEqual((status, self.get("environments/prod")["approvedBy"]), (500, []))
        status, text = approve()
        self.assertEqual((status, [a["person"] for a in json.loads(text)["approvedBy"]]), (200, [USER]))

    def test_a_bad_person_is_refused_with_its_place(self):
        config = os.path.join(self.site.folder, "relmand.yaml")
        for people, says in (("no-such-user: anna", '"no-such-user" is not a user of this machine'),
                             ("'uid:x': anna", '"uid:x" is not a user number such as uid:1000'),
                             ("'uid:4294967296': anna", '"uid:4294967296" is not a user number such as uid:1000'),
                             ("'uid:1': 'group:oncall'", '"group:oncall" is not a valid person'), ("'uid:1': 'anna b'", '"anna b" is not a valid person'),
                             ("'uid:1': ''", '"" is not a valid person'), ("'uid:1': '" + "a" * 256 + "'", "is not a valid person"),
                             ("'uid:1': [anna, bob]", 'field "people"'), ("'uid:1': {a: b}", 'field "people"'), ("'uid:1': []", 'field "people"'),
                             ("{}: anna, 'uid:{}': bob".format(USER, os.getuid()), "is person 'anna' already; an approval must count for one person")):
            with open(config, "w") as f:
                f.write(f"api:\n  people: {{{people}}}\n")
            r = subprocess.run([os.path.join(relman.BUILDDIR, "relmand"), "--check-config", "--config", config], capture_output=True, text=True, timeout=60)
            self.assertEqual((r.returncode != 0, f"{config}:2:" in r.stderr, says in r.stderr), (True, True, True), people + r.stderr)


class Approvals(Case):
    RULES = "approvals: {count: 2, from: [anna, bob, carl], required: bob, excludeAuthor: true}"

    def test_what_is_missing_is_said_everywhere_in_the_same_words(self):
        self.specs(prod=f"release: one, {self.RULES}", lab=self.RULES)
        self.start()
        self.wait_for_reason("ApprovalsMissing")
        self.kill()
        for person in ("dora",):
            out = self.as_(person, "approve", "one", "prod", wanted=1)
            self.assertRegex(out, r"dora may not approve releases for environment 'prod': approvals.from names anna, bob and carl; approvals.required "
                                  r"names bob \(.*/all.yaml:\d+\)\n$")
        self.assertIn("has 1 of 2 approvals; anna has approved it; waits for bob (relmanctl approve one prod)",
                      self.as_("anna", "approve", "one", "prod", "--message", "looks good"))
        self.kill()
        said = "release 'one' waits for bob in environment 'prod' (1 of 2 approvals); relmanctl approve one prod"
        pending = self.pending()
        self.assertEqual((pending["message"], pending["waitsFor"], pending["needsAction"]), (said, "bob (relmanctl approve one prod)", True))
        self.assertEqual(pending["approvals"], {"required": 2, "given": 1, "missing": 1, "persons": ["anna"]})
        self.assertIn("  waits for    bob\n  approved by  anna (1 of 2)\n  to do        relmanctl approve one prod\n", self.ctl("status", wanted=1))
        gates = self.ctl("gates", "prod", wanted=1)
        self.assertIn(f"environment 'prod', release 'one': {said}\n", gates)
        self.assertRegex(gates, r"approvals +closed +- +bob\n")
        gate = [g for g in self.get("environments/prod/gates")["gates"] if g["gate"] == "approvals"][0]
        self.assertEqual((gate["message"], gate["openedBy"]), (said, "bob"))
        why = self.ctl("why", "prod", wanted=1)
        self.assertIn(said, why)
        self.assertIn("first obstacle: approvals", why)
        # Each way to promote is refused, in prod and in an environment whose spec names no release.
        for environment, what in (("prod", said), ("lab", "release 'one' waits for bob and 1 more approval from anna or carl in environment 'lab' "
                                                          "(0 of 2 approvals); relmanctl approve one lab")):
            self.assertIn(what, self.ctl("promote", "one", environment, wanted=1))
            self.assertIn(what, self.ctl("promote", "--dry-run", "one", environment, wanted=1))
            status, answer, _ = self.site.call("POST", "/api/v1/releases/one/promote", {"environmentId": environment})
            self.assertEqual((status, answer["detail"]), (409, what))
        tree = shutil.copytree(self.site.specs, os.path.join(self.site.folder, "tree"))
        with open(os.path.join(tree, "all.yaml")) as f:
            changed = f.read().replace(self.RULES, "approvals: {required: [carl]}", 1)
        with open(os.path.join(tree, "all.yaml"), "w") as f:
            f.write(changed)
        self.assertIn("~ prod: waits for carl, then gets one\n", self.ctl("plan", tree))
        self.assertEqual(self.ctl("approvals", "prod"), "RELEASE  APPROVALS  STATE  PERSONS\none      1 of 2     next   anna\n\n"
                         f"release 'one' was approved by anna at {self.get('environments/prod')['approvedBy'][0]['at']}: looks good\n\n"
                         "bob: relmanctl approve one prod\n")
        self.as_("bob", "approve", "one", "prod")
        self.kill()
        self.wait_deployed()
        given = [json.loads(data) for _, _, data in self.site.events("approval.given")]
        self.assertEqual([(e["person"], e.get("reason")) for e in given], [("anna", "looks good"), ("bob", None)])

    def test_a_rejection_removes_approvals_until_somebody_approves(self):
        self.specs(prod="release: one, approvals: 2")
        self.start()
        self.wait_for_reason("ApprovalsMissing")
        self.as_("anna", "approve", "one", "prod")
        self.kill()
        self.assertEqual(self.as_("carl", "reject", "one", "prod", "--message", "breaks the login"),
                         "environment 'prod': release 'one' is rejected, its approvals were removed; it needs the required approvals again\n")
        self.kill()
        said = "release 'one' is not promoted to environment 'prod': rejected by carl: breaks the login; relmanctl approve one prod ends that"
        pending = self.pending()
        self.assertEqual((pending["reason"], pending["message"], pending["waitsFor"]), ("Rejected", said, "a new approval: rejected by carl: breaks the login"))
        self.assertIn("waits for    a new approval: rejected by carl: breaks the login\n", self.ctl("status", wanted=1))
        self.assertIn(said, self.ctl("gates", "prod", wanted=1))
        self.assertIn(said, self.ctl("why", "prod", wanted=1))
        self.assertIn("was rejected by carl at ", self.ctl("approvals", "prod"))
        environment = self.get("environments/prod")
        self.assertEqual((environment["approvedBy"], [(r["person"], r["message"]) for r in environment["rejectedBy"]]), ([], [("carl", "breaks the login")]))
        event = json.loads(self.site.events("release.rejected")[0][2])
        self.assertEqual((event["environment"], event["release"], event["person"], event["by"], event["reason"]),
                         ("prod", "one", "carl", "token:carl", "breaks the login"))
        self.assertIn(("POST /api/v1/environments/prod/reject", "carl", "one"),
                      [(e["action"], e["person"], e["release"]) for e in self.get("audit")["data"]])
        # approvals after a rejection are counted again from zero
        self.assertIn("has 1 of 2 approvals; bob has approved it", self.as_("bob", "approve", "one", "prod"))
        self.assertEqual((self.state(), self.get("environments/prod")["rejectedBy"]), ((None, None), []))
        self.as_("anna", "approve", "one", "prod")
        self.wait_deployed()
        self.assertIn("release 'one' is deployed in environment 'prod' already: promote another one", self.as_("carl", "reject", "one", "prod", wanted=1))
        self.wait_deployed()

    def test_an_author_is_excluded_by_person(self):
        self.specs(prod="approvals: {count: 1, excludeAuthor: true}")
        self.start()
        self.as_("anna", "create", "release", "two", "--from-latest")
        wait_for(lambda: self.get("releases/two")["status"] == "ready", 30, "the release")
        self.kill()
        for refused in (self.as_("anna", "approve", "two", "prod", wanted=1), self.ctl("approve", "two", "prod", wanted=1)):
            self.assertIn("anna created release 'two': approvals.excludeAuthor of environment 'prod' requires others to approve it", refused)
        status, answer, _ = self.site.call("POST", "/api/v1/environments/prod/approve", {"releaseId": "two"})
        self.assertEqual((status, "anna created release" in answer["detail"]), (403, True))
        self.assertIn("bob has approved it", self.as_("bob", "approve", "two", "prod"))
        self.assertIn("release 'two' is", self.as_("bob", "promote", "two", "prod"))

    @unittest.skipIf(os.getuid() != 0, "takes root")
    def test_an_author_without_an_entry_or_an_account_is_excluded(self):
        uid = 49999
        self.roles = f", socketRoles: [{{uid: 0, role: admin, tenant: '*'}}, {{uid: {uid}, role: write, tenant: default}}]"
        self.specs(prod="approvals: {count: 1, excludeAuthor: true}")
        out = relman.relmanctl("token", "other", "--role", "write", "--person", str(uid))[1].splitlines()
        self.texts["other"] = out[1]
        with open(self.tokens, "a") as f:
            f.write(out[4] + "\n")
        self.start()
        os.chmod(self.site.folder, 0o755)
        os.chmod(self.site.socket, 0o666)
        program = ("import http.client, socket, sys\nc = http.client.HTTPConnection('localhost')\n"
                   "c.sock = socket.socket(socket.AF_UNIX); c.sock.connect(sys.argv[1])\n"
                   "c.request('POST', '/api/v1/releases', '{\"name\": \"two\", \"components\": [{\"componentId\": \"a\"}]}', {'Content-Type': 'application/json'})\n"
                   "print(c.getresponse().status)")
        r = subprocess.run(["/usr/bin/python3", "-c", program, self.site.socket], capture_output=True, text=True, timeout=60,
                           user=uid, group=uid, extra_groups=[], cwd="/")
        self.assertEqual(r.stdout, "201\n", r.stderr)
        wait_for(lambda: self.get("releases/two")["status"] == "ready", 30, "the release")
        self.assertIn(f"{uid} created release 'two'", self.as_("other", "approve", "two", "prod", wanted=1))
        self.assertIn("bob has approved it", self.as_("bob", "approve", "two", "prod"))

    def test_an_approval_can_be_given_again_before_it_expires(self):
        self.specs(prod="approvals: {count: 2, expireAfter: 1h}", lab="approvals: 2")
        self.start()
        for environment in ("prod", "lab"):
            self.as_("anna", "approve", "one", environment)
            self.assertIn("anna's approval was already counted", self.as_("anna", "approve", "one", environment, "--message", "still fine"))
            self.assertEqual([(a["person"], a["message"]) for a in self.get(f"environments/{environment}")["approvedBy"]], [("anna", "still fine")])

    def test_what_runs_is_not_rejected_while_another_one_is_promoted(self):
        self.specs(prod="approvals: 1, confirm: manual")
        self.start()
        self.as_("anna", "create", "release", "two", "--from-latest")
        for release in ("one", "two"):
            wait_for(lambda: self.get(f"releases/{release}")["status"] == "ready", 30, "the release")
            self.as_("bob", "approve", release, "prod")
            self.as_("anna", "promote", release, "prod")
            if release == "one":
                self.as_("anna", "confirm", "one", "prod")
        wait_for(lambda: self.state() == ("two", "promoting"), 30, "the promotion")
        self.assertIn("release 'one' is deployed in environment 'prod' already", self.as_("carl", "reject", "one", "prod", wanted=1))
        self.assertEqual([a["person"] for a in self.get("environments/prod")["approvedBy"]], ["bob", "bob"])

    def test_an_author_whose_approval_would_not_count_may_reject(self):
        self.specs(prod="approvals: {count: 1, from: [bob]}")
        self.start()
        self.as_("anna", "create", "release", "two", "--from-latest")
        wait_for(lambda: self.get("releases/two")["status"] == "ready", 30, "the release")
        self.as_("carl", "reject", "two", "prod", wanted=1)
        self.as_("anna", "reject", "two", "prod", "--message", "a mistake of mine")

    def test_an_approval_expires_at_its_time(self):
        self.specs(staging="release: one", prod="release: one, promotesFrom: staging, soak: 1h, approvals: {count: 1, expireAfter: 3s}")
        self.start()
        self.wait_for_reason("ApprovalsMissing")
        self.as_("anna", "approve", "one", "prod")
        # There is no poll and no change, so that only a timer can set the condition.
        wait_for(lambda: [c["reason"] for c in self.get("environments/prod")["conditions"] if c["type"] == "Ready"] == ["ApprovalsMissing"], 30, "it expired")
        self.assertIn("that of anna expired at ", self.pending()["message"])
        self.kill()
        self.assertIn("that of anna expired at ", self.pending()["message"])
        self.assertIn("has 1 of 1 approvals; anna has approved it", self.as_("anna", "approve", "one", "prod"))

    def test_rules_that_cannot_be_met_are_refused_with_their_place(self):
        for rules, says in (("{count: 2, from: [anna]}", "approvals: 2 are needed, and they may come from 1 person: no release could ever be promoted"),
                            ("{from: [anna]}", "approvals: count is missing: how many persons must approve?"), ("{excludeAuthor: true}", "count is missing"),
                            ("{count: 1, from: ['']}", 'approvals.from: "" is nobody'), ("{count: 1, from: 'a b'}", '"a b" is nobody'),
                            ("{count: 1, from: [anna, anna]}", "approvals.from: 'anna' stands twice"), ("{required: ['group:A B']}", '"group:A B" is nobody'),
                            ("{required: ['group:oncall']}", "oncall"), ("{count: 1, expireAfter: 0s}", "expireAfter"), ("{count: -1}", "count"),
                            ("{count: 1, form: [anna]}", 'unknown field "form"'), ("[anna]", "approvals")):
            path = self.site.write("lint.yaml", document("Environment", "prod", f"approvals: {rules}"))
            r = relman.relmanctl("lint", path)
            self.assertEqual((r[0] != 0, says in r[1] + r[2], f"{path}:4:" in r[1] + r[2]), (True, True, True), rules + r[1] + r[2])

    def test_messages_are_bounded_and_on_one_line(self):
        self.specs(prod="approvals: 1")
        self.start()
        for message, wanted in (("x" * 1001, 400), ("a\u202eb", 400), ("a\nb", 400), (7, 400), ("   ", 200), (None, 200), ("x" * 1000, 200)):
            status, answer, _ = self.site.call("POST", "/api/v1/environments/prod/reject", {"releaseId": "one", "message": message})
            self.assertEqual(status, wanted, (message, answer))
        for body, wanted in (({"releaseId": "none"}, 404), ({}, 400), ({"releaseId": "one", "reason": "x"}, 400)):
            self.assertEqual(self.site.call("POST", "/api/v1/environments/prod/reject", body)[0], wanted, body)


class Promoters(Case):
    """The local user is anna."""

    def refused(self, *args, said="promote releases to"):
        out = self.as_("bob", *args, wanted=1)
        self.assertRegex(out, rf"bob may not {said} environment 'prod': promoters names anna and carl \(\S+all\.yaml:\d+\)")

    def test_only_promoters_decide_what_an_environment_gets(self):
        self.specs(document("ReleaseStream", "s", "components: [a], nameTemplate: s, settle: 0s"),
                   prod="stream: s, confirm: manual, promoters: [anna, carl]")
        self.start()
        wait_for(lambda: self.state() == ("s", "promoting"), 20, "prod has it")
        self.refused("promote", "one", "prod")
        self.refused("promote", "one", "prod", "--dry-run")
        self.refused("promote", "one", "prod", "--force", "--allow-removals")
        self.refused("cancel", "prod", said="cancel promotions to")
        self.refused("hold", "prod", said="hold")
        self.refused("resume", "prod", said="resume")
        self.assertEqual(self.state(), ("s", "promoting"))
        self.assertIsNone(self.get("environments/prod")["hold"])
        entries = [(e["person"], e["outcome"], e["status"]) for e in self.get("audit")["data"]]
        self.assertEqual(entries.count(("bob", "refused", 403)), 5, entries)
        self.as_("bob", "confirm", "prod")  # a report of the deployer
        for person in ("anna", "carl"):
            self.assertIn("would" if person == "anna" else "release 'one' is", self.as_(person, "promote", "one", "prod", *(["--dry-run"] if person == "anna" else [])))
        self.ctl("cancel", "prod")  # the local user is anna
        self.ctl("resume", "prod")
        self.ctl("hold", "prod")
        self.assertIn("\npromoters: anna, carl\n", self.ctl("gates", "prod", "one"))
        self.assertEqual(self.get("environments/prod")["promoters"], ["anna", "carl"])
        self.kill()
        self.refused("promote", "one", "prod")

    def test_promoters_add_no_right_to_a_role(self):
        out = relman.relmanctl("token", "reader", "--role", "read", "--person", "anna")[1].splitlines()
        self.texts["reader"] = out[1]
        with open(self.tokens, "a") as f:
            f.write(out[4] + "\n")
        self.specs(prod="promoters: anna")
        self.start()
        self.assertIn("token:reader has role read", self.as_("reader", "promote", "one", "prod", wanted=1))
        self.assertIn("release 'one' is deployed", self.as_("anna", "promote", "one", "prod"))

    def test_a_user_without_a_person_is_a_promoter_by_name(self):
        self.people = ""
        self.specs(prod=f"promoters: [{USER}]", lab="promoters: [nobody-else]")
        self.start()
        self.assertIn("release 'one' is deployed", self.ctl("promote", "one", "prod"))
        self.assertIn(f"{USER} may not promote releases to environment 'lab': promoters names nobody-else", self.ctl("promote", "one", "lab", wanted=1))

    @unittest.skipIf(os.getuid() != 0, "takes root")
    def test_a_user_without_an_account_is_a_promoter_by_number(self):
        uid = 49998
        self.roles = f", socketRoles: [{{uid: 0, role: admin, tenant: '*'}}, {{uid: {uid}, role: write, tenant: default}}]"
        self.specs(prod=f"promoters: ['{uid}']", lab="promoters: [anna]")
        self.start()
        os.chmod(self.site.folder, 0o755)
        os.chmod(self.site.socket, 0o666)
        program = ("import http.client, socket, sys\nc = http.client.HTTPConnection('localhost')\n"
                   "c.sock = socket.socket(socket.AF_UNIX); c.sock.connect(sys.argv[1])\n"
                   "c.request('POST', '/api/v1/releases/one/promote', '{\"environmentId\": \"%s\"}' % sys.argv[2], {'Content-Type': 'application/json'})\n"
                   "print(c.getresponse().status)")
        for environment, status in (("prod", "202"), ("lab", "403")):
            r = subprocess.run(["/usr/bin/python3", "-c", program, self.site.socket, environment], capture_output=True, text=True,
                               timeout=60, user=uid, group=uid, extra_groups=[], cwd="/")
            self.assertEqual(r.stdout, status + "\n", r.stderr)

    def test_promoters_that_a_reload_adds_apply_to_a_promotion_in_progress(self):
        self.specs(prod="confirm: auto")
        self.start()
        hold = self.server.hold("HEAD .*manifests")
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(self.as_, "bob", "promote", "one", "prod", wanted=1)
            wait_for(lambda: hold.asked, 20, "the check of its digests")
            self.specs(prod="confirm: auto, promoters: [anna]")
            wait_for(lambda: self.get("environments/prod")["promoters"] == ["anna"], 20, "the reload")
            hold.release()
            self.assertIn("bob may not promote releases to environment 'prod'", answer.result())
        self.assertEqual(self.state(), (None, None))


class Groups(Case):
    def group(self, members, name="oncall"):
        return document("Group", name, f"members: [{members}]")

    def test_one_member_of_a_required_group_must_approve(self):
        self.specs(self.group("anna, bob"), prod="approvals: {required: ['group:oncall']}", lab="confirm: auto")
        self.start()
        self.assertIn("release 'one' waits for group:oncall in environment 'prod' (0 of 1 approvals)", self.ctl("promote", "one", "prod", wanted=1))
        self.as_("carl", "approve", "one", "prod")
        self.assertIn("waits for group:oncall", self.ctl("promote", "one", "prod", wanted=1))
        self.as_("bob", "approve", "one", "prod")
        self.assertIn("release 'one' is deployed", self.ctl("promote", "one", "prod"))
        self.assertEqual(self.ctl("get", "groups"), "NAME    MEMBERS   CONDITIONS\noncall  anna,bob  -\n")
        self.assertEqual(self.get("groups/oncall")["environments"], ["prod"])
        self.assertIn("members:", self.ctl("describe", "group", "oncall"))

    def test_who_left_a_group_counts_no_more_for_a_gate_that_is_closed(self):
        self.specs(self.group("anna, bob"), prod="release: one, approvals: {count: 2, from: ['group:oncall']}")
        self.start()
        self.as_("bob", "approve", "one", "prod")
        self.assertEqual(self.pending()["approvals"]["persons"], ["bob"])
        self.specs(self.group("anna, carl"), prod="release: one, approvals: {count: 2, from: ['group:oncall']}")
        wait_for(lambda: self.pending()["approvals"]["persons"] == [], 20, "bob left")
        self.assertIn("that of bob does not count", self.pending()["message"])
        # The new group makes the environment due: its stored condition changes without a command.
        wait_for(lambda: any("that of bob does not count" in c["message"] for c in self.get("environments/prod")["conditions"]), 20, "the condition")
        self.assertIn("bob may not approve releases for environment 'prod': approvals.from names group:oncall", self.as_("bob", "approve", "one", "prod", wanted=1))
        self.kill()
        for person in ("anna", "carl"):
            self.as_(person, "approve", "one", "prod")
        self.wait_deployed()

    def test_a_new_member_whose_approval_was_given_opens_the_gate(self):
        self.specs(self.group("bob, carl"), prod="release: one, approvals: {required: ['group:oncall']}")
        self.start()
        self.as_("dora", "approve", "one", "prod")
        self.wait_for_reason("ApprovalsMissing")
        self.specs(self.group("dora, carl"), prod="release: one, approvals: {required: ['group:oncall']}")
        self.wait_deployed()

    def test_a_group_may_promote(self):
        self.specs(self.group("bob"), prod="promoters: ['group:oncall']")
        self.start()
        self.assertIn("anna may not promote releases to environment 'prod': promoters names group:oncall", self.as_("anna", "promote", "one", "prod", wanted=1))
        self.assertIn("release 'one' is deployed", self.as_("bob", "promote", "one", "prod"))
        self.specs(self.group("anna"), prod="promoters: ['group:oncall']")
        wait_for(lambda: self.get("groups/oncall")["members"] == ["anna"], 20, "the reload")
        self.assertIn("bob may not hold environment 'prod'", self.as_("bob", "hold", "prod", wanted=1))

    def test_a_plan_names_the_environments_of_a_changed_group(self):
        rules = "approvals: {count: 1, from: ['group:oncall']}"
        self.specs(self.group("anna, bob"), prod=rules, lab="promoters: ['group:oncall']", dev="confirm: auto",
                   qa="checks: {before: [{name: smoke, timeout: 1h, from: ['group:oncall']}]}")
        self.start()
        self.specs(self.group("anna, carl"), prod=rules, lab="promoters: ['group:oncall']", dev="confirm: auto",
                   qa="checks: {before: [{name: smoke, timeout: 1h, from: ['group:oncall']}]}")
        wait_for(lambda: self.get("groups/oncall")["members"] == ["anna", "carl"], 20, "the reload")
        folder = os.path.join(self.site.folder, "plan")
        shutil.copytree(self.site.specs, folder)
        with open(os.path.join(folder, "all.yaml")) as f:
            text = f.read()
        with open(os.path.join(folder, "all.yaml"), "w") as f:
            f.write(text.replace("[anna, carl]", "[dora]"))
        plan = self.ctl("plan", folder)
        self.assertIn("~ Group oncall: updated\n", plan)
        self.assertIn("concerns environments lab, prod, qa\n", plan)


if __name__ == "__main__":
    relman.main()
