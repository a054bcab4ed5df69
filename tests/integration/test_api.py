#!/usr/bin/env python3
"""Tests the API of components, versions, registries and events, and syncs with a waiting client."""

import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import sha256  # noqa: E402
from relman import Site, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402


class Api(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.server = StandIn()
        self.addCleanup(self.server.close)
        for i in range(3):
            self.server.push("app/api", f"v1.{i}.0")
        self.server.push("app/api", "v2.0.0-rc.1")
        self.specs()
        self.site.start("poll: {interval: 1h}\n")
        wait_for(lambda: len(self.get("components/api/versions")) == 4, what="versions")

    def specs(self, more=""):
        self.site.write("all.yaml",
                        f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\n"
                        f"spec: {{url: '{self.server.url}', limits: {{timeout: 2s}}}}\n---\n"
                        f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: api, displayName: API, labels: {{team: core}}}}\n"
                        f"spec: {{imageRepository: {self.server.host}/app/api, deploymentTemplate: rolling{more}}}\n")

    def get(self, path, wanted=200):
        status, answer, _ = self.site.call("GET", "/api/v1/" + path)
        self.assertEqual(status, wanted, answer)
        return answer

    def ctl(self, *args, wanted=0):
        status, out, err = relman.relmanctl(*args, "--socket", self.site.socket)
        self.assertEqual(status, wanted, out + err)
        return out + err

    def test_it_answers_while_a_first_sync_writes_its_versions(self):
        """relmand writes rows in slices and serves other clients between the slices. The list contains the
        digests, so that relmand does not wait for requests between slices."""
        server, n = StandIn(), 10000
        self.addCleanup(server.close)
        tags = {f"v1.0.{i}": sha256(str(i).encode()) for i in range(n)}
        tags[f"v1.0.{n - 1}"] = server.push("app/big", f"v1.0.{n - 1}")  # relmand reads the head
        answer = json.dumps({"tags": list(tags), "manifest": {digest: {"tag": [tag], "timeUploadedMs": "1"}
                                                              for tag, digest in tags.items()}}).encode()
        server.answers["GET /v2/app/big/tags/list"] = lambda h: h.reply(200, answer)
        self.site.write("big.yaml",
                        f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: big}}\nspec: {{url: '{server.url}', type: gar}}\n---\n"
                        f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: big}}\n"
                        f"spec: {{imageRepository: {server.host}/app/big, versioningStrategy: {{type: semver}}}}\n")
        connection, seen = relman.UnixConnection(self.site.socket), set()
        before = int(self.events_total(connection))
        while not seen or max(seen) < before + n:
            seen.add(self.events_total(connection))
        connection.close()
        between = [count for count in seen if before + 10 < count < before + n]
        self.assertGreater(len(between), 1, sorted(seen))

    def test_two_very_large_repositories_are_compared_one_after_the_other(self):
        """Each repository has one version, and the registry delays the answer about its digest. So the other
        component must wait. The final answer is 404, so that no rows are written. The second list comes after the
        first was read: the memory for both pages at once is more than the budget, and one would be requested again."""
        server, asked, goes_on = StandIn(), [], threading.Event()
        self.addCleanup(server.close)
        self.addCleanup(goes_on.set)
        answer = json.dumps({"tags": [f"x{i}" for i in range(200_000)] + ["v1.0.0"]}).encode()
        lists = []

        is_read = threading.Event()

        def give_list(handler):
            lists.append(handler.path)
            if handler.path != lists[0]:
                is_read.wait(20)
            handler.reply(200, answer)

        def deny(handler):
            asked.append(handler.path)
            is_read.set()
            goes_on.wait(20)
            handler.reply(403, {})
        for name in ("one", "two"):
            server.answers[f"GET /v2/app/{name}/tags/list"] = give_list
            server.answers[f"HEAD /v2/app/{name}/manifests/v1.0.0"] = deny
            server.answers[f"GET /v2/app/{name}/manifests/v1.0.0"] = deny
        self.site.write("large.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: large}}\nspec: {{url: '{server.url}'}}\n---\n"
                        + "---\n".join(f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: {name}}}\n"
                                       f"spec: {{imageRepository: {server.host}/app/{name}}}\n" for name in ("one", "two")))
        wait_for(lambda: asked and "it waits until another large repository" in self.site.log, 30, "one is asked, and the other waits")
        self.assertEqual(len({path.split("/")[3] for path in asked}), 1, asked)
        # the first one took its turn when its list became large, and read the list again
        self.assertEqual([lists.count(lists[0]), len(lists)], [2, 3], lists)
        goes_on.set()
        wait_for(lambda: len({path.split("/")[3] for path in asked}) == 2, 30, "the other has its turn")

    def test_repositories_of_many_tags_that_are_gone_take_turns_too(self):
        """The many known tags are compared too, although the new list is short."""
        server, asked, goes_on, names = StandIn(), [], threading.Event(), ("old", "older")
        self.addCleanup(server.close)
        self.addCleanup(goes_on.set)

        def deny(handler):
            asked.append(handler.path)
            goes_on.wait(20)
            handler.reply(403, {})
        self.site.write("gone.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: gone}}\nspec: {{url: '{server.url}'}}\n---\n"
                        + "---\n".join(f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: {name}}}\n"
                                       f"spec: {{imageRepository: {server.host}/app/{name}}}\n" for name in names))
        wait_for(lambda: self.site.call("GET", "/api/v1/components/older")[0] == 200, 20, "the specs")
        self.site.stop()
        self.site.stored.put_gone_tags("old", 200000)
        self.site.stored.put_gone_tags("older", 200000)
        for name in names:
            server.answers[f"GET /v2/app/{name}/tags/list"] = lambda h: h.reply(200, {"tags": ["v1.0.0"]})
            server.answers[f"HEAD /v2/app/{name}/manifests/v1.0.0"] = deny
            server.answers[f"GET /v2/app/{name}/manifests/v1.0.0"] = deny
        self.site.start()
        wait_for(lambda: asked and "it waits until another large repository" in self.site.log, 30, "one is asked, and the other waits")
        goes_on.set()
        wait_for(lambda: len({path.split("/")[3] for path in asked}) == 2, 30, "the other has its turn")

    def events_total(self, connection):
        text = self.site.call("GET", "/metrics", connection=connection)[1]
        return int(re.search(r"^relman_events_total (\d+)", text, re.M).group(1))

    def test_a_component_has_the_fields_of_the_contract(self):
        registry = self.get("registries/r")
        component = self.get("components/api")
        self.assertEqual(component, self.get("components/" + component["id"]))
        self.assertEqual(self.get("components"), [component])
        for name, value in {"name": "api", "displayName": "API", "imageRepository": f"{self.server.host}/app/api",
                            "registryIntegrationId": registry["id"], "versioningStrategy": {"type": "semver"},
                            "deploymentTemplate": "rolling", "defaultChannel": "stable", "metadata": {"team": "core"},
                            "managedBy": "spec", "suspend": False}.items():
            self.assertEqual(component[name], value, name)
        self.assertRegex(component["declaredAt"], r"all.yaml:6$")
        self.assertEqual({name: head["tag"] for name, head in component["channels"].items()},
                         {"stable": "v1.2.0", "rc": "v2.0.0-rc.1"})
        self.assertEqual([c["type"] for c in component["conditions"]], ["Ready"])
        self.assertEqual((registry["type"], registry["url"]), ("auto", self.server.url))

    def test_versions_come_newest_first_by_channel_and_limit(self):
        self.assertEqual([v["semver"] for v in self.get("components/api/versions")], ["2.0.0-rc.1", "1.2.0", "1.1.0", "1.0.0"])
        self.assertEqual([v["tag"] for v in self.get("components/api/versions?channel=stable&limit=2")], ["v1.2.0", "v1.1.0"])
        self.assertEqual(self.get("version-maps?componentId=api&channel=rc"), self.get("components/api/versions?channel=rc"))
        version = self.get("version-maps?componentId=api&channel=rc")[0]
        self.assertEqual({k: version[k] for k in ("prerelease", "source", "buildMetadata", "channel")},
                         {"prerelease": True, "source": "auto", "buildMetadata": None, "channel": "rc"})
        for path in ("components/api/versions?limit=0", "components/api/versions?limit=x", "version-maps"):
            self.get(path, 400)
        for path in ("components/none", "components/none/versions", "version-maps?componentId=none", "registries/none"):
            self.get(path, 404)

    def test_a_sync_answers_when_it_is_done(self):
        self.server.push("app/api", "v1.3.0")
        status, answer, _ = self.site.call("POST", "/api/v1/components/api/sync-versions", "{}")
        self.assertEqual((status, answer["synced"], answer["versions"][1]["tag"]), (200, 5, "v1.3.0"))
        before = self.server.count("^HEAD")
        self.site.call("POST", "/api/v1/components/api/sync-versions", {"forceRefresh": True})
        self.assertEqual(self.server.count("^HEAD") - before, 5)
        self.assertIn("5 versions", self.ctl("sync", "api", "--force"))

    def test_a_sync_that_fails_says_so_and_bad_ones_are_refused(self):
        for body, wanted in (('{"forceRefresh": "yes"}', 400), ('{"force": true}', 400), ("[", 400)):
            self.assertEqual(self.site.call("POST", "/api/v1/components/api/sync-versions", body)[0], wanted, body)
        self.server.answers["GET /v2/app/api/tags/list"] = lambda handler: handler.reply(404, {})
        status, answer, _ = self.site.call("POST", "/api/v1/components/api/sync-versions")
        self.assertEqual((status, "404" in answer["detail"]), (404, True), answer)
        self.specs(", suspend: true")
        wait_for(lambda: self.get("components/api")["suspend"], what="suspend")
        self.assertEqual(self.site.call("POST", "/api/v1/components/api/sync-versions")[0], 409)

    # --- events as a stream -------------------------------------------------------------------------

    def follow(self, path="events", headers=None, connection=None):
        connection = connection or relman.UnixConnection(self.site.socket)
        self.addCleanup(connection.close)
        connection.request("GET", "/api/v1/" + path, headers={"Accept": "text/event-stream", **(headers or {})})
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.headers["Content-Type"], answer.headers["Cache-Control"]), (200, "text/event-stream", "no-store"))
        return answer

    def next_event(self, stream):
        event = {}
        while True:
            line = stream.readline().decode()
            if line == "":
                return None
            if line == "\n" and event:
                return event
            if not line.startswith(":") and line != "\n":
                name, _, value = line.rstrip("\n").partition(": ")
                event[name] = value

    def test_events_are_streamed_from_where_a_client_left_off(self):
        known = self.get("events")["data"]
        stream = self.follow("events?after=0")
        told = [self.next_event(stream) for _ in known]
        self.assertEqual([(int(e["id"]), e["event"], json.loads(e["data"])) for e in told], [(e["sequence"], e["type"], e) for e in known])
        live = self.follow()
        self.server.push("app/api", "v1.9.0")
        self.site.call("POST", "/api/v1/components/api/sync-versions", "{}")
        for one in (stream, live):
            event = self.next_event(one)
            self.assertEqual((event["event"], json.loads(event["data"])["data"]["tag"]), ("version.resolved", "v1.9.0"))
        again = self.follow(headers={"Last-Event-ID": told[-1]["id"]})
        self.assertEqual(self.next_event(again)["id"], event["id"])
        self.assertLess(self.site.stop()[1], 5)
        for one in (stream, live):
            while self.next_event(one):
                pass

    def test_a_follower_that_does_not_read_holds_up_nobody(self):
        sleeper = self.follow("events?after=0")
        self.assertEqual(self.next_event(sleeper)["event"], "component.created")
        for i in range(300):
            self.server.push("app/api", f"v3.{i}.0")
        start = time.monotonic()
        self.site.call("POST", "/api/v1/components/api/sync-versions", "{}")
        for _ in range(50):
            self.get("components")
        self.assertLess(time.monotonic() - start, 5)

        def events():
            return [(e["type"], e["data"].get("tag")) for e in self.get("events?after=0&limit=1000")["data"]]
        self.assertIn(("version.updated", "v3.299.0"), events())  # the head is reported at once
        wait_for(lambda: len([tag for kind, tag in events() if kind == "version.resolved" and tag.startswith("v3.")]) == 300)

    def test_metrics_are_as_prometheus_reads_them(self):
        status, text, headers = self.site.call("GET", "/metrics")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        types, samples = {}, {}
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split()
                self.assertNotIn(name, types)
                types[name] = kind
            elif not line.startswith("#"):
                name, labels, value = re.fullmatch(r'(\w+)((?:{(?:\w+="(?:[^"\\]|\\.)*",?)*})?) (\S+)', line).groups()
                family = re.sub("_(bucket|sum|count)$", "", name) if name not in types else name
                self.assertIn(family, types, line)
                self.assertEqual(types[family] == "counter", family.endswith("_total"), line)
                self.assertNotIn((name, labels), samples)
                samples[name, labels] = float(value)
        registry = 'registry="r",tenant="default"'
        buckets = [samples["relman_registry_request_duration_seconds_bucket", f'{{{registry},le="{bound}"}}']
                   for bound in ("0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf")]
        self.assertEqual(buckets, sorted(buckets))
        self.assertEqual(buckets[-1], samples["relman_registry_request_duration_seconds_count", f"{{{registry}}}"])
        self.assertEqual(buckets[-1], samples["relman_registry_requests_total", f"{{{registry}}}"])
        for turns, longest in (("relman_loop_stall_seconds", "relman_loop_longest_stall_seconds"),
                               ("relman_loop_cpu_seconds", "relman_loop_longest_cpu_seconds")):
            self.assertGreater(samples[f"{turns}_count", ""], 0)
            self.assertEqual(samples[f"{turns}_bucket", '{le="+Inf"}'], samples[f"{turns}_count", ""])
            self.assertGreater(samples[longest, ""], 0)
            self.assertLessEqual(samples[longest, ""], samples[f"{turns}_sum", ""])
        when = samples["relman_component_last_success_timestamp_seconds", '{component="api",tenant="default"}']
        self.assertLess(abs(when - time.time()), 60)
        self.assertEqual(samples["relman_drift", ""], 0)
        self.assertGreater(samples["relman_events_total", ""], 4)
        self.assertGreater(samples["relman_api_requests_total", '{code="2xx"}'], 0)

    def test_releases_are_counted_by_status_whoever_made_them(self):
        self.site.write("release.yaml", "apiVersion: relman/v1\nkind: Release\nmetadata: {name: declared}\nspec: {mode: pinned, components: [{name: api, version: 1.0.0}]}\n")
        for name in ("one", "two"):
            self.assertEqual(self.site.call("POST", "/api/v1/releases", {"name": name, "components": [{"componentId": "api"}]})[0], 201)
        wait_for(lambda: self.get("releases?status=ready")["meta"]["total"] == 3, what="three releases")
        self.assertEqual(self.site.call("POST", "/api/v1/releases/two/deprecate", {})[0], 200)
        counts = dict(re.findall(r'^relman_releases{status="(\w+)"} (\d+)$', self.site.call("GET", "/metrics")[1], re.M))
        self.assertEqual(counts, {"draft": "0", "ready": "2", "promoting": "0", "deployed": "0", "deprecated": "1", "archived": "0"})

    # --- a sync that takes long ---------------------------------------------------------------------

    def hang(self):
        entered, gate = threading.Event(), threading.Event()
        self.addCleanup(gate.set)

        def answer(handler):
            entered.set()
            gate.wait(20)
            self.server.serve(handler, "/v2/app/api/tags/list")
        self.server.answers["GET /v2/app/api/tags/list"] = answer
        results = []
        threads = [threading.Thread(target=lambda: results.append(
            self.site.call("POST", "/api/v1/components/api/sync-versions"))) for _ in range(5)]
        for thread in threads:
            thread.start()
        self.assertTrue(entered.wait(5))
        return gate, threads, results

    def test_many_wait_for_one_sync_while_others_are_served(self):
        gate, threads, results = self.hang()
        start = time.monotonic()
        for _ in range(50):
            self.get("components")
        self.assertLess(time.monotonic() - start, 2)
        self.server.answers.clear()
        gate.set()
        for thread in threads:
            thread.join(10)
        self.assertEqual([r[0] for r in results], [200] * 5)

    def test_who_waits_is_told_when_the_daemon_stops_or_the_document_changes(self):
        _, threads, results = self.hang()
        self.specs(", suspend: true")
        for thread in threads:
            thread.join(10)
        self.assertEqual([r[0] for r in results], [409] * 5)
        self.specs()
        wait_for(lambda: not self.get("components/api")["suspend"], what="resume")
        _, threads, results = self.hang()
        time.sleep(0.2)
        self.assertLess(self.site.stop()[1], 5)
        for thread in threads:
            thread.join(10)
        self.assertEqual([r[0] for r in results], [503] * 5)

    def test_events_are_read_in_pages(self):
        first = self.get("events?after=0&limit=2")
        self.assertEqual([e["type"] for e in first["data"]], ["component.created", "version.resolved"])
        rest = self.get(f"events?after={first['meta']['next']}&limit=1000")
        self.assertGreater(rest["data"][0]["sequence"], first["meta"]["next"])
        self.assertEqual(self.get(f"events?after={rest['meta']['next']}")["data"], [])
        self.site.write("other.yaml", "apiVersion: relman/v1\nkind: Environment\nmetadata: {name: prod, tenant: other}\nspec: {}\n")
        wait_for(lambda: "other" in [t["name"] for t in self.get("tenants")], what="another tenant")
        self.assertEqual(self.get("events?tenant=other")["data"], [])
        self.assertIsInstance(first["data"][1]["data"], dict)
        for path in ("events?after=x", "events?limit=0", "events?limit=1001"):
            self.get(path, 400)

    def test_metrics_and_readiness(self):
        status, text, headers = self.site.call("GET", "/metrics")
        self.assertEqual((status, headers["Content-Type"].split(";")[0]), (200, "text/plain"))
        figures = {}
        for line in text.splitlines():
            if line.startswith("#"):
                continue
            name, value = line.rsplit(" ", 1)
            self.assertNotIn(name, figures)
            figures[name] = float(value)
        self.assertEqual(figures['relman_components{tenant="default"}'], 1)
        self.assertEqual(figures["relman_tags"], 4)
        self.assertEqual(figures['relman_registry_requests_total{registry="r",tenant="default"}'], len(self.server.requests))
        for name in {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}:
            self.assertIn(f"# HELP {name} ", text)
        self.assertEqual(self.site.call("GET", "/readyz")[:2], (200, {"status": "ready"}))

    def test_relmanctl_prints_tables_names_and_json(self):
        self.assertRegex(self.ctl("get", "components"), r"(?s)NAME +REPOSITORY.*api .*rc=v2.0.0-rc.1,stable=v1.2.0")
        self.assertEqual(self.ctl("get", "components", "-o", "name"), "component/api\n")
        self.assertEqual(json.loads(self.ctl("get", "component", "api", "-o", "json"))["name"], "api")
        self.assertIn("v1.0.0", self.ctl("get", "versions", "api", "--channel", "stable"))
        self.assertNotIn("rc", self.ctl("get", "versions", "api", "--channel", "stable", "--limit", "1"))
        self.assertIn(self.server.url, self.ctl("get", "registries"))
        self.assertRegex(self.ctl("get", "streams"), r"^NAME +NEWEST RELEASE +NAMES RELEASES +CONDITIONS *\n")
        self.assertIn("there is no component 'none' in tenant 'default'; relmanctl get components lists them", self.ctl("get", "component", "none", wanted=1))
        self.site.stop()
        self.assertIn("systemctl start relmand", self.ctl("get", "components", wanted=2))


