#!/usr/bin/env python3
"""What the API says of components, versions, registries and events; a sync that is waited for."""

import json
import os
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
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
        first = self.get("events?limit=2")
        self.assertEqual([e["type"] for e in first["data"]], ["component.created", "version.resolved"])
        rest = self.get(f"events?after={first['meta']['next']}&limit=1000")
        self.assertGreater(rest["data"][0]["sequence"], first["meta"]["next"])
        self.assertEqual(self.get(f"events?after={rest['meta']['next']}")["data"], [])
        self.assertEqual(self.get("events?tenant=other")["data"], [])
        self.assertIsInstance(first["data"][1]["data"], dict)
        for path in ("events?after=x", "events?limit=0", "events?limit=1001"):
            self.get(path, 400)

    def test_relmanctl_prints_tables_names_and_json(self):
        self.assertRegex(self.ctl("get", "components"), r"(?s)NAME +REPOSITORY.*api .*rc=v2.0.0-rc.1,stable=v1.2.0")
        self.assertEqual(self.ctl("get", "components", "-o", "name"), "component/api\n")
        self.assertEqual(json.loads(self.ctl("get", "component", "api", "-o", "json"))["name"], "api")
        self.assertIn("v1.0.0", self.ctl("get", "versions", "api", "--channel", "stable"))
        self.assertNotIn("rc", self.ctl("get", "versions", "api", "--channel", "stable", "--limit", "1"))
        self.assertIn(self.server.url, self.ctl("get", "registries"))
        self.assertIn("NAMES RELEASES", self.ctl("get", "streams"))
        self.assertIn("there is no such component", self.ctl("get", "component", "none", wanted=1))
        self.site.stop()
        self.assertIn("systemctl start relmand", self.ctl("get", "components", wanted=2))


if __name__ == "__main__":
    relman.main()
