#!/usr/bin/env python3
"""Tests specs in a Git repository, with git's own servers."""

import hashlib
import hmac
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import DockerRegistry  # noqa: E402
from git_repository import GIT, GitSite, Repository  # noqa: E402
from git_server import SSHD, HttpsGit, SshGit  # noqa: E402
from relman import SiteCase, document, documents, wait_for  # noqa: E402

SECRET = "correct horse"


def group(name, members="anna"):
    return document("Group", name, f"members: [{members}]")


class GitSpecsCase(SiteCase):
    def setUp(self):
        self.site = GitSite()
        self.addCleanup(self.site.close)
        self.remote = Repository(self.site.folder, "specs-of-all")
        self.credentials = os.path.join(self.site.folder, "credentials")
        os.mkdir(self.credentials)

    def credential(self, name, text):
        path = os.path.join(self.credentials, name)
        if os.path.exists(path):
            os.unlink(path)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, 0o400)

    def config(self, more="", remote=None, interval="1h"):
        return f"specs: {{git: {{url: '{remote or self.remote.url}', interval: {interval}{more}}}}}\n"

    def env(self, **more):
        return {"CREDENTIALS_DIRECTORY": self.credentials, **more}

    def start(self, config=None, **env):
        self.site.start(config or self.config(), env=self.env(**env))

    def once(self, config=None, status=0, **env):
        path = os.path.join(self.site.folder, "once.yaml")
        with open(path, "w") as f:
            f.write(config or self.config())
        got, out, err = self.site.once("--config", path, env=self.env(**env))
        self.assertEqual(got, status, out + err)
        return err

    def groups(self):
        return sorted(item["name"] for item in self.get("groups"))

    def stored_groups(self):
        return sorted(row[0] for row in self.site.stored.groups("name"))

    def reload(self):
        """Reloads as systemctl does: returns when the daemon has notified that it is ready."""
        self.site.kill(signal.SIGHUP)
        self.site.wait_notify("RELOADING=1")
        self.site.wait_notify("READY=1", 30)

    def head(self, remote=None):
        return (remote or self.remote).log("%H")[0]

    def status(self):
        return self.get("status")

    def trouble(self):
        """Returns (reason, message) of the problem with the specs; None: there is none."""
        found = [(t["reason"], t["message"]) for t in self.status()["troubles"] if t["kind"] == "Specs"]
        return found[0] if found else None

    def git_wrapper(self, script):
        """Returns a PATH whose git runs the script first. "$log" is a file for it."""
        folder = os.path.join(self.site.folder, "bin")
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, "git")
        with open(path + ".new", "w") as f:
            f.write(f"#!/bin/sh\nlog={self.site.folder}/git.log\n{script}\nexec {shutil.which('git')} \"$@\"\n")
        os.chmod(path + ".new", 0o755)
        os.rename(path + ".new", path)
        return folder + ":" + os.environ["PATH"]

    def git_log(self):
        try:
            with open(f"{self.site.folder}/git.log") as f:
                return f.read().split("\n")[:-1]
        except FileNotFoundError:
            return []


LOG_COMMANDS = """for a; do case "$a" in ls-remote|fetch|cat-file|ls-tree|verify-commit) echo "$a" >> $log;; esac; done"""
LOG_BLOBS = """case "$*" in *cat-file*) tee -a $log > $log.$$; exec <$log.$$; rm $log.$$;; esac"""


