#!/usr/bin/env python3
"""Tests lockfiles in further formats and places, and output programs, which run when a lockfile changed."""

import grp
import json
import os
import pwd
import signal
import stat
import subprocess
import sys
import unittest

import yaml

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import DockerRegistry  # noqa: E402
from faults import NO_LEAKS, Faults  # noqa: E402
from relman import Site, wait_for  # noqa: E402

SUFFIXES = {".lock.yaml", ".lock.json", ".kustomize", ".compose.yaml", ".values.yaml", ".images.yaml", ".env", ".quadlet",
            ".flux.yaml", ".argocd.yaml", ".regsync.yaml", ".skopeo-sync.yaml", ".policy.json",
            ".kyverno.yaml", ".vap.yaml"}
OF_ENVIRONMENTS = {".policy.json", ".kyverno.yaml", ".vap.yaml"}
ALL = "[yaml, json, kustomize, compose, helm, images-lock, dotenv, quadlet, flux, argocd, regsync, skopeo-sync, policy-json, kyverno, vap]"


def read(path):
    with open(path) as f:
        return f.read()


class Outputs(unittest.TestCase):
    def setUp(self):
        self.registry = DockerRegistry()
        self.addCleanup(self.registry.close)
        self.digest = self.registry.push("app/api", "v1.0.0")
        self.registry.push("app/web", "v1.0.0")
        self.site = Site()
        self.addCleanup(self.site.close)
        self.site.write("r.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\nspec: {{url: '{self.registry.url}'}}\n")
        self.components("api", "web")
        self.release("one")
        self.environment("one")

    def components(self, *names):
        for name in ("api", "web", "a-b", "a.b"):
            if name in names:
                self.site.write(f"c-{name}.yaml", f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: {name}}}\n"
                                f"spec: {{imageRepository: {self.registry.host}/app/{'web' if name == 'web' else 'api'}, replaces: [{name}, {name.replace('-', '_')}.image]}}\n")
            elif os.path.exists(os.path.join(self.site.specs, f"c-{name}.yaml")):
                self.site.remove(f"c-{name}.yaml")

    def release(self, name, components="[{name: api}, {name: web}]"):
        self.site.write(f"release-{name}.yaml", f"apiVersion: relman/v1\nkind: Release\nmetadata: {{name: {name}}}\n"
                        f"spec: {{mode: full, components: {components}}}\n")

    def environment(self, release, lock=""):
        self.site.write("e.yaml", "apiVersion: relman/v1\nkind: Environment\nmetadata: {name: prod}\n"
                        f"spec: {{release: {release}{', lock: {formats: ' + lock + '}' if lock else ''}}}\n")

    def config(self, text):
        path = os.path.join(self.site.folder, "config.yaml")
        with open(path, "w") as f:
            f.write(text)
        return path

    def once(self, config="", status=0):
        got, out, err = self.site.once("--config", self.config(config or "{}\n"))
        self.assertEqual(got, status, out + err)
        return err

    def room(self, room):
        folder = os.path.join(self.site.locks, "default", room)
        return sorted(n for n in os.listdir(folder) if not n.startswith(".")) if os.path.isdir(folder) else []

    def path(self, room, name):
        return os.path.join(self.site.locks, "default", room, name)

    # --- formats -----------------------------------------------------------------------------------

    def test_what_a_killed_run_left_in_the_folder_of_a_format_goes(self):
        self.environment("one", "[yaml, kustomize, quadlet]")
        self.once()
        left = [self.path("environments", name) for name in ("prod.kustomize/.kustomization.yaml.tmp.21fff8", "prod.quadlet/.x.tmp.1a2b3c",
                                                             "prod.quadlet/api.container.d/.50-relman.conf.tmp.0123ab")]
        for formats in ("[yaml, kustomize, quadlet]", "[yaml]"):
            for path in left:
                with open(path, "w") as f:
                    f.write("half")
            self.environment("one", formats)
            self.once()
            self.assertEqual([path for path in left if os.path.exists(path)], [], formats)
        self.assertEqual(self.room("environments"), ["prod.lock.yaml"])

    def test_an_environment_has_the_formats_it_asks_for(self):
        self.environment("one", ALL)
        self.once()
        self.assertEqual(set(self.room("environments")), {"prod" + s for s in SUFFIXES})
        self.assertEqual(self.room("releases"), ["one.lock.yaml"])
        native = yaml.safe_load(read(self.path("environments", "prod.lock.yaml")))
        image = native["components"][0]["image"]
        compose = read(self.path("environments", "prod.compose.yaml"))
        self.assertIn(f"# lockDigest: {native['lockDigest']}\n# environment: default/prod\n", compose)
        self.assertEqual(json.loads(read(self.path("environments", "prod.lock.json")))["lockDigest"], native["lockDigest"])
        for said in (image, yaml.safe_load(compose)["services"]["api"]["image"]):
            # skopeo accepts a tag or a digest, not both
            r = subprocess.run(["skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}",
                                "docker://" + said.replace(":v1.0.0@", "@")], capture_output=True, text=True)
            self.assertEqual(r.stdout.strip(), self.digest, r.stderr)
        self.environment("one", "[dotenv]")
        self.once()
        self.assertEqual(self.room("environments"), ["prod.env", "prod.lock.yaml"])
        self.site.remove("e.yaml")
        self.once()
        self.assertEqual(self.room("environments"), [])

    def test_a_lost_database_and_an_error_in_the_environment_keep_its_files(self):
        output = os.path.join(self.site.folder, "prod.env")
        config = f"outputs: [{{environment: prod, format: dotenv, path: {output}}}]\n"
        self.once(config)
        before = read(output), read(self.path("environments", "prod.lock.yaml"))
        for end in ("", "-wal", "-shm"):
            if os.path.exists(self.site.state + end):
                os.unlink(self.site.state + end)
        self.site.write("e.yaml", "apiVersion: relman/v1\nkind: Environment\nmetadata: {name: prod}\nspec: {release: 1, confirm: maybe}\n")
        self.assertIn("left-over lockfiles stay", self.once(config, status=1))
        self.assertEqual((read(output), read(self.path("environments", "prod.lock.yaml"))), before)
        self.environment("one")
        self.once(config)
        self.assertEqual(read(output), before[0])
        self.site.remove("e.yaml")
        self.once(config)
        self.assertFalse(os.path.exists(output))

    def test_a_stream_without_a_release_does_not_delay_the_removal_of_an_environment(self):
        self.site.write("s.yaml", "apiVersion: relman/v1\nkind: Stream\nmetadata: {name: s}\nspec: {channel: none}\n")
        self.once(status=1)
        self.assertEqual(self.room("environments"), ["prod.lock.yaml"])
        self.site.remove("e.yaml")
        self.once(status=1)
        self.assertEqual(self.room("environments"), [])

    def test_all_have_the_formats_of_the_configuration(self):
        self.once(f"locks: {{formats: {ALL}}}\n")
        self.assertEqual(set(self.room("releases")), {"one" + s for s in SUFFIXES - OF_ENVIRONMENTS})
        self.assertEqual(set(self.room("environments")), {"prod" + s for s in SUFFIXES})
        before = {n: os.stat(self.path("environments", n)).st_ino for n in self.room("environments")}
        self.once(f"locks: {{formats: {ALL}}}\n")
        self.assertEqual({n: os.stat(self.path("environments", n)).st_ino for n in self.room("environments")}, before)
        self.site.remove("release-one.yaml")
        self.site.remove("e.yaml")
        self.once(f"locks: {{formats: {ALL}}}\n")
        self.assertEqual(self.room("releases") + self.room("environments"), [])

    def test_what_is_not_ours_is_not_removed(self):
        self.once()
        for name in ("prod.compose.yaml", "other.env"):
            with open(self.path("environments", name), "w") as f:
                f.write("services: {}\n")
        os.makedirs(self.path("environments", "prod.quadlet/x.container.d"))
        with open(self.path("environments", "prod.quadlet/x.container.d/50-relman.conf"), "w") as f:
            f.write("[Container]\n")
        self.once()
        self.assertEqual(self.room("environments"), ["other.env", "prod.compose.yaml", "prod.lock.yaml", "prod.quadlet"])

    def conditions(self, kind):
        return self.site.stored.conditions("reason", "message", kind=kind, type="Ready", status="False")

    def test_a_release_that_a_format_cannot_hold_stays_a_draft(self):
        self.components("api", "web", "a-b", "a.b")
        self.release("two", "[{name: a-b}, {name: a.b}]")
        err = self.once("locks: {formats: [yaml, json, dotenv]}\n", status=1)
        self.assertIn("release 'two' stays a draft: format dotenv: components 'a-b' and 'a.b' would both be A_B_DIGEST", err)
        self.assertEqual([reason for reason, _ in self.conditions("Release")], ["Unresolved"])
        self.assertEqual([name for name in self.room("releases") if name.startswith("two")], [])
        self.once("locks: {formats: [yaml, json]}\n")
        self.assertIn("two.lock.yaml", self.room("releases"))

    def test_an_environment_does_not_get_what_its_formats_cannot_hold(self):
        self.components("api", "web", "a-b", "a.b")
        self.release("two", "[{name: a-b}, {name: a.b}]")
        path = os.path.join(self.site.folder, "out.env")
        for formats, config in (("[dotenv, json]", ""), ("[json]", "outputs: [{environment: prod, format: dotenv, exec: [/bin/true]}]\n"),
                                ("[json]", f"outputs: [{{environment: prod, format: dotenv, path: {path}}}]\n")):
            with self.subTest(formats=formats, config=config):
                self.environment("two", formats)
                self.assertIn("format dotenv: components 'a-b' and 'a.b' would both be A_B_DIGEST", self.once(config, status=1))
                (reason, message), = self.conditions("Environment")
                self.assertEqual(reason, "NotExpressible")
                self.assertIn("release 'two' is not promoted: format dotenv", message)
                self.assertEqual(self.room("environments"), [])
                self.assertFalse(os.path.exists(path))
                self.assertEqual(self.site.stored.deployments("status"), [])
        self.environment("two", "[json]")
        self.once()
        self.assertEqual(self.site.stored.deployments("status"), [("deployed",)])

    def test_a_format_that_cannot_hold_what_is_deployed_keeps_the_others_from_nothing(self):
        self.components("api", "web", "a-b", "a.b")
        self.release("two", "[{name: a-b}, {name: a.b}]")
        self.environment("two", "[yaml]")
        self.once()
        self.environment("two", "[dotenv, json]")
        err = self.once(status=1)
        self.assertIn("would both be A_B_DIGEST", err)
        self.assertEqual(self.room("environments"), ["prod.lock.json", "prod.lock.yaml"])
        self.assertEqual(self.site.stored.deployments("status"), [("deployed",)])

    def test_the_newest_release_of_a_stream_has_a_link(self):
        self.site.write("s.yaml", "apiVersion: relman/v1\nkind: ReleaseStream\nmetadata: {name: app}\n"
                        "spec: {components: [api], nameTemplate: 'app-{version:api}', settle: 0s}\n")
        config = "locks: {formats: [compose, quadlet]}\n"
        self.once(config)
        self.assertEqual(self.room("streams/app"), ["latest.compose.yaml", "latest.lock.yaml", "latest.quadlet"])
        self.assertEqual(read(self.path("streams", "app/latest.lock.yaml")), self.site.lock("app-1.0.0"))
        self.assertTrue(os.path.exists(self.path("streams", "app/latest.quadlet/api.container.d/50-relman.conf")))
        self.registry.push("app/api", "v1.1.0", "newer")
        self.once(config)
        self.assertEqual(os.readlink(self.path("streams", "app/latest.compose.yaml")), "../../releases/app-1.1.0.compose.yaml")
        self.site.start(config)
        release = [r for r in self.site.call("GET", "/api/v1/releases?pageSize=50")[1]["data"] if r["name"] == "app-1.1.0"][0]
        self.assertEqual(self.site.call("POST", f"/api/v1/releases/{release['id']}/deprecate", {"reason": "bad"})[0], 200)
        self.assertEqual(os.readlink(self.path("streams", "app/latest.lock.yaml")), "../../releases/app-1.0.0.lock.yaml")
        self.site.stop()
        self.site.remove("s.yaml")
        self.once("{}\n")
        self.assertEqual(self.room("streams"), [])

    # --- outputs -----------------------------------------------------------------------------------

    def test_an_output_goes_to_its_place_with_its_rights(self):
        place = os.path.join(self.site.folder, "srv")
        group, user = grp.getgrgid(os.getgid()).gr_name, pwd.getpwuid(os.getuid()).pw_name
        config = (f"outputs:\n- {{environment: prod, format: compose, path: {place}/compose.yaml, mode: '0640', group: {group}, owner: {user}}}\n"
                  f"- {{environment: default/prod, format: kustomize, path: {place}/kustomize}}\n"
                  f"- {{environment: prod, format: quadlet, path: {place}/containers}}\n"
                  f"- {{environment: other, format: json, path: {place}/other.json}}\n")
        self.once(config)
        self.assertEqual(sorted(os.listdir(place)), ["compose.yaml", "containers", "kustomize"])
        mode = os.stat(place + "/compose.yaml")
        self.assertEqual((stat.S_IMODE(mode.st_mode), mode.st_gid), (0o640, os.getgid()))
        self.assertEqual(os.listdir(place + "/kustomize"), ["kustomization.yaml"])
        with open(place + "/containers/web.container.d/70-own.conf", "w") as f:
            f.write("[Container]\n")
        os.makedirs(place + "/containers/other.container.d")
        with open(place + "/containers/other.container.d/50-relman.conf", "w") as f:
            f.write(read(place + "/containers/web.container.d/50-relman.conf").replace("default/prod", "default/staging"))
        self.release("two", "[{name: api}]")
        self.environment("two")
        self.once(config)
        self.assertEqual(set(yaml.safe_load(read(place + "/compose.yaml"))["services"]), {"api"})
        # only the drop-in of the removed component is removed; drop-ins of other environments stay
        self.assertEqual(os.listdir(place + "/containers/web.container.d"), ["70-own.conf"])
        self.assertEqual(os.listdir(place + "/containers/other.container.d"), ["50-relman.conf"])

    def test_an_output_that_cannot_be_written_is_no_deployment(self):
        blocked = os.path.join(self.site.folder, "file")
        with open(blocked, "w"):
            pass
        err = self.once(f"outputs:\n- {{environment: prod, format: compose, path: {blocked}/x/compose.yaml}}\n", status=1)
        self.assertIn(f"output '{blocked}/x/compose.yaml': cannot make folder", err)
        self.assertEqual(self.site.stored.deployments("status"), [("promoting",)])
        self.once()
        self.assertEqual(self.site.stored.deployments("status"), [("deployed",)])

    def test_a_wrong_output_is_refused(self):
        for text, problem in (("{environment: prod, path: rel}", "absolute"), ("{environment: prod}", "has no effect"),
                              ("{environment: 'a b', path: /x}", "not the name of an Environment"),
                              ("{environment: prod, path: /x, group: no-such-group}", "not a group"),
                              ("{environment: prod, path: /x, owner: no-such-user}", "not a user"),
                              ("{environment: prod, path: /x, mode: rw}", "not a mode"),
                              ("{environment: prod, path: /x, format: tmol}", "is one of yaml"),
                              ("{environment: prod, exec: [sh]}", "not an absolute path")):
            err = self.once(f"outputs:\n- {text}\n", status=2)
            self.assertIn(problem, err)
            self.assertIn("config.yaml:2:", err)

    # --- output programs ---------------------------------------------------------------------------

    def script(self, text):
        path = os.path.join(self.site.folder, "hook")
        with open(path, "w") as f:
            f.write("#!/bin/sh\n" + text)
        os.chmod(path, 0o755)
        return path

    def said(self):
        path = os.path.join(self.site.folder, "said")
        return read(path) if os.path.exists(path) else ""

    def test_a_program_is_told_once_of_each_lock(self):
        said = os.path.join(self.site.folder, "said")
        hook = self.script(f'echo "$1|$RELMAN_TENANT/$RELMAN_ENVIRONMENT $RELMAN_RELEASE $RELMAN_FORMAT $RELMAN_PATH $RELMAN_LOCK_DIGEST $RELMAN_PROMOTION_ID" >> {said}\n'
                           f"cat > {said}.json\nenv > {said}.env\n")
        config = f"outputs:\n- {{environment: prod, format: compose, exec: [{hook}, 'a b; $X']}}\n"
        self.once(config)
        self.once(config)
        lock = json.loads(read(said + ".json"))
        self.assertEqual(self.said(), f"a b; $X|default/prod one compose {self.path('environments', 'prod.compose.yaml')} {lock['lockDigest']} "
                         f"{self.site.stored.deployments('promotion_id')[0][0]}\n")
        self.assertEqual(lock["environment"], "prod")
        self.assertNotIn("NOTIFY_SOCKET", read(said + ".env"))
        self.release("two", "[{name: api}]")
        self.environment("two")
        self.once(config)
        self.assertEqual(self.said().count("\n"), 2)
        self.assertIn(" two compose ", self.said())

    def test_a_program_that_fails_is_told_again_and_people_are_told(self):
        said = os.path.join(self.site.folder, "said")
        hook = self.script(f"echo x >> {said}; echo 'no disk' >&2; test -e {said}.well\n")
        config = f"outputs:\n- {{environment: prod, exec: [{hook}]}}\n"
        err = self.once(config, status=1)
        self.assertIn("no disk", err)
        self.assertIn(f"environment 'prod': {hook} exited with status 1", err)
        self.assertEqual([r[0] for r in self.site.stored.conditions("reason", kind="Environment", type="Warning")],
                         ["HookFailed"])
        # the lockfile is valid, so that the release is deployed
        self.assertEqual(self.site.stored.deployments("status"), [("deployed",)])
        open(said + ".well", "w").close()
        self.site.start(config)
        wait_for(lambda: self.said().count("x") == 2)
        wait_for(lambda: not self.site.stored.conditions(reason="HookFailed") or
                 "succeeded for lock" in self.site.log)
        self.site.stop()

    def test_a_program_that_hangs_is_ended(self):
        said = os.path.join(self.site.folder, "said")
        hook = self.script(f"echo $$ >> {said}; sleep 60\n")
        err = self.once(f"outputs:\n- {{environment: prod, exec: [{hook}], timeout: 200ms}}\n", status=1)
        self.assertIn("was ended after", err)
        with self.assertRaises(ProcessLookupError):
            os.kill(int(self.said()), 0)

    def test_a_killed_daemon_tells_again_what_it_may_not_have_told(self):
        said = os.path.join(self.site.folder, "said")
        hook = self.script(f"echo x >> {said}; test -e {said}.well || sleep 60\n")
        config = f"outputs:\n- {{environment: prod, exec: [{hook}]}}\n"
        self.site.start(config)
        wait_for(lambda: self.said() == "x\n")
        self.site.stop(signal.SIGKILL)
        open(said + ".well", "w").close()
        self.site.start(config)
        wait_for(lambda: self.said() == "x\nx\n")
        wait_for(lambda: self.site.stored.output_runs())
        self.site.stop(signal.SIGKILL)
        self.site.start(config)
        self.site.call("GET", "/readyz")
        self.site.stop()
        self.assertEqual(self.said(), "x\nx\n")

    def stubborn(self):
        """Returns the configuration of an output program that ignores SIGTERM and runs until let_go() is
        called."""
        said = os.path.join(self.site.folder, "said")
        hook = self.script(f"trap '' TERM; echo $$ >> {said}; while test -e $0 && ! test -e {said}.go; do sleep 0.05; done; echo end >> {said}\n")
        return f"outputs:\n- {{environment: prod, exec: [{hook}]}}\n"

    def let_go(self):
        open(os.path.join(self.site.folder, "said.go"), "w").close()

    def children(self):
        with open(f"/proc/{self.site.process.pid}/task/{self.site.process.pid}/children") as f:
            return f.read().split()

    def test_an_environment_that_comes_back_does_not_run_a_second_program_beside_the_first(self):
        self.site.start(self.stubborn())
        wait_for(lambda: self.said(), what="the program")
        first = self.said().strip()
        lock = self.path("environments", "prod.lock.yaml")
        self.site.remove("e.yaml")
        wait_for(lambda: not os.path.exists(lock), what="the end of the environment")
        self.environment("one")
        wait_for(lambda: os.path.exists(lock), what="the environment")
        # everything that follows from the lockfile is complete
        self.assertEqual(self.site.call("GET", "/readyz")[0], 200)
        self.assertEqual(self.said(), first + "\n")
        self.let_go()
        wait_for(lambda: self.said().count("end") == 2, what="the second run")
        self.assertEqual([line.isdigit() for line in self.said().splitlines()], [True, False, True, False])
        wait_for(lambda: not self.children(), what="no child, and no zombie")

    def test_a_program_that_cannot_be_watched_does_not_go_on(self):
        config = self.stubborn()
        self.site.remove("e.yaml")
        self.site.start(config, env=NO_LEAKS)
        with Faults(self.site.process, "pidfd_open", "1+", "error=EMFILE"):
            self.environment("one")
            wait_for(lambda: self.site.stored.conditions(reason="HookFailed", message__like="%Too many open files%"),
                     what="a warning")
            self.assertEqual(self.children(), [])

    def test_a_program_that_does_not_end_with_the_daemon_is_killed(self):
        self.site.start(self.stubborn())
        wait_for(lambda: self.said(), what="the program")
        self.site.stop(seconds=20)
        with self.assertRaises(ProcessLookupError):
            os.kill(int(self.said()), 0)

    def test_a_program_that_is_not_there_is_told_of(self):
        err = self.once("outputs:\n- {environment: prod, exec: [/nowhere/hook]}\n", status=1)
        self.assertIn("cannot run '/nowhere/hook': No such file or directory", err)


if __name__ == "__main__":
    relman.main()
