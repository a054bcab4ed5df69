#!/usr/bin/env python3
"""Tests upgrades of databases of every earlier schema. The relman of schema N dumped tests/data/schema-N.sql
after a scenario that filled its tables. UPDATE_GOLDEN=1 dumps the present schema if it has no dump yet, and
writes its digest to state/schema.digest."""

import glob
import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import unittest
import uuid

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import MANIFEST, DockerRegistry, free_port  # noqa: E402
from kill_points import kill_points  # noqa: E402
from relman import Site, relmanctl, wait_for  # noqa: E402

DATA = os.path.join(relman.SRCDIR, "tests/data")
NEWEST = len(glob.glob(os.path.join(relman.SRCDIR, "state/[0-9]*.sql")))
DIGEST = os.path.join(relman.SRCDIR, "state/schema.digest")
RELMAN = 0x72656c4d
UNTOLD = {"sqlite_sequence", "sqlite_stat1"}


def golden(schema):
    return os.path.join(DATA, f"schema-{schema}.sql")


def make(path, schema, hot=False):
    """Makes a database of an older schema. hot: all rows are still in the write-ahead log, as after a
    kill."""
    for old in glob.glob(path + "*"):
        os.unlink(old)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    with open(golden(schema)) as f:
        db.executescript(f.read())
    if hot:
        saved = {}
        for suffix in ("", "-wal"):
            with open(path + suffix, "rb") as f:
                saved[suffix] = f.read()
        db.close()
        for suffix, data in saved.items():
            with open(path + suffix, "wb") as f:
                f.write(data)
    else:
        db.close()


def rows(path, columns=None):
    """Returns {table: (columns, sorted rows)}. columns: a result of rows() for the older schema; only its
    tables and columns are read."""
    db = sqlite3.connect(path)
    try:
        found = {}
        for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall():
            if columns and table not in columns:
                continue  # the table is new in the newer schema
            names = columns[table][0] if columns else [r[1] for r in db.execute(f"PRAGMA table_info({table})")]
            found[table] = (names, sorted(db.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall(), key=repr))
        return found
    finally:
        db.close()


PREFIX = "org.opencontainers.image."


def image_facts(path):
    """Returns {digest: (facts, digests of layers, digest of the base)}, from a database of any schema."""
    db = sqlite3.connect(path)
    try:
        if not db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'image_facts'").fetchone():
            return {}
        found = {}
        is_numbered = db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'layers'").fetchone()
        bases = dict(db.execute("SELECT id, digest FROM image_bases")) if is_numbered else {}
        numbers = dict(db.execute("SELECT id, digest FROM layers")) if is_numbered else {}
        for digest, facts, layers, base in db.execute("SELECT digest, facts, layers, base FROM image_facts"):
            facts = json.loads(facts)
            if is_numbered:
                base, layers = bases.get(base), [numbers[n].hex() for n in json.loads(layers)]
                for name in "annotations", "labels":
                    if name in facts:
                        texts = {PREFIX + key[1:] if key[0] == "=" else key: text for key, text in facts[name].items()}
                        facts[name] = {key: base if (key, text) == (PREFIX + "base.digest", "=") else text for key, text in texts.items()}
            else:
                layers = [layers[n:n + 32].hex() for n in range(0, len(layers), 32)]
            found[digest] = (facts, layers, base)
        return found
    finally:
        db.close()


def migrated(found, schema):
    """Returns the expected rows after the migrations. Only two change existing rows: 0005 clears rules_digest,
    so that each component is evaluated again. 0024 stores the facts of images in another form, see image_facts()."""
    if schema < 24:
        found = {table: rows for table, rows in found.items() if table not in ("image_facts", "image_layers")}
    names, kept = found["component_syncs"]
    if schema >= 5:
        return found
    column = names.index("rules_digest")
    kept = [row[:column] + ("",) + row[column + 1:] for row in kept]
    return {**found, "component_syncs": (names, sorted(kept, key=repr))}


def counts(path):
    """Returns the number of releases of each status twice: as stored in release_counts, and as counted."""
    db = sqlite3.connect(path)
    try:
        return (db.execute("SELECT tenant_id, status, n FROM release_counts WHERE n > 0 ORDER BY 1, 2").fetchall(),
                db.execute("SELECT tenant_id, status, count(*) FROM releases GROUP BY 1, 2 ORDER BY 1, 2").fetchall())
    finally:
        db.close()


