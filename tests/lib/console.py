"""Runs the console blocks of a page in one shell, as its reader would, and compares their output with the
page.

```console
$ command
> and its next line
what it prints; … stands for any text in a line, a line of … alone for any lines; columns may
be wider or narrower
```

<!-- again --> above a block: its output appears after a moment, so it is repeated until then. Blocks
of other kinds are not run."""

import os
import re
import signal
import subprocess
import time

AGAIN = "<!-- again -->"
SECONDS = 30


def blocks(text):
    """Returns (line number, again, [(command, expected output)]) of each console block."""
    for m in re.finditer(r"^(?:(" + AGAIN + r")\n+)?```console\n(.*?)^```$", text, re.M | re.S):
        steps = []
        for line in m[2].splitlines():
            if line.startswith("$ "):
                steps.append([line[2:], []])
            elif line.startswith("> ") or line == ">":
                assert steps and not steps[-1][1], f"a line goes on where no command is: {line}"
                steps[-1][0] += "\n" + line[2:]
            else:
                assert steps, f"output before any command: {line}"
                steps[-1][1].append(line)
        yield text.count("\n", 0, m.start()) + 1, bool(m[1]), [(c, "\n".join(o)) for c, o in steps]


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
        """Returns (exit status, output)."""
        self.process.stdin.write(f"{command}\nprintf '\\n@@%d@@\\n' $?\n")
        self.process.stdin.flush()
        out = ""
        for line in self.process.stdout:
            m = re.fullmatch(r"@@(\d+)@@\n", line)
            if m:
                return int(m[1]), out[:-1]
            out += line
        raise AssertionError(f"the shell ended at: {command}\n{out}")

    def close(self):
        """Ends the shell, and all processes that it left running."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def run_page(path, folder, env):
    """Returns the number of executed commands; fails if the output of one differs from the page."""
    with open(path) as f:
        text = f.read()
    shell, n = Shell(folder, env), 0
    try:
        for number, again, steps in blocks(text):
            deadline = time.monotonic() + (SECONDS if again else 0)
            for command, expected in steps:
                while True:
                    _, printed = shell.run(command)
                    if matches(expected, printed):
                        break
                    if time.monotonic() >= deadline:
                        raise AssertionError(f"{path}:{number}: $ {command}\n--- the page shows\n{expected}\n--- it printed\n{printed}")
                    time.sleep(0.1)
                n += 1
    finally:
        shell.close()
    return n
