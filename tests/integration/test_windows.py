#!/usr/bin/env python3
"""Tests windows of environments in specs with the real clock. Each test computes its windows from the present
time."""

import datetime
import os
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import BUILDDIR, SiteCase, document, documents, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

CONFIG = "poll: {interval: 1h, jitter: 0%}\n"
FREEZE = "{deny: '2000-01-01..2199-12-30', reason: freeze}"
FAR = "closed until 2199-12-31T00:00:00Z by freeze (deny '2000-01-01..2199-12-30' UTC)"


def text(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def opens_in(seconds):
    """Returns a deny window that ends in this many seconds, and its end."""
    end = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=seconds + 1)
    return f"{{deny: '2000-01-01..{end:%Y-%m-%d %H:%M:%S}', reason: freeze}}", end


class Case(SiteCase):
    def setUp(self):
        super().setUp()
        self.server = StandIn()
        self.addCleanup(self.server.close)

    def prod(self):
        status, answer, _ = self.site.call("GET", "/api/v1/environments/prod")
        self.assertEqual(status, 200, answer)
        return answer

    def state(self):
        state = self.prod()["state"] or {}
        return state.get("release"), state.get("status")

    def ready(self):
        return {c["type"]: c["reason"] for c in self.prod()["conditions"]}.get("Ready")

    def wait_release(self, name):
        wait_for(lambda: self.site.call("GET", f"/api/v1/releases/{name}")[1].get("status") not in ("draft", 404), 20, name)

    def wait_state(self, release):
        wait_for(lambda: self.state() == (release, "deployed"), 20, f"prod at {release}")

    def specs(self, prod, *more):
        self.site.write("all.yaml", documents(
            document("ReleaseStream", "s", "components: [a], nameTemplate: 's-{version:a}', settle: 0s"),
            document("Environment", "prod", prod), *more, registry=self.server, components=("a",)))

    def start(self, prod):
        self.server.push("app/a", "v1.0.0")
        self.specs(prod)
        self.site.start(CONFIG)
        self.wait_release("s-1.0.0")


