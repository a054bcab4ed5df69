#!/usr/bin/env python3
"""Tests environments that follow another one: they get what it runs, after each kind of change, kill and reload."""

import os
import sys

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import SiteCase, document, documents, relmanctl, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

CONFIG = "poll: {interval: 1h, jitter: 0%}\n"


class Case(SiteCase):
    """Helpers for a stream s of component a."""

    def setUp(self):
        super().setUp()
        self.server = StandIn()
        self.addCleanup(self.server.close)
        self.server.push("app/a", "v1.0.0")

    def state(self, environment):
        state = self.get(f"environments/{environment}")["state"] or {}
        return state.get("release"), state.get("status")

    def wait_known(self, environment):
        wait_for(lambda: environment in self.ctl("get", "environments", "-o", "name"), 20, environment)

    def wait_state(self, environment, release, status="deployed"):
        wait_for(lambda: self.state(environment) == (release, status), 30, f"{environment} at {release} {status}")

    def tree(self, **environments):
        return documents(
            document("ReleaseStream", "s", "components: [a], nameTemplate: 's-{version:a}', settle: 0s"),
            *(document("Environment", name.replace("_", "-"), spec) for name, spec in environments.items()),
            registry=self.server, components=("a",))

    def specs(self, **environments):
        self.site.write("all.yaml", self.tree(**environments))

    def next(self, version):
        """Pushes a version, and waits until its release is made."""
        self.server.push("app/a", "v" + version)
        self.ctl("sync", "a", "--force")
        wait_for(lambda: f"s-{version}" in self.ctl("get", "releases"), 20, "its release")

    def kill(self):
        self.site.process.kill()
        self.site.process.wait()
        self.site.start(CONFIG)

    def pending(self, environment="prod"):
        return self.get(f"environments/{environment}")["pending"]

    def plan(self, **environments):
        folder = os.path.join(self.site.folder, "plan")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "all.yaml"), "w") as f:
            f.write(self.tree(**environments))
        return self.ctl("plan", folder)


