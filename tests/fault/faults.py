#!/usr/bin/env python3
"""Makes the system fail: the n-th allocation, the n-th system call, disk space, an fsync.

FAULTS=sample tests some points. FAULTS=stacks tests one allocation of each call stack, and every system call.
FAULTS=all tests every point. After each failure there must be no crash, no leak (in a build with sanitizers)
and no incomplete file. The program must print a message if it failed, and must have the complete result if it
succeeded. The next run must reach the same result as a run without failures."""

import contextlib
import http.client
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/fault"))
import world as w  # noqa: E402
import relman  # noqa: E402

FAULTS = os.environ.get("FAULTS") or "sample"
SAMPLE = w.setting("FAULT_SAMPLE", 25)  # points of each kind
FOREVER = 2 ** 62
EXIT_SANITIZER = 86
# libraries that may crash if an allocation fails
LIBRARIES = ("libcrypto", "libssl", "libcurl", "libsystemd", "libmicrohttpd", "libsqlite3")
POLL = "poll: {interval: 1s, jitter: 0%}\n"
# The calls of the main job that can fail, each with the errors to inject.
CALLS = {
    "openat": ("EMFILE", "EIO", "EACCES"), "openat2": ("EMFILE", "EIO", "EACCES"), "read": ("EIO", "EINTR"), "pread64": ("EIO", "EINTR"), "write": ("ENOSPC", "EIO", "EDQUOT", "EINTR"),
    "pwrite64": ("ENOSPC", "EIO", "EDQUOT", "EINTR"), "fsync": ("EIO", "ENOSPC", "EINTR"), "fdatasync": ("EIO", "ENOSPC", "EINTR"),
    "ftruncate": ("EIO", "EINTR"), "renameat": ("EIO", "ENOSPC", "EACCES"), "unlink": ("EIO", "EACCES"), "unlinkat": ("EIO",),
    "symlinkat": ("ENOSPC",), "mkdir": ("ENOSPC", "EIO"), "mmap": ("ENOMEM",), "fchmod": ("EIO",), "fchown": ("EIO",), "fcntl": ("EIO", "ENOLCK"),
    "newfstatat": ("EIO",), "getdents64": ("EIO",), "socket": ("EMFILE", "ENOBUFS"), "connect": ("ECONNREFUSED", "ENETUNREACH"),
    "sendto": ("EPIPE", "ENOBUFS"), "recvfrom": ("ECONNRESET",), "poll": ("EINTR",), "epoll_ctl": ("ENOMEM", "ENOSPC"), "epoll_create1": ("EMFILE",),
    "timerfd_create": ("EMFILE",), "signalfd4": ("EMFILE",), "eventfd2": ("EMFILE",), "getrandom": ("EINTR", "EAGAIN"),
}


def environment(**faults):
    env = w.under_test(leaks=faults.pop("leaks", True), **faults)
    # Stacks must be complete, so that lsan.supp also matches allocations of libraries without frame pointers.
    env["ASAN_OPTIONS"] += f":exitcode={EXIT_SANITIZER}:fast_unwind_on_malloc=0"
    if not w.SANITIZED:
        env["FAULT_TELL_CRASH"] = "1"
    env["UBSAN_OPTIONS"] += f":exitcode={EXIT_SANITIZER}"
    return env


def choose(points, n=None):
    if FAULTS != "sample":
        return points
    return random.Random(w.SEED).sample(points, min(n or SAMPLE, len(points)))


def culprit(said):
    """Returns the library or program whose code crashed: the first frame of the stack that is not in
    preload.so, the C library or a sanitizer."""
    frames = re.findall(r"^(\S+)\(.*\[0x", said, re.M) or re.findall(r"^ *#\d+ 0x\w+ in .*?\(?(\S+?)(?:\+0x\w+\)|:\d+)", said, re.M)
    for frame in frames:
        name = os.path.basename(frame)
        if not name.startswith(("preload.so", "preload.c", "libc.so", "libasan", "libubsan")):
            return name
    return ""


