#!/usr/bin/env python3
"""Simulates power cuts that lose a part of the unsynced operations. record.c logs the file operations of
relmand. replay.c computes REPLAY_STATES possible states of the disk from the log: each has any subset of the
unsynced sectors and names.

SQLite opens each state. Its content is compared with everything that was acknowledged and reported. In one of
REPLAY_SAMPLE states relmand runs, and must leave no fault. For a publish, an upgrade and a restore, each
state is tested that lacks one unsynced operation, or has only one. Controls ignore the sync of a file before
its rename, the sync of a folder, or the sync of commits. Each control must find a fault within 1,000
states."""

import functools
import glob
import os
import random
import re
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/fault"))
import world as w  # noqa: E402
import relman  # noqa: E402
from receiver import Receiver  # noqa: E402

BUILT = os.path.join(w.BUILDDIR, "tests/fault")
RECORD, REPLAY = os.path.join(BUILT, "record.so"), os.path.join(BUILT, "replay")
STATES, SAMPLE = w.setting("REPLAY_STATES", 200000), w.setting("REPLAY_SAMPLE", 500)
EVERY = w.setting("REPLAY_EVERY", 1)  # test one in REPLAY_EVERY states
CONTROL_STATES = 1000
FORMATS = "[yaml, json, kustomize, quadlet]"
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
TOLD, HEAD = 14, "<IIIIQQQQ"  # oplog.h
SCHEMA_1 = os.path.join(w.SRCDIR, "tests/data/schema-1.sql")
NEWEST = len(glob.glob(os.path.join(w.SRCDIR, "state/[0-9]*.sql")))


def tree(folder):
    """Returns {name: bytes and mode, or target of a link} of a folder, without the files that record.c
    ignores."""
    found = {}
    for path in glob.glob(folder + "/**/*", recursive=True) + glob.glob(folder + "/**/.*", recursive=True):
        name = os.path.relpath(path, folder)
        if os.path.islink(path):
            found[name] = os.readlink(path)
        elif os.path.isfile(path) and not name.endswith("-shm"):
            with open(path, "rb") as f:
                found[name] = f.read(), os.stat(path).st_mode
    return found


class Story:
    """A folder that stands for a disk, with the log of all operations on it."""

    options = ()  # further options of replay

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="relman-replay-", dir=MEMORY)
        self.disk, self.log, self.work = (os.path.join(self.folder, name) for name in ("disk", "log", "work"))
        os.mkdir(self.disk)
        os.mkdir(self.work)
        self.world = w.World(stream=", sameVersion: true")
        self.world.move_files_to(self.disk)
        self.world.write("environments.yaml", w.document("Environment", "auto", "{stream: st, confirm: auto, lock: {formats: " + FORMATS + "}}") +
                         "---\n" + w.document("Environment", "manual", "{}"))
        self.promises = []

    def close(self):
        self.world.close()
        shutil.rmtree(self.folder)

    def env(self, **more):
        return dict(w.under_test(leaks=False), LD_PRELOAD=RECORD, RECORD_LOG=self.log, RECORD_ROOT=self.disk, **more)

    def ended_well(self):
        """Writes a record without data to the log: replay then requires that the present files exist in all
        later states."""
        with open(self.log, "ab") as f:
            f.write(struct.pack(HEAD, TOLD, 0, 0, 0, 0, 0, 0, 0))

    def run(self, *command, wanted=0, **more):
        r = subprocess.run(command, capture_output=True, text=True, timeout=120, env=self.env(**more))
        if r.returncode != wanted:
            raise AssertionError(f"{command} ended with {r.returncode}: {r.stderr}")
        self.ended_well()

    def once(self, **more):
        self.run(*self.world.arguments("--once"), **more)

    def replay(self, *arguments):
        """Runs replay; returns (exit status, lines of its output)."""
        path = os.path.join(self.folder, "promises")
        with open(path, "w") as f:
            f.writelines(f"{answer}\t{sql}\n" for answer, sql in self.promises)
        r = subprocess.run([REPLAY, "--log", self.log, "--work", self.work, "--promises", path, *self.options, *arguments],
                           capture_output=True, text=True, env=w.under_test())
        if r.returncode not in (0, 1):
            raise AssertionError(f"replay {arguments}: {r.returncode} {r.stderr}")
        return r.returncode, r.stdout.splitlines()

    def keep(self):
        """Copies the log to the build folder; returns the command that writes a state for inspection."""
        kept = os.path.join(BUILT, f"replay-{type(self).__name__}.log")
        shutil.copy(self.log, kept)
        return f"{REPLAY} --log {kept} --seed {w.SEED} --write NUMBER --to FOLDER writes a state"

    def write(self, number, to):
        shutil.rmtree(to, ignore_errors=True)
        status, said = self.replay("--write", str(number), "--to", to, "--seed", str(w.SEED))
        assert status == 0, said

    def is_whole(self):
        """Returns True if the log is complete: performing all its operations gives the present files."""
        copy = os.path.join(self.folder, "copy")
        self.write("all", copy)
        return tree(copy) == tree(self.disk)

    def repair(self):
        """Runs relmand on the files; returns the faults afterwards."""
        status, said = self.world.run()
        return ([] if status == 0 else [f"--once ends with {status}: {said}"]) + w.all_that_is_wrong(self.world)


