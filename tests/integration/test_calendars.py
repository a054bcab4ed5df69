#!/usr/bin/env python3
"""Tests calendars and label selectors in specs. All interfaces give the same message for a closed gate,
changes of a calendar apply at once, and each change of a gate is one event, even if the daemon is killed."""

import json
import os
import signal
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import SiteCase, document, documents, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

CONFIG = "poll: {interval: 1h, jitter: 0%}\n"
FREEZE = "{deny: '2000-01-01..2199-12-30', reason: freeze}"
FAR = "closed until 2199-12-31T00:00:00Z by calendar 'end': freeze (deny '2000-01-01..2199-12-30' UTC)"
CLOSED = f"release 's-1.0.0' is not promoted: environment 'prod' is {FAR}"


def environment(name, spec, **labels):
    text = ", ".join(f"{key}: {value}" for key, value in labels.items())
    return document("Environment", f"{name}, labels: {{{text}}}", spec)


def calendar(name, spec):
    return document("Calendar", name, spec)


class Case(SiteCase):
    def setUp(self):
        super().setUp()
        self.server = StandIn()
        self.addCleanup(self.server.close)
        self.server.push("app/a", "v1.0.0")

    def text(self, *more):
        return documents(document("ReleaseStream", "s", "components: [a], nameTemplate: 's-{version:a}', settle: 0s"), *more,
                         registry=self.server, components=("a",))

    def specs(self, *more):
        self.site.write("all.yaml", self.text(*more))

    def start(self, *more):
        self.specs(*more)
        self.site.start(CONFIG)

    def kill(self):
        self.site.stop(signal.SIGKILL)
        self.site.start(CONFIG)

    def of(self, name="prod"):
        return self.get(f"environments/{name}")

    def wait_state(self, name, release="s-1.0.0"):
        wait_for(lambda: (self.of(name)["state"] or {}).get("release") == release, 20, f"{name} at {release}")

    def wait_reason(self, reason, name="prod"):
        wait_for(lambda: (self.of(name)["pending"] or {}).get("reason") == reason, 20, reason)

    def gate_events(self):
        return [(kind, data["environment"], data["release"], data["gate"], data["reason"])
                for kind, data in ((kind, json.loads(data)) for kind, _, data in self.site.events()) if kind.startswith("gate.")]


