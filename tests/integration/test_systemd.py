#!/usr/bin/env python3
"""Tests the Debian packages on a clean system with systemd as PID 1: the packages, the service, upgrade and
removal.

`make check-systemd` runs this file. It builds the packages and takes a minute or two. DEBS=FOLDER uses
existing packages."""

import glob
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import booted  # noqa: E402
import relman  # noqa: E402
from docker_registry import DockerRegistry  # noqa: E402
from git_server import SSHD, SshGit  # noqa: E402
from relman import BUILDDIR, SRCDIR, UnixConnection  # noqa: E402

WHY_NOT = booted.why_not()
FOLDER = os.path.join(BUILDDIR, "systemd-test")
SOCKET = "/run/relman/relmand.sock"
LOCKS = "/var/lib/relman/locks/default"
PASSWORD = "correct horse"
LIMIT = 60  # bound in seconds for operations that normally take a moment; other tests may run beside them
UNITS = ("relmand.service", "relmand.socket", "relman-backup.service", "relman-backup.timer")


def packages(version=""):
    """Returns the paths of the two packages; with a version, those of the newer packages."""
    found = [p for name in ("relmanctl", "relmand") for p in glob.glob(f"{os.environ.get('DEBS', FOLDER)}/{name}_*.deb")]
    return [p for p in found if ("+upgrade" in p) == bool(version)]


class Case(unittest.TestCase):
    def setUp(self):
        if WHY_NOT:
            self.skipTest(WHY_NOT)


def build():
    if "DEBS" not in os.environ:
        os.makedirs(FOLDER, exist_ok=True)
        r = subprocess.run([f"{SRCDIR}/tests/lib/build-packages", BUILDDIR, FOLDER],
                           env={k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "MFLAGS"})
        if r.returncode:
            with open(f"{FOLDER}/log") as f:
                lines = f.readlines()
            failed = [line for line in lines if re.match(r"(FAIL|ERROR|XPASS|# (FAIL|ERROR): +[1-9]|not ok |Bail out|make.*\*\*\*)", line)]
            raise AssertionError("the packages cannot be built:\n" + "".join([*failed[:40], "...\n", *lines[-40:]]))
    assert len(packages()) == 2 and len(packages("+upgrade")) == 2, packages() + packages("+upgrade")


def setUpModule():
    if not WHY_NOT:
        build()


class Packages(Case):
    @unittest.skipIf("DEBS" in os.environ, "packages that were built elsewhere")
    def test_a_build_warns_of_nothing_and_runs_the_unit_tests(self):
        self.assertNotRegex(open(f"{FOLDER}/log").read(), r"(?mi)^.*\bwarning\b.*$")
        self.assertRegex(open(f"{FOLDER}/log").read(), r"(?m)^# PASS: +[1-9]\d+$")

    def test_lintian_has_nothing_to_say(self):
        r = subprocess.run(["lintian", "--allow-root", "--pedantic", "--fail-on=error,warning", *packages()], capture_output=True,
                           text=True)
        self.assertEqual((r.returncode, r.stdout), (0, ""))