def one(path, sql):
    db = sqlite3.connect(path)
    try:
        return db.execute(sql).fetchone()[0]
    finally:
        db.close()


def schema_of(path):
    db = sqlite3.connect(path)
    try:
        # The columns of tables are compared, because after ALTER TABLE the SQL text of a table differs.
        tables = [r[0] for r in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
        return ({t: sorted(r[1:] for r in db.execute(f"PRAGMA table_info({t})")) for t in tables},
                {r[0]: r[1] for r in db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'index'")})
    finally:
        db.close()


def digest_of(path):
    """Returns the digest of the schema, as relmand compares it (src/store/sqlite/schema-compare.c)."""
    db = sqlite3.connect(path)
    try:
        found = db.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema ORDER BY name, type").fetchall()
        return "sha256:" + hashlib.sha256("".join(text + "\0" for row in found for text in row).encode()).hexdigest()
    finally:
        db.close()


def migrate(site):
    """Returns the command that opens the database. It does nothing else and exits with an error, because there
    are no specs."""
    return [os.path.join(relman.BUILDDIR, "relmand"), "--once", "--specs", "/none", "--state", site.state, "--locks", site.locks]


class Upgrade(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)

    def migrate(self):
        return migrate(self.site)

    def run_migration(self):
        r = subprocess.run(self.migrate(), capture_output=True, text=True, timeout=60)
        self.assertEqual(r.returncode, 2, r.stderr)
        return r.stderr

    def test_there_is_a_dump_of_every_schema(self):
        self.assertEqual([os.path.basename(golden(n)) for n in range(1, NEWEST + 1) if not os.path.exists(golden(n))], [],
                         "UPDATE_GOLDEN=1 makes today's")
        for n in range(1, NEWEST + 1):
            with open(golden(n)) as f:
                self.assertIn(f"PRAGMA user_version = {n};\n", f.read())

    def test_relmand_knows_the_digest_of_todays_schema(self):
        self.run_migration()
        with open(DIGEST) as f:
            self.assertEqual(f.read(), digest_of(self.site.state) + "\n", "UPDATE_GOLDEN=1 writes it; then build again")

    def test_every_earlier_schema_opens_and_keeps_all_its_rows(self):
        self.run_migration()
        wanted = schema_of(self.site.state)
        for n in range(1, NEWEST):
            for hot in (False, True):
                with self.subTest(f"schema {n}, {'with' if hot else 'without'} a hot journal"):
                    make(self.site.state, n)
                    before, facts = rows(self.site.state), image_facts(self.site.state)
                    make(self.site.state, n, hot)
                    told = self.run_migration()
                    self.assertEqual(schema_of(self.site.state), wanted)
                    self.assertEqual(rows(self.site.state, migrated(before, n)), migrated(before, n))
                    self.assertEqual(image_facts(self.site.state), facts)
                    self.assertEqual(one(self.site.state, "SELECT group_concat(DISTINCT person) FROM approvals"),
                                     # schema 4 added persons; older approvals get the number of uid:0
                                     "0" if n < 4 else "root")
                    self.assertEqual(*counts(self.site.state))
                    self.assertEqual((one(self.site.state, "PRAGMA user_version"), one(self.site.state, "PRAGMA application_id")), (NEWEST, RELMAN))
                    (backup,) = glob.glob(f"{self.site.state}.{n}-*.bak")
                    self.assertRegex(backup, r"\.\d+-\d{8}T\d{6}Z\.bak$")
                    self.assertIn(f"has the schema of this program now; as it was before it is kept as '{backup}'", told)
                    self.assertEqual(os.stat(backup).st_mode & 0o777, 0o600)
                    self.assertEqual(rows(backup), before)
                    self.assertEqual(one(backup, "PRAGMA user_version"), n)
                    # the backup can be restored
                    self.assertEqual(relmanctl("restore", backup, "--state", self.site.state)[::2], (0, ""))
                    self.assertEqual(rows(self.site.state), before)

    def test_an_export_of_every_earlier_schema_is_imported(self):
        for n in range(1, NEWEST + 1):
            with self.subTest(f"schema {n}"):
                make(self.site.state, n)
                before, facts = rows(self.site.state), image_facts(self.site.state)
                path, imported = self.site.folder + f"/{n}.ndjson", self.site.folder + f"/{n}.db"
                self.assertEqual(relmanctl("export", path, "--state", self.site.state)[::2], (0, ""))
                self.assertEqual(relmanctl("import", path, "--state", imported)[::2], (0, ""))
                self.assertEqual(rows(self.site.state), before)
                self.assertEqual(rows(imported, migrated(before, n)), migrated(before, n))
                self.assertEqual(image_facts(imported), facts)
                with open(DIGEST) as f:
                    self.assertEqual(f.read(), digest_of(imported) + "\n")
                self.assertEqual(one(imported, "PRAGMA user_version"), NEWEST)

    def test_rows_are_in_most_tables_of_a_dump(self):
        for n in range(1, NEWEST + 1):
            make(self.site.state, n)
            empty = {t for t, (_, found) in rows(self.site.state).items() if not found}
            self.assertLessEqual(empty, {"output_runs", "dead_letters", "drift", "event_receivers"}, f"schema {n}")

    def test_the_id_of_a_version_is_made_from_its_component_and_digest(self):
        # relmand finds the version of a digest by its id, also in a database that an older relmand wrote
        namespace = uuid.UUID("5e2c9a41-0d7b-4f86-b315-6ea8d2903cf7")
        for n in range(1, NEWEST + 1):
            make(self.site.state, n)
            db = sqlite3.connect(self.site.state)
            found = db.execute("SELECT id, component_id, digest FROM version_maps").fetchall()
            db.close()
            self.assertGreater(len(found), 0, f"schema {n}")
            for stored, component, digest in found:
                self.assertEqual(stored, str(uuid.uuid5(namespace, f"{component}\0{digest}\0")), f"schema {n}")

    def test_the_history_of_a_removed_environment_is_told_from_that_of_the_present_one(self):
        make(self.site.state, 18)
        db = sqlite3.connect(self.site.state)
        declared = {name: (i, at) for i, name, at in db.execute("SELECT id, name, created_at FROM environments")}
        db.execute("DELETE FROM environment_history")
        # Times of rows in the order of their numbers. Rows 1 and 2 are of a removed staging. The clock was set back
        # before row 4.
        for sequence, (name, at) in enumerate((("staging", "1999"), ("staging", "2000"), ("staging", declared["staging"][1]), ("staging", "2001"),
                                               ("prod", "1998"), ("prod", "2000")), 1):
            db.execute("INSERT INTO environment_history (sequence, environment_id, release_id, release_name, status, at, by) "
                       "VALUES (?, ?, 'r', 'r', 'deployed', ?, 'root')", (sequence, declared[name][0], at))
        db.commit()
        db.close()
        self.run_migration()
        for name, after in ("staging", 2), ("prod", 6), ("lab", 0):
            self.assertEqual(one(self.site.state, f"SELECT history_after FROM environments WHERE name = '{name}'"), after, name)

    def test_approvals_get_an_order_and_holds_after_failures_a_mark(self):
        make(self.site.state, 22)
        db = sqlite3.connect(self.site.state)
        environments = dict(db.execute("SELECT name, id FROM environments"))
        releases = [r for r, in db.execute("SELECT id FROM releases ORDER BY id LIMIT 2")]
        for table in "approvals", "environment_holds", "environment_history":
            db.execute(f"DELETE FROM {table}")
        for environment, release, by, at in (("prod", 0, "a", "2026-01-02"), ("prod", 1, "a", "2026-01-01"), ("prod", 1, "b", "2026-01-02"), ("lab", 0, "a", "2026-01-03")):
            db.execute("INSERT INTO approvals (environment_id, release_id, by, person, at) VALUES (?, ?, ?, ?, ?)",
                       (environments[environment], releases[release], by, by, at))
        # staging: a person's hold in the second of an older failure; prod: a failure that stays; lab: relmand restored
        # a release after a failure
        for environment, statuses, restored in ("staging", ("failed", "deployed"), None), ("prod", ("deployed", "failed"), None), ("lab", ("failed", "deployed"), 0):
            for status in statuses:
                db.execute("INSERT INTO environment_history (environment_id, release_id, release_name, status, at, by) VALUES (?, ?, 'r', ?, '2026', 'root')",
                           (environments[environment], releases[0], status))
            db.execute("INSERT INTO environment_holds (environment_id, release_id, since, by, reason) VALUES (?, ?, '2026', 'root', '')",
                       (environments[environment], None if restored is None else releases[restored]))
        db.commit()
        db.close()
        self.run_migration()
        for name, found in ("prod", "1 1a,2 0a,3 1b"), ("lab", "1 0a"):
            told = one(self.site.state, "SELECT group_concat(x, ',') FROM (SELECT a.sequence || ' ' || (a.release_id <> "
                       f"'{releases[0]}') || a.by AS x FROM approvals a WHERE environment_id = '{environments[name]}' ORDER BY a.sequence)")
            self.assertEqual(told, found)
        for name, is_fallback in ("staging", 0), ("prod", 1), ("lab", 1):
            self.assertEqual(one(self.site.state, f"SELECT is_fallback FROM environment_holds WHERE environment_id = '{environments[name]}'"), is_fallback, name)
        self.assertEqual(one(self.site.state, "SELECT min(h.until = t.changed_at) FROM tag_history h JOIN tags t USING (component_id, tag)"), 1)

    def test_facts_of_images_are_kept_and_searched_by_number(self):
        """Layers that images share, one twice in an image, an image in two releases, and texts that look like those
        of the new form."""
        make(self.site.state, 23)
        layers = [bytes([n]) * 32 for n in (1, 2, 1, 3)]
        base = "sha256:" + "b" * 64
        db = sqlite3.connect(self.site.state)
        digests = [d for d, in db.execute("SELECT digest FROM image_facts ORDER BY id")]
        for digest, n in zip(digests, range(6)):
            texts = {PREFIX + "base.digest": base, PREFIX + "title": ',"' + PREFIX + 'title":"' + PREFIX + "x", "odd=": "="} if n else {}
            db.execute("DELETE FROM image_facts WHERE digest = ?", (digest,))
            db.execute("INSERT INTO image_facts (digest, facts, layers, base) VALUES (?, ?, ?, ?)", (
                digest, json.dumps({"annotations": texts, "labels": texts}, separators=(",", ":")), b"".join(layers[n // 2:]), base if n else None))
        db.commit()
        releases = {(d, r) for d, r in db.execute("SELECT i.digest, r.name FROM image_facts i JOIN release_digests d ON d.digest = i.digest JOIN "
                                                  "release_components c ON c.digest = d.of_digest JOIN releases r ON r.id = c.release_id")}
        numbers = db.execute("SELECT name FROM releases ORDER BY rowid").fetchall()
        db.close()
        before = image_facts(self.site.state)
        self.run_migration()
        self.assertEqual(image_facts(self.site.state), before)
        self.assertEqual((one(self.site.state, "SELECT count(*) FROM layers"), one(self.site.state, "SELECT count(*) FROM image_bases")), (3, 1))
        self.assertNotIn(base, one(self.site.state, "SELECT group_concat(facts) FROM image_facts"))
        db = sqlite3.connect(self.site.state)
        self.assertEqual({(d, r) for d, r in db.execute("SELECT i.digest, r.name FROM image_uses u JOIN image_facts i ON i.id = u.image JOIN "
                                                        "releases r ON r.number = u.release")}, releases)
        self.assertGreater(len(releases), len(digests))
        self.assertEqual(db.execute("SELECT name FROM releases ORDER BY number").fetchall(), numbers)
        self.assertEqual({(image, layer) for image, layer in db.execute("SELECT i.digest, hex(l.digest) FROM image_layers JOIN image_facts i ON "
                                                                        "i.id = image JOIN layers l ON l.id = layer")},
                         {(digest, layer.upper()) for digest, (_, found, _) in before.items() for layer in found})
        db.close()

    def test_the_dump_of_todays_schema_has_todays_schema(self):
        make(self.site.state, NEWEST)
        found = schema_of(self.site.state)
        for path in glob.glob(self.site.state + "*"):
            os.unlink(path)
        self.run_migration()
        self.assertEqual(found, schema_of(self.site.state), "a schema that was released is altered by a new migration only")

    def test_killed_at_any_call_it_is_the_old_schema_or_the_new_one(self):
        if NEWEST == 1:
            self.skipTest("there is one schema only")
        make(self.site.state, NEWEST - 1)
        before, facts = rows(self.site.state), image_facts(self.site.state)
        seen = {NEWEST - 1: 0, NEWEST: 0}

        def set_up():
            make(self.site.state, NEWEST - 1, hot=True)
            # so that each run makes the folder with the same system calls
            shutil.rmtree(self.site.locks, ignore_errors=True)
        for call, n in kill_points(self.migrate(), set_up, wanted=2):
            with self.subTest(f"killed at {call} {n}"):
                version = one(self.site.state, "PRAGMA user_version")
                seen[version] += 1
                self.assertEqual(one(self.site.state, "PRAGMA integrity_check"), "ok")
                wanted = migrated(before, NEWEST - 1) if version == NEWEST else before
                self.assertEqual(rows(self.site.state, wanted), wanted)
                self.assertEqual(image_facts(self.site.state), facts)
                for backup in glob.glob(f"{self.site.state}.*.bak"):
                    self.assertEqual(rows(backup), before)
                if version == NEWEST:
                    self.assertEqual(len(glob.glob(f"{self.site.state}.*.bak")), 1)
                self.run_migration()  # the next start completes the upgrade
                self.assertEqual(one(self.site.state, "PRAGMA user_version"), NEWEST)
                backups = glob.glob(f"{self.site.state}.*.bak")
                self.assertGreater(len(backups), 0)
                for backup in backups:
                    self.assertEqual(rows(backup), before)
                self.assertEqual(glob.glob(f"{self.site.state}*tmp*"), [])
        print(f"# killed {sum(seen.values())} times, schema left: {seen}")
        self.assertGreater(seen[NEWEST - 1], 10)
        self.assertGreater(seen[NEWEST], 0)

    def test_a_newer_schema_is_refused_with_both_versions_and_nothing_is_written(self):
        make(self.site.state, NEWEST)
        db = sqlite3.connect(self.site.state)
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute(f"PRAGMA user_version = {NEWEST + 1}")
        db.close()
        with open(self.site.state, "rb") as f:
            before = f.read()
        r = subprocess.run(self.migrate(), capture_output=True, text=True, timeout=60)
        self.assertEqual((r.returncode, relman.without_times(r.stderr)), (
            78, f"relmand: error: database '{self.site.state}' has schema {NEWEST + 1}, this program knows schemas up to {NEWEST}; run a "
            f"newer relman, or restore a backup of an older schema ('{self.site.state}.*.bak')\n"))
        with open(self.site.state, "rb") as f:
            self.assertEqual(f.read(), before)
        self.assertEqual(sorted(os.path.basename(p) for p in glob.glob(self.site.state + "*")), ["state.db", "state.db.lock"])


# --- how the dumps are made ------------------------------------------------------------------------

SPECS = """apiVersion: relman/v1
kind: Registry
metadata: {name: r}
spec: {url: 'http://HOST'}
---
apiVersion: relman/v1
kind: Component
metadata: {name: api}
spec: {imageRepository: HOST/app/api}
---
apiVersion: relman/v1
kind: Component
metadata: {name: web}
spec: {imageRepository: HOST/app/web}
---
apiVersion: relman/v1
kind: Release
metadata: {name: one, labels: {team: shop}}
spec: {mode: pinned, components: [{name: api, version: 1.0.0, role: primary}, {name: web, tag: v1.0.0}], sourceRef: {commitSha: abc}}
---
apiVersion: relman/v1
kind: Release
metadata: {name: draft}
spec: {mode: pinned, components: [{name: api, version: 9.0.0}]}
---
apiVersion: relman/v1
kind: ReleaseStream
metadata: {name: shop}
spec: {components: [api, web], settle: 0s}
---
apiVersion: relman/v1
kind: Environment
metadata: {name: staging}
spec: {stream: shop}
---
apiVersion: relman/v1
kind: Environment
metadata: {name: prod}
spec: {stream: shop, promotesFrom: staging, approvals: 1, checks: {before: [{name: scan}], after: [{name: smoke}]}, confirm: manual}
---
apiVersion: relman/v1
kind: Environment
metadata: {name: lab, labels: {stage: lab}}
spec: {stream: shop}
---
apiVersion: relman/v1
kind: Calendar
metadata: {name: closed}
spec: {environments: {matchLabels: {stage: lab}}, windows: [{deny: '2000-01-01..2199-12-30'}]}
---
apiVersion: relman/v1
kind: Group
metadata: {name: oncall}
spec: {members: [anna, bob]}
"""


class Story:
    """Runs the scenario and dumps the tables, without data that differ in each run."""

    def __init__(self):
        self.registry, self.site = DockerRegistry(), Site()

    def ctl(self, *arguments):
        status, out, err = relmanctl(*arguments, "--socket", self.site.socket)
        assert status == 0, out + err

    def tell(self):
        site = self.site
        for name in ("api", "web"):
            self.registry.push(f"app/{name}", "v1.0.0", platforms=("linux/amd64", "linux/arm64"))
            self.registry.push(f"app/{name}", "v1.1.0-rc.1")
        self.registry.put_manifest("app/web", "v1.2.0-rc.1", self.registry.image(
            "app/web", "based", annotations={"org.opencontainers.image.base.digest": "sha256:" + "b" * 64}), MANIFEST)
        site.write("site.yaml", SPECS.replace("HOST", self.registry.host))
        hook = f"http://127.0.0.1:{free_port()}/"
        credentials = os.path.join(site.folder, "credentials")
        os.mkdir(credentials)
        assert relmanctl("key", "new", os.path.join(credentials, "signer"))[0] == 0
        site.start(f"poll: {{interval: 1h}}\nevents: {{webhooks: [{{name: nobody, url: '{hook}'}}]}}\nsigning: {{credential: signer}}\n",
                   env={"CREDENTIALS_DIRECTORY": credentials})
        wait_for(lambda: site.stored.deployments(status="deployed"), what="staging")
        wait_for(lambda: (site.call("GET", "/api/v1/environments/lab")[1]["pending"] or {}).get("reason") == "WindowClosed", what="lab")
        self.ctl("approve", "shop-1", "prod")
        self.ctl("check", "shop-1", "prod", "scan", "--pass", "--evidence", "https://ci.example.com/17")
        wait_for(lambda: site.stored.checks(status="running", name="smoke"), what="prod")
        self.ctl("check", "shop-1", "prod", "smoke", "--pass", "--message", "it answers")
        self.ctl("confirm", "shop-1", "prod", "--evidence", "CR-17")
        self.ctl("create", "release", "by-hand", "api=1.0.0", "web=1.2.0-rc.1", "--idempotency-key", "k1")
        self.ctl("deprecate", "one", "--reason", "old")
        self.registry.push("app/api", "v1.0.0", "moved")
        self.ctl("sync", "api", "--force")
        self.ctl("sync", "api", "--force")
        self.ctl("hold", "prod", "--reason", "freeze")
        status, answer, _ = site.call("POST", "/api/v1/version-maps", {
            "componentId": site.stored.components("id", name="web")[0][0], "tag": "v1.1.0-rc.1", "semver": "1.1.0", "channel": "beta"})
        assert status == 201, answer
        site.stop()

    def dump(self):
        db = sqlite3.connect(self.site.state)
        lines = [line for line in db.iterdump() if not re.search(r'"?sqlite_stat|ANALYZE', line)]
        db.close()
        text = "\n".join(lines).replace(self.site.folder, "/srv/relman")
        return text + f"\nPRAGMA application_id = {RELMAN};\nPRAGMA user_version = {NEWEST};\n"

    def close(self):
        self.site.close()
        self.registry.close()


def update_digest():
    site = Site()
    subprocess.run(migrate(site), capture_output=True, timeout=60)
    with open(DIGEST, "w") as f:
        f.write(digest_of(site.state) + "\n")
    site.close()


if __name__ == "__main__":
    if os.environ.get("UPDATE_GOLDEN") and not os.path.exists(golden(NEWEST)):
        story = Story()
        story.tell()
        with open(golden(NEWEST), "w") as f:
            f.write(story.dump())
        story.close()
    if os.environ.get("UPDATE_GOLDEN"):
        update_digest()
    relman.main()