class Branches(GitSpecsCase):
    def test_the_branch_is_followed_and_its_commit_is_shown(self):
        self.remote.commit({"deploy/a.yaml": group("a"), "other/b.yaml": group("b"), "README.yaml": "not: specs\n"})
        self.start(self.config(", path: deploy"))
        self.assertEqual(self.groups(), ["a"])
        first = self.head()
        self.assertEqual(self.status()["specCommit"], first)
        self.assertEqual(self.get("groups/a")["declaredAt"].split(":")[0], "deploy/a.yaml")
        self.remote.commit({"deploy/c.yaml": group("c")})
        self.reload()
        self.assertEqual(self.groups(), ["a", "c"])
        status = self.status()
        self.assertTrue(status["ok"])
        self.assertNotEqual(self.head(), first)
        self.assertEqual(status["specsGit"]["commit"], self.head())
        self.assertEqual((status["specsGit"]["path"], status["specsGit"]["failures"]), ("deploy", 0))
        text = self.ctl("status")
        self.assertIn(f"commit        {self.head()}\nfrom          branch 'main' of {self.remote.url}, path deploy\n", text)
        metrics = self.site.call("GET", "/metrics")[1]
        self.assertRegex(metrics, r"(?m)^relman_specs_last_success_timestamp_seconds \d+\.\d+$")
        self.assertRegex(metrics, r"(?m)^relman_specs_fetch_failures_total 0$")
        self.assertRegex(metrics, r"(?m)^relman_specs_refused 0$")

    def test_a_file_can_be_the_specs(self):
        self.remote.commit({"deploy/specs.yaml": group("a") + "---\n" + group("b"), "deploy/other.yaml": group("c")})
        self.start(self.config(", path: deploy/specs.yaml"))
        self.assertEqual(self.groups(), ["a", "b"])

    def test_the_interval_asks_for_the_commit_only(self):
        self.remote.commit({"a.yaml": group("a")})
        self.start(self.config(interval="200ms"), PATH=self.git_wrapper(LOG_COMMANDS))
        n = len(self.git_log())
        wait_for(lambda: len(self.git_log()) >= n + 3)
        self.assertEqual(set(self.git_log()[n:]), {"ls-remote"})
        self.remote.commit({"b.yaml": group("b")})
        wait_for(lambda: self.groups() == ["a", "b"])
        self.site.wait_log(f"fetched commit {self.head()[:12]} of branch 'main'")

    def test_a_rewritten_history_is_followed(self):
        self.remote.commit({"a.yaml": group("a"), "b.yaml": group("b"), "c.yaml": group("c")})
        self.start()
        self.remote.git("update-ref", "-d", "refs/heads/main")
        self.remote.commit({"a.yaml": group("a"), "b.yaml": group("b", "ben"), "d.yaml": group("d")})
        self.reload()
        self.assertEqual(self.groups(), ["a", "b", "d"])
        self.assertEqual(self.get("groups/b")["members"], ["ben"])

    def test_a_repository_with_sha256_ids(self):
        remote = Repository(self.site.folder, "sha256", "--object-format=sha256")
        remote.commit({"a.yaml": group("a")})
        self.start(self.config(remote=remote.url))
        remote.commit({"b.yaml": group("b")})
        self.reload()
        self.assertEqual(self.groups(), ["a", "b"])
        self.assertEqual(self.status()["specCommit"], self.head(remote))
        self.assertEqual(len(self.head(remote)), 64)

    def test_only_changed_blobs_of_5000_files_are_read(self):
        self.remote.commit({f"g/{i % 50}/{i}.yaml": group(f"g{i}") for i in range(5000)})
        self.start(PATH=self.git_wrapper(LOG_BLOBS))
        n = len(self.git_log())
        self.assertEqual(n, 5000)
        self.remote.commit({"g/7/7.yaml": group("g7", "ben"), "g/8/8.yaml": group("g8", "ben"), "g/new.yaml": group("new")})
        self.reload()
        self.assertEqual(self.get("groups/g7")["members"], ["ben"])
        self.assertEqual(self.site.stored.count("groups"), 5001)
        self.assertEqual(len(self.git_log()), n + 3)

    def test_links_and_submodules_are_not_followed(self):
        stream = (b"commit refs/heads/main\ncommitter o <o@x> 1700000001 +0000\ndata 1\nm\n"
                  b"M 100644 inline specs/a.yaml\ndata %d\n%s\n" % (len(group("a")), group("a").encode()) +
                  b"M 120000 inline specs/current\ndata 2\nv1\nM 160000 " + b"1" * 40 + b" specs/module\n"
                  b"M 100644 inline specs/.hidden/x.yaml\ndata 3\n---\nM 100644 inline specs/notes.txt\ndata 1\nx\n\n")
        self.remote.git("fast-import", "--quiet", data=stream)
        self.start(self.config(", path: specs"))
        self.assertEqual(self.groups(), ["a"])
        warnings = {w["file"]: w["message"] for w in self.status()["specWarnings"]}
        self.assertEqual(set(warnings), {"specs/current", "specs/module"})
        self.assertIn("a symbolic link, which relmand does not follow", warnings["specs/current"])
        self.assertIn("a submodule", warnings["specs/module"])
        self.remote.git("fast-import", "--quiet", data=b"commit refs/heads/main\ncommitter o <o@x> 1700000002 +0000\ndata 1\nm\n"
                        b"from refs/heads/main^0\nM 120000 inline specs/a.yaml\ndata 11\n/etc/passwd\n\n")
        self.reload()
        self.assertEqual(self.groups(), ["a"])
        self.assertIn("cannot read 'specs/a.yaml': a symbolic link", self.trouble()[1])

    def test_a_file_that_is_too_large_is_not_read(self):
        self.remote.commit({"a.yaml": group("a")})
        self.start(PATH=self.git_wrapper(LOG_BLOBS))
        n = len(self.git_log())
        self.remote.commit({"big.yaml": "#" * (1024 * 1024 + 1), "b.yaml": group("b")})
        self.reload()
        self.assertEqual(self.groups(), ["a"])
        self.assertIn("cannot read 'big.yaml': a file of specs has at most 1048576 bytes", self.trouble()[1])
        self.assertEqual(len(self.git_log()), n + 1)

    def test_releases_and_statements_have_the_commit(self):
        registry = DockerRegistry()
        self.addCleanup(registry.close)
        registry.push("app/api", "v1.0.0")
        self.remote.commit({"all.yaml": documents(document("Release", "one", "mode: pinned, components: [{name: api, version: 1.0.0}]"),
                                                  registry=registry, components=["api"])})
        self.start()
        wait_for(lambda: self.get("releases?status=ready")["data"], 30)
        (release,) = self.get("releases")["data"]
        self.assertEqual(self.get(f"releases/{release['name']}")["metadata"]["specCommit"], self.head())


