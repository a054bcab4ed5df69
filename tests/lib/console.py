"""Runs the code blocks of a page in one shell, as a reader would, and compares their output with the page.

```console
$ command
what the command prints. In a line … stands for any text; a line with only … stands for any lines.
The number of spaces between columns may differ.
```

A block of kind sh that begins with "cat >" writes a file. It is run unchanged and must print nothing. No
other blocks are run. Each command runs once: a page that has to wait contains a command that waits, such as
until."""

import os
import re
import signal
import subprocess
import threading

SECONDS = 300  # limit for all commands of a page together


def blocks(text):
    """Yields (line number, [(command, expected output)]) of each block that is run."""
    for m in re.finditer(r"^```(console|sh)\n(.*?)^```$", text, re.M | re.S):
        number = text.count("\n", 0, m.start()) + 1
        if m[1] == "sh":
            if m[2].startswith("cat >"):
                yield number, [(m[2].rstrip("\n"), "")]
            continue
        steps = []
        for line in m[2].splitlines():
            if line.startswith("$ "):
                steps.append([line[2:], []])
            else:
                assert steps, f"output before any command: {line}"
                steps[-1][1].append(line)
        yield number, [(c, "\n".join(o)) for c, o in steps]


def matches(expected, printed):
    pattern = ""
    for line in expected.splitlines():
        pattern += r"(?:.*\n)*?" if line.strip() == "…" else \
            ".*?".join(re.sub(r"(\\ )+", " +", re.escape(part)) for part in line.split("…")) + r" *\n"
    return re.fullmatch(pattern, printed if printed.endswith("\n") or not printed else printed + "\n") is not None


class Shell:
    def __init__(self, folder, env):
        self.process = subprocess.Popen(["bash", "--norc", "--noprofile"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, cwd=folder, env=dict(os.environ, **env),
                                        start_new_session=True)

    def run(self, command):
        """Runs a command; returns (exit status, output)."""
        self.process.stdin.write(f"{command}\nprintf '\\n@@%d@@\\n' $?\n")
        self.process.stdin.flush()
        out = ""
        for line in self.process.stdout:
            m = re.fullmatch(r"@@(\d+)@@\n", line)
            if m:
                return int(m[1]), out[:-1]
            out += line
        raise AssertionError(f"the shell ended at: {command}\n{out}")

    def kill(self):
        """Kills the shell and all processes that it started and that still run."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def close(self):
        self.kill()
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def run_page(path, folder, env):
    """Runs a page; returns the number of executed commands. Fails if the output of a command differs from the
    page."""
    with open(path) as f:
        text = f.read()
    assert "<!--" not in text, f"{path}: a reader does not see comments"
    shell, n = Shell(folder, env), 0
    stuck = threading.Timer(SECONDS, shell.kill)  # ends a command that would wait without end
    stuck.start()
    try:
        for number, steps in blocks(text):
            for command, expected in steps:
                _, printed = shell.run(command)
                if not matches(expected, printed):
                    raise AssertionError(f"{path}:{number}: $ {command}\n--- the page shows\n{expected}\n--- it printed\n{printed}")
                n += 1
    finally:
        stuck.cancel()
        shell.close()
    return n
