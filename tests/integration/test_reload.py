#!/usr/bin/env python3
"""Tests specs that are reloaded while requests are in progress. No result may use the previous specs."""

import json
import os
import re
import shutil
import signal
import sys
import threading
import unittest

import yaml

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import MANIFEST  # noqa: E402
from receiver import Receiver  # noqa: E402
from relman import Site, document, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

MANIFESTS = r"/v2/app/api/manifests/sha256:"


class InFlight(unittest.TestCase):
    """Tests with one component in one registry, whose answers about digests are delayed."""

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
        """Waits for the lockfile of a release; returns component -> version."""
        wait_for(lambda: self.site.lock(name), what=f"release '{name}'")
        return {c["name"]: c["semver"] for c in self.lock(f"releases/{name}.lock.yaml")["components"]}

    def ask(self, path, body):
        """Sends an API request in a thread. After self.thread has ended, self.answer is the answer."""
        def wait():
            self.answer = self.site.call("POST", f"/api/v1/{path}", body)
        self.thread = threading.Thread(target=wait, daemon=True)
        self.thread.start()

    def answered(self):
        self.thread.join(10)
        self.assertFalse(self.thread.is_alive(), self.site.log)
        return self.answer[:2]

    def draft(self):
        self.site.write("v.yaml", document("Release", "one", "mode: full"))
        hold = self.server.hold("HEAD " + MANIFESTS)  # only requests of the draft, because the poll uses GET
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
        self.site.remove("r.yaml")  # an undeclared registry gets requests over https, which the stand-in does not support
        wait_for(lambda: self.site.stored.conditions(reason="Unresolved"), 20, "a reason")
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
        wait_for(lambda: self.site.stored.environments(name="prod"), what="the environment")
        hold.release()
        self.versions("one")
        self.assertEqual(len(hold.asked), 1)

    def test_nothing_is_released_by_the_rules_of_before_while_polls_fail(self):
        hold = self.draft()
        self.server.answers["/v2/app/api/tags/list"] = lambda handler: handler.reply(500)
        self.component(", ignoreTags: ['^v2']")
        wait_for(lambda: self.site.stored.conditions(reason="Unresolved"), 20, "a reason")
        self.assertIn("its rules changed", self.site.stored.conditions("message", reason="Unresolved")[0][0])
        hold.release()
        del self.server.answers["/v2/app/api/tags/list"]
        self.assertEqual(self.versions("one"), {"api": "1.0.0"})

    # --- releases over the API ---------------------------------------------------------------------

    def created(self, change):
        self.site.start()
        wait_for(lambda: self.site.stored.channels(), what="a head")
        hold = self.server.hold(MANIFESTS)
        self.ask("releases", {"name": "two", "components": [{"componentId": "api"}]})
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

    def test_a_promotion_over_the_api_is_checked_again_when_the_registry_changes(self):
        self.site.write("v.yaml", document("Release", "one", "mode: full"))
        self.site.write("e.yaml", document("Environment", "prod", "confirm: auto"))
        self.site.start()
        self.versions("one")
        hold = self.server.hold(MANIFESTS)
        self.ask("releases/one/promote", {"environmentId": "prod"})
        hold.wait()
        self.registry(", limits: {timeout: 20s}")
        hold.wait(2)
        self.assertTrue(self.thread.is_alive())
        hold.release()
        self.assertEqual(self.answered()[0] // 100, 2)
        self.assertEqual(self.site.stored.deployments("status"), [("deployed",)])

    def change_others(self):
        """Edits specs that component api, its registry and environment prod do not depend on. Waits until all
        edits are applied."""
        answer = self.site.call("POST", "/api/v1/components", {"name": "web", "imageRepository": f"{self.server.host}/app/web"})
        self.assertEqual(answer[0], 201, answer)
        for name in ("c.yaml", "e.yaml", "note.yaml"):
            path = os.path.join(self.site.specs, name)
            text = ""
            if os.path.exists(path):
                with open(path) as f:
                    text = f.read()
            self.site.write(name, f"# a comment\n{text}")
        self.site.write("other.yaml", document("Environment", "other", ""))
        wait_for(lambda: self.site.stored.environments(name="other"), what="the environment")

    def test_a_promotion_goes_on_when_other_documents_change(self):
        self.site.write("v.yaml", document("Release", "one", "mode: full"))
        self.site.start()
        self.versions("one")
        hold = self.server.hold(f"HEAD {MANIFESTS}")
        self.site.write("e.yaml", document("Environment", "prod", "release: one"))
        hold.wait()
        self.change_others()
        hold.release()
        wait_for(lambda: os.path.exists(os.path.join(self.site.locks, "default/environments/prod.lock.yaml")), what="the lockfile")
        self.assertEqual(len(hold.asked), 1)

    def test_a_promotion_over_the_api_goes_on_when_other_documents_change(self):
        self.site.write("v.yaml", document("Release", "one", "mode: full"))
        self.site.write("e.yaml", document("Environment", "prod", "confirm: auto"))
        self.site.start()
        self.versions("one")
        hold = self.server.hold(f"HEAD {MANIFESTS}")
        self.ask("releases/one/promote", {"environmentId": "prod"})
        hold.wait()
        self.change_others()
        self.assertTrue(self.thread.is_alive())
        hold.release()
        self.assertEqual(self.answered()[0], 202)
        self.assertEqual(len(hold.asked), 1)


class Places(unittest.TestCase):
    """Tests the limit of syncs that run at the same time (objects.c). Further syncs wait."""
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

        server.hold("tags/list")  # these syncs do not end during the test, so that the others wait
        site.write("r.yaml", document("Registry", "r", f"url: '{server.url}'"))
        write("first.yaml", names[:self.N])
        site.start()
        write("later.yaml", names[self.N:])
        wait_for(lambda: site.stored.components(name=names[-1]), what="the components that wait")
        # the reload is complete, and the new components wait
        self.assertEqual(site.call("GET", "/api/v1/components")[0], 200)
        server.holds.pop()
        write("first.yaml", names[:self.N], ", suspend: true")
        wait_for(lambda: len(site.stored.channels()) == 3, what="polls of those that waited")


EDITS = ("registry changes", "component changes", "release changes", "environment changes",
         "registry goes", "component goes", "release goes", "environment goes",
         "registry moves", "component moves", "release moves", "environment moves")
FLIGHTS = ("sync", "draft", "creation", "check", "promotion", "assignment", "hook", "output", "event")
ASKED = ("creation", "promotion", "assignment")  # work that a request over the API starts
SECRET = "correct horse"
# The functions that edit a document.
CHANGED = {"registry": lambda cell: cell.registry("limits: {timeout: 110s}"), "component": lambda cell: cell.component(", ignoreTags: ['^v2']"),
           "release": lambda cell: cell.document("Release", "one", "mode: pinned, components: [{name: api, version: 1.0.0}]"),
           "environment": lambda cell: cell.document("Environment", "prod", "release: one, approvals: 1")}
# Rows that a fresh start must produce too: name -> (entity, columns, filters).
ROWS = {
    "component": ("components", ("name", "image_repository", "spec_digest", "declared_file"), {}),
    "channel": ("channels", ("name", "tag", "digest", "semver"), {}),
    "version": ("versions", ("tag", "digest", "semver", "channel", "vanished", "source"), {}),
    "assignment": ("assignments", ("tag", "digest", "semver", "channel"), {}),
    "release": ("releases", ("name", "status", "managed_by", "declared_file"), {}),
    "content": ("resolved", ("release", "digest", "tag", "semver"), {}),
    "environment": ("environments", ("name", "spec_digest", "declared_file", "release", "status", "deployed_release"), {}),
    "told": ("output_runs", ("lock_digest",), {}),
}
for kind in ("Component", "Release", "Environment", "Registry"):
    ROWS[f"condition of {kind}"] = ("conditions", ("object", "kind", "type", "status", "reason"), {"kind": kind})


def read_lock(path):
    with open(path) as f:
        return yaml.load(f, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def states(site):
    """Returns tenant -> its rows and lockfiles, without times and without ids that the API made."""
    found = {name: {} for name, in site.stored.tenants("name")}
    for tenant, state in found.items():
        root = os.path.join(site.locks, tenant)
        for folder, _, files in os.walk(root):
            for path in (os.path.join(folder, name) for name in files):
                lock = read_lock(path)
                if path.endswith("environments/prod.lock.yaml"):
                    state["lockDigest"] = lock["lockDigest"]
                del lock["lockDigest"], lock["metadata"]["createdAt"]
                if lock["metadata"]["name"] == "two":
                    del lock["metadata"]["id"]
                for component in lock["components"]:
                    del component["resolvedAt"]
                state[os.path.relpath(path, root)] = [lock]
    for what, (entity, columns, filters) in ROWS.items():
        for tenant, *row in site.stored.read(entity, "tenant", *columns, **filters):
            row = [re.sub(r"^/.*/specs/", "", v) if isinstance(v, str) else v for v in row]
            found[tenant].setdefault(what, []).append(row)
    for state in found.values():
        state["told"] = [digest == state.get("lockDigest") for digest, in state.get("told", [])]
        state.pop("lockDigest", None)
    return {tenant: {what: sorted(rows, key=str) for what, rows in state.items()} for tenant, state in found.items()}


class Cell:
    """One edit during one kind of work. A cell has a separate tenant with a registry, a component, a release
    and an environment."""

    def __init__(self, matrix, flight, edit):
        self.matrix, self.flight, self.edit = matrix, flight, edit
        self.tenant = f"{flight}-{edit.replace(' ', '-')}"
        self.repository = f"{flight}/{edit.replace(' ', '-')}"
        for tag in ("v1.0.0", "v2.0.0", "nightly"):
            matrix.server.push(self.repository, tag)

    def document(self, kind, name, spec):
        return document(kind, name, spec).replace(f"name: {name}}}", f"name: {name}, tenant: {self.tenant}}}", 1)

    def registry(self, limits):
        return self.document("Registry", "r", f"url: '{self.matrix.server.url}', hook: {{secretFile: '{self.matrix.secret}'}}, {limits}")

    def component(self, more=""):
        """Most components name their registry, so that no request is possible after the registry was removed.
        The requests of the others then use https and fail after some time."""
        if self.flight not in ("sync", "check"):
            more += ", registry: r"
        return self.document("Component", "api", f"imageRepository: {self.matrix.server.host}/{self.repository}, versioningStrategy: {{type: semver}}{more}")

    def file(self, noun):
        return f"{self.tenant}/{noun}.yaml"

    def write(self, environment=True):
        write = self.matrix.site.write
        write(self.file("registry"), self.registry("limits: {timeout: 120s}"))
        write(self.file("component"), self.component())
        write(self.file("release"), self.document("Release", "one", "mode: full"))
        if environment:
            write(self.file("environment"), self.document("Environment", "prod", "confirm: auto" if self.flight == "promotion" else "release: one"))

    def change(self):
        noun, what = self.edit.split()
        path = os.path.join(self.matrix.site.specs, self.file(noun))
        if what == "changes":
            with open(path, "w") as f:
                f.write(CHANGED[noun](self))
        elif what == "goes":
            os.unlink(path)
        else:
            os.rename(path, os.path.join(os.path.dirname(path), f"moved-{noun}.yaml"))

    def call(self, site):
        """Sends the API request of this cell. Repeats it once if the answer says so."""
        asks = {"creation": ("releases", {"name": "two", "components": [{"componentId": "api"}]}),
                "promotion": ("releases/one/promote", {"environmentId": "prod"}),
                "assignment": ("version-maps", {"componentId": "api", "tag": "nightly", "semver": "1.5.0"})}
        path, body = asks[self.flight]
        for _ in range(2):
            answer = site.call("POST", f"/api/v1/{path}?tenant={self.tenant}", body)
            if answer[0] not in (409, 503):
                break
        return answer


class Matrix(unittest.TestCase):
    """Tests every edit during every kind of work, in one daemon that reads all edits in one reload. Another
    daemon starts with the edited specs and a copy of the database from before the reload. Both must reach the
    same state."""

    def setUp(self):
        self.server = StandIn()
        self.addCleanup(self.server.close)
        self.site, self.fresh = Site(), Site()
        self.addCleanup(self.site.close)
        self.addCleanup(self.fresh.close)
        self.secret = os.path.join(self.site.folder, "secret")
        with open(self.secret, "w") as f:
            f.write(SECRET)
        self.cells = [Cell(self, flight, edit) for flight in FLIGHTS for edit in EDITS]
        self.n = len(EDITS)
        self.receivers = {cell.tenant: Receiver("hang") for cell in self.of("event")}
        for receiver in self.receivers.values():
            self.addCleanup(receiver.close)

    def of(self, *flights):
        return [cell for cell in self.cells if cell.flight in flights]

    def config(self, site, hooks):
        """Writes an output program that runs until the file go exists or the installation is removed. Returns
        a configuration with this program."""
        program = os.path.join(site.folder, "program")
        with open(program, "w") as f:
            f.write(f"#!/bin/sh\necho $RELMAN_TENANT >> {site.folder}/ran\nwhile test -e $0 && ! test -e {site.folder}/go; do sleep 0.1; done\n")
        os.chmod(program, 0o755)
        outputs = "".join(f"- {{environment: {cell.tenant}/prod, exec: [{program}]}}\n" for cell in self.of("output"))
        text = f"poll: {{interval: 1h}}\nevents: {{journal: false}}\noutputs:\n{outputs}"
        if hooks:
            text = text.replace("events: {journal: false}\n", "events:\n  journal: false\n  webhooks:\n" + "".join(
                f"  - {{name: {cell.tenant}, url: '{self.receivers[cell.tenant].url}', tenant: {cell.tenant}, firstSync: true, timeout: 120s}}\n"
                for cell in self.of("event")))
        return text

    def go(self, site):
        open(os.path.join(site.folder, "go"), "w").close()

    def ran(self):
        path = os.path.join(self.site.folder, "ran")
        if not os.path.exists(path):
            return 0
        with open(path) as f:
            return len(f.read().split())

    def ask(self, site):
        """Starts the API requests; returns the threads that wait for the answers."""
        threads = [threading.Thread(target=cell.call, args=(site,), daemon=True) for cell in self.of(*ASKED)]
        for thread in threads:
            thread.start()
        return threads

    def take_off(self):
        """Starts the work of all cells. Returns the threads that wait for answers of the API."""
        holds = [self.server.hold("/v2/sync/.*/tags/list"), self.server.hold("/v2/draft/.*/manifests/sha256:")]
        for cell in self.cells:
            cell.write(environment=cell.flight != "check")
        self.site.start(self.config(self.site, True))
        wait_for(lambda: self.site.stored.count("deployments", status="deployed") == 5 * self.n, 30, "deployments")
        wait_for(lambda: sum(self.site.stored.count("releases", status="ready", tenant__like=tenants)
                             for tenants in ("check-%", "promotion-%")) == 2 * self.n, 30, "releases to check")
        holds += [self.server.hold(f"/v2/{pattern}") for pattern in
                  ("creation/.*/manifests/sha256:", "check/.*/manifests/sha256:", "promotion/.*/manifests/sha256:", "assignment/.*/manifests/nightly", "hook/.*/tags/list")]
        for cell in self.of("check"):
            cell.write()
        threads = self.ask(self.site)
        for cell in self.of("hook"):
            self.server.push(cell.repository, "v2.1.0")
            body = {"events": [{"action": "push", "target": {"mediaType": MANIFEST, "repository": cell.repository, "tag": "v2.1.0"}}]}
            answer = self.site.call("POST", f"/hooks/v1/r?tenant={cell.tenant}", json.dumps(body), {"Authorization": f"Bearer {SECRET}"})
            self.assertEqual((answer[0], answer[1]["components"]), (202, 1))
        for hold in holds:
            hold.wait(self.n, 30)
        wait_for(lambda: self.ran() == self.n, 30, "programs")
        for receiver in self.receivers.values():
            wait_for(lambda: receiver.requests, 30, "a delivery")
        return threads

    def reload(self):
        """Makes the first daemon read all edits in one reload, and starts the other daemon with the edited
        specs."""
        n_loads = self.site.log.count("specs: ")
        self.site.kill(signal.SIGSTOP)
        try:
            self.site.stored.copy_to(self.fresh.stored)
            shutil.copytree(self.site.locks, self.fresh.locks, symlinks=True)
            for cell in self.cells:
                cell.change()
            shutil.copytree(self.site.specs, self.fresh.specs, dirs_exist_ok=True)
        finally:
            self.site.kill(signal.SIGCONT)
        wait_for(lambda: self.site.log.count("specs: ") > n_loads, 30, "the reload")

    def land(self, threads):
        for hold in self.server.holds:
            hold.release()
        for receiver in self.receivers.values():
            receiver.answer = 204
            receiver.released.set()
        self.go(self.site)
        for thread in threads:
            thread.join(30)
            self.assertFalse(thread.is_alive(), "an answer of the API")

    def start_fresh(self):
        config = self.config(self.fresh, False)
        self.go(self.fresh)
        path = os.path.join(self.fresh.folder, "once.yaml")
        with open(path, "w") as f:
            f.write(config)
        self.fresh.once("--config", path)
        self.fresh.start(config)
        for thread in self.ask(self.fresh):
            thread.join(60)

    def differences(self):
        """Returns a line for each difference between the states of the two daemons."""
        ours, fresh = states(self.site), states(self.fresh)
        return [f"{tenant}: {what}: {ours[tenant].get(what)} here, {fresh[tenant].get(what)} after a fresh start"
                for tenant in ours for what in {**ours[tenant], **fresh[tenant]} if ours[tenant].get(what) != fresh[tenant].get(what)]

    def test_every_reload_while_work_is_in_flight_ends_as_a_fresh_start_does(self):
        threads = self.take_off()
        self.reload()
        self.land(threads)
        self.start_fresh()
        try:
            wait_for(lambda: not self.differences(), 20, "the same state")
        except AssertionError:
            self.fail("\n".join(self.differences()))
        self.check_made()
        self.check_events()

    def check_made(self):
        """Checks that the work had results, so that the comparison is meaningful."""
        versions = dict(self.site.stored.resolved("tenant", "semver", release="one", tenant__like="draft-%"))
        wanted = {f"draft-{edit.replace(' ', '-')}": "1.0.0" if edit in ("component changes", "release changes") else "2.0.0"
                  for edit in EDITS if edit not in ("registry goes", "component goes", "release goes")}
        self.assertEqual(versions, wanted)
        made = dict(self.site.stored.resolved("tenant", "semver", release="two"))
        self.assertEqual(made, {f"creation-{edit.replace(' ', '-')}": "1.0.0" if edit == "component changes" else "2.0.0"
                                for edit in EDITS if edit not in ("registry goes", "component goes")})

        promoted = [name for name, in self.site.stored.deployments("tenant", status="deployed", tenant__like="promotion-%")]
        self.assertEqual(sorted(promoted), sorted(f"promotion-{edit.replace(' ', '-')}" for edit in EDITS if edit in (
            "registry changes", "component changes", "release changes") or edit.endswith("moves")))

    def check_events(self):
        """Checks that each receiver got all events of its tenant, each once and in order."""
        for cell in self.of("event"):
            events = [sequence for sequence, in self.site.stored.events("sequence", tenant=cell.tenant)]
            wait_for(lambda: self.receivers[cell.tenant].sequences() == events, 20, f"the events of {cell.tenant}")


if __name__ == "__main__":
    relman.main()