class Failures(GitSpecsCase):
    def test_a_commit_with_errors_changes_nothing_and_is_named(self):
        self.remote.commit({"a.yaml": group("a"), "b.yaml": group("b")})
        self.start()
        good = self.head()
        self.remote.commit({"a.yaml": group("a").replace("members", "membres"), "b.yaml": group("b", "ben"), "c.yaml": group("c")})
        bad = self.head()
        self.reload()
        self.assertEqual(self.groups(), ["a", "b"])
        self.assertEqual(self.get("groups/b")["members"], ["anna"])
        reason, message = self.trouble()
        self.assertEqual(reason, "SpecErrors")
        self.assertRegex(message, rf"^branch 'main' of file://\S+: commit {bad[:12]} has 2 errors: a\.yaml:4:\d+: error: ")
        status = self.status()
        self.assertFalse(status["ok"])
        self.assertEqual(status["specCommit"], good)
        self.assertEqual([(e["file"], e["line"], e["commit"]) for e in status["specErrors"]], [("a.yaml", 4, bad)])
        self.site.wait_log(f"commit {bad[:12]}: a.yaml:4:")
        self.site.wait_log(f"commit {good[:12]} stays active")
        self.assertIn(f"(commit {bad[:12]})", self.ctl("status", wanted=1))
        self.assertEqual(self.site.call("GET", "/readyz")[0], 200)
        # also after a restart, and without the server
        for is_away in (False, True):
            self.site.stop()
            if is_away:
                os.rename(self.remote.path, self.remote.path + ".away")
            self.start()
            wait_for(lambda: self.trouble())
            self.assertEqual(self.trouble()[0], "FetchFailed" if is_away else "SpecErrors")
            self.assertEqual(self.status()["specCommit"], good)
            self.assertEqual(self.get("groups/b")["members"], ["anna"])
        os.rename(self.remote.path + ".away", self.remote.path)
        self.remote.commit({"a.yaml": group("a", "ben")})
        self.reload()
        self.assertEqual(self.groups(), ["a", "b", "c"])
        self.assertEqual(self.get("groups/b")["members"], ["ben"])
        self.assertIsNone(self.trouble())
        self.assertTrue(self.status()["ok"])

    def test_a_server_that_is_away_is_asked_again(self):
        self.remote.commit({"a.yaml": group("a")})
        self.start(self.config(interval="200ms"))
        os.rename(self.remote.path, self.remote.path + ".away")
        wait_for(self.trouble)
        self.assertRegex(self.trouble()[1], r"^branch 'main' of file://\S+: git ls-remote: .*does not appear to be a git repository")
        self.assertEqual(self.site.log.count("git ls-remote"), 1)  # once, although it fails at each interval
        self.assertRegex(self.site.call("GET", "/metrics")[1], r"(?m)^relman_specs_refused 1$")
        os.rename(self.remote.path + ".away", self.remote.path)
        wait_for(lambda: self.trouble() is None)
        self.remote.commit({"b.yaml": group("b")})
        wait_for(lambda: self.groups() == ["a", "b"])

    def test_a_restart_needs_no_server(self):
        self.remote.commit({"a.yaml": group("a")})
        self.start()
        self.remote.commit({"b.yaml": group("b")})
        self.reload()
        self.site.kill(9)
        self.site.process.wait()
        self.site.process = None
        shutil.rmtree(self.remote.path)
        self.start()
        self.assertEqual(self.groups(), ["a", "b"])
        wait_for(self.trouble)
        self.assertEqual(self.trouble()[0], "FetchFailed")
        self.reload()
        self.assertEqual(self.groups(), ["a", "b"])

    def test_what_the_server_lacks_is_named(self):
        for config, what in [(self.config(), "branch 'main' of file://.*: the repository does not have this branch"),
                             (self.config(remote=self.remote.url + "x"), "git ls-remote: .*does not appear to be a git repository")]:
            with self.subTest(what):
                self.assertRegex(self.once(config, status=1), what)
        self.remote.commit({"a.yaml": group("a"), "specs/b.yaml": group("b")})
        self.assertRegex(self.once(self.config(", branch: prod"), status=1), "branch 'prod' of .* does not have this branch")
        self.assertRegex(self.once(self.config(", path: spec"), status=1), f"commit {self.head()[:12]} of branch 'main' .* does not have the path 'spec'")
        self.once()
        self.assertEqual(self.stored_groups(), ["a", "b"])
        self.start(self.config(", path: specs"))
        # the branch loses the path, and then everything
        self.remote.git("fast-import", "--quiet", data=b"commit refs/heads/main\ncommitter o <o@x> 1700000002 +0000\ndata 1\nm\n"
                        b"from refs/heads/main^0\nD specs\n\n")
        self.reload()
        self.assertEqual(self.trouble()[0], "PathNotFound")
        self.remote.git("update-ref", "-d", "refs/heads/main")
        self.reload()
        self.assertEqual(self.trouble()[0], "BranchNotFound")
        self.assertIn("b", self.groups())

    def test_a_killed_fetch_leaves_nothing_that_stops_the_next(self):
        self.remote.commit({"a.yaml": group("a")})
        path = self.git_wrapper("""case "$*" in *--depth=1*) for a; do case "$a" in --git-dir=*) d=${a#--git-dir=};; esac; done
                                     [ -e $log.hang ] && { touch $d/shallow.lock $d/refs/relman/base.lock $log.hung; exec sleep 60; } ;; esac""")
        self.start(PATH=path)
        open(f"{self.site.folder}/git.log.hang", "w").close()
        self.remote.commit({"b.yaml": group("b")})
        self.site.kill(signal.SIGHUP)
        wait_for(lambda: os.path.exists(f"{self.site.folder}/git.log.hung"))
        self.site.kill(9)
        self.site.process.wait()
        self.site.process = None
        os.unlink(f"{self.site.folder}/git.log.hang")
        self.start(PATH=path)
        wait_for(lambda: self.groups() == ["a", "b"])
        self.assertIsNone(self.trouble())

    def test_a_server_that_hangs_is_left_after_the_time_out(self):
        self.remote.commit({"a.yaml": group("a")})
        path = self.git_wrapper("""[ -e $log.hang ] && { sleep 60 & sleep 60; }""")
        self.start(self.config(", timeout: 1s"), PATH=path)
        open(f"{self.site.folder}/git.log.hang", "w").close()
        self.reload()
        self.assertIn("git ls-remote: was ended after 1s", self.trouble()[1])
        self.assertEqual(subprocess.run(["pgrep", "-f", "sleep 60", "-g", str(os.getpgid(self.site.process.pid))], capture_output=True).stdout, b"")

    def test_a_damaged_cache_is_made_again(self):
        self.remote.commit({"a.yaml": group("a")})
        self.start()
        (name,) = os.listdir(f"{self.site.folder}/git")
        cache = f"{self.site.folder}/git/{name}"
        for i, damage in enumerate(["rm -rf objects", "echo x > HEAD", "rm -rf *", "touch shallow.lock refs/relman/base.lock"]):
            subprocess.run(damage, shell=True, cwd=cache, check=True)
            self.remote.commit({f"n{i}.yaml": group(f"n{i}")})
            self.reload()
            self.assertIn(f"n{i}", self.groups(), damage)

    def test_the_guard_of_removals_holds_commits_too(self):
        self.remote.commit({f"g{i}.yaml": group(f"g{i}") for i in range(10)})
        self.start()
        self.remote.git("update-ref", "-d", "refs/heads/main")
        self.remote.commit({"g0.yaml": group("g0")})
        self.reload()
        self.assertEqual(len(self.groups()), 10)
        self.ctl("confirm-prune", "--yes") if "--yes" in self.ctl("help", "confirm-prune") else self.ctl("confirm-prune")
        self.assertEqual(self.groups(), ["g0"])

    def test_mistakes_in_the_configuration(self):
        for more, what in [
                (", path: ../x", r'field "path": "../x" is not a path in a repository'),
                (", branch: 'a b'", r'field "branch": "a b" is not a branch'),
                (", knownHosts: /x", r'field "knownHosts": "/x" is of no use: only ssh:// has known hosts'),
                (", verify: {}", r'field "verify": "" is not clear: give sshSigners or gpgKeys, one of them'),
                (", verify: {gpgKeys: /a, sshSigners: /b}", r'field "verify": "/a" is not clear'),
                (", verify: {gpgKeys: /a, sshRevoked: /b}", r'field "sshRevoked": "/b" is of no use without sshSigners'),
                ("}", r'field "path": "/x" is not possible beside git; remove one of them')]:
            with self.subTest(what):
                config = f"specs: {{git: {{url: '{self.remote.url}'}}, path: /x}}\n" if more[0] == "}" else self.config(more)
                self.assertIn(what, self.once(config, status=2))
        path = os.path.join(self.site.folder, "check.yaml")
        with open(path, "w") as f:
            f.write(self.config())
        got = subprocess.run(self.site.arguments("--check", "--config", path), capture_output=True, text=True)
        self.assertEqual(got.returncode, 2)
        self.assertIn("--check --specs FOLDER", got.stderr)