class Follows(Case):
    def test_a_follower_gets_what_was_confirmed_and_goes_back_with_it(self):
        self.specs(staging="stream: s, confirm: manual", prod="follows: staging")
        self.site.start(CONFIG)
        self.wait_state("staging", "s-1.0.0", "promoting")
        self.assertEqual(self.state("prod"), (None, None))
        self.assertEqual(self.get("environments/prod")["follows"], "staging")
        why = self.ctl("why", "prod", wanted=1)
        self.assertIn("> follows       waits    environment 'staging' runs no release; release 's-1.0.0' is being promoted there", why)
        self.assertIn("relmanctl why staging", why)
        self.ctl("confirm", "staging")
        self.wait_state("prod", "s-1.0.0")
        self.next("1.1.0")
        self.wait_state("staging", "s-1.1.0", "promoting")
        self.ctl("sync", "a")
        self.assertEqual(self.state("prod"), ("s-1.0.0", "deployed"))
        self.assertIn("environment 'staging' runs release 's-1.0.0'; release 's-1.1.0' is being promoted there", self.ctl("why", "prod"))
        self.ctl("confirm", "staging")
        self.wait_state("prod", "s-1.1.0")
        self.ctl("promote", "s-1.0.0", "staging", "--reason", "rolled back")
        self.ctl("confirm", "staging")
        self.wait_state("prod", "s-1.0.0")
        self.assertIsNone(self.get("environments/prod")["hold"])

    def test_the_list_shows_what_is_followed(self):
        self.specs(staging="stream: s", prod="follows: staging", hand="confirm: auto", fixed="release: s-1.0.0")
        self.site.start(CONFIG)
        self.wait_state("prod", "s-1.0.0")
        self.ctl("promote", "s-1.0.0", "hand")
        self.assertIsNotNone(self.get("environments/hand")["hold"])
        table = self.ctl("get", "environments").splitlines()
        at = table[0].index("FOLLOWS")
        shown = {line.split()[0]: line[at:].split("  ")[0].strip() for line in table[1:]}
        self.assertEqual(self.ctl("confirm", "hand", wanted=1).count("on hold"), 0)
        self.assertEqual(shown, {"staging": "stream s", "prod": "env staging", "hand": "-", "fixed": "s-1.0.0"})
        self.assertEqual(self.ctl("hold", "hand", wanted=1),
                         "relmanctl: error: environment 'hand' follows nothing: nothing is promoted to it by itself\n")
        self.ctl("hold", "prod", "--reason", "a freeze")
        self.assertIn("on hold", self.ctl("get", "environments"))
        self.assertIn("does not follow environment 'staging': a freeze", self.ctl("describe", "environment", "prod").replace("''", "'"))
        self.next("1.1.0")
        self.wait_state("staging", "s-1.1.0")
        self.assertIn("environment 'prod' does not follow environment 'staging' since", self.ctl("gates", "prod", wanted=1))
        self.assertEqual(self.state("prod"), ("s-1.0.0", "deployed"))
        self.ctl("resume", "prod", "--wait")
        self.assertEqual(self.state("prod"), ("s-1.1.0", "deployed"))
        self.next("1.2.0")
        self.wait_state("prod", "s-1.2.0")
        self.assertIn("it does not follow environment 'staging' until relmanctl resume prod", self.ctl("promote", "s-1.1.0", "prod"))

    def test_a_follower_waits_for_its_gates_and_is_kept_out_after_a_failure(self):
        self.specs(staging="stream: s", prod="follows: staging, approvals: 1, confirm: manual")
        self.site.start(CONFIG)
        wait_for(lambda: (self.pending() or {}).get("reason") == "ApprovalsMissing", 20, "prod waits")
        self.ctl("approve", "s-1.0.0", "prod")
        self.wait_state("prod", "s-1.0.0", "promoting")
        self.ctl("confirm", "prod")
        self.next("1.1.0")
        self.ctl("approve", "s-1.1.0", "prod")
        self.wait_state("prod", "s-1.1.0", "promoting")
        self.ctl("confirm", "prod", "--status", "failed", "--reason", "it crashed")
        self.wait_state("prod", "s-1.0.0")
        self.kill()
        self.wait_state("prod", "s-1.0.0")
        self.assertEqual(self.get("environments/prod")["hold"]["reason"], "release 's-1.1.0' failed: it crashed")
        self.ctl("resume", "prod")
        self.wait_state("prod", "s-1.1.0", "promoting")
        self.ctl("cancel", "prod", "--reason", "not today")
        self.wait_state("prod", "s-1.0.0")

    def test_a_chain_ends_alike_when_the_daemon_is_killed_at_any_moment(self):
        self.specs(staging="stream: s", prod="follows: staging", last="follows: prod")
        self.site.start(CONFIG)
        self.wait_state("last", "s-1.0.0")
        for i in range(1, 5):
            self.next(f"1.{i}.0")
            self.kill()  # somewhere between the release and its deployment in the last environment
            self.wait_state("last", f"s-1.{i}.0")
        self.ctl("promote", "s-1.2.0", "staging")
        self.kill()
        for environment in ("staging", "prod", "last"):
            self.wait_state(environment, "s-1.2.0")

    def test_a_reload_that_removes_the_followed_environment_is_refused(self):
        self.specs(staging="stream: s", prod="follows: staging")
        self.site.start(CONFIG)
        self.wait_state("prod", "s-1.0.0")
        self.specs(prod="follows: staging")
        status, out, _ = relmanctl("lint", self.site.specs)
        self.assertEqual(status, 1)
        self.assertIn("environment 'prod' refers to environment 'staging', which no spec declares", out)
        wait_for(lambda: "refers to environment 'staging'" in self.site.log, 20, "the error")
        self.assertEqual(self.state("prod"), ("s-1.0.0", "deployed"))
        self.kill()
        self.assertEqual(self.state("prod"), ("s-1.0.0", "deployed"))
        self.next("1.1.0")
        self.specs(staging="stream: s", prod="follows: staging")
        self.wait_state("prod", "s-1.1.0")

    def test_a_reload_removes_the_followed_environment_while_digests_are_checked(self):
        self.specs(staging="stream: s", prod="follows: staging, approvals: 1")
        self.site.start(CONFIG)
        wait_for(lambda: (self.pending() or {}).get("reason") == "ApprovalsMissing", 20, "prod waits")
        hold = self.server.hold("HEAD .*manifests")
        self.ctl("approve", "s-1.0.0", "prod")
        wait_for(lambda: hold.asked, 20, "the check of its digests")
        self.specs(prod="approvals: 1")
        wait_for(lambda: "staging" not in self.ctl("get", "environments"), 20, "the removal")
        hold.release()
        self.next("1.1.0")
        self.assertEqual(self.state("prod"), (None, None))
        self.assertIsNone(self.pending())

    def test_a_plan_shows_what_a_follower_would_get(self):
        kept = {"staging": "stream: s", "lab": "confirm: auto"}
        self.specs(**kept)
        self.site.start(CONFIG)
        self.wait_state("staging", "s-1.0.0")
        self.assertIn("~ prod: nothing -> s-1.0.0\n", self.plan(**kept, prod="follows: staging"))
        self.assertIn("~ prod: waits for 1 approval, then gets s-1.0.0\n", self.plan(**kept, prod="follows: staging, approvals: 1"))
        self.specs(**kept, prod="follows: staging", last="follows: prod")
        self.wait_known("last")
        self.wait_state("last", "s-1.0.0")
        self.ctl("promote", "s-1.0.0", "lab")
        self.assertNotIn("prod", self.plan(**kept, prod="follows: staging", last="follows: prod"))
        self.next("1.1.0")
        self.wait_state("last", "s-1.1.0")
        plan = self.plan(staging="release: s-1.0.0", lab="confirm: auto", prod="follows: staging", last="follows: prod")
        self.assertIn("~ staging: s-1.1.0 -> s-1.0.0\n", plan)
        self.assertIn("~ prod: waits for its deployment in environment 'staging', then gets s-1.0.0\n", plan)
        self.assertIn("~ last: waits for its deployment in environment 'prod', then gets s-1.0.0\n", plan)
        self.assertIn("~ last: s-1.1.0 -> s-1.0.0\n", self.plan(**kept, prod="follows: staging", last="follows: lab"))
        # a new follower first gets what the followed environment runs, also if that is about to change
        self.assertIn("~ new: nothing -> s-1.1.0\n", self.plan(staging="release: s-1.0.0", new="follows: staging"))


if __name__ == "__main__":
    relman.main()
