#!/usr/bin/env python3
"""Runs a busy daemon for SOAK_SECONDS: 100 components polled each second, a registry that fails in 5 % of its
answers, pushed tags, API requests, and a reload every ten seconds.

After a warm-up the memory may not grow faster than a bound (slope by least squares), the number of open files
must not grow, and the write-ahead log must stay small. The bound is larger for runs shorter than SOAK_LONG
seconds. In the control some memory is never freed; the control must exceed the bound."""

import os
import random
import signal
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/fault"))
import world as w  # noqa: E402
import relman  # noqa: E402

SECONDS = w.setting("SOAK_SECONDS", 1200)
SOAK_LONG = 600
N_COMPONENTS = 100
POLL = "poll: {interval: 1s, jitter: 10%}\nlog: {level: error}\nevents: {keep: 1m}\n"
WAL_MAX = 8 * 1024 * 1024
SLOPE_LONG = 1024 / 60  # bytes a second: below the growth of leaks, above that of filled caches
# In a short run the daemon still fills its caches. A leak grows faster than this.
SLOPE_SHORT = 64 * 1024 * (4 if w.SANITIZED else 1)


def slope(samples):
    """Returns the slope of (time, value) by least squares: value per second."""
    n = len(samples)
    mean_t, mean_v = sum(t for t, _ in samples) / n, sum(v for _, v in samples) / n
    return sum((t - mean_t) * (v - mean_v) for t, v in samples) / sum((t - mean_t) ** 2 for t, _ in samples)


class Soak(unittest.TestCase):
    def setUp(self):
        self.world = w.World([f"c{i}" for i in range(N_COMPONENTS)])
        self.addCleanup(self.world.close)
        self.is_over = threading.Event()
        self.n_requests = self.n_failed = self.n_reloads = self.n_faults = 0
        serve = self.world.registry.serve

        def failing(handler, path):
            if random.random() >= 0.05:
                return serve(handler, path)
            self.n_faults += 1
            return random.choice((lambda: handler.reply(500, {}), lambda: handler.reply(404, {}),
                                  lambda: handler.reply(200, "no JSON"), lambda: handler.connection.close()))()
        self.world.registry.serve = failing

    def push(self):
        """Moves tags, so that the daemon always has changes to store but the database does not grow."""
        n = 0
        while not self.is_over.wait(0.2):
            n += 1
            self.world.registry.push(f"app/c{n % N_COMPONENTS}", "v1.1.0", str(n))

    def ask(self):
        paths = ("components", "components/c1/versions", "releases", "environments/auto", "status", "events?limit=10", "components/c2")
        while not self.is_over.wait(0.02):
            try:
                status, _, _ = self.world.call("GET", "/api/v1/" + random.choice(paths))
                self.n_failed += status != 200
            except OSError:
                self.n_failed += 1
            self.n_requests += 1

    def reload(self):
        while not self.is_over.wait(min(10, SECONDS / 4)):
            self.world.write_release("one", random.choice(("1.0.0", "1.1.0")))
            self.world.kill(signal.SIGHUP)
            self.n_reloads += 1

    def status(self, name):
        with open(f"/proc/{self.world.process.pid}/status") as f:
            return next(int(line.split()[1]) * 1024 for line in f if line.startswith(name + ":"))

    def descriptors(self):
        """Returns the number of open files without sockets, because the number of connections varies, and the
        number of all descriptors."""
        folder = f"/proc/{self.world.process.pid}/fd"
        names = []
        for fd in os.listdir(folder):
            try:
                names.append(os.readlink(os.path.join(folder, fd)))
            except OSError:
                pass
        return sum(not name.startswith("socket:") for name in names), len(names)

    def run_for(self, seconds, env):
        """Runs the daemon under load. Returns samples after the warm-up and the polls a second. A sample is
        (seconds, memory, open files without sockets, all descriptors, size of the write-ahead log, polls so far)."""
        self.world.start(POLL, env=env)
        relman.wait_for(self.world.lockfiles, 60, "a lockfile")
        threads = [threading.Thread(target=f, daemon=True) for f in (self.push, self.ask, self.reload)]
        for thread in threads:
            thread.start()
        start, samples = time.monotonic(), []
        warm = min(300, seconds / 3)
        n_before = self.world.registry.count("tags/list")
        while time.monotonic() - start < seconds:
            time.sleep(min(1, seconds / 40))
            now = time.monotonic() - start
            if now > warm:
                wal = self.world.state + "-wal"
                samples.append((now, self.status("VmRSS"), *self.descriptors(), os.path.getsize(wal) if os.path.exists(wal) else 0,
                                self.world.registry.count("tags/list")))
        self.is_over.set()
        for thread in threads:
            thread.join()
        return samples, (self.world.registry.count("tags/list") - n_before) / seconds

    def test_a_busy_daemon_does_not_grow(self):
        samples, rate = self.run_for(SECONDS, w.under_test())
        memory = slope([(s[0], s[1]) for s in samples])
        w.say(f"{SECONDS} s: {rate:.0f} polls/s, {self.n_faults} faults of the registry, {self.n_requests} requests ({self.n_failed} failed), "
              f"{self.n_reloads} reloads: memory {samples[0][1] // 1024} to {samples[-1][1] // 1024} KiB, {memory * 60 / 1024:.1f} KiB a minute; "
              f"descriptors of files {samples[0][2]} to {samples[-1][2]}, all at most {max(s[3] for s in samples)}; log at most {max(s[4] for s in samples) // 1024} KiB")
        self.assertEqual(self.n_failed, 0, self.world.log[-2000:])
        self.assertGreater(self.n_requests, 10)
        self.assertGreater(samples[-1][5], samples[len(samples) // 2][5], "polls stood still")
        self.assertLessEqual(memory, SLOPE_LONG if SECONDS >= SOAK_LONG else SLOPE_SHORT)
        self.assertLessEqual(max(s[4] for s in samples), WAL_MAX)
        self.assertLessEqual(min(s[2] for s in samples[-5:]), max(s[2] for s in samples[:5]), "descriptors of files are lost")
        self.assertLessEqual(max(s[3] for s in samples), 200)
        self.assertEqual(w.damage(self.world), [])
        self.assertEqual(self.world.stop(seconds=30)[0], 0, self.world.log[-3000:])

    def test_control_a_leak_is_seen(self):
        seconds = min(SECONDS, 15)
        samples, _ = self.run_for(seconds, w.under_test(leaks=False, without="free"))
        memory = slope([(s[0], s[1]) for s in samples])
        self.assertGreater(memory, SLOPE_SHORT, "a part of the memory was never given back, and no growth was seen")
        w.say(f"control with blocks that are never given back: fails as it must, {memory * 60 / 1024:.0f} KiB a minute")


if __name__ == "__main__":
    random.seed(w.SEED)
    w.say(f"FAULT_SEED={w.SEED}")
    relman.main()
