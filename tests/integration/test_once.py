#!/usr/bin/env python3
"""Tests relmand --once with a real registry: its main work, and mistakes of users."""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
import unittest

SRCDIR = os.environ.get("SRCDIR", os.path.abspath("."))
sys.path.insert(0, os.path.join(SRCDIR, "tests/lib"))
import relman  # noqa: E402
from docker_registry import DockerRegistry  # noqa: E402
from kill_points import failure_points  # noqa: E402
from standin import StandIn  # noqa: E402

REGISTRY = """apiVersion: relman/v1
kind: Registry
metadata: {{name: local}}
spec: {{url: {url}{more}}}
"""
COMPONENT = """apiVersion: relman/v1
kind: Component
metadata: {{name: {name}}}
spec:
  imageRepository: {host}/app/{name}
  versionRules:
    - {{pattern: '^v(\\d+\\.\\d+\\.\\d+)$', channel: stable}}
    - {{pattern: '^v(\\d+\\.\\d+\\.\\d+-rc\\.\\d+)$', channel: rc}}
"""
RELEASE = """apiVersion: relman/v1
kind: Release
metadata: {{name: {name}}}
spec: {spec}
"""


class Once(relman.RegistryCase):
    def setUp(self):
        super().setUp()
        self.site.write("registry.yaml", REGISTRY.format(url=self.registry.url, more=""))

    def component(self, name, text=COMPONENT):
        self.site.write(f"{name}.yaml", text.format(name=name, host=self.registry.host))

    def release(self, name, spec):
        self.site.write(f"release-{name}.yaml", RELEASE.format(name=name, spec=spec))

    def ok(self, *more):
        status, out, err = self.site.once(*more)
        self.assertEqual(status, 0, out + err)
        return out, err

    def test_what_is_to_be_tried_again_keeps_no_processor_busy_while_others_are_waited_for(self):
        server = StandIn()
        self.addCleanup(server.close)
        server.answers["GET /v2/app/slow/tags/list"] = lambda handler: time.sleep(8) or handler.reply(200, {"tags": []})
        self.site.write("slow.yaml", "apiVersion: relman/v1\nkind: Registry\nmetadata: {name: slow}\n"
                                     f"spec: {{url: '{server.url}'}}\n---\n" + COMPONENT.format(name="slow", host=server.host))
        self.registry.push("app/quick", "v1.0.0")
        self.component("quick")
        self.release("one", "{components: [{name: quick, version: 1.0.0}]}")
        os.makedirs(os.path.join(self.site.locks, "default"))
        open(os.path.join(self.site.locks, "default/releases"), "w").close()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        status, _, err = self.site.once()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.assertEqual(status, 1)
        self.assertIn("lockfile not written", err)
        self.assertLess(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1.5)

    def test_a_transfer_whose_socket_cannot_be_watched_is_not_lost(self):
        server = StandIn()
        self.addCleanup(server.close)
        for name in ("api", "worker"):
            server.push(f"app/{name}", "v1.0.0")
            self.component(name, COMPONENT.replace("{host}", server.host))
        self.site.write("registry.yaml", REGISTRY.format(url=server.url, more=", limits: {timeout: 2s}"))
        self.release("one", "{components: [{name: api, version: 1.0.0}, {name: worker, version: 1.0.0}]}")

        def set_up():
            for name in os.listdir(self.site.folder):
                if name.startswith("state.db"):
                    os.unlink(os.path.join(self.site.folder, name))
            shutil.rmtree(self.site.locks, ignore_errors=True)
        n_points = 0
        for call, n, status, err in failure_points(self.site.arguments("--once"), set_up, ("epoll_ctl",)):
            n_points += 1
            with self.subTest(call=call, n=n):
                if status == 0:
                    self.assertIsNotNone(self.site.lock("one"), err)
                else:
                    self.assertEqual(status, 1, err)
                    self.assertIn("relmand: ", err)
                self.ok()
                self.assertIsNotNone(self.site.lock("one"))
        self.assertGreater(n_points, 5)

    def test_a_stream_whose_release_cannot_be_resolved_ends_too(self):
        self.registry.push("app/gone", "v1.0.0")
        self.component("gone")
        self.site.write("stream.yaml", "apiVersion: relman/v1\nkind: ReleaseStream\nmetadata: {name: s}\nspec: {components: [gone]}\n")
        self.ok()
        self.site.stored.set_heads("sha256:" + "a" * 64)
        _, _, err = self.site.once(timeout=30)
        self.assertIn("stream 's': component 'gone': GET ", err)
        self.assertEqual(self.site.stored.conditions("reason", kind="ReleaseStream"), [("Unresolved",)])

    def test_three_components_of_fifty_tags_make_the_right_lockfile_and_a_second_run_asks_only_for_heads(self):
        newest = {}
        for name in ("api", "worker", "web"):
            for minor in range(50):
                newest[name] = self.registry.push(f"app/{name}", f"v1.{minor}.0")
            self.component(name)
        self.release("one", "{mode: full}")
        out, _ = self.ok()
        self.assertIn("components: 3 synced, 0 failed, 0 suspended; 150 tags, 150 new versions", out)
        lock = self.site.lock("one")
        for name, digest in newest.items():
            self.assertIn(f"image: {self.registry.host}/app/{name}@{digest}\n", lock)
        self.assertEqual(relman.relmanctl("verify", self.site.lock_path("one"))[0], 0)
        digest = subprocess.run("sed '/^lockDigest:/d' %s | sha256sum" % self.site.lock_path("one"), shell=True,
                                capture_output=True, text=True).stdout.split()[0]
        self.assertIn(f"lockDigest: sha256:{digest}\n", lock)

        out, err = self.ok()
        self.assertIn("0 new versions, 0 moved tags; 6 requests", out)  # three lists and three heads
        self.assertEqual(err, "")
        self.assertEqual(self.site.lock("one"), lock)

        self.registry.push("app/api", "v1.49.0", "something else")
        self.ok()
        self.assertEqual(self.site.lock("one"), lock)
        moved = [json.loads(e[2]) for e in self.site.events("tag.moved")]
        self.assertEqual([(m["component"], m["tag"], m["fromDigest"]) for m in moved],
                         [("api", "v1.49.0", newest["api"])])
        self.assertEqual(len(self.site.events("drift.detected")), 1)
        self.ok()
        self.assertEqual(len(self.site.events("tag.moved")), 1)

    def test_pinned_releases_take_versions_ranges_tags_digests_and_channels(self):
        digests = {t: self.registry.push("app/pinned", t) for t in ("v1.0.0", "v1.1.0", "v2.0.0", "v2.1.0-rc.1", "nightly")}
        self.component("pinned")
        wanted = {"exact": ("version: 1.0.0", "v1.0.0"), "range": ("version: '>=1 <2'", "v1.1.0"),
                  "caret": ("version: ^1.0", "v1.1.0"), "tag": ("tag: nightly", "nightly"),
                  "digest": (f"digest: '{digests['v2.0.0']}'", "v2.0.0"), "channel": ("channel: rc", "v2.1.0-rc.1")}
        for name, (selector, _) in wanted.items():
            self.release(name, "{components: [{name: pinned, %s, role: sidecar}]}" % selector)
        self.ok()
        for name, (_, tag) in wanted.items():
            self.assertIn(f"    digest: {digests[tag]}\n", self.site.lock(name), name)
            self.assertIn("    role: sidecar\n", self.site.lock(name), name)

    def test_a_release_of_a_channel_takes_its_head(self):
        self.registry.push("app/chan", "v3.0.0")
        digest = self.registry.push("app/chan", "v3.1.0-rc.2")
        self.component("chan")
        self.release("rc", "{mode: channel, channel: rc}")
        self.ok()
        self.assertIn(digest, self.site.lock("rc"))

    def test_what_cannot_be_resolved_stays_a_draft_that_says_why_and_is_resolved_once_it_can_be(self):
        self.registry.push("app/draft", "v1.0.0")
        self.component("draft")
        self.release("later", "{components: [{name: draft, version: 1.0.1}]}")
        status, out, err = self.site.once()
        self.assertEqual(status, 1)
        self.assertIn("release 'later' stays a draft: component 'draft' has no version 1.0.1; it has 1 other", err)
        self.assertIn("releases:   0 ready, 1 draft", out)
        self.assertIsNone(self.site.lock("later"))
        self.registry.push("app/draft", "v1.0.1")
        self.ok()
        self.assertIsNotNone(self.site.lock("later"))

    def test_a_frozen_release_is_not_changed_by_its_document(self):
        self.registry.push("app/frozen", "v1.0.0")
        self.registry.push("app/frozen", "v1.1.0")
        self.component("frozen")
        self.release("f", "{components: [{name: frozen, version: 1.0.0}]}")
        self.ok()
        lock = self.site.lock("f")
        self.release("f", "{components: [{name: frozen, version: 1.1.0}]}")
        status, _, err = self.site.once()
        self.assertEqual(status, 1)
        self.assertIn("release 'f' is ready and its digests never change; give the changed document a new name", err)
        self.assertEqual(self.site.lock("f"), lock)

    def test_a_lockfile_that_was_altered_or_removed_is_mended(self):
        self.registry.push("app/mend", "v1.0.0")
        self.component("mend")
        self.release("m", "{mode: full}")
        self.ok()
        lock = self.site.lock("m")
        with open(self.site.lock_path("m"), "a") as f:
            f.write("# me too\n")
        self.ok()
        self.assertEqual(self.site.lock("m"), lock)
        os.unlink(self.site.lock_path("m"))
        self.ok()
        self.assertEqual(self.site.lock("m"), lock)

    def test_a_database_that_was_lost_is_rebuilt_and_lockfiles_keep_their_bytes(self):
        self.registry.push("app/lost", "v1.0.0")
        self.component("lost")
        self.release("l", "{components: [{name: lost, tag: v1.0.0}]}")
        self.ok()
        lock, ids = self.site.lock("l"), self.site.stored.components("id") + self.site.stored.releases("id")
        for end in ("", "-wal", "-shm"):
            if os.path.exists(self.site.state + end):
                os.unlink(self.site.state + end)
        self.registry.push("app/lost", "v1.0.0", "moved meanwhile")
        self.ok()
        self.assertEqual(self.site.lock("l"), lock)
        self.assertEqual(self.site.stored.components("id") + self.site.stored.releases("id"), ids)

    def test_a_release_that_left_the_specs_is_archived_and_comes_back_with_its_document(self):
        self.registry.push("app/gone", "v1.0.0")
        self.component("gone")
        self.release("g", "{components: [{name: gone, tag: v1.0.0}]}")
        self.ok()
        lock = self.site.lock("g")
        self.site.remove("release-g.yaml")
        self.ok()
        self.assertIsNone(self.site.lock("g"))
        self.assertEqual(self.site.stored.releases("status"), [("archived",)])
        self.release("g", "{components: [{name: gone, tag: v1.0.0}]}")
        self.ok()
        self.assertEqual(self.site.lock("g"), lock)

    def test_a_tag_that_vanished_is_believed_gone_after_two_lists_and_the_head_stays(self):
        for n in range(5):
            self.registry.push("app/vanish", f"v1.{n}.0")
        self.component("vanish")
        self.ok()
        self.registry.untag("app/vanish", "v1.4.0")
        for missing in (1, 2, 2):
            self.ok()
            self.assertEqual(self.site.stored.tags("missing", tag="v1.4.0"), [(missing,)])
        self.assertEqual(self.site.stored.channels("tag", name="stable"), [("v1.4.0",)])
        self.assertEqual(self.site.stored.conditions("status", type="HeadMissing"), [("True",)])
        self.registry.push("app/vanish", "v1.5.0")
        self.ok()
        self.assertEqual(self.site.stored.channels("tag", name="stable"), [("v1.5.0",)])
        self.assertEqual(self.site.stored.conditions(type="HeadMissing"), [])

    def test_a_list_that_shrank_by_more_than_half_is_held(self):
        for n in range(9):
            self.registry.push("app/shrink", f"v1.{n}.0")
        self.component("shrink")
        self.ok()
        for n in range(6):
            self.registry.untag("app/shrink", f"v1.{n}.0")
        for _ in range(3):
            status, _, err = self.site.once()
            self.assertEqual(status, 1)
            self.assertIn("the registry lists 3 tags where 9 were", err)
        self.assertEqual(self.site.stored.tags(missing__gt=0), [])

    def test_date_versions_and_default_channels_without_rules(self):
        for tag in ("2026.01.15", "2026-2-3", "20251231", "2026.13.01", "latest"):
            self.registry.push("app/dated", tag)
        self.component("dated", "apiVersion: relman/v1\nkind: Component\nmetadata: {{name: {name}}}\n"
                                "spec: {{imageRepository: {host}/app/{name}, versioningStrategy: {{type: date}}}}\n")
        self.ok()
        self.assertEqual(self.site.stored.channels("name", "tag"), [("stable", "2026-2-3")])
        self.assertEqual(self.site.stored.count("versions"), 3)

    def test_platforms_that_are_missing_keep_a_release_a_draft(self):
        self.registry.push("app/plat", "v1.0.0", platforms=("linux/amd64", "linux/arm64/v8"))
        for wanted, status in (("[linux/arm64]", 0), ("[linux/arm64, linux/s390x]", 1)):
            site = relman.Site()
            self.addCleanup(site.close)
            site.write("r.yaml", REGISTRY.format(url=self.registry.url, more=""))
            site.write("c.yaml", COMPONENT.format(name="plat", host=self.registry.host) + f"  platforms: {wanted}\n")
            site.write("l.yaml", RELEASE.format(name="p", spec="{mode: full}"))
            result, _, err = site.once()
            self.assertEqual(result, status, err)
            if status:
                self.assertIn("component 'plat': v1.0.0 is skipped: its image lacks platform linux/s390x", err)
                self.assertEqual(site.stored.conditions("reason", type="Warning"), [("PlatformMissing",)])
                site.write("l.yaml", RELEASE.format(name="p", spec="{components: [{name: plat, tag: v1.0.0}]}"))
                result, _, err = site.once()
                self.assertIn("release 'p' stays a draft: component 'plat': v1.0.0 at sha256:", err)
                self.assertIn("lacks platform linux/s390x", err)

    def test_the_same_version_is_asked_of_all_components_if_the_release_says_so(self):
        self.registry.push("app/same-a", "v1.0.0")
        self.registry.push("app/same-b", "v1.1.0")
        self.component("same-a")
        self.component("same-b")
        self.release("s", "{mode: full, sameVersion: true}")
        status, _, err = self.site.once()
        self.assertEqual(status, 1)
        self.assertIn("sameVersion: component 'same-a' is at 1.0.0, component 'same-b' at 1.1.0", err)
        self.registry.push("app/same-a", "v1.1.0")
        self.ok()

    def test_a_repository_that_is_not_there_is_named_and_spoils_no_other(self):
        self.registry.push("app/there", "v1.0.0")
        self.component("there")
        self.component("nowhere")
        status, out, err = self.site.once()
        self.assertEqual(status, 1)
        self.assertIn(f"component 'nowhere': GET {self.registry.url}/v2/app/nowhere/tags/list: status 404: NAME_UNKNOWN",
                      err)
        self.assertIn("components: 1 synced, 1 failed", out)

    def test_a_registry_that_does_not_answer_is_named(self):
        self.site.write("registry.yaml", REGISTRY.format(url="http://127.0.0.1:1", more=""))
        self.site.write("c.yaml", COMPONENT.format(name="c", host="127.0.0.1:1"))
        status, _, err = self.site.once()
        self.assertEqual(status, 1)
        self.assertIn("registry 'local' cannot be reached: GET http://127.0.0.1:1/v2/app/c/tags/list: ", err)
        self.assertEqual(len(self.site.events("registry.unreachable")), 1)