class Pages(relman.SiteCase):
    """Tests lists of objects in pages. The data of all objects of a page must be read with a fixed number of
    statements."""

    def setUp(self):
        super().setUp()
        self.server = StandIn()
        self.addCleanup(self.server.close)
        text = f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\nspec: {{url: '{self.server.url}'}}\n"
        for i in range(7):
            self.server.push(f"app/c{i}", f"v1.{i}.0")
            self.server.push(f"app/c{i}", f"v2.{i}.0-rc.1")
            team = ("core", "web")[i % 2]
            text += (f"---\napiVersion: relman/v1\nkind: Component\nmetadata: {{name: c{i}, displayName: 'The {i}th of {team.upper()}', labels: {{team: {team}, n{i}: ''}}}}\n"
                     f"spec: {{imageRepository: {self.server.host}/app/{'none' if i == 3 else f'c{i}'}, suspend: {'true' if i == 5 else 'false'}}}\n"
                     f"---\napiVersion: relman/v1\nkind: ReleaseStream\nmetadata: {{name: s{i}}}\nspec: {{nameTemplate: 's{i}-{{seq}}', settle: 0s, components: [c{i}]}}\n"
                     f"---\napiVersion: relman/v1\nkind: Environment\nmetadata: {{name: e{i}}}\nspec: {{stream: s{i}}}\n")
        text += "---\napiVersion: relman/v1\nkind: Component\nmetadata: {name: c1, tenant: other}\nspec: {imageRepository: 127.0.0.1:9/x, suspend: true}\n"
        self.site.write("all.yaml", text)
        self.site.start("poll: {interval: 1h}\n")
        wait_for(lambda: [e["state"] is not None for e in self.get("environments")] == [i not in (3, 5) for i in range(7)], what="deployments", seconds=60)

    def get(self, path, wanted=200):
        status, answer, self.headers = self.site.call("GET", "/api/v1/" + path)
        self.assertEqual(status, wanted, (path, answer))
        return answer

    def names(self, path):
        return [o["name"] for o in self.get(path)]

    def test_metrics_count_the_objects_of_each_tenant(self):
        counts = dict(re.findall(r'^(relman_(?:components|environments)(?:_failing|_suspended)?\{.*\}) (\d+)$',
                                 self.site.call("GET", "/metrics")[1], re.M))
        self.assertEqual({name for name, n in counts.items() if n == "0"},
                         {'relman_environments{tenant="other"}', 'relman_environments_failing{tenant="other"}',
                          'relman_components_failing{tenant="other"}', 'relman_environments_failing{tenant="default"}'})
        self.assertEqual({name: n for name, n in counts.items() if n != "0"},
                         {'relman_components{tenant="default"}': "7", 'relman_components{tenant="other"}': "1",
                          'relman_components_failing{tenant="default"}': "1", 'relman_components_suspended{tenant="default"}': "1",
                          'relman_components_suspended{tenant="other"}': "1", 'relman_environments{tenant="default"}': "7"})

    def test_an_object_of_a_list_is_what_it_is_alone(self):
        for name in ("e2", "e4"):
            self.site.call("POST", f"/api/v1/environments/{name}/hold", {"reason": name})
        for kind in ("components", "environments", "streams", "registries"):
            for path in (kind, kind + "?limit=3", kind + "?after=c3"):
                found = self.get(path)
                for one in found:
                    alone = self.get(f"{kind}/{one['name']}")
                    alone.pop("approvedBy", None)
                    alone.pop("rejectedBy", None)
                    self.assertEqual(one, alone)
        self.assertEqual([sorted(c["channels"]) for c in self.get("components")], [["rc", "stable"] if i not in (3, 5) else [] for i in range(7)])
        self.assertEqual([e["hold"] and e["hold"]["reason"] for e in self.get("environments")], [None, None, "e2", None, "e4", None, None])

    def statements(self, path):
        """Returns the number of database statements for an answer: the minimum of several attempts, because
        other work of the daemon adds statements."""
        def total():
            text = self.site.call("GET", "/metrics")[1]
            return int(re.search(r"^relman_store_statements_total (\d+)$", text, re.M).group(1))

        def run(paths):  # returns how many statements these requests, and work beside them, execute
            before = total()
            for one in paths:
                self.get(one)
            return total() - before
        return min(run([path]) for _ in range(8)) - min(run([]) for _ in range(8))

    def test_a_longer_list_takes_no_more_statements(self):
        for one, many in (("components?limit=1", "components"), ("registries?limit=1", "registries"), ("streams?limit=1", "streams"),
                          ("releases?pageSize=1", "releases"), ("components/c1/releases?pageSize=1", "components/c1/releases")):
            self.assertEqual(self.statements(many), self.statements(one), many)
        self.assertEqual(len(self.get("releases")["data"]), 5)
        found = self.get("releases")["data"]
        for one in found:
            alone = self.get("releases/" + one["name"])
            # only an answer about one release reads what its images say
            self.assertEqual([component.pop("image")["version"] for component in alone["components"]], [None] * len(alone["components"]))
            self.assertEqual(one, alone)
        self.assertEqual([len(r["deployedEnvironments"]) for r in found], [1] * 5)

    def test_pages_lead_through_the_whole_list(self):
        for kind, query in (("components", ""), ("environments", ""), ("streams", ""), ("components", "&label=team=core"), ("components", "&text=of%20web"), ("components", "&q=of%20web"), ("tenants", "")):
            whole, got = self.names(f"{kind}?{query[1:]}"), []
            self.assertNotIn("Link", self.headers)
            path = f"{kind}?limit=2{query}"
            while path:
                page = self.names(path)
                self.assertTrue(0 < len(page) <= 2, path)
                got += page
                link = self.headers.get("Link")
                if link:
                    self.assertRegex(link, '^</api/v1/[^ ]+>; rel="next"$')
                path = link and link[len("</api/v1/"):link.index(">")]
            self.assertEqual(got, whole)
        self.assertEqual(self.names("components?limit=7"), [f"c{i}" for i in range(7)])
        self.assertNotIn("Link", self.headers)
        self.assertEqual(self.names("components?tenant=other&limit=1"), ["c1"])
        for name in ("text", "q"):
            self.get(f"components?limit=1&tenant=default&{name}=THE&label=team")
            self.assertEqual(self.headers["Link"], '</api/v1/components?limit=1&after=c0&label=team&text=THE&tenant=default>; rel="next"')
        self.assertEqual(self.get("components?text=a&q=a", 400)["detail"], "parameters text and q are the same; give text alone")

    def test_lists_are_filtered_by_label_and_text(self):
        for query, wanted in (("label=team=core", "0246"), ("label=team=web", "135"), ("label=team", "0123456"), ("label=n4", "4"), ("label=tea", ""), ("label=team=", ""),
                              ("text=C3", "3"), ("text=the%20", "0123456"), ("q=2TH", "2"), ("text=nothing", ""), ("label=team=web&text=3th", "3"), ("after=c4", "56"), ("after=c45", "56"),
                              ("after=c4&label=team=core", "6"), ("after=zzz", "")):
            self.assertEqual("".join(n[1:] for n in self.names("components?" + query)), wanted, query)
        for limit in ("0", "-1", "1001", "x", ""):
            self.assertEqual(self.get(f"components?limit={limit}", 400)["detail"], "parameter limit: a number from 1 to 1000")
        self.assertEqual(self.get("components?foo=1", 400)["detail"], "unknown parameter 'foo'; there are: tenant limit after label text q")

    def test_relmanctl_reads_all_pages(self):
        """There are more objects than one page has. Tests each output format."""
        self.site.write("many.yaml", "\n---\n".join(f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: m{i:04}}}\nspec: {{imageRepository: 127.0.0.1:9/m, suspend: true}}" for i in range(1203)))
        wait_for(lambda: len(self.get("components")) == 1210, what="components")
        wanted = [f"c{i}" for i in range(7)] + [f"m{i:04}" for i in range(1203)]

        def ctl(*args):
            status, out, err = relman.relmanctl(*args, "--socket", self.site.socket)
            self.assertEqual((status, err), (0, ""), out)
            return out
        self.assertEqual(ctl("get", "components", "-o", "name").split(), ["component/" + n for n in wanted])
        self.assertEqual([c["name"] for c in json.loads(ctl("get", "components", "-o", "json"))], wanted)
        self.assertEqual(len(ctl("get", "components").splitlines()), 1211)
        self.assertEqual(ctl("get", "components", "--label", "team=web", "-o", "name").split(), ["component/c1", "component/c3", "component/c5"])
        self.assertEqual(ctl("get", "components", "--text", "6th", "-o", "name"), "component/c6\n")
        self.assertEqual(ctl("get", "components", "--limit", "2", "-o", "name").split(), ["component/c0", "component/c1"])
        self.assertEqual(ctl("get", "environments", "--text", "E3", "-o", "name"), "environment/e3\n")
        self.assertEqual(ctl("get", "components", "--tenant", "other", "-o", "name"), "component/c1\n")
        self.assertEqual(json.loads(ctl("get", "components", "--label", "none", "-o", "json")), [])


