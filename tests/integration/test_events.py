#!/usr/bin/env python3
"""Tests the delivery of events to receivers: format, filters, order, and failures."""

import json
import os
import random
import signal
import socket
import struct
import sys
import threading
import time
import unittest

try:
    import jsonschema
except ImportError:  # Debian's package is only for Debian's interpreter
    if sys.executable == "/usr/bin/python3":
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import MANIFEST, die_with_parent  # noqa: E402
from event_site import EventCase  # noqa: E402
from receiver import signature  # noqa: E402
from relman import SRCDIR, Site, wait_for  # noqa: E402

# The schema of required attributes, from https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md.
CLOUDEVENT = {
    "type": "object", "required": ["id", "source", "specversion", "type"],
    "properties": {
        "id": {"type": "string", "minLength": 1}, "source": {"type": "string", "minLength": 1, "format": "uri-reference"},
        "specversion": {"const": "1.0"}, "type": {"type": "string", "minLength": 1},
        "datacontenttype": {"const": "application/json"}, "subject": {"type": "string", "minLength": 1},
        "time": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}, "sequence": {"type": "string"},
        "data": {"type": "object"}},
    "additionalProperties": False}


class Events(EventCase):
    # --- form --------------------------------------------------------------------------------------

    def test_cloudevents_signed_and_in_order(self):
        receiver = self.receiver()
        with open(os.path.join(self.site.folder, "key"), "w") as f:
            f.write("s3cret\n")
        self.site.start(self.config(ci=(receiver, f"secretFile: {self.site.folder}/key, tokenFile: {self.site.folder}/key")))
        self.settle()
        second = self.registry.push("app/api", "v1.1.0", "second")
        self.settle("app-1.1.0")
        wait_for(lambda: receiver.sequences() == self.stored())
        for path, headers, body in receiver.requests:
            self.assertEqual(headers["Relman-Signature"], signature("s3cret", headers, body))
            self.assertTrue(headers["Content-Type"].startswith("application/cloudevents+json"))
            self.assertEqual(headers["Authorization"], "Bearer s3cret")
        events = receiver.events()
        for event in events:
            jsonschema.validate(event, CLOUDEVENT, format_checker=jsonschema.FormatChecker())
        rows = {i: (t, n) for i, t, n in self.site.stored.events("id", "type", "object_name")}
        self.assertEqual([(e["type"], e["data"]["objectName"]) for e in events], [rows[e["id"]] for e in events])
        self.assertEqual(len({e["id"] for e in events}), len(events))
        head = [e for e in events if e["type"] == "version.updated"][-1]
        self.assertEqual((head["data"]["fromDigest"], head["data"]["digest"]), (self.first, second))
        self.assertEqual((head["source"], head["subject"]), ("/tenants/default", "component/api"))
        found = [e for e in events if e["type"] == "version.resolved"][-1]
        self.assertEqual((found["data"]["fromDigest"], found["data"]["digest"]), (None, second))
        deployed = [e for e in events if e["type"] == "release.deployed"][-1]["data"]
        self.assertEqual([(c["componentName"], c["fromDigest"], c["digest"], c["fromSemver"], c["semver"]) for c in deployed["components"]],
                         [("api", self.first, second, "1.0.0", "1.1.0")])
        moved = self.registry.push("app/api", "v1.1.0", "third")
        wait_for(lambda: [e for e in receiver.events() if e["type"] == "drift.detected"])
        for kind in ("tag.moved", "drift.detected"):
            data = [e for e in receiver.events() if e["type"] == kind][0]["data"]
            self.assertEqual((data["fromDigest"], data["digest"]), (second, moved))

    def test_an_event_that_the_database_cannot_give_just_now_is_told_later(self):
        receiver = self.receiver(503)
        self.site.start(self.config(ci=(receiver, "types: [release.ready]")))
        self.settle()
        wait_for(lambda: receiver.requests, what="a delivery that fails")
        self.site.stored.hide("releases")
        time.sleep(1)
        receiver.answer = 204
        self.site.stored.show("releases")
        wait_for(lambda: receiver.taken, what="the event")
        self.assertNotIn("skipped", self.site.log)

    def test_a_failed_deployment_is_an_event_before_that_of_the_restored_release(self):
        receiver, chat = self.receiver(), self.receiver()
        self.site.write("e.yaml", "apiVersion: relman/v1\nkind: Environment\nmetadata: {name: live}\nspec: {confirm: manual}\n")
        self.site.start(self.config(ci=(receiver, "types: [release.promoted, release.deployed, release.failed]"),
                                    chat=(chat, "format: ntfy, types: [release.failed], threshold: major")))
        self.settle()
        self.registry.push("app/api", "v1.1.0", "second")
        self.settle("app-1.1.0")

        def move(release, status):
            self.assertEqual(self.call("POST", f"/releases/{release}/promote", {"environmentId": "live"})[0], 202)
            wait_for(lambda: (self.call("GET", "/environments/live")[1]["state"] or {}).get("release") == release)
            self.assertEqual(self.call("POST", "/environments/live/confirm", {"status": status, "reason": "it crashes"})[0], 200)
        move("app-1.0.0", "deployed")
        move("app-1.1.0", "failed")

        def story():
            return [(e["type"], e["data"]["objectName"], e["data"].get("fromRelease")) for e in receiver.events()
                    if e["data"]["environment"] == "live"]
        wait_for(lambda: story() == [("release.promoted", "app-1.0.0", None), ("release.deployed", "app-1.0.0", None),
                                     ("release.promoted", "app-1.1.0", "app-1.0.0"), ("release.failed", "app-1.1.0", None),
                                     ("release.deployed", "app-1.0.0", "app-1.1.0")], what="story")
        promoted, failed, restored = [e["data"] for e in receiver.events() if e["data"]["environment"] == "live"][-3:]
        self.assertEqual(restored["reason"], "release 'app-1.1.0' failed: it crashes")
        self.assertEqual((failed["promotionId"], failed["status"], failed["reason"], failed["by"]),
                         (promoted["promotionId"], "failed", "it crashes", promoted["by"]))
        wait_for(lambda: chat.taken)
        self.assertEqual([text.decode() for text in chat.taken], ["release app-1.1.0 failed in live (it crashes)"])
        self.assertEqual(chat.requests[0][1]["Priority"], "high")
        # a canceled promotion did not fail
        self.call("POST", "/releases/app-1.1.0/promote", {"environmentId": "live"})
        self.assertEqual(self.call("POST", "/environments/live/cancel", {})[0], 200)
        types = [kind for kind, data in self.site.stored.events("type", "data") if json.loads(data).get("environment") == "live"]
        self.assertEqual(types[-3:], ["release.deployed", "release.promoted", "release.deployed"])

    def test_the_check_of_a_signature_in_the_manual(self):
        with open(os.path.join(SRCDIR, "doc/events.md")) as f:
            code = f.read().split("```python\n")[1].split("```")[0]
        manual = {}
        exec(code, manual)
        receiver = self.receiver()
        with open(os.path.join(self.site.folder, "key"), "w") as f:
            f.write("s3cret\n")
        self.site.start(self.config(ci=(receiver, f"secretFile: {self.site.folder}/key")))
        wait_for(lambda: receiver.requests)
        _, headers, body = receiver.requests[0]
        self.assertTrue(manual["is_genuine"](b"s3cret", headers, body))
        self.assertFalse(manual["is_genuine"](b"other", headers, body))
        self.assertFalse(manual["is_genuine"](b"s3cret", headers, body + b" "))
        other = str(int(headers["Relman-Timestamp"]) - 1)
        self.assertFalse(manual["is_genuine"](b"s3cret", {**headers, "Relman-Timestamp": other}, body))

    def test_messages_for_slack_and_ntfy(self):
        slack, ntfy = self.receiver(), self.receiver()
        with open(os.path.join(self.site.folder, "url"), "w") as f:
            f.write(f"http://127.0.0.1:{slack.port}/services/T0/S3CRET\n")
        self.site.start(self.config(slack=(slack, f"format: slack, types: [release.deployed], urlFile: {self.site.folder}/url"),
                                    ntfy=(ntfy, "format: ntfy, types: [release.deployed, tag.moved, drift.detected]")))
        self.settle()
        wait_for(lambda: slack.taken and ntfy.taken)
        self.assertEqual(json.loads(slack.taken[0]), {"text": "release app-1.0.0 runs in prod: api 1.0.0"})
        self.assertEqual(slack.requests[0][0], "/services/T0/S3CRET")
        self.assertEqual(ntfy.taken[0].decode(), "release app-1.0.0 runs in prod: api 1.0.0")
        self.assertEqual((ntfy.requests[0][1]["Title"], ntfy.requests[0][1]["Priority"]), ("relman: release.deployed", "default"))
        moved = self.registry.push("app/api", "v1.0.0", "other")
        # at least 3, because the stream may already have made a release with the moved tag
        wait_for(lambda: len(ntfy.taken) >= 3)
        self.assertEqual(ntfy.taken[1].decode(), f"api: tag v1.0.0 was moved ({self.first[:19]} -> {moved[:19]}): all layers differ")
        self.assertEqual(ntfy.requests[2][1]["Priority"], "high")
        slack.stop()
        self.registry.push("app/api", "v1.1.0", "second")
        wait_for(lambda: "webhook 'slack' does not take events" in self.site.log)
        status, shown = self.call("GET", "/receivers")
        self.assertNotIn("S3CRET", self.site.log + json.dumps(shown))
        self.assertEqual(self.site.stored.receivers(problem__like="%S3CRET%"), [])

    def test_commits_of_a_changed_component(self):
        receiver, chat = self.receiver(), self.receiver()
        self.site.start(self.config(ci=(receiver, "types: [release.deployed]"), chat=(chat, "format: slack, types: [release.deployed]")))
        self.settle()
        repository = "https://dev.azure.com/acme/shop/_git/api"
        old, new = "4f1c" * 10, "0a1b" * 10
        for n, revision in enumerate((old, new), 1):
            labels = {"org.opencontainers.image.source": repository, "org.opencontainers.image.revision": revision}
            self.registry.put_manifest("app/api", f"v1.{n}.0", self.registry.image("app/api", revision, labels=labels), MANIFEST)
            self.settle(f"app-1.{n}.0")
        wait_for(lambda: len(receiver.events()) == 3 and len(chat.taken) == 3)
        link = f"{repository}/branchCompare?baseVersion=GC{old}&targetVersion=GC{new}"
        self.assertEqual([e["data"]["components"][0].get("source") for e in receiver.events()],
                         [None, {"repository": repository, "fromRevision": None, "revision": old, "link": f"{repository}/commit/{old}"},
                          {"repository": repository, "fromRevision": old, "revision": new, "link": link}])
        self.assertEqual(json.loads(chat.taken[2]), {"text": f"release app-1.2.0 runs in prod, after app-1.1.0: api 1.2.0 ({old[:12]}...{new[:12]} "
                                                             + link.replace("&", "&amp;") + ")"})

    def test_batches(self):
        receiver = self.receiver()
        self.site.start(self.config(ci=(receiver, "batch: 700ms, firstSync: true")))
        self.settle()
        wait_for(lambda: receiver.sequences() == self.stored(True))
        self.assertLess(len(receiver.requests), len(self.stored(True)))
        self.assertTrue(receiver.requests[0][1]["Content-Type"].startswith("application/cloudevents-batch+json"))

    # --- filters -----------------------------------------------------------------------------------

    def test_filters(self):
        names = ("types", "labels", "tenant", "all")
        r = {n: self.receiver() for n in names}
        self.component("web", "shop", "app/web")
        self.registry.push("app/web", "v3.0.0")
        self.site.start(self.config(types=(r["types"], "types: ['release.*', tag.moved]"), labels=(r["labels"], "labels: {team: shop}, firstSync: true"),
                                    tenant=(r["tenant"], "tenant: other"), all=(r["all"], "firstSync: true")))
        self.settle()
        wait_for(lambda: r["all"].sequences() == self.stored(True))
        wait_for(lambda: [e for e in r["types"].events() if e["type"] == "release.deployed"])
        self.assertEqual({e["type"].split(".")[0] for e in r["types"].events()}, {"release"})
        self.assertEqual({e["data"]["objectName"] for e in r["labels"].events()}, {"web"})
        self.assertIn("version.resolved", {e["type"] for e in r["labels"].events()})
        self.assertEqual(r["tenant"].events(), [])

    def test_a_threshold(self):
        r = {n: self.receiver() for n in ("minor", "major", "patch")}
        self.site.start(self.config(**{n: (r[n], f"threshold: {n}, types: [version.updated, tag.moved]") for n in r}))
        self.settle()
        for version in ("1.0.1", "1.1.0", "1.1.1", "2.0.0"):
            self.registry.push("app/api", "v" + version, version)
            self.settle("app-" + version)
        self.registry.push("app/api", "v2.0.0", "moved")
        self.registry.push("app/api", "v3.0.0", "v3.0.0")
        self.settle("app-3.0.0")

        def heads(name):
            return [e["data"].get("semver") or e["type"] for e in r[name].events()]
        wait_for(lambda: heads("major") == ["2.0.0", "3.0.0"])
        wait_for(lambda: heads("minor") == ["1.1.0", "2.0.0", "3.0.0"])
        wait_for(lambda: heads("patch") == ["1.0.1", "1.1.0", "1.1.1", "2.0.0", "3.0.0"])

    def test_the_first_sync_is_quiet(self):
        for i in range(20):
            self.registry.push("app/api", f"v0.{i}.0", str(i))
        receiver = self.receiver()
        self.site.start(self.config(ci=(receiver, "types: [version.resolved]")))
        self.settle()
        self.registry.push("app/api", "v1.2.0", "new")
        self.settle("app-1.2.0")
        wait_for(lambda: receiver.taken)
        self.assertEqual([e["data"]["semver"] for e in receiver.events()], ["1.2.0"])

    # --- lists -------------------------------------------------------------------------------------

    def test_lists_of_events_and_of_the_audit_are_narrowed(self):
        self.site.start(self.config())
        self.settle()
        self.assertEqual(self.site.stop()[0], 0)
        # Leave a gap, so that the first events are outside of the 50000 sequence numbers that one request
        # searches.
        self.site.stored.number_on(120000)
        self.site.start(self.config())
        for name in ("one", "two"):
            self.assertEqual(self.call("POST", "/releases/from-latest", {"name": name})[0], 201)

        def ctl(*args, wanted=0):
            status, out, err = relman.relmanctl(*args, "--socket", self.site.socket)
            self.assertEqual(status, wanted, out + err)
            return json.loads(out) if wanted == 0 else err

        def names(*args):
            return [(e["type"], e["objectName"]) for e in ctl("events", "-o", "json", *args)["data"]]

        rows = self.site.stored.events("type", "object_name")
        ready = [row for row in rows if row[0] == "release.ready"]
        self.assertEqual(names("--all"), rows)
        self.assertEqual(names("--all", "--type", "release.ready"), ready)
        self.assertEqual(names("--type", "release.ready"), [row for row in ready if row[1] in ("one", "two")])
        self.assertEqual(names("--type", "release.ready", "--limit", "1"), [("release.ready", "two")])
        self.assertEqual(names("--all", "--type", "release.*"), [row for row in rows if row[0].startswith("release.")])
        self.assertEqual(set(names("--object", "release/two")), {row for row in rows if row[1] == "two"})
        self.assertEqual(names("--all", "--object", "Component/api"), [row for row in rows if row[1] == "api"])
        self.assertEqual(names("--all", "--since", "1d"), rows)
        self.assertEqual(names("--all", "--since", "2100-01-01T00:00:00Z"), [])
        # A search that ended at its bound reports that. A search that found enough, or reached the given
        # time, does not.
        bound = self.site.stored.events("sequence")[-1][0] - 50000
        for args, is_told in ((("--type", "release.ready"), True), (("--since", "1d"), True), (("--type", "release.ready", "--limit", "1"), False), ((), False),
                              (("--all", "--type", "release.ready"), False), (("--since", "2100-01-01T00:00:00Z"), False), (("--after", "0", "--type", "release.ready"), False)):
            status, _, err = relman.relmanctl("events", *args, "--socket", self.site.socket)
            says = f"relmanctl: note: entries up to sequence {bound} were not searched; --all searches all\n" if is_told else ""
            self.assertEqual((status, err), (0, says), args)
        empty = self.call("GET", "/events?after=1000&type=release.*")[1]
        self.assertEqual((empty["data"], empty["meta"]["next"]), ([], 51000))
        audit = ctl("audit", "--all", "--since", "1d", "-o", "json")["data"]
        self.assertEqual(len(audit), 2)
        self.assertEqual(ctl("audit", "--since", "1h", "--limit", "1", "-o", "json")["data"], audit[1:])
        self.assertEqual(ctl("audit", "--all", "--since", "2100-01-01T00:00:00Z", "-o", "json")["data"], [])
        for verb, value in (("events", "soon"), ("audit", "-1h")):
            self.assertIn(f"--since takes a time (2026-11-28T12:00:00Z), a date (2026-11-28), today, yesterday, or a duration back from now (2h, 7d), not '{value}'",
                          ctl(verb, f"--since={value}", wanted=2))
            self.assertIn("parameter since: ", self.call("GET", f"/{verb}?since={value}")[1]["detail"])
        for verb, option, value, accepted in (("events", "type", "release", "did you mean 'release.*'?"), ("events", "type", "zzz", " component.created "), ("events", "type", "*ready", "release.*"),
                                              ("events", "object", "api", "KIND/NAME"), ("events", "object", "pod/api", "kinds are registry,")):
            said = ctl(verb, f"--{option}", value, wanted=1)
            self.assertIn(f"parameter {option}: ", said)
            self.assertIn(accepted, said)
        self.assertIn("--all and --limit exclude each other", ctl("events", "--all", "--limit", "1", wanted=2))
        self.assertEqual(self.site.call("GET", "/api/v1/events?type=release.*", headers={"Accept": "text/event-stream"})[0], 400)

    # --- failures -----------------------------------------------------------------------------------

    def test_whatever_a_receiver_does_it_gets_everything_in_order(self):
        moods = [204, 500, 204, "drop", 429, "hang", 204, 301, 404]
        bad = self.receiver(lambda n: moods[n % len(moods)])
        good = self.receiver()
        self.site.start(self.config(bad=(bad, "timeout: 300ms, firstSync: true"), good=(good, "firstSync: true")))
        self.settle()
        for i in range(5):
            self.registry.push("app/api", f"v1.{i + 1}.0", str(i))
            self.settle(f"app-1.{i + 1}.0")
            if i == 2:
                bad.stop()  # the receiver is not reachable for some time, as during a restart
        wait_for(lambda: good.sequences() == self.stored(True))
        bad.released.clear()
        bad.start()
        wait_for(lambda: bad.sequences() and bad.sequences()[-1] == self.stored(True)[-1], seconds=60)
        got = bad.sequences()
        # Delivery is at least once: only events whose answer was lost are repeated.
        self.assertEqual(sorted(set(got)), self.stored(True))
        self.assertEqual(got, sorted(got))

    def test_a_dead_receiver_holds_up_nobody(self):
        dead, good = self.receiver("hang"), self.receiver()
        self.site.start(self.config(dead=(dead, "timeout: 10s"), good=(good, "")))
        self.settle()
        start = time.monotonic()
        self.registry.push("app/api", "v1.1.0", "second")
        self.settle("app-1.1.0")
        wait_for(lambda: good.sequences() == self.stored())
        self.assertLess(time.monotonic() - start, 5)
        self.assertEqual(dead.taken, [])
        # the answer of the receiver may not have arrived yet
        wait_for(lambda: self.call("GET", "/receivers/good")[1]["pending"] == 0)
        status, shown = self.call("GET", "/receivers/good")
        self.assertEqual((status, shown["conditions"][0]["status"]), (200, "True"))
        self.assertEqual(self.site.stop()[0], 0)

    def test_a_daemon_killed_at_any_moment_loses_no_event(self):
        receiver = self.receiver(lambda n: 204 if n % 3 else 503)
        config = self.config(ci=(receiver, "firstSync: true"))
        chance = random.Random(7)
        for i in range(12):
            self.registry.push("app/api", f"v1.{i}.1", f"k{i}")
            self.site.start(config)
            time.sleep(chance.random() * 0.5)
            self.site.stop(signal.SIGKILL)
        self.site.start(config)
        self.settle("app-1.11.1")
        wait_for(lambda: receiver.sequences()[-1:] == self.stored(True)[-1:], seconds=30)
        self.assertEqual(sorted(set(receiver.sequences())), self.stored(True))
        # Events may be repeated only where the daemon was killed; otherwise they are in order.
        self.assertLessEqual(sum(b < a for a, b in zip(receiver.sequences(), receiver.sequences()[1:])), 13)

    def test_what_is_not_taken_for_too_long_is_given_up_and_said(self):
        receiver = self.receiver(500)
        self.site.start(self.config(ci=(receiver, "giveUpAfter: 500ms")))
        self.settle()
        wait_for(lambda: len(self.site.stored.dead_letters()) >= len(self.stored()))
        status, shown = self.call("GET", "/receivers/ci")
        self.assertEqual(shown["nDeadLetters"], len(self.stored()))
        self.assertEqual([(c["type"], c["status"], c["reason"]) for c in shown["conditions"]],
                         [("Ready", "False", "NotDelivered"), ("Warning", "True", "DeadLetters")])
        self.assertEqual(shown["deadLetters"][0]["problem"], "it answers with status 500")
        status, whole = self.call("GET", "/status")
        self.assertEqual((whole["ok"], whole["receivers"]), (False, {"total": 1, "failing": 1, "deadLetters": shown["nDeadLetters"]}))
        self.assertIn(f'relman_event_dead_letters{{receiver="ci"}} {shown["nDeadLetters"]}\n', self.site.call("GET", "/metrics")[1])
        receiver.answer = 204
        out = relman.relmanctl("events", "--help")[1]
        self.assertIn("replay", out)
        status, out, err = relman.relmanctl("events", "--socket", self.site.socket, "replay", "ci", "--after", "0")
        self.assertEqual((status, err), (0, ""))
        self.assertIn("receiver 'ci': ", out)
        wait_for(lambda: receiver.sequences() == self.stored())
        status, shown = self.call("GET", "/receivers/ci")
        self.assertEqual((shown["nDeadLetters"], shown["conditions"][0]["status"]), (0, "True"))
        self.assertIn("ci", relman.relmanctl("get", "--socket", self.site.socket, "receivers")[1])
        self.assertIn("position:", relman.relmanctl("describe", "--socket", self.site.socket, "receiver", "ci")[1])

    def test_replay_from_an_event(self):
        receiver = self.receiver()
        self.site.start(self.config(ci=(receiver, "")))
        self.settle()
        wait_for(lambda: receiver.sequences() == self.stored())
        before = receiver.events()
        status, data = self.call("POST", "/receivers/ci/replay", {"from": before[-2]["id"]})
        self.assertEqual(status, 200)
        wait_for(lambda: len(receiver.taken) == len(before) + 2)
        self.assertEqual([e["id"] for e in receiver.events()[-2:]], [e["id"] for e in before[-2:]])
        for body, problem in (({}, 400), ({"after": -1}, 400), ({"after": 1, "from": "x"}, 400), ({"after": 10 ** 9}, 400),
                              ({"from": "00000000-0000-7000-8000-000000000000"}, 404)):
            self.assertEqual(self.call("POST", "/receivers/ci/replay", body)[0], problem, body)
        self.assertEqual(self.call("POST", "/receivers/other/replay", {"after": 0})[0], 404)
        self.assertEqual(relman.relmanctl("events", "--socket", self.site.socket, "replay", "ci")[0], 2)
        entry = [e for e in self.call("GET", "/audit")[1]["data"] if e["outcome"] == "accepted"][-1]
        self.assertEqual(entry["objectName"], "ci")

    def test_the_newest_events_and_audit_entries_are_listed_in_the_order_of_time(self):
        self.site.write("many.yaml", "---\n".join(
            f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: c{n}}}\nspec: {{imageRepository: {self.registry.host}/app/c, suspend: true}}\n"
            for n in range(120)))
        self.site.start(self.config())
        self.settle()
        self.site.write("c-api.yaml", "")  # without the component there are no more polls and events
        wait_for(lambda: self.call("GET", "/components/api")[0] == 404, what="the component to go")
        stored = [n for n, in self.site.stored.events("sequence")]
        self.assertGreater(len(stored), 120)
        self.assertEqual([e["sequence"] for e in self.call("GET", "/events")[1]["data"]], stored[-100:])
        self.assertEqual([e["sequence"] for e in self.call("GET", "/events?limit=3")[1]["data"]], stored[-3:])
        self.assertEqual(self.call("GET", "/events?limit=3")[1]["meta"]["next"], stored[-1])
        self.assertEqual([e["sequence"] for e in self.call("GET", "/events?after=0&limit=3")[1]["data"]], stored[:3])
        out = relman.relmanctl("events", "--socket", self.site.socket, "--limit", "2")[1]
        self.assertEqual([line.split()[0] for line in out.splitlines()[1:]], [str(n) for n in stored[-2:]])
        for n in range(3):
            self.assertEqual(self.call("POST", "/components", {"name": f"e{n}", "imageRepository": f"{self.registry.host}/app/e"})[0], 201)
        self.assertEqual([e["objectName"] for e in self.call("GET", "/audit?limit=2")[1]["data"]], ["e1", "e2"])
        self.assertEqual([e["objectName"] for e in self.call("GET", "/audit?after=0&limit=2")[1]["data"]], ["e0", "e1"])

    def test_a_receiver_that_is_new_hears_of_what_comes(self):
        first, later = self.receiver(), self.receiver()
        self.site.start(self.config(first=(first, "")))
        self.settle()
        wait_for(lambda: first.sequences() == self.stored())
        self.site.stop()
        known = self.stored()
        self.site.start(self.config(first=(first, ""), later=(later, "")))
        self.registry.push("app/api", "v1.1.0", "second")
        self.settle("app-1.1.0")
        wait_for(lambda: later.sequences() == self.stored()[len(known):])
        wait_for(lambda: first.sequences() == self.stored())

    def test_old_events_go_once_all_were_told(self):
        receiver = self.receiver(500)
        config = self.config(ci=(receiver, "")).replace("events:\n", "events:\n  keep: 1s\n")
        self.site.start(config)
        self.settle()
        time.sleep(1.1)
        self.site.stop()
        before = self.stored(True)
        self.site.start(config)  # relmand removes old events at its start
        self.call("GET", "/status")
        self.assertEqual(self.stored(True)[:len(before)], before)
        receiver.answer = 204
        wait_for(lambda: receiver.sequences()[-1:] == self.stored()[-1:])
        self.site.stop()
        time.sleep(1.1)
        self.site.start(config)
        wait_for(lambda: self.site.stored.first_event() != before[0])

    # --- configuration -----------------------------------------------------------------------------

    def test_wrong_receivers_are_refused(self):
        for text, problem in (("{name: a}", "exactly one of url, urlFile and urlCredential"), ("{name: a, url: 'ftp://x'}", "url"),
                              ("{name: a, url: 'http://x', urlFile: /x}", "exactly one of url"), ("{name: journal, url: 'http://x'}", "journal itself"),
                              ("{name: a, url: 'http://x', types: [tag.mved]}", 'no event has the type "tag.mved"'),
                              ("{name: a, url: 'http://x', threshold: huge}", "one of digest, patch, minor, major"),
                              ("{name: a, url: 'http://x'}\n  - {name: a, url: 'http://y'}", "there is a webhook 'a' already, at line 3")):
            path = os.path.join(self.site.folder, "c.yaml")
            with open(path, "w") as f:
                f.write(f"events:\n  webhooks:\n  - {text}\n")
            status, out, err = self.site.once("--config", path)
            self.assertEqual(status, 2, err)
            self.assertIn(problem, err)

    def test_a_secret_that_is_not_there_is_said_and_tried_again(self):
        receiver = self.receiver()
        key = os.path.join(self.site.folder, "key")
        self.site.start(self.config(ci=(receiver, f"secretFile: {key}")))
        self.settle()
        wait_for(lambda: f"cannot read '{key}'" in self.site.log)
        self.assertEqual(receiver.requests, [])
        with open(key, "w") as f:
            f.write("s3cret")
        wait_for(lambda: receiver.sequences() == self.stored())


