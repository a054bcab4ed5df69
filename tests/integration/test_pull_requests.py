#!/usr/bin/env python3
"""Tests pull requests of outputs on branches, with real repositories and a stand-in for the API of each forge."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import DockerRegistry  # noqa: E402
from forge import NAME, TOKEN, Forge, Pull  # noqa: E402
from git_repository import Repository  # noqa: E402
from relman import Site, relmanctl, wait_for  # noqa: E402


class PullRequests(unittest.TestCase):
    def setUp(self):
        self.registry = DockerRegistry()
        self.addCleanup(self.registry.close)
        for name, version in (("api", "1.0.0"), ("api", "1.1.0"), ("web", "1.0.0")):
            self.registry.push(f"app/{name}", f"v{version}")
        self.site = Site()
        self.addCleanup(self.site.close)
        self.site.write("r.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\nspec: {{url: '{self.registry.url}'}}\n")
        for name in ("api", "web"):
            self.site.write(f"c-{name}.yaml", f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: {name}}}\n"
                            f"spec: {{imageRepository: {self.registry.host}/app/{name}}}\n")
        for name, components in (("one", "[{name: api, version: 1.0.0}, {name: web, version: 1.0.0}]"), ("two", "[{name: api, version: 1.1.0}]")):
            self.site.write(f"release-{name}.yaml", f"apiVersion: relman/v1\nkind: Release\nmetadata: {{name: {name}}}\n"
                            f"spec: {{mode: pinned, components: {components}}}\n")
        self.environment("one")
        self.remote = Repository(self.site.folder)
        self.remote.commit({"README": "hello\n"})

    def environment(self, release, confirm="pullRequest"):
        self.site.write("e.yaml", f"apiVersion: relman/v1\nkind: Environment\nmetadata: {{name: prod}}\nspec: {{release: {release}, confirm: {confirm}}}\n")

    def start(self, kind, more=""):
        self.forge = Forge(kind, self.remote.path)
        self.addCleanup(self.forge.close)
        folder = os.path.join(self.site.folder, "credentials")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "token"), "w") as f:
            f.write(TOKEN)
        os.chmod(f.name, 0o400)
        self.config = (f"outputs:\n  - environment: prod\n    format: images-lock\n    git:\n      url: '{self.remote.url}'\n      branch: relman/prod\n"
                       f"      path: prod.yaml\n      pullRequest: {{forge: {kind}, url: '{self.forge.url}', repository: {NAME}, credential: token, "
                       f"interval: 1s{more}}}\n")
        self.restart()

    def restart(self):
        if self.site.process:
            self.site.stop()
        self.site.start(self.config, {"CREDENTIALS_DIRECTORY": os.path.join(self.site.folder, "credentials")})

    def pull(self):
        status, out, err = relmanctl("--socket", self.site.socket, "get", "outputs", "prod", "-o", "json")
        self.assertEqual((status, err), (0, ""))
        return json.loads(out)[0]["pullRequest"] or {}

    def wait_for_pull(self, state, number):
        wait_for(lambda: (self.pull().get("state"), self.pull().get("number")) == (state, number), 30, f"{state} {number}")

    def state(self):
        state = self.site.call("GET", "/api/v1/environments/prod")[1]["state"] or {}
        return state.get("release"), state.get("status")

    def condition(self):
        conditions = self.site.call("GET", "/api/v1/environments/prod")[1]["conditions"]
        return next(((c["status"], c["reason"]) for c in conditions if c["type"] == "PullRequest"), None)

    def walk(self, kind):
        self.start(kind, ", labels: [release, prod]")
        self.wait_for_pull("open", "1")
        (pull,) = self.forge.pulls
        self.assertEqual((pull.title, pull.head, pull.base, pull.labels), ("prod: one", "relman/prod", "main", ["release", "prod"]))
        self.assertRegex(pull.body, r"^- api 1\.0\.0\n- web 1\.0\.0\n\nRelease: one\nPromoted-By: \S+\nLock-Digest: sha256:[0-9a-f]{64}\n$")
        self.assertEqual(self.remote.log(branch="relman/prod"), ["prod: one", "other"])  # it begins at the base
        self.assertEqual((self.state(), self.condition()), (("one", "promoting"), ("Unknown", "PullRequestOpen")))
        self.assertIn(self.pull()["url"], relmanctl("--socket", self.site.socket, "get", "environments", "-o", "json")[1])
        # the next release updates it in place
        self.environment("two")
        wait_for(lambda: pull.title == "prod: two", 30, "the new title")
        self.assertIn("- api 1.1.0\n", pull.body)
        self.assertEqual(len(self.forge.pulls), 1)
        # merged is confirmed, also if the branch was squashed, and the branch begins at the base again
        with self.forge.lock:
            self.forge.merge(pull, squash=True)
        wait_for(lambda: self.state() == ("two", "deployed"), 30, "the confirmation")
        self.assertIsNone(self.condition())
        wait_for(lambda: not self.forge.sha("relman/prod"), 30, "the deletion of the branch")
        self.assertIn("from release two.", self.remote.read("prod.yaml"))
        self.environment("one")
        self.wait_for_pull("open", "2")
        self.assertEqual(self.remote.log(branch="relman/prod"), ["prod: one", "Merge 1", "other"])
        self.assertIn("- api 1.1.0 -> 1.0.0\n- web 1.0.0\n", self.forge.pulls[1].body)
        # a restart finds it again, and changes nothing
        n = len(self.forge.requests)
        self.restart()
        self.wait_for_pull("open", "2")
        self.assertEqual([request for request in self.forge.requests[n:] if request[0] != "GET"], [])
        # a deleted environment closes it
        self.site.remove("e.yaml")
        wait_for(lambda: self.forge.pulls[1].state == "closed", 30, "the close")
        self.assertNotIn(TOKEN, self.site.log)

    def test_a_pull_request_of_github(self):
        self.walk("github")

    def test_a_merge_request_of_gitlab(self):
        self.walk("gitlab")

    def test_a_pull_request_of_gitea(self):
        self.walk("gitea")

    def test_a_pull_request_that_a_person_closed_is_left_alone_until_the_next_release(self):
        self.start("github")
        self.wait_for_pull("open", "1")
        with self.forge.lock:
            self.forge.update(self.forge.pulls[0], {"state": "closed"})
        self.wait_for_pull("closed", "1")
        self.assertEqual((self.state(), self.condition()), (("one", "promoting"), ("True", "PullRequestClosed")))
        self.environment("two")
        self.wait_for_pull("open", "2")

    def test_a_pull_request_from_a_fork_is_not_ours(self):
        self.start("gitea")
        self.wait_for_pull("open", "1")
        stranger = Pull(2, "x", "y", "relman/prod", "main")
        stranger.fork, stranger.state, stranger.sha = True, "merged", self.forge.sha("relman/prod")
        with self.forge.lock:
            self.forge.pulls.append(stranger)
            before = len(self.forge.requests)
        wait_for(lambda: len(self.forge.requests) > before + 4, 30, "polls")
        self.assertEqual((self.pull()["number"], self.state()), ("1", ("one", "promoting")))

    def test_a_branch_that_was_deleted_is_pushed_again_and_equal_content_needs_no_merge(self):
        self.start("github")
        self.wait_for_pull("open", "1")
        with self.forge.lock:
            self.forge.update(self.forge.pulls[0], {"state": "closed"})
            self.forge.git("update-ref", "-d", "refs/heads/relman/prod")
        self.wait_for_pull("closed", "1")
        self.environment("two")
        self.wait_for_pull("open", "2")
        # somebody brings the same bytes to the base
        self.remote.commit({"prod.yaml": self.remote.read("prod.yaml", "relman/prod") + "\n"})
        with self.forge.lock:
            self.forge.merge(self.forge.pulls[1])
            self.forge.pulls[1].state = "open"
        wait_for(lambda: self.state() == ("two", "deployed"), 30, "the confirmation")
        self.assertEqual(self.forge.pulls[1].state, "closed")

    def test_another_repository_at_the_forge_is_reported(self):
        self.start("github")
        self.wait_for_pull("open", "1")
        self.site.stop()
        with self.forge.lock:
            self.forge.pulls.clear()
            self.forge.sha = lambda branch: None
        self.restart()
        wait_for(lambda: self.condition() == ("True", "PullRequestFailed"), 30)
        self.assertIn("the forge has no branch of that name", self.pull()["problem"])
        self.assertLess(len(self.site.events("output.written")), 4)

    def test_relman_merges_when_the_forge_allows_it(self):
        for kind in ("github", "gitlab", "gitea"):
            with self.subTest(kind):
                self.environment("two" if kind == "gitlab" else "one")
                self.start(kind, ", autoMerge: true")
                wait_for(lambda: self.state() == ("two" if kind == "gitlab" else "one", "deployed"), 30, "the merge")

    def test_errors_of_the_forge_are_shown_and_tried_again(self):
        self.start("github")
        self.wait_for_pull("open", "1")
        with self.forge.lock:
            self.forge.failures = [(403, {})]
        wait_for(lambda: self.condition() == ("True", "PullRequestFailed"), 30)
        self.assertEqual(self.pull()["problem"], f"{self.forge.url} answers with status 403: no way")
        self.assertRegex(self.site.log, r"error: pull request of branch 'relman/prod': http\S+ answers with status 403: no way\n")
        wait_for(lambda: self.condition() == ("Unknown", "PullRequestOpen"), 30)
        self.assertNotIn(TOKEN, self.site.log)

    def test_what_is_refused_in_the_configuration(self):
        for more, problem in [
                ("forge: github, credential: t", 'field "url": "" is missing; it does not follow from a file:// repository'),
                ("forge: github, credential: t, url: 'http://h', repository: x", 'field "repository": "x" is not OWNER/NAME'),
                ("forge: github, credential: t, url: 'http://h', repository: a/b, base: relman/prod",
                 'field "base": "relman/prod" is also the branch of the output; push to another one, such as relman/prod'),
                ("forge: github, credential: t, url: 'http://h', repository: a/b, labels: ['a,b']", 'field "labels": "a,b" is not a label of at most 100 bytes'),
                ("forge: github, credential: t, url: 'http://h', repository: a/b, title: '{nothing}'", 'field "title": '),
                ("forge: forgejo, credential: t, url: 'http://h', repository: a/b", 'forge'),
                ("forge: github, url: 'http://h', repository: a/b", 'credential'),
        ]:
            with self.subTest(more):
                path = os.path.join(self.site.folder, "bad.yaml")
                with open(path, "w") as f:
                    f.write(f"outputs:\n  - {{environment: prod, git: {{url: '{self.remote.url}', branch: relman/prod, path: a, pullRequest: {{{more}}}}}}}\n")
                status, out, err = self.site.once("--config", path)
                self.assertEqual(status, 2)
                self.assertIn(problem, out + err)
                self.assertRegex(out + err, r"bad\.yaml:2:\d+: ")


if __name__ == "__main__":
    relman.main()
