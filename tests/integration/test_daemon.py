#!/usr/bin/env python3
"""Tests a running daemon: edits, pushes and faults while it runs, and its start, reload and stop."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import DockerRegistry  # noqa: E402
from relman import RegistryCase, SiteCase, document, documents, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

FAST = "poll: {interval: 1s, jitter: 0%}\n"


class Daemon(RegistryCase):
    IMAGES = {"app/api": ("v1.0.0", "v1.1.0", "v2.0.0")}

    def setUp(self):
        super().setUp()
        self.site.write("registry.yaml", self.registry_spec())

    def registry_spec(self, name="local", registry=None, more=""):
        return document("Registry", name, f"url: '{(registry or self.registry).url}'{more}")

    def component_spec(self, name="api", repository="app/api", more="", host=None):
        return document("Component", name, f"imageRepository: {host or self.registry.host}/{repository}, versioningStrategy: {{type: semver}}{more}")

    def release_spec(self, name="one", version="1.0.0", component="api"):
        return document("Release", name, f"mode: pinned, components: [{{name: {component}, version: {version}}}]")

    def basics(self):
        self.site.write("api.yaml", self.component_spec())
        self.site.write("release.yaml", self.release_spec())

    def wait_lock(self, name, text="lockDigest:", seconds=5):
        return wait_for(lambda: text in (self.site.lock(name) or ""), seconds, f"lockfile of {name} with '{text}'")

    def conditions(self, name, kind="Component"):
        return {row[0]: row[1:] for row in self.site.stored.conditions("type", "status", "reason", "message", kind="Component", object=name)}

    def wait_log(self, text, seconds=5):
        return wait_for(lambda: text in self.site.log, seconds, f"'{text}' in the log")


class Edits(Daemon):
    def git(self, *args):
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main",
                        *args], cwd=self.site.specs, check=True, capture_output=True)

    def test_git_checkout_of_another_commit_shows_in_lockfiles_within_a_second(self):
        self.basics()
        self.git("init")
        self.git("add", "-A")
        self.git("commit", "-m", "one")
        self.site.write("release.yaml", self.release_spec("two", "2.0.0"))
        self.git("commit", "-am", "two")
        self.git("checkout", "HEAD~1")
        self.site.start()
        self.wait_lock("one")
        self.git("checkout", "main")
        took = self.wait_lock("two", "semver: 2.0.0", 2)
        print(f"# checkout to lockfile: {took:.2f} s")
        wait_for(lambda: self.site.lock("one") is None, 2, "lockfile of the archived release gone")
        self.git("checkout", "HEAD~1")
        self.wait_lock("one", "semver: 1.0.0", 2)

    def test_a_broken_file_is_reported_with_its_place_and_changes_nothing(self):
        self.basics()
        self.site.start()
        self.wait_lock("one")
        before = self.site.lock("one")
        path = self.site.write("api.yaml", self.component_spec(more=", chanel: stable"))
        self.wait_log(f'{path}:4:')
        self.assertRegex(self.site.log, re.escape(path) + r':4:\d+: error: unknown field "chanel" in Component')
        self.assertEqual(self.site.stored.count("components"), 1)
        wait_for(lambda: "Stalled" in self.conditions("api"), 5, "condition of the component")
        self.assertEqual(self.conditions("api")["Stalled"][:2], ("True", "SpecInvalid"))
        self.assertIn('unknown field "chanel"', self.conditions("api")["Stalled"][2])
        self.assertEqual(self.site.lock("one"), before)
        self.site.write("api.yaml", self.component_spec())
        wait_for(lambda: "Stalled" not in self.conditions("api"), 5, "recovery of the component")

    def test_an_editors_rename_over_a_file_is_seen(self):
        self.basics()
        self.site.start()
        self.wait_lock("one")
        self.site.write(".release.yaml.swp", self.release_spec("two", "2.0.0") + "---\n" + self.release_spec())
        os.rename(f"{self.site.specs}/.release.yaml.swp", f"{self.site.specs}/release.yaml")
        self.assertLess(self.wait_lock("two", "semver: 2.0.0"), 2)

    def test_a_symlink_swapped_to_a_new_tree_is_seen(self):
        trees = os.path.join(self.site.folder, "trees")
        for name, version in (("a", "1.0.0"), ("b", "2.0.0")):
            os.makedirs(f"{trees}/{name}")
            for file, text in (("r.yaml", self.registry_spec()), ("c.yaml", self.component_spec()),
                               ("l.yaml", self.release_spec(name, version))):
                with open(f"{trees}/{name}/{file}", "w") as f:
                    f.write(text)
        os.unlink(f"{self.site.specs}/registry.yaml")
        os.symlink(f"{trees}/a", f"{self.site.folder}/current")
        self.site.specs = f"{self.site.folder}/current"
        self.site.start()
        self.wait_lock("a")
        os.symlink(f"{trees}/b", f"{self.site.folder}/next")
        os.rename(f"{self.site.folder}/next", f"{self.site.folder}/current")
        self.assertLess(self.wait_lock("b", "semver: 2.0.0"), 2)

    def test_a_link_that_is_swapped_while_specs_are_read_removes_nothing_that_both_commits_declare(self):
        trees = os.path.join(self.site.folder, "trees")
        for name, file in (("a", "z.yaml"), ("b", "a.yaml")):  # the trees differ in the name of one file
            os.makedirs(f"{trees}/{name}")
            with open(f"{trees}/{name}/{file}", "w") as f:
                f.write(self.component_spec("moved", more=", suspend: true"))
            for i in range(200):
                with open(f"{trees}/{name}/m{i:03}.yaml", "w") as f:
                    f.write(self.component_spec(f"c{i}", more=", suspend: true"))
        os.symlink(f"{trees}/a", f"{self.site.folder}/current")
        self.site.specs = f"{self.site.folder}/current"
        self.site.start()
        wait_for(lambda: self.site.stored.count("components") == 201, 20, "the first load")
        for i in range(30):
            self.site.kill(signal.SIGHUP)
            time.sleep(i % 10 / 300)
            os.symlink(f"{trees}/{'ba'[i % 2]}", f"{self.site.folder}/next")
            os.rename(f"{self.site.folder}/next", f"{self.site.folder}/current")
            self.site.wait_notify("READY=1")
        self.site.kill(signal.SIGHUP)
        wait_for(lambda: self.site.stored.components("declared_file", name="moved") == [(f"{self.site.specs}/z.yaml",)],
                 20, "the last commit")
        self.assertEqual(self.site.events("component.deleted"), [])
        self.assertNotIn("duplicate", self.site.log)

    def test_a_config_maps_data_symlink_is_seen(self):
        specs = self.site.specs
        os.unlink(f"{specs}/registry.yaml")
        for name, version in (("..one", "1.0.0"), ("..two", "2.0.0")):
            os.mkdir(f"{specs}/{name}")
            with open(f"{specs}/{name}/all.yaml", "w") as f:
                f.write("---\n".join([self.registry_spec(), self.component_spec(),
                                      self.release_spec(name.strip("."), version)]))
        os.symlink("..one", f"{specs}/..data")
        os.symlink("..data/all.yaml", f"{specs}/all.yaml")
        self.site.start()
        self.wait_lock("one")
        os.symlink("..two", f"{specs}/..data_tmp")
        os.rename(f"{specs}/..data_tmp", f"{specs}/..data")
        self.assertLess(self.wait_lock("two", "semver: 2.0.0"), 2)

    def test_files_in_new_folders_are_seen_and_removed_ones_too(self):
        self.site.write("api.yaml", self.component_spec())
        self.site.start()
        self.site.write("team/deep/one.yaml", self.release_spec())
        self.assertLess(self.wait_lock("one"), 2)
        time.sleep(0.4)
        self.site.write("team/deep/two.yaml", self.release_spec("two", "2.0.0"))
        self.assertLess(self.wait_lock("two"), 2)
        subprocess.run(["rm", "-r", f"{self.site.specs}/team"], check=True)
        wait_for(lambda: self.site.lock("one") is None and self.site.lock("two") is None, 3, "lockfiles gone")

    def test_a_folder_that_is_unmounted_or_moved_away_empties_nothing(self):
        self.basics()
        for i in range(8):
            self.site.write(f"c{i}.yaml", self.component_spec(f"c{i}", "app/api"))
        self.site.start()
        self.wait_lock("one")
        os.rename(self.site.specs, self.site.specs + ".away")
        self.wait_log("cannot read specs")
        time.sleep(0.6)
        self.assertIsNotNone(self.site.lock("one"))
        self.assertEqual(self.site.stored.count("components"), 9)
        os.rename(self.site.specs + ".away", self.site.specs)
        self.site.write("two.yaml", self.release_spec("two", "2.0.0"))
        self.wait_lock("two", seconds=15)

    def test_a_burst_of_edits_is_read_once(self):
        self.basics()
        self.site.start()
        self.wait_lock("one")
        before = self.site.log.count("specs:")
        for i in range(20):
            self.site.write(f"more{i}.yaml", self.release_spec(f"more{i}", "1.1.0"))
        self.wait_lock("more19")
        self.assertLessEqual(self.site.log.count("specs:") - before, 2)


    def test_specs_that_go_while_they_are_to_be_tried_again_are_waited_for_in_peace(self):
        self.site.start(FAST)
        self.basics()
        self.wait_lock("one")
        self.site.stored.refuse_inserts("components", "no room")
        self.site.write("more.yaml", self.component_spec("more"))
        wait_for(lambda: "no room" in self.site.log, what="a failure")
        os.rename(self.site.specs, self.site.specs + "-away")
        time.sleep(4)
        self.assertLess(self.site.log.count("specs not loaded"), 12)
        self.site.stored.allow_inserts()
        os.rename(self.site.specs + "-away", self.site.specs)
        wait_for(lambda: self.site.stored.components("name") == [("api",), ("more",)], 10, "more")


class Registries(Daemon):
    def test_a_registry_stopped_and_started_again_is_told_and_recovers(self):
        registry = DockerRegistry()
        self.addCleanup(registry.close)
        registry.push("r/app", "v1.0.0")
        self.site.write("registry.yaml", self.registry_spec(registry=registry))
        self.site.write("c.yaml", self.component_spec("app", "r/app", ", interval: 1s", registry.host))
        self.site.start(FAST)
        wait_for(lambda: self.conditions("app").get("Ready", ("",))[0] == "True", 5, "first sync")
        registry.stop()
        wait_for(lambda: self.conditions("app")["Ready"][0] == "False", 8, "condition of the component")
        status, reason, message = self.conditions("app")["Ready"]
        self.assertIn(registry.host, message)
        self.assertRegex(message, "connect to 127.0.0.1")
        wait_for(lambda: len(self.site.events("registry.unreachable")) == 1, 5, "event registry.unreachable")
        registry.start()
        registry.push("r/app", "v1.1.0")
        wait_for(lambda: self.conditions("app")["Ready"][0] == "True", 20, "recovery")
        wait_for(lambda: len(self.site.events("registry.recovered")) == 1, 5, "event registry.recovered")
        wait_for(lambda: self.site.stored.channels("semver")[0][0] == "1.1.0", 5, "a poll after the push")
        self.assertEqual(len(self.site.events("registry.unreachable")), 1)

    def test_a_component_is_ready_again_when_its_document_is_edited_while_polls_fail(self):
        """The registry has not changed, but the first successful poll with the new document must be
        reported."""
        registry = StandIn()
        self.addCleanup(registry.close)
        registry.push("r/app", "v1.0.0")
        self.site.write("registry.yaml", self.registry_spec(registry=registry))
        self.site.write("c.yaml", self.component_spec("app", "r/app", ", interval: 1h", registry.host))
        self.site.start(FAST)
        wait_for(lambda: self.conditions("app").get("Ready", ("",))[0] == "True", 5, "first sync")
        registry.answers["GET /v2/r/app/tags/list"] = lambda handler: handler.reply(404, {})
        self.assertEqual(self.site.call("POST", "/api/v1/components/app/sync-versions", {})[0], 404)
        self.assertEqual(self.conditions("app")["Ready"][0], "False")
        registry.answers.clear()
        self.site.write("c.yaml", self.component_spec("app", "r/app", ", interval: 2h", registry.host))
        wait_for(lambda: self.conditions("app")["Ready"][0] == "True", 10, "the condition of the edited component")

    def test_a_new_tag_is_found_by_the_next_poll(self):
        self.registry.push("app/poll", "v1.0.0")
        self.site.write("c.yaml", self.component_spec("poll", "app/poll", ", interval: 1s"))
        self.site.start(FAST)
        wait_for(lambda: self.site.stored.channels("semver") == [("1.0.0",)], 5, "first head")
        self.registry.push("app/poll", "v1.0.1")
        wait_for(lambda: self.site.stored.channels("semver") == [("1.0.1",)], 4, "next head")

    def test_a_moved_tag_of_a_live_release_is_drift_and_changes_no_byte(self):
        self.registry.push("app/moved", "v1.0.0")
        self.site.write("c.yaml", self.component_spec("moved", "app/moved", ", interval: 1s"))
        self.site.write("release.yaml", self.release_spec("frozen", "1.0.0", "moved"))
        self.site.start(FAST)
        self.wait_lock("frozen")
        before = self.site.lock("frozen")
        self.registry.push("app/moved", "v1.0.0", content="other bytes")
        wait_for(lambda: self.site.events("tag.moved"), 5, "event tag.moved")
        wait_for(lambda: self.site.events("drift.detected"), 5, "event drift.detected")
        wait_for(lambda: self.conditions("moved").get("Drift", ("",))[0] == "False", 5, "condition Drift")
        time.sleep(2.2)
        self.assertEqual(len(self.site.events("tag.moved")), 1)
        self.assertEqual(len(self.site.events("drift.detected")), 1)
        self.assertEqual(self.site.lock("frozen"), before)

    def test_one_registrys_silence_does_not_delay_another(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        self.site.write("silent.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: silent}}\n"
                                       f"spec: {{url: 'http://{host}', limits: {{timeout: 30s}}}}\n")
        for i in range(40):
            self.site.write(f"s{i}.yaml", self.component_spec(f"s{i}", f"x/s{i}", host=host))
        self.basics()
        self.site.start()
        self.assertLess(self.wait_lock("one"), 3)


class Commits(SiteCase):
    """Tests that log messages and counters report only changes that were committed, not those of a failed
    transaction."""

    def moved(self):
        return int(re.search(r"^relman_tags_moved_total (\d+)$", self.site.call("GET", "/metrics")[1], re.M)[1])

    def test_what_moved_is_told_when_it_is_committed(self):
        server = StandIn()
        self.addCleanup(server.close)
        server.push("app/api", "v1.0.0")
        self.site.write("all.yaml", documents(registry=server, components=["api"]))
        self.site.start("poll: {interval: 1s}\n")
        wait_for(lambda: "channel 'stable' is now at v1.0.0" in self.site.log, what="the first head")
        for table, change, said, n_moved in (
                ("channels", lambda: server.push("app/api", "v1.1.0"), "channel 'stable' is now at v1.1.0", 0),
                ("tag_history", lambda: server.push("app/api", "v1.1.0", "other"), "tag 'v1.1.0' moved from", 1)):
            failures = self.site.log.count("refused by a test")
            self.site.stored.refuse_inserts(table, "refused by a test")
            change()
            wait_for(lambda: self.site.log.count("refused by a test") > failures, what="a commit that fails")
            self.assertNotIn(said, self.site.log)
            self.assertEqual(self.moved(), 0)
            self.site.stored.allow_inserts()
            wait_for(lambda: said in self.site.log, what=said)
            self.assertEqual((self.site.log.count(said), self.moved()), (1, n_moved))


class Process(Daemon):
    def test_sighup_reloads_and_tells_systemd(self):
        self.basics()
        self.site.start()
        self.wait_lock("one")
        self.site.messages.clear()
        self.site.kill(signal.SIGHUP)
        message = self.site.wait_notify("RELOADING=1")
        self.assertRegex(message, r"MONOTONIC_USEC=\d+")
        self.assertIn("STATUS=", self.site.wait_notify("READY=1"))

    def test_a_stopped_reader_of_notifications_stops_nothing(self):
        """relmand answers while the queue of notifications is full, and sends its messages later, in order."""
        self.basics()
        self.site.start()
        self.wait_lock("one")
        sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(sender.close)
        sender.setblocking(False)
        with self.assertRaises(BlockingIOError):
            while True:
                sender.sendto(b"filler", self.site.notify.getsockname())
        for name in ("two", "three"):
            self.site.write(f"{name}.yaml", document("Environment", name, "release: one"))
            self.site.kill(signal.SIGHUP)
            wait_for(lambda: self.site.call("GET", "/api/v1/environments/" + name)[0] == 200, 60, what=name)
        self.site.messages.clear()
        self.site.wait_notify("READY=1", 60)
        said = [message.splitlines()[0] for message in self.site.messages if "RELOADING" in message or "READY" in message]
        self.assertEqual(said, ["RELOADING=1", "READY=1"])

    def test_ready_carries_a_status_line(self):
        self.basics()
        self.site.start()
        self.assertRegex(self.site.messages[-1], r"STATUS=1 components \(0 failing\), \d releases")

    def test_the_watchdog_is_fed_in_time(self):
        self.basics()
        self.site.start(env={"WATCHDOG_USEC": "600000"})
        times = []
        for _ in range(4):
            self.site.wait_notify("WATCHDOG=1", 2)
            times.append(time.monotonic())
        for a, b in zip(times, times[1:]):
            self.assertLess(b - a, 0.6)

    def test_sigterm_with_requests_under_way_ends_within_five_seconds(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        self.site.write("silent.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: silent}}\n"
                                       f"spec: {{url: 'http://{host}'}}\n")
        self.site.write("s.yaml", self.component_spec("s", "x/s", host=host))
        self.site.start()
        connection, _ = silent.accept()
        self.addCleanup(connection.close)
        status, took = self.site.stop()
        self.assertEqual(status, 0)
        self.assertLess(took, 2)

    def test_what_waits_for_its_turn_is_not_begun_by_a_daemon_that_ends(self):
        """Regression: during the shutdown, the end of one waiting sync started the next sync, which nothing
        canceled. The daemon crashed."""
        server, go_on, asked = StandIn(), threading.Event(), []
        self.addCleanup(server.close)
        self.addCleanup(go_on.set)
        for i in range(12):
            server.push("x/s", f"v1.0.{i}")
        serve = server.serve

        def slow(handler, path):
            if "/manifests/" in path:
                asked.append(path)
                go_on.wait(20)
            return serve(handler, path)
        server.serve = slow
        self.site.write("slow.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: slow}}\n"
                                     f"spec: {{url: '{server.url}', limits: {{concurrency: 2}}}}\n")
        self.site.write("s.yaml", self.component_spec("s", "x/s", host=server.host))
        self.site.start()
        wait_for(lambda: len(asked) == 2, what="as many requests as are allowed")
        self.assertEqual(self.site.stop()[0], 0)
        self.assertNotIn("error", self.site.log)
        time.sleep(0.2)
        self.assertEqual(len(asked), 2)

    def test_a_second_daemon_on_the_same_state_is_refused(self):
        self.basics()
        self.site.start()
        r = subprocess.run(self.site.arguments(), capture_output=True, text=True, timeout=10)
        self.assertNotEqual(r.returncode, 0)
        self.assertIn(f"pid {self.site.process.pid}", r.stderr)

    def test_killed_at_random_moments_it_starts_again_with_the_same_lockfiles(self):
        self.basics()
        for i in range(6):
            self.site.write(f"r{i}.yaml", self.release_spec(f"r{i}", "1.1.0"))
        locks = None
        for delay in (0.0, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3):
            self.site.start(FAST)
            time.sleep(delay)
            self.site.stop(signal.SIGKILL)
            self.assertTrue(self.site.stored.is_intact())
            ready = {row[0] for row in self.site.stored.releases("name", status="ready")}
            for name in (locks or {}):
                self.assertIn(name, ready)
        self.site.start(FAST)
        for i in range(6):
            self.wait_lock(f"r{i}", "lockDigest")
        locks = {i: self.site.lock(f"r{i}") for i in range(6)}
        self.site.stop(signal.SIGKILL)
        self.site.start(FAST)
        time.sleep(0.3)
        self.assertEqual(locks, {i: self.site.lock(f"r{i}") for i in range(6)})
        for i in range(6):
            path = self.site.lock_path(f"r{i}")
            self.assertEqual(relman.relmanctl("verify", path)[0], 0)

    def test_no_file_descriptor_is_lost_over_polls(self):
        self.basics()
        self.site.start("poll: {interval: 1s, jitter: 0%}\n")
        self.wait_lock("one")

        def descriptors():
            return len(os.listdir(f"/proc/{self.site.process.pid}/fd"))
        time.sleep(1.5)
        before = descriptors()
        for _ in range(3):
            self.site.kill(signal.SIGHUP)
            time.sleep(1)
        self.assertLessEqual(descriptors(), before)


if __name__ == "__main__":
    relman.main()
