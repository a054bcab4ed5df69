"""Runs relmand and relmanctl as a user does, on files in a temporary folder. Prints the results of tests as
TAP."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import unittest

from docker_registry import DockerRegistry, die_with_parent, free_port  # noqa: F401
from state import State

BUILDDIR = os.environ.get("BUILDDIR", os.path.abspath("build"))
SRCDIR = os.environ.get("SRCDIR", os.path.abspath("."))
LINE_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (?=relmand: )", re.M)


def without_times(log):
    """Removes the time from the lines of relmand's log."""
    return LINE_TIME.sub("", log)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=30):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Site:
    """One installation: specs, state, lockfiles, and perhaps a running daemon."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="relman-site-")
        self.specs = os.path.join(self.folder, "specs")
        self.state = os.path.join(self.folder, "state.db")
        self.locks = os.path.join(self.folder, "locks")
        os.mkdir(self.specs)
        self.process = None
        self.log = ""

    def close(self):
        """Stops the daemon with SIGTERM, as systemd does, so that LeakSanitizer reports leaks."""
        process, self.process = self.process, None
        try:
            if process:
                process.terminate()
                try:
                    status = process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    status = process.wait()
                self.reader.join(5)
                # the test may have ended the daemon with a signal
                if self.was_ready and status not in (0, -signal.SIGKILL, -signal.SIGTERM):
                    raise AssertionError(f"relmand ended with status {status}; its log:\n{self.log}")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, name, text):
        path = os.path.join(self.specs, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        return path

    def remove(self, name):
        os.unlink(os.path.join(self.specs, name))

    def arguments(self, *more):
        return [os.path.join(BUILDDIR, "relmand"), "--specs", self.specs, "--state", self.state, "--locks",
                self.locks, *more]

    def once(self, *more, timeout=60, env=None):
        """Runs --once; returns (exit status, standard output, standard error)."""
        r = subprocess.run(self.arguments("--once", *more), capture_output=True, text=True, timeout=timeout, env=dict(os.environ, **(env or {})))
        return r.returncode, r.stdout, without_times(r.stderr)

    def once_measured(self, env=None):
        """Runs --once; returns (exit status, standard error, peak memory in bytes)."""
        process = subprocess.Popen(self.arguments("--once"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                   preexec_fn=die_with_parent, env=dict(os.environ, **(env or {})))
        err = process.stderr.read()
        process.stderr.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return process.returncode, without_times(err), usage.ru_maxrss * 1024

    def lock_path(self, name, tenant="default"):
        return os.path.join(self.locks, tenant, "releases", name + ".lock.yaml")

    def lock(self, name, tenant="default"):
        try:
            with open(self.lock_path(name, tenant)) as f:
                return f.read()
        except FileNotFoundError:
            return None

    @property
    def stored(self):
        return State(self.state)

    def events(self, kind=None):
        return self.stored.events("type", "object_name", "data", **({"type": kind} if kind else {}))

    # --- the daemon --------------------------------------------------------------------------------

    def start(self, config="", env=None):
        """Starts the daemon and waits for READY=1."""
        path = os.path.join(self.folder, "relmand.yaml")
        self.socket = os.path.join(self.folder, "relmand.sock")
        if "api:" not in config:
            config += f"\napi: {{socket: {self.socket}}}\n"
        with open(path, "w") as f:
            f.write(config)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify_path = os.path.join(self.folder, "notify")
        if os.path.exists(notify_path):
            os.unlink(notify_path)
        self.notify.bind(notify_path)
        self.log = ""
        self.was_ready = False
        self.process = subprocess.Popen(self.arguments("--config", path), stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True, preexec_fn=die_with_parent,
                                        env=dict(os.environ, NOTIFY_SOCKET=notify_path, **(env or {})))
        self.reader = threading.Thread(target=self._read_log, args=(self.process,), daemon=True)
        self.reader.start()
        self.messages = []
        self.wait_notify("READY=1", 60)
        self.was_ready = True

    def call(self, method, path, body=None, headers=None, connection=None):
        """Sends one request to the daemon's socket; returns (status, decoded JSON or text, headers)."""
        own = connection or UnixConnection(self.socket)
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        own.request(method, path, body, headers or {})
        answer = own.getresponse()
        data = answer.read().decode()
        if not connection:
            own.close()
        if "json" in answer.headers.get("Content-Type", "") and data:
            data = json.loads(data)
        return answer.status, data, answer.headers

    def download(self, path):
        """Sends a GET to the daemon's socket; returns (status, body as bytes, headers)."""
        own = UnixConnection(self.socket)
        own.request("GET", path)
        answer = own.getresponse()
        data = answer.read()
        own.close()
        return answer.status, data, answer.headers

    def _read_log(self, process):
        for line in process.stderr:
            self.log += without_times(line)

    def wait_log(self, text, seconds=10):
        """Waits until the log of the daemon has a text: a thread reads it, later than answers of the API come."""
        try:
            wait_for(lambda: text in self.log, seconds)
        except AssertionError:
            raise AssertionError(f"{text!r} is not in the log of relmand:\n{self.log}") from None

    def wait_notify(self, wanted, seconds=10):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            is_over = self.process.poll() is not None
            self.notify.settimeout(max(0.01, min(0.2, deadline - time.monotonic())))
            try:
                message = self.notify.recv(4096).decode()
            except socket.timeout:
                if is_over:
                    self.reader.join(10)  # has the reason in the log
                    break
                continue
            self.messages.append(message)
            if wanted in message:
                return message
        raise AssertionError(f"no {wanted} from relmand; its log:\n{self.log}")

    def kill(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM, seconds=5):
        """Stops the daemon; returns (exit status, seconds until it exited)."""
        start = time.monotonic()
        self.process.send_signal(number)
        status = self.process.wait(seconds)
        self.reader.join(5)
        self.process.stderr.close()
        self.notify.close()
        self.process = None
        return status, time.monotonic() - start