class Once(GitSpecsCase):
    def test_once_fetches_and_keeps_the_last_good_commit(self):
        self.remote.commit({"a.yaml": group("a")})
        self.once()
        self.assertEqual(self.stored_groups(), ["a"])
        self.remote.commit({"b.yaml": group("b")})
        self.once()
        self.assertEqual(self.stored_groups(), ["a", "b"])
        good = self.head()
        self.remote.commit({"c.yaml": group("c"), "d.yaml": "kind: [\n"})
        log = self.once(status=1)
        self.assertEqual(self.stored_groups(), ["a", "b"])
        self.assertIn(f"has 1 error: d.yaml:", log)
        self.assertIn(f"commit {good[:12]} stays active", log)
        shutil.rmtree(self.remote.path)
        self.assertIn("git ls-remote", self.once(status=1))
        self.assertEqual(self.stored_groups(), ["a", "b"])


class Signatures(GitSpecsCase):
    def ssh_key(self, name):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", f"{self.site.folder}/{name}"], check=True)
        with open(f"{self.site.folder}/{name}.pub") as f:
            return f.read()

    def commit(self, files, key=None, form="ssh", env=GIT):
        """Adds a commit, signed with the key."""
        self.remote.commit(files)
        if not key:
            return self.head()
        tree, parents = self.remote.git("rev-parse", "main^{tree}"), self.remote.log("%P")[0].split()
        arguments = ["git", "--git-dir", self.remote.path, "-c", f"gpg.format={form}", "-c", f"user.signingKey={key}", "commit-tree", "-S", "-m", "signed"]
        made = subprocess.run([*arguments, *(a for p in parents for a in ("-p", p)), tree], env=env, capture_output=True, text=True, check=True)
        self.remote.git("update-ref", "refs/heads/main", made.stdout.strip())
        return self.head()

    def refused(self, what):
        self.reload()
        reason, message = self.trouble()
        self.assertEqual(reason, "NotSigned")
        self.assertRegex(message, rf"^commit {self.head()[:12]} of branch 'main' of file://\S+ is not signed by {what}")
        self.site.wait_log(message)

    def test_only_commits_of_ssh_signers_are_loaded(self):
        anna, ben = self.ssh_key("anna"), self.ssh_key("ben")
        signers, revoked = f"{self.site.folder}/signers", f"{self.site.folder}/revoked"
        with open(signers, "w") as f:
            f.write(f"anna@x namespaces=\"git\" {anna}")
        open(revoked, "w").close()
        config = self.config(f", verify: {{sshSigners: {signers}, sshRevoked: {revoked}}}")
        self.commit({"a.yaml": group("a")})
        self.assertRegex(self.once(config, status=1), f"is not signed by a signer of '{signers}' that '{revoked}' does not revoke: it is not signed")
        good = self.commit({"a.yaml": group("a")}, f"{self.site.folder}/anna")
        self.start(config)
        self.assertEqual(self.groups(), ["a"])
        self.commit({"b.yaml": group("b")})
        self.refused(f"a signer of '{signers}' that '{revoked}' does not revoke: it is not signed$")
        self.commit({"b.yaml": group("b")}, f"{self.site.folder}/ben")
        self.refused(f"a signer of '{signers}' that '{revoked}' does not revoke: .*No principal matched")
        self.assertEqual(self.groups(), ["a"])
        self.assertEqual(self.status()["specCommit"], good)
        # a new signer is accepted without another commit
        with open(signers, "a") as f:
            f.write(f"ben@x namespaces=\"git\" {ben}")
        self.reload()
        self.assertEqual(self.groups(), ["a", "b"])
        self.assertIsNone(self.trouble())
        # a revoked signer is refused, and what was accepted stays, also after a restart
        with open(revoked, "w") as f:
            f.write(ben)
        self.commit({"c.yaml": group("c")}, f"{self.site.folder}/ben")
        self.refused(f"a signer of '{signers}' that '{revoked}' does not revoke: Could not verify signature")
        self.site.stop()
        shutil.rmtree(self.remote.path)
        self.start(config)
        self.assertEqual(self.groups(), ["a", "b"])

    def test_a_demand_for_signatures_does_not_take_what_was_accepted_without(self):
        anna = self.ssh_key("anna")
        signers = f"{self.site.folder}/signers"
        with open(signers, "w") as f:
            f.write(f"anna@x {anna}")
        self.commit({"a.yaml": group("a")})
        self.once()
        self.once(self.config(f", verify: {{sshSigners: {signers}}}"), status=1)
        self.commit({"b.yaml": group("b")}, f"{self.site.folder}/anna")
        self.once(self.config(f", verify: {{sshSigners: {signers}}}"))
        self.assertEqual(self.stored_groups(), ["a", "b"])

    @unittest.skipUnless(shutil.which("gpg"), "no gpg")
    def test_only_commits_of_openpgp_keys_are_loaded(self):
        home = f"{self.site.folder}/g"
        os.mkdir(home, 0o700)
        env = {**GIT, "GNUPGHOME": home}
        for name in ("anna", "ben"):
            subprocess.run(["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", f"{name}@x", "ed25519", "sign"], env=env,
                           capture_output=True, check=True)
        self.addCleanup(subprocess.run, ["gpgconf", "--kill", "gpg-agent"], env=env)
        keys = f"{self.site.folder}/keys.asc"
        with open(keys, "wb") as f:
            f.write(subprocess.run(["gpg", "--armor", "--export", "anna@x"], env=env, capture_output=True, check=True).stdout)
        config = self.config(f", verify: {{gpgKeys: {keys}}}")
        self.commit({"a.yaml": group("a")}, "anna@x", "openpgp", env)
        self.start(config)
        self.assertEqual(self.groups(), ["a"])
        self.commit({"b.yaml": group("b")}, "ben@x", "openpgp", env)
        self.refused(f"a key of '{keys}': .*No public key")
        self.ssh_key("carl")
        self.commit({"b.yaml": group("b")}, f"{self.site.folder}/carl")
        self.refused(f"a key of '{keys}': ")
        self.commit({"b.yaml": group("b")})
        self.refused(f"a key of '{keys}': it is not signed$")
        self.commit({"b.yaml": group("b")}, "anna@x", "openpgp", env)
        self.reload()
        self.assertEqual(self.groups(), ["a", "b"])