class Calendars(Case):
    END = f"environments: {{matchLabels: {{stage: prod}}}}, windows: [{FREEZE}]"

    def test_a_calendar_closes_what_it_selects_with_the_same_words_everywhere(self):
        self.start(environment("prod", "stream: s", stage="prod"), environment("lab", "stream: s", stage="lab"), calendar("end", self.END))
        self.wait_state("lab")
        self.wait_reason("WindowClosed")
        self.kill()
        self.wait_reason("WindowClosed")
        pending = self.of()["pending"]
        self.assertEqual((pending["message"], pending["waitsFor"]), (CLOSED, f"a window: {FAR}"))
        for call in (("promote", "s-1.0.0", "prod"), ("promote", "s-1.0.0", "prod", "--dry-run"), ("why", "prod"), ("gates", "prod")):
            with self.subTest(call=call):
                self.assertIn(CLOSED, self.ctl(*call, wanted=1))
        # listed as waiting, not as a problem, because the gate opens by itself
        self.assertIn(f"waits for    a window: {FAR}", self.ctl("status"))
        status, answer, _ = self.site.call("POST", "/api/v1/releases/s-1.0.0/promote", {"environmentId": "prod"})
        self.assertEqual((status, answer["detail"]), (409, CLOSED))
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "all.yaml"), "w") as f:
                f.write(self.text(environment("prod", "stream: s", stage="prod"), environment("lab", "stream: s", stage="lab"),
                                  environment("new", "release: s-1.0.0", stage="prod"), calendar("end", self.END)))
            self.assertIn(f"waits for a window: {FAR}", self.ctl("plan", folder))
            with open(os.path.join(folder, "all.yaml"), "w") as f:
                f.write(self.text(environment("prod", "stream: s", stage="prod"), environment("lab", "stream: s", stage="lab"),
                                  calendar("end", self.END.replace("freeze", "audit")), calendar("more", self.END)))
            planned = self.ctl("plan", folder)
            self.assertIn("+ Calendar more: created\n", planned)
            self.assertIn("~ Calendar end: updated\n", planned)
        self.specs(environment("prod", "release: s-1.0.0", stage="prod"), environment("lab", "stream: s", stage="lab"), calendar("end", self.END))
        wait_for(lambda: self.of().get("release") == "s-1.0.0", what="the spec")
        self.wait_reason("WindowClosed")
        self.assertEqual(self.of()["pending"]["message"], CLOSED)

    def test_a_change_of_a_calendar_or_of_labels_counts_at_once(self):
        self.start(environment("prod", "stream: s", stage="prod"), calendar("end", self.END))
        self.wait_reason("WindowClosed")
        self.specs(environment("prod", "stream: s", stage="prod"), calendar("end", self.END.replace("freeze", "audit")))
        wait_for(lambda: "audit" in self.of()["pending"]["message"], what="the other reason")
        self.kill()
        self.wait_reason("WindowClosed")
        self.specs(environment("prod", "stream: s", stage="prod"), calendar("end", self.END.replace("stage: prod", "stage: lab")))
        self.wait_state("prod")  # the calendar applies to another environment now
        self.server.push("app/a", "v2.0.0")
        self.specs(environment("prod", "stream: s", stage="prod"), calendar("end", self.END))
        wait_for(lambda: self.of()["calendars"] == ["end"], what="the calendar")
        self.ctl("sync", "a")
        self.wait_reason("WindowClosed")
        self.site.stop(signal.SIGKILL)
        self.specs(environment("prod", "stream: s", stage="prod"))  # the calendar is removed while relmand is stopped
        self.site.start(CONFIG)
        self.wait_state("prod", "s-2.0.0")

    def test_calendars_are_objects_like_others(self):
        self.start(environment("prod", f"windows: [{{allow: 'Mon..Fri 09:00', for: 8h, zone: Europe/Berlin, name: day}}]", stage="prod"),
                   calendar("end", self.END), calendar("all", "windows: [{allow: '*-*-*'}]"))
        wait_for(lambda: self.of()["calendars"] == ["all", "end"], what="calendars")
        self.assertEqual(self.of()["windows"], [{"allow": "Mon..Fri 09:00", "for": "8h", "zone": "Europe/Berlin", "name": "day"}])
        self.assertEqual([(c["name"], c.get("environmentLabels")) for c in self.get("calendars")], [("all", None), ("end", {"stage": "prod"})])
        one = self.get("calendars/end")
        self.assertEqual((one["environments"], one["windows"]), (["prod"], [{"deny": "2000-01-01..2199-12-30", "zone": "UTC", "reason": "freeze"}]))
        self.assertEqual([line.split() for line in self.ctl("get", "calendars").splitlines()],
                         [["NAME", "ENVIRONMENTS", "CONDITIONS"], ["all", "all", "-"], ["end", "stage=prod", "-"]])
        self.assertIn("environments:\n  - prod\n", self.ctl("describe", "calendar", "end"))
        self.assertIn("did you mean 'end'? relmanctl get calendars lists them", self.ctl("describe", "calendar", "edn", wanted=1))

    def test_a_wrong_calendar_is_an_error_at_its_place_and_the_last_good_one_stays(self):
        self.start(environment("prod", "stream: s", stage="prod"), calendar("end", self.END))
        self.wait_reason("WindowClosed")
        for wrong, said in ((self.END.replace(", reason", ", zone: Europe/Berlim, reason"), "unknown zone 'Europe/Berlim'; did you mean 'Europe/Berlin'?"),
                            ("windows: [{allow: Mon}, {deny: '*-*-*'}]", "windows: they never open"),
                            ("windows: [{deny: '2026-12-20..2026-12-19'}]", "the range ends before it begins"),
                            ("windows: []", "calendar 'end' has no windows")):
            with self.subTest(wrong=wrong):
                self.specs(environment("prod", "stream: s", stage="prod"), calendar("end", wrong))
                self.assertRegex(wait_for_condition(self, said), r"all\.yaml:\d+:\d+")
                self.assertEqual(self.of()["pending"]["message"], CLOSED)
                self.assertIn("Calendar", self.ctl("status", wanted=1))


def wait_for_condition(case, said):
    def find():
        return [m for (m,) in case.site.stored.conditions("message", kind="Calendar", type="Stalled") if said in m]
    wait_for(find, 20, said)
    return find()[0]