class Login(unittest.TestCase):
    def site(self, registry, auth="", tls=""):
        site = relman.Site()
        self.addCleanup(site.close)
        site.write("r.yaml", REGISTRY.format(url=registry.url, more=auth + tls))
        site.write("c.yaml", COMPONENT.format(name="c", host=registry.host))
        site.write("l.yaml", RELEASE.format(name="l", spec="{mode: full}"))
        return site

    def test_basic_login_with_a_password_file_a_credential_and_none(self):
        registry = DockerRegistry(auth=("robot", "pa:ss wörd"))
        self.addCleanup(registry.close)
        registry.push("app/c", "v1.0.0")
        secret = os.path.join(registry.folder, "secret")
        with open(secret, "w") as f:
            f.write("pa:ss wörd\n")
        site = self.site(registry, f", auth: {{username: robot, passwordFile: {secret}}}")
        status, out, err = site.once()
        self.assertEqual(status, 0, err)
        site = self.site(registry, ", auth: {username: robot, passwordCredential: secret}")
        os.environ["CREDENTIALS_DIRECTORY"] = registry.folder
        status, out, err = site.once()
        del os.environ["CREDENTIALS_DIRECTORY"]
        self.assertEqual(status, 0, err)
        status, out, err = self.site(registry).once()
        self.assertEqual(status, 1)
        self.assertIn("status 401", err)
        self.assertIn("relman asked anonymously: give the Registry an auth section", err)
        with open(secret, "w") as f:
            f.write("wrong")
        status, out, err = self.site(registry, f", auth: {{username: robot, passwordFile: {secret}}}").once()
        self.assertEqual(status, 1)
        self.assertIn("check the Registry's auth section", err)
        self.assertNotIn("wrong", err)

    def test_a_private_authority_is_trusted_if_it_is_named_and_only_then(self):
        registry = DockerRegistry(tls=True)
        self.addCleanup(registry.close)
        registry.push("app/c", "v1.0.0")
        status, _, err = self.site(registry, tls=f", tls: {{caFile: {registry.ca_file}}}").once()
        self.assertEqual(status, 0, err)
        status, _, err = self.site(registry).once()
        self.assertEqual(status, 1)
        self.assertIn("certificate", err)


