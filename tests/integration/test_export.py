#!/usr/bin/env python3
"""Tests export and import: a database as lines of JSON, and a database of such lines."""

import hashlib
import json
import os
import sys

import jsonschema

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import RegistryCase, document, documents, newest_schema, relmanctl, wait_for  # noqa: E402


def read(path):
    with open(path) as f:
        return f.read()


def lines_of(path):
    """Returns the objects of an export."""
    return [json.loads(line) for line in read(path).splitlines()]


def data_of(path):
    """Returns what is compared: all lines but the first, which has a time, and the last, which follows from the others.
    Without the number of the next event, which an import lets grow."""
    return [line for line in lines_of(path)[1:-1] if "sequence" not in line or line["table"] != "events"]


def tree(folder):
    """Returns {path: bytes, or target of the link} of every file below a folder. Skips files that are being
    replaced."""
    found = {}
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            try:
                if os.path.islink(path):
                    found[os.path.relpath(path, folder)] = os.readlink(path)
                else:
                    with open(path, "rb") as f:
                        found[os.path.relpath(path, folder)] = f.read()
            except FileNotFoundError:
                pass
    return found


def seal(lines):
    """Returns the text of an export of these lines: all but the last one, which is made."""
    text = "".join(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n" for line in lines)
    rows = sum("row" in line for line in lines)
    digest = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    return text + json.dumps({"end": {"rows": rows, "digest": digest}}) + "\n"


class Story(RegistryCase):
    IMAGES = {f"app/{name}": ("v1.0.0", "v1.1.0") for name in ("api", "web")}
    LISTS = ("components", "environments", "releases", "environments/prod/history", "components/api/tags",
             "components/api/tag-history", "components/api/versions", "audit", "events", "environments/prod/statements")

    n = 1  # minor version of the newest tag; the tests share the registry

    def setUp(self):
        super().setUp()
        self.site.write("all.yaml", documents(
            document("ReleaseStream", "main", "settle: 0s, nameTemplate: 'main-{seq}'"),
            document("Environment", "dev", "stream: main"),
            document("Environment", "prod", "promotesFrom: dev, approvals: {count: 1}, confirm: manual"),
            registry=self.registry, components=("api", "web")))
        self.site.start("poll: {interval: 1h}\n")
        wait_for(lambda: self.ready() == ["main-1"] and "deployed" in self.ctl("get", "environments"), what="the first release")
        self.ctl("approve", "main-1", "prod", "--message", "reads well: \u00e9 \U0001f680")
        self.ctl("promote", "main-1", "prod", "--reason", "first \"one\"")
        self.ctl("confirm", "prod", "--evidence", "CR-17")
        type(self).n += 1
        self.registry.push("app/api", f"v1.{self.n}.0")
        self.registry.push("app/web", "v1.1.0", f"moved {self.n}")
        self.ctl("sync", "--all", "--force")
        wait_for(lambda: self.ready() == ["main-1", "main-2"], what="the second release")
        self.ctl("hold", "dev", "--reason", "freeze")
        self.file = os.path.join(self.site.folder, "export.ndjson")
        self.other = os.path.join(self.site.folder, "other")
        os.mkdir(self.other)
        self.state = os.path.join(self.other, "state.db")

    def ready(self):
        """Returns the names of the releases whose lockfile is written."""
        return sorted(name for name, status in self.site.stored.releases("name", "status") if status != "draft" and self.site.lock(name))

    def answers(self):
        return {name: json.loads(json.dumps(self.get(name)).replace("/other/locks/", "/locks/")) for name in self.LISTS}

    def imported(self, path, wanted=0):
        """Imports a file; returns the message. If it is refused, nothing may be left."""
        status, out, err = relmanctl("import", path, "--state", self.state)
        self.assertEqual(status, wanted, err)
        if wanted:
            self.assertEqual([name for name in os.listdir(self.other) if not name.endswith(".lock")], [])
        return out or err.replace(self.site.folder + "/", "").replace("relmanctl: error: ", "").strip()

    def export(self, *args, state=None):
        """Exports the state of the daemon, or of a database, to a new file."""
        if os.path.exists(self.file):
            os.unlink(self.file)
        status, out, err = relmanctl("export", self.file, *args, *(("--state", state) if state else ("--socket", self.site.socket)))
        self.assertEqual((status, err), (0, ""))
        return out


class Moving(Story):
    def test_an_imported_database_is_the_exported_one(self):
        out = self.export()
        first = read(self.file)
        answers = self.answers()
        self.site.stop()
        locks = tree(self.site.locks)
        self.assertRegex(out, rf"^{self.file}: \d+ rows of schema {newest_schema()}\n$")
        self.assertEqual(os.stat(self.file).st_mode & 0o777, 0o600)
        # a second export of the same database; the backup command left an entry in the audit
        self.export(state=self.site.state)
        self.assertEqual([line for line in data_of(self.file) if line["table"] != "audit"],
                         [line for line in map(json.loads, first.splitlines()[1:-1]) if line["table"] not in ("audit", "events") or "row" in line and line["table"] != "audit"])
        exported = data_of(self.file)
        told = self.imported(self.file)
        self.assertIn(f"rows of schema {newest_schema()} are in '{self.state}'; new events are numbered from ", told)
        self.export(state=self.state)
        self.assertEqual(data_of(self.file), exported)
        # the daemon goes on from it, without a registry, and writes the same lockfiles
        self.site.state, self.site.locks = self.state, os.path.join(self.other, "locks")
        self.site.start("poll: {interval: 1h}\n")
        try:
            wait_for(lambda: tree(self.site.locks) == locks, what="the lockfiles")
        except AssertionError:
            self.assertEqual(tree(self.site.locks), locks)
        now = self.answers()
        for name in ("components", "releases", "environments/prod/history", "components/api/versions",
                     "components/api/tag-history", "environments/prod/statements"):
            self.assertEqual(now[name], answers[name], name)
        sequences = [entry["sequence"] for entry in answers["events"]["data"]]
        self.assertEqual([entry for entry in now["events"]["data"] if entry["sequence"] in sequences], answers["events"]["data"])
        self.assertEqual(now["audit"]["data"][-len(answers["audit"]["data"]):], answers["audit"]["data"])

    def test_a_pipe_carries_an_export(self):
        status, out, _ = relmanctl("export", "-", "--socket", self.site.socket)
        self.assertEqual(status, 0)
        self.assertIn("\"reason\":\"first \\\"one\\\"\"", out)
        status, told, err = relmanctl("import", "-", "--state", self.state, stdin=out)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("'standard input': ", told)
        self.export(state=self.state)
        self.assertEqual(data_of(self.file), [json.loads(line) for line in out.splitlines()[1:-1] if json.loads(line).get("table") != "events" or "row" in line])

    def test_each_line_is_as_the_schema_says(self):
        self.export()
        status, out, _ = relmanctl("schema", "export")
        self.assertEqual(status, 0)
        schema = json.loads(out)
        jsonschema.Draft202012Validator.check_schema(schema)
        by_table = {part["properties"]["table"]["const"]: jsonschema.Draft202012Validator(part)
                    for part in schema["oneOf"] if "const" in part["properties"].get("table", {})}
        whole = jsonschema.Draft202012Validator(schema)
        lines = lines_of(self.file)
        for line in lines:
            (by_table[line["table"]] if "row" in line else whole).validate(line)
        whole.validate(lines[1])
        tables = {line["table"] for line in lines[1:-1]}
        self.assertLessEqual({"components", "releases", "environment_history", "tag_history", "audit", "events"}, tables)
        self.assertLessEqual(tables, set(by_table))
        bad = dict(lines[1], row=dict(lines[1]["row"], more=1))
        self.assertFalse(whole.is_valid(bad))

    def test_what_is_not_an_export_makes_no_database(self):
        self.export()
        lines = lines_of(self.file)[:-1]
        text = read(self.file)
        path = os.path.join(self.site.folder, "altered.ndjson")
        at = next(i for i, line in enumerate(lines) if line.get("table") == "components")
        key = next(i for i, line in enumerate(lines) if line.get("table") == "channels")
        component = lines[at]["row"]

        def changed(i, **row):
            return seal(lines[:i] + [{**lines[i], "row": {**lines[i]["row"], **row}}] + lines[i + 1:])

        newer = {**lines[0], "schema": newest_schema() + 1}
        cases = (
            ("", "'altered.ndjson' is empty"),
            ("x\n", "'altered.ndjson' line 1: "),
            ("[]\n", "line 1: is not an object"),
            ("{}\n", "line 1: this is no export of relman, which relmanctl export writes"),
            (seal([newer] + lines[1:]), f"'altered.ndjson' has schema {newest_schema() + 1} and version 1, this program reads schemas up to"),
            ("".join(text.splitlines(True)[:-1]), f"line {len(lines)}: the file ends here, without its last line"),
            (text[:len(text) // 2], f"'altered.ndjson' line {text[:len(text) // 2].count(chr(10)) + 1}: "),
            ("".join(text.splitlines(True)[:5] + text.splitlines(True)[6:]), "the lines before are not those that were exported"),
            (text.replace("v1.1.0", "v1.1.1"), "the lines before are not those that were exported"),
            (text + "{}\n", f"line {len(lines) + 2}: there is a line after the last one"),
            (seal(lines[:2] + [{"table": "nothing", "row": {}}] + lines[2:]), "line 3: the schema has no table 'nothing'"),
            (seal(lines[:2] + [{"table": "sqlite_sequence", "row": {}}] + lines[2:]), "line 3: the schema has no table 'sqlite_sequence'"),
            (seal(lines + [{"table": "nothing", "sequence": 3}]), "the schema has no table 'nothing'"),
            (seal(lines[:2] + [{"table": "x"}] + lines[2:]), "line 3: it has neither a row nor a sequence of a table"),
            (changed(at, colour="red"), f"line {at + 1}: the table has no column 'colour'"),
            (changed(at, name=7), f"line {at + 1}: of another type than its column is 'name'"),
            (changed(at, declared_line="7"), f"line {at + 1}: of another type than its column is 'declared_line'"),
            (changed(at, declared_line=1.5), f"line {at + 1}: of another type than its column is 'declared_line'"),
            (changed(key, sort_key="0g"), f"line {key + 1}: of another type than its column is 'sort_key'"),
            (changed(key, sort_key="012"), f"line {key + 1}: of another type than its column is 'sort_key'"),
            (changed(at, id=None), f"line {at + 1}: "),
            (seal(lines[:at + 1] + lines[at:]), f"line {at + 2}: "),
            (seal(lines[:at] + lines[at + 1:]), "belongs to none of 'components'"),
            (seal(lines).replace(f'"{component["name"]}"', '"a\\u0000b"'), "line "),
        )
        for content, wanted in cases:
            with self.subTest(wanted):
                with open(path, "w") as f:
                    f.write(content)
                self.assertIn(wanted, self.imported(path, wanted=2))
        # a release that was altered, with a digest of the lines that is right
        release = next(i for i, line in enumerate(lines) if line.get("table") == "releases" and line["row"].get("seal"))
        with open(path, "w") as f:
            f.write(changed(release, components=lines[release]["row"]["components"].replace("v1.", "v9.")))
        self.assertIn("is not as it was resolved", self.imported(path, wanted=2))

    def test_a_database_is_never_replaced(self):
        self.export()
        with open(self.site.state, "rb") as f:
            before = f.read(100)
        status, out, err = relmanctl("import", self.file, "--state", self.site.state)
        self.assertEqual((status, out), (2, ""))
        self.assertIn(f"there is a database '{self.site.state}'; stop relmand and move it away, or name another place with --state", err)
        with open(self.site.state, "rb") as f:
            self.assertEqual(f.read(100), before)
        status, _, err = relmanctl("export", self.file, "--socket", self.site.socket)
        self.assertEqual(status, 2)
        self.assertIn("File exists", err)
        for args, wanted in ((("export", os.path.join(self.other, "x"), "--state", self.file), "not a database"),
                             (("export", os.path.join(self.other, "x"), "--state", self.other + "/none"), "unable to open"),
                             (("import", self.other + "/none", "--state", self.state), "No such file")):
            status, _, err = relmanctl(*args)
            self.assertEqual(status, 2, err)
            self.assertIn(wanted, err)
        self.assertEqual(os.listdir(self.other), [])


if __name__ == "__main__":
    relman.main()
