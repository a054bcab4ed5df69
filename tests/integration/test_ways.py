#!/usr/bin/env python3
"""Tests that each way to promote (stream, spec, follows, API, relmanctl) meets the same gates with the same words."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import SiteCase, document, documents, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

# A gate that keeps release s-1.0.0 out, which staging has and lab does not.
GATES = {
    "source": "promotesFrom: lab",
    "approvals": "approvals: {count: 2, from: [anna, 'group:oncall']}",
    "checks": "checks: {before: [{name: smoke, timeout: 30m}]}",
    "soak": "promotesFrom: staging, soak: 24h",
    "windows": "windows: [{deny: '2000-01-01..2199-12-30', reason: freeze}]",
}
# These gates differ on purpose: streams and followed environments offer no draft, a person may try a failed release
# again, and only a person's promotion must keep all components.
OTHERS = {"status", "failure", "removals"}
# The request for the release in each environment: where only persons promote, there is none.
WAYS = {"by-stream": "stream: s", "by-spec": "release: s-1.0.0", "by-follows": "follows: staging", "by-hand": "confirm: auto"}


class Ways(SiteCase):
    def setUp(self):
        super().setUp()
        self.server = StandIn()
        self.addCleanup(self.server.close)
        self.server.push("app/a", "v1.0.0")

    def plain(self, text, environment):
        """Returns the text without the name of the environment and without times, which differ."""
        return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", text.replace(environment, "ENV"))

    def messages(self, environment, gate):
        """Returns the message of each interface about the gate."""
        path = f"environments/{environment}"
        status, answer, _ = self.site.call("POST", "/api/v1/releases/s-1.0.0/promote", {"environmentId": environment})
        self.assertEqual(status, 409, answer)
        closed = [g for g in self.get(f"{path}/gates?release=s-1.0.0")["gates"] if g["state"] == "closed"]
        self.assertEqual([g["gate"] for g in closed], [gate])
        said = {"api": answer["detail"], "gates": closed[0]["message"],
                "relmanctl": self.ctl("promote", "s-1.0.0", environment, wanted=1).removeprefix("relmanctl: error: ").strip(),
                "dry run": self.ctl("promote", "s-1.0.0", environment, "--dry-run", wanted=1).rpartition("relmanctl: error: ")[2].strip()}
        if not environment.startswith("by-hand"):
            said["pending"] = self.get(path)["pending"]["message"]
            said["condition"] = [c["message"] for c in self.get(path)["conditions"] if c["type"] == "Ready"][0]
        return {way: self.plain(text, environment) for way, text in said.items()}

    def test_each_way_meets_each_gate_with_the_same_words(self):
        environments = {"staging": "stream: s", "lab": "confirm: auto"}
        environments |= {f"{way}-{gate}": f"{request}, {spec}" for gate, spec in GATES.items() for way, request in WAYS.items()}
        self.site.write("all.yaml", documents(
            document("ReleaseStream", "s", "components: [a], nameTemplate: 's-{version:a}', settle: 0s"),
            document("Group", "oncall", "members: [bob, carl]"),
            *(document("Environment", name, spec) for name, spec in environments.items()), registry=self.server, components=("a",)))
        self.site.start("poll: {interval: 1h, jitter: 0%}\n")
        wait_for(lambda: (self.get("environments/staging")["state"] or {}).get("status") == "deployed", 30, "staging has it")
        gates = {g["gate"] for g in self.get("environments/staging/gates")["gates"]}
        self.assertEqual(gates, set(GATES) | OTHERS, "a new gate needs a test here")
        for gate in GATES:
            said = set()
            for way in WAYS:
                name = f"{way}-{gate}"
                if way != "by-hand":
                    wait_for(lambda name=name: (self.get(f"environments/{name}")["pending"] or {}).get("release") == "s-1.0.0", 20, name)
                with self.subTest(gate=gate, way=way):
                    messages = self.messages(name, gate)
                    self.assertEqual(len(set(messages.values())), 1, messages)
                    said |= set(messages.values())
                self.assertIsNone(self.get(f"environments/{name}")["state"])
            with self.subTest(gate=gate):
                if gate == "checks":  # a check starts when something requests the release; by hand nothing does
                    said = {text.replace("runs since TIME (at most 30m)", "was not reported yet") for text in said}
                self.assertEqual(len(said), 1, said)


if __name__ == "__main__":
    relman.main()
