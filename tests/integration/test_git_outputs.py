#!/usr/bin/env python3
"""Tests outputs on branches of Git repositories, with git's own servers."""

import json
import os
import re
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import DockerRegistry  # noqa: E402
from git_repository import GIT, Repository  # noqa: E402
from git_server import SSHD, HttpsGit, SshGit  # noqa: E402
from relman import Site, relmanctl, wait_for  # noqa: E402


class GitOutputs(unittest.TestCase):
    def setUp(self):
        self.registry = DockerRegistry()
        self.addCleanup(self.registry.close)
        self.digests = {(name, version): self.registry.push(f"app/{name}", f"v{version}")
                        for name, version in (("api", "1.0.0"), ("api", "1.1.0"), ("web", "1.0.0"))}
        self.site = Site()
        self.addCleanup(self.site.close)
        self.site.write("r.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\nspec: {{url: '{self.registry.url}'}}\n")
        for name in ("api", "web"):
            self.site.write(f"c-{name}.yaml", f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: {name}}}\n"
                            f"spec: {{imageRepository: {self.registry.host}/app/{name}}}\n")
        self.release("one", "[{name: api, version: 1.0.0}, {name: web, version: 1.0.0}]")
        self.release("two", "[{name: api, version: 1.1.0}]")
        self.environment("prod", "one")
        self.remote = Repository(self.site.folder)

    def release(self, name, components):
        self.site.write(f"release-{name}.yaml", f"apiVersion: relman/v1\nkind: Release\nmetadata: {{name: {name}}}\n"
                        f"spec: {{mode: pinned, components: {components}}}\n")

    def environment(self, name, release):
        self.site.write(f"e-{name}.yaml", f"apiVersion: relman/v1\nkind: Environment\nmetadata: {{name: {name}}}\n"
                        f"spec: {{release: {release}}}\n")

    def output(self, path="prod.yaml", environment="prod", form="images-lock", remote=None, more=""):
        return f"  - {{environment: {environment}, format: {form}, git: {{url: '{(remote or self.remote).url}', path: '{path}'{more}}}}}\n"

    def config(self, *outputs):
        return "outputs:\n" + "".join(outputs or [self.output()])

    def once(self, config, status=0, **credentials):
        path = os.path.join(self.site.folder, "config.yaml")
        with open(path, "w") as f:
            f.write(config)
        folder = os.path.join(self.site.folder, "credentials")
        os.makedirs(folder, exist_ok=True)
        for name, secret in credentials.items():
            with open(os.path.join(folder, name), "w") as f:
                f.write(secret)
            os.chmod(f.name, 0o400)
        got, out, err = self.site.once("--config", path, env={"CREDENTIALS_DIRECTORY": folder} if credentials else None)
        self.assertEqual(got, status, out + err)
        return err

    # --- one push ----------------------------------------------------------------------------------

    def test_a_release_comes_to_an_empty_repository_and_nothing_comes_twice(self):
        log = self.once(self.config())
        self.assertIn("environment: default/prod", self.remote.read("prod.yaml"))
        self.assertRegex(log, r"pushed commit [0-9a-f]{12} to branch 'main' of file://\S+, for 1 output\n")
        message = self.remote.git("log", "-1", "--format=%an <%ae>%n%B", "main")
        (event,) = self.site.events("output.written")
        data = json.loads(event[2])
        self.assertEqual((event[1], data["release"], data["output"], data["commit"]),
                         ("prod", "one", f"branch 'main' of {self.remote.url}", self.remote.log("%H")[0]))
        self.assertRegex(message, r"^relman <relman@localhost>\nprod: one\n\n- api 1\.0\.0\n- web 1\.0\.0\n\nRelease: one\nPromoted-By: \S+\n"
                                  r"Lock-Digest: sha256:[0-9a-f]{64}$")
        self.assertNotIn("pushed", self.once(self.config()))
        self.assertEqual(self.remote.log(), ["prod: one"])

    def test_a_change_says_what_changed_and_the_other_files_stay(self):
        self.remote.commit({"README": "hello\n", "apps/prod/other.yaml": "a: 1\n"})
        config = self.config(self.output("apps/prod/images.yaml"))
        self.once(config)
        self.environment("prod", "two")
        self.once(config)
        self.assertEqual(self.remote.log(), ["prod: two", "prod: one", "other"])
        body = self.remote.git("log", "-1", "--format=%b", "main")
        self.assertIn("- api 1.0.0 -> 1.1.0\n- web removed (1.0.0)\n\nRelease: two\nPrevious-Release: one\n", body)
        self.assertEqual(self.remote.git("ls-tree", "-r", "--name-only", "main").split("\n"),
                         ["README", "apps/prod/images.yaml", "apps/prod/other.yaml"])
        self.assertEqual(self.remote.read("README"), "hello")

    def test_the_same_release_on_the_same_parent_is_the_same_commit(self):
        others = [Repository(self.site.folder, name) for name in ("a", "b")]
        self.once(self.config(self.output("x.yaml", remote=others[0]), self.output("x.yaml", remote=others[1])))
        self.assertEqual(others[0].log("%H"), others[1].log("%H"))

    def test_files_that_are_there_already_are_not_pushed_again(self):
        self.once(self.config())
        clone = Repository(self.site.folder, "clone")
        clone.commit({"prod.yaml": self.remote.read("prod.yaml") + "\n"})
        self.assertNotIn("pushed", self.once(self.config(self.output(remote=clone))))
        self.assertEqual(clone.log(), ["other"])

    def test_a_folder_of_drop_ins_loses_those_of_removed_components(self):
        config = self.config(self.output("quadlet", form="quadlet"))
        self.once(config)
        self.remote.commit({"quadlet/README": "mine\n"})
        self.environment("prod", "two")
        self.once(config)
        self.assertEqual(self.remote.git("ls-tree", "-r", "--name-only", "main").split("\n"),
                         ["quadlet/README", "quadlet/api.container.d/50-relman.conf"])

    def test_a_folder_loses_drop_ins_after_a_time_without_the_output(self):
        config = self.config(self.output("quadlet", form="quadlet"))
        self.once(config)
        self.environment("prod", "two")
        self.once("outputs: []\n")  # the release is confirmed before the output comes back
        self.once(config)
        self.assertEqual(self.remote.git("ls-tree", "-r", "--name-only", "main"), "quadlet/api.container.d/50-relman.conf")
        self.assertIn("Previous-Release: one\n", self.remote.git("log", "-1", "--format=%B", "main"))

    def test_the_message_is_a_template(self):
        self.once(self.config(self.output(more=', message: "deploy({environment}): {release} after {previous} {x"')), status=2)
        config = self.config(self.output(more=', message: "deploy({environment}): {release} after {previous}\\n\\n{components}\\n\\nBy: {promotedBy}\\n'
                                                   '{lockDigest} {displayName}\\n\\n"'))
        self.once(config)
        self.environment("prod", "two")
        self.once(config)
        self.assertEqual(self.remote.log(), ["deploy(prod): two after one", "deploy(prod): one after none"])
        self.assertRegex(self.remote.git("cat-file", "commit", "main"), r"\n\n- api 1\.0\.0 -> 1\.1\.0\n- web removed \(1\.0\.0\)\n\nBy: \S+\n"
                                                                       r"sha256:[0-9a-f]{64} two$")

    def test_many_environments_on_one_branch_are_one_push(self):
        names = [f"e{i:02}" for i in range(40)]
        for name in names:
            self.environment(name, "one")
        self.remote.hook("post-receive", f"while read old new ref; do echo $ref >> {self.site.folder}/pushes; done\n")
        self.site.start(self.config(*(self.output(f"apps/{name}.yaml", name) for name in names)))
        # relmand reports a push after the hook of the server has ended
        wait_for(lambda: sum(map(int, re.findall(r"pushed commit .* for (\d+) outputs?\n", self.site.log))) == 40, 30)
        with open(f"{self.site.folder}/pushes") as f:
            self.assertLess(len(f.readlines()), 4)
        self.assertEqual(sorted(self.remote.log()), [f"{name}: one" for name in names])

    def test_a_repository_with_sha256_ids_works_empty_and_filled(self):
        remote = Repository(self.site.folder, "sha256", "--object-format=sha256")
        config = self.config(self.output(remote=remote))
        self.once(config)
        self.assertEqual(len(remote.log("%H")[0]), 64)
        self.environment("prod", "two")
        self.once(config)
        self.assertEqual(remote.log(), ["prod: two", "prod: one"])

    # --- edits -------------------------------------------------------------------------------------

    def edits(self, *edits, environment="prod", more=""):
        text = ", ".join("{" + ", ".join(f"{key}: {json.dumps(value)}" for key, value in edit.items()) + "}" for edit in edits)
        return f"  - {{environment: {environment}, git: {{url: '{self.remote.url}', edit: [{text}]{more}}}}}\n"

    def image(self, name="api", version="1.0.0"):
        return f"{self.registry.host}/app/{name}@{self.digests[name, version]}"

    def bytes_of(self, path):
        return subprocess.run(["git", "--git-dir", self.remote.path, "show", f"main:{path}"], capture_output=True, check=True).stdout

    def test_edits_keep_every_other_byte_of_real_manifests(self):
        folder = os.path.join(os.environ.get("SRCDIR", "."), "tests/data/manifests")
        with open(f"{folder}/edits.json", encoding="utf-8") as f:
            cases = json.load(f)
        files, expected = {}, {}
        for name in {case["file"] for case in cases}:
            with open(f"{folder}/{name}", "rb") as f:
                files[f"apps/{name}"] = f.read()
        self.assertGreaterEqual(len(files), 30)
        self.remote.commit(files)
        for name, data in files.items():
            patches = []
            for case in (case for case in cases if f"apps/{case['file']}" == name):
                eol = "\r\n" if b"\r\n" in data else "\n"
                old, at = case["old"].replace("\n", eol).encode(), -1
                for _ in range(case["occurrence"]):
                    at = data.index(old, at + 1)
                patches.append((at, at + len(old), case["new"].replace("%s", self.image()).encode()))
            for start, end, new in sorted(patches, reverse=True):
                data = data[:start] + new + data[end:]
            expected[name] = data
        config = self.config(self.edits(*({"file": f"apps/{case['file']}", "component": "api", "pointer": case["pointer"],
                                           **{key: case[key] for key in ("kind", "name", "namespace") if case[key]}} for case in cases)))
        self.once(config)
        self.assertEqual(self.remote.log(), ["prod: one", "other"])
        for name, data in expected.items():
            with self.subTest(name):
                self.assertEqual(self.bytes_of(name), data)
        # git sees the lines of the values only
        changed = [line.split("\t") for line in self.remote.git("diff", "--numstat", "main^", "main").split("\n")]
        self.assertEqual(sorted(name for _, _, name in changed), sorted(f'"{name}"' if not name.isascii() else name for name in files))
        self.assertLessEqual(sum(int(added) for added, _, _ in changed), len(cases))
        self.assertNotIn("pushed", self.once(config))

    def test_edits_of_several_environments_build_upon_one_another(self):
        self.environment("test", "two")
        self.remote.commit({"a.yaml": "prod: {image: x, tag: 1.0} # both\ntest: {digest: 'x'}\n"})
        config = self.config(self.edits({"file": "a.yaml", "pointer": "/prod/image", "component": "web"},
                                        {"file": "a.yaml", "pointer": "/prod/tag", "component": "api", "value": "tag"}),
                             self.edits({"file": "a.yaml", "pointer": "/test/digest", "component": "api", "value": "digest"}, environment="test"))
        self.once(config)
        digest = self.image("api", "1.1.0").split("@")[1]
        self.assertEqual(self.remote.read("a.yaml"), f"prod: {{image: {self.image('web')}, tag: v1.0.0}} # both\ntest: {{digest: '{digest}'}}")
        self.assertEqual(sorted(self.remote.log()), ["other", "prod: one", "test: two"])

    def test_edits_keep_the_mode_and_the_commits_of_others(self):
        self.remote.commit({"a.yaml": "image: x\n"})
        self.remote.git("fast-import", "--quiet", data=b"commit refs/heads/main\ncommitter o <o@x> 1700000001 +0000\ndata 1\nm\nfrom refs/heads/main^0\n"
                        b"M 100755 inline a.yaml\ndata 9\nimage: y\n\n")
        config = self.config(self.edits({"file": "a.yaml", "pointer": "/image", "component": "api"}))
        self.once(config)
        self.assertRegex(self.remote.git("ls-tree", "main"), r"^100755 blob \S+\ta.yaml$")
        self.remote.commit({"a.yaml": f"# ours\nimage: {self.image()}\nother: 1\n"})
        self.environment("prod", "two")
        self.once(config)
        self.assertEqual(self.remote.read("a.yaml"), f"# ours\nimage: {self.image('api', '1.1.0')}\nother: 1")

    def test_an_edit_that_fails_pushes_nothing_and_delays_no_other(self):
        self.environment("test", "one")
        self.remote.commit({"a.yaml": "image: x\n", "b.yaml": "image: &x y\nother: *x\n", "c.yaml": "image: x\n"})
        self.remote.git("fast-import", "--quiet", data=b"commit refs/heads/main\ncommitter o <o@x> 1700000001 +0000\ndata 1\nm\nfrom refs/heads/main^0\n"
                        b"M 120000 inline link\ndata 6\na.yaml\n\n")
        good = self.edits({"file": "c.yaml", "pointer": "/image", "component": "api"}, environment="test")
        for edit, problem in [
                ({"file": "none.yaml", "pointer": "/image"}, "file 'none.yaml' is not on the branch; commit it there first"),
                ({"file": "link", "pointer": "/image"}, "file 'link' is a symbolic link; name the file that it points to"),
                ({"file": "a.yaml", "pointer": "/spec"}, "a.yaml:1: pointer '/spec': the document has no key 'spec'; check the pointer"),
                ({"file": "b.yaml", "pointer": "/other"}, "b.yaml:2: pointer '/other': /other is the alias *x of line 1, which other places may use "
                                                          "too; point to the value there"),
                ({"file": "a.yaml", "pointer": "/image", "component": "none"}, "file 'a.yaml', pointer '/image': release 'one' has no component 'none'; "
                                                                               "add it to the release, or remove the edit"),
        ]:
            with self.subTest(problem):
                self.once(self.config(self.edits({"file": "a.yaml", "pointer": "/image", "component": "web"}, {"component": "api", **edit})
                                      if edit["pointer"] != "/image" or edit["file"] != "a.yaml" else self.edits(edit), good), status=1)
                self.assertEqual(self.remote.log(), ["test: one", "m", "other"])
                self.assertIn(problem, self.conditions()[0])
                self.assertEqual(self.remote.read("a.yaml"), "image: x")
        (failed,) = self.site.events("output.failed")  # of a series of failures the first
        self.assertIn("file 'none.yaml' is not on the branch", json.loads(failed[2])["message"])
        self.assertEqual(len(self.site.events("output.written")), 1)
        self.once(self.config(self.edits({"file": "a.yaml", "pointer": "/image", "component": "web"}), good))
        self.assertEqual(self.conditions(), [])

    # --- others on the branch ----------------------------------------------------------------------

    def test_commits_of_others_stay(self):
        self.once(self.config())
        self.remote.commit({"note": "1\n"})
        self.environment("prod", "two")
        self.once(self.config())
        self.assertEqual(self.remote.log(), ["prod: two", "other", "prod: one"])

    def test_a_branch_that_was_rewritten_gets_the_lockfile_on_its_new_history(self):
        self.once(self.config())
        self.remote.git("update-ref", "-d", "refs/heads/main")
        self.remote.commit({"new": "1\n"})
        self.environment("prod", "two")
        self.once(self.config())
        self.assertEqual(self.remote.log(), ["prod: two", "other"])

    def test_a_branch_that_moves_during_the_push_is_not_overwritten(self):
        # the first push finds that somebody else was quicker
        self.remote.commit({"README": "1\n"})
        self.remote.hook("pre-receive", f"test -e {self.site.folder}/raced && exit 0\ntouch {self.site.folder}/raced\n"
                         "unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES\n"
                         "printf 'commit refs/heads/main\\ncommitter o <o@x> 1700000001 +0000\\ndata 4\\nrace\\nfrom refs/heads/main^0\\n"
                         "M 100644 inline race\\ndata 1\\nx\\n' | git fast-import --quiet\n")
        self.once(self.config())
        self.assertEqual(self.remote.log(), ["prod: one", "race", "other"])

    def test_two_daemons_on_one_branch_make_a_linear_history(self):
        second = Site()
        self.addCleanup(second.close)
        for name in os.listdir(self.site.specs):
            with open(os.path.join(self.site.specs, name)) as f:
                second.write(name, f.read())
        self.site.start(self.config(self.output("a.yaml")))
        second.start(self.config(self.output("b.yaml")))
        for release in ("two", "one", "two"):
            for site in (self.site, second):
                site.write("e-prod.yaml", f"apiVersion: relman/v1\nkind: Environment\nmetadata: {{name: prod}}\nspec: {{release: {release}}}\n")
            wait_for(lambda: all(f"from release {release}." in (self.remote.read(f"{name}.yaml") or "") for name in "ab"), 60)
        self.assertEqual(self.remote.git("rev-list", "--merges", "--count", "main"), "0")
        for name in "ab":
            self.assertIn("two", self.remote.read(f"{name}.yaml"))

    # --- failures ----------------------------------------------------------------------------------

    def conditions(self):
        return [row[0] for row in self.site.stored.conditions("message", reason="PushFailed")]

    def test_a_hook_that_refuses_one_environment_does_not_delay_the_others(self):
        self.environment("test", "one")
        self.remote.hook("update", "git show \"$3:bad.yaml\" >/dev/null 2>&1 && { echo 'bad.yaml is not allowed'; exit 1; }\nexit 0\n")
        self.once(self.config(self.output("bad.yaml"), self.output("good.yaml", "test")), status=1)
        self.assertEqual(self.remote.log(), ["test: one"])
        self.assertRegex(self.conditions()[0], r"^branch 'main' of file://\S+: the server refused the commit: .*bad\.yaml is not allowed.*"
                                               r"; next attempt in 10 s$")

    def test_a_repository_that_is_away_is_tried_again(self):
        missing = Repository(self.site.folder, "missing")
        os.rename(missing.path, missing.path + ".away")
        self.once(self.config(self.output(remote=missing), self.output("here.yaml")), status=1)
        self.assertIsNotNone(self.remote.read("here.yaml"))
        self.assertRegex(self.conditions()[0], r"^branch 'main' of file://\S+: git ls-remote: .*does not appear to be a git repository")
        os.rename(missing.path + ".away", missing.path)
        self.once(self.config(self.output(remote=missing), self.output("here.yaml")))
        self.assertIsNotNone(missing.read("prod.yaml"))
        self.assertEqual([json.loads(data)["output"].split("/")[-1] for _, _, data in self.site.events("output.failed")], ["missing.git"])
        self.assertEqual(len(self.site.events("output.written")), 2)
        self.assertEqual(self.conditions(), [])

    def outputs(self, *names):
        return json.loads(self.ctl("get", "outputs", *names, "-o", "json"))

    def ctl(self, *arguments):
        status, out, err = relmanctl("--socket", self.site.socket, *arguments)
        self.assertEqual((status, err), (0, ""))
        return out

    def test_people_see_what_each_output_has(self):
        self.environment("test", "one")
        missing = Repository(self.site.folder, "missing")
        os.rename(missing.path, missing.path + ".away")
        config = self.config(self.output(), f"  - {{environment: test, format: json, path: {self.site.folder}/test.json}}\n",
                             self.output(remote=missing), "  - {environment: nobody, path: /none}\n", "  - {environment: prod, exec: [/bin/true]}\n")
        self.site.start(config)
        wait_for(lambda: [row["state"] for row in self.outputs()] == ["written", "failed", "written", "written"], 20)
        branch, failed, program, file = self.outputs()
        self.assertEqual([row["name"] for row in self.outputs()], ["prod/1", "prod/2", "prod/3", "test/1"])
        self.assertEqual((branch["kind"], branch["path"], branch["format"], branch["release"], branch["commit"], branch["target"]),
                         ("git", "prod.yaml", "images-lock", "one", self.remote.log("%H")[0], f"branch 'main' of {self.remote.url}"))
        self.assertEqual((failed["release"], failed["commit"], failed["writtenAt"], failed["wanted"]), (None, None, None, "one"))
        self.assertIn("does not appear to be a git repository", failed["problem"])
        self.assertGreaterEqual(failed["retryAt"], failed["since"])
        self.assertEqual((program["kind"], program["target"], program["commit"], program["release"]), ("exec", "/bin/true", None, "one"))
        self.assertEqual((file["kind"], file["target"], file["release"], file["problem"]), ("file", f"{self.site.folder}/test.json", "one", None))
        self.assertEqual(sorted((json.loads(data)["output"], json.loads(data)["release"]) for _, _, data in self.site.events("output.written")),
                         [("/bin/true", "one"), (branch["target"], "one")])
        # pages, and those of one environment
        seen, path = [], "/api/v1/outputs?limit=3"
        while path:
            _, page, headers = self.site.call("GET", path)
            seen += page
            path = headers.get("Link", "").partition(">")[0][1:]
        self.assertEqual((seen, len(page)), (self.outputs(), 1))
        self.assertEqual(self.outputs("test"), [file])
        self.assertEqual(self.site.call("GET", "/api/v1/environments/none/outputs")[0], 404)
        table = self.ctl("get", "outputs", "prod").split("\n")
        self.assertRegex(table[0], r"^NAME +KIND +TARGET +FORMAT +STATE +SINCE +RELEASE +COMMIT +PULL REQUEST +RETRY +PROBLEM$")
        self.assertIn(f" {branch['commit'][:12]} ", table[1] + " ")
        # what was written is known after a restart, with its time
        os.rename(missing.path + ".away", missing.path)
        self.site.stop()
        self.site.start(config)
        wait_for(lambda: [row["state"] for row in self.outputs()] == ["written"] * 4, 20)
        self.assertEqual([row for row in self.outputs() if row["name"] != "prod/2"], [branch, program, file])

    def test_a_damaged_cache_is_made_again(self):
        self.once(self.config())
        cache = os.path.join(self.site.folder, "git")
        for damage in ("rm -rf objects", "echo x > HEAD", "touch shallow.lock", "rm -rf *", "mkdir -p refs/relman/new/last.lock"):
            subprocess.run(damage, shell=True, cwd=os.path.join(cache, os.listdir(cache)[0]), check=True)
            self.environment("prod", "two" if "one" in self.remote.log()[0] else "one")
            self.once(self.config())
        self.assertEqual(len(self.remote.log()), 6)

    def test_a_server_that_hangs_is_left_after_the_time_out(self):
        self.remote.hook("pre-receive", "sleep 30\n")
        log = self.once("outputs:\n" + self.output().replace("{environment", "{timeout: 2s, environment"), status=1)
        self.assertIn("git push: was ended after 2s", log)

    def test_a_killed_daemon_pushes_each_release_once(self):
        self.site.start(self.config())
        wait_for(lambda: self.remote.log() == ["prod: one"])
        releases = ["one"]
        for i in range(8):
            release = ("two", "one")[i % 2]
            releases.append(release)
            self.environment("prod", release)
            # at another step each time: a push takes about 100 ms
            wait_for(lambda: self.site.log.count("was promoted; its lockfile is written next") > 0, 30)
            time.sleep(i * 0.02)
            self.site.kill(9)
            self.site.process.wait()
            self.site.process = None
            self.site.start(self.config())
            wait_for(lambda: len(self.remote.log()) >= i + 2 and f"from release {release}." in self.remote.read("prod.yaml"), 30)
        self.assertEqual(self.remote.log(), [f"prod: {release}" for release in reversed(releases)])

    # --- servers -----------------------------------------------------------------------------------

    def test_https_with_a_password(self):
        server = HttpsGit(self.site.folder, self.site.folder)
        self.addCleanup(server.close)

        def config(path="deploy.git", ca=server.ca_file, credential=", credential: git"):
            ca = f", caFile: {ca}" if ca else ""
            return f"outputs: [{{environment: prod, git: {{url: '{server.url(path)}', path: lock.yaml{ca}{credential}}}}}]\n"

        good = f"{server.user}:{server.password}\n"
        for text, secret, what in [
                (config(credential=""), None, "git ls-remote: the server wants a password; set credential"),
                (config(), None, "credential 'git' is not there: $CREDENTIALS_DIRECTORY is not set"),
                (config(credential=", credential: other"), good, "credentials: cannot read '"),
                (config(), "robot:wrong\n", "git ls-remote: the server refused user or password"),
                (config(ca=""), good, "verification failed"),
                (config("moved/x"), good, "The requested URL returned error: 302"),
                (config("none.git"), good, "not found"),
        ]:
            with self.subTest(what):
                log = self.once(text, status=1, **({"git": secret} if secret else {}))
                self.assertIn(what, log)
                self.assertNotIn("s3cret", log)
        self.once(config(), git=good)
        self.assertEqual(self.remote.log(), ["prod: one"])
        self.environment("prod", "two")
        self.once(config(), git=good)
        self.assertEqual(self.remote.log(), ["prod: two", "prod: one"])
        cache = os.path.join(self.site.folder, "git")
        self.assertEqual(subprocess.run(["grep", "-rlE", "s3cret|Basic", cache], capture_output=True, text=True).stdout, "")

    @unittest.skipUnless(SSHD, "no sshd")
    def test_ssh_with_a_key_and_a_known_host(self):
        server = SshGit(self.site.folder, self.site.folder)
        self.addCleanup(server.close)
        with open(server.key_file) as f:
            key = f.read()
        config = (f"outputs: [{{environment: prod, git: {{url: '{server.url('deploy.git')}', path: lock.yaml, credential: key, "
                  f"knownHosts: {server.known_hosts}}}}}]\n")
        with open(server.known_hosts) as f:
            known = f.read()
        with open(server.known_hosts, "w") as f:
            f.write(known.split()[0] + " ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO3KoTVNGZ7mIGQvNn8Jy2vPEMvSXyGz5qNhRZ3DyU0x\n")
        self.assertIn("git ls-remote: the key of the server is not in knownHosts", self.once(config, status=1, key=key))
        with open(server.known_hosts, "w") as f:
            f.write(known)
        self.once(config, key=key)
        self.assertEqual(self.remote.log(), ["prod: one"])
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{self.site.folder}/other"], check=True)
        self.environment("prod", "two")
        with open(f"{self.site.folder}/other") as f:
            self.assertIn("Permission denied (publickey)", self.once(config, status=1, other="", key=f.read()))

    # --- signatures --------------------------------------------------------------------------------

    def key(self, name, *options):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "relman", *options, "-f", f"{self.site.folder}/{name}"], check=True)
        with open(f"{self.site.folder}/{name}") as key, open(f"{self.site.folder}/{name}.pub") as public:
            return key.read(), public.read()

    def verify(self, remote, public, commit="main"):
        with open(f"{self.site.folder}/signers", "w") as f:
            f.write(f"relman@localhost namespaces=\"git\" {public}")
        return subprocess.run(["git", "--git-dir", remote.path, "-c", f"gpg.ssh.allowedSignersFile={f.name}", "verify-commit", commit], env=GIT,
                              capture_output=True).returncode == 0

    def test_commits_are_signed_by_an_ssh_key(self):
        key, public = self.key("signer")
        _, stranger = self.key("stranger")
        self.environment("test", "two")
        self.remote.commit({"README": "1\n"})
        signing = ", author: 'A. B. <a@b.example>', signing: {credential: signer}"
        config = self.config(self.output("prod.yaml", more=signing), self.output("test.yaml", "test", more=signing))
        self.once(config, signer=key)
        self.assertEqual(sorted(self.remote.log()), ["other", "prod: one", "test: two"])
        for commit in ("main", "main^"):
            self.assertTrue(self.verify(self.remote, public, commit))
            self.assertFalse(self.verify(self.remote, stranger, commit))
        self.assertFalse(self.verify(self.remote, public, "main^^"))
        self.assertEqual(self.remote.git("log", "-1", "--format=%ae %ce %at", "main").split()[:2], ["a@b.example"] * 2)
        self.assertNotIn("pushed", self.once(config, signer=key))
        cache = os.path.join(self.site.folder, "git")
        self.assertEqual(subprocess.run(["grep", "-rlE", "PRIVATE KEY", cache], capture_output=True, text=True).stdout, "")

    def test_a_signed_release_on_the_same_parent_is_the_same_commit(self):
        key, public = self.key("signer")
        remotes = [Repository(self.site.folder, "a"), Repository(self.site.folder, "b", "--object-format=sha256"), Repository(self.site.folder, "c")]
        self.once(self.config(*(self.output("x.yaml", remote=remote, more=", signing: {format: ssh, credential: signer}") for remote in remotes)),
                  signer=key)
        self.assertEqual(remotes[0].log("%H"), remotes[2].log("%H"))
        plain = Repository(self.site.folder, "plain")
        self.once(self.config(self.output("x.yaml", remote=plain)))
        for remote in remotes:
            self.assertTrue(self.verify(remote, public))
            self.assertEqual(remote.log("%an %ae %at %cn %ce %ct %B"), plain.log("%an %ae %at %cn %ce %ct %B"))

    def test_a_key_that_cannot_sign_pushes_nothing(self):
        config = self.config(self.output(more=", signing: {credential: signer}"))
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", f"{self.site.folder}/locked"], check=True)
        with open(f"{self.site.folder}/locked") as f:
            locked = f.read()
        for key, problem in [({}, "credential 'signer' is not there"), ({"signer": "x\n"}, "git commit-tree: "), ({"signer": locked}, "git commit-tree: ")]:
            with self.subTest(problem):
                self.once(config, status=1, **key)
                self.assertIn(problem, self.conditions()[0])
                self.assertEqual(self.remote.log(), [])

    # --- the configuration -------------------------------------------------------------------------

    def test_mistakes_are_refused_at_the_start(self):
        url = self.remote.url
        for text, what in [
                ("{url: 'https://u:p@h/x', path: a}", "without a password; put that into a credential"),
                ("{url: 'git@h:x.git', path: a}", "is not https://HOST/PATH, ssh://[USER@]HOST/PATH or file:///PATH"),
                ("{url: 'http://h/x', path: a}", "is not https://HOST/PATH"),
                ("{url: 'ext::sh -c x', path: a}", "is not https://HOST/PATH"),
                ("{url: 'ssh://-oProxyCommand=x/y', path: a, knownHosts: /k}", "is not https://HOST/PATH"),
                ("{url: 'ssh://git@h/x', path: a}", 'field "knownHosts": "" is missing; ssh needs the keys of the server'),
                ("{url: 'ssh://git@h/x', path: a, knownHosts: '/a b'}", "which ssh cannot take"),
                (f"{{url: '{url}', path: a, branch: '-x'}}", "is not a branch such as main"),
                (f"{{url: '{url}', path: a, branch: 'a..b'}}", "is not a branch such as main"),
                (f"{{url: '{url}', path: ../a}}", "is not a path in a repository"),
                (f"{{url: '{url}', path: /a}}", "is not a path in a repository"),
                (f"{{url: '{url}', path: .git/config}}", "is not a path in a repository"),
                (f"{{url: '{url}', path: a, author: me}}", "is not NAME <EMAIL>"),
                (f"{{url: '{url}', path: a, message: 'x {{y}}'}}", "field \"message\": unknown placeholder at '{y}'; there are {environment}, "),
                (f"{{url: '{url}', path: a, message: ' '}}", 'field "message": a message cannot be empty'),
                (f"{{url: '{url}', path: a, credential: c}}", "of no use: file:// has no passwords"),
                (f"{{url: '{url}'}}", 'field "path": "" is missing, and edit too'),
                (f"{{url: '{url}', path: a, edit: [{{file: b, pointer: /c, component: d}}]}}", "not possible beside edit"),
                (f"{{url: '{url}', edit: [{{file: ../b, pointer: /c, component: d}}]}}", 'field "file": "../b" is not a path in a repository'),
                (f"{{url: '{url}', edit: [{{file: b, pointer: c, component: d}}]}}", 'field "pointer": "c" is not a JSON pointer'),
                (f"{{url: '{url}', edit: [{{file: b, pointer: /c, component: D}}]}}", 'field "component": "D" is not the name of a Component'),
                (f"{{url: '{url}', edit: [{{file: b, pointer: /c, component: d}}, {{file: b, pointer: /c, component: e}}]}}",
                 'pointer "/c" in file "b" is already set by the output of environment \'prod\''),
                (f"{{url: '{url}', path: a}}, exec: [/bin/true]", "not possible beside git"),
        ]:
            with self.subTest(text):
                self.assertIn(what, self.once(f"outputs: [{{environment: prod, git: {text}}}]\n", status=2))
        log = self.once(self.config(self.output("a"), self.output("a/b", "test")), status=2)
        self.assertIn("is within the output of environment 'prod'", log)
        log = self.once(self.config(self.output("a"), self.edits({"file": "a", "pointer": "/b", "component": "c"}, environment="test")), status=2)
        self.assertIn("file \"a\" is written by the output of environment 'prod' at line 2", log)
        self.assertEqual(self.remote.log(), [])

    def test_outputs_on_one_branch_reach_it_alike(self):
        self.environment("test", "one")
        url = "https://git.example/x.git"
        for field, first, second in [("credential", "credential: a", "credential: b"), ("credential", "credential: a", "branch: main"),
                                     ("signing", "signing: {credential: a}", "signing: {credential: b}"),
                                     ("caFile", "caFile: /a", "caFile: /b"), ("timeout", "branch: main", None)]:
            with self.subTest(field):
                log = self.once(f"outputs:\n  - {{environment: prod, git: {{url: '{url}', path: a, {first}}}}}\n"
                                f"  - {{environment: test, {'timeout: 1s, ' if not second else ''}git: {{url: '{url}', path: b, "
                                f"{second or first}}}}}\n", status=2)
                self.assertIn(f"output of environment 'test': {field} differs from that of the output of environment 'prod' at line 2 on the same "
                              f"branch; relmand pushes both together: give them the same {field}", log)


if __name__ == "__main__":
    relman.main()
