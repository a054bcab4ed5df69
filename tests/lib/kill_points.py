"""Runs a program many times. kill_points() kills each run at another call that changes files.
failure_points() makes another call fail in each run. strace sends the SIGKILL when the call begins.

kill_points() takes every third call, others each month. KILL_EVERY=1 takes all of them."""

import collections
import os
import re
import subprocess
import tempfile
import time

KILL_EVERY = int(os.environ.get("KILL_EVERY") or 3)
CALLS = ("openat", "pwrite64", "write", "sendfile", "fsync", "fdatasync", "rename", "renameat", "renameat2", "link", "unlink", "unlinkat",
         "ftruncate", "fchown")


def _strace(command, more, timeout=60):
    # --seccomp-bpf would be faster, but then strace 6.1 injects nothing here
    return subprocess.run(["strace", "-f", "-o", *more, *command], capture_output=True, text=True, timeout=timeout,
                          env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))


def count_calls(command, wanted=0, calls=CALLS):
    """Counts the calls of each kind in a run without faults, which must end with exit status wanted."""
    with tempfile.NamedTemporaryFile(mode="r") as trace:
        r = _strace(command, [trace.name, "-e", "trace=" + ",".join(calls)])
        assert r.returncode == wanted, r.stderr
        return collections.Counter(re.findall(r"^\d+ +(\w+)\(", trace.read(), re.M))


def kill_points(command, set_up, wanted=0):
    """Yields (call, n) after each run that was killed at the n-th use of that call. Calls set_up() before
    each run."""
    set_up()
    points = [(call, n) for call, times in sorted(count_calls(command, wanted).items()) for n in range(1, times + 1)]
    for call, n in points[int(time.strftime("%Y%m")) % KILL_EVERY::KILL_EVERY]:
        set_up()
        r = _strace(command, ["/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={n}"])
        assert r.returncode in (-9, 137), f"not killed at {call} {n}: {r.returncode} {r.stderr}"
        yield call, n


def failure_points(command, set_up, calls):
    """Yields (call, n, status, stderr) after each run in which the n-th use of that call failed. Calls
    set_up() before each run."""
    set_up()
    counted = count_calls(command, calls=calls)
    for call in calls:
        for n in range(1, counted[call] + 1):
            set_up()
            r = _strace(command, ["/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:error=EIO:when={n}"])
            yield call, n, r.returncode, r.stderr
