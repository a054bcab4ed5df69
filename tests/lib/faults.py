"""Makes system calls of a running daemon fail, or kills it at one, with strace."""

import subprocess
import unittest

# for the environment of the daemon: LeakSanitizer does not work under strace
NO_LEAKS = {"ASAN_OPTIONS": "detect_leaks=0"}


class Faults:
    """A context manager: inside it, a system call of a running process fails. when: which calls fail, in the
    form of strace's option inject=...:when=. fault: how, such as signal=KILL; the process does not make that call."""

    def __init__(self, process, call, when, fault="error=EIO"):
        self.strace = subprocess.Popen(["strace", "-f", "-o", "/dev/null", "-p", str(process.pid), "-e", f"trace={call}",
                                        "-e", f"inject={call}:{fault}:when={when}"], stderr=subprocess.PIPE, text=True)
        said = self.strace.stderr.readline()
        if "attached" not in said:
            self.strace.wait(10)
            raise unittest.SkipTest(f"strace cannot attach to a process: {said.strip()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.strace.terminate()
        self.strace.wait(10)
        self.strace.stderr.close()