def crashed(status, said):
    """Returns a description of the crash if the exit of a program counts as one; otherwise None."""
    if status == w.HANGS or status < 0 or status >= 128 or status == EXIT_SANITIZER or "runtime error" in said or "Assertion" in said:
        return f"ended with {status}: {said[-3000:]}"
    return None


class Job(unittest.TestCase):
    """The base class of tests of relmand --once, with an empty state or with a state that needs many
    changes."""

    def setUp(self):
        self.world = w.World(stream=", sameVersion: true")
        self.addCleanup(self.world.close)
        self.saved = tempfile.mkdtemp(prefix="relman-saved-")
        self.addCleanup(shutil.rmtree, self.saved)
        self.n_failed = self.n_reported = self.n_survived = 0
        self.in_libraries = []
        self.is_mute = False

    def restore(self):
        w.restore(self.world, self.saved)

    def change(self):
        w.change(self.world, self.saved)

    def reference(self):
        self.restore()
        status, said = self.world.run()
        self.assertEqual(status, 0, said)
        return w.summary(self.world)

    def wrong_after(self, status, said, reference):
        """Returns the faults after a run with this exit status and output."""
        wrong = [x for x in [crashed(status, said)] if x]
        if wrong and status != w.HANGS and culprit(said).startswith(LIBRARIES):
            # a crash in the code of a library is only counted; the checks below apply after it too
            self.in_libraries.append(culprit(said))
            wrong = []
        if status and not said.strip() and not self.is_mute:
            wrong.append(f"ended with {status} and said nothing")
        wrong += w.torn_files(self.world)
        self.n_reported += status != 0
        self.n_survived += status == 0
        if status == 0 and w.summary(self.world) != reference:
            wrong.append(f"said that all is well, but it came to {w.difference(w.summary(self.world), reference)}")
        again, more = self.world.run()
        if again:
            wrong.append(f"the next run ended with {again}: {more}")
        wrong += w.all_that_is_wrong(self.world)
        if w.summary(self.world) != reference:
            wrong.append(f"with the next run it came to {w.difference(w.summary(self.world), reference)}")
        return wrong

    def report(self, what, n_points, total, start):
        self.assertLess(len(self.in_libraries), max(2, n_points / 20), self.in_libraries)
        w.say(f"{what}: {n_points} faults at {total} points: {self.n_reported} reported, {self.n_survived} survived; 0 wrong; {time.monotonic() - start:.0f} s")
        if self.in_libraries:
            w.say(f"of these {len(self.in_libraries)} ended in a crash inside of {', '.join(sorted(set(self.in_libraries)))}, with nothing lost")