class BadInput(relman.SiteCase):
    def run_once(self, *arguments):
        r = subprocess.run([os.path.join(relman.BUILDDIR, "relmand"), *arguments], capture_output=True, text=True, timeout=30)
        return r.returncode, relman.without_times(r.stderr)

    def test_a_spec_path_that_does_not_exist(self):
        status, err = self.run_once("--once", "--specs", "/nonexistent/specs", "--state", self.site.state, "--locks", self.site.locks)
        self.assertEqual((status, err), (2, "relmand: error: cannot read specs '/nonexistent/specs': No such file or directory\n"))

    def test_a_lock_folder_that_cannot_be_made(self):
        status, err = self.run_once("--once", "--specs", self.site.specs, "--state", self.site.state, "--locks", "/proc/nonexistent/locks")
        self.assertNotEqual(status, 0)
        self.assertIn("lock folder: cannot make folder '/proc/nonexistent'", err)

    def test_what_cannot_be_read_is_told_and_takes_nothing_away(self):
        self.site.write("a.yaml", "apiVersion: relman/v1\nkind: Component\nmetadata: {name: a}\n"
                                  "spec: {imageRepository: 127.0.0.1:1/a, suspend: true}\n")
        self.assertEqual(self.site.once()[0], 0)
        os.rename(f"{self.site.specs}/a.yaml", f"{self.site.folder}/kept.yaml")
        os.symlink("nowhere", f"{self.site.specs}/a.yaml")
        status, out, err = self.site.once()
        self.assertEqual(status, 1)
        self.assertIn(f"cannot read '{self.site.specs}/a.yaml': No such file or directory", err)
        self.assertEqual(self.site.stored.count("components"), 1)
        os.unlink(f"{self.site.specs}/a.yaml")
        os.mkfifo(f"{self.site.specs}/a.yaml")
        status, out, err = self.site.once()
        self.assertEqual(status, 1)
        self.assertIn(f"cannot read '{self.site.specs}/a.yaml': not a regular file", err)
        self.assertEqual(self.site.stored.count("components"), 1)

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody else")
    def test_what_stands_below_a_folder_without_the_right_to_it_stays_as_it_was(self):
        os.chmod(self.site.folder, 0o755)
        program = os.path.join(self.site.folder, "relmand")
        shutil.copy(os.path.join(relman.BUILDDIR, "relmand"), program)

        def as_nobody():
            for folder, _, files in os.walk(self.site.folder):
                for path in [folder, *(os.path.join(folder, file) for file in files)]:
                    os.chown(path, 65534, 65534)
            r = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program,
                                *self.site.arguments("--once")[1:]], capture_output=True, text=True, timeout=60,
                               env=dict(os.environ, GCOV_PREFIX=self.site.folder))
            return r.returncode, r.stdout + r.stderr
        component = ("apiVersion: relman/v1\nkind: Component\nmetadata: {{name: {0}}}\n"
                     "spec: {{imageRepository: 127.0.0.1:1/{0}, suspend: true}}\n")
        for path, name in (("a.yaml", "a"), ("team/b.yaml", "b"), ("team/deep/c.yaml", "c")):
            self.site.write(path, component.format(name))
        self.assertEqual(as_nobody()[0], 0)
        os.chmod(f"{self.site.specs}/team", 0)
        os.unlink(f"{self.site.specs}/a.yaml")
        status, text = as_nobody()
        self.assertEqual(status, 1, text)
        self.assertIn(f"{self.site.specs}/team: error: cannot read the folder: Permission denied", text)
        self.assertEqual(self.site.stored.components("name"), [("b",), ("c",)])
        told = self.site.stored.conditions("reason", "message", type="Stalled")
        self.assertEqual([row[0] for row in told], ["SpecInvalid", "SpecInvalid"])
        self.assertIn(f"{self.site.specs}/team/: cannot read the folder: Permission denied", told[0][1])
        # A file that cannot be read may declare the object under another path, so that nothing is deleted.
        os.rename(f"{self.site.specs}/team", f"{self.site.specs}/crew")
        as_nobody()
        self.assertEqual(self.site.stored.components("name"), [("b",), ("c",)])
        os.chmod(f"{self.site.specs}/crew", 0o755)
        self.assertEqual(as_nobody()[0], 0)
        self.assertEqual(self.site.stored.count("conditions", type="Stalled"), 0)

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody else")
    def test_files_and_folders_without_the_right_to_them(self):
        nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        os.chmod(self.site.folder, 0o755)
        path = self.site.write("a.yaml", "x: 1\n")
        os.chmod(path, 0)
        program = os.path.join(self.site.folder, "relmand")
        shutil.copy(os.path.join(relman.BUILDDIR, "relmand"), program)
        r = subprocess.run([*nobody, program, "--check", "--specs", self.site.specs], capture_output=True, text=True)
        self.assertEqual((r.returncode, r.stdout.splitlines()[0]),
                         (1, f"{path}: error: cannot read '{path}': Permission denied"))
        os.unlink(path)
        os.mkdir(self.site.locks, 0o555)
        state = os.path.join(self.site.folder, "state")
        os.mkdir(state)
        os.chown(state, 65534, 65534)
        # A build with gcov prints an error if it cannot write its counts, so that it gets a folder for them.
        r = subprocess.run([*nobody, program, "--once", "--specs", self.site.specs, "--state", f"{state}/s.db", "--locks",
                            self.site.locks], capture_output=True, text=True, env=dict(os.environ, GCOV_PREFIX=state))
        self.assertEqual((r.returncode, relman.without_times(r.stderr)),
                         (2, f"relmand: error: cannot write lockfiles to '{self.site.locks}': Permission denied; give the user of "
                             "relmand the right to write there, or set locks.path\n"))

    def test_a_database_of_a_newer_schema(self):
        self.site.once()
        self.site.stored.set_schema(999)
        status, _, err = self.site.once()
        self.assertEqual(status, 78)
        self.assertIn(f"has schema 999, this program knows schemas up to {relman.newest_schema()}; run a newer relman, or restore a backup", err)

    def test_a_file_that_is_no_database_is_left_alone(self):
        with open(self.site.state, "w") as f:
            f.write("dear diary\n" * 1000)
        status, _, err = self.site.once()
        self.assertNotEqual(status, 0)
        self.assertIn("is damaged", err)
        with open(self.site.state) as f:
            self.assertEqual(f.read(), "dear diary\n" * 1000)

    def test_lines_on_standard_error_begin_with_the_time(self):
        self.site.write("a.yaml", "kind: 1\n")

        def run(*arguments, **env):
            pipe = os.pipe()
            st = os.fstat(pipe[1])
            if env:
                env["JOURNAL_STREAM"] = env["JOURNAL_STREAM"].format(st=st)
            r = subprocess.run(self.site.arguments(*arguments), stderr=pipe[1], stdout=subprocess.DEVNULL, timeout=60,
                               env=dict(os.environ, **env))
            os.close(pipe[1])
            with os.fdopen(pipe[0]) as f:
                return r.returncode, f.read().splitlines()
        status, lines = run("--once")
        self.assertEqual(status, 1)
        self.assertGreater(len(lines), 0)
        for line in lines:
            self.assertRegex(line, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ relmand: ")
        # the stream of another process: standard error is not the journal
        status, other = run("--once", JOURNAL_STREAM="{st.st_dev}:1")
        self.assertEqual([line.split(" ", 1)[1] for line in other], [line.split(" ", 1)[1] for line in lines])
        # commands that check and exit have an answer, not a log
        self.assertFalse([line for line in run("--check")[1] if line.startswith("20")])

    def test_an_unknown_option_and_an_unknown_key(self):
        status, err = self.run_once("--oncce")
        self.assertEqual((status, err), (2, "relmand: error: unknown option or missing value: '--oncce'; did you mean --once?; "
                                            "see relmand --help\n"))
        path = os.path.join(self.site.folder, "c.yaml")
        with open(path, "w") as f:
            f.write("poll: {intervall: 5m}\n")
        status, err = self.run_once("--check", "--config", path)
        self.assertEqual(status, 2)
        self.assertIn(f'{path}:1:8: error: unknown field "intervall" in poll; did you mean "interval"?', err)

    def test_check_prints_what_is_wrong_with_places(self):
        self.site.write("a.yaml", "apiVersion: relman/v1\nkind: Component\nmetadata: {name: a}\n"
                                  "spec:\n  imageRepository: r.example.com/a\n  defaultChanel: x\n")
        r = subprocess.run(self.site.arguments("--check", "-o", "json"), capture_output=True, text=True)
        self.assertEqual(r.returncode, 1)
        report = json.loads(r.stdout)
        self.assertEqual(report["errors"], 1)
        self.assertEqual(report["diagnostics"][0], {
            "file": self.site.specs + "/a.yaml", "line": 6, "column": 3, "severity": "error",
            "message": 'unknown field "defaultChanel" in Component; did you mean "defaultChannel"?'})

    def test_losing_more_than_half_of_all_objects_removes_nothing_until_it_is_confirmed(self):
        for n in range(10):
            self.site.write(f"c{n}.yaml", COMPONENT.format(name=f"c{n}", host="127.0.0.1:1") + "  suspend: true\n")
        self.assertEqual(self.site.once()[0], 0)
        for n in range(6):
            self.site.remove(f"c{n}.yaml")
        status, _, err = self.site.once()
        self.assertEqual(status, 1)
        self.assertIn("6 objects are missing from the specs: nothing is removed, because more than half of all were missing at once; "
                      "if this is intended, run relmanctl confirm-prune (or start relmand with --confirm-prune)", err)
        self.assertEqual(self.site.stored.count("components"), 10)
        for n in range(5):
            self.site.write(f"c{n}.yaml", COMPONENT.format(name=f"c{n}", host="127.0.0.1:1") + "  suspend: true\n")
        self.assertIn("1 object is missing from the specs: nothing is removed, because more than half of all were missing at once", self.site.once()[2])
        for n in range(5):
            self.site.remove(f"c{n}.yaml")
        self.assertEqual(self.site.once("--confirm-prune")[0], 0)
        self.assertEqual(self.site.stored.count("components"), 4)

    def test_a_broken_document_changes_nothing_of_what_it_declared(self):
        self.site.write("c.yaml", COMPONENT.format(name="c", host="127.0.0.1:1") + "  suspend: true\n")
        self.site.write("d.yaml", COMPONENT.format(name="d", host="127.0.0.1:1") + "  suspend: true\n")
        self.assertEqual(self.site.once()[0], 0)
        self.site.write("c.yaml", COMPONENT.format(name="c", host="127.0.0.1:1") + "  suspend: maybe\n")
        self.site.write("d.yaml", "{ not: [yaml\n")
        status, _, err = self.site.once()
        self.assertEqual(status, 1)
        self.assertIn('field "suspend" wants true or false, not "maybe"', err)
        self.assertEqual(self.site.stored.components("name"), [("c",), ("d",)])
        self.assertEqual(self.site.stored.count("conditions", type="Stalled", reason="SpecInvalid"), 2)


if __name__ == "__main__":
    relman.main()