class Publish(Story):
    """A first run, then a run with changes."""

    def __init__(self, **more):
        super().__init__()
        self.once(**more)
        self.change()
        self.once(**more)

    def change(self):
        for name in self.world.components:
            self.world.registry.push(f"app/{name}", "v1.3.0")
        self.world.write_release("two", "1.3.0")


class Change(Publish):
    """A run with changes, without the first run in the log."""

    def __init__(self):
        Story.__init__(self)
        status, said = self.world.run()
        assert status == 0, said
        self.change()
        self.once()


class Daemon(Story):
    """A polling daemon with a client that writes, edited specs, and a receiver of its events."""

    ROUNDS = 6

    def __init__(self):
        super().__init__()
        receiver = Receiver()
        self.world.start(f"poll: {{interval: 1s, jitter: 0%}}\nevents: {{webhooks: [{{name: r, url: '{receiver.url}'}}]}}\n", env=self.env())
        writer = Writer(self.world)
        connection = w.UnixConnection(self.world.socket)
        for i in range(self.ROUNDS):
            writer.write_once("w0", connection)
            self.world.registry.push("app/" + self.world.components[i % 2], f"v1.2.{i}")
            self.world.write_release(f"edited-{i}", "1.1.0")
            time.sleep(0.3)
        connection.close()
        w.settle(self.world)
        self.promises = writer.promises
        status = self.world.stop()[0]
        receiver.close()
        if status != 0 or not receiver.taken:
            raise AssertionError(f"ended with {status}; {len(receiver.taken)} events sent\n{self.world.log}")
        self.ended_well()


class Writer(w.Load):
    """A writer that keeps a query for each answer of the daemon. The query returns a number above 0 if the
    result of the answer is in the database."""

    QUESTIONS = {
        "component": "SELECT count(*) FROM components WHERE name = '{0}' AND ({1} = 0 OR display_name = '{1}')",
        "release": "SELECT count(*) FROM releases r JOIN events e ON e.object_id = r.id WHERE r.id = '{1}' AND e.type = 'release.created'",
        "promotion": "SELECT count(*) FROM audit WHERE object_name = 'manual' AND result_id = '{1}'",
        "version": "SELECT count(*) FROM version_maps v JOIN components c ON c.id = v.component_id "
                   "WHERE c.name = '{0}' AND v.source = 'manual' AND v.semver = '9.0.{1}'",
    }

    def __init__(self, world):
        super().__init__(world, 1)
        self.promises, self.n_answers, call = [], 0, world.call

        def counting(*arguments, **more):
            answer = call(*arguments, **more)
            self.n_answers += 1
            return answer
        world.call = counting

    def acknowledge(self, kind, key, value):
        super().acknowledge(kind, key, value)
        self.promises.append((self.n_answers - 1, self.QUESTIONS[kind].format(key, value)))


class Upgrade(Story):
    """The upgrade of a database of the first schema whose rows are all in the write-ahead log."""

    options = ("--databases-only",)

    def __init__(self):
        super().__init__()
        aside = os.path.join(self.folder, "aside.db")
        db = sqlite3.connect(aside, isolation_level=None)
        db.execute("PRAGMA journal_mode = WAL")
        with open(SCHEMA_1) as f:
            db.executescript(f.read())
        for suffix in ("", "-wal"):
            shutil.copy(aside + suffix, self.world.state + suffix)
        db.close()
        self.upgrade = [*self.world.arguments("--once")]
        self.upgrade[self.upgrade.index("--specs") + 1] = "/none"  # so that relmand ends after the upgrade
        self.run(*self.upgrade, wanted=2)

    def repair(self):
        r = subprocess.run(self.upgrade, capture_output=True, text=True, env=w.under_test())
        version = self.world.stored.query("PRAGMA user_version")[0][0]
        return w.damage(self.world) + ([] if (r.returncode, version) == (2, NEWEST) else [f"ends with {r.returncode}, schema {version}: {r.stderr}"])


