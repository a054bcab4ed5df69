#!/usr/bin/env python3
"""People and gates through YAML: who a local user is, whose approval counts, who may promote."""

import json
import os
import pwd
import resource
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import SiteCase, document, documents, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

ME = f"uid:{os.getuid()}"
USER = pwd.getpwuid(os.getuid()).pw_name
TOKENS = ("anna", "bob", "carl", "dora")


class Case(SiteCase):
    """Release one of component a. The local user is anna, who has a token, too."""

    people = f"{USER}: [anna], 'uid:4001': bob"

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
                        f"tokenFile: {self.tokens}, people: {{{self.people}}}}}\n")
        wait_for(lambda: self.site.call("GET", "/api/v1/releases/one")[1].get("status") == "ready", 30, "the release")

    def kill(self):
        self.site.process.kill()
        self.site.process.wait()
        self.start()

    def as_(self, name, *args, wanted=0):
        """Runs relmanctl with the token of a person."""
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
        """The number of the user instead of the name would be another person."""
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
        resource.prlimit(self.site.process.pid, resource.RLIMIT_NOFILE, (3, limits[1]))  # it can open no file now
        status, text = approve()
        resource.prlimit(self.site.process.pid, resource.RLIMIT_NOFILE, limits)
        self.assertIn(f"it is not known which person {ME} is: its name cannot be looked up: Too many open files", text)
        self.assertEqual((status, self.get("environments/prod")["approvedBy"]), (500, []))
        status, text = approve()
        self.assertEqual((status, [a["person"] for a in json.loads(text)["approvedBy"]]), (200, [USER]))

    def test_a_bad_person_is_refused_with_its_place(self):
        config = os.path.join(self.site.folder, "relmand.yaml")
        for people, says in (("no-such-user: anna", '"no-such-user" is not a user of this machine'),
                             ("'uid:x': anna", '"uid:x" is no number of a user, such as uid:1000'),
                             ("'uid:4294967296': anna", '"uid:4294967296" is no number of a user, such as uid:1000'),
                             ("'uid:1': 'group:oncall'", '"group:oncall" is no person'), ("'uid:1': 'anna b'", '"anna b" is no person'),
                             ("'uid:1': ''", '"" is no person'), ("'uid:1': '" + "a" * 256 + "'", "is no person"),
                             ("'uid:1': [anna, bob]", 'field "people"'), ("'uid:1': {a: b}", 'field "people"'), ("'uid:1': []", 'field "people"'),
                             ("{}: anna, 'uid:{}': bob".format(USER, os.getuid()), "is person 'anna' already; an approval must count for one person")):
            with open(config, "w") as f:
                f.write(f"api:\n  people: {{{people}}}\n")
            r = subprocess.run([os.path.join(relman.BUILDDIR, "relmand"), "--check-config", "--config", config], capture_output=True, text=True, timeout=60)
            self.assertEqual((r.returncode != 0, f"{config}:2:" in r.stderr, says in r.stderr), (True, True, True), people + r.stderr)


if __name__ == "__main__":
    relman.main()
