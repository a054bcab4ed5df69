#!/usr/bin/env python3
"""Asks what environments had at an earlier time, on a real registry."""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import DockerRegistry  # noqa: E402
from relman import SiteCase, document, documents, wait_for  # noqa: E402

CONFIG = "poll: {interval: 1h, jitter: 0%}\n"
PAST = "2020-01-01T00:00:00Z"


def now():
    """Returns the time in seconds, as relmand stores it, and waits until the next second."""
    text = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    while time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()) == text:
        time.sleep(0.02)
    return text


class Case(SiteCase):
    """Helpers for a shop with one component and releases one, two and three."""

    def setUp(self):
        super().setUp()
        self.registry = DockerRegistry()
        self.addCleanup(self.registry.close)
        for version in ("v1.0.0", "v1.1.0", "v1.2.0"):
            self.registry.push("app/api", version)

    def start(self, config=CONFIG, **environments):
        self.specs(**environments)
        self.site.start(config)
        self.wait_for_versions()
        for name, version in (("one", "1.0.0"), ("two", "1.1.0"), ("three", "1.2.0")):
            self.ctl("create", "release", name, "api=" + version)

    def specs(self, **environments):
        self.site.write("all.yaml", documents(*(document("Environment", name, spec) for name, spec in environments.items()),
                                              registry=self.registry, components=("api",)))

    def wait_for_versions(self):
        wait_for(lambda: len(self.get("components/api/versions")) == 3, 20, "versions")

    def promote(self, release, environment="prod"):
        self.ctl("promote", release, environment)

    def promote_deployed(self, release, environment="prod"):
        self.ctl("promote", release, environment, "--wait")

    def at(self, when, name="prod"):
        state = self.get(f"environments/{name}?asOf={when}")["state"]
        return state and (state["release"], state["status"], state["deployedRelease"])


class AsOf(Case):
    def test_the_state_at_each_time_is_told_again_also_after_a_restart(self):
        self.start(prod="confirm: manual", dev="")
        before = now()
        self.promote("one")
        promoting = now()
        self.ctl("confirm", "prod")
        deployed = now()
        self.promote("two")
        second = now()
        self.ctl("cancel", "prod")
        canceled = now()
        wanted = {PAST: None, before: None, promoting: ("one", "promoting", None), deployed: ("one", "deployed", "one"),
                  second: ("two", "promoting", "one"), canceled: ("one", "deployed", "one")}
        for _ in range(2):
            self.assertEqual({when: self.at(when) for when in wanted}, wanted)
            self.site.process.kill()
            self.site.process.wait()
            self.site.start(CONFIG)
        listed = self.get(f"environments?asOf={second}")
        self.assertEqual([(e["name"], e["asOf"], e["removed"], (e["state"] or {}).get("release"), e["hold"], e["pending"], e["conditions"]) for e in listed],
                         [("dev", second, False, None, None, None, []), ("prod", second, False, "two", None, None, [])])
        self.assertNotIn("asOf", self.get("environments/prod"))
        status, page, headers = self.site.call("GET", f"/api/v1/environments?limit=1&asOf={second}")
        self.assertEqual([e["name"] for e in page], ["dev"])
        self.assertIn(f"asOf={second.replace(':', '%3A')}", headers["Link"])
        user = f"uid:{os.getuid()}"
        table = self.ctl("get", "environments", "--as-of", second)
        self.assertRegex(table, rf"\Aas of {second}:\nNAME +RELEASE +STATUS +SINCE +BY +DEPLOYED *\n"
                                rf"dev +- +- +- +- +- *\nprod +two +promoting +\S+ +{user} +one *\n\Z")
        self.assertEqual(self.ctl("status", "--as-of", second), table)
        self.assertRegex(self.ctl("get", "environment", "prod", "--as-of", PAST), rf"\Aas of {PAST}:\n.*\nprod +- +- ")
        self.assertEqual(self.ctl("get", "environments", "--as-of", second, "-o", "name"), "environment/dev\nenvironment/prod\n")
        self.assertEqual(json.loads(self.ctl("status", "--as-of", second, "-o", "json")), listed)
        digest = self.get("releases/two")["components"][0]["digest"]
        described = self.ctl("describe", "environment", "prod", "--as-of", second)
        self.assertTrue(described.startswith(f"# as of {second}; what is declared is that of today\n"), described)
        self.assertRegex(described, rf"\n\ncomponents:\nNAME .*\napi +1.1.0 +v1.1.0 +{digest}")
        self.assertNotIn("history", described)
        self.assertIn("as of ", self.ctl("get", "environments", "--as-of", "1h"))

    def test_a_removed_environment_is_found_by_its_name(self):
        self.start(prod="", dev="")
        self.promote_deployed("one")
        then = now()
        self.specs(dev="")
        wait_for(lambda: self.site.call("GET", "/api/v1/environments/prod")[0] == 404, 20, "removal")
        found = self.get(f"environments/prod?asOf={then}")
        self.assertEqual((found["name"], found["removed"], found["state"]["release"], found["state"]["status"]), ("prod", True, "one", "deployed"))
        self.assertIn("removed: true\n", self.ctl("describe", "environment", "prod", "--as-of", then))
        self.assertEqual([e["name"] for e in self.get(f"environments?asOf={then}")], ["dev"])
        self.assertIn("there is no environment 'prod' in tenant 'default'", self.ctl("get", "environment", "prod", "--as-of", PAST, wanted=1))
        self.assertIn("there is no environment 'none' in tenant 'default'", self.ctl("get", "environment", "none", "--as-of", then, wanted=1))
        # another tenant has had no environment of this name, nor one with its id
        for name in ("prod", found["id"]):
            self.assertEqual(self.site.call("GET", f"/api/v1/environments/{name}?asOf={then}&tenant=other")[0], 404)
        # declared again, it has nothing
        now()
        self.specs(dev="", prod="")
        wait_for(lambda: self.site.call("GET", "/api/v1/environments/prod")[0] == 200, 20, "return")
        self.assertEqual((self.at(now()), self.at(then)), (None, ("one", "deployed", "one")))

    def test_bad_times_are_refused(self):
        self.start(prod="")
        future = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        for query, detail in ((f"asOf={future}", "parameter asOf: a time in the past, not in the future"),
                              ("asOf=x", "parameter asOf: a time such as 2026-11-24T12:00:00Z")):
            for path in ("environments", "environments/prod"):
                status, answer, _ = self.site.call("GET", f"/api/v1/{path}?{query}")
                self.assertEqual((status, answer["detail"]), (400, detail))
        self.assertIn("in the future", self.ctl("get", "environments", "--as-of", future, wanted=1))
        for call in (("get", "environments"), ("describe", "environment", "prod"), ("status",)):
            self.assertIn("--as-of takes a time (2026-11-28T12:00:00Z)", self.ctl(*call, "--as-of", "tuesday", wanted=2))
        self.assertIn("--as-of goes with an environment", self.ctl("describe", "release", "one", "--as-of", "1h", wanted=2))
        self.assertIn("--as-of", self.ctl("get", "releases", "--as-of", "1h", wanted=2))


if __name__ == "__main__":
    relman.main()