def document(kind, name, spec=""):
    """Returns one document of specs. spec: the text between the braces of its field spec."""
    return f"apiVersion: relman/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{{spec}}}\n"


def documents(*more, registry=None, components=()):
    """Returns a spec file with Registry r if one is given, a Component for each repository app/NAME, and the
    documents in more."""
    of_registry = [document("Registry", "r", f"url: '{registry.url}'")] if registry else []
    of_components = [document("Component", name, f"imageRepository: {registry.host}/app/{name}") for name in components]
    return "---\n".join(of_registry + of_components + list(more))


def newest_schema():
    """Returns the number of the newest migration."""
    return max(int(name[:4]) for name in os.listdir(os.path.join(SRCDIR, "state")) if name[:4].isdigit())


def wait_for(condition, seconds=10, what="condition"):
    """Waits until condition() is true; returns the seconds that passed."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > seconds:
            raise AssertionError(f"{what} not within {seconds} s")
        time.sleep(0.01)
    return time.monotonic() - start


def relmanctl(*args, stdin=None):
    r = subprocess.run([os.path.join(BUILDDIR, "relmanctl"), *args], capture_output=True, text=True, input=stdin,
                       timeout=60)
    return r.returncode, r.stdout, r.stderr


class SiteCase(unittest.TestCase):
    """The base class of tests that need a new installation for each test."""

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)

    def ctl(self, *args, wanted=0, env=None):
        """Runs relmanctl with the daemon's socket, or with the environment env. Its exit status must be
        wanted. Returns standard output and standard error together."""
        r = subprocess.run([os.path.join(BUILDDIR, "relmanctl"), *args], capture_output=True, text=True, timeout=60,
                           env=env or dict(os.environ, RELMAN_SOCKET=self.site.socket))
        self.assertEqual(r.returncode, wanted, f"{args}: {r.stdout}{r.stderr}\n{self.site.log}")
        return r.stdout + r.stderr

    def get(self, path):
        """Returns the answer of the API to a GET that succeeds."""
        status, answer, _ = self.site.call("GET", "/api/v1/" + path)
        self.assertEqual(status, 200, answer)
        return answer


class RegistryCase(SiteCase):
    """The base class of tests that also share one registry for all tests of the class."""
    IMAGES = {}  # repository -> list of tags, pushed before the first test

    @classmethod
    def setUpClass(cls):
        cls.registry = DockerRegistry()
        for repository, tags in cls.IMAGES.items():
            for tag in tags:
                cls.registry.push(repository, tag)

    @classmethod
    def tearDownClass(cls):
        cls.registry.close()


class TapResult(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.n = 0
        self.failed_in = None

    def _line(self, ok, test, note=""):
        self.n += 1
        name = test.id().split(".", 1)[-1].replace("_", " ")
        print(f"{'ok' if ok else 'not ok'} {self.n} - {name}{note}", flush=True)

    def addSuccess(self, test):
        self._line(True, test)

    def addSkip(self, test, reason):
        self._line(True, test, f" # SKIP {reason}")

    def _failed(self, test, err):
        self._line(False, test)
        self._explain(err)
        for line in getattr(getattr(test, "site", None), "log", "").splitlines()[-30:]:
            print("# relmand: " + line, flush=True)

    def _explain(self, err, what=None):
        if what:
            print("# in " + what, flush=True)
        for line in "".join(traceback.format_exception(*err)).splitlines():
            print("# " + line, flush=True)

    def addSubTest(self, test, subtest, err):
        """Reports a test with a failed sub-test as failed: unittest does not call addFailure() for it."""
        super().addSubTest(test, subtest, err)
        if err:
            if test is not self.failed_in:
                self._line(False, test)
            self.failed_in = test
            self._explain(err, str(subtest))

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._failed(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self._failed(test, err)


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    if len(sys.argv) > 1:
        suite = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[1:], sys.modules["__main__"])
    result = TapResult()
    suite.run(result)
    print(f"1..{result.n}", flush=True)  # at the end: a skipped class of tests is one line
    sys.exit(0 if result.wasSuccessful() else 1)