class Journal(unittest.TestCase):
    """Tests events in the journal. The test listens on the journal's socket, on a machine without
    journald."""

    PATH = "/run/systemd/journal/socket"

    def test_events_with_fields_and_ids_of_the_catalog(self):
        if os.geteuid() != 0 or os.path.exists(self.PATH):
            self.skipTest("needs root and a machine without journald")
        os.makedirs(os.path.dirname(self.PATH), exist_ok=True)
        journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        journal.bind(self.PATH)
        self.addCleanup(os.unlink, self.PATH)
        self.addCleanup(journal.close)
        messages = []

        def read():
            while True:
                try:
                    messages.append(parse(journal.recv(65536)))
                except OSError:
                    return
        threading.Thread(target=read, daemon=True).start()
        site = Site()
        self.addCleanup(site.close)
        site.write("c.yaml", "apiVersion: relman/v1\nkind: Component\nmetadata: {name: api}\n"
                   "spec: {imageRepository: 127.0.0.1:1/app/api, suspend: true}\n")
        pipe = os.pipe()
        st = os.fstat(pipe[1])
        site.socket = os.path.join(site.folder, "s")
        config = os.path.join(site.folder, "c.yaml")
        with open(config, "w") as f:
            f.write(f"api: {{socket: {site.socket}}}\n")
        import subprocess
        process = subprocess.Popen(site.arguments("--config", config), stderr=pipe[1], preexec_fn=die_with_parent,
                                   env=dict(os.environ, JOURNAL_STREAM=f"{st.st_dev}:{st.st_ino}"))
        try:
            wait_for(lambda: [m for m in messages if m.get("RELMAN_EVENT_TYPE") == "component.created"])
        finally:
            process.terminate()
            process.wait()
        event = [m for m in messages if m.get("RELMAN_EVENT_TYPE")][0]
        self.assertEqual((event["MESSAGE"], event["RELMAN_OBJECT"], event["RELMAN_TENANT"]), ("component api is new", "component/api", "default"))
        with open(os.path.join(SRCDIR, "systemd/relman.catalog")) as f:
            self.assertIn(f"-- {event['MESSAGE_ID']}\nSubject: A component is new\n", f.read())

    def test_every_type_of_event_has_its_explanation(self):
        with open(os.path.join(SRCDIR, "systemd/relman.catalog")) as f:
            catalog = f.read()
        with open(os.path.join(SRCDIR, "src/event/journal.c")) as f:
            ids = [line.split('"')[1] for line in f if line.strip().startswith("[EVENT_")]
        self.assertEqual(len(ids), 31)
        self.assertEqual(len(set(ids)), 31)
        for i in ids:
            self.assertEqual(catalog.count(f"-- {i}\nSubject: "), 1)


def parse(datagram):
    """Returns the fields of a datagram, see https://systemd.io/JOURNAL_NATIVE_PROTOCOL/."""
    fields, at = {}, 0
    while at < len(datagram):
        end = datagram.index(b"\n", at)
        line = datagram[at:end]
        at = end + 1
        if b"=" in line:
            name, value = line.split(b"=", 1)
        else:
            size, = struct.unpack("<Q", datagram[at:at + 8])
            name, value = line, datagram[at + 8:at + 8 + size]
            at += 8 + size + 1
        fields[name.decode()] = value.decode()
    return fields


if __name__ == "__main__":
    relman.main()