class Site(Case):
    """A booted system with the packages installed, and a registry in the same network that requires a
    password."""

    @classmethod
    def setUpClass(cls):
        if WHY_NOT:
            return
        cls.system = booted.Booted()
        cls.addClassCleanup(cls.system.close)
        cls.system.enter_net()
        cls.registry = DockerRegistry(auth=("robot", PASSWORD))
        cls.addClassCleanup(cls.registry.close)
        for version in ("v1.0.0", "v1.1.0"):
            cls.registry.push("shop/api", version)
        cls.install()

    @classmethod
    def install(cls):
        cls.system.install(*packages())
        cls.configure()

    @classmethod
    def configure(cls):
        """Configures the service as an administrator would: writes a credential, a drop-in and specs, and
        restarts the service."""
        cls.system.write("/etc/relman/credentials/local-pw", PASSWORD + "\n", 0o600)
        cls.system.write("/etc/systemd/system/relmand.service.d/registry.conf",
                         "[Service]\nLoadCredential=local-pw:/etc/relman/credentials/local-pw\n")
        cls.system.write("/etc/relman/specs/shop.yaml", cls.specs())
        cls.system.run("systemctl", "daemon-reload")
        cls.system.run("systemctl", "restart", "relmand")
        cls.system.wait(lambda: cls.system.exists(f"{LOCKS}/releases/one.lock.yaml"), LIMIT, "the lockfile")

    @classmethod
    def specs(cls, more=""):
        return (f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: local}}\n"
                f"spec: {{url: 'http://{cls.registry.host}', auth: {{username: robot, passwordCredential: local-pw}}}}\n"
                f"---\napiVersion: relman/v1\nkind: Component\nmetadata: {{name: api}}\n"
                f"spec: {{imageRepository: {cls.registry.host}/shop/api, versioningStrategy: {{type: semver}}{more}}}\n"
                f"---\napiVersion: relman/v1\nkind: Release\nmetadata: {{name: one}}\n"
                f"spec: {{mode: pinned, components: [{{name: api, version: 1.0.0}}]}}\n")

    @classmethod
    def pid(cls):
        return cls.system.show("relmand", "MainPID")

    @classmethod
    def query(cls, sql):
        return cls.system.out("sqlite3", "-readonly", "/var/lib/relman/state.db", sql)

    def ctl(self, *args):
        return self.system.out("relmanctl", *args)

    def active(self, unit="relmand"):
        return self.system.show(unit, "ActiveState")

    def wait_restarted(self, before):
        return self.system.wait(lambda: self.pid() not in ("0", before) and self.active() == "active", LIMIT, "a restart")