class Sources(Case):
    def test_labels_select_the_environments_that_must_have_the_release_first(self):
        prod = environment("prod", "stream: s, promotesFrom: {matchLabels: {stage: test}}", stage="prod")
        self.start(prod)
        self.wait_reason("NoSource")
        said = "release 's-1.0.0' is not promoted: promotesFrom of environment 'prod' selects no environment"
        for call in (("promote", "s-1.0.0", "prod"), ("gates", "prod"), ("status",)):
            self.assertIn(said, self.ctl(*call, wanted=1))
        self.assertIn("release 's-1.0.0' waits for a promotesFrom that selects environments", self.ctl("why", "prod", wanted=1))
        self.kill()
        self.wait_reason("NoSource")
        one = environment("one", "confirm: manual, stream: s", stage="test")
        two = environment("two", "confirm: manual, stream: s", stage="test")
        self.specs(prod, one, two)
        wait_for(lambda: self.of().get("sources") == ["one", "two"], what="the selection")
        self.assertEqual(self.of()["sourceLabels"], {"stage": "test"})
        self.wait_reason("NotInSource")
        self.wait_state("one")
        self.ctl("confirm", "one")
        wait_for(lambda: "environment 'two'" in self.of()["pending"]["waitsFor"], what="two")
        self.kill()
        self.specs(prod, one, two.replace("stage: test", "stage: other"))
        self.wait_state("prod")

    def test_any_of_the_selected_environments_may_suffice(self):
        self.start(environment("prod", "stream: s, promotesFrom: {matchLabels: {stage: test}, require: any}", stage="test"),
                   environment("one", "confirm: manual, stream: s", stage="test"), environment("two", "stream: s", stage="test"))
        self.wait_state("prod")  # the environment does not select itself as a source
        self.assertEqual(self.of()["sources"], ["one", "two"])


class Events(Case):
    def test_each_change_of_a_gate_is_one_event(self):
        prod = environment("prod", "stream: s, approvals: 1", stage="prod")
        end = calendar("end", Calendars.END)
        self.start(prod, end)
        self.wait_reason("ApprovalsMissing")
        closed = [("gate.closed", "prod", "s-1.0.0", "approvals", "ApprovalsMissing"), ("gate.closed", "prod", "s-1.0.0", "windows", "WindowClosed")]
        wait_for(lambda: self.gate_events() == closed, what="both gates")
        self.assertIn("environment=prod gate=approvals reason=ApprovalsMissing", self.ctl("events"))
        event = json.loads(self.site.events("gate.closed")[1][2])
        self.assertEqual((event["opensAt"], event["message"]), ("2199-12-31T00:00:00Z", CLOSED))
        for _ in range(2):
            self.kill()
            self.ctl("sync", "a")
            self.wait_reason("ApprovalsMissing")
        self.assertEqual(self.gate_events(), closed)
        self.ctl("approve", "s-1.0.0", "prod")
        opened = closed + [("gate.opened", "prod", "s-1.0.0", "approvals", "ApprovalsMissing")]
        wait_for(lambda: self.gate_events() == opened, what="the approval")
        self.kill()
        self.wait_reason("WindowClosed")
        self.assertEqual(self.gate_events(), opened)
        # After another release arrived, only its gates are reported.
        self.server.push("app/a", "v2.0.0")
        self.ctl("sync", "a")
        opened += [("gate.closed", "prod", "s-2.0.0", "approvals", "ApprovalsMissing"), ("gate.closed", "prod", "s-2.0.0", "windows", "WindowClosed")]
        wait_for(lambda: self.gate_events() == opened, what="the second release")
        self.site.stop(signal.SIGKILL)
        self.specs(prod.replace(", approvals: 1", ""))
        self.site.start(CONFIG)
        self.wait_state("prod", "s-2.0.0")
        opened += [("gate.opened", "prod", "s-2.0.0", "approvals", "ApprovalsMissing"), ("gate.opened", "prod", "s-2.0.0", "windows", "WindowClosed")]
        self.assertEqual(self.gate_events(), opened)
        self.kill()
        self.wait_state("prod", "s-2.0.0")
        self.assertEqual(self.gate_events(), opened)


class Together(Case):
    def test_windows_that_never_open_together_are_a_warning(self):
        days, nights = calendar("days", "windows: [{allow: '09:00..17:00'}]"), calendar("nights", "windows: [{deny: '08:00..18:00'}]")
        says = "environment 'prod' opens at no time of the next two years: calendar 'days' and calendar 'nights' are never open together"
        self.start(environment("prod", "stream: s"), days)
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "all.yaml"), "w") as f:
                f.write(self.text(environment("prod", "stream: s"), days, nights))
            self.assertIn(says, self.ctl("plan", folder))
            self.assertIn(f"warning: {says}", self.ctl("lint", folder))
        self.assertNotIn("opens at no time", self.ctl("plan", self.site.specs))
        self.specs(environment("prod", "stream: s"), days, nights)
        wait_for(lambda: self.get("status")["specs"]["warnings"] == 1, 20, "the warning")
        self.assertIn(f"warning: {says}", self.ctl("status"))


if __name__ == "__main__":
    relman.main()