class Windows(Case):
    def test_a_release_waits_and_is_promoted_when_the_window_opens(self):
        window, end = opens_in(4)
        self.start(f"stream: s, windows: [{window}]")
        by = f"by freeze (deny '{window.split(chr(39))[1]}' UTC)"
        pending = self.prod()["pending"]
        if pending and pending["reason"] == "WindowClosed":  # on a slow machine the window may already be open
            self.assertEqual((pending["opensAt"], pending["needsAction"]), (text(end), False))
            self.assertEqual(pending["waitsFor"], f"a window: closed until {text(end)} {by}")
        self.wait_state("s-1.0.0")
        self.assertGreaterEqual(self.prod()["state"]["deployedAt"], text(end))

    def test_an_opening_that_passes_while_relmand_is_down_happens_at_its_start(self):
        window, end = opens_in(5)
        self.start(f"stream: s, windows: [{window}]")
        self.site.stop(signal.SIGKILL)
        wait_for(lambda: datetime.datetime.now(datetime.timezone.utc) > end, 20, "the opening")
        self.site.start(CONFIG)
        self.wait_state("s-1.0.0")
        self.assertGreaterEqual(self.prod()["state"]["deployedAt"], text(end))

    def test_every_way_to_promote_meets_the_same_window_with_the_same_words(self):
        self.start(f"stream: s, windows: [{FREEZE}]")
        closed = f"release 's-1.0.0' is not promoted: environment 'prod' is {FAR}"
        wait_for(lambda: self.ready() == "WindowClosed", what="WindowClosed")
        self.assertEqual(self.prod()["pending"]["message"], closed)
        self.assertIn(closed, self.ctl("promote", "s-1.0.0", "prod", wanted=1))
        self.assertIn(closed, self.ctl("promote", "s-1.0.0", "prod", "--dry-run", wanted=1))
        # A reason opens the gate only for a release that the environment had before.
        self.assertIn(closed, self.ctl("promote", "s-1.0.0", "prod", "--reason", "INC-1", wanted=1))
        status, answer, _ = self.site.call("POST", "/api/v1/releases/s-1.0.0/promote", {"environmentId": "prod"})
        self.assertEqual((status, answer["detail"]), (409, closed))
        self.assertIn(closed, self.ctl("why", "prod", wanted=1))
        status = self.ctl("status")  # a closed window is no problem: the exit status is 0
        self.assertIn(f"\nwhat is next:\nprod: s-1.0.0\n  waits for    a window: {FAR}", status)
        self.assertNotIn("WindowClosed", status)
        self.assertIn("windows    closed  2199-12-31T00:00:00Z", self.ctl("gates", "prod", wanted=1))
        self.specs(f"release: s-1.0.0, windows: [{FREEZE}]")
        wait_for(lambda: self.prod().get("release") == "s-1.0.0", what="the spec")
        wait_for(lambda: self.ready() == "WindowClosed", what="WindowClosed")
        self.assertEqual(self.prod()["pending"]["message"], closed)
        self.assertEqual((self.state(), self.site.stored.history()), ((None, None), []))
        # A plan with a new environment predicts that the release waits there too.
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "all.yaml"), "w") as f:
                f.write(documents(document("ReleaseStream", "s", "components: [a], nameTemplate: 's-{version:a}', settle: 0s"),
                                  document("Environment", "prod", f"release: s-1.0.0, windows: [{FREEZE}]"),
                                  document("Environment", "new", f"release: s-1.0.0, windows: [{FREEZE}]"),
                                  registry=self.server, components=("a",)))
            self.assertIn(f"waits for a window: {FAR}", self.ctl("plan", folder))
        self.specs("stream: s")
        self.wait_state("s-1.0.0")

    def test_a_rollback_passes_a_closed_window_with_a_reason_which_the_audit_keeps(self):
        self.start("stream: s")
        self.wait_state("s-1.0.0")
        self.server.push("app/a", "v2.0.0")
        self.ctl("sync", "a")
        self.wait_state("s-2.0.0")
        self.specs(f"stream: s, windows: [{FREEZE}]")
        restore = ("; the release was deployed there before and can be restored now: "
                   "relmanctl promote s-1.0.0 prod --reason TEXT")
        wait_for(lambda: restore in str(self.site.call(
            "POST", "/api/v1/releases/s-1.0.0/promote", {"environmentId": "prod", "dryRun": True})[1]), what="the windows")
        self.assertIn(restore, self.ctl("promote", "s-1.0.0", "prod", wanted=1))
        for nothing in ("", "  "):
            with self.subTest(nothing):
                self.assertIn(restore, self.ctl("promote", "s-1.0.0", "prod", "--reason", nothing, wanted=1))
                self.assertEqual(self.state(), ("s-2.0.0", "deployed"))
        self.ctl("promote", "s-1.0.0", "prod", "--reason", "INC-17: does not start")
        self.wait_state("s-1.0.0")
        self.assertIn("accepted: INC-17: does not start", self.ctl("audit"))
        # Without the hold, the closed window still delays the newest release.
        self.ctl("resume", "prod")
        wait_for(lambda: self.ready() == "WindowClosed", what="WindowClosed")
        self.assertEqual(self.state(), ("s-1.0.0", "deployed"))
        self.ctl("status")  # no problem

    def test_a_closed_window_hides_no_problem_of_the_release_before(self):
        self.start("stream: s, confirm: manual")
        wait_for(lambda: self.state() == ("s-1.0.0", "promoting"), what="promoting")
        self.specs(f"stream: s, confirm: manual, windows: [{FREEZE}]", document("Environment", "other"))
        wait_for(lambda: self.site.call("GET", "/api/v1/environments/other")[0] == 200, what="the windows")
        self.server.push("app/a", "v2.0.0")
        self.ctl("sync", "a")
        wait_for(lambda: self.ready() == "WindowClosed", what="WindowClosed")
        self.assertEqual(self.state(), ("s-1.0.0", "promoting"))
        self.assertRegex(self.ctl("status", wanted=1), r"\nEnvironment +prod +Ready +WindowClosed .*; release 's-1.0.0' stays, and is not confirmed")
        self.ctl("confirm", "prod", "--status", "failed", "--reason", "does not start")
        wait_for(lambda: self.state() == ("s-1.0.0", "failed"), what="the failure")
        self.ctl("resume", "prod")  # ends the hold, so that prod follows the stream
        wait_for(lambda: self.ready() == "WindowClosed", what="WindowClosed")
        self.assertRegex(self.ctl("status", wanted=1), r"\nEnvironment +prod +Ready +WindowClosed .*; release 's-1.0.0' failed here")

    def test_windows_that_never_open_again_are_a_problem(self):
        self.start("stream: s, windows: [{allow: '2020-01-01..2020-01-31'}]")
        wait_for(lambda: self.ready() == "NeverOpens", what="NeverOpens")
        self.assertIn("and no window opens again", self.ctl("status", wanted=1))

    def test_the_restored_release_of_a_failure_needs_no_window(self):
        self.start("stream: s, confirm: manual")
        wait_for(lambda: self.state() == ("s-1.0.0", "promoting"), what="promoting")
        self.ctl("confirm", "prod")
        self.server.push("app/a", "v2.0.0")
        self.ctl("sync", "a")
        wait_for(lambda: self.state() == ("s-2.0.0", "promoting"), what="promoting")
        self.specs(f"stream: s, confirm: manual, windows: [{FREEZE}]")
        wait_for(lambda: FAR in str(self.site.call(
            "POST", "/api/v1/releases/s-1.0.0/promote", {"environmentId": "prod", "dryRun": True})[1]), what="the windows")
        self.ctl("confirm", "prod", "--status", "failed", "--reason", "does not start")
        wait_for(lambda: self.state()[0] == "s-1.0.0", what="the release before")


