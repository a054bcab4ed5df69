#!/usr/bin/env python3
"""Takes two releases through all gates of an environment, from YAML: soak, window, approvals by two persons, a
check. The check of the second one fails, so that production rolls back. The story runs twice; the second
time the daemon is killed between any two steps, and must end in the same state."""

import http.client
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import relman  # noqa: E402
import test_people  # noqa: E402
from faults import NO_LEAKS, Faults  # noqa: E402
from relman import document, documents, wait_for  # noqa: E402

# what differs in each run, and the digest of a file that has it
DIFFERS = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|(?<=lockDigest: sha256:)\w+")
FREEZE = document("Calendar", "freeze", "environments: {matchLabels: {stage: prod}}, windows: [{deny: '2000-01-01..2199-12-30', reason: audit}]")


class Case(test_people.Case):
    def specs(self, *more, soak="1h"):
        prod = (f"stream: s, promotesFrom: staging, soak: {soak}, approvals: {{count: 2, from: [anna, bob, carl]}}, "
                "checks: {after: [{name: smoke}]}, onFailure: rollback")
        self.site.write("all.yaml", documents(
            document("ReleaseStream", "s", "components: [a], nameTemplate: 's-{version:a}', settle: 0s"),
            document("Environment", "staging", "stream: s"),
            document("Environment", "prod", prod).replace("{name: prod}", "{name: prod, labels: {stage: prod}}"),
            *more, registry=self.server, components=("a",)))

    def start(self, env=None):
        self.site.start(f"poll: {{interval: 1h, jitter: 0%}}\napi: {{socket: {self.site.folder}/relmand.sock, listen: ['127.0.0.1:{self.port}'], "
                        f"tokenFile: {self.tokens}, people: {{{self.people}}}}}\n", env=env)

    def wait_state(self, environment, release, status="deployed"):
        wait_for(lambda: self.state(environment) == (release, status), 60, f"{environment} at {release} {status}")

    def waits_for(self, release, reason):
        wait_for(lambda: (self.pending().get("release"), self.pending().get("reason")) == (release, reason), 60, f"{release}: {reason}")

    def wait_for_check(self, release):
        wait_for(lambda: [(c["check"], c["state"]) for c in self.get(f"environments/prod/checks?release={release}")["checks"]]
                 == [("smoke", "running")], 60, "the check")

    def history(self, environment="prod"):
        return [(row["release"], row["status"]) for row in reversed(self.get(f"environments/{environment}/history"))]

    def events(self, kind):
        return [name for _, name, _ in self.site.events(kind)]


