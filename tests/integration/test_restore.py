#!/usr/bin/env python3
"""Tests restores of a backup, and damaged databases, which relmand quarantines: with real daemons, damage and
kills."""

import glob
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from kill_points import failure_points, kill_points  # noqa: E402
from relman import RegistryCase, document, documents, relmanctl, wait_for  # noqa: E402
from state import State  # noqa: E402

CONFIG = "poll: {interval: 1h}\n"
FLIPS = int(os.environ.get("FLIPS", "300"))


def read(path):
    with open(path, "rb") as f:
        return f.read()


def tree(folder):
    """Returns {path: bytes} of every file below a folder. Skips a file that is being replaced."""
    found = {}
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            try:
                if os.path.isfile(path):
                    found[os.path.relpath(path, folder)] = read(path)
            except FileNotFoundError:
                pass
    return found


def dump(path):
    db = sqlite3.connect(path)
    try:
        return "\n".join(db.iterdump())
    finally:
        db.close()


# Changes of a database and the expected messages: objects that relman did not make, and damage.
ALTERED = (
    ("CREATE TRIGGER evil AFTER INSERT ON audit BEGIN DELETE FROM audit; DELETE FROM events; END", "has the trigger 'evil', which relman did not make"),
    ("CREATE TRIGGER \"e\x1b[31m\" AFTER INSERT ON audit BEGIN DELETE FROM audit; END", "has the trigger 'e\\x1B[31m', which relman did not make"),
    ("CREATE VIEW extra AS SELECT 1", "has the view 'extra', which relman did not make"),
    ("CREATE VIRTUAL TABLE words USING fts5(text)", "has the table 'words', which relman did not make"),
    ("CREATE INDEX mine ON releases (display_name)", "has the index 'mine', which relman did not make"),
    ("CREATE TABLE notes (text)", "has the table 'notes', which relman did not make"),
    ("DROP TABLE tag_history", "is damaged (index 'idx_tag_history_until' is missing)"),
    ("DROP TABLE drift; CREATE VIEW drift AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) "
     "SELECT x AS component_id FROM n", "is damaged ("),
    ("ALTER TABLE releases ADD COLUMN more TEXT", "is damaged (table 'releases' is not as relman makes it)"),
    ("DROP INDEX idx_version_maps_tag", "is damaged (index 'idx_version_maps_tag' is missing)"),
    ("UPDATE sqlite_sequence SET seq = 9223372036854775807 WHERE name = 'events'", "is damaged (sqlite_sequence: number 9223372036854775807)"),
    ("UPDATE sqlite_sequence SET seq = -5 WHERE name = 'events'", "is damaged (sqlite_sequence: number"),
    ("UPDATE sqlite_sequence SET seq = 'x'", "is damaged (sqlite_sequence: number"),
    ("UPDATE events SET sequence = 9223372036854775806 WHERE sequence = (SELECT max(sequence) FROM events)",
     "is damaged (events: number 9223372036854775806)"),
)


def alter(path, sql):
    db = sqlite3.connect(path)
    db.execute("PRAGMA foreign_keys = OFF")
    db.executescript(sql)
    db.close()


class WithSite(RegistryCase):
    IMAGES = {f"app/{name}": ("v1.0.0", "v1.1.0") for name in ("api", "web")}

    def setUp(self):
        super().setUp()
        self.backup = os.path.join(self.site.folder, "copy.db")
        self.site.write("site.yaml", documents(
            document("Release", "one", "mode: pinned, components: [{name: api, version: 1.0.0}, {name: web, version: 1.0.0}]"),
            document("Release", "two", "mode: pinned, components: [{name: api, version: 1.1.0}, {name: web, version: 1.1.0}]"),
            document("ReleaseStream", "shop", "components: [api, web], settle: 0s"),
            document("Environment", "prod", "stream: shop, confirm: manual"), registry=self.registry, components=("api", "web")))

    def restore(self, path=None, wanted=0):
        status, out, err = relmanctl("restore", path or self.backup, "--state", self.site.state)
        self.assertEqual(status, wanted, out + err)
        return out + err

    def start(self):
        """Starts the daemon and waits until all automatic changes are complete."""
        self.site.start(CONFIG)
        wait_for(lambda: len([s for s, in self.site.stored.releases("status") if s in ("ready", "promoting", "deployed")]) >= 3 and
                 self.site.stored.deployments(), what="releases")
        wait_for(lambda: os.path.exists(os.path.join(self.site.locks, "default/environments/prod.lock.yaml")), what="prod's lockfile")

    def kept(self, what):
        return [p for p in glob.glob(f"{self.site.state}.{what}-*") if not p.endswith(("-wal", "-shm"))]

    def leftovers(self):
        return [n for n in os.listdir(self.site.folder) if "tmp" in n or "partial" in n]