class Allocations(Job):
    def count(self, env=None):
        """Makes a run without faults. Returns the numbers of the allocations to test, and the number of all
        allocations."""
        stacks = os.path.join(self.saved, "..", os.path.basename(self.saved) + ".stacks")
        control = w.Control()
        self.restore()
        status, said = self.world.run(env=environment(control=control.path, stacks=stacks))
        self.assertEqual(status, 0, said)
        with open(stacks, "rb") as f:
            data = f.read()
        os.unlink(stacks)
        hashes = struct.unpack(f"{len(data) // 8}Q", data)
        firsts = list({h: n for n, h in reversed(list(enumerate(hashes, 1)))}.values())
        return list(range(1, len(hashes) + 1)) if FAULTS == "all" else sorted(firsts), len(hashes)

    def fail_one(self, n, times, **more):
        control = w.Control()
        control.arm(n, times)
        self.restore()
        status, said = w.run_or_hang(self.world, env=environment(control=control.path, **more))
        self.n_failed += control.failed() > 0
        os.unlink(control.path)
        return status, said

    def fail_each(self, what):
        reference, start, wrong = self.reference(), time.monotonic(), {}
        points, total = self.count()
        points = choose(points)
        for n in points:
            for times in (1, FOREVER):
                status, said = self.fail_one(n, times)
                found = self.wrong_after(status, said, reference)
                if found:
                    wrong[n, times] = found
                    w.say(f"{what}: allocation {n}{'' if times == 1 else ' and all after it'}: {found}"[:4000].replace("\n", "\n#   "))
        self.assertEqual(len(wrong), 0)
        self.assertGreater(self.n_failed, len(points))
        self.report(f"{what}, allocations that fail once and from there on", 2 * len(points), total, start)

    def test_each_allocation_of_a_first_run_fails(self):
        self.fail_each("a first run")

    def test_each_allocation_of_a_run_with_changes_fails(self):
        self.change()
        self.fail_each("a run with changes")

    def test_control_an_allocation_nobody_looks_at_is_a_crash(self):
        points, _ = self.count()
        for n in random.Random(w.SEED).sample(points, 20):
            status, said = self.fail_one(n, 1, without="check")
            if crashed(status, said):
                break
        self.assertTrue(crashed(status, said), "20 allocations led nowhere, and no crash was seen")
        w.say(f"control without a look at what was allocated: fails as it must, with status {status}")

    def test_control_a_leak_is_seen(self):
        if not w.SANITIZED:
            self.skipTest("leaks are seen by a build with --with-sanitizer=address only")
        self.restore()
        status, said = self.world.run(env=environment(without="free"))
        self.assertEqual(status, EXIT_SANITIZER, said)
        self.assertIn("LeakSanitizer", said)
        w.say("control with blocks that are never given back: fails as it must, LeakSanitizer tells of them")


def calls():
    """Returns the calls to test. Skips mmap with sanitizers, because a sanitizer ends the program if its own
    mmap() fails. FAULTS=sample skips fcntl, because SQLite waits ten seconds after a failed unlock and local
    file systems do not fail it."""
    left_out = (["mmap"] if w.SANITIZED else []) + (["fcntl"] if FAULTS == "sample" else [])
    return [call for call in CALLS if call not in left_out]


