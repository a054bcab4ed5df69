#!/usr/bin/env python3
"""Tests mistakes about gates with the complete text of each message. A document with a mistake is not used, and a
command that is refused changes nothing, now or later."""

import os
import sys

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import relman  # noqa: E402
import test_people  # noqa: E402
from relman import wait_for  # noqa: E402

GOOD = "release: one, approvals: {count: 2, from: [anna, bob]}, promoters: [anna, bob], checks: {before: [{name: smoke, from: [bob]}]}"


class Mistakes(test_people.Case):
    maxDiff = None

    def stored(self):
        """Returns everything that a gate may change."""
        stored = self.site.stored
        return {entity: sorted(getattr(stored, entity)()) for entity in ("approvals", "checks", "deployments", "holds", "history")} | {
            "document": self.get("environments/prod")["checks"], "pending": self.pending()}

    def test_documents(self):
        """relmand reports the same error, and the last valid document stays active."""
        self.specs(prod=GOOD)
        self.start()
        self.wait_for_reason("ApprovalsMissing")
        before = self.stored()
        for spec, wanted in DOCUMENTS:
            with self.subTest(spec):
                self.specs(prod=spec)
                status, out, _ = relman.relmanctl("lint", self.site.specs)
                self.assertEqual((status, out.splitlines()[0]), (1, f"{self.site.specs}/all.yaml:19:{wanted}"))
                place, _, message = wanted.partition(": error: ")
                wait_for(lambda: [m for (m,) in self.site.stored.conditions("message", kind="Environment", type="Stalled")
                                  if f"all.yaml:19:{place}" in m and message in m], 30, message)
                self.assertEqual(self.stored(), before)

    def test_commands(self):
        self.specs(prod=GOOD)
        self.start()
        self.wait_for_reason("ApprovalsMissing")
        before = self.stored()
        for who, command, wanted in COMMANDS:
            with self.subTest(command):
                place = f" ({self.site.specs}/all.yaml:19)"
                self.assertEqual(self.as_(who, *command.split(), wanted=1), f"relmanctl: error: {wanted.replace(' PLACE', place)}\n")
                self.assertEqual(self.stored(), before)
        # a restart does not do later what was refused
        self.kill()
        self.wait_for_reason("ApprovalsMissing")
        self.assertEqual(self.stored(), before)
        self.assertEqual({(e["person"], e["outcome"]) for e in self.get("audit?pageSize=500")["data"]} - {("carl", "refused"), ("bob", "refused"), ("dora", "refused")}, set())


UNKNOWN_GROUP = "error: environment 'prod' refers to group 'onkall', which no spec declares"
DOCUMENTS = (
    ("windows: [{allow: '09:00..17:00', zone: Europe/Berln}]", "48: error: windows[0]: unknown zone 'Europe/Berln'; did you mean 'Europe/Berlin'?"),
    ("windows: [{allow: Mon}, {deny: '*-*-*'}]", "26: error: windows: they never open: a window that denies contains each time that is allowed"),
    ("windows: [{allow: '2026-12-20..2026-12-19'}]",
     "26: error: windows[0]: allow: '2026-12-20..2026-12-19': the range ends before it begins; exchange the two dates"),
    ("windows: [{allow: 'Mon 09:00', for: 0s}]", '44: error: field "for" must be greater than 0'),
    ("windows: [{allow: 'Mon 09:00', for: -1h}]", '44: error: field "for" wants a duration such as 90s, 5m, 24h or 7d, not "-1h"'),
    ("approvals: {count: 1, from: ['']}",
     '36: error: approvals.from: "" is nobody: a person is one word of at most 255 bytes, a Group is group:NAME'),
    ("approvals: {count: 1, from: ['group:onkall']}", "36: " + UNKNOWN_GROUP),
    ("approvals: {count: 1, required: ['group:onkall']}", "40: " + UNKNOWN_GROUP),
    ("promoters: ['group:onkall']", "19: " + UNKNOWN_GROUP),
    ("checks: {after: [{name: smoke, from: ['group:onkall']}]}", "45: " + UNKNOWN_GROUP),
    ("approvals: {count: 3, from: [anna, bob]}",
     "36: error: approvals: 3 are needed, and they may come from 2 persons: no release could ever be promoted"),
    ("follows: stagin", "17: error: environment 'prod' refers to environment 'stagin', which no spec declares"),
    ("promotesFrom: stagin", "22: error: environment 'prod' refers to environment 'stagin', which no spec declares"),
)
NO_RELEASE = "there is no release 'two' in tenant 'default'; relmanctl get releases lists them"
COMMANDS = (
    ("carl", "check one prod smoke --pass", "carl may not report check 'smoke' of environment 'prod': 'from' of the check names bob PLACE"),
    ("bob", "check two prod smoke --pass", NO_RELEASE),
    ("bob", "check one prod smok --pass", "environment 'prod' has no check 'smok'; it has 'smoke'"),
    ("bob", "check one prdo smoke --pass",
     "there is no environment 'prdo' in tenant 'default'; did you mean 'prod'? relmanctl get environments lists them"),
    ("bob", "check one prod smoke --run",
     "relmand does not run check 'smoke' of environment 'prod': report its result with relmanctl check one prod smoke --pass or --fail"),
    ("bob", "check one prod smoke --pass --promotion 6f1c8a0e-0000-4000-8000-000000000000",
     "check 'smoke' of environment 'prod' comes before the promotion: report it without a promotion"),
    ("carl", "approve one prod", "carl may not approve releases for environment 'prod': approvals.from names anna and bob PLACE"),
    ("dora", "reject one prod", "dora may not reject releases for environment 'prod': approvals.from names anna and bob PLACE"),
    ("bob", "approve two prod", NO_RELEASE),
    ("carl", "promote one prod", "carl may not promote releases to environment 'prod': promoters names anna and bob PLACE"),
    ("carl", "hold prod", "carl may not hold environment 'prod': promoters names anna and bob PLACE"),
)

if __name__ == "__main__":
    relman.main()