class Restore(WithSite):
    def promote(self, release):
        self.ctl("promote", release, "prod")
        self.ctl("confirm", release, "prod")

    def numbers(self, path=None):
        return [number for number, in State(path or self.site.state).events("sequence")]

    def test_what_was_at_the_backup_comes_back_and_lockfiles_with_it(self):
        self.start()
        self.promote("one")
        self.ctl("create", "release", "early", "api=1.0.0")
        self.ctl("backup", self.backup)
        wanted, numbers = tree(self.site.locks), self.numbers(self.backup)
        self.promote("two")
        self.ctl("create", "release", "late", "api=1.1.0")
        self.assertNotEqual(tree(self.site.locks), wanted)
        late = self.numbers()
        self.assertGreater(late[-1], numbers[-1])
        self.site.stop()
        told = self.restore()
        (kept,) = self.kept("replaced")
        self.assertEqual(
            told, f"'{self.backup}' is in place as '{self.site.state}' (schema {relman.newest_schema()}, events up to {numbers[-1]})\n"
            f"what was there is kept as '{kept}': it had {late[-1] - numbers[-1]} newer events\n"
            f"new events are numbered from {late[-1] + 1}, so that no receiver takes them for old ones\n\n"
            "next: systemctl start relmand; it rewrites the lockfiles from this database, and polls for newer tags\n"
            "      relmanctl status, relmanctl get environments: is what runs what they say?\n"
            f"      remove '{kept}' when you are sure\n")
        self.assertEqual(os.stat(self.site.state).st_mode & 0o777, 0o600)
        self.assertEqual(self.leftovers(), [])
        self.start()
        wait_for(lambda: tree(self.site.locks) == wanted, what="the lockfiles of the backup")
        self.assertIn("early", self.ctl("get", "releases"))
        self.assertIn("there is no release 'late'", self.ctl("get", "releases", "late", wanted=1))
        self.assertRegex(self.ctl("get", "environments", "prod"), "one")
        # Events after the backup are lost, but their numbers are not used again, because receivers may have
        # seen them.
        self.ctl("create", "release", "next", "api=1.1.0")
        now = self.numbers()
        self.assertEqual(now[:len(numbers)], numbers)
        self.assertGreater(len(now), len(numbers))
        self.assertGreater(now[len(numbers)], late[-1])
        # the replaced database is intact
        self.assertIn("late", dump(kept))

    def test_a_daemon_that_runs_is_named_and_nothing_changes(self):
        self.start()
        self.ctl("backup", self.backup)
        before = self.site.stored.count("events")
        self.assertEqual(self.restore(wanted=2), f"relmanctl: error: '{self.site.state}.lock' is locked by another process, "
                         f"pid {self.site.process.pid}; stop that one first\n")
        self.assertEqual(self.site.stored.count("events"), before)
        self.assertEqual(self.kept("replaced") + self.leftovers(), [])
        self.ctl("get", "releases")

    def test_what_is_no_backup_is_refused_and_nothing_changes(self):
        self.start()
        self.ctl("backup", self.backup)
        self.site.stop()
        good = read(self.backup)
        newer = bytearray(good)
        newer[60:64] = (relman.newest_schema() + 1).to_bytes(4, "big")
        foreign = bytearray(good)
        foreign[68:72] = b"GIMP"
        cut = good[:len(good) // 2 // 4096 * 4096]
        page = bytearray(good)
        page[5 * 4096:5 * 4096 + 100] = b"\xff" * 100
        bad = os.path.join(self.site.folder, "bad.db")
        before = tree(self.site.folder)
        for content, says in ((b"dear diary\n" * 1000, "is damaged (file is not a database)"),
                              (b"", "holds nothing; name a backup"),
                              (newer, f"has schema {relman.newest_schema() + 1}, this program knows schemas up to {relman.newest_schema()}; run a newer relman"),
                              (foreign, "is a database, but not one of relman"), (cut, "is damaged ("), (page, "is damaged (")):
            with self.subTest(says):
                with open(bad, "wb") as f:
                    f.write(content)
                told = self.restore(bad, wanted=2)
                self.assertIn(f"'{bad}' ", told)
                self.assertIn(says, told)
                self.assertNotIn("put a backup in its place", told)
                os.unlink(bad)
                now = tree(self.site.folder)
                # the lock file may differ, because it has the pid of the last daemon
                now[os.path.basename(self.site.state) + ".lock"] = before[os.path.basename(self.site.state) + ".lock"]
                self.assertEqual(sorted(now), sorted(before))
                self.assertEqual(now, before)
        self.assertEqual(self.restore("/none.db", wanted=2), "relmanctl: error: cannot read '/none.db': No such file or directory\n")
        self.assertIn("is no file", self.restore(self.site.folder, wanted=2))
        self.assertIn("is the database itself", self.restore(self.site.state, wanted=2))

    def test_a_backup_that_somebody_altered_is_refused_and_a_good_one_is_taken(self):
        self.start()
        self.ctl("backup", self.backup)
        self.site.stop()
        bad = os.path.join(self.site.folder, "bad.db")
        before = read(self.site.state)
        for sql, says in ALTERED:
            with self.subTest(sql[:40]):
                shutil.copy(self.backup, bad)
                alter(bad, sql)
                told = self.restore(bad, wanted=2)
                self.assertIn(f"backup '{bad}' {says}", told)
                self.assertIn("nothing was restored", told)
                self.assertEqual(read(self.site.state), before)
                self.assertEqual(self.kept("replaced"), [])
        alter(self.backup, "ANALYZE")  # a person may add statistics to a database
        self.restore()
        self.start()

    def test_numbers_do_not_go_on_from_an_absurd_one(self):
        self.start()
        self.ctl("backup", self.backup)
        last = self.numbers(self.backup)[-1]
        self.site.stop()
        alter(self.site.state, "UPDATE sqlite_sequence SET seq = 9223372036854775807 WHERE name = 'events'")
        self.assertIn(f"new events are numbered from {last + 1000001}", self.restore())
        self.start()
        self.ctl("create", "release", "next", "api=1.1.0")
        self.assertGreater(self.numbers()[-1], last + 1000000)

    def test_without_an_old_database_events_jump_past_all_that_were_seen(self):
        self.start()
        self.ctl("backup", self.backup)
        last = self.numbers(self.backup)[-1]
        self.site.stop()
        for path in glob.glob(self.site.state + "*"):
            os.unlink(path)
        told = self.restore()
        self.assertNotIn("kept", told)
        self.assertIn(f"new events are numbered from {last + 1000001}", told)
        self.start()
        self.ctl("create", "release", "next", "api=1.1.0")
        self.assertGreater(self.numbers()[-1], last + 1000000)

    def test_a_damaged_database_is_replaced_and_kept_with_its_journal(self):
        self.start()
        self.ctl("backup", self.backup)
        self.ctl("create", "release", "late", "api=1.1.0")
        self.site.process.kill()
        self.site.process.wait()
        self.site.process = None
        for suffix in ("", "-wal"):
            with open(self.site.state + suffix, "r+b") as f:
                f.write(b"\0" * 4096)
        damaged, journal = read(self.site.state), read(self.site.state + "-wal")
        self.assertGreater(len(journal), 0)
        self.restore()
        (kept,) = self.kept("replaced")
        self.assertEqual((read(kept), read(kept + "-wal")), (damaged, journal))
        self.start()
        self.assertIn("there is no release 'late'", self.ctl("get", "releases", "late", wanted=1))

    def test_a_copy_with_its_journal_is_taken_with_it(self):
        self.start()
        self.ctl("create", "release", "late", "api=1.1.0")
        self.site.process.kill()
        self.site.process.wait()
        self.site.process = None
        for suffix in ("", "-wal"):
            shutil.copy(self.site.state + suffix, self.backup + suffix)
            os.chmod(self.backup + suffix, 0o400)
        before = read(self.backup)
        for path in glob.glob(self.site.state + "*"):
            os.unlink(path)
        self.restore()
        self.assertEqual(read(self.backup), before)
        self.start()
        self.ctl("get", "releases", "late")

    def test_root_restores_for_the_user_of_the_daemon(self):
        if os.getuid() != 0:
            self.skipTest("needs root")
        self.start()
        self.ctl("backup", self.backup)
        self.site.stop()
        os.chown(self.site.state, 65534, 65534)
        os.unlink(self.site.state + ".lock")
        self.restore()
        for suffix in ("", ".lock"):
            at = os.stat(self.site.state + suffix)
            self.assertEqual((at.st_uid, at.st_gid, at.st_mode & 0o777), (65534, 65534, 0o600), suffix)

    def test_the_configuration_says_where_the_database_is(self):
        self.start()
        self.ctl("backup", self.backup)
        self.site.stop()
        config = os.path.join(self.site.folder, "c.yaml")
        with open(config, "w") as f:
            f.write(f"state: {{path: {self.site.state}}}\n")
        status, out, err = relmanctl("restore", self.backup, "--config", config)
        self.assertEqual((status, err), (0, ""))
        self.assertIn(f"is in place as '{self.site.state}'", out)
        self.assertEqual(relmanctl("restore", self.backup, "--config", "/none.yaml")[0], 2)
        self.assertEqual(relmanctl("restore", self.backup, "--stat")[2], "relmanctl: error: option '--stat' needs a value; see relmanctl help restore\n")
        self.assertIn("did you mean '--state'?", relmanctl("restore", self.backup, "--sttae", "x")[2])
        with open(config, "w") as f:
            f.write("stat: {path: /x}\n")
        status, _, err = relmanctl("restore", self.backup, "--config", config)
        self.assertEqual(status, 2)
        self.assertIn(f"{config}:1:1: error: unknown field \"stat\"", err)
        self.assertIn(f"where the database is: say --state, or: configuration '{config}' has errors\n", err)

    def frozen(self):
        """Makes a backup, then another release, and kills the daemon. Returns the command that restores the
        backup, and a function that restores the files after the kill."""
        self.start()
        self.ctl("create", "release", "early", "api=1.0.0")
        self.ctl("backup", self.backup)
        self.ctl("create", "release", "late", "api=1.1.0", "--display-name", "Unmistakable")
        self.site.process.kill()
        self.site.process.wait()
        self.site.process = None
        frozen = {s: read(self.site.state + s) for s in ("", "-wal")}

        def set_up():
            for path in glob.glob(self.site.state + "*"):
                os.unlink(path)
            for suffix, data in frozen.items():
                with open(self.site.state + suffix, "wb") as f:
                    f.write(data)
        return [os.path.join(relman.BUILDDIR, "relmanctl"), "restore", self.backup, "--state", self.site.state], set_up

    def test_a_failure_of_any_call_loses_nothing_of_the_old_one(self):
        command, set_up = self.frozen()
        failed = 0
        for call, n, status, err in failure_points(command, set_up, ("rename", "fsync", "unlink", "unlinkat", "link")):
            with self.subTest(f"{call} {n} failed"):
                failed += status != 0
                files = [read(p) for p in glob.glob(self.site.state + "*")]
                self.assertTrue(any(b"Unmistakable" in data for data in files), err)
                names = {row[0] for row in self.site.stored.releases("name")}
                if status != 0 and "late" not in names:
                    self.assertIn(f"what was there is kept as '{self.kept('replaced')[0]}': ", err)
                if status != 0 and "late" in names:  # the old database is in its place and was not copied
                    self.assertEqual(glob.glob(f"{self.site.state}.replaced-*"), [], err)
                    self.assertNotIn("kept as", err)
        self.assertGreater(failed, 3)

    def test_killed_at_any_call_it_leaves_the_old_one_or_the_new_one(self):
        command, set_up = self.frozen()
        seen = {True: 0, False: 0}
        for call, n in kill_points(command, set_up):
            with self.subTest(f"killed at {call} {n}"):
                db = sqlite3.connect(self.site.state)
                self.addCleanup(db.close)
                names = {row[0] for row in db.execute("SELECT name FROM releases")}
                self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
                self.assertIn("early", names)
                seen["late" in names] += 1
                if "late" not in names:  # the backup is in place: the old database was kept and is intact
                    (kept,) = self.kept("replaced")
                    self.assertIn("'late'", dump(kept))
                self.restore()  # repeating the command completes the restore
                self.assertEqual(self.leftovers(), [])
                self.assertNotIn("'late'", dump(self.site.state))
        print(f"# killed {sum(seen.values())} times: {seen[True]} left the old database, {seen[False]} the new one")
        self.assertGreater(seen[True], 10, "no kill came before the exchange")
        self.assertGreater(seen[False], 0, "no kill came after the exchange")
        set_up()
        self.restore()
        self.start()


class Damage(WithSite):
    def ids(self):
        """Returns the ids of objects that specs declare. relman derives these ids from names."""
        return self.site.stored.releases("id", "name", managed_by="spec") + self.site.stored.components("id", "name")

    def test_a_damaged_database_is_set_aside_and_built_anew(self):
        self.start()
        self.ctl("create", "release", "by-hand", "api=1.0.0")
        self.ctl("promote", "one", "prod")
        wanted = {name: data for name, data in tree(self.site.locks).items() if "releases/one" in name or "releases/two" in name}
        ids = self.ids()
        self.site.stop()
        with open(self.site.state, "r+b") as f:
            f.seek(4096)
            f.write(b"\xff" * 4096 * 3)
        damaged = read(self.site.state)
        self.start()
        (kept,) = self.kept("damaged")
        self.assertEqual(read(kept), damaged)
        self.site.wait_log(f"database '{self.site.state}' is damaged (")
        self.assertIn(f"it is kept as '{kept}' and rebuilt: data that is not in specs, registries or lockfiles is lost (objects made "
                      "over the API, approvals, holds, histories, events, audit)\n", self.site.log)
        self.assertEqual(self.ids(), ids)
        now = tree(self.site.locks)
        self.assertEqual({name: now.get(name) for name in wanted}, wanted)
        # after a restart relmand reports nothing
        self.site.stop()
        self.start()
        self.assertNotIn("damaged", self.site.log)
        self.assertEqual(self.kept("damaged"), [kept])

    def test_no_trigger_and_no_view_of_others_is_used(self):
        self.assertEqual(self.site.once("--confirm-prune")[0], 0)
        good = read(self.site.state)
        for sql, says in ALTERED:
            with self.subTest(sql[:40]):
                for path in glob.glob(self.site.state + "*"):
                    os.unlink(path)
                with open(self.site.state, "wb") as f:
                    f.write(good)
                alter(self.site.state, sql)
                status, _, err = self.site.once("--confirm-prune")
                self.assertIn(f"database '{self.site.state}' {says}", err)
                # An added object must be removed by a person; a damaged database is quarantined.
                refused = "did not make" in says
                self.assertEqual((status, len(self.kept("damaged"))), (2, 0) if refused else (0, 1), err)

    def test_what_cannot_be_read_just_now_is_not_taken_for_damage(self):
        if not shutil.which("strace"):
            self.skipTest("no strace")
        self.start()
        self.site.stop()
        before = self.site.stored.releases("id", "name", "created_at")
        told = 0
        for n in range(1, 90, 3):
            r = subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=pread64", "-e", f"inject=pread64:error=EIO:when={n}",
                                *self.site.arguments("--once")], capture_output=True, text=True, timeout=60,
                               env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))
            told += r.returncode != 0
            self.assertEqual(self.kept("damaged"), [], r.stderr)
            self.assertEqual(self.site.stored.releases("id", "name", "created_at"), before)
        self.assertGreater(told, 0)

    def test_a_copy_that_a_killed_daemon_left_goes_and_nothing_else(self):
        self.start()
        self.site.stop()
        uuid = "01a211ca-f730-7a07-aaad-e3c412522fc0"
        gone, kept = [f"state.db.{uuid}.tmp", f"state.db.{uuid}.tmp-journal"], ["state.db.x.tmp", f"other.db.{uuid}.tmp", f"state.db.{uuid}"]
        for name in gone + kept:
            with open(os.path.join(self.site.folder, name), "w") as f:
                f.write("x")
        self.start()
        self.assertEqual([n for n in gone if os.path.exists(os.path.join(self.site.folder, n))], [])
        self.assertEqual([n for n in kept if os.path.exists(os.path.join(self.site.folder, n))], kept)

    def test_once_says_it_too(self):
        self.site.once()
        with open(self.site.state, "r+b") as f:
            f.write(b"\0" * 16)
        status, _, err = self.site.once()
        self.assertIn("is damaged (file is not a database)", err)
        self.assertEqual(len(self.kept("damaged")), 1)
        self.assertEqual(status, 0, err)

    def test_flipped_bits_never_crash_it_and_never_alter_a_release_unseen(self):
        self.assertEqual(self.site.once()[0], 0)
        good = read(self.site.state)
        wanted = {n: d for n, d in tree(self.site.locks).items() if n.endswith(".yaml")}
        random.seed(20261125)
        places = list(range(100)) + [random.randrange(100, len(good)) for _ in range(FLIPS - 100)]
        told = {"well": 0, "set aside": 0, "refused": 0}
        for place in places:
            for path in glob.glob(self.site.state + "*"):
                os.unlink(path)
            bad = bytearray(good)
            bad[place] ^= 1 << random.randrange(8)
            with open(self.site.state, "wb") as f:
                f.write(bad)
            status, _, err = self.site.once("--confirm-prune")
            self.assertIn(status, (0, 1, 2, 78), f"byte {place}: {status}\n{err}")
            self.assertNotIn("Sanitizer", err)
            now = {n: d for n, d in tree(self.site.locks).items() if n.endswith(".yaml")}
            if now != wanted:
                self.assertNotEqual((status, err), (0, ""), f"byte {place}: other lockfiles and not a word")
            told["set aside" if self.kept("damaged") else "refused" if status in (2, 78) else "well"] += 1
        print(f"# {len(places)} flipped bits: {told}")
        self.assertGreater(told["set aside"], 0)
        self.assertGreater(told["refused"], 0)

    def test_no_altered_digit_of_a_release_reaches_its_lockfile(self):
        """Changes one digit at each place in the database that has a digest of a release. SQLite finds no
        fault in such a file."""
        self.assertEqual(self.site.once()[0], 0)
        good = read(self.site.state)
        wanted = {n: d for n, d in tree(self.site.locks).items() if n.endswith(".yaml")}
        digests = set(re.findall(rb"sha256:([0-9a-f]{64})", b"".join(wanted.values())))
        told = []
        for place in sorted(m.start() for d in digests for m in re.finditer(d, good)):
            for path in glob.glob(self.site.state + "*"):
                os.unlink(path)
            bad = bytearray(good)
            bad[place + 7] ^= 1
            with open(self.site.state, "wb") as f:
                f.write(bad)
            db = sqlite3.connect(self.site.state)
            self.assertEqual(db.execute("PRAGMA quick_check").fetchall(), [("ok",)])
            db.close()
            _, _, err = self.site.once()
            # Lockfiles must not change: their digests come only from rows whose damage relman detects.
            self.assertEqual({n: d for n, d in tree(self.site.locks).items() if "releases/one." in n or "releases/two." in n},
                             {n: d for n, d in wanted.items() if "releases/one." in n or "releases/two." in n}, f"byte {place}\n{err}")
            told += re.findall(r"is damaged \(release '(\S+)' is not as it was resolved\)", err)
        self.assertEqual(set(told), {"one", "two", "shop-1"})

    def test_nothing_goes_on_with_what_was_set_aside(self):
        """An altered release is found after statements were prepared. These statements must not run on the
        quarantined database."""
        self.assertEqual(self.site.once()[0], 0)
        db = sqlite3.connect(self.site.state)
        db.execute("UPDATE releases SET display_name = 'Other' WHERE name = 'one'")
        db.commit()
        db.close()
        self.start()
        (kept,) = self.kept("damaged")
        fds = f"/proc/{self.site.process.pid}/fd"
        opened = [os.readlink(f"{fds}/{fd}") for fd in os.listdir(fds) if os.path.lexists(f"{fds}/{fd}")]
        self.assertIn(os.path.realpath(self.site.state), opened)
        self.assertEqual([path for path in opened if "damaged" in path or path.startswith(self.site.folder) and "deleted" in path], [], kept)


if __name__ == "__main__":
    relman.main()