class Service(Site):
    def setUp(self):
        super().setUp()
        self.system.run("systemctl", "reset-failed")
        if self.active("relmand.socket") != "active":  # the daemon made the socket itself, so that systemd could not
            self.system.run("systemctl", "stop", "relmand.service")
        self.system.run("systemctl", "start", "relmand.socket", "relmand.service")

    def tearDown(self):
        if WHY_NOT:
            return
        self.system.write("/etc/relman/relmand.yaml", open(f"{SRCDIR}/etc/relmand.yaml").read())
        self.system.write("/etc/relman/specs/shop.yaml", self.specs())
        for unit in UNITS:
            if self.system.exists(f"/etc/systemd/system/{unit}.d/test.conf"):
                self.system.drop_in(unit, "")

    # --- installed files and units --------------------------------------------------------------------

    def test_units_are_enabled_and_run(self):
        for unit in ("relmand.service", "relmand.socket", "relman-backup.timer"):
            self.assertEqual((unit, self.system.out("systemctl", "is-enabled", unit)), (unit, "enabled"))
            self.assertEqual((unit, self.active(unit)), (unit, "active"))
        self.assertEqual(self.system.show("relmand", "NRestarts"), "0")
        self.assertRegex(self.system.show("relmand", "StatusText"), r"^1 components \(0 failing\), 1 releases")

    def test_folders_and_files_have_their_owner_and_mode(self):
        for path, wanted in (("/run/relman", "relman:relman 755"), (SOCKET, "relman:relman 660"),
                             ("/var/lib/relman", "relman:relman 750"), ("/var/lib/relman/backups", "relman:relman 700"),
                             ("/var/lib/relman/state.db", "relman:relman 640"), (LOCKS + "/releases", "relman:relman 750"),
                             (LOCKS + "/releases/one.lock.yaml", "relman:relman 644"),
                             ("/etc/relman", "root:root 755"), ("/etc/relman/relmand.yaml", "root:root 644"),
                             ("/etc/relman/credentials", "root:root 700")):
            self.assertEqual((path, self.system.access(path)), (path, wanted))
        self.assertRegex(self.system.out("getent", "passwd", "relman"), r"^relman:.*:/var/lib/relman:/usr/sbin/nologin$")

    def test_units_are_without_fault_and_exposure_is_low(self):
        _, out, err = self.system.run("systemd-analyze", "verify", "--man=no", *(f"/lib/systemd/system/{u}" for u in UNITS))
        self.assertEqual((out, err), ("", ""))
        # The threshold of relmand.service is higher, see
        # doc/decisions/002-users-of-the-machine-in-the-daemon.md.
        for unit, threshold in (("relmand.service", 12), ("relman-backup.service", 11)):
            out = self.system.out("systemd-analyze", "security", f"--threshold={threshold}", "--no-pager", unit)
            print(f"# {out.splitlines()[-1]}")

    def test_the_lockfile_is_what_the_registry_serves(self):
        self.assertIn("digest: sha256:", self.system.read(f"{LOCKS}/releases/one.lock.yaml"))
        self.ctl("verify", f"{LOCKS}/releases/one.lock.yaml")

    def test_the_password_is_a_credential_and_nowhere_else(self):
        self.assertNotIn(PASSWORD, self.system.journal())
        status, _, _ = self.system.run("grep", "-rlF", PASSWORD, "/var/lib/relman", "/run/relman", check=False)
        self.assertEqual(status, 1)

    def test_journal_entries_are_explained_by_the_catalog(self):
        self.assertIn("Subject: A component is new", self.system.journal("relmand", "-x", "-o", "short"))

    def test_completion_and_manual_pages_are_where_they_are_looked_for(self):
        for path in ("/usr/share/bash-completion/completions/relmanctl", "/usr/share/zsh/vendor-completions/_relmanctl",
                     "/usr/share/fish/vendor_completions.d/relmanctl.fish"):
            self.assertIn("relmanctl complete --", self.system.read(path))
        out = self.system.out("bash", "-c", "source /usr/share/bash-completion/completions/relmanctl; COMP_WORDS=(relmanctl describe component '');"
                              "COMP_CWORD=3; _relmanctl; echo ${COMPREPLY[*]}")
        self.assertEqual(out, "api")

    # --- reload ---------------------------------------------------------------------------------------

    def test_reload_reads_specs_and_keeps_the_process(self):
        before, place = self.pid(), time.time()
        self.system.write("/etc/relman/specs/shop.yaml", self.specs(", chanel: x"))
        self.system.wait(lambda: self.system.journal(since=place).count('"chanel"') == 1, LIMIT, "specs read when they were written")
        self.system.run("systemctl", "reload", "relmand")
        self.system.wait(lambda: self.system.journal(since=place).count('"chanel"') == 2, LIMIT, "specs read again")
        self.assertEqual((self.pid(), self.active()), (before, "active"))

    def test_a_broken_configuration_is_refused_on_reload_and_the_old_one_stays(self):
        before, place = self.pid(), time.time()
        self.system.write("/etc/relman/relmand.yaml", "pol: {interval: 1s}\n")
        status, _, _ = self.system.run("systemctl", "reload", "relmand", check=False)
        self.assertNotEqual(status, 0)
        self.assertRegex(self.system.journal("relmand", since=place),
                         r'/etc/relman/relmand.yaml:1:1: error: unknown field "pol".*; did you mean "poll"\?')
        self.assertEqual((self.pid(), self.active()), (before, "active"))
        self.assertIn("api", self.ctl("get", "components"))

    def test_a_changed_configuration_is_told_to_need_a_restart(self):
        place = time.time()
        self.system.write("/etc/relman/relmand.yaml", "poll: {interval: 7m}\n")
        self.system.run("systemctl", "reload", "relmand")
        self.system.wait(lambda: "the configuration has changed" in self.system.journal("relmand", since=place), LIMIT,
                         "the notice")

    def test_a_broken_spec_hinders_neither_reload_nor_start(self):
        lock = self.system.read(f"{LOCKS}/releases/one.lock.yaml")
        self.system.write("/etc/relman/specs/shop.yaml", self.specs(", chanel: x"))
        self.system.run("systemctl", "reload", "relmand")
        self.system.run("systemctl", "restart", "relmand")
        self.assertIn("SpecInvalid", self.ctl("describe", "component", "api"))
        self.assertEqual(self.system.read(f"{LOCKS}/releases/one.lock.yaml"), lock)

    def test_a_broken_configuration_fails_the_start_at_once_and_is_not_tried_again(self):
        self.system.run("systemctl", "stop", "relmand.socket", "relmand")
        self.system.write("/etc/relman/relmand.yaml", "poll: {interval: soon}\n")
        self.assertNotEqual(self.system.run("systemctl", "start", "relmand", check=False)[0], 0)
        self.assertEqual((self.active(), self.system.show("relmand", "ExecMainStatus")), ("failed", "2"))
        self.system.write("/etc/relman/relmand.yaml", "poll: {interval: 1h}\n")
        self.system.run("systemctl", "start", "relmand")

    def test_specs_that_are_not_there_yet_are_waited_for(self):
        self.system.drop_in("relmand.service", "[Service]\nRestartSec=100ms\n")
        self.system.run("systemctl", "stop", "relmand.socket", "relmand")
        self.system.run("mv", "/etc/relman/specs", "/etc/relman/later")
        self.assertNotEqual(self.system.run("systemctl", "start", "relmand", check=False)[0], 0)
        self.system.wait(lambda: int(self.system.show("relmand", "NRestarts")) > 12, LIMIT, "tries")
        self.system.run("mv", "/etc/relman/later", "/etc/relman/specs")
        self.system.wait(lambda: self.active() == "active", LIMIT, "a start")
        self.assertIn("api", self.ctl("get", "components"))

    # --- the socket -----------------------------------------------------------------------------------

    def test_a_client_starts_the_daemon(self):
        self.system.run("systemctl", "stop", "relmand")
        self.assertEqual(self.active("relmand.socket"), "active")
        self.assertIn("api", self.ctl("get", "components"))
        self.assertEqual(self.active(), "active")

    def test_restarts_refuse_no_connection_and_lose_no_request(self):
        answers, ended = [], threading.Event()

        def ask():
            while not ended.is_set():
                try:
                    connection = UnixConnection(self.system.path(SOCKET))
                    connection.request("GET", "/api/v1/components")
                    answers.append(connection.getresponse().status)
                    connection.close()
                except (OSError, relman.http.client.HTTPException) as e:
                    answers.append(repr(e))
        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(4):
            n = len(answers)
            self.system.run("systemctl", "restart", "relmand")
            self.system.wait(lambda: len(answers) > n + 20, LIMIT, "answers")
        ended.set()
        for thread in threads:
            thread.join()
        print(f"# {len(answers)} requests over 4 restarts")
        self.assertEqual({a: answers.count(a) for a in set(answers)}, {200: len(answers)})

    def test_without_the_socket_unit_it_makes_its_own(self):
        self.system.run("systemctl", "stop", "relmand.socket", "relmand")
        self.assertFalse(self.system.exists(SOCKET))
        self.system.run("systemctl", "mask", "--runtime", "relmand.socket")
        self.addCleanup(self.system.run, "systemctl", "unmask", "--runtime", "relmand.socket")
        self.system.run("systemctl", "start", "relmand")
        self.assertEqual(self.system.access(SOCKET), "relman:relman 660")
        self.assertIn("api", self.ctl("get", "components"))
        self.system.run("systemctl", "stop", "relmand")
        self.assertFalse(self.system.exists(SOCKET))

    def test_others_reach_neither_socket_nor_state(self):
        status, _, err = self.system.run("relmanctl", "get", "components", check=False, user="nobody")
        self.assertNotEqual(status, 0)
        self.assertIn("group relman", err)
        for command in (("cat", "/var/lib/relman/state.db"), ("ls", "/var/lib/relman"),
                        ("cat", f"{LOCKS}/releases/one.lock.yaml"), ("cat", "/etc/relman/credentials/local-pw"),
                        ("rm", SOCKET)):
            status, out, err = self.system.run(*command, check=False, user="nobody")
            self.assertNotEqual((command, status), (command, 0))
            self.assertIn("ermission denied", out + err)

    # --- failures --------------------------------------------------------------------------------------

    def test_a_daemon_that_hangs_is_ended_by_the_watchdog_and_started_again(self):
        self.system.drop_in("relmand.service", "[Service]\nWatchdogSec=2\nTimeoutAbortSec=1\nRestartSec=100ms\n")
        self.system.run("systemctl", "restart", "relmand")
        before, place = self.pid(), time.time()
        self.system.run("kill", "-STOP", before)
        self.wait_restarted(before)
        self.assertIn("Watchdog timeout", self.system.journal("relmand", since=place))
        self.assertEqual(self.query("PRAGMA integrity_check; SELECT count(*) FROM components"), "ok\n1")

    def test_killed_it_is_started_again_and_nothing_is_lost(self):
        self.system.drop_in("relmand.service", "[Service]\nRestartSec=100ms\n")
        self.ctl("create", "release", f"kept-{os.getpid()}", "api")
        before = self.pid()
        self.system.run("kill", "-KILL", before)
        self.wait_restarted(before)
        self.assertEqual(self.query(f"PRAGMA integrity_check; SELECT name FROM releases WHERE name = 'kept-{os.getpid()}'"),
                         f"ok\nkept-{os.getpid()}")
        self.assertIn("kept", self.ctl("get", "releases"))

    def test_it_stops_within_five_seconds_with_requests_under_way(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        self.system.write("/etc/relman/specs/silent.yaml",
                          f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: silent}}\nspec: {{url: 'http://{host}'}}\n"
                          f"---\napiVersion: relman/v1\nkind: Component\nmetadata: {{name: silent}}\n"
                          f"spec: {{imageRepository: {host}/x, versioningStrategy: {{type: semver}}}}\n")
        self.addCleanup(os.unlink, self.system.path("/etc/relman/specs/silent.yaml"))
        silent.settimeout(LIMIT)
        waiting, _ = silent.accept()
        self.addCleanup(waiting.close)
        connection = UnixConnection(self.system.path(SOCKET), LIMIT)
        self.addCleanup(connection.close)
        connection.request("POST", f"/api/v1/components/{self.component_id('silent')}/sync-versions", "{}")
        time.sleep(0.2)
        self.assertEqual(self.active(), "active")
        took = booted.seconds(self.system.run, "systemctl", "stop", "relmand")
        print(f"# stopped within {took:.2f} s")
        self.assertLess(took, 5)
        self.assertEqual((self.system.show("relmand", "Result"), self.system.show("relmand", "ExecMainStatus")), ("success", "0"))
        self.assertEqual(connection.getresponse().status, 503)

    def component_id(self, name):
        return json.loads(self.ctl("get", "component", name, "-o", "json"))["id"]

    # --- backup ---------------------------------------------------------------------------------------

    def backups(self):
        return sorted(os.listdir(self.system.path("/var/lib/relman/backups")))

    def test_backups_are_whole_and_the_last_ones_are_kept(self):
        self.system.drop_in("relman-backup.service", "[Service]\nEnvironment=KEEP=2\n")
        self.system.write("/var/lib/relman/backups/by-hand.db", "")
        self.system.write("/var/lib/relman/backups/relman-20200101T000000Z.db", "")
        made = []
        for _ in range(3):
            self.system.run("systemctl", "start", "relman-backup")
            made.append(self.backups()[-1])
            time.sleep(1.1)  # the names of backups contain seconds
        self.assertEqual(self.backups(), ["by-hand.db"] + made[1:])
        path = f"/var/lib/relman/backups/{made[-1]}"
        self.assertEqual(self.system.access(path), "relman:relman 600")
        self.assertEqual(self.system.out("sqlite3", "-readonly", path, "PRAGMA integrity_check; SELECT count(*) FROM components"), "ok\n1")

    def test_a_backup_that_fails_fails_its_unit_and_keeps_what_is_there(self):
        self.system.run("systemctl", "start", "relman-backup")
        before = self.backups()
        self.system.run("systemctl", "stop", "relmand.socket", "relmand")
        time.sleep(1.1)
        self.assertNotEqual(self.system.run("systemctl", "start", "relman-backup", check=False)[0], 0)
        self.assertEqual((self.active("relman-backup"), self.backups()), ("failed", before))
        self.assertIn(SOCKET, self.system.journal("relman-backup"))