class Restore(Story):
    """The restore of a backup over a database whose write-ahead log is not empty."""

    options = ("--databases-only",)

    def __init__(self):
        super().__init__()
        backup = os.path.join(self.folder, "backup.db")
        status, said = self.world.run()
        assert status == 0, said
        shutil.copy(self.world.state, backup)
        self.world.start()
        self.world.write_release("two", "1.1.0")
        w.wait_for(lambda: "two" in self.world.ready())
        w.settle(self.world)
        self.world.stop(w.signal.SIGKILL)
        assert os.path.getsize(self.world.state + "-wal") > 0
        self.run(os.path.join(w.BUILDDIR, "relmanctl"), "restore", backup, "--state", self.world.state)

    def repair(self):
        # a restored database skips event numbers, so that gaps are correct
        return [x for x in super().repair() if not x.startswith("events have gaps")]


@functools.lru_cache(maxsize=None)
def run_story(story, **more):
    made = story(**more)
    unittest.addModuleCleanup(made.close)
    if not made.is_whole():
        raise AssertionError("the log does not come to what is on the disk")
    return made


class States(unittest.TestCase):
    """Tests random states."""

    def repair_some(self, made, n_states):
        numbers = range(0, n_states, SAMPLE)
        for number in numbers:
            made.write(number, made.disk)
            wrong = made.repair()
            if wrong:
                self.fail(f"relmand went on from state {number}: {wrong[:5]}\n{made.keep()}")
        return len(numbers)

    def replay(self, story, percent):
        made, n_states, start = run_story(story), max(STATES * percent // 100, 1), time.monotonic()
        status, said = made.replay("--states", str(n_states), "--seed", str(w.SEED))
        if status:
            self.fail("\n".join([*said, made.keep()]))
        seconds = time.monotonic() - start
        n_repaired = self.repair_some(made, n_states)
        w.say(f"{said[-1]}; {seconds:.1f} s, {1000 * seconds / n_states:.2f} ms each; relmand came to a good end in {n_repaired} of them")

    def test_a_first_run_and_one_with_changes(self):
        self.replay(Publish, 40)

    def test_a_daemon_that_is_written_to(self):
        self.replay(Daemon, 40)

    def test_an_upgrade(self):
        self.replay(Upgrade, 10)

    def test_a_restore(self):
        self.replay(Restore, 10)


class Every(unittest.TestCase):
    """Tests each power cut with all unsynced operations, with all except one, and with only one."""

    def replay(self, story):
        made, start = run_story(story), time.monotonic()
        status, said = made.replay("--every", "--one-in", str(EVERY), "--seed", str(w.SEED))
        if status:
            self.fail("\n".join([*said, made.keep()]))
        w.say(f"one in {EVERY} of every state: {said[-1]}; {time.monotonic() - start:.1f} s")

    def test_a_run_with_changes(self):
        self.replay(Change)

    def test_an_upgrade(self):
        self.replay(Upgrade)

    def test_a_restore(self):
        self.replay(Restore)


class Controls(unittest.TestCase):
    def find(self, made, what, wanted, *options):
        status, said = made.replay("--states", str(CONTROL_STATES), "--enough", "5", "--seed", str(w.SEED), *options)
        found = [line for line in said if re.search(wanted, line)]
        self.assertTrue(status == 1 and found, f"{what}, and nothing was found in {CONTROL_STATES} states: {said}")
        w.say(f"control, {what}: fails as it must, {said[-1].split(': ')[-1]} in {said[-1].split()[0]} of {CONTROL_STATES} states, such as {found[0]}")

    def test_without_the_sync_of_a_file_before_its_rename_the_torn_file_is_seen(self):
        self.find(run_story(Publish), "files not synced", "is torn", "--without", "file-sync")

    def test_without_the_sync_of_a_folder_the_missing_file_is_seen(self):
        self.find(run_story(Publish), "folders not synced", "is missing, and", "--without", "folder-sync")

    def test_without_the_sync_of_a_backup_its_loss_is_seen(self):
        self.find(run_story(Upgrade), "backups not synced", r"\.bak' .*(missing|malformed|not a database|another)", "--without", "file-sync")

    def test_without_the_sync_of_a_restored_database_its_loss_is_seen(self):
        self.find(run_story(Restore), "what is restored not synced", "'state.db' ", "--without", "file-sync")

    def test_without_the_sync_of_commits_the_loss_is_seen(self):
        self.find(run_story(Publish, RECORD_SYNCHRONOUS="NORMAL"), "commits not synced", "has lost what was acknowledged")


if __name__ == "__main__":
    random.seed(w.SEED)
    w.say(f"FAULT_SEED={w.SEED}")
    relman.main()
