#!/usr/bin/env python3
"""Tests relmand on a disk whose syncs fail, once or always. strace makes the syncs of the running daemon
fail."""

import http.client
import os
import stat
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import DockerRegistry  # noqa: E402
from faults import NO_LEAKS, Faults  # noqa: E402
from relman import Site, wait_for  # noqa: E402

READ_ANEW = "was closed and read again after the disk had failed"
PERMANENT = "1+"


class Disk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.registry = DockerRegistry()
        cls.registry.push("app/api", "v1.0.0")
        cls.registry.push("app/api", "v1.1.0")

    @classmethod
    def tearDownClass(cls):
        cls.registry.close()

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.write("Registry", "r", f"{{url: '{self.registry.url}'}}")
        self.write("Component", "api", f"{{imageRepository: {self.registry.host}/app/api, versioningStrategy: {{type: semver}}}}")
        self.release("one", "1.0.0")
        self.start()

    def write(self, kind, name, spec):
        self.site.write(name + ".yaml", f"apiVersion: relman/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {spec}\n")

    def release(self, name, version):
        self.write("Release", name, f"{{mode: pinned, components: [{{name: api, version: {version}}}]}}")

    def start(self):
        self.site.start("poll: {interval: 1h}\n", env=NO_LEAKS)
        wait_for(lambda: self.condition("one")[:1] == ("Locked",), 20, "the first lockfile")

    def condition(self, release):
        rows = self.site.stored.conditions("reason", "message", kind="Release", object=release, type="Ready")
        return rows[0] if rows else ()

    def ask(self, name):
        """Creates a release over the API. Returns the status; 0 if there was no answer."""
        body = {"name": name, "components": [{"componentId": "api", "version": "1.0.0"}]}
        try:
            return self.site.call("POST", "/api/v1/releases", body)[0]
        except (OSError, http.client.HTTPException):
            return 0

    def names(self):
        return {row[0] for row in self.site.stored.releases("name")}

    def locked(self, name):
        return self.condition(name)[:1] == ("Locked",)

    # --- the database -----------------------------------------------------------------------------

    def test_after_a_sync_of_the_database_that_failed_it_is_read_anew(self):
        for n in range(1, 5):
            with self.subTest(n=n):
                taken, refused = [], []
                before = self.site.log.count(READ_ANEW)
                with Faults(self.site.process, "fdatasync", n):
                    for i in range(20):
                        name = f"s{n}-{i}"
                        status = self.ask(name)
                        self.assertIn(status, (201, 500), self.site.log)
                        (taken if status == 201 else refused).append(name)
                        if self.site.log.count(READ_ANEW) > before and status == 201:
                            break
                wait_for(lambda: self.site.log.count(READ_ANEW) == before + 1, 10, f"a word of the new connection\n{self.site.log}")
                # a refused request was not stored, so that it can be repeated
                refused.append(f"s{n}-after")
                for name in refused:
                    self.assertNotIn(name, self.names())
                    self.assertEqual(self.ask(name), 201)
                self.assertLessEqual(set(taken + refused), self.names())
                self.assertEqual(self.site.call("GET", "/api/v1/status")[1]["troubles"], [])
                for name in taken + refused:
                    wait_for(lambda: self.locked(name), 20, f"the lockfile of {name}\n{self.site.log}")
        events = self.site.stored.events("object_name", type="release.created")
        self.assertEqual(len(events), len(set(events)))
        self.assertTrue(self.site.stored.is_intact())
        self.site.kill(9)
        self.site.process.wait()
        self.site.process = None
        before = self.names()
        self.start()
        self.assertEqual(self.names(), before)

    def test_a_head_that_could_not_be_stored_is_not_reported(self):
        """Log and counters follow the commit: otherwise the next pass would report the same again."""
        moved = "component 'api': channel 'stable' is now at v1.2.0"
        wait_for(lambda: "is now at v1.1.0" in self.site.log, 20, "the first head")
        self.registry.push("app/api", "v1.2.0")
        with Faults(self.site.process, "fdatasync", 1):
            self.site.call("POST", "/api/v1/components/api/sync-versions", {})
            wait_for(lambda: READ_ANEW in self.site.log, 20, f"the failed sync\n{self.site.log}")
            failed_at = self.site.log.index(READ_ANEW)
        wait_for(lambda: self.site.call("POST", "/api/v1/components/api/sync-versions", {})[0] == 200, 20, "another pass")
        wait_for(lambda: moved in self.site.log, 20, f"the head\n{self.site.log}")
        self.assertGreater(self.site.log.index(moved), failed_at, self.site.log)
        self.assertEqual(self.site.log.count(moved), 1, self.site.log)

    def test_a_disk_that_always_fails_ends_the_daemon(self):
        self.assertEqual(self.ask("before"), 201)
        wait_for(lambda: self.locked("before"), 20, "its lockfile")
        taken = ["before"]
        with Faults(self.site.process, "fdatasync", PERMANENT):
            for i in range(20):
                if self.site.process.poll() is None and self.ask(f"f{i}") == 201:
                    taken.append(f"f{i}")
            status = self.site.process.wait(20)
        self.site.reader.join(5)
        self.assertEqual(status, 1, self.site.log)
        self.assertIn(f"database '{self.site.state}': disk I/O error, again after the disk had failed; see the disk's own messages (dmesg)",
                      self.site.log.splitlines()[-1])
        self.site.process = None
        self.start()
        self.assertLessEqual(set(taken), self.names())
        self.assertEqual(self.ask("after"), 201)

    def test_a_database_that_is_taken_away_ends_the_daemon_and_nothing_is_acknowledged(self):
        for suffix in ("", "-wal", "-shm"):
            with self.subTest(file="state.db" + suffix):
                name = "before" + suffix
                self.assertEqual(self.ask(name), 201)
                os.rename(self.site.state + suffix, self.site.state + ".elsewhere")
                self.assertIn(self.ask("lost" + suffix), (0, 500))
                self.assertEqual(self.site.process.wait(20), 1, self.site.log)
                self.site.reader.join(5)
                self.assertIn(f"'{self.site.state}{suffix}' was moved or removed while relmand had it open", self.site.log.splitlines()[-1])
                self.site.process = None
                if not suffix:
                    self.start()
                    self.site.wait_log("although relmand has run with it before")
                    self.site.stop()
                    for other in ("-wal", "-shm"):
                        if os.path.exists(self.site.state + other):
                            os.unlink(self.site.state + other)
                    os.rename(self.site.state + ".elsewhere", self.site.state)
                self.start()
                self.assertIn(name, self.names())
                self.assertNotIn("lost" + suffix, self.names())

    def test_readyz_notices_a_database_that_was_removed(self):
        self.assertEqual(self.site.call("GET", "/readyz")[0], 200)
        os.unlink(self.site.state)
        self.assertEqual(self.site.call("GET", "/readyz")[0], 500)
        self.assertEqual(self.site.process.wait(20), 1, self.site.log)
        self.site.process = None

    # --- lockfiles --------------------------------------------------------------------------------

    def publish(self, when):
        """Makes a second release whose lockfile cannot be synced. Waits until the failure is reported.
        Returns the lockfile's os.stat(); None if it does not exist."""
        path = self.site.lock_path("two")
        with Faults(self.site.process, "fsync", when):
            self.release("two", "1.1.0")
            wait_for(lambda: self.condition("two")[:1] == ("LockNotWritten",), 20, "the failure")
        self.assertIn("Input/output error", self.condition("two")[1])
        return os.stat(path) if os.path.exists(path) else None

    def check_published(self, path):
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o644)
        self.assertEqual(relman.relmanctl("verify", path)[0], 0)
        self.assertEqual([name for name in os.listdir(os.path.dirname(path)) if name.startswith(".")], [])

    def test_a_lockfile_whose_folder_was_not_synced_is_written_again(self):
        path = self.site.lock_path("two")
        unsynced = self.publish("2")  # the second sync fails: the first is of the file, the second of the folder
        self.assertNotEqual(unsynced, None)
        wait_for(lambda: self.locked("two"), 30, "another try")
        self.assertNotEqual(os.stat(path).st_ino, unsynced.st_ino)
        self.check_published(path)

    def test_a_lockfile_that_was_not_synced_before_a_stop_is_written_again(self):
        path = self.site.lock_path("two")
        unsynced = self.publish("2")
        self.site.kill(9)
        self.site.process.wait()
        self.site.process = None
        self.start()
        wait_for(lambda: self.locked("two"), 30, "another try")
        self.assertNotEqual(os.stat(path).st_ino, unsynced.st_ino)
        self.check_published(path)

    def test_a_lockfile_that_cannot_be_synced_is_not_there(self):
        self.assertEqual(self.publish("1"), None)
        wait_for(lambda: self.locked("two"), 30, "another try")
        self.check_published(self.site.lock_path("two"))


if __name__ == "__main__":
    relman.main()