# Operations that the daemon needs, and operations that the sandbox must deny (sandbox-probe.c).
NEEDED = {"watch-etc", "listen-unix", "listen-tcp", "connect-tcp", "write-state", "notify"}
DENIED = {"netlink-socket", "packet-socket", "vsock-socket", "writable-code", "user-namespace", "realtime", "write-etc", "write-usr",
          "read-shadow", "list-home", "list-root", "write-proc-sys", "read-environment-of-init", "set-user-id-bit", "set-clock",
          "run-program", "run-from-tmp", "run-from-shm", "run-from-run", "run-from-state"}


class Sandbox(Site):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if WHY_NOT:
            return
        cls.probe = cls.system.path("/usr/local/sbin/sandbox-probe")
        subprocess.run(["cc", "-D_GNU_SOURCE", "-O1", "-Wall", "-Wextra", "-Werror", f"{SRCDIR}/tests/integration/sandbox-probe.c",
                        "-lsystemd", "-o", cls.probe], check=True)

    def probed(self, unit, text):
        """Runs sandbox-probe instead of the program of a unit. Returns the allowed and the denied
        operations."""
        place = time.time()
        self.system.drop_in(unit, f"[Service]\nType=notify\nNotifyAccess=main\nRestart=no\nEnvironment=X=\nExecStart=\n"
                                  f"ExecStart=/usr/local/sbin/sandbox-probe {self.registry.port}\n{text}")
        self.addCleanup(self.system.drop_in, unit, "")
        self.system.run("systemctl", "stop", "relmand.socket", "relmand")
        self.system.run("systemctl", "start", unit)
        self.system.wait(lambda: " notify " in self.system.journal(unit, since=place), LIMIT, "the probe's end")
        found = dict(re.findall(r"^probe (\S+) (allowed|denied: .*)$", self.system.journal(unit, since=place), re.M))
        self.assertEqual(set(found), NEEDED | DENIED)
        return {n for n in found if found[n] == "allowed"}, {n: why for n, why in found.items() if why != "allowed"}

    def test_the_daemon_may_do_what_it_needs_and_nothing_else(self):
        allowed, denied = self.probed("relmand.service", "ExecPaths=/usr/local/sbin/sandbox-probe\n")
        self.assertEqual(allowed, NEEDED, denied)

    def test_the_backup_may_do_less(self):
        allowed, denied = self.probed("relman-backup.service", "ExecPaths=/usr/local/sbin/sandbox-probe\n")
        self.assertEqual(allowed, {"watch-etc", "write-state", "notify"}, denied)

    def test_without_a_sandbox_the_probe_says_that_all_is_allowed(self):
        self.system.write("/etc/systemd/system/probe.service", "[Service]\n")
        allowed, denied = self.probed("probe.service", "")
        self.assertEqual(allowed, NEEDED | DENIED, denied)

    def test_a_credential_helper_runs_where_a_drop_in_names_it(self):
        """Tests the drop-in that relmand(8) shows. Without it the sandbox stops the helper, and a condition
        reports that."""
        self.system.write("/usr/bin/docker-credential-test", f"#!/bin/sh\necho '{json.dumps({'Username': 'robot', 'Secret': PASSWORD})}'\n", 0o755)
        self.system.write("/etc/relman/specs/shop.yaml", self.specs().replace("username: robot, passwordCredential: local-pw", "helper: test"))
        self.addCleanup(self.system.write, "/etc/relman/specs/shop.yaml", self.specs())
        self.system.run("systemctl", "restart", "relmand")
        status, out, err = self.system.run("relmanctl", "sync", "api", check=False)
        self.assertNotEqual(status, 0)
        self.assertRegex(out + err, r"docker-credential-test.*[Pp]ermission denied")
        self.system.drop_in("relmand.service", "[Service]\nExecPaths=/usr/bin/docker-credential-test /usr/bin/dash /bin/sh\n")
        self.addCleanup(self.system.drop_in, "relmand.service", "")
        self.system.run("systemctl", "restart", "relmand")
        self.ctl("sync", "api")


    def test_outputs_reach_another_folder_and_group_where_a_drop_in_says_so(self):
        self.system.run("groupadd", "--system", "deploy")
        self.system.run("install", "-d", "-o", "relman", "-g", "deploy", "-m", "2750", "/srv/deploy")
        self.system.write("/etc/relman/specs/prod.yaml", "apiVersion: relman/v1\nkind: Environment\nmetadata: {name: prod}\nspec: {release: one}\n")
        self.addCleanup(os.unlink, self.system.path("/etc/relman/specs/prod.yaml"))
        configuration = self.system.read("/etc/relman/relmand.yaml")
        self.addCleanup(self.system.write, "/etc/relman/relmand.yaml", configuration)
        self.system.write("/etc/relman/relmand.yaml", configuration + "outputs: [{environment: prod, path: /srv/deploy/prod.lock.yaml, "
                                                                      "group: deploy, mode: '0640'}]\n")
        self.addCleanup(self.system.drop_in, "relmand.service", "")
        self.system.drop_in("relmand.service", "[Service]\nReadWritePaths=/srv/deploy\nSupplementaryGroups=deploy\n"
                                               "SystemCallFilter=@chown\n")
        self.system.run("systemctl", "restart", "relmand")
        self.system.wait(lambda: self.system.exists("/srv/deploy/prod.lock.yaml"), LIMIT, "the output")
        self.assertEqual(self.system.access("/srv/deploy/prod.lock.yaml"), "relman:deploy 640")

    @unittest.skipUnless(SSHD, "no sshd")
    def test_outputs_reach_a_repository_where_a_drop_in_lets_git_run(self):
        """Tests the drop-in that relmand(8) shows. Without it the sandbox stops git, and a condition reports that."""
        folder = tempfile.mkdtemp(prefix="relman-git-")
        self.addCleanup(shutil.rmtree, folder)
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", f"{folder}/deploy.git"], check=True)
        server = SshGit(folder, folder)
        self.addCleanup(server.close)
        for name in ("client", "known_hosts"):
            with open(f"{server.folder}/{name}") as f:
                self.system.write(f"/etc/relman/{name}", f.read(), 0o600 if name == "client" else 0o644)
            self.addCleanup(os.unlink, self.system.path(f"/etc/relman/{name}"))
        self.system.write("/etc/relman/specs/git.yaml", "apiVersion: relman/v1\nkind: Environment\nmetadata: {name: git}\nspec: {release: one}\n")
        self.addCleanup(os.unlink, self.system.path("/etc/relman/specs/git.yaml"))
        configuration = self.system.read("/etc/relman/relmand.yaml")
        self.addCleanup(self.system.write, "/etc/relman/relmand.yaml", configuration)
        self.system.write("/etc/relman/relmand.yaml", configuration + f"outputs: [{{environment: git, git: {{url: '{server.url('deploy.git')}', "
                          f"path: lock.yaml, credential: deploy-repository, signing: {{credential: deploy-repository}}, knownHosts: /etc/relman/known_hosts}}}}]\n")
        self.addCleanup(self.system.drop_in, "relmand.service", "")
        credential = "[Service]\nLoadCredential=deploy-repository:/etc/relman/client\n"
        self.system.drop_in("relmand.service", credential)
        self.system.run("systemctl", "restart", "relmand")
        self.system.wait(lambda: "Permission denied" in self.ctl("describe", "environment", "git"), LIMIT, "the condition")
        self.system.drop_in("relmand.service", credential + "ExecPaths=/usr/bin/git /usr/bin/rm /usr/bin/ssh /usr/bin/ssh-keygen /usr/bin/dash /bin/sh\n")
        self.system.run("systemctl", "restart", "relmand")
        self.system.wait(lambda: subprocess.run(["git", "--git-dir", f"{folder}/deploy.git", "show", "main:lock.yaml"],
                                                capture_output=True).returncode == 0, LIMIT, "the commit")
        self.assertIn("BEGIN SSH SIGNATURE", subprocess.run(["git", "--git-dir", f"{folder}/deploy.git", "cat-file", "commit", "main"],
                                                            capture_output=True, text=True).stdout)
        self.assertNotIn("PushFailed", self.ctl("describe", "environment", "git"))