class Calls(Job):
    """Makes system calls of relmand --once fail, with strace."""

    def strace(self, *options):
        return w.run_or_hang(self.world, "strace", "-f", "-o", os.path.join(self.saved, "..", os.path.basename(self.saved) + ".calls"), *options,
                              env=environment(leaks=False))

    def points(self):
        self.restore()
        log = os.path.join(self.saved, "..", os.path.basename(self.saved) + ".calls")
        status, said = self.strace("-e", "trace=" + ",".join(CALLS))
        self.assertEqual(status, 0, said)
        with open(log) as f:
            names = re.findall(r"^\d+ +(\w+)\(", f.read(), re.M)
        self.addCleanup(os.unlink, log)
        return [(call, error, n, more) for call, errors in CALLS.items() for n in range(1, names.count(call) + 1)
                for error in errors for more in ("", "+") if not (more and (error == "EINTR" or call == "fcntl"))]

    def fail_each(self, what):
        reference, start, wrong = self.reference(), time.monotonic(), {}
        everything = self.points()
        # Choose the same number of points for each call. Otherwise most would be opens and mappings of
        # libraries.
        points = [p for call in calls() for p in choose([p for p in everything if p[0] == call], max(1, SAMPLE // 8))]
        for call, error, n, more in points:
            self.restore()
            self.is_mute = call == "write" and bool(more)  # writes of messages fail too
            status, said = self.strace("-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={n}{more}")
            found = self.wrong_after(status, said, reference)
            if found:
                wrong[call, error, n, more] = found
                w.say(f"{what}: {call} number {n}{more} ends with {error}: {found}"[:4000].replace("\n", "\n#   "))
        self.assertEqual(len(wrong), 0)
        self.report(f"{what}, system calls that fail", len(points), len(everything), start)

    def test_each_call_of_a_first_run_fails(self):
        self.fail_each("a first run")

    def test_each_call_of_a_run_with_changes_fails(self):
        self.change()
        self.fail_each("a run with changes")

    def test_control_a_write_that_was_not_done_is_seen(self):
        reference = self.reference()
        self.restore()
        status, said = self.world.run(env=environment(leaks=False, without="error"))
        try:
            wrong = self.wrong_after(status, said, reference)
        except (AssertionError, w.sqlite3.Error) as e:
            wrong = [str(e)]
        self.assertTrue(wrong, "writes of the database were left out, and nothing was found wrong")
        w.say(f"control with writes left out and called good: fails as it must: {wrong[0][:100]}")


class Daemon(unittest.TestCase):
    """Makes allocations of a daemon fail, during requests, reloads, start and stop."""

    def setUp(self):
        self.world = w.World(stream=", sameVersion: true")
        self.addCleanup(self.world.close)
        self.control = w.Control()

    def start(self):
        self.world.start("poll: {interval: 1h}\n", env=environment(control=self.control.path))
        relman.wait_for(self.world.lockfiles, 30, "a lockfile")
        w.settle(self.world)

    def stop(self):
        status, _ = self.world.stop(seconds=30)
        self.assertEqual(status, 0, self.world.log[-3000:])

    def ask(self, method, path, body=None):
        """Sends a request; returns the status of the answer, or 0 if there is no complete answer."""
        try:
            return (self.world.download(path) if path.endswith("backup") else self.world.call(method, path, body))[0]
        except Exception:
            return 0

    def count(self, *request):
        before = self.control.calls()
        self.ask(*request)
        return self.control.calls() - before

    def check_alive(self, what):
        self.control.disarm()
        self.assertIsNone(self.world.process.poll(), f"{what}: relmand ended\n{self.world.log[-4000:]}")
        try:
            relman.wait_for(lambda: self.ask("GET", "/healthz") == 200, 20)
        except AssertionError:
            self.fail(f"{what}: no answer any more\n{self.world.log[-4000:]}")

    def fail_each(self, make):
        """Sends a request for each tested allocation, which fails during that request. make(i) returns the
        arguments of the i-th request. Returns (number of faults, number of allocations of a request)."""
        self.ask(*make(0))
        total, n_faults, i = self.count(*make(1)), 0, 2
        for n in choose(list(range(1, total + 1)), max(3, SAMPLE // 5)):
            for times in (1, FOREVER):
                request = make(i)
                i += 1
                self.control.arm(n, times)
                status = self.ask(*request)
                self.check_alive(f"{request}, allocation {n}{'' if times == 1 else ' and all after it'}")
                # /readyz reports an error until specs that could not be read are read again
                relman.wait_for(lambda: 0 < self.ask(*make(i)) < 500, 20, f"{request}, allocation {n}, {times} times: the same afterwards")
                i += 1
                n_faults += 1
                if status == 201 and "name" in request[2]:
                    self.created.append(request[2]["name"])
        return n_faults, total

    def test_each_allocation_of_a_request_fails(self):
        start, self.created = time.monotonic(), []
        self.start()
        host = self.world.registry.host
        component = {"registryIntegrationId": "r", "imageRepository": f"{host}/app/api"}
        self.ask("POST", "/api/v1/components", {"name": "mine", **component})
        requests = [lambda i, path=path: ("GET", path, None) for path in (
            "/api/v1/components", "/api/v1/components/api/versions", "/api/v1/releases?status=ready", "/api/v1/releases/one", "/api/v1/releases/one/lineage",
            "/api/v1/environments", "/api/v1/environments/auto/history", "/api/v1/events", "/api/v1/status", "/api/v1/registries", "/api/v1/audit", "/metrics",
            "/readyz", "/api/v1/openapi.json", "/api/v1/backup", "/nowhere")]
        requests += [
            lambda i: ("POST", "/api/v1/components", {"name": f"made-{i}", **component}),
            lambda i: ("PUT", "/api/v1/components/mine", {"displayName": str(i)}),
            lambda i: ("DELETE", f"/api/v1/components/made-{i % 3}", None),
            lambda i: ("POST", "/api/v1/releases", {"name": f"new-{i}", "components": [{"componentId": "api", "version": "^1.0"}]}),
            lambda i: ("POST", "/api/v1/releases/one/promote", {"environmentId": "manual"}),
            lambda i: ("POST", "/api/v1/version-maps", {"componentId": "api", "tag": "v1.0.0", "semver": f"9.0.{i}", "channel": "blessed"}),
            lambda i: ("POST", "/api/v1/components/api/sync-versions", {"forceRefresh": True}),
            lambda i: ("POST", "/api/v1/releases/st-1/deprecate", {"reason": str(i)}),
            lambda i: ("POST", "/hooks/v1/r", {"events": []}),
        ]
        counts = [self.fail_each(make) for make in requests]
        for name in self.created:
            table = "components" if name.startswith("made-") else "releases"
            if name not in ("made-0", "made-1", "made-2"):
                self.assertTrue(self.world.stored.query(f"SELECT 1 FROM {table} WHERE name = ?", name), f"'{name}' was acknowledged, and is lost")
        self.assertEqual(w.damage(self.world) + w.torn_files(self.world), [], self.world.log[-3000:])
        self.stop()
        # restart, because the daemon waits longer after each failed attempt
        self.start()
        self.assertEqual(w.settle(self.world), [], self.world.log[-3000:])
        self.stop()
        w.say(f"{len(requests)} kinds of requests: {sum(c[0] for c in counts)} faults at {sum(c[1] for c in counts)} allocations: 0 wrong; {time.monotonic() - start:.0f} s")

    def check_reloaded(self, release):
        """Reloads and requests a sync of each component, because the next poll of a component that failed may
        be much later. Waits until the release is ready."""
        self.world.kill(signal.SIGHUP)
        for name in self.world.components:
            path, body = f"/api/v1/components/{name}/sync-versions", {"forceRefresh": True}
            try:
                relman.wait_for(lambda: self.ask("POST", path, body) == 200, 60)
            except AssertionError:
                self.fail(f"no sync of {name} in a minute: {self.world.call('POST', path, body)}\n{self.world.log[-3000:]}")
        relman.wait_for(lambda: release in self.world.ready(), 20, f"release {release}, after the next reload")

    def test_each_allocation_of_a_reload_fails(self):
        start = time.monotonic()
        self.start()

        def reload(i, n=0, times=1):
            self.world.write_release(f"r{i}", "1.1.0" if i % 2 else "1.0.0")
            self.world.messages.clear()
            if n:
                self.control.arm(n, times)
            before = self.control.calls()
            self.world.kill(signal.SIGHUP)
            self.world.wait_notify("READY=1")
            return self.control.calls() - before
        total, i, n_faults = reload(1), 1, 0
        for n in choose(list(range(1, total + 1))):
            for times in (1, FOREVER):
                i, n_faults = i + 1, n_faults + 1
                reload(i, n, times)
                self.check_alive(f"reload, allocation {n}{'' if times == 1 else ' and all after it'}")
                if n_faults % 20 == 0:
                    self.check_reloaded(f"r{i}")
        self.check_reloaded(f"r{i}")
        self.assertEqual(w.settle(self.world) + w.damage(self.world), [], self.world.log[-3000:])
        self.stop()
        w.say(f"reloads: {n_faults} faults at {total} allocations: 0 wrong; {time.monotonic() - start:.0f} s")

    def test_each_allocation_of_a_start_and_a_stop_fails(self):
        start, n_ended = time.monotonic(), 0
        self.start()
        total = self.control.calls()
        before = total
        self.stop()
        stop = self.control.calls() - before
        points = choose(list(range(1, total + 1)))
        for n in points:
            self.control.reset()
            self.control.arm(n, 1)
            try:
                self.world.start("poll: {interval: 1h}\n", env=environment(control=self.control.path))
            except AssertionError:
                status = self.world.process.wait(10)
                self.world.reader.join(10)
                self.assertIsNone(crashed(status, self.world.log), f"start, allocation {n}")
                self.assertTrue(self.world.log.strip(), f"start, allocation {n}: ended with {status} and said nothing")
                self.world.process, n_ended = None, n_ended + 1
                continue
            self.stop()
        ends = choose(list(range(1, stop + 1)), SAMPLE // 4)
        for n in ends:
            self.control.reset()
            self.start()
            self.control.arm(n, FOREVER)
            status, _ = self.world.stop(seconds=30)
            self.assertIsNone(crashed(status, self.world.log), f"stop, allocation {n}")
        self.control.reset()
        self.start()
        self.assertEqual(w.settle(self.world) + w.damage(self.world), [])
        self.stop()
        w.say(f"start and stop: {len(points) + len(ends)} faults at {total + stop} allocations: {n_ended} ended the start with a message, 0 wrong; "
              f"{time.monotonic() - start:.0f} s")


class Disk(unittest.TestCase):
    """Tests a daemon on a full disk, and a daemon whose fsync or fdatasync fails."""

    def setUp(self):
        self.world = w.World()
        self.addCleanup(self.world.close)

    def ask(self, method, path, body=None):
        return self.world.call(method, "/api/v1/" + path, body)[:2]

    def mount(self):
        folder = tempfile.mkdtemp(prefix="relman-full-")
        self.addCleanup(os.rmdir, folder)
        r = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8M", "tmpfs", folder], capture_output=True, text=True)
        if r.returncode:
            self.skipTest(f"no file system can be filled: {r.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", folder], check=True)
        self.addCleanup(self.world.close)
        self.world.move_files_to(folder)
        return os.path.join(folder, "filler")

    def fill(self, filler):
        fd = os.open(filler, os.O_WRONLY | os.O_CREAT)
        with contextlib.suppress(OSError):
            while True:
                os.write(fd, bytes(4096))
        os.close(fd)

    def storage(self):
        return [t for t in self.ask("GET", "status")[1]["troubles"] if t["kind"] == "Database"]

    def test_a_full_disk_loses_nothing_and_is_reported_and_survived(self):
        filler, start, n_refused = self.mount(), time.monotonic(), 0
        self.world.start(POLL, env=w.under_test())
        relman.wait_for(lambda: len(self.world.lockfiles()) >= 3, 30, "the first lockfiles")
        acknowledged = []
        n_cycles = w.setting("FULL_CYCLES", 2 if FAULTS == "sample" else 20)
        for i in range(n_cycles):
            self.assertEqual(w.settle(self.world), [])
            before = {path: open(path).read() for path in self.world.lockfiles()}
            self.fill(filler)
            self.world.registry.push("app/api", f"v1.4.{i}")
            self.world.registry.push("app/worker", f"v1.4.{i}")
            for j in range(5):
                # a small release may be stored, if it fits into an allocated page of the database
                name = f"r{i}-{j}"
                status, answer = self.ask("POST", "releases", {"name": name, "components": [{"componentId": "api", "version": "1.0.0"}]})
                self.assertIn(status, (201, 507), answer)
                n_refused += status == 507
                if status == 201:
                    acknowledged.append(name)
            relman.wait_for(self.storage, 20, f"a word on the disk in the status, not {self.ask('GET', 'status')}")
            stored = self.storage()[0]
            self.assertEqual(stored["reason"], "StorageFull")
            self.assertIn("no room left on the disk", stored["message"])
            self.world.write_release(f"later-{i}", "1.1.0")
            time.sleep(1)
            for path in ("components", "releases", "environments/auto", "events", "status"):
                self.assertEqual(self.ask("GET", path)[0], 200)
            self.assertEqual(w.torn_files(self.world), [])
            for path, text in before.items():
                if os.path.exists(path):
                    self.assertEqual(open(path).read(), text, path)
            os.unlink(filler)
            relman.wait_for(lambda: f"later-{i}" in self.world.ready(), 90, "the edit made while the disk was full")
            relman.wait_for(lambda: self.world.stored.query("SELECT 1 FROM channels WHERE tag = ?", f"v1.4.{i}"), 60, "the tag pushed meanwhile")
            relman.wait_for(lambda: not self.storage(), 20, "all well again in the status")
            self.assertEqual(w.settle(self.world, 60), [])
        self.assertEqual(w.damage(self.world), [])
        for name in acknowledged:
            self.assertTrue(self.world.stored.query("SELECT 1 FROM releases WHERE name = ?", name), name)
        self.assertGreater(n_refused, 0)
        self.assertEqual(self.world.stop()[0], 0, self.world.log)
        w.say(f"disk full {n_cycles} times: {n_refused} writes refused, {len(acknowledged)} taken, 0 lost, survived without a restart; {time.monotonic() - start:.0f} s")

    N_WRITES = 20  # each write needs two syncs, so that these are more than the 30 syncs of which one fails

    def sync_fails(self, call, n, more=""):
        """Makes the n-th sync of a daemon fail; with more="+" all later syncs too. Then a new daemon must
        find all acknowledged writes. Returns the names of the acknowledged and of the refused writes. A
        daemon that cannot sync its database at all must exit with a message."""
        arguments = self.world.arguments

        def traced(*rest):
            return ["strace", "-f", "-D", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:error=EIO:when={n}{more}", *arguments(*rest)]
        self.world.arguments = traced
        taken, refused = [], []
        try:
            self.world.start("poll: {interval: 1h}\n", env=w.under_test(leaks=False))
            w.settle(self.world, 5)
            for i in range(self.N_WRITES):
                name = f"{call}-{n}{'p' if more else ''}-{i}"
                status, answer = self.ask("POST", "releases", {"name": name, "components": [{"componentId": "api", "version": "1.0.0"}]})
                (taken if status == 201 else refused).append(name)
                self.assertIn(status, (201, 422, 500), answer)
                self.assertEqual(self.ask("GET", "components")[0], 200)
            self.assertFalse(more and call == "fdatasync", f"no write of {self.N_WRITES} could be synced, and the daemon goes on\n{self.world.log}")
        except (AssertionError, OSError, http.client.HTTPException) as e:
            try:
                status = self.world.process.wait(5)
            except subprocess.TimeoutExpired:
                raise e from None
            self.world.reader.join(5)
            # the daemon may exit if it cannot write at its start or if syncs fail repeatedly, but only with a
            # message
            self.assertEqual(status, 1, self.world.log)
            self.assertIn("error:", self.world.log)
        finally:
            self.world.arguments = arguments
        self.world.process.kill()
        self.world.process.wait()
        self.world.start("poll: {interval: 1h}\n", env=w.under_test(leaks=False))
        for name in taken:
            self.assertTrue(self.world.stored.query("SELECT 1 FROM releases WHERE name = ?", name), f"{name} was acknowledged")
        self.assertEqual(w.settle(self.world) + w.damage(self.world), [])
        self.assertEqual(self.world.stop()[0], 0)
        return taken, refused

    def test_a_failed_sync_is_a_failed_commit(self):
        self.world.run()
        start, n_taken, n_refused, points = time.monotonic(), 0, 0, 0
        for call in ("fdatasync", "fsync"):
            # of two neighbours one is that of a write; others may be of the start, or may not happen
            for n in sorted({10, 11, *choose(list(range(1, 31)), 3)}):
                for more in ("", "+"):
                    taken, refused = self.sync_fails(call, n, more)
                    points, n_taken, n_refused = points + 1, n_taken + len(taken), n_refused + len(refused)
        self.assertGreater(n_refused, 0)
        w.say(f"failed syncs: {points} daemons: {n_taken} writes taken, 0 lost, {n_refused} refused; {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    random.seed(w.SEED)
    w.say(f"FAULT_SEED={w.SEED} FAULTS={FAULTS}")
    with contextlib.suppress(KeyboardInterrupt):
        relman.main()
