#!/usr/bin/env python3
"""Simulates POWER_CUTS power cuts on ext4 and as many on XFS. relmand works under load on a separate file
system. The test shuts the file system down without writing unsynced data, by the ioctl that the crash tests
of these file systems use, and mounts it again.

Both file systems are tested, because XFS shows incomplete files that ext4 hides. In the control fsync and
fdatasync do nothing; the control must find a fault."""

import fcntl
import os
import random
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

SHUTDOWN = 0x8004587d  # EXT4_IOC_SHUTDOWN, XFS_IOC_GOINGDOWN: _IOR('X', 125, __u32)
NO_LOG_FLUSH = 2
SIZE = 320 * 1024 * 1024  # mkfs.xfs needs at least 300 MB
CUTS_PER_DISK = 25
POLL = "poll: {interval: 1s, jitter: 0%}\n"


class Disk:
    """A mounted file system whose image is a file."""

    def __init__(self, kind):
        self.folder = tempfile.mkdtemp(prefix="relman-disk-")
        self.image, self.mounted = os.path.join(self.folder, "image"), os.path.join(self.folder, "mounted")
        os.mkdir(self.mounted)
        with open(self.image, "wb") as f:
            f.truncate(SIZE)
        subprocess.run(["mkfs." + kind, "-q", self.image], check=True, capture_output=True)
        try:
            self.mount()
        except subprocess.CalledProcessError as e:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise OSError(e.stderr.decode().strip()) from e

    def mount(self):
        subprocess.run(["mount", "-o", "loop", self.image, self.mounted], check=True, capture_output=True)

    def unmount(self):
        subprocess.run(["umount", self.mounted], check=True, capture_output=True)

    def cut(self):
        fd = os.open(self.mounted, os.O_RDONLY)
        fcntl.ioctl(fd, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        os.close(fd)

    def close(self):
        if os.path.ismount(self.mounted):
            self.unmount()
        shutil.rmtree(self.folder, ignore_errors=True)


class Cuts:
    def make(self):
        try:
            if not shutil.which("mkfs." + self.kind):
                raise OSError(f"there is no mkfs.{self.kind}")
            disk = Disk(self.kind)
        except OSError as e:
            self.skipTest(f"no power cuts on {self.kind}: {e}")
        world = w.World([f"c{i}" for i in range(5)])
        world.move_files_to(disk.mounted)
        self.addCleanup(disk.close)
        self.addCleanup(world.close)
        return disk, world, w.Load(world)

    def cut_once(self, disk, world, load, env):
        """Cuts the power during the load. Returns the incomplete files after the next mount."""
        world.start(POLL, env=env)
        load.start()
        time.sleep(random.uniform(0.02, 0.4))
        # running operations must not see and report the loss of the disk
        world.kill(signal.SIGSTOP)
        disk.cut()
        world.stop(signal.SIGKILL, seconds=10)
        load.stop()
        disk.unmount()
        disk.mount()
        return w.torn_files(world)

    def check(self, world, load):
        world.start(POLL, env=w.under_test())
        wrong = w.lost(world, load.acks) + w.settle(world) + w.damage(world)
        self.assertEqual(world.stop()[0], 0, world.log)
        return wrong

    def cut_one_disk(self, n_cuts):
        disk, world, load = self.make()
        for i in range(n_cuts):
            torn = self.cut_once(disk, world, load, w.under_test())
            wrong = self.check(world, load)
            self.assertEqual((torn[:5], wrong[:5]), ([], []), f"cut {i + 1}\n{world.log[-3000:]}")
        world.close()
        disk.close()
        return len(load.acks)

    def test_no_power_cut_loses_what_was_acknowledged_or_tears_a_file(self):
        n_cuts, n_acks, start = w.setting("POWER_CUTS", 1000), 0, time.monotonic()
        for done in range(0, n_cuts, CUTS_PER_DISK):
            n_acks += self.cut_one_disk(min(CUTS_PER_DISK, n_cuts - done))
        self.assertGreater(n_acks, 0)
        w.say(f"{n_cuts} power cuts on {self.kind}: {n_acks} acknowledged writes, 0 lost, 0 files torn; {time.monotonic() - start:.0f} s")

    def test_control_without_syncs_the_loss_is_seen(self):
        disk, world, load = self.make()
        for n in range(1, 21):
            torn = self.cut_once(disk, world, load, w.under_test(without="sync"))
            try:
                wrong = self.check(world, load)
            except (AssertionError, w.sqlite3.Error) as e:
                wrong = [str(e)[-200:]]
            if torn or wrong:
                break
        self.assertTrue(torn or wrong, "nothing was synced, and nothing was found lost")
        w.say(f"control without syncs on {self.kind}: fails as it must at cut {n}: {len(torn)} files torn, {len(wrong)} lost or wrong, "
              f"such as {(torn + wrong)[0]}")


class Ext4(Cuts, unittest.TestCase):
    kind = "ext4"


class Xfs(Cuts, unittest.TestCase):
    kind = "xfs"


if __name__ == "__main__":
    random.seed(w.SEED)
    w.say(f"FAULT_SEED={w.SEED}")
    relman.main()