class Story(Case):
    maxDiff = None

    def tell(self, between):
        """Returns how it ends: histories, lockfiles and events."""
        # The release needs a soak, a window and the approvals of two persons.
        self.specs(FREEZE)
        self.start()
        between()
        self.wait_state("staging", "s-1.0.0")
        between()
        self.waits_for("s-1.0.0", "ApprovalsMissing")
        self.ctl("approve", "s-1.0.0", "prod")
        between()
        # one person does not suffice, whatever the token
        self.assertIn("anna's approval was already counted", self.as_("anna", "approve", "s-1.0.0", "prod"))
        between()
        self.waits_for("s-1.0.0", "ApprovalsMissing")
        self.as_("bob", "approve", "s-1.0.0", "prod")
        between()
        self.waits_for("s-1.0.0", "Soaking")
        self.specs(FREEZE, soak="1s")
        between()
        self.waits_for("s-1.0.0", "WindowClosed")
        self.assertEqual(self.state(), (None, None))
        between()
        self.specs(soak="1s")
        between()
        self.wait_for_check("s-1.0.0")
        self.assertEqual(self.state(), ("s-1.0.0", "promoting"))
        self.as_("carl", "check", "s-1.0.0", "prod", "smoke", "--pass")
        between()
        self.wait_state("prod", "s-1.0.0")
        between()

        # The window closes again. The next release waits for it, is deployed, and fails its check.
        self.specs(FREEZE, soak="1s")
        between()
        self.server.push("app/a", "v2.0.0")
        self.ctl("sync", "a")
        between()
        self.wait_state("staging", "s-2.0.0")
        between()
        self.as_("bob", "approve", "s-2.0.0", "prod")
        between()
        self.as_("carl", "approve", "s-2.0.0", "prod")
        between()
        self.waits_for("s-2.0.0", "WindowClosed")
        self.assertEqual(self.state(), ("s-1.0.0", "deployed"))
        self.specs(soak="1s")
        between()
        self.wait_for_check("s-2.0.0")
        self.as_("carl", "check", "s-2.0.0", "prod", "smoke", "--fail", "--message", "no login")
        between()
        self.wait_state("prod", "s-1.0.0")
        between()
        prod = self.get("environments/prod")
        self.assertEqual(prod["hold"]["reason"], "release 's-2.0.0' failed: check 'smoke' failed: no login")
        self.ctl("verify", self.lock_of("prod"))
        locks = {}
        for environment in ("staging", "prod"):
            with open(self.lock_of(environment), encoding="utf-8") as f:
                locks[environment] = DIFFERS.sub("-", f.read().replace(self.server.host, "HOST"))
        return {"staging": self.history("staging"), "prod": self.history(), "locks": locks,
                "events": {kind: self.events(kind) for kind in ("release.deployed", "release.failed", "release.rolledBack", "check.passed", "check.failed")}}

    def lock_of(self, environment):
        return os.path.join(self.site.locks, f"default/environments/{environment}.lock.yaml")

    def kill(self):
        self.site.process.kill()
        self.site.process.wait()
        self.start()

    def test_a_failed_check_rolls_back_what_passed_all_gates_also_when_the_daemon_is_killed_between_all_steps(self):
        ends = []
        for between in (lambda: None, self.kill):
            ends.append(self.tell(between))
            self.site.close()
            self.server.close()
            self.setUp()
        self.assertEqual(ends[0]["prod"], [("s-1.0.0", "promoting"), ("s-1.0.0", "deployed"), ("s-2.0.0", "promoting"), ("s-2.0.0", "failed"),
                                           ("s-1.0.0", "deployed")])
        self.assertEqual(ends[0]["events"]["release.rolledBack"], ["s-1.0.0"])
        self.assertIn("tag: v1.0.0", ends[0]["locks"]["prod"])
        self.assertEqual(ends[1], ends[0])


class KilledInACommand(Case):
    def test_a_kill_between_the_last_check_and_the_confirmation_leaves_one_confirmation(self):
        """The first write of the command is the line of the log between the two transactions."""
        self.specs(soak="1ms")
        self.start(NO_LEAKS)
        self.wait_state("staging", "s-1.0.0")
        self.as_("bob", "approve", "s-1.0.0", "prod")
        self.as_("carl", "approve", "s-1.0.0", "prod")
        self.wait_for_check("s-1.0.0")
        with Faults(self.site.process, "write", 1, "signal=KILL"):
            try:
                self.site.call("POST", "/api/v1/environments/prod/checks", {"releaseId": "s-1.0.0", "check": "smoke", "status": "passed"})
                self.fail("relmand was not killed")
            except (OSError, http.client.HTTPException):
                pass
            self.site.process.wait(20)
        self.assertEqual((self.site.stored.checks("name", "status"), self.site.stored.deployments("status", environment="prod")),
                         ([("smoke", "passed")], [("promoting",)]))
        for _ in range(2):  # it is not confirmed again by the next start
            self.start()
            self.wait_state("prod", "s-1.0.0")
            self.site.process.kill()
            self.site.process.wait()
        self.start()
        self.assertEqual(self.history(), [("s-1.0.0", "promoting"), ("s-1.0.0", "deployed")])
        self.assertEqual((self.events("release.deployed"), self.events("check.passed")), (["s-1.0.0", "s-1.0.0"], ["prod"]))
        self.assertEqual(subprocess.run([f"{relman.BUILDDIR}/relmanctl", "status", "--socket", self.site.socket], capture_output=True).returncode, 0)


if __name__ == "__main__":
    relman.main()
