#!/usr/bin/env python3
"""Tests writes over the API: components, versions and releases. Writes are idempotent and audited, and check
preconditions."""

import json
import os
import pwd
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import Site, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402


class Write(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.server = StandIn()
        self.addCleanup(self.server.close)
        for name in ("api", "worker"):
            for version in ("v1.0.0", "v1.1.0", "v2.0.0-rc.1"):
                self.server.push(f"app/{name}", version)
        self.registry = (f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\n"
                         f"spec: {{url: '{self.server.url}', limits: {{timeout: 2s}}}}\n")
        self.site.write("registry.yaml", self.registry)
        self.site.write("worker.yaml", self.component("worker"))
        self.site.write("prod.yaml", "apiVersion: relman/v1\nkind: Environment\nmetadata: {name: prod}\nspec: {}\n")
        self.site.start("poll: {interval: 1h}\n")
        wait_for(lambda: len(self.ask("GET", "components/worker/versions")) == 3, what="versions")

    def component(self, name, more=""):
        return (f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: {name}}}\n"
                f"spec: {{imageRepository: {self.server.host}/app/{name}{more}}}\n")

    def ask(self, method, path, body=None, wanted=200, headers=None):
        status, answer, self.headers = self.site.call(method, "/api/v1/" + path, body, headers)
        self.assertEqual(status, wanted, (method, path, answer))
        return answer

    def make(self, name="api", wanted=201, headers=None, **more):
        return self.ask("POST", "components", {"name": name, "displayName": "API Service",
                        "imageRepository": f"{self.server.host}/app/{name}", "registryIntegrationId": "r", **more}, wanted, headers)

    def accepted(self):
        return [e["action"] for e in self.ask("GET", "audit?limit=1000")["data"] if e["outcome"] == "accepted"]

    def restart(self):
        self.site.stop()
        self.site.start("poll: {interval: 1h}\n")

    # --- components ---------------------------------------------------------------------------------

    def test_a_rule_has_an_id_that_stays_and_may_be_sent_back(self):
        rules = [{"pattern": f"^{letter}(.+)$", "channel": letter} for letter in "vw"]
        made = self.make(versionRules=[*rules, rules[0]])
        first, second, again = made["versionRules"]
        self.assertEqual(len({first["id"], second["id"], again["id"]}), 3)
        self.assertEqual({r["componentId"] for r in made["versionRules"]}, {made["id"]})
        etag = self.headers["ETag"]
        same = self.ask("PUT", "components/api", made)
        self.assertEqual((same["versionRules"], self.headers["ETag"]), (made["versionRules"], etag))
        turned = self.ask("PUT", "components/api", {"versionRules": [second, {**first, "channel": "x", "prereleasePattern": "-rc"}]})
        self.assertEqual([(r["id"], r["channel"], r["prereleasePattern"]) for r in turned["versionRules"]], [(second["id"], "w", None), (first["id"], "x", "-rc")])
        self.restart()
        self.assertEqual(self.ask("GET", "components/api")["versionRules"], turned["versionRules"])
        for rule, pointer in (({"pattern": "^v(.+)$"}, "/versionRules/0"), ({"pattern": "(", "channel": "x"}, "/versionRules/0/pattern"),
                              ({"pattern": "^v(.+)$", "channel": "x", "chanel": "y"}, "/versionRules/0/chanel"), ("x", "/versionRules/0")):
            self.assertEqual(self.ask("PUT", "components/api", {"versionRules": [rule]}, 400)["pointer"], pointer)

    def test_objects_say_when_they_were_made_and_changed(self):
        made = self.make()
        self.assertEqual(made["createdAt"], made["updatedAt"])
        changed = self.ask("PUT", "components/api", {"displayName": "x"})
        self.assertEqual(changed["createdAt"], made["createdAt"])
        self.assertGreaterEqual(changed["updatedAt"], made["updatedAt"])
        for path in ("registries/r", "environments/prod", "components/worker"):
            self.assertRegex(self.ask("GET", path)["createdAt"], r"^20\d\d-")

    def test_a_component_is_made_changed_and_removed(self):
        made = self.make(versioningStrategy={"type": "semver", "tagPattern": "^v"}, defaultChannel="stable",
                         versionRules=[{"pattern": r"^v(\d+\.\d+\.\d+)$", "channel": "stable"}], metadata={"team": "core"})
        self.assertEqual(self.headers["Location"], "/api/v1/components/" + made["id"])
        self.assertEqual(made["id"][14], "7")
        for name, value in {"name": "api", "displayName": "API Service", "managedBy": "api", "metadata": {"team": "core"},
                            "versioningStrategy": {"type": "semver", "tagPattern": "^v"}, "channels": {},
                            "registryIntegrationId": self.ask("GET", "registries/r")["id"],
                            "versionRules": [{"id": made["versionRules"][0]["id"], "componentId": made["id"], "pattern": r"^v(\d+\.\d+\.\d+)$", "channel": "stable",
                                              "prereleasePattern": None}]}.items():
            self.assertEqual(made[name], value, name)
        self.assertNotIn("declaredAt", made)
        wait_for(lambda: self.ask("GET", "components/api")["channels"], what="channels")
        self.assertEqual(self.ask("GET", "components/api")["channels"]["stable"]["tag"], "v1.1.0")
        self.assertEqual([c["name"] for c in self.ask("GET", "components")], ["api", "worker"])
        changed = self.ask("PUT", "components/api", {"displayName": "The API", "versionRules": None, "metadata": {}})
        self.assertEqual((changed["id"], changed["displayName"], changed["metadata"], changed["imageRepository"]),
                         (made["id"], "The API", {}, made["imageRepository"]))
        self.assertNotIn("versionRules", changed)
        wait_for(lambda: "rc" in self.ask("GET", "components/api")["channels"], what="the channel of prereleases")
        self.assertEqual(self.ask("PUT", "components/" + made["id"], self.ask("GET", "components/api"))["displayName"], "The API")
        self.assertEqual(self.ask("DELETE", "components/api"), {"deleted": True})
        self.ask("GET", "components/" + made["id"], wanted=404)
        self.assertEqual([e[0] for e in self.site.events() if e[1] == "api" and e[0].startswith("component")],
                         ["component.created", "component.updated", "component.updated", "component.deleted"])

    def test_it_outlives_a_restart_and_changes_of_specs_without_being_polled_again(self):
        made = self.make()
        wait_for(lambda: self.ask("GET", "components/api")["channels"], what="channels")
        before = self.server.count("/v2/app/api/")
        self.site.write("registry.yaml", self.registry + "# a remark\n")
        self.site.write("other.yaml", self.component("other", ", suspend: true"))
        wait_for(lambda: len(self.ask("GET", "components")) == 3, what="reload")
        self.make("third")
        self.assertEqual(self.server.count("/v2/app/api/"), before)
        self.restart()
        self.assertEqual(self.ask("GET", "components/api")["id"], made["id"])
        wait_for(lambda: self.server.count("/v2/app/api/") > before, what="poll after the restart")

    def test_what_is_wrong_with_a_body_is_told_whole_and_changes_nothing(self):
        for body, pointer in (({"imageRepositroy": "x"}, "/imageRepositroy"),
                              ({"versioningStrategy": {"type": "semvr"}}, "/versioningStrategy/type"),
                              ({"versionRules": [{"pattern": "^v(.*)$", "channel": "a"}, {"pattern": "(", "channel": "b"}]}, "/versionRules/1/pattern"),
                              ({"registryIntegrationId": "none"}, "/registryIntegrationId"),
                              ({"name": "No Name"}, "/name"), ({"platforms": "linux"}, "/platforms"),
                              ({"imageRepository": "other.example.com/app"}, "/registryIntegrationId"), ([], None), ("{", None)):
            whole = {"name": "api", "imageRepository": f"{self.server.host}/app/api", "registryIntegrationId": "r", **body} \
                if isinstance(body, dict) else body
            answer = self.ask("POST", "components", whole, 400)
            self.assertEqual(answer.get("pointer"), pointer, answer)
        answer = self.ask("POST", "components", {"name": "api", "suspend": "no", "interval": "soon"}, 400)
        self.assertEqual(len(answer["errors"]), 3, answer)
        self.assertEqual(answer["errors"][0]["detail"], answer["detail"])
        self.assertEqual(len(self.ask("GET", "components")), 1)
        self.assertEqual({(e["outcome"], e["status"]) for e in self.ask("GET", "audit")["data"]}, {("refused", 400)})

    def test_specs_and_api_do_not_take_each_others_names(self):
        answer = self.make("worker", 409)
        self.assertRegex(answer["detail"], r"declared at .*worker.yaml:1")
        for method, body in (("PUT", {"displayName": "x"}), ("DELETE", None)):
            self.assertRegex(self.ask(method, "components/worker", body, 409)["detail"], r"worker.yaml:1")
        made = self.make()
        self.assertIn(made["id"], self.make(wanted=409)["detail"])
        self.site.write("api.yaml", self.component("api"))
        wait_for(lambda: [c for c in self.ask("GET", "components/api")["conditions"] if c["reason"] == "NameTaken"], what="condition")
        self.assertEqual([c["id"] for c in self.ask("GET", "components") if c["name"] == "api"], [made["id"]])
        self.ask("DELETE", "components/api")
        wait_for(lambda: self.ask("GET", "components/api")["managedBy"] == "spec", what="the document in force")

    def test_only_who_knows_the_state_changes_it(self):
        self.make()
        etag = self.headers["ETag"]
        self.assertRegex(etag, r'^"[0-9a-f]+"$')
        self.ask("PUT", "components/api", {"displayName": "a"}, headers={"If-Match": f'"other", {etag}'})
        answer = self.ask("PUT", "components/api", {"displayName": "b"}, 412, {"If-Match": etag})
        self.assertIn("has changed since", answer["detail"])
        self.ask("DELETE", "components/api", None, 412, {"If-Match": etag})
        self.ask("PUT", "components/api", {"displayName": "c"}, headers={"If-Match": "*"})
        self.ask("GET", "components/api")
        self.ask("DELETE", "components/api", headers={"If-Match": self.headers["ETag"]})

    # --- versions -----------------------------------------------------------------------------------

    def assign(self, wanted=201, **more):
        return self.ask("POST", "version-maps", {"componentId": "worker", "tag": "v1.0.0", "semver": "9.0.0", "channel": "stable", **more}, wanted)

    def heads(self):
        return {name: head["tag"] + " " + head["digest"] for name, head in self.ask("GET", "components/worker")["channels"].items()}

    def test_a_manual_version_wins_and_no_sync_takes_it_away(self):
        before = self.heads()
        made = self.assign()
        digest = self.server.digest("app/worker", "v1.0.0")
        self.assertEqual({k: made[k] for k in ("tag", "digest", "semver", "channel", "source", "prerelease", "buildMetadata")},
                         {"tag": "v1.0.0", "digest": digest, "semver": "9.0.0", "channel": "stable", "source": "manual",
                          "prerelease": False, "buildMetadata": None})
        self.assertEqual(self.heads()["stable"], "v1.0.0 " + digest)
        self.server.push("app/worker", "v1.0.0", "another")
        for force in (False, True):
            self.ask("POST", "components/worker/sync-versions", {"forceRefresh": force})
            versions = {v["digest"]: v for v in self.ask("GET", "components/worker/versions")}
            self.assertEqual((versions[digest]["semver"], versions[digest]["source"]), ("9.0.0", "manual"))
            self.assertEqual(versions[self.server.digest("app/worker", "v1.0.0")]["source"], "auto")
        self.restart()
        self.ask("POST", "components/worker/sync-versions", {"forceRefresh": True})
        self.assertEqual(self.heads()["stable"], "v1.0.0 " + digest)
        self.ask("DELETE", "version-maps/" + made["id"])
        wait_for(lambda: self.heads() == before, what="heads as before")
        auto = self.ask("GET", "components/worker/versions")[0]
        self.assertIn("was not assigned", self.ask("DELETE", "version-maps/" + auto["id"], wanted=409)["detail"])

    def test_a_digest_stands_in_the_channel_that_people_say(self):
        self.assign(tag="v1.1.0", semver="1.1.0", channel="blessed")
        self.assertEqual({name: head.split()[0] for name, head in self.heads().items()},
                         {"stable": "v1.0.0", "rc": "v2.0.0-rc.1", "blessed": "v1.1.0"})
        self.assign(tag="v1.1.0", semver="1.1.0", channel="stable")
        self.assertEqual({name: head.split()[0] for name, head in self.heads().items()}, {"stable": "v1.1.0", "rc": "v2.0.0-rc.1"})

    def test_a_misspelt_channel_of_an_assignment_is_refused_with_the_nearest_one(self):
        problem = self.assign(channel="stabel", wanted=400)
        self.assertEqual(problem["detail"], "component 'worker' has no channel 'stabel'; did you mean 'stable'?")
        self.assertNotIn("stabel", self.heads())

    def test_bad_assignments_are_refused(self):
        for more, wanted, pointer in (({"semver": "one"}, 400, "/semver"), ({"tag": "no tag"}, 400, "/tag"), ({"channel": "A b"}, 400, "/channel"),
                                      ({"tag": "v7.7.7"}, 404, None), ({"componentId": "none"}, 404, None), ({"tag": 7}, 400, "/tag")):
            self.assertEqual(self.assign(wanted, **more).get("pointer"), pointer)
        self.ask("DELETE", "version-maps/none", wanted=404)
        self.assertEqual([v["source"] for v in self.ask("GET", "components/worker/versions")], ["auto"] * 3)

    # --- releases -----------------------------------------------------------------------------------

    def release(self, name="one", wanted=201, headers=None, **more):
        body = {"name": name, "components": [{"componentId": "worker", "version": "^1.0"}], **more}
        return self.ask("POST", "releases", body, wanted, headers)

    def test_a_release_is_made_of_digests_there_and_then(self):
        made = self.make()
        self.server.push("app/worker", "v1.2.0")
        release = self.release(displayName="One", sourceRef={"commitSha": "4f1c"}, metadata={"a": "b"}, components=[
            {"componentId": self.ask("GET", "components/worker")["id"], "version": "^1.0"},
            {"componentId": made["id"], "channel": "rc", "role": "sidecar"}])
        self.assertEqual(self.headers["Location"], "/api/v1/releases/" + release["id"])
        self.assertEqual((release["id"][14], release["status"], release["managedBy"], release["displayName"], release["metadata"]["a"]),
                         ("7", "ready", "api", "One", "b"))
        self.assertEqual([(c["componentName"], c["tag"], c["role"], c["digest"]) for c in release["components"]],
                         [("api", "v2.0.0-rc.1", "sidecar", self.server.digest("app/api", "v2.0.0-rc.1")),
                          ("worker", "v1.2.0", "primary", self.server.digest("app/worker", "v1.2.0"))])
        self.assertEqual(release["createdByName"], f"uid:{os.getuid()}")
        self.assertRegex(release["createdBy"], "^[0-9a-f-]{36}$")
        self.assertIn(f"id: {release['id']}", self.site.lock("one"))
        self.assertEqual(self.ask("GET", "releases/one"), release)
        self.restart()
        self.assertEqual(self.ask("GET", "releases/one"), release)
        self.assertEqual(relman.relmanctl("verify", self.site.lock_path("one"))[0], 0)

    def test_every_way_to_choose_a_version(self):
        digest = self.server.digest("app/worker", "v1.0.0")
        for i, (choice, tag) in enumerate((({}, "v1.1.0"), ({"version": "1.0.0"}, "v1.0.0"), ({"tag": "v2.0.0-rc.1"}, "v2.0.0-rc.1"),
                                           ({"digest": digest}, "v1.0.0"), ({"channel": "rc"}, "v2.0.0-rc.1"), ({"version": None, "channel": None}, "v1.1.0"))):
            made = self.release(f"r{i}", components=[{"componentId": "worker", **choice}])
            self.assertEqual(made["components"][0]["tag"], tag, choice)

    def test_what_cannot_be_resolved_is_told_of_each_and_nothing_is_stored(self):
        self.make()
        answer = self.release(wanted=422, components=[{"componentId": "worker", "version": "7.0.0"}, {"componentId": "api", "tag": "none"}])
        self.assertEqual(len(answer["errors"]), 2, answer)
        self.assertIn("has no version 7.0.0", answer["detail"])
        self.assertIn("component 'api'", answer["errors"][0]["detail"])
        self.assertEqual((answer["pointer"], [e["pointer"] for e in answer["errors"]]), ("/components/1/tag", ["/components/1/tag", "/components/0/version"]))
        self.ask("GET", "releases/one", wanted=404)
        self.assertIsNone(self.site.lock("one"))
        self.assertEqual(self.site.events("release.created"), [])
        # The answer has all faults, including those that only the registry shows.
        answer = self.release(wanted=422, components=[{"componentId": "worker", "version": "7.0.0"}, {"componentId": "api", "digest": "sha256:" + "0" * 64}])
        self.assertEqual(len(answer["errors"]), 2, answer)
        self.assertIn("has no version 7.0.0", answer["detail"])
        self.assertIn("sha256:000", answer["detail"])
        self.assertEqual([e["pointer"] for e in answer["errors"]], ["/components/1/digest", "/components/0/version"])
        # The components are given without a selector, as a list of names, and by a channel of all components.
        for path, body, pointers in (("releases", {"components": [{"componentId": "api", "channel": None}, {"componentId": "worker", "version": "7.0.0"}]}, ["/components/1/version"]),
                                     ("releases/from-latest", {"channel": "none", "componentIds": ["worker", "api"]}, ["/componentIds/1", "/componentIds/0"]),
                                     ("releases/from-latest", {"channel": "none"}, ["/channel", "/channel"])):
            answer = self.ask("POST", path, {"name": "one", **body}, 422)
            self.assertEqual([e["pointer"] for e in answer["errors"]], pointers, answer)
        self.release()

    def test_bad_releases_are_refused(self):
        for more, pointer in (({"components": []}, "/components"), ({"components": [{"componentId": "none"}]}, "/components/0/componentId"),
                              ({"components": [{"componentId": "worker", "digest": "sha256:1"}]}, "/components/0/digest"),
                              ({"components": [{"componentId": "worker", "version": "1", "tag": "v1.0.0"}]}, "/components/0"),
                              ({"components": [{"componentId": "worker", "role": "main"}]}, "/components/0/role"),
                              ({"components": [{"componentId": "worker"}, {}]}, "/components/1"),
                              ({"name": None}, ""), ({"name": "-"}, "/name"), ({"sourceRef": {"commit": "x"}}, "/sourceRef/commit"), ({"colour": 1}, "/colour")):
            self.assertEqual(self.release(wanted=400, **more).get("pointer"), pointer, more)
        self.release()
        self.assertIn("already", self.release(wanted=409)["detail"])

    def test_the_newest_of_all_of_some_and_what_an_environment_runs(self):
        self.make()
        self.server.push("app/worker", "v1.2.0")
        latest = self.ask("POST", "releases/from-latest", {"name": "all"}, 201)
        self.assertEqual([c["tag"] for c in latest["components"]], ["v1.1.0", "v1.2.0"])
        rc = self.ask("POST", "releases/from-latest", {"name": "rc", "channel": "rc", "componentIds": ["api"]}, 201)
        self.assertEqual([c["tag"] for c in rc["components"]], ["v2.0.0-rc.1"])
        self.assertIn("nothing is deployed", self.ask("POST", "releases/from-latest", {"name": "part", "componentIds": ["api"],
                      "pinFrom": {"environmentId": "prod"}}, 422)["detail"])
        self.ask("POST", "releases/all/promote", {"environmentId": "prod"}, 202)
        wait_for(lambda: (self.ask("GET", "environments/prod")["state"] or {}).get("status") == "deployed", what="deployment")
        for name in ("api", "worker"):
            self.server.push(f"app/{name}", "v1.3.0")
        part = self.ask("POST", "releases/from-latest", {"name": "part", "componentIds": ["api"], "pinFrom": {"environmentId": "prod"}}, 201)
        self.assertEqual([c["tag"] for c in part["components"]], ["v1.3.0", "v1.2.0"])
        for body, pointer in (({"componentIds": ["none"]}, "/componentIds/0"), ({"componentIds": []}, "/componentIds"),
                              ({"pinFrom": {"environmentId": "none"}}, "/pinFrom/environmentId"), ({"channel": "A b"}, "")):
            self.assertEqual(self.ask("POST", "releases/from-latest", {"name": "x", **body}, 400).get("pointer"), pointer, body)

    def test_what_is_said_of_a_release_changes_and_its_digests_do_not(self):
        made = self.release()
        etag = self.headers["ETag"]
        changed = self.ask("PUT", "releases/one", {"displayName": "First", "metadata": {"x": "y"}}, headers={"If-Match": etag})
        self.assertEqual((changed["displayName"], changed["metadata"], changed["components"]), ("First", {"x": "y"}, made["components"]))
        self.ask("PUT", "releases/one", {"displayName": "Second"}, 412, {"If-Match": etag})
        wait_for(lambda: "displayName: First" in self.site.lock("one"), what="lockfile")
        # an alert uses this metric
        self.assertIn("\nrelman_locks_failed_total 0\n", self.site.call("GET", "/metrics")[1])
        for body, wanted in (({"status": "draft"}, 409), ({"status": "deployed"}, 409), ({"status": "promoting"}, 409), ({"status": "gone"}, 400),
                             ({"digest": "x"}, 400), ({"metadata": {"a": 1}}, 400), ({"displayName": "x", "status": "draft"}, 409)):
            answer = self.ask("PUT", "releases/one", body, wanted)
        self.assertIn("promoting, deprecated, archived", answer["detail"])
        self.assertEqual(self.ask("GET", "releases/one"), changed)
        self.ask("DELETE", "releases/one", wanted=409)
        self.assertEqual(self.ask("PUT", "releases/one", {"status": "archived"})["status"], "archived")
        wait_for(lambda: self.site.lock("one") is None, what="lockfile gone")
        self.assertEqual(self.ask("PUT", "releases/one", {"status": "ready"})["status"], "ready")
        wait_for(lambda: self.site.lock("one"), what="lockfile back")
        self.assertEqual(self.ask("PUT", "releases/one", {"status": "deprecated"})["status"], "deprecated")
        self.ask("PUT", "releases/one", {"status": "archived"})
        self.assertEqual(self.ask("DELETE", "releases/one"), {"deleted": True})
        self.ask("GET", "releases/one", wanted=404)
        self.release()

    def test_all_that_a_request_changes_of_a_release_is_changed_or_nothing_is(self):
        self.release()
        self.ask("POST", "releases/one/promote", {"environmentId": "prod"}, 202)
        self.ask("POST", "releases/one/deprecate", {})
        before = self.ask("GET", "releases/one"), self.accepted(), self.site.events()
        everything = {"displayName": "First", "metadata": {"x": "y"}, "status": "archived"}
        for headers in ({}, {"Idempotency-Key": "k"}):
            self.assertIn("release 'one' is in environment 'prod'", self.ask("PUT", "releases/one", everything, 409, headers)["detail"])
        self.assertEqual((self.ask("GET", "releases/one"), self.accepted(), self.site.events()), before)
        self.release("two")
        self.ask("POST", "releases/two/promote", {"environmentId": "prod"}, 202)
        # The key of a refused request can be used again. A later success is stored once, with its answer.
        n = len(self.ask("GET", "audit")["data"])
        changed = self.ask("PUT", "releases/one", everything, headers={"Idempotency-Key": "k"})
        self.assertEqual((changed["displayName"], changed["metadata"], changed["status"]), ("First", {"x": "y"}, "archived"))
        self.assertEqual(self.ask("PUT", "releases/one", everything, headers={"Idempotency-Key": "k"}), changed)
        self.assertEqual(self.headers["Idempotency-Replayed"], "true")
        self.assertEqual([e["action"] for e in self.ask("GET", "audit")["data"][n:]], ["PUT /api/v1/releases/one"])
        self.assertEqual(len(self.site.events("release.archived")), 1)
        wait_for(lambda: self.site.lock("one") is None, what="lockfile gone")

    def test_a_key_that_changed_nothing_is_used_up_too(self):
        self.release()
        same = {"status": "ready"}
        for _ in range(2):
            self.assertEqual(self.ask("PUT", "releases/one", same, headers={"Idempotency-Key": "k"})["status"], "ready")
        self.assertEqual(self.headers["Idempotency-Replayed"], "true")
        self.ask("PUT", "releases/one", {"status": "archived"})
        self.assertEqual(self.ask("PUT", "releases/one", same, headers={"Idempotency-Key": "k"})["status"], "archived")

    def test_a_declared_release_is_changed_where_it_is_declared(self):
        self.site.write("two.yaml", "apiVersion: relman/v1\nkind: Release\nmetadata: {name: two}\nspec: {mode: full}\n---\n"
                                    "apiVersion: relman/v1\nkind: Release\nmetadata: {name: draft}\n"
                                    "spec: {mode: pinned, components: [{name: worker, version: 9.9.9}]}\n")
        wait_for(lambda: self.site.lock("two"), what="lockfile")
        for name, method, body in (("two", "PUT", {"displayName": "x"}), ("two", "PUT", {"status": "archived"}), ("draft", "DELETE", None)):
            self.assertIn("two.yaml", self.ask(method, f"releases/{name}", body, 409)["detail"])
        self.assertRegex(self.release("two", 409)["detail"], "two.yaml:1")
        self.release("one")
        self.site.write("one.yaml", "apiVersion: relman/v1\nkind: Release\nmetadata: {name: one}\nspec: {mode: full}\n")
        wait_for(lambda: [c for c in self.ask("GET", "releases/one")["conditions"] if c["reason"] == "NameTaken"], what="condition")
        self.assertEqual(self.ask("GET", "releases/one")["managedBy"], "api")

    def test_reloads_and_stops_while_a_release_is_being_made(self):
        entered, gate = threading.Event(), threading.Event()
        self.addCleanup(gate.set)

        def slow(handler):
            entered.set()
            gate.wait(20)
            self.server.serve(handler, "/v2/app/worker/tags/list")
        self.server.answers["GET /v2/app/worker/tags/list"] = slow
        results = []
        body = {"name": "one", "components": [{"componentId": "worker"}]}
        thread = threading.Thread(target=lambda: results.append(self.site.call("POST", "/api/v1/releases", body, {"Idempotency-Key": "k"})))
        thread.start()
        self.assertTrue(entered.wait(5))
        self.assertIn("being made", self.release(wanted=409)["detail"])
        self.assertIn("under way", self.ask("POST", "releases", body, 409, {"Idempotency-Key": "k"})["detail"])
        self.site.write("other.yaml", self.component("other", ", suspend: true"))
        wait_for(lambda: len(self.ask("GET", "components")) == 2, what="reload")
        del self.server.answers["GET /v2/app/worker/tags/list"]
        gate.set()
        thread.join(20)
        self.assertEqual(results[0][0], 201, results)

    # --- checks of bodies ---------------------------------------------------------------------------

    def refused(self, method, path, body, pointer, says):
        answer = self.ask(method, path, body, 400)
        fault = (answer["pointer"], answer["detail"])
        if "errors" in answer:
            fault = (answer["errors"][0].get("pointer"), answer["errors"][0]["detail"])
        self.assertEqual(fault, (pointer, says), answer)

    def test_a_number_is_no_text_and_its_own_text_is_told(self):
        """As a number, 1.10 would be 1.1, which is another version."""
        component = {"name": "x", "imageRepository": f"{self.server.host}/app/x"}
        for method, path, body, pointer, name in (
                ("POST", "releases", '{"name":"r","components":[{"componentId":"worker","version":1.10}]}', "/components/0/version", 'field "version"'),
                ("POST", "releases", '{"name":"r","components":[{"componentId":1.10}]}', "/components/0/componentId", "body: componentId"),
                ("POST", "releases", '{"name":1.10,"components":[{"componentId":"worker"}]}', "/name", 'field "name"'),
                ("POST", "releases", '{"name":"r","sourceRef":{"buildId":1.10},"components":[{"componentId":"worker"}]}', "/sourceRef/buildId", 'field "buildId"'),
                ("POST", "releases", '{"name":"r","metadata":{"a":1.10},"components":[{"componentId":"worker"}]}', "/metadata/a", 'field "labels"'),
                ("POST", "releases/from-latest", '{"name":"r","channel":1.10}', "/channel", "body: channel"),
                ("POST", "releases/from-latest", '{"name":"r","componentIds":[1.10]}', "/componentIds/0", "body: componentId"),
                ("POST", "releases/from-latest", '{"name":"r","pinFrom":{"environmentId":1.10}}', "/pinFrom/environmentId", "body: environmentId"),
                ("POST", "version-maps", '{"componentId":"worker","tag":"v1.0.0","semver":1.10}', "/semver", "body: semver"),
                ("POST", "environments/prod/hold", '{"reason":1.10}', "/reason", "body: reason"),
                ("POST", "components", json.dumps({**component, "displayName": 0}).replace("0}", "1.10}"), "/displayName", 'field "displayName"'),
                ("POST", "components", json.dumps({**component, "registryIntegrationId": 0}).replace("0}", "1.10}"), "/registryIntegrationId", "body: registryIntegrationId"),
                ("POST", "components", json.dumps({**component, "versioningStrategy": {"type": 0}}).replace("0}}", "1.10}}"), "/versioningStrategy/type", 'field "type"'),
                ("POST", "specs/plan", '{"documents":[{"apiVersion":"relman/v1","kind":"Release","metadata":{"name":"r"},"spec":{"components":[{"name":"worker","version":1.10}]}}]}',
                 "/documents/0/spec/components/0/version", 'field "version"')):
            with self.subTest(path=path, pointer=pointer):
                self.refused(method, path, body, pointer, f'{name} must be a string: write "1.10"')
        self.release()
        self.refused("PUT", "releases/one", '{"metadata":{"a":true}}', "/metadata/a", 'body: a must be a string: write "true"')
        self.assertEqual(self.ask("POST", "components/worker/sync-versions", {"forceRefresh": True})["synced"], 3)

    def test_a_name_leaves_room_for_what_stands_behind_it_in_names_of_files(self):
        for kind, body in (("releases", {"components": [{"componentId": "worker", "version": "1.0.0"}]}),
                           ("components", {"imageRepository": f"{self.server.host}/app/x"})):
            self.assertIn("metadata.name has 241 characters: names of lockfiles are made of it, so it may have 240",
                          json.dumps(self.ask("POST", kind, {"name": "n" * 241, **body}, 400)))
            self.ask("POST", kind, {"name": "n" * 240, **body}, 201)
        wait_for(lambda: self.site.lock("n" * 240), 5, "the lockfile")

    def test_text_is_printable(self):
        """Control characters are refused, because texts are written to lockfiles, events and terminals."""
        self.release()
        c1, says = "a\u009bb", "body: a text must not hold U+009B (control character), which it does at byte 1"
        component = {"name": "x", "imageRepository": f"{self.server.host}/app/x"}
        for method, path, body, pointer in (
                ("POST", "releases", {"name": "r", "displayName": c1, "components": [{"componentId": "worker"}]}, "/displayName"),
                ("POST", "releases", {"name": "r", "metadata": {"k": c1}, "components": [{"componentId": "worker"}]}, "/metadata/k"),
                ("POST", "releases", {"name": "r", "metadata": {c1: "v"}, "components": [{"componentId": "worker"}]}, "/metadata"),
                ("POST", "releases", {"name": "r", "sourceRef": {"commitSha": c1}, "components": [{"componentId": "worker"}]}, "/sourceRef/commitSha"),
                ("PUT", "releases/one", {"displayName": c1}, "/displayName"),
                ("POST", "releases/one/deprecate", {"reason": c1}, "/reason"),
                ("POST", "environments/prod/confirm", {"evidenceRef": c1}, "/evidenceRef"),
                ("POST", "environments/prod/confirm", {"status": "failed", "reason": c1}, "/reason"),
                ("POST", "environments/prod/hold", {"reason": c1}, "/reason"),
                ("POST", "version-maps", {"componentId": "worker", "tag": "v1.0.0", "semver": c1}, "/semver"),
                ("POST", "version-maps", {"componentId": "worker", "tag": "v1.0.0", "semver": "1.0.0", "channel": c1}, "/channel"),
                ("POST", "components", {**component, "deploymentTemplate": c1}, "/deploymentTemplate"),
                ("POST", "components", {**component, c1: 1}, ""),
                ("POST", "specs/plan", {"documents": [{"kind": c1}]}, "/documents/0/kind")):
            with self.subTest(path=path, pointer=pointer):
                self.refused(method, path, body, pointer, says)
        for text, fault in (("\\ufffe", "U+FFFE (noncharacter)"), ("\\n", "U+000A (control character)"), ("\\u001b[31m", "U+001B (control character)"),
                            ("\\u2028", "U+2028 (line separator)"), ("\\u202e", "U+202E (bidirectional control)"), ("\\u2066", "U+2066 (bidirectional control)"), (b"\xff", "byte 0xFF (invalid UTF-8)"), (b"\xc3", "byte 0xC3 (invalid UTF-8)")):
            body = b'{"reason":"' + (text if isinstance(text, bytes) else text.encode()) + b'"}'
            self.refused("POST", "releases/one/deprecate", body, "/reason", f"body: a text must not hold {fault}, which it does at byte 0")
        self.refused("POST", "specs/plan", {"documents": [{"apiVersion": "relman/v1", "kind": "Environment", "metadata": {"name": "x", "displayName": "\u202etxt"}}]},
                     "/documents/0/metadata/displayName", 'field "displayName": bidirectional control U+202E at byte 0 of the text; leave it out')
        self.refused("POST", "version-maps", {"componentId": "worker", "tag": "v1.0.0", "semver": "1\u202e2"}, "/semver", "body: a text must not hold U+202E (bidirectional control), which it does at byte 1")
        self.assertEqual(self.ask("GET", "releases/one")["status"], "ready")

    def test_an_assigned_version_holds_no_white_space_whatever_the_strategy(self):
        self.site.write("worker.yaml", self.component("worker", ", versioningStrategy: {type: lexical}"))
        wait_for(lambda: self.ask("GET", "components/worker")["versioningStrategy"]["type"] == "lexical", what="lexical")
        self.refused("POST", "version-maps", {"componentId": "worker", "tag": "v1.0.0", "semver": "1 LD_PRELOAD=x"}, "/semver",
                     "semver '1 LD_PRELOAD=x': a version holds no white space")
        self.ask("POST", "version-maps", {"componentId": "worker", "tag": "v1.0.0", "semver": "1_\u00fc"}, 201)
        path = self.site.write("worker.yaml", self.component("worker", ", versioningStrategy: {type: lexical}, versions: [{tag: v1.0.0, semver: \"1 2\"}]"))
        self.assertIn("versions: semver \"1 2\" of tag 'v1.0.0': a version holds no white space", relman.relmanctl("lint", path)[1])

    def test_the_body_of_a_plan_is_read_as_strictly_as_any(self):
        """The complete body is checked, although each document is parsed alone."""
        too_many = '{"documents":[{"a":[' + "1," * 100001 + "1]}]}"
        for body, says, pointer in (
                ("[]", "body: a JSON object is wanted", None), ("x", "body: not valid JSON at byte 0", None), ('{"documents"', "body: not valid JSON at byte 12", None),
                ('{"documents":', "body: not valid JSON at byte 13", None), ('{"documents":[', "body: not valid JSON at byte 14", None),
                ('{"documents":[{"a":1}', "body: not valid JSON at byte 21", None), ('{"documents":[{"a":"}]}', "body: not valid JSON at byte 23", None),
                ('{"documents":[{"a":1},]}', "body: not valid JSON at byte 22", None), ('{"documents":[{"a":1} {}]}', "body: not valid JSON at byte 22", None),
                ('{"documents":[]', "body: not valid JSON at byte 15", None), ('{"documents":[]]', "body: not valid JSON at byte 15", None),
                ('{"documents":[]} {}', "body: more after the JSON value at byte 17", None), ('{"documents":[],}', "body: not valid JSON at byte 16", None),
                ('{"documents":[],"documents":[]}', 'body: repeated key "documents" in JSON', None),
                ('{"documents":[],"x":1}', 'body: unknown field "x"', "/x"), ('{"document":[]}', 'body: unknown field "document"; did you mean "documents"?', "/document"),
                ('{"docu\x00ments":[]}', "NUL byte in JSON at byte 6", None), ('{"' + "k" * 5000 + '":1}', "body: unknown field of 5002 bytes", None),
                ('{"documents":{}}', "documents: a list of documents", None), ('{"documents":[1]}', "documents: a list of documents", None),
                ('{"documents":[{"a":1},{"a":1 2}]}', "body: document at byte 22: not valid JSON", "/documents/1"),
                ('{"documents":[{"a":1,"a":2}]}', 'repeated key "a" in JSON', "/documents/0"),
                ('{"documents":[{"a":"\\u0000"}]}', "NUL in JSON text", "/documents/0"),
                ('{"documents":[{},{"\\u009b":1}]}', "body: a text must not hold U+009B", "/documents/1"),
                (too_many, "body: a document has more than 4194304 bytes, or more than 100000 values", "/documents/0"),
                ('{"documents":[{"a":"' + "x" * 4194304 + '"}]}', "body: a document has more than 4194304 bytes", "/documents/0")):
            with self.subTest(body[:40]):
                answer = self.ask("POST", "specs/plan", body.encode(), 400)
                self.assertIn(says, answer["detail"])
                self.assertEqual(answer.get("pointer"), pointer)
        for body in ("", " ", "{}", ' { "documents" : [ ] } ', '{"\\u0064ocuments":[]}'):
            if body != " ":
                self.assertEqual(self.ask("POST", "specs/plan", body.encode(), 200)["objects"], self.ask("POST", "specs/plan", {}, 200)["objects"])

    def test_a_fault_of_a_plan_has_the_pointer_of_its_member(self):
        """The pointer must be correct, although other documents were read and freed."""
        def document(i, **more):
            return {"apiVersion": "relman/v1", "kind": "Component", "metadata": {"name": f"c{i}"},
                    "spec": {"imageRepository": "h.example/c", "ignoreTags": ["^a", "^b"], **more}}
        documents = [document(0), document(1, ignoreTag=["x"]), document(2), document(3, suspend=[1]), document(4)]
        answer = self.ask("POST", "specs/plan", {"documents": documents}, 400)
        self.assertEqual([e["pointer"] for e in answer["errors"]], ["/documents/1/spec/ignoreTag", "/documents/3/spec/suspend"])

    def test_many_faults_are_bounded_in_an_answer(self):
        """The work for many unknown fields must stay small."""
        many = {f"{i:06}": 1 for i in range(60000)}
        answer = self.ask("POST", "specs/plan", {"documents": [many]}, 400)
        self.assertIn("59980 more unknown fields in document", [e["detail"] for e in answer["errors"]])
        answer = self.ask("POST", "specs/plan", {"documents": [{f"{i}": 1} for i in range(5000)]}, 400)
        self.assertEqual((len(answer["errors"]), answer["moreErrors"]), (100, 3 * 5000 - 100))
        self.assertEqual(answer["errors"][-1]["pointer"], "/documents/33")
        self.assertIn("60000 fields; a component has no more than 256", self.ask("POST", "components", many, 400)["detail"])
        answer = self.ask("POST", "releases", ('{"' + "\u00e9" * 400000 + '":1}').encode(), 400)
        self.assertTrue(answer["detail"].endswith("\u00e9..."), answer["detail"][-20:])

    # --- idempotency and audit ----------------------------------------------------------------------

    def test_a_request_sent_twice_is_carried_out_once(self):
        key = {"Idempotency-Key": "8e03978e"}
        made = self.make(headers=key)
        self.assertEqual(self.make(headers=key)["id"], made["id"])
        self.assertEqual(self.headers["Idempotency-Replayed"], "true")
        self.assertIn("another request", self.make(wanted=422, headers=key, deploymentTemplate="x")["detail"])
        release = self.release(headers={"Idempotency-Key": "two"})
        self.restart()
        self.assertEqual(self.release(headers={"Idempotency-Key": "two"})["id"], release["id"])
        version = self.ask("POST", "version-maps", {"componentId": "worker", "tag": "v1.0.0", "semver": "9.0.0"}, 201, {"Idempotency-Key": "3"})
        self.assertEqual(self.ask("POST", "version-maps", {"componentId": "worker", "tag": "v1.0.0", "semver": "9.0.0"}, 201, {"Idempotency-Key": "3"}), version)
        for _ in range(2):
            self.ask("POST", "releases/one/promote", {"environmentId": "prod"}, 202, {"Idempotency-Key": "4"})
        self.assertEqual(len(self.site.events("component.created")), 2)
        self.assertEqual(self.accepted(),
                         ["POST /api/v1/components", "POST /api/v1/releases", "POST /api/v1/version-maps", "POST /api/v1/releases/one/promote"])
        for bad in ("", "a b", "x" * 256):
            self.make("other", 400, {"Idempotency-Key": bad})

    def test_every_write_is_audited(self):
        self.make()
        self.ask("PUT", "components/api", {"displayName": "x"})
        self.release()
        self.ask("PUT", "releases/one", {"displayName": "x", "status": "deprecated"})
        self.ask("POST", "releases/one/archive", {})
        self.ask("DELETE", "releases/one")
        self.ask("POST", "components/worker/sync-versions", {})
        self.ask("POST", "specs/confirm-prune", {})
        self.ask("DELETE", "components/api")
        entries = self.ask("GET", "audit")["data"]
        self.assertEqual([(e["action"], e["objectName"], e["release"]) for e in entries],
                         [("POST /api/v1/components", "api", None), ("PUT /api/v1/components/api", "api", None), ("POST /api/v1/releases", "one", "one"),
                          ("PUT /api/v1/releases/one", "one", "one"), ("POST /api/v1/releases/one/archive", "one", "one"),
                          ("DELETE /api/v1/releases/one", "one", "one"), ("POST /api/v1/components/worker/sync-versions", "worker", None),
                          ("POST /api/v1/specs/confirm-prune", "", None), ("DELETE /api/v1/components/api", "api", None)])
        self.assertEqual({(e["principal"], e["person"], e["origin"]) for e in entries}, {(f"uid:{os.getuid()}", pwd.getpwuid(os.getuid()).pw_name, "unix")})
        self.assertEqual({(e["outcome"], e["status"], e["detail"]) for e in entries}, {("accepted", None, None)})
        page = self.ask("GET", f"audit?limit=4&after={entries[3]['sequence']}")
        self.assertEqual((page["data"], page["meta"]), (entries[4:8], {"next": entries[7]["sequence"]}))

    def test_a_command_that_is_refused_has_a_row_too_and_a_read_has_none(self):
        self.release()
        promoted = {"environmentId": "prod"}
        self.ask("POST", "releases/one/promote", promoted, 202)
        n = len(self.ask("GET", "audit")["data"])
        refused = (("POST", "releases/one/archive", {}, 409, "Release", "one", "one", "release 'one' is in environment 'prod'"),
                   ("POST", "releases/none/promote", promoted, 404, "Release", "none", "none", "there is no release 'none'"),
                   ("POST", "releases/one/promote", {"environmentId": "none"}, 404, "Release", "one", "one", "there is no environment 'none'"),
                   ("POST", "environments/prod/approve", {"releaseId": "one"}, 409, "Environment", "prod", "one", "environment 'prod' asks for no approvals"),
                   ("POST", "environments/prod/hold", {"raeson": "x"}, 400, "Environment", "prod", None, "body: unknown field \"raeson\""),
                   ("POST", "releases", {"name": "two", "components": []}, 400, "Release", "two", "two", "body: components is a list"),
                   ("POST", "components", "{", 400, "Component", "", None, "body: "),
                   ("DELETE", "components/worker", None, 409, "Component", "worker", None, "component 'worker' is declared"),
                   ("POST", "components", {"name": "a\x1b[31m"}, 400, "Component", "a\\x1B[31m", None, ""))
        for method, path, body, status, *_ in refused:
            self.ask(method, path, body, status, {"Idempotency-Key": "k"})
        for path in ("audit", "releases/none", "components", "environments/prod/history", "events"):
            self.ask("GET", path, wanted=404 if "none" in path else 200)
        self.ask("POST", "specs/plan", {"documents": []})
        self.ask("POST", "nothing", {}, 404)
        entries = self.ask("GET", "audit")["data"][n:]
        self.assertEqual([(e["action"].split()[0], e["outcome"], e["status"], e["kind"], e["objectName"], e["release"]) for e in entries],
                         [(method, "refused", status, kind, name, release) for method, _, _, status, kind, name, release, _ in refused])
        for entry, (*_, detail) in zip(entries, refused):
            self.assertTrue(entry["detail"].startswith(detail), entry)

    def test_a_command_that_fails_has_a_row_with_its_status(self):
        self.server.answers["/v2/app/worker/tags/list"] = lambda handler: handler.reply(200, "<html>")
        answer = self.ask("POST", "components/worker/sync-versions", {}, 502)
        entry, = self.ask("GET", "audit")["data"]
        self.assertEqual((entry["outcome"], entry["status"], entry["objectName"]), ("failed", 502, "worker"))
        self.assertEqual(entry["detail"], answer["detail"].split("\n")[0])

    def test_refused_commands_do_not_fill_the_database(self):
        for i in range(70):
            self.ask("DELETE", f"releases/none-{i}", wanted=404)
        names = [e["objectName"] for e in self.ask("GET", "audit?limit=1000")["data"]]
        self.assertEqual(names, [f"none-{i}" for i in range(len(names))])
        self.assertIn(len(names), (60, 70))  # 70 if a new minute began during the loop
        if len(names) == 60:
            self.assertEqual(self.site.log.count("60 commands of"), 1)
        self.release()
        self.assertEqual(len(self.accepted()), 1)

    def test_other_methods_are_told_which_there_are(self):
        self.ask("PATCH", "releases/one", {}, 405)
        self.assertEqual(self.headers["Allow"], "GET, HEAD, PUT, DELETE")


if __name__ == "__main__":
    relman.main()