class Servers(GitSpecsCase):
    def test_https_with_a_password(self):
        server = HttpsGit(self.site.folder, self.site.folder)
        self.addCleanup(server.close)
        self.remote.commit({"a.yaml": group("a")})
        config = self.config(f", caFile: {server.ca_file}, credential: git", server.url("specs-of-all.git"))
        self.credential("git", "robot:wrong")
        log = self.once(config, status=1)
        self.assertIn("git ls-remote: the server refused user or password", log)
        self.credential("git", f"{server.user}:{server.password}\n")
        self.start(config)
        self.assertEqual(self.groups(), ["a"])
        self.assertEqual(subprocess.run(["grep", "-rlE", "s3cret|Basic", f"{self.site.folder}/git"], capture_output=True, text=True).stdout, "")
        self.assertNotIn("s3cret", self.site.log)

    @unittest.skipUnless(SSHD, "no sshd")
    def test_ssh_with_a_key_and_a_known_host(self):
        server = SshGit(self.site.folder, self.site.folder)
        self.addCleanup(server.close)
        self.remote.commit({"a.yaml": group("a")})
        with open(server.key_file) as f:
            self.credential("key", f.read())
        self.start(self.config(f", credential: key, knownHosts: {server.known_hosts}", server.url("specs-of-all.git")))
        self.assertEqual(self.groups(), ["a"])
        self.remote.commit({"b.yaml": group("b")})
        self.reload()
        self.assertEqual(self.groups(), ["a", "b"])