class Access(unittest.TestCase):
    """Tests access over TCP, with tokens and TLS."""

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        for tenant in ("default", "other"):
            self.site.write(f"{tenant}.yaml", f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: {tenant}-api, tenant: {tenant}}}\n"
                                              "spec: {imageRepository: 127.0.0.1:9/app/api, suspend: true}\n")
        self.tokens = os.path.join(self.site.folder, "tokens")
        self.lines = {}
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]

    def token(self, name, *args):
        status, out, err = relman.relmanctl("token", name, *args)
        self.assertEqual(status, 0, err)
        lines = out.splitlines()
        self.lines[name] = lines[4]
        self.write()
        return lines[1]

    def write(self):
        with open(self.tokens, "w") as f:
            f.write("# who may ask\n\n" + "\n".join(self.lines.values()) + "\n")

    def start(self, more=""):
        self.site.start(f"api: {{socket: {self.site.folder}/relmand.sock, listen: ['127.0.0.1:{self.port}'], "
                        f"tokenFile: {self.tokens}{more}}}\n")

    def ask(self, method, path, token=None, context=None, body=None, headers=None):
        kind = http.client.HTTPSConnection if context else http.client.HTTPConnection
        connection = kind("127.0.0.1", self.port, timeout=5, **({"context": context} if context else {}))
        connection.request(method, path, json.dumps(body) if body is not None else None,
                           {**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def test_only_who_shows_a_known_token_may_ask(self):
        read = self.token("reader")
        self.start()
        self.assertEqual(self.ask("GET", "/api/v1/components", read)[0], 200)
        for token in (None, "", read[:-1], read + "0", read.upper(), "relman_" + "0" * 64, self.lines["reader"].split()[3]):
            for path in ("/api/v1/components", "/api/v1/releases", "/metrics"):
                self.assertEqual(self.ask("GET", path, token)[0], 401, token)
        self.assertEqual(self.ask("GET", "/healthz")[0], 200)
        self.assertNotIn(read, self.site.log)

    def test_that_nobody_can_log_in_is_said_at_start_and_by_the_check(self):
        """It is only a warning, because hooks and /healthz need no token and the token file may be created
        later."""
        config = os.path.join(self.site.folder, "relmand.yaml")

        def check():
            r = subprocess.run([os.path.join(relman.BUILDDIR, "relmand"), "--check-config", "--config", config], capture_output=True, text=True, timeout=60)
            self.assertEqual((r.returncode, r.stdout), (0, ""))
            return r.stderr
        says = "field \"listen\": nobody can log in there, only hooks and /healthz are answered: tokenFile " \
            f"'{self.tokens}' cannot be read (No such file or directory); relmanctl token makes its lines"
        self.start()
        wait_for(lambda: says in self.site.log, what="the warning")
        self.assertIn("warning: " + says, check())
        self.assertEqual((self.ask("GET", "/healthz")[0], self.ask("GET", "/api/v1/components")[0]), (200, 401))
        self.site.stop()
        for text, told in (("# none yet\n", f"nobody can log in over TCP: '{self.tokens}' holds no token; relmanctl token makes its lines"),
                           ("one two\n", "nobody can log in over TCP: tokenFile, line 1: not four or five words"),
                           (f"one default read {'0' * 64} person=\n", "nobody can log in over TCP: tokenFile, line 1: person= has no name of a person behind it"),
                           (f"one default read {'0' * 64} person=a\u202eb\n", "tokenFile, line 1: person= has no name of a person behind it")):
            with open(self.tokens, "w") as f:
                f.write(text)
            self.start()
            wait_for(lambda: told in self.site.log, what=told)
            self.site.stop()
        self.assertIn("--person takes one word", relman.relmanctl("token", "one", "--person", "a\u202eb")[2])
        token = self.token("reader")
        self.start()
        self.assertEqual(self.ask("GET", "/api/v1/components", token)[0], 200)
        self.assertNotIn("log in", self.site.log + check())
        self.site.stop()
        self.tokens = "''"
        self.start()
        wait_for(lambda: "nobody can log in there without a tokenFile" in self.site.log, what="the warning")

    def test_roles(self):
        read, write, admin = (self.token(role, "--role", role) for role in ("read", "write", "admin"))
        self.start()
        for token, wanted in ((read, (200, 403, 403)), (write, (200, 409, 403)), (admin, (200, 409, 200))):
            got = (self.ask("GET", "/api/v1/components", token)[0],
                   self.ask("POST", "/api/v1/components/default-api/sync-versions", token)[0],
                   self.ask("GET", "/api/v1/audit", token)[0])
            self.assertEqual(got, wanted)

    def test_what_is_of_all_tenants_is_not_for_a_token_of_one(self):
        one, all_read, every = self.token("one", "--role", "admin"), self.token("all-read", "--tenant", "*"), self.token("every", "--tenant", "*", "--role", "admin")
        self.start()
        for token, wanted in ((one, (403, 403, 403)), (all_read, (200, 403, 403)), (every, (200, 200, 200))):
            got = (self.ask("GET", "/metrics", token), self.ask("HEAD", "/api/v1/backup", token), self.ask("POST", "/api/v1/specs/confirm-prune", token))
            self.assertEqual(tuple(status for status, _ in got), wanted, got)
        self.assertIn("of all tenants, and the token of tenant 'default' alone", self.ask("GET", "/metrics", one)[1])

    def test_a_token_sees_its_tenant_and_what_is_of_others_is_not_there(self):
        own, other, every = self.token("own"), self.token("other", "--tenant", "other"), self.token("every", "--tenant", "*")
        self.start()
        self.assertIn("default-api", self.ask("GET", "/api/v1/components", own)[1])
        self.assertNotIn("default-api", self.ask("GET", "/api/v1/components", other)[1])
        identity = json.loads(self.ask("GET", "/api/v1/components/other-api", other)[1])["id"]
        for path in (f"/api/v1/components/{identity}", "/api/v1/components?tenant=other", "/api/v1/components/other-api",
                     f"/api/v1/components/{identity}/versions", f"/api/v1/version-maps?componentId={identity}"):
            self.assertEqual(self.ask("GET", path, own)[0], 404, path)
        self.assertIn("other-api", self.ask("GET", "/api/v1/components?tenant=other", every)[1])

    def ctl(self, token, *args):
        r = subprocess.run([os.path.join(relman.BUILDDIR, "relmanctl"), *args, "--url", f"http://127.0.0.1:{self.port}"],
                           capture_output=True, text=True, timeout=60, env=dict(os.environ, RELMAN_TOKEN=token))
        return r.returncode, r.stdout, r.stderr

    def test_a_tenant_that_is_not_the_tokens_is_refused_and_never_replaced(self):
        """Tests each way to name a tenant, also the default tenant, in reads and writes."""
        own = self.token("own", "--tenant", "other", "--role", "write")
        for tenant in ("default", "other"):
            self.site.write(f"{tenant}-env.yaml", f"apiVersion: relman/v1\nkind: ReleaseStream\nmetadata: {{name: s, tenant: {tenant}}}\nspec: {{nameTemplate: 's-{{seq}}'}}\n---\n"
                                                  f"apiVersion: relman/v1\nkind: Environment\nmetadata: {{name: prod, tenant: {tenant}}}\nspec: {{stream: s}}\n")
        self.start()
        says = "there is no tenant 'default'; relmanctl get tenants lists them"
        for verb in (("hold", "prod", "--reason", "wrong team"), ("resume", "prod"), ("get", "components"), ("get", "environment", "prod"),
                     ("status",), ("history", "prod")):
            status, out, err = self.ctl(own, *verb, "--tenant", "default")
            self.assertEqual((status, out, says in err), (1, "", True), (verb, out, err))
        self.assertEqual(self.site.stored.count("holds"), 0)
        for method, path, body in (("POST", "environments/prod/hold", {}), ("GET", "environments/prod", None), ("POST", "specs/plan", {"documents": []}),
                                   ("POST", "environments/prod/approve", {"releaseId": "x"}), ("DELETE", "components/other-api", None)):
            status, text = self.ask(method, f"/api/v1/{path}?tenant=default", own, body=body)
            self.assertEqual((status, json.loads(text)["detail"]), (404, says), path)
        made = {"name": "mine", "imageRepository": "127.0.0.1:9/app/mine", "suspend": True}
        foreign = self.site.call("GET", "/api/v1/components/default-api")[1]["tenantId"]
        for tenant in ("default", foreign, 1):
            status, text = self.ask("POST", "/api/v1/components", own, body={**made, "tenantId": tenant})
            self.assertEqual((status, json.loads(text)["detail"], json.loads(text)["pointer"]), (404, says.replace("default", str(tenant)), "/tenantId"))
        status, text = self.ask("POST", "/api/v1/components", own, body=made)
        self.assertEqual(status, 201, text)
        self.assertEqual(self.ask("PUT", "/api/v1/components/mine", own, body=json.loads(text))[0], 200)
        self.assertEqual(self.ask("PUT", "/api/v1/components/mine", own, body={"tenantId": foreign})[0], 404)
        self.assertEqual(self.ctl(own, "hold", "prod", "--tenant", "other")[0], 0)

    def test_an_idempotency_key_belongs_to_a_tenant_and_a_principal(self):
        """Tokens of two tenants may have the same name, and build numbers as keys may collide."""
        one = self.token("ci", "--role", "write")
        self.lines["ci of default"] = self.lines.pop("ci")
        other = self.token("ci", "--tenant", "other", "--role", "write")
        every = self.token("all", "--tenant", "*", "--role", "write")
        self.start()
        key = {"Idempotency-Key": "17"}
        made = {"name": "secret", "imageRepository": "127.0.0.1:9/app/x", "suspend": True}
        status, text = self.ask("POST", "/api/v1/components", one, body=made, headers=key)
        self.assertEqual(status, 201, text)
        status, text = self.ask("POST", "/api/v1/components", other, body={**made, "name": "public"}, headers=key)
        self.assertEqual((status, json.loads(text)["name"]), (201, "public"))
        for token, name in ((one, "secret"), (other, "public")):
            self.assertEqual(json.loads(self.ask("POST", "/api/v1/components", token, body={**made, "name": name}, headers=key)[1])["name"], name)
            self.assertEqual(self.ask("POST", "/api/v1/components", token, body={**made, "name": "third"}, headers=key)[0], 422)
        for tenant in ("default", "other"):
            self.assertEqual(self.ask("POST", f"/api/v1/components?tenant={tenant}", every, body={**made, "name": "by-all"}, headers=key)[0], 201, tenant)
        self.assertEqual(self.site.stored.count("audit", idempotency_key="17"), 4)

    def as_user(self, uid, groups, method, path, body=None):
        """Sends a request to the socket as another user; returns (status, answer)."""
        def become():
            os.setgroups(groups)
            os.setgid(uid)
            os.setuid(uid)
        program = ("import http.client, json, socket, sys\n"
                   "c = http.client.HTTPConnection('localhost')\n"
                   "c.sock = socket.socket(socket.AF_UNIX); c.sock.connect(sys.argv[1])\n"
                   "c.request(sys.argv[2], sys.argv[3], sys.argv[4] or None)\n"
                   "a = c.getresponse(); print(json.dumps([a.status, a.read().decode()]))")
        r = subprocess.run(["/usr/bin/python3", "-c", program, self.site.socket, method, path, body or ""], capture_output=True, text=True,
                           timeout=60, preexec_fn=become, cwd="/")
        self.assertEqual(r.returncode, 0, r.stderr)
        status, text = json.loads(r.stdout)
        return status, json.loads(text) if text.startswith(("{", "[")) else text

    @unittest.skipIf(os.getuid() != 0, "takes root")
    def test_peers_of_the_socket_have_the_role_of_the_first_entry_that_matches(self):
        self.start(", socketRoles: [{uid: 4001, role: read, tenant: other}, {group: '4100', role: write, tenant: default}, {user: nobody, role: admin, tenant: '*'}, "
                   "{uid: 0, role: admin, tenant: '*'}, {uid: 4002, role: admin, tenant: third}]")
        os.chmod(self.site.folder, 0o711)
        os.chmod(self.site.socket, 0o666)
        components = "/api/v1/components"

        def names(uid, *groups, path=components):
            status, found = self.as_user(uid, groups, "GET", path)
            return [c["name"] for c in found] if status == 200 else (status, found["detail"])
        self.assertEqual(names(4001), ["other-api"])
        self.assertEqual(names(4001, 4100), ["other-api"])  # the first matching entry applies
        self.assertEqual(names(4001, path=components + "?tenant=default"), (404, "there is no tenant 'default'; relmanctl get tenants lists them"))
        self.assertEqual(self.as_user(4001, [], "POST", components + "/other-api/sync-versions")[1]["detail"], "uid:4001 has role read, and this takes role write (api.socketRoles of relmand.yaml)")
        self.assertEqual(self.as_user(4001, [], "GET", "/metrics")[1]["detail"],
                         "this is of all tenants, and api.socketRoles of relmand.yaml gives uid:4001 tenant 'other' alone")
        # an entry for a group applies to members with it as supplementary group and as primary group
        self.assertEqual((names(4003, 4100), names(4100)), (["default-api"], ["default-api"]))
        self.assertEqual(self.as_user(4003, [4100], "POST", components + "/default-api/sync-versions")[0], 409)
        self.assertEqual(self.as_user(4003, [4100], "GET", "/api/v1/audit")[1]["detail"], "uid:4003 has role write, and this takes role admin (api.socketRoles of relmand.yaml)")
        self.assertEqual((self.as_user(65534, [], "GET", "/metrics")[0], names(65534, path=components + "?tenant=other")), (200, ["other-api"]))
        self.assertEqual((names(4002), [t["name"] for t in self.as_user(4002, [], "GET", "/api/v1/tenants")[1]]), ([], ["third"]))
        refused = (403, "uid:4003 has no role: api.socketRoles of relmand.yaml has no entry for this user or its groups")
        self.assertEqual(names(4003, 4101), refused)
        # The refusals of a user without a role are in the audit of the default tenant, whichever tenant the
        # user names.
        status, found = self.as_user(4003, [], "POST", components + "/other-api/sync-versions?tenant=other")
        self.assertEqual((status, found["detail"]), refused)
        audits = [{e["principal"] for e in self.site.call("GET", f"/api/v1/audit?tenant={tenant}")[1]["data"]} for tenant in ("default", "other")]
        self.assertEqual(["uid:4003" in a for a in audits], [True, False])
        self.assertEqual(self.as_user(4003, [], "GET", "/healthz")[0], 200)
        self.assertEqual(self.site.call("GET", "/metrics")[0], 200)

    def test_a_bad_socket_role_is_refused_with_its_place(self):
        config = os.path.join(self.site.folder, "relmand.yaml")
        for entry, says in (("{role: read, tenant: a}", "exactly one of uid, user and group must be given"), ("{uid: 1, group: root, role: read, tenant: a}", "exactly one of uid, user and group must be given"),
                            ("{uid: root, role: read, tenant: a}", "uid is the number of a user; user takes a name"), ("{user: no-such-user, role: read, tenant: a}", '"no-such-user" is not a user of this machine'),
                            ("{group: no-such-group, role: read, tenant: a}", '"no-such-group" is not a group of this machine'), ("{uid: 1, role: read, tenant: A B}", "tenant is the name of a tenant, or '*'"),
                            ("{uid: 1, role: root, tenant: a}", 'field "role" is one of read, write, admin; not "root"'), ("{uid: 1, role: read}", 'missing field "tenant" in socketRoles')):
            with open(config, "w") as f:
                f.write(f"api:\n  socketRoles:\n  - {entry}\n")
            r = subprocess.run([os.path.join(relman.BUILDDIR, "relmand"), "--check-config", "--config", config], capture_output=True, text=True, timeout=60)
            self.assertEqual((r.returncode != 0, f"{config}:3:" in r.stderr, says in r.stderr), (True, True, True), entry + r.stderr)

    def test_a_receivers_replay_is_found_again_by_its_key_in_the_tenant_of_the_token(self):
        own = self.token("admin", "--tenant", "other", "--role", "admin")
        self.site.start(f"api: {{socket: {self.site.folder}/relmand.sock, listen: ['127.0.0.1:{self.port}'], tokenFile: {self.tokens}}}\n"
                        "events: {webhooks: [{name: w, url: 'http://127.0.0.1:9/', tenant: other}]}\n")
        for _ in range(2):
            status, text = self.ask("POST", "/api/v1/receivers/w/replay", own, body={"after": 0}, headers={"Idempotency-Key": "k"})
            self.assertEqual(status, 200, text)
        self.assertEqual(self.site.stored.audit("tenant"), [("other",)])

    def test_tokens_that_change_places_are_known_at_once(self):
        """Each new content has the same size and inode. The file is written many times within one tick of its
        timestamps, and again after pauses."""
        names, tokens = ("aaaa", "bbbb"), {}
        for name in names:
            tokens[name] = self.token(name)
        lines = dict(self.lines)
        self.start()
        for rest in (0,) * 50 + (2.2, 0, 2.2):
            time.sleep(rest)
            for name in names:
                self.lines = {name: lines[name]}
                self.write()
                self.assertEqual([self.ask("GET", "/api/v1/components", tokens[n])[0] for n in names], [200 if n == name else 401 for n in names])

    def test_a_tenant_that_nobody_named_is_told(self):
        """A misspelt tenant is an error, not an empty tenant. A tenant exists if it is the default tenant or
        if a spec or token names it."""
        own, every = self.token("own", "--tenant", "third"), self.token("every", "--tenant", "*", "--role", "admin")
        self.start()
        says = "there is no tenant 'nope'; relmanctl get tenants lists them"
        for method, path in (("GET", "components"), ("GET", "status"), ("GET", "components/none"), ("GET", "audit"), ("POST", "releases"), ("DELETE", "components/none")):
            status, text = self.ask(method, f"/api/v1/{path}?tenant=nope", every)
            self.assertEqual((status, json.loads(text)["detail"]), (404, says))
        self.assertEqual([t["name"] for t in json.loads(self.ask("GET", "/api/v1/tenants", every)[1])], ["default", "other", "third"])
        self.assertEqual([t["name"] for t in json.loads(self.ask("GET", "/api/v1/tenants", own)[1])], ["third"])
        for tenant in ("default", "other", "third"):
            self.assertEqual(self.ask("GET", f"/api/v1/components?tenant={tenant}", every)[0], 200, tenant)
        for tenant in ("other", "nope"):
            self.assertEqual(json.loads(self.ask("GET", f"/api/v1/components?tenant={tenant}", own)[1])["detail"], says.replace("nope", tenant))
            self.assertEqual(self.ask("GET", f"/api/v1/tenants/{tenant}", own)[0], 404)
        socket = ("--socket", self.site.socket)
        self.assertEqual(relman.relmanctl("get", "tenants", "-o", "name", *socket)[1], "tenant/default\ntenant/other\ntenant/third\n")
        self.assertIn("other", relman.relmanctl("get", "tenant/other", *socket)[1])
        for kind in ("releases", "components", "environments", "registries", "streams"):
            status, out, err = relman.relmanctl("get", kind, "--tenant", "nope", *socket)
            self.assertEqual((status, out, says in err), (1, "", True), out + err)

    def test_revoked_and_expired_tokens_are_refused(self):
        kept, revoked = self.token("kept"), self.token("revoked")
        expired = self.token("expired", "--expires", "1d")
        self.lines["expired"] = self.lines["expired"].rsplit(" ", 1)[0] + " 2020-01-01T00:00:00Z"
        self.write()
        self.start()
        self.assertEqual([self.ask("GET", "/api/v1/components", t)[0] for t in (kept, revoked, expired)], [200, 200, 401])
        del self.lines["revoked"]
        self.write()
        self.assertEqual([self.ask("GET", "/api/v1/components", t)[0] for t in (kept, revoked)], [200, 401])
        self.lines["bad"] = "one two"
        self.write()
        self.assertEqual(self.ask("GET", "/api/v1/components", kept)[0], 401)
        wait_for(lambda: "tokenFile, line 5: not four or five words" in self.site.log, what="message")

    def test_tls(self):
        token = self.token("reader")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{self.site.folder}/key.pem",
                        "-out", f"{self.site.folder}/cert.pem"], check=True, capture_output=True)
        self.start(f", certFile: {self.site.folder}/cert.pem, keyFile: {self.site.folder}/key.pem")
        context = ssl.create_default_context(cafile=f"{self.site.folder}/cert.pem")
        self.assertEqual(self.ask("GET", "/api/v1/components", token, context)[0], 200)
        self.assertEqual(self.ask("GET", "/api/v1/components", None, context)[0], 401)
        self.assertEqual(self.site.call("GET", "/healthz")[0], 200)
        place = ["--url", f"https://127.0.0.1:{self.port}", "--ca-file", f"{self.site.folder}/cert.pem"]
        os.environ["RELMAN_TOKEN"] = token
        self.addCleanup(os.environ.pop, "RELMAN_TOKEN", None)
        self.assertEqual(relman.relmanctl("get", "components", "-o", "name", *place)[:2], (0, "component/default-api\n"))
        status, _, err = relman.relmanctl("sync", "default-api", *place)
        self.assertEqual((status, "takes role write" in err), (1, True), err)
        self.assertNotIn(token, err)
        status, _, err = relman.relmanctl("get", "components", *place[:2])
        self.assertEqual((status, "(--ca-file, or RELMAN_CA_FILE, is the PEM file of the authority" in err), (2, True), err)
        del os.environ["RELMAN_TOKEN"]
        status, _, err = relman.relmanctl("get", "components", *place)
        self.assertEqual((status, "put one into RELMAN_TOKEN" in err), (1, True), err)
        with self.assertRaises((OSError, http.client.HTTPException)):
            self.ask("GET", "/healthz")
        self.site.stop()
        for more, says in ((f", certFile: {self.site.folder}/cert.pem", "certFile and keyFile go together"), (f", certFile: {self.tokens}, keyFile: {self.tokens}", "api: ")):
            with self.assertRaises(AssertionError) as e:
                self.start(more)
            self.assertIn(says, str(e.exception))


if __name__ == "__main__":
    relman.main()
