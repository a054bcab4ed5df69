#!/usr/bin/env python3
"""Kills relmand with SIGKILL: CRASH_KILLS times at random moments under load, and at system calls that change
files (CRASH_POINTS: how many of them, or all).

Afterwards everything acknowledged must be stored, no reader may see an incomplete file, and relmand must
reach the same result as without the kill. Controls repeat the tests without a protection and must find a
fault."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/fault"))
import world as w  # noqa: E402
import relman  # noqa: E402

KILLS_PER_SITE = 25  # then the test makes a new installation, because a larger database makes kills slower
POLL = "poll: {interval: 1s, jitter: 0%}\n"
CALLS = ("pwrite64", "write", "fdatasync", "fsync", "renameat", "unlink", "unlinkat", "ftruncate", "openat", "mkdir", "fchmod")


class Kills(unittest.TestCase):
    """Kills a daemon under load: 20 components polled each second, pushed tags, edited specs, and four
    writers over the API."""

    def kill_once(self, world, load, env):
        """Starts the daemon and the load, then kills the daemon. Returns the faults before the load, and the
        incomplete files after the kill."""
        world.start(POLL, env=env)
        wrong = w.settle(world) if env is None or "FAULT_WITHOUT" not in env else []
        load.start()
        time.sleep(random.uniform(0.005, 0.4))
        world.stop(signal.SIGKILL, seconds=10)
        load.stop()
        return wrong + w.torn_files(world)

    def new_world(self, n_components):
        world = w.World([f"c{i}" for i in range(n_components)])
        self.addCleanup(world.close)
        return world, w.Load(world)

    def kill_one_site(self, n_kills):
        """Kills the daemon n_kills times; returns the number of acknowledgements."""
        world, load = self.new_world(20)
        for i in range(n_kills):
            wrong = self.kill_once(world, load, w.under_test())
            world.start(POLL, env=w.under_test())
            lost = w.lost(world, load.acks)
            wrong += w.settle(world) + w.damage(world)
            self.assertEqual(world.stop(signal.SIGKILL, seconds=10)[0], -signal.SIGKILL)
            self.assertEqual((lost[:5], wrong[:5]), ([], []), f"kill {i + 1}\n{world.log[-3000:]}")
        world.close()
        return len(load.acks)

    def test_no_kill_loses_what_was_acknowledged_or_tears_a_file(self):
        n_kills, n_acks, start = w.setting("CRASH_KILLS", 1000), 0, time.monotonic()
        for done in range(0, n_kills, KILLS_PER_SITE):
            n_acks += self.kill_one_site(min(KILLS_PER_SITE, n_kills - done))
        self.assertGreater(n_acks, n_kills)
        w.say(f"{n_kills} kills at random moments: {n_acks} acknowledged writes, 0 lost, 0 files torn; {time.monotonic() - start:.0f} s")

    def test_control_without_commits_the_loss_is_seen(self):
        world, load = self.new_world(2)
        world.start(POLL)
        w.settle(world)
        world.stop()
        for _ in range(20):
            self.kill_once(world, load, w.under_test(without="commit"))
            world.start(POLL)
            lost = w.lost(world, load.acks)
            world.stop()
            if lost:
                break
        self.assertTrue(lost, "transactions were never committed, and nothing was found missing")
        w.say(f"control without commits: fails as it must, {len(lost)} of {len(load.acks)} acknowledged writes lost")

    def test_control_without_renames_the_torn_file_is_seen(self):
        world, load = self.new_world(2)
        for n in range(1, 61):
            torn = self.kill_once(world, load, w.under_test(without="rename"))
            if torn:
                break
        self.assertTrue(torn, "files were written in place, and none was found torn")
        w.say(f"control without renames: fails as it must, at kill {n}: {torn[0]}")


class Points(unittest.TestCase):
    """Kills relmand --once before its n-th call, with an empty state and with a state that needs many
    changes."""

    def setUp(self):
        self.world = w.World(stream=", sameVersion: true")
        self.addCleanup(self.world.close)
        self.saved = tempfile.mkdtemp(prefix="relman-saved-")
        self.addCleanup(shutil.rmtree, self.saved)

    def restore(self):
        w.restore(self.world, self.saved)

    def points(self):
        """Makes a complete run. Returns (call, n) of each call that may change a file, and the result of the
        run."""
        log = os.path.join(self.world.folder, "calls")
        self.restore()
        status, said = self.world.run("strace", "-f", "-o", log, "-e", "trace=" + ",".join(CALLS))
        self.assertEqual(status, 0, said)
        with open(log) as f:
            names = re.findall(r"^\d+ +(\w+)\(", f.read(), re.M)
        points = [(call, n) for call in CALLS for n in range(1, names.count(call) + 1)]
        return points, w.summary(self.world)

    def kill_at(self, call, n):
        self.restore()
        status, said = self.world.run("strace", "-f", "-o", "/dev/null", "-e", f"trace={call}",
                                      "-e", f"inject={call}:signal=KILL:when={n}")
        return status in (-signal.SIGKILL, 128 + signal.SIGKILL)

    def check(self, what, call, n, reference):
        wrong = [f"torn: {x}" for x in w.torn_files(self.world)]
        status, said = self.world.run()
        wrong += [] if status == 0 else [f"the next run ends with {status}: {said}"]
        wrong += w.all_that_is_wrong(self.world)
        if w.summary(self.world) != reference:
            wrong.append(f"came to {w.difference(w.summary(self.world), reference)}")
        self.assertEqual(wrong, [], f"{what}: killed before {call} number {n}")

    def kill_everywhere(self, what):
        points, reference = self.points()
        total, start = len(points), time.monotonic()
        if os.environ.get("CRASH_POINTS") != "all":
            random.Random(w.SEED).shuffle(points)
            points = points[:w.setting("CRASH_POINTS", 20)]
        n_killed = 0
        for call, n in points:
            n_killed += self.kill_at(call, n)
            self.check(what, call, n, reference)
        self.assertGreater(n_killed, len(points) * 0.9)
        w.say(f"{what}: killed at {n_killed} of {total} calls, 0 wrong; {time.monotonic() - start:.0f} s")

    def test_killed_at_each_call_of_a_first_run(self):
        self.kill_everywhere("a first run")

    def test_killed_at_each_call_of_a_run_with_changes(self):
        w.change(self.world, self.saved)
        self.kill_everywhere("a run with changes")

    def test_control_without_renames_a_kill_tears_a_file(self):
        self.restore()
        env = w.under_test(leaks=False, without="rename")
        torn = []
        for n in range(1, 40):
            self.restore()
            subprocess.run(["strace", "-f", "-o", "/dev/null", "-e", "trace=write", "-e", f"inject=write:signal=KILL:when={n}", "-E",
                            "LD_PRELOAD=" + w.PRELOAD, *self.world.arguments("--once")], env=dict(env, LD_PRELOAD=""), capture_output=True)
            torn = w.torn_files(self.world)
            if torn:
                break
        self.assertTrue(torn, "files were written in place, and none was found torn")
        w.say(f"control without renames: fails as it must at write number {n}: {torn[0]}")


if __name__ == "__main__":
    random.seed(w.SEED)
    w.say(f"FAULT_SEED={w.SEED}")
    relman.main()
