#!/usr/bin/env python3
"""Specs that are read again while requests are in flight: nothing is made from what the specs were before."""

import json
import os
import sys
import threading
import unittest

import yaml

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import Site, document, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

MANIFESTS = r"/v2/app/api/manifests/sha256:"


class InFlight(unittest.TestCase):
    """One component in one registry, whose answers about digests are held back."""

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.server = StandIn()
        self.addCleanup(self.server.close)
        self.server.push("app/api", "v1.0.0")
        self.server.push("app/api", "v2.0.0")
        self.registry()
        self.component()

    def registry(self, spec=""):
        self.site.write("r.yaml", document("Registry", "r", f"url: '{self.server.url}'{spec}"))

    def component(self, spec=""):
        self.site.write("c.yaml", document("Component", "api", f"imageRepository: {self.server.host}/app/api{spec}"))

    def lock(self, path):
        with open(os.path.join(self.site.locks, "default", path)) as f:
            return yaml.safe_load(f)

    def versions(self, name):
        """Waits for the lockfile of a release; what it holds."""
        wait_for(lambda: self.site.lock(name), what=f"release '{name}'")
        return {c["name"]: c["semver"] for c in self.lock(f"releases/{name}.lock.yaml")["components"]}

    def create(self, **body):
        """Asks for a release and does not wait; the answer is self.answer after self.thread has ended."""
        def ask():
            self.answer = self.site.call("POST", "/api/v1/releases", body)
        self.thread = threading.Thread(target=ask, daemon=True)
        self.thread.start()

    def answered(self):
        self.thread.join(10)
        self.assertFalse(self.thread.is_alive(), self.site.log)
        return self.answer[:2]

    def draft(self):
        self.site.write("v.yaml", document("Release", "one", "mode: full"))
        hold = self.server.hold(MANIFESTS)
        self.site.start()
        hold.wait()
        return hold

    # --- drafts ------------------------------------------------------------------------------------

    def test_a_draft_is_resolved_again_when_its_registry_changes(self):
        hold = self.draft()
        self.registry(", limits: {timeout: 20s}")
        hold.wait(2)
        hold.release()
        self.assertEqual(self.versions("one"), {"api": "2.0.0"})

    def test_a_draft_whose_registry_is_removed_asks_without_it(self):
        hold = self.draft()
        self.site.remove("r.yaml")  # a registry that nobody declares is asked by https, which the stand-in does not speak
        wait_for(lambda: self.site.query("SELECT 1 FROM conditions WHERE reason='Unresolved'"), 20, "a reason")
        self.assertIsNone(self.site.lock("one"))
        hold.release()
        self.registry()
        self.assertEqual(self.versions("one"), {"api": "2.0.0"})

    def test_a_draft_is_resolved_again_when_the_rules_of_its_component_change(self):
        hold = self.draft()
        self.component(", ignoreTags: ['^v2']")
        hold.wait(2)
        hold.release()
        self.assertEqual(self.versions("one"), {"api": "1.0.0"})

    def test_a_draft_is_resolved_again_when_a_component_comes_or_goes(self):
        self.server.push("app/web", "v1.0.0")
        hold = self.draft()
        self.site.write("d.yaml", document("Component", "web", f"imageRepository: {self.server.host}/app/web"))
        hold.wait(2)
        self.site.remove("c.yaml")
        self.assertEqual(self.versions("one"), {"web": "1.0.0"})
        hold.release()

    def test_a_draft_goes_on_when_another_document_changes(self):
        hold = self.draft()
        self.site.write("other.yaml", document("Environment", "prod", "release: one"))
        wait_for(lambda: self.site.query("SELECT 1 FROM environments WHERE name='prod'"), what="the environment")
        hold.release()
        self.versions("one")
        self.assertEqual(len(hold.asked), 1)

    def test_nothing_is_released_by_the_rules_of_before_while_polls_fail(self):
        hold = self.draft()
        self.server.answers["/v2/app/api/tags/list"] = lambda handler: handler.reply(500)
        self.component(", ignoreTags: ['^v2']")
        said = "SELECT message FROM conditions WHERE reason='Unresolved'"
        wait_for(lambda: self.site.query(said), 20, "a reason")
        self.assertIn("its rules changed", self.site.query(said)[0][0])
        hold.release()
        del self.server.answers["/v2/app/api/tags/list"]
        self.assertEqual(self.versions("one"), {"api": "1.0.0"})

    # --- releases over the API ---------------------------------------------------------------------

    def created(self, change):
        self.site.start()
        wait_for(lambda: self.site.query("SELECT 1 FROM channels"), what="a head")
        hold = self.server.hold(MANIFESTS)
        self.create(name="two", components=[{"componentId": "api"}])
        hold.wait()
        change()
        return hold

    def test_a_release_over_the_api_is_resolved_again_when_the_registry_changes(self):
        hold = self.created(lambda: self.registry(", limits: {timeout: 20s}"))
        hold.wait(2)
        hold.release()
        self.assertEqual(self.answered()[0], 201)

    def test_a_release_over_the_api_is_resolved_again_when_the_rules_change(self):
        hold = self.created(lambda: self.component(", ignoreTags: ['^v2']"))
        hold.wait(2)
        hold.release()
        status, body = self.answered()
        self.assertEqual(status, 201, body)
        self.assertEqual([c["semver"] for c in body["components"]], ["1.0.0"])

    def test_a_release_over_the_api_of_a_component_that_is_removed_is_refused(self):
        self.created(lambda: self.site.remove("c.yaml"))
        status, body = self.answered()
        self.assertEqual(status, 422, body)

    # --- promotions --------------------------------------------------------------------------------

    def test_a_promotion_is_checked_again_when_the_registry_changes(self):
        self.site.write("v.yaml", document("Release", "one", "mode: full"))
        self.site.start()
        self.versions("one")
        hold = self.server.hold(MANIFESTS)
        self.site.write("e.yaml", document("Environment", "prod", "release: one"))
        hold.wait()
        self.registry(", limits: {timeout: 20s}")
        hold.wait(2)
        hold.release()
        wait_for(lambda: os.path.exists(os.path.join(self.site.locks, "default/environments/prod.lock.yaml")), what="the lockfile")


class Places(unittest.TestCase):
    """A registry has places for so many syncs at once (objects.c): who finds none waits."""
    N = 64

    def test_components_that_wait_are_polled_when_a_reload_drops_all_syncs(self):
        site, server = Site(), StandIn()
        self.addCleanup(site.close)
        self.addCleanup(server.close)
        names = [f"c{n}" for n in range(self.N + 3)]
        for name in names:
            server.push(f"app/{name}", "v1.0.0")

        def write(file, names, more=""):
            site.write(file, "---\n".join(document("Component", name, f"imageRepository: {server.host}/app/{name}{more}") for name in names))

        server.hold("tags/list")  # for ever: the syncs that hold the places never end by themselves
        site.write("r.yaml", document("Registry", "r", f"url: '{server.url}'"))
        write("first.yaml", names[:self.N])
        site.start()
        write("later.yaml", names[self.N:])
        wait_for(lambda: site.query("SELECT 1 FROM components WHERE name=?", names[-1]), what="the components that wait")
        self.assertEqual(site.call("GET", "/api/v1/components")[0], 200)  # the turn after the reload is over: they wait
        server.holds.pop()
        write("first.yaml", names[:self.N], ", suspend: true")
        wait_for(lambda: len(site.query("SELECT 1 FROM channels")) == 3, what="polls of those that waited")


if __name__ == "__main__":
    relman.main()