class Mistakes(unittest.TestCase):
    """Tests that each mistake in a window is an error with its line and column, and that the rest of the tree
    is still read."""

    def lint(self, windows):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "prod.yaml")
            with open(path, "w") as f:
                f.write(f"apiVersion: relman/v1\nkind: Environment\nmetadata: {{name: prod}}\nspec:\n  windows:\n    - {windows}\n")
            r = subprocess.run([f"{BUILDDIR}/relmanctl", "lint", folder], capture_output=True, text=True, timeout=60)
            return r.returncode, [line.split("prod.yaml:", 1)[1] for line in (r.stdout + r.stderr).splitlines() if "prod.yaml:" in line]

    def test_mistakes(self):
        for windows, wanted in (
            ("{allow: '09:00..16:00', zone: Europe/Berln}",
             "6:37: error: windows[0]: unknown zone 'Europe/Berln'; did you mean 'Europe/Berlin'?"),
            ("{allow: '*-02-30'}",
             "6:15: error: windows[0]: allow: '*-02-30': no day has such a date"),
            ("{allow: '16:00..09:00'}",
             "6:15: error: windows[0]: allow: '16:00..09:00': the range ends before it begins; for one past midnight "
             "write '16:00' with 'for: 17h'"),
            ("{allow: Mon, deny: Tue}",
             "6:26: error: windows[0]: a window has 'allow' or 'deny', not both; write two windows"),
            ("{reason: freeze}", "6:7: error: windows[0]: a window needs 'allow' or 'deny'"),
            ("{deny: '2026-12-20..2027-01-02', for: 8h}",
             "6:45: error: windows[0]: deny: '2026-12-20..2027-01-02': 'for' belongs to a start such as 'Mon..Fri 09:00', "
             "and this is a range; remove 'for'"),
            ("{allow: 'Mon 09:00'}",
             "6:15: error: windows[0]: allow: 'Mon 09:00': it says when the window begins, but not how long it lasts; add "
             "'for: 8h', or write a range of times such as 09:00..17:00"),
            ("{allow: 'Mon 09:00', for: 0s}", "6:33: error: field \"for\" must be greater than 0"),
            ("{alow: Mon}", "6:8: error: unknown field \"alow\" in window; did you mean \"allow\"?"),
        ):
            with self.subTest(windows):
                self.assertEqual(self.lint(windows), (1, [wanted]))

    def test_windows_that_are_over_are_valid(self):
        self.assertEqual(self.lint("{allow: '2020-01-01..2020-01-31'}"), (0, []))


if __name__ == "__main__":
    relman.main()