class Hooks(GitSpecsCase):
    def setUp(self):
        super().setUp()
        self.credential("hook", SECRET)
        self.remote.commit({"a.yaml": group("a")})
        # the last parts of the path are the name of the repository at the server
        self.name = "/".join(self.remote.path.split("/")[-2:])[:-len(".git")]

    def start_with_hooks(self, **env):
        self.start(self.config(", hookCredential: hook"), **env)
        wait_for(lambda: self.status()["specsGit"].get("fetchedAt"))

    def github(self, ref="refs/heads/main", name=None):
        return json.dumps({"ref": ref, "before": "0" * 40, "after": "1" * 40, "repository": {"id": 1, "full_name": name or self.name, "clone_url": "x"}})

    def gitlab(self, ref="refs/heads/main"):
        return json.dumps({"object_kind": "push", "ref": ref, "checkout_sha": "1" * 40, "project": {"id": 15, "path_with_namespace": self.name},
                           "repository": {"name": "x", "url": "git@x:y"}})

    def sign(self, body, secret=SECRET):
        return hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()

    def send(self, body, headers):
        return self.site.call("POST", "/hooks/specs", body, {"Content-Type": "application/json", **headers})[:2]

    def test_pushes_of_each_server_fetch_at_once(self):
        self.start_with_hooks()
        github, gitlab = self.github(), self.gitlab()
        for i, (body, headers) in enumerate([
                (github, {"X-GitHub-Event": "push", "X-Hub-Signature-256": "sha256=" + self.sign(github)}),
                (gitlab, {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": SECRET}),
                (github, {"X-Gitea-Event": "push", "X-Gitea-Signature": self.sign(github)}),
        ]):
            with self.subTest(headers=headers):
                self.remote.commit({f"n{i}.yaml": group(f"n{i}")})
                self.assertEqual(self.send(body, headers), (202, {"fetches": True}))
                wait_for(lambda i=i: f"n{i}" in self.groups(), 5)

    def test_other_pushes_and_events_are_accepted_and_do_nothing(self):
        self.start_with_hooks(PATH=self.git_wrapper(LOG_COMMANDS))
        n = len(self.git_log())
        for body in (self.github("refs/heads/other"), self.github("refs/tags/main"), self.github(name="group/other"), '{"zen": "x", "hook_id": 1}', "[]", "{"):
            self.assertEqual(self.send(body, {"X-Hub-Signature-256": "sha256=" + self.sign(body)}), (202, {"fetches": False}))
        self.assertEqual(len(self.git_log()), n)

    def test_a_wrong_secret_is_refused(self):
        self.start_with_hooks(PATH=self.git_wrapper(LOG_COMMANDS))
        n, body = len(self.git_log()), self.github()
        for headers in ({}, {"X-Hub-Signature-256": "sha256=" + self.sign(body, "wrong")}, {"X-Hub-Signature-256": self.sign(body)},
                        {"X-Gitlab-Token": "wrong"}, {"X-Gitea-Signature": self.sign(body + " ")}, {"X-Gitea-Signature": ""}):
            self.assertEqual(self.send(body, headers)[0], 401, headers)
        self.assertEqual(len(self.git_log()), n)

    def test_without_a_secret_there_is_no_hook(self):
        self.start()
        body = self.github()
        self.assertEqual(self.send(body, {"X-Hub-Signature-256": "sha256=" + self.sign(body)})[0], 401)
        self.assertEqual(self.send(body, {"X-Gitlab-Token": SECRET})[0], 401)

    def test_hooks_that_come_during_a_fetch_lead_to_one_more(self):
        self.start_with_hooks(PATH=self.git_wrapper(LOG_COMMANDS + "\ncase \"$*\" in *ls-remote*) while [ -e $log.hold ]; do sleep 0.02; done;; esac"))
        hold = f"{self.site.folder}/git.log.hold"
        open(hold, "w").close()
        n, body = self.git_log().count("ls-remote"), self.gitlab()
        self.remote.commit({"b.yaml": group("b")})
        answers = []
        senders = [threading.Thread(target=lambda: answers.append(self.send(body, {"X-Gitlab-Token": SECRET}))) for _ in range(10)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        self.assertEqual(answers, [(202, {"fetches": True})] * 10)
        os.unlink(hold)
        wait_for(lambda: self.groups() == ["a", "b"])
        wait_for(lambda: self.git_log().count("ls-remote") == n + 2)


if __name__ == "__main__":
    relman.main()