class Lifecycle(Site):
    """Tests installation, upgrade, removal, installation again and purge in one test, because each step
    continues from the previous one."""

    @classmethod
    def install(cls):
        pass

    def rows(self):
        return self.query("SELECT group_concat(name || status || createdAt) FROM (SELECT name, status, created_at AS createdAt FROM releases "
                          "ORDER BY name); SELECT count(*) FROM tags; PRAGMA integrity_check")

    def test_install_upgrade_remove_reinstall_purge(self):
        system = self.system
        _, out, err = system.install(*packages())
        self.assertNotRegex(out + err, r"(?i)fail|error|warning")
        self.assertEqual(self.active(), "active")
        self.configure()
        system.run("sh", "-c", "echo 'poll: {interval: 17m}' >>/etc/relman/relmand.yaml")
        self.ctl("create", "release", "by-hand", "api")
        rows, pid, lock = self.rows(), self.pid(), system.read(f"{LOCKS}/releases/one.lock.yaml")
        self.assertIn("by-hand", rows)

        socket_before = system.out("stat", "-c", "%i", SOCKET)
        system.install(*packages("+upgrade"))
        self.assertEqual(self.active(), "active")
        self.assertNotEqual(self.pid(), pid, "an upgrade restarts the daemon")
        self.assertIn("+upgrade", system.out("dpkg-query", "-W", "-f", "${Version}", "relmand"))
        self.assertEqual(self.rows(), rows)
        self.assertEqual(system.out("stat", "-c", "%i", SOCKET), socket_before, "an upgrade keeps the socket")
        self.assertIn("17m", system.read("/etc/relman/relmand.yaml"))
        self.assertIn("by-hand", self.ctl("get", "releases"))

        system.run("dpkg", "--remove", "relmand", "relmanctl")
        self.assertFalse(system.exists("/usr/sbin/relmand"))
        for unit in UNITS:
            self.assertNotEqual(self.active(unit), "active")
        self.assertIn("17m", system.read("/etc/relman/relmand.yaml"))
        self.assertEqual(self.rows(), rows)
        self.assertEqual(system.read(f"{LOCKS}/releases/one.lock.yaml"), lock)

        system.install(*packages("+upgrade"))
        self.assertEqual(self.active(), "active")
        self.assertEqual(self.rows(), rows)
        self.assertIn("by-hand", self.ctl("get", "releases"))

        system.run("dpkg", "--purge", "relmand", "relmanctl")
        for path in ("/var/lib/relman", "/run/relman", "/etc/relman/relmand.yaml"):
            self.assertFalse(system.exists(path), path)
        self.assertEqual(system.read("/etc/relman/specs/shop.yaml"), self.specs(), "what people wrote is theirs")
        self.assertEqual(system.out("find", "/etc/systemd", "/var/lib/systemd", "-name", "relman*", "-not", "-path", "*/relmand.service.d*"), "")

        system.install(*packages("+upgrade"))
        system.wait(lambda: system.exists(f"{LOCKS}/releases/one.lock.yaml"), LIMIT, "the lockfile, from nothing but the specs")


if __name__ == "__main__":
    relman.main()
