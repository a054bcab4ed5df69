#!/usr/bin/env python3
"""Tests that each check of tests/lint reports a planted fault and accepts this tree."""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SRCDIR = os.environ.get("SRCDIR", os.path.abspath("."))
sys.path.insert(0, os.path.join(SRCDIR, "tests/lib"))
import relman  # noqa: E402


def run(gate, root):
    r = subprocess.run([sys.executable, os.path.join(SRCDIR, "tests/lint", gate), root], capture_output=True, text=True)
    return r.returncode, r.stdout


class Gates(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="relman-gates-")
        os.makedirs(os.path.join(self.root, "doc"))
        shutil.copy(os.path.join(SRCDIR, "doc/ARCHITECTURE.md"), os.path.join(self.root, "doc"))

    def tearDown(self):
        shutil.rmtree(self.root)

    def write(self, name, text):
        path = os.path.join(self.root, "src", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)

    def test_the_tree_keeps_its_layers(self):
        status, out = run("layers.py", SRCDIR)
        self.assertEqual(status, 0, out)

    def test_the_tree_keeps_its_sizes(self):
        status, out = run("sizes.py", SRCDIR)
        self.assertEqual(status, 0, out)

    def test_the_tree_releases_what_it_has(self):
        status, out = run("cleanups.py", SRCDIR)
        self.assertEqual(status, 0, out)

    def test_a_release_of_what_has_no_value_is_refused(self):
        text = "int f(int x)\n{\n        _cleanup_(arena_done) Arena arena%s;\n\n%s        arena_init(&arena, 1);\n%s        return 0;\n}\n"
        early = "        if (x)\n                return 1;\n"
        for value, before, after, wanted in (("", early, "", 1), ("", "", early, 0), (" = { 0 }", early, "", 0)):
            self.write("base/x.c", text % (value, before, after))
            status, out = run("cleanups.py", self.root)
            self.assertEqual(status, wanted, out)
        self.write("base/x.c", text % ("", early, ""))
        self.assertIn("src/base/x.c:3: 'arena' is released by a return that comes before it has a value", run("cleanups.py", self.root)[1])

    def analyze(self, text):
        """Runs the analyzers on a file, except the static analyzer of clang. Returns (status, output)."""
        lint = os.path.join(self.root, "tests/lint")
        os.makedirs(lint, exist_ok=True)
        shutil.copy(os.path.join(SRCDIR, ".clang-tidy"), self.root)
        for known in ("analyze.known", "cppcheck.known"):
            with open(os.path.join(lint, known), "w") as f:
                f.write("# nothing is\n")
        self.write("x.c", "int none;\n")
        self.write("base/x.c", text)
        r = subprocess.run(["sh", os.path.join(SRCDIR, "tests/lint/analyze"), self.root, self.root, f"-I{self.root}/src"],
                           capture_output=True, text=True, env=dict(os.environ, QUICK="1"))
        return r.returncode, r.stdout + r.stderr

    def test_each_analyzer_finds_what_only_it_does(self):
        good = "#include <string.h>\nint f(const char *a);\nint f(const char *a)\n{\n        return strcmp(a, \"x\") == 0;\n}\n"
        status, said = self.analyze(good)
        self.assertEqual(status, 0, said)
        for word, text in (("bugprone-suspicious-string-compare", good.replace("== 0", "== 1")),
                           ("gcc -fanalyzer: src/base/x.c analyzer-possible-null-dereference", "#include <stdlib.h>\nvoid *g(void);\nvoid *g(void)\n{\n        char *p = malloc(3);\n"
                            "        *p = 'x';\n        return p;\n}\n"),
                           ("uninitvar", "int h(void);\nint h(void)\n{\n        int x;\n        int *p = &x;\n\n        return *p;\n}\n")):
            status, said = self.analyze(text)
            self.assertNotEqual(status, 0, word)
            self.assertIn(word, said)

    def memcheck(self, text):
        path = os.path.join(self.root, "planted")
        subprocess.run(["gcc", "-g", "-x", "c", "-o", path, "-"], input=text, text=True, check=True)
        r = subprocess.run(["sh", os.path.join(SRCDIR, "tests/lint/memcheck"), path], capture_output=True, text=True)
        return r.returncode, r.stdout + r.stderr

    def test_a_leak_and_a_read_of_nothing_are_found_by_valgrind(self):
        text = "#include <stdlib.h>\nint main(void)\n{\n        volatile char *p = malloc(2);\n        int r = %s;\n\n        %s;\n        return r;\n}\n"
        status, said = self.memcheck(text % ("0", "free((void *)p)"))
        self.assertEqual(status, 0, said)
        for values, word in ((("0", "for (int i = 0; i < 9; i++)\n                p = malloc(2)"), "definitely lost"), (("p[2]", "free((void *)p)"), "Invalid read")):
            status, said = self.memcheck(text % values)
            self.assertEqual(status, 1, said)
            self.assertIn(word, said)

    def test_an_upward_include_is_refused_with_the_reason(self):
        self.write("version/x.c", '#include "store/store.h"\n')
        status, out = run("layers.py", self.root)
        self.assertEqual(status, 1)
        self.assertIn("src/version/x.c:1: version must not include store/store.h (may: base model model/image)", out)

    def test_a_folder_within_a_folder_has_rules_of_its_own(self):
        self.write("api/describe/x.c", '#include "api/http/reply.h"\n#include "api/handlers.h"\n')
        status, out = run("layers.py", self.root)
        self.assertEqual(status, 1)
        self.assertIn("src/api/describe/x.c:2: api/describe must not include api/handlers.h (may: api/http base model model/schema)", out)
        self.assertNotIn("api/http/reply.h", out)

    def test_a_library_away_from_its_home_is_refused(self):
        self.write("model/x.c", "#include <sqlite3.h>\n")
        status, out = run("layers.py", self.root)
        self.assertEqual(status, 1)
        self.assertIn("src/model/x.c:1: model must not include <sqlite3.h> (libraries: cjson)", out)

    def test_a_room_that_is_not_in_the_table_is_refused(self):
        self.write("utils/x.c", "\n")
        self.assertEqual(run("layers.py", self.root)[0], 1)

    def test_an_empty_tree_does_not_pass(self):
        os.makedirs(os.path.join(self.root, "src"))
        self.assertEqual(run("layers.py", self.root)[0], 1)
        self.assertEqual(run("sizes.py", self.root)[0], 1)
        for page in ("operating", "reliability"):
            with open(os.path.join(self.root, f"doc/{page}.md"), "w"):
                pass
        self.assertEqual(run("operating.py", self.root)[0], 1)

    def test_integration_tests_know_no_database(self):
        files = glob.glob(os.path.join(SRCDIR, "tests/integration/*.py"))
        self.assertGreater(len(files), 20)
        known = {}
        for path in files:
            with open(path) as f:
                found = re.findall(r"import sqlite3|stored\.query\(|stored\.write\(|sqlite3\.connect", f.read())
            if found:
                known[os.path.basename(path)] = len(found)
        # these two files test database files: copies, damage and dumps of earlier schemas
        self.assertEqual(sorted(known), ["test_restore.py", "test_upgrade.py"], "read by tests/lib/state.py")

    def test_a_long_function_is_refused(self):
        self.write("base/x.c", "int f(void)\n{\n" + "        g();\n" * 60 + "}\n")
        status, out = run("sizes.py", self.root)
        self.assertEqual(status, 1)
        self.assertIn("src/base/x.c:1: f() has 63 lines, more than 60", out)

    def test_a_long_file_is_refused(self):
        self.write("base/x.c", "\n" * 601)
        self.assertEqual(run("sizes.py", self.root)[0], 1)

    def test_a_large_folder_is_refused(self):
        for i in range(11):
            self.write(f"base/x{i}.c", "\n" * 599)
        status, out = run("sizes.py", self.root)
        self.assertEqual(status, 1)
        self.assertRegex(out, r"src/base: \d+ lines, more than 6000; split it")

    def test_seven_parameters_are_refused(self):
        self.write("base/x.c", "int f(int a, int b, int c,\n      int d, int e, int f, int g)\n{\n        return a;\n}\n")
        status, out = run("sizes.py", self.root)
        self.assertEqual(status, 1)
        self.assertIn("f() has 7 parameters, more than 6", out)

    def man(self, page, text, what):
        path = os.path.join(self.root, "page.1")
        with open(path, "w") as f:
            f.write(page)
        r = subprocess.run([sys.executable, os.path.join(SRCDIR, "tests/lint/man.py"), path, what], capture_output=True, text=True, input=text)
        return r.returncode, r.stdout.replace(path, "page.1")

    def test_a_verb_and_an_option_are_in_the_help_and_in_the_page(self):
        text = "relmanctl VERB\n\n  sync COMPONENT... [--force]\n      poll\n  confirm-prune\n      let\n"
        page = ".TP\n\\fBsync\\fR \\fICOMPONENT\\fR [\\fB\\-\\-force\\fR]\nPolls.\n.TP\n\\fBconfirm\\-prune\\fR\nLets.\n"
        self.assertEqual(self.man(page, text, "VERBS"), (0, ""))
        self.assertEqual(self.man(page.replace("\\fICOMPONENT\\fR ", "\\\n\\fICOMPONENT\\fR \\\n"), text, "VERBS"), (0, ""))
        self.assertEqual(self.man(page.replace("\\fICOMPONENT\\fR ", "\n\\fICOMPONENT\\fR \\\n"), text, "VERBS")[0], 1)
        self.assertEqual(self.man(page, text.replace("[--force]", "[--fast]"), "VERBS"),
                         (1, "page.1:2: option --fast of 'sync' is not here\npage.1:2: the help has no option --force of 'sync'\n"))
        self.assertEqual(self.man(page, text + "  status\n      how\n", "VERBS"), (1, "page.1: verb 'status' of the help is not here\n"))
        self.assertEqual(self.man(page + ".TP\n\\fBgone\\fR\nIt was.\n", text, "VERBS"), (1, "page.1:8: the help has no verb 'gone'\n"))
        self.assertEqual(self.man(page, "", "VERBS")[0], 1)

    def test_an_option_of_the_daemon_is_in_the_help_and_in_the_page(self):
        text = "relmand [OPTION]...\n\n  --once            reconcile\n  -h, --help        this text\n"
        page = '.TP\n.B \\-\\-once\nReconcile.\n.TP\n.BR \\-h ", " \\-\\-help\nThis.\n'
        self.assertEqual(self.man(page, text, "OPTIONS"), (0, ""))
        self.assertEqual(self.man(page, text + "  --state FILE      the database\n", "OPTIONS"), (1, "page.1: option --state of the help is not here\n"))
        self.assertEqual(self.man(page + ".TP\n.BI \\-\\-gone \" FILE\"\nIt was.\n", text, "OPTIONS"), (1, "page.1:8: the help has no option --gone\n"))
        self.assertEqual(self.man(page, "", "OPTIONS")[0], 1)

    def cycles(self, known, **texts):
        """Writes and compiles each file of texts, then runs cycles.py with known as the list. Returns
        (status, output)."""
        for place, text in texts.items():
            source = place.replace("_", "/") + ".c"
            self.write(source, text)
            path = os.path.join(self.root, "build/src", source)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            subprocess.run(["cc", "-c", "-o", os.path.join(os.path.dirname(path), "libx_a-" + os.path.basename(path)[:-2] + ".o"),
                            os.path.join(self.root, "src", source)], check=True)
        with open(os.path.join(self.root, "known"), "w") as f:
            f.write("# a comment\n" + "".join(name + "\n" for name in known))
        r = subprocess.run([sys.executable, os.path.join(SRCDIR, "tests/lint/cycles.py"), self.root, os.path.join(self.root, "build"),
                            os.path.join(self.root, "known")], capture_output=True, text=True)
        return r.returncode, r.stdout

    def test_files_that_call_one_another_are_refused(self):
        forth, back = "int g(void); int f(void) { return g(); }\n", "int f(void); int g(void) { return f(); }\n"
        self.assertEqual(self.cycles([], a_x=forth, a_y=back),
                         (1, "src/a/x.c: calls files that call it back: src/a/y.c\nsrc/a/y.c: calls files that call it back: src/a/x.c\n"
                             "cycles: 2 files, 1 circles of 2 files, 2 faults\n"))
        self.assertEqual(self.cycles(["src/a/x.c", "src/a/y.c"])[0], 0)
        self.assertEqual(self.cycles(["src/a/x.c", "src/a/y.c"], a_y="int g(void) { return 0; }\n"),
                         (1, "src/a/x.c: listed, and in no circle any more: take its line away\n"
                             "src/a/y.c: listed, and in no circle any more: take its line away\ncycles: 2 files, 0 circles of 0 files, 2 faults\n"))
        self.assertEqual(self.cycles([])[0], 0)

    def test_a_circle_through_two_folders_is_refused_although_it_is_known(self):
        forth, back = "int g(void); int f(void) { return g(); }\n", "int f(void); int (*const g_of)(void) = f; int g(void) { return 0; }\n"
        status, out = self.cycles(["src/a/x.c", "src/b/y.c"], a_x=forth, b_y=back)
        self.assertEqual(status, 1)
        self.assertIn("src/a/x.c: a circle through several folders: src/a/x.c src/b/y.c\n", out)

    def test_a_tree_without_object_files_is_refused(self):
        self.assertEqual(self.cycles([])[0], 1)

    def test_every_reason_is_explained(self):
        status, out = run("operating.py", SRCDIR)
        self.assertEqual(status, 0, out)

    def test_a_reason_that_is_not_explained_is_refused(self):
        with open(os.path.join(self.root, "doc/operating.md"), "w") as f:
            f.write("| `Synced` | Ready |\n| `Forgotten` | Ready |\n")
        with open(os.path.join(self.root, "doc/reliability.md"), "w"):
            pass
        self.write("reconcile/x.c", 'f("Synced", "a text: Not one");\n')
        self.write("release/x.c", 'f("TagMoved");\n')
        status, out = run("operating.py", self.root)
        self.assertEqual((status, out), (1, "src/release/x.c:1: reason 'TagMoved' has no row in doc/operating.md\n"
                                            "doc/operating.md:2: nothing in src has reason 'Forgotten'\noperating: 2 reasons, 2 faults\n"))

    def test_a_threat_without_a_test_is_refused(self):
        with open(os.path.join(self.root, "doc/operating.md"), "w") as f:
            f.write("| `Synced` | Ready |\n")
        with open(os.path.join(self.root, "doc/reliability.md"), "w") as f:
            f.write("| a figure | `test_none.py` | x |\n## The threats\n| threat | promise | tests |\n|---|---|---|\n"
                    "| a | b | `test_here.py` Here, Gone, `check-here` |\n| c | d | `test_gone.py` |\n| e | f | |\n")
        self.write("release/x.c", 'f("Synced");\n')
        self.plant("tests/integration/test_here.py", "class Here(TestCase):\n")
        self.plant("tests/fault/here.py", "\n")
        status, out = run("operating.py", self.root)
        self.assertEqual((status, out), (1, "doc/reliability.md:5: test_here.py has no class 'Gone'\n"
                                            "doc/reliability.md:6: there is no test 'test_gone.py'\n"
                                            "doc/reliability.md:7: names no test\noperating: 1 reasons, 3 faults\n"))

    def plant(self, path, text):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)

    def words(self):
        """Runs words.py on the planted files; returns (status, all lines except the last)."""
        if os.path.exists(page := os.path.join(self.root, "doc/ARCHITECTURE.md")):
            os.remove(page)
        status, out = run("words.py", self.root)
        return status, out.splitlines()[:-1]

    def test_the_tree_uses_plain_words(self):
        status, out = run("words.py", SRCDIR)
        self.assertEqual(status, 0, out)

    def test_a_phrase_of_the_list_is_refused_wherever_prose_stands(self):
        old = "the caller is " + "told"
        for path, text, line in (("src/base/x.c", f"int x;\n/* A failure:\n * {old}. */\n", 3), ("src/base/x.c", f'f("{old}");\n', 1),
                                 ("tests/unit/x.c", f"/* {old} */\n", 1), ("tests/x.py", f'"""{old}"""\n', 1), ("tests/x.py", f"x = 1  # {old}\n", 1),
                                 ("quickstart", f"#!/bin/sh\n# {old}\n", 2), ("src/store/x.sql", f"a; -- {old}\n", 1),
                                 ("systemd/x.service.in", f"Description={old}\n", 1), ("doc/x.md", f"{old}\n", 1), ("doc/x.8", f".TP\n{old}\n", 2)):
            with self.subTest(path=path):
                self.plant(path, text)
                self.assertEqual(self.words(), (1, [f"{path}:{line}: 'told'; write: notify, deliver, report, return, show"]))
                os.remove(os.path.join(self.root, path))

    def test_code_and_names_are_no_prose(self):
        for path, text in (("src/base/x.c", 'int told = tell("told");\n'), ("tests/unit/x.c", 'f("it is told");\n'), ("tests/x.py", 'f("it is told")\n'),
                           ("doc/x.md", "`told`\n```\ntold\n```\n")):
            with self.subTest(path=path):
                self.plant(path, text)
                self.assertEqual(self.words(), (0, []))
                os.remove(os.path.join(self.root, path))

    def test_a_comment_without_an_actor_and_a_wide_line_are_refused(self):
        self.plant("src/base/x.c", "/* What holds it. */\n/* What now? */\n/* " + "x" * 120 + " */\n")
        self.assertEqual(self.words(), (1, ["src/base/x.c:1: a comment begins with 'What'; name the actor: subject, verb, object",
                                            "src/base/x.c:3: 126 columns, more than 120"]))
        os.remove(os.path.join(self.root, "src/base/x.c"))
        self.plant("doc/x.md", "| a row of a table | " + "x" * 120 + " |\n\n" + "y" * 121 + "\n")
        self.assertEqual(self.words(), (1, ["doc/x.md:3: 121 columns, more than 120"]))

    def test_the_list_of_known_faults_only_shrinks(self):
        self.plant("doc/x.md", "told anew\n")
        for known, status in ((2, 0), (1, 1)):
            self.plant("tests/lint/words.known", f"# a list\n{known} doc/x.md\n")
            self.assertEqual(self.words()[0], status)

    def test_subjects_of_commits_are_short_and_say_where(self):
        self.plant("doc/x.md", "words\n")
        git = ["git", "-C", self.root, "-c", "user.name=x", "-c", "user.email=x@example.com"]
        subprocess.run([*git, "init", "-q"], check=True)
        subprocess.run([*git, "add", "doc/x.md"], check=True)
        amend = []
        for subject, why in (("doc: say what it is", None), ("doc: " + "x" * 67, None), ("doc: " + "x" * 68, "73 columns, more than 72"),
                             ("doc: say it.", "ends with a full stop"), ("A sentence about it", "has no 'area: ' in front")):
            with self.subTest(subject=subject):
                subprocess.run([*git, "commit", "-q", *amend, "--allow-empty", "-m", subject], check=True)
                amend = ["--amend"]
                status, lines = self.words()
                self.assertEqual((status, [re.sub(r"^commit \w+: ", "", line) for line in lines]), (1, [f"{why}: {subject}"]) if why else (0, []))

    def test_a_sentence_without_end_is_refused_in_pages(self):
        contract = os.path.join(os.environ.get("BUILDDIR", os.path.join(SRCDIR, "build-tests")), "contract")
        if not os.path.exists(os.path.join(contract, "node_modules/.bin/textlint")):
            self.skipTest("textlint is not installed: npm ci on tests/contract")
        self.plant("tests/contract/textlintrc.json", open(os.path.join(SRCDIR, "tests/contract/textlintrc.json")).read())
        self.plant("README.md", "A page.\n")
        self.plant("doc/x.8", ".TH X 8\n.SH NAME\nx - a page\n")
        for words, wanted in ((40, 0), (41, 1)):
            self.plant("doc/x.md", " ".join(("word", "other")[i % 2] for i in range(words)) + ".\n")
            r = subprocess.run(["sh", os.path.join(SRCDIR, "tests/lint/prose"), self.root, contract], capture_output=True, text=True)
            self.assertEqual(r.returncode, wanted, r.stdout + r.stderr)
            if wanted:
                self.assertIn("doc/x.md:1:1: Exceeds the maximum word count of 40.", r.stdout)


if __name__ == "__main__":
    relman.main()
